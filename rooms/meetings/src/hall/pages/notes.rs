//! What was said, concluded and given to do: one box or two a line of the agenda, tasks below.
//!
//! Open from the opening until the minutes are signed. Tasks of earlier meetings stand on top, so
//! that the meeting begins with last month's results.
//! The rule that surprises: what its writer did not touch is neither written nor judged anew, and what somebody
//! else wrote meanwhile is asked about: what stands there now is shown above what was typed.

use crate::access::{self, CanWrite};
use crate::fact::TaskState;
use crate::hall::{roster, store};
use crate::plan::pages::plan_form;
use crate::plan::{self, LONGEST_TEXT, LONGEST_TITLE};
use crate::told;
use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use kernel::error::{Error, Result};
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, Saved, SavedBy, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Fields {
    item: Vec<String>,
    summary: Vec<String>,
    conclusion: Vec<String>,
    /// What stood in the boxes when the page was drawn ([`mark`]).
    summary_was: Vec<String>,
    conclusion_was: Vec<String>,
    then: String,
    task_once: Vec<String>,
    task_title: Vec<String>,
    task_owner: Vec<String>,
    task_due: Vec<String>,
    done: Vec<String>,
    dropped: Vec<String>,
    /// Tasks that stand there already: as they are now meant.
    edit: Vec<String>,
    edit_was: Vec<String>,
    edit_title: Vec<String>,
    edit_owner: Vec<String>,
    edit_due: Vec<String>,
}

impl Fields {
    /// Whether there are words that would be lost.
    fn is_typed(&self) -> bool {
        let mut all = [&self.summary, &self.conclusion, &self.task_title]
            .into_iter()
            .flatten();
        all.any(|text| !text.trim().is_empty())
    }
}

struct ItemBox {
    id: String,
    n: i64,
    title: String,
    summary: String,
    conclusion: String,
    summary_was: String,
    conclusion_was: String,
    summary_field: String,
    conclusion_field: String,
    /// Whether something is noted.
    is_noted: bool,
    is_open: bool,
}

/// The name of a box in the form's troubles.
fn field(box_of: &str, item: &str) -> String {
    format!("{box_of}-{item}")
}

fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

/// Stands for a text in the page: equal texts have equal marks. An empty text has an empty one.
pub(crate) fn mark(text: &str) -> String {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let text = plain(text);
    if text.is_empty() {
        return text;
    }
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

struct TaskBox {
    n: usize,
    once: String,
    title: String,
    owner: String,
    due: String,
}

struct TaskLine {
    id: String,
    title: String,
    meta: String,
    is_open: bool,
    is_dropped: bool,
    /// Ticked and not saved yet, as done and as taken back.
    ticked: (bool, bool),
    /// As it is changed: title, owner, day.
    edit: (String, String, String),
    /// Whose it is, when they are no longer among the people offered: id and name.
    gone: Option<(String, String)>,
    was: String,
    is_bad: bool,
}

#[derive(Template)]
#[template(path = "meetings/notes.html")]
struct Page {
    frame: Frame,
    form: FormState,
    meeting: crate::store::Meeting,
    items: Vec<ItemBox>,
    tasks: Vec<TaskBox>,
    /// Whether something is typed in a box after the first, which are folded else.
    opens_more: bool,
    given: Vec<TaskLine>,
    earlier: Vec<TaskLine>,
    people: Vec<(String, String)>,
    may_close: bool,
}

/// Empty boxes for new tasks.
const BOXES: usize = 3;

/// "Người nhận, hạn ngày".
fn line(
    frame: &Frame,
    task: store::Task,
    typed: Option<&Fields>,
    form: &FormState,
    people: &[(String, String)],
) -> TaskLine {
    let day = due_of(&task);
    let due = day.map_or_else(String::new, |day| {
        frame.t1("meetings-task-due", "day", &day.vn())
    });
    let is_bad = form.is_bad(&field("edit", &task.id));
    let mut was = task_mark(&task);
    // As with the boxes of notes ([`redrawn`]): untouched it says what stands there now.
    let at = typed.and_then(|typed| {
        let n = typed.edit.iter().position(|id| *id == task.id)?;
        let due = web::read_day_ahead(&nth(&typed.edit_due, n), frame.today());
        let now = mark_of(&nth(&typed.edit_title, n), &nth(&typed.edit_owner, n), due);
        (now != nth(&typed.edit_was, n)).then_some((typed, n))
    });
    if let Some((typed, n)) = at
        && !is_bad
    {
        was = nth(&typed.edit_was, n);
    }
    let edit = match at {
        Some((typed, n)) => (
            nth(&typed.edit_title, n),
            nth(&typed.edit_owner, n),
            nth(&typed.edit_due, n),
        ),
        None => (
            task.title.clone(),
            task.owner_id.clone(),
            day.map_or_else(String::new, |day| day.vn()),
        ),
    };
    let is_ticked = |list: fn(&Fields) -> &Vec<String>| {
        typed.is_some_and(|typed| list(typed).contains(&task.id))
    };
    let ticked = (
        is_ticked(|typed| &typed.done),
        is_ticked(|typed| &typed.dropped),
    );
    let is_gone = !task.owner_id.is_empty() && !is_among(people, &task.owner_id);
    let gone = is_gone.then(|| (task.owner_id.clone(), task.owner.clone()));
    let meta: Vec<String> = [task.owner, due]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    TaskLine {
        is_open: task.state.is(TaskState::Open),
        is_dropped: task.state.is(TaskState::Dropped),
        ticked,
        edit,
        gone,
        was,
        is_bad,
        id: task.id,
        title: task.title,
        meta: meta.join(", "),
    }
}

/// The day of a task; none when it was kept before a day was asked for.
fn due_of(task: &store::Task) -> Option<kernel::Day> {
    task.due_on.parse().ok() // another text is no day, and is drawn as none
}

fn is_among(people: &[(String, String)], member: &str) -> bool {
    people.iter().any(|(known, _)| known == member)
}

/// Stands for a task as it is drawn: title, owner, day.
fn mark_of(title: &str, owner: &str, due: Option<kernel::Day>) -> String {
    let due = due.map_or_else(String::new, |day| day.to_string());
    mark(&[title, owner, &due].join("\n"))
}

fn task_mark(task: &store::Task) -> String {
    mark_of(&task.title, &task.owner_id, due_of(task))
}

fn nth(list: &[String], n: usize) -> String {
    list.get(n).cloned().unwrap_or_default()
}

/// A box drawn once more, and the mark of what its writer has seen of it: untouched it says what stands there now,
/// touched what was typed. Only where a clash was told has the writer seen what somebody else wrote; elsewhere the
/// old mark stays, so that what came meanwhile is asked about and never written over.
fn redrawn(held: String, typed: Option<(String, String)>, is_told: bool) -> (String, String) {
    let fresh = mark(&held);
    match typed {
        Some((text, was)) if mark(&text) != was => (text, if is_told { fresh } else { was }),
        _ => (held, fresh),
    }
}

async fn draw(
    site: &Site,
    frame: &Frame,
    may: &CanWrite,
    status: StatusCode,
    form: FormState,
    typed: Option<Fields>,
) -> Answer {
    let meeting = may.meeting.clone();
    let items = plan::store::list_items(&site.db, &meeting.id).await?;
    let mut items = items
        .into_iter()
        .map(|item| {
            let at = typed.as_ref().and_then(|typed| {
                typed
                    .item
                    .iter()
                    .position(|id| *id == item.id.as_str())
                    .map(|n| (typed, n))
            });
            let (summary_field, conclusion_field) = (
                field("summary", item.id.as_str()),
                field("conclusion", item.id.as_str()),
            );
            let shown = |held: String, typed: Option<(String, String)>, name: &str| {
                redrawn(held, typed, form.is_bad(name))
            };
            let (summary, summary_was) = shown(
                item.summary,
                at.map(|(typed, n)| (nth(&typed.summary, n), nth(&typed.summary_was, n))),
                &summary_field,
            );
            let (conclusion, conclusion_was) = shown(
                item.conclusion,
                at.map(|(typed, n)| (nth(&typed.conclusion, n), nth(&typed.conclusion_was, n))),
                &conclusion_field,
            );
            ItemBox {
                summary_was,
                conclusion_was,
                is_noted: !summary.trim().is_empty() || !conclusion.trim().is_empty(),
                is_open: form.is_bad(&summary_field) || form.is_bad(&conclusion_field),
                summary_field,
                conclusion_field,
                id: item.id.to_string(),
                n: item.position,
                title: item.title,
                summary,
                conclusion,
            }
        })
        .collect::<Vec<ItemBox>>();
    // The first one without a word is where the writer goes on.
    if let Some(next) = items.iter_mut().find(|item| !item.is_noted) {
        next.is_open = true;
    }
    let tasks: Vec<TaskBox> = (0..BOXES
        .max(typed.as_ref().map_or(0, |typed| typed.task_title.len())))
        .map(|n| {
            let of = |pick: fn(&Fields) -> &Vec<String>| {
                typed
                    .as_ref()
                    .map(|typed| nth(pick(typed), n))
                    .unwrap_or_default()
            };
            let once = of(|typed| &typed.task_once);
            TaskBox {
                n: n + 1,
                once: if once.is_empty() {
                    site.dice.uuid(site.clock.now())
                } else {
                    once
                },
                title: of(|typed| &typed.task_title),
                owner: of(|typed| &typed.task_owner),
                due: of(|typed| &typed.task_due),
            }
        })
        .collect();
    let people = plan_form::people(site, &meeting.unit_id, meeting.starts().day()).await?;
    let mut given = store::list_tasks(&site.db, &meeting.id).await?;
    roster::call_owners(site, &meeting, &mut given).await?;
    let given = (given.into_iter())
        .map(|task| line(frame, task, typed.as_ref(), &form, &people))
        .collect();
    let mut earlier = store::list_open_tasks(&site.db, &meeting.unit_id, &meeting.id).await?;
    roster::call_owners(site, &meeting, &mut earlier).await?;
    let earlier = (earlier.into_iter())
        .map(|task| line(frame, task, typed.as_ref(), &form, &people))
        .collect();
    frame.html_status(
        status,
        &Page {
            frame: frame.clone(),
            form,
            may_close: may.may_chair && meeting.state.is_running(),
            meeting,
            items,
            opens_more: tasks.iter().skip(1).any(|task| {
                let all = [&task.title, &task.owner, &task.due];
                all.iter().any(|typed| !typed.is_empty())
            }),
            tasks,
            given,
            earlier,
            people,
        },
    )
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<CanWrite> {
    let may = access::find(site, who, id).await?.into_write()?;
    may.must_be_writable()?;
    Ok(may)
}

/// What is to be written of the boxes, or where two people wrote.
struct Merged {
    /// Item, summary, conclusion.
    boxes: Vec<(String, String, String)>,
    clashes: Vec<Clash>,
}

/// A box where two people wrote.
struct Clash {
    name: String,
    typed: String,
    /// What somebody else saved, who it was (empty when that was not kept), and when.
    theirs: String,
    by: (String, Option<i64>),
}

/// Names of the boxes that were touched and hold too long a text.
fn too_long(fields: &Fields) -> Vec<String> {
    let mut out = Vec::new();
    for (n, item) in fields.item.iter().enumerate() {
        for (box_of, texts, marks) in [
            ("summary", &fields.summary, &fields.summary_was),
            ("conclusion", &fields.conclusion, &fields.conclusion_was),
        ] {
            let text = nth(texts, n);
            if text.chars().count() > LONGEST_TEXT && mark(&text) != nth(marks, n) {
                out.push(field(box_of, item));
            }
        }
    }
    out
}

fn merge(fields: &Fields, held: &[plan::store::Item]) -> Merged {
    let mut merged = Merged {
        boxes: Vec::new(),
        clashes: Vec::new(),
    };
    for (n, id) in fields.item.iter().enumerate() {
        let Some(item) = held.iter().find(|item| item.id.as_str() == id) else {
            continue;
        };
        let mut one = |box_of: &str, typed: String, was: String, now: &str| {
            let is_touched = mark(&typed) != was;
            let is_moved = mark(now) != was;
            if is_touched && is_moved && plain(&typed) != plain(now) {
                let name = field(box_of, id);
                merged.clashes.push(Clash {
                    name,
                    typed: typed.clone(),
                    theirs: now.to_owned(),
                    by: (item.noted_by.clone(), item.noted_at),
                });
            }
            if is_touched { typed } else { now.to_owned() }
        };
        let summary = one(
            "summary",
            nth(&fields.summary, n),
            nth(&fields.summary_was, n),
            &item.summary,
        );
        let conclusion = one(
            "conclusion",
            nth(&fields.conclusion, n),
            nth(&fields.conclusion_was, n),
            &item.conclusion,
        );
        merged.boxes.push((id.clone(), summary, conclusion));
    }
    merged
}

/// Keeps the boxes of one item while its writer goes on: the island's contract (`roll.ts`). Answered with the
/// marks of what stands there now, or with a sentence when somebody else wrote there.
async fn keep(site: &Site, frame: &Frame, may: CanWrite, fields: &Fields) -> Result<Response> {
    let meeting = may.meeting.clone();
    let refused = |key: &str| {
        let said = Json(serde_json::json!({ "said": frame.t(key) }));
        Ok((StatusCode::CONFLICT, said).into_response())
    };
    if !too_long(fields).is_empty() {
        return refused("meetings-notes-long");
    }
    let mut act = may.begin(site, frame, "meeting.note").await?;
    if !crate::store::hold(&mut act, &meeting.id, meeting.state).await? {
        return refused("meetings-refused-changed");
    }
    let held = plan::store::list_items_in(act.on(), &meeting.id).await?;
    let merged = merge(fields, &held);
    if !merged.clashes.is_empty() {
        return refused("meetings-notes-clash");
    }
    let mut is_changed = false;
    let mut out = String::new();
    for (item, summary, conclusion) in &merged.boxes {
        let (summary, conclusion) = (summary.trim(), conclusion.trim());
        is_changed |= store::note_item(&mut act, &meeting.id, item, summary, conclusion).await?;
        let is_noted = !summary.is_empty() || !conclusion.is_empty();
        let marks = Marks {
            frame,
            id: item,
            summary_was: mark(summary),
            conclusion_was: mark(conclusion),
            is_noted,
        };
        out += &marks.render().map_err(kernel::Error::fault)?;
    }
    if is_changed {
        act.end().await?;
    } else {
        act.leave().await?;
    }
    Ok(Html(out).into_response())
}

/// What the island puts in place of the marks of an item.
#[derive(Template)]
#[template(path = "meetings/_noted.html")]
struct Marks<'a> {
    frame: &'a Frame,
    id: &'a str,
    summary_was: String,
    conclusion_was: String,
    is_noted: bool,
}

/// A task as it is now meant.
struct Wish {
    id: String,
    was: String,
    title: String,
    owner: String,
    due: Option<kernel::Day>,
}

/// The tasks that were touched; what is wrong with what was changed of one stands in the form's troubles.
fn wishes(
    fields: &Fields,
    held: &[store::Task],
    people: &[(String, String)],
    (begins, today): (kernel::Day, kernel::Day),
    state: &mut FormState,
) -> Vec<Wish> {
    let mut out = Vec::new();
    for (n, id) in fields.edit.iter().enumerate() {
        let (title, owner) = (nth(&fields.edit_title, n), nth(&fields.edit_owner, n));
        let typed = nth(&fields.edit_due, n);
        let due = web::read_day_ahead(&typed, today);
        let was = nth(&fields.edit_was, n);
        if mark_of(&title, &owner, due) == was {
            continue;
        }
        let now = held.iter().find(|task| task.id == *id);
        // An owner who has left since, or a day that is past, was all right when it was given.
        let same_owner = now.is_some_and(|task| task.owner_id == owner);
        let same_due = now.is_some_and(|task| due_of(task) == due)
            && (due.is_some() || typed.trim().is_empty());
        let key = match due {
            _ if title.trim().is_empty() || title.chars().count() > LONGEST_TITLE => {
                "meetings-task-edit-title"
            }
            _ if !same_owner && !is_among(people, &owner) => "meetings-task-edit-whose",
            None if !same_due => "meetings-task-edit-whose",
            Some(day) if !same_due && day < begins => "meetings-task-edit-before",
            _ => {
                out.push(Wish {
                    id: id.clone(),
                    was,
                    title: title.trim().to_owned(),
                    owner,
                    due,
                });
                continue;
            }
        };
        state.fail(&field("edit", id), key);
    }
    out
}

/// What became of a change to a task.
enum Changed {
    Yes,
    /// It is as it was meant.
    No,
    /// Somebody changed it meanwhile.
    Meanwhile(Box<store::Task>),
    /// It was done or taken back meanwhile.
    Ended,
}

/// Changes a task and tells whose it is, and whose it was. One that somebody changed or ended meanwhile
/// stays as they left it until its writer has seen that.
async fn change(
    act: &mut site::Act<CanWrite>,
    meeting: &crate::store::Meeting,
    wish: &Wish,
) -> Result<Changed> {
    let held = store::find_task(act.on(), &meeting.unit_id, &wish.id).await?;
    let Some(held) = held else {
        return Ok(Changed::No); // no task of this unit
    };
    if task_mark(&held) == mark_of(&wish.title, &wish.owner, wish.due) {
        return Ok(Changed::No);
    }
    if !held.state.is(TaskState::Open) {
        return Ok(Changed::Ended);
    }
    if task_mark(&held) != wish.was {
        return Ok(Changed::Meanwhile(Box::new(held)));
    }
    let due = match wish.due {
        Some(day) => day.to_string(),
        None => held.due_on.clone(),
    };
    let new = (wish.title.as_str(), wish.owner.as_str(), due.as_str());
    if !store::set_task(act, &meeting.unit_id, &wish.id, new).await? {
        return Ok(Changed::Ended);
    }
    if held.owner_id == wish.owner {
        told::task(act, &held, wish.due, false).await?;
    } else {
        told::task(act, &held, None, true).await?;
        told::handed_on(act, &held, &wish.owner, wish.due).await?;
    }
    Ok(Changed::Yes)
}

/// Whose words stand in an item; nobody's when that was not kept.
async fn saved_by(
    site: &Site,
    frame: &Frame,
    who: &Member,
    (actor, at): &(String, Option<i64>),
) -> Result<Saved> {
    match at {
        Some(at) => people::saved::of(site, frame, who, (actor, kernel::Moment(*at))).await,
        None => Ok(Saved::default()),
    }
}

/// A further item where somebody else wrote.
fn also(frame: &Frame, saved: &Saved) -> String {
    match &saved.by {
        SavedBy::Named(name) => {
            frame.t2("meetings-notes-clash-by", "name", name, "when", &saved.when)
        }
        SavedBy::Somebody | SavedBy::Oneself => frame.t("meetings-notes-clash-also"),
    }
}

/// Says what stands there now of a task that two people changed; the form is drawn with its new mark.
fn meanwhile(frame: &Frame, task: &store::Task) -> String {
    let due = due_of(task).map_or_else(String::new, |day| day.vn());
    frame.tn(
        "meetings-task-edit-changed",
        &[
            ("title", (&task.title).into()),
            ("name", (&task.owner).into()),
            ("day", (&due).into()),
        ],
    )
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    draw(&site, &frame, &may, StatusCode::OK, FormState::new(), None).await
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Form<Fields>,
) -> Answer {
    let may = access::find(&site, &who, &id).await?.into_write()?;
    if headers.contains_key("x-fragment") {
        may.must_be_writable()?;
        return Ok(keep(&site, &frame, may, &form.value).await?);
    }
    let meeting = &may.meeting.clone();
    let fields = form.value;
    let mut state = FormState::typed(form.pairs);
    // The start may have been taken back while somebody wrote: what they typed stays before them.
    match may.must_be_writable() {
        Ok(()) => {}
        Err(Error::Refused(refusal)) if fields.is_typed() => {
            let why = frame.t(refusal.key);
            state.fail("notes", frame.t1("meetings-notes-kept", "why", &why));
            return draw(
                &site,
                &frame,
                &may,
                StatusCode::CONFLICT,
                state,
                Some(fields),
            )
            .await;
        }
        Err(error) => return Err(error.into()),
    }
    for name in too_long(&fields) {
        state.fail(
            &name,
            frame.t1("meetings-plan-too-long", "n", LONGEST_TEXT as i64),
        );
    }
    let people = plan_form::people(&site, &meeting.unit_id, meeting.starts().day()).await?;
    let mut due_days = Vec::new();
    for (n, title) in fields.task_title.iter().enumerate() {
        let due = nth(&fields.task_due, n);
        let day = web::read_day_ahead(&due, frame.today());
        if !due.trim().is_empty() && day.is_none() {
            state.fail(
                "tasks",
                frame.t1("meetings-task-due-odd", "n", n as i64 + 1),
            );
        }
        let owner = nth(&fields.task_owner, n);
        let is_given = !title.trim().is_empty();
        if is_given && (due.trim().is_empty() || !is_among(&people, &owner)) {
            state.fail("tasks", frame.t1("meetings-task-whose", "n", n as i64 + 1));
        }
        if is_given && day.is_some_and(|day| day < meeting.starts().day()) {
            state.fail(
                "tasks",
                frame.t1("meetings-task-due-before", "n", n as i64 + 1),
            );
        }
        if title.trim().is_empty() && (!due.trim().is_empty() || !owner.is_empty()) {
            state.fail(
                "tasks",
                frame.t1("meetings-task-untitled", "n", n as i64 + 1),
            );
        }
        if title.chars().count() > LONGEST_TITLE {
            state.fail(
                "tasks",
                frame.t1("meetings-plan-too-long", "n", LONGEST_TITLE as i64),
            );
        }
        due_days.push(day.map(|day| day.to_string()).unwrap_or_default());
    }
    let mut held = store::list_tasks(&site.db, &meeting.id).await?;
    held.extend(store::list_open_tasks(&site.db, &meeting.unit_id, &meeting.id).await?);
    let days = (meeting.starts().day(), frame.today());
    let wishes = wishes(&fields, &held, &people, days, &mut state);
    if !state.is_good() {
        return draw(
            &site,
            &frame,
            &may,
            StatusCode::UNPROCESSABLE_ENTITY,
            state,
            Some(fields),
        )
        .await;
    }
    let today = site.clock.today().to_string();
    let mut act = may.clone().begin(&site, &frame, "meeting.note").await?;
    if !crate::store::hold(&mut act, &meeting.id, meeting.state).await? {
        return Err(crate::store::changed(&meeting.id).into());
    }
    // Whoever writes notes holds the meeting first, so this is what stands there until we have written.
    let held = plan::store::list_items_in(act.on(), &meeting.id).await?;
    let merged = merge(&fields, &held);
    if !merged.clashes.is_empty() {
        act.leave().await?;
        let mut present = FormState::new();
        for clash in &merged.clashes {
            state = state.with(&clash.name, &clash.typed);
            present = present.with(&clash.name, &clash.theirs);
        }
        // The first says what happened; whoever wrote another item is named there.
        let first = merged.clashes.first().map(|clash| clash.by.clone());
        let saved = saved_by(&site, &frame, &who, &first.clone().unwrap_or_default()).await?;
        state.changed(&present, "", &saved);
        for clash in &merged.clashes {
            if Some(&clash.by) != first.as_ref() {
                let saved = saved_by(&site, &frame, &who, &clash.by).await?;
                state.fail(&clash.name, also(&frame, &saved));
            }
        }
        return draw(&site, &frame, &may, state.status(), state, Some(fields)).await;
    }
    let mut changed = 0_i64;
    for (item, summary, conclusion) in &merged.boxes {
        changed += i64::from(
            store::note_item(
                &mut act,
                &meeting.id,
                item,
                summary.trim(),
                conclusion.trim(),
            )
            .await?,
        );
    }
    for (n, title) in fields
        .task_title
        .iter()
        .enumerate()
        .filter(|(_, title)| !title.trim().is_empty())
    {
        let owner = nth(&fields.task_owner, n);
        let once = nth(&fields.task_once, n);
        // Bound to the meeting, whoever writes and what is written: no form of another makes this task count as given,
        // nor does another task that the same line gave before.
        let once = if kernel::id::is_made(&once) {
            let by = format!("{} {}", meeting.id, who.actor.member);
            let due = due_days.get(n).map_or("", String::as_str);
            let once = format!("{once}\0{}\0{owner}\0{due}", title.trim());
            site.keys.id_of_form("meetings_task", &by, &once)
        } else {
            site.dice.uuid(site.clock.now())
        };
        let task = store::NewTask {
            title: title.trim(),
            owner_id: &owner,
            due_on: due_days.get(n).map_or("", String::as_str),
            state: TaskState::Open,
            done_on: "",
            once: &once,
        };
        if store::add_task(&mut act, &meeting.unit_id, &meeting.id, &task).await? {
            changed += 1;
            if let Ok(due) = task.due_on.parse() {
                told::given(&mut act, meeting, task.owner_id, (&once, due))?;
            }
        }
    }
    for wish in &wishes {
        match change(&mut act, meeting, wish).await? {
            Changed::Yes => changed += 1,
            Changed::No => {}
            Changed::Meanwhile(task) => {
                state.fail(&field("edit", &wish.id), meanwhile(&frame, &task));
            }
            Changed::Ended => state.fail(
                "tasks",
                frame.t1("meetings-task-edit-ended", "title", &wish.title),
            ),
        }
    }
    if !state.is_good() {
        // Nothing of the form is written before what two people changed was seen.
        act.leave().await?;
        return draw(
            &site,
            &frame,
            &may,
            StatusCode::CONFLICT,
            state,
            Some(fields),
        )
        .await;
    }
    for (list, state) in [
        (&fields.done, TaskState::Done),
        (&fields.dropped, TaskState::Dropped),
    ] {
        for task in list {
            let held = store::find_task(act.on(), &meeting.unit_id, task).await?;
            let ended = store::end_task(&mut act, &meeting.unit_id, task, state, &today).await?;
            changed += i64::from(ended);
            if let (true, TaskState::Dropped, Some(held)) = (ended, state, held) {
                told::task(&mut act, &held, None, true).await?;
            }
        }
    }
    if changed > 0 {
        act.end().await?;
    } else {
        act.leave().await?;
    }
    let next = match fields.then.as_str() {
        "minutes" => "minutes",
        "closing" => "closing",
        _ => "notes",
    };
    Ok(see_other(format!("/meetings/{}/{next}", meeting.id))
        .flash("meetings-notes-done")
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::plan::LONGEST_TEXT;
    use crate::verbs::*;
    use testkit::{Character, HOA, LAN, MINH, Reply, THU, TUAN, TestApp};

    #[tokio::test(flavor = "multi_thread")]
    async fn two_people_note_one_meeting_and_neither_wipes_the_others_words() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/notes");
            let page = app.as_(LAN).get(&path).await.expects(200);
            let items = page.attributes("input[name=item]", "value");
            let (one, two) = (items[0].as_str(), items[1].as_str());
            // Both opened the page while it was empty; Lan writes of the first item, Minh of the second.
            let form = |first: &'static str, second: &'static str| {
                [
                    ("item", one),
                    ("item", two),
                    ("summary", first),
                    ("summary", second),
                    ("summary_was", ""),
                    ("summary_was", ""),
                ]
            };
            app.as_(MINH)
                .post(&path, &form("", "Minh ghi"))
                .await
                .expects(303);
            app.later(1_000); // of one moment, who was the last would be chance
            app.as_(LAN)
                .post(&path, &form("Lan ghi", ""))
                .await
                .expects(303);
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert_eq!(
                page.all("textarea[name=summary]")[..2],
                ["Lan ghi", "Minh ghi"]
            );
            // Minh's page is older than Lan's words on the same item: asked, both are there, nothing is lost.
            let late = form("Minh ghi khác", "");
            let asked = app.as_(MINH).post(&path, &late).await.expects(409);
            assert_eq!(asked.all("textarea[name=summary]")[0], "Minh ghi khác");
            assert!(asked.text(".theirs").contains("Lan ghi"));
            assert!(
                asked
                    .text("#errors")
                    .contains("đồng chí Nguyễn Thị Lan đã lưu lúc")
            );
            // Named is who wrote that item, not who saved anything last.
            let late = form("", "Lan ghi mục hai");
            let asked = app.as_(LAN).post(&path, &late).await.expects(409);
            let said = asked.text("#errors");
            assert!(said.contains("Trần Văn Minh"), "{said}");
            assert!(said.contains("phút"), "{said}");
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert_eq!(page.all("textarea[name=summary]")[0], "Lan ghi");
            // Saved once more, knowing it.
            let was = asked.attributes("input[name=summary_was]", "value");
            let again = [
                ("item", one),
                ("summary", "Cả hai"),
                ("summary_was", was[0].as_str()),
            ];
            app.as_(MINH).post(&path, &again).await.expects(303);
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert_eq!(
                page.all("textarea[name=summary]")[..2],
                ["Cả hai", "Minh ghi"]
            );
            // A task has somebody and a day that is not past; the next step saves first.
            for task in [
                vec![("task_title", "Một việc")],
                vec![("task_title", "Một việc"), ("task_owner", "hoa")],
                vec![
                    ("task_title", "Một việc"),
                    ("task_owner", "hoa"),
                    ("task_due", "1/1/2026"),
                ],
            ] {
                app.as_(LAN).post(&path, &task).await.expects(422);
            }
            let then = [
                ("item", two),
                ("conclusion", "Làm ngay"),
                ("then", "minutes"),
            ];
            let to = app
                .as_(LAN)
                .post(&path, &then)
                .await
                .expects(303)
                .location();
            assert!(to.ends_with("/minutes"));
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert_eq!(page.all("textarea[name=conclusion]")[1], "Làm ngay");
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_form_that_comes_back_wipes_nothing_that_others_wrote_meanwhile() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}/notes");
            let page = app.as_(MINH).get(&path).await.expects(200);
            let items = page.attributes("input[name=item]", "value");
            let form = |page: &Reply, texts: [&str; 4]| -> Vec<(&'static str, String)> {
                let was = [
                    page.attributes("input[name=summary_was]", "value"),
                    page.attributes("input[name=conclusion_was]", "value"),
                ];
                let mut out = Vec::new();
                for n in 0..2 {
                    out.push(("item", items[n].clone()));
                    out.push(("summary", texts[2 * n].to_owned()));
                    out.push(("summary_was", was[0][n].clone()));
                    out.push(("conclusion", texts[2 * n + 1].to_owned()));
                    out.push(("conclusion_was", was[1][n].clone()));
                }
                out
            };
            let lan = form(&page, ["Lan tóm tắt", "Lan kết luận", "", "Lan kết luận hai"]);
            posts(&app, LAN, &path, lan).await.expects(303);
            // Minh's page is of before. He is told of the one box where both wrote, and sees the others as they are.
            let minh = form(&page, ["", "Minh kết luận", "", ""]);
            let back = posts(&app, MINH, &path, minh).await.expects(409);
            let told = back.all("textarea");
            assert!(told.contains(&"Lan tóm tắt".to_owned()), "{told:?}");
            assert!(told.contains(&"Lan kết luận hai".to_owned()), "{told:?}");
            let again = form(&back, ["Lan tóm tắt", "Hai người cùng ghi", "", "Lan kết luận hai"]);
            posts(&app, MINH, &path, again).await.expects(303);
            let kept = "select count(*) from meetings_item where summary = 'Lan tóm tắt' or conclusion in \
                ('Hai người cùng ghi', 'Lan kết luận hai')";
            assert_eq!(app.count(kept).await, 2);
            // A form refused for something else has shown nothing of what came meanwhile: it asks at the next press.
            let page = app.as_(MINH).get(&path).await.expects(200);
            let lan = form(&page, ["Lan sửa", "Hai người cùng ghi", "", "Lan kết luận hai"]);
            posts(&app, LAN, &path, lan).await.expects(303);
            let mut minh = form(&page, ["Minh sửa", "Hai người cùng ghi", "", "Lan kết luận hai"]);
            minh.push(("task_title", "Dọn ngõ".to_owned()));
            minh.push(("task_owner", String::new()));
            minh.push(("task_due", String::new()));
            minh.push(("task_once", String::new()));
            let back = posts(&app, MINH, &path, minh).await.expects(422);
            let again = form(&back, ["Minh sửa", "Hai người cùng ghi", "", "Lan kết luận hai"]);
            let asked = posts(&app, MINH, &path, again).await.expects(409);
            assert!(asked.body().contains("Lan sửa"), "it is shown before it is written over");
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_typed_stays_when_the_start_was_taken_back_meanwhile() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}/notes");
            let page = app.as_(MINH).get(&path).await.expects(200);
            let item = page.attributes("input[name=item]", "value").remove(0);
            app.as_(LAN)
                .post(&format!("/meetings/{id}/opening"), &[("do", "back")])
                .await
                .expects(303);
            let typed = [
                ("item", item.as_str()),
                ("summary", "Bàn việc sửa ngõ."),
                ("summary_was", ""),
                ("conclusion", ""),
                ("conclusion_was", ""),
            ];
            let kept = app.as_(MINH).post(&path, &typed).await.expects(409);
            assert!(kept.text("main").contains("chưa bắt đầu"));
            assert!(kept.text("textarea").contains("Bàn việc sửa ngõ."));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_item_saves_by_itself_and_says_when_somebody_else_wrote_there() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}/notes");
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert_eq!(
                page.all("[data-row] details[open]").len(),
                1,
                "one item is open"
            );
            let item = page.attributes("input[name=item]", "value").remove(0);
            let saves = async |who, summary: &str, was: &str| {
                let form = [
                    ("item", item.as_str()),
                    ("row", item.as_str()),
                    ("summary", summary),
                    ("summary_was", was),
                    ("conclusion", ""),
                    ("conclusion_was", ""),
                    ("task_once", "x"),
                    ("edit", "x"),
                ];
                app.as_(who)
                    .header("x-fragment", "1")
                    .post(&path, &form)
                    .await
            };
            let saved = saves(LAN, "Chào cờ", "").await.expects(200);
            let was = saved
                .attributes("input[name=summary_was]", "value")
                .remove(0);
            assert!(saved.body().contains("Đã ghi"));
            let late = saves(MINH, "Hát", "").await.expects(409);
            assert!(late.json()["said"].as_str().unwrap().contains("Bấm Lưu"));
            saves(LAN, "Chào cờ, hát", &was).await.expects(200);
            let page = app.as_(MINH).get(&path).await.expects(200);
            assert_eq!(page.all("textarea[name=summary]")[0], "Chào cờ, hát");
            let ends = "Lưu và kết thúc buổi họp";
            assert!(!page.has_button(ends), "the deputy does not close");
            assert!(app.as_(LAN).get(&path).await.has_button(ends));
            saves(HOA, "x", &was).await.expects(404);
            let then = [("then", "closing")];
            let to = app
                .as_(LAN)
                .post(&path, &then)
                .await
                .expects(303)
                .location();
            assert!(to.ends_with("/closing"));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn conclusions_and_tasks_are_kept_and_tasks_come_back_next_month() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/notes");
            let page = app.as_(LAN).get(&path).await.expects(200);
            let items = page.attributes("input[name=item]", "value");
            let once = page.attributes("input[name=task_once]", "value");
            let form = [
                ("item", items[1].as_str()),
                ("summary", "Bàn kỹ 🎉"),
                ("conclusion", "Khơi rãnh <b>ngay</b>"),
                ("task_once", once[0].as_str()),
                ("task_title", "Mượn xe đẩy"),
                ("task_owner", "hoa"),
                ("task_due", "2026-12-05"),
            ];
            app.as_(LAN).post(&path, &form).await.expects(303);
            app.as_(LAN).post(&path, &form).await.expects(303);
            assert_eq!(
                app.count("select count(*) from meetings_task").await,
                1,
                "sent twice, given once"
            );
            assert_eq!(
                app.count("select count(*) from audit_event where action = 'meeting.note'")
                    .await,
                1
            );
            let page = app.as_(MINH).get(&path).await.expects(200);
            assert!(page.text("#given").contains("Lương Thị Hoa"));
            // Hoa hears of it once, and reads what was concluded; those above do not yet.
            let told = "select count(*) from notices_notice where kind = 'meetings.task' and member_id = 'hoa'";
            assert_eq!(app.count(told).await, 1);
            let meeting = format!("/meetings/{id}");
            let page = app.as_(HOA).get(&meeting).await.expects(200);
            assert!(page.text("#concluded").contains("Khơi rãnh <b>ngay</b>"));
            assert!(!app.as_(THU).get(&meeting).await.has("#concluded"));
            for who in [HOA, THU, TUAN] {
                app.as_(who).get(&path).await.expects(404);
                app.as_(who).post(&path, &form).await.expects(404);
            }
            app.as_(LAN).post_forged(&path, &form).await.expects(403);
            let bad = [("task_title", ""), ("task_due", "mai")];
            app.as_(LAN).post(&path, &bad).await.expects(422);
            // next month's meeting begins with it
            let next = plans(&app, LAN, &[("date", "2026-12-25"), ("do", "call")]).await;
            app.site
                .clock
                .set("2026-12-25".parse::<kernel::Day>().unwrap().at(19, 0));
            app.as_(LAN)
                .post(&format!("/meetings/{next}/opening"), &[])
                .await
                .expects(303);
            let page = app
                .as_(LAN)
                .get(&format!("/meetings/{next}/notes"))
                .await
                .expects(200);
            let task = page.attributes("input[name=done]", "value");
            assert_eq!(task.len(), 1);
            app.as_(LAN)
                .post(
                    &format!("/meetings/{next}/notes"),
                    &[("done", task[0].as_str())],
                )
                .await
                .expects(303);
            assert_eq!(
                app.count("select count(*) from meetings_task where state = 'done'")
                    .await,
                1
            );
        })
        .await;
    }
    /// What the form of the notes sends of a task that stands there, with some fields in other words.
    fn sends(
        page: &Reply,
        id: &str,
        other: &[(&'static str, &str)],
    ) -> Vec<(&'static str, String)> {
        let of = |name: &str| {
            let at = page.attributes("input[name=edit]", "value");
            let n = at.iter().position(|held| held == id).unwrap();
            page.attributes(&format!("input[name={name}]"), "value")[n].clone()
        };
        let chosen = page.attributes(&format!("#eo-{id} option[selected]"), "value");
        let mut form = vec![
            ("edit", id.to_owned()),
            ("edit_was", of("edit_was")),
            ("edit_title", of("edit_title")),
            // A browser sends the first choice where none is chosen.
            ("edit_owner", chosen.first().cloned().unwrap_or_default()),
            ("edit_due", of("edit_due")),
        ];
        for (name, value) in other {
            match form.iter_mut().find(|(held, _)| held == name) {
                Some(field) => field.1 = (*value).to_owned(),
                None => form.push((*name, (*value).to_owned())),
            }
        }
        form
    }
    async fn posts(app: &TestApp, who: Character, path: &str, form: Vec<(&str, String)>) -> Reply {
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
        app.as_(who).post(path, &form).await
    }
    /// A meeting that has ended, and a task that Hoa was given there.
    async fn given(app: &TestApp) -> (String, String) {
        let path = format!("/meetings/{}/notes", closed(app).await);
        let task = [
            ("task_title", "Mượn xe đẩy"),
            ("task_owner", "hoa"),
            ("task_due", "5/12/2026"),
        ];
        app.as_(LAN).post(&path, &task).await.expects(303);
        let page = app.as_(LAN).get(&path).await.expects(200);
        let id = page.attributes("input[name=edit]", "value").remove(0);
        (path, id)
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn what_nobody_touched_is_not_judged_anew() {
        testkit::on_both(rooms, async |app| {
            let (path, id) = given(&app).await;
            app.has_status(HOA, "left").await;
            let page = app.as_(LAN).get(&path).await.expects(200);
            let own = page.text(&format!("#eo-{id} option[selected]"));
            assert!(own.contains("Lương Thị Hoa"), "whose it is stays: {own}");
            let untouched = sends(&page, &id, &[]);
            posts(&app, LAN, &path, untouched).await.expects(303);
            // Another title needs no new owner either; a new owner must be somebody.
            let title = sends(&page, &id, &[("edit_title", "Mượn hai xe đẩy")]);
            posts(&app, LAN, &path, title).await.expects(303);
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert!(page.text("#given").contains("Mượn hai xe đẩy"));
            let nobody = sends(&page, &id, &[("edit_owner", "tuan")]);
            posts(&app, LAN, &path, nobody).await.expects(422);
            // A day that was all right in November is no trouble in December.
            let next = plans(&app, LAN, &[("date", "2026-12-25"), ("do", "call")]).await;
            let day = "2026-12-25".parse::<kernel::Day>().unwrap();
            app.site.clock.set(day.at(19, 0));
            let open = format!("/meetings/{next}/opening");
            app.as_(LAN).post(&open, &[]).await.expects(303);
            let path = format!("/meetings/{next}/notes");
            let page = app.as_(LAN).get(&path).await.expects(200);
            let title = sends(&page, &id, &[("edit_title", "Trả xe đẩy")]);
            posts(&app, LAN, &path, title).await.expects(303);
            let early = sends(
                &app.as_(LAN).get(&path).await,
                &id,
                &[("edit_due", "6/12/2026")],
            );
            posts(&app, LAN, &path, early).await.expects(422);
            // A text longer than is taken now, kept as it is, is no trouble; touched it is, beside its box.
            let long = "chữ ".repeat(LONGEST_TEXT);
            let set = format!("update meetings_item set summary = '{}'", long.trim());
            app.sets(set.leak()).await;
            let page = app.as_(LAN).get(&path).await.expects(200);
            let item = page.attributes("input[name=item]", "value").remove(0);
            let was = page
                .attributes("input[name=summary_was]", "value")
                .remove(0);
            let form = |text: String| {
                let of = [
                    ("item", &item),
                    ("summary_was", &was),
                    ("conclusion", &item),
                ];
                let mut form: Vec<_> = of.map(|(k, v)| (k, v.clone())).into();
                form.push(("summary", text));
                form
            };
            posts(&app, LAN, &path, form(long.clone()))
                .await
                .expects(303);
            let touched = posts(&app, LAN, &path, form(long + "thêm")).await;
            let touched = touched.expects(422);
            assert!(touched.has(&format!("details[open] #f-summary-{item}")));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn of_two_who_change_one_task_the_second_is_asked_and_loses_nothing() {
        testkit::on_both(rooms, async |app| {
            let (path, id) = given(&app).await;
            let page = app.as_(LAN).get(&path).await.expects(200);
            let lan = sends(&page, &id, &[("edit_title", "Mượn xe lớn")]);
            posts(&app, LAN, &path, lan.clone()).await.expects(303);
            posts(&app, LAN, &path, lan).await.expects(303);
            let other = [("edit_title", "Mượn xe nhỏ"), ("task_title", "Việc mới")];
            let minh = sends(&page, &id, &other);
            let mut late = minh.clone();
            late.push(("task_owner", "lan".to_owned()));
            late.push(("task_due", "6/12/2026".to_owned()));
            late.push(("done", id.clone()));
            let asked = posts(&app, MINH, &path, late).await.expects(409);
            assert!(asked.text("#errors").contains("“Mượn xe lớn”"));
            let typed = asked.attributes("input[name=edit_title]", "value");
            assert_eq!(typed, ["Mượn xe nhỏ"]);
            assert_eq!(
                asked.attributes("input[name=task_title]", "value")[0],
                "Việc mới"
            );
            assert!(asked.has("input[name=done][checked]"), "the tick is kept");
            let count = "select count(*) from meetings_task";
            assert_eq!(app.count(count).await, 1, "nothing of the form is written");
            let again = sends(&asked, &id, &[]);
            posts(&app, MINH, &path, again).await.expects(303);
            let named = "select count(*) from meetings_task where title = 'Mượn xe nhỏ'";
            assert_eq!(app.count(named).await, 1);
            // One that was ended meanwhile says so.
            let page = app.as_(LAN).get(&path).await.expects(200);
            let done = [("done", id.as_str())];
            app.as_(LAN).post(&path, &done).await.expects(303);
            let late = sends(&page, &id, &[("edit_title", "Mượn xe khác")]);
            let asked = posts(&app, MINH, &path, late).await.expects(409);
            assert!(asked.text("#errors").contains("Mượn xe khác"));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn who_is_told_of_a_changed_task_is_led_to_the_meeting_that_gave_it() {
        testkit::on_both(rooms, async |app| {
            let (first, id) = given(&app).await;
            let next = plans(&app, LAN, &[("date", "2026-12-25"), ("do", "call")]).await;
            let day = "2026-12-25".parse::<kernel::Day>().unwrap();
            app.site.clock.set(day.at(19, 0));
            let open = format!("/meetings/{next}/opening");
            app.as_(LAN).post(&open, &[]).await.expects(303);
            let path = format!("/meetings/{next}/notes");
            let page = app.as_(LAN).get(&path).await.expects(200);
            let minh = sends(&page, &id, &[("edit_owner", "minh")]);
            posts(&app, LAN, &path, minh).await.expects(303);
            let dropped = [("dropped", id.as_str())];
            app.as_(LAN).post(&path, &dropped).await.expects(303);
            let of = async |who: &str, to: &str| {
                let told = format!(
                    "select count(*) from notices_notice where kind = 'meetings.task' \
                     and member_id = '{who}' and link = '{to}'"
                );
                app.count(told.leak()).await
            };
            let there = first.strip_suffix("/notes").unwrap();
            // Given and taken back; handed on and withdrawn.
            assert_eq!(of("hoa", there).await, 2);
            assert_eq!(of("minh", there).await, 2);
            let all = "select count(*) from notices_notice where kind = 'meetings.task'";
            assert_eq!(app.count(all).await, 4, "none leads to the later meeting");
            let told = "select count(*) from notices_notice where kind = 'meetings.task' \
                and text_args like '%tháng 11%'";
            assert_eq!(
                app.count(told).await,
                2,
                "the withdrawn ones name November's"
            );
        })
        .await;
    }
}
