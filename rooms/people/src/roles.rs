//! What roles and rights are called, for whoever gives them, reads the matrix or types one: one source for pages, documents and
//! the command line. Not here: what a role may do (`kernel::cap`), what a post of a person is called (its title).
//!
//! The rule that surprises: a role may be typed as its code or as its name in either language, marks and case apart.

use kernel::{Cap, Role};
use web::{Frame, Lang, Texts};

/// Key of the name of a role.
pub fn name(role: Role) -> &'static str {
    match role {
        Role::Member => "people-role-member",
        Role::CellLead => "people-role-cell-lead",
        Role::CellCommittee => "people-role-cell-committee",
        Role::CommitteeLead => "people-role-committee-lead",
        Role::OrgOfficer => "people-role-org-officer",
        Role::FinanceOfficer => "people-role-finance-officer",
        Role::ContentEditor => "people-role-content-editor",
        Role::ContentApprover => "people-role-content-approver",
        Role::Inspector => "people-role-inspector",
        Role::ReportViewer => "people-role-report-viewer",
        Role::SecurityAuditor => "people-role-security-auditor",
        Role::SysAdmin => "people-role-sys-admin",
    }
}

/// Key of what a role brings, in a few words.
pub fn what(role: Role) -> &'static str {
    match role {
        Role::Member => "people-role-member-what",
        Role::CellLead => "people-role-cell-lead-what",
        Role::CellCommittee => "people-role-cell-committee-what",
        Role::CommitteeLead => "people-role-committee-lead-what",
        Role::OrgOfficer => "people-role-org-officer-what",
        Role::FinanceOfficer => "people-role-finance-officer-what",
        Role::ContentEditor => "people-role-content-editor-what",
        Role::ContentApprover => "people-role-content-approver-what",
        Role::Inspector => "people-role-inspector-what",
        Role::ReportViewer => "people-role-report-viewer-what",
        Role::SecurityAuditor => "people-role-security-auditor-what",
        Role::SysAdmin => "people-role-sys-admin-what",
    }
}

/// The key of what a right allows.
pub fn cap(cap: Cap) -> &'static str {
    match cap {
        Cap::SelfRead => "people-cap-self-read",
        Cap::SelfRequest => "people-cap-self-request",
        Cap::CheckinSelf => "people-cap-checkin-self",
        Cap::VoteCast => "people-cap-vote-cast",
        Cap::UnitPublishedRead => "people-cap-unit-published-read",
        Cap::MemberNameRead => "people-cap-member-name-read",
        Cap::MemberRead => "people-cap-member-read",
        Cap::MemberSealedRead => "people-cap-member-sealed-read",
        Cap::MemberDraft => "people-cap-member-draft",
        Cap::MemberApprove => "people-cap-member-approve",
        Cap::IdentityWrite => "people-cap-identity-write",
        Cap::MemberExport => "people-cap-member-export",
        Cap::ImportPrepare => "people-cap-import-prepare",
        Cap::PersonMergePrepare => "people-cap-person-merge-prepare",
        Cap::CorrectionDecide => "people-cap-correction-decide",
        Cap::UnitRead => "people-cap-unit-read",
        Cap::UnitDraft => "people-cap-unit-draft",
        Cap::RestructurePrepare => "people-cap-restructure-prepare",
        Cap::RestructureApprove => "people-cap-restructure-approve",
        Cap::GrantGive => "people-cap-grant-give",
        Cap::GrantApprove => "people-cap-grant-approve",
        Cap::MeetingPrepare => "people-cap-meeting-prepare",
        Cap::MeetingChair => "people-cap-meeting-chair",
        Cap::AttendanceMark => "people-cap-attendance-mark",
        Cap::MinutesDraftRead => "people-cap-minutes-draft-read",
        Cap::MinutesSign => "people-cap-minutes-sign",
        Cap::ResolutionPublish => "people-cap-resolution-publish",
        Cap::TaskAssign => "people-cap-task-assign",
        Cap::TaskFollow => "people-cap-task-follow",
        Cap::PollPrepare => "people-cap-poll-prepare",
        Cap::PollRun => "people-cap-poll-run",
        Cap::PollPublish => "people-cap-poll-publish",
        Cap::DuesRead => "people-cap-dues-read",
        Cap::DuesWrite => "people-cap-dues-write",
        Cap::EvaluationPropose => "people-cap-evaluation-propose",
        Cap::EvaluationApprove => "people-cap-evaluation-approve",
        Cap::ContentWrite => "people-cap-content-write",
        Cap::ContentPublish => "people-cap-content-publish",
        Cap::SurveyRun => "people-cap-survey-run",
        Cap::AggregateRead => "people-cap-aggregate-read",
        Cap::InspectRead => "people-cap-inspect-read",
        Cap::AuditRead => "people-cap-audit-read",
        Cap::GrantReview => "people-cap-grant-review",
        Cap::BreakglassReview => "people-cap-breakglass-review",
        Cap::BreakglassRequest => "people-cap-breakglass-request",
        Cap::SystemConfigure => "people-cap-system-configure",
        Cap::AccountState => "people-cap-account-state",
    }
}

/// "Lãnh đạo chi bộ: chuẩn bị, chủ trì, ký biên bản".
pub fn said(frame: &Frame, role: Role) -> String {
    format!("{}: {}", frame.t(name(role)), frame.t(what(role)))
}

/// The role of that code or name.
pub fn find(texts: &Texts, typed: &str) -> Option<Role> {
    let bare = |text: &str| {
        let folded = vietnamese::fold(text);
        let words = folded.split(|c: char| !c.is_alphanumeric());
        words
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let typed = bare(typed);
    let is_meant = |role: &&Role| {
        let names = [Lang::Vi, Lang::En].map(|lang| bare(&texts.get(lang, name(**role))));
        bare(role.name()) == typed || names.contains(&typed)
    };
    Role::ALL.iter().find(is_meant).copied()
}
