//! An EPUB 3 made from Markdown: the handbook's own guides, and books for tests.
//!
//! Small on purpose: chapters, one style sheet, pictures handed in. The same spec gives the
//! same bytes; the day of change is a parameter. Raw HTML in Markdown becomes text, so
//! that what comes out is always well-formed.

use std::io::{Cursor, Write};

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::names::nfc;

/// What the book is to be.
#[derive(Debug, Clone, Default)]
pub struct Spec {
    /// Unique identifier, such as `urn:uuid:…`; the same for all editions of a guide.
    pub identifier: String,
    /// Title.
    pub title: String,
    /// Author, a person or a body.
    pub creator: Option<String>,
    /// Language tag, such as `vi`.
    pub language: String,
    /// Last change, `YYYY-MM-DDThh:mm:ssZ`.
    pub modified: String,
    /// Description in a sentence or two.
    pub description: Option<String>,
    /// Publisher.
    pub publisher: Option<String>,
    /// Statement of rights.
    pub rights: Option<String>,
    /// What it belongs to, such as the address of a shelf: its books have covers of one colour.
    pub series: String,
    /// Subjects.
    pub subjects: Vec<String>,
    /// Chapters in reading order.
    pub chapters: Vec<Chapter>,
    /// Pictures that chapters show, by file name.
    pub pictures: Vec<Picture>,
}

/// A chapter.
#[derive(Debug, Clone, Default)]
pub struct Chapter {
    /// File name without ending, ASCII; other chapters link to it as `name.md`.
    pub name: String,
    /// Title, for the contents; the text brings its own first heading.
    pub title: String,
    /// Text in Markdown (CommonMark with tables).
    pub markdown: String,
}

/// A picture.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// File name, ASCII, as Markdown names it.
    pub name: String,
    /// Media type, such as `image/png`.
    pub media_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Builds the EPUB.
///
/// # Errors
/// Two files of one name, or more than an archive holds.
pub fn epub(spec: &Spec) -> std::io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let packed = SimpleFileOptions::default();
    let mut add = |name: &str, options: SimpleFileOptions, bytes: &[u8]| {
        zip.start_file(name, options)
            .map_err(std::io::Error::other)?;
        zip.write_all(bytes)
    };
    add("mimetype", stored, b"application/epub+zip")?;
    add("META-INF/container.xml", packed, CONTAINER.as_bytes())?;
    let mut outline = String::new();
    for chapter in &spec.chapters {
        let (body, headings) = body(&chapter.markdown);
        let file = format!("{}.xhtml", chapter.name);
        outline.push_str(&format!(
            "<li><a href=\"{file}\">{}</a>",
            escaped(&chapter.title)
        ));
        if !headings.is_empty() {
            outline.push_str("<ol>");
            for (id, title) in &headings {
                outline.push_str(&format!(
                    "<li><a href=\"{file}#{id}\">{}</a></li>",
                    escaped(title)
                ));
            }
            outline.push_str("</ol>");
        }
        outline.push_str("</li>\n");
        let page = page(spec, &chapter.title, &body);
        add(&format!("EPUB/{file}"), packed, page.as_bytes())?;
    }
    let nav = format!(
        "<nav epub:type=\"toc\" role=\"doc-toc\"><h1>{}</h1><ol>\n{outline}</ol></nav>",
        escaped(&spec.title)
    );
    add(
        "EPUB/nav.xhtml",
        packed,
        page(spec, &spec.title, &nav).as_bytes(),
    )?;
    add("EPUB/book.css", packed, CSS.as_bytes())?;
    let author = spec.creator.as_deref().unwrap_or_default();
    let cover = crate::cover::standalone(&spec.title, author, &spec.identifier, &spec.series);
    add("EPUB/cover.svg", packed, cover.as_bytes())?;
    for picture in &spec.pictures {
        add(&format!("EPUB/{}", picture.name), packed, &picture.bytes)?;
    }
    add("EPUB/package.opf", packed, package(spec).as_bytes())?;
    let done = zip.finish().map_err(std::io::Error::other)?;
    Ok(done.into_inner())
}

const CONTAINER: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>
"#;

const CSS: &str = "body{line-height:1.6;margin:0 5%}h1,h2,h3{line-height:1.3}\
table{border-collapse:collapse}td,th{border:1px solid;padding:.3em .5em;text-align:start}\
img{max-width:100%}\n";

fn page(spec: &Spec, title: &str, body: &str) -> String {
    let language = escaped(&spec.language);
    let title = escaped(title);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\" \
         xml:lang=\"{language}\" lang=\"{language}\"><head><title>{title}</title>\
         <link rel=\"stylesheet\" type=\"text/css\" href=\"book.css\"/></head>\n<body>\n{body}</body></html>\n"
    )
}

fn package(spec: &Spec) -> String {
    let mut meta = String::new();
    let mut dc = |name: &str, value: Option<&String>| {
        if let Some(value) = value {
            meta.push_str(&format!("<dc:{name}>{}</dc:{name}>\n", escaped(value)));
        }
    };
    dc("title", Some(&spec.title));
    dc("language", Some(&spec.language));
    dc("creator", spec.creator.as_ref());
    dc("publisher", spec.publisher.as_ref());
    dc("description", spec.description.as_ref());
    dc("rights", spec.rights.as_ref());
    for subject in &spec.subjects {
        dc("subject", Some(subject));
    }
    let mut features = vec!["tableOfContents", "readingOrder", "structuralNavigation"];
    let mut modes = "<meta property=\"schema:accessMode\">textual</meta>\n".to_owned();
    if spec.pictures.is_empty() {
        modes.push_str("<meta property=\"schema:accessModeSufficient\">textual</meta>\n");
    } else {
        modes.push_str("<meta property=\"schema:accessMode\">visual</meta>\n");
        features.push("alternativeText");
    }
    for feature in features {
        modes.push_str(&format!(
            "<meta property=\"schema:accessibilityFeature\">{feature}</meta>\n"
        ));
    }
    modes.push_str("<meta property=\"schema:accessibilityHazard\">none</meta>\n");
    let summary = if spec.language.starts_with("vi") {
        "Sách chỉ có chữ và tiêu đề theo bậc, có mục lục; đọc được bằng trình đọc màn hình."
    } else {
        "Text with structured headings and a table of contents; readable with a screen reader."
    };
    modes.push_str(&format!(
        "<meta property=\"schema:accessibilitySummary\">{summary}</meta>\n"
    ));
    let mut manifest = String::new();
    let mut spine = String::new();
    for (index, chapter) in spec.chapters.iter().enumerate() {
        manifest.push_str(&format!(
            "<item id=\"c{index}\" href=\"{}.xhtml\" media-type=\"application/xhtml+xml\"/>\n",
            escaped(&chapter.name)
        ));
        spine.push_str(&format!("<itemref idref=\"c{index}\"/>\n"));
    }
    for (index, picture) in spec.pictures.iter().enumerate() {
        manifest.push_str(&format!(
            "<item id=\"p{index}\" href=\"{}\" media-type=\"{}\"/>\n",
            escaped(&picture.name),
            escaped(&picture.media_type)
        ));
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" unique-identifier=\"id\" xml:lang=\"{}\">\n\
         <metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n\
         <dc:identifier id=\"id\">{}</dc:identifier>\n{meta}\
         <meta property=\"dcterms:modified\">{}</meta>\n{modes}</metadata>\n\
         <manifest>\n<item id=\"nav\" href=\"nav.xhtml\" media-type=\"application/xhtml+xml\" properties=\"nav\"/>\n\
         <item id=\"css\" href=\"book.css\" media-type=\"text/css\"/>\n\
         <item id=\"cover\" href=\"cover.svg\" media-type=\"image/svg+xml\" properties=\"cover-image\"/>\n\
         {manifest}</manifest>\n<spine>\n{spine}</spine>\n</package>\n",
        escaped(&spec.language),
        escaped(&spec.identifier),
        escaped(&spec.modified)
    )
}

/// XHTML of a chapter, and its second-level headings as (id, title).
fn body(markdown: &str) -> (String, Vec<(String, String)>) {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES;
    let mut headings: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    let mut events = Vec::new();
    let mut number = 0;
    for event in Parser::new_ext(markdown, options) {
        let event = match event {
            // What somebody typed as HTML is shown as typed.
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            Event::Start(Tag::Heading {
                level,
                classes,
                attrs,
                ..
            }) => {
                number += 1;
                let id = format!("h{number}");
                if level == HeadingLevel::H2 {
                    inside = true;
                    headings.push((id.clone(), String::new()));
                }
                Event::Start(Tag::Heading {
                    level,
                    id: Some(id.into()),
                    classes,
                    attrs,
                })
            }
            Event::End(TagEnd::Heading(level)) => {
                inside = false;
                Event::End(TagEnd::Heading(level))
            }
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => Event::Start(Tag::Link {
                link_type,
                dest_url: to_chapter(dest_url),
                title,
                id,
            }),
            other => other,
        };
        if inside
            && let Event::Text(text) | Event::Code(text) = &event
            && let Some((_, title)) = headings.last_mut()
        {
            title.push_str(text);
        }
        events.push(event);
    }
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter());
    headings.retain(|(_, title)| !title.trim().is_empty());
    (nfc(&out), headings)
}

/// `name.md#place` in Markdown is `name.xhtml#place` in the book.
fn to_chapter(address: CowStr<'_>) -> CowStr<'_> {
    if address.contains(':') {
        return address;
    }
    let (file, place) = match address.split_once('#') {
        Some((file, place)) => (file, format!("#{place}")),
        None => (address.as_ref(), String::new()),
    };
    match file.strip_suffix(".md") {
        Some(name) => format!("{name}.xhtml{place}").into(),
        None => address,
    }
}

fn escaped(text: &str) -> String {
    nfc(text)
        .chars()
        .filter(|c| !c.is_control())
        .collect::<String>()
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
