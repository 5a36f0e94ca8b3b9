//! Shelves of the made-up organisation and the guides on them, written by us in `demo/guides`.

use crate::access::Importing;
use crate::{import, shelf};
use kernel::Audience;
use kernel::error::{Doing, Error, Result};
use kernel::said;
use site::room::{Demo, Scale, Stage};
use site::{Operator, Site};
use std::sync::Arc;

/// The room's step.
pub(crate) const DEMO: Demo = Demo {
    order: 50,
    make: |site, stage| Box::pin(make(site, stage)),
};

/// Titles that stand beside the guides when the demo is as large as a bloc.
const GENERATED: usize = 200;

async fn make(site: Site, stage: Arc<Stage>) -> Result<()> {
    let by = Importing::by(Operator::at("demo"));
    shelves(&site, &stage, &by).await?;
    guides(&site, &stage, &by).await?;
    if stage.scale == Scale::Bloc {
        generated_titles(&site, &by, GENERATED).await?;
    }
    Ok(())
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

async fn shelves(site: &Site, stage: &Stage, by: &Importing) -> Result<()> {
    let file: Shelves = toml::from_str(&stage.text("shelves.toml")?).map_err(Error::fault)?;
    let mut shelves = file.shelf;
    shelves.sort_by_key(|shelf| shelf.position);
    for shelf in shelves {
        let new = shelf::NewShelf {
            slug: shelf.slug,
            name: shelf.name,
            lead: shelf.lead,
            audience: Audience::Members,
        };
        shelf::ensure(site, by, &new).await?;
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

async fn guides(site: &Site, stage: &Stage, by: &Importing) -> Result<()> {
    for path in (stage.below)("guides/")
        .into_iter()
        .filter(|path| path.ends_with("book.toml"))
    {
        let book: Book = toml::from_str(&stage.text(&path)?)
            .map_err(Error::fault)
            .doing(said!("reading {}", path))?;
        let folder = path.trim_end_matches("book.toml");
        let mut chapters = Vec::new();
        for chapter in (stage.below)(folder)
            .into_iter()
            .filter(|path| path.ends_with(".md"))
        {
            let text = stage.text(&chapter)?;
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
            series: book.shelf.clone(),
            ..books::build::Spec::default()
        };
        let bytes = books::build::epub(&spec)?;
        import::add_built(site, by, &book.shelf, bytes)
            .await
            .doing(said!("shelving {}", book.slug))?;
    }
    Ok(())
}

/// Titles for load tests: short books of made-up sentences.
async fn generated_titles(site: &Site, by: &Importing, count: usize) -> Result<()> {
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
        import::add_built(site, by, shelf, books::build::epub(&spec)?).await?;
    }
    Ok(())
}
