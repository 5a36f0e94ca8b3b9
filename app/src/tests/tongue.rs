//! The command line says everything in one language: what stands in the source has its Vietnamese, and no more.

use crate::commands::Line;
use crate::{config, tongue, wiring};
use clap::{Command, CommandFactory as _};
use kernel::said::{SYSTEM, places};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use web::Lang;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Before a literal that is a pattern.
const MARKS: [&str; 5] = ["said!(", "pattern!(", ".doing(", "fault(", "Fault::new("];

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["tests", "target", "node_modules"].contains(&name.as_str()) {
            sources(&path, into);
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            into.push(path);
        }
    }
}

/// What of a file is the program: no comments, no tests.
fn program(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let mut tests = text.match_indices("#[cfg(test)]\nmod ");
    let is_inside = |at: usize| {
        text[at..]
            .lines()
            .nth(1)
            .is_some_and(|line| line.ends_with('{'))
    };
    let end = tests.find(|(at, _)| is_inside(*at));
    let text = end.map_or(text.as_str(), |(at, _)| &text[..at]);
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Reads a literal at the beginning of a text, if one stands there.
fn literal(text: &str) -> Option<String> {
    let mut letters = text.trim_start().strip_prefix('"')?.chars().peekable();
    let mut out = String::new();
    loop {
        match letters.next()? {
            '"' => return Some(out),
            '\\' => match letters.next()? {
                'n' => out.push('\n'),
                '\n' => while letters.next_if(|letter| letter.is_whitespace()).is_some() {},
                other => out.push(other),
            },
            other => out.push(other),
        }
    }
}

#[test]
fn a_literal_is_read_as_the_compiler_reads_it() {
    let text = "\n  \"a \\\"b\\\" \\\n      c\\n\", more";
    assert_eq!(literal(text).unwrap(), "a \"b\" c\n");
    assert_eq!(literal("name"), None);
}

/// Whether a pattern says something in words.
fn has_words(pattern: &str) -> bool {
    pattern.chars().any(char::is_alphabetic)
}

/// Everything that has to be in the catalogue, with a place where it stands.
fn used() -> BTreeMap<String, String> {
    let mut files = Vec::new();
    for folder in ["app/src", "crates", "rooms"] {
        sources(&Path::new(ROOT).join(folder), &mut files);
    }
    let mut used = BTreeMap::new();
    let mut add = |pattern: &str, at: &str| {
        if has_words(pattern) {
            used.entry(pattern.to_owned())
                .or_insert_with(|| at.to_owned());
        }
    };
    for file in files {
        let text = program(&file);
        for mark in MARKS {
            for (at, _) in text.match_indices(mark) {
                if let Some(pattern) = literal(&text[at + mark.len()..]) {
                    add(&pattern, &file.display().to_string());
                }
            }
        }
    }
    for (_, pattern) in SYSTEM {
        add(pattern, "kernel::said::SYSTEM");
    }
    for words in tongue::FOREIGN {
        add(words, "tongue::FOREIGN");
    }
    for word in tongue::line::ADDED {
        add(word, "tongue::line::ADDED");
    }
    for key in config::KEYS {
        add(key.meaning, "config::KEYS");
    }
    for room in wiring::rooms() {
        for check in &room.checks {
            add(check.name, room.name);
        }
    }
    for text in help_texts(&tongue::line::tree(Line::command(), Lang::En)) {
        add(&text, "the help");
    }
    used
}

/// Every text of a tree of commands: importers' too, since commands are made of them.
fn help_texts(command: &Command) -> BTreeSet<String> {
    let texts = [command.get_about(), command.get_long_about()];
    let mut all: BTreeSet<String> = texts
        .into_iter()
        .flatten()
        .map(ToString::to_string)
        .collect();
    for argument in command.get_arguments() {
        let texts = [argument.get_help(), argument.get_long_help()];
        all.extend(texts.into_iter().flatten().map(ToString::to_string));
        if argument.get_action().takes_values() {
            let names = argument.get_value_names().unwrap_or_default();
            all.extend(names.iter().map(ToString::to_string));
        }
        let values = argument.get_possible_values();
        let helps = values.iter().filter_map(|value| value.get_help());
        all.extend(helps.map(ToString::to_string));
    }
    for inner in command.get_subcommands() {
        all.extend(help_texts(inner));
    }
    all
}

fn catalogue() -> BTreeMap<String, String> {
    toml::from_str(tongue::VI).unwrap()
}

#[test]
fn every_sentence_has_its_vietnamese_with_the_same_places_and_none_is_left_over() {
    let (used, catalogue) = (used(), catalogue());
    let missing: Vec<String> = (used.iter())
        .filter(|(pattern, _)| !catalogue.contains_key(*pattern))
        .map(|(pattern, at)| format!("{pattern:?} = \"\" # {at}"))
        .collect();
    assert!(missing.is_empty(), "missing:\n{}", missing.join("\n"));
    let left: Vec<&String> = (catalogue.keys())
        .filter(|pattern| !used.contains_key(*pattern))
        .collect();
    assert!(left.is_empty(), "in no source any more: {left:#?}");
    for (pattern, vi) in &catalogue {
        assert_eq!(places(pattern), places(vi), "{pattern} = {vi}");
        assert!(has_words(vi) && pattern != vi, "{pattern} = {vi}");
        let ends = |text: &str| {
            (
                text.starts_with('\n'),
                text.ends_with('\n'),
                text.starts_with("  "),
            )
        };
        assert_eq!(ends(pattern), ends(vi), "{pattern} = {vi}");
    }
}

#[test]
fn what_an_operator_types_is_the_same_in_both_languages() {
    // Commands, options, files and settings are no words of a language.
    let typed = |text: &str| -> BTreeSet<String> {
        let ends = |c: char| !c.is_alphanumeric() && !"-_./".contains(c);
        let words = text
            .split(ends)
            .map(|word| word.trim_end_matches(['.', '-']));
        let is_typed = |word: &&str| {
            let is_named = word.contains('_') || word.ends_with(".key");
            word.starts_with("--") && word.len() > 2 || word.is_ascii() && is_named
        };
        let mut typed: BTreeSet<String> = words.filter(is_typed).map(str::to_owned).collect();
        for (at, _) in text.match_indices("sotay ") {
            let next = text[at + 6..].split(ends).next().unwrap_or_default();
            if next.is_ascii() {
                typed.insert(format!("sotay {}", next.trim_end_matches('.')));
            }
        }
        typed
    };
    for (pattern, vi) in catalogue() {
        assert_eq!(typed(&pattern), typed(&vi), "{pattern} = {vi}");
    }
}

#[test]
fn the_help_of_every_command_is_translated_throughout() {
    fn walk(en: &Command, vi: &Command) {
        assert_eq!(en.get_name(), vi.get_name());
        let (mut en_one, mut vi_one) = (en.clone(), vi.clone());
        let (en_help, vi_help) = (en_one.render_long_help(), vi_one.render_long_help());
        let en_help = tongue::line::drawn(&en_help.to_string(), Lang::En);
        let vi_help = tongue::line::drawn(&vi_help.to_string(), Lang::Vi);
        for text in help_texts(en) {
            let is_said = vi_help.contains(&text) && has_words(&text) && text.len() > 8;
            assert!(!is_said, "{}: {text}", en.get_name());
        }
        assert_eq!(english(&vi_help), None, "{vi_help}");
        assert_eq!(vietnamese(&en_help), None, "{en_help}");
        for (en, vi) in en.get_subcommands().zip(vi.get_subcommands()) {
            walk(en, vi);
        }
    }
    let tree = |lang| tongue::line::tree(Line::command(), lang);
    walk(&tree(Lang::En), &tree(Lang::Vi));
}

/// Words that English sentences have and Vietnamese ones do not.
fn english(text: &str) -> Option<&str> {
    const WORDS: [&str; 22] = [
        "the", "is", "are", "was", "and", "not", "with", "from", "this", "that", "it", "which",
        "has", "its", "will", "cannot", "of", "or", "file", "folder", "default", "options",
    ];
    let mut words = text.split(|c: char| !c.is_alphanumeric() && !"-_./".contains(c));
    words.find(|word| WORDS.contains(&word.to_lowercase().as_str()))
}

/// Words with letters that only Vietnamese has; names that every language has alike are none.
fn vietnamese(text: &str) -> Option<&str> {
    let mut words = text.split_whitespace();
    words.find(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        !["Sổ"].contains(&word) && word.chars().any(|c| c.is_alphabetic() && !c.is_ascii())
    })
}

#[test]
fn only_the_tongue_prints() {
    const PRINTING: [&str; 4] = ["println!(", "print!(", "eprintln!(", "eprint!("];
    let mut files = Vec::new();
    sources(&Path::new(ROOT).join("app/src"), &mut files);
    for file in files {
        let at = file.display().to_string();
        if at.contains("/tongue/") {
            continue;
        }
        let text = program(&file);
        for word in PRINTING {
            assert!(!text.contains(word), "{at} prints past the tongue: {word}");
        }
        // What is printed plainly has no words of its own.
        for (place, _) in text.match_indices("print_plain(") {
            let given = &text[place..];
            let given = given.split(';').next().unwrap_or_default();
            let quoted = given.split('"').skip(1).step_by(2);
            for quoted in quoted {
                let bare: String = quoted
                    .split('{')
                    .map(|part| part.split_once('}').map_or(part, |(_, rest)| rest))
                    .collect();
                assert!(!has_words(&bare.replace("\\n", "")), "{at}: {given}");
            }
        }
    }
}

#[test]
fn help_of_help_is_help_and_other_words_stay() {
    let words = |line: &str| -> Vec<std::ffi::OsString> {
        line.split_whitespace().map(Into::into).collect()
    };
    let tree = tongue::line::tree(Line::command(), Lang::En);
    for (typed, read) in [
        ("sotay help --help", "sotay help"),
        ("sotay help -h", "sotay help"),
        ("sotay archives help --help", "sotay archives help"),
        ("sotay search help --help", "sotay search help --help"),
        ("sotay grant --help", "sotay grant --help"),
    ] {
        let got = tongue::line::without_help_of_help(&tree, words(typed));
        assert_eq!(got, words(read), "{typed}");
    }
}
