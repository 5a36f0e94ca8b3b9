//! Publishing a draft, and taking an article back.
//!
//! `POST /news/{id}/publishing`, `POST /news/{id}/withdrawal`. Who may: `access`. What was seen is what
//! is published: a draft that changed meanwhile is refused.

use crate::access;
use crate::desk::Desk;
use crate::store;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use kernel::{Cap, Refusal};
use site::{Audit, Site};
use web::{Answer, Form, Frame, Member, see_other};

#[derive(serde::Deserialize)]
pub(crate) struct Nothing {}

/// Puts a draft on the portal.
pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let may = access::can_publish(&site, &who, &id).await?;
    let held = may.held();
    let article = &held.article;
    if article.is_published() {
        return Ok(see_other(format!("/news/{id}"))
            .flash("news-publish-done")
            .into_response());
    }
    let mut tx = site.db.begin().await?;
    if !store::publish(
        &mut tx,
        article,
        site.clock.now(),
        who.actor.member.as_str(),
    )
    .await?
    {
        return Err(Refusal::new("news-refused-changed")
            .way_out(format!("/news/{id}"), "news-back-to-article")
            .into());
    }
    let mut audit = Audit::by(&who.actor, "article.publish")
        .object("article", &id)
        .operation(frame.operation());
    if let Some(unit) = &held.unit {
        audit = audit.right(&who.actor, Cap::ContentPublish, unit, frame.today());
    }
    if may.is_alone() {
        audit = audit.reason("the writer published: nobody else may publish for this unit today");
    }
    audit.write(&mut tx, &site.clock, &site.dice).await?;
    site::feed::announce(&mut tx, crate::feed::KIND, &id).await?;
    site.db.commit(tx).await?;
    site.shared::<Desk>().bump();
    Ok(see_other(format!("/news/{id}"))
        .flash("news-publish-done")
        .into_response())
}

/// Takes an article off the portal; it becomes a draft again and keeps its address.
pub(crate) async fn post_withdrawal(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let held = access::find(&site, &who, &id).await?;
    if !held.may_publish {
        return Err(Refusal::new("news-refused-publish")
            .status(403)
            .way_out(format!("/news/{id}"), "news-back-to-article")
            .into());
    }
    let mut tx = site.db.begin().await?;
    if store::withdraw(&mut tx, &id).await? {
        let mut audit = Audit::by(&who.actor, "article.withdraw")
            .object("article", &id)
            .operation(frame.operation());
        if let Some(unit) = &held.unit {
            audit = audit.right(&who.actor, Cap::ContentPublish, unit, frame.today());
        }
        audit.write(&mut tx, &site.clock, &site.dice).await?;
        site::feed::announce(&mut tx, crate::feed::KIND, &id).await?;
        site.db.commit(tx).await?;
        site.shared::<Desk>().bump();
    }
    Ok(see_other(format!("/news/{id}"))
        .flash("news-withdraw-done")
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::tests::{draft, publish};
    use testkit::{THU, on_both};

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
            app.as_(THU).post_forged(&format!("/news/{id}/withdrawal"), &[]).await.expects(403);
            app.as_(THU).post(&format!("/news/{id}/withdrawal"), &[]).await.expects(303);
            app.stranger().get(path).await.expects(404);
            app.stranger().get(&format!("{path}/photo")).await.expects(404);
            let audits = "select count(*) from audit_event where action in ('article.publish', 'article.withdraw')";
            assert_eq!(app.count(audits).await, 2);
            let alone = "select count(*) from audit_event where action = 'article.publish' and reason <> ''";
            assert_eq!(app.count(alone).await, 1);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_writer_does_not_publish_when_somebody_else_can() {
        on_both(|| vec![crate::room()], async |app| {
            let mut tx = app.site.db.begin().await.unwrap();
            let text = "insert into people_grant (id, member_id, role, unit_id, scope, source, from_on, granted_at) \
                values ('g-new', 'lan', 'content_approver', 'bloc', 'subtree', 'appointment', '2026-01-01', 0)";
            db::sql(text).run(&mut *tx).await.unwrap();
            app.site.db.commit(tx).await.unwrap();
            let id = draft(&app, "Một").await;
            let page = app.as_(THU).get(&format!("/news/{id}")).await.expects(200);
            assert!(!page.has_button("Đăng bài"));
            let refused = app.as_(THU).post(&format!("/news/{id}/publishing"), &[]).await.expects(409);
            assert!(refused.has_button("Về bài viết"));
            assert_eq!(app.count("select count(*) from news_article where state = 'published'").await, 0);
        })
        .await;
    }
}
