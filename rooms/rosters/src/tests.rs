//! Stories of imports, on both databases: what is taken, what is refused, and that nothing is lost.

use super::*;
use kernel::{Actor, MemberId};
use site::import::Quiet;
use std::path::PathBuf;
use testkit::{HOA, LAN, THU, TUAN, TestApp, on_both, on_sqlite};

mod stories;

fn file(app: &TestApp, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = app.folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn into(unit: &str) -> RosterOptions {
    RosterOptions {
        unit: Some(unit.to_owned()),
        ..RosterOptions::default()
    }
}

async fn take(app: &TestApp, path: &Path, options: &RosterOptions) -> Report {
    roster(&app.site, path, options, &mut Quiet)
        .await
        .unwrap_or_else(|error| panic!("{}", error.log_text()))
}

fn outcomes(report: &Report) -> Vec<&'static str> {
    report
        .entries
        .iter()
        .map(|entry| entry.outcome.name())
        .collect()
}

async fn rows(app: &TestApp) -> Vec<i64> {
    let mut out = Vec::new();
    for text in [
        "select count(*) from people_member",
        "select count(*) from people_placement",
        "select count(*) from people_name_word",
        "select count(*) from people_member_event",
        "select count(*) from audit_event",
        "select count(*) from people_unit",
        "select value from people_epoch where name = 'grants'",
    ] {
        out.push(app.count(text).await);
    }
    out
}

/// A sealed number as it opens.
async fn number(app: &TestApp, column: &str, sql: &'static str) -> String {
    let sealed = text(app, sql).await;
    let whose = sql.replacen(&format!("{column}_sealed"), "id", 1).leak();
    let id = text(app, whose).await.parse().unwrap();
    app.site
        .keys
        .open_at(people::number::spot(column, &id), &sealed)
        .unwrap()
}

async fn text(app: &TestApp, sql: &'static str) -> String {
    let row: (String,) = db::sql(sql).one(app.site.db.read()).await.unwrap();
    row.0
}

const FOUR: &str = "\u{feff}ĐẢNG BỘ THỬ NGHIỆM;;;;;;;;
;;;;;;;;
DANH SÁCH ĐẢNG VIÊN;;;;;;;;
TT;Họ và tên;Ngày, tháng, năm sinh;;Ngày vào Đảng;;Số thẻ;Số điện thoại;Chi bộ
;;Nam;Nữ;Dự bị;Chính thức;;;
(1);(2);(3);(4);(5);(6);(7);(8);(9)
1;NGUYỄN VĂN AN;19/5/1954;;3/2/1980;3/2/1981;001054000001;0912 345 678;Chi bộ Tổ dân phố 1
2;Trần Thị Bé;;1960;5/1990;1991;001160000002;912345679;chi bo to dan pho 2
3;Lê Văn Cường;02/1999;;01/9/2026;;1099000003;;T-cell-a
Tổng cộng: 3 đảng viên;;;;;;;;
;;;;;;T/M CHI BỘ;;
";

#[tokio::test(flavor = "multi_thread")]
async fn zeros_that_many_rows_lost_are_one_line_with_a_count() {
    on_both(|| vec![people::room(), crate::room()], async |app| {
        let list = "Họ và tên,Số điện thoại\nĐinh Văn Một,912345671\nĐinh Thị Hai,912345672\nĐinh Văn Ba,912345673\n";
        let path = file(&app, "ds.csv", list);
        let report = take(&app, &path, &into("cell-a")).await;
        assert_eq!(outcomes(&report), ["added", "added", "added"]);
        let told: Vec<&String> = report.entries.iter().flat_map(|entry| &entry.warnings).filter(|told| told.contains("số 0")).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("của 3 số") && report.notes.contains(told[0]), "{told:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_cannot_be_is_refused_and_a_member_who_is_too_young_is_told_by_the_rule() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            app.sets(
                "insert into rules_rule (id, name, measure, value, from_on, known_from_at, document, document_on, clause, origin) \
                     values ('age', 'people.join_age_least', 'years', '18', '2025-07-01', 0, '294-QĐ/TW', '2025-05-26', '1.1', 'thử')",
            )
            .await;
            let list = "Họ và tên,Ngày sinh,Ngày vào Đảng\nĐinh Văn Một,31/2/1955,\n\
                Đinh Thị Hai,9/9/2015,\nĐinh Văn Ba,19/5/1980,3/2/1997\nĐinh Văn Bốn,19/5/1980,3/2/1999\n";
            let path = file(&app, "ds.csv", list);
            let report = take(&app, &path, &into("cell-a")).await;
            let told = |nth: usize| report.entries[nth].warnings.join(" ");
            assert_eq!(report.entries[0].outcome.name(), "refused");
            for nth in [1, 2] {
                assert!(told(nth).contains("18 tuổi") && told(nth).contains("1.1"), "{}", told(nth));
            }
            assert!(!told(3).contains("tuổi"), "{}", told(3));
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_comes_again_with_the_day_of_coming_offers_it_as_a_difference() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            let list = "Họ và tên,Ngày sinh,Số thẻ\nĐinh Văn Một,19/5/1954,001054000001\n";
            let path = file(&app, "ds.csv", list);
            assert_eq!(outcomes(&take(&app, &path, &into("cell-a")).await), ["added"]);
            let dated = "Họ và tên,Ngày sinh,Số thẻ,Ngày chuyển đến\nĐinh Văn Một,19/5/1954,001054000001,1/3/2021\n";
            let path = file(&app, "ds2.csv", dated);
            let told = take(&app, &path, &into("cell-a")).await;
            assert_eq!(outcomes(&told), ["refused"], "nothing is overwritten unasked");
            let shown = &told.entries[0].changes;
            assert!(
                shown.iter().any(|change| change.new == "01/3/2021"),
                "{shown:?}"
            );
            let from = "select p.from_on from people_placement p join people_member m on m.id = p.member_id \
                where m.name = 'Đinh Văn Một'";
            assert_eq!(text(&app, from).await, app.today().to_string());
            let accepts = RosterOptions {
                accept_changes: true,
                ..into("cell-a")
            };
            assert_eq!(outcomes(&take(&app, &path, &accepts).await), ["updated"]);
            assert_eq!(text(&app, from).await, "2021-03-01");
            let line = "select reason from people_member_event where kind = 'placement_begun' and corrects_id <> ''";
            assert!(text(&app, line).await.starts_with("Theo danh sách "));
            assert_eq!(people::check(&app.site).await.unwrap(), []);
            assert_eq!(outcomes(&take(&app, &path, &accepts).await), ["same"]);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cell_that_is_too_long_is_refused_and_never_cut() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            let most = "ắ".repeat(300);
            let list = format!("Họ và tên,Nơi ở\nĐinh Văn Một,{most}\nĐinh Thị Hai,{most}ắ\n");
            let path = file(&app, "ds.csv", &list);
            let report = take(&app, &path, &into("cell-a")).await;
            assert_eq!(outcomes(&report), ["refused", "refused"]);
            let told = &report.entries[1].message;
            assert!(told.contains("301") && told.contains("300"), "{told}");
            let skips = RosterOptions {
                common: site::import::Options {
                    skip_bad: true,
                    ..Default::default()
                },
                ..into("cell-a")
            };
            assert_eq!(
                outcomes(&take(&app, &path, &skips).await),
                ["added", "refused"]
            );
            let kept = text(
                &app,
                "select residence from people_member where name = 'Đinh Văn Một'",
            )
            .await;
            assert_eq!(kept, most, "whole");
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_as_offices_type_it_is_taken_with_every_precision() {
    on_both(|| vec![people::room(), crate::room()], async |app| {
        let before = rows(&app).await;
        let path = file(&app, "ds.csv", FOUR);
        let report = take(&app, &path, &RosterOptions::default()).await;
        let told: Vec<&str> = report.entries.iter().map(|entry| entry.message.as_str()).collect();
        assert_eq!(outcomes(&report), ["added", "added", "added"], "{told:?}");
        assert_eq!(report.entries[0].source, "ds.csv:7");
        let after = rows(&app).await;
        assert_eq!(after[0] - before[0], 3);
        assert_eq!(after[1] - before[1], 3);
        assert_eq!(after[2] - before[2], 9);
        assert_eq!(after[3] - before[3], 6, "each is added and placed in the ledger");
        assert_eq!(after[4] - before[4], 1, "one audit line for the run");
        assert_eq!(after[6] - before[6], 1, "the epoch rises once");
        let name = |key| text(&app, key);
        assert_eq!(name("select birth_on || ' ' || sex || ' ' || full_from_on || ' ' || status_from_on from people_member where name = 'Nguyễn Văn An'").await, "1954-05-19 male 1981-02-03 1981-02-03");
        let card = "select card_sealed from people_member where name = 'Nguyễn Văn An'";
        assert!(number(&app, "card", card).await.ends_with("0001"));
        let phone = "select phone_sealed from people_member where name = 'Nguyễn Văn An'";
        assert!(number(&app, "phone", phone).await.ends_with("5678"));
        assert_eq!(name("select birth_on || ' ' || sex || ' ' || ceremony_on || ' ' || full_from_on from people_member where name = 'Trần Thị Bé'").await, "1960 female 1990-05 1991");
        assert_eq!(name("select birth_on || ' ' || status || ' ' || status_from_on from people_member where name = 'Lê Văn Cường'").await, "1999-02 probationary 2026-09-01");
        assert_eq!(name("select p.unit_id || ' ' || p.from_on from people_placement p join people_member m on m.id = p.member_id where m.name = 'Lê Văn Cường'").await, "cell-a 2026-11-23");
        assert!(report.entries[0].warnings.iter().any(|w| w.contains("Nguyễn Văn An")), "capitals are told: {:?}", report.entries[0].warnings);
        assert!(report.entries[2].warnings.iter().any(|w| w.contains("số 0")), "lost zeros are told");
        assert_eq!(people::check(&app.site).await.unwrap(), []);

        let again = take(&app, &path, &RosterOptions::default()).await;
        assert_eq!(outcomes(&again), ["same", "same", "same"], "{:?}", again.entries);
        assert_eq!(rows(&app).await, after, "the same file twice writes nothing");
        assert!(again.entries[0].warnings.iter().any(|w| w.starts_with("Có 6 đảng viên")), "the absent are told and stay");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_row_holds_the_file_back_unless_it_may_be_skipped() {
    on_both(|| vec![people::room(), crate::room()], async |app| {
        let before = rows(&app).await;
        let path = file(
            &app,
            "bad.csv",
            "Họ và tên,Ngày sinh,Số thẻ\nĐinh Văn Một,1/1/1960,001060000001\nĐinh Văn Hai,30/2/1961,001061000002\n",
        );
        let mut options = into("cell-a");
        let held = take(&app, &path, &options).await;
        assert_eq!(outcomes(&held), ["refused", "refused"]);
        assert!(held.entries[0].message.contains("còn 1 dòng"), "{}", held.entries[0].message);
        assert!(held.entries[1].message.contains("30/2/1961"), "{}", held.entries[1].message);
        assert_eq!(rows(&app).await, before);

        options.common.dry_run = true;
        assert_eq!(outcomes(&take(&app, &path, &options).await), ["added", "refused"]);
        assert_eq!(rows(&app).await, before, "a dry run writes nothing");

        options.common.dry_run = false;
        options.common.skip_bad = true;
        assert_eq!(outcomes(&take(&app, &path, &options).await), ["added", "refused"]);
        assert_eq!(rows(&app).await[0], before[0] + 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_card_number_in_two_rows_refuses_both_with_their_lines() {
    on_both(|| vec![people::room(), crate::room()], async |app| {
        let path = file(
            &app,
            "twice.csv",
            "Họ và tên,Ngày sinh,Số thẻ\nĐinh Văn Một,1/1/1960,001060000001\nĐinh Văn Hai,2/1/1961,001060000001\n\
             Đinh Văn Ba,2/1/1962,001062000003\nĐinh Văn Ba,2/1/1962,001062000003\n",
        );
        let mut options = into("T-cell-b");
        options.common.skip_bad = true;
        let report = take(&app, &path, &options).await;
        assert_eq!(outcomes(&report), ["refused", "refused", "added", "duplicate"]);
        assert!(report.entries[0].message.ends_with("dòng 3."), "{}", report.entries[0].message);
        assert!(report.entries[1].message.ends_with("dòng 2."), "{}", report.entries[1].message);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_empty_is_filled_and_what_is_there_is_not_overwritten_in_silence() {
    on_both(|| vec![people::room(), crate::room()], async |app| {
        let first = file(&app, "1.csv", "Mã đảng viên,Họ và tên,Ngày sinh,SĐT\nM1,Đinh Văn Một,1960,0912345678\n");
        assert_eq!(outcomes(&take(&app, &first, &into("cell-a")).await), ["added"]);
        let filled = file(&app, "2.csv", "Mã đảng viên,Họ và tên,Ngày sinh,Quê quán,Số thẻ\nM1,Đinh Văn Một,3/1960,Làng Vân,001060000001\n");
        let report = take(&app, &filled, &into("cell-a")).await;
        assert_eq!(outcomes(&report), ["updated"]);
        assert!(report.entries[0].message.contains("Quê quán"), "{}", report.entries[0].message);
        assert_eq!(
            text(&app, "select birth_on || ' ' || home_town from people_member where external_id = 'M1'").await,
            "1960-03 Làng Vân"
        );
        let card = "select card_sealed from people_member where external_id = 'M1'";
        assert_eq!(number(&app, "card", card).await, "001060000001");
        assert_eq!(app.count("select count(*) from people_member_event where kind = 'member_imported'").await, 1);
        assert_eq!(app.count("select count(*) from audit_event where action = 'member.import' and about_member_id <> ''").await, 1);

        let other = file(&app, "3.csv", "Số thẻ,Họ và tên,SĐT,Quê quán\n001060000001,Đinh Văn Một,0987654321,Làng Hạ\n");
        let before = rows(&app).await;
        let refused = take(&app, &other, &into("cell-a")).await;
        assert_eq!(outcomes(&refused), ["refused"]);
        let message = &refused.entries[0].message;
        assert!(message.contains("“Làng Vân” → “Làng Hạ”"), "{message}");
        assert!(message.contains("“••••5678” → “••••4321”") && !message.contains("0987654321"), "{message}");
        assert_eq!(rows(&app).await, before);

        let accepted = RosterOptions { accept_changes: true, ..into("cell-a") };
        assert_eq!(outcomes(&take(&app, &other, &accepted).await), ["updated"]);
        assert_eq!(
            text(&app, "select home_town from people_member where external_id = 'M1'").await,
            "Làng Hạ"
        );
        let phone = "select phone_sealed from people_member where external_id = 'M1'";
        assert_eq!(number(&app, "phone", phone).await, "0987654321");
        let less = file(&app, "4.csv", "Mã đảng viên,Họ và tên,Năm sinh\nM1,Đinh Văn Một,1960\n");
        assert_eq!(outcomes(&take(&app, &less, &into("cell-a")).await), ["same"], "knowing less is no contradiction");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn name_and_birth_alone_are_a_conflict_and_a_transfer_is_no_import() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            let named = |birth: &str, more: &str, value: &str| {
                format!("Họ và tên,Ngày sinh{more}\nLương Thị Hoa,{birth}{value}\n")
            };
            let run = async |text: String, unit: &str| {
                let path = file(&app, "one.csv", text);
                let report = take(&app, &path, &into(unit)).await;
                (outcomes(&report)[0], report.entries[0].message.clone())
            };
            let (outcome, message) =
                run(named("19/5/1954", ",Quê quán", ",Làng Vân"), "cell-a").await;
            assert_eq!(outcome, "refused");
            assert!(message.contains("Chi bộ Tổ dân phố 1"), "{message}");
            assert_eq!(
                run(named("19/5/1954", "", ""), "cell-b").await.0,
                "refused",
                "elsewhere too"
            );
            assert_eq!(
                run(named("19/5/1954", "", ""), "cell-a").await.0,
                "same",
                "nothing new is said"
            );
            assert_eq!(
                run(named("1954", ",Quê quán", ",Làng Vân"), "cell-a")
                    .await
                    .0,
                "refused",
                "a year alone in the same cell"
            );
            assert_eq!(
                run(named("20/5/1954", "", ""), "cell-a").await.0,
                "added",
                "another birth is another person"
            );
        },
    )
    .await;
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            let path = file(&app, "1.csv", "Mã đảng viên,Họ và tên\nM1,Đinh Văn Một\n");
            take(&app, &path, &into("cell-a")).await;
            let moved = take(&app, &path, &into("cell-b")).await;
            assert_eq!(outcomes(&moved), ["refused"]);
            assert!(
                moved.entries[0].message.contains("chuyển sinh hoạt"),
                "{}",
                moved.entries[0].message
            );
            assert_eq!(
                app.count("select count(*) from people_placement where unit_id = 'cell-b'")
                    .await,
                3
            );
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_imports_only_within_reach_and_learns_nothing_beyond() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            let by = |actor: Actor| RosterOptions {
                by: Some(Arc::new(actor)),
                ..RosterOptions::default()
            };
            let path = file(
                &app,
                "e.csv",
                "Họ và tên,Mã đảng viên,Chi bộ\nĐinh Văn Một,M1,Chi bộ Tổ Toán\n",
            );
            assert_eq!(
                outcomes(&take(&app, &path, &RosterOptions::default()).await),
                ["added"]
            );
            let own = file(
                &app,
                "a.csv",
                "Họ và tên,Mã đảng viên,Chi bộ\nĐinh Văn Một,M1,Chi bộ Tổ dân phố 1\n",
            );
            let dry = RosterOptions {
                common: site::import::Options {
                    dry_run: true,
                    ..Default::default()
                },
                ..by(THU.actor())
            };
            // Somebody there has this code and this number, and somebody has neither: the answers are the same.
            let mut act = app.act().await;
            let known: (String,) = db::sql("select id from people_member where external_id = 'M1'")
                .one(act.on())
                .await
                .unwrap();
            let id = known.0.parse().unwrap();
            let card = Some("012345678901");
            people::store::set_numbers(&mut act, &id, card, None, None).await.unwrap();
            act.end().await.unwrap();
            let head = "Họ và tên,Mã đảng viên,Số thẻ đảng viên,Chi bộ\n";
            let there = file(&app, "t.csv", format!("{head}Đinh Văn Một,M1,012345678901,Chi bộ Tổ dân phố 1\n"));
            let nowhere = file(&app, "n.csv", format!("{head}Đinh Văn Một,M9,012345678909,Chi bộ Tổ dân phố 1\n"));
            let told = async |path: &std::path::Path| {
                let report = take(&app, path, &dry).await;
                let entry = report.entries.into_iter().next().unwrap();
                (entry.outcome, entry.message, entry.warnings, entry.changes.len())
            };
            assert_eq!(told(&there).await, told(&nowhere).await, "no oracle");
            let tried = "select count(*) from audit_event where action = 'roster.elsewhere' \
                and actor_id = 'thu' and diff_json like '%1%'";
            assert_eq!(app.count(tried).await, 1, "who tries codes leaves a line");
            assert_eq!(outcomes(&take(&app, &there, &by(THU.actor())).await), ["added"]);
            let apart = "select count(*) from people_member where external_id = 'M1' and card_sealed <> '' and card_mac = ''";
            assert_eq!(app.count(apart).await, 1, "written apart");
            let found = people::check(&app.site).await.unwrap();
            assert!(found.iter().any(|alarm| alarm.found == "Đinh Văn Một"), "{found:?}");
            // Who is within reach gets such a number apart as well.
            let mut act = app.act().await;
            let hoa = "hoa".parse().unwrap();
            people::store::set_external_id(&mut act, &hoa, "HOA1").await.unwrap();
            act.end().await.unwrap();
            let line = "Lương Thị Hoa,HOA1,012345678901,Chi bộ Tổ dân phố 1\n";
            let fills = file(&app, "f.csv", format!("{head}{line}"));
            assert_eq!(outcomes(&take(&app, &fills, &by(THU.actor())).await), ["updated"]);
            let hers = "select count(*) from people_member where id = 'hoa' and card_sealed <> '' and card_mac = ''";
            assert_eq!(app.count(hers).await, 1);
            let beside = take(&app, &path, &by(THU.actor())).await;
            assert_eq!(
                outcomes(&beside),
                ["refused"],
                "a unit beyond reach is not there"
            );
            for nobody in [LAN, HOA, TUAN] {
                let report = take(&app, &own, &by(nobody.actor())).await;
                assert_eq!(outcomes(&report), ["refused"], "{}", nobody.name);
            }
            let login = file(
                &app,
                "l.csv",
                "Họ và tên,Ngày sinh,Mã đảng viên,SĐT\nNguyễn Thị Lan,19/5/1954,LAN1,0912345678\n",
            );
            let mut act = app.act().await;
            people::store::set_external_id(&mut act, &"lan".parse().unwrap(), "LAN1")
                .await
                .unwrap();
            act.end().await.unwrap();
            let options = RosterOptions {
                accept_changes: true,
                unit: Some("cell-a".into()),
                ..by(THU.actor())
            };
            let report = take(&app, &login, &options).await;
            assert_eq!(
                outcomes(&report),
                ["refused"],
                "nobody takes over a secretary's sign-in by a list"
            );
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_changes_a_sign_in_only_where_its_sender_could_by_hand() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            let list = |phone: &str, home: &str| {
                let text = format!(
                    "Họ và tên,Ngày sinh,Mã đảng viên,SĐT,Quê quán\nĐinh Văn Một,1/2/1960,M1,{phone},{home}\n"
                );
                file(&app, "l.csv", &text)
            };
            let options = RosterOptions {
                accept_changes: true,
                unit: Some("cell-a".into()),
                by: Some(Arc::new(THU.actor())),
                ..RosterOptions::default()
            };
            let takes = async |phone: &str, home: &str| {
                outcomes(&take(&app, &list(phone, home), &options).await)
            };
            assert_eq!(takes("0912345671", "Làng Vân").await, ["added"]);
            let told = "select count(*) from notices_notice where kind = 'contact.changed'";
            assert_eq!(app.count(told).await, 0);
            assert_eq!(takes("0912345672", "Làng Vân").await, ["updated"]);
            assert_eq!(app.count(told).await, 1, "the owner is told");
            assert_eq!(takes("0912345672", "Làng Hạ").await, ["updated"]);
            assert_eq!(app.count(told).await, 1, "of nothing else");
            // Introduced into a cell of another committee: holding no right, yet not Thu's alone.
            let id = text(&app, "select id from people_member where external_id = 'M1'").await;
            let other = "cell-e".parse().unwrap();
            let mut there =
                people::store::NewPlacement::official(&id.parse().unwrap(), &other, app.today());
            there.kind = people::fact::Placement::Temporary;
            let mut act = app.act().await;
            people::store::add_placement(&mut act, &there).await.unwrap();
            act.end().await.unwrap();
            assert_eq!(takes("0912345673", "Làng Hạ").await, ["refused"]);
            assert_eq!(takes("0912345672", "Làng Vân").await, ["updated"]);
            assert_eq!(app.count(told).await, 1);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headings_place_the_rows_below_and_old_fonts_are_converted() {
    on_sqlite(|| vec![people::room(), crate::room()], async |app| {
        let path = file(
            &app,
            "s.csv",
            "STT,Họ tên,Năm sinh\nI. CHI BỘ TỔ DÂN PHỐ 1,,\n1,Nguy\u{d4}n Th\u{de} Trang,1961\nII,Chi bộ Tổ dân phố 2,\n\
             1,D\u{ad}\u{ac}ng Thu T\u{f3},1962\nIII. Chi bộ Không Có,,\n1,Trần Văn Bơ,1963\n",
        );
        let mut options = RosterOptions::default();
        options.common.skip_bad = true;
        let report = take(&app, &path, &options).await;
        assert_eq!(outcomes(&report), ["added", "added", "refused"], "{:?}", report.entries);
        assert_eq!(text(&app, "select p.unit_id from people_placement p join people_member m on m.id = p.member_id where m.name = 'Nguyễn Thị Trang'").await, "cell-a");
        assert_eq!(text(&app, "select p.unit_id from people_placement p join people_member m on m.id = p.member_id where m.name = 'Dương Thu Tú'").await, "cell-b");
        assert!(report.entries[2].message.contains("Không Có"), "{}", report.entries[2].message);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_lists_are_refused_with_a_sentence() {
    on_sqlite(
        || vec![people::room(), crate::room()],
        async |app| {
            let before = rows(&app).await;
            for (name, bytes, word) in [
                ("empty.csv", &b""[..], "Tệp trống"),
                (
                    "page.csv",
                    b"<html><body>x</body></html>",
                    "không phải bảng tính",
                ),
                ("broken.xlsx", b"PK\x03\x04not a zip at all", ""),
                (
                    "other.csv",
                    "Giống cây,Diện tích\nLúa,3\n".as_bytes(),
                    "dòng tiêu đề",
                ),
                (
                    "near.csv",
                    "Họ và tem,Ngày sinh,Số thẻ\nAn,1960,1\n".as_bytes(),
                    "Họ và tem",
                ),
                (
                    "any.csv",
                    "ID,Name,Colour\n1,North,red\n".as_bytes(),
                    "dòng tiêu đề",
                ),
                (
                    "bare.csv",
                    "Họ và tên,Ngày sinh\n".as_bytes(),
                    "không có dòng dữ liệu",
                ),
            ] {
                let path = file(&app, name, bytes);
                let report = take(&app, &path, &into("cell-a")).await;
                assert_eq!(outcomes(&report), ["refused"], "{name}");
                let message = &report.entries[0].message;
                assert!(
                    message.contains(word) && !message.contains('⟦'),
                    "{name}: {message}"
                );
            }
            let there = file(&app, "x.csv", "Họ và tên\nAn Văn Bình\n");
            for (unit, word) in [
                ("no such", "no such"),
                ("committee", "Không biết đảng viên"),
            ] {
                let report = take(&app, &there, &into(unit)).await;
                assert!(
                    report.entries[0].message.contains(word),
                    "{}",
                    report.entries[0].message
                );
            }
            let mapping = file(&app, "m.toml", "name = 'Bí danh'\n");
            let mut options = into("cell-a");
            options.common.mapping = Some(mapping);
            let report = take(&app, &there, &options).await;
            assert!(
                report.entries[0].message.contains("Bí danh"),
                "{}",
                report.entries[0].message
            );
            assert_eq!(rows(&app).await, before);
        },
    )
    .await;
}

/// A workbook of one sheet: rows of cells, dates as serial numbers with a date format.
fn xlsx(path: &Path, rows: &str, after: &str) {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    for (name, text) in [
        (
            "[Content_Types].xml",
            format!("<Types xmlns='{package}/content-types'/>"),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns='{package}/relationships'><Relationship Id='a' Type='{office}/officeDocument' Target='xl/workbook.xml'/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns='{main}' xmlns:r='{office}'><sheets><sheet name='Một' sheetId='1' r:id='a'/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns='{package}/relationships'><Relationship Id='a' Type='{office}/worksheet' Target='worksheets/sheet1.xml'/><Relationship Id='b' Type='{office}/styles' Target='styles.xml'/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns='{main}'><cellXfs count='2'><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns='{main}'><sheetData>{rows}</sheetData>{after}</worksheet>"),
        ),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_with_merged_headers_and_date_cells_is_previewed_then_taken() {
    on_both(|| vec![people::room(), crate::room()], async |app| {
        let path = app.folder.path().join("ds.xlsx");
        let cell = |place: &str, text: &str| format!("<c r='{place}' t='inlineStr'><is><t>{text}</t></is></c>");
        let sheet = format!(
            "<row r='1'>{}</row><row r='3'>{}{}{}</row><row r='4'>{}{}</row><row r='5'>{}<c r='B5' s='1'><v>19863</v></c><c r='C5'><v>1981</v></c></row>",
            cell("A1", "DANH SÁCH"),
            cell("A3", "Họ và tên"),
            cell("B3", "Ngày sinh"),
            cell("C3", "Ngày vào Đảng"),
            cell("C4", "Dự bị"),
            cell("D4", "Chính thức"),
            cell("A5", "Đinh Văn Một"),
        );
        let merged = "<mergeCells count='4'><mergeCell ref='A1:D1'/><mergeCell ref='A3:A4'/><mergeCell ref='B3:B4'/><mergeCell ref='C3:D3'/></mergeCells>";
        xlsx(&path, &sheet, merged);
        let mut dry = into("cell-a");
        dry.common.dry_run = true;
        let seen = take(&app, &path, &dry).await;
        assert_eq!(outcomes(&seen), ["added"]);
        let columns: Vec<&str> = seen.columns.iter().map(|(header, _)| header.as_str()).collect();
        assert_eq!(columns, ["Họ và tên", "Ngày sinh", "Ngày vào Đảng / Dự bị", "Ngày vào Đảng / Chính thức"]);
        assert_eq!(seen.entries[0].source.rsplit(':').next(), Some("5"));
        let unit = seen.entries[0].changes.last().unwrap();
        assert_eq!(unit.new, "Chi bộ Tổ dân phố 1");
        assert_eq!(app.count("select count(*) from people_member where name = 'Đinh Văn Một'").await, 0);
        assert_eq!(outcomes(&take(&app, &path, &into("cell-a")).await), ["added"]);
        assert_eq!(text(&app, "select birth_on || ' ' || ceremony_on from people_member where name = 'Đinh Văn Một'").await, "1954-05-19 1981");
    })
    .await;
}

/// Stops before the first write.
struct Stopper;
impl Progress for Stopper {
    fn is_stopped(&self) -> bool {
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_leaves_nothing_behind() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            let before = rows(&app).await;
            let path = file(&app, "x.csv", "Họ và tên,Năm sinh\nAn Văn Bình,1950\n");
            let report = roster(&app.site, &path, &into("cell-a"), &mut Stopper)
                .await
                .unwrap();
            assert!(report.stopped);
            assert_eq!(rows(&app).await, before);
            assert_eq!(
                outcomes(&take(&app, &path, &into("cell-a")).await),
                ["added"]
            );
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rows_go_in_together_and_are_found_by_name() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            let mut list = String::from("Họ và tên,Ngày sinh,Số thẻ,Chi bộ\n");
            for nth in 0..350 {
                let (day, year) = (nth % 28 + 1, 1950 + nth % 50);
                list.push_str(&format!(
                    "Đinh Văn Số,{day}/3/{year},{:012},Chi bộ Tổ dân phố {}\n",
                    1_000 + nth,
                    nth % 2 + 1
                ));
            }
            let path = file(&app, "many.csv", list);
            let report = take(&app, &path, &RosterOptions::default()).await;
            assert_eq!(report.count(Outcome::Added), 350);
            assert_eq!(
                app.count("select count(*) from people_name_word where word = 'dinh'")
                    .await,
                350
            );
            assert_eq!(people::check(&app.site).await.unwrap(), []);
            let id: MemberId = report.entries[349].id.parse().unwrap();
            assert_eq!(
                people::member::name(&app.site, &id).await.unwrap(),
                "Đinh Văn Số"
            );
            let sealed: (String,) = db::sql("select card_sealed from people_member where id = $1")
                .bind(&id)
                .one(app.site.db.read())
                .await
                .unwrap();
            assert_eq!(
                app.site
                    .keys
                    .open_at(people::number::spot(people::number::CARD, &id), &sealed.0)
                    .unwrap(),
                format!("{:012}", 1_349)
            );
            assert_eq!(
                take(&app, &path, &RosterOptions::default())
                    .await
                    .count(Outcome::Same),
                350
            );
        },
    )
    .await;
}

async fn grow(app: &TestApp, text: &str, options: &UnitsOptions) -> Report {
    let path = file(app, "units.csv", text);
    units(&app.site, &path, options, &mut Quiet)
        .await
        .unwrap_or_else(|error| panic!("{}", error.log_text()))
}

#[tokio::test(flavor = "multi_thread")]
async fn units_come_in_any_order_and_twice_is_the_same() {
    on_both(|| vec![people::room(), crate::room()], async |app| {
        let list = "Mã,Tên tổ chức đảng,Loại hình,Trực thuộc,Ngày thành lập\n\
            N1.1,Chi bộ Thôn Trong,chi bộ,N1,\n\
            N1,Đảng bộ Xã Mới,đảng bộ cơ sở,Đảng bộ Khối Thử Nghiệm,15/1/2020\n\
            ,Tổ đảng Số 1,,N1.1,\n";
        let report = grow(&app, list, &UnitsOptions::default()).await;
        assert_eq!(outcomes(&report), ["added", "added", "added"], "{:?}", report.entries);
        assert_eq!(text(&app, "select founded_on from people_unit where code = 'N1'").await, "2020-01-15");
        assert_eq!(text(&app, "select kind from people_unit where name = 'Tổ đảng Số 1'").await, "group");
        assert_eq!(people::check(&app.site).await.unwrap(), []);
        let after = rows(&app).await;
        assert_eq!(outcomes(&grow(&app, list, &UnitsOptions::default()).await), ["same", "same", "same"]);
        assert_eq!(rows(&app).await, after);

        let renamed = "Mã,Tên tổ chức đảng,Loại hình,Trực thuộc\nN1.1,Chi bộ Thôn Ngoài,chi bộ,N1\n";
        let refused = grow(&app, renamed, &UnitsOptions::default()).await;
        assert_eq!(outcomes(&refused), ["refused"]);
        assert!(refused.entries[0].message.contains("“Chi bộ Thôn Trong” → “Chi bộ Thôn Ngoài”"), "{}", refused.entries[0].message);
        let accepted = UnitsOptions { accept_changes: true, ..UnitsOptions::default() };
        assert_eq!(outcomes(&grow(&app, renamed, &accepted).await), ["updated"]);
        app.later(3 * 86_400_000);
        let back = "Mã,Tên tổ chức đảng,Loại hình,Trực thuộc\nN1.1,Chi bộ Thôn Trong,chi bộ,N1\n";
        assert_eq!(outcomes(&grow(&app, back, &accepted).await), ["updated"]);
        assert_eq!(app.count("select count(*) from people_unit_version v join people_unit u on u.id = v.unit_id where u.code = 'N1.1'").await, 2);
        assert_eq!(people::check(&app.site).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_units_gives_no_code_twice_and_puts_no_kind_where_the_form_would_not() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            // What stands below `other` lies beyond Thu's reach; only that its code is taken is told.
            let far =
                "Mã,Tên tổ chức đảng,Loại hình,Trực thuộc\n90.001,Chi bộ Ở Xa,chi bộ,T-other\n";
            let far = grow(&app, far, &UnitsOptions::default()).await;
            assert_eq!(outcomes(&far), ["added"]);
            let options = UnitsOptions {
                by: Some(THU.actor().into()),
                ..UnitsOptions::default()
            };
            let list = "Mã,Tên tổ chức đảng,Loại hình,Trực thuộc\n\
            90001,Chi bộ Mã Trùng,chi bộ,T-committee\n\
            N9,Đảng bộ Lạc Chỗ,đảng bộ cấp trên cơ sở,T-committee\n";
            let report = grow(&app, list, &options).await;
            assert_eq!(outcomes(&report), ["refused"; 2], "{:?}", report.entries);
            assert!(report.entries[0].message.contains("của một tổ chức khác"));
            assert!(
                report.entries[1].message.contains("không đứng dưới"),
                "{}",
                report.entries[1].message
            );
            assert_eq!(people::check(&app.site).await.unwrap(), []);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn circles_unknown_parents_and_moves_are_refused_row_by_row() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            let before = rows(&app).await;
            let list = "Mã,Tên,Trực thuộc\n\
            A,Đảng bộ A,B\n\
            B,Đảng bộ B,A\n\
            C,Chi bộ C,A\n\
            D,Chi bộ D,Đảng bộ Khối Thử Nghiệmm\n\
            T-cell-a,Chi bộ Tổ dân phố 1,T-other\n\
            G,Chi bộ G,T-other\n";
            let report = grow(&app, list, &UnitsOptions::default()).await;
            assert_eq!(outcomes(&report), ["refused"; 6]);
            let says = |nth: usize, word: &str| {
                assert!(
                    report.entries[nth].message.contains(word),
                    "{}",
                    report.entries[nth].message
                )
            };
            says(0, "vòng quanh");
            says(1, "vòng quanh");
            says(3, "Đảng bộ Khối Thử Nghiệm");
            says(4, "chuyển giao");
            says(5, "Chưa ghi");
            assert!(!report.entries[2].message.is_empty());
            assert_eq!(rows(&app).await, before);
            let mut options = UnitsOptions::default();
            options.common.skip_bad = true;
            assert_eq!(grow(&app, list, &options).await.count(Outcome::Added), 1);
            let under = UnitsOptions {
                under: Some("T-other".into()),
                ..UnitsOptions::default()
            };
            let bare = grow(&app, "Tên,Loại\nChi bộ Tổ Văn,chi bộ\n", &under).await;
            assert_eq!(outcomes(&bare), ["added"]);
            assert_eq!(
                text(
                    &app,
                    "select parent_id from people_unit where name = 'Chi bộ Tổ Văn'"
                )
                .await,
                "other"
            );
        },
    )
    .await;
}

#[test]
fn every_sentence_that_is_used_is_written_in_both_languages() {
    let sources = [
        include_str!("lib.rs"),
        include_str!("importer.rs"),
        include_str!("posts.rs"),
        include_str!("rows.rs"),
        include_str!("posts.rs"),
        include_str!("roster.rs"),
        include_str!("table.rs"),
        include_str!("undo.rs"),
        include_str!("units.rs"),
        include_str!("matching.rs"),
        include_str!("values.rs"),
    ];
    let mut used = std::collections::BTreeSet::new();
    for source in sources {
        for part in source.split("\"rosters-").skip(1) {
            used.insert(format!("rosters-{}", part.split('"').next().unwrap()));
        }
    }
    for texts in [
        include_str!("../text/vi.ftl"),
        include_str!("../text/en.ftl"),
    ] {
        let defined: std::collections::BTreeSet<String> = texts
            .lines()
            .filter_map(|line| line.split_once(" = "))
            .map(|(key, _)| key.to_owned())
            // Words of the log (`did-…`) have a test of their own.
            .filter(|key| key.starts_with("rosters-"))
            .collect();
        assert_eq!(
            used.difference(&defined).collect::<Vec<_>>(),
            Vec::<&String>::new()
        );
        assert_eq!(
            defined.difference(&used).collect::<Vec<_>>(),
            Vec::<&String>::new()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_upload_page_of_a_unit_is_there_for_who_prepares_imports_and_sets_the_unit() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            let room = crate::room();
            let roster = &room.importers[0];
            let may = |who, unit: &str| {
                (roster.may)(
                    app.site.clone(),
                    Arc::new(app.signed_in(who)),
                    unit.to_owned(),
                )
            };
            let place = may(THU, "cell-a").await.unwrap();
            assert_eq!(place.set["unit"], "cell-a");
            assert!(may(HOA, "cell-a").await.is_err(), "a plain member");
            assert!(may(THU, "nowhere").await.is_err(), "no unit");
            let path = file(&app, "1.csv", "Mã đảng viên,Họ và tên\nM1,Đinh Văn Một\n");
            let wish = |dry_run| site::room::ImportWish {
                by: None,
                lang: web::Lang::Vi,
                operation: "test".to_owned(),
                path: path.clone(),
                dry_run,
                set: place.set.clone(),
                decided: Default::default(),
                run: None,
            };
            for (dry_run, there) in [(true, 0), (false, 1)] {
                let report = (roster.run)(app.site.clone(), wish(dry_run), Box::new(Quiet)).await;
                assert_eq!(outcomes(&report.unwrap()), ["added"]);
                let count = "select count(*) from people_member where external_id = 'M1'";
                assert_eq!(app.count(count).await, there);
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_speaks_the_language_that_was_wished_for_and_keeps_what_it_keeps_in_vietnamese() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            let list = "Họ và tên,Giới tính,Ngày sinh\nĐỗ Thị Mới,Nữ,1/1/1990\n,,1/1/1990\n";
            let path = file(&app, "moi.csv", list);
            for (lang, sex, refusal) in [
                (web::Lang::En, "Female", "This row has no name."),
                (web::Lang::Vi, "Nữ", "Dòng này không có họ tên."),
            ] {
                let options = RosterOptions {
                    common: site::import::Options {
                        dry_run: true,
                        lang,
                        ..Default::default()
                    },
                    ..into("cell-a")
                };
                let report = take(&app, &path, &options).await;
                assert_eq!(outcomes(&report), ["added", "refused"]);
                let shown = &report.entries[0].changes;
                assert!(shown.iter().any(|change| change.new == sex), "{shown:?}");
                let label = app.site.edge.texts.get(lang, "rosters-field-name");
                assert_eq!(shown[0].label, label);
                assert_eq!(report.entries[1].message, refusal);
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_admitted_within_a_year_is_on_probation_whatever_columns_the_file_has() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            let list = "Họ và tên,Ngày vào Đảng\nĐỗ Thị Mới,01/11/2026\nĐỗ Thị Cũ,01/11/2025\n";
            let path = file(&app, "moi.csv", list);
            let report = take(&app, &path, &into("cell-a")).await;
            assert_eq!(outcomes(&report), ["added", "added"]);
            let status = "select count(*) from people_member where name = 'Đỗ Thị Mới' and status = 'probationary'";
            assert_eq!(app.count(status).await, 1);
            let status = "select count(*) from people_member where name = 'Đỗ Thị Cũ' and status = 'full'";
            assert_eq!(app.count(status).await, 1);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_the_code_of_a_merged_record_finds_the_one_that_stays() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            use kernel::Role;
            app.has_post(
                testkit::MINH,
                "Phó bí thư",
                Role::CommitteeLead,
                "committee",
            )
            .await;
            let head = "Họ và tên,Mã đảng viên,Ngày sinh,Quê quán\n";
            let first = file(
                &app,
                "1.csv",
                format!("{head}Đinh Văn Một,M1,19/5/1960,Làng Vân\n"),
            );
            let second = file(
                &app,
                "2.csv",
                "Họ và tên,Mã đảng viên,Ngày sinh,Quê quán,Số thẻ\nĐinh Văn Mốt,M2,19/5/1960,Làng Hạ,888888888801\n",
            );
            assert_eq!(
                outcomes(&take(&app, &first, &into("cell-a")).await),
                ["added"]
            );
            assert_eq!(
                outcomes(&take(&app, &second, &into("cell-a")).await),
                ["added"]
            );
            let one = text(
                &app,
                "select id from people_member where external_id = 'M1'",
            )
            .await;
            let two = text(
                &app,
                "select id from people_member where external_id = 'M2'",
            )
            .await;
            let thu = app.as_(THU);
            let path = format!("/members/{one}/merging");
            let page = thu.get(&format!("{path}?with={two}")).await.expects(200);
            let mut names = page.attributes("form[data-ask] input[type=radio]", "name");
            names.dedup();
            let mut typed = vec![("with", two.as_str()), ("reason", "Đã đối chiếu")];
            typed.extend(names.iter().map(|name| (name.as_str(), one.as_str())));
            thu.post(&path, &typed).await.expects(303);
            let minh = people::actor::load(&app.site, &"minh".parse().unwrap())
                .await
                .unwrap();
            for open in site::four_eyes::list_open(&app.site, &minh).await.unwrap() {
                let yes = approvals::Decision::Approved;
                let (id, hash) = (&open.id, open.payload_hash.as_str());
                site::four_eyes::decide(&app.site, "test", &minh, id, hash, yes, "")
                    .await
                    .unwrap();
            }
            // The list still has the old code and the old name: it is the same person, and only what differs is asked.
            let before = app.count("select count(*) from people_member").await;
            let report = take(&app, &second, &into("cell-a")).await;
            assert_eq!(outcomes(&report), ["refused"], "the home town differs");
            let message = &report.entries[0].message;
            assert!(
                message.contains("Làng Vân") && !message.contains("M2"),
                "{message}"
            );
            let same = file(
                &app,
                "3.csv",
                format!("{head}Đinh Văn Mốt,M2,19/5/1960,Làng Vân\n"),
            );
            assert_eq!(
                outcomes(&take(&app, &same, &into("cell-a")).await),
                ["same"]
            );
            // The old card number with the old name as well; with another name it is somebody else's.
            let head = "Họ và tên,Ngày sinh,Quê quán,Số thẻ\n";
            let card = format!("{head}Đinh Văn Mốt,19/5/1960,Làng Vân,888888888801\n");
            let card = file(&app, "4.csv", card);
            assert_eq!(outcomes(&take(&app, &card, &into("cell-a")).await), ["same"]);
            assert_eq!(
                app.count("select count(*) from people_member").await,
                before
            );
            let other = format!("{head}Trần Thị Khác,1/1/1970,Làng Vân,888888888801\n");
            let other = file(&app, "5.csv", other);
            assert_eq!(outcomes(&take(&app, &other, &into("cell-a")).await), ["added"]);
            assert_eq!(people::check(&app.site).await.unwrap(), []);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_namesake_elsewhere_it_is_said_that_two_records_can_be_merged_and_no_second_code_is_asked_for()
 {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            let one = "Họ và tên,Ngày sinh\nĐinh Văn Một,19/5/1960\n";
            let one = file(&app, "1.csv", one);
            assert_eq!(
                outcomes(&take(&app, &one, &into("cell-a")).await),
                ["added"]
            );
            for (head, row, asks) in [
                ("Họ và tên,Ngày sinh", "Đinh Văn Một,19/5/1960", true),
                (
                    "Họ và tên,Ngày sinh,Mã đảng viên",
                    "Đinh Văn Một,19/5/1960,M7",
                    false,
                ),
            ] {
                let path = file(&app, "2.csv", format!("{head}\n{row}\n"));
                let report = take(&app, &path, &into("cell-b")).await;
                let message = &report.entries[0].message;
                assert!(message.contains("Có thể trùng"), "{message}");
                assert_eq!(
                    message.contains("thêm mã") || message.contains("Thêm mã"),
                    asks,
                    "{message}"
                );
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_several_people_asks_the_name_and_nobody_is_written_over() {
    on_both(
        || vec![people::room(), crate::room()],
        async |app| {
            let head = "Họ và tên,Mã đảng viên,Ngày sinh,Địa chỉ\n";
            let accept = RosterOptions {
                accept_changes: true,
                ..into("cell-a")
            };
            let name = "select name from people_member where id = 'minh'";
            let (was, address) = (
                text(&app, name).await,
                "select residence from people_member where id = 'minh'",
            );
            let thu = app.as_(THU);
            let code = |code: &'static str, on: &'static str| {
                [("scheme", "national"), ("code", code), ("from_on", on)]
            };
            // Minh alone had it: a row with another name and birth is not written over him.
            app.is_called(testkit::MINH, "Trần Văn Minh", "1960-01-01")
                .await;
            thu.post("/members/minh/codes", &code("QG-88.2", "01/3/2025"))
                .await
                .expects(303);
            let row = format!("{head}Lương Thị Hoa,QG-88.2,19/5/1954,Số 5 phố Khác\n");
            let list = file(&app, "1.csv", row);
            let report = take(&app, &list, &accept).await;
            assert_eq!(outcomes(&report), ["refused"], "{:?}", report.entries);
            // Nor with another name and no birth at all.
            let bare = file(
                &app,
                "2.csv",
                "Họ và tên,Mã đảng viên,Địa chỉ\nLương Thị Hoa,QG-88.2,Số 5 phố Khác\n",
            );
            assert_eq!(outcomes(&take(&app, &bare, &accept).await), ["refused"]);
            // It was his, and is Hoa's now: her name and birth say which.
            thu.post("/members/minh/codes", &code("", "01/4/2025"))
                .await
                .expects(303);
            thu.post("/members/hoa/codes", &code("QG-88.2", "01/4/2025"))
                .await
                .expects(303);
            let report = take(&app, &list, &accept).await;
            assert_eq!(outcomes(&report), ["updated"], "{:?}", report.entries);
            assert_eq!(report.entries[0].id, "hoa");
            assert_eq!(text(&app, name).await, was);
            assert_eq!(text(&app, address).await, "");
            // A row that is neither of them is not taken for one.
            let third = file(
                &app,
                "3.csv",
                format!("{head}Trần Văn Ba,QG-88.2,2/2/1970,Số 6\n"),
            );
            let members = app.count("select count(*) from people_member").await;
            let report = take(&app, &third, &accept).await;
            assert_eq!(outcomes(&report), ["refused"]);
            assert!(
                report.entries[0].message.contains("nhiều người"),
                "{}",
                report.entries[0].message
            );
            assert_eq!(
                app.count("select count(*) from people_member").await,
                members
            );
            // Whoever had it is still found by it, with the own name.
            let his = file(&app, "4.csv", format!("{head}{was},QG-88.2,1/1/1960,\n"));
            assert_eq!(outcomes(&take(&app, &his, &accept).await), ["same"]);
            assert_eq!(people::check(&app.site).await.unwrap(), []);
        },
    )
    .await;
}
