//! Strict reading of XML: container, package, navigation, XHTML sections and SVG.
//!
//! A document that is not well-formed is an error here; sections then go to `html`.
//! No file and no address is ever fetched. Entities of the document's own are replaced only
//! when their value is plain text, and only up to a total: a "billion laughs" stays small.
//! HTML's named entities are known without a declaration, as old books expect.

use std::collections::{HashMap, HashSet};

use html5ever::data::NAMED_ENTITIES;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, NamespaceResolver, ResolveResult};
use quick_xml::reader::NsReader;

use crate::Limits;
use crate::dom::{Attr, Dom, Kind, Ns};

/// Why a document has no tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum XmlTrouble {
    /// Not well-formed; what and where.
    IllFormed(String),
    /// Deeper or larger than [`Limits`] allow.
    TooLarge,
}

/// Text that entities of one document may add.
const EXPANSION_BYTES: usize = 256 << 10;
/// Attributes of one element; the richest real ones have two dozen.
const ATTRIBUTES: usize = 256;

/// Reads a whole document.
pub(crate) fn parse(text: &str, limits: &Limits) -> Result<Dom, XmlTrouble> {
    let mut reader = NsReader::from_str(text);
    let mut dom = Dom::default();
    let mut open = vec![Dom::ROOT];
    let mut entities = Entities::default();
    loop {
        let event = reader.read_event().map_err(ill_formed)?;
        let parent = open.last().copied().unwrap_or(Dom::ROOT);
        match event {
            Event::Start(start) => {
                let kind = element(&start, reader.resolver(), &mut entities)?;
                if open.len() > limits.depth {
                    return Err(XmlTrouble::TooLarge);
                }
                let node = attach(&mut dom, parent, kind)?;
                open.push(node);
            }
            Event::Empty(start) => {
                let kind = element(&start, reader.resolver(), &mut entities)?;
                attach(&mut dom, parent, kind)?;
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Text(piece) if parent != Dom::ROOT => {
                dom.append_text(parent, &piece.xml10_content());
            }
            Event::Text(piece) => {
                if !piece.trim().is_empty() {
                    return Err(XmlTrouble::IllFormed(
                        "text outside the document".to_owned(),
                    ));
                }
            }
            Event::CData(piece) => dom.append_text(parent, &piece.xml10_content()),
            Event::GeneralRef(name) => {
                let text = entities.value(&name);
                dom.append_text(parent, &text);
            }
            Event::DocType(body) => entities.declare(&body),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::Eof => break,
        }
        if dom.len() > limits.nodes {
            return Err(XmlTrouble::TooLarge);
        }
    }
    if open.len() > 1 || dom.children(Dom::ROOT).is_empty() {
        return Err(XmlTrouble::IllFormed("the document breaks off".to_owned()));
    }
    Ok(dom)
}

fn attach(dom: &mut Dom, parent: usize, kind: Kind) -> Result<usize, XmlTrouble> {
    if parent == Dom::ROOT && !dom.children(Dom::ROOT).is_empty() {
        return Err(XmlTrouble::IllFormed("two document elements".to_owned()));
    }
    let node = dom.create(kind);
    dom.append(parent, node);
    Ok(node)
}

fn ill_formed(error: impl std::fmt::Display) -> XmlTrouble {
    XmlTrouble::IllFormed(error.to_string().chars().take(200).collect())
}

fn element(
    start: &BytesStart<'_>,
    resolver: &NamespaceResolver,
    entities: &mut Entities,
) -> Result<Kind, XmlTrouble> {
    let (space, local) = resolver.resolve_element(start.name());
    let ns = match space {
        ResolveResult::Bound(Namespace(uri)) => match uri {
            "http://www.w3.org/1999/xhtml" => Ns::Html,
            "http://www.w3.org/2000/svg" => Ns::Svg,
            "http://www.w3.org/1998/Math/MathML" => Ns::Math,
            _ => Ns::Other,
        },
        ResolveResult::Unbound => Ns::Other,
        ResolveResult::Unknown(prefix) => {
            return Err(XmlTrouble::IllFormed(format!("unknown prefix {prefix}")));
        }
    };
    let mut attrs = Vec::new();
    let mut seen = HashSet::new();
    // Our own check of doubles: the reader's compares each with each.
    for attr in start.attributes().with_checks(false) {
        let attr = attr.map_err(ill_formed)?;
        if attrs.len() >= ATTRIBUTES {
            return Err(XmlTrouble::TooLarge);
        }
        if attr.value.contains('<') || !seen.insert(attr.key.0.to_owned()) {
            return Err(XmlTrouble::IllFormed("bad attribute".to_owned()));
        }
        if attr.key.as_namespace_binding().is_some() {
            continue;
        }
        let (space, local) = resolver.resolve_attribute(attr.key);
        let prefix = match space {
            ResolveResult::Unbound => "",
            ResolveResult::Unknown(_) => continue,
            ResolveResult::Bound(Namespace(uri)) => match uri {
                "http://www.w3.org/1999/xlink" => "xlink:",
                "http://www.w3.org/XML/1998/namespace" => "xml:",
                "http://www.idpf.org/2007/ops" => "epub:",
                "http://www.idpf.org/2007/opf" => "opf:",
                _ => continue,
            },
        };
        attrs.push(Attr {
            name: format!("{prefix}{}", local.into_inner()),
            value: entities.expand(&attr.value),
        });
    }
    Ok(Kind::Element {
        ns,
        name: local.into_inner().to_owned(),
        attrs,
    })
}

/// Entities of one document and what they may still add.
struct Entities {
    own: HashMap<String, String>,
    left: usize,
}

impl Default for Entities {
    fn default() -> Self {
        Entities {
            own: HashMap::new(),
            left: EXPANSION_BYTES,
        }
    }
}

impl Entities {
    /// Takes general entities with plain values from the internal subset.
    fn declare(&mut self, doctype: &str) {
        for piece in doctype.split("<!ENTITY").skip(1).take(1000) {
            let piece = piece.trim_start();
            let Some((name, rest)) = piece.split_once(char::is_whitespace) else {
                continue;
            };
            let rest = rest.trim_start();
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
                continue;
            };
            let value = rest.get(1..).unwrap_or_default();
            let Some((value, _)) = value.split_once(quote) else {
                continue;
            };
            let plain = !value.contains(['<', '%']) && !value.replace("&#", "").contains('&');
            if name != "%" && value.len() <= 4096 && plain {
                let value = self.expand(value);
                self.own.entry(name.to_owned()).or_insert(value);
            }
        }
    }

    /// What stands for `&name;`; an unknown one is left as written.
    fn value(&mut self, name: &str) -> String {
        if let Some(number) = name.strip_prefix('#') {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            return code
                .ok()
                .and_then(char::from_u32)
                .unwrap_or('\u{fffd}')
                .to_string();
        }
        let plain = match name {
            "amp" => Some("&"),
            "lt" => Some("<"),
            "gt" => Some(">"),
            "quot" => Some("\""),
            "apos" => Some("'"),
            _ => None,
        };
        if let Some(plain) = plain {
            return plain.to_owned();
        }
        if let Some(value) = self.own.get(name)
            && value.len() <= self.left
        {
            self.left -= value.len();
            return value.clone();
        }
        if let Some(&(first, second)) = NAMED_ENTITIES.get(format!("{name};").as_str()) {
            return [first, second]
                .into_iter()
                .filter(|code| *code != 0)
                .filter_map(char::from_u32)
                .collect();
        }
        format!("&{name};")
    }

    fn expand(&mut self, raw: &str) -> String {
        let mut out = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some((before, after)) = rest.split_once('&') {
            out.push_str(before);
            match after.split_once(';') {
                Some((name, tail)) if name.len() <= 64 => {
                    out.push_str(&self.value(name));
                    rest = tail;
                }
                _ => {
                    out.push('&');
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out.replace(['\t', '\n', '\r'], " ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Dom, XmlTrouble> {
        parse(text, &Limits::default())
    }

    #[test]
    fn html_entities_and_own_plain_entities_are_known() {
        let dom = read("<!DOCTYPE p [<!ENTITY nt 'Nguyễn Trãi'>]><p>&nbsp;&nt;&#7843;&no;</p>");
        assert_eq!(
            dom.map(|dom| dom.text(Dom::ROOT)),
            Ok("\u{a0}Nguyễn Trãiả&no;".to_owned())
        );
    }

    #[test]
    fn laughing_entities_stay_small() {
        let mut text = String::from("<!DOCTYPE p [<!ENTITY a '");
        text.push_str(&"ha".repeat(2000));
        text.push_str("'><!ENTITY b '&a;&a;&a;'><!ENTITY c SYSTEM 'file:///etc/passwd'>]><p>");
        text.push_str(&"&a;&b;&c;".repeat(10_000));
        text.push_str("</p>");
        let dom = read(&text).unwrap();
        let length = dom.text(Dom::ROOT).len();
        assert!(length < EXPANSION_BYTES + 150_000, "{length}");
    }

    #[test]
    fn broken_documents_are_told_apart_from_large_ones() {
        for text in [
            "<p><b></p>",
            "<p>",
            "<p/><p/>",
            "",
            "x<p/>",
            "<p a='1' a='2'/>",
            "<x:p/>",
        ] {
            assert!(
                matches!(read(text), Err(XmlTrouble::IllFormed(_))),
                "{text}"
            );
        }
        assert_eq!(
            read(&"<p>".repeat(100_000)).err(),
            Some(XmlTrouble::TooLarge)
        );
    }
}
