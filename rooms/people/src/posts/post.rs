//! Giving posts and ending them: the rules of R3 and R6, before anything is written.
//!
//! A role is given only within one's own capabilities, scope and end date, never to oneself; the last
//! governing grant of a subtree is never taken away. Not here: writing (`posts::store`), the forms (`pages`).
//! The rule that surprises: a committee also gives the two roles of a cell **below** it, whose
//! capabilities it does not hold itself, because the superior approves what a cell has elected; and
//! whoever runs the installation **and** governs gives any role, or a new house could never fill its
//! posts. What reaches beyond one unit waits for a second person as soon as there is one (`giving`).

use crate::access::Records;
use crate::identity::reaches_as_far;
use crate::posts::store;
use crate::roster::Post;
use kernel::cap::{Caps, Reach};
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, Day, Grant, GrantScope, MemberId, Role, UnitId, UnitPath, UnitRef};
use site::four_eyes::{self, Seconds};
use site::{Act, Site};

/// Why a post is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// To oneself.
    Oneself,
    /// The role reaches further, or may do more, than the giver.
    TooWide,
    /// It would last longer than the giver's own right; that ends on this day.
    TooLong(Day),
    /// The end is not after the beginning.
    EndsBeforeItBegins,
    /// The person is not placed in this unit or below it.
    NotOfThisUnit,
}

/// Grants of the giver that count for giving `role` at `unit`: in force, reaching as far, and their own: what was
/// lent to somebody is not passed on (R7).
fn counting<'a>(
    actor: &'a Actor,
    role: Role,
    unit: &'a UnitRef,
    on: Day,
) -> impl Iterator<Item = &'a Grant> {
    (actor.grants.iter()).filter(move |grant| {
        grant.is_in_force(on)
            && !grant.is_lent()
            && reaches_as_far(&grant.scope, unit, role.reach())
    })
}

fn may_give_until(actor: &Actor, role: Role, unit: &UnitRef, on: Day, to: Day) -> bool {
    if founds_until(actor, role, unit, on, to) {
        return true;
    }
    let lasting = || counting(actor, role, unit, on).filter(|grant| grant.to_on >= to);
    if !lasting().any(|grant| grant.caps().has(Cap::GrantGive)) {
        return false;
    }
    let own = lasting().fold(Caps::default(), |caps, grant| caps.and(grant.caps()));
    let is_of_a_cell = matches!(role, Role::CellLead | Role::CellCommittee);
    let from_above = lasting().any(|grant| {
        let above = match &grant.scope {
            GrantScope::Instance => true,
            GrantScope::Subtree(top) => top.id != unit.id,
            GrantScope::Unit(_) => false,
        };
        above && grant.caps().has(Cap::GrantGive)
    });
    own.covers(role.caps()) || (is_of_a_cell && from_above)
}

/// Whether the actor, to that day, runs the installation and governs the unit: the first
/// administrator of a house, and whoever follows them. A role of the whole installation is given at
/// the root alone.
fn founds_until(actor: &Actor, role: Role, unit: &UnitRef, on: Day, to: Day) -> bool {
    let lasting =
        || (actor.grants.iter()).filter(|grant| grant.is_in_force(on) && grant.to_on >= to);
    let runs = lasting()
        .any(|grant| grant.scope == GrantScope::Instance && grant.caps().has(Cap::SystemConfigure));
    let governs = lasting().any(|grant| {
        grant.caps().has(Cap::GrantGive) && reaches_as_far(&grant.scope, unit, Reach::Subtree)
    });
    runs && governs && (role.reach() != Reach::Instance || unit.path.depth() == 1)
}

/// Whether the actor runs the installation and governs this unit, as who set up a new house does.
pub fn founds(actor: &Actor, unit: &UnitRef, on: Day) -> bool {
    founds_until(actor, Role::SysAdmin, unit, on, on.plus_days(1))
}

/// The roles that the actor may give at this unit, without regard to the end. [`Role::Member`]
/// stands for a title without rights; it is offered to whoever may give at all.
pub fn givable(actor: &Actor, unit: &UnitRef, on: Day) -> Vec<Role> {
    if !actor.allow(Cap::GrantGive, unit, on) {
        return Vec::new();
    }
    let fits = |role: &Role| {
        *role == Role::Member || may_give_until(actor, *role, unit, on, on.plus_days(1))
    };
    Role::ALL.iter().copied().filter(fits).collect()
}

/// Checks a post before it is given (R3). Answers its last bound: what was asked for, or the end of
/// the giver's own right when no end was asked for.
pub fn check(
    actor: &Actor,
    role: Role,
    unit: &UnitRef,
    member: &MemberId,
    on: Day,
    from: Day,
    to: Option<Day>,
) -> std::result::Result<Day, Refused> {
    if actor.member == *member {
        return Err(Refused::Oneself);
    }
    if !givable(actor, unit, on).contains(&role) {
        return Err(Refused::TooWide);
    }
    if role == Role::Member {
        let end = to.unwrap_or(Day::OPEN);
        return if from < end {
            Ok(end)
        } else {
            Err(Refused::EndsBeforeItBegins)
        };
    }
    let mut ends: Vec<Day> = (actor.grants.iter())
        .filter(|grant| grant.is_in_force(on))
        .map(|grant| grant.to_on)
        .collect();
    ends.sort();
    // The latest end up to which everything that is needed still holds.
    let latest = ends
        .iter()
        .rev()
        .copied()
        .find(|end| may_give_until(actor, role, unit, on, *end));
    let latest = latest.ok_or(Refused::TooWide)?;
    let end = to.unwrap_or(latest);
    if end > latest {
        return Err(Refused::TooLong(latest));
    }
    if from >= end {
        return Err(Refused::EndsBeforeItBegins);
    }
    Ok(end)
}

/// Whether a member of that status may be given a post of the unit: placed in it or below it on that
/// day, or holding another post there. `None` when not; the name when so.
pub async fn candidate(site: &Site, unit: &UnitRef, member: &MemberId) -> Result<Option<String>> {
    let row = store::find_near(site.db.read(), &unit.path, member, site.clock.today()).await?;
    Ok(row
        .filter(|row| !crate::fact::is_gone(&row.status))
        .map(|row| row.name))
}

/// The same asked again within the write, after the epoch was raised: they may have died, moved or become one with
/// another record since the giver's page was read. The operator gives to any member.
pub(crate) async fn is_candidate<P: Records>(
    act: &mut Act<P>,
    unit: &UnitId,
    member: &MemberId,
) -> Result<bool> {
    if act.right().actor().is_none() {
        return store::is_member(act.on(), member).await;
    }
    let today = act.now().day();
    let path = crate::store::path_of(act.on(), unit).await?;
    let row = store::find_near(act.on(), &path, member, today).await?;
    Ok(row.is_some_and(|row| !crate::fact::is_gone(&row.status)))
}

/// A post that somebody holds, with its unit.
#[derive(Debug, Clone, db::FromRow)]
pub struct Held {
    /// The holding.
    pub id: String,
    /// Who.
    #[sqlx(try_from = "String")]
    pub member_id: MemberId,
    /// Their name.
    pub name: String,
    /// What the post is called.
    pub title: String,
    role: String,
    #[sqlx(try_from = "String")]
    unit_id: UnitId,
    #[sqlx(try_from = "String")]
    path: UnitPath,
    /// First day.
    #[sqlx(try_from = "String")]
    pub from_on: Day,
    /// First day on which it no longer holds.
    #[sqlx(try_from = "String")]
    pub to_on: Day,
}

impl Held {
    /// Its unit.
    pub fn unit(&self) -> UnitRef {
        UnitRef {
            id: self.unit_id.clone(),
            path: self.path.clone(),
        }
    }
    /// What it brings; `None` for a role that this program does not know.
    pub fn role(&self) -> Option<Role> {
        Role::by_name(&self.role)
    }
}

/// A post of this unit, whoever holds it. Checks no right.
pub(crate) async fn find_held(site: &Site, unit: &UnitId, holding: &str) -> Result<Held> {
    store::get_held(&site.db, unit, holding).await
}

/// A post of this unit that the actor may end: one that they could also give. Hidden is
/// [`Error::NotFound`].
pub async fn find_endable(
    site: &Site,
    actor: &Actor,
    unit: &UnitId,
    holding: &str,
) -> Result<Held> {
    let held = find_held(site, unit, holding).await?;
    let today = site.clock.today();
    let role = held.role().ok_or(Error::NotFound)?;
    if held.to_on > today && givable(actor, &held.unit(), today).contains(&role) {
        Ok(held)
    } else {
        Err(Error::NotFound)
    }
}

/// Whether a post that this actor could have ended was ended on that day for that reason: a form sent twice.
pub(crate) async fn is_ended_so(
    site: &Site,
    actor: &Actor,
    (unit, holding): (&UnitId, &str),
    (on, reason): (Day, &str),
) -> Result<bool> {
    let held = find_held(site, unit, holding).await?;
    let may = (held.role())
        .is_some_and(|role| givable(actor, &held.unit(), site.clock.today()).contains(&role));
    Ok(may && store::is_ended_so(&site.db, holding, on, reason).await?)
}

/// Whether the unit is still governed on `on` when this holding has ended: somebody else's grant
/// with `grant_give` reaches it. Ask inside the write, after the epoch was raised, so that two
/// people who end each other's posts wait for one another.
pub async fn stays_governed<P: Records>(act: &mut Act<P>, held: &Held, on: Day) -> Result<bool> {
    let caps: Vec<Cap> = [Cap::GrantGive, Cap::SystemConfigure]
        .into_iter()
        .filter(|cap| {
            held.role()
                .is_some_and(|role| role.caps().has(*cap) && role.reach() != Reach::Unit)
        })
        .collect();
    for cap in caps {
        if !store::has_another(act, &held.id, &held.path, on, cap).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Who leads the unit on that day already, when a post of that name would make a second "bí thư": a unit
/// has one, and a second is mostly a slip or the first one's successor.
pub async fn first_already(
    site: &Site,
    unit: &UnitId,
    (title, role): (&str, Role),
    member: &MemberId,
    on: Day,
) -> Result<Vec<Post>> {
    if !is_first(title) || !matches!(role, Role::CellLead | Role::CommitteeLead) {
        return Ok(Vec::new());
    }
    let mut held = store::list_of_unit(&site.db, unit, on).await?;
    held.retain(|post| is_first(&post.title) && post.member_id != *member);
    Ok(held)
}

/// Whether a title is that of a secretary, not of a deputy: in Vietnamese, in English, or the name of the role, which
/// a post has when nobody says more.
pub(crate) fn is_first(title: &str) -> bool {
    const DEPUTIES: [&str; 3] = ["deputy", "vice", "assistant"];
    let title = vietnamese::fold(title);
    let words: Vec<&str> = title.split_whitespace().collect();
    match words.as_slice() {
        ["bi", "thu", ..] => true,
        ["lanh", "dao", "chi", "bo"] | ["lanh", "dao", "cap", "uy"] => true,
        ["cell" | "committee", "leader"] => true,
        words => words.contains(&"secretary") && !words.iter().any(|word| DEPUTIES.contains(word)),
    }
}

/// Those who hold a capability over the unit today, without some: whom to ask. At most five names.
pub async fn others_with(
    site: &Site,
    cap: Cap,
    unit: &UnitPath,
    without: &[&MemberId],
) -> Result<Vec<String>> {
    let without: Vec<MemberId> = without.iter().map(|id| (*id).clone()).collect();
    let today = site.clock.today();
    let held = store::list_holders(&site.db, cap, Some(unit), &without, today).await?;
    let mut names: Vec<String> = Vec::new();
    for (_, name) in held {
        if names.len() < 5 && !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// All who hold a capability over the unit today, fifty at most, for whoever tells them of something.
pub async fn holders(site: &Site, cap: Cap, unit: &UnitPath) -> Result<Vec<(MemberId, String)>> {
    store::list_holders(&site.db, cap, Some(unit), &[], site.clock.today()).await
}

/// Those who could be the second person (R8) over something that `by` prepares now, beside those it is about.
pub async fn seconds(
    site: &Site,
    cap: Cap,
    unit: &UnitPath,
    by: &MemberId,
    about: &[&MemberId],
) -> Result<Seconds> {
    let mut without: Vec<MemberId> = about.iter().map(|id| (*id).clone()).collect();
    without.push(by.clone());
    let today = site.clock.today();
    let held = store::list_holders(&site.db, cap, Some(unit), &without, today).await?;
    four_eyes::seconds(site, by, &held, site.clock.now()).await
}

/// The same, as `site` asks for whoever could decide what waits.
pub(crate) const HOLDERS: site::room::Holders = |site, cap, unit, without| {
    Box::pin(async move {
        let today = site.clock.today();
        store::list_holders(&site.db, cap, unit.as_ref(), &without, today).await
    })
};

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::{BINH, HOA, LAN, THU, TUAN};

    #[test]
    fn a_secretary_is_one_in_either_language_and_by_the_name_of_the_role() {
        let texts = web::Texts::build(&[web::text::TEXTS, crate::room().texts]).unwrap();
        for lang in [web::Lang::Vi, web::Lang::En] {
            for role in [Role::CellLead, Role::CommitteeLead] {
                assert!(
                    is_first(&texts.get(lang, crate::roles::name(role))),
                    "{role:?}"
                );
            }
        }
        for first in [
            "Bí thư",
            "BI THU CHI BO",
            "Secretary",
            "Party secretary",
            "Bí thư kiêm phó chủ tịch",
        ] {
            assert!(is_first(first), "{first}");
        }
        for other in [
            "Phó bí thư",
            "Deputy secretary",
            "Vice secretary",
            "Chi ủy viên",
            "Cell committee",
            "",
        ] {
            assert!(!is_first(other), "{other}");
        }
    }

    fn unit(name: &str) -> UnitRef {
        UnitRef {
            id: name.parse().unwrap(),
            path: testkit::path_of(name),
        }
    }
    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }
    fn ask(
        who: &Actor,
        role: Role,
        at: &str,
        to: &str,
        end: Option<&str>,
    ) -> std::result::Result<Day, Refused> {
        let today = day("2026-11-23");
        check(
            who,
            role,
            &unit(at),
            &to.parse().unwrap(),
            today,
            today,
            end.map(day),
        )
    }

    #[test]
    fn a_committee_gives_what_it_may_do_itself_and_the_roles_of_cells_below() {
        let thu = THU.actor();
        assert_eq!(
            ask(&thu, Role::CellLead, "cell-a", "hoa", None),
            Ok(Day::OPEN)
        );
        assert_eq!(
            ask(
                &thu,
                Role::CellCommittee,
                "cell-b",
                "tuan",
                Some("2027-01-01")
            ),
            Ok(day("2027-01-01"))
        );
        assert_eq!(
            ask(&thu, Role::ContentEditor, "committee", "hoa", None),
            Ok(Day::OPEN)
        );
        assert_eq!(
            ask(&thu, Role::OrgOfficer, "cell-a", "hoa", None),
            Ok(Day::OPEN)
        );
        assert_eq!(
            ask(&thu, Role::Member, "cell-a", "hoa", None),
            Ok(Day::OPEN)
        );
    }
    #[test]
    fn attack_wider_role() {
        let thu = THU.actor();
        for role in [
            Role::FinanceOfficer,
            Role::Inspector,
            Role::SecurityAuditor,
            Role::SysAdmin,
        ] {
            assert_eq!(
                ask(&thu, role, "committee", "hoa", None),
                Err(Refused::TooWide),
                "{role:?}"
            );
        }
        // The roles of a cell are given from above, not by a committee to itself.
        assert_eq!(
            ask(&thu, Role::CellLead, "committee", "hoa", None),
            Err(Refused::TooWide)
        );
        for who in [LAN, HOA, BINH, TUAN] {
            assert_eq!(
                ask(&who.actor(), Role::CellCommittee, "cell-a", "thu", None),
                Err(Refused::TooWide)
            );
            assert!(givable(&who.actor(), &unit("cell-a"), day("2026-11-23")).is_empty());
        }
    }
    #[test]
    fn who_runs_the_house_and_governs_it_gives_any_role_but_not_to_themselves() {
        let mut son = BINH.actor();
        let first = |role, scope| Grant {
            id: "g-first".parse().unwrap(),
            role,
            scope,
            from_on: day("2020-01-01"),
            to_on: Day::OPEN,
            subset: None,
        };
        let lead = first(Role::CommitteeLead, GrantScope::Subtree(unit("bloc")));
        son.grants.push(lead);
        let today = day("2026-11-23");
        assert_eq!(givable(&son, &unit("bloc"), today), Role::ALL);
        let below = givable(&son, &unit("cell-a"), today);
        assert!(below.contains(&Role::CellLead) && below.contains(&Role::ContentEditor));
        assert!(
            !below.contains(&Role::SysAdmin),
            "a role of the whole house, at its root only"
        );
        assert_eq!(
            ask(&son, Role::Inspector, "bloc", "hoa", None),
            Ok(Day::OPEN)
        );
        assert_eq!(
            ask(&son, Role::Inspector, "bloc", "binh", None),
            Err(Refused::Oneself)
        );
        // The right to give ends: so does what is given.
        son.grants.last_mut().unwrap().to_on = day("2027-06-01");
        assert_eq!(
            ask(&son, Role::Inspector, "bloc", "hoa", None),
            Ok(day("2027-06-01"))
        );
        // Governing a committee is not governing the house.
        let mut part = BINH.actor();
        part.grants.push(first(
            Role::CommitteeLead,
            GrantScope::Subtree(unit("committee")),
        ));
        assert_eq!(
            ask(&part, Role::Inspector, "bloc", "hoa", None),
            Err(Refused::TooWide)
        );
        assert_eq!(
            ask(&part, Role::SysAdmin, "committee", "hoa", None),
            Err(Refused::TooWide)
        );
    }
    #[test]
    fn attack_sibling_and_above() {
        let thu = THU.actor();
        for at in ["cell-e", "other", "bloc"] {
            assert_eq!(
                ask(&thu, Role::ContentEditor, at, "hoa", None),
                Err(Refused::TooWide),
                "{at}"
            );
        }
    }
    #[test]
    fn attack_oneself() {
        assert_eq!(
            ask(&THU.actor(), Role::CellLead, "cell-a", "thu", None),
            Err(Refused::Oneself)
        );
    }
    #[test]
    fn attack_later_end() {
        let mut thu = THU.actor();
        for grant in &mut thu.grants {
            if grant.role == Role::CommitteeLead {
                grant.to_on = day("2027-06-01");
            }
        }
        assert_eq!(
            ask(&thu, Role::CellLead, "cell-a", "hoa", None),
            Ok(day("2027-06-01")),
            "no end asked: hers"
        );
        assert_eq!(
            ask(&thu, Role::CellLead, "cell-a", "hoa", Some("2027-06-02")),
            Err(Refused::TooLong(day("2027-06-01")))
        );
        assert_eq!(
            ask(&thu, Role::CellLead, "cell-a", "hoa", Some("2026-11-23")),
            Err(Refused::EndsBeforeItBegins)
        );
        // The capabilities of the role may come from another grant that ends even earlier.
        for grant in &mut thu.grants {
            if grant.role == Role::OrgOfficer {
                grant.to_on = day("2027-01-01");
            }
        }
        assert_eq!(
            ask(&thu, Role::OrgOfficer, "cell-a", "hoa", Some("2027-03-01")),
            Err(Refused::TooLong(day("2027-01-01")))
        );
    }
    #[test]
    fn attack_delegated_right_to_give() {
        let mut lan = LAN.actor();
        let mut part = THU
            .actor()
            .grants
            .into_iter()
            .find(|g| g.role == Role::CommitteeLead)
            .unwrap();
        part.subset = Some(Caps::of(&[Cap::MemberRead, Cap::TaskAssign]));
        lan.grants.push(part);
        assert_eq!(
            ask(&lan, Role::CellCommittee, "cell-b", "tuan", None),
            Err(Refused::TooWide)
        );
    }
}
