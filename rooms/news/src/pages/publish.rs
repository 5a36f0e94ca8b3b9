//! Publishing a draft, and taking an article back.
//!
//! `POST /news/{id}/publishing`, `GET|POST /news/{id}/withdrawal`. Who may: `access`. What was seen is what
//! is published: a draft that changed meanwhile is refused.

use crate::access;
use crate::desk::Desk;
use crate::store;
use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::response::IntoResponse;
use kernel::Refusal;
use site::{May as _, Site};
use std::sync::Arc;
use web::{Answer, Form, Frame, Member, Nothing, see_other};

/// Which text was seen.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Seen {
    row_version: String,
}

/// `POST /news/{id}/publishing`.
pub(crate) async fn post(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Seen>,
) -> Answer {
    let may = access::can_publish(&site, &who, &id).await?;
    let done = see_other(format!("/news/{id}")).flash("news-publish-done");
    if may.held().article.is_published() {
        return Ok(done.into_response());
    }
    let changed = || {
        Refusal::new("news-refused-changed").way_out(format!("/news/{id}"), "news-back-to-article")
    };
    if form.value.row_version != may.held().article.row_version.to_string() {
        return Err(changed().into());
    }
    let mut act = may.begin(&site, &frame, "article.publish").await?;
    if !store::publish(&mut act).await? {
        return Err(changed().into());
    }
    if act.is_alone() {
        act.line().diff(&serde_json::json!({ "alone": true }));
    }
    act.changed(crate::feed::KIND, &id);
    act.end().await?;
    desk.bump();
    Ok(done.into_response())
}

#[derive(Template)]
#[template(path = "news/withdrawal.html")]
struct Asking {
    frame: Frame,
    id: String,
    title: String,
    url: String,
    views: i64,
}

/// `GET /news/{id}/withdrawal`: asks first, saying what readers will see.
pub(crate) async fn get_withdrawal(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let may = access::can_withdraw(&site, &who, &id).await?;
    let article = may.article();
    if !article.is_published() {
        return Ok(see_other(format!("/news/{id}")).into_response());
    }
    let page = Asking {
        title: article.title.clone(),
        url: format!("/articles/{}", article.slug),
        views: store::count_views(&site, &id).await?,
        id,
        frame: frame.clone(),
    };
    frame.html(&page)
}

/// `POST /news/{id}/withdrawal`.
pub(crate) async fn post_withdrawal(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let may = access::can_withdraw(&site, &who, &id).await?;
    let mut act = may.begin(&site, &frame, "article.withdraw").await?;
    if store::withdraw(&mut act).await? {
        act.changed(crate::feed::KIND, &id);
        act.end().await?;
        desk.bump();
    } else {
        act.leave().await?;
    }
    Ok(see_other(format!("/news/{id}"))
        .flash("news-withdraw-done")
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::tests::{draft, publish};
    use testkit::{LAN, THU, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn what_changed_since_it_was_seen_does_not_go_out() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let id = draft(&app, "Rãnh thoát nước ngõ Giếng").await;
                let at = format!("/news/{id}");
                let seen = app.as_(THU).get(&at).await.expects(200);
                let seen = seen
                    .attributes("input[name=row_version]", "value")
                    .remove(0);
                app.sets("update news_article set lead = 'Khác.', row_version = row_version + 1")
                    .await;
                for version in [seen.as_str(), ""] {
                    let fields = [("row_version", version)];
                    app.as_(THU)
                        .post(&format!("{at}/publishing"), &fields)
                        .await
                        .expects(409);
                }
                assert_eq!(
                    app.count("select count(*) from news_article where state = 'published'")
                        .await,
                    0
                );
                publish(&app, &id).await;
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_article_goes_out_is_found_and_comes_back() {
        on_both(|| vec![crate::room()], async |app| {
            let id = draft(&app, "Rãnh thoát nước ngõ Giếng").await;
            app.catch_up().await;
            let path = "/articles/ranh-thoat-nuoc-ngo-gieng";
            app.stranger().get(path).await.expects(404);
            publish(&app, &id).await;
            app.stranger().get(path).await.expects(200);
            app.catch_up().await;
            let reach = search::Reach::public();
            let found = app.site.index.search(&search::Query::new("ranh thoat nuoc", reach));
            assert_eq!(found.unwrap().hits[0].id, id);
            let asks = format!("/news/{id}/withdrawal");
            let shown = app.as_(THU).get(&format!("/news/{id}")).await.expects(200);
            assert!(shown.attributes(".actions a", "href").contains(&asks));
            let page = app.as_(THU).get(&asks).await.expects(200);
            assert!(page.has_button("Gỡ bài"));
            app.stranger().get(path).await.expects(200);
            app.as_(THU).post_forged(&format!("/news/{id}/withdrawal"), &[]).await.expects(403);
            app.as_(THU).post(&format!("/news/{id}/withdrawal"), &[]).await.expects(303);
            let gone = app.stranger().get(path).await.expects(410);
            assert!(gone.has_button("Xem tin mới"));
            app.as_(THU).get(&asks).await.expects(303);
            app.stranger().get(&format!("{path}/photo")).await.expects(404);
            let audits = "select count(*) from audit_event where action in ('article.publish', 'article.withdraw')";
            assert_eq!(app.count(audits).await, 2);
            let alone = "select count(*) from audit_event where action = 'article.publish' and diff_json like '%alone%'";
            assert_eq!(app.count(alone).await, 1);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_writer_does_not_publish_when_somebody_else_can() {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.has_post(LAN, "Duyệt bài", kernel::Role::ContentApprover, "bloc")
                    .await;
                let id = draft(&app, "Một").await;
                let page = app.as_(THU).get(&format!("/news/{id}")).await.expects(200);
                assert!(!page.has_button("Đăng bài"));
                let refused = app
                    .as_(THU)
                    .post(&format!("/news/{id}/publishing"), &[])
                    .await
                    .expects(409);
                assert!(refused.has_button("Về bài viết"));
                assert_eq!(
                    app.count("select count(*) from news_article where state = 'published'")
                        .await,
                    0
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_publishes_hears_of_the_drafts_of_others() {
        on_both(
            || vec![crate::room()],
            async |app| {
                draft(&app, "Của mình").await;
                let mut other = crate::tests::article("Của người khác", 3);
                other.is_draft = true;
                other.unit_id = Some("committee".parse().unwrap());
                crate::tests::bring(&app, &other).await;
                app.stranger()
                    .get("/articles/cua-nguoi-khac")
                    .await
                    .expects(404);
                let waiting = async |who: testkit::Character| {
                    let who = std::sync::Arc::new(app.signed_in(who));
                    crate::today::drafts(&app.site, who, app.today())
                        .await
                        .unwrap()
                };
                let lines = waiting(THU).await;
                assert_eq!(lines.len(), 1);
                assert_eq!(lines[0].title, "Của người khác");
                assert!(waiting(LAN).await.is_empty());
                // However many newer drafts are one's own, and what was withdrawn is no draft of anybody.
                for nth in 0..7 {
                    draft(&app, &format!("Của mình {nth}")).await;
                }
                let mut out = crate::tests::article("Đã rút", 4);
                out.unit_id = Some("committee".parse().unwrap());
                let out = crate::tests::bring(&app, &out).await;
                let withdraw = format!("/news/{out}/withdrawal");
                app.as_(THU).post(&withdraw, &[]).await.expects(303);
                let lines = waiting(THU).await;
                let titles: Vec<_> = lines.iter().map(|line| line.title.as_str()).collect();
                assert_eq!(titles, ["Của người khác"]);
            },
        )
        .await;
    }
}
