//! Many fillings of different sizes, each whole and read back.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use fill::{Data, Record};

use crate::build::{Office, cell, p, row, tbl, tr};
use crate::{filled, is_whole};

/// Lengths that grow and cross every border that a filling has: none, one, many.
const SIZES: [usize; 8] = [0, 1, 2, 3, 10, 57, 300, 1200];

fn data(size: usize) -> Data {
    let items = (0..size)
        .map(|at| {
            Record::new()
                .with(
                    "Họ tên",
                    format!("Nguyễn Văn {at} <&\"> {}", "đ".repeat(at % 200)),
                )
                .with("Số", i64::try_from(at).unwrap())
        })
        .collect();
    Data::new()
        .with("Tên", "x\n".repeat(size))
        .with_list("ds", items)
}

#[test]
fn documents_of_every_size_are_whole() {
    let rows = format!(
        "{}{}",
        tr(&["TT", "Họ tên"]),
        tr(&["{{ds.stt}}", "{{ds.ho_ten}}"])
    );
    let office = Office::document(&format!("{}{}", p("{{ten}}"), tbl(&rows))).bytes();
    for size in SIZES {
        let out = filled(&office, &data(size));
        is_whole(&out.bytes);
        let text = crate::build::part(&out.bytes, "word/document.xml");
        assert_eq!(text.matches("<w:tr>").count(), size + 1);
        assert_eq!(text.matches("<w:br/>").count(), size);
        assert!(!text.contains("{{"));
    }
}

#[test]
fn workbooks_of_every_size_are_whole_and_read_back() {
    let rows = row(1, &cell("A1", "Đầu"))
        + &row(
            2,
            &(cell("A2", "{{ds.stt}}") + &cell("B2", "{{ds.ho_ten}}") + &cell("C2", "{{ds.so}}")),
        )
        + &row(
            3,
            &(cell("A3", "Cuối") + "<c r=\"C3\"><f>SUM(C2:C2)</f></c>"),
        );
    let office = Office::book(&[("S", &format!("<sheetData>{rows}</sheetData>"))], "", &[]).bytes();
    for size in SIZES {
        let out = filled(&office, &data(size));
        is_whole(&out.bytes);
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(out.bytes)).unwrap();
        let read = book.worksheet_range("S").unwrap();
        // An empty list keeps its row here, because the total needs it.
        let below = u32::try_from(size.max(1)).unwrap() + 1;
        assert_eq!(
            read.get_value((below, 0)).unwrap().to_string(),
            "Cuối",
            "{size}"
        );
        let formulas = book.worksheet_formula("S").unwrap();
        assert_eq!(
            formulas.get_value((below, 2)).unwrap(),
            &format!("SUM(C2:C{below})")
        );
        if size > 0 {
            let last = read.get_value((below - 1, 2)).unwrap();
            assert_eq!(last.to_string(), (size - 1).to_string());
        }
    }
}
