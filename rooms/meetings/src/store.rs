//! The meeting's own row and what is read across the wings, as named constants with the rows they give.
//!
//! Each wing has a store of its own (`plan`, `hall`, `minutes`). Functions here take what was already
//! decided; rights are `access`, rules `state`. A write that depends on the meeting's state first takes
//! hold of its row with that state ([`hold`]), so a closing and a late mark cannot pass each other.
//! The rule that surprises: nothing in this room deletes a meeting, an answer, a mark or a revision.

use crate::access::Calls;
use crate::fact::{Kind, Reply};
use crate::id::MeetingId;
use crate::state::State;
use db::{Connection, Db, FromRow, in_list, sql, sql_built};
use kernel::error::{Error, Refusal, Result};
use kernel::fact::Kept;
use kernel::{MemberId, Moment, UnitId, UnitPath, UnitRef};
use site::{Act, Proof};

db::statements! {
    MEETING = "select m.id, m.unit_id, case m.special when 1 then 'extraordinary' else m.kind end as kind, m.title, m.state, \
        m.starts_at, m.started_at, m.ended_at, \
        m.place, m.chair_id, m.clerk_id, m.template_code, m.cancel_reason, m.row_version, \
        u.path as unit_path, u.name as unit_name, u.dissolved_on, coalesce(p.name, '') as parent_name, \
        coalesce(c.name, '') as chair_name, coalesce(k.name, '') as clerk_name \
        from meetings_meeting m \
        join v_people_unit u on u.id = m.unit_id \
        left join v_people_unit p on p.id = u.parent_id \
        left join v_people_name c on c.member_id = m.chair_id \
        left join v_people_name k on k.member_id = m.clerk_id \
        where m.id = $1";
    SET_STATE = "update meetings_meeting set state = $3, row_version = row_version + 1 where id = $1 and state = $2";
    HOLD = "update meetings_meeting set row_version = row_version where id = $1 and state = $2";
    TODAY_HEAD = "select m.id, m.unit_id, m.title, case m.special when 1 then 'extraordinary' else m.kind end as kind, m.state, \
        m.starts_at, m.ended_at, m.place, m.chair_id, \
        coalesce((select max(i.sent_at) from meetings_invitation i where i.meeting_id = m.id), m.created_at) as called_at, \
        coalesce((select i.answer from meetings_invitation i where i.meeting_id = m.id and i.member_id = $1), '') as answer, \
        (select count(*) from meetings_paper p where p.meeting_id = m.id) \
        + (select count(*) from meetings_file f where f.meeting_id = m.id) as papers, \
        (select count(*) from meetings_absence a where a.meeting_id = m.id and a.state = 'filed') as filed, \
        (select count(*) from meetings_revision r where r.meeting_id = m.id \
        and r.at >= coalesce((select max(n.taken_at) from meetings_numbers n \
        where n.meeting_id = m.id and n.moment = 'end'), 0)) as revisions, \
        (select cast(coalesce(sum(t.minutes_planned), 0) as bigint) from meetings_item t where t.meeting_id = m.id) as minutes \
        from meetings_meeting m where m.starts_at < $3 and (m.starts_at >= $2 or (m.state = 'ended' \
        and exists (select 1 from meetings_numbers n where n.meeting_id = m.id and n.moment = 'end' \
        and n.taken_at <> m.ended_at and not exists (select 1 from meetings_revision r \
        where r.meeting_id = m.id and r.at >= n.taken_at)))) and m.state not in ('cancelled', 'archived')";
}

/// A meeting with the names that every page shows.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Meeting {
    #[sqlx(try_from = "String")]
    pub id: MeetingId,
    #[sqlx(try_from = "String")]
    pub unit_id: UnitId,
    #[sqlx(try_from = "String")]
    pub kind: Kind,
    pub title: String,
    #[sqlx(try_from = "String")]
    pub state: State,
    pub starts_at: i64,
    pub started_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub place: String,
    pub chair_id: String,
    pub clerk_id: String,
    pub template_code: String,
    pub cancel_reason: String,
    pub row_version: i64,
    #[sqlx(try_from = "String")]
    pub unit_path: UnitPath,
    pub unit_name: String,
    pub dissolved_on: String,
    pub parent_name: String,
    pub chair_name: String,
    pub clerk_name: String,
}

impl Meeting {
    /// What a permission question needs of its unit.
    pub(crate) fn unit(&self) -> UnitRef {
        UnitRef {
            id: self.unit_id.clone(),
            path: self.unit_path.clone(),
        }
    }
    /// When it starts.
    pub(crate) fn starts(&self) -> Moment {
        Moment(self.starts_at)
    }
}

/// The meeting of that id.
pub(crate) async fn get_meeting(db: &Db, id: &MeetingId) -> Result<Meeting> {
    sql(MEETING).bind(id).one(db.read()).await
}

/// The same inside an act.
pub(crate) async fn get_in(on: &mut Connection, id: &MeetingId) -> Result<Meeting> {
    sql(MEETING).bind(id).one(on).await
}

/// Somebody else was faster.
pub(crate) fn changed(id: &MeetingId) -> Error {
    Refusal::new("meetings-refused-changed")
        .way_out(format!("/meetings/{id}"), "meetings-see-meeting")
        .into()
}

/// Moves a meeting from one state to the next; answers whether it stood there.
pub(crate) async fn set_state<P: Calls>(
    act: &mut Act<P>,
    id: &MeetingId,
    from: State,
    to: State,
) -> Result<bool> {
    Ok(sql(SET_STATE)
        .bind(id)
        .bind(from.word())
        .bind(to.word())
        .run(act.on())
        .await?
        == 1)
}

/// Takes hold of the meeting in that state until the transaction ends; answers whether it was there.
pub(crate) async fn hold<P: Proof>(act: &mut Act<P>, id: &MeetingId, state: State) -> Result<bool> {
    Ok(sql(HOLD).bind(id).bind(state.word()).run(act.on()).await? == 1)
}

/// A meeting as Hôm nay needs it.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct TodayRow {
    pub id: String,
    pub unit_id: String,
    pub title: String,
    #[sqlx(try_from = "String")]
    pub kind: Kept<Kind>,
    #[sqlx(try_from = "String")]
    pub state: Kept<State>,
    pub starts_at: i64,
    pub ended_at: Option<i64>,
    /// When it was called; when it was planned, while it was not.
    pub called_at: i64,
    pub place: String,
    pub chair_id: String,
    #[sqlx(try_from = "String")]
    pub answer: Kept<Reply>,
    pub papers: i64,
    /// Who asked to be away and has no answer yet.
    pub filed: i64,
    pub revisions: i64,
    pub minutes: i64,
}

impl TodayRow {
    /// Whether it lies ahead and members may answer.
    pub(crate) fn is_coming(&self) -> bool {
        self.state.known().is_some_and(State::is_coming)
    }
    /// Whether it is going on.
    pub(crate) fn is_running(&self) -> bool {
        self.state.is(State::Running)
    }
}

/// The meetings of some units between two instants, and earlier ones whose minutes nobody has saved since the
/// end: the one statement of Hôm nay. One that was put on record whole (`record`) was counted at its very end;
/// it waits for no minutes that long after.
pub(crate) async fn list_today(
    db: &Db,
    member: &MemberId,
    from: Moment,
    to: Moment,
    units: &[UnitId],
) -> Result<Vec<TodayRow>> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "{TODAY_HEAD} and m.unit_id in {} order by m.starts_at, m.id",
        in_list(4, units.len())
    );
    sql_built(text)
        .bind(member)
        .bind(from)
        .bind(to)
        .bind_all(units)
        .all(db.read())
        .await
}

#[cfg(test)]
mod tests {
    #[tokio::test(flavor = "multi_thread")]
    async fn every_statement_prepares_on_both_databases() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| app.prepares(&crate::room().statements).await,
        )
        .await;
    }
}
