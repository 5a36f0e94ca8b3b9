//! Codes of members in lists of others: given, ended, listed. Each is stated in the ledger as it is written.
//!
//! What a code means is nobody's business here: it is kept as it was written. Not here: the code of the handbook itself
//! (`external_id` of the record), with which people sign in.
//! The rule that surprises: a second code of one scheme ends the first on its own first day; the same code again is none.

use crate::access::Records;
use crate::fact::{EventKind, Scheme};
use crate::known::code_key;
use crate::ledger::fold::About;
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
    OPEN = "select id, code, from_on from people_code where member_id = $1 and scheme = $2 and to_on = '9999-12-31'";
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

fn refused(member: &MemberId) -> Error {
    Refusal::new("people-code-refused-day")
        .way_out(
            format!("/members/{member}/codes"),
            "people-code-refused-look",
        )
        .into()
}

async fn find_open<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    scheme: Scheme,
) -> Result<Option<(String, String, Day)>> {
    let open: Option<(String, String, String)> = sql(OPEN)
        .bind(member)
        .bind(scheme.word())
        .maybe(act.on())
        .await?;
    let read = |(id, code, from): (String, String, String)| {
        Ok((id, code, from.parse().map_err(Error::fault)?))
    };
    open.map(read).transpose()
}

/// Gives a member a code from that day on, by that paper; the one of the scheme until then ends. Answers whether
/// anything changed: the same code again changes nothing.
///
/// # Errors
/// Refused when the code of the scheme began on that day or later.
pub(crate) async fn give<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    (scheme, code): (Scheme, &str),
    from_on: Day,
    paper: &str,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds(act, member).await?;
    let open = find_open(act, member, scheme).await?;
    if let Some((id, old, since)) = &open {
        if code_key(old) == code_key(code) {
            return Ok(false);
        }
        if *since >= from_on {
            return Err(refused(member));
        }
        close(act, member, (id, scheme), from_on, paper).await?;
    }
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
    Ok(true)
}

/// Ends the code of a scheme on that day, its first day without it. Answers whether there was one.
///
/// # Errors
/// Refused when it began on that day or later.
pub(crate) async fn end<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    scheme: Scheme,
    on: Day,
    paper: &str,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds(act, member).await?;
    let Some((id, _, since)) = find_open(act, member, scheme).await? else {
        return Ok(false);
    };
    if since >= on {
        return Err(refused(member));
    }
    close(act, member, (&id, scheme), on, paper).await?;
    Ok(true)
}

async fn close<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    (id, scheme): (&str, Scheme),
    on: Day,
    paper: &str,
) -> Result<()> {
    holds(act, member).await?;
    let event = Event::new(member, EventKind::CodeEnded, on)
        .decision(paper)
        .payload(serde_json::json!({ "code": id, "scheme": scheme.word() }));
    let line = add_own_event(act, &event).await?;
    let said = ledger::of_ending(id, on);
    ledger::say(act, member, (&line, About::Code), &said).await?;
    sql(CLOSE).bind(id).bind(on).run(act.on()).await?;
    Ok(())
}
