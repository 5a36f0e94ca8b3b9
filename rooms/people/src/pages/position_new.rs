//! Giving somebody a post of a unit: title, what it brings, from when to when, by which decision.
//! The rules (R3) are in `post`; the grant is made with the holding (R6). Not here: ending one.

use super::record_form::Choice;
use super::{unit_id, whole_day};
use crate::access::CanGive;
use crate::fact::Basis;
use crate::post::{self, Refused};
use crate::sight::{self, UnitSight};
use crate::store::{self, NewHolding};
use crate::words;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use db::sql;
use kernel::error::{Error, Result};
use kernel::{Day, MemberId, Role, UnitRef};
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

const CANDIDATES: &str = "select m.id, m.name, u.name as unit_name from people_placement p \
    join people_unit u on u.id = p.unit_id join people_member m on m.id = p.member_id \
    where u.path >= $1 and u.path < $2 and p.from_on <= $3 and p.to_on > $3 and p.kind = 'official' \
    and m.id <> $4 and m.status in ('candidate', 'probationary', 'full', 'suspended') and m.name_fold like $5 \
    order by m.name_key, m.id limit 61";

/// Every statement of this page.
pub(crate) const STATEMENTS: &[&str] = &[CANDIDATES];

/// People shown at once; with more, the box narrows them.
const MOST: usize = 60;

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(serde::Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    title: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    member: String,
    #[serde(default)]
    basis: String,
    #[serde(default)]
    from_on: String,
    #[serde(default)]
    to_on: String,
    #[serde(default)]
    decision_no: String,
}

#[derive(db::FromRow)]
struct Candidate {
    id: String,
    name: String,
    unit_name: String,
}

#[derive(Template)]
#[template(path = "people/position_new.html")]
struct Page {
    frame: Frame,
    form: FormState,
    sight: UnitSight,
    roles: Vec<Choice>,
    bases: Vec<Choice>,
    people: Vec<Candidate>,
    is_cut: bool,
    q: String,
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<(UnitSight, Vec<Role>)> {
    let sight = sight::of_unit(site, &who.actor, &unit_id(id)?).await?;
    let roles = post::givable(&who.actor, &sight.unit.reference(), site.clock.today());
    if sight.may_give && !roles.is_empty() {
        Ok((sight, roles))
    } else {
        Err(Error::NotFound)
    }
}

async fn draw(
    site: &Site,
    frame: &Frame,
    who: &Member,
    (sight, roles): (UnitSight, Vec<Role>),
    form: FormState,
    q: &str,
) -> Answer {
    let unit: UnitRef = sight.unit.reference();
    let (low, high) = unit.path.range();
    let q: String = q.trim().chars().take(80).collect();
    let folded: String = vietnamese::fold(&q)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .collect();
    let mut people: Vec<Candidate> = sql(CANDIDATES)
        .bind(low)
        .bind(high)
        .bind(frame.today())
        .bind(&who.actor.member)
        .bind(format!("%{}%", folded.trim()))
        .all(site.db.read())
        .await?;
    let is_cut = people.len() > MOST;
    people.truncate(MOST);
    let status = if form.is_good() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = Page {
        roles: roles
            .iter()
            .map(|role| (role.name().to_owned(), frame.t(words::role(role.name()))))
            .collect(),
        bases: Basis::ALL
            .iter()
            .map(|basis| (basis.to_string(), frame.t(basis.text())))
            .collect(),
        frame: frame.clone(),
        form,
        sight,
        people,
        is_cut,
        q,
    };
    frame.html_status(status, &page)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let form = FormState::new()
        .with("basis", Basis::Elected.word())
        .with("from_on", frame.today().vn());
    draw(&site, &frame, &who, may, form, &asked.q).await
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (sight, roles) = may(&site, &who, &id).await?;
    let unit = sight.unit.reference();
    let typed = &form.value;
    let mut state = FormState::typed(form.pairs);
    let title: String = typed
        .title
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(120)
        .collect();
    if title.is_empty() {
        state.fail("title", "people-post-title-missing");
    }
    // A role outside the list is refused like one that does not exist.
    let role = Role::by_name(&typed.role).filter(|role| roles.contains(role));
    if role.is_none() {
        state.fail("role", "people-post-role-missing");
    }
    let member: Option<MemberId> = typed.member.parse().ok(); // told below, beside the field
    let mut name = None;
    if let Some(member) = &member {
        name = post::candidate(&site, &unit, member).await?;
    }
    if name.is_none() {
        state.fail("member", "people-post-member-missing");
    }
    let basis = typed.basis.parse::<Basis>().ok(); // none: told beside the field
    if basis.is_none() {
        state.fail("basis", "people-post-basis-missing");
    }
    let from = whole_day(&typed.from_on).filter(|day| *day >= sight.unit.founded_on);
    if from.is_none() {
        state.fail(
            "from_on",
            frame.t1(
                "people-form-from-odd",
                "founded",
                &sight.unit.founded_on.vn(),
            ),
        );
    }
    // People name the last day with the post; what is kept is the first day without.
    let last = typed.to_on.trim();
    let to: Option<Day> = if last.is_empty() {
        None
    } else {
        whole_day(last).map(|day| day.plus_days(1))
    };
    if !last.is_empty() && to.is_none() {
        state.fail("to_on", "people-form-date-odd");
    }
    let mut end = None;
    if let (Some(role), Some(member), Some(from), true) = (role, &member, from, state.is_good()) {
        match post::check(&who.actor, role, &unit, member, frame.today(), from, to) {
            Ok(day) => end = Some((role, member.clone(), from, day)),
            Err(Refused::Oneself) => state.fail("member", "people-post-oneself"),
            Err(Refused::NotOfThisUnit) => state.fail("member", "people-post-member-missing"),
            Err(Refused::TooWide) => state.fail("role", "people-post-too-wide"),
            Err(Refused::TooLong(day)) => state.fail(
                "to_on",
                frame.t1("people-post-too-long", "day", &day.plus_days(-1).vn()),
            ),
            Err(Refused::EndsBeforeItBegins) => state.fail("to_on", "people-post-ends-early"),
        }
    }
    let (Some((role, member, from_on, to_on)), Some(basis)) = (end, basis) else {
        return draw(&site, &frame, &who, (sight, roles), state, "").await;
    };
    let new = NewHolding {
        basis,
        to_on,
        decision_no: typed.decision_no.trim().chars().take(80).collect(),
        ..NewHolding::new(&unit.id, &title, role, rank(role), &member, from_on)
    };
    let may = CanGive::of(&who.actor, &unit, frame.today())?;
    let mut act = may.begin(&site, &frame, "position.give").await?;
    let holding = store::add_position_holding(&mut act, &new).await?;
    act.line()
        .about(&member)
        .object("holding", &holding)
        .diff(&serde_json::json!({
            "title": title, "role": role.name(), "from_on": from_on, "to_on": to_on,
        }));
    act.end().await?;
    Ok(see_other(format!("/units/{}", unit.id))
        .flash("people-post-new-done")
        .arg("name", name.as_deref().unwrap_or(""))
        .into_response())
}

/// Where a new post stands in the committee's list.
fn rank(role: Role) -> i64 {
    match role {
        Role::CellLead | Role::CommitteeLead => 10,
        Role::CellCommittee => 30,
        Role::OrgOfficer | Role::FinanceOfficer => 50,
        _ => 80,
    }
}

#[cfg(test)]
mod tests {
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, on_both};

    const POST: &[(&str, &str)] = &[
        ("title", "Phó bí thư"),
        ("role", "cell_lead"),
        ("member", "hoa"),
        ("basis", "elected"),
        ("from_on", "23/11/2026"),
        ("decision_no", "12-QĐ/ĐU"),
    ];
    fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        POST.iter()
            .map(|(name, value)| {
                let change = changes.iter().find(|(changed, _)| changed == name);
                (*name, change.map_or(*value, |(_, value)| *value))
            })
            .chain(
                changes
                    .iter()
                    .copied()
                    .filter(|(name, _)| POST.iter().all(|(known, _)| known != name)),
            )
            .collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_post_that_is_given_brings_its_rights_at_once() {
        on_both(|| vec![crate::room()], async |app| {
            let site = &app.site;
            let hoa = "hoa".parse().unwrap();
            let cell = crate::unit::get_ref(site, &"cell-a".parse().unwrap()).await.unwrap();
            let may = async || crate::actor::load(site, &hoa).await.unwrap().allow(kernel::Cap::MeetingPrepare, &cell, app.today());
            assert!(!may().await);
            let form = app.as_(THU).get("/units/cell-a/positions/new").await.expects(200);
            assert!(form.has("input[name=member][value=hoa]") && !form.has("input[name=member][value=tuan]"));
            assert!(!form.has("[name=role][value=sys_admin]") && !form.has("[name=role][value=inspector]"));
            app.as_(THU).post("/units/cell-a/positions/new", POST).await.expects(303);
            assert!(may().await, "without signing in again");
            let page = app.as_(LAN).get("/units/cell-a").await;
            assert!(page.all(".people a").contains(&"Lương Thị Hoa".to_owned()));
            assert_eq!(app.count("select count(*) from audit_event where action = 'position.give' and about_member_id = 'hoa' and capability = 'grant_give'").await, 1);
            assert_eq!(app.count("select count(*) from people_member_event where kind = 'position_given' and decision_no = '12-QĐ/ĐU'").await, 1);
            assert_eq!(crate::check(site).await.unwrap(), []);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn attacks_through_the_form_are_refused() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                for (unit, changes, field) in [
                    ("cell-a", [("role", "sys_admin")], "role"),
                    ("cell-a", [("role", "inspector")], "role"),
                    ("committee", [("role", "finance_officer")], "role"),
                    ("committee", [("role", "cell_lead")], "role"),
                    ("cell-b", [("member", "thu")], "member"),
                    ("cell-a", [("member", "tuan")], "member"),
                    ("cell-a", [("member", "../x")], "member"),
                    ("cell-a", [("title", " ")], "title"),
                    ("cell-a", [("from_on", "31/02/2026")], "from_on"),
                    ("cell-a", [("to_on", "01/01/2026")], "to_on"),
                    ("cell-a", [("basis", "bought")], "basis"),
                ] {
                    let page = thu
                        .post(&format!("/units/{unit}/positions/new"), &with(&changes))
                        .await
                        .expects(422);
                    assert!(page.has(&format!("#e-{field}")), "{unit} {changes:?}");
                }
                for (who, unit) in [
                    (LAN, "cell-a"),
                    (MINH, "cell-a"),
                    (HOA, "cell-a"),
                    (TUAN, "cell-b"),
                    (BINH, "bloc"),
                    (THU, "bloc"),
                    (THU, "cell-e"),
                ] {
                    app.as_(who)
                        .get(&format!("/units/{unit}/positions/new"))
                        .await
                        .expects(404);
                    app.as_(who)
                        .post(&format!("/units/{unit}/positions/new"), POST)
                        .await
                        .expects(404);
                }
                thu.post_forged("/units/cell-a/positions/new", POST)
                    .await
                    .expects(403);
                app.stranger()
                    .post("/units/cell-a/positions/new", POST)
                    .await;
                assert_eq!(
                    app.count("select count(*) from people_holding").await,
                    7,
                    "those of the test tree"
                );
            },
        )
        .await;
    }
}
