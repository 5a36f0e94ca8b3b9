//! The numbered feed of the search index: rooms announce, one follower per process catches up.
//!
//! The number comes from a counter row that the writer locks until it commits, so no number can
//! appear after a higher one was read. Imports from another process are seen the same way.
//! The rule that surprises: a thing that cannot be loaded is set aside and named by `sotay check`; the
//! index goes on without it and tries again when it changes or when all is built anew.

use crate::Feed;
use crate::store::{
    ADD_CHANGE, CHANGES_SINCE, LAST_CHANGE, NEXT_CHANGE, SET_ASIDE, TAKEN_UP, TROUBLES,
};
use crate::{May as _, Program, Site};
use db::{Tx, sql};
use kernel::error::{Doing, Error, Result};
use std::collections::BTreeMap;

/// Says that a searchable thing changed or is gone. Same transaction as the change.
pub async fn announce(tx: &mut Tx, kind: &str, subject_id: &str) -> Result<()> {
    let seq = sql(NEXT_CHANGE).count(&mut **tx).await?;
    sql(ADD_CHANGE)
        .bind(seq)
        .bind(kind)
        .bind(subject_id)
        .run(&mut **tx)
        .await?;
    Ok(())
}

/// The newest number.
pub async fn last(site: &Site) -> Result<i64> {
    sql(LAST_CHANGE).count(site.db.read()).await
}

#[derive(db::FromRow)]
struct Change {
    seq: i64,
    kind: String,
    subject_id: String,
}

/// Subjects loaded at once.
const BATCH: i64 = 200;

/// Brings the index up to the newest announcement. Answers how many subjects were looked at.
pub async fn catch_up(site: &Site, feeds: &[Feed]) -> Result<u64> {
    let mut done = 0;
    loop {
        let from = i64::try_from(site.index.writer().last_seq()).unwrap_or(0);
        let changes: Vec<Change> = sql(CHANGES_SINCE)
            .bind(from)
            .bind(BATCH)
            .all(site.db.read())
            .await?;
        let Some(newest) = changes.last().map(|change| change.seq) else {
            return Ok(done);
        };
        let mut by_kind: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for change in &changes {
            let ids = by_kind.entry(&change.kind).or_default();
            if !ids.contains(&change.subject_id) {
                ids.push(change.subject_id.clone());
            }
        }
        for (kind, ids) in by_kind {
            let Some(feed) = feeds.iter().find(|feed| feed.kind == kind) else {
                continue;
            };
            done += u64::try_from(ids.len()).unwrap_or(0);
            put_or_set_aside(site, feed, ids).await?;
        }
        commit(site, newest).await?;
    }
}

/// Builds the whole index anew from the database. `progress` is told how many subjects are done.
pub async fn rebuild(site: &Site, feeds: &[Feed], mut progress: impl FnMut(u64)) -> Result<u64> {
    let newest = last(site).await?;
    on_thread(site, |writer| writer.clear()).await?;
    let mut done = 0;
    for feed in feeds {
        let mut after = String::new();
        loop {
            let ids = (feed.list)(site.clone(), after.clone(), BATCH).await?;
            let Some(last) = ids.last().cloned() else {
                break;
            };
            after = last;
            done += u64::try_from(ids.len()).unwrap_or(0);
            put_or_set_aside(site, feed, ids).await?;
            progress(done);
        }
    }
    commit(site, newest).await?;
    catch_up(site, feeds).await?;
    Ok(done)
}

/// Something that the search index is without.
#[derive(Debug, Clone, PartialEq, Eq, db::FromRow)]
pub struct Trouble {
    /// The kind of thing.
    pub kind: String,
    /// Which one.
    pub subject_id: String,
    /// Why, for the operator.
    pub told: String,
}

/// What was set aside, at most a thousand.
///
/// # Errors
/// Database faults.
pub async fn troubles(site: &Site) -> Result<Vec<Trouble>> {
    sql(TROUBLES).all(site.db.read()).await
}

/// Puts these subjects into the index; when that fails, one by one, and those that fail alone are
/// written down. A database that does not answer is nobody's fault: then all is tried again later.
async fn put_or_set_aside(site: &Site, feed: &Feed, ids: Vec<String>) -> Result<()> {
    let known = troubles(site).await?;
    let was_aside = |id: &String| {
        (known.iter()).any(|trouble| trouble.kind == feed.kind && trouble.subject_id == *id)
    };
    let Err(error) = put(site, feed, ids.clone()).await else {
        let mended: Vec<String> = ids.into_iter().filter(was_aside).collect();
        return keep_troubles(site, feed.kind, &[], &mended).await;
    };
    last(site).await?;
    tracing::error!(
        kind = feed.kind,
        cause = error.log_text(),
        "some of what changed cannot be searched"
    );
    let (mut aside, mut mended) = (Vec::new(), Vec::new());
    for id in ids {
        match put(site, feed, vec![id.clone()]).await {
            Ok(()) if was_aside(&id) => mended.push(id),
            Ok(()) => {}
            Err(error @ (Error::Busy { .. } | Error::Clash)) => return Err(error),
            Err(error) => aside.push((id, error.log_text())),
        }
    }
    keep_troubles(site, feed.kind, &aside, &mended).await
}

async fn keep_troubles(
    site: &Site,
    kind: &str,
    aside: &[(String, String)],
    mended: &[String],
) -> Result<()> {
    if aside.is_empty() && mended.is_empty() {
        return Ok(());
    }
    let mut act = Program::part("search")
        .begin_unlogged(site, "search", "feed.set_aside")
        .await?;
    for (id, told) in aside {
        let at = act.now();
        sql(SET_ASIDE)
            .bind(kind)
            .bind(id)
            .bind(told)
            .bind(at)
            .run(act.on())
            .await?;
    }
    for id in mended {
        sql(TAKEN_UP).bind(kind).bind(id).run(act.on()).await?;
    }
    act.end().await.map(|_| ())
}

async fn put(site: &Site, feed: &Feed, ids: Vec<String>) -> Result<()> {
    let items = (feed.load)(site.clone(), ids)
        .await
        .doing("loading what changed")?;
    on_thread(site, move |writer| {
        for item in &items {
            writer.remove_parent(&item.subject_id)?;
            writer.remove(&item.subject_id)?;
            for entry in &item.entries {
                writer.put(entry)?;
            }
        }
        Ok(())
    })
    .await
}

async fn commit(site: &Site, seq: i64) -> Result<()> {
    let seq = u64::try_from(seq).unwrap_or(0);
    on_thread(site, move |writer| writer.commit(seq)).await?;
    site.index.refresh().map_err(Error::fault)
}

async fn on_thread(
    site: &Site,
    work: impl FnOnce(&search::Writer) -> search::Result<()> + Send + 'static,
) -> Result<()> {
    let writer = site.index.writer();
    tokio::task::spawn_blocking(move || work(&writer))
        .await
        .map_err(Error::fault)?
        .map_err(Error::fault)
        .doing("writing the search index")
}

/// Follows the feed until told to stop: looks every half second, which costs one indexed read.
pub async fn follow(site: Site, feeds: Vec<Feed>, mut stop: tokio::sync::watch::Receiver<bool>) {
    loop {
        if let Err(error) = catch_up(&site, &feeds).await {
            tracing::error!(
                cause = error.log_text(),
                "the search index could not catch up"
            );
        }
        tokio::select! {
            () = tokio::time::sleep(std::time::Duration::from_millis(500)) => {}
            _ = stop.changed() => return,
        }
    }
}
