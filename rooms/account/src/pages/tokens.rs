//! Personal access tokens for the API: made with a name, scopes and days, shown once, revoked here.
//!
//! Making one asks for the password: a token outlives the session of whoever sat down at an open screen.
//! A token never may more than its owner, and only in the API. The database keeps its hash and the
//! last day on which it was used. Not here: the API itself (each room's own).

use super::{Confirmed, confirmed, retry_after, wait_sentence};
use crate::access::Owner;
use crate::password::Gate;
use crate::{secret, store};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use kernel::{Error, Moment};
use site::{May as _, Site};
use std::sync::Arc;
use web::edge::ClientAddress;
use web::{Answer, Form, FormState, Frame, Member, Nothing, see_other};

const DAYS: [i64; 4] = [7, 30, 90, 365];
const DEFAULT_DAYS: &str = "30";
/// Tokens in force that one member may have.
const MOST: i64 = 20;

#[derive(serde::Deserialize)]
pub(crate) struct New {
    #[serde(default)]
    name: String,
    #[serde(default)]
    scope: Vec<String>,
    #[serde(default)]
    days: String,
    #[serde(default)]
    password: String,
}

struct Row {
    id: String,
    name: String,
    scopes: String,
    until: String,
    used: String,
}

#[derive(Template)]
#[template(path = "account/tokens.html")]
struct Page {
    frame: Frame,
    form: FormState,
    rows: Vec<Row>,
    scopes: Vec<(&'static str, String)>,
    days: Vec<(String, String)>,
    /// The token just made; empty otherwise.
    secret: String,
}

/// The name of a scope; one that no room offers any more opens nothing, and is shown as it is written.
fn scope_name(site: &Site, frame: &Frame, scope: &str) -> String {
    let mut scopes = site.rooms.scopes.iter();
    scopes
        .find(|held| held.name == scope)
        .map_or_else(|| scope.to_owned(), |held| frame.t(held.text))
}

async fn page(site: &Site, frame: &Frame, who: &Member, form: FormState) -> Result<Page, Error> {
    let tokens = store::list_tokens(&site.db, &who.account, site.clock.now()).await?;
    let row = |token: store::Token| {
        let scopes: Vec<String> = token
            .scopes
            .split(' ')
            .map(|scope| scope_name(site, frame, scope))
            .collect();
        Row {
            id: token.id,
            name: token.name,
            scopes: scopes.join(", "),
            until: Moment(token.expires_at).day().vn(),
            used: match token.used_at {
                0 => frame.t("account-tokens-never-used"),
                at => frame.t1("account-tokens-used", "day", &Moment(at).day().vn()),
            },
        }
    };
    Ok(Page {
        frame: frame.clone(),
        form,
        rows: tokens.into_iter().map(row).collect(),
        scopes: (site.rooms.scopes.iter())
            .map(|scope| (scope.name, frame.t(scope.text)))
            .collect(),
        days: DAYS
            .iter()
            .map(|days| (days.to_string(), frame.t1("account-tokens-days", "n", days)))
            .collect(),
        secret: String::new(),
    })
}

pub(crate) async fn get(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    let form = FormState::new().with("days", DEFAULT_DAYS);
    frame.html(&page(&site, &frame, &who, form).await?)
}

pub(crate) async fn post(
    State(site): State<Site>,
    Extension(gate): Extension<Arc<Gate>>,
    frame: Frame,
    who: Member,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    form: Form<New>,
) -> Answer {
    let now = site.clock.now();
    let (_, kept): (Vec<_>, Vec<_>) =
        (form.pairs.into_iter()).partition(|(name, _)| name == "password");
    let mut state = FormState::typed(kept);
    let new = form.value;
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 80 {
        state.fail("name", "account-tokens-name-missing");
    }
    // In the order of the list, each once; an unknown scope is none of ours.
    let offered = site.rooms.scopes.iter().map(|scope| scope.name);
    let scopes: Vec<&str> = offered
        .filter(|scope| new.scope.iter().any(|s| s == scope))
        .collect();
    if scopes.is_empty()
        || new
            .scope
            .iter()
            .any(|scope| !scopes.contains(&scope.as_str()))
    {
        state.fail("scope", "account-tokens-scope-missing");
    }
    let days = DAYS
        .iter()
        .copied()
        .find(|days| days.to_string() == new.days);
    if days.is_none() {
        state.fail("days", "account-tokens-days-missing");
    }
    let held = store::list_tokens(&site.db, &who.account, now).await?.len();
    if held as i64 >= MOST {
        state.fail("name", frame.t1("account-tokens-too-many", "n", MOST));
    }
    let mut attempt = None;
    if state.is_good() {
        let account = store::get_account(&site.db, &who.account).await?;
        match confirmed(&site, &gate, &frame, &who, address, &account, &new.password).await? {
            Confirmed::Right(begun) => attempt = Some(begun),
            Confirmed::Wrong => state.fail("password", "account-password-old-wrong"),
            Confirmed::Wait(ms) => {
                state.fail("password", wait_sentence(&frame, ms));
                let page = page(&site, &frame, &who, state).await?;
                let mut response = frame.html_status(StatusCode::TOO_MANY_REQUESTS, &page)?;
                retry_after(&mut response, ms);
                return Ok(response);
            }
        }
    }
    let (Some(attempt), Some(days)) = (attempt, days) else {
        let page = page(&site, &frame, &who, state).await?;
        return frame.html_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let secret = secret::token(&site.dice);
    let hash =
        secret::hash(&secret).ok_or_else(|| Error::fault("a fresh token has a wrong shape"))?;
    let token = store::Token {
        id: site.dice.uuid(now),
        name: name.to_owned(),
        scopes: scopes.join(" "),
        created_at: now.0,
        expires_at: now.plus_ms(days * 86_400_000).0,
        used_at: 0,
    };
    let mut act = Owner::of(&who)
        .begin(&site, &frame, "account.token")
        .await?;
    attempt.succeeded(&mut act).await?;
    // Counted once more where nobody else makes one at the same time.
    if store::count_tokens(&mut act, &who.account).await? >= MOST {
        act.leave().await?;
        state.fail("name", frame.t1("account-tokens-too-many", "n", MOST));
        let page = page(&site, &frame, &who, state).await?;
        return frame.html_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    store::add_token(&mut act, &who.account, &token, &hash).await?;
    act.line()
        .about(&who.actor.member)
        .object("token", &token.id);
    act.end().await?;
    let mut page = page(
        &site,
        &frame,
        &who,
        FormState::new().with("days", DEFAULT_DAYS),
    )
    .await?;
    page.secret = secret;
    frame.html(&page)
}

pub(crate) async fn post_revoke(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let mut act = Owner::of(&who)
        .begin(&site, &frame, "account.token_end")
        .await?;
    let now = act.now();
    if !store::revoke_token(&mut act, &who.account, &id, now).await? {
        return Err(Error::NotFound.into());
    }
    act.line().about(&who.actor.member).object("token", &id);
    act.end().await?;
    Ok(see_other("/me/tokens")
        .flash("account-tokens-revoked")
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::stories::{Phone, good, password_of, until, with_doorman};
    use testkit::{HOA, LAN, on_both, on_sqlite};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_token_opens_its_scopes_until_it_is_revoked() {
        on_both(crate::stories::rooms, async |app| {
            let app = with_doorman(app).await;
            good(&app, HOA, "hoa").await;
            let phone = Phone::new(&app);
            phone
                .signs_in_as("hoa", &password_of(HOA))
                .await
                .expects(303);
            let password = password_of(HOA);
            let fields = [
                ("password", password.as_str()),
                ("name", "Máy tính ở nhà"),
                ("scope", "search"),
                ("scope", "me"),
                ("days", "30"),
            ];
            let page = phone
                .posts_from("/me/tokens", "/me/tokens", &fields)
                .await
                .expects(200);
            let token = page.text("#secret");
            assert!(token.starts_with("sotay_") && token.len() == 49, "{token}");
            assert!(
                !phone.get("/me/tokens").await.body().contains(&token),
                "shown once"
            );
            let bearer = format!("Bearer {token}");
            let api = async |path: &str| {
                app.stranger()
                    .header("authorization", &bearer)
                    .get(path)
                    .await
                    .status
                    .as_u16()
            };
            assert_eq!(api("/api/v1/try-search").await, 200);
            assert_eq!(api("/api/v1/try-units").await, 403);
            assert_eq!(api("/me/sessions").await, 303, "a token opens no page");
            until(async || {
                app.count("select count(*) from account_token where used_at is not null")
                    .await
                    == 1
            })
            .await;
            let act = phone
                .get("/me/tokens")
                .await
                .attributes("[data-token] form", "action")
                .pop()
                .unwrap();
            phone.posts_from("/me/tokens", &act, &[]).await.expects(303);
            assert_eq!(api("/api/v1/try-search").await, 401);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_token_ends_with_its_last_day() {
        on_sqlite(crate::stories::rooms, async |app| {
            let app = with_doorman(app).await;
            good(&app, HOA, "hoa").await;
            let phone = Phone::new(&app);
            phone
                .signs_in_as("hoa", &password_of(HOA))
                .await
                .expects(303);
            let password = password_of(HOA);
            let fields = [
                ("password", password.as_str()),
                ("name", "x"),
                ("scope", "search"),
                ("days", "7"),
            ];
            let page = phone
                .posts_from("/me/tokens", "/me/tokens", &fields)
                .await
                .expects(200);
            let bearer = format!("Bearer {}", page.text("#secret"));
            let api = async || {
                app.stranger()
                    .header("authorization", &bearer)
                    .get("/api/v1/try-search")
                    .await
                    .status
                    .as_u16()
            };
            app.later(7 * 86_400_000 - 1);
            assert_eq!(api().await, 200);
            app.later(1);
            assert_eq!(api().await, 401);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_token_of_somebody_else_is_not_found_and_trouble_keeps_what_was_typed() {
        on_sqlite(crate::stories::rooms, async |app| {
            let app = with_doorman(app).await;
            good(&app, HOA, "hoa").await;
            good(&app, LAN, "lan").await;
            let (hoa, lan) = (Phone::new(&app), Phone::new(&app));
            hoa.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
            lan.signs_in_as("lan", &password_of(LAN)).await.expects(303);
            let password = password_of(HOA);
            let fields = [
                ("password", password.as_str()),
                ("name", "x"),
                ("scope", "me"),
                ("days", "7"),
            ];
            hoa.posts_from("/me/tokens", "/me/tokens", &fields)
                .await
                .expects(200);
            let act = hoa
                .get("/me/tokens")
                .await
                .attributes("[data-token] form", "action")
                .pop()
                .unwrap();
            lan.posts_from("/me/tokens", &act, &[]).await.expects(404);
            let page = lan
                .posts(
                    "/me/tokens",
                    &[("name", "Máy in"), ("days", "7"), ("scope", "all")],
                )
                .await
                .expects(422);
            assert!(page.has("#f-name[value='Máy in']") && page.has("#e-scope"));
            lan.posts_forged("/me/tokens", &[("name", "x")])
                .await
                .expects(403);
            app.stranger().get("/me/tokens").await.expects(303);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_token_is_made_with_the_password_and_ends_with_it_or_with_all_devices() {
        on_both(crate::stories::rooms, async |app| {
            let app = with_doorman(app).await;
            good(&app, HOA, "hoa").await;
            let phone = Phone::new(&app);
            let old = password_of(HOA);
            phone.signs_in_as("hoa", &old).await.expects(303);
            let makes = async |password: &str| {
                let fields = [
                    ("name", "x"),
                    ("scope", "search"),
                    ("days", "7"),
                    ("password", password),
                ];
                phone.posts_from("/me/tokens", "/me/tokens", &fields).await
            };
            for bad in ["", "sai"] {
                let page = makes(bad).await.expects(422);
                assert!(page.has("#e-password") && page.has("#f-name[value=x]"));
            }
            assert_eq!(app.count("select count(*) from account_token").await, 0);
            let alive = "select count(*) from account_token where revoked_at is null";
            makes(&old).await.expects(200);
            assert_eq!(app.count(alive).await, 1);
            phone
                .posts_from("/me/sessions", "/me/sessions/endings", &[])
                .await
                .expects(303);
            assert_eq!(app.count(alive).await, 0, "all devices ended");
            makes(&old).await.expects(200);
            let change = [("old", old.as_str()), ("password", "trăng lên sau bụi tre")];
            phone
                .posts_from("/me/password", "/me/password", &change)
                .await
                .expects(303);
            assert_eq!(app.count(alive).await, 0, "a new password");
        })
        .await;
    }
}
