//! What a title is to a reader: its language, how long it takes, how far they are, how accessible.
//!
//! Pure. Words are counted as `books` counts them: syllables in Vietnamese.
//! Not here: rows (`store`), where somebody stopped (`place`).

use books::Accessibility;

/// Words that are read in a minute. Silent reading runs at 200 to 250 words a minute in languages of
/// one syllable a word; the lower end, because many readers here are over sixty.
pub const WORDS_PER_MINUTE: i64 = 200;

/// Whole minutes that so many words take, rounded up; none for no words.
pub fn minutes(words: i64) -> i64 {
    let words = words.max(0);
    (words + WORDS_PER_MINUTE - 1) / WORDS_PER_MINUTE
}

/// How far into a book, in percent: words before the section, and the part of it (in
/// ten-thousandths) that was read. A book without words (pictures) goes by sections.
pub fn percent(at: &At) -> i64 {
    let (done, all) = if at.book_words > 0 {
        (
            at.words_before * 10_000 + at.words * at.fraction,
            at.book_words,
        )
    } else {
        (
            (at.section - 1).max(0) * 10_000 + at.fraction,
            at.book_sections.max(1),
        )
    };
    (done / (all * 100)).clamp(0, 100)
}

/// A place in a book, in words.
#[derive(Debug, Clone, Copy, Default)]
pub struct At {
    /// Number of the section, from 1.
    pub section: i64,
    /// Part of the section that was read, in ten-thousandths.
    pub fraction: i64,
    /// Words of the section.
    pub words: i64,
    /// Words of all sections before it.
    pub words_before: i64,
    /// Words of the book.
    pub book_words: i64,
    /// Sections of the book.
    pub book_sections: i64,
}

impl At {
    /// Minutes to the end of the section.
    pub fn section_minutes_left(&self) -> i64 {
        minutes(self.words * (10_000 - self.fraction) / 10_000)
    }
}

/// The language of a book's text: what the letters prove goes before what the file says, which is
/// often wrong (books in Vietnamese that say `en`). Empty when nobody knows.
pub fn language(declared: &str, detected: &str) -> String {
    if detected.is_empty() {
        tag(declared)
    } else {
        tag(detected)
    }
}

/// The language of a section: its own mark counts only where it differs from what the whole book
/// says of itself, for then somebody meant it.
pub fn section_language(own: &str, declared: &str, detected: &str) -> String {
    let own = tag(own);
    if own.is_empty() || own == tag(declared) {
        language(declared, detected)
    } else {
        own
    }
}

/// A language tag that can stand in an attribute; empty for anything else, and for `und`.
fn tag(text: &str) -> String {
    let text = text.trim().replace('_', "-");
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or("");
    let good = (2..=3).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        });
    if !good || primary.eq_ignore_ascii_case("und") {
        return String::new();
    }
    match text.split_once('-') {
        Some((primary, rest)) => format!("{}-{rest}", primary.to_ascii_lowercase()),
        None => text.to_ascii_lowercase(),
    }
}

/// The primary part of a tag: `vi` of `vi-VN`.
pub fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or("")
}

/// The sentence of each thing that a book says about its accessibility, as keys of texts; terms that
/// we do not know are left out. `None` when the book says nothing at all.
pub fn accessibility(said: &Accessibility) -> Option<Vec<&'static str>> {
    let is_silent = said.modes.is_empty()
        && said.sufficient.is_empty()
        && said.features.is_empty()
        && said.hazards.is_empty()
        && said.summary.is_none();
    if is_silent {
        return None;
    }
    let mut keys: Vec<&'static str> = Vec::new();
    if said
        .sufficient
        .iter()
        .any(|modes| modes.trim() == "textual")
    {
        keys.push("library-a11y-textual");
    }
    for feature in &said.features {
        keys.extend(feature_key(feature.trim()));
    }
    for hazard in &said.hazards {
        keys.extend(hazard_key(hazard.trim()));
    }
    let mut seen = std::collections::BTreeSet::new();
    keys.retain(|key| seen.insert(*key));
    Some(keys)
}

fn feature_key(term: &str) -> Option<&'static str> {
    Some(match term {
        "tableOfContents" => "library-a11y-contents",
        "readingOrder" => "library-a11y-order",
        "structuralNavigation" => "library-a11y-headings",
        "alternativeText" => "library-a11y-alt",
        "longDescription" | "longDescriptions" => "library-a11y-long-alt",
        "displayTransformability" => "library-a11y-display",
        "pageBreakMarkers" | "printPageNumbers" | "pageNavigation" => "library-a11y-pages",
        "synchronizedAudioText" => "library-a11y-audio",
        "index" => "library-a11y-index",
        "captions" | "closedCaptions" | "transcript" => "library-a11y-captions",
        "MathML" => "library-a11y-math",
        _ => return None,
    })
}

fn hazard_key(term: &str) -> Option<&'static str> {
    Some(match term {
        "none" => "library-a11y-no-hazard",
        "flashing" => "library-a11y-flashing",
        "motionSimulation" => "library-a11y-motion",
        "sound" => "library-a11y-sound",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_believed_before_labels() {
        assert_eq!(language("en", "vi"), "vi");
        assert_eq!(language("EN-us", ""), "en-us");
        assert_eq!(language("x\" onload=", ""), "");
        assert_eq!(language("und", ""), "");
        assert_eq!(section_language("en", "en", "vi"), "vi");
        assert_eq!(section_language("fr", "en", "vi"), "fr");
    }
    #[test]
    fn time_left_is_rounded_up_and_progress_counts_words() {
        assert_eq!(
            (minutes(0), minutes(1), minutes(400), minutes(401)),
            (0, 1, 2, 3)
        );
        let at = At {
            section: 2,
            fraction: 5_000,
            words: 200,
            words_before: 100,
            book_words: 400,
            book_sections: 3,
        };
        assert_eq!(percent(&at), 50);
        assert_eq!(at.section_minutes_left(), 1);
        let pictures = At {
            section: 2,
            fraction: 0,
            book_sections: 4,
            ..At::default()
        };
        assert_eq!(percent(&pictures), 25);
    }
    #[test]
    fn a_silent_book_is_not_an_inaccessible_one() {
        assert_eq!(accessibility(&Accessibility::default()), None);
        let said = Accessibility {
            features: vec![
                "alternativeText".into(),
                "somethingNew".into(),
                "alternativeText".into(),
            ],
            hazards: vec!["none".into()],
            ..Accessibility::default()
        };
        assert_eq!(
            accessibility(&said),
            Some(vec!["library-a11y-alt", "library-a11y-no-hazard"])
        );
    }
}
