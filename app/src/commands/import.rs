//! `import`: books, documents, a roster, units; with a report and an exit code that tell.

use super::Done;
use crate::config::Config;
use crate::house::{self, Make};
use crate::progress::{Bar, Stop};
use clap::{Args, Subcommand};
use kernel::error::{Doing, Error, Result};
use site::import::{Options, Outcome, Report};
use std::path::{Path, PathBuf};

/// Options of `sotay import`.
#[derive(Args)]
pub(super) struct Import {
    #[command(subcommand)]
    what: What,
    /// Say what would happen, change nothing.
    #[arg(long, global = true)]
    dry_run: bool,
    /// Write the report: a summary and one entry a file or row.
    #[arg(long, global = true, value_name = "FILE.json")]
    report: Option<PathBuf>,
}

#[derive(Subcommand)]
enum What {
    /// EPUB books onto a shelf.
    Books {
        /// A file or a folder.
        path: PathBuf,
        /// The shelf; it is made when it is not there.
        #[arg(long, value_name = "SLUG")]
        shelf: String,
        /// Name of a shelf that has to be made.
        #[arg(long, value_name = "NAME")]
        shelf_name: Option<String>,
    },
    /// Documents: PDF, DOCX, HTML, Markdown, text, JSON Lines, CSV registers.
    Documents {
        /// A file or a folder.
        path: PathBuf,
        /// Who may see them: public or members.
        #[arg(long, default_value = "members", value_parser = ["public", "members"])]
        audience: String,
        /// A mapping of columns to fields (TOML).
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
    },
    /// Members from a spreadsheet.
    Roster {
        /// XLSX, XLS, ODS or CSV.
        path: PathBuf,
        /// The unit of all rows: code or name. Otherwise a column names it.
        #[arg(long, value_name = "UNIT")]
        unit: Option<String>,
        /// A mapping of columns to fields (TOML).
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
        /// Take the good rows although others cannot be read.
        #[arg(long)]
        skip_bad: bool,
        /// Let the file change fields that already have another value.
        #[arg(long)]
        accept_changes: bool,
    },
    /// Units from a spreadsheet.
    Units {
        /// XLSX, XLS, ODS or CSV.
        path: PathBuf,
        /// A mapping of columns to fields (TOML).
        #[arg(long, value_name = "FILE")]
        mapping: Option<PathBuf>,
        /// Take the good rows although others cannot be read.
        #[arg(long)]
        skip_bad: bool,
        /// The unit above those that name none: code or name.
        #[arg(long, value_name = "UNIT")]
        under: Option<String>,
        /// Let the file change names, kinds, codes and addresses.
        #[arg(long)]
        accept_changes: bool,
    },
}

pub(super) async fn run(import: Import, config: &Config) -> Result<Done> {
    let path = match &import.what {
        What::Books { path, .. }
        | What::Documents { path, .. }
        | What::Roster { path, .. }
        | What::Units { path, .. } => path.clone(),
    };
    if !path.exists() {
        return Ok(Done::WrongUse(format!(
            "there is nothing at {}",
            path.display()
        )));
    }
    let house = house::open(config, Make::No).await?;
    let site = &house.site;
    let mut bar = Bar::new(Stop::listen());
    let dry_run = import.dry_run;
    let report = match import.what {
        What::Books {
            path,
            shelf,
            shelf_name,
        } => {
            let options = library::import::Options {
                shelf,
                shelf_name: shelf_name.unwrap_or_default(),
                common: Options {
                    dry_run,
                    ..Options::default()
                },
                ..library::import::Options::default()
            };
            library::import::run(site, &path, &options, &mut bar).await?
        }
        What::Documents {
            path,
            audience,
            mapping,
        } => {
            let options = documents::import::Options {
                audience: audience.parse().map_err(Error::fault)?,
                common: Options {
                    dry_run,
                    mapping,
                    ..Options::default()
                },
                ..documents::import::Options::default()
            };
            documents::import::run(site, &path, &options, &mut bar).await?
        }
        What::Roster {
            path,
            unit,
            mapping,
            skip_bad,
            accept_changes,
        } => {
            let options = rosters::RosterOptions {
                unit,
                accept_changes,
                by: None,
                common: Options {
                    dry_run,
                    skip_bad,
                    mapping,
                },
            };
            rosters::roster(site, &path, &options, &mut bar).await?
        }
        What::Units {
            path,
            mapping,
            skip_bad,
            under,
            accept_changes,
        } => {
            let options = rosters::UnitsOptions {
                under,
                accept_changes,
                by: None,
                common: Options {
                    dry_run,
                    skip_bad,
                    mapping,
                },
            };
            rosters::units(site, &path, &options, &mut bar).await?
        }
    };
    bar.finish();
    if let Some(file) = &import.report {
        write_report(&report, file)?;
    }
    for outcome in Outcome::ALL {
        let count = report.count(outcome);
        if count > 0 {
            eprintln!("{count:7} {}", outcome.name());
        }
    }
    if dry_run {
        eprintln!("Chạy thử: chưa ghi gì. (Dry run: nothing was written.)");
    } else {
        house.index().await?;
    }
    if report.stopped {
        eprintln!(
            "Đã dừng giữa chừng; chạy lại lệnh này để làm tiếp. (Stopped; run again to go on.)"
        );
    }
    let clean = report.is_clean();
    house.site.db.close().await;
    Ok(if clean { Done::Good } else { Done::Refused })
}

fn write_report(report: &Report, file: &Path) -> Result<()> {
    let mut summary = serde_json::Map::new();
    for outcome in Outcome::ALL {
        summary.insert(outcome.name().to_owned(), report.count(outcome).into());
    }
    summary.insert("stopped".to_owned(), report.stopped.into());
    let entries: Vec<_> = report
        .entries
        .iter()
        .map(|entry| {
            serde_json::json!({
                "source": entry.source, "outcome": entry.outcome.name(), "id": entry.id,
                "kind": entry.kind, "message": entry.message, "warnings": entry.warnings, "ms": entry.ms,
            })
        })
        .collect();
    let whole = serde_json::json!({ "summary": summary, "entries": entries });
    let text = serde_json::to_string_pretty(&whole).map_err(Error::fault)?;
    std::fs::write(file, text + "\n")
        .map_err(Error::fault)
        .doing(format!("writing the report {}", file.display()))
}
