//! How the organisation calls itself and how it addresses its members. Shown from the next page on.
//!
//! Not here: names of units (people). Another machine on the same database shows the new names after
//! it starts again.

use crate::access;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use kernel::error::Result;
use site::{May as _, Site, settings};
use web::frame::Org;
use web::{Answer, Form, FormState, Frame, Member, NoAddress, see_other};

/// Characters that a name may have; the short one stands in the head of a phone's screen.
const NAME: usize = 200;
const SHORT: usize = 60;
const ADDRESS: usize = 30;

#[derive(serde::Deserialize)]
pub(crate) struct Names {
    #[serde(default)]
    name: String,
    #[serde(default)]
    short_name: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    public_url: String,
    #[serde(default)]
    version: String,
}

#[derive(Template)]
#[template(path = "admin/organisation.html")]
struct Page {
    frame: Frame,
    form: FormState,
    /// The outside address where the settings file says it; empty: the form asks for it.
    fixed_url: String,
}

impl Page {
    fn of(site: &Site, frame: &Frame, form: FormState) -> Page {
        let address = &site.edge.public_url;
        Page {
            frame: frame.clone(),
            form,
            fixed_url: if address.is_fixed() {
                address.get()
            } else {
                String::new()
            },
        }
    }
}

pub(crate) async fn get(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    access::need(access::doors(&who.actor, frame.today()).configure)?;
    let form = form_of(&site).await?;
    frame.html(&Page::of(&site, &frame, form))
}

/// The setting that tells whether somebody saved the names meanwhile: the operation that did.
const EDITED: &str = "org.edited";

/// The outside address as a page has set it.
async fn address(site: &Site) -> Result<String> {
    let set = settings::find(&site.db, settings::PUBLIC_URL).await?;
    Ok(set.unwrap_or_default())
}

/// The form as it is opened.
async fn form_of(site: &Site) -> Result<FormState> {
    let org = settings::org(&site.db).await?;
    let version = settings::find(&site.db, EDITED).await?.unwrap_or_default();
    Ok(FormState::new()
        .with("name", org.name)
        .with("short_name", org.short_name)
        .with("address", org.address)
        .with("public_url", address(site).await?)
        .with("version", version))
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    form: Form<Names>,
) -> Answer {
    let may = access::can_configure(&who.actor, frame.today())?;
    let new = Org {
        name: one_line(&form.value.name),
        short_name: one_line(&form.value.short_name),
        address: one_line(&form.value.address),
    };
    let mut state = FormState::typed(form.pairs);
    check(&frame, &new, &mut state);
    // What the settings file says is not asked for, and nothing of a page goes before it.
    let old_url = address(&site).await?;
    let new_url = match form.value.public_url.trim() {
        _ if site.edge.public_url.is_fixed() => old_url.clone(),
        "" => String::new(),
        typed => web::read_public_url(typed).unwrap_or_else(|why| {
            state.fail("public_url", url_trouble(why));
            String::new()
        }),
    };
    if !state.is_good() {
        let page = Page::of(&site, &frame, state);
        return frame.html_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let old = settings::org(&site.db).await?;
    let mut changes = changes(&old, &new);
    if old_url != new_url {
        changes.push((settings::PUBLIC_URL, &old_url, &new_url));
    }
    if changes.is_empty() {
        return Ok(see_other("/admin")
            .flash("admin-organisation-same")
            .into_response());
    }
    let mut diff = serde_json::Map::new();
    let mut act = may.begin(&site, &frame, "setting.change").await?;
    // Two who save at once wait here for one another; then it is seen whether somebody was faster.
    let operation = act.operation().to_owned();
    settings::set(&mut act, EDITED, &operation).await?;
    let present = form_of(&site).await?;
    if form.value.version != present.value("version") {
        act.leave().await?;
        let of = ("setting", "org");
        let saved = people::saved::last(&site, &frame, &who, of, &["setting.change"]).await?;
        state.changed(&present, "version", &saved);
        let page = Page::of(&site, &frame, state);
        return frame.html_status(page.form.status(), &page);
    }
    for (setting, before, after) in changes {
        settings::set(&mut act, setting, after).await?;
        diff.insert(setting.to_owned(), serde_json::json!([before, after]));
    }
    act.line()
        .object("setting", "org")
        .diff(&serde_json::Value::Object(diff));
    act.end().await?;
    settings::refresh(&site).await?;
    Ok(see_other("/admin")
        .flash("admin-organisation-done")
        .into_response())
}

fn url_trouble(why: NoAddress) -> &'static str {
    match why {
        NoAddress::Scheme => "admin-organisation-url-scheme",
        NoAddress::Host => "admin-organisation-url-host",
        NoAddress::More => "admin-organisation-url-more",
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(frame: &Frame, new: &Org, state: &mut FormState) {
    let length = |text: &str| text.chars().count();
    if new.name.is_empty() {
        state.fail("name", "admin-organisation-name-missing");
    } else if length(&new.name) > NAME {
        state.fail("name", frame.t1("admin-organisation-long", "count", NAME));
    }
    if new.short_name.is_empty() {
        state.fail("short_name", "admin-organisation-short-missing");
    } else if length(&new.short_name) > SHORT {
        state.fail(
            "short_name",
            frame.t1("admin-organisation-long", "count", SHORT),
        );
    }
    if length(&new.address) > ADDRESS {
        state.fail(
            "address",
            frame.t1("admin-organisation-long", "count", ADDRESS),
        );
    }
}

fn changes<'a>(old: &'a Org, new: &'a Org) -> Vec<(&'static str, &'a str, &'a str)> {
    let all = [
        ("org.name", old.name.as_str(), new.name.as_str()),
        ("org.short_name", &old.short_name, &new.short_name),
        ("org.address", &old.address, &new.address),
    ];
    all.into_iter()
        .filter(|(_, before, after)| before != after)
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::kit::{HUE, with_more_people};
    use testkit::{BINH, on_both};
    use web::Routes;

    const GOOD: &[(&str, &str)] = &[
        ("name", "Đảng bộ  Khối Thử"),
        ("short_name", "Khối Thử"),
        ("address", "bác"),
    ];

    #[tokio::test(flavor = "multi_thread")]
    async fn new_names_are_kept_shown_at_once_and_logged() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let binh = app.as_(BINH);
                let form = binh.get("/admin/organisation").await.expects(200);
                assert_eq!(form.attributes("#f-address", "value"), ["đồng chí"]);
                let page = binh.post_and_follow("/admin/organisation", GOOD).await.expects(200);
                assert!(page.has("h1"));
                let org = app.site.edge.org.read().unwrap().clone();
                assert_eq!((org.name.as_str(), org.address.as_str()), ("Đảng bộ Khối Thử", "bác"));
                let form = binh.get("/admin/organisation").await.expects(200);
                assert_eq!(form.attributes("#f-short_name", "value"), ["Khối Thử"]);
                let logged = "select count(*) from audit_event where action = 'setting.change' and actor_id = 'binh'";
                assert_eq!(app.count(logged).await, 1);
                binh.post("/admin/organisation", GOOD).await.expects(303);
                assert_eq!(app.count(logged).await, 1, "the same again changes nothing and logs nothing");
                let version = form.attributes("[name=version]", "value").remove(0);
                let other = [("name", "A"), ("short_name", "B"), ("address", "")];
                // A page drawn before the names were saved: both are shown, and nothing is written over.
                let late = binh.post("/admin/organisation", &other).await.expects(409);
                assert_eq!(late.text("#t-name b"), "Đảng bộ Khối Thử");
                assert_eq!(late.attributes("#f-name", "value"), ["A"]);
                let version = [("version", version.as_str())];
                let other: Vec<_> = other.into_iter().chain(version).collect();
                binh.post("/admin/organisation", &other).await.expects(303);
                assert_eq!(app.site.edge.org.read().unwrap().address, "", "no address is a choice");
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn trouble_keeps_what_was_typed_and_writes_nothing() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let long = "x".repeat(61);
                let typed = [
                    ("name", " "),
                    ("short_name", long.as_str()),
                    ("address", "bác"),
                ];
                let page = app
                    .as_(BINH)
                    .post("/admin/organisation", &typed)
                    .await
                    .expects(422);
                assert_eq!(page.all(".err").len(), 2);
                assert_eq!(page.attributes("#f-short_name", "value"), [long]);
                assert_eq!(app.count("select count(*) from admin_setting").await, 0);
                app.as_(BINH)
                    .post_forged("/admin/organisation", GOOD)
                    .await
                    .expects(403);
                assert_eq!(app.count("select count(*) from audit_event").await, 0);
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn the_outside_address_is_set_here_where_the_settings_file_has_none() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let binh = app.as_(BINH);
                let with = |url| [GOOD, &[("public_url", url)]].concat();
                for odd in ["sotay.vn", "https://", "https://sotay.vn/so", "https://a:b@sotay.vn"] {
                    let page = binh.post("/admin/organisation", &with(odd)).await.expects(422);
                    assert!(page.has("#e-public_url"), "{odd}");
                    assert_eq!(page.attributes("#f-public_url", "value"), [odd]);
                }
                assert!(app.site.edge.public_url.is_empty());
                binh.post("/admin/organisation", &with("https://Sotay.vn/")).await.expects(303);
                assert_eq!(app.site.edge.public_url.get(), "https://sotay.vn", "at once");
                let logged = "select count(*) from audit_event where action = 'setting.change' and diff_json like '%sotay.vn%'";
                assert_eq!(app.count(logged).await, 1);
            },
        )
        .await;
        testkit::on_both_at(
            "https://file.example",
            || vec![crate::room()],
            async |app| {
                let binh = app.as_(BINH);
                let form = binh.get("/admin/organisation").await.expects(200);
                assert!(!form.has("#f-public_url"));
                assert!(form.text("#fixed-url").contains("https://file.example"));
                let typed = [GOOD, &[("public_url", "https://other.example")]].concat();
                binh.post("/admin/organisation", &typed).await.expects(303);
                assert_eq!(app.site.edge.public_url.get(), "https://file.example");
                let kept = "select count(*) from admin_setting where value like '%other%'";
                assert_eq!(app.count(kept).await, 0);
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn who_reads_the_log_does_not_change_names() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_more_people(app, Routes::new());
                app.as_(HUE).get("/admin/organisation").await.expects(404);
                app.as_(HUE)
                    .post("/admin/organisation", GOOD)
                    .await
                    .expects(404);
                assert_eq!(app.count("select count(*) from admin_setting").await, 0);
            },
        )
        .await;
    }
}
