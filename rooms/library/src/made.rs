//! Books made for tests: small, written here, nothing taken from anywhere.

use crate::import;
use crate::shelf::{self, NewShelf};
use books::build::{Chapter, Picture, Spec, epub};
use std::io::Write as _;
use testkit::TestApp;
use zip::write::SimpleFileOptions;

/// A picture of one dot.
pub(crate) const DOT: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, b'I', b'D', b'A', b'T',
    0x78, 0x9c, 0x62, 0, 1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E', b'N',
    b'D', 0xae, 0x42, 0x60, 0x82,
];

/// Puts a book onto a shelf of all members; answers the title's id.
pub(crate) async fn shelve(app: &TestApp, slug: &str, bytes: &[u8]) -> String {
    shelve_for(app, slug, "members", bytes).await
}

/// Puts a book onto a shelf for some.
pub(crate) async fn shelve_for(app: &TestApp, slug: &str, audience: &str, bytes: &[u8]) -> String {
    let new = NewShelf {
        slug: slug.into(),
        name: "Tủ sách thử".into(),
        audience: audience.parse().unwrap(),
        ..NewShelf::default()
    };
    let by = crate::Importing::default();
    shelf::ensure(&app.site, &by, &new).await.unwrap();
    import::add_built(&app.site, &by, slug, bytes.to_vec())
        .await
        .unwrap()
        .to_string()
}

fn spec(identifier: &str, title: &str) -> Spec {
    Spec {
        identifier: identifier.into(),
        title: title.into(),
        creator: Some("Nhóm thử".into()),
        language: "vi".into(),
        modified: "2026-11-01T00:00:00Z".into(),
        ..Spec::default()
    }
}

fn chapter(name: &str, title: &str, markdown: &str) -> Chapter {
    Chapter {
        name: name.into(),
        title: title.into(),
        markdown: markdown.into(),
    }
}

/// A book of one chapter.
pub(crate) fn plain(identifier: &str, title: &str, text: &str) -> Vec<u8> {
    let chapters = vec![chapter(
        "mot",
        "Chương một",
        &format!("# Chương một\n\n{text}\n"),
    )];
    epub(&Spec {
        chapters,
        ..spec(identifier, title)
    })
    .unwrap()
}

/// A book of chapters as files are called and what they say.
pub(crate) fn chapters(identifier: &str, title: &str, texts: &[(&str, &str)]) -> Vec<u8> {
    let chapters = texts
        .iter()
        .map(|(name, text)| chapter(name, text.lines().next().unwrap(), text));
    epub(&Spec {
        chapters: chapters.collect(),
        ..spec(identifier, title)
    })
    .unwrap()
}

/// A book of two chapters, the first linking into the second.
pub(crate) fn two_chapters(identifier: &str, title: &str) -> Vec<u8> {
    let one = "# Chương một\n\nBuổi sáng cả xóm ra vườn. [Xem mục nhỏ](hai.md#h2).\n";
    let two =
        "# Chương hai\n\nBuổi chiều mọi người tưới rau.\n\n## Một mục nhỏ\n\nRồi ai về nhà nấy.\n";
    let chapters = vec![
        chapter("mot", "Chương một", one),
        chapter("hai", "Chương hai", two),
    ];
    epub(&Spec {
        chapters,
        ..spec(identifier, title)
    })
    .unwrap()
}

/// The same two chapters, the other way round, with a third: a new edition.
pub(crate) fn three_chapters(identifier: &str, title: &str) -> Vec<u8> {
    let chapters = vec![
        chapter("moi", "Chương mới", "# Chương mới\n\nMở đầu thêm sau.\n"),
        chapter(
            "hai",
            "Chương hai",
            "# Chương hai\n\nBuổi chiều mọi người tưới rau kỹ hơn.\n",
        ),
        chapter(
            "mot",
            "Chương một",
            "# Chương một\n\nBuổi sáng cả xóm ra vườn.\n",
        ),
    ];
    epub(&Spec {
        chapters,
        ..spec(identifier, title)
    })
    .unwrap()
}

/// A book with a picture.
pub(crate) fn pictured(identifier: &str, title: &str) -> Vec<u8> {
    let chapters = vec![chapter(
        "mot",
        "Chương một",
        "# Chương một\n\nMột chấm: ![Một chấm](dot.png)\n",
    )];
    let pictures = vec![Picture {
        name: "dot.png".into(),
        media_type: "image/png".into(),
        bytes: DOT.into(),
    }];
    epub(&Spec {
        chapters,
        pictures,
        ..spec(identifier, title)
    })
    .unwrap()
}

/// A book that tries everything: scripts, handlers, frames, forms, pictures from elsewhere, a wrong
/// language, no heading, no contents, no cover.
pub(crate) fn hostile() -> Vec<u8> {
    let page = r#"<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>Sách dữ</title>
<script src="x.js"></script></head><body onload="steal()"><script>alert(1)</script>
<p onclick="steal()" style="position:fixed">Chữ còn lại. Trong vườn nhà, bà con trồng đủ thứ rau: cải, mướp, bầu bí,
đậu đũa, rau ngót; sớm chiều đều có người tưới nước, nhổ cỏ, bắt sâu, rồi chia nhau mỗi nhà một ít.</p>
<img src="https://evil.example/pixel.png" alt="ảnh" onerror="steal()"/>
<iframe src="https://evil.example/frame"></iframe><form action="https://evil.example/form"><input name="x"/></form>
<a href="javascript:steal()">bấm vào đây</a><object data="https://evil.example/o"></object></body></html>"#;
    let package = r#"<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">urn:hostile</dc:identifier>
<dc:title>Sách dữ &lt;script&gt;alert(1)&lt;/script&gt;</dc:title><dc:language>en</dc:language></metadata>
<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="s" href="x.js" media-type="text/javascript"/></manifest>
<spine><itemref idref="a"/></spine></package>"#;
    let container = r#"<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="p.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"#;
    zipped(&[
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", container),
        ("p.opf", package),
        ("a.xhtml", page),
        ("x.js", "steal()"),
    ])
}

/// A book of one page by these people, as its package names them.
pub(crate) fn by(identifier: &str, people: &str) -> Vec<u8> {
    let package = format!(
        r#"<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">{identifier}</dc:identifier>
<dc:title>Sách nhiều người làm</dc:title><dc:language>vi</dc:language>{people}</metadata>
<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>"#
    );
    let container = r#"<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="p.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"#;
    let page = r#"<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head><body><p>Trang</p></body></html>"#;
    zipped(&[
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", container),
        ("p.opf", &package),
        ("a.xhtml", page),
    ])
}

/// An archive with these entries.
pub(crate) fn zipped(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in entries {
        let stored =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        zip.start_file(*name, stored).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
