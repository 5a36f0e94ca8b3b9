//! Why a paper or a table could not be made.
//!
//! Each variant is one cause that the caller can name. Surprising rule: towards the rooms all of them are
//! faults, since a room checks what people typed before it prints.

use crate::Capacity;

/// Why a paper or a table could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A figure of the layout lies outside what a page can be.
    #[error("the layout's {figure} is {value}, which is not between {least} and {most}")]
    Layout {
        /// Name of the field in [`crate::Layout`].
        figure: &'static str,
        /// What it held.
        value: f64,
        /// The least that is accepted.
        least: f64,
        /// The most that is accepted.
        most: f64,
    },
    /// The layout has no word for signing in this capacity.
    #[error("the layout “{layout}” has no word for signing as {capacity:?}")]
    NoSignWord {
        /// Whose rules the layout follows.
        layout: String,
        /// The capacity asked for.
        capacity: Capacity,
    },
    /// The paper carries a secrecy mark; such papers are not made here (domain reference 6.4).
    #[error("a paper with a secrecy mark is not made here")]
    Secret,
    /// More than is printed in one go.
    #[error("{what} holds {count}, the most is {most}")]
    TooMuch {
        /// What is too much: `text`, `subject`, `rows`, a cell.
        what: &'static str,
        /// How much there is: bytes of text, rows, or characters of a cell.
        count: usize,
        /// How much is accepted.
        most: usize,
    },
    /// A table without columns, or a row that is not as wide as its table.
    #[error("row {row} has {cells} cells, the table has {columns} columns")]
    Row {
        /// Counted from 0.
        row: usize,
        /// Cells in the row.
        cells: usize,
        /// Columns of the table.
        columns: usize,
    },
    /// A cell whose kind is not that of its column.
    #[error("row {row}, column {column} does not hold what the column says")]
    Cell {
        /// Counted from 0, the head left out.
        row: usize,
        /// Counted from 0.
        column: usize,
    },
    /// The typesetter stopped: a mistake in our template.
    #[error("typesetting: {0}")]
    Typeset(String),
    /// The result would break the standards of [`crate::STANDARDS`].
    #[error("writing the PDF: {0}")]
    Pdf(String),
    /// The writer of tables stopped.
    #[error("writing the table: {0}")]
    Xlsx(String),
}

impl From<Error> for kernel::Error {
    fn from(error: Error) -> Self {
        kernel::Error::Fault(kernel::Fault::new(error))
    }
}
