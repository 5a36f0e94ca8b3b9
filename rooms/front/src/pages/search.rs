//! The one box: documents, books, news, and people by right.
//!
//! Members and passers-by come to the same address; what they may find differs by their reach, the
//! layout by who they are. Not here: judging (`search`), names by right (`people::search`).
//! A question is never refused: too long is cut, odd parameters fall back.

use crate::search::{self as asking, LONGEST, Tab, looks_like_a_person, parameter, tidy};
use ::search::{Answer as Found, Hit, Piece, Query, Reach};
use askama::Template;
use axum::extract::{RawQuery, State};
use kernel::Result;
use people::search::PersonHit;
use site::Site;
use site::room::Badge;
use std::collections::HashMap;
use web::paging::Paging;
use web::{Answer, Frame, Visitor};

/// Hits a page.
const PAGE: i64 = 20;
/// Hits that can be paged through: further ones have little to do with the question.
const DEEPEST: i64 = 200;
/// Hits of one document or book before those of others: an alike law would fill the page.
const OF_ONE: usize = 3;
/// People shown among everything, and alone.
const FEW_PEOPLE: i64 = 5;
const MANY_PEOPLE: i64 = 50;

#[derive(Template)]
#[template(path = "front/search.html")]
struct MemberPage {
    frame: Frame,
    view: View,
}

#[derive(Template)]
#[template(path = "front/search_portal.html")]
struct PortalPage {
    frame: Frame,
    view: View,
}

/// What both layouts show.
struct View {
    q: String,
    tab: Tab,
    tabs: Vec<TabLink>,
    was_cut: bool,
    /// The way to hits that merely share a word with the name of somebody who was found; empty when there are none.
    loose: String,
    sentence: String,
    people: Vec<PersonHit>,
    all_people: String,
    hits: Vec<Row>,
    paging: Paging,
    everything: String,
    sign_in: String,
    longest: usize,
}

impl View {
    fn is_asked(&self) -> bool {
        !self.q.is_empty()
    }
    fn found_nothing(&self) -> bool {
        self.is_asked() && self.hits.is_empty() && self.people.is_empty()
    }
}

struct TabLink {
    to: String,
    name: String,
    is_here: bool,
}

/// A hit, ready to draw.
struct Row {
    icon: &'static str,
    letters: String,
    kind: String,
    year: String,
    symbol: String,
    /// The title; where it alone tells why this was found, with the found words marked.
    title: Vec<Piece>,
    url: String,
    language: String,
    context: String,
    extract: Vec<Piece>,
    badge: Option<Badge>,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = query.unwrap_or_default();
    let (q, was_cut) = tidy(&parameter(&query, "q").unwrap_or_default());
    let signed_in = visitor.signed_in.is_some();
    let asked = parameter(&query, "kind").unwrap_or_default();
    let tab = Tab::of(&site, &asked, signed_in);
    let page: i64 = parameter(&query, "page")
        .and_then(|page| page.parse().ok())
        .unwrap_or(1);
    let page = page.clamp(1, DEEPEST / PAGE);

    let asks_loose = parameter(&query, "loose").is_some();
    let (found, people) = tokio::join!(
        find_things(&site, &visitor, &q, tab, page, false),
        find_people(&site, &visitor, &q, tab)
    );
    let (mut found, mut people) = (found?, people?);
    // Who asks for a person by name is not shown all that has "văn" in it, but behind a link.
    let is_close = tab == Tab::All && !people.is_empty() && !asks_loose && has_words(&q);
    let loose_total = found.total;
    if is_close {
        found = find_things(&site, &visitor, &q, tab, page, true).await?;
    }
    let loose = match is_close && loose_total > found.total {
        true => format!("{}&loose=1", address(&q, tab)),
        false => String::new(),
    };
    let total = i64::try_from(found.total).unwrap_or(i64::MAX);
    let mut here = address(&q, tab);
    if asks_loose {
        here.push_str("&loose=1");
    }
    let paging = Paging::new(page, PAGE, total.min(DEEPEST), here);
    if paging.page != page {
        // A page behind the last: the last one is shown, not "nothing found".
        found = find_things(&site, &visitor, &q, tab, paging.page, is_close).await?;
    }
    if page > 1 && tab == Tab::All {
        people.clear(); // shown on the first page
    }
    let count = i64::try_from(people.len()).unwrap_or(i64::MAX);
    let mut badges = badges(&site, &frame, &visitor, &found.hits).await?;
    let view = View {
        tabs: Tab::every(&site, signed_in)
            .into_iter()
            .map(|each| TabLink {
                to: address(&q, each),
                name: frame.t(each.text_key(&site)),
                is_here: each == tab,
            })
            .collect(),
        sentence: sentence(&frame, &q, tab, total, count, found.is_loose && count == 0),
        all_people: if tab == Tab::All && count == FEW_PEOPLE {
            address(&q, Tab::People)
        } else {
            String::new()
        },
        hits: found
            .hits
            .into_iter()
            .map(|hit| {
                let badge = badges.remove(&hit.id);
                row(&site, &frame, hit, badge)
            })
            .collect(),
        paging,
        everything: if tab == Tab::All {
            String::new()
        } else {
            address(&q, Tab::All)
        },
        sign_in: if signed_in {
            String::new()
        } else {
            sign_in(&frame)
        },
        people,
        longest: LONGEST,
        loose,
        was_cut,
        tab,
        q,
    };
    if signed_in {
        frame.html(&MemberPage {
            frame: frame.clone(),
            view,
        })
    } else {
        frame.html(&PortalPage {
            frame: frame.clone(),
            view,
        })
    }
}

async fn find_things(
    site: &Site,
    visitor: &Visitor,
    q: &str,
    tab: Tab,
    page: i64,
    every_word: bool,
) -> Result<Found> {
    if q.is_empty() || tab == Tab::People {
        return Ok(Found::default());
    }
    let reach = Reach::of(site::search_reach_of(site, visitor, site.clock.today()));
    let size = usize::try_from(PAGE).unwrap_or(20);
    let offset = usize::try_from((page - 1) * PAGE).unwrap_or(0);
    asking::find(
        site,
        Query {
            limit: size,
            offset,
            kinds: tab.kinds(site),
            of_one: Some(OF_ONE),
            every_word,
            ..Query::new(q, reach)
        },
    )
    .await
}

async fn find_people(site: &Site, visitor: &Visitor, q: &str, tab: Tab) -> Result<Vec<PersonHit>> {
    match &visitor.signed_in {
        Some(who) if tab.has_people() && looks_like_a_person(q) => {
            let limit = if tab == Tab::All {
                FEW_PEOPLE
            } else {
                MANY_PEOPLE
            };
            let mut all = people::search::by_name(site, &who.actor, q, limit).await?;
            let rest = limit - i64::try_from(all.len()).unwrap_or(limit);
            if rest > 0 {
                // Behind those who are here, with a mark: whoever died or left.
                let gone = people::search::gone_by_name(site, &who.actor, q, rest).await?;
                all.extend(gone);
            }
            Ok(all)
        }
        _ => Ok(Vec::new()),
    }
}

/// Whether the question has more than one word: of one alone every hit has all.
fn has_words(q: &str) -> bool {
    q.split_whitespace().nth(1).is_some()
}

fn address(q: &str, tab: Tab) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    out.append_pair("q", q);
    if tab != Tab::All {
        out.append_pair("kind", tab.word());
    }
    format!("/search?{}", out.finish())
}

fn sign_in(frame: &Frame) -> String {
    let back: String = form_urlencoded::byte_serialize(frame.here().as_bytes()).collect();
    format!("/sign-in?next={back}")
}

fn sentence(frame: &Frame, q: &str, tab: Tab, total: i64, people: i64, is_loose: bool) -> String {
    match (tab, total) {
        _ if q.is_empty() => String::new(),
        (Tab::People, _) if people > 0 => frame.t1("front-search-count-people", "count", people),
        (_, 0) if people > 0 => frame.t1("front-search-count-people", "count", people),
        (_, 0) => String::new(),
        _ if is_loose => frame.t("front-search-count-loose"),
        _ if total > DEEPEST => frame.t1("front-search-count-many", "count", DEEPEST),
        _ => frame.t1("front-search-count", "count", total),
    }
}

/// What rooms say of what was found, by the id of the hit; a part has the badge of the whole.
async fn badges(
    site: &Site,
    frame: &Frame,
    visitor: &Visitor,
    hits: &[Hit],
) -> Result<HashMap<String, Badge>> {
    let mut out = HashMap::new();
    for badges in &site.rooms.badges {
        let whole = |hit: &Hit| match &hit.parent_id {
            None if hit.kind.as_str() == badges.kind => Some(hit.id.clone()),
            Some(parent) => (site.rooms.find(badges.kind).map(|find| find.group)
                == site.rooms.find(hit.kind.as_str()).map(|find| find.group))
            .then(|| parent.clone()),
            None => None,
        };
        let mut ids: Vec<String> = hits.iter().filter_map(whole).collect();
        ids.sort();
        ids.dedup();
        if ids.is_empty() {
            continue;
        }
        let reach = site::reach_of(visitor, site.clock.today());
        let found = (badges.of)(site.clone(), frame.clone(), reach, ids).await?;
        for hit in hits {
            if let Some(badge) = whole(hit).and_then(|id| found.get(&id)) {
                out.insert(hit.id.clone(), badge.clone());
            }
        }
    }
    Ok(out)
}

fn row(site: &Site, frame: &Frame, hit: Hit, badge: Option<Badge>) -> Row {
    let find = site.rooms.find(hit.kind.as_str());
    let symbol = hit.symbol.unwrap_or_default();
    let named = |context: &str| {
        find.map_or_else(String::new, |find| frame.t1(find.text, "context", context))
    };
    let (kind, with) = (named(""), named(&hit.context));
    let (kind, context) = match kind == with {
        true => (kind, hit.context),
        false => (with, String::new()),
    };
    let whole: String = hit
        .extract
        .iter()
        .map(|piece| piece.text.as_str())
        .collect();
    let (title, extract) = match whole.trim() == hit.title.trim() {
        true => (hit.extract, Vec::new()),
        false => {
            let (text, marked) = (hit.title, false);
            (vec![Piece { text, marked }], hit.extract)
        }
    };
    Row {
        icon: find.map_or("info", |find| find.icon),
        letters: letters(&symbol).to_owned(),
        kind: kind.trim().to_owned(),
        year: hit
            .shown_on
            .as_deref()
            .and_then(|day| day.get(..4))
            .unwrap_or("")
            .to_owned(),
        symbol,
        title,
        url: hit.url,
        language: hit.language,
        context,
        extract,
        badge,
    }
}

/// The letters of a symbol's type: `QĐ` of `12-QĐ/ĐU`; empty when it has none or is written otherwise.
fn letters(symbol: &str) -> &str {
    let middle = symbol
        .split_once('-')
        .and_then(|(_, rest)| rest.split_once('/'))
        .map_or("", |(middle, _)| middle);
    let good = middle.chars().count() <= 4 && middle.chars().all(char::is_uppercase);
    if good { middle } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::search::{Entry, Kind};
    use testkit::{HOA, LAN, TUAN, TestApp, on_both, on_sqlite};

    fn entry(id: &str, kind: Kind, title: &str, audience: &str) -> Entry {
        Entry {
            id: id.into(),
            kind: kind.clone(),
            parent_id: None,
            external_id: Some(format!("out-{id}")),
            title: title.into(),
            context: "Tập <thử>".into(),
            heading: String::new(),
            body: "Vườn cây cần tưới nước buổi sáng và buổi chiều.".into(),
            symbol: (kind.as_str() == "document").then(|| "12-QĐ/ĐU".to_owned()),
            url: format!("/things/{id}"),
            audience: vec![audience.into()],
            also: Vec::new(),
            shown_on: Some("2026-05-20".into()),
            language: "vi".into(),
        }
    }
    pub(super) fn put(app: &TestApp, entries: &[Entry]) {
        let writer = app.site.index.writer();
        for entry in entries {
            writer.put(entry).unwrap();
        }
        writer.commit(1).unwrap();
        app.site.index.refresh().unwrap();
    }
    fn garden(app: &TestApp) {
        put(
            app,
            &[
                entry(
                    "open",
                    Kind::of("article"),
                    "Tưới nước <b>vườn</b> chung",
                    "public",
                ),
                entry(
                    "ours",
                    Kind::of("document"),
                    "Quy định tưới nước",
                    "members",
                ),
                entry("book", Kind::of("title"), "Sách tưới nước", "members"),
                entry(
                    "cell",
                    Kind::of("document"),
                    "Lịch tưới nước của tổ",
                    "unit:cell-a",
                ),
                entry(
                    "none",
                    Kind::of("document"),
                    "Tưới nước kín",
                    "unit:elsewhere",
                ),
            ],
        );
    }
    fn sorted(mut all: Vec<String>) -> Vec<String> {
        all.sort();
        all
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_hidden_a_moment_ago_is_not_listed_while_the_index_still_has_it() {
        on_sqlite(crate::finding::rooms, async |app| {
            let hidden = crate::finding::HIDDEN;
            let mut part = entry("part", Kind::of("provision"), "Điều tưới nước", "public");
            part.parent_id = Some(hidden.to_owned());
            put(
                &app,
                &[
                    entry("open", Kind::of("article"), "Tưới nước chung", "public"),
                    entry(hidden, Kind::of("document"), "Tưới nước đã rút", "public"),
                    part,
                    entry("odd", Kind::of("nobodys"), "Tưới nước của ai", "public"),
                ],
            );
            let page = app.stranger().get("/search?q=tuoi+nuoc").await.expects(200);
            assert_eq!(page.attributes(".hit h3 a", "href"), ["/things/open"]);
            assert!(page.text("main").contains('1') && !page.body().contains("đã rút"));
            let answer = crate::search::answer(&app.site, Reach::public(), "tưới nước", 10).await;
            let answer = answer.unwrap();
            assert_eq!((answer.total, answer.hits.len()), (1, 1));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn when_nothing_has_every_word_the_page_says_so() {
        on_sqlite(crate::finding::rooms, async |app| {
            garden(&app);
            let stranger = app.stranger();
            let loose = "Không có chỗ nào đủ mọi chữ";
            let page = stranger.get("/search?q=tuoi+nuoc").await.expects(200);
            assert!(page.has(".hit") && !page.text("main").contains(loose));
            let page = stranger
                .get("/search?q=tuoi+nuoc+banh+chung+nep")
                .await
                .expects(200);
            assert!(page.has(".hit") && page.text("main").contains(loose));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn everyone_finds_what_is_theirs_and_nothing_else() {
        on_both(crate::finding::rooms, async |app| {
            garden(&app);
            let of = |page: testkit::Reply| sorted(page.attributes(".hit h3 a", "href"));
            let open = ["/things/open"];
            assert_eq!(
                of(app.stranger().get("/search?q=tuoi+nuoc").await.expects(200)),
                open
            );
            let all = [
                "/things/book",
                "/things/cell",
                "/things/open",
                "/things/ours",
            ];
            assert_eq!(
                of(app.as_(LAN).get("/search?q=tuoi+nuoc").await.expects(200)),
                all
            );
            let other = ["/things/book", "/things/open", "/things/ours"];
            assert_eq!(
                of(app
                    .as_(TUAN)
                    .get("/search?q=T%C6%B0%E1%BB%9Bi+n%C6%B0%E1%BB%9Bc")
                    .await
                    .expects(200)),
                other
            );
            let page = app
                .as_(LAN)
                .get("/search?q=tuoi+nuoc&kind=documents")
                .await
                .expects(200);
            assert_eq!(of(page), ["/things/cell", "/things/ours"]);
            let page = app
                .as_(LAN)
                .get("/search?q=tuoi+nuoc&kind=news")
                .await
                .expects(200);
            assert_eq!(page.text(".chip[aria-current]"), "Tin");
            assert_eq!(of(page), open);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_hit_shows_type_year_symbol_and_the_found_words() {
        on_sqlite(crate::finding::rooms, async |app| {
            garden(&app);
            let page = app
                .as_(LAN)
                .get("/search?q=tuoi+nuoc&kind=documents")
                .await
                .expects(200);
            assert_eq!(page.text(".hit .margin"), "QĐ Văn bản 2026");
            assert_eq!(page.text(".hit .sym"), "12-QĐ/ĐU");
            assert!(
                page.all(".extract mark")
                    .iter()
                    .any(|word| word.contains("nước"))
            );
            assert!(page.text(".hit .meta").contains("Tập <thử>"));
            assert_eq!(page.attributes("#q", "value"), ["tuoi nuoc"]);
            let page = app.stranger().get("/search?q=tuoi+nuoc").await.expects(200);
            assert_eq!(
                page.text(".hit h3"),
                "Tưới nước <b>vườn</b> chung",
                "a title is text"
            );
            assert!(page.has("main.portal"));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_name_shows_the_person_and_keeps_what_merely_shares_a_word_behind_a_link() {
        on_sqlite(
            || {
                let mut rooms = crate::finding::rooms();
                rooms.push(people::room());
                rooms
            },
            async |app| {
                put(
                    &app,
                    &[
                        entry(
                            "her",
                            Kind::of("article"),
                            "Lương Thị Hoa trồng hoa",
                            "public",
                        ),
                        entry("some", Kind::of("article"), "Thị trường hoa Tết", "public"),
                        entry("other", Kind::of("article"), "Lương tháng này", "public"),
                    ],
                );
                let close = "/search?q=luong+thi+hoa";
                let page = app.as_(LAN).get(close).await.expects(200);
                assert_eq!(page.all("#people .rowlink"), ["Lương Thị Hoa"]);
                assert_eq!(page.attributes(".hit h3 a", "href"), ["/things/her"]);
                // Nothing has every word: the person stands alone, and what shares a word waits behind the link.
                app.site.index.writer().remove("her").unwrap();
                app.site.index.writer().commit(2).unwrap();
                app.site.index.refresh().unwrap();
                let page = app.as_(LAN).get(close).await.expects(200);
                assert!(page.has("#people") && !page.has(".hit"));
                assert!(page.text("main").contains("1 người"));
                let loose = page.attributes("#loose a", "href").remove(0);
                let page = app.as_(LAN).get(&loose).await.expects(200);
                assert!(page.attributes(".hit h3 a", "href").len() > 1);
                assert!(!page.has("#loose") && page.has("#people"));
                // Whoever finds nobody of that name searches as ever.
                let page = app.as_(TUAN).get(close).await.expects(200);
                assert!(page.attributes(".hit h3 a", "href").len() > 1);
                assert!(!page.has("#loose"));
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn names_are_found_by_right() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let page = app
                    .as_(LAN)
                    .get("/search?q=luong+thi+hoa")
                    .await
                    .expects(200);
                assert_eq!(page.all("#people .rowlink"), ["Lương Thị Hoa"]);
                let page = app
                    .as_(LAN)
                    .get("/search?q=hoa&kind=people")
                    .await
                    .expects(200);
                assert_eq!(page.all("#people .rowlink"), ["Lương Thị Hoa"]);
                for path in ["/search?q=luong+thi+hoa", "/search?q=hoa&kind=people"] {
                    let page = app.as_(TUAN).get(path).await.expects(200);
                    assert!(!page.has("#people"), "a member of another cell");
                    assert!(!page.body().contains("Lương Thị Hoa"));
                    let page = app.stranger().get(path).await.expects(200);
                    assert!(!page.body().contains("Lương Thị Hoa"));
                    assert!(!page.all(".chip").contains(&"Người".to_owned()));
                }
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_found_comes_with_advice_and_an_empty_box_with_none() {
        on_sqlite(crate::finding::rooms, async |app| {
            garden(&app);
            let page = app
                .as_(HOA)
                .get("/search?q=zzqx&kind=books")
                .await
                .expects(200);
            assert!(page.has("#nothing"));
            assert_eq!(page.attributes("#nothing a", "href"), ["/search?q=zzqx"]);
            for path in [
                "/search",
                "/search?q=",
                "/search?q=+%00+",
                "/search?kind=x&page=-3",
            ] {
                let page = app.as_(HOA).get(path).await.expects(200);
                assert!(
                    !page.has("#nothing") && page.has("form[role=search]"),
                    "{path}"
                );
                assert!(!page.body().contains('⟦'));
            }
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn hostile_questions_are_shown_as_text_and_long_ones_are_cut_and_said_so() {
        on_sqlite(crate::finding::rooms, async |app| {
            garden(&app);
            let page = app
                .as_(HOA)
                .get("/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&page=zz")
                .await
                .expects(200);
            assert!(!page.body().contains("<script>alert"));
            assert_eq!(
                page.attributes("#q", "value"),
                ["\"><script>alert(1)</script>"]
            );
            app.as_(HOA)
                .get("/search?q=%ff%fe&q=2&kind=%ff")
                .await
                .expects(200);
            let long = format!("/search?q=tuoi+nuoc+{}", "a".repeat(900));
            let page = app.as_(HOA).get(&long).await.expects(200);
            assert!(page.has("#cut"));
            assert_eq!(page.attributes("#q", "value")[0].chars().count(), LONGEST);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_long_answer_has_pages() {
        on_sqlite(crate::finding::rooms, async |app| {
            let many: Vec<Entry> = (0..45)
                .map(|nth| {
                    entry(
                        &format!("e{nth:02}"),
                        Kind::of("article"),
                        &format!("Tưới nước {nth}"),
                        "public",
                    )
                })
                .collect();
            put(&app, &many);
            let first = app
                .stranger()
                .get("/search?q=tuoi+nuoc&kind=news")
                .await
                .expects(200);
            assert_eq!(first.all(".hit").len(), 20);
            assert!(first.text("main [role=status]").contains("45"));
            let next = first.attributes("nav a[rel=next]", "href");
            assert_eq!(next, ["/search?q=tuoi+nuoc&kind=news&page=2"]);
            let third = app
                .stranger()
                .get("/search?q=tuoi+nuoc&kind=news&page=3")
                .await
                .expects(200);
            assert_eq!(third.all(".hit").len(), 5);
            assert!(!third.has("a[rel=next]") && third.has("a[rel=prev]"));
            let beyond = app
                .stranger()
                .get("/search?q=tuoi+nuoc&kind=news&page=9")
                .await
                .expects(200);
            assert_eq!(
                beyond.all(".hit").len(),
                5,
                "behind the last page stands the last"
            );
            let shown = [
                first.attributes(".hit h3 a", "href"),
                third.attributes(".hit h3 a", "href"),
            ]
            .concat();
            let distinct: std::collections::BTreeSet<_> = shown.iter().collect();
            assert_eq!(distinct.len(), 25, "no hit stands on two pages");
        })
        .await;
    }

    /// Keeps every field of every event, so that a test can say what a log would hold.
    #[derive(Clone, Default)]
    struct Ear(std::sync::Arc<std::sync::Mutex<String>>);
    impl tracing::field::Visit for Ear {
        fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
            self.0
                .lock()
                .unwrap()
                .push_str(&format!("{}={value:?}\n", field.name()));
        }
    }
    impl tracing::Subscriber for Ear {
        fn enabled(&self, about: &tracing::Metadata<'_>) -> bool {
            ["web", "front", "site", "search", "people"]
                .iter()
                .any(|name| about.target().starts_with(name))
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            event.record(&mut self.clone());
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_searched_for_is_never_logged() {
        on_sqlite(crate::finding::rooms, async |app| {
            let ear = Ear::default();
            let heard = ear.0.clone();
            // For every thread: a listener of one thread misses what another one's tests switched off.
            tracing::subscriber::set_global_default(ear).unwrap();
            app.as_(HOA).get("/search?q=chuyenrieng").await.expects(200);
            app.stranger()
                .get("/search?q=chuyenrieng&kind=people")
                .await
                .expects(200);
            app.stranger()
                .get("/api/v1/search?q=chuyenrieng")
                .await
                .expects(401);
            let heard = heard.lock().unwrap().clone();
            assert!(heard.contains("/search"), "the route is logged: {heard}");
            assert!(!heard.contains("chuyenrieng"), "{heard}");
        })
        .await;
    }
    #[test]
    fn a_symbol_names_its_type_when_it_has_one() {
        assert_eq!(letters("12-QĐ/ĐU"), "QĐ");
        for other in ["", "45/2019/QH14", "12-quyết/ĐU", "12-QUYẾTĐỊNH/X"] {
            assert_eq!(letters(other), "", "{other}");
        }
    }
}
