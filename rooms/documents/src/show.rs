//! Drawing provisions as HTML: anchors of article, clause and point, page cuts, tables, citations.
//!
//! Text is escaped by `site::Linker`, which also links citations; nothing of a document reaches the
//! page as markup. Not here: paging (`document`), the page around it (`pages::show`).

use crate::document::{ARTICLE, Line, Provision, line};
use site::Linker;
use web::Frame;

/// The badges of these documents, by id.
pub(crate) async fn badges(
    site: site::Site,
    frame: Frame,
    reach: Vec<String>,
    ids: Vec<String>,
) -> kernel::Result<std::collections::HashMap<String, site::room::Badge>> {
    let standing = crate::standing::of_all(&site, &ids, &reach).await?;
    Ok(standing
        .into_iter()
        .map(|(id, standing)| (id, standing.badge(&frame)))
        .collect())
}

/// What drawing needs beside the provisions.
pub(crate) struct Drawing<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) linker: &'a Linker,
    /// The document's own id: it does not link to itself.
    pub(crate) id: &'a str,
    /// Whether page cuts may lead into the original.
    pub(crate) has_pdf: bool,
}

impl Drawing<'_> {
    /// The provisions as HTML.
    pub(crate) fn html(&self, provisions: &[Provision]) -> String {
        let mut out = String::with_capacity(provisions.iter().map(|p| p.body.len() * 2).sum());
        let mut has_chapter = false;
        for provision in provisions {
            let is_drawn = !provision.label.is_empty() || !provision.heading.is_empty();
            has_chapter |= is_drawn && provision.level < ARTICLE;
            self.head(provision, has_chapter, &mut out);
            self.body(provision, &mut out);
        }
        out
    }

    /// An article looks the same everywhere; without a chapter above it, it is read as one of the first parts.
    fn head(&self, provision: &Provision, has_chapter: bool, out: &mut String) {
        if provision.label.is_empty() && provision.heading.is_empty() {
            out.push_str("<div id=\"");
            escape(&provision.anchor, out);
            out.push_str("\"></div>");
            return;
        }
        let tag = if provision.level < ARTICLE {
            "h2"
        } else {
            "h3"
        };
        out.push_str(&format!("<{tag} id=\""));
        escape(&provision.anchor, out);
        out.push_str(match has_chapter {
            true => "\">",
            false => "\" aria-level=\"2\">",
        });
        out.push_str(&self.linker.html(&provision.title(), self.id));
        out.push_str(" <a class=\"anchor\" href=\"#");
        escape(&provision.anchor, out);
        out.push_str(
            "\"><svg class=\"icon\" width=\"24\" height=\"24\" aria-hidden=\"true\"><use href=\"",
        );
        escape(&self.frame.icon("link"), out);
        out.push_str("\"/></svg><span class=\"vh\">");
        escape(
            &self
                .frame
                .t1("documents-show-address", "what", &provision.title()),
            out,
        );
        out.push_str("</span></a>");
        out.push_str(&format!("</{tag}>"));
    }

    fn body(&self, provision: &Provision, out: &mut String) {
        let mut clause = String::new();
        let mut is_open = false;
        let mut used: Vec<String> = Vec::new();
        let mut rows: Vec<Vec<&str>> = Vec::new();
        for text in provision.body.lines() {
            let read = line(text);
            if !matches!(read, Line::Row(_)) {
                self.table(&mut rows, out);
            }
            match read {
                Line::Row(cells) => rows.push(cells),
                Line::Clause(number, rest) => {
                    close(&mut is_open, out);
                    clause = unique(
                        &format!("{}-khoan-{}", provision.anchor, number.to_lowercase()),
                        &mut used,
                    );
                    self.numbered("documents-show-clause", number, ".", &clause, rest, out);
                    is_open = true;
                }
                Line::Point(letter, rest) => {
                    let above = if is_open {
                        clause.as_str()
                    } else {
                        provision.anchor.as_str()
                    };
                    let point = unique(&format!("{above}-diem-{letter}"), &mut used);
                    self.numbered("documents-show-point", letter, ")", &point, rest, out);
                    out.push_str("</div>");
                }
                Line::Page(number) => {
                    close(&mut is_open, out);
                    self.page_cut(number, out);
                }
                Line::Text(text) => {
                    out.push_str("<p>");
                    out.push_str(&self.linker.html(text, self.id));
                    out.push_str("</p>");
                }
            }
        }
        self.table(&mut rows, out);
        close(&mut is_open, out);
    }

    /// Opens a clause or a point; the caller closes it.
    fn numbered(
        &self,
        key: &str,
        number: &str,
        sign: &str,
        anchor: &str,
        rest: &str,
        out: &mut String,
    ) {
        out.push_str("<div class=\"prov\" id=\"");
        escape(anchor, out);
        out.push_str("\"><a class=\"n\" href=\"#");
        escape(anchor, out);
        out.push_str("\">");
        escape(number, out);
        out.push_str(sign);
        out.push_str("<span class=\"vh\"> ");
        escape(&self.frame.t1(key, "n", number), out);
        out.push_str("</span></a><p>");
        out.push_str(&self.linker.html(rest, self.id));
        out.push_str("</p>");
    }

    fn page_cut(&self, number: &str, out: &mut String) {
        out.push_str("<p class=\"origpage\">");
        let words = self.frame.t1("documents-show-page", "n", number);
        if self.has_pdf {
            out.push_str("<a href=\"/documents/");
            escape(self.id, out);
            out.push_str("/file#page=");
            escape(number, out);
            out.push_str("\">");
            escape(&words, out);
            out.push_str("</a>");
        } else {
            out.push_str("<span>");
            escape(&words, out);
            out.push_str("</span>");
        }
        out.push_str("</p>");
    }

    fn table(&self, rows: &mut Vec<Vec<&str>>, out: &mut String) {
        if rows.is_empty() {
            return;
        }
        out.push_str("<div class=\"tablewrap\" tabindex=\"0\"><table>");
        for row in rows.drain(..) {
            out.push_str("<tr>");
            for cell in row {
                out.push_str("<td>");
                out.push_str(&self.linker.html(cell, self.id));
                out.push_str("</td>");
            }
            out.push_str("</tr>");
        }
        out.push_str("</table></div>");
    }
}

fn close(is_open: &mut bool, out: &mut String) {
    if std::mem::take(is_open) {
        out.push_str("</div>");
    }
}

/// The wanted address, or it with a number behind when it is taken in this provision.
fn unique(wanted: &str, used: &mut Vec<String>) -> String {
    let mut anchor = wanted.to_owned();
    let mut count = 1;
    while used.contains(&anchor) {
        count += 1;
        anchor = format!("{wanted}-{count}");
    }
    used.push(anchor.clone());
    anchor
}

fn escape(text: &str, out: &mut String) {
    web::link::escape(text, out);
}
