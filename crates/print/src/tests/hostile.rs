//! Whatever people type is printed as typed and never evaluated.

use super::*;

/// What the paper says between the head and the words that end it.
fn said(text: &str) -> (String, Pdf) {
    let pdf = official(&saying(text), &Layout::party(), now()).unwrap();
    let all = read(&pdf);
    let from = all.find("-----").unwrap() + 5;
    let to = all.rfind("Hết phần thử").unwrap();
    (all[from..to].trim().to_owned(), pdf)
}

#[test]
fn markup_is_text() {
    for text in [
        "#panic(\"x\") #import \"@preview/a:1.0.0\": * #read(\"/etc/passwd\") #sys.version",
        "$ x^2 + y_1 $ *đậm* _nghiêng_ `mã` ```khối``` <nhãn> @trích // lời // /* lời */",
        "= Tiêu đề == Nhỏ + một - hai / ba: bốn",
        "\\ \\u{41} \\# \\\"\" 'đơn' \"kép\" -- --- ... ~ {a} [b] (c) ; , : ! ?",
        "#let x = 1; #{ while true {} } #set page(width: 1pt) #show: none",
        "https://example.org/a?b=c&d=#e ten@example.org <script>alert(1)</script> {{ x }} %s",
    ] {
        assert_eq!(said(text).0, text);
    }
}

#[test]
fn markup_is_text_in_every_field() {
    let bad = "#panic() $x$ @a *b* `c` \\d \"e\"";
    let mut paper = resolution();
    paper.issuer.above = texts(&[bad]);
    paper.issuer.name = bad.to_owned();
    paper.place = bad.to_owned();
    paper.marks = texts(&[bad]);
    paper.addressees = texts(&[bad]);
    paper.title = Title::Named {
        kind: bad.to_owned(),
        subject: bad.to_owned(),
    };
    paper.body = vec![
        Block::Bases(vec![bad.into()]),
        Block::Heading {
            level: Level::Part,
            label: bad.to_owned(),
            text: bad.to_owned(),
        },
        Block::Heading {
            level: Level::Article,
            label: bad.to_owned(),
            text: bad.to_owned(),
        },
        Block::Item {
            mark: bad.to_owned(),
            text: bad.into(),
        },
        Block::Centred(texts(&[bad])),
        Block::Table(Table {
            columns: vec![TableColumn {
                head: bad.to_owned(),
                share: 1.0,
                is_centred: false,
            }],
            rows: vec![texts(&[bad])],
        }),
    ];
    paper.recipients = texts(&[bad]);
    paper.signatures[0].of = bad.to_owned();
    paper.signatures[0].post = bad.to_owned();
    paper.signatures[0].name = bad.to_owned();
    let pdf = official(&paper, &Layout::party(), now()).unwrap();
    let text = read(&pdf).to_lowercase();
    // above, issuer, place, mark, addressee, kind, subject, basis, 2 × 2 headings, item and its mark, centred, head,
    // cell, recipient, capacity, post, name
    assert_eq!(
        text.matches("#panic() $x$ @a *b* `c` \\d \"e\"").count(),
        22 - 1,
        "{text}"
    );
}

#[test]
fn a_paragraph_of_100_kilobytes_is_set_whole() {
    let text: String = (0..20_000).map(|i| format!("w{i:05} ")).collect();
    assert!(text.len() >= 100_000);
    let (held, pdf) = said(&text);
    assert!(pdf.pages > 20);
    for i in [0, 1, 9_999, 19_999] {
        assert!(held.contains(&format!("w{i:05}")), "{i}");
    }
    assert_eq!(held.matches('w').count(), 20_000);
}

#[test]
fn a_word_without_end_stays_on_the_page() {
    let (held, pdf) = said(&"Ư".repeat(100_000));
    assert_eq!(held.matches('Ư').count(), 100_000);
    assert!(pdf.pages > 20, "{}", pdf.pages);

    let mut paper = resolution();
    paper.body = vec![Block::Table(Table {
        columns: vec![
            TableColumn {
                head: "A".repeat(200),
                share: 1.0,
                is_centred: true,
            },
            TableColumn {
                head: "B".to_owned(),
                share: 5.0,
                is_centred: false,
            },
        ],
        rows: vec![vec![
            "W".repeat(30_000),
            "ten.rat.dai.cua.mot.nguoi@thu.dien.tu.example.org".to_owned(),
        ]],
    })];
    let pdf = official(&paper, &Layout::party(), now()).unwrap();
    keep("cells.pdf", &pdf);
    assert_eq!(read(&pdf).matches('W').count(), 30_000);
    assert!(pdf.pages > 5, "a row longer than a page goes on");
}

#[test]
fn line_ends_and_spaces_stand_as_typed() {
    let (held, pdf) = said("một\nhai\r\nba\tbốn\u{a0}năm  sáu");
    keep("lines.pdf", &pdf);
    // The reader joins short lines, so white space is left out here and the lines are looked at below.
    assert_eq!(held.replace(' ', ""), "mộthaibabốnnămsáu");
    let raw = pdf_extract::extract_text_from_mem(&pdf.bytes).unwrap();
    let line = raw.lines().find(|line| line.contains("một")).unwrap();
    assert!(!line.contains("hai"), "{line}");
}

#[test]
fn combining_marks_become_letters() {
    // Decomposed on purpose, as some telephones type.
    let (held, pdf) = said("Nguye\u{302}\u{303}n Thi\u{323} Hu\u{31b}o\u{31b}\u{300}ng");
    assert_eq!(held, "Nguyễn Thị Hường");
    assert!(pdf.unprintable.is_empty());
    // A heap of marks on one letter is the reader's problem, not the paper's.
    let (held, _) = said(&format!("z{}", "\u{300}\u{323}".repeat(500)));
    // NFC puts the dot below on the letter.
    assert!(held.starts_with('ẓ'), "{held}");
}

#[test]
fn direction_overrides_and_other_signs_without_ink_do_not_reach_the_paper() {
    let (held, pdf) =
        said("Số tiền \u{202e}000.1\u{202c}\u{200b}\u{feff} đồng\u{2066}\u{2069}\u{ad}");
    assert_eq!(held, "Số tiền 000.1 đồng");
    assert!(pdf.unprintable.is_empty());
}

#[test]
fn right_to_left_letters_are_printed() {
    let (held, pdf) = said("trước שלום sau");
    keep("rtl.pdf", &pdf);
    assert!(pdf.unprintable.is_empty());
    assert!(held.starts_with("trước") && held.ends_with("sau"), "{held}");
    for letter in "שלום".chars() {
        assert!(held.contains(letter), "{held}");
    }
}

#[test]
fn letters_without_a_glyph_are_boxes_and_named() {
    let (held, pdf) = said("Chữ 中文, cười 😀, điều khiển \u{7} và \u{e000}");
    assert_eq!(held, "Chữ □□, cười □, điều khiển □ và □");
    assert_eq!(pdf.unprintable, ['\u{7}', '中', '文', '\u{e000}', '😀']);
}

#[test]
fn empty_texts_make_a_paper() {
    let paper = Official {
        issuer: Issuer {
            above: vec![],
            name: String::new(),
        },
        symbol: None,
        place: String::new(),
        dated: Dated::InYear(2026),
        title: Title::Letter {
            subject: String::new(),
        },
        marks: texts(&[""]),
        addressees: texts(&["", ""]),
        body: vec![
            Block::Bases(vec![Rich::default()]),
            Block::Heading {
                level: Level::Point,
                label: String::new(),
                text: " ".to_owned(),
            },
            Block::Paragraph(Rich::default()),
            Block::Item {
                mark: String::new(),
                text: "".into(),
            },
            Block::Centred(vec![]),
        ],
        recipients: texts(&[""]),
        signatures: vec![Signature {
            capacity: Capacity::Holder,
            of: String::new(),
            post: String::new(),
            name: String::new(),
            is_sealed: true,
        }],
    };
    for layout in [Layout::party(), Layout::state()] {
        assert_eq!(official(&paper, &layout, now()).unwrap().pages, 1);
    }
}

#[test]
fn too_much_is_refused_with_the_measure() {
    let error = official(&saying(&"a ".repeat(3 << 20)), &Layout::party(), now()).unwrap_err();
    assert!(matches!(
        error,
        Error::TooMuch {
            what: "text",
            most: 4_194_304,
            ..
        }
    ));
    let mut paper = resolution();
    paper.title = Title::Letter {
        subject: "a".repeat(5_000),
    };
    assert!(matches!(
        official(&paper, &Layout::party(), now()),
        Err(Error::TooMuch {
            what: "subject",
            count: 5_000,
            ..
        })
    ));
}
