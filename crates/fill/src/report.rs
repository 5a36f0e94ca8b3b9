//! What a template asks for, and what a filling did.
//!
//! A page shows both: fields before filling, the report after. Not here: reasons to refuse
//! (`trouble`). Surprise: one field may stand in many places; a text box is stored twice by Word,
//! so its fields have two.

use std::collections::BTreeMap;

use crate::name::Name;

/// A part of the paper, as a person would call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Area {
    /// The text itself.
    Body,
    /// The head of the pages.
    Header,
    /// The foot of the pages.
    Footer,
    /// Notes at the foot of a page or at the end.
    Notes,
    /// A sheet, by its name.
    Sheet(String),
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The part inside the file, such as `word/header1.xml`.
    pub part: String,
    /// What a person calls that part.
    pub area: Area,
    /// The cell of a spreadsheet, such as `B7`.
    pub cell: Option<String>,
    /// The paragraph of a document, counted from 1 within the part.
    pub paragraph: Option<usize>,
    /// It stands in a row that a list can repeat; always so in a spreadsheet.
    pub is_in_row: bool,
    /// The text around it, at most 80 characters.
    pub near: String,
}

/// How an office may write a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// `{{họ tên}}` in the text.
    Braces,
    /// A content control with a tag or a title.
    Control,
    /// A mail-merge field.
    MergeField,
}

/// A field with all its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name, as first written.
    pub name: Name,
    /// How it was first written.
    pub written: Written,
    /// Where it stands.
    pub places: Vec<Place>,
}

/// Something that a person should look at, though the filling went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oddity {
    /// `{{` without `}}` in the same paragraph or cell.
    Unclosed(Place),
    /// Between the braces stands no name, such as `{{#if x}}`.
    NotAName(String, Place),
    /// A field of a list outside a table row: left as it stands.
    OutsideARow(Name, Place),
    /// A merge field inside another field, or over several paragraphs: left as it stands.
    MergeFieldTangled(String, Place),
    /// A content control without any place for text: left as it stands.
    NoPlaceInControl(String, Place),
    /// Braces inside a formula: left, because data never becomes a formula.
    InFormula(Place),
    /// The list is empty, but its row stays, emptied: the table has no other, or a formula needs it.
    RowKept(String),
}

impl Oddity {
    /// The same, at another place: a shared string stands in many cells.
    pub(crate) fn moved_to(&self, place: Place) -> Oddity {
        match self {
            Oddity::NotAName(text, _) => Oddity::NotAName(text.clone(), place),
            _ => Oddity::Unclosed(place),
        }
    }
}

/// What one filling did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Fields that got a value.
    pub filled: Vec<Field>,
    /// Fields of the template that the data does not know.
    pub unknown: Vec<Field>,
    /// Names of the data that no field asks for; `list.field` for items.
    pub missing: Vec<String>,
    /// What a person should look at.
    pub odd: Vec<Oddity>,
}

/// Fields as they are found, each name once.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    fields: Vec<Field>,
    numbers: BTreeMap<String, usize>,
}

impl Notes {
    pub(crate) fn add(&mut self, name: &Name, written: Written, place: Place) {
        let number = *self
            .numbers
            .entry(name.full_key())
            .or_insert(self.fields.len());
        match self.fields.get_mut(number) {
            Some(field) => field.places.push(place),
            None => self.fields.push(Field {
                name: name.clone(),
                written,
                places: vec![place],
            }),
        }
    }

    pub(crate) fn into_fields(self) -> Vec<Field> {
        self.fields
    }
}

/// The text around `at` (a byte offset), at most 80 characters, line breaks as spaces.
pub(crate) fn near(line: &str, at: usize) -> String {
    let before: Vec<char> = line
        .get(..at)
        .unwrap_or("")
        .chars()
        .rev()
        .take(30)
        .collect();
    before
        .into_iter()
        .rev()
        .chain(line.get(at..).unwrap_or("").chars().take(50))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}
