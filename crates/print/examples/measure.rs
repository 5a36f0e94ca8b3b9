use kernel::{Day, Moment};
use print::*;
use std::time::Instant;
fn rss() -> String {
    std::fs::read_to_string("/proc/self/status")
        .unwrap()
        .lines()
        .filter(|l| l.starts_with("VmRSS") || l.starts_with("VmHWM"))
        .map(|s| s.replace('\t', " "))
        .collect::<Vec<_>>()
        .join(" ")
}
fn paper(text: &str, n: usize) -> Official {
    Official {
        issuer: Issuer {
            above: vec!["Đảng bộ phường".into()],
            name: "Chi bộ số 5".into(),
        },
        symbol: Some(citation::parse("05-NQ/CB").unwrap()),
        place: "Hà Nội".into(),
        dated: Dated::InYear(2026),
        title: Title::Named {
            kind: "Nghị quyết".into(),
            subject: "về nhiệm vụ".into(),
        },
        marks: vec![],
        addressees: vec![],
        body: (0..n).map(|_| Block::Paragraph(text.into())).collect(),
        recipients: vec!["Lưu".into()],
        signatures: vec![Signature {
            capacity: Capacity::OnBehalf,
            of: "chi bộ".into(),
            post: "bí thư".into(),
            name: "Nguyễn Thị Hường".into(),
            is_sealed: false,
        }],
    }
}
fn main() {
    let now = Day::of(2026, 11, 26).unwrap().at(9, 0);
    let l = Layout::party();
    println!("start {}", rss());
    let t = Instant::now();
    let p = official(&paper("Chi bộ phấn đấu hoàn thành nhiệm vụ.", 5), &l, now).unwrap();
    println!("first {:?} {} bytes {}", t.elapsed(), p.bytes.len(), rss());
    for k in 0..4 {
        let t = Instant::now();
        for i in 0..100 {
            official(&paper(&format!("Chi bộ phấn đấu hoàn thành nhiệm vụ {k} {i}. Đoạn dài hơn một chút để có vài dòng chữ trên trang giấy, như thường thấy."),8),&l,Moment(now.0+i)).unwrap();
        }
        println!("100 one-page {:?} {}", t.elapsed(), rss());
    }
    let text="Hệ thống tổ chức của Đảng được lập tương ứng với hệ thống tổ chức hành chính của Nhà nước. ".repeat(6);
    for n in [100, 500] {
        let t = Instant::now();
        let p = official(&paper(&text, n), &l, now).unwrap();
        println!(
            "{n} paragraphs {} pages {:?} {} bytes {}",
            p.pages,
            t.elapsed(),
            p.bytes.len(),
            rss()
        );
    }
    let t = Instant::now();
    let p = official(&paper(&"từ ".repeat(33_000), 1), &l, now).unwrap();
    println!(
        "100 kB paragraph {} pages {:?} {}",
        p.pages,
        t.elapsed(),
        rss()
    );
    for n in [100usize, 1000, 10_000] {
        let c = |h: &str, s| TableColumn {
            head: h.into(),
            share: s,
            is_centred: false,
        };
        let r = Roll {
            issuer: vec!["A".into()],
            title: "Danh sách".into(),
            lines: vec![],
            number_head: Some("TT".into()),
            columns: vec![c("Họ và tên", 4.), c("Đơn vị", 3.), c("Chữ ký", 3.)],
            rows: (0..n)
                .map(|i| vec![format!("Nguyễn Văn {i}"), "Chi bộ 5".into(), String::new()])
                .collect(),
            row_mm: 10.,
            is_landscape: false,
            notes: vec![],
            signers: vec![],
        };
        let t = Instant::now();
        let p = roll(&r, &l, now).unwrap();
        println!(
            "roll {n} rows {} pages {:?} {} bytes {}",
            p.pages,
            t.elapsed(),
            p.bytes.len(),
            rss()
        );
    }
    let t = Instant::now();
    let s = Sheet {
        name: "A".into(),
        columns: vec![
            Column {
                head: "Tên".into(),
                kind: ColumnKind::Text,
                width: None,
            },
            Column {
                head: "Ngày".into(),
                kind: ColumnKind::Day,
                width: None,
            },
            Column {
                head: "Số".into(),
                kind: ColumnKind::Number { decimals: 0 },
                width: None,
            },
        ],
        rows: (0..100_000)
            .map(|i| {
                vec![
                    Cell::from(format!("Nguyễn Văn {i}")),
                    Cell::Day(Day::of(2026, 1, 5).unwrap()),
                    Cell::Whole(i),
                ]
            })
            .collect(),
    };
    let x = sheet(&[s], now).unwrap();
    println!(
        "sheet 100000 rows {:?} {} bytes {}",
        t.elapsed(),
        x.bytes.len(),
        rss()
    );
}
