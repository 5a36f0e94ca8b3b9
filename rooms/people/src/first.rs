//! The first steps of a new house, one after the other on Hôm nay: a unit, people, a second person, a
//! secretary. For whoever runs the installation and governs its root; nobody else's page asks.
//!
//! Not here: the steps themselves (the wings' pages). The rule that surprises: each step is read off the
//! tables, so what was done by a list or a command is not asked for again.

use crate::{post, unit};
use db::sql;
use kernel::error::Result;
use kernel::{Cap, Day, Role};
use site::room::Later;
use site::{Site, TodayPart, TodayTask};
use std::sync::Arc;
use web::{Frame, SignedIn};

const FIRST_CELL: &str = "select u.id from people_unit u where u.path >= $1 and u.path < $2 \
    and u.dissolved_on > $3 and u.kind in ('cell', 'base_cell', 'temporary_cell') order by u.path limit 1";
const FIRST_PEOPLED: &str = "select u.id from people_unit u where u.path >= $1 and u.path < $2 \
    and u.dissolved_on > $3 and exists (select 1 from people_placement p where p.unit_id = u.id \
    and p.from_on <= $3 and p.to_on > $3) order by u.path limit 1";
const LEADS: &str = "select count(*) from people_grant g join people_unit u on u.id = g.unit_id \
    where u.path >= $1 and u.path < $2 and g.role = $4 and g.revoked_at is null \
    and g.from_on <= $3 and g.to_on > $3";

/// Every statement of this module.
pub(crate) const STATEMENTS: &[&str] = &[FIRST_CELL, FIRST_PEOPLED, LEADS];

/// The room's part of Hôm nay.
pub(crate) fn source(
    site: Site,
    frame: Frame,
    who: Arc<SignedIn>,
) -> Later<'static, Result<TodayPart>> {
    Box::pin(async move {
        let mut part = TodayPart::default();
        let (actor, on) = (&who.actor, frame.today());
        if !actor.allow_instance(Cap::SystemConfigure, on)
            || !actor.may_somewhere(Cap::GrantGive, on)
        {
            return Ok(part);
        }
        for top in unit::tops_of(&site, actor, on).await? {
            if post::founds(actor, &top.reference(), on) {
                part.tasks = steps(&site, &frame, &who, &top, on).await?;
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
    let (low, high) = top.path.range();
    let first = async |text: &'static str| {
        let row: Option<(String,)> = sql(text)
            .bind(&low)
            .bind(&high)
            .bind(on)
            .maybe(site.db.read())
            .await?;
        Ok::<_, kernel::Error>(row.map(|(id,)| id))
    };
    let Some(cell) = first(FIRST_CELL).await? else {
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
    let Some(peopled) = first(FIRST_PEOPLED).await? else {
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
    let leads = sql(LEADS)
        .bind(&low)
        .bind(&high)
        .bind(on)
        .bind(Role::CellLead.name())
        .count(site.db.read())
        .await?;
    if leads == 0 {
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
    if others.is_empty() {
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
    fn rooms() -> Vec<site::Room> {
        let mut probing = site::Room::new("probing", "", "");
        probing.routes = Routes::new().get("/probe", Access::Member, probe);
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
}
