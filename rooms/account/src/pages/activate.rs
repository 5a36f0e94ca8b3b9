//! The first password, with a slip: enter the code, see the name, choose a password, be signed in.
//!
//! A slip works once. Setting a password here ends every earlier session, token and slip.
//! Not here: giving out slips (`slip_new`). Guessing codes is slowed by address.

use super::{retry_after, wait_sentence};
use crate::access::{self, Owner};
use crate::password::Gate;
use crate::{account, attempt, password, session, slip, store};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use kernel::{Moment, Refusal};
use site::{May as _, Site};
use std::net::IpAddr;
use std::sync::Arc;
use web::edge::ClientAddress;
use web::{Answer, Fail, Form, FormState, Frame, Visitor, see_other};

#[derive(serde::Deserialize)]
pub(crate) struct Code {
    #[serde(default)]
    code: String,
}

#[derive(serde::Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    password: String,
    #[serde(default)]
    shared: String,
    /// `show` or `hide`: draws the page again with the password readable or not.
    #[serde(default, rename = "do")]
    act: String,
    /// Whether it is readable now.
    #[serde(default)]
    shown: String,
}

#[derive(Template)]
#[template(path = "account/activate.html")]
struct CodePage {
    frame: Frame,
    form: FormState,
}

#[derive(Template)]
#[template(path = "account/activate_password.html")]
struct PasswordPage {
    frame: Frame,
    form: FormState,
    given_name: String,
    login: String,
    code: String,
    password: String,
    is_shown: bool,
}

pub(crate) async fn get(frame: Frame) -> Answer {
    frame.html(&CodePage {
        frame: frame.clone(),
        form: FormState::new(),
    })
}

/// The code was typed: its page tells whether it is good.
pub(crate) async fn post(frame: Frame, form: Form<Code>) -> Answer {
    match slip::read(&form.value.code) {
        Some(code) => Ok(see_other(format!("/activate/{code}")).into_response()),
        None => {
            let mut state = FormState::typed(form.pairs);
            state.fail("code", "account-activate-code-shape");
            frame.html_status(
                StatusCode::UNPROCESSABLE_ENTITY,
                &CodePage {
                    frame: frame.clone(),
                    form: state,
                },
            )
        }
    }
}

/// What a code leads to.
enum Found {
    Good(store::Slip),
    Page(axum::response::Response),
}

fn gone(key: &'static str) -> Fail {
    Refusal::new(key)
        .status(410)
        .way_out("/sign-in", "account-activate-to-sign-in")
        .into()
}

/// The page that asks for the code again, saying what was wrong with this one.
fn ask_again(
    frame: &Frame,
    code: &str,
    status: StatusCode,
    why: impl Into<web::form::FieldTrouble>,
) -> Result<axum::response::Response, Fail> {
    let mut form = FormState::new().with("code", code);
    form.fail("code", why);
    let page = CodePage {
        frame: frame.clone(),
        form,
    };
    frame.html_status(status, &page)
}

/// A slip by its code. One that was printed before the key was changed is found by the key of then.
async fn find_slip(site: &Site, code: &str) -> Result<Option<store::Slip>, Fail> {
    for keys in site.keys.each() {
        let found = store::find_slip(&site.db, &slip::hash(&keys, code)).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

async fn find(site: &Site, frame: &Frame, address: IpAddr, code: &str) -> Result<Found, Fail> {
    let found = match slip::read(code) {
        Some(code) => find_slip(site, &code).await?,
        None => None,
    };
    let Some(found) = found else {
        let wait = attempt::guess_wait(site, address).await?;
        if wait > 0 {
            let why = wait_sentence(frame, wait);
            let mut response = ask_again(frame, code, StatusCode::TOO_MANY_REQUESTS, why)?;
            retry_after(&mut response, wait);
            return Ok(Found::Page(response));
        }
        attempt::guess_failed(site, address).await?;
        let page = ask_again(
            frame,
            code,
            StatusCode::NOT_FOUND,
            "account-activate-unknown",
        )?;
        return Ok(Found::Page(page));
    };
    if found.used_at > 0 {
        return Err(gone("account-activate-used"));
    }
    if found.revoked_at > 0 {
        // A handbook that was put back from an archive ends all slips, and prints no newer one.
        return Err(gone(match found.has_newer {
            0 => "account-activate-ended",
            _ => "account-activate-revoked",
        }));
    }
    if Moment(found.expires_at) <= site.clock.now() {
        return Err(gone("account-activate-expired"));
    }
    if !access::still_may_give(site, &found.issued_by, &found.member_id).await? {
        return Err(gone("account-activate-overtaken"));
    }
    Ok(Found::Good(found))
}

pub(crate) async fn get_code(
    State(site): State<Site>,
    frame: Frame,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    Path(code): Path<String>,
) -> Answer {
    let slip = match find(&site, &frame, address, &code).await? {
        Found::Good(slip) => slip,
        Found::Page(page) => return Ok(page),
    };
    let (name, _) = people::identity::known_of(&site, &slip.member_id).await?;
    frame.html(&PasswordPage {
        frame: frame.clone(),
        form: FormState::new(),
        given_name: vietnamese::given_name(&name).to_owned(),
        login: slip.login,
        code,
        password: String::new(),
        is_shown: false,
    })
}

#[allow(clippy::too_many_arguments)] // what a request brings, each part once
pub(crate) async fn post_code(
    State(site): State<Site>,
    Extension(gate): Extension<Arc<Gate>>,
    frame: Frame,
    visitor: Visitor,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    headers: HeaderMap,
    Path(code): Path<String>,
    form: Form<Chosen>,
) -> Answer {
    let slip = match find(&site, &frame, address, &code).await? {
        Found::Good(slip) => slip,
        Found::Page(page) => return Ok(page),
    };
    let chosen = form.value;
    let (name, mut own) = people::identity::known_of(&site, &slip.member_id).await?;
    own.push(slip.login.clone());
    let mut page = PasswordPage {
        frame: frame.clone(),
        form: FormState::typed(
            form.pairs
                .into_iter()
                .filter(|(name, _)| name != "password")
                .collect(),
        ),
        given_name: vietnamese::given_name(&name).to_owned(),
        login: slip.login.clone(),
        code,
        password: chosen.password.clone(),
        is_shown: match chosen.act.as_str() {
            "show" => true,
            "hide" => false,
            _ => !chosen.shown.is_empty(),
        },
    };
    if matches!(chosen.act.as_str(), "show" | "hide") {
        return frame.html(&page);
    }
    if let Err(weak) = password::check(&chosen.password, own).await? {
        page.form.fail("password", frame.t(weak.key()));
        return frame.html_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let hash = gate.hash(&site.dice, &chosen.password).await?;
    let owner = people::actor::load(&site, &slip.member_id).await?;
    let before = store::get_account(&site.db, &slip.account_id).await?;
    let had_password = !before.password_hash.is_empty();
    let is_shared = !chosen.shared.is_empty();
    // The code was the proof that the account is theirs.
    let mut act = Owner::known(&owner, &slip.account_id)
        .begin(&site, &frame, "account.activate")
        .await?;
    let now = act.now();
    store::hold(&mut act, &slip.account_id).await?;
    if !store::use_slip(&mut act, &slip.id, now).await? {
        return Err(gone("account-activate-used"));
    }
    account::reset(&mut act, &slip.account_id, &hash).await?;
    if had_password {
        account::tell_password(&mut act, &slip.member_id).await?;
    }
    session::end_held(&mut act, visitor.signed_in.as_deref()).await?;
    let secret = session::open(&mut act, &slip.account_id, &headers, is_shared).await?;
    act.line().about(&slip.member_id);
    act.end().await?;
    let done = see_other("/today")
        .flash("account-activate-done")
        .arg("login", &slip.login);
    let mut response = done.into_response();
    session::give(&mut response, &site, &secret, is_shared);
    if !is_shared {
        session::remember(&mut response, &site, &slip.account_id, &headers);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use crate::stories::{Phone, good, password_of, slip_for, with_doorman};
    use testkit::{HOA, on_both, on_sqlite};

    const GOOD: &str = "con mèo vàng ngủ trên mái bếp";

    #[tokio::test(flavor = "multi_thread")]
    async fn a_slip_sets_the_first_password_once() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                let issued = slip_for(&app, HOA).await;
                let phone = Phone::new(&app);
                let typed = issued.grouped().to_lowercase();
                let to = phone
                    .posts_from("/activate", "/activate", &[("code", &typed)])
                    .await
                    .expects(303)
                    .location();
                assert_eq!(to, format!("/activate/{}", issued.code));
                let page = phone.get(&to).await.expects(200);
                assert!(page.text("h1").contains("Hoa"));
                assert!(
                    !page.body().contains("Lương"),
                    "only the given name is shown"
                );
                let reply = phone.posts(&to, &[("password", GOOD)]).await.expects(303);
                assert_eq!(reply.location(), "/today");
                phone.get("/me/sessions").await.expects(200);
                let again = Phone::new(&app);
                let reply = again.get(&to).await.expects(410);
                assert!(reply.has_button("Về trang đăng nhập"));
                again.signs_in_as(&issued.login, GOOD).await.expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_of_a_refused_first_password_or_of_a_code_is_kept() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                let issued = slip_for(&app, HOA).await;
                let phone = Phone::new(&app);
                let to = format!("/activate/{}", issued.code);
                phone.get(&to).await.expects(200);
                // Answered in place: no address leads back to it.
                let weak = [("password", "123456")];
                phone.posts_and_goes(&to, &weak).await.expects(422);
                let code = [("code", "không phải mã")];
                phone.posts_and_goes("/activate", &code).await.expects(422);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_guest_was_refused_ends_when_somebody_signs_in_there() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let phone = Phone::new(&app);
                phone.get("/sign-in").await.expects(200);
                let guest = phone.cookie("sotay_guest");
                assert!(guest.is_some());
                let wrong = [("login", "0901234567"), ("password", "mật khẩu sai")];
                let led = phone.posts_and_goes("/sign-in", &wrong).await.expects(303);
                let to = led.location();
                let page = phone.get(&to).await.expects(422);
                assert_eq!(page.attributes("[name=login]", "value"), ["0901234567"]);
                assert!(!page.body().contains("mật khẩu sai"));
                app.later(600_000);
                let signed = phone.signs_in_as("hoa", &password_of(HOA)).await;
                signed.expects(303);
                phone.get("/me/sessions").await.expects(200);
                phone.posts("/sign-out", &[]).await.expects(303);
                let page = phone.get(&to).await.expects(200);
                assert_eq!(page.attributes("[name=login]", "value"), [""]);
                assert_ne!(phone.cookie("sotay_guest"), guest, "another guest");
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_new_slip_ends_the_old_one_and_activation_ends_old_sessions_and_tokens() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let old_phone = Phone::new(&app);
                old_phone
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
                let first = slip_for(&app, HOA).await;
                let second = slip_for(&app, HOA).await;
                assert_eq!(first.login, "hoa");
                let gone = format!("/activate/{}", first.code);
                let said = Phone::new(&app).get(&gone).await.expects(410);
                assert!(said.text("main").contains("phiếu mới hơn. Dùng phiếu mới"));
                old_phone.get("/me/sessions").await.expects(200);
                let phone = Phone::new(&app);
                let to = format!("/activate/{}", second.code);
                phone.get(&to).await.expects(200);
                phone.posts(&to, &[("password", GOOD)]).await.expects(303);
                old_phone.get("/me/sessions").await.expects(303);
                Phone::new(&app)
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(422);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_slip_that_ended_with_a_restore_says_that_there_is_no_newer_one() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                let slip = slip_for(&app, HOA).await;
                app.sets("update account_slip set revoked_at = 1 where revoked_at is null")
                    .await;
                let to = format!("/activate/{}", slip.code);
                let said = Phone::new(&app).get(&to).await.expects(410).text("main");
                assert!(said.contains("chưa có phiếu nào mới hơn"), "{said}");
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_slip_lasts_to_the_end_of_the_fourteenth_day() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                let issued = slip_for(&app, HOA).await;
                let to = format!("/activate/{}", issued.code);
                app.later(issued.expires_at.0 - app.site.clock.now().0 - 1);
                Phone::new(&app).get(&to).await.expects(200);
                app.later(1);
                let reply = Phone::new(&app).get(&to).await.expects(410);
                assert!(reply.body().contains("đã hết hạn"));
                Phone::new(&app)
                    .posts_from("/activate", &to, &[("password", GOOD)])
                    .await
                    .expects(410);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_weak_password_is_explained_and_can_be_looked_at_without_a_script() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                let issued = slip_for(&app, HOA).await;
                let phone = Phone::new(&app);
                let to = format!("/activate/{}", issued.code);
                phone.get(&to).await.expects(200);
                for bad in ["ngắn", "matkhau123", "luongthihoa1954", "Hoa19051954"] {
                    let reply = phone.posts(&to, &[("password", bad)]).await.expects(422);
                    assert!(!reply.text(".err").is_empty(), "{bad}");
                }
                let reply = phone
                    .posts(&to, &[("password", GOOD), ("do", "show")])
                    .await
                    .expects(200);
                assert_eq!(reply.attributes("#f-password", "type"), ["text"]);
                assert_eq!(reply.attributes("#f-password", "value"), [GOOD]);
                let reply = phone
                    .posts(&to, &[("password", GOOD), ("do", "hide"), ("shown", "1")])
                    .await
                    .expects(200);
                assert_eq!(reply.attributes("#f-password", "type"), ["password"]);
                assert_eq!(
                    app.count("select count(*) from account_slip where used_at is not null")
                        .await,
                    0
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn guessing_codes_is_slowed_by_address() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                let issued = slip_for(&app, HOA).await;
                let phone = Phone::at(&app, "192.0.2.1");
                let wrong = "/activate/3333-4444-6666";
                for _ in 0..10 {
                    phone.get(wrong).await.expects(404);
                }
                let told = phone.get(wrong).await.expects(429);
                assert_eq!(told.header("retry-after"), "1");
                Phone::at(&app, "192.0.2.2").get(wrong).await.expects(404);
                let to = format!("/activate/{}", issued.code);
                let beside = Phone::at(&app, "192.0.2.1");
                beside.get(&to).await.expects(200); // a right code never waits for a neighbour
                beside.posts(&to, &[("password", GOOD)]).await.expects(303);
                app.later(1000);
                phone.get(wrong).await.expects(404);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_no_code_is_told_before_it_is_looked_for() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                let phone = Phone::new(&app);
                let reply = phone
                    .posts_from("/activate", "/activate", &[("code", "0000 0000")])
                    .await
                    .expects(422);
                assert!(reply.has("#f-code[value='0000 0000']"));
                app.stranger()
                    .post_forged("/activate", &[("code", "x")])
                    .await
                    .expects(403);
            },
        )
        .await;
    }
}
