//! What people type and what their spreadsheets make of it: nothing is swallowed, nothing is lost unsaid.

use super::*;
use std::io::Write as _;

/// An XLSX of one sheet with these rows; style 1 shows four digits, style 2 a date.
fn xlsx(app: &TestApp, name: &str, rows: &str, after: &str) -> PathBuf {
    let path = app.folder.path().join(name);
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    for (part, text) in [
        (
            "[Content_Types].xml",
            format!("<Types xmlns='{package}/content-types'/>"),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns='{package}/relationships'><Relationship Id='r1' Type='{rel}/officeDocument' Target='xl/workbook.xml'/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns='{main}' xmlns:r='{rel}'><sheets><sheet name='DS' sheetId='1' r:id='r1'/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns='{package}/relationships'><Relationship Id='r1' Type='{rel}/worksheet' Target='worksheets/sheet1.xml'/><Relationship Id='r2' Type='{rel}/styles' Target='styles.xml'/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns='{main}'><numFmts count='1'><numFmt numFmtId='164' formatCode='0000'/></numFmts><cellXfs count='3'><xf numFmtId='0'/><xf numFmtId='164'/><xf numFmtId='14'/></cellXfs></styleSheet>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns='{main}'><sheetData>{rows}</sheetData>{after}</worksheet>"),
        ),
    ] {
        zip.start_file(part, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    path
}

/// A row of texts; what begins with `<` is a cell as it stands in the sheet.
fn row(number: usize, hidden: &str, cells: &[&str]) -> String {
    let mut out = format!("<row r='{number}'{hidden}>");
    for (nth, cell) in cells.iter().enumerate() {
        let place = format!("{}{number}", intake::columns::letters_of_column(nth));
        match cell.strip_prefix('<') {
            Some(cell) => out += &format!("<c r='{place}' {cell}</c>"),
            None => out += &format!("<c r='{place}' t='inlineStr'><is><t>{cell}</t></is></c>"),
        }
    }
    out + "</row>"
}

const HEAD: &str = "Họ và tên,Ngày sinh,Mã đảng viên,Nơi ở hiện nay\n";

async fn list(app: &TestApp, text: &str) -> Report {
    let path = file(app, "go.csv", text);
    take(app, &path, &into("cell-a")).await
}

fn said(report: &Report) -> String {
    let entries = report.entries.iter();
    let mut all: Vec<String> = entries
        .map(|entry| format!("{} {}", entry.message, entry.warnings.join(" ")))
        .collect();
    all.insert(0, outcomes(report).join(" "));
    all.join("\n")
}

async fn is_kept(app: &TestApp, what: &str) -> bool {
    let row: (i64,) = db::sql(
        "select count(*) from people_member where name || '|' || birth_on || '|' || external_id || '|' || residence = $1",
    )
    .bind(what)
    .one(app.site.db.read())
    .await
    .unwrap();
    row.0 == 1
}

macro_rules! story {
    ($name:ident, $app:ident, $body:block) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            on_both(|| vec![people::room(), crate::room()], async |$app| $body).await;
        }
    };
}

story!(a_name_over_two_columns_keeps_both, app, {
    let csv = "Mã đảng viên,Họ và tên,,Ngày sinh\nW1,Vũ Thị,Xuân,20/05/1955\nW2,Vũ Văn,Thu,\n";
    let report = list(&app, csv).await;
    assert_eq!(outcomes(&report), ["added", "added"], "{}", said(&report));
    assert!(is_kept(&app, "Vũ Thị Xuân|1955-05-20|W1|").await);
    let merged = "<mergeCells count='1'><mergeCell ref='B1:C1'/></mergeCells>";
    for (file, after, code) in [("1.xlsx", merged, "X1"), ("2.xlsx", "", "X2")] {
        let rows = row(1, "", &["Mã đảng viên", "Họ và tên", "", "Ngày sinh"])
            + &row(2, "", &[code, "Đặng Thị", "Hạ", "20/05/1955"]);
        let path = xlsx(&app, file, &rows, after);
        let mut options = into("cell-a");
        options.common.dry_run = true;
        let report = take(&app, &path, &options).await;
        let shown = &report.entries[0].changes[0];
        assert_eq!(shown.new, "Đặng Thị Hạ", "{}", said(&report));
    }
    // A column of remarks beside the name is none of it.
    let csv = "Mã đảng viên,Họ và tên,,Ngày sinh\nW3,Vũ Thị Đông,(xem 2),20/05/1955\n";
    let report = list(&app, csv).await;
    assert!(is_kept(&app, "Vũ Thị Đông|1955-05-20|W3|").await);
    assert!(
        said(&report).contains("Cột C không có tiêu đề"),
        "{}",
        said(&report)
    );
});

story!(
    a_given_name_of_its_own_column_is_not_dropped_nor_doubled,
    app,
    {
        let csv = "Họ và tên,Tên,Mã đảng viên\nNguyễn Thanh,Anh,N1\nLê Anh,Anh,N2\nĐỗ Văn,Tư,N3\n";
        let report = list(&app, csv).await;
        assert_eq!(outcomes(&report), ["added"; 3], "{}", said(&report));
        for name in ["Nguyễn Thanh Anh||N1|", "Lê Anh Anh||N2|", "Đỗ Văn Tư||N3|"] {
            assert!(is_kept(&app, name).await, "{name}");
        }
        let csv = "Họ và tên,Tên,Mã đảng viên\nHồ Thanh Bảo,Bảo,N4\nHồ Thị Cúc,Cúc,N5\n";
        assert_eq!(outcomes(&list(&app, csv).await), ["added"; 2]);
        assert!(is_kept(&app, "Hồ Thanh Bảo||N4|").await);
        // One row among those that repeat it does not: it would lose its given name.
        let csv = "Họ và tên,Tên,Mã đảng viên\nHồ Thanh Dần,Dần,N6\nHồ Thị Én,Én,N7\n\
            Trần Thị,Cúc,N8\nHỒ VĂN GẤM,Gấm,N9\nHồ Văn Hôi,Hội,N10\n";
        let report = list(&app, csv).await;
        assert_eq!(outcomes(&report), ["added"; 5], "{}", said(&report));
        for name in [
            "Hồ Thanh Dần||N6|",
            "Hồ Thị Én||N7|",
            "Trần Thị Cúc||N8|",
            "Hồ Văn Gấm||N9|",
            "Hồ Văn Hôi||N10|",
        ] {
            assert!(is_kept(&app, name).await, "{name}");
        }
        let warned = |nth: usize| report.entries[nth].warnings.join(" ");
        assert!(
            warned(2).contains("ghép thành “Trần Thị Cúc”"),
            "{}",
            warned(2)
        );
        for nth in [0, 1, 3, 4] {
            assert!(!warned(nth).contains("ghép thành"), "{}", warned(nth));
        }
    }
);

story!(a_year_before_anybody_lived_refuses_its_row, app, {
    let csv = "Họ và tên,Ngày sinh,Ngày vào Đảng,Mã đảng viên\nHồ Văn Một,19/05/1026,,E1\n\
        Hồ Văn Hai,19/05/1954,03/02/1929,E2\nHồ Văn Ba,1900,03/02/1930,E3\n";
    let mut options = into("cell-a");
    options.common.skip_bad = true;
    let path = file(&app, "early.csv", csv);
    let report = take(&app, &path, &options).await;
    assert_eq!(
        outcomes(&report),
        ["refused", "refused", "added"],
        "{}",
        said(&report)
    );
    assert!(
        report.entries[0].message.contains("1900"),
        "{}",
        said(&report)
    );
    assert!(
        report.entries[1].message.contains("1930"),
        "{}",
        said(&report)
    );
});

story!(
    a_quote_that_is_never_closed_refuses_the_file_and_names_the_row,
    app,
    {
        let before = rows(&app).await;
        let mut options = into("cell-a");
        options.common.skip_bad = true;
        let text = format!(
            "{HEAD}Đinh Văn Một,1960,K1,xóm 1\nĐinh Văn Hai,1961,K2,\"xóm 2\nĐinh Văn Ba,1962,K3,xóm 3\n"
        );
        let path = file(&app, "open.csv", text);
        let report = take(&app, &path, &options).await;
        assert_eq!(outcomes(&report), ["refused"]);
        assert!(said(&report).contains("dòng 3"), "{}", said(&report));
        assert_eq!(rows(&app).await, before);
    }
);

story!(
    a_stray_quote_and_cells_beyond_the_header_refuse_their_row,
    app,
    {
        let text = format!(
            "{HEAD}\"Đinh Văn Một\" ,1960,K1, \"xóm 1, xã A\"\nĐinh Văn Hai,1961,K2,xóm 2, xã B\nĐinh Văn Ba,1962,K3,\"xóm 3\" nhỏ\nĐinh Văn Bốn,1963,K4,\"xóm \"\"Đỏ\"\"\",,\n"
        );
        let path = file(&app, "stray.csv", text);
        let mut options = into("cell-a");
        options.common.skip_bad = true;
        let report = take(&app, &path, &options).await;
        assert_eq!(
            outcomes(&report),
            ["refused", "refused", "refused", "added"]
        );
        let message = |nth: usize| report.entries[nth].message.clone();
        assert!(message(0).contains("Dấu ngoặc kép"), "{}", message(0));
        assert!(message(1).contains("5 ô"), "{}", message(1));
        assert!(message(2).contains("Dấu ngoặc kép"), "{}", message(2));
        assert_eq!(report.entries[1].source, "stray.csv:3");
        assert!(is_kept(&app, "Đinh Văn Bốn|1963|K4|xóm \"Đỏ\"").await);
    }
);

story!(
    separators_quotes_over_lines_and_every_line_end_are_read,
    app,
    {
        let several = "Họ và tên;Ngày sinh;Mã đảng viên;Nơi ở hiện nay\nĐinh Văn Một;1960;S1;\"a,\nb,\nc,\nd\"\n\nĐinh Văn Hai;30/2/1961;S2;\n";
        let report = list(&app, several).await;
        assert_eq!(report.entries[1].source, "go.csv:7", "{}", said(&report));
        assert!(report.entries[1].message.contains("30/2/1961"));
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("{HEAD}\nLý Văn Xa,1960,E1,\"x\ny\"\n").replace('\n', end);
            let mut options = into("cell-a");
            options.common.dry_run = true;
            let report = take(&app, &file(&app, "end.csv", text), &options).await;
            assert_eq!(outcomes(&report), ["added"], "{end:?} {}", said(&report));
            assert_eq!(report.entries[0].source, "end.csv:3");
        }
    }
);

story!(an_error_of_the_spreadsheet_is_no_value, app, {
    let report = list(&app, &format!("{HEAD}Đinh Văn Một,1960,#N/A,#REF!\n")).await;
    assert_eq!(outcomes(&report), ["added"]);
    assert!(is_kept(&app, "Đinh Văn Một|1960||").await);
    let said = said(&report);
    assert!(said.contains("“Mã đảng viên”: ô báo lỗi #N/A"), "{said}");
    assert!(said.contains("“Nơi ở hiện nay”: ô báo lỗi #REF!"), "{said}");
});

story!(
    a_workbook_says_what_it_hides_and_what_it_has_not_worked_out,
    app,
    {
        let rows = row(1, "", &["Họ và tên", "Ngày sinh", "Mã đảng viên"])
            + &row(
                2,
                "",
                &["Đinh Văn Một", "<s='2'><v>19863</v>", "<s='1'><v>12</v>"],
            )
            + &row(
                3,
                " hidden='1'",
                &["Đinh Văn Hai", "<><f>B2</f>", "<s='1'><v>13</v>"],
            )
            + &row(
                4,
                "",
                &[
                    "Đinh Văn Ba",
                    "<s='2'><v>19862.99950231481</v>",
                    "<s='1'><v>14</v>",
                ],
            );
        let path = xlsx(&app, "ds.xlsx", &rows, "");
        let mut options = into("cell-a");
        options.common.skip_bad = true;
        let report = take(&app, &path, &options).await;
        assert_eq!(
            outcomes(&report),
            ["added", "added", "refused"],
            "{}",
            said(&report)
        );
        assert!(is_kept(&app, "Đinh Văn Một|1954-05-19|0012|").await);
        assert!(is_kept(&app, "Đinh Văn Hai||0013|").await);
        let said = said(&report);
        assert!(
            said.contains("1 dòng đang bị ẩn (lọc)") && said.contains("dòng 3"),
            "{said}"
        );
        assert!(
            said.contains("“Ngày sinh”: ô là công thức chưa có kết quả"),
            "{said}"
        );
        let asked = &report.entries[2].message;
        assert!(
            asked.contains("18/5/1954") && asked.contains("19/5/1954"),
            "{asked}"
        );
    }
);

story!(dates_as_spreadsheets_write_them_are_read, app, {
    let text = format!(
        "{HEAD}Đinh Văn Một,'19/05/1954,D1,\nĐinh Văn Hai,19-May-1955,D2,\nĐinh Văn Ba,19/05/1956 00:00:00,D3,\n"
    );
    let report = list(&app, &text).await;
    assert_eq!(outcomes(&report), ["added"; 3], "{}", said(&report));
    for kept in [
        "Đinh Văn Một|1954-05-19|D1|",
        "Đinh Văn Hai|1955-05-19|D2|",
        "Đinh Văn Ba|1956-05-19|D3|",
    ] {
        assert!(is_kept(&app, kept).await, "{kept}");
    }
});

story!(an_old_card_of_eight_digits_is_taken_as_it_stands, app, {
    let report = list(
        &app,
        "Họ và tên,Ngày sinh,Số thẻ đảng viên\nĐinh Văn Một,1940,12.345678\n",
    )
    .await;
    assert_eq!(outcomes(&report), ["added"], "{}", said(&report));
    assert!(said(&report).contains("thẻ đảng viên cũ (8 chữ số)"));
    let mac = "select card_mac from people_member where name = 'Đinh Văn Một'";
    assert_eq!(text(&app, mac).await, app.site.keys.mac("card", "12345678"));
});

story!(a_letter_that_only_looks_like_d_is_the_same_person, app, {
    let first = list(
        &app,
        &format!("{HEAD}\u{D0}inh Văn \u{D0}ức,19/05/1954,N1,\n"),
    )
    .await;
    assert_eq!(outcomes(&first), ["added"]);
    assert!(is_kept(&app, "Đinh Văn Đức|1954-05-19|N1|").await);
    let again = list(&app, "Họ và tên,Ngày sinh\nĐinh Văn Đức,19/05/1954\n").await;
    assert_eq!(outcomes(&again), ["same"], "{}", said(&again));
});

story!(a_space_that_nobody_sees_joins_no_words, app, {
    let text = format!("{HEAD}Trần\u{200B}Thị\u{200B} Bình\u{200B},20/05/1955\u{A0},N2\u{200B},\n");
    assert_eq!(outcomes(&list(&app, &text).await), ["added"]);
    assert!(is_kept(&app, "Trần Thị Bình|1955-05-20|N2|").await);
});

story!(a_column_that_is_not_read_is_named_with_what_it_held, app, {
    let text = "Họ và tên,Mã đảng viên,Ghi chú,STT,Tài khoản,Trống\n\
        Đinh Văn Một,G1,miễn sinh hoạt,1,0123456789012,\nĐinh Văn Hai,G2,,2,,\nĐinh Văn Ba,G3,miễn sinh hoạt,3,,-\n";
    let report = list(&app, text).await;
    assert_eq!(outcomes(&report), ["added"; 3], "{}", said(&report));
    let notes = report.notes.join("\n");
    assert!(
        notes.contains("Cột “Ghi chú” không được đọc: 2 dòng có nội dung, như “miễn sinh hoạt”."),
        "{notes}"
    );
    assert!(
        notes.contains("“•••••••••9012”"),
        "long numbers are veiled: {notes}"
    );
    for silent in ["STT", "Trống"] {
        assert!(!notes.contains(silent), "{notes}");
    }
});

story!(a_cell_below_a_cell_is_told, app, {
    let text = "Tên,Loại,Trực thuộc\nChi bộ Ngõ 1,chi bộ,T-cell-a\nTổ đảng 1,tổ đảng,T-cell-a\n";
    let report = grow(&app, text, &UnitsOptions::default()).await;
    assert_eq!(outcomes(&report), ["added", "added"]);
    let told = |nth: usize| report.entries[nth].warnings.join(" ");
    assert!(
        told(0).contains("dưới chi bộ chỉ có tổ đảng"),
        "{}",
        told(0)
    );
    assert!(!told(1).contains("dưới chi bộ"), "{}", told(1));
});

story!(a_post_in_the_list_is_proposed_and_given_to_nobody, app, {
    let text =
        "Họ và tên,Mã đảng viên,Chức vụ\nĐinh Văn Một,B1,Phó Bí thư\nĐinh Văn Hai,B2,Đảng viên\n";
    let mut options = into("cell-a");
    let path = file(&app, "cv.csv", text);
    let before = app.count("select count(*) from people_holding").await;
    options.common.dry_run = true;
    let shown = take(&app, &path, &options).await;
    let says = |report: &Report, nth: usize| report.entries[nth].warnings.join(" ");
    assert!(
        says(&shown, 0).contains("chức vụ “Phó Bí thư”"),
        "{}",
        said(&shown)
    );
    assert!(!says(&shown, 1).contains("chức vụ"), "{}", said(&shown));
    options.common.dry_run = false;
    let written = take(&app, &path, &options).await;
    assert_eq!(outcomes(&written), ["added", "added"]);
    assert_eq!(written.entries[0].way_out, "", "the operator has no form");
    // A sender who may give posts there is offered it, for this person; who chose nothing gives nothing.
    options.by = Some(Arc::new(THU.actor()));
    let again = take(&app, &path, &options).await;
    assert_eq!(
        outcomes(&again),
        ["same", "same", "same"],
        "{}",
        said(&again)
    );
    assert_eq!(
        app.count("select count(*) from people_holding").await,
        before
    );
});

/// What the sender chose of a proposal, as it was seen.
fn chose(options: &mut RosterOptions, shown: &Report, answer: &str) {
    for entry in shown
        .entries
        .iter()
        .filter(|entry| entry.kind == site::import::PROPOSED)
    {
        options.decided.insert(
            entry.source.clone(),
            site::import::Decision {
                answer: answer.to_owned(),
                seen: entry.seen(),
            },
        );
    }
}

story!(
    a_post_that_its_sender_takes_is_given_as_by_the_form_and_taken_back,
    app,
    {
        let text = "Họ và tên,Mã đảng viên,Chức vụ\nĐinh Văn Một,B1,\"Phó Bí thư chi bộ, Đảng ủy viên\"\n\
        Đinh Văn Hai,B2,Bí thư đảng ủy\nĐinh Văn Ba,B3,Chi ủy viên\n";
        let path = file(&app, "cv.csv", text);
        let held = "select count(*) from people_holding where from_on < to_on";
        let before = app.count(held).await;
        let mut options = into("cell-b");
        options.by = Some(Arc::new(THU.actor()));
        options.run = Some("run-1".to_owned());
        options.common.dry_run = true;
        let shown = take(&app, &path, &options).await;
        assert_eq!(
            outcomes(&shown),
            ["added", "same", "added", "added", "same"],
            "{}",
            said(&shown)
        );
        let offer = &shown.entries[1];
        assert_eq!(offer.message, "Đề nghị giao: Phó Bí thư chi bộ");
        assert_eq!(offer.answer, "take", "she may give it");
        assert!(
            shown.entries[2]
                .warnings
                .join(" ")
                .contains("Bí thư đảng ủy"),
            "of another unit: told alone"
        );
        // An officer who keeps records and gives no posts reads who could, and is offered nothing.
        let mut officer = THU.actor();
        officer.member = "lan".parse().unwrap();
        officer
            .grants
            .retain(|grant| grant.role == kernel::Role::OrgOfficer);
        let mut by_officer = into("cell-b");
        by_officer.by = Some(Arc::new(officer));
        by_officer.common.dry_run = true;
        let hers = take(&app, &path, &by_officer).await;
        let bar = (hers.entries.iter())
            .find(|entry| entry.kind == site::import::PROPOSED)
            .unwrap();
        assert!(bar.choices.is_empty() && bar.answer.is_empty());
        let told = bar.warnings.join(" ");
        assert!(told.contains("Phạm Minh Thu"), "{told}");
        // Taken: given after the people were written, by the right of the sender, in the log as by the form.
        chose(&mut options, &shown, "take");
        options.common.dry_run = false;
        let written = take(&app, &path, &options).await;
        assert!(
            written.entries[1].message.contains("Phó Bí thư chi bộ"),
            "{}",
            said(&written)
        );
        let given = "select count(*) from audit_event where action = 'position.give' and actor_id = 'thu' and capability = 'grant_give'";
        let waits = "select count(*) from approvals_approval where kind = 'position.give' and state = 'waiting'";
        assert_eq!(
            app.count(given).await + app.count(waits).await,
            2,
            "{}",
            said(&written)
        );
        assert_eq!(people::check(&app.site).await.unwrap(), []);
        // The same list again proposes nothing that is there.
        // Taken back with the people, while nothing was done by it.
        let wish = site::room::ImportWish {
            by: options.by.clone(),
            lang: web::Lang::Vi,
            operation: "op".to_owned(),
            path: path.clone(),
            dry_run: false,
            set: std::collections::BTreeMap::new(),
            decided: site::import::Decisions::new(),
            run: Some("run-1".to_owned()),
        };
        let rows: Vec<(String, String)> = db::sql(
            "select kind, thing_id from import_made where run_id = 'run-1' order by kind, thing_id",
        )
        .all(app.site.db.read())
        .await
        .unwrap();
        let made = rows
            .into_iter()
            .map(|(kind, id)| site::import::Made {
                kind,
                id,
                was: None,
            })
            .collect();
        let back = crate::undo::people(app.site.clone(), wish, made)
            .await
            .unwrap();
        assert!(
            outcomes(&back).iter().all(|word| *word == "removed"),
            "{}",
            said(&back)
        );
        assert_eq!(app.count(held).await, before);
        assert_eq!(app.count(waits).await, 0);
        assert_eq!(
            app.count("select count(*) from people_member where external_id in ('B1', 'B2', 'B3')")
                .await,
            0
        );
        assert_eq!(people::check(&app.site).await.unwrap(), []);
    }
);

story!(a_second_secretary_in_a_list_is_asked_about, app, {
    let text = "Họ và tên,Mã đảng viên,Chức vụ\nĐinh Văn Một,B1,Bí thư chi bộ\n";
    let path = file(&app, "cv.csv", text);
    let mut options = into("cell-a");
    options.by = Some(Arc::new(THU.actor()));
    options.common.dry_run = true;
    let shown = take(&app, &path, &options).await;
    let offer = &shown.entries[1];
    assert_eq!(
        offer.answer,
        "leave",
        "a second one is nobody's slip: {}",
        said(&shown)
    );
    assert!(
        offer.message.contains("Nguyễn Thị Lan"),
        "{}",
        offer.message
    );
    let answers: Vec<&str> = offer.choices.iter().map(|choice| choice.answer).collect();
    assert!(answers.contains(&"beside"), "{answers:?}");
    // "take" is no answer here.
    chose(&mut options, &shown, "take");
    options.common.dry_run = false;
    let held = "select count(*) from people_holding h join people_member m on m.id = h.member_id where m.external_id = 'B1'";
    let waits = "select count(*) from approvals_approval where kind = 'position.give' and state = 'waiting'";
    take(&app, &path, &options).await;
    assert_eq!(app.count(held).await + app.count(waits).await, 0);
    options.common.dry_run = true;
    let shown = take(&app, &path, &options).await;
    chose(&mut options, &shown, "beside");
    options.common.dry_run = false;
    let written = take(&app, &path, &options).await;
    assert_eq!(
        app.count(held).await + app.count(waits).await,
        1,
        "{}",
        said(&written)
    );
});

story!(
    two_lists_and_an_edit_of_the_same_people_all_come_through,
    app,
    {
        let one = "Đinh Văn Một,19/05/1954,A1,Ngõ";
        let two = "Đinh Văn Hai,20/05/1954,A2,Ngõ";
        list(&app, &format!("{HEAD}{one} 1\n{two} 1\n")).await;
        let mut options = into("cell-a");
        options.accept_changes = true;
        let down = file(&app, "down.csv", format!("{HEAD}{one} 2\n{two} 2\n"));
        let up = file(&app, "up.csv", format!("{HEAD}{two} 3\n{one} 3\n"));
        let (id,): (String,) = db::sql("select id from people_member where external_id = 'A2'")
            .one(app.site.db.read())
            .await
            .unwrap();
        let id: MemberId = id.parse().unwrap();
        // Permits are kept for who comes later; a call would be lost.
        let begun = tokio::sync::Semaphore::new(0);
        // The row of a person first, and while the lists are on their way the right to write more.
        let edit = async {
            let mut act = app.act().await;
            people::store::set_external_id(&mut act, &id, "A2").await?;
            begun.add_permits(2);
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            people::store::set_numbers(&mut act, &id, None, None, Some("0912345678")).await?;
            people::store::bump_epoch(&mut act).await?;
            act.end().await.map(|_| ())
        };
        let list = async |path: PathBuf| {
            begun.acquire().await.unwrap().forget();
            take(&app, &path, &options).await
        };
        let (edited, down, up) = tokio::join!(edit, list(down), list(up));
        let edited: kernel::Result<()> = edited;
        assert!(edited.is_ok(), "{edited:?}");
        for report in [down, up] {
            assert_eq!(report.count(Outcome::Refused), 0, "{}", said(&report));
        }
    }
);
