//! One article in the newsroom: as readers will see it, with what can be done next.

use super::article::Sheet;
use crate::access;
use crate::store;
use askama::Template;
use axum::extract::{Path, State};
use site::Site;
use web::{Answer, Frame, Member};

#[derive(Template)]
#[template(path = "news/show.html")]
struct Page {
    frame: Frame,
    id: String,
    url: String,
    is_published: bool,
    writer: String,
    unit: String,
    may_edit: bool,
    may_publish: bool,
    needs_other: bool,
    is_alone: bool,
    sheet: Sheet,
    row_version: i64,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let held = access::find(&site, &who, &id).await?;
    let (needs_other, is_alone) = access::eyes(&site, &who, &held).await?;
    let article = &held.article;
    let photo = if article.photo_sha.is_empty() {
        String::new()
    } else {
        format!("/news/{id}/photo")
    };
    let reach = site::reach_of(
        &web::Visitor {
            signed_in: Some(who.0.clone()),
        },
        frame.today(),
    );
    let page = Page {
        id: id.clone(),
        url: format!("/articles/{}", article.slug),
        is_published: article.is_published(),
        writer: store::name_of(&site, &article.created_by).await?,
        unit: article.unit_name.clone(),
        may_edit: held.may_edit,
        may_publish: held.may_publish,
        needs_other,
        is_alone,
        sheet: Sheet::of(&site, &frame, article, &reach, photo, String::new()).await?,
        row_version: article.row_version,
        frame: frame.clone(),
    };
    frame.html(&page)
}
