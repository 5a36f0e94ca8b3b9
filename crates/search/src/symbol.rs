//! Document symbols as search terms: `12-QĐ/ĐU` is found by itself, `12 qd du`, `12-qd`, `12`.
//!
//! A symbol becomes one term for each run of parts that starts at its number. This is not
//! the grammar of symbols (that is `citation`): here anything that looks like "number, then
//! parts" is tried against the index and simply finds nothing when it is no symbol.

use crate::words::{Word, words};

/// Parts looked at, in a symbol and in a question.
const PARTS: usize = 6;

/// The terms under which a symbol is found, shortest first, each with its number of parts.
pub(crate) fn terms(symbol: &str) -> Vec<(String, usize)> {
    let parts = words(symbol, PARTS);
    let Some(start) = parts.iter().position(Word::is_number) else {
        return Vec::new();
    };
    let parts = parts.get(start..).unwrap_or_default();
    let mut terms = runs(parts);
    // `91/2025/QH15` is also remembered as `91-QH15`.
    if let [number, year, rest @ ..] = parts
        && year.is_number()
        && !rest.is_empty()
    {
        let mut short = vec![number.clone()];
        short.extend_from_slice(rest);
        terms.extend(runs(&short).into_iter().skip(1));
    }
    terms
}

/// Every term that a question may mean by the words at `start`, longest first.
pub(crate) fn candidates(question: &[Word], start: usize) -> Vec<(String, usize)> {
    let parts: Vec<Word> = question.iter().skip(start).take(PARTS).cloned().collect();
    if !parts.first().is_some_and(Word::is_number) {
        return Vec::new();
    }
    let mut terms = runs(&parts);
    terms.reverse();
    terms
}

fn runs(parts: &[Word]) -> Vec<(String, usize)> {
    let mut term = String::new();
    parts
        .iter()
        .enumerate()
        .map(|(at, part)| {
            if at > 0 {
                term.push('-');
            }
            let bare = part.folded.trim_start_matches('0');
            let keep = part.is_number() && !bare.is_empty();
            term.push_str(if keep { bare } else { &part.folded });
            (term.clone(), at + 1)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(terms: Vec<(String, usize)>) -> Vec<String> {
        terms.into_iter().map(|(term, _)| term).collect()
    }

    #[test]
    fn all_spellings_of_a_symbol_share_a_term() {
        for spelling in ["12-QĐ/ĐU", "12/QĐ-ĐU", "012 -qd/du", "12 QĐ ĐU"] {
            assert_eq!(only(terms(spelling)), ["12", "12-qd", "12-qd-du"]);
        }
        assert_eq!(
            only(terms("91/2025/QH15")),
            ["91", "91-2025", "91-2025-qh15", "91-qh15"]
        );
    }

    #[test]
    fn a_question_tries_the_longest_run_first() {
        let question = words("quyết định 12 qđ đu", 9);
        let tried = only(candidates(&question, 2));
        assert_eq!(tried, ["12-qd-du", "12-qd", "12"]);
        assert!(candidates(&question, 0).is_empty());
    }
}
