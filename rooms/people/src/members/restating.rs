//! What somebody is to the organisation, when it changes: at once, or after a second person has agreed (R8).
//!
//! Status, since when, and the exemption from meetings decide who is counted, so another holder of
//! `member_approve` over the unit agrees, when there is one beside the writer and the member. Not here: the
//! form, which saves every other field at once (`pages::edit`), leaving and death.
//! The rule that surprises: any later change of the record makes what waits stale.

use crate::access::{CanDraft, Records};
use crate::fact::EventKind;
use crate::members::correction::{self, Answering};
use crate::members::deciding::{self, Prepared, Where};
use crate::members::store::{self, Stands};
use crate::store::{Event, add_event};
use crate::{actor, identity, member, unit, words};
use kernel::error::Result;
use kernel::{Cap, MemberId, UnitId};
use serde::{Deserialize, Serialize};
use site::four_eyes::{self, Approved};
use site::room::{ApprovalKind, FieldChange};
use site::{Act, Site};
use web::Frame;

/// The word of the approval.
const KIND: &str = "member.status";

/// A change of status that is to be decided.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Restating {
    /// Whose.
    pub(crate) member: MemberId,
    /// Where the writer may draft their record.
    pub(crate) unit: UnitId,
    /// What they are.
    pub(crate) was: Stands,
    /// What they would be.
    pub(crate) to: Stands,
    /// By which decision; may be empty.
    pub(crate) decision_no: String,
    /// Who prepared it.
    pub(crate) by: MemberId,
    /// What the member said of their status and this answers, once somebody has agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answering: Option<Answering>,
}

impl Restating {
    /// For the log and the ledger.
    pub(crate) fn diff(&self) -> serde_json::Value {
        serde_json::json!({
            "status": [self.was.status.word(), self.to.status.word()],
            "status_from_on": [self.was.from_on, self.to.from_on],
            "exempt": [self.was.exempt, self.to.exempt],
        })
    }
}

impl Prepared for Restating {
    const KIND: &'static str = KIND;
    const WHERE: Where = Where::Here;
    fn member(&self) -> &MemberId {
        &self.member
    }
    fn unit(&self) -> &UnitId {
        &self.unit
    }
}

/// Whether a change of this member's status waits already.
pub(crate) async fn is_waiting(site: &Site, member: &MemberId) -> Result<bool> {
    let all = approvals::list_waiting(&site.db, KIND, site.clock.now()).await?;
    Ok(all.iter().any(|one| one.object_id == member.as_str()))
}

/// Ends the change that was prepared from what the member said, within the act that declines or takes that back:
/// nobody agrees to what nobody asks for any more, and whoever prepared it hears it. Before the correction itself is
/// ended, for approvals are taken before people.
pub(crate) async fn overtake<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    correction: &str,
) -> Result<bool> {
    let (db, now) = (act.site().db.clone(), act.now());
    for waiting in approvals::list_waiting(&db, KIND, now).await? {
        if waiting.object_id != member.as_str() {
            continue;
        }
        let wish = deciding::read::<Restating>(&waiting.payload()?)?;
        if wish.answering.is_some_and(|one| one.id == correction) {
            return four_eyes::overtake(act, &waiting).await;
        }
    }
    Ok(false)
}

/// The change that a second person decides.
pub(crate) const RESTATING: ApprovalKind = ApprovalKind {
    is_later: false,
    kind: KIND,
    text: "people-restating",
    decides: Cap::MemberApprove,
    show: |site, frame, payload| Box::pin(show(site, frame, payload)),
    versions: |act, payload| Box::pin(deciding::versions::<Restating>(act, payload)),
    still: None,
    apply: |act, payload| Box::pin(apply(act, payload)),
    again: |payload| deciding::again(payload, "edit"),
    about: site::room::about_member,
};

async fn show(site: Site, frame: Frame, payload: serde_json::Value) -> Result<Vec<FieldChange>> {
    let wish = deciding::read::<Restating>(&payload)?;
    let field = |key: &str, old: String, new: String| FieldChange {
        label: frame.t(key),
        old,
        new,
    };
    let yes_no = |is: bool| {
        frame.t(if is {
            "people-restating-yes"
        } else {
            "people-restating-no"
        })
    };
    let (was, to) = (&wish.was, &wish.to);
    let mut fields = vec![
        field(
            "people-admitting-who",
            String::new(),
            member::name(&site, &wish.member).await?,
        ),
        field(
            "people-giving-unit",
            String::new(),
            unit::get(&site, &wish.unit).await?.name,
        ),
    ];
    if was.status != to.status {
        fields.push(field(
            "people-fact-status",
            frame.t(words::status(&was.status)),
            frame.t(words::status(&to.status)),
        ));
    }
    if was.from_on != to.from_on {
        fields.push(field(
            "people-form-status-from",
            member::vn(&was.from_on),
            member::vn(&to.from_on),
        ));
    }
    if was.exempt != to.exempt {
        fields.push(field(
            "people-exempt",
            yes_no(was.exempt),
            yes_no(to.exempt),
        ));
    }
    if !wish.decision_no.is_empty() {
        fields.push(field(
            "people-form-decision",
            String::new(),
            wish.decision_no.clone(),
        ));
    }
    Ok(fields)
}

async fn apply(act: &mut Act<Approved>, payload: &serde_json::Value) -> Result<()> {
    let wish = deciding::read::<Restating>(payload)?;
    deciding::decider(act, &wish.member).await?;
    let site = act.site().clone();
    let today = act.now().day();
    let here = unit::get(&site, &wish.unit).await?;
    let by = actor::load(&site, &wish.by).await?;
    let may = CanDraft::of_member(&by, &here.reference(), &wish.member, today);
    let takes_rights = wish.was.status != wish.to.status
        && identity::holds_rights(&site, &wish.member).await?
        && !identity::may_change(&site, &by, &wish.member).await?;
    if may.is_err() || takes_rights {
        return Err(deciding::refused(
            &wish.member,
            "people-admitting-refused-by",
        ));
    }
    let version = store::get_row_version(act, &wish.member).await?;
    set(act, &wish, version).await?;
    act.log("member.correct")
        .about(&wish.member)
        .object("member", &wish.member)
        .diff(&wish.diff());
    if let Some(answering) = &wish.answering
        && !correction::accept(act, &wish.member, answering).await?
    {
        // The member was told otherwise: nothing is done behind that word.
        return Err(deciding::refused(
            &wish.member,
            "people-restating-refused-answered",
        ));
    }
    Ok(())
}

async fn set<P: Records>(act: &mut Act<P>, wish: &Restating, version: i64) -> Result<()> {
    store::set_status(act, &wish.member, version, &wish.to).await?;
    let event = Event::new(&wish.member, EventKind::MemberCorrected, act.now().day())
        .unit(&wish.unit)
        .decision(&wish.decision_no)
        .payload(wish.diff());
    add_event(act, &event).await.map(|_| ())
}
