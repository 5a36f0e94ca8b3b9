//! Documents: runs, controls, merge fields, rows, and what must not change.

use fill::{Area, Data, Kind, Oddity, Options, Record, Written};

use crate::build::{Office, document, p, part, tbl, tr};
use crate::{filled, is_whole, names, only_changed, open};

fn body(office: &Office, data: &Data) -> String {
    let out = filled(&office.bytes(), data);
    is_whole(&out.bytes);
    part(&out.bytes, "word/document.xml")
}

fn people(names: &[&str]) -> Vec<Record> {
    names
        .iter()
        .map(|n| Record::new().with("Họ tên", *n))
        .collect()
}

#[test]
fn split_runs_are_joined_and_everything_between_stays() {
    let split = "<w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r w:rsidR=\"00A1\"><w:rPr><w:b/></w:rPr><w:t>Đồng chí {{ho_</w:t></w:r><w:proofErr w:type=\"spellStart\"/><w:bookmarkStart w:id=\"1\" w:name=\"x\"/><w:r w:rsidR=\"00B2\"><w:rPr><w:i/></w:rPr><w:t>t</w:t></w:r><w:proofErr w:type=\"spellEnd\"/><w:r><w:lastRenderedPageBreak/><w:t>en}</w:t></w:r><w:bookmarkEnd w:id=\"1\"/><w:r><w:t>} dự họp</w:t></w:r></w:p>";
    let office = Office::document(split);
    let told = body(&office, &Data::new().with("họ tên", "Nguyễn Văn A"));
    let wanted = "<w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r w:rsidR=\"00A1\"><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">Đồng chí Nguyễn Văn A</w:t></w:r><w:proofErr w:type=\"spellStart\"/><w:bookmarkStart w:id=\"1\" w:name=\"x\"/><w:r w:rsidR=\"00B2\"><w:rPr><w:i/></w:rPr><w:t xml:space=\"preserve\"></w:t></w:r><w:proofErr w:type=\"spellEnd\"/><w:r><w:lastRenderedPageBreak/><w:t xml:space=\"preserve\"></w:t></w:r><w:bookmarkEnd w:id=\"1\"/><w:r><w:t xml:space=\"preserve\"> dự họp</w:t></w:r></w:p>";
    assert_eq!(told, document(wanted));
}

#[test]
fn several_fields_of_one_text_and_one_over_two_are_filled() {
    let office = Office::document(
        "<w:p><w:r><w:t xml:space=\"preserve\">{{a}}{{b}} và {{</w:t></w:r><w:r><w:t>c}}, {{a}}</w:t></w:r></w:p>",
    );
    let data = Data::new().with("a", "1").with("b", "2").with("c", "3");
    let told = body(&office, &data);
    assert!(told.contains(">12 và 3</w:t>"), "{told}");
    assert!(
        told.contains("<w:t xml:space=\"preserve\">, 1</w:t>"),
        "{told}"
    );
}

#[test]
fn every_other_part_stays_byte_equal() {
    let mut office = Office::document(&p("{{x}}"))
        .with("header", &p("không có trường"))
        .with("footer", &p("Trang {{so}}"));
    office.add("word/media/image1.png", "", "not really a picture");
    office.add("customXml/item1.xml", "", "<a  b = 'c'  ></a>");
    let before = office.bytes();
    let after = filled(&before, &Data::new().with("x", "y").with("Số", 7_i64));
    only_changed(
        &before,
        &after.bytes,
        &["word/document.xml", "word/footer1.xml"],
    );
    let none = filled(&before, &Data::new());
    only_changed(&before, &none.bytes, &[]);
    assert_eq!(names(&none.report.unknown), ["x", "so"]);
}

#[test]
fn heads_feet_notes_and_text_boxes_are_filled() {
    let text_box = format!(
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing><w:txbxContent>{0}</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>{0}</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>ngoài {{{{x}}}}</w:t></w:r></w:p>",
        p("trong {{x}}")
    );
    let office = Office::document(&text_box)
        .with("header", &p("{{x}}"))
        .with("footer", &p("{{x}}"))
        .with(
            "footnotes",
            &format!("<w:footnote w:id=\"1\">{}</w:footnote>", p("{{x}}")),
        );
    let template = open(&office.bytes()).unwrap();
    assert_eq!(template.kind(), Kind::Document);
    let [field] = template.fields() else {
        panic!("{:?}", template.fields())
    };
    let areas: Vec<&Area> = field.places.iter().map(|place| &place.area).collect();
    assert_eq!(
        areas,
        [
            &Area::Body,
            &Area::Body,
            &Area::Body,
            &Area::Header,
            &Area::Footer,
            &Area::Notes
        ]
    );
    assert_eq!(field.places[0].near, "trong {{x}}");
    let out = filled(&office.bytes(), &Data::new().with("x", "GIÁ TRỊ"));
    is_whole(&out.bytes);
    for (name, times) in [
        ("word/document.xml", 3),
        ("word/header1.xml", 1),
        ("word/footer1.xml", 1),
        ("word/footnotes1.xml", 1),
    ] {
        let text = part(&out.bytes, name);
        assert_eq!(text.matches("GIÁ TRỊ").count(), times, "{name}");
        assert!(!text.contains("{{"), "{name}");
    }
}

#[test]
fn values_are_data_and_never_markup_or_fields() {
    let office = Office::document(&p("{{a}}|{{b}}"));
    let data = Data::new()
        .with("a", "</w:t><script>&amp; \"{{b}}\"\u{0}\u{8}")
        .with("b", "{{a}}");
    let told = body(&office, &data);
    assert!(
        told.contains("&lt;/w:t&gt;&lt;script&gt;&amp;amp; &quot;{{b}}&quot;|{{a}}</w:t>"),
        "{told}"
    );
}

#[test]
fn line_breaks_and_tabs_become_those_of_the_document() {
    let told = body(
        &Office::document(&p("{{a}}")),
        &Data::new().with("a", "một\r\nhai\tba"),
    );
    assert!(
        told.contains("<w:t xml:space=\"preserve\">một</w:t><w:br/><w:t xml:space=\"preserve\">hai</w:t><w:tab/><w:t xml:space=\"preserve\">ba</w:t>"),
        "{told}"
    );
}

#[test]
fn a_very_long_value_fits() {
    let long = "dài ".repeat(500_000);
    let told = body(
        &Office::document(&p("{{a}}")),
        &Data::new().with("a", long.as_str()),
    );
    assert!(told.contains(&long));
}

#[test]
fn text_in_references_and_cdata_is_read_too() {
    let office = Office::document(
        "<w:p><w:r><w:t>&#123;{a}&#x7D; &amp; <![CDATA[{{b}} <c>]]></w:t></w:r></w:p>",
    );
    let told = body(&office, &Data::new().with("a", "1").with("b", "x]]>y"));
    assert!(
        told.contains(">1 &amp; <![CDATA[]]>x]]&gt;y<![CDATA[ <c>]]></w:t>"),
        "{told}"
    );
}

#[test]
fn a_row_repeats_for_each_item_and_numbers_itself() {
    let rows = format!(
        "{}{}{}",
        tr(&["TT", "Họ tên"]),
        tr(&["{{danh_sach.stt}}", "{{Danh sách.họ tên}} ({{đơn vị}})"]),
        tr(&["", "Cộng: {{tong}}"])
    );
    let data = Data::new()
        .with("đơn vị", "Chi bộ 1")
        .with("tổng", 2_i64)
        .with_list("Danh sách", people(&["An", "Bình"]));
    let told = body(&Office::document(&tbl(&rows)), &data);
    assert_eq!(told.matches("<w:tr>").count(), 4);
    let a = told.find("An (Chi bộ 1)").unwrap();
    let b = told.find("Bình (Chi bộ 1)").unwrap();
    let end = told.find("Cộng: 2").unwrap();
    assert!(a < b && b < end);
    assert!(told.contains(">1</w:t>") && told.contains(">2</w:t>"));
}

#[test]
fn rows_side_by_side_of_one_list_repeat_together() {
    let rows = format!("{}{}", tr(&["{{ds.ho_ten}}"]), tr(&["vai: {{ds.ho_ten}}"]));
    let data = Data::new().with_list("ds", people(&["An", "Bình"]));
    let told = body(&Office::document(&tbl(&rows)), &data);
    let at = |text: &str| told.find(text).unwrap();
    assert!(at(">An<") < at("vai: An") && at("vai: An") < at(">Bình<"));
    assert!(at(">Bình<") < at("vai: Bình"));
}

#[test]
fn the_row_of_an_empty_list_goes_unless_it_is_wanted_or_the_last() {
    let rows = format!("{}{}", tr(&["Tên"]), tr(&["{{ds.ho_ten}}"]));
    let office = Office::document(&tbl(&rows));
    let data = Data::new().with_list("ds", Vec::new());
    let told = body(&office, &data);
    assert_eq!(told.matches("<w:tr>").count(), 1);
    let options = Options {
        keep_empty_rows: true,
        ..Options::default()
    };
    let kept = open(&office.bytes())
        .unwrap()
        .fill(&data, &options)
        .unwrap();
    let text = part(&kept.bytes, "word/document.xml");
    assert_eq!(text.matches("<w:tr>").count(), 2);
    assert!(!text.contains("{{"));
    assert!(kept.report.odd.is_empty());

    let alone = Office::document(&tbl(&tr(&["{{ds.ho_ten}}"])));
    let out = filled(&alone.bytes(), &data);
    assert_eq!(out.report.odd, [Oddity::RowKept("ds".to_owned())]);
    assert_eq!(
        part(&out.bytes, "word/document.xml")
            .matches("<w:tr>")
            .count(),
        1
    );
}

#[test]
fn copies_of_a_row_do_not_repeat_marks_and_numbers() {
    let row = "<w:tr w14:paraId=\"0A\" w14:textId=\"0B\"><w:tc><w:p w14:paraId=\"0C\"><w:bookmarkStart w:id=\"3\" w:name=\"m\"/><w:sdt><w:sdtPr><w:id w:val=\"9\"/><w:tag w:val=\"ds.ho_ten\"/></w:sdtPr><w:sdtContent><w:r><w:t>?</w:t></w:r></w:sdtContent></w:sdt><w:bookmarkEnd w:id=\"3\"/></w:p></w:tc></w:tr>";
    let data = Data::new().with_list("ds", people(&["An", "Bình", "Chi"]));
    let told = body(&Office::document(&tbl(row)), &data);
    for once in [
        "paraId=\"0A\"",
        "textId=\"0B\"",
        "paraId=\"0C\"",
        "bookmarkStart",
        "bookmarkEnd",
        "<w:id w:val=\"9\"/>",
    ] {
        assert_eq!(told.matches(once).count(), 1, "{once} {told}");
    }
    assert!(told.contains(">An<") && told.contains(">Bình<") && told.contains(">Chi<"));
}

#[test]
fn a_row_inside_a_layout_table_repeats_alone() {
    let inner = tbl(&format!("{}{}", tr(&["{{ds.ho_ten}}"]), tr(&["cuối"])));
    let outer = format!(
        "<w:tbl><w:tblPr/><w:tr><w:tc>{}{inner}<w:p/></w:tc></w:tr></w:tbl>",
        p("khung {{x}}")
    );
    let data = Data::new()
        .with("x", "1")
        .with_list("ds", people(&["An", "Bình"]));
    let told = body(&Office::document(&outer), &data);
    assert_eq!(told.matches("khung 1").count(), 1);
    assert_eq!(told.matches("<w:tr>").count(), 4);
}

#[test]
fn a_content_control_loses_its_hint_and_its_binding() {
    let control = "<w:p><w:r><w:t xml:space=\"preserve\">Tên: </w:t></w:r><w:sdt><w:sdtPr><w:alias w:val=\"Họ tên\"/><w:showingPlcHdr/><w:dataBinding w:xpath=\"/a\" w:storeItemID=\"{1}\"/><w:text/></w:sdtPr><w:sdtContent><w:r><w:rPr><w:rStyle w:val=\"PlaceholderText\"/><w:b/></w:rPr><w:t>Bấm vào đây </w:t></w:r><w:r><w:t>để ghi</w:t></w:r></w:sdtContent></w:sdt></w:p>";
    let office = Office::document(control);
    let template = open(&office.bytes()).unwrap();
    assert_eq!(template.fields()[0].written, Written::Control);
    let told = body(&office, &Data::new().with("ho_ten", "An"));
    let wanted = "<w:p><w:r><w:t xml:space=\"preserve\">Tên: </w:t></w:r><w:sdt><w:sdtPr><w:alias w:val=\"Họ tên\"/><w:text/></w:sdtPr><w:sdtContent><w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">An</w:t></w:r><w:r><w:t></w:t></w:r></w:sdtContent></w:sdt></w:p>";
    assert_eq!(told, document(wanted));
}

#[test]
fn a_control_around_fields_or_of_another_kind_is_no_field() {
    let around = |properties: &str, inner: &str| {
        format!(
            "<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>"
        )
    };
    let office = Office::document(&format!(
        "{}{}{}{}",
        around("<w:tag w:val=\"khung\"/>", &p("{{trong}}")),
        around("<w:tag w:val=\"muc_luc\"/><w:docPartObj/>", &p("mục lục")),
        around("<w:tag w:val=\"goog_rdk_1\"/>", &p("chữ")),
        around("<w:tag w:val=\"rong\"/>", "<w:p/>"),
    ));
    let template = open(&office.bytes()).unwrap();
    assert_eq!(names(template.fields()), ["trong"]);
    assert!(matches!(template.odd(), [Oddity::NoPlaceInControl(name, _)] if name == "rong"));
}

#[test]
fn an_empty_control_gets_a_text_of_its_own() {
    let office = Office::document(
        "<w:sdt><w:sdtPr><w:tag w:val=\"a\"/></w:sdtPr><w:sdtContent><w:p><w:pPr/></w:p></w:sdtContent></w:sdt><w:p><w:sdt><w:sdtPr><w:tag w:val=\"b\"/></w:sdtPr><w:sdtContent><w:r><w:rPr/></w:r></w:sdtContent></w:sdt></w:p>",
    );
    let told = body(&office, &Data::new().with("a", "1").with("b", "2"));
    assert!(
        told.contains("<w:p><w:pPr/><w:r><w:t xml:space=\"preserve\">1</w:t></w:r></w:p>"),
        "{told}"
    );
    assert!(
        told.contains("<w:r><w:rPr/><w:t xml:space=\"preserve\">2</w:t></w:r>"),
        "{told}"
    );
}

#[test]
fn a_merge_field_becomes_its_value_and_no_field_is_left() {
    let complex = "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> MERGEFIELD </w:instrText></w:r><w:r><w:instrText>ho_ten \\* MERGEFORMAT </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>«ho_</w:t></w:r><w:r><w:t>ten»</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>";
    let simple = "<w:p><w:fldSimple w:instr=\" MERGEFIELD &quot;Đơn vị&quot; \"><w:r><w:t>«Đơn vị»</w:t></w:r></w:fldSimple></w:p>";
    let office = Office::document(&format!("{complex}{simple}"));
    let told = body(
        &office,
        &Data::new().with("họ tên", "An").with("don_vi", "Chi bộ 1"),
    );
    assert_eq!(
        told,
        document(
            "<w:p><w:r></w:r><w:r></w:r><w:r></w:r><w:r></w:r><w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">An</w:t></w:r><w:r><w:t></w:t></w:r><w:r></w:r></w:p><w:p><w:r><w:t xml:space=\"preserve\">Chi bộ 1</w:t></w:r></w:p>"
        )
    );
    let untouched = body(&office, &Data::new());
    assert_eq!(untouched, document(&format!("{complex}{simple}")));
}

#[test]
fn a_merge_field_inside_a_condition_is_told_and_left() {
    let mark = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let says = |text: &str| format!("<w:r><w:instrText>{text}</w:instrText></w:r>");
    let office = Office::document(&format!(
        "<w:p>{}{}{}{}{}{}{}{}<w:r><w:t>Bà</w:t></w:r>{}</w:p>",
        mark("begin"),
        says(" IF "),
        mark("begin"),
        says(" MERGEFIELD gioi "),
        mark("separate"),
        mark("end"),
        says(" = 1 "),
        mark("separate"),
        mark("end"),
    ));
    let template = open(&office.bytes()).unwrap();
    assert!(template.fields().is_empty());
    assert!(matches!(template.odd(), [Oddity::MergeFieldTangled(name, _)] if name == "gioi"));
}

#[test]
fn unknown_and_missing_names_are_told_with_their_places() {
    let office = Office::document(&format!(
        "{}{}{}{}",
        p("Kính gửi: {{nguoi_nhan}}"),
        p("{{ho_ten}} và {{ds.ten}}"),
        p("{{#if x}} {{chua dong"),
        tbl(&tr(&["{{ds.ten}}", "{{ds.sinh}}"])),
    ));
    let data = Data::new()
        .with("Họ tên", "An")
        .with("Thừa", "x")
        .with_list("ds", vec![Record::new().with("ten", "B").with("Quê", "y")])
        .with_list("khác", Vec::new());
    let out = filled(&office.bytes(), &data);
    assert_eq!(names(&out.report.filled), ["hoten", "ds.ten"]);
    assert_eq!(names(&out.report.unknown), ["nguoinhan", "ds.sinh"]);
    assert_eq!(out.report.unknown[0].places[0].paragraph, Some(1));
    assert_eq!(
        out.report.unknown[0].places[0].near,
        "Kính gửi: {{nguoi_nhan}}"
    );
    assert_eq!(out.report.missing, ["Thừa", "ds.Quê", "khác"]);
    assert!(
        matches!(
            out.report.odd.as_slice(),
            [
                Oddity::NotAName(..),
                Oddity::Unclosed(_),
                Oddity::OutsideARow(..)
            ]
        ),
        "{:?}",
        out.report.odd
    );
    let told = part(&out.bytes, "word/document.xml");
    assert!(told.contains("Kính gửi: {{nguoi_nhan}}") && told.contains("An và {{ds.ten}}"));

    let blank = Options {
        blank_unknown: true,
        ..Options::default()
    };
    let out = open(&office.bytes()).unwrap().fill(&data, &blank).unwrap();
    assert!(!part(&out.bytes, "word/document.xml").contains("nguoi_nhan"));
}

#[test]
fn a_dotted_name_is_plain_when_the_data_has_no_such_list() {
    let office = Office::document(&format!(
        "{}{}",
        p("{{Cơ quan.Tên}}"),
        tbl(&tr(&["{{co_quan.ten}}", "{{nguoi.ten}}"]))
    ));
    let data = Data::new().with("Cơ quan.tên", "A").with("nguoi.ten", "B");
    let out = filled(&office.bytes(), &data);
    assert_eq!(names(&out.report.filled), ["coquan.ten", "nguoi.ten"]);
    assert!(out.report.odd.is_empty() && out.report.missing.is_empty());
    let told = part(&out.bytes, "word/document.xml");
    assert_eq!(
        (told.matches(">A<").count(), told.matches(">B<").count()),
        (2, 1)
    );
    let list = Data::new()
        .with("Cơ quan.tên", "A")
        .with_list("nguoi", vec![Record::new().with("ten", "B"); 3]);
    let told = body(&office, &list);
    assert_eq!(
        (told.matches(">A<").count(), told.matches(">B<").count()),
        (4, 3)
    );
}

#[test]
fn text_that_is_not_of_the_document_is_left() {
    let office = Office::document(
        "<w:p><m:r><m:t>{{x}}</m:t></m:r><w:r><w:delText>{{x}}</w:delText></w:r><w:r><w:t>{{a</w:t><w:br/><w:t>b}}</w:t></w:r></w:p>",
    );
    let before = office.bytes();
    let out = filled(&before, &Data::new().with("x", "1").with("ab", "2"));
    only_changed(&before, &out.bytes, &[]);
}

#[test]
fn the_same_filling_gives_the_same_bytes() {
    let office = Office::document(&p("{{x}}"));
    let data = Data::new().with("x", "y");
    assert_eq!(
        filled(&office.bytes(), &data).bytes,
        filled(&office.bytes(), &data).bytes
    );
}
