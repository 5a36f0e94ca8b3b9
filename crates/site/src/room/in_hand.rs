//! What a member still has in hand, asked of every room before they leave or their post ends: open tasks, meetings to
//! come, drafts; and how a room hands over what belongs to the post.
//!
//! The people room asks and draws the list; a room names only what the visitor may see. What is the person's own work
//! (a draft, whose writer is who wrote it) is named and stays: it is handed over on its own page.
//! The rule that surprises: what a room names as going over with a unit is what its [`Hand`] hands over there.

use crate::{Act, Later, Proof, Right, Site};
use kernel::error::Result;
use kernel::{Actor, Cap, Day, MemberId, UnitId, UnitRef};
use std::sync::Arc;
use web::{Frame, SignedIn};

/// One thing that somebody else has to take over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InHand {
    /// What it is.
    pub title: String,
    /// Until when, or where; may be empty.
    pub meta: String,
    /// Where it is handed over.
    pub to: String,
    /// The unit with whose posts it goes to the next holder; `None`: it is handed over on its own page.
    pub goes_with: Option<UnitId>,
}

/// Proof that what belongs to the posts of a unit may be handed from one holder to the next: whoever gives these posts.
#[derive(Debug, Clone)]
pub struct HandingOver {
    right: Right,
}

impl HandingOver {
    /// For that unit.
    ///
    /// # Errors
    /// [`kernel::Error::NotFound`] without the right.
    pub fn of(actor: &Actor, unit: &UnitRef, on: Day) -> Result<HandingOver> {
        Ok(HandingOver {
            right: Right::of(actor, Cap::GrantGive, unit, on)?,
        })
    }
}

impl Proof for HandingOver {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("handover", String::new())
    }
}

/// From whom to whom, in which unit.
#[derive(Debug, Clone)]
pub struct Passing {
    /// The unit of the post.
    pub unit: UnitId,
    /// Who held it.
    pub from: MemberId,
    /// Who holds it next.
    pub to: MemberId,
}

/// Hands over all that a room named as going with that unit; answers how many things went.
pub type Hand = for<'a> fn(&'a mut Act<HandingOver>, &'a Passing) -> Later<'a, Result<u64>>;

/// Lists what a member has in hand, as far as this visitor may see it.
pub type HeldBy = fn(Site, Frame, Arc<SignedIn>, MemberId) -> Later<'static, Result<Vec<InHand>>>;

impl super::Rooms {
    /// What the rooms know that a member has in hand.
    ///
    /// # Errors
    /// When one of them fails: a list with a hole would be taken for whole.
    pub async fn list_in_hand(
        &self,
        site: &Site,
        frame: &Frame,
        who: &Arc<SignedIn>,
        member: &MemberId,
    ) -> Result<Vec<InHand>> {
        let mut all = Vec::new();
        for list in &self.in_hand {
            all.extend(list(site.clone(), frame.clone(), who.clone(), member.clone()).await?);
        }
        Ok(all)
    }
}
