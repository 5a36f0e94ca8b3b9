//! The content of the demo: shelves and books, documents, articles, templates, meetings.
//!
//! Each step can be repeated: what is there already stays as it is.

use super::{Content, front_matter, paths_below, text_of};
use crate::commands::Scale;
use kernel::error::{Doing, Error, Result};
use site::{May as _, Operator, Site};

/// Fills everything beside the people.
pub(super) async fn make(site: &Site, scale: Scale) -> Result<()> {
    rooms(site, scale).await?;
    articles(site).await?;
    templates(site).await?;
    meetings(site).await
}

/// The steps that stand in the rooms already.
async fn rooms(site: &Site, scale: Scale) -> Result<()> {
    let stage = std::sync::Arc::new(super::stage(scale));
    for demo in &site.rooms.demos {
        (demo.make)(site.clone(), stage.clone()).await?;
    }
    Ok(())
}

#[derive(serde::Deserialize)]
struct Story {
    slug: String,
    title: String,
    lead: String,
    section: String,
    author: String,
    source: String,
    photo: String,
    photo_alt: String,
    caption: String,
    credit: String,
    days_ago: i32,
    time: String,
}

async fn articles(site: &Site) -> Result<()> {
    for path in paths_below("articles/")
        .into_iter()
        .filter(|path| path.ends_with(".md"))
    {
        let (story, body_md): (Story, String) = front_matter(&text_of(&path)?, &path)?;
        let picture = Content::get(&format!("articles/{}", story.photo))
            .ok_or_else(|| Error::fault(format!("{path} names a picture that is not there")))?;
        let (hour, minute) = story.time.split_once(':').unwrap_or(("8", "0"));
        let new = news::NewArticle {
            slug: story.slug,
            title: story.title,
            lead: story.lead,
            body_md,
            section: story.section,
            author: story.author,
            source: story.source,
            photo: Some(news::NewPhoto {
                bytes: picture.data.into_owned(),
                alt: story.photo_alt,
                caption: story.caption,
                credit: story.credit,
            }),
            published_at: site
                .clock
                .today()
                .plus_days(-story.days_ago)
                .at(hour.parse().unwrap_or(8), minute.parse().unwrap_or(0)),
            unit_id: None,
        };
        news::import_article(site, &site::Operator::at("demo"), &new)
            .await
            .doing(format!("publishing {path}"))?;
    }
    if let Some(banner) = Content::get("banner.svg") {
        news::import_banner(
            site,
            &site::Operator::at("demo"),
            &banner.data,
            "Một việc chỉ ghi một lần",
        )
        .await?;
    }
    Ok(())
}

#[derive(serde::Deserialize)]
struct Template {
    code: String,
    name: String,
    kind: String,
    #[serde(default)]
    cell_types: Vec<String>,
    basis: Basis,
    item: Vec<meetings::TemplateItem>,
}

#[derive(serde::Deserialize)]
struct Basis {
    text: String,
    verified: bool,
}

async fn templates(site: &Site) -> Result<()> {
    let mut act = Operator::at("demo")
        .begin(site, "demo", "template.put")
        .await?;
    for path in paths_below("templates/")
        .into_iter()
        .filter(|path| path.ends_with(".toml"))
    {
        let file: Template = toml::from_str(&text_of(&path)?)
            .map_err(Error::fault)
            .doing(format!("reading {path}"))?;
        let new = meetings::NewTemplate {
            code: file.code,
            name: file.name,
            kind: file.kind,
            cell_types: file.cell_types,
            basis: file.basis.text,
            is_verified: file.basis.verified,
            from_on: kernel::Day::of(2026, 1, 1).unwrap_or(kernel::Day::OPEN),
            items: file.item,
        };
        meetings::add_template(&mut act, &new).await?;
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
    kind: String,
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
    state: String,
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

async fn paper_ids(site: &Site, symbols: &[String]) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for symbol in symbols {
        let Some(parsed) = citation::parse(symbol) else {
            continue;
        };
        let row: Option<(String,)> =
            db::sql("select document_id from v_documents_cited where symbol_key = $1 order by issued_on desc limit 1")
                .bind(parsed.key())
                .maybe(site.db.read())
                .await?;
        ids.extend(row.map(|(id,)| format!("document:{id}")));
    }
    Ok(ids)
}

async fn meetings(site: &Site) -> Result<()> {
    let file: Meetings = toml::from_str(&text_of("meetings.toml")?)
        .map_err(Error::fault)
        .doing("reading meetings.toml")?;
    let today = site.clock.today();
    for meeting in file.meeting {
        let unit: kernel::UnitId = meeting
            .unit
            .parse()
            .map_err(|_| Error::fault(format!("meetings.toml: no unit {}", meeting.unit)))?;
        let day = today.plus_days(meeting.day_offset);
        let (hour, minute) = hour_minute(&meeting.starts);
        let chair = member_id(&meeting.chair)
            .ok_or_else(|| Error::fault(format!("meetings.toml: no chair for {}", meeting.key)))?;
        let mut absent = Vec::new();
        for one in &meeting.absent {
            let member = match member_id(&one.member) {
                Some(member) => Some(member),
                None => anyone(site, &unit).await?,
            };
            absent.extend(member.map(|member| meetings::NewAbsence {
                member,
                is_excused: one.category == "excused",
                note: one.note.clone(),
            }));
        }
        let last = meeting.item.len().saturating_sub(1);
        let conclusions: Vec<&str> = meeting
            .conclusion
            .iter()
            .map(|one| one.text.as_str())
            .collect();
        let items = meeting
            .item
            .iter()
            .enumerate()
            .map(|(nth, item)| meetings::NewItem {
                title: item.title.clone(),
                minutes: item.minutes_planned,
                summary: item.summary.clone(),
                conclusion: if nth == last {
                    conclusions.join(" ")
                } else {
                    String::new()
                },
            });
        let new = meetings::NewRecord {
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
            papers: paper_ids(site, &meeting.papers).await?,
            items: items.collect(),
            absent,
            tasks: meeting
                .task
                .iter()
                .map(|task| meetings::NewTaskRecord {
                    title: task.title.clone(),
                    owner: member_id(&task.owner),
                    due_on: Some(today.plus_days(task.due_offset)),
                    is_done: task.state == "done",
                })
                .collect(),
        };
        let mut act = Operator::at("demo")
            .begin(site, "demo", "meeting.record")
            .await?;
        meetings::add_record(&mut act, &new)
            .await
            .doing(format!("recording the meeting {}", meeting.key))?;
        act.end().await?;
    }
    Ok(())
}
