//! Workbooks: typed cells, strings, rows that push others down, and what points at them.

use std::io::Cursor;

use calamine::{Data as Read, Reader, Xlsx};
use fill::{Area, Data, Kind, Oddity, Options, Record, Trouble};
use jiff::civil::date;

use crate::build::{Office, cell, entries, part, row};
use crate::{filled, is_whole, names, only_changed, open};

fn data_of(rows: &str) -> String {
    format!("<sheetData>{rows}</sheetData>")
}

fn one(rows: &str) -> Office {
    Office::book(&[("Danh sách", &data_of(rows))], "", &[])
}

fn sheet(office: &Office, data: &Data) -> String {
    let out = filled(&office.bytes(), data);
    is_whole(&out.bytes);
    part(&out.bytes, "xl/worksheets/sheet1.xml")
}

fn range(bytes: &[u8], name: &str) -> calamine::Range<Read> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
    book.worksheet_range(name).unwrap()
}

fn people(names: &[&str]) -> Vec<Record> {
    names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            Record::new()
                .with("Họ tên", *name)
                .with("đảng phí", i64::try_from(at + 1).unwrap() * 1000)
        })
        .collect()
}

#[test]
fn values_alone_in_a_cell_keep_their_type_and_others_are_text() {
    let cells = [
        ("A1", "{{so}}", 2),
        ("B1", "{{ngay}}", 1),
        ("C1", "{{ngay}}", 0),
        ("D1", "{{so}}", 3),
        ("E1", "Cộng {{so}} đồng", 0),
        ("F1", "{{ma}}", 0),
        ("G1", "{{le}}", 0),
        ("H1", "{{lon}}", 0),
    ];
    let cells: String = cells
        .iter()
        .map(|(place, text, style)| {
            format!("<c r=\"{place}\" s=\"{style}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
        })
        .collect();
    let data = Data::new()
        .with("số", 1_234_567_i64)
        .with("ngày", date(2026, 1, 31))
        .with("mã", "007")
        .with("lẻ", 0.5)
        .with("lớn", 1_234_567_890_123_456_789_i64);
    let office = one(&row(1, &cells));
    let out = filled(&office.bytes(), &data);
    let told = part(&out.bytes, "xl/worksheets/sheet1.xml");
    for wanted in [
        "<c r=\"A1\" s=\"2\"><v>1234567</v></c>",
        "<c r=\"B1\" s=\"1\"><v>46053</v></c>",
        "<c r=\"C1\" s=\"0\" t=\"inlineStr\"><is><t xml:space=\"preserve\">31/01/2026</t></is></c>",
        "<c r=\"D1\" s=\"3\" t=\"inlineStr\"><is><t xml:space=\"preserve\">1.234.567</t></is></c>",
        "Cộng 1.234.567 đồng",
        "<c r=\"F1\" s=\"0\" t=\"inlineStr\"><is><t xml:space=\"preserve\">007</t></is></c>",
        "<c r=\"G1\" s=\"0\"><v>0.5</v></c>",
        ">1.234.567.890.123.456.789<",
    ] {
        assert!(told.contains(wanted), "{wanted}\n{told}");
    }
    let read = range(&out.bytes, "Danh sách");
    assert_eq!(read.get_value((0, 0)), Some(&Read::Float(1_234_567.0)));
    assert_eq!(
        read.get_value((0, 5)),
        Some(&Read::String("007".to_owned()))
    );
    assert!(matches!(read.get_value((0, 1)), Some(Read::DateTime(_))));
}

#[test]
fn a_value_never_becomes_a_formula_or_an_escape() {
    let office = one(&row(
        1,
        &format!("{}{}", cell("A1", "{{a}}"), cell("B1", "x {{b}}")),
    ));
    let data = Data::new()
        .with("a", "=cmd|' /C calc'!A0")
        .with("b", "_x000D_ {{a}} <b>&");
    let out = filled(&office.bytes(), &data);
    let told = part(&out.bytes, "xl/worksheets/sheet1.xml");
    assert!(!told.contains("<f>"), "{told}");
    assert!(
        told.contains("x _x005F_x000D_ {{a}} &lt;b&gt;&amp;"),
        "{told}"
    );
    let read = range(&out.bytes, "Danh sách");
    assert_eq!(
        read.get_value((0, 0)),
        Some(&Read::String("=cmd|' /C calc'!A0".to_owned()))
    );
}

#[test]
fn a_shared_string_with_formatting_is_filled_and_the_list_of_strings_stays() {
    let strings = [
        "<t>Tiêu đề</t>",
        "<r><rPr><b/></rPr><t>Đồng chí {{ho</t></r><r><rPr><i/></rPr><t xml:space=\"preserve\">_ten}} dự</t></r>",
        "<t>{{ho_ten}}</t>",
    ];
    let shared =
        |place: &str, number: u32| format!("<c r=\"{place}\" s=\"2\" t=\"s\"><v>{number}</v></c>");
    let inside = data_of(&row(
        1,
        &(shared("A1", 0) + &shared("B1", 1) + &shared("C1", 2) + &shared("D1", 2)),
    ));
    let office = Office::book(&[("S", &inside), ("Khác", &data_of(""))], "", &strings);
    let before = office.bytes();
    let template = open(&before).unwrap();
    assert_eq!(template.kind(), Kind::Spreadsheet);
    let cells: Vec<_> = template.fields()[0]
        .places
        .iter()
        .map(|p| p.cell.clone().unwrap())
        .collect();
    assert_eq!(cells, ["B1", "C1", "D1"]);
    assert_eq!(
        template.fields()[0].places[0].area,
        Area::Sheet("S".to_owned())
    );
    let out = filled(&before, &Data::new().with("họ tên", "An"));
    only_changed(&before, &out.bytes, &["xl/worksheets/sheet1.xml"]);
    let told = part(&out.bytes, "xl/worksheets/sheet1.xml");
    assert!(told.contains("<c r=\"A1\" s=\"2\" t=\"s\"><v>0</v></c>"));
    assert!(told.contains("<c r=\"B1\" s=\"2\" t=\"inlineStr\"><is><r><rPr><b/></rPr><t xml:space=\"preserve\">Đồng chí An</t></r><r><rPr><i/></rPr><t xml:space=\"preserve\"> dự</t></r></is></c>"), "{told}");
    let read = range(&out.bytes, "S");
    assert_eq!(
        read.get_value((0, 1)),
        Some(&Read::String("Đồng chí An dự".to_owned()))
    );
    assert_eq!(read.get_value((0, 3)), Some(&Read::String("An".to_owned())));
}

/// A list of one row with a total below, a merge, a print area, a chart, a table and more.
fn rich() -> Office {
    let rows = row(1, &cell("A1", "Danh sách {{don_vi}}"))
        + &row(2, &cell("A2", "TT"))
        + &row(
            3,
            &format!(
                "{}{}{}<c r=\"D3\"><f>C3*2</f><v>0</v></c>",
                cell("A3", "{{ds.stt}}"),
                cell("B3", "{{ds.ho_ten}}"),
                cell("C3", "{{ds.dang_phi}}")
            ),
        )
        + &row(
            4,
            "<c r=\"C4\"><f>SUM(C3:C3)</f><v>0</v></c><c r=\"D4\" t=\"str\"><f>SUM(D3)</f><v>cũ</v></c>",
        )
        + &row(6, &cell("A6", "Ký tên"));
    let inside = format!(
        "<dimension ref=\"A1:D6\"/><sheetViews><sheetView workbookViewId=\"0\"><selection activeCell=\"C3\" sqref=\"C3\"/></sheetView></sheetViews>{}<mergeCells count=\"3\"><mergeCell ref=\"A1:D1\"/><mergeCell ref=\"E3:F3\"/><mergeCell ref=\"A6:D6\"/></mergeCells><conditionalFormatting sqref=\"C3\"><cfRule type=\"expression\" priority=\"1\"><formula>C3&gt;$C$4</formula></cfRule></conditionalFormatting><dataValidations count=\"1\"><dataValidation sqref=\"B3 B6\"><formula1>$A$6:$A$7</formula1></dataValidation></dataValidations><rowBreaks count=\"1\"><brk id=\"4\" max=\"16383\" man=\"1\"/></rowBreaks><drawing r:id=\"r0\"/>",
        data_of(&rows)
    );
    let other = data_of(&row(
        1,
        "<c r=\"A1\"><f>'Danh sách'!C4+SUM('Danh sách'!C3:C4)+C4</f><v>0</v></c>",
    ));
    let mut office = Office::book(
        &[("Danh sách", &inside), ("Tổng", &other)],
        "<definedNames><definedName name=\"_xlnm.Print_Area\" localSheetId=\"0\">'Danh sách'!$A$1:$D$6</definedName></definedNames><calcPr calcId=\"1\"/>",
        &[],
    );
    let drawing = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing";
    office
        .add(
            "xl/drawings/drawing1.xml",
            "application/vnd.openxmlformats-officedocument.drawing+xml",
            &format!("<xdr:wsDr xmlns:xdr=\"{drawing}\"><xdr:oneCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:row>4</xdr:row></xdr:from></xdr:oneCellAnchor></xdr:wsDr>"),
        )
        .add(
            "xl/charts/chart1.xml",
            "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
            "<c:chart xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\"><c:f>'Danh sách'!$C$3:$C$3</c:f></c:chart>",
        )
        .add(
            "xl/tables/table1.xml",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml",
            "<table xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" id=\"1\" name=\"T\" displayName=\"T\" ref=\"A2:D3\"><autoFilter ref=\"A2:D3\"/></table>",
        )
        .add(
            "xl/calcChain.xml",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml",
            "<calcChain xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><c r=\"C4\" i=\"1\"/></calcChain>",
        )
        .link("calcChain", "calcChain.xml", "")
        .links_of(
            "xl/worksheets/sheet1.xml",
            &[("drawing", "../drawings/drawing1.xml"), ("table", "../tables/table1.xml")],
        )
        .links_of("xl/drawings/drawing1.xml", &[("chart", "../charts/chart1.xml")]);
    office
}

#[test]
fn a_row_repeats_and_everything_below_and_around_follows() {
    let before = rich().bytes();
    let data = Data::new()
        .with("Đơn vị", "Chi bộ 1")
        .with_list("ds", people(&["An", "Bình", "Chi", "Dũng"]));
    let out = filled(&before, &data);
    is_whole(&out.bytes);
    let told = part(&out.bytes, "xl/worksheets/sheet1.xml");
    for wanted in [
        "<row r=\"6\"><c r=\"A6\"><v>4</v></c><c r=\"B6\" t=\"inlineStr\"><is><t xml:space=\"preserve\">Dũng</t></is></c><c r=\"C6\"><v>4000</v></c><c r=\"D6\"><f>C6*2</f></c></row>",
        "<row r=\"7\"><c r=\"C7\"><f>SUM(C3:C6)</f></c><c r=\"D7\"><f>SUM(D3:D6)</f></c></row>",
        "<row r=\"9\"><c r=\"A9\"",
        "<dimension ref=\"A1:D9\"/>",
        "<mergeCells><mergeCell ref=\"A1:D1\"/><mergeCell ref=\"E3:F3\"/><mergeCell ref=\"E4:F4\"/><mergeCell ref=\"E5:F5\"/><mergeCell ref=\"E6:F6\"/><mergeCell ref=\"A9:D9\"/></mergeCells>",
        "sqref=\"C3:C6\"><cfRule type=\"expression\" priority=\"1\"><formula>C3&gt;$C$7</formula>",
        "<dataValidation sqref=\"B3:B6 B9\"><formula1>$A$9:$A$10</formula1>",
        "<brk id=\"7\" max=\"16383\" man=\"1\"/>",
        "activeCell=\"C3\" sqref=\"C3\"",
    ] {
        assert!(told.contains(wanted), "{wanted}\n{told}");
    }
    let other = part(&out.bytes, "xl/worksheets/sheet2.xml");
    assert!(
        other.contains("<c r=\"A1\"><f>'Danh sách'!C7+SUM('Danh sách'!C3:C7)+C4</f></c>"),
        "{other}"
    );
    let book = part(&out.bytes, "xl/workbook.xml");
    assert!(
        book.contains(">'Danh sách'!$A$1:$D$9</definedName>"),
        "{book}"
    );
    assert!(
        book.contains("<calcPr fullCalcOnLoad=\"1\" calcId=\"1\"/>"),
        "{book}"
    );
    assert!(part(&out.bytes, "xl/drawings/drawing1.xml").contains("<xdr:row>7</xdr:row>"));
    assert!(part(&out.bytes, "xl/charts/chart1.xml").contains("'Danh sách'!$C$3:$C$6<"));
    assert!(
        part(&out.bytes, "xl/tables/table1.xml")
            .matches("ref=\"A2:D6\"")
            .count()
            == 2
    );
    assert!(
        !entries(&out.bytes)
            .iter()
            .any(|(name, _)| name.contains("calcChain"))
    );
    let read = range(&out.bytes, "Danh sách");
    assert_eq!(
        read.get_value((5, 1)),
        Some(&Read::String("Dũng".to_owned()))
    );
}

#[test]
fn one_item_moves_nothing_and_leaves_every_other_part() {
    let before = rich().bytes();
    let out = filled(&before, &Data::new().with_list("ds", people(&["An"])));
    only_changed(
        &before,
        &out.bytes,
        &[
            "xl/worksheets/sheet1.xml",
            "xl/worksheets/sheet2.xml",
            "xl/workbook.xml",
        ],
    );
    let told = part(&out.bytes, "xl/worksheets/sheet1.xml");
    assert!(told.contains("<mergeCells count=\"3\">"));
    assert!(told.contains("<f>SUM(C3:C3)</f></c>"), "{told}");
}

#[test]
fn the_row_of_an_empty_list_stays_when_a_total_needs_it_and_goes_otherwise() {
    let empty = Data::new().with_list("ds", Vec::new());
    let out = filled(&rich().bytes(), &empty);
    is_whole(&out.bytes);
    assert_eq!(out.report.odd, [Oddity::RowKept("ds".to_owned())]);
    let told = part(&out.bytes, "xl/worksheets/sheet1.xml");
    assert!(
        told.contains("<row r=\"3\"><c r=\"A3\"/><c r=\"B3\"/><c r=\"C3\"/>"),
        "{told}"
    );
    assert!(told.contains("<f>SUM(C3:C3)</f>") && !told.contains("#REF!"));

    let rows = row(1, &cell("A1", "{{ds.ho_ten}}"))
        + &row(2, "<c r=\"A2\"><f>A3</f></c>")
        + &row(3, &cell("A3", "x"));
    let told = sheet(&one(&rows), &empty);
    assert!(
        told.contains("<sheetData><row r=\"1\"><c r=\"A1\"><f>A2</f></c></row><row r=\"2\">"),
        "{told}"
    );
    let options = Options {
        keep_empty_rows: true,
        ..Options::default()
    };
    let kept = open(&one(&rows).bytes())
        .unwrap()
        .fill(&empty, &options)
        .unwrap();
    assert!(
        part(&kept.bytes, "xl/worksheets/sheet1.xml")
            .contains("<row r=\"1\"><c r=\"A1\"/></row><row r=\"2\">")
    );
}

#[test]
fn shared_formulas_are_written_out_when_rows_move() {
    let rows = row(
        1,
        &(cell("A1", "{{ds.ho_ten}}")
            + "<c r=\"B1\"><f t=\"shared\" ref=\"B1:B3\" si=\"0\">A1&amp;\"!\"</f></c>"),
    ) + &row(2, "<c r=\"B2\"><f t=\"shared\" si=\"0\"/></c>")
        + &row(3, "<c r=\"B3\"><f t=\"shared\" si=\"0\"/></c>");
    let told = sheet(
        &one(&rows),
        &Data::new().with_list("ds", people(&["An", "Bình", "Chi"])),
    );
    for wanted in [
        "<c r=\"B1\"><f>A1&amp;&quot;!&quot;</f></c>",
        "<c r=\"B3\"><f>A3&amp;&quot;!&quot;</f></c>",
        "<c r=\"B4\"><f>A4&amp;&quot;!&quot;</f></c>",
        "<c r=\"B5\"><f>A5&amp;&quot;!&quot;</f></c>",
    ] {
        assert!(told.contains(wanted), "{wanted}\n{told}");
    }
}

#[test]
fn two_lists_of_one_sheet_push_each_other_down() {
    let rows = row(1, &cell("A1", "{{a.ho_ten}}"))
        + &row(2, &cell("A2", "giữa"))
        + &row(3, &cell("A3", "{{b.ho_ten}}"))
        + &row(4, &cell("A4", "dưới"));
    let data = Data::new()
        .with_list("a", people(&["A1", "A2"]))
        .with_list("b", people(&["B1", "B2", "B3"]));
    let out = filled(&one(&rows).bytes(), &data);
    let read = range(&out.bytes, "Danh sách");
    let column: Vec<String> = (0..7)
        .map(|r| read.get_value((r, 0)).unwrap().to_string())
        .collect();
    assert_eq!(column, ["A1", "A2", "giữa", "B1", "B2", "B3", "dưới"]);
}

#[test]
fn rows_and_cells_without_numbers_are_counted() {
    let rows = "<row><c t=\"inlineStr\"><is><t>{{a}}</t></is></c></row><row><c/><c t=\"inlineStr\"><is><t>{{ds.x}}</t></is></c></row><row><c t=\"inlineStr\"><is><t>cuối</t></is></c></row>";
    let office = one(rows);
    let template = open(&office.bytes()).unwrap();
    assert_eq!(template.fields()[1].places[0].cell.as_deref(), Some("B2"));
    let items = vec![Record::new().with("x", "1"), Record::new().with("x", "2")];
    let out = filled(
        &office.bytes(),
        &Data::new().with("a", "b").with_list("ds", items),
    );
    let read = range(&out.bytes, "Danh sách");
    assert_eq!(read.get_value((2, 1)), Some(&Read::String("2".to_owned())));
    assert_eq!(
        read.get_value((3, 0)),
        Some(&Read::String("cuối".to_owned()))
    );
}

#[test]
fn what_cannot_follow_moving_rows_is_refused_and_nothing_else() {
    let list = row(1, &cell("A1", "{{ds.ho_ten}}")) + &row(2, &cell("A2", "x"));
    let two = Data::new().with_list("ds", people(&["An", "Bình"]));
    let one_item = Data::new().with_list("ds", people(&["An"]));
    let why = |office: &Office| match open(&office.bytes())
        .unwrap()
        .fill(&two, &Options::default())
    {
        Err(Trouble::CannotMove { why, .. }) => why,
        other => panic!("{other:?}"),
    };
    let merged = Office::book(
        &[(
            "S",
            &(data_of(&list) + "<mergeCells><mergeCell ref=\"B1:B2\"/></mergeCells>"),
        )],
        "",
        &[],
    );
    // From the first repeated row to one below: it grows.
    let out = filled(&merged.bytes(), &two);
    assert!(part(&out.bytes, "xl/worksheets/sheet1.xml").contains("ref=\"B1:B3\""));

    let pair = row(1, &cell("A1", "{{ds.ho_ten}}"))
        + &row(2, &cell("A2", "{{ds.dang_phi}}"))
        + &row(3, "");
    let across = Office::book(
        &[(
            "S",
            &(data_of(&pair) + "<mergeCells><mergeCell ref=\"B2:B3\"/></mergeCells>"),
        )],
        "",
        &[],
    );
    assert_eq!(why(&across), "merge");

    let mut commented = one(&list);
    commented
        .add(
            "xl/comments1.xml",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
            "<comments xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><commentList><comment ref=\"A2\" authorId=\"0\"/></commentList></comments>",
        )
        .links_of("xl/worksheets/sheet1.xml", &[("comments", "../comments1.xml")]);
    assert_eq!(why(&commented), "comments");
    is_whole(&filled(&commented.bytes(), &one_item).bytes);

    let mut pivot = one(&list);
    pivot.add("xl/pivotTables/p1.xml", "", "<x/>").links_of(
        "xl/worksheets/sheet1.xml",
        &[("pivotTable", "../pivotTables/p1.xml")],
    );
    assert_eq!(why(&pivot), "pivot");
}

#[test]
fn two_lists_in_one_row_and_texts_too_long_are_refused() {
    let both = one(&row(1, &(cell("A1", "{{a.x}}") + &cell("B1", "{{b.x}}"))));
    let lists = Data::new()
        .with_list("a", Vec::new())
        .with_list("b", Vec::new());
    let told = open(&both.bytes())
        .unwrap()
        .fill(&lists, &Options::default());
    assert!(matches!(told, Err(Trouble::TwoLists { .. })));
    let plain = Data::new().with("a.x", "1").with("b.x", "2");
    let read = range(&filled(&both.bytes(), &plain).bytes, "Danh sách");
    assert_eq!(read.get_value((0, 1)), Some(&Read::String("2".to_owned())));
    let office = one(&row(1, &cell("A1", "x{{a}}")));
    let fits = Data::new().with("a", "đ".repeat(32_766));
    is_whole(&filled(&office.bytes(), &fits).bytes);
    let long = Data::new().with("a", "đ".repeat(32_767));
    let told = open(&office.bytes())
        .unwrap()
        .fill(&long, &Options::default());
    assert!(matches!(told, Err(Trouble::TooLong { cell, .. }) if cell == "A1"));
}

#[test]
fn more_rows_than_a_sheet_has_are_refused() {
    let office = one(&row(1_048_575, &cell("A1048575", "{{ds.ho_ten}}")));
    let data = Data::new().with_list("ds", people(&["a", "b", "c"]));
    let told = open(&office.bytes())
        .unwrap()
        .fill(&data, &Options::default());
    assert!(matches!(told, Err(Trouble::TooBig(_))), "{told:?}");
}

#[test]
fn braces_in_a_formula_and_odd_strings_are_told_with_their_cell() {
    let rows = row(
        1,
        "<c r=\"A1\"><f>\"{{x}}\"</f></c><c r=\"B1\" t=\"s\"><v>0</v></c>",
    );
    let office = Office::book(&[("S", &data_of(&rows))], "", &["<t>{{#if}} {{y</t>"]);
    let template = open(&office.bytes()).unwrap();
    assert!(template.fields().is_empty());
    let cells: Vec<_> = template
        .odd()
        .iter()
        .map(|odd| match odd {
            Oddity::InFormula(place) | Oddity::Unclosed(place) | Oddity::NotAName(_, place) => {
                place.cell.clone().unwrap()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(cells, ["A1", "B1", "B1"]);
}

#[test]
fn an_unknown_list_leaves_its_row_as_it_stands() {
    let rows = row(1, &(cell("A1", "{{ds.ho_ten}}") + &cell("B1", "{{x}}")));
    let before = one(&rows).bytes();
    let out = filled(&before, &Data::new().with("x", "1"));
    assert_eq!(names(&out.report.unknown), ["ds.hoten"]);
    let told = part(&out.bytes, "xl/worksheets/sheet1.xml");
    assert!(
        told.contains("{{ds.ho_ten}}") && told.contains(">1<"),
        "{told}"
    );
}
