//! Measures the search: `measure CORPUS.jsonl DEV.jsonl [--index DIR] [--ask TEXT]`.
//!
//! Builds an index of the corpus (`{"id","law","article","symbol","text"}`, one a line), asks
//! the questions (`{"id","query","relevant"}`) in several forms of writing and prints build
//! time, size, MRR@10 and the time of a search. With `--ask` it shows the hits of one question. No figure is asserted here.

use search::{Entry, Index, Kind, Query, Reach, split_heading};
use serde::Deserialize;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Deserialize)]
struct Article {
    id: String,
    law: Option<String>,
    article: Option<String>,
    symbol: Option<String>,
    text: String,
}

#[derive(Deserialize)]
struct Asked {
    id: String,
    query: String,
    relevant: Vec<String>,
}

fn lines<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Vec<T>, Box<dyn Error>> {
    let mut all = Vec::new();
    for line in BufReader::new(File::open(path)?).lines() {
        let line = line?;
        if !line.trim().is_empty() {
            all.push(serde_json::from_str(&line)?);
        }
    }
    Ok(all)
}

fn entry(article: &Article) -> Entry {
    let (heading, body) = split_heading(&article.text);
    let number = article.article.as_deref().unwrap_or_default();
    let title = if number.starts_with("Điều") {
        number.to_owned()
    } else if number.is_empty() {
        heading.to_owned()
    } else {
        format!("Điều {number}. {heading}")
            .trim_end_matches(". ")
            .to_owned()
    };
    Entry {
        id: article.id.clone(),
        kind: Kind::of("provision"),
        parent_id: article.law.clone(),
        external_id: Some(article.id.clone()),
        title,
        context: article.law.clone().unwrap_or_default(),
        heading: heading.to_owned(),
        body: body.to_owned(),
        symbol: article.symbol.clone(),
        url: format!("/documents/{}", article.id),
        audience: vec!["public".to_owned()],
        also: Vec::new(),
        shown_on: None,
        language: "vi".to_owned(),
    }
}

const PAIRS: [(&str, &str); 30] = [
    ("hoà", "hòa"),
    ("oà", "òa"),
    ("oá", "óa"),
    ("oả", "ỏa"),
    ("oã", "õa"),
    ("oạ", "ọa"),
    ("oè", "òe"),
    ("oé", "óe"),
    ("oẻ", "ỏe"),
    ("oẽ", "õe"),
    ("oẹ", "ọe"),
    ("uỳ", "ùy"),
    ("uý", "úy"),
    ("uỷ", "ủy"),
    ("uỹ", "ũy"),
    ("uỵ", "ụy"),
    ("Oà", "Òa"),
    ("Oá", "Óa"),
    ("Oả", "Ỏa"),
    ("Oã", "Õa"),
    ("Oạ", "Ọa"),
    ("Oè", "Òe"),
    ("Oé", "Óe"),
    ("Oẻ", "Ỏe"),
    ("Oẹ", "Ọe"),
    ("Uỳ", "Ùy"),
    ("Uý", "Úy"),
    ("Uỷ", "Ủy"),
    ("Uỹ", "Ũy"),
    ("Uỵ", "Ụy"),
];

/// The other place of the tone mark, at the end of a syllable only and never after q.
fn other_tone(text: &str) -> String {
    let mut out = String::new();
    let mut done = 0;
    for (place, word) in vietnamese::syllables(text) {
        out.push_str(&text[done..place.start]);
        let swapped = PAIRS.iter().find_map(|(new, old)| {
            let stays = word.to_lowercase().starts_with("qu");
            let swap = |from: &str, to: &str| {
                let stem = word.strip_suffix(from)?;
                Some(format!("{stem}{to}"))
            };
            if stays {
                None
            } else {
                swap(new, old).or_else(|| swap(old, new))
            }
        });
        out.push_str(swapped.as_deref().unwrap_or(word));
        done = place.end;
    }
    out.push_str(&text[done..]);
    out
}

fn decomposed(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfd().collect()
}

fn every_second_bare(text: &str) -> String {
    let words = text.split(' ').enumerate();
    let words = words.map(|(at, word)| {
        if at % 2 == 1 {
            vietnamese::fold(word)
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn rank(
    index: &Index,
    text: &str,
    relevant: &[String],
    times: &mut Vec<u64>,
) -> (f64, Vec<String>) {
    let answer = index.search(&Query::new(text, Reach::public()));
    let Ok(answer) = answer else {
        return (0.0, Vec::new());
    };
    times.push(answer.took_us);
    let ids: Vec<String> = answer.hits.into_iter().map(|hit| hit.id).collect();
    let at = ids.iter().position(|id| relevant.contains(id));
    (at.map_or(0.0, |at| 1.0 / (at + 1) as f64), ids)
}

fn show(index: &Index, text: &str) -> Result<(), Box<dyn Error>> {
    let answer = index.search(&Query::new(text, Reach::public()))?;
    println!("{text:?}: {} in {} µs", answer.total, answer.took_us);
    for hit in answer.hits.iter().take(5) {
        println!(
            "{:.3}  {} · {} {}",
            hit.score,
            hit.title,
            hit.context,
            hit.symbol.as_deref().unwrap_or_default()
        );
        let mark = |piece: &search::Piece| {
            if piece.marked {
                format!("[{}]", piece.text)
            } else {
                piece.text.clone()
            }
        };
        println!(
            "       {}",
            hit.extract.iter().map(mark).collect::<String>()
        );
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = Vec::new();
    let mut dir = std::env::temp_dir().join(format!("measure-{}", std::process::id()));
    let mut ask = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--index" {
            dir = PathBuf::from(arguments.next().ok_or("--index needs a folder")?);
        } else if argument == "--ask" {
            ask = Some(arguments.next().ok_or("--ask needs a text")?);
        } else {
            paths.push(PathBuf::from(argument));
        }
    }
    let [corpus, dev] = paths.as_slice() else {
        return Err("usage: measure CORPUS.jsonl DEV.jsonl [--index DIR] [--ask TEXT]".into());
    };
    let index = Index::open(&dir)?;
    if index.entries() == 0 {
        let articles: Vec<Article> = lines(corpus)?;
        let started = Instant::now();
        let writer = index.writer();
        for (at, article) in articles.iter().enumerate() {
            writer.put(&entry(article))?;
            if at % 2_000 == 1_999 {
                writer.commit(at as u64)?;
            }
        }
        writer.commit(articles.len() as u64)?;
        println!(
            "build      {:.2} s for {} entries",
            started.elapsed().as_secs_f64(),
            articles.len()
        );
    }
    let mut bytes = 0;
    for file in std::fs::read_dir(&dir)? {
        bytes += file?.metadata()?.len();
    }
    println!("index      {:.1} MB on disk", bytes as f64 / 1e6);

    if let Some(text) = ask {
        show(&index, &text)?;
        return Ok(());
    }
    let questions: Vec<Asked> = lines(dev)?;
    let mut times = Vec::new();
    type Form = fn(&str) -> String;
    let forms: [(&str, Form); 6] = [
        ("typed", |text| text.to_owned()),
        ("unmarked", vietnamese::fold),
        ("NFD", decomposed),
        ("upper", |text| text.to_uppercase()),
        ("tone", other_tone),
        ("half", every_second_bare),
    ];
    let mut typed: Vec<Vec<String>> = Vec::new();
    for (name, form) in forms {
        let (mut sum, mut even, mut odd, mut differ, mut short, mut shorts) =
            (0.0, 0.0, 0.0, 0, 0.0, 0);
        for (at, asked) in questions.iter().enumerate() {
            let (score, ids) = rank(&index, &form(&asked.query), &asked.relevant, &mut times);
            sum += score;
            if asked.id.bytes().last().is_some_and(|last| last % 2 == 0) {
                even += score
            } else {
                odd += score
            }
            if asked.query.split_whitespace().count() < 12 {
                short += score;
                shorts += 1
            }
            if name == "typed" {
                typed.push(ids);
            } else if typed.get(at).is_some_and(|first| *first != ids) {
                differ += 1;
            }
        }
        let count = questions.len() as f64;
        println!(
            "{name:<10} MRR@10 {:.4}  even {:.4} odd {:.4}  short {:.4} ({shorts})  differ from typed {differ}",
            sum / count,
            even * 2.0 / count,
            odd * 2.0 / count,
            short / f64::from(shorts)
        );
    }
    // Varied order: a stride that shares no factor with the number of questions.
    times.clear();
    for step in 0..questions.len() * 4 {
        let at = (step * 37 + step / questions.len()) % questions.len();
        if let (Some(asked), (_, form)) = (questions.get(at), forms[step % forms.len()]) {
            rank(&index, &form(&asked.query), &asked.relevant, &mut times);
        }
    }
    times.sort_unstable();
    let at = |share: usize| {
        times
            .get((times.len() * share / 100).min(times.len() - 1))
            .copied()
            .unwrap_or(0) as f64
            / 1000.0
    };
    println!(
        "search     p50 {:.2} ms  p99 {:.2} ms  max {:.2} ms over {} searches",
        at(50),
        at(99),
        at(100),
        times.len()
    );
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        for line in status
            .lines()
            .filter(|line| line.starts_with("VmHWM") || line.starts_with("Rss"))
        {
            println!("memory     {line}");
        }
    }
    Ok(())
}
