//! Beside the requests: writes the counters every ten seconds and once more at the end, and notices
//! each second when another process changed something that the portal shows.
//!
//! What is written are sums; keys stay in `counting`. A write that fails is told and tried again with
//! the next one. Not here: what the sums mean (`counting`).

use crate::counting::{Content, Due};
use crate::desk::Desk;
use crate::store;
use kernel::error::Result;
use site::{Act, Later, May as _, Program, Site};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Seconds between two writes.
const FLUSH_EVERY: u32 = 10;

/// The room's background work.
pub(crate) fn run(
    site: Site,
    desk: Arc<Desk>,
    mut stop: watch::Receiver<bool>,
) -> Later<'static, ()> {
    Box::pin(async move {
        tell(
            begin(&site, &desk).await,
            "the counters of the portal could not be read",
        );
        let mut second = 0;
        loop {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                _ = stop.changed() => break,
            }
            second += 1;
            match store::feed_state(&site).await {
                Ok(state) => desk.look_at_feed(state),
                Err(error) => tell(Err(error), "the portal could not look for changes"),
            }
            if second % FLUSH_EVERY == 0 {
                tell(
                    flush(&site, &desk).await,
                    "the counters of the portal could not be written",
                );
            }
        }
        tell(
            flush(&site, &desk).await,
            "the last counts of the portal could not be written",
        );
    })
}

fn tell(outcome: Result<()>, what: &'static str) {
    if let Err(error) = outcome {
        tracing::warn!(cause = error.log_text(), "{what}");
    }
}

/// Notes the restart and goes on from what was counted before.
pub(crate) async fn begin(site: &Site, desk: &Desk) -> Result<()> {
    let mut act = act(site).await?;
    store::restarted(&mut act).await?;
    act.end().await?;
    flush(site, desk).await
}

/// Writes what was counted and takes up what others wrote.
pub(crate) async fn flush(site: &Site, desk: &Desk) -> Result<()> {
    let now = site.clock.now();
    let due = desk.counters.take(now, &site.dice);
    let mut contents = Vec::new();
    if !due.is_empty() {
        match add(site, &due).await {
            Ok(totals) => contents = totals,
            Err(error) => {
                desk.counters.put_back(due);
                return Err(error);
            }
        }
    }
    let written = store::written(site, now.day()).await?;
    desk.counters.settle(written, &contents);
    Ok(())
}

/// Sums without names: no log speaks of them.
async fn act(site: &Site) -> Result<Act<Program>> {
    Program::part("portal counters")
        .begin_unlogged(site, "counters", "counters.write")
        .await
}

async fn add(site: &Site, due: &Due) -> Result<Vec<(Arc<Content>, i64)>> {
    let mut act = act(site).await?;
    let totals = store::add_counts(&mut act, due).await?;
    act.end().await?;
    Ok(totals)
}
