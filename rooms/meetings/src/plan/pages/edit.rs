//! Changing a plan: a draft, or a called meeting whose members see the new agenda at once.
//!
//! The day of a called meeting is changed by putting it off (`postponing`), which keeps the old one.

use super::{calling, plan_form};
use crate::access::{self, CanPrepare};
use crate::plan::{Row, doubt, reach, store};
use crate::state::State as Stands;
use crate::told;
use crate::words;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use kernel::Moment;
use kernel::error::Result;
use plan_form::{Act, PlanForm, Setting};
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

async fn may(site: &Site, who: &Member, id: &str) -> Result<CanPrepare> {
    let may = access::find(site, who, id).await?.into_prepare()?;
    may.must_be_open()?;
    if may.meeting.state == Stands::Running {
        return Err(may.refuse("meetings-refused-running"));
    }
    Ok(may)
}

async fn setting(site: &Site, may: &CanPrepare) -> Result<Setting> {
    let meeting = &may.meeting;
    Ok(Setting {
        action: format!("/meetings/{}/edit", meeting.id),
        unit_name: meeting.unit_name.clone(),
        is_called: meeting.state != Stands::Draft,
        is_new: false,
        may_call: may.may_chair && meeting.state == Stands::Draft,
        back: format!("/meetings/{}", meeting.id),
        template_name: String::new(),
        basis: String::new(),
        is_verified: true,
        why_date: String::new(),
        why_time: String::new(),
        like: String::new(),
        put_off: String::new(),
        just_now: None,
        people: plan_form::people(site, &meeting.unit_id, meeting.starts().day()).await?,
    })
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let meeting = &may.meeting;
    let rows = store::list_items(&site.db, &meeting.id)
        .await?
        .into_iter()
        .map(|item| Row {
            id: item.id.to_string(),
            title: item.title,
            minutes: item.minutes_planned.to_string(),
            presenter: item.presenter,
        })
        .collect();
    let fields = PlanForm {
        unit: meeting.unit_id.to_string(),
        version: meeting.row_version,
        kind: meeting.kind.to_string(),
        template: meeting.template_code.clone(),
        date: meeting.starts().day().to_string(),
        time: meeting.starts().clock_text(),
        heading: meeting.title.clone(),
        place: meeting.place.clone(),
        chair: meeting.chair_id.clone(),
        clerk: meeting.clerk_id.clone(),
        paper: store::list_papers(&site.db, &meeting.id).await?,
        ..PlanForm::default()
    };
    let state = form_of(meeting, frame.today());
    let setting = setting(&site, &may).await?;
    plan_form::draw(
        &site,
        &frame,
        &who,
        StatusCode::OK,
        state,
        fields,
        rows,
        setting,
    )
    .await
}

/// The form as it is opened, its agenda apart.
fn form_of(meeting: &crate::store::Meeting, today: kernel::Day) -> FormState {
    let day = meeting.starts().day().to_string();
    FormState::new()
        .with("date", web::day_field(&day, today))
        .with("time", meeting.starts().clock_text())
        .with("heading", meeting.title.clone())
        .with("place", meeting.place.clone())
        .with("chair", meeting.chair_id.clone())
        .with("clerk", meeting.clerk_id.clone())
        .with("version", meeting.row_version.to_string())
}

/// The day and hour that were typed where they are not those that members know: the form was opened
/// before the meeting was called.
fn other_day(fields: &PlanForm, known: Moment, today: kernel::Day) -> Option<Moment> {
    let day = web::read_day_ahead(&fields.date, today).unwrap_or(known.day());
    let known_time = known.clock_text();
    let time = vietnamese::read_time(&fields.time).or(vietnamese::read_time(&known_time));
    let (hour, minute) = time?;
    let typed = day.at(hour, minute);
    (typed.day() != known.day() || typed.clock_text() != known_time).then_some(typed)
}

/// The page that puts it off, with that day filled in; empty for who may not.
fn put_off(may: &CanPrepare, to: Moment) -> String {
    if !may.may_chair {
        return String::new();
    }
    let (day, time) = (to.day(), to.clock_text());
    let id = &may.meeting.id;
    format!("/meetings/{id}/postponing?date={day}&time={time}")
}

/// An agenda as lines to be compared and read.
fn agenda_text<'a>(rows: impl Iterator<Item = (&'a str, &'a str, &'a str)>) -> String {
    let rows = rows.filter(|(title, ..)| !title.trim().is_empty());
    let line = |(title, minutes, who): (&str, &str, &str)| {
        let parts = [title.trim(), minutes.trim(), who.trim()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("; ")
    };
    rows.map(line).collect::<Vec<_>>().join("\n")
}

/// Somebody else saved first: their plan beside what was typed.
async fn draw_changed(
    site: &Site,
    frame: &Frame,
    who: &Member,
    id: &str,
    mut fields: PlanForm,
    state: FormState,
) -> Answer {
    let now = may(site, who, id).await?;
    let items = store::list_items(&site.db, &now.meeting.id).await?;
    let planned: Vec<String> = (items.iter())
        .map(|item| item.minutes_planned.to_string())
        .collect();
    let theirs = agenda_text((items.iter().zip(&planned)).map(|(item, minutes)| {
        (
            item.title.as_str(),
            minutes.as_str(),
            item.presenter.as_str(),
        )
    }));
    let rows = fields.rows();
    let mine = agenda_text(rows.iter().map(|row| {
        (
            row.title.as_str(),
            row.minutes.as_str(),
            row.presenter.as_str(),
        )
    }));
    let mut state = state.with("agenda", mine);
    let of = ("meeting", now.meeting.id.as_str());
    let acts = ["meeting.change", "meeting.call", "meeting.postpone"];
    let saved = people::saved::last(site, frame, who, of, &acts).await?;
    let present = form_of(&now.meeting, frame.today()).with("agenda", theirs);
    state.changed(&present, "version", &saved);
    fields.version = now.meeting.row_version;
    let setting = setting(site, &now).await?;
    let status = state.status();
    plan_form::draw(site, frame, who, status, state, fields, rows, setting).await
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<PlanForm>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let meeting = &may.meeting.clone();
    let mut fields = form.value;
    fields.kind = meeting.kind.to_string();
    let mut setting = setting(&site, &may).await?;
    let mut state = FormState::typed(form.pairs);
    if meeting.state != Stands::Draft {
        // Members know this day: it is put off, never quietly changed.
        if let Some(other) = other_day(&fields, meeting.starts(), frame.today()) {
            let known = meeting.starts().day().vn();
            let words = ("typed", other.day().vn());
            state.fail(
                "date",
                frame.t2("meetings-edit-other-day", "day", &known, words.0, &words.1),
            );
            setting.put_off = put_off(&may, other);
        }
        fields.date = meeting.starts().day().to_string();
        fields.time = meeting.starts().clock_text();
        state.put("date", &fields.date);
        state.put("time", &fields.time);
    }
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
    // A title that nobody typed follows the day.
    if fields.heading.trim() == words::title(&site, meeting.kind, meeting.starts().day()) {
        fields.heading.clear();
    }
    let mut plan = plan_form::check(&site, &frame, &fields, &mut state, &setting.people);
    if asks && state.is_good() && plan.starts <= site.clock.now() {
        state.fail(
            "date",
            frame.t1("meetings-plan-date-past", "day", &plan.starts.day().vn()),
        );
    }
    if state.is_good() && plan.starts != meeting.starts() {
        let of = (plan.kind, plan.starts);
        let own = Some(&meeting.id);
        let doubts = doubt::find(&site, &frame, &meeting.unit_id, own, of).await?;
        doubt::ask(doubts, &fields.sure, &mut state);
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
    if fields.version != meeting.row_version {
        return draw_changed(&site, &frame, &who, &id, fields, state).await;
    }
    // A ticked box is never a paper taken away, even when its thing went out of sight meanwhile.
    let emptied = |word: &&String| !fields.paper.contains(word);
    let emptied: Vec<String> = fields.shown.iter().filter(emptied).cloned().collect();
    plan.papers = calling::papers_in_reach(&site, &who, &plan.papers).await?;
    let mut act = may.begin(&site, &frame, "meeting.change").await?;
    store::set_meeting(&mut act, meeting, fields.version, &plan, &emptied).await?;
    act.line();
    let is_elsewhere = meeting.state.is_coming() && meeting.place.trim() != plan.place.trim();
    if is_elsewhere {
        told::elsewhere(&mut act, meeting, &plan.place).await?;
    }
    act.end().await?;
    if to_files {
        return Ok(see_other(format!("/meetings/{}/files", meeting.id)).into_response());
    }
    if asks {
        return Ok(see_other(format!("/meetings/{}/calling", meeting.id)).into_response());
    }
    let to = see_other(format!("/meetings/{}", meeting.id));
    if !is_elsewhere {
        return Ok(to.flash("meetings-plan-done").into_response());
    }
    let reach = reach::of_invited(&site, &frame, &who, (meeting, "meetings.moved")).await?;
    Ok(to
        .flash("meetings-done")
        .arg("said", &reach.after(&frame, "meetings-elsewhere-done"))
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{HOA, LAN, MINH, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn members_hear_of_another_place_once_they_were_called() {
        testkit::on_both(rooms, async |app| {
            let told = "select count(*) from notices_notice where kind = 'meetings.moved'";
            for (does, count) in [("save", 0), ("call", 2)] {
                let id = plans(&app, LAN, &[("do", does)]).await;
                let path = format!("/meetings/{id}/edit");
                let page = app.as_(LAN).get(&path).await.expects(200);
                let version = page.attributes("input[name=version]", "value").remove(0);
                let items = page.attributes("[data-agenda-rows] input[name=item]", "value");
                let mut form = fields(&[("place", "Nhà bà Hoa"), ("do", "save")]);
                form.retain(|(name, _)| *name != "item");
                form.push(("version", &version));
                form.extend(items.iter().map(|id| ("item", id.as_str())));
                app.as_(LAN).post(&path, &form).await.expects(303);
                app.works().await;
                assert_eq!(
                    app.count(told).await,
                    count,
                    "{does}: Hoa and Minh, not Lan herself"
                );
            }
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_day_typed_while_somebody_else_called_is_taken_along_to_putting_off() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let path = format!("/meetings/{id}/edit");
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert!(!page.has("input[name=date]") && !page.has("input[name=time]"));
            let version = page.attributes("input[name=version]", "value").remove(0);
            let other = [
                ("date", "28/11/2026"),
                ("time", "7h30 tối"),
                ("do", "save"),
                ("place", "Nhà bà Hoa"),
                ("version", &version),
            ];
            let form = fields(&other);
            let told = app.as_(LAN).post(&path, &form).await.expects(422);
            assert!(told.text("#e-date").contains("28/11/2026"));
            assert_eq!(told.attributes("#f-place", "value"), ["Nhà bà Hoa"]);
            let page = app.as_(HOA).get(&format!("/meetings/{id}")).await;
            assert!(page.text(".when").contains("27/11/2026"));
            let to = told.attributes("#f-date a", "href").remove(0);
            let off = app.as_(LAN).get(&to).await.expects(200);
            assert_eq!(off.attributes("#f-date", "value"), ["28/11/2026"]);
            assert_eq!(off.attributes("#f-time", "value"), ["19:30"]);
            let told = app.as_(MINH).post(&path, &form).await.expects(422);
            assert!(!told.has("#f-date a"), "who may not put it off");
            // The day that members know, in other figures, is no other day.
            let same = fields(&[
                ("date", "27.11.2026"),
                ("version", &version),
                ("do", "save"),
            ]);
            app.as_(LAN).post(&path, &same).await.expects(303);
            let stale = app.as_(LAN).post(&path, &same).await.expects(409);
            assert!(!stale.has("#f-date"));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_changed_plan_is_kept_and_two_people_do_not_overwrite_each_other() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "save")]).await;
            let path = format!("/meetings/{id}/edit");
            let page = app.as_(MINH).get(&path).await.expects(200);
            let version = page.attributes("input[name=version]", "value").remove(0);
            let items = page.attributes("[data-agenda-rows] input[name=item]", "value");
            let change = |place: &'static str| {
                let mut form = fields(&[("place", place), ("do", "save")]);
                form.retain(|(name, _)| *name != "item");
                form
            };
            let mut form = change("Nhà bà Hoa");
            form.push(("version", &version));
            form.extend(items.iter().map(|id| ("item", id.as_str())));
            app.as_(MINH).post(&path, &form).await.expects(303);
            let page = app.as_(LAN).get(&format!("/meetings/{id}")).await;
            assert!(page.text(".when").contains("Nhà bà Hoa"));
            assert_eq!(
                app.count("select count(*) from meetings_item").await,
                2,
                "lines keep their ids"
            );
            // Lan still has the old form open.
            let mut hers = form.clone();
            hers.retain(|(name, _)| *name != "place" && *name != "title");
            hers.extend([
                ("place", "Nhà văn hóa"),
                ("title", "Khai mạc muộn"),
                ("title", "Khác"),
            ]);
            let late = app.as_(LAN).post(&path, &hers).await.expects(409);
            assert_eq!(late.attributes("#f-place", "value"), ["Nhà văn hóa"]);
            assert_eq!(late.text("#t-place b"), "Nhà bà Hoa");
            assert!(!late.has("#t-date"), "the same day in other figures");
            assert!(late.text("#t-agenda b").contains("Khai mạc"));
            let version = late.attributes("input[name=version]", "value").remove(0);
            hers.retain(|(name, _)| *name != "version");
            hers.push(("version", &version));
            app.as_(LAN).post(&path, &hers).await.expects(303);
            let page = app.as_(LAN).get(&format!("/meetings/{id}")).await;
            assert!(
                page.text(".when").contains("Nhà văn hóa"),
                "saved knowing both"
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_paper_that_is_out_of_sight_is_counted_or_left_out_and_never_lost() {
        testkit::on_both(
            || vec![crate::room(), documents()],
            async |app| {
                let id = plans(&app, LAN, &[("paper", "document:doc-a"), ("do", "call")]).await;
                app.sets(
                    "insert into meetings_paper (meeting_id, kind, thing_id) \
                     select id, 'gone', 'x' from meetings_meeting \
                     union all select id, 'document', 'doc-secret' from meetings_meeting",
                )
                .await;
                let at = format!("/meetings/{id}");
                let page = app.as_(HOA).get(&at).await.expects(200);
                assert_eq!(page.text("#papers-gone"), "1 tài liệu không còn xem được.");
                assert_eq!(page.attributes(".files a", "href"), ["/documents/doc-a"]);
                assert!(!page.body().contains("doc-secret"));
                let path = format!("{at}/edit");
                let form = app.as_(LAN).get(&path).await.expects(200);
                assert!(form.has("#papers-gone"));
                let ticked = form.attributes("input[name=paper][checked]", "value");
                assert_eq!(ticked, ["document:doc-a"]);
                // An old form: the secret one was still shown to Lan, who left its box ticked.
                let version = form.attributes("input[name=version]", "value").remove(0);
                let mut form = fields(&[
                    ("shown", "document:doc-a"),
                    ("shown", "document:doc-secret"),
                    ("paper", "document:doc-secret"),
                    ("do", "save"),
                ]);
                form.push(("version", &version));
                app.as_(LAN).post(&path, &form).await.expects(303);
                let kept =
                    "select count(*) from meetings_paper where thing_id in ('doc-secret', 'x')";
                assert_eq!(app.count(kept).await, 2);
                let all = "select count(*) from meetings_paper";
                assert_eq!(app.count(all).await, 2, "the emptied one is gone");
                let page = app.as_(HOA).get(&at).await.expects(200);
                assert!(!page.has(".files a") && page.has("#papers-gone"));
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn members_and_other_cells_do_not_change_plans() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            for who in [HOA, TUAN] {
                app.as_(who)
                    .get(&format!("/meetings/{id}/edit"))
                    .await
                    .expects(404);
                app.as_(who)
                    .post(&format!("/meetings/{id}/edit"), &fields(&[]))
                    .await
                    .expects(404);
            }
            app.as_(LAN)
                .post_forged(&format!("/meetings/{id}/edit"), &fields(&[]))
                .await
                .expects(403);
        })
        .await;
    }
}
