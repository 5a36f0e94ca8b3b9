//! A place in the own record that a member says is wrong: which one, what is right, why.
//!
//! It reaches whoever may write that place (identity: R4; all else: `member_draft`), who corrects the record in the
//! ordinary form, with the ledger and a second person where the record wants one, or declines and says why. Not
//! here: the form (`pages::edit`), asking (`pages::correction_new`).
//! The rule that surprises: value, reason and answer are sealed; a notice or a line of the log tells none of them.

use crate::identity;
use crate::members::store::correction as store;
use crate::number;
use crate::sight::{self, Level};
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{Actor, Cap, Day, MemberId, Moment, said};
use site::{Act, Looked, Proof, Site, TodayPart, TodayTask};
use web::{Frame, SignedIn};

kernel::facts! {
    /// The place of the record.
    pub enum Field {
        /// The name by the birth certificate.
        Name = "name",
        /// Another name.
        OtherName = "other_name",
        /// Day of birth.
        Birth = "birth_on",
        /// Sex.
        Sex = "sex",
        /// What they are in the organisation.
        Status = "status",
        /// Day of the decision of admission.
        Admission = "admission_decision_on",
        /// Day of the ceremony.
        Ceremony = "ceremony_on",
        /// Day from which they are full members.
        Full = "full_from_on",
        /// Day of the decision that recognises it.
        Recognition = "recognition_decision_on",
        /// Where they live.
        Residence = "residence",
        /// Where they come from.
        HomeTown = "home_town",
        /// Telephone.
        Phone = "phone",
        /// E-mail.
        Email = "email",
        /// Number of the card.
        Card = "card",
        /// Citizen number.
        Citizen = "citizen",
        /// Anything else: a post, a unit.
        Other = "other",
    }
}

impl Field {
    /// The key of its name.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Field::Name => "people-fact-name",
            Field::OtherName => "people-fact-other-name",
            Field::Birth => "people-fact-birth",
            Field::Sex => "people-fact-sex",
            Field::Status => "people-fact-status",
            Field::Admission => "people-fact-admission",
            Field::Ceremony => "people-fact-ceremony",
            Field::Full => "people-fact-full",
            Field::Recognition => "people-fact-recognition",
            Field::Residence => "people-fact-residence",
            Field::HomeTown => "people-fact-home-town",
            Field::Phone => "people-fact-phone",
            Field::Email => "people-fact-email",
            Field::Card => "people-fact-card",
            Field::Citizen => "people-fact-citizen",
            Field::Other => "people-correction-other",
        }
    }
    /// Whether it is a day.
    pub(crate) fn is_day(self) -> bool {
        self.word().ends_with("_on")
    }
    /// Whether it is the day of birth.
    pub(crate) fn is_birth(self) -> bool {
        self == Field::Birth
    }
    /// Whether only somebody who may change how the person signs in writes it (R4).
    pub(crate) fn is_identity(self) -> bool {
        matches!(
            self,
            Field::Phone | Field::Email | Field::Card | Field::Citizen
        )
    }
    /// Whether it stands in the form of the record, so that it is corrected there.
    pub(crate) fn is_in_form(self) -> bool {
        self != Field::Other
    }
    /// Whether its value is shown with its last figures only until somebody asks.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Field::Phone | Field::Card | Field::Citizen)
    }
}

kernel::facts! {
    /// What became of it.
    pub enum State {
        /// Nobody has answered.
        Open = "open",
        /// The record was corrected.
        Accepted = "accepted",
        /// It was not, and why was said.
        Declined = "declined",
        /// The member took it back, or said it anew.
        Withdrawn = "withdrawn",
    }
}

impl State {
    /// The key of its words.
    pub(crate) fn text(self) -> &'static str {
        match self {
            State::Open => "people-correction-state-open",
            State::Accepted => "people-correction-state-accepted",
            State::Declined => "people-correction-state-declined",
            State::Withdrawn => "people-correction-state-withdrawn",
        }
    }
}

/// One, opened.
#[derive(Debug, Clone)]
pub(crate) struct Correction {
    pub(crate) id: String,
    pub(crate) field: Kept<Field>,
    pub(crate) value: String,
    pub(crate) reason: String,
    pub(crate) state: Kept<State>,
    pub(crate) made_at: i64,
    pub(crate) answer: String,
    pub(crate) by: String,
}

impl Correction {
    /// The day on which it was said.
    pub(crate) fn on(&self) -> Day {
        Moment(self.made_at).day()
    }
    /// What the place is called.
    pub(crate) fn field_words(&self, frame: &Frame) -> String {
        match self.field.known() {
            Some(field) => frame.t(field.text()),
            None => frame.t("people-word-unread"),
        }
    }
    /// Whether it is corrected in the form of the record.
    pub(crate) fn is_in_form(&self) -> bool {
        self.field.known().is_some_and(Field::is_in_form)
    }
    /// Whether the place was written otherwise than it was said.
    pub(crate) fn is_changed(&self) -> bool {
        self.state.is(State::Accepted) && !self.answer.is_empty()
    }
    pub(crate) fn is_open(&self) -> bool {
        self.state.is(State::Open)
    }
}

/// Those of one person, the open ones first; with a look that covers the record.
pub(crate) async fn list(
    site: &Site,
    looked: &Looked,
    member: &MemberId,
) -> Result<Vec<Correction>> {
    if !looked.covers(member, Level::V2) {
        return Err(Error::NotFound);
    }
    store::list(site, member).await
}

/// The open ones of a person that this actor may answer: by the right to write that place.
pub(crate) async fn list_to_answer(
    site: &Site,
    actor: &Actor,
    looked: &Looked,
    member: &MemberId,
) -> Result<Vec<Correction>> {
    let mut all = list(site, looked, member).await?;
    all.retain(Correction::is_open);
    if all.is_empty() || !sight::of_member(site, actor, member).await?.may_draft {
        return Ok(Vec::new());
    }
    let identity = identity::may_change(site, actor, member).await?;
    all.retain(|one| {
        let field = one.field.known();
        field.is_some_and(|field| identity || !field.is_identity())
    });
    Ok(all)
}

/// The same, one of them; what is not theirs is not found.
pub(crate) async fn get_to_answer(
    site: &Site,
    actor: &Actor,
    looked: &Looked,
    member: &MemberId,
    id: &str,
) -> Result<Correction> {
    let all = list_to_answer(site, actor, looked, member).await?;
    let found = all.into_iter().find(|one| one.id == id);
    found.ok_or(Error::NotFound)
}

/// The word of the notice.
pub(crate) const NOTICE: &str = "people.correction";
/// Days for which it is carried out of the house.
const TOLD_DAYS: i64 = 7;

/// The member hears that somebody answered; what was said stands on their own page.
pub(crate) fn tell<P: Proof>(act: &mut Act<P>, member: &MemberId, id: &str, text: &'static str) {
    let until = act.now().plus_ms(TOLD_DAYS * 86_400_000);
    let told = notices::New::of(
        NOTICE,
        format!("{NOTICE}/{id}"),
        text,
        "/me#corrections",
        until,
    );
    act.notify(told.to([member.clone()]));
}

/// Members named on Hôm nay at once.
const TASKS: usize = 5;

/// Hôm nay of whoever may answer: one task a member, the longest waiting first. The right is asked before it is
/// counted: what stands behind others that are not theirs to answer is found as well.
pub(crate) async fn part(site: &Site, frame: &Frame, who: &SignedIn) -> Result<TodayPart> {
    let mut part = TodayPart::default();
    let (today, me) = (frame.today(), &who.actor.member);
    let scope = who.actor.scope(Cap::MemberDraft, today);
    let mut last = None;
    loop {
        let rows = store::list_waiting(&site.db, &scope, me, today, last.as_ref()).await?;
        let apart = rows.iter().filter(|row| row.is_plain == 0);
        let apart: Vec<MemberId> = apart.map(|row| row.member_id.clone()).collect();
        let identity = identity::list_changeable(site, &who.actor, &apart).await?;
        for row in &rows {
            let is_theirs = row.is_plain == 1 || identity.contains(&row.member_id);
            if is_theirs && part.tasks.len() < TASKS {
                part.tasks.push(task(frame, row));
            }
        }
        let is_whole = rows.len() < store::PART;
        last = rows.into_iter().next_back();
        if is_whole || part.tasks.len() >= TASKS {
            return Ok(part);
        }
    }
}

fn task(frame: &Frame, row: &store::Waiting) -> TodayTask {
    TodayTask {
        due_at: row.made_at,
        minutes: 5,
        title: frame.t1("people-correction-today", "name", row.name.as_str()),
        due: String::new(),
        due_state: "",
        left: String::new(),
        why: frame.t("people-correction-today-why"),
        how: frame.t("people-correction-today-how"),
        action: frame.t("people-correction-today-go"),
        to: format!("/members/{}#corrections", row.member_id),
    }
}

/// Whom what a member says reaches: those who may answer it today, the nearest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reached {
    /// Who may write any place but those of an identity.
    pub(crate) plain: Vec<String>,
    /// Who may also write how the member signs in (R4).
    pub(crate) identity: Vec<String>,
}

impl Reached {
    /// Who answers for this place; nobody: what is said of it would lie unread.
    pub(crate) fn of(&self, field: Field) -> &[String] {
        match field.is_identity() {
            true => &self.identity,
            false => &self.plain,
        }
    }
}

/// Names said at once.
const NAMED: usize = 3;

/// Asks of each who keeps records where the member is placed what the page of the answer asks.
pub(crate) async fn reached(site: &Site, me: &MemberId) -> Result<Reached> {
    let mut all = Reached::default();
    let today = site.clock.today();
    for id in store::list_answering(&site.db, Cap::MemberDraft, me, today).await? {
        if all.plain.len() >= NAMED && all.identity.len() >= NAMED {
            break;
        }
        let keeper = crate::actor::load(site, &id).await?;
        let may = match sight::of_member(site, &keeper, me).await {
            Ok(sight) => sight.may_draft && sight.level >= Level::V2,
            Err(Error::NotFound) => false,
            Err(error) => return Err(error),
        };
        let add = |names: &mut Vec<String>| {
            if names.len() < NAMED && !names.contains(&keeper.name) {
                names.push(keeper.name.clone());
            }
        };
        if may {
            add(&mut all.plain);
        }
        if may && all.identity.len() < NAMED && identity::may_change(site, &keeper, me).await? {
            add(&mut all.identity);
        }
    }
    Ok(all)
}

/// Whom a member rings up when nobody here reads what they say of a place: they are placed nowhere, or nobody
/// keeps the records of where they are, or nobody there may change how they sign in. The nearest above who does
/// the like; at last whoever keeps the records without that right, since they know who is asked.
pub(crate) async fn ring_up(site: &Site, me: &MemberId, reached: &Reached) -> Result<Vec<String>> {
    let today = site.clock.today();
    for cap in [Cap::IdentityWrite, Cap::MemberDraft] {
        let mut names = Vec::new();
        for root in crate::units::store::list_roots(&site.db, today).await? {
            let path = kernel::UnitPath::root(&root);
            for name in crate::post::others_with(site, cap, &path, &[me]).await? {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        if !names.is_empty() {
            return Ok(names);
        }
    }
    Ok(reached.plain.clone())
}

/// What waits and reaches nobody, for `sotay check`: whoever could answer has left their post.
pub(crate) async fn findings(site: &Site) -> Result<Vec<site::room::Finding>> {
    let mut findings = Vec::new();
    let mut of: Option<(MemberId, Reached)> = None;
    for (member, field) in store::list_open(&site.db).await? {
        let Ok(field) = field.parse::<Field>() else {
            continue; // told among the odd words
        };
        let held = match of.take() {
            Some(held) if held.0 == member => held,
            _ => {
                let reached = reached(site, &member).await?;
                (member, reached)
            }
        };
        if held.1.of(field).is_empty() {
            findings.push(site::room::Finding {
                what: said!(
                    "what member {} says is wrong in their record ({}) reaches nobody who may answer it",
                    held.0,
                    field.word()
                ),
                repair: said!(
                    "give somebody over their unit what answers it: sotay grant MEMBERCODE org_officer UNITCODE"
                ),
            });
        }
        of = Some(held);
    }
    Ok(findings)
}

/// What of a record an act writes for a correction.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Answering {
    /// The correction.
    pub(crate) id: String,
    /// What stands there now where it is not what was said; empty: it is.
    pub(crate) answer: String,
}

/// Ends a correction whose place is written in this act, and tells its member: "accepted" only where what was
/// written is what they said. `false`: it had ended.
pub(crate) async fn accept<P: crate::access::Records>(
    act: &mut Act<P>,
    member: &MemberId,
    new: &Answering,
) -> Result<bool> {
    let Answering { id, answer } = new;
    if !store::end(act, member, id, State::Accepted, answer).await? {
        return Ok(false);
    }
    act.log("correction.accept")
        .object("correction", id)
        .about(member);
    let told = if answer.is_empty() {
        "people-correction-told-accepted"
    } else {
        "people-correction-told-changed"
    };
    tell(act, member, id, told);
    Ok(true)
}

/// Whether what was written is what was said: days in any spelling, numbers however they are grouped.
pub(crate) fn is_as_said(field: Field, said: &str, written: &str) -> bool {
    match field {
        Field::Birth | Field::Admission | Field::Ceremony | Field::Full | Field::Recognition => {
            let said = said.trim().parse::<vietnamese::PartialDate>();
            said.is_ok_and(|said| said.to_string() == written)
        }
        Field::Phone => number::phone(said) == number::phone(written),
        Field::Card | Field::Citizen => number::digits(said) == number::digits(written),
        Field::Email => said.trim().to_lowercase() == written.trim().to_lowercase(),
        _ => (said.split_whitespace()).eq(written.split_whitespace()),
    }
}
