//! The devices that are signed in, and what happened to the account.
//!
//! The history is how a member is told that a slip was given out or a contact changed: there is no
//! mail. Not here: personal access tokens (`tokens`).

use super::when;
use crate::access::Owner;
use crate::{session, store};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::Error;
use site::{May as _, Site};
use web::{Answer, Form, Frame, Member, Nothing, see_other};

struct Row {
    id: String,
    device: String,
    since: String,
    seen: String,
    is_shared: bool,
    is_this: bool,
}

struct PastRow {
    at: String,
    what: String,
    by: String,
}

#[derive(Template)]
#[template(path = "account/sessions.html")]
struct Page {
    frame: Frame,
    login: String,
    rows: Vec<Row>,
    has_others: bool,
    past: Vec<PastRow>,
}

/// The key of what happened; an act of a later program has a general one.
fn past_key(action: &str) -> &'static str {
    match action {
        "account.slip" => "account-past-slip",
        "account.activate" => "account-past-activate",
        "account.password" => "account-past-password",
        "account.contacts" => "account-past-contacts",
        "account.token" => "account-past-token",
        "account.token_end" => "account-past-token-end",
        "account.sign_in" => "account-past-sign-in",
        "account.sign_in_failed" => "account-past-failed",
        "account.sign_out" => "account-past-sign-out",
        "account.session_end" => "account-past-session-end",
        "account.guard" => "account-past-guard",
        "account.init" | "account.set_password" => "account-past-operator",
        _ => "account-past-other",
    }
}

/// Who did it, as a person reads it: what the program writes of itself is a word of the log.
fn by(frame: &Frame, label: String) -> String {
    match label.as_str() {
        "sign-in" => frame.t("account-past-by-door"),
        label if label.starts_with("sotay ") => frame.t("account-past-by-operator"),
        _ => label,
    }
}

pub(crate) async fn get(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    let now = site.clock.now();
    let account = store::get_account(&site.db, &who.account).await?;
    let devices = store::list_sessions(&site.db, &account.id, now, session::IDLE_MS).await?;
    let this = who.session.as_ref().map_or("", |session| session.as_str());
    let rows: Vec<Row> = devices
        .into_iter()
        .map(|row| Row {
            is_this: row.id == this,
            device: if row.device.is_empty() {
                frame.t("account-sessions-unknown")
            } else {
                row.device
            },
            since: when(row.created_at),
            seen: when(row.seen_at),
            is_shared: row.shared == 1,
            id: row.id,
        })
        .collect();
    let past = store::list_history(&site.db, &account.member_id).await?;
    let past = past
        .into_iter()
        .map(|row| PastRow {
            at: when(row.at),
            what: frame.t(past_key(&row.action)),
            by: by(&frame, row.actor_label),
        })
        .collect();
    frame.html(&Page {
        frame: frame.clone(),
        login: account.login,
        has_others: rows.iter().any(|row| !row.is_this),
        rows,
        past,
    })
}

/// Ends one session; of somebody else's it is not found.
pub(crate) async fn post_end(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let mut act = Owner::of(&who)
        .begin(&site, &frame, "account.session_end")
        .await?;
    let now = act.now();
    if !store::end_session(&mut act, &who.account, &id, now).await? {
        return Err(Error::NotFound.into());
    }
    act.line().about(&who.actor.member);
    act.end().await?;
    Ok(see_other("/me/sessions")
        .flash("account-sessions-ended")
        .into_response())
}

/// Ends all sessions but this one, and every token.
pub(crate) async fn post_end_others(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    _form: Form<Nothing>,
) -> Answer {
    let this = who.session.as_ref().map_or("", |session| session.as_str());
    let mut act = Owner::of(&who)
        .begin(&site, &frame, "account.session_end")
        .await?;
    let now = act.now();
    let ended = store::end_sessions(&mut act, &who.account, this, now).await?;
    store::revoke_tokens(&mut act, &who.account, now).await?;
    act.line().about(&who.actor.member);
    act.end().await?;
    Ok(see_other("/me/sessions")
        .flash("account-sessions-ended-others")
        .arg("n", &ended.to_string())
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::stories::{Phone, good, password_of, with_doorman};
    use testkit::{HOA, LAN, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn one_device_is_ended_from_another_and_holds_at_the_next_request() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let old =
                    Phone::new(&app).agent("Mozilla/5.0 (Linux; Android 9) Chrome/120 Safari/537");
                let new = Phone::new(&app).agent("Mozilla/5.0 (iPhone) Safari/604");
                old.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                app.later(60_000);
                new.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                let page = new.get("/me/sessions").await.expects(200);
                assert_eq!(
                    page.all("[data-session] .device"),
                    ["Safari, iPhone", "Chrome, Android"]
                );
                assert_eq!(page.all("[data-this]").len(), 1);
                let act = page
                    .attributes("[data-session] form", "action")
                    .pop()
                    .unwrap();
                new.posts_from("/me/sessions", &act, &[]).await.expects(303);
                old.get("/me/sessions").await.expects(303);
                new.posts_from("/me/sessions", &act, &[]).await.expects(404);
                new.posts_forged("/me/sessions/endings", &[])
                    .await
                    .expects(403);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn all_others_end_at_once_but_nobody_elses() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                good(&app, LAN, "lan").await;
                let (here, there, lan) = (Phone::new(&app), Phone::new(&app), Phone::new(&app));
                for phone in [&here, &there] {
                    phone
                        .signs_in_as("hoa", &password_of(HOA))
                        .await
                        .expects(303);
                }
                lan.signs_in_as("lan", &password_of(LAN)).await.expects(303);
                let hers = lan.get("/me/sessions").await.expects(200);
                let hers = hers
                    .attributes("[data-session]", "data-session")
                    .pop()
                    .unwrap();
                here.posts_from("/me/sessions", &format!("/me/sessions/{hers}/endings"), &[])
                    .await
                    .expects(404);
                here.posts("/me/sessions/endings", &[]).await.expects(303);
                there.get("/me/sessions").await.expects(303);
                here.get("/me/sessions").await.expects(200);
                lan.get("/me/sessions").await.expects(200);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_ends_all_others_takes_them_in_one_order() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let here = Phone::new(&app);
                here.signs_in_as("hoa", &password_of(HOA)).await.expects(303);
                here.get("/me/sessions").await.expects(200);
                // The later id stands first in the table.
                for text in [
                    "insert into account_session (id, account_id, secret_hash, created_at, seen_at, expires_at) \
                     select 'z', id, 'hash of z', 1, 1, 9999999999999 from account_account where member_id = 'hoa'",
                    "insert into account_session (id, account_id, secret_hash, created_at, seen_at, expires_at) \
                     select '0', id, 'hash of 0', 1, 1, 9999999999999 from account_account where member_id = 'hoa'",
                ] {
                    app.sets(text).await;
                }
                let ended = app.meets_crosswise(
                    "update account_session set device = device where id = '0'",
                    "update account_session set device = device where id = 'z'",
                    here.posts("/me/sessions/endings", &[]),
                );
                ended.await.expects(303);
                let open = "select count(*) from account_session where ended_at is null";
                assert_eq!(app.count(open).await, 1);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_post_that_ended_takes_its_rights_at_the_next_request() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, LAN, "lan").await;
                let lan = Phone::new(&app);
                lan.signs_in_as("lan", &password_of(LAN)).await.expects(303);
                lan.posts_from("/me/sessions", "/members/hoa/slips", &[])
                    .await
                    .expects(200);
                app.leaves_posts(LAN).await;
                lan.posts("/members/hoa/slips", &[]).await.expects(404);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_member_sees_who_gave_out_a_slip() {
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
                crate::stories::slip_for(&app, HOA).await;
                let page = phone.get("/me/sessions").await.expects(200);
                assert!(
                    page.text("#past").contains("phiếu kích hoạt"),
                    "{}",
                    page.text("#past")
                );
            },
        )
        .await;
    }
}
