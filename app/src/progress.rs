//! Progress of long work: a bar on a terminal, a plain line now and then elsewhere; Ctrl-C or SIGTERM stops it
//! cleanly after the present file. A reason for refusing is shown once; how often is told at the end.

use crate::tally::Tally;
use crate::tongue;
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Said, said};
use site::import::{Entry, Progress};
use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Set by the first Ctrl-C or SIGTERM.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens for Ctrl-C and SIGTERM from now on. The second one ends the program at once.
    pub(crate) fn listen() -> Stop {
        let stop = Stop::default();
        let flag = stop.0.clone();
        tokio::spawn(async move {
            let mut ends = signal(SignalKind::terminate()).ok(); // without it Ctrl-C still stops
            while next(&mut ends).await {
                if flag.swap(true, Ordering::SeqCst) {
                    std::process::exit(130);
                }
                tongue::tell(said!(
                    "It stops after the present file; run the same command again to go on."
                ));
            }
        });
        stop
    }
    /// Whether it was pressed.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Waits for the next wish to stop; `false` when none can come.
async fn next(ends: &mut Option<Signal>) -> bool {
    match ends {
        Some(ends) => tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.is_ok(),
            ended = ends.recv() => ended.is_some(),
        },
        None => tokio::signal::ctrl_c().await.is_ok(),
    }
}

/// What the command line shows.
pub(crate) struct Bar {
    bar: Option<ProgressBar>,
    done: u64,
    total: u64,
    written: u64,
    tally: Tally,
    stop: Stop,
}

impl Bar {
    /// Shown on the error stream, so that output can be piped.
    pub(crate) fn new(stop: Stop) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {eta} {wide_msg}")
            {
                bar.set_style(style);
            }
            bar
        });
        Bar {
            bar,
            done: 0,
            total: 0,
            written: 0,
            tally: Tally::default(),
            stop,
        }
    }
    /// A plain step without an entry.
    pub(crate) fn tick(&mut self, done: u64, what: impl Into<Said>) {
        self.done = done;
        match &self.bar {
            Some(bar) => {
                bar.set_position(done);
                bar.set_message(tongue::words(what));
            }
            None if done.is_multiple_of(1000) => tongue::tell(said!("{} {}", done, what.into())),
            None => {}
        }
    }
    /// So far of so many; elsewhere than on a terminal a line for each thousand, and for the last.
    pub(crate) fn far(&mut self, done: u64, total: u64) {
        let before = std::mem::replace(&mut self.done, done);
        match &self.bar {
            Some(bar) => {
                bar.set_length(total);
                bar.set_position(done);
            }
            None if done / 1000 > before / 1000 || done == total => {
                tongue::tell(said!("{}/{}", done, total));
            }
            None => {}
        }
    }
    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Bar {
    fn total(&mut self, total: u64) {
        self.total = total;
        if let Some(bar) = &self.bar {
            bar.set_length(total);
        }
    }
    fn step(&mut self, entry: &Entry) {
        self.done += 1;
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
            bar.set_message(entry.source.clone());
        } else if self.done.is_multiple_of(1000) || self.done == self.total {
            tongue::tell(said!("{}/{}", self.done, self.total));
        }
        if self.tally.add(entry) {
            let line = said!("{}: {}", entry.source, entry.message);
            match &self.bar {
                Some(bar) => bar.println(tongue::words(line)),
                None => tongue::tell(line),
            }
        }
    }
    fn written(&mut self, count: u64) {
        self.written = count;
    }
    fn is_stopped(&self) -> bool {
        self.stop.is_set()
    }
}

/// A bar that an import holds while the command waits to end it.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Bar>>);

impl Shared {
    /// Shares that bar.
    pub(crate) fn of(bar: Bar) -> Shared {
        Shared(Arc::new(Mutex::new(bar)))
    }
    /// Takes the bar away from the screen.
    pub(crate) fn finish(&self) {
        self.bar().finish();
    }
    /// What the import came to so far, in words.
    pub(crate) fn taken(&self) -> Said {
        let bar = self.bar();
        if bar.done == 0 && bar.written > 0 {
            return said!("{} written", bar.written);
        }
        bar.tally.taken()
    }
    fn bar(&self) -> std::sync::MutexGuard<'_, Bar> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Shared {
    fn total(&mut self, total: u64) {
        self.bar().total(total);
    }
    fn step(&mut self, entry: &Entry) {
        self.bar().step(entry);
    }
    fn written(&mut self, count: u64) {
        self.bar().written(count);
    }
    fn is_stopped(&self) -> bool {
        self.bar().is_stopped()
    }
}
