//! Language, ground and size of type. For everybody, signed in or not; works without a script.
//!
//! Kept in a cookie and, for members, with the account, so that it holds on every device of theirs.

use crate::access::Owner;
use crate::store;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::IntoResponse as _;
use site::{May as _, Site};
use web::{Answer, Form, Frame, Lang, Look, Size, Theme, see_other};

#[derive(serde::Deserialize)]
pub(crate) struct Came {
    #[serde(default)]
    next: String,
}

#[derive(serde::Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    lang: String,
    #[serde(default)]
    theme: String,
    #[serde(default)]
    size: String,
    #[serde(default)]
    next: String,
}

struct Choice {
    value: &'static str,
    label: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "account/display.html")]
struct MemberPage {
    frame: Frame,
    choices: Choices,
}

#[derive(Template)]
#[template(path = "account/display_door.html")]
struct DoorPage {
    frame: Frame,
    choices: Choices,
}

struct Choices {
    sizes: Vec<Choice>,
    themes: Vec<Choice>,
    langs: Vec<Choice>,
    next: String,
}

/// Values are those of the `data-display` island: `default` and `auto` mean "as the device says".
fn choices(frame: &Frame, next: String) -> Choices {
    let look = frame.look();
    let choice = |value: &'static str, label: &str, is_chosen: bool| Choice {
        value,
        label: frame.t(label),
        is_chosen,
    };
    Choices {
        sizes: vec![
            choice(
                "default",
                "account-display-size-normal",
                look.size == Size::Normal,
            ),
            choice(
                "large",
                "account-display-size-large",
                look.size == Size::Large,
            ),
            choice(
                "largest",
                "account-display-size-largest",
                look.size == Size::Largest,
            ),
        ],
        themes: vec![
            choice(
                "auto",
                "account-display-theme-device",
                look.theme == Theme::Device,
            ),
            choice(
                "light",
                "account-display-theme-light",
                look.theme == Theme::Light,
            ),
            choice(
                "dark",
                "account-display-theme-dark",
                look.theme == Theme::Dark,
            ),
            choice(
                "contrast",
                "account-display-theme-contrast",
                look.theme == Theme::Contrast,
            ),
        ],
        langs: vec![
            choice("vi", "account-display-lang-vi", look.lang == Lang::Vi),
            choice("en", "account-display-lang-en", look.lang == Lang::En),
        ],
        next,
    }
}

/// The page that the visitor came from, if it is one of ours.
fn came_from(headers: &HeaderMap) -> Option<String> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    }; // not text: nothing
    let (_, rest) = text(header::REFERER)?.split_once("://")?;
    let path = rest.strip_prefix(text(header::HOST)?)?;
    let own = web::frame::own_path(path)?;
    (!own.starts_with("/display")).then(|| own.to_owned())
}

fn onward(frame: &Frame, next: &str) -> String {
    let home = if frame.is_signed_in() { "/me" } else { "/" };
    web::frame::own_path(next).unwrap_or(home).to_owned()
}

pub(crate) async fn get(frame: Frame, came: Query<Came>, headers: HeaderMap) -> Answer {
    let next = match came_from(&headers) {
        Some(path) if came.next.is_empty() => path,
        _ => came.next.clone(),
    };
    let choices = choices(&frame, onward(&frame, &next));
    if frame.is_signed_in() {
        frame.html(&MemberPage {
            frame: frame.clone(),
            choices,
        })
    } else {
        frame.html(&DoorPage {
            frame: frame.clone(),
            choices,
        })
    }
}

pub(crate) async fn post(State(site): State<Site>, frame: Frame, form: Form<Wanted>) -> Answer {
    let wanted = form.value;
    // Reading passes over what is not known, so any text gives a look of ours.
    let look = Look::read(&format!("{}.{}.{}", wanted.lang, wanted.theme, wanted.size)).text();
    if let Some(who) = frame.who() {
        let mut act = Owner::of(who)
            .begin_unlogged(&site, &frame, "account.look")
            .await?;
        store::set_look(&mut act, &who.account, &look).await?;
        act.end().await?;
    }
    let next = onward(&frame, &wanted.next);
    let mut response = see_other(next)
        .flash("account-display-done")
        .into_response();
    let secure = if site.edge.https { "; Secure" } else { "" };
    let cookie = format!(
        "{}={look}; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age=34560000",
        web::look::COOKIE
    );
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use crate::stories::{Phone, good, password_of, with_doorman};
    use testkit::{HOA, on_both, on_sqlite};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_member_keeps_the_look_on_another_device() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let (here, there) = (Phone::new(&app), Phone::new(&app));
                for phone in [&here, &there] {
                    phone
                        .signs_in_as("hoa", &password_of(HOA))
                        .await
                        .expects(303);
                }
                let fields = [
                    ("lang", "vi"),
                    ("theme", "contrast"),
                    ("size", "largest"),
                    ("next", "/me/sessions"),
                ];
                let reply = here
                    .posts_from("/display", "/display", &fields)
                    .await
                    .expects(303);
                assert_eq!(reply.location(), "/me/sessions");
                let page = there.get("/display").await.expects(200);
                assert!(page.has("html[data-theme=contrast][data-size=largest]"));
                assert!(page.has("input[name=size][value=largest][checked]"));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_passer_by_chooses_too_and_comes_back_only_to_our_pages() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                let phone = Phone::new(&app);
                phone.get("/display?next=/sign-in").await.expects(200);
                let reply = phone
                    .posts(
                        "/display",
                        &[("lang", "en"), ("theme", "<b>"), ("next", "//evil.example")],
                    )
                    .await
                    .expects(303);
                assert_eq!(reply.location(), "/");
                let page = phone.get("/sign-in").await.expects(200);
                assert!(page.has("html[lang=en]") && !page.has("html[data-theme]"));
                app.stranger()
                    .post_forged("/display", &[("lang", "en")])
                    .await
                    .expects(403);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_page_one_came_from_is_where_one_returns() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let visit = async |referer: &str| {
                    let browser = app
                        .stranger()
                        .header("host", "sotay.example")
                        .header("referer", referer);
                    browser
                        .get("/display")
                        .await
                        .expects(200)
                        .attributes("input[name=next]", "value")
                        .pop()
                        .unwrap()
                };
                assert_eq!(
                    visit("https://sotay.example/articles/1").await,
                    "/articles/1"
                );
                assert_eq!(visit("https://evil.example/articles/1").await, "/");
                assert_eq!(visit("https://sotay.example.evil/x").await, "/");
            },
        )
        .await;
    }
}
