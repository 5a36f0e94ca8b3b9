//! Gathering Hôm nay: every room is asked at once, the answers are put into one order.
//!
//! Each source runs in a task of its own, so that one which fails, panics or hangs costs its own
//! part and nothing else. Not here: drawing (`pages::today`), what is due (the rooms).

use site::{Site, TodayNotice, TodayPart, TodayTask};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;
use web::{Frame, SignedIn};

/// A source that has not answered by then is left out: the page must not wait for it.
const PATIENCE: Duration = Duration::from_secs(3);

/// All that the rooms have for one member today, in order.
#[derive(Default)]
pub(crate) struct Gathered {
    /// Soonest due first; equal ones in the order of the rooms.
    pub(crate) tasks: Vec<TodayTask>,
    /// Newest first.
    pub(crate) notices: Vec<TodayNotice>,
    /// HTML of the second column.
    pub(crate) asides: Vec<String>,
    /// Whether a source failed: then an empty list proves nothing.
    pub(crate) is_incomplete: bool,
}

/// Asks every source at the same time.
pub(crate) async fn gather(site: &Site, frame: &Frame, who: &Arc<SignedIn>) -> Gathered {
    let mut running = JoinSet::new();
    for (nth, source) in site.rooms.today.iter().cloned().enumerate() {
        let (site, frame, who) = (site.clone(), frame.clone(), who.clone());
        running.spawn(async move { (nth, timeout(PATIENCE, source(site, frame, who)).await) });
    }
    let mut parts: Vec<(usize, TodayPart)> = Vec::new();
    let mut is_incomplete = false;
    while let Some(ended) = running.join_next().await {
        let cause = match ended {
            Ok((nth, Ok(Ok(part)))) => {
                parts.push((nth, part));
                continue;
            }
            Ok((nth, Ok(Err(error)))) => format!("source {nth}: {}", error.log_text()),
            Ok((nth, Err(_))) => format!("source {nth}: no answer within {} s", PATIENCE.as_secs()),
            Err(died) => died.to_string(),
        };
        is_incomplete = true;
        tracing::error!(
            operation = frame.operation(),
            cause,
            "a part of Hôm nay is missing"
        );
    }
    parts.sort_by_key(|(nth, _)| *nth);
    Gathered {
        is_incomplete,
        ..in_order(parts.into_iter().map(|(_, part)| part))
    }
}

fn in_order(parts: impl Iterator<Item = TodayPart>) -> Gathered {
    let mut all = Gathered::default();
    let mut asides = Vec::new();
    for part in parts {
        all.tasks.extend(part.tasks);
        all.notices.extend(part.notices);
        asides.extend(part.asides);
    }
    all.tasks.sort_by_key(|task| task.due_at);
    all.notices
        .sort_by_key(|notice| std::cmp::Reverse(notice.at));
    asides.sort_by_key(|(order, _)| *order);
    all.asides = asides.into_iter().map(|(_, html)| html).collect();
    all
}

/// Text as HTML in which a document's symbol ("12-QĐ/ĐU") does not break across lines.
pub(crate) fn whole_symbols(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut at = 0;
    // Every symbol has a stroke: most sentences have none and need no search.
    if text.contains('/') {
        for found in citation::find(text) {
            let span = found.symbol_span;
            let (Some(before), Some(symbol)) = (text.get(at..span.start), text.get(span.clone()))
            else {
                continue;
            };
            web::link::escape(before, &mut out);
            out.push_str("<span class=\"nowrap\">");
            web::link::escape(symbol, &mut out);
            out.push_str("</span>");
            at = span.end;
        }
    }
    web::link::escape(text.get(at..).unwrap_or(""), &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(due_at: i64, title: &str) -> TodayTask {
        TodayTask {
            due_at,
            minutes: 5,
            title: title.into(),
            due: String::new(),
            due_state: "",
            left: String::new(),
            why: String::new(),
            how: String::new(),
            action: String::new(),
            to: "/x".into(),
        }
    }
    fn notice(at: i64, title: &str) -> TodayNotice {
        TodayNotice {
            at,
            margin: String::new(),
            title: title.into(),
            meta: String::new(),
            to: "/x".into(),
        }
    }

    #[test]
    fn what_is_due_first_stands_first_and_news_run_backwards() {
        let one = TodayPart {
            tasks: vec![task(30, "late"), task(10, "soon")],
            notices: vec![notice(1, "old"), notice(9, "new")],
            asides: vec![(20, "b".into())],
        };
        let two = TodayPart {
            tasks: vec![task(10, "soon too")],
            notices: vec![notice(5, "middle")],
            asides: vec![(10, "a".into())],
        };
        let all = in_order([one, two].into_iter());
        let titles: Vec<_> = all.tasks.iter().map(|task| task.title.as_str()).collect();
        assert_eq!(titles, ["soon", "soon too", "late"]);
        let news: Vec<_> = all
            .notices
            .iter()
            .map(|notice| notice.title.as_str())
            .collect();
        assert_eq!(news, ["new", "middle", "old"]);
        assert_eq!(all.asides, ["a", "b"]);
    }
    #[test]
    fn a_symbol_stays_on_one_line_and_nothing_is_markup() {
        assert_eq!(
            whole_symbols("Điều 4, Quy định 12-QĐ/ĐU <b>"),
            "Điều 4, Quy định <span class=\"nowrap\">12-QĐ/ĐU</span> &lt;b&gt;"
        );
        assert_eq!(whole_symbols("a & b"), "a &amp; b");
    }
}
