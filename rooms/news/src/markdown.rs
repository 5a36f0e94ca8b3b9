//! Markdown to HTML that is safe to show, and to plain text for the search index.
//!
//! HTML typed into an article is shown as text, never obeyed; pictures become their words (the photo
//! of an article is uploaded beside the text). What comes out passes a sanitiser once more, so a
//! mistake here cannot become a script. The surprising rule: headings are ranked anew, so that the
//! first kind used is `h2`, whatever the writer began with: the title is the only `h1`.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

fn events(source: &str) -> impl Iterator<Item = Event<'_>> {
    let simple = Parser::new_ext(source, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::SoftBreak => Some(Event::Text(CowStr::Borrowed(" "))),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        other => Some(other),
    });
    TextMergeStream::new(simple)
}

/// The article's text as HTML. `link` turns a piece of plain text into HTML (escaped, citations
/// linked); it is not asked inside links and code.
pub(crate) fn html(source: &str, mut link: impl FnMut(&str) -> String) -> String {
    let mut levels: Vec<HeadingLevel> = events(source)
        .filter_map(|event| match event {
            Event::Start(Tag::Heading { level, .. }) => Some(level),
            _ => None,
        })
        .collect();
    levels.sort_unstable();
    levels.dedup();
    let rank = |level: HeadingLevel| match levels.iter().position(|held| *held == level) {
        Some(0) | None => HeadingLevel::H2,
        Some(1) => HeadingLevel::H3,
        Some(_) => HeadingLevel::H4,
    };
    let mut inside = 0_usize;
    let drawn = events(source).map(|event| match event {
        Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
            level: rank(level),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(rank(level))),
        Event::Start(tag @ (Tag::Link { .. } | Tag::CodeBlock(_))) => {
            inside += 1;
            Event::Start(tag)
        }
        Event::End(tag @ (TagEnd::Link | TagEnd::CodeBlock)) => {
            inside = inside.saturating_sub(1);
            Event::End(tag)
        }
        Event::Text(text) if inside == 0 => Event::Html(CowStr::from(link(&text))),
        other => other,
    });
    let mut out = String::with_capacity(source.len() * 2);
    pulldown_cmark::html::push_html(&mut out, drawn);
    CLEANER.clean(&out).to_string()
}

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = ammonia::Builder::empty();
    let tags = [
        "p",
        "br",
        "hr",
        "h2",
        "h3",
        "h4",
        "strong",
        "em",
        "ul",
        "ol",
        "li",
        "blockquote",
        "code",
        "pre",
        "a",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ];
    cleaner
        .tags(HashSet::from(tags))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .allowed_classes(HashMap::from([("a", HashSet::from(["cite"]))]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(Some("noopener"));
    cleaner
});

/// The words alone, one paragraph a line.
pub(crate) fn plain(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    for event in events(source) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::HardBreak
            | Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::TableRow
                | TagEnd::TableHead
                | TagEnd::CodeBlock,
            ) if !out.ends_with('\n') => out.push('\n'),
            Event::End(TagEnd::TableCell) => out.push(' '),
            _ => {}
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        web::link::escape(text, &mut out);
        out
    }
    fn draw(source: &str) -> String {
        html(source, escaped)
    }

    #[test]
    fn typed_html_is_shown_and_not_obeyed() {
        for hostile in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<div onclick=x>\n\nb\n\n</div>",
            "[go](javascript:alert(1))",
            "[go](data:text/html;base64,xx)",
            "![x](https://evil.example/p.png)",
            "<a href=\"javascript:1\">x</a>",
            "<svg/onload=alert(1)>",
            "[a](\"><script>1</script>)",
        ] {
            let out = draw(hostile);
            for bad in [
                "<script",
                "<img",
                "<svg",
                "<div",
                "<a href=\"javascript",
                "<a href=\"data",
            ] {
                assert!(!out.contains(bad), "{hostile} gave {out}");
            }
        }
        assert!(draw("<script>alert(1)</script>").contains("&lt;script"));
    }
    #[test]
    fn the_title_stays_the_only_first_heading() {
        let out = draw("### Một\n\nchữ\n\n##### Hai\n");
        assert!(
            out.contains("<h2>Một</h2>") && out.contains("<h3>Hai</h3>"),
            "{out}"
        );
    }
    #[test]
    fn text_is_handed_over_in_whole_pieces_but_not_inside_links() {
        let mut given = Vec::new();
        html("Theo 12_QĐ* & 05\nvà [31-KH](/x) `05-QĐ`", |text| {
            given.push(text.to_owned());
            escaped(text)
        });
        assert_eq!(given, ["Theo 12_QĐ* & 05 và ", " "]);
    }
    #[test]
    fn plain_text_keeps_a_line_for_each_paragraph() {
        assert_eq!(plain("# A\n\nb **c**\nd\n\n- e\n- f\n"), "A\nb c d\ne\nf");
    }
}
