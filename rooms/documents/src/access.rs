//! Who may read a document, write one, publish one.
//!
//! Looking up and authorising are one step: what a reader may not see is not found. A published
//! document is for its audience; a draft for its writer and for those who may publish it.
//! The proofs can only be made here; `store` writes for nobody else.

use crate::id::DocumentId;
use crate::store::{self, Document};
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Audience, Cap, Day, GrantScope, UnitRef};
use people::unit::Unit;
use site::{Operator, Proof, Right, Site};
use std::sync::Arc;
use web::{SignedIn, Visitor};

/// A document that this visitor may read, and what else they may do with it.
pub(crate) struct Readable {
    pub(crate) document: Document,
    pub(crate) may_publish: bool,
    pub(crate) reach: Vec<String>,
}

/// Finds a document as this visitor may see it. Whoever was in its audience when it was withdrawn is told so
/// (410) and what stands in its place; for everybody else there never was one.
pub(crate) async fn read(site: &Site, visitor: &Visitor, id: &str) -> Result<Readable> {
    let document = find(site, id).await?;
    let reach = site::reach_of(visitor, site.clock.today());
    let was_theirs = document.was_withdrawn_from(&reach);
    match readable(site, visitor, document, reach.clone()) {
        Err(Error::NotFound) if was_theirs => Err(withdrawn(site, id, &reach).await?),
        other => other,
    }
}

/// The same for whoever wants to do something with it: there is nothing to be told of a draft.
async fn seen(site: &Site, visitor: &Visitor, id: &str) -> Result<Readable> {
    let document = find(site, id).await?;
    let reach = site::reach_of(visitor, site.clock.today());
    readable(site, visitor, document, reach)
}

async fn find(site: &Site, id: &str) -> Result<Document> {
    let id: DocumentId = id.parse().map_err(|_| Error::NotFound)?;
    store::find(site, &id).await?.ok_or(Error::NotFound)
}

/// "Văn bản này đã được rút", with the way to what replaced it where the reader may see that.
async fn withdrawn(site: &Site, id: &str, reach: &[String]) -> Result<Error> {
    let standing = crate::standing::of(site, id, reach).await?;
    let gone = if standing.newer_symbol.is_empty() {
        Refusal::new("documents-gone")
    } else {
        Refusal::new("documents-gone-newer").arg("symbol", &standing.newer_symbol)
    };
    let gone = if standing.by_url.is_empty() {
        gone.way_out("/documents", "documents-gone-go")
    } else {
        gone.way_out(standing.by_url, "documents-gone-newer-go")
    };
    Ok(gone.status(410).into())
}

fn readable(
    site: &Site,
    visitor: &Visitor,
    document: Document,
    reach: Vec<String>,
) -> Result<Readable> {
    let today = site.clock.today();
    let may_publish = match visitor.signed_in.as_deref() {
        Some(who) => publishing(&who.actor, &document, today).is_ok(),
        None => false,
    };
    // A token reads what is published; the rest belongs to pages.
    let keeper = visitor
        .signed_in
        .as_deref()
        .filter(|who| who.token_scopes.is_none());
    let is_visible = if document.is_published() {
        // Whoever published it for others takes it back too.
        reach.contains(&document.audience.to_string()) || (keeper.is_some() && may_publish)
    } else {
        keeper.is_some_and(|who| may_publish || who.actor.member.as_str() == document.created_by)
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

fn publishing(actor: &Actor, document: &Document, today: Day) -> Result<Right> {
    over(actor, Cap::ContentPublish, document, today)
}

fn over(actor: &Actor, cap: Cap, document: &Document, today: Day) -> Result<Right> {
    match document.unit() {
        Some(unit) => Right::of(actor, cap, &unit, today),
        None => Right::of_instance(actor, cap, today),
    }
}

/// The proof that this member may publish that document.
#[derive(Debug, Clone)]
pub(crate) struct CanPublish {
    right: Right,
    pub(crate) document: DocumentId,
}

impl Proof for CanPublish {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("document", self.document.to_string())
    }
}

/// A document that this visitor may publish.
pub(crate) async fn can_publish(site: &Site, visitor: &Visitor, id: &str) -> Result<CanPublish> {
    let readable = seen(site, visitor, id).await?;
    let who = visitor.signed_in.as_deref().ok_or(Error::SignInFirst)?;
    Ok(CanPublish {
        right: publishing(&who.actor, &readable.document, site.clock.today())?,
        document: readable.document.id,
    })
}

/// A document that this member may change now, and the proof of it: a draft by whoever writes or
/// publishes for its unit and sees it, a published one by whoever may publish it.
pub(crate) async fn can_change(
    site: &Site,
    who: &Arc<SignedIn>,
    id: &str,
) -> Result<(Readable, Writing)> {
    let visitor = Visitor {
        signed_in: Some(who.clone()),
    };
    let readable = seen(site, &visitor, id).await?;
    let cap = if readable.document.is_published() || readable.may_publish {
        Cap::ContentPublish
    } else {
        Cap::ContentWrite
    };
    let right = over(&who.actor, cap, &readable.document, site.clock.today())?;
    let by = By::Member(right);
    Ok((readable, Writing { by }))
}

/// A document of which this member may say whether it counts and is out: whoever may publish it, be it a
/// draft or not.
pub(crate) async fn can_rule(
    site: &Site,
    who: &Arc<SignedIn>,
    id: &str,
) -> Result<(Readable, Writing)> {
    let visitor = Visitor {
        signed_in: Some(who.clone()),
    };
    let readable = seen(site, &visitor, id).await?;
    let by = By::Member(publishing(
        &who.actor,
        &readable.document,
        site.clock.today(),
    )?);
    Ok((readable, Writing { by }))
}

/// Whether this member finds it: as its audience, its publisher, or the writer of the draft.
pub(crate) fn finds(actor: &Actor, document: &Document, today: Day) -> bool {
    let is_reader = document.is_published() && actor.audiences(today).contains(&document.audience);
    is_reader || may_renew(actor, document, today) || actor.member.as_str() == document.created_by
}

/// Whether this member may publish it, and so let a file or a row renew it.
pub(crate) fn may_renew(actor: &Actor, document: &Document, today: Day) -> bool {
    publishing(actor, document, today).is_ok()
}

/// The proof that this member may let a file or a row renew it.
///
/// # Errors
/// [`Error::NotFound`] when they may not.
pub(crate) fn renewing(actor: &Actor, document: &Document, today: Day) -> Result<Writing> {
    let by = By::Member(publishing(actor, document, today)?);
    Ok(Writing { by })
}

/// The units for which this member may write documents.
pub(crate) struct CanWrite {
    pub(crate) units: Vec<Unit>,
}

impl CanWrite {
    /// The unit of that id, if documents of it may be written.
    pub(crate) fn unit(&self, id: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.id.as_str() == id)
    }
}

/// Whether this member may write documents, and for which units: those their grants stand on. The form is no secret:
/// who may write nowhere is told so.
pub(crate) async fn can_write(site: &Site, who: &SignedIn) -> Result<CanWrite> {
    let today = site.clock.today();
    let mut units = units_with(site, who, Cap::ContentWrite).await?;
    units.retain(|unit| unit.is_living(today));
    if units.is_empty() {
        let refusal = Refusal::new("documents-new-refused").status(403);
        Err(refusal
            .way_out("/documents", "documents-new-refused-way")
            .into())
    } else {
        Ok(CanWrite { units })
    }
}

/// The units on which this member's grants of a capability stand, dissolved ones too.
pub(crate) async fn units_with(site: &Site, who: &SignedIn, cap: Cap) -> Result<Vec<Unit>> {
    let today = site.clock.today();
    let mut units: Vec<Unit> = Vec::new();
    for grant in who
        .actor
        .grants
        .iter()
        .filter(|grant| grant.is_in_force(today) && grant.caps().has(cap))
    {
        let (GrantScope::Unit(unit) | GrantScope::Subtree(unit)) = &grant.scope else {
            continue;
        };
        if units.iter().all(|known| known.id != unit.id) {
            units.push(people::unit::get(site, &unit.id).await?);
        }
    }
    Ok(units)
}

/// The proof of whoever adds or renews documents: a writer or a publisher of one unit, or the operator.
#[derive(Debug, Clone)]
pub struct Writing {
    by: By,
}

#[derive(Debug, Clone)]
enum By {
    Member(Right),
    Operator(Operator),
}

impl Writing {
    /// The operator at the command line.
    pub fn by(operator: Operator) -> Writing {
        Writing {
            by: By::Operator(operator),
        }
    }
    /// A member who may do `cap` (write, or publish at once) for that unit.
    ///
    /// # Errors
    /// [`Error::NotFound`] when they may not.
    pub(crate) fn of(actor: &Actor, cap: Cap, unit: &UnitRef, on: Day) -> Result<Writing> {
        Ok(Writing {
            by: By::Member(Right::of(actor, cap, unit, on)?),
        })
    }
}

impl Default for Writing {
    fn default() -> Self {
        Writing::by(Operator::at("import documents"))
    }
}

impl Proof for Writing {
    fn right(&self) -> &Right {
        match &self.by {
            By::Member(right) => right,
            By::Operator(operator) => operator.right(),
        }
    }
    fn object(&self) -> (&'static str, String) {
        ("document", String::new())
    }
}

/// For whom a document is, as written in a file or on the command line: `public`, `members`,
/// `unit:ID`. `None` for anything else.
pub(crate) fn audience(text: &str) -> Option<Audience> {
    text.trim().parse().ok() // the caller says which words there are
}

#[cfg(test)]
mod tests {
    use super::*;
    use site::May as _;
    use testkit::{HOA, THU, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn the_writer_of_a_draft_changes_it_and_does_not_say_whether_it_counts() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let unit = UnitRef {
                    id: "committee".parse().unwrap(),
                    path: testkit::path_of("committee"),
                };
                let mut writer = app.signed_in(HOA);
                Arc::make_mut(&mut writer.actor).grants.push(kernel::Grant {
                    id: "g-hoa-writes".parse().unwrap(),
                    role: kernel::Role::ContentEditor,
                    scope: GrantScope::Subtree(unit.clone()),
                    from_on: app.today(),
                    to_on: Day::OPEN,
                    subset: None,
                });
                let may = Writing::of(&writer.actor, Cap::ContentWrite, &unit, app.today());
                let begun = may.unwrap().begin(&app.site, "test", "document.draft");
                let mut act = begun.await.unwrap();
                let draft = crate::document::Draft {
                    title: "Bản nháp".into(),
                    ..Default::default()
                };
                let belongs = store::Belongs {
                    audience: Audience::Members,
                    unit_id: unit.id.to_string(),
                    state: store::State::Draft,
                };
                let id = store::add(&mut act, &draft, &[], &belongs)
                    .await
                    .unwrap()
                    .unwrap();
                act.end().await.unwrap();
                let writer = Arc::new(writer);
                assert!(can_change(&app.site, &writer, &id).await.is_ok());
                assert!(can_rule(&app.site, &writer, &id).await.is_err());
                let approver = Arc::new(app.signed_in(THU));
                assert!(can_rule(&app.site, &approver, &id).await.is_ok());
            },
        )
        .await;
    }
}
