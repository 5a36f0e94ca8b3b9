//! Documents of the made-up organisation: the texts of `demo/documents`, taken like files of an office.

use crate::access::Writing;
use crate::import::{Options, run};
use kernel::error::{Error, Result};
use kernel::said;
use site::import::{Outcome, Quiet};
use site::room::{Demo, Stage};
use site::{Operator, Site};
use std::sync::Arc;

/// The room's step.
pub(crate) const DEMO: Demo = Demo {
    order: 40,
    make: |site, stage| Box::pin(make(site, stage)),
};

async fn make(site: Site, stage: Arc<Stage>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    for path in (stage.below)("documents/")
        .into_iter()
        .filter(|path| path.ends_with(".md"))
    {
        let name = path.trim_start_matches("documents/");
        std::fs::write(folder.path().join(name), stage.text(&path)?)?;
    }
    let options = Options {
        by: Writing::by(Operator::at("demo")),
        ..Options::default()
    };
    let report = run(&site, folder.path(), &options, &mut Quiet).await?;
    match report
        .entries
        .iter()
        .find(|entry| entry.outcome == Outcome::Refused)
    {
        None => Ok(()),
        Some(entry) => Err(Error::fault(said!(
            "the demo's document {}: {}",
            entry.source,
            entry.message
        ))),
    }
}
