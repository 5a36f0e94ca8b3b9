//! Recomputing the chain: which row was changed, is missing, was added or stands at another place.
//!
//! Links and the rows that they bind are read side by side in their order, a thousand at a time, so a log of any
//! length fits into little memory. Nothing is written. Not here: binding (`bind`), how it is told (`app`).
//! The rule that surprises: after a flaw the walk goes on behind it, from what the tables say, so that each flaw is
//! named where it is and nothing behind it is called wrong for it.

use super::{Head, LineRow, Link, LookRow, Tip, digest, what};
use crate::Site;
use crate::store::{
    BOUND_BESIDE, BOUND_LINES, BOUND_LOOKS, BOUND_OF, GUARDS_POSTGRES, GUARDS_SQLITE, HEADS,
    LAST_HEADS, LAST_SEQ, LINK, LINKS, LOOKS_BESIDE, TIP, WAITING,
};
use db::{Engine, sql};
use kernel::error::{Doing as _, Result};
use kernel::{Day, Moment, Said, said};
use std::collections::BTreeMap;

/// Links that are read together.
const AT_ONCE: i64 = 1_000;
/// Rows that may claim them: more than there are links only where somebody added some.
const ROWS_AT_ONCE: i64 = 2 * AT_ONCE;
/// Flaws that are named; of more the number is told.
const NAMED: usize = 1_000;
/// What a glance recomputes: this many links from the end.
const GLANCE: i64 = 500;
/// And this many heads.
const GLANCE_HEADS: i64 = 40;

/// A head that was kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The day.
    pub day_on: String,
    /// How many rows it had.
    pub count: i64,
    /// The hash behind the last of them.
    pub hash: String,
    /// Whether that day was not over yet.
    pub is_open: bool,
}

impl Kept {
    /// Of a head; the line of it is what [`std::fmt::Display`] says.
    pub fn of(head: &Head, is_open: bool) -> Kept {
        Kept {
            day_on: head.day_on.clone(),
            count: head.count(),
            hash: head.hash.clone(),
            is_open,
        }
    }
    /// Reads a line as it was printed; none when it is no such line.
    pub fn read(line: &str) -> Option<Kept> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (day, count, hash, is_open) = match words[..] {
            [day, count, hash] => (day, count, hash, false),
            [day, count, hash, "open"] => (day, count, hash, true),
            _ => return None,
        };
        day.parse::<Day>().ok()?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        Some(Kept {
            day_on: day.to_owned(),
            count: count.parse().ok().filter(|count| *count > 0)?,
            hash: is_hash.then(|| hash.to_ascii_lowercase())?,
            is_open,
        })
    }
}

impl std::fmt::Display for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Kept {
            day_on,
            count,
            hash,
            is_open,
        } = self;
        let open = if *is_open { " open" } else { "" };
        write!(f, "{day_on} {count} {hash}{open}")
    }
}

/// What is to be verified: all, unless days bound it.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// From that day on.
    pub from: Option<Day>,
    /// To the end of that day.
    pub to: Option<Day>,
    /// Heads that were kept elsewhere.
    pub kept: Vec<Kept>,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    /// Links that were recomputed, with the rows they bind.
    pub links: u64,
    /// Of these, lines from before there was a chain: bound as they were found.
    pub old: u64,
    /// What is wrong, the first thousand.
    pub flaws: Vec<Said>,
    /// How much is wrong.
    pub wrong: u64,
    /// Lines that are written and not bound yet.
    pub waiting: i64,
    /// The instant of the oldest of them.
    pub waiting_since: Option<Moment>,
    /// The day at which it was stopped.
    pub stopped_on: Option<String>,
}

impl Verified {
    fn say(&mut self, flaw: Said) {
        self.wrong += 1;
        if self.flaws.len() < NAMED {
            self.flaws.push(flaw);
        }
    }
}

/// Told how many links are done, of how many; answers whether to go on.
pub type Tick<'a> = &'a mut (dyn FnMut(u64, u64) -> bool + Send);

#[derive(db::FromRow)]
struct BoundLine {
    bound_seq: i64,
    #[sqlx(flatten)]
    row: LineRow,
}

#[derive(db::FromRow)]
struct BoundLook {
    bound_seq: i64,
    #[sqlx(flatten)]
    row: LookRow,
}

/// A row that claims a place.
struct Claim {
    id: String,
    hash: String,
    is_look: bool,
}

/// The heads of the days in question, and the day that is not over: for whoever keeps them elsewhere.
///
/// # Errors
/// Database faults.
pub async fn heads(site: &Site, from: Option<Day>, to: Option<Day>) -> Result<Vec<Kept>> {
    let (heads, tip) = all_heads(site).await?;
    let is_asked = |kept: &Kept| {
        let Ok(day) = kept.day_on.parse::<Day>() else {
            return true; // an odd one is shown rather than hidden
        };
        from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to)
    };
    let open = tip.as_ref().and_then(Tip::open_day);
    let heads = heads.iter().map(|head| Kept::of(head, false));
    let all = heads.chain(open.map(|head| Kept::of(&head, true)));
    Ok(all.filter(is_asked).collect())
}

/// The newest heads, the newest first, the day that is not over before them: for a page.
///
/// # Errors
/// Database faults.
pub async fn newest_heads(site: &Site, days: i64) -> Result<Vec<Kept>> {
    let tip: Option<Tip> = sql(TIP).maybe(site.db.read()).await?;
    let open = tip.as_ref().and_then(Tip::open_day);
    let heads: Vec<Head> = sql(LAST_HEADS).bind(days).all(site.db.read()).await?;
    let heads = heads.iter().map(|head| Kept::of(head, false));
    let open = open.map(|head| Kept::of(&head, true));
    Ok(open.into_iter().chain(heads).collect())
}

/// One row a day: a hundred years are forty thousand.
async fn all_heads(site: &Site) -> Result<(Vec<Head>, Option<Tip>)> {
    let tip: Option<Tip> = sql(TIP).maybe(site.db.read()).await?;
    let mut all: Vec<Head> = Vec::new();
    loop {
        let after = all.last().map_or(0, |head| head.last_seq);
        let part: Vec<Head> = sql(HEADS)
            .bind(after)
            .bind(AT_ONCE)
            .all(site.db.read())
            .await?;
        if part.is_empty() {
            return Ok((all, tip));
        }
        all.extend(part);
    }
}

/// How many rows are bound.
///
/// # Errors
/// Database faults.
pub async fn bound(site: &Site) -> Result<i64> {
    sql(LAST_SEQ).count(site.db.read()).await
}

/// Recomputes the chain.
///
/// # Errors
/// Database faults; a flaw is no error.
pub async fn verify(site: &Site, asked: &Asked, tick: Tick<'_>) -> Result<Verified> {
    let (heads, tip) = all_heads(site).await?;
    let first = match asked.from.map(|day| day.to_string()) {
        None => 1,
        Some(from) => {
            let open = tip.as_ref().map_or(1, |tip| match tip.day_on < from {
                true => tip.seq + 1,
                false => tip.first_seq,
            });
            let of_day = heads.iter().find(|head| head.day_on >= from);
            of_day.map_or(open, |head| head.first_seq.max(1))
        }
    };
    let last = match (&tip, asked.to.map(|day| day.to_string())) {
        (Some(tip), Some(to)) if tip.day_on > to => {
            let mut of_days = heads.iter().rev();
            let of_day = of_days.find(|head| head.day_on <= to);
            Some(of_day.map_or(0, |head| head.last_seq))
        }
        _ => None,
    };
    let mut found = Verified::default();
    for kept in &asked.kept {
        look_for(site, kept, &heads, tip.as_ref(), &mut found).await?;
    }
    let mut walk = Walk::new(site, &heads, first, &mut found).await?;
    walk.to(last, tip.as_ref(), tick).await?;
    note_waiting(site, &mut found).await?;
    Ok(found)
}

/// What `sotay check` is told.
#[derive(Debug, Clone, Default)]
pub struct Glance {
    /// Heads there are.
    pub heads: usize,
    /// What was found.
    pub found: Verified,
    /// Guards of the tables that somebody took away.
    pub unguarded: Vec<&'static str>,
}

/// What keeps the rows of the log from being changed, by name, on both databases.
const GUARDS: [&str; 9] = [
    "audit_event_no_update",
    "audit_event_no_delete",
    "audit_access_no_update",
    "audit_access_no_delete",
    "audit_link_no_update",
    "audit_link_no_delete",
    "audit_head_no_update",
    "audit_head_no_delete",
    "audit_tip_no_update",
];
/// The same of SQLite, where a row can be put in place of another.
const GUARDS_OF_SQLITE: [&str; 4] = [
    "audit_event_no_replace",
    "audit_link_no_replace",
    "audit_head_no_replace",
    "audit_tip_no_replace",
];

/// Looks at the seals of the last heads and recomputes the end of the chain: what costs little.
///
/// # Errors
/// Database faults.
pub async fn glance(site: &Site) -> Result<Glance> {
    let tip: Option<Tip> = sql(TIP).maybe(site.db.read()).await?;
    let mut heads: Vec<Head> = sql(LAST_HEADS)
        .bind(GLANCE_HEADS)
        .all(site.db.read())
        .await?;
    heads.reverse();
    let mut found = Verified::default();
    let last = tip.as_ref().map_or(0, |tip| tip.seq);
    let first = (last - GLANCE + 1).max(1);
    for head in heads.iter().filter(|head| head.last_seq < first) {
        look_at_the_seal(site, head, &mut found);
    }
    let mut walk = Walk::new(site, &heads, first, &mut found).await?;
    walk.to(None, tip.as_ref(), &mut |_, _| true).await?;
    note_waiting(site, &mut found).await?;
    Ok(Glance {
        heads: heads.len(),
        found,
        unguarded: unguarded(site).await?,
    })
}

async fn unguarded(site: &Site) -> Result<Vec<&'static str>> {
    // Neither database knows the other's way to ask.
    let (text, more): (_, &[_]) = match site.db.engine() {
        Engine::Sqlite => (GUARDS_SQLITE, &GUARDS_OF_SQLITE),
        Engine::Postgres => (GUARDS_POSTGRES, &[]),
    };
    let there: Vec<(String,)> = sql(text).all(site.db.read()).await?;
    let is_gone = |guard: &&str| there.iter().all(|(name,)| name != *guard);
    let all = GUARDS.iter().chain(more).copied();
    Ok(all.filter(|guard| is_gone(guard)).collect())
}

async fn note_waiting(site: &Site, found: &mut Verified) -> Result<()> {
    let (lines, since): (i64, i64) = sql(WAITING).one(site.db.read()).await?;
    found.waiting = lines;
    found.waiting_since = (lines > 0).then_some(Moment(since));
    Ok(())
}

fn look_at_the_seal(site: &Site, head: &Head, found: &mut Verified) {
    if !head.is_ours(&site.keys) {
        found.say(said!(
            "{}: its head was changed, or was not made by this handbook",
            head.day_on
        ));
    }
}

/// Whether a head that was kept elsewhere is still in the chain.
async fn look_for(
    site: &Site,
    kept: &Kept,
    heads: &[Head],
    tip: Option<&Tip>,
    found: &mut Verified,
) -> Result<()> {
    let open = tip.and_then(Tip::open_day);
    let closed = heads.iter().map(|head| (head, false));
    let all = closed.chain(open.iter().map(|head| (head, true)));
    // A clock that went back makes two stretches of one day.
    let of_day = all.filter(|(head, _)| head.day_on == kept.day_on);
    for (head, is_open) in of_day {
        let is_whole = kept.is_open || (!is_open && head.count() == kept.count);
        if head.count() < kept.count || !is_whole {
            continue;
        }
        let seq = head.first_seq + kept.count - 1;
        let link: Option<Link> = sql(LINK).bind(seq).maybe(site.db.read()).await?;
        if link.is_some_and(|link| link.hash == kept.hash && link.day_on == kept.day_on) {
            return Ok(());
        }
    }
    found.say(said!(
        "{}: the head that was kept elsewhere, of {} rows, is not in the log: rows of that day or of one before it \
         were cut off or written anew, or the handbook was restored from an archive of before",
        kept.day_on,
        kept.count
    ));
    Ok(())
}

/// A walk along the chain.
struct Walk<'a> {
    site: &'a Site,
    heads: std::iter::Peekable<std::slice::Iter<'a, Head>>,
    found: &'a mut Verified,
    first: i64,
    /// The link before, or what a cut left of it.
    seq: i64,
    hash: String,
    day: String,
}

impl<'a> Walk<'a> {
    async fn new(
        site: &'a Site,
        heads: &'a [Head],
        first: i64,
        found: &'a mut Verified,
    ) -> Result<Walk<'a>> {
        let before: Option<Link> = sql(LINK).bind(first - 1).maybe(site.db.read()).await?;
        let mut walk = Walk {
            site,
            heads: heads.iter().peekable(),
            found,
            first,
            seq: first - 1,
            hash: String::new(),
            day: String::new(),
        };
        if let Some(before) = before {
            (walk.hash, walk.day) = (before.hash, before.day_on);
        } else if first > 1 {
            walk.found
                .say(said!("row {}: its link is missing", first - 1));
        }
        while walk.heads.next_if(|head| head.last_seq < first).is_some() {}
        Ok(walk)
    }

    /// Walks to that link, or to the end.
    async fn to(&mut self, last: Option<i64>, tip: Option<&Tip>, tick: Tick<'_>) -> Result<()> {
        // What is bound meanwhile is none of this walk.
        let goal = match (last, tip) {
            (Some(last), _) => last,
            (None, Some(tip)) => tip.seq,
            (None, None) => sql(LAST_SEQ).count(self.site.db.read()).await?,
        };
        let all = u64::try_from(goal - self.first + 1).unwrap_or(0);
        while self.seq < goal {
            let links: Vec<Link> = sql(LINKS)
                .bind(self.seq)
                .bind(AT_ONCE.min(goal - self.seq))
                .all(self.site.db.read())
                .await?;
            // Behind the last link up to the goal there may be rows whose links are gone.
            let is_last = links.last().is_none_or(|link| link.seq >= goal);
            let links: Vec<Link> = links.into_iter().filter(|link| link.seq <= goal).collect();
            let until = if is_last {
                goal
            } else {
                links.last().map_or(goal, |link| link.seq)
            };
            let mut claims = self.claims(until).await.doing("reading the log")?;
            self.look_at(&links, &mut claims).await?;
            if self.seq < until {
                let day = self.day.clone();
                self.gap(&day, self.seq + 1, until);
                self.seq = until;
            }
            for (seq, rows) in claims {
                for row in rows {
                    self.found
                        .say(said!("row {}: {} was added: no link binds it", seq, row.id));
                }
            }
            let done = u64::try_from(self.seq - self.first + 1).unwrap_or(0);
            if !tick(done.min(all), all) {
                self.found.stopped_on = Some(self.day.clone());
                return Ok(());
            }
        }
        match (last, tip) {
            (Some(_), _) => self.end_of_day(true),
            (None, Some(tip)) => self.end(tip).await?,
            (None, None) => self
                .found
                .say(said!("the tip of the log is missing: somebody removed it")),
        }
        Ok(())
    }

    /// The rows that claim a place up to that number.
    async fn claims(&self, until: i64) -> Result<BTreeMap<i64, Vec<Claim>>> {
        let mut claims: BTreeMap<i64, Vec<Claim>> = BTreeMap::new();
        let read = self.site.db.read();
        let lines: Vec<BoundLine> = sql(BOUND_LINES)
            .bind(self.seq)
            .bind(until)
            .bind(ROWS_AT_ONCE)
            .all(read)
            .await?;
        for line in lines {
            claims.entry(line.bound_seq).or_default().push(Claim {
                hash: line.row.hash(),
                id: line.row.id,
                is_look: false,
            });
        }
        let looks: Vec<BoundLook> = sql(BOUND_LOOKS)
            .bind(self.seq)
            .bind(until)
            .bind(ROWS_AT_ONCE)
            .all(read)
            .await?;
        for look in looks {
            claims.entry(look.bound_seq).or_default().push(Claim {
                hash: look.row.hash(),
                id: look.row.id(),
                is_look: true,
            });
        }
        Ok(claims)
    }

    async fn look_at(
        &mut self,
        links: &[Link],
        claims: &mut BTreeMap<i64, Vec<Claim>>,
    ) -> Result<()> {
        for link in links {
            if link.seq > self.seq + 1 {
                self.gap(&link.day_on, self.seq + 1, link.seq - 1);
            } else if link.hash != link.hash_after(&self.hash) {
                self.found.say(said!(
                    "{}, row {}: its link does not follow from the one before: it was changed, or stands at another place",
                    link.day_on,
                    link.seq
                ));
            }
            if link.day_on != self.day {
                self.end_of_day(self.seq >= self.first);
                self.day.clone_from(&link.day_on);
            }
            self.row_of(link, claims).await?;
            (self.seq, self.hash) = (link.seq, link.hash.clone());
            self.found.links += 1;
        }
        Ok(())
    }

    fn gap(&mut self, day: &str, from: i64, to: i64) {
        self.found.say(said!(
            "{}, rows {} to {}: removed from the log, their links too",
            day,
            from,
            to
        ));
        self.found.wrong += u64::try_from(to - from).unwrap_or(0);
    }

    /// Compares the row that a link binds.
    async fn row_of(&mut self, link: &Link, claims: &mut BTreeMap<i64, Vec<Claim>>) -> Result<()> {
        let (day, seq, id) = (&link.day_on, link.seq, &link.row_id);
        if link.what == what::DOUBT {
            let is_as_told = link.row_hash == digest(&["sotay doubt 1", id]);
            self.found.say(match is_as_told {
                true => said!(
                    "{}, row {}: the end of the log was not what the program had left: rows before it were cut off, or \
                     written by another hand",
                    day,
                    seq
                ),
                false => said!("{}, row {}: {} was changed", day, seq, "doubt"),
            });
            return Ok(());
        }
        if link.what == what::OLD {
            self.found.old += 1;
        }
        let is_look = link.what == what::LOOK;
        let rows = claims.get_mut(&seq);
        let own = rows.and_then(|rows| {
            let at = (rows.iter()).position(|row| row.id == *id && row.is_look == is_look)?;
            Some(rows.swap_remove(at))
        });
        match own {
            Some(row) if row.hash != link.row_hash => {
                self.found
                    .say(said!("{}, row {}: {} was changed", day, seq, id));
            }
            Some(_) if link.what == what::FOREIGN => self.found.say(said!(
                "{}, row {}: {} was added by another hand",
                day,
                seq,
                id
            )),
            Some(_) => {}
            None => {
                let elsewhere = match is_look {
                    true => None,
                    false => {
                        let place = sql(BOUND_OF).bind(id);
                        place.maybe(self.site.db.read()).await?
                    }
                };
                let told = match elsewhere {
                    Some((at,)) => {
                        let at: i64 = at;
                        // Named once: not as added where it stands.
                        if let Some(rows) = claims.get_mut(&at) {
                            rows.retain(|row| row.id != *id || row.is_look);
                        }
                        said!(
                            "{}, row {}: {} is out of order: it stands at {}",
                            day,
                            seq,
                            id,
                            at
                        )
                    }
                    None => said!("{}, row {}: {} is missing", day, seq, id),
                };
                self.found.say(told);
            }
        }
        Ok(())
    }

    /// A day ends behind the link before: its head stands there, and nowhere within a day.
    fn end_of_day(&mut self, is_within: bool) {
        // What the walk did not come past is not its own.
        if !is_within || self.day.is_empty() {
            return;
        }
        let (seq, hash) = (self.seq, self.hash.clone());
        let mut own = None;
        while let Some(head) = self.heads.next_if(|head| head.last_seq <= seq) {
            match head.last_seq == seq {
                true => own = Some(head),
                false => self.stray(head),
            }
        }
        let Some(head) = own else {
            let told = said!("{}: its head is missing", self.day);
            self.found.say(told);
            return;
        };
        if head.hash != hash || head.day_on != self.day {
            let told = said!("{}: its head is not what its rows come to", self.day);
            self.found.say(told);
        } else {
            look_at_the_seal(self.site, head, self.found);
        }
    }

    fn stray(&mut self, head: &Head) {
        self.found.say(said!(
            "{}: its head stands at row {}, where no day ends",
            head.day_on,
            head.last_seq
        ));
    }

    /// The end of the chain, as the tip says it.
    async fn end(&mut self, tip: &Tip) -> Result<()> {
        let last: Option<Link> = sql(LINK).bind(tip.seq).maybe(self.site.db.read()).await?;
        if !tip.is_ours(&self.site.keys, last.as_ref()) {
            self.found.say(said!(
                "the end of the log, row {}, is not what the program left: rows were cut off, or written by another hand",
                tip.seq
            ));
        }
        // The day may have been closed since.
        if self
            .heads
            .peek()
            .is_some_and(|head| head.last_seq == self.seq)
        {
            self.end_of_day(true);
        }
        let end: i64 = sql(LAST_SEQ).count(self.site.db.read()).await?;
        let end = end.max(tip.seq);
        while let Some(head) = self.heads.next() {
            // One between the two was made while this walk went on.
            if head.last_seq < self.seq || head.last_seq > end {
                self.stray(head);
            }
        }
        for stmt in [BOUND_BESIDE, LOOKS_BESIDE] {
            let beside: Vec<(String,)> = sql(stmt).bind(end).all(self.site.db.read()).await?;
            if beside.is_empty() {
                continue;
            }
            // What was bound between the two questions has its link by now; another hand's row never gets one.
            let end: i64 = sql(LAST_SEQ).count(self.site.db.read()).await?;
            let still: Vec<(String,)> = sql(stmt).bind(end).all(self.site.db.read()).await?;
            for (id,) in beside.into_iter().filter(|row| still.contains(row)) {
                self.found.say(said!("{} was added: no link binds it", id));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_printed_is_read_again_and_no_other_is() {
        let hash = "0f".repeat(32);
        for is_open in [true, false] {
            let kept = Kept {
                day_on: "2026-11-23".into(),
                count: 7,
                hash: hash.clone(),
                is_open,
            };
            assert_eq!(Kept::read(&kept.to_string()), Some(kept));
        }
        for bad in [
            String::new(),
            format!("2026-11-23 7 {hash} closed"),
            format!("23/11/2026 7 {hash}"),
            format!("2026-11-23 0 {hash}"),
            "2026-11-23 7 0f0f".into(),
        ] {
            assert_eq!(Kept::read(&bad), None, "{bad}");
        }
    }
}
