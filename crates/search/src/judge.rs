//! Judging: how well one entry answers one question.
//!
//! The engine finds a hundred candidates by folded words; here each is read again from its
//! card, clause by clause, and what counts is the *best clause*, words in order, words close
//! together, and how much of the heading the question covers. No I/O, no engine.
//! The surprising rule: there is one route for questions with and without marks. A word
//! typed with marks expects them and gives [`FADED`] of its worth to a word that agrees only
//! without them; a word typed bare takes any marks, unless the rest of the question shows
//! that its writer does type marks.

use crate::card::{Card, Keys, leading_digits, symbol_key};
use crate::words::{Key, Word, folded_key, hash};
use std::collections::HashMap;

/// Words of a question that are looked at; a pasted page is searched by its beginning.
pub(crate) const QUESTION_WORDS: usize = 128;

/// Term saturation and length normalisation of the clause score.
const K1: f32 = 0.9;
const B: f32 = 0.6;
/// What a word is worth that agrees without marks where marks were typed.
const FADED: f32 = 0.3;
/// Above this share of marked words a bare word is meant bare (trong, not trọng).
const MARKED_SHARE: f32 = 0.55;
/// How far apart the words of a skip pair may be.
const SKIP: std::ops::RangeInclusive<usize> = 2..=4;

/// Weight of a skip pair beside the weights of its two words.
const SKIP_WEIGHT: f32 = 0.7;
/// Parts of the score beside the best clause, which is worth 2 at most (words 1, pairs 1).
/// The first four are those of the design note, the rest serve names, titles and numbers.
const W_SKIP: f32 = 1.0;
const W_COVERAGE: f32 = 1.0;
const W_HEAD: f32 = 0.15;
const W_LAW: f32 = 0.2;
const W_SHORT: f32 = 0.5;
const W_TITLE: f32 = 0.5;
/// The article asked for: of the law asked for; alone in a short question; in a long one.
const W_ARTICLE: [f32; 3] = [3.0, 1.0, 0.2];
/// Questions of at most this many words are names and titles more often than questions.
const SHORT: usize = 6;

/// Facts about the index that weigh a question's words.
pub(crate) trait Frequencies {
    /// Number of entries.
    fn entries(&self) -> f32;
    /// Entries with this folded word.
    fn folded(&self, word: &str) -> f32;
    /// Entries with this exact word.
    fn exact(&self, word: &str) -> f32;
    /// Entries with this folded pair, joined by `_`.
    fn pair(&self, pair: &str) -> f32;
    /// Entries whose symbol has this term.
    fn symbol(&self, term: &str) -> f32;
}

/// A distinct word of the question.
#[derive(Debug)]
pub(crate) struct Term {
    pub(crate) folded: String,
    /// The exact form, when marks are expected.
    pub(crate) exact: Option<String>,
    /// Entries with the folded form.
    pub(crate) having: f32,
    key: Key,
    weight: f32,
}

impl Term {
    /// What a word of a text is worth for this term, once the folded forms agree.
    fn agrees(&self, key: Key) -> f32 {
        match self.exact {
            Some(_) if self.key.exact() != key.exact() => FADED,
            _ => 1.0,
        }
    }
}

/// A question, weighed against one state of the index.
#[derive(Debug)]
pub(crate) struct Question {
    /// Distinct words in order of first use.
    pub(crate) terms: Vec<Term>,
    /// Distinct folded pairs, joined by `_`, with their document frequency.
    pub(crate) pairs: Vec<(String, f32)>,
    /// Symbol terms that exist in the index, with their number of parts.
    pub(crate) symbols: Vec<(String, usize)>,
    /// The article asked for (`Điều 7`), 0 for none.
    pub(crate) article: u32,
    /// Number of words, repeated ones too.
    pub(crate) length: usize,
    order: Vec<u32>,
    spelled: Vec<Key>,
    by_folded: HashMap<u32, Vec<u16>>,
    filter: Vec<u64>,
    adjacent: Pairs,
    skips: Pairs,
    ceiling: f32,
}

/// Weighted pairs of terms, looked up by their two numbers.
#[derive(Debug, Default)]
struct Pairs {
    index: HashMap<(u16, u16), u16>,
    weight: Vec<f32>,
    ceiling: f32,
}

impl Pairs {
    fn add(&mut self, pair: (u16, u16), weight: f32) {
        if self.index.contains_key(&pair) {
            return;
        }
        self.index.insert(pair, self.weight.len() as u16);
        self.weight.push(weight);
        self.ceiling += weight * (K1 + 1.0);
    }
}

/// How well an entry answers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Judged {
    pub(crate) score: f32,
    /// Number of the clause to show.
    pub(crate) clause: usize,
    /// Its article number, which orders equals.
    pub(crate) article: u32,
}

fn idf(entries: f32, having: f32) -> f32 {
    let having = having.min(entries);
    (1.0 + (entries - having + 0.5) / (having + 0.5)).ln()
}

impl Question {
    /// Weighs the words of a question. `None` when there is no word in it.
    pub(crate) fn weigh(words: &[Word], frequencies: &impl Frequencies) -> Option<Question> {
        if words.is_empty() {
            return None;
        }
        let entries = frequencies.entries();
        let letters = words.iter().filter(|word| !word.is_number()).count();
        let marked = words.iter().filter(|word| word.is_marked()).count();
        let writes_marks = marked as f32 > MARKED_SHARE * letters as f32;

        let mut terms: Vec<Term> = Vec::new();
        let mut numbers: Vec<u16> = Vec::with_capacity(words.len());
        for word in words {
            let having = frequencies.exact(&word.exact);
            // A spelling that nobody used is taken for a slip: any marks will do.
            let exact =
                ((word.is_marked() || writes_marks) && having > 0.0).then(|| word.exact.clone());
            let known = terms
                .iter()
                .position(|term| term.folded == word.folded && term.exact == exact);
            let number = known.unwrap_or_else(|| {
                let folded = frequencies.folded(&word.folded);
                let weighed = if exact.is_some() { having } else { folded };
                terms.push(Term {
                    folded: word.folded.clone(),
                    exact,
                    having: folded,
                    key: word.key,
                    weight: idf(entries, weighed),
                });
                terms.len() - 1
            });
            numbers.push(number as u16);
        }

        let mut by_folded: HashMap<u32, Vec<u16>> = HashMap::new();
        let mut filter = vec![0_u64; 64];
        for (number, term) in terms.iter().enumerate() {
            let folded = term.key.folded();
            by_folded.entry(folded).or_default().push(number as u16);
            if let Some(cell) = filter.get_mut((folded >> 6) as usize & 63) {
                *cell |= 1 << (folded & 63);
            }
        }

        let mut adjacent = Pairs::default();
        let mut pairs: Vec<(String, f32)> = Vec::new();
        for (pair, two) in numbers.windows(2).zip(words.windows(2)) {
            let ([a, b], [first, second]) = (pair, two) else {
                continue;
            };
            let joined = format!("{}_{}", first.folded, second.folded);
            let having = match pairs.iter().find(|(known, _)| *known == joined) {
                Some((_, having)) => *having,
                None => {
                    let having = frequencies.pair(&joined);
                    pairs.push((joined, having));
                    having
                }
            };
            adjacent.add((*a, *b), idf(entries, having));
        }
        let weight_of = |number: u16| terms.get(usize::from(number)).map_or(0.0, |t| t.weight);
        let mut skips = Pairs::default();
        for (at, a) in numbers.iter().enumerate() {
            for gap in SKIP {
                if let Some(b) = numbers.get(at + gap) {
                    // Skip pairs are not indexed; two words' weights together stand in for
                    // the weight of finding them close, held to that of a single sight.
                    let weight =
                        (SKIP_WEIGHT * (weight_of(*a) + weight_of(*b))).min((1.0 + entries).ln());
                    skips.add((*a, *b), weight);
                }
            }
        }

        let article = words
            .windows(2)
            .find_map(|two| match two {
                [dieu, number] if dieu.folded == "dieu" && number.is_number() => {
                    leading_digits(&number.folded).parse().ok()
                }
                _ => None,
            })
            .unwrap_or(0);

        let mut symbols: Vec<(String, usize)> = Vec::new();
        let mut after = 0;
        for start in 0..words.len() {
            // Inside a symbol that was already found; its year is not a symbol of its own.
            if start < after {
                continue;
            }
            let found = crate::symbol::candidates(words, start)
                .into_iter()
                // A lone number is a symbol only when little else was typed.
                .filter(|(_, parts)| *parts > 1 || (words.len() <= 3 && article == 0))
                .find(|(term, _)| frequencies.symbol(term) > 0.0);
            if let Some((term, parts)) = found {
                after = start + parts;
                symbols.push((term, parts));
            }
        }

        let ceiling = terms.iter().map(|term| term.weight * (K1 + 1.0)).sum();
        Some(Question {
            pairs,
            symbols,
            article,
            length: words.len(),
            order: words.iter().map(|word| word.key.folded()).collect(),
            spelled: words.iter().map(|word| word.key).collect(),
            by_folded,
            filter,
            adjacent,
            skips,
            ceiling,
            terms,
        })
    }

    /// The weight of the heaviest term; for choosing which words to mark.
    pub(crate) fn heaviest(&self) -> f32 {
        self.terms.iter().map(|t| t.weight).fold(0.0, f32::max)
    }

    /// The terms that a word may stand for, with what it is worth and the term's weight.
    pub(crate) fn meant(&self, key: Key) -> impl Iterator<Item = (u16, f32, f32)> {
        self.numbers(key).iter().filter_map(move |number| {
            let term = self.terms.get(usize::from(*number))?;
            Some((*number, term.agrees(key), term.weight))
        })
    }

    /// Whether two terms stand next to each other in the question.
    pub(crate) fn is_pair(&self, first: u16, second: u16) -> bool {
        self.adjacent.index.contains_key(&(first, second))
    }

    fn numbers(&self, key: Key) -> &[u16] {
        let folded = key.folded();
        let cell = self.filter.get((folded >> 6) as usize & 63).copied();
        if cell.unwrap_or(0) & (1 << (folded & 63)) == 0 {
            return &[];
        }
        self.by_folded.get(&folded).map_or(&[], Vec::as_slice)
    }

    /// Counts a run of words into `counts`.
    fn count(&self, keys: Keys<'_>, counts: &mut Counts, seen: &mut Vec<(u32, u16, f32)>) {
        seen.clear();
        for (at, key) in keys.iter().enumerate() {
            for number in self.numbers(key) {
                if let Some(term) = self.terms.get(usize::from(*number)) {
                    seen.push((at as u32, *number, term.agrees(key)));
                }
            }
        }
        for (at, (place, number, worth)) in seen.iter().enumerate() {
            counts.terms.add(*number, *worth);
            let later = seen.get(at + 1..).unwrap_or_default();
            for (other_place, other, other_worth) in later {
                let gap = (other_place - place) as usize;
                if gap > *SKIP.end() {
                    break;
                }
                let worth = worth.min(*other_worth);
                if gap == 1 {
                    if let Some(pair) = self.adjacent.index.get(&(*number, *other)) {
                        counts.pairs.add(*pair, worth);
                    }
                } else if SKIP.contains(&gap)
                    && let Some(pair) = self.skips.index.get(&(*number, *other))
                {
                    counts.skips.add(*pair, worth);
                }
            }
        }
    }

    /// Judges one entry.
    pub(crate) fn judge(&self, card: &Card<'_>, mean_clause: f32, counts: &mut Counts) -> Judged {
        let mut seen = Vec::new();
        let prefix_length = card.context.len() + card.head.len();
        let mut prefix = Counts::for_question(self);
        self.count(card.context, &mut prefix, &mut seen);
        self.count(card.head, &mut prefix, &mut seen);

        let (mut best1, mut best2, mut best_skip) = (0.0_f32, 0.0_f32, 0.0_f32);
        let mut best = (-1.0_f32, 0_usize, 0.0_f32);
        let empty = Keys::empty();
        let mut clauses = card.clauses().peekable();
        let without_body = clauses.peek().is_none();
        let clauses = clauses.chain(without_body.then_some(empty));
        for (at, clause) in clauses.enumerate() {
            counts.copy(&prefix);
            self.count(clause, counts, &mut seen);
            let length = (prefix_length + clause.len()) as f32;
            let norm = K1 * (1.0 - B + B * length / mean_clause);
            let weight = |n: usize| self.terms.get(n).map_or(0.0, |t| t.weight);
            let c1 = counts.terms.bm25(norm, weight, self.ceiling);
            let pair_weight = |n: usize| self.adjacent.weight.get(n).copied().unwrap_or(0.0);
            let c2 = counts.pairs.bm25(norm, pair_weight, self.adjacent.ceiling);
            let skip_weight = |n: usize| self.skips.weight.get(n).copied().unwrap_or(0.0);
            let cs = counts.skips.bm25(norm, skip_weight, self.skips.ceiling);
            best1 = best1.max(c1);
            best2 = best2.max(c2);
            best_skip = best_skip.max(cs);
            if c1 + c2 > best.0 {
                let all: f32 = self.terms.iter().map(|t| t.weight).sum();
                let have: f32 = counts.terms.share(weight);
                best = (c1 + c2, at, if all > 0.0 { have / all } else { 0.0 });
            }
        }

        let (of_head, head_pairs, of_question) = self.heading(card);
        let law = self.names_law(card);
        let mut score = best1
            + best2
            + W_SKIP * best_skip
            + W_COVERAGE * best.2
            + W_HEAD * (of_head + head_pairs)
            + if law { W_LAW } else { 0.0 };
        if self.length <= SHORT {
            score += W_SHORT * of_question * (0.5 + 0.5 * of_head);
            if self.is_title(card.head) {
                score += W_TITLE;
            }
        }
        if self.article != 0 && self.article == card.article {
            score += match (law, self.length) {
                (true, _) => W_ARTICLE[0],
                (false, ..=3) => W_ARTICLE[1],
                (false, _) => W_ARTICLE[2],
            };
        }
        score += self.symbol(card);
        Judged {
            score,
            clause: best.1,
            article: card.article,
        }
    }

    /// Share of the heading's words and pairs that the question has, and share of the
    /// question that the heading has.
    fn heading(&self, card: &Card<'_>) -> (f32, f32, f32) {
        let mut had = vec![0.0_f32; self.terms.len()];
        let (mut all, mut found, mut pairs, mut found_pairs) = (0.0, 0.0, 0.0, 0.0);
        let unknown = self.heaviest();
        let mut before: Option<Key> = None;
        for key in card.head.iter() {
            let mut worth = 0.0_f32;
            let mut weight = unknown;
            for (number, agrees, own) in self.meant(key) {
                if agrees > worth {
                    worth = agrees;
                    weight = own;
                }
                if let Some(had) = had.get_mut(usize::from(number)) {
                    *had = had.max(agrees);
                }
            }
            all += weight;
            found += worth * weight;
            if let Some(before) = before {
                let mut pair: Option<(f32, f32)> = None;
                for (a, worth_a, _) in self.meant(before) {
                    for (b, worth_b, _) in self.meant(key) {
                        if let Some(number) = self.adjacent.index.get(&(a, b)) {
                            let weight = self.adjacent.weight.get(usize::from(*number));
                            pair = Some((weight.copied().unwrap_or(0.0), worth_a.min(worth_b)));
                        }
                    }
                }
                let (weight, worth) = pair.unwrap_or((unknown, 0.0));
                pairs += weight;
                found_pairs += weight * worth;
            }
            before = Some(key);
        }
        let total: f32 = self.terms.iter().map(|t| t.weight).sum();
        let covered: f32 = had.iter().zip(&self.terms).map(|(h, t)| h * t.weight).sum();
        let share = |part: f32, whole: f32| if whole > 0.0 { part / whole } else { 0.0 };
        (
            share(found, all),
            share(found_pairs, pairs),
            share(covered, total),
        )
    }

    /// Whether the question is the heading, word for word (exact forms decide nothing here).
    fn is_title(&self, head: Keys<'_>) -> bool {
        head.len() == self.order.len()
            && head.iter().map(Key::folded).eq(self.order.iter().copied())
    }

    /// Whether the question names the larger thing: `luật` + its name, its initials (BLDS),
    /// or the whole of a name that says itself what it is (Hiến pháp).
    fn names_law(&self, card: &Card<'_>) -> bool {
        let name: Vec<u32> = card.context.iter().map(Key::folded).collect();
        let Some(first) = name.first() else {
            return false;
        };
        let luat = folded_key("luat");
        let says_itself = [
            luat,
            folded_key("bo"),
            folded_key("phap"),
            folded_key("hien"),
        ]
        .contains(first)
            || name.len() >= 4;
        let mut at = self.order.windows(name.len()).enumerate();
        let whole = at.any(|(at, run)| {
            *run == *name && (says_itself || (at > 0 && self.order.get(at - 1) == Some(&luat)))
        });
        whole || (name.len() >= 3 && self.initials(card.initials))
    }

    fn initials(&self, initials: u32) -> bool {
        self.terms
            .iter()
            .any(|term| term.folded.len() >= 3 && hash(&term.folded) == initials)
    }

    /// What the symbols are worth: a whole symbol outweighs everything else.
    fn symbol(&self, card: &Card<'_>) -> f32 {
        if card.symbols.len() == 0 || self.symbols.is_empty() {
            return 0.0;
        }
        let has = |term: &str| {
            let key = symbol_key(term);
            card.symbols.iter().any(|own| own.0 == key)
        };
        self.symbols
            .iter()
            .filter(|(term, _)| has(term))
            .map(|(_, parts)| {
                // The document itself before its articles, unless an article was asked for.
                let whole = if card.article == 0 && self.article == 0 {
                    0.5
                } else {
                    0.0
                };
                1.5 + 0.75 * (*parts as f32).min(3.0) + whole
            })
            .fold(0.0, f32::max)
    }

    /// Whether a key was typed exactly so.
    pub(crate) fn is_spelled(&self, key: Key) -> bool {
        self.spelled.contains(&key)
    }
}

/// Counts of terms, pairs and skip pairs in one clause.
#[derive(Debug)]
pub(crate) struct Counts {
    terms: Tally,
    pairs: Tally,
    skips: Tally,
}

impl Counts {
    pub(crate) fn for_question(question: &Question) -> Counts {
        Counts {
            terms: Tally::new(question.terms.len()),
            pairs: Tally::new(question.adjacent.weight.len()),
            skips: Tally::new(question.skips.weight.len()),
        }
    }

    fn copy(&mut self, from: &Counts) {
        self.terms.copy(&from.terms);
        self.pairs.copy(&from.pairs);
        self.skips.copy(&from.skips);
    }
}

/// Counts by number, with a list of those that are not zero.
#[derive(Debug)]
struct Tally {
    count: Vec<(f32, f32)>,
    touched: Vec<u16>,
}

impl Tally {
    fn new(size: usize) -> Tally {
        Tally {
            count: vec![(0.0, 0.0); size],
            touched: Vec::new(),
        }
    }

    /// Adds one sight of `number`, keeping the best worth seen.
    fn add(&mut self, number: u16, worth: f32) {
        if let Some((count, best)) = self.count.get_mut(usize::from(number)) {
            if *count == 0.0 {
                self.touched.push(number);
            }
            *count += worth;
            *best = best.max(worth);
        }
    }

    fn copy(&mut self, from: &Tally) {
        for number in self.touched.drain(..) {
            if let Some(count) = self.count.get_mut(usize::from(number)) {
                *count = (0.0, 0.0);
            }
        }
        for number in &from.touched {
            let number_at = usize::from(*number);
            if let (Some(to), Some(count)) =
                (self.count.get_mut(number_at), from.count.get(number_at))
            {
                *to = *count;
                self.touched.push(*number);
            }
        }
    }

    fn bm25(&self, norm: f32, weight: impl Fn(usize) -> f32, ceiling: f32) -> f32 {
        if ceiling <= 0.0 {
            return 0.0;
        }
        let sum: f32 = self
            .touched
            .iter()
            .map(|number| {
                let (count, best) = self
                    .count
                    .get(usize::from(*number))
                    .copied()
                    .unwrap_or_default();
                // Many faded sights do not add up to one true one.
                let score = (count * (K1 + 1.0) / (count + norm)).min(best * (K1 + 1.0));
                weight(usize::from(*number)) * score
            })
            .sum();
        sum / ceiling
    }

    fn share(&self, weight: impl Fn(usize) -> f32) -> f32 {
        self.touched
            .iter()
            .map(|number| {
                let at = usize::from(*number);
                weight(at) * self.count.get(at).map_or(0.0, |(_, best)| *best)
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words;

    /// Every word and pair is as common as the next.
    struct Even;

    impl Frequencies for Even {
        fn entries(&self) -> f32 {
            100.0
        }
        fn folded(&self, _: &str) -> f32 {
            5.0
        }
        fn exact(&self, word: &str) -> f32 {
            if word == "xyz4" { 0.0 } else { 3.0 }
        }
        fn pair(&self, _: &str) -> f32 {
            2.0
        }
        fn symbol(&self, term: &str) -> f32 {
            let known = ["12", "12-qd", "12-qd-du"].contains(&term);
            if known { 1.0 } else { 0.0 }
        }
    }

    fn question(text: &str) -> Question {
        Question::weigh(&words(text, QUESTION_WORDS), &Even).unwrap()
    }

    fn expects_marks(text: &str) -> Vec<bool> {
        let question = question(text);
        question
            .terms
            .iter()
            .map(|term| term.exact.is_some())
            .collect()
    }

    #[test]
    fn bare_words_take_any_marks_unless_the_rest_is_marked() {
        assert_eq!(expects_marks("trong nuoc"), [false, false]);
        assert_eq!(expects_marks("trồng nuoc"), [true, false]);
        assert_eq!(expects_marks("trồng nước trong vườn"), [true; 4]);
    }

    #[test]
    fn a_number_in_a_sentence_is_no_symbol() {
        assert_eq!(question("12").symbols.len(), 1);
        assert_eq!(question("số 12").symbols.len(), 1);
        assert!(question("có 12 người đến họp").symbols.is_empty());
        assert!(question("điều 12").symbols.is_empty());
        let whole = question("theo quyết định 12-QĐ/ĐU thì ai giữ cổng");
        assert_eq!(whole.symbols.len(), 1);
    }

    #[test]
    fn the_article_asked_for_is_read() {
        assert_eq!(question("khoản 2 Điều 7a Luật").article, 7);
        assert_eq!(question("điều lệ").article, 0);
        assert_eq!(question("điều 99999999999999").article, 0);
    }
}
