//! Who may see a draft, change it, publish it: looked up and decided in one step.
//!
//! An article belongs to the unit in whose name it is written; rights are those of content over that
//! unit (rule R1). Four eyes: whoever wrote or last changed a draft does not publish it, unless nobody
//! else may publish for that unit today (a small office has one editor); the audit log then says so.
//! The surprising rule: a **published** text is changed only by those who may publish.

use crate::store::{self, Article};
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Cap, Day, UnitPath, UnitRef};
use site::{Operator, Proof, Right, Site};
use web::Member;

/// An article that the member may see in the newsroom, with what they may do to it.
#[derive(Clone)]
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
#[derive(Clone)]
pub(crate) struct CanPublish {
    right: Right,
    held: Held,
    is_alone: bool,
}

/// Proof that this article may be taken off the portal by this member.
#[derive(Clone)]
pub(crate) struct CanWithdraw {
    right: Right,
    held: Held,
}

impl CanWithdraw {
    /// The article.
    pub(crate) fn article(&self) -> &Article {
        &self.held.article
    }
}

/// Proof that this article's text and photo may be changed now by this member.
#[derive(Clone)]
pub(crate) struct CanEdit {
    right: Right,
    held: Held,
}

impl std::ops::Deref for CanEdit {
    type Target = Held;
    fn deref(&self) -> &Held {
        &self.held
    }
}

/// Proof that this member may write an article in the name of that unit.
#[derive(Clone)]
pub(crate) struct CanAdd {
    right: Right,
}

impl CanAdd {
    /// Whether the member may write for the unit, or anywhere when there is no unit yet.
    ///
    /// # Errors
    /// [`Error::NotFound`] when not.
    pub(crate) fn of(actor: &Actor, unit: Option<&UnitRef>, on: Day) -> Result<CanAdd> {
        Ok(CanAdd {
            right: right(actor, Cap::ContentWrite, unit, on)?,
        })
    }
}

macro_rules! proofs {
    ($($name:ident $id:expr;)*) => {$(
        impl Proof for $name {
            fn right(&self) -> &Right {
                &self.right
            }
            fn object(&self) -> (&'static str, String) {
                let id: fn(&$name) -> String = $id;
                ("article", id(self))
            }
        }
    )*};
}
proofs! {
    CanPublish |may| may.held.article.id.clone();
    CanWithdraw |may| may.held.article.id.clone();
    CanEdit |may| may.held.article.id.clone();
    CanAdd |_| String::new();
}

/// Whoever writes text and photo of an article: its writer, or the operator who brings it in.
pub(crate) trait Writes: Proof {}
impl Writes for CanAdd {}
impl Writes for CanEdit {}
impl Writes for Operator {}

/// Whoever keeps the portal as a whole: who runs the installation, or the operator.
pub(crate) trait Keeps: Proof {}
impl Keeps for CanKeep {}
impl Keeps for Operator {}

/// Proof that the portal's own settings may be changed (`system_configure`, everywhere).
#[derive(Clone)]
pub(crate) struct CanKeep {
    right: Right,
}

impl CanKeep {
    /// For whoever runs the installation.
    ///
    /// # Errors
    /// [`Error::NotFound`] for everybody else.
    pub(crate) fn of(actor: &Actor, on: Day) -> Result<CanKeep> {
        Ok(CanKeep {
            right: Right::of_instance(actor, Cap::SystemConfigure, on)?,
        })
    }
}

impl Proof for CanKeep {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("setting", "portal".to_owned())
    }
}

fn right(actor: &Actor, cap: Cap, unit: Option<&UnitRef>, on: Day) -> Result<Right> {
    match unit {
        Some(unit) => Right::of(actor, cap, unit, on),
        None => Right::somewhere(actor, cap, on),
    }
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
    right(actor, cap, unit, on).is_ok()
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
pub(crate) async fn find_editable(site: &Site, who: &Member, id: &str) -> Result<CanEdit> {
    let held = find(site, who, id).await?;
    if held.may_edit {
        // A published text is changed by those who may publish, and the log says by which right.
        let cap = if held.article.is_published() {
            Cap::ContentPublish
        } else {
            Cap::ContentWrite
        };
        let right = right(&who.actor, cap, held.unit.as_ref(), site.clock.today())?;
        return Ok(CanEdit { right, held });
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
    let (held, right) = publishable(site, who, id).await?;
    let (needs_other, is_alone) = needs_other_eyes(site, who, &held).await?;
    if needs_other {
        return Err(Refusal::new("news-refused-own")
            .way_out(format!("/news/{id}"), "news-back-to-article")
            .into());
    }
    Ok(CanPublish {
        right,
        held,
        is_alone,
    })
}

/// The article, if the member may take it off the portal.
pub(crate) async fn can_withdraw(site: &Site, who: &Member, id: &str) -> Result<CanWithdraw> {
    let (held, right) = publishable(site, who, id).await?;
    Ok(CanWithdraw { right, held })
}

async fn publishable(site: &Site, who: &Member, id: &str) -> Result<(Held, Right)> {
    let held = find(site, who, id).await?;
    let right = right(
        &who.actor,
        Cap::ContentPublish,
        held.unit.as_ref(),
        site.clock.today(),
    );
    match right {
        Ok(right) => Ok((held, right)),
        Err(_) => Err(Refusal::new("news-refused-publish")
            .status(403)
            .way_out(format!("/news/{id}"), "news-back-to-article")
            .into()),
    }
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
