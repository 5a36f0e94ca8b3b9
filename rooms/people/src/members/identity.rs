//! Who may change how another person signs in (R4): telephone, e-mail, citizen id, password, slips.
//!
//! Everything that changes it asks here: the pages of the record, the account room before it issues a
//! slip, and the pages that draw the buttons. Not here: doing it.
//! The rule that surprises: reading a small cell's records is not enough. A senior officer who sits
//! in it holds rights elsewhere, and whoever changes his identity would get them: so the right is
//! needed over **every** unit where the target holds anything.

use crate::members::number;
use crate::members::store;
use crate::{giving, post};
use kernel::cap::Reach;
use kernel::error::Result;
use kernel::{Actor, Cap, GrantScope, MemberId, UnitRef};
use site::{Act, Looked, Program, Proof, Site};
use std::collections::BTreeSet;

/// Sealed telephone and e-mail of a member, for the account that takes them over within its own act:
/// they are compared, never shown.
pub async fn contacts<P: Proof>(act: &mut Act<P>, member: &MemberId) -> Result<(String, String)> {
    store::get_contacts(act, member).await
}

/// Days for which the owner's notice is carried out of the house; inside it stays.
const TOLD_DAYS: i64 = 7;

/// The member hears that somebody changed what they sign in with, and who: in the handbook, and at the
/// address that stood in the record until now ([`notices::OLD_ADDRESS`]), which is `old_email`, whether or not they
/// asked for mail. `changed` holds names of fields, of
/// which those of an identity are told; never a value.
///
/// # Errors
/// A fault when the address cannot be sealed.
pub fn tell_owner<P: Proof>(
    act: &mut Act<P>,
    member: &MemberId,
    changed: &[&str],
    old_email: &str,
) -> Result<()> {
    let by = act.right().told().to_owned();
    // All runs of a list have one operation: the instant tells them apart.
    let once = format!("{}/{}", act.operation(), act.now().0);
    let until = act.now().plus_ms(TOLD_DAYS * 86_400_000);
    let told = notices::New::of(
        notices::OLD_ADDRESS,
        format!("{}/{member}/{once}", notices::OLD_ADDRESS),
        "people-notice-contact",
        "/me",
        until,
    );
    let kinds: BTreeSet<&str> = (changed.iter())
        .filter_map(|field| match *field {
            "phone" | "email" => Some(*field),
            "card" | "citizen" | "external_id" => Some("number"),
            _ => None,
        })
        .collect();
    let what = match kinds.len() {
        1 => kinds.first().copied().unwrap_or_default(),
        _ => "several",
    };
    let told = told.arg("by", by).arg("what", what);
    let site = act.site().clone();
    let told = told.security(&site.keys, &site.dice, old_email)?;
    act.notify(told.urgent().to([member.clone()]));
    Ok(())
}

/// What others know of a member, so that none of it makes a password: the name, and words of names,
/// e-mail, telephone and birth. For judging a password, never shown.
pub async fn known_of(site: &Site, member: &MemberId) -> Result<(String, Vec<String>)> {
    let looked = Looked::by_program(&Program::part("password"), [member.clone()]);
    let (name, other, birth, email, phone) = store::get_known_of(&site.db, &looked, member).await?;
    // One that does not open is no reason to refuse a password; the account room tells of it.
    let phone = site
        .keys
        .open_at(number::spot(number::PHONE, member), &phone);
    let phone = phone.unwrap_or_default();
    let year = birth.get(..4).unwrap_or("").to_owned();
    let mut words = vec![
        name.clone(),
        other,
        email.split('@').next().unwrap_or("").to_owned(),
        phone.chars().filter(char::is_ascii_digit).collect(),
    ];
    if let (Some(month), Some(day)) = (birth.get(5..7), birth.get(8..10)) {
        let bare = |text: &str| text.trim_start_matches('0').to_owned();
        words.extend([
            format!("{day}{month}{year}"),
            format!("{year}{month}{day}"),
            format!("{day}{month}"),
            format!("{}{}{year}", bare(day), bare(month)),
            format!("{day}{month}{}", year.get(2..).unwrap_or("")),
        ]);
    }
    words.push(year);
    Ok((name, words))
}

/// How somebody belongs to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// A right, now, later, or once a second person has agreed.
    Right,
    /// Their own cell today.
    Home,
    /// Placed there for a time, or later.
    Placed,
}

struct Held {
    member: MemberId,
    unit: UnitRef,
    reach: Reach,
    by: By,
}

/// Everything that these members hold or will hold, and where they are placed.
async fn held(site: &Site, targets: &[MemberId]) -> Result<Vec<Held>> {
    let rows = store::list_held(&site.db, targets, site.clock.today()).await?;
    let mut all: Vec<Held> = (rows.into_iter())
        .map(|row| Held {
            member: row.member_id,
            unit: UnitRef {
                id: row.unit_id,
                path: row.path,
            },
            // An unknown scope is taken for the widest.
            reach: Reach::by_name(&row.scope).unwrap_or(Reach::Instance),
            by: match row.placed {
                0 => By::Right,
                1 => By::Home,
                _ => By::Placed,
            },
        })
        .collect();
    for (member, unit, reach) in giving::waiting(site).await? {
        if targets.contains(&member) {
            all.push(Held {
                member,
                unit,
                reach,
                by: By::Right,
            });
        }
    }
    Ok(all)
}

/// Whether the member holds a right somewhere, now, later, or once a second person has agreed.
pub async fn holds_rights(site: &Site, target: &MemberId) -> Result<bool> {
    let held = held(site, std::slice::from_ref(target)).await?;
    Ok(held.iter().any(|held| held.by == By::Right))
}

/// Those of the members who hold a right somewhere, as [`holds_rights`], for lists.
pub async fn list_holding(site: &Site, members: &[MemberId]) -> Result<BTreeSet<MemberId>> {
    let mut all = BTreeSet::new();
    for part in members.chunks(PART) {
        let held = held(site, part).await?.into_iter();
        all.extend(
            held.filter(|held| held.by == By::Right)
                .map(|held| held.member),
        );
    }
    Ok(all)
}

/// Whether the actor may change how the target signs in: `identity_write` over every unit where the
/// target holds a grant (now or later) or is placed, as far as each grant reaches. Never for
/// oneself: that goes through one's own settings, with one's password.
pub async fn may_change(site: &Site, actor: &Actor, target: &MemberId) -> Result<bool> {
    let one = std::slice::from_ref(target);
    Ok(!list_changeable(site, actor, one).await?.is_empty())
}

/// People asked for at once: both databases take some thousands of parameters.
const PART: usize = 500;

/// Those of the targets whose way to sign in the actor may change; as [`may_change`], for lists.
pub async fn list_changeable(
    site: &Site,
    actor: &Actor,
    targets: &[MemberId],
) -> Result<BTreeSet<MemberId>> {
    let (mut known, mut beyond) = (BTreeSet::new(), BTreeSet::from([actor.member.clone()]));
    for part in targets.chunks(PART) {
        for held in held(site, part).await? {
            if !reaches(site, actor, &held) {
                beyond.insert(held.member.clone());
            }
            known.insert(held.member);
        }
    }
    Ok(&known - &beyond)
}

/// Whether the actor reaches every right that the target holds or will hold. A slip that was printed is
/// asked this again when it is used: its owner may have got a post since.
pub async fn is_over_rights(site: &Site, actor: &Actor, target: &MemberId) -> Result<bool> {
    let held = held(site, std::slice::from_ref(target)).await?;
    let mut rights = held.iter().filter(|held| held.by == By::Right);
    Ok(rights.all(|held| reaches(site, actor, held)))
}

/// Whether somebody may be handed a slip, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slip {
    /// Yes; by the right over this unit.
    May(UnitRef),
    /// Not one's own: that goes through one's own settings.
    Oneself,
    /// They hold a right beyond the actor's.
    NotOverRights,
    /// They sign in already, and the actor may only invite.
    InUse(UnitRef),
    /// The actor gave them the right; these others could.
    Giver(Vec<String>),
    /// The actor has nothing to do with them.
    Hidden,
}

/// Whether the actor may hand each of the targets a slip, in their order. The button and the page behind
/// it both ask this, so they cannot differ.
///
/// The first slip, for an account that nobody has used, is an invitation: `member_draft` over every unit
/// where they are placed, as long as they hold no right. Anything else is a change of how they sign in.
pub async fn slips(site: &Site, actor: &Actor, targets: &[MemberId]) -> Result<Vec<Slip>> {
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    let held = held(site, targets).await?;
    let used = store::list_in_use(&site.db, targets).await?;
    let mut answers = Vec::with_capacity(targets.len());
    for target in targets {
        let own: Vec<&Held> = held.iter().filter(|held| held.member == *target).collect();
        let is_used = used.contains(target);
        answers.push(slip(site, actor, target, &own, is_used).await?);
    }
    Ok(answers)
}

async fn slip(
    site: &Site,
    actor: &Actor,
    target: &MemberId,
    held: &[&Held],
    is_used: bool,
) -> Result<Slip> {
    let today = site.clock.today();
    let drafts = |held: &Held| actor.allow(Cap::MemberDraft, &held.unit, today);
    let mut anchors = [By::Home, By::Right].into_iter();
    let anchor = anchors.find_map(|by| held.iter().find(|held| held.by == by));
    let Some(anchor) = anchor.filter(|anchor| drafts(anchor)) else {
        return Ok(Slip::Hidden);
    };
    if actor.member == *target {
        return Ok(Slip::Oneself);
    }
    let is_plain = held.iter().all(|held| held.by != By::Right);
    let may_change = held.iter().all(|held| reaches(site, actor, held));
    let may_invite = is_plain && !is_used && held.iter().all(|held| drafts(held));
    if !may_change && !may_invite {
        return Ok(if is_plain && is_used {
            Slip::InUse(anchor.unit.clone())
        } else {
            Slip::NotOverRights
        });
    }
    if !is_plain {
        let others = giving::slip_is_for(site, &actor.member, target, &anchor.unit).await?;
        if !others.is_empty() {
            return Ok(Slip::Giver(others));
        }
    }
    Ok(Slip::May(anchor.unit.clone()))
}

fn reaches(site: &Site, actor: &Actor, held: &Held) -> bool {
    let today = site.clock.today();
    actor.grants.iter().any(|grant| {
        grant.is_in_force(today)
            && grant.caps().has(Cap::IdentityWrite)
            && (reaches_as_far(&grant.scope, &held.unit, held.reach)
                || holds_all(&grant.scope, &held.unit) && post::founds(actor, &held.unit, today))
    })
}

/// Whether a scope begins at the root, where it holds every unit. A right of the whole installation is more than all
/// units: only who also runs the installation reaches it, else whoever keeps the records of the root would be its
/// administrator by one slip. Where nobody is both, `sotay slip` prints it.
fn holds_all(scope: &GrantScope, unit: &UnitRef) -> bool {
    match scope {
        GrantScope::Subtree(top) => top.path.depth() == 1 && unit.path.is_within(&top.path),
        GrantScope::Unit(_) | GrantScope::Instance => false,
    }
}

/// Whether a scope holds all that another grant on `unit` with that reach holds.
pub(crate) fn reaches_as_far(scope: &GrantScope, unit: &UnitRef, wanted: Reach) -> bool {
    match (scope, wanted) {
        (GrantScope::Instance, _) => true,
        (GrantScope::Subtree(top), Reach::Unit | Reach::Subtree) => unit.path.is_within(&top.path),
        (GrantScope::Unit(own), Reach::Unit) => own.id == unit.id,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store;
    use kernel::{Role, UnitId};
    use testkit::{HOA, LAN, THU, TUAN};

    fn id(text: &str) -> MemberId {
        text.parse().unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_senior_officer_in_a_small_cell_is_out_of_its_officers_reach() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let site = &app.site;
                // Thu keeps the committee's records, and Hoa is a plain member below it.
                assert!(may_change(site, &THU.actor(), &id("hoa")).await.unwrap());
                assert!(may_change(site, &THU.actor(), &id("lan")).await.unwrap());
                // Bình sits in cell B below the committee, but runs the whole installation.
                assert!(!may_change(site, &THU.actor(), &id("binh")).await.unwrap());
                // Hoa gets a post in another committee: from that moment Thu alone is not enough.
                let mut act = app.act().await;
                let next_year = app.today().plus_days(30);
                let other: UnitId = "cell-e".parse().unwrap();
                let post = store::NewHolding::new(
                    &other,
                    "Chi ủy viên",
                    Role::CellCommittee,
                    30,
                    &id("hoa"),
                    next_year,
                );
                store::add_position_holding(&mut act, &post).await.unwrap();
                act.end().await.unwrap();
                assert!(!may_change(site, &THU.actor(), &id("hoa")).await.unwrap());
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nobody_without_the_right_and_nobody_for_oneself() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let site = &app.site;
                assert!(!may_change(site, &LAN.actor(), &id("hoa")).await.unwrap());
                assert!(!may_change(site, &THU.actor(), &id("thu")).await.unwrap());
                assert!(
                    !may_change(site, &THU.actor(), &id("no-such"))
                        .await
                        .unwrap()
                );
                let slip = async |who: testkit::Character, target: &str| {
                    let all = slips(site, &who.actor(), &[id(target)]).await;
                    all.unwrap().pop().unwrap()
                };
                let cell = match slip(LAN, "hoa").await {
                    Slip::May(unit) => unit,
                    other => panic!("a plain member of her cell: {other:?}"),
                };
                assert_eq!(cell.id.as_str(), "cell-a");
                assert_eq!(slip(LAN, "minh").await, Slip::NotOverRights);
                assert_eq!(slip(LAN, "tuan").await, Slip::Hidden, "another cell");
                assert_eq!(slip(HOA, "lan").await, Slip::Hidden);
                assert_eq!(slip(TUAN, "hoa").await, Slip::Hidden);
                assert_eq!(slip(LAN, "lan").await, Slip::Oneself);
                assert_eq!(slip(THU, "no-such").await, Slip::Hidden);
                // From her first password on it is her account: the secretary only invites.
                app.has_password(HOA).await;
                assert_eq!(slip(LAN, "hoa").await, Slip::InUse(cell.clone()));
                assert_eq!(slip(THU, "hoa").await, Slip::May(cell));
            },
        )
        .await;
    }
}
