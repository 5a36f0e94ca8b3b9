//! The little of XML that DOCX needs.
//!
//! Names are compared without their prefix. Not here: namespaces, validation, external
//! entities (the reader below knows none and fetches nothing).

use quick_xml::events::{BytesRef, BytesStart};

/// The value of an attribute, by its name without prefix.
pub(crate) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element
        .attributes()
        .with_checks(false)
        .flatten() // a malformed attribute is as good as none
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .and_then(|attribute| {
            attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .ok()
        })
        .map(std::borrow::Cow::into_owned)
}

/// The text of `&amp;`, `&#273;` and the like; nothing for entities that a document type
/// would have to define.
pub(crate) fn reference(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.to_string();
    }
    match &*reference.xml10_content() {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
    .to_owned()
}
