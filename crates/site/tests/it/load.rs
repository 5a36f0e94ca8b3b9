//! What the log costs an act: run by hand, under a counter of instructions.
//!
//! `perf stat -e instructions:u TEST --ignored what_an_act_costs`, with `SOTAY_ACTS` acts; the difference of two
//! numbers of acts is what they cost without the setting up.

use site::{May as _, Program};
use testkit::{ALL, TestApp, on_both, on_sqlite};

/// An act as closing a meeting is one: a few rows, a line about each of so many people.
async fn acts(app: &TestApp, lines: usize) {
    let mut act = Program::part("test")
        .begin(&app.site, "test", "meeting.close")
        .await
        .unwrap();
    for nth in 0..lines {
        let about = ALL[nth % ALL.len()].id.parse().unwrap();
        act.log("attendance.mark")
            .about(&about)
            .object("meeting", "0195a1b2-0000-7000-8000-000000000000")
            .diff(&serde_json::json!({ "state": "present", "nth": nth }));
    }
    act.line();
    act.end().await.unwrap();
}

fn wanted() -> usize {
    let asked = std::env::var("SOTAY_ACTS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(100)
}

async fn run(app: TestApp) {
    let begun = std::time::Instant::now();
    for _ in 0..wanted() {
        acts(&app, 24).await;
    }
    let each = begun.elapsed() / u32::try_from(wanted().max(1)).unwrap();
    println!("{}: {each:?} an act of 25 lines", app.engine);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn what_an_act_costs() {
    match std::env::var_os("SOTAY_ONLY_SQLITE") {
        Some(_) => on_sqlite(Vec::new, run).await,
        None => on_both(Vec::new, run).await,
    }
}
