//! Corrections that members ask for: kept sealed, ended once.
//!
//! Who may read and end them is asked by `members::correction`; the act is asked for the person here.

use crate::access::Records;
use crate::members::correction::{Correction, Field, State};
use crate::store::{bump_epoch, fresh, holds};
use db::{Db, FromRow, in_list, scope_condition, sql, sql_built};
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{Cap, Day, MemberId, Role, Scope};
use site::room::{Again, Bound, KeyFate, OfKey, Sealed, SealedRow};
use site::seal::Spot;
use site::{Act, Operator, Site};

db::statements! {
    OF_MEMBER = "select c.id, c.field, c.value_sealed, c.reason_sealed, c.state, c.made_at, c.answer_sealed, \
        coalesce(m.name, '') as by_name from people_correction c left join people_member m on m.id = c.ended_by \
        where c.member_id = $1 order by case when c.state = 'open' then 0 else 1 end, c.made_at desc, c.id desc \
        limit 60";
    ADD = "insert into people_correction (id, member_id, field, value_sealed, reason_sealed, made_at) \
        values ($1, $2, $3, $4, $5, $6)";
    REPLACE = "update people_correction set state = 'withdrawn', ended_at = $3, ended_by = $1 \
        where member_id = $1 and field = $2 and state = 'open'";
    OPEN = "select count(*) from people_correction where member_id = $1 and state = 'open'";
    OPEN_FIELDS = "select field from people_correction where member_id = $1 and state = 'open'";
    OPEN_OF = "select id, field, value_sealed, reason_sealed, made_at from people_correction \
        where member_id = $1 and state = 'open' order by id";
    SINCE = "select count(*) from people_correction where member_id = $1 and made_at > $2";
    END = "update people_correction set state = $3, ended_at = $4, ended_by = $5, answer_sealed = $6 \
        where id = $1 and member_id = $2 and state = 'open'";
    ALL_OPEN = "select member_id, field from people_correction where state = 'open' order by member_id, field limit 2000";
    SEALED = "select id, value_sealed, reason_sealed, answer_sealed from people_correction \
        where id > $1 order by id limit $2";
    OF = "select member_id from people_correction where id = $1";
    SEAL_AGAIN = "update people_correction set value_sealed = coalesce($2, value_sealed), \
        reason_sealed = coalesce($3, reason_sealed), answer_sealed = coalesce($4, answer_sealed) where id = $1";
}

/// What was asked for and answered, when the key is changed.
pub(crate) const KEYED: OfKey = OfKey {
    table: "people_correction",
    columns: &["value_sealed", "reason_sealed", "answer_sealed"],
    fate: KeyFate::Sealed {
        list: |site, after, limit| Box::pin(async move { list_sealed(&site, &after, limit).await }),
        set: |act, again| Box::pin(set_sealed(act, again)),
    },
};

async fn list_sealed(site: &Site, after: &str, limit: i64) -> Result<Vec<SealedRow>> {
    let asked = sql(SEALED).bind(after).bind(limit);
    let rows: Vec<(String, String, String, String)> = asked.all(site.db.read()).await?;
    let rows = rows.into_iter().map(|(id, value, reason, answer)| {
        let all = [("value", value), ("reason", reason), ("answer", answer)];
        let parts = all.map(|(column, text)| Sealed {
            bound: Bound::Row {
                table: "people_correction",
                column,
                row: id.clone(),
            },
            text,
        });
        SealedRow {
            id,
            parts: parts.to_vec(),
        }
    });
    Ok(rows.collect())
}

async fn set_sealed(act: &mut Act<Operator>, again: &Again<'_>) -> Result<()> {
    bump_epoch(act).await?;
    let id = &again.row.id;
    let row: Option<(String,)> = sql(OF).bind(id).maybe(act.on()).await?;
    let Some((member,)) = row else { return Ok(()) };
    holds(act, &member.parse().map_err(Error::fault)?).await?;
    let stated = sql(SEAL_AGAIN).bind(id);
    let stated = stated.bind(again.sealed(0)?).bind(again.sealed(1)?);
    stated.bind(again.sealed(2)?).run(act.on()).await?;
    Ok(())
}

fn spot<'a>(column: &'a str, id: &'a str) -> Spot<'a> {
    Spot {
        table: "people_correction",
        column,
        row: id,
    }
}

#[derive(FromRow)]
struct Row {
    id: String,
    #[sqlx(try_from = "String")]
    field: Kept<Field>,
    value_sealed: String,
    reason_sealed: String,
    #[sqlx(try_from = "String")]
    state: Kept<State>,
    made_at: i64,
    answer_sealed: String,
    by_name: String,
}

/// Those of a member, the open ones first, then the newest. The caller has looked at the record.
pub(crate) async fn list(site: &Site, member: &MemberId) -> Result<Vec<Correction>> {
    let rows: Vec<Row> = sql(OF_MEMBER).bind(member).all(site.db.read()).await?;
    let open = |column: &str, id: &str, sealed: &str| -> String {
        // One that does not open (another key) is shown as empty; `sotay check` names keys that do not fit.
        site.keys
            .open_at(spot(column, id), sealed)
            .unwrap_or_default()
    };
    Ok(rows
        .into_iter()
        .map(|row| Correction {
            value: open("value", &row.id, &row.value_sealed),
            reason: open("reason", &row.id, &row.reason_sealed),
            answer: open("answer", &row.id, &row.answer_sealed),
            id: row.id,
            field: row.field,
            state: row.state,
            made_at: row.made_at,
            by: row.by_name,
        })
        .collect())
}

/// What became of one that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Added {
    /// It is kept under this id.
    New(String),
    /// So many are open that no further one is taken.
    Full,
    /// So many were said within a day.
    Often,
}

/// Open ones of one person, and how many they say within a day: one for each place twice over. Whoever reads them
/// compares each with papers.
const MOST_OPEN: i64 = 10;
const MOST_A_DAY: i64 = 30;
const DAY_MS: i64 = 86_400_000;

/// Adds one; what the member said of the same place before and nobody answered is taken back. Whoever comes
/// second waits at the epoch, so there is one open one. Not kept: the caller leaves the act.
pub(crate) async fn add<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    field: Field,
    value: &str,
    reason: &str,
) -> Result<Added> {
    bump_epoch(act).await?;
    holds(act, member).await?;
    let (id, now) = (fresh(act), act.now());
    let replaced = sql(REPLACE).bind(member).bind(field.word()).bind(now);
    replaced.run(act.on()).await?;
    if sql(OPEN).bind(member).count(act.on()).await? >= MOST_OPEN {
        return Ok(Added::Full);
    }
    let since = sql(SINCE).bind(member).bind(now.plus_ms(-DAY_MS));
    if since.count(act.on()).await? >= MOST_A_DAY {
        return Ok(Added::Often);
    }
    let (keys, dice) = (act.site().keys.clone(), act.site().dice.clone());
    let added = sql(ADD).bind(&id).bind(member).bind(field.word());
    let added = added
        .bind(keys.seal_at(spot("value", &id), value, &dice)?)
        .bind(keys.seal_at(spot("reason", &id), reason, &dice)?)
        .bind(now);
    added.run(act.on()).await?;
    Ok(Added::New(id))
}

/// Says anew under the record that stays what was said under the other one and nobody answered; of one place the word
/// that was said under the record that stays holds.
pub(crate) async fn carry<P: Records>(
    act: &mut Act<P>,
    old: &MemberId,
    kept: &MemberId,
) -> Result<usize> {
    bump_epoch(act).await?;
    holds(act, old).await?;
    holds(act, kept).await?;
    let held: Vec<(String,)> = sql(OPEN_FIELDS).bind(kept).all(act.on()).await?;
    let open: Vec<(String, String, String, String, i64)> =
        sql(OPEN_OF).bind(old).all(act.on()).await?;
    let (keys, dice) = (act.site().keys.clone(), act.site().dice.clone());
    for (id, field, value, reason, made_at) in &open {
        end(act, old, id, State::Withdrawn, "").await?;
        if held.iter().any(|(one,)| one == field) {
            continue;
        }
        let new = fresh(act);
        let value = keys.open_at(spot("value", id), value)?;
        let reason = keys.open_at(spot("reason", id), reason)?;
        let added = sql(ADD).bind(&new).bind(kept).bind(field);
        let added = added
            .bind(keys.seal_at(spot("value", &new), &value, &dice)?)
            .bind(keys.seal_at(spot("reason", &new), &reason, &dice)?)
            .bind(*made_at);
        added.run(act.on()).await?;
    }
    Ok(open.len())
}

/// Ends an open one of that member; `false`: it had ended.
pub(crate) async fn end<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    id: &str,
    state: State,
    answer: &str,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds(act, member).await?;
    let (by, now) = (act.by().to_owned(), act.now());
    let answer = act
        .site()
        .keys
        .seal_at(spot("answer", id), answer, &act.site().dice)?;
    let ended = sql(END).bind(id).bind(member).bind(state.word()).bind(now);
    let ended = ended.bind(by).bind(answer).run(act.on()).await?;
    Ok(ended == 1)
}

/// That something of a member waits.
#[derive(FromRow)]
pub(crate) struct Waiting {
    #[sqlx(try_from = "String")]
    pub(crate) member_id: MemberId,
    pub(crate) name: String,
    /// Since when the first does.
    pub(crate) made_at: i64,
    /// 1: something is among it that is no identity.
    pub(crate) is_plain: i64,
}

/// Members named at once.
pub(crate) const PART: usize = 200;

/// Others placed within a scope of whom something is open, the longest waiting first, after this one: at most
/// [`PART`]. No values.
pub(crate) async fn list_waiting(
    db: &Db,
    scope: &Scope,
    who: &MemberId,
    on: Day,
    after: Option<&Waiting>,
) -> Result<Vec<Waiting>> {
    let plain: Vec<Field> = Field::ALL
        .iter()
        .copied()
        .filter(|one| !one.is_identity())
        .collect();
    let identity: Vec<Field> = Field::ALL
        .iter()
        .copied()
        .filter(|one| one.is_identity())
        .collect();
    let (of_plain, of_identity) = (5, 5 + plain.len());
    let at = of_identity + identity.len();
    let (within, bounds) = scope_condition(scope, "u.path", at);
    let text = format!(
        "select c.member_id, m.name, min(c.made_at) as made_at, \
         max(case when c.field in {} then 1 else 0 end) as is_plain from people_correction c \
         join people_member m on m.id = c.member_id \
         join v_people_stay p on p.member_id = c.member_id and p.from_on <= $1 and p.to_on > $1 \
         join people_unit u on u.id = p.unit_id where c.state = 'open' and c.member_id <> $2 \
         and (c.field in {} or c.field in {}) and {within} group by c.member_id, m.name \
         having min(c.made_at) > $3 or (min(c.made_at) = $3 and c.member_id > $4) \
         order by min(c.made_at), c.member_id limit {PART}",
        in_list(of_plain, plain.len()),
        in_list(of_plain, plain.len()),
        in_list(of_identity, identity.len()),
    );
    sql_built(text)
        .bind(on)
        .bind(who)
        .bind(after.map_or(-1, |row| row.made_at))
        .bind(after.map_or("", |row| row.member_id.as_str()))
        .bind_all(plain.into_iter().map(Field::word))
        .bind_all(identity.into_iter().map(Field::word))
        .bind_all(bounds.iter())
        .all(db.read())
        .await
}

/// Those who hold a capability over a unit where this member is placed, the nearest unit first: at most a hundred.
pub(crate) async fn list_answering(
    db: &Db,
    cap: Cap,
    member: &MemberId,
    on: Day,
) -> Result<Vec<MemberId>> {
    let roles: Vec<&str> = (Role::ALL.iter())
        .filter(|role| role.caps().has(cap))
        .map(|role| role.name())
        .collect();
    let text = format!(
        "select g.member_id, max(length(gu.path)) as near from people_placement p \
         join people_unit u on u.id = p.unit_id \
         join people_grant g on g.member_id <> p.member_id join people_unit gu on gu.id = g.unit_id \
         where p.member_id = $1 and p.from_on <= $2 and p.to_on > $2 and g.revoked_at is null \
         and g.from_on <= $2 and g.to_on > $2 and (g.scope = 'instance' or gu.id = u.id \
         or (g.scope = 'subtree' and substr(u.path, 1, length(gu.path)) = gu.path)) and g.role in {} \
         group by g.member_id order by near desc, g.member_id limit 100",
        in_list(3, roles.len())
    );
    let asked = sql_built(text).bind(member).bind(on).bind_all(roles);
    let rows: Vec<(String, i64)> = asked.all(db.read()).await?;
    let rows = rows.into_iter();
    rows.map(|(id, _)| id.parse().map_err(Error::fault))
        .collect()
}

/// Members of whom something is open, with the places that they said are wrong: at most two thousand.
pub(crate) async fn list_open(db: &Db) -> Result<Vec<(MemberId, String)>> {
    let rows: Vec<(String, String)> = sql(ALL_OPEN).all(db.read()).await?;
    let rows = rows.into_iter();
    rows.map(|(id, field)| Ok((id.parse().map_err(Error::fault)?, field)))
        .collect()
}
