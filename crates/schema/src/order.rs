//! The one order in which transactions take rows of tables, and what needs no place in it.
//!
//! `testkit` asks after every story whether all that wrote kept to it (`db::order`). An act that takes a table
//! of a higher place, then one of a lower, may wait for another that went the other way: PostgreSQL undoes one.
//! What only adds rows with keys of its own (the log, the ledger) blocks nobody and stands nowhere.
//! The rule that surprises: a gate is one row that is taken before all tables behind it; those need no order.

/// Tables in the order in which they are taken.
pub const ORDER: &[&str] = &[
    "admin_setting",
    "meetings_template",
    "meetings_meeting",
    "meetings_revision",
    "meetings_item",
    "meetings_paper",
    "meetings_file",
    "meetings_invitation",
    "meetings_absence",
    "meetings_attendance",
    "meetings_numbers",
    "meetings_task",
    "approvals_approval",
    "approvals_step",
    "people_epoch",
    "account_failure",
    "account_account",
    "account_slip",
    "account_session",
    "account_token",
    "account_left",
    "documents_document",
    "news_section",
    "news_article",
    "news_picture_size",
    "library_title",
    "library_place",
    "library_shelf",
    "form_taken",
    "rules_epoch",
    "import_made",
    "stats_hour",
    "stats_site_day",
    "stats_total",
    "audit_tip",
    "audit_access",
    "audit_event",
    "notices_setting",
    "notices_preference",
    "notices_quiet",
    "notices_endpoint",
    "notices_notice",
    "notices_out",
    "jobs_schedule",
    "jobs_job",
    "uploads_upload",
    "uploads_entry",
    "feed_counter",
    "feed_trouble",
];

/// A row that is taken first, and the tables behind it by the beginning of their names: they stand in [`ORDER`]
/// where it stands. One row for a whole room (`people_epoch`), or the row of the thing that the others are part of.
pub const GATES: &[(&str, &str)] = &[
    ("people_epoch", "people_"),
    ("rules_epoch", "rules_"),
    ("documents_document", "documents_"),
    ("news_article", "news_photo"),
    ("library_title", "library_edition"),
    ("library_title", "library_section"),
    ("library_title", "library_resource"),
    ("library_title", "library_contents"),
    ("feed_counter", "feed_change"),
    ("audit_tip", "audit_link"),
    ("audit_tip", "audit_head"),
];

/// Things that a transaction makes and fills at once: after an insert into the first table, rows of tables
/// that begin so belong to the new thing, which nobody else sees yet.
pub const MADE: &[(&str, &str)] = &[
    ("meetings_meeting", "meetings_"),
    ("uploads_upload", "uploads_"),
];

/// Pairs against the order that lock nobody up: held, taken again, why.
pub const APART: &[(&str, &str, &str)] = &[
    (
        "approvals_step",
        "approvals_approval",
        "the row of the change is taken before its steps, and again",
    ),
    (
        "account_slip",
        "account_account",
        "whoever uses a slip takes the row of the account before it, and sets its password then",
    ),
    (
        "account_token",
        "account_session",
        "the browser's own session ends and a new one begins, after those of the account have ended",
    ),
    (
        "uploads_entry",
        "uploads_upload",
        "the row of the upload is taken before its entries go, and goes then",
    ),
    (
        "notices_out",
        "notices_notice",
        "sendings belong to the notice that the same transaction added a moment ago",
    ),
    (
        "audit_access",
        "audit_tip",
        "whoever binds the log takes its tip before all else, and moves it on at the end",
    ),
    ("audit_event", "audit_tip", "the same of its lines"),
];

/// Tables that others refer to and whose rows go, and why nobody who refers to one waits crosswise: adding a row
/// that refers to another takes a share of that one, which only its end or a new key keeps waiting.
pub const GOES: &[(&str, &str)] = &[
    (
        "notices_endpoint",
        "who takes a device away takes its sendings and nothing else; who sends to it holds none of those yet",
    ),
    (
        "notices_notice",
        "old ones go by the program alone, once a day, with nothing else in hand",
    ),
    (
        "people_member",
        "who came by a list that is taken back goes while no row of any room names them, behind the gate",
    ),
    ("people_unit", "the same of a unit"),
    (
        "documents_document",
        "a document goes while nobody changed it, and its own row is taken first",
    ),
    (
        "uploads_upload",
        "an upload goes when all is over; its entries refer to it and are written by its own job alone",
    ),
    (
        "library_title",
        "a title goes while nobody keeps a place in it, and who keeps one holds nothing else",
    ),
];
