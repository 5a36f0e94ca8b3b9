//! A room's part of the made-up organisation that `sotay demo` shows.
//!
//! Made in the order of [`Demo::order`], each step repeatable: a demo that was stopped is finished at
//! the next start. Content is written by us and lies in `demo/`; `app` carries it and hands it in.

use crate::{Later, Site};
use kernel::error::{Error, Result};
use kernel::said;
use std::sync::Arc;

/// A room's step of the demo.
#[derive(Clone, Copy)]
pub struct Demo {
    /// When: people 10, accounts 20, rules 30, documents 40, books 50, meetings 60, news 70, later rooms after.
    pub order: i64,
    /// Makes it; what is there already stays.
    pub make: fn(Site, Arc<Stage>) -> Later<'static, Result<()>>,
}

/// How large the demo is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// 3 committees, 12 cells, about 240 members.
    Small,
    /// 61 committees, 5,800 cells, 77,000 members, 200 titles.
    Bloc,
}

/// What every step of the demo may use.
pub struct Stage {
    /// How large.
    pub scale: Scale,
    /// The content of `demo/`: a file's bytes by its path, such as `documents/12-qd-du.md`.
    pub read: fn(&str) -> Option<Vec<u8>>,
    /// Paths of the content below a folder, in order.
    pub below: fn(&str) -> Vec<String>,
}

impl Stage {
    /// A text of the content.
    ///
    /// # Errors
    /// A fault when there is none of that name, or it is not UTF-8.
    pub fn text(&self, path: &str) -> Result<String> {
        let bytes =
            (self.read)(path).ok_or_else(|| Error::fault(said!("the demo has no {}", path)))?;
        String::from_utf8(bytes).map_err(Error::fault)
    }
}
