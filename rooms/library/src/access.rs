//! Who may put books onto shelves, correct them, and keep a place in one.
//!
//! Writing is `content_write` over the unit that a shelf is for, or over the root for what everybody
//! sees. Reading is asked in the statement itself (`store`, the visitor's reach).
//! The rule that surprises: a place is the reader's own, so its acts are logged nowhere.

use crate::id::TitleId;
use crate::store::{self, ShelfFor, TitleRow, reaching};
use kernel::error::{Error, Result};
use kernel::{Actor, Audience, Cap, Day, UnitPath, UnitRef};
use site::{Operator, Proof, Right, Site};
use web::Member;

/// The right to write what is addressed to an audience.
///
/// # Errors
/// [`Error::NotFound`] without it, or for a unit that is not there.
async fn writing(site: &Site, actor: &Actor, audience: &Audience, on: Day) -> Result<Right> {
    let unit = match audience {
        Audience::Unit(id) => people::unit::get_ref(site, id).await?,
        Audience::Public | Audience::Members => root(actor).ok_or(Error::NotFound)?,
    };
    Right::of(actor, Cap::ContentWrite, &unit, on)
}

/// The unit above all others, as the actor's own place shows it.
fn root(actor: &Actor) -> Option<UnitRef> {
    let top = actor.home.as_ref()?.path.ancestry().into_iter().next()?;
    Some(UnitRef {
        id: top.ids().last()?.parse().ok()?, // a path is made of ids
        path: top,
    })
}

/// The proof that this member may make a shelf for that audience.
#[derive(Debug, Clone)]
pub(crate) struct CanShelve {
    right: Right,
}

/// The proof, if they may.
pub(crate) async fn can_shelve(
    site: &Site,
    who: &Member,
    audience: &Audience,
) -> Result<CanShelve> {
    let right = writing(site, &who.actor, audience, site.clock.today()).await?;
    Ok(CanShelve { right })
}

/// The audiences for which this member may make a shelf: everybody first, then their units from above.
pub(crate) fn shelvable(actor: &Actor, on: Day) -> Vec<(Audience, UnitPath)> {
    let mut out = Vec::new();
    if let Some(root) = root(actor)
        && actor.allow(Cap::ContentWrite, &root, on)
    {
        out.push((Audience::Members, root.path.clone()));
        out.push((Audience::Public, root.path));
    }
    for unit in actor.reached_units(on) {
        if actor.allow(Cap::ContentWrite, &unit, on) {
            out.push((Audience::Unit(unit.id), unit.path));
        }
    }
    out
}

/// The proof that this member may correct that title.
#[derive(Debug, Clone)]
pub(crate) struct CanEdit {
    right: Right,
    pub(crate) id: TitleId,
    pub(crate) row: TitleRow,
}

/// A title that this member may see and correct.
pub(crate) async fn can_edit(site: &Site, who: &Member, id: &str) -> Result<CanEdit> {
    let id: TitleId = id.parse().map_err(|_| Error::NotFound)?;
    let on = site.clock.today();
    let row = find_title(site, &id, &crate::pages::reach(who, on)).await?;
    let right = writing(site, &who.actor, &row.shelf_audience, on).await?;
    Ok(CanEdit { right, id, row })
}

/// Whether this member may correct what stands on a shelf of that audience: for buttons.
pub(crate) async fn may_edit(site: &Site, who: &Member, audience: &Audience) -> bool {
    writing(site, &who.actor, audience, site.clock.today())
        .await
        .is_ok()
}

/// A title that the visitor may see: found and allowed in one statement.
pub(crate) async fn find_title(site: &Site, id: &TitleId, reach: &[String]) -> Result<TitleRow> {
    reaching(store::TITLE, reach)
        .bind(id)
        .within()
        .one(site.db.read())
        .await
}

/// The proof of a reader who keeps their own place.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    right: Right,
}

impl Reader {
    /// The reader of a signed-in member.
    pub(crate) fn of(actor: &Actor) -> Reader {
        Reader {
            right: Right::own(actor),
        }
    }
}

/// The proof of whoever brings books in: the operator onto any shelf, or a member onto the one for which they
/// may write.
#[derive(Debug, Clone)]
pub struct Importing {
    by: By,
}

#[derive(Debug, Clone)]
enum By {
    Member(Right, String),
    Operator(Operator),
}

impl Importing {
    /// The operator at the command line.
    pub fn by(operator: Operator) -> Importing {
        Importing {
            by: By::Operator(operator),
        }
    }
    /// A member who may write what is addressed to those for whom the shelf is.
    ///
    /// # Errors
    /// [`Error::NotFound`] when they may not.
    pub(crate) async fn of(site: &Site, actor: &Actor, shelf: &ShelfFor) -> Result<Importing> {
        let right = writing(site, actor, &shelf.audience, site.clock.today()).await?;
        Ok(Importing {
            by: By::Member(right, shelf.id.clone()),
        })
    }
}

impl Default for Importing {
    fn default() -> Self {
        Importing::by(Operator::at("import books"))
    }
}

impl Proof for Importing {
    fn right(&self) -> &Right {
        match &self.by {
            By::Member(right, _) => right,
            By::Operator(operator) => operator.right(),
        }
    }
    fn object(&self) -> (&'static str, String) {
        match &self.by {
            By::Member(_, shelf) => ("shelf", shelf.clone()),
            By::Operator(_) => ("", String::new()),
        }
    }
}
impl Proof for CanShelve {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("shelf", String::new())
    }
}
impl Proof for CanEdit {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("title", self.id.to_string())
    }
}
impl Proof for Reader {
    fn right(&self) -> &Right {
        &self.right
    }
}

/// Whoever may make a shelf: a member of that right, or an import.
pub(crate) trait Shelves: Proof {}
impl Shelves for CanShelve {}
impl Shelves for Importing {}
