//! What a document becomes: blocks of text with their place, and the builder that keeps
//! the limits.
//!
//! Every format writes through [`Building`], so NFC, control characters and limits are
//! handled once. Not here: any format. Surprise: a block is never empty and never longer
//! than [`Limits::block_chars`]; a longer one is cut at a space and goes on in the next.

use files::FileKind;
use serde::{Deserialize, Serialize};

use crate::legacy_text::nfc;

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A heading, 1 (largest) to 6.
    Heading(u8),
    /// Running text.
    Paragraph,
    /// An item of a list; its number or mark is part of the text when the file says it.
    ListItem,
    /// A row of a table, cells separated by tab characters.
    TableRow,
    /// The page of this number (from 1) begins; the text is empty.
    PageBreak(u32),
}

/// One block of text in reading order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    pub level: Level,
    /// NFC, no control characters but tab (between cells) and line feed (a break that the
    /// author made).
    pub text: String,
    /// Page that it begins on, from 1, where the format has pages.
    pub page: Option<u32>,
}

/// Something that the reader of the import report should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Key of the translated sentence, `intake.warning.…`.
    pub key: String,
    /// Figures or words for the report.
    pub detail: String,
}

/// A document, read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// Real type.
    pub kind: FileKind,
    /// Title as the file states it in its properties or its title element, if it does.
    pub title: Option<String>,
    /// Language tag as the file states it, such as `vi`.
    pub language: Option<String>,
    /// The text.
    pub blocks: Vec<Block>,
    /// Number of pages; 0 where the format has none.
    pub pages: u32,
    /// Front matter and document properties, name in lower case and value, in file order.
    pub properties: Vec<(String, String)>,
    /// What was odd, each key at most a few times.
    pub warnings: Vec<Warning>,
}

impl Extracted {
    /// All text, one block a line: for search and for recognising symbols.
    pub fn plain_text(&self) -> String {
        let mut text = String::new();
        for block in &self.blocks {
            if !block.text.is_empty() {
                text.push_str(&block.text);
                text.push('\n');
            }
        }
        text
    }

    /// Whether the file was accepted without any text to search: a scan.
    pub fn is_scan(&self) -> bool {
        self.warnings
            .iter()
            .any(|warning| warning.key == "intake.warning.no_text_layer")
    }
}

/// How much of a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Blocks.
    pub blocks: usize,
    /// Characters in all.
    pub chars: usize,
    /// Characters of one block.
    pub block_chars: usize,
    /// Pages of a PDF.
    pub pages: u32,
    /// Bytes of a file that is read whole (HTML, text).
    pub input_bytes: u64,
}

impl Default for Limits {
    /// 200,000 blocks, 20 million characters (some forty thick books), 20,000 characters a
    /// block, 5,000 pages, 64 MiB.
    fn default() -> Self {
        Limits {
            blocks: 200_000,
            chars: 20_000_000,
            block_chars: 20_000,
            pages: 5_000,
            input_bytes: 64 << 20,
        }
    }
}

/// At most so many warnings of one key; the rest would say nothing new.
const WARNINGS_PER_KEY: usize = 5;

/// An [`Extracted`] in the making.
pub(crate) struct Building<'a> {
    limits: &'a Limits,
    chars: usize,
    pub(crate) is_full: bool,
    pub(crate) done: Extracted,
}

impl<'a> Building<'a> {
    pub(crate) fn new(kind: FileKind, limits: &'a Limits) -> Self {
        Building {
            limits,
            chars: 0,
            is_full: false,
            done: Extracted {
                kind,
                title: None,
                language: None,
                blocks: Vec::new(),
                pages: 0,
                properties: Vec::new(),
                warnings: Vec::new(),
            },
        }
    }

    pub(crate) fn warn(&mut self, key: &str, detail: impl std::fmt::Display) {
        let key = format!("intake.warning.{key}");
        let known = self.done.warnings.iter().filter(|w| w.key == key).count();
        if known < WARNINGS_PER_KEY {
            let detail = detail.to_string();
            self.done.warnings.push(Warning { key, detail });
        }
    }

    pub(crate) fn title(&mut self, title: &str) {
        let title = tidy(title).replace(['\n', '\t'], " ");
        if !title.is_empty() && self.done.title.is_none() {
            self.done.title = Some(title.chars().take(1000).collect());
        }
    }

    pub(crate) fn page_break(&mut self, page: u32) {
        self.done.pages = self.done.pages.max(page);
        if !self.is_full {
            self.done.blocks.push(Block {
                level: Level::PageBreak(page),
                text: String::new(),
                page: Some(page),
            });
        }
    }

    /// Adds a block after tidying its text; an empty one is dropped.
    pub(crate) fn add(&mut self, level: Level, text: &str, page: Option<u32>) {
        let text = tidy(text);
        let mut rest = text.as_str();
        while !rest.is_empty() && !self.is_full {
            let piece = first_piece(rest, self.limits.block_chars);
            rest = rest.get(piece.len()..).unwrap_or_default().trim_start();
            self.chars += piece.chars().count();
            if self.done.blocks.len() >= self.limits.blocks || self.chars > self.limits.chars {
                self.is_full = true;
                let detail = format!(
                    "{} blocks, {} characters read",
                    self.done.blocks.len(),
                    self.limits.chars
                );
                self.warn("cut", detail);
                return;
            }
            self.done.blocks.push(Block {
                level,
                text: piece.trim_end().to_owned(),
                page,
            });
        }
    }

    pub(crate) fn finish(self) -> Extracted {
        self.done
    }
}

/// The beginning of a text, at most so many characters, cut at a space when there is one.
fn first_piece(text: &str, chars: usize) -> &str {
    let Some((end, _)) = text.char_indices().nth(chars.max(1)) else {
        return text;
    };
    let head = text.get(..end).unwrap_or(text);
    match head.rfind(char::is_whitespace) {
        Some(space) if space > 0 => head.get(..space).unwrap_or(head),
        _ => head,
    }
}

/// NFC, one space between words, no control or invisible characters, no blank lines.
pub(crate) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in nfc(text).split('\n') {
        let mut clean = String::with_capacity(line.len());
        let mut space = false;
        for c in line.chars() {
            match c {
                '\t' => {
                    while clean.ends_with(' ') {
                        clean.pop();
                    }
                    clean.push('\t');
                    space = false;
                }
                // Soft hyphen, zero widths, direction marks, byte order mark.
                '\u{ad}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
                | '\u{fffc}' => {}
                c if c.is_whitespace() => space = true,
                // Letters that a setter joined: nobody searches for them so.
                '\u{fb00}'..='\u{fb06}' => {
                    if space && !clean.is_empty() && !clean.ends_with('\t') {
                        clean.push(' ');
                    }
                    space = false;
                    clean.push_str(match c {
                        '\u{fb00}' => "ff",
                        '\u{fb01}' => "fi",
                        '\u{fb02}' => "fl",
                        '\u{fb03}' => "ffi",
                        '\u{fb04}' => "ffl",
                        _ => "st",
                    });
                }
                c if c.is_control() || is_noncharacter(c) => {}
                c => {
                    if space && !clean.is_empty() && !clean.ends_with('\t') {
                        clean.push(' ');
                    }
                    space = false;
                    clean.push(c);
                }
            }
        }
        let kept = clean.trim_end();
        if !kept.trim().is_empty() {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(kept);
        }
    }
    out
}

fn is_noncharacter(c: char) -> bool {
    matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff) || ('\u{fdd0}'..='\u{fdef}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_composed_and_free_of_invisible_characters() {
        assert_eq!(
            tidy("\u{feff}D\u{323}ie\u{302}\u{300}u\u{a0} 1\u{0}.\u{200b}"),
            "Ḍiều 1."
        );
        assert_eq!(tidy("a \n\n  b\tc \t d"), "a\nb\tc\td");
        assert_eq!(
            tidy("con\u{fb01}dential o\u{fb03}ce \u{fb02}y"),
            "confidential office fly"
        );
    }

    #[test]
    fn a_limit_is_never_met_in_silence() {
        let limits = Limits {
            chars: 10,
            ..Limits::default()
        };
        let mut building = Building::new(FileKind::Text, &limits);
        building.add(Level::Paragraph, "12345", None);
        building.add(Level::Paragraph, "1234567", None);
        building.add(Level::Paragraph, "1", None);
        let done = building.finish();
        assert_eq!(done.blocks.len(), 1);
        assert_eq!(done.warnings.len(), 1);
        assert_eq!(done.warnings[0].key, "intake.warning.cut");
    }

    #[test]
    fn a_long_block_goes_on_in_the_next() {
        let limits = Limits {
            block_chars: 8,
            ..Limits::default()
        };
        let mut building = Building::new(FileKind::Text, &limits);
        building.add(Level::Paragraph, "một hai ba bốn năm", None);
        let texts: Vec<_> = building
            .finish()
            .blocks
            .into_iter()
            .map(|b| b.text)
            .collect();
        assert_eq!(texts.join(" "), "một hai ba bốn năm");
        assert!(
            texts.iter().all(|text| text.chars().count() <= 8),
            "{texts:?}"
        );
    }
}
