//! The log: lines on standard error, as text or JSON.
//!
//! A file gets no colours. While the disk is full every request and all work beside them fails for the same
//! reason, and the log may lie on that very disk: of those failures one line a minute is written, the next
//! says how many were not. Not here: what is logged (whoever logs), one line a request (`web::edge`).

use crate::config::{Config, LogFormat};
use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

/// Starts the log. Called once, by commands that serve.
pub(crate) fn start(config: &Config) {
    let filter = EnvFilter::try_new(&config.log_level).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let all = tracing_subscriber::registry()
        .with(filter)
        .with(FullDisk::default());
    match config.log_format {
        LogFormat::Text => all.with(lines.with_target(false)).init(),
        LogFormat::Json => all.with(lines.json()).init(),
    }
}

/// How often a full disk is told of.
const EVERY: Duration = Duration::from_secs(60);

/// Lets one line a minute through of those that tell of a full disk.
#[derive(Default)]
struct FullDisk(Mutex<Told>);

#[derive(Default)]
struct Told {
    last: Option<Instant>,
    unsaid: u64,
}

impl<S: Subscriber> Layer<S> for FullDisk {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        if *event.metadata().level() > Level::WARN {
            return true;
        }
        let mut found = Found(false);
        event.record(&mut found);
        !found.0 || self.may(Instant::now())
    }
}

impl FullDisk {
    /// Whether a line may be written now.
    fn may(&self, now: Instant) -> bool {
        // A panic while holding it leaves two numbers, whole either way.
        let mut told = self.0.lock().unwrap_or_else(|held| held.into_inner());
        if (told.last).is_some_and(|last| now.duration_since(last) < EVERY) {
            told.unsaid += 1;
            return false;
        }
        let unsaid = std::mem::take(&mut told.unsaid);
        told.last = Some(now);
        drop(told);
        if unsaid > 0 {
            tracing::warn!(unsaid, "more failures of the same kind since the last line");
        }
        true
    }
}

/// Whether a line tells of a full disk.
struct Found(bool);

impl Visit for Found {
    fn record_str(&mut self, _: &Field, text: &str) {
        self.0 = self.0 || kernel::disk::is_full(text);
    }
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_one_line_and_everything_else_is_said() {
        let page = Page::default();
        let to = page.clone();
        let lines = fmt::layer()
            .with_writer(move || to.clone())
            .with_ansi(false);
        let all = tracing_subscriber::registry()
            .with(FullDisk::default())
            .with(lines);
        tracing::subscriber::with_default(all, || {
            for _ in 0..50 {
                tracing::error!(cause = "database or disk is full", "fault");
                tracing::warn!(cause = %std::io::Error::from_raw_os_error(28), "not kept");
            }
            tracing::error!(cause = "another", "fault");
            tracing::info!("No space left on device: a page about it");
        });
        let said = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        assert_eq!(said.lines().count(), 3, "{said}");
    }

    #[test]
    fn after_a_minute_it_is_said_again_with_the_number_of_those_unsaid() {
        let disk = FullDisk::default();
        let begin = Instant::now();
        assert!(disk.may(begin) && !disk.may(begin + Duration::from_secs(59)));
        assert_eq!(disk.0.lock().unwrap().unsaid, 1);
        assert!(disk.may(begin + Duration::from_secs(61)));
        assert_eq!(disk.0.lock().unwrap().unsaid, 0);
    }
}
