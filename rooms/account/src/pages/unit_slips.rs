//! Slips for all members of a unit who have no password yet, one A5 page each.
//!
//! Who holds a slip that is still good is passed over, so that printing for two newcomers does not
//! end the slips handed out yesterday; `again=1` gives new ones to them too.

use super::outside;
use super::slip_new::{Page, issue, sheet};
use crate::access::{self, May};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use site::Site;
use web::{Answer, Form, Frame, Member};

#[derive(serde::Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    again: String,
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    headers: HeaderMap,
    Path(unit): Path<String>,
    form: Form<Wanted>,
) -> Answer {
    let (unit, name, answers) = access::can_issue_unit(&site, &who, &unit).await?;
    let outside = outside(&site, &headers);
    let mut page = Page {
        frame: frame.clone(),
        title: frame.t1("account-slips-title", "unit", &name),
        back: format!("/units/{}", unit.id),
        sheets: Vec::new(),
        not_over_posts: Vec::new(),
        waiting: 0,
        active: 0,
        again: String::new(),
    };
    for answer in answers {
        match answer {
            May::Yes(may) if may.person.has_password == 1 => page.active += 1,
            May::Yes(may) if may.person.has_slip == 1 && form.value.again.is_empty() => {
                page.waiting += 1
            }
            May::Yes(may) => {
                let issued = issue(&site, &frame, (*may).clone()).await?;
                page.sheets
                    .push(sheet(&frame, &who, &outside, &may, &issued));
            }
            May::NotOverPosts(name) => page.not_over_posts.push(name),
        }
    }
    if page.waiting > 0 {
        page.again = format!("/units/{}/slips", unit.id);
    }
    frame.html(&page)
}

#[cfg(test)]
mod tests {
    use crate::stories::{good, with_doorman};
    use testkit::{HOA, LAN, THU, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_unit_gets_a_slip_for_everyone_without_a_password() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let reply = app
                    .as_(LAN)
                    .post("/units/cell-a/slips", &[])
                    .await
                    .expects(200);
                assert_eq!(reply.all(".slip .who"), [HOA.name]);
                let names = reply.text(".note");
                assert!(
                    names.contains("Trần Văn Minh") && names.contains(LAN.name),
                    "{names}"
                );
                let reply = app
                    .as_(THU)
                    .post("/units/cell-a/slips", &[])
                    .await
                    .expects(200);
                assert_eq!(
                    reply.all(".slip .who").len(),
                    2,
                    "Hoa has a slip that is still good"
                );
                let reply = app
                    .as_(THU)
                    .post("/units/cell-a/slips", &[("again", "1")])
                    .await
                    .expects(200);
                assert_eq!(reply.all(".slip").len(), 3);
                assert_eq!(
                    app.count("select count(*) from account_slip where revoked_at is null")
                        .await,
                    3
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_has_a_password_gets_none_and_the_cell_beside_is_not_found() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_doorman(app).await;
                good(&app, HOA, "hoa").await;
                let lan = crate::stories::Phone::new(&app);
                good(&app, LAN, "lan").await;
                lan.signs_in_as("lan", &crate::stories::password_of(LAN))
                    .await
                    .expects(303);
                let reply = lan
                    .posts_from("/me/sessions", "/units/cell-a/slips", &[])
                    .await
                    .expects(200);
                assert!(!reply.has(".slip"));
                lan.posts_from("/me/sessions", "/units/cell-b/slips", &[])
                    .await
                    .expects(404);
                assert_eq!(app.count("select count(*) from account_slip").await, 0);
            },
        )
        .await;
    }
}
