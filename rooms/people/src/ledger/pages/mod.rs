//! Pages of the ledger, one file an action.

pub(crate) mod history;
