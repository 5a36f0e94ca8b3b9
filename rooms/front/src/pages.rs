//! One file a page.

pub(crate) mod api_search;
pub(crate) mod approvals;
pub(crate) mod help;
pub(crate) mod search;
pub(crate) mod today;
