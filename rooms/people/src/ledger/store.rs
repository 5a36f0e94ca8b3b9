//! Every statement of the ledger: what a write of a member, a placement or a post says of it, and reading that back.
//!
//! Whoever writes a record takes [`before`], writes, and hands it to [`after`], which states what differs; whoever
//! opens or closes a placement or a post hands over what it is. All end in [`say`], the one insert. Not here: the
//! lines to which statements belong (`store::add_event`), what follows from them (`fold`).
//! The rule that surprises: a record that is written before its line was opens one, which `store::add_event` of the
//! same act fills in: no fact changes without a line.

use crate::access::Records;
use crate::fact::EventKind;
use crate::ledger::fold::{About, Fields, GONE, Statement};
use crate::number;
use crate::store::{bump_epoch, fresh, line_of};
use db::{Column, Db, FromRow, On, Table, Value, in_list, sql, sql_built};
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{MemberId, Moment};
use site::{Act, Looked, Operator, Proof};
use std::collections::BTreeMap;

db::statements! {
    // Whoever writes here has passed the epoch: the next number is nobody else's.
    SAY = "insert into people_statement (id, member_id, seq, event_id, about, subject_id, effective_on, \
        recorded_at, said_json, sealed_json) select cast($1 as text), cast($2 as text), coalesce(max(seq), 0) + 1, \
        cast($3 as text), cast($4 as text), cast($5 as text), cast($6 as text), cast($7 as bigint), cast($8 as text), \
        cast($9 as text) from people_statement where member_id = $2";
    FACTS = "select id, external_id, name, other_name, sex, birth_on, status, status_from_on, admission_decision_on, \
        ceremony_on, recognition_decision_on, full_from_on, exempt, phoneless, email, home_town, residence, merged_on, \
        card_sealed, citizen_sealed, phone_sealed from people_member where id = $1";
    ALL_FACTS = "select id, external_id, name, other_name, sex, birth_on, status, status_from_on, admission_decision_on, \
        ceremony_on, recognition_decision_on, full_from_on, exempt, phoneless, email, home_town, residence, merged_on, \
        card_sealed, citizen_sealed, phone_sealed from people_member where id > $1 order by id limit $2";
    PLACES_OF = "select id, member_id, unit_id, kind, from_on, to_on, start_reason, end_reason from people_placement \
        where member_id = $1 order by id";
    POSTS_OF = "select id, member_id, position_id, basis, from_on, to_on, end_reason from people_holding \
        where member_id = $1 order by id";
    PLACES = "select id, member_id, unit_id, kind, from_on, to_on, start_reason, end_reason from people_placement \
        where member_id > $1 and member_id <= $2 order by member_id, id";
    POSTS = "select id, member_id, position_id, basis, from_on, to_on, end_reason from people_holding \
        where member_id > $1 and member_id <= $2 order by member_id, id";
    CODES = "select id, member_id, scheme, code, from_on, to_on from people_code \
        where member_id > $1 and member_id <= $2 order by member_id, id";
    STATED = "select s.member_id, s.seq, s.event_id, coalesce(e.corrects_id, '') as corrects, s.about, s.subject_id, \
        s.effective_on, s.recorded_at, s.said_json, s.sealed_json from people_statement s \
        left join people_member_event e on e.id = s.event_id \
        where s.member_id > $1 and s.member_id <= $2 order by s.member_id, s.seq";
    STATED_OF = "select s.member_id, s.seq, s.event_id, coalesce(e.corrects_id, '') as corrects, s.about, s.subject_id, \
        s.effective_on, s.recorded_at, s.said_json, s.sealed_json from people_statement s \
        left join people_member_event e on e.id = s.event_id \
        where s.member_id in (select as_id from v_people_as where member_id = $1) order by s.member_id, s.seq";
    LINES_OF = "select e.id, e.member_id, e.kind, e.effective_on, e.recorded_at, e.decision_no, e.decision_on, \
        e.reason, e.payload_json, e.corrects_id, coalesce(u.name, '') as unit_name, coalesce(m.name, '') as recorder \
        from people_member_event e left join people_unit u on u.id = e.unit_id \
        left join people_member m on m.id = e.recorded_by \
        where e.member_id in (select as_id from v_people_as where member_id = $1) \
        order by e.recorded_at desc, e.id desc limit $2";
    SEALED = "select id, member_id, sealed_json from people_statement \
        where id > $1 and sealed_json <> '' order by id limit $2";
    SEALED_ROW = "select member_id, sealed_json from people_statement where id = $1";
    SEAL_AGAIN = "update people_statement set sealed_json = $2 where id = $1";
}

/// What one write states.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said {
    /// Placement or post; empty of the record.
    pub(crate) subject: String,
    /// Since when it holds.
    pub(crate) effective_on: String,
    /// Fields.
    pub(crate) fields: Fields,
    /// Sealed fields.
    pub(crate) sealed: Fields,
}

fn json(fields: &Fields) -> Result<String> {
    match fields.is_empty() {
        true => Ok(String::new()),
        false => serde_json::to_string(fields).map_err(Error::fault),
    }
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    let filled = pairs.iter().filter(|(_, value)| !value.is_empty());
    filled
        .map(|(field, value)| ((*field).to_owned(), (*value).to_owned()))
        .collect()
}

/// States it under a line of the ledger: the one insert of all statements.
pub(crate) async fn say<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    (line, about): (&str, About),
    said: &Said,
) -> Result<()> {
    bump_epoch(act).await?;
    let (id, now) = (fresh(act), act.now());
    let said_json = serde_json::to_string(&said.fields).map_err(Error::fault)?;
    sql(SAY)
        .bind(id)
        .bind(member)
        .bind(line)
        .bind(about.word())
        .bind(&said.subject)
        .bind(&said.effective_on)
        .bind(now)
        .bind(said_json)
        .bind(json(&said.sealed)?)
        .run(act.on())
        .await?;
    Ok(())
}

/// The columns of a statement as many at once are written.
const COLUMNS: [(&str, Column); 10] = [
    ("id", Column::Text),
    ("member_id", Column::Text),
    ("seq", Column::Integer),
    ("event_id", Column::Text),
    ("about", Column::Text),
    ("subject_id", Column::Text),
    ("effective_on", Column::Text),
    ("recorded_at", Column::Integer),
    ("said_json", Column::Text),
    ("sealed_json", Column::Text),
];

/// States many at once, a few hundred in one statement; each is what [`values`] made.
pub(crate) async fn load<P: Records>(act: &mut Act<P>, all: Vec<Vec<Value>>) -> Result<()> {
    bump_epoch(act).await?;
    let columns = COLUMNS.map(|(name, column)| (name.to_owned(), column));
    let table = Table {
        name: "people_statement".to_owned(),
        columns: columns.to_vec(),
    };
    let mut rest = all.into_iter().peekable();
    while rest.peek().is_some() {
        let some: Vec<Vec<Value>> = rest.by_ref().take(400).collect();
        db::load(act.tx(), &table, some).await?;
    }
    Ok(())
}

/// The values of one statement of somebody new, for [`load`].
pub(crate) fn values(
    (id, now): (String, Moment),
    member: &MemberId,
    (seq, line, about): (i64, &str, About),
    said: &Said,
) -> Result<Vec<Value>> {
    Ok(vec![
        Value::Text(id),
        Value::Text(member.to_string()),
        Value::Integer(seq),
        Value::Text(line.to_owned()),
        Value::Text(about.word().to_owned()),
        Value::Text(said.subject.clone()),
        Value::Text(said.effective_on.clone()),
        Value::Integer(now.0),
        Value::Text(serde_json::to_string(&said.fields).map_err(Error::fault)?),
        Value::Text(json(&said.sealed)?),
    ])
}

/// A record as the table holds it, field by field.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Facts {
    pub(crate) id: String,
    pub(crate) external_id: String,
    name: String,
    other_name: String,
    sex: String,
    birth_on: String,
    status: String,
    status_from_on: String,
    admission_decision_on: String,
    ceremony_on: String,
    recognition_decision_on: String,
    full_from_on: String,
    exempt: i64,
    phoneless: i64,
    email: String,
    home_town: String,
    residence: String,
    merged_on: String,
    card_sealed: String,
    citizen_sealed: String,
    phone_sealed: String,
}

impl Facts {
    /// The fields that are kept open, by the names of their columns; yes is 1.
    pub(crate) fn open(&self) -> [(&'static str, String); 17] {
        [
            ("external_id", self.external_id.clone()),
            ("name", self.name.clone()),
            ("other_name", self.other_name.clone()),
            ("sex", self.sex.clone()),
            ("birth_on", self.birth_on.clone()),
            ("status", self.status.clone()),
            ("status_from_on", self.status_from_on.clone()),
            ("admission_decision_on", self.admission_decision_on.clone()),
            ("ceremony_on", self.ceremony_on.clone()),
            (
                "recognition_decision_on",
                self.recognition_decision_on.clone(),
            ),
            ("full_from_on", self.full_from_on.clone()),
            ("exempt", self.exempt.to_string()),
            ("phoneless", self.phoneless.to_string()),
            ("email", self.email.clone()),
            ("home_town", self.home_town.clone()),
            ("residence", self.residence.clone()),
            ("merged_on", self.merged_on.clone()),
        ]
    }
    /// The sealed ones, by the words that bind them to their place.
    pub(crate) fn sealed(&self) -> [(&'static str, &str); 3] {
        [
            (number::CARD, &self.card_sealed),
            (number::CITIZEN, &self.citizen_sealed),
            (number::PHONE, &self.phone_sealed),
        ]
    }
}

/// What a new record states: everything that is filled in, for as long as anybody knows.
pub(crate) fn of_new(open: &[(&str, &str)], sealed: &[(&str, &str)]) -> Said {
    Said {
        fields: fields(open),
        sealed: fields(sealed),
        ..Said::default()
    }
}

/// What a placement that opens states.
pub(crate) fn of_placement(id: &str, placed: &[(&str, &str)]) -> Said {
    let from = placed.iter().find(|(field, _)| *field == "from_on");
    Said {
        subject: id.to_owned(),
        effective_on: from.map_or("", |(_, day)| day).to_owned(),
        fields: fields(placed),
        ..Said::default()
    }
}

/// What the end of a period states: its first day without it.
pub(crate) fn of_ending(id: &str, on: kernel::Day) -> Said {
    let on = on.to_string();
    Said {
        subject: id.to_owned(),
        fields: fields(&[("to_on", &on)]),
        effective_on: on,
        ..Said::default()
    }
}

/// A record as it stands before a write, to be handed to [`after`].
#[must_use = "what a write changes is stated after it"]
pub(crate) struct Before {
    member: MemberId,
    facts: Facts,
}

/// A record as it stands, before it is written.
pub(crate) async fn before<P: Records>(act: &mut Act<P>, member: &MemberId) -> Result<Before> {
    bump_epoch(act).await?;
    Ok(Before {
        member: member.clone(),
        facts: sql(FACTS).bind(member).one(act.on()).await?,
    })
}

/// States what the write has changed, under the line that the act has open for the person.
pub(crate) async fn after<P: Records>(act: &mut Act<P>, was: Before) -> Result<()> {
    let now: Facts = sql(FACTS).bind(&was.member).one(act.on()).await?;
    let pairs = was.facts.open().into_iter().zip(now.open());
    let mut said = Said {
        effective_on: act.now().day().to_string(),
        fields: pairs
            .filter(|(old, new)| old != new)
            .map(|(_, (field, value))| (field.to_owned(), value))
            .collect(),
        ..Said::default()
    };
    // A status says since when, and a day of which status.
    if said.fields.contains_key("status") || said.fields.contains_key("status_from_on") {
        said.fields.insert("status".to_owned(), now.status.clone());
        let since = now.status_from_on.clone();
        said.fields.insert("status_from_on".to_owned(), since);
    }
    for ((field, old), (_, new)) in was.facts.sealed().into_iter().zip(now.sealed()) {
        if old != new && !is_same(act, &was.member, field, old, new) {
            said.sealed.insert(field.to_owned(), new.to_owned());
        }
    }
    if said.fields.is_empty() && said.sealed.is_empty() {
        return Ok(());
    }
    let line = line_of(act, &was.member).await?;
    say(act, &was.member, (&line, About::Record), &said).await
}

/// Whether two seals hold the same number; one that does not open is another.
fn is_same<P: Proof>(act: &Act<P>, member: &MemberId, field: &str, old: &str, new: &str) -> bool {
    let open = |sealed: &str| act.site().keys.open_at(number::spot(field, member), sealed);
    match (open(old), open(new)) {
        (Ok(old), Ok(new)) => old == new,
        (_, _) => false,
    }
}

/// A placement as the table holds it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct PlaceRow {
    pub(crate) id: String,
    pub(crate) member_id: String,
    unit_id: String,
    kind: String,
    from_on: String,
    to_on: String,
    start_reason: String,
    end_reason: String,
}

impl PlaceRow {
    /// What is filled in.
    pub(crate) fn fields(&self) -> Fields {
        fields(&[
            ("unit", &self.unit_id),
            ("kind", &self.kind),
            ("from_on", &self.from_on),
            ("to_on", &self.to_on),
            ("start_reason", &self.start_reason),
            ("end_reason", &self.end_reason),
        ])
    }
}

/// A post as the table holds it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct PostRow {
    pub(crate) id: String,
    pub(crate) member_id: String,
    position_id: String,
    basis: String,
    from_on: String,
    to_on: String,
    end_reason: String,
}

impl PostRow {
    /// What is filled in.
    pub(crate) fn fields(&self) -> Fields {
        fields(&[
            ("position", &self.position_id),
            ("basis", &self.basis),
            ("from_on", &self.from_on),
            ("to_on", &self.to_on),
            ("end_reason", &self.end_reason),
        ])
    }
}

/// A code as the table holds it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct CodeRow {
    pub(crate) id: String,
    pub(crate) member_id: String,
    scheme: String,
    code: String,
    from_on: String,
    to_on: String,
}

impl CodeRow {
    /// What it is.
    pub(crate) fn fields(&self) -> Fields {
        fields(&[
            ("scheme", &self.scheme),
            ("code", &self.code),
            ("from_on", &self.from_on),
            ("to_on", &self.to_on),
        ])
    }
}

/// Placements and posts of a person as they stand before a write, to be handed to [`after_periods`].
#[must_use = "what a write changes is stated after it"]
pub(crate) struct BeforePeriods {
    member: MemberId,
    all: Vec<(About, String, Fields)>,
}

/// Placements and posts of a person as they stand, before they are written.
pub(crate) async fn before_periods<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
) -> Result<BeforePeriods> {
    bump_epoch(act).await?;
    Ok(BeforePeriods {
        member: member.clone(),
        all: periods(act, member).await?,
    })
}

async fn periods<P: Proof>(
    act: &mut Act<P>,
    member: &MemberId,
) -> Result<Vec<(About, String, Fields)>> {
    let places: Vec<PlaceRow> = sql(PLACES_OF).bind(member).all(act.on()).await?;
    let posts: Vec<PostRow> = sql(POSTS_OF).bind(member).all(act.on()).await?;
    let places = places.iter();
    let places = places.map(|row| (About::Placement, row.id.clone(), row.fields()));
    let posts = posts.iter();
    let posts = posts.map(|row| (About::Holding, row.id.clone(), row.fields()));
    Ok(places.chain(posts).collect())
}

/// States what the write has changed of them, under that line.
pub(crate) async fn after_periods<P: Records>(
    act: &mut Act<P>,
    was: BeforePeriods,
    line: &str,
) -> Result<()> {
    let stands = periods(act, &was.member).await?;
    for (about, subject, _) in &was.all {
        if stands.iter().all(|(_, id, _)| id != subject) {
            let said = Said {
                subject: subject.clone(),
                effective_on: act.now().day().to_string(),
                fields: Fields::from([(GONE.to_owned(), "1".to_owned())]),
                ..Said::default()
            };
            say(act, &was.member, (line, *about), &said).await?;
        }
    }
    for (about, subject, now) in stands {
        let old = was.all.iter().find(|(_, id, _)| *id == subject);
        let old = old.map(|(.., fields)| fields);
        let mut said: Fields = now
            .iter()
            .filter(|(field, value)| old.and_then(|old| old.get(*field)) != Some(value))
            .map(|(field, value)| (field.clone(), value.clone()))
            .collect();
        let emptied = old.into_iter().flat_map(|old| old.keys());
        let emptied = emptied.filter(|field| !now.contains_key(*field));
        said.extend(emptied.map(|field| (field.clone(), String::new())));
        if said.is_empty() {
            continue;
        }
        let from = if old.is_some() { "to_on" } else { "from_on" };
        let said = Said {
            subject,
            // A first day that is put right says itself since when.
            effective_on: said
                .get(from)
                .or(said.get("from_on"))
                .cloned()
                .unwrap_or_default(),
            fields: said,
            ..Said::default()
        };
        say(act, &was.member, (line, about), &said).await?;
    }
    Ok(())
}

#[derive(FromRow)]
struct StatedRow {
    member_id: String,
    seq: i64,
    event_id: String,
    corrects: String,
    about: String,
    subject_id: String,
    effective_on: String,
    recorded_at: i64,
    said_json: String,
    sealed_json: String,
}

fn read_json(text: &str) -> Option<Fields> {
    match text {
        "" => Some(Fields::new()),
        text => serde_json::from_str(text).ok(), // told by `compare`, as a statement that says nothing
    }
}

impl StatedRow {
    fn read(self) -> (String, Statement) {
        let sealed = read_json(&self.sealed_json).unwrap_or_default();
        let said = read_json(&self.said_json).unwrap_or_default();
        let statement = Statement {
            seq: self.seq,
            event: self.event_id,
            corrects: self.corrects,
            about: About::of(&self.about),
            subject: self.subject_id,
            effective_on: self.effective_on,
            recorded_at: Moment(self.recorded_at),
            said,
            sealed,
        };
        (self.member_id, statement)
    }
}

/// Some members with all that belongs to them, by id: what `compare` holds against each other.
pub(crate) struct Part {
    /// Records as the table holds them.
    pub(crate) facts: Vec<Facts>,
    /// What the ledger states, by member.
    pub(crate) stated: Vec<(String, Statement)>,
    /// Placements.
    pub(crate) places: Vec<PlaceRow>,
    /// Posts.
    pub(crate) posts: Vec<PostRow>,
    /// Codes.
    pub(crate) codes: Vec<CodeRow>,
}

/// At most `limit` members behind that id.
pub(crate) async fn list_some(on: &Db, after: &str, limit: i64) -> Result<Part> {
    let facts: Vec<Facts> = sql(ALL_FACTS)
        .bind(after)
        .bind(limit)
        .all(on.read())
        .await?;
    let last = facts.last().map(|one| one.id.clone()).unwrap_or_default();
    let stated: Vec<StatedRow> = sql(STATED).bind(after).bind(&last).all(on.read()).await?;
    Ok(Part {
        stated: stated.into_iter().map(StatedRow::read).collect(),
        places: sql(PLACES).bind(after).bind(&last).all(on.read()).await?,
        codes: sql(CODES).bind(after).bind(&last).all(on.read()).await?,
        posts: sql(POSTS).bind(after).bind(&last).all(on.read()).await?,
        facts,
    })
}

/// What the ledger states of one member and of records merged into it, in order. For whoever has the look at the record written down.
pub(crate) async fn list_stated(
    on: impl On<'_>,
    looked: &Looked,
    member: &MemberId,
) -> Result<Vec<(String, Statement)>> {
    if !looked.covers(member, site::Level::V2) {
        return Err(Error::NotFound);
    }
    let rows: Vec<StatedRow> = sql(STATED_OF).bind(member).all(on).await?;
    Ok(rows.into_iter().map(StatedRow::read).collect())
}

/// A line of the ledger as its history is drawn from it.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct LineRow {
    pub(crate) id: String,
    pub(crate) member_id: String,
    #[sqlx(try_from = "String")]
    pub(crate) kind: Kept<EventKind>,
    pub(crate) effective_on: String,
    pub(crate) recorded_at: i64,
    pub(crate) decision_no: String,
    pub(crate) decision_on: String,
    pub(crate) reason: String,
    pub(crate) payload_json: String,
    pub(crate) corrects_id: String,
    pub(crate) unit_name: String,
    pub(crate) recorder: String,
}

/// The lines of one member and of records merged into it, what was recorded last first, at most `limit`.
pub(crate) async fn list_lines(
    on: &Db,
    looked: &Looked,
    member: &MemberId,
    limit: i64,
) -> Result<Vec<LineRow>> {
    if !looked.covers(member, site::Level::V2) {
        return Err(Error::NotFound);
    }
    let lines = sql(LINES_OF).bind(member).bind(limit);
    lines.all(on.read()).await
}

/// Names of these units, and titles of these posts with their unit, by id.
pub(crate) async fn list_names(
    on: &Db,
    units: &[String],
    positions: &[String],
) -> Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for (head, ids) in [
        ("select id, name from people_unit where id in", units),
        (
            "select p.id, p.title || ', ' || u.name from people_position p join people_unit u on u.id = p.unit_id \
             where p.id in",
            positions,
        ),
    ] {
        for some in ids.chunks(400) {
            let text = format!("{head} {}", in_list(1, some.len()));
            let rows: Vec<(String, String)> =
                sql_built(text).bind_all(some.iter()).all(on.read()).await?;
            names.extend(rows);
        }
    }
    Ok(names)
}

/// Statements with sealed fields behind that id: id, member, what is sealed. For the change of the key.
pub(crate) async fn list_sealed(
    on: &Db,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, String, Fields)>> {
    let rows: Vec<(String, String, String)> =
        sql(SEALED).bind(after).bind(limit).all(on.read()).await?;
    let rows = rows.into_iter().map(|(id, member, sealed)| {
        let fields = read_json(&sealed).unwrap_or_default();
        (id, member, fields)
    });
    Ok(rows.collect())
}

/// Keeps sealed fields of a statement in another seal; none leaves one as it is.
pub(crate) async fn seal_again(
    act: &mut Act<Operator>,
    id: &str,
    again: [(&'static str, Option<String>); 3],
) -> Result<()> {
    bump_epoch(act).await?;
    let (member, sealed): (String, String) = sql(SEALED_ROW).bind(id).one(act.on()).await?;
    crate::store::holds(act, &member.parse().map_err(Error::fault)?).await?;
    let mut fields = read_json(&sealed).unwrap_or_default();
    for (field, anew) in again {
        if let (Some(anew), true) = (anew, fields.contains_key(field)) {
            fields.insert(field.to_owned(), anew);
        }
    }
    let fields = json(&fields)?;
    sql(SEAL_AGAIN).bind(id).bind(fields).run(act.on()).await?;
    Ok(())
}
