//! Codes that a member has in lists of others: which, since when; a new one, and the end of one.
//!
//! By whoever may write the record (`member_draft`), never the own. Not here: the code of the handbook, numbers.
//! The rule that surprises: a new code of a list ends the one before; the same again is success and changes nothing. A
//! code that somebody else has is refused, with a name only where the writer may see them.

use crate::access::CanDraft;
use crate::fact::Scheme;
use crate::member;
use crate::members::store::code::{self, CodeView, Given};
use crate::page::{Choice, member_id, term, whole_day};
use crate::sight::{self, MemberSight};
use crate::words;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Result};
use kernel::{Day, MemberId};
use site::{Level, May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    scheme: String,
    code: String,
    from_on: String,
    decision_no: String,
}

#[derive(Template)]
#[template(path = "people/member_codes.html")]
struct Page {
    frame: Frame,
    form: FormState,
    id: MemberId,
    name: String,
    codes: Vec<CodeView>,
    schemes: Vec<Choice>,
}

impl Page {
    fn word_scheme(&self, one: &CodeView) -> String {
        self.frame.t(words::scheme(&one.scheme))
    }
    fn term(&self, one: &CodeView) -> String {
        term(&self.frame, &one.from_on, &one.to_on)
    }
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<(MemberId, MemberSight)> {
    let id = member_id(id)?;
    if id == who.actor.member {
        return Err(Error::NotFound);
    }
    let sight = sight::of_member(site, &who.actor, &id).await?;
    match sight.may_draft && sight.level >= Level::V2 {
        true => Ok((id, sight)),
        false => Err(Error::NotFound),
    }
}

async fn draw(site: &Site, frame: &Frame, who: &Member, id: &MemberId, form: FormState) -> Answer {
    let one = std::slice::from_ref(id);
    let looked = site::look(site, &who.actor, one, Level::V2, "").await?;
    let schemes = Scheme::ALL.iter();
    let schemes = schemes.map(|scheme| (scheme.word().to_owned(), frame.t(scheme.text())));
    frame.html_status(
        form.status(),
        &Page {
            frame: frame.clone(),
            form,
            id: id.clone(),
            name: member::name(site, id).await?,
            codes: code::list(&site.db, &looked, id).await?,
            schemes: schemes.collect(),
        },
    )
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let (id, _) = may(&site, &who, &id).await?;
    let form = FormState::new().with("from_on", frame.today().to_string());
    draw(&site, &frame, &who, &id, form).await
}

/// Letters of a code.
const LONGEST: usize = 60;

/// The day, which has come already.
fn day_of(frame: &Frame, typed: &str, state: &mut FormState) -> Day {
    let today = frame.today();
    match whole_day(typed, today) {
        Some(day) if day <= today => return day,
        Some(_) => state.fail("from_on", "people-form-date-ahead"),
        None => state.fail("from_on", "people-history-day-odd"),
    }
    today
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (id, sight) = may(&site, &who, &id).await?;
    let typed = form.value;
    let mut state = FormState::typed(form.pairs);
    state.fit("code", LONGEST);
    state.fit("decision_no", LONGEST);
    let on = day_of(&frame, &typed.from_on, &mut state);
    let scheme: Option<Scheme> = typed.scheme.parse().ok(); // a word that is none: the form says so
    if scheme.is_none() {
        state.fail("scheme", "people-code-scheme-missing");
    }
    let code_text = typed.code.split_whitespace().collect::<Vec<_>>().join(" ");
    if crate::known::code_key(&code_text).is_empty() && !code_text.is_empty() {
        state.fail("code", "people-code-odd");
    }
    let (Some(scheme), true) = (scheme, state.is_good()) else {
        return draw(&site, &frame, &who, &id, state).await;
    };
    let proof = CanDraft::of_member(&who.actor, &sight.unit, &id, frame.today())?;
    let mut act = proof.begin(&site, &frame, "member.code").await?;
    let paper = typed.decision_no.trim();
    let given = match code_text.as_str() {
        "" => match code::end(&mut act, &id, scheme, on, paper).await? {
            true => Given::Done,
            false => Given::Same,
        },
        text => code::give(&mut act, &id, (scheme, text), on, paper).await?,
    };
    match given {
        Given::Done => {}
        Given::Same => {
            act.leave().await?;
            return Ok(see_other(format!("/members/{id}/codes"))
                .flash("people-code-same")
                .into_response());
        }
        Given::Taken(other) => {
            act.leave().await?;
            let sentence = match sight::of_member(&site, &who.actor, &other).await {
                Ok(_) => {
                    let name = member::name(&site, &other).await?;
                    frame.t1("people-code-taken", "name", &name)
                }
                Err(Error::NotFound) => {
                    tell_elsewhere(&site, &frame, &who, &sight, &id, scheme).await?;
                    frame.t("people-code-taken-elsewhere")
                }
                Err(error) => return Err(error.into()),
            };
            state.fail("code", sentence);
            return draw(&site, &frame, &who, &id, state).await;
        }
    }
    act.line()
        .about(&id)
        .diff(&serde_json::json!({ "scheme": scheme.word() }));
    act.end().await?;
    Ok(see_other(format!("/members/{id}/codes"))
        .flash("people-code-done")
        .into_response())
}

/// Somebody beyond the writer's reach has the code: whoever asked is told nothing of them, and the log knows that it was
/// asked, as of a number.
async fn tell_elsewhere(
    site: &Site,
    frame: &Frame,
    who: &Member,
    sight: &MemberSight,
    id: &MemberId,
    scheme: Scheme,
) -> Result<()> {
    let proof = CanDraft::of_member(&who.actor, &sight.unit, id, frame.today())?;
    let mut act = proof.begin(site, frame, "member.code_elsewhere").await?;
    act.line()
        .about(id)
        .diff(&serde_json::json!({ "scheme": scheme.word() }));
    act.end().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use testkit::{HOA, LAN, MINH, THU, TUAN, on_both};

    fn form<'a>(scheme: &'a str, code: &'a str, on: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("scheme", scheme),
            ("code", code),
            ("from_on", on),
            ("decision_no", "7-CV"),
        ]
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_second_code_of_a_list_ends_the_first_and_both_find_the_person() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let (thu, to) = (app.as_(THU), "/members/hoa/codes");
                thu.post(to, &form("national", "79.0001-A", "01/3/2025"))
                    .await
                    .expects(303);
                thu.post(to, &form("old_card", "5512345678", "03/3/1980"))
                    .await
                    .expects(303);
                // Twice, and written another way: nothing new.
                thu.post(to, &form("national", "790001a", "01/5/2025"))
                    .await
                    .expects(303);
                assert_eq!(
                    app.count("select count(*) from people_code where member_id = 'hoa'")
                        .await,
                    2
                );
                thu.post(to, &form("national", "79.0002", "01/7/2026"))
                    .await
                    .expects(303);
                let page = thu.get("/members/hoa").await.expects(200);
                let codes = page.text("#codes");
                for told in [
                    "79.0001-A",
                    "79.0002",
                    "5512345678",
                    "30/6/2026",
                    "01/7/2026",
                ] {
                    assert!(codes.contains(told), "{told}: {codes}");
                }
                for code in ["79.0001-A", "790001A", "79.0002", "5512345678"] {
                    let found = thu.get(&format!("/members?q={code}")).await.expects(200);
                    assert!(found.body().contains("/members/hoa"), "{code}");
                }
                let known = crate::known::members(
                    &app.site,
                    crate::known::Clue::ExternalId,
                    &["79.0001-A".to_owned()],
                )
                .await
                .unwrap();
                assert!(
                    known.len() == 1
                        && known[0].id.as_str() == "hoa"
                        && known[0].is_coded("79.0001-A")
                );
                let history = thu
                    .get("/members/hoa/history")
                    .await
                    .expects(200)
                    .text("#history");
                assert!(
                    history.contains("79.0002") && history.contains("Theo 7-CV."),
                    "{history}"
                );
                assert!(
                    app.as_(HOA)
                        .get("/me")
                        .await
                        .text("#codes")
                        .contains("79.0002")
                );
                assert_eq!(crate::check(&app.site).await.unwrap(), []);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_code_is_given_by_whoever_writes_the_record_once_and_in_order() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let to = "/members/hoa/codes";
                for who in [HOA, MINH, TUAN] {
                    app.as_(who).get(to).await.expects(404);
                    app.as_(who)
                        .post(to, &form("province", "P1", "01/3/2025"))
                        .await
                        .expects(404);
                }
                app.as_(LAN)
                    .post_forged(to, &form("province", "P1", "01/3/2025"))
                    .await
                    .expects(403);
                for (scheme, code, on) in [
                    ("nobody", "P1", "01/3/2025"),
                    ("province", "…", "01/3/2025"),
                    ("province", "P1", "x"),
                    ("province", "P1", "01/3/2030"),
                ] {
                    app.as_(LAN)
                        .post(to, &form(scheme, code, on))
                        .await
                        .expects(422);
                }
                // Two at once: one code, one line.
                let (one, other) = (app.as_(LAN), app.as_(THU));
                let typed = form("province", "P1", "01/3/2025");
                let (one, other) = tokio::join!(one.post(to, &typed), other.post(to, &typed));
                one.expects(303);
                other.expects(303);
                assert_eq!(app.count("select count(*) from people_code").await, 1);
                assert_eq!(
                    app.count("select count(*) from people_member_event where kind = 'code_given'")
                        .await,
                    1
                );
                // Before the first began: refused, nothing written.
                app.as_(LAN)
                    .post(to, &form("province", "P2", "28/02/2025"))
                    .await
                    .expects(409);
                assert_eq!(app.count("select count(*) from people_code").await, 1);
                // Ended, and ended again.
                app.as_(LAN)
                    .post(to, &form("province", "", "01/3/2026"))
                    .await
                    .expects(303);
                app.as_(LAN)
                    .post(to, &form("province", "", "01/4/2026"))
                    .await
                    .expects(303);
                assert_eq!(
                    app.count("select count(*) from people_code where to_on = '2026-03-01'")
                        .await,
                    1
                );
                assert_eq!(crate::check(&app.site).await.unwrap(), []);
                app.sets("update people_code set code = 'P9'").await;
                let alarms = crate::check(&app.site).await.unwrap();
                assert!(
                    alarms.len() == 1 && alarms[0].found.ends_with(", code"),
                    "{alarms:?}"
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_code_that_somebody_else_has_is_refused_and_nothing_is_told_beyond_reach() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let open = "select count(*) from people_code where to_on = '9999-12-31' and code_key = 'qg882'";
                let typed = form("national", "QG-88.2", "01/3/2025");
                let thu = app.as_(THU);
                thu.post("/members/hoa/codes", &typed).await.expects(303);
                // Written another way it is the same; in another list it is another.
                let again = form("national", "qg 88 2", "01/4/2025");
                let page = app.as_(LAN).post("/members/minh/codes", &again).await.expects(422);
                assert!(page.text("#e-code").contains("Lương Thị Hoa"), "{}", page.text("#e-code"));
                thu.post("/members/minh/codes", &form("province", "QG-88.2", "01/3/2025"))
                    .await
                    .expects(303);
                thu.post("/members/minh/codes", &form("province", "", "01/4/2025"))
                    .await
                    .expects(303);
                assert_eq!(app.count(open).await, 1);
                // Whoever does not reach Hoa hears nothing of her, and the log knows that it was asked.
                let elsewhere = "select count(*) from audit_event where action = 'member.code_elsewhere'";
                assert_eq!(app.count(elsewhere).await, 0);
                app.sets("update people_placement set unit_id = 'cell-e' where member_id = 'hoa'").await;
                let page = app.as_(LAN).post("/members/minh/codes", &typed).await.expects(422);
                let told = page.text("#e-code");
                assert!(!told.is_empty() && !page.body().contains("Hoa"), "{told}");
                assert_eq!((app.count(open).await, app.count(elsewhere).await), (1, 1));
                app.sets("update people_placement set unit_id = 'cell-a' where member_id = 'hoa'").await;
                // Ended, it is free; of two at once one has it.
                thu.post("/members/hoa/codes", &form("national", "", "01/4/2025"))
                    .await
                    .expects(303);
                let (one, other) = (app.as_(LAN), app.as_(THU));
                let (one, other) = tokio::join!(
                    one.post("/members/minh/codes", &typed),
                    other.post("/members/hoa/codes", &again)
                );
                let mut got = [one.status.as_u16(), other.status.as_u16()];
                got.sort_unstable();
                assert_eq!(got, [303, 422]);
                assert_eq!(app.count(open).await, 1);
                assert_eq!(crate::check(&app.site).await.unwrap(), []);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_slip_of_the_pen_is_put_right_or_taken_away_on_its_first_day() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let (thu, to) = (app.as_(THU), "/members/hoa/codes");
                let known = async |code: &str| {
                    let codes = [code.to_owned()];
                    let clue = crate::known::Clue::ExternalId;
                    crate::known::members(&app.site, clue, &codes)
                        .await
                        .unwrap()
                        .len()
                };
                thu.post(to, &form("national", "79.0010", "01/3/2025"))
                    .await
                    .expects(303);
                thu.post(to, &form("national", "79.0001", "01/3/2025"))
                    .await
                    .expects(303);
                assert_eq!(
                    app.count("select count(*) from people_code where code = '79.0001'")
                        .await,
                    1
                );
                assert_eq!((known("79.0010").await, known("79.0001").await), (0, 1));
                let history = thu.get("/members/hoa/history").await.text("#history");
                assert!(
                    history.contains("79.0010") && history.contains("79.0001"),
                    "{history}"
                );
                assert_eq!(crate::check(&app.site).await.unwrap(), []);
                thu.post(to, &form("national", "", "01/3/2025"))
                    .await
                    .expects(303);
                assert_eq!(app.count("select count(*) from people_code").await, 0);
                assert_eq!(known("79.0001").await, 0);
                assert_eq!(crate::check(&app.site).await.unwrap(), []);
                // A code of the time when another held is asked about.
                thu.post(to, &form("province", "P2", "01/3/2020"))
                    .await
                    .expects(303);
                thu.post(to, &form("province", "", "20/11/2026"))
                    .await
                    .expects(303);
                let page = thu
                    .post(to, &form("province", "PY", "01/01/2021"))
                    .await
                    .expects(409);
                assert!(page.body().contains("20/11/2026"));
                assert_eq!(app.count("select count(*) from people_code").await, 1);
                thu.post(to, &form("province", "PY", "20/11/2026"))
                    .await
                    .expects(303);
                assert_eq!(crate::check(&app.site).await.unwrap(), []);
            },
        )
        .await;
    }
}
