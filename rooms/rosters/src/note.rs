//! A sentence that is not written yet: its key and what stands in it.
//!
//! Planning is pure and knows no language; the report is written at the end.

use site::import::Words;
use web::text::Arg;

/// A sentence by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) key: &'static str,
    args: Vec<(&'static str, Part)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Key(&'static str),
    Notes(Vec<Note>),
}

impl Note {
    pub(crate) fn new(key: &'static str) -> Self {
        Note {
            key,
            args: Vec::new(),
        }
    }
    /// With a text.
    pub(crate) fn arg(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, Part::Text(value.to_string())));
        self
    }
    /// With the sentence of another key.
    pub(crate) fn key(mut self, name: &'static str, key: &'static str) -> Self {
        self.args.push((name, Part::Key(key)));
        self
    }
    /// With other sentences, joined by semicolons.
    pub(crate) fn notes(mut self, name: &'static str, notes: Vec<Note>) -> Self {
        self.args.push((name, Part::Notes(notes)));
        self
    }
    /// The key that stands for this part of it, where a key does.
    pub(crate) fn keyed(&self, name: &str) -> Option<&'static str> {
        self.args.iter().find_map(|(held, part)| match part {
            Part::Key(key) if *held == name => Some(*key),
            _ => None,
        })
    }
    /// The sentence in the report's language.
    pub(crate) fn said(&self, words: &Words) -> String {
        let given: Vec<(&str, String)> = self
            .args
            .iter()
            .map(|(name, part)| {
                let text = match part {
                    Part::Text(text) => text.clone(),
                    Part::Key(key) => words.get(key),
                    Part::Notes(notes) => notes
                        .iter()
                        .map(|note| note.said(words))
                        .collect::<Vec<_>>()
                        .join("; "),
                };
                (*name, text)
            })
            .collect();
        let args: Vec<(&str, Arg<'_>)> = given
            .iter()
            .map(|(name, text)| (*name, Arg::Text(text)))
            .collect();
        words.with(self.key, &args)
    }
}
