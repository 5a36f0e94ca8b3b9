//! Files that mean harm: each is refused with a kind of its own, and none stops the program.

use fill::{Data, Limits, Options, Template, Trouble};

use crate::build::{Office, p, zipped};
use crate::{is_whole, open};

fn refused(office: &Office) -> Trouble {
    open(&office.bytes()).unwrap_err()
}

#[test]
fn what_is_no_office_file_is_told_apart() {
    assert!(matches!(
        open(b"\xD0\xCF\x11\xE0 old"),
        Err(Trouble::OldOrLocked)
    ));
    assert!(matches!(open(b"no archive"), Err(Trouble::Broken(_))));
    let other = zipped(&[("a.txt".to_owned(), b"x".to_vec())]);
    assert!(matches!(open(&other), Err(Trouble::WrongKind(_))));
    let mut parts = Office::document(&p("x")).parts();
    let types = String::from_utf8(parts[0].1.clone()).unwrap();
    parts[0].1 = types
        .replace("document.main+xml", "template.main+xml")
        .into_bytes();
    assert_eq!(
        open(&zipped(&parts)).unwrap_err(),
        Trouble::WrongKind("a DOTX or XLTX".to_owned())
    );
}

#[test]
fn macros_are_refused_by_type_and_by_part() {
    let mut parts = Office::document(&p("x")).parts();
    let types = String::from_utf8(parts[0].1.clone()).unwrap();
    let types = types.replace(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        "application/vnd.ms-word.document.macroEnabled.main+xml",
    );
    parts[0].1 = types.into_bytes();
    assert!(matches!(open(&zipped(&parts)), Err(Trouble::Macros(_))));
    let mut office = Office::document(&p("x"));
    office.add("word/vbaProject.bin", "", "x");
    assert!(matches!(refused(&office), Trouble::Macros(_)));
}

#[test]
fn what_would_be_fetched_is_refused_and_a_plain_link_is_kept() {
    let outside = " TargetMode=\"External\"";
    for (kind, target, harms) in [
        ("attachedTemplate", "http://example.org/a.dotm", true),
        (
            "attachedTemplate",
            "file:///C:\\Users\\a\\Normal.dotm",
            false,
        ),
        ("image", "\\\\server\\share\\a.png", true),
        ("oleObject", "https://example.org/x", true),
        ("hyperlink", "https://example.org/", false),
    ] {
        let mut office = Office::document(&p("x"));
        office.link(kind, target, outside);
        let told = open(&office.bytes());
        assert_eq!(
            matches!(told, Err(Trouble::ExternalLink { .. })),
            harms,
            "{kind} {target} {told:?}"
        );
    }
}

#[test]
fn fields_that_run_commands_are_refused() {
    let field = |says: &str| {
        Office::document(&format!(
            "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>{says}</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>"
        ))
    };
    assert!(matches!(
        refused(&field(" DDEAUTO c:\\\\cmd.exe \"/k calc\"")),
        Trouble::ExternalLink { .. }
    ));
    assert!(matches!(
        refused(&field(" INCLUDEPICTURE \"http://example.org/a.png\" \\d")),
        Trouble::ExternalLink { .. }
    ));
    open(&field(" PAGE ").bytes()).unwrap();
    let simple = Office::document("<w:p><w:fldSimple w:instr=\"dde a b\"/></w:p>");
    assert!(matches!(refused(&simple), Trouble::ExternalLink { .. }));
}

#[test]
fn entities_and_broken_parts_are_refused() {
    let office = |text: &str| {
        let mut parts = Office::document("").parts();
        for (name, bytes) in &mut parts {
            if name == "word/document.xml" {
                *bytes = text.as_bytes().to_vec();
            }
        }
        open(&zipped(&parts)).unwrap_err()
    };
    assert!(matches!(
        office("<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><d>&b;</d>"),
        Trouble::DocumentType(_)
    ));
    assert!(matches!(office("<a><b></a>"), Trouble::BrokenXml { .. }));
    let deep = "<a>".repeat(2000) + &"</a>".repeat(2000);
    assert!(matches!(office(&deep), Trouble::TooBig(_)));
}

#[test]
fn a_bomb_is_refused_even_in_a_part_that_is_not_read() {
    let mut parts = Office::document(&p("x")).parts();
    parts.push(("word/media/a.bin".to_owned(), vec![0; 24 << 20]));
    assert!(matches!(open(&zipped(&parts)), Err(Trouble::Bomb(_))));
    let limits = Limits {
        total_bytes: 1000,
        ..Limits::default()
    };
    let small = Office::document(&p(&"x".repeat(2000))).bytes();
    assert!(matches!(
        Template::open(small, limits),
        Err(Trouble::TooBig(_))
    ));
    let limits = Limits {
        entries: 3,
        ..Limits::default()
    };
    let many = Office::document(&p("x")).bytes();
    assert!(matches!(
        Template::open(many, limits),
        Err(Trouble::TooBig(_))
    ));
}

#[test]
fn a_filling_that_grows_past_the_limit_is_refused() {
    use fill::Record;
    let limits = Limits {
        total_bytes: 100_000,
        ..Limits::default()
    };
    let office = Office::document(&crate::build::tbl(&crate::build::tr(&["{{ds.x}}"])));
    let template = Template::open(office.bytes(), limits).unwrap();
    let items = vec![Record::new().with("x", "dài ".repeat(100)); 1000];
    let told = template.fill(&Data::new().with_list("ds", items), &Options::default());
    assert!(matches!(told, Err(Trouble::TooBig(_))));
}

#[test]
fn names_that_lead_outside_or_stand_twice_are_refused() {
    for (name, other) in [
        ("word/aa.xml", "../../a.xml"),
        ("word/aa.xml", "/etc/passwd"),
        ("word\\aa.xml", "word\\bb.xml"),
    ] {
        let mut parts = Office::document(&p("x")).parts();
        parts.push((name.replace('\\', "/"), b"<x/>".to_vec()));
        let mut bytes = zipped(&parts);
        let (from, to) = (
            name.replace('\\', "/").into_bytes(),
            other.as_bytes().to_vec(),
        );
        for at in 0..bytes.len() - from.len() {
            if bytes[at..].starts_with(&from) {
                bytes[at..at + to.len()].copy_from_slice(&to);
            }
        }
        assert!(
            matches!(open(&bytes), Err(Trouble::UnsafeName(_))),
            "{other} {:?}",
            open(&bytes).err()
        );
    }
    let mut twice = Office::document(&p("x"));
    twice.add("word/Document.xml", "", "<x/>");
    assert!(matches!(refused(&twice), Trouble::UnsafeName(_)));
}

#[test]
fn many_small_things_take_time_in_proportion() {
    use crate::build::{cell, row, tbl, tr};
    use fill::Record;
    const MANY: usize = 20_000;
    let data = Data::new()
        .with("x", "y")
        .with_list("a", vec![Record::new().with("x", "1")])
        .with_list("b", Vec::new())
        .with_list("c", vec![Record::new().with("x", "1"); 2]);
    let runs: String = (0..MANY)
        .map(|at| format!("<w:r><w:t>{{{{n{at}}}}}</w:t></w:r>"))
        .collect();
    let controls = "<w:sdt><w:sdtPr><w:tag w:val=\"x\"/></w:sdtPr><w:sdtContent><w:r><w:t/></w:r></w:sdtContent></w:sdt>".repeat(MANY);
    let lists = |at: usize| ["a", "b", "c"][at % 3];
    let rows: String = (0..MANY)
        .map(|at| tr(&[format!("{{{{{}.x}}}}", lists(at)).as_str()]))
        .collect();
    let sheet: String = (1..=MANY)
        .map(|at| {
            let number = u32::try_from(at).unwrap();
            row(
                number,
                &cell(&format!("A{at}"), &format!("{{{{{}.x}}}}", lists(at))),
            )
        })
        .collect();
    let merges = "<mergeCell ref=\"C1:D1\"/>".repeat(2);
    let sheet = format!("<sheetData>{sheet}</sheetData><mergeCells>{merges}</mergeCells>");
    // Ten thousand times ten thousand steps would take minutes here, and the run be noticed.
    for bytes in [
        Office::document(&format!("<w:p>{runs}</w:p>")).bytes(),
        Office::document(&format!("<w:p>{controls}</w:p>")).bytes(),
        Office::document(&tbl(&rows)).bytes(),
        Office::book(&[("S", &sheet)], "", &[]).bytes(),
    ] {
        let template = open(&bytes).unwrap();
        let out = template.fill(&data, &Options::default()).unwrap();
        assert!(open(&out.bytes).is_ok());
    }
}

#[test]
fn rows_past_the_end_of_a_sheet_do_not_stop_the_program() {
    let cells = crate::build::cell("A1", "{{ds.x}}");
    let rows = format!(
        "<row r=\"4294967295\">{cells}</row><row>{cells}</row><row r=\"1048576\"/><row>{cells}</row><row r=\"0\">{cells}</row>"
    );
    let book = Office::book(&[("S", &format!("<sheetData>{rows}</sheetData>"))], "", &[]);
    let data = Data::new().with_list("ds", vec![fill::Record::new().with("x", "1"); 3]);
    let template = open(&book.bytes()).unwrap();
    let told = template.fill(&data, &Options::default());
    assert!(matches!(told, Err(Trouble::TooBig(_))), "{told:?}");
}

#[test]
fn tangled_rows_are_refused() {
    use crate::build::{tbl, tr};
    let data = Data::new()
        .with_list("a", Vec::new())
        .with_list("b", Vec::new());
    let refused = |body: &str| {
        let template = open(&Office::document(body).bytes()).unwrap();
        template.fill(&data, &Options::default()).unwrap_err()
    };
    let two = tbl(&tr(&["{{a.x}}", "{{b.x}}"]));
    assert!(matches!(refused(&two), Trouble::TwoLists { .. }));
    let nested = format!(
        "<w:tbl><w:tr><w:tc>{}{}<w:p/></w:tc></w:tr></w:tbl>",
        p("{{a.x}}"),
        tbl(&tr(&["{{b.x}}"]))
    );
    assert!(matches!(refused(&nested), Trouble::NestedRows(_)));
}

#[test]
fn a_damaged_file_is_refused_or_filled_whole_and_never_stops_the_program() {
    let rows = crate::build::row(1, &crate::build::cell("A1", "{{ds.x}}"));
    let book = Office::book(&[("S", &format!("<sheetData>{rows}</sheetData>"))], "", &[]);
    let data = Data::new()
        .with("x", "y")
        .with_list("ds", vec![fill::Record::new().with("x", "1"); 3]);
    for whole in [Office::document(&p("{{x}}")).bytes(), book.bytes()] {
        for cut in (0..whole.len()).step_by(7) {
            assert!(open(&whole[..cut]).is_err());
        }
        for at in 0..whole.len() {
            let mut hurt = whole.clone();
            hurt[at] ^= 0x55;
            if let Ok(template) = open(&hurt)
                && let Ok(out) = template.fill(&data, &Options::default())
            {
                assert!(open(&out.bytes).is_ok(), "byte {at}");
            }
        }
    }
    // The same inside the XML, where no checksum helps.
    let inner = crate::build::document(&p("{{x}} và {{y}}"));
    for at in 0..inner.len() {
        let mut bytes = inner.clone().into_bytes();
        bytes[at] = b"<>&{}\"/ "[at % 8];
        let mut parts = Office::document("").parts();
        for (name, own) in &mut parts {
            if name == "word/document.xml" {
                *own = bytes.clone();
            }
        }
        if let Ok(template) = open(&zipped(&parts)) {
            template.fill(&data, &Options::default()).ok();
        }
    }
    is_whole(&Office::document(&p("x")).bytes());
}
