//! Signing out: the session ends here and now, not only its cookie.

use crate::access::Owner;
use crate::session;
use axum::extract::State;
use axum::response::IntoResponse as _;
use site::{May as _, Site};
use web::{Answer, Form, Frame, Member, Nothing, see_other};

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    _form: Form<Nothing>,
) -> Answer {
    let mut act = Owner::of(&who)
        .begin(&site, &frame, "account.sign_out")
        .await?;
    act.line().about(&who.actor.member);
    session::end_held(&mut act, Some(&who)).await?;
    act.end().await?;
    let mut response = see_other("/sign-in")
        .flash("account-sign-out-done")
        .into_response();
    session::take(&mut response, &site);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use crate::stories::{Phone, good, password_of, with_doorman};
    use testkit::{HOA, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn after_signing_out_the_old_cookie_opens_nothing() {
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
                let copy = phone.copy();
                copy.get("/me/sessions").await.expects(200);
                phone
                    .posts_from("/me/sessions", "/sign-out", &[])
                    .await
                    .expects(303);
                phone.get("/me/sessions").await.expects(303);
                copy.get("/me/sessions").await.expects(303);
            },
        )
        .await;
    }
}
