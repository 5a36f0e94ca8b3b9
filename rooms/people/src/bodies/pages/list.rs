//! "Nộp ở đâu": whom to bring people and papers to, found by name; the telephone is there to be tapped.
//!
//! Whoever is not signed in reads what is for everybody; members read all of today. Whoever keeps entries also sees
//! those that are over or not begun. Not here: writing one (`edit`).

use super::super::store::{self, Body, MOST};
use super::edit;
use askama::Template;
use axum::extract::{Query, State};
use kernel::{Cap, Day};
use site::Site;
use web::{Answer, Frame};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
}

struct Line {
    body: Body,
    may_edit: bool,
}

#[derive(Template)]
#[template(path = "people/bodies.html")]
struct Page {
    frame: Frame,
    q: String,
    lines: Vec<Line>,
    /// Those that are over or not begun.
    others: Vec<Line>,
    is_cut: bool,
    may_add: bool,
}

impl Page {
    fn term(&self, body: &Body) -> String {
        let from = body.from_on.vn();
        match body.to_on {
            Day::OPEN => self.frame.t1("people-bodies-since", "from", &from),
            to => {
                let last = to.plus_days(-1).vn();
                self.frame
                    .t2("people-bodies-term", "from", &from, "to", &last)
            }
        }
    }
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    Query(asked): Query<Asked>,
) -> Answer {
    let q: String = vietnamese::nfc(asked.q.trim()).chars().take(120).collect();
    let folded: String = vietnamese::fold(&q)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .collect();
    let today = frame.today();
    let who = frame.who().map(|who| who.actor.clone());
    let mut found = store::list(&site.db, folded.trim(), today, who.is_none()).await?;
    let is_cut = found.len() > MOST;
    found.truncate(MOST);
    let line = |body: Body| Line {
        may_edit: who
            .as_ref()
            .is_some_and(|who| who.allow(Cap::UnitDraft, &body.kept(), today)),
        body,
    };
    let mut others = Vec::new();
    let mut may_add = false;
    if let Some(who) = &who {
        let keepers = edit::keepers(&site, who).await?;
        may_add = !keepers.is_empty();
        for unit in keepers {
            for body in store::list_not_now(&site.db, &unit.path, today).await? {
                if !others.iter().any(|line: &Line| line.body.id == body.id) {
                    others.push(line(body));
                }
            }
        }
    }
    frame.html(&Page {
        lines: found.into_iter().map(line).collect(),
        frame: frame.clone(),
        q,
        others,
        is_cut,
        may_add,
    })
}
