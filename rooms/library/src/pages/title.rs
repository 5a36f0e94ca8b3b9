//! A title: cover, what it is, how accessible it says it is, contents, and the way into it.

use crate::outline::{self, Outline, Outlines};
use crate::place;
use crate::store::TitleRow;
use crate::title;
use askama::Template;
use axum::extract::{Extension, Path, State};
use site::Site;
use std::sync::Arc;
use web::{Answer, Frame, Member};

struct Fact {
    label: String,
    value: String,
    small: String,
}

struct Going {
    url: String,
    section_title: String,
    percent: i64,
    minutes: i64,
}

#[derive(Template)]
#[template(path = "library/title.html")]
struct Page {
    frame: Frame,
    title: TitleRow,
    cover: String,
    language: String,
    minutes: i64,
    going: Option<Going>,
    first_url: String,
    facts: Vec<Fact>,
    description: Vec<String>,
    accessibility: Option<Vec<String>>,
    accessibility_summary: String,
    outline: Arc<Outline>,
    /// Line of the contents at which the reader is; past the last one for none.
    here: usize,
    may_edit: bool,
}

pub(crate) async fn get(
    State(site): State<Site>,
    Extension(outlines): Extension<Arc<Outlines>>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let id = super::title_id(&id)?;
    let row = super::find_title(&site, &id, &super::reach(&who, frame.today())).await?;
    let outline = outline::of(&outlines, &site, id.as_str(), row.row_version).await?;
    let place = place::find(&site, &who.actor.member, &id).await?;
    let said: books::Accessibility =
        serde_json::from_str(&row.accessibility_json).map_err(kernel::Error::fault)?;
    let keys = title::accessibility(&said);
    let going = place.and_then(|place| going(&row, &outline, place));
    let page = Page {
        cover: crate::wall::cover(
            &row.id,
            &row.title,
            &row.creators,
            &row.cover_rid,
            row.row_version,
            &row.shelf_slug,
        ),
        language: title::language(&row.language, &row.detected_language),
        minutes: title::minutes(row.words),
        first_url: format!("/library/titles/{}/sections/{}", row.id, outline.first()),
        facts: facts(&frame, &row),
        description: row
            .description
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .map(str::to_owned)
            .collect(),
        accessibility: keys.map(|keys| keys.into_iter().map(|key| frame.t(key)).collect()),
        accessibility_summary: vietnamese::nfc(said.summary.as_deref().unwrap_or("")),
        here: place
            .and_then(|place| outline.here(place.section))
            .unwrap_or(usize::MAX),
        may_edit: crate::access::may_edit(&site, &who, &row.shelf_audience).await,
        outline,
        going,
        frame: frame.clone(),
        title: row,
    };
    frame.html(&page)
}

fn going(row: &TitleRow, outline: &Outline, place: place::Place) -> Option<Going> {
    let section = outline.row(place.section)?;
    let at = title::At {
        section: place.section,
        fraction: place.fraction,
        words: section.words,
        words_before: section.words_before,
        book_words: row.words,
        book_sections: row.sections,
    };
    let read = section.words_before + section.words * place.fraction / 10_000;
    Some(Going {
        url: format!("/library/titles/{}/sections/{}", row.id, place.section),
        section_title: section.title.clone(),
        percent: title::percent(&at),
        minutes: title::minutes(row.words - read),
    })
}

/// `23/11/2026` when the file names a day, else its text as it stands.
fn published(text: &str) -> String {
    let day = text
        .get(..10)
        .and_then(|day| day.parse::<kernel::Day>().ok());
    day.map_or_else(|| text.to_owned(), |day| day.vn())
}

/// The name of a language in the page's own; its tag when we have no name for it.
fn language_name(frame: &Frame, tag: &str) -> String {
    match title::primary(tag) {
        "" => String::new(),
        "vi" => frame.t("library-language-vi"),
        "en" => frame.t("library-language-en"),
        "fr" => frame.t("library-language-fr"),
        "ru" => frame.t("library-language-ru"),
        "zh" => frame.t("library-language-zh"),
        "lo" => frame.t("library-language-lo"),
        "km" => frame.t("library-language-km"),
        "de" => frame.t("library-language-de"),
        "ja" => frame.t("library-language-ja"),
        _ => tag.to_owned(),
    }
}

/// `1,5 MB` the Vietnamese way.
fn megabytes(bytes: i64) -> String {
    let tenths = (bytes.max(0) + 52_428) / 104_858;
    if tenths == 0 {
        "0,1 MB".to_owned()
    } else {
        format!("{},{} MB", web::frame::group(tenths / 10), tenths % 10)
    }
}

/// The ISBN, which a person may look for; another identifier (`urn:uuid:…`) tells a reader nothing.
fn isbn(identifier: &str) -> String {
    let small = identifier.to_lowercase();
    let number = small
        .strip_prefix("urn:isbn:")
        .or_else(|| small.strip_prefix("isbn"));
    let number = number.unwrap_or(&small).trim_matches([':', ' ']);
    let figures = number.chars().filter(|c| *c != '-' && *c != ' ');
    let is_number = figures.clone().all(|c| c.is_ascii_digit() || c == 'x');
    if is_number && matches!(figures.count(), 10 | 13) {
        number.to_uppercase()
    } else {
        String::new()
    }
}

/// Who made a book beside its authors, as MARC calls them.
const ROLES: [(&str, &str); 3] = [
    ("trl", "library-fact-translators"),
    ("ill", "library-fact-illustrators"),
    ("edt", "library-fact-editors"),
];

/// The people of a role; none when nobody is called author and they stand in that place already.
fn with_role(row: &TitleRow, role: &str) -> String {
    let people: Vec<books::Creator> = serde_json::from_str(&row.creators_json).unwrap_or_default(); // the authors are shown all the same
    let shown: Vec<&str> = row.creators.split(", ").collect();
    let names: Vec<&str> = (people.iter())
        .filter(|person| person.role.as_deref() == Some(role))
        .map(|person| person.name.as_str())
        .filter(|name| !shown.contains(name))
        .collect();
    names.join(", ")
}

fn facts(frame: &Frame, row: &TitleRow) -> Vec<Fact> {
    let mut out = Vec::new();
    let mut add = |label: &str, value: String, small: String| {
        if !value.is_empty() {
            out.push(Fact {
                label: frame.t(label),
                value,
                small,
            });
        }
    };
    add("library-fact-creators", row.creators.clone(), String::new());
    for (role, label) in ROLES {
        add(label, with_role(row, role), String::new());
    }
    add(
        "library-fact-publisher",
        row.publisher.clone(),
        String::new(),
    );
    add(
        "library-fact-published",
        published(&row.published),
        String::new(),
    );
    let language = title::language(&row.language, &row.detected_language);
    add(
        "library-fact-language",
        language_name(frame, &language),
        String::new(),
    );
    if row.words > 0 {
        let minutes = title::minutes(row.words);
        let small = if minutes >= 90 {
            frame.t1("library-title-hours", "n", (minutes + 30) / 60)
        } else {
            frame.t1("library-title-minutes", "n", minutes)
        };
        add(
            "library-fact-length",
            frame.t1("library-title-words", "n", &web::frame::group(row.words)),
            small,
        );
    }
    add("library-fact-subjects", row.subjects.clone(), String::new());
    add("library-fact-source", row.source.clone(), String::new());
    // Licences and the numbers of machines are for who keeps the shelf: they stand in the API.
    add(
        "library-fact-identifier",
        isbn(&row.identifier),
        String::new(),
    );
    let layout = if row.layout == "fixed" {
        frame.t("library-title-fixed")
    } else {
        String::new()
    };
    add(
        "library-fact-file",
        format!("EPUB, {}", megabytes(row.file_bytes)),
        layout,
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made;
    use testkit::{HOA, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn who_translated_and_drew_is_told_apart_from_who_wrote() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let people = r##"<dc:creator id="a">Tác Một</dc:creator><meta refines="#a" property="role">aut</meta>
                    <dc:creator id="b">Dịch Hai</dc:creator><meta refines="#b" property="role">trl</meta>
                    <dc:creator id="c">Vẽ Ba</dc:creator><meta refines="#c" property="role">ill</meta>"##;
                let id = made::shelve(&app, "kho", &made::by("urn:roles", people)).await;
                let page = app.as_(HOA).get(&format!("/library/titles/{id}")).await;
                let facts: Vec<(String, String)> =
                    page.all("dl.facts dt").into_iter().zip(page.all("dl.facts dd")).collect();
                for (label, name) in [("Tác giả", "Tác Một"), ("Người dịch", "Dịch Hai"), ("Minh họa", "Vẽ Ba")] {
                    let fact = (label.to_owned(), name.to_owned());
                    assert!(facts.contains(&fact), "{facts:?}");
                }
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_title_tells_what_it_is_and_leads_on() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let id = made::shelve(&app, "kho", &made::two_chapters("urn:a", "Chuyện kể")).await;
                let page = app
                    .as_(HOA)
                    .get(&format!("/library/titles/{id}"))
                    .await
                    .expects(200);
                assert_eq!(page.text("h1"), "Chuyện kể");
                assert_eq!(
                    page.attributes("a.btn-go", "href"),
                    [format!("/library/titles/{id}/sections/1")]
                );
                assert_eq!(
                    page.all("nav.outline a"),
                    ["Chương một", "Chương hai", "Một mục nhỏ"]
                );
                assert!(page.all("dt").contains(&"Tiếp cận".to_owned()));
                assert!(
                    page.body().contains("đọc được bằng trình đọc màn hình"),
                    "the book's own words"
                );
                app.as_(HOA)
                    .get(&format!("/library/titles/{id}/sections/2"))
                    .await
                    .expects(200);
                let page = app
                    .as_(HOA)
                    .get(&format!("/library/titles/{id}"))
                    .await
                    .expects(200);
                assert_eq!(
                    page.attributes("a.btn-go", "href"),
                    [format!("/library/titles/{id}/sections/2")]
                );
                assert!(page.has_button("Đọc từ đầu"));
                assert!(
                    !app.as_(TUAN)
                        .get(&format!("/library/titles/{id}"))
                        .await
                        .expects(200)
                        .has_button("Đọc từ đầu")
                );
                app.as_(HOA)
                    .get("/library/titles/no-such")
                    .await
                    .expects(404);
                app.as_(HOA)
                    .get("/library/titles/%2e%2e")
                    .await
                    .expects(404);
            },
        )
        .await;
    }

    #[test]
    fn days_and_sizes_are_written_the_vietnamese_way() {
        assert_eq!(published("2019-05-02T00:00:00Z"), "02/5/2019");
        assert_eq!(published("mùa xuân 1998"), "mùa xuân 1998");
        assert_eq!(megabytes(1_572_864), "1,5 MB");
        assert_eq!(megabytes(10), "0,1 MB");
    }
}
