//! Correcting a person's record by hand. Never one's own, and never while only a former unit.
//! Not here: leaving, death and transfers, which are acts of their own.
//!
//! Telephone, e-mail and numbers are identity (R4): their fields are drawn and read only for
//! somebody who may change how the person signs in. An empty number field leaves the number as it is.

use super::form::{self, Typed};
use super::new::taken;
use crate::access::CanDraft;
use crate::fact::EventKind;
use crate::members::admitting::{self, Apart};
use crate::members::correction::{self, Answering, Correction, Field};
use crate::members::deciding;
use crate::members::restating::{self, Restating};
use crate::members::store::{Stands, is_changed, set_unmatched};
use crate::page::{Choice, member_id, second};
use crate::sight::{self, MemberSight};
use crate::store::{self, Event, NewMember};
use crate::{identity, member, words};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use kernel::MemberId;
use kernel::error::{Error, Refusal, Result};
use kernel::fact::Kept;
use site::four_eyes::Seconds;
use site::{Act, Level, May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(Template)]
#[template(path = "people/member_edit.html")]
struct Page {
    frame: Frame,
    form: FormState,
    id: MemberId,
    name: String,
    statuses: Vec<Choice>,
    sexes: Vec<Choice>,
    shows_identity: bool,
    /// Who agrees to another status, in one line; empty: it is done at once.
    seconds: String,
    /// What the member said is wrong, when that is being answered.
    said: Option<Said>,
}

/// What the member said, as the form shows it.
struct Said {
    id: String,
    field: String,
    value: String,
    reason: String,
}

struct May {
    id: MemberId,
    sight: MemberSight,
    identity: bool,
    record: NewMember,
    row_version: i64,
    seconds: Seconds,
    correction: Option<Correction>,
}

async fn may(site: &Site, who: &Member, id: &str, correction: &str) -> Result<May> {
    let id = member_id(id)?;
    let sight = sight::of_member(site, &who.actor, &id).await?;
    if !sight.may_draft || sight.level < sight::Level::V2 {
        return Err(Error::NotFound);
    }
    let identity = identity::may_change(site, &who.actor, &id).await?;
    let looked = site::look(site, &who.actor, std::slice::from_ref(&id), Level::V2, "").await?;
    let (record, row_version) = member::to_correct(site, &looked, &id).await?;
    let names = admitting::waits_for(site, &sight.unit.path, &who.actor.member, &[&id]).await?;
    let correction = match correction {
        "" => None,
        wanted => {
            let open = correction::list_to_answer(site, &who.actor, &looked, &id).await?;
            open.into_iter()
                .find(|one| one.id == wanted && one.is_in_form())
        }
    };
    Ok(May {
        correction,
        seconds: names,
        id,
        sight,
        identity,
        record,
        row_version,
    })
}

fn draw(frame: &Frame, may: May, form: FormState) -> Answer {
    let status = form.status();
    let page = Page {
        statuses: form::statuses(frame, Some(&may.record.status)),
        sexes: form::sexes(frame),
        frame: frame.clone(),
        form,
        id: may.id,
        name: may.record.name,
        shows_identity: may.identity,
        seconds: second(frame, &may.seconds),
        said: may.correction.map(|one| Said {
            field: one.field_words(frame),
            id: one.id,
            value: one.value,
            reason: one.reason,
        }),
    };
    frame.html_status(status, &page)
}

fn fields(record: &NewMember) -> [(&'static str, String); 14] {
    let flag = |is: bool| if is { "1".to_owned() } else { String::new() };
    [
        ("name", record.name.clone()),
        ("other_name", record.other_name.clone()),
        ("sex", record.sex.clone()),
        ("birth_on", record.birth_on.clone()),
        ("status", record.status.to_string()),
        ("status_from_on", record.status_from_on.clone()),
        (
            "admission_decision_on",
            record.admission_decision_on.clone(),
        ),
        ("ceremony_on", record.ceremony_on.clone()),
        (
            "recognition_decision_on",
            record.recognition_decision_on.clone(),
        ),
        ("full_from_on", record.full_from_on.clone()),
        ("exempt", flag(record.exempt)),
        ("phoneless", flag(record.phoneless)),
        ("home_town", record.home_town.clone()),
        ("residence", record.residence.clone()),
    ]
}

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    correction: String,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let may = may(&site, &who, &id, &asked.correction).await?;
    if may.correction.is_none() && !asked.correction.is_empty() {
        // Taken back or answered meanwhile.
        return Ok(see_other(format!("/members/{id}#corrections"))
            .flash("people-correction-answered")
            .into_response());
    }
    let said = (may.correction.as_ref()).and_then(|one| said_as(&frame, one));
    let form = form_of(&may, said);
    draw(&frame, may, form)
}

/// The field of what the member said, and what goes into it; a choice is made where the words are those of one.
fn said_as(frame: &Frame, one: &Correction) -> Option<(&'static str, String)> {
    let field = one.field.known()?;
    let choices = match field {
        Field::Sex => form::sexes(frame),
        Field::Status => form::statuses(frame, None),
        _ => return Some((field.word(), one.value.clone())),
    };
    let said = vietnamese::fold(&one.value);
    let mut choices = choices.into_iter();
    let chosen = choices.find(|(_, word)| vietnamese::fold(word) == said);
    chosen.map(|(value, _)| (field.word(), value))
}

/// The form as it is opened, with one field as the member said it.
fn form_of(may: &May, said: Option<(&'static str, String)>) -> FormState {
    let mut form = FormState::new();
    let is_said = |name: &str| said.as_ref().is_some_and(|(field, _)| *field == name);
    for (name, value) in fields(&may.record) {
        if is_said(name) {
            continue;
        }
        let shown = if name.ends_with("_on") {
            member::vn(&value)
        } else {
            value
        };
        form = form.with(name, shown);
    }
    if may.identity && !is_said("email") {
        form = form.with("email", may.record.email.clone());
    }
    if let Some((field, value)) = said {
        form = form.with(field, value);
    }
    form.with("row_version", may.row_version.to_string())
}

/// Somebody else saved first: their record beside what was typed.
async fn draw_changed(
    site: &Site,
    frame: &Frame,
    who: &Member,
    id: &str,
    mut state: FormState,
) -> Answer {
    let wanted = state.value("correction").to_owned();
    let now = may(site, who, id, &wanted).await?;
    let of = ("member", now.id.as_str());
    let saved = crate::saved::last(site, frame, who, of, &["member.correct"]).await?;
    state.changed(&form_of(&now, None), "row_version", &saved);
    draw(frame, now, state)
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let typed = &form.value;
    let may = may(&site, &who, &id, &typed.correction).await?;
    let mut state = FormState::typed(form.pairs);
    if !typed.correction.is_empty() && may.correction.is_none() {
        // Saved again the form says nothing of it any more.
        state.fail("correction", "people-correction-gone");
        return draw(&frame, may, state);
    }
    let mut now = form::read(&frame, typed, &mut state, Some(&may.record.status));
    form::ask_age(&site, (typed, &mut state), (Some(&may.record), &now)).await?;
    // What a status takes away or keeps is not for whoever may not touch the rights (R4).
    if now.status != may.record.status
        && !may.identity
        && identity::holds_rights(&site, &may.id).await?
    {
        state.fail("status", "people-form-status-post");
    }
    if !may.identity {
        now.email = may.record.email.clone();
    }
    let (was, to) = (Stands::of(&may.record), Stands::of(&now));
    let mut wish = None;
    if was != to && !may.seconds.is_empty() {
        if restating::is_waiting(&site, &may.id).await? {
            state.fail("status", "people-form-status-waits");
        }
        was.put(&mut now);
        wish = Some(Restating {
            member: may.id.clone(),
            unit: may.sight.unit.id.clone(),
            was,
            to,
            decision_no: typed.decision_no.trim().to_owned(),
            by: who.actor.member.clone(),
            answering: None,
        });
    }
    if let Some(wish) = &mut wish
        && wish.was.status != wish.to.status
    {
        let to = wish.to.status.to_string();
        wish.answering = answering(&frame, &may, Field::Status, &to);
    }
    if !state.is_good() {
        return draw(&frame, may, state);
    }
    if typed.row_version != may.row_version {
        return draw_changed(&site, &frame, &who, &id, state).await;
    }
    let given = |text: &str| {
        if may.identity && !text.trim().is_empty() {
            Some(text.to_owned())
        } else {
            None
        }
    };
    let (card, citizen, phone) = (
        given(&typed.card),
        given(&typed.citizen),
        given(&typed.phone),
    );
    let mut diff = serde_json::Map::new();
    for ((name, before), (_, after)) in fields(&may.record).into_iter().zip(fields(&now)) {
        if before != after {
            diff.insert(name.to_owned(), serde_json::json!([before, after]));
        }
    }
    // Identity is told as "changed", never as a value.
    let identity = [
        ("email", now.email != may.record.email),
        ("card", card.is_some()),
        ("citizen", citizen.is_some()),
        ("phone", phone.is_some()),
    ];
    for (name, _) in identity.iter().filter(|(_, changed)| *changed) {
        diff.insert((*name).to_owned(), "changed".into());
    }
    let diff = serde_json::Value::Object(diff);
    let told: Vec<&'static str> = (identity.iter())
        .filter(|(_, changed)| *changed)
        .map(|(name, _)| *name)
        .collect();
    let field = may.correction.as_ref().and_then(|one| one.field.known());
    let of_field = field.filter(|field| diff.get(field.word()).is_some());
    let answering = of_field.and_then(|field| {
        let written = match field {
            Field::Card => card.clone(),
            Field::Citizen => citizen.clone(),
            Field::Phone => phone.clone(),
            Field::Email => Some(now.email.clone()),
            _ => (fields(&now).into_iter())
                .find(|(name, _)| *name == field.word())
                .map(|(_, value)| value),
        };
        answering(&frame, &may, field, &written.unwrap_or_default())
    });
    let corrected = Corrected {
        answering,
        now,
        card,
        citizen,
        phone,
        diff,
        told,
        wish,
    };
    // What the writer may not touch is left out: then there may be nothing to write, and no line says that there was.
    if corrected.is_empty() && corrected.wish.is_none() {
        return Ok(see_other(format!("/members/{}", may.id))
            .flash("people-member-edit-same")
            .into_response());
    }
    let mut apart = Apart::default();
    loop {
        let saved = save(&site, &frame, &who, &may, typed, &corrected, &apart).await;
        let error = match saved {
            Ok(()) if corrected.wish.is_some() => {
                return Ok(see_other(format!("/members/{}", may.id))
                    .flash("people-member-edit-waits")
                    .arg("names", &second(&frame, &may.seconds))
                    .into_response());
            }
            Ok(()) => {
                return Ok(see_other(format!("/members/{}", may.id))
                    .flash("people-member-edit-done")
                    .into_response());
            }
            Err(error) => error,
        };
        if is_gone(&error) {
            let now = self::may(&site, &who, &id, "").await?;
            state.fail("correction", "people-correction-gone");
            return draw(&frame, now, state);
        }
        if is_changed(&error) {
            return draw_changed(&site, &frame, &who, &id, state).await;
        }
        if !taken(&site, &frame, &who, error, typed, &mut state, &mut apart).await? {
            return draw(&frame, may, state);
        }
    }
}

/// What is written over the record.
struct Corrected {
    now: NewMember,
    card: Option<String>,
    citizen: Option<String>,
    phone: Option<String>,
    diff: serde_json::Value,
    /// What they sign in with that changes, which they are told.
    told: Vec<&'static str>,
    /// What waits for a second person.
    wish: Option<Restating>,
    /// What the member said, when that very place is written.
    answering: Option<Answering>,
}

impl Corrected {
    fn is_empty(&self) -> bool {
        self.diff.as_object().is_some_and(serde_json::Map::is_empty)
    }
}

/// Saves in an act of its own; when it fails nothing of it is kept.
async fn save(
    site: &Site,
    frame: &Frame,
    who: &Member,
    may: &May,
    typed: &Typed,
    new: &Corrected,
    apart: &Apart,
) -> Result<()> {
    let proof = CanDraft::of_member(&who.actor, &may.sight.unit, &may.id, frame.today())?;
    // Only another status: nothing is written before somebody agreed.
    if let (Some(wish), true) = (&new.wish, new.is_empty()) {
        let mut act = proof.begin(site, frame, "member.prepare").await?;
        wait(&mut act, frame, may, wish, typed.row_version).await?;
        act.line().about(&may.id).diff(&wish.diff());
        act.end().await?;
        return Ok(());
    }
    let mut act = proof.begin(site, frame, "member.correct").await?;
    if let Some(wish) = &new.wish {
        // What waits comes before the record, as for whoever decides it; it holds for the record as it is
        // after this correction.
        wait(&mut act, frame, may, wish, typed.row_version + 1).await?;
    }
    deciding::is_not_moved(&mut act, &may.id, &may.sight.unit.id).await?;
    let (_, old_email) = identity::contacts(&mut act, &may.id).await?;
    store::set_member(&mut act, &may.id, typed.row_version, &new.now).await?;
    let text = |number: &Option<String>| number.clone().unwrap_or_default();
    let (card, citizen) = (text(&new.card), text(&new.citizen));
    let given = |number: &str| (!number.is_empty()).then(|| number.to_owned());
    let matched = apart.matched(&card, &citizen);
    let (own_card, own_citizen) = (given(matched.0), given(matched.1));
    store::set_numbers(
        &mut act,
        &may.id,
        own_card.as_deref(),
        own_citizen.as_deref(),
        new.phone.as_deref(),
    )
    .await?;
    let (card, citizen) = apart.unmatched(&card, &citizen);
    set_unmatched(&mut act, &may.id, card, citizen).await?;
    let event = Event::new(&may.id, EventKind::MemberCorrected, frame.today())
        .unit(&may.sight.unit.id)
        .decision(typed.decision_no.trim())
        .why(typed.reason.trim())
        .payload(new.diff.clone());
    store::add_event(&mut act, &event).await?;
    act.line().about(&may.id).diff(&new.diff);
    if !new.told.is_empty() {
        identity::tell_owner(&mut act, &may.id, &new.told, &old_email)?;
    }
    // Saved without that place, or with a status that waits for a second person, it stays unanswered.
    if let Some(answering) = &new.answering
        && !correction::accept(&mut act, &may.id, answering).await?
    {
        return Err(Refusal::new(GONE).into());
    }
    if let Some(wish) = &new.wish {
        act.log("member.prepare").about(&may.id).diff(&wish.diff());
    }
    act.end().await?;
    Ok(())
}

/// What the member said of a place that is written now: nothing more where it is as they said, else what stands
/// there. A number is not told in words, its place shows it.
fn answering(frame: &Frame, may: &May, field: Field, written: &str) -> Option<Answering> {
    let one = may.correction.as_ref()?;
    if !one.field.is(field) {
        return None;
    }
    let said = said_as(frame, one).map(|(_, said)| said);
    let is_as_said = said.is_some_and(|said| correction::is_as_said(field, &said, written));
    let shown = match field {
        _ if written.is_empty() => String::new(),
        Field::Sex => frame.t(words::sex(written)),
        Field::Status => frame.t(words::status(&Kept::from(written.to_owned()))),
        _ if field.word().ends_with("_on") => member::vn(written),
        _ => written.to_owned(),
    };
    let answer = match (is_as_said, field.is_number(), shown.is_empty()) {
        (true, _, _) => String::new(),
        (false, true, _) => frame.t("people-correction-changed-number"),
        (false, false, true) => frame.t("people-correction-changed-empty"),
        (false, false, false) => frame.t1("people-correction-changed", "value", &shown),
    };
    let id = one.id.clone();
    Some(Answering { id, answer })
}

/// Key of the sentence when what the member said was taken back or answered meanwhile.
const GONE: &str = "people-correction-gone";

fn is_gone(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.key == GONE)
}

async fn wait(
    act: &mut Act<CanDraft>,
    frame: &Frame,
    may: &May,
    wish: &Restating,
    version: i64,
) -> Result<()> {
    let name = &may.record.name;
    let what = match wish.was.status == wish.to.status {
        false => frame.t(words::status(&wish.to.status)),
        true if wish.was.exempt != wish.to.exempt => frame.t("people-exempt"),
        true => frame.t("people-form-status-from"),
    };
    let title = frame.t2("people-restating-line", "name", name, "status", &what);
    deciding::prepare(act, wish, title, version).await
}

#[cfg(test)]
mod tests {
    use crate::members::admitting::agrees;
    use testkit::{HOA, LAN, MINH, THU, TUAN, on_both};

    const CORRECTED: &[(&str, &str)] = &[
        ("row_version", "1"),
        ("name", "Lương Thị Hoà"),
        ("sex", "female"),
        ("birth_on", "1954"),
        ("status", "full"),
        ("exempt", "1"),
        ("ceremony_on", "03/3/1979"),
        ("email", "hoa@khoi.example"),
        ("phone", "0901234567"),
    ];

    #[tokio::test(flavor = "multi_thread")]
    async fn a_secretary_corrects_the_record_but_not_the_identity() {
        on_both(|| vec![crate::room()], async |app| {
            let lan = app.as_(LAN);
            let form = lan.get("/members/hoa/edit").await.expects(200);
            assert_eq!(form.attributes("#f-birth_on", "value"), ["19/05/1954"]);
            assert!(!form.has("#f-phone") && !form.has("#f-email"));
            assert!(form.text("#second").contains("Phạm Minh Thu"));
            lan.post("/members/hoa/edit", CORRECTED).await.expects(303);
            let page = lan.get("/members/hoa").await;
            assert_eq!(page.text("h1"), "Lương Thị Hoà", "all else is saved at once");
            assert_eq!(app.count("select count(*) from people_member where id = 'hoa' and exempt = 0").await, 1);
            assert_eq!(agrees(&app, "thu").await, 1);
            let page = lan.get("/members/hoa").await;
            assert!(!page.body().contains("0901234567"), "telephone is identity");
            assert_eq!(app.count("select count(*) from people_member where id = 'hoa' and email = '' and phone_sealed = '' and exempt = 1").await, 1);
            assert_eq!(app.count("select count(*) from people_member_event where kind = 'member_corrected' and recorded_by = 'lan'").await, 1);
            assert_eq!(app.count("select count(*) from people_member_event where kind = 'member_corrected' and recorded_by = 'thu'").await, 1);
            assert_eq!(app.count("select count(*) from audit_event where action = 'member.correct' and about_member_id = 'hoa'").await, 2);
            assert_eq!(app.count("select count(*) from people_name_word where member_id = 'hoa'").await, 3);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_kept_page_of_a_refused_correction_holds_no_number_and_is_given_as_its_record_is() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let mut typed = CORRECTED.to_vec();
                typed.retain(|(name, _)| !matches!(*name, "name" | "phone"));
                typed.extend([
                    ("name", " "),
                    ("card", "23456789"),
                    ("citizen", "012345678901"),
                ]);
                typed.extend([("phone", "0901 234 567"), ("residence", "Xóm Đình")]);
                let browser = || app.as_(THU).header("sec-fetch-mode", "navigate");
                let led = browser().header("host", "sotay.test");
                let led = led.header("referer", "http://sotay.test/members/hoa/edit");
                let to = led
                    .post("/members/hoa/edit", &typed)
                    .await
                    .expects(303)
                    .location();
                assert!(to.starts_with("/members/hoa/edit?refused="), "{to}");
                let looks =
                    "select cast(coalesce(sum(reads), 0) as bigint) from audit_access where actor_id = 'thu'";
                let before = app.count(looks).await;
                let page = browser().get(&to).await.expects(422);
                assert_eq!(page.attributes("#f-residence", "value"), ["Xóm Đình"]);
                for number in ["23456789", "012345678901", "0901"] {
                    assert!(!page.body().contains(number), "{number}");
                }
                assert!(page.text("#again").contains("số thẻ"));
                assert!(app.count(looks).await > before, "the look is in the log");
                // What they do not reach any more they do not read on the kept page either.
                let led = app.as_(LAN).header("sec-fetch-mode", "navigate");
                let led = led.post("/members/hoa/edit", &typed).await.expects(303);
                let to = led.location();
                app.as_(LAN).get(&to).await.expects(422);
                app.sets("update people_placement set unit_id = 'cell-b' where member_id = 'hoa'")
                    .await;
                app.as_(LAN).get("/members/hoa/edit").await.expects(404);
                app.as_(LAN).get(&to).await.expects(404);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_writer_may_not_touch_leaves_no_empty_line() {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.has_post(HOA, "Chi ủy viên", kernel::Role::CommitteeLead, "other").await;
                let lan = app.as_(LAN);
                let page = lan.get("/members/hoa/edit").await.expects(200);
                assert!(!page.has("#f-phone"), "she may not");
                let forged = [
                    ("row_version", "1"),
                    ("name", "Lương Thị Hoa"),
                    ("birth_on", "19/5/1954"),
                    ("status", "full"),
                    ("status_from_on", "03/3/1980"),
                    ("ceremony_on", "03/3/1979"),
                    ("full_from_on", "03/3/1980"),
                    ("email", "hoa@khoi.example"),
                    ("phone", "0901234567"),
                ];
                lan.post("/members/hoa/edit", &forged).await.expects(303);
                for nothing in [
                    "select count(*) from audit_event where action = 'member.correct'",
                    "select count(*) from people_member_event where member_id = 'hoa' and kind = 'member_corrected'",
                ] {
                    assert_eq!(app.count(nothing).await, 0, "{nothing}");
                }
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_officer_corrects_identity_and_the_log_tells_no_number() {
        on_both(|| vec![crate::room()], async |app| {
            app.has_email(HOA, "hoa.cu@khoi.example").await;
            let mut typed = CORRECTED.to_vec();
            typed[0].1 = "2";
            app.as_(THU).post("/members/hoa/edit", &typed).await.expects(303);
            // She never asked for mail: the address that was hers is told all the same, and kept for nothing else.
            let mac = app.site.keys.mac("notices_endpoint.address", "hoa.cu@khoi.example");
            let waits = format!("select count(*) from notices_out o join notices_endpoint e on e.id = o.endpoint_id \
                where e.member_id = 'hoa' and e.is_security = 1 and e.address_mac = '{mac}' and o.state = 'waiting'");
            assert_eq!(app.count(waits.leak()).await, 1);
            let page = app.as_(THU).get("/members/hoa").await;
            assert!(page.body().contains("0901234567") && page.body().contains("hoa@khoi.example"));
            assert_eq!(app.count("select count(*) from audit_event where diff_json like '%0901%' or diff_json like '%khoi.example%'").await, 0);
            assert_eq!(app.count("select count(*) from audit_event where diff_json like '%changed%'").await, 1);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_unread_status_may_stay_and_is_mended_by_choosing_one() {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.sets("update people_member set status = 'fulll' where id = 'hoa'")
                    .await;
                let own = app.as_(HOA).get("/me").await.expects(200);
                assert!(own.text("main").contains("chưa đọc được"));
                let (path, lan) = ("/members/hoa/edit", app.as_(LAN));
                let form = lan.get(path).await.expects(200);
                assert!(form.text("#f-status").contains("chưa đọc được"));
                assert_eq!(
                    form.attributes("#f-status input[checked]", "value"),
                    ["fulll"]
                );
                let with = |version: &'static str, status: &'static str| {
                    [
                        ("row_version", version),
                        ("name", "Lương Thị Hoa"),
                        ("status", status),
                    ]
                };
                lan.post(path, &with("1", "other")).await.expects(422);
                // Since when they have it is part of a status: without the day it waits.
                lan.post(path, &with("1", "fulll")).await.expects(303);
                assert_eq!(agrees(&app, "thu").await, 1);
                lan.post(path, &with("3", "full")).await.expects(303);
                assert_eq!(agrees(&app, "thu").await, 1);
                assert_eq!(
                    app.count(
                        "select count(*) from people_member where id = 'hoa' and status = 'full'"
                    )
                    .await,
                    1
                );
                assert!(!lan.get("/members/hoa").await.has("#no-rule"));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_second_of_two_corrections_is_told_to_look_again() {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.as_(LAN)
                    .post("/members/hoa/edit", CORRECTED)
                    .await
                    .expects(303);
                let mut hers = CORRECTED.to_vec();
                hers.retain(|(name, _)| *name != "name" && *name != "birth_on");
                hers.extend([("name", "Lương Thị Hòa"), ("birth_on", "19/5/1954")]);
                let late = app
                    .as_(THU)
                    .post("/members/hoa/edit", &hers)
                    .await
                    .expects(409);
                assert_eq!(late.attributes("#f-name", "value"), ["Lương Thị Hòa"]);
                assert_eq!(late.text("#t-name b"), "Lương Thị Hoà");
                assert_eq!(late.text("#t-birth_on b"), "1954");
                assert!(!late.has("#t-ceremony_on"), "what agrees is not said");
                assert_eq!(
                    app.count(
                        "select count(*) from people_member_event where kind = 'member_corrected'"
                    )
                    .await,
                    1
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nobody_corrects_the_own_record_or_one_that_is_not_theirs() {
        on_both(
            || vec![crate::room()],
            async |app| {
                for (who, of) in [
                    (LAN, "lan"),
                    (LAN, "tuan"),
                    (MINH, "hoa"),
                    (HOA, "hoa"),
                    (TUAN, "hoa"),
                    (THU, "thu"),
                ] {
                    app.as_(who)
                        .get(&format!("/members/{of}/edit"))
                        .await
                        .expects(404);
                    app.as_(who)
                        .post(&format!("/members/{of}/edit"), CORRECTED)
                        .await
                        .expects(404);
                }
                app.as_(LAN)
                    .post_forged("/members/hoa/edit", CORRECTED)
                    .await
                    .expects(403);
                let odd = app
                    .as_(LAN)
                    .post(
                        "/members/hoa/edit",
                        &[("row_version", "1"), ("name", ""), ("status", "deceased")],
                    )
                    .await
                    .expects(422);
                assert!(
                    odd.has("#e-name") && odd.has("#e-status"),
                    "death is not a field"
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn another_status_waits_alone_once_and_grows_stale_with_the_record() {
        on_both(
            || vec![crate::room()],
            async |app| {
                use site::four_eyes::{decide, list_open};
                let (site, lan, path) = (&app.site, app.as_(LAN), "/members/hoa/edit");
                let with = |version: &'static str, status: &'static str, name: &'static str| {
                    [
                        ("row_version", version),
                        ("name", name),
                        ("sex", ""),
                        ("birth_on", "19/5/1954"),
                        ("status", status),
                        ("status_from_on", "3/3/1980"),
                        ("ceremony_on", "3/3/1979"),
                        ("full_from_on", "3/3/1980"),
                    ]
                };
                let suspended =
                    "select count(*) from people_member where id = 'hoa' and status = 'suspended'";
                lan.post(path, &with("1", "suspended", "Lương Thị Hoa"))
                    .await
                    .expects(303);
                let version = "select row_version from people_member where id = 'hoa'";
                assert_eq!(app.count(version).await, 1, "nothing else was changed");
                let again = lan
                    .post(path, &with("1", "suspended", "Lương Thị Hoà"))
                    .await
                    .expects(422);
                assert!(again.has("#e-status"));
                assert_eq!(
                    again.attributes("#f-name", "value"),
                    ["Lương Thị Hoà"],
                    "typed text stays"
                );
                let thu = crate::actor::load(site, &"thu".parse().unwrap()).await.unwrap();
                let open = list_open(site, &thu).await.unwrap();
                lan.post(path, &with("1", "full", "Lương Thị Hoà"))
                    .await
                    .expects(303);
                let yes = approvals::Decision::Approved;
                let (id, hash) = (&open[0].id, open[0].payload_hash.as_str());
                let late = decide(site, "test", &thu, id, hash, yes, "").await;
                assert!(
                    matches!(late, Err(kernel::Error::Refused(why)) if why.key == "approvals-refused-stale")
                );
                assert_eq!(app.count(suspended).await, 0);
                lan.post(path, &with("2", "suspended", "Lương Thị Hoà"))
                    .await
                    .expects(303);
                assert_eq!(agrees(&app, "thu").await, 1);
                assert_eq!(app.count(suspended).await, 1);
            },
        )
        .await;
    }
}
