//! A small tree of elements and texts, filled by `xml` or `html`, read by all others.
//!
//! An arena without comments and processing instructions: a CFI does not count them.
//! Walks are loops, not recursion, so depth costs no stack.

/// Number of a node in its [`Dom`].
pub(crate) type NodeId = usize;

/// Vocabulary of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ns {
    Html,
    Svg,
    Math,
    Other,
}

/// An attribute; `name` is the local name, with a canonical prefix for the few foreign
/// vocabularies that matter: `xlink:`, `xml:`, `epub:`, `opf:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attr {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Root,
    Text(String),
    Element {
        ns: Ns,
        name: String,
        attrs: Vec<Attr>,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) parent: Option<NodeId>,
    pub(crate) children: Vec<NodeId>,
    pub(crate) depth: usize,
}

/// A parsed document. Node 0 is the root and has the document element as child.
#[derive(Debug)]
pub(crate) struct Dom {
    nodes: Vec<Node>,
}

impl Default for Dom {
    fn default() -> Self {
        Dom {
            nodes: vec![Node {
                kind: Kind::Root,
                parent: None,
                children: Vec::new(),
                depth: 0,
            }],
        }
    }
}

/// Step of a walk: an element is entered, then left; a text is entered only.
pub(crate) enum Step {
    Enter(NodeId),
    Leave(NodeId),
}

impl Dom {
    pub(crate) const ROOT: NodeId = 0;

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(id)
    }

    pub(crate) fn children(&self, id: NodeId) -> &[NodeId] {
        self.get(id).map_or(&[], |node| &node.children)
    }

    /// Makes a node without a parent.
    pub(crate) fn create(&mut self, kind: Kind) -> NodeId {
        self.nodes.push(Node {
            kind,
            parent: None,
            children: Vec::new(),
            depth: 0,
        });
        self.nodes.len() - 1
    }

    pub(crate) fn append(&mut self, parent: NodeId, child: NodeId) {
        let depth = self.get(parent).map_or(0, |node| node.depth) + 1;
        if let Some(node) = self.get_mut(child) {
            node.parent = Some(parent);
            node.depth = depth;
        }
        if let Some(node) = self.get_mut(parent) {
            node.children.push(child);
        }
    }

    /// Adds text at the end, joining a text that is already there.
    pub(crate) fn append_text(&mut self, parent: NodeId, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(&last) = self.children(parent).last()
            && let Some(Node {
                kind: Kind::Text(old),
                ..
            }) = self.get_mut(last)
        {
            old.push_str(text);
            return;
        }
        let child = self.create(Kind::Text(text.to_owned()));
        self.append(parent, child);
    }

    /// Local name of an element, "" for anything else.
    pub(crate) fn name(&self, id: NodeId) -> &str {
        match self.get(id).map(|node| &node.kind) {
            Some(Kind::Element { name, .. }) => name,
            _ => "",
        }
    }

    pub(crate) fn ns(&self, id: NodeId) -> Option<Ns> {
        match self.get(id).map(|node| &node.kind) {
            Some(Kind::Element { ns, .. }) => Some(*ns),
            _ => None,
        }
    }

    pub(crate) fn attrs(&self, id: NodeId) -> &[Attr] {
        match self.get(id).map(|node| &node.kind) {
            Some(Kind::Element { attrs, .. }) => attrs,
            _ => &[],
        }
    }

    pub(crate) fn attr(&self, id: NodeId, name: &str) -> Option<&str> {
        self.attrs(id)
            .iter()
            .find(|attr| attr.name == name)
            .map(|attr| attr.value.as_str())
    }

    /// Element children.
    pub(crate) fn elements(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.children(id)
            .iter()
            .copied()
            .filter(|child| self.ns(*child).is_some())
    }

    /// Element children of one local name.
    pub(crate) fn named<'a>(
        &'a self,
        id: NodeId,
        name: &'a str,
    ) -> impl Iterator<Item = NodeId> + 'a {
        self.elements(id)
            .filter(move |child| self.name(*child) == name)
    }

    /// All nodes below `id`, in document order.
    pub(crate) fn walk(&self, id: NodeId) -> impl Iterator<Item = Step> + '_ {
        let mut stack: Vec<Step> = self
            .children(id)
            .iter()
            .rev()
            .map(|c| Step::Enter(*c))
            .collect();
        std::iter::from_fn(move || {
            let step = stack.pop()?;
            if let Step::Enter(node) = step
                && self.ns(node).is_some()
            {
                stack.push(Step::Leave(node));
                stack.extend(self.children(node).iter().rev().map(|c| Step::Enter(*c)));
            }
            Some(step)
        })
    }

    /// All elements below `id` with this local name, in document order.
    pub(crate) fn find_all<'a>(
        &'a self,
        id: NodeId,
        name: &'a str,
    ) -> impl Iterator<Item = NodeId> + 'a {
        self.walk(id).filter_map(move |step| match step {
            Step::Enter(node) if self.name(node) == name => Some(node),
            _ => None,
        })
    }

    /// The first of [`Dom::find_all`].
    pub(crate) fn find(&self, id: NodeId, name: &str) -> Option<NodeId> {
        self.find_all(id, name).next()
    }

    /// All text below, as it stands.
    pub(crate) fn text(&self, id: NodeId) -> String {
        let mut out = String::new();
        for step in self.walk(id) {
            if let Step::Enter(node) = step
                && let Some(Kind::Text(text)) = self.get(node).map(|node| &node.kind)
            {
                out.push_str(text);
            }
        }
        out
    }
}
