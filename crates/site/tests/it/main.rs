//! The log of the handbook, as stories on both databases.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod chain;
