//! How an entry lies in the engine: the fields, and the way there and back.
//!
//! Words are cut by `words`, joined with spaces and cut again at spaces by the engine, so
//! the engine has no say in what a word is. Not here: questions. Surprising: nothing is
//! stored by positions or as a fast column; phrases are pairs of words joined by `_`.

use crate::card::Cut;
use crate::entry::{Entry, Kind};
use crate::query::{Hit, Piece};
use crate::words::Word;
use tantivy::TantivyDocument;
use tantivy::schema::{
    Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value,
};

/// Raised when the fields, the words, the card or its hash change: older indexes are reset.
pub(crate) const VERSION: u32 = 2;

/// Bytes of a body that are kept for extracts; what is beyond is found but not shown.
const BODY_BYTES: usize = 128 * 1024;

/// The fields.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) id: Field,
    pub(crate) parent: Field,
    pub(crate) kind: Field,
    pub(crate) audience: Field,
    pub(crate) also: Field,
    pub(crate) symbol_terms: Field,
    /// Folded words of context, title, heading and body.
    pub(crate) folded: Field,
    /// Folded pairs of the same.
    pub(crate) pairs: Field,
    /// Exact words of the same.
    pub(crate) exact: Field,
    /// Folded words of the heading alone.
    pub(crate) head: Field,
    pub(crate) card: Field,
    body: Field,
    external: Field,
    title: Field,
    context: Field,
    heading: Field,
    symbol: Field,
    url: Field,
    shown_on: Field,
    language: Field,
}

/// The schema and its fields.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut build = Schema::builder();
    let counted = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer("whitespace")
            .set_index_option(IndexRecordOption::WithFreqs)
            .set_fieldnorms(true),
    );
    let plain = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer("whitespace")
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false),
    );
    let fields = Fields {
        id: build.add_text_field("id", STRING | STORED),
        parent: build.add_text_field("parent", STRING | STORED),
        kind: build.add_text_field("kind", STRING | STORED),
        audience: build.add_text_field("audience", STRING),
        also: build.add_text_field("also", STRING),
        symbol_terms: build.add_text_field("symbol_terms", STRING),
        folded: build.add_text_field("folded", counted.clone()),
        pairs: build.add_text_field("pairs", counted.clone()),
        exact: build.add_text_field("exact", plain),
        head: build.add_text_field("head", counted),
        card: build.add_bytes_field("card", STORED),
        body: build.add_text_field("body", STORED),
        external: build.add_text_field("external", STORED),
        title: build.add_text_field("title", STORED),
        context: build.add_text_field("context", STORED),
        heading: build.add_text_field("heading", STORED),
        symbol: build.add_text_field("symbol", STORED),
        url: build.add_text_field("url", STORED),
        shown_on: build.add_text_field("shown_on", STORED),
        language: build.add_text_field("language", STORED),
    };
    (build.build(), fields)
}

impl Fields {
    /// The engine's document for an entry.
    pub(crate) fn document(&self, entry: &Entry) -> TantivyDocument {
        let cut = Cut::of(entry);
        let mut document = TantivyDocument::new();
        document.add_text(self.id, &entry.id);
        document.add_text(self.kind, entry.kind.as_str());
        document.add_text(self.title, &entry.title);
        document.add_text(self.url, &entry.url);
        let optional = [
            (self.parent, entry.parent_id.as_deref()),
            (self.external, entry.external_id.as_deref()),
            (self.symbol, entry.symbol.as_deref()),
            (self.shown_on, entry.shown_on.as_deref()),
            (self.language, Some(entry.language.as_str())),
            (self.context, Some(entry.context.as_str())),
            (self.heading, Some(entry.heading.as_str())),
            (self.body, Some(up_to(&entry.body, BODY_BYTES))),
        ];
        for (field, text) in optional {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                document.add_text(field, text);
            }
        }
        for token in &entry.audience {
            document.add_text(self.audience, token);
        }
        let also = if entry.also.is_empty() {
            &entry.audience
        } else {
            &entry.also
        };
        for token in also {
            document.add_text(self.also, token);
        }
        for (term, _) in &cut.symbols {
            document.add_text(self.symbol_terms, term);
            if entry.parent_id.is_none() {
                document.add_text(self.symbol_terms, of_itself(term));
            }
        }
        document.add_bytes(self.card, &cut.card());

        // A heading that its title already holds is not counted twice.
        let head_is_in_title = cut.title.len() >= cut.head.len();
        let mut groups: Vec<&[Word]> = vec![&cut.context, &cut.title];
        if !head_is_in_title {
            groups.push(&cut.head);
        }
        groups.extend(cut.clauses.iter().map(Vec::as_slice));
        document.add_text(self.folded, joined(&groups, |word| &word.folded));
        document.add_text(self.exact, joined(&groups, |word| &word.exact));
        document.add_text(self.pairs, pairs(&groups));
        document.add_text(self.head, joined(&[&cut.head], |word| &word.folded));
        document
    }

    /// The hit that a stored document shows, without its extract.
    pub(crate) fn hit(&self, document: &TantivyDocument, score: f32, extract: Vec<Piece>) -> Hit {
        let text = |field| self.text(document, field);
        let optional = |field| Some(text(field)).filter(|text| !text.is_empty());
        Hit {
            id: text(self.id),
            external_id: optional(self.external),
            kind: Kind::from(text(self.kind)),
            title: text(self.title),
            context: text(self.context),
            heading: text(self.heading),
            symbol: optional(self.symbol),
            url: text(self.url),
            parent_id: optional(self.parent),
            shown_on: optional(self.shown_on),
            language: text(self.language),
            score,
            extract,
        }
    }

    /// The id, for a steady order among equals.
    pub(crate) fn id_of<'a>(&self, document: &'a TantivyDocument) -> &'a str {
        let value = document.get_first(self.id);
        value.and_then(|value| value.as_str()).unwrap_or_default()
    }

    /// What it belongs to: its parent, or itself when it is whole.
    pub(crate) fn whole_of<'a>(&self, document: &'a TantivyDocument) -> &'a str {
        let value = document.get_first(self.parent);
        let parent = value.and_then(|value| value.as_str()).unwrap_or_default();
        if parent.is_empty() {
            self.id_of(document)
        } else {
            parent
        }
    }

    /// Title, heading and context: what an entry goes by.
    pub(crate) fn heads<'a>(&self, document: &'a TantivyDocument) -> [&'a str; 3] {
        [self.title, self.heading, self.context].map(|field| {
            let value = document.get_first(field);
            value.and_then(|value| value.as_str()).unwrap_or_default()
        })
    }

    /// The body as far as it is kept.
    pub(crate) fn body<'a>(&self, document: &'a TantivyDocument) -> &'a str {
        let value = document.get_first(self.body);
        value.and_then(|value| value.as_str()).unwrap_or_default()
    }

    /// The card's bytes; none read as an empty card.
    pub(crate) fn card<'a>(&self, document: &'a TantivyDocument) -> &'a [u8] {
        let value = document.get_first(self.card);
        value.and_then(|value| value.as_bytes()).unwrap_or_default()
    }

    fn text(&self, document: &TantivyDocument, field: Field) -> String {
        let value = document.get_first(field);
        value
            .and_then(|value| value.as_str())
            .unwrap_or_default()
            .to_owned()
    }
}

/// The term of a thing that bears a symbol itself, and not only as a part of what bears it.
pub(crate) fn of_itself(symbol: &str) -> String {
    format!("={symbol}")
}

/// The longest beginning of at most `bytes` bytes.
fn up_to(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes))
        .unwrap_or_default()
}

fn joined(groups: &[&[Word]], form: impl Fn(&Word) -> &String) -> String {
    let mut out = String::new();
    for word in groups.iter().copied().flatten() {
        out.push_str(form(word));
        out.push(' ');
    }
    out
}

fn pairs(groups: &[&[Word]]) -> String {
    let mut out = String::new();
    for group in groups {
        for two in group.windows(2) {
            if let [first, second] = two {
                out.push_str(&first.folded);
                out.push('_');
                out.push_str(&second.folded);
                out.push(' ');
            }
        }
    }
    out
}
