//! The symbol of a document (số ký hiệu): number, sign of its kind, issuer.
//!
//! Printing and comparing; reading is in `find`. Surprising rules: the organisation writes `05-NQ/ĐU` and
//! the state `439/QĐ-TTg`, and a year segment always means the state; two symbols are compared by
//! [`Symbol::key`], because people type them in many ways.

use crate::kind::Kind;
use serde::{Deserialize, Serialize};

/// Whose rules a symbol follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum System {
    /// The organisation's own documents.
    Organisation,
    /// State law and administration.
    State,
}

/// A document symbol in its canonical parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    /// The running number; 0 where the paper leaves it blank.
    pub number: u32,
    /// Only in state symbols (`91/2025/QH15`).
    pub year: Option<u16>,
    /// The sign of the kind as printed, `NQ`; empty where there is none (`91/2025/QH15`).
    pub sign: String,
    /// The kind where it is certain; none for `QĐ` without a word beside it.
    pub kind: Option<Kind>,
    /// The issuer as printed: `ĐU`, `TW`, `QH15`, `UBND`.
    pub issuer: String,
    /// Organisation or state.
    pub system: System,
}

impl Symbol {
    /// As it should be printed: `05-NQ/ĐU`, `91/2025/QH15`, `439/QĐ-TTg`. A blank number stays blank.
    pub fn canonical(&self) -> String {
        let number = match self.number {
            0 => String::new(),
            n => format!("{n:02}"),
        };
        let dash = if self.sign.is_empty() || self.issuer.is_empty() {
            ""
        } else {
            "-"
        };
        match (self.system, self.year) {
            (System::Organisation, _) => format!("{number}-{}/{}", self.sign, self.issuer),
            (System::State, Some(year)) => {
                format!("{number}/{year}/{}{dash}{}", self.sign, self.issuer)
            }
            (System::State, None) => format!("{number}/{}{dash}{}", self.sign, self.issuer),
        }
    }

    /// For comparing: equal for every way of typing one symbol (`29/QĐ-TW`, `29-QĐ/TW`, `29-qd/tw`).
    /// The former sign `QĐi` counts as `QĐ`. ASCII, stable, may be stored.
    pub fn key(&self) -> String {
        let sign = match vietnamese::fold(&self.sign) {
            old if old == "qdi" => "qd".to_owned(),
            sign => sign,
        };
        let year = self.year.map(|y| format!("{y}-")).unwrap_or_default();
        format!(
            "{}-{year}{sign}-{}",
            self.number,
            vietnamese::fold(&self.issuer)
        )
    }

    /// Every kind the sign may mean; one where [`Symbol::kind`] is certain.
    pub fn kinds(&self) -> Vec<Kind> {
        match self.kind {
            Some(kind) => vec![kind],
            None => Kind::by_sign(&self.sign, self.system),
        }
    }
}

impl std::fmt::Display for Symbol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.canonical())
    }
}
