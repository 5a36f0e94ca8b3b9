//! Every statement of planning and calling: agenda, papers, invitations, dates, templates, lists.
//!
//! Functions here take what was already decided; rights are `access`, rules `plan::agenda`. The meeting's
//! row and the hold on it are in the room's own `store`. The rule that surprises: a meeting called off or
//! put off stays with its earlier date; only lines and papers of a plan are ever deleted.

use crate::access::{Calls, CanSetInvitation, Chairs, Plans};
use crate::fact::Kind;
use crate::id::{ItemId, MeetingId};
use crate::plan::Row;
use crate::state::State;
use crate::store::{Meeting, changed, holds, holds_unit};
use db::{Connection, Db, FromRow, sql, sql_built};
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{MemberId, Moment, Scope, UnitId};
use site::Act;

db::statements! {
    ADD = "insert into meetings_meeting \
        (id, unit_id, kind, title, state, starts_at, place, chair_id, clerk_id, template_code, once_key, created_by, created_at, special) \
        values ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $9, $10, $11, $12, $13) \
        on conflict (once_key) do nothing";
    BY_ONCE = "select id from meetings_meeting where once_key = $1 and created_by = $2";
    SET = "update meetings_meeting set title = $3, place = $4, chair_id = $5, clerk_id = $6, \
        starts_at = $7, row_version = row_version + 1 \
        where id = $1 and row_version = $2 and state in ('draft', 'called')";
    CANCEL = "update meetings_meeting set state = 'cancelled', cancel_reason = $3, \
        row_version = row_version + 1 where id = $1 and state = $2";
    MOVE = "update meetings_meeting set starts_at = $3, title = $4, row_version = row_version + 1 \
        where id = $1 and state = 'called' and starts_at = $2";
    NOTE_MOVE = "insert into meetings_postponement \
        (id, meeting_id, old_starts_at, new_starts_at, reason, by_member, at) values ($1, $2, $3, $4, $5, $6, $7)";
    SAME_MOVE = "select count(*) from meetings_postponement where meeting_id = $1 and new_starts_at = $2 \
        and reason = $3 and by_member = $4";
    MOVES = "select old_starts_at, reason from meetings_postponement where meeting_id = $1 order by at";
    FORGET_ANSWERS = "update meetings_invitation set answer = '', answered_at = null where meeting_id = $1";
    WITHDRAW_ALL = "update meetings_absence set state = 'withdrawn' where meeting_id = $1 and state <> 'withdrawn'";
    ITEMS = "select id, position, title, minutes_planned, presenter, summary, conclusion, noted_by, noted_at \
        from meetings_item where meeting_id = $1 order by position, id";
    ADD_ITEM = "insert into meetings_item (id, meeting_id, position, title, minutes_planned, presenter) \
        values ($1, $2, $3, $4, $5, $6)";
    SET_ITEM = "update meetings_item set position = $3, title = $4, minutes_planned = $5, presenter = $6 \
        where id = $1 and meeting_id = $2";
    DROP_ITEM = "delete from meetings_item where id = $1 and meeting_id = $2";
    PAPERS = "select kind || ':' || thing_id from meetings_paper where meeting_id = $1 order by kind, thing_id";
    ADD_PAPER = "insert into meetings_paper (meeting_id, item_id, kind, thing_id, published_at) \
        values ($1, $2, $3, $4, $5) on conflict (meeting_id, item_id, kind, thing_id) do nothing";
    DROP_PAPER = "delete from meetings_paper where meeting_id = $1 and kind = $2 and thing_id = $3";
    IS_PAPER = "select count(*) from meetings_paper where kind = $1 and thing_id = $2";
    PUBLISH = "update meetings_paper set published_at = $2 where meeting_id = $1 and published_at is null";
    INVITE = "insert into meetings_invitation (meeting_id, member_id, as_kind, sent_at) \
        values ($1, $2, 'member', $3) on conflict (meeting_id, member_id) do nothing";
    INVITED = "select member_id from meetings_invitation where meeting_id = $1 order by member_id";
    INVITED_NAMES = "select i.member_id, m.name from meetings_invitation i \
        join v_people_name m on m.member_id = i.member_id where i.meeting_id = $1 order by m.name_key, m.member_id";
    COMING = "select m.id, m.title, m.state, coalesce(m.started_at, m.starts_at) as starts_at, m.place, u.name as unit_name \
        from meetings_meeting m join v_people_unit u on u.id = m.unit_id \
        where m.unit_id = $1 and m.starts_at >= $2 and m.state in ('called', 'checkin', 'running') \
        order by m.starts_at, m.id limit $3";
    LAST = "select id, starts_at, place, \
        coalesce((select w.member_id from v_people_alias w where w.old_id = chair_id), chair_id) as chair_id, \
        coalesce((select w.member_id from v_people_alias w where w.old_id = clerk_id), clerk_id) as clerk_id from meetings_meeting \
        where unit_id = $1 and kind = 'regular' and special = 0 and state in ('ended', 'archived') \
        order by starts_at desc, id desc limit 1";
    TAKEN = "select starts_at from meetings_meeting \
        where unit_id = $1 and kind = 'regular' and state <> 'cancelled' and starts_at >= $2 order by starts_at";
    BETWEEN = "select m.id, m.title, m.starts_at, case m.special when 1 then 'extraordinary' else m.kind end as kind, \
        m.state from meetings_meeting m where m.unit_id = $1 and m.state <> 'cancelled' \
        and m.starts_at >= $2 and m.starts_at < $3 order by m.starts_at, m.id";
    JUST_NOW = "select m.id, m.title, m.starts_at, case m.special when 1 then 'extraordinary' else m.kind end as kind, \
        m.state from meetings_meeting m where m.unit_id = $1 and m.created_by = $2 and m.created_at >= $3 \
        and m.state = 'draft' order by m.created_at desc, m.id limit 1";
    TEMPLATE = "select code, name, items_json, basis, verified from meetings_template \
        where kind = $1 and (cell_type = $2 or cell_type = '') and from_on <= $3 and to_on > $3 \
        order by cell_type desc, from_on desc, code limit 1";
    PUT_TEMPLATE = "insert into meetings_template \
        (id, code, name, kind, cell_type, items_json, basis, verified, from_on) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (code, cell_type, from_on) \
        do update set name = excluded.name, kind = excluded.kind, items_json = excluded.items_json, \
        basis = excluded.basis, verified = excluded.verified, row_version = meetings_template.row_version + 1 \
        where meetings_template.items_json <> excluded.items_json or meetings_template.name <> excluded.name \
        or meetings_template.basis <> excluded.basis or meetings_template.verified <> excluded.verified";
    INVITATION = "select f.file_sha, f.file_name, f.set_at, coalesce(m.name, '') as set_name \
        from meetings_invitation_file f left join v_people_name m on m.member_id = f.set_by where f.unit_id = $1";
    SET_INVITATION = "insert into meetings_invitation_file (unit_id, file_sha, file_name, set_at, set_by) \
        values ($1, $2, $3, $4, $5) on conflict (unit_id) do update set file_sha = excluded.file_sha, \
        file_name = excluded.file_name, set_at = excluded.set_at, set_by = excluded.set_by";
    DROP_INVITATION = "delete from meetings_invitation_file where unit_id = $1 returning file_sha";
    FILES = "select f.id, f.file_sha, f.name, f.kind, f.withdrawn_at, f.withdrawn_why, coalesce(m.name, '') as withdrawn_name \
        from meetings_file f left join v_people_name m on m.member_id = f.withdrawn_by \
        where f.meeting_id = $1 order by f.added_at, f.id";
    FILE = "select f.id, f.file_sha, f.name, f.kind, f.withdrawn_at, f.withdrawn_why, coalesce(m.name, '') as withdrawn_name \
        from meetings_file f left join v_people_name m on m.member_id = f.withdrawn_by \
        where f.meeting_id = $1 and f.id = $2";
    WITHDRAW_FILE = "update meetings_file set withdrawn_at = $3, withdrawn_by = $4, withdrawn_why = $5 \
        where meeting_id = $1 and id = $2 and withdrawn_at is null returning file_sha";
    ADD_FILE = "insert into meetings_file (id, meeting_id, file_sha, name, kind, added_at, added_by) \
        values ($1, $2, $3, $4, $5, $6, $7)";
    HOLD_FOR_FILES = "update meetings_meeting set row_version = row_version \
        where id = $1 and state not in ('ended', 'archived', 'cancelled')";
    DROP_FILE = "delete from meetings_file where meeting_id = $1 and id = $2 returning file_sha";
    LIST_HEAD = "select m.id, m.title, m.state, coalesce(m.started_at, m.starts_at) as starts_at, m.place, u.name as unit_name \
        from meetings_meeting m join v_people_unit u on u.id = m.unit_id where m.starts_at >= $1 and m.starts_at < $2";
}

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
    holds_unit(act, &unit).await?;
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
    holds_unit(act, &unit).await?;
    let gone: Option<(String,)> = sql(DROP_INVITATION).bind(unit).maybe(act.on()).await?;
    Ok(gone.map(|(sha,)| sha).unwrap_or_default())
}

/// Who is invited.
pub(crate) async fn list_invited(on: &mut Connection, id: &MeetingId) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = sql(INVITED).bind(id).all(on).await?;
    Ok(rows.into_iter().map(|(member,)| member).collect())
}

/// Who is invited: id and name.
pub(crate) async fn list_invited_names(db: &Db, id: &MeetingId) -> Result<Vec<(String, String)>> {
    sql(INVITED_NAMES).bind(id).all(db.read()).await
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
    holds_unit(act, unit).await?;
    let site = act.site().clone();
    let id = MeetingId::fresh(&site.clock, &site.dice);
    let (kind, special) = match plan.kind {
        Kind::Extraordinary => (Kind::Theme, 1),
        Kind::Regular | Kind::Theme => (plan.kind, 0_i64),
    };
    let added = sql(ADD)
        .bind(&id)
        .bind(unit)
        .bind(kind.word())
        .bind(&plan.title)
        .bind(plan.starts)
        .bind(&plan.place)
        .bind(&plan.chair_id)
        .bind(&plan.clerk_id)
        .bind(&plan.template_code)
        .bind(once)
        .bind(by)
        .bind(act.now())
        .bind(special)
        .run(act.on())
        .await?;
    if added == 0 {
        let (known,): (String,) = sql(BY_ONCE).bind(once).bind(by).one(act.on()).await?;
        return Ok((known.try_into().map_err(|_| Error::NotFound)?, false));
    }
    act.reaches(&id);
    set_items(act, &id, &[], &plan.rows).await?;
    for paper in &plan.papers {
        add_paper(act, &id, "", paper, None).await?;
    }
    Ok((id, true))
}

/// Whether that form was sent before, by the same person.
pub(crate) async fn is_sent(db: &Db, once: &str, by: &MemberId) -> Result<bool> {
    let known: Option<(String,)> = sql(BY_ONCE).bind(once).bind(by).maybe(db.read()).await?;
    Ok(known.is_some())
}

/// Keeps a changed plan of a draft or a called meeting; refused when somebody changed it meanwhile.
pub(crate) async fn set_meeting<P: Plans>(
    act: &mut Act<P>,
    old: &Meeting,
    version: i64,
    plan: &Plan,
    emptied_papers: &[String],
) -> Result<()> {
    holds(act, &old.id).await?;
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

async fn set_items<P: Plans>(
    act: &mut Act<P>,
    id: &MeetingId,
    old: &[Item],
    rows: &[Row],
) -> Result<()> {
    holds(act, id).await?;
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

/// Calls a meeting off; answers whether it stood in `from`.
pub(crate) async fn cancel<P: Chairs>(
    act: &mut Act<P>,
    id: &MeetingId,
    from: State,
    reason: &str,
) -> Result<bool> {
    holds(act, id).await?;
    Ok(sql(CANCEL)
        .bind(id)
        .bind(from.word())
        .bind(reason)
        .run(act.on())
        .await?
        == 1)
}

/// Whether this person moved the meeting to that hour for that reason: the form was sent twice.
pub(crate) async fn is_moved_by(
    db: &Db,
    id: &MeetingId,
    to: Moment,
    reason: &str,
    by: &MemberId,
) -> Result<bool> {
    let same = sql(SAME_MOVE).bind(id).bind(to).bind(reason).bind(by);
    Ok(same.count(db.read()).await? > 0)
}

/// Puts a called meeting off (to when, its title from then on): the old date is kept, answers and absences
/// ask anew.
pub(crate) async fn postpone<P: Chairs>(
    act: &mut Act<P>,
    meeting: &Meeting,
    (to, title): (Moment, &str),
    reason: &str,
    by: &MemberId,
) -> Result<bool> {
    holds(act, &meeting.id).await?;
    let site = act.site().clone();
    let moved = sql(MOVE)
        .bind(&meeting.id)
        .bind(meeting.starts())
        .bind(to)
        .bind(title)
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
    /// Who noted it last; empty when nobody has, or an earlier program did not keep it.
    pub noted_by: String,
    pub noted_at: Option<i64>,
}

/// The agenda.
pub(crate) async fn list_items(db: &Db, id: &MeetingId) -> Result<Vec<Item>> {
    sql(ITEMS).bind(id).all(db.read()).await
}

/// The agenda, inside a transaction.
pub(crate) async fn list_items_in(on: &mut Connection, id: &MeetingId) -> Result<Vec<Item>> {
    sql(ITEMS).bind(id).all(on).await
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
    holds(act, id).await?;
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

/// A paper of one's own on a meeting.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct OwnFile {
    pub id: String,
    pub file_sha: String,
    pub name: String,
    pub kind: String,
    /// When it was taken off a meeting that is over; nobody reads it from then on.
    pub withdrawn_at: Option<i64>,
    pub withdrawn_why: String,
    pub withdrawn_name: String,
}

impl OwnFile {
    /// Whether it is still there to be read.
    pub(crate) fn is_read(&self) -> bool {
        self.withdrawn_at.is_none()
    }
    /// On which day it was taken off; empty while it is there.
    pub(crate) fn withdrawn_on(&self) -> String {
        let at = self.withdrawn_at.map(Moment);
        at.map_or_else(String::new, |at| at.day().vn())
    }
}

/// The files of a meeting, oldest first.
pub(crate) async fn list_files(db: &Db, id: &MeetingId) -> Result<Vec<OwnFile>> {
    sql(FILES).bind(id).all(db.read()).await
}

/// One file of that meeting.
pub(crate) async fn get_file(on: impl db::On<'_>, id: &MeetingId, file: &str) -> Result<OwnFile> {
    sql(FILE).bind(id).bind(file).one(on).await
}

/// Holds the meeting for a change of its files; `false`: it was closed meanwhile. The first statement of
/// an act: whoever comes second waits here, and sees what the first one left.
pub(crate) async fn hold_for_files<P: Plans>(act: &mut Act<P>, id: &MeetingId) -> Result<bool> {
    holds(act, id).await?;
    Ok(sql(HOLD_FOR_FILES).bind(id).run(act.on()).await? == 1)
}

/// What became of a file that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    New,
    /// The same file lies there already.
    Again,
    Full,
}

/// Lays a file (hash, name, kind) before the meeting, which holds `most` at most.
pub(crate) async fn add_file<P: Plans>(
    act: &mut Act<P>,
    id: &MeetingId,
    (sha, name, kind): (&str, &str, &str),
    most: usize,
) -> Result<Added> {
    holds(act, id).await?;
    let held: Vec<OwnFile> = sql(FILES).bind(id).all(act.on()).await?;
    if held.iter().any(|file| file.file_sha == sha) {
        return Ok(Added::Again);
    }
    if held.len() >= most {
        return Ok(Added::Full);
    }
    let (now, by) = (act.now(), act.by().to_owned());
    let file = act.site().dice.uuid(now);
    sql(ADD_FILE)
        .bind(file)
        .bind(id)
        .bind(sha)
        .bind(name)
        .bind(kind)
        .bind(now)
        .bind(by)
        .run(act.on())
        .await?;
    Ok(Added::New)
}

/// Takes a file off the meeting; it stays in the storage. Answers its hash.
pub(crate) async fn remove_file<P: Plans>(
    act: &mut Act<P>,
    id: &MeetingId,
    file: &str,
) -> Result<Option<String>> {
    holds(act, id).await?;
    let gone: Option<(String,)> = sql(DROP_FILE).bind(id).bind(file).maybe(act.on()).await?;
    Ok(gone.map(|(sha,)| sha))
}

/// Takes a file off a meeting that is over: the row stays, with who did it, when and why. Answers its hash;
/// nothing when somebody was faster.
pub(crate) async fn withdraw_file<P: Plans>(
    act: &mut Act<P>,
    id: &MeetingId,
    file: &str,
    why: &str,
) -> Result<Option<String>> {
    holds(act, id).await?;
    let (now, by) = (act.now(), act.by().to_owned());
    let stmt = sql(WITHDRAW_FILE).bind(id).bind(file).bind(now);
    let gone: Option<(String,)> = stmt.bind(by).bind(why).maybe(act.on()).await?;
    Ok(gone.map(|(sha,)| sha))
}

/// Calling publishes the papers.
pub(crate) async fn publish_papers<P: Calls>(
    act: &mut Act<P>,
    id: &MeetingId,
    at: Moment,
) -> Result<()> {
    holds(act, id).await?;
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
    holds(act, id).await?;
    sql(INVITE)
        .bind(id)
        .bind(member)
        .bind(at)
        .run(act.on())
        .await?;
    Ok(())
}

/// What the next plan takes over from the last meeting.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct LastMeeting {
    pub id: String,
    pub starts_at: i64,
    pub place: String,
    pub chair_id: String,
    pub clerk_id: String,
}

/// The latest regular meeting of the unit that was held: what was only planned is no habit.
pub(crate) async fn find_last(db: &Db, unit: &UnitId) -> Result<Option<LastMeeting>> {
    sql(LAST).bind(unit).maybe(db.read()).await
}

/// Starts of the unit's regular meetings from `from` on.
pub(crate) async fn list_taken(db: &Db, unit: &UnitId, from: Moment) -> Result<Vec<Moment>> {
    let rows: Vec<(i64,)> = sql(TAKEN).bind(unit).bind(from).all(db.read()).await?;
    Ok(rows.into_iter().map(|(at,)| Moment(at)).collect())
}

/// Another meeting of the unit.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Other {
    pub id: String,
    pub title: String,
    pub starts_at: i64,
    #[sqlx(try_from = "String")]
    pub kind: Kept<Kind>,
    #[sqlx(try_from = "String")]
    pub state: Kept<State>,
}

/// The unit's meetings between two instants, those called off apart.
pub(crate) async fn list_between(
    db: &Db,
    unit: &UnitId,
    from: Moment,
    to: Moment,
) -> Result<Vec<Other>> {
    let stmt = sql(BETWEEN).bind(unit).bind(from).bind(to);
    stmt.all(db.read()).await
}

/// The draft that this person made since then, if any.
pub(crate) async fn find_just_now(
    db: &Db,
    unit: &UnitId,
    by: &MemberId,
    since: Moment,
) -> Result<Option<Other>> {
    let stmt = sql(JUST_NOW).bind(unit).bind(by).bind(since);
    stmt.maybe(db.read()).await
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
    act.over_all()?; // of no unit: cells of all units begin with it
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
