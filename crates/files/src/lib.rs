//! Files from outside: kept by their hash, named by their real type, unpacked with
//! limits, and parsed where they can hurt nobody.
//!
//! Parts that meet in one order: `kind` says what a file really is, `store` keeps it
//! unchanged, `sizes` makes smaller copies of a picture, `worker` starts a child process that parses it, `archive` is how that child
//! opens anything zipped; `inbox` holds what is still being sent. Not here: what is *in* a file (`intake`, `books`), who may see it
//! (the rooms), the record of it in the database.
//! Surprise: a hostile file costs itself only. Nothing here trusts a name, a declared size
//! or a promise to end.

pub mod archive;
pub mod inbox;
pub mod kind;
pub mod office;
pub mod sizes;
pub mod store;
mod walls;
pub mod worker;

pub use archive::{Archive, ArchiveLimits, ArchiveTrouble};
pub use inbox::{Inbox, Piece};
pub use kind::FileKind;
pub use store::{FileRef, Store, StoreError};
pub use worker::{JobTrouble, Jobs, Limits, Session, Worker, WorkerRefusal, child_main};
