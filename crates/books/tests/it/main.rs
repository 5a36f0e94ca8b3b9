//! Stories of whole books, good and hostile, made here in code.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::io::{Cursor, Write};

use books::{Book, Limits, LinkMap, Refused, RenderOptions, build, clean, render};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

struct Links;

impl LinkMap for Links {
    fn section(&self, index: usize) -> String {
        format!("/t/7/sections/{index}")
    }
    fn resource(&self, id: &str) -> String {
        format!("/t/7/resources/{id}")
    }
}

fn shown(html: &str) -> String {
    render(html, &Links, &RenderOptions::default())
}

const CONTAINER: &str = r#"<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="O/p.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"#;

fn package(extra: &str) -> String {
    format!(
        r#"<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">x</dc:identifier><dc:title>Sách</dc:title><dc:language>en-US</dc:language></metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>{extra}</manifest><spine><itemref idref="a"/></spine></package>"#
    )
}

fn page(body: &str) -> String {
    format!(
        r#"<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head><body>{body}</body></html>"#
    )
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn open(bytes: &[u8]) -> Result<Book, Refused> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    books::open(file.path(), &Limits::default())
}

/// A book of one page and, perhaps, more files.
fn book_of(body: &str, extra: &str, files: &[(&str, &[u8])]) -> Result<Book, Refused> {
    let (package, page) = (package(extra), page(body));
    let mut entries: Vec<(&str, &[u8])> = vec![
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", CONTAINER.as_bytes()),
        ("O/p.opf", package.as_bytes()),
        ("O/a.xhtml", page.as_bytes()),
    ];
    entries.extend_from_slice(files);
    open(&zipped(&entries))
}

fn html_of(body: &str) -> String {
    shown(&book_of(body, "", &[]).unwrap().sections[0].html)
}

fn warned(book: &Book, key: &str) -> bool {
    book.warnings.iter().any(|warning| warning.key == key)
}

#[test]
fn nothing_that_runs_or_fetches_survives() {
    let out = html_of(
        r##"<p onclick="x()" style="background:url(http://evil.example/s)">chữ</p><script>evil()</script>
        <img src="http://evil.example/a.png" onerror="evil()" alt="ảnh"/><img srcset="//evil.example/b.png 2x"/>
        <iframe src="http://evil.example"></iframe><object data="http://evil.example"><p>thay</p></object>
        <form action="http://evil.example"><input name="q"/><p>trong đơn</p></form>
        <a href="javascript:evil()">a</a><a href=" java&#10;script:evil()">b</a>
        <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="evil()"><script>evil()</script><use xlink:href="http://evil.example/x.svg#a"/><image xlink:href="http://evil.example/c.png"/><a xlink:href="javascript:evil()"><text fill="url(http://evil.example/#p)">t</text></a></svg>
        <math xmlns="http://www.w3.org/1998/Math/MathML" href="javascript:evil()"><mi>x</mi></math>
        <meta http-equiv="refresh" content="0;url=http://evil.example"/><base href="http://evil.example"/>"##,
    );
    for trace in [
        "evil",
        "<script",
        "onerror",
        "onclick",
        "onload",
        "<iframe",
        "<form",
        "<input",
        "<object",
        "javascript",
    ] {
        assert!(!out.contains(trace), "{trace} in {out}");
    }
    assert!(out.contains("trong đơn") && out.contains("thay") && out.contains("alt=\"ảnh\""));
}

#[test]
fn elements_keep_their_number_among_their_siblings() {
    let body = r#"<p>1</p><script>x</script><form><p>a</p><input/><p id="here">b</p></form><table><script/><tr><td>c</td></tr></table><custom-one><i>d</i></custom-one><p>last</p>"#;
    let book = book_of(body, "", &[]).unwrap();
    let out = render(&book.sections[0].html, &Links, &RenderOptions::exact());
    assert_eq!(shape(&out), shape(body), "{out}");
    assert!(out.contains(r#"<p id="here">b</p>"#));
}

/// Depth-first numbers of element children: the even steps of every CFI.
fn shape(markup: &str) -> Vec<usize> {
    let mut counts = vec![0];
    let mut out = Vec::new();
    for piece in markup.split('<').skip(1) {
        if piece.starts_with('/') {
            out.extend(counts.pop());
        } else {
            *counts.last_mut().unwrap() += 1;
            let void = piece.split('>').next().unwrap().ends_with('/');
            if void { out.push(0) } else { counts.push(0) }
        }
    }
    out.extend(counts.pop());
    out
}

#[test]
fn links_within_the_book_work_and_outer_ones_are_marked() {
    let out = html_of(
        r##"<h1 id="main">T</h1><p><a href="a.xhtml#main">x</a><a href="#main">y</a><a href="https://a.example/?a=1&amp;b=2">z</a><a href="gone.xhtml">w</a> {section:9}</p>"##,
    );
    assert!(out.contains(r#"<h2 id="b-main">"#), "{out}");
    assert_eq!(out.matches(r##"href="/t/7/sections/0#b-main""##).count(), 2);
    assert!(
        out.contains(r#"href="https://a.example/?a=1&amp;b=2" rel="noopener noreferrer external""#)
    );
    assert!(!out.contains("gone") && !out.contains("/sections/9"));
}

#[test]
fn broken_xhtml_is_read_as_html_and_said_so() {
    let book = book_of("<p>một<br>hai<p>ba<script>x()", "", &[]).unwrap();
    assert!(warned(&book, "section.not_well_formed"));
    assert_eq!(book.sections[0].text, "một\nhai\nba");
    assert!(!book.sections[0].html.contains("x()"));
}

#[test]
fn a_page_that_is_parsed_twice_stays_harmless() {
    for trick in [
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=evil()&gt;\">",
        "<svg></p><style><a id=\"</style><img src=1 onerror=evil()>\">",
        "<noscript><p title=\"</noscript><img src=x onerror=evil()>\">",
        "<svg><title><p title=\"</title><img src=1 onerror=evil()>\"></title></svg>",
    ] {
        let once = clean::fragment(trick, &Limits::default());
        let twice = clean::fragment(&shown(&once.html), &Limits::default());
        assert_eq!(twice.removed.scripts, 0, "{} -> {}", trick, once.html);
    }
}

#[test]
fn deep_and_endless_documents_are_cut_not_followed() {
    for hostile in [
        "<b>".repeat(300_000),
        format!("<p {}", "a b=c ".repeat(500_000)),
    ] {
        assert!(clean::fragment(&hostile, &Limits::default()).damaged);
    }
}

#[test]
fn archives_that_lie_are_refused_with_a_reason() {
    let out = book_of("<p>x</p>", "", &[("../evil", b"x")]);
    assert!(matches!(out, Err(Refused::UnsafePath { .. })), "{out:?}");
    let zeros = vec![b' '; 20 << 20];
    let out = book_of(
        "<p>x</p>",
        r#"<item id="z" href="z.css" media-type="text/css"/>"#,
        &[("O/z.css", &zeros)],
    );
    assert!(matches!(out, Err(Refused::TooLarge { .. })), "{out:?}");
    let mut twins = zipped(&[("O/one.txt", b"1"), ("O/two.txt", b"2")]);
    for at in 0..twins.len() - 9 {
        if &twins[at..at + 9] == b"O/two.txt" {
            twins[at..at + 9].copy_from_slice(b"O/one.txt");
        }
    }
    assert!(matches!(open(&twins), Err(Refused::DuplicateEntry { .. })));
    assert!(matches!(
        open(b"no archive"),
        Err(Refused::NotAnArchive { .. })
    ));
}

#[test]
fn an_archive_without_container_says_what_it_is_instead() {
    let bare = zipped(&[("mimetype", b"application/epub+zip")]);
    assert!(matches!(open(&bare), Err(Refused::NoContainer { .. })));
    let other = zipped(&[("mimetype", b"application/vnd.oasis.opendocument.text")]);
    assert!(matches!(open(&other), Err(Refused::NotAnEpub { .. })));
}

#[test]
fn names_in_nfd_are_found_and_text_becomes_nfc() {
    let vi = "Truye\u{0302}\u{0323}n Kie\u{0302}\u{0300}u tra\u{0306}m na\u{0306}m trong co\u{0303}i ngu\u{031b}o\u{031b}\u{0300}i ta, chu\u{031b}\u{0303} ta\u{0300}i chu\u{031b}\u{0303} me\u{0323}\u{0302}nh kh\u{0065}\u{0301}o la\u{0300}";
    let png = b"\x89PNG\r\n\x1a\nrest";
    let book = book_of(
        &format!("<p>{vi}</p><img src=\"bi\u{0300}a.png\" alt=\"\"/>"),
        "<item id=\"p\" href=\"b%C3%ACa.png\" media-type=\"image/png\"/>",
        &[("O/bi\u{0300}a.png", png)],
    )
    .unwrap();
    let section = &book.sections[0];
    assert!(section.text.starts_with("Truyện Kiều"), "{}", section.text);
    assert!(
        section.html.contains(vi),
        "the characters a CFI counts stay"
    );
    assert!(shown(&section.html).contains("Truyện Kiều"));
    assert!(shown(&section.html).contains("/t/7/resources/r1"));
    assert_eq!(book.detected_language.as_deref(), Some("vi"));
    assert!(book.resources[0].served);
}

#[test]
fn what_is_built_opens_again_with_every_word() {
    let spec = build::Spec {
        identifier: "urn:uuid:0198c2a0-0000-7000-8000-000000000001".to_owned(),
        title: "Sổ tay cho bí thư".to_owned(),
        language: "vi".to_owned(),
        modified: "2026-01-01T00:00:00Z".to_owned(),
        creator: Some("Nhóm biên soạn".to_owned()),
        chapters: vec![
            build::Chapter {
                name: "mot".to_owned(),
                title: "Chuẩn bị".to_owned(),
                markdown: "# Chuẩn bị\n\n## Việc thứ nhất\n\nXem [chương hai](hai.md). <script>x</script>\n\n| a | b |\n|---|---|\n| c | d |\n".to_owned(),
            },
            build::Chapter {
                name: "hai".to_owned(),
                title: "Chủ trì".to_owned(),
                markdown: "# Chủ trì\n\nMời & ghi tên.\n".to_owned(),
            },
        ],
        ..build::Spec::default()
    };
    let bytes = build::epub(&spec).unwrap();
    assert_eq!(&bytes[30..58], b"mimetypeapplication/epub+zip");
    assert_eq!(bytes, build::epub(&spec).unwrap());
    let book = open(&bytes).unwrap();
    assert_eq!(book.warnings, []);
    assert_eq!(book.contents.len(), 3);
    assert_eq!(book.contents[1].title, "Việc thứ nhất");
    assert!(book.cover.is_some() && book.accessibility.summary.is_some());
    assert_eq!(
        book.sections[0].text,
        "Chuẩn bị\nViệc thứ nhất\nXem chương hai. <script>x</script>\na\nb\nc\nd"
    );
    assert_eq!(book.sections[1].text, "Chủ trì\nMời & ghi tên.");
    assert!(shown(&book.sections[0].html).contains("/t/7/sections/1"));
    if let Some(path) = std::env::var_os("BOOKS_KEEP_BUILT") {
        std::fs::write(path, &bytes).unwrap();
    }
}

#[test]
fn the_job_writes_resources_under_our_names_and_returns_the_book() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.epub");
    let svg = br##"<svg xmlns="http://www.w3.org/2000/svg"><script>evil()</script><path d="M0 0"/></svg>"##;
    let page = page("<img src=\"../O/s.svg\" alt=\"\"/>");
    let package = package(r#"<item id="s" href="s.svg" media-type="image/svg+xml"/>"#);
    let bytes = zipped(&[
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", CONTAINER.as_bytes()),
        ("O/p.opf", package.as_bytes()),
        ("O/a.xhtml", page.as_bytes()),
        ("O/s.svg", svg),
    ]);
    std::fs::write(&path, bytes).unwrap();
    let book = books::unpack(&path, dir.path(), &Limits::default()).unwrap();
    let kept = std::fs::read_to_string(dir.path().join(book.resources[0].path.as_deref().unwrap()))
        .unwrap();
    assert!(kept.contains("<path") && !kept.contains("evil"), "{kept}");
    let json = serde_json::to_value(&book).unwrap();
    assert_eq!(serde_json::from_value::<Book>(json).unwrap(), book);
    let mut jobs = files::Jobs::new();
    books::register(&mut jobs);
    assert!(jobs.names().any(|name| name == "books.open"));
}

/// A book of one page whose package has this metadata and these items beside the page.
fn told(metadata: &str, items: &str, spine: &str, files: &[(&str, &[u8])]) -> Book {
    let package = format!(
        r#"<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">x</dc:identifier>{metadata}</metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>{items}</manifest><spine{spine}</spine></package>"#
    );
    let page = page("<p>Trang</p>");
    let mut entries: Vec<(&str, &[u8])> = vec![
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", CONTAINER.as_bytes()),
        ("O/p.opf", package.as_bytes()),
        ("O/a.xhtml", page.as_bytes()),
    ];
    entries.extend(files);
    open(&zipped(&entries)).unwrap()
}

const ONE: &str = r#"><itemref idref="a"/>"#;

#[test]
fn folders_packed_on_windows_are_folders() {
    let (package, page) = (package(""), page("<p>Trang</p>"));
    let book = open(&zipped(&[
        ("mimetype", b"application/epub+zip"),
        ("META-INF\\container.xml", CONTAINER.as_bytes()),
        ("O\\p.opf", package.as_bytes()),
        ("O\\a.xhtml", page.as_bytes()),
    ]))
    .unwrap();
    assert_eq!(book.sections[0].text, "Trang");
}

#[test]
fn contents_with_a_bare_ampersand_are_whole() {
    let ncx = r#"<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Lý & tình</text></navLabel><content src="a.xhtml"/></navPoint><navPoint><navLabel><text>A &amp; B &#38; C &x</text></navLabel><content src="a.xhtml#b"/></navPoint></navMap></ncx>"#;
    let item = r#"<item id="n" href="t.ncx" media-type="application/x-dtbncx+xml"/>"#;
    let spine = r#" toc="n"><itemref idref="a"/>"#;
    let book = told("", item, spine, &[("O/t.ncx", ncx.as_bytes())]);
    let titles: Vec<&str> = book
        .contents
        .iter()
        .map(|line| line.title.as_str())
        .collect();
    assert_eq!(titles, ["Lý & tình", "A & B & C &x"]);
}

#[test]
fn the_spine_wants_a_page_where_a_picture_bears_its_id() {
    let items = r#"<item id="c" href="c.png" media-type="image/png"/><item id="c" href="c.xhtml" media-type="application/xhtml+xml"/>"#;
    let page = page("<p>Chương</p>");
    let files: [(&str, &[u8]); 2] = [("O/c.png", b"x"), ("O/c.xhtml", page.as_bytes())];
    let book = told("", items, r#"><itemref idref="c"/>"#, &files);
    assert_eq!(book.sections[0].text, "Chương");
}

#[test]
fn a_subtitle_that_stands_first_is_no_title() {
    let by_id =
        r#"<dc:title id="subtitle">Hồi ký</dc:title><dc:title id="title">Bến sông</dc:title>"#;
    let by_kind = r##"<dc:title id="t1">Hồi ký</dc:title><meta refines="#t1" property="title-type">subtitle</meta><dc:title>Bến sông</dc:title>"##;
    for metadata in [by_id, by_kind] {
        let book = told(metadata, "", ONE, &[]);
        assert_eq!(
            (book.title.as_str(), book.subtitle.as_deref()),
            ("Bến sông", Some("Hồi ký"))
        );
    }
}

#[test]
fn the_year_that_means_unknown_is_no_date() {
    let date = |text: &str| told(&format!("<dc:date>{text}</dc:date>"), "", ONE, &[]).published;
    assert_eq!(date("0101-01-01T00:00:00+00:00"), None);
    assert_eq!(date("1975"), Some("1975".to_owned()));
}

#[test]
fn what_a_page_claims_to_be_written_in_is_believed_in_the_right_order() {
    let claim = r#"<meta charset="windows-1252"/>"#;
    let body = format!(
        r#"<html xmlns="http://www.w3.org/1999/xhtml"><head>{claim}</head><body><p>Đường</p></body></html>"#
    );
    for page in [
        body.clone(),
        format!("<?xml version='1.0' encoding = 'UTF-8'?>{body}"),
    ] {
        let book = told(
            "",
            r#"<item id="c" href="c.xhtml" media-type="application/xhtml+xml"/>"#,
            r#"><itemref idref="c"/>"#,
            &[("O/c.xhtml", page.as_bytes())],
        );
        assert_eq!(book.sections[0].text, "Đường");
    }
}

#[test]
fn a_line_of_the_contents_is_one_however_its_words_are_marked() {
    let nav = r#"<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body><nav epub:type="toc"><ol><li><a href="a.xhtml"><b><span>Hồi</span></b> <span>1</span></a></li><li><span>Phần <span>hai</span> <i><span>hết</span></i></span><ol><li><a href="a.xhtml#x">Hồi 2</a></li></ol></li></ol></nav></body></html>"#;
    let item =
        r#"<item id="n" href="n.xhtml" media-type="application/xhtml+xml" properties="nav"/>"#;
    let book = told("", item, ONE, &[("O/n.xhtml", nav.as_bytes())]);
    let lines: Vec<(u8, &str)> = (book.contents.iter())
        .map(|line| (line.level, line.title.as_str()))
        .collect();
    assert_eq!(lines, [(1, "Hồi 1"), (1, "Phần hai hết"), (2, "Hồi 2")]);
}

#[test]
fn a_picture_is_a_cover_by_its_whole_name_only() {
    let png = [&b"\x89PNG\r\n\x1a\n"[..], &[0; 64]].concat();
    let cover = |name: &str| {
        let item = format!(r#"<item id="z" href="{name}" media-type="image/png"/>"#);
        told("", &item, ONE, &[(&format!("O/{name}"), &png)]).cover
    };
    for name in [
        "cover.png",
        "book-cover_1.png",
        "frontcover.png",
        "CoverImage.png",
    ] {
        assert!(cover(name).is_some(), "{name}");
    }
    for name in ["discovery.png", "recover.png", "covered.png"] {
        assert_eq!(cover(name), None, "{name}");
    }
}

#[test]
fn words_are_found_however_they_were_set() {
    let text = |body: &str| book_of(body, "", &[]).unwrap().sections[0].text.clone();
    assert_eq!(
        text("<p>cong\u{ad}somol, o\u{fb03}ce, con\u{fb01}dential</p>"),
        "congsomol, office, confidential"
    );
    assert_eq!(
        text(
            "<p>Chữ <ruby>京都<rp>(</rp><rt>Kinh Đô</rt><rp>)</rp></ruby> và <ruby><rb>西</rb><rt>Tây</rt><rb>山</rb><rt>Sơn</rt></ruby> hết.</p>"
        ),
        "Chữ 京都 và 西山 hết."
    );
}
