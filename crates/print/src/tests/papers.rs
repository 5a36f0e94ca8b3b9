//! What a paper says stands on it, in its order, with the marks that readers of screens need.

use super::*;

#[test]
fn a_resolution_reads_in_the_order_of_the_layout() {
    let pdf = official(&resolution(), &Layout::party(), now()).unwrap();
    keep("party.pdf", &pdf);
    assert_eq!((pdf.pages, pdf.unprintable.len()), (1, 0));
    in_order(
        &read(&pdf),
        &[
            "ĐẢNG BỘ PHƯỜNG HOÀN KIẾM",
            "CHI BỘ KHU DÂN CƯ SỐ 5",
            "*",
            "ĐẢNG CỘNG SẢN VIỆT NAM",
            "Hà Nội, ngày 05 tháng 01 năm 2026",
            "Số 05-NQ/CB",
            "NGHỊ QUYẾT",
            "về nhiệm vụ trọng tâm quý I năm 2026",
            "-----",
            "- Căn cứ Điều lệ Đảng;",
            "“thi hành Điều lệ Đảng”",
            "QUYẾT NGHỊ",
            "I. ĐÁNH GIÁ QUÝ IV NĂM 2025",
            "1. Kết quả.",
            "2. Hạn chế.",
            "II. NHIỆM VỤ QUÝ I NĂM 2026",
            "toàn thể đảng viên.",
            "Nơi nhận:",
            "Đảng ủy phường Hoàn Kiếm,",
            "Lưu chi bộ.",
            "T/M CHI BỘ",
            "BÍ THƯ",
            "Nguyễn Thị Hường",
        ],
    );
    assert!(!read(&pdf).contains("./."));
}

#[test]
fn a_decision_of_the_state_reads_in_the_order_of_the_layout() {
    let pdf = official(&decision(), &Layout::state(), now()).unwrap();
    keep("state.pdf", &pdf);
    in_order(
        &read(&pdf),
        &[
            "UBND THÀNH PHỐ HÀ NỘI",
            "ỦY BAN NHÂN DÂN PHƯỜNG HOÀN KIẾM",
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            "Độc lập - Tự do - Hạnh phúc",
            "Số: 45/QĐ-UBND",
            "Hoàn Kiếm, ngày 12 tháng 3 năm 2026",
            "KHẨN",
            "QUYẾT ĐỊNH",
            "Về việc thành lập",
            "Căn cứ Luật",
            "Chương I",
            "QUY ĐỊNH CHUNG",
            "Điều 1. Thành lập Tổ công tác",
            "Lê Thị Thuỳ Ngân",
            "Điều 2.",
            "kể từ ngày ký./.",
            "Nơi nhận:",
            "Như Điều 2;",
            "Lưu: VT, VHXH (02b).",
            "KT. CHỦ TỊCH",
            "PHÓ CHỦ TỊCH",
            "Trần Văn Thụy",
        ],
    );
}

#[test]
fn a_letter_has_its_abstract_below_the_symbol_and_an_unknown_number_is_a_blank() {
    let mut paper = resolution();
    paper.title = Title::Letter {
        subject: "mời dự sinh hoạt chuyên đề".to_owned(),
    };
    paper.symbol = Some(citation::Symbol {
        number: 0,
        ..citation::parse("05-CV/CB").unwrap()
    });
    paper.dated = Dated::InMonth {
        year: 2026,
        month: 1,
    };
    paper.addressees = texts(&[
        "Đảng ủy phường Hoàn Kiếm",
        "Ban Công tác Mặt trận khu dân cư số 5",
    ]);
    let pdf = official(&paper, &Layout::party(), now()).unwrap();
    keep("letter.pdf", &pdf);
    let text = read(&pdf);
    in_order(
        &text,
        &[
            "Hà Nội, ngày",
            "tháng 01 năm 2026",
            "Số",
            "-CV/CB",
            "mời dự sinh hoạt chuyên đề",
            "Kính gửi:",
            "- Đảng ủy phường Hoàn Kiếm;",
            "- Ban Công tác Mặt trận khu dân cư số 5.",
        ],
    );
    assert!(!text.contains("NGHỊ QUYẾT"));
}

#[test]
fn a_long_paper_numbers_its_pages_from_the_second_and_keeps_every_paragraph() {
    let mut paper = resolution();
    paper.title = Title::Named {
        kind: "Hướng dẫn".to_owned(),
        subject:
            "một số nội dung cụ thể về công tác đảng viên và nghiệp vụ sinh hoạt của chi bộ trong \
                  Đảng bộ phường"
                .to_owned(),
    };
    let mut body = Vec::new();
    for part in 1..=3 {
        body.push(Block::Heading {
            level: Level::Part,
            label: format!("Phần thứ {}", vietnamese::in_words(part)),
            text: "Về công tác đảng viên".to_owned(),
        });
        body.push(Block::Heading {
            level: Level::Section,
            label: "I.".to_owned(),
            text: "THÀNH LẬP TỔ CHỨC ĐẢNG".to_owned(),
        });
        for clause in 1..=4 {
            body.push(Block::Heading {
                level: Level::Clause,
                label: format!("{clause}."),
                text: "Căn cứ và nguyên tắc thành lập".to_owned(),
            });
            body.push(Block::Heading {
                level: Level::Point,
                label: format!("{clause}.1."),
                text: "Nguyên tắc".to_owned(),
            });
            body.push(Block::Paragraph(
                format!(
                    "Đoạn {part}.{clause}: hệ thống tổ chức của Đảng được lập tương ứng với hệ thống tổ chức hành \
                     chính của Nhà nước; việc lập tổ chức đảng được thực hiện khi cơ quan, doanh nghiệp có từ ba \
                     đảng viên chính thức trở lên. "
                )
                .repeat(2)
                .into(),
            ));
        }
    }
    paper.body = body;
    let pdf = official(&paper, &Layout::party(), now()).unwrap();
    keep("long.pdf", &pdf);
    assert!(pdf.pages >= 4, "{}", pdf.pages);
    let text = read(&pdf);
    for part in 1..=3 {
        for clause in 1..=4 {
            assert_eq!(text.matches(&format!("Đoạn {part}.{clause}:")).count(), 2);
        }
    }
    in_order(
        &text,
        &[
            "PHẦN THỨ MỘT",
            "VỀ CÔNG TÁC ĐẢNG VIÊN",
            "PHẦN THỨ HAI",
            "PHẦN THỨ BA",
        ],
    );
    let pages = pdf_extract::extract_text_from_mem_by_pages(&pdf.bytes).unwrap();
    assert_eq!(pages.len(), pdf.pages);
    for (i, page) in pages.iter().enumerate() {
        let first = page.split_whitespace().next().unwrap();
        if i == 0 {
            assert_ne!(first, "1");
        } else {
            // The header is drawn before or after the text, as the writer likes.
            let last = page.split_whitespace().next_back().unwrap();
            let number = (i + 1).to_string();
            assert!(
                first == number || last == number,
                "page {number}: {first} … {last}"
            );
        }
    }
}

#[test]
fn a_roll_repeats_its_head_and_numbers_its_rows() {
    let people: Vec<Vec<String>> = (1..=60)
        .map(|i| {
            texts(&[
                &format!("Nguyễn Văn Người {i}"),
                "Đảng viên chính thức",
                "",
                "",
            ])
        })
        .collect();
    let column = |head: &str, share: f64, is_centred: bool| TableColumn {
        head: head.to_owned(),
        share,
        is_centred,
    };
    let list = Roll {
        issuer: texts(&["Đảng bộ phường Hoàn Kiếm", "Chi bộ khu dân cư số 5"]),
        title: "Danh sách đảng viên dự sinh hoạt".to_owned(),
        lines: texts(&[
            "Ngày 05/01/2026, tại Nhà văn hóa khu dân cư số 5",
            "Tổng số 60 đảng viên",
        ]),
        number_head: Some("TT".to_owned()),
        columns: vec![
            column("Họ và tên", 4.0, false),
            column("Đối tượng", 3.0, false),
            column("Giờ đến", 1.5, true),
            column("Chữ ký", 3.0, false),
        ],
        rows: people,
        row_mm: 10.0,
        is_landscape: false,
        notes: texts(&["Có mặt: ……… Vắng có lý do: ……… Vắng không lý do: ………"]),
        signers: vec![
            ("THƯ KÝ".to_owned(), String::new()),
            ("CHỦ TRÌ".to_owned(), "Nguyễn Thị Hường".to_owned()),
        ],
    };
    let pdf = roll(&list, &Layout::party(), now()).unwrap();
    keep("roll.pdf", &pdf);
    let pages = pdf_extract::extract_text_from_mem_by_pages(&pdf.bytes).unwrap();
    assert_eq!(pages.len(), pdf.pages);
    assert!(pdf.pages >= 3);
    for page in &pages {
        assert!(page.contains("Họ và tên"), "{page}");
    }
    let text = read(&pdf);
    for i in 1..=60 {
        assert!(
            text.contains(&format!("{i} Nguyễn Văn Người {i} ")),
            "{i}: {text}"
        );
    }
    in_order(
        &text,
        &[
            "DANH SÁCH ĐẢNG VIÊN DỰ SINH HOẠT",
            "Tổng số 60",
            "Người 60",
            "THƯ KÝ",
            "CHỦ TRÌ",
        ],
    );

    let wide = roll(
        &Roll {
            is_landscape: true,
            ..list
        },
        &Layout::state(),
        now(),
    )
    .unwrap();
    keep("roll-wide.pdf", &wide);
    let document = Document::load_mem(&wide.bytes).unwrap();
    let page = document.get_dictionary(document.get_pages()[&1]).unwrap();
    let sides = page.get(b"MediaBox").unwrap().as_array().unwrap();
    assert!(sides[2].as_float().unwrap() > sides[3].as_float().unwrap());
}

fn catalog(document: &Document) -> &Dictionary {
    document.catalog().unwrap()
}

fn follow<'a>(document: &'a Document, object: &'a Object) -> &'a Object {
    match object {
        Object::Reference(id) => document.get_object(*id).unwrap(),
        object => object,
    }
}

/// How often each kind of structure element occurs.
fn tags(document: &Document) -> std::collections::BTreeMap<String, usize> {
    let mut seen = std::collections::BTreeMap::new();
    for object in document.objects.values() {
        if let Ok(held) = object.as_dict()
            && held.get(b"Type").and_then(Object::as_name).ok() == Some(b"StructElem")
        {
            let name = held.get(b"S").unwrap().as_name().unwrap();
            *seen
                .entry(String::from_utf8_lossy(name).into_owned())
                .or_default() += 1;
        }
    }
    seen
}

#[test]
fn the_file_is_tagged_and_says_which_standards_it_keeps() {
    for (paper, layout, name) in [
        (resolution(), Layout::party(), "05-NQ/CB"),
        (decision(), Layout::state(), "45/QĐ-UBND"),
    ] {
        let pdf = official(&paper, &layout, now()).unwrap();
        let document = Document::load_mem(&pdf.bytes).unwrap();
        let catalog = catalog(&document);
        let marked = follow(&document, catalog.get(b"MarkInfo").unwrap())
            .as_dict()
            .unwrap();
        assert!(marked.get(b"Marked").unwrap().as_bool().unwrap());
        assert!(
            catalog.has(b"StructTreeRoot")
                && catalog.has(b"Outlines")
                && catalog.has(b"OutputIntents")
        );
        assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"vi-VN");
        let view = follow(&document, catalog.get(b"ViewerPreferences").unwrap())
            .as_dict()
            .unwrap();
        assert!(view.get(b"DisplayDocTitle").unwrap().as_bool().unwrap());

        let stream = follow(&document, catalog.get(b"Metadata").unwrap())
            .as_stream()
            .unwrap();
        let xmp = stream
            .decompressed_content()
            .unwrap_or_else(|_| stream.content.clone());
        let xmp = String::from_utf8(xmp).unwrap();
        for held in [
            "<pdfaid:part>2</pdfaid:part>",
            "<pdfaid:conformance>A</pdfaid:conformance>",
            "<pdfuaid:part>1</pdfuaid:part>",
            "2026-11-26T09:30:00+07:00",
            name,
        ] {
            assert!(xmp.contains(held), "{held} in {xmp}");
        }
        let tags = tags(&document);
        assert_eq!(tags["H1"], 1, "{tags:?}");
        assert!(
            tags["H2"] >= 1 && tags["P"] > 5 && tags["L"] == 1,
            "{tags:?}"
        );
        if name.contains("UBND") {
            assert_eq!(
                (tags["Table"], tags["TH"], tags["TD"]),
                (1, 4, 8),
                "{tags:?}"
            );
            assert_eq!(tags["H3"], 2);
        }
        for id in document.objects.keys() {
            if let Ok(font) = document.get_dictionary(*id)
                && font.get(b"Type").and_then(Object::as_name).ok() == Some(b"FontDescriptor")
            {
                assert!(font.has(b"FontFile2") || font.has(b"FontFile3"), "embedded");
            }
        }
    }
}

#[test]
fn equal_input_at_an_equal_moment_gives_equal_bytes() {
    let layout = Layout::party();
    let first = official(&resolution(), &layout, now()).unwrap();
    let other = official(&decision(), &Layout::state(), now()).unwrap();
    assert_eq!(official(&resolution(), &layout, now()).unwrap(), first);
    assert_eq!(
        official(&decision(), &Layout::state(), now()).unwrap(),
        other
    );
    assert_ne!(
        official(&resolution(), &layout, now().plus_ms(1_000))
            .unwrap()
            .bytes,
        first.bytes
    );
    // Several at once, as a server does.
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| official(&resolution(), &Layout::party(), now()).unwrap()))
            .collect();
        for run in runs {
            assert_eq!(run.join().unwrap(), first);
        }
    });
}

#[test]
fn a_capacity_that_the_layout_does_not_know_is_refused() {
    let mut paper = resolution();
    paper.signatures[0].capacity = Capacity::ForHead;
    assert_eq!(
        official(&paper, &Layout::party(), now()).unwrap_err(),
        Error::NoSignWord {
            layout: Layout::party().basis.source,
            capacity: Capacity::ForHead
        }
    );
    let mut layout = Layout::party();
    layout.signs.for_head = Some("K/T".to_owned());
    assert!(read(&official(&paper, &layout, now()).unwrap()).contains("K/T CHI BỘ"));
}

#[test]
fn two_and_three_sign_side_by_side_and_a_fourth_is_refused() {
    let mut paper = resolution();
    let sign = |of: &str, name: &str| Signature {
        capacity: Capacity::Holder,
        of: of.to_owned(),
        post: String::new(),
        name: name.to_owned(),
        is_sealed: false,
    };
    paper.signatures = vec![
        sign("thư ký", "Lê Thị Thuỳ Ngân"),
        sign("chủ trì", "Nguyễn Thị Hường"),
    ];
    let pdf = official(&paper, &Layout::party(), now()).unwrap();
    keep("two.pdf", &pdf);
    in_order(
        &read(&pdf),
        &[
            "THƯ KÝ",
            "Lê Thị Thuỳ Ngân",
            "CHỦ TRÌ",
            "Nguyễn Thị Hường",
            "Nơi nhận:",
        ],
    );
    paper.signatures = (0..4).map(|_| sign("chủ trì", "A")).collect();
    assert!(matches!(
        official(&paper, &Layout::party(), now()),
        Err(Error::TooMuch {
            what: "signatures",
            ..
        })
    ));
}

#[test]
fn a_secrecy_mark_is_refused() {
    for mark in ["MẬT", "Tối mật", "TUYỆT MẬT"] {
        let mut paper = resolution();
        paper.marks = texts(&[mark]);
        assert_eq!(
            official(&paper, &Layout::party(), now()).unwrap_err(),
            Error::Secret,
            "{mark}"
        );
    }
}

#[test]
fn figures_that_make_no_page_are_named() {
    let spoil = |change: fn(&mut Layout)| {
        let mut layout = Layout::party();
        change(&mut layout);
        match official(&resolution(), &layout, now()) {
            Err(Error::Layout { figure, .. }) => figure,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(spoil(|l| l.body_pt = f64::NAN), "body_pt");
    assert_eq!(spoil(|l| l.margin_left_mm = -1.0), "margin_left_mm");
    assert_eq!(spoil(|l| l.line_pt = 9.0), "line_pt");
    assert_eq!(
        spoil(|l| {
            l.margin_left_mm = 90.0;
            l.margin_right_mm = 90.0;
        }),
        "page_width_mm less its margins"
    );
}

#[test]
fn a_layout_is_kept_as_json_and_says_that_it_is_unconfirmed() {
    for layout in [Layout::party(), Layout::state()] {
        let text = serde_json::to_string(&layout).unwrap();
        assert_eq!(serde_json::from_str::<Layout>(&text).unwrap(), layout);
        assert!(!layout.basis.is_confirmed);
    }
}

#[test]
fn a_row_that_is_not_as_wide_as_its_table_is_named() {
    let mut paper = decision();
    let Some(Block::Table(table)) = paper
        .body
        .iter_mut()
        .find(|one| matches!(one, Block::Table(_)))
    else {
        panic!("the decision has a table")
    };
    table.rows[1].pop();
    assert_eq!(
        official(&paper, &Layout::state(), now()).unwrap_err(),
        Error::Row {
            row: 1,
            cells: 3,
            columns: 4
        }
    );
}

/// The minutes of an ordinary evening: twelve members, four items with a few lines each, two tasks.
fn short_minutes() -> Official {
    let sign = |of: &str, name: &str| Signature {
        capacity: Capacity::Holder,
        of: of.to_owned(),
        post: String::new(),
        name: name.to_owned(),
        is_sealed: false,
    };
    let section = |text: &str| Block::Heading {
        level: Level::Section,
        label: String::new(),
        text: text.to_owned(),
    };
    let item = |label: &str, text: &str| Block::Heading {
        level: Level::Clause,
        label: label.to_owned(),
        text: text.to_owned(),
    };
    let said = |text: &str| Block::Paragraph(text.into());
    Official {
        issuer: Issuer {
            above: texts(&["Đảng bộ phường Hoàn Kiếm"]),
            name: "Chi bộ khu dân cư số 5".to_owned(),
        },
        symbol: Some(citation::Symbol {
            number: 0,
            ..citation::parse("01-BB/CB").unwrap()
        }),
        place: "……………".to_owned(),
        dated: Dated::On(day(2026, 11, 25)),
        title: Title::Named {
            kind: "Biên bản".to_owned(),
            subject: "Sinh hoạt thường kỳ tháng 11".to_owned(),
        },
        marks: vec![],
        addressees: vec![],
        body: vec![
            said("Bắt đầu lúc 19 giờ 30 phút, ngày 25/11/2026, tại nhà văn hóa, Chi bộ khu dân cư số 5 họp: Sinh hoạt thường kỳ tháng 11."),
            section("THÀNH PHẦN"),
            said("Tổng số: 12 người (11 chính thức, 1 dự bị)."),
            said("Có mặt: 10 đồng chí. Vắng có lý do: 2 (Lương Thị Hoa, Vũ Văn Nam)."),
            said("Cần 6 phiếu tán thành mới thông qua."),
            said("Chủ trì: đồng chí Nguyễn Thị Lan. Thư ký: đồng chí Trần Văn Minh."),
            section("NỘI DUNG"),
            item("1.", "Thông báo tình hình tháng 11"),
            said("Kết luận: Chi bộ giữ nền nếp sinh hoạt; ba hộ đã sửa xong rãnh thoát nước."),
            item("2.", "Học tập chuyên đề quý IV"),
            said("Kết luận: Mỗi đồng chí ghi một việc làm theo trước ngày 10/12."),
            item("3.", "Đảng phí và công tác cuối năm"),
            said("Kết luận: Thu xong trước ngày 05/12/2026."),
            section("GIAO VIỆC"),
            Block::Item {
                mark: "1.".to_owned(),
                text: "Lập danh sách hộ cần giúp; đồng chí Lương Thị Hoa chịu trách nhiệm; hạn 05/12/2026".into(),
            },
            said("Buổi họp kết thúc lúc 21 giờ 00 phút."),
        ],
        recipients: vec![],
        signatures: vec![sign("thư ký", "Trần Văn Minh"), sign("chủ trì", "Nguyễn Thị Lan")],
    }
}

#[test]
fn the_minutes_of_a_short_meeting_fit_one_sheet_with_room_for_number_and_place() {
    let pdf = official(&short_minutes(), &Layout::party(), now()).unwrap();
    keep("short-minutes.pdf", &pdf);
    assert_eq!(pdf.pages, 1);
    in_order(
        &read(&pdf),
        &[
            "……………, ngày 25 tháng 11 năm 2026",
            "Số",
            "-BB/CB",
            "BIÊN BẢN",
            "kết thúc lúc",
            "THƯ KÝ",
            "CHỦ TRÌ",
        ],
    );
}

/// Minutes as the handbook drafts them, with so many points and lines said under the second.
fn minutes_of(points: usize, said: usize) -> Official {
    let mut body: Vec<Block> = Vec::new();
    let say = |text: &str| Block::Paragraph(text.into());
    let section = |text: &str| Block::Heading {
        level: Level::Section,
        label: String::new(),
        text: text.to_owned(),
    };
    body.push(say("Bắt đầu lúc 19 giờ 30 phút, ngày 27/11/2026, tại nhà văn hóa, Chi bộ khu dân cư số 5 họp: Sinh hoạt thường kỳ tháng 11 năm 2026."));
    body.push(section("THÀNH PHẦN"));
    for line in [
        "Tổng số: 15 người.",
        "Có mặt: 11 đồng chí.",
        "Vắng có lý do: 2 (Lương Thị Hoa, Trần Văn Minh).",
        "Đảng viên chính thức phải dự: 13.",
        "Chủ trì: Nguyễn Thị Hường.",
        "Thư ký: Trần Văn Minh.",
    ] {
        body.push(say(line));
    }
    body.push(section("NỘI DUNG"));
    for point in 1..=points {
        body.push(Block::Heading {
            level: Level::Clause,
            label: format!("{point}."),
            text: "Kiểm điểm việc tháng này, bàn việc tháng sau".to_owned(),
        });
        if point == 2 {
            for _ in 0..said {
                body.push(say(
                    "Chi bộ bàn, thống nhất vận động các hộ trong ngõ 12 góp sức làm đường, bắt đầu từ tuần sau.",
                ));
            }
        }
    }
    body.push(say("Kết thúc lúc 20 giờ 45 phút cùng ngày."));
    let sign = |of: &str, name: &str| Signature {
        capacity: Capacity::Holder,
        of: of.to_owned(),
        post: String::new(),
        name: name.to_owned(),
        is_sealed: false,
    };
    Official {
        body,
        place: "……………".to_owned(),
        dated: Dated::On(day(2026, 11, 27)),
        title: Title::Named {
            kind: "Biên bản".to_owned(),
            subject: "Sinh hoạt thường kỳ tháng 11 năm 2026".to_owned(),
        },
        recipients: Vec::new(),
        signatures: vec![
            sign("THƯ KÝ", "Trần Văn Minh"),
            sign("CHỦ TRÌ", "Nguyễn Thị Hường"),
        ],
        ..resolution()
    }
}

#[test]
fn minutes_of_a_short_meeting_are_one_sheet() {
    let paper = minutes_of(5, 4); // as much as fits when it is set closer
    let pdf = official(&paper, &Layout::party(), now()).unwrap();
    keep("minutes-short.pdf", &pdf);
    assert_eq!(pdf.pages, 1);
}

#[test]
fn nobody_signs_a_sheet_that_holds_no_words_of_the_text() {
    // Wherever the page ends, what is signed has its last words above it.
    for said in 0..16 {
        let pdf = official(&minutes_of(5, said), &Layout::party(), now()).unwrap();
        keep(&format!("minutes-{said}.pdf"), &pdf);
        let pages = pdf_extract::extract_text_from_mem_by_pages(&pdf.bytes).unwrap();
        let last = vietnamese::nfc(&pages[pages.len() - 1]);
        let last = last.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(last.contains("Kết thúc lúc 20 giờ 45"), "{said}: {last}");
        assert!(last.contains("Nguyễn Thị Hường"), "{said}: {last}");
        if pages.len() > 1 {
            let before = last.split("Kết thúc lúc").next().unwrap_or_default();
            assert!(
                before.split(' ').count() > 4,
                "{said}: the end stands alone: {last}"
            );
        }
    }
}
