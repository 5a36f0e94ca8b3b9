//! The extract: the best clause of a hit, about 240 characters of it, found words marked.
//!
//! Cut at syllables, around the part that holds the most of the question. The text is given
//! back as it stands in the entry. Surprising: common words are marked only where they
//! stand beside another word of the question, else every second word would shine.

use crate::judge::Question;
use crate::query::Piece;
use crate::symbol;
use crate::words::{Word, words};
use std::ops::Range;

/// Length of an extract in characters, about.
const LENGTH: usize = 240;
/// Words of a clause that are looked at.
const WORDS: usize = 4_000;
/// A word lighter than this share of the question's heaviest is common.
const COMMON: f32 = 0.45;

/// In questions of at most this many words each means itself, marks and all.
pub(crate) const EXACT: usize = 2;

/// Questions of at most this many words are taken for a name.
const NAME: usize = 3;

/// The extract of an entry: of the best clause, of the first other one that holds a found word, else of its `heads`
/// (title, heading, context): an extract always shows why. Where no word is worth a mark by itself, any found one
/// gets it. Empty when nothing holds one, as when a symbol alone was found.
pub(crate) fn telling(
    clauses: &[&str],
    best: usize,
    heads: &[&str],
    question: &Question,
) -> Vec<Piece> {
    // Who asks for a symbol looks for that symbol: "QĐ" and "đủ" of another are no found words.
    let whole = (question.symbols.iter()).filter(|(_, parts)| *parts > 1);
    if let Some((symbol, parts)) = whole.max_by_key(|(_, parts)| *parts) {
        let all = clauses.get(best).into_iter().chain(clauses).chain(heads);
        let found = all.copied().find_map(|text| around(text, (symbol, *parts)));
        if found.is_some() || question.length <= *parts {
            return found.unwrap_or_default();
        }
    }
    let tried = |is_wide: bool| {
        let others = clauses.iter().take(CLAUSES);
        let all = clauses.get(best).into_iter().chain(others);
        all.chain(heads).find_map(|text| {
            let pieces = cut(text, question, is_wide);
            pieces.iter().any(|piece| piece.marked).then_some(pieces)
        })
    };
    tried(false).or_else(|| tried(true)).unwrap_or_default()
}

/// The extract of a clause around a symbol that stands in it.
fn around(clause: &str, (symbol, parts): (&str, usize)) -> Option<Vec<Piece>> {
    let words = words(clause, WORDS);
    let mut marks = vec![0.0_f32; words.len()];
    for at in 0..words.len() {
        let said = symbol::candidates(&words, at);
        if said.iter().any(|(term, _)| term == symbol) {
            let theirs = marks.iter_mut().skip(at).take(parts);
            theirs.for_each(|mark| *mark = 1.0);
        }
    }
    let has_one = marks.contains(&1.0);
    let window = window(clause, &words, &marks);
    has_one.then(|| pieces(clause, &words, &marks, window))
}

/// Clauses that are looked at for a found word.
const CLAUSES: usize = 60;

/// The extract of a clause.
fn cut(clause: &str, question: &Question, is_wide: bool) -> Vec<Piece> {
    let words = words(clause, WORDS);
    let marks = match is_wide {
        true => wide(&words, question),
        false => marks(&words, question),
    };
    let window = window(clause, &words, &marks);
    pieces(clause, &words, &marks, window)
}

/// As [`marks`], of every word that is meant at all, common ones and other marks too.
fn wide(words: &[Word], question: &Question) -> Vec<f32> {
    let weight = |word: &Word| {
        let meant = question.meant(word.key).map(|(_, _, weight)| weight);
        meant.fold(0.0, f32::max)
    };
    words.iter().map(weight).collect()
}

/// For each word its weight when it is to be marked, else 0.
fn marks(words: &[Word], question: &Question) -> Vec<f32> {
    let spelled_somewhere = words.iter().any(|word| question.is_spelled(word.key));
    let is_exact = question.length <= EXACT;
    let meant = |word: &Word| {
        question
            .meant(word.key)
            // "quý" is not "quy"; in a longer question a word with other marks may be a slip.
            .filter(|(_, agrees, _)| *agrees >= 1.0 || (!spelled_somewhere && !is_exact))
            .map(|(number, _, weight)| (number, weight))
            .collect::<Vec<_>>()
    };
    let meant: Vec<Vec<(u16, f32)>> = words.iter().map(meant).collect();
    let mut marks = vec![0.0_f32; words.len()];
    let mut shine = |at: usize, weight: f32| {
        if let Some(mark) = marks.get_mut(at) {
            *mark = mark.max(weight);
        }
    };
    let mut has_pair = false;
    for (at, two) in meant.windows(2).enumerate() {
        let [first, second] = two else { continue };
        for (number, weight) in first {
            for (other, other_weight) in second {
                if question.is_pair(*number, *other) {
                    has_pair = true;
                    shine(at, *weight);
                    shine(at + 1, *other_weight);
                }
            }
        }
    }
    // A name that stands there whole is not also marked in shreds.
    let is_name = question.terms.len() <= NAME;
    if is_name && has_pair {
        return marks;
    }
    let heavy = question.heaviest() * COMMON;
    for (at, terms) in meant.iter().enumerate() {
        for (_, weight) in terms {
            if is_name || *weight >= heavy {
                shine(at, *weight);
            }
        }
    }
    marks
}

/// The words to show: the whole clause when it is short, else the run with the most marks.
fn window(clause: &str, words: &[Word], marks: &[f32]) -> Range<usize> {
    if clause.chars().count() <= LENGTH + 20 {
        return 0..words.len();
    }
    // Characters are counted once; a window then slides over the words.
    let mut characters = Vec::with_capacity(words.len());
    let (mut count, mut done) = (0, 0);
    for word in words {
        count += clause
            .get(done..word.place.end)
            .map_or(0, |run| run.chars().count());
        done = word.place.end;
        characters.push(count);
    }
    let length = |from: usize, to: usize| {
        let before = from.checked_sub(1).and_then(|at| characters.get(at));
        characters.get(to).copied().unwrap_or(0) - before.copied().unwrap_or(0)
    };
    let (mut best, mut best_sum) = (0..0, -1.0_f32);
    let (mut from, mut sum) = (0, 0.0);
    for (to, mark) in marks.iter().enumerate() {
        sum += mark;
        while from < to && length(from, to) > LENGTH {
            sum -= marks.get(from).copied().unwrap_or(0.0);
            from += 1;
        }
        if sum > best_sum + 1e-3 {
            best_sum = sum;
            best = from..to + 1;
        }
    }
    // The best run ends at its last found word; let it run on, or start earlier, to fill up.
    while best.end < words.len() && length(best.start, best.end) <= LENGTH {
        best.end += 1;
    }
    while best.start > 0 && length(best.start - 1, best.end - 1) <= LENGTH {
        best.start -= 1;
    }
    best
}

fn pieces(clause: &str, words: &[Word], marks: &[f32], window: Range<usize>) -> Vec<Piece> {
    let shown = words.get(window.clone()).unwrap_or_default();
    let (Some(first), Some(last)) = (shown.first(), shown.last()) else {
        return Vec::new();
    };
    let from = if window.start == 0 {
        0
    } else {
        first.place.start
    };
    let to = if window.end == words.len() && words.len() < WORDS {
        clause.len()
    } else {
        last.place.end
    };
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |text: &str, marked: bool| match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(piece) if piece.marked == marked => piece.text.push_str(text),
        _ => pieces.push(Piece {
            text: text.to_owned(),
            marked,
        }),
    };
    if from > 0 {
        push("… ", false);
    }
    let mut at = from;
    let mut was_marked = false;
    for (word, mark) in shown.iter().zip(marks.get(window).unwrap_or_default()) {
        let is_marked = *mark > 0.0;
        let gap = clause.get(at..word.place.start).unwrap_or_default();
        // Spaces between two found words shine with them, and so do the strokes of a symbol.
        let joins = gap.trim().is_empty() || matches!(gap, "-" | "/");
        push(&flat(gap), was_marked && is_marked && joins);
        push(
            clause.get(word.place.clone()).unwrap_or_default(),
            is_marked,
        );
        at = word.place.end;
        was_marked = is_marked;
    }
    push(&flat(clause.get(at..to).unwrap_or_default()), false);
    if to < clause.len() {
        push(" …", false);
    }
    pieces
}

/// Line breaks and tabs as one space each.
fn flat(gap: &str) -> String {
    gap.replace(['\n', '\t', '\r'], " ")
}
