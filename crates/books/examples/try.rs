//! Opens every EPUB named or found below the folders named, one line a file.
//!
//! For looking at real books by hand: `cargo run -p books --example try -- FOLDER…`.

use std::path::{Path, PathBuf};
use std::time::Instant;

fn main() {
    let mut files = Vec::new();
    for arg in std::env::args_os().skip(1) {
        find(Path::new(&arg), &mut files);
    }
    files.sort();
    let limits = books::Limits::default();
    let (mut taken, mut refused) = (0, 0);
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let start = Instant::now();
        let outcome = books::open(file, &limits);
        let ms = start.elapsed().as_millis();
        match outcome {
            Ok(book) => {
                taken += 1;
                let mut keys: Vec<&str> = book.warnings.iter().map(|w| w.key.as_str()).collect();
                keys.dedup();
                println!(
                    "taken {ms} ms {name} | {} | sections {} words {} toc {} res {} cover {} lang {:?} | {}",
                    book.title,
                    book.sections.len(),
                    book.words,
                    book.contents.len(),
                    book.resources.len(),
                    book.cover.as_deref().unwrap_or("-"),
                    book.detected_language,
                    keys.join(" ")
                );
            }
            Err(why) => {
                refused += 1;
                println!("refused {ms} ms {name} | {why}");
            }
        }
    }
    println!("{} files, {taken} taken, {refused} refused", files.len());
}

fn find(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            find(&entry.path(), files);
        }
    } else if path.extension().is_some_and(|end| end == "epub") {
        files.push(path.to_owned());
    }
}
