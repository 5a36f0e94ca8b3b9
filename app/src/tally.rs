//! What an import said, put together: equal sentences are one line with a count and where the first was.
//!
//! A table of a thousand rows that all lack the same column has one thing to say. Not here: every entry by
//! itself, that is the report (`--report`).

use kernel::{Said, said};
use site::import::{Entry, Outcome};
use std::collections::{BTreeMap, HashMap};

/// One sentence and whom it was said to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Met {
    what: String,
    first: String,
    count: u64,
}

/// Equal sentences together, in the order in which they came.
#[derive(Debug, Default)]
struct Sentences {
    all: Vec<Met>,
    places: HashMap<String, usize>,
}

/// Different sentences that are shown of one kind; the report has the others.
const MOST: usize = 20;

impl Sentences {
    /// Takes one more; whether it is the first of its kind.
    fn add(&mut self, what: &str, source: &str) -> bool {
        if let Some(met) = self.places.get(what).and_then(|at| self.all.get_mut(*at)) {
            met.count += 1;
            return false;
        }
        self.places.insert(what.to_owned(), self.all.len());
        self.all.push(Met {
            what: what.to_owned(),
            first: source.to_owned(),
            count: 1,
        });
        true
    }
    fn lines(&self, out: &mut Vec<Said>) {
        // The most frequent first; the sort keeps the order of equals.
        let mut all: Vec<&Met> = self.all.iter().collect();
        all.sort_by_key(|met| std::cmp::Reverse(met.count));
        for met in all.iter().take(MOST) {
            let count = in_column(met.count);
            out.push(match met.count {
                1 => said!("{} {} ({})", count, met.what, met.first),
                _ => said!("{} {} (from {} on)", count, met.what, met.first),
            });
        }
        if all.len() > MOST {
            let more = in_column(all.iter().skip(MOST).map(|met| met.count).sum());
            out.push(said!("{} others: see --report FILE.json", more));
        }
    }
}

/// A number that stands under the others.
fn in_column(count: u64) -> String {
    format!("{count:7}")
}

/// What became of something, in a word.
fn word(outcome: Outcome) -> Said {
    match outcome {
        Outcome::Added => said!("added"),
        Outcome::Updated => said!("updated"),
        Outcome::Same => said!("same"),
        Outcome::Duplicate => said!("duplicate"),
        Outcome::Refused => said!("refused"),
        Outcome::Removed => said!("removed"),
    }
}

/// All that an import said.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counts: BTreeMap<Outcome, u64>,
    refusals: Sentences,
    warnings: Sentences,
}

impl Tally {
    /// Takes one entry; whether it is refused for a reason that was not met yet.
    pub(crate) fn add(&mut self, entry: &Entry) -> bool {
        *self.counts.entry(entry.outcome).or_default() += 1;
        for warning in &entry.warnings {
            self.warnings.add(warning, &entry.source);
        }
        entry.outcome == Outcome::Refused && self.refusals.add(&entry.message, &entry.source)
    }
    /// What was taken so far, in a sentence's words: `12 added, 3 updated`.
    pub(crate) fn taken(&self) -> Said {
        let told: Vec<Said> = (Outcome::ALL.into_iter())
            .filter_map(|outcome| {
                let count = self.counts.get(&outcome)?;
                Some(said!("{} {}", count, word(outcome)))
            })
            .collect();
        if told.is_empty() {
            Said::verbatim("0")
        } else {
            Said::list(told, ", ")
        }
    }
    /// The summary: counts, refusals, warnings.
    pub(crate) fn said(&self) -> Said {
        let mut out = Vec::new();
        for outcome in Outcome::ALL {
            if let Some(count) = self.counts.get(&outcome) {
                out.push(said!("{} {}", in_column(*count), word(outcome)));
            }
        }
        let kinds = [
            (said!("Refused:"), &self.refusals),
            (said!("To be looked at:"), &self.warnings),
        ];
        for (head, sentences) in kinds {
            if !sentences.all.is_empty() {
                out.push(head);
                sentences.lines(&mut out);
            }
        }
        Said::list(out, "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(nth: usize, outcome: Outcome, message: &str, warnings: &[&str]) -> Entry {
        Entry {
            source: format!("roster.csv:{nth}"),
            outcome,
            id: String::new(),
            kind: "member".into(),
            message: message.into(),
            warnings: warnings.iter().map(|text| (*text).to_owned()).collect(),
            ms: 0,
            changes: Vec::new(),
            choices: Vec::new(),
            answer: "",
            way_out: String::new(),
        }
    }

    #[test]
    fn a_thousand_equal_refusals_are_one_line_with_a_count() {
        let mut tally = Tally::default();
        let first =
            (2..1002).filter(|nth| tally.add(&entry(*nth, Outcome::Refused, "Ghi họ tên.", &[])));
        assert_eq!(first.count(), 1);
        tally.add(&entry(1002, Outcome::Added, "", &["Bỏ cột Ghi chú."]));
        let text = tally.said().to_string();
        assert!(
            text.contains("   1000 Ghi họ tên. (from roster.csv:2 on)"),
            "{text}"
        );
        assert!(
            text.contains("      1 Bỏ cột Ghi chú. (roster.csv:1002)"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 6, "{text}");
        assert_eq!(tally.taken().to_string(), "1 added, 1000 refused");
        let vi = crate::tongue::in_words(&tally.said(), web::Lang::Vi);
        assert!(vi.contains("   1000 không nhận\n"), "{vi}");
        assert!(vi.contains("(từ roster.csv:2 trở đi)"), "{vi}");
    }

    #[test]
    fn of_many_different_sentences_the_most_frequent_are_shown() {
        let mut tally = Tally::default();
        for nth in 0..100 {
            let warning = format!("câu {}", nth % 30);
            tally.add(&entry(nth, Outcome::Added, "", &[&warning]));
        }
        let text = tally.said().to_string();
        assert!(text.contains("      4 câu 9 "), "{text}");
        assert!(text.contains("     30 others"), "{text}");
        assert_eq!(text.lines().count(), 23, "{text}");
    }
}
