//! Who is asked whether they come: everybody who was invited, but those who need not come.
//!
//! Whoever is exempt from meetings, or takes part elsewhere for a time, is invited and told, may answer, and is
//! waited for by nobody. Not here: the answers themselves (`pages::answer`), the telephones (`unanswered`).

use crate::fact::Reply;
use crate::hall::roll::Class;
use crate::hall::{roster, store};
use crate::store::Meeting;
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{Day, UnitId};
use site::Site;
use std::collections::HashSet;
use web::Frame;

/// Who need not come to a meeting of the unit on that day.
pub(crate) async fn list_free(site: &Site, unit: &UnitId, on: Day) -> Result<HashSet<String>> {
    Ok(Free::of(site, unit, on).await?.ids().cloned().collect())
}

/// Who need not come, by why.
#[derive(Debug, Default)]
pub(crate) struct Free {
    exempt: HashSet<String>,
    away: HashSet<String>,
}

impl Free {
    /// Of a meeting of the unit on that day.
    pub(crate) async fn of(site: &Site, unit: &UnitId, on: Day) -> Result<Free> {
        let mut free = Free::default();
        for name in roster::of(site, unit, on).await? {
            let id = name.person.member_id.to_string();
            match name.counted.class() {
                Class::Exempt => free.exempt.insert(id),
                Class::Away => free.away.insert(id),
                _ => false,
            };
        }
        Ok(free)
    }
    fn ids(&self) -> impl Iterator<Item = &String> {
        self.exempt.iter().chain(&self.away)
    }
    fn has(&self, member: &str) -> bool {
        self.exempt.contains(member) || self.away.contains(member)
    }
    /// Why somebody need not come, as a key of its words.
    pub(crate) fn why(&self, member: &str) -> Option<&'static str> {
        match () {
            () if self.exempt.contains(member) => Some("meetings-calling-exempt"),
            () if self.away.contains(member) => Some("meetings-calling-away"),
            () => None,
        }
    }
    /// Counts these people: each in exactly one class.
    pub(crate) fn count<'a>(&self, people: impl Iterator<Item = &'a str>) -> Whole {
        let mut whole = Whole::default();
        for member in people {
            if self.exempt.contains(member) {
                whole.exempt += 1;
            } else if self.away.contains(member) {
                whole.away += 1;
            } else {
                whole.asked += 1;
            }
        }
        whole
    }
}

/// Who sees a meeting, each counted once: the one line that says it is the same before and after it was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Whole {
    /// Asked whether they come.
    pub asked: i64,
    pub exempt: i64,
    pub away: i64,
}

impl Whole {
    /// "15 người: 13 được mời, 2 miễn"; "13 người được mời" where nobody else is on the list.
    pub(crate) fn said(&self, frame: &Frame) -> String {
        if self.exempt + self.away == 0 {
            return frame.t1("meetings-invited", "n", self.asked);
        }
        let parts = [
            ("meetings-invited-asked", self.asked),
            ("meetings-invited-exempt", self.exempt),
            ("meetings-invited-away", self.away),
        ];
        let parts = parts.into_iter().filter(|(_, n)| *n > 0);
        let parts: Vec<String> = parts.map(|(key, n)| frame.t1(key, "n", n)).collect();
        let all = self.asked + self.exempt + self.away;
        frame.t2(
            "meetings-invited-of",
            "all",
            all,
            "parts",
            &parts.join(", "),
        )
    }
}

/// Who belongs to the unit of a coming meeting on its day. People come and go after it was called: whoever left is
/// waited for no more, and whoever came is asked.
pub(crate) struct Roll(Vec<roster::Name>);

impl Roll {
    /// Of a meeting.
    pub(crate) async fn of(site: &Site, meeting: &Meeting) -> Result<Roll> {
        let roll = roster::of(site, &meeting.unit_id, meeting.starts().day()).await?;
        Ok(Roll(roll))
    }
    /// Whether somebody is on it.
    pub(crate) fn has(&self, member: &str) -> bool {
        self.name_of(member).is_some()
    }
    /// The names on it.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|name| name.person.name.as_str())
    }
    /// The name of somebody on it.
    pub(crate) fn name_of(&self, member: &str) -> Option<String> {
        let mut names = self.0.iter().map(|name| &name.person);
        let found = names.find(|person| person.member_id.as_str() == member);
        found.map(|person| person.shown.clone())
    }
    /// Those on it who are called to meetings and are none of these.
    pub(crate) fn without<'r>(
        &'r self,
        known: Vec<&str>,
    ) -> impl Iterator<Item = &'r roster::Name> + use<'r> {
        let known: HashSet<&str> = known.into_iter().collect();
        let called: Vec<&roster::Name> = (self.0.iter())
            .filter(|name| name.counted.is_called)
            .filter(|name| !known.contains(name.person.member_id.as_str()))
            .collect();
        called.into_iter()
    }
}

/// How many of those who are asked answered what, so that the three are all of them; whoever chairs comes, and is
/// asked nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub yes: i64,
    /// Who is counted as coming, of a meeting that lies ahead.
    coming: Vec<String>,
    /// Whoever chairs, who is counted as coming without having answered.
    chairs: String,
    pub no: i64,
    pub open: i64,
    /// Need not come, and do.
    pub free_yes: i64,
    /// All who see the meeting.
    pub whole: Whole,
}

/// Counts the answers to a meeting.
pub(crate) async fn count(site: &Site, meeting: &Meeting) -> Result<Counted> {
    let free = Free::of(site, &meeting.unit_id, meeting.starts().day()).await?;
    let mut answers = store::list_answers(&site.db, &meeting.id).await?;
    let mut names = None;
    if meeting.state.is_coming() {
        let roll = Roll::of(site, meeting).await?;
        answers.retain(|answer| roll.has(&answer.member_id));
        let new = roll.without(answers.iter().map(|one| one.member_id.as_str()).collect());
        let new: Vec<store::Answered> = new
            .map(|name| store::Answered {
                member_id: name.person.member_id.to_string(),
                answer: Kept::Known(Reply::Open),
            })
            .collect();
        answers.extend(new);
        names = Some(roll);
    }
    let mut counted = Counted {
        whole: free.count(answers.iter().map(|answer| answer.member_id.as_str())),
        ..Counted::default()
    };
    for answer in answers {
        let is_chair = answer.member_id == meeting.chair_id;
        let said = answer.answer.known();
        let name = names.as_ref().map(|roll| roll.name_of(&answer.member_id));
        let name = name.flatten().unwrap_or_default();
        match said {
            _ if name.is_empty() => {}
            Some(Reply::Open) if is_chair => counted.chairs = name,
            Some(Reply::Yes) => counted.coming.push(name),
            _ => {}
        }
        match said {
            _ if free.has(&answer.member_id) => {
                counted.free_yes += i64::from(said == Some(Reply::Yes) || is_chair);
            }
            Some(Reply::Yes) => counted.yes += 1,
            Some(Reply::No) => counted.no += 1,
            Some(Reply::Open) if is_chair => counted.yes += 1,
            Some(Reply::Open) | None => counted.open += 1,
        }
    }
    Ok(counted)
}

impl Counted {
    /// Who is counted as coming, each by name: "Sẽ đến: Nguyễn Thị Lan (chủ trì), Lương Thị Hoa." Empty for nobody.
    pub(crate) fn named(&self, frame: &Frame) -> String {
        let chair = Some(&self.chairs).filter(|name| !name.is_empty());
        let chair = chair.map(|name| frame.t1("meetings-answers-chairs", "name", name));
        let names: Vec<String> = chair.into_iter().chain(self.coming.clone()).collect();
        match names.is_empty() {
            true => String::new(),
            false => frame.t1("meetings-answers-coming", "names", &names.join(", ")),
        }
    }
    /// All who see the meeting, and what they answered.
    pub(crate) fn said(&self, frame: &Frame) -> String {
        let mut said = frame.tn(
            "meetings-answers",
            &[
                ("whole", (&self.whole.said(frame)).into()),
                ("yes", self.yes.into()),
                ("no", self.no.into()),
                ("open", self.open.into()),
            ],
        );
        if self.free_yes > 0 {
            said.push(' ');
            said.push_str(&frame.t1("meetings-answers-free", "n", self.free_yes));
        }
        said
    }
}
