//! Who may see a draft, change it, publish it: looked up and decided in one step.
//!
//! An article belongs to the unit in whose name it is written; rights are those of content over that
//! unit (rule R1). Four eyes: whoever wrote or last changed a draft does not publish it, unless nobody
//! else may publish for that unit today (a small office has one editor); the audit log then says so.
//! The surprising rule: a **published** text is changed only by those who may publish.

use crate::store::{self, Article};
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Cap, Day, UnitPath, UnitRef};
use site::Site;
use web::Member;

/// An article that the member may see in the newsroom, with what they may do to it.
pub(crate) struct Held {
    /// The article.
    pub(crate) article: Article,
    /// The unit it belongs to; `None` when the installation has no unit yet.
    pub(crate) unit: Option<UnitRef>,
    /// May change the text and photo now.
    pub(crate) may_edit: bool,
    /// Holds the right to publish (four eyes are asked separately).
    pub(crate) may_publish: bool,
}

/// Proof that this article may be published now by this member.
pub(crate) struct CanPublish {
    held: Held,
    is_alone: bool,
}

impl CanPublish {
    /// What may be published.
    pub(crate) fn held(&self) -> &Held {
        &self.held
    }
    /// Whether the writer publishes because there is nobody else.
    pub(crate) fn is_alone(&self) -> bool {
        self.is_alone
    }
}

fn may(actor: &Actor, cap: Cap, unit: Option<&UnitRef>, on: Day) -> bool {
    match unit {
        Some(unit) => actor.allow(cap, unit, on),
        None => actor.may_somewhere(cap, on),
    }
}

/// The article, if the member may see it in the newsroom; else it is not there.
pub(crate) async fn find(site: &Site, who: &Member, id: &str) -> Result<Held> {
    let on = site.clock.today();
    let article = store::find(site, id).await?.ok_or(Error::NotFound)?;
    let unit = match &article.unit_id {
        Some(id) => Some(UnitRef {
            id: id.parse().map_err(Error::fault)?,
            path: UnitPath::try_from(article.unit_path.clone()).map_err(Error::fault)?,
        }),
        None => None,
    };
    let writes = may(&who.actor, Cap::ContentWrite, unit.as_ref(), on);
    let may_publish = may(&who.actor, Cap::ContentPublish, unit.as_ref(), on);
    if !writes && !may_publish {
        return Err(Error::NotFound);
    }
    let may_edit = if article.is_published() {
        may_publish
    } else {
        writes
    };
    Ok(Held {
        article,
        unit,
        may_edit,
        may_publish,
    })
}

/// The article, if the member may change it now.
pub(crate) async fn find_editable(site: &Site, who: &Member, id: &str) -> Result<Held> {
    let held = find(site, who, id).await?;
    if held.may_edit {
        return Ok(held);
    }
    let key = if held.article.is_published() {
        "news-refused-published"
    } else {
        "news-refused-write"
    };
    Err(Refusal::new(key)
        .status(403)
        .way_out(format!("/news/{id}"), "news-back-to-article")
        .into())
}

/// Whether four eyes stand in the way: the member wrote it, and somebody else could publish it.
async fn needs_other_eyes(site: &Site, who: &Member, held: &Held) -> Result<(bool, bool)> {
    let me = who.actor.member.as_str();
    let is_own = held.article.created_by == me || held.article.changed_by == me;
    if !is_own {
        return Ok((false, false));
    }
    let path = held.unit.as_ref().map(|unit| &unit.path);
    let others = store::count_other_approvers(site, path, me, site.clock.today()).await?;
    Ok((others > 0, others == 0))
}

/// Whether the member could publish it now: for the page's buttons and notes.
/// Answers (somebody else has to, nobody else could).
pub(crate) async fn eyes(site: &Site, who: &Member, held: &Held) -> Result<(bool, bool)> {
    needs_other_eyes(site, who, held).await
}

/// The draft, if the member may publish it now.
pub(crate) async fn can_publish(site: &Site, who: &Member, id: &str) -> Result<CanPublish> {
    let held = find(site, who, id).await?;
    if !held.may_publish {
        return Err(Refusal::new("news-refused-publish")
            .status(403)
            .way_out(format!("/news/{id}"), "news-back-to-article")
            .into());
    }
    let (needs_other, is_alone) = needs_other_eyes(site, who, &held).await?;
    if needs_other {
        return Err(Refusal::new("news-refused-own")
            .way_out(format!("/news/{id}"), "news-back-to-article")
            .into());
    }
    Ok(CanPublish { held, is_alone })
}

/// The units in whose name the member may write: id and path, the widest first.
pub(crate) fn units(actor: &Actor, on: Day) -> Vec<UnitRef> {
    let mut out: Vec<UnitRef> = Vec::new();
    for grant in &actor.grants {
        if !grant.is_in_force(on) || !grant.caps().has(Cap::ContentWrite) {
            continue;
        }
        if let kernel::GrantScope::Unit(unit) | kernel::GrantScope::Subtree(unit) = &grant.scope
            && !out.contains(unit)
        {
            out.push(unit.clone());
        }
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    out
}
