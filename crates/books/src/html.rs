//! Forgiving reading of HTML, for sections that are not well-formed XHTML.
//!
//! The parser is html5ever; this is only the tree it builds into. It is fed in small pieces,
//! and stopped when the tree grows past the limits or a single tag never ends, because some
//! of its work grows with the square of depth and of attributes.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{Attribute, LocalName, Namespace, ParseOpts, QualName, parse_document};

use crate::Limits;
use crate::dom::{Attr, Dom, Kind, Ns};

/// Bytes given to the parser between two looks at the tree.
const PIECE_BYTES: usize = 4096;
/// Input that may pass without any effect on the tree: one endless tag.
const SILENT_PIECES: usize = 64;

/// Reads a document; the flag says that it was cut off at a limit.
pub(crate) fn parse(text: &str, limits: &Limits) -> (Dom, bool) {
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts {
            // Our page runs no scripts of a book: what `noscript` holds is content.
            scripting_enabled: false,
            ..Default::default()
        },
        ..Default::default()
    };
    let mut parser = parse_document(Sink::default(), options);
    let mut cut = false;
    let mut silent = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let mut at = PIECE_BYTES.min(rest.len());
        while !rest.is_char_boundary(at) {
            at += 1;
        }
        let (piece, tail) = rest.split_at(at);
        rest = tail;
        parser.process(StrTendril::from(piece));
        let sink = &parser.tokenizer.sink.sink;
        silent = if sink.touched.replace(false) {
            0
        } else {
            silent + 1
        };
        if sink.dom.borrow().len() > limits.nodes
            || sink.depth.get() > limits.depth
            || silent > SILENT_PIECES
        {
            cut = true;
            break;
        }
    }
    // `finish` would first work off the rest of an endless tag; what is built is enough.
    let sink = if cut {
        parser.tokenizer.sink.sink
    } else {
        parser.finish()
    };
    (sink.dom.into_inner(), cut)
}

#[derive(Default)]
struct Sink {
    dom: RefCell<Dom>,
    names: RefCell<Vec<Option<(Namespace, LocalName)>>>,
    touched: Cell<bool>,
    depth: Cell<usize>,
}

/// An element's name by value; atoms are cheap to clone.
#[derive(Debug)]
struct Name(Namespace, LocalName);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0
    }
    fn local_name(&self) -> &LocalName {
        &self.1
    }
}

impl Sink {
    fn insert(&self, kind: Kind, name: Option<(Namespace, LocalName)>) -> usize {
        self.touched.set(true);
        let id = self.dom.borrow_mut().create(kind);
        let mut names = self.names.borrow_mut();
        names.resize(id + 1, None);
        if let Some(slot) = names.get_mut(id) {
            *slot = name;
        }
        id
    }

    fn detach(&self, child: usize) {
        let mut dom = self.dom.borrow_mut();
        let Some(parent) = dom.get_mut(child).and_then(|node| node.parent.take()) else {
            return;
        };
        if let Some(node) = dom.get_mut(parent)
            && let Some(at) = node.children.iter().rposition(|id| *id == child)
        {
            node.children.remove(at);
        }
    }
}

impl TreeSink for Sink {
    type Handle = usize;
    type Output = Sink;
    type ElemName<'a> = Name;

    fn finish(self) -> Sink {
        self
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> usize {
        Dom::ROOT
    }

    fn elem_name<'a>(&'a self, target: &'a usize) -> Name {
        let names = self.names.borrow();
        match names.get(*target) {
            Some(Some((space, local))) => Name(space.clone(), local.clone()),
            _ => Name(Namespace::from(""), LocalName::from("")),
        }
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> usize {
        let ns = match &*name.ns {
            "http://www.w3.org/1999/xhtml" => Ns::Html,
            "http://www.w3.org/2000/svg" => Ns::Svg,
            "http://www.w3.org/1998/Math/MathML" => Ns::Math,
            _ => Ns::Other,
        };
        let kind = Kind::Element {
            ns,
            name: name.local.to_string(),
            attrs: attrs.into_iter().map(attribute).collect(),
        };
        self.insert(kind, Some((name.ns, name.local)))
    }

    fn create_comment(&self, _text: StrTendril) -> usize {
        // Kept out of the tree by `append`: an empty text has no place and no effect.
        self.insert(Kind::Text(String::new()), None)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> usize {
        self.insert(Kind::Text(String::new()), None)
    }

    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        self.touched.set(true);
        match child {
            NodeOrText::AppendNode(child) => {
                let mut dom = self.dom.borrow_mut();
                if matches!(dom.get(child).map(|n| &n.kind), Some(Kind::Text(text)) if text.is_empty())
                {
                    return;
                }
                dom.append(*parent, child);
                let depth = dom.get(child).map_or(0, |node| node.depth);
                self.depth.set(self.depth.get().max(depth));
            }
            NodeOrText::AppendText(text) => self.dom.borrow_mut().append_text(*parent, &text),
        }
    }

    fn append_based_on_parent_node(
        &self,
        element: &usize,
        previous: &usize,
        child: NodeOrText<usize>,
    ) {
        let has_parent = self
            .dom
            .borrow()
            .get(*element)
            .is_some_and(|node| node.parent.is_some());
        if has_parent {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &usize) -> usize {
        // A template is never kept, so its contents may as well be its children.
        *target
    }

    fn same_node(&self, x: &usize, y: &usize) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &usize, child: NodeOrText<usize>) {
        let child = match child {
            NodeOrText::AppendNode(child) => {
                self.detach(child);
                child
            }
            NodeOrText::AppendText(text) => self.insert(Kind::Text(text.to_string()), None),
        };
        self.touched.set(true);
        let mut dom = self.dom.borrow_mut();
        let Some(parent) = dom.get(*sibling).and_then(|node| node.parent) else {
            return;
        };
        let Some(at) = dom
            .get(parent)
            .and_then(|node| node.children.iter().rposition(|id| id == sibling))
        else {
            return;
        };
        // Neighbouring texts become one, as the parser expects.
        let before = at
            .checked_sub(1)
            .and_then(|i| dom.children(parent).get(i).copied());
        let text = match dom.get(child).map(|node| &node.kind) {
            Some(Kind::Text(text)) => Some(text.clone()),
            _ => None,
        };
        if let (Some(before), Some(text)) = (before, text)
            && let Some(Kind::Text(old)) = dom.get_mut(before).map(|node| &mut node.kind)
        {
            old.push_str(&text);
            return;
        }
        let depth = dom.get(parent).map_or(0, |node| node.depth) + 1;
        if let Some(node) = dom.get_mut(child) {
            node.parent = Some(parent);
            node.depth = depth;
        }
        if let Some(node) = dom.get_mut(parent) {
            node.children.insert(at, child);
        }
    }

    fn add_attrs_if_missing(&self, target: &usize, new: Vec<Attribute>) {
        if let Some(Kind::Element { attrs, .. }) = self
            .dom
            .borrow_mut()
            .get_mut(*target)
            .map(|node| &mut node.kind)
        {
            for attr in new.into_iter().map(attribute) {
                if attrs.iter().all(|old| old.name != attr.name) {
                    attrs.push(attr);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &usize) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &usize, new_parent: &usize) {
        let mut dom = self.dom.borrow_mut();
        let children = match dom.get_mut(*node) {
            Some(node) => std::mem::take(&mut node.children),
            None => return,
        };
        for child in children {
            dom.append(*new_parent, child);
        }
    }
}

fn attribute(attr: Attribute) -> Attr {
    let local = &*attr.name.local;
    let name = match &*attr.name.ns {
        "http://www.w3.org/1999/xlink" => format!("xlink:{local}"),
        "http://www.w3.org/XML/1998/namespace" => format!("xml:{local}"),
        _ => local.to_owned(),
    };
    Attr {
        name,
        value: attr.value.to_string(),
    }
}
