//! The content of the demo: shelves and books, documents, articles, templates, meetings.
//!
//! Each step can be repeated: what is there already stays as it is.

use super::{Content, front_matter, paths_below, text_of};
use crate::commands::Scale;
use kernel::error::{Doing, Error, Result};
use site::Site;

/// Fills everything beside the people.
pub(super) async fn make(site: &Site, scale: Scale) -> Result<()> {
    shelves(site).await?;
    guides(site).await?;
    if scale == Scale::Bloc {
        generated_titles(site, 200).await?;
    }
    documents(site, scale).await?;
    articles(site).await?;
    templates(site).await?;
    meetings(site).await
}

#[derive(serde::Deserialize)]
struct Shelves {
    shelf: Vec<Shelf>,
}

#[derive(serde::Deserialize)]
struct Shelf {
    slug: String,
    position: i64,
    name: String,
    lead: String,
}

async fn shelves(site: &Site) -> Result<()> {
    let file: Shelves = toml::from_str(&text_of("shelves.toml")?).map_err(Error::fault)?;
    let mut shelves = file.shelf;
    shelves.sort_by_key(|shelf| shelf.position);
    for shelf in shelves {
        let new = library::shelf::NewShelf {
            slug: shelf.slug,
            name: shelf.name,
            lead: shelf.lead,
            audience: "members".to_owned(),
        };
        library::shelf::ensure(site, &new).await?;
    }
    Ok(())
}

#[derive(serde::Deserialize)]
struct Book {
    slug: String,
    shelf: String,
    title: String,
    #[serde(default)]
    subtitle: String,
    creator: String,
    publisher: String,
    language: String,
    published: String,
    rights: String,
    description: String,
}

async fn guides(site: &Site) -> Result<()> {
    for path in paths_below("guides/")
        .into_iter()
        .filter(|path| path.ends_with("book.toml"))
    {
        let book: Book = toml::from_str(&text_of(&path)?)
            .map_err(Error::fault)
            .doing(format!("reading {path}"))?;
        let folder = path.trim_end_matches("book.toml");
        let mut chapters = Vec::new();
        for chapter in paths_below(folder)
            .into_iter()
            .filter(|path| path.ends_with(".md"))
        {
            let text = text_of(&chapter)?;
            let title = text
                .lines()
                .next()
                .unwrap_or("")
                .trim_start_matches("# ")
                .to_owned();
            let name = chapter
                .trim_start_matches(folder)
                .trim_end_matches(".md")
                .to_owned();
            chapters.push(books::build::Chapter {
                name,
                title,
                markdown: text,
            });
        }
        let description = if book.subtitle.is_empty() {
            book.description
        } else {
            format!("{}. {}", book.subtitle, book.description)
        };
        let spec = books::build::Spec {
            identifier: format!("urn:sotay:demo:{}", book.slug),
            title: book.title,
            creator: Some(book.creator),
            language: book.language,
            modified: format!("{}T00:00:00Z", book.published),
            description: Some(description),
            publisher: Some(book.publisher),
            rights: Some(book.rights),
            chapters,
            ..books::build::Spec::default()
        };
        let bytes = books::build::epub(&spec)?;
        library::import::add_built(site, &book.shelf, bytes)
            .await
            .doing(format!("shelving {}", book.slug))?;
    }
    Ok(())
}

/// Titles for load tests: short books of made-up sentences.
async fn generated_titles(site: &Site, count: usize) -> Result<()> {
    let shelves = ["nen-tang-tu-tuong", "hoc-tap-lam-theo", "chi-bo-dien-tu"];
    let kinds = [
        "Chuyện kể ở tổ",
        "Hỏi và đáp, tập",
        "Kinh nghiệm hay, số",
        "Sổ tay nghiệp vụ, quyển",
    ];
    let lines = [
        "Buổi họp bắt đầu đúng giờ và kết thúc khi việc đã có người nhận.",
        "Người ít nói được mời nói trước, ý kiến được ghi nguyên lời.",
        "Việc nào cũng có tên người làm và ngày xong, tháng sau đọc lại.",
        "Tài liệu ngắn thì người đọc đến trang cuối, tài liệu dài thì để trên kệ.",
        "Nghe dân trước khi bàn, bàn xong thì trả lời cho dân biết.",
    ];
    for nth in 0..count {
        let title = format!(
            "{} {}",
            kinds.get(nth % kinds.len()).copied().unwrap_or("Tập"),
            nth + 1
        );
        let chapters = (1..=3)
            .map(|number| {
                let body: Vec<&str> = (0..24)
                    .filter_map(|at| lines.get((at * number + nth) % lines.len()).copied())
                    .collect();
                books::build::Chapter {
                    name: format!("c{number}"),
                    title: format!("Phần {number}"),
                    markdown: format!("# Phần {number}\n\n{}\n", body.join("\n\n")),
                }
            })
            .collect();
        let spec = books::build::Spec {
            identifier: format!("urn:sotay:demo:generated:{nth}"),
            title,
            creator: Some("Nhóm Sổ tay".to_owned()),
            language: "vi".to_owned(),
            modified: "2026-01-01T00:00:00Z".to_owned(),
            chapters,
            ..books::build::Spec::default()
        };
        let shelf = shelves
            .get(nth % shelves.len())
            .copied()
            .unwrap_or("chi-bo-dien-tu");
        library::import::add_built(site, shelf, books::build::epub(&spec)?).await?;
    }
    Ok(())
}

async fn documents(site: &Site, scale: Scale) -> Result<()> {
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
    let mut tx = site.db.begin().await?;
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
        meetings::add_template(site, &mut tx, &new).await?;
    }
    site.db.commit(tx).await
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
        ids.extend(row.map(|(id,)| id));
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
        let mut tx = site.db.begin().await?;
        meetings::add_record(site, &mut tx, &new)
            .await
            .doing(format!("recording the meeting {}", meeting.key))?;
        site.db.commit(tx).await?;
    }
    Ok(())
}
