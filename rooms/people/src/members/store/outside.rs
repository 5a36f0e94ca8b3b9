//! Members who go to a body of another house, and those who came from there: rows of `people_outside`.
//!
//! What is true of a member is the placement; a row here says what is on the way, and by which paper somebody came.
//! Rights are asked by `members::outside`.
//! The rule that surprises: a row ends once, as that of a transfer within the house.

use crate::access::Records;
use crate::members::moving::State;
use crate::members::outside::{Arrival, Departure};
use crate::members::store::moving::Line;
use crate::store::{bump_epoch, fresh, holds};
use db::{Db, FromRow, On, scope_condition, sql, sql_built};
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{Day, MemberId, Scope, UnitId, UnitPath, UnitRef};
use site::Act;

db::statements! {
    ADD = "insert into people_outside (id, way, member_id, unit_id, body_id, body_name, home_id, letter_no, letter_on, \
        note, state, prepared_by, sent_at, sent_by, show_due, start_due) \
        values ($1, 'out', $2, $3, $4, $5, $6, $7, $8, $9, 'sent', $10, $11, $12, $13, $14)";
    ADD_CAME = "insert into people_outside (id, way, member_id, unit_id, body_name, letter_no, letter_on, state, \
        prepared_by, sent_at, sent_by, starts_on, ended_at, ended_by) \
        values ($1, 'in', $2, $3, $4, $5, $6, 'accepted', $7, $8, $9, $10, $8, $9)";
    GET = "select t.id, t.way, t.member_id, m.name, m.status, t.unit_id, u.name as unit_name, u.path, t.body_id, t.body_name, \
        t.home_id, t.letter_no, t.letter_on, t.note, t.state, t.show_due, t.start_due, t.starts_on, t.reason, \
        t.late_reason, coalesce(l.name, '') as late_by from people_outside t join people_member m on m.id = t.member_id \
        left join people_member l on l.id = t.late_by \
        join people_unit u on u.id = t.unit_id where t.id = $1";
    OPEN_OF = "select id from people_outside where member_id = $1 and state = 'sent'";
    END = "update people_outside set state = $2, ended_at = $3, ended_by = $4, reason = $5, starts_on = $6 \
        where id = $1 and state = 'sent'";
    LATE = "update people_outside set late_reason = $2, late_by = $3 where id = $1 and state = 'sent'";
    OVERDUE = "select id, member_id from people_outside where state = 'sent' \
        and (show_due < $1 or start_due < $1) order by id";
}

/// One of them, with what its page shows.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Outside {
    pub(crate) id: String,
    pub(crate) way: String,
    #[sqlx(try_from = "String")]
    pub(crate) member_id: MemberId,
    pub(crate) name: String,
    #[sqlx(try_from = "String")]
    pub(crate) status: Kept<crate::fact::Status>,
    #[sqlx(try_from = "String")]
    pub(crate) unit_id: UnitId,
    pub(crate) unit_name: String,
    #[sqlx(try_from = "String")]
    pub(crate) path: UnitPath,
    pub(crate) body_id: String,
    pub(crate) body_name: String,
    pub(crate) home_id: String,
    pub(crate) letter_no: String,
    #[sqlx(try_from = "String")]
    pub(crate) letter_on: Day,
    pub(crate) note: String,
    #[sqlx(try_from = "String")]
    pub(crate) state: Kept<State>,
    pub(crate) show_due: String,
    pub(crate) start_due: String,
    pub(crate) starts_on: String,
    pub(crate) reason: String,
    pub(crate) late_reason: String,
    pub(crate) late_by: String,
}

impl Outside {
    /// The unit of the house.
    pub(crate) fn unit(&self) -> UnitRef {
        UnitRef {
            id: self.unit_id.clone(),
            path: self.path.clone(),
        }
    }
    /// Whether it is on the way.
    pub(crate) fn is_waiting(&self) -> bool {
        self.state.is(State::Sent)
    }
    /// Whether one of its days is over.
    pub(crate) fn is_overdue(&self, today: Day) -> bool {
        let is_over = |due: &String| due.parse::<Day>().is_ok_and(|due| due < today);
        self.is_waiting() && (is_over(&self.show_due) || is_over(&self.start_due))
    }
}

/// Keeps one that goes; answers its id. A second one of the same member breaks `people_outside_one`.
pub(crate) async fn add<P: Records>(
    act: &mut Act<P>,
    wish: &Departure,
    home: &str,
    [show, start]: [Day; 2],
) -> Result<String> {
    bump_epoch(act).await?;
    holds(act, &wish.member).await?;
    let (id, now, by) = (fresh(act), act.now(), act.by().to_owned());
    let added = sql(ADD).bind(&id).bind(&wish.member).bind(&wish.from);
    let added = added.bind(&wish.body).bind(&wish.body_name).bind(home);
    let added = added.bind(&wish.letter_no).bind(wish.letter_on);
    let added = added.bind(&wish.note).bind(&wish.by).bind(now).bind(by);
    added.bind(show).bind(start).run(act.on()).await?;
    Ok(id)
}

/// Keeps by which paper somebody came who was added a moment ago.
pub(crate) async fn add_came<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    unit: &UnitId,
    from: &Arrival,
    starts_on: Day,
) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, member).await?;
    let (id, now, by) = (fresh(act), act.now(), act.by().to_owned());
    let added = sql(ADD_CAME).bind(&id).bind(member).bind(unit);
    let added = added.bind(&from.body).bind(&from.letter_no);
    let added = added.bind(from.letter_on).bind(&from.by).bind(now).bind(by);
    added.bind(starts_on).run(act.on()).await?;
    Ok(())
}

/// One of them.
pub(crate) async fn get(on: impl On<'_>, id: &str) -> Result<Outside> {
    sql(GET).bind(id).one(on).await
}

/// The one of a member that is on the way.
pub(crate) async fn find_open(on: impl On<'_>, member: &MemberId) -> Result<Option<String>> {
    let row: Option<(String,)> = sql(OPEN_OF).bind(member).maybe(on).await?;
    Ok(row.map(|(id,)| id))
}

/// Ends one that is on the way; `false`: it had ended.
pub(crate) async fn end<P: Records>(
    act: &mut Act<P>,
    one: &Outside,
    to: State,
    reason: &str,
    starts_on: &str,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds(act, &one.member_id).await?;
    let (now, by) = (act.now(), act.by().to_owned());
    let ended = sql(END).bind(&one.id).bind(to.word()).bind(now).bind(by);
    Ok(ended.bind(reason).bind(starts_on).run(act.on()).await? == 1)
}

/// Keeps why one is late; `false`: it had ended.
pub(crate) async fn set_late<P: Records>(
    act: &mut Act<P>,
    one: &Outside,
    reason: &str,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds(act, &one.member_id).await?;
    let by = act.by().to_owned();
    let set = sql(LATE).bind(&one.id).bind(reason).bind(by);
    Ok(set.run(act.on()).await? == 1)
}

/// The same of units within the scope, for whoever sent them: the oldest first, at most five.
pub(crate) async fn list_late(
    db: &Db,
    scope: &Scope,
    on: Day,
    who: &MemberId,
) -> Result<Vec<Line>> {
    let (within, bounds) = scope_condition(scope, "u.path", 3);
    let text = format!(
        "select t.id, m.name, u.name as from_name, t.show_due, t.start_due from people_outside t \
         join people_member m on m.id = t.member_id join people_unit u on u.id = t.unit_id \
         where t.state = 'sent' and (t.show_due < $1 or t.start_due < $1) and t.member_id <> $2 and {within} \
         order by t.sent_at, t.id limit 5"
    );
    let asked = sql_built(text).bind(on).bind(who).bind_all(bounds);
    asked.all(db.read()).await
}

/// Those that are on the way past one of their days, with the member.
pub(crate) async fn list_overdue(db: &Db, on: Day) -> Result<Vec<(String, String)>> {
    sql(OVERDUE).bind(on).all(db.read()).await
}
