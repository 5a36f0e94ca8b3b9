//! Four eyes around an act: preparing within one person's act, deciding and applying within another's.
//!
//! `approvals` keeps what was prepared; the room's [`ApprovalKind`] says who decides and does it. Not
//! here: pages (`front`).
//! The rule that surprises: what was approved is applied by the act of whoever approved last, so the log
//! names both, and a change that no longer fits its rows undoes that act and sends the preparer back.

use crate::room::ApprovalKind;
use crate::store::{KNOWN_AS, UNIT};
use crate::{Act, May as _, Program, Proof, Right, Site, Source};
use approvals::{Approval, ApprovalId, Decided, Decision, New, Side, State, Step};
use db::sql;
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, MemberId, Moment, UnitId, UnitPath, UnitRef};

/// How long a change may wait for a decision when its kind says nothing else: 30 days. A setting
/// once the rules room has it; no source fixes it.
pub const WAITS_MS: i64 = 30 * 24 * 3_600_000;

/// The proof of the person who decides a change that somebody else prepared.
#[derive(Debug, Clone)]
pub struct Approved {
    right: Right,
    approval: ApprovalId,
    prepared_by: MemberId,
}

impl Approved {
    /// The approval.
    pub fn approval(&self) -> &ApprovalId {
        &self.approval
    }
    /// Who prepared it.
    pub fn prepared_by(&self) -> &MemberId {
        &self.prepared_by
    }
}

impl Proof for Approved {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("approval", self.approval.to_string())
    }
}

/// What is to be decided by somebody else.
pub struct Change {
    /// The kind, as contributed.
    pub kind: &'static str,
    /// What it is about; may be empty.
    pub object_id: String,
    /// A line for lists.
    pub title: String,
    /// What will be done.
    pub payload: serde_json::Value,
    /// The rows that the payload was made from.
    pub versions: Vec<(String, i64)>,
    /// Who must agree.
    pub sides: Vec<Side>,
}

/// Keeps a change for a second person, within the act of the first.
///
/// # Errors
/// Refused when the same thing waits already.
pub async fn prepare<P: Proof>(act: &mut Act<P>, change: Change) -> Result<ApprovalId> {
    let (clock, dice) = (act.site().clock.clone(), act.site().dice.clone());
    let prepared_by = act
        .right()
        .actor()
        .cloned()
        .ok_or_else(|| Error::fault("a change for four eyes is prepared by a person"))?;
    let new = New {
        kind: change.kind,
        object_id: change.object_id,
        title: change.title,
        payload: change.payload,
        versions: change.versions,
        sides: change.sides,
        prepared_label: act.right().label().to_owned(),
        prepared_by,
        expires_at: Moment(act.now().0 + WAITS_MS),
    };
    approvals::prepare(act.tx(), &clock, &dice, &new).await
}

/// A change that waits, with the sides that this person may decide.
pub struct Waiting {
    /// The change.
    pub approval: Approval,
    /// Its kind.
    pub kind: ApprovalKind,
    /// All sides.
    pub steps: Vec<Step>,
    /// The open side that this person may decide, and by what right; none for the preparer.
    pub side: Option<(String, Right)>,
    /// Why this person may say no and not yes; a room's guard of [`AGREE`] says it.
    pub bar: Option<Refusal>,
    /// What would bar them if somebody else could say yes; the log keeps it.
    doubt: Option<&'static str>,
}

/// The act that guards are asked about before somebody says yes. Their subject is who prepared it, who would
/// agree, and the instant in milliseconds at which it was prepared, with spaces between.
pub const AGREE: &str = "approval.approve";
/// The same where nobody else is free to say yes: what bars everybody bars for less long (decision 10).
pub const AGREE_ALONE: &str = "approval.approve_alone";

/// Those who could be the second person over something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seconds {
    /// Names of whom one is enough, five at most.
    pub names: Vec<String>,
    /// How many hold the right and are no second person to who prepared it.
    pub barred: usize,
}

impl Seconds {
    /// Whether nobody at all holds the right: then there is nobody to wait for.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.barred == 0
    }
}

/// Names said at once.
const NAMED: usize = 5;
/// Holders of a right who are asked for one by one, where everybody may be barred.
const ASKED: usize = 50;

/// Of the holders of a right, those who are a second person to `by` over what was prepared at `late`.
pub async fn seconds(
    site: &Site,
    by: &MemberId,
    holders: &[(MemberId, String)],
    late: Moment,
) -> Result<Seconds> {
    for act in [AGREE, AGREE_ALONE] {
        let mut all = Seconds::default();
        for (member, name) in holders.iter().take(ASKED) {
            if all.names.len() == NAMED {
                break;
            }
            match objects(site, act, by, member, late).await? {
                None if all.names.contains(name) => {}
                None => all.names.push(name.clone()),
                Some(_) => all.barred += 1,
            }
        }
        if act == AGREE_ALONE || !all.names.is_empty() {
            return Ok(all);
        }
    }
    Ok(Seconds::default())
}

/// Who could agree to a change that waits, side by side.
pub async fn who_may(site: &Site, approval: &Approval, steps: &[Step]) -> Result<Seconds> {
    let mut all = Seconds::default();
    let late = Moment(approval.prepared_at);
    for step in steps.iter().filter(|step| step.decision == Decision::Open) {
        let holders = holders(site, approval, &step.unit_id).await?;
        let here = seconds(site, &approval.prepared_by, &holders, late).await?;
        all.barred += here.barred;
        for name in here.names {
            if !all.names.contains(&name) {
                all.names.push(name);
            }
        }
    }
    Ok(all)
}

/// Whether this member is among those who could agree to a change that waits.
pub async fn could_agree(
    site: &Site,
    approval: &Approval,
    steps: &[Step],
    member: &MemberId,
) -> Result<bool> {
    let late = Moment(approval.prepared_at);
    for step in steps.iter().filter(|step| step.decision == Decision::Open) {
        let holders = holders(site, approval, &step.unit_id).await?;
        let by = &approval.prepared_by;
        if holders.iter().any(|(holder, _)| holder == member)
            && objects(site, AGREE, by, member, late).await?.is_none()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Those who hold the right to decide it in a unit, without who prepared it and whom it is about.
async fn holders(
    site: &Site,
    approval: &Approval,
    unit_id: &str,
) -> Result<Vec<(MemberId, String)>> {
    let kind = site.rooms.approvals.iter();
    let kind = kind.clone().find(|kind| kind.kind == approval.kind);
    let (Some(kind), Some(holders)) = (kind, site.rooms.holders) else {
        return Ok(Vec::new());
    };
    let unit = match unit_id {
        "" => None,
        id => Some(unit_of(site, id).await?.path),
    };
    let mut not = (kind.about)(&approval.payload()?);
    not.push(approval.prepared_by.clone());
    holders(site.clone(), kind.decides, unit, not).await
}

/// A change as this person may see it: one they prepared, or one they may decide.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub async fn see(site: &Site, actor: &Actor, id: &ApprovalId) -> Result<Waiting> {
    let approval = approvals::find(&site.db, id)
        .await?
        .ok_or(Error::NotFound)?;
    let kind = *site
        .rooms
        .approvals
        .iter()
        .find(|kind| kind.kind == approval.kind)
        .ok_or(Error::NotFound)?;
    let steps = approvals::list_steps(&site.db, id).await?;
    let is_own = known_as(site, &actor.member)
        .await?
        .contains(&approval.prepared_by);
    let mut side = None;
    let mut may = is_own;
    for step in &steps {
        let Ok(right) = right_over(site, actor, &kind, &step.unit_id).await else {
            continue;
        };
        may = true;
        if !is_own && step.decision == Decision::Open && side.is_none() {
            side = Some((step.side.clone(), right));
        }
    }
    if !may {
        return Err(Error::NotFound);
    }
    let about = (kind.about)(&approval.payload()?);
    let mine = known_as(site, &actor.member).await?;
    let (bar, doubt) = match &side {
        // Nobody agrees to what is about themselves, under whatever record.
        Some(_) if about.iter().any(|member| mine.contains(member)) => {
            let bar = Refusal::new("approvals-refused-about");
            (Some(bar.way_out("/approvals", "approvals-see-all")), None)
        }
        Some((side, _)) => {
            let step = steps.iter().find(|step| step.side == *side);
            let unit_id = step.map_or("", |step| step.unit_id.as_str());
            bar(site, &approval, unit_id, &actor.member).await?
        }
        None => (None, None),
    };
    Ok(Waiting {
        approval,
        kind,
        steps,
        side,
        bar,
        doubt,
    })
}

/// The ids under which somebody is or was known: two records of one person are not two people (R8).
async fn known_as(site: &Site, member: &MemberId) -> Result<Vec<MemberId>> {
    let rows: Vec<(String,)> = sql(KNOWN_AS).bind(member).all(site.db.read()).await?;
    let ids = rows.into_iter().map(|(id,)| MemberId::try_from(id));
    let mut ids: Vec<MemberId> = ids
        .collect::<std::result::Result<_, _>>()
        .map_err(Error::fault)?;
    ids.push(member.clone());
    Ok(ids)
}

/// What guards say against a pair.
async fn objects(
    site: &Site,
    act: &'static str,
    by: &MemberId,
    decides: &MemberId,
    late: Moment,
) -> Result<Option<Refusal>> {
    let subject = format!("{by} {decides} {}", late.0);
    match site.rooms.guard(site, act, &subject).await {
        Ok(()) => Ok(None),
        Err(Error::Refused(refusal)) => Ok(Some(refusal)),
        Err(error) => Err(error),
    }
}

/// What bars this person from saying yes, and what would if somebody else could.
async fn bar(
    site: &Site,
    approval: &Approval,
    unit_id: &str,
    me: &MemberId,
) -> Result<(Option<Refusal>, Option<&'static str>)> {
    let (by, late) = (&approval.prepared_by, Moment(approval.prepared_at));
    let Some(bar) = objects(site, AGREE, by, me, late).await? else {
        return Ok((None, None));
    };
    for (other, _) in holders(site, approval, unit_id).await?.iter().take(ASKED) {
        if other == me {
            continue;
        }
        // Free, or barred by something so new that it may have been done to make this one the only one left.
        let is_free = objects(site, AGREE, by, other, late).await?.is_none();
        if is_free || objects(site, AGREE_ALONE, by, other, late).await?.is_some() {
            return Ok((Some(bar), None));
        }
    }
    let doubt = bar.key;
    Ok(match objects(site, AGREE_ALONE, by, me, late).await? {
        None => (None, Some(doubt)),
        Some(bar) => (Some(bar), None),
    })
}

async fn unit_of(site: &Site, id: &str) -> Result<UnitRef> {
    let (id, path): (String, String) = sql(UNIT).bind(id).one(site.db.read()).await?;
    Ok(UnitRef {
        id: UnitId::try_from(id).map_err(Error::fault)?,
        path: UnitPath::try_from(path).map_err(Error::fault)?,
    })
}

async fn right_over(
    site: &Site,
    actor: &Actor,
    kind: &ApprovalKind,
    unit_id: &str,
) -> Result<Right> {
    let on = site.clock.today();
    if unit_id.is_empty() {
        return Right::of_instance(actor, kind.decides, on);
    }
    let unit = unit_of(site, unit_id).await?;
    Right::of(actor, kind.decides, &unit, on)
}

/// What waits for this person, oldest first, over all kinds.
pub async fn list_open(site: &Site, actor: &Actor) -> Result<Vec<Approval>> {
    let (on, now) = (site.clock.today(), site.clock.now());
    let persons = known_as(site, &actor.member).await?;
    let mut all: Vec<Approval> = Vec::new();
    for kind in &site.rooms.approvals {
        let scope = actor.scope(kind.decides, on);
        let whole = actor.allow_instance(kind.decides, on);
        if scope.is_empty() {
            continue;
        }
        all.extend(
            approvals::list_open_for(&site.db, &actor.member, kind.kind, &scope, whole, now)
                .await?,
        );
    }
    all.retain(|approval| !persons.contains(&approval.prepared_by));
    all.sort_by_key(|approval| approval.prepared_at);
    Ok(all)
}

/// What a decision came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Another side must still decide.
    Waits,
    /// Done.
    Applied,
    /// Refused.
    Refused,
}

/// Says yes or no, and does it when that was the last yes. `hash` is what the page showed. The same word of the same
/// person again is done already.
///
/// # Errors
/// Refused when it has ended, when rows have changed (it becomes stale), when the person may not.
pub async fn decide<S: Source + ?Sized + Sync>(
    site: &Site,
    from: &S,
    actor: &Actor,
    id: &ApprovalId,
    hash: &str,
    decision: Decision,
    reason: &str,
) -> Result<Outcome> {
    let done = decide_once(site, from, actor, id, hash, decision, reason).await;
    let Err(Error::Refused(refusal)) = done else {
        return done;
    };
    let said = approvals::list_steps(&site.db, id).await?;
    let is_said = said.iter().any(|step| {
        step.by_member == actor.member.as_str()
            && step.decision == decision
            && (decision == Decision::Approved || step.reason == reason)
    });
    let state = approvals::find(&site.db, id).await?.map(|held| held.state);
    match (is_said, state) {
        (true, Some(State::Waiting)) => Ok(Outcome::Waits),
        (true, Some(State::Applied)) => Ok(Outcome::Applied),
        (true, Some(State::Refused)) => Ok(Outcome::Refused),
        _ => Err(refusal.into()),
    }
}

async fn decide_once<S: Source + ?Sized + Sync>(
    site: &Site,
    from: &S,
    actor: &Actor,
    id: &ApprovalId,
    hash: &str,
    decision: Decision,
    reason: &str,
) -> Result<Outcome> {
    let waiting = see(site, actor, id).await?;
    let Some((side, right)) = waiting.side else {
        let is_own = known_as(site, &actor.member)
            .await?
            .contains(&waiting.approval.prepared_by);
        let key = if is_own {
            "approvals-refused-own"
        } else {
            "approvals-refused-ended"
        };
        return Err(Refusal::new(key)
            .way_out("/approvals", "approvals-see-all")
            .into());
    };
    if let (Decision::Approved, Some(bar)) = (decision, waiting.bar) {
        return Err(bar.into());
    }
    let kind = waiting.kind;
    let persons = known_as(site, &actor.member).await?;
    let proof = Approved {
        right,
        approval: id.clone(),
        prepared_by: waiting.approval.prepared_by.clone(),
    };
    if let (Decision::Approved, Some(still)) = (decision, kind.still) {
        let held = &waiting.approval;
        if held.payload_hash == hash
            && held.state == State::Waiting
            && !still(site.clone(), held.payload()?).await?
        {
            return Err(stale(site, from, proof, held).await?.into());
        }
    }
    let action = match decision {
        Decision::Approved => AGREE,
        Decision::Open | Decision::Refused => "approval.refuse",
    };
    let mut act = proof.clone().begin(site, from, action).await?;
    let now = act.now();
    let decided = approvals::decide(
        act.tx(),
        id,
        &side,
        hash,
        &actor.member,
        &actor.name,
        &persons,
        decision,
        reason,
        now,
    )
    .await?;
    let outcome = match decided {
        Decided::Waits => Outcome::Waits,
        Decided::Refused => Outcome::Refused,
        Decided::Approved(approval) => {
            let payload = approval.payload()?;
            if (kind.versions)(&mut act, &payload).await? != approval.versions()? {
                act.leave().await?;
                return Err(stale(site, from, proof, &approval).await?.into());
            }
            (kind.apply)(&mut act, &payload).await?;
            Outcome::Applied
        }
    };
    // What is agreed shows itself; its job may be queued already, and notices are written before jobs.
    if outcome == Outcome::Refused {
        tell_refused(&mut act, &waiting.approval, reason);
    }
    let kind_word = kind.kind;
    let prepared_by = act.prepared_by().to_string();
    let mut diff = serde_json::json!({
        "kind": kind_word, "prepared_by": prepared_by, "side": side,
    });
    // Nobody else could agree, and this pair is in doubt still: whoever reads the log sees it.
    if let (Some(doubt), Decision::Approved) = (waiting.doubt, decision) {
        diff["doubt"] = doubt.into();
    }
    act.line().reason(reason).diff(&diff);
    act.tell("approval.decided", id);
    act.end().await?;
    Ok(outcome)
}

/// The kind of notice that whoever prepared a change gets when it ended and was not done.
pub const REFUSED: &str = "approval.refused";
/// Days for which it is carried out of the house; inside it stays.
const TOLD_DAYS: i64 = 7;

/// Whoever prepared it hears how it ended without being done; why stands where the notice leads.
fn tell_preparer<P: Proof>(act: &mut Act<P>, approval: &Approval, text: &'static str) {
    if act.by() != approval.prepared_by.as_str() {
        let told = ended(act, approval, text);
        act.notify(told.to([approval.prepared_by.clone()]));
    }
}

/// That it was refused, by whom and why.
fn tell_refused<P: Proof>(act: &mut Act<P>, approval: &Approval, reason: &str) {
    let by = act.right().label().to_owned();
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = match reason.is_empty() {
        true => "approvals-told-refused-by",
        false => "approvals-told-refused-why",
    };
    let told = ended(act, approval, text).arg("by", by);
    let told = told.arg("reason", reason);
    act.notify(told.to([approval.prepared_by.clone()]));
}

fn ended<P: Proof>(act: &Act<P>, approval: &Approval, text: &'static str) -> notices::New {
    let until = act.now().plus_ms(TOLD_DAYS * 86_400_000);
    let id = &approval.id;
    let told = notices::New::of(
        REFUSED,
        format!("{REFUSED}/{id}"),
        text,
        format!("/approvals/{id}"),
        until,
    );
    told.arg("title", approval.title.clone())
}

async fn stale<S: Source + ?Sized + Sync>(
    site: &Site,
    from: &S,
    proof: Approved,
    approval: &Approval,
) -> Result<Refusal> {
    let mut act = proof.begin(site, from, "approval.stale").await?;
    overtake(&mut act, approval).await?;
    act.end().await?;
    // Whoever agrees cannot prepare it anew; who prepared it is told, and finds the way there.
    let refusal = Refusal::new("approvals-refused-stale").arg("by", &approval.prepared_label);
    Ok(refusal.way_out("/approvals", "approvals-see-all"))
}

/// Ends a change whose ground has gone, within the act that took it away: nobody agrees to it any more, and
/// whoever prepared it hears that, once. Answers whether it still waited.
pub async fn overtake<P: Proof>(act: &mut Act<P>, approval: &Approval) -> Result<bool> {
    let now = act.now();
    if !approvals::set_stale(act.tx(), &approval.id, "", now).await? {
        return Ok(false);
    }
    tell_preparer(act, approval, "approvals-told-stale");
    act.tell("approval.decided", &approval.id);
    Ok(true)
}

/// Takes a change back within the act by which its preparer gives up what it is about.
pub async fn give_up<P: Proof>(act: &mut Act<P>, approval: &Approval) -> Result<bool> {
    let (now, by) = (act.now(), &approval.prepared_by);
    let is_back = approvals::withdraw(act.tx(), &approval.id, by, now).await?;
    if is_back {
        act.tell("approval.decided", &approval.id);
    }
    Ok(is_back)
}

/// The kind of job that ends what ran out of time.
const EXPIRE: &str = "approvals.expire";

/// Ends what nobody decided in time.
pub const EXPIRING: jobs::Handler<Site> = jobs::Handler::new(EXPIRE, |site: Site, _| {
    Box::pin(async move {
        let mut act = Program::part(EXPIRE)
            .begin_unlogged(&site, EXPIRE, EXPIRE)
            .await?;
        let now = act.now();
        for ended in approvals::expire_due(act.tx(), now).await? {
            tell_preparer(&mut act, &ended, "approvals-told-expired");
        }
        act.end().await.map(|_| ())
    })
});

/// When that is done.
pub fn expires_hourly() -> jobs::Schedule {
    jobs::Schedule::new(EXPIRE, jobs::Every::Hours(1), EXPIRE)
}

/// The preparer takes a change back. Repeating is harmless.
///
/// # Errors
/// [`Error::NotFound`] for anybody else.
pub async fn withdraw<S: Source + ?Sized + Sync>(
    site: &Site,
    from: &S,
    actor: &Actor,
    id: &ApprovalId,
) -> Result<()> {
    let mut act = Right::own(actor)
        .begin(site, from, "approval.withdraw")
        .await?;
    let now = act.now();
    if !approvals::withdraw(act.tx(), id, &actor.member, now).await? {
        act.leave().await?;
        return Ok(());
    }
    act.line().object("approval", id);
    act.end().await?;
    Ok(())
}
