//! Pages of a long list: which one, how many, and the addresses of its neighbours.

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// Which page, from 1.
    pub page: i64,
    /// Rows a page.
    pub size: i64,
    /// Rows in all.
    pub total: i64,
    base: String,
}

impl Paging {
    /// Page `page` (from 1; odd numbers are put right) of `total` rows. `base` is the address with
    /// its other parameters, such as `/documents?kind=decision`.
    pub fn new(page: i64, size: i64, total: i64, base: impl Into<String>) -> Self {
        let size = size.clamp(1, 500);
        let last = ((total + size - 1) / size).max(1);
        Self {
            page: page.clamp(1, last),
            size,
            total,
            base: base.into(),
        }
    }
    /// Rows to pass over.
    pub fn offset(&self) -> i64 {
        (self.page - 1) * self.size
    }
    /// Number of the last page.
    pub fn last(&self) -> i64 {
        ((self.total + self.size - 1) / self.size).max(1)
    }
    /// Number of the first row shown, from 1; 0 for an empty list.
    pub fn from(&self) -> i64 {
        if self.total == 0 {
            0
        } else {
            self.offset() + 1
        }
    }
    /// Number of the last row shown.
    pub fn to(&self) -> i64 {
        (self.offset() + self.size).min(self.total)
    }
    fn address(&self, page: i64) -> String {
        let joint = if self.base.contains('?') { '&' } else { '?' };
        format!("{}{joint}page={page}", self.base)
    }
    /// Address of the page before.
    pub fn previous(&self) -> Option<String> {
        (self.page > 1).then(|| self.address(self.page - 1))
    }
    /// Address of the page after.
    pub fn next(&self) -> Option<String> {
        (self.page < self.last()).then(|| self.address(self.page + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_neighbours_and_ends() {
        let middle = Paging::new(2, 10, 25, "/x?a=1");
        assert_eq!((middle.from(), middle.to()), (11, 20));
        assert_eq!(middle.previous().as_deref(), Some("/x?a=1&page=1"));
        assert_eq!(Paging::new(99, 10, 25, "/x").page, 3);
        assert_eq!(Paging::new(-1, 10, 0, "/x").from(), 0);
        assert!(Paging::new(3, 10, 25, "/x").next().is_none());
    }
}
