//! Every statement of this crate: the log, looks, the feed of the index, settings, what imports made.
//!
//! Who runs them, and with what right, is said beside each use (`audit`, `look`, `feed` …). Not here: tables
//! of rooms; whoever asks for rows of those names table and column ([`crate::room::OfUnit`] and
//! [`crate::room::OfPerson`], columns of facts).

use db::{Stmt, in_list, sql_built};
use std::collections::BTreeSet;

/// What a line of the log says, in the order in which it is hashed.
macro_rules! line_columns {
    () => {
        "id, at, actor_id, actor_label, on_behalf_of, capability, grant_id, unit_id, unit_path_then, \
         about_member_id, object_type, object_id, action, reason, diff_json, request_id"
    };
}
/// The same of a look.
macro_rules! look_columns {
    () => {
        "actor_id, about_member_id, hour_at, level, purpose, reads, actor_label"
    };
}

db::statements! {
    pub STATEMENTS;
    pub(crate) NEXT_CHANGE = "update feed_counter set value = value + 1 where name = 'search' returning value";
    pub(crate) ADD_CHANGE = "insert into feed_change (seq, kind, subject_id) values ($1, $2, $3)";
    pub(crate) CHANGES_SINCE = "select seq, kind, subject_id from feed_change where seq > $1 order by seq limit $2";
    pub(crate) LAST_CHANGE = "select value from feed_counter where name = 'search'";
    pub(crate) TRIM_CHANGES = "delete from feed_change where seq <= $1";
    pub(crate) SET_ASIDE = "insert into feed_trouble (kind, subject_id, told, at) values ($1, $2, $3, $4) \
        on conflict (kind, subject_id) do update set told = excluded.told, at = excluded.at";
    pub(crate) TAKEN_UP = "delete from feed_trouble where kind = $1 and subject_id = $2";
    pub(crate) TROUBLES = "select kind, subject_id, told from feed_trouble order by kind, subject_id limit 1000";

    pub(crate) ADD_LINE = "insert into audit_event (id, at, actor_id, actor_label, capability, grant_id, \
        unit_id, unit_path_then, about_member_id, object_type, object_id, action, reason, diff_json, request_id, \
        written_mac) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

    // Touches nothing when that hour is bound already.
    pub(crate) SEEN = "insert into audit_access \
        (actor_id, about_member_id, hour_at, level, purpose, reads, actor_label) \
        values ($1, $2, $3, $4, $5, 1, $6) \
        on conflict (actor_id, about_member_id, hour_at, level, purpose) \
        do update set reads = audit_access.reads + 1 where audit_access.bound_seq = 0";

    // Whether anything waits to be bound, or a day to be closed.
    pub(crate) WAITS = "select case when exists (select 1 from audit_event where bound_seq = 0) \
        or exists (select 1 from audit_access where bound_seq = 0 and hour_at <= $1) \
        or exists (select 1 from audit_tip where seq >= first_seq and day_on <> $2) then 1 else 0 end";
    pub(crate) TAKE_TIP = "update audit_tip set bound_at = bound_at where name = 'log' \
        returning seq, day_on, first_seq, hash, bound_at, old, sealed";
    pub(crate) TIP = "select seq, day_on, first_seq, hash, bound_at, old, sealed from audit_tip where name = 'log'";
    pub(crate) MOVE_TIP = "update audit_tip set seq = $1, day_on = $2, first_seq = $3, hash = $4, bound_at = $5, \
        old = $6, sealed = $7 where name = 'log'";
    pub(crate) LAST_LINK = "select seq, day_on, what, row_id, row_hash, hash from audit_link order by seq desc limit 1";
    pub(crate) LINES_TO_BIND = concat!("select ", line_columns!(), ", written_mac \
        from audit_event where bound_seq = 0 order by id limit $1");
    pub(crate) LOOKS_TO_BIND = concat!("select ", look_columns!(), " from audit_access \
        where bound_seq = 0 and hour_at <= $1 order by hour_at, actor_id, about_member_id, level, purpose limit $2");
    pub(crate) BIND_LOOK = "update audit_access set bound_seq = $1 where actor_id = $2 and about_member_id = $3 \
        and hour_at = $4 and level = $5 and purpose = $6 and reads = $7 and bound_seq = 0";
    pub(crate) BIND_LINES = "update audit_event set bound_seq = l.seq from audit_link l \
        where l.seq > $1 and l.seq <= $2 and l.what in ('line', 'old', 'foreign') and l.row_id = audit_event.id";
    pub(crate) ADD_HEAD = "insert into audit_head (last_seq, day_on, first_seq, hash, sealed) values ($1, $2, $3, $4, $5)";

    pub(crate) HEADS = "select last_seq, day_on, first_seq, hash, sealed from audit_head \
        where last_seq > $1 order by last_seq limit $2";
    pub(crate) LAST_HEADS = "select last_seq, day_on, first_seq, hash, sealed from audit_head \
        order by last_seq desc limit $1";
    pub(crate) HEAD_AGAIN = "update audit_head set sealed = $2 where last_seq = $1";
    pub(crate) TIP_AGAIN = "update audit_tip set sealed = $1 where name = 'log'";
    pub(crate) LINKS = "select seq, day_on, what, row_id, row_hash, hash from audit_link \
        where seq > $1 order by seq limit $2";
    pub(crate) LINK = "select seq, day_on, what, row_id, row_hash, hash from audit_link where seq = $1";
    pub(crate) LAST_SEQ = "select coalesce(max(seq), 0) from audit_link";
    pub(crate) BOUND_LINES = concat!("select bound_seq, ", line_columns!(), " from audit_event \
        where bound_seq > $1 and bound_seq <= $2 order by bound_seq, id limit $3");
    pub(crate) BOUND_LOOKS = concat!("select bound_seq, ", look_columns!(), " from audit_access \
        where bound_seq > $1 and bound_seq <= $2 order by bound_seq, hour_at limit $3");
    pub(crate) BOUND_OF = "select bound_seq from audit_event where id = $1";
    pub(crate) BOUND_BESIDE = "select id from audit_event where bound_seq < 0 or bound_seq > $1 or bound_seq is null limit 20";
    pub(crate) LOOKS_BESIDE = "select actor_id || ' ' || about_member_id from audit_access \
        where bound_seq < 0 or bound_seq > $1 or bound_seq is null limit 20";
    pub(crate) WAITING = "select count(*) as lines, coalesce(min(at), 0) as since from audit_event where bound_seq = 0";

    pub(crate) MADE = "insert into import_made (run_id, kind, thing_id) values ($1, $2, $3) on conflict do nothing";
    // A run that was killed and goes on meets its own change as equal: the first image stays.
    pub(crate) CHANGED = "insert into import_made (run_id, kind, thing_id, was_sealed) values ($1, $2, $3, $4) \
        on conflict do nothing";

    pub(crate) OF_RUN = "select was_sealed from import_made where run_id = $1 and kind = $2 and thing_id = $3";
    // A row's id here is what its image is sealed for: run, kind and thing.
    pub(crate) SEALED = "select run_id || ' ' || kind || ' ' || thing_id, was_sealed from import_made \
        where was_sealed <> '' and run_id || ' ' || kind || ' ' || thing_id > $1 order by 1 limit $2";
    pub(crate) SEAL_AGAIN = "update import_made set was_sealed = $4 where run_id = $1 and kind = $2 and thing_id = $3";

    pub(crate) SENT = "select hash, thing from form_taken where id = $1";
    pub(crate) SENT_NOTE = "insert into form_taken (id, hash, thing, at) values ($1, $2, $3, $4) on conflict (id) do nothing";

    pub(crate) KNOWN_AS = "select as_id from v_people_as where member_id = $1 order by as_id";

    pub(crate) UNIT = "select id, path from v_people_unit where id = $1";

    pub(crate) ALL_SETTINGS = "select name, value from admin_setting";
    pub(crate) FIND_SETTING = "select value from admin_setting where name = $1";
    pub(crate) SET_SETTING = "insert into admin_setting (name, value, changed_at, changed_by) values ($1, $2, $3, $4) \
        on conflict (name) do update set value = excluded.value, changed_at = excluded.changed_at, \
        changed_by = excluded.changed_by";
}

/// The guards of the log's tables; each database has its own way to ask, so neither stands in [`STATEMENTS`].
pub(crate) const GUARDS_SQLITE: &str = "select name from sqlite_master where type = 'trigger' and tbl_name in \
     ('audit_event', 'audit_access', 'audit_link', 'audit_head', 'audit_tip')";
pub(crate) const GUARDS_POSTGRES: &str = "select cast(t.tgname as text) from pg_trigger t \
    join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace \
    where n.nspname = current_schema() and t.tgenabled <> 'D' and c.relname in \
    ('audit_event', 'audit_access', 'audit_link', 'audit_head', 'audit_tip')";

/// Adds so many links of the chain at once.
pub(crate) fn add_links(count: usize) -> Stmt {
    let groups: Vec<String> = (0..count).map(|nth| in_list(1 + 6 * nth, 6)).collect();
    sql_built(format!(
        "insert into audit_link (seq, day_on, what, row_id, row_hash, hash) values {}",
        groups.join(", ")
    ))
}

/// The documents behind these symbols that this reach may see.
pub(crate) fn cited(keys: BTreeSet<String>, reach: &[String]) -> Stmt {
    let text = format!(
        "select document_id, symbol_key, title, issued_on from v_documents_cited \
         where symbol_key in {} and audience in {} order by symbol_key, issued_on desc",
        in_list(1, keys.len()),
        in_list(1 + keys.len(), reach.len())
    );
    sql_built(text).bind_all(keys).bind_all(reach.iter())
}

/// How many rows name this person by its id.
pub(crate) fn naming(table: &str, column: &str, id: &str) -> Stmt {
    sql_built(format!("select count(*) from {table} where {column} = $1")).bind(id)
}

/// How many rows name this unit, by its id or as an audience.
pub(crate) fn naming_unit(table: &str, column: &str, id: &str) -> Stmt {
    let text = format!("select count(*) from {table} where {column} in ($1, $2)");
    sql_built(text).bind(id).bind(format!("unit:{id}"))
}

/// The hashes of a column that names stored files, each once; `only` says of which rows, empty: of all.
pub(crate) fn hashes(table: &str, column: &str, only: &str) -> Stmt {
    let and = if only.is_empty() { "" } else { " and " };
    sql_built(format!(
        "select distinct {column} from {table} where {column} <> ''{and}{only} order by 1"
    ))
}

/// The rows of a column whose word is none of these, at most `most`.
pub(crate) fn odd(table: &str, key: &str, column: &str, words: &[&str], most: usize) -> Stmt {
    let known = in_list(1, words.len());
    let text = format!(
        "select {key}, {column} from {table} where {column} not in {known} order by 1 limit {most}"
    );
    sql_built(text).bind_all(words.iter().copied())
}
