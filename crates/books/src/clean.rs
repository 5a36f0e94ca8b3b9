//! Foreign markup made safe, without moving an element.
//!
//! What may stay is listed; everything else is replaced in place: by an empty stand-in
//! (`data-gone`) when it must not be read at all, by a neutral element with the same
//! children (`data-was`) when only the element itself is unwelcome. So every element keeps
//! its number among its siblings, and an EPUB CFI still points at the same place.
//! The output is canonical, at once XML and HTML: all attributes quoted, `<`, `>`, `&` and
//! `{` always as references, no comments, no raw-text elements. Parsing it again under
//! other rules can therefore bring nothing to life. Addresses, ids and classes stand as
//! placeholders that [`crate::render()`] fills.

use crate::dom::{Attr, Dom, Kind, NodeId, Ns, Step};
use crate::names::{Address, address};
use crate::{Limits, html, names, style, text, xml};

/// A cleaned piece of markup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Canonical markup with placeholders.
    pub html: String,
    /// Plain text, NFC.
    pub text: String,
    /// Ids in document order, as they stand in placeholders.
    pub anchors: Vec<String>,
    /// Elements replaced by an empty stand-in or renamed, and addresses dropped because
    /// they lead to another machine or run something.
    pub removed: Removed,
    /// The document was not well-formed and was read as HTML.
    pub repaired: bool,
    /// The document was cut off at a limit, or some bytes could not be decoded.
    pub damaged: bool,
}

/// What cleaning took out, for the warning that the importer sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Scripts and event handlers.
    pub scripts: usize,
    /// Pictures, frames and other addresses on other machines.
    pub remote: usize,
    /// Form controls, frames, plug-ins, sound and film.
    pub active: usize,
}

/// Where addresses in the markup lead; `open` knows the book, a lone fragment has none.
pub(crate) trait Targets {
    /// A link to a path of the archive.
    fn link(&self, path: &str) -> Option<Target>;
    /// A picture at a path of the archive, that may be served.
    fn picture(&self, path: &str) -> Option<String>;
}

/// What a link leads to.
pub(crate) enum Target {
    Section(usize),
    Resource(String),
}

struct Nowhere;

impl Targets for Nowhere {
    fn link(&self, path: &str) -> Option<Target> {
        path.is_empty().then_some(Target::Section(0))
    }
    fn picture(&self, _path: &str) -> Option<String> {
        None
    }
}

/// Cleans markup that belongs to no book: XHTML if it is well-formed, else HTML.
/// Pictures by relative address fall out; links within the piece are links to section 0.
pub fn fragment(markup: &str, limits: &Limits) -> Cleaned {
    document(markup.as_bytes(), "", &Nowhere, limits).1
}

/// Parses and cleans a content document; also returns the tree for titles and headings.
pub(crate) fn document(
    bytes: &[u8],
    href: &str,
    targets: &dyn Targets,
    limits: &Limits,
) -> (Dom, Cleaned) {
    let (markup, broken_bytes) = names::decoded(bytes);
    let (dom, repaired, cut) = match xml::parse(&markup, limits) {
        Ok(dom) if is_known(&dom) => (dom, false, false),
        Err(xml::XmlTrouble::TooLarge) => (Dom::default(), false, true),
        _ => {
            let (dom, cut) = html::parse(&markup, limits);
            (dom, true, cut)
        }
    };
    let mut cleaned = body(&dom, href, targets);
    cleaned.repaired = repaired;
    cleaned.damaged = cut || broken_bytes;
    (dom, cleaned)
}

/// The element whose children are the section: `body`, or the parent of a lone `svg`.
pub(crate) fn body_of(dom: &Dom) -> NodeId {
    dom.elements(Dom::ROOT)
        .next()
        .filter(|root| dom.name(*root) == "html")
        .and_then(|root| {
            dom.named(root, "body")
                .next()
                .or_else(|| dom.named(root, "frameset").next())
        })
        .unwrap_or(Dom::ROOT)
}

/// XHTML, or a lone SVG. Anything else in XML clothes is read as HTML.
fn is_known(dom: &Dom) -> bool {
    dom.elements(Dom::ROOT)
        .next()
        .is_some_and(|root| match dom.ns(root) {
            Some(Ns::Html) => true,
            Some(Ns::Svg) => dom.name(root) == "svg",
            _ => false,
        })
}

fn body(dom: &Dom, href: &str, targets: &dyn Targets) -> Cleaned {
    let root = body_of(dom);
    let mut writer = Writer {
        dom,
        href,
        targets,
        out: Cleaned::default(),
        open: Vec::new(),
    };
    writer.write(root);
    let mut out = writer.out;
    out.text = text::plain(dom, root);
    out
}

/// A picture in SVG, cleaned to stand alone; nothing when it is not an SVG document.
pub(crate) fn picture(bytes: &[u8], href: &str, limits: &Limits) -> Option<(String, Removed)> {
    let (markup, _) = names::decoded(bytes);
    let dom = xml::parse(&markup, limits).ok()?;
    let root = dom.elements(Dom::ROOT).next()?;
    if dom.ns(root) != Some(Ns::Svg) || dom.name(root) != "svg" {
        return None;
    }
    let cleaned = body(&dom, href, &Nowhere);
    // A picture is a document of its own: ids and classes stay as they are.
    let out = crate::render(&cleaned.html, &NoLinks, &crate::RenderOptions::exact());
    Some((out, cleaned.removed))
}

struct NoLinks;

impl crate::LinkMap for NoLinks {
    fn section(&self, _index: usize) -> String {
        String::new()
    }
    fn resource(&self, _id: &str) -> String {
        String::new()
    }
}

/// What becomes of an element.
enum Fate {
    /// Stays, under this name.
    Stays(String),
    /// Another, neutral element takes its place; its children stay.
    Renamed(&'static str),
    /// An empty element takes its place.
    Gone(&'static str),
}

struct Writer<'a> {
    dom: &'a Dom,
    href: &'a str,
    targets: &'a dyn Targets,
    out: Cleaned,
    /// Output names of open elements; none for one whose inside is dropped.
    open: Vec<String>,
}

impl Writer<'_> {
    fn write(&mut self, root: NodeId) {
        let mut steps: Vec<Step> = Vec::new();
        let enter = |steps: &mut Vec<Step>, dom: &Dom, id| {
            steps.extend(dom.children(id).iter().rev().map(|c| Step::Enter(*c)));
        };
        enter(&mut steps, self.dom, root);
        while let Some(step) = steps.pop() {
            match step {
                Step::Leave(_) => {
                    if let Some(name) = self.open.pop() {
                        self.close(&name);
                    }
                }
                Step::Enter(id) => match self.dom.get(id).map(|node| &node.kind) {
                    Some(Kind::Text(text)) => escape(&mut self.out.html, text),
                    Some(Kind::Element { ns, name, attrs }) => {
                        let fate = self.fate(id, *ns, name);
                        if let Some(open) = self.start(fate, *ns, name, attrs) {
                            self.open.push(open);
                            steps.push(Step::Leave(id));
                            enter(&mut steps, self.dom, id);
                        }
                    }
                    _ => {}
                },
            }
        }
    }

    fn close(&mut self, name: &str) {
        self.out.html.push_str("</");
        self.out.html.push_str(name);
        self.out.html.push('>');
    }

    fn fate(&mut self, id: NodeId, ns: Ns, name: &str) -> Fate {
        let parent = self.dom.get(id).and_then(|node| node.parent);
        let around = parent.and_then(|p| self.dom.ns(p));
        let parent_name = parent.map(|p| self.dom.name(p)).unwrap_or_default();
        // An HTML element inside SVG or MathML would end the drawing when read as HTML.
        let neutral = match (around, ns) {
            (Some(Ns::Svg), _) | (_, Ns::Svg) => "g",
            (Some(Ns::Math), _) | (_, Ns::Math) => "mrow",
            _ => "span",
        };
        let empty = match neutral {
            "span"
                if matches!(
                    parent_name,
                    "table" | "tbody" | "thead" | "tfoot" | "tr" | "colgroup"
                ) =>
            {
                // The one empty element that a table does not push out.
                "template"
            }
            other => other,
        };
        let lower = name.to_ascii_lowercase();
        match ns {
            Ns::Svg if SVG.contains(&name) => return Fate::Stays(name.to_owned()),
            Ns::Svg if matches!(name, "metadata" | "foreignObject" | "style" | "filter") => {
                return Fate::Gone(empty);
            }
            Ns::Math if MATH.contains(&name) => return Fate::Stays(name.to_owned()),
            Ns::Math if lower.starts_with("annotation") => return Fate::Gone(empty),
            Ns::Html if HTML.contains(&lower.as_str()) && neutral == "span" => {
                return Fate::Stays(lower);
            }
            Ns::Html if lower == "img" => {
                return match self.dom.attr(id, "src").and_then(|src| self.picture(src)) {
                    Some(_) => Fate::Stays(lower),
                    None if neutral == "span" => Fate::Stays(lower),
                    None => Fate::Gone(empty),
                };
            }
            _ => {}
        }
        match lower.as_str() {
            "script" => {
                self.out.removed.scripts += 1;
                Fate::Gone(empty)
            }
            "iframe" | "frame" | "embed" | "applet" | "input" | "select" | "textarea"
            | "keygen" | "option" | "optgroup" | "param" | "track" | "animate" | "set"
            | "animatetransform" | "animatemotion" | "handler" | "listener" => {
                self.out.removed.active += 1;
                Fate::Gone(empty)
            }
            "audio" | "video" | "object" | "canvas" | "button" | "form" => {
                self.out.removed.active += 1;
                Fate::Renamed(neutral)
            }
            "style" | "link" | "meta" | "base" | "title" | "head" | "template" | "source"
            | "noembed" | "noframes" | "plaintext" | "xmp" | "frameset" | "bgsound"
            | "basefont" | "slot" | "portal" | "math" | "svg" => Fate::Gone(empty),
            "main" | "noscript" | "fieldset" | "search" | "body" | "html" if neutral == "span" => {
                Fate::Renamed("div")
            }
            _ => Fate::Renamed(neutral),
        }
    }

    /// Writes the opening tag; returns the name to close, none when the inside is dropped.
    fn start(&mut self, fate: Fate, ns: Ns, source: &str, attrs: &[Attr]) -> Option<String> {
        let (name, mark, inside) = match fate {
            Fate::Stays(name) => (name, None, true),
            Fate::Renamed(name) => (name.to_owned(), Some("data-was"), true),
            Fate::Gone(name) => (name.to_owned(), Some("data-gone"), false),
        };
        self.out.html.push('<');
        self.out.html.push_str(&name);
        if mark.is_none() && ns != Ns::Html && matches!(name.as_str(), "svg" | "math") {
            let space = match ns {
                Ns::Svg => "http://www.w3.org/2000/svg",
                _ => "http://www.w3.org/1998/Math/MathML",
            };
            self.attribute("xmlns", space);
        }
        if let Some(mark) = mark {
            if !inside && name != "template" {
                self.attribute("hidden", "");
            }
            let source: String = source
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
                .take(40)
                .collect();
            self.attribute(mark, &source);
        }
        let mut seen: Vec<&str> = Vec::new();
        for attr in attrs {
            if mark.is_some() && !matches!(attr.name.as_str(), "id" | "lang" | "dir" | "xml:lang") {
                self.count_dropped(attr);
                continue;
            }
            if let Some(out_name) = self.attr(ns, &name, attr, attrs, &seen) {
                seen.push(out_name);
            }
        }
        if mark.is_none() && name == "img" {
            if !seen.contains(&"alt") {
                self.attribute("alt", "");
            }
            self.attribute("loading", "lazy");
        }
        let void =
            matches!(name.as_str(), "br" | "hr" | "img" | "wbr" | "col") && neither_foreign(ns);
        if void {
            self.out.html.push_str("/>");
            return None;
        }
        self.out.html.push('>');
        if inside {
            return Some(name);
        }
        self.close(&name);
        None
    }

    fn count_dropped(&mut self, attr: &Attr) {
        if is_handler(&attr.name) {
            self.out.removed.scripts += 1;
        } else if matches!(attr.name.as_str(), "src" | "data" | "poster" | "action") {
            match address(self.href, &attr.value) {
                Address::Outside(_) => self.out.removed.remote += 1,
                Address::Forbidden if attr.value.contains("script") => {
                    self.out.removed.scripts += 1
                }
                Address::Forbidden => self.out.removed.remote += 1,
                _ => {}
            }
        }
    }

    /// Writes one attribute if it may stay; returns the name it was written under.
    fn attr(
        &mut self,
        ns: Ns,
        element: &str,
        attr: &Attr,
        all: &[Attr],
        seen: &[&str],
    ) -> Option<&'static str> {
        let value = attr.value.as_str();
        let name = attr.name.as_str();
        let has = |name: &str| all.iter().any(|other| other.name == name);
        match name {
            "id" | "xml:id" => {
                if seen.contains(&"id") {
                    return None;
                }
                let id = sanitised(value)?;
                self.placeholder("id", "{id:", &id);
                self.out.anchors.push(id);
                Some("id")
            }
            // Old books mark places by name alone.
            "name" if element == "a" && !has("id") => {
                let id = sanitised(value)?;
                self.placeholder("id", "{id:", &id);
                self.out.anchors.push(id);
                Some("id")
            }
            "class" => {
                let classes: Vec<String> = value
                    .split_whitespace()
                    .take(20)
                    .filter_map(sanitised)
                    .collect();
                if classes.is_empty() {
                    return None;
                }
                let list: Vec<String> = classes
                    .iter()
                    .map(|class| format!("{{id:{}}}", braced(class)))
                    .collect();
                self.raw_attribute("class", &list.join(" "));
                Some("class")
            }
            "style" => {
                if value.contains("url") && value.contains("//") {
                    self.out.removed.remote += 1;
                }
                let kept = style::kept(value);
                if kept.is_empty() {
                    return None;
                }
                self.attribute("style", &kept);
                Some("style")
            }
            "lang" | "xml:lang" => {
                let fits = value.len() <= 35
                    && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
                if seen.contains(&"lang") || !fits || value.is_empty() {
                    return None;
                }
                self.attribute("lang", value);
                Some("lang")
            }
            "epub:type" => {
                self.attribute("data-epub-type", value);
                Some("data-epub-type")
            }
            "href" | "xlink:href" => self.href(ns, element, value, seen),
            "src" if element == "img" => match self.picture(value) {
                Some(address) => {
                    self.raw_attribute("src", &address);
                    Some("src")
                }
                None => None,
            },
            "srcset" if element == "img" && !has("src") => {
                let first = value.split([',', ' ']).find(|part| !part.is_empty())?;
                let address = self.picture(first)?;
                self.raw_attribute("src", &address);
                Some("src")
            }
            "aria-labelledby" | "aria-describedby" | "aria-details" | "headers" => {
                let list: Vec<String> = value
                    .split_whitespace()
                    .take(20)
                    .filter_map(sanitised)
                    .map(|id| format!("{{id:{}}}", braced(&id)))
                    .collect();
                let kept = KEPT_IDREFS.iter().find(|kept| **kept == name)?;
                self.raw_attribute(kept, &list.join(" "));
                Some(kept)
            }
            "role" => {
                let fits = value.starts_with("doc-")
                    || matches!(value, "img" | "math" | "presentation" | "none" | "note");
                if !fits || value.contains(char::is_whitespace) {
                    return None;
                }
                self.attribute("role", value);
                Some("role")
            }
            _ if is_handler(name) => {
                self.out.removed.scripts += 1;
                None
            }
            _ => {
                let list: &[&'static str] = match ns {
                    Ns::Svg => SVG_ATTRS,
                    Ns::Math => MATH_ATTRS,
                    _ => HTML_ATTRS,
                };
                let kept = list.iter().chain(GLOBAL_ATTRS).find(|kept| {
                    **kept == name || (ns == Ns::Html && kept.eq_ignore_ascii_case(name))
                })?;
                if seen.contains(kept) {
                    return None;
                }
                let paint = ns == Ns::Svg && PAINT_ATTRS.contains(kept);
                if paint && value.contains(['(', '\\']) && !style::is_plain(value) {
                    let id = local_paint(value).and_then(sanitised)?;
                    self.raw_attribute(kept, &format!("url(#{{id:{}}})", braced(&id)));
                    return Some(kept);
                }
                if matches!(*kept, "colspan" | "rowspan" | "span") {
                    let number: u32 = value.trim().parse().ok().filter(|n| *n <= 1000)?;
                    self.attribute(kept, &number.to_string());
                    return Some(kept);
                }
                self.attribute(kept, value);
                Some(kept)
            }
        }
    }

    fn href(&mut self, ns: Ns, element: &str, value: &str, seen: &[&str]) -> Option<&'static str> {
        if seen.contains(&"href") {
            return None;
        }
        let target = address(self.href, value);
        match element {
            "a" => match target {
                Address::Outside(address) => {
                    self.attribute("href", &address);
                    self.attribute("rel", "noopener noreferrer external");
                    Some("href")
                }
                Address::Inside(path, fragment) => {
                    let mut place = match self.targets.link(&path)? {
                        Target::Section(index) => format!("{{section:{index}"),
                        Target::Resource(id) => {
                            self.raw_attribute("href", &format!("{{resource:{id}}}"));
                            return Some("href");
                        }
                    };
                    if let Some(fragment) = fragment.as_deref().and_then(sanitised) {
                        place.push('#');
                        place.push_str(&in_address(&fragment));
                    }
                    place.push('}');
                    self.raw_attribute("href", &place);
                    Some("href")
                }
                Address::Data(_) | Address::Forbidden => {
                    self.out.removed.scripts += usize::from(value.contains(':'));
                    None
                }
            },
            "image" if ns == Ns::Svg => {
                let address = self.picture(value)?;
                self.raw_attribute("href", &address);
                Some("href")
            }
            "use" | "linearGradient" | "radialGradient" | "pattern" | "textPath" | "mask"
                if ns == Ns::Svg =>
            {
                let id = value.trim().strip_prefix('#').and_then(sanitised);
                match id {
                    Some(id) => {
                        self.raw_attribute("href", &format!("#{{id:{}}}", braced(&id)));
                        Some("href")
                    }
                    None => {
                        self.out.removed.remote += 1;
                        None
                    }
                }
            }
            _ => {
                if !matches!(target, Address::Inside(..)) {
                    self.out.removed.remote += 1;
                }
                None
            }
        }
    }

    /// Address of a picture as an attribute's raw value.
    fn picture(&mut self, value: &str) -> Option<String> {
        match address(self.href, value) {
            Address::Inside(path, _) => {
                let id = self.targets.picture(&path)?;
                Some(format!("{{resource:{id}}}"))
            }
            Address::Data(data) => {
                let (head, body) = data.split_once(',')?;
                let raster = matches!(
                    head.to_ascii_lowercase().as_str(),
                    "data:image/png;base64"
                        | "data:image/jpeg;base64"
                        | "data:image/gif;base64"
                        | "data:image/webp;base64"
                );
                let plain = body
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
                (raster && plain && body.len() <= 1 << 20).then(|| data.clone())
            }
            Address::Outside(_) | Address::Forbidden => {
                self.out.removed.remote += 1;
                None
            }
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let mut escaped = String::with_capacity(value.len());
        escape(&mut escaped, value);
        self.raw_attribute(name, &escaped);
    }

    fn raw_attribute(&mut self, name: &str, value: &str) {
        let out = &mut self.out.html;
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        out.push_str(value);
        out.push('"');
    }

    fn placeholder(&mut self, name: &str, open: &str, value: &str) {
        let value = format!("{open}{}}}", braced(value));
        self.raw_attribute(name, &value);
    }
}

fn neither_foreign(ns: Ns) -> bool {
    !matches!(ns, Ns::Svg | Ns::Math)
}

fn is_handler(name: &str) -> bool {
    name.get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("on"))
}

/// `url(#id)` and nothing else before it; a fallback colour after it is dropped.
fn local_paint(value: &str) -> Option<&str> {
    let inner = value.trim().strip_prefix("url(")?;
    let (inner, _) = inner.split_once(')')?;
    inner.trim().trim_matches(['"', '\'']).strip_prefix('#')
}

/// An id or class fit for an attribute: no white space, no controls, not endless.
pub(crate) fn sanitised(id: &str) -> Option<String> {
    let id: String = id
        .trim()
        .chars()
        .take(200)
        .map(|c| {
            if c.is_whitespace() || c.is_control() {
                '_'
            } else {
                c
            }
        })
        .collect();
    (!id.is_empty()).then_some(id)
}

/// An id inside a placeholder.
fn braced(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    escape(&mut out, id);
    out
}

/// A fragment inside an address inside a placeholder.
fn in_address(fragment: &str) -> String {
    let mut out = String::with_capacity(fragment.len());
    for c in fragment.chars() {
        if c.is_ascii() && !c.is_ascii_alphanumeric() && !"-._~!$()*+,;=:@/?".contains(c) {
            out.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// Writes text so that it is text in XML, HTML and for `render`.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '{' => out.push_str("&#123;"),
            '}' => out.push_str("&#125;"),
            '\r' => out.push_str("&#13;"),
            // Composing would melt this one into a neighbouring `<`, `>` or `=`.
            '\u{338}' => out.push_str("&#824;"),
            '\t' | '\n' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
}

const HTML: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "i",
    "ins",
    "kbd",
    "li",
    "mark",
    "nav",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "rb",
    "rp",
    "rt",
    "rtc",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

const SVG: &[&str] = &[
    "svg",
    "g",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "textPath",
    "defs",
    "symbol",
    "use",
    "title",
    "desc",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
    "mask",
    "pattern",
    "marker",
    "image",
    "a",
    "switch",
    "view",
];

const MATH: &[&str] = &[
    "math",
    "mi",
    "mn",
    "mo",
    "ms",
    "mtext",
    "mspace",
    "mrow",
    "mfrac",
    "msqrt",
    "mroot",
    "mstyle",
    "merror",
    "mpadded",
    "mphantom",
    "mfenced",
    "menclose",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mmultiscripts",
    "mprescripts",
    "none",
    "mtable",
    "mtr",
    "mtd",
    "mlabeledtr",
    "semantics",
];

const KEPT_IDREFS: &[&str] = &[
    "aria-labelledby",
    "aria-describedby",
    "aria-details",
    "headers",
];

const GLOBAL_ATTRS: &[&str] = &[
    "dir",
    "title",
    "hidden",
    "aria-label",
    "aria-hidden",
    "aria-level",
];

const HTML_ATTRS: &[&str] = &[
    "abbr",
    "align",
    "alt",
    "border",
    "cellpadding",
    "cellspacing",
    "color",
    "colspan",
    "datetime",
    "face",
    "height",
    "open",
    "reversed",
    "rowspan",
    "scope",
    "size",
    "span",
    "start",
    "type",
    "valign",
    "value",
    "width",
];

const PAINT_ATTRS: &[&str] = &[
    "fill",
    "stroke",
    "clip-path",
    "mask",
    "marker-start",
    "marker-mid",
    "marker-end",
    "color",
    "stop-color",
    "cursor",
];

const SVG_ATTRS: &[&str] = &[
    "viewBox",
    "preserveAspectRatio",
    "width",
    "height",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "fx",
    "fy",
    "d",
    "points",
    "transform",
    "version",
    "fill",
    "fill-opacity",
    "fill-rule",
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-dasharray",
    "stroke-dashoffset",
    "opacity",
    "color",
    "clip-path",
    "clip-rule",
    "clipPathUnits",
    "mask",
    "maskUnits",
    "maskContentUnits",
    "marker-start",
    "marker-mid",
    "marker-end",
    "markerWidth",
    "markerHeight",
    "markerUnits",
    "refX",
    "refY",
    "orient",
    "gradientUnits",
    "gradientTransform",
    "spreadMethod",
    "offset",
    "stop-color",
    "stop-opacity",
    "patternUnits",
    "patternTransform",
    "patternContentUnits",
    "font-family",
    "font-size",
    "font-weight",
    "font-style",
    "text-anchor",
    "dominant-baseline",
    "alignment-baseline",
    "baseline-shift",
    "letter-spacing",
    "word-spacing",
    "textLength",
    "lengthAdjust",
    "dx",
    "dy",
    "rotate",
    "startOffset",
    "display",
    "visibility",
    "overflow",
    "writing-mode",
];

const MATH_ATTRS: &[&str] = &[
    "display",
    "mathvariant",
    "mathsize",
    "mathcolor",
    "mathbackground",
    "displaystyle",
    "scriptlevel",
    "stretchy",
    "fence",
    "separator",
    "accent",
    "accentunder",
    "lspace",
    "rspace",
    "form",
    "largeop",
    "movablelimits",
    "symmetric",
    "maxsize",
    "minsize",
    "linethickness",
    "open",
    "close",
    "separators",
    "notation",
    "columnalign",
    "rowalign",
    "columnspan",
    "rowspan",
    "columnlines",
    "rowlines",
    "frame",
    "framespacing",
    "rowspacing",
    "columnspacing",
    "width",
    "height",
    "depth",
    "voffset",
    "numalign",
    "denomalign",
    "bevelled",
    "equalcolumns",
    "equalrows",
    "side",
    "alttext",
    "subscriptshift",
    "superscriptshift",
];
