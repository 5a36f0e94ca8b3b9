//! Every statement of this crate: the log, looks, the feed of the index, settings, what imports made.
//!
//! Who runs them, and with what right, is said beside each use (`audit`, `look`, `feed` …). Not here: tables
//! of rooms; whoever asks for rows of those names table and column ([`crate::room::OfUnit`] and
//! [`crate::room::OfPerson`], columns of facts).

use db::{Stmt, in_list, sql_built};
use std::collections::BTreeSet;

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
        unit_id, unit_path_then, about_member_id, object_type, object_id, action, reason, diff_json, request_id) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

    pub(crate) SEEN = "insert into audit_access \
        (actor_id, about_member_id, hour_at, level, purpose, reads, actor_label) \
        values ($1, $2, $3, $4, $5, 1, $6) \
        on conflict (actor_id, about_member_id, hour_at, level, purpose) \
        do update set reads = audit_access.reads + 1";

    pub(crate) MADE = "insert into import_made (run_id, kind, thing_id) values ($1, $2, $3) on conflict do nothing";
    // A run that was killed and goes on meets its own change as equal: the first image stays.
    pub(crate) CHANGED = "insert into import_made (run_id, kind, thing_id, was_sealed) values ($1, $2, $3, $4) \
        on conflict do nothing";

    pub(crate) OF_RUN = "select was_sealed from import_made where run_id = $1 and kind = $2 and thing_id = $3";
    // A row's id here is what its image is sealed for: run, kind and thing.
    pub(crate) SEALED = "select run_id || ' ' || kind || ' ' || thing_id, was_sealed from import_made \
        where was_sealed <> '' and run_id || ' ' || kind || ' ' || thing_id > $1 order by 1 limit $2";
    pub(crate) SEAL_AGAIN = "update import_made set was_sealed = $4 where run_id = $1 and kind = $2 and thing_id = $3";

    pub(crate) KNOWN_AS = "select as_id from v_people_as where member_id = $1 order by as_id";

    pub(crate) UNIT = "select id, path from v_people_unit where id = $1";

    pub(crate) ALL_SETTINGS = "select name, value from admin_setting";
    pub(crate) FIND_SETTING = "select value from admin_setting where name = $1";
    pub(crate) SET_SETTING = "insert into admin_setting (name, value, changed_at, changed_by) values ($1, $2, $3, $4) \
        on conflict (name) do update set value = excluded.value, changed_at = excluded.changed_at, \
        changed_by = excluded.changed_by";
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
