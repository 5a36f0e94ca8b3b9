//! Every statement of the minutes: revisions, which are only ever added.
//!
//! Functions here take what was already decided; rights are `access`, the text is `minutes::draft`.

use crate::access::Writes;
use crate::fact::RevisionState;
use crate::id::MeetingId;
use crate::store::{changed, holds};
use db::{Connection, Db, FromRow, sql};
use kernel::MemberId;
use kernel::error::Result;
use site::Act;

db::statements! {
    LATEST = "select r.number, r.body, r.body_hash, r.recorded, r.at, coalesce(m.name, '') as author \
        from meetings_revision r left join v_people_name m on m.member_id = r.author_id \
        where r.meeting_id = $1 order by r.number desc limit 1";
    NUMBERED = "select r.number, r.body, r.body_hash, r.recorded, r.at, coalesce(m.name, '') as author \
        from meetings_revision r left join v_people_name m on m.member_id = r.author_id \
        where r.meeting_id = $1 and r.number = $2";
    ADD_REVISION = "insert into meetings_revision (id, meeting_id, number, state, body, body_hash, author_id, at, recorded) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
}

/// A revision of the minutes.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Revision {
    pub number: i64,
    pub body: String,
    pub body_hash: String,
    /// What would have been written from the record then; empty in revisions of earlier programs.
    pub recorded: String,
    pub at: i64,
    pub author: String,
}

impl Revision {
    /// Whether it is known what would have been written from the record then.
    pub(crate) fn knows_record(&self) -> bool {
        !self.recorded.is_empty()
    }
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

/// The revision of that number.
pub(crate) async fn find_numbered(
    db: &Db,
    id: &MeetingId,
    number: i64,
) -> Result<Option<Revision>> {
    sql(NUMBERED).bind(id).bind(number).maybe(db.read()).await
}

/// What is kept of a save.
pub(crate) struct NewRevision<'a> {
    pub number: i64,
    pub body: &'a str,
    pub hash: &'a str,
    pub recorded: &'a str,
}

/// Adds a revision; two people saving at once break the unique number, which is told as "changed".
pub(crate) async fn add_revision<P: Writes>(
    act: &mut Act<P>,
    id: &MeetingId,
    new: &NewRevision<'_>,
    by: &MemberId,
) -> Result<()> {
    holds(act, id).await?;
    let site = act.site().clone();
    let now = act.now();
    let done = sql(ADD_REVISION)
        .bind(site.dice.uuid(now))
        .bind(id)
        .bind(new.number)
        .bind(RevisionState::Writing.word())
        .bind(new.body)
        .bind(new.hash)
        .bind(by)
        .bind(now)
        .bind(new.recorded)
        .run(act.on())
        .await;
    match done {
        Err(error) if db::broke(&error, "meetings_revision_meeting_id_number") => Err(changed(id)),
        other => other.map(|_| ()),
    }
}
