//! The newsroom's list: drafts first, then what is out, as far as the member's rights of content reach.

use super::{Asking, page_number};
use crate::store::{self, Line};
use askama::Template;
use axum::extract::{Query, State};
use kernel::{Error, Moment};
use site::Site;
use web::paging::Paging;
use web::{Answer, Frame, Member};

const PAGE: i64 = 30;

struct Row {
    line: Line,
    day: String,
    year: String,
}

#[derive(Template)]
#[template(path = "news/newsroom.html")]
struct Page {
    frame: Frame,
    may_write: bool,
    rows: Vec<Row>,
    paging: Paging,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Query(asking): Query<Asking>,
) -> Answer {
    let on = frame.today();
    if !crate::may_enter(&who.actor, on) {
        return Err(Error::NotFound.into());
    }
    let number = page_number(&asking.page);
    let (_, total) = store::list_lines(&site, &who.actor, on, 0, 0).await?;
    let paging = Paging::new(number, PAGE, total, "/news");
    let (lines, _) = store::list_lines(&site, &who.actor, on, paging.size, paging.offset()).await?;
    let rows = lines.into_iter().map(|line| {
        let day = Moment(line.at).day();
        Row {
            day: day.vn_short(),
            year: day.year().to_string(),
            line,
        }
    });
    let page = Page {
        may_write: frame.may("content_write"),
        rows: rows.collect(),
        paging,
        frame: frame.clone(),
    };
    frame.html(&page)
}

#[cfg(test)]
mod tests {
    use crate::tests::{article, bring, draft};
    use testkit::{HOA, LAN, THU, UNIT_OTHER, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn editors_see_the_articles_of_their_units_and_others_no_newsroom() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let id = draft(&app, "Bản nháp của Thu").await;
                let mut elsewhere = article("Bài của đảng bộ khác", 3);
                elsewhere.unit_id = Some(UNIT_OTHER.parse().unwrap());
                let other = bring(&app, &elsewhere).await;
                let list = app.as_(THU).get("/news").await.expects(200);
                assert_eq!(list.all(".ruled .rowlink"), ["Bản nháp của Thu"]);
                app.as_(THU).get(&format!("/news/{id}")).await.expects(200);
                for path in ["", "/edit", "/photo"] {
                    app.as_(THU)
                        .get(&format!("/news/{other}{path}"))
                        .await
                        .expects(404);
                }
                for who in [LAN, HOA] {
                    for path in [
                        "/news".to_owned(),
                        "/news/new".into(),
                        format!("/news/{id}"),
                        format!("/news/{id}/edit"),
                    ] {
                        app.as_(who).get(&path).await.expects(404);
                    }
                    app.as_(who)
                        .post(&format!("/news/{id}/publishing"), &[])
                        .await
                        .expects(404);
                    app.as_(who)
                        .post(&format!("/news/{other}/withdrawal"), &[])
                        .await
                        .expects(404);
                }
                let stranger = app.stranger().get("/news").await.expects(303);
                assert_eq!(stranger.location(), "/sign-in?next=%2Fnews");
            },
        )
        .await;
    }
}
