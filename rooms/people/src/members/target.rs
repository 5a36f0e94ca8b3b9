//! Finding the unit to which somebody goes: by its code, by whole or short words ("tổ 2", "CB2"). Pure.
//!
//! Not here: which units there are (`store::moving`). The rule that surprises: letters and figures are words of their
//! own, so "CB2" is "CB" and "2"; letters also stand for the first letters of words that follow each other.

/// The words of a text: without marks, letters and figures apart.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = None;
    for c in vietnamese::fold(text).chars() {
        let is = (c.is_alphanumeric()).then(|| c.is_ascii_digit());
        if is.is_some()
            && is == last
            && let Some(word) = words.last_mut()
        {
            word.push(c);
        } else if is.is_some() {
            words.push(c.to_string());
        }
        last = is;
    }
    words
}

/// How well a unit answers to what was typed, the least best; nothing: it does not.
pub(crate) fn rank(wanted: &[String], code: &str, name: &str, above: &str) -> Option<u8> {
    if wanted.is_empty() {
        return None;
    }
    let code = words(code);
    if !code.is_empty() && code == wanted {
        return Some(0);
    }
    let (name, above) = (words(name), words(above));
    let initials: String = name.iter().filter_map(|word| word.chars().next()).collect();
    let mut rank = 1;
    for word in wanted {
        let is_number = word.starts_with(|c: char| c.is_ascii_digit());
        let begins = |one: &String| match is_number {
            true => one == word,
            false => one.starts_with(word.as_str()),
        };
        rank = rank.max(match () {
            () if name.iter().any(begins) => 1,
            () if !is_number && word.chars().count() > 1 && initials.contains(word.as_str()) => 2,
            () if code.iter().any(begins) => 3,
            () if !is_number && above.iter().any(begins) => 4,
            () => return None,
        });
    }
    Some(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_found_by_its_code_and_by_short_words() {
        let of = |typed: &str| {
            rank(
                &words(typed),
                "BD-TDP2",
                "Chi bộ Tổ dân phố 2",
                "Đảng ủy phường Bưởi",
            )
        };
        for typed in [
            "tổ 2",
            "to 2",
            "CB2",
            "cb 2",
            "TDP 2",
            "chi bộ tổ dân phố 2",
            "bd-tdp2",
            "BDTDP2x",
            "bưởi tổ 2",
            "2",
        ] {
            assert_eq!(of(typed).is_some(), !typed.ends_with('x'), "{typed}");
        }
        assert_eq!(of("bd-tdp2"), Some(0));
        for typed in ["tổ 12", "tổ 3", "", "  %_'", "cb 1", "phường 7"] {
            assert_eq!(of(typed), None, "{typed}");
        }
        let twelve = rank(&words("tổ 2"), "", "Chi bộ Tổ dân phố 12", "");
        assert_eq!(twelve, None, "12 is not 2");
    }
}
