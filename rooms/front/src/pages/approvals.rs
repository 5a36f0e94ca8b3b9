//! Chờ duyệt: what others prepared and this person decides, and what they prepared themselves.
//!
//! A change is shown field by field, as it was prepared; the fingerprint of what was shown goes back
//! with the decision. Not here: who may decide and what is done (`site::four_eyes`, the rooms).
//! The rule that surprises: a refusal needs a reason, for the preparer reads it; an approval needs none.

use approvals::{Approval, ApprovalId, Decision, State as Stands};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::said;
use kernel::{Error, Moment};
use site::four_eyes::{self, Outcome, Seconds};
use site::room::{Check, FieldChange, Finding};
use site::{Site, TodayPart, TodayTask};
use std::sync::Arc;
use web::{Answer, Form, FormState, Frame, Member, Nothing, SignedIn, see_other};

/// A line of a list.
struct Row {
    to: String,
    kind: String,
    title: String,
    by: String,
    day: String,
    state: &'static str,
    state_word: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "front/approvals.html")]
struct ListPage {
    frame: Frame,
    open: Vec<Row>,
    own: Vec<Row>,
}

fn state_key(state: Stands) -> (&'static str, &'static str) {
    match state {
        Stands::Waiting => ("warn", "approvals-state-waiting"),
        Stands::Applied => ("ok", "approvals-state-applied"),
        Stands::Refused => ("bad", "approvals-state-refused"),
        Stands::Withdrawn => ("", "approvals-state-withdrawn"),
        Stands::Expired => ("bad", "approvals-state-expired"),
        Stands::Stale => ("bad", "approvals-state-stale"),
    }
}

fn kind_of(site: &Site, frame: &Frame, kind: &str) -> String {
    let mut kinds = site.rooms.approvals.iter();
    kinds
        .find(|held| held.kind == kind)
        .map_or_else(String::new, |held| frame.t(held.text))
}

fn row(site: &Site, frame: &Frame, approval: Approval) -> Row {
    let (state, word) = state_key(approval.state);
    Row {
        to: format!("/approvals/{}", approval.id),
        kind: kind_of(site, frame, &approval.kind),
        title: approval.title,
        by: approval.prepared_label,
        day: Moment(approval.prepared_at).day().vn(),
        state,
        state_word: frame.t(word),
        reason: match approval.reason.trim() {
            "" if approval.state == Stands::Refused => frame.t("approvals-reason-none"),
            reason => reason.to_owned(),
        },
    }
}

/// How many of one's own are listed.
const OWN: i64 = 30;

pub(crate) async fn list(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    let open = four_eyes::list_open(&site, &who.actor).await?;
    let own = approvals::list_prepared_by(&site.db, &who.actor.member, OWN).await?;
    let draw = |list: Vec<Approval>| {
        list.into_iter()
            .map(|approval| row(&site, &frame, approval))
            .collect()
    };
    frame.html(&ListPage {
        open: draw(open),
        own: draw(own),
        frame: frame.clone(),
    })
}

#[derive(Template)]
#[template(path = "front/approval.html")]
struct ShowPage {
    frame: Frame,
    form: FormState,
    id: String,
    kind: String,
    title: String,
    by: String,
    day: String,
    until: String,
    hash: String,
    fields: Vec<FieldChange>,
    may_decide: bool,
    /// Why they may say no and not yes; may be empty.
    bar: String,
    may_withdraw: bool,
    /// Who could agree, for who prepared it; empty when nobody can.
    could: String,
    /// Whether the right is held only by people who are no second person to who prepared it.
    is_barred: bool,
    state: &'static str,
    state_word: String,
    /// Why it ended and was not done, with whom to ask; empty while it waits and when it was done.
    ended: String,
    /// Where who prepared it prepares it anew; empty for others and where there is nothing to do.
    again: String,
}

/// Why it ended without being done: what was said, or that nothing was, and whom to ask.
fn ended(frame: &Frame, approval: &Approval, steps: &[approvals::Step]) -> String {
    let reason = approval.reason.trim();
    match approval.state {
        Stands::Waiting | Stands::Applied | Stands::Withdrawn => String::new(),
        Stands::Expired => frame.t("approvals-ended-expired"),
        Stands::Stale => frame.t("approvals-ended-stale"),
        Stands::Refused => {
            let by = steps.iter().find(|step| step.decision == Decision::Refused);
            let by = by.map_or("", |step| step.by_label.as_str());
            match (by, reason) {
                ("", "") => frame.t("approvals-ended-refused"),
                ("", why) => frame.t1("approvals-reason-said", "reason", why),
                (by, "") => frame.t1("approvals-ended-refused-by", "by", by),
                (by, why) => frame.t2("approvals-ended-refused-why", "by", by, "reason", why),
            }
        }
    }
}

async fn draw(
    site: &Site,
    frame: &Frame,
    who: &Member,
    id: &ApprovalId,
    form: FormState,
) -> Answer {
    let waiting = four_eyes::see(site, &who.actor, id).await?;
    let approval = waiting.approval;
    let payload = approval.payload()?;
    let fields = (waiting.kind.show)(site.clone(), frame.clone(), payload).await?;
    let is_waiting = approval.state == Stands::Waiting && approval.expires_at > frame.now().0;
    let (state, word) = state_key(approval.state);
    let status = form.status();
    let may_withdraw = is_waiting && approval.prepared_by == who.actor.member;
    let could = match may_withdraw {
        true => four_eyes::who_may(site, &approval, &waiting.steps).await?,
        false => Seconds::default(),
    };
    let is_undone = matches!(
        approval.state,
        Stands::Refused | Stands::Expired | Stands::Stale
    );
    let again = match is_undone && approval.prepared_by == who.actor.member {
        true => (waiting.kind.again)(&approval.payload()?),
        false => String::new(),
    };
    frame.html_status(
        status,
        &ShowPage {
            ended: ended(frame, &approval, &waiting.steps),
            again,
            frame: frame.clone(),
            form,
            id: id.to_string(),
            kind: frame.t(waiting.kind.text),
            day: Moment(approval.prepared_at).day().vn(),
            until: Moment(approval.expires_at).day().vn(),
            may_decide: is_waiting && waiting.side.is_some(),
            bar: (waiting.bar).map_or_else(String::new, |bar| frame.t(bar.key)),
            may_withdraw,
            is_barred: could.barred > 0,
            could: either(frame, &could.names),
            title: approval.title,
            by: approval.prepared_label,
            hash: approval.payload_hash,
            fields,
            state,
            state_word: frame.t(word),
        },
    )
}

/// Names of whom one is enough.
fn either(frame: &Frame, names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., last] => {
            let some = some.join(", ");
            frame.t2("approvals-either", "some", &some, "last", last)
        }
    }
}

fn read_id(text: &str) -> kernel::Result<ApprovalId> {
    text.parse().map_err(|_| Error::NotFound)
}

pub(crate) async fn show(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    draw(&site, &frame, &who, &read_id(&id)?, FormState::new()).await
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Fields {
    hash: String,
    answer: String,
    reason: String,
}

pub(crate) async fn decide(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Fields>,
) -> Answer {
    let id = read_id(&id)?;
    let fields = form.value;
    let mut state = FormState::typed(form.pairs);
    let reason = fields.reason.trim().to_owned();
    state.fit("reason", 500);
    if !state.is_good() {
        return draw(&site, &frame, &who, &id, state).await;
    }
    let decision = match fields.answer.as_str() {
        "approve" => Decision::Approved,
        "refuse" if reason.is_empty() => {
            state.fail("reason", "approvals-reason-missing");
            return draw(&site, &frame, &who, &id, state).await;
        }
        "refuse" => Decision::Refused,
        _ => return draw(&site, &frame, &who, &id, state).await,
    };
    let outcome = four_eyes::decide(
        &site,
        &frame,
        &who.actor,
        &id,
        &fields.hash,
        decision,
        &reason,
    )
    .await?;
    let flash = match outcome {
        Outcome::Waits => "approvals-done-waits",
        Outcome::Applied if is_later(&site, &id).await? => "approvals-done-later",
        Outcome::Applied => "approvals-done-applied",
        Outcome::Refused => "approvals-done-refused",
    };
    Ok(see_other("/approvals").flash(flash).into_response())
}

/// Whether what was agreed to is done by a job, some minutes from now.
async fn is_later(site: &Site, id: &ApprovalId) -> kernel::Result<bool> {
    let found = approvals::find(&site.db, id).await?;
    let kind = found.and_then(|one| {
        site.rooms
            .approvals
            .iter()
            .find(|kind| kind.kind == one.kind)
    });
    Ok(kind.is_some_and(|kind| kind.is_later))
}

pub(crate) async fn withdraw(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    four_eyes::withdraw(&site, &frame, &who.actor, &read_id(&id)?).await?;
    Ok(see_other("/approvals")
        .flash("approvals-done-withdrawn")
        .into_response())
}

/// What one sent and waits for others, beside the tasks of Hôm nay.
#[derive(Template)]
#[template(path = "front/_sent.html")]
struct SentAside {
    frame: Frame,
    rows: Vec<Row>,
    more: i64,
}

/// How many of one's own waiting changes stand on Hôm nay.
const SENT: usize = 3;
/// Where they stand among the panels: behind the next meeting.
const SENT_ORDER: i64 = 30;

/// What waits for this person, as one task of Hôm nay; and what they sent and waits for somebody else.
pub(crate) async fn today(
    site: Site,
    frame: Frame,
    who: Arc<SignedIn>,
) -> kernel::Result<TodayPart> {
    let mut part = TodayPart::default();
    let open = four_eyes::list_open(&site, &who.actor).await?;
    if let Some(first) = open.first() {
        let until = Moment(first.expires_at).day();
        part.tasks.push(TodayTask {
            due_at: first.expires_at,
            minutes: 2,
            title: frame.t1("approvals-today-title", "count", open.len() as i64),
            due: frame.t1("approvals-today-due", "day", &until.vn()),
            due_state: "",
            left: String::new(),
            why: frame.t("approvals-today-why"),
            how: frame.t1("approvals-today-how", "title", &first.title),
            action: frame.t("approvals-today-go"),
            to: "/approvals".into(),
        });
    }
    let now = frame.now().0;
    let mut own = approvals::list_prepared_by(&site.db, &who.actor.member, 200).await?;
    own.retain(|one| one.state == Stands::Waiting && one.expires_at > now);
    if !own.is_empty() {
        let more = own.len().saturating_sub(SENT);
        let rows = own.into_iter().take(SENT);
        let aside = SentAside {
            rows: rows.map(|one| row(&site, &frame, one)).collect(),
            more: i64::try_from(more).unwrap_or(i64::MAX),
            frame,
        };
        let html = aside.render().map_err(Error::fault)?;
        part.asides.push((SENT_ORDER, html));
    }
    Ok(part)
}

/// What waits for a second person that nobody is, for `sotay check`.
pub(crate) const CHECK: Check = Check {
    name: "approvals",
    run: |site| Box::pin(async move { findings(&site).await }),
};

async fn findings(site: &Site) -> kernel::Result<Vec<Finding>> {
    let mut all = Vec::new();
    for kind in &site.rooms.approvals {
        for waiting in approvals::list_waiting(&site.db, kind.kind, site.clock.now()).await? {
            let steps = approvals::list_steps(&site.db, &waiting.id).await?;
            let could = four_eyes::who_may(site, &waiting, &steps).await?;
            if !could.names.is_empty() {
                continue;
            }
            let repair = match could.barred {
                0 => said!(
                    "give another person the right to decide: sotay grant MEMBERCODE committee_lead UNITCODE"
                ),
                _ => said!("print a new slip for one who may decide: sotay slip MEMBERCODE"),
            };
            all.push(Finding {
                what: said!(
                    "nobody can agree to change {} ({})",
                    waiting.id,
                    waiting.kind
                ),
                repair,
            });
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use db::sql;
    use kernel::Cap;
    use site::four_eyes::{Change, prepare};
    use site::room::{ApprovalKind, FieldChange};
    use site::{May as _, Right, Room};
    use testkit::{BINH, HOA, LAN, THU, TUAN, TestApp, on_both};

    const VERSION: &str = "select row_version from people_unit where id = 'cell-a'";

    /// A room whose one change is a setting with a version: what a unit says of where it meets.
    fn changing() -> Room {
        let mut room = Room::new("changing", "", "");
        room.approvals = vec![ApprovalKind {
            is_later: false,
            kind: "test.motto",
            text: "approvals-title",
            decides: Cap::MemberApprove,
            show: |_, _, payload| {
                let new = payload["motto"].as_str().unwrap().to_owned();
                Box::pin(async move {
                    Ok(vec![FieldChange {
                        label: "Phương châm".into(),
                        old: String::new(),
                        new,
                    }])
                })
            },
            versions: |act, _| {
                Box::pin(async move {
                    let row: (i64,) = sql(VERSION).one(act.on()).await?;
                    Ok(vec![("cell-a".to_owned(), row.0)])
                })
            },
            still: None,
            apply: |act, payload| {
                Box::pin(async move {
                    let (row_version,): (i64,) = sql(VERSION).one(act.on()).await?;
                    let unit = people::unit::get(act.site(), &"cell-a".parse().unwrap()).await?;
                    let change = people::store::UnitChange {
                        id: unit.id,
                        row_version,
                        kind: unit.kind,
                        code: unit.code,
                        external_id: String::new(),
                        name: unit.name,
                        cell_type: unit.cell_type,
                        address: payload["motto"].as_str().unwrap().to_owned(),
                    };
                    let today = act.now().day();
                    people::store::set_unit(act, &change, today).await
                })
            },
            again: |_| "/units/cell-a".into(),
            about: |_| Vec::new(),
        }];
        room
    }
    fn rooms() -> Vec<Room> {
        vec![crate::room(), changing()]
    }
    async fn lan_prepares(app: &TestApp, motto: &str) -> String {
        let unit = kernel::UnitRef {
            id: "cell-a".parse().unwrap(),
            path: testkit::path_of("cell-a"),
        };
        let right = Right::of(&LAN.actor(), Cap::MemberDraft, &unit, app.today()).unwrap();
        let mut act = right
            .begin(&app.site, "test", "motto.prepare")
            .await
            .unwrap();
        let id = prepare(
            &mut act,
            Change {
                kind: "test.motto",
                object_id: String::new(),
                title: "Đổi phương châm".into(),
                payload: serde_json::json!({ "motto": motto }),
                versions: vec![("cell-a".into(), 1)],
                sides: vec![approvals::Side {
                    name: "one",
                    unit: Some(unit.id.clone()),
                }],
            },
        )
        .await
        .unwrap();
        act.end().await.unwrap();
        id.to_string()
    }
    async fn motto(app: &TestApp) -> String {
        let row: (String,) = sql("select address from people_unit where id = 'cell-a'")
            .one(app.site.db.read())
            .await
            .unwrap();
        row.0
    }
    async fn shown_hash(app: &TestApp, path: &str) -> String {
        let page = app.as_(THU).get(path).await.expects(200);
        page.attributes("input[name=hash]", "value")[0].clone()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_lan_prepared_is_decided_above_and_done_once() {
        on_both(rooms, async |app| {
            let id = lan_prepares(&app, "Gần dân").await;
            let path = format!("/approvals/{id}");
            let today = app.as_(THU).get("/today").await.expects(200);
            assert!(today.text("main").contains("Đổi phương châm"));
            let sent = async |who| {
                let today = app.as_(who).get("/today").await.expects(200);
                today.attributes("#sent .rowlink", "href")
            };
            assert_eq!(sent(LAN).await, [path.as_str()]);
            assert!(sent(THU).await.is_empty() && sent(HOA).await.is_empty());
            let list = app.as_(THU).get("/approvals").await.expects(200);
            assert_eq!(list.attributes("#open a", "href"), [path.as_str()]);
            for who in [HOA, TUAN, BINH] {
                app.as_(who).get(&path).await.expects(404);
                app.as_(who)
                    .post(&format!("{path}/decision"), &[("answer", "approve")])
                    .await
                    .expects(404);
            }
            // The preparer sees it and cannot decide it; who can is named, where this house keeps posts.
            let own = app.as_(LAN).get(&path).await.expects(200);
            assert!(own.has("#nobody"), "no room here tells who holds what");
            assert!(own.all("input[name=hash]").is_empty());
            let hash = shown_hash(&app, &path).await;
            let yes = [("hash", hash.as_str()), ("answer", "approve")];
            app.as_(LAN)
                .post(&format!("{path}/decision"), &yes)
                .await
                .expects(409);
            let no = [("hash", hash.as_str()), ("answer", "refuse")];
            let asked = app
                .as_(THU)
                .post(&format!("{path}/decision"), &no)
                .await
                .expects(422);
            assert!(
                !asked.text("#e-reason").is_empty(),
                "a refusal needs a reason"
            );
            app.as_(THU)
                .post(&format!("{path}/decision"), &yes)
                .await
                .expects(303);
            assert_eq!(motto(&app).await, "Gần dân");
            assert!(sent(LAN).await.is_empty(), "nothing waits any more");
            // Pressed twice it lands where it did; another word comes too late.
            let again = app.as_(THU).post(&format!("{path}/decision"), &yes).await;
            assert_eq!(again.expects(303).location(), "/approvals");
            let late = [
                ("hash", hash.as_str()),
                ("answer", "refuse"),
                ("reason", "Khoan"),
            ];
            app.as_(THU)
                .post(&format!("{path}/decision"), &late)
                .await
                .expects(409);
            let logged = app
                .count(
                    "select count(*) from v_audit_event where action = 'approval.approve' \
                     and actor_id = 'thu' and capability = 'member_approve'",
                )
                .await;
            assert_eq!(logged, 1);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_prepared_it_hears_that_it_was_refused_and_finds_why() {
        on_both(rooms, async |app| {
            let id = lan_prepares(&app, "Gần dân").await;
            let path = format!("/approvals/{id}");
            let hash = shown_hash(&app, &path).await;
            let no = [
                ("hash", hash.as_str()),
                ("answer", "refuse"),
                ("reason", "Chưa họp chi bộ."),
            ];
            let decision = format!("{path}/decision");
            let long = "Chưa họp. ".repeat(60);
            let too_long = [no[0], no[1], ("reason", long.as_str())];
            let asked = app.as_(THU).post(&decision, &too_long).await.expects(422);
            assert!(asked.text("#e-reason").contains("599"), "how long it is");
            assert!(
                asked.text("#f-reason").contains(long.trim()),
                "what was typed stays"
            );
            app.as_(THU).post(&decision, &no).await.expects(303);
            app.as_(THU).post(&decision, &no).await.expects(303);
            let told = format!(
                "select count(*) from notices_notice where member_id = 'lan' and link = '{path}' \
                 and text_key = 'approvals-told-refused-why'"
            );
            assert_eq!(app.count(told.leak()).await, 1, "once");
            let page = app.as_(LAN).get(&path).await.expects(200);
            let ended = page.text("#ended");
            assert!(ended.contains("Chưa họp chi bộ.") && ended.contains(THU.name));
            let to = page.attributes("#ended a", "href");
            assert_eq!(to, ["/units/cell-a"], "prepared anew by who prepared it");
            let hers = app.as_(THU).get(&path).await.expects(200);
            assert!(hers.has("#ended") && !hers.has("#ended a"));
            // One that an earlier program kept without a reason says that none was given, and whom to ask.
            app.sets("update approvals_approval set reason = ''").await;
            let page = app.as_(LAN).get(&path).await.expects(200);
            let ended = page.text("#ended");
            assert!(ended.contains("không ghi lý do") && ended.contains(THU.name));
            let list = app.as_(LAN).get("/approvals").await.expects(200);
            assert!(list.text("#own").contains("Không ghi lý do"));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_change_whose_rows_moved_on_is_sent_back_and_not_done() {
        on_both(rooms, async |app| {
            let id = lan_prepares(&app, "Một").await;
            let other = lan_prepares(&app, "Hai").await;
            let decide = async |id: &str| {
                let path = format!("/approvals/{id}");
                let hash = shown_hash(&app, &path).await;
                let yes = [("hash", hash.as_str()), ("answer", "approve")];
                app.as_(THU).post(&format!("{path}/decision"), &yes).await
            };
            decide(&id).await.expects(303);
            decide(&other).await.expects(409);
            assert_eq!(motto(&app).await, "Một");
            let list = app.as_(LAN).get("/approvals").await.expects(200);
            assert!(list.text("#own").contains("Phải chuẩn bị lại"));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_page_that_was_tampered_with_decides_nothing_and_the_preparer_may_take_it_back() {
        on_both(rooms, async |app| {
            let id = lan_prepares(&app, "Gần dân").await;
            let path = format!("/approvals/{id}");
            app.as_(THU)
                .post(
                    &format!("{path}/decision"),
                    &[("hash", "x"), ("answer", "approve")],
                )
                .await
                .expects(409);
            app.as_(THU)
                .post(&format!("{path}/withdrawal"), &[])
                .await
                .expects(404);
            app.as_(LAN)
                .post(&format!("{path}/withdrawal"), &[])
                .await
                .expects(303);
            app.as_(LAN)
                .post(&format!("{path}/withdrawal"), &[])
                .await
                .expects(303);
            let list = app.as_(THU).get("/approvals").await.expects(200);
            assert!(list.attributes("#open a", "href").is_empty());
            assert_eq!(motto(&app).await, "");
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_agrees_to_a_new_member_reads_all_that_will_be_written() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let new = [
                    ("name", "Trần Thị Ba"),
                    ("status", "full"),
                    ("exempt", "1"),
                    ("admission_decision_on", "2/2/1975"),
                    ("residence", "Xóm Bến"),
                    ("phone", "0901 234 567"),
                    ("from_on", "23/11/2026"),
                ];
                app.as_(LAN)
                    .post("/units/cell-a/members/new", &new)
                    .await
                    .expects(303);
                let row: (String,) = sql("select id from approvals_approval")
                    .one(app.site.db.read())
                    .await
                    .unwrap();
                let own = app.as_(LAN).get(&format!("/approvals/{}", row.0)).await;
                assert!(own.expects(200).text("#could").contains(THU.name));
                assert_eq!(super::findings(&app.site).await.unwrap().len(), 0);
                let page = app.as_(THU).get(&format!("/approvals/{}", row.0)).await;
                let text = page.expects(200).text(".facts");
                for words in ["Miễn sinh hoạt", "có", "02/02/1975", "Xóm Bến"] {
                    assert!(text.contains(words), "{words} is not in {text}");
                }
                assert!(!text.contains("0901"), "numbers stay sealed: {text}");
                // Whoever could agree has left: who prepared it reads what to do, and the operator is told.
                app.leaves_posts(THU).await;
                let own = app.as_(LAN).get(&format!("/approvals/{}", row.0)).await;
                assert!(own.expects(200).text("#nobody").contains("sotay grant"));
                assert_eq!(super::findings(&app.site).await.unwrap().len(), 1);
            },
        )
        .await;
    }
}
