//! Agenda templates: dated, editable data, one row a kind of meeting and type of cell.
//!
//! [`add_template`] is how an installation brings its own; the migration brings short ones, so that
//! a fresh installation can plan a meeting. Not here: the agenda of one meeting (`agenda`).

use crate::fact::Kind;
use crate::plan::{Row, store};
use kernel::Day;
use kernel::error::{Error, Result};
use kernel::said;
use serde::{Deserialize, Serialize};
use site::{Act, Operator, Site};

/// One line of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateItem {
    /// What is dealt with.
    pub title: String,
    /// Minutes planned.
    pub minutes: i64,
    /// Advice to whoever prepares; may be empty.
    #[serde(default)]
    pub note: String,
}

/// A template as it comes from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTemplate {
    /// Its code, such as `regular-residential`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What meeting it is for.
    pub kind: Kind,
    /// Types of cells it is for; none means all.
    pub cell_types: Vec<String>,
    /// The paper it rests on.
    pub basis: String,
    /// Whether a person has checked it against that paper.
    pub is_verified: bool,
    /// First day.
    pub from_on: Day,
    /// The lines, in order.
    pub items: Vec<TemplateItem>,
}

/// Adds a template, or brings the one of the same code, cell type and day up to date. Answers
/// whether anything changed: the same file again changes nothing.
///
/// # Errors
/// A fault when a line has no title; database faults.
pub async fn add_template(act: &mut Act<Operator>, new: &NewTemplate) -> Result<bool> {
    if new.items.is_empty() || new.items.iter().any(|item| item.title.trim().is_empty()) {
        return Err(Error::fault(said!(
            "template {}: a line without a title",
            new.code
        )));
    }
    let items = serde_json::to_string(&new.items).map_err(Error::fault)?;
    let all = [String::new()];
    let types = if new.cell_types.is_empty() {
        &all[..]
    } else {
        &new.cell_types[..]
    };
    let mut changed = false;
    for cell_type in types {
        let id = act.site().dice.uuid(act.now());
        changed |= store::put_template(
            act,
            &id,
            &new.code,
            &new.name,
            new.kind,
            cell_type,
            &items,
            &new.basis,
            new.is_verified,
            new.from_on,
        )
        .await?;
    }
    Ok(changed)
}

/// The template in force, ready for a form.
#[derive(Debug, Clone, Default)]
pub(crate) struct Template {
    pub code: String,
    pub name: String,
    pub basis: String,
    pub is_verified: bool,
    pub rows: Vec<Row>,
}

/// The template for that kind of meeting and type of cell; empty when there is none.
pub(crate) async fn find(site: &Site, kind: Kind, cell_type: &str) -> Result<Template> {
    let Some(row) = store::find_template(&site.db, kind, cell_type, site.clock.today()).await?
    else {
        return Ok(Template {
            rows: vec![Row::default()],
            ..Template::default()
        });
    };
    let items: Vec<TemplateItem> = serde_json::from_str(&row.items_json).map_err(Error::fault)?;
    let rows = items
        .into_iter()
        .map(|item| Row {
            title: item.title,
            minutes: item.minutes.to_string(),
            ..Row::default()
        })
        .collect();
    Ok(Template {
        code: row.code,
        name: row.name,
        basis: row.basis,
        is_verified: row.verified == 1,
        rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use site::May as _;

    fn own(minutes: i64) -> NewTemplate {
        NewTemplate {
            code: "regular-own".into(),
            name: "Của chi bộ".into(),
            kind: Kind::Regular,
            cell_types: vec!["student".into(), "agency".into()],
            basis: String::new(),
            is_verified: false,
            from_on: "2026-01-01".parse().unwrap(),
            items: vec![TemplateItem {
                title: "Khai mạc".into(),
                minutes,
                note: String::new(),
            }],
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_own_template_goes_before_the_one_that_came_with_the_program() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let fresh = find(&app.site, Kind::Regular, "student").await.unwrap();
                assert_eq!(fresh.rows.len(), 6, "a fresh installation has one");
                let mut act = Operator::at("demo")
                    .begin(&app.site, "demo", "template.put")
                    .await
                    .unwrap();
                assert!(add_template(&mut act, &own(7)).await.unwrap());
                assert!(
                    !add_template(&mut act, &own(7)).await.unwrap(),
                    "again is nothing new"
                );
                assert!(add_template(&mut act, &own(8)).await.unwrap());
                act.end().await.unwrap();
                let now = find(&app.site, Kind::Regular, "student").await.unwrap();
                assert_eq!((now.rows.len(), now.rows[0].minutes.as_str()), (1, "8"));
                assert_eq!(
                    find(&app.site, Kind::Regular, "residential")
                        .await
                        .unwrap()
                        .rows
                        .len(),
                    6
                );
                assert_eq!(
                    find(&app.site, Kind::Theme, "residential")
                        .await
                        .unwrap()
                        .rows
                        .len(),
                    5
                );
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn every_type_of_cell_has_a_regular_template_from_the_start() {
        testkit::on_sqlite(
            || vec![crate::room()],
            async |app| {
                for of in [
                    "",
                    "residential",
                    "agency",
                    "state_enterprise",
                    "private_enterprise",
                    "student",
                    "armed_forces",
                ] {
                    let found = find(&app.site, Kind::Regular, of).await.unwrap();
                    let total: i64 = found.rows.iter().map(Row::length).sum();
                    assert!(total >= 90 && !found.is_verified, "{of}: {total} minutes");
                }
            },
        )
        .await;
    }
}
