//! Rule sets from a file, and the table of holidays from one or from a spreadsheet, as the command line and the upload page see them.
//!
//! Not here: what a set is (`rules::seed`), confirming rows (`pages::standing`).
//! The rule that surprises: every row comes in unverified, whoever confirmed it elsewhere; and what an
//! office has corrected since stays, so loading twice adds nothing. Rows are history and are not taken back.

use crate::{access, holidays};
use kernel::Cap;
use kernel::error::Result;
use rules::Trouble;
use rules::seed::{self, Set, Why};
use site::import::{Entry, Outcome, Progress, Report, Words};
use site::room::importer::ImportPlace;
use site::room::importer::{ImportField, ImportFieldKind};
use site::room::{FieldChange, ImportColumn, ImportWish, Importer};
use site::{May as _, Operator, Proof as _, Right, Site};
use std::path::Path;
use std::sync::Arc;
use web::SignedIn;

/// The option that leaves out what cannot be read.
const SKIP_BAD: &str = "skip_bad";

/// Rules and holidays.
pub(crate) const RULES: Importer = Importer {
    name: "rules",
    help: "A set of rules and holidays (TOML), or a table of holidays (CSV, XLSX, ODS).",
    text: "admin-rules-import",
    accept: ".toml,.csv,.xlsx,.ods",
    hint: "admin-rules-hint",
    table: Some(table),
    example: None,
    warns: "",
    is_many: false,
    needs: &[Cap::SystemConfigure, Cap::RestructureApprove],
    fields: &[ImportField {
        name: SKIP_BAD,
        help: "Take the good rows although others cannot be read.",
        text: "",
        kind: ImportFieldKind::Tick,
    }],
    at: "/admin/rules/import",
    may: |site, who, _| Box::pin(may(site, who)),
    run: |site, wish, progress| Box::pin(take(site, wish, progress)),
    undo: None,
    decides: None,
};

/// The columns of a table of holidays.
fn table() -> Vec<ImportColumn> {
    let held = |name: &str| {
        crate::sample::HOLIDAYS
            .iter()
            .find(|(field, _)| *field == name)
    };
    let columns = crate::holidays::FIELDS.iter().map(|field| ImportColumn {
        words: field.words,
        is_required: field.is_required,
        sample: held(field.name).map(|(_, both)| *both),
    });
    columns.collect()
}

/// Who runs the machine, or who confirms the rules afterwards.
pub(crate) fn right(actor: &kernel::Actor, on: kernel::Day) -> Result<Right> {
    access::can_configure(actor, on)
        .or_else(|_| access::can_sign_off(actor, on).map(|may| may.right().clone()))
}

async fn may(site: Site, who: Arc<SignedIn>) -> Result<ImportPlace> {
    right(&who.actor, site.clock.today())?;
    Ok(ImportPlace {
        name: String::new(),
        back: "/admin/standing".to_owned(),
        unit: None,
        set: Default::default(),
    })
}

fn entry(source: String, outcome: Outcome, kind: &str, message: String) -> Entry {
    Entry {
        source,
        outcome,
        id: String::new(),
        kind: kind.to_owned(),
        message,
        warnings: Vec::new(),
        ms: 0,
        changes: Vec::new(),
        choices: Vec::new(),
        answer: "",
        way_out: String::new(),
    }
}

/// What a file brings; refused rows beside it.
struct Read {
    set: Set,
    refused: Vec<Entry>,
}

/// Reads a file of either kind, or says why it is none.
async fn read(
    site: &Site,
    words: &Words,
    path: &Path,
    file: &str,
) -> Result<std::result::Result<Read, Entry>> {
    let say = |key: &str| words.get(key);
    let refused = |source: String, kind: &str, message: String| {
        entry(source, Outcome::Refused, kind, message)
    };
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    if ending != "toml" {
        let table = match holidays::read(site, path).await? {
            Ok(table) => table,
            Err(key) => return Ok(Err(refused(file.to_owned(), "holiday", say(key)))),
        };
        let row = |(at, key, text): (usize, &str, String)| {
            let message = words.with(key, &[("text", text.as_str().into())]);
            refused(format!("{file}:{at}"), "holiday", message)
        };
        let rows = table.refused.into_iter().map(row).collect();
        return Ok(Ok(Read {
            set: table.set,
            refused: rows,
        }));
    }
    let text = match std::fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => text,
        _ => {
            return Ok(Err(refused(
                file.to_owned(),
                "rules",
                say("admin-rules-unread"),
            )));
        }
    };
    Ok(match seed::read(&text) {
        Ok(set) => Ok(Read {
            set,
            refused: Vec::new(),
        }),
        Err(why) => {
            // The row that is wrong is named as the file has it.
            let mut entry = refused(file.to_owned(), "rules", say("admin-rules-wrong"));
            let key = match why.why {
                Why::Unread(_) => "admin-rules-why-unread",
                Why::Measure => "admin-rules-why-measure",
                Why::Kind => "admin-rules-why-kind",
                Why::Id => "admin-rules-why-id",
                Why::Twice => "admin-rules-why-twice",
                Why::DayTwice => "admin-rules-why-day-twice",
                Why::Row(Trouble::Name) => "admin-rules-why-name",
                Why::Row(Trouble::Value) => "admin-rules-why-value",
                Why::Row(Trouble::Period) => "admin-rules-why-period",
                Why::Row(Trouble::Source) => "admin-rules-why-source",
                Why::Row(Trouble::Measure(_)) => "admin-rules-why-other-measure",
            };
            let told = words.with(key, &[("row", (&why.row).into())]);
            entry.warnings.push(told);
            Err(entry)
        }
    })
}

async fn take(site: Site, wish: ImportWish, mut progress: Box<dyn Progress>) -> Result<Report> {
    let mut report = Report::default();
    let file = wish.path.file_name().unwrap_or_default();
    let file = file.to_string_lossy().into_owned();
    let words = wish.words(&site);
    let say = |key: &str| words.get(key);
    let set = match read(&site, &words, &wish.path, &file).await? {
        Ok(read) => {
            report.entries = read.refused;
            read.set
        }
        Err(refusal) => {
            report.entries.push(refusal);
            if !wish.dry_run {
                hold_back(&mut report, say("admin-rules-held"));
            }
            return Ok(report);
        }
    };
    let is_held_back = !report.entries.is_empty() && !wish.is_set(SKIP_BAD);
    let by = match &wish.by {
        None => Operator::at("import rules").right().clone(),
        Some(actor) => right(actor, site.clock.today())?,
    };
    let mut act = by.begin(&site, &wish.operation, "rules.load").await?;
    let (who, at) = (act.by().to_owned(), act.now());
    let who = if who.is_empty() { "operator" } else { &who };
    let by = rules::By { who, at };
    progress.total((set.rules.len() + set.holidays.len()) as u64);
    let label = |key: &str, new: String| FieldChange {
        label: say(key),
        old: String::new(),
        new,
    };
    let mut parts: Vec<(Set, Entry)> = Vec::new();
    for (id, new) in &set.rules {
        let mut told = entry(id.clone(), Outcome::Added, "rule", String::new());
        let value = format!("{} {}", new.value, new.measure.name());
        told.changes = vec![
            label("admin-rules-name", format!("{} {}", new.name, new.variant)),
            label("admin-rules-value", value),
            label(
                "admin-rules-source",
                format!("{} {}", new.document, new.clause),
            ),
        ];
        let one = Set {
            name: set.name.clone(),
            rules: vec![(id.clone(), new.clone())],
            holidays: Vec::new(),
        };
        parts.push((one, told));
    }
    for day in &set.holidays {
        let mut told = entry(day.on.vn(), Outcome::Added, "holiday", String::new());
        told.changes = vec![label(
            "admin-rules-day",
            format!("{}, {}", day.on.vn(), day.name),
        )];
        let one = Set {
            name: set.name.clone(),
            rules: Vec::new(),
            holidays: vec![day.clone()],
        };
        parts.push((one, told));
    }
    for (one, mut told) in parts {
        if seed::load(&site.rules, act.tx(), &one, by).await?.added == 0 {
            told.outcome = Outcome::Same;
            told.changes.clear();
        }
        progress.step(&told);
        report.entries.push(told);
    }
    if wish.dry_run || is_held_back {
        if !wish.dry_run {
            report
                .entries
                .retain(|entry| entry.outcome == Outcome::Refused);
            hold_back(&mut report, say("admin-rules-held"));
        }
        act.leave().await?;
        return Ok(report);
    }
    let added = report.count(Outcome::Added);
    let diff = serde_json::json!({ "file": file, "set": set.name, "added": added });
    act.line().diff(&diff);
    act.end().await?;
    Ok(report)
}

/// Says beside the first row that nothing was written.
fn hold_back(report: &mut Report, note: String) {
    if let Some(first) = report.entries.first_mut() {
        first.warnings.push(note.clone());
    }
    report.notes.push(note);
}

#[cfg(test)]
mod tests {
    use super::RULES;
    use crate::kit::SON;
    use site::import::Quiet;
    use site::room::ImportWish;
    use std::sync::Arc;
    use testkit::{BINH, LAN, on_both};

    const SET: &str = "name = \"Của phường\"\nkey = \"p\"\n[[source]]\nfrom = \"2026-01-01\"\nnote = \"thử\"\nrules = [\n\
        { name = \"people.former_days\", measure = \"days\", value = \"120\" },\n]\n\
        [[holiday]]\non = \"2027-02-05\"\nkind = \"holiday\"\nname = \"Tết\"\n";

    #[tokio::test(flavor = "multi_thread")]
    async fn a_spreadsheet_of_holidays_is_read_row_by_row_and_what_is_unclear_is_named() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let path = app.folder.path().join("nghi-2027.csv");
                let take = async |text: &str, skip: bool| {
                    std::fs::write(&path, text).unwrap();
                    let skips = [("skip_bad".to_owned(), "yes".to_owned())];
                    let wish = ImportWish {
                        by: Some(Arc::new(BINH.actor())),
                        lang: web::Lang::Vi,
                        operation: "test".to_owned(),
                        path: path.clone(),
                        dry_run: false,
                        set: skips.into_iter().filter(|_| skip).collect(),
                        decided: Default::default(),
                        run: None,
                    };
                    let report = (RULES.run)(app.site.clone(), wish, Box::new(Quiet)).await.unwrap();
                    let is_told = report.notes.iter().any(|note| note.contains("Chưa ghi gì"));
                    assert_eq!(is_told, !report.is_clean() && !skip, "{:?}", report.notes);
                    report.entries.into_iter()
                        .map(|entry| format!("{} {}", entry.source, entry.outcome.name()))
                        .collect::<Vec<_>>()
                };
                let bad = "Ngày,Đến ngày,Loại,Dịp\n05/02/2027,07/02/2027,,Tết\n31/02/2027,,,Sai\n13/2/2027,,làm bù,Làm bù\n14/2/2027,,lạ,?\n";
                let told = take(bad, false).await;
                assert_eq!(told, ["nghi-2027.csv:3 refused", "nghi-2027.csv:5 refused"]);
                let kept = "select count(*) from rules_holiday where origin = 'nghi-2027.csv'";
                assert_eq!(app.count(kept).await, 0, "nothing while a row is unclear");
                let told = take(bad, true).await;
                assert_eq!(told.iter().filter(|told| told.ends_with("added")).count(), 4);
                assert_eq!(app.count(kept).await, 4);
                let worked = "select count(*) from rules_holiday where kind = 'swapped_work' and day_on = '2027-02-13'";
                assert_eq!(app.count(worked).await, 1);
                let again = take(bad, true).await;
                assert_eq!(again.iter().filter(|told| told.ends_with("same")).count(), 4);
                assert_eq!(app.count(kept).await, 4);
                let none = take("Họ và tên\nĐinh Văn Một\n", false).await;
                assert_eq!(none, ["nghi-2027.csv refused"]);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_set_is_looked_at_then_loaded_once_unverified() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let path = app.folder.path().join("set.toml");
                std::fs::write(&path, SET).unwrap();
                let take = async |dry_run: bool| {
                    let wish = ImportWish {
                        by: Some(Arc::new(BINH.actor())),
                        lang: web::Lang::Vi,
                        operation: "test".to_owned(),
                        path: path.clone(),
                        dry_run,
                        set: Default::default(),
                        decided: Default::default(),
                        run: None,
                    };
                    let report = (RULES.run)(app.site.clone(), wish, Box::new(Quiet)).await;
                    let entries = report.unwrap().entries.into_iter();
                    entries
                        .map(|entry| entry.outcome.name())
                        .collect::<Vec<_>>()
                };
                let kept = "select count(*) from rules_rule where origin = 'Của phường'";
                assert_eq!(take(true).await, ["added", "added"]);
                assert_eq!(app.count(kept).await, 0);
                assert_eq!(take(false).await, ["added", "added"]);
                assert_eq!(app.count(kept).await, 1);
                assert_eq!(take(false).await, ["same", "same"]);
                std::fs::write(&path, "name = 1").unwrap();
                assert_eq!(take(false).await, ["refused"]);
                for (lang, told) in [
                    (web::Lang::Vi, "p-people-former_days-2026-01-01: không có"),
                    (
                        web::Lang::En,
                        "p-people-former_days-2026-01-01: there is no",
                    ),
                ] {
                    std::fs::write(&path, SET.replace("\"days\"", "\"weeks\"")).unwrap();
                    let wish = ImportWish {
                        by: Some(Arc::new(BINH.actor())),
                        lang,
                        operation: "test".to_owned(),
                        path: path.clone(),
                        dry_run: true,
                        set: Default::default(),
                        decided: Default::default(),
                        run: None,
                    };
                    let report = (RULES.run)(app.site.clone(), wish, Box::new(Quiet)).await;
                    let report = report.unwrap();
                    let warnings = &report.entries[0].warnings;
                    assert!(warnings[0].starts_with(told), "{warnings:?}");
                }
                let may = |who: testkit::Character| {
                    (RULES.may)(
                        app.site.clone(),
                        Arc::new(app.signed_in(who)),
                        String::new(),
                    )
                };
                assert!(may(BINH).await.is_ok());
                assert!(super::right(&SON.actor(), app.today()).is_ok());
                assert!(may(LAN).await.is_err());
            },
        )
        .await;
    }
}
