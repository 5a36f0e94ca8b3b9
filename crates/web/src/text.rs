//! Sentences that a person reads: Fluent texts of all rooms, Vietnamese first, English second.
//!
//! Keys are `room-page-what`. Texts without arguments are formatted once at start, so a page asks a
//! table; the others are formatted when asked. A missing key shows itself as `⟦key⟧` and fails a test.

use crate::look::Lang;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// All texts of all rooms. Cloning shares them.
#[derive(Clone)]
pub struct Texts(Arc<[Language; 2]>);

struct Language {
    bundle: FluentBundle<FluentResource>,
    fixed: HashMap<String, String>,
    keys: BTreeSet<String>,
}

/// The texts of one room or crate in both languages.
#[derive(Debug, Clone, Copy)]
pub struct TextSource {
    /// Whose they are, for messages about mistakes.
    pub of: &'static str,
    /// Vietnamese, in Fluent's format.
    pub vi: &'static str,
    /// English.
    pub en: &'static str,
}

/// The texts of this crate.
pub const TEXTS: TextSource = TextSource {
    of: "web",
    vi: include_str!("../text/vi.ftl"),
    en: include_str!("../text/en.ftl"),
};

impl Texts {
    /// Puts the sources together. Mistakes (bad syntax, a key twice) are told, not hidden.
    pub fn build(sources: &[TextSource]) -> Result<Texts, Vec<String>> {
        let mut trouble = Vec::new();
        let vi = language(Lang::Vi, sources, &mut trouble);
        let en = language(Lang::En, sources, &mut trouble);
        if trouble.is_empty() {
            Ok(Texts(Arc::new([vi, en])))
        } else {
            Err(trouble)
        }
    }

    fn of(&self, lang: Lang) -> &Language {
        &self.0[lang as usize]
    }

    /// The sentence of that key.
    pub fn get(&self, lang: Lang, key: &str) -> String {
        if let Some(text) = self.of(lang).fixed.get(key) {
            return text.clone();
        }
        self.with(lang, key, &[])
    }

    /// The sentence of that key with named arguments. Whole numbers choose plurals.
    pub fn with(&self, lang: Lang, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let bundle = &self.of(lang).bundle;
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return format!("⟦{key}⟧");
        };
        let mut given = FluentArgs::new();
        for (name, value) in args {
            match value {
                Arg::Text(text) => given.set(*name, FluentValue::from(*text)),
                Arg::Number(number) => given.set(*name, FluentValue::from(*number)),
            }
        }
        let mut errors = Vec::new();
        bundle
            .format_pattern(pattern, Some(&given), &mut errors)
            .into_owned()
    }

    /// Whether there is such a sentence.
    pub fn has(&self, key: &str) -> bool {
        self.of(Lang::Vi).keys.contains(key)
    }

    /// Every key of a language.
    pub fn keys(&self, lang: Lang) -> &BTreeSet<String> {
        &self.of(lang).keys
    }
}

/// An argument of a sentence.
#[derive(Debug, Clone, Copy)]
pub enum Arg<'a> {
    /// Shown as it is.
    Text(&'a str),
    /// May choose a plural form.
    Number(i64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Arg::Text(text)
    }
}
impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Arg::Text(text)
    }
}
// Templates hand in references to references: a loop variable of a list of texts is one.
impl<'a> From<&'a &'a String> for Arg<'a> {
    fn from(text: &'a &'a String) -> Self {
        Arg::Text(text)
    }
}
impl<'a> From<&'a &'a str> for Arg<'a> {
    fn from(text: &'a &'a str) -> Self {
        Arg::Text(text)
    }
}
macro_rules! numbers {
    ($($t:ty),*) => {$(
        impl From<$t> for Arg<'_> {
            fn from(number: $t) -> Self { Arg::Number(i64::try_from(number).unwrap_or(i64::MAX)) }
        }
        impl From<&&$t> for Arg<'_> {
            fn from(number: &&$t) -> Self { Arg::Number(i64::try_from(**number).unwrap_or(i64::MAX)) }
        }
        impl From<&$t> for Arg<'_> {
            fn from(number: &$t) -> Self { Arg::Number(i64::try_from(*number).unwrap_or(i64::MAX)) }
        }
    )*};
}
numbers!(i64, usize, u64, u32, i32, u8);

fn language(lang: Lang, sources: &[TextSource], trouble: &mut Vec<String>) -> Language {
    let id: unic_langid::LanguageIdentifier = lang.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Isolating marks are for mixing directions of writing; both our languages run left to right.
    bundle.set_use_isolating(false);
    let mut keys = BTreeSet::new();
    let mut owner: BTreeMap<String, &str> = BTreeMap::new();
    for source in sources {
        let text = match lang {
            Lang::Vi => source.vi,
            Lang::En => source.en,
        };
        for line in text.lines() {
            let Some((key, _)) = line.split_once('=') else {
                continue;
            };
            let plain = key.trim_end();
            if line.starts_with(|c: char| c.is_ascii_lowercase()) && !plain.is_empty() {
                keys.insert(plain.to_owned());
                if let Some(other) = owner.insert(plain.to_owned(), source.of) {
                    trouble.push(format!(
                        "text {plain} stands in {other} and in {}",
                        source.of
                    ));
                }
            }
        }
        match FluentResource::try_new(text.to_owned()) {
            Ok(resource) => {
                // Keys that stand twice were told above.
                let _told = bundle.add_resource(resource);
            }
            Err((_, errors)) => {
                for error in errors {
                    trouble.push(format!("texts of {} ({lang:?}): {error}", source.of));
                }
            }
        }
    }
    let mut fixed = HashMap::new();
    for key in &keys {
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            continue;
        };
        let mut errors = Vec::new();
        let text = bundle
            .format_pattern(pattern, None, &mut errors)
            .into_owned();
        if errors.is_empty() {
            fixed.insert(key.clone(), text);
        }
    }
    Language {
        bundle,
        fixed,
        keys,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_placed_and_plurals_chosen() {
        let texts = Texts::build(&[TextSource {
            of: "test",
            vi: "a-b = Còn { $n } người\n",
            en: "a-b = { $n ->\n    [one] One person\n   *[other] { $n } people\n  } left\n",
        }])
        .map_err(|e| e.join("\n"))
        .unwrap();
        assert_eq!(
            texts.with(Lang::Vi, "a-b", &[("n", 4.into())]),
            "Còn 4 người"
        );
        assert_eq!(
            texts.with(Lang::En, "a-b", &[("n", 1.into())]),
            "One person left"
        );
        assert_eq!(texts.get(Lang::Vi, "no-such"), "⟦no-such⟧");
    }
    #[test]
    fn a_key_in_two_rooms_is_told() {
        let one = TextSource {
            of: "one",
            vi: "a = x\n",
            en: "a = x\n",
        };
        let two = TextSource { of: "two", ..one };
        assert!(Texts::build(&[one, two]).is_err());
    }
    #[test]
    fn both_languages_of_the_frame_have_the_same_keys() {
        let texts = Texts::build(&[TEXTS]).map_err(|e| e.join("\n")).unwrap();
        assert_eq!(texts.keys(Lang::Vi), texts.keys(Lang::En));
    }
}
