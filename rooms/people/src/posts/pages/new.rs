//! Giving somebody a post of a unit: title, what it brings, from when to when, by which decision.
//! The rules (R3) are in `post`, the second pair of eyes in `giving`; the grant is made with the
//! holding (R6). Not here: ending one.

use crate::fact::Basis;
use crate::giving;
use crate::page::{Choice, second, unit_id, whole_day};
use crate::post::{self, Refused};
use crate::posts::appointing::{self, Appointed};
use crate::posts::store::{self, Candidate, NewHolding};
use crate::roster::Somebody;
use crate::sight::{self, UnitSight};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use kernel::cap::Reach;
use kernel::error::{Error, Result};
use kernel::{Cap, Day, MemberId, Role, UnitRef};
use site::Site;
use web::{Answer, Form, FormState, Frame, Member, see_other};

/// People shown at once; with more, the box narrows them.
const MOST: usize = 60;

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
    /// Whom a list proposes.
    #[serde(default)]
    member: String,
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
    /// What is meant by a second secretary: `replace` or `beside`.
    #[serde(default)]
    beside: String,
}

/// Asked before a unit gets a second secretary: the one in office stays, or goes.
#[derive(Template)]
#[template(path = "people/position_beside.html")]
struct Beside {
    frame: Frame,
    unit: String,
    unit_name: String,
    name: String,
    from: String,
    /// Who is in office: name, title, since when.
    held: Vec<(String, String, String)>,
    typed: Vec<(String, String)>,
    /// Whether the present one may be replaced on that day.
    may_replace: bool,
    /// Who agrees first, in one line; empty: it is done at once.
    seconds: String,
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
    /// Whether any role on offer reaches beyond this unit.
    is_wide: bool,
    /// Who agrees to those, in one line; empty when nobody else can.
    seconds: String,
    /// What the operator types instead.
    command: String,
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
    let q: String = q.trim().chars().take(80).collect();
    let folded: String = vietnamese::fold(&q)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .collect();
    let (today, giver) = (frame.today(), &who.actor.member);
    let mut people =
        store::list_candidates(&site.db, &unit.path, today, giver, folded.trim()).await?;
    let is_cut = people.len() > MOST;
    people.truncate(MOST);
    let listed: Vec<Somebody<'_>> = (people.iter())
        .map(|one| Somebody {
            member: &one.id,
            name: &one.name,
            unit: &one.unit_id,
            unit_name: &one.unit_name,
        })
        .collect();
    let names = crate::roster::told_apart_over(site, &who.actor, today, &listed).await?;
    for (one, name) in people.iter_mut().zip(names) {
        one.name = name;
    }
    let is_wide = roles.iter().any(|role| role.reach() != Reach::Unit);
    let seconds =
        post::seconds(site, Cap::GrantApprove, &unit.path, &who.actor.member, &[]).await?;
    let unit_word = if sight.unit.code.is_empty() {
        &sight.unit.name
    } else {
        &sight.unit.code
    };
    let page = Page {
        is_wide,
        seconds: second(frame, &seconds),
        command: format!(
            "sotay grant \"{}\" \"{}\" \"{unit_word}\"",
            who.actor.name,
            frame.t(crate::roles::name(Role::ContentEditor))
        ),
        roles: roles
            .iter()
            .map(|role| (role.name().to_owned(), crate::roles::said(frame, *role)))
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
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let mut form = FormState::new()
        .with("basis", Basis::Elected.word())
        .with("from_on", frame.today().vn());
    let mut q = asked.q;
    if let Ok(member) = asked.member.parse::<MemberId>()
        && let Some(name) = post::candidate(&site, &may.0.unit.reference(), &member).await?
    {
        // By name, so that the person stands among those shown.
        form = form.with("member", member.as_str());
        q = name;
    }
    draw(&site, &frame, &who, may, form, &q).await
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
    let pairs = form.pairs.clone();
    let mut state = FormState::typed(form.pairs);
    state.fit("decision_no", 80);
    state.fit("title", 120);
    let title = typed.title.split_whitespace().collect::<Vec<_>>().join(" ");
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
    let from = whole_day(&typed.from_on, frame.today()).filter(|day| *day >= sight.unit.founded_on);
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
        whole_day(last, frame.today()).map(|day| day.plus_days(1))
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
        decision_no: typed.decision_no.trim().to_owned(),
        ..NewHolding::new(&unit.id, &title, role, giving::rank(role), &member, from_on)
    };
    let name = name.unwrap_or_default();
    let seen = appointing::look(
        &site,
        &who.actor,
        &unit,
        (&title, role, from_on),
        Some(&member),
    )
    .await?;
    let none: &[String] = &[];
    let (replaces, seconds) = match typed.beside.as_str() {
        "replace" if seen.may_replace => (seen.replaces.as_slice(), &seen.replacing),
        "beside" => (none, &seen.seconds),
        _ if seen.in_office.is_empty() => (none, &seen.seconds),
        _ => {
            return frame.html(&Beside {
                unit: unit.id.to_string(),
                unit_name: sight.unit.name,
                name,
                from: from_on.vn(),
                held: seen.told(&frame),
                typed: (pairs.into_iter())
                    .filter(|(field, _)| field != "beside" && field != "csrf")
                    .collect(),
                may_replace: seen.may_replace,
                seconds: second(&frame, &seen.seconds),
                frame: frame.clone(),
            });
        }
    };
    let line = frame.t2("people-giving-line", "name", &name, "post", &title);
    let line = format!("{line}, {}", sight.unit.name);
    let given = appointing::appoint(
        &site,
        &frame,
        &who.actor,
        &unit,
        &new,
        (replaces, seconds),
        line,
        None,
    )
    .await?;
    let to = see_other(format!("/units/{}", unit.id));
    Ok(match given {
        Appointed::Waits => to
            .flash("people-post-new-waits")
            .arg("names", &second(&frame, seconds))
            .into_response(),
        Appointed::Given | Appointed::Already => to
            .flash("people-post-new-done")
            .arg("name", &name)
            .into_response(),
    })
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
            let chosen = app.as_(THU).get("/units/cell-a/positions/new?member=hoa").await.expects(200);
            assert_eq!(chosen.attributes("input[name=member][checked]", "value"), ["hoa"]);
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
    async fn the_same_form_sent_twice_gives_the_post_once() {
        on_both(
            || vec![crate::room()],
            async |app| {
                for _ in 0..2 {
                    app.as_(THU)
                        .post("/units/cell-a/positions/new", POST)
                        .await
                        .expects(303);
                }
                let held = "select count(*) from people_holding where member_id = 'hoa'";
                assert_eq!(app.count(held).await, 1);
                let logged = "select count(*) from audit_event where action = 'position.give'";
                assert_eq!(app.count(logged).await, 1);
            },
        )
        .await;
    }

    /// An editor at the committee: beyond one unit.
    const EDITOR: &[(&str, &str)] = &[("title", "Biên tập"), ("role", "content_editor")];

    #[tokio::test(flavor = "multi_thread")]
    async fn two_of_one_name_on_offer_are_told_apart() {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.is_called(HOA, "Trần Văn Minh", "1987-01-02").await;
                let page = app.as_(THU).get("/units/cell-a/positions/new").await;
                let text = page.expects(200).text("main");
                for name in ["Trần Văn Minh (1954)", "Trần Văn Minh (1987)"] {
                    assert!(text.contains(name), "{text}");
                }
                // Whose years are one are told apart as on the roster, never by the number of a row.
                app.is_called(HOA, "Trần Văn Minh", "1954-01-02").await;
                let page = app.as_(THU).get("/units/cell-a/positions/new").await;
                let text = page.expects(200).text("main");
                let roster = app.as_(THU).get("/units/cell-a").await.expects(200);
                let roster = roster.all(".roster tbody th");
                let both: Vec<&String> = (roster.iter())
                    .filter(|name| name.starts_with("Trần Văn Minh ("))
                    .collect();
                assert_eq!(both.len(), 2, "{roster:?}");
                assert!(
                    both.iter().all(|name| text.contains(*name)),
                    "{both:?} {text}"
                );
                assert!(!text.contains("Minh (1)") && !text.contains("Minh (2)"));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_reaches_beyond_a_unit_waits_for_a_second_person_once_there_is_one() {
        use approvals::Decision;
        use site::four_eyes::{decide, list_open};
        on_both(|| vec![crate::room()], async |app| {
            let site = &app.site;
            let path = "/units/committee/positions/new";
            let thu = app.as_(THU);
            let actor = async |who: &str| crate::actor::load(site, &who.parse().unwrap()).await.unwrap();
            let edits = "select count(*) from people_grant where role = 'content_editor' and member_id in ('hoa', 'minh')";
            // Alone: at once, and the page says so with the command for herself.
            let page = thu.get(path).await.expects(200);
            assert!(page.text("#second").contains("chưa có người thứ hai"));
            assert!(page.text("#own code").contains("sotay grant"));
            thu.post(path, &with(EDITOR)).await.expects(303);
            assert_eq!(app.count(edits).await, 1);
            // A second one who may agree: from now on it waits, for what is wide only.
            let second = [("title", "Bí thư đảng ủy"), ("role", "committee_lead"), ("member", "minh")];
            thu.post(path, &with(&second)).await.expects(303);
            let page = thu.get(path).await.expects(200);
            assert!(page.text("#second").contains("Trần Văn Minh"));
            let editor = [EDITOR[0], ("role", "content_approver")];
            thu.post(path, &with(&editor)).await.expects(303);
            thu.post(path, &with(&editor)).await.expects(303);
            let waiting = "select count(*) from approvals_approval where state = 'waiting'";
            assert_eq!(app.count(waiting).await, 1, "pressed twice it waits once");
            thu.post("/units/cell-b/positions/new", &with(&[("member", "tuan")])).await.expects(303);
            let approves = "select count(*) from people_grant where role = 'content_approver' and member_id = 'hoa'";
            assert_eq!(app.count(approves).await, 0);
            assert_eq!(list_open(site, &*actor("thu").await).await.unwrap().len(), 0, "not her own");
            let minh = actor("minh").await;
            let open = list_open(site, &minh).await.unwrap();
            assert_eq!(open.len(), 1);
            let (id, hash) = (&open[0].id, open[0].payload_hash.as_str());
            assert!(decide(site, "test", &*actor("lan").await, id, hash, Decision::Approved, "").await.is_err());
            decide(site, "test", &minh, id, hash, Decision::Approved, "").await.unwrap();
            assert_eq!(app.count(approves).await, 1);
            assert_eq!(app.count("select count(*) from audit_event where action = 'position.give' and actor_id = 'minh' and about_member_id = 'hoa'").await, 1);
            // Pressed twice it is done once; another word comes too late.
            decide(site, "test", &minh, id, hash, Decision::Approved, "").await.unwrap();
            assert!(decide(site, "test", &minh, id, hash, Decision::Refused, "khoan").await.is_err());
            assert_eq!(app.count(approves).await, 1);
            assert_eq!(crate::check(site).await.unwrap(), []);
        })
        .await;
    }

    /// Somebody says yes to the one change that waits for them.
    async fn agrees(app: &testkit::TestApp, who: &str) {
        assert_eq!(crate::members::admitting::agrees(app, who).await, 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_second_secretary_is_asked_about_and_replaces_the_first_or_stands_beside() {
        on_both(|| vec![crate::room()], async |app| {
            let (thu, path) = (app.as_(THU), "/units/cell-a/positions/new");
            let second = with(&[("title", "Bí thư chi bộ")]);
            let leads = "select count(*) from people_holding h join people_position s on s.id = h.position_id \
                where s.unit_id = 'cell-a' and s.role = 'cell_lead' and h.to_on > '2026-11-23'";
            let page = thu.post(path, &second).await.expects(200);
            assert!(page.text("#held").contains("Nguyễn Thị Lan, Bí thư: từ 01/01/2020"), "{}", page.text("#held"));
            assert_eq!(app.count(leads).await, 1, "nothing is done before the answer");
            assert_eq!(page.attributes("input[name=decision_no]", "value"), ["12-QĐ/ĐU"]);
            // A deputy, or the same person again, asks nothing.
            thu.post(path, POST).await.expects(303);
            assert_eq!(app.count(leads).await, 2);
            let mut replace = second.clone();
            replace.push(("beside", "replace"));
            thu.post(path, &replace).await.expects(303);
            assert_eq!(app.count("select count(*) from people_grant where member_id = 'lan' and role = 'cell_lead' and to_on > '2026-11-23'").await, 0);
            assert_eq!(app.count("select count(*) from audit_event where action = 'position.end' and about_member_id = 'lan'").await, 1);
            assert_eq!(app.count(leads).await, 2);
            let mut beside = with(&[("title", "Bí thư"), ("member", "lan")]);
            beside.push(("beside", "beside"));
            thu.post(path, &beside).await.expects(303);
            assert_eq!(app.count(leads).await, 3);
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_secretary_of_a_committee_is_replaced_when_a_second_person_agreed() {
        on_both(|| vec![crate::room()], async |app| {
            let (thu, path) = (app.as_(THU), "/units/committee/positions/new");
            let lead = |member, beside| with(&[("title", "Bí thư đảng ủy"), ("role", "committee_lead"), ("member", member), ("beside", beside)]);
            thu.post(path, &lead("minh", "")).await.expects(303);
            let asks = thu.post(path, &lead("hoa", "")).await.expects(200);
            assert!(asks.text("#held").contains("Trần Văn Minh") && asks.text("#second").contains("Trần Văn Minh"));
            thu.post(path, &lead("hoa", "replace")).await.expects(303);
            let held = async |who: &str| {
                let held = db::sql("select count(*) from people_grant where member_id = $1 and role = 'committee_lead' and to_on > '2026-11-23'");
                held.bind(who).count(app.site.db.read()).await.unwrap()
            };
            assert_eq!((held("minh").await, held("hoa").await), (1, 0));
            agrees(&app, "minh").await;
            assert_eq!((held("minh").await, held("hoa").await), (0, 1));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_who_watch_each_other_do_not_become_one_by_ending_the_others_post() {
        use approvals::Decision;
        use site::four_eyes::{decide, list_open};
        on_both(|| vec![crate::room()], async |app| {
            let site = &app.site;
            let thu = app.as_(THU);
            let path = "/units/committee/positions/new";
            let second = [("title", "Bí thư đảng ủy"), ("role", "committee_lead"), ("member", "minh")];
            thu.post(path, &with(&second)).await.expects(303);
            let row: (String,) = db::sql("select h.id from people_holding h join people_position s on s.id = h.position_id where h.member_id = 'minh' and s.role = 'committee_lead'")
                .one(site.db.read()).await.unwrap();
            let ending = format!("/units/committee/positions/{}/ending", row.0);
            let end = [("on", "23/11/2026"), ("reason", "Thôi")];
            thu.post(&ending, &end).await.expects(303);
            thu.post(&ending, &end).await.expects(303);
            let waiting = "select count(*) from approvals_approval where state = 'waiting'";
            assert_eq!(app.count(waiting).await, 1, "pressed twice it waits once");
            let other = [("on", "23/11/2026"), ("reason", "Lý do khác")];
            thu.post(&ending, &other).await.expects(409);
            let open = "select count(*) from people_holding where member_id = 'minh' and to_on > '2026-11-23'";
            assert!(app.count(open).await > 1, "it waits for Minh");
            // So what is wide still waits for him.
            let editor = [("title", "Biên tập"), ("role", "content_editor"), ("member", "hoa")];
            thu.post(path, &with(&editor)).await.expects(303);
            assert_eq!(app.count("select count(*) from people_grant where role = 'content_editor' and member_id = 'hoa'").await, 0);
            let minh = crate::actor::load(site, &"minh".parse().unwrap()).await.unwrap();
            let waiting = list_open(site, &minh).await.unwrap();
            let one = waiting.iter().find(|one| one.kind == "position.end").unwrap();
            decide(site, "test", &minh, &one.id, &one.payload_hash, Decision::Approved, "").await.unwrap();
            assert_eq!(app.count("select count(*) from audit_event where action = 'position.end' and actor_id = 'minh' and about_member_id = 'minh'").await, 1);
            assert_eq!(app.count("select count(*) from people_grant where member_id = 'minh' and role = 'committee_lead' and to_on > '2026-11-23'").await, 0);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn attack_second_account_a_right_for_whom_the_giver_added_waits() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                let new = [
                    ("name", "Ngô Văn Mới"),
                    ("status", "full"),
                    ("from_on", "23/11/2026"),
                ];
                let to = thu
                    .post("/units/cell-a/members/new", &new)
                    .await
                    .expects(303)
                    .location();
                let member = to.rsplit('/').next().unwrap().to_owned();
                let second = [
                    ("title", "Bí thư đảng ủy"),
                    ("role", "committee_lead"),
                    ("member", "minh"),
                ];
                thu.post("/units/committee/positions/new", &with(&second))
                    .await
                    .expects(303);
                let changes = [("member", member.as_str())];
                thu.post("/units/cell-a/positions/new", &with(&changes))
                    .await
                    .expects(303);
                let given = "select count(*) from people_grant where role = 'cell_lead'";
                assert_eq!(app.count(given).await, 1, "that of Lan alone");
                assert_eq!(
                    app.count("select count(*) from approvals_approval").await,
                    1
                );
                thu.post("/units/cell-a/positions/new", POST)
                    .await
                    .expects(303);
                assert_eq!(app.count(given).await, 2, "Hoa was there before");
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nobody_agrees_to_their_own_post_and_a_giver_without_right_gives_nothing() {
        use approvals::Decision;
        use site::four_eyes::{decide, list_open};
        on_both(|| vec![crate::room()], async |app| {
            let site = &app.site;
            let path = "/units/committee/positions/new";
            let thu = app.as_(THU);
            let actor = async |who: &str| crate::actor::load(site, &who.parse().unwrap()).await.unwrap();
            for member in ["minh", "lan"] {
                // The second waits for the first of them.
                let lead = [("title", "Bí thư đảng ủy"), ("role", "committee_lead"), ("member", member), ("beside", "beside")];
                thu.post(path, &with(&lead)).await.expects(303);
            }
            let minh = actor("minh").await;
            let open = list_open(site, &minh).await.unwrap();
            decide(site, "test", &minh, &open[0].id, &open[0].payload_hash, Decision::Approved, "").await.unwrap();
            // Minh's own: Minh may not, Lan may; but Thu has lost her post meanwhile.
            let editor = [EDITOR[0], EDITOR[1], ("member", "minh")];
            thu.post(path, &with(&editor)).await.expects(303);
            let (minh, lan) = (actor("minh").await, actor("lan").await);
            let open = list_open(site, &minh).await.unwrap();
            let (id, hash) = (&open[0].id, open[0].payload_hash.as_str());
            let own = decide(site, "test", &minh, id, hash, Decision::Approved, "").await;
            assert!(matches!(own, Err(kernel::Error::Refused(why)) if why.key == "approvals-refused-about"));
            let mut act = app.act().await;
            crate::store::end_holding(&mut act, "h-thu-0", app.today(), "Nghỉ").await.unwrap();
            act.end().await.unwrap();
            let late = decide(site, "test", &lan, id, hash, Decision::Approved, "").await;
            assert!(matches!(late, Err(kernel::Error::Refused(why)) if why.key == "people-giving-refused-giver"));
            assert_eq!(app.count("select count(*) from people_grant where role = 'content_editor' and member_id = 'minh'").await, 0);
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
