//! A browser without a window: sends requests through the whole edge and reads answers by role and
//! selector, never by a piece of text in the source.

use crate::{Character, TestApp};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use scraper::{Html, Selector};
use tower::ServiceExt as _;

/// One visitor.
pub struct Browser<'a> {
    app: &'a TestApp,
    who: Option<Character>,
    extra: Vec<(String, String)>,
}

const GUEST: &str = "AAAAAAAAAAAAAAAAAAAAAAAA";

impl<'a> Browser<'a> {
    pub(crate) fn new(app: &'a TestApp, who: Option<Character>) -> Self {
        Browser {
            app,
            who,
            extra: Vec::new(),
        }
    }
    /// With one more request header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.extra.push((name.to_owned(), value.to_owned()));
        self
    }
    fn cookies(&self) -> String {
        match self.who {
            Some(who) => format!("sotay_session={}", who.session()),
            None => format!("sotay_guest={GUEST}"),
        }
    }
    /// The token that this visitor's forms carry.
    pub fn csrf(&self) -> String {
        web::frame::token(&[7; 32], self.who.map_or(GUEST, |who| who.id))
    }
    async fn send(&self, mut request: axum::http::request::Builder, body: Body) -> Reply {
        for (name, value) in &self.extra {
            request = request.header(name, value);
        }
        let has_cookie = self
            .extra
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("cookie"));
        if !has_cookie {
            request = request.header(header::COOKIE, self.cookies());
        }
        let request = request.body(body).unwrap();
        let response = self.app.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let headers = response.headers().clone();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Reply {
            status,
            headers,
            bytes: bytes.to_vec(),
        }
    }
    /// Opens a page.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path), Body::empty()).await
    }
    /// Sends a form with the right token.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", &self.csrf());
        body.extend_pairs(fields);
        self.post_raw(path, body.finish().into_bytes()).await
    }
    /// Sends a form without a token, as another site would make a browser do.
    pub async fn post_forged(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        self.post_raw(path, body.finish().into_bytes()).await
    }
    /// Sends these bytes as a form.
    pub async fn post_raw(&self, path: &str, body: Vec<u8>) -> Reply {
        let request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }
    /// Sends a form of parts, as browsers do with files: name, name of the file if it is one, bytes.
    pub async fn post_parts(&self, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Reply {
        let mut body = Vec::new();
        for (name, file, bytes) in parts {
            let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
            let head =
                format!("--xx\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
            body.extend(head.into_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--xx--\r\n");
        let kind = "multipart/form-data; boundary=xx";
        let request = Request::post(path).header(header::CONTENT_TYPE, kind);
        self.send(request, Body::from(body)).await
    }
    /// The same with the right token as the first part; a word that is no file has an empty file name.
    pub async fn post_files(&self, path: &str, parts: &[(&str, &str, &[u8])]) -> Reply {
        let token = self.csrf();
        let mut all = vec![("csrf", None, token.as_bytes())];
        for (name, file, bytes) in parts {
            all.push((name, (!file.is_empty()).then_some(*file), bytes));
        }
        self.post_parts(path, &all).await
    }
    /// Sends bytes as they are, with the token in a header, as a script does.
    pub async fn post_bytes(&self, path: &str, bytes: &[u8]) -> Reply {
        let request = Request::post(path)
            .header("x-csrf", self.csrf())
            .header(header::CONTENT_TYPE, "application/octet-stream");
        self.send(request, Body::from(bytes.to_vec())).await
    }
    /// Presses the button of the form of a page that is sent to `action`, with what the page wrote into it.
    pub async fn press(&self, page: &str, action: &str) -> Reply {
        let drawn = self.get(page).await.expects(200);
        let hidden = format!("form[action='{action}'] input[type=hidden]:not([name=csrf])");
        let names = drawn.attributes(&hidden, "name");
        let values = drawn.attributes(&hidden, "value");
        let fields: Vec<(&str, &str)> = (names.iter().zip(&values))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.post(action, &fields).await
    }
    /// Sends a form and opens the page it leads to.
    pub async fn post_and_follow(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let reply = self.post(path, fields).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body());
        self.get(&reply.location()).await
    }
}

/// An answer.
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// The body as text.
    pub fn body(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
    /// Expects a status; shows the page when it is another.
    pub fn expects(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body());
        self
    }
    /// A header; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }
    /// Where a redirect leads.
    pub fn location(&self) -> String {
        self.header("location").to_owned()
    }
    /// The text of every element that the selector finds, white space folded.
    pub fn all(&self, selector: &str) -> Vec<String> {
        let page = Html::parse_document(&self.body());
        let selector = Selector::parse(selector).unwrap();
        page.select(&selector)
            .map(|found| fold(&found.text().collect::<String>()))
            .collect()
    }
    /// The text of the first element that the selector finds; fails when there is none.
    pub fn text(&self, selector: &str) -> String {
        let found = self.all(selector);
        assert!(
            !found.is_empty(),
            "nothing matches {selector} in\n{}",
            self.body()
        );
        found.into_iter().next().unwrap_or_default()
    }
    /// Whether anything matches.
    pub fn has(&self, selector: &str) -> bool {
        !self.all(selector).is_empty()
    }
    /// An attribute of every element that the selector finds.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let page = Html::parse_document(&self.body());
        let selector = Selector::parse(selector).unwrap();
        page.select(&selector)
            .filter_map(|found| found.value().attr(name).map(str::to_owned))
            .collect()
    }
    /// Whether there is a button or a link with these words.
    pub fn has_button(&self, words: &str) -> bool {
        self.all("button, a").iter().any(|text| text == words)
    }
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("not JSON: {}", self.body()))
    }
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
