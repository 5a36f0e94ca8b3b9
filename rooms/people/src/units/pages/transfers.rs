//! "Chuyển sinh hoạt" of a unit: who is on the way out and in, what is overdue and why, what ended this year; and the
//! same as a file.
//!
//! For whoever sends, takes up or reads records there, over the unit and what is below. Names, places and papers only;
//! records are one logged step away. Not here: one transfer (`members::pages::{transfer, departure}`).
//! The rule that surprises: what waits stays in the list, however old; of what ended only this year's is shown.

use super::exporting;
use crate::access::CanExport;
use crate::members::moving::{self, State as Stands};
use crate::members::store::transfers::{self as store, Row, Way};
use crate::page::unit_id;
use crate::unit::{self, Unit};
use crate::units::workbook;
use askama::Template;
use axum::extract::{Path, Query, State};
use kernel::error::{Error, Refusal, Result};
use kernel::{Cap, Day};
use print::{Cell, Column, ColumnKind, Sheet};
use site::Site;
use web::{Answer, Frame, Member};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    /// `out`, `in`, `within`; anything else: all.
    way: String,
    /// `late`, `open`, `done`; anything else: all.
    state: String,
}

impl Asked {
    fn holds(&self, row: &Row, today: Day) -> bool {
        let way = match self.way.as_str() {
            "out" => row.way() == Way::Out,
            "in" => row.way() == Way::In,
            "within" => row.way() == Way::Within,
            _ => true,
        };
        way && match self.state.as_str() {
            "late" => row.late(today).contains(&true),
            "open" => row.is_open(),
            "done" => !row.is_open(),
            _ => true,
        }
    }
    /// As it stands in an address.
    fn query(&self) -> String {
        let known = |text: &str, all: &[&str]| all.contains(&text);
        let mut parts = Vec::new();
        if known(&self.way, &["out", "in", "within"]) {
            parts.push(format!("way={}", self.way));
        }
        if known(&self.state, &["late", "open", "done"]) {
            parts.push(format!("state={}", self.state));
        }
        match parts.is_empty() {
            true => String::new(),
            false => format!("?{}", parts.join("&")),
        }
    }
}

/// A line as it is drawn and as it stands in the file.
struct Line {
    row: Row,
    way: String,
    kind: String,
    state: String,
    /// `bad` for what is overdue, `good` for what was taken up.
    look: &'static str,
    /// Which day is over, and why as somebody said.
    late: String,
}

fn word_of_way(way: Way) -> &'static str {
    match way {
        Way::Out => "people-transfers-out",
        Way::In => "people-transfers-in",
        Way::Within => "people-transfers-within",
    }
}

fn vn(day: &str) -> String {
    day.parse::<Day>().map_or_else(|_| String::new(), Day::vn) // empty: none
}

impl Line {
    fn of(frame: &Frame, row: Row) -> Line {
        let today = frame.today();
        let late = match row.late(today) {
            [_, true] => frame.t1("people-transfers-late-start", "day", &vn(&row.start_due)),
            [true, false] => frame.t1("people-transfers-late-show", "day", &vn(&row.show_due)),
            [false, false] => String::new(),
        };
        let late = match (late.is_empty(), row.late_reason.is_empty()) {
            (true, _) => String::new(),
            (false, true) => format!("{late} {}", frame.t("people-transfers-late-unsaid")),
            (false, false) => {
                let said = row.late_reason.as_str();
                format!(
                    "{late} {}",
                    frame.t1("people-transfers-late-said", "reason", said)
                )
            }
        };
        let state = row.state.known().map_or("people-word-unread", Stands::text);
        Line {
            way: frame.t(word_of_way(row.way())),
            kind: frame.t(moving::word_of_kind(&row.kind)),
            state: frame.t(state),
            look: match row.state.known() {
                Some(Stands::Accepted) => "good",
                _ if !late.is_empty() => "bad",
                _ => "",
            },
            late,
            row,
        }
    }
    fn cells(self) -> Vec<Cell> {
        let row = self.row;
        let text = |text: &str| Cell::from(text);
        let day = |day: &str| Cell::from(vn(day).as_str());
        vec![
            text(&row.name),
            text(&self.way),
            text(&row.from_name),
            text(&row.to_name),
            text(&self.kind),
            day(&row.until_on),
            text(&row.letter_no),
            text(&row.letter_on.vn()),
            text(&row.sent_on().vn()),
            day(&row.show_due),
            day(&row.start_due),
            text(&self.state),
            text(&self.late),
            day(&row.starts_on),
            text(&row.ended_on().map_or_else(String::new, Day::vn)),
            text(&row.reason),
        ]
    }
}

/// Heads of the file, which are the words of the page.
const HEADS: [&str; 16] = [
    "people-unit-col-name",
    "people-transfers-way",
    "people-moving-from",
    "people-moving-to",
    "people-moving-kind",
    "people-moving-until",
    "people-moving-letter-no",
    "people-moving-letter-on",
    "people-transfers-sent-on",
    "people-moving-show-due",
    "people-moving-start-due",
    "people-transfers-state",
    "people-transfers-late",
    "people-moving-starts",
    "people-transfers-ended-on",
    "people-transfers-reason",
];

#[derive(Template)]
#[template(path = "people/unit_transfers.html")]
struct Page {
    frame: Frame,
    unit: Unit,
    asked: Asked,
    /// Overdue, waiting, ended.
    parts: [(&'static str, &'static str, Vec<Line>); 3],
    is_none: bool,
    may_export: bool,
    year: i16,
}

impl Page {
    fn ways(&self) -> [(&'static str, String, bool); 4] {
        self.links("way", ["", "out", "in", "within"])
    }
    fn states(&self) -> [(&'static str, String, bool); 4] {
        self.links("state", ["", "late", "open", "done"])
    }
    /// The words of a filter, where each leads, and whether it is chosen.
    fn links(&self, name: &str, words: [&'static str; 4]) -> [(&'static str, String, bool); 4] {
        words.map(|word| {
            let (mut way, mut state) = (self.asked.way.as_str(), self.asked.state.as_str());
            let held = match name {
                "way" => std::mem::replace(&mut way, word),
                _ => std::mem::replace(&mut state, word),
            };
            let asked = Asked {
                way: way.to_owned(),
                state: state.to_owned(),
            };
            let key = match (name, word) {
                (_, "") => "people-transfers-all",
                (_, "out") => "people-transfers-out",
                (_, "in") => "people-transfers-in",
                (_, "within") => "people-transfers-within",
                (_, "late") => "people-transfers-late",
                (_, "open") => "people-transfers-open",
                _ => "people-transfers-done",
            };
            let to = format!("/units/{}/transfers{}", self.unit.id, asked.query());
            (key, to, held == word)
        })
    }
}

/// Whether this visitor sees the transfers of a unit: whoever sends, takes up, or reads records there.
pub(crate) fn may_see(who: &Member, unit: &Unit, on: Day) -> bool {
    let here = unit.reference();
    [Cap::MemberDraft, Cap::MemberApprove, Cap::MemberRead]
        .into_iter()
        .any(|cap| who.actor.allow(cap, &here, on))
}

/// Whether anybody moves or moved here this year.
pub(crate) async fn has_any(site: &Site, unit: &Unit) -> Result<bool> {
    let first = Day::of(site.clock.today().year(), 1, 1).unwrap_or(site.clock.today());
    let rows = store::list_of(&site.db, &unit.path, first.start()).await?;
    Ok(!rows.is_empty())
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<Unit> {
    let unit = unit::get(site, &unit_id(id)?).await?;
    match may_see(who, &unit, site.clock.today()) {
        true => Ok(unit),
        false => Err(Error::NotFound),
    }
}

async fn lines(site: &Site, frame: &Frame, unit: &Unit, asked: &Asked) -> Result<Vec<Line>> {
    let today = frame.today();
    let first = Day::of(today.year(), 1, 1).unwrap_or(today);
    let rows = store::list_of(&site.db, &unit.path, first.start()).await?;
    let rows = rows.into_iter().filter(|row| asked.holds(row, today));
    Ok(rows.map(|row| Line::of(frame, row)).collect())
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let unit = may(&site, &who, &id).await?;
    let today = frame.today();
    let mut parts = [
        ("late", "people-transfers-late", Vec::new()),
        ("open", "people-transfers-open", Vec::new()),
        ("done", "people-transfers-done", Vec::new()),
    ];
    for line in lines(&site, &frame, &unit, &asked).await? {
        let nth = match (line.row.is_open(), line.late.is_empty()) {
            (true, false) => 0,
            (true, true) => 1,
            (false, _) => 2,
        };
        parts[nth].2.push(line);
    }
    // What ended is read from the newest on.
    parts[2]
        .2
        .sort_by_key(|line| std::cmp::Reverse(line.row.ended_at));
    frame.html(&Page {
        is_none: parts.iter().all(|(_, _, lines)| lines.is_empty()),
        may_export: who.actor.allow(Cap::MemberExport, &unit.reference(), today),
        year: today.year(),
        frame: frame.clone(),
        unit,
        asked,
        parts,
    })
}

/// The same as a file: for whoever may take lists along, as many names as one person takes along alone.
pub(crate) async fn get_xlsx(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let unit = may(&site, &who, &id).await?;
    let proof = CanExport::of(&who.actor, &unit, frame.today())?;
    let lines = lines(&site, &frame, &unit, &asked).await?;
    let names = lines.len();
    if let Some(most) = exporting::too_many(&site, &who.actor, &unit, names).await? {
        return Err(Refusal::new("people-transfers-refused-many")
            .arg("most", most)
            .arg("n", names)
            .way_out(
                format!("/units/{}/transfers?state=open", unit.id),
                "people-transfers-narrow",
            )
            .into());
    }
    let columns = HEADS.map(|key| Column {
        head: frame.t(key),
        kind: ColumnKind::Text,
        width: None,
    });
    let sheet = Sheet {
        name: frame.t("people-moving"),
        rows: lines.into_iter().map(Line::cells).collect(),
        columns: columns.to_vec(),
    };
    let said = serde_json::json!({
        "names": names, "what": "transfers", "way": asked.way, "state": asked.state,
    });
    let (head, day) = (frame.t("people-moving"), frame.today().to_string());
    let words = [head.as_str(), unit.name.as_str(), day.as_str()];
    workbook::give((&site, &frame), proof, sheet, words, &said).await
}

#[cfg(test)]
mod tests {
    use calamine::{Reader as _, Xlsx};
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, on_both};

    const WITHIN: &[(&str, &str)] = &[
        ("to", "cell-b"),
        ("kind", "official"),
        ("letter_no", "05-GT/CB"),
        ("letter_on", "20/11/2026"),
        ("row_version", "1"),
    ];

    #[tokio::test(flavor = "multi_thread")]
    async fn a_unit_reads_who_is_on_the_way_what_is_late_and_what_ended_this_year() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let (thu, lan) = (app.as_(THU), app.as_(LAN));
                assert!(
                    lan.get("/units/cell-a")
                        .await
                        .has("#transfers a[href='/units/cell-a/transfers']")
                );
                assert!(!app.as_(HOA).get("/units/cell-a").await.has("#transfers"));
                assert!(
                    lan.get("/units/cell-a/transfers")
                        .await
                        .expects(200)
                        .has("#none")
                );
                thu.post("/members/hoa/transfer", WITHIN).await.expects(303);
                let mut other = WITHIN.to_vec();
                other.retain(|(name, _)| *name != "letter_no");
                other.push(("letter_no", "06-GT/CB"));
                thu.post("/members/minh/transfer", &other)
                    .await
                    .expects(303);
                let row = db::sql("select id from people_transfer where member_id = 'minh'");
                let (minh,): (String,) = row.one(app.site.db.read()).await.unwrap();
                let page = lan.get("/units/cell-a/transfers").await.expects(200);
                assert!(
                    page.text("#open").contains("Lương Thị Hoa")
                        && page.text("#open").contains("Chuyển đi")
                );
                assert!(page.text("#open").contains("05-GT/CB"));
                let page = thu.get("/units/cell-b/transfers").await.expects(200);
                assert!(page.text("#open").contains("Chuyển đến"));
                let page = thu.get("/units/committee/transfers").await.expects(200);
                assert!(
                    page.text("#open").contains("Trong nội bộ"),
                    "from one cell below to another"
                );
                assert!(
                    thu.get("/units/committee/transfers?way=out")
                        .await
                        .has("#none")
                );
                app.sets(
                    "update people_transfer set start_due = '2026-11-20' where member_id = 'minh'",
                )
                .await;
                let page = lan
                    .get("/units/cell-a/transfers?way=out&state=late")
                    .await
                    .expects(200);
                assert_eq!(page.all("#late a"), ["Trần Văn Minh"]);
                assert!(
                    page.text("#late").contains("20/11/2026")
                        && page.text("#late").contains("Chưa ai")
                );
                let why = format!("/transfers/{minh}/lateness");
                lan.post(&why, &[("late_reason", " ")]).await.expects(422);
                app.as_(TUAN)
                    .post(&why, &[("late_reason", "x")])
                    .await
                    .expects(404);
                lan.post_forged(&why, &[("late_reason", "x")])
                    .await
                    .expects(403);
                lan.post(&why, &[("late_reason", "Đang nằm viện")])
                    .await
                    .expects(303);
                assert!(
                    thu.get(&format!("/transfers/{minh}"))
                        .await
                        .text("#late-reason")
                        .contains("Đang nằm viện")
                );
                lan.post(&format!("/transfers/{minh}/cancellation"), &[])
                    .await
                    .expects(303);
                lan.post(&why, &[("late_reason", "Muộn")])
                    .await
                    .expects(409);
                let page = lan
                    .get("/units/cell-a/transfers?state=done")
                    .await
                    .expects(200);
                assert_eq!(page.all("#done a"), ["Trần Văn Minh"]);
                // What ended in another year is not in this year's list.
                app.sets(
                    "update people_transfer set ended_at = 1735700000000 where member_id = 'minh'",
                )
                .await;
                assert!(
                    lan.get("/units/cell-a/transfers?state=done")
                        .await
                        .has("#none")
                );
                for (who, unit) in [
                    (HOA, "cell-a"),
                    (MINH, "cell-a"),
                    (TUAN, "cell-b"),
                    (BINH, "cell-a"),
                    (LAN, "cell-b"),
                    (LAN, "committee"),
                    (THU, "cell-e"),
                ] {
                    app.as_(who)
                        .get(&format!("/units/{unit}/transfers"))
                        .await
                        .expects(404);
                    app.as_(who)
                        .get(&format!("/units/{unit}/transfers.xlsx"))
                        .await
                        .expects(404);
                }
                app.stranger()
                    .get("/units/cell-a/transfers")
                    .await
                    .expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_file_has_the_columns_of_the_page_and_is_logged() {
        on_both(|| vec![crate::room()], async |app| {
            let thu = app.as_(THU);
            thu.post("/members/hoa/transfer", WITHIN).await.expects(303);
            app.sets("update people_transfer set show_due = '2026-11-20', late_reason = 'Đi xa'").await;
            app.as_(LAN).get("/units/cell-a/transfers.xlsx").await.expects(404);
            let file = thu.get("/units/cell-a/transfers.xlsx?state=late").await.expects(200);
            let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(file.bytes.to_vec())).unwrap();
            let range = book.worksheet_range_at(0).unwrap().unwrap();
            let rows: Vec<Vec<String>> = (range.rows())
                .map(|row| row.iter().map(ToString::to_string).collect())
                .collect();
            assert_eq!(rows.len(), 2);
            assert_eq!(rows[0].len(), super::HEADS.len());
            assert_eq!(rows[1][..4], ["Lương Thị Hoa", "Chuyển đi", "Chi bộ Tổ dân phố 1", "Chi bộ Tổ dân phố 2"]);
            assert!(rows[1][12].contains("Đi xa"), "{rows:?}");
            let logged = "select count(*) from audit_event where action = 'unit.export' and unit_id = 'cell-a'";
            assert_eq!(app.count(logged).await, 1);
            // More names than one person takes along alone wait for fewer.
            let most = rules::New { origin: "test".into(), ..rules::New::of(super::exporting::EXPORT_ALONE, 0, app.today()) };
            let mut act = app.act().await;
            let by = rules::By { who: "", at: app.site.clock.now() };
            app.site.rules.add(act.tx(), &most, by).await.unwrap().unwrap();
            act.end().await.unwrap();
            app.has_post(MINH, "Bí thư", kernel::Role::CommitteeLead, "committee").await;
            thu.get("/units/cell-a/transfers.xlsx").await.expects(409);
        })
        .await;
    }
}
