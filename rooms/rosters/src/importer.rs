//! The two lists as the command line and the upload page see them: `roster` and `units`.
//!
//! Not here: the run itself (`roster`, `units`), the pages of uploads. Who may is asked before a file
//! is taken, and again for each row by the run (`by`).
//! The rule that surprises: on a unit's page the unit is set by the page, so a form cannot widen it.

use crate::{RosterOptions, UnitsOptions, rows, sample, units};
use kernel::error::{Error, Result};
use kernel::{Cap, UnitId};
use site::Site;
use site::import::{Options, Progress, Report};
use site::room::importer::{ImportFieldKind, ImportPlace};
use site::room::{ImportColumn, ImportField, ImportWish, Importer};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use web::SignedIn;

const ACCEPT: &str = ".xlsx,.xls,.ods,.csv";
const MAPPING: ImportField = ImportField {
    name: "mapping",
    help: "A mapping of columns to fields (TOML).",
    text: "",
    kind: ImportFieldKind::File,
};
const SKIP_BAD: ImportField = ImportField {
    name: "skip_bad",
    help: "Take the good rows although others cannot be read.",
    text: "",
    kind: ImportFieldKind::Tick,
};
const ACCEPT_CHANGES: ImportField = ImportField {
    name: "accept_changes",
    help: "Let the file change fields that already have another value.",
    text: "",
    kind: ImportFieldKind::Tick,
};

/// The columns with what stands in the sample.
fn table(
    fields: &[intake::columns::Field],
    sample: &[(&str, [&'static str; 2])],
) -> Vec<ImportColumn> {
    let held = |name: &str| sample.iter().find(|(field, _)| *field == name);
    let column = |field: &intake::columns::Field| ImportColumn {
        words: field.words,
        is_required: field.is_required,
        sample: held(field.name).map(|(_, both)| *both),
    };
    fields.iter().map(column).collect()
}

pub(crate) const ROSTER: Importer = Importer {
    name: "roster",
    help: "Members from a spreadsheet.",
    text: "rosters-heading-roster",
    accept: ACCEPT,
    hint: "rosters-hint-roster",
    table: Some(|| table(rows::FIELDS, sample::MEMBERS)),
    example: None,
    warns: "",
    is_many: false,
    needs: &[Cap::ImportPrepare],
    fields: &[
        ImportField {
            name: "unit",
            help: "The unit of all rows: code or name. Otherwise a column names it.",
            text: "",
            kind: ImportFieldKind::Text { required: false },
        },
        SKIP_BAD,
        ACCEPT_CHANGES,
        MAPPING,
    ],
    at: "/units/{id}/import",
    may: |site, who, id| Box::pin(may_roster(site, who, id)),
    run: |site, wish, progress| Box::pin(take_roster(site, wish, progress)),
    undo: Some(|site, wish, made| Box::pin(crate::undo::people(site, wish, made))),
    decides: Some(Cap::MemberApprove),
};

pub(crate) const UNITS: Importer = Importer {
    name: "units",
    help: "Units from a spreadsheet.",
    text: "rosters-heading-units",
    accept: ACCEPT,
    hint: "rosters-hint-units",
    table: Some(|| table(units::FIELDS, sample::BODIES)),
    example: None,
    warns: "",
    is_many: false,
    needs: &[Cap::ImportPrepare],
    fields: &[
        ImportField {
            name: "under",
            help: "The unit above those that name none: code or name.",
            text: "rosters-option-under",
            kind: ImportFieldKind::Text { required: false },
        },
        SKIP_BAD,
        ACCEPT_CHANGES,
        MAPPING,
    ],
    at: "/units/import",
    may: |site, who, _| Box::pin(may_units(site, who)),
    run: |site, wish, progress| Box::pin(take_units(site, wish, progress)),
    undo: Some(|site, wish, made| Box::pin(crate::undo::units(site, wish, made))),
    decides: None,
};

async fn may_roster(site: Site, who: Arc<SignedIn>, id: String) -> Result<ImportPlace> {
    let id = UnitId::try_from(id).map_err(|_| Error::NotFound)?;
    let unit = people::unit::get(&site, &id).await?;
    let today = site.clock.today();
    let target = unit.reference();
    if !unit.is_living(today) || !who.actor.allow(Cap::ImportPrepare, &target, today) {
        return Err(Error::NotFound);
    }
    Ok(ImportPlace {
        name: unit.name,
        back: format!("/units/{id}"),
        unit: Some(target),
        set: BTreeMap::from([("unit".to_owned(), id.to_string())]),
    })
}

async fn may_units(site: Site, who: Arc<SignedIn>) -> Result<ImportPlace> {
    site::Right::somewhere(&who.actor, Cap::ImportPrepare, site.clock.today())?;
    Ok(ImportPlace {
        name: String::new(),
        back: "/units".to_owned(),
        unit: None,
        set: BTreeMap::new(),
    })
}

fn common(wish: &ImportWish) -> Options {
    Options {
        lang: wish.lang,
        dry_run: wish.dry_run,
        skip_bad: wish.is_set("skip_bad"),
        mapping: given(wish, "mapping").map(PathBuf::from),
    }
}

fn given(wish: &ImportWish, field: &str) -> Option<String> {
    let text = wish.get(field);
    (!text.is_empty()).then(|| text.to_owned())
}

async fn take_roster(
    site: Site,
    wish: ImportWish,
    mut progress: Box<dyn Progress>,
) -> Result<Report> {
    let options = RosterOptions {
        unit: given(&wish, "unit"),
        accept_changes: wish.is_set("accept_changes"),
        by: wish.by.clone(),
        decided: wish.decided.clone(),
        run: wish.run.clone(),
        common: common(&wish),
    };
    crate::roster(&site, &wish.path, &options, &mut *progress).await
}

async fn take_units(
    site: Site,
    wish: ImportWish,
    mut progress: Box<dyn Progress>,
) -> Result<Report> {
    let options = UnitsOptions {
        under: given(&wish, "under"),
        accept_changes: wish.is_set("accept_changes"),
        by: wish.by.clone(),
        decided: wish.decided.clone(),
        run: wish.run.clone(),
        common: common(&wish),
    };
    crate::units(&site, &wish.path, &options, &mut *progress).await
}
