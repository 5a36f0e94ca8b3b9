//! What old documents say of others ("Quy định này thay thế …"), read once more in the background.
//!
//! Documents that came before relations were kept stand on a list; each leaves it when its citations are
//! written. Not here: what a relation is (`standing`), citations of a new text (`document`). When nothing is
//! left a run is one question to the database.

use crate::document::Draft;
use crate::store;
use jobs::{Every, Handler, Schedule};
use kernel::error::Result;
use site::{May as _, Program, Site};

const ANEW: &str = "documents.cited_anew";

/// Reads them, one by one.
pub(crate) const READING: Handler<Site> = Handler::new(ANEW, |site, running| {
    Box::pin(async move {
        let mut after = String::new();
        while !running.is_stopped() {
            match one(&site, &after).await? {
                Some(last) => after = last,
                None => break,
            }
        }
        Ok(())
    })
});

/// When that is done: soon after an upgrade, and once a day for what an archive brings.
pub(crate) fn reads_daily() -> Schedule {
    Schedule::new(ANEW, Every::Hours(24), ANEW)
}

/// Reads the next one; nothing slow happens while it is written.
async fn one(site: &Site, after: &str) -> Result<Option<String>> {
    let Some((id, version)) = store::anew::next(site, after).await? else {
        return Ok(None);
    };
    let Some(document) = store::find(site, &id.parse().map_err(kernel::Error::fault)?).await?
    else {
        return Ok(Some(id)); // removed meanwhile
    };
    let draft = Draft {
        symbol: document.symbol,
        provisions: store::list_provisions(site, &id, 0, i64::MAX).await?,
        ..Draft::default()
    };
    let cited = draft.citations();
    let mut act = Program::part(ANEW).begin_unlogged(site, ANEW, ANEW).await?;
    store::anew::keep(&mut act, &id, version, &cited).await?;
    act.end().await?;
    Ok(Some(id))
}

#[cfg(test)]
mod tests {
    use super::one;
    use testkit::{HOA, on_both};

    const OLD: &str = "+++\nsymbol = \"05-QĐ/ĐU\"\nissuer = \"Đảng ủy\"\nissued_on = \"2021-03-03\"\ntitle = \"Quy định cũ\"\n+++\nĐiều 1. Cũ\nMột việc.\n";
    const NEW: &str = "+++\nsymbol = \"12-QĐ/ĐU\"\nissuer = \"Đảng ủy\"\nissued_on = \"2026-06-15\"\ntitle = \"Quy định mới\"\n+++\nĐiều 1. Mới\n1. Quy định này thay thế Quy định số 05-QĐ/ĐU, ngày 03/3/2021.\n";

    #[tokio::test(flavor = "multi_thread")]
    async fn a_document_of_old_tells_what_it_replaces_and_one_that_was_changed_meanwhile_waits() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let site = &app.site;
                let files = [("05.md", OLD), ("12.md", NEW)];
                let report = crate::sample::import(&app, "anew", &files, "members").await;
                let (old, new) = (&report.entries[0].id, &report.entries[1].id);
                let mut act = app.act().await;
                for text in [
                    "update documents_citation set relation = ''",
                    "insert into documents_cited_anew (document_id) select id from documents_document",
                ] {
                    db::sql(text).run(act.on()).await.unwrap();
                }
                act.end().await.unwrap();
                let state = async || {
                    let page = app.as_(HOA).get(&format!("/documents/{old}")).await.expects(200);
                    page.body().contains("Đã được thay bằng")
                };
                assert!(!state().await);
                let door = site::Program::part("test");
                let mut act = site::May::begin_unlogged(door, site, "test", "test").await.unwrap();
                crate::store::anew::keep(&mut act, new, 0, &[]).await.unwrap();
                act.end().await.unwrap();
                let left = "select count(*) from documents_cited_anew";
                assert_eq!(app.count(left).await, 2, "it was changed since, so it waits");
                let mut after = String::new();
                while let Some(last) = one(site, &after).await.unwrap() {
                    after = last;
                }
                assert_eq!(app.count(left).await, 0);
                assert!(state().await);
            },
        )
        .await;
    }
}
