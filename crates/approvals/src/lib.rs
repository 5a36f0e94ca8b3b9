//! Four eyes: what one person prepares, another decides, and only what was decided is done.
//!
//! A room prepares a payload (what will change, as JSON) with the versions of the rows it will touch;
//! somebody else approves or refuses each side; the payload is applied in the transaction of the last
//! approval. Not here: who may decide and how it is shown or applied (each room's `ApprovalKind`, in
//! `site`), the page "Chờ duyệt" (`front`).
//! The rule that surprises: when a row has changed since the payload was shown, nothing is applied; the
//! approval becomes stale and its preparer is sent back to the preview.

mod approval;
mod store;

pub use approval::{Approval, Decision, New, Side, State, Step, hash_of};
pub use store::{
    Decided, STATEMENTS, count_open_for, decide, expire_due, find, find_agreed, get_payload,
    list_open_for, list_payloads, list_prepared_by, list_steps, list_waiting, prepare, set_payload,
    set_stale, withdraw,
};

db::ids! {
    /// A change that waits for a second person.
    ApprovalId;
}
