//! The text of minutes in its sections, so that two people write at once and one section is changed at a time.
//!
//! Pure; text in, text out. A section is a heading with what stands under it, the opening before the first
//! heading, or the line that says when the meeting ended. Not here: what a heading is (`paper::lines`), drawing.
//! The rule that surprises: a section is known by its words, not by its place, for others add and take out sections
//! meanwhile; what stands at a place now is never taken for what stood there.

use crate::minutes::{hash, settle};
use crate::paper;

/// One section of the minutes.
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
    /// What was typed for a section.
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
    /// Equal sections have equal marks.
    pub(crate) fn mark(&self) -> String {
        let mut mark = hash(&format!("{}\n{}", self.heading, self.text()));
        mark.truncate(16);
        mark
    }
    /// Whether both say the same, wherever they stand.
    pub(crate) fn says(&self, other: &Section) -> bool {
        self.heading == other.heading && self.lines == other.lines
    }
    /// Whether nothing stands in it at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.heading.is_empty() && self.lines.is_empty()
    }
}

/// The sections of a text. `end` is how the line begins that says when the meeting ended.
pub(crate) fn split(body: &str, end: &str) -> Vec<Section> {
    let mut out: Vec<Section> = Vec::new();
    let lines = paper::lines(body);
    let last = lines.len().saturating_sub(1);
    for (n, line) in lines.into_iter().enumerate() {
        let is_end = n == last && !end.is_empty() && line.text.starts_with(end);
        if line.is_heading {
            out.push(Section {
                is_top: !paper::is_numbered(&line.text),
                heading: line.text,
                lines: Vec::new(),
            });
        } else if let (Some(open), false) = (out.last_mut(), is_end) {
            open.lines.push(line.text);
        } else {
            out.push(Section {
                heading: String::new(),
                is_top: false,
                lines: vec![line.text],
            });
        }
    }
    out
}

/// The text of these sections, as it is kept.
pub(crate) fn join(sections: &[Section]) -> String {
    let lines = sections.iter().flat_map(|section| {
        let heading = (!section.heading.is_empty()).then_some(&section.heading);
        heading.into_iter().chain(&section.lines).cloned()
    });
    settle(&lines.collect::<Vec<_>>().join("\n\n"))
}

/// A section as it was opened to be changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opened<'a> {
    /// Where it stood.
    pub at: usize,
    /// Its mark.
    pub mark: &'a str,
    /// Its heading; empty for the opening and the end.
    pub name: &'a str,
}

/// What became of a change to one section.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// The text with the change.
    Done(String),
    /// It is so already: sent twice, or somebody meant the same.
    Same,
    /// Somebody changed the same section meanwhile: where it is, and as it stands now.
    Clash(usize, Section),
    /// Somebody took it out meanwhile, or called it otherwise.
    Gone,
}

/// Puts a changed section in the place of the one that was opened; an empty one takes it out.
pub(crate) fn put(sections: &[Section], opened: Opened<'_>, new: Section) -> Put {
    let is_it = |section: &&Section| section.mark() == opened.mark;
    let here = sections.get(opened.at).filter(is_it).map(|_| opened.at);
    let found = here.or_else(|| sections.iter().position(|section| is_it(&section)));
    if let Some(found) = found {
        let mut all = sections.to_vec();
        if new.is_empty() {
            all.remove(found);
        } else {
            all[found] = new;
        }
        return Put::Done(join(&all));
    }
    match named(sections, opened) {
        _ if !new.is_empty() && stands(sections, &new) => Put::Same,
        Some(at) => Put::Clash(at, sections[at].clone()),
        None if new.is_empty() => Put::Same,
        None => Put::Gone,
    }
}

/// Whether a section says just that.
pub(crate) fn stands(sections: &[Section], new: &Section) -> bool {
    sections.iter().any(|held| held.says(new))
}

/// Whether a section is called that.
pub(crate) fn is_taken(sections: &[Section], heading: &str) -> bool {
    sections.iter().any(|held| held.heading == heading)
}

/// Where the section of that name is now, the nearest to where it was. Of those without a heading, the first
/// is the opening and the last is the end.
fn named(sections: &[Section], opened: Opened<'_>) -> Option<usize> {
    let is_named = |n: &usize| {
        sections
            .get(*n)
            .is_some_and(|held| held.heading == opened.name)
    };
    if opened.name.is_empty() {
        let last = sections.len().checked_sub(1)?;
        let at = if opened.at == 0 { 0 } else { last };
        return Some(at)
            .filter(is_named)
            .filter(|at| (*at == 0) == (opened.at == 0));
    }
    (0..sections.len())
        .filter(is_named)
        .min_by_key(|n| n.abs_diff(opened.at))
}

/// Puts a new section where one was taken out (`at`), else behind the last numbered one, before tasks and the end.
pub(crate) fn add(sections: &[Section], at: Option<usize>, new: Section) -> String {
    let mut all = sections.to_vec();
    let numbered = all
        .iter()
        .rposition(|held| paper::is_numbered(&held.heading));
    let behind = numbered.map_or(all.len(), |n| n + 1);
    all.insert(at.unwrap_or(behind).min(all.len()), new);
    join(&all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "Bắt đầu lúc 19 giờ.\n\nTHÀNH PHẦN\n\nCó mặt: 2.\n\nNỘI DUNG\n\n1. Khai mạc\n\n2. Bàn việc\n\nÝ kiến.\n\nKết luận: làm.\n\nGIAO VIỆC\n\n- Mượn xe\n\nBuổi họp kết thúc lúc 21 giờ.";
    const END: &str = "Buổi họp kết thúc lúc";

    #[test]
    fn a_text_is_cut_into_sections_and_put_together_unchanged() {
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
    fn changes_to_different_sections_both_stand() {
        let all = split(BODY, END);
        let (three, four) = (all[3].mark(), all[4].mark());
        let one = opened(3, &three, "1. Khai mạc");
        let Put::Done(first) = put(&all, one, Section::typed("1. Khai mạc", "Chào cờ")) else {
            panic!("nobody else wrote")
        };
        let now = split(&first, END);
        let new = Section::typed("2. Bàn việc", "Ý kiến khác.");
        let two = opened(4, &four, "2. Bàn việc");
        let Put::Done(second) = put(&now, two, new.clone()) else {
            panic!("another section")
        };
        assert!(second.contains("Chào cờ") && second.contains("Ý kiến khác."));
        let second = split(&second, END);
        let clash = put(&second, two, Section::typed("2. Bàn việc", "Tôi"));
        assert_eq!(clash, Put::Clash(4, new.clone()));
        assert_eq!(put(&second, two, new), Put::Same, "sent twice");
    }
    #[test]
    fn a_section_is_found_where_it_went_and_an_empty_one_is_taken_out() {
        let all = split(BODY, END);
        let four = all[4].mark();
        let longer = add(&all, None, Section::typed("3. Việc khác", "Không"));
        let longer = split(&longer, END);
        assert_eq!(longer[5].heading, "3. Việc khác");
        let two = opened(9, &four, "2. Bàn việc");
        let nothing = || Section::typed(" ", " \n ");
        let Put::Done(gone) = put(&longer, two, nothing()) else {
            panic!("it is there")
        };
        assert!(!gone.contains("2. Bàn việc") && gone.contains("3. Việc khác"));
        assert_eq!(put(&split(&gone, END), two, nothing()), Put::Same);
    }
    #[test]
    fn of_a_section_that_is_gone_no_neighbour_is_taken() {
        let all = split(BODY, END);
        for n in 0..all.len() {
            let (mark, name) = (all[n].mark(), all[n].heading.clone());
            let mut left = all.clone();
            left.remove(n);
            let left = split(&join(&left), END);
            let was = opened(n, &mark, &name);
            let mine = Section::typed(&name, "Chữ tôi gõ");
            assert_eq!(put(&left, was, mine), Put::Gone, "{n}: {name}");
            assert_eq!(put(&left, was, Section::typed("", "")), Put::Same);
        }
        // Offered again, it comes back where it was.
        let mut left = all.clone();
        left.remove(3);
        let back = add(&left, Some(3), all[3].clone());
        assert_eq!(back, BODY);
    }
    fn opened<'a>(at: usize, mark: &'a str, name: &'a str) -> Opened<'a> {
        Opened { at, mark, name }
    }
}
