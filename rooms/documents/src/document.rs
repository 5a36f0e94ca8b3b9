//! A document and its provisions: what they are called, when two are one, how a long one is paged.
//!
//! Pure rules. `reading` fills them from files, `store` keeps them, `pages` draw them. Not here:
//! whether a document still counts (`standing`).
//! The rule that surprises: a symbol is no identity, since numbers restart each term; number, kind,
//! issuer and date are one together, and what is unknown on either side contradicts nothing.

use crate::standing;
use citation::Kind;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// A page cut inside a body: this sign, then the number of the page that begins.
pub(crate) const PAGE_CUT: char = '\u{c}';

/// Levels of provisions: structure is smaller, an article is [`ARTICLE`].
pub(crate) const ARTICLE: i64 = 6;
/// Text between the numbered parts.
pub(crate) const TEXT: i64 = 9;

/// A piece of a document in reading order: an article, a heading of structure, or text between.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, db::FromRow)]
pub(crate) struct Provision {
    /// 1 (largest) to 5 for structure, [`ARTICLE`], [`TEXT`].
    pub(crate) level: i64,
    /// `Điều 4`, `Chương II`; may be empty.
    pub(crate) label: String,
    /// What it is about; may be empty.
    pub(crate) heading: String,
    /// Address inside the page, unique in the document.
    pub(crate) anchor: String,
    /// The id it had where it came from.
    pub(crate) external_id: String,
    /// Lines: a clause, point, paragraph or table row each; page cuts between.
    pub(crate) body: String,
    /// Page of the original on which it begins; 0 where there are none.
    pub(crate) page: i64,
}

impl Provision {
    /// `Điều 4. Tài liệu`; the first words of the text where it has neither number nor heading.
    pub(crate) fn title(&self) -> String {
        match (self.label.is_empty(), self.heading.is_empty()) {
            (false, false) => format!("{}. {}", self.label, self.heading),
            (false, true) => self.label.clone(),
            (true, false) => self.heading.clone(),
            (true, true) => first_words(&plain(&self.body), 90),
        }
    }
}

/// What is known of a document before it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) external_id: String,
    pub(crate) symbol: String,
    pub(crate) kind: String,
    pub(crate) issuer_name: String,
    pub(crate) title: String,
    pub(crate) topic: String,
    pub(crate) issued_on: String,
    pub(crate) effective_on: String,
    pub(crate) place: String,
    pub(crate) source: String,
    pub(crate) source_url: String,
    pub(crate) language: String,
    pub(crate) status_note: String,
    pub(crate) pages: i64,
    pub(crate) provisions: Vec<Provision>,
}

/// A symbol that a text cites.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cited {
    pub(crate) key: String,
    /// Empty when undated.
    pub(crate) day: String,
    pub(crate) times: i64,
    /// `replaces`, `repeals`, or nothing but mentioned.
    pub(crate) relation: &'static str,
}

impl Draft {
    /// The comparable form of the symbol; empty without one.
    pub(crate) fn symbol_key(&self) -> String {
        symbol_key(&self.symbol)
    }
    /// Hash of number, kind, issuer and date; of title, date and source where there is no symbol.
    pub(crate) fn identity_key(&self) -> String {
        let key = self.symbol_key();
        let issuer = vietnamese::fold(&self.issuer_name);
        let fields = if key.is_empty() {
            let title = vietnamese::fold(&self.title);
            [
                "title",
                title.as_str(),
                &self.issued_on,
                &self.source,
                &issuer,
            ]
            .join("\u{1f}")
        } else {
            ["symbol", key.as_str(), &self.kind, &issuer, &self.issued_on].join("\u{1f}")
        };
        hash(&fields)
    }
    /// Hash of the text; empty without text.
    pub(crate) fn text_hash(&self) -> String {
        let mut digest = Sha256::new();
        for provision in &self.provisions {
            for part in [&provision.label, &provision.heading, &provision.body] {
                digest.update(part.as_bytes());
                digest.update([0x1f]);
            }
        }
        if self.provisions.is_empty() {
            return String::new();
        }
        short_hex(&digest.finalize())
    }
    /// Every citation in the text.
    pub(crate) fn citations(&self) -> Vec<Cited> {
        let own = self.symbol_key();
        let mut seen: HashMap<(String, String), (i64, &'static str)> = HashMap::new();
        // Every symbol has a slash, and most articles cite nothing.
        for provision in self
            .provisions
            .iter()
            .filter(|provision| provision.body.contains('/'))
        {
            for found in citation::find(&provision.body) {
                if !found.is_certain() {
                    continue;
                }
                let key = found.symbol.key();
                let day = found.date.filter(|date| date.is_complete());
                let day = day.map(|date| date.to_string()).unwrap_or_default();
                if key == own {
                    continue;
                }
                let said = said_before(&provision.body, found.span.start);
                let cited = seen.entry((key, day)).or_default();
                cited.0 += 1;
                if cited.1.is_empty() {
                    cited.1 = standing::relation(said);
                }
            }
        }
        let mut rows: Vec<_> = seen
            .into_iter()
            .map(|((key, day), (times, relation))| Cited {
                key,
                day,
                times,
                relation,
            })
            .collect();
        rows.sort();
        rows
    }
    /// Gives every provision its address; equal ones are told apart by a number.
    pub(crate) fn set_anchors(&mut self) {
        let mut used: HashMap<String, usize> = HashMap::new();
        for provision in &mut self.provisions {
            let wanted = anchor_of(&provision.label);
            let count = used.entry(wanted.clone()).or_insert(0);
            *count += 1;
            provision.anchor = if *count == 1 {
                wanted
            } else {
                format!("{wanted}-{count}")
            };
        }
    }
}

/// Letters before a citation that are looked at for what is said of it: a long sentence. Looking at the
/// whole line for each would take hours where a line cites thousands.
const BEFORE: usize = 300;

/// The end of the line before a citation.
fn said_before(body: &str, at: usize) -> &str {
    let before = body.get(..at).unwrap_or_default();
    let begin = before.char_indices().rev().nth(BEFORE - 1);
    let near = before.get(begin.map_or(0, |(begin, _)| begin)..);
    let near = near.unwrap_or_default();
    near.rsplit('\n').next().unwrap_or_default()
}

/// The comparable form of a symbol: that of `citation` where it reads it, else its letters.
pub(crate) fn symbol_key(symbol: &str) -> String {
    if symbol.trim().is_empty() {
        return String::new();
    }
    // Typed with gaps or in small letters it is the same paper.
    let tight: String = (symbol.chars())
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect();
    match citation::parse(symbol).or_else(|| citation::parse(&tight)) {
        Some(parsed) => parsed.key(),
        None => {
            let letters: String = vietnamese::fold(symbol)
                .chars()
                .filter(|c| !c.is_whitespace())
                .collect();
            format!("x-{letters}")
        }
    }
}

/// `Quy định về …` from the kind and an abstract that goes on in lower case.
pub(crate) fn full_title(kind: &str, abstract_: &str) -> String {
    let text = abstract_.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_end_matches(['.', ';']).trim();
    let mut first = text.chars();
    let Some(begin) = first.next() else {
        return String::new();
    };
    if !begin.is_lowercase() {
        return text.to_owned();
    }
    let name = Kind::by_code(kind).map(Kind::name).unwrap_or_default();
    let says_kind = vietnamese::fold(text).starts_with(&vietnamese::fold(name));
    if name.is_empty() || says_kind {
        begin.to_uppercase().chain(first).collect()
    } else {
        format!("{name} {text}")
    }
}

/// `dieu-4` of `Điều 4`; `doan` for text without a number.
fn anchor_of(label: &str) -> String {
    let mut out = String::new();
    for c in vietnamese::fold(label).chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            out.push(c);
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    let out = out.trim_matches(['-', '.']);
    match out.chars().next() {
        None => "doan".to_owned(),
        Some(c) if c.is_ascii_digit() => format!("muc-{out}"),
        Some(_) => out.to_owned(),
    }
}

/// The text as it can be typed again: `reading::pasted` reads the same provisions out of it.
pub(crate) fn typed(provisions: &[Provision]) -> String {
    let mut out = String::new();
    for provision in provisions {
        if !provision.label.is_empty() || !provision.heading.is_empty() {
            if provision.level < ARTICLE || provision.label.is_empty() {
                out.push_str("# ");
            }
            out.push_str(&provision.title());
            out.push('\n');
        }
        let body = plain(&provision.body);
        if !body.is_empty() {
            out.push_str(&body);
            out.push('\n');
        }
        out.push('\n');
    }
    out.trim_end().to_owned()
}

/// The body without page cuts.
pub(crate) fn plain(body: &str) -> String {
    let lines: Vec<&str> = body
        .lines()
        .filter(|line| !line.starts_with(PAGE_CUT))
        .collect();
    lines.join("\n")
}

/// The first words of a text, at most so many characters.
pub(crate) fn first_words(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    if line.chars().count() <= most {
        return line.trim_end_matches(['.', ':', ';', ',']).to_owned();
    }
    let head: String = line.chars().take(most).collect();
    let kept = head
        .rsplit_once(' ')
        .map_or(head.as_str(), |(kept, _)| kept);
    format!("{}…", kept.trim_end_matches(['.', ':', ';', ',']))
}

/// A number of a line: what it is and the text behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// `2. …`: number and text.
    Clause(&'a str, &'a str),
    /// `a) …`: letter and text.
    Point(&'a str, &'a str),
    /// Cells of a table row.
    Row(Vec<&'a str>),
    /// This page of the original begins.
    Page(&'a str),
    /// Anything else.
    Text(&'a str),
}

/// Reads one line of a body.
pub(crate) fn line(text: &str) -> Line<'_> {
    if let Some(page) = text.strip_prefix(PAGE_CUT) {
        return Line::Page(page);
    }
    if text.contains('\t') {
        return Line::Row(text.split('\t').map(str::trim).collect());
    }
    let head = text.split_whitespace().next().unwrap_or_default();
    let rest = text.get(head.len()..).unwrap_or_default().trim_start();
    if rest.is_empty() {
        return Line::Text(text);
    }
    if let Some(number) = head.strip_suffix(['.', ')', '-']) {
        let is_number = !number.is_empty()
            && number.len() <= 9
            && number.split('.').all(|part| {
                let digits = part.trim_end_matches(|c: char| c.is_ascii_lowercase());
                !digits.is_empty()
                    && digits.len() <= 3
                    && digits.bytes().all(|b| b.is_ascii_digit())
            });
        if is_number {
            return Line::Clause(number, rest);
        }
    }
    if let Some(letter) = head.strip_suffix(')')
        && (1..=2).contains(&letter.chars().count())
        && letter.chars().all(char::is_lowercase)
    {
        return Line::Point(letter, rest);
    }
    Line::Text(text)
}

/// What paging must know of a provision.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weight {
    pub(crate) level: i64,
    pub(crate) chars: i64,
}

/// Articles on one page of a long document, and characters.
const PAGE_ARTICLES: usize = 40;
const PAGE_CHARS: i64 = 80_000;

/// Cuts a document into pages: first positions of each. A page ends before a heading of structure
/// where one comes in its second half. A document a little longer than a page stays whole.
pub(crate) fn pages_of(weights: &[Weight]) -> Vec<usize> {
    let articles = weights.iter().filter(|w| w.level >= ARTICLE).count();
    let chars: i64 = weights.iter().map(|w| w.chars).sum();
    let mut starts = vec![0];
    if articles <= PAGE_ARTICLES * 3 / 2 && chars <= PAGE_CHARS * 3 / 2 {
        return starts;
    }
    let (mut count, mut size) = (0, 0);
    let mut at = 0;
    for (position, weight) in weights.iter().enumerate() {
        let is_full = count >= PAGE_ARTICLES || size >= PAGE_CHARS;
        let is_half = count >= PAGE_ARTICLES / 2 || size >= PAGE_CHARS / 2;
        // A page that is full goes back to the headings that stand right before the next article.
        if position > at && (is_full || (is_half && weight.level < ARTICLE)) {
            let mut start = position;
            while start > at + 1
                && weights
                    .get(start - 1)
                    .is_some_and(|w| w.level < ARTICLE && w.chars == 0)
            {
                start -= 1;
            }
            starts.push(start);
            at = start;
            (count, size) = (position - start, 0);
        }
        count += usize::from(weight.level >= ARTICLE);
        size += weight.chars;
    }
    starts
}

/// The hash of a text, 32 hexadecimal digits.
pub(crate) fn hash(text: &str) -> String {
    short_hex(&Sha256::digest(text.as_bytes()))
}

fn short_hex(digest: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(digest.get(..16).unwrap_or(digest))
}

/// Whether two values agree: equal, or one of them unknown.
pub(crate) fn agrees(one: &str, other: &str) -> bool {
    one.is_empty() || other.is_empty() || one == other
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(symbol: &str, day: &str) -> Draft {
        Draft {
            symbol: symbol.into(),
            issued_on: day.into(),
            ..Draft::default()
        }
    }

    #[test]
    fn a_symbol_typed_with_gaps_or_in_small_letters_is_the_same_paper() {
        assert_eq!(symbol_key("7 - kh / tuanunit"), symbol_key("7-KH/TUANunit"));
        assert_eq!(symbol_key("12-qđ/đu"), symbol_key("12-QĐ/ĐU"));
        assert_ne!(symbol_key("12-QĐ/ĐU"), symbol_key("13-QĐ/ĐU"));
    }

    #[test]
    fn a_symbol_of_another_day_is_another_document() {
        assert_eq!(
            draft("01-HD/TW", "2021-09-28").identity_key(),
            draft("01 - hd/tw", "2021-09-28").identity_key()
        );
        assert_ne!(
            draft("01-HD/TW", "2021-09-28").identity_key(),
            draft("01-HD/TW", "2026-05-19").identity_key()
        );
    }
    #[test]
    fn symbols_that_nobody_reads_still_compare() {
        assert_eq!(symbol_key("3637/UBND-VX"), symbol_key("3637 / ubnd-vx"));
        assert_eq!(symbol_key(" "), "");
    }
    #[test]
    fn an_abstract_in_lower_case_reads_on_after_its_kind() {
        assert_eq!(
            full_title("regulation", "về nền nếp"),
            "Quy định về nền nếp"
        );
        assert_eq!(
            full_title("plan", "kế hoạch kiểm tra."),
            "Kế hoạch kiểm tra"
        );
        assert_eq!(full_title("", "cho phép thuê đất"), "Cho phép thuê đất");
        assert_eq!(full_title("decision", "Về việc giao"), "Về việc giao");
    }
    #[test]
    fn lines_tell_clauses_points_rows_and_pages() {
        assert_eq!(line("2. Gửi tài liệu"), Line::Clause("2", "Gửi tài liệu"));
        assert_eq!(line("1- Mọi người"), Line::Clause("1", "Mọi người"));
        assert_eq!(line("1.2. Việc"), Line::Clause("1.2", "Việc"));
        assert_eq!(line("đ) năm"), Line::Point("đ", "năm"));
        assert_eq!(line("a\tb"), Line::Row(vec!["a", "b"]));
        assert_eq!(line("\u{c}3"), Line::Page("3"));
        for text in ["2026. Năm", "Điều này", "1.", "- gạch", "abc) x"] {
            assert_eq!(line(text), Line::Text(text), "{text}");
        }
    }
    #[test]
    fn equal_labels_get_addresses_of_their_own() {
        let mut draft = Draft::default();
        for label in ["Điều 4", "", "Điều 4", "Chương II", "1.2", "Điều 42.1.NĐ.3"] {
            draft.provisions.push(Provision {
                label: label.into(),
                ..Provision::default()
            });
        }
        draft.set_anchors();
        let anchors: Vec<_> = draft.provisions.iter().map(|p| p.anchor.as_str()).collect();
        assert_eq!(
            anchors,
            [
                "dieu-4",
                "doan",
                "dieu-4-2",
                "chuong-ii",
                "muc-1.2",
                "dieu-42.1.nd.3"
            ]
        );
    }
    #[test]
    fn a_code_of_700_articles_is_cut_at_chapters_and_loses_nothing() {
        let mut weights = Vec::new();
        for n in 0..700 {
            if n % 25 == 0 {
                weights.push(Weight { level: 2, chars: 0 });
            }
            weights.push(Weight {
                level: ARTICLE,
                chars: 900,
            });
        }
        let starts = pages_of(&weights);
        assert!(starts.len() > 12 && starts.len() < 32, "{starts:?}");
        assert!(starts.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(
            starts.iter().all(|at| weights[*at].level == 2),
            "{starts:?}"
        );
        assert_eq!(pages_of(&weights[..50]), [0]);
        assert_eq!(pages_of(&[]), [0]);
    }
    #[test]
    fn one_giant_article_does_not_make_an_empty_page() {
        let weights = [
            Weight {
                level: TEXT,
                chars: 500_000,
            },
            Weight {
                level: ARTICLE,
                chars: 10,
            },
        ];
        assert_eq!(pages_of(&weights), [0, 1]);
    }
    #[test]
    fn citations_are_counted_and_the_own_symbol_left_out() {
        let mut draft = draft("07-HD/ĐU", "2026-07-20");
        draft.provisions.push(Provision {
            body: "1. Theo Quy định số 12-QĐ/ĐU, ngày 15/6/2026.\n2. Theo Quy định số 12-QĐ/ĐU, ngày 15/6/2026; số 07-HD/ĐU.".into(),
            ..Provision::default()
        });
        assert_eq!(
            draft.citations(),
            [Cited {
                key: "12-qd-du".to_owned(),
                day: "2026-06-15".to_owned(),
                times: 2,
                relation: "",
            }]
        );
    }
    #[test]
    fn a_line_that_cites_thousands_is_not_looked_through_for_each() {
        let mut draft = draft("07-HD/ĐU", "2026-07-20");
        let body = "Theo Quy định số 12-QĐ/ĐU, ".repeat(20_000)
            + "\nQuy định này thay thế Quy định số 05-QĐ/ĐU.";
        let looked: usize = body
            .match_indices("12-QĐ/ĐU")
            .map(|(at, _)| said_before(&body, at).chars().count())
            .sum();
        assert!(looked <= 20_000 * BEFORE, "{looked}");
        assert_eq!(said_before("Một\nhai ba", "Một\nhai ".len()), "hai ");
        draft.provisions.push(Provision {
            body,
            ..Provision::default()
        });
        let cited = draft.citations();
        let told: Vec<_> = cited.iter().map(|one| (one.times, one.relation)).collect();
        assert_eq!(told, [(20_000, ""), (1, "replaces")]);
    }
}
