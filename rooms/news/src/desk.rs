//! Portal pages kept in memory, with holes for what changes: look, view counts, the numbers of the foot.
//!
//! A page is drawn once per language and kind of visitor; between changes a request only fills the
//! holes, without SQL and without a template. The holes are marks in the drawn HTML, `\u{1}word\u{1}`; no
//! text from people can hold one, because control characters are taken out of it.
//! A change through this process drops all pages at once (`Desk::bump`); changes of others (an import,
//! another machine, a document that a citation leads to) are seen by the search feed's number, which
//! the background looks at each second. Not here: what is on the pages (`pages`).

use crate::counting::{Content, Counters, Figures, Reader};
use crate::store::Story;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use site::Site;
use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use web::frame::{Org, group};
use web::{Frame, Lang};

/// Marks that stand in a page until it is sent.
pub(crate) mod mark {
    /// Attributes of the root element.
    pub(crate) const ROOT: &str = "\u{1}root\u{1}";
    /// Visitors within five minutes.
    pub(crate) const ONLINE: &str = "\u{1}online\u{1}";
    /// Visitors of the day.
    pub(crate) const TODAY: &str = "\u{1}today\u{1}";
    /// Daily visitors of the week, added up.
    pub(crate) const WEEK: &str = "\u{1}week\u{1}";
    /// Daily visitors of all time, added up.
    pub(crate) const ALL: &str = "\u{1}all\u{1}";
    /// `hidden` while that number is nought: what nobody has read yet boasts of nothing.
    pub(crate) const NO_ONLINE: &str = "\u{1}no-online\u{1}";
    pub(crate) const NO_TODAY: &str = "\u{1}no-today\u{1}";
    pub(crate) const NO_WEEK: &str = "\u{1}no-week\u{1}";
    pub(crate) const NO_ALL: &str = "\u{1}no-all\u{1}";
    /// The same for the views of a content.
    pub(crate) fn no_views(content: &super::Content) -> String {
        format!("\u{1}no-{}\u{1}", content.number())
    }
    /// Views of a content.
    pub(crate) fn views(content: &super::Content) -> String {
        format!("\u{1}{}\u{1}", content.number())
    }
}

enum Piece {
    Text(String),
    Root,
    Online,
    Today,
    Week,
    All,
    Views(Arc<Content>),
    /// `hidden`, where the number of that piece is nought.
    Unless(Box<Piece>),
}

impl Piece {
    /// The number that stands there; what holds none has none.
    fn number(&self, figures: Figures) -> i64 {
        match self {
            Piece::Online => figures.online,
            Piece::Today => figures.today,
            Piece::Week => figures.week,
            Piece::All => figures.all,
            Piece::Views(content) => content.views(),
            Piece::Text(_) | Piece::Root | Piece::Unless(_) => 0,
        }
    }
}

/// A page with holes.
pub(crate) struct Kept {
    pieces: Vec<Piece>,
    content: Option<Arc<Content>>,
    org: Org,
    digest: u64,
    length: usize,
}

impl Kept {
    /// Cuts drawn HTML at its marks. `contents` are those whose views are shown; `content` is the one
    /// that is being read.
    pub(crate) fn cut(
        html: &str,
        frame: &Frame,
        contents: &[Arc<Content>],
        content: Option<Arc<Content>>,
    ) -> Kept {
        let mut pieces = Vec::new();
        for (nth, part) in html.split('\u{1}').enumerate() {
            if nth % 2 == 0 {
                pieces.push(Piece::Text(part.to_owned()));
                continue;
            }
            let piece = |part: &str| match part {
                "root" => Some(Piece::Root),
                "online" => Some(Piece::Online),
                "today" => Some(Piece::Today),
                "week" => Some(Piece::Week),
                "all" => Some(Piece::All),
                number => contents
                    .iter()
                    .find(|content| content.number().to_string() == number)
                    .map(|content| Piece::Views(content.clone())),
            };
            pieces.extend(match part.strip_prefix("no-") {
                Some(of) => piece(of).map(|of| Piece::Unless(Box::new(of))),
                None => piece(part),
            });
        }
        let mut hash = DefaultHasher::new();
        html.hash(&mut hash);
        Kept {
            pieces,
            content,
            org: frame.org().clone(),
            digest: hash.finish(),
            length: html.len(),
        }
    }

    fn fill(&self, frame: &Frame, figures: Figures) -> String {
        let mut out = String::with_capacity(self.length + 128);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Root => out.push_str(&frame.root_attributes()),
                Piece::Unless(of) if of.number(figures) == 0 => out.push_str("hidden"),
                Piece::Unless(_) => {}
                other => out.push_str(&group(other.number(figures))),
            }
        }
        out
    }

    /// Weak, since the same page may be packed in different ways; it changes with every number shown.
    fn tag(&self, frame: &Frame, figures: Figures) -> String {
        let mut hash = DefaultHasher::new();
        figures.hash(&mut hash);
        for piece in &self.pieces {
            if let Piece::Views(content) = piece {
                content.views().hash(&mut hash);
            }
        }
        let mut out = String::with_capacity(48);
        // Writing to a text cannot fail.
        let _written = write!(
            out,
            "W/\"{:x}-{:x}-{}\"",
            self.digest,
            hash.finish(),
            frame.look().text()
        );
        out
    }
}

/// Which shelf of kept pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The front page; the key is the page's number.
    Front,
    /// A section; the key is its slug and the page's number.
    Section,
    /// An article; the key is its slug.
    Article,
    /// `/privacy` and `/contact`; the key is the word.
    About,
}

/// Pages kept at once; when there are more, all go.
const MOST_PAGES: usize = 300;
const SHELVES: usize = 16;

/// The room's state in memory, shared by all requests of a process.
#[derive(Default)]
pub(crate) struct Desk {
    /// Who reads.
    pub(crate) counters: Counters,
    shelves: RwLock<[HashMap<String, Arc<Kept>>; SHELVES]>,
    version: AtomicU64,
    feed_seen: AtomicI64,
    newest: RwLock<Option<(u64, Arc<Vec<Story>>)>>,
}

fn shelf(kind: Kind, frame: &Frame) -> usize {
    let lang = usize::from(frame.lang() == Lang::En);
    kind as usize * 4 + lang * 2 + usize::from(frame.is_signed_in())
}

impl Desk {
    /// The kept page, if it is still true.
    pub(crate) fn find(&self, kind: Kind, frame: &Frame, key: &str) -> Option<Arc<Kept>> {
        let shelves = self.shelves.read().unwrap_or_else(PoisonError::into_inner);
        let kept = shelves.get(shelf(kind, frame))?.get(key)?;
        (kept.org == *frame.org()).then(|| kept.clone())
    }
    /// The state of things: read before drawing, handed back to [`Desk::keep`].
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::SeqCst)
    }
    /// Keeps a page that was begun at `version`; one that is out of date already is not kept.
    pub(crate) fn keep(
        &self,
        kind: Kind,
        frame: &Frame,
        key: String,
        version: u64,
        kept: Kept,
    ) -> Arc<Kept> {
        let kept = Arc::new(kept);
        let mut shelves = self.shelves.write().unwrap_or_else(PoisonError::into_inner);
        if self.version() == version {
            if shelves.iter().map(HashMap::len).sum::<usize>() >= MOST_PAGES {
                shelves.iter_mut().for_each(HashMap::clear);
            }
            if let Some(pages) = shelves.get_mut(shelf(kind, frame)) {
                pages.insert(key, kept.clone());
            }
        }
        kept
    }
    /// The newest articles, if they were read at `version`.
    pub(crate) fn newest_at(&self, version: u64) -> Option<Arc<Vec<Story>>> {
        let held = self.newest.read().unwrap_or_else(PoisonError::into_inner);
        held.as_ref()
            .filter(|(at, _)| *at == version)
            .map(|(_, stories)| stories.clone())
    }
    /// Keeps the newest articles.
    pub(crate) fn keep_newest(&self, version: u64, stories: Arc<Vec<Story>>) {
        *self.newest.write().unwrap_or_else(PoisonError::into_inner) = Some((version, stories));
    }
    /// Something on the portal changed: every page is drawn anew.
    pub(crate) fn bump(&self) {
        let mut shelves = self.shelves.write().unwrap_or_else(PoisonError::into_inner);
        self.version.fetch_add(1, Ordering::SeqCst);
        shelves.iter_mut().for_each(HashMap::clear);
    }
    /// Drops the pages if the search feed has moved since it was last looked at.
    pub(crate) fn look_at_feed(&self, state: i64) {
        if self.feed_seen.swap(state, Ordering::SeqCst) != state {
            self.bump();
        }
    }

    /// Sends a kept page and counts the reader. A browser that holds the same page with the same
    /// numbers is told so, and not counted: only a page that was sent is a view.
    pub(crate) fn answer(
        &self,
        site: &Site,
        frame: &Frame,
        asked: &Asked,
        kept: &Kept,
    ) -> Response {
        let now = frame.now();
        let is_stranger = !frame.is_signed_in();
        let mut figures = self.counters.figures(now, &site.dice);
        if is_stranger && asked.has(&kept.tag(frame, figures)) {
            return tagged(
                StatusCode::NOT_MODIFIED.into_response(),
                &kept.tag(frame, figures),
            );
        }
        if asked.counts {
            let member = frame.who().map(|who| &who.actor.member);
            let reader = Reader {
                member,
                address: asked.address,
                agent: asked.agent(),
            };
            self.counters
                .visit(now, &site.dice, &reader, kept.content.as_ref());
            figures = self.counters.figures(now, &site.dice);
        }
        let mut response = Body::from(kept.fill(frame, figures)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        if is_stranger {
            tagged(response, &kept.tag(frame, figures))
        } else {
            response
        }
    }
}

fn tagged(mut response: Response, tag: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("cookie"));
    response
}

/// What the counters and the cache need of a request.
pub(crate) struct Asked {
    held: Option<HeaderValue>,
    agent: Option<HeaderValue>,
    host: Option<HeaderValue>,
    address: IpAddr,
    counts: bool,
}

impl Asked {
    /// Whether the browser holds this already.
    pub(crate) fn has(&self, tag: &str) -> bool {
        text(&self.held).split(',').any(|one| one.trim() == tag)
    }
    /// What the browser calls itself.
    pub(crate) fn agent(&self) -> &str {
        text(&self.agent)
    }
    /// The name under which it was reached.
    pub(crate) fn host(&self) -> &str {
        text(&self.host)
    }
}

fn text(value: &Option<HeaderValue>) -> &str {
    let value = value.as_ref().and_then(|value| value.to_str().ok()); // odd bytes: as if not sent
    value.unwrap_or("")
}

/// Whether a browser or messenger asks before anybody reads: each has a header and a word of its own.
fn is_fetched_ahead(headers: &HeaderMap) -> bool {
    let told = ["sec-purpose", "purpose", "x-purpose", "x-moz"].map(|name| headers.get_all(name));
    let told = told
        .iter()
        .flatten()
        .filter_map(|value| value.to_str().ok());
    told.map(str::to_ascii_lowercase)
        .any(|told| AHEAD.iter().any(|word| told.contains(word)))
}

/// Words for "nobody sees this yet".
const AHEAD: [&str; 3] = ["prefetch", "prerender", "preview"];

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address = parts.extensions.get::<web::edge::ClientAddress>();
        let fetched_ahead = is_fetched_ahead(&parts.headers);
        Ok(Asked {
            counts: parts.method == Method::GET && !fetched_ahead,
            address: address.map_or(IpAddr::from([0, 0, 0, 0]), |held| held.0),
            held: parts.headers.get(header::IF_NONE_MATCH).cloned(),
            agent: parts.headers.get(header::USER_AGENT).cloned(),
            host: parts.headers.get(header::HOST).cloned(),
        })
    }
}
