//! Lending a part of one's own right: which part, to whom, where, for how long, why.
//!
//! The rules stand in `rights::lending`. Not here: taking it back (`delegations`).

use crate::access::CanLend;
use crate::page::{Choice, second, whole_day};
use crate::posts::giving;
use crate::posts::store::Candidate;
use crate::rights::lending::{self, Lending, Refused};
use crate::rights::store;
use crate::{actor, post, posts, roles, unit};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, Day, GrantScope, MemberId, Role, UnitRef};
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

/// People shown at once; with more, the box narrows them.
const MOST: usize = 60;
/// Units below that are offered.
const UNITS: usize = 60;

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    /// The right of which a part is lent.
    #[serde(default)]
    role: String,
    #[serde(default)]
    q: String,
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    /// The right of which a part is lent.
    role: String,
    /// The part.
    scope: Vec<String>,
    member: String,
    unit: String,
    from_on: String,
    to_on: String,
    reason: String,
}

/// The right of which a part is lent.
struct Of {
    grant: String,
    what: String,
    role: Role,
    unit: UnitRef,
    caps: Vec<Cap>,
    is_wide: bool,
}

#[derive(Template)]
#[template(path = "people/delegation_new.html")]
struct Page {
    frame: Frame,
    form: FormState,
    of: Of,
    caps: Vec<Choice>,
    people: Vec<Candidate>,
    is_cut: bool,
    q: String,
    units: Vec<Choice>,
    days: i32,
    /// Who agrees first, in one line; empty: it is done at once.
    seconds: String,
}

/// The own right of that id, as the tables say now.
async fn own(site: &Site, frame: &Frame, me: &MemberId, grant: &str) -> Result<(Actor, Of)> {
    let today = site.clock.today();
    let actor = actor::read(site, me, today).await?;
    let all = lending::lendable(&actor, today);
    let found = all.into_iter().find(|(one, _)| one.id.as_str() == grant);
    let (held, at) = found.ok_or(Error::NotFound)?;
    let behind = store::list_behind(&site.db, &[grant.to_owned()]).await?;
    let back = behind.first().ok_or(Error::NotFound)?;
    let of = Of {
        what: format!("{}, {}", frame.t(roles::name(held.role)), back.unit_name),
        grant: grant.to_owned(),
        role: held.role,
        unit: at.clone(),
        caps: lending::part_of(held),
        is_wide: matches!(held.scope, GrantScope::Subtree(_)),
    };
    Ok((actor, of))
}

async fn draw(
    site: &Site,
    frame: &Frame,
    me: &MemberId,
    of: Of,
    form: FormState,
    q: &str,
) -> Answer {
    let today = frame.today();
    let q: String = q.trim().chars().take(80).collect();
    let folded: String = vietnamese::fold(&q)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .collect();
    let path = &of.unit.path;
    let db = &site.db;
    let mut people = posts::store::list_candidates(db, path, today, me, folded.trim()).await?;
    let is_cut = people.len() > MOST;
    people.truncate(MOST);
    let marks: Vec<(&str, [String; 3])> = (people.iter().enumerate())
        .map(|(nth, one)| {
            let marks = [String::new(), one.unit_name.clone(), (nth + 1).to_string()];
            (one.name.as_str(), marks)
        })
        .collect();
    let names = crate::roster::told_apart(&marks);
    for (one, name) in people.iter_mut().zip(names) {
        one.name = name;
    }
    let here = unit::get(site, &of.unit.id).await?;
    let mut units = vec![(here.id.to_string(), here.name)];
    if of.is_wide {
        let below = unit::children(site, &of.unit.id, today).await?;
        units.extend(
            below
                .into_iter()
                .take(UNITS)
                .map(|one| (one.id.to_string(), one.name)),
        );
    }
    let seconds = match of.is_wide {
        true => post::seconds(site, Cap::GrantApprove, path, me, &[]).await?,
        false => Default::default(),
    };
    let page = Page {
        caps: (of.caps.iter())
            .map(|cap| (cap.name().to_owned(), frame.t(roles::cap(*cap))))
            .collect(),
        days: lending::most_days(site).await?,
        seconds: second(frame, &seconds),
        frame: frame.clone(),
        form,
        of,
        people,
        is_cut,
        q,
        units,
    };
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Query(asked): Query<Asked>,
) -> Answer {
    let me = &who.actor.member;
    let (_, of) = own(&site, &frame, me, &asked.role).await?;
    let form = FormState::new()
        .with("from_on", frame.today().vn())
        .with("unit", of.unit.id.as_str());
    draw(&site, &frame, me, of, form, &asked.q).await
}

/// What was typed, as far as it can be read; what cannot is said beside its field.
fn read(frame: &Frame, me: &MemberId, typed: &Typed, state: &mut FormState) -> Option<Lending> {
    state.fit("reason", 200);
    let reason = typed
        .reason
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    if reason.is_empty() {
        state.fail("reason", "people-lending-reason-missing");
    }
    if typed.scope.is_empty() {
        state.fail("scope", "people-lending-cap-missing");
    }
    let member: Option<MemberId> = typed.member.parse().ok(); // told beside the field
    if member.is_none() {
        state.fail("member", "people-post-member-missing");
    }
    let from = whole_day(&typed.from_on, frame.today());
    if from.is_none() {
        state.fail("from_on", "people-form-date-odd");
    }
    // People name the last day with the right; what is kept is the first day without.
    let to: Option<Day> = whole_day(&typed.to_on, frame.today()).map(|day| day.plus_days(1));
    if to.is_none() {
        state.fail("to_on", "people-form-date-odd");
    }
    let (Some(member), Some(from_on), Some(to_on), true) = (member, from, to, state.is_good())
    else {
        return None;
    };
    let mut caps = typed.scope.clone();
    caps.sort();
    caps.dedup();
    Some(Lending {
        grant: typed.role.clone(),
        lender: me.clone(),
        unit: typed.unit.parse().ok()?, // not from the form
        member,
        caps,
        from_on,
        to_on,
        reason,
    })
}

fn say(frame: &Frame, state: &mut FormState, why: Refused) {
    match why {
        Refused::Oneself => state.fail("member", "people-lending-oneself"),
        Refused::NotOfThisUnit => state.fail("member", "people-post-member-missing"),
        Refused::NotOwn | Refused::NoPart => state.fail("scope", "people-lending-cap-missing"),
        Refused::TooWide => state.fail("unit", "people-lending-too-wide"),
        Refused::Days => state.fail("to_on", "people-lending-days"),
        Refused::TooLong(day) => state.fail(
            "to_on",
            frame.t1("people-lending-too-long", "day", &day.plus_days(-1).vn()),
        ),
    }
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    form: Form<Typed>,
) -> Answer {
    let me = who.actor.member.clone();
    let (actor, of) = own(&site, &frame, &me, &form.value.role).await?;
    let mut state = FormState::typed(form.pairs);
    let Some(wish) = read(&frame, &me, &form.value, &mut state) else {
        return draw(&site, &frame, &me, of, state, "").await;
    };
    let row = match lending::check(&site, &actor, &wish).await? {
        Ok(row) => row,
        Err(why) => {
            say(&frame, &mut state, why);
            return draw(&site, &frame, &me, of, state, "").await;
        }
    };
    let name = crate::member::name(&site, &wish.member).await?;
    let here = unit::get(&site, &wish.unit).await?.reference();
    let seconds = giving::waits_for(&site, of.role, &here, &me, &wish.member).await?;
    let cap = of.caps.first().copied().ok_or(Error::NotFound)?;
    let may = CanLend::of(&who.actor, cap, &here, frame.today())?;
    let back = see_other("/me/delegations");
    if seconds.is_empty() {
        let mut act = may.begin(&site, &frame, "delegation.give").await?;
        lending::give(&mut act, &wish, row).await?;
        act.end().await?;
        return Ok(back
            .flash("people-lending-done")
            .arg("name", &name)
            .into_response());
    }
    let mut act = may.begin(&site, &frame, "delegation.prepare").await?;
    let title = frame.t2(
        "people-lending-line",
        "name",
        &name,
        "what",
        of.what.as_str(),
    );
    lending::prepare(&mut act, &wish, title).await?;
    act.line()
        .about(&wish.member)
        .object("delegation", &wish.grant);
    act.end().await?;
    Ok(back
        .flash("people-lending-waits")
        .arg("names", &second(&frame, &seconds))
        .into_response())
}

#[cfg(test)]
mod tests {
    use approvals::Decision;
    use kernel::{Cap, MemberId};
    use site::four_eyes::{decide, list_open};
    use testkit::{HOA, LAN, MINH, THU, TUAN, TestApp, on_both};

    const LEAD: &str = "g-lan-cell_lead-cell-a";
    const NEW: &str = "/me/delegations/new";
    const ROLL: [(&str, &str); 7] = [
        ("role", LEAD),
        ("scope", "attendance_mark"),
        ("member", "hoa"),
        ("unit", "cell-a"),
        ("from_on", "24/11/2026"),
        ("to_on", "30/11/2026"),
        ("reason", "Đi công tác một tuần"),
    ];

    fn with(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        let mut fields = ROLL.to_vec();
        for (name, value) in changes {
            match fields.iter_mut().find(|field| field.0 == *name) {
                Some(field) => field.1 = value,
                None => fields.push((name, value)),
            }
        }
        fields
    }

    async fn may(app: &TestApp, who: &str, cap: Cap) -> bool {
        let id: MemberId = who.parse().unwrap();
        let actor = crate::actor::load(&app.site, &id).await.unwrap();
        let cell = "cell-a".parse().unwrap();
        let cell = crate::unit::get_ref(&app.site, &cell).await.unwrap();
        actor.allow(cap, &cell, app.site.clock.today())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_part_of_a_right_is_lent_for_its_days_shown_and_ends_by_itself() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let lan = app.as_(LAN);
                let today = app.today();
                let page = lan.get("/me/delegations").await.expects(200);
                assert!(!page.body().contains('⟦'), "{}", page.text("main"));
                let page = lan.get(&format!("{NEW}?role={LEAD}")).await.expects(200);
                assert!(!page.body().contains('⟦'), "{}", page.text("main"));
                assert!(page.has("input[name=scope][value=attendance_mark]"));
                assert!(!page.has("input[name=scope][value=minutes_sign]"), "never lent");
                lan.post(NEW, &ROLL).await.expects(303);
                lan.post(NEW, &ROLL).await.expects(303);
                let rows = "select count(*) from people_grant where source = 'delegation'";
                assert_eq!(app.count(rows).await, 1, "pressed twice it is lent once");
                for (days, holds) in [(0, false), (1, true), (7, true), (8, false)] {
                    app.site.clock.set(today.plus_days(days).at(9, 0));
                    assert_eq!(may(&app, "hoa", Cap::AttendanceMark).await, holds, "day {days}");
                    assert!(!may(&app, "hoa", Cap::MeetingPrepare).await, "not named");
                }
                app.site.clock.set(today.plus_days(1).at(9, 0));
                let page = app.as_(HOA).get("/me/delegations").await.expects(200);
                assert!(page.text("#borrowed").contains("Nguyễn Thị Lan"), "{}", page.text("main"));
                let page = app.as_(HOA).get("/me/rights").await.expects(200);
                let sources = page.all("#sources > li").join("|");
                assert!(sources.contains("được ủy quyền") && sources.contains("Nguyễn Thị Lan ủy quyền"));
                assert_eq!(app.count("select count(*) from audit_event where action = 'delegation.give' and about_member_id = 'hoa'").await, 1);
                assert_eq!(crate::check(&app.site).await.unwrap(), []);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_lent_is_taken_back_by_either_and_by_nobody_else() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let now = with(&[("from_on", "23/11/2026")]);
                app.as_(LAN).post(NEW, &now).await.expects(303);
                assert!(may(&app, "hoa", Cap::AttendanceMark).await);
                let row: (String,) =
                    db::sql("select id from people_grant where source = 'delegation'")
                        .one(app.site.db.read())
                        .await
                        .unwrap();
                let end = format!("/me/delegations/{}/ending", row.0);
                for who in [MINH, THU, TUAN] {
                    app.as_(who).post(&end, &[]).await.expects(404);
                }
                app.as_(HOA).post_forged(&end, &[]).await.expects(403);
                assert!(may(&app, "hoa", Cap::AttendanceMark).await);
                app.as_(HOA).post(&end, &[]).await.expects(303);
                assert!(!may(&app, "hoa", Cap::AttendanceMark).await);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn attacks_on_lending_are_refused() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let lan = app.as_(LAN);
                for (changes, field) in [
                    ([("scope", "minutes_sign")], "scope"),
                    ([("scope", "member_approve")], "scope"),
                    ([("scope", "no_such")], "scope"),
                    ([("member", "lan")], "member"),
                    ([("member", "tuan")], "member"),
                    ([("unit", "cell-b")], "unit"),
                    ([("unit", "committee")], "unit"),
                    ([("to_on", "24/12/2026")], "to_on"),
                    ([("to_on", "23/11/2026")], "to_on"),
                    ([("from_on", "01/11/2026")], "to_on"),
                    ([("reason", " ")], "reason"),
                ] {
                    let page = lan.post(NEW, &with(&changes)).await.expects(422);
                    assert!(
                        page.has(&format!("#e-{field}")),
                        "{changes:?}: {}",
                        page.text("main")
                    );
                }
                for (who, grant) in [
                    (MINH, LEAD),
                    (HOA, LEAD),
                    (LAN, "g-thu-org_officer-committee"),
                    (LAN, "p-lan"),
                ] {
                    app.as_(who)
                        .post(NEW, &with(&[("role", grant)]))
                        .await
                        .expects(404);
                    app.as_(who)
                        .get(&format!("{NEW}?role={grant}"))
                        .await
                        .expects(404);
                }
                app.as_(LAN).post_forged(NEW, &ROLL).await.expects(403);
                app.stranger().get(NEW).await.expects(303);
                // What was lent is not lent further.
                lan.post(NEW, &with(&[("from_on", "23/11/2026")]))
                    .await
                    .expects(303);
                let row: (String,) =
                    db::sql("select id from people_grant where source = 'delegation'")
                        .one(app.site.db.read())
                        .await
                        .unwrap();
                app.as_(HOA)
                    .get(&format!("{NEW}?role={}", row.0))
                    .await
                    .expects(404);
                let page = app.as_(HOA).get("/me/delegations").await.expects(200);
                assert!(!page.has("#mine"));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_wide_right_is_lent_when_a_second_person_agreed() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let second = [
                    ("title", "Bí thư đảng ủy"),
                    ("role", "committee_lead"),
                    ("member", "minh"),
                    ("basis", "elected"),
                    ("from_on", "23/11/2026"),
                ];
                app.as_(THU).post("/units/committee/positions/new", &second).await.expects(303);
                let wide = with(&[
                    ("role", "g-thu-org_officer-committee"),
                    ("scope", "unit_draft"),
                    ("unit", "cell-a"),
                    ("from_on", "23/11/2026"),
                ]);
                app.as_(THU).post(NEW, &wide).await.expects(303);
                assert!(!may(&app, "hoa", Cap::UnitDraft).await, "it waits");
                let site = &app.site;
                let minh = crate::actor::load(site, &"minh".parse().unwrap()).await.unwrap();
                let open = list_open(site, &minh).await.unwrap();
                assert_eq!(open.len(), 1);
                decide(site, "test", &minh, &open[0].id, &open[0].payload_hash, Decision::Approved, "")
                    .await
                    .unwrap();
                assert!(may(&app, "hoa", Cap::UnitDraft).await);
                let both = "select count(*) from people_grant where source = 'delegation' and prepared_by = 'thu' and approved_by = 'minh'";
                assert_eq!(app.count(both).await, 1);
            },
        )
        .await;
    }
}
