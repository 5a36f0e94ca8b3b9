//! My record as a paper to read and to print: all that the handbook keeps of me, in my words.
//!
//! The same facts as [`super::me`]'s JSON, which is for programs. Only one's own; taking it is not logged,
//! as looking at one's own record is not. The rule that surprises: numbers stand whole, since it is the
//! owner who asks, and a file that hides them would be of no use to show at an office.

use crate::member::{self, EventView, MemberView, Record, vn};
use crate::page::term;
use crate::sight::Level;
use crate::{number, words};
use axum::extract::State;
use kernel::{Day, Moment};
use print::{Layout, Roll, TableColumn};
use site::{Looked, Site};
use web::{Answer, Frame, Member};

/// Looks that are printed; older ones are in the JSON.
const LOOKS: i64 = 500;

/// A line of the paper: what, and how it stands.
type Line = (String, String);

/// Gathers lines under headings.
struct Paper<'a> {
    frame: &'a Frame,
    rows: Vec<Vec<String>>,
}

impl Paper<'_> {
    fn heading(&mut self, text: &str) {
        self.rows.push(vec![text.to_uppercase(), String::new()]);
    }
    fn line(&mut self, key: &str, text: String) {
        self.rows.push(vec![self.frame.t(key), text]);
    }
    fn kept(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.line(key, text.to_owned());
        }
    }
    fn number(&mut self, me: &MemberView, key: &str, column: &str, number: &str) {
        if me.is_closed(column) {
            self.line(key, self.frame.t("people-number-closed"));
        } else {
            self.kept(key, &number::grouped(number));
        }
    }
    /// A date, or "cần xác minh".
    fn date(&mut self, key: &str, date: &str) {
        let text = if date.is_empty() {
            self.frame.t("people-to-verify")
        } else {
            vn(date)
        };
        self.line(key, text);
    }
    fn list(&mut self, heading: &str, lines: Vec<Line>) {
        if !lines.is_empty() {
            self.heading(heading);
            self.rows
                .extend(lines.into_iter().map(|(what, how)| vec![what, how]));
        }
    }
}

fn facts(paper: &mut Paper, me: &MemberView) {
    paper.line("people-fact-name", me.name.clone());
    if let Some(standing) = &me.standing {
        let word = paper.frame.t(words::status(&standing.status));
        paper.line("people-fact-status", word);
    }
    if let Some(record) = &me.record {
        dates(paper, record);
    }
    if let Some(numbers) = &me.numbers {
        paper.number(me, "people-fact-card", number::CARD, &numbers.card);
        paper.number(me, "people-fact-citizen", number::CITIZEN, &numbers.citizen);
    }
    if let Some(record) = &me.record {
        paper.number(me, "people-fact-phone", number::PHONE, &record.phone);
        paper.kept("people-fact-email", &record.email);
        paper.kept("people-fact-residence", &record.residence);
        paper.kept("people-fact-home-town", &record.home_town);
    }
}

fn dates(paper: &mut Paper, record: &Record) {
    paper.kept("people-fact-other-name", &record.other_name);
    paper.date("people-fact-birth", &record.birth_on);
    let sex = paper.frame.t(words::sex(&record.sex));
    paper.line("people-fact-sex", sex);
    paper.date("people-fact-admission", &record.admission_decision_on);
    paper.date("people-fact-ceremony", &record.ceremony_on);
    paper.date("people-fact-recognition", &record.recognition_decision_on);
    paper.date("people-fact-full", &record.full_from_on);
    if let Some(years) = record.party_age {
        let years = paper.frame.t1("people-years", "n", years);
        paper.line("people-fact-age", years);
    }
}

fn event(frame: &Frame, event: &EventView) -> Line {
    let mut what = vec![frame.t(words::event(&event.kind))];
    if !event.unit_name.is_empty() {
        what.push(event.unit_name.clone());
    }
    let mut how = vec![event.effective_on.vn()];
    if !event.decision_no.is_empty() {
        how.push(frame.t1("people-member-decision", "no", event.decision_no.as_str()));
    }
    (what.join(", "), how.join(". "))
}

async fn gather(
    site: &Site,
    frame: &Frame,
    who: &Member,
) -> kernel::Result<(String, Vec<Vec<String>>)> {
    let id = &who.actor.member;
    let me = member::view(site, &Looked::own(&who.actor), id, Level::V3).await?;
    let mut paper = Paper {
        frame,
        rows: Vec::new(),
    };
    facts(&mut paper, &me);
    let places = member::placements(site, id)
        .await?
        .into_iter()
        .map(|place| {
            let kind = frame.t(words::placement(&place.kind));
            let term = term(frame, &place.from_on, &place.to_on);
            (place.unit_name, format!("{kind}, {term}"))
        });
    paper.list(&frame.t("people-fact-unit"), places.collect());
    let posts = member::posts(site, id).await?.into_iter().map(|post| {
        let term = term(frame, &post.from_on, &post.to_on);
        (post.title, format!("{}, {term}", post.unit_name))
    });
    paper.list(&frame.t("people-fact-post"), posts.collect());
    if let Some(record) = &me.record {
        let events = record.events.iter().map(|one| event(frame, one));
        paper.list(&frame.t("people-member-events"), events.collect());
    }
    for (_, part) in site.rooms.export(site, frame, id).await? {
        for list in part.lists {
            paper.list(&list.heading, list.lines);
        }
    }
    paper.list(&frame.t("people-me-looks"), looks(site, frame, who).await?);
    Ok((me.name, paper.rows))
}

/// Who looked, a line for each day, level and reason, the latest first.
async fn looks(site: &Site, frame: &Frame, who: &Member) -> kernel::Result<Vec<Line>> {
    let mut lines: Vec<(Day, Line, i64)> = Vec::new();
    for look in member::looks(site, &who.actor.member, LOOKS).await? {
        let (day, mut what) = (look.at().day(), look.who(frame));
        if !look.post.is_empty() {
            what = format!("{what}, {}", look.post);
        }
        let mut how = frame.t(if look.level == "V3" {
            "people-me-look-v3"
        } else {
            "people-me-look-v2"
        });
        if !look.purpose.is_empty() {
            how.push(' ');
            how.push_str(&frame.t1("people-me-look-purpose", "purpose", look.purpose.as_str()));
        }
        match lines.last_mut() {
            Some((on, line, reads)) if (&*on, &line.0, &line.1) == (&day, &what, &how) => {
                *reads += look.reads;
            }
            _ => lines.push((day, (what, how), look.reads)),
        }
    }
    let lines = lines.into_iter().map(|(day, (what, how), reads)| {
        let times = frame.t1("people-me-look-times", "n", reads);
        (format!("{} {what}", day.vn()), format!("{how} {times}"))
    });
    Ok(lines.collect())
}

pub(crate) async fn get(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    let moment: Moment = site.clock.now();
    let (name, rows) = gather(&site, &frame, &who).await?;
    let column = |key: &str, share: f64| TableColumn {
        head: frame.t(key),
        share,
        is_centred: false,
    };
    let roll = Roll {
        issuer: vec![frame.org().name.clone()],
        title: frame.t("people-me-record"),
        lines: vec![name.clone()],
        number_head: None,
        columns: vec![
            column("people-me-download-item", 2.0),
            column("people-me-download-kept", 3.0),
        ],
        rows,
        row_mm: 0.0,
        is_landscape: false,
        notes: vec![frame.t1("people-me-download-made", "day", &moment.day().vn())],
        signers: Vec::new(),
    };
    let file = web::file_name([frame.t("people-me-record").as_str(), &name], "pdf");
    let work = move || print::roll(&roll, &Layout::party(), moment);
    let pdf = site.press.run(work).await?;
    Ok(web::download(&file, "application/pdf", pdf.bytes))
}

#[cfg(test)]
mod tests {
    use testkit::{BINH, HOA, LAN, on_both};

    fn read(pdf: &[u8]) -> String {
        let text = pdf_extract::extract_text_from_mem(pdf).unwrap();
        vietnamese::nfc(&text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn i_take_home_a_paper_that_i_can_read() {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.as_(LAN).get("/members/hoa").await.expects(200);
                let reply = app.as_(HOA).get("/me/record.pdf").await.expects(200);
                assert_eq!(reply.header("content-type"), "application/pdf");
                let text = read(&reply.bytes);
                for words in [
                    "HỒ SƠ CỦA TÔI",
                    "Lương Thị Hoa",
                    "Chi bộ Tổ dân phố 1",
                    "19/5/1954",
                    "AI ĐÃ XEM HỒ SƠ CỦA TÔI",
                    "Nguyễn Thị Lan",
                    "cần xác minh",
                ] {
                    assert!(text.contains(words), "{words} is not in {text}");
                }
                app.as_(BINH).get("/me/record.pdf").await.expects(200);
                app.stranger().get("/me/record.pdf").await.expects(303);
            },
        )
        .await;
    }
}
