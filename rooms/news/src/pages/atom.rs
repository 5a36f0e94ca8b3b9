//! The Atom feed: the newest twenty articles (RFC 4287).
//!
//! Addresses are absolute: from the setting `portal.public_url`, else from the name under which the
//! request came. Ids do not depend on either, so a move keeps readers from seeing everything as new.

use crate::article;
use crate::desk::Asked;
use crate::store::{self, Story};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use kernel::Moment;
use kernel::error::Result;
use site::Site;
use site::room::{KeyFate, OfKey};
use web::link::escape;
use web::{Answer, Frame};

const ENTRIES: i64 = 20;

pub(crate) async fn get(State(site): State<Site>, frame: Frame, asked: Asked) -> Answer {
    let text = write(&site, &frame, asked.host()).await?;
    let digest = {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hash = DefaultHasher::new();
        text.hash(&mut hash);
        hash.finish()
    };
    let tag = format!("\"{digest:x}\"");
    let mut response = if asked.has(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        text.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/atom+xml; charset=utf-8"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    if let Ok(value) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, value);
    }
    Ok(response)
}

/// Where the portal stands on the web, without a slash at the end.
async fn base(site: &Site, host: &str) -> Result<String> {
    let settings = store::settings(site).await?;
    if let Some(set) = settings
        .get("portal.public_url")
        .filter(|set| set.starts_with("http"))
    {
        return Ok(set.trim_end_matches('/').to_owned());
    }
    let is_name = !host.is_empty()
        && host.len() <= 255
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'));
    let scheme = if site.edge.https { "https" } else { "http" };
    Ok(format!(
        "{scheme}://{}",
        if is_name { host } else { "localhost" }
    ))
}

/// A name for this installation's feed that nothing changes: a UUID (version 8) of its own key, or of the key
/// that it had when the name was written down.
async fn feed_id(site: &Site) -> Result<String> {
    match site::settings::find(&site.db, FEED_ID).await? {
        Some(kept) => Ok(kept),
        None => Ok(made_feed_id(site)),
    }
}

const FEED_ID: &str = "portal.feed_id";

/// The feed is known by its name: it outlives the key that it was made of.
pub(crate) const KEYED: OfKey = OfKey {
    table: "admin_setting",
    columns: &[],
    fate: KeyFate::Stays(|act| {
        Box::pin(async move {
            let site = act.site().clone();
            let id = feed_id(&site).await?;
            site::settings::set(act, FEED_ID, &id).await
        })
    }),
};

fn made_feed_id(site: &Site) -> String {
    let key = site.keys.derive("atom feed");
    let mut hex = String::new();
    for byte in key.iter().take(16) {
        hex.push_str(&format!("{byte:02x}"));
    }
    hex.replace_range(12..13, "8");
    hex.replace_range(16..17, "8");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or("").to_owned();
    format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}

/// Text that XML takes whole: what was kept by an older version, or comes from the settings, may hold
/// more than [`article::clean`] lets in today.
fn words(text: &str, out: &mut String) {
    let kept: String = text.chars().filter(|c| article::is_text(*c)).collect();
    escape(&kept, out);
}

fn element(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!("<{name}>"));
    words(text, out);
    out.push_str(&format!("</{name}>\n"));
}

/// An absolute address as an attribute's value.
fn link(out: &mut String, rel: &str, kind: &str, address: &str) {
    out.push_str(&format!("<link rel=\"{rel}\" type=\"{kind}\" href=\""));
    words(address, out);
    out.push_str("\"/>\n");
}

async fn write(site: &Site, frame: &Frame, host: &str) -> Result<String> {
    let base = base(site, host).await?;
    let stories = store::list_stories(site, None, ENTRIES, 0).await?;
    let changed = |story: &Story| story.edited_at.max(story.published_at).unwrap_or(0);
    let newest = stories.iter().map(changed).max().unwrap_or(0);
    let org = frame.org();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    out.push_str("<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"vi\">\n");
    element(
        &mut out,
        "id",
        &format!("urn:uuid:{}", feed_id(site).await?),
    );
    element(&mut out, "title", &org.name);
    element(&mut out, "updated", &Moment(newest).rfc3339());
    link(
        &mut out,
        "self",
        "application/atom+xml",
        &format!("{base}/feed.atom"),
    );
    link(&mut out, "alternate", "text/html", &format!("{base}/"));
    out.push_str("<author>");
    element(&mut out, "name", &org.name);
    out.push_str("</author>\n");
    for story in &stories {
        out.push_str("<entry>\n");
        element(&mut out, "id", &format!("urn:uuid:{}", story.id));
        element(&mut out, "title", &story.title);
        link(
            &mut out,
            "alternate",
            "text/html",
            &format!("{base}/articles/{}", story.slug),
        );
        element(
            &mut out,
            "published",
            &Moment(story.published_at.unwrap_or(0)).rfc3339(),
        );
        element(&mut out, "updated", &Moment(changed(story)).rfc3339());
        if !story.author.is_empty() {
            out.push_str("<author>");
            element(&mut out, "name", &story.author);
            out.push_str("</author>\n");
        }
        out.push_str("<category term=\"");
        words(&story.section_name, &mut out);
        out.push_str("\"/>\n");
        element(&mut out, "summary", &story.lead);
        out.push_str("</entry>\n");
    }
    out.push_str("</feed>\n");
    Ok(out)
}

#[cfg(test)]
mod tests {
    use crate::tests::{article, bring, draft, publish};
    use testkit::{THU, on_both};

    const EXPECTED: &str = include_str!("atom_snapshot.xml");

    #[tokio::test(flavor = "multi_thread")]
    async fn the_feed_is_what_it_was() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let empty = app.stranger().get("/feed.atom").await.expects(200);
                assert!(
                    empty
                        .body()
                        .contains("<updated>1970-01-01T00:00:00Z</updated>")
                );
                let mut new = article("Một & <hai>", 3);
                new.author = "Hà Văn Nghĩa".into();
                let id = bring(&app, &new).await;
                bring(&app, &article("Ba", 2)).await;
                let feed = app
                    .stranger()
                    .header("host", "so-tay.example:8080")
                    .get("/feed.atom")
                    .await
                    .expects(200);
                assert_eq!(
                    feed.header("content-type"),
                    "application/atom+xml; charset=utf-8"
                );
                let text = feed.body().replace(id.as_str(), "ID-OF-FIRST");
                let other = text
                    .split("<id>urn:uuid:")
                    .nth(3)
                    .and_then(|rest| rest.get(..36))
                    .unwrap_or("")
                    .to_owned();
                let text = text.replace(&other, "ID-OF-SECOND");
                assert_eq!(text, EXPECTED, "\n{text}");
                let tag = feed.header("etag").to_owned();
                let again = app
                    .stranger()
                    .header("host", "so-tay.example:8080")
                    .header("if-none-match", &tag);
                again.get("/feed.atom").await.expects(304);
                let forged = app
                    .stranger()
                    .header("host", "a\"><x")
                    .get("/feed.atom")
                    .await
                    .expects(200);
                assert!(forged.body().contains("http://localhost/feed.atom"));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_that_is_typed_or_was_kept_breaks_the_feed() {
        let odd = [
            '\u{0}',
            '\u{7}',
            '\u{c}',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{fdd0}',
            '\u{fffe}',
            '\u{ffff}',
            '\u{1fffe}',
            '\u{10ffff}',
        ];
        on_both(
            || vec![crate::room()],
            async |app| {
                for (nth, c) in odd.iter().enumerate() {
                    let id = draft(&app, &format!("Hỏi {c}đáp {nth}")).await;
                    publish(&app, &id).await;
                }
                app.as_(THU).get("/news").await.expects(200);
                // An article of an older version, when such characters were still kept.
                let section = "update news_section set name = $1";
                let mut tx = app.site.db.begin().await.unwrap();
                let old = db::sql(section).bind("Mục\u{fffe} & \u{1b}hai");
                old.run(&mut *tx).await.unwrap();
                app.site.db.commit(tx).await.unwrap();
                let feed = app.stranger().get("/feed.atom").await.expects(200);
                let text = feed.body();
                assert_eq!(text.matches("<entry>").count(), odd.len());
                assert!(text.contains("<title>Hỏi đáp 0</title>"));
                assert!(text.contains("term=\"Mục &amp; hai\""));
                let stray = text.chars().find(|c| odd.contains(c));
                assert_eq!(stray, None);
            },
        )
        .await;
    }
}
