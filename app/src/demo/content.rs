//! The content of the demo: shelves and books, documents, articles, templates, meetings.
//!
//! Each step can be repeated: what is there already stays as it is.

use super::{Content, front_matter, paths_below, text_of};
use crate::commands::Scale;
use kernel::error::{Doing, Error, Result};
use site::Site;
use site::import::{Outcome, Quiet};

/// Fills everything beside the people.
pub(super) async fn make(site: &Site, scale: Scale) -> Result<()> {
    shelves(site).await?;
    guides(site).await?;
    if scale == Scale::Bloc {
        generated_titles(site, 200).await?;
    }
    documents(site).await?;
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
    for shelf in file.shelf {
        library::import::add_shelf(site, &shelf.slug, &shelf.name, &shelf.lead, shelf.position).await?;
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
    for path in paths_below("guides/").into_iter().filter(|path| path.ends_with("book.toml")) {
        let book: Book = toml::from_str(&text_of(&path)?).map_err(Error::fault).doing(format!("reading {path}"))?;
        let folder = path.trim_end_matches("book.toml");
        let mut chapters = Vec::new();
        for chapter in paths_below(folder).into_iter().filter(|path| path.ends_with(".md")) {
            let text = text_of(&chapter)?;
            let title = text.lines().next().unwrap_or("").trim_start_matches("# ").to_owned();
            let name = chapter.trim_start_matches(folder).trim_end_matches(".md").to_owned();
            chapters.push(books::build::Chapter { name, title, markdown: text });
        }
        let title = if book.subtitle.is_empty() { book.title } else { format!("{}: {}", book.title, book.subtitle) };
        let spec = books::build::Spec {
            identifier: format!("urn:sotay:demo:{}", book.slug),
            title,
            creator: Some(book.creator),
            language: book.language,
            modified: format!("{}T00:00:00Z", book.published),
            description: Some(book.description),
            publisher: Some(book.publisher),
            rights: Some(book.rights),
            chapters,
            ..books::build::Spec::default()
        };
        let bytes = books::build::epub(&spec)?;
        library::import::add_built(site, &book.shelf, bytes).await.doing(format!("shelving {}", book.slug))?;
    }
    Ok(())
}

/// Titles for load tests: short books of made-up sentences.
async fn generated_titles(site: &Site, count: usize) -> Result<()> {
    let shelves = ["nen-tang-tu-tuong", "hoc-tap-lam-theo", "chi-bo-dien-tu"];
    let kinds = ["Chuyện kể ở tổ", "Hỏi và đáp, tập", "Kinh nghiệm hay, số", "Sổ tay nghiệp vụ, quyển"];
    let lines = [
        "Buổi họp bắt đầu đúng giờ và kết thúc khi việc đã có người nhận.",
        "Người ít nói được mời nói trước, ý kiến được ghi nguyên lời.",
        "Việc nào cũng có tên người làm và ngày xong, tháng sau đọc lại.",
        "Tài liệu ngắn thì người đọc đến trang cuối, tài liệu dài thì để trên kệ.",
        "Nghe dân trước khi bàn, bàn xong thì trả lời cho dân biết.",
    ];
    for nth in 0..count {
        let title = format!("{} {}", kinds.get(nth % kinds.len()).copied().unwrap_or("Tập"), nth + 1);
        let chapters = (1..=3)
            .map(|number| {
                let body: Vec<&str> = (0..24).filter_map(|at| lines.get((at * number + nth) % lines.len()).copied()).collect();
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
        let shelf = shelves.get(nth % shelves.len()).copied().unwrap_or("chi-bo-dien-tu");
        library::import::add_built(site, shelf, books::build::epub(&spec)?).await?;
    }
    Ok(())
}

async fn documents(site: &Site) -> Result<()> {
    let folder = tempfile::tempdir()?;
    for path in paths_below("documents/").into_iter().filter(|path| path.ends_with(".md")) {
        let name = path.trim_start_matches("documents/");
        std::fs::write(folder.path().join(name), text_of(&path)?)?;
    }
    let options = documents::import::Options { audience: "members".to_owned(), ..documents::import::Options::default() };
    let report = documents::import::run(site, folder.path(), &options, &mut Quiet).await?;
    for entry in report.entries.iter().filter(|entry| entry.outcome == Outcome::Refused) {
        return Err(Error::fault(format!("the demo's document {}: {}", entry.source, entry.message)));
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
    for path in paths_below("articles/").into_iter().filter(|path| path.ends_with(".md")) {
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
        news::import_article(site, &new).await.doing(format!("publishing {path}"))?;
    }
    if let Some(banner) = Content::get("banner.svg") {
        news::import_banner(site, &banner.data, "Một việc chỉ ghi một lần").await?;
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
    for path in paths_below("templates/").into_iter().filter(|path| path.ends_with(".toml")) {
        let file: Template = toml::from_str(&text_of(&path)?).map_err(Error::fault).doing(format!("reading {path}"))?;
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

async fn meetings(site: &Site) -> Result<()> {
    let file: meetings::seed::File =
        toml::from_str(&text_of("meetings.toml")?).map_err(Error::fault).doing("reading meetings.toml")?;
    meetings::seed::add(site, &file).await
}
