//! The card of an entry: what judging it needs, as compact bytes beside the stored text.
//!
//! Written once when an entry is put, read a hundred times a question, so it is a flat run
//! of little-endian 32-bit numbers and reading allocates nothing. Not here: what the numbers
//! are worth (`judge`). The surprising rule: a long text is judged by its first
//! [`WORDS`] words only; it is *found* by all of them.

use crate::entry::Entry;
use crate::words::{Key, Word, hash, words};
use crate::{clause, symbol};

/// Words of a body that are judged clause by clause; a book section may be longer.
pub(crate) const WORDS: usize = 12_000;

/// A symbol term with its length, as kept in a card.
pub(crate) fn symbol_key(term: &str) -> u32 {
    hash(term)
}

/// The words of an entry, cut once for both the card and the indexed fields.
pub(crate) struct Cut {
    pub(crate) article: u32,
    pub(crate) context: Vec<Word>,
    pub(crate) title: Vec<Word>,
    pub(crate) head: Vec<Word>,
    pub(crate) symbols: Vec<(String, usize)>,
    pub(crate) clauses: Vec<Vec<Word>>,
}

impl Cut {
    pub(crate) fn of(entry: &Entry) -> Cut {
        let title = words(&entry.title, 400);
        let (article, bare_from) = article_number(&entry.title, &title);
        let own = words(&entry.heading, 400);
        let head = if own.is_empty() {
            title.get(bare_from..).unwrap_or_default().to_vec()
        } else if contains(&title, &own) {
            own
        } else {
            // Neither holds the other: both are the heading.
            let mut both = title.get(bare_from..).unwrap_or_default().to_vec();
            both.extend(own);
            both
        };
        Cut {
            article,
            context: words(&entry.context, 200),
            title,
            head,
            symbols: entry
                .symbol
                .as_deref()
                .map(symbol::terms)
                .unwrap_or_default(),
            clauses: clause::clauses(&entry.body)
                .into_iter()
                .map(|clause| words(clause, usize::MAX))
                .collect(),
        }
    }

    /// The card's bytes.
    pub(crate) fn card(&self) -> Vec<u8> {
        let initials: String = self
            .context
            .iter()
            .filter_map(|word| word.folded.chars().next())
            .collect();
        let mut out = vec![self.article, hash(&initials), self.symbols.len() as u32];
        out.extend(self.symbols.iter().map(|(term, _)| symbol_key(term)));
        let mut group = |words: &[Word]| {
            out.push(words.len() as u32);
            out.extend(words.iter().map(|word| word.key.0));
        };
        group(&self.context);
        group(&self.head);
        let mut left = WORDS;
        for clause in &self.clauses {
            if left == 0 {
                break;
            }
            let judged = clause.get(..left.min(clause.len())).unwrap_or_default();
            left -= judged.len();
            group(judged);
        }
        out.into_iter().flat_map(u32::to_le_bytes).collect()
    }
}

/// A card being read. Bytes that make no sense read as an empty card.
pub(crate) struct Card<'a> {
    pub(crate) article: u32,
    pub(crate) initials: u32,
    pub(crate) symbols: Keys<'a>,
    pub(crate) context: Keys<'a>,
    pub(crate) head: Keys<'a>,
    rest: &'a [u8],
}

impl<'a> Card<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Card<'a> {
        let mut rest = bytes;
        let article = number(&mut rest).unwrap_or_default();
        let initials = number(&mut rest).unwrap_or_default();
        let symbols = keys(&mut rest).unwrap_or(Keys(&[]));
        let context = keys(&mut rest).unwrap_or(Keys(&[]));
        let head = keys(&mut rest).unwrap_or(Keys(&[]));
        Card {
            article,
            initials,
            symbols,
            context,
            head,
            rest,
        }
    }

    /// The clauses in the order of [`clause::clauses`].
    pub(crate) fn clauses(&self) -> impl Iterator<Item = Keys<'a>> + use<'a> {
        let mut rest = self.rest;
        std::iter::from_fn(move || keys(&mut rest))
    }
}

/// A run of keys inside a card.
#[derive(Clone, Copy)]
pub(crate) struct Keys<'a>(&'a [u8]);

impl<'a> Keys<'a> {
    pub(crate) fn empty() -> Keys<'a> {
        Keys(&[])
    }

    pub(crate) fn len(self) -> usize {
        self.0.len() / 4
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Key> + use<'a> {
        let (numbers, _) = self.0.as_chunks::<4>();
        numbers.iter().map(|four| Key(u32::from_le_bytes(*four)))
    }
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let (four, tail) = rest.split_first_chunk::<4>()?;
    *rest = tail;
    Some(u32::from_le_bytes(*four))
}

fn keys<'a>(rest: &mut &'a [u8]) -> Option<Keys<'a>> {
    let count = number(rest)? as usize;
    let (run, tail) = rest.split_at_checked(count.checked_mul(4)?)?;
    *rest = tail;
    Some(Keys(run))
}

/// The article number that a title begins with (0 for none) and where its own words start.
/// `Điều 7. Phạm vi` is 7; in the dotted numbers of codified law (`Điều 8.2.LQ.38.`) the
/// last part counts.
fn article_number(text: &str, title: &[Word]) -> (u32, usize) {
    if title.first().is_none_or(|word| word.folded != "dieu") {
        return (0, 0);
    }
    let mut number = 0;
    let mut from = 1;
    let mut end = None;
    for word in title.iter().skip(1) {
        let belongs = match end {
            None => word.is_number(),
            Some(end) => text.get(end..word.place.start) == Some(".") && word.folded.len() <= 3,
        };
        if !belongs {
            break;
        }
        if let Ok(value) = leading_digits(&word.folded).parse() {
            number = value;
        }
        end = Some(word.place.end);
        from += 1;
    }
    if number == 0 { (0, 0) } else { (number, from) }
}

/// `7a` → `7`.
pub(crate) fn leading_digits(word: &str) -> &str {
    let end = word
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(word.len());
    word.get(..end).unwrap_or_default()
}

fn contains(all: &[Word], part: &[Word]) -> bool {
    all.windows(part.len())
        .any(|run| run.iter().zip(part).all(|(a, b)| a.folded == b.folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_article_number_is_read_off_the_title() {
        let number = |title: &str| article_number(title, &words(title, 99));
        assert_eq!(number("Điều 7. Phạm vi điều chỉnh"), (7, 2));
        assert_eq!(number("Điều 8.2.LQ.38. Tố cáo"), (38, 5));
        assert_eq!(number("Điều 12a. Tên"), (12, 2));
        assert_eq!(number("Điều 12 Bộ luật"), (12, 2));
        assert_eq!(number("Điều lệ Đảng"), (0, 0));
        assert_eq!(number("Chương 1"), (0, 0));
        assert_eq!(number(""), (0, 0));
    }

    #[test]
    fn broken_bytes_read_as_an_empty_card() {
        for bytes in [&[][..], &[1, 2, 3], &[255; 40]] {
            let card = Card::read(bytes);
            assert_eq!(card.head.len() + card.clauses().count(), 0);
        }
    }
}
