//! Plain text out of a tree: for search, word counts and reading time.
//!
//! NFC, one line for each block, white space collapsed except in `pre`. Scripts, styles,
//! ruby readings and hidden stand-ins say nothing here; soft hyphens go and ligatures become their
//! letters, so that a word is found however it was set. The markup itself is left alone.

use crate::dom::{Dom, Kind, NodeId, Step};
use crate::names::nfc;

/// Elements whose text is not read.
const SILENT: &[&str] = &[
    "script",
    "style",
    "head",
    "title",
    "template",
    "rt",
    "rtc",
    "rp",
    "iframe",
    "select",
    "textarea",
    "metadata",
    "annotation",
    "annotation-xml",
];

/// Elements within a line; all others begin and end one.
const INLINE: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "b",
    "bdi",
    "bdo",
    "big",
    "cite",
    "code",
    "data",
    "del",
    "dfn",
    "em",
    "font",
    "i",
    "img",
    "ins",
    "kbd",
    "label",
    "mark",
    "q",
    "rb",
    "ruby",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "time",
    "tt",
    "u",
    "var",
    "wbr",
    "tspan",
    "math",
    "mrow",
    "mi",
    "mn",
    "mo",
    "ms",
    "mtext",
    "msub",
    "msup",
    "msubsup",
    "mfrac",
    "msqrt",
    "mroot",
    "mstyle",
    "mpadded",
    "mfenced",
    "munder",
    "mover",
    "munderover",
    "semantics",
];

/// The text below `node`.
pub(crate) fn plain(dom: &Dom, node: NodeId) -> String {
    let mut out = String::new();
    let mut silent = 0_usize;
    let mut pre = 0_usize;
    for step in dom.walk(node) {
        match step {
            Step::Enter(id) => match dom.get(id).map(|node| &node.kind) {
                Some(Kind::Text(text)) if silent == 0 => push(&mut out, text, pre > 0),
                Some(Kind::Element { name, .. }) => {
                    let name = name.as_str();
                    silent += usize::from(SILENT.contains(&name));
                    pre += usize::from(name == "pre");
                    if is_block(name) {
                        new_line(&mut out);
                    }
                }
                _ => {}
            },
            Step::Leave(id) => {
                let name = dom.name(id);
                silent -= usize::from(SILENT.contains(&name)).min(silent);
                pre -= usize::from(name == "pre").min(pre);
                if is_block(name) {
                    new_line(&mut out);
                }
            }
        }
    }
    let end = out.trim_end().len();
    out.truncate(end);
    nfc(out.trim_start())
}

/// What says nothing ends no line either.
fn is_block(name: &str) -> bool {
    !INLINE.contains(&name) && !SILENT.contains(&name)
}

fn push(out: &mut String, text: &str, keep: bool) {
    for c in text.chars() {
        if let Some(letters) = letters(c) {
            out.push_str(letters);
        } else if keep || !c.is_whitespace() || c == '\u{a0}' {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with([' ', '\n']) {
            out.push(' ');
        }
    }
}

/// The letters that a sign of the printer stands for; none for a soft hyphen.
fn letters(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{ad}' => "",
        '\u{fb00}' => "ff",
        '\u{fb01}' => "fi",
        '\u{fb02}' => "fl",
        '\u{fb03}' => "ffi",
        '\u{fb04}' => "ffl",
        '\u{fb05}' | '\u{fb06}' => "st",
        _ => return None,
    })
}

fn new_line(out: &mut String) {
    while out.ends_with(' ') {
        out.pop();
    }
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

/// Runs between white space that hold a letter or figure. In Vietnamese these are syllables.
pub(crate) fn words(text: &str) -> u64 {
    text.split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .count() as u64
}

/// Characters without white space.
pub(crate) fn characters(text: &str) -> u64 {
    text.chars().filter(|c| !c.is_whitespace()).count() as u64
}
