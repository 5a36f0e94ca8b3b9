//! Slips for several members of a unit: who uses an account already, who holds a slip, who neither;
//! then, for those who were chosen, one A5 page each.
//!
//! Asked on a page of its own, since every new code ends the printed one. Whoever has neither a password
//! nor a slip is chosen to begin with. Each slip is given by the same right as a single one (`access`).

use super::slip_new::{Page, Press, issue, printed_already, said, sheet};
use super::{address_trouble, outside};
use crate::access::{self, Line};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use kernel::error::Result;
use site::Site;
use site::room::Part;
use web::{Answer, Form, FormState, Frame, Member, SignedIn};

#[derive(Template)]
#[template(path = "account/unit_slips.html")]
struct Choosing {
    frame: Frame,
    form: FormState,
    unit: kernel::UnitId,
    name: String,
    lines: Vec<Line>,
    /// What is said of the address on them before they are printed; empty where it was set.
    trouble: String,
}

impl Choosing {
    fn active(&self) -> usize {
        active(&self.lines)
    }
    fn may(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.may.is_some())
    }
    fn may_not(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.may.is_none())
    }
    fn bars(&self, line: &&Line) -> Vec<String> {
        match &line.bars {
            Some(bars) => said(&self.frame, &line.person.name, bars),
            None => Vec::new(),
        }
    }
    fn state(&self, line: &&Line) -> String {
        self.frame.t(state(line))
    }
}

fn active(lines: &[Line]) -> usize {
    let used = lines.iter().filter(|line| line.person.has_password == 1);
    used.count()
}

/// The key of the words for how far somebody's account has come.
fn state(line: &Line) -> &'static str {
    match (line.person.has_password, line.person.has_slip) {
        (1, 1) => "account-slips-state-both",
        (1, _) => "account-slips-state-active",
        (_, 1) => "account-slips-state-waiting",
        _ => "account-slips-state-none",
    }
}

fn is_new(line: &Line) -> bool {
    line.person.has_password == 0 && line.person.has_slip == 0
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    headers: HeaderMap,
    Path(unit): Path<String>,
) -> Answer {
    let (unit, name, lines) = access::can_issue_unit(&site, &who, &unit).await?;
    let mut form = FormState::new();
    for line in lines.iter().filter(|line| is_new(line)) {
        form = form.with("who", line.person.id.as_str());
    }
    frame.html(&Choosing {
        frame: frame.clone(),
        form,
        unit: unit.id,
        name,
        lines,
        trouble: address_trouble(&site, &frame, &headers),
    })
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    headers: HeaderMap,
    Path(unit): Path<String>,
    form: Form<Press>,
) -> Answer {
    let (unit, name, lines) = access::can_issue_unit(&site, &who, &unit).await?;
    let mut state = FormState::typed(form.pairs);
    let is_chosen = |line: &Line| state.is("who", line.person.id.as_str());
    if !lines
        .iter()
        .any(|line| line.may.is_some() && is_chosen(line))
    {
        state.fail("who", "account-slips-nobody");
        let page = Choosing {
            frame: frame.clone(),
            unit: unit.id,
            name,
            lines,
            form: state,
            trouble: address_trouble(&site, &frame, &headers),
        };
        return frame.html_status(page.form.status(), &page);
    }
    let outside = outside(&site, &headers);
    let mut sheets = Vec::new();
    for may in lines.iter().filter(|line| is_chosen(line)) {
        let Some(may) = &may.may else { continue };
        let issued = issue(&site, &frame, may.clone(), &form.value.once).await?;
        // All were made by the same press: the first tells.
        let back = format!("/units/{}/slips", unit.id);
        let issued = issued.ok_or_else(|| printed_already(&back))?;
        sheets.push(sheet(&frame, &who, &outside, may, &issued));
    }
    frame.html(&Page {
        frame: frame.clone(),
        title: frame.t1("account-slips-title", "unit", &name),
        back: format!("/units/{}/slips", unit.id),
        trouble: address_trouble(&site, &frame, &headers),
        sheets,
    })
}

#[derive(Template)]
#[template(path = "account/_on_unit.html")]
struct Drawn {
    frame: Frame,
    unit: kernel::UnitId,
    active: usize,
    all: usize,
}

/// On the unit's page: how many of its members use the handbook, and the way to their slips.
pub(crate) async fn on_unit(
    site: Site,
    frame: Frame,
    who: std::sync::Arc<SignedIn>,
    unit: kernel::UnitRef,
) -> Result<Option<Part>> {
    let today = site.clock.today();
    if !who.actor.allow(kernel::Cap::MemberDraft, &unit, today) {
        return Ok(None);
    }
    let people = crate::store::list_people(&site.db, &unit.id, today, site.clock.now()).await?;
    if people.is_empty() {
        return Ok(None);
    }
    let drawn = Drawn {
        frame,
        unit: unit.id,
        active: people
            .iter()
            .filter(|person| person.has_password == 1)
            .count(),
        all: people.len(),
    };
    let html = drawn.render().map_err(kernel::Error::fault)?;
    Ok(Some(Part { order: 90, html }))
}

#[cfg(test)]
mod tests {
    use crate::stories::{good, with_doorman};
    use testkit::{HOA, LAN, THU, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_unit_gets_a_slip_for_everyone_without_a_password() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let lan = app.as_(LAN);
                let page = lan.get("/units/cell-a/slips").await.expects(200);
                assert_eq!(page.attributes("[name=who][checked]", "value"), ["hoa"]);
                let told = page.text("#address");
                for words in [
                    "http://localhost",
                    "chính máy này",
                    "Người vận hành",
                    "public_url",
                ] {
                    assert!(told.contains(words), "{words} is not in {told}");
                }
                let others = page.text("#others");
                assert!(
                    others.contains("Trần Văn Minh") && others.contains(LAN.name),
                    "{others}"
                );
                assert_eq!(app.count("select count(*) from account_slip").await, 0);
                lan.post("/units/cell-a/slips", &[]).await.expects(422);
                let reply = lan
                    .post("/units/cell-a/slips", &[("who", "hoa"), ("who", "minh")])
                    .await
                    .expects(200);
                assert_eq!(reply.all(".slip .who"), [HOA.name], "not her deputy");
                assert!(reply.has("#address.no-print"), "told before printing");
                let thu = app.as_(THU);
                let page = thu.get("/units/cell-a/slips").await.expects(200);
                let new = page.attributes("[name=who][checked]", "value");
                assert_eq!(new, ["lan", "minh"], "Hoa has a slip that is still good");
                let all = [
                    ("who", "hoa"),
                    ("who", "lan"),
                    ("who", "minh"),
                    ("once", "P1"),
                ];
                let reply = thu.post("/units/cell-a/slips", &all).await.expects(200);
                assert_eq!(reply.all(".slip").len(), 3);
                let good = "select count(*) from account_slip where revoked_at is null";
                assert_eq!(app.count(good).await, 3);
                let made = app.count("select count(*) from account_slip").await;
                thu.post("/units/cell-a/slips", &all).await.expects(409);
                assert_eq!(
                    app.count("select count(*) from account_slip").await,
                    made,
                    "a reload makes no new codes"
                );
                assert_eq!(app.count(good).await, 3, "and ends none");
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn slips_of_two_of_one_name_are_told_apart() {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.is_called(HOA, "Trần Văn Minh", "1987-01-02").await;
                let page = app.as_(LAN).get("/units/cell-a/slips").await;
                let text = page.expects(200).text("main");
                for name in ["Trần Văn Minh (1954)", "Trần Văn Minh (1987)"] {
                    assert!(text.contains(name), "{text}");
                }
                let lan = app.as_(LAN);
                let printed = lan.post("/members/hoa/slips", &[]).await.expects(200);
                assert_eq!(printed.all(".slip .who"), ["Trần Văn Minh (1987)"]);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_has_a_password_gets_none_and_the_cell_beside_is_not_found() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let lan = crate::stories::Phone::new(&app);
                good(&app, LAN, "lan").await;
                lan.signs_in_as("lan", &crate::stories::password_of(LAN))
                    .await
                    .expects(303);
                let page = lan.get("/units/cell-a/slips").await.expects(200);
                assert!(page.text("#others").contains(HOA.name));
                assert!(page.text("#active").contains('2'));
                lan.posts_from("/me/sessions", "/units/cell-a/slips", &[("who", "hoa")])
                    .await
                    .expects(422);
                lan.get("/units/cell-b/slips").await.expects(404);
                lan.posts_from("/me/sessions", "/units/cell-b/slips", &[("who", "tuan")])
                    .await
                    .expects(404);
                assert_eq!(app.count("select count(*) from account_slip").await, 0);
            },
        )
        .await;
    }

    /// What a kind of person may do, seen from outside: the buttons drawn, and the posts taken.
    async fn buttons_tell_the_truth(app: &testkit::TestApp, when: &str) {
        for who in testkit::ALL.iter().copied() {
            let own = app.as_(who);
            for target in testkit::ALL.iter().copied() {
                let to = format!("/members/{}/slips", target.id);
                let button = format!("form[action='{to}']");
                let on_page = own
                    .get(&format!("/members/{}", target.id))
                    .await
                    .has(&button);
                let mut on_units = Vec::new();
                for unit in ["cell-a", "cell-b", "committee"] {
                    let page = own.get(&format!("/units/{unit}")).await;
                    if page
                        .body()
                        .contains(&format!("href=\"/members/{}\"", target.id))
                        && page.has(".roster")
                    {
                        let listed = page.all(".roster th a").contains(&target.name.to_owned());
                        on_units.extend(listed.then(|| page.has(&button)));
                    }
                    let page = own.get(&format!("/units/{unit}/slips")).await;
                    let row = format!("[name=who][value='{}']", target.id);
                    // Names stand there too as those who could print instead: who is listed stands in a row of one's own.
                    let others = page.all("#others li b");
                    let is_listed = page.has(&row) || others.contains(&target.name.to_owned());
                    if page.status == 200 && is_listed {
                        on_units.push(page.has(&row));
                    }
                }
                let status = own.post(&to, &[]).await.status.as_u16();
                let case = format!("{when}: {} for {} ({status})", who.id, target.id);
                assert_eq!(on_page, status == 200, "the person's page, {case}");
                assert!(
                    on_units.iter().all(|shown| *shown == (status == 200)),
                    "the unit's pages, {case}: {on_units:?}"
                );
                assert!(
                    who.id != target.id || status != 200,
                    "never one's own, {case}"
                );
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_button_shown_is_the_post_that_is_taken() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                buttons_tell_the_truth(&app, "nobody has signed in").await;
                app.sets("update account_account set password_set_at = 1")
                    .await;
                buttons_tell_the_truth(&app, "some have").await;
                for who in testkit::ALL.iter().copied() {
                    good(&app, who, who.id).await;
                }
                buttons_tell_the_truth(&app, "all have").await;
                for (member, unit, role) in [
                    ("hoa", "cell-b", kernel::Role::CellLead),
                    ("tuan", "committee", kernel::Role::OrgOfficer),
                ] {
                    let mut act = app.act().await;
                    let (unit, member) = (unit.parse().unwrap(), member.parse().unwrap());
                    let new = people::store::NewHolding::new(
                        &unit,
                        "Chức vụ mới",
                        role,
                        10,
                        &member,
                        app.today(),
                    );
                    people::giving::give(&mut act, &new).await.unwrap();
                    act.end().await.unwrap();
                }
                buttons_tell_the_truth(&app, "two got posts").await;
            },
        )
        .await;
    }
}
