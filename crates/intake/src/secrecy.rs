//! The secrecy marks that refuse a document: MẬT, TỐI MẬT, TUYỆT MẬT.
//!
//! Such papers never enter an electronic handbook; only "exists, kept at …" may be recorded.
//! Not here: the refusal itself (the documents room asks and decides). Surprise: a mark
//! counts only when it stands alone in its line or cell; the words inside a sentence, as in
//! a law about secrets, do not.

use crate::{Block, Level};

/// A secrecy mark found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// MẬT.
    Secret,
    /// TỐI MẬT.
    HighlySecret,
    /// TUYỆT MẬT.
    TopSecret,
}

impl Mark {
    /// As it is stamped.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Mark::Secret => "MẬT",
            Mark::HighlySecret => "TỐI MẬT",
            Mark::TopSecret => "TUYỆT MẬT",
        }
    }
}

/// The highest mark on the first lines of a text as it came, before its lines are joined into paragraphs.
pub(crate) fn of_text(text: &str) -> Option<Mark> {
    text.lines().take(BLOCKS).filter_map(of_line).max()
}

/// The mark stands on the first page; so many blocks are looked at.
const BLOCKS: usize = 60;

/// The highest mark on the first page or so, if any.
pub fn mark(blocks: &[Block]) -> Option<Mark> {
    blocks
        .iter()
        .filter(|block| !matches!(block.level, Level::PageBreak(_)))
        .take(BLOCKS)
        .flat_map(|block| block.text.split(['\n', '\t']))
        .filter_map(of_line)
        .max()
}

fn of_line(line: &str) -> Option<Mark> {
    // "TUYỆT MẬT (Bản số 1)" is the stamp and the number of the copy.
    let stamp = line
        .split('(')
        .next()
        .filter(|stamp| !stamp.trim().is_empty());
    let bare = stamp
        .unwrap_or(line)
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_uppercase();
    let bare = ["ĐỘ MẬT", "MỨC ĐỘ MẬT", "DẤU CHỈ ĐỘ MẬT"]
        .iter()
        .find_map(|label| bare.strip_prefix(label)?.trim_start().strip_prefix(':'))
        .unwrap_or(&bare)
        .trim();
    // Written small, "mật" alone is a word of any table; a stamp is in capitals.
    if !line.chars().any(char::is_uppercase) {
        return None;
    }
    match bare {
        "MẬT" if line.contains("MẬT") => Some(Mark::Secret),
        "TỐI MẬT" => Some(Mark::HighlySecret),
        "TUYỆT MẬT" => Some(Mark::TopSecret),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Block {
        Block {
            level: Level::Paragraph,
            text: text.to_owned(),
            page: None,
        }
    }

    #[test]
    fn a_mark_alone_in_its_line_or_cell_counts() {
        assert_eq!(
            mark(&[block("Số 01-BC/CB\tTỐI MẬT")]),
            Some(Mark::HighlySecret)
        );
        assert_eq!(mark(&[block("Độ mật: TUYỆT MẬT")]), Some(Mark::TopSecret));
        assert_eq!(mark(&[block("[MẬT]")]), Some(Mark::Secret));
        assert_eq!(mark(&[block("(MẬT)")]), Some(Mark::Secret));
        let copy = [block("TUYỆT MẬT (Bản số 1)")];
        assert_eq!(mark(&copy), Some(Mark::TopSecret));
    }

    #[test]
    fn a_law_about_secrets_is_not_secret() {
        assert_eq!(
            mark(&[block("Bí mật nhà nước độ Tuyệt mật, Tối mật, Mật gồm:")]),
            None
        );
        assert_eq!(mark(&[block("mật")]), None);
    }
}
