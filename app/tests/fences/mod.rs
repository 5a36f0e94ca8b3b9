//! The shell commands that the docs tell people to type, as they stand there.
//!
//! A fence says what it is: `sh` is run, `sh serve` is served until it answers, `sh norun: why` is only read
//! by the command line's own parser. Shared by the test that runs them and the one that parses them.

use std::path::PathBuf;

/// A fenced block of a page.
pub(crate) struct Fence {
    /// `file:line`, for what a failure says.
    pub(crate) at: String,
    /// What stands behind the three marks.
    pub(crate) word: String,
    /// What is in it.
    pub(crate) text: String,
}

/// The pages, in the order in which a reader meets their commands.
pub(crate) const PAGES: &[&str] = &[
    "README.md",
    "README.vi.md",
    "docs/running.md",
    "demo/guides/so-tay-cho-nguoi-van-hanh/01-cai-dat.md",
    "demo/guides/so-tay-cho-nguoi-van-hanh/02-cau-hinh.md",
    "demo/guides/so-tay-cho-nguoi-van-hanh/03-nhap-du-lieu.md",
    "demo/guides/so-tay-cho-nguoi-van-hanh/04-sao-luu.md",
    "demo/guides/so-tay-cho-nguoi-van-hanh/05-trong-coi.md",
    "demo/guides/so-tay-cho-nguoi-van-hanh/06-postgresql.md",
];

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The fences of a page.
pub(crate) fn of(page: &str) -> Vec<Fence> {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let mut all: Vec<Fence> = Vec::new();
    let mut is_open = false;
    for (nth, line) in text.lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), is_open) {
            (Some(word), false) => all.push(Fence {
                at: format!("{page}:{}", nth + 1),
                word: word.trim().to_owned(),
                text: String::new(),
            }),
            (Some(_), true) => {}
            (None, true) => {
                let last = all.last_mut().unwrap();
                last.text.push_str(line);
                last.text.push('\n');
                continue;
            }
            (None, false) => continue,
        }
        is_open = !is_open;
    }
    assert!(!is_open, "{page}: a fence is not closed");
    all
}
