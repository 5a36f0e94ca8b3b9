//! What every handler is handed ([`Site`]) and what every room hands back ([`Room`]).
//!
//! Also the three things that rooms share and that touch the database: the audit log, the feed of
//! the search index, and sealed values; links of citations, and the words of every import. Not here: any room's tables, any page.
//! The rule that surprises: a change of something searchable announces itself in the **same**
//! transaction; the index reads the announcements in the order of their commits.

pub mod audit;
pub mod cite;
pub mod feed;
pub mod import;
pub mod room;
pub mod seal;
pub mod settings;

pub use audit::Audit;
pub use cite::{Linker, reach_of};
pub use room::{Background, Feed, FeedItem, Room, TodayNotice, TodayPart, TodayTask};
pub use seal::Keys;

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Everything that a handler may need. Cloning shares it.
#[derive(Clone)]
pub struct Site(Arc<Parts>);

/// The parts of a [`Site`].
pub struct Parts {
    /// The database.
    pub db: db::Db,
    /// Time.
    pub clock: kernel::Clock,
    /// Chance.
    pub dice: kernel::Dice,
    /// Texts, doorman and names: the web's edge.
    pub edge: Arc<web::Edge>,
    /// Uploaded and imported files.
    pub files: files::Store,
    /// The search index.
    pub index: search::Index,
    /// Opens hostile files in a child process.
    pub worker: files::Worker,
    /// Keys of sealed values and keyed hashes.
    pub keys: Keys,
    /// Figures of the regulations, holidays.
    pub rules: rules::Rules,
    /// What feeds Hôm nay, one source a room.
    pub today: Vec<room::TodaySource>,
    shared: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl std::ops::Deref for Site {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What [`Site::new`] is made of; the fields are those of [`Parts`].
#[allow(missing_docs)]
pub struct Made {
    pub db: db::Db,
    pub clock: kernel::Clock,
    pub dice: kernel::Dice,
    pub edge: Arc<web::Edge>,
    pub files: files::Store,
    pub index: search::Index,
    pub worker: files::Worker,
    pub keys: Keys,
    pub today: Vec<room::TodaySource>,
}

impl Site {
    /// Puts the parts together.
    pub fn new(made: Made) -> Self {
        let rules = rules::Rules::new(made.db.clone(), made.clock.clone(), made.dice.clone());
        Site(Arc::new(Parts {
            rules,
            db: made.db,
            clock: made.clock,
            dice: made.dice,
            edge: made.edge,
            files: made.files,
            index: made.index,
            worker: made.worker,
            keys: made.keys,
            today: made.today,
            shared: Mutex::default(),
        }))
    }

    /// A room's own state in memory (counters, caches, gates): made at first use, then shared.
    pub fn shared<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let mut map = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let held = map
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Arc::new(T::default()))
            .clone();
        drop(map);
        held.downcast().unwrap_or_default()
    }
}
