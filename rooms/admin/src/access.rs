//! Who may come to which page, and the proofs.
//!
//! Installation-wide pages ask for an installation-wide grant; a `system_configure` that somebody
//! holds in one unit would open nothing here.

use kernel::error::{Error, Result};
use kernel::{Actor, Cap, Day, GrantScope};
use site::{Proof, Right};

/// What a visitor may open here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Doors {
    /// Change names and see how the machine is.
    pub(crate) configure: bool,
    /// Read the log.
    pub(crate) audit: bool,
    /// See who may what.
    pub(crate) permissions: bool,
    /// Read the standing rules.
    pub(crate) standing: bool,
}

/// What this actor may open.
pub(crate) fn doors(actor: &Actor, on: Day) -> Doors {
    let configure = actor.allow_instance(Cap::SystemConfigure, on);
    let audit = actor.allow_instance(Cap::AuditRead, on);
    Doors {
        configure,
        audit,
        permissions: configure || actor.may_somewhere(Cap::GrantReview, on),
        standing: configure || audit || can_sign_off(actor, on).is_ok(),
    }
}

/// The proof that somebody may change settings of the installation.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub(crate) fn can_configure(actor: &Actor, on: Day) -> Result<Right> {
    Right::of_instance(actor, Cap::SystemConfigure, on)
}

/// Passes when the door is open; otherwise there is no such page.
pub(crate) fn need(is_open: bool) -> Result<()> {
    if is_open {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}

/// Proof that somebody may confirm the standing rules.
pub(crate) struct CanSignOff {
    right: Right,
}

impl Proof for CanSignOff {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("standing_rule", String::new())
    }
}

/// The standing rules hold for the whole organisation, so they are confirmed by who leads its root:
/// a grant of `restructure_approve` that stands on a unit without a unit above. Not by the one who
/// runs the machine.
pub(crate) fn can_sign_off(actor: &Actor, on: Day) -> Result<CanSignOff> {
    let found = actor.grants.iter().find_map(|grant| match &grant.scope {
        GrantScope::Subtree(top)
            if grant.is_in_force(on)
                && grant.caps().has(Cap::RestructureApprove)
                && top.path.depth() == 1 =>
        {
            Some(top)
        }
        _ => None,
    });
    let root = found.ok_or(Error::NotFound)?;
    Ok(CanSignOff {
        right: Right::of(actor, Cap::RestructureApprove, root, on)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::{HUE, SON};
    use testkit::{BINH, LAN, THU};

    #[test]
    fn only_the_lead_of_the_root_confirms_rules() {
        let on: Day = "2026-11-23".parse().unwrap();
        assert_eq!(
            can_sign_off(&SON.actor(), on)
                .unwrap()
                .right()
                .unit()
                .unwrap()
                .id
                .as_str(),
            "bloc"
        );
        for who in [LAN, THU, BINH, HUE] {
            assert!(can_sign_off(&who.actor(), on).is_err(), "{}", who.id);
        }
        let before: Day = "2019-12-31".parse().unwrap();
        assert!(
            can_sign_off(&SON.actor(), before).is_err(),
            "the grant is not in force yet"
        );
    }
    #[test]
    fn each_post_opens_its_own_doors() {
        let on: Day = "2026-11-23".parse().unwrap();
        let open = |configure, audit, permissions, standing| Doors {
            configure,
            audit,
            permissions,
            standing,
        };
        assert_eq!(doors(&BINH.actor(), on), open(true, false, true, true));
        assert_eq!(doors(&HUE.actor(), on), open(false, true, true, true));
        assert_eq!(doors(&SON.actor(), on), open(false, false, false, true));
        assert_eq!(doors(&THU.actor(), on), open(false, false, false, false));
    }
}
