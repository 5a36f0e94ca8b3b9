//! One meeting: for a member when, where, what and "do you come"; for the chair the next step too.
//!
//! Private reasons reach this page only for whoever marks the unit's roll (rule R5), and one's own.
//! Not here: the roll (`attendance`), what was said (`notes`).

use super::files;
use crate::access::{self, Seen};
use crate::fact::{AbsenceState, Category, Reply, Taken, TaskState};
use crate::hall::{self, roster, tally, unanswered};
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
    /// Where their absence stands, with what was said to the decision; empty when there is none.
    absence: String,
    reason: String,
    /// That no reason was given, and whom to ask; empty where there is one.
    untold: String,
    /// What they answered; empty while they have not, or while they change it.
    said: String,
    /// Their absence was not agreed to: they are still waited for.
    is_refused: bool,
    /// Need not come, so need not answer.
    is_free: bool,
}

struct AbsenceLine {
    id: String,
    name: String,
    category: String,
    note: String,
    is_filed: bool,
    state: String,
    /// What was said to the decision.
    reason: String,
    /// Whether it was granted: the other decision is offered beside it.
    is_granted: bool,
    was: String,
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
    /// What was given to do there, for whoever writes it and for whose it is: what, whose, until when.
    given: Vec<(String, String, String)>,
    papers: Vec<Paper>,
    papers_gone: usize,
    files: Vec<store::OwnFile>,
    asked: Option<Asked>,
    /// Whether the two buttons stand on top.
    asks_now: bool,
    categories: Vec<(&'static str, String)>,
    seen: Seen,
    may_open: bool,
    /// Whether they came to answer in full, so that its button is the one of the page.
    answers_now: bool,
    answers: String,
    /// Who is counted as coming.
    coming: String,
    /// Whether something stands under "what comes next".
    has_next: bool,
    has_invitation: bool,
    /// Whether the meeting was begun by mistake: nothing was marked or written yet.
    may_take_back: bool,
    /// The address of this page, to be sent to people; empty when the handbook does not know its own.
    link: String,
    absences: Vec<AbsenceLine>,
    /// Who was to do something and is not here any more: what is said, and where somebody else is named.
    vacant: Vec<(String, String)>,
    unanswered: unanswered::Unanswered,
    numbers: String,
    /// What is said of numbers that a rule nobody confirmed has counted; empty when all are.
    unconfirmed: &'static str,
}

async fn given(
    site: &Site,
    frame: &Frame,
    who: &Member,
    seen: &Seen,
    meeting: &Meeting,
) -> Result<Vec<(String, String, String)>> {
    let mut tasks = hall::store::list_tasks(&site.db, &meeting.id).await?;
    let me = who.actor.member.as_str();
    tasks.retain(|task| {
        !task.state.is(TaskState::Dropped) && (seen.may_write || task.owner_id == me)
    });
    roster::call_owners(site, meeting, &mut tasks).await?;
    let until = |task: &hall::store::Task| match task.due_on.parse::<kernel::Day>() {
        Ok(day) => frame.t1("meetings-given-until", "day", &day.vn()),
        Err(_) => String::new(), // given before a day was asked for
    };
    let lines = tasks.into_iter().map(|task| {
        let until = match task.state.is(TaskState::Open) {
            true => until(&task),
            false => words::task(frame, task.state.known()),
        };
        (task.title, task.owner, until)
    });
    Ok(lines.collect())
}

/// The agenda with clock times; of a meeting that was held without: the plan's hours were not kept, and nobody
/// wrote down when each line began.
pub(crate) async fn agenda(
    site: &Site,
    frame: &Frame,
    meeting: &Meeting,
) -> Result<(Vec<Line>, i64)> {
    let items = store::list_items(&site.db, &meeting.id).await?;
    let minutes: i64 = items.iter().map(|item| item.minutes_planned).sum();
    let starts = meeting.began();
    let is_held = meeting.state.is_held();
    let times = plan::clock_times(starts, items.iter().map(|item| item.minutes_planned));
    let lines = items
        .into_iter()
        .zip(times)
        .map(|(item, at)| {
            let mut meta = Vec::new();
            if item.minutes_planned > 0 && !is_held {
                meta.push(frame.t1("meetings-minutes-n", "n", item.minutes_planned));
            }
            if !item.presenter.is_empty() {
                meta.push(item.presenter);
            }
            Line {
                at: if is_held { String::new() } else { at },
                title: item.title,
                meta: meta.join(", "),
            }
        })
        .collect();
    Ok((lines, minutes))
}

/// What was concluded, as title and conclusion. Whoever belongs here reads what was decided, the absent above all;
/// those above wait for the minutes.
pub(super) async fn concluded(site: &Site, seen: &Seen) -> Result<Vec<(String, String)>> {
    if seen.meeting.state.is_closed() && (seen.is_member || seen.may_prepare) {
        return hall::store::list_conclusions(&site.db, &seen.meeting.id).await;
    }
    Ok(Vec::new())
}

/// When it begins; when it began, while it runs; of a meeting that was held, from when to when it was, as in its minutes.
pub(super) fn hours(frame: &Frame, meeting: &Meeting) -> String {
    let said = |at: i64| words::hour(frame, Moment(at));
    match (meeting.started_at, meeting.ended_at) {
        (Some(from), Some(to)) => {
            let (from, to) = (said(from), said(to));
            frame.t2("meetings-hours-were", "from", &from, "to", &to)
        }
        (Some(from), None) => frame.t1("meetings-hours-since", "from", &said(from)),
        (None, _) => words::hour(frame, meeting.starts()),
    }
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
    let mut meeting = seen.meeting.clone();
    roster::call_leaders(site, &mut meeting).await?;
    let starts = meeting.starts();
    let (agenda, minutes) = agenda(site, frame, &meeting).await?;
    let concluded = concluded(site, &seen).await?;
    let paper_ids = store::list_papers(&site.db, &meeting.id).await?;
    let papers = papers::show(site, &who.0, frame.lang(), &paper_ids).await?;
    let files = files::list(site, &seen).await?;
    let moved = store::list_moves(&site.db, &meeting.id)
        .await?
        .into_iter()
        .map(|(at, reason)| {
            let day = Moment(at).day().vn();
            match reason.trim() {
                "" => frame.t1("meetings-moved-from", "day", &day),
                why => frame.t2("meetings-moved-from-why", "day", &day, "reason", why),
            }
        })
        .collect();
    let mut form = form;
    let is_changing = form != FormState::new();
    let mut asked = None;
    let is_chair = meeting.chair_id == who.actor.member.as_str();
    if seen.is_member && !is_chair && meeting.state.is_coming() {
        let me = &who.actor.member;
        let reply = hall::store::find_answer(&site.db, &meeting.id, me).await?;
        let reply = reply.unwrap_or(Reply::Open);
        let absence = hall::store::find_absence_of(site.db.read(), &meeting.id, me).await?;
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
        let said = match reply {
            _ if is_changing => String::new(),
            Reply::Open => String::new(),
            Reply::Yes => frame.t("meetings-today-said-yes"),
            Reply::No => frame.t("meetings-today-said-no"),
        };
        let absence = (standing.as_ref()).map_or_else(String::new, |one| {
            match one.state.is(AbsenceState::Filed) {
                // Whoever decides does not wait for herself.
                true if seen.may_chair => frame.t("meetings-absence-filed-own"),
                _ => frame.t(absence_key(&one.state)),
            }
        });
        let is_refused = (standing.as_ref())
            .is_some_and(|one| reply == Reply::No && one.state.is(AbsenceState::Refused));
        let is_free = reply == Reply::Open
            && !is_changing
            && hall::asked::list_free(site, &meeting.unit_id, starts.day())
                .await?
                .contains(me.as_str());
        asked = Some(Asked {
            is_free,
            said,
            is_refused,
            absence,
            untold: match &standing {
                Some(one) if is_refused && one.decision_note.trim().is_empty() => {
                    whom_to_ask(frame, &one.decided_name, &meeting.chair_name)
                }
                _ => String::new(),
            },
            reason: standing.map_or_else(String::new, |one| one.decision_note),
        });
    }
    let (mut answers, mut coming) = (String::new(), String::new());
    let mut absences = Vec::new();
    if seen.may_mark && meeting.state != Stands::Draft {
        if meeting.state.is_coming() {
            let counted = hall::asked::count(site, &meeting).await?;
            (answers, coming) = (counted.said(frame), counted.named(frame));
        }
        if !meeting.state.is_closed() {
            let on = meeting.starts().day();
            let names = people::roster::names(site, &meeting.unit_id, on).await?;
            for mut absence in hall::store::list_absences(&site.db, &meeting.id).await? {
                names.call(&absence.member_id, &mut absence.name);
                absences.push(AbsenceLine {
                    was: absence.mark(),
                    reason: std::mem::take(&mut absence.decision_note),
                    is_granted: absence.state.is(AbsenceState::Accepted),
                    category: frame.t(absence.why()),
                    is_filed: absence.state.is(AbsenceState::Filed),
                    state: decided(frame, &absence.state, &absence.name),
                    id: absence.id,
                    name: absence.name,
                    note: absence.note,
                });
            }
        }
    }
    let may_take_back = seen.may_chair
        && meeting.state == Stands::Running
        && hall::store::count_touched(&site.db, &meeting.id).await? == 0;
    let own = site.edge.public_url.get();
    let link = if own.is_empty() || !meeting.state.is_coming() {
        String::new()
    } else {
        format!("{own}/meetings/{}", meeting.id)
    };
    let has_invitation = seen.may_prepare
        && meeting.state != Stands::Cancelled
        && (store::find_invitation(&site.db, &meeting.unit_id).await?).is_some();
    let mut unconfirmed = "";
    let numbers = match hall::store::find_numbers(&site.db, &meeting.id, Taken::End).await? {
        // Who was absent is for those who could see it in the room (units above read no absences).
        Some(_) if meeting.state.is_closed() && (seen.may_mark || seen.is_member) => {
            let roll = roster::marked(site, &meeting).await?;
            let sorted = roster::sort(&roll);
            if roll.iter().any(|name| !name.is_signed_off) {
                // The full mark is for whoever can have the rule confirmed.
                unconfirmed = match seen.may_mark {
                    true => "meetings-quorum-unconfirmed",
                    false => "meetings-unconfirmed-member",
                };
            }
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
    let may_open =
        seen.may_chair && meeting.state == Stands::Called && starts.day() <= frame.today();
    let vacant = match seen.may_prepare {
        true => hall::vacant::list(site, &seen.meeting).await?,
        false => Vec::new(),
    };
    let vacant = vacant.into_iter().map(|one| (one.said(frame), one.to));
    let has_next = match meeting.state {
        Stands::Draft => seen.may_prepare,
        Stands::Called | Stands::Checkin => seen.may_prepare || seen.may_mark,
        Stands::Running => seen.may_write || seen.may_chair,
        Stands::Ended | Stands::Archived => {
            seen.may_mark || seen.may_write && meeting.state.is_ended()
        }
        Stands::Cancelled => false,
    };
    let page = Page {
        vacant: vacant.collect(),
        has_next,
        coming,
        unanswered: unanswered::of(site, who, &seen).await?,
        frame: frame.clone(),
        form,
        badge: words::badge(frame, Some(meeting.state)),
        long_day: frame.long_day(&starts.day()),
        left: if meeting.state.is_closed() {
            String::new()
        } else {
            words::days_left(frame, starts.day())
        },
        length: match meeting.ended_at {
            Some(_) => String::new(),
            None => words::length(frame, minutes),
        },
        hour: hours(frame, &meeting),
        moved,
        agenda,
        concluded,
        given: given(site, frame, who, &seen, &meeting).await?,
        papers,
        papers_gone: papers::count_gone(site, &paper_ids),
        files,
        asks_now: asked.as_ref().is_some_and(|asked| !asked.is_free),
        answers_now: is_changing
            && !may_open
            && asked.as_ref().is_some_and(|asked| !asked.is_refused),
        asked,
        categories: Category::ALL
            .iter()
            .map(|category| (category.word(), frame.t(category.text())))
            .collect(),
        may_open,
        answers,
        has_invitation,
        may_take_back,
        link,
        absences,
        numbers,
        unconfirmed,
        seen,
        meeting,
    };
    frame.html_status(status, &page)
}

/// How an absence stands, as whoever decides reads it: "Đã đồng ý cho đồng chí Hoa vắng."
pub(crate) fn decided(frame: &Frame, state: &Kept<AbsenceState>, name: &str) -> String {
    let given = given_name(name);
    match state.known() {
        Some(AbsenceState::Accepted) => frame.t1("meetings-absence-leave", "name", &given),
        Some(AbsenceState::Refused) => frame.t1("meetings-absence-stay", "name", &given),
        _ => frame.t(absence_key(state)),
    }
}

/// That a refusal came without a reason, and who knows it.
fn whom_to_ask(frame: &Frame, by: &str, chair: &str) -> String {
    match [by, chair].into_iter().find(|name| !name.is_empty()) {
        Some(name) => frame.t1("meetings-absence-untold-ask", "name", name),
        None => frame.t("meetings-absence-untold-why"),
    }
}

/// The given name, with what tells two of one name apart: "Minh (A)".
fn given_name(name: &str) -> String {
    let (bare, apart) = match name.split_once(" (") {
        Some((bare, apart)) => (bare, format!(" ({apart}")),
        None => (name, String::new()),
    };
    let given = bare.split_whitespace().last().unwrap_or(bare);
    format!("{given}{apart}")
}

fn absence_key(state: &Kept<AbsenceState>) -> &'static str {
    state.known().map_or("meetings-unread", AbsenceState::text)
}

/// What the address asks for.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Ask {
    /// The answer that was pressed elsewhere, chosen already here.
    answer: String,
    /// With the telephones of those who have not answered.
    phones: String,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(ask): Query<Ask>,
) -> Answer {
    let mut seen = access::find(&site, &who, &id).await?;
    seen.shows_phones = !ask.phones.is_empty();
    let form = match ask.answer.parse::<Reply>() {
        Ok(Reply::No) => FormState::new().with("answer", Reply::No.word()),
        Ok(Reply::Yes) => FormState::new().with("answer", Reply::Yes.word()),
        Ok(Reply::Open) | Err(_) => FormState::new(), // nothing was pressed
    };
    draw(&site, &frame, &who, seen, StatusCode::OK, form).await
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{HOA, LAN, MINH, THU};

    #[tokio::test(flavor = "multi_thread")]
    async fn no_heading_stands_bare_and_after_the_end_nobody_is_offered_an_invitation() {
        testkit::on_both(rooms, async |app| {
            let off = plans(&app, LAN, &[("do", "call")]).await;
            let path = format!("/meetings/{off}");
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert!(page.has("#h-next") && page.text("main").contains("Mẫu giấy mời"));
            let why = [("reason", "Bão"), ("sure", "yes")];
            app.as_(LAN)
                .post(&format!("{path}/cancelling"), &why)
                .await
                .expects(303);
            let held = closed(&app).await;
            for (id, has_next) in [(off, false), (held, true)] {
                let page = app
                    .as_(LAN)
                    .get(&format!("/meetings/{id}"))
                    .await
                    .expects(200);
                assert_eq!(page.has("#h-next"), has_next);
                assert!(!page.text("main").contains("Mẫu giấy mời"));
            }
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_is_counted_as_coming_is_named_and_an_answer_is_no_longer_a_question() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let path = format!("/meetings/{id}");
            let coming = async || app.as_(LAN).get(&path).await.expects(200).text("#coming");
            let first = coming().await;
            assert!(first.contains("(chủ trì, không cần trả lời)"), "{first}");
            assert!(!first.contains("Lương Thị Hoa"));
            let asks = app.as_(HOA).get(&path).await.expects(200);
            assert_eq!(asks.text("#h-answer"), "Đồng chí có đến được không?");
            let to = format!("{path}/answer");
            app.as_(HOA)
                .post(&to, &[("answer", "yes")])
                .await
                .expects(303);
            assert!(coming().await.contains("Lương Thị Hoa"));
            app.as_(HOA)
                .post(&to, &[("answer", "no")])
                .await
                .expects(303);
            assert!(!coming().await.contains("Lương Thị Hoa"));
            let said = app.as_(HOA).get(&path).await.expects(200);
            assert_eq!(said.text("#h-answer"), "Câu trả lời của đồng chí");
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_meeting_that_was_held_shows_no_hours_that_nobody_kept() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let path = format!("/meetings/{id}");
            let ahead = app.as_(HOA).get(&path).await.expects(200);
            assert_eq!(ahead.all(".agenda .margin")[0], "19:30");
            assert!(ahead.has(".agenda .meta"), "so many minutes are planned");
            opens(&app, LAN, &id).await;
            closes(&app, &id).await;
            let held = app.as_(HOA).get(&path).await.expects(200);
            assert_eq!(held.all(".agenda .margin"), ["1", "2"]);
            assert!(!held.text(".agenda").contains("phút"));
            let print = app
                .as_(HOA)
                .get(&format!("{path}/print"))
                .await
                .expects(200);
            assert!(!print.text(".booklet ol").contains(':'));
            let when = print.text(".booklet .sapo");
            assert!(
                when.contains("từ 19 giờ 32 phút đến 21 giờ 06 phút") && !when.contains("khoảng"),
                "{when}"
            );
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_meeting_that_runs_says_one_hour_everywhere() {
        testkit::on_both(rooms, async |app| {
            let plan = [("place", "Nhà văn hóa"), ("do", "call")];
            let id = plans(&app, LAN, &plan).await;
            let path = format!("/meetings/{id}");
            let sheet = app.as_(LAN).get(&format!("{path}/roll.pdf")).await;
            assert!(read(&sheet.expects(200).bytes).contains("19 giờ 30 phút"));
            opens(&app, LAN, &id).await;
            let page = app.as_(HOA).get(&path).await.expects(200);
            assert!(page.text(".when").contains("bắt đầu lúc 19 giờ 32 phút"));
            assert_eq!(page.all(".agenda .margin"), ["19:32", "19:42"]);
            let print = app.as_(HOA).get(&format!("{path}/print")).await;
            let print = print.expects(200).text(".booklet");
            assert!(print.contains("19 giờ 32 phút") && print.contains("19:42"));
            let list = app.as_(HOA).get("/meetings").await.expects(200);
            assert!(list.text("main").contains("19 giờ 32 phút"));
            let sheet = app.as_(LAN).get(&format!("{path}/roll.pdf")).await;
            let sheet = read(&sheet.expects(200).bytes);
            assert!(sheet.contains("19 giờ 32 phút"), "{sheet}");
            for page in [page.text("main"), print, list.text("main"), sheet] {
                assert!(!page.contains("19 giờ 30 phút") && !page.contains("19:30"));
            }
            closes(&app, &id).await;
            let sheet = app.as_(LAN).get(&format!("{path}/roll.pdf")).await;
            assert!(read(&sheet.expects(200).bytes).contains("19 giờ 32 phút"));
            let list = app.as_(HOA).get("/meetings").await.expects(200);
            assert!(!list.text("main").contains("19 giờ 30 phút"));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_chair_whose_name_somebody_shares_is_told_apart() {
        testkit::on_both(
            || vec![people::room(), crate::room()],
            async |app| {
                app.is_called(HOA, "Nguyễn Thị Lan", "1954-02-03").await;
                app.is_called(LAN, "Nguyễn Thị Lan", "1975-08-09").await;
                let id = plans(&app, LAN, &[("do", "call")]).await;
                let page = app
                    .as_(MINH)
                    .get(&format!("/meetings/{id}"))
                    .await
                    .expects(200);
                assert!(
                    page.text(".cols .panel")
                        .contains("Nguyễn Thị Lan (Bí thư)")
                );
                let print = app.as_(MINH).get(&format!("/meetings/{id}/print")).await;
                assert!(
                    print
                        .text(".booklet")
                        .contains("báo Nguyễn Thị Lan (Bí thư)")
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_answer_that_was_pressed_arrives_chosen_and_then_stands_for_itself() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let path = format!("/meetings/{id}");
            let page = app
                .as_(HOA)
                .get(&format!("{path}?answer=no"))
                .await
                .expects(200);
            assert!(page.has("input[value=no][checked]") && !page.has("input[value=yes][checked]"));
            assert!(page.has("#answer details[open]"), "why is asked at once");
            let answer = [("answer", "no")];
            app.as_(HOA)
                .post(&format!("{path}/answer"), &answer)
                .await
                .expects(303);
            let page = app.as_(HOA).get(&path).await.expects(200);
            assert!(page.text("#answer .note").contains("đã xin vắng"));
            assert!(
                page.has("#answer details.fold:not([open]) form"),
                "it can be changed"
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn an_unconfirmed_rule_is_a_calm_word_for_members_and_the_full_mark_for_who_leads() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}");
            for (who, said) in [
                (HOA, "Chi ủy kiểm tra lại"),
                (LAN, "kiểm tra lại với văn bản gốc"),
            ] {
                let page = app.as_(who).get(&path).await.expects(200);
                assert!(page.text("#unconfirmed").contains(said));
            }
            let above = app.as_(THU).get(&path).await.expects(200);
            assert!(!above.has("#unconfirmed"), "who came is counted by no rule");
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_given_to_do_stands_with_the_meeting_for_whose_it_is() {
        testkit::on_both(rooms, async |app| {
            let path = format!("/meetings/{}", closed(&app).await);
            let task = [
                ("task_title", "Treo lịch ở nhà văn hóa"),
                ("task_owner", "minh"),
                ("task_due", "5/12/2026"),
            ];
            app.as_(LAN)
                .post(&format!("{path}/notes"), &task)
                .await
                .expects(303);
            for who in [LAN, MINH] {
                let given = app.as_(who).get(&path).await.expects(200).text("#given");
                assert!(
                    given.contains("Treo lịch") && given.contains("hạn 05/12/2026"),
                    "{given}"
                );
            }
            assert!(
                !app.as_(HOA).get(&path).await.expects(200).has("#given"),
                "somebody else's"
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_meeting_that_was_held_says_when_it_was_held() {
        testkit::on_both(rooms, async |app| {
            let path = format!("/meetings/{}", closed(&app).await);
            let page = app.as_(HOA).get(&path).await.expects(200);
            let when = page.text(".when");
            let hours = "từ 19 giờ 32 phút đến 21 giờ 06 phút";
            assert!(when.contains(hours), "{when}");
            assert!(!when.contains("khoảng"), "what was planned is past");
        })
        .await;
    }
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
