//! Tries files by hand through the real worker: `intake_try FILE…` prints a line for each.
//!
//! Not a test: it is for looking at what somebody's files give. `intake_try --text FILE` prints the
//! blocks, `intake_try --outline FILE` the outline.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use files::{FileKind, Jobs, Limits, Worker};

fn main() -> ExitCode {
    let mut jobs = Jobs::new();
    intake::register(&mut jobs);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments
        .first()
        .is_some_and(|first| first == files::worker::CHILD_COMMAND)
    {
        return files::child_main(&jobs);
    }
    let done = std::env::current_exe().map_err(Into::into).and_then(|exe| {
        let limits = Limits {
            wall_s: 30,
            memory_bytes: 256 << 20,
            output_bytes: 128 << 20,
        };
        tokio::runtime::Runtime::new()?.block_on(look(Worker::child(exe, limits), &arguments))
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("{cause}");
            ExitCode::FAILURE
        }
    }
}

async fn look(worker: Worker, arguments: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let mode = arguments.iter().find(|argument| argument.starts_with("--"));
    let mut session = worker.session();
    let mut out = std::io::stdout().lock();
    for name in arguments
        .iter()
        .filter(|argument| !argument.starts_with("--"))
    {
        let path = Path::new(name);
        let folder = tempfile::tempdir()?;
        let kind = FileKind::of_path(path)?;
        let is_table = matches!(
            kind,
            FileKind::Xlsx | FileKind::Xlsm | FileKind::Xlsb | FileKind::Xls | FileKind::Ods
        ) || name.ends_with(".csv");
        let job = if is_table {
            intake::TABLE_JOB
        } else {
            intake::DOCUMENT_JOB
        };
        let args = serde_json::to_value(intake::JobArgs {
            name: name.clone(),
            ..intake::JobArgs::default()
        })?;
        let begin = Instant::now();
        let told = session.run(job, path, folder.path(), args).await;
        let ms = begin.elapsed().as_millis();
        let short = path.file_name().unwrap_or_default().to_string_lossy();
        let said = match told {
            Err(refusal) => format!("REFUSED {} {}", refusal.key(), refusal.detail()),
            Ok(value) if is_table => {
                let sheets: Vec<intake::Sheet> = serde_json::from_value(value)?;
                if mode.is_some() {
                    for row in sheets.iter().flat_map(|sheet| &sheet.rows) {
                        writeln!(out, "{row:?}")?;
                    }
                }
                let cells = sheets.iter().flat_map(|s| &s.rows).flatten();
                format!(
                    "{} sheets, {} rows, {} cells, {} legacy, {} dates {:?}",
                    sheets.len(),
                    sheets.iter().map(|s| s.rows.len()).sum::<usize>(),
                    cells.clone().filter(|c| !c.text.is_empty()).count(),
                    cells.clone().filter(|c| c.was_legacy).count(),
                    cells.filter(|c| c.date.is_some()).count(),
                    sheets
                        .iter()
                        .flat_map(|s| &s.warnings)
                        .map(|w| &w.key)
                        .collect::<Vec<_>>(),
                )
            }
            Ok(value) => {
                let read: intake::Extracted = serde_json::from_value(value)?;
                let nodes = intake::outline(&read.blocks);
                match mode.map(String::as_str) {
                    Some("--text") => {
                        for block in &read.blocks {
                            writeln!(out, "{:?} {:?} {}", block.level, block.page, block.text)?;
                        }
                    }
                    Some("--outline") => {
                        for node in &nodes {
                            let indent = "  ".repeat(usize::from(node.level));
                            writeln!(out, "{indent}{} | {}", node.label, node.title)?;
                        }
                    }
                    _ => {}
                }
                format!(
                    "{} pages, {} blocks, {} chars, {} outline {:?}",
                    read.pages,
                    read.blocks.len(),
                    read.plain_text().chars().count(),
                    nodes.len(),
                    read.warnings
                        .iter()
                        .map(|w| format!("{}={}", w.key, w.detail))
                        .collect::<Vec<_>>(),
                )
            }
        };
        writeln!(out, "{short}\t{}\t{ms} ms\t{said}", kind.as_str())?;
    }
    Ok(())
}
