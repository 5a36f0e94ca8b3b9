//! What members wish for and what the installation sets: kinds and channels, quiet hours, the words.
//!
//! The rule that surprises: a missing wish is the setting of the channel, and a wish for kind `""`
//! speaks for every kind that has none of its own. Wishes are asked again at the moment of sending.

use crate::endpoint::Language;
use crate::out::Channel;
use crate::quiet::Hours;
use crate::store;
use db::{Db, Tx};
use kernel::Actor;
use kernel::error::{Error, Result};

/// What an operator sets for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Quiet hours of who has none of their own.
    pub quiet: Hours,
    /// Whether e-mail goes to who gave an address and said nothing else.
    pub email_wanted: bool,
    /// Whether a push goes to who turned it on and said nothing else.
    pub push_wanted: bool,
}

/// The settings.
///
/// # Errors
/// A fault when the database fails or a row cannot be read.
pub async fn get_settings(db: &Db) -> Result<Settings> {
    store::settings(db.read()).await
}

/// Keeps the settings. Who may do that is the room's to check.
///
/// # Errors
/// A fault when the database fails.
pub async fn set_settings(tx: &mut Tx, settings: &Settings) -> Result<()> {
    let (from, to) = settings.quiet.texts();
    let flag = |on: bool| if on { "1" } else { "0" };
    for (name, value) in [
        ("quiet_from", from.as_str()),
        ("quiet_to", to.as_str()),
        ("email_wanted", flag(settings.email_wanted)),
        ("push_wanted", flag(settings.push_wanted)),
    ] {
        store::set_setting(tx, name, value).await?;
    }
    Ok(())
}

/// A member's wish for one kind and channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The kind; empty for every kind without a wish of its own.
    pub kind: String,
    /// The way out.
    pub channel: Channel,
    /// Whether it is wanted.
    pub is_wanted: bool,
}

/// The member's own wishes.
///
/// # Errors
/// A fault when the database fails.
pub async fn list_wishes(db: &Db, who: &Actor) -> Result<Vec<Wish>> {
    store::list_wishes(db, &who.member).await
}

/// Keeps one of the member's own wishes.
///
/// # Errors
/// A fault when the database fails.
pub async fn set_wish(tx: &mut Tx, who: &Actor, wish: &Wish) -> Result<()> {
    store::set_wish(tx, &who.member, wish).await
}

/// A member's own quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quiet {
    /// Their own hours; without them, the installation's.
    pub hours: Option<Hours>,
    /// Whether urgent notices may pass.
    pub urgent_passes: bool,
}

/// The member's own quiet.
///
/// # Errors
/// A fault when the database fails.
pub async fn get_quiet(db: &Db, who: &Actor) -> Result<Quiet> {
    store::get_quiet(db, &who.member).await
}

/// Keeps the member's own quiet.
///
/// # Errors
/// A fault when the database fails.
pub async fn set_quiet(tx: &mut Tx, who: &Actor, quiet: &Quiet) -> Result<()> {
    store::set_quiet(tx, &who.member, quiet).await
}

/// What an outside message says in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The name of the handbook: subject of the mail, title of the push.
    pub title: String,
    /// The neutral sentence.
    pub body: String,
    /// What stands above the address of the preferences.
    pub settings: String,
}

/// What outside messages say, in both languages. There is no room in it for content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    vi: Said,
    en: Said,
}

impl Words {
    /// Reads the sentences by their keys (see [`crate::TEXTS`]).
    ///
    /// # Errors
    /// A fault when a sentence is empty: a browser refuses a push without one.
    pub fn read(text: impl Fn(Language, &str) -> String) -> Result<Self> {
        let said = |language| {
            let said = Said {
                title: text(language, "notices-out-title"),
                body: text(language, "notices-out-body"),
                settings: text(language, "notices-out-settings"),
            };
            if said.title.is_empty() || said.body.is_empty() || said.settings.is_empty() {
                return Err(Error::fault("an outside message lacks a sentence"));
            }
            Ok(said)
        };
        Ok(Self {
            vi: said(Language::Vi)?,
            en: said(Language::En)?,
        })
    }
    /// The sentences of one language.
    pub fn of(&self, language: Language) -> &Said {
        match language {
            Language::Vi => &self.vi,
            Language::En => &self.en,
        }
    }
}
