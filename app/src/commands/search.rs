//! `search`: from the command line, one question or a file of them.

use super::Done;
use crate::config::Config;
use crate::house::{self, Make};
use crate::tongue;
use clap::Args;
use kernel::error::{Doing, Error, Result};
use kernel::said;
use std::path::PathBuf;

/// Options of `sotay search`.
#[derive(Args)]
pub(super) struct Search {
    /// What to look for; marks may be left out.
    #[arg(value_name = "TEXT", required_unless_present = "batch")]
    text: Option<String>,
    /// How many hits.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=100))]
    limit: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// A file of lines {"id","query"}; prints lines {"id","hits"}.
    #[arg(long, value_name = "FILE.jsonl", conflicts_with = "text")]
    batch: Option<PathBuf>,
}

#[derive(serde::Deserialize)]
struct Question {
    id: serde_json::Value,
    query: String,
}

/// The operator sees what every member sees, not what is addressed to single units.
fn reach() -> search::Reach {
    search::Reach::of(["public", "members"])
}

fn ask(index: &search::Index, text: &str, limit: u64) -> Result<search::Answer> {
    let mut query = search::Query::new(text, reach());
    query.limit = usize::try_from(limit).unwrap_or(10);
    index.search(&query).map_err(Error::fault)
}

fn hit_json(hit: &search::Hit) -> serde_json::Value {
    serde_json::json!({
        "id": hit.id, "external_id": hit.external_id, "kind": hit.kind, "title": hit.title,
        "context": hit.context, "url": hit.url, "score": hit.score,
    })
}

pub(super) async fn run(options: Search, config: &Config) -> Result<Done> {
    let house = house::open(config, Make::No).await?;
    house.index().await?;
    let index = &house.site.index;
    let mut out = String::new();
    if let Some(path) = &options.batch {
        let text = std::fs::read_to_string(path)
            .map_err(Error::fault)
            .doing(said!("reading {}", path.display()))?;
        for (nth, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let Ok(question) = serde_json::from_str::<Question>(line) else {
                return Ok(Done::WrongUse(said!(
                    "{}, line {}: this is no {{\"id\", \"query\"}}",
                    path.display(),
                    nth + 1
                )));
            };
            let answer = ask(index, &question.query, options.limit)?;
            let hits: Vec<_> = answer.hits.iter().map(hit_json).collect();
            out.push_str(&serde_json::json!({ "id": question.id, "hits": hits }).to_string());
            out.push('\n');
        }
    } else {
        let text = options.text.unwrap_or_default();
        let answer = ask(index, &text, options.limit)?;
        if options.json {
            let hits: Vec<_> = answer.hits.iter().map(hit_json).collect();
            out = serde_json::json!({ "query": text, "total": answer.total, "hits": hits })
                .to_string();
            out.push('\n');
        } else {
            for (nth, hit) in answer.hits.iter().enumerate() {
                out.push_str(&format!("{:2}. {}", nth + 1, hit.title));
                if !hit.context.is_empty() {
                    out.push_str(&format!(" ({})", hit.context));
                }
                let extract: String = hit
                    .extract
                    .iter()
                    .map(|piece| piece.text.as_str())
                    .collect();
                out.push_str(&format!("\n    {}\n    {extract}\n", hit.url));
            }
            if answer.hits.is_empty() {
                out = tongue::words(said!("Nothing found. Try fewer words.")) + "\n";
            }
        }
    }
    house.site.db.close().await;
    tongue::print_plain(&out)?;
    Ok(Done::Good)
}
