//! The commands of the docs that a test cannot run are at least read by the command line.

#[path = "../../tests/fences/mod.rs"]
#[allow(clippy::duplicate_mod)] // the test that runs them is a program of its own
mod fences;

use crate::commands::Line;
use clap::Parser as _;

/// The words of a shell line, as far as the docs use the shell: quotes, no expansion.
fn words(line: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (' ', None) => out.push(String::new()),
            (c, _) => out.last_mut().unwrap().push(c),
        }
    }
    out.retain(|word| !word.is_empty());
    out
}

/// The calls of `sotay` in a block: each from the word on, to the end of its part of the line.
fn calls(text: &str) -> Vec<Vec<String>> {
    let text = text.replace("\\\n", " ");
    let parts = text.lines().flat_map(|line| line.split("&&"));
    parts
        .map(|part| words(part.split(" #").next().unwrap_or(part)))
        .filter_map(|words| {
            // As another user: `sudo -u sotay sotay …`.
            let call = match words.first().map(String::as_str) {
                Some("sudo") => words.get(3..)?,
                _ => words.as_slice(),
            };
            // What the shell does with the answer is its own affair.
            let ends = call
                .iter()
                .position(|word| matches!(word.as_str(), "|" | ">" | ">>"));
            let call = &call[..ends.unwrap_or(call.len())];
            (call.first().is_some_and(|word| word == "sotay")).then(|| call.to_vec())
        })
        .collect()
}

#[test]
fn every_fence_of_the_docs_says_what_it_is_and_every_call_is_understood() {
    let mut tried = 0;
    for page in fences::PAGES {
        for fence in fences::of(page) {
            let (kind, why) = fence.word.split_once(' ').unwrap_or((&fence.word, ""));
            assert!(!kind.is_empty(), "{} does not say what it is", fence.at);
            if kind != "sh" {
                continue;
            }
            let is_said = matches!(why, "" | "serve")
                || why.strip_prefix("norun: ").is_some_and(|why| why.len() > 8);
            assert!(is_said, "{} does not say why it is not run", fence.at);
            for call in calls(&fence.text) {
                tried += 1;
                if let Err(trouble) = Line::try_parse_from(&call) {
                    panic!("{}: {call:?}\n{trouble}", fence.at);
                }
            }
        }
    }
    assert!(tried > 20, "{tried}");
}
