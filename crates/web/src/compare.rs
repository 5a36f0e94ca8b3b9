//! Two texts of one field, word by word: what stands in one and not in the other.
//!
//! For pages that show what somebody else saved beside what was typed ([`crate::FormState::changed`]). Finding
//! the shortest way from one list to the other is the crate `similar`'s; what a word is, and what is folded away, is ours.
//! The rule that surprises: blanks never differ, line ends do; of texts too long for that, whole lines are compared.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A stretch of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// In both.
    Same(String),
    /// In both, long, and so folded away: how many words, and the text.
    Folded(usize, String),
    /// Only in the text that is saved.
    Theirs(String),
    /// Only in the text that was typed.
    Mine(String),
}

impl Piece {
    /// The word by which the template tells them apart.
    pub fn kind(&self) -> &'static str {
        match self {
            Piece::Same(_) => "same",
            Piece::Folded(..) => "folded",
            Piece::Theirs(_) => "theirs",
            Piece::Mine(_) => "mine",
        }
    }
    /// The text.
    pub fn text(&self) -> &str {
        match self {
            Piece::Same(text)
            | Piece::Folded(_, text)
            | Piece::Theirs(text)
            | Piece::Mine(text) => text,
        }
    }
    /// How many words were folded away.
    pub fn words(&self) -> usize {
        match self {
            Piece::Folded(n, _) => *n,
            Piece::Same(_) | Piece::Theirs(_) | Piece::Mine(_) => 0,
        }
    }
}

/// Words that stay visible on either side of a difference.
const AROUND: usize = 12;
/// Fewest words worth folding.
const WORTH: usize = 16;
/// Words of both texts together that are compared one by one.
const MOST_WORDS: usize = 12_000;

/// What differs between the text that is saved and the one that was typed, in reading order.
pub fn compare(theirs: &str, mine: &str) -> Vec<Piece> {
    let (theirs, mine) = (theirs.replace("\r\n", "\n"), mine.replace("\r\n", "\n"));
    let (mut a, mut b) = (words(&theirs), words(&mine));
    if a.len() + b.len() > MOST_WORDS {
        a = theirs.split_inclusive('\n').collect();
        b = mine.split_inclusive('\n').collect();
    }
    let key = |word: &&str| match word.trim_end_matches([' ', '\t']) {
        "" => "\n".to_owned(),
        bare => bare.to_owned(),
    };
    let (left, right): (Vec<String>, Vec<String>) =
        (a.iter().map(key).collect(), b.iter().map(key).collect());
    let mut out = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &left, &right) {
        let (was, is) = (&a[op.old_range()], &b[op.new_range()]);
        match op {
            DiffOp::Equal { .. } => out.push(Piece::Same(is.concat())),
            _ => {
                out.extend((!was.is_empty()).then(|| Piece::Theirs(was.concat())));
                out.extend((!is.is_empty()).then(|| Piece::Mine(is.concat())));
            }
        }
    }
    fold(out)
}

/// A word with the blanks behind it; each line end by itself.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut from = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().copied();
        let ends = match next {
            None => true,
            Some((_, next)) => {
                c == '\n' || next == '\n' || (c.is_whitespace() && !next.is_whitespace())
            }
        };
        if ends {
            let to = at + c.len_utf8();
            out.push(&text[from..to]);
            from = to;
        }
    }
    out
}

/// Folds what is long and in both, but for some words around each difference.
fn fold(pieces: Vec<Piece>) -> Vec<Piece> {
    let last = pieces.len().saturating_sub(1);
    let mut out = Vec::new();
    for (n, piece) in pieces.into_iter().enumerate() {
        let Piece::Same(text) = &piece else {
            out.push(piece);
            continue;
        };
        let words = words(text);
        let head = if n == 0 { 0 } else { AROUND };
        let tail = if n == last { 0 } else { AROUND };
        if words.len() < head + tail + WORTH {
            out.push(piece);
            continue;
        }
        let (start, rest) = words.split_at(head);
        let (middle, end) = rest.split_at(rest.len() - tail);
        let seen = |part: &[&str]| (!part.is_empty()).then(|| Piece::Same(part.concat()));
        out.extend(seen(start));
        let n = middle.iter().filter(|word| !word.trim().is_empty()).count();
        out.push(Piece::Folded(n, middle.concat()));
        out.extend(seen(end));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Piece::*;
    use super::*;

    #[test]
    fn words_that_differ_are_told_apart_and_blanks_are_not() {
        let made = compare(
            "Họp lúc 19 giờ tại nhà bà Hoa.",
            "Họp  lúc 20 giờ tại nhà bà Hoa. \r\n",
        );
        let wanted = [
            Same("Họp  lúc ".into()),
            Theirs("19 ".into()),
            Mine("20 ".into()),
            Same("giờ tại nhà bà Hoa. ".into()),
            Mine("\n".into()),
        ];
        assert_eq!(made, wanted);
        assert_eq!(compare("", "a"), [Mine("a".into())]);
        assert_eq!(compare("a", ""), [Theirs("a".into())]);
        assert!(compare("", "").is_empty());
    }
    #[test]
    fn long_stretches_that_agree_are_folded_and_nothing_is_lost() {
        let long = "chữ ".repeat(60);
        let made = compare(&format!("{long}một {long}"), &format!("{long}hai {long}"));
        let folded: Vec<usize> = (made.iter())
            .filter_map(|piece| match piece {
                Folded(n, _) => Some(*n),
                _ => None,
            })
            .collect();
        assert_eq!(folded, [48, 48]);
        let mine: String = (made.iter())
            .filter_map(|piece| match piece {
                Theirs(_) => None,
                Same(text) | Folded(_, text) | Mine(text) => Some(text.as_str()),
            })
            .collect();
        assert_eq!(mine, format!("{long}hai {long}"));
    }
    #[test]
    fn very_long_texts_are_compared_by_lines() {
        let line = "một hai ba bốn năm\n";
        let (theirs, mine) = (
            line.repeat(2_000),
            format!("{}sáu bảy\n", line.repeat(2_000)),
        );
        assert_eq!(
            compare(&theirs, &mine).last(),
            Some(&Mine("sáu bảy\n".into()))
        );
        let other = "khác hẳn từng chữ\n".repeat(2_000);
        assert_eq!(compare(&theirs, &other).len(), 2);
    }
    #[test]
    fn emoji_and_marks_are_never_cut() {
        let made = compare("Ấm 🎉👨‍👩‍👧 ạ", "Ấm 🎉👨‍👩‍👧 à");
        assert_eq!(made[1..], [Theirs("ạ".into()), Mine("à".into())]);
    }
}
