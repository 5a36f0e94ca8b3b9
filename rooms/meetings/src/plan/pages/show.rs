//! One meeting: for a member when, where, what and "do you come"; for the chair the next step too.
//!
//! Private reasons reach this page only for whoever marks the unit's roll (rule R5), and one's own.
//! Not here: the roll (`attendance`), what was said (`notes`).

use crate::access::{self, Seen};
use crate::fact::{AbsenceState, Category, Reply, Taken};
use crate::hall::{self, calls, roster, tally};
use crate::plan::papers::{self, Paper};
use crate::plan::{self, store};
use crate::state::State as Stands;
use crate::store::Meeting;
use crate::words;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use kernel::Moment;
use kernel::error::Result;
use kernel::fact::Kept;
use site::Site;
use web::{Answer, FormState, Frame, Member};

pub(crate) struct Line {
    pub at: String,
    pub title: String,
    pub meta: String,
}

struct Asked {
    /// Where their absence stands; empty when there is none.
    absence: String,
}

struct AbsenceLine {
    id: String,
    name: String,
    category: String,
    note: String,
    is_filed: bool,
    state: String,
}

#[derive(Template)]
#[template(path = "meetings/show.html")]
struct Page {
    frame: Frame,
    form: FormState,
    meeting: Meeting,
    badge: words::Badge,
    long_day: String,
    left: String,
    hour: String,
    length: String,
    moved: Vec<String>,
    agenda: Vec<Line>,
    /// What was concluded, once the meeting has ended: title, conclusion.
    concluded: Vec<(String, String)>,
    papers: Vec<Paper>,
    papers_gone: usize,
    asked: Option<Asked>,
    categories: Vec<(&'static str, String)>,
    seen: Seen,
    may_open: bool,
    answers: String,
    has_invitation: bool,
    absences: Vec<AbsenceLine>,
    calls: calls::Calls,
    numbers: String,
}

/// The agenda with clock times.
pub(crate) async fn agenda(
    site: &Site,
    frame: &Frame,
    meeting: &Meeting,
) -> Result<(Vec<Line>, i64)> {
    let items = store::list_items(&site.db, &meeting.id).await?;
    let minutes: i64 = items.iter().map(|item| item.minutes_planned).sum();
    let starts = Moment(meeting.started_at.unwrap_or(meeting.starts_at));
    let times = plan::clock_times(starts, items.iter().map(|item| item.minutes_planned));
    let lines = items
        .into_iter()
        .zip(times)
        .map(|(item, at)| {
            let mut meta = Vec::new();
            if item.minutes_planned > 0 {
                meta.push(frame.t1("meetings-minutes-n", "n", item.minutes_planned));
            }
            if !item.presenter.is_empty() {
                meta.push(item.presenter);
            }
            Line {
                at,
                title: item.title,
                meta: meta.join(", "),
            }
        })
        .collect();
    Ok((lines, minutes))
}

/// Draws the meeting; `form` is the answer as typed, with its trouble.
pub(crate) async fn draw(
    site: &Site,
    frame: &Frame,
    who: &Member,
    seen: Seen,
    status: StatusCode,
    form: FormState,
) -> Answer {
    let meeting = seen.meeting.clone();
    let starts = meeting.starts();
    let (agenda, minutes) = agenda(site, frame, &meeting).await?;
    // Whoever belongs here reads what was decided, the absent above all; those above wait for the minutes.
    let concluded = if meeting.state.is_closed() && (seen.is_member || seen.may_prepare) {
        hall::store::list_conclusions(&site.db, &meeting.id).await?
    } else {
        Vec::new()
    };
    let paper_ids = store::list_papers(&site.db, &meeting.id).await?;
    let papers = papers::show(site, &who.0, &paper_ids).await?;
    let moved = store::list_moves(&site.db, &meeting.id)
        .await?
        .into_iter()
        .map(|(at, _)| frame.t1("meetings-moved-from", "day", &Moment(at).day().vn()))
        .collect();
    let mut form = form;
    let mut asked = None;
    let is_chair = meeting.chair_id == who.actor.member.as_str();
    if seen.is_member && !is_chair && meeting.state.is_coming() {
        let me = &who.actor.member;
        let reply = hall::store::find_answer(&site.db, &meeting.id, me).await?;
        let reply = reply.unwrap_or(Reply::Open);
        let absence = hall::store::find_absence_of(&site.db, &meeting.id, me).await?;
        if form == FormState::new() {
            form = form.with("answer", reply.word());
            if let Some(absence) = &absence {
                form = form
                    .with("note", &absence.note)
                    .with("category", absence.category());
            }
        }
        let standing =
            absence.filter(|one| reply != Reply::Open && !one.state.is(AbsenceState::Withdrawn));
        asked = Some(Asked {
            absence: standing.map_or_else(String::new, |one| frame.t(absence_key(&one.state))),
        });
    }
    let mut answers = String::new();
    let mut absences = Vec::new();
    if seen.may_mark && meeting.state != Stands::Draft {
        let counts = hall::store::count_answers(&site.db, &meeting.id).await?;
        let of = |reply: Reply| {
            counts
                .iter()
                .find(|counted| counted.answer.is(reply))
                .map_or(0, |counted| counted.people)
        };
        if meeting.state.is_coming() {
            answers = frame.tn(
                "meetings-answers",
                &[
                    ("yes", of(Reply::Yes).into()),
                    ("no", of(Reply::No).into()),
                    ("open", of(Reply::Open).into()),
                ],
            );
        }
        if !meeting.state.is_closed() {
            for absence in hall::store::list_absences(&site.db, &meeting.id).await? {
                absences.push(AbsenceLine {
                    category: frame.t(absence.why()),
                    is_filed: absence.state.is(AbsenceState::Filed),
                    state: frame.t(absence_key(&absence.state)),
                    id: absence.id,
                    name: absence.name,
                    note: absence.note,
                });
            }
        }
    }
    let has_invitation = seen.may_prepare
        && meeting.state != Stands::Cancelled
        && (store::find_invitation(&site.db, &meeting.unit_id).await?).is_some();
    let numbers = match hall::store::find_numbers(&site.db, &meeting.id, Taken::End).await? {
        // Who was absent is for those who could see it in the room (units above read no absences).
        Some(_) if meeting.state.is_closed() && (seen.may_mark || seen.is_member) => {
            let sorted = roster::sort(&roster::marked(site, &meeting).await?);
            tally::sum(&sorted, &|key, args| frame.tn(key, args))
        }
        Some(n) if meeting.state.is_closed() => frame.t2(
            "meetings-show-numbers",
            "headcount",
            n.headcount,
            "present",
            n.present,
        ),
        _ => String::new(),
    };
    let page = Page {
        calls: calls::of(site, who, &seen).await?,
        frame: frame.clone(),
        form,
        badge: words::badge(frame, Some(meeting.state)),
        long_day: frame.long_day(&starts.day()),
        left: if meeting.state.is_closed() {
            String::new()
        } else {
            words::days_left(frame, starts.day())
        },
        hour: words::hour(frame, starts),
        length: words::length(frame, minutes),
        moved,
        agenda,
        concluded,
        papers,
        papers_gone: papers::count_gone(site, &paper_ids),
        asked,
        categories: Category::ALL
            .iter()
            .map(|category| (category.word(), frame.t(category.text())))
            .collect(),
        may_open: seen.may_chair
            && meeting.state == Stands::Called
            && starts.day() <= frame.today(),
        answers,
        has_invitation,
        absences,
        numbers,
        seen,
        meeting,
    };
    frame.html_status(status, &page)
}

fn absence_key(state: &Kept<AbsenceState>) -> &'static str {
    state.known().map_or("meetings-unread", AbsenceState::text)
}

/// `?phones=1`: with the telephones of those who have not answered.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Wanted {
    phones: String,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let mut seen = access::find(&site, &who, &id).await?;
    seen.shows_phones = !wanted.phones.is_empty();
    draw(&site, &frame, &who, seen, StatusCode::OK, FormState::new()).await
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{HOA, LAN, THU};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_member_reads_when_where_and_what() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let page = app
                .as_(HOA)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            let when = page.text(".when");
            for words in [
                "Thứ Sáu, 27/11/2026",
                "còn 4 ngày",
                "19 giờ 30",
                "Nhà văn hóa 😀",
            ] {
                assert!(when.contains(words), "{words} is not in {when}");
            }
            assert_eq!(page.all(".agenda .margin"), ["19:30", "19:40"]);
            assert!(page.has_button("Gửi câu trả lời"));
            for chairs in ["Hủy buổi họp", "Sửa", "Bắt đầu họp và điểm danh"] {
                assert!(!page.has_button(chairs), "{chairs}");
            }
            let above = app
                .as_(THU)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            assert!(!above.has("form"), "those above only read");
            app.as_(HOA).get("/meetings/unknown").await.expects(404);
            app.as_(HOA)
                .get("/meetings/%F0%9F%98%80")
                .await
                .expects(404);
        })
        .await;
    }
}
