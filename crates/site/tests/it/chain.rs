//! Whoever changes the log by raw means is found: each story drops the guards as somebody with the database would.

use kernel::MemberId;
use site::chain::{Asked, Kept, Verified, bind, heads, verify};
use site::{Level, May as _, Program};
use testkit::{THU, TestApp, on_both};

/// An act with so many lines.
async fn writes(app: &TestApp, lines: usize) {
    let mut act = Program::part("test")
        .begin(&app.site, "test", "test.write")
        .await
        .unwrap();
    for nth in 1..lines {
        act.log("test.line")
            .about(&id("hoa"))
            .reason(format!("lý do {nth}"));
    }
    act.line().diff(&serde_json::json!({ "x": 1 }));
    act.end().await.unwrap();
}

fn id(text: &str) -> MemberId {
    text.parse().unwrap()
}

async fn looks(app: &TestApp) {
    let all = [id("lan"), id("hoa"), id("tuan")];
    site::look(&app.site, &THU.actor(), &all, Level::V2, "xem")
        .await
        .unwrap();
}

/// Two days that are over, and one that is not: thirty rows or so, looks among them.
async fn three_days(app: &TestApp) {
    for _ in 0..3 {
        for lines in [1, 4, 2] {
            writes(app, lines).await;
            looks(app).await;
            app.later(3 * HOUR);
            bind(&app.site).await.unwrap();
        }
        app.later(DAY - 9 * HOUR);
    }
    app.later(9 * HOUR - DAY);
    bind(&app.site).await.unwrap();
}
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

async fn all(app: &TestApp) -> Verified {
    with(app, Asked::default()).await
}

async fn with(app: &TestApp, asked: Asked) -> Verified {
    let found = verify(&app.site, &asked, &mut |_, _| true).await;
    found.map_err(|e| e.log_text()).unwrap()
}

fn told(found: &Verified) -> String {
    let told: Vec<String> = found.flaws.iter().map(ToString::to_string).collect();
    told.join("\n")
}

/// Takes the guards away, as whoever owns the database can.
async fn without_guards(app: &TestApp) {
    let sqlite = [
        "drop trigger audit_event_no_update",
        "drop trigger audit_event_no_delete",
        "drop trigger audit_access_no_update",
        "drop trigger audit_access_no_delete",
        "drop trigger audit_link_no_update",
        "drop trigger audit_link_no_delete",
        "drop trigger audit_head_no_update",
        "drop trigger audit_head_no_delete",
        "drop trigger audit_tip_no_update",
    ];
    let postgres = [
        "alter table audit_event disable trigger user",
        "alter table audit_access disable trigger user",
        "alter table audit_link disable trigger user",
        "alter table audit_head disable trigger user",
        "alter table audit_tip disable trigger user",
    ];
    let texts: &[&'static str] = match app.engine {
        "sqlite" => &sqlite,
        _ => &postgres,
    };
    for text in texts {
        app.sets(text).await;
    }
}

/// The numbers of rows of a kind.
async fn seqs(app: &TestApp, what: &str) -> Vec<i64> {
    let rows: Vec<(i64,)> = db::sql("select seq from audit_link where what = $1 order by seq")
        .bind(what)
        .all(app.site.db.read())
        .await
        .unwrap();
    rows.into_iter().map(|(seq,)| seq).collect()
}

async fn runs(app: &TestApp, stmt: db::Stmt) -> u64 {
    let mut act = app.act().await;
    let done = stmt.run(act.on()).await.unwrap();
    act.end().await.unwrap();
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statements_of_the_log_are_understood_by_both_databases() {
    on_both(Vec::new, async |app| app.prepares(site::STATEMENTS).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_touched_is_found_whole_and_each_day_has_its_head() {
    on_both(Vec::new, async |app| {
        three_days(&app).await;
        let found = all(&app).await;
        assert_eq!(told(&found), "");
        assert_eq!((found.links, found.wrong, found.waiting), (48, 0, 0));
        let kept = heads(&app.site, None, None).await.unwrap();
        let lines: Vec<String> = kept.iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 4, "{lines:#?}");
        assert!(lines[0].starts_with("2026-11-23 ") && lines[3].ends_with(" open"));
        let rows: i64 = kept.iter().map(|kept| kept.count).sum();
        assert_eq!(rows, 48);
        let read: Vec<Kept> = lines.iter().map(|line| Kept::read(line).unwrap()).collect();
        let asked = Asked {
            kept: read,
            ..Asked::default()
        };
        assert_eq!(told(&with(&app, asked).await), "");
        // A part by its days.
        let day = |text: &str| text.parse().ok();
        let asked = Asked {
            from: day("2026-11-24"),
            to: day("2026-11-24"),
            ..Asked::default()
        };
        let found = with(&app, asked).await;
        assert_eq!((told(&found).as_str(), found.links), ("", 16));
        // Nothing more to do: nothing is written.
        assert_eq!(bind(&app.site).await.unwrap(), 0);
    })
    .await;
}

/// One hostile act each: what it does to the row with number `$1`, and what is said of it.
const HOSTILE: &[(&str, &str, &str)] = &[
    (
        "line",
        "update audit_event set actor_label = 'x' where bound_seq = $1",
        "was changed",
    ),
    (
        "line",
        "update audit_event set diff_json = '' where bound_seq = $1",
        "was changed",
    ),
    (
        "line",
        "update audit_event set object_type = action, action = object_type where bound_seq = $1",
        "was changed",
    ),
    (
        "line",
        "update audit_event set on_behalf_of = 'x' where bound_seq = $1",
        "was changed",
    ),
    (
        "line",
        "update audit_event set at = at + 1 where bound_seq = $1",
        "was changed",
    ),
    (
        "line",
        "delete from audit_event where bound_seq = $1",
        "is missing",
    ),
    (
        "line",
        "update audit_event set id = 'x' where bound_seq = $1",
        "is missing",
    ),
    (
        "line",
        "update audit_event set bound_seq = bound_seq + 1 where bound_seq = $1",
        "is out of order",
    ),
    (
        "look",
        "update audit_access set reads = reads + 1 where bound_seq = $1",
        "was changed",
    ),
    (
        "look",
        "update audit_access set purpose = 'x' where bound_seq = $1",
        "was changed",
    ),
    (
        "look",
        "delete from audit_access where bound_seq = $1",
        "is missing",
    ),
    (
        "line",
        "update audit_link set row_hash = 'x' where seq = $1",
        "does not follow",
    ),
    (
        "line",
        "update audit_link set hash = 'x' where seq = $1",
        "does not follow",
    ),
    (
        "line",
        "update audit_link set what = 'old' where seq = $1",
        "does not follow",
    ),
    (
        "look",
        "delete from audit_link where seq = $1",
        "removed from the log",
    ),
    (
        "line",
        "insert into audit_event (id, at, action, bound_seq) values ('forged', 1, 'x', $1)",
        "forged was added",
    ),
    (
        "line",
        "insert into audit_event (id, at, action, bound_seq) values ('forged', 1, 'x', $1 + 100000)",
        "forged was added",
    ),
    (
        "line",
        "insert into audit_event (id, at, action, bound_seq) values ('forged', 1, 'x', 0 - $1)",
        "forged was added",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_changed_removed_or_added_is_named_with_its_day() {
    on_both(Vec::new, async |app| {
        three_days(&app).await;
        for (what, text, expected) in HOSTILE {
            let app = app.again(Vec::new()).await;
            without_guards(&app).await;
            let seq = seqs(&app, what).await[5];
            assert_eq!(runs(&app, db::sql(text).bind(seq)).await, 1, "{text}");
            let found = all(&app).await;
            let said = told(&found);
            assert!(said.contains(expected), "{text}: {said}");
            assert!(found.wrong <= 3, "{text}: {said}");
            let is_placed = said.contains(&format!("2026-11-23, row {seq}"))
                || said.contains(&format!("2026-11-24, row {seq}"))
                || said.contains(&format!("rows {seq} to {seq}"));
            assert!(is_placed || expected == &"forged was added", "{said}");
            app.ends().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_rows_that_were_swapped_are_both_named() {
    // The content of two lines, the places of two lines, two links.
    const SWAPS: [(&str, &str, &str); 3] = [
        (
            "update audit_event set at = case when bound_seq = $1 then 7 else 9 end, \
             reason = case when bound_seq = $1 then 'b' else 'a' end where bound_seq in ($1, $2)",
            "was changed",
            "was changed",
        ),
        (
            "update audit_event set bound_seq = $1 + $2 - bound_seq where bound_seq in ($1, $2)",
            "is out of order: it stands at",
            "is out of order: it stands at",
        ),
        (
            "update audit_link set row_id = b.row_id, row_hash = b.row_hash from \
             (select seq, row_id, row_hash from audit_link where seq in ($1, $2)) b \
             where audit_link.seq in ($1, $2) and b.seq = $1 + $2 - audit_link.seq",
            "its link does not follow",
            "its link does not follow",
        ),
    ];
    on_both(Vec::new, async |app| {
        three_days(&app).await;
        for (text, first, second) in SWAPS {
            let app = app.again(Vec::new()).await;
            without_guards(&app).await;
            let lines = seqs(&app, "line").await;
            let (one, other) = (lines[2], lines[9]);
            assert_eq!(runs(&app, db::sql(text).bind(one).bind(other)).await, 2);
            let said = told(&all(&app).await);
            for (seq, expected) in [(one, first), (other, second)] {
                let is_told =
                    |line: &str| line.contains(&format!("row {seq}: ")) && line.contains(expected);
                assert!(said.lines().any(is_told), "{text}: {said}");
            }
            app.ends().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_kept_heads_or_the_key_tell_is_told() {
    on_both(Vec::new, async |app| {
        three_days(&app).await;
        let kept = heads(&app.site, None, None).await.unwrap();
        let with_kept = Asked {
            kept: kept.clone(),
            ..Asked::default()
        };
        // The last rows are cut off, the tip is put where the cut is: the key knows it.
        let cut = app.again(Vec::new()).await;
        without_guards(&cut).await;
        for text in [
            "delete from audit_event where bound_seq > 46",
            "delete from audit_access where bound_seq > 46",
            "delete from audit_link where seq > 46",
            "update audit_tip set seq = 46, hash = (select hash from audit_link where seq = 46)",
        ] {
            cut.sets(text).await;
        }
        let found = all(&cut).await;
        let said = told(&found);
        assert!(
            found.wrong == 1 && said.contains("the end of the log, row 46"),
            "{said}"
        );
        let said = told(&with(&cut, with_kept.clone()).await);
        assert!(
            said.contains("2026-11-26: the head that was kept elsewhere"),
            "{said}"
        );
        // The program goes on, and does not cover it up.
        writes(&cut, 2).await;
        bind(&cut.site).await.unwrap();
        let said = told(&all(&cut).await);
        assert!(
            said.contains("2026-11-26, row 47: the end of the log was not what"),
            "{said}"
        );
        cut.ends().await;

        // All of it is written anew by somebody without the key, who leaves out one row of the first day.
        let anew = app.again(Vec::new()).await;
        without_guards(&anew).await;
        writes_the_chain_anew(&anew).await;
        let found = all(&anew).await;
        let said = told(&found);
        assert!(
            !said.contains("link") && said.contains("the end of the log"),
            "{said}"
        );
        for day in ["2026-11-23", "2026-11-24", "2026-11-25"] {
            assert!(
                said.contains(&format!("{day}: its head was changed, or was not made by")),
                "{said}"
            );
        }
        anew.ends().await;

        // The moment at which it was bound is sealed too: put forward, it would look as if the clock had gone back.
        let ahead = app.again(Vec::new()).await;
        without_guards(&ahead).await;
        ahead
            .sets("update audit_tip set bound_at = bound_at + 86400000")
            .await;
        let said = told(&all(&ahead).await);
        assert!(said.contains("the end of the log, row"), "{said}");
        ahead.ends().await;

        // Who took the seal of the tip down at that moment can go back to it: the kept heads alone tell.
        let back = app.again(Vec::new()).await;
        without_guards(&back).await;
        let tip = "select seq, day_on, first_seq, hash, bound_at, sealed from audit_tip";
        let (seq, day, first, hash, at, sealed): (i64, String, i64, String, i64, String) =
            db::sql(tip).one(back.site.db.read()).await.unwrap();
        writes(&back, 3).await;
        back.later(1_000);
        bind(&back.site).await.unwrap();
        let later = heads(&back.site, None, None).await.unwrap();
        for text in [
            "delete from audit_event where bound_seq > $1",
            "delete from audit_access where bound_seq > $1",
            "delete from audit_link where seq > $1",
            "delete from audit_head where last_seq > $1",
        ] {
            runs(&back, db::sql(text).bind(seq)).await;
        }
        let set = db::sql(
            "update audit_tip set seq = $1, day_on = $2, first_seq = $3, hash = $4, bound_at = $5, sealed = $6",
        );
        runs(
            &back,
            set.bind(seq)
                .bind(day)
                .bind(first)
                .bind(hash)
                .bind(at)
                .bind(sealed),
        )
        .await;
        assert_eq!(told(&all(&back).await), "");
        assert_eq!(told(&with(&back, with_kept).await), "");
        let asked = Asked {
            kept: later,
            ..Asked::default()
        };
        let said = told(&with(&back, asked).await);
        assert!(said.contains("the head that was kept elsewhere"), "{said}");
        back.ends().await;
    })
    .await;
}

/// The hash of the format, as somebody without this program would make it.
fn digest(texts: &[&str]) -> String {
    use sha2::Digest as _;
    let mut hash = sha2::Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

/// Takes the second row out and numbers and hashes all others anew.
async fn writes_the_chain_anew(app: &TestApp) {
    type Row = (i64, String, String, String, String);
    let links: Vec<Row> =
        db::sql("select seq, day_on, what, row_id, row_hash from audit_link order by seq")
            .all(app.site.db.read())
            .await
            .unwrap();
    let mut act = app.act().await;
    for text in [
        "delete from audit_event where bound_seq = 2",
        "delete from audit_access where bound_seq = 2",
        "delete from audit_link",
        "update audit_event set bound_seq = bound_seq - 1 where bound_seq > 2",
        "update audit_access set bound_seq = bound_seq - 1 where bound_seq > 2",
        "update audit_head set last_seq = 0 - last_seq",
        "update audit_head set last_seq = 0 - last_seq - 1, first_seq = first_seq - 1",
        "update audit_head set first_seq = 1 where first_seq = 0",
        "update audit_tip set seq = seq - 1, first_seq = first_seq - 1",
    ] {
        db::sql(text).run(act.on()).await.unwrap();
    }
    let mut before = String::new();
    for (nth, (_, day, what, row, hash)) in (1_i64..).zip(links.iter().filter(|link| link.0 != 2)) {
        let own = digest(&[
            "sotay link 1",
            &before,
            &nth.to_string(),
            day,
            what,
            row,
            hash,
        ]);
        db::sql("insert into audit_link (seq, day_on, what, row_id, row_hash, hash) values ($1, $2, $3, $4, $5, $6)")
            .bind(nth)
            .bind(day)
            .bind(what)
            .bind(row)
            .bind(hash)
            .bind(&own)
            .run(act.on())
            .await
            .unwrap();
        for text in [
            "update audit_head set hash = $1 where last_seq = $2",
            "update audit_tip set hash = $1 where seq = $2",
        ] {
            db::sql(text)
                .bind(&own)
                .bind(nth)
                .run(act.on())
                .await
                .unwrap();
        }
        before = own;
    }
    act.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_another_hand_wrote_is_bound_as_such_and_one_from_before_the_chain_as_old() {
    on_both(Vec::new, async |app| {
        app.sets("insert into audit_event (id, at, action) values ('before', 1, 'x')").await;
        // What the step of the chain counted.
        without_guards(&app).await;
        app.sets("update audit_tip set old = 1").await;
        writes(&app, 2).await;
        bind(&app.site).await.unwrap();
        let found = all(&app).await;
        assert_eq!((told(&found).as_str(), found.links, found.old), ("", 3, 1));
        // Written past the program, with nothing, with the keyed hash of another row, and by a wrong key.
        writes(&app, 1).await;
        for text in [
            "insert into audit_event (id, at, action) values ('f1', 1, 'x')",
            "insert into audit_event (id, at, action, written_mac) select 'f2', at, action, written_mac \
             from audit_event where bound_seq = 0 and id <> 'f1'",
            "update audit_event set reason = 'x' where bound_seq = 0 and id not in ('f1', 'f2')",
        ] {
            app.sets(text).await;
        }
        bind(&app.site).await.unwrap();
        let found = all(&app).await;
        let said = told(&found);
        assert_eq!((said.matches("by another hand").count(), found.wrong), (3, 3), "{said}");
        assert!(said.contains("f1 was added") && said.contains("f2 was added"), "{said}");
        // A line under a key of before is the program's own.
        let before = site::Keys::new(testkit::BEFORE);
        assert_eq!(site::chain::bind_with(&app.site, &before).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_row_cannot_be_changed_while_the_guards_stand() {
    on_both(Vec::new, async |app| {
        three_days(&app).await;
        writes(&app, 1).await;
        for change in [
            "update audit_event set reason = 'x'",
            "update audit_event set bound_seq = 7 where bound_seq = 1",
            "update audit_event set bound_seq = 7, reason = 'x' where bound_seq = 0",
            "delete from audit_event where bound_seq = 0",
            "update audit_access set reads = reads + 1",
            "update audit_access set bound_seq = 0",
            "update audit_link set hash = ''",
            "delete from audit_link",
            "update audit_head set hash = ''",
            "delete from audit_head",
            "update audit_tip set seq = 1",
            "update audit_tip set old = old + 1",
        ] {
            let mut act = app.act().await;
            assert!(db::sql(change).run(act.on()).await.is_err(), "{change}");
        }
        assert_eq!(told(&all(&app).await), "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_comes_after_its_hour_was_bound_has_a_row_of_its_own() {
    on_both(Vec::new, async |app| {
        let begun = app.site.clock.now();
        looks(&app).await;
        looks(&app).await;
        bind(&app.site).await.unwrap();
        assert_eq!(seqs(&app, "look").await.len(), 0, "the hour is not over");
        app.later(3 * HOUR);
        bind(&app.site).await.unwrap();
        assert_eq!(seqs(&app, "look").await.len(), 3);
        // The clock goes back.
        app.site.clock.set(begun);
        looks(&app).await;
        looks(&app).await;
        app.later(3 * HOUR);
        bind(&app.site).await.unwrap();
        let rows = app
            .count("select count(*) from audit_access where about_member_id = 'hoa' and reads = 2");
        assert_eq!(rows.await, 2);
        let found = all(&app).await;
        assert_eq!((told(&found).as_str(), found.links), ("", 6));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_back_makes_two_stretches_and_no_flaw() {
    on_both(Vec::new, async |app| {
        let begun = app.site.clock.now();
        for ms in [0, 3_000 * DAY, 0, -DAY, DAY] {
            app.site.clock.set(begun.plus_ms(ms));
            writes(&app, 2).await;
            bind(&app.site).await.unwrap();
        }
        let kept = heads(&app.site, None, None).await.unwrap();
        let days: Vec<&str> = kept.iter().map(|kept| kept.day_on.as_str()).collect();
        assert_eq!(days.len(), 5, "{days:?}");
        assert_eq!(
            (days[0], days[2], days[4]),
            ("2026-11-23", "2026-11-23", "2026-11-24")
        );
        let asked = Asked {
            kept,
            ..Asked::default()
        };
        assert_eq!(told(&with(&app, asked).await), "");
        // Two clocks at midnight differ by a second: no stretch of its own.
        let midnight = kernel::Day::of(2026, 11, 24).unwrap().start();
        for ms in [600_000, -600_000] {
            app.site.clock.set(midnight.plus_ms(ms));
            writes(&app, 1).await;
            bind(&app.site).await.unwrap();
        }
        assert_eq!(heads(&app.site, None, None).await.unwrap().len(), 5);
        assert_eq!(told(&all(&app).await), "");
    })
    .await;
}

async fn all_write_and_two_bind(app: &TestApp, beside: &TestApp, writers: usize) {
    let mut tasks = tokio::task::JoinSet::new();
    for nth in 0..writers {
        let site = if nth % 2 == 0 {
            app.site.clone()
        } else {
            beside.site.clone()
        };
        tasks.spawn(async move {
            for turn in 0..10 {
                let mut act = Program::part("test")
                    .begin(&site, "test", "test.write")
                    .await
                    .unwrap();
                act.log("test.line").reason(format!("{nth} {turn}"));
                act.line();
                if turn % 5 == 4 {
                    // Never happened: no line, no gap.
                    act.leave().await.unwrap();
                } else {
                    act.end().await.unwrap();
                }
            }
        });
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut binders = tokio::task::JoinSet::new();
    for site in [app.site.clone(), beside.site.clone()] {
        let stopped = stopped.clone();
        binders.spawn(async move {
            while !*stopped.borrow() {
                // Somebody else may be in the way for a moment.
                let _busy = bind(&site).await;
                tokio::time::sleep(std::time::Duration::from_millis(3)).await;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    stop.send(true).unwrap();
    while let Some(done) = binders.join_next().await {
        done.unwrap();
    }
    bind(&app.site).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_and_eight_who_write_at_once_and_two_servers_that_bind_make_one_chain() {
    on_both(Vec::new, async |app| {
        let beside = app.beside(Vec::new()).await;
        let mut lines = 0;
        for writers in [2, 8] {
            all_write_and_two_bind(&app, &beside, writers).await;
            lines += i64::try_from(writers).unwrap() * 8 * 2;
            let found = all(&app).await;
            assert_eq!((told(&found).as_str(), found.waiting), ("", 0));
            assert_eq!(i64::try_from(found.links).unwrap(), lines);
            assert_eq!(app.count("select count(*) from audit_event").await, lines);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_waits_for_nobody_who_binds_and_what_commits_late_is_bound_late() {
    on_both(Vec::new, async |app| {
        if app.engine == "sqlite" {
            return; // one writer at a time, whatever they do
        }
        // An act that stays open does not keep others from being bound, nor the day from its end.
        let mut slow = Program::part("test")
            .begin(&app.site, "slow", "test.slow")
            .await
            .unwrap();
        slow.line();
        db::sql("insert into audit_event (id, at, action) values ('0', 1, 'x')")
            .run(slow.on())
            .await
            .unwrap();
        writes(&app, 2).await;
        assert_eq!(bind(&app.site).await.unwrap(), 2);
        // And nobody waits while the tip is held.
        let mut held = app.act().await;
        db::sql("update audit_tip set bound_at = bound_at")
            .run(held.on())
            .await
            .unwrap();
        let wrote = tokio::time::timeout(std::time::Duration::from_secs(3), writes(&app, 2)).await;
        assert!(wrote.is_ok(), "an act waited for whoever binds");
        held.leave().await.unwrap();
        app.later(DAY);
        bind(&app.site).await.unwrap();
        slow.end().await.unwrap();
        bind(&app.site).await.unwrap();
        let found = all(&app).await;
        let said = told(&found);
        assert!(
            found.wrong == 1 && said.contains("0 was added by another hand"),
            "{said}"
        );
        assert_eq!(found.links, 6);
        assert_eq!(heads(&app.site, None, None).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_between_writing_and_keeping_leaves_all_for_the_next_time() {
    on_both(Vec::new, async |app| {
        writes(&app, 3).await;
        // Ended at any point: the portion waits, or is dropped while it works.
        for ms in 0..12 {
            let some = bind(&app.site);
            let _ended = tokio::time::timeout(std::time::Duration::from_millis(ms), some).await;
            writes(&app, 2).await;
        }
        bind(&app.site).await.unwrap();
        let found = all(&app).await;
        assert_eq!(
            (told(&found).as_str(), found.links, found.waiting),
            ("", 27, 0)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_outlives_whom_it_is_about_and_is_verified_without_them() {
    on_both(Vec::new, async |app| {
        three_days(&app).await;
        // Nothing else of the handbook is read: who is gone is gone.
        app.sets("delete from people_name_word where member_id = 'hoa'")
            .await;
        app.sets(
            "update people_member set name = '', name_key = '', name_fold = '' where id = 'hoa'",
        )
        .await;
        assert_eq!(told(&all(&app).await), "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looked_is_found_by_an_index() {
    on_both(Vec::new, async |app| {
        const ASKED: &str = "select actor_id from audit_access where about_member_id = 'hoa' \
            and hour_at >= 1 order by hour_at desc limit 60";
        let mut act = app.act().await;
        let plan = if app.engine == "sqlite" {
            let text = format!("explain query plan {ASKED}");
            let rows: Vec<(i64, i64, i64, String)> =
                db::sql_built(text).all(act.on()).await.unwrap();
            rows.into_iter().map(|row| row.3).collect::<Vec<_>>()
        } else {
            // A small table is read whole there, whatever indexes it has.
            db::sql("set local enable_seqscan = off")
                .run(act.on())
                .await
                .unwrap();
            let text = format!("explain {ASKED}");
            let rows: Vec<(String,)> = db::sql_built(text).all(act.on()).await.unwrap();
            rows.into_iter().map(|(line,)| line).collect()
        };
        let plan = plan.join("\n");
        assert!(
            plan.contains("audit_access_about") && !plan.to_lowercase().contains("sort"),
            "{plan}"
        );
        act.leave().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_stopped_and_gone_on_with_from_its_day() {
    on_both(Vec::new, async |app| {
        for _ in 0..3 {
            for _ in 0..14 {
                writes(&app, 50).await;
            }
            bind(&app.site).await.unwrap();
            app.later(DAY);
        }
        bind(&app.site).await.unwrap();
        let mut ticks = Vec::new();
        let (asked, mut tick) = (Asked::default(), |done, all| {
            ticks.push((done, all));
            ticks.len() < 2
        });
        let stopped = verify(&app.site, &asked, &mut tick).await.unwrap();
        assert_eq!(stopped.stopped_on.as_deref(), Some("2026-11-25"));
        assert_eq!(ticks, [(1_000, 2_100), (2_000, 2_100)]);
        let rest = Asked {
            from: "2026-11-25".parse().ok(),
            ..Asked::default()
        };
        let found = with(&app, rest).await;
        assert_eq!((told(&found).as_str(), found.links), ("", 700));
        // Across what is read together: a row too many in the middle of many.
        without_guards(&app).await;
        app.sets("delete from audit_link where seq between 990 and 1010")
            .await;
        app.sets("delete from audit_event where bound_seq = 1500")
            .await;
        let found = all(&app).await;
        let said = told(&found);
        assert!(
            said.contains("rows 990 to 1010: removed") && said.contains("row 1500"),
            "{said}"
        );
    })
    .await;
}
