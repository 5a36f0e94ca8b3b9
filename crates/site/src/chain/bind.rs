//! Binding: what was committed is given its place in the chain, by one process at a time.
//!
//! Whoever binds takes the tip first, so several servers take turns; those who write lines never wait for it. A look
//! is bound when its hour has been over for an hour. Not here: recomputing (`verify`).
//! The rule that surprises: when the end of the chain is not what the program left, that is bound too, as a doubt,
//! and the chain goes on: the log must never stop, and must never cover up.

use super::{LineRow, Link, LookRow, TIP_SPOT, Tip, digest, head_spot, what};
use crate::Site;
use crate::seal::Keys;
use crate::store::{
    ADD_HEAD, BIND_LINES, BIND_LOOK, LAST_LINK, LINES_TO_BIND, LOOKS_TO_BIND, MOVE_TIP, TAKE_TIP,
    WAITS, add_links,
};
use db::{Tx, sql};
use kernel::error::{Doing as _, Error, Result};
use kernel::{Moment, said};
use std::time::Duration;

/// Rows of each kind that one transaction binds.
const AT_ONCE: i64 = 400;
/// Links that one statement adds; what is left of it is added one by one, so that two statements do.
const TOGETHER: usize = 50;
const HOUR_MS: i64 = 3_600_000;
/// How often it is looked whether anything waits.
const PAUSE: Duration = Duration::from_secs(5);
/// Between two portions of many, so that others come to write.
const BREATH: Duration = Duration::from_millis(20);

#[derive(db::FromRow)]
struct Written {
    #[sqlx(flatten)]
    row: LineRow,
    written_mac: String,
}

/// Binds all that waits, and closes the day if it is over. Answers how many rows were bound.
///
/// # Errors
/// Database faults; what waits goes on waiting.
pub async fn bind(site: &Site) -> Result<u64> {
    bind_with(site, &site.keys).await
}

/// The same with other keys than the site has: within a change of the key.
///
/// # Errors
/// As [`bind`].
pub async fn bind_with(site: &Site, keys: &Keys) -> Result<u64> {
    let mut all = 0;
    loop {
        let portion = bind_some(site, keys).await.doing("binding the log")?;
        all += portion.rows;
        if !portion.is_full {
            return Ok(all);
        }
    }
}

/// Binds beside the requests until told to stop, and once more then.
pub async fn follow(site: Site, mut stop: tokio::sync::watch::Receiver<bool>) {
    loop {
        let pause = match bind_some(&site, &site.keys).await {
            Ok(portion) if portion.is_full => BREATH,
            Ok(_) => PAUSE,
            Err(error) => {
                tracing::warn!(cause = error.log_text(), "the log could not be bound");
                PAUSE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => break,
        }
    }
    if let Err(error) = bind(&site).await {
        // It waits for the next start.
        tracing::warn!(cause = error.log_text(), "the log could not be bound");
    }
}

#[derive(Default)]
struct Portion {
    rows: u64,
    is_full: bool,
}

async fn bind_some(site: &Site, keys: &Keys) -> Result<Portion> {
    let now = site.clock.now();
    // Whoever looked in that hour has committed long since; a look that comes later opens a row of its own.
    let until = Moment(now.0 - 2 * HOUR_MS);
    let waits = sql(WAITS).bind(until).bind(now.day().to_string());
    if waits.count(site.db.read()).await? == 0 {
        return Ok(Portion::default());
    }
    let mut tx = site.db.begin().await?;
    let tip: Option<Tip> = sql(TAKE_TIP).maybe(&mut *tx).await?;
    let tip =
        tip.ok_or_else(|| Error::fault("the tip of the log is missing: somebody removed it"))?;
    let last: Option<Link> = sql(LAST_LINK).maybe(&mut *tx).await?;
    let mut chain = Chain::behind(site, keys, tip, last.as_ref(), now);
    chain.close_the_day(&mut tx).await?;
    let lines: Vec<Written> = sql(LINES_TO_BIND).bind(AT_ONCE).all(&mut *tx).await?;
    for line in &lines {
        chain.add_line(line);
    }
    let looks: Vec<LookRow> = sql(LOOKS_TO_BIND)
        .bind(until)
        .bind(AT_ONCE)
        .all(&mut *tx)
        .await?;
    for look in &looks {
        chain.add_look(&mut tx, look).await?;
    }
    let most = usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
    let portion = Portion {
        rows: u64::try_from(chain.links.len()).unwrap_or(0),
        is_full: lines.len() == most || looks.len() == most,
    };
    chain.keep(&mut tx, lines.len()).await?;
    site.db.commit(tx).await?;
    Ok(portion)
}

/// The chain while it is being lengthened.
struct Chain<'a> {
    site: &'a Site,
    keys: &'a Keys,
    /// As it was taken.
    began: i64,
    tip: Tip,
    day: String,
    now: Moment,
    links: Vec<Link>,
}

impl<'a> Chain<'a> {
    /// Goes on behind the last link. An end that is not as the program left it is told in a link of its own.
    fn behind(
        site: &'a Site,
        keys: &'a Keys,
        mut tip: Tip,
        last: Option<&Link>,
        now: Moment,
    ) -> Chain<'a> {
        let is_ours = tip.is_ours(keys, last);
        let (last_seq, last_hash) = last.map_or((0, ""), |link| (link.seq, &link.hash));
        let told = format!(
            "the tip said {} {}, the last link is {last_seq} {last_hash}",
            tip.seq, tip.hash
        );
        // Never a number twice; where links were cut off the gap stays.
        if last_seq > tip.seq {
            (tip.seq, tip.hash) = (last_seq, last_hash.to_owned());
        }
        let today = now.day().to_string();
        // Two clocks at midnight are no way back in time.
        let is_back = now.0 < tip.bound_at.saturating_sub(HOUR_MS);
        let day = match today > tip.day_on || is_back {
            true => today,
            false => tip.day_on.clone(),
        };
        let mut chain = Chain {
            site,
            keys,
            began: tip.seq,
            tip,
            day,
            now,
            links: Vec::new(),
        };
        if !is_ours {
            tracing::error!(found = told, "the end of the log is not what was left");
            let hash = digest(&["sotay doubt 1", &told]);
            // Of the day that was: the new one has not begun.
            let day = chain.day.clone();
            if !chain.tip.day_on.is_empty() {
                chain.day.clone_from(&chain.tip.day_on);
            }
            chain.add(what::DOUBT, told, hash);
            chain.day = day;
        }
        chain
    }

    fn add(&mut self, what: &str, row_id: String, row_hash: String) {
        let mut link = Link {
            seq: self.tip.seq + 1,
            day_on: self.day.clone(),
            what: what.to_owned(),
            row_id,
            row_hash,
            hash: String::new(),
        };
        link.hash = link.hash_after(&self.tip.hash);
        self.tip.seq = link.seq;
        self.tip.day_on.clone_from(&link.day_on);
        self.tip.hash.clone_from(&link.hash);
        self.links.push(link);
    }

    fn add_line(&mut self, line: &Written) {
        let mac = &line.written_mac;
        let is_ours = || {
            let keys = self.keys.each();
            keys.iter().any(|keys| line.row.mac(keys) == *mac)
        };
        let what = if mac.is_empty() && self.tip.old > 0 {
            self.tip.old -= 1;
            what::OLD
        } else if !mac.is_empty() && is_ours() {
            what::LINE
        } else {
            tracing::error!(id = line.row.id, "a line of the log is by another hand");
            what::FOREIGN
        };
        self.add(what, line.row.id.clone(), line.row.hash());
    }

    /// A look that was counted once more since it was read is left for the next time.
    async fn add_look(&mut self, tx: &mut Tx, look: &LookRow) -> Result<()> {
        let bound = sql(BIND_LOOK)
            .bind(self.tip.seq + 1)
            .bind(&look.actor_id)
            .bind(&look.about_member_id)
            .bind(look.hour_at)
            .bind(&look.level)
            .bind(&look.purpose)
            .bind(look.reads)
            .run(&mut **tx)
            .await?;
        if bound == 1 {
            self.add(what::LOOK, look.id(), look.hash());
        }
        Ok(())
    }

    /// Leaves the head of a day that is over.
    async fn close_the_day(&mut self, tx: &mut Tx) -> Result<()> {
        if self.day == self.tip.day_on {
            return Ok(());
        }
        if let Some(head) = self.tip.open_day() {
            let row = head.last_seq.to_string();
            let sealed = (self.keys).seal_at(head_spot(&row), &head.plain(), &self.site.dice)?;
            sql(ADD_HEAD)
                .bind(head.last_seq)
                .bind(&head.day_on)
                .bind(head.first_seq)
                .bind(&head.hash)
                .bind(sealed)
                .run(&mut **tx)
                .await?;
        }
        self.tip.first_seq = self.tip.seq + 1;
        self.tip.day_on.clone_from(&self.day);
        Ok(())
    }

    /// Writes the links, marks the lines, moves the tip on.
    async fn keep(mut self, tx: &mut Tx, lines: usize) -> Result<()> {
        let (many, rest) = self.links.as_chunks::<TOGETHER>();
        let rest = rest.iter().map(std::slice::from_ref);
        for links in many.iter().map(|links| links.as_slice()).chain(rest) {
            let mut statement = add_links(links.len());
            for link in links {
                statement = statement
                    .bind(link.seq)
                    .bind(&link.day_on)
                    .bind(&link.what)
                    .bind(&link.row_id)
                    .bind(&link.row_hash)
                    .bind(&link.hash);
            }
            statement.run(&mut **tx).await?;
        }
        if lines > 0 {
            let bound = sql(BIND_LINES)
                .bind(self.began)
                .bind(self.tip.seq)
                .run(&mut **tx)
                .await?;
            if bound != u64::try_from(lines).unwrap_or(0) {
                return Err(Error::fault(said!(
                    "of {} lines {} were bound",
                    lines,
                    bound
                )));
            }
        }
        let tip = &mut self.tip;
        tip.bound_at = self.now.0;
        let sealed = self.keys.seal_at(TIP_SPOT, &tip.plain(), &self.site.dice)?;
        sql(MOVE_TIP)
            .bind(tip.seq)
            .bind(&tip.day_on)
            .bind(tip.first_seq)
            .bind(&tip.hash)
            .bind(tip.bound_at)
            .bind(tip.old)
            .bind(sealed)
            .run(&mut **tx)
            .await?;
        Ok(())
    }
}
