//! Closing a meeting: its own page with numbered consequences; afterwards the facts are frozen (R9).
//!
//! Whoever was not marked is named; they are marked first, counted as absent without leave, or left as not
//! known, by an explicit choice. The numbers of the end are taken in the same transaction.

use crate::access::{self, CanChair};
use crate::fact::{Mark, Taken};
use crate::hall::roll::Class;
use crate::hall::roster::{self, Name};
use crate::hall::{store, tally};
use crate::state::{Facts, State as Stands, go};
use crate::words;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::Moment;
use kernel::error::Result;
use site::{May as _, Site};
use vietnamese::read_time;
use web::text::Arg;
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Fields {
    started: String,
    ended: String,
    rest: String,
    /// That an end ahead of now, or so soon after the beginning, is meant.
    sure: String,
}

#[derive(Template)]
#[template(path = "meetings/closing.html")]
struct Page {
    frame: Frame,
    form: FormState,
    meeting: crate::store::Meeting,
    consequence: String,
    open: Vec<String>,
    /// Who else is not in the room, by what is said of them.
    named: Vec<String>,
    /// Whether hours that look like a slip are asked about.
    asks_sure: bool,
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<CanChair> {
    let may = access::find(site, who, id).await?.into_chair()?;
    may.must_be_open()?;
    if !may.meeting.state.is_running() {
        return Err(may.refuse("meetings-refused-not-begun"));
    }
    Ok(may)
}

fn unmarked(roll: &[Name]) -> Vec<&Name> {
    roll.iter()
        .filter(|name| name.counted.class() == Class::Open)
        .collect()
}

fn draw(frame: &Frame, may: &CanChair, roll: &[Name], form: FormState, asks_sure: bool) -> Answer {
    let sorted = roster::sort(roll);
    let say = |key: &str, args: &[(&str, Arg<'_>)]| frame.tn(key, args);
    let open = unmarked(roll)
        .into_iter()
        .map(|name| name.person.shown.clone())
        .collect();
    let consequence = frame.tn(
        "meetings-close-will-numbers",
        &[
            ("sum", Arg::Text(&tally::sum(&sorted, &say))),
            ("base", Arg::Text(&tally::base(&sorted, &say))),
        ],
    );
    frame.html_status(
        form.status(),
        &Page {
            frame: frame.clone(),
            form,
            meeting: may.meeting.clone(),
            consequence,
            open,
            named: tally::named(&sorted, &say),
            asks_sure,
        },
    )
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let seen = access::find(&site, &who, &id).await?;
    if seen.may_chair && seen.meeting.state == Stands::Ended {
        // By the Back key, or an address kept: what is done leads on.
        return Ok(see_other(format!("/meetings/{}", seen.meeting.id)).into_response());
    }
    let may = may(&site, &who, &id).await?;
    let roll = roster::marked(&site, &may.meeting).await?;
    let started = may.meeting.began();
    let form = FormState::new()
        .with("started", started.clock_text())
        .with("ended", site.clock.now().clock_text());
    draw(&frame, &may, &roll, form, false)
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Fields>,
) -> Answer {
    let fields = form.value;
    let seen = access::find(&site, &who, &id).await?;
    if seen.may_chair && is_repeat(&seen.meeting, &fields) {
        let to = format!("/meetings/{}/notes", seen.meeting.id);
        return Ok(see_other(to).flash("meetings-closed-done").into_response());
    }
    let may = may(&site, &who, &id).await?;
    let meeting = &may.meeting.clone();
    go(meeting.state, Stands::Ended, &Facts::default())?;
    let mut state = FormState::typed(form.pairs);
    let day = meeting.began().day();
    let at = |text: &str| read_time(text).map(|(hour, minute)| day.at(hour, minute));
    let started = at(&fields.started);
    let now = site.clock.now();
    let ended = at(&fields.ended).map(|ended| started.map_or(ended, |it| after(it, ended)));
    if started.is_none() {
        state.fail("started", "meetings-plan-time-missing");
    }
    let is_ahead = ended.is_some_and(|ended| ended.0 - now.0 > AHEAD_MS);
    let lasted = ended
        .zip(started)
        .map(|(ended, started)| ended.0 - started.0);
    let is_short = lasted.is_some_and(|lasted| (0..SHORTEST_MS).contains(&lasted));
    match ended {
        None => state.fail("ended", "meetings-plan-time-missing"),
        Some(ended) if started.is_some_and(|started| ended < started) => {
            state.fail("ended", "meetings-close-before-start");
        }
        Some(_) if is_ahead && fields.sure != "yes" => state.fail(
            "ended",
            frame.t1("meetings-close-future", "now", &words::hour(&frame, now)),
        ),
        Some(_) if is_short && fields.sure != "yes" => {
            let minutes = lasted.unwrap_or_default() / 60_000;
            state.fail("ended", frame.t1("meetings-close-short", "n", minutes));
        }
        Some(_) => {}
    }
    let mut roll = roster::marked(&site, meeting).await?;
    if !unmarked(&roll).is_empty() && !matches!(fields.rest.as_str(), "unexcused" | "open") {
        state.fail(
            "rest",
            frame.t1("meetings-close-open", "n", unmarked(&roll).len() as i64),
        );
    }
    let (Some(started), Some(ended), true) = (started, ended, state.is_good()) else {
        return draw(&frame, &may, &roll, state, is_ahead || is_short);
    };
    let me = &who.actor.member;
    let mut act = may.begin(&site, &frame, "meeting.close").await?;
    if !store::close(&mut act, &meeting.id, started, ended).await? {
        let closed = act.closed();
        act.leave().await?;
        let now = crate::store::get_meeting(&site.db, &meeting.id).await?;
        if is_repeat(&now, &fields) {
            let to = format!("/meetings/{}/notes", meeting.id);
            return Ok(see_other(to).flash("meetings-closed-done").into_response());
        }
        return Err(closed.into());
    }
    // Asked while the meeting is held, so that no vote opens in between; who refuses undoes the act.
    site.rooms
        .guard(&site, "meeting.close", meeting.id.as_str())
        .await?;
    roster::mark(
        &mut roll,
        store::list_marks_in(act.on(), &meeting.id).await?,
    );
    // Those of whom it is not known stay so, and are counted as such.
    let is_absence = fields.rest == "unexcused";
    for name in unmarked(&roll).into_iter().filter(|_| is_absence) {
        store::mark(
            &mut act,
            &meeting.id,
            name.person.member_id.as_str(),
            Mark::Unexcused,
            me,
            now,
        )
        .await?;
    }
    roster::mark(
        &mut roll,
        store::list_marks_in(act.on(), &meeting.id).await?,
    );
    let numbers = roster::sort(&roll).numbers();
    store::add_numbers(
        &mut act,
        &meeting.id,
        Taken::End,
        &numbers,
        me.as_str(),
        now,
    )
    .await?;
    act.tell("meeting.closed", &meeting.id);
    act.line().diff(&serde_json::json!({ "present": numbers.present, "convened": numbers.convened, "vote_base": numbers.vote_base }));
    act.end().await?;
    Ok(see_other(format!("/meetings/{}/notes", meeting.id))
        .flash("meetings-closed-done")
        .into_response())
}

/// Whether the meeting was ended at just these hours: the button was pressed twice.
fn is_repeat(meeting: &crate::store::Meeting, fields: &Fields) -> bool {
    let (Some(started), Some(ended)) = (meeting.started_at, meeting.ended_at) else {
        return false;
    };
    let is = |typed: &str, at: i64| read_time(typed) == Some(Moment(at).hour_minute());
    meeting.state == Stands::Ended && is(&fields.started, started) && is(&fields.ended, ended)
}

/// Hours are typed in minutes; an end further ahead than one is asked about.
const AHEAD_MS: i64 = 60_000;

/// A meeting that lasted less was closed in the minute of its opening, or an hour was mistyped.
const SHORTEST_MS: i64 = 5 * 60_000;

/// A meeting of the evening may end after midnight; one that would have lasted longer is a slip.
const LONGEST_MS: i64 = 12 * 3_600_000;

/// The end that is meant: on the next day when the hour lies before the beginning. One that has not come yet is asked
/// about as any other.
fn after(started: Moment, ended: Moment) -> Moment {
    let next = ended.plus_ms(86_400_000);
    let is_next = ended < started && next.0 - started.0 <= LONGEST_MS;
    if is_next { next } else { ended }
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{HOA, LAN, MINH, THU};

    /// A room that never lets a meeting be closed.
    fn room_that_objects() -> site::Room {
        let mut room = site::Room::new("odd", "", "");
        room.guards = vec![site::room::Guard {
            act: "meeting.close",
            refuse: |_, _| {
                Box::pin(async { Err(kernel::Refusal::new("meetings-refused-poll").into()) })
            },
        }];
        room
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_another_room_forbids_leaves_the_meeting_and_its_roll_as_they_were() {
        testkit::on_both(
            || vec![crate::room(), room_that_objects()],
            async |app| {
                let id = opened(&app).await;
                let fields = [
                    ("started", "19:32"),
                    ("ended", "21:06"),
                    ("rest", "unexcused"),
                    ("sure", "yes"),
                ];
                app.as_(LAN)
                    .post(&format!("/meetings/{id}/closing"), &fields)
                    .await
                    .expects(409);
                let running = "select count(*) from meetings_meeting where state = 'running'";
                assert_eq!(app.count(running).await, 1);
                let marks = "select count(*) from meetings_attendance where state = 'unexcused'";
                assert_eq!(app.count(marks).await, 0);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_meeting_may_end_after_midnight_and_not_on_the_next_evening() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}/closing");
            let next: kernel::Day = "2026-11-28".parse().unwrap();
            let closes = |ended: &'static str| {
                [
                    ("started", "7:32 PM"),
                    ("ended", ended),
                    ("rest", "unexcused"),
                    ("sure", "yes"),
                ]
            };
            // Before midnight an end after it is ahead, and asked about as such; so is one two minutes ahead.
            app.site
                .clock
                .set("2026-11-27".parse::<kernel::Day>().unwrap().at(23, 28));
            for ahead in ["0:55", "23:30"] {
                let unsure = &closes(ahead)[..3];
                let page = app.as_(LAN).post(&path, unsure).await.expects(422);
                assert!(page.text("#e-ended").contains("ở sau lúc này"), "{ahead}");
            }
            app.site.clock.set(next.at(20, 0));
            for slip in ["18:30", "7 giờ rưỡi tối", "tối"] {
                app.as_(LAN).post(&path, &closes(slip)).await.expects(422);
            }
            app.as_(LAN)
                .post(&path, &closes("12 giờ 15 đêm"))
                .await
                .expects(303);
            let ended = app
                .count("select ended_at - started_at from meetings_meeting")
                .await;
            assert_eq!(ended, (4 * 60 + 43) * 60_000);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn those_not_marked_are_named_and_counted_only_by_choice() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}/closing");
            marks(&app, &id, "lan").await;
            marks(&app, &id, "minh").await;
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert_eq!(page.all("#open li"), ["Lương Thị Hoa"]);
            let times = [("started", "19:32"), ("ended", "21:06")];
            let page = app.as_(LAN).post(&path, &times).await.expects(422);
            assert_eq!(page.attributes("input[name=started]", "value"), ["19:32"]);
            for who in [MINH, HOA, THU] {
                app.as_(who).post(&path, &times).await.expects(404);
            }
            app.as_(LAN).post_forged(&path, &times).await.expects(403);
            app.as_(LAN)
                .post(
                    &path,
                    &[
                        ("started", "21:00"),
                        ("ended", "20:00"),
                        ("rest", "unexcused"),
                        ("sure", "yes"),
                    ],
                )
                .await
                .expects(422);
            app.as_(LAN)
                .post(
                    &path,
                    &[&times[..], &[("rest", "unexcused"), ("sure", "yes")]].concat(),
                )
                .await
                .expects(303);
            let kept = "select count(*) from meetings_numbers where moment = 'end' and present = 2 \
                and unexcused = 1 and convened = 3 and vote_base = 3 and headcount = 2";
            assert_eq!(app.count(kept).await, 1);
        })
        .await;
    }
    /// Lan came, Minh is exempt and stayed at home, Hoa is on probation and absent: everywhere the same.
    #[tokio::test(flavor = "multi_thread")]
    async fn every_page_says_the_same_numbers_and_names_who_they_are() {
        testkit::on_both(rooms, async |app| {
            app.is_exempt(MINH, true).await;
            app.has_status(HOA, "probationary").await;
            let id = opened(&app).await;
            marks(&app, &id, "lan").await;
            let lan = app.as_(LAN);
            let sum = |rest: &str| {
                format!(
                    "Danh sách 3 người, 2 người phải dự: 1 có mặt, {rest}, 1 được miễn sinh hoạt."
                )
            };
            let open = sum("1 chưa điểm danh (trong đó 1 dự bị)");
            let base =
                "Biểu quyết tính trên 1 người: 2 đảng viên chính thức, trừ 1 được miễn và vắng.";
            for page in ["attendance", "closing"] {
                let page = lan
                    .get(&format!("/meetings/{id}/{page}"))
                    .await
                    .expects(200);
                let text = page.text("main");
                assert!(text.contains(&open) && text.contains(base), "{text}");
            }
            let fields = [
                ("started", "19:32"),
                ("ended", "21:06"),
                ("rest", "unexcused"),
                ("sure", "yes"),
            ];
            let path = format!("/meetings/{id}/closing");
            lan.post(&path, &fields).await.expects(303);
            let ended = sum("1 vắng không lý do (trong đó 1 dự bị)");
            for who in [LAN, MINH, HOA] {
                let page = app.as_(who).get(&format!("/meetings/{id}")).await;
                let page = page.expects(200);
                assert!(page.text("main").contains(&ended), "{}", page.text("main"));
            }
            let above = app
                .as_(THU)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            let text = above.text("main");
            assert!(
                text.contains("Có mặt 1 người") && !text.contains("vắng"),
                "{text}"
            );
            let draft = lan
                .get(&format!("/meetings/{id}/minutes"))
                .await
                .expects(200);
            let text = draft.text("#minutes");
            for line in [
                "Tổng số: 3 người (2 chính thức, 1 dự bị).",
                "Có mặt: 1 đồng chí (1 chính thức).",
                "Vắng có lý do: 0.",
                "Vắng không lý do: 1 (Lương Thị Hoa – dự bị).",
                "Được miễn sinh hoạt, không dự: 1 (Trần Văn Minh).",
                base,
            ] {
                assert!(text.contains(line), "{line} is not in {text}");
            }
            assert!(
                !text.contains("Danh sách 3 người"),
                "each number once: {text}"
            );
            assert!(!text.contains("Số ghi lúc kết thúc"));
            // A record that is corrected afterwards does not pass for what was counted then.
            app.is_exempt(MINH, false).await;
            let draft = lan
                .get(&format!("/meetings/{id}/minutes"))
                .await
                .expects(200);
            let text = draft.text("#minutes");
            let told = "Số ghi lúc kết thúc: có mặt 1, biểu quyết tính trên 1 người.";
            assert!(text.contains(told), "{text}");
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn of_whom_it_is_not_known_stays_so_and_an_end_ahead_of_now_is_asked_about() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let lan = app.as_(LAN);
            let roll = lan.get(&format!("/meetings/{id}/attendance")).await;
            let roll = roll.expects(200);
            assert_eq!(
                roll.text("[data-tally=enough]"),
                "",
                "nobody was marked yet"
            );
            assert!(
                roll.text("main")
                    .contains("Cần 2 phiếu tán thành mới thông qua")
            );
            marks(&app, &id, "lan").await;
            let path = format!("/meetings/{id}/closing");
            let ahead = [("started", "19:00"), ("ended", "23:50"), ("rest", "open")];
            let page = lan.post(&path, &ahead).await.expects(422);
            assert!(page.text("#e-ended").contains("ở sau lúc này"));
            let sure = [&ahead[..], &[("sure", "yes")]].concat();
            lan.post(&path, &sure).await.expects(303);
            let open = "select count(*) from meetings_attendance where state = 'unexcused'";
            assert_eq!(app.count(open).await, 0);
            let draft = lan.get(&format!("/meetings/{id}/minutes")).await;
            let text = draft.expects(200).text("#minutes");
            let told = "Chưa điểm danh: 2 (Lương Thị Hoa, Trần Văn Minh).";
            assert!(text.contains(told), "{text}");
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_closed_meeting_changes_by_no_route() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let before = app.count("select row_version from meetings_meeting").await;
            let write = [
                ("started", "19:32"),
                ("ended", "21:06"),
                ("rest", "unexcused"),
                ("sure", "yes"),
                ("answer", "yes"),
                ("row", "hoa"),
                ("present", "hoa"),
                ("reason", "x"),
                ("date", "2026-12-31"),
                ("time", "19:30"),
                ("decision", "accept"),
            ];
            for act in [
                "opening",
                "calling",
                "edit",
                "cancelling",
                "postponing",
                "answer",
                "attendance",
                "absences/x",
            ] {
                app.as_(LAN)
                    .post(&format!("/meetings/{id}/{act}"), &write)
                    .await
                    .expects(409);
            }
            let path = format!("/meetings/{id}/closing");
            app.as_(LAN).post(&path, &write).await.expects(303); // pressed twice
            app.as_(LAN).get(&path).await.expects(303); // opened later
            app.as_(HOA).get(&path).await.expects(404);
            let other = [&write[2..], &[("started", "19:00"), ("ended", "21:06")]].concat();
            app.as_(LAN).post(&path, &other).await.expects(409);
            let tap = app
                .as_(LAN)
                .header("x-fragment", "1")
                .post(&format!("/meetings/{id}/attendance"), &write)
                .await;
            assert!(
                tap.expects(409).json()["said"]
                    .as_str()
                    .unwrap()
                    .contains("đã kết thúc")
            );
            assert_eq!(
                app.count("select row_version from meetings_meeting").await,
                before
            );
            assert_eq!(
                app.count("select count(*) from meetings_numbers where moment = 'end'")
                    .await,
                1
            );
            assert_eq!(
                app.count("select count(*) from audit_event where action = 'meeting.close'")
                    .await,
                1
            );
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_meeting_of_no_length_is_asked_about_once_and_then_closed_as_it_was_meant() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}/closing");
            marks(&app, &id, "lan").await;
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert!(!page.has("input[name=sure]"));
            let mut form = vec![("started", "19:32"), ("ended", "19:32"), ("rest", "open")];
            let asked = app.as_(LAN).post(&path, &form).await.expects(422);
            assert!(asked.text("#e-ended").contains("0 phút"));
            let running = "select count(*) from meetings_meeting where state = 'running'";
            assert_eq!(app.count(running).await, 1);
            assert!(
                asked.has("input[name=rest][value=open][checked]"),
                "what was chosen is kept"
            );
            form[1] = ("ended", "19:36");
            app.as_(LAN).post(&path, &form).await.expects(422);
            form.push(("sure", "yes"));
            app.as_(LAN).post(&path, &form).await.expects(303);
        })
        .await;
    }
}
