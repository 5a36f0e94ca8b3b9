//! What an import says of a book, in its language: refusals and warnings of `books` and `files`, by key.
//!
//! Keys stand here whole, so that a test can compare used with defined. Warnings of one kind become one
//! sentence with their number.

use books::Warning;
use site::import::Words;

/// The sentence of a refusal.
pub(super) fn refused(words: &Words, key: &str) -> String {
    let text = match key {
        "books.refused.unreadable" => "library-refused-unreadable",
        "books.refused.not_an_archive" => "library-refused-not-an-archive",
        "books.refused.not_an_epub" => "library-refused-not-an-epub",
        "books.refused.too_large" => "library-refused-too-large",
        "books.refused.unsafe_path" => "library-refused-unsafe-path",
        "books.refused.duplicate_entry" => "library-refused-duplicate-entry",
        "books.refused.encrypted" => "library-refused-encrypted",
        "books.refused.no_container" => "library-refused-no-container",
        "books.refused.no_package" => "library-refused-no-package",
        "books.refused.nothing_to_read" => "library-refused-nothing-to-read",
        "books.refused.not_written" => "library-refused-not-written",
        "files.refused.too_slow" => "library-refused-too-slow",
        "files.refused.too_big" => "library-refused-too-big",
        "files.refused.crashed" => "library-refused-crashed",
        other => return words.with("library-refused-other", &[("key", other.into())]),
    };
    words.get(text)
}

/// The sentences of warnings, each kind once, in the order of their first coming.
pub(super) fn warnings(words: &Words, warnings: &[Warning]) -> Vec<String> {
    let mut kinds: Vec<(&str, i64, &str)> = Vec::new();
    for warning in warnings {
        match kinds.iter_mut().find(|(key, ..)| *key == warning.key) {
            Some((_, count, _)) => *count += 1,
            None => kinds.push((&warning.key, 1, &warning.detail)),
        }
    }
    kinds
        .into_iter()
        .map(|(key, count, detail)| warning(words, key, count, detail))
        .collect()
}

fn warning(words: &Words, key: &str, count: i64, detail: &str) -> String {
    let text = match key {
        "archive.damaged_entry" => "library-warning-damaged-entry",
        "archive.encryption" => "library-warning-encryption",
        "archive.mimetype" | "archive.mimetype_not_first" => "library-warning-mimetype",
        "archive.overlapping" => "library-warning-overlapping",
        "archive.same_but_for_case" => "library-warning-case",
        "archive.name_not_utf8" => "library-warning-names",
        "container.several_packages" => "library-warning-packages",
        "contents.broken_links" => "library-warning-contents-links",
        "contents.cut" => "library-warning-contents-cut",
        "contents.damaged" | "contents.not_well_formed" => "library-warning-contents-damaged",
        "contents.made_from_headings" => "library-warning-contents-made",
        "package.missing_file" => "library-warning-missing-file",
        "package.no_title" => "library-warning-no-title",
        "package.remote_items" => "library-warning-remote-items",
        "picture.cleaned" => "library-warning-picture-cleaned",
        "picture.not_readable" => "library-warning-picture-lost",
        "section.active_removed" => "library-warning-active",
        "section.damaged" => "library-warning-section-damaged",
        "section.missing" | "section.not_text" => "library-warning-section-lost",
        "section.not_well_formed" => "library-warning-section-mended",
        "section.remote" => "library-warning-section-remote",
        "section.remote_removed" => "library-warning-remote",
        "section.scripts_removed" => "library-warning-scripts",
        "spine.foreign_item" | "spine.unknown_item" => "library-warning-spine",
        other => {
            return words.with(
                "library-warning-other",
                &[("key", other.into()), ("detail", detail.into())],
            );
        }
    };
    words.with(text, &[("n", count.into())])
}
