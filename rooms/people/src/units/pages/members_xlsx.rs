//! The roster of a unit as a workbook: what its page shows to this visitor, nothing more.
//!
//! Same day and level as [`super::show`], for who may export members there. A file leaves the house,
//! so taking it is an act in the log, with how many names it held; looking at the page is not. The rule that surprises: more
//! names than the rule `people.export_alone` allows go out only by two people (governance reference, four eyes), which is not here yet.

use super::exporting::{self, Agreed};
use super::show::{self, Asked};
use crate::access::CanExport;
use crate::page::unit_id;
use crate::roster::{self, Person};
use crate::sight::{self, Level};
use crate::units::workbook;
use crate::{unit, words};
use axum::extract::{Path, Query, State};
use kernel::error::{Error, Refusal};
use print::{Cell, Column, ColumnKind, Sheet};
use site::Site;
use web::{Answer, Frame, Member};

/// The workbook's one sheet, with the columns that the page has at that level.
fn sheet(frame: &Frame, name: &str, level: Level, people: &[Person]) -> Sheet {
    let column = |key: &str, kind: ColumnKind| Column {
        head: frame.t(key),
        kind,
        width: None,
    };
    let mut columns = vec![
        column("people-unit-col-name", ColumnKind::Text),
        column("people-unit-col-post", ColumnKind::Text),
    ];
    let shows_status = level >= Level::V1;
    if shows_status {
        columns.extend([
            column("people-unit-col-status", ColumnKind::Text),
            column("people-xlsx-col-placement", ColumnKind::Text),
            column("people-exempt", ColumnKind::Tick),
            column("people-phoneless", ColumnKind::Tick),
        ]);
    }
    let rows = people.iter().map(|person| {
        let mut row = vec![
            Cell::from(person.shown.as_str()),
            Cell::from(if person.post.is_empty() {
                frame.t("people-unit-member")
            } else {
                person.post.clone()
            }),
        ];
        if shows_status {
            row.extend([
                Cell::from(frame.t(words::status(&person.status))),
                Cell::from(match show::placement(frame, person) {
                    how if how.is_empty() => name.to_owned(),
                    how => frame.t2("people-xlsx-placed", "unit", name, "how", &how),
                }),
                Cell::Tick(person.is_exempt),
                Cell::Tick(person.is_phoneless),
            ]);
        }
        row
    });
    Sheet {
        name: name.to_owned(),
        rows: rows.collect(),
        columns,
    }
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let sight = sight::of_unit(&site, &who.actor, &unit_id(&id)?).await?;
    let today = site.clock.today();
    let may = CanExport::of(&who.actor, &sight.unit, today)?;
    let on = asked.day(&sight, today).ok_or(Error::NotFound)?;
    let unit = unit::find_on(&site, &sight.unit.id, on).await?;
    let unit = unit.ok_or(Error::NotFound)?;
    let mut people = roster::persons(&site, &unit.id, on).await?;
    roster::call_for(&who.actor, &sight.unit.reference(), today, &mut people);
    let agreed = exporting::agreed_by(&site, &who.actor, &unit, on, people.len()).await?;
    if let Agreed::Waits(most) = agreed {
        return Err(Refusal::new("people-refused-export")
            .arg("most", most)
            .arg("n", people.len())
            .way_out(
                format!("/units/{}/export?on={}", unit.id, on.vn()),
                "people-export-ask",
            )
            .into());
    }
    let sheet = sheet(&frame, &unit.name, sight.level, &people);
    let said = serde_json::json!({
        "names": people.len(), "on": on, "level": sight.level.name(), "agreed": agreed.approval(),
    });
    let (head, day) = (frame.t("people-unit-roster"), on.to_string());
    let words = [head.as_str(), unit.name.as_str(), day.as_str()];
    workbook::give((&site, &frame), may, sheet, words, &said).await
}

#[cfg(test)]
mod tests {
    use crate::store;
    use crate::units::workbook::MEDIA;
    use calamine::{Reader as _, Xlsx};
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, on_both};

    /// All cells as text, row by row.
    fn read(bytes: &[u8]) -> Vec<Vec<String>> {
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes.to_vec())).unwrap();
        let range = book.worksheet_range_at(0).unwrap().unwrap();
        let rows = range.rows();
        rows.map(|row| row.iter().map(ToString::to_string).collect())
            .collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_file_holds_what_the_page_shows_to_that_visitor_and_is_logged() {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.sets("update people_member set phoneless = 1 where id = 'hoa'")
                    .await;
                let path = "/units/cell-a/members.xlsx";
                let file = app.as_(THU).get(path).await.expects(200);
                assert_eq!(file.header("content-type"), MEDIA);
                assert_eq!(file.header("cache-control"), "private, no-store");
                assert!(
                    file.header("content-disposition").starts_with(
                        "attachment; filename=\"danh-sach-dang-vien-chi-bo-to-dan-pho-1-2026-11-23.xlsx\""
                    ),
                    "{}",
                    file.header("content-disposition")
                );
                let rows = read(&file.bytes);
                assert_eq!(
                    rows[0],
                    [
                        "Họ và tên",
                        "Chức vụ",
                        "Trạng thái",
                        "Nơi sinh hoạt",
                        "Miễn sinh hoạt",
                        "Không dùng điện thoại"
                    ]
                );
                assert_eq!(
                    rows[1],
                    [
                        "Lương Thị Hoa",
                        "Đảng viên",
                        "Chính thức",
                        "Chi bộ Tổ dân phố 1",
                        "",
                        "x"
                    ]
                );
                assert_eq!(rows[2][..2], ["Nguyễn Thị Lan", "Bí thư"]);
                assert_eq!(rows.len(), 4);
                let again = app.as_(THU).get(path).await.expects(200);
                assert!(again.bytes == file.bytes, "one moment, one file");
                assert_eq!(
                    app.count(
                        "select count(*) from audit_event where action = 'unit.export' \
                         and unit_id = 'cell-a' and object_id = 'cell-a'"
                    )
                    .await,
                    2
                );
                // Who sees the list on the page does not therefore take it along.
                for who in [LAN, HOA, MINH] {
                    app.as_(who).get(path).await.expects(404);
                    let page = app.as_(who).get("/units/cell-a").await.expects(200);
                    assert!(!page.has("a[href*='members.xlsx']"));
                }
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_does_not_see_the_list_gets_no_file() {
        on_both(
            || vec![crate::room()],
            async |app| {
                for (who, unit) in [
                    (TUAN, "cell-a"),
                    (LAN, "cell-b"),
                    (LAN, "committee"),
                    (BINH, "cell-a"),
                    (THU, "cell-e"),
                    (LAN, "no-such"),
                ] {
                    app.as_(who)
                        .get(&format!("/units/{unit}/members.xlsx"))
                        .await
                        .expects(404);
                }
                app.stranger()
                    .get("/units/cell-a/members.xlsx")
                    .await
                    .expects(303);
                app.as_(THU)
                    .get("/units/cell-a/members.xlsx")
                    .await
                    .expects(200);
                assert_eq!(
                    app.count("select count(*) from audit_event where action = 'unit.export'")
                        .await,
                    1
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn another_day_is_that_day() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let mut act = app.act().await;
                let last = "2026-11-01".parse().unwrap();
                store::close_placement(&mut act, "p-hoa", last, "transfer")
                    .await
                    .unwrap();
                act.end().await.unwrap();
                let count = async |who, on: &str| {
                    let path = format!("/units/cell-a/members.xlsx?on={on}");
                    read(&app.as_(who).get(&path).await.expects(200).bytes).len() - 1
                };
                assert_eq!(count(THU, "").await, 2);
                assert_eq!(count(THU, "31/10/2026").await, 3);
                for on in ["31/02/2026", "1/1/1999"] {
                    app.as_(THU)
                        .get(&format!("/units/cell-a/members.xlsx?on={on}"))
                        .await
                        .expects(404);
                }
                let page = app.as_(THU).get("/units/cell-a?on=31/10/2026").await;
                assert_eq!(
                    page.attributes("main a[href*='members.xlsx']", "href"),
                    ["/units/cell-a/members.xlsx?on=31/10/2026"]
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn hostile_names_are_text_in_the_file() {
        on_both(
            || vec![crate::room()],
            async |app| {
                for (id, name) in [
                    ("hoa", "=HYPERLINK(\"http://x\",\"#set $x$\")"),
                    ("minh", "</w:t><t>&amp;"),
                ] {
                    let mut act = app.act().await;
                    db::sql("update people_member set name = $2 where id = $1")
                        .bind(id)
                        .bind(name)
                        .run(act.on())
                        .await
                        .unwrap();
                    act.end().await.unwrap();
                }
                let file = app.as_(THU).get("/units/cell-a/members.xlsx").await;
                let bytes = file.expects(200).bytes;
                let names: Vec<String> =
                    read(&bytes).into_iter().map(|mut r| r.remove(0)).collect();
                for name in ["=HYPERLINK(\"http://x\",\"#set $x$\")", "</w:t><t>&amp;"] {
                    assert!(names.contains(&name.to_owned()), "{names:?}");
                }
                let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
                let tab = book.sheet_names()[0].clone();
                let formulas = book.worksheet_formula(&tab).unwrap();
                assert!(formulas.used_cells().next().is_none(), "no formula");
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn more_than_two_hundred_names_wait_for_two_people() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let mut act = app.act().await;
                for n in 0..198 {
                    let id = format!("m{n}");
                    db::sql(
                        "insert into people_member (id, name, name_fold, name_key) \
                         values ($1, $1, $1, $1)",
                    )
                    .bind(&id)
                    .run(act.on())
                    .await
                    .unwrap();
                    db::sql(
                        "insert into people_placement (id, member_id, unit_id, kind, from_on) \
                         values ($1, $1, 'cell-a', 'official', '2020-01-01')",
                    )
                    .bind(&id)
                    .run(act.on())
                    .await
                    .unwrap();
                }
                act.end().await.unwrap();
                let taken = "select count(*) from audit_event where action = 'unit.export'";
                let (thu, path) = (app.as_(THU), "/units/cell-a/members.xlsx");
                // The only one who approves takes it alone, and the log says so.
                thu.get(path).await.expects(200);
                assert_eq!(app.count(taken).await, 1);
                app.has_post(MINH, "Bí thư", kernel::Role::CommitteeLead, "committee").await;
                let told = thu.get(path).await.expects(409);
                assert!(told.text("main").contains("201"), "{}", told.body());
                let ask = told.attributes("main a[href*='/export']", "href").remove(0);
                assert!(thu.get(&ask).await.expects(200).text("#second").contains("Trần Văn Minh"));
                assert!(thu.post(&ask, &[("reason", " ")]).await.expects(422).has("#e-reason"));
                thu.post(&ask, &[("reason", "Bầu cử")]).await.expects(303);
                // The same press again: it waits once.
                thu.post(&ask, &[("reason", "Bầu cử")]).await.expects(303);
                let waiting = "select count(*) from approvals_approval where state = 'waiting'";
                assert_eq!(app.count(waiting).await, 1);
                thu.get(path).await.expects(409);
                assert_eq!(crate::members::admitting::agrees(&app, "minh").await, 1);
                thu.get(path).await.expects(200);
                assert_eq!(app.count(taken).await, 2);
                let agreed = "select count(*) from audit_event where action = 'unit.export' and diff_json like '%\"agreed\":\"%'";
                assert_eq!(app.count(agreed).await, 1);
                // One more name than was agreed to: asked anew. And another day is another list.
                app.sets("insert into people_placement (id, member_id, unit_id, kind, from_on) values ('p-more', 'tuan', 'cell-a', 'temporary', '2026-11-22')").await;
                thu.get(path).await.expects(409);
                app.as_(HOA).get(&ask).await.expects(404);
                app.as_(LAN).post(&ask, &[("reason", "x")]).await.expects(404);
            },
        )
        .await;
    }
}
