//! Putting a whole meeting on record at once: what a demonstration or a paper archive brings.
//!
//! Uses the room's own statements and counting, so a recorded meeting is like one that was led here.
//! Checks no right: `app` calls it. The same key again changes nothing.

use crate::fact::{Kind, Mark, Taken, TaskState};
use crate::hall::{self, roster};
use crate::id::MeetingId;
use crate::plan::{self, Row};
use crate::store;
use kernel::error::Result;
use kernel::{Day, MemberId, Moment, UnitId};
use site::{Act, Operator};

/// One line of the agenda.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewItem {
    /// What was or will be dealt with.
    pub title: String,
    /// Minutes planned.
    pub minutes: i64,
    /// What was said; empty for a coming meeting.
    pub summary: String,
    /// What was concluded.
    pub conclusion: String,
}

/// Somebody who did not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAbsence {
    /// Who.
    pub member: MemberId,
    /// Absent with leave.
    pub is_excused: bool,
    /// For the committee only.
    pub note: String,
}

/// A task that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTaskRecord {
    /// What is to be done.
    pub title: String,
    /// By whom.
    pub owner: Option<MemberId>,
    /// Until when.
    pub due_on: Option<Day>,
    /// Whether it is done.
    pub is_done: bool,
}

/// A meeting: a past one when `ended` is set, else a called one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// A key of the caller's: the same key is recorded once.
    pub key: String,
    /// Whose meeting.
    pub unit: UnitId,
    /// What it is for.
    pub kind: Kind,
    /// Its title.
    pub title: String,
    /// When it starts or started.
    pub starts: Moment,
    /// When it ended.
    pub ended: Option<Moment>,
    /// Where.
    pub place: String,
    /// Who chairs.
    pub chair: MemberId,
    /// Who writes.
    pub clerk: Option<MemberId>,
    /// Code of the template.
    pub template_code: String,
    /// Ids of documents.
    pub papers: Vec<String>,
    /// The agenda.
    pub items: Vec<NewItem>,
    /// Who did not come; everyone else who was expected did.
    pub absent: Vec<NewAbsence>,
    /// Tasks given.
    pub tasks: Vec<NewTaskRecord>,
}

/// The numbers that a recorded meeting ended with, as counted from the roll of its day.
pub use crate::hall::roll::Numbers as RecordNumbers;

/// Records a meeting. Answers its id and, for a past one that is new, the numbers counted.
///
/// # Errors
/// Database faults.
pub async fn add_record(
    act: &mut Act<Operator>,
    new: &NewRecord,
) -> Result<(MeetingId, Option<RecordNumbers>)> {
    let rows = new
        .items
        .iter()
        .map(|item| Row {
            title: item.title.clone(),
            minutes: item.minutes.to_string(),
            ..Row::default()
        })
        .collect();
    let plan = plan::store::Plan {
        kind: new.kind,
        title: new.title.clone(),
        starts: new.starts,
        place: new.place.clone(),
        chair_id: new.chair.to_string(),
        clerk_id: new
            .clerk
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        template_code: new.template_code.clone(),
        rows,
        papers: new.papers.clone(),
    };
    let (id, is_new) =
        plan::store::add_meeting(act, &new.unit, &new.chair, &new.key, &plan).await?;
    if !is_new {
        return Ok((id, None));
    }
    let site = act.site().clone();
    let now = act.now();
    let told = now.min(new.starts);
    store::set_state(
        act,
        &id,
        crate::state::State::Draft,
        crate::state::State::Called,
    )
    .await?;
    plan::store::publish_papers(act, &id, told).await?;
    let mut roll = roster::of(&site, &new.unit, new.starts.day()).await?;
    for name in &roll {
        plan::store::invite(act, &id, name.person.member_id.as_str(), told).await?;
    }
    for absence in &new.absent {
        hall::store::answer_no(act, &id, &absence.member, None, &absence.note).await?;
    }
    let Some(ended) = new.ended else {
        return Ok((id, None));
    };
    hall::store::open(act, &id, new.starts).await?;
    for name in &roll {
        let member = &name.person.member_id;
        let absent = new.absent.iter().find(|absence| absence.member == *member);
        let mark = match absent {
            Some(absence) if absence.is_excused => Mark::Excused,
            Some(_) => Mark::Unexcused,
            None if !name.counted.class().is_expected() => continue,
            None => Mark::Present,
        };
        hall::store::mark(act, &id, member.as_str(), mark, &new.chair, new.starts).await?;
    }
    roster::mark(&mut roll, hall::store::list_marks_in(act.on(), &id).await?);
    let numbers = roster::sort(&roll).numbers();
    hall::store::add_numbers(
        act,
        &id,
        Taken::Start,
        &numbers,
        new.chair.as_str(),
        new.starts,
    )
    .await?;
    hall::store::add_numbers(act, &id, Taken::End, &numbers, new.chair.as_str(), ended).await?;
    let items = plan::store::list_items_in(act.on(), &id).await?;
    for (item, told) in items.iter().zip(&new.items) {
        hall::store::note_item(act, &id, item.id.as_str(), &told.summary, &told.conclusion).await?;
    }
    for (n, task) in new.tasks.iter().enumerate() {
        let due = task.due_on.map(|day| day.to_string()).unwrap_or_default();
        let kept = hall::store::NewTask {
            title: &task.title,
            owner_id: task.owner.as_ref().map_or("", MemberId::as_str),
            due_on: &due,
            state: if task.is_done {
                TaskState::Done
            } else {
                TaskState::Open
            },
            done_on: if task.is_done { &due } else { "" },
            once: &format!("{}-{n}", new.key),
        };
        hall::store::add_task(act, &new.unit, &id, &kept).await?;
    }
    hall::store::close(act, &id, new.starts, ended).await?;
    Ok((id, Some(numbers)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use site::May as _;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_past_meeting_is_recorded_once_with_numbers_counted_here() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let day: Day = "2026-10-30".parse().unwrap();
                let new = NewRecord {
                    key: "past".into(),
                    unit: "cell-a".parse().unwrap(),
                    kind: Kind::Regular,
                    title: "Sinh hoạt thường kỳ tháng 10".into(),
                    starts: day.at(19, 30),
                    ended: Some(day.at(21, 6)),
                    place: "Nhà văn hóa".into(),
                    chair: "lan".parse().unwrap(),
                    clerk: None,
                    template_code: String::new(),
                    papers: vec![],
                    items: vec![NewItem {
                        title: "Khai mạc".into(),
                        minutes: 10,
                        summary: "Đủ".into(),
                        ..NewItem::default()
                    }],
                    absent: vec![NewAbsence {
                        member: "hoa".parse().unwrap(),
                        is_excused: true,
                        note: "Ốm".into(),
                    }],
                    tasks: vec![NewTaskRecord {
                        title: "Việc".into(),
                        owner: None,
                        due_on: Some(day),
                        is_done: true,
                    }],
                };
                for is_new in [true, false] {
                    let mut act = Operator::at("demo")
                        .begin(&app.site, "demo", "meeting.record")
                        .await
                        .unwrap();
                    let (_, numbers) = add_record(&mut act, &new).await.unwrap();
                    act.end().await.unwrap();
                    assert_eq!(
                        numbers.map(|n| (n.present, n.excused, n.vote_base)),
                        is_new.then_some((2, 1, 3))
                    );
                }
                let page = app.as_(testkit::HOA).get("/meetings").await.expects(200);
                assert_eq!(page.all("#past .rowlink"), ["Sinh hoạt thường kỳ tháng 10"]);
            },
        )
        .await;
    }
}
