//! The import as the command line and the upload page know it.

use super::{Options, run};
use crate::access::{self, Writing};
use kernel::error::{Error, Refusal, Result};
use kernel::{Audience, Cap};
use site::import::{Progress, Report};
use site::room::importer::{ImportFieldKind, ImportPlace};
use site::room::{ImportColumn, ImportField, ImportWish, Importer};
use site::{Operator, Site};
use std::collections::BTreeMap;
use std::sync::Arc;
use web::SignedIn;

/// Documents from files, JSON Lines and registers.
pub(crate) const IMPORTER: Importer = Importer {
    name: "documents",
    help: "Documents: PDF, DOCX, HTML, Markdown, text, JSON Lines, CSV registers.",
    text: "documents-import-heading",
    accept: ".pdf,.docx,.html,.htm,.md,.txt,.jsonl,.csv,.tsv,.xlsx,.ods",
    hint: "documents-import-hint",
    table: Some(table),
    example: None,
    warns: "documents-import-warns",
    is_many: true,
    needs: &[Cap::ContentPublish],
    fields: &[
        ImportField {
            name: "audience",
            help: "Who may see them; unit: those of the unit that --unit names, and of the units below.",
            text: "documents-import-audience",
            kind: ImportFieldKind::OneOf(&[
                ("members", "documents-import-audience-members"),
                ("public", "documents-import-audience-public"),
                ("unit", "documents-import-audience-unit"),
            ]),
        },
        ImportField {
            name: "unit",
            help: "The unit whose documents they are: code or name.",
            text: "",
            kind: ImportFieldKind::Text { required: false },
        },
        ImportField {
            name: "mapping",
            help: "A mapping of columns to fields (TOML).",
            text: "",
            kind: ImportFieldKind::File,
        },
    ],
    at: "/documents/import",
    may: |site, who, _| Box::pin(may(site, who)),
    run: |site, wish, progress| Box::pin(take(site, wish, progress)),
    undo: Some(|site, wish, made| Box::pin(super::undo::undo(site, wish, made))),
    decides: None,
};

/// The columns of a register.
fn table() -> Vec<ImportColumn> {
    let held = |name: &str| {
        super::sample::REGISTER
            .iter()
            .find(|(field, _)| *field == name)
    };
    let columns = super::register::FIELDS.iter().map(|field| ImportColumn {
        words: field.words,
        is_required: field.is_required,
        sample: held(field.name).map(|(_, both)| *both),
    });
    columns.collect()
}

/// What is taken from files is published at once, so it needs that right; the first unit on which the
/// member holds it is the one.
async fn may(site: Site, who: Arc<SignedIn>) -> Result<ImportPlace> {
    let today = site.clock.today();
    let units = access::units_with(&site, &who, Cap::ContentPublish).await?;
    let unit = units
        .into_iter()
        .find(|unit| unit.is_living(today))
        .ok_or(Error::NotFound)?;
    Ok(ImportPlace {
        name: unit.name.clone(),
        back: "/documents".into(),
        unit: Some(unit.reference()),
        set: BTreeMap::from([("unit".to_owned(), unit.id.to_string())]),
    })
}

/// By whose right.
pub(super) async fn by(site: &Site, wish: &ImportWish) -> Result<Writing> {
    let Some(actor) = &wish.by else {
        return Ok(Writing::by(Operator::at("import documents")));
    };
    let unit: kernel::UnitId = wish.get("unit").parse().map_err(|_| Error::NotFound)?;
    let unit = people::unit::get_ref(site, &unit).await?;
    Writing::of(actor, Cap::ContentPublish, &unit, site.clock.today())
}

/// The living unit of that code or name.
async fn named(site: &Site, text: &str) -> Result<kernel::UnitId> {
    let units = people::known::living_units(site, site.clock.today()).await?;
    match people::known::called(&units, text).as_slice() {
        [one] => Ok(one.id.clone()),
        _ => Err(Refusal::new("documents-refused-unit-unknown")
            .arg("unit", text)
            .into()),
    }
}

async fn take(site: Site, wish: ImportWish, mut progress: Box<dyn Progress>) -> Result<Report> {
    let unit: Option<kernel::UnitId> = match wish.get("unit") {
        "" => None,
        // The operator writes a code or a name; the page its own id.
        text if wish.by.is_none() => Some(named(&site, text).await?),
        id => Some(id.parse().map_err(|_| Error::NotFound)?),
    };
    let audience = match (wish.get("audience"), &unit) {
        ("unit", None) => return Err(Refusal::new("documents-refused-unit-missing").into()),
        ("", _) => Audience::Members,
        ("unit", Some(unit)) => Audience::Unit(unit.clone()),
        (told, _) => access::audience(told)
            .ok_or_else(|| Refusal::new("documents-refused-audience").arg("audience", told))?,
    };
    let by = by(&site, &wish).await?;
    let mapping = wish.get("mapping");
    let options = Options {
        by,
        actor: wish.by.clone(),
        audience,
        unit,
        run: wish.run.clone(),
        common: site::import::Options {
            dry_run: wish.dry_run,
            lang: wish.lang,
            mapping: (!mapping.is_empty()).then(|| mapping.into()),
            ..site::import::Options::default()
        },
    };
    run(&site, &wish.path, &options, progress.as_mut()).await
}
