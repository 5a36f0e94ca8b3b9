//! "Tôi được làm gì", and the same of somebody else for whoever gives rights or watches over them.
//!
//! Tells posts and rights, nothing of the record, so that no look is written down. Not here: giving and ending posts.

use crate::page::member_id;
use crate::rights::held::{self, Rights};
use crate::rights::pages::holders;
use crate::sight;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, GrantScope, MemberId, UnitRef};
use site::Site;
use web::{Answer, Frame, Member, see_other};

#[derive(Template)]
#[template(path = "people/rights.html")]
struct Page {
    frame: Frame,
    rights: Rights,
    /// The member's id; empty for oneself.
    id: String,
    /// Whether this visitor opens the member's page.
    opens: bool,
    /// Whether this visitor opens the list of who holds rights.
    lists: bool,
}

/// Oneself.
pub(crate) async fn get_own(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    let rights = held::of(&site, &frame, &who.actor.member).await?;
    frame.html(&Page {
        lists: holders::may(&who.actor, frame.today()).is_ok(),
        frame: frame.clone(),
        rights,
        id: String::new(),
        opens: false,
    })
}

/// Somebody else.
pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let id = member_id(&id)?;
    if id == who.actor.member {
        return Ok(see_other("/me/rights").into_response());
    }
    may_read(&site, &who.actor, &id).await?;
    let rights = held::of(&site, &frame, &id).await?;
    let opens = match sight::of_member(&site, &who.actor, &id).await {
        Ok(_) => true,
        Err(Error::NotFound) => false,
        Err(error) => return Err(error.into()),
    };
    frame.html(&Page {
        lists: holders::may(&who.actor, frame.today()).is_ok(),
        frame: frame.clone(),
        rights,
        id: id.to_string(),
        opens,
    })
}

/// Whether the actor may read what another may do: who gives or approves rights over a unit where they hold one or are
/// placed, and who watches over rights in the whole installation.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub(crate) async fn may_read(site: &Site, actor: &Actor, member: &MemberId) -> Result<()> {
    let today = site.clock.today();
    if actor.allow_instance(Cap::GrantReview, today) {
        // Somebody who is there at all.
        return crate::store::get_person(&site.db, member).await.map(|_| ());
    }
    let theirs = crate::actor::read(site, member, today).await?;
    let reaches = |unit: &UnitRef| {
        let may = |cap| actor.allow(cap, unit, today);
        may(Cap::GrantGive) || may(Cap::GrantApprove)
    };
    let is_theirs = theirs.grants.iter().any(|grant| match &grant.scope {
        GrantScope::Unit(unit) | GrantScope::Subtree(unit) => reaches(unit),
        GrantScope::Instance => false,
    });
    match is_theirs {
        true => Ok(()),
        false => Err(Error::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn each_reads_what_they_may_do_by_what_since_when_and_by_whom() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let post = [
                    ("title", "Phó bí thư"),
                    ("role", "cell_lead"),
                    ("member", "hoa"),
                    ("basis", "elected"),
                    ("from_on", "23/11/2026"),
                    ("to_on", "31/12/2027"),
                ];
                let to = "/units/cell-a/positions/new";
                app.as_(THU).post(to, &post).await.expects(303);
                let page = app.as_(HOA).get("/me/rights").await.expects(200);
                assert!(!page.body().contains('⟦'), "{}", page.text("main"));
                let sources = page.all("#sources > li").join("|");
                for said in [
                    "Phó bí thư, Chi bộ Tổ dân phố 1",
                    "Trong tổ chức này",
                    "từ 23/11/2026 đến 31/12/2027",
                    "Phạm Minh Thu",
                    "Đảng viên, Chi bộ Tổ dân phố 1",
                ] {
                    assert!(sources.contains(said), "{said} is not in {sources}");
                }
                let signs = page.text("#right-minutes_sign");
                assert!(
                    signs.contains("Ký biên bản") && signs.contains("Phó bí thư"),
                    "{signs}"
                );
                assert!(!page.has("#right-member_approve"));
                assert_eq!(
                    app.as_(HOA)
                        .get("/members/hoa/rights")
                        .await
                        .expects(303)
                        .location(),
                    "/me/rights"
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_rights_of_others_are_read_by_who_gives_them_and_by_nobody_else() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let page = app.as_(THU).get("/members/lan/rights").await.expects(200);
                assert!(
                    page.text("#right-minutes_sign")
                        .contains("Bí thư, Chi bộ Tổ dân phố 1")
                );
                for who in [LAN, HOA, MINH, TUAN, BINH] {
                    app.as_(who).get("/members/thu/rights").await.expects(404);
                }
                app.as_(THU)
                    .get("/members/nobody/rights")
                    .await
                    .expects(404);
                app.stranger().get("/members/lan/rights").await.expects(303);
                // The page of the person leads there, for whom it opens.
                let has = async |who| {
                    let page = app.as_(who).get("/members/hoa").await.expects(200);
                    page.has("a[href='/members/hoa/rights']")
                };
                assert!(has(THU).await && !has(LAN).await);
                assert!(app.as_(HOA).get("/me").await.has("a[href='/me/rights']"));
            },
        )
        .await;
    }
}
