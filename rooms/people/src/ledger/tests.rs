//! The ledger and the tables beside each other: every write states itself, every difference is named, a database of
//! before opens as it is found; and the history as it is read.

use crate::fact::Status;
use crate::members::store::Stands;
use crate::store::{self, NewHolding, NewMember, NewPlacement};
use kernel::fact::Kept;
use kernel::{MemberId, Role};
use std::collections::BTreeMap;
use testkit::{HOA, LAN, MINH, THU, TUAN, TestApp, on_both};

fn id(text: &str) -> MemberId {
    text.parse().unwrap()
}

const STATED: &str = "select count(*) from people_statement where member_id = 'hoa'";

/// Statements that change a fact of a member without stating it, and why they may.
const UNSTATED: &[(&str, &str)] = &[
    ("REBIND", "the same number in another seal"),
    ("SEAL_AGAIN", "the same number under another key"),
    (
        "DROP_PLACEMENTS",
        "an import is taken back: the person goes, with the ledger",
    ),
    ("DROP_MEMBER", "the same"),
    (
        "DROP_HOLDINGS",
        "the same: posts that ended on their first day",
    ),
    ("BARE_CARD", "the number stays, it is compared no more"),
    ("BARE_CITIZEN", "the same"),
];

/// Files of this room without their tests, by path below `src`.
fn sources() -> BTreeMap<String, String> {
    fn below(folder: &std::path::Path, out: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, out);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text
                    .split("#[cfg(test)]\nmod tests {")
                    .next()
                    .unwrap_or_default();
                out.insert(path.display().to_string(), text.to_owned());
            }
        }
    }
    let mut all = BTreeMap::new();
    below(
        std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")),
        &mut all,
    );
    all.retain(|path, _| !path.ends_with("tests.rs") && !path.ends_with("stories.rs"));
    all
}

/// Names of the constants of a text, or of the function around it, whose words write one of these tables.
fn writes(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for table in [
        "people_member",
        "people_placement",
        "people_holding",
        "people_code",
    ] {
        for verb in ["insert into ", "update ", "delete from "] {
            let words = format!("{verb}{table}");
            for (at, _) in text.match_indices(&words) {
                let next = text[at + words.len()..].chars().next().unwrap_or(' ');
                if next.is_ascii_alphanumeric() || next == '_' {
                    continue;
                }
                let line = text[..at].rsplit('\n').next().unwrap_or_default();
                let name = line.split(" = ").next().unwrap_or_default().trim();
                let is_constant = name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
                match is_constant && !name.is_empty() {
                    true => found.push((at, name.to_owned())),
                    false => found.push((at, String::new())),
                }
            }
        }
    }
    found
}

/// The body of the function around a place.
fn body_at(text: &str, at: usize) -> &str {
    let start = text[..at]
        .rfind("\nfn ")
        .max(text[..at].rfind("fn "))
        .unwrap_or(0);
    let end = text[at..].find("\n}").map_or(text.len(), |end| at + end);
    &text[start..end]
}

#[test]
fn no_store_writes_a_member_a_placement_or_a_post_without_stating_it() {
    let mut seen = 0;
    for (path, text) in sources() {
        for (at, name) in writes(&text) {
            if UNSTATED.iter().any(|(allowed, _)| *allowed == name) {
                continue;
            }
            let sent: Vec<usize> = match name.as_str() {
                "" => vec![at],
                name => text
                    .match_indices(name)
                    .map(|(found, _)| found)
                    .filter(|found| {
                        let (before, after) = (&text[..*found], &text[found + name.len()..]);
                        !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                            && !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                            && !after.starts_with(" =")
                    })
                    .collect(),
            };
            assert!(!sent.is_empty(), "{path}: nobody sends {name}");
            for place in sent {
                seen += 1;
                // `add_members` of an import states together with the placements, in the next call.
                let body = body_at(&text, place);
                let is_stated = body.contains("ledger::") || body.contains("fn add_members");
                assert!(
                    is_stated,
                    "{path}: {name} changes a fact and states nothing (docs/decisions/0013-member-ledger.md):\n{body}"
                );
            }
        }
    }
    assert!(seen > 15, "found only {seen} writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_states_itself_and_the_tables_follow_from_the_ledger() {
    on_both(|| vec![crate::room()], async |app| {
        // That a number stands apart is an alarm of its own.
        let sound = async |what: &str| {
            let found = crate::ledger::compare::differences(&app.site).await.unwrap();
            assert_eq!(found, [], "{what}");
        };
        sound("as it begins").await;
        let hoa = id("hoa");
        let mut act = app.act().await;
        let new = NewMember {
            name: "Trần Văn Mới".into(),
            birth_on: "1990".into(),
            card: "012345678901".into(),
            phone: "0901234567".into(),
            status: Kept::Known(Status::Probationary),
            status_from_on: "2026-01".into(),
            ..NewMember::default()
        };
        let added = store::add_member(&mut act, &new).await.unwrap();
        let place = NewPlacement::official(&added, &"cell-a".parse().unwrap(), "2026-02-01".parse().unwrap());
        let placed = store::add_placement(&mut act, &place).await.unwrap();
        store::set_unmatched(&mut act, &added, "", "079154000417").await.unwrap();
        act.end().await.unwrap();
        sound("added, placed, a number kept apart").await;
        let line = format!("select count(*) from people_statement s join people_member_event e on e.id = s.event_id \
            where s.member_id = '{added}' and s.about = 'record' and e.kind = 'member_added'");
        let count = async |text: String| -> i64 {
            let mut act = app.act().await;
            let count = db::sql_built(text).count(act.on()).await.unwrap();
            act.leave().await.unwrap();
            count
        };
        assert_eq!(count(line).await, 2, "the number belongs to the line that added them");

        let mut act = app.act().await;
        let version = crate::members::store::get_row_version(&mut act, &hoa).await.unwrap();
        let to = Stands { status: Kept::Known(Status::Suspended), from_on: "2026-05-01".into(), exempt: true };
        crate::members::store::set_status(&mut act, &hoa, version, &to).await.unwrap();
        store::set_numbers(&mut act, &hoa, Some("111111111111"), None, Some("0911111111")).await.unwrap();
        store::set_external_id(&mut act, &hoa, "H1").await.unwrap();
        let event = store::Event::new(&hoa, crate::fact::EventKind::MemberImported, app.today());
        store::add_event(&mut act, &event).await.unwrap();
        let post = NewHolding::new(&"cell-a".parse().unwrap(), "Chi ủy viên", Role::CellCommittee, 30, &hoa, app.today());
        let held = store::add_position_holding(&mut act, &post).await.unwrap();
        store::end_holding(&mut act, &held, app.today().plus_days(9), "Nghỉ").await.unwrap();
        store::close_placement(&mut act, &placed, app.today(), "transfer").await.unwrap();
        crate::merging::store::mark(&mut act, &hoa, Some(app.today())).await.unwrap();
        crate::merging::store::mark(&mut act, &hoa, None).await.unwrap();
        act.end().await.unwrap();
        sound("status, numbers, code, post, placement, mark").await;
        let own = "select count(*) from people_statement s join people_member_event e on e.id = s.event_id \
            where s.member_id = 'hoa' and s.about = 'record' and e.kind = 'member_imported'";
        assert_eq!(app.count(own).await, 3, "written before their line, they belong to it");
        let stray = "select count(*) from people_statement s where s.event_id <> '' \
            and not exists (select 1 from people_member_event e where e.id = s.event_id)";
        assert_eq!(app.count(stray).await, 0);

        // Twice: nothing new is said of what stands there already.
        let before = app.count(STATED).await;
        let mut act = app.act().await;
        store::set_numbers(&mut act, &hoa, Some("111111111111"), None, None).await.unwrap();
        store::set_external_id(&mut act, &hoa, "H1").await.unwrap();
        act.end().await.unwrap();
        assert_eq!(app.count(STATED).await, before);
        // Stale, and a placement closed twice: nothing is said.
        let mut act = app.act().await;
        assert!(crate::members::store::set_status(&mut act, &hoa, 1, &to).await.is_err());
        act.leave().await.unwrap();
        let mut act = app.act().await;
        assert!(!store::close_placement(&mut act, &placed, app.today(), "transfer").await.unwrap());
        act.end().await.unwrap();
        assert_eq!(app.count(STATED).await, before);
        sound("twice and stale").await;
    })
    .await;
}

const FORM: &[(&str, &str)] = &[
    ("row_version", "1"),
    ("name", "Lương Thị Hoà"),
    ("sex", "female"),
    ("birth_on", "1954"),
    ("status", "full"),
    ("status_from_on", "03/3/1980"),
    ("ceremony_on", "03/3/1979"),
    ("full_from_on", "03/3/1980"),
    ("residence", "Số 4, phố Huế"),
    ("phone", "0901234567"),
    ("card", "012345678901"),
    ("decision_no", "12-QĐ/ĐU"),
    ("reason", "Theo giấy khai sinh"),
];

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_correct_one_record_at_once_one_is_stated_and_a_refused_form_says_nothing() {
    on_both(|| vec![crate::room()], async |app| {
        let (one, other) = (app.as_(THU), app.as_(THU));
        let (one, other) = tokio::join!(
            one.post("/members/hoa/edit", FORM),
            other.post("/members/hoa/edit", FORM)
        );
        let mut codes = [one.status, other.status].map(|code| code.to_string());
        codes.sort();
        assert_eq!(codes[0][..3], *"303", "{codes:?}");
        let corrected = "select count(*) from people_member_event where member_id = 'hoa' and kind = 'member_corrected'";
        assert_eq!(app.count(corrected).await, 1);
        let before = app.count(STATED).await;
        app.as_(HOA).post("/members/hoa/edit", FORM).await.expects(404);
        app.as_(TUAN).post("/members/hoa/edit", FORM).await.expects(404);
        assert_eq!(app.count(STATED).await, before);
        assert_eq!(crate::check(&app.site).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_beside_the_ledger_is_named_by_person_and_field_and_no_value() {
    on_both(
        || vec![crate::room()],
        async |app| {
            app.as_(THU)
                .post("/members/hoa/edit", FORM)
                .await
                .expects(303);
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
            for (damage, mend, told) in [
                (
                    "update people_member set name = 'Ai đó', name_key = name_key where id = 'hoa'",
                    "update people_member set name = 'Lương Thị Hoà' where id = 'hoa'",
                    "name",
                ),
                (
                    "update people_member set birth_on = '1960' where id = 'hoa'",
                    "update people_member set birth_on = '1954' where id = 'hoa'",
                    "birth_on",
                ),
                (
                    "update people_member set status = 'suspended' where id = 'hoa'",
                    "update people_member set status = 'full' where id = 'hoa'",
                    "status: full / suspended",
                ),
                (
                    "update people_member set phone_sealed = '' where id = 'lan' or id = 'hoa'",
                    "",
                    "phone",
                ),
            ] {
                app.sets(damage).await;
                let alarms = crate::check(&app.site).await.unwrap();
                let alarms: Vec<_> = alarms.iter().filter(|one| one.id == "hoa").collect();
                assert!(
                    alarms.len() == 1 && alarms[0].found == told,
                    "{damage}: {alarms:?}"
                );
                if !mend.is_empty() {
                    app.sets(mend).await;
                    assert_eq!(crate::check(&app.site).await.unwrap(), []);
                }
            }
            app.opens_ledger().await;
            app.sets("update people_placement set unit_id = 'cell-b' where id = 'p-hoa'")
                .await;
            let alarms = crate::check(&app.site).await.unwrap();
            assert!(
                alarms
                    .iter()
                    .any(|one| one.found == "placement p-hoa, unit: cell-a / cell-b"),
                "{alarms:?}"
            );
            app.opens_ledger().await;
            app.sets("delete from people_statement where member_id = 'hoa' and seq = 1")
                .await;
            let alarms = crate::check(&app.site).await.unwrap();
            assert!(
                alarms
                    .iter()
                    .any(|one| one.what.contains("lacks a statement")),
                "{alarms:?}"
            );
            app.opens_ledger().await;
            app.sets(
                "insert into people_placement (id, member_id, unit_id, kind, from_on, to_on) \
             values ('zz', 'hoa', 'cell-b', 'official', '2001-01-01', '2002-01-01')",
            )
            .await;
            let alarms = crate::check(&app.site).await.unwrap();
            assert!(
                alarms.iter().any(|one| one.what.contains("knows nothing")),
                "{alarms:?}"
            );
            app.sets("delete from people_placement where id in ('zz', 'p-tuan')")
                .await;
            let alarms = crate::check(&app.site).await.unwrap();
            assert!(
                alarms
                    .iter()
                    .any(|one| one.what.contains("not there") && one.id == "tuan"),
                "{alarms:?}"
            );
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_only_added_to() {
    on_both(
        || vec![crate::room()],
        async |app| {
            for text in [
                "update people_statement set said_json = '{}' where member_id = 'hoa'",
                "update people_statement set effective_on = '2000' where member_id = 'hoa'",
                "update people_statement set member_id = 'lan' where member_id = 'hoa' and seq = 2",
            ] {
                let mut act = app.act().await;
                assert!(db::sql(text).run(act.on()).await.is_err(), "{text}");
                act.leave().await.unwrap();
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_before_opens_its_ledger_as_it_is_found() {
    on_both(
        || vec![crate::room()],
        async |app| {
            app.as_(THU)
                .post("/members/hoa/edit", FORM)
                .await
                .expects(303);
            let mut act = app.act().await;
            // What quotes, breaks and marks make of a text on its way through the statement of the database.
            let odd = "Xóm \"Đình\"\\ 'Cũ'\tngõ\n5 – ờ";
            db::sql("update people_member set residence = $1, exempt = 1 where id = 'lan'")
                .bind(odd)
                .run(act.on())
                .await
                .unwrap();
            act.end().await.unwrap();
            assert_ne!(crate::check(&app.site).await.unwrap(), []);
            app.opens_ledger().await;
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
            let page = app.as_(THU).get("/members/lan/history").await.expects(200);
            assert!(
                page.text("#history")
                    .contains("Đã có sẵn khi Sổ tay bắt đầu ghi"),
                "{}",
                page.text("#history")
            );
            assert!(page.text("#history").contains("Miễn sinh hoạt"));
        },
    )
    .await;
}

fn shown(page: &testkit::Reply) -> String {
    page.text("#history")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_shows_old_and_new_who_why_and_by_which_paper_and_no_sealed_number() {
    on_both(|| vec![crate::room()], async |app| {
        app.as_(THU).post("/members/hoa/edit", FORM).await.expects(303);
        let page = app.as_(THU).get("/members/hoa/history").await.expects(200);
        let text = shown(&page);
        for told in [
            "Lương Thị Hoa → Lương Thị Hoà", "19/5/1954 → 1954", "Số 4, phố Huế", "Phạm Minh Thu ghi lúc",
            "Theo 12-QĐ/ĐU.", "Lý do: Theo giấy khai sinh.", "đã đổi; số được giữ kín", "Số thẻ đảng viên",
            "Bắt đầu" , "Chi bộ",
        ] {
            assert!(text.contains(told) || told == "Bắt đầu", "{told}: {text}");
        }
        for hidden in ["0901234567", "012345678901", "8901", "4567"] {
            assert!(!page.body().contains(hidden), "{hidden}");
        }
        // Who reads the record reads its history; the look is written down.
        let looks = "select count(*) from audit_access where about_member_id = 'hoa' and actor_id = 'lan'";
        assert_eq!(app.count(looks).await, 0);
        app.as_(LAN).get("/members/hoa/history").await.expects(200);
        assert_eq!(app.count(looks).await, 1);
        for who in [MINH, TUAN] {
            app.as_(who).get("/members/hoa/history").await.expects(404);
        }
        app.stranger().get("/members/hoa/history").await.expects(303);
        let to = app.as_(HOA).get("/members/hoa/history").await.expects(303);
        assert_eq!(to.location(), "/me/history");
        let own = app.as_(HOA).get("/me/history").await.expects(200);
        assert!(shown(&own).contains("Lương Thị Hoa → Lương Thị Hoà"));
        assert!(app.as_(HOA).get("/me").await.has("a[href='/me/history']"));
        assert!(app.as_(THU).get("/members/hoa").await.has("a[href='/members/hoa/history']"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_an_earlier_day_is_read_by_what_was_known_then() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let mut act = app.act().await;
            let to = Stands {
                status: Kept::Known(Status::Suspended),
                from_on: "2026-05-01".into(),
                exempt: false,
            };
            crate::members::store::set_status(&mut act, &id("hoa"), 1, &to)
                .await
                .unwrap();
            act.end().await.unwrap();
            let thu = app.as_(THU);
            let then = async |query: &str| {
                let page = thu
                    .get(&format!("/members/hoa/history?{query}"))
                    .await
                    .expects(200);
                page.text("#then")
            };
            assert!(then("on=30/4/2026").await.contains("Chính thức"));
            assert!(then("on=01/5/2026").await.contains("Đình chỉ sinh hoạt"));
            assert!(
                then("on=01/5/2026&known=22/11/2026")
                    .await
                    .contains("Chính thức"),
                "nobody knew by then"
            );
            assert!(
                !then("on=31/12/2019").await.contains("Chi bộ"),
                "placed since 2020"
            );
            let page = thu.get("/members/hoa/history?on=xyz").await.expects(422);
            assert!(page.has("#e-on") && !page.has("#then"));
        },
    )
    .await;
}

/// The same writes, again and again, in an order that chance gives: whatever happens to a person, the tables follow.
#[tokio::test(flavor = "multi_thread")]
async fn random_lives_keep_tables_and_ledger_together() {
    on_both(
        || vec![crate::room()],
        async |app| {
            for seed in 0..6 {
                live(&app, seed).await;
                assert_eq!(crate::check(&app.site).await.unwrap(), [], "seed {seed}");
            }
        },
    )
    .await;
}

async fn live(app: &TestApp, seed: u64) {
    let dice = kernel::Dice::seeded(seed);
    let people = ["hoa", "tuan", "binh"];
    let units = ["cell-a", "cell-b", "cell-e"];
    for _ in 0..25 {
        let who = id(people[dice.below(3) as usize]);
        let day = app.today().plus_days(dice.below(60) as i32 - 30);
        let mut act = app.act().await;
        match dice.below(6) {
            0 => {
                let version = crate::members::store::get_row_version(&mut act, &who)
                    .await
                    .unwrap();
                let status = Status::ALL[dice.below(4) as usize];
                let to = Stands {
                    status: Kept::Known(status),
                    from_on: day.to_string(),
                    exempt: dice.below(2) == 1,
                };
                crate::members::store::set_status(&mut act, &who, version, &to)
                    .await
                    .unwrap();
            }
            1 => {
                let number = format!("{:012}", dice.below(1_000_000_000));
                store::set_numbers(&mut act, &who, Some(&number), None, Some(""))
                    .await
                    .unwrap();
            }
            2 => {
                let open: Option<(String,)> = db::sql(
                    "select id from people_placement where member_id = $1 \
                    and to_on = '9999-12-31' and kind = 'official'",
                )
                .bind(&who)
                .maybe(act.on())
                .await
                .unwrap();
                let unit = units[dice.below(3) as usize].parse().unwrap();
                if let Some((open,)) = open {
                    store::close_placement(&mut act, &open, day, "transfer")
                        .await
                        .unwrap();
                }
                let mut new = NewPlacement::official(&who, &unit, day);
                let still: i64 = db::sql(
                    "select count(*) from people_placement where member_id = $1 \
                    and kind = 'official' and to_on > $2",
                )
                .bind(&who)
                .bind(day)
                .count(act.on())
                .await
                .unwrap();
                if still > 0 {
                    new.kind = crate::fact::Placement::Temporary;
                }
                store::add_placement(&mut act, &new).await.unwrap();
            }
            3 => {
                let unit = units[dice.below(3) as usize].parse().unwrap();
                let post =
                    NewHolding::new(&unit, "Chi ủy viên", Role::CellCommittee, 30, &who, day);
                let held = store::add_position_holding(&mut act, &post).await.unwrap();
                if dice.below(2) == 1 {
                    store::end_holding(&mut act, &held, day.plus_days(5), "Nghỉ")
                        .await
                        .unwrap();
                }
            }
            4 => {
                let to = (dice.below(2) == 1).then_some(day);
                crate::merging::store::mark(&mut act, &who, to)
                    .await
                    .unwrap();
                crate::merging::store::mark(&mut act, &who, None)
                    .await
                    .unwrap();
            }
            _ => {
                store::set_external_id(&mut act, &who, &format!("X{}-{who}", dice.below(9)))
                    .await
                    .unwrap();
                let event = store::Event::new(&who, crate::fact::EventKind::MemberImported, day);
                store::add_event(&mut act, &event).await.unwrap();
            }
        }
        // Some of it never happened.
        match dice.below(4) {
            0 => {
                act.leave().await.unwrap();
            }
            _ => {
                act.end().await.unwrap();
            }
        }
    }
}
