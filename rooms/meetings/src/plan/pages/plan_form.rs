//! The form of a plan, shared by "plan a meeting" and "change the plan": read, act, check, draw.
//!
//! Not here: the rights and the writing (`new`, `edit`). Buttons beside the agenda are plain submits
//! (`do=up:2`), answered with the changed form; a script only spares the way to the server.

use crate::fact::Kind;
use crate::plan::papers::{self, Paper};
use crate::plan::{self, LONGEST_TITLE, MOST_ITEMS, Row, doubt, store};
use crate::words;
use askama::Template;
use axum::http::StatusCode;
use kernel::error::Result;
use kernel::{Day, Moment};
use site::Site;
use web::{Answer, FormState, Frame, Member};

/// The fields.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct PlanForm {
    pub unit: String,
    pub once: String,
    pub version: i64,
    pub kind: String,
    pub template: String,
    pub date: String,
    pub time: String,
    pub heading: String,
    pub place: String,
    pub chair: String,
    pub clerk: String,
    pub item: Vec<String>,
    pub title: Vec<String>,
    pub minutes: Vec<String>,
    pub presenter: Vec<String>,
    pub paper: Vec<String>,
    pub shown: Vec<String>,
    pub q: String,
    /// The doubts that were seen and waved through.
    pub sure: Vec<String>,
    #[serde(rename = "do")]
    pub act: String,
}

impl PlanForm {
    /// What is planned; the regular meeting unless the form says another.
    pub(crate) fn kind(&self) -> Kind {
        self.kind.parse().unwrap_or(Kind::Regular)
    }
    /// The agenda as typed; fields repeat by name in the order of the page.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let at = |list: &[String], n: usize| list.get(n).cloned().unwrap_or_default();
        // The field wraps; the title is one line.
        let in_one_line = |text: String| text.replace("\r\n", " ").replace(['\r', '\n'], " ");
        (0..self.title.len())
            .map(|n| Row {
                id: at(&self.item, n),
                title: in_one_line(at(&self.title, n)),
                minutes: at(&self.minutes, n),
                presenter: at(&self.presenter, n),
            })
            .collect()
    }
}

/// What a button asks for.
pub(crate) enum Act {
    /// Draw the form again with these lines.
    Redraw(Vec<Row>),
    /// Keep the plan.
    Save,
    /// Keep the plan and ask whether to call the meeting.
    Next,
    /// Keep the plan, then papers of one's own.
    Files,
}

/// What the pressed button means.
pub(crate) fn act(form: &PlanForm) -> Act {
    let mut rows = form.rows();
    match form.act.as_str() {
        // Nobody is told before the page that says who is was seen, whatever was posted.
        "next" | "call" => Act::Next,
        "file" => Act::Files,
        "find" => Act::Redraw(rows),
        word if plan::act(&mut rows, word) => Act::Redraw(rows),
        _ => Act::Save,
    }
}

/// Checks what was typed; sentences go beside the fields. The plan is only meant when all is good.
pub(crate) fn check(
    site: &Site,
    frame: &Frame,
    form: &PlanForm,
    state: &mut FormState,
    people: &[(String, String)],
) -> store::Plan {
    let day = web::read_day_ahead(&form.date, frame.today());
    let time = vietnamese::read_time(&form.time);
    if day.is_none() {
        let trouble = web::day_trouble(&form.date, "meetings-plan-date-missing");
        state.fail("date", trouble);
    }
    if time.is_none() {
        state.fail("time", "meetings-plan-time-missing");
    }
    let place = form.place.trim();
    if place.is_empty() {
        state.fail("place", "meetings-plan-place-missing");
    } else if place.chars().count() > LONGEST_TITLE {
        state.fail(
            "place",
            frame.t1("meetings-plan-too-long", "n", LONGEST_TITLE as i64),
        );
    }
    if form.heading.chars().count() > LONGEST_TITLE {
        state.fail(
            "heading",
            frame.t1("meetings-plan-too-long", "n", LONGEST_TITLE as i64),
        );
    }
    let rows = form.rows();
    let written = rows.iter().filter(|row| !row.is_empty());
    if written.clone().count() == 0 {
        state.fail("agenda", "meetings-plan-agenda-missing");
    }
    if rows.len() > MOST_ITEMS {
        state.fail(
            "agenda",
            frame.t1("meetings-plan-agenda-many", "n", MOST_ITEMS as i64),
        );
    }
    if written.clone().any(|row| row.title.trim().is_empty()) {
        state.fail("agenda", "meetings-plan-item-untitled");
    }
    if written.clone().any(|row| {
        row.title.chars().count() > LONGEST_TITLE || row.presenter.chars().count() > LONGEST_TITLE
    }) {
        state.fail(
            "agenda",
            frame.t1("meetings-plan-too-long", "n", LONGEST_TITLE as i64),
        );
    }
    let odd = |row: &&Row| {
        !row.minutes.trim().is_empty()
            && !row
                .minutes
                .trim()
                .parse::<i64>()
                .is_ok_and(|n| (0..=600).contains(&n))
    };
    if written.clone().any(|row| odd(&row)) {
        state.fail("agenda", "meetings-plan-minutes-odd");
    }
    let known = |id: &str| people.iter().any(|(member, _)| member == id);
    let day = day.unwrap_or_else(|| frame.today());
    let (hour, minute) = time.unwrap_or((0, 0));
    let kind = form.kind();
    let heading = form.heading.trim();
    store::Plan {
        kind,
        title: if heading.is_empty() {
            words::title(site, kind, day)
        } else {
            heading.to_owned()
        },
        starts: day.at(hour, minute),
        place: place.to_owned(),
        chair_id: if known(&form.chair) {
            form.chair.clone()
        } else {
            String::new()
        },
        clerk_id: if known(&form.clerk) {
            form.clerk.clone()
        } else {
            String::new()
        },
        template_code: form.template.clone(),
        rows,
        papers: form.paper.clone(),
    }
}

/// One line of the agenda, as drawn.
pub(crate) struct PlanRow {
    pub n: usize,
    /// The lines that the buttons lead back to.
    pub up: usize,
    pub down: usize,
    pub gone: usize,
    pub at: String,
    pub row: Row,
}

/// One paper to choose.
pub(crate) struct PaperChoice {
    pub paper: Paper,
    pub is_chosen: bool,
}

/// The papers of one kind.
pub(crate) struct PaperGroup {
    pub name: String,
    pub papers: Vec<PaperChoice>,
}

/// What the page knows beside the form.
pub(crate) struct Setting {
    /// Where the form goes.
    pub action: String,
    /// The unit's name.
    pub unit_name: String,
    /// Whether members know of the meeting already.
    pub is_called: bool,
    /// Whether this is a new plan.
    pub is_new: bool,
    /// Whether the visitor may call it.
    pub may_call: bool,
    /// Where "back" leads.
    pub back: String,
    /// The template's name; empty for none.
    pub template_name: String,
    /// The paper behind the template; empty for none.
    pub basis: String,
    /// Whether the template was checked.
    pub is_verified: bool,
    /// Why this date is proposed; empty when nobody proposed one.
    pub why_date: String,
    /// Why this hour stands there; empty when it is the usual one, or was typed.
    pub why_time: String,
    /// Where the agenda comes from, in words; empty when it was typed.
    pub like: String,
    /// Where a called meeting gets the day that was typed; empty when none was, or for who may not.
    pub put_off: String,
    /// A draft that the same person kept a moment ago: its address, and a sentence. Back leads to a fresh form.
    pub just_now: Option<(String, String)>,
    /// Who may chair or write: id and name.
    pub people: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "meetings/plan.html")]
struct Page {
    frame: Frame,
    form: FormState,
    fields: PlanForm,
    setting: Setting,
    rows: Vec<PlanRow>,
    total: String,
    auto_title: String,
    papers: Vec<PaperGroup>,
    papers_note: String,
    papers_gone: usize,
    /// What to look at first.
    lead: String,
    /// Whether the place is the one thing to fill, and so stands first.
    is_place_first: bool,
    opens: Opens,
    /// Name, chair and clerk in one line, for the folded part.
    who: String,
    chosen: usize,
    asked: doubt::Asked,
    kinds: Vec<(&'static str, String)>,
    kind_word: &'static str,
    kind_name: String,
}

/// Which folded parts stand open: those that were just worked on, and those in trouble.
struct Opens {
    who: bool,
    agenda: bool,
    papers: bool,
}

impl Opens {
    fn of(state: &FormState, fields: &PlanForm, rows: &[Row], setting: &Setting) -> Self {
        let is_hot = |names: &[&str]| {
            (names.iter()).any(|name| state.is_bad(name) || state.theirs(name).is_some())
        };
        let verb = fields.act.split(':').next().unwrap_or_default();
        Opens {
            // Whoever was named and is not there any more is to be replaced.
            who: is_hot(&["heading", "chair", "clerk"])
                || ([&fields.chair, &fields.clerk].into_iter())
                    .any(|id| !id.is_empty() && setting.people.iter().all(|(one, _)| one != id)),
            agenda: matches!(verb, "add" | "up" | "down" | "remove")
                || is_hot(&["agenda"])
                || has_no_agenda(rows),
            // Whoever opens a called meeting without papers comes to lay some before it.
            // After a refusal they stay open for whoever chose some: the ticks are seen.
            papers: verb == "find"
                || (setting.is_called && fields.paper.is_empty())
                || !(state.is_good() || fields.paper.is_empty() && fields.q.trim().is_empty()),
        }
    }
}

/// Whether nothing stands on the agenda yet: without a line the meeting cannot be sent.
fn has_no_agenda(rows: &[Row]) -> bool {
    rows.iter().all(|row| row.title.trim().is_empty())
}

/// What is to be filled first, in one sentence.
fn lead(frame: &Frame, fields: &PlanForm, rows: &[Row], setting: &Setting) -> String {
    let is_empty = |text: &str| text.trim().is_empty();
    let key = match () {
        () if !setting.is_new => return String::new(),
        () if is_empty(&fields.date) && has_no_agenda(rows) => "meetings-plan-first-date-agenda",
        () if is_empty(&fields.date) => "meetings-plan-first-date",
        () if has_no_agenda(rows) => "meetings-plan-first-agenda",
        () if is_empty(&fields.place) => "meetings-plan-first-place",
        () => "meetings-plan-first-look",
    };
    frame.t(key)
}

/// "Chủ trì: Lan. Thư ký: Minh." as far as they are chosen.
fn who_is_named(frame: &Frame, fields: &PlanForm, setting: &Setting) -> String {
    let name = |id: &str| {
        let found = setting.people.iter().find(|(member, _)| member == id);
        found.map_or_else(|| frame.t("meetings-nobody"), |(_, name)| name.clone())
    };
    let (chair, clerk) = (name(&fields.chair), name(&fields.clerk));
    frame.t2("meetings-plan-who", "chair", &chair, "clerk", &clerk)
}

/// Draws the form with what was typed.
#[allow(clippy::too_many_arguments)] // the request, and what was typed in three forms
pub(crate) async fn draw(
    site: &Site,
    frame: &Frame,
    who: &Member,
    status: StatusCode,
    state: FormState,
    fields: PlanForm,
    rows: Vec<Row>,
    setting: Setting,
) -> Answer {
    let day = web::read_day_ahead(&fields.date, frame.today());
    let start = vietnamese::read_time(&fields.time);
    let starts: Moment = day
        .unwrap_or_else(|| frame.today())
        .at(start.map_or(0, |t| t.0), start.map_or(0, |t| t.1));
    let opens = Opens::of(&state, &fields, &rows, &setting);
    // Above an error nothing says that all is filled.
    let lead = match state.is_good() {
        true => lead(frame, &fields, &rows, &setting),
        false => String::new(),
    };
    let is_place_first = fields.place.trim().is_empty() && !setting.is_called;
    let lengths: Vec<i64> = rows.iter().map(Row::length).collect();
    let minutes: i64 = lengths.iter().sum();
    let count = rows.len();
    let items = i64::try_from(count).unwrap_or(i64::MAX);
    let times = plan::clock_times(starts, lengths);
    let total = match start {
        Some(_) => frame.tn(
            "meetings-plan-total",
            &[
                ("items", items.into()),
                ("n", minutes.into()),
                (
                    "end",
                    (&starts.plus_ms(minutes * 60_000).clock_text()).into(),
                ),
            ],
        ),
        None => frame.t2("meetings-plan-total-bare", "items", items, "n", minutes),
    };
    let drawn = rows
        .into_iter()
        .zip(times)
        .enumerate()
        .map(|(n, (row, at))| PlanRow {
            n: n + 1,
            up: n.max(1),
            down: (n + 2).min(count),
            gone: (n + 1).min(count.saturating_sub(1)).max(1),
            at: if start.is_some() { at } else { String::new() },
            row,
        })
        .collect();
    let chosen = fields.paper.len();
    let papers_gone = papers::count_gone(site, &fields.paper);
    let (papers, papers_note) = papers(site, frame, who, &fields).await?;
    let auto_title = words::title(site, fields.kind(), day.unwrap_or_else(|| frame.today()));
    let asked = doubt::Asked::of(frame, &state);
    let kind = fields.kind();
    let kinds = Kind::ALL
        .iter()
        .map(|kind| (kind.word(), frame.t(kind.text())))
        .collect();
    let named = who_is_named(frame, &fields, &setting);
    frame.html_status(
        status,
        &Page {
            frame: frame.clone(),
            form: state,
            fields,
            setting,
            rows: drawn,
            total,
            auto_title,
            papers,
            papers_note,
            papers_gone,
            lead,
            is_place_first,
            opens,
            who: named,
            chosen,
            asked,
            kinds,
            kind_word: kind.word(),
            kind_name: frame.t(kind.text()),
        },
    )
}

/// Papers by kind: in each the chosen ones first, then what was searched, else the newest. Only what the
/// visitor may open.
async fn papers(
    site: &Site,
    frame: &Frame,
    who: &Member,
    fields: &PlanForm,
) -> Result<(Vec<PaperGroup>, String)> {
    let chosen = papers::show(site, &who.0, frame.lang(), &fields.paper).await?;
    let q = fields.q.trim();
    let found = match fields.unit.parse::<kernel::UnitId>() {
        Ok(unit) => {
            let unit = people::unit::get_ref(site, &unit).await?;
            papers::offer(site, &who.0, frame.lang(), &unit, q).await?
        }
        Err(_) => Vec::new(), // a form without a unit is refused elsewhere
    };
    let note = if q.is_empty() && found.is_empty() && chosen.is_empty() {
        frame.t("meetings-plan-papers-yet")
    } else if q.is_empty() {
        frame.t("meetings-plan-papers-new")
    } else if found.is_empty() {
        frame.t("meetings-plan-papers-none")
    } else {
        frame.t1("meetings-plan-papers-found", "q", q)
    };
    let all: Vec<(Paper, bool)> = (chosen.into_iter().map(|paper| (paper, true)))
        .chain(found.into_iter().map(|paper| (paper, false)))
        .collect();
    let mut groups = Vec::new();
    for kind in &site.rooms.agenda {
        let mut papers: Vec<PaperChoice> = Vec::new();
        for (paper, is_chosen) in all.iter().filter(|(paper, _)| paper.is_of(kind)) {
            if !papers.iter().any(|held| held.paper.word == paper.word) {
                papers.push(PaperChoice {
                    paper: paper.clone(),
                    is_chosen: *is_chosen,
                });
            }
        }
        if !papers.is_empty() {
            groups.push(PaperGroup {
                name: frame.t(kind.text),
                papers,
            });
        }
    }
    Ok((groups, note))
}

/// Who may chair or write in a unit on a day: id and name, the Vietnamese way.
pub(crate) async fn people(
    site: &Site,
    unit: &kernel::UnitId,
    on: Day,
) -> Result<Vec<(String, String)>> {
    let roster = people::roster::list(site, unit, on).await?;
    Ok(roster
        .into_iter()
        .map(|person| (person.member_id.to_string(), person.shown))
        .collect())
}
