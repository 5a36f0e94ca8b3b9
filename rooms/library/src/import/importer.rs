//! The import as the command line and the upload page know it.

use super::{Options, run};
use crate::access::Importing;
use crate::store::{self, ShelfRow, reaching};
use kernel::error::{Error, Refusal, Result};
use kernel::{Audience, Cap};
use site::import::{Progress, Report};
use site::room::importer::{ImportFieldKind, ImportPlace};
use site::room::{ImportField, ImportWish, Importer};
use site::{Operator, Site};
use std::collections::BTreeMap;
use std::sync::Arc;
use web::{SignedIn, Visitor};

/// Books onto a shelf.
pub(crate) const IMPORTER: Importer = Importer {
    name: "books",
    help: "EPUB books onto a shelf.",
    text: "library-import-heading",
    accept: ".epub",
    hint: "library-import-hint",
    table: None,
    example: Some(("epub", "application/epub+zip", crate::sample::book)),
    warns: "",
    is_many: true,
    needs: &[Cap::ContentWrite],
    fields: &[
        ImportField {
            name: "shelf",
            help: "The shelf; it is made when it is not there.",
            text: "",
            kind: ImportFieldKind::Text { required: true },
        },
        ImportField {
            name: "shelf_name",
            help: "Name of a shelf that has to be made.",
            text: "",
            kind: ImportFieldKind::Text { required: false },
        },
    ],
    at: "/library/shelves/{slug}/import",
    may: |site, who, slug| Box::pin(may(site, who, slug)),
    run: |site, wish, progress| Box::pin(take(site, wish, progress)),
    undo: Some(|site, wish, made| Box::pin(super::undo::undo(site, wish, made))),
    decides: None,
};

/// The shelf must be seen, and its audience one that the member may write for.
async fn may(site: Site, who: Arc<SignedIn>, slug: String) -> Result<ImportPlace> {
    let actor = who.actor.clone();
    let visitor = Visitor {
        signed_in: Some(who),
    };
    let reach = site::reach_of(&visitor, site.clock.today());
    let shelf: ShelfRow = reaching(store::SHELF, &reach)
        .bind(&slug)
        .within()
        .one(site.db.read())
        .await?;
    let of = store::shelf_for(&site, &slug).await?;
    Importing::of(&site, &actor, &of).await?;
    Ok(ImportPlace {
        name: shelf.name,
        back: format!("/library/shelves/{slug}"),
        unit: None,
        set: BTreeMap::from([("shelf".to_owned(), slug)]),
    })
}

/// By whose right, and for whom.
pub(super) async fn by(site: &Site, wish: &ImportWish) -> Result<(Importing, Audience)> {
    let Some(actor) = &wish.by else {
        let operator = Importing::by(Operator::at("import books"));
        return Ok((operator, Audience::Members));
    };
    let of = store::shelf_for(site, wish.get("shelf")).await?;
    Ok((Importing::of(site, actor, &of).await?, of.audience))
}

async fn take(site: Site, wish: ImportWish, mut progress: Box<dyn Progress>) -> Result<Report> {
    let slug = wish.get("shelf");
    let (by, audience) = by(&site, &wish).await?;
    if !crate::shelf::is_slug(slug) {
        return Err(Error::from(
            Refusal::new("library-refused-slug").arg("slug", slug),
        ));
    }
    let options = Options {
        by,
        audience,
        shelf: slug.to_owned(),
        run: wish.run.clone(),
        shelf_name: wish.get("shelf_name").to_owned(),
        common: site::import::Options {
            dry_run: wish.dry_run,
            lang: wish.lang,
            ..site::import::Options::default()
        },
    };
    run(&site, &wish.path, &options, progress.as_mut()).await
}
