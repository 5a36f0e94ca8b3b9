//! Changing one's own password: the old one, a new one, and whether other devices are signed out. Tokens end.

use super::{Confirmed, confirmed, retry_after, wait_sentence};
use crate::access::{Owner, door};
use crate::password::Gate;
use crate::{account, password, store};
use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use site::{May as _, Site};
use std::sync::Arc;
use web::edge::ClientAddress;
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize)]
pub(crate) struct Change {
    #[serde(default)]
    old: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    others: String,
    /// `show` or `hide`.
    #[serde(default, rename = "do")]
    act: String,
    #[serde(default)]
    shown: String,
}

#[derive(Template)]
#[template(path = "account/password.html")]
struct Page {
    frame: Frame,
    form: FormState,
    password: String,
    old: String,
    is_shown: bool,
}

pub(crate) async fn get(frame: Frame, _who: Member) -> Answer {
    let form = FormState::new().with("others", "1");
    frame.html(&Page {
        frame: frame.clone(),
        form,
        password: String::new(),
        old: String::new(),
        is_shown: false,
    })
}

pub(crate) async fn post(
    State(site): State<Site>,
    Extension(gate): Extension<Arc<Gate>>,
    frame: Frame,
    who: Member,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    form: Form<Change>,
) -> Answer {
    let change = form.value;
    let kept = form
        .pairs
        .into_iter()
        .filter(|(name, _)| name == "others")
        .collect();
    let mut page = Page {
        frame: frame.clone(),
        form: FormState::typed(kept),
        password: change.password.clone(),
        old: String::new(),
        is_shown: match change.act.as_str() {
            "show" => true,
            "hide" => false,
            _ => !change.shown.is_empty(),
        },
    };
    if matches!(change.act.as_str(), "show" | "hide") {
        page.old = change.old;
        return frame.html(&page);
    }
    let account = store::get_account(&site.db, &who.account).await?;
    let attempt =
        match confirmed(&site, &gate, &frame, &who, address, &account, &change.old).await? {
            Confirmed::Right(attempt) => attempt,
            Confirmed::Wait(ms) => {
                page.form.fail("old", wait_sentence(&frame, ms));
                let mut response = frame.html_status(StatusCode::TOO_MANY_REQUESTS, &page)?;
                retry_after(&mut response, ms);
                return Ok(response);
            }
            Confirmed::Wrong => {
                page.form.fail("old", frame.t("account-password-old-wrong"));
                return frame.html_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
            }
        };
    let (_, mut own) = people::identity::known_of(&site, &account.member_id).await?;
    own.push(account.login.clone());
    let judged = password::check(&change.password, own).await?;
    let hash = match judged {
        Ok(()) => Some(gate.hash(&site.dice, &change.password).await?),
        Err(_) => None,
    };
    match &hash {
        Some(hash) => {
            let mut act = Owner::of(&who)
                .begin(&site, &frame, "account.password")
                .await?;
            let now = act.now();
            attempt.succeeded(&mut act).await?;
            store::set_password(&mut act, &account.id, hash, now).await?;
            store::revoke_slips(&mut act, &account.id, now).await?;
            if !change.others.is_empty() {
                let this = who.session.as_ref().map_or("", |session| session.as_str());
                store::end_sessions(&mut act, &account.id, this, now).await?;
            }
            // Whoever knew the old one may have made a token with it.
            store::revoke_tokens(&mut act, &account.id, now).await?;
            account::tell_password(&mut act, &account.member_id).await?;
            act.line().about(&account.member_id);
            act.end().await?;
        }
        None => {
            let mut act = door()
                .begin_unlogged(&site, &frame, "sign_in.forgive")
                .await?;
            attempt.succeeded(&mut act).await?;
            act.end().await?;
        }
    }
    if let Err(weak) = judged {
        page.form.fail("password", frame.t(weak.key()));
        return frame.html_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let done = see_other("/me/sessions").flash("account-password-done");
    let mut response = done.into_response();
    response.extensions_mut().insert(web::ForgetRefused);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use crate::stories::{Phone, good, password_of, with_doorman};
    use testkit::{HOA, on_both, on_sqlite};

    const NEW: &str = "trăng lên sau bụi tre làng Giếng";

    #[tokio::test(flavor = "multi_thread")]
    async fn a_new_password_ends_other_sessions_when_wished() {
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
                let old = password_of(HOA);
                here.posts_from(
                    "/me/password",
                    "/me/password",
                    &[("old", &old), ("password", NEW)],
                )
                .await
                .expects(303);
                there.get("/me/sessions").await.expects(200);
                let told = "select count(*) from notices_notice where kind = 'account.password' \
                    and member_id = 'hoa' and is_security = 1";
                assert_eq!(
                    app.count(told).await,
                    1,
                    "she hears of it, asked for or not"
                );
                here.posts_from(
                    "/me/password",
                    "/me/password",
                    &[("old", NEW), ("password", &old), ("others", "1")],
                )
                .await
                .expects(303);
                there.get("/me/sessions").await.expects(303);
                here.get("/me/sessions").await.expects(200);
                Phone::new(&app).signs_in_as("hoa", &old).await.expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_kept_page_of_a_refused_change_holds_no_password_and_ends_with_the_change() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let (phone, old) = (Phone::new(&app), password_of(HOA));
                phone.signs_in_as("hoa", &old).await.expects(303);
                phone.get("/me/password").await.expects(200);
                for shown in ["", "1"] {
                    let typed = [("old", "không phải"), ("password", NEW), ("shown", shown)];
                    let led = phone.posts_and_goes("/me/password", &typed).await;
                    let to = led.expects(303).location();
                    assert!(to.starts_with("/me/password?refused="), "{to}");
                    let page = phone.get(&to).await.expects(422);
                    assert!(!page.body().contains(NEW) && !page.body().contains("không phải"));
                    assert!(page.text("#again").contains("Mật khẩu"), "it is said");
                    app.later(600_000);
                }
                let typed = [("old", "không phải"), ("password", NEW)];
                let led = phone.posts_and_goes("/me/password", &typed).await;
                let to = led.expects(303).location();
                app.later(600_000);
                let right = [("old", old.as_str()), ("password", NEW)];
                let done = phone.posts_and_goes("/me/password", &right).await;
                done.expects(303);
                phone.get(&to).await.expects(200);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_wrong_old_password_is_slowed_and_a_weak_new_one_explained() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let phone = Phone::new(&app);
                phone
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
                let old = password_of(HOA);
                let reply = phone
                    .posts_from(
                        "/me/password",
                        "/me/password",
                        &[("old", &old), ("password", "matkhau1")],
                    )
                    .await
                    .expects(422);
                assert!(!reply.text("#e-password").is_empty());
                for _ in 0..3 {
                    let reply = phone
                        .posts("/me/password", &[("old", "x"), ("password", NEW)])
                        .await
                        .expects(422);
                    assert!(reply.has("#e-old"));
                }
                phone
                    .posts("/me/password", &[("old", &old), ("password", NEW)])
                    .await
                    .expects(429);
                phone
                    .posts_forged("/me/password", &[("old", &old), ("password", NEW)])
                    .await
                    .expects(403);
                app.stranger().get("/me/password").await.expects(303);
            },
        )
        .await;
    }
}
