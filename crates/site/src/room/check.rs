//! What `sotay check` asks a room: is all that you keep as it should be?

use crate::{Later, Site, store};
use kernel::error::Result;
use kernel::fact::Fact;
use kernel::{Said, said};

/// A question of `sotay check`.
#[derive(Clone, Copy)]
pub struct Check {
    /// What is looked at, for the operator: `units and members`; translated like every [`Said`].
    pub name: &'static str,
    /// What is wrong; nothing when all is well.
    pub run: fn(Site) -> Later<'static, Result<Vec<Finding>>>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What, naming the row; never personal data beyond an id.
    pub what: Said,
    /// How to repair it.
    pub repair: Said,
}

/// A column that holds the words of a fact.
#[derive(Debug, Clone)]
pub struct FactColumn {
    table: &'static str,
    key: &'static str,
    column: &'static str,
    words: Vec<&'static str>,
}

impl FactColumn {
    /// A column of `table`; `key` names its rows and may be put together (`meeting_id || '/' || member_id`).
    pub fn of<F: Fact>(table: &'static str, key: &'static str, column: &'static str) -> Self {
        FactColumn {
            table,
            key,
            column,
            words: F::EVERY.iter().map(|fact| fact.word()).collect(),
        }
    }
}

/// Rows of one column that are named; more are not read by anybody.
const MOST_ODD: usize = 100;

/// Rows whose word nobody knows: pages show them as unread, here they are named.
///
/// # Errors
/// Database faults.
pub async fn odd_words(site: &Site, columns: &[FactColumn]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for column in columns {
        let FactColumn {
            table,
            key,
            column: name,
            words,
        } = column;
        let stmt = store::odd(table, key, name, words, MOST_ODD);
        let rows: Vec<(String, String)> = stmt.all(site.db.read()).await?;
        findings.extend(rows.into_iter().map(|(id, word)| Finding {
            what: said!(
                "a word that this program does not know: {} {}: {} \"{}\"",
                column.table,
                id,
                column.column,
                word
            ),
            repair: said!("set it to one of: {}", column.words.join(", ")),
        }));
    }
    Ok(findings)
}
