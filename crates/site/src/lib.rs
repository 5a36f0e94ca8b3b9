//! What every handler is handed ([`Site`]) and what every room hands back ([`Room`]).
//!
//! Also the one way to write ([`Act`]: right, log, announcements, events in one transaction), the one
//! way to look at a person ([`Looked`]), the feed of the search index, sealed values, links of
//! citations, and the words of every import. Not here: any room's tables, any page.
//! The rule that surprises: a change of something searchable announces itself in the **same**
//! transaction; the index reads the announcements in the order of their commits.

pub mod act;
pub mod audit;
pub mod chain;
pub mod cite;
pub mod event;
pub mod feed;
pub mod four_eyes;
pub mod import;
pub mod look;
pub mod press;
mod ready;
pub mod rekey;
pub mod right;
pub mod room;
pub mod seal;

pub mod sent;
pub mod serving;
pub mod settings;
mod store;

pub use act::{Act, May, Source};
pub use audit::Line;
pub use cite::{Linker, reach_of, search_reach_of};
pub use event::{Event, Listener};
pub use look::{Level, Looked, look, look_in};
pub use press::Press;
pub use right::{Beyond, Operator, Program, Proof, Right};
pub use room::{
    Background, Feed, FeedItem, Later, Room, Rooms, TodayNotice, TodayPart, TodaySource, TodayTask,
};
pub use seal::Keys;
pub use store::STATEMENTS;

use std::sync::Arc;

/// Ended jobs are kept so many days for the operator to look at. No source; a month is enough to notice.
const ENDED_JOBS_DAYS: u32 = 30;

/// Everything that a handler may need. Cloning shares it.
#[derive(Clone)]
pub struct Site(Arc<Parts>);

impl Site {
    /// Whether mails can go out: a server to send by, and an address of ours for their links.
    pub fn can_mail(&self) -> bool {
        self.mail.is_some() && !self.edge.public_url.is_empty()
    }
    /// Whether pushes can go out: push services want a secure address of ours.
    pub fn can_push(&self) -> bool {
        self.edge.public_url.get().starts_with("https://")
    }
}

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
    /// Files that people are sending, until they are taken or dropped.
    pub inbox: files::Inbox,
    /// The search index.
    pub index: search::Index,
    /// Opens hostile files in a child process.
    pub worker: files::Worker,
    /// Keys of sealed values and keyed hashes.
    pub keys: Keys,
    /// What the rooms contribute.
    pub rooms: Rooms,
    /// The way to the mail server; without one, mails wait.
    pub mail: Option<Arc<notices::Mail>>,
    /// Wakes the runner of jobs of this process.
    pub wake: jobs::Wake,
    /// Figures of the regulations, holidays.
    pub rules: rules::Rules,
    /// The line before the press: papers and tables are set a few at once.
    pub press: Press,
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
    pub inbox: files::Inbox,
    pub index: search::Index,
    pub worker: files::Worker,
    pub keys: Keys,
    pub rooms: Rooms,
    pub mail: Option<Arc<notices::Mail>>,
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
            inbox: made.inbox,
            index: made.index,
            worker: made.worker,
            keys: made.keys,
            rooms: made.rooms,
            mail: made.mail,
            wake: jobs::Wake::default(),
            press: Press::default(),
        }))
    }

    /// The runner of the jobs that rooms handle and schedule.
    pub fn runner(&self) -> jobs::Runner<Site> {
        jobs::Runner::new(
            self.clone(),
            self.db.clone(),
            self.clock.clone(),
            self.dice.clone(),
        )
        .handlers([event::HEARING, jobs::trimming()])
        .handlers(self.rooms.handlers.iter().copied())
        .schedules([jobs::trim_daily(ENDED_JOBS_DAYS)])
        .schedules(self.rooms.schedules.iter().cloned())
        .wake(self.wake.clone())
        // Two long ones, files that are looked at, leave room for what people wait for.
        .at_once(4)
    }
}
