//! Every statement of the hour itself: answers, absences, marks, numbers, notes, tasks.
//!
//! Functions here take what was already decided; rights are `access`, counting is `hall::roll`. Writes
//! that depend on the meeting's state hold its row first (`hold` in the room's own `store`).
//! The rule that surprises: nothing here deletes an answer, an absence or a mark.

use crate::access::{Answers, Chairs, Marks, Writes};
use crate::fact::{AbsenceState, Category, Mark, Reply, Taken, TaskState};
use crate::feed;
use crate::hall::roll::Numbers;
use crate::id::MeetingId;
use crate::store::{holds, holds_unit};
use db::{Connection, Db, FromRow, sql};
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{MemberId, Moment, UnitId};
use site::Act;
use site::room::{HandingOver, Passing};

db::statements! {
    OPEN = "update meetings_meeting set state = 'running', started_at = $2, row_version = row_version + 1 \
        where id = $1 and state = 'called'";
    UNOPEN = "update meetings_meeting set state = 'called', started_at = null, row_version = row_version + 1 \
        where id = $1 and state = 'running'";
    TOUCHED = "select (select count(*) from meetings_attendance t where t.meeting_id = m.id \
        and (t.state in ('present', 'unexcused') or (t.state = 'excused' and not exists \
        (select 1 from meetings_absence a where a.meeting_id = t.meeting_id \
        and a.member_id = t.member_id and a.state = 'accepted')))) \
        + (select count(*) from meetings_item i where i.meeting_id = m.id and (i.summary <> '' or i.conclusion <> '')) \
        + (select count(*) from meetings_task k where k.origin_id = m.id) \
        + (select count(*) from meetings_revision r where r.meeting_id = m.id) as touched \
        from meetings_meeting m where m.id = $1";
    CLOSE = "update meetings_meeting set state = 'ended', started_at = $2, ended_at = $3, \
        row_version = row_version + 1 where id = $1 and state = 'running'";
    NOTE_ITEM = "update meetings_item set summary = $3, conclusion = $4, noted_by = $5, noted_at = $6 \
        where id = $1 and meeting_id = $2 and (summary <> $3 or conclusion <> $4)";
    ANSWER = "insert into meetings_invitation (meeting_id, member_id, answer, answered_at, seen_at) \
        values ($1, $2, $3, $4, $4) on conflict (meeting_id, member_id) \
        do update set answer = excluded.answer, answered_at = excluded.answered_at, \
        seen_at = coalesce(meetings_invitation.seen_at, excluded.seen_at)";
    MY_ANSWER = "select meeting_id, member_id, answer from meetings_invitation where meeting_id = $1 and member_id = $2";
    INVITED = "select i.answer, m.name from meetings_invitation i \
        join v_people_name m on m.member_id = i.member_id where i.meeting_id = $1 and i.member_id = $2";
    MY_ABSENCE = "select a.id, a.member_id, m.name, a.category, a.is_told, a.note, a.state, \
        a.decision_note, coalesce(d.name, '') as decided_name \
        from meetings_absence a join v_people_name m on m.member_id = a.member_id \
        left join v_people_name d on d.member_id = a.decided_by \
        where a.meeting_id = $1 and a.member_id = $2";
    // Those to come, of which somebody who has left is told nothing any more.
    COMING_OF = "select m.id from meetings_meeting m where m.state in ('draft', 'called') and m.starts_at > $2 \
        and (exists (select 1 from meetings_invitation i where i.meeting_id = m.id and i.member_id = $1) \
        or exists (select 1 from meetings_absence a where a.meeting_id = m.id and a.member_id = $1)) order by m.id";
    UNINVITE = "delete from meetings_invitation where meeting_id = $1 and member_id = $2";
    LED_BY = "select id from meetings_meeting where (chair_id = $1 or clerk_id = $1) and starts_at > $2 \
        and state in ('draft', 'called') order by id";
    LED_OVER = "update meetings_meeting set chair_id = case when chair_id = $2 then $3 else chair_id end, \
        clerk_id = case when clerk_id = $2 then $3 else clerk_id end, row_version = row_version + 1 \
        where id = $1 and state in ('draft', 'called')";
    LEADS = "select m.id, m.title, m.starts_at, m.unit_id, u.path from meetings_meeting m \
        join v_people_unit u on u.id = m.unit_id where m.starts_at > $2 and m.state in ('draft', 'called') \
        and (m.chair_id in (select as_id from v_people_as where member_id = $1) \
        or m.clerk_id in (select as_id from v_people_as where member_id = $1)) order by m.starts_at, m.id";
    LED_HERE = "select id from meetings_meeting where unit_id = $3 and starts_at > $2 and state in ('draft', 'called') \
        and (chair_id in (select as_id from v_people_as where member_id = $1) \
        or clerk_id in (select as_id from v_people_as where member_id = $1)) order by id";
    HAND_MEETING = "update meetings_meeting set \
        chair_id = case when chair_id in (select as_id from v_people_as where member_id = $2) then $3 else chair_id end, \
        clerk_id = case when clerk_id in (select as_id from v_people_as where member_id = $2) then $3 else clerk_id end, \
        row_version = row_version + 1 where id = $1 and state in ('draft', 'called')";
    OWNED_HERE = "select id, origin_id from meetings_task where unit_id = $2 and state = 'open' \
        and owner_id in (select as_id from v_people_as where member_id = $1) order by id";
    HAND_TASK = "update meetings_task set owner_id = $2 where id = $1 and state = 'open'";
    TASKS_OF = "select t.title, t.due_on, t.state, t.origin_id, t.unit_id, u.name as unit_name, u.path \
        from meetings_task t join v_people_unit u on u.id = t.unit_id \
        where t.owner_id in (select as_id from v_people_as where member_id = $1) \
        order by t.due_on, t.id";
    ROLL_OF = "select m.title, m.starts_at, a.state from meetings_attendance a \
        join meetings_meeting m on m.id = a.meeting_id \
        where a.member_id in (select as_id from v_people_as where member_id = $1) order by m.starts_at, m.id";
    BOTH = "select m.title, m.starts_at from meetings_meeting m \
        where (exists (select 1 from meetings_attendance a where a.meeting_id = m.id and a.member_id = $1) \
        or exists (select 1 from meetings_invitation i where i.meeting_id = m.id and i.member_id = $1)) \
        and (exists (select 1 from meetings_attendance a where a.meeting_id = m.id and a.member_id = $2) \
        or exists (select 1 from meetings_invitation i where i.meeting_id = m.id and i.member_id = $2)) \
        order by m.starts_at desc, m.id limit 30";
    ANSWERS = "select member_id, answer from meetings_invitation where meeting_id = $1";
    UNANSWERED = "select i.member_id, m.name from meetings_invitation i \
        join v_people_name m on m.member_id = i.member_id \
        where i.meeting_id = $1 and i.answer = '' and m.status <> 'merged' order by m.name_key, m.member_id";
    FILE = "insert into meetings_absence (id, meeting_id, member_id, category, note, filed_at, state, is_told) \
        values ($1, $2, $3, $4, $5, $6, 'filed', $7) on conflict (meeting_id, member_id) \
        do update set category = excluded.category, is_told = excluded.is_told, note = excluded.note, filed_at = excluded.filed_at, \
        state = 'filed', decided_by = '', decided_at = null, decision_note = '' \
        where meetings_absence.state = 'withdrawn' or meetings_absence.category <> excluded.category \
        or meetings_absence.is_told <> excluded.is_told \
        or meetings_absence.note <> excluded.note";
    ASKED = "select distinct t.id, u.path from meetings_absence a join meetings_meeting t on t.id = a.meeting_id \
        join v_people_unit u on u.id = t.unit_id where a.state = 'filed' and t.starts_at > $1 \
        and t.state = 'called' order by t.id limit 500";
    WITHDRAW = "update meetings_absence set state = 'withdrawn' \
        where meeting_id = $1 and member_id = $2 and state <> 'withdrawn'";
    ABSENCES = "select a.id, a.member_id, m.name, a.category, a.is_told, a.note, a.state, \
        a.decision_note, coalesce(d.name, '') as decided_name \
        from meetings_absence a join v_people_name m on m.member_id = a.member_id \
        left join v_people_name d on d.member_id = a.decided_by \
        where a.meeting_id = $1 and a.state <> 'withdrawn' order by m.name_key, a.id";
    DECIDE = "update meetings_absence set state = $3, decided_by = $4, decided_at = $5, decision_note = $6 \
        where id = $1 and meeting_id = $2 and state <> 'withdrawn'";
    ABSENCE = "select a.id, a.member_id, m.name, a.category, a.is_told, a.note, a.state, \
        a.decision_note, coalesce(d.name, '') as decided_name \
        from meetings_absence a join v_people_name m on m.member_id = a.member_id \
        left join v_people_name d on d.member_id = a.decided_by where a.id = $1 and a.meeting_id = $2";
    // A mark under an old id is read as the person's where the old id is not on the roll itself.
    MARKS = "select a.member_id, a.state, a.marked_by, coalesce(w.member_id, '') as read_as \
        from meetings_attendance a left join v_people_alias w on w.old_id = a.member_id where a.meeting_id = $1";
    MARK = "insert into meetings_attendance (meeting_id, member_id, state, reason, marked_by, marked_at) \
        values ($1, $2, $3, $4, $5, $6) on conflict (meeting_id, member_id) \
        do update set state = excluded.state, reason = excluded.reason, marked_by = excluded.marked_by, \
        marked_at = excluded.marked_at, row_version = meetings_attendance.row_version + 1 \
        where meetings_attendance.state <> excluded.state";
    ADD_NUMBERS = "insert into meetings_numbers (meeting_id, taken_at, moment, headcount, full_total, \
        probationary, exempt, away, convened, present, excused, unexcused, vote_base, by_member) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    NUMBERS = "select headcount, full_total, probationary, exempt, away, convened, present, excused, \
        unexcused, vote_base from meetings_numbers where meeting_id = $1 and moment = $2 \
        order by taken_at desc limit 1";
    TASKS = "select t.id, t.title, t.due_on, t.state, t.owner_id, t.origin_id, coalesce(m.name, '') as owner \
        from meetings_task t left join v_people_name m on m.member_id = t.owner_id \
        where t.origin_type = 'meeting' and t.origin_id = $1 order by t.due_on, t.id";
    OPEN_TASKS = "select t.id, t.title, t.due_on, t.state, t.owner_id, t.origin_id, coalesce(m.name, '') as owner \
        from meetings_task t left join v_people_name m on m.member_id = t.owner_id \
        where t.unit_id = $1 and t.state = 'open' and t.origin_id <> $2 order by t.due_on, t.id limit 60";
    CONCLUSIONS = "select title, conclusion from meetings_item where meeting_id = $1 and conclusion <> '' order by position";
    ADD_TASK = "insert into meetings_task (id, unit_id, origin_id, title, owner_id, due_on, state, done_on, once_key) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (once_key) do nothing";
    TASK = "select t.id, t.title, t.due_on, t.state, t.owner_id, t.origin_id, coalesce(m.name, '') as owner \
        from meetings_task t left join v_people_name m on m.member_id = t.owner_id \
        where t.id = $1 and t.unit_id = $2";
    SET_TASK = "update meetings_task set title = $3, owner_id = $4, due_on = $5 \
        where id = $1 and unit_id = $2 and state = 'open' returning origin_id";
    END_TASK = "update meetings_task set state = $3, done_on = $4 \
        where id = $1 and unit_id = $2 and state = 'open' returning origin_id";
}

/// Opens a called meeting; answers whether it was called.
pub(crate) async fn open<P: Chairs>(act: &mut Act<P>, id: &MeetingId, at: Moment) -> Result<bool> {
    holds(act, id).await?;
    Ok(sql(OPEN).bind(id).bind(at).run(act.on()).await? == 1)
}

/// Takes a start back; answers whether the meeting was running.
pub(crate) async fn unopen<P: Chairs>(act: &mut Act<P>, id: &MeetingId) -> Result<bool> {
    holds(act, id).await?;
    Ok(sql(UNOPEN).bind(id).run(act.on()).await? == 1)
}

/// How much was marked or written since the meeting began, minutes too; what the start itself marked apart.
pub(crate) async fn count_touched(db: &Db, id: &MeetingId) -> Result<i64> {
    sql(TOUCHED).bind(id).count(db.read()).await
}

/// The same, inside a transaction.
pub(crate) async fn count_touched_in(on: &mut Connection, id: &MeetingId) -> Result<i64> {
    sql(TOUCHED).bind(id).count(on).await
}

/// Ends a running meeting; answers whether it was running.
pub(crate) async fn close<P: Chairs>(
    act: &mut Act<P>,
    id: &MeetingId,
    started: Moment,
    ended: Moment,
) -> Result<bool> {
    holds(act, id).await?;
    // From now on its conclusions can be found.
    act.changed(feed::KIND, id);
    Ok(sql(CLOSE)
        .bind(id)
        .bind(started)
        .bind(ended)
        .run(act.on())
        .await?
        == 1)
}

/// Keeps what was said and concluded; answers whether anything changed.
pub(crate) async fn note_item<P: Writes>(
    act: &mut Act<P>,
    meeting: &MeetingId,
    item: &str,
    summary: &str,
    conclusion: &str,
) -> Result<bool> {
    holds(act, meeting).await?;
    let (now, by) = (act.now(), act.by().to_owned());
    let changed = sql(NOTE_ITEM)
        .bind(item)
        .bind(meeting)
        .bind(summary)
        .bind(conclusion)
        .bind(by)
        .bind(now)
        .run(act.on())
        .await?;
    if changed == 1 {
        act.changed(feed::KIND, meeting);
    }
    Ok(changed == 1)
}

#[derive(FromRow)]
struct ReplyRow {
    #[sqlx(try_from = "String")]
    answer: Reply,
}

/// What a member answered; nothing when they were never asked.
pub(crate) async fn find_answer(
    db: &Db,
    id: &MeetingId,
    member: &MemberId,
) -> Result<Option<Reply>> {
    let stmt = sql(MY_ANSWER).bind(id).bind(member);
    let row: Option<ReplyRow> = stmt.maybe(db.read()).await?;
    Ok(row.map(|row| row.answer))
}

/// Somebody who was asked.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Invited {
    #[sqlx(try_from = "String")]
    pub answer: Kept<Reply>,
    pub name: String,
}

/// Somebody who was asked; nothing when they were not.
pub(crate) async fn find_invited(
    on: impl db::On<'_>,
    id: &MeetingId,
    member: &MemberId,
) -> Result<Option<Invited>> {
    sql(INVITED).bind(id).bind(member).maybe(on).await
}

/// Who was asked and has not answered: id and name.
pub(crate) async fn list_unanswered(db: &Db, id: &MeetingId) -> Result<Vec<(String, String)>> {
    sql(UNANSWERED).bind(id).all(db.read()).await
}

/// The absence that a member filed, withdrawn ones too.
pub(crate) async fn find_absence_of(
    on: impl db::On<'_>,
    id: &MeetingId,
    member: &MemberId,
) -> Result<Option<Absence>> {
    sql(MY_ABSENCE).bind(id).bind(member).maybe(on).await
}

/// Coming: an absence filed earlier is withdrawn.
pub(crate) async fn answer_yes<P: Answers>(
    act: &mut Act<P>,
    id: &MeetingId,
    member: &MemberId,
    at: Moment,
) -> Result<()> {
    holds(act, id).await?;
    sql(ANSWER)
        .bind(id)
        .bind(member)
        .bind(Reply::Yes.word())
        .bind(at)
        .run(act.on())
        .await?;
    sql(WITHDRAW).bind(id).bind(member).run(act.on()).await?;
    Ok(())
}

/// Not coming, with a reason for the committee or without one; the same words again change nothing.
pub(crate) async fn answer_no<P: Answers>(
    act: &mut Act<P>,
    id: &MeetingId,
    member: &MemberId,
    category: Option<Category>,
    note: &str,
) -> Result<()> {
    holds(act, id).await?;
    let site = act.site().clone();
    let now = act.now();
    sql(ANSWER)
        .bind(id)
        .bind(member)
        .bind(Reply::No.word())
        .bind(now)
        .run(act.on())
        .await?;
    sql(FILE)
        .bind(site.dice.uuid(now))
        .bind(id)
        .bind(member)
        .bind(category.unwrap_or(Category::Other).word())
        .bind(note)
        .bind(now)
        .bind(i64::from(category.is_some()))
        .run(act.on())
        .await?;
    Ok(())
}

/// Somebody who was invited, with their answer.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Answered {
    pub member_id: String,
    #[sqlx(try_from = "String")]
    pub answer: Kept<Reply>,
}

/// Everybody who was invited, with their answers.
pub(crate) async fn list_answers(db: &Db, id: &MeetingId) -> Result<Vec<Answered>> {
    sql(ANSWERS).bind(id).all(db.read()).await
}

/// An absence that was filed. Never shown outside the unit's committee (rule R5).
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Absence {
    pub id: String,
    pub member_id: String,
    pub name: String,
    #[sqlx(try_from = "String")]
    category: Kept<Category>,
    is_told: i64,
    pub note: String,
    #[sqlx(try_from = "String")]
    pub state: Kept<AbsenceState>,
    /// What was said to the decision; whoever asked reads it.
    pub decision_note: String,
    /// Who decided; empty while nobody has.
    pub decided_name: String,
}

impl Absence {
    /// Stands for what was asked and decided, as a page shows it.
    pub(crate) fn mark(&self) -> String {
        let state = self.state.word();
        let parts = [state, self.category(), &self.note, &self.decision_note];
        crate::hall::pages::notes::mark(&parts.join("\n"))
    }
    /// Why, by its word; empty when nothing was chosen.
    pub(crate) fn category(&self) -> &str {
        if self.is_told == 0 {
            ""
        } else {
            self.category.word()
        }
    }
    /// Key of the sentence that says why.
    pub(crate) fn why(&self) -> &'static str {
        match self.category.known() {
            _ if self.is_told == 0 && self.note.is_empty() => "meetings-absence-untold",
            _ if self.is_told == 0 => "meetings-absence-note",
            Some(category) => category.text(),
            None => "meetings-unread",
        }
    }
}

/// Absences that still stand, in the order of names.
pub(crate) async fn list_absences(db: &Db, id: &MeetingId) -> Result<Vec<Absence>> {
    sql(ABSENCES).bind(id).all(db.read()).await
}

/// The same, inside a transaction.
pub(crate) async fn list_absences_in(on: &mut Connection, id: &MeetingId) -> Result<Vec<Absence>> {
    sql(ABSENCES).bind(id).all(on).await
}

/// One absence of that meeting.
pub(crate) async fn get_absence(
    on: &mut Connection,
    id: &MeetingId,
    absence: &str,
) -> Result<Absence> {
    sql(ABSENCE).bind(absence).bind(id).one(on).await
}

/// The chair's decision with what is said to it; answers whether the absence still stood.
pub(crate) async fn decide<P: Chairs>(
    act: &mut Act<P>,
    id: &MeetingId,
    absence: &str,
    (state, note): (AbsenceState, &str),
    by: &MemberId,
) -> Result<bool> {
    holds(act, id).await?;
    let now = act.now();
    Ok(sql(DECIDE)
        .bind(absence)
        .bind(id)
        .bind(state.word())
        .bind(by)
        .bind(now)
        .bind(note)
        .run(act.on())
        .await?
        == 1)
}

/// A mark beside a name.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Marked {
    pub member_id: String,
    #[sqlx(try_from = "String")]
    pub state: Kept<Mark>,
    /// Who set it last.
    pub marked_by: String,
    /// The record into which that one was merged since; empty for none.
    pub read_as: String,
}

/// The marks of everyone who was ever marked.
pub(crate) async fn list_marks(db: &Db, id: &MeetingId) -> Result<Vec<Marked>> {
    sql(MARKS).bind(id).all(db.read()).await
}

/// The same, inside a transaction.
pub(crate) async fn list_marks_in(on: &mut Connection, id: &MeetingId) -> Result<Vec<Marked>> {
    sql(MARKS).bind(id).all(on).await
}

/// Sets a mark (an open one takes it back); answers whether it changed.
pub(crate) async fn mark<P: Marks>(
    act: &mut Act<P>,
    id: &MeetingId,
    member: &str,
    mark: Mark,
    by: &MemberId,
    at: Moment,
) -> Result<bool> {
    holds(act, id).await?;
    Ok(sql(MARK)
        .bind(id)
        .bind(member)
        .bind(mark.word())
        .bind("")
        .bind(by)
        .bind(at)
        .run(act.on())
        .await?
        == 1)
}

/// Keeps a snapshot of the numbers.
pub(crate) async fn add_numbers<P: Chairs>(
    act: &mut Act<P>,
    id: &MeetingId,
    moment: Taken,
    n: &Numbers,
    by: &str,
    at: Moment,
) -> Result<()> {
    holds(act, id).await?;
    sql(ADD_NUMBERS)
        .bind(id)
        .bind(at)
        .bind(moment.word())
        .bind(n.headcount)
        .bind(n.full_total)
        .bind(n.probationary)
        .bind(n.exempt)
        .bind(n.away)
        .bind(n.convened)
        .bind(n.present)
        .bind(n.excused)
        .bind(n.unexcused)
        .bind(n.vote_base)
        .bind(by)
        .run(act.on())
        .await?;
    Ok(())
}

#[derive(FromRow)]
struct NumbersRow {
    headcount: i64,
    full_total: i64,
    probationary: i64,
    exempt: i64,
    away: i64,
    convened: i64,
    present: i64,
    excused: i64,
    unexcused: i64,
    vote_base: i64,
}

/// The snapshot taken at the `start` or the `end`; reports print it and never count again.
pub(crate) async fn find_numbers(
    db: &Db,
    id: &MeetingId,
    moment: Taken,
) -> Result<Option<Numbers>> {
    let row: Option<NumbersRow> = sql(NUMBERS)
        .bind(id)
        .bind(moment.word())
        .maybe(db.read())
        .await?;
    Ok(row.map(|n| Numbers {
        headcount: n.headcount,
        full_total: n.full_total,
        probationary: n.probationary,
        exempt: n.exempt,
        away: n.away,
        convened: n.convened,
        present: n.present,
        excused: n.excused,
        unexcused: n.unexcused,
        vote_base: n.vote_base,
    }))
}

/// A task given at a meeting.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Task {
    pub id: String,
    pub title: String,
    pub due_on: String,
    #[sqlx(try_from = "String")]
    pub state: Kept<TaskState>,
    pub owner_id: String,
    /// The meeting at which it was given.
    pub origin_id: String,
    pub owner: String,
}

/// Tasks given at that meeting.
pub(crate) async fn list_tasks(db: &Db, id: &MeetingId) -> Result<Vec<Task>> {
    sql(TASKS).bind(id).all(db.read()).await
}

/// Tasks of earlier meetings that are still open.
pub(crate) async fn list_open_tasks(db: &Db, unit: &UnitId, but: &MeetingId) -> Result<Vec<Task>> {
    sql(OPEN_TASKS).bind(unit).bind(but).all(db.read()).await
}

/// A task of that unit, ended ones too.
pub(crate) async fn find_task(
    on: &mut Connection,
    unit: &UnitId,
    id: &str,
) -> Result<Option<Task>> {
    sql(TASK).bind(id).bind(unit).maybe(on).await
}

/// Changes an open task.
pub(crate) async fn set_task<P: Writes>(
    act: &mut Act<P>,
    unit: &UnitId,
    id: &str,
    (title, owner_id, due_on): (&str, &str, &str),
) -> Result<bool> {
    holds_unit(act, unit).await?;
    let origin: Option<(String,)> = sql(SET_TASK)
        .bind(id)
        .bind(unit)
        .bind(title)
        .bind(owner_id)
        .bind(due_on)
        .maybe(act.on())
        .await?;
    if let Some((meeting,)) = &origin {
        act.changed(feed::KIND, meeting);
    }
    Ok(origin.is_some())
}

/// What is kept of a new task.
pub(crate) struct NewTask<'a> {
    pub title: &'a str,
    pub owner_id: &'a str,
    pub due_on: &'a str,
    pub state: TaskState,
    pub done_on: &'a str,
    pub once: &'a str,
}

/// An open task of somebody.
#[derive(FromRow)]
pub(crate) struct GivenTask {
    pub title: String,
    pub due_on: String,
    pub origin_id: String,
}

/// What these units gave a member to do and is open, the first due first.
pub(crate) async fn list_tasks_given(
    db: &Db,
    member: &MemberId,
    units: &[kernel::UnitId],
) -> Result<Vec<GivenTask>> {
    let text = format!(
        "select title, due_on, origin_id from meetings_task where unit_id in {} and state = 'open' \
         and owner_id in (select as_id from v_people_as where member_id = $1) and origin_type = 'meeting' order by due_on, id limit 20",
        db::in_list(2, units.len())
    );
    db::sql_built(text)
        .bind(member)
        .bind_all(units)
        .all(db.read())
        .await
}

/// What was concluded, in the order of the agenda: title, conclusion.
pub(crate) async fn list_conclusions(db: &Db, id: &MeetingId) -> Result<Vec<(String, String)>> {
    sql(CONCLUSIONS).bind(id).all(db.read()).await
}

/// Gives a task; the same form sent twice gives it once.
pub(crate) async fn add_task<P: Writes>(
    act: &mut Act<P>,
    unit: &UnitId,
    meeting: &MeetingId,
    task: &NewTask<'_>,
) -> Result<bool> {
    holds(act, meeting).await?;
    let site = act.site().clone();
    let added = sql(ADD_TASK)
        .bind(site.dice.uuid(act.now()))
        .bind(unit)
        .bind(meeting)
        .bind(task.title)
        .bind(task.owner_id)
        .bind(task.due_on)
        .bind(task.state.word())
        .bind(task.done_on)
        .bind(task.once)
        .run(act.on())
        .await?;
    if added == 1 {
        act.changed(feed::KIND, meeting);
    }
    Ok(added == 1)
}

/// Ends an open task of the unit: `done` or `dropped`.
pub(crate) async fn end_task<P: Writes>(
    act: &mut Act<P>,
    unit: &UnitId,
    task: &str,
    state: TaskState,
    on: &str,
) -> Result<bool> {
    holds_unit(act, unit).await?;
    let origin: Option<(String,)> = sql(END_TASK)
        .bind(task)
        .bind(unit)
        .bind(state.word())
        .bind(on)
        .maybe(act.on())
        .await?;
    if let Some((meeting,)) = &origin {
        act.changed(feed::KIND, meeting);
    }
    Ok(origin.is_some())
}

/// A task as its owner sees it.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct OwnTask {
    pub title: String,
    pub due_on: String,
    #[sqlx(try_from = "String")]
    pub state: Kept<TaskState>,
    pub origin_id: String,
    #[sqlx(try_from = "String")]
    pub unit_id: kernel::UnitId,
    pub unit_name: String,
    #[sqlx(try_from = "String")]
    pub path: kernel::UnitPath,
}

/// Drops invitations and absences of somebody who has left, in meetings that have not begun.
pub(crate) async fn drop_coming(act: &mut Act<site::Program>, member: &MemberId) -> Result<()> {
    let coming = sql(COMING_OF).bind(member).bind(act.now());
    let coming: Vec<(String,)> = coming.all(act.on()).await?;
    for (meeting,) in coming {
        holds(act, &meeting.parse().map_err(kernel::Error::fault)?).await?;
        let gone = sql(UNINVITE).bind(&meeting).bind(member);
        gone.run(act.on()).await?;
        let gone = sql(WITHDRAW).bind(&meeting).bind(member);
        gone.run(act.on()).await?;
    }
    Ok(())
}

/// Gives chair and clerk of meetings that have not begun to the record that stays, where the other one has them.
pub(crate) async fn inherit_coming(
    act: &mut Act<site::Program>,
    kept: &MemberId,
    old: &MemberId,
) -> Result<()> {
    let coming = sql(LED_BY).bind(old).bind(act.now());
    let coming: Vec<(String,)> = coming.all(act.on()).await?;
    for (meeting,) in coming {
        holds(act, &meeting.parse().map_err(kernel::Error::fault)?).await?;
        let given = sql(LED_OVER).bind(&meeting).bind(old).bind(kept);
        given.run(act.on()).await?;
    }
    Ok(())
}

/// A meeting to come that somebody chairs or takes down.
#[derive(FromRow)]
pub(crate) struct Led {
    pub id: String,
    pub title: String,
    pub starts_at: i64,
    #[sqlx(try_from = "String")]
    pub unit_id: kernel::UnitId,
    #[sqlx(try_from = "String")]
    pub path: kernel::UnitPath,
}

/// Meetings to come that a member chairs or takes down, the first first.
pub(crate) async fn list_led(db: &Db, member: &MemberId, after: Moment) -> Result<Vec<Led>> {
    sql(LEADS).bind(member).bind(after).all(db.read()).await
}

/// Hands the meetings to come and the open tasks that somebody has in a unit to the next holder of the post; answers
/// how many. Meetings come first, as everywhere.
pub(crate) async fn hand_over(act: &mut Act<HandingOver>, pass: &Passing) -> Result<u64> {
    holds_unit(act, &pass.unit).await?;
    let led = sql(LED_HERE)
        .bind(&pass.from)
        .bind(act.now())
        .bind(&pass.unit);
    let led: Vec<(String,)> = led.all(act.on()).await?;
    let mut gone = 0;
    for (meeting,) in led {
        // Found a moment ago by the unit that the act was opened for.
        act.reaches(&meeting);
        let given = sql(HAND_MEETING)
            .bind(&meeting)
            .bind(&pass.from)
            .bind(&pass.to);
        gone += given.run(act.on()).await?;
        act.changed(feed::KIND, &meeting);
    }
    let owned = sql(OWNED_HERE).bind(&pass.from).bind(&pass.unit);
    let owned: Vec<(String, String)> = owned.all(act.on()).await?;
    for (task, meeting) in owned {
        gone += sql(HAND_TASK)
            .bind(&task)
            .bind(&pass.to)
            .run(act.on())
            .await?;
        act.changed(feed::KIND, &meeting);
    }
    Ok(gone)
}

/// The tasks of a member, those that are due first.
pub(crate) async fn list_tasks_of(db: &Db, member: &MemberId) -> Result<Vec<OwnTask>> {
    sql(TASKS_OF).bind(member).all(db.read()).await
}

/// Meetings where two records of one person are asked for or marked, the newest first: title and beginning.
pub(crate) async fn list_both(
    db: &Db,
    one: &MemberId,
    other: &MemberId,
) -> Result<Vec<(String, i64)>> {
    sql(BOTH).bind(one).bind(other).all(db.read()).await
}

/// How a member stood on a roll.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Attended {
    pub title: String,
    pub starts_at: i64,
    #[sqlx(try_from = "String")]
    pub state: Kept<Mark>,
}

/// The rolls that a member stood on.
pub(crate) async fn list_roll_of(db: &Db, member: &MemberId) -> Result<Vec<Attended>> {
    sql(ROLL_OF).bind(member).all(db.read()).await
}
/// Called meetings to come with an absence that nobody has decided on, and the paths of their units.
pub(crate) async fn list_asked(db: &Db, now: Moment) -> Result<Vec<(String, String)>> {
    sql(ASKED).bind(now).all(db.read()).await
}
