//! Who holds rights now: a list that leads to each one's page, for who gives rights and who watches over them.
//!
//! Not here: what each may do (`rights`), posts of one unit (`units::pages::show`).

use crate::rights::store::{self, Holder};
use askama::Template;
use axum::extract::{Query, State};
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, Day, Scope};
use site::Site;
use web::{Answer, Frame, Member};

/// People shown at once; with more, the box narrows them.
const MOST: usize = 300;

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "people/holders.html")]
struct Page {
    frame: Frame,
    people: Vec<Holder>,
    is_cut: bool,
    q: String,
}

/// Over which units the actor may read who holds rights.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub(crate) fn may(actor: &Actor, on: Day) -> Result<Scope> {
    let reviews = actor.scope(Cap::GrantReview, on);
    let gives = actor.scope(Cap::GrantGive, on);
    match (reviews.is_empty(), gives.is_empty()) {
        (false, _) => Ok(reviews),
        (true, false) => Ok(gives),
        (true, true) => Err(Error::NotFound),
    }
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Query(asked): Query<Asked>,
) -> Answer {
    let scope = may(&who.actor, frame.today())?;
    let q: String = asked.q.trim().chars().take(80).collect();
    let folded: String = vietnamese::fold(&q)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .collect();
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let today = frame.today();
    let mut people = store::list_holders(&site.db, &scope, today, folded.trim(), most).await?;
    let is_cut = people.len() > MOST;
    people.truncate(MOST);
    frame.html(&Page {
        frame: frame.clone(),
        people,
        is_cut,
        q,
    })
}

#[cfg(test)]
mod tests {
    use testkit::{BINH, HOA, LAN, THU, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn who_gives_rights_reads_who_holds_them_within_reach() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let page = app.as_(THU).get("/rights").await.expects(200);
                assert!(!page.body().contains('⟦'));
                let people = page.all("#holders > li");
                assert_eq!(people.len(), 3, "Bình’s stands above her reach: {people:?}");
                let page = app.as_(THU).get("/rights?q=lan").await.expects(200);
                assert_eq!(page.all("#holders > li").len(), 1);
                for who in [LAN, HOA, BINH] {
                    app.as_(who).get("/rights").await.expects(404);
                }
                app.stranger().get("/rights").await.expects(303);
            },
        )
        .await;
    }
}
