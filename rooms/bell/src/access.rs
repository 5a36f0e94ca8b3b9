//! The proof of a member who keeps their own notices and settings.
//!
//! Everything here is one's own, so its acts are logged nowhere: what a person reads is theirs.

use kernel::Actor;
use site::{Proof, Right};

/// The member themself.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    right: Right,
}

impl Own {
    pub(crate) fn of(actor: &Actor) -> Own {
        Own {
            right: Right::own(actor),
        }
    }
}

impl Proof for Own {
    fn right(&self) -> &Right {
        &self.right
    }
}
