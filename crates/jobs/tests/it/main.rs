//! The queue's promises, each as a story on both databases.
//!
//! A scratch table `work` stands for what a room's handler writes. The clock stands still until a
//! story moves it. The killed process is this test binary itself, called with an address.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod both;

use both::{App, on_both};
use jobs::{
    Every, Filter, Handler, JobId, Later, New, Runner, Running, Schedule, State, Stop, Wake,
};
use kernel::error::{Error, Refusal, Result};
use kernel::{Clock, Dice, Moment};
use std::collections::HashMap;
use std::io::BufRead as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// What the handlers of these stories are handed.
#[derive(Clone)]
struct Ctx {
    db: db::Db,
    active: Arc<Mutex<HashMap<String, i64>>>,
    most_at_once: Arc<Mutex<i64>>,
    said: mpsc::UnboundedSender<String>,
}

struct House {
    db: db::Db,
    clock: Clock,
    dice: Dice,
    ctx: Ctx,
    heard: mpsc::UnboundedReceiver<String>,
}

const WORK: &str = "create table work (job text not null, nth bigint not null)";

async fn house(app: &App) -> House {
    let (said, heard) = mpsc::unbounded_channel();
    let db = app.db.clone();
    let mut tx = db.begin().await.unwrap();
    db.script(&mut tx, WORK).await.unwrap();
    db.commit(tx).await.unwrap();
    House {
        ctx: Ctx {
            db: db.clone(),
            active: Arc::default(),
            most_at_once: Arc::default(),
            said,
        },
        db,
        clock: app.clock.clone(),
        dice: app.dice.clone(),
        heard,
    }
}

impl House {
    fn runner(&self, handlers: impl IntoIterator<Item = Handler<Ctx>>) -> Runner<Ctx> {
        Runner::new(
            self.ctx.clone(),
            self.db.clone(),
            self.clock.clone(),
            self.dice.clone(),
        )
        .handlers(handlers)
    }
    async fn add(&self, new: New) -> jobs::Added {
        let mut tx = self.db.begin().await.unwrap();
        let added = jobs::add(&mut tx, &self.clock, &self.dice, new)
            .await
            .unwrap();
        self.db.commit(tx).await.unwrap();
        added
    }
    async fn stop(&self, id: &JobId) -> Stop {
        let mut tx = self.db.begin().await.unwrap();
        let stop = jobs::stop(&mut tx, &self.clock, id).await.unwrap();
        self.db.commit(tx).await.unwrap();
        stop
    }
    async fn again(&self, id: &JobId) -> bool {
        let mut tx = self.db.begin().await.unwrap();
        let again = jobs::again(&mut tx, &self.clock, id).await.unwrap();
        self.db.commit(tx).await.unwrap();
        again
    }
    async fn job(&self, id: &JobId) -> jobs::Job {
        jobs::get(&self.db, id).await.unwrap()
    }
    async fn count(&self, text: &'static str) -> i64 {
        db::sql(text).count(self.db.read()).await.unwrap()
    }
    async fn hear(&mut self) -> String {
        tokio::time::timeout(Duration::from_secs(30), self.heard.recv())
            .await
            .expect("a handler speaks in time")
            .unwrap()
    }
}

async fn note(ctx: &Ctx, job: &str, nth: i64) -> Result<()> {
    let mut tx = ctx.db.begin().await?;
    db::sql("insert into work (job, nth) values ($1, $2)")
        .bind(job)
        .bind(nth)
        .run(&mut *tx)
        .await?;
    ctx.db.commit(tx).await
}

/// Writes one row.
fn once(ctx: Ctx, running: Running) -> Later<Result<()>> {
    Box::pin(async move { note(&ctx, running.job().id.as_str(), running.job().attempts).await })
}
fn fails(_: Ctx, _: Running) -> Later<Result<()>> {
    Box::pin(async { Err(Error::fault("Nguyễn Thị Lan has no telephone")) })
}
fn panics(_: Ctx, _: Running) -> Later<Result<()>> {
    panic!("on purpose")
}
fn refuses(_: Ctx, _: Running) -> Later<Result<()>> {
    Box::pin(async { Err(Refusal::new("people-refused-closed").into()) })
}
/// Ten steps, each row committed together with the place; stops when told.
fn ten(ctx: Ctx, running: Running) -> Later<Result<()>> {
    Box::pin(async move {
        running.set_total(10);
        let from: i64 = running.resumed()?.unwrap_or(0);
        running.set_done(from);
        for nth in from..10 {
            let mut tx = ctx.db.begin().await?;
            db::sql("insert into work (job, nth) values ($1, $2)")
                .bind(running.job().id.as_str())
                .bind(nth)
                .run(&mut *tx)
                .await?;
            running.checkpoint_in(&mut tx, &(nth + 1)).await?;
            if running.job().payload.contains("hang") && running.job().attempts == 1 && nth == 4 {
                ctx.said.send("half".to_owned()).ok();
                println!("half");
                std::future::pending::<()>().await;
            }
            ctx.db.commit(tx).await?;
            if !running.step().await? {
                return Ok(());
            }
        }
        Ok(())
    })
}
/// Says that it began, then runs until it is told to stop, and keeps its place.
fn until_told(ctx: Ctx, running: Running) -> Later<Result<()>> {
    Box::pin(async move {
        if running.resumed::<String>()?.as_deref() == Some("nearly there") {
            return Ok(());
        }
        ctx.said.send("begun".to_owned()).ok();
        while running.step().await? {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        running.checkpoint(&"nearly there").await
    })
}
/// Ignores that it is told.
fn deaf(ctx: Ctx, _: Running) -> Later<Result<()>> {
    Box::pin(async move {
        ctx.said.send("begun".to_owned()).ok();
        std::future::pending().await
    })
}
/// Finds out whether it runs beside itself; fails on the first attempt of every third.
fn watched(ctx: Ctx, running: Running) -> Later<Result<()>> {
    Box::pin(async move {
        let id = running.job().id.to_string();
        {
            let mut active = ctx.active.lock().unwrap();
            let beside = active.entry(id.clone()).or_default();
            *beside += 1;
            assert_eq!(*beside, 1, "a job runs twice at once");
            let all: i64 = active.values().sum();
            let mut most = ctx.most_at_once.lock().unwrap();
            *most = (*most).max(all);
        }
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let number: i64 = running.payload()?;
        let result = if number % 3 == 0 && running.job().attempts == 1 {
            Err(Error::fault("the first time fails"))
        } else {
            note(&ctx, &id, number).await
        };
        *ctx.active.lock().unwrap().get_mut(&id).unwrap() -= 1;
        result
    })
}

const LEASE_MS: i64 = 30_000;

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_is_understood_by_both_databases() {
    on_both(async |app| {
        for text in jobs::STATEMENTS {
            if let Err(error) = app.db.prepare(text).await {
                panic!("{}", error.log_text());
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_kept_with_its_change_or_not_at_all() {
    on_both(async |app| {
        let house = house(&app).await;
        let mut tx = house.db.begin().await.unwrap();
        jobs::add(&mut tx, &house.clock, &house.dice, New::of("t.once", "a"))
            .await
            .unwrap();
        drop(tx);
        let runner = house.runner([Handler::new("t.once", once)]);
        assert_eq!(runner.run_due_once().await.unwrap(), 0);
        let added = house.add(New::of("t.once", "a")).await;
        assert!(added.is_new);
        assert_eq!(runner.run_due_once().await.unwrap(), 1);
        let job = house.job(&added.id).await;
        assert_eq!(job.state, State::Done);
        assert_eq!(job.ended_at, Some(house.clock.now()));
        assert_eq!(house.count("select count(*) from work").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_the_same_job_until_it_ended() {
    on_both(async |app| {
        let house = house(&app).await;
        let first = house.add(New::of("t.once", "a")).await;
        let second = house.add(New::of("t.once", "a")).await;
        assert_eq!(first.id, second.id);
        assert!(!second.is_new);
        assert!(house.add(New::of("t.once", "b")).await.is_new);
        let runner = house.runner([Handler::new("t.once", once)]);
        assert_eq!(runner.run_due_once().await.unwrap(), 2);
        assert!(house.add(New::of("t.once", "a")).await.is_new);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn once_ever_is_remembered_after_the_end_and_after_trimming() {
    on_both(async |app| {
        let house = house(&app).await;
        let first = house.add(New::of("t.once", "a").once_ever()).await;
        let plain = house.add(New::of("t.once", "b")).await;
        let runner = house.runner([Handler::new("t.once", once), jobs::trimming()]);
        runner.run_due_once().await.unwrap();
        house.clock.advance_ms(91 * 86_400_000);
        house
            .add(New::of(jobs::TRIM_KIND, "now").payload(&90))
            .await;
        runner.run_due_once().await.unwrap();
        assert_eq!(jobs::find(&house.db, &plain.id).await.unwrap(), None);
        let second = house.add(New::of("t.once", "a").once_ever()).await;
        assert_eq!((second.is_new, second.id), (false, first.id));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_requests_at_the_same_moment_make_one_job() {
    on_both(async |app| {
        let house = Arc::new(house(&app).await);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..12 {
            let house = house.clone();
            tasks.spawn(async move { house.add(New::of("t.once", "a")).await });
        }
        let added = tasks.join_all().await;
        assert_eq!(added.iter().filter(|one| one.is_new).count(), 1);
        assert!(added.iter().all(|one| one.id == added[0].id));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_for_later_waits_for_its_moment() {
    on_both(async |app| {
        let house = house(&app).await;
        let at = house.clock.now().plus_ms(60_000);
        house.add(New::of("t.once", "a").run_at(at)).await;
        let runner = house.runner([Handler::new("t.once", once)]);
        house.clock.advance_ms(59_999);
        assert_eq!(runner.run_due_once().await.unwrap(), 0);
        house.clock.advance_ms(1);
        assert_eq!(runner.run_due_once().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_job_waits_longer_each_time_and_is_given_up_without_naming_anybody() {
    on_both(async |app| {
        let house = house(&app).await;
        let id = house.add(New::of("t.fails", "a")).await.id;
        let handler = Handler::new("t.fails", fails)
            .attempts(3)
            .waits_ms(1_000, 60_000);
        let runner = house.runner([handler]);
        let mut last_wait = 0;
        for attempt in 1..=2 {
            assert_eq!(runner.run_due_once().await.unwrap(), 1);
            let job = house.job(&id).await;
            assert_eq!((job.state, job.attempts), (State::Waiting, attempt));
            let wait = job.due_at.0 - house.clock.now().0;
            assert!(wait > last_wait, "{wait} after {last_wait}");
            last_wait = wait;
            house.clock.advance_ms(wait - 1);
            assert_eq!(runner.run_due_once().await.unwrap(), 0);
            house.clock.advance_ms(1);
        }
        assert_eq!(runner.run_due_once().await.unwrap(), 1);
        let job = house.job(&id).await;
        assert_eq!((job.state, job.error.as_str()), (State::Failed, "fault"));
        assert!(!format!("{job:?}").contains("Lan"));
        // The operator tries again: all attempts are there again.
        assert!(house.again(&id).await);
        assert_eq!(house.job(&id).await.attempts, 0);
        assert!(!house.again(&id).await, "it waits already");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_failure_and_a_refusal_is_final() {
    on_both(async |app| {
        let house = house(&app).await;
        let panicked = house.add(New::of("t.panics", "a")).await.id;
        let refused = house.add(New::of("t.refuses", "a")).await.id;
        let good = house.add(New::of("t.once", "a")).await.id;
        let runner = house.runner([
            Handler::new("t.panics", panics),
            Handler::new("t.refuses", refuses),
            Handler::new("t.once", once),
        ]);
        assert_eq!(runner.run_due_once().await.unwrap(), 3);
        let job = house.job(&panicked).await;
        assert_eq!((job.state, job.error.as_str()), (State::Waiting, "panic"));
        let job = house.job(&refused).await;
        assert_eq!(job.state, State::Failed);
        assert_eq!(job.error, "refused:people-refused-closed");
        assert_eq!(house.job(&good).await.state, State::Done);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_may_not_be_tried_again_beside_one_that_waits() {
    on_both(async |app| {
        let house = house(&app).await;
        let old = house.add(New::of("t.once", "a")).await.id;
        assert_eq!(house.stop(&old).await, Stop::Stopped);
        assert_eq!(house.stop(&old).await, Stop::Stopped);
        let new = house.add(New::of("t.once", "a")).await;
        assert!(new.is_new);
        assert!(!house.again(&old).await);
        let nobody: JobId = "nobody".parse().unwrap();
        let mut tx = house.db.begin().await.unwrap();
        let answer = jobs::stop(&mut tx, &house.clock, &nobody).await;
        assert!(matches!(answer, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_written_at_most_once_a_second_and_whole_at_the_end() {
    fn paced(ctx: Ctx, running: Running) -> Later<Result<()>> {
        Box::pin(async move {
            running.set_total(100);
            running
                .say("people-import-reading", &[("file", "a.xlsx".to_owned())])
                .await?;
            for _ in 0..100 {
                running.step().await?;
            }
            let job = jobs::get(&ctx.db, &running.job().id).await?;
            ctx.said.send(format!("{} of {}", job.done, job.total)).ok();
            Ok(())
        })
    }
    on_both(async |app| {
        let mut house = house(&app).await;
        let id = house.add(New::of("t.paced", "a")).await.id;
        let runner = house.runner([Handler::new("t.paced", paced)]);
        runner.run_due_once().await.unwrap();
        assert_eq!(house.hear().await, "0 of 100", "the clock stood still");
        let job = house.job(&id).await;
        assert_eq!((job.done, job.total), (100, 100));
        assert_eq!(job.note, "people-import-reading");
        assert_eq!(job.note_args, [("file".to_owned(), "a.xlsx".to_owned())]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_stops_a_running_job_and_it_goes_on_from_its_place() {
    on_both(async |app| {
        let mut house = house(&app).await;
        let id = house.add(New::of("t.until_told", "a")).await.id;
        let (stop, stopped) = watch::channel(false);
        let handler = Handler::new("t.until_told", until_told);
        let run = tokio::spawn(house.runner([handler]).run(stopped));
        assert_eq!(house.hear().await, "begun");
        assert_eq!(house.stop(&id).await, Stop::Stopping);
        until(|| async { house.job(&id).await.state == State::Stopped }).await;
        stop.send(true).unwrap();
        run.await.unwrap();
        assert!(house.again(&id).await);
        assert_eq!(house.runner([handler]).run_due_once().await.unwrap(), 1);
        assert_eq!(house.job(&id).await.state, State::Done);
        assert_eq!(house.stop(&id).await, Stop::Ended);
    })
    .await;
}

/// Asks until it is so; a bound on the wait, not a measure of it.
async fn until<F: Future<Output = bool>>(is_so: impl Fn() -> F) {
    tokio::time::timeout(Duration::from_secs(30), async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("it becomes so in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_end_of_the_program_jobs_go_back_without_losing_an_attempt() {
    on_both(async |app| {
        let mut house = house(&app).await;
        let polite = house.add(New::of("t.until_told", "a")).await.id;
        let deaf_one = house.add(New::of("t.deaf", "a")).await.id;
        let (stop, stopped) = watch::channel(false);
        let runner = house
            .runner([
                Handler::new("t.until_told", until_told),
                Handler::new("t.deaf", deaf),
            ])
            .grace(Duration::from_millis(300));
        let run = tokio::spawn(runner.run(stopped));
        assert_eq!(house.hear().await, "begun");
        assert_eq!(house.hear().await, "begun");
        stop.send(true).unwrap();
        run.await.unwrap();
        for id in [&polite, &deaf_one] {
            let job = house.job(id).await;
            assert_eq!((job.state, job.attempts), (State::Waiting, 0));
            assert_eq!(job.due_at, house.clock.now());
        }
        assert!(house.job(&polite).await.saved.contains("nearly there"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_is_woken_by_this_process_and_keeps_its_limits() {
    on_both(async |app| {
        let house = house(&app).await;
        let wake = Wake::default();
        let (stop, stopped) = watch::channel(false);
        let runner = house
            .runner([Handler::new("t.watched", watched).at_once(8)])
            .at_once(3)
            .wake(wake.clone());
        let run = tokio::spawn(runner.run(stopped));
        for number in 1..=20 {
            // None divisible by three: each succeeds at once.
            let new = New::of("t.watched", number.to_string()).payload(&(number * 3 + 1));
            house.add(new).await;
        }
        wake.now();
        until(|| async { house.count("select count(*) from work").await == 20 }).await;
        stop.send(true).unwrap();
        run.await.unwrap();
        let most = *house.ctx.most_at_once.lock().unwrap();
        assert!((2..=3).contains(&most), "{most} at once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_runners_lose_nothing_and_never_run_one_job_twice_at_once() {
    on_both(async |app| {
        let house = house(&app).await;
        let mut tx = house.db.begin().await.unwrap();
        for number in 0..150_i64 {
            let new = New::of("t.watched", number.to_string()).payload(&number);
            jobs::add(&mut tx, &house.clock, &house.dice, new)
                .await
                .unwrap();
        }
        house.db.commit(tx).await.unwrap();
        // On PostgreSQL half of them have a pool of their own, as another process would.
        let other = match house.db.engine() {
            db::Engine::Sqlite => house.db.clone(),
            db::Engine::Postgres => db::Db::open(house.db.url(), false, 4).await.unwrap(),
        };
        let mut tasks = tokio::task::JoinSet::new();
        for nth in 0..8 {
            let db = if nth % 2 == 0 { &house.db } else { &other };
            let runner = Runner::new(
                house.ctx.clone(),
                db.clone(),
                house.clock.clone(),
                house.dice.clone(),
            )
            .handlers([Handler::new("t.watched", watched).waits_ms(0, 0)]);
            tasks.spawn(async move { runner.run_due_once().await.unwrap() });
        }
        let attempts = tasks.join_all().await;
        assert_eq!(attempts.iter().sum::<u64>(), 150 + 50);
        assert!(attempts.iter().filter(|count| **count > 0).count() > 1);
        let rows = "select count(*) from work";
        let distinct = "select count(distinct job) from work";
        assert_eq!(house.count(rows).await, 150);
        assert_eq!(house.count(distinct).await, 150);
        let states = jobs::count_by_state(&house.db).await.unwrap();
        assert!(states.contains(&(State::Done, 150)), "{states:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_killed_process_comes_back_after_its_lease_and_no_step_is_done_twice() {
    on_both(async |app| {
        let house = house(&app).await;
        let id = house.add(New::of("t.ten", "a").payload(&"hang")).await.id;
        let address = match house.db.url() {
            db::Url::File(path) => path.display().to_string(),
            db::Url::Server(address) => address.clone(),
        };
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_process_that_is_killed", "--nocapture"])
            .env("SOTAY_TEST_KILLED", address)
            .env("SOTAY_TEST_NOW", house.clock.now().0.to_string())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let out = std::io::BufReader::new(child.stdout.take().unwrap());
        let half = out.lines().any(|line| line.unwrap().contains("half"));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(
            half,
            "it was killed in the middle, its fifth row written and not committed"
        );

        assert_eq!(house.job(&id).await.state, State::Running);
        let runner = house.runner([Handler::new("t.ten", ten)]);
        assert_eq!(
            runner.run_due_once().await.unwrap(),
            0,
            "the lease still holds"
        );
        house.clock.advance_ms(LEASE_MS);
        assert_eq!(runner.run_due_once().await.unwrap(), 1);
        let job = house.job(&id).await;
        assert_eq!((job.state, job.attempts), (State::Done, 2));
        assert_eq!((job.done, job.total), (10, 10));
        assert_eq!(house.count("select count(*) from work").await, 10);
        assert_eq!(
            house.count("select count(distinct nth) from work").await,
            10
        );
    })
    .await;
}

/// Does nothing in an ordinary run; in the child it is the process that is killed.
#[tokio::test(flavor = "multi_thread")]
async fn the_process_that_is_killed() {
    let Ok(address) = std::env::var("SOTAY_TEST_KILLED") else {
        return;
    };
    let now: i64 = std::env::var("SOTAY_TEST_NOW").unwrap().parse().unwrap();
    let db = db::Db::open(&db::Url::read(&address), false, 2)
        .await
        .unwrap();
    let (said, _heard) = mpsc::unbounded_channel();
    let ctx = Ctx {
        db: db.clone(),
        active: Arc::default(),
        most_at_once: Arc::default(),
        said,
    };
    let clock = Clock::by_hand(Moment(now));
    Runner::new(ctx, db, clock, Dice::seeded(99))
        .handlers([Handler::new("t.ten", ten)])
        .run_due_once()
        .await
        .unwrap();
}

/// The claims of a runner that is gone: begins the job, then vanishes without a word.
async fn vanish(house: &mut House, handler: Handler<Ctx>) {
    let runner = house.runner([handler]);
    let task = tokio::spawn(async move { runner.run_due_once().await });
    house.hear().await;
    task.abort();
    assert!(task.await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_its_process_each_time_is_given_up() {
    on_both(async |app| {
        let mut house = house(&app).await;
        let id = house.add(New::of("t.deaf", "a")).await.id;
        let handler = Handler::new("t.deaf", deaf).attempts(2);
        for _ in 0..2 {
            vanish(&mut house, handler).await;
            house.clock.advance_ms(LEASE_MS);
        }
        assert_eq!(house.runner([handler]).run_due_once().await.unwrap(), 0);
        let job = house.job(&id).await;
        assert_eq!((job.state, job.error.as_str()), (State::Failed, "lost"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_was_to_stop_when_its_process_died_is_stopped() {
    on_both(async |app| {
        let mut house = house(&app).await;
        let id = house.add(New::of("t.deaf", "a")).await.id;
        let handler = Handler::new("t.deaf", deaf);
        vanish(&mut house, handler).await;
        assert_eq!(house.stop(&id).await, Stop::Stopping);
        house.clock.advance_ms(LEASE_MS);
        assert_eq!(house.runner([handler]).run_due_once().await.unwrap(), 0);
        assert_eq!(house.job(&id).await.state, State::Stopped);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_that_lost_its_job_cannot_commit_into_it() {
    /// Loses the lease in the middle, then tries to go on.
    fn late(ctx: Ctx, running: Running) -> Later<Result<()>> {
        Box::pin(async move {
            let mut tx = ctx.db.begin().await?;
            db::sql("update jobs_job set lease = 'of another' where id = $1")
                .bind(running.job().id.as_str())
                .run(&mut *tx)
                .await?;
            ctx.db.commit(tx).await?;
            let mut tx = ctx.db.begin().await?;
            db::sql("insert into work (job, nth) values ('late', 1)")
                .run(&mut *tx)
                .await?;
            let kept = running.checkpoint_in(&mut tx, &1).await;
            ctx.said.send(format!("{}", kept.is_err())).ok();
            kept?;
            ctx.db.commit(tx).await
        })
    }
    on_both(async |app| {
        let mut house = house(&app).await;
        let id = house.add(New::of("t.late", "a")).await.id;
        house
            .runner([Handler::new("t.late", late)])
            .run_due_once()
            .await
            .unwrap();
        assert_eq!(house.hear().await, "true");
        assert_eq!(house.count("select count(*) from work").await, 0);
        assert_eq!(
            house.job(&id).await.state,
            State::Running,
            "it is the other's"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lease_of_a_long_job_is_renewed() {
    fn long(ctx: Ctx, running: Running) -> Later<Result<()>> {
        Box::pin(async move {
            let first = running.job().due_at;
            until(|| async { jobs::get(&ctx.db, &running.job().id).await.unwrap().due_at > first })
                .await;
            Ok(())
        })
    }
    on_both(async |app| {
        let house = house(&app).await;
        let id = house.add(New::of("t.long", "a")).await.id;
        let runner = house.runner([Handler::new("t.long", long).lease_ms(60)]);
        let clock = house.clock.clone();
        let work = tokio::spawn(async move { runner.run_due_once().await.unwrap() });
        until(|| async { house.job(&id).await.state == State::Running }).await;
        clock.advance_ms(50);
        assert_eq!(work.await.unwrap(), 1);
        assert_eq!(house.job(&id).await.state, State::Done);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scheduled_work_runs_once_for_all_that_was_missed_and_once_for_two_processes() {
    on_both(async |app| {
        let house = house(&app).await;
        let daily = || {
            [Schedule::new(
                "t.night",
                Every::Daily { hour: 2, minute: 0 },
                "t.once",
            )]
        };
        let here = house
            .runner([Handler::new("t.once", once)])
            .schedules(daily());
        let there = house
            .runner([Handler::new("t.once", once)])
            .schedules(daily());
        // Monday 19:00: a schedule that is new begins with its next moment.
        assert_eq!(here.run_due_once().await.unwrap(), 0);
        house.clock.advance_ms(7 * 3_600_000 - 1);
        assert_eq!(here.run_due_once().await.unwrap(), 0);
        house.clock.advance_ms(1);
        let (one, two) = tokio::join!(here.run_due_once(), there.run_due_once());
        assert_eq!(one.unwrap() + two.unwrap(), 1);
        // Nobody ran for five days, and a process that starts anew finds it out.
        house.clock.advance_ms(5 * 86_400_000);
        let anew = house
            .runner([Handler::new("t.once", once)])
            .schedules(daily());
        assert_eq!(anew.run_due_once().await.unwrap(), 1);
        assert_eq!(here.run_due_once().await.unwrap(), 0);
        assert_eq!(house.count("select count(*) from work").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_sees_every_job_page_by_page_and_by_state() {
    on_both(async |app| {
        let house = house(&app).await;
        for number in 0..5 {
            house.clock.advance_ms(1);
            let new = New::of("t.once", number.to_string())
                .subject("thing")
                .unit(&"cell-a".parse().unwrap())
                .asked_by(&"lan".parse().unwrap());
            house.add(new).await;
        }
        let failed = house.add(New::of("t.refuses", "x")).await.id;
        let runner = house.runner([Handler::new("t.refuses", refuses)]);
        runner.run_due_once().await.unwrap();
        let all = Filter::default();
        let first = jobs::list(&house.db, &all, None, 4).await.unwrap();
        let rest = jobs::list(&house.db, &all, Some(&first[3].id), 4)
            .await
            .unwrap();
        assert_eq!((first.len(), rest.len()), (4, 2));
        assert!(first[3].id > rest[0].id);
        let filter = Filter {
            state: Some(State::Failed),
            ..Filter::default()
        };
        let found = jobs::list(&house.db, &filter, None, 10).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].id, failed);
        let filter = Filter {
            unit_id: "cell-a".to_owned(),
            asked_by: "lan".to_owned(),
            ..Filter::default()
        };
        assert_eq!(
            jobs::list(&house.db, &filter, None, 10)
                .await
                .unwrap()
                .len(),
            5
        );
        let states = jobs::count_by_state(&house.db).await.unwrap();
        assert_eq!(states[0], (State::Waiting, 5));
        assert_eq!(states[4], (State::Failed, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trimming_is_scheduled_and_keeps_what_is_young_or_alive() {
    on_both(async |app| {
        let house = house(&app).await;
        let old = house.add(New::of("t.once", "old")).await.id;
        let waiting = house.add(New::of("t.nobody", "waiting")).await.id;
        let runner = house
            .runner([Handler::new("t.once", once), jobs::trimming()])
            .schedules([jobs::trim_daily(30)]);
        runner.run_due_once().await.unwrap();
        house.clock.advance_ms(29 * 86_400_000);
        let young = house.add(New::of("t.once", "young")).await.id;
        runner.run_due_once().await.unwrap();
        assert!(jobs::find(&house.db, &old).await.unwrap().is_some());
        house.clock.advance_ms(2 * 86_400_000);
        runner.run_due_once().await.unwrap();
        assert!(jobs::find(&house.db, &old).await.unwrap().is_none());
        assert!(jobs::find(&house.db, &young).await.unwrap().is_some());
        assert!(jobs::find(&house.db, &waiting).await.unwrap().is_some());
    })
    .await;
}

/// A measurement, not a proof: what an idle runner asks of PostgreSQL in ten seconds.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures for ten seconds: cargo test -p jobs -- --ignored --nocapture"]
async fn an_idle_runner_is_quiet() {
    on_both(async |app| {
        let house = house(&app).await;
        if house.db.engine() == db::Engine::Sqlite {
            return;
        }
        let commits = "select xact_commit from pg_stat_database where datname = current_database()";
        let (stop, stopped) = watch::channel(false);
        let own = db::Db::open(house.db.url(), false, 1).await.unwrap();
        let runner = Runner::new(
            house.ctx.clone(),
            own.clone(),
            house.clock.clone(),
            house.dice.clone(),
        )
        .handlers([Handler::new("t.once", once), jobs::trimming()])
        .schedules([jobs::trim_daily(30)]);
        tokio::time::sleep(Duration::from_secs(2)).await;
        let before = house.count(commits).await;
        let run = tokio::spawn(runner.run(stopped));
        tokio::time::sleep(Duration::from_secs(10)).await;
        stop.send(true).unwrap();
        run.await.unwrap();
        own.close().await; // a connection hands in its figures when it ends
        tokio::time::sleep(Duration::from_secs(2)).await;
        println!(
            "statements in 10 s: {}",
            house.count(commits).await - before
        );
    })
    .await;
}
