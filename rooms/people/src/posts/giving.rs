//! A post on its way to somebody: at once, or after a second person has agreed (R8).
//!
//! What reaches beyond one unit, and any right for somebody whose record or slip the giver made (R3),
//! waits for another holder of `grant_approve`, when there is one beside the giver and the receiver. Where
//! there is none the post is given at once and the log says by whom: a new house has one person, and the
//! operator's `sotay grant` is the other pair of eyes. Not here: which roles may be given (`post`), writing
//! (`posts::store`), the form (`pages::new`), the way back (`taking`).
//! The rule that surprises: the giver's right is looked at again when the second person agrees.

use crate::access::Records;
use crate::fact::Basis;
use crate::post::{self, Refused};
use crate::posts::store::{self, NewHolding};
use crate::posts::taking;
use crate::store::bump_epoch;
use crate::{actor, member, page, roles, unit};
use kernel::cap::Reach;
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Cap, Day, MemberId, Role, UnitId, UnitPath, UnitRef};
use serde::{Deserialize, Serialize};
use site::four_eyes::{self, Approved, Change, Seconds};
use site::room::{ApprovalKind, FieldChange};
use site::{Act, Proof, Site};
use web::Frame;

/// The word of the approval.
const KIND: &str = "position.give";
/// The event: somebody has a post. Its subject is the member.
pub const GIVEN: &str = "position.given";

/// What a second person is shown, and what is then done.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Payload {
    unit: UnitId,
    member: MemberId,
    title: String,
    role: Role,
    rank: i64,
    basis: String,
    from_on: Day,
    to_on: Day,
    decision_no: String,
    giver: MemberId,
    /// Posts that end as this one begins.
    #[serde(default)]
    replaces: Vec<String>,
}

impl Payload {
    fn read(json: &serde_json::Value) -> Result<Payload> {
        serde_json::from_value(json.clone()).map_err(Error::fault)
    }
    fn holding(&self) -> Result<NewHolding> {
        Ok(NewHolding {
            basis: self.basis()?,
            to_on: self.to_on,
            decision_no: self.decision_no.clone(),
            ..NewHolding::new(
                &self.unit,
                &self.title,
                self.role,
                self.rank,
                &self.member,
                self.from_on,
            )
        })
    }
    fn basis(&self) -> Result<Basis> {
        self.basis.parse().map_err(Error::fault)
    }
}

/// Who has to agree before somebody gets this role here; nobody: it is given at once.
pub(crate) async fn waits_for(
    site: &Site,
    role: Role,
    unit: &UnitRef,
    giver: &MemberId,
    receiver: &MemberId,
) -> Result<Seconds> {
    if role == Role::Member {
        return Ok(Seconds::default());
    }
    if role.reach() == Reach::Unit {
        let made = store::count_made(&site.db, receiver, giver).await?;
        if made == 0 {
            return Ok(Seconds::default());
        }
    }
    post::seconds(site, Cap::GrantApprove, &unit.path, giver, &[receiver]).await
}

/// The posts that wait for a second person, with their member: whoever could sign in as them would have
/// it tomorrow.
pub(crate) async fn waiting(site: &Site) -> Result<Vec<(MemberId, UnitRef, Reach)>> {
    let mut posts = Vec::new();
    for waiting in approvals::list_waiting(&site.db, KIND, site.clock.now()).await? {
        let given = Payload::read(&waiting.payload()?)?;
        if given.role == Role::Member {
            continue;
        }
        match unit::get(site, &given.unit).await {
            Ok(unit) => posts.push((given.member, unit.reference(), given.role.reach())),
            Err(Error::NotFound) => {} // closed and gone since: nothing to be had
            Err(error) => return Err(error),
        }
    }
    Ok(posts)
}

/// The oldest giving of one of these roles, within this part of the tree, that waits for a second person.
pub(crate) async fn find_waiting(
    site: &Site,
    within: &UnitPath,
    roles: &[Role],
) -> Result<Option<approvals::Approval>> {
    for waiting in approvals::list_waiting(&site.db, KIND, site.clock.now()).await? {
        let given = Payload::read(&waiting.payload()?)?;
        if !roles.contains(&given.role) {
            continue;
        }
        match unit::get(site, &given.unit).await {
            Ok(unit) if unit.path.is_within(within) => return Ok(Some(waiting)),
            Ok(_) | Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Whether the actor gave, or was the second person for, a right that the member holds or will hold: then
/// somebody else prints their slip (R3), when there is somebody. Answers who could.
pub(crate) async fn slip_is_for(
    site: &Site,
    giver: &MemberId,
    member: &MemberId,
    unit: &UnitRef,
) -> Result<Vec<String>> {
    let gave = store::count_given(&site.db, member, giver, site.clock.today()).await?;
    if gave == 0 {
        return Ok(Vec::new());
    }
    post::others_with(site, Cap::IdentityWrite, &unit.path, &[giver, member]).await
}

/// Whether they hold that very post already: a form that was sent twice gives it once.
async fn is_held<P: Records>(act: &mut Act<P>, new: &NewHolding) -> Result<bool> {
    Ok(store::count_same(act.on(), new).await? > 0)
}

/// Gives the post, and says so in the act's line; `false` when they hold it already. The rules of
/// giving (`post::check`) are the caller's, and do not bind the operator.
///
/// # Errors
/// Refused when the receiver is no longer there.
pub async fn give<P: Records>(act: &mut Act<P>, new: &NewHolding) -> Result<bool> {
    Ok(give_new(act, new).await?.is_some())
}

/// The same, with the id of the new holding; `None` when they hold the post already.
pub(crate) async fn give_new<P: Records>(
    act: &mut Act<P>,
    new: &NewHolding,
) -> Result<Option<String>> {
    // Raises the epoch first: the same form sent twice at once waits here for the other.
    bump_epoch(act).await?;
    if is_held(act, new).await? {
        return Ok(None);
    }
    if !post::is_candidate(act, &new.unit, &new.member).await? {
        return Err(refused(&new.unit, "people-giving-refused-past").into());
    }
    let holding = store::add_position_holding(act, new).await?;
    if new.role.reach() != Reach::Unit {
        act.tell(GIVEN, &new.member);
    }
    act.log(KIND)
        .about(&new.member)
        .object("holding", &holding)
        .diff(&serde_json::json!({
            "title": new.title, "role": new.role.name(), "from_on": new.from_on, "to_on": new.to_on,
        }));
    Ok(Some(holding))
}

/// What a post of that role is called when nobody says more: the name of the role.
pub fn title_of(texts: &web::Texts, role: Role) -> String {
    texts.get(web::Lang::Vi, roles::name(role)).to_owned()
}

/// Where a new post stands in the committee's list.
pub fn rank(role: Role) -> i64 {
    match role {
        Role::CellLead | Role::CommitteeLead => 10,
        Role::CellCommittee => 30,
        Role::OrgOfficer | Role::FinanceOfficer => 50,
        _ => 80,
    }
}

/// The numbers of changes of the two rows that a right is made of.
pub(crate) async fn versions<P: Proof>(
    act: &mut Act<P>,
    member: &MemberId,
    unit: &UnitId,
) -> Result<Vec<(String, i64)>> {
    let (member_version, unit_version) = store::row_versions(act.on(), member, unit).await?;
    Ok(vec![
        (format!("member {member}"), member_version),
        (format!("unit {unit}"), unit_version),
    ])
}

/// Keeps the post for the second person, within the giver's act.
///
/// # Errors
/// Refused when the same post waits already.
pub(crate) async fn prepare<P: Records>(
    act: &mut Act<P>,
    new: &NewHolding,
    replaces: &[String],
    title: String,
) -> Result<approvals::ApprovalId> {
    let giver = act.right().actor().cloned();
    let payload = Payload {
        unit: new.unit.clone(),
        member: new.member.clone(),
        title: new.title.clone(),
        role: new.role,
        rank: new.rank,
        basis: new.basis.word().to_owned(),
        from_on: new.from_on,
        to_on: new.to_on,
        decision_no: new.decision_no.clone(),
        giver: giver.ok_or_else(|| Error::fault("a person prepares a post"))?,
        replaces: replaces.to_vec(),
    };
    let change = Change {
        kind: KIND,
        object_id: format!("{} {} {}", new.unit, new.member, new.role.name()),
        title,
        versions: versions(act, &new.member, &new.unit).await?,
        payload: serde_json::to_value(&payload).map_err(Error::fault)?,
        sides: vec![approvals::Side {
            name: "one",
            unit: Some(new.unit.clone()),
        }],
    };
    four_eyes::prepare(act, change).await
}

/// Whether the giving of that approval still waits for a second person.
pub(crate) async fn is_waiting(site: &Site, id: &approvals::ApprovalId) -> Result<bool> {
    let all = approvals::list_waiting(&site.db, KIND, site.clock.now()).await?;
    Ok(all.iter().any(|one| one.id == *id))
}

/// The change that a second person decides.
pub(crate) const GIVING: ApprovalKind = ApprovalKind {
    is_later: false,
    kind: KIND,
    text: "people-giving",
    decides: Cap::GrantApprove,
    show: |site, frame, payload| Box::pin(show(site, frame, payload)),
    versions: |act, payload| {
        Box::pin(async move {
            let payload = Payload::read(payload)?;
            versions(act, &payload.member, &payload.unit).await
        })
    },
    still: None,
    apply: |act, payload| Box::pin(apply(act, payload)),
    again: |payload| {
        let unit = payload.get("unit").and_then(serde_json::Value::as_str);
        format!("/units/{}/positions/new", unit.unwrap_or_default())
    },
    about: site::room::about_member,
};

async fn show(site: Site, frame: Frame, payload: serde_json::Value) -> Result<Vec<FieldChange>> {
    let given = Payload::read(&payload)?;
    let field = |key: &str, new: String| FieldChange {
        label: frame.t(key),
        old: String::new(),
        new,
    };
    let mut fields = vec![
        field(
            "people-post-member",
            member::name(&site, &given.member).await?,
        ),
        field(
            "people-giving-unit",
            unit::get(&site, &given.unit).await?.name,
        ),
        field("people-post-title", given.title.clone()),
        field("people-post-role", roles::said(&frame, given.role)),
        field("people-post-basis", frame.t(given.basis()?.text())),
        field(
            "people-giving-term",
            page::term(&frame, &given.from_on, &given.to_on),
        ),
    ];
    for holding in &given.replaces {
        let held = post::find_held(&site, &given.unit, holding).await?;
        fields.push(FieldChange {
            label: frame.t("people-beside-ends"),
            old: format!("{}, {}", held.name, held.title),
            new: frame.t1("people-beside-ends-on", "day", &given.from_on.vn()),
        });
    }
    if !given.decision_no.is_empty() {
        fields.push(field("people-form-decision", given.decision_no.clone()));
    }
    Ok(fields)
}

fn refused(unit: &UnitId, key: &'static str) -> Refusal {
    Refusal::new(key).way_out(format!("/units/{unit}"), "people-giving-refused-way")
}

async fn apply(act: &mut Act<Approved>, payload: &serde_json::Value) -> Result<()> {
    let given = Payload::read(payload)?;
    if act.right().actor() == Some(&given.member) {
        return Err(refused(&given.unit, "people-giving-refused-own").into());
    }
    let site = act.site().clone();
    let today = act.now().day();
    let here = unit::get(&site, &given.unit).await?;
    let giver = actor::load(&site, &given.giver).await?;
    let checked = post::check(
        &giver,
        given.role,
        &here.reference(),
        &given.member,
        today,
        given.from_on,
        Some(given.to_on),
    );
    if matches!(checked, Err(Refused::EndsBeforeItBegins)) || !here.is_living(today) {
        return Err(refused(&given.unit, "people-giving-refused-past").into());
    }
    if checked.is_err() {
        return Err(refused(&given.unit, "people-giving-refused-giver").into());
    }
    give(act, &given.holding()?).await?;
    replace(
        act,
        &giver,
        &here.reference(),
        &given.replaces,
        given.from_on,
    )
    .await
}

/// Ends the posts that the new one replaces, on its first day, by the right of who gives it.
///
/// # Errors
/// Refused when one of them has ended or may not be ended by the giver.
pub(crate) async fn replace<P: Records>(
    act: &mut Act<P>,
    giver: &Actor,
    unit: &UnitRef,
    replaces: &[String],
    on: Day,
) -> Result<()> {
    let site = act.site().clone();
    let refused = |key| {
        Refusal::new(key).way_out(
            format!("/units/{}/positions/new", unit.id),
            "people-refused-last-lead-way",
        )
    };
    for holding in replaces {
        let held = match post::find_endable(&site, giver, &unit.id, holding).await {
            Ok(held) => held,
            Err(Error::NotFound) => return Err(refused("people-beside-refused-past").into()),
            Err(error) => return Err(error),
        };
        let reason = site.edge.texts.get(web::Lang::Vi, "people-beside-reason");
        if !taking::end(act, &held, on, &reason).await? {
            return Err(refused("people-refused-last-lead").into());
        }
    }
    Ok(())
}
