//! The line before the press: papers and tables are set off the threads that answer requests.
//!
//! Setting a paper computes for milliseconds to seconds and takes memory while it does, so at most two
//! are set at once in a process, and the line of those who wait ends: who comes after that is told to
//! come back ([`Error::Busy`]). Not here: what is set (`print`, named by the rooms), who may have it.
//! The rule that surprises: the place goes with the work, so a visitor who hangs up frees no core.

use kernel::error::{Doing as _, Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

/// How many are set at once, at most; a machine with one core sets one.
const AT_ONCE: usize = 2;
/// How many may be at the press or wait for it. Minutes take 20 ms, the longest roll of a unit some tenths of a
/// second (README of `print`), so the last one waits about a second.
const LONGEST_LINE: usize = 8;

/// The press of a process. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Press {
    places: Arc<Semaphore>,
    line: Arc<AtomicUsize>,
}

impl Default for Press {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Press {
            places: Arc::new(Semaphore::new(cores.min(AT_ONCE))),
            line: Arc::new(AtomicUsize::new(0)),
        }
    }
}

/// Somebody in the line; leaves it however the wait or the work ends.
struct Standing(Arc<AtomicUsize>);
impl Drop for Standing {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Press {
    /// Does the work when a place is free.
    ///
    /// # Errors
    /// [`Error::Busy`] when the line is full; what the work fails with; a fault when it panics.
    pub async fn run<T, E>(
        &self,
        work: impl FnOnce() -> std::result::Result<T, E> + Send + 'static,
    ) -> Result<T>
    where
        T: Send + 'static,
        E: Into<Error> + Send + 'static,
    {
        let standing = Standing(self.line.clone());
        if self.line.fetch_add(1, Ordering::SeqCst) >= LONGEST_LINE {
            return Err(Error::Busy { retry_s: 5 });
        }
        let place = self.places.clone().acquire_owned().await;
        let place = place.map_err(Error::fault)?;
        tokio::task::spawn_blocking(move || {
            let _held = (place, standing);
            work()
        })
        .await
        .map_err(Error::fault)
        .doing("setting a paper")?
        .map_err(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_few_are_set_at_once_some_wait_and_who_comes_later_is_told() {
        let press = Press::default();
        let (running, at_once) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut doors = Vec::new();
        let mut waiting = Vec::new();
        for _ in 0..LONGEST_LINE {
            let (open, door) = mpsc::channel::<()>();
            doors.push(open);
            let (press, running, at_once) = (press.clone(), running.clone(), at_once.clone());
            waiting.push(tokio::spawn(async move {
                let work = move || {
                    let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                    at_once.fetch_max(now, Ordering::SeqCst);
                    let opened = door.recv();
                    running.fetch_sub(1, Ordering::SeqCst);
                    opened.map_err(Error::fault)
                };
                press.run(work).await
            }));
        }
        while press.line.load(Ordering::SeqCst) < LONGEST_LINE {
            tokio::task::yield_now().await;
        }
        let late = press.run(|| Ok::<_, Error>(1)).await;
        assert!(matches!(late, Err(Error::Busy { .. })), "{late:?}");
        for door in doors {
            door.send(()).unwrap();
        }
        for one in waiting {
            one.await.unwrap().unwrap();
        }
        assert!(at_once.load(Ordering::SeqCst) <= AT_ONCE);
        assert_eq!(
            press.run(|| Ok::<_, Error>(2)).await.unwrap(),
            2,
            "the line is empty again"
        );
    }

    #[tokio::test]
    async fn work_that_panics_leaves_its_place() {
        let press = Press::default();
        for _ in 0..LONGEST_LINE + 1 {
            let broken = press
                .run(|| -> Result<()> { panic!("a paper that cannot be set") })
                .await;
            assert!(matches!(broken, Err(Error::Fault(_))));
        }
        assert_eq!(press.line.load(Ordering::SeqCst), 0);
    }
}
