//! Papers of a meeting: things of any room that can stand on an agenda, asked of what rooms contribute.
//!
//! A paper is kept and sent in forms as one word, `KIND:ID`. Not here: what a kind is, how it is found and
//! shown (`site.rooms.agenda`).
//! The rule that surprises: what a visitor may not see is not named to them, not even as missing; a paper
//! whose room is gone is counted, never named, and stays laid before the meeting.

use kernel::UnitRef;
use kernel::error::Result;
use site::Site;
use site::room::agenda::Offer;
use std::collections::BTreeMap;
use std::sync::Arc;
use web::{Lang, SignedIn};

/// A paper as one visitor sees it.
#[derive(Debug, Clone)]
pub(crate) struct Paper {
    /// `KIND:ID`.
    pub word: String,
    /// Icon of its kind.
    pub icon: &'static str,
    /// What it is called.
    pub label: String,
    /// A quiet second line; may be empty.
    pub meta: String,
    /// Its page.
    pub to: String,
}

impl Paper {
    /// Whether it is of that kind.
    pub(crate) fn is_of(&self, kind: &site::room::AgendaKind) -> bool {
        kind_of(&self.word) == kind.kind
    }
}

/// The kind in `KIND:ID`; empty when the word is none.
fn kind_of(word: &str) -> &str {
    word.split_once(':').map_or("", |(kind, _)| kind)
}

/// Things shown at once beside the chosen ones, over all kinds.
const SHOWN: i64 = 12;

fn paper(kind: &site::room::AgendaKind, offer: Offer) -> Paper {
    Paper {
        word: format!("{}:{}", kind.kind, offer.id),
        icon: kind.icon,
        label: offer.label,
        meta: offer.meta,
        to: offer.to,
    }
}

/// Those of these papers that the visitor may see, in the order given.
pub(crate) async fn show(
    site: &Site,
    who: &Arc<SignedIn>,
    lang: Lang,
    words: &[String],
) -> Result<Vec<Paper>> {
    let mut by_kind: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for word in words {
        if let Some((kind, id)) = word.split_once(':') {
            by_kind.entry(kind).or_default().push(id.to_owned());
        }
    }
    let mut found: BTreeMap<String, Paper> = BTreeMap::new();
    for (word, ids) in by_kind {
        if let Some(kind) = site.rooms.agenda(word) {
            let shown = (kind.show)(site.clone(), who.clone(), lang, ids).await?;
            let papers = shown.into_iter().map(|offer| paper(kind, offer));
            found.extend(papers.map(|paper| (paper.word.clone(), paper)));
        }
    }
    Ok(words.iter().filter_map(|word| found.remove(word)).collect())
}

/// How many of these papers nobody can see any more: no room contributes their kind.
pub(crate) fn count_gone(site: &Site, words: &[String]) -> usize {
    let is_gone = |word: &&String| site.rooms.agenda(kind_of(word)).is_none();
    words.iter().filter(is_gone).count()
}

/// What the visitor may lay before a meeting of that unit, best first within each kind.
pub(crate) async fn offer(
    site: &Site,
    who: &Arc<SignedIn>,
    lang: Lang,
    unit: &UnitRef,
    text: &str,
) -> Result<Vec<Paper>> {
    let kinds = &site.rooms.agenda;
    let each = (SHOWN / i64::try_from(kinds.len().max(1)).unwrap_or(1)).max(3);
    let mut out = Vec::new();
    for kind in kinds {
        let offers = (kind.offer)(
            site.clone(),
            who.clone(),
            lang,
            unit.clone(),
            text.to_owned(),
            each,
        );
        out.extend(offers.await?.into_iter().map(|offer| paper(kind, offer)));
    }
    Ok(out)
}
