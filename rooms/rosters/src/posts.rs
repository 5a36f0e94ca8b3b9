//! Posts that a list names (`Chức vụ`): proposed beside their row, taken by whoever sends the list, given by the same
//! way as the form of appointment (`people::appointing`).
//!
//! Not here: who may give what, who agrees (`people`), keeping what the sender chose (`uploads`).
//! The rule that surprises: a post is given after everybody is written, in an act of its own, and only when what its
//! sender saw of it is still so.

use crate::roster::name_first;
use crate::rows::Row;
use crate::{Note, RosterOptions};
use kernel::error::{Error, Result};
use kernel::{Cap, MemberId, Role, UnitRef};
use people::appointing::{self, Appointed};
use people::fact::UnitKind;
use people::known::LivingUnit;
use people::post::{self, Refused};
use site::Site;
use site::four_eyes::Seconds;
use site::import::{Choice, Entry, Outcome, Words};
use site::room::FieldChange;

/// The kind of a proposal among the entries of a report.
pub(crate) const KIND: &str = site::import::PROPOSED;

/// A post that a row proposes.
#[derive(Debug, Clone)]
pub(crate) struct Proposal {
    unit: UnitRef,
    unit_name: String,
    name: String,
    title: String,
    role: Role,
    message: Note,
    warnings: Vec<Note>,
    changes: Vec<FieldChange>,
    choices: Vec<Choice>,
    answer: &'static str,
    outcome: Outcome,
}

fn choice(words: &Words, answer: &'static str) -> Choice {
    let key = match answer {
        "take" => "rosters-post-take",
        "replace" => "rosters-post-replace",
        "beside" => "rosters-post-beside",
        _ => "rosters-post-leave",
    };
    Choice {
        answer,
        label: words.get(key),
    }
}

/// Who agrees first, in one line.
fn agrees(seconds: &Seconds) -> Option<Note> {
    match (seconds.is_empty(), seconds.names.is_empty()) {
        (true, _) => None,
        (false, true) => Some(Note::new("rosters-post-seconds-other")),
        (false, false) => {
            Some(Note::new("rosters-post-seconds").arg("names", seconds.names.join(", ")))
        }
    }
}

/// What a row proposes to whoever sends the list; nothing where it names no post of this unit, or one that they have.
pub(crate) async fn propose(
    site: &Site,
    options: &RosterOptions,
    words: &Words,
    unit: Option<&LivingUnit>,
    row: &Row,
    known: Option<&MemberId>,
) -> Result<Option<Proposal>> {
    let (Some(unit), Some(actor)) = (unit, &options.by) else {
        return Ok(None);
    };
    let is_cell = unit.kind.known() == Some(UnitKind::Cell);
    let Some((role, title)) = appointing::read(is_cell, &row.post) else {
        return Ok(None);
    };
    let target = UnitRef {
        id: unit.id.clone(),
        path: unit.path.clone(),
    };
    if let Some(known) = known
        && appointing::holds(site, &target, (&title, role), known).await?
    {
        return Ok(None);
    }
    let today = site.clock.today();
    let label = |key: &str| words.get(key);
    let field = |key: &str, new: &str| FieldChange {
        label: label(key),
        old: String::new(),
        new: new.to_owned(),
    };
    let shown = vec![
        field("rosters-field-unit", &unit.name),
        field("rosters-field-post", &title),
    ];
    let mut proposal = Proposal {
        unit_name: unit.name.clone(),
        name: row.member.name.clone(),
        message: Note::new("rosters-post-propose").arg("post", &title),
        warnings: Vec::new(),
        changes: name_first(words, &row.member.name, shown),
        choices: Vec::new(),
        answer: "",
        outcome: Outcome::Same,
        unit: target.clone(),
        title,
        role,
    };
    // Somebody whom this list makes has no id yet, and is not the sender.
    let nobody = MemberId::try_from("new".to_owned()).map_err(Error::fault)?;
    let receiver = known.unwrap_or(&nobody);
    let wish = appointing::wish(actor, &target, (role, &proposal.title), receiver, today);
    match wish {
        Err(Refused::Oneself) => proposal.warnings.push(Note::new("rosters-post-own")),
        Err(_) => {
            let give = Cap::GrantGive;
            let names = post::others_with(site, give, &target.path, &[&actor.member]).await?;
            proposal.warnings.push(match names.is_empty() {
                true => Note::new("rosters-post-nobody"),
                false => Note::new("rosters-post-others").arg("names", names.join(", ")),
            });
        }
        Ok(_) => {
            let of = (proposal.title.as_str(), role, today);
            let seen = appointing::look(site, actor, &target, of, known).await?;
            let answers: &[&'static str] = match (seen.in_office.is_empty(), seen.may_replace) {
                (true, _) => &["take", "leave"],
                (false, true) => &["leave", "replace", "beside"],
                (false, false) => &["leave", "beside"],
            };
            proposal.choices = answers.iter().map(|answer| choice(words, answer)).collect();
            proposal.answer = answers.first().copied().unwrap_or_default();
            if !seen.in_office.is_empty() {
                let names: Vec<String> = (seen.in_office.iter())
                    .map(|post| format!("{} ({})", post.name, post.title))
                    .collect();
                proposal.message = Note::new("rosters-post-second")
                    .arg("post", &proposal.title)
                    .arg("names", names.join(", "));
            }
            proposal.warnings.extend(agrees(&seen.replacing));
        }
    }
    Ok(Some(proposal))
}

impl Proposal {
    /// What the row itself says of it.
    pub(crate) fn note(&self) -> Note {
        Note::new("rosters-post-proposed").arg("post", &self.title)
    }
    /// Among the decisions of the sender it has a source of its own, beside that of its row.
    fn source(file: &str, line: usize) -> String {
        format!("{file}#post:{line}")
    }
    /// Whether the sender takes something of it.
    fn wanted(&self, options: &RosterOptions, words: &Words, file: &str, line: usize) -> Wanted {
        let Some(decision) = options.decided.get(&Proposal::source(file, line)) else {
            return Wanted::Nothing;
        };
        if decision.answer == "leave" || decision.answer.is_empty() {
            return Wanted::Nothing;
        }
        let offered = self.choices.iter().map(|choice| choice.answer);
        let answer = offered.into_iter().find(|word| *word == decision.answer);
        let seen = site::import::seen(&self.message.said(words), &self.changes);
        match answer {
            Some(answer) if seen == decision.seen => Wanted::So(answer),
            _ => Wanted::Otherwise,
        }
    }
    /// Its place in the report.
    pub(crate) fn entry(&self, words: &Words, file: &str, line: usize) -> Entry {
        Entry {
            source: Proposal::source(file, line),
            outcome: self.outcome,
            id: String::new(),
            kind: KIND.to_owned(),
            message: self.message.said(words),
            warnings: self.warnings.iter().map(|note| note.said(words)).collect(),
            ms: 0,
            changes: self.changes.clone(),
            choices: self.choices.clone(),
            answer: self.answer,
            way_out: String::new(),
        }
    }
    fn ends(&mut self, outcome: Outcome, message: Note) {
        self.outcome = outcome;
        self.message = message;
        self.warnings.clear();
        self.choices.clear();
        self.answer = "";
    }

    /// Gives the post to the member whom the row made or found, as its sender chose.
    pub(crate) async fn give(
        &mut self,
        site: &Site,
        options: &RosterOptions,
        (file, line): (&str, usize),
        member: &MemberId,
    ) -> Result<()> {
        let words = &options.common.words(site);
        let answer = match self.wanted(options, words, file, line) {
            Wanted::Nothing => {
                self.ends(Outcome::Same, Note::new("rosters-post-left"));
                return Ok(());
            }
            Wanted::Otherwise => "",
            Wanted::So(answer) => answer,
        };
        let done = match answer {
            "" => None,
            answer => self.appoint(site, options, answer, member).await?,
        };
        let post = |key| Note::new(key).arg("post", &self.title);
        let (outcome, message) = match done {
            Some((Appointed::Given, _)) => (Outcome::Added, post("rosters-post-given")),
            Some((Appointed::Already, _)) => (Outcome::Same, post("rosters-post-already")),
            Some((Appointed::Waits, seconds)) => {
                let waits = agrees(&seconds).unwrap_or(Note::new("rosters-post-seconds-other"));
                let note = post("rosters-post-waits").notes("who", vec![waits]);
                (Outcome::Added, note)
            }
            None => (Outcome::Refused, post("rosters-post-changed")),
        };
        self.ends(outcome, message);
        Ok(())
    }

    async fn appoint(
        &self,
        site: &Site,
        options: &RosterOptions,
        answer: &str,
        member: &MemberId,
    ) -> Result<Option<(Appointed, Seconds)>> {
        let Some(actor) = options.by.as_deref() else {
            return Ok(None);
        };
        let today = site.clock.today();
        let of = (self.role, self.title.as_str());
        let Ok(new) = appointing::wish(actor, &self.unit, of, member, today) else {
            return Ok(None);
        };
        let of = (self.title.as_str(), self.role, today);
        let seen = appointing::look(site, actor, &self.unit, of, Some(member)).await?;
        let none: &[String] = &[];
        let (replaces, seconds) = match answer {
            "take" if seen.in_office.is_empty() => (none, &seen.seconds),
            "beside" => (none, &seen.seconds),
            "replace" if seen.may_replace => (seen.replaces.as_slice(), &seen.replacing),
            _ => return Ok(None),
        };
        let words = options.common.words(site);
        let line = words.with(
            "rosters-post-line",
            &[
                ("name", web::text::Arg::Text(&self.name)),
                ("post", web::text::Arg::Text(&self.title)),
                ("unit", web::text::Arg::Text(&self.unit_name)),
            ],
        );
        let given = appointing::appoint(
            site,
            "import",
            actor,
            &self.unit,
            &new,
            (replaces, seconds),
            line,
            options.run.as_deref(),
        )
        .await;
        match given {
            Ok(given) => Ok(Some((given, seconds.clone()))),
            Err(Error::Refused(_) | Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

enum Wanted {
    Nothing,
    /// What they chose is not on offer any more.
    Otherwise,
    So(&'static str),
}
