//! Cleans every hostile line of the files named and tells what would still run or fetch.
//!
//! For trying lists of attacks by hand: `cargo run -p books --example clean_vectors -- FILE…`.
//! A `.json` file is a list of objects with a `payload`; any other gives a vector a line.

use books::{Limits, LinkMap, RenderOptions, clean, render};

struct Nowhere;

impl LinkMap for Nowhere {
    fn section(&self, index: usize) -> String {
        format!("/s/{index}")
    }
    fn resource(&self, id: &str) -> String {
        format!("/r/{id}")
    }
}

fn main() {
    let (mut all, mut bad) = (0, 0);
    for file in std::env::args().skip(1) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap_or_default()).into_owned();
        let vectors: Vec<String> = match serde_json::from_str::<Vec<serde_json::Value>>(&text) {
            Ok(list) if file.ends_with(".json") => list
                .iter()
                .filter_map(|v| v.get("payload")?.as_str().map(str::to_owned))
                .collect(),
            _ => text
                .lines()
                .map(str::to_owned)
                .chain([text.clone()])
                .collect(),
        };
        for vector in vectors {
            all += 1;
            let once = clean::fragment(&vector, &Limits::default());
            let out = render(&once.html, &Nowhere, &RenderOptions::default());
            // Cleaning the output again counts what is left of scripts and remote addresses.
            let left = clean::fragment(&out, &Limits::default()).removed;
            let tags = out
                .split('<')
                .skip(1)
                .filter_map(|tag| tag.split('>').next());
            let mut alive = left != clean::Removed::default();
            for tag in tags {
                let lower = tag.to_lowercase();
                alive |= [
                    "script", "iframe", "object", "embed", "form", "style ", "meta", "base", "link",
                ]
                .iter()
                .any(|name| lower.starts_with(name));
                alive |= lower.split('"').step_by(2).any(|code| code.contains(" on"));
                alive |= lower.contains("src=\"http")
                    || lower.contains("href=\"javascript")
                    || lower.contains("url(h");
            }
            if alive {
                bad += 1;
                println!("ALIVE {vector:?}\n   -> {out}");
            }
        }
    }
    println!("{all} vectors, {bad} still alive");
}
