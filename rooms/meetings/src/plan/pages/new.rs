//! Planning a meeting: filled from the unit's last one and the template of its type of cell.
//!
//! Keeps a draft, or keeps it and calls it at once. Not here: changing a plan (`edit`).
//! The same form sent twice plans one meeting (`once`).

use super::{calling, plan_form};
use crate::access::{self, CanPlan};
use crate::fact::Kind;
use crate::plan::{Row, doubt, same_weekday, store, template};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use kernel::error::Result;
use kernel::{Cap, Day, Moment, UnitId};
use plan_form::{Act, PlanForm, Setting};
use site::sent::{self, Sent};
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

/// The hour that a first meeting is planned for.
const DEFAULT_TIME: &str = "19:30";

#[derive(serde::Deserialize)]
pub(crate) struct Ask {
    #[serde(default)]
    unit: String,
    #[serde(default)]
    kind: String,
    /// The month that a regular meeting is missing in: `2026-11`.
    #[serde(default)]
    month: String,
}

/// The day that the next regular meeting most likely has: the same weekday of the month as the last
/// one, in the first month from this one on that has no regular meeting and where that day is ahead.
fn next_day(today: Day, last: Option<Day>, taken: &[Moment]) -> Option<Day> {
    let model = last?;
    (0..12)
        .map(|months| today.month_start().plus_months(months))
        .filter(|month| !taken.iter().any(|at| at.day().month_start() == *month))
        .map(|month| same_weekday(model, month))
        .find(|day| *day >= today)
}

/// A day within a month that has no regular meeting yet: the usual weekday, else the last one that is left of
/// the same weekday, else the month's last day.
fn day_in(month: Day, today: Day, last: Option<Day>) -> Option<Day> {
    let end = month.month_end();
    let first = month.max(today);
    let usual = last.map(|model| same_weekday(model, month));
    let weekday = |model: Day| {
        let mut days = (0..7).map(|back| end.plus_days(-back));
        days.find(|day| *day >= first && day.weekday() == model.weekday())
    };
    usual
        .filter(|day| *day >= first)
        .or_else(|| last.and_then(weekday))
        .or(Some(end).filter(|end| *end >= today))
}

/// Where the agenda comes from: from the last meeting, or from the template. Said, since the part is folded; empty
/// for lines that somebody typed.
async fn like(
    site: &Site,
    frame: &Frame,
    last: Option<&store::LastMeeting>,
    (rows, template): (&[Row], &[Row]),
) -> Result<String> {
    if rows.iter().all(Row::is_empty) {
        return Ok(String::new());
    }
    if let Some(last) = last {
        let id = last.id.parse().map_err(kernel::Error::fault)?;
        let items = store::list_items(&site.db, &id).await?;
        let is_same = items.len() == rows.len()
            && items.iter().zip(rows).all(|(item, row)| {
                item.title == row.title.trim() && item.minutes_planned == row.length()
            });
        if is_same {
            let month = Moment(last.starts_at).day().month_start();
            let before = frame.today().month_start().plus_months(-1);
            return Ok(match month == before {
                true => frame.t("meetings-plan-like-last"),
                false => frame.t1(
                    "meetings-plan-like-day",
                    "day",
                    &Moment(last.starts_at).day().vn(),
                ),
            });
        }
    }
    Ok(match is_as(rows, template) {
        true => frame.t("meetings-plan-like-template"),
        false => String::new(),
    })
}

/// Whether the lines are those.
fn is_as(rows: &[Row], was: &[Row]) -> bool {
    let is_same = |(row, was): (&Row, &Row)| {
        row.title.trim() == was.title.trim() && row.length() == was.length()
    };
    rows.len() == was.len() && rows.iter().zip(was).all(is_same)
}

/// Why a date is proposed, why an hour, and where the agenda comes from.
struct From {
    date: String,
    time: String,
    like: String,
}

/// Why that day stands in the form; empty for a day that nobody proposed.
fn why(frame: &Frame, last: Option<Day>, taken: &[Moment], day: Day) -> String {
    let (today, month) = (frame.today(), day.month_start());
    let is_missing = !taken.iter().any(|at| at.day().month_start() == month);
    let is_next = next_day(today, last, taken) == Some(day);
    let is_due = is_missing && day_in(month, today, last) == Some(day);
    if !is_next && !is_due {
        return String::new();
    }
    let args = |last: Day| (weekday(frame, last), last.vn());
    match last {
        Some(last) if same_weekday(last, month) == day => {
            let (weekday, last) = args(last);
            frame.t2("meetings-plan-why-date", "weekday", &weekday, "last", &last)
        }
        Some(last) if last.weekday() == day.weekday() => {
            let (weekday, last) = args(last);
            frame.t2(
                "meetings-plan-why-weekday",
                "weekday",
                &weekday,
                "last",
                &last,
            )
        }
        _ => frame.t("meetings-plan-why-month"),
    }
}

/// "thứ Sáu" inside a sentence.
fn weekday(frame: &Frame, day: Day) -> String {
    let long = frame.long_day(&day);
    let name = long.split(',').next().unwrap_or_default();
    match name.strip_prefix("Thứ") {
        Some(rest) => format!("thứ{rest}"),
        None => name.to_owned(),
    }
}

async fn prefilled(
    site: &Site,
    frame: &Frame,
    unit: &UnitId,
    cell_type: &str,
    kind: Kind,
    month: Option<Day>,
) -> Result<(PlanForm, Vec<Row>, template::Template, From)> {
    let today = site.clock.today();
    let last = store::find_last(&site.db, unit).await?;
    let taken = store::list_taken(&site.db, unit, today.month_start().start()).await?;
    let mut found = template::find(site, kind, cell_type).await?;
    // A meeting beside the plan has no usual day.
    let model = last.as_ref().filter(|_| kind != Kind::Extraordinary);
    let model = model.map(|last| Moment(last.starts_at).day());
    let is_missing = |month: &Day| !taken.iter().any(|at| at.day().month_start() == *month);
    let asked = month.filter(|_| kind == Kind::Regular).filter(is_missing);
    let day = asked
        .and_then(|month| day_in(month, today, model))
        .or_else(|| next_day(today, model, &taken));
    let fields = PlanForm {
        unit: unit.to_string(),
        once: site.dice.uuid(site.clock.now()),
        kind: kind.to_string(),
        template: found.code.clone(),
        date: day.map(|day| day.to_string()).unwrap_or_default(),
        time: last.as_ref().map_or_else(
            || DEFAULT_TIME.to_owned(),
            |last| Moment(last.starts_at).clock_text(),
        ),
        place: last
            .as_ref()
            .map(|last| last.place.clone())
            .unwrap_or_default(),
        chair: last
            .as_ref()
            .map(|last| last.chair_id.clone())
            .unwrap_or_default(),
        clerk: last
            .as_ref()
            .map(|last| last.clerk_id.clone())
            .unwrap_or_default(),
        ..PlanForm::default()
    };
    let rows = std::mem::take(&mut found.rows);
    let date = day.map_or_else(String::new, |day| why(frame, model, &taken, day));
    let from = From {
        date,
        time: why_time(frame, last.as_ref()),
        like: like(site, frame, last.as_ref(), (&rows, &rows)).await?,
    };
    Ok((fields, rows, found, from))
}

/// That the hour is nobody's habit, where no meeting was held yet.
fn why_time(frame: &Frame, last: Option<&store::LastMeeting>) -> String {
    match last {
        Some(_) => String::new(),
        None => frame.t("meetings-plan-why-time"),
    }
}

/// The same of a form that comes back: what was proposed and still stands there is said again.
async fn from_of(
    site: &Site,
    frame: &Frame,
    unit: &UnitId,
    (fields, rows): (&PlanForm, &[Row]),
    template: &[Row],
) -> Result<From> {
    let last = store::find_last(&site.db, unit).await?;
    let taken = store::list_taken(&site.db, unit, frame.today().month_start().start()).await?;
    let model = last
        .as_ref()
        .filter(|_| fields.kind() != Kind::Extraordinary);
    let model = model.map(|last| Moment(last.starts_at).day());
    let day = web::read_day_ahead(&fields.date, frame.today());
    let is_own = fields.kind() == Kind::Extraordinary;
    let day = day.filter(|_| !is_own);
    Ok(From {
        date: day.map_or_else(String::new, |day| why(frame, model, &taken, day)),
        time: match fields.time.as_str() {
            DEFAULT_TIME => why_time(frame, last.as_ref()),
            _ => String::new(),
        },
        like: like(site, frame, last.as_ref(), (rows, template)).await?,
    })
}

/// The agenda for another kind of meeting: that kind's own, unless lines were changed by hand.
fn of_kind(fields: &PlanForm, was: &[Row], anew: &[Row]) -> Vec<Row> {
    let rows = fields.rows();
    let is_as_given = is_as(&rows, was);
    let has_none = rows.iter().all(|row| row.title.trim().is_empty());
    match is_as_given || has_none {
        true => anew.to_vec(),
        false => rows,
    }
}

fn filled(fields: &PlanForm) -> FormState {
    FormState::new()
        .with("date", &fields.date)
        .with("time", &fields.time)
        .with("heading", &fields.heading)
        .with("place", &fields.place)
        .with("chair", &fields.chair)
        .with("clerk", &fields.clerk)
}

async fn setting(
    site: &Site,
    who: &Member,
    unit: &people::unit::Unit,
    found: &template::Template,
) -> Result<Setting> {
    let on = site.clock.today();
    Ok(Setting {
        action: "/meetings/new".into(),
        unit_name: unit.name.clone(),
        is_called: false,
        is_new: true,
        may_call: who.actor.allow(Cap::MeetingChair, &unit.reference(), on),
        back: "/meetings".into(),
        template_name: found.name.clone(),
        basis: found.basis.clone(),
        is_verified: found.is_verified,
        why_date: String::new(),
        why_time: String::new(),
        like: String::new(),
        put_off: String::new(),
        just_now: None,
        people: plan_form::people(site, &unit.id, on).await?,
    })
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Query(ask): Query<Ask>,
) -> Answer {
    let unit = access::plan_in(&site, &who, &ask.unit).await?;
    let kind = ask.kind.parse().unwrap_or(Kind::Regular);
    let month = format!("{}-01", ask.month).parse().ok(); // none asked for
    let (mut fields, rows, found, from) =
        prefilled(&site, &frame, &unit.id, &unit.cell_type, kind, month).await?;
    let mut setting = setting(&site, &who, &unit, &found).await?;
    (setting.why_date, setting.why_time, setting.like) = (from.date, from.time, from.like);
    if fields.chair.is_empty() && setting.may_call {
        fields.chair = who.actor.member.to_string();
    }
    if fields.place.is_empty() {
        fields.place.clone_from(&unit.address);
    }
    let me = &who.actor.member;
    setting.just_now = doubt::just_now(&site, &frame, &unit.id, me).await?;
    plan_form::draw(
        &site,
        &frame,
        &who,
        StatusCode::OK,
        filled(&fields),
        fields,
        rows,
        setting,
    )
    .await
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    form: Form<PlanForm>,
) -> Answer {
    let mut fields = form.value;
    let unit = access::plan_in(&site, &who, &fields.unit).await?;
    let mut found = template::find(&site, fields.kind(), &unit.cell_type).await?;
    let other: Option<Kind> = fields
        .act
        .strip_prefix("kind:")
        .and_then(|word| word.parse().ok());
    if let Some(kind) = other {
        let anew = template::find(&site, kind, &unit.cell_type).await?;
        let rows = of_kind(&fields, &found.rows, &anew.rows);
        found = anew;
        fields.kind = kind.to_string();
        fields.template.clone_from(&found.code);
        let mut setting = setting(&site, &who, &unit, &found).await?;
        let from = from_of(&site, &frame, &unit.id, (&fields, &rows), &found.rows).await?;
        (setting.why_date, setting.why_time, setting.like) = (from.date, from.time, from.like);
        let state = FormState::typed(form.pairs);
        let ok = StatusCode::OK;
        return plan_form::draw(&site, &frame, &who, ok, state, fields, rows, setting).await;
    }
    let mut setting = setting(&site, &who, &unit, &found).await?;
    let typed = fields.rows();
    let from = from_of(&site, &frame, &unit.id, (&fields, &typed), &found.rows).await?;
    (setting.why_date, setting.why_time, setting.like) = (from.date, from.time, from.like);
    let mut state = FormState::typed(form.pairs);
    let (asks, to_files) = match plan_form::act(&fields) {
        Act::Redraw(rows) => {
            return plan_form::draw(
                &site,
                &frame,
                &who,
                StatusCode::OK,
                state,
                fields,
                rows,
                setting,
            )
            .await;
        }
        Act::Save => (false, false),
        Act::Next => (setting.may_call, false),
        Act::Files => (false, true),
    };
    let mut plan = plan_form::check(&site, &frame, &fields, &mut state, &setting.people);
    if asks && state.is_good() && plan.starts <= site.clock.now() {
        state.fail(
            "date",
            frame.t1("meetings-plan-date-past", "day", &plan.starts.day().vn()),
        );
    }
    if state.is_good() {
        let of = (plan.kind, plan.starts);
        let me = &who.actor.member;
        let mut doubts = doubt::find(&site, &frame, &unit.id, None, of).await?;
        doubts.extend(doubt::again(&site, &frame, &unit.id, me, of).await?);
        // The same form again is no second meeting; with another plan in it neither, and that one is not lost.
        let once = site
            .keys
            .id_of_form("meetings_meeting", me.as_str(), &fields.once);
        match sent::find(&site, &once, &format!("{plan:?}")).await? {
            Sent::Other(known) => {
                fields.once = site.dice.uuid(site.clock.now());
                state.sent_before(&format!("/meetings/{known}"), &fields.once);
            }
            Sent::New if !store::is_sent(&site.db, &once, me).await? => {
                doubt::ask(doubts, &fields.sure, &mut state);
            }
            _ => {}
        }
    }
    if !state.is_good() {
        let rows = fields.rows();
        return plan_form::draw(
            &site,
            &frame,
            &who,
            StatusCode::UNPROCESSABLE_ENTITY,
            state,
            fields,
            rows,
            setting,
        )
        .await;
    }
    let content = format!("{plan:?}");
    plan.papers = calling::papers_in_reach(&site, &who, &plan.papers).await?;
    // Bound to whoever sends it: no form of another stands in its way.
    let once = if kernel::id::is_made(&fields.once) {
        let by = who.actor.member.as_str();
        site.keys.id_of_form("meetings_meeting", by, &fields.once)
    } else {
        site.dice.uuid(site.clock.now())
    };

    let mut act = CanPlan::of(&who.actor, &unit.reference(), site.clock.today())?
        .begin(&site, &frame, "meeting.plan")
        .await?;
    let (id, is_new) =
        store::add_meeting(&mut act, &unit.id, &who.actor.member, &once, &plan).await?;
    if is_new {
        sent::note(&mut act, &once, &content, id.as_str()).await?;
        act.line().object("meeting", &id);
        act.end().await?;
    } else {
        act.leave().await?;
    }
    if to_files {
        return Ok(see_other(format!("/meetings/{}/files", id)).into_response());
    }
    if asks {
        return Ok(see_other(format!("/meetings/{id}/calling")).into_response());
    }
    Ok(see_other(format!("/meetings/{id}"))
        .flash("meetings-plan-done")
        .into_response())
}

#[cfg(test)]
mod tests {
    use super::next_day;
    use crate::verbs::*;
    use kernel::Day;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN};

    #[test]
    fn the_next_meeting_is_in_the_first_month_without_one() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let today = day("2026-11-23");
        let last = Some(day("2026-10-23"));
        assert_eq!(next_day(today, last, &[]), Some(day("2026-11-27")));
        let this = [day("2026-11-27").at(19, 30)];
        assert_eq!(next_day(today, last, &this), Some(day("2026-12-25")));
        assert_eq!(
            next_day(day("2026-11-28"), last, &[]),
            Some(day("2026-12-25")),
            "its day has passed"
        );
        assert_eq!(next_day(today, None, &this), None, "nothing to follow");
    }

    #[test]
    fn a_missing_month_gets_a_day_of_its_own() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let last = Some(day("2026-10-09")); // the second Friday
        for (month, today, found) in [
            ("2026-11-01", "2026-11-02", Some("2026-11-13")),
            ("2026-11-01", "2026-11-20", Some("2026-11-27")),
            ("2026-11-01", "2026-11-28", Some("2026-11-30")),
            ("2026-10-01", "2026-11-02", None),
        ] {
            let found = found.map(day);
            assert_eq!(
                super::day_in(day(month), day(today), last),
                found,
                "{today}"
            );
        }
        assert_eq!(
            super::day_in(day("2026-11-01"), day("2026-11-02"), None),
            Some(day("2026-11-30"))
        );
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn back_and_the_button_once_more_is_asked_before_it_makes_a_second_meeting() {
        testkit::on_both(rooms, async |app| {
            plans(&app, LAN, &[("do", "save")]).await;
            // Back gave out a fresh form, with another number.
            let again = fields(&[("date", "29/11/2026"), ("do", "save")]);
            let page = app
                .as_(LAN)
                .post("/meetings/new", &again)
                .await
                .expects(422);
            assert!(
                page.body().contains("vừa lưu bản nháp"),
                "{}",
                page.text("main")
            );
            let drafts = "select count(*) from meetings_meeting";
            assert_eq!(app.count(drafts).await, 1);
            let sure = [&again[..], &[("sure", "again month")]].concat();
            app.as_(LAN).post("/meetings/new", &sure).await.expects(303);
            assert_eq!(app.count(drafts).await, 2);
            // Another month and another kind are other meetings: nothing is asked, the draft is only named.
            for other in [("date", "22/1/2027"), ("kind", "theme")] {
                let other = fields(&[other, ("time", "8:00"), ("do", "save")]);
                app.as_(LAN)
                    .post("/meetings/new", &other)
                    .await
                    .expects(303);
            }
            let fresh = app.as_(LAN).get("/meetings/new").await.expects(200);
            assert!(fresh.text("#just-now").contains("vừa lưu bản nháp"));
            app.later(16 * 60_000);
            let fresh = app.as_(LAN).get("/meetings/new").await.expects(200);
            assert!(!fresh.has("#just-now"));
            let later = fields(&[("date", "28/11/2026"), ("sure", "month"), ("do", "save")]);
            app.as_(LAN)
                .post("/meetings/new", &later)
                .await
                .expects(303);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn another_kind_of_meeting_keeps_what_was_typed() {
        testkit::on_both(rooms, async |app| {
            let page = app.as_(LAN).get("/meetings/new").await.expects(200);
            let titles = page.all("[name=title]");
            let minutes = page.attributes("[name=minutes]", "value");
            let typed = [
                ("date", "18/12/2026"),
                ("place", "Nhà bà Mai"),
                ("kind", "regular"),
                ("do", "kind:theme"),
            ];
            let lines = titles.iter().map(|title| ("title", title.as_str()));
            let lengths = minutes.iter().map(|length| ("minutes", length.as_str()));
            let sent: Vec<_> = typed.into_iter().chain(lines).chain(lengths).collect();
            let page = app.as_(LAN).post("/meetings/new", &sent).await.expects(200);
            assert_eq!(page.attributes("[name=date]", "value"), ["18/12/2026"]);
            assert_eq!(page.attributes("[name=place]", "value"), ["Nhà bà Mai"]);
            assert_eq!(page.attributes("input[name=kind]", "value"), ["theme"]);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_plan_is_kept_as_a_draft_that_members_do_not_see() {
        testkit::on_both(rooms, async |app| {
            let form = app.as_(LAN).get("/meetings/new").await.expects(200);
            assert_eq!(
                form.all("[data-agenda-rows] textarea[name=title]").len(),
                5,
                "the general template has five lines"
            );
            let id = plans(&app, LAN, &[("do", "save")]).await;
            let page = app
                .as_(LAN)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            assert_eq!(page.text("h1"), "Sinh hoạt thường kỳ tháng 11");
            assert!(page.has_button("Gửi cho chi bộ"));
            app.as_(MINH)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            for who in [HOA, TUAN, THU, BINH] {
                app.as_(who)
                    .get(&format!("/meetings/{id}"))
                    .await
                    .expects(404);
                assert!(
                    !app.as_(who).get("/meetings").await.body().contains(&id),
                    "{}",
                    who.name
                );
            }
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn the_next_plan_takes_over_hour_place_and_weekday() {
        testkit::on_both(rooms, async |app| {
            closed(&app).await;
            let form = app
                .as_(LAN)
                .get("/meetings/new?unit=cell-a")
                .await
                .expects(200);
            assert_eq!(form.attributes("input[name=date]", "value"), ["25/12/2026"]);
            assert_eq!(form.attributes("input[name=time]", "value"), ["19:30"]);
            assert_eq!(
                form.attributes("input[name=place]", "value"),
                ["Nhà văn hóa 😀"]
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_odd_about_a_date_is_asked_once() {
        testkit::on_both(rooms, async |app| {
            plans(&app, LAN, &[("do", "call")]).await;
            for (typed, says) in [
                (("time", "20:00"), "chỉ cách giờ này 30 phút"),
                (("time", "19:30"), "đúng vào giờ này"),
                (("date", "2026-11-29"), "đã có buổi thường kỳ"),
                (("date", "2028-11-29"), "còn hơn một năm"),
                (("time", "1:32"), "giữa đêm"),
            ] {
                // Back, and the button again: a form with a key of its own.
                let other = [typed, ("do", "next")];
                let form = fields(&other);
                let page = app.as_(LAN).post("/meetings/new", &form).await.expects(422);
                assert!(
                    page.text("#f-sure").contains(says),
                    "{}",
                    page.text("#f-sure")
                );
                let sure = page.attributes("input[name=sure]", "value").remove(0);
                let mut form = form.clone();
                form.push(("sure", "other"));
                app.as_(LAN).post("/meetings/new", &form).await.expects(422);
                form.push(("sure", &sure));
                let to = app.as_(LAN).post("/meetings/new", &form).await.expects(303);
                assert!(to.location().ends_with("/calling"), "{}", to.location());
            }
            let beside = [
                ("kind", "extraordinary"),
                ("date", "2026-11-28"),
                ("do", "call"),
            ];
            let id = plans(&app, LAN, &beside).await;
            let page = app
                .as_(HOA)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            assert_eq!(page.text("h1"), "Họp bất thường ngày 28/11");
            // A second one of the month has a name of its own, which goes with it to another day.
            let beside = [
                ("kind", "extraordinary"),
                ("date", "2026-11-29"),
                ("do", "call"),
            ];
            let second = plans(&app, LAN, &beside).await;
            let path = format!("/meetings/{second}");
            let page = app.as_(HOA).get(&path).await.expects(200);
            assert_eq!(page.text("h1"), "Họp bất thường ngày 29/11");
            let moved = [("date", "2026-12-02"), ("time", "20:00")];
            let to = format!("{path}/postponing");
            app.as_(LAN).post(&to, &moved).await.expects(303);
            let page = app.as_(HOA).get(&path).await.expects(200);
            assert_eq!(page.text("h1"), "Họp bất thường ngày 02/12");
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn the_next_plan_follows_the_regular_meeting_that_was_held() {
        testkit::on_both(rooms, async |app| {
            let held = opened(&app).await;
            closes(&app, &held).await;
            app.later(86_400_000);
            let beside = [
                ("kind", "extraordinary"),
                ("date", "2026-11-30"),
                ("time", "1:32"),
                ("place", "Bến cảng"),
                ("sure", "night"),
                ("do", "call"),
            ];
            plans(&app, LAN, &beside).await;
            let form = app.as_(LAN).get("/meetings/new").await.expects(200);
            let value = |name: &str| form.attributes(&format!("input[name={name}]"), "value");
            assert_eq!(value("date"), ["25/12/2026"]);
            assert_eq!(
                (value("time"), value("place")),
                (vec!["19:30".into()], vec!["Nhà văn hóa 😀".into()])
            );
            assert!(
                form.text("#h-date").contains("27/11/2026"),
                "{}",
                form.text("#h-date")
            );
            let beside = app
                .as_(LAN)
                .get("/meetings/new?kind=extraordinary")
                .await
                .expects(200);
            assert_eq!(beside.attributes("input[name=date]", "value"), [""]);
            let lead = beside.text(".lead");
            assert!(lead.contains("Chọn ngày họp và ghi việc sẽ bàn"), "{lead}");
            let agenda = "details[open] > #f-agenda";
            assert!(beside.has(agenda), "what is to be filled stands open");
            assert!(!form.has(agenda), "what is filled is folded");
            // A kind that was changed to is the same.
            let empty = [
                ("unit", "cell-a"),
                ("kind", "regular"),
                ("date", "27/12/2026"),
                ("time", "19:30"),
                ("place", "x"),
            ];
            let turned = [&empty[..], &[("do", "kind:extraordinary")]].concat();
            let turned = app
                .as_(LAN)
                .post("/meetings/new", &turned)
                .await
                .expects(200);
            assert!(turned.has(agenda) && turned.text(".lead").contains("Ghi việc sẽ bàn"));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_is_taken_over_from_a_meeting_that_was_not_held() {
        testkit::on_both(rooms, async |app| {
            let odd = [("time", "6:15"), ("place", "Bến cảng"), ("do", "call")];
            plans(&app, LAN, &odd).await;
            app.later(40 * 86_400_000);
            let form = app
                .as_(LAN)
                .get("/meetings/new?month=2027-02")
                .await
                .expects(200);
            let value = |name: &str| form.attributes(&format!("input[name={name}]"), "value");
            assert_eq!(value("time"), ["19:30"]);
            assert_ne!(value("place"), ["Bến cảng"]);
            assert!(!form.body().contains("Như tháng trước"));
            assert!(!form.body().contains("Như buổi thường kỳ"));
            assert_eq!(value("date"), ["28/02/2027"]);
            assert!(form.text("#h-date").contains("ngày cuối tháng"));
            assert!(
                form.text("#h-time")
                    .contains("Chưa có buổi thường kỳ nào đã họp")
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_refusal_keeps_what_was_said_of_the_date_and_says_nothing_is_ready() {
        testkit::on_both(rooms, async |app| {
            closed(&app).await;
            let open = app.as_(LAN).get("/meetings/new").await.expects(200);
            let (why, like) = (open.text("#h-date"), open.text("#f-agenda"));
            assert!(why.contains("cùng tuần trong tháng"), "{why}");
            let bad = fields(&[("date", "25/12/2026"), ("place", ""), ("do", "save")]);
            let page = app.as_(LAN).post("/meetings/new", &bad).await.expects(422);
            assert_eq!(page.text("#h-date"), why);
            assert!(page.text("#f-agenda").contains("27/11/2026") || like.contains("Theo"));
            assert!(
                page.text("#f-agenda").contains("Như "),
                "the same two items"
            );
            assert!(
                !page.has(".lead"),
                "above an error nothing says that all is filled"
            );
            let other = fields(&[("date", "24/12/2026"), ("place", ""), ("do", "save")]);
            let page = app
                .as_(LAN)
                .post("/meetings/new", &other)
                .await
                .expects(422);
            let hint = page.text("#h-date");
            assert!(
                !hint.contains("Đề xuất"),
                "nobody proposed that day: {hint}"
            );
            let names: Vec<String> = (page
                .attributes("form.gap input[type=text]", "name")
                .into_iter())
            .take(1)
            .collect();
            assert_eq!(names, ["place"], "what is to be filled stands first");
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn only_the_cells_committee_plans() {
        testkit::on_both(rooms, async |app| {
            for who in [HOA, TUAN, THU, BINH] {
                app.as_(who)
                    .get("/meetings/new?unit=cell-a")
                    .await
                    .expects(404);
                app.as_(who)
                    .post("/meetings/new", &fields(&[("do", "save")]))
                    .await
                    .expects(404);
            }
            app.as_(LAN)
                .get("/meetings/new?unit=cell-b")
                .await
                .expects(404);
            app.as_(LAN)
                .get("/meetings/new?unit=../x")
                .await
                .expects(404);
            app.stranger().get("/meetings/new").await.expects(303);
            app.as_(LAN)
                .post_forged("/meetings/new", &fields(&[("do", "save")]))
                .await
                .expects(403);
            assert_eq!(app.count("select count(*) from meetings_meeting").await, 0);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn the_deputy_prepares_but_does_not_call() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, MINH, &[("do", "call")]).await;
            let page = app
                .as_(MINH)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            assert!(!page.has_button("Gửi cho chi bộ"));
            app.as_(MINH)
                .post(&format!("/meetings/{id}/calling"), &[])
                .await
                .expects(404);
            assert_eq!(
                app.count("select count(*) from meetings_meeting where state = 'draft'")
                    .await,
                1
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_refused_plan_has_an_address_to_which_back_leads_for_its_own_session_alone() {
        testkit::on_both(rooms, async |app| {
            let form = fields(&[
                ("date", "1/1/1999"),
                ("place", "Sân đình thử"),
                ("do", "call"),
            ]);
            let sends = app.as_(LAN).header("sec-fetch-mode", "navigate");
            let led = sends.post("/meetings/new", &form).await.expects(303);
            assert_eq!(led.header("cache-control"), "no-store");
            let to = led.location();
            assert!(to.starts_with("/meetings/new?refused="), "{to}");
            for _ in 0..2 {
                let page = app.as_(LAN).get(&to).await.expects(422);
                assert_eq!(page.header("cache-control"), "no-store");
                assert_eq!(page.attributes("[name=place]", "value"), ["Sân đình thử"]);
                assert!(page.text(".err").contains("01/01/1999"));
            }
            let typed = "Sân đình thử";
            let other = app.as_(MINH).get(&to).await.expects(200);
            assert!(!other.body().contains(typed));
            app.stranger().get(&to).await.expects(303);
            app.later(3_600_000);
            assert!(
                !app.as_(LAN)
                    .get(&to)
                    .await
                    .expects(200)
                    .body()
                    .contains(typed)
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_title_typed_over_two_lines_is_one_line() {
        testkit::on_both(rooms, async |app| {
            let typed = fields(&[("do", "add"), ("title", "Kết luận,\r\ngiao việc")]);
            let page = app
                .as_(LAN)
                .post("/meetings/new", &typed)
                .await
                .expects(200);
            let titles = page.all("[data-agenda-rows] textarea[name=title]");
            assert!(
                titles.iter().any(|title| title == "Kết luận, giao việc"),
                "{titles:?}"
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn trouble_keeps_what_was_typed() {
        testkit::on_both(rooms, async |app| {
            let bad = [
                ("date", "31/02/2026"),
                ("time", "tối"),
                ("place", " "),
                ("do", "save"),
            ];
            let page = app
                .as_(LAN)
                .post("/meetings/new", &fields(&bad))
                .await
                .expects(422);
            assert_eq!(page.all(".err").len(), 3, "{:?}", page.all(".err"));
            assert_eq!(
                page.all("[data-agenda-rows] textarea[name=title]")[1],
                "Bàn việc 🎉"
            );
            assert_eq!(page.attributes("input[name=time]", "value"), ["tối"]);
            let past = app
                .as_(LAN)
                .post(
                    "/meetings/new",
                    &fields(&[("date", "2026-11-01"), ("do", "call")]),
                )
                .await;
            assert!(past.expects(422).text(".err").contains("01/11/2026"));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn buttons_beside_the_agenda_work_without_script() {
        testkit::on_both(rooms, async |app| {
            let page = app
                .as_(LAN)
                .post("/meetings/new", &fields(&[("do", "up:2")]))
                .await
                .expects(200);
            assert_eq!(
                page.all("[data-agenda-rows] textarea[name=title]"),
                ["Bàn việc 🎉", "Khai mạc"]
            );
            let page = app
                .as_(LAN)
                .post("/meetings/new", &fields(&[("do", "add")]))
                .await
                .expects(200);
            assert_eq!(page.all("[data-agenda-rows] > li").len(), 3);
            assert_eq!(app.count("select count(*) from meetings_meeting").await, 0);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn the_same_form_twice_plans_one_meeting() {
        testkit::on_both(rooms, async |app| {
            let form = fields(&[
                ("once", "0198c0de-0000-7000-8000-00000000000a"),
                ("do", "call"),
            ]);
            let first = app
                .as_(LAN)
                .post("/meetings/new", &form)
                .await
                .expects(303)
                .location();
            let second = app
                .as_(LAN)
                .post("/meetings/new", &form)
                .await
                .expects(303)
                .location();
            assert_eq!(first, second);
            assert_eq!(app.count("select count(*) from meetings_meeting").await, 1);
            let called = "select count(*) from audit_event where action = 'meeting.call'";
            let told = "select count(*) from notices_notice";
            assert_eq!(
                (app.count(called).await, app.count(told).await),
                (0, 0),
                "whatever was posted, the page that says who is told comes first"
            );
            assert!(first.ends_with("/calling"));
            app.as_(LAN).get(&first).await.expects(200);
            app.as_(LAN).post(&first, &[]).await.expects(303);
            assert_eq!((app.count(called).await, app.count(told).await), (1, 2));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn another_plan_under_the_key_of_a_form_that_was_taken_is_asked_about_and_never_lost() {
        testkit::on_both(rooms, async |app| {
            let lan = app.as_(LAN);
            let key = app.site.dice.uuid(app.site.clock.now());
            let mut form = fields(&[
                ("once", key.as_str()),
                ("do", "save"),
                ("place", "Nhà văn hóa"),
            ]);
            let first = lan
                .post("/meetings/new", &form)
                .await
                .expects(303)
                .location();
            form.retain(|(name, _)| *name != "place");
            form.push(("place", "Sân đình"));
            let asked = lan.post("/meetings/new", &form).await.expects(422);
            assert_eq!(asked.attributes("[name=place]", "value"), ["Sân đình"]);
            let led = asked.attributes("#errors a", "href");
            assert!(led.contains(&first), "{led:?}");
            let once = asked.attributes("input[name=once]", "value");
            assert_ne!(once, [key.as_str()]);
            assert_eq!(app.count("select count(*) from meetings_meeting").await, 1);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn sixty_lines_fit_and_sixty_one_are_told_apart() {
        testkit::on_both(rooms, async |app| {
            let many = |n: usize| {
                let mut form = fields(&[("do", "save")]);
                form.retain(|(name, _)| {
                    !matches!(*name, "item" | "title" | "minutes" | "presenter")
                });
                for _ in 0..n {
                    form.extend([
                        ("item", ""),
                        ("title", "Việc"),
                        ("minutes", "5"),
                        ("presenter", ""),
                    ]);
                }
                form
            };
            app.as_(LAN)
                .post("/meetings/new", &many(61))
                .await
                .expects(422);
            let to = app
                .as_(LAN)
                .post("/meetings/new", &many(60))
                .await
                .expects(303)
                .location();
            assert_eq!(
                app.as_(LAN)
                    .get(&to)
                    .await
                    .expects(200)
                    .all(".agenda > li")
                    .len(),
                60
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn hours_mean_what_people_mean_and_years_that_nobody_means_are_refused() {
        testkit::on_both(rooms, async |app| {
            for (typed, hour, minute) in [
                ("7:30 PM", 19, 30),
                ("7h30 tối", 19, 30),
                ("7 giờ rưỡi", 7, 30),
                ("8 giờ kém 15", 7, 45),
            ] {
                let id = plans(&app, LAN, &[("time", typed)]).await;
                let row: (i64,) = db::sql("select starts_at from meetings_meeting where id = $1")
                    .bind(id)
                    .one(app.site.db.read())
                    .await
                    .unwrap();
                let day: kernel::Day = "2026-11-27".parse().unwrap();
                assert_eq!(row.0, day.at(hour, minute).0, "{typed}");
            }
            for (field, typed, says) in [
                ("date", "0026-12-30", "Chọn ngày họp"),
                ("date", "9999-12-31", "Năm 9999 xa quá"),
                ("date", "5/4/2206", "Năm 2206 xa quá"),
                ("date", "30/12/26", "Ghi đủ bốn chữ số của năm"),
                ("time", "7:30 GMT", "Ghi giờ"),
            ] {
                let page = app
                    .as_(LAN)
                    .post("/meetings/new", &fields(&[(field, typed)]))
                    .await
                    .expects(422);
                assert!(page.body().contains(says), "{typed}");
                let kept = page.attributes(&format!("input[name={field}]"), "value");
                assert_eq!(kept, [typed]);
            }
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn papers_are_chosen_by_symbol_and_only_from_what_one_may_open() {
        testkit::on_both(
            || vec![crate::room(), documents()],
            async |app| {
                let form = fields(&[("q", "12-QĐ/ĐU"), ("do", "find")]);
                let page = app.as_(LAN).post("/meetings/new", &form).await.expects(200);
                assert_eq!(
                    page.attributes("input[name=paper]", "value"),
                    ["document:doc-a"]
                );
                assert_eq!(page.all("fieldset legend"), ["Tìm kiếm"], "their kind");
                let id = plans(
                    &app,
                    LAN,
                    &[
                        ("paper", "document:doc-a"),
                        ("paper", "document:doc-secret"),
                        ("paper", "gone:x"),
                        ("do", "call"),
                    ],
                )
                .await;
                assert_eq!(
                    app.count("select count(*) from meetings_paper").await,
                    1,
                    "a forged paper is left out"
                );
                let page = app
                    .as_(HOA)
                    .get(&format!("/meetings/{id}"))
                    .await
                    .expects(200);
                assert_eq!(page.attributes(".files a", "href"), ["/documents/doc-a"]);
            },
        )
        .await;
    }
}
