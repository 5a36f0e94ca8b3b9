//! What the papers of a meeting say: the minutes as an official paper, the roll as a list to sign.
//!
//! Pure: a meeting and its text in, `print`'s papers out; words through `say`, always Vietnamese, since
//! papers are. Not here: who may have them (the wings' `pages`), how they look (`print::Layout`), the press (`site`).
//! The rule that surprises: whatever stands alone on a line as a secrecy mark stops the paper, wherever
//! the line is; such papers are not made here (domain reference 6.4).

use crate::hall::roster::Name;
use crate::store::Meeting;
use kernel::Moment;
use print::{Block, Capacity, Dated, Issuer, Level, Official, Roll, Signature, TableColumn, Title};
use web::text::Arg;

/// Longest heading, in characters; a longer numbered line is a paragraph with its number.
const LONGEST_HEADING: usize = 200;

/// Left for the name of the town where nobody has written it into the unit.
const BLANK_PLACE: &str = "……………";

/// A paragraph, or a heading of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// A numbered line or one in capitals.
    pub is_heading: bool,
    /// The line.
    pub text: String,
}

/// The lines of a text: headings are numbered lines ("1. …") and lines in capitals.
pub(crate) fn lines(body: &str) -> Vec<Line> {
    body.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let is_short = line.chars().count() <= LONGEST_HEADING;
            let capitals = line.chars().any(char::is_alphabetic)
                && line.chars().count() < 80
                && line.to_uppercase() == line;
            Line {
                is_heading: (is_short && numbered(line).is_some()) || capitals,
                text: line.to_owned(),
            }
        })
        .collect()
}

/// The lines as they are printed: the heading of a section with nothing in it is left out. A numbered line with
/// nothing under it is a heading where it goes on counting the headings (an item without notes), and else a line
/// among lines (a list that somebody typed).
pub(crate) fn printed(body: &str) -> Vec<Line> {
    let all = lines(body);
    let is_heading = |n: usize| all.get(n).is_some_and(|line| line.is_heading);
    let is_top = |n: usize| is_heading(n) && !is_numbered(&all[n].text);
    let mut out = Vec::with_capacity(all.len());
    let mut counted = 0;
    for (n, line) in all.iter().enumerate() {
        let has_nothing = n + 1 == all.len() || is_heading(n + 1);
        let is_bare = is_heading(n) && has_nothing;
        if is_top(n) && (n + 1 == all.len() || is_top(n + 1)) {
            continue;
        }
        let number =
            numbered(&line.text).and_then(|(sign, _)| sign.trim_end_matches('.').parse().ok());
        let goes_on = number.is_some_and(|number: i64| number == counted + 1);
        let is_heading = line.is_heading && (is_top(n) || !is_bare || goes_on);
        match number {
            Some(number) if is_heading => counted = number,
            None if is_heading => counted = 0,
            _ => {}
        }
        out.push(Line {
            is_heading,
            text: line.text.clone(),
        });
    }
    out
}

/// The text with `words` behind the title of each item of the agenda under which nothing stands, so that no title is
/// printed bare. Only what is an item word for word, and only where another item, another section, the line that says
/// when the meeting ended (`end`) or nothing follows: what somebody typed is not judged.
pub(crate) fn with_bare_items(body: &str, items: &[String], end: &str, words: &str) -> String {
    let all: Vec<&str> = body
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let is_item = |line: &str| items.iter().any(|item| item == line);
    let parts = |next: &str| {
        let is_section = lines(next).iter().any(|line| line.is_heading) && !is_numbered(next);
        is_item(next) || is_section || (!end.is_empty() && next.starts_with(end))
    };
    let said = all.iter().enumerate().map(|(n, line)| {
        let has_nothing = all.get(n + 1).is_none_or(|next| parts(next));
        match is_item(line) && has_nothing {
            true => format!("{line} {words}"),
            false => (*line).to_owned(),
        }
    });
    said.collect::<Vec<_>>().join("\n\n")
}

/// Height of the text on a sheet of the page that is printed, in points.
const SHEET_PT: usize = 728;

/// Whether the page is set closer (`data-close` in `print.css`), so that minutes of which a few lines would stand on a
/// second sheet are one. An estimate, measured in a browser on minutes of 24 people: letters a line, points a line, gaps,
/// and what letterhead, title and signatures take.
pub(crate) fn is_close(lines: &[Line]) -> bool {
    let headings = lines.iter().filter(|line| line.is_heading).count();
    let rows = |letters: usize| -> usize {
        let of = |line: &Line| line.text.chars().count().max(1).div_ceil(letters);
        lines.iter().map(of).sum()
    };
    let plain = 256 + rows(66) * 18 + 2 * (lines.len() - headings) + 4 * headings;
    let close = 205 + rows(74) * 15 + headings;
    plain > SHEET_PT && close <= SHEET_PT
}

/// Whether a heading is a numbered one: an item of the agenda.
pub(crate) fn is_numbered(heading: &str) -> bool {
    numbered(heading).is_some()
}

/// `1. Khai mạc` as number with its sign and words.
fn numbered(line: &str) -> Option<(String, &str)> {
    let (number, words) = line.split_once(". ")?;
    let is_number =
        !number.is_empty() && number.len() < 3 && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| (format!("{number}."), words.trim_start()))
}

/// Whether a line of the text or the title is a secrecy mark.
pub(crate) fn is_secret(meeting: &Meeting, body: &str) -> bool {
    body.lines()
        .chain([meeting.title.as_str()])
        .any(|line| citation::secrecy_mark(&line.trim().to_uppercase()).is_some())
}

fn blocks(body: &str) -> Vec<Block> {
    printed(body)
        .into_iter()
        .map(|line| match (line.is_heading, numbered(&line.text)) {
            (true, Some((label, text))) => Block::Heading {
                level: Level::Clause,
                label,
                text: text.to_owned(),
            },
            (true, None) => Block::Heading {
                level: Level::Section,
                label: String::new(),
                text: line.text,
            },
            (false, Some((mark, text))) => Block::Item {
                mark,
                text: text.into(),
            },
            (false, None) => match line.text.strip_prefix("- ") {
                Some(text) => Block::Item {
                    mark: "-".to_owned(),
                    text: text.trim_start().into(),
                },
                None => Block::Paragraph(line.text.into()),
            },
        })
        .collect()
}

/// The minutes. `mark`: what the paper says of itself when it is not the last word (nobody has saved the text yet,
/// or the record says more by now). The kept text is minutes to sign, and carries none.
/// `town`: what stands before the day.
pub(crate) fn minutes(
    meeting: &Meeting,
    body: &str,
    mark: Option<String>,
    town: Option<String>,
    say: impl Fn(&str, &[(&str, Arg<'_>)]) -> String,
) -> Official {
    let sign = |key: &str, name: &str| Signature {
        capacity: Capacity::Holder,
        of: say(key, &[]),
        post: String::new(),
        name: name.to_owned(),
        is_sealed: false,
    };
    Official {
        issuer: Issuer {
            above: above(meeting),
            name: meeting.unit_name.clone(),
        },
        // As on the page: the number is written in by hand, the kind of unit is not asked.
        symbol: Some(citation::Symbol {
            number: 0,
            year: None,
            sign: "BB".to_owned(),
            kind: None,
            issuer: "CB".to_owned(),
            system: citation::System::Organisation,
        }),
        place: town.unwrap_or_else(|| BLANK_PLACE.to_owned()),
        dated: Dated::On(Moment(meeting.started_at.unwrap_or(meeting.starts_at)).day()),
        title: Title::Named {
            kind: say("meetings-print-minutes", &[]),
            subject: meeting.title.clone(),
        },
        marks: mark.into_iter().collect(),
        addressees: Vec::new(),
        body: blocks(body),
        recipients: Vec::new(),
        signatures: vec![
            sign("meetings-print-clerk", &meeting.clerk_name),
            sign("meetings-print-chair", &meeting.chair_name),
        ],
    }
}

fn above(meeting: &Meeting) -> Vec<String> {
    let parent = meeting.parent_name.clone();
    (!parent.is_empty()).then_some(parent).into_iter().collect()
}

/// The list to sign at the door: name and post of everybody on the roll, nothing of standing, leave or
/// marks, because the paper goes from hand to hand.
pub(crate) fn roll(
    meeting: &Meeting,
    names: &[Name],
    say: impl Fn(&str, &[(&str, Arg<'_>)]) -> String,
) -> Roll {
    let column = |key: &str, share: f64| TableColumn {
        head: say(key, &[]),
        share,
        is_centred: false,
    };
    let starts = meeting.began();
    let (hour, minute) = starts.hour_minute();
    let time = say(
        "meetings-hour",
        &[
            ("hour", i64::from(hour).into()),
            ("minute", Arg::Text(&format!("{minute:02}"))),
        ],
    );
    let day = starts.day().vn();
    Roll {
        issuer: above(meeting)
            .into_iter()
            .chain([meeting.unit_name.clone()])
            .collect(),
        title: say("meetings-tosign-title", &[]),
        lines: vec![
            meeting.title.clone(),
            say(
                "meetings-tosign-when",
                &[
                    ("time", Arg::Text(&time)),
                    ("day", Arg::Text(&day)),
                    ("place", Arg::Text(&meeting.place)),
                ],
            ),
        ],
        number_head: Some(say("meetings-tosign-number", &[])),
        columns: vec![
            column("meetings-tosign-name", 5.0),
            column("meetings-tosign-post", 3.0),
            column("meetings-tosign-sign", 3.5),
            column("meetings-tosign-note", 2.5),
        ],
        rows: names
            .iter()
            .map(|name| {
                let person = &name.person;
                vec![
                    person.shown.clone(),
                    person.post.clone(),
                    String::new(),
                    String::new(),
                ]
            })
            .collect(),
        row_mm: 10.0,
        is_landscape: false,
        notes: vec![say(
            "meetings-tosign-count",
            &[("n", (names.len() as i64).into())],
        )],
        signers: vec![
            (say("meetings-print-clerk", &[]), meeting.clerk_name.clone()),
            (say("meetings-print-chair", &[]), meeting.chair_name.clone()),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_lines_and_capitals_are_headings() {
        let long = format!("3. {}", "dài ".repeat(60));
        let lines = lines(&format!(
            "NỘI DUNG\n\n1. Khai mạc\nBàn 2. việc\n2026. Năm\n- Việc\n{long}"
        ));
        let marks: Vec<bool> = lines.iter().map(|line| line.is_heading).collect();
        assert_eq!(marks, [true, true, false, false, false, false]);
    }

    #[test]
    fn an_item_without_notes_keeps_its_heading_and_a_typed_list_is_none() {
        let made = printed(
            "NỘI DUNG\n1. Khai mạc\n2. Bàn việc\nÝ kiến:\n1. Sửa đường\n2. Làm cống\n3. Kết thúc\nGIAO VIỆC",
        );
        let marks: Vec<(bool, &str)> = (made.iter())
            .map(|line| (line.is_heading, line.text.as_str()))
            .collect();
        let wanted = [
            (true, "NỘI DUNG"),
            (true, "1. Khai mạc"),
            (true, "2. Bàn việc"),
            (false, "Ý kiến:"),
            (false, "1. Sửa đường"),
            (false, "2. Làm cống"),
            (true, "3. Kết thúc"),
        ];
        assert_eq!(marks, wanted);
    }

    #[test]
    fn an_item_without_notes_says_so_and_nothing_else_does() {
        let items = ["1. Khai mạc", "2. Bàn việc", "3. Kết thúc"].map(str::to_owned);
        let said = |body: &str| {
            let body = with_bare_items(body, &items, "Buổi họp kết thúc lúc", "(không)");
            body.replace("\n\n", "|")
        };
        assert_eq!(
            said(
                "NỘI DUNG\n1. Khai mạc\n2. Bàn việc\n1. Sửa đường\n2. Làm cống\n3. Kết thúc\nBuổi họp kết thúc lúc 21 giờ."
            ),
            "NỘI DUNG|1. Khai mạc (không)|2. Bàn việc|1. Sửa đường|2. Làm cống|3. Kết thúc (không)|Buổi họp kết thúc lúc 21 giờ."
        );
        assert_eq!(
            said("2. Bàn việc\nGIAO VIỆC\n- Mượn xe"),
            "2. Bàn việc (không)|GIAO VIỆC|- Mượn xe"
        );
        assert_eq!(said("3. Kết thúc"), "3. Kết thúc (không)");
        assert_eq!(said("4. Việc khác"), "4. Việc khác");
    }

    #[test]
    fn a_usual_meeting_is_set_close_and_a_short_or_a_long_one_is_not() {
        let minutes = |paragraphs: usize| {
            let text = "Kết luận: sửa mái hiên nhà văn hóa trước ngày 15/12.\n".repeat(paragraphs);
            lines(&format!("NỘI DUNG\n{text}"))
        };
        for (paragraphs, wanted) in [(5, false), (20, false), (30, true), (33, true), (60, false)] {
            assert_eq!(is_close(&minutes(paragraphs)), wanted, "{paragraphs}");
        }
    }

    #[test]
    fn each_line_becomes_what_it_is() {
        let long = "dài ".repeat(60);
        let made = blocks(&format!("NỘI DUNG\n1. Khai mạc\n- Việc\nLời.\n12. {long}"));
        assert_eq!(
            made,
            [
                Block::Heading {
                    level: Level::Section,
                    label: String::new(),
                    text: "NỘI DUNG".into()
                },
                Block::Heading {
                    level: Level::Clause,
                    label: "1.".into(),
                    text: "Khai mạc".into()
                },
                Block::Item {
                    mark: "-".into(),
                    text: "Việc".into()
                },
                Block::Paragraph("Lời.".into()),
                Block::Item {
                    mark: "12.".into(),
                    text: long.trim().into()
                },
            ]
        );
    }
}
