//! Adding a person to a unit by hand: whoever may draft its records. Many at once is `import`.
//!
//! A card or citizen number that another member has is refused, naming them, to somebody who may see
//! them. To anybody else nothing is said: the number is written apart, and the log and `sotay check` know.
//! Where somebody beside the writer may agree, the person waits for them (`admitting`).

use super::form::{self, Typed};
use super::sent::{NUMBER, line};
use crate::access::CanDraft;
use crate::fact::Status;
use crate::members::admitting::{self, Added, Apart, Newcomer};
use crate::members::outside::Arrival;
use crate::page::{Choice, second, unit_id, whole_day};
use crate::sight::{self, UnitSight};
use crate::store;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use kernel::error::{Error, Result};
use kernel::{MemberId, UnitRef};
use site::sent::{self, Sent};
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(Template)]
#[template(path = "people/member_new.html")]
struct Page {
    frame: Frame,
    form: FormState,
    sight: UnitSight,
    statuses: Vec<Choice>,
    sexes: Vec<Choice>,
    shows_identity: bool,
    /// Who agrees first, in one line; empty: it is done at once.
    seconds: String,
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<UnitSight> {
    let sight = sight::of_unit(site, &who.actor, &unit_id(id)?).await?;
    if sight.may_draft {
        Ok(sight)
    } else {
        Err(Error::NotFound)
    }
}

fn draw(frame: &Frame, sight: UnitSight, form: FormState, seconds: String) -> Answer<Response> {
    let page = Page {
        statuses: form::statuses(frame, None),
        sexes: form::sexes(frame),
        frame: frame.clone(),
        form,
        sight,
        shows_identity: true,
        seconds,
    };
    frame.html_status(page.form.status(), &page)
}

/// What a list that could not be read says of somebody; numbers and dates never stand in an address.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Known {
    name: String,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(known): Query<Known>,
) -> Answer {
    let sight = may(&site, &who, &id).await?;
    let form = FormState::new()
        .with("name", known.name)
        .with("status", Status::default().word())
        .with("from_on", frame.today().vn())
        .with("once", site.dice.uuid(site.clock.now()));
    let seconds = seconds(&site, &frame, &who, &sight).await?;
    draw(&frame, sight, form, seconds)
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let sight = may(&site, &who, &id).await?;
    let unit = sight.unit.reference();
    let today = frame.today();
    let mut state = FormState::typed(form.pairs);
    let new = form::read(&frame, &form.value, &mut state, None);
    form::ask_age(&site, (&form.value, &mut state), (None, &new)).await?;
    let from_on = whole_day(&form.value.from_on, today);
    if !from_on.is_some_and(|day| day <= today && day >= sight.unit.founded_on) {
        state.fail(
            "from_on",
            frame.t1(
                "people-form-from-odd",
                "founded",
                &sight.unit.founded_on.vn(),
            ),
        );
    }
    let arrival = arrival(&frame, &who, &form.value, &mut state);
    // What the form carries names its sending and never the person: nobody chooses an id.
    let once = Some(form.value.once.as_str()).filter(|once| kernel::id::is_made(once));
    let by = who.actor.member.as_str();
    let once = once.map(|once| site.keys.id_of_form("people_member", by, once));
    let once: Option<MemberId> = once.and_then(|id| id.parse().ok()); // always an id
    let is_taken = match &once {
        Some(once) => sent::find(&site, once.as_str(), "").await? != Sent::New,
        None => false,
    };
    // A form that was taken has an answer of its own.
    let is_asked = state.is_good() && form.value.sure != "other" && !is_taken;
    if is_asked {
        // Only of this unit, whose list lies before the writer: nothing is said of people elsewhere.
        let own = (today, once.as_ref().map_or("", MemberId::as_str));
        let typed = (new.name.as_str(), new.birth_on.as_str());
        let same = crate::members::store::find_same_here(&site.db, &unit.id, typed, own).await?;
        if let Some(same) = same {
            let name = crate::member::name(&site, &same).await?;
            state.fail("sure", frame.t1("people-member-new-same", "name", &name));
        }
    }
    let (Some(from_on), true) = (from_on, state.is_good()) else {
        let seconds = seconds(&site, &frame, &who, &sight).await?;
        return draw(&frame, sight, state, seconds);
    };

    let new = Newcomer {
        unit: unit.id.clone(),
        record: new,
        from_on,
        decision_no: form.value.decision_no.trim().to_owned(),
        arrival,
    };
    let seconds = seconds(&site, &frame, &who, &sight).await?;
    if !seconds.is_empty() {
        if !ask(
            &site,
            &frame,
            &who,
            &sight,
            (&new, once.as_ref()),
            &mut state,
        )
        .await?
        {
            return draw(&frame, sight, state, seconds);
        }
        return Ok(see_other(format!("/units/{}", unit.id))
            .flash("people-member-new-waits")
            .arg("names", &seconds)
            .into_response());
    }
    let mut apart = Apart::default();
    loop {
        let added = add(&site, &frame, &who, &unit, once.as_ref(), &new, apart).await;
        let error = match added {
            Ok(Added::Other(member)) => {
                let once = site.dice.uuid(site.clock.now());
                state.sent_before(&format!("/members/{member}"), &once);
                return draw(&frame, sight, state, seconds);
            }
            Ok(Added::New(member) | Added::Before(member)) => {
                return Ok(see_other(format!("/members/{member}"))
                    .flash("people-member-new-done")
                    .into_response());
            }
            Err(error) => error,
        };
        if !taken(
            &site,
            &frame,
            &who,
            error,
            &form.value,
            &mut state,
            &mut apart,
        )
        .await?
        {
            return draw(&frame, sight, state, seconds);
        }
    }
}

/// From which other house somebody comes, and by which paper; nothing typed: from none.
fn arrival(frame: &Frame, who: &Member, typed: &Typed, state: &mut FormState) -> Option<Arrival> {
    let (body, letter_no) = (line(&typed.came_from), line(&typed.came_no));
    if body.is_empty() && letter_no.is_empty() && typed.came_on.trim().is_empty() {
        return None;
    }
    state.fit("came_from", 200);
    state.fit("came_no", NUMBER);
    if body.is_empty() {
        state.fail("came_from", "people-outside-from-missing");
    }
    if letter_no.is_empty() {
        state.fail("came_no", "people-outside-paper-missing");
    }
    let today = frame.today();
    let letter_on = whole_day(&typed.came_on, today).filter(|day| *day <= today);
    if letter_on.is_none() {
        state.fail("came_on", "people-outside-paper-on-odd");
    }
    Some(Arrival {
        body,
        letter_no,
        letter_on: letter_on?,
        by: who.actor.member.clone(),
    })
}

/// Who has to agree, in one line.
async fn seconds(site: &Site, frame: &Frame, who: &Member, sight: &UnitSight) -> Result<String> {
    let path = sight.unit.reference().path;
    let names = admitting::waits_for(site, &path, &who.actor.member, &[]).await?;
    Ok(second(frame, &names))
}

/// Adds the member in an act of its own; when it fails nothing of it is kept.
async fn add(
    site: &Site,
    frame: &Frame,
    who: &Member,
    unit: &UnitRef,
    once: Option<&MemberId>,
    new: &Newcomer,
    apart: Apart,
) -> Result<Added> {
    let proof = CanDraft::of(&who.actor, unit, frame.today())?;
    let mut act = proof.begin(site, frame, "member.add").await?;
    let added = admitting::add_once(&mut act, once, new, apart).await?;
    let Added::New(member) = &added else {
        act.leave().await?;
        return Ok(added);
    };
    act.line().about(member).object("member", member);
    act.end().await?;
    Ok(added)
}

/// Keeps the person for whoever agrees; `false` with the trouble beside its field. The same form again keeps nobody
/// twice, neither while the first one waits nor after it was decided.
async fn ask(
    site: &Site,
    frame: &Frame,
    who: &Member,
    sight: &UnitSight,
    (new, once): (&Newcomer, Option<&MemberId>),
    state: &mut FormState,
) -> Result<bool> {
    let is_waiting = admitting::is_waiting(site, new).await?;
    let content = new.content()?;
    let known = match once {
        Some(once) => sent::find(site, once.as_str(), &content).await?,
        None => Sent::New,
    };
    match &known {
        Sent::Same(_) if is_waiting => return Ok(true),
        Sent::Same(_) | Sent::Other(_) => {
            let again = site.dice.uuid(site.clock.now());
            let to = match &known {
                Sent::Same(thing) | Sent::Other(thing) if !thing.is_empty() => {
                    format!("/members/{thing}")
                }
                _ => format!("/units/{}", sight.unit.id),
            };
            state.sent_before(&to, &again);
            return Ok(false);
        }
        Sent::New => {}
    }
    if is_waiting {
        state.fail("name", "people-member-new-waits-already");
    }
    let holders = [
        ("card", store::find_by_card(site, &new.record.card).await?),
        (
            "citizen",
            store::find_by_citizen(site, &new.record.citizen).await?,
        ),
    ];
    for (field, holder) in holders {
        if let Some(holder) = holder {
            tell_taken(site, frame, who, field, &holder, state).await?;
        }
    }
    if !state.is_good() {
        return Ok(false);
    }
    let unit = sight.unit.reference();
    let title = frame.t2(
        "people-admitting-line",
        "name",
        &new.record.name,
        "unit",
        &sight.unit.name,
    );
    let proof = CanDraft::of(&who.actor, &unit, frame.today())?;
    let mut act = proof.begin(site, frame, "member.prepare").await?;
    admitting::prepare(&mut act, new, title).await?;
    if let Some(once) = once
        && sent::note(&mut act, once.as_str(), &content, "").await? != Sent::New
    {
        act.leave().await?;
        return Ok(true);
    }
    act.line().diff(&serde_json::json!({
        "status": new.record.status.word(), "from_on": new.from_on,
    }));
    act.end().await?;
    Ok(true)
}

/// Turns "this number is taken" into a sentence beside the field when its holder is within reach. Else the
/// number is to be written apart, and the answer is true: try once more. Any other error goes on.
pub(crate) async fn taken(
    site: &Site,
    frame: &Frame,
    who: &Member,
    error: Error,
    typed: &Typed,
    state: &mut FormState,
    apart: &mut Apart,
) -> Result<bool> {
    let by_card = db::broke(&error, "people_member_card_mac");
    if !by_card && !db::broke(&error, "people_member_citizen_mac") {
        return Err(error);
    }
    let (field, other) = if by_card {
        ("card", store::find_by_card(site, &typed.card).await?)
    } else {
        (
            "citizen",
            store::find_by_citizen(site, &typed.citizen).await?,
        )
    };
    let Some(other) = other else {
        return Err(error); // gone since: a second try takes it
    };
    if tell_taken(site, frame, who, field, &other, state).await? {
        return Ok(false);
    }
    let before = match field {
        "card" => std::mem::replace(&mut apart.card, true),
        _ => std::mem::replace(&mut apart.citizen, true),
    };
    if before { Err(error) } else { Ok(true) }
}

/// Names the holder of a number beside its field, when the writer may see them.
async fn tell_taken(
    site: &Site,
    frame: &Frame,
    who: &Member,
    field: &'static str,
    holder: &MemberId,
    state: &mut FormState,
) -> Result<bool> {
    if sight::of_member(site, &who.actor, holder).await.is_err() {
        return Ok(false);
    }
    let name = crate::member::name(site, holder).await?;
    state.fail(
        field,
        frame.t1("people-form-number-taken-by", "name", &name),
    );
    Ok(true)
}

#[cfg(test)]
mod tests {
    use crate::members::admitting::agrees;
    use testkit::{HOA, LAN, THU, TUAN, on_both};

    const MAI: &[(&str, &str)] = &[
        ("name", "  Trịnh   Thị Mai "),
        ("sex", "female"),
        ("birth_on", "5/1960"),
        ("status", "full"),
        ("ceremony_on", "1985"),
        ("from_on", "01/11/2026"),
        ("card", "0123 4567 8901"),
        ("phone", "+84 901 234 567"),
    ];

    #[tokio::test(flavor = "multi_thread")]
    async fn a_secretary_adds_a_member_and_the_ledger_and_the_log_know() {
        on_both(|| vec![crate::room()], async |app| {
            let lan = app.as_(LAN);
            lan.get("/units/cell-a/members/new").await.expects(200);
            let form = lan.get("/units/cell-a/members/new").await.expects(200);
            assert!(form.text("#second").contains("Phạm Minh Thu"));
            let to = lan.post("/units/cell-a/members/new", MAI).await.expects(303).location();
            assert_eq!(to, "/units/cell-a");
            let again = lan.post("/units/cell-a/members/new", MAI).await.expects(422);
            assert!(again.has("#e-name"), "it waits once");
            assert_eq!(app.count("select count(*) from people_member").await, 6);
            let waits = "select count(*) from approvals_approval where kind = 'member.admit' and payload_json not like '%4567%' and payload_json not like '%Mai%'";
            assert_eq!(app.count(waits).await, 1, "sealed while it waits");
            assert_eq!(agrees(&app, "lan").await, 0, "not her own");
            assert_eq!(agrees(&app, "thu").await, 1);
            let to = lan.get("/units/cell-a").await.attributes(".roster tbody th a", "href").remove(2);
            let page = lan.get(&to).await.expects(200);
            assert_eq!(page.text("h1"), "Trịnh Thị Mai");
            assert!(page.body().contains("5/1960"), "a month stays a month");
            assert!(page.body().contains("0901234567"));
            assert!(!page.body().contains("4567 8901"));
            let names = lan.get("/units/cell-a").await.all(".roster tbody th");
            assert_eq!(names, ["Lương Thị Hoa", "Nguyễn Thị Lan", "Trịnh Thị Mai", "Trần Văn Minh"]);
            assert_eq!(app.count("select count(*) from people_member_event where kind = 'member_added'").await, 1);
            assert_eq!(app.count("select count(*) from people_member_event where kind = 'placement_opened'").await, 1);
            assert_eq!(app.count("select count(*) from audit_event where action = 'member.add' and actor_id = 'thu' and grant_id <> ''").await, 1);
            assert_eq!(app.count("select count(*) from audit_event where action = 'member.prepare' and actor_id = 'lan'").await, 1);
            assert_eq!(app.count("select count(*) from people_member where card_sealed like '%8901%' or phone_sealed like '%234567%'").await, 0);
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_same_name_and_day_of_birth_in_one_unit_is_asked_about_and_elsewhere_nothing_is_said()
     {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.is_called(HOA, "Đinh Thị Trùng", "1970-02-03").await;
                let again = [
                    ("name", "đinh thị trùng"),
                    ("sex", "female"),
                    ("birth_on", "03/02/1970"),
                    ("status", "full"),
                    ("ceremony_on", "1995"),
                    ("from_on", "01/11/2026"),
                ];
                let waits = "select count(*) from approvals_approval where kind = 'member.admit'";
                let path = "/units/cell-a/members/new";
                let page = app.as_(LAN).post(path, &again).await.expects(422);
                assert!(page.text("#e-sure").contains("Ở đây đã có Đinh Thị Trùng"));
                assert_eq!(app.count(waits).await, 0);
                let sure = [&again[..], &[("sure", "other")]].concat();
                app.as_(LAN).post(path, &sure).await.expects(303);
                assert_eq!(app.count(waits).await, 1);
                // In another unit nobody hears of her.
                app.as_(THU)
                    .post("/units/cell-b/members/new", &again)
                    .await
                    .expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_card_number_belongs_to_one_member_who_is_named_only_when_visible() {
        on_both(|| vec![crate::room()], async |app| {
            app.as_(LAN).post("/units/cell-a/members/new", MAI).await.expects(303);
            agrees(&app, "thu").await;
            let mut second = MAI.to_vec();
            second[0].1 = "Trịnh Thị Mơ";
            let page = app.as_(LAN).post("/units/cell-a/members/new", &second).await.expects(422);
            assert!(page.text("#e-card").contains("Trịnh Thị Mai"));
            assert_eq!(page.attributes("#f-name", "value"), ["Trịnh Thị Mơ"], "what was typed stays");
            assert_eq!(app.count("select count(*) from people_member where name_fold = 'trinh thi mo'").await, 0);
            // Thu's right reaches only the committee; a stranger to the person hears no name.
            let mut act = app.act().await;
            db::sql("update people_placement set unit_id = 'cell-e' where start_reason = '' and member_id in (select id from people_member where card_mac <> '')").run(act.on()).await.unwrap();
            act.end().await.unwrap();
            // She is answered as if nobody had it; the log and the check know.
            app.as_(THU).post("/units/cell-b/members/new", &second).await.expects(303);
            let unmatched = "select count(*) from people_member where name_fold = 'trinh thi mo' \
                and card_sealed <> '' and card_mac = ''";
            assert_eq!(app.count(unmatched).await, 1);
            let told = "select count(*) from audit_event where action = 'member.number_elsewhere'";
            assert_eq!(app.count(told).await, 1);
            let found = crate::check(&app.site).await.unwrap();
            assert!(found.iter().any(|alarm| alarm.found == "Trịnh Thị Mơ"), "{found:?}");
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn trouble_keeps_what_was_typed_and_others_find_no_form() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let odd = [
                    ("name", "7"),
                    ("birth_on", "31/02/1960"),
                    ("status", "left"),
                    ("from_on", "hôm nào đó"),
                    ("phone", "12"),
                    ("email", "x"),
                ];
                let page = app
                    .as_(LAN)
                    .post("/units/cell-a/members/new", &odd)
                    .await
                    .expects(422);
                for field in ["name", "birth_on", "status", "from_on", "phone", "email"] {
                    assert!(page.has(&format!("#e-{field}")), "{field}");
                }
                assert_eq!(page.attributes("#f-birth_on", "value"), ["31/02/1960"]);
                let early = [
                    ("name", "Lương Thị Hoa"),
                    ("birth_on", "19/5/1026"),
                    ("ceremony_on", "1929"),
                    ("full_from_on", "3/2/1930"),
                ];
                let page = app
                    .as_(LAN)
                    .post("/units/cell-a/members/new", &early)
                    .await
                    .expects(422);
                assert!(page.text("#e-birth_on").contains("1900"));
                assert!(page.text("#e-ceremony_on").contains("1930"));
                assert!(!page.has("#e-full_from_on"));
                for (who, unit) in [(HOA, "cell-a"), (TUAN, "cell-a"), (LAN, "cell-b")] {
                    app.as_(who)
                        .get(&format!("/units/{unit}/members/new"))
                        .await
                        .expects(404);
                    app.as_(who)
                        .post(&format!("/units/{unit}/members/new"), MAI)
                        .await
                        .expects(404);
                }
                app.as_(LAN)
                    .post_forged("/units/cell-a/members/new", MAI)
                    .await
                    .expects(403);
                app.stranger()
                    .get("/units/cell-a/members/new")
                    .await
                    .expects(303);
                assert_eq!(app.count("select count(*) from people_member").await, 6);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn where_nobody_else_approves_the_person_is_added_at_once() {
        on_both(|| vec![crate::room()], async |app| {
            let form = app.as_(THU).get("/units/cell-b/members/new").await.expects(200);
            assert!(!form.has("#second"), "she is the only one who could");
            app.as_(THU).post("/units/cell-b/members/new", MAI).await.expects(303);
            assert_eq!(app.count("select count(*) from people_member").await, 7);
            assert_eq!(app.count("select count(*) from audit_event where action = 'member.add' and actor_id = 'thu'").await, 1);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_form_that_is_sent_twice_adds_one_person() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let path = "/units/cell-b/members/new";
                let thu = app.as_(THU);
                let form = thu.get(path).await.expects(200);
                let once = form.attributes("input[name=once]", "value").remove(0);
                let mut fields = MAI.to_vec();
                fields.push(("once", &once));
                let (one, two) = tokio::join!(thu.post(path, &fields), thu.post(path, &fields));
                let at = one.expects(303).location();
                assert_ne!(at, format!("/members/{once}"), "no form names an id");
                assert_eq!(two.expects(303).location(), at);
                assert_eq!(app.count("select count(*) from people_member").await, 7);
                assert_eq!(
                    app.count("select count(*) from audit_event where action = 'member.add'")
                        .await,
                    1
                );
                // A secretary elsewhere who sends the same form makes somebody of her own, under another id.
                let same = [
                    ("name", "Trịnh Thị Mây"),
                    ("status", "full"),
                    ("from_on", "01/11/2026"),
                    ("once", &once),
                ];
                let lan = app.as_(LAN);
                lan.post("/units/cell-a/members/new", &same)
                    .await
                    .expects(303);
                agrees(&app, "thu").await;
                let chosen = app.site.keys.id_of_form("people_member", "lan", &once);
                assert_ne!(format!("/members/{chosen}"), at);
                let count = format!("select count(*) from people_member where id = '{once}'");
                assert_eq!(
                    app.count(count.leak()).await,
                    0,
                    "nobody has the id that the form named"
                );
                // A form of another person is another person, and an address is no id.
                let mut other = fields.clone();
                other[0].1 = "Trịnh Thị Mơ";
                other.retain(|(name, _)| !matches!(*name, "card" | "citizen"));
                // She has the day of birth of the one before: a person's word says that they are two.
                other.push(("sure", "other"));
                let third = thu.post(path, &other).await.expects(303).location();
                assert!(third.starts_with("/members/") && third != at, "{third}");
                let mut odd = other.clone();
                odd.retain(|(name, _)| *name != "once");
                odd.push(("once", "new"));
                let fourth = thu.post(path, &odd).await.expects(303).location();
                assert_ne!(fourth, "/members/new");
                assert_eq!(crate::check(&app.site).await.unwrap(), []);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_form_with_somebody_else_of_the_same_name_in_it_is_asked_about_and_never_lost() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let path = "/units/cell-b/members/new";
                let thu = app.as_(THU);
                let drawn = thu.get(path).await;
                let once = drawn.attributes("input[name=once]", "value").remove(0);
                let with = |birth: &'static str, phone: &'static str| {
                    [
                        ("name", "Trịnh Thị Mây"),
                        ("birth_on", birth),
                        ("phone", phone),
                        ("status", "full"),
                        ("from_on", "01/11/2026"),
                    ]
                };
                let sends = async |fields: &[(&'static str, &'static str)], once: &str| {
                    let mut fields: Vec<(&str, &str)> = fields.to_vec();
                    fields.push(("once", once));
                    thu.post(path, &fields).await
                };
                let first = with("5/1960", "");
                let at = sends(&first, &once).await.expects(303).location();
                for other in [with("7/1971", ""), with("5/1960", "0901 234 567")] {
                    let asked = sends(&other, &once).await.expects(422);
                    assert_eq!(asked.attributes("#errors a", "href"), [at.as_str()]);
                    assert_eq!(app.count("select count(*) from people_member").await, 7);
                }
                assert_eq!(sends(&first, &once).await.expects(303).location(), at);
                let asked = sends(&with("7/1971", ""), &once).await.expects(422);
                let again = asked.attributes("input[name=once]", "value").remove(0);
                let second = sends(&with("7/1971", ""), &again)
                    .await
                    .expects(303)
                    .location();
                assert_ne!(second, at);
                assert_eq!(app.count("select count(*) from people_member").await, 8);
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_form_that_was_agreed_to_and_is_sent_again_makes_nobody_twice() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let path = "/units/cell-a/members/new";
                let lan = app.as_(LAN);
                let drawn = lan.get(path).await;
                let once = drawn.attributes("input[name=once]", "value").remove(0);
                let fields = [
                    ("name", "Trịnh Thị Mây"),
                    ("status", "full"),
                    ("from_on", "01/11/2026"),
                    ("once", once.as_str()),
                ];
                lan.post(path, &fields).await.expects(303);
                lan.post(path, &fields).await.expects(303);
                let waiting = "select count(*) from approvals_approval where state = 'waiting'";
                assert_eq!(app.count(waiting).await, 1, "the same form waits once");
                assert_eq!(agrees(&app, "thu").await, 1);
                let asked = lan.post(path, &fields).await.expects(422);
                assert_ne!(
                    asked.attributes("input[name=once]", "value"),
                    [once.as_str()]
                );
                assert_eq!(app.count(waiting).await, 0);
                assert_eq!(app.count("select count(*) from people_member").await, 7);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_changed_meanwhile_is_told_at_the_approval() {
        on_both(|| vec![crate::room()], async |app| {
            use site::four_eyes::{decide, list_open};
            let site = &app.site;
            // A number that the secretary cannot see in use is written apart, also by approval.
            app.as_(THU).post("/units/cell-b/members/new", MAI).await.expects(303);
            let mut second = MAI.to_vec();
            second[0].1 = "Trịnh Thị Mơ";
            app.as_(LAN).post("/units/cell-a/members/new", &second).await.expects(303);
            assert_eq!(agrees(&app, "thu").await, 1);
            assert_eq!(app.count("select count(*) from people_member where name_fold = 'trinh thi mo' and card_mac = ''").await, 1);
            // The unit was changed: stale, back to the form.
            second[0].1 = "Trịnh Thị Mận";
            app.as_(LAN).post("/units/cell-a/members/new", &second).await.expects(303);
            app.sets("update people_unit set row_version = row_version + 1 where id = 'cell-a'").await;
            let thu = crate::actor::load(site, &"thu".parse().unwrap()).await.unwrap();
            let open = list_open(site, &thu).await.unwrap();
            let late = decide(site, "test", &thu, &open[0].id, &open[0].payload_hash, approvals::Decision::Approved, "").await;
            assert!(matches!(late, Err(kernel::Error::Refused(why)) if why.key == "approvals-refused-stale"));
            assert_eq!(app.count("select count(*) from approvals_approval where state = 'stale'").await, 1);
            assert_eq!(app.count("select count(*) from people_member where name_fold = 'trinh thi man'").await, 0);
        })
        .await;
    }
}
