//! Finding references in a text and reading one symbol.
//!
//! Works on a row of simplified characters that remember their place, so NFD, look-alike Đ, odd dashes and
//! line breaks need no second grammar, and spans fit the text as given. Every look ahead or back is bounded:
//! the work is linear in the text. Surprising rules: only the issuer table tells `29/QĐ-TW` (ours) from
//! `439/QĐ-TTg` (state); an unknown issuer is a candidate for review, never a link; a blank number is reported.

use crate::issuer::{self, Issuer};
use crate::kind::Kind;
use crate::symbol::{Symbol, System};
use std::collections::HashMap;
use std::ops::Range;
use vietnamese::PartialDate;

/// One reference in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// Bytes of the reference in the text as given: kind word, "số" and symbol, without the date.
    pub span: Range<usize>,
    /// Bytes of the symbol alone.
    pub symbol_span: Range<usize>,
    /// The text of `span`.
    pub text: String,
    /// What was read. Number 0 when `incomplete`.
    pub symbol: Symbol,
    /// The kind word before the symbol.
    pub lead: Option<Kind>,
    /// The date behind it.
    pub date: Option<PartialDate>,
    /// `Điều N` before it.
    pub article: Option<String>,
    /// `khoản M` before it.
    pub clause: Option<String>,
    /// `điểm x` before it (a letter, or `10.5` in the organisation's papers).
    pub point: Option<String>,
    /// The number is blank on the paper.
    pub incomplete: bool,
    /// Not certain: unknown issuer, or a short mention that fits several symbols. For review, not for a link.
    pub candidate: bool,
}

impl Citation {
    /// May it be drawn as a link?
    pub fn is_certain(&self) -> bool {
        !self.incomplete && !self.candidate
    }
}

/// One simplified character: capital without marks (Đ and Ư kept), and where it stood.
#[derive(Debug, Clone, Copy)]
struct Glyph {
    c: char,
    at: usize,
    end: usize,
    is_upper: bool,
}

fn glyphs(text: &str) -> Vec<Glyph> {
    let mut row: Vec<Glyph> = Vec::with_capacity(text.len());
    for (at, source) in text.char_indices() {
        let end = at + source.len_utf8();
        let c = match source {
            'đ' | 'Đ' | '\u{D0}' | '\u{F0}' | '\u{189}' | '\u{256}' => 'Đ',
            'ư' | 'Ư' => 'Ư',
            '\u{31B}' => {
                // The horn of a decomposed ư.
                if let Some(last) = row.last_mut() {
                    last.end = end;
                    if last.c == 'U' {
                        last.c = 'Ư';
                    }
                }
                continue;
            }
            '‐' | '‑' | '‒' | '–' | '—' | '−' => '-',
            '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{2028}' => '\n',
            _ if source.is_whitespace() => ' ',
            _ => match vietnamese::fold_char(source) {
                Some(folded) => folded.to_uppercase().next().unwrap_or(folded),
                None => {
                    if let Some(last) = row.last_mut() {
                        last.end = end;
                    }
                    continue;
                }
            },
        };
        row.push(Glyph {
            c,
            at,
            end,
            is_upper: source.is_uppercase(),
        });
    }
    row
}

/// Longest gap inside a symbol, in characters.
const GAP: usize = 4;
/// Longest blank that stands for a number.
const BLANK: usize = 80;
/// How far back the kind word and the article are looked for.
const BACK: usize = 96;

struct Reader<'a> {
    /// Characters looked at: proof of the linear bound.
    #[cfg(test)]
    looked: std::cell::Cell<usize>,
    text: &'a str,
    row: Vec<Glyph>,
    leads: Vec<(String, Kind)>,
    issuers: Vec<(Vec<char>, &'static Issuer)>,
    signs: Vec<(Vec<char>, &'static str)>,
}

/// What was read from `from` to `to` (glyph places).
struct Read {
    symbol: Symbol,
    to: usize,
    candidate: bool,
}

fn simplified(word: &str) -> String {
    glyphs(word)
        .iter()
        .map(|g| if g.c == 'Ư' { 'U' } else { g.c })
        .collect()
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let mut leads: Vec<(String, Kind)> = Kind::all()
            .map(|kind| (simplified(kind.name()), kind))
            .collect();
        leads.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let mut issuers: Vec<(Vec<char>, &'static Issuer)> = issuer::SEED
            .iter()
            .flat_map(|row| {
                row.aliases
                    .iter()
                    .chain([&row.code])
                    .map(move |s| (s.to_uppercase().chars().collect(), row))
            })
            .collect();
        issuers.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let mut signs: Vec<(Vec<char>, &'static str)> = Kind::all()
            .map(Kind::sign)
            .chain(["QĐi"])
            .filter(|sign| !sign.is_empty())
            .flat_map(|sign| {
                let upper = sign.to_uppercase();
                // Typed without Đ: QD is QĐ and ND is NĐ, but DA stays DA, a project or a scheme.
                let plain = upper.replace('Đ', "D");
                let bare = (plain != upper && plain != "DA" && plain != "CD")
                    .then_some((plain.chars().collect(), sign));
                bare.into_iter().chain([(upper.chars().collect(), sign)])
            })
            .collect();
        signs.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Reader {
            #[cfg(test)]
            looked: std::cell::Cell::new(0),
            text,
            row: glyphs(text),
            leads,
            issuers,
            signs,
        }
    }

    fn at(&self, place: usize) -> Option<char> {
        #[cfg(test)]
        self.looked.set(self.looked.get() + 1);
        self.row.get(place).map(|g| g.c)
    }

    fn is_letter(&self, place: usize) -> bool {
        self.at(place).is_some_and(char::is_alphabetic)
    }

    fn is_digit(&self, place: usize) -> bool {
        self.at(place).is_some_and(|c| c.is_ascii_digit())
    }

    fn skip_space(&self, from: usize, limit: usize) -> usize {
        (from..from.saturating_add(limit))
            .find(|p| !matches!(self.at(*p), Some(' ' | '\n')))
            .unwrap_or(from + limit)
    }

    fn source(&self, from: usize, to: usize) -> &'a str {
        match (
            self.row.get(from),
            to.checked_sub(1).and_then(|p| self.row.get(p)),
        ) {
            (Some(a), Some(b)) if to > from => self.text.get(a.at..b.end).unwrap_or_default(),
            _ => "",
        }
    }

    fn bytes(&self, from: usize, to: usize) -> Range<usize> {
        match (
            self.row.get(from),
            to.checked_sub(1).and_then(|p| self.row.get(p)),
        ) {
            (Some(a), Some(b)) => a.at..b.end,
            _ => 0..0,
        }
    }

    fn digits(&self, from: usize, most: usize) -> Option<(u32, usize)> {
        let to = (from..=from + most).find(|p| !self.is_digit(*p))?;
        let number = self.source(from, to).parse().ok()?;
        Some((number, to))
    }

    /// A sign of a kind, longest first, not followed by a letter.
    fn sign(&self, from: usize) -> Option<(&'static str, usize)> {
        self.signs.iter().find_map(|(letters, sign)| {
            let to = from + letters.len();
            let fits = letters
                .iter()
                .enumerate()
                .all(|(i, c)| self.at(from + i) == Some(*c));
            (fits && !self.is_letter(to) && !self.is_digit(to)).then_some((*sign, to))
        })
    }

    /// An issuer of the table, longest first; a line may break inside it if capitals go on.
    fn issuer(&self, from: usize) -> Option<(&'static Issuer, usize)> {
        self.issuers.iter().find_map(|(letters, row)| {
            let mut place = from;
            for (i, wanted) in letters.iter().enumerate() {
                if i > 0 && matches!(self.at(place), Some(' ' | '\n' | '-')) && *wanted != '-' {
                    let past_dash = place + usize::from(self.at(place) == Some('-'));
                    let next = self.skip_space(past_dash, GAP);
                    let breaks = (place..next).any(|p| self.at(p) == Some('\n'));
                    let goes_on = self.row.get(next).is_some_and(|g| g.is_upper);
                    if !breaks || !goes_on {
                        return None;
                    }
                    place = next;
                }
                if self.at(place) != Some(*wanted) {
                    return None;
                }
                place += 1;
            }
            (!self.is_letter(place)).then_some((*row, place))
        })
    }

    /// Letters and digits of an issuer that the table does not have, with `-` or `/` between parts.
    fn free_issuer(&self, from: usize, most_parts: usize) -> Option<(String, usize)> {
        let mut out = String::new();
        let mut place = from;
        for part in 0..most_parts {
            let mut start = place;
            if part > 0 {
                let dash = self.skip_space(place, 1);
                if !matches!(self.at(dash), Some('-' | '/')) {
                    break;
                }
                start = self.skip_space(dash + 1, 2);
                let is_part = self
                    .row
                    .get(start)
                    .is_some_and(|g| g.is_upper && g.c.is_alphabetic());
                let is_second = self
                    .row
                    .get(start + 1)
                    .is_some_and(|g| g.is_upper || g.c.is_ascii_digit());
                // A dash in running text ("… - Bộ Nội vụ") is no part of the issuer.
                if !is_part
                    || (!is_second && start + 1 < self.row.len() && self.is_letter(start + 1))
                {
                    break;
                }
            }
            let to = (start..start + 24)
                .find(|p| !self.is_letter(*p) && !self.is_digit(*p))
                .unwrap_or(start + 24);
            if to == start || !self.is_letter(start) || self.is_letter(to) {
                break;
            }
            if part > 0 {
                out.push('-');
            }
            out.extend((start..to).filter_map(|p| self.at(p)));
            place = to;
        }
        (!out.is_empty()).then_some((out, place))
    }

    /// The symbol whose number starts here.
    fn symbol(&self, from: usize) -> Option<Read> {
        let (number, after) = self.digits(from, 5)?;
        let place = self.skip_space(after, GAP);
        self.tail(number, place)
    }

    /// What follows the number: `-TYPE/ISSUER`, `/TYPE-ISSUER`, `/YEAR/…`.
    fn tail(&self, number: u32, place: usize) -> Option<Read> {
        match self.at(place)? {
            '-' => {
                let sign_at = self.skip_space(place + 1, GAP);
                let (sign, to) = self.sign(sign_at)?;
                let joint = self.skip_space(to, GAP);
                match self.at(joint)? {
                    '/' => self.with_issuer(
                        number,
                        sign,
                        self.skip_space(joint + 1, GAP),
                        System::Organisation,
                        sign_at,
                    ),
                    '-' => {
                        let (row, end) = self.issuer(self.skip_space(joint + 1, GAP))?;
                        (row.system == System::Organisation).then(|| {
                            self.read(number, sign, row.code.to_owned(), row.system, end, false)
                        })
                    }
                    _ => None,
                }
            }
            '/' => {
                if let Some(read) = self.with_year(number, place + 1) {
                    return Some(read);
                }
                let dash = self.skip_space(place + 1, GAP);
                let sign_at = match self.at(dash) {
                    Some('-') => self.skip_space(dash + 1, GAP),
                    _ => dash,
                };
                if let Some((sign, to)) = self.sign(sign_at) {
                    let joint = self.skip_space(to, GAP);
                    if matches!(self.at(joint), Some('-' | '/')) {
                        let issuer_at = self.skip_space(joint + 1, GAP);
                        return self.with_issuer(number, sign, issuer_at, System::State, sign_at);
                    }
                    return None;
                }
                // A state letter names the issuer first and its department after: 3637/UBND-VX.
                let (row, to) = self.issuer(sign_at)?;
                if row.system != System::State || self.at(to) != Some('-') {
                    return None;
                }
                let (rest, end) = self.free_issuer(to + 1, 2)?;
                Some(self.read(
                    number,
                    "",
                    format!("{}-{rest}", row.code),
                    System::State,
                    end,
                    false,
                ))
            }
            _ => None,
        }
    }

    fn with_issuer(
        &self,
        number: u32,
        sign: &'static str,
        from: usize,
        shape: System,
        sign_at: usize,
    ) -> Option<Read> {
        if let Some((row, to)) = self.issuer(from) {
            // UBND-VX, HĐND15: a known state issuer with a department or a term behind it.
            if row.system == System::State
                && let Some((issuer, end)) = self.free_issuer(from, 4)
                && end > to
            {
                return Some(self.read(number, sign, issuer, System::State, end, false));
            }
            return Some(self.read(number, sign, row.code.to_owned(), row.system, to, false));
        }
        // Unknown: only if typed like a symbol, in capitals.
        let is_capital = |p: usize| self.row.get(p).is_some_and(|g| g.is_upper);
        if !is_capital(sign_at) || !is_capital(from) {
            return None;
        }
        let (issuer, end) = self.free_issuer(from, 4)?;
        let head = issuer.split('-').next().unwrap_or_default();
        Some(match Issuer::by_code(head) {
            Some(row) if row.system == System::State => {
                self.read(number, sign, issuer, System::State, end, false)
            }
            _ => self.read(number, sign, issuer, shape, end, true),
        })
    }

    fn with_year(&self, number: u32, from: usize) -> Option<Read> {
        let (year, to) = self.digits(self.skip_space(from, 1), 4)?;
        let year = u16::try_from(year)
            .ok()
            .filter(|y| (1900..2100).contains(y))?;
        let slash = self.skip_space(to, 1);
        if self.at(slash) != Some('/') {
            return None;
        }
        let rest_at = self.skip_space(slash + 1, 2);
        let (mut sign, mut issuer, mut end) = ("", String::new(), rest_at);
        if let Some((found, to)) = self.sign(rest_at) {
            sign = found;
            end = to;
            let joint = self.skip_space(to, 1);
            if matches!(self.at(joint), Some('-' | '/'))
                && let Some((rest, to)) = self.free_issuer(self.skip_space(joint + 1, 2), 8)
            {
                issuer = rest;
                end = to;
            }
        } else if let Some((rest, to)) = self.free_issuer(rest_at, 8) {
            issuer = rest;
            end = to;
        }
        if end == rest_at {
            return None;
        }
        if let Some(row) = Issuer::by_code(&issuer).filter(|row| row.code.to_uppercase() == issuer)
        {
            issuer = row.code.to_owned();
        }
        let mut read = self.read(number, sign, issuer, System::State, end, false);
        read.symbol.year = Some(year);
        Some(read)
    }

    fn read(
        &self,
        number: u32,
        sign: &str,
        issuer: String,
        system: System,
        to: usize,
        candidate: bool,
    ) -> Read {
        let kind = match Kind::by_sign(sign, system).as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        Read {
            symbol: Symbol {
                number,
                year: None,
                sign: sign.to_owned(),
                kind,
                issuer,
                system,
            },
            to,
            candidate,
        }
    }

    /// The text before a place as words, last first; marks off, bounded.
    fn words_before(&self, place: usize) -> Vec<(String, usize)> {
        let from = place.saturating_sub(BACK);
        let mut words: Vec<(String, usize)> = Vec::new();
        let mut open = false;
        for p in from..place {
            match self.at(p) {
                Some(c) if c.is_alphanumeric() || (c == '.' && open && self.is_digit(p + 1)) => {
                    let c = if c == 'Ư' { 'U' } else { c };
                    match words.last_mut() {
                        Some((word, _)) if open => word.push(c),
                        _ => words.push((c.to_string(), p)),
                    }
                    open = true;
                }
                Some(' ' | '\n' | ',' | ':') => open = false,
                Some(')') if words.last().is_some_and(|(w, _)| w.chars().count() == 1) => {
                    open = false
                }
                _ => {
                    open = false;
                    words.clear();
                }
            }
        }
        words.reverse();
        words
    }

    /// The kind word that the words (last first) end with: its row and how many words it has.
    fn lead(&self, words: &[(String, usize)]) -> Option<(Kind, usize)> {
        self.leads.iter().find_map(|(name, kind)| {
            let parts: Vec<&str> = name.split(' ').rev().collect();
            let fits =
                words.len() >= parts.len() && parts.iter().zip(words).all(|(a, (b, _))| a == b);
            fits.then_some((*kind, parts.len()))
        })
    }

    fn date_behind(&self, from: usize) -> Option<PartialDate> {
        let mut place = self.skip_space(from, GAP);
        if self.at(place) == Some(',') {
            place = self.skip_space(place + 1, GAP);
        }
        let word: String = (place..place + 4).filter_map(|p| self.at(p)).collect();
        if word != "NGAY" {
            return None;
        }
        let start = self.skip_space(place + 4, GAP);
        let spelled = |p: usize| {
            self.is_letter(p) && !matches!(self.at(p), Some('T' | 'H' | 'A' | 'N' | 'G' | 'M'))
        };
        let end = (start..start + 40)
            .find(|p| {
                !(self.is_digit(*p)
                    || matches!(self.at(*p), Some('/' | '-' | '.' | ' ' | '\n'))
                    || (self.is_letter(*p) && !spelled(*p)))
            })
            .unwrap_or(start + 40)
            .min(self.row.len());
        // The date ends with its year: four digits.
        let year_end = (start + 4..=end)
            .find(|p| (p - 4..*p).all(|q| self.is_digit(q)) && !self.is_digit(*p))?;
        vietnamese::read_date(self.source(start, year_end)).ok() // a wrong date leaves the citation undated
    }

    fn citation(&self, number_at: usize, read: Read, incomplete: bool) -> Citation {
        let all = self.words_before(number_at);
        let mut words = all.as_slice();
        let mut start = number_at;
        if let Some(((word, at), rest)) = words.split_first()
            && word == "SO"
        {
            start = *at;
            words = rest;
        }
        let lead = self.lead(words).and_then(|(kind, count)| {
            let (_, at) = words.get(count - 1)?;
            start = *at;
            words = words.get(count..)?;
            Some(kind)
        });
        let (mut article, mut clause, mut point) = (None, None, None);
        while let Some((("CUA" | "TAI", _), rest)) = words
            .split_first()
            .map(|((w, at), rest)| ((w.as_str(), at), rest))
        {
            words = rest;
        }
        while let [(value, _), (name, _), rest @ ..] = words {
            let value = value.to_lowercase();
            let is_number = value.starts_with(|c: char| c.is_ascii_digit());
            match name.as_str() {
                "ĐIEU" if is_number && article.is_none() => article = Some(value),
                "KHOAN" if is_number && clause.is_none() => clause = Some(value),
                "ĐIEM" if (is_number || value.chars().count() == 1) && point.is_none() => {
                    point = Some(value);
                }
                _ => break,
            }
            words = rest;
        }
        let mut symbol = read.symbol;
        if let Some(kind) = lead {
            let signs_agree = symbol.sign.is_empty()
                || vietnamese::fold(kind.sign()) == vietnamese::fold(&symbol.sign)
                || (symbol.sign == "QĐi" && kind.code() == "regulation");
            if signs_agree && kind.system().is_none_or(|s| s == symbol.system) {
                symbol.kind = Some(kind);
            }
        }
        let span = self.bytes(start, read.to);
        Citation {
            text: self.text.get(span.clone()).unwrap_or_default().to_owned(),
            span,
            symbol_span: self.bytes(number_at, read.to),
            symbol,
            lead,
            date: self.date_behind(read.to),
            article,
            clause,
            point,
            incomplete,
            candidate: read.candidate,
        }
    }

    fn may_start_number(&self, place: usize) -> bool {
        let Some(before) = place.checked_sub(1) else {
            return true;
        };
        match self.at(before) {
            Some('-' | '/') => false,
            Some('.' | ',') => !before.checked_sub(1).is_some_and(|p| self.is_digit(p)),
            Some(c) => !c.is_alphanumeric(),
            None => true,
        }
    }

    /// `Số      -HD/BTCTU`: where the tail of a symbol without a number starts.
    fn blank_number(&self, place: usize) -> Option<usize> {
        let is_word = self.at(place) == Some('S')
            && self.at(place + 1) == Some('O')
            && !self.is_letter(place + 2)
            && !place.checked_sub(1).is_some_and(|p| self.is_letter(p));
        if !is_word {
            return None;
        }
        let end = (place + 2..place + 2 + BLANK)
            .find(|p| !matches!(self.at(*p), Some(' ' | '\n' | ':' | '.' | '…' | '_')))?;
        matches!(self.at(end), Some('-' | '/')).then_some(end)
    }
}

/// Every reference in a text, in order, not overlapping. Short mentions ("Chỉ thị 50") are found when a full
/// symbol with that number and kind stands in the same text; fitting several, they are candidates.
pub fn find(text: &str) -> Vec<Citation> {
    find_with(&Reader::new(text))
}

fn find_with(reader: &Reader<'_>) -> Vec<Citation> {
    let mut found = Vec::new();
    let mut short: Vec<(usize, u32, usize)> = Vec::new();
    let mut place = 0;
    while place < reader.row.len() {
        if reader.is_digit(place) {
            let end = (place..)
                .find(|p| !reader.is_digit(*p))
                .unwrap_or(place + 1);
            if reader.may_start_number(place) && end - place <= 5 {
                if let Some(read) = reader.symbol(place) {
                    let to = read.to;
                    found.push(reader.citation(place, read, false));
                    place = to;
                    continue;
                }
                let after_word = place.checked_sub(2).is_some_and(|p| reader.is_letter(p));
                let stands_alone = !reader.is_letter(end)
                    && !(matches!(reader.at(end), Some('-' | '/' | '.' | ','))
                        && (reader.is_digit(end + 1) || reader.is_letter(end + 1)));
                if after_word
                    && stands_alone
                    && let Some((number, _)) = reader.digits(place, 5)
                {
                    short.push((place, number, end));
                }
            }
            place = end;
        } else if let Some(tail_at) = reader.blank_number(place) {
            match reader.tail(0, tail_at) {
                Some(read) => {
                    let to = read.to;
                    found.push(reader.citation(tail_at, read, true));
                    place = to;
                }
                None => place += 2,
            }
        } else {
            place += 1;
        }
    }
    add_short_mentions(reader, &mut found, &short);
    found
}

fn add_short_mentions(
    reader: &Reader<'_>,
    found: &mut Vec<Citation>,
    short: &[(usize, u32, usize)],
) {
    let mut known: HashMap<(u32, String), Vec<Symbol>> = HashMap::new();
    for citation in found
        .iter()
        .filter(|c| c.is_certain() && !c.symbol.sign.is_empty())
    {
        let fitting = known
            .entry((
                citation.symbol.number,
                vietnamese::fold(&citation.symbol.sign),
            ))
            .or_default();
        if fitting.len() < 8 && fitting.iter().all(|s| s.key() != citation.symbol.key()) {
            fitting.push(citation.symbol.clone());
        }
    }
    if known.is_empty() {
        return;
    }
    for (place, number, end) in short {
        let words = reader.words_before(*place);
        let after_so = match words.first() {
            Some((word, _)) if word == "SO" => words.get(1..).unwrap_or_default(),
            _ => words.as_slice(),
        };
        let Some((kind, _)) = reader.lead(after_so) else {
            continue;
        };
        let Some(fitting) = known.get(&(*number, vietnamese::fold(kind.sign()))) else {
            continue;
        };
        let of_kind: Vec<&Symbol> = fitting
            .iter()
            .filter(|s| s.kind.is_none_or(|k| k == kind))
            .collect();
        let Some(symbol) = of_kind.first() else {
            continue;
        };
        let read = Read {
            symbol: (*symbol).clone(),
            to: *end,
            candidate: of_kind.len() > 1,
        };
        found.push(reader.citation(*place, read, false));
    }
    found.sort_by_key(|c| c.span.start);
}

/// Reads one symbol; "Số" or a kind word may stand before it, nothing may follow. None for a blank number
/// and for anything else.
pub fn parse(text: &str) -> Option<Symbol> {
    let text = text.trim();
    if text.len() > 200 {
        return None;
    }
    match find(text).as_slice() {
        [only] if !only.incomplete && only.span == (0..text.len()) => Some(only.symbol.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Citation {
        let found = find(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found.into_iter().next().expect("one")
    }

    fn canonical(text: &str) -> String {
        let citation = one(text);
        assert!(citation.is_certain(), "{text}: {citation:?}");
        citation.symbol.canonical()
    }

    #[test]
    fn every_way_of_typing_our_symbols_is_read() {
        for (typed, printed) in [
            ("16 -HD/BTCTW", "16-HD/BTCTW"),
            ("62 -KL/ĐU", "62-KL/ĐU"),
            ("366-QD/TW", "366-QĐ/TW"),
            ("29/QĐ-TW", "29-QĐ/TW"),
            ("21/-NQ/TW", "21-NQ/TW"),
            ("56/HD/VPTW", "56-HD/VPTW"),
            ("38-HD/BTC\nTW", "38-HD/BTCTW"),
            ("38-HD/\nBTCTW", "38-HD/BTCTW"),
            ("294–QĐ/TW", "294-QĐ/TW"),
            ("05-nq/đu", "05-NQ/ĐU"),
            ("5-NQ/\u{D0}U", "05-NQ/ĐU"),
            ("05-NQ/DU", "05-NQ/ĐU"),
            ("03-NQ/CĐ-CB", "03-NQ/CĐ-CB"),
            ("12\u{A0}-\u{A0}CTr/TU", "12-CTr/TU"),
            ("7-NQ/TƯ", "07-NQ/TW"),
            ("Số 05-NQ/ĐUK", "05-NQ/ĐUK"),
        ] {
            assert_eq!(canonical(typed), printed, "{typed}");
            let symbol = one(typed).symbol;
            assert_eq!(symbol.system, System::Organisation);
            assert_eq!(parse(printed).map(|s| s.key()), Some(symbol.key()));
        }
    }

    #[test]
    fn a_full_citation_gives_kind_and_date() {
        use vietnamese::nfc;
        let text = "Căn cứ Quy định số 339-QĐ/TW, ngày 10/7/2025 của Ban Bí thư;";
        let citation = one(text);
        assert_eq!(citation.text, "Quy định số 339-QĐ/TW");
        assert_eq!(citation.lead.map(Kind::code), Some("regulation"));
        assert_eq!(citation.symbol.kind, citation.lead);
        assert_eq!(
            citation.date.map(|d| d.to_string()).as_deref(),
            Some("2025-07-10")
        );
        // Decomposed, as some PDF programs write.
        let decomposed = "Quye\u{302}\u{301}t đi\u{323}nh so\u{302}\u{301} 02-QĐ/TU nga\u{300}y 19 tha\u{301}ng 11 na\u{306}m 2025";
        let citation = one(decomposed);
        assert_eq!(nfc(&citation.text), "Quyết định số 02-QĐ/TU");
        assert_eq!(citation.lead.map(Kind::code), Some("decision"));
        assert_eq!(
            citation.date.map(|d| d.to_string()).as_deref(),
            Some("2025-11-19")
        );
    }

    #[test]
    fn qd_without_a_word_stays_open_and_da_offers_both() {
        let codes = |text: &str| {
            one(text)
                .symbol
                .kinds()
                .iter()
                .map(|k| k.code())
                .collect::<Vec<_>>()
        };
        assert_eq!(codes("theo 01-QĐ/TW"), ["decision", "regulation"]);
        assert_eq!(codes("03/ĐA-TU"), ["scheme"]);
        assert_eq!(codes("03/DA-TU"), ["scheme", "project"]);
    }

    #[test]
    fn state_law_is_recognised_as_state_law() {
        for (typed, sign, issuer) in [
            ("356/2025/NĐ-CP", "NĐ", "CP"),
            ("91/2025/QH15", "", "QH15"),
            ("02/2019/TT-BNV", "TT", "BNV"),
            ("439/QĐ-TTg", "QĐ", "TTg"),
            ("1229/QĐ-UBND", "QĐ", "UBND"),
            ("1187/NQ-UBTVQH14", "NQ", "UBTVQH14"),
            ("3637/UBND-VX", "", "UBND-VX"),
        ] {
            let citation = one(typed);
            assert_eq!(citation.symbol.system, System::State, "{typed}");
            assert_eq!(
                (
                    citation.symbol.sign.as_str(),
                    citation.symbol.issuer.as_str()
                ),
                (sign, issuer)
            );
            assert_eq!(citation.symbol.canonical(), typed);
            assert!(citation.is_certain(), "{typed}");
        }
        assert_eq!(
            canonical("72/2025/NQLT/UBTVQH15-CP- ĐCTUBTWMTTQVN, có hiệu lực"),
            "72/2025/NQLT-UBTVQH15-CP-ĐCTUBTWMTTQVN"
        );
        assert_eq!(
            canonical("13/2016/TT- BVHTTDL Thông tư quy định"),
            "13/2016/TT-BVHTTDL"
        );
        assert_eq!(canonical("356/2025/NĐ-CP - Bộ Nội vụ"), "356/2025/NĐ-CP");
    }

    #[test]
    fn what_is_no_symbol_is_not_found() {
        for text in [
            "nhiệm kỳ 2021-2025",
            "thẻ số 12.345678, CCCD 001090012345",
            "điện thoại 0912-345-678",
            "ngày 26/5/2025, 05-3-2026",
            "85/2025",
            "275-2025",
            "198-KH",
            "A12-QĐ/TW",
            "x/12-QĐ/TW",
            "123456-QĐ/TW",
            "5-10 người, 3/4 số phiếu",
            "tỷ lệ 12-KHÔNG/TW",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
        assert_ne!(
            parse("198-KL/TW").map(|s| s.key()),
            parse("198-KH/TW").map(|s| s.key())
        );
        assert_eq!(parse("275-2025"), None);
    }

    #[test]
    fn an_unknown_issuer_is_a_candidate() {
        let citation = one("Kế hoạch số 12-KH/XYZ");
        assert!(citation.candidate && !citation.is_certain());
        assert_eq!(citation.symbol.canonical(), "12-KH/XYZ");
    }

    #[test]
    fn a_blank_number_is_reported_and_not_guessed() {
        for text in [
            "Số      -HD/BTCTU",
            "Số\n- HD/BTCTU",
            "Số: ...... -HD/BTCTU",
        ] {
            let citation = one(text);
            assert!(citation.incomplete, "{text}");
            assert_eq!(
                (citation.symbol.number, citation.symbol.issuer.as_str()),
                (0, "BTCTU")
            );
            assert_eq!(parse(text), None);
        }
    }

    #[test]
    fn a_short_mention_is_linked_only_when_it_can_mean_one_thing() {
        let found = find(
            "Chỉ thị số 50-CT/TW ngày 23/7/2025. Thực hiện Chỉ thị 50, các chi bộ. Quyết định 50 khác.",
        );
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].text, "Chỉ thị 50");
        assert!(found[1].is_certain());
        let found = find("Chỉ thị 50-CT/TW và Chỉ thị 50-CT/TU; theo Chỉ thị 50 thì");
        assert_eq!(found.len(), 3);
        assert!(found[2].candidate);
        assert_eq!(find("Chỉ thị 50 thì"), []);
    }

    #[test]
    fn article_clause_and_point_are_kept() {
        let citation = one("theo điểm đ khoản 2 Điều 8 Thông tư số 67/2019/TT-BCA");
        assert_eq!(citation.article.as_deref(), Some("8"));
        assert_eq!(citation.clause.as_deref(), Some("2"));
        assert_eq!(citation.point.as_deref(), Some("đ"));
        assert_eq!(citation.lead.map(Kind::code), Some("state_circular"));
        let citation = one("Điểm 10.5 Hướng dẫn số 06-HD/TW");
        assert_eq!(citation.point.as_deref(), Some("10.5"));
        let citation = one("khoản 3, Điều 12 của Luật số 91/2025/QH15");
        assert_eq!(
            (citation.article.as_deref(), citation.clause.as_deref()),
            (Some("12"), Some("3"))
        );
    }

    #[test]
    fn spans_fit_the_text_as_given() {
        let text = "– Căn cứ\u{300} Nghị quyết số 05-NQ/ĐU và 366-QD/TW…";
        for citation in find(text) {
            assert_eq!(&text[citation.span.clone()], citation.text);
            assert!(citation.text.ends_with(&text[citation.symbol_span.clone()]));
        }
    }

    #[test]
    fn hostile_text_costs_no_more_than_its_length() {
        // No rule may look over the whole text because of one character in the wrong place.
        for piece in [
            "Số ",
            "Số",
            "1-",
            "1 ",
            "Số 1/",
            "12-QĐ/",
            "12-QĐ/TW ",
            "Chỉ thị 5 ",
            "1/2025/",
            "9",
            " ",
            "\n",
            "Điều 1 khoản 2 ",
            "1/2025/A-",
            "1/2025/TT-BNV-BTC-",
            "1-NQ/B\nT\nC\n",
        ] {
            let size = if piece == "1-" { 1_000_000 } else { 50_000 };
            let text = piece.repeat(size / piece.len());
            let reader = Reader::new(&text);
            let found = find_with(&reader).len();
            let per_character = reader.looked.get() / reader.row.len();
            assert!(
                per_character < 400,
                "{piece:?}: {per_character} looks a character, {found} found"
            );
        }
    }
}
