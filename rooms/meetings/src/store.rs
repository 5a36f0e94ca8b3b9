//! Every statement of the room, as named constants, with the rows they give.
//!
//! Functions here take what was already decided; rights are `access`, rules `state`, `roll`, `plan`.
//! A write that depends on the meeting's state first takes hold of its row with that state, so a
//! closing and a late mark cannot pass each other.
//! The rule that surprises: nothing here deletes a meeting, an answer, a mark or a revision.

use crate::access::{Answers, Calls, CanSetInvitation, Chairs, Marks, Plans, Writes};
use crate::fact::{AbsenceState, Category, Kind, Mark, Reply, RevisionState, Taken, TaskState};
use crate::id::{ItemId, MeetingId};
use crate::plan::Row;
use crate::roll::Numbers;
use crate::state::State;
use db::{Connection, Db, FromRow, in_list, sql, sql_built};
use kernel::error::{Error, Refusal, Result};
use kernel::fact::Kept;
use kernel::{MemberId, Moment, Scope, UnitId, UnitPath, UnitRef};
use site::{Act, Proof};

const MEETING: &str = "select m.id, m.unit_id, m.kind, m.title, m.state, m.starts_at, m.started_at, m.ended_at, \
    m.place, m.chair_id, m.clerk_id, m.template_code, m.cancel_reason, m.row_version, \
    u.path as unit_path, u.name as unit_name, u.dissolved_on, coalesce(p.name, '') as parent_name, \
    coalesce(c.name, '') as chair_name, coalesce(k.name, '') as clerk_name \
    from meetings_meeting m \
    join v_people_unit u on u.id = m.unit_id \
    left join v_people_unit p on p.id = u.parent_id \
    left join v_people_name c on c.member_id = m.chair_id \
    left join v_people_name k on k.member_id = m.clerk_id \
    where m.id = $1";
const ADD: &str = "insert into meetings_meeting \
    (id, unit_id, kind, title, state, starts_at, place, chair_id, clerk_id, template_code, once_key, created_by, created_at) \
    values ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $9, $10, $11, $12) \
    on conflict (once_key) do nothing";
const BY_ONCE: &str = "select id from meetings_meeting where once_key = $1 and created_by = $2";
const SET: &str = "update meetings_meeting set title = $3, place = $4, chair_id = $5, clerk_id = $6, \
    starts_at = $7, row_version = row_version + 1 \
    where id = $1 and row_version = $2 and state in ('draft', 'called')";
const SET_STATE: &str = "update meetings_meeting set state = $3, row_version = row_version + 1 where id = $1 and state = $2";
const OPEN: &str = "update meetings_meeting set state = 'running', started_at = $2, row_version = row_version + 1 \
    where id = $1 and state = 'called'";
const CLOSE: &str = "update meetings_meeting set state = 'ended', started_at = $2, ended_at = $3, \
    row_version = row_version + 1 where id = $1 and state = 'running'";
const CANCEL: &str = "update meetings_meeting set state = 'cancelled', cancel_reason = $3, \
    row_version = row_version + 1 where id = $1 and state = $2";
const MOVE: &str = "update meetings_meeting set starts_at = $3, row_version = row_version + 1 \
    where id = $1 and state = 'called' and starts_at = $2";
const NOTE_MOVE: &str = "insert into meetings_postponement \
    (id, meeting_id, old_starts_at, new_starts_at, reason, by_member, at) values ($1, $2, $3, $4, $5, $6, $7)";
const MOVES: &str =
    "select old_starts_at, reason from meetings_postponement where meeting_id = $1 order by at";
const FORGET_ANSWERS: &str =
    "update meetings_invitation set answer = '', answered_at = null where meeting_id = $1";
const WITHDRAW_ALL: &str = "update meetings_absence set state = 'withdrawn' where meeting_id = $1 and state <> 'withdrawn'";
const HOLD: &str =
    "update meetings_meeting set row_version = row_version where id = $1 and state = $2";

const ITEMS: &str = "select id, position, title, minutes_planned, presenter, summary, conclusion \
    from meetings_item where meeting_id = $1 order by position, id";
const ADD_ITEM: &str = "insert into meetings_item (id, meeting_id, position, title, minutes_planned, presenter) \
    values ($1, $2, $3, $4, $5, $6)";
const SET_ITEM: &str = "update meetings_item set position = $3, title = $4, minutes_planned = $5, presenter = $6 \
    where id = $1 and meeting_id = $2";
const DROP_ITEM: &str = "delete from meetings_item where id = $1 and meeting_id = $2";
const NOTE_ITEM: &str = "update meetings_item set summary = $3, conclusion = $4 \
    where id = $1 and meeting_id = $2 and (summary <> $3 or conclusion <> $4)";

const PAPERS: &str = "select kind || ':' || thing_id from meetings_paper where meeting_id = $1 order by kind, thing_id";
const ADD_PAPER: &str = "insert into meetings_paper (meeting_id, item_id, kind, thing_id, published_at) \
    values ($1, $2, $3, $4, $5) on conflict (meeting_id, item_id, kind, thing_id) do nothing";
const DROP_PAPER: &str =
    "delete from meetings_paper where meeting_id = $1 and kind = $2 and thing_id = $3";
const IS_PAPER: &str = "select count(*) from meetings_paper where kind = $1 and thing_id = $2";
const PUBLISH: &str =
    "update meetings_paper set published_at = $2 where meeting_id = $1 and published_at is null";

const INVITE: &str = "insert into meetings_invitation (meeting_id, member_id, as_kind, sent_at) \
    values ($1, $2, 'member', $3) on conflict (meeting_id, member_id) do nothing";
const ANSWER: &str = "insert into meetings_invitation (meeting_id, member_id, answer, answered_at, seen_at) \
    values ($1, $2, $3, $4, $4) on conflict (meeting_id, member_id) \
    do update set answer = excluded.answer, answered_at = excluded.answered_at, \
    seen_at = coalesce(meetings_invitation.seen_at, excluded.seen_at)";
const MY_ANSWER: &str = "select meeting_id, member_id, answer from meetings_invitation where meeting_id = $1 and member_id = $2";
const MY_ABSENCE: &str = "select a.id, a.member_id, m.name, a.category, a.note, a.state \
    from meetings_absence a join v_people_name m on m.member_id = a.member_id \
    where a.meeting_id = $1 and a.member_id = $2";
const INVITED: &str =
    "select member_id from meetings_invitation where meeting_id = $1 order by member_id";
const COMING: &str = "select m.id, m.title, m.state, m.starts_at, m.place, u.name as unit_name \
    from meetings_meeting m join v_people_unit u on u.id = m.unit_id \
    where m.unit_id = $1 and m.starts_at >= $2 and m.state in ('called', 'checkin', 'running') \
    order by m.starts_at, m.id limit $3";
const TASKS_OF: &str = "select t.title, t.due_on, t.state, t.origin_id, u.name as unit_name \
    from meetings_task t join v_people_unit u on u.id = t.unit_id where t.owner_id = $1 \
    order by t.due_on, t.id";
const ROLL_OF: &str = "select m.title, m.starts_at, a.state from meetings_attendance a \
    join meetings_meeting m on m.id = a.meeting_id where a.member_id = $1 order by m.starts_at, m.id";
const ANSWERS: &str = "select answer, count(*) as people from meetings_invitation where meeting_id = $1 group by answer";
const FILE: &str = "insert into meetings_absence (id, meeting_id, member_id, category, note, filed_at, state) \
    values ($1, $2, $3, $4, $5, $6, 'filed') on conflict (meeting_id, member_id) \
    do update set category = excluded.category, note = excluded.note, filed_at = excluded.filed_at, \
    state = 'filed', decided_by = '', decided_at = null \
    where meetings_absence.state = 'withdrawn' or meetings_absence.category <> excluded.category \
    or meetings_absence.note <> excluded.note";
const WITHDRAW: &str = "update meetings_absence set state = 'withdrawn' \
    where meeting_id = $1 and member_id = $2 and state <> 'withdrawn'";
const ABSENCES: &str = "select a.id, a.member_id, m.name, a.category, a.note, a.state \
    from meetings_absence a join v_people_name m on m.member_id = a.member_id \
    where a.meeting_id = $1 and a.state <> 'withdrawn' order by m.name_key, a.id";
const DECIDE: &str = "update meetings_absence set state = $3, decided_by = $4, decided_at = $5 \
    where id = $1 and meeting_id = $2 and state <> 'withdrawn' and state <> $3";
const ABSENCE: &str = "select a.id, a.member_id, m.name, a.category, a.note, a.state \
    from meetings_absence a join v_people_name m on m.member_id = a.member_id where a.id = $1 and a.meeting_id = $2";

const MARKS: &str = "select member_id, state from meetings_attendance where meeting_id = $1";
const MARK: &str = "insert into meetings_attendance (meeting_id, member_id, state, reason, marked_by, marked_at) \
    values ($1, $2, $3, $4, $5, $6) on conflict (meeting_id, member_id) \
    do update set state = excluded.state, reason = excluded.reason, marked_by = excluded.marked_by, \
    marked_at = excluded.marked_at, row_version = meetings_attendance.row_version + 1 \
    where meetings_attendance.state <> excluded.state";
const ADD_NUMBERS: &str = "insert into meetings_numbers (meeting_id, taken_at, moment, headcount, full_total, \
    probationary, exempt, away, convened, present, excused, unexcused, vote_base, by_member) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
const NUMBERS: &str = "select headcount, full_total, probationary, exempt, away, convened, present, excused, \
    unexcused, vote_base from meetings_numbers where meeting_id = $1 and moment = $2 \
    order by taken_at desc limit 1";

const LATEST: &str = "select r.number, r.body, r.body_hash, r.at, coalesce(m.name, '') as author \
    from meetings_revision r left join v_people_name m on m.member_id = r.author_id \
    where r.meeting_id = $1 order by r.number desc limit 1";
const ADD_REVISION: &str = "insert into meetings_revision (id, meeting_id, number, state, body, body_hash, author_id, at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8)";

const TASKS: &str = "select t.id, t.title, t.due_on, t.state, coalesce(m.name, '') as owner \
    from meetings_task t left join v_people_name m on m.member_id = t.owner_id \
    where t.origin_type = 'meeting' and t.origin_id = $1 order by t.due_on, t.id";
const OPEN_TASKS: &str = "select t.id, t.title, t.due_on, t.state, coalesce(m.name, '') as owner \
    from meetings_task t left join v_people_name m on m.member_id = t.owner_id \
    where t.unit_id = $1 and t.state = 'open' and t.origin_id <> $2 order by t.due_on, t.id limit 60";
const ADD_TASK: &str = "insert into meetings_task (id, unit_id, origin_id, title, owner_id, due_on, state, done_on, once_key) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (once_key) do nothing";
const END_TASK: &str = "update meetings_task set state = $3, done_on = $4 where id = $1 and unit_id = $2 and state = 'open'";

const LAST: &str = "select starts_at, place, chair_id, clerk_id from meetings_meeting \
    where unit_id = $1 and kind = 'regular' and state <> 'cancelled' order by starts_at desc, id desc limit 1";
const TAKEN: &str = "select starts_at from meetings_meeting \
    where unit_id = $1 and kind = 'regular' and state <> 'cancelled' and starts_at >= $2 order by starts_at";

const TEMPLATE: &str = "select code, name, items_json, basis, verified from meetings_template \
    where kind = $1 and (cell_type = $2 or cell_type = '') and from_on <= $3 and to_on > $3 \
    order by cell_type desc, from_on desc, code limit 1";
const PUT_TEMPLATE: &str = "insert into meetings_template \
    (id, code, name, kind, cell_type, items_json, basis, verified, from_on) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (code, cell_type, from_on) \
    do update set name = excluded.name, kind = excluded.kind, items_json = excluded.items_json, \
    basis = excluded.basis, verified = excluded.verified, row_version = meetings_template.row_version + 1 \
    where meetings_template.items_json <> excluded.items_json or meetings_template.name <> excluded.name \
    or meetings_template.basis <> excluded.basis or meetings_template.verified <> excluded.verified";

const INVITATION: &str = "select f.file_sha, f.file_name, f.set_at, coalesce(m.name, '') as set_name \
    from meetings_invitation_file f left join v_people_name m on m.member_id = f.set_by where f.unit_id = $1";
const SET_INVITATION: &str = "insert into meetings_invitation_file (unit_id, file_sha, file_name, set_at, set_by) \
    values ($1, $2, $3, $4, $5) on conflict (unit_id) do update set file_sha = excluded.file_sha, \
    file_name = excluded.file_name, set_at = excluded.set_at, set_by = excluded.set_by";
const DROP_INVITATION: &str =
    "delete from meetings_invitation_file where unit_id = $1 returning file_sha";

/// Every statement with a fixed text.
pub(crate) const STATEMENTS: &[&str] = &[
    MEETING,
    ADD,
    BY_ONCE,
    SET,
    SET_STATE,
    OPEN,
    CLOSE,
    CANCEL,
    MOVE,
    NOTE_MOVE,
    MOVES,
    FORGET_ANSWERS,
    WITHDRAW_ALL,
    HOLD,
    ITEMS,
    ADD_ITEM,
    SET_ITEM,
    DROP_ITEM,
    NOTE_ITEM,
    PAPERS,
    ADD_PAPER,
    DROP_PAPER,
    IS_PAPER,
    PUBLISH,
    INVITE,
    ANSWER,
    MY_ANSWER,
    MY_ABSENCE,
    ANSWERS,
    COMING,
    TASKS_OF,
    ROLL_OF,
    INVITED,
    FILE,
    WITHDRAW,
    ABSENCES,
    DECIDE,
    ABSENCE,
    MARKS,
    MARK,
    ADD_NUMBERS,
    NUMBERS,
    LATEST,
    ADD_REVISION,
    TASKS,
    OPEN_TASKS,
    ADD_TASK,
    END_TASK,
    LAST,
    TAKEN,
    TEMPLATE,
    PUT_TEMPLATE,
    INVITATION,
    SET_INVITATION,
    DROP_INVITATION,
    LIST_HEAD,
    TODAY_HEAD,
];

/// The office's file for invitations of a unit.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct InvitationFile {
    pub file_sha: String,
    pub file_name: String,
    pub set_at: i64,
    pub set_name: String,
}

/// The file of that unit, when it has one.
pub(crate) async fn find_invitation(db: &Db, unit: &UnitId) -> Result<Option<InvitationFile>> {
    sql(INVITATION).bind(unit).maybe(db.read()).await
}

/// Keeps a file for the unit of the proof; the one before stays in the storage.
pub(crate) async fn set_invitation(
    act: &mut Act<CanSetInvitation>,
    file_sha: &str,
    file_name: &str,
) -> Result<()> {
    let (unit, now, by) = (act.unit.id.clone(), act.now(), act.by().to_owned());
    sql(SET_INVITATION)
        .bind(unit)
        .bind(file_sha)
        .bind(file_name)
        .bind(now)
        .bind(by)
        .run(act.on())
        .await?;
    Ok(())
}

/// Takes the file away; answers its hash, empty when there was none.
pub(crate) async fn remove_invitation(act: &mut Act<CanSetInvitation>) -> Result<String> {
    let unit = act.unit.id.clone();
    let gone: Option<(String,)> = sql(DROP_INVITATION).bind(unit).maybe(act.on()).await?;
    Ok(gone.map(|(sha,)| sha).unwrap_or_default())
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
/// Who is invited.
pub(crate) async fn list_invited(on: &mut Connection, id: &MeetingId) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = sql(INVITED).bind(id).all(on).await?;
    Ok(rows.into_iter().map(|(member,)| member).collect())
}

/// What is kept of a plan.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub kind: Kind,
    pub title: String,
    pub starts: Moment,
    pub place: String,
    pub chair_id: String,
    pub clerk_id: String,
    pub template_code: String,
    pub rows: Vec<Row>,
    pub papers: Vec<String>,
}

/// Adds a draft. `once` is the key of the form: the same form sent twice adds one meeting, and the
/// second answer is the first one's id with `false`.
pub(crate) async fn add_meeting<P: Plans>(
    act: &mut Act<P>,
    unit: &UnitId,
    by: &MemberId,
    once: &str,
    plan: &Plan,
) -> Result<(MeetingId, bool)> {
    let site = act.site().clone();
    let id = MeetingId::fresh(&site.clock, &site.dice);
    let added = sql(ADD)
        .bind(&id)
        .bind(unit)
        .bind(plan.kind.word())
        .bind(&plan.title)
        .bind(plan.starts)
        .bind(&plan.place)
        .bind(&plan.chair_id)
        .bind(&plan.clerk_id)
        .bind(&plan.template_code)
        .bind(once)
        .bind(by)
        .bind(act.now())
        .run(act.on())
        .await?;
    if added == 0 {
        let (known,): (String,) = sql(BY_ONCE).bind(once).bind(by).one(act.on()).await?;
        return Ok((known.try_into().map_err(|_| Error::NotFound)?, false));
    }
    set_items(act, &id, &[], &plan.rows).await?;
    for paper in &plan.papers {
        add_paper(act, &id, "", paper, None).await?;
    }
    Ok((id, true))
}

/// Keeps a changed plan of a draft or a called meeting; refused when somebody changed it meanwhile.
pub(crate) async fn set_meeting<P: Plans>(
    act: &mut Act<P>,
    old: &Meeting,
    version: i64,
    plan: &Plan,
    emptied_papers: &[String],
) -> Result<()> {
    let touched = sql(SET)
        .bind(&old.id)
        .bind(version)
        .bind(&plan.title)
        .bind(&plan.place)
        .bind(&plan.chair_id)
        .bind(&plan.clerk_id)
        .bind(plan.starts)
        .run(act.on())
        .await?;
    if touched == 0 {
        return Err(changed(&old.id));
    }
    let items: Vec<Item> = sql(ITEMS).bind(&old.id).all(act.on()).await?;
    set_items(act, &old.id, &items, &plan.rows).await?;
    let published = (old.state != State::Draft).then(|| act.now());
    for paper in &plan.papers {
        add_paper(act, &old.id, "", paper, published).await?;
    }
    // Only papers that stood on the form with an empty box go; one this person may not see stays.
    for paper in emptied_papers {
        let (kind, thing) = paper.split_once(':').unwrap_or(("", paper));
        sql(DROP_PAPER)
            .bind(&old.id)
            .bind(kind)
            .bind(thing)
            .run(act.on())
            .await?;
    }
    Ok(())
}

/// Somebody else was faster.
pub(crate) fn changed(id: &MeetingId) -> Error {
    Refusal::new("meetings-refused-changed")
        .way_out(format!("/meetings/{id}"), "meetings-see-meeting")
        .into()
}

async fn set_items<P: Plans>(
    act: &mut Act<P>,
    id: &MeetingId,
    old: &[Item],
    rows: &[Row],
) -> Result<()> {
    let site = act.site().clone();
    let mut kept = Vec::new();
    let written = rows.iter().filter(|row| !row.is_empty());
    for (at, row) in written.enumerate() {
        let position = i64::try_from(at + 1).unwrap_or(i64::MAX);
        let known = old
            .iter()
            .find(|item| item.id.as_str() == row.id && !kept.contains(&row.id.as_str()));
        let statement = match known {
            Some(item) => {
                kept.push(row.id.as_str());
                sql(SET_ITEM).bind(&item.id).bind(id)
            }
            None => sql(ADD_ITEM)
                .bind(ItemId::fresh(&site.clock, &site.dice))
                .bind(id),
        };
        statement
            .bind(position)
            .bind(row.title.trim())
            .bind(row.length())
            .bind(row.presenter.trim())
            .run(act.on())
            .await?;
    }
    for item in old.iter().filter(|item| !kept.contains(&item.id.as_str())) {
        sql(DROP_ITEM).bind(&item.id).bind(id).run(act.on()).await?;
    }
    Ok(())
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
/// Opens a called meeting; answers whether it was called.
pub(crate) async fn open<P: Chairs>(act: &mut Act<P>, id: &MeetingId, at: Moment) -> Result<bool> {
    Ok(sql(OPEN).bind(id).bind(at).run(act.on()).await? == 1)
}
/// Ends a running meeting; answers whether it was running.
pub(crate) async fn close<P: Chairs>(
    act: &mut Act<P>,
    id: &MeetingId,
    started: Moment,
    ended: Moment,
) -> Result<bool> {
    Ok(sql(CLOSE)
        .bind(id)
        .bind(started)
        .bind(ended)
        .run(act.on())
        .await?
        == 1)
}
/// Calls a meeting off; answers whether it stood in `from`.
pub(crate) async fn cancel<P: Chairs>(
    act: &mut Act<P>,
    id: &MeetingId,
    from: State,
    reason: &str,
) -> Result<bool> {
    Ok(sql(CANCEL)
        .bind(id)
        .bind(from.word())
        .bind(reason)
        .run(act.on())
        .await?
        == 1)
}
/// Puts a called meeting off: the old date is kept, answers and absences ask anew.
pub(crate) async fn postpone<P: Chairs>(
    act: &mut Act<P>,
    meeting: &Meeting,
    to: Moment,
    reason: &str,
    by: &MemberId,
) -> Result<bool> {
    let site = act.site().clone();
    let moved = sql(MOVE)
        .bind(&meeting.id)
        .bind(meeting.starts())
        .bind(to)
        .run(act.on())
        .await?;
    if moved == 0 {
        return Ok(false);
    }
    let now = act.now();
    sql(NOTE_MOVE)
        .bind(site.dice.uuid(now))
        .bind(&meeting.id)
        .bind(meeting.starts())
        .bind(to)
        .bind(reason)
        .bind(by)
        .bind(now)
        .run(act.on())
        .await?;
    sql(FORGET_ANSWERS).bind(&meeting.id).run(act.on()).await?;
    sql(WITHDRAW_ALL).bind(&meeting.id).run(act.on()).await?;
    Ok(true)
}
/// Earlier dates of a meeting that was put off, each with its reason.
pub(crate) async fn list_moves(db: &Db, id: &MeetingId) -> Result<Vec<(i64, String)>> {
    sql(MOVES).bind(id).all(db.read()).await
}
/// Takes hold of the meeting in that state until the transaction ends; answers whether it was there.
pub(crate) async fn hold<P: Proof>(act: &mut Act<P>, id: &MeetingId, state: State) -> Result<bool> {
    Ok(sql(HOLD).bind(id).bind(state.word()).run(act.on()).await? == 1)
}

/// One line of an agenda, with what was said and concluded.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Item {
    #[sqlx(try_from = "String")]
    pub id: ItemId,
    pub position: i64,
    pub title: String,
    pub minutes_planned: i64,
    pub presenter: String,
    pub summary: String,
    pub conclusion: String,
}
/// The agenda.
pub(crate) async fn list_items(db: &Db, id: &MeetingId) -> Result<Vec<Item>> {
    sql(ITEMS).bind(id).all(db.read()).await
}
/// The agenda, inside a transaction.
pub(crate) async fn list_items_in(on: &mut Connection, id: &MeetingId) -> Result<Vec<Item>> {
    sql(ITEMS).bind(id).all(on).await
}
/// Keeps what was said and concluded; answers whether anything changed.
pub(crate) async fn note_item<P: Writes>(
    act: &mut Act<P>,
    meeting: &MeetingId,
    item: &str,
    summary: &str,
    conclusion: &str,
) -> Result<bool> {
    Ok(sql(NOTE_ITEM)
        .bind(item)
        .bind(meeting)
        .bind(summary)
        .bind(conclusion)
        .run(act.on())
        .await?
        == 1)
}

/// The papers laid before the meeting, each as `KIND:ID`.
pub(crate) async fn list_papers(db: &Db, id: &MeetingId) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = sql(PAPERS).bind(id).all(db.read()).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
/// Whether a thing is laid before any meeting.
pub(crate) async fn is_paper(db: &Db, kind: &str, id: &str) -> Result<bool> {
    let count = sql(IS_PAPER).bind(kind).bind(id).count(db.read()).await?;
    Ok(count > 0)
}
/// Lays a thing (`KIND:ID`) before the meeting (`item` empty) or one line of it.
pub(crate) async fn add_paper<P: Plans>(
    act: &mut Act<P>,
    id: &MeetingId,
    item: &str,
    paper: &str,
    at: Option<Moment>,
) -> Result<()> {
    let (kind, thing) = paper.split_once(':').unwrap_or(("", paper));
    sql(ADD_PAPER)
        .bind(id)
        .bind(item)
        .bind(kind)
        .bind(thing)
        .bind(at)
        .run(act.on())
        .await?;
    Ok(())
}
/// Calling publishes the papers.
pub(crate) async fn publish_papers<P: Calls>(
    act: &mut Act<P>,
    id: &MeetingId,
    at: Moment,
) -> Result<()> {
    sql(PUBLISH).bind(id).bind(at).run(act.on()).await?;
    Ok(())
}

/// Tells a member of a meeting.
pub(crate) async fn invite<P: Calls>(
    act: &mut Act<P>,
    id: &MeetingId,
    member: &str,
    at: Moment,
) -> Result<()> {
    sql(INVITE)
        .bind(id)
        .bind(member)
        .bind(at)
        .run(act.on())
        .await?;
    Ok(())
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
/// The absence that a member filed, withdrawn ones too.
pub(crate) async fn find_absence_of(
    db: &Db,
    id: &MeetingId,
    member: &MemberId,
) -> Result<Option<Absence>> {
    sql(MY_ABSENCE).bind(id).bind(member).maybe(db.read()).await
}
/// Coming: an absence filed earlier is withdrawn.
pub(crate) async fn answer_yes<P: Answers>(
    act: &mut Act<P>,
    id: &MeetingId,
    member: &MemberId,
    at: Moment,
) -> Result<()> {
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
/// Not coming, with a reason for the committee; the same words again change nothing.
pub(crate) async fn answer_no<P: Answers>(
    act: &mut Act<P>,
    id: &MeetingId,
    member: &MemberId,
    category: Category,
    note: &str,
) -> Result<()> {
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
        .bind(category.word())
        .bind(note)
        .bind(now)
        .run(act.on())
        .await?;
    Ok(())
}
/// How many answered what.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Answered {
    #[sqlx(try_from = "String")]
    pub answer: Kept<Reply>,
    pub people: i64,
}
/// How many answered what.
pub(crate) async fn count_answers(db: &Db, id: &MeetingId) -> Result<Vec<Answered>> {
    sql(ANSWERS).bind(id).all(db.read()).await
}
/// An absence that was filed. Never shown outside the unit's committee (rule R5).
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Absence {
    pub id: String,
    pub member_id: String,
    pub name: String,
    #[sqlx(try_from = "String")]
    pub category: Kept<Category>,
    pub note: String,
    #[sqlx(try_from = "String")]
    pub state: Kept<AbsenceState>,
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
/// The chair's decision; answers whether it is new.
pub(crate) async fn decide<P: Chairs>(
    act: &mut Act<P>,
    id: &MeetingId,
    absence: &str,
    state: AbsenceState,
    by: &MemberId,
    at: Moment,
) -> Result<bool> {
    Ok(sql(DECIDE)
        .bind(absence)
        .bind(id)
        .bind(state.word())
        .bind(by)
        .bind(at)
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

/// A revision of the minutes.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Revision {
    pub number: i64,
    pub body: String,
    pub body_hash: String,
    pub at: i64,
    pub author: String,
}
/// The newest revision.
pub(crate) async fn find_revision(db: &Db, id: &MeetingId) -> Result<Option<Revision>> {
    sql(LATEST).bind(id).maybe(db.read()).await
}
/// The newest revision, inside a transaction.
pub(crate) async fn find_revision_in(
    on: &mut Connection,
    id: &MeetingId,
) -> Result<Option<Revision>> {
    sql(LATEST).bind(id).maybe(on).await
}
/// Adds a revision; two people saving at once break the unique number, which is told as "changed".
pub(crate) async fn add_revision<P: Writes>(
    act: &mut Act<P>,
    id: &MeetingId,
    number: i64,
    body: &str,
    hash: &str,
    by: &MemberId,
) -> Result<()> {
    let site = act.site().clone();
    let now = act.now();
    let done = sql(ADD_REVISION)
        .bind(site.dice.uuid(now))
        .bind(id)
        .bind(number)
        .bind(RevisionState::Writing.word())
        .bind(body)
        .bind(hash)
        .bind(by)
        .bind(now)
        .run(act.on())
        .await;
    match done {
        Err(error) if db::broke(&error, "meetings_revision_meeting_id_number") => Err(changed(id)),
        other => other.map(|_| ()),
    }
}

/// A task given at a meeting.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Task {
    pub id: String,
    pub title: String,
    pub due_on: String,
    #[sqlx(try_from = "String")]
    pub state: Kept<TaskState>,
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
/// What is kept of a new task.
pub(crate) struct NewTask<'a> {
    pub title: &'a str,
    pub owner_id: &'a str,
    pub due_on: &'a str,
    pub state: TaskState,
    pub done_on: &'a str,
    pub once: &'a str,
}
/// Gives a task; the same form sent twice gives it once.
pub(crate) async fn add_task<P: Writes>(
    act: &mut Act<P>,
    unit: &UnitId,
    meeting: &MeetingId,
    task: &NewTask<'_>,
) -> Result<bool> {
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
    Ok(sql(END_TASK)
        .bind(task)
        .bind(unit)
        .bind(state.word())
        .bind(on)
        .run(act.on())
        .await?
        == 1)
}

/// What the next plan takes over from the last meeting.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct LastMeeting {
    pub starts_at: i64,
    pub place: String,
    pub chair_id: String,
    pub clerk_id: String,
}
/// The latest regular meeting of the unit, past or planned.
pub(crate) async fn find_last(db: &Db, unit: &UnitId) -> Result<Option<LastMeeting>> {
    sql(LAST).bind(unit).maybe(db.read()).await
}
/// Starts of the unit's regular meetings from `from` on.
pub(crate) async fn list_taken(db: &Db, unit: &UnitId, from: Moment) -> Result<Vec<Moment>> {
    let rows: Vec<(i64,)> = sql(TAKEN).bind(unit).bind(from).all(db.read()).await?;
    Ok(rows.into_iter().map(|(at,)| Moment(at)).collect())
}

/// A template's row.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct TemplateRow {
    pub code: String,
    pub name: String,
    pub items_json: String,
    pub basis: String,
    pub verified: i64,
}
/// The template in force: that of the cell's own type before the general one, the newest first.
pub(crate) async fn find_template(
    db: &Db,
    kind: Kind,
    cell_type: &str,
    on: kernel::Day,
) -> Result<Option<TemplateRow>> {
    sql(TEMPLATE)
        .bind(kind.word())
        .bind(cell_type)
        .bind(on)
        .maybe(db.read())
        .await
}
/// Keeps a template; the same one again changes nothing.
#[allow(clippy::too_many_arguments)] // the columns of one row
pub(crate) async fn put_template<P: Plans>(
    act: &mut Act<P>,
    id: &str,
    code: &str,
    name: &str,
    kind: Kind,
    cell_type: &str,
    items_json: &str,
    basis: &str,
    verified: bool,
    from_on: kernel::Day,
) -> Result<bool> {
    let touched = sql(PUT_TEMPLATE)
        .bind(id)
        .bind(code)
        .bind(name)
        .bind(kind.word())
        .bind(cell_type)
        .bind(items_json)
        .bind(basis)
        .bind(i64::from(verified))
        .bind(from_on)
        .run(act.on())
        .await?;
    Ok(touched == 1)
}

/// A meeting in a list.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Line {
    pub id: String,
    pub title: String,
    #[sqlx(try_from = "String")]
    pub state: Kept<State>,
    pub starts_at: i64,
    pub place: String,
    pub unit_name: String,
}
/// The next meetings of a unit that are called or going on.
pub(crate) async fn list_coming(
    db: &Db,
    unit: &UnitId,
    from: Moment,
    limit: i64,
) -> Result<Vec<Line>> {
    let stmt = sql(COMING).bind(unit).bind(from).bind(limit);
    stmt.all(db.read()).await
}
/// A task as its owner sees it.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct OwnTask {
    pub title: String,
    pub due_on: String,
    #[sqlx(try_from = "String")]
    pub state: Kept<TaskState>,
    pub origin_id: String,
    pub unit_name: String,
}
/// The tasks of a member, those that are due first.
pub(crate) async fn list_tasks_of(db: &Db, member: &MemberId) -> Result<Vec<OwnTask>> {
    sql(TASKS_OF).bind(member).all(db.read()).await
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
const LIST_HEAD: &str = "select m.id, m.title, m.state, m.starts_at, m.place, u.name as unit_name \
    from meetings_meeting m join v_people_unit u on u.id = m.unit_id where m.starts_at >= $1 and m.starts_at < $2";

/// Meetings between two instants in reach: `drafts` is where drafts may be seen, `all` where the
/// others. Coming ones nearest first, past ones newest first.
pub(crate) async fn list_meetings(
    db: &Db,
    (from, to): (Moment, Moment),
    all: &[Scope],
    drafts: &Scope,
    is_past: bool,
    limit: i64,
) -> Result<Vec<Line>> {
    let mut parts = Vec::new();
    let mut values = Vec::new();
    for scope in all {
        let (text, more) = db::scope_condition(scope, "u.path", 4 + values.len());
        values.extend(more);
        parts.push(format!("(m.state <> 'draft' and {text})"));
    }
    let (text, more) = db::scope_condition(drafts, "u.path", 4 + values.len());
    values.extend(more);
    parts.push(text);
    let order = if is_past {
        "m.starts_at desc, m.id desc"
    } else {
        "m.starts_at, m.id"
    };
    let text = format!(
        "{LIST_HEAD} and ({}) order by {order} limit $3",
        parts.join(" or ")
    );
    sql_built(text)
        .bind(from)
        .bind(to)
        .bind(limit)
        .bind_all(values)
        .all(db.read())
        .await
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
    pub place: String,
    pub chair_id: String,
    #[sqlx(try_from = "String")]
    pub answer: Kept<Reply>,
    pub papers: i64,
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
const TODAY_HEAD: &str = "select m.id, m.unit_id, m.title, m.kind, m.state, m.starts_at, m.ended_at, m.place, m.chair_id, \
    coalesce((select i.answer from meetings_invitation i where i.meeting_id = m.id and i.member_id = $1), '') as answer, \
    (select count(*) from meetings_paper p where p.meeting_id = m.id) as papers, \
    (select count(*) from meetings_revision r where r.meeting_id = m.id) as revisions, \
    (select cast(coalesce(sum(t.minutes_planned), 0) as bigint) from meetings_item t where t.meeting_id = m.id) as minutes \
    from meetings_meeting m where m.starts_at >= $2 and m.starts_at < $3 and m.state not in ('cancelled', 'archived')";

/// The meetings of some units between two instants: the one statement of Hôm nay.
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
