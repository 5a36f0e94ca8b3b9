//! Where a unit stands in the tree: `/root/committee/cell/`, made of unit ids.
//!
//! `parent_id` in the database is the truth, the path is derived from it. A subtree is a range of
//! bytes, never `like`: its case rule and its use of indexes differ between databases.

use crate::UnitId;
use serde::{Deserialize, Serialize};

/// Path of a unit: ids between slashes, the unit's own id last. Compared bytewise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitPath(String);

/// Why a text is not a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a unit path")]
pub struct NotAPath;

/// Units may nest this deep (governance reference, section 2).
pub const MAX_DEPTH: usize = 16;

impl UnitPath {
    /// The path of a root unit.
    pub fn root(id: &UnitId) -> Self {
        Self(format!("/{id}/"))
    }
    /// The path of a unit below this one.
    pub fn child(&self, id: &UnitId) -> Self {
        Self(format!("{}{id}/", self.0))
    }
    /// The text, as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Bounds of the subtree: `path >= low and path < high`.
    pub fn range(&self) -> (String, String) {
        let mut high = self.0.clone();
        high.pop();
        high.push('0');
        (self.0.clone(), high)
    }
    /// Whether `self` lies in the subtree of `top` (a unit lies in its own).
    pub fn is_within(&self, top: &UnitPath) -> bool {
        self.0.starts_with(&top.0)
    }
    /// Ids from the root down to the unit itself.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }
    /// How many units deep, the root being 1.
    pub fn depth(&self) -> usize {
        self.ids().count()
    }
    /// Paths from the root down to the unit itself.
    pub fn ancestry(&self) -> Vec<UnitPath> {
        let mut out = Vec::new();
        let mut at = String::from("/");
        for id in self.ids() {
            at.push_str(id);
            at.push('/');
            out.push(UnitPath(at.clone()));
        }
        out
    }
}

impl TryFrom<String> for UnitPath {
    type Error = NotAPath;
    fn try_from(text: String) -> Result<Self, NotAPath> {
        let inner = text
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'))
            .ok_or(NotAPath)?;
        let good = inner.split('/').all(crate::id::is_id);
        if good && inner.split('/').count() <= MAX_DEPTH {
            Ok(Self(text))
        } else {
            Err(NotAPath)
        }
    }
}
impl std::fmt::Display for UnitPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a permission question needs to know of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitRef {
    /// The unit.
    pub id: UnitId,
    /// Where it stands today.
    pub path: UnitPath,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> UnitPath {
        UnitPath::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_subtree_is_a_range_of_bytes() {
        let top = path("/a/b/");
        let (low, high) = top.range();
        for inside in ["/a/b/", "/a/b/c/", "/a/b/Z_-9/x/"] {
            assert!(inside >= low.as_str() && inside < high.as_str(), "{inside}");
            assert!(path(inside).is_within(&top));
        }
        for outside in ["/a/", "/a/bb/", "/a/b-/", "/a/c/", "/b/"] {
            assert!(
                outside < low.as_str() || outside >= high.as_str(),
                "{outside}"
            );
            assert!(!path(outside).is_within(&top));
        }
    }
    #[test]
    fn ancestry_runs_from_the_root() {
        let names: Vec<_> = path("/a/b/c/")
            .ancestry()
            .iter()
            .map(|p| p.to_string())
            .collect();
        assert_eq!(names, ["/a/", "/a/b/", "/a/b/c/"]);
    }
    #[test]
    fn a_path_is_made_of_ids() {
        for bad in ["", "/", "a/", "/a", "//", "/a//b/", "/a/../b/"] {
            assert!(UnitPath::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
