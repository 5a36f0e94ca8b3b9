//! Rules on both databases: what is known when, what is chosen, what a change of another process shows.

#![allow(clippy::unwrap_used, clippy::expect_used)] // tests may panic

use kernel::{Day, Moment};
use rules::{
    By, Choice, FirstDay, Holiday, HolidayKind, Measure, New, RuleName, Rules, Trouble, as_of,
    calendar_as_of, history, several,
};
use testkit::{TestApp, on_both};

rules::names! {
    /// Working days in which a committee decides, of these tests.
    DECIDE: "proof.decide", WorkingDays;
    /// A share, of these tests.
    SHARE: "proof.share", Ratio;
    /// A family, of these tests.
    ANSWER: "proof.answer", Days;
}

const THU: By<'static> = By {
    who: "thu",
    at: Moment(0),
};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}
fn new(name: RuleName, value: &str, from: &str) -> New {
    New {
        document: "294-QĐ/TW".into(),
        clause: "4.3.1".into(),
        origin: "văn phòng".into(),
        ..New::of(name, value, day(from))
    }
}
fn by(app: &TestApp) -> By<'static> {
    By {
        at: app.site.clock.now(),
        ..THU
    }
}
async fn adds(app: &TestApp, new: &New) -> String {
    let mut tx = app.site.db.begin().await.unwrap();
    let id = app.site.rules.add(&mut tx, new, by(app)).await.unwrap();
    app.site.db.commit(tx).await.unwrap();
    id.unwrap()
}
/// Runs one write in a transaction of its own.
macro_rules! writes {
    ($app:expr, $($call:tt)*) => {{
        let mut tx = $app.site.db.begin().await.unwrap();
        let rules = $app.site.rules.clone();
        let done = writes!(@call rules, tx, $($call)*).await.unwrap();
        $app.site.db.commit(tx).await.unwrap();
        done
    }};
    (@call $rules:ident, $tx:ident, $method:ident($($arg:expr),*)) => {
        $rules.$method(&mut $tx, $($arg),*)
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_is_understood_by_both_databases() {
    on_both(Vec::new, async |app| app.prepares(rules::STATEMENTS).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_rule_is_a_fault_that_names_it_and_nothing_stands_in() {
    on_both(Vec::new, async |app| {
        let on = app.today();
        let told = as_of(&app.site.db, DECIDE, on, None)
            .await
            .unwrap_err()
            .log_text();
        assert!(
            told.contains("no rule proof.decide is in force on 2026-11-23"),
            "{told}"
        );
        adds(&app, &new(DECIDE, "45", "2025-07-01")).await;
        let told = several(&app.site.db, &[DECIDE, SHARE], on, None)
            .await
            .unwrap_err()
            .log_text();
        assert!(told.contains("proof.share"), "{told}");
        adds(&app, &new(SHARE, "2/3", "2025-07-01")).await;
        let both = several(&app.site.db, &[SHARE, DECIDE], on, None)
            .await
            .unwrap();
        assert_eq!(
            (both[0].ratio().unwrap(), both[1].number().unwrap()),
            ((2, 3), 45)
        );
        assert!(
            as_of(&app.site.db, DECIDE, day("2025-06-30"), None)
                .await
                .is_err(),
            "not yet in force"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_known_on_a_day_stays_what_was_known() {
    on_both(Vec::new, async |app| {
        let (db, on) = (&app.site.db, day("2026-03-01"));
        let start = app.site.clock.now();
        let first = adds(&app, &new(DECIDE, "45", "2025-07-01")).await;
        app.later(1_000);
        let learnt = app.site.clock.now();
        let better = New {
            note: "đọc lại văn bản".into(),
            ..new(DECIDE, "30", "2025-07-01")
        };
        let second = writes!(app, supersede(&first, &better, by(&app)))
            .unwrap()
            .unwrap();
        let known = async |at| {
            as_of(db, DECIDE, on, at)
                .await
                .map(|found| found.number().unwrap())
        };
        assert_eq!(known(None).await.unwrap(), 30);
        assert_eq!(known(Some(learnt)).await.unwrap(), 30);
        assert_eq!(known(Some(learnt.plus_ms(-1))).await.unwrap(), 45);
        assert!(
            known(Some(start.plus_ms(-1))).await.is_err(),
            "nobody knew it"
        );
        // Who comes second with an old row is told so, and changes nothing.
        let late = writes!(
            app,
            supersede(&first, &new(DECIDE, "20", "2025-07-01"), by(&app))
        );
        assert_eq!(late, Ok(None));
        assert!(!writes!(app, verify(&first, on, "x", by(&app))));
        assert_eq!(known(None).await.unwrap(), 30);
        let rows = history(db, DECIDE, "").await.unwrap();
        assert_eq!(
            rows.iter().map(|rule| rule.id.clone()).collect::<Vec<_>>(),
            [first.clone(), second.clone()]
        );
        assert_eq!(rows[1].replaces_id, first);
        assert!(writes!(app, withdraw(&second, by(&app))));
        assert!(known(None).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_ends_keeps_its_confirmation_and_its_past() {
    on_both(Vec::new, async |app| {
        let db = &app.site.db;
        let id = adds(&app, &new(DECIDE, "45", "2025-07-01")).await;
        assert!(writes!(
            app,
            verify(&id, app.today(), "Kết luận 3-KL/ĐU", by(&app))
        ));
        assert!(
            !writes!(app, verify(&id, app.today().plus_days(1), "khác", by(&app))),
            "the first stays"
        );
        app.later(1_000);
        let before = app.site.clock.now().plus_ms(-1);
        assert_eq!(
            writes!(app, close(&id, day("2025-07-01"), by(&app))),
            None,
            "it would never have held"
        );
        let ended = writes!(app, close(&id, day("2026-07-26"), by(&app))).unwrap();
        assert_ne!(ended, id);
        adds(&app, &new(DECIDE, "30", "2026-07-26")).await;
        let last = as_of(db, DECIDE, day("2026-07-25"), None).await.unwrap();
        assert_eq!(
            (last.number().unwrap(), last.trace.choice),
            (45, Choice::Only)
        );
        assert!(last.trace.is_verified);
        assert_eq!(last.trace.rule.verified_basis, "Kết luận 3-KL/ĐU");
        assert_eq!(last.trace.rule.verified_by, "thu");
        let next = as_of(db, DECIDE, day("2026-07-26"), None).await.unwrap();
        assert_eq!(
            (next.number().unwrap(), next.trace.is_verified),
            (30, false)
        );
        let then = as_of(db, DECIDE, day("2026-07-26"), Some(before))
            .await
            .unwrap();
        assert_eq!(then.number().unwrap(), 45, "the end was not known then");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unverified_rows_stand_side_by_side_until_one_is_verified() {
    on_both(Vec::new, async |app| {
        let on = app.today();
        let first = adds(&app, &new(DECIDE, "15", "2025-11-21")).await;
        app.later(1);
        adds(&app, &new(DECIDE, "45", "2025-11-21")).await;
        let found = app.site.rules.get(DECIDE, on).await.unwrap();
        assert_eq!(
            (found.number().unwrap(), found.trace.choice),
            (45, Choice::LaterKnown)
        );
        assert!(found.trace.is_contested && !found.trace.is_verified);
        assert_eq!(found.trace.beside[0].id, first);
        assert_eq!(found.trace.rule.basis(), "294-QĐ/TW 4.3.1");
        assert!(found.trace.rule.symbol().is_some());
        writes!(app, verify(&first, on, "công văn", by(&app)));
        let found = app.site.rules.get(DECIDE, on).await.unwrap();
        assert_eq!(
            (found.number().unwrap(), found.trace.choice),
            (15, Choice::Verified)
        );
        assert!(
            !found.trace.is_contested,
            "an unverified row does not contest a verified one"
        );
        assert_eq!(found.trace.beside.len(), 1, "but it is shown");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_one_name_are_measured_alike() {
    on_both(Vec::new, async |app| {
        let id = adds(&app, &new(DECIDE, "45", "2025-07-01")).await;
        let days = New {
            measure: Measure::Days,
            ..new(DECIDE, "45", "2026-01-01")
        };
        let told = Err(Trouble::Measure(Measure::WorkingDays));
        assert_eq!(writes!(app, add(&days, by(&app))).map(|_| ()), told);
        assert_eq!(
            writes!(app, supersede(&id, &days, by(&app))).map(|_| ()),
            told
        );
        assert_eq!(
            app.site
                .rules
                .get(DECIDE, app.today())
                .await
                .unwrap()
                .number()
                .unwrap(),
            45
        );
        assert_eq!(
            writes!(app, add(&new(DECIDE, "x", "2026-01-01"), by(&app))).map(|_| ()),
            Err(Trouble::Value)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_writer_sees_a_change_at_once_and_another_process_within_a_second() {
    on_both(Vec::new, async |app| {
        let on = app.today();
        let other = Rules::new(
            app.site.db.clone(),
            app.site.clock.clone(),
            app.site.dice.clone(),
        );
        assert!(other.get(DECIDE, on).await.is_err());
        let old = other.book().await.unwrap();
        let id = adds(&app, &new(DECIDE, "45", "2025-07-01")).await;
        assert_eq!(
            app.site
                .rules
                .get(DECIDE, on)
                .await
                .unwrap()
                .number()
                .unwrap(),
            45
        );
        assert!(
            other.get(DECIDE, on).await.is_err(),
            "it trusts its book for a second"
        );
        app.later(1_000);
        assert_eq!(other.get(DECIDE, on).await.unwrap().number().unwrap(), 45);
        assert!(
            old.get(DECIDE, on).is_err(),
            "a book in hand does not change"
        );
        // Nothing moved: the same book, not one read again.
        app.later(60_000);
        let (one, two) = (other.book().await.unwrap(), other.book().await.unwrap());
        assert!(std::sync::Arc::ptr_eq(&one, &two));
        // A write that is rolled back shows nothing.
        let mut tx = app.site.db.begin().await.unwrap();
        app.site
            .rules
            .withdraw(&mut tx, &id, by(&app))
            .await
            .unwrap();
        drop(tx);
        assert!(app.site.rules.get(DECIDE, on).await.is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn holidays_move_a_due_day_and_what_was_known_of_them_stays() {
    on_both(Vec::new, async |app| {
        adds(&app, &new(DECIDE, "2", "2025-07-01")).await;
        let answer = New {
            variant: "base".into(),
            ..new(ANSWER, "10", "2025-07-01")
        };
        adds(&app, &answer).await;
        let due = async || {
            let book = app.site.rules.book().await.unwrap();
            book.reckon(DECIDE, "", day("2026-08-31")).unwrap()
        };
        let plain = due().await;
        assert_eq!(plain.due.value, day("2026-09-02"));
        assert_eq!(
            (plain.first, plain.due.years_without_table.as_slice()),
            (FirstDay::After, [2026].as_slice())
        );
        let before = app.site.clock.now();
        app.later(1_000);
        let feast = Holiday {
            on: day("2026-09-02"),
            kind: HolidayKind::Holiday,
            name: "Quốc khánh".into(),
            document: String::new(),
            origin: "văn phòng".into(),
        };
        writes!(app, set_holiday(&feast, by(&app)));
        writes!(app, set_year(2026, true, "thông báo", by(&app)));
        let moved = due().await;
        assert_eq!(moved.due.value, day("2026-09-03"));
        assert_eq!(
            (moved.due.skipped[0].on, moved.due.years_without_table.len()),
            (feast.on, 0)
        );
        let then = calendar_as_of(&app.site.db, Some(before)).await.unwrap();
        assert!(then.is_working(feast.on) && !then.is_complete(2026));
        // Said again, it is corrected; taken back, the day is like others.
        writes!(
            app,
            set_holiday(
                &Holiday {
                    name: "Lễ".into(),
                    ..feast.clone()
                },
                by(&app)
            )
        );
        let book = app.site.rules.book().await.unwrap();
        assert_eq!(book.calendar().find(feast.on).unwrap().name, "Lễ");
        assert!(writes!(app, remove_holiday(feast.on, by(&app))));
        assert!(!writes!(app, remove_holiday(feast.on, by(&app))));
        assert_eq!(due().await.due.value, day("2026-09-02"));
        let base = app
            .site
            .rules
            .book()
            .await
            .unwrap()
            .reckon(ANSWER, "base", day("2026-08-31"))
            .unwrap();
        assert_eq!(base.due.value, day("2026-09-10"));
        assert!(
            app.site
                .rules
                .book()
                .await
                .unwrap()
                .reckon(ANSWER, "centre", day("2026-08-31"))
                .is_err()
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_set_adds_to_the_rows_of_the_schema_and_contradicts_none() {
    on_both(Vec::new, async |app| {
        let set = rules::seed::read(rules::seed::SHIPPED).unwrap();
        // What the schema brought is told word for word by the set.
        let book = app.site.rules.book().await.unwrap();
        let mut brought = 0;
        for rule in book.list_all() {
            let (_, told) = set
                .rules
                .iter()
                .find(|(id, _)| *id == rule.id)
                .expect(&rule.id);
            let kept = New {
                note: told.note.clone(),
                ..New::like(rule)
            };
            assert_eq!(&kept, told);
            brought += 1;
        }
        assert_eq!(brought, 47);
        // An office corrected one before the set was loaded: its word stays.
        let slip = "s26-account-slip_days-1900-01-01";
        let own = New {
            origin: "văn phòng".into(),
            ..New::like(book.list_all().find(|rule| rule.id == slip).unwrap())
        };
        writes!(
            app,
            supersede(
                slip,
                &New {
                    value: "7".into(),
                    ..own
                },
                by(&app)
            )
        )
        .unwrap();
        let mut tx = app.site.db.begin().await.unwrap();
        let done = rules::seed::load(&app.site.rules, &mut tx, &set, by(&app))
            .await
            .unwrap();
        app.site.db.commit(tx).await.unwrap();
        assert_eq!(
            (done.there, done.added),
            (47, set.rules.len() + set.holidays.len() - 47)
        );
        // What an office took back is not brought again.
        assert!(writes!(
            app,
            withdraw("s26-dues-amount-student-2026-02-01", by(&app))
        ));
        assert!(writes!(app, remove_holiday(day("2027-05-01"), by(&app))));
        let mut tx = app.site.db.begin().await.unwrap();
        let again = rules::seed::load(&app.site.rules, &mut tx, &set, by(&app))
            .await
            .unwrap();
        app.site.db.commit(tx).await.unwrap();
        assert_eq!(again.added, 0);
        assert_eq!(
            app.count("select count(*) from rules_rule where verified_on <> ''")
                .await,
            0
        );
        const SLIP: RuleName = RuleName::declared("account.slip_days", Measure::Days);
        const RECOGNITION: RuleName =
            RuleName::declared("people.recognition_decide", Measure::WorkingDays);
        assert_eq!(
            app.site
                .rules
                .get(SLIP, app.today())
                .await
                .unwrap()
                .number()
                .unwrap(),
            7
        );
        // The contradiction inside one document stands, both unverified.
        let found = app.site.rules.get(RECOGNITION, app.today()).await.unwrap();
        assert_eq!(
            (found.number().unwrap(), found.trace.choice),
            (30, Choice::Preferred)
        );
        assert!(found.trace.is_contested);
        assert_eq!(found.trace.beside.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_older_tables_move_as_an_office_left_them() {
    const CHANGED: &[&str] = &[
        "delete from rules_rule where name <> 'rules.trigger_day_counts'",
        "update meetings_rule set value = 3, verified = 1, basis = 'Công văn 5' where name = 'papers_days'",
        "update meetings_rule set to_on = '2026-07-26' where name in ('pass_num', 'pass_den')",
        "insert into meetings_rule (name, from_on, value, basis) values ('pass_num', '2026-07-26', 2, '208-QĐ/TW 9')",
        "insert into meetings_rule (name, from_on, value, basis) values ('pass_den', '2026-07-26', 3, '208-QĐ/TW 9')",
        "update people_standing_rule set signed_off_on = '2026-10-01' where status = 'exempt' and placement = 'official'",
        "delete from meetings_rule where name = 'plan_ahead_days'",
    ];
    const PAPERS: RuleName = RuleName::declared("meetings.papers_days", Measure::Days);
    const AHEAD: RuleName = RuleName::declared("meetings.plan_ahead_days", Measure::Days);
    const PASS: RuleName = RuleName::declared("meetings.pass_share", Measure::Ratio);
    const FORMER: RuleName = RuleName::declared("people.former_days", Measure::Days);
    for (setting, days) in [(" 30 ", 30), ("ninety", 90), ("", 90)] {
        on_both(Vec::new, async |app| {
            let db = &app.site.db;
            let mut tx = db.begin().await.unwrap();
            tx.unwatched();
            for text in CHANGED {
                db::sql(text).run(&mut *tx).await.unwrap();
            }
            let at = app.site.clock.now();
            db::sql("insert into admin_setting (name, value, changed_at, changed_by) values ('people.former_days', $1, $2, '')")
                .bind(setting)
                .bind(at)
                .run(&mut *tx)
                .await
                .unwrap();
            let step = schema::MIGRATIONS
                .iter()
                .find(|step| step.name == "0060_rules_moved")
                .unwrap();
            let text = schema::render(step.text, db.engine());
            db.script(&mut tx, &text).await.unwrap();
            db.commit(tx).await.unwrap();
            let book = app.site.rules.book().await.unwrap();
            let papers = book.get(PAPERS, app.today()).unwrap();
            assert_eq!(papers.number().unwrap(), 3);
            assert!(papers.trace.is_verified);
            assert_eq!(papers.trace.rule.basis(), "Công văn 5");
            let share = |on| book.get(PASS, day(on)).unwrap();
            assert_eq!(share("2026-07-25").ratio().unwrap(), (1, 2));
            assert_eq!(share("2026-07-26").ratio().unwrap(), (2, 3));
            assert_eq!(share("2026-07-26").trace.choice, Choice::Only);
            assert_eq!(
                share("2026-07-25").trace.rule.basis(),
                "294-QĐ/TW 9.3 (26/5/2025)"
            );
            assert!(
                book.find(AHEAD, app.today()).unwrap().is_none(),
                "what was taken away stays away"
            );
            assert_eq!(
                book.get(FORMER, app.today()).unwrap().number().unwrap(),
                days,
                "{setting:?}"
            );
            let signed = book
                .list_all()
                .filter(|rule| rule.verified_on == Some(day("2026-10-01")));
            let signed: Vec<&str> = signed.map(|rule| rule.variant.as_str()).collect();
            assert_eq!(signed, ["exempt/official"]);
        })
        .await;
    }
}
