//! What is asked before a date is taken: possible, but seldom meant.
//!
//! Asked once for each doubt: whoever ticks the box has seen those that stood beside it, and only those.
//! Not here: what is refused (`pages::plan_form`).

use crate::fact::Kind;
use crate::id::MeetingId;
use crate::plan::store;
use crate::state::State;
use kernel::error::Result;
use kernel::{MemberId, Moment, UnitId};
use site::Site;
use web::{FormState, Frame};

/// Meetings nearer than this to each other are one hour twice.
const SAME_HOUR_MS: i64 = 60 * 60_000;
/// Nobody plans a meeting further ahead.
const FAR_DAYS: i64 = 366;
/// Whoever kept a draft so long ago and sends another form has gone Back, more often than not: a quarter of an hour.
const JUST_NOW_MS: i64 = 15 * 60_000;
/// Hours at which nobody meets; `01:32` is a slip for `13:32`.
const NIGHT: std::ops::Range<u8> = 0..5;

/// A doubt: its word in the form, and its question.
pub(crate) type Doubt = (&'static str, String);

/// What is odd about that hour, for a meeting of the unit other than `own`.
pub(crate) async fn find(
    site: &Site,
    frame: &Frame,
    unit: &UnitId,
    own: Option<&MeetingId>,
    (kind, starts): (Kind, Moment),
) -> Result<Vec<Doubt>> {
    let day = starts.day();
    let from = day.month_start().start().plus_ms(-SAME_HOUR_MS);
    let to = day.month_end().plus_days(1).start().plus_ms(SAME_HOUR_MS);
    let mut others = store::list_between(&site.db, unit, from, to).await?;
    others.retain(|other| own.is_none_or(|own| own.as_str() != other.id));
    let mut out = Vec::new();
    let now = site.clock.now();
    let is_near = |at: i64| (at - starts.0).abs() < SAME_HOUR_MS;
    // What is over takes nobody's hour; what is going on does, whenever it was to begin.
    let near = others.iter().find(|other| {
        let is_running = other.state.is(State::Running);
        let is_over = other.state.known().is_some_and(State::is_closed);
        !is_over && (is_near(other.starts_at) || (is_running && is_near(now.0)))
    });
    let regular = others.iter().find(|other| {
        other.kind.is(Kind::Regular)
            && Moment(other.starts_at).day().month_start() == day.month_start()
    });
    let said = |key: &str, other: &store::Other| {
        let at = Moment(other.starts_at);
        let when = crate::words::hour_and_day(frame, at);
        frame.t2(key, "title", &other.title, "when", &when)
    };
    if let Some(other) = near {
        let apart = (other.starts_at - starts.0).abs() / 60_000;
        let question = match apart {
            0 => said("meetings-doubt-hour", other),
            // One that is going on takes the hour, whenever it was to begin.
            _ if !is_near(other.starts_at) => said("meetings-doubt-hour-running", other),
            _ => {
                let at = Moment(other.starts_at);
                let when = crate::words::hour_and_day(frame, at);
                let args = [
                    ("title", (&other.title).into()),
                    ("when", (&when).into()),
                    ("n", apart.into()),
                ];
                frame.tn("meetings-doubt-hour-near", &args)
            }
        };
        out.push(("hour", question));
    } else if let Some(other) = regular.filter(|_| kind == Kind::Regular) {
        out.push(("month", said("meetings-doubt-month", other)));
    }
    if frame.today().days_until(day) > FAR_DAYS {
        out.push(("far", frame.t1("meetings-doubt-far", "day", &day.vn())));
    }
    if NIGHT.contains(&starts.hour_minute().0) {
        let at = crate::words::hour(frame, starts);
        out.push(("night", frame.t1("meetings-doubt-night", "at", &at)));
    }
    Ok(out)
}

/// Whether the same person kept a draft of such a meeting a moment ago: Back gives out a fresh form, and the button
/// would make a second one. Another kind or another month is another meeting.
pub(crate) async fn again(
    site: &Site,
    frame: &Frame,
    unit: &UnitId,
    by: &MemberId,
    (kind, starts): (Kind, Moment),
) -> Result<Option<Doubt>> {
    let since = site.clock.now().plus_ms(-JUST_NOW_MS);
    let found = store::find_just_now(&site.db, unit, by, since).await?;
    let month = |at: Moment| at.day().month_start();
    let found = found
        .filter(|draft| draft.kind.is(kind) && month(Moment(draft.starts_at)) == month(starts));
    Ok(found.map(|draft| {
        let at = Moment(draft.starts_at);
        let when = crate::words::hour_and_day(frame, at);
        let question = frame.t2("meetings-doubt-again", "title", &draft.title, "when", &when);
        ("again", question)
    }))
}

/// The draft that the same person kept a moment ago, of whatever month and kind: where it is, and a sentence.
pub(crate) async fn just_now(
    site: &Site,
    frame: &Frame,
    unit: &UnitId,
    by: &MemberId,
) -> Result<Option<(String, String)>> {
    let since = site.clock.now().plus_ms(-JUST_NOW_MS);
    let found = store::find_just_now(&site.db, unit, by, since).await?;
    Ok(found.map(|draft| {
        let when = crate::words::hour_and_day(frame, Moment(draft.starts_at));
        let said = frame.t2("meetings-just-now", "title", &draft.title, "when", &when);
        (format!("/meetings/{}", draft.id), said)
    }))
}

/// Puts every doubt that was not answered into the form. `sure` is what the tick sent.
pub(crate) fn ask(doubts: Vec<Doubt>, sure: &[String], state: &mut FormState) {
    let known: Vec<&str> = sure.iter().flat_map(|words| words.split(' ')).collect();
    for (word, question) in doubts {
        if !known.contains(&word) {
            state.fail("sure", question);
        }
        state.put("asked", word);
    }
}

/// The questions beside the tick, and what the tick says.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// The sentences.
    pub questions: Vec<String>,
    /// The value of the tick.
    pub words: String,
}

impl Asked {
    /// What stands in the form.
    pub(crate) fn of(frame: &Frame, state: &FormState) -> Self {
        let errors = state.errors(frame).into_iter();
        Asked {
            questions: errors
                .filter(|(name, _)| *name == "sure")
                .map(|(_, text)| text)
                .collect(),
            words: state.values("asked").join(" "),
        }
    }
}
