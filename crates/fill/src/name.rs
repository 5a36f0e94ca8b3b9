//! What a field is called, and when two names are the same.
//!
//! A secretary types names by hand, so marks, case, spaces, `_` and `-` do not matter. Not here:
//! where a field stands (`place`). Surprise: the one dot of a name is not part of it; what
//! stands before it names the list whose items repeat a row.

/// The longest name that is still a name, in characters.
const LONGEST: usize = 100;

/// The form of a name that is compared: folded, without spaces, `_` and `-`.
pub fn key(text: &str) -> String {
    vietnamese::fold(text)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'))
        .collect()
}

/// The name of a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// Key of what stands before the dot: the list, for a field of a repeated row.
    pub list: Option<String>,
    /// Key of the field itself.
    pub key: String,
    /// As the office wrote it.
    pub shown: String,
}

impl Name {
    /// Reads a name; none when it is too long, empty, or holds anything but letters, digits,
    /// spaces, `_`, `-` and one dot.
    pub fn read(text: &str) -> Option<Name> {
        let shown = text.trim();
        let fits = |c: char| {
            // A combining mark is not alphanumeric, but folds away.
            c.is_alphanumeric()
                || c.is_whitespace()
                || matches!(c, '_' | '-' | '.')
                || vietnamese::fold_char(c).is_none()
        };
        if shown.chars().count() > LONGEST || !shown.chars().all(fits) {
            return None;
        }
        let (list, own) = match shown.split_once('.') {
            Some((list, own)) => (Some(key(list)), key(own)),
            None => (None, key(shown)),
        };
        if own.is_empty() || own.contains('.') || list.as_deref() == Some("") {
            return None;
        }
        Some(Name {
            list,
            key: own,
            shown: shown.to_owned(),
        })
    }

    /// The whole key: `list.field` or `field`.
    pub fn full_key(&self) -> String {
        match &self.list {
            Some(list) => format!("{list}.{}", self.key),
            None => self.key.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_case_spaces_and_underscores_do_not_matter() {
        let plain = Name::read("ho_ten").unwrap().key;
        for same in [
            " Họ tên ",
            "HỌ-TÊN",
            "ho ten",
            "HoTen",
            "họ\u{A0}te\u{302}n",
        ] {
            assert_eq!(Name::read(same).unwrap().key, plain, "{same}");
        }
    }

    #[test]
    fn a_dot_names_the_list() {
        let name = Name::read("Danh sách.Họ tên").unwrap();
        assert_eq!(name.list.as_deref(), Some("danhsach"));
        assert_eq!(name.full_key(), "danhsach.hoten");
    }

    #[test]
    fn what_is_no_name_is_none() {
        for bad in ["", " ", "a.b.c", ".a", "a.", "#if x", "a{b", "x/y", "a\"b"] {
            assert!(Name::read(bad).is_none(), "{bad}");
        }
        assert!(Name::read(&"a".repeat(101)).is_none());
    }
}
