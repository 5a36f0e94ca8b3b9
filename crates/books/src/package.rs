//! The container and the package document: what the book is and which files make it.
//!
//! EPUB 2 and 3 alike; local names are enough, since no two vocabularies clash here.
//! Only reading: what to do about flaws is decided in `open`.

use std::collections::HashMap;

use crate::book::{Accessibility, Creator, Direction, Layout};
use crate::dom::{Dom, NodeId};
use crate::names::{joined, percent_decoded, tidy};

/// A file of the manifest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    pub(crate) id: String,
    /// Path in the archive, or an address for a remote item.
    pub(crate) href: String,
    pub(crate) remote: bool,
    pub(crate) media_type: String,
    pub(crate) properties: Vec<String>,
    pub(crate) fallback: Option<String>,
}

/// A line of the spine.
#[derive(Debug, Clone)]
pub(crate) struct ItemRef {
    pub(crate) idref: String,
    pub(crate) linear: bool,
    pub(crate) fixed: Option<bool>,
}

/// The package as written.
#[derive(Debug, Default)]
pub(crate) struct Package {
    pub(crate) version: u8,
    pub(crate) identifier: String,
    pub(crate) title: String,
    pub(crate) subtitle: Option<String>,
    pub(crate) creators: Vec<Creator>,
    pub(crate) publisher: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) published: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) subjects: Vec<String>,
    pub(crate) rights: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) accessibility: Accessibility,
    pub(crate) layout: Layout,
    pub(crate) direction: Direction,
    pub(crate) items: Vec<Item>,
    pub(crate) spine: Vec<ItemRef>,
    pub(crate) toc: Option<String>,
    /// `meta name="cover"` of EPUB 2: the id of a picture.
    pub(crate) cover_id: Option<String>,
    /// `guide` reference of type cover: a page.
    pub(crate) cover_page: Option<String>,
}

/// Paths of package documents that the container names, in its order.
pub(crate) fn rootfiles(container: &Dom) -> Vec<String> {
    container
        .find_all(Dom::ROOT, "rootfile")
        .filter(|node| {
            container
                .attr(*node, "media-type")
                .is_none_or(|kind| kind.trim() == "application/oebps-package+xml")
        })
        .filter_map(|node| container.attr(node, "full-path"))
        .map(|path| joined("", path.trim()))
        .filter(|path| !path.is_empty())
        .collect()
}

/// Items that `META-INF/encryption.xml` puts under a key, fonts that are merely
/// obfuscated left out.
pub(crate) fn encrypted(encryption: &Dom) -> Vec<String> {
    encryption
        .find_all(Dom::ROOT, "EncryptedData")
        .filter(|node| {
            let algorithm = encryption
                .find(*node, "EncryptionMethod")
                .and_then(|method| encryption.attr(method, "Algorithm"));
            !matches!(
                algorithm,
                Some("http://www.idpf.org/2008/embedding" | "http://ns.adobe.com/pdf/enc#RC")
            )
        })
        .filter_map(|node| encryption.find(node, "CipherReference"))
        .filter_map(|node| encryption.attr(node, "URI"))
        .map(|path| joined("", &percent_decoded(path)))
        .collect()
}

impl Package {
    /// Reads the tree of the package document that stands at `path`.
    pub(crate) fn read(dom: &Dom, path: &str) -> Option<Package> {
        let root = dom
            .elements(Dom::ROOT)
            .next()
            .filter(|root| dom.name(*root) == "package")?;
        let mut package = Package {
            version: match dom.attr(root, "version") {
                Some(version) if version.trim().starts_with('2') => 2,
                Some(version) if version.trim().starts_with('1') => 2,
                _ => 3,
            },
            ..Package::default()
        };
        if let Some(metadata) = dom.named(root, "metadata").next() {
            package.read_metadata(dom, root, metadata);
        }
        if let Some(manifest) = dom.named(root, "manifest").next() {
            package.items = dom
                .named(manifest, "item")
                .map(|node| item(dom, node, path))
                .collect();
        }
        if let Some(spine) = dom.named(root, "spine").next() {
            package.toc = dom.attr(spine, "toc").map(str::to_owned);
            package.direction = match dom.attr(spine, "page-progression-direction") {
                Some("rtl") => Direction::Rtl,
                Some("ltr") => Direction::Ltr,
                _ => Direction::Default,
            };
            package.spine = dom
                .named(spine, "itemref")
                .map(|node| ItemRef {
                    idref: dom
                        .attr(node, "idref")
                        .unwrap_or_default()
                        .trim()
                        .to_owned(),
                    linear: dom.attr(node, "linear") != Some("no"),
                    fixed: dom.attr(node, "properties").and_then(|list| {
                        let mut words = list.split_whitespace();
                        words.find_map(|word| match word {
                            "rendition:layout-pre-paginated" => Some(true),
                            "rendition:layout-reflowable" => Some(false),
                            _ => None,
                        })
                    }),
                })
                .collect();
        }
        package.cover_page = dom
            .find_all(root, "reference")
            .find(|node| {
                dom.attr(*node, "type")
                    .is_some_and(|kind| kind.eq_ignore_ascii_case("cover"))
            })
            .and_then(|node| dom.attr(node, "href"))
            .map(|href| file_of(path, href));
        Some(package)
    }

    fn read_metadata(&mut self, dom: &Dom, root: NodeId, metadata: NodeId) {
        // EPUB 2 may wrap its Dublin Core once more.
        let mut nodes = Vec::new();
        for node in dom.elements(metadata) {
            if matches!(dom.name(node), "dc-metadata" | "x-metadata") {
                nodes.extend(dom.elements(node));
            } else {
                nodes.push(node);
            }
        }
        let mut refined: HashMap<(&str, &str), String> = HashMap::new();
        for &node in &nodes {
            if let (Some(target), Some(property)) =
                (dom.attr(node, "refines"), dom.attr(node, "property"))
            {
                let target = target.trim().trim_start_matches('#');
                refined
                    .entry((target, property))
                    .or_insert_with(|| tidy(&dom.text(node)));
            }
        }
        let refinement = |node: NodeId, property: &str| {
            let id = dom.attr(node, "id")?;
            refined
                .get(&(id, property))
                .filter(|value| !value.is_empty())
                .cloned()
        };
        let wanted = dom.attr(root, "unique-identifier").map(str::trim);
        let mut titles: Vec<(Option<String>, String)> = Vec::new();
        for &node in &nodes {
            let text = tidy(&dom.text(node));
            match dom.name(node) {
                "meta" | "link" => self.read_meta(dom, node, &text),
                _ if text.is_empty() => {}
                "identifier" => {
                    let is_it = wanted.is_some() && dom.attr(node, "id") == wanted;
                    if is_it || self.identifier.is_empty() {
                        self.identifier = text;
                    }
                }
                "title" => {
                    // Some only name it so: `<dc:title id="subtitle">`.
                    let by_id = || {
                        let id = dom.attr(node, "id")?.to_ascii_lowercase();
                        let kind = id.trim_end_matches(|c: char| c.is_ascii_digit());
                        matches!(kind, "subtitle" | "sub-title").then(|| "subtitle".to_owned())
                    };
                    titles.push((refinement(node, "title-type").or_else(by_id), text));
                }
                "creator" | "contributor" => {
                    let is_creator = dom.name(node) == "creator";
                    let role = dom
                        .attr(node, "opf:role")
                        .or_else(|| dom.attr(node, "role"))
                        .map(str::to_owned)
                        .or_else(|| refinement(node, "role"));
                    // Contributors are mostly the tools that made the file.
                    let is_person = matches!(role.as_deref(), Some("trl" | "edt" | "ill" | "aut"));
                    if is_creator || is_person {
                        let sort = dom
                            .attr(node, "opf:file-as")
                            .or_else(|| dom.attr(node, "file-as"))
                            .map(tidy)
                            .or_else(|| refinement(node, "file-as"));
                        self.creators.push(Creator {
                            name: text,
                            role,
                            sort,
                        });
                    }
                }
                "publisher" => first(&mut self.publisher, text),
                "language" => first(&mut self.language, text),
                // Year 101: how a widespread tool writes that it does not know.
                "date" if text.starts_with("0101-01-01") => {}
                "date" => {
                    let event = dom
                        .attr(node, "opf:event")
                        .or_else(|| dom.attr(node, "event"));
                    if event == Some("publication") {
                        self.published = Some(text);
                    } else if event != Some("modification") {
                        first(&mut self.published, text);
                    }
                }
                "description" => first(&mut self.description, text),
                "subject" => self.subjects.push(text),
                "rights" => first(&mut self.rights, text),
                "source" => first(&mut self.source, text),
                _ => {}
            }
        }
        let main = titles
            .iter()
            .find(|(kind, _)| kind.as_deref() == Some("main"))
            .or_else(|| titles.iter().find(|(kind, _)| kind.is_none()))
            .or_else(|| titles.first());
        self.title = main.map(|(_, text)| text.clone()).unwrap_or_default();
        self.subtitle = titles
            .into_iter()
            .find(|(kind, _)| kind.as_deref() == Some("subtitle"))
            .map(|(_, text)| text);
    }

    fn read_meta(&mut self, dom: &Dom, node: NodeId, text: &str) {
        if dom.attr(node, "refines").is_some() {
            return;
        }
        let named = dom
            .attr(node, "property")
            .or_else(|| dom.attr(node, "name"))
            .or_else(|| dom.attr(node, "rel"))
            .unwrap_or_default()
            .trim();
        let value = match dom.attr(node, "content").or_else(|| dom.attr(node, "href")) {
            Some(value) if text.is_empty() => tidy(value),
            _ => text.to_owned(),
        };
        if value.is_empty() {
            return;
        }
        let a11y = &mut self.accessibility;
        match named {
            "cover" => self.cover_id = Some(value),
            "schema:accessMode" => a11y.modes.push(value),
            "schema:accessModeSufficient" => a11y.sufficient.push(value),
            "schema:accessibilityFeature" => a11y.features.push(value),
            "schema:accessibilityHazard" => a11y.hazards.push(value),
            "schema:accessibilitySummary" => first(&mut a11y.summary, value),
            "dcterms:conformsTo" => a11y.conforms_to.push(value),
            "a11y:certifiedBy" => first(&mut a11y.certified_by, value),
            "rendition:layout" | "fixed-layout"
                if matches!(value.as_str(), "pre-paginated" | "true") =>
            {
                self.layout = Layout::Fixed;
            }
            _ => {}
        }
    }

    /// The item of this manifest id that a page can be; two may bear one id.
    pub(crate) fn page(&self, id: &str) -> Option<&Item> {
        (self.items.iter())
            .find(|item| item.id == id && !item.remote && is_page(&item.media_type))
            .or_else(|| self.item(id))
    }

    /// The item of this manifest id.
    pub(crate) fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }
}

fn item(dom: &Dom, node: NodeId, path: &str) -> Item {
    let get = |name| dom.attr(node, name).unwrap_or_default().trim().to_owned();
    let href = get("href");
    let remote = href
        .split_once(':')
        .is_some_and(|(scheme, _)| !scheme.contains(['/', '.', '#']));
    Item {
        id: get("id"),
        href: if remote { href } else { file_of(path, &href) },
        remote,
        media_type: get("media-type").to_ascii_lowercase(),
        properties: get("properties")
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        fallback: Some(get("fallback")).filter(|id| !id.is_empty()),
    }
}

/// Path of the file that a reference in the package names.
fn file_of(base: &str, href: &str) -> String {
    let file = href.split(['#', '?']).next().unwrap_or_default();
    joined(base, &percent_decoded(file))
}

fn first(slot: &mut Option<String>, text: String) {
    slot.get_or_insert(text);
}

pub(crate) fn is_page(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/xhtml+xml"
            | "text/html"
            | "image/svg+xml"
            | "text/x-oeb1-document"
            | "application/x-dtbook+xml"
    )
}
