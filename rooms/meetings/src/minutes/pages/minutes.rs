//! The minutes, read as minutes and changed section by section: a heading, an agenda item, the tasks, the end.
//!
//! Put together from recorded facts, kept as revisions that are only ever added. Two people who change different
//! sections both keep their words; on one section the second sees both texts. Not here: what the sections are
//! (`minutes::sections`), how saved minutes follow the record (`minutes::follow`), circulation and signing (their own issue).
//! The rule that surprises: what is drawn may be newer than what was saved, for figures nobody touched are
//! those of the record; so every form says which text it was made of, and what moved since is shown beside it.

use crate::access::{self, CanWrite};
use crate::minutes::sections::{self, Opened, Put, Section};
use crate::minutes::store::{self, Revision};
use crate::minutes::{self, Current};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use kernel::Moment;
use kernel::error::Result;
use site::{Act, May as _, Site};
use web::compare::{Piece, compare};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Fields {
    /// What is done: `section`, `remove`, `new`, `keep`, `settle`; else the whole text is replaced.
    #[serde(rename = "do")]
    act: String,
    /// Where the section stood when it was opened, its mark (or that of the whole text) and its heading.
    at: usize,
    was: String,
    name: String,
    heading: String,
    text: String,
    /// The questions to which the record's words are the answer.
    take: Vec<usize>,
    /// The whole text, and the revision that it was drawn from.
    number: i64,
    body: String,
}

/// Longest minutes, in characters.
const LONGEST: usize = 100_000;

/// A section as it is read.
struct Shown {
    n: usize,
    heading: String,
    is_top: bool,
    /// What it is called where it has no heading.
    label: String,
    lines: Vec<Line>,
    /// What is said of an item with nothing under it, as on paper; empty for others.
    bare: String,
    is_open: bool,
}

struct Line {
    text: String,
    /// "- Mượn xe".
    is_item: bool,
    /// "Kết luận: …" and figures of the roll are read first.
    lead: String,
}

/// What is being changed.
#[derive(Default)]
struct Open {
    /// `section`, `new`, `all`; empty when the minutes are only read.
    act: &'static str,
    /// Where it stands; of a new section, where it goes (0: behind the last item).
    at: usize,
    was: String,
    name: String,
}

impl Open {
    /// As the form was sent.
    fn of(fields: &Fields) -> Open {
        Open {
            act: match fields.act.as_str() {
                "section" | "remove" => "section",
                "new" => "new",
                _ => "all",
            },
            at: fields.at,
            was: fields.was.clone(),
            name: fields.name.clone(),
        }
    }
    /// What is said of its heading: a new one needs one.
    fn heading_hint(&self) -> &'static str {
        match self.act {
            "new" => "meetings-minutes-heading-new",
            _ => "meetings-minutes-heading-hint",
        }
    }
    /// Where on the page it is drawn.
    fn anchor(&self) -> String {
        match self.act {
            "new" => "p-new".to_owned(),
            _ => format!("p-{}", self.at),
        }
    }
}

struct Question {
    n: usize,
    pieces: Vec<Piece>,
}

#[derive(Template)]
#[template(path = "meetings/minutes.html")]
struct Page {
    frame: Frame,
    form: FormState,
    meeting: crate::store::Meeting,
    number: i64,
    kept: String,
    sections: Vec<Shown>,
    open: Open,
    questions: Vec<Question>,
    refreshed: usize,
    is_unsaved: bool,
    /// Stands for the text that is shown.
    mark: String,
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<CanWrite> {
    let may = access::find(site, who, id).await?.into_write()?;
    may.must_be_writable()?;
    Ok(may)
}

/// "Kết luận: làm ngay" as its first words and the rest; only known first words are told apart.
fn line(text: String, leads: &[String]) -> Line {
    let lead = leads.iter().find(|lead| text.starts_with(lead.as_str()));
    let item = text.strip_prefix("- ").map(str::to_owned);
    match (lead, item) {
        (Some(lead), _) => Line {
            text: text[lead.len()..].to_owned(),
            is_item: false,
            lead: lead.clone(),
        },
        (None, Some(item)) => Line {
            text: item,
            is_item: true,
            lead: String::new(),
        },
        (None, None) => Line {
            text,
            is_item: false,
            lead: String::new(),
        },
    }
}

fn shown(
    site: &Site,
    frame: &Frame,
    (all, items): (Vec<Section>, &[String]),
    open: &Open,
) -> Vec<Shown> {
    let leads = minutes::leads(site);
    let bare = crate::words::vi(site, "meetings-draft-item-bare", &[]);
    let last = all.len();
    let draw = |(n, section): (usize, Section)| Shown {
        n,
        label: match (section.heading.as_str(), n + 1 == last && n > 0) {
            ("", false) => frame.t("meetings-minutes-opening"),
            ("", true) => frame.t("meetings-minutes-end"),
            (heading, _) => heading.to_owned(),
        },
        bare: match section.lines.is_empty() && items.contains(&section.heading) {
            true => bare.clone(),
            false => String::new(),
        },
        heading: section.heading,
        is_top: section.is_top,
        lines: (section.lines.into_iter())
            .map(|text| line(text, &leads))
            .collect(),
        is_open: open.act == "section" && open.at == n,
    };
    all.into_iter().enumerate().map(draw).collect()
}

async fn draw(
    site: &Site,
    frame: &Frame,
    may: &CanWrite,
    form: FormState,
    current: Current,
    open: Open,
) -> Answer {
    let items = crate::plan::store::list_items(&site.db, &may.meeting.id).await?;
    let items: Vec<String> = (items.iter())
        .map(|item| format!("{}. {}", item.position, item.title))
        .collect();
    let kept = current
        .latest
        .as_ref()
        .map_or_else(String::new, |revision| {
            let at = Moment(revision.at);
            frame.tn(
                "meetings-minutes-kept",
                &[
                    ("n", revision.number.into()),
                    ("name", (&revision.author).into()),
                    ("day", (&at.day().vn()).into()),
                    ("time", (&crate::words::hour(frame, at)).into()),
                ],
            )
        });
    let asks = current.followed.asks.iter().enumerate();
    frame.html_status(
        form.status(),
        &Page {
            frame: frame.clone(),
            form,
            meeting: may.meeting.clone(),
            number: number(current.latest.as_ref()),
            kept,
            questions: asks
                .map(|(n, ask)| Question {
                    n,
                    pieces: compare(&ask.recorded, &ask.kept),
                })
                .collect(),
            refreshed: current.followed.refreshed,
            is_unsaved: current.latest.is_none(),
            mark: current.mark(),
            sections: shown(site, frame, (current.sections, &items), &open),
            open,
        },
    )
}

fn number(latest: Option<&Revision>) -> i64 {
    latest.map_or(0, |revision| revision.number)
}

/// `?section=3`, `?section=new`, `?section=all`: what is opened to be changed.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    section: String,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let latest = store::find_revision(&site.db, &may.meeting.id).await?;
    let current = Current::of(&site, &may.meeting, latest).await?;
    let mut form = FormState::new();
    let mut open = Open::default();
    match asked.section.as_str() {
        "new" => open.act = "new",
        "all" => {
            open.act = "all";
            open.was = current.text_mark();
            form = form.with("body", current.body.clone());
        }
        number => {
            let at = number.parse().ok(); // anything else opens nothing
            let held = at.and_then(|at: usize| Some((at, current.sections.get(at)?)));
            if let Some((at, section)) = held {
                (open.act, open.at, open.was) = ("section", at, section.mark());
                open.name = section.heading.clone();
                form = form_of(section);
            }
        }
    }
    draw(&site, &frame, &may, form, current, open).await
}

/// The form of a section as it is opened.
fn form_of(section: &Section) -> FormState {
    FormState::new()
        .with("heading", section.heading.clone())
        .with("text", section.text())
}

/// What is to be kept, or where two people wrote.
enum Next {
    Keep {
        body: String,
        base: String,
    },
    /// It is so already.
    Same,
    Clash {
        present: FormState,
        open: Open,
    },
    Odd(&'static str, &'static str, Open),
}

/// What the sent form makes of the minutes as they are now.
fn next(fields: &Fields, current: &Current) -> Next {
    let open = Open::of(fields);
    let keep = |body: String| Next::Keep {
        body,
        base: current.base(),
    };
    let new = Section::typed(&fields.heading, &fields.text);
    match fields.act.as_str() {
        "section" if new.is_empty() => Next::Odd("text", "meetings-minutes-section-empty", open),
        "new" if new.heading.is_empty() => {
            Next::Odd("heading", "meetings-minutes-heading-missing", open)
        }
        "new" if sections::stands(&current.sections, &new) => Next::Same,
        "new" if sections::is_taken(&current.sections, &new.heading) => {
            Next::Odd("heading", "meetings-minutes-heading-there", open)
        }
        "new" => {
            let at = Some(fields.at).filter(|at| *at > 0);
            keep(sections::add(&current.sections, at, new))
        }
        "section" | "remove" => section(fields, current, new),
        "settle" if fields.was == current.mark() => Next::Keep {
            body: current.followed.settled(|n| fields.take.contains(&n)),
            base: current.recorded.clone(),
        },
        "keep" if fields.was == current.mark() => keep(current.body.clone()),
        "keep" | "settle" if current.is_settled() => {
            Next::Odd("minutes", "meetings-minutes-settled", Open::default())
        }
        "keep" | "settle" => Next::Odd("minutes", "meetings-minutes-moved", Open::default()),
        _ => {
            let body = minutes::settle(&fields.body);
            if body.is_empty() {
                return Next::Odd("body", "meetings-minutes-empty", open);
            }
            if fields.was == current.text_mark() || body == current.body {
                return keep(body);
            }
            let was = current.text_mark();
            let present = FormState::new()
                .with("body", current.body.clone())
                .with("was", was.clone());
            Next::Clash {
                present,
                open: Open { was, ..open },
            }
        }
    }
}

/// A section that is changed or taken out.
fn section(fields: &Fields, current: &Current, new: Section) -> Next {
    let opened = Opened {
        at: fields.at,
        mark: &fields.was,
        name: &fields.name,
    };
    let is_removed = fields.act == "remove";
    // What is taken out is found by its mark alone; what was typed stands beside it.
    let changed = if is_removed {
        Section::typed("", "")
    } else {
        new
    };
    match sections::put(&current.sections, opened, changed) {
        Put::Done(body) => Next::Keep {
            body,
            base: current.base(),
        },
        Put::Same => Next::Same,
        Put::Clash(at, now) => Next::Clash {
            present: form_of(&now).with("was", now.mark()),
            open: Open {
                act: "section",
                at,
                was: now.mark(),
                name: now.heading,
            },
        },
        // What was typed is offered as a new section, at its old place.
        Put::Gone => Next::Odd(
            "text",
            "meetings-minutes-section-gone",
            Open {
                act: "new",
                at: fields.at.max(1),
                ..Open::default()
            },
        ),
    }
}

/// How often minutes that move while they are saved are read again before they are put together in hand.
const TRIES: usize = 3;

/// Begins the act on the minutes that `current` was made of. What moved since is put together anew before the
/// next try, so that no text is compared while the act holds the meeting; where many save at once, the last try keeps
/// them waiting for that instead of being sent back: a clash is only what two people wrote of one section.
async fn begin(
    site: &Site,
    frame: &Frame,
    mut may: CanWrite,
    current: &mut Current,
) -> Result<Act<CanWrite>> {
    let meeting = may.meeting.clone();
    for tries in 0..=TRIES {
        let mut act = may.begin(site, frame, "minutes.write").await?;
        if !crate::store::hold(&mut act, &meeting.id, meeting.state).await? {
            return Err(crate::store::changed(&meeting.id));
        }
        let latest = store::find_revision_in(act.on(), &meeting.id).await?;
        let recorded = minutes::recorded(site, &meeting).await?;
        if number(latest.as_ref()) == number(current.latest.as_ref())
            && recorded == current.recorded
        {
            return Ok(act);
        }
        if tries >= TRIES {
            *current = Current::with(site, latest, recorded);
            return Ok(act);
        }
        may = act.leave().await?;
        *current = Current::with(site, latest, recorded);
    }
    Err(crate::store::changed(&meeting.id))
}

/// Whether the newest revision is just what this form made of the one before: its button was pressed twice.
async fn is_repeat(
    site: &Site,
    may: &CanWrite,
    fields: &Fields,
    current: &Current,
) -> Result<bool> {
    let Some(latest) = &current.latest else {
        return Ok(false);
    };
    let id = &may.meeting.id;
    let before = store::find_numbered(&site.db, id, latest.number - 1).await?;
    let then = Current::with(site, before, current.recorded.clone());
    Ok(match next(fields, &then) {
        Next::Keep { body, base } => body == latest.body && base == latest.recorded,
        Next::Same | Next::Clash { .. } | Next::Odd(..) => false,
    })
}

/// Acts that change what the minutes are written from.
const OF_THE_RECORD: [&str; 5] = [
    "meeting.note",
    "attendance.mark",
    "meeting.close",
    "absence.accept",
    "absence.refuse",
];

/// Says who was faster: whoever saved the minutes, or whoever changed what they are written from.
async fn show_theirs(
    (site, frame, who): (&Site, &Frame, &Member),
    fields: &Fields,
    current: &Current,
    (state, present): (&mut FormState, &FormState),
    may: &CanWrite,
) -> Result<()> {
    let is_all = Open::of(fields).act == "all";
    let acts: &[&str] = if is_all && fields.number == number(current.latest.as_ref()) {
        &OF_THE_RECORD
    } else {
        &["minutes.write"]
    };
    let of = ("meeting", may.meeting.id.as_str());
    let saved = people::saved::last(site, frame, who, of, acts).await?;
    state.changed(present, "was", &saved);
    Ok(())
}

/// `?then=3`: which section is opened once this one is kept; `?then=print`: back to the paper.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Onward {
    then: String,
}

/// Where somebody goes on to who opened a section and typed nothing there: nothing is to be kept.
fn unchanged(fields: &Fields, then: &str) -> Option<String> {
    let n: usize = then.parse().ok()?; // no number: nobody goes on
    let typed = Section::typed(&fields.heading, &fields.text);
    let is_so = match fields.act.as_str() {
        "section" => typed.mark() == fields.was,
        "new" => typed.is_empty(),
        _ => false,
    };
    is_so.then(|| format!("?section={n}#p-{n}"))
}

/// Where a section of the minutes stands after they were saved: wherever its text stands now, else where it stood.
fn moved_to(site: &Site, before: &[Section], then: &str, body: &str) -> Option<usize> {
    let at: usize = then.parse().ok()?; // no number: nothing is opened
    let meant = before.get(at)?.mark();
    let now = Current::sections_of(site, body);
    let found = now.iter().position(|section| section.mark() == meant);
    Some(found.unwrap_or(at).min(now.len().saturating_sub(1)))
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(wanted): Query<Onward>,
    form: Form<Fields>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let meeting = may.meeting.clone();
    let fields = form.value;
    let mut state = FormState::typed(form.pairs);
    let to = format!("/meetings/{}/minutes", meeting.id);
    let to = match fields.act.as_str() {
        "section" | "remove" => format!("{to}#p-{}", fields.at),
        _ => to,
    };
    let latest = store::find_revision(&site.db, &meeting.id).await?;
    let mut current = Current::of(&site, &meeting, latest).await?;
    if let Some(onward) = unchanged(&fields, &wanted.then) {
        return Ok(see_other(format!("/meetings/{}/minutes{onward}", meeting.id)).into_response());
    }
    let mut act = begin(&site, &frame, may, &mut current).await?;
    // Whoever goes on to another section keeps what they typed here, and finds that one opened.
    let onward = |body: &str| {
        let at = moved_to(&site, &current.sections, &wanted.then, body);
        at.map(|n| {
            let minutes = format!("/meetings/{}/minutes", meeting.id);
            format!("{minutes}?section={n}#p-{n}")
        })
    };
    let (body, base) = match next(&fields, &current) {
        Next::Keep { body, base } if body.chars().count() <= LONGEST => (body, base),
        other => {
            let may = act.leave().await?;
            if matches!(other, Next::Same) || is_repeat(&site, &may, &fields, &current).await? {
                // It stands there already: nothing is said before going on.
                return Ok(match onward(&current.body) {
                    Some(onward) => see_other(onward).into_response(),
                    None => see_other(to).flash("meetings-minutes-same").into_response(),
                });
            }
            let open = match other {
                Next::Odd(field, key, open) => {
                    state.fail(field, key);
                    open
                }
                Next::Clash { present, open } => {
                    let theirs = (&mut state, &present);
                    let of = (&site, &frame, &who);
                    show_theirs(of, &fields, &current, theirs, &may).await?;
                    open
                }
                Next::Keep { .. } | Next::Same => {
                    let open = Open::of(&fields);
                    let field = if open.act == "all" { "body" } else { "text" };
                    let long = frame.t1("meetings-plan-too-long", "n", LONGEST as i64);
                    state.fail(field, long);
                    open
                }
            };
            return draw(&site, &frame, &may, state, current, open).await;
        }
    };
    let hash = minutes::hash(&body);
    let is_same =
        |held: &Revision| held.body_hash == hash && (held.recorded == base || !held.knows_record());
    if current.latest.as_ref().is_some_and(is_same) {
        act.leave().await?;
        return Ok(match onward(&body) {
            Some(onward) => see_other(onward).into_response(),
            None => see_other(to).flash("meetings-minutes-same").into_response(),
        });
    }
    let to = onward(&body).unwrap_or(to);
    let number = number(current.latest.as_ref()) + 1;
    let kept = store::NewRevision {
        number,
        body: &body,
        hash: &hash,
        recorded: &base,
    };
    store::add_revision(&mut act, &meeting.id, &kept, &who.actor.member).await?;
    act.line()
        .diff(&serde_json::json!({ "revision": number, "body_hash": hash }));
    act.end().await?;
    if wanted.then == "print" {
        // The paper itself says which version it is.
        let paper = format!("/meetings/{}/minutes/print", meeting.id);
        return Ok(see_other(paper).into_response());
    }
    Ok(see_other(to).flash("meetings-minutes-done").into_response())
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{BINH, Character, HOA, LAN, MINH, Reply, THU, TUAN, TestApp};

    #[tokio::test(flavor = "multi_thread")]
    async fn an_item_without_notes_says_so_on_the_page_as_on_paper() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes");
            let page = app.as_(LAN).get(&path).await.expects(200);
            let bare = page.all("#minutes .section .meta");
            let words = "(không có ý kiến ghi lại)";
            assert_eq!(bare, [words, words], "both items, no section");
            writes(
                &app,
                &id,
                "I. NỘI DUNG\n\n1. Khai mạc\n\nĐã đọc.\n\n2. Bàn việc 🎉",
            )
            .await;
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert_eq!(page.all("#minutes .section .meta"), [words]);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn the_draft_holds_the_numbers_times_and_names() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let page = app
                .as_(LAN)
                .get(&format!("/meetings/{id}/minutes"))
                .await
                .expects(200);
            let text = page.text("#minutes");
            assert!(!page.has("textarea"), "minutes are read as minutes");
            assert_eq!(page.all("#minutes h2"), ["THÀNH PHẦN", "NỘI DUNG"]);
            for words in [
                "19 giờ 32 phút",
                "21 giờ 06 phút",
                "27/11/2026",
                "Tổng số: 3 người (3 chính thức).",
                "Có mặt: 2 đồng chí (2 chính thức)",
                "Vắng không lý do: 1 (Lương Thị Hoa)",
                "Biểu quyết tính trên 3 đảng viên chính thức.",
                "Cần 2 phiếu tán thành mới thông qua.",
                "Chủ trì: đồng chí Nguyễn Thị Lan",
                "1. Khai mạc",
            ] {
                assert!(text.contains(words), "{words} is not in {text}");
            }
            assert_eq!(
                app.count("select count(*) from meetings_revision").await,
                0,
                "looking writes nothing"
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn revisions_are_added_never_changed_and_an_unchanged_save_adds_none() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes");
            let old = opens_all(&app, LAN, &id).await;
            for body in ["Biên bản một 🎉", "Biên bản một 🎉  \r\n"] {
                saves_all(&app, LAN, &id, &old, body).await.expects(303);
            }
            assert_eq!(app.count("select count(*) from meetings_revision").await, 1);
            let late = saves_all(&app, MINH, &id, &old, "Biên bản của Minh").await;
            let late = late.expects(409);
            assert!(
                late.text("textarea").contains("của Minh"),
                "what was typed is kept"
            );
            assert_eq!(
                late.text("#t-body b"),
                "Biên bản một 🎉",
                "theirs beside it"
            );
            let asked = ["number", "was"].map(|name| {
                late.attributes(&format!("form.measure input[name={name}]"), "value")
                    .remove(0)
            });
            saves_all(&app, MINH, &id, &asked, "Biên bản hai")
                .await
                .expects(303);
            assert_eq!(app.count("select count(*) from meetings_revision").await, 2);
            let new = opens_all(&app, LAN, &id).await;
            saves_all(&app, LAN, &id, &new, " ").await.expects(422);
            let print = app
                .as_(LAN)
                .get(&format!("{path}/print"))
                .await
                .expects(200);
            assert!(print.text(".minutes").contains("Biên bản hai"));
        })
        .await;
    }
    /// Opens a section to change it: its place, its mark, its name as it was opened, its heading.
    async fn opens_section(app: &TestApp, id: &str, heading: &str) -> [String; 4] {
        let path = format!("/meetings/{id}/minutes");
        let page = app.as_(LAN).get(&path).await.expects(200);
        let all = page.attributes("#minutes section", "aria-label");
        let n = all.iter().position(|label| label == heading).unwrap();
        let page = app.as_(LAN).get(&format!("{path}?section={n}")).await;
        let value = |name: &str| {
            page.attributes(&format!(".change input[name={name}]"), "value")
                .remove(0)
        };
        [value("at"), value("was"), value("name"), value("heading")]
    }
    fn saves([at, was, name, heading]: [String; 4], text: &'static str) -> Form {
        vec![
            ("do", "section".to_owned()),
            ("at", at),
            ("was", was),
            ("name", name),
            ("heading", heading),
            ("text", text.to_owned()),
        ]
    }
    fn removes(opened: [String; 4]) -> Form {
        let mut form = saves(opened, "");
        form[0].1 = "remove".into();
        form
    }
    type Form = Vec<(&'static str, String)>;
    async fn posts(app: &TestApp, by: Character, id: &str, form: &Form) -> Reply {
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
        app.as_(by)
            .post(&format!("/meetings/{id}/minutes"), &form)
            .await
    }
    /// Takes the record's words for the first question.
    fn settles(page: &Reply) -> Form {
        let mark = page.attributes("#stale input[name=was]", "value").remove(0);
        vec![
            ("do", "settle".to_owned()),
            ("was", mark),
            ("take", "0".to_owned()),
        ]
    }
    /// The form that a page offers for a section, as its writer sends it again.
    fn sends(page: &Reply, text: &str) -> Form {
        let value = |name: &str| {
            page.attributes(&format!(".change input[name={name}]"), "value")
                .remove(0)
        };
        let act = page.attributes(".change button.btn-go", "value").remove(0);
        let mut form = vec![("do", act), ("text", text.to_owned())];
        for name in ["at", "was", "name", "heading"] {
            form.push((name, value(name)));
        }
        form
    }
    const REVISIONS: &str = "select count(*) from meetings_revision";
    const FIRST: &str = "(select min(position) from meetings_item)";

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_goes_on_to_another_section_keeps_what_they_typed_in_this_one() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let at = format!("/meetings/{id}/minutes");
            let saved = "select count(*) from meetings_revision";
            let page = app
                .as_(LAN)
                .get(&format!("{at}?section=3"))
                .await
                .expects(200);
            let others = page.attributes("button.edit[form=change]", "formaction");
            assert!(
                !others.is_empty() && !page.has("a.edit"),
                "no link loses what is typed"
            );
            assert!(page.has("form#change"));
            let field = |name: &str| {
                page.attributes(&format!("#change [name={name}]"), "value")
                    .remove(0)
            };
            let (was, name, stood) = (field("was"), field("name"), field("at"));
            let last = others.last().unwrap().clone();
            let to = last.split('#').next().unwrap().to_owned();
            let sends = async |heading: &str, text: &str, to: &str| {
                let form = [
                    ("do", "section"),
                    ("at", stood.as_str()),
                    ("was", was.as_str()),
                    ("name", name.as_str()),
                    ("heading", heading),
                    ("text", text),
                ];
                app.as_(LAN).post(to, &form).await
            };
            // Nothing changed: nothing is saved, and the other one is open.
            let text = page.text("#f-text");
            let next = sends(&name, &text, &to).await.expects(303).location();
            assert!(next.contains("?section=") && next.contains("#p-"), "{next}");
            assert_eq!(app.count(saved).await, 0);
            let next = sends(&name, "Chi bộ mở đầu lúc tám giờ.", &to)
                .await
                .expects(303)
                .location();
            assert_eq!(app.count(saved).await, 1);
            let (open, _) = next.split_once('#').unwrap();
            let page = app.as_(LAN).get(open).await.expects(200);
            assert!(page.text("#minutes").contains("Chi bộ mở đầu lúc tám giờ."));
            let wanted = last.rsplit('#').next().unwrap().to_owned();
            assert!(
                page.has(&format!("#{wanted}[data-open]")),
                "{wanted} is open"
            );
            // What cannot be kept stays open with its sentence.
            let odd = sends("", "", &to).await.expects(422);
            assert!(odd.has("form#change .field[data-bad]") || odd.has("form#change [data-bad]"));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_people_change_different_sections_and_both_stand() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes");
            let one = opens_section(&app, &id, "1. Khai mạc").await;
            let who = opens_section(&app, &id, "THÀNH PHẦN").await;
            let posts = async |by, form: Form| super::tests::posts(&app, by, &id, &form).await;
            posts(LAN, saves(one.clone(), "Chào cờ."))
                .await
                .expects(303);
            posts(MINH, saves(who, "Đủ người.")).await.expects(303);
            assert_eq!(app.count("select count(*) from meetings_revision").await, 2);
            let page = app.as_(HOA).get(&path).await;
            page.expects(404);
            let read = app.as_(LAN).get(&path).await.expects(200).text("#minutes");
            assert!(
                read.contains("Chào cờ.") && read.contains("Đủ người."),
                "{read}"
            );
            // The same section: both texts, and nothing is lost.
            let late = posts(MINH, saves(one, "Chào cờ và hát."))
                .await
                .expects(409);
            assert_eq!(late.text("#t-text b"), "Chào cờ.");
            assert_eq!(late.text("textarea"), "Chào cờ và hát.");
            assert!(
                late.text("#errors")
                    .contains("đồng chí Nguyễn Thị Lan đã lưu lúc")
            );
            posts(MINH, sends(&late, "Chào cờ và hát."))
                .await
                .expects(303);
            // A section is added before the end, and taken out.
            let new = [
                ("do", "new"),
                ("heading", "9. Việc khác"),
                ("text", "- Không"),
            ];
            app.as_(LAN).post(&path, &new).await.expects(303);
            let page = app.as_(LAN).get(&path).await;
            let labels = page.attributes("#minutes section", "aria-label");
            assert_eq!(labels[labels.len() - 2..], ["9. Việc khác", "Kết thúc"]);
            let out = removes(opens_section(&app, &id, "9. Việc khác").await);
            posts(LAN, out).await.expects(303);
            assert!(
                !app.as_(LAN)
                    .get(&path)
                    .await
                    .text("#minutes")
                    .contains("Việc khác")
            );
            app.as_(LAN)
                .post(&path, &[("do", "new"), ("text", "x")])
                .await
                .expects(422);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn eight_who_save_their_sections_at_once_are_all_kept() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes");
            let mut forms = Vec::new();
            for n in 11..19 {
                let heading = format!("{n}. Việc khác");
                let new = [("do", "new"), ("heading", &heading), ("text", "- Không")];
                app.as_(LAN).post(&path, &new).await.expects(303);
            }
            for n in 11..19 {
                let opened = opens_section(&app, &id, &format!("{n}. Việc khác")).await;
                forms.push(saves(
                    opened,
                    Box::leak(format!("- Xong {n}").into_boxed_str()),
                ));
            }
            let by = |n: usize| if n.is_multiple_of(2) { LAN } else { MINH };
            let one = |n: usize| posts(&app, by(n), &id, &forms[n]);
            let all = tokio::join!(
                one(0),
                one(1),
                one(2),
                one(3),
                one(4),
                one(5),
                one(6),
                one(7)
            );
            for done in [all.0, all.1, all.2, all.3, all.4, all.5, all.6, all.7] {
                done.expects(303);
            }
            let read = app.as_(LAN).get(&path).await.expects(200).text("#minutes");
            for n in 11..19 {
                assert!(read.contains(&format!("Xong {n}")), "{n}: {read}");
            }
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn saved_minutes_follow_the_record_and_ask_before_words_change() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}/minutes");
            marks(&app, &id, "lan").await;
            let draft = app.as_(LAN).get(&path).await.expects(200);
            assert!(!draft.has("#stale"), "nothing is saved yet");
            assert!(draft.text("#minutes").contains("Có mặt: 1 đồng chí"));
            let mark = draft.attributes("input[name=was]", "value").remove(0);
            let keep = [("do", "keep"), ("was", mark.as_str())];
            app.as_(LAN).post(&path, &keep).await.expects(303);
            let mine = saves(
                opens_section(&app, &id, "1. Khai mạc").await,
                "Lời tôi viết.",
            );
            posts(&app, LAN, &id, &mine).await.expects(303);
            closes(&app, &id).await;
            let item = "update meetings_item set summary = 'Mái hiên dột' where position = \
                (select min(position) from meetings_item)";
            app.sets(item).await;
            // Saved before the end: figures and the end follow, the words stand and are asked about.
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert!(page.has("#stale[data-is=warn]"));
            let read = page.text("#minutes");
            for words in [
                "Có mặt: 2 đồng chí",
                "Lời tôi viết.",
                "kết thúc lúc 21 giờ 06",
            ] {
                assert!(read.contains(words), "{words} is not in {read}");
            }
            assert!(!read.contains("Mái hiên dột"), "nobody's words change");
            assert!(page.text("#stale del").contains("Mái hiên dột"));
            assert!(page.text("#stale ins").contains("Lời tôi viết."));
            // Saving another section answers no question; the print says that it is a draft.
            let end = opens_section(&app, &id, "Kết thúc").await;
            let mine = saves(end, "Họp xong lúc 21 giờ 06.");
            posts(&app, LAN, &id, &mine).await.expects(303);
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert_eq!(page.all("#stale fieldset").len(), 1);
            let print = app
                .as_(LAN)
                .get(&format!("{path}/print"))
                .await
                .expects(200);
            let paper = print.text(".minutes");
            assert!(!paper.contains("DỰ THẢO"), "they were saved: {paper}");
            assert!(
                paper.contains("Bản lưu số 3, sổ ghi thêm sau đó"),
                "{paper}"
            );
            assert!(paper.contains("Lời tôi viết.") && !paper.contains("Mái hiên dột"));
            let said = print.text("main");
            assert!(said.contains("Biên bản đã lưu (bản 3"), "{said}");
            assert!(!said.contains("chưa lưu"), "{said}");
            assert!(print.has("a[href$='/minutes#stale']"), "the way to choose");
            let settle = settles(&page);
            posts(&app, LAN, &id, &settle).await.expects(303);
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert!(!page.has("#stale"));
            let read = page.text("#minutes");
            assert!(read.contains("Mái hiên dột") && read.contains("Họp xong lúc 21 giờ 06."));
            let count = app.count(REVISIONS).await;
            posts(&app, LAN, &id, &settle).await.expects(303); // pressed twice
            assert_eq!(app.count(REVISIONS).await, count);
            let print = app
                .as_(LAN)
                .get(&format!("{path}/print"))
                .await
                .expects(200);
            assert!(!print.text(".minutes").contains("DỰ THẢO"));
            assert!(!print.text(".minutes").contains("ghi thêm"));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn saved_minutes_print_as_saved_and_take_in_later_notes_from_the_paper() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes");
            let paper = format!("{path}/print");
            let draft = app.as_(LAN).get(&paper).await.expects(200);
            assert!(draft.text("main").contains("biên bản chưa lưu"));
            assert!(draft.text(".minutes").contains("DỰ THẢO"));
            let page = app.as_(LAN).get(&path).await;
            let mark = page.attributes("input[name=was]", "value").remove(0);
            let keep = [("do", "keep"), ("was", mark.as_str())];
            app.as_(LAN).post(&path, &keep).await.expects(303);
            let says = format!(
                "update meetings_item set summary = 'Mái hiên dột' where position = {FIRST}"
            );
            app.sets(says.leak()).await;
            let behind = app.as_(LAN).get(&paper).await.expects(200);
            for words in ["chưa lưu", "DỰ THẢO", "Mái hiên dột"] {
                assert!(!behind.text("main").contains(words), "{words}");
            }
            assert!(
                behind
                    .text(".minutes")
                    .contains("Bản lưu số 1, sổ ghi thêm sau đó")
            );
            let file = app
                .as_(LAN)
                .get(&format!("{path}.pdf?boxes=yes"))
                .await
                .expects(200);
            let file = read(&file.bytes);
            assert!(file.contains("Bản lưu số 1, sổ ghi thêm sau đó"), "{file}");
            assert!(!file.contains("DỰ THẢO") && !file.contains("Mái hiên dột"));
            let was = behind
                .attributes("#refresh input[name=was]", "value")
                .remove(0);
            let settle = [("do", "settle"), ("was", was.as_str())];
            let back = app
                .as_(LAN)
                .post(&format!("{path}?then=print"), &settle)
                .await;
            assert_eq!(back.expects(303).location(), paper);
            let now = app.as_(LAN).get(&paper).await.expects(200);
            assert!(now.text(".minutes").contains("Mái hiên dột"));
            assert!(!now.has("#refresh") && !now.text(".minutes").contains("ghi thêm"));
            assert!(now.text("main").contains("Biên bản đã lưu (bản 2"));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_whole_text_from_an_older_form_does_not_wipe_what_was_recorded_meanwhile() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes");
            let page = app.as_(LAN).get(&path).await.expects(200);
            let mark = page.attributes("input[name=was]", "value").remove(0);
            let keep = [("do", "keep"), ("was", mark.as_str())];
            for _ in 0..2 {
                app.as_(LAN).post(&path, &keep).await.expects(303); // pressed twice
            }
            let old = opens_all(&app, LAN, &id).await;
            let page = app.as_(MINH).get(&format!("/meetings/{id}/notes")).await;
            let item = page.attributes("input[name=item]", "value").remove(0);
            app.later(60_000);
            let notes = [("item", item.as_str()), ("conclusion", "Khơi rãnh ngay")];
            app.as_(MINH)
                .post(&format!("/meetings/{id}/notes"), &notes)
                .await
                .expects(303);
            let late = saves_all(&app, LAN, &id, &old, "Chữ của tôi, cả biên bản").await;
            let late = late.expects(409);
            assert_eq!(late.text("textarea"), "Chữ của tôi, cả biên bản");
            assert!(
                late.text("#t-body").contains("Khơi rãnh ngay"),
                "both texts"
            );
            let said = late.text("#errors");
            assert!(said.contains("đồng chí Trần Văn Minh đã lưu lúc"), "{said}");
            assert_eq!(app.count(REVISIONS).await, 1, "nothing was saved");
            // Saved once more, knowing it.
            let asked = ["number", "was"].map(|name| {
                late.attributes(&format!("form.measure input[name={name}]"), "value")
                    .remove(0)
            });
            let body = "Kết luận: Khơi rãnh ngay";
            saves_all(&app, LAN, &id, &asked, body).await.expects(303);
        })
        .await;
    }
    /// What the minutes say now, white space folded.
    async fn minutes_of(app: &TestApp, id: &str) -> String {
        let path = format!("/meetings/{id}/minutes?section=all");
        let read = app.as_(LAN).get(&path).await.expects(200);
        read.text("textarea")
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn what_somebody_did_not_see_is_not_settled() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes");
            let mine = saves(
                opens_section(&app, &id, "1. Khai mạc").await,
                "Lời tôi viết.",
            );
            posts(&app, LAN, &id, &mine).await.expects(303);
            let says = |text: &str| {
                format!("update meetings_item set summary = '{text}' where position = {FIRST}")
            };
            app.sets(says("Sổ ghi một").leak()).await;
            let seen = settles(&app.as_(LAN).get(&path).await.expects(200));
            app.sets(says("Sổ ghi hai").leak()).await;
            let count = app.count(REVISIONS).await;
            let asked = posts(&app, LAN, &id, &seen).await.expects(422);
            assert!(asked.text("#stale del").contains("Sổ ghi hai"));
            assert_eq!(app.count(REVISIONS).await, count);
            // Minh keeps the writer's words meanwhile: Lan, who took the record's, is told.
            let mut kept = settles(&asked);
            let taken = kept.clone();
            kept.pop();
            posts(&app, MINH, &id, &kept).await.expects(303);
            let told = posts(&app, LAN, &id, &taken).await.expects(422);
            assert!(told.text("#errors").contains("đã được chọn và lưu rồi"));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_section_that_was_taken_out_meanwhile_is_offered_again_and_leaves_its_neighbours_alone()
     {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes");
            for name in ["1. Khai mạc", "Kết thúc"] {
                let opened = opens_section(&app, &id, name).await;
                posts(&app, MINH, &id, &removes(opened.clone()))
                    .await
                    .expects(303);
                let before = minutes_of(&app, &id).await;
                let count = app.count(REVISIONS).await;
                posts(&app, LAN, &id, &removes(opened.clone()))
                    .await
                    .expects(303);
                let mine = saves(opened, "Chữ tôi gõ.");
                let asked = posts(&app, LAN, &id, &mine).await.expects(422);
                assert_eq!(minutes_of(&app, &id).await, before, "{name}");
                assert_eq!(app.count(REVISIONS).await, count);
                assert_eq!(asked.text(".change textarea"), "Chữ tôi gõ.");
                assert!(asked.text("#errors").contains("bỏ hoặc đổi tên"));
                let mut again = sends(&asked, "Chữ tôi gõ.");
                if name == "Kết thúc" {
                    again.retain(|(field, _)| *field != "heading");
                    again.push(("heading", "9. Lời cuối".to_owned()));
                }
                posts(&app, LAN, &id, &again).await.expects(303);
                let read = app.as_(LAN).get(&path).await.expects(200);
                assert!(read.text("#minutes").contains("Chữ tôi gõ."));
            }
            let labels = app.as_(LAN).get(&path).await;
            let labels = labels.attributes("#minutes section", "aria-label");
            let place = |name: &str| labels.iter().position(|label| label == name).unwrap();
            assert!(place("1. Khai mạc") < place("2. Bàn việc 🎉"), "{labels:?}");
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn whatever_is_pressed_twice_or_sent_again_by_the_back_key_is_done_once() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let new = |text: &str| {
                let pairs = [("do", "new"), ("heading", "9. Việc khác"), ("text", text)];
                pairs.map(|(k, v)| (k, v.to_owned())).to_vec()
            };
            // A line in capitals makes a section of its own of what was typed as one.
            let two = saves(
                opens_section(&app, &id, "1. Khai mạc").await,
                "Chào cờ.\nVIỆC THÊM\nHát.",
            );
            let out = removes(opens_section(&app, &id, "2. Bàn việc 🎉").await);
            let forms = [new("- Không"), two, out];
            for (n, form) in forms.iter().enumerate() {
                for _ in 0..2 {
                    posts(&app, LAN, &id, form).await.expects(303);
                    assert_eq!(app.count(REVISIONS).await, n as i64 + 1, "{form:?}");
                }
            }
            // Later, by the Back key, too; another text under the same name is asked.
            posts(&app, LAN, &id, &forms[0]).await.expects(303);
            posts(&app, LAN, &id, &forms[2]).await.expects(303);
            let other = posts(&app, LAN, &id, &new("- Có")).await.expects(422);
            assert_eq!(other.text(".change textarea"), "- Có");
            assert_eq!(app.count(REVISIONS).await, 3);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn minutes_of_an_earlier_program_are_not_drafts_and_follow_from_their_next_save_on() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes");
            writes(&app, &id, "NỘI DUNG\n1. Khai mạc\nViết tay, khác hẳn sổ.").await;
            app.sets("update meetings_revision set recorded = ''").await;
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert!(!page.has("#stale"));
            let print = app.as_(LAN).get(&format!("{path}/print")).await;
            assert!(!print.expects(200).text(".minutes").contains("DỰ THẢO"));
            // Saved again, they follow what is recorded from then on.
            let mine = saves(opens_section(&app, &id, "1. Khai mạc").await, "Sửa lại.");
            posts(&app, LAN, &id, &mine).await.expects(303);
            assert!(!app.as_(LAN).get(&path).await.has("#stale"));
            let says = format!("update meetings_item set summary = 'Sổ' where position = {FIRST}");
            app.sets(says.leak()).await;
            assert!(app.as_(LAN).get(&path).await.has("#stale"));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn drafts_of_minutes_stay_with_the_committee_and_the_named_clerk() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await; // the clerk is Minh
            let path = format!("/meetings/{id}/minutes");
            for who in [HOA, TUAN, THU, BINH] {
                app.as_(who).get(&path).await.expects(404);
                app.as_(who)
                    .get(&format!("{path}/print"))
                    .await
                    .expects(404);
                app.as_(who)
                    .post(&path, &[("body", "x")])
                    .await
                    .expects(404);
            }
            app.as_(LAN)
                .post_forged(&path, &[("body", "x")])
                .await
                .expects(403);
            let called = plans(
                &app,
                LAN,
                &[("date", "2026-12-25"), ("clerk", "hoa"), ("do", "call")],
            )
            .await;
            app.as_(HOA)
                .get(&format!("/meetings/{called}/minutes"))
                .await
                .expects(409);
            app.site
                .clock
                .set("2026-12-25".parse::<kernel::Day>().unwrap().at(19, 0));
            app.as_(LAN)
                .post(&format!("/meetings/{called}/opening"), &[])
                .await
                .expects(303);
            app.as_(HOA)
                .get(&format!("/meetings/{called}/minutes"))
                .await
                .expects(200);
            app.as_(HOA)
                .get(&format!("/meetings/{called}/attendance"))
                .await
                .expects(404);
        })
        .await;
    }
}
