//! The door to running the installation: where to go, and how the machine is. No personal data.

use crate::{access, store};
use askama::Template;
use axum::extract::State;
use db::Engine;
use site::Site;
use web::{Answer, Frame, Member};

#[derive(Template)]
#[template(path = "admin/home.html")]
struct Page {
    frame: Frame,
    doors: access::Doors,
    version: &'static str,
    engine: &'static str,
    size: String,
    entries: String,
    index_was_reset: bool,
    backup: String,
    backup_is_old: bool,
    step: String,
    step_on: String,
    steps: i64,
}

/// A backup older than this many days is marked.
const BACKUP_DAYS: i64 = 7;

pub(crate) async fn get(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    let doors = access::doors(&who.actor, frame.today());
    access::need(doors.configure || doors.audit)?;
    let (step, steps) = store::last_step(&site.db).await?;
    let backup = store::last_backup_at(&site.db).await?;
    let entries = i64::try_from(site.index.entries()).unwrap_or(i64::MAX);
    frame.html(&Page {
        doors,
        version: env!("CARGO_PKG_VERSION"),
        engine: match site.db.engine() {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        },
        size: megabytes(store::database_bytes(&site.db).await?),
        entries: frame.number(&entries),
        index_was_reset: site.index.was_reset(),
        backup: backup.map_or_else(String::new, |at| {
            format!("{}, {}", at.clock_text(), at.day().vn())
        }),
        backup_is_old: backup.is_none_or(|at| at.day().days_until(frame.today()) > BACKUP_DAYS),
        // "0111_people_correction": the number is read aloud, the name is for who writes programs.
        step: step
            .as_ref()
            .map_or_else(String::new, |step| step.number.to_string()),
        step_on: step.map_or_else(String::new, |step| {
            kernel::Moment(step.applied_at).day().vn()
        }),
        steps,
        frame: frame.clone(),
    })
}

/// `12,3 MB`: thousands of thousands, one place, decimal comma.
fn megabytes(bytes: i64) -> String {
    let tenths = (bytes.max(0) + 50_000) / 100_000;
    format!("{},{} MB", vietnamese::group(tenths / 10), tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::megabytes;
    use crate::kit::{HUE, SON, with_more_people};
    use testkit::{BINH, on_both};
    use web::Routes;

    #[test]
    fn sizes_are_written_the_vietnamese_way() {
        assert_eq!(megabytes(12_345_678), "12,3 MB");
        assert_eq!(megabytes(1_234_960_000), "1.235,0 MB");
        assert_eq!(megabytes(0), "0,0 MB");
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn the_administrator_sees_the_machine_and_the_auditor_the_log() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_more_people(app, Routes::new());
                let page = app.as_(BINH).get("/admin").await.expects(200);
                let engine = if app.engine == "sqlite" {
                    "SQLite"
                } else {
                    "PostgreSQL"
                };
                assert!(page.text("#state").contains(engine));
                let links = page.attributes("#doors a", "href");
                assert_eq!(
                    links,
                    [
                        "/admin/organisation",
                        "/admin/portal",
                        "/admin/standing",
                        "/admin/permissions"
                    ]
                );
                assert!(!page.body().contains('⟦'));
                assert!(page.text("#state").contains("Cấu trúc dữ liệu"));
                assert!(!page.text("#state").contains('_'), "no name of a file");
                let page = app.as_(HUE).get("/admin").await.expects(200);
                let links = page.attributes("#doors a", "href");
                assert_eq!(
                    links,
                    ["/admin/audit", "/admin/standing", "/admin/permissions"]
                );
                for words in ["SQLite", "PostgreSQL", "Cấu trúc dữ liệu"] {
                    assert!(
                        !page.text("#state").contains(words),
                        "runs no machine: {words}"
                    );
                }
                app.as_(SON).get("/admin").await.expects(404);
            },
        )
        .await;
    }
}
