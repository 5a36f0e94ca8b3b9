//! Signing in with member code, phone or e-mail and a password.
//!
//! Whether an account exists is told neither by words nor by time: an unknown one is counted,
//! hashed and answered alike. Not here: the first password (`activate`), the delays (`delay`).

use super::{retry_after, wait_sentence};
use crate::access;
use crate::password::{Gate, Place};
use crate::{account, attempt, login, secret, session, slip, store};
use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use site::{May as _, Site};
use std::sync::Arc;
use web::edge::ClientAddress;
use web::{Answer, Form, FormState, Frame, Visitor, see_other};

#[derive(serde::Deserialize, Default)]
pub(crate) struct Came {
    #[serde(default)]
    next: String,
    /// Whether something typed is kept for whoever it was.
    #[serde(default)]
    left: String,
}

#[derive(serde::Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    shared: String,
    #[serde(default)]
    next: String,
    /// `show` or `hide`: draws the page again with the password readable or not.
    #[serde(default, rename = "do")]
    act: String,
}

#[derive(Template)]
#[template(path = "account/sign_in.html")]
struct Page {
    frame: Frame,
    form: FormState,
    next: String,
    /// Kept only while it is shown or hidden again, never after it was tried.
    password: String,
    is_shown: bool,
    /// How long a slip lasts, in a sentence.
    first: String,
}

impl Page {
    async fn of(site: &Site, frame: &Frame, form: FormState, next: String) -> Page {
        let days = site.rules.get(slip::SLIP_DAYS, frame.today()).await;
        // The door opens without the rule too; only the number is not said then.
        let first = match days.and_then(|days| days.span()) {
            Ok(days) => frame.t1("account-sign-in-first-days", "n", i64::from(days)),
            Err(_) => frame.t("account-sign-in-first"),
        };
        Page {
            first,
            frame: frame.clone(),
            form,
            next,
            password: String::new(),
            is_shown: false,
        }
    }
}

/// Where to go after signing in: a path of ours, and not back to this door.
fn onward(next: &str) -> String {
    let own = web::frame::own_path(next).filter(|path| {
        let bare = path.split(['?', '#']).next().unwrap_or("");
        !matches!(bare, "/" | "/sign-in" | "/sign-out") && !bare.starts_with("/activate")
    });
    own.unwrap_or("/today").to_owned()
}

pub(crate) async fn get(State(site): State<Site>, frame: Frame, came: Query<Came>) -> Answer {
    let next = onward(&came.next);
    if frame.is_signed_in() {
        return Ok(see_other(next).into_response());
    }
    let state = FormState::new().with("left", came.left.as_str());
    frame.html(&Page::of(&site, &frame, state, next).await)
}

pub(crate) async fn post(
    State(site): State<Site>,
    Extension(gate): Extension<Arc<Gate>>,
    frame: Frame,
    visitor: Visitor,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    headers: HeaderMap,
    form: Form<Typed>,
) -> Answer {
    let next = onward(&form.value.next);
    // What was typed is shown again, but never the password.
    let kept = form
        .pairs
        .into_iter()
        .filter(|(name, _)| name != "password")
        .collect();
    let mut state = FormState::typed(kept);
    if matches!(form.value.act.as_str(), "show" | "hide") {
        return frame.html(&Page {
            is_shown: form.value.act == "show",
            password: form.value.password,
            ..Page::of(&site, &frame, state, next).await
        });
    }
    if form.value.login.trim().is_empty() {
        state.fail("login", "account-sign-in-login-missing");
    }
    if form.value.password.is_empty() {
        state.fail("password", "account-sign-in-password-missing");
    }
    if !state.is_good() {
        return frame.html_status(
            StatusCode::UNPROCESSABLE_ENTITY,
            &Page::of(&site, &frame, state, next).await,
        );
    }
    let typed = login::read(&form.value.login);
    let phone = account::phone_mac(&site.keys, &typed.phone);
    let found = store::find_account(&site.db, &typed.code, &phone, &typed.email).await?;
    let device = found.as_ref().and_then(|found| {
        secret::device_of(
            &site.keys,
            web::edge::cookie(&headers, secret::DEVICE_COOKIE)?,
            &found.id,
        )
    });
    let attempt = match attempt::begin(&site, &typed.identity(), address, device).await? {
        Ok(attempt) => attempt,
        Err(ms) => {
            attempt::tell_operator(address);
            state.fail("login", wait_sentence(&frame, ms));
            let page = Page::of(&site, &frame, state, next).await;
            let mut response = frame.html_status(StatusCode::TOO_MANY_REQUESTS, &page)?;
            retry_after(&mut response, ms);
            return Ok(response);
        }
    };
    let stored = found
        .as_ref()
        .map_or("", |found| found.password_hash.as_str());
    let place = device.map_or(Place::Stranger, |_| Place::Known);
    let compared = gate.compare(&form.value.password, stored, place).await?;
    if !compared.is_right {
        attempt::tell_operator(address);
        attempt::failed(&site, &frame, found.as_ref()).await?;
    }
    let Some(account) = found.filter(|_| compared.is_right) else {
        state.fail("login", "account-sign-in-wrong");
        return frame.html_status(
            StatusCode::UNPROCESSABLE_ENTITY,
            &Page::of(&site, &frame, state, next).await,
        );
    };
    let anew = match compared.is_outdated {
        true => Some(gate.hash(&site.dice, &form.value.password).await?),
        false => None,
    };
    let is_shared = !form.value.shared.is_empty();
    let mut contacts = access::door()
        .begin(&site, &frame, "account.contacts")
        .await?;
    if account::refresh_contacts(&mut contacts, &account).await? {
        contacts
            .line()
            .about(&account.member_id)
            .object("account", &account.id);
        contacts.end().await?;
    } else {
        contacts.leave().await?;
    }
    let actor = people::actor::load(&site, &account.member_id).await?;
    let mut act = access::Owner::known(&actor, &account.id)
        .begin(&site, &frame, "account.sign_in")
        .await?;
    act.line().about(&account.member_id);
    attempt.succeeded(&mut act).await?;
    if let Some(hash) = anew {
        store::rehash(&mut act, &account.id, &hash, &account.password_hash).await?;
    }
    session::end_held(&mut act, visitor.signed_in.as_deref()).await?;
    let secret = session::open(&mut act, &account.id, &headers, is_shared).await?;
    act.end().await?;
    let mut response = see_other(next).into_response();
    session::give(&mut response, &site, &secret, is_shared);
    if !is_shared {
        session::remember(&mut response, &site, &account.id, &headers);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stories::{Phone, good, password_of, with_doorman};
    use testkit::{HOA, LAN, on_both, on_sqlite};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_password_can_be_looked_at_before_it_is_tried_and_is_not_kept_after() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let typed = [("login", "DV1"), ("password", "mây trắng"), ("do", "show")];
                let page = app.stranger().post("/sign-in", &typed).await.expects(200);
                assert_eq!(page.attributes("#f-password", "type"), ["text"]);
                assert_eq!(page.attributes("#f-password", "value"), ["mây trắng"]);
                assert_eq!(page.attributes("#f-login", "value"), ["DV1"]);
                let tries = "select count(*) from account_failure";
                assert_eq!(app.count(tries).await, 0, "nothing was tried");
                let page = app
                    .stranger()
                    .post("/sign-in", &typed[..2])
                    .await
                    .expects(422);
                assert_eq!(page.attributes("#f-password", "type"), ["password"]);
                assert_eq!(page.attributes("#f-password", "value"), [""]);
            },
        )
        .await;
    }
    #[test]
    fn only_our_own_pages_come_next() {
        assert_eq!(onward("/meetings?x=1"), "/meetings?x=1");
        for bad in [
            "//evil.example",
            "https://evil.example",
            "/\\evil",
            "",
            "/sign-in?next=/sign-in",
            "/sign-out",
        ] {
            assert_eq!(onward(bad), "/today", "{bad}");
        }
    }

    /// Their record has the telephone 0912345678.
    async fn has_phone(app: &testkit::TestApp, who: testkit::Character) {
        let (id, phone) = (who.id.parse().unwrap(), Some("0912345678"));
        let mut act = app.act().await;
        people::store::set_numbers(&mut act, &id, None, None, phone)
            .await
            .unwrap();
        act.end().await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_member_signs_in_with_code_phone_or_e_mail() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                has_phone(&app, HOA).await;
                app.has_email(HOA, "Hoa@Example.vn").await;
                for typed in ["hoa", " HOA ", "+84 912 345 678", "hoa@example.VN"] {
                    let phone = Phone::new(&app);
                    let reply = phone
                        .signs_in_as(typed, &password_of(HOA))
                        .await
                        .expects(303);
                    assert_eq!(reply.location(), "/today", "{typed}");
                    phone.get("/me/sessions").await.expects(200);
                }
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_phone_that_two_members_share_leads_to_neither() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                for who in [HOA, LAN] {
                    good(&app, who, who.id).await;
                }
                for who in [HOA, LAN] {
                    has_phone(&app, who).await;
                }
                for who in [HOA, LAN] {
                    Phone::new(&app)
                        .signs_in_as(who.id, &password_of(who))
                        .await
                        .expects(303);
                }
                Phone::new(&app)
                    .signs_in_as("0912345678", &password_of(HOA))
                    .await
                    .expects(422);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn wrong_twice_then_right_is_let_in_and_only_the_address_remembers() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let phone = Phone::new(&app);
                for _ in 0..2 {
                    let reply = phone.signs_in_as("hoa", "sai mật khẩu").await.expects(422);
                    assert!(reply.has("#f-login[value=hoa]"), "what was typed is kept");
                    assert!(
                        !reply.body().contains("sai mật khẩu"),
                        "but never the password"
                    );
                    assert!(reply.has("[role=alert]"));
                }
                phone
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
                let left = "select cast(sum(failures) as bigint) from account_failure";
                assert_eq!(app.count(left).await, 2);
                assert_eq!(app.count("select count(*) from account_failure").await, 1);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_fourth_wrong_try_waits_and_the_wait_grows() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let phone = Phone::new(&app);
                for _ in 0..3 {
                    phone.signs_in_as("hoa", "x").await.expects(422);
                }
                let reply = phone
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(429);
                assert_eq!(reply.header("retry-after"), "1");
                assert!(reply.text(".err").contains("1 giây"));
                app.later(1000);
                phone.signs_in_as("hoa", "x").await.expects(422);
                assert_eq!(
                    phone
                        .signs_in_as("hoa", "x")
                        .await
                        .expects(429)
                        .header("retry-after"),
                    "2"
                );
                app.later(2000);
                phone
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_stranger_who_fails_on_purpose_cannot_keep_the_owner_out() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let at_home = Phone::at(&app, "192.0.2.1");
                at_home
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
                let mut failures = 0;
                for nth in 0..20 {
                    let stranger = Phone::at(&app, &format!("198.51.100.{nth}"));
                    while failures < 40 && stranger.signs_in_as("hoa", "x").await.status == 422 {
                        failures += 1;
                    }
                }
                assert!(failures > 10, "{failures}");
                // The browser at home is known; a new phone elsewhere waits half a minute at most, once.
                at_home.forgets_session();
                at_home
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
                // That sign-in forgave everything; the strangers begin again, from other addresses.
                for nth in 100..105 {
                    let stranger = Phone::at(&app, &format!("198.51.100.{nth}"));
                    for _ in 0..3 {
                        stranger.signs_in_as("hoa", "x").await;
                    }
                }
                let elsewhere = Phone::at(&app, "203.0.113.9");
                let reply = elsewhere
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(429);
                let wait: i64 = reply.header("retry-after").parse().unwrap();
                assert!((1..=30).contains(&wait), "{wait}");
                app.later(wait * 1000);
                Phone::at(&app, "198.51.100.78")
                    .signs_in_as("hoa", "x")
                    .await;
                elsewhere
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_address_trying_many_accounts_is_slowed_too() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                let phone = Phone::new(&app);
                for nth in 0..10 {
                    phone
                        .signs_in_as(&format!("ai{nth}"), "x")
                        .await
                        .expects(422);
                }
                phone.signs_in_as("khac", "x").await.expects(429);
                Phone::at(&app, "203.0.113.9")
                    .signs_in_as("khac", "x")
                    .await
                    .expects(422);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn success_on_ones_own_account_takes_nothing_off_the_address() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let phone = Phone::new(&app);
                for nth in 0..9 {
                    let other = format!("ai{nth}");
                    phone.signs_in_as(&other, "x").await.expects(422);
                    if nth % 3 == 2 {
                        let own = Phone::new(&app); // a fresh browser each time: not known
                        own.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                    }
                }
                phone.signs_in_as("them", "x").await.expects(422);
                phone.signs_in_as("khac", "x").await.expects(429);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn right_passwords_from_one_hall_leave_no_count() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                for _ in 0..12 {
                    Phone::new(&app)
                        .signs_in_as("hoa", &password_of(HOA))
                        .await
                        .expects(303);
                }
                assert_eq!(app.count("select count(*) from account_failure").await, 0);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_known_browser_does_not_wait_for_its_neighbours_in_the_hall() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let own = Phone::new(&app);
                own.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                let neighbour = Phone::new(&app);
                for nth in 0..10 {
                    let other = format!("ai{nth}");
                    neighbour.signs_in_as(&other, "x").await.expects(422);
                }
                neighbour.signs_in_as("hoa", "x").await.expects(429);
                let (old, new) = (password_of(HOA), "trăng lên sau bụi tre làng Giếng");
                let change = [("old", old.as_str()), ("password", new)];
                own.posts_from("/me/password", "/me/password", &change)
                    .await
                    .expects(303);
                own.forgets_session();
                own.signs_in_as("hoa", new).await.expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn waiting_does_not_tell_whether_an_account_exists() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                app.has_phone(HOA, "0912345678").await;
                Phone::new(&app)
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
                let ways = ["+84 912 345 678", "0912.345.678", "0912345678"];
                let others = ["+84 912 345 679", "0912.345.679", "0912345679"];
                let mut seen = Vec::new();
                for (nth, ways) in [ways, others].iter().enumerate() {
                    let phone = Phone::at(&app, &format!("192.0.2.{nth}"));
                    let mut told = Vec::new();
                    for way in ways.iter().chain(&["hoa"]).chain(ways) {
                        told.push(phone.signs_in_as(way, "x").await.status.as_u16());
                    }
                    seen.push(told);
                }
                assert_eq!(seen[0], [422, 422, 422, 422, 429, 429, 429]);
                assert_eq!(seen[0], seen[1]);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn tries_at_once_are_counted_one_by_one() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = std::sync::Arc::new(with_doorman(app).await);
                good(&app, HOA, "hoa").await;
                let mut tries = Vec::new();
                for _ in 0..8 {
                    let site = app.site.clone();
                    tries.push(tokio::spawn(async move {
                        attempt::begin(&site, "hoa", "192.0.2.5".parse().unwrap(), None)
                            .await
                            .unwrap()
                            .is_ok()
                    }));
                }
                let mut went = 0;
                for one in tries {
                    went += i32::from(one.await.unwrap());
                }
                assert_eq!(went, 3);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_unknown_account_costs_one_hash_like_a_known_one() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let gate = app.known::<Gate>();
                let before = gate.hashes();
                let known = Phone::at(&app, "192.0.2.1")
                    .signs_in_as("hoa", "x")
                    .await
                    .expects(422);
                let between = gate.hashes();
                let unknown = Phone::at(&app, "192.0.2.2")
                    .signs_in_as("khong", "x")
                    .await
                    .expects(422);
                assert_eq!((between - before, gate.hashes() - between), (1, 1));
                assert_eq!(known.text(".err"), unknown.text(".err"));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_hash_of_other_parameters_is_made_anew_on_signing_in() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let weak = argon2::Params::new(64, 1, 1, None).unwrap();
                let weak = argon2::PasswordHasher::hash_password_with_salt(
                    &argon2::Argon2::from(weak),
                    password_of(HOA).as_bytes(),
                    b"0123456789abcdef",
                )
                .unwrap()
                .to_string();
                let mut act = app.act().await;
                db::sql("update account_account set password_hash = $1")
                    .bind(weak)
                    .run(act.on())
                    .await
                    .unwrap();
                act.end().await.unwrap();
                Phone::new(&app)
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
                let strong: (String,) = db::sql("select password_hash from account_account")
                    .one(app.site.db.read())
                    .await
                    .unwrap();
                assert!(strong.0.contains("m=19456,t=2,p=1"), "{}", strong.0);
                Phone::new(&app)
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn forged_and_broken_forms_are_refused() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                app.stranger()
                    .post_forged("/sign-in", &[("login", "hoa"), ("password", "x")])
                    .await
                    .expects(403);
                let broken = format!("csrf={}&login=%E1%BA", app.stranger().csrf());
                app.stranger()
                    .post_raw("/sign-in", broken.into_bytes())
                    .await
                    .expects(400);
                app.stranger().post("/sign-in", &[]).await.expects(422);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_member_who_left_is_out_at_the_next_request() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let phone = Phone::new(&app);
                phone
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
                phone.get("/me/sessions").await.expects(200);
                app.has_status(HOA, "left").await;
                phone.get("/me/sessions").await.expects(303);
                Phone::new(&app)
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(422);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn on_a_shared_computer_the_cookie_goes_with_the_browser() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let phone = Phone::new(&app);
                let reply = phone
                    .posts(
                        "/sign-in",
                        &[
                            ("login", "hoa"),
                            ("password", &password_of(HOA)),
                            ("shared", "1"),
                        ],
                    )
                    .await
                    .expects(303);
                let cookies: Vec<&str> = reply
                    .headers
                    .get_all("set-cookie")
                    .iter()
                    .map(|v| v.to_str().unwrap())
                    .collect();
                assert!(cookies.iter().any(|c| c.starts_with("sotay_session=")
                    && !c.contains("Max-Age")
                    && c.contains("HttpOnly")));
                assert!(!cookies.iter().any(|c| c.starts_with("sotay_device=")));
                app.later(session::IDLE_MS - 1);
                phone.get("/me/sessions").await.expects(200);
                // The doorman notes beside the request that it was seen.
                crate::stories::until(async || {
                    app.count("select count(*) from account_session where seen_at > created_at")
                        .await
                        == 1
                })
                .await;
                app.later(session::IDLE_MS - 1);
                phone.get("/me/sessions").await.expects(200);
                crate::stories::until(async || {
                    app.count(
                        "select count(*) from account_session where seen_at > created_at + 5000000",
                    )
                    .await
                        == 1
                })
                .await;
                // What the open page asks for by itself is no use: the hour goes on from the last real one.
                for minutes in [25, 30] {
                    app.later(minutes * 60_000);
                    phone.asks_aside("/me/sessions").await.expects(200);
                }
                app.later(5 * 60_000 + 1);
                assert_eq!(
                    phone.get("/me/sessions").await.expects(303).location(),
                    "/sign-in?next=%2Fme%2Fsessions"
                );
            },
        )
        .await;
    }

    /// Nobody reads for days with another's cookie while "last used" stands still.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_pages_ask_by_themselves_is_told_once_an_hour() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let phone = Phone::new(&app);
                phone
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
                let told = "select count(*) from account_session where seen_at > created_at";
                app.later(session::IDLE_MS - 1);
                phone.asks_aside("/me/sessions").await.expects(200);
                assert_eq!(app.count(told).await, 0);
                app.later(1);
                phone.asks_aside("/me/sessions").await.expects(200);
                crate::stories::until(async || app.count(told).await == 1).await;
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_session_ends_after_thirty_days() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let phone = Phone::new(&app);
                phone
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
                app.later(session::LASTS_MS - 1);
                phone.get("/me/sessions").await.expects(200);
                app.later(1);
                phone.get("/me/sessions").await.expects(303);
            },
        )
        .await;
    }

    /// A page with a form of every kind behind the guard, which counts what it is sent.
    fn typing() -> site::Room {
        const TEXTS: &str = "typing-x = x";
        let mut room = site::Room::new("typing", TEXTS, TEXTS);
        let page = async |frame: Frame| {
            let csrf = frame.csrf();
            axum::response::Html(format!(
                "<main><form method=\"post\" action=\"/typing\"><input type=\"hidden\" name=\"csrf\" value=\"{csrf}\">\
                 <textarea name=\"text\">đã lưu</textarea><input type=\"checkbox\" name=\"who\" value=\"lan\">\
                 <input name=\"password\" value=\"\"></form></main>"
            ))
        };
        let post = async |_form: web::Form<web::Nothing>| see_other("/typing").into_response();
        room.routes = web::Routes::new()
            .get("/typing", web::Access::Member, page)
            .post_long("/typing", web::Access::Member, post);
        room
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_typed_when_the_session_ended_comes_back_to_the_same_person_only() {
        on_both(
            || vec![crate::room(), typing()],
            async |app| {
                let app = crate::stories::with_doorman_and(app, typing().routes).await;
                for who in [HOA, LAN] {
                    good(&app, who, who.id).await;
                }
                let hoa = Phone::new(&app);
                hoa.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                hoa.get("/typing").await.expects(200);
                app.later(session::LASTS_MS);
                let long = "dòng \"một\"\nhai <b> ".repeat(20_000);
                let typed = [
                    ("text", long.as_str()),
                    ("who", "lan"),
                    ("password", "mật"),
                    ("row", "hàng thêm"),
                ];
                let reply = hoa.posts("/typing", &typed).await.expects(303);
                assert_eq!(reply.location(), "/sign-in?left=1&next=%2Ftyping");
                let door = hoa.get(&reply.location()).await.expects(200);
                assert!(door.text("[role=status]").contains("giữ một giờ"));
                let sealed: (String,) = db::sql("select sealed from account_left")
                    .one(app.site.db.read())
                    .await
                    .unwrap();
                assert!(!sealed.0.contains("hai <b>"));
                // Somebody else at the same browser gets nothing of it.
                let lan = hoa.copy();
                lan.signs_in_as("lan", &password_of(LAN)).await.expects(303);
                let page = lan.get("/typing").await.expects(200);
                assert_eq!(page.text("textarea"), "đã lưu");
                assert!(!page.has("#left"));
                // Herself, with the same browser.
                let in_ = [
                    ("login", "hoa"),
                    ("password", &password_of(HOA)),
                    ("next", "/typing"),
                ];
                let reply = hoa
                    .posts_from("/sign-in", "/sign-in", &in_)
                    .await
                    .expects(303);
                assert_eq!(reply.location(), "/typing");
                let page = hoa.get("/typing").await.expects(200);
                assert!(page.body().contains("dòng &quot;một&quot;\nhai &lt;b&gt;"));
                assert!(page.has("[name=who][checked]") && page.has("#left"));
                assert!(
                    page.text("#left").contains("hàng thêm"),
                    "a row without a place is told"
                );
                assert!(!page.body().contains("mật"), "no password is kept");
                let again = "Mật khẩu, số thẻ và số định danh không được giữ";
                assert!(page.text("#left").contains(again));
                hoa.posts("/typing", &typed).await.expects(303);
                assert_eq!(app.count(LEFT).await, 0);
                assert_eq!(hoa.cookie("sotay_left"), None);
                assert!(!hoa.get("/typing").await.has("#left"), "it was sent");
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_typed_in_a_browser_whose_cookies_are_gone_comes_back_to_who_typed_it_alone() {
        on_both(
            || vec![crate::room(), typing()],
            async |app| {
                let app = crate::stories::with_doorman_and(app, typing().routes).await;
                good(&app, HOA, "hoa").await;
                good(&app, LAN, "lan").await;
                let hoa = Phone::new(&app);
                hoa.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                hoa.get("/typing").await.expects(200);
                let typed = [
                    ("text", "dòng <b> một\nhai"),
                    ("password", "mật"),
                    ("row", "hàng thêm"),
                ];
                let page = hoa.posts_without_cookies("/typing", &typed).await;
                let page = page.expects(401);
                assert_eq!(page.header("cache-control"), "no-store");
                let held = page.text("textarea");
                assert!(held.contains("dòng <b> một") && held.contains("hàng thêm"));
                assert!(!page.body().contains("<b> một"), "as text, never as a page");
                assert_eq!(
                    page.attributes(".actions a", "href"),
                    ["/sign-in?next=%2Ftyping"]
                );
                assert_eq!(app.count(LEFT).await, 0, "nobody else gets it");
                // Somebody else signs in there: nothing is theirs, and the form goes on waiting.
                hoa.get("/sign-in").await.expects(200);
                hoa.signs_in_as("lan", &password_of(LAN)).await.expects(303);
                let other = hoa.get("/typing").await.expects(200);
                assert!(!other.has("#left") && !other.body().contains("một"));
                hoa.posts("/typing", &[("text", "khác")]).await.expects(303);
                assert_eq!(app.count(LEFT).await, 0);
                hoa.forgets_session();
                // In another browser she finds nothing, in this one all of it.
                let elsewhere = Phone::new(&app);
                elsewhere
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
                assert!(!elsewhere.get("/typing").await.has("#left"));
                hoa.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                let page = hoa.get("/typing").await.expects(200);
                assert!(
                    page.body().contains("dòng &lt;b&gt; một\nhai"),
                    "{}",
                    page.body()
                );
                assert!(page.text("#left").contains("hàng thêm"));
                assert!(!page.body().contains("mật\""), "no password is kept");
                assert_eq!(app.count(LEFT).await, 1);
                // What holds nothing typed asks to sign in, as ever.
                let bare = hoa.posts_without_cookies("/typing", &[]).await;
                assert!(bare.expects(303).location().starts_with("/sign-in"));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_cookie_outlives_its_session_so_that_an_ordinary_end_eats_nothing() {
        on_both(
            || vec![crate::room(), typing()],
            async |app| {
                let app = crate::stories::with_doorman_and(app, typing().routes).await;
                good(&app, HOA, "hoa").await;
                let hoa = Phone::new(&app);
                let given = hoa.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                let cookies = given.headers.get_all("set-cookie");
                let held = (cookies.iter())
                    .filter_map(|cookie| cookie.to_str().ok())
                    .find(|cookie| cookie.starts_with("sotay_session="));
                let age = held.and_then(|cookie| cookie.split("Max-Age=").nth(1));
                let age = age.and_then(|age| age.split(';').next()?.parse::<i64>().ok());
                assert_eq!(age, Some((session::LASTS_MS + 86_400_000) / 1000));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_nobody_of_ours_typed_is_not_kept_and_an_hour_later_all_is_gone() {
        on_both(
            || vec![crate::room(), typing()],
            async |app| {
                let app = crate::stories::with_doorman_and(app, typing().routes).await;
                good(&app, HOA, "hoa").await;
                let kept = LEFT;
                let typed = [("text", "x")];
                Phone::new(&app).posts("/typing", &typed).await.expects(303);
                let hoa = Phone::new(&app);
                hoa.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                hoa.get("/typing").await.expects(200);
                app.later(session::LASTS_MS);
                hoa.posts_forged("/typing", &typed).await.expects(303);
                hoa.copy().posts("/typing", &typed).await.expects(303);
                assert_eq!(
                    app.count(kept).await,
                    0,
                    "without the token of that session"
                );
                hoa.posts("/typing", &typed).await.expects(303);
                assert_eq!(app.count(kept).await, 1);
                app.later(web::left::LASTS_MS + 1);
                hoa.get("/sign-in").await.expects(200);
                hoa.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                assert!(!hoa.get("/typing").await.expects(200).has("#left"));
                crate::tidy(&app.site).await.unwrap();
                assert_eq!(app.count(kept).await, 0);
            },
        )
        .await;
    }

    const LEFT: &str = "select count(*) from account_left";

    /// Hoa at a browser, with a page open when her session ends.
    async fn typing_when_it_ends(app: &testkit::TestApp) -> Phone<'_> {
        good(app, HOA, "hoa").await;
        let hoa = Phone::new(app);
        hoa.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
        hoa.get("/typing").await.expects(200);
        app.later(session::LASTS_MS);
        hoa
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn each_page_gets_back_its_own_and_throwing_away_forgets() {
        on_both(
            || vec![crate::room(), typing()],
            async |app| {
                let app = crate::stories::with_doorman_and(app, typing().routes).await;
                let hoa = typing_when_it_ends(&app).await;
                for unit in ["3", "4"] {
                    let page = format!("/typing?unit={unit}");
                    let reply = hoa.posts_at(&page, "/typing", &[("text", &page)]).await;
                    let to = format!("/sign-in?left=1&next=%2Ftyping%3Funit%3D{unit}");
                    assert_eq!(reply.expects(303).location(), to);
                }
                // What nobody typed, and the way out, push nothing away.
                hoa.posts_at("/typing", "/typing", &[("do", "save")]).await;
                hoa.posts_at("/typing?unit=3", "/sign-out", &[("text", "x")])
                    .await;
                assert_eq!(app.count(LEFT).await, 2);
                hoa.get("/sign-in").await.expects(200);
                hoa.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                assert!(!hoa.get("/typing").await.has("#left"));
                for unit in ["4", "3"] {
                    let address = format!("/typing?unit={unit}");
                    let page = hoa.get(&address).await.expects(200);
                    assert!(page.text("textarea").contains(&address));
                }
                let way = hoa
                    .get("/typing?unit=3")
                    .await
                    .attributes("#left a", "href");
                assert_eq!(way, ["/typing?unit=3&left=no"]);
                let plain = hoa.get(&way[0]).await.expects(200);
                assert_eq!(plain.text("textarea"), "đã lưu");
                assert!(!hoa.get("/typing?unit=3").await.has("#left"));
                let sent = [("text", "gửi")];
                hoa.get("/typing?unit=5").await.expects(200);
                hoa.posts_at("/typing?unit=5", "/typing", &sent)
                    .await
                    .expects(303);
                assert!(
                    hoa.get("/typing?unit=4").await.has("#left"),
                    "another was sent"
                );
                hoa.posts_at("/typing?unit=4", "/typing", &sent)
                    .await
                    .expects(303);
                assert_eq!(app.count(LEFT).await, 0);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_form_comes_back_only_to_the_browser_that_left_it_and_a_handful_at_most() {
        on_both(
            || vec![crate::room(), typing()],
            async |app| {
                let app = crate::stories::with_doorman_and(app, typing().routes).await;
                let hoa = typing_when_it_ends(&app).await;
                // Somebody holds a copy of her ended cookie, and the token of her page.
                let thief = hoa.copy_with_page();
                thief
                    .posts_at("/typing", "/typing", &[("text", "gài")])
                    .await
                    .expects(303);
                let reply = hoa
                    .posts_at("/typing", "/typing", &[("text", "của Hoa")])
                    .await;
                let cookie = reply.headers.get("set-cookie").unwrap().to_str().unwrap();
                assert!(
                    cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
                    "{cookie}"
                );
                for n in 0..40 {
                    app.later(1);
                    let page = format!("/typing?n={n}");
                    thief.forgets("sotay_left");
                    thief
                        .posts_at(&page, "/typing", &[("text", "gài")])
                        .await
                        .expects(303);
                }
                assert_eq!(app.count(LEFT).await, 20, "hers is among them");
                hoa.get("/sign-in").await.expects(200);
                hoa.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                assert!(
                    hoa.get("/typing")
                        .await
                        .text("textarea")
                        .contains("của Hoa")
                );
                for n in 0..20 {
                    assert!(!hoa.get(&format!("/typing?n={n}")).await.has("#left"));
                }
                let other = Phone::new(&app);
                other
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(303);
                assert!(
                    !other.get("/typing").await.has("#left"),
                    "her other browser"
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_page_that_is_gone_meanwhile_tells_what_was_typed_there() {
        on_both(
            || vec![crate::room(), typing()],
            async |app| {
                let app = crate::stories::with_doorman_and(app, typing().routes).await;
                let hoa = typing_when_it_ends(&app).await;
                let (page, typed) = ("/typing/gone", [("text", "ở trang đã mất")]);
                hoa.posts_at(page, "/typing", &typed).await.expects(303);
                hoa.get("/sign-in").await.expects(200);
                hoa.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                let gone = hoa.get(page).await.expects(404);
                assert!(gone.text("#left").contains("ở trang đã mất"));
                hoa.get("/typing/gone?left=no").await.expects(404);
                assert_eq!(app.count(LEFT).await, 0);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_one_browser_the_newest_five_are_kept() {
        on_both(
            || vec![crate::room(), typing()],
            async |app| {
                let app = crate::stories::with_doorman_and(app, typing().routes).await;
                let hoa = typing_when_it_ends(&app).await;
                for n in 0..7 {
                    app.later(1);
                    let page = format!("/typing?n={n}");
                    hoa.posts_at(&page, "/typing", &[("text", "x")])
                        .await
                        .expects(303);
                }
                assert_eq!(app.count(LEFT).await, 5);
                hoa.get("/sign-in").await.expects(200);
                hoa.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                for n in 0..7 {
                    let has = hoa.get(&format!("/typing?n={n}")).await.has("#left");
                    assert_eq!(has, n > 1, "{n}");
                }
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_form_of_the_session_before_is_kept_for_the_one_who_signed_in_anew() {
        on_both(
            || vec![crate::room(), typing()],
            async |app| {
                let app = crate::stories::with_doorman_and(app, typing().routes).await;
                good(&app, LAN, "lan").await;
                let hoa = typing_when_it_ends(&app).await;
                let tab = hoa.copy_with_page();
                hoa.forgets_session();
                hoa.get("/sign-in").await.expects(200);
                hoa.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                tab.signed_in_like(&hoa);
                let pages = ["/typing?unit=3", "/typing?unit=4"];
                for page in pages {
                    let reply = tab.posts_at(page, "/typing", &[("text", page)]).await;
                    assert_eq!(reply.expects(303).location(), page);
                }
                for address in pages {
                    let page = tab.get(address).await.expects(200);
                    assert!(page.text("textarea").contains(address) && page.has("#left"));
                }
                // Somebody else who signed in there gets the plain refusal, which says how to save the text.
                let old = typing_when_it_ends(&app).await.copy_with_page();
                let lan = Phone::new(&app);
                lan.signs_in_as("lan", &password_of(LAN)).await.expects(303);
                old.signed_in_like(&lan);
                let refused = old.posts_at("/typing", "/typing", &[("text", "x")]).await;
                assert!(refused.expects(403).body().contains("Bấm Quay lại"));
            },
        )
        .await;
    }
}
