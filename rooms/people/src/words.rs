//! From the words of the tables to the keys of the texts: kinds, statuses, roles, ledger.
//!
//! Keys stand here whole, so that used and defined keys can be compared. Not here: the sentences
//! (`text/`). A word that this program does not know is shown as "khác".

/// Key of a unit's kind.
pub(crate) fn kind(word: &str) -> &'static str {
    match word {
        "root" => "people-kind-root",
        "province" => "people-kind-province",
        "upper_body" => "people-kind-upper-body",
        "base_body" => "people-kind-base-body",
        "base_cell" => "people-kind-base-cell",
        "department_body" => "people-kind-department-body",
        "sub_base_body" => "people-kind-sub-base-body",
        "cell" => "people-kind-cell",
        "temporary_cell" => "people-kind-temporary-cell",
        "group" => "people-kind-group",
        "office" => "people-kind-office",
        _ => "people-word-other",
    }
}

/// Key of a member's status.
pub(crate) fn status(word: &str) -> &'static str {
    (word.parse::<crate::fact::Status>()).map_or("people-word-other", crate::fact::Status::text)
}

/// Key of a placement's kind.
pub(crate) fn placement(word: &str) -> &'static str {
    match word {
        "official" => "people-placement-official",
        "official_away" => "people-placement-away",
        "temporary" => "people-placement-temporary",
        _ => "people-word-other",
    }
}

/// Key of a sex.
pub(crate) fn sex(word: &str) -> &'static str {
    match word {
        "female" => "people-sex-female",
        "male" => "people-sex-male",
        _ => "people-unknown",
    }
}

/// Key of what a role brings, as a person who gives it reads it.
pub(crate) fn role(word: &str) -> &'static str {
    match word {
        "member" => "people-role-member",
        "cell_lead" => "people-role-cell-lead",
        "cell_committee" => "people-role-cell-committee",
        "committee_lead" => "people-role-committee-lead",
        "org_officer" => "people-role-org-officer",
        "finance_officer" => "people-role-finance-officer",
        "content_editor" => "people-role-content-editor",
        "content_approver" => "people-role-content-approver",
        "inspector" => "people-role-inspector",
        "report_viewer" => "people-role-report-viewer",
        "security_auditor" => "people-role-security-auditor",
        "sys_admin" => "people-role-sys-admin",
        _ => "people-word-other",
    }
}

/// Key of how a post was come by.
pub(crate) fn basis(word: &str) -> &'static str {
    match word {
        "elected" => "people-basis-elected",
        "appointed" => "people-basis-appointed",
        "approved" => "people-basis-approved",
        "acting" => "people-basis-acting",
        _ => "people-word-other",
    }
}

/// Key of a line of the ledger.
pub(crate) fn event(word: &str) -> &'static str {
    match word {
        "member_added" => "people-event-member-added",
        "member_corrected" => "people-event-member-corrected",
        "placement_opened" => "people-event-placement-opened",
        "placement_closed" => "people-event-placement-closed",
        "position_given" => "people-event-position-given",
        "position_ended" => "people-event-position-ended",
        _ => "people-word-other",
    }
}
