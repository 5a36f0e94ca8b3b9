//! The draft of the minutes: plain text from recorded facts, nothing that was not recorded.
//!
//! [`write`] is pure: facts and sentences in, text out; [`gather`] reads the facts. Not here: the
//! revisions (`store`), the printed layout (`pages::minutes_print`).
//! The rule that surprises: numbers and names come from one counting of the roll with its frozen marks;
//! where the numbers kept at the end say otherwise (a record was corrected since), the draft says both.

use crate::fact::{Taken, TaskState};
use crate::hall::roll::{self, Class, Numbers, Sorted};
use crate::hall::store::Task;
use crate::hall::{self, roster, tally};
use crate::plan::store::Item;
use crate::store::Meeting;
use crate::{plan, rules, words};
use kernel::error::Result;
use kernel::{Day, Moment};
use sha2::{Digest as _, Sha256};
use site::Site;
use web::text::Arg;

/// All that the draft rests on.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub unit_name: String,
    pub title: String,
    pub place: String,
    pub chair: String,
    pub clerk: String,
    pub started: Moment,
    pub ended: Option<Moment>,
    pub sorted: Sorted,
    /// As kept at the end; nothing while the meeting runs.
    pub kept: Option<Numbers>,
    pub votes_needed: i64,
    pub items: Vec<Item>,
    pub tasks: Vec<Task>,
}

/// Reads the facts of a meeting that has begun.
pub(crate) async fn gather(site: &Site, meeting: &Meeting) -> Result<Facts> {
    let sorted = roster::sort(&roster::marked(site, meeting).await?);
    let kept = hall::store::find_numbers(&site.db, &meeting.id, Taken::End).await?;
    let share = rules::of(site, meeting.starts().day())
        .await?
        .pass_share()?;
    Ok(Facts {
        unit_name: meeting.unit_name.clone(),
        title: meeting.title.clone(),
        place: meeting.place.clone(),
        chair: meeting.chair_name.clone(),
        clerk: meeting.clerk_name.clone(),
        started: meeting.began(),
        ended: meeting.ended_at.map(Moment),
        votes_needed: roll::votes_needed(sorted.base().base, share.0, share.1),
        sorted,
        kept,
        items: plan::store::list_items(&site.db, &meeting.id).await?,
        tasks: given(site, meeting).await?,
    })
}

/// Tasks that were given and not taken back.
async fn given(site: &Site, meeting: &Meeting) -> Result<Vec<Task>> {
    let mut tasks = hall::store::list_tasks(&site.db, &meeting.id).await?;
    tasks.retain(|task| !task.state.is(TaskState::Dropped));
    hall::roster::call_owners(site, meeting, &mut tasks).await?;
    Ok(tasks)
}

/// The draft as text. `say` answers for a key with its arguments, in Vietnamese.
pub(crate) fn write(facts: &Facts, say: impl Fn(&str, &[(&str, Arg<'_>)]) -> String) -> String {
    let clock = |at: Moment| {
        let (hour, minute) = at.hour_minute();
        say(
            "meetings-hour",
            &[
                ("hour", i64::from(hour).into()),
                ("minute", Arg::Text(&format!("{minute:02}"))),
            ],
        )
    };
    let day = facts.started.day().vn();
    let mut out = vec![say(
        "meetings-draft-opening",
        &[
            ("time", Arg::Text(&clock(facts.started))),
            ("day", Arg::Text(&day)),
            ("place", Arg::Text(&words::inside(&facts.place))),
            ("unit", Arg::Text(&facts.unit_name)),
            ("title", Arg::Text(&facts.title)),
        ],
    )];
    out.push(say("meetings-draft-section-who", &[]));
    out.extend(who_was_there(&facts.sorted, &say));
    out.push(tally::base(&facts.sorted, &say));
    out.push(say(
        "meetings-draft-base",
        &[
            ("base", facts.sorted.base().base.into()),
            ("needed", facts.votes_needed.into()),
        ],
    ));
    let counted = facts.sorted.numbers();
    if let Some(kept) = facts.kept.filter(|kept| !kept.agrees_with(&counted)) {
        out.push(say(
            "meetings-draft-differs",
            &[
                ("present", kept.headcount.into()),
                ("base", kept.vote_base.into()),
            ],
        ));
    }
    if !facts.chair.is_empty() {
        out.push(say(
            "meetings-draft-chair",
            &[("name", Arg::Text(&facts.chair))],
        ));
    }
    if !facts.clerk.is_empty() {
        out.push(say(
            "meetings-draft-clerk",
            &[("name", Arg::Text(&facts.clerk))],
        ));
    }
    out.push(say("meetings-draft-section-what", &[]));
    for item in &facts.items {
        out.push(format!("{}. {}", item.position, item.title));
        out.extend(
            item.summary
                .lines()
                .filter(|line| !line.trim().is_empty())
                .map(str::to_owned),
        );
        if !item.conclusion.is_empty() {
            out.push(say(
                "meetings-draft-conclusion",
                &[("text", Arg::Text(&item.conclusion))],
            ));
        }
    }
    if !facts.tasks.is_empty() {
        out.push(say("meetings-draft-section-tasks", &[]));
    }
    for task in &facts.tasks {
        let mut line = format!("- {}", task.title);
        if !task.owner.is_empty() {
            line.push_str(&say(
                "meetings-draft-task-owner",
                &[("name", Arg::Text(&task.owner))],
            ));
        }
        if let Ok(due) = task.due_on.parse::<Day>() {
            line.push_str(&say(
                "meetings-draft-task-due",
                &[("day", Arg::Text(&due.vn()))],
            ));
        }
        out.push(line);
    }
    if let Some(ended) = facts.ended {
        out.push(say(
            "meetings-draft-end",
            &[("time", Arg::Text(&clock(ended)))],
        ));
    }
    out.join("\n\n")
}

/// Who was there and who was not: each class of the roll once, with its number and its names.
pub(crate) fn who_was_there(
    sorted: &Sorted,
    say: &impl Fn(&str, &[(&str, Arg<'_>)]) -> String,
) -> Vec<String> {
    let bracketed = |list: String| match list.as_str() {
        "" => list,
        _ => format!(" ({list})"),
    };
    let all = bracketed(tally::who(sorted, None, say));
    let present = bracketed(tally::who(sorted, Some(Class::Present), say));
    let mut out = vec![
        say(
            "meetings-draft-total",
            &[("all", sorted.total().into()), ("who", Arg::Text(&all))],
        ),
        say(
            "meetings-draft-present",
            &[
                ("headcount", sorted.count(Class::Present).into()),
                ("who", Arg::Text(&present)),
            ],
        ),
    ];
    for class in Class::ALL {
        // The two ways of being absent are said even of nobody; those present are not named.
        let (key, is_always) = match class {
            Class::Present => continue,
            Class::Excused => ("meetings-draft-excused", true),
            Class::Unexcused => ("meetings-draft-unexcused", true),
            Class::Open => ("meetings-draft-open", false),
            Class::Exempt => ("meetings-draft-exempt", false),
            Class::Away => ("meetings-draft-away", false),
            Class::NotCalled => ("meetings-draft-not-called", false),
            Class::NoRule => ("meetings-draft-no-rule", false),
        };
        let names = tally::names(sorted, class, say);
        if names.is_empty() && !is_always {
            continue;
        }
        let list = bracketed(names.join(", "));
        out.push(say(
            key,
            &[
                ("n", sorted.count(class).into()),
                ("names", Arg::Text(&list)),
            ],
        ));
    }
    out
}

/// The draft of a meeting, in Vietnamese.
pub(crate) async fn draft(site: &Site, meeting: &Meeting) -> Result<String> {
    let facts = gather(site, meeting).await?;
    Ok(write(&facts, |key, args| words::vi(site, key, args)))
}

/// One way of writing a text, so that an unchanged save is seen as unchanged: browsers send line
/// ends as two characters and people leave spaces behind.
pub(crate) fn settle(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}

/// The hash that signatures will name.
pub(crate) fn hash(body: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(body.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_and_trailing_spaces_are_no_change() {
        assert_eq!(hash(&settle("a  \r\n\r\nb\n")), hash(&settle("a\n\nb")));
        assert_ne!(hash("a"), hash("b"));
    }
    #[test]
    fn the_draft_says_only_what_was_recorded() {
        let facts = Facts {
            unit_name: "Chi bộ".into(),
            title: "Sinh hoạt".into(),
            place: "Nhà văn hóa".into(),
            chair: "Lan".into(),
            clerk: String::new(),
            started: "2026-11-27".parse::<Day>().unwrap().at(19, 32),
            ended: None,
            sorted: Sorted::default(),
            kept: Some(Numbers::default()),
            votes_needed: 1,
            items: Vec::new(),
            tasks: Vec::new(),
        };
        let text = write(&facts, |key, args| {
            let shown: Vec<String> = args
                .iter()
                .map(|(name, value)| match value {
                    Arg::Text(text) => format!("{name}={text}"),
                    Arg::Number(number) => format!("{name}={number}"),
                })
                .collect();
            format!("{key}[{}]", shown.join(";"))
        });
        assert!(
            text.contains("meetings-draft-excused[n=0;names=]"),
            "{text}"
        );
        for absent in ["clerk", "end", "task", "exempt", "differs"] {
            assert!(
                !text.contains(&format!("draft-{absent}")),
                "{absent} in {text}"
            );
        }
    }
}
