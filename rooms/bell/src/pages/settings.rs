//! One's own settings: which kinds by which way, quiet hours, the e-mail address of the record, devices.
//!
//! Not here: what is sent (`notices`). The rule that surprises: an e-mail address is the one that the
//! office keeps, or none: an address that a stranger types would be told when somebody's meetings are.

use crate::access::Own;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use notices::{Channel, EndpointState, Hours, Language, Quiet, Wish};
use site::{May as _, Site};
use std::collections::HashSet;
use web::{Answer, Form, FormState, Frame, Lang, Member, see_other};

/// A kind with its two ticks.
struct Kind {
    kind: &'static str,
    name: String,
    by_email: bool,
    by_push: bool,
}

/// A device that is told.
struct Device {
    id: String,
    host: String,
    day: String,
    is_live: bool,
}

#[derive(Template)]
#[template(path = "bell/settings.html")]
struct Page {
    frame: Frame,
    form: FormState,
    kinds: Vec<Kind>,
    devices: Vec<Device>,
    address: String,
    by_email: bool,
    has_mail: bool,
    has_push: bool,
    key: String,
    own_hours: bool,
}

fn is_wanted(wishes: &[Wish], kind: &str, channel: Channel, otherwise: bool) -> bool {
    let find = |kind: &str| {
        let mut all = wishes.iter();
        all.find(|wish| wish.kind == kind && wish.channel == channel)
    };
    find(kind)
        .or_else(|| find(""))
        .map_or(otherwise, |wish| wish.is_wanted)
}

async fn draw(site: &Site, frame: &Frame, who: &Member, form: FormState) -> Answer {
    let all = notices::get_settings(&site.db).await?;
    let wishes = notices::list_wishes(&site.db, &who.actor).await?;
    let quiet = notices::get_quiet(&site.db, &who.actor).await?;
    let endpoints = notices::list_endpoints(&site.db, &site.keys, &who.actor).await?;
    let by_email = endpoints
        .iter()
        .any(|end| end.channel == Channel::Email && end.state == EndpointState::Live);
    let devices = endpoints
        .into_iter()
        .filter(|end| end.channel == Channel::Push)
        .map(|end| Device {
            id: end.id.to_string(),
            host: end.shown,
            day: end.created_at.day().vn(),
            is_live: end.state == EndpointState::Live,
        })
        .collect();
    let has_push = crate::out::can_push(site);
    let key = if has_push {
        notices::get_vapid(&site.db, &site.dice, &site.keys)
            .await?
            .public_key()
    } else {
        String::new()
    };
    let form = if form.is_good() && form.value("from").is_empty() {
        let (from, to) = quiet.hours.unwrap_or(all.quiet).texts();
        let passes = if quiet.urgent_passes { "yes" } else { "" };
        form.with("from", from)
            .with("to", to)
            .with("urgent", passes)
    } else {
        form
    };
    let status = form.status();
    let page = Page {
        kinds: site
            .rooms
            .notices
            .iter()
            .map(|held| Kind {
                kind: held.kind,
                name: frame.t(held.text),
                by_email: is_wanted(&wishes, held.kind, Channel::Email, all.email_wanted),
                by_push: is_wanted(&wishes, held.kind, Channel::Push, all.push_wanted),
            })
            .collect(),
        devices,
        address: people::member::email(site, &who.actor.member).await?,
        by_email,
        has_mail: crate::out::can_mail(site),
        has_push,
        key,
        own_hours: quiet.hours.is_some(),
        form,
        frame: frame.clone(),
    };
    frame.html_status(status, &page)
}

pub(crate) async fn get(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    draw(&site, &frame, &who, FormState::new()).await
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Fields {
    /// `CHANNEL KIND` for each tick.
    want: Vec<String>,
    email: String,
    urgent: String,
}

/// The language of outside messages.
pub(crate) fn language(frame: &Frame) -> Language {
    match frame.lang() {
        Lang::En => Language::En,
        Lang::Vi => Language::Vi,
    }
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    form: Form<Fields>,
) -> Answer {
    let fields = form.value;
    let mut state = FormState::typed(form.pairs);
    let hours = Hours::read(&state.time("from"), &state.time("to"));
    let Some(hours) = hours else {
        state.fail("from", "bell-hours-odd");
        return draw(&site, &frame, &who, state).await;
    };
    let all = notices::get_settings(&site.db).await?;
    let address = if fields.email == "yes" {
        people::member::email(&site, &who.actor.member).await?
    } else {
        String::new()
    };
    let wanted: HashSet<&str> = fields.want.iter().map(String::as_str).collect();
    let (clock, dice, keys) = (site.clock.clone(), site.dice.clone(), site.keys.clone());
    let kinds = site.rooms.notices.clone();
    let mut ways = Vec::new();
    if crate::out::can_mail(&site) {
        ways.push(Channel::Email);
    }
    if crate::out::can_push(&site) {
        ways.push(Channel::Push);
    }
    let mut act = Own::of(&who.actor)
        .begin_unlogged(&site, &frame, "notice.settings")
        .await?;
    for kind in kinds {
        // A way that does not exist here was not asked for either.
        for channel in ways.iter().copied() {
            let wish = Wish {
                kind: kind.kind.to_owned(),
                channel,
                is_wanted: wanted.contains(format!("{} {}", channel.name(), kind.kind).as_str()),
            };
            notices::set_wish(act.tx(), &who.actor, &wish).await?;
        }
    }
    let quiet = Quiet {
        hours: (hours != all.quiet).then_some(hours),
        urgent_passes: fields.urgent == "yes",
    };
    notices::set_quiet(act.tx(), &who.actor, &quiet).await?;
    let words = language(&frame);
    notices::set_email(
        act.tx(),
        &clock,
        &dice,
        &keys,
        &who.actor.member,
        &address,
        words,
    )
    .await?;
    act.end().await?;
    Ok(see_other("/notices/settings")
        .flash("bell-settings-done")
        .into_response())
}
