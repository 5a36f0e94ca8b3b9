//! A whole handbook for a test: both databases, a clock that is moved by hand, seeded dice, a small
//! unit tree and characters who act in their own verbs.
//!
//! Imports no room: a test hands in `room()`, so testing one room builds no other.
//! `on_both(|| vec![room()], async |app| { … }).await` runs the same story on SQLite and PostgreSQL.
//! The rule that surprises: without `SOTAY_TEST_POSTGRES` a test fails; nothing is skipped in silence.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test kit may panic: that is its answer

mod base;
mod browser;
mod characters;
mod flaws;
mod order;
mod verbs;

pub use base::{BEFORE, TestApp, clean_up, on_both, on_both_at, on_sqlite};
pub use browser::{Browser, Reply};
pub use characters::{
    ALL, BINH, Character, HOA, LAN, MINH, THU, TUAN, UNIT_BLOC, UNIT_CELL_A, UNIT_CELL_B,
    UNIT_CELL_E, UNIT_COMMITTEE, UNIT_OTHER, path_of,
};
