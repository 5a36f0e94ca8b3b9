//! Who may read a document, write one, publish one.
//!
//! Looking up and authorising are one step: what a reader may not see is not found. A published
//! document is for its audience; a draft for its writer and for those who may publish it.

use crate::id::DocumentId;
use crate::store::{self, Document};
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, Day, GrantScope, UnitPath, UnitRef};
use site::Site;
use web::{SignedIn, Visitor};

/// A document that this visitor may read, and what else they may do with it.
pub(crate) struct Readable {
    pub(crate) document: Document,
    pub(crate) may_publish: bool,
    pub(crate) reach: Vec<String>,
}

/// Finds a document as this visitor may see it.
pub(crate) async fn read(site: &Site, visitor: &Visitor, id: &str) -> Result<Readable> {
    let id: DocumentId = id.parse().map_err(|_| Error::NotFound)?;
    let document = store::find(site, &id).await?.ok_or(Error::NotFound)?;
    let today = site.clock.today();
    let reach = site::reach_of(visitor, today);
    let may_publish = visitor
        .signed_in
        .as_deref()
        .is_some_and(|who| may_publish(&who.actor, &document, today));
    let is_visible = if document.is_published() {
        reach.contains(&document.audience)
    } else {
        // A token reads what is published; drafts belong to pages.
        let writer = visitor
            .signed_in
            .as_deref()
            .filter(|who| who.token_scopes.is_none());
        writer.is_some_and(|who| may_publish || who.actor.member.as_str() == document.created_by)
    };
    if is_visible {
        Ok(Readable {
            document,
            may_publish,
            reach,
        })
    } else {
        Err(Error::NotFound)
    }
}

fn may_publish(actor: &Actor, document: &Document, today: Day) -> bool {
    match unit_of(document) {
        Some(unit) => actor.allow(Cap::ContentPublish, &unit, today),
        None => actor.allow_instance(Cap::ContentPublish, today),
    }
}

/// A proof: this member may write documents of these units, and publish those of some.
pub(crate) struct CanWrite {
    pub(crate) units: Vec<people::unit::Unit>,
}

impl CanWrite {
    /// The unit of that id, if documents of it may be written.
    pub(crate) fn unit(&self, id: &str) -> Option<&people::unit::Unit> {
        self.units.iter().find(|unit| unit.id.as_str() == id)
    }
}

/// Whether this member may write documents, and for which units: those their grants stand on.
pub(crate) async fn can_write(site: &Site, who: &SignedIn) -> Result<CanWrite> {
    let today = site.clock.today();
    let mut units: Vec<people::unit::Unit> = Vec::new();
    for grant in who
        .actor
        .grants
        .iter()
        .filter(|grant| grant.is_in_force(today) && grant.caps().has(Cap::ContentWrite))
    {
        let (GrantScope::Unit(unit) | GrantScope::Subtree(unit)) = &grant.scope else {
            continue;
        };
        if units.iter().all(|known| known.id != unit.id) {
            units.push(people::unit::get(site, &unit.id).await?);
        }
    }
    units.retain(|unit| unit.is_living(today));
    if units.is_empty() {
        Err(Error::NotFound)
    } else {
        Ok(CanWrite { units })
    }
}

/// The unit of a document, as a permission question needs it.
pub(crate) fn unit_of(document: &Document) -> Option<UnitRef> {
    let id = document.unit_id.parse().ok()?; // no unit, no reference
    let path = UnitPath::try_from(document.unit_path.clone()).ok()?; // likewise
    Some(UnitRef { id, path })
}
