//! `/readyz`: whether the database answers and takes writes.
//!
//! A full disk lets everything be read and nothing be kept, so one small row is really written. Not here:
//! the address `/healthz`, which only says that the process lives.
//! The rule that surprises: the answer is kept for some seconds, so that whoever asks often writes no more; a write
//! that was refused meanwhile goes before it.

use crate::{May as _, Program, Site, settings};
use axum::http::StatusCode;
use kernel::Moment;
use kernel::error::Result;
use std::time::Duration;
use tokio::sync::Mutex;

/// What was found the last time.
#[derive(Debug, Default)]
pub(crate) struct Ready(Mutex<Option<(Moment, Found)>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Good,
    NoAnswer,
    NoWrites,
}

/// How long an answer holds.
const HOLDS_MS: i64 = 5_000;
/// A write that waits longer than this waits for another one; the disk is not to blame.
const PATIENCE: Duration = Duration::from_secs(2);

impl Ready {
    /// The answer for whoever watches the server.
    pub(crate) async fn answer(&self, site: &Site) -> (StatusCode, &'static str) {
        let mut last = self.0.lock().await;
        let now = site.clock.now();
        // A write that was refused says it before any trying: a small row may still find room where a page did not.
        let refused = site.edge.disk.last();
        if (0..HOLDS_MS).contains(&(now.0 - refused.0)) {
            *last = Some((refused, Found::NoWrites));
        }
        let found = match *last {
            Some((at, found)) if (0..HOLDS_MS).contains(&(now.0 - at.0)) => found,
            _ => {
                let found = look(site).await;
                *last = Some((now, found));
                found
            }
        };
        match found {
            Found::Good => (StatusCode::OK, "ready"),
            Found::NoAnswer => (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer",
            ),
            Found::NoWrites => (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database takes no writes: is the disk full?",
            ),
        }
    }
}

async fn look(site: &Site) -> Found {
    if db::sql("select 1").count(site.db.read()).await.is_err() {
        return Found::NoAnswer;
    }
    match tokio::time::timeout(PATIENCE, write(site)).await {
        Ok(Err(kernel::error::Error::Fault(fault))) => {
            tracing::error!(cause = fault.chain(), "the database takes no writes");
            Found::NoWrites
        }
        _ => Found::Good,
    }
}

async fn write(site: &Site) -> Result<()> {
    let now = site.clock.now();
    let mut act = Program::part("ready")
        .begin_unlogged(site, "ready", "ready.write")
        .await?;
    settings::set(&mut act, "ready.written_at", &now.0.to_string()).await?;
    act.end().await.map(|_| ())
}
