//! Text of people on its way to paper: made printable, never interpreted.
//!
//! All strings of a paper pass through [`printable`] (see `press`), so no field can be forgotten. Not here:
//! escaping, which is not needed, because text reaches the template as JSON data. Surprising rule: signs
//! without ink go (zero-width signs, direction overrides, which let a line read otherwise than it is stored),
//! letters without a glyph stay visible as an empty box and are reported.

use crate::fonts;
use serde::Serialize;
use std::collections::BTreeSet;

/// A piece of text in one dress.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Run {
    /// The text, as typed.
    pub text: String,
    /// In bold.
    pub bold: bool,
    /// In italic.
    pub italic: bool,
}

/// Text with emphasis: runs that follow each other without a gap. A line break in a run is one on paper.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Rich(pub Vec<Run>);

impl Rich {
    /// Adds plain text.
    pub fn plain(self, text: impl Into<String>) -> Self {
        self.with(text, false, false)
    }
    /// Adds bold text.
    pub fn bold(self, text: impl Into<String>) -> Self {
        self.with(text, true, false)
    }
    /// Adds italic text.
    pub fn italic(self, text: impl Into<String>) -> Self {
        self.with(text, false, true)
    }
    fn with(mut self, text: impl Into<String>, bold: bool, italic: bool) -> Self {
        self.0.push(Run {
            text: text.into(),
            bold,
            italic,
        });
        self
    }
}

impl<T: Into<String>> From<T> for Rich {
    fn from(text: T) -> Self {
        Rich::default().plain(text)
    }
}

/// What stands for a letter that no font of ours has.
pub(crate) const BOX: char = '□';

/// Longest run of letters that is left without a place to break, in a line of full width. Vietnamese syllables
/// have at most seven letters; longer runs are addresses, and a run without end would leave the page.
const UNBROKEN: usize = 30;

/// A place where a line may break, without width.
const ZERO_WIDTH_SPACE: char = '\u{200b}';

/// Whether a sign has no ink and changes only how others are shown.
fn is_inkless(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text as it can be set: NFC, without signs that have no ink, line ends as `\n`, tabs as spaces, unknown
/// letters as [`BOX`] and put into `unprintable`.
pub(crate) fn printable(text: &str, unprintable: &mut BTreeSet<char>) -> String {
    let text = vietnamese::nfc(text);
    let mut out = String::with_capacity(text.len());
    let mut unbroken = 0;
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let c = match c {
            '\r' if letters.peek() == Some(&'\n') => continue,
            '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
            '\t' => ' ',
            c if is_inkless(c) => continue,
            c if fonts::has(c) => c,
            c => {
                unprintable.insert(c);
                BOX
            }
        };
        unbroken = if c.is_whitespace() { 0 } else { unbroken + 1 };
        if unbroken > UNBROKEN {
            out.push(ZERO_WIDTH_SPACE);
            unbroken = 1;
        }
        out.push(c);
    }
    out
}
