//! Keeping a way of reading: the form in the reader's settings sheet.

use crate::reading::{COOKIE, Reading};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use site::Site;
use web::{Answer, Form, Member, see_other};

#[derive(serde::Deserialize)]
pub(crate) struct Chosen {
    #[serde(rename = "r-size", default)]
    size: String,
    #[serde(rename = "r-ground", default)]
    ground: String,
    #[serde(rename = "r-face", default)]
    face: String,
    #[serde(rename = "r-lines", default)]
    lines: String,
    #[serde(default)]
    back: String,
}

pub(crate) async fn post(State(site): State<Site>, _who: Member, form: Form<Chosen>) -> Answer {
    let chosen = form.value;
    let reading = Reading::of(&chosen.size, &chosen.ground, &chosen.face, &chosen.lines);
    let back = if chosen.back.starts_with("/library") {
        chosen.back
    } else {
        "/library".to_owned()
    };
    let mut response = see_other(back).into_response();
    let secure = if site.edge.https { "; Secure" } else { "" };
    // A year; the words are ours, so the cookie cannot be made to hold anything else.
    let cookie = format!(
        "{COOKIE}={}; Path=/library; HttpOnly; SameSite=Lax; Max-Age=31536000{secure}",
        reading.text()
    );
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use crate::made;
    use testkit::HOA;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_way_of_reading_is_kept_without_a_script() {
        testkit::on_sqlite(
            || vec![crate::room()],
            async |app| {
                let id = made::shelve(&app, "kho", &made::two_chapters("urn:a", "Chuyện kể")).await;
                let here = format!("/library/titles/{id}/sections/1");
                let fields = [
                    ("r-size", "xl"),
                    ("r-ground", "sepia"),
                    ("r-face", "sans"),
                    ("r-lines", "wide"),
                    ("back", here.as_str()),
                ];
                let reply = app
                    .as_(HOA)
                    .post("/library/reading", &fields)
                    .await
                    .expects(303);
                assert_eq!(reply.location(), here);
                let cookie = reply
                    .header("set-cookie")
                    .split(';')
                    .next()
                    .unwrap_or("")
                    .to_owned();
                let again = app
                    .as_(HOA)
                    .header("cookie", &format!("sotay_session=test-hoa; {cookie}"));
                let page = again.get(&here).await.expects(200);
                assert_eq!(page.attributes(".reader", "data-ground"), ["sepia"]);
                assert_eq!(page.attributes(".reader", "data-size"), ["xl"]);
                assert_eq!(
                    page.attributes("input[name=r-lines][checked]", "value"),
                    ["wide"]
                );
                let away = app
                    .as_(HOA)
                    .post("/library/reading", &[("back", "//evil.example")])
                    .await
                    .expects(303);
                assert_eq!(away.location(), "/library");
                app.as_(HOA)
                    .post_forged("/library/reading", &fields)
                    .await
                    .expects(403);
            },
        )
        .await;
    }
}
