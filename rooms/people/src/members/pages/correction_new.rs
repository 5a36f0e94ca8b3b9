//! A member says what is wrong in the own record, and takes it back. The answer is drawn on "Tôi" (`me`).
//!
//! Sent twice it is there once; said anew of the same place, what was said before is taken back. Not here:
//! answering (`correction_answer`).

use super::form;
use crate::access::Own;
use crate::members::correction::{self, Field, Reached, State};
use crate::members::restating;
use crate::members::store::correction::{self as store, Added};
use crate::page::{Choice, either};
use askama::Template;
use axum::extract::{Path, Query, State as Held};
use axum::response::IntoResponse as _;
use site::{Looked, May as _, Site};
use vietnamese::{DateTrouble, PartialDate};
use web::{Answer, FieldTrouble, Form, FormState, Frame, Member, Nothing, see_other};

#[derive(Template)]
#[template(path = "people/correction_new.html")]
struct Page {
    frame: Frame,
    form: FormState,
    fields: Vec<Choice>,
    /// Nobody would read it, and whom to ring up; the form is drawn only to keep what was typed.
    nobody: Option<String>,
    /// Nobody would read what belongs to signing in, and whom to ring up for that.
    no_identity: Option<String>,
}

/// Whom it would reach, and for places that it would not, whom to ring up.
pub(super) struct Way {
    reached: Reached,
    call: Vec<String>,
}

impl Way {
    pub(super) async fn of(site: &Site, who: &Member) -> kernel::Result<Way> {
        let me = &who.actor.member;
        let reached = correction::reached(site, me).await?;
        let call = match reached.plain.is_empty() || reached.identity.is_empty() {
            true => correction::ring_up(site, me, &reached).await?,
            false => Vec::new(),
        };
        Ok(Way { reached, call })
    }
    fn is_for(&self, field: Field) -> bool {
        !self.reached.of(field).is_empty()
    }
    /// What is said of an open one of this place.
    pub(super) fn waits_for(&self, frame: &Frame, field: Field) -> String {
        let call = (
            "people-correction-state-unreached",
            "people-correction-state-unreached-office",
        );
        match self.reached.of(field) {
            [] => self.ring(frame, call),
            names => frame.t1(
                "people-correction-state-reaches",
                "names",
                &either(frame, names),
            ),
        }
    }
    /// Nobody reads any of it.
    fn nobody(&self, frame: &Frame) -> Option<String> {
        let call = (
            "people-correction-nobody-call",
            "people-correction-nobody-office",
        );
        self.reached
            .plain
            .is_empty()
            .then(|| self.ring(frame, call))
    }
    /// Somebody reads the rest, and nobody what belongs to signing in.
    fn no_identity(&self, frame: &Frame) -> Option<String> {
        let is_so = self.reached.identity.is_empty() && !self.reached.plain.is_empty();
        let call = (
            "people-correction-identity-call",
            "people-correction-identity-office",
        );
        is_so.then(|| self.ring(frame, call))
    }
    fn ring(&self, frame: &Frame, (call, office): (&str, &str)) -> String {
        match self.call.is_empty() {
            true => frame.t1(office, "org", &frame.org().name),
            false => frame.t1(call, "names", &either(frame, &self.call)),
        }
    }
}

fn draw(frame: &Frame, form: FormState, way: &Way) -> Answer {
    let mut fields: Vec<Choice> = vec![(String::new(), frame.t("people-correction-field-choose"))];
    fields
        .extend((Field::ALL.iter()).map(|field| (field.word().to_owned(), frame.t(field.text()))));
    let page = Page {
        frame: frame.clone(),
        form,
        fields,
        nobody: way.nobody(frame),
        no_identity: way.no_identity(frame),
    };
    frame.html_status(page.form.status(), &page)
}

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    field: String,
}

pub(crate) async fn get(
    Held(site): Held<Site>,
    frame: Frame,
    who: Member,
    Query(asked): Query<Asked>,
) -> Answer {
    let way = Way::of(&site, &who).await?;
    draw(&frame, FormState::new().with("field", asked.field), &way)
}

#[derive(serde::Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    field: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    reason: String,
    /// Ticked by whoever has checked a birth that makes them too young.
    #[serde(default)]
    sure_age: String,
}

/// What cannot be a day, and a birth by which they would be no member yet.
async fn check_day(
    site: &Site,
    frame: &Frame,
    who: &Member,
    (field, typed): (Field, &Typed),
    state: &mut FormState,
) -> kernel::Result<()> {
    if typed.value.trim().parse::<PartialDate>() == Err(DateTrouble::NotADate) {
        return Ok(()); // words, which somebody reads
    }
    let said = form::date_at(frame, state, ("value", field.word()), &typed.value);
    if !field.is_birth() || !state.is_good() || typed.sure_age == "1" {
        return Ok(());
    }
    let me = crate::store::get_person(&site.db, &who.actor.member).await?;
    if let Some(age) = crate::day::JoinAge::of(site).await?
        && age.is_young(&said, &me.status, &[], site.clock.today())
    {
        let trouble = FieldTrouble::of("people-form-young");
        let trouble = trouble.arg("least", age.least).arg("basis", age.basis);
        state.fail("sure_age", trouble);
    }
    Ok(())
}

/// Letters of a value and of a reason.
const LONGEST: usize = 300;

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) async fn post(
    Held(site): Held<Site>,
    frame: Frame,
    who: Member,
    form: Form<Typed>,
) -> Answer {
    let mut state = FormState::typed(form.pairs);
    let field = form.value.field.parse::<Field>().ok(); // the sentence says to choose one
    if field.is_none() {
        state.fail("field", "people-correction-field-missing");
    }
    let (value, reason) = (line(&form.value.value), line(&form.value.reason));
    for (name, text, missing) in [
        ("value", &value, "people-correction-value-missing"),
        ("reason", &reason, "people-correction-reason-missing"),
    ] {
        if text.is_empty() {
            state.fail(name, missing);
        } else {
            state.fit(name, LONGEST);
        }
    }
    if let Some(field) = field.filter(|field| field.is_day()) {
        check_day(&site, &frame, &who, (field, &form.value), &mut state).await?;
    }
    let way = Way::of(&site, &who).await?;
    if way.reached.plain.is_empty() {
        state.fail("field", "people-correction-nobody");
    } else if field.is_some_and(|field| !way.is_for(field)) {
        state.fail("field", "people-correction-identity-nobody");
    }
    let (Some(field), true) = (field, state.is_good()) else {
        return draw(&frame, state, &way);
    };
    let own = Own::of(&who.actor);
    let all = correction::list(&site, &Looked::own(&who.actor), &who.actor.member).await?;
    let is_said = all.iter().any(|one| {
        one.is_open() && one.field.is(field) && one.value == value && one.reason == reason
    });
    if !is_said {
        let before = all.iter().find(|one| one.is_open() && one.field.is(field));
        let mut act = own.begin(&site, &frame, "correction.ask").await?;
        if let Some(before) = before {
            restating::overtake(&mut act, &who.actor.member, &before.id).await?;
        }
        let added = store::add(&mut act, &who.actor.member, field, &value, &reason).await?;
        let id = match added {
            Added::New(id) => id,
            Added::Full | Added::Often => {
                act.leave().await?;
                let key = match added {
                    Added::Full => "people-correction-full",
                    _ => "people-correction-often",
                };
                state.fail("field", key);
                return draw(&frame, state, &way);
            }
        };
        act.line().object("correction", &id);
        act.line().about(&who.actor.member);
        act.end().await?;
    }
    Ok(see_other("/me#corrections")
        .flash("people-correction-done")
        .arg("names", &either(&frame, way.reached.of(field)))
        .into_response())
}

/// Takes one back; what was answered meanwhile stays as it is.
pub(crate) async fn post_withdrawal(
    Held(site): Held<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let own = Own::of(&who.actor);
    let all = correction::list(&site, &Looked::own(&who.actor), &who.actor.member).await?;
    if !all.iter().any(|one| one.id == id) {
        return Err(kernel::Error::NotFound.into());
    }
    let mut act = own.begin(&site, &frame, "correction.withdraw").await?;
    restating::overtake(&mut act, &who.actor.member, &id).await?;
    if store::end(&mut act, &who.actor.member, &id, State::Withdrawn, "").await? {
        act.line().object("correction", &id);
        act.line().about(&who.actor.member);
        act.end().await?;
    } else {
        act.leave().await?;
    }
    Ok(see_other("/me#corrections").into_response())
}

#[cfg(test)]
mod tests {
    use crate::members::correction;
    use axum::extract::State;
    use site::Site;
    use testkit::{BINH, Character, HOA, LAN, MINH, THU, TUAN, TestApp, on_both};
    use web::{Access, Frame, Member, Routes};

    const NEW: &str = "/me/corrections/new";

    async fn says(app: &TestApp, who: Character, field: &str, value: &str) {
        let fields = [
            ("field", field),
            ("value", value),
            ("reason", "theo giấy khai sinh"),
        ];
        let done = app.as_(who).post(NEW, &fields).await.expects(303);
        assert_eq!(done.location(), "/me#corrections");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_cannot_be_a_day_is_refused_and_a_birth_too_late_is_asked_about_in_every_form() {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.sets(
                    "insert into rules_rule (id, name, measure, value, from_on, known_from_at, document, document_on, clause, origin) \
                     values ('age', 'people.join_age_least', 'years', '18', '2025-07-01', 0, '294-QĐ/TW', '2025-05-26', '1.1', 'thử')",
                )
                .await;
                let hoa = app.as_(HOA);
                let said = |value: &'static str, sure: &'static str| {
                    [
                        ("field", "birth_on"),
                        ("value", value),
                        ("reason", "giấy khai sinh"),
                        ("sure_age", sure),
                    ]
                };
                for odd in ["31/2/1955", "5/13/1955", "1/1/2027", "19/5/1026"] {
                    let page = hoa.post(NEW, &said(odd, "")).await.expects(422);
                    assert!(page.has("#e-value"), "{odd}");
                }
                let page = hoa.post(NEW, &said("9/9/2015", "")).await.expects(422);
                let asked = page.text("#age");
                assert!(
                    asked.contains("18 tuổi") && asked.contains("1.1"),
                    "{asked}"
                );
                hoa.post(NEW, &said("9/9/2015", "1")).await.expects(303);
                // The office is asked by its own form too, and is not asked again of what was checked.
                let lan = app.as_(LAN);
                let edit = |birth: &'static str, sure: &'static str| {
                    [
                        ("row_version", "1"),
                        ("name", "Lương Thị Hoa"),
                        ("status", "full"),
                        ("birth_on", birth),
                        ("sure_age", sure),
                    ]
                };
                let page = lan.post("/members/hoa/edit", &edit("31/2/1955", "")).await;
                assert!(page.expects(422).has("#e-birth_on"));
                let page = lan.post("/members/hoa/edit", &edit("9/9/2015", "")).await;
                assert!(page.expects(422).text("#age").contains("18 tuổi"));
                let born = "select count(*) from people_member where birth_on = '2015-09-09'";
                assert_eq!(app.count(born).await, 0);
                lan.post("/members/hoa/edit", &edit("9/9/2015", "1"))
                    .await
                    .expects(303);
                assert_eq!(app.count(born).await, 1);
            },
        )
        .await;
    }

    /// Where the links of what was said lead, for somebody who looks at Hoa's record.
    async fn offered(app: &TestApp, who: Character) -> Vec<String> {
        let page = app.as_(who).get("/members/hoa").await.expects(200);
        page.attributes("#corrections a", "href")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_member_says_what_is_wrong_and_whoever_writes_that_place_corrects_it() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let form = app.as_(HOA).get(NEW).await.expects(200);
                assert!(form.has("#f-field") && form.has("#f-value") && form.has("#f-reason"));
                let bad = app.as_(HOA).post(NEW, &[("value", "1955")]).await.expects(422);
                assert!(bad.has("#e-field") && bad.has("#e-reason"));
                assert_eq!(bad.attributes("#f-value", "value"), ["1955"], "what was typed stays");
                app.as_(HOA).post_forged(NEW, &[]).await.expects(403);
                app.stranger().get(NEW).await.expects(303);

                says(&app, HOA, "birth_on", "20/5/1954").await;
                says(&app, HOA, "birth_on", "20/5/1954").await;
                let all = "select count(*) from people_correction";
                assert_eq!(app.count(all).await, 1, "sent twice it is there once");
                says(&app, HOA, "birth_on", "21/5/1954").await;
                says(&app, HOA, "phone", "0901 234 567").await;
                let open = "select count(*) from people_correction where state = 'open'";
                assert_eq!(app.count(open).await, 2, "said anew of one place it replaces");
                let plain = "select count(*) from people_correction where value_sealed like '%1954%' or reason_sealed like '%khai sinh%'";
                assert_eq!(app.count(plain).await, 0, "sealed");
                assert_eq!(app.count("select count(*) from audit_event where diff_json like '%0901%'").await, 0);

                // The secretary writes no telephone; the office does; others are told of neither.
                let (lan, thu) = (offered(&app, LAN).await, offered(&app, THU).await);
                assert_eq!((lan.len(), thu.len()), (2, 4));
                let deputy = app.as_(MINH).get("/members/hoa").await.expects(200);
                assert!(!deputy.has("#corrections"));
                for who in [TUAN, BINH] {
                    app.as_(who).get("/members/hoa").await.expects(404);
                    app.as_(who).get(&lan[1]).await.expects(404);
                }
                app.as_(MINH).get(&lan[1]).await.expects(404);
                app.as_(HOA).get(&lan[1]).await.expects(404);
                let phone = thu.iter().find(|to| to.contains("/refusal") && !lan.contains(to));
                app.as_(LAN).get(phone.unwrap()).await.expects(404);

                // The record is corrected in its own form, filled with what was said.
                let edit = app.as_(LAN).get(&lan[0]).await.expects(200);
                assert_eq!(edit.attributes("#f-birth_on", "value"), ["21/05/1954"]);
                assert!(edit.text("#said").contains("theo giấy khai sinh"));
                let id = edit.attributes("input[name=correction]", "value").remove(0);
                let version = edit.attributes("input[name=row_version]", "value").remove(0);
                let status = edit.attributes("#f-status input[checked]", "value").remove(0);
                let value = |name: &str| edit.attributes(&format!("#f-{name}"), "value").remove(0);
                let (name, since) = (value("name"), value("status_from_on"));
                let (ceremony, full) = (value("ceremony_on"), value("full_from_on"));
                let sent = [
                    ("row_version", version.as_str()),
                    ("name", &name),
                    ("status", &status),
                    ("status_from_on", &since),
                    ("ceremony_on", &ceremony),
                    ("full_from_on", &full),
                    ("birth_on", "21/5/1954"),
                    ("correction", &id),
                ];
                // Saved as it was, it is no answer.
                let mut unchanged = sent;
                let plain = app.as_(LAN).get("/members/hoa/edit").await.expects(200);
                let held = plain.attributes("#f-birth_on", "value").remove(0);
                unchanged[6].1 = &held;
                app.as_(LAN).post("/members/hoa/edit", &unchanged).await;
                assert_eq!(app.count("select count(*) from people_correction where state = 'accepted'").await, 0);
                let version = app.count("select row_version from people_member where id = 'hoa'").await.to_string();
                let mut sent = sent;
                sent[0].1 = &version;
                app.as_(LAN).post("/members/hoa/edit", &sent).await.expects(303);
                let now = "select count(*) from people_member where id = 'hoa' and birth_on = '1954-05-21'";
                assert_eq!(app.count(now).await, 1);
                let ledger = "select count(*) from people_member_event where kind = 'member_corrected'";
                assert_eq!(app.count(ledger).await, 1, "what changed nothing left no line");
                assert_eq!(app.count(open).await, 1);
                let own = app.as_(HOA).get("/me").await.expects(200);
                assert!(own.text("#corrections").contains("Đã nhận và sửa."));
                assert!(!own.body().contains("0901234567") && !own.body().contains("0901 234 567"), "numbers stand as dots");
                assert_eq!(app.count("select count(*) from notices_notice where member_id = 'hoa' and kind = 'people.correction'").await, 1);
                // Late: it was answered, so nothing of it is saved and the typed text stays.
                let late = app.as_(THU).post("/members/hoa/edit", &sent).await.expects(422);
                assert!(late.body().contains("vừa được rút lại") && !late.has("input[name=correction]"));
                app.as_(LAN).get(&lan[0]).await.expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn it_is_declined_with_a_reason_or_taken_back_and_ends_once() {
        on_both(
            || vec![crate::room()],
            async |app| {
                says(&app, HOA, "name", "Lương Thị Hòa").await;
                says(&app, HOA, "other", "Tôi là tổ trưởng tổ đảng").await;
                let links = offered(&app, LAN).await;
                let refusals: Vec<&String> = links.iter().filter(|to| to.ends_with("/refusal")).collect();
                assert_eq!((links.len(), refusals.len()), (3, 2), "what stands in no form is not led there");
                let other = app.as_(LAN).get("/members/hoa").await.attributes("#corrections form", "action").remove(0);
                let (of_other, of_name): (Vec<&String>, Vec<&String>) =
                    refusals.into_iter().partition(|to| to.starts_with(other.trim_end_matches("/acceptance")));
                let to = of_name[0];
                let bad = app.as_(LAN).post(to, &[("answer", " ")]).await.expects(422);
                assert!(bad.has("#e-answer"));
                let long = "dài ".repeat(100);
                let bad = app.as_(LAN).post(to, &[("answer", &long)]).await.expects(422);
                assert_eq!(bad.attributes("#f-answer", "value"), [long.as_str()], "what was typed stays");
                app.as_(MINH).post(to, &[("answer", "không")]).await.expects(404);
                app.as_(LAN).post_forged(to, &[("answer", "x")]).await.expects(403);
                let answer = [("answer", "Giấy gốc ghi Hoa.")];
                app.as_(LAN).post(to, &answer).await.expects(303);
                let twice = app.as_(THU).post(to, &answer).await.expects(303);
                assert_eq!(twice.location(), "/members/hoa#corrections");
                let own = app.as_(HOA).get("/me").await.expects(200);
                assert!(own.text("#corrections").contains("Giấy gốc ghi Hoa."));
                assert_eq!(app.count("select count(*) from audit_event where action = 'correction.decline' and about_member_id = 'hoa'").await, 1);

                // A place of the form is not said to be right without the form.
                let name = to.replace("/refusal", "/acceptance");
                app.as_(LAN).post(&name, &[]).await.expects(303);
                assert_eq!(app.count("select count(*) from people_correction where state = 'accepted'").await, 0);
                assert_eq!(of_other.len(), 1);
                app.as_(LAN).post(&other, &[]).await.expects(303);
                assert_eq!(app.count("select count(*) from people_correction where state = 'accepted'").await, 1);

                says(&app, HOA, "residence", "12 ngõ Giếng").await;
                let back = app.as_(HOA).get("/me").await.attributes("#corrections form", "action").remove(0);
                app.as_(LAN).post(&back, &[]).await.expects(404);
                app.as_(HOA).post(&back, &[]).await.expects(303);
                app.as_(HOA).post(&back, &[]).await.expects(303);
                assert!(!app.as_(LAN).get("/members/hoa").await.has("#corrections"));
                // Nobody answers the own: the secretary's goes to the office.
                says(&app, LAN, "name", "Vũ Thị Lan").await;
                assert!(app.as_(THU).get("/members/lan").await.expects(200).has("#corrections"));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn ten_are_open_at_most_and_thirty_are_said_in_a_day() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let said = async |field: &str, value: &str| {
                    let fields = [("field", field), ("value", value), ("reason", "giấy tờ")];
                    app.as_(HOA).post(NEW, &fields).await
                };
                let all = correction::Field::ALL;
                for field in &all[..10] {
                    said(field.word(), "một").await.expects(303);
                }
                let full = said(all[10].word(), "một").await.expects(422);
                assert!(full.text("#e-field").contains("10 chỗ chờ xem"));
                assert_eq!(
                    full.attributes("#f-value", "value"),
                    ["một"],
                    "what was typed stays"
                );
                let count = "select count(*) from people_correction";
                assert_eq!(app.count(count).await, 10);
                // What is open is said anew all the same, until it was often enough for a day.
                for nth in 0..20 {
                    said(all[0].word(), &format!("lần {nth}"))
                        .await
                        .expects(303);
                }
                let often = said(all[0].word(), "nữa").await.expects(422);
                assert!(often.text("#e-field").contains("30 lần"));
                let open = "select count(*) from people_correction where state = 'open'";
                assert_eq!((app.count(count).await, app.count(open).await), (30, 10));
                app.later(86_400_001);
                said(all[0].word(), "mai").await.expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_nobody_may_change_is_not_taken_and_who_is_asked_is_named() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let phone = [
                    ("field", "phone"),
                    ("value", "0901 234 567"),
                    ("reason", "số mới"),
                ];
                says(&app, HOA, "name", "Lương Thị Hòa").await;
                says(&app, HOA, "phone", "0901 234 568").await;
                let own = async || {
                    app.as_(HOA)
                        .get("/me")
                        .await
                        .expects(200)
                        .text("#corrections")
                };
                let both = own().await;
                assert!(
                    both.contains(&format!("Đang chờ {} xem", THU.name)),
                    "the telephone: {both}"
                );
                assert!(both.contains(LAN.name), "the name: {both}");
                let findings = async || correction::findings(&app.site).await.unwrap().len();
                assert_eq!(findings().await, 0);
                // Whoever could change the telephone leaves: what waits says so, and the operator is told.
                app.leaves_posts(THU).await;
                assert!(own().await.contains("lúc này không ai ở đây được trả lời"));
                assert_eq!(findings().await, 1);
                let form = app.as_(HOA).get(NEW).await.expects(200);
                assert!(form.has("#no-identity") && form.has("#f-value"));
                assert!(
                    form.text("#no-identity").contains(LAN.name),
                    "who keeps the records is asked"
                );
                let sent = app.as_(HOA).post(NEW, &phone).await.expects(422);
                assert!(sent.has("#e-field"));
                assert_eq!(
                    sent.attributes("#f-value", "value"),
                    ["0901 234 567"],
                    "what was typed stays"
                );
                says(&app, HOA, "residence", "12 ngõ Giếng").await;
                // The nearest who may is above all units.
                app.has_post(
                    MINH,
                    "Văn phòng",
                    kernel::Role::OrgOfficer,
                    testkit::UNIT_BLOC,
                )
                .await;
                assert!(!app.as_(HOA).get(NEW).await.expects(200).has("#no-identity"));
                assert!(own().await.contains(MINH.name));
                assert_eq!(findings().await, 0);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn where_nobody_would_read_it_the_page_says_whom_to_ring_up() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let fields = [
                    ("field", "name"),
                    ("value", "Lương Thị Hòa"),
                    ("reason", "giấy tờ"),
                ];
                for who in [HOA, LAN, TUAN] {
                    assert!(!app.as_(who).get(NEW).await.expects(200).has("#nobody"));
                }
                app.sets(
                    "update people_placement set to_on = '2026-11-23' where member_id = 'hoa'",
                )
                .await;
                let page = app.as_(HOA).get(NEW).await.expects(200);
                assert!(page.has("#nobody") && !page.has("#f-value"));
                assert!(page.text("#nobody").contains("văn phòng"));
                let sent = app.as_(HOA).post(NEW, &fields).await.expects(422);
                assert!(sent.has("#nobody") && sent.has("#e-field"));
                assert_eq!(sent.attributes("#f-value", "value"), ["Lương Thị Hòa"]);
                assert_eq!(app.count("select count(*) from people_correction").await, 0);
                // Above all units somebody keeps the records.
                app.has_post(
                    MINH,
                    "Văn phòng",
                    kernel::Role::OrgOfficer,
                    testkit::UNIT_BLOC,
                )
                .await;
                let page = app.as_(HOA).get(NEW).await.expects(200);
                assert!(page.text("#nobody").contains("Trần Văn Minh"));
                // Nobody but herself keeps the records of her unit.
                for who in [THU, MINH] {
                    app.leaves_posts(who).await;
                }
                assert!(app.as_(LAN).get(NEW).await.expects(200).has("#nobody"));
                assert!(
                    app.as_(MINH)
                        .get(NEW)
                        .await
                        .expects(200)
                        .text("main")
                        .contains("Vì sao")
                );
            },
        )
        .await;
    }

    /// The form of Hoa's record as Lan or Thu opens it from what Hoa said, with one field otherwise.
    async fn answers(app: &TestApp, who: Character, field: &str, value: &str) {
        let links = offered(app, who).await;
        let edit = app.as_(who).get(&links[0]).await.expects(200);
        let held = |name: &str| edit.attributes(name, "value").remove(0);
        let mut sent = vec![
            ("correction", held("input[name=correction]")),
            ("row_version", held("input[name=row_version]")),
            ("name", held("#f-name")),
            ("status", held("#f-status input[checked]")),
            ("birth_on", held("#f-birth_on")),
            ("status_from_on", held("#f-status_from_on")),
            ("ceremony_on", held("#f-ceremony_on")),
            ("full_from_on", held("#f-full_from_on")),
        ];
        sent.retain(|(name, _)| *name != field);
        sent.push((field, value.to_owned()));
        let sent: Vec<(&str, &str)> = sent
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        app.as_(who)
            .post("/members/hoa/edit", &sent)
            .await
            .expects(303);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_written_otherwise_than_it_was_said_is_not_called_accepted() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let own = async || app.as_(HOA).get("/me").await.expects(200).text("#corrections");
                says(&app, HOA, "birth_on", "21-5-1954").await;
                answers(&app, LAN, "birth_on", "20/5/1954").await;
                let told = own().await;
                assert!(told.contains("Đã sửa, khác với lời báo.") && told.contains("sửa thành 20/5/1954"), "{told}");
                assert!(!told.contains("Đã nhận và sửa."));
                let changed = "select count(*) from notices_notice where text_key = 'people-correction-told-changed'";
                assert_eq!(app.count(changed).await, 1);
                // A number in another grouping is the same; another number is not told in words.
                says(&app, HOA, "phone", "+84 901 234 567").await;
                answers(&app, THU, "phone", "0901.234.567").await;
                assert!(own().await.contains("Đã nhận và sửa."));
                says(&app, HOA, "phone", "0901 234 568").await;
                answers(&app, THU, "phone", "0901 234 569").await;
                assert!(own().await.contains("sửa thành số khác với lời báo"));
                assert!(!own().await.contains("234 569") && !own().await.contains("234569"));
                says(&app, HOA, "sex", "nữ").await;
                answers(&app, LAN, "sex", "female").await;
                let accepted = "select count(*) from notices_notice where text_key = 'people-correction-told-accepted'";
                assert_eq!(app.count(accepted).await, 2);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_status_is_answered_when_the_second_person_has_agreed_and_stays_open_when_not() {
        on_both(
            || vec![crate::room()],
            async |app| {
                use crate::members::admitting::agrees;
                use site::four_eyes::{decide, list_open};
                let state = async |word: &'static str| -> i64 {
                    match word {
                        "open" => app.count("select count(*) from people_correction where state = 'open'").await,
                        _ => app.count("select count(*) from people_correction where state = 'accepted'").await,
                    }
                };
                let own = async || app.as_(HOA).get("/me").await.expects(200).text("#corrections");
                says(&app, HOA, "status", "đình chỉ sinh hoạt").await;
                answers(&app, LAN, "status", "suspended").await;
                assert_eq!(state("open").await, 1, "nothing is written yet");
                let thu = crate::actor::load(&app.site, &"thu".parse().unwrap()).await.unwrap();
                let open = list_open(&app.site, &thu).await.unwrap();
                let (id, hash) = (&open[0].id, open[0].payload_hash.as_str());
                let no = approvals::Decision::Refused;
                decide(&app.site, "test", &thu, id, hash, no, "chưa có quyết định").await.unwrap();
                assert_eq!(state("open").await, 1, "it was not agreed to");
                answers(&app, LAN, "status", "suspended").await;
                assert_eq!(agrees(&app, "thu").await, 1);
                assert_eq!((state("open").await, state("accepted").await), (0, 1));
                assert!(own().await.contains("Đã nhận và sửa."));
                let log = "select count(*) from audit_event where action = 'correction.accept' and actor_id = 'thu'";
                assert_eq!(app.count(log).await, 1);

                // Another status than was said; and one that was taken back meanwhile stays taken back.
                says(&app, HOA, "status", "Chính thức").await;
                answers(&app, LAN, "status", "probationary").await;
                assert_eq!(agrees(&app, "thu").await, 1);
                assert!(own().await.contains("sửa thành Dự bị"));
                says(&app, HOA, "status", "Chính thức").await;
                answers(&app, LAN, "status", "full").await;
                // Taken back, declined or said anew, the change made from it waits no more, and Lan hears it once.
                let waiting = "select count(*) from approvals_approval where state = 'waiting'";
                let told = "select count(*) from notices_notice where member_id = 'lan' and text_key = 'approvals-told-stale'";
                let back = app.as_(HOA).get("/me").await.attributes("#corrections form", "action").remove(0);
                assert_eq!(app.count(waiting).await, 1);
                app.as_(HOA).post(&back, &[]).await.expects(303);
                app.as_(HOA).post(&back, &[]).await.expects(303);
                assert_eq!((app.count(waiting).await, app.count(told).await), (0, 1));
                assert_eq!(agrees(&app, "thu").await, 0);
                assert_eq!((state("open").await, state("accepted").await), (0, 2));
                says(&app, HOA, "status", "Chính thức").await;
                answers(&app, LAN, "status", "full").await;
                let to = offered(&app, THU).await.into_iter().find(|to| to.ends_with("/refusal")).unwrap();
                app.as_(THU).post(&to, &[("answer", "Chưa có quyết định.")]).await.expects(303);
                assert_eq!((app.count(waiting).await, app.count(told).await), (0, 2));
                says(&app, HOA, "status", "Chính thức").await;
                answers(&app, LAN, "status", "full").await;
                says(&app, HOA, "status", "dự bị từ 2026").await;
                assert_eq!((app.count(waiting).await, app.count(told).await), (0, 3));
                assert_eq!(state("open").await, 1);
            },
        )
        .await;
    }

    /// Answers where this member's tasks lead.
    async fn probe(State(site): State<Site>, frame: Frame, who: Member) -> String {
        let part = correction::part(&site, &frame, &who.0).await.unwrap();
        let to: Vec<String> = part.tasks.into_iter().map(|task| task.to).collect();
        to.join(" ")
    }
    fn rooms() -> Vec<site::Room> {
        let mut probing = site::Room::new("probing", "", "");
        probing.routes = Routes::new().get("/probe", Access::Member, probe);
        vec![crate::room(), probing]
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn today_names_who_waits_for_an_answer_only_to_who_may_give_it() {
        on_both(rooms, async |app| {
            says(&app, HOA, "phone", "0901234567").await;
            let tasks = async |who: Character| app.as_(who).get("/probe").await.expects(200).body();
            let there = "/members/hoa#corrections";
            assert_eq!(tasks(THU).await, there);
            for who in [LAN, TUAN, MINH] {
                assert_eq!(tasks(who).await, "", "a telephone is not theirs to write");
            }
            // However many stand before it that are not hers to answer.
            app.sets(
                "insert into people_member (id, name, name_key, name_fold, status) \
                 with recursive n(i) as (select 1 union all select i + 1 from n where i < 230) \
                 select 'x' || cast(i as text), 'X', 'x', 'x', 'full' from n",
            )
            .await;
            app.sets(
                "insert into people_placement (id, member_id, unit_id, kind, from_on) \
                 select 'p-' || id, id, 'cell-a', 'official', '2020-01-01' from people_member where name = 'X'",
            )
            .await;
            app.sets(
                "insert into people_correction (id, member_id, field, value_sealed, reason_sealed, made_at) \
                 select 'c-' || id, id, 'phone', '', '', 1 from people_member where name = 'X'",
            )
            .await;
            assert_eq!(tasks(LAN).await, "");
            says(&app, HOA, "name", "Lương Thị Hòa").await;
            assert_eq!(tasks(LAN).await, there);
            for who in [HOA, MINH, BINH] {
                assert_eq!(tasks(who).await, "");
            }
        })
        .await;
    }
}
