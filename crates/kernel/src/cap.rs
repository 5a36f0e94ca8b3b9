//! What may be done ([`Cap`]) and the posts that bring it ([`Role`]): the governance reference, section 1.
//!
//! Both are closed enums on purpose: "list all I may see" must become SQL, so there is no policy
//! engine, and a change of rights is a change of this file that a person reviews.
//! Not here: who holds which role (`people`), and whether a grant is in force ([`crate::Actor`]).

use serde::{Deserialize, Serialize};

/// One thing that a person may be allowed to do. The name in tables and logs is [`Cap::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Cap {
    /// Read one's own record.
    SelfRead,
    /// Ask for a correction of one's own record.
    SelfRequest,
    /// Check oneself in at a meeting.
    CheckinSelf,
    /// Cast one's own vote.
    VoteCast,
    /// Read what one's unit has published.
    UnitPublishedRead,
    /// Member name read.
    MemberNameRead,
    /// Member read.
    MemberRead,
    /// Member sealed read.
    MemberSealedRead,
    /// Member draft.
    MemberDraft,
    /// Member approve.
    MemberApprove,
    /// Identity write.
    IdentityWrite,
    /// Member export.
    MemberExport,
    /// Import prepare.
    ImportPrepare,
    /// Person merge prepare.
    PersonMergePrepare,
    /// Correction decide.
    CorrectionDecide,
    /// Unit read.
    UnitRead,
    /// Unit draft.
    UnitDraft,
    /// Restructure prepare.
    RestructurePrepare,
    /// Restructure approve.
    RestructureApprove,
    /// Grant give.
    GrantGive,
    /// Grant approve.
    GrantApprove,
    /// Meeting prepare.
    MeetingPrepare,
    /// Meeting chair.
    MeetingChair,
    /// Attendance mark.
    AttendanceMark,
    /// Minutes draft read.
    MinutesDraftRead,
    /// Minutes sign.
    MinutesSign,
    /// Resolution publish.
    ResolutionPublish,
    /// Task assign.
    TaskAssign,
    /// Task follow.
    TaskFollow,
    /// Poll prepare.
    PollPrepare,
    /// Poll run.
    PollRun,
    /// Poll publish.
    PollPublish,
    /// Dues read.
    DuesRead,
    /// Dues write.
    DuesWrite,
    /// Evaluation propose.
    EvaluationPropose,
    /// Evaluation approve.
    EvaluationApprove,
    /// Content write.
    ContentWrite,
    /// Content publish.
    ContentPublish,
    /// Survey run.
    SurveyRun,
    /// Aggregate read.
    AggregateRead,
    /// Inspect read.
    InspectRead,
    /// Audit read.
    AuditRead,
    /// Grant review.
    GrantReview,
    /// Breakglass review.
    BreakglassReview,
    /// Breakglass request.
    BreakglassRequest,
    /// System configure.
    SystemConfigure,
    /// Account state.
    AccountState,
}

impl Cap {
    /// Every capability, in the order of the reference.
    pub const ALL: &'static [Cap] = &[
        Cap::SelfRead,
        Cap::SelfRequest,
        Cap::CheckinSelf,
        Cap::VoteCast,
        Cap::UnitPublishedRead,
        Cap::MemberNameRead,
        Cap::MemberRead,
        Cap::MemberSealedRead,
        Cap::MemberDraft,
        Cap::MemberApprove,
        Cap::IdentityWrite,
        Cap::MemberExport,
        Cap::ImportPrepare,
        Cap::PersonMergePrepare,
        Cap::CorrectionDecide,
        Cap::UnitRead,
        Cap::UnitDraft,
        Cap::RestructurePrepare,
        Cap::RestructureApprove,
        Cap::GrantGive,
        Cap::GrantApprove,
        Cap::MeetingPrepare,
        Cap::MeetingChair,
        Cap::AttendanceMark,
        Cap::MinutesDraftRead,
        Cap::MinutesSign,
        Cap::ResolutionPublish,
        Cap::TaskAssign,
        Cap::TaskFollow,
        Cap::PollPrepare,
        Cap::PollRun,
        Cap::PollPublish,
        Cap::DuesRead,
        Cap::DuesWrite,
        Cap::EvaluationPropose,
        Cap::EvaluationApprove,
        Cap::ContentWrite,
        Cap::ContentPublish,
        Cap::SurveyRun,
        Cap::AggregateRead,
        Cap::InspectRead,
        Cap::AuditRead,
        Cap::GrantReview,
        Cap::BreakglassReview,
        Cap::BreakglassRequest,
        Cap::SystemConfigure,
        Cap::AccountState,
    ];

    /// The word used in tables, logs and the permission matrix.
    pub fn name(self) -> &'static str {
        match self {
            Cap::SelfRead => "self_read",
            Cap::SelfRequest => "self_request",
            Cap::CheckinSelf => "checkin_self",
            Cap::VoteCast => "vote_cast",
            Cap::UnitPublishedRead => "unit_published_read",
            Cap::MemberNameRead => "member_name_read",
            Cap::MemberRead => "member_read",
            Cap::MemberSealedRead => "member_sealed_read",
            Cap::MemberDraft => "member_draft",
            Cap::MemberApprove => "member_approve",
            Cap::IdentityWrite => "identity_write",
            Cap::MemberExport => "member_export",
            Cap::ImportPrepare => "import_prepare",
            Cap::PersonMergePrepare => "person_merge_prepare",
            Cap::CorrectionDecide => "correction_decide",
            Cap::UnitRead => "unit_read",
            Cap::UnitDraft => "unit_draft",
            Cap::RestructurePrepare => "restructure_prepare",
            Cap::RestructureApprove => "restructure_approve",
            Cap::GrantGive => "grant_give",
            Cap::GrantApprove => "grant_approve",
            Cap::MeetingPrepare => "meeting_prepare",
            Cap::MeetingChair => "meeting_chair",
            Cap::AttendanceMark => "attendance_mark",
            Cap::MinutesDraftRead => "minutes_draft_read",
            Cap::MinutesSign => "minutes_sign",
            Cap::ResolutionPublish => "resolution_publish",
            Cap::TaskAssign => "task_assign",
            Cap::TaskFollow => "task_follow",
            Cap::PollPrepare => "poll_prepare",
            Cap::PollRun => "poll_run",
            Cap::PollPublish => "poll_publish",
            Cap::DuesRead => "dues_read",
            Cap::DuesWrite => "dues_write",
            Cap::EvaluationPropose => "evaluation_propose",
            Cap::EvaluationApprove => "evaluation_approve",
            Cap::ContentWrite => "content_write",
            Cap::ContentPublish => "content_publish",
            Cap::SurveyRun => "survey_run",
            Cap::AggregateRead => "aggregate_read",
            Cap::InspectRead => "inspect_read",
            Cap::AuditRead => "audit_read",
            Cap::GrantReview => "grant_review",
            Cap::BreakglassReview => "breakglass_review",
            Cap::BreakglassRequest => "breakglass_request",
            Cap::SystemConfigure => "system_configure",
            Cap::AccountState => "account_state",
        }
    }

    /// Whether a holder may lend it to somebody for a time (R7): what decides, signs or gives is done by whoever
    /// was chosen for it, and a way into records past all rights is nobody's to hand on.
    pub fn may_be_lent(self) -> bool {
        !matches!(
            self,
            Cap::MinutesSign
                | Cap::MemberApprove
                | Cap::RestructureApprove
                | Cap::EvaluationApprove
                | Cap::GrantApprove
                | Cap::GrantGive
                | Cap::BreakglassRequest
                | Cap::BreakglassReview
        )
    }

    /// The capability of that name.
    pub fn by_name(name: &str) -> Option<Cap> {
        Cap::ALL.iter().copied().find(|cap| cap.name() == name)
    }

    fn bit(self) -> u64 {
        1 << (self as u8)
    }
}

/// A set of capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Caps(u64);

impl Caps {
    /// The set of these.
    pub fn of(caps: &[Cap]) -> Self {
        Self(caps.iter().fold(0, |bits, cap| bits | cap.bit()))
    }
    /// Whether the set has it.
    pub fn has(self, cap: Cap) -> bool {
        self.0 & cap.bit() != 0
    }
    /// Whether every capability of `other` is in the set.
    pub fn covers(self, other: Caps) -> bool {
        other.0 & !self.0 == 0
    }
    /// Both together.
    pub fn and(self, other: Caps) -> Caps {
        Caps(self.0 | other.0)
    }
}

/// How far a grant reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The one unit.
    Unit,
    /// The unit and all below it.
    Subtree,
    /// The whole installation.
    Instance,
}

impl Reach {
    /// The word used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Reach::Unit => "unit",
            Reach::Subtree => "subtree",
            Reach::Instance => "instance",
        }
    }
    /// The reach of that name.
    pub fn by_name(name: &str) -> Option<Reach> {
        [Reach::Unit, Reach::Subtree, Reach::Instance]
            .into_iter()
            .find(|reach| reach.name() == name)
    }
}

/// A post that brings capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Derived from a placement.
    Member,
    /// Secretary or deputy of a cell.
    CellLead,
    /// Sits on the committee of a cell.
    CellCommittee,
    /// Leads a committee above cells.
    CommitteeLead,
    /// Keeps units and members true.
    OrgOfficer,
    /// Keeps the dues.
    FinanceOfficer,
    /// Writes documents, shelves and articles.
    ContentEditor,
    /// Publishes them.
    ContentApprover,
    /// Looks into cases.
    Inspector,
    /// Sees aggregates only.
    ReportViewer,
    /// Reads the audit log.
    SecurityAuditor,
    /// Runs the installation; reads no records.
    SysAdmin,
}

impl Role {
    /// Every role, in the order of the reference.
    pub const ALL: &'static [Role] = &[
        Role::Member,
        Role::CellLead,
        Role::CellCommittee,
        Role::CommitteeLead,
        Role::OrgOfficer,
        Role::FinanceOfficer,
        Role::ContentEditor,
        Role::ContentApprover,
        Role::Inspector,
        Role::ReportViewer,
        Role::SecurityAuditor,
        Role::SysAdmin,
    ];

    /// The word used in tables.
    pub fn name(self) -> &'static str {
        match self {
            Role::Member => "member",
            Role::CellLead => "cell_lead",
            Role::CellCommittee => "cell_committee",
            Role::CommitteeLead => "committee_lead",
            Role::OrgOfficer => "org_officer",
            Role::FinanceOfficer => "finance_officer",
            Role::ContentEditor => "content_editor",
            Role::ContentApprover => "content_approver",
            Role::Inspector => "inspector",
            Role::ReportViewer => "report_viewer",
            Role::SecurityAuditor => "security_auditor",
            Role::SysAdmin => "sys_admin",
        }
    }

    /// The role of that name.
    pub fn by_name(name: &str) -> Option<Role> {
        Role::ALL.iter().copied().find(|role| role.name() == name)
    }

    /// How far the role reaches.
    pub fn reach(self) -> Reach {
        match self {
            Role::Member | Role::CellLead | Role::CellCommittee => Reach::Unit,
            Role::CommitteeLead
            | Role::OrgOfficer
            | Role::FinanceOfficer
            | Role::ContentEditor
            | Role::ContentApprover
            | Role::Inspector
            | Role::ReportViewer => Reach::Subtree,
            Role::SecurityAuditor | Role::SysAdmin => Reach::Instance,
        }
    }

    /// What the role may do.
    pub fn caps(self) -> Caps {
        Caps::of(self.cap_list())
    }

    /// What the role may do, as a list.
    pub fn cap_list(self) -> &'static [Cap] {
        match self {
            Role::Member => &[
                Cap::SelfRead,
                Cap::SelfRequest,
                Cap::CheckinSelf,
                Cap::VoteCast,
                Cap::UnitPublishedRead,
                Cap::MemberNameRead,
            ],
            Role::CellLead => &[
                Cap::MeetingPrepare,
                Cap::MeetingChair,
                Cap::AttendanceMark,
                Cap::MinutesDraftRead,
                Cap::MinutesSign,
                Cap::ResolutionPublish,
                Cap::TaskAssign,
                Cap::TaskFollow,
                Cap::MemberNameRead,
                Cap::MemberRead,
                Cap::MemberDraft,
                Cap::UnitRead,
                Cap::PollPrepare,
                Cap::PollRun,
                Cap::DuesRead,
                Cap::EvaluationPropose,
            ],
            Role::CellCommittee => &[
                Cap::MemberNameRead,
                Cap::MeetingPrepare,
                Cap::AttendanceMark,
                Cap::MinutesDraftRead,
                Cap::TaskFollow,
            ],
            Role::CommitteeLead => &[
                Cap::MemberNameRead,
                Cap::MemberRead,
                Cap::UnitRead,
                Cap::MemberApprove,
                Cap::RestructureApprove,
                Cap::EvaluationApprove,
                Cap::ResolutionPublish,
                Cap::TaskAssign,
                Cap::TaskFollow,
                Cap::PollPublish,
                Cap::GrantGive,
                Cap::GrantApprove,
                Cap::AggregateRead,
            ],
            Role::OrgOfficer => &[
                Cap::MemberNameRead,
                Cap::MemberRead,
                Cap::MemberSealedRead,
                Cap::MemberDraft,
                Cap::IdentityWrite,
                Cap::MemberExport,
                Cap::ImportPrepare,
                Cap::PersonMergePrepare,
                Cap::CorrectionDecide,
                Cap::UnitRead,
                Cap::UnitDraft,
                Cap::RestructurePrepare,
            ],
            Role::FinanceOfficer => &[Cap::MemberNameRead, Cap::DuesRead, Cap::DuesWrite],
            Role::ContentEditor => &[Cap::ContentWrite, Cap::SurveyRun],
            Role::ContentApprover => &[Cap::ContentPublish, Cap::AggregateRead],
            Role::Inspector => &[
                Cap::MemberNameRead,
                Cap::MemberRead,
                Cap::MemberSealedRead,
                Cap::UnitRead,
                Cap::InspectRead,
            ],
            Role::ReportViewer => &[Cap::AggregateRead],
            Role::SecurityAuditor => &[Cap::AuditRead, Cap::GrantReview, Cap::BreakglassReview],
            Role::SysAdmin => &[
                Cap::SystemConfigure,
                Cap::AccountState,
                Cap::BreakglassRequest,
            ],
        }
    }
}

/// The matrix of roles and capabilities as a Markdown table: what `sotay permissions --markdown` prints. The words
/// for capability, reach, what a role is called and what is never lent are the caller's.
pub fn matrix_markdown(
    [capability, called, reach, never]: &[String; 4],
    name: impl Fn(Role) -> String,
) -> String {
    let mut out = format!("| {capability} |");
    for role in Role::ALL {
        out.push_str(&format!(" {} |", role.name()));
    }
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(Role::ALL.len()));
    out.push_str(&format!("\n| *{called}* |"));
    for role in Role::ALL {
        out.push_str(&format!(" {} |", name(*role)));
    }
    out.push_str(&format!("\n| *{reach}* |"));
    for role in Role::ALL {
        out.push_str(&format!(" *{}* |", role.reach().name()));
    }
    out.push('\n');
    for cap in Cap::ALL {
        out.push_str(&format!("| `{}` |", cap.name()));
        for role in Role::ALL {
            out.push_str(if role.caps().has(*cap) { " x |" } else { "  |" });
        }
        out.push('\n');
    }
    let kept = (Cap::ALL.iter()).filter(|cap| !cap.may_be_lent());
    let kept: Vec<String> = kept.map(|cap| format!("`{}`", cap.name())).collect();
    out.push_str(&format!("\n{never}: {}.\n", kept.join(", ")));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_what_they_name() {
        for cap in Cap::ALL {
            assert_eq!(Cap::by_name(cap.name()), Some(*cap));
        }
        for role in Role::ALL {
            assert_eq!(Role::by_name(role.name()), Some(*role));
        }
        assert!(Cap::ALL.len() <= 64, "a set is one word of 64 bits");
    }
    #[test]
    fn who_runs_the_machine_reads_no_record() {
        for cap in [Cap::MemberNameRead, Cap::MemberRead, Cap::MemberSealedRead] {
            assert!(!Role::SysAdmin.caps().has(cap));
            assert!(!Role::SecurityAuditor.caps().has(cap));
        }
    }
    #[test]
    fn a_set_covers_only_what_it_has() {
        let lead = Role::CellLead.caps();
        assert!(lead.covers(Role::CellCommittee.caps()));
        assert!(!Role::CellCommittee.caps().covers(lead));
    }
}
