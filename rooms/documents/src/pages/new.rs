//! Writing a document by pasting its text: kept as a draft, or published at once by who may.
//! Not here: files, which the import takes; changing a document that is there (`edit`).

use crate::access::{self, Writing};
use crate::document::{Draft, full_title};
use crate::reading;
use crate::show::Drawing;
use crate::store::{self, Belongs};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use citation::Kind;
use kernel::{Audience, Cap};
use site::room::importer::{self, ImportLink};
use site::{Linker, May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

/// Characters of a pasted text.
pub(super) const MOST: usize = 400_000;

#[derive(serde::Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct New {
    symbol: String,
    kind: String,
    title: String,
    issuer: String,
    issued_on: String,
    effective_on: String,
    /// What it does with older papers: nothing, or a relation.
    relation: String,
    /// Their symbols, with commas between.
    older: String,
    unit: String,
    audience: String,
    text: String,
    #[serde(rename = "do")]
    act: String,
}

pub(super) struct Pick {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) is_chosen: bool,
}

#[derive(Template)]
#[template(path = "documents/new.html")]
struct Page {
    frame: Frame,
    form: FormState,
    kinds: Vec<Pick>,
    /// What it can do with older papers, each with what follows.
    relations: Vec<(&'static str, String)>,
    units: Vec<Pick>,
    may_publish: bool,
    /// Where files are taken, if this writer may send any.
    import: Option<ImportLink>,
    /// Who lets it out: oneself, somebody else, or either by the unit that is chosen.
    unit_hint: &'static str,
    preview: String,
}

/// What a new paper can do with older ones: the word that is kept, and the words on the form.
pub(super) const RELATIONS: [(&str, &str); 4] = [
    (NO_RELATION, "documents-new-relation-none"),
    ("replaces", "documents-new-relation-replaces"),
    ("repeals", "documents-new-relation-repeals"),
    ("amends", "documents-new-relation-amends"),
];
pub(super) const NO_RELATION: &str = "none";
/// Older papers named at once.
const MOST_OLDER: usize = 20;

/// The symbols that were typed, as they are kept; or the key of what is wrong with them.
pub(super) fn older(typed: &str, relation: &str, own: &str) -> Result<Vec<String>, &'static str> {
    let typed: Vec<&str> = (typed.split([',', ';', '\n']))
        .map(str::trim)
        .filter(|one| !one.is_empty())
        .collect();
    if relation == NO_RELATION || relation.is_empty() {
        return match typed.is_empty() {
            true => Ok(Vec::new()),
            false => Err("documents-new-relation-missing"),
        };
    }
    if typed.is_empty() {
        return Err("documents-new-older-missing");
    }
    if typed.len() > MOST_OLDER {
        return Err("documents-new-older-many");
    }
    let mut symbols: Vec<String> = Vec::new();
    for one in typed {
        let Some(read) = citation::parse(one) else {
            return Err("documents-new-older-unread");
        };
        let symbol = read.canonical();
        if crate::document::symbol_key(&symbol) == crate::document::symbol_key(own) {
            return Err("documents-new-older-own");
        }
        if !symbols.contains(&symbol) {
            symbols.push(symbol);
        }
    }
    Ok(symbols)
}

/// Every kind that is no law of the state; `field` is the one that the form holds.
pub(super) fn kinds(frame: &Frame, form: &FormState) -> Vec<Pick> {
    let pick = |value: &str, label: &str| Pick {
        value: value.to_owned(),
        label: label.to_owned(),
        is_chosen: form.is("kind", value),
    };
    let mut kinds = vec![pick("", &frame.t("documents-new-kind-by-symbol"))];
    kinds.extend(
        Kind::all()
            .filter(|kind| kind.system() != Some(citation::System::State))
            .map(|kind| pick(kind.code(), kind.name())),
    );
    kinds
}

/// The text as readers will see it, citations linked as far as the writer sees.
pub(super) async fn preview(
    site: &Site,
    frame: &Frame,
    who: &Member,
    draft: &Draft,
) -> kernel::Result<String> {
    let visitor = web::Visitor {
        signed_in: Some(who.0.clone()),
    };
    let reach = site::reach_of(&visitor, site.clock.today());
    let texts = draft
        .provisions
        .iter()
        .flat_map(|p| [p.heading.as_str(), p.body.as_str()]);
    let linker = Linker::gather(site, &reach, texts).await?;
    let drawing = Drawing {
        frame,
        linker: &linker,
        id: "",
        has_pdf: false,
    };
    Ok(drawing.html(&draft.provisions))
}

impl Page {
    async fn new(
        site: &Site,
        frame: &Frame,
        who: &Member,
        form: FormState,
        may: &access::CanWrite,
    ) -> Page {
        let pick = |value: &str, label: &str, field: &str| Pick {
            value: value.to_owned(),
            label: label.to_owned(),
            is_chosen: form.is(field, value),
        };
        let units = may
            .units
            .iter()
            .map(|unit| pick(unit.id.as_str(), &unit.name, "unit"))
            .collect();
        let is_own = |unit: &people::unit::Unit| {
            let unit = unit.reference();
            who.actor.allow(Cap::ContentPublish, &unit, frame.today())
        };
        let own = may.units.iter().filter(|unit| is_own(unit)).count();
        let unit_hint = match own {
            0 => "documents-new-unit-hint",
            own if own == may.units.len() => "documents-new-unit-hint-own",
            _ => "documents-new-unit-hint-some",
        };
        Page {
            import: importer::link(site, &who.0, "/documents/import", "").await,
            unit_hint,
            kinds: kinds(frame, &form),
            relations: RELATIONS.map(|(word, key)| (word, frame.t(key))).to_vec(),
            preview: String::new(),
            units,
            may_publish: frame.may("content_publish"),
            form,
            frame: frame.clone(),
        }
    }
}

pub(crate) async fn get(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    let may = access::can_write(&site, &who).await?;
    let first = may
        .units
        .first()
        .map(|unit| unit.id.to_string())
        .unwrap_or_default();
    let form = FormState::new()
        .with("audience", "members")
        .with("relation", NO_RELATION)
        .with("unit", first);
    frame.html(&Page::new(&site, &frame, &who, form, &may).await)
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    form: Form<New>,
) -> Answer {
    let may = access::can_write(&site, &who).await?;
    let today = site.clock.today();
    let mut state = FormState::typed(form.pairs);
    let typed = form.value;
    let symbol = typed.symbol.trim();
    let parsed = citation::parse(symbol);
    if !symbol.is_empty() && parsed.is_none() {
        state.fail("symbol", "documents-new-symbol-unread");
    }
    state.fit("title", super::TITLE_MOST);
    if typed.title.trim().is_empty() {
        state.fail("title", "documents-new-title-missing");
    }
    let issued_on = match read_day(&typed.issued_on, today) {
        Ok(day) => day,
        Err(()) => {
            let trouble = web::day_trouble(&typed.issued_on, "documents-new-day-unread");
            state.fail("issued_on", trouble);
            String::new()
        }
    };
    let effective_on = match read_day(&typed.effective_on, today) {
        Ok(day) => day,
        Err(()) => {
            let trouble = web::day_trouble(&typed.effective_on, "documents-new-day-unread");
            state.fail("effective_on", trouble);
            String::new()
        }
    };
    let relation = RELATIONS.iter().find(|(word, _)| *word == typed.relation);
    let relation = relation.map_or(NO_RELATION, |(word, _)| *word);
    let older = older(&typed.older, relation, symbol).unwrap_or_else(|trouble| {
        state.fail("older", trouble);
        Vec::new()
    });
    let unit = may.unit(&typed.unit);
    if unit.is_none() {
        state.fail("unit", "documents-new-unit-missing");
    }
    if typed.text.trim().is_empty() {
        state.fail("text", "documents-new-text-missing");
    } else if typed.text.chars().count() > MOST {
        state.fail("text", "documents-new-text-long");
    }
    let blocks = reading::pasted(&typed.text);
    if intake::secrecy::mark(&blocks).is_some() {
        state.fail("text", "documents-refused-secret");
    }
    let audience = match (typed.audience.as_str(), unit) {
        ("public", _) => Audience::Public,
        ("unit", Some(unit)) => Audience::Unit(unit.id.clone()),
        _ => Audience::Members,
    };
    let wants_publishing = typed.act == "publish";
    let may_publish = unit.is_some_and(|unit| {
        who.actor
            .allow(Cap::ContentPublish, &unit.reference(), today)
    });
    if wants_publishing && !may_publish {
        state.fail("unit", "documents-new-publish-not-allowed");
    }
    let certain = parsed
        .as_ref()
        .and_then(|symbol| match symbol.kinds().as_slice() {
            [kind] => Some(kind.code()),
            _ => None,
        });
    let kind = Kind::by_code(&typed.kind)
        .map(Kind::code)
        .or(certain)
        .unwrap_or_default();
    // Without it nobody could tell whether it counts; a day may be missing, and the form says what follows.
    if wants_publishing && kind.is_empty() {
        state.fail("kind", "documents-new-kind-needed");
    }
    let Some(unit) = unit.filter(|_| state.is_good()) else {
        return frame.html_status(
            StatusCode::UNPROCESSABLE_ENTITY,
            &Page::new(&site, &frame, &who, state, &may).await,
        );
    };
    let mut draft = Draft {
        symbol: parsed.map(|symbol| symbol.canonical()).unwrap_or_default(),
        kind: kind.to_owned(),
        title: full_title(kind, &typed.title),
        issuer_name: if typed.issuer.trim().is_empty() {
            unit.name.clone()
        } else {
            typed.issuer.trim().to_owned()
        },
        issued_on,
        effective_on,
        language: "vi".into(),
        ..Draft::default()
    };
    draft.provisions = reading::provisions(&blocks, &draft.title);
    draft.set_anchors();
    if typed.act == "preview" {
        let mut page = Page::new(&site, &frame, &who, state, &may).await;
        page.preview = preview(&site, &frame, &who, &draft).await?;
        return frame.html(&page);
    }
    let belongs = Belongs {
        audience,
        unit_id: unit.id.to_string(),
        state: if wants_publishing {
            store::State::Published
        } else {
            store::State::Draft
        },
    };
    let (action, cap) = if wants_publishing {
        ("document.publish", Cap::ContentPublish)
    } else {
        ("document.draft", Cap::ContentWrite)
    };
    let writing = Writing::of(&who.actor, cap, &unit.reference(), today)?;
    let cited = draft.citations();
    let mut act = writing.begin(&site, &frame, action).await?;
    let note = match (wants_publishing, older.is_empty()) {
        (true, true) => "documents-publication-done",
        (true, false) => "documents-publication-done-older",
        (false, _) => "documents-new-draft-done",
    };
    let done = |id: &str| {
        see_other(format!("/documents/{id}"))
            .flash(note)
            .into_response()
    };
    let Some(id) = store::add(&mut act, &draft, &cited, &belongs).await? else {
        act.leave().await?;
        let by = &who.actor.member;
        if let Some(id) = store::find_sent(&site, &draft, &belongs, by).await? {
            return Ok(done(&id));
        }
        state.fail("symbol", "documents-new-is-there");
        return frame.html_status(
            StatusCode::UNPROCESSABLE_ENTITY,
            &Page::new(&site, &frame, &who, state, &may).await,
        );
    };
    if !older.is_empty() {
        store::standing::relate(&mut act, &id, relation, &older).await?;
    }
    act.line().object("document", &id);
    act.end().await?;
    Ok(done(&id))
}

/// A day as people write it; empty for none.
pub(super) fn read_day(text: &str, today: kernel::Day) -> Result<String, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let day = web::read_day(text, today).ok_or(())?;
    Ok(day.to_string())
}

#[cfg(test)]
mod tests {
    use testkit::{HOA, LAN, THU, TUAN, on_both};

    const FIELDS: &[(&str, &str)] = &[
        ("symbol", "21-NQ/ĐU"),
        ("title", "về nâng chất lượng sinh hoạt"),
        ("issued_on", "2026-11-20"),
        ("unit", "committee"),
        ("audience", "members"),
        ("text", "Điều 1. Mục tiêu\n1. Mỗi tháng một kỳ."),
    ];

    fn with<'a>(
        fields: &[(&'a str, &'a str)],
        name: &'a str,
        value: &'a str,
    ) -> Vec<(&'a str, &'a str)> {
        let mut all: Vec<_> = fields
            .iter()
            .copied()
            .filter(|(field, _)| *field != name)
            .collect();
        all.push((name, value));
        all
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_publishes_is_shown_where_files_are_taken() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let way = "a[href='/documents/import']";
                let page = app.as_(THU).get("/documents/new").await.expects(200);
                assert!(page.has(way), "she publishes, so she takes files");
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_form_that_is_sent_twice_is_one_document() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let thu = app.as_(THU);
                let draft = with(FIELDS, "do", "draft");
                let (one, two) = tokio::join!(
                    thu.post("/documents/new", &draft),
                    thu.post("/documents/new", &draft)
                );
                let (one, two) = (one.expects(303).location(), two.expects(303).location());
                assert_eq!(one, two);
                let known = "select count(*) from documents_document";
                assert_eq!(app.count(known).await, 1);
                let other = with(&draft, "text", "Điều 1. Việc khác");
                thu.post("/documents/new", &other).await.expects(422);
                assert_eq!(
                    app.count(known).await,
                    1,
                    "another text is not the same form"
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_draft_is_hidden_until_it_is_published() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let page = app
                    .as_(THU)
                    .post_and_follow("/documents/new", &with(FIELDS, "do", "draft"))
                    .await
                    .expects(200);
                assert_eq!(page.text("h1"), "Nghị quyết về nâng chất lượng sinh hoạt");
                assert!(page.has_button("Công bố văn bản"));
                let id = page.attributes("form[action$=publication]", "action")[0]
                    .replace("/documents/", "")
                    .replace("/publication", "");
                app.catch_up().await;
                for who in [HOA, LAN, TUAN] {
                    app.as_(who)
                        .get(&format!("/documents/{id}"))
                        .await
                        .expects(404);
                    app.as_(who)
                        .post(&format!("/documents/{id}/publication"), &[])
                        .await
                        .expects(404);
                }
                assert_eq!(app.as_(HOA).get("/documents").await.all(".hit").len(), 0);
                assert_eq!(app.site.index.entries(), 0, "a draft is not found");
                app.as_(THU)
                    .post_forged(&format!("/documents/{id}/publication"), &[])
                    .await
                    .expects(403);
                app.as_(THU)
                    .press(
                        &format!("/documents/{id}"),
                        &format!("/documents/{id}/publication"),
                    )
                    .await
                    .expects(303);
                app.catch_up().await;
                app.as_(HOA)
                    .get(&format!("/documents/{id}"))
                    .await
                    .expects(200);
                assert!(app.site.index.entries() > 0);
                assert_eq!(
                    app.count("select count(*) from audit_event where action = 'document.publish'")
                        .await,
                    1
                );
                app.stranger()
                    .get(&format!("/documents/{id}"))
                    .await
                    .expects(404);
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_publishes_is_asked_what_becomes_of_older_papers_and_of_its_kind() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let publishes = async |fields: &[(&str, &str)]| {
                    let all = with(fields, "do", "publish");
                    app.as_(THU).post("/documents/new", &all).await
                };
                let of = |symbol, day| with(&with(FIELDS, "symbol", symbol), "issued_on", day);
                publishes(&of("05-NQ/ĐU", "2021-03-03")).await.expects(303);
                publishes(&of("06-NQ/ĐU", "2021-04-03")).await.expects(303);
                // "QĐ" is two kinds: nobody could tell whether it counts.
                let odd = publishes(&of("22-QĐ/ĐU", "2026-11-20")).await.expects(422);
                assert!(
                    odd.text("#e-kind").contains("Chưa rõ hiệu lực"),
                    "{}",
                    odd.body()
                );
                let says = |relation, older| {
                    let fields = with(&of("22-NQ/ĐU", "2026-11-20"), "relation", relation);
                    with(&fields, "older", older)
                };
                for (relation, older) in [
                    ("replaces", ""),
                    ("replaces", "nghị quyết cũ"),
                    ("replaces", "22-NQ/ĐU"),
                    ("none", "05-NQ/ĐU"),
                ] {
                    let asked = publishes(&says(relation, older)).await.expects(422);
                    assert!(asked.has("#e-older"), "{relation} {older}");
                }
                let both = says("replaces", "05-NQ/ĐU, 06-NQ/ĐU");
                publishes(&both).await.expects(303);
                let form = app.as_(THU).get("/documents/new").await.expects(200);
                let follows = form.text("#f-relation");
                assert!(follows.contains("Đã được thay"), "what follows is said");
                let list = app
                    .as_(HOA)
                    .get("/documents")
                    .await
                    .expects(200)
                    .text("main");
                assert_eq!(
                    list.matches("Đã được thay bằng 22-NQ/ĐU").count(),
                    2,
                    "{list}"
                );
                assert!(!list.contains("Chưa rõ hiệu lực"));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_may_not_write_is_told_so_and_led_on_and_an_editor_gets_the_form() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let told = app.as_(HOA).get("/documents/new").await.expects(403);
                assert!(told.has("a[href='/documents']"), "a way out");
                app.as_(HOA)
                    .post("/documents/new", FIELDS)
                    .await
                    .expects(403);
                // An editor of one unit writes there, and lets nothing out.
                app.has_post(HOA, "Biên tập", kernel::Role::ContentEditor, "cell-a")
                    .await;
                let actor = people::actor::load(&app.site, &"hoa".parse().unwrap()).await;
                let who = web::SignedIn {
                    actor: actor.unwrap(),
                    ..app.signed_in(HOA)
                };
                let may = crate::access::can_write(&app.site, &who).await.unwrap();
                let units: Vec<&str> = may.units.iter().map(|unit| unit.id.as_str()).collect();
                assert_eq!(units, ["cell-a"]);
                app.as_(THU)
                    .post_forged("/documents/new", FIELDS)
                    .await
                    .expects(403);
                assert_eq!(app.stranger().get("/documents/new").await.status, 303);
                app.as_(THU).get("/documents/new").await.expects(200);
                assert_eq!(
                    app.count("select count(*) from documents_document").await,
                    0
                );
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_look_before_publishing_keeps_nothing_and_loses_nothing() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let look = with(FIELDS, "do", "preview");
                let page = app
                    .as_(THU)
                    .post("/documents/new", &look)
                    .await
                    .expects(200);
                assert_eq!(
                    page.text(".law h3").split(" Địa").next(),
                    Some("Điều 1. Mục tiêu")
                );
                assert!(page.text("#f-text").contains("Mỗi tháng một kỳ."));
                assert_eq!(
                    app.count("select count(*) from documents_document").await,
                    0
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn trouble_keeps_what_was_typed() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let long = "về việc ".repeat(70);
                for (name, value) in [
                    ("title", " "),
                    ("title", long.as_str()),
                    ("symbol", "số mười hai"),
                    ("issued_on", "hôm nào đó"),
                    ("unit", "other"),
                    ("text", "MẬT\nviệc kín"),
                    ("text", ""),
                ] {
                    let page = app
                        .as_(THU)
                        .post("/documents/new", &with(FIELDS, name, value))
                        .await
                        .expects(422);
                    assert!(page.has(&format!("#e-{name}")) || name == "unit", "{name}");
                    assert_eq!(
                        page.attributes("#f-symbol", "value"),
                        [if name == "symbol" { value } else { "21-NQ/ĐU" }]
                    );
                }
                app.as_(THU)
                    .post("/documents/new", &with(FIELDS, "do", "publish"))
                    .await
                    .expects(303);
                let page = app
                    .as_(THU)
                    .post("/documents/new", FIELDS)
                    .await
                    .expects(422);
                assert!(page.text("#e-symbol").contains("đã có"));
                assert_eq!(
                    app.count("select count(*) from documents_document").await,
                    1
                );
            },
        )
        .await;
    }
}
