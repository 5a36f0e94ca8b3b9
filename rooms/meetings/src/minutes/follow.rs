//! Saved minutes that follow the record: what is recorded later comes in, what somebody wrote stays.
//!
//! Pure. Three texts: what would have been written from the record when the minutes were saved (`base`), what was
//! saved (`kept`), what would be written now. Lines that nobody touched are taken anew; where the record and a
//! writer both changed a line, the writer's stands and both are shown. Lines are matched by the crate `similar`.
//! The rule that surprises: nothing is saved here; the next save keeps what was read, and is asked first.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A place where the record says otherwise than the words of a writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    /// As it was written by hand; may be empty when it was taken out.
    pub kept: String,
    /// As it would be written from the record now; may be empty.
    pub recorded: String,
}

/// Minutes as they read today.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Followed {
    /// Stretches in order: text, or the number of an [`Ask`] that stands there.
    stretches: Vec<Stretch>,
    /// Where somebody is asked.
    pub asks: Vec<Ask>,
    /// Stretches that were taken anew from the record.
    pub refreshed: usize,
    base: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Stretch {
    Text(Vec<String>),
    Asked(usize),
}

impl Followed {
    /// The text: the writer's words wherever both differ.
    pub(crate) fn body(&self) -> String {
        self.settled(|_| false)
    }
    /// The text with an answer to each question: whether the record's words are taken.
    pub(crate) fn settled(&self, takes_record: impl Fn(usize) -> bool) -> String {
        let lines = self.stretches.iter().flat_map(|stretch| match stretch {
            Stretch::Text(lines) => lines.clone(),
            Stretch::Asked(n) => {
                let ask = &self.asks[*n];
                let text = if takes_record(*n) {
                    &ask.recorded
                } else {
                    &ask.kept
                };
                text.lines().map(str::to_owned).collect()
            }
        });
        lines.collect::<Vec<_>>().join("\n\n")
    }
    /// What the next comparison starts from, so that a save of something else answers no question.
    pub(crate) fn base(&self) -> String {
        self.base.join("\n\n")
    }
}

fn lines(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty()).collect()
}

/// For each line of the first list where it stands in the second.
fn places(from: &[&str], to: &[&str]) -> Vec<Option<usize>> {
    let mut out = vec![None; from.len()];
    for op in capture_diff_slices(Algorithm::Myers, from, to) {
        if let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = op
        {
            for n in 0..len {
                out[old_index + n] = Some(new_index + n);
            }
        }
    }
    out
}

/// Lets kept minutes follow the record. Where it is not known what they began with (`base`), nobody can say
/// what a writer changed: such minutes do not come here (`current`).
pub(crate) fn follow(base: &str, kept: &str, now: &str) -> Followed {
    let (base, kept, now) = (lines(base), lines(kept), lines(now));
    let (in_kept, in_now) = (places(&base, &kept), places(&base, &now));
    let mut out = Followed::default();
    let (mut a, mut b, mut c) = (0, 0, 0);
    loop {
        let stands = |n: usize| in_kept[n].zip(in_now[n]);
        // The next line that stands in all three.
        let next = (a..base.len()).find_map(|n| stands(n).map(|(k, w)| (n, k, w)));
        let (to_a, to_b, to_c) = next.unwrap_or((base.len(), kept.len(), now.len()));
        out.stretch(&base[a..to_a], &kept[b..to_b], &now[c..to_c]);
        let Some((n, k, w)) = next else { break };
        out.text(&base[n..=n]);
        out.base.push(base[n].to_owned());
        (a, b, c) = (n + 1, k + 1, w + 1);
    }
    out
}

impl Followed {
    fn text(&mut self, lines: &[&str]) {
        let lines = lines.iter().map(|line| (*line).to_owned());
        match self.stretches.last_mut() {
            Some(Stretch::Text(held)) => held.extend(lines),
            _ => self.stretches.push(Stretch::Text(lines.collect())),
        }
    }
    /// A stretch between two lines that stand in all three.
    fn stretch(&mut self, base: &[&str], kept: &[&str], now: &[&str]) {
        let is_new = now != base && now != kept;
        if is_new && kept != base {
            self.stretches.push(Stretch::Asked(self.asks.len()));
            self.asks.push(Ask {
                kept: kept.join("\n"),
                recorded: now.join("\n"),
            });
            self.base.extend(base.iter().map(|line| (*line).to_owned()));
            return;
        }
        self.refreshed += usize::from(is_new);
        self.text(if is_new { now } else { kept });
        self.base.extend(now.iter().map(|line| (*line).to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "Có mặt: 2.\n\nVắng: 1.\n\n1. Khai mạc\n\n2. Bàn việc\n\nÝ kiến.";

    #[test]
    fn figures_nobody_touched_are_taken_anew_beside_words_somebody_wrote() {
        let kept = BASE.replace("Ý kiến.", "Ý kiến đã bàn kỹ.");
        let now = BASE.replace("Có mặt: 2.", "Có mặt: 3.") + "\n\nBuổi họp kết thúc.";
        let made = follow(BASE, &kept, &now);
        assert!(made.body().starts_with("Có mặt: 3.\n\nVắng: 1."));
        assert!(made.body().contains("Ý kiến đã bàn kỹ."));
        assert_eq!(made.refreshed, 1);
        // The end stands right behind words that were written by hand: it is asked, not put in.
        assert_eq!(made.asks.len(), 1);
        assert_eq!(made.asks[0].recorded, "Ý kiến.\nBuổi họp kết thúc.");
        let again = follow(&made.base(), &made.body(), &now);
        assert_eq!(
            (again.asks, again.refreshed),
            (made.asks, 0),
            "a save answers nothing"
        );
    }
    #[test]
    fn where_both_changed_the_writer_stands_until_asked() {
        let kept = BASE.replace("Vắng: 1.", "Vắng một người.");
        let now = BASE.replace("Vắng: 1.", "Vắng: 2.");
        let made = follow(BASE, &kept, &now);
        let ask = Ask {
            kept: "Vắng một người.".into(),
            recorded: "Vắng: 2.".into(),
        };
        assert_eq!(made.asks, [ask]);
        assert_eq!(made.body(), kept);
        assert_eq!(made.settled(|_| true), now);
        // Kept and answered: the record of now is what it was compared with.
        assert!(follow(&now, &made.body(), &now).asks.is_empty());
    }
    #[test]
    fn what_is_as_recorded_asks_nothing() {
        for kept in [BASE, "Biên bản viết tay.", ""] {
            let made = follow(BASE, kept, BASE);
            assert_eq!((made.body().as_str(), made.refreshed), (kept, 0));
            assert!(made.asks.is_empty());
        }
    }
}
