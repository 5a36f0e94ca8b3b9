//! Whether a document still counts: one answer for lists, search, a meeting's papers and its own page.
//!
//! What somebody said by hand goes before what a newer document says ("Quy định này thay thế Quy định
//! số …", in its text or said by whoever wrote it here), that before a register's words, and those before the days. A newer document speaks only for
//! what the same body issued and its own unit or one below holds (the name of a body is free text, the unit
//! is not), and only from the day on which it is in force itself.
//! The rule that surprises: nothing known of a law of the state is "unclear", not "in force"; a paper of
//! the organisation's own counts from its day until something says otherwise.

use crate::store::standing::{self as store, Known};
use crate::words;
use kernel::error::Result;
use kernel::{Audience, Day};
use site::Site;
use site::room::find::Badge;
use std::collections::HashMap;
use web::Frame;

kernel::facts! {
    /// What has become of a document.
    pub(crate) enum State {
        /// It counts.
        InForce = "in_force",
        /// It will.
        Coming = "coming",
        /// A part of it counts.
        Partly = "partly",
        /// Another stands in its place.
        Replaced = "replaced",
        /// It was taken back.
        Repealed = "repealed",
        /// It ended, nobody here knows by what.
        Ended = "ended",
        /// Nobody here knows.
        Unclear = "unclear",
    }
}

impl State {
    /// Whether nobody should act by it any more.
    pub(crate) fn is_over(self) -> bool {
        matches!(self, State::Replaced | State::Repealed | State::Ended)
    }
    /// Icon and tone of its badge.
    fn look(self) -> (&'static str, &'static str) {
        match self {
            State::InForce => ("check", "ok"),
            State::Coming => ("clock", "info"),
            State::Partly => ("half-disc", "warn"),
            State::Replaced => ("swap", "gone"),
            State::Repealed | State::Ended => ("x", "gone"),
            State::Unclear => ("info", "plain"),
        }
    }
    /// The key of its words.
    pub(crate) fn text(self) -> &'static str {
        match self {
            State::InForce => "documents-standing-in-force",
            State::Coming => "documents-standing-coming",
            State::Partly => "documents-standing-partly",
            State::Replaced => "documents-standing-replaced",
            State::Repealed => "documents-standing-repealed",
            State::Ended => "documents-standing-ended",
            State::Unclear => "documents-standing-unclear",
        }
    }
}

/// What is known of one document, as far as a reader may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) state: State,
    /// The symbol of what stands in its place; empty when unknown or out of the reader's reach.
    pub(crate) newer_symbol: String,
    /// The same as it was said by hand, for whoever says it; others may be out of its reach.
    pub(crate) said_symbol: String,
    /// Its page; empty when it is not here.
    pub(crate) by_url: String,
    /// What was said by hand, without symbols of papers that are held here out of the reader's reach.
    pub(crate) note: String,
    /// The same as it was said, for whoever says it.
    pub(crate) said_note: String,
    /// Whether somebody said so by hand.
    pub(crate) is_said: bool,
}

impl Standing {
    fn plain(state: State) -> Standing {
        Standing {
            state,
            newer_symbol: String::new(),
            said_symbol: String::new(),
            by_url: String::new(),
            note: String::new(),
            said_note: String::new(),
            is_said: false,
        }
    }

    /// "Đã được thay bằng 12-QĐ/ĐU".
    pub(crate) fn words(&self, frame: &Frame) -> String {
        if self.state == State::Replaced && !self.newer_symbol.is_empty() {
            return frame.t1(
                "documents-standing-replaced-by",
                "symbol",
                &self.newer_symbol,
            );
        }
        frame.t(self.state.text())
    }

    pub(crate) fn badge(&self, frame: &Frame) -> Badge {
        let (icon, tone) = self.state.look();
        Badge {
            icon,
            tone,
            words: self.words(frame),
        }
    }
}

/// The standing of several documents, by id.
pub(crate) async fn of_all(
    site: &Site,
    ids: &[String],
    reach: &[String],
) -> Result<HashMap<String, Standing>> {
    let today = site.clock.today();
    let known = store::list(site, ids).await?;
    let newer = store::list_newer(site, ids).await?;
    let mut out = HashMap::new();
    for row in known {
        let by = newer.iter().find(|newer| {
            newer.old_id == row.id && counts_since(&newer.effective_on, &newer.issued_on, today)
        });
        let mut standing = judge(&row, by.map(|by| by.relation.as_str()), today);
        if standing.state == State::Replaced
            && !standing.is_said
            && let Some(by) = by.filter(|by| sees(reach, &by.audience))
        {
            standing.newer_symbol = by.symbol.clone();
            standing.by_url = format!("/documents/{}", by.id);
        }
        if !standing.newer_symbol.is_empty() && standing.by_url.is_empty() {
            standing.by_url = url_of(site, &standing.newer_symbol, reach).await?;
            // A paper that is held here and that this reader does not find is not named either; one that is not
            // held is words that somebody typed.
            if standing.by_url.is_empty() && is_held(site, &standing.newer_symbol).await? {
                standing.newer_symbol.clear();
            }
        }
        if !standing.note.is_empty() {
            standing.note = within(site, &standing.note, reach).await?;
        }
        out.insert(row.id, standing);
    }
    Ok(out)
}

/// The standing of one document.
pub(crate) async fn of(site: &Site, id: &str, reach: &[String]) -> Result<Standing> {
    let mut all = of_all(site, &[id.to_owned()], reach).await?;
    Ok(all
        .remove(id)
        .unwrap_or_else(|| Standing::plain(State::Unclear)))
}

fn sees(reach: &[String], audience: &Audience) -> bool {
    reach.contains(&audience.to_string())
}

async fn url_of(site: &Site, symbol: &str, reach: &[String]) -> Result<String> {
    let key = crate::document::symbol_key(symbol);
    let found = crate::store::list_within_by_symbol(site, &key, reach, 1).await?;
    Ok(found
        .first()
        .map_or_else(String::new, |one| format!("/documents/{}", one.id)))
}

/// A note as this reader may see it: a paper that it names, that is held here and that they do not find, is left out.
async fn within(site: &Site, note: &str, reach: &[String]) -> Result<String> {
    let mut shown = note.to_owned();
    for cited in citation::find(note).into_iter().rev() {
        let symbol = note.get(cited.symbol_span.clone()).unwrap_or_default();
        if url_of(site, symbol, reach).await?.is_empty() && is_held(site, symbol).await? {
            shown.replace_range(cited.symbol_span, "…");
        }
    }
    Ok(shown)
}

/// Whether a document of that symbol is here, be it a draft.
async fn is_held(site: &Site, symbol: &str) -> Result<bool> {
    let key = crate::document::symbol_key(symbol);
    Ok(!key.is_empty() && store::is_held(site, &key).await?)
}

/// Whether something with these days counts today; without any day it does.
fn counts_since(effective_on: &str, issued_on: &str, today: Day) -> bool {
    let day = effective_on.parse().or_else(|_| issued_on.parse());
    day.map_or(true, |day: Day| day <= today)
}

fn judge(row: &Known, relation: Option<&str>, today: Day) -> Standing {
    if let Ok(state) = row.set_state.parse::<State>() {
        return Standing {
            newer_symbol: row.newer_symbol.clone(),
            said_symbol: row.newer_symbol.clone(),
            note: row.note.clone(),
            said_note: row.note.clone(),
            is_said: true,
            ..Standing::plain(state)
        };
    }
    let state = match relation {
        Some("replaces") => State::Replaced,
        Some("amends") => State::Partly,
        Some(_) => State::Repealed,
        None => by_words_and_days(row, today),
    };
    Standing::plain(state)
}

fn by_words_and_days(row: &Known, today: Day) -> State {
    let folded = vietnamese::fold(&row.status_note);
    if words::says_expired(&row.status_note) {
        return State::Ended;
    }
    if folded.contains("mot phan") {
        return State::Partly;
    }
    if !counts_since(&row.effective_on, &row.issued_on, today) {
        return State::Coming;
    }
    let is_of_the_state = citation::Kind::by_code(&row.kind)
        .is_none_or(|kind| kind.system() == Some(citation::System::State));
    let is_dated = !row.effective_on.is_empty() || !row.issued_on.is_empty();
    if folded.contains("con hieu luc") || (is_dated && !is_of_the_state) {
        State::InForce
    } else {
        State::Unclear
    }
}

/// What a document says of others: the words before a citation in its sentence.
pub(crate) fn relation(before: &str) -> &'static str {
    let said = before.to_lowercase();
    let last = [
        ("này thay thế", "replaces"),
        ("này thay cho", "replaces"),
        ("này bãi bỏ", "repeals"),
    ]
    .into_iter()
    .filter_map(|(words, relation)| Some((said.rfind(words)?, relation)))
    .max_by_key(|(at, _)| *at);
    match last {
        Some((at, relation)) if !ends(said.get(at..).unwrap_or_default()) => relation,
        _ => "",
    }
}

/// Whether what was said ended before the citation: another sentence, or only a part is meant.
fn ends(since: &str) -> bool {
    [". ", "; ", "căn cứ", "theo ", "điều ", "khoản "]
        .iter()
        .any(|sign| since.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(kind: &str, status_note: &str, effective_on: &str) -> Known {
        Known {
            id: "a".into(),
            kind: kind.into(),
            status_note: status_note.into(),
            issued_on: "2026-01-01".into(),
            effective_on: effective_on.into(),
            ..Known::default()
        }
    }

    #[test]
    fn a_hand_goes_before_a_newer_text_that_before_a_register_and_that_before_the_days() {
        let today = Day::of(2026, 11, 27).unwrap();
        let state = |row: &Known, relation| judge(row, relation, today).state;
        let mut row = known("regulation", "Còn hiệu lực", "2026-02-01");
        assert_eq!(state(&row, None), State::InForce);
        assert_eq!(state(&row, Some("replaces")), State::Replaced);
        assert_eq!(state(&row, Some("repeals")), State::Repealed);
        assert_eq!(state(&row, Some("amends")), State::Partly);
        row.set_state = "partly".into();
        assert_eq!(state(&row, Some("replaces")), State::Partly);
        let state = |kind, note, day| by_words_and_days(&known(kind, note, day), today);
        assert_eq!(state("regulation", "", "2027-01-01"), State::Coming);
        assert_eq!(
            state("regulation", "Hết hiệu lực toàn bộ", ""),
            State::Ended
        );
        assert_eq!(
            state("regulation", "Hết hiệu lực một phần", ""),
            State::Partly
        );
        assert_eq!(state("regulation", "", ""), State::InForce);
        assert_eq!(state("law", "", ""), State::Unclear);
        assert_eq!(state("law", "Còn hiệu lực", ""), State::InForce);
    }

    #[test]
    fn only_this_document_replaces_and_only_a_whole_one() {
        assert_eq!(
            relation("2. Quy định này thay thế Quy định số "),
            "replaces"
        );
        assert_eq!(
            relation("Quy định này thay thế Quy định số 05-QĐ/ĐU, ngày 03/3/2021 và Quy định số "),
            "replaces"
        );
        assert_eq!(relation("Quyết định này bãi bỏ Quyết định số "), "repeals");
        for said in [
            "Căn cứ Quy định số ",
            "Quy định này được thay thế bằng Quy định số ",
            "Quy định này thay thế Điều 4 của Quy định số ",
            "Quy định này thay thế bản cũ. Làm theo Hướng dẫn số ",
        ] {
            assert_eq!(relation(said), "", "{said}");
        }
    }
}
