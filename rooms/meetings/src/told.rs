//! What members are told of a meeting: that it is called, moved, held elsewhere or called off, how their
//! absence was decided, and that they were given a task.
//!
//! Said within the act that does it, once for each thing (`notices`). Not here: by which way it goes out.
//! The rule that surprises: whoever does it is not told of it.

use crate::hall::store::Task;
use crate::id::MeetingId;
use crate::plan;
use crate::store::{self, Meeting};
use kernel::error::{Error, Result};
use kernel::{Cap, MemberId, Moment};
use notices::New;
use site::room::NoticeKind;
use site::{Act, Proof};

/// What the room tells of, for the settings of each member.
pub(crate) const KINDS: [NoticeKind; 6] = [
    NoticeKind {
        kind: "meetings.called",
        text: "meetings-notice-called",
    },
    NoticeKind {
        kind: "meetings.moved",
        text: "meetings-notice-moved",
    },
    NoticeKind {
        kind: "meetings.cancelled",
        text: "meetings-notice-cancelled",
    },
    NoticeKind {
        kind: "meetings.asked",
        text: "meetings-notice-asked",
    },
    NoticeKind {
        kind: "meetings.absence",
        text: "meetings-notice-absence",
    },
    NoticeKind {
        kind: "meetings.task",
        text: "meetings-notice-task",
    },
];

/// Everybody but whoever acts.
fn others<P: Proof>(act: &Act<P>, members: &[String]) -> Result<Vec<MemberId>> {
    (members.iter().filter(|member| *member != act.by()))
        .map(|member| member.clone().try_into().map_err(Error::fault))
        .collect()
}

fn notice(kind: &'static str, once: &str, text: &'static str, id: &MeetingId, at: Moment) -> New {
    let (hour, minute) = at.hour_minute();
    New::of(
        kind,
        format!("{kind}/{once}"),
        text,
        format!("/meetings/{id}"),
        at,
    )
    .arg("day", at.day().vn())
    .arg("hour", format!("{hour}:{minute:02}"))
}

/// Letters of a reason in a notice; all of it stands on the meeting's page.
const REASON: usize = 200;

fn either(reason: &str, bare: &'static str, why: &'static str) -> &'static str {
    if reason.trim().is_empty() { bare } else { why }
}

/// A reason as a part of a sentence: one line, the rest of a long one left to the page.
fn in_one_line(reason: &str) -> String {
    let line = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(REASON) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default().trim_end()),
        None => line,
    }
}

/// Somebody is a member no more: what they were invited to and has not begun goes on without them. Hearing it twice
/// changes nothing.
pub(crate) async fn left(site: &site::Site, member: &str) -> Result<()> {
    use site::May as _;
    let member: MemberId = member.parse().map_err(Error::fault)?;
    if !people::has_left(site, &member).await? {
        return Ok(());
    }
    let mut act = site::Program::part("meetings.left")
        .begin_unlogged(site, "meetings.left", "meetings.left")
        .await?;
    crate::hall::store::drop_coming(&mut act, &member).await?;
    act.end().await.map(|_| ())
}

/// Two records have become one: what the other one was to chair or to write down, and has not begun, is the person's
/// under the record that stays. Hearing it twice changes nothing; what was held keeps who did it.
pub(crate) async fn merged(site: &site::Site, subject: &str) -> Result<()> {
    use site::May as _;
    let (kept, old) = subject.split_once(' ').ok_or(Error::NotFound)?;
    let read = |id: &str| id.parse::<MemberId>().map_err(Error::fault);
    let (kept, old) = (read(kept)?, read(old)?);
    // Taken apart again meanwhile: it is another person's.
    if people::alias::find(site, &old).await?.as_ref() != Some(&kept) {
        return Ok(());
    }
    let mut act = site::Program::part("meetings.merged")
        .begin_unlogged(site, "meetings.merged", "meetings.merged")
        .await?;
    crate::hall::store::inherit_coming(&mut act, &kept, &old).await?;
    act.end().await.map(|_| ())
}

/// The meeting is called: those who are invited.
pub(crate) async fn called<P: Proof>(
    act: &mut Act<P>,
    id: &MeetingId,
    invited: &[String],
) -> Result<()> {
    let meeting = store::get_in(act.on(), id).await?;
    let told = notice(
        "meetings.called",
        id.as_str(),
        "meetings-told-called",
        id,
        meeting.starts(),
    )
    .arg("title", &meeting.title)
    .arg("place", crate::words::inside(&meeting.place))
    .to(others(act, invited)?);
    act.notify(told);
    Ok(())
}

/// It began long before its hour, or that was taken back: those who are invited would come too late.
pub(crate) async fn began<P: Proof>(
    act: &mut Act<P>,
    meeting: &Meeting,
    is_back: bool,
) -> Result<()> {
    let invited = plan::store::list_invited(act.on(), &meeting.id).await?;
    let once = format!("{}/{}", meeting.id, act.operation());
    let (text, at) = match is_back {
        true => ("meetings-told-not-begun", meeting.starts()),
        false => ("meetings-told-begun", act.now()),
    };
    let told = notice("meetings.moved", &once, text, &meeting.id, at)
        .arg("title", &meeting.title)
        .arg("place", crate::words::inside(&meeting.place))
        .urgent()
        .to(others(act, &invited)?);
    act.notify(told);
    Ok(())
}

/// It is moved to another hour.
pub(crate) async fn moved<P: Proof>(
    act: &mut Act<P>,
    meeting: &Meeting,
    to: Moment,
    reason: &str,
) -> Result<()> {
    let invited = plan::store::list_invited(act.on(), &meeting.id).await?;
    // Moved there, away and there again is told each time; the same hour twice is refused before.
    let once = format!("{}/{}", meeting.id, act.operation());
    let told = notice(
        "meetings.moved",
        &once,
        either(reason, "meetings-told-moved", "meetings-told-moved-why"),
        &meeting.id,
        to,
    )
    .arg("title", &meeting.title)
    .arg("reason", in_one_line(reason))
    .to(others(act, &invited)?)
    .urgent()
    .replacing();
    act.notify(told);
    Ok(())
}

/// It is held at another place, at the same hour.
pub(crate) async fn elsewhere<P: Proof>(
    act: &mut Act<P>,
    meeting: &Meeting,
    place: &str,
) -> Result<()> {
    let invited = plan::store::list_invited(act.on(), &meeting.id).await?;
    let once = format!("{}/{}", meeting.id, act.operation());
    let told = notice(
        "meetings.moved",
        &once,
        "meetings-told-elsewhere",
        &meeting.id,
        meeting.starts(),
    )
    .arg("title", &meeting.title)
    .arg("place", crate::words::inside(place))
    .to(others(act, &invited)?)
    .urgent()
    .replacing();
    act.notify(told);
    Ok(())
}

/// Somebody was given a task; what it is stands on the pages only.
pub(crate) fn given<P: Proof>(
    act: &mut Act<P>,
    meeting: &Meeting,
    owner: &str,
    (once, due): (&str, kernel::Day),
) -> Result<()> {
    let to = others(act, &[owner.to_owned()])?;
    let until = due.max(act.now().day()).plus_days(1).start();
    let told = notice(
        "meetings.task",
        once,
        "meetings-told-task",
        &meeting.id,
        until,
    )
    .arg("due", due.vn());
    act.notify(told.to(to));
    Ok(())
}

/// A task was changed or taken back: whose it is. What is named is the meeting at which it was given,
/// wherever it is changed.
pub(crate) async fn task<P: Proof>(
    act: &mut Act<P>,
    task: &Task,
    due: Option<kernel::Day>,
    is_withdrawn: bool,
) -> Result<()> {
    if task.owner_id.is_empty() {
        return Ok(());
    }
    let origin = given_at(act, task).await?;
    let to = others(act, std::slice::from_ref(&task.owner_id))?;
    let text = match (is_withdrawn, due) {
        (true, _) => "meetings-told-task-withdrawn",
        (false, Some(_)) => "meetings-told-task-changed",
        (false, None) => "meetings-told-task-changed-open",
    };
    let today = act.now().day();
    let until = due.unwrap_or(today).max(today).plus_days(1).start();
    let once = format!("{}/{}", task.id, act.operation());
    let mut told = notice("meetings.task", &once, text, &origin.id, until);
    if let Some(due) = due {
        told = told.arg("due", due.vn());
    }
    act.notify(told.arg("title", &origin.title).to(to));
    Ok(())
}

/// A task is another's now: whoever has it from here on.
pub(crate) async fn handed_on<P: Proof>(
    act: &mut Act<P>,
    task: &Task,
    owner: &str,
    due: Option<kernel::Day>,
) -> Result<()> {
    let origin = given_at(act, task).await?;
    let once = format!("{}/{}", task.id, act.operation());
    let due = due.unwrap_or(act.now().day());
    given(act, &origin, owner, (&once, due))
}

async fn given_at<P: Proof>(act: &mut Act<P>, task: &Task) -> Result<Meeting> {
    let origin: MeetingId = task.origin_id.parse().map_err(Error::fault)?;
    store::get_in(act.on(), &origin).await
}

/// It is called off.
pub(crate) async fn cancelled<P: Proof>(
    act: &mut Act<P>,
    meeting: &Meeting,
    reason: &str,
) -> Result<()> {
    let invited = plan::store::list_invited(act.on(), &meeting.id).await?;
    let told = notice(
        "meetings.cancelled",
        meeting.id.as_str(),
        either(
            reason,
            "meetings-told-cancelled",
            "meetings-told-cancelled-why",
        ),
        &meeting.id,
        meeting.starts(),
    )
    .arg("title", &meeting.title)
    .arg("reason", in_one_line(reason))
    .to(others(act, &invited)?)
    .urgent()
    .replacing();
    act.notify(told);
    Ok(())
}

/// Somebody asks to be absent: who chairs, once for each person. Why is said on the meeting's page only.
pub(crate) async fn asked<P: Proof>(
    act: &mut Act<P>,
    meeting: &Meeting,
    (member, name): (&str, &str),
) -> Result<bool> {
    let site = act.site().clone();
    let unit = meeting.unit();
    let mut chairs = people::post::holders(&site, Cap::MeetingChair, &unit.path).await?;
    let reaches = !chairs.is_empty();
    // Whoever leads it decides; where nobody is named, or they left the post since, whoever may lead one.
    if chairs.iter().any(|(id, _)| id.as_str() == meeting.chair_id) {
        chairs.retain(|(id, _)| id.as_str() == meeting.chair_id);
    }
    let chairs: Vec<String> = chairs.into_iter().map(|(id, _)| id.to_string()).collect();
    // Once for each state of the plan: after a move everybody is asked anew, also back to the first hour.
    let once = format!("{}/{member}/{}", meeting.id, meeting.row_version);
    let told = notice(
        "meetings.asked",
        &once,
        "meetings-told-asked",
        &meeting.id,
        meeting.starts(),
    )
    .arg("name", name)
    .to(others(act, &chairs)?);
    act.notify(told);
    Ok(reaches)
}

/// An absence is decided: who asked, with what is said to it.
pub(crate) fn absence<P: Proof>(
    act: &mut Act<P>,
    meeting: &Meeting,
    absence: &str,
    member: &MemberId,
    is_accepted: bool,
    reason: &str,
) {
    let text = match is_accepted {
        true => either(
            reason,
            "meetings-told-absence-accepted",
            "meetings-told-absence-accepted-why",
        ),
        false => either(
            reason,
            "meetings-told-absence-refused",
            "meetings-told-absence-refused-why",
        ),
    };
    // A decision that changes is told again; the same decision twice changes nothing and comes not here.
    let once = format!("{absence}/{}", act.operation());
    let told = notice(
        "meetings.absence",
        &once,
        text,
        &meeting.id,
        meeting.starts(),
    )
    .arg("reason", in_one_line(reason));
    act.notify(told.to([member.clone()]));
}
