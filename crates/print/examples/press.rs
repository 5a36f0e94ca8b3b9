//! How long papers take and what memory they leave: `cargo run -p print --example press [--release]`.
//!
//! Figures of the README come from here. Not a test: it asserts nothing, machines differ. Surprising rule: the
//! first paper of a process also pays for reading fonts and the typesetter's library.

#![allow(clippy::unwrap_used, reason = "an example stops where it fails")]

use kernel::{Day, Moment};
use print::{
    Block, Capacity, Cell, Column, ColumnKind, Dated, Issuer, Layout, Level, Official, Roll, Sheet,
    Signature, TableColumn, Title, official, roll, sheet,
};
use std::time::Instant;

/// Memory in use and the most there was, as the system counts it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status
        .lines()
        .filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"));
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Minutes as the handbook drafts them: seven items of the agenda, some `lines` a time, two who sign.
fn minutes(lines: usize) -> Official {
    let sign = |of: &str, name: &str| Signature {
        capacity: Capacity::Holder,
        of: of.to_owned(),
        post: String::new(),
        name: name.to_owned(),
        is_sealed: false,
    };
    let mut body = Vec::new();
    for n in 1..=7 {
        body.push(Block::Heading {
            level: Level::Clause,
            label: format!("{n}."),
            text: "Tình hình khu dân cư và ý kiến của bà con".to_owned(),
        });
        for _ in 0..lines {
            body.push(Block::Paragraph(
                "Chi bộ đi xem miệng cống trước rồi mới bàn. Chọn cách khơi rãnh cũ, chưa xây mới; \
                 hai buổi sáng Chủ nhật, không thu tiền của hộ nghèo và hộ chỉ có người già."
                    .into(),
            ));
        }
    }
    Official {
        issuer: Issuer {
            above: vec!["Đảng bộ phường".to_owned()],
            name: "Chi bộ số 5".to_owned(),
        },
        symbol: citation::parse("05-BB/CB"),
        place: "Hà Nội".to_owned(),
        dated: Dated::InYear(2026),
        title: Title::Named {
            kind: "Biên bản".to_owned(),
            subject: "Sinh hoạt thường kỳ tháng 11".to_owned(),
        },
        marks: Vec::new(),
        addressees: Vec::new(),
        body,
        recipients: Vec::new(),
        signatures: vec![
            sign("Thư ký", "Phan Quốc Khánh"),
            sign("Chủ trì", "Vũ Thị Lan"),
        ],
    }
}

fn names(count: usize) -> Roll {
    let column = |head: &str, share: f64| TableColumn {
        head: head.to_owned(),
        share,
        is_centred: false,
    };
    let row = |n: usize| {
        vec![
            format!("Nguyễn Văn {n}"),
            "Chi bộ 5".to_owned(),
            String::new(),
        ]
    };
    Roll {
        issuer: vec!["Chi bộ số 5".to_owned()],
        title: "Danh sách ký tên".to_owned(),
        lines: Vec::new(),
        number_head: Some("TT".to_owned()),
        columns: vec![
            column("Họ và tên", 4.0),
            column("Đơn vị", 3.0),
            column("Chữ ký", 3.0),
        ],
        rows: (0..count).map(row).collect(),
        row_mm: 10.0,
        is_landscape: false,
        notes: Vec::new(),
        signers: Vec::new(),
    }
}

fn main() {
    let now = Day::of(2026, 11, 26).unwrap().at(9, 0);
    let layout = Layout::party();
    println!("start: {}", memory());
    let timed = |what: &str, work: &dyn Fn() -> String| {
        let began = Instant::now();
        let told = work();
        println!("{what}: {:?}, {told}; {}", began.elapsed(), memory());
    };
    let paper = |lines: usize, at: Moment| {
        let pdf = official(&minutes(lines), &layout, at).unwrap();
        format!("{} pages, {} bytes", pdf.pages, pdf.bytes.len())
    };
    timed("the first minutes of a process", &|| paper(2, now));
    for _ in 0..3 {
        timed("minutes", &|| paper(2, now));
    }
    timed("minutes, 20 times", &|| {
        for n in 0..20 {
            paper(2, Moment(now.0 + n));
        }
        "each another moment".to_owned()
    });
    timed("minutes of 700 paragraphs", &|| paper(100, now));
    for count in [25, 300, 3_000] {
        timed(&format!("a roll of {count} names"), &|| {
            format!("{} pages", roll(&names(count), &layout, now).unwrap().pages)
        });
    }
    for count in [200, 100_000] {
        timed(&format!("a workbook of {count} rows"), &|| {
            let column = |head: &str, kind: ColumnKind| Column {
                head: head.to_owned(),
                kind,
                width: None,
            };
            let row = |n: i64| vec![Cell::from(format!("Nguyễn Văn {n}")), Cell::Whole(n)];
            let sheet_of = Sheet {
                name: "A".to_owned(),
                columns: vec![
                    column("Tên", ColumnKind::Text),
                    column("Số", ColumnKind::Number { decimals: 0 }),
                ],
                rows: (0..count).map(row).collect(),
            };
            format!("{} bytes", sheet(&[sheet_of], now).unwrap().bytes.len())
        });
    }
}
