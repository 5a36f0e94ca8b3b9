//! The article: the address made from its title, and what a change of its text consists of.
//!
//! Pure. Not here: keeping it (`store`), who may do what (`access`), drawing its text (`markdown`).

use kernel::Dice;

/// Longest part of an address made from a title, in letters.
const SLUG_MOST: usize = 80;

/// The address of a title: folded words joined by `-`. Empty titles give `bai`.
pub(crate) fn slug(title: &str) -> String {
    let mut out = String::new();
    for word in vietnamese::fold(title).split(|c: char| !c.is_ascii_alphanumeric()) {
        if word.is_empty() {
            continue;
        }
        if out.len() + word.len() + 1 > SLUG_MOST && !out.is_empty() {
            break;
        }
        if !out.is_empty() {
            out.push('-');
        }
        out.extend(word.chars().take(SLUG_MOST));
    }
    if out.is_empty() {
        "bai".to_owned()
    } else {
        out
    }
}

/// Another address for the same title, when the first is taken.
pub(crate) fn slug_again(slug: &str, dice: &Dice) -> String {
    format!("{slug}-{:04x}", dice.below(0x1_0000))
}

/// Text from outside: NFC, without control characters other than line breaks and tabs, and without
/// the code points that are no characters.
pub(crate) fn clean(text: &str) -> String {
    if !vietnamese::has_ink(text) {
        return String::new();
    }
    let kept: String = text.chars().filter(|c| is_text(*c)).collect();
    vietnamese::nfc(kept.trim())
}

/// Whether a text may hold it. XML 1.0 forbids U+FFFE and U+FFFF outright, and one of them breaks a
/// whole feed; their kin at the end of each plane and U+FDD0 to U+FDEF stand for nothing either.
pub(crate) fn is_text(c: char) -> bool {
    let is_none = u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c);
    !is_none && !vietnamese::turns_text(c) && (!c.is_control() || matches!(c, '\n' | '\t'))
}

/// Everything of an article that its writer types.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) section_id: String,
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) body_md: String,
    pub(crate) author: String,
    pub(crate) source: String,
    pub(crate) photo_alt: String,
    pub(crate) photo_caption: String,
    pub(crate) photo_credit: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_plain_and_short() {
        assert_eq!(
            slug("Chi bộ Tổ 4: họp ngay tại ngõ"),
            "chi-bo-to-4-hop-ngay-tai-ngo"
        );
        assert_eq!(slug("  “”  "), "bai");
        assert!(slug(&"đường ".repeat(60)).len() <= SLUG_MOST);
        assert!(slug(&"x".repeat(300)).len() <= SLUG_MOST);
        assert!(slug_again("a", &Dice::seeded(1)).starts_with("a-"));
    }
    #[test]
    fn control_characters_do_not_pass() {
        assert_eq!(clean(" a\u{1}v\u{1}\r\ne\u{323} "), "av\nẹ");
    }
}
