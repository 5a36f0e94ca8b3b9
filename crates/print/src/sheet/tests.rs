//! Workbooks are written and read back by another program (`calamine`), and their parts looked at.

use super::*;
use calamine::{Data, Reader, Xlsx as Opened, open_workbook_from_rs};
use std::io::{Cursor, Read};

fn now() -> Moment {
    Day::of(2026, 11, 26).unwrap().at(9, 30)
}

fn column(head: &str, kind: ColumnKind) -> Column {
    Column {
        head: head.to_owned(),
        kind,
        width: None,
    }
}

fn members() -> Sheet {
    Sheet {
        name: "Đảng viên".to_owned(),
        columns: vec![
            column("Họ và tên", ColumnKind::Text),
            column("Số thẻ", ColumnKind::Text),
            column("Đảng phí", ColumnKind::Number { decimals: 0 }),
            column("Tỷ lệ", ColumnKind::Number { decimals: 1 }),
            column("Ngày vào Đảng", ColumnKind::Day),
            column("Có mặt", ColumnKind::Tick),
        ],
        rows: vec![
            vec![
                "Nguyễn Thị Hường".into(),
                "00123456".into(),
                Cell::Whole(125_000),
                Cell::Number(91.3),
                Cell::Day(Day::of(1999, 2, 3).unwrap()),
                Cell::Tick(true),
            ],
            vec![
                "Lê Thị Thuỳ Ngân".into(),
                Cell::Empty,
                Cell::Whole(-5),
                Cell::Empty,
                Cell::Day(Day::of(1890, 5, 19).unwrap()),
                Cell::Tick(false),
            ],
        ],
    }
}

fn open(xlsx: &Xlsx) -> Opened<Cursor<Vec<u8>>> {
    open_workbook_from_rs(Cursor::new(xlsx.bytes.clone())).unwrap()
}

fn part(xlsx: &Xlsx, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(xlsx.bytes.clone())).unwrap();
    let mut text = String::new();
    archive
        .by_name(name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

fn keep(name: &str, xlsx: &Xlsx) {
    if let Some(folder) = std::env::var_os("PRINT_KEEP") {
        std::fs::write(std::path::Path::new(&folder).join(name), &xlsx.bytes).unwrap();
    }
}

#[test]
fn each_kind_of_cell_is_read_back_as_what_it_is() {
    let xlsx = sheet(&[members()], now()).unwrap();
    keep("members.xlsx", &xlsx);
    let mut book = open(&xlsx);
    let range = book.worksheet_range("Đảng viên").unwrap();
    let at = |row, column| {
        range
            .get_value((row, column))
            .cloned()
            .unwrap_or(Data::Empty)
    };
    assert_eq!(at(0, 0), Data::String("Họ và tên".to_owned()));
    assert_eq!(at(1, 0), Data::String("Nguyễn Thị Hường".to_owned()));
    assert_eq!(at(1, 1), Data::String("00123456".to_owned()));
    assert_eq!(at(1, 2), Data::Float(125_000.0));
    assert_eq!(at(1, 3), Data::Float(91.3));
    let Data::DateTime(day) = at(1, 4) else {
        panic!("{:?}", at(1, 4))
    };
    let (year, month, day, ..) = day.to_ymd_hms_milli();
    assert_eq!((year, month, day), (1999, 2, 3));
    assert_eq!(at(1, 5), Data::String("x".to_owned()));
    assert_eq!(at(2, 4), Data::String("19/5/1890".to_owned()));
    assert_eq!(at(2, 1), Data::Empty);
    assert_eq!(at(2, 5), Data::Empty);
}

#[test]
fn a_text_that_begins_like_a_formula_stays_text() {
    let bad = [
        "=1+1",
        "=HYPERLINK(\"http://example.org\",\"x\")",
        "+84912345678",
        "-5",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "＝1+1",
    ];
    let sheet_of = Sheet {
        name: "A".to_owned(),
        columns: vec![column("=cmd|' /C calc'!A0", ColumnKind::Text)],
        rows: bad.iter().map(|one| vec![Cell::from(*one)]).collect(),
    };
    let xlsx = sheet(&[sheet_of], now()).unwrap();
    let mut book = open(&xlsx);
    assert!(book.worksheet_formula("A").unwrap().is_empty());
    let range = book.worksheet_range("A").unwrap();
    for (i, one) in bad.iter().enumerate() {
        let row = u32::try_from(i + 1).unwrap();
        let Some(Data::String(held)) = range.get_value((row, 0)) else {
            panic!("{one:?}: {:?}", range.get_value((row, 0)))
        };
        // XML readers read a bare carriage return as a line feed.
        assert_eq!(
            held.replace('\r', "\n").trim(),
            one.replace('\r', "\n").trim()
        );
    }
    let cells = part(&xlsx, "xl/worksheets/sheet1.xml");
    assert!(!cells.contains("<f>"), "{cells}");
    // The mark that keeps it text when somebody edits the cell; the head carries it too.
    let styles = part(&xlsx, "xl/styles.xml");
    assert_eq!(styles.matches("quotePrefix=\"1\"").count(), 2, "{styles}");
}

#[test]
fn the_head_is_frozen_and_columns_are_as_wide_as_their_text() {
    let xlsx = sheet(&[members()], now()).unwrap();
    let cells = part(&xlsx, "xl/worksheets/sheet1.xml");
    assert!(
        cells.contains("<pane ySplit=\"1\"") && cells.contains("state=\"frozen\""),
        "{cells}"
    );
    assert!(cells.contains("<autoFilter ref=\"A1:F3\""), "{cells}");
    // Columns of one width share an element: the first is as wide as the longest name, the last as its head.
    let width = |piece: &str| -> f64 { piece.split('"').next().unwrap().parse().unwrap() };
    let widths: Vec<f64> = cells.split("width=\"").skip(1).map(width).collect();
    assert!(widths[0] > 16.0, "{widths:?}");
    assert!(*widths.last().unwrap() < 12.0, "{widths:?}");
}

#[test]
fn equal_input_at_an_equal_moment_gives_equal_bytes() {
    let first = sheet(&[members()], now()).unwrap();
    assert_eq!(sheet(&[members()], now()).unwrap(), first);
    assert_ne!(sheet(&[members()], now().plus_ms(1_000)).unwrap(), first);
    assert!(part(&first, "docProps/core.xml").contains("2026-11-26T02:30:00Z"));
}

#[test]
fn names_of_tabs_are_made_acceptable_and_different() {
    let names = [
        "Chi bộ 1/2: [A]*?",
        "'",
        "",
        "Đảng bộ xã có cái tên dài hơn ba mươi mốt chữ cái",
        "Đảng bộ xã có cái tên dài hơn ba mươi mốt chữ cái khác",
        "ĐẢNG VIÊN",
        "đảng viên",
    ];
    let sheets: Vec<Sheet> = names
        .iter()
        .map(|name| Sheet {
            name: (*name).to_owned(),
            ..members()
        })
        .collect();
    let book = open(&sheet(&sheets, now()).unwrap());
    let made = book.sheet_names();
    assert_eq!(made.len(), names.len());
    assert_eq!(made[0], "Chi bộ 1 2   A");
    assert_eq!((made[1].as_str(), made[2].as_str()), ("1", "1 2"));
    assert!(made[4].ends_with(" 2") && made[4].chars().count() <= 31);
    assert_eq!(made[6], "đảng viên 2");
}

#[test]
fn what_does_not_fit_is_named() {
    let mut wrong = members();
    wrong.rows[1][2] = "năm".into();
    assert_eq!(
        sheet(&[wrong], now()),
        Err(Error::Cell { row: 1, column: 2 })
    );
    let mut inexact = members();
    inexact.rows[0][2] = Cell::Whole((1 << 53) + 1);
    assert_eq!(
        sheet(&[inexact], now()),
        Err(Error::Cell { row: 0, column: 2 })
    );
    let mut short = members();
    short.rows[1].pop();
    assert_eq!(
        sheet(&[short], now()),
        Err(Error::Row {
            row: 1,
            cells: 5,
            columns: 6
        })
    );
    let mut long = members();
    long.rows[0][0] = "a".repeat(40_000).into();
    assert!(matches!(
        sheet(&[long], now()),
        Err(Error::TooMuch {
            what: "cell",
            count: 40_000,
            ..
        })
    ));
    let mut none = members();
    none.columns.clear();
    assert!(matches!(
        sheet(&[none], now()),
        Err(Error::Row { columns: 0, .. })
    ));
}

#[test]
fn a_workbook_without_rows_has_its_head() {
    let mut empty = members();
    empty.rows.clear();
    let mut book = open(&sheet(&[empty], now()).unwrap());
    assert_eq!(book.worksheet_range("Đảng viên").unwrap().height(), 1);
}
