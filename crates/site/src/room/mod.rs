//! What a room contributes: everything that the rest of the handbook may know of it.
//!
//! A room hands back one [`Room`]; `app` lists the rooms and merges them into [`Rooms`], which every
//! handler reaches as `site.rooms`. No list in a base crate names a room or its things. Each kind of
//! contribution has a file here, with what it is for and who draws or calls it.
//! The rule that surprises: a room that needs a thing of another room asks these lists, never the room.

pub mod agenda;
pub mod approval;
pub mod belonging;
pub mod check;
pub mod demo;
pub mod find;
pub mod importer;
pub mod in_hand;
pub mod keyed;
pub mod merging;
pub mod parts;
pub mod today;

pub use agenda::{AgendaKind, Guard};
pub use approval::{ApprovalKind, FieldChange, Holders, about_member};
pub use belonging::{OfFile, OfPerson, OfUnit, PersonFate, UnitFate};
pub use check::{Check, FactColumn, Finding, odd_words};
pub use demo::{Demo, Scale, Stage};
pub use find::{Badge, Badges, Feed, FeedItem, Find, ReachOf};
pub use importer::{ImportColumn, ImportField, ImportWish, Importer};
pub use in_hand::{Hand, HandingOver, HeldBy, InHand, Passing};
pub use keyed::{Again, Bound, KeyFate, OfKey, Sealed, SealedRow, Waiting};
pub use merging::{Merging, Moves, OnlyOne, Pair};
pub use parts::{ExportPart, MemberPart, OwnList, Part, UnitPart};
pub use today::{TodayNotice, TodayPart, TodaySource, TodayTask};

use crate::{Listener, Site};

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use web::text::TextSource;
use web::{Place, Routes};

/// A boxed future, for functions that stand in a list.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Work beside the requests: starts with the server, ends when the receiver says `true`.
pub type Background =
    Arc<dyn Fn(Site, tokio::sync::watch::Receiver<bool>) -> Later<'static, ()> + Send + Sync>;

/// A part of the API that a personal access token may open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenScope {
    /// The word in `Access::Token`: `documents`.
    pub name: &'static str,
    /// Key of the sentence that says what it opens.
    pub text: &'static str,
}

/// A kind of notice that members may want by e-mail or push, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeKind {
    /// The word in `notices::New::of`: `meetings.called`.
    pub kind: &'static str,
    /// Key of its name: "Được mời họp".
    pub text: &'static str,
}

/// A room, as `app` and the tests see it.
pub struct Room {
    /// Its name, as in `rooms/`.
    pub name: &'static str,
    /// Its routes.
    pub routes: Routes<Site>,
    /// Its sentences.
    pub texts: TextSource,
    /// Every SQL statement, so that one test prepares all of them on both databases.
    pub statements: Vec<&'static str>,
    /// Its places in the menus.
    pub places: Vec<Place>,
    /// What tokens may open of it.
    pub scopes: Vec<TokenScope>,
    /// Kinds of things that the search box finds, and how they are shown.
    pub finds: Vec<Find>,
    /// What stands beside them wherever they are listed.
    pub badges: Vec<Badges>,
    /// What feeds them into the search index.
    pub feeds: Vec<Feed>,
    /// Audiences of its own, for what a search finds.
    pub reaches: Vec<ReachOf>,
    /// What it puts on Hôm nay.
    pub today: Option<TodaySource>,
    /// Its part of the API's description.
    pub openapi: Option<utoipa::openapi::OpenApi>,
    /// What runs beside the requests until the program stops.
    pub background: Vec<Background>,
    /// What it takes from files.
    pub importers: Vec<Importer>,
    /// What it does outside requests, by kind of job.
    pub handlers: Vec<jobs::Handler<Site>>,
    /// What it does by itself at certain times.
    pub schedules: Vec<jobs::Schedule>,
    /// What it tells members of, so that each may choose.
    pub notices: Vec<NoticeKind>,
    /// What it wants to hear of.
    pub listens: Vec<Listener>,
    /// Things of it that can stand on an agenda.
    pub agenda: Vec<AgendaKind>,
    /// What of it a second person decides.
    pub approvals: Vec<ApprovalKind>,
    /// Who holds what, for whoever looks for a second person; one room tells it.
    pub holders: Option<Holders>,
    /// What it forbids other rooms for now ("a vote is open").
    pub guards: Vec<Guard>,
    /// Its parts of a member's own page and export.
    pub member_parts: Vec<MemberPart>,
    /// Its parts of a unit's page.
    pub unit_parts: Vec<UnitPart>,
    /// What of it a member who leaves has in hand.
    pub in_hand: Option<HeldBy>,
    /// How it hands over what goes with a post.
    pub hand: Option<Hand>,
    /// Columns of its tables that name a unit.
    pub of_unit: Vec<OfUnit>,
    /// Columns of its tables that name a person.
    pub of_person: Vec<OfPerson>,
    /// What it does when two records of one person become one.
    pub mergings: Vec<Merging>,
    /// Columns of its tables that name a stored file.
    pub of_file: Vec<OfFile>,
    /// Columns of its tables that hang on the installation's key.
    pub of_key: Vec<OfKey>,
    /// What `sotay check` asks it.
    pub checks: Vec<Check>,
    /// Its part of the demo.
    pub demo: Option<Demo>,
}

impl Room {
    /// A room of that name with its texts and nothing else yet.
    pub fn new(name: &'static str, vi: &'static str, en: &'static str) -> Self {
        Room {
            name,
            routes: Routes::new(),
            texts: TextSource { of: name, vi, en },
            statements: Vec::new(),
            places: Vec::new(),
            scopes: Vec::new(),
            finds: Vec::new(),
            badges: Vec::new(),
            feeds: Vec::new(),
            reaches: Vec::new(),
            today: None,
            openapi: None,
            background: Vec::new(),
            importers: Vec::new(),
            handlers: Vec::new(),
            schedules: Vec::new(),
            notices: Vec::new(),
            listens: Vec::new(),
            agenda: Vec::new(),
            approvals: Vec::new(),
            holders: None,
            guards: Vec::new(),
            member_parts: Vec::new(),
            unit_parts: Vec::new(),
            in_hand: None,
            hand: None,
            of_unit: Vec::new(),
            of_person: Vec::new(),
            mergings: Vec::new(),
            of_file: Vec::new(),
            of_key: Vec::new(),
            checks: Vec::new(),
            demo: None,
        }
    }
}

/// What all rooms contribute, each list in the order of the rooms: what is asked while serving.
#[derive(Default)]
#[allow(missing_docs)] // the fields are those of `Room`
pub struct Rooms {
    pub names: Vec<&'static str>,
    pub statements: Vec<&'static str>,
    pub scopes: Vec<TokenScope>,
    pub finds: Vec<Find>,
    pub badges: Vec<Badges>,
    pub feeds: Vec<Feed>,
    pub reaches: Vec<ReachOf>,
    pub today: Vec<TodaySource>,
    pub background: Vec<Background>,
    pub importers: Vec<Importer>,
    pub handlers: Vec<jobs::Handler<Site>>,
    pub schedules: Vec<jobs::Schedule>,
    pub notices: Vec<NoticeKind>,
    pub listens: Vec<Listener>,
    pub agenda: Vec<AgendaKind>,
    pub approvals: Vec<ApprovalKind>,
    pub holders: Option<Holders>,
    pub guards: Vec<Guard>,
    pub member_parts: Vec<MemberPart>,
    pub unit_parts: Vec<UnitPart>,
    pub in_hand: Vec<HeldBy>,
    pub hands: Vec<Hand>,
    pub of_unit: Vec<OfUnit>,
    pub of_person: Vec<OfPerson>,
    pub mergings: Vec<Merging>,
    pub of_file: Vec<OfFile>,
    pub of_key: Vec<OfKey>,
    pub checks: Vec<Check>,
    pub demos: Vec<Demo>,
}

impl Rooms {
    /// Merges what the rooms contribute; their routes, texts and places are taken by the web's edge.
    pub fn of(rooms: &[Room]) -> Self {
        let mut all = Rooms::default();
        all.of_key.push(crate::import::OF_KEY);
        all.of_key.extend(crate::chain::OF_KEY);
        for room in rooms {
            all.names.push(room.name);
            all.statements.extend(&room.statements);
            all.scopes.extend(&room.scopes);
            all.finds.extend(&room.finds);
            all.badges.extend(&room.badges);
            all.feeds.extend(&room.feeds);
            all.reaches.extend(&room.reaches);
            all.today.extend(room.today.clone());
            all.background.extend(room.background.iter().cloned());
            all.importers.extend(room.importers.iter().cloned());
            all.handlers.extend(room.handlers.iter().copied());
            all.schedules.extend(room.schedules.iter().cloned());
            all.notices.extend(&room.notices);
            all.listens.extend(&room.listens);
            all.agenda.extend(&room.agenda);
            all.approvals.extend(&room.approvals);
            all.holders = all.holders.or(room.holders);
            all.guards.extend(&room.guards);
            all.member_parts.extend(room.member_parts.iter().cloned());
            all.unit_parts.extend(room.unit_parts.iter().cloned());
            all.in_hand.extend(room.in_hand);
            all.hands.extend(room.hand);
            all.of_unit.extend(&room.of_unit);
            all.of_person.extend(&room.of_person);
            all.mergings.extend(room.mergings.iter().copied());
            all.of_file.extend(&room.of_file);
            all.of_key.extend(&room.of_key);
            all.checks.extend(&room.checks);
            all.demos.extend(&room.demo);
        }
        all.finds.sort_by_key(|find| find.order);
        all.demos.sort_by_key(|demo| demo.order);
        all
    }
    /// The places of the menus, in order.
    pub fn places(rooms: &[Room]) -> Vec<Place> {
        let mut places: Vec<Place> = rooms
            .iter()
            .flat_map(|room| &room.places)
            .copied()
            .collect();
        places.sort_by_key(|place| place.order);
        places
    }
    /// How a kind of thing is shown when it was found.
    pub fn find(&self, kind: &str) -> Option<&Find> {
        self.finds.iter().find(|find| find.kind == kind)
    }
    /// The kind of thing on an agenda of that word.
    pub fn agenda(&self, kind: &str) -> Option<&AgendaKind> {
        self.agenda.iter().find(|held| held.kind == kind)
    }
    /// Asks every guard of an act; the first that objects refuses it.
    pub async fn guard(&self, site: &Site, act: &str, subject: &str) -> kernel::Result<()> {
        for guard in self.guards.iter().filter(|guard| guard.act == act) {
            (guard.refuse)(site.clone(), subject.to_owned()).await?;
        }
        Ok(())
    }
}
