//! Answering what a member says is wrong in the record: declined with a reason, or, where the form of the record
//! has no such place, said to be put right.
//!
//! A place of the form is accepted by saving the form (`edit`, `?correction=ID`), so that the ledger and the
//! second person come as ever. Somebody who may not write that place finds nothing.

use crate::access::CanDraft;
use crate::members::correction::{self, Field, State};
use crate::members::restating;
use crate::members::store::correction as store;
use crate::page::member_id;
use crate::sight::{self, Level};
use askama::Template;
use axum::extract::{Path, State as Held};
use axum::response::IntoResponse as _;
use kernel::error::Error;
use site::{Act, May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, Nothing, see_other};

#[derive(Template)]
#[template(path = "people/correction_refusal.html")]
struct Page {
    frame: Frame,
    form: FormState,
    member: String,
    name: String,
    id: String,
    field: String,
    value: String,
    reason: String,
}

async fn draw(
    site: &Site,
    frame: &Frame,
    member: &str,
    found: correction::Correction,
    form: FormState,
) -> Answer {
    let page = Page {
        frame: frame.clone(),
        form,
        name: crate::member::name(site, &member_id(member)?).await?,
        member: member.to_owned(),
        field: found.field_words(frame),
        id: found.id,
        value: found.value,
        reason: found.reason,
    };
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn get(
    Held(site): Held<Site>,
    frame: Frame,
    who: Member,
    Path((member, id)): Path<(String, String)>,
) -> Answer {
    match open(&site, &who, &member, &id).await {
        Ok((_, found)) => draw(&site, &frame, &member, found, FormState::new()).await,
        Err(error) => answered(&site, &who, &member, &id, error).await,
    }
}

#[derive(serde::Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    answer: String,
}

/// Letters of an answer.
const LONGEST: usize = 300;

pub(crate) async fn post(
    Held(site): Held<Site>,
    frame: Frame,
    who: Member,
    Path((member, id)): Path<(String, String)>,
    form: Form<Typed>,
) -> Answer {
    let (may, found) = match open(&site, &who, &member, &id).await {
        Ok(held) => held,
        Err(error) => return answered(&site, &who, &member, &id, error).await,
    };
    let mut state = FormState::typed(form.pairs);
    let words: Vec<&str> = form.value.answer.split_whitespace().collect();
    let answer = words.join(" ");
    if answer.is_empty() {
        state.fail("answer", "people-correction-answer-missing");
    } else {
        state.fit("answer", LONGEST);
    }
    if !state.is_good() {
        return draw(&site, &frame, &member, found, state).await;
    }
    let act = may.begin(&site, &frame, "correction.decline").await?;
    end(act, &member, &id, State::Declined, &answer).await
}

/// That a place which stands in no form was put right.
pub(crate) async fn post_acceptance(
    Held(site): Held<Site>,
    frame: Frame,
    who: Member,
    Path((member, id)): Path<(String, String)>,
    _form: Form<Nothing>,
) -> Answer {
    let (may, found) = match open(&site, &who, &member, &id).await {
        Ok(held) => held,
        Err(error) => return answered(&site, &who, &member, &id, error).await,
    };
    if found.field.known().is_none_or(Field::is_in_form) {
        return Err(Error::NotFound.into()); // such a place is corrected in the form
    }
    let act = may.begin(&site, &frame, "correction.accept").await?;
    end(act, &member, &id, State::Accepted, "").await
}

async fn end(mut act: Act<CanDraft>, member: &str, id: &str, to: State, answer: &str) -> Answer {
    let of = member_id(member)?;
    let back = see_other(format!("/members/{member}#corrections"));
    if to == State::Declined {
        restating::overtake(&mut act, &of, id).await?;
    }
    if !store::end(&mut act, &of, id, to, answer).await? {
        act.leave().await?;
        return Ok(back.flash("people-correction-answered").into_response());
    }
    act.line().object("correction", id).about(&of);
    let (told, flash) = match to {
        State::Accepted => (
            "people-correction-told-accepted",
            "people-correction-accepted",
        ),
        _ => (
            "people-correction-told-declined",
            "people-correction-declined",
        ),
    };
    correction::tell(&mut act, &of, id, told);
    act.end().await?;
    Ok(back.flash(flash).into_response())
}

/// The proof and the thing: an open one that this member may answer.
async fn open(
    site: &Site,
    who: &Member,
    member: &str,
    id: &str,
) -> kernel::Result<(CanDraft, correction::Correction)> {
    let member = member_id(member)?;
    let sight = sight::of_member(site, &who.actor, &member).await?;
    if !sight.may_draft || sight.level < Level::V2 {
        return Err(Error::NotFound);
    }
    let one = std::slice::from_ref(&member);
    let looked = site::look(site, &who.actor, one, Level::V2, "").await?;
    let found = correction::get_to_answer(site, &who.actor, &looked, &member, id).await?;
    let today = site.clock.today();
    let may = CanDraft::of_member(&who.actor, &sight.unit, &member, today)?;
    Ok((may, found))
}

/// Answered a moment ago, by them or somebody else: the page says so. To others it is not there.
async fn answered(site: &Site, who: &Member, member: &str, id: &str, error: Error) -> Answer {
    if matches!(error, Error::NotFound) && was_answered(site, who, member, id).await? {
        let back = see_other(format!("/members/{member}#corrections"));
        return Ok(back.flash("people-correction-answered").into_response());
    }
    Err(error.into())
}

/// Whether it is one of that member that has ended, said only to who may write the record.
async fn was_answered(site: &Site, who: &Member, member: &str, id: &str) -> kernel::Result<bool> {
    let member = member_id(member)?;
    let sight = sight::of_member(site, &who.actor, &member).await?;
    if !sight.may_draft || sight.level < Level::V2 {
        return Ok(false);
    }
    let one = std::slice::from_ref(&member);
    let looked = site::look(site, &who.actor, one, Level::V2, "").await?;
    let all = correction::list(site, &looked, &member).await?;
    Ok(all.iter().any(|one| one.id == id && !one.is_open()))
}
