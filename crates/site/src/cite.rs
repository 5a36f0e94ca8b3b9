//! Citations in any text become links when the document is there and the reader may see it.
//!
//! `citation` finds, the view `v_documents_cited` of the documents room knows, `web::link` draws.
//! One query a page. An undated citation leads to the latest document of that symbol.

use crate::{Site, store};
use kernel::Day;
use kernel::error::Result;
use std::collections::{BTreeSet, HashMap};
use web::Visitor;
use web::link::Target;

/// The audiences to which a visitor belongs, as they stand in columns and in the index: `public`,
/// `members`, `unit:ID` for their units and every unit above. Worked out anew for each request, so a
/// unit that moved takes its readers with it.
pub fn reach_of(visitor: &Visitor, on: Day) -> Vec<String> {
    let audiences = match &visitor.signed_in {
        Some(who) => who.actor.audiences(on),
        None => vec![kernel::Audience::Public],
    };
    audiences.iter().map(ToString::to_string).collect()
}

/// The same with the audiences that rooms have of their own: for what somebody looks for in person. The API reaches
/// what [`reach_of`] says, no more.
pub fn search_reach_of(site: &Site, visitor: &Visitor, on: Day) -> Vec<String> {
    let mut reach = reach_of(visitor, on);
    if let Some(who) = &visitor.signed_in {
        let own = site.rooms.reaches.iter();
        reach.extend(own.flat_map(|of| of(&who.actor, on)));
    }
    reach
}

/// The documents that some texts cite, ready to link.
#[derive(Debug, Clone, Default)]
pub struct Linker(HashMap<String, Vec<Known>>);

#[derive(Debug, Clone, db::FromRow)]
struct Known {
    document_id: String,
    symbol_key: String,
    title: String,
    issued_on: String,
}

/// Citations looked up at once; further ones of a page stay plain text.
const MOST: usize = 400;

impl Linker {
    /// Looks up every citation of these texts among what `reach` may see.
    pub async fn gather<'a>(
        site: &Site,
        reach: &[String],
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Linker> {
        let mut keys = BTreeSet::new();
        for text in texts {
            for found in citation::find(text) {
                if found.is_certain() && keys.len() < MOST {
                    keys.insert(found.symbol.key());
                }
            }
        }
        if keys.is_empty() || reach.is_empty() {
            return Ok(Linker::default());
        }
        let rows: Vec<Known> = store::cited(keys, reach).all(site.db.read()).await?;
        let mut map: HashMap<String, Vec<Known>> = HashMap::new();
        for row in rows {
            map.entry(row.symbol_key.clone()).or_default().push(row);
        }
        Ok(Linker(map))
    }

    /// The document that a citation leads to: the one of its date, else the latest.
    pub fn target(&self, found: &citation::Citation) -> Option<Target> {
        if !found.is_certain() {
            return None;
        }
        let known = self.0.get(&found.symbol.key())?;
        let dated = found
            .date
            .as_ref()
            .filter(|date| date.is_complete())
            .map(ToString::to_string);
        let chosen = match dated {
            Some(day) => known
                .iter()
                .find(|row| row.issued_on == day)
                .or(known.first())?,
            None => known.first()?,
        };
        let mut url = format!("/documents/{}", chosen.document_id);
        if let Some(article) = &found.article {
            url.push_str(&format!("#dieu-{article}"));
        }
        Some(Target {
            url,
            title: chosen.title.clone(),
        })
    }

    /// The text as HTML, citations linked; those that lead to `own` (a document id) stay plain.
    pub fn html(&self, text: &str, own: &str) -> String {
        web::link::html(text, |found| {
            let target = self.target(found)?;
            let inside = target.url.strip_prefix("/documents/")?;
            let id = inside.split('#').next().unwrap_or("");
            (own.is_empty() || id != own).then_some(target)
        })
    }
}
