//! EPUB books: opened once, checked, cleaned, and handed on as plain data.
//!
//! `open` reads a file and returns a [`Book`]; `unpack` also writes its pictures and other
//! resources into a folder. `clean` makes foreign markup safe, `render` turns a cleaned
//! section into HTML for a page, `cover` draws a cover where the book has none, `build`
//! makes an EPUB from Markdown. Nothing here knows shelves, readers, routes or a database.
//! The surprising rule: cleaning never moves an element. What may not stay is replaced by
//! an empty stand-in at the same place, so an EPUB CFI means the same before and after.

mod archive;
mod book;
pub mod build;
pub mod clean;
pub mod cover;
mod dom;
mod html;
mod language;
mod letters;
mod limits;
mod names;
mod navigation;
mod open;
mod package;
mod refused;
pub mod render;
mod style;
mod text;
mod xml;

pub use book::{
    Accessibility, Book, Creator, Direction, Layout, PageEntry, Resource, ResourceId, Section,
    TocEntry, Warning,
};
pub use limits::Limits;
pub use open::{open, register, unpack};
pub use refused::Refused;
pub use render::{LinkMap, RenderOptions, render};
