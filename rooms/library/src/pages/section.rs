//! Reading a section: a plain page that works on anything. Opening it remembers it.
//!
//! The text was cleaned at import; here its placeholders become addresses and its ids get a prefix.
//! Not here: how far down the reader is (`place`), how they like the text (`reading`).
//! The rule that surprises: a request that came from another site remembers nothing, so a link
//! somewhere cannot move a reader's place.

use crate::outline::{self, Outline, Outlines};
use crate::place::{self, Place};
use crate::reading::{self, Reading};
use crate::store::{self, SectionRow, reaching};
use crate::title::{self, At};
use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use books::{LinkMap, RenderOptions};
use site::Site;
use std::sync::Arc;
use web::{Answer, Frame, Member};

struct Choice {
    name: &'static str,
    legend: String,
    is_two: bool,
    options: Vec<Choosable>,
}

struct Choosable {
    value: &'static str,
    label: String,
    class: &'static str,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "library/section.html")]
struct Page {
    frame: Frame,
    id: String,
    number: i64,
    book_title: String,
    book_sections: i64,
    heading: String,
    heading_is_shown: bool,
    has_own_heading: bool,
    html: String,
    language: String,
    direction: String,
    at: String,
    percent: i64,
    /// Percent of the book at the beginning and at the end of this section.
    percent_from: i64,
    percent_to: i64,
    minutes: i64,
    outline: Arc<Outline>,
    /// Line of the contents at which the reader is; past the last one for none.
    here: usize,
    previous: Option<String>,
    next: Option<String>,
    next_title: String,
    reading: Reading,
    choices: Vec<Choice>,
}

struct Links {
    id: String,
    version: i64,
}

impl LinkMap for Links {
    fn section(&self, index: usize) -> String {
        format!("/library/titles/{}/sections/{}", self.id, index + 1)
    }
    fn resource(&self, rid: &str) -> String {
        format!(
            "/library/titles/{}/resources/{rid}?v={}",
            self.id, self.version
        )
    }
}

pub(crate) async fn get(
    State(site): State<Site>,
    Extension(outlines): Extension<Arc<Outlines>>,
    frame: Frame,
    who: Member,
    Path((id, number)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let id = super::title_id(&id)?;
    let number: i64 = number.parse().map_err(|_| kernel::Error::NotFound)?;
    let reach = super::reach(&who, frame.today());
    let row: SectionRow = reaching(store::SECTION, &reach)
        .bind(&id)
        .bind(number)
        .within()
        .one(site.db.read())
        .await?;
    let outline = outline::of(&outlines, &site, id.as_str(), row.row_version).await?;
    let known = place::find(&site, &who.actor.member, &id).await?;
    let fraction = known
        .filter(|place| place.section == number)
        .map_or(0, |place| place.fraction);
    let is_new = known.is_none_or(|place| place.section != number);
    if is_new && row.is_linear == 1 && is_own_step(&headers) {
        place::set(
            &site,
            &frame,
            &who,
            &id,
            Place {
                section: number,
                fraction: 0,
            },
        )
        .await?;
    }
    frame.html(&page(
        &frame,
        id.as_str(),
        number,
        fraction,
        row,
        outline,
        Reading::read(&headers),
    ))
}

/// Whether the reader came by themselves: from a page of ours or an address they opened, and not by a
/// browser that loads ahead.
fn is_own_step(headers: &HeaderMap) -> bool {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    };
    matches!(text("sec-fetch-site"), "" | "same-origin" | "none")
        && !text("sec-purpose").contains("prefetch")
}

fn page(
    frame: &Frame,
    id: &str,
    number: i64,
    fraction: i64,
    row: SectionRow,
    outline: Arc<Outline>,
    reading: Reading,
) -> Page {
    let has_own_heading = row
        .html
        .match_indices("<h1")
        .any(|(at, _)| matches!(row.html.as_bytes().get(at + 3), Some(b' ' | b'>' | b'/')));
    let options = RenderOptions {
        top_heading: if has_own_heading { 1 } else { 2 },
        ..RenderOptions::default()
    };
    let html = books::render(
        &row.html,
        &Links {
            id: id.to_owned(),
            version: row.row_version,
        },
        &options,
    );
    let here = outline.here(number);
    let exact = here
        .and_then(|at| outline.lines.get(at))
        .filter(|line| line.section == number);
    let heading = match (row.title.as_str(), exact) {
        ("", Some(line)) => line.title.clone(),
        ("", None) => frame.t1("library-read-untitled", "n", number),
        (title, _) => title.to_owned(),
    };
    let at = At {
        section: number,
        fraction,
        words: row.words,
        words_before: row.words_before,
        book_words: row.book_words,
        book_sections: row.book_sections,
    };
    let url = |number: i64| format!("/library/titles/{id}/sections/{number}");
    let next = outline.next(number);
    Page {
        frame: frame.clone(),
        id: id.to_owned(),
        number,
        book_sections: row.book_sections,
        heading_is_shown: vietnamese::fold(&first_heading(&html)) != vietnamese::fold(&heading),
        heading,
        has_own_heading,
        html,
        language: title::section_language(
            &row.language,
            &row.book_language,
            &row.detected_language,
        ),
        direction: row.direction,
        at: format!("{}.{:04}", fraction / 10_000, fraction % 10_000),
        percent: title::percent(&at),
        percent_from: title::percent(&title::At { fraction: 0, ..at }),
        percent_to: title::percent(&title::At {
            fraction: 10_000,
            ..at
        }),
        minutes: at.section_minutes_left(),
        here: here.unwrap_or(usize::MAX),
        previous: outline.previous(number).map(url),
        next: next.map(url),
        next_title: next
            .and_then(|next| outline.row(next))
            .map(|row| row.title.clone())
            .unwrap_or_default(),
        book_title: row.book_title,
        outline,
        choices: choices(frame, reading),
        reading,
    }
}

/// The words of the first heading of cleaned HTML, in which `<` always opens a tag.
fn first_heading(html: &str) -> String {
    let opens = |level: u8| html.find(&format!("<h{level}"));
    let Some(start) = (1..=6).filter_map(opens).min() else {
        return String::new();
    };
    let tail = html.get(start..).unwrap_or("");
    let inside = tail
        .find("</h")
        .and_then(|end| tail.get(..end))
        .unwrap_or("");
    let mut out = String::new();
    for piece in inside.split('<') {
        out.push_str(piece.split_once('>').map_or("", |(_, text)| text));
        out.push(' ');
    }
    out
}

fn choices(frame: &Frame, chosen: Reading) -> Vec<Choice> {
    let choice = |name,
                  legend: &str,
                  is_two,
                  values: &'static [&'static str],
                  labels: &[&str],
                  held: &str| Choice {
        name,
        legend: frame.t(legend),
        is_two,
        options: values
            .iter()
            .zip(labels)
            .map(|(value, label)| Choosable {
                value,
                label: frame.t(label),
                class: match *value {
                    "m" => "aa1",
                    "l" => "aa2",
                    "xl" => "aa3",
                    _ => "",
                },
                is_chosen: *value == held,
            })
            .collect(),
    };
    vec![
        choice(
            "r-size",
            "library-way-size",
            false,
            reading::SIZES,
            &[
                "library-way-size-m",
                "library-way-size-l",
                "library-way-size-xl",
            ],
            chosen.size,
        ),
        choice(
            "r-ground",
            "library-way-ground",
            true,
            reading::GROUNDS,
            &[
                "library-way-ground-auto",
                "library-way-ground-light",
                "library-way-ground-sepia",
                "library-way-ground-dark",
            ],
            chosen.ground,
        ),
        choice(
            "r-face",
            "library-way-face",
            true,
            reading::FACES,
            &["library-way-face-serif", "library-way-face-sans"],
            chosen.face,
        ),
        choice(
            "r-lines",
            "library-way-lines",
            false,
            reading::LINES,
            &[
                "library-way-lines-tight",
                "library-way-lines-mid",
                "library-way-lines-wide",
            ],
            chosen.lines,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made;
    use testkit::HOA;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_section_reads_plainly_and_is_remembered() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let id = made::shelve(&app, "kho", &made::two_chapters("urn:a", "Chuyện kể")).await;
                let page = app
                    .as_(HOA)
                    .get(&format!("/library/titles/{id}/sections/1"))
                    .await
                    .expects(200);
                assert_eq!(page.all("h1"), ["Chương một"], "its own heading, once");
                assert_eq!(page.attributes(".rtext", "lang"), ["vi"]);
                assert_eq!(
                    page.attributes("a[rel=next]", "href")[0],
                    format!("/library/titles/{id}/sections/2")
                );
                assert!(!page.has("a[rel=prev]"));
                assert_eq!(
                    page.attributes("[data-place]", "data-action"),
                    [format!("/library/titles/{id}/place")]
                );
                assert_eq!(page.all(".rtoc [aria-current]"), ["Chương một"]);
                // A link inside the book leads to the other section's page, ids carry the prefix.
                assert!(
                    page.attributes(".rtext a", "href")
                        .contains(&format!("/library/titles/{id}/sections/2#b-h2"))
                );
                let second = app
                    .as_(HOA)
                    .get(&format!("/library/titles/{id}/sections/2"))
                    .await
                    .expects(200);
                assert!(second.has("#b-h2"));
                assert_eq!(
                    app.count("select section from library_place where member_id = 'hoa'")
                        .await,
                    2
                );
                for number in ["0", "3", "x", "99999999999999999999"] {
                    app.as_(HOA)
                        .get(&format!("/library/titles/{id}/sections/{number}"))
                        .await
                        .expects(404);
                }
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn another_site_cannot_move_a_place() {
        testkit::on_sqlite(
            || vec![crate::room()],
            async |app| {
                let id = made::shelve(&app, "kho", &made::two_chapters("urn:a", "Chuyện kể")).await;
                let at = format!("/library/titles/{id}/sections/2");
                app.as_(HOA)
                    .header("sec-fetch-site", "cross-site")
                    .get(&at)
                    .await
                    .expects(200);
                app.as_(HOA)
                    .header("sec-purpose", "prefetch")
                    .get(&at)
                    .await
                    .expects(200);
                assert_eq!(app.count("select count(*) from library_place").await, 0);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_hostile_book_is_read_without_its_tricks() {
        testkit::on_both(|| vec![crate::room()], async |app| {
            let id = made::shelve(&app, "kho", &made::hostile()).await;
            let page = app.as_(HOA).get(&format!("/library/titles/{id}/sections/1")).await.expects(200);
            let text = page.text(".rtext");
            assert!(text.contains("Chữ còn lại"), "{text}");
            assert!(!page.has(".rtext script, .rtext iframe, .rtext form, .rtext [onclick], .rtext [onerror], .rtext [style]"));
            assert!(!page.body().contains("evil.example"), "nothing leads to or loads from outside unasked");
            assert_eq!(page.attributes(".rtext", "lang"), ["vi"], "the file says en, the letters say otherwise");
            assert_eq!(page.all("h1"), ["Sách dữ"], "one heading, though the section has none");
            let policy = page.header("content-security-policy");
            assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"));
        })
        .await;
    }

    #[test]
    fn the_first_heading_is_read_without_its_tags() {
        assert_eq!(
            first_heading("<p>a</p><h2 id=\"x\">Một <em>hai</em></h2>")
                .split_whitespace()
                .collect::<Vec<_>>(),
            ["Một", "hai"]
        );
        assert_eq!(first_heading("<p>a</p>"), "");
    }
}
