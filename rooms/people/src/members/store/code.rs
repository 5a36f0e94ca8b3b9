//! Codes of members in lists of others: given, ended, listed. Each is stated in the ledger as it is written.
//!
//! What a code means is nobody's business here: it is kept as it was written. Not here: the code of the handbook itself
//! (`external_id` of the record), with which people sign in.
//! The rule that surprises: a second code of one scheme ends the first on its own first day; the same code again is none;
//! a code that began on the very day of its end or of another one was a slip of the pen and never was.

use crate::access::Records;
use crate::fact::{EventKind, Scheme};
use crate::known::code_key;
use crate::ledger::fold::{About, GONE};
use crate::ledger::store as ledger;
use crate::store::{Event, add_own_event, bump_epoch, fresh, holds};
use db::{Db, FromRow, sql};
use kernel::error::{Error, Refusal, Result};
use kernel::fact::Kept;
use kernel::{Day, MemberId};
use site::{Act, Level, Looked};

db::statements! {
    ADD = "insert into people_code (id, member_id, scheme, code, code_key, from_on) values ($1, $2, $3, $4, $5, $6)";
    CLOSE = "update people_code set to_on = $2 where id = $1 and to_on = '9999-12-31'";
    CORRECT = "update people_code set code = $2, code_key = $3 where id = $1 and to_on = '9999-12-31'";
    REMOVE = "delete from people_code where id = $1 and to_on = '9999-12-31'";
    OPEN = "select k.id, k.member_id, k.code, k.from_on from people_code k \
        where k.member_id in (select as_id from v_people_as where member_id = $1) and k.scheme = $2 \
        and k.to_on = '9999-12-31' order by k.member_id, k.id";
    ENDED = "select max(k.to_on) from people_code k \
        where k.member_id in (select as_id from v_people_as where member_id = $1) and k.scheme = $2 \
        and k.to_on > $3 and k.to_on < '9999-12-31'";
    TAKEN = "select w.member_id from people_code k join v_people_as w on w.as_id = k.member_id \
        join people_member m on m.id = w.member_id and m.merged_on = '' \
        where k.scheme = $1 and k.code_key = $2 and k.to_on = '9999-12-31' and w.member_id <> $3 \
        order by w.member_id limit 1";
    OF = "select k.id, k.scheme, k.code, k.from_on, k.to_on from people_code k \
        where k.member_id in (select as_id from v_people_as where member_id = $1) order by k.to_on desc, k.scheme, k.from_on desc, k.id";
}

/// A code, to be read.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct CodeView {
    /// Which.
    pub id: String,
    /// In whose list.
    #[sqlx(try_from = "String")]
    pub scheme: Kept<Scheme>,
    /// As it was written.
    pub code: String,
    /// First day.
    #[sqlx(try_from = "String")]
    pub from_on: Day,
    /// First day on which it no longer holds.
    #[sqlx(try_from = "String")]
    pub to_on: Day,
}

/// Every code of a member and of records merged into it, those that hold first.
pub(crate) async fn list(db: &Db, looked: &Looked, id: &MemberId) -> Result<Vec<CodeView>> {
    if !looked.covers(id, Level::V2) {
        return Err(Error::NotFound);
    }
    sql(OF).bind(id).all(db.read()).await
}

/// What came of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Given {
    /// Something was written.
    Done,
    /// It is recorded so already.
    Same,
    /// Somebody else has it: nothing was written.
    Taken(MemberId),
}

fn refused(member: &MemberId, key: &'static str, day: Day) -> Error {
    Refusal::new(key)
        .arg("day", day.vn())
        .way_out(
            format!("/members/{member}/codes"),
            "people-code-refused-look",
        )
        .into()
}

/// A code that holds: of the record, or of one that was merged into it.
struct Open {
    id: String,
    /// Whose row it is.
    owner: MemberId,
    code: String,
    since: Day,
}

async fn list_open<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    scheme: Scheme,
) -> Result<Vec<Open>> {
    let rows: Vec<(String, String, String, String)> = sql(OPEN)
        .bind(member)
        .bind(scheme.word())
        .all(act.on())
        .await?;
    let mut all = Vec::new();
    for (id, owner, code, since) in rows {
        let owner = MemberId::try_from(owner).map_err(Error::fault)?;
        if owner != *member {
            // Read as the member, who is within the act.
            act.reaches(&owner);
        }
        all.push(Open {
            id,
            owner,
            code,
            since: since.parse().map_err(Error::fault)?,
        });
    }
    Ok(all)
}

/// Gives a member a code from that day on, by that paper; the ones of the scheme until then end, also those of records
/// that were merged in. One that began on that very day was a slip of the pen and is put right. The same code again
/// changes nothing; one that somebody else has is not given. Everybody who writes codes passes the row of the epoch one
/// by one, so of two at once the second sees the first.
///
/// # Errors
/// Refused when a code of the scheme began later than that day, or held until after it.
pub(crate) async fn give<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    (scheme, code): (Scheme, &str),
    from_on: Day,
    paper: &str,
) -> Result<Given> {
    bump_epoch(act).await?;
    holds(act, member).await?;
    let open = list_open(act, member, scheme).await?;
    let is_it = |one: &Open| code_key(&one.code) == code_key(code);
    let (same, others): (Vec<&Open>, Vec<&Open>) = open.iter().partition(|one| is_it(one));
    if let Some(one) = same.first() {
        // Written another way on its own first day it is written anew; else it is known so already.
        let is_anew = one.code != code && one.since == from_on;
        if is_anew {
            correct(act, one, (scheme, code), paper).await?;
        }
        stop(act, member, &others, scheme, from_on, paper).await?;
        return Ok(match is_anew || !others.is_empty() {
            true => Given::Done,
            false => Given::Same,
        });
    }
    let taken: Option<(String,)> = sql(TAKEN)
        .bind(scheme.word())
        .bind(code_key(code))
        .bind(member)
        .maybe(act.on())
        .await?;
    if let Some((other,)) = taken {
        return Ok(Given::Taken(
            MemberId::try_from(other).map_err(Error::fault)?,
        ));
    }
    let (ended,): (Option<String>,) = sql(ENDED)
        .bind(member)
        .bind(scheme.word())
        .bind(from_on)
        .one(act.on())
        .await?;
    if let Some(ended) = ended {
        let ended: Day = ended.parse().map_err(Error::fault)?;
        return Err(refused(member, "people-code-refused-overlap", ended));
    }
    let (wrong, before): (Vec<&Open>, Vec<&Open>) =
        (others.iter()).partition(|one| one.since == from_on);
    if let Some((one, more)) = wrong.split_first() {
        correct(act, one, (scheme, code), paper).await?;
        let rest: Vec<&Open> = more.iter().copied().chain(before).collect();
        stop(act, member, &rest, scheme, from_on, paper).await?;
        return Ok(Given::Done);
    }
    stop(act, member, &others, scheme, from_on, paper).await?;
    let id = fresh(act);
    let event = Event::new(member, EventKind::CodeGiven, from_on)
        .decision(paper)
        .payload(serde_json::json!({ "code": id, "scheme": scheme.word() }));
    let line = add_own_event(act, &event).await?;
    let said = ledger::of_placement(
        &id,
        &[
            ("scheme", scheme.word()),
            ("code", code),
            ("from_on", &from_on.to_string()),
            ("to_on", &Day::OPEN.to_string()),
        ],
    );
    ledger::say(act, member, (&line, About::Code), &said).await?;
    let added = sql(ADD).bind(&id).bind(member).bind(scheme.word());
    let added = added.bind(code).bind(code_key(code)).bind(from_on);
    added.run(act.on()).await?;
    Ok(Given::Done)
}

/// Ends the codes of a scheme on that day, the first day without them, also those of records that were merged in; one
/// that began on that very day never was. Answers whether there was one.
///
/// # Errors
/// Refused when one began later than that day.
pub(crate) async fn end<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    scheme: Scheme,
    on: Day,
    paper: &str,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds(act, member).await?;
    let open = list_open(act, member, scheme).await?;
    let all: Vec<&Open> = open.iter().collect();
    stop(act, member, &all, scheme, on, paper).await?;
    Ok(!all.is_empty())
}

/// Ends these on that day; one that began on that very day never was.
async fn stop<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    all: &[&Open],
    scheme: Scheme,
    on: Day,
    paper: &str,
) -> Result<()> {
    if let Some(late) = all.iter().find(|one| one.since > on) {
        return Err(refused(member, "people-code-refused-day", late.since));
    }
    for one in all {
        match one.since == on {
            true => remove(act, one, scheme, paper).await?,
            false => close(act, one, scheme, on, paper).await?,
        }
    }
    Ok(())
}

/// Opens the line of the ledger of whoever the row belongs to.
async fn line<P: Records>(
    act: &mut Act<P>,
    one: &Open,
    (kind, scheme): (EventKind, Scheme),
    on: Day,
    paper: &str,
) -> Result<String> {
    let event = Event::new(&one.owner, kind, on)
        .decision(paper)
        .payload(serde_json::json!({ "code": one.id, "scheme": scheme.word() }));
    add_own_event(act, &event).await
}

async fn close<P: Records>(
    act: &mut Act<P>,
    one: &Open,
    scheme: Scheme,
    on: Day,
    paper: &str,
) -> Result<()> {
    holds(act, &one.owner).await?;
    let line = line(act, one, (EventKind::CodeEnded, scheme), on, paper).await?;
    let said = ledger::of_ending(&one.id, on);
    ledger::say(act, &one.owner, (&line, About::Code), &said).await?;
    sql(CLOSE).bind(&one.id).bind(on).run(act.on()).await?;
    Ok(())
}

/// A code that was written wrong, on its own first day: the row says the right one from now on.
async fn correct<P: Records>(
    act: &mut Act<P>,
    one: &Open,
    (scheme, code): (Scheme, &str),
    paper: &str,
) -> Result<()> {
    holds(act, &one.owner).await?;
    let of = (EventKind::CodeGiven, scheme);
    let line = line(act, one, of, one.since, paper).await?;
    let said = ledger::of_placement(
        &one.id,
        &[("code", code), ("from_on", &one.since.to_string())],
    );
    ledger::say(act, &one.owner, (&line, About::Code), &said).await?;
    let set = sql(CORRECT).bind(&one.id).bind(code).bind(code_key(code));
    set.run(act.on()).await?;
    Ok(())
}

/// A code that ends on its own first day: it never was, and the ledger says so.
async fn remove<P: Records>(
    act: &mut Act<P>,
    one: &Open,
    scheme: Scheme,
    paper: &str,
) -> Result<()> {
    holds(act, &one.owner).await?;
    let of = (EventKind::CodeEnded, scheme);
    let line = line(act, one, of, one.since, paper).await?;
    let said = ledger::of_placement(&one.id, &[(GONE, "1"), ("from_on", &one.since.to_string())]);
    ledger::say(act, &one.owner, (&line, About::Code), &said).await?;
    sql(REMOVE).bind(&one.id).run(act.on()).await?;
    Ok(())
}
