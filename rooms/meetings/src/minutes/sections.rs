//! The text of minutes in its parts, so that two people write at once and one part is changed at a time.
//!
//! Pure; text in, text out. A part is a heading with what stands under it, the opening before the first
//! heading, or the line that says when the meeting ended. Not here: what a heading is (`paper::parts`), drawing.
//! The rule that surprises: a part is known by its words, not by its place, for others add parts meanwhile.

use crate::minutes::{hash, settle};
use crate::paper;

/// One part of the minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    /// The heading; empty for the opening and the end.
    pub heading: String,
    /// Whether the heading is a line in capitals, above the numbered ones.
    pub is_top: bool,
    /// What stands under it, a paragraph a line.
    pub lines: Vec<String>,
}

impl Section {
    /// What was typed for a part.
    pub(crate) fn typed(heading: &str, text: &str) -> Section {
        let heading = heading.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines = text.lines().map(str::trim);
        Section {
            heading,
            is_top: false,
            lines: (lines.filter(|line| !line.is_empty()))
                .map(str::to_owned)
                .collect(),
        }
    }
    /// What stands under the heading, as it is edited.
    pub(crate) fn text(&self) -> String {
        self.lines.join("\n")
    }
    /// Equal parts have equal marks.
    pub(crate) fn mark(&self) -> String {
        let mut mark = hash(&format!("{}\n{}", self.heading, self.text()));
        mark.truncate(16);
        mark
    }
    /// Whether nothing stands in it at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.heading.is_empty() && self.lines.is_empty()
    }
}

/// The parts of a text. `end` is how the line begins that says when the meeting ended.
pub(crate) fn split(body: &str, end: &str) -> Vec<Section> {
    let mut out: Vec<Section> = Vec::new();
    let parts = paper::parts(body);
    let last = parts.len().saturating_sub(1);
    for (n, part) in parts.into_iter().enumerate() {
        let is_end = n == last && !end.is_empty() && part.text.starts_with(end);
        if part.is_heading {
            out.push(Section {
                is_top: !paper::is_numbered(&part.text),
                heading: part.text,
                lines: Vec::new(),
            });
        } else if let (Some(open), false) = (out.last_mut(), is_end) {
            open.lines.push(part.text);
        } else {
            out.push(Section {
                heading: String::new(),
                is_top: false,
                lines: vec![part.text],
            });
        }
    }
    out
}

/// The text of these parts, as it is kept.
pub(crate) fn join(sections: &[Section]) -> String {
    let lines = sections.iter().flat_map(|section| {
        let heading = (!section.heading.is_empty()).then_some(&section.heading);
        heading.into_iter().chain(&section.lines).cloned()
    });
    settle(&lines.collect::<Vec<_>>().join("\n\n"))
}

/// What became of a change to one part.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// The text with the change.
    Done(String),
    /// Somebody changed the same part meanwhile: as it stands now (empty: taken out).
    Clash(usize, Section),
}

/// Puts a changed part in the place of the one with that mark; `at` is where it stood when it was opened.
pub(crate) fn put(sections: &[Section], at: usize, mark: &str, new: Section) -> Put {
    let is_it = |section: &&Section| section.mark() == mark;
    let here = sections.get(at).filter(is_it).map(|_| at);
    let found = here.or_else(|| sections.iter().position(|section| is_it(&section)));
    let Some(found) = found else {
        // Changed meanwhile: the one with its heading, else what stands at its place.
        let named = sections
            .iter()
            .position(|section| section.heading == new.heading)
            .filter(|_| !new.heading.is_empty());
        let at = named.unwrap_or(at.min(sections.len()));
        let empty = Section::typed("", "");
        return Put::Clash(at, sections.get(at).cloned().unwrap_or(empty));
    };
    let mut all = sections.to_vec();
    if new.is_empty() {
        all.remove(found);
    } else {
        all[found] = new;
    }
    Put::Done(join(&all))
}

/// Puts a new part behind the last numbered one, before tasks and the end.
pub(crate) fn add(sections: &[Section], new: Section) -> String {
    let mut all = sections.to_vec();
    let numbered = all
        .iter()
        .rposition(|held| paper::is_numbered(&held.heading));
    all.insert(numbered.map_or(all.len(), |n| n + 1), new);
    join(&all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "Bắt đầu lúc 19 giờ.\n\nTHÀNH PHẦN\n\nCó mặt: 2.\n\nNỘI DUNG\n\n1. Khai mạc\n\n2. Bàn việc\n\nÝ kiến.\n\nKết luận: làm.\n\nGIAO VIỆC\n\n- Mượn xe\n\nBuổi họp kết thúc lúc 21 giờ.";
    const END: &str = "Buổi họp kết thúc lúc";

    #[test]
    fn a_text_is_cut_into_parts_and_put_together_unchanged() {
        let all = split(BODY, END);
        let heads: Vec<&str> = all.iter().map(|one| one.heading.as_str()).collect();
        assert_eq!(
            heads,
            [
                "",
                "THÀNH PHẦN",
                "NỘI DUNG",
                "1. Khai mạc",
                "2. Bàn việc",
                "GIAO VIỆC",
                ""
            ]
        );
        assert_eq!(join(&all), BODY);
        assert!(all[1].is_top && !all[4].is_top);
        assert!(split("", END).is_empty());
        assert_eq!(split("Một dòng", END).len(), 1);
    }
    #[test]
    fn changes_to_different_parts_both_stand() {
        let all = split(BODY, END);
        let (three, four) = (all[3].mark(), all[4].mark());
        let Put::Done(first) = put(&all, 3, &three, Section::typed("1. Khai mạc", "Chào cờ"))
        else {
            panic!("nobody else wrote")
        };
        let now = split(&first, END);
        let new = Section::typed("2. Bàn việc", "Ý kiến khác.");
        let Put::Done(second) = put(&now, 4, &four, new.clone()) else {
            panic!("another part")
        };
        assert!(second.contains("Chào cờ") && second.contains("Ý kiến khác."));
        let clash = put(
            &split(&second, END),
            4,
            &four,
            Section::typed("2. Bàn việc", "Tôi"),
        );
        assert_eq!(clash, Put::Clash(4, new));
    }
    #[test]
    fn a_part_is_found_where_it_went_and_an_empty_one_is_taken_out() {
        let all = split(BODY, END);
        let four = all[4].mark();
        let longer = add(&all, Section::typed("3. Việc khác", "Không"));
        let longer = split(&longer, END);
        assert_eq!(longer[5].heading, "3. Việc khác");
        let Put::Done(gone) = put(&longer, 9, &four, Section::typed(" ", " \n ")) else {
            panic!("it is there")
        };
        assert!(!gone.contains("2. Bàn việc") && gone.contains("3. Việc khác"));
    }
}
