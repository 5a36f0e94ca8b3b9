//! Who may change how another person signs in (R4): telephone, e-mail, citizen id, password, slips.
//!
//! The account room asks before it issues a slip or changes a contact. Not here: doing it.
//! The rule that surprises: reading a small cell's records is not enough. A senior officer who sits
//! in it holds rights elsewhere, and whoever changes his identity would get them: so the right is
//! needed over **every** unit where the target holds anything.

use crate::members::store::{self, HeldRow};
use kernel::cap::Reach;
use kernel::error::Result;
use kernel::{Actor, Cap, GrantScope, MemberId, UnitRef};
use site::{Act, Proof, Site};

/// Sealed telephone and e-mail of a member, for the account that takes them over within its own act:
/// they are compared, never shown.
pub async fn contacts<P: Proof>(act: &mut Act<P>, member: &MemberId) -> Result<(String, String)> {
    store::get_contacts(act, member).await
}

/// What others know of a member, so that none of it makes a password: the name, and words of names,
/// e-mail and birth. For judging a password, never shown.
pub async fn known_of(site: &Site, member: &MemberId) -> Result<(String, Vec<String>)> {
    let (name, other, birth, email) = store::get_known_of(&site.db, member).await?;
    let year = birth.get(..4).unwrap_or("").to_owned();
    let mut words = vec![
        name.clone(),
        other,
        email.split('@').next().unwrap_or("").to_owned(),
    ];
    if let (Some(month), Some(day)) = (birth.get(5..7), birth.get(8..10)) {
        words.extend([
            format!("{day}{month}{year}"),
            format!("{year}{month}{day}"),
            format!("{day}{month}"),
        ]);
    }
    words.push(year);
    Ok((name, words))
}

/// Whether the member holds a right somewhere, now or later.
pub async fn holds_rights(site: &Site, target: &MemberId) -> Result<bool> {
    Ok(held(site, target)
        .await?
        .iter()
        .any(|held| held.placed == 0))
}

async fn held(site: &Site, target: &MemberId) -> Result<Vec<HeldRow>> {
    store::list_held(&site.db, target, site.clock.today()).await
}

/// Whether the actor may change how the target signs in: `identity_write` over every unit where the
/// target holds a grant (now or later) or is placed, as far as each grant reaches. Never for
/// oneself: that goes through one's own settings, with one's password.
pub async fn may_change(site: &Site, actor: &Actor, target: &MemberId) -> Result<bool> {
    if actor.member == *target {
        return Ok(false);
    }
    let held = held(site, target).await?;
    Ok(!held.is_empty() && held.iter().all(|held| reaches(site, actor, held)))
}

/// Whether the actor may hand the target the **first** slip, for an account that has never been
/// used: whoever may draft records of their unit, as long as the target holds no post anywhere; else
/// as [`may_change`]. The caller must have seen that no password was ever set.
pub async fn may_invite(site: &Site, actor: &Actor, target: &MemberId) -> Result<bool> {
    if actor.member == *target {
        return Ok(false);
    }
    let held = held(site, target).await?;
    let today = site.clock.today();
    let plain = held.iter().all(|held| held.placed == 1);
    let drafts = held.iter().all(|held| {
        let unit = UnitRef {
            id: held.unit_id.clone(),
            path: held.path.clone(),
        };
        actor.allow(Cap::MemberDraft, &unit, today)
    });
    if !held.is_empty() && plain && drafts {
        return Ok(true);
    }
    Ok(!held.is_empty() && held.iter().all(|held| reaches(site, actor, held)))
}

fn reaches(site: &Site, actor: &Actor, held: &HeldRow) -> bool {
    // An unknown scope is taken for the widest.
    let wanted = Reach::by_name(&held.scope).unwrap_or(Reach::Instance);
    let unit = UnitRef {
        id: held.unit_id.clone(),
        path: held.path.clone(),
    };
    let today = site.clock.today();
    actor.grants.iter().any(|grant| {
        grant.is_in_force(today)
            && grant.caps().has(Cap::IdentityWrite)
            && reaches_as_far(&grant.scope, &unit, wanted)
    })
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
                assert!(
                    may_invite(site, &LAN.actor(), &id("hoa")).await.unwrap(),
                    "a plain member of her cell"
                );
                assert!(
                    !may_invite(site, &LAN.actor(), &id("minh")).await.unwrap(),
                    "her deputy has rights"
                );
                assert!(
                    !may_invite(site, &LAN.actor(), &id("tuan")).await.unwrap(),
                    "another cell"
                );
                assert!(!may_invite(site, &HOA.actor(), &id("lan")).await.unwrap());
                assert!(!may_invite(site, &TUAN.actor(), &id("hoa")).await.unwrap());
                assert!(!may_invite(site, &LAN.actor(), &id("lan")).await.unwrap());
            },
        )
        .await;
    }
}
