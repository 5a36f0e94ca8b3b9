//! The first steps of a new house, one after the other on Hôm nay: a unit, people, a second person, a
//! secretary. For whoever runs the installation and governs its root; nobody else's page asks.
//!
//! Not here: the steps themselves (the wings' pages). The rule that surprises: each step is read off the
//! tables, so what was done by a list or a command is not asked for again; what waits for a second person is not
//! asked for either: the page says that it waits, and with whom.

use crate::posts::giving;
use crate::{page, post, posts, unit, units};
use approvals::Approval;
use kernel::error::{Error, Result};
use kernel::{Cap, Day, Role};
use site::room::Later;
use site::{Site, TodayPart, TodayTask, four_eyes};
use std::sync::Arc;
use web::{Frame, SignedIn};

/// The room's part of Hôm nay.
pub(crate) fn source(
    site: Site,
    frame: Frame,
    who: Arc<SignedIn>,
) -> Later<'static, Result<TodayPart>> {
    Box::pin(async move {
        let mut part = crate::members::correction::part(&site, &frame, &who).await?;
        let moving = crate::members::moving::part(&site, &frame, &who).await?;
        part.tasks.extend(moving.tasks);
        let terms = crate::rights::pages::terms::part(&site, &frame, &who.actor).await?;
        part.tasks.extend(terms);
        let (actor, on) = (&who.actor, frame.today());
        if !actor.allow_instance(Cap::SystemConfigure, on)
            || !actor.may_somewhere(Cap::GrantGive, on)
        {
            return Ok(part);
        }
        for top in unit::tops_of(&site, actor, on).await? {
            if post::founds(actor, &top.reference(), on) {
                part.tasks
                    .extend(steps(&site, &frame, &who, &top, on).await?);
                break;
            }
        }
        Ok(part)
    })
}

async fn steps(
    site: &Site,
    frame: &Frame,
    who: &SignedIn,
    top: &unit::Unit,
    on: Day,
) -> Result<Vec<TodayTask>> {
    let db = &site.db;
    let Some(cell) = units::store::find_first_cell(db, &top.path, on).await? else {
        let to = format!("/units/{}/units/new", top.id);
        return Ok(vec![task(
            frame,
            1,
            [
                "people-first-unit",
                "people-first-unit-why",
                "people-first-unit-go",
            ],
            to,
        )]);
    };
    let Some(peopled) = units::store::find_first_peopled(db, &top.path, on).await? else {
        if let Some(sent) = people_sent(site, who).await? {
            let task = waits(site, frame, who, 2, "people-first-people-waits", &sent).await?;
            return Ok(task.into_iter().collect());
        }
        let to = format!("/units/{cell}");
        return Ok(vec![task(
            frame,
            2,
            [
                "people-first-people",
                "people-first-people-why",
                "people-first-people-go",
            ],
            to,
        )]);
    };
    let mut tasks = Vec::new();
    let leads = posts::store::count_role_below(db, &top.path, on, Role::CellLead).await?;
    let given = giving::find_waiting(site, &top.path, &[Role::CellLead]).await?;
    if let (0, Some(given)) = (leads, &given) {
        tasks.extend(waits(site, frame, who, 3, "people-first-lead-waits", given).await?);
    } else if leads == 0 {
        let to = format!("/units/{peopled}/positions/new");
        tasks.push(task(
            frame,
            3,
            [
                "people-first-lead",
                "people-first-lead-why",
                "people-first-lead-go",
            ],
            to,
        ));
    }
    let others =
        post::others_with(site, Cap::GrantApprove, &top.path, &[&who.actor.member]).await?;
    let seconds: Vec<Role> = (Role::ALL.iter().copied())
        .filter(|role| role.caps().has(Cap::GrantApprove))
        .collect();
    let given = giving::find_waiting(site, &top.path, &seconds).await?;
    if let (true, Some(given)) = (others.is_empty(), &given) {
        tasks.extend(waits(site, frame, who, 4, "people-first-second-waits", given).await?);
    } else if others.is_empty() {
        let to = format!("/units/{}/positions/new", top.id);
        tasks.push(task(
            frame,
            4,
            [
                "people-first-second",
                "people-first-second-why",
                "people-first-second-go",
            ],
            to,
        ));
    }
    Ok(tasks)
}

/// What they sent that brings people in and waits.
async fn people_sent(site: &Site, who: &SignedIn) -> Result<Option<Approval>> {
    let now = site.clock.now();
    let own = approvals::list_prepared_by(&site.db, &who.actor.member, 200).await?;
    Ok(own.into_iter().find(|one| {
        let mut kinds = site.rooms.approvals.iter();
        one.state == approvals::State::Waiting
            && one.expires_at > now.0
            && kinds.any(|kind| kind.kind == one.kind && kind.decides == Cap::MemberApprove)
    }))
}

/// That a step was taken and waits, and with whom; nothing for who decides it, whom `front` asks.
async fn waits(
    site: &Site,
    frame: &Frame,
    who: &SignedIn,
    nth: i64,
    title: &'static str,
    given: &Approval,
) -> Result<Option<TodayTask>> {
    let to = match four_eyes::see(site, &who.actor, &given.id).await {
        Ok(seen) if seen.side.is_some() && seen.bar.is_none() => return Ok(None),
        Ok(_) => format!("/approvals/{}", given.id),
        Err(Error::NotFound) => "/approvals".to_owned(),
        Err(error) => return Err(error),
    };
    let steps = approvals::list_steps(&site.db, &given.id).await?;
    let could = four_eyes::who_may(site, given, &steps).await?;
    let keys = [title, "people-first-waits-nobody", "people-first-waits-go"];
    let task = task(frame, nth, keys, to);
    Ok(Some(match could.names.as_slice() {
        [] => task,
        names => TodayTask {
            why: frame.t1("people-first-waits", "names", &page::either(frame, names)),
            ..task
        },
    }))
}

fn task(frame: &Frame, nth: i64, [title, why, action]: [&str; 3], to: String) -> TodayTask {
    TodayTask {
        due_at: frame.today().start().0 + nth,
        minutes: 5,
        title: frame.t(title),
        due: String::new(),
        due_state: "",
        left: String::new(),
        why: frame.t(why),
        how: String::new(),
        action: frame.t(action),
        to,
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::State;
    use kernel::Role;
    use site::Site;
    use testkit::{LAN, THU, on_both};
    use web::{Access, Frame, Member, Routes};

    /// Answers where this member's tasks lead, with the rights of the tables.
    async fn probe(State(site): State<Site>, frame: Frame, who: Member) -> String {
        let mut who = (*who.0).clone();
        who.actor = crate::actor::load(&site, &who.actor.member).await.unwrap();
        let part = super::source(site, frame, who.into()).await.unwrap();
        let to: Vec<String> = part.tasks.into_iter().map(|task| task.to).collect();
        to.join(" ")
    }
    /// The same in words.
    async fn why(State(site): State<Site>, frame: Frame, who: Member) -> String {
        let mut who = (*who.0).clone();
        who.actor = crate::actor::load(&site, &who.actor.member).await.unwrap();
        let part = super::source(site, frame, who.into()).await.unwrap();
        let said = part.tasks.into_iter();
        let said: Vec<String> = said
            .map(|task| format!("{} {}", task.title, task.why))
            .collect();
        said.join(" ")
    }
    fn rooms() -> Vec<site::Room> {
        let mut probing = site::Room::new("probing", "", "");
        probing.routes = Routes::new().get("/probe", Access::Member, probe).get(
            "/probe/why",
            Access::Member,
            why,
        );
        vec![crate::room(), probing]
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_founds_a_house_is_led_to_what_is_missing_and_nobody_else_is() {
        on_both(rooms, async |app| {
            for who in [LAN, THU] {
                assert_eq!(app.as_(who).get("/probe").await.expects(200).body(), "");
            }
            let mut act = app.act().await;
            for role in [Role::SysAdmin, Role::CommitteeLead] {
                let post = crate::store::NewHolding::new(
                    &"bloc".parse().unwrap(),
                    "Đầu tiên",
                    role,
                    1,
                    &"minh".parse().unwrap(),
                    app.today(),
                );
                crate::store::add_position_holding(&mut act, &post)
                    .await
                    .unwrap();
            }
            act.end().await.unwrap();
            let minh = crate::actor::load(&app.site, &"minh".parse().unwrap())
                .await
                .unwrap();
            let root = crate::unit::get_ref(&app.site, &"bloc".parse().unwrap())
                .await
                .unwrap();
            assert!(crate::post::founds(&minh, &root, app.today()));
            // The test tree has units, people and a secretary: what is missing is the second person.
            let reply = app.as_(testkit::MINH).get("/probe").await.expects(200);
            assert_eq!(reply.body(), "/units/bloc/positions/new");
        })
        .await;
    }

    /// Somebody who founds: the root's committee and the machine are theirs.
    async fn founds(app: &testkit::TestApp, who: &str) {
        let mut act = app.act().await;
        for role in [Role::SysAdmin, Role::CommitteeLead] {
            let post = crate::store::NewHolding::new(
                &"bloc".parse().unwrap(),
                "Đầu tiên",
                role,
                1,
                &who.parse().unwrap(),
                app.today(),
            );
            crate::store::add_position_holding(&mut act, &post)
                .await
                .unwrap();
        }
        act.end().await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_step_that_waits_for_a_second_person_is_not_asked_for_again() {
        use testkit::{MINH, TUAN};
        on_both(rooms, async |app| {
            founds(&app, "minh").await;
            founds(&app, "tuan").await;
            let leads = "update people_grant set revoked_at = 1 where role = 'cell_lead'";
            app.sets(leads).await;
            let asked = app.as_(MINH).get("/probe/why").await.expects(200);
            assert!(asked.body().contains("Trao chức vụ cho bí thư chi bộ"), "{}", asked.body());
            // Thư made Hoa's record, so her giving waits for somebody else.
            app.sets(
                "insert into people_member_event (id, member_id, kind, effective_on, recorded_at, recorded_by) \
                 values ('e-hoa', 'hoa', 'member_added', '2026-11-23', 1, 'thu')",
            )
            .await;
            let give = [
                ("member", "hoa"),
                ("title", "Bí thư"),
                ("role", "cell_lead"),
                ("basis", "elected"),
                ("from_on", "23/11/2026"),
                ("beside", "beside"),
            ];
            let path = "/units/cell-a/positions/new";
            app.as_(THU).post(path, &give).await.expects(303);
            let waiting = "select count(*) from approvals_approval where state = 'waiting'";
            assert_eq!(app.count(waiting).await, 1);
            // Who decides it is asked by the approval itself.
            let decides = app.as_(MINH).get("/probe/why").await.expects(200);
            assert!(!decides.body().contains("bí thư chi bộ"), "{}", decides.body());
            // Who sent it reads that it waits, and with whom.
            app.sets("update approvals_approval set prepared_by = 'minh'").await;
            let waits = app.as_(MINH).get("/probe/why").await.expects(200);
            let said = waits.body();
            assert!(!said.contains("Trao chức vụ cho bí thư"), "{said}");
            assert!(said.contains("đang chờ người thứ hai") && said.contains(TUAN.name), "{said}");
            let to = app.as_(MINH).get("/probe").await.expects(200);
            assert!(to.body().starts_with("/approvals/"), "{}", to.body());
        })
        .await;
    }
}
