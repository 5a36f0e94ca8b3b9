//! What a member still has in hand, asked of every room before they leave: open tasks to be handed over.
//!
//! The people room asks and draws the list; a room names only what the visitor may see. Not here: handing
//! over, which each room does on its own page.

use crate::{Later, Site};
use kernel::MemberId;
use kernel::error::Result;
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
}

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
