//! Templates and meetings of the made-up organisation, written by us in `demo/templates` and
//! `demo/meetings.toml`. A paper is named there as `KIND:WORDS` and found as its chair would find it.

use crate::fact::{Kind, Mark, TaskState};
use crate::plan::template::{NewTemplate, TemplateItem, add_template};
use crate::record::{NewAbsence, NewItem, NewRecord, NewTaskRecord, add_record};
use kernel::error::{Doing, Error, Result};
use kernel::said;
use site::room::{Demo, Stage};
use site::{May as _, Operator, Site};
use std::sync::Arc;

/// The room's step.
pub(crate) const DEMO: Demo = Demo {
    order: 60,
    make: |site, stage| Box::pin(make(site, stage)),
};

async fn make(site: Site, stage: Arc<Stage>) -> Result<()> {
    templates(&site, &stage).await?;
    meetings(&site, &stage).await
}

#[derive(serde::Deserialize)]
struct Template {
    code: String,
    name: String,
    #[serde(deserialize_with = "kernel::fact::from_file")]
    kind: Kind,
    #[serde(default)]
    cell_types: Vec<String>,
    basis: Basis,
    item: Vec<TemplateItem>,
}

#[derive(serde::Deserialize)]
struct Basis {
    text: String,
    verified: bool,
}

async fn templates(site: &Site, stage: &Stage) -> Result<()> {
    let mut act = Operator::at("demo")
        .begin(site, "demo", "template.put")
        .await?;
    for path in (stage.below)("templates/")
        .into_iter()
        .filter(|path| path.ends_with(".toml"))
    {
        let file: Template = toml::from_str(&stage.text(&path)?)
            .map_err(Error::fault)
            .doing(said!("reading {}", path))?;
        let new = NewTemplate {
            code: file.code,
            name: file.name,
            kind: file.kind,
            cell_types: file.cell_types,
            basis: file.basis.text,
            is_verified: file.basis.verified,
            from_on: kernel::Day::of(2026, 1, 1).unwrap_or(kernel::Day::OPEN),
            items: file.item,
        };
        add_template(&mut act, &new).await?;
    }
    act.end().await?;
    Ok(())
}

#[derive(serde::Deserialize)]
struct Meetings {
    meeting: Vec<Meeting>,
}

#[derive(serde::Deserialize)]
struct Meeting {
    key: String,
    unit: String,
    #[serde(deserialize_with = "kernel::fact::from_file")]
    kind: Kind,
    template: String,
    title: String,
    day_offset: i32,
    starts: String,
    #[serde(default)]
    ended: String,
    place: String,
    chair: String,
    #[serde(default)]
    clerk: String,
    #[serde(default)]
    papers: Vec<String>,
    #[serde(default)]
    absent: Vec<Absent>,
    #[serde(default)]
    item: Vec<Item>,
    #[serde(default)]
    conclusion: Vec<Conclusion>,
    #[serde(default)]
    task: Vec<Task>,
}

#[derive(serde::Deserialize)]
struct Absent {
    #[serde(default)]
    member: String,
    category: String,
    #[serde(default)]
    note: String,
}

#[derive(serde::Deserialize)]
struct Item {
    title: String,
    minutes_planned: i64,
    #[serde(default)]
    summary: String,
}

#[derive(serde::Deserialize)]
struct Conclusion {
    text: String,
}

#[derive(serde::Deserialize)]
struct Task {
    title: String,
    #[serde(default)]
    owner: String,
    due_offset: i32,
    #[serde(deserialize_with = "kernel::fact::from_file")]
    state: TaskState,
}

fn hour_minute(text: &str) -> (u8, u8) {
    let (hour, minute) = text.split_once(':').unwrap_or(("19", "30"));
    (hour.parse().unwrap_or(19), minute.parse().unwrap_or(30))
}

fn member_id(key: &str) -> Option<kernel::MemberId> {
    (!key.is_empty())
        .then(|| format!("m-{key}").parse().ok())
        .flatten()
}

/// A generated member of the unit: whoever the file leaves without a name.
async fn anyone(site: &Site, unit: &kernel::UnitId) -> Result<Option<kernel::MemberId>> {
    let roll = people::roster::list(site, unit, site.clock.today()).await?;
    Ok(roll
        .into_iter()
        .map(|person| person.member_id)
        .find(|id| id.as_str().starts_with("m-mh")))
}

/// The papers, each the first that its kind offers the chair for these words; what is not there is left out.
async fn papers(
    site: &Site,
    chair: &kernel::MemberId,
    unit: &kernel::UnitId,
    wanted: &[String],
) -> Result<Vec<String>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let who = Arc::new(web::SignedIn {
        actor: people::actor::load(site, chair).await?,
        account: "demo".parse().map_err(Error::fault)?,
        session: None,
        token_scopes: None,
        post: String::new(),
        unit_name: String::new(),
        unread: 0,
        look: None,
    });
    let unit = people::unit::get_ref(site, unit).await?;
    let mut found = Vec::new();
    for one in wanted {
        let (word, text) = one.split_once(':').unwrap_or(("", one));
        let Some(kind) = site.rooms.agenda(word) else {
            continue;
        };
        let offers = (kind.offer)(
            site.clone(),
            who.clone(),
            web::Lang::Vi,
            unit.clone(),
            text.to_owned(),
            1,
        );
        let first = offers.await?.into_iter().next();
        found.extend(first.map(|offer| format!("{word}:{}", offer.id)));
    }
    Ok(found)
}

async fn meetings(site: &Site, stage: &Stage) -> Result<()> {
    let file: Meetings = toml::from_str(&stage.text("meetings.toml")?)
        .map_err(Error::fault)
        .doing("reading meetings.toml")?;
    let today = site.clock.today();
    for meeting in file.meeting {
        let unit: kernel::UnitId = meeting
            .unit
            .parse()
            .map_err(|_| Error::fault(said!("meetings.toml: no unit {}", meeting.unit)))?;
        let day = today.plus_days(meeting.day_offset);
        let (hour, minute) = hour_minute(&meeting.starts);
        let chair = member_id(&meeting.chair)
            .ok_or_else(|| Error::fault(said!("meetings.toml: no chair for {}", meeting.key)))?;
        let mut absent = Vec::new();
        for one in &meeting.absent {
            let member = match member_id(&one.member) {
                Some(member) => Some(member),
                None => anyone(site, &unit).await?,
            };
            absent.extend(member.map(|member| NewAbsence {
                member,
                is_excused: one.category == Mark::Excused.word(),
                note: one.note.clone(),
            }));
        }
        let last = meeting.item.len().saturating_sub(1);
        let conclusions: Vec<&str> = meeting
            .conclusion
            .iter()
            .map(|one| one.text.as_str())
            .collect();
        let items = meeting.item.iter().enumerate().map(|(nth, item)| NewItem {
            title: item.title.clone(),
            minutes: item.minutes_planned,
            summary: item.summary.clone(),
            conclusion: if nth == last {
                conclusions.join(" ")
            } else {
                String::new()
            },
        });
        let papers = papers(site, &chair, &unit, &meeting.papers).await?;
        let new = NewRecord {
            key: format!("demo-{}", meeting.key),
            unit,
            kind: meeting.kind,
            title: meeting.title.replace("{month}", &day.month().to_string()),
            starts: day.at(hour, minute),
            ended: (!meeting.ended.is_empty()).then(|| {
                let (hour, minute) = hour_minute(&meeting.ended);
                day.at(hour, minute)
            }),
            place: meeting.place,
            chair,
            clerk: member_id(&meeting.clerk),
            template_code: meeting.template,
            papers,
            items: items.collect(),
            absent,
            tasks: meeting
                .task
                .iter()
                .map(|task| NewTaskRecord {
                    title: task.title.clone(),
                    owner: member_id(&task.owner),
                    due_on: Some(today.plus_days(task.due_offset)),
                    is_done: task.state == TaskState::Done,
                })
                .collect(),
        };
        let mut act = Operator::at("demo")
            .begin(site, "demo", "meeting.record")
            .await?;
        add_record(&mut act, &new)
            .await
            .doing(said!("recording the meeting {}", meeting.key))?;
        act.end().await?;
    }
    Ok(())
}
