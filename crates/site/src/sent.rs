//! Forms that were taken: by the key that each carries, what was in it and what came of it.
//!
//! A form that makes something new carries a key of its own (`once`), so that the same form sent twice makes one thing.
//! The same key with other content is somebody who went back and went on typing: nothing of that may be lost, and
//! nothing more may be made of it without asking. Not here: the id of the thing, where it is made of the key
//! ([`crate::seal::Keys::id_of_form`]). The rule that surprises: content is kept as a keyed hash and never as text.

use crate::store::{SENT, SENT_NOTE};
use crate::{Act, Proof, Site};
use db::sql;
use kernel::error::Result;

/// What is known of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It was not taken yet.
    New,
    /// It was taken, and this came of it.
    Same(String),
    /// Its key was taken with something else in it, and this came of that.
    Other(String),
}

impl Sent {
    fn of(site: &Site, content: &str, row: Option<(String, String)>) -> Sent {
        match row {
            None => Sent::New,
            Some((hash, thing)) if hash == hash_of(site, content) => Sent::Same(thing),
            Some((_, thing)) => Sent::Other(thing),
        }
    }
}

fn hash_of(site: &Site, content: &str) -> String {
    site.keys.mac("form_taken.hash", content)
}

/// What is known of the form of this key with this content.
///
/// # Errors
/// Database faults.
pub async fn find(site: &Site, id: &str, content: &str) -> Result<Sent> {
    let row = sql(SENT).bind(id).maybe(site.db.read()).await?;
    Ok(Sent::of(site, content, row))
}

/// The same within an act.
///
/// # Errors
/// Database faults.
pub async fn get<P: Proof>(act: &mut Act<P>, id: &str, content: &str) -> Result<Sent> {
    let site = act.site().clone();
    let row = sql(SENT).bind(id).maybe(act.on()).await?;
    Ok(Sent::of(&site, content, row))
}

/// Notes what comes of a form, within the act that makes it. Anything but [`Sent::New`]: it was taken meanwhile, and
/// this act is to be left.
///
/// # Errors
/// Database faults.
pub async fn note<P: Proof>(
    act: &mut Act<P>,
    id: &str,
    content: &str,
    thing: &str,
) -> Result<Sent> {
    let hash = hash_of(act.site(), content);
    let (at, stmt) = (act.now(), sql(SENT_NOTE));
    let noted = stmt.bind(id).bind(hash).bind(thing).bind(at).run(act.on());
    match noted.await? {
        0 => get(act, id, content).await,
        _ => Ok(Sent::New),
    }
}
