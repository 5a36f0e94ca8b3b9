//! Papers and tables that leave the house: official papers and rolls as PDF, tables as XLSX.
//!
//! It sets what it is handed: it reads no database, asks no clock, opens no file and knows no right. What a
//! paper says is the business of the room; how it looks is a [`Layout`], which is data. Neighbours: `intake`
//! reads such files, `citation` knows symbols. Surprising rules: text from people is never markup; equal input
//! and equal moment give equal bytes; a letter without a glyph prints as an empty box and is named in
//! [`Pdf::unprintable`]; nothing is counted here, numbers of articles and items come with the text.

mod error;
mod fonts;
mod layout;
mod official;
mod press;
mod roll;
mod sheet;
mod text;

pub use error::Error;
pub use layout::{Basis, DayLine, Layout, SignWords, UNCONFIRMED};
pub use official::{
    Block, Capacity, Dated, Issuer, Level, Official, Signature, Table, TableColumn, Title, official,
};
pub use press::{Pdf, STANDARDS};
pub use roll::{Roll, roll};
pub use sheet::{Cell, Column, ColumnKind, Sheet, Xlsx, sheet};
pub use text::{Rich, Run};

/// The result of printing.
pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests;
