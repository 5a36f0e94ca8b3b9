//! The roll: tap a name when the person comes; counts and the base of votes beside it.
//!
//! One tap posts one row and is answered in JSON (the island's contract); without script one button
//! sends the whole list, and only rows that differ from what the page showed are written, so two
//! people marking at once do not undo each other. What somebody else set since the page was drawn is not
//! written over: who set it is said, and whoever knows better chooses once more.
//! The rule that surprises: the roll is open only while the meeting runs.

use crate::access::{self, CanMark};
use crate::fact::{AbsenceState, Mark, Reply};
use crate::hall::roll::{self, Class, Sorted};
use crate::hall::roster::{self, Name};
use crate::hall::{store, tally};
use crate::rules;
use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use kernel::error::Result;
use people::fact::{Placement, Status};
use site::{May as _, Site};
use web::text::Arg;
use web::{Answer, Form, Frame, Member, see_other};

pub(crate) struct Row {
    pub id: String,
    pub name: String,
    pub sub: String,
    pub mark: &'static str,
    /// Who was quicker with this one, and what they set; else empty.
    pub clash: String,
}

/// The numbers over the roll; the expected are all the others together.
pub(crate) struct Tally {
    pub expected: String,
    pub present: i64,
    pub excused: i64,
    pub unexcused: i64,
    pub open: i64,
}

impl Tally {
    fn of(sorted: &Sorted, frame: &Frame) -> Tally {
        Tally {
            expected: frame.t1("meetings-roll-present", "n", sorted.expected()),
            present: sorted.count(Class::Present),
            excused: sorted.count(Class::Excused),
            unexcused: sorted.count(Class::Unexcused),
            open: sorted.count(Class::Open),
        }
    }
}

/// What is said beside the roll.
pub(crate) struct Quorum {
    /// "Đủ người để biểu quyết.", or how many are here; nothing before anybody was marked.
    pub enough: String,
    /// How many votes are needed.
    pub needed: String,
    /// How the base comes about.
    pub base: String,
    /// Everybody on the roll, once.
    pub sum: String,
    /// Some rule used here was never confirmed.
    pub is_unconfirmed: bool,
}

#[derive(Template)]
#[template(path = "meetings/attendance.html")]
struct Page {
    frame: Frame,
    meeting: crate::store::Meeting,
    may_chair: bool,
    /// Whether the start can still be taken back: nothing was marked or written.
    may_take_back: bool,
    rows: Vec<Row>,
    tally: Tally,
    quorum: Quorum,
    has_clash: bool,
}

/// Number and base, from the roll and the rules of the day.
pub(crate) async fn quorum(
    site: &Site,
    frame: &Frame,
    meeting: &crate::store::Meeting,
    roll: &[Name],
) -> Result<(Sorted, Quorum)> {
    let sorted = roster::sort(roll);
    let (voters, base) = (sorted.voters(), sorted.base().base);
    let say = |key: &str, args: &[(&str, Arg<'_>)]| frame.tn(key, args);
    let rules = rules::of(site, meeting.starts().day()).await?;
    let (num, den) = rules.pass_share()?;
    let is_enough = roll::is_quorate(voters, base, num, den);
    // Before anybody is marked there is nothing to say of who is here.
    let nobody_yet = sorted.count(Class::Open) == sorted.expected();
    let enough = match (nobody_yet, is_enough) {
        (true, _) => String::new(),
        (false, true) => frame.t1("meetings-quorum-enough", "voters", voters),
        (false, false) => frame.t1("meetings-quorum-short", "voters", voters),
    };
    let quorum = Quorum {
        enough,
        needed: frame.t1(
            "meetings-quorum-base",
            "needed",
            roll::votes_needed(base, num, den),
        ),
        base: tally::base(&sorted, &say),
        sum: tally::sum(&sorted, &say),
        is_unconfirmed: roll.iter().any(|name| !name.is_signed_off),
    };
    Ok((sorted, quorum))
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let may = access::find(&site, &who, &id).await?.into_mark()?;
    if headers.contains_key("x-fragment") {
        return fresh(&site, &frame, &may).await;
    }
    let page = draw(&site, &frame, &may, &[]).await?;
    frame.html(&page)
}

/// How the roll stands now, for a page that is open: counts, and each person's mark. Whoever else marks is seen so
/// without a reload.
async fn fresh(site: &Site, frame: &Frame, may: &CanMark) -> Answer {
    let meeting = &may.meeting;
    if !meeting.state.is_running() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let roll = roster::marked(site, meeting).await?;
    let (sorted, quorum) = quorum(site, frame, meeting, &roll).await?;
    let marks: serde_json::Map<String, serde_json::Value> = roll
        .iter()
        .map(|name| {
            let mark = name.counted.mark.word();
            (name.person.member_id.to_string(), mark.into())
        })
        .collect();
    let is_touched = store::count_touched(&site.db, &meeting.id).await? > 0;
    Ok(Json(serde_json::json!({
        "tally": counts(&Tally::of(&sorted, frame), &quorum), "marks": marks, "touched": is_touched,
    }))
    .into_response())
}

/// What stands over and beside the roll, by the names of the page's places.
fn counts(tally: &Tally, quorum: &Quorum) -> serde_json::Value {
    serde_json::json!({
        "present": tally.present, "excused": tally.excused, "unexcused": tally.unexcused, "open": tally.open,
        "expected": tally.expected, "enough": quorum.enough, "needed": quorum.needed, "base": quorum.base,
        "sum": quorum.sum,
    })
}

/// The roll as it stands, with what was not written said beside the names.
async fn draw(site: &Site, frame: &Frame, may: &CanMark, clashes: &[Clash]) -> Result<Page> {
    let meeting = may.meeting.clone();
    if meeting.state.is_closed() {
        return Err(may.closed());
    }
    if !meeting.state.is_running() {
        return Err(may.refuse("meetings-refused-not-begun"));
    }
    let roll = roster::marked(site, &meeting).await?;
    let (sorted, quorum) = quorum(site, frame, &meeting, &roll).await?;
    let filed: Vec<String> = store::list_absences(&site.db, &meeting.id)
        .await?
        .into_iter()
        .filter(|absence| absence.state.is(AbsenceState::Filed))
        .map(|absence| absence.member_id)
        .collect();
    let coming: Vec<String> = store::list_answers(&site.db, &meeting.id)
        .await?
        .into_iter()
        .filter(|one| one.answer.is(Reply::Yes))
        .map(|one| one.member_id)
        .collect();
    let has =
        |list: &[String], name: &Name| list.iter().any(|id| id == name.person.member_id.as_str());
    let rows = roll
        .iter()
        .map(|name| Row {
            id: name.person.member_id.to_string(),
            name: name.person.shown.clone(),
            sub: sub(
                frame,
                &meeting,
                name,
                (has(&filed, name), has(&coming, name)),
            ),
            mark: name.counted.mark.word(),
            clash: clashes
                .iter()
                .find(|clash| clash.member == name.person.member_id.as_str())
                .map_or_else(String::new, |clash| clash.said(frame)),
        })
        .collect();
    let may_take_back = may.may_chair && store::count_touched(&site.db, &meeting.id).await? == 0;
    Ok(Page {
        frame: frame.clone(),
        may_chair: may.may_chair,
        may_take_back,
        meeting,
        rows,
        tally: Tally::of(&sorted, frame),
        quorum,
        has_clash: !clashes.is_empty(),
    })
}

/// A post beside a name; whoever writes at this meeting is not called a clerk twice ("Chi ủy viên, thư ký").
fn named_post<'a>(frame: &Frame, post: &'a str, is_clerk: bool) -> &'a str {
    let clerk = frame.t("meetings-clerk").to_lowercase();
    match post.rsplit_once(", ") {
        Some((first, last)) if is_clerk && last.to_lowercase() == clerk => first,
        _ => post,
    }
}

fn sub(
    frame: &Frame,
    meeting: &crate::store::Meeting,
    name: &Name,
    (has_filed, said_yes): (bool, bool),
) -> String {
    let person = &name.person;
    let me = person.member_id.as_str();
    let mut parts = vec![if person.post.is_empty() {
        frame.t("meetings-roll-member")
    } else {
        named_post(frame, &person.post, me == meeting.clerk_id).to_owned()
    }];
    let facts = [
        (me == meeting.chair_id, "meetings-roll-chair"),
        (me == meeting.clerk_id, "meetings-roll-clerk"),
        (
            person.status.is(Status::Probationary),
            "meetings-roll-probationary",
        ),
        (
            person.placement.is(Placement::Temporary),
            "meetings-roll-temporary",
        ),
        (
            person.status.is(Status::Suspended),
            "meetings-roll-suspended",
        ),
        (
            person.status.is(Status::Candidate),
            "meetings-roll-candidate",
        ),
        (person.is_exempt, "meetings-roll-exempt"),
        (name.counted.is_away, "meetings-roll-away"),
        (person.is_phoneless, "meetings-roll-phoneless"),
        (has_filed, "meetings-roll-filed"),
        (said_yes, "meetings-roll-coming"),
        (!person.is_read(), "meetings-roll-unread"),
        (
            person.is_read() && name.counted.lacks_rule,
            "meetings-roll-no-rule",
        ),
        (name.has_odd_mark, "meetings-roll-odd-mark"),
    ];
    parts.extend(
        facts
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, key)| frame.t(key)),
    );
    parts.join(", ")
}

/// What the sent form says of one person. Without script a tick stays when an absence is chosen beside it:
/// whichever is new is meant.
fn said(pairs: &[(String, String)], member: &str) -> Mark {
    let mut all = pairs.iter();
    let is_ticked = all.any(|(name, value)| name == "present" && value == member);
    let absence = match value_of(pairs, &format!("absence-{member}")) {
        Some("excused") => Some(Mark::Excused),
        Some("unexcused") => Some(Mark::Unexcused),
        Some("open") => Some(Mark::Open),
        _ => None,
    };
    let was_present = shown(pairs, member) == Some(Mark::Present.word());
    match absence {
        Some(absence) if !is_ticked || was_present => absence,
        _ if is_ticked => Mark::Present,
        _ => Mark::Open,
    }
}

/// The first value of a field.
fn value_of<'a>(pairs: &'a [(String, String)], field: &str) -> Option<&'a str> {
    let mut pairs = pairs.iter();
    let found = pairs.find(|(name, _)| name == field)?;
    Some(found.1.as_str())
}

/// What the page showed of one person when the form was drawn.
fn shown<'a>(pairs: &'a [(String, String)], member: &str) -> Option<&'a str> {
    value_of(pairs, &format!("was-{member}"))
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Form<web::Nothing>,
) -> Answer {
    let is_tap = headers.contains_key("x-fragment");
    let may = access::find(&site, &who, &id).await?.into_mark()?;
    match keep(&site, &frame, &who, &may, &form.pairs).await {
        Ok(kept) if is_tap => Ok(kept.answer(&frame)),
        Ok(kept) => {
            let next = match (value_of(&form.pairs, "then"), value_of(&form.pairs, "all")) {
                (Some("notes"), _) => "notes",
                (Some("closing"), _) => "closing",
                (_, Some(_)) => "attendance#next",
                _ => "attendance",
            };
            if !kept.clashes.is_empty() {
                let page = draw(&site, &frame, &may, &kept.clashes).await?;
                return frame.html_status(StatusCode::CONFLICT, &page);
            }
            let to = format!("/meetings/{}/{next}", may.meeting.id);
            Ok(see_other(to)
                .flash("meetings-roll-saved-all")
                .into_response())
        }
        Err(kernel::Error::Refused(refusal)) if is_tap => {
            let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::CONFLICT);
            Ok((
                status,
                Json(serde_json::json!({ "said": frame.t(refusal.key) })),
            )
                .into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// A mark that somebody else set since the page was drawn.
struct Clash {
    /// Whose.
    member: String,
    name: String,
    /// What they set.
    now: Mark,
    /// Who did; empty for somebody of another unit.
    by: String,
}

impl Clash {
    fn said(&self, frame: &Frame) -> String {
        let now = frame.t(mark_text(self.now));
        let args = [
            ("name", Arg::Text(&self.name)),
            ("now", Arg::Text(&now)),
            ("by", Arg::Text(&self.by)),
        ];
        frame.tn(
            match self.by.is_empty() {
                true => "meetings-roll-clash-other",
                false => "meetings-roll-clash",
            },
            &args,
        )
    }
}

/// The text of a mark.
fn mark_text(mark: Mark) -> &'static str {
    match mark {
        Mark::Present => "meetings-mark-present",
        Mark::Excused => "meetings-mark-excused",
        Mark::Unexcused => "meetings-mark-unexcused",
        Mark::Open => "meetings-mark-open",
    }
}

/// What came of sent marks.
struct Kept {
    counts: serde_json::Value,
    clashes: Vec<Clash>,
}

impl Kept {
    /// The island's answer: the counts, or who was quicker and what stands there now (`is`).
    fn answer(&self, frame: &Frame) -> Response {
        match self.clashes.first() {
            None => Json(serde_json::json!({ "tally": self.counts })).into_response(),
            Some(clash) => {
                let told = serde_json::json!({
                    "said": clash.said(frame), "is": clash.now.word(), "tally": self.counts,
                });
                (StatusCode::CONFLICT, Json(told)).into_response()
            }
        }
    }
}

async fn keep(
    site: &Site,
    frame: &Frame,
    who: &Member,
    may: &CanMark,
    pairs: &[(String, String)],
) -> Result<Kept> {
    let meeting = &may.meeting;
    may.must_be_open()?;
    if !meeting.state.is_running() {
        return Err(may.refuse("meetings-refused-not-begun"));
    }
    let mut roll = roster::of(site, &meeting.unit_id, meeting.starts().day()).await?;
    let tapped = value_of(pairs, "row");
    let now = site.clock.now();
    let me = &who.actor.member;
    let mut act = may.clone().begin(site, frame, "attendance.mark").await?;
    if !crate::store::hold(&mut act, &meeting.id, meeting.state).await? {
        return Err(may.closed());
    }
    // Moved away meanwhile, or of another unit: nothing is written, so nothing is told as written.
    if tapped.is_some_and(|row| {
        roll.iter()
            .all(|name| name.person.member_id.as_str() != row)
    }) {
        return Err(crate::store::changed(&meeting.id));
    }
    let mut is_changed = false;
    let stands = store::list_marks_in(act.on(), &meeting.id).await?;
    let mut clashes = Vec::new();
    for name in &roll {
        let member = name.person.member_id.as_str();
        let mark = said(pairs, member);
        let is_meant = match tapped {
            Some(row) => row == member,
            None => shown(pairs, member).is_some_and(|was| was != mark.word()),
        };
        if !is_meant {
            continue;
        }
        let stands = stands.iter().find(|stands| stands.member_id == member);
        if let Some(stands) = stands
            && stands.marked_by != me.as_str()
            && !stands.state.is(mark)
            && shown(pairs, member).is_none_or(|was| was != stands.state.word())
        {
            let mut all = roll.iter().map(|other| &other.person);
            let by = all.find(|other| other.member_id.as_str() == stands.marked_by);
            clashes.push(Clash {
                member: member.to_owned(),
                name: name.person.shown.clone(),
                now: stands.state.word().parse().unwrap_or(Mark::Open),
                by: by.map(|by| by.shown.clone()).unwrap_or_default(),
            });
            continue;
        }
        if store::mark(&mut act, &meeting.id, member, mark, me, now).await? {
            is_changed = true;
            act.log("attendance.mark")
                .about(&name.person.member_id)
                .diff(&serde_json::json!({ "state": mark.word() }));
        }
    }
    if value_of(pairs, "all") == Some("present") {
        // Who is still without a mark by now, and has not asked to be away.
        roster::mark(
            &mut roll,
            store::list_marks_in(act.on(), &meeting.id).await?,
        );
        let absences = store::list_absences_in(act.on(), &meeting.id).await?;
        let has_filed = |member: &str| {
            let mut all = absences.iter();
            all.any(|absence| absence.member_id == member && absence.state.is(AbsenceState::Filed))
        };
        let rest = roll.iter().filter(|name| {
            name.counted.class() == Class::Open && !has_filed(name.person.member_id.as_str())
        });
        for name in rest {
            let member = name.person.member_id.as_str();
            store::mark(&mut act, &meeting.id, member, Mark::Present, me, now).await?;
            is_changed = true;
            act.log("attendance.mark")
                .about(&name.person.member_id)
                .diff(&serde_json::json!({ "state": Mark::Present.word() }));
        }
    }
    let marks = store::list_marks_in(act.on(), &meeting.id).await?;
    if is_changed {
        act.end().await?;
    } else {
        act.leave().await?;
    }
    roster::mark(&mut roll, marks);
    let (sorted, quorum) = quorum(site, frame, meeting, &roll).await?;
    let counts = counts(&Tally::of(&sorted, frame), &quorum);
    Ok(Kept { counts, clashes })
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn an_open_page_is_told_what_others_marked_and_that_the_start_is_none_by_mistake() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let at = format!("/meetings/{id}/attendance");
            let page = app.as_(LAN).get(&at).await.expects(200);
            assert!(page.has("form[data-roll-fresh]") && page.has("#back[data-roll-untouched]"));
            assert_eq!(
                page.attributes("[data-roll-reload] a", "href"),
                [at.as_str()]
            );
            let look = async |who| {
                let browser = app.as_(who).header("x-fragment", "1");
                browser.get(&at).await
            };
            let before = look(LAN).await.expects(200).json();
            assert_eq!(before["marks"]["hoa"], "open");
            assert_eq!(before["touched"], false);
            let tap = [("row", "hoa"), ("was-hoa", "open"), ("present", "hoa")];
            app.as_(MINH).post(&at, &tap).await.expects(303);
            let after = look(LAN).await.expects(200).json();
            assert_eq!(after["marks"]["hoa"], "present");
            assert_eq!(after["tally"]["present"], 1);
            assert_eq!(after["touched"], true);
            look(HOA).await.expects(404);
            closes(&app, &id).await;
            look(LAN).await.expects(204);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_roll_says_beside_a_name_who_answered_that_they_come() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let answer = format!("/meetings/{id}/answer");
            let yes = [("answer", "yes")];
            app.as_(HOA).post(&answer, &yes).await.expects(303);
            opens(&app, LAN, &id).await;
            let page = app
                .as_(LAN)
                .get(&format!("/meetings/{id}/attendance"))
                .await;
            let page = page.expects(200);
            let sub = |member: &str| page.text(&format!("[data-row={member}] .sub"));
            assert!(sub("hoa").contains("đã báo sẽ đến"));
            assert!(!sub("minh").contains("đã báo"));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_tap_marks_one_person_and_tells_the_counts() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}/attendance");
            let tap = |row: &'static str, field: &'static str, value: &'static str| {
                let fields = vec![("row", row), (field, value)];
                let (app, path) = (&app, &path);
                async move {
                    app.as_(MINH)
                        .header("x-fragment", "1")
                        .post(path, &fields)
                        .await
                        .expects(200)
                        .json()
                }
            };
            assert_eq!(tap("hoa", "present", "hoa").await["tally"]["present"], 1);
            assert_eq!(tap("hoa", "present", "hoa").await["tally"]["present"], 1);
            assert_eq!(
                app.count("select count(*) from audit_event where action = 'attendance.mark'")
                    .await,
                1
            );
            let told = tap("lan", "present", "lan").await;
            assert_eq!(told["tally"]["open"], 1);
            assert!(
                told["tally"]["enough"]
                    .as_str()
                    .unwrap()
                    .starts_with("Đủ người"),
                "two of three"
            );
            assert!(
                told["tally"]["base"]
                    .as_str()
                    .unwrap()
                    .contains("3 đảng viên")
            );
            let told = tap("hoa", "absence-hoa", "excused").await;
            assert_eq!(
                (&told["tally"]["present"], &told["tally"]["excused"]),
                (&1.into(), &1.into())
            );
            assert_eq!(
                tap("hoa", "other", "").await["tally"]["open"],
                2,
                "tapping again takes it back"
            );
            // Who is not on this roll is not told as marked.
            let fields = [("row", "tuan"), ("present", "tuan")];
            let minh = app.as_(MINH).header("x-fragment", "1");
            minh.post(&path, &fields).await.expects(409);
            let marked = "select count(*) from meetings_attendance where member_id = 'tuan'";
            assert_eq!(app.count(marked).await, 0);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn who_marks_takes_the_meeting_before_any_row_of_the_roll() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}/attendance");
            let minh = app.as_(MINH).header("x-fragment", "1");
            let here = [("row", "hoa"), ("present", "hoa")];
            minh.post(&path, &here).await.expects(200);
            let lan = app.as_(LAN).header("x-fragment", "1");
            let more = [("row", "minh"), ("present", "minh")];
            let marked = app.meets_crosswise(
                "update meetings_meeting set row_version = row_version",
                "update meetings_attendance set state = state",
                lan.post(&path, &more),
            );
            marked.await.expects(200);
            let present = "select count(*) from meetings_attendance where state = 'present'";
            assert_eq!(app.count(present).await, 2);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_tick_of_another_is_not_written_over_by_an_older_page() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}/attendance");
            let was = ("was-hoa", "open");
            let ticked = [("row", "hoa"), was, ("present", "hoa")];
            let minh = app.as_(MINH).header("x-fragment", "1");
            minh.post(&path, &ticked).await.expects(200);
            // Lan's page still shows nobody: her tap is not written, and she is told who was quicker.
            let absent = [("row", "hoa"), was, ("absence-hoa", "excused")];
            let lan = app.as_(LAN).header("x-fragment", "1");
            let told = lan.post(&path, &absent).await.expects(409).json();
            assert_eq!(told["is"], "present");
            let said = told["said"].as_str().unwrap();
            assert!(
                said.contains("Trần Văn Minh") && said.contains("Lương Thị Hoa"),
                "{said}"
            );
            // Without script likewise, and her other marks are kept.
            let both = [
                was,
                ("absence-hoa", "excused"),
                ("was-lan", "open"),
                ("present", "lan"),
            ];
            let page = app.as_(LAN).post(&path, &both).await.expects(409);
            let beside = page.text("[data-row=hoa] .rowsaid");
            assert!(beside.contains("Trần Văn Minh"), "{beside}");
            assert!(!page.has("[data-row=lan] .rowsaid"));
            assert!(page.text("[data-roll-said]").contains("chưa ghi"));
            assert_eq!(page.attributes("[name=was-hoa]", "value"), ["present"]);
            assert_eq!(
                page.attributes("input[name=present][checked]", "value"),
                ["hoa", "lan"]
            );
            // Having seen it she may.
            let absent = [
                ("row", "hoa"),
                ("was-hoa", "present"),
                ("absence-hoa", "excused"),
            ];
            let told = lan.post(&path, &absent).await.expects(200).json();
            assert_eq!(told["tally"]["excused"], 1);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn one_button_saves_the_list_and_leaves_what_others_marked() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}/attendance");
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert_eq!(
                page.all(".roll .name"),
                ["Lương Thị Hoa", "Nguyễn Thị Lan", "Trần Văn Minh"]
            );
            assert!(page.text("main").contains("chi ủy kiểm tra lại"));
            // Minh marks Hoa on his own page meanwhile.
            let was = [
                ("was-hoa", "open"),
                ("was-lan", "open"),
                ("was-minh", "open"),
            ];
            let with = |more: &[(&'static str, &'static str)]| [&was[..], more].concat();
            app.as_(MINH)
                .post(&path, &with(&[("present", "hoa")]))
                .await
                .expects(303);
            app.as_(LAN)
                .post(
                    &path,
                    &with(&[("present", "lan"), ("absence-minh", "unexcused")]),
                )
                .await
                .expects(303);
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert_eq!(page.text("[data-tally=present]"), "2");
            assert_eq!(page.text("[data-tally=open]"), "0");
            assert_eq!(
                page.attributes("input[name=present][checked]", "value"),
                ["hoa", "lan"]
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_is_not_marked_is_present_by_one_button_and_the_next_page_keeps_the_ticks() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}/attendance");
            let absent = [("was-hoa", "open"), ("absence-hoa", "unexcused")];
            let rest = [&absent[..], &[("all", "present")]].concat();
            app.as_(LAN).post(&path, &rest).await.expects(303);
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert_eq!(
                page.attributes("input[name=present][checked]", "value"),
                ["lan", "minh"]
            );
            assert_eq!(page.text("[data-tally=unexcused]"), "1");
            assert!(!page.has("button[name=all]"), "nobody is left");
            // Without script the tick of "all present" stays beside an absence chosen later: the new one counts.
            let late = [
                ("was-minh", "present"),
                ("present", "minh"),
                ("absence-minh", "excused"),
            ];
            app.as_(LAN).post(&path, &late).await.expects(303);
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert_eq!(page.text("[data-tally=excused]"), "1");
            let back = [
                ("was-minh", "excused"),
                ("present", "minh"),
                ("absence-minh", "excused"),
            ];
            app.as_(LAN).post(&path, &back).await.expects(303);
            // A tick and the next step in one press.
            let on = [
                ("was-hoa", "unexcused"),
                ("present", "hoa"),
                ("then", "closing"),
            ];
            let to = app.as_(LAN).post(&path, &on).await.expects(303).location();
            assert_eq!(to, format!("/meetings/{id}/closing"));
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert_eq!(page.text("[data-tally=present]"), "3");
            app.as_(HOA).post(&path, &rest).await.expects(404);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn only_the_committee_marks_and_only_while_it_runs() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let path = format!("/meetings/{id}/attendance");
            app.as_(LAN)
                .post(&path, &[("row", "hoa"), ("present", "hoa")])
                .await
                .expects(409);
            opens(&app, LAN, &id).await;
            for who in [HOA, TUAN, THU, BINH] {
                app.as_(who).get(&path).await.expects(404);
                app.as_(who)
                    .post(&path, &[("row", "hoa"), ("present", "hoa")])
                    .await
                    .expects(404);
            }
            app.as_(LAN)
                .post_forged(&path, &[("row", "hoa"), ("present", "hoa")])
                .await
                .expects(403);
            app.stranger().get(&path).await.expects(303);
            assert_eq!(
                app.count("select count(*) from meetings_attendance").await,
                0
            );
        })
        .await;
    }
}
