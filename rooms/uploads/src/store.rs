//! SQL of uploads, their rows, and what their runs made.

use crate::access::{CanSend, Moves, Runs, Sender};
use crate::upload::{Counts, DOUBTFUL, Doing, PROPOSED, Promised, Row, Stands, Upload, UploadId};
use db::{Connection, Db, sql, sql_built};
use jobs::JobId;
use kernel::MemberId;
use kernel::Moment;
use kernel::error::{Error, Result};
use site::Act;
use site::import::{Choice, Decision, Decisions, Entry, Made, Outcome, Report, Was};
use site::room::FieldChange;
use std::collections::{BTreeMap, BTreeSet};

db::statements! {
    // What somebody sent under a record that was merged is theirs under the one that stays.
    FIND = "select id, importer, place, place_name, \
        coalesce((select w.member_id from v_people_alias w where w.old_id = owner_id), owner_id) as owner_id, \
        state, set_json, files_json, counts_json, columns_json, notes_json, \
        doing, job_id, trouble, made_at, changed_at from uploads_upload where id = $1";
    OWN = "select id, importer, place, place_name, \
        coalesce((select w.member_id from v_people_alias w where w.old_id = owner_id), owner_id) as owner_id, \
        state, set_json, files_json, counts_json, columns_json, notes_json, \
        doing, job_id, trouble, made_at, changed_at from uploads_upload \
        where owner_id in (select as_id from v_people_as where member_id = $1) order by made_at desc, id desc limit $2";
    COUNT_OPEN = "select count(*) from uploads_upload where owner_id in (select as_id from v_people_as where member_id = $1) \
        and state in ('receiving', 'checking', 'ready', 'applying', 'stopped', 'failed')";
    OWN_READY = "select id, importer, place, place_name, \
        coalesce((select w.member_id from v_people_alias w where w.old_id = owner_id), owner_id) as owner_id, \
        state, set_json, files_json, counts_json, columns_json, notes_json, \
        doing, job_id, trouble, made_at, changed_at from uploads_upload \
        where owner_id in (select as_id from v_people_as where member_id = $1) and state in ('ready', 'stopped', 'failed') order by changed_at limit 3";
    ADD = "insert into uploads_upload (id, importer, place, place_name, owner_id, state, set_json, \
        files_json, made_at, changed_at) values ($1, $2, $3, $4, $5, 'receiving', $6, $7, $8, $8)";
    GO = "update uploads_upload set state = $2, doing = $3, job_id = $4, trouble = $5, changed_at = $6, \
        row_version = row_version + 1 where id = $1 and state in ($7, $8, $9, $10)";
    SET_SET = "update uploads_upload set set_json = $2 where id = $1";
    SET_FILES = "update uploads_upload set files_json = $2, changed_at = $3 where id = $1";
    SET_COUNTS = "update uploads_upload set counts_json = $2, columns_json = $3, notes_json = $4 where id = $1";
    DROP_ENTRIES = "delete from uploads_entry where upload_id = $1";
    ENTRIES = "select nth, source, message, warnings_json, changes_json, choices_json, answer, way_out \
        from uploads_entry where upload_id = $1 and outcome = $2 order by nth limit $3 offset $4";
    PLANNED = "select source, changes_json from uploads_entry \
        where upload_id = $1 and outcome in ('added', 'updated') order by nth";
    VERSION = "select row_version from uploads_upload where id = $1";
    WARNED = "select nth, source, message, warnings_json, changes_json, choices_json, answer, way_out \
        from uploads_entry where upload_id = $1 and warnings_json <> '[]' and $2 <> '' order by nth limit $3 offset $4";
    REFUSALS = "select message, count(*) as count, min(nth) as first from uploads_entry \
        where upload_id = $1 and outcome = 'refused' group by message order by count desc, first limit 200";
    REFUSED_SO = "select source, changes_json, way_out from uploads_entry \
        where upload_id = $1 and outcome = 'refused' and message = $2 order by nth limit 20";
    COUNT_WARNED = "select count(*) from uploads_entry where upload_id = $1 and warnings_json <> '[]'";
    UNDECIDED = "select count(*) from uploads_entry where upload_id = $1 and outcome = 'doubtful' and answer = ''";
    CHOICES = "select distinct choices_json from uploads_entry \
        where upload_id = $1 and outcome = 'doubtful'";
    DECIDE = "update uploads_entry set answer = $3 where upload_id = $1 and nth = $2 and outcome in ('doubtful', 'proposed') and choices_json like $4";
    DECIDE_ALL = "update uploads_entry set answer = $2 \
        where upload_id = $1 and outcome = 'doubtful' and choices_json = $3 and answer = ''";
    DECIDED = "select source, answer, seen from uploads_entry \
        where upload_id = $1 and outcome in ('doubtful', 'proposed') and answer <> ''";
    COUNT_TAKEN = "select count(*) from uploads_entry where upload_id = $1 and outcome = 'proposed' and answer not in ('', 'leave')";
    MADE = "select kind, thing_id, was_sealed from import_made where run_id = $1 order by kind, thing_id";
    COUNT_MADE = "select count(*) from import_made where run_id = $1";
    FORGET_MADE = "delete from import_made where run_id = $1 and kind = $2 and thing_id = $3";
    STALE = "select id from uploads_upload \
        where state in ('receiving', 'ready', 'stopped', 'failed') and changed_at < $1 order by id limit 500";
    OLD = "select id from uploads_upload \
        where state in ('done', 'undone', 'dropped') and changed_at < $1 order by id limit 500";
    DROP_MADE = "delete from import_made where run_id = $1";
    HOLD = "update uploads_upload set changed_at = changed_at where id = $1";
    DROP = "delete from uploads_upload where id = $1";
    NEEDED = "select count(*) from uploads_upload where id = $1 and state not in ('done', 'undone', 'dropped')";
}

pub(crate) async fn find(db: &Db, id: &UploadId) -> Result<Option<Upload>> {
    sql(FIND).bind(id).maybe(db.read()).await
}
/// One's own, newest first.
pub(crate) async fn list_own(db: &Db, owner: &MemberId, limit: i64) -> Result<Vec<Upload>> {
    sql(OWN).bind(owner).bind(limit).all(db.read()).await
}
/// Those of a person that wait for them, oldest first.
pub(crate) async fn list_waiting(db: &Db, owner: &MemberId) -> Result<Vec<Upload>> {
    sql(OWN_READY).bind(owner).all(db.read()).await
}
/// How many of a person are not ended.
pub(crate) async fn count_open(on: &mut Connection, owner: &MemberId) -> Result<i64> {
    sql(COUNT_OPEN).bind(owner).count(on).await
}

/// A new upload whose files are to come.
pub(crate) async fn add(
    act: &mut Act<CanSend>,
    id: &UploadId,
    importer: &str,
    place: &str,
    set: &BTreeMap<String, String>,
    files: &[Promised],
) -> Result<()> {
    let (name, by, now) = (act.place.name.clone(), act.by().to_owned(), act.now());
    sql(ADD)
        .bind(id)
        .bind(importer)
        .bind(place)
        .bind(name)
        .bind(by)
        .bind(serde_json::to_string(set).map_err(Error::fault)?)
        .bind(serde_json::to_string(files).map_err(Error::fault)?)
        .bind(now)
        .run(act.on())
        .await?;
    Ok(())
}

/// A step on the way; `false` when the upload does not stand at one of `from` (any more).
pub(crate) async fn go<P: Moves>(
    act: &mut Act<P>,
    id: &UploadId,
    from: &[Stands],
    to: Stands,
    doing: Option<Doing>,
    job: &str,
    trouble: &str,
) -> Result<bool> {
    let now = act.now();
    let mut stmt = sql(GO)
        .bind(id)
        .bind(to.word())
        .bind(doing.map_or("", Doing::word))
        .bind(job)
        .bind(trouble)
        .bind(now);
    let mut last = "";
    for slot in 0..4 {
        last = from.get(slot).map_or(last, |stands| stands.word());
        stmt = stmt.bind(last);
    }
    Ok(stmt.run(act.on()).await? > 0)
}

/// What was set.
pub(crate) async fn set_set(act: &mut Act<Sender>, set: &BTreeMap<String, String>) -> Result<()> {
    let id = act.upload.id.clone();
    sql(SET_SET)
        .bind(&id)
        .bind(serde_json::to_string(set).map_err(Error::fault)?)
        .run(act.on())
        .await?;
    Ok(())
}

/// The files as they came.
pub(crate) async fn set_files<P: Moves>(
    act: &mut Act<P>,
    id: &UploadId,
    files: &[Promised],
) -> Result<()> {
    let now = act.now();
    sql(SET_FILES)
        .bind(id)
        .bind(serde_json::to_string(files).map_err(Error::fault)?)
        .bind(now)
        .run(act.on())
        .await?;
    Ok(())
}

/// Forgets the rows of an earlier run.
pub(crate) async fn drop_entries(act: &mut Act<Runs>, id: &UploadId) -> Result<()> {
    sql(DROP_ENTRIES).bind(id).run(act.on()).await?;
    Ok(())
}

#[derive(serde::Serialize, serde::Deserialize)]
struct ChangeJson {
    label: String,
    old: String,
    new: String,
}
#[derive(serde::Serialize, serde::Deserialize)]
struct ChoiceJson {
    answer: String,
    label: String,
}

/// What a row changes, as kept.
pub(crate) fn read_changes(text: &str) -> Result<Vec<FieldChange>> {
    let kept: Vec<ChangeJson> = serde_json::from_str(text).map_err(Error::fault)?;
    let changes = kept.into_iter().map(|change| FieldChange {
        label: change.label,
        old: change.old,
        new: change.new,
    });
    Ok(changes.collect())
}
/// The choices of a row, as kept: answer and label.
pub(crate) fn read_choices(text: &str) -> Result<Vec<(String, String)>> {
    let kept: Vec<ChoiceJson> = serde_json::from_str(text).map_err(Error::fault)?;
    let pairs = kept.into_iter();
    Ok(pairs.map(|choice| (choice.answer, choice.label)).collect())
}

pub(crate) fn changes_json(changes: &[FieldChange]) -> Result<String> {
    let kept: Vec<ChangeJson> = (changes.iter())
        .map(|change| ChangeJson {
            label: change.label.clone(),
            old: change.old.clone(),
            new: change.new.clone(),
        })
        .collect();
    serde_json::to_string(&kept).map_err(Error::fault)
}
fn choices_json(choices: &[Choice]) -> Result<String> {
    let kept: Vec<ChoiceJson> = (choices.iter())
        .map(|choice| ChoiceJson {
            answer: choice.answer.to_owned(),
            label: choice.label.clone(),
        })
        .collect();
    serde_json::to_string(&kept).map_err(Error::fault)
}

/// The pile on which a row is laid.
pub(crate) fn pile(entry: &Entry) -> &'static str {
    if entry.kind == site::import::PROPOSED {
        PROPOSED
    } else if entry.choices.is_empty() {
        entry.outcome.name()
    } else {
        DOUBTFUL
    }
}

const WIDTH: usize = 13;
/// Rows of one statement.
const AT_ONCE: usize = 50;

/// Keeps rows, numbered as given.
pub(crate) async fn add_entries(
    act: &mut Act<Runs>,
    id: &UploadId,
    entries: &[(i64, &Entry)],
) -> Result<()> {
    use std::fmt::Write as _;
    for part in entries.chunks(AT_ONCE) {
        let mut text = String::from(
            "insert into uploads_entry (upload_id, nth, source, outcome, thing_id, kind, message, \
             warnings_json, changes_json, choices_json, seen, way_out, answer) values ",
        );
        for row in 0..part.len() {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for column in 1..=WIDTH {
                let comma = if column == 1 { "" } else { ", " };
                // Writing to a String cannot fail.
                let _written = write!(text, "{comma}${}", row * WIDTH + column);
            }
            text.push(')');
        }
        let mut stmt = sql_built(text);
        for (nth, entry) in part {
            stmt = stmt
                .bind(id)
                .bind(*nth)
                .bind(&entry.source)
                .bind(pile(entry))
                .bind(&entry.id)
                .bind(&entry.kind)
                .bind(&entry.message)
                .bind(serde_json::to_string(&entry.warnings).map_err(Error::fault)?)
                .bind(changes_json(&entry.changes)?)
                .bind(choices_json(&entry.choices)?)
                .bind(entry.seen())
                .bind(&entry.way_out)
                .bind(entry.answer);
        }
        stmt.run(act.on()).await?;
    }
    Ok(())
}

/// How many rows lie on each pile, and which headers were read as what.
pub(crate) async fn set_counts(
    act: &mut Act<Runs>,
    id: &UploadId,
    counts: &Counts,
    report: &Report,
) -> Result<()> {
    sql(SET_COUNTS)
        .bind(id)
        .bind(serde_json::to_string(counts).map_err(Error::fault)?)
        .bind(serde_json::to_string(&report.columns).map_err(Error::fault)?)
        .bind(serde_json::to_string(&report.notes).map_err(Error::fault)?)
        .run(act.on())
        .await?;
    Ok(())
}

/// Rows of a pile.
pub(crate) async fn list_entries(
    db: &Db,
    id: &UploadId,
    pile: &str,
    limit: i64,
    offset: i64,
) -> Result<Vec<Row>> {
    let text = if pile == "warned" { WARNED } else { ENTRIES };
    sql(text)
        .bind(id)
        .bind(pile)
        .bind(limit)
        .bind(offset)
        .all(db.read())
        .await
}
/// What the preview would write: each row's source and differences.
pub(crate) async fn list_planned(db: &Db, id: &UploadId) -> Result<Vec<(String, String)>> {
    sql(PLANNED).bind(id).all(db.read()).await
}

/// How often the upload moved; none when it is forgotten.
pub(crate) async fn version(on: &mut Connection, id: &UploadId) -> Result<i64> {
    let row: Option<(i64,)> = sql(VERSION).bind(id).maybe(on).await?;
    Ok(row.map_or(-1, |(version,)| version))
}

/// A row by its source, whom it is about as far as it says so, and the page where that is done by hand.
pub(crate) struct About {
    pub(crate) source: String,
    pub(crate) name: String,
    pub(crate) way_out: String,
}

/// What is said of refused rows: the sentence, how many rows, the first twenty.
pub(crate) async fn list_refusals(
    db: &Db,
    id: &UploadId,
) -> Result<Vec<(String, i64, Vec<About>)>> {
    let groups: Vec<(String, i64, i64)> = sql(REFUSALS).bind(id).all(db.read()).await?;
    let mut out = Vec::with_capacity(groups.len());
    for (message, count, _) in groups {
        let sources: Vec<(String, String, String)> = sql(REFUSED_SO)
            .bind(id)
            .bind(&message)
            .all(db.read())
            .await?;
        let mut told = Vec::with_capacity(sources.len());
        for (source, changes, way_out) in sources {
            // What a refused row shows is whom or what it is about.
            let about = read_changes(&changes)?.into_iter().next();
            told.push(About {
                source,
                name: about.map(|change| change.new).unwrap_or_default(),
                way_out,
            });
        }
        out.push((message, count, told));
    }
    Ok(out)
}
/// How many rows were put right on the way.
pub(crate) async fn count_warned(db: &Db, id: &UploadId) -> Result<i64> {
    sql(COUNT_WARNED).bind(id).count(db.read()).await
}
/// How many rows wait for a decision.
pub(crate) async fn count_undecided(db: &Db, id: &UploadId) -> Result<i64> {
    sql(UNDECIDED).bind(id).count(db.read()).await
}
/// How much of what is proposed beside the rows is taken.
pub(crate) async fn count_taken(db: &Db, id: &UploadId) -> Result<i64> {
    sql(COUNT_TAKEN).bind(id).count(db.read()).await
}
/// The kinds of choice that doubtful rows give, as kept.
pub(crate) async fn list_choices(db: &Db, id: &UploadId) -> Result<BTreeSet<String>> {
    let kept: Vec<(String,)> = sql(CHOICES).bind(id).all(db.read()).await?;
    Ok(kept.into_iter().map(|(text,)| text).collect())
}

/// Keeps what was decided for one row; an answer that is no choice of the row is nothing.
pub(crate) async fn decide(act: &mut Act<Sender>, nth: i64, answer: &str) -> Result<()> {
    if !answer.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Ok(());
    }
    let id = act.upload.id.clone();
    sql(DECIDE)
        .bind(&id)
        .bind(nth)
        .bind(answer)
        .bind(format!("%\"answer\":\"{answer}\"%"))
        .run(act.on())
        .await?;
    Ok(())
}
/// One answer for all rows with these choices that are not decided yet.
pub(crate) async fn decide_all(act: &mut Act<Sender>, answer: &str, choices: &str) -> Result<u64> {
    let id = act.upload.id.clone();
    sql(DECIDE_ALL)
        .bind(&id)
        .bind(answer)
        .bind(choices)
        .run(act.on())
        .await
}
/// All decisions.
pub(crate) async fn list_decisions(db: &Db, id: &UploadId) -> Result<Decisions> {
    let kept: Vec<(String, String, String)> = sql(DECIDED).bind(id).all(db.read()).await?;
    Ok(kept
        .into_iter()
        .map(|(source, answer, seen)| (source, Decision { answer, seen }))
        .collect())
}

/// What the run of an upload made.
pub(crate) async fn list_made(db: &Db, id: &UploadId) -> Result<Vec<Made>> {
    let rows: Vec<(String, String, String)> = sql(MADE).bind(id).all(db.read()).await?;
    let run = id.as_str();
    let made = rows.into_iter().map(|(kind, id, was)| Made {
        was: Was::kept((run, &kind, &id), was),
        kind,
        id,
    });
    Ok(made.collect())
}
/// How many things it made.
pub(crate) async fn count_made(db: &Db, id: &UploadId) -> Result<i64> {
    sql(COUNT_MADE).bind(id).count(db.read()).await
}
/// What was taken back, or was gone already (by an attempt that was killed), is no longer of this run.
pub(crate) async fn forget_made(act: &mut Act<Runs>, id: &UploadId, made: &Entry) -> Result<()> {
    if matches!(made.outcome, Outcome::Removed | Outcome::Same) {
        sql(FORGET_MADE)
            .bind(id)
            .bind(&made.kind)
            .bind(&made.id)
            .run(act.on())
            .await?;
    }
    Ok(())
}

/// Uploads that nobody went on with since.
pub(crate) async fn list_stale(on: &mut Connection, before: Moment) -> Result<Vec<UploadId>> {
    read_ids(sql(STALE).bind(before).all(on).await?)
}
/// Uploads that ended before.
pub(crate) async fn list_old(on: &mut Connection, before: Moment) -> Result<Vec<UploadId>> {
    read_ids(sql(OLD).bind(before).all(on).await?)
}
fn read_ids(rows: Vec<(String,)>) -> Result<Vec<UploadId>> {
    let ids = rows.into_iter();
    ids.map(|(id,)| id.parse().map_err(Error::fault)).collect()
}
/// Forgets an upload with its rows and what its run made.
pub(crate) async fn forget(act: &mut Act<Runs>, id: &UploadId) -> Result<()> {
    // Its own row before its entries.
    for text in [DROP_MADE, HOLD, DROP_ENTRIES, DROP] {
        sql(text).bind(id).run(act.on()).await?;
    }
    Ok(())
}
/// Whether the files of an upload are still needed.
pub(crate) async fn is_needed(db: &Db, id: &str) -> Result<bool> {
    Ok(sql(NEEDED).bind(id).count(db.read()).await? > 0)
}

/// Queues the job that does it; answers its id.
pub(crate) async fn queue<P: Moves>(
    act: &mut Act<P>,
    id: &UploadId,
    doing: Doing,
) -> Result<JobId> {
    let (clock, dice) = (act.site().clock.clone(), act.site().dice.clone());
    let mut job = jobs::New::of(doing.kind(), id.to_string()).subject(id);
    if let Some(actor) = act.right().actor() {
        job = job.asked_by(actor);
    }
    let added = jobs::add(act.tx(), &clock, &dice, job).await?;
    Ok(added.id)
}
