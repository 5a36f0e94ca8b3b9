//! The words for rights: from the closed enum of `kernel` to keys of texts. Roles are named by `people::roles`.
//!
//! Keys stand here whole, so that a test can compare used with defined.

use kernel::Cap;

/// The key of what a right allows.
pub(crate) fn cap(cap: Cap) -> &'static str {
    match cap {
        Cap::SelfRead => "admin-cap-self-read",
        Cap::SelfRequest => "admin-cap-self-request",
        Cap::CheckinSelf => "admin-cap-checkin-self",
        Cap::VoteCast => "admin-cap-vote-cast",
        Cap::UnitPublishedRead => "admin-cap-unit-published-read",
        Cap::MemberNameRead => "admin-cap-member-name-read",
        Cap::MemberRead => "admin-cap-member-read",
        Cap::MemberSealedRead => "admin-cap-member-sealed-read",
        Cap::MemberDraft => "admin-cap-member-draft",
        Cap::MemberApprove => "admin-cap-member-approve",
        Cap::IdentityWrite => "admin-cap-identity-write",
        Cap::MemberExport => "admin-cap-member-export",
        Cap::ImportPrepare => "admin-cap-import-prepare",
        Cap::PersonMergePrepare => "admin-cap-person-merge-prepare",
        Cap::CorrectionDecide => "admin-cap-correction-decide",
        Cap::UnitRead => "admin-cap-unit-read",
        Cap::UnitDraft => "admin-cap-unit-draft",
        Cap::RestructurePrepare => "admin-cap-restructure-prepare",
        Cap::RestructureApprove => "admin-cap-restructure-approve",
        Cap::GrantGive => "admin-cap-grant-give",
        Cap::GrantApprove => "admin-cap-grant-approve",
        Cap::MeetingPrepare => "admin-cap-meeting-prepare",
        Cap::MeetingChair => "admin-cap-meeting-chair",
        Cap::AttendanceMark => "admin-cap-attendance-mark",
        Cap::MinutesDraftRead => "admin-cap-minutes-draft-read",
        Cap::MinutesSign => "admin-cap-minutes-sign",
        Cap::ResolutionPublish => "admin-cap-resolution-publish",
        Cap::TaskAssign => "admin-cap-task-assign",
        Cap::TaskFollow => "admin-cap-task-follow",
        Cap::PollPrepare => "admin-cap-poll-prepare",
        Cap::PollRun => "admin-cap-poll-run",
        Cap::PollPublish => "admin-cap-poll-publish",
        Cap::DuesRead => "admin-cap-dues-read",
        Cap::DuesWrite => "admin-cap-dues-write",
        Cap::EvaluationPropose => "admin-cap-evaluation-propose",
        Cap::EvaluationApprove => "admin-cap-evaluation-approve",
        Cap::ContentWrite => "admin-cap-content-write",
        Cap::ContentPublish => "admin-cap-content-publish",
        Cap::SurveyRun => "admin-cap-survey-run",
        Cap::AggregateRead => "admin-cap-aggregate-read",
        Cap::InspectRead => "admin-cap-inspect-read",
        Cap::AuditRead => "admin-cap-audit-read",
        Cap::GrantReview => "admin-cap-grant-review",
        Cap::BreakglassReview => "admin-cap-breakglass-review",
        Cap::BreakglassRequest => "admin-cap-breakglass-request",
        Cap::SystemConfigure => "admin-cap-system-configure",
        Cap::AccountState => "admin-cap-account-state",
    }
}
