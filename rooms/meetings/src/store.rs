//! The meeting's own row and what is read across the wings, as named constants with the rows they give.
//!
//! Each wing has a store of its own (`plan`, `hall`, `minutes`). Functions here take what was already
//! decided; rights are `access`, rules `state`. A write that depends on the meeting's state first takes
//! hold of its row with that state ([`hold`]), so a closing and a late mark cannot pass each other.
//! The rule that surprises: nothing in this room deletes a meeting, an answer, a mark or a revision.

use crate::access::Calls;
use crate::fact::{AbsenceState, Kind, Reply};
use crate::id::MeetingId;
use crate::state::State;
use db::{Connection, Db, FromRow, in_list, sql, sql_built};
use kernel::error::{Error, Refusal, Result};
use kernel::fact::Kept;
use kernel::{MemberId, Moment, UnitId, UnitPath, UnitRef};
use site::{Act, Proof, Site};

db::statements! {
    // Of a meeting that is not over, a record that was merged is read as the one that stays.
    MEETING = "select m.id, m.unit_id, case m.special when 1 then 'extraordinary' else m.kind end as kind, m.title, m.state, \
        m.starts_at, m.started_at, m.ended_at, \
        m.place, coalesce(ca.member_id, m.chair_id) as chair_id, coalesce(ka.member_id, m.clerk_id) as clerk_id, \
        m.template_code, m.cancel_reason, m.row_version, u.path as unit_path, u.name as unit_name, u.dissolved_on, coalesce(p.name, '') as parent_name, \
        coalesce(c.name, '') as chair_name, coalesce(k.name, '') as clerk_name \
        from meetings_meeting m \
        join v_people_unit u on u.id = m.unit_id \
        left join v_people_unit p on p.id = u.parent_id \
        left join v_people_alias ca on ca.old_id = m.chair_id and m.state in ('draft', 'called', 'checkin', 'running') \
        left join v_people_alias ka on ka.old_id = m.clerk_id and m.state in ('draft', 'called', 'checkin', 'running') \
        left join v_people_name c on c.member_id = coalesce(ca.member_id, m.chair_id) \
        left join v_people_name k on k.member_id = coalesce(ka.member_id, m.clerk_id) \
        where m.id = $1";
    UNIT_OF = "select u.id, u.path from meetings_meeting m join v_people_unit u on u.id = m.unit_id where m.id = $1";
    UNIT = "select id, path from v_people_unit where id = $1";
    SET_STATE = "update meetings_meeting set state = $3, row_version = row_version + 1 where id = $1 and state = $2";
    HOLD = "update meetings_meeting set row_version = row_version where id = $1 and state = $2";
    HELD_IDS = "select id from meetings_meeting where id > $1 and state in ('ended', 'archived') order by id limit $2";
    TODAY_HEAD = "select m.id, m.unit_id, m.title, case m.special when 1 then 'extraordinary' else m.kind end as kind, m.state, \
        m.starts_at, m.started_at, m.ended_at, m.place, \
        coalesce((select w.member_id from v_people_alias w where w.old_id = m.chair_id), m.chair_id) as chair_id, \
        coalesce((select max(i.sent_at) from meetings_invitation i where i.meeting_id = m.id), m.created_at) as called_at, \
        coalesce((select max(i.answer) from meetings_invitation i where i.meeting_id = m.id \
        and i.member_id in (select as_id from v_people_as where member_id = $1)), '') as answer, \
        coalesce((select max(a.state) from meetings_absence a where a.meeting_id = m.id \
        and a.member_id in (select as_id from v_people_as where member_id = $1)), '') as absence, \
        (select count(*) from meetings_paper p where p.meeting_id = m.id) \
        + (select count(*) from meetings_file f where f.meeting_id = m.id and f.withdrawn_at is null) as papers, \
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
    /// When it is planned to start.
    pub(crate) fn starts(&self) -> Moment {
        Moment(self.starts_at)
    }
    /// The hour that pages and papers show: the planned one until it is opened, from then on the real one.
    pub(crate) fn began(&self) -> Moment {
        Moment(self.started_at.unwrap_or(self.starts_at))
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

/// Whether a meeting that did not stand where an act expected it has come to where that act would have brought it: a
/// button that was pressed twice at once. To be asked after the act was left.
pub(crate) async fn came_to(site: &Site, id: &MeetingId, to: State) -> Result<bool> {
    Ok(get_meeting(&site.db, id).await?.state == to)
}

fn unit_ref((id, path): (String, String)) -> Result<UnitRef> {
    Ok(UnitRef {
        id: id.parse().map_err(Error::fault)?,
        path: path.try_into().map_err(Error::fault)?,
    })
}

/// Refuses a meeting for which the act was not opened; every write of a meeting and of what belongs to it begins
/// so. One that was added a moment ago is the act's own.
///
/// # Errors
/// A fault whose cause is [`site::Beyond`]; [`Error::NotFound`] for a meeting that is not there.
pub(crate) async fn holds<P: Proof>(act: &mut Act<P>, id: &MeetingId) -> Result<()> {
    if act.has_reached(id.as_str()) {
        return Ok(());
    }
    act.over_object("meeting", id.as_str())?;
    let unit = unit_ref(sql(UNIT_OF).bind(id).one(act.on()).await?)?;
    act.over(&unit)?;
    act.reaches(id);
    Ok(())
}

/// The same of a unit: its tasks go from one meeting to the next, its office's file belongs to none.
///
/// # Errors
/// As [`holds`].
pub(crate) async fn holds_unit<P: Proof>(act: &mut Act<P>, unit: &UnitId) -> Result<()> {
    if act.has_reached(unit.as_str()) {
        return Ok(());
    }
    let found = unit_ref(sql(UNIT).bind(unit).one(act.on()).await?)?;
    act.over(&found)
}

/// Moves a meeting from one state to the next; answers whether it stood there.
pub(crate) async fn set_state<P: Calls>(
    act: &mut Act<P>,
    id: &MeetingId,
    from: State,
    to: State,
) -> Result<bool> {
    holds(act, id).await?;
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
    holds(act, id).await?;
    Ok(sql(HOLD).bind(id).bind(state.word()).run(act.on()).await? == 1)
}

/// Ids of meetings that were held, after the given one, in order.
pub(crate) async fn list_held_ids(db: &Db, after: &str, limit: i64) -> Result<Vec<String>> {
    let stmt = sql(HELD_IDS).bind(after).bind(limit);
    let rows: Vec<(String,)> = stmt.all(db.read()).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
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
    pub started_at: Option<i64>,
    pub ended_at: Option<i64>,
    /// When it was called; when it was planned, while it was not.
    pub called_at: i64,
    pub place: String,
    pub chair_id: String,
    #[sqlx(try_from = "String")]
    pub answer: Kept<Reply>,
    /// Where the visitor's own absence stands; an odd word when there is none.
    #[sqlx(try_from = "String")]
    pub absence: Kept<AbsenceState>,
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
    /// Whether the visitor asked to be away, was not given leave, and still says no.
    pub(crate) fn is_refused(&self) -> bool {
        self.answer.is(Reply::No) && self.absence.is(AbsenceState::Refused)
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
    use super::*;
    use crate::access::{self, CanChair, CanMark, CanPrepare, CanWrite};
    use crate::fact::{Mark, Taken, TaskState};
    use crate::verbs::*;
    use crate::{hall, minutes, plan};
    use site::May as _;
    use std::sync::Arc;
    use testkit::LAN;

    #[tokio::test(flavor = "multi_thread")]
    async fn every_statement_prepares_on_both_databases() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| app.prepares(&crate::room().statements).await,
        )
        .await;
    }

    /// Writes one row in an act of this proof, which does not end; answers whether it was refused as beyond.
    macro_rules! is_beyond {
        ($app:ident, $may:expr, $write:expr) => {{
            let mut act = $may.begin(&$app.site, "test", "test").await.unwrap();
            let write: Result<()> = $write(&mut act).await;
            act.leave().await.unwrap();
            write.is_err_and(|error| site::Beyond::is(&error))
        }};
    }

    /// A meeting of cell B, as the operator records it.
    async fn elsewhere(app: &testkit::TestApp) -> MeetingId {
        let mut act = (site::Operator::at("test")
            .begin(&app.site, "test", "test")
            .await)
            .unwrap();
        let plan = plan::store::Plan {
            kind: Kind::Regular,
            title: "Họp".to_owned(),
            starts: app.site.clock.now(),
            place: String::new(),
            chair_id: "tuan".to_owned(),
            clerk_id: String::new(),
            template_code: String::new(),
            rows: Vec::new(),
            papers: Vec::new(),
        };
        let (unit, tuan) = ("cell-b".parse().unwrap(), "tuan".parse().unwrap());
        let added = plan::store::add_meeting(&mut act, &unit, &tuan, "other", &plan).await;
        act.end().await.unwrap();
        added.unwrap().0
    }

    /// An act is opened for a meeting: a handler that took another id than it had looked up writes nothing.
    #[tokio::test(flavor = "multi_thread")]
    async fn an_act_opened_for_one_meeting_writes_no_row_of_another() {
        testkit::on_both(rooms, async |app| {
            let own = plans(&app, LAN, &[("do", "call")]).await;
            let beside = plans(&app, LAN, &[("do", "call")]).await;
            let elsewhere = elsewhere(&app).await;
            let who = web::Member(Arc::new(app.signed_in(LAN)));
            let seen = || async { access::find(&app.site, &who, &own).await.unwrap() };
            let lan: MemberId = "lan".parse().unwrap();
            let now = app.site.clock.now();
            let all = [
                (own.as_str(), false),
                (beside.as_str(), true),
                (elsewhere.as_str(), true),
            ];
            for (id, is_another) in all {
                let id: MeetingId = id.parse().unwrap();
                let other = get_meeting(&app.site.db, &id).await.unwrap();
                let may = || async { seen().await.into_mark().unwrap() };
                let refused = is_beyond!(app, may().await, async |act: &mut Act<CanMark>| {
                    hall::store::mark(act, &id, "hoa", Mark::Present, &lan, now)
                        .await
                        .map(|_| ())
                });
                assert_eq!(refused, is_another, "a mark at {id}");
                let refused = is_beyond!(app, may().await, async |act: &mut Act<CanMark>| {
                    hall::store::answer_no(act, &id, &lan, None, "").await
                });
                assert_eq!(refused, is_another, "an answer to {id}");
                let may = || async { seen().await.into_chair().unwrap() };
                let refused = is_beyond!(app, may().await, async |act: &mut Act<CanChair>| {
                    let to = (AbsenceState::Accepted, "");
                    hall::store::decide(act, &id, "a", to, &lan)
                        .await
                        .map(|_| ())
                });
                assert_eq!(refused, is_another, "a decision at {id}");
                let refused = is_beyond!(app, may().await, async |act: &mut Act<CanChair>| {
                    hold(act, &id, State::Called).await.map(|_| ())
                });
                assert_eq!(refused, is_another, "the hold on {id}");
                let refused = is_beyond!(app, may().await, async |act: &mut Act<CanChair>| {
                    let none = hall::roll::Numbers::default();
                    hall::store::add_numbers(act, &id, Taken::End, &none, "lan", now).await
                });
                assert_eq!(refused, is_another, "numbers of {id}");
                let refused = is_beyond!(app, may().await, async |act: &mut Act<CanChair>| {
                    plan::store::cancel(act, &id, State::Called, "Bão")
                        .await
                        .map(|_| ())
                });
                assert_eq!(refused, is_another, "calling {id} off");
                let refused = is_beyond!(app, may().await, async |act: &mut Act<CanChair>| {
                    let to = (now, "Họp");
                    plan::store::postpone(act, &other, to, "Bão", &lan)
                        .await
                        .map(|_| ())
                });
                assert_eq!(refused, is_another, "putting {id} off");
                let may = || async { seen().await.into_prepare().unwrap() };
                let refused = is_beyond!(app, may().await, async |act: &mut Act<CanPrepare>| {
                    plan::store::add_paper(act, &id, "", "document:a", None).await
                });
                assert_eq!(refused, is_another, "a paper of {id}");
                let refused = is_beyond!(app, may().await, async |act: &mut Act<CanPrepare>| {
                    plan::store::withdraw_file(act, &id, "f", "Nhầm")
                        .await
                        .map(|_| ())
                });
                assert_eq!(refused, is_another, "a file of {id}");
                let may = || async { seen().await.into_write().unwrap() };
                let refused = is_beyond!(app, may().await, async |act: &mut Act<CanWrite>| {
                    hall::store::note_item(act, &id, "i", "", "")
                        .await
                        .map(|_| ())
                });
                assert_eq!(refused, is_another, "notes of {id}");
                let refused = is_beyond!(app, may().await, async |act: &mut Act<CanWrite>| {
                    let new = minutes::store::NewRevision {
                        number: 1,
                        body: "a",
                        hash: "a",
                        recorded: "a",
                    };
                    minutes::store::add_revision(act, &id, &new, &lan).await
                });
                assert_eq!(refused, is_another, "minutes of {id}");
                // Tasks go from one meeting of a unit to the next.
                let is_of_another = other.unit_id.as_str() != "cell-a";
                let refused = is_beyond!(app, may().await, async |act: &mut Act<CanWrite>| {
                    let (unit, day) = (&other.unit_id, "2026-12-01");
                    hall::store::end_task(act, unit, "t", TaskState::Done, day)
                        .await
                        .map(|_| ())
                });
                assert_eq!(refused, is_of_another, "tasks beside {id}");
            }
        })
        .await;
    }
}
