//! Filling in a child process: the file comes from people, so it is opened where a fall costs nothing.
//!
//! The one module that knows `files`, beside what a link reaches (`files::office`). A room names the job to `site.worker`; `app` registers it.
//! Surprise: the filled file does not come back in the answer but lies in the output folder, since an
//! answer is JSON.

use std::path::Path;

use files::{JobTrouble, Jobs};
use serde::{Deserialize, Serialize};

use crate::{Data, Field, Kind, Limits, Oddity, Options, Report, Template};

/// The name of the job.
pub const JOB: &str = "fill.fill";

/// What the job leaves in its output folder.
pub const FILLED: &str = "filled";

/// What the job is asked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Asked {
    /// What is put in.
    pub data: Data,
    /// How.
    pub options: Options,
    /// How much the template may hold.
    pub limits: Limits,
}

/// What the job answers: the report as a page shows it, names as the office wrote them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What the template is.
    pub kind: Kind,
    /// Fields that got a value.
    pub filled: Vec<String>,
    /// Fields that the data does not know; they stay as they stand.
    pub unknown: Vec<String>,
    /// Names of the data that no field asks for.
    pub missing: Vec<String>,
    /// The text around what a person should look at.
    pub odd: Vec<String>,
}

impl Told {
    fn of(kind: Kind, report: Report) -> Told {
        let names = |fields: Vec<Field>| fields.into_iter().map(|field| field.name.shown).collect();
        Told {
            kind,
            filled: names(report.filled),
            unknown: names(report.unknown),
            missing: report.missing,
            odd: report.odd.iter().map(near).collect(),
        }
    }
}

fn near(odd: &Oddity) -> String {
    match odd {
        Oddity::Unclosed(place) | Oddity::InFormula(place) => place.near.clone(),
        Oddity::NotAName(text, place)
        | Oddity::MergeFieldTangled(text, place)
        | Oddity::NoPlaceInControl(text, place) => {
            if place.near.is_empty() {
                text.clone()
            } else {
                place.near.clone()
            }
        }
        Oddity::OutsideARow(name, _) => name.shown.clone(),
        Oddity::RowKept(list) => list.clone(),
    }
}

/// Adds [`JOB`]. It takes [`Asked`] and answers [`Told`], both as JSON.
pub fn register(jobs: &mut Jobs) {
    jobs.add(JOB, |input, out, args| {
        let asked = Asked::deserialize(args)
            .map_err(|e| JobTrouble::new("fill.refused.request", e.to_string()))?;
        let told = run(input, out, &asked)?;
        serde_json::to_value(told)
            .map_err(|e| JobTrouble::new("fill.refused.request", e.to_string()))
    });
}

fn run(input: &Path, out: &Path, asked: &Asked) -> Result<Told, JobTrouble> {
    let disk = |e: std::io::Error| JobTrouble::new("fill.refused.broken", e.to_string());
    let refused = |trouble: crate::Trouble| JobTrouble::new(trouble.key(), trouble.to_string());
    let length = std::fs::metadata(input).map_err(disk)?.len();
    if length > asked.limits.packed_bytes {
        return Err(refused(crate::Trouble::TooBig("the file".to_owned())));
    }
    let template =
        Template::open(std::fs::read(input).map_err(disk)?, asked.limits).map_err(refused)?;
    let filled = template
        .fill(&asked.data, &asked.options)
        .map_err(refused)?;
    std::fs::write(out.join(FILLED), &filled.bytes).map_err(disk)?;
    Ok(Told::of(template.kind(), filled.report))
}
