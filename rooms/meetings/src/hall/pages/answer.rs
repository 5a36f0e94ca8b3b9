//! A member says whether they come; not coming files an absence, with a reason for the committee only.
//!
//! Whoever marks the roll records what somebody said on the telephone; an answer that stands there by then,
//! perhaps the person's own, is shown first. The reason is never put into the audit log.
//! The rule that surprises: the same answer again changes nothing, and is no error.

use crate::access::{self, Answers};
use crate::fact::{Category, Reply};
use crate::hall::asked::Roll;
use crate::hall::pages::notes::mark;
use crate::hall::store;
use crate::id::MeetingId;
use crate::plan::LONGEST_TEXT;
use crate::plan::pages::show;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use db::Connection;
use kernel::MemberId;
use kernel::error::{Error, Result};
use site::{Act, May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Fields {
    answer: String,
    category: String,
    note: String,
    back: String,
    /// Whose answer it is, when somebody records it for them.
    member: String,
    /// The answer that was seen and is to be replaced ([`Stands::mark`]).
    over: String,
}

/// What was answered, once it is read.
struct Given {
    is_coming: bool,
    category: Option<Category>,
    note: String,
}

fn read(frame: &Frame, fields: &Fields, state: &mut FormState) -> Given {
    let note = fields.note.trim();
    // A word that is no answer is none.
    let reply = fields.answer.parse().unwrap_or(Reply::Open);
    if reply == Reply::Open {
        state.fail("answer", "meetings-answer-missing");
    }
    if note.chars().count() > LONGEST_TEXT {
        let long = frame.t1("meetings-plan-too-long", "n", LONGEST_TEXT as i64);
        state.fail("note", long);
    }
    Given {
        is_coming: reply == Reply::Yes,
        // Nothing chosen is no reason, not another one.
        category: fields.category.parse().ok(),
        note: note.to_owned(),
    }
}

/// Keeps the answer of a member. Answers whether somebody decides on an absence of it.
async fn keep<P: Answers>(
    act: &mut Act<P>,
    meeting: &crate::store::Meeting,
    (member, name): (&MemberId, &str),
    given: &Given,
) -> Result<bool> {
    if !crate::store::hold(act, &meeting.id, meeting.state).await? {
        return Err(crate::store::changed(&meeting.id));
    }
    let mut reaches = true;
    if given.is_coming {
        let now = act.now();
        store::answer_yes(act, &meeting.id, member, now).await?;
    } else {
        store::answer_no(act, &meeting.id, member, given.category, &given.note).await?;
        reaches = crate::told::asked(act, meeting, (member.as_str(), name)).await?;
    }
    act.line().about(member);
    Ok(reaches)
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Fields>,
) -> Answer {
    let seen = access::find(&site, &who, &id).await?;
    let fields = form.value;
    if !fields.member.is_empty() {
        return post_for(&site, &frame, seen, fields, form.pairs).await;
    }
    let may = seen.clone().into_answer()?;
    must_be_coming(&may)?;
    let mut state = FormState::typed(form.pairs);
    let given = read(&frame, &fields, &mut state);
    if !state.is_good() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show::draw(&site, &frame, &who, seen, status, state).await;
    }
    let meeting = &may.meeting.clone();
    let action = if given.is_coming {
        "meeting.accept"
    } else {
        "meeting.decline"
    };
    let mut name = who.actor.name.clone();
    call(&site, meeting, who.actor.member.as_str(), &mut name).await?;
    let mut act = may.begin(&site, &frame, action).await?;
    let me = (&who.actor.member, name.as_str());
    let reaches = keep(&mut act, meeting, me, &given).await?;
    act.end().await?;
    let back = if fields.back == "today" {
        "/today".to_owned()
    } else {
        format!("/meetings/{}", meeting.id)
    };
    let said = if given.is_coming {
        "meetings-answer-yes-done"
    } else if reaches {
        "meetings-answer-no-done"
    } else {
        "meetings-answer-no-nobody"
    };
    let org = frame.org().name.clone();
    Ok(see_other(back).flash(said).arg("org", &org).into_response())
}

/// Calls a member as the roll of the meeting does.
async fn call(
    site: &Site,
    meeting: &crate::store::Meeting,
    member: &str,
    name: &mut String,
) -> Result<()> {
    let on = meeting.starts().day();
    let names = people::roster::names(site, &meeting.unit_id, on).await?;
    names.call(member, name);
    Ok(())
}

fn must_be_coming(seen: &access::Seen) -> Result<()> {
    seen.must_be_open()?;
    if seen.meeting.state.is_coming() {
        Ok(())
    } else {
        Err(seen.refuse("meetings-refused-begun"))
    }
}

/// The answer of somebody as it stands.
struct Stands {
    name: String,
    reply: Option<Reply>,
    note: String,
}

impl Stands {
    /// `new` is the name of whoever came to the unit after the meeting was called.
    async fn of(
        on: &mut Connection,
        id: &MeetingId,
        member: &MemberId,
        new: Option<String>,
    ) -> Result<Stands> {
        let invited = store::find_invited(&mut *on, id, member).await?;
        let invited = invited.map(|one| (one.name, one.answer.known()));
        let new = new.map(|name| (name, Some(Reply::Open)));
        let (name, reply) = invited.or(new).ok_or(Error::NotFound)?;
        let absence = store::find_absence_of(&mut *on, id, member).await?;
        Ok(Stands {
            name,
            reply,
            note: absence.map_or_else(String::new, |absence| absence.note),
        })
    }
    fn is_open(&self) -> bool {
        self.reply == Some(Reply::Open)
    }
    fn mark(&self) -> String {
        let word = self.reply.map_or("", |reply| reply.word());
        mark(&format!("{word}\n{}", self.note))
    }
    fn is(&self, given: &Given) -> bool {
        match self.reply {
            Some(Reply::Yes) => given.is_coming,
            Some(Reply::No) => !given.is_coming && given.note == self.note,
            Some(Reply::Open) | None => false,
        }
    }
}

/// What somebody said, as it was typed, with what is wrong with it or what stands there already.
#[derive(Template)]
#[template(path = "meetings/answer_for.html")]
struct For {
    frame: Frame,
    form: FormState,
    meeting: crate::store::Meeting,
    name: String,
    /// What stands there; empty when nothing does.
    stands: String,
    note: String,
    over: String,
}

fn draw_for(
    frame: &Frame,
    meeting: crate::store::Meeting,
    form: FormState,
    held: Stands,
) -> Answer {
    let status = match form.is_good() {
        true => StatusCode::CONFLICT,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let key = match held.reply {
        Some(Reply::Yes) => "meetings-answer-for-stands-yes",
        Some(Reply::No) => "meetings-answer-for-stands-no",
        Some(Reply::Open) | None => "",
    };
    let page = For {
        frame: frame.clone(),
        form,
        meeting,
        stands: match key {
            "" => String::new(),
            key => frame.t1(key, "name", &held.name),
        },
        over: held.mark(),
        name: held.name,
        note: if held.reply == Some(Reply::No) {
            held.note
        } else {
            String::new()
        },
    };
    frame.html_status(status, &page)
}

/// Records what somebody said on the telephone: by whoever marks the roll, of whoever was asked.
async fn post_for(
    site: &Site,
    frame: &Frame,
    seen: access::Seen,
    fields: Fields,
    pairs: Vec<(String, String)>,
) -> Answer {
    let may = seen.into_mark()?;
    must_be_coming(&may)?;
    let meeting = &may.meeting.clone();
    let member: MemberId = fields.member.parse().map_err(|_| Error::NotFound)?;
    let mut state = FormState::typed(pairs);
    let given = read(frame, &fields, &mut state);
    let action = if given.is_coming {
        "meeting.accept_for"
    } else {
        "meeting.decline_for"
    };
    let on = meeting.starts().day();
    let names = people::roster::names(site, &meeting.unit_id, on).await?;
    let new = Roll::of(site, meeting).await?.name_of(member.as_str());
    let mut act = may.begin(site, frame, action).await?;
    if !crate::store::hold(&mut act, &meeting.id, meeting.state).await? {
        return Err(crate::store::changed(&meeting.id).into());
    }
    // Read while the meeting is held: whoever answers meanwhile waits, and their answer comes after this one.
    let mut held = Stands::of(act.on(), &meeting.id, &member, new).await?;
    names.call(member.as_str(), &mut held.name);
    let is_seen = held.is_open() || held.mark() == fields.over;
    let is_same = state.is_good() && held.is(&given);
    if !state.is_good() || (!is_same && !is_seen) {
        act.leave().await?;
        return draw_for(frame, meeting.clone(), state, held);
    }
    if is_same {
        act.leave().await?;
    } else {
        keep(&mut act, meeting, (&member, &held.name), &given).await?;
        act.end().await?;
    }
    // Whoever rings up one after the other goes on with the numbers in sight.
    let numbers = match fields.back.as_str() {
        "phones" => "?phones=1",
        _ => "",
    };
    let to = format!("/meetings/{}{numbers}#unanswered", meeting.id);
    Ok(see_other(to)
        .flash("meetings-answer-for-done")
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_private_reason_is_read_by_the_cells_committee_and_by_nobody_above() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let reason = [("answer", "no"), ("category", "health"), ("note", "Đi khám mắt ở bệnh viện tỉnh")];
            let path = format!("/meetings/{id}/answer");
            app.as_(HOA).post(&path, &reason).await.expects(303);
            app.as_(HOA).post(&path, &reason).await.expects(303);
            assert_eq!(app.count("select count(*) from meetings_absence").await, 1);
            for (who, reads) in [(LAN, true), (MINH, true), (HOA, true), (THU, false)] {
                let mut all = String::new();
                for page in ["", "/print"] {
                    all += &app.as_(who).get(&format!("/meetings/{id}{page}")).await.expects(200).body();
                }
                all += &app.as_(who).get("/meetings").await.body();
                assert_eq!(all.contains("khám mắt"), reads, "{}", who.name);
            }
            for page in ["attendance", "closing", "notes", "minutes", "minutes/print", "edit"] {
                app.as_(THU).get(&format!("/meetings/{id}/{page}")).await.expects(404);
            }
            let logged = app.count("select count(*) from audit_event where diff_json like '%khám%' or reason like '%khám%'");
            assert_eq!(logged.await, 0);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn coming_after_all_withdraws_the_absence() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let path = format!("/meetings/{id}/answer");
            app.as_(HOA)
                .post(&path, &[("answer", "no"), ("note", "Bận")])
                .await
                .expects(303);
            app.as_(HOA)
                .post(&path, &[("answer", "yes"), ("back", "today")])
                .await
                .expects(303);
            assert!(
                !app.as_(LAN)
                    .get(&format!("/meetings/{id}"))
                    .await
                    .has("#absences")
            );
            assert!(
                app.as_(LAN)
                    .get(&format!("/meetings/{id}"))
                    .await
                    .body()
                    .contains("2 người sẽ đến")
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn only_the_units_members_answer_and_only_before_it_begins() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let path = format!("/meetings/{id}/answer");
            for who in [TUAN, THU, BINH] {
                app.as_(who)
                    .post(&path, &[("answer", "yes")])
                    .await
                    .expects(404);
            }
            app.as_(HOA)
                .post_forged(&path, &[("answer", "yes")])
                .await
                .expects(403);
            let page = app
                .as_(HOA)
                .post(&path, &[("note", "Tôi ốm")])
                .await
                .expects(422);
            assert!(
                page.text("textarea").contains("Tôi ốm"),
                "what was typed is kept"
            );
            opens(&app, LAN, &id).await;
            app.as_(HOA)
                .post(&path, &[("answer", "yes")])
                .await
                .expects(409);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_left_is_rung_up_no_more_and_whoever_came_is_asked_too() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let (meeting, path) = (format!("/meetings/{id}"), format!("/meetings/{id}/answer"));
            // Hoa moves to cell B, and Tuấn comes from there.
            let mut act = app.act().await;
            for (member, to) in [("hoa", "cell-b"), ("tuan", "cell-a")] {
                let (member, to) = (member.parse().unwrap(), to.parse().unwrap());
                let from = format!("p-{member}");
                people::store::close_placement(&mut act, &from, app.today(), "transfer")
                    .await
                    .unwrap();
                let there = people::store::NewPlacement::official(&member, &to, app.today());
                people::store::add_placement(&mut act, &there)
                    .await
                    .unwrap();
            }
            act.end().await.unwrap();
            let page = app.as_(LAN).get(&meeting).await.expects(200);
            let waits = page.text("#unanswered");
            assert!(!waits.contains("Lương Thị Hoa") && waits.contains("Đỗ Anh Tuấn"));
            let said = |page: &testkit::Reply| {
                let mut all = page.all("main p").into_iter();
                all.find(|text| text.contains("chưa trả lời"))
            };
            let before = said(&page).unwrap();
            let tuan = [("member", "tuan"), ("answer", "yes")];
            app.as_(LAN).post(&path, &tuan).await.expects(303);
            let page = app.as_(LAN).get(&meeting).await.expects(200);
            assert!(!page.text("#unanswered").contains("Đỗ Anh Tuấn"));
            assert_ne!(said(&page).unwrap(), before, "he is counted");
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn an_answer_given_on_the_telephone_is_recorded_by_who_marks_the_roll() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let meeting = format!("/meetings/{id}");
            let path = format!("{meeting}/answer");
            let opened = app.as_(LAN).get(&path).await.expects(303);
            assert_eq!(
                opened.location(),
                meeting,
                "an act that is opened later leads on"
            );
            let page = app.as_(LAN).get(&meeting).await.expects(200);
            assert!(page.text("#unanswered").contains("Lương Thị Hoa"));
            assert!(
                !page.has("#unanswered a[href^='tel:']"),
                "not before it is asked for"
            );
            let looks = "select count(*) from audit_access where about_member_id = 'hoa'";
            assert_eq!(app.count(looks).await, 0);
            let page = app
                .as_(LAN)
                .get(&format!("{meeting}?phones=1"))
                .await
                .expects(200);
            assert!(page.text("#unanswered").contains("chưa có số"));
            assert_eq!(app.count(looks).await, 1, "a look is written down");
            // The deputy may not see numbers; whoever marks the roll records the answer.
            assert!(page.has("#unanswered input[name=back][value=phones]"));
            let page = app.as_(MINH).get(&format!("{meeting}?phones=1")).await;
            assert!(!page.expects(200).text("#unanswered").contains("chưa có số"));
            assert!(!app.as_(HOA).get(&meeting).await.has("#unanswered"));
            let hoa = [("member", "hoa"), ("answer", "no")];
            for who in [HOA, TUAN, THU, BINH] {
                app.as_(who).post(&path, &hoa).await.expects(404);
            }
            let nobody = [("member", "tuan"), ("answer", "no")];
            app.as_(MINH).post(&path, &nobody).await.expects(404);
            app.as_(MINH)
                .post(&path, &[("member", "hoa")])
                .await
                .expects(422);
            for _ in 0..2 {
                app.as_(MINH).post(&path, &hoa).await.expects(303); // pressed twice
            }
            let logged = "select count(*) from audit_event where action = 'meeting.decline_for' \
                and actor_id = 'minh' and about_member_id = 'hoa'";
            assert_eq!(app.count(logged).await, 1);
            let page = app.as_(LAN).get(&meeting).await.expects(200);
            assert!(!page.text("#unanswered").contains("Lương Thị Hoa"));
            // No reason is no reason.
            let absences = page.text("#absences");
            assert!(absences.contains("Chưa nói lý do") && !absences.contains("Lý do khác"));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn an_answer_on_the_telephone_shows_what_stands_there_first_and_loses_no_words() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let path = format!("/meetings/{id}/answer");
            // Too long a reason is kept to be shortened.
            let long = "ố".repeat(crate::plan::LONGEST_TEXT + 1);
            let said = [("member", "hoa"), ("answer", "no"), ("note", long.as_str())];
            let asked = app.as_(MINH).post(&path, &said).await.expects(422);
            assert_eq!(asked.text("textarea").trim(), long.trim());
            assert!(asked.text("h1").contains("Lương Thị Hoa"));
            // Hoa answers herself while the secretary types.
            let own = [("answer", "yes")];
            app.as_(HOA).post(&path, &own).await.expects(303);
            let said = [("member", "hoa"), ("answer", "no"), ("note", "Con ốm")];
            let asked = app.as_(MINH).post(&path, &said).await.expects(409);
            assert!(asked.text("main").contains("đã có câu trả lời: sẽ đến"));
            assert_eq!(asked.text("textarea"), "Con ốm");
            let comes = "select count(*) from meetings_invitation where member_id = 'hoa' and answer = 'yes'";
            assert_eq!(app.count(comes).await, 1, "her own answer stands");
            assert_eq!(app.count("select count(*) from meetings_absence").await, 0);
            // Having seen it, what she said on the telephone is recorded; not over a third answer.
            let over = asked.attributes("input[name=over]", "value").remove(0);
            let mut sure = said.to_vec();
            sure.push(("over", over.as_str()));
            app.as_(MINH).post(&path, &sure).await.expects(303);
            assert_eq!(app.count(comes).await, 0);
            let other = [("answer", "no"), ("note", "Đi xa")];
            app.as_(HOA).post(&path, &other).await.expects(303);
            let asked = app.as_(MINH).post(&path, &sure).await.expects(409);
            assert!(asked.text("main").contains("Đi xa"));
        })
        .await;
    }
}
