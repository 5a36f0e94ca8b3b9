//! JSON Lines: a provision a row, grouped into documents by law and symbol.
//!
//! Rows are read as a stream and written some thousand at a time, each batch in one transaction. The
//! id of a row is kept and given back by search. Not here: files that are a document each.
//! The rule that surprises: rows of one document may stand anywhere in the file; a later batch adds to
//! what an earlier one wrote.

use super::{Found, Import, Note};
use crate::access::Writing;
use crate::document::{ARTICLE, Cited, Draft, Provision, TEXT, first_words, symbol_key};
use crate::reading;
use crate::store::{self, Document};
use citation::Kind;
use kernel::error::{Doing as _, Result};
use serde::Deserialize;
use site::Act;
use site::import::Outcome;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::time::Instant;
use web::Lang;
use web::text::Arg;

/// Rows and bytes that wait for one write.
const BATCH_ROWS: usize = 2_000;
const BATCH_BYTES: usize = 8 << 20;
/// A longer line is no provision.
const LINE_BYTES: u64 = 8 << 20;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row {
    id: Option<Id>,
    #[serde(alias = "title")]
    law: Option<String>,
    article: Option<Id>,
    symbol: Option<String>,
    text: Option<String>,
    source: Option<String>,
    source_note: Option<String>,
}

/// Ids and article numbers come as text or as numbers.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(i64),
}

impl Id {
    fn text(self) -> String {
        match self {
            Id::Text(text) => vietnamese::nfc(text.trim()),
            Id::Number(number) => number.to_string(),
        }
    }
}

/// A row that was read and waits.
struct Waiting {
    source: String,
    provision: Provision,
    /// Whole text of a row that is a document of its own.
    text: String,
    note: String,
    began: Instant,
}

/// Rows of one document.
struct Group {
    law: String,
    symbol: String,
    source: String,
    rows: Vec<Waiting>,
    has_articles: bool,
}

pub(super) async fn read(import: &mut Import<'_>, path: &Path, name: &str) -> Result<()> {
    import.more(count_lines(path)?.saturating_sub(1));
    let mut reader = BufReader::with_capacity(256 << 10, std::fs::File::open(path)?);
    let mut groups: Vec<Group> = Vec::new();
    let mut by_key: HashMap<(String, String, String), usize> = HashMap::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let (mut rows, mut bytes, mut number) = (0, 0, 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader
            .by_ref()
            .take(LINE_BYTES)
            .read_until(b'\n', &mut line)?;
        let is_end = read == 0;
        if is_end || rows >= BATCH_ROWS || bytes >= BATCH_BYTES {
            write(import, std::mem::take(&mut groups)).await?;
            by_key.clear();
            (rows, bytes) = (0, 0);
            if is_end || import.is_stopped() {
                return Ok(());
            }
        }
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let began = Instant::now();
        let source = format!("{name}:{number}");
        let row = match row(&line) {
            Ok(row) => row,
            Err(key) => {
                let note = import.refused(key);
                import.enter(&source, "provision", note, Vec::new(), began);
                continue;
            }
        };
        let provision = provision(&row);
        if let Some(first) = seen.get(&provision.external_id) {
            let note = Note::of(Outcome::Duplicate, "").saying(import.say1(
                "documents-import-same-row",
                "first",
                &first.to_string(),
            ));
            import.enter(&source, "provision", note, Vec::new(), began);
            continue;
        }
        if !provision.external_id.is_empty() {
            seen.insert(provision.external_id.clone(), number);
        }
        rows += 1;
        bytes += line.len();
        let symbol = symbol_key(&row.symbol);
        let key = if symbol.is_empty() {
            (row.source.clone(), row.law.clone(), symbol)
        } else {
            (String::new(), String::new(), symbol)
        };
        let at = *by_key.entry(key).or_insert(groups.len());
        if at == groups.len() {
            groups.push(Group {
                law: row.law,
                symbol: row.symbol,
                source: row.source,
                rows: Vec::new(),
                has_articles: false,
            });
        }
        if let Some(group) = groups.get_mut(at) {
            group.has_articles |= !row.article.is_empty();
            group.rows.push(Waiting {
                source,
                provision,
                text: row.text,
                note: row.note,
                began,
            });
        }
    }
}

fn count_lines(path: &Path) -> std::io::Result<usize> {
    let mut reader = BufReader::with_capacity(256 << 10, std::fs::File::open(path)?);
    let mut count = 0;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(count);
        }
        count += buffer.iter().filter(|byte| **byte == b'\n').count();
        let length = buffer.len();
        reader.consume(length);
    }
}

/// A row with its texts in NFC.
struct Clean {
    id: String,
    law: String,
    article: String,
    symbol: String,
    text: String,
    source: String,
    note: String,
}

fn row(line: &[u8]) -> std::result::Result<Clean, &'static str> {
    let row: Row = serde_json::from_slice(line).map_err(|_| "documents-refused-line")?;
    let clean = |text: Option<String>| {
        let text = text.unwrap_or_default().replace(vietnamese::turns_text, "");
        vietnamese::nfc(text.trim())
    };
    let row = Clean {
        id: row.id.map(Id::text).unwrap_or_default(),
        law: clean(row.law),
        article: row.article.map(Id::text).unwrap_or_default(),
        symbol: clean(row.symbol),
        text: clean(row.text),
        source: clean(row.source),
        note: clean(row.source_note),
    };
    if row.text.is_empty() {
        return Err("documents-refused-no-text");
    }
    Ok(row)
}

fn provision(row: &Clean) -> Provision {
    let text = row.text.replace('\u{c}', "\n");
    let (heading, body) = search::split_heading(&text);
    let (label, named) = label_of(&row.article);
    // Without a symbol the rows may come from several documents: their own numbers would repeat.
    let noted = note_article(&row.note).filter(|_| !row.symbol.is_empty());
    let heading = if heading.is_empty() { named } else { heading };
    let lines: Vec<&str> = body
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    Provision {
        level: if row.article.is_empty() {
            TEXT
        } else {
            ARTICLE
        },
        label: noted.unwrap_or(label),
        heading: heading.to_owned(),
        anchor: String::new(),
        external_id: row.id.clone(),
        body: lines.join("\n"),
        page: 0,
    }
}

/// `7` is `Điều 7`; `Điều 42.1.NĐ.1. Phạm vi` is its number and its heading.
fn label_of(article: &str) -> (String, &str) {
    if article.is_empty() {
        return (String::new(), "");
    }
    let Some(rest) = article.strip_prefix("Điều ") else {
        let is_number = article.starts_with(|c: char| c.is_ascii_digit()) && article.len() <= 12;
        return if is_number {
            (format!("Điều {article}"), "")
        } else {
            (article.chars().take(120).collect(), "")
        };
    };
    let number = rest.split_whitespace().next().unwrap_or_default();
    let heading = rest.get(number.len()..).unwrap_or_default().trim();
    (
        format!("Điều {}", number.trim_end_matches(['.', ':'])),
        heading,
    )
}

/// The article's own number in its document, from a note such as `(Điều 15 Luật số 29/2018/QH14, …)`.
fn note_article(note: &str) -> Option<String> {
    let rest = note.trim_start_matches('(').strip_prefix("Điều ")?;
    let number = rest.split_whitespace().next()?;
    let number = number.trim_end_matches(['.', ',']);
    number
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| format!("Điều {number}"))
}

/// What a note says of the document: kind, abstract, day, issuer, first day in force.
fn read_note(note: &str, draft: &mut Draft) {
    let note = note
        .trim()
        .trim_start_matches('(')
        .trim_end_matches([')', ' ']);
    let Some((_, rest)) = note
        .split_once(' ')
        .and_then(|(_, rest)| rest.split_once(' '))
    else {
        return;
    };
    if draft.kind.is_empty() {
        let mut kinds: Vec<Kind> = Kind::all()
            .filter(|kind| rest.starts_with(kind.name()))
            .collect();
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.name().len()));
        let code = kinds.first().map(|kind| kind.code());
        draft.kind = code
            .unwrap_or(if rest.starts_with("Bộ luật") {
                "law"
            } else {
                ""
            })
            .to_owned();
    }
    let (named, force) = rest
        .split_once(", có hiệu lực thi hành kể từ ngày ")
        .unwrap_or((rest, ""));
    let day = |text: &str| {
        let word = text.split([' ', ',', ')']).find(|word| !word.is_empty())?;
        let date = vietnamese::read_date(word).ok()?; // a note without a date is a note without a date
        date.is_complete().then(|| date.to_string())
    };
    if draft.effective_on.is_empty() {
        draft.effective_on = day(force).unwrap_or_default();
    }
    let Some((about, signed)) = named.rsplit_once(" ngày ") else {
        return;
    };
    let Some(issued) = day(signed) else { return };
    if draft.issued_on.is_empty() {
        draft.issued_on = issued;
        draft.issuer_name = signed
            .split_once(" của ")
            .map(|(_, issuer)| issuer.trim().to_owned())
            .unwrap_or_default();
        let title = about
            .split_once(" số ")
            .and_then(|(_, rest)| rest.trim_start().split_once(' '))
            .map(|(_, title)| title.trim());
        // Behind the symbol may stand the rest of it, without a blank: letters in capitals only.
        let title = title.unwrap_or_default();
        let title = title.trim_start_matches(|c: char| {
            c == '/' || c == '-' || c.is_uppercase() && !title.contains(' ')
        });
        if title.split_whitespace().count() >= 3 && !title.starts_with(['/', '-']) {
            let mut chars = title.chars();
            draft.title = chars
                .next()
                .map(|c| c.to_uppercase().chain(chars).collect())
                .unwrap_or_default();
        }
    }
}

/// `Luật` when the rows say "Luật này".
fn own_word(rows: &[Waiting]) -> Option<&'static str> {
    let words = [
        "Bộ luật",
        "Luật",
        "Pháp lệnh",
        "Nghị quyết",
        "Nghị định",
        "Thông tư liên tịch",
        "Thông tư",
        "Quyết định",
        "Quy định",
        "Hướng dẫn",
    ];
    let count = |word: &str| {
        rows.iter()
            .filter(|row| row.text.contains(&format!("{word} này")))
            .count()
    };
    let best = words
        .into_iter()
        .map(|word| (count(word), word))
        .max_by_key(|(count, _)| *count)?;
    (best.0 > 0).then_some(best.1)
}

fn kind_of_word(word: &str) -> &'static str {
    match word {
        "Bộ luật" => "law",
        "Thông tư" => "state_circular",
        other => Kind::by_name(other).map(Kind::code).unwrap_or_default(),
    }
}

fn draft_of(import: &Import<'_>, group: &Group) -> Draft {
    let mut draft = Draft {
        symbol: group.symbol.clone(),
        source: group.source.clone(),
        language: "vi".into(),
        ..Draft::default()
    };
    if let Some(parsed) = citation::parse(&group.symbol) {
        draft.symbol = parsed.canonical();
        if let [kind] = parsed.kinds().as_slice() {
            draft.kind = kind.code().to_owned();
        }
    }
    if !draft.symbol.is_empty() {
        group
            .rows
            .iter()
            .for_each(|row| read_note(&row.note, &mut draft));
    }
    let named = [
        "Bộ luật ",
        "Luật ",
        "Hiến pháp",
        "Pháp lệnh ",
        "Nghị quyết ",
        "Nghị định ",
        "Thông tư ",
    ];
    let word = match named.into_iter().find(|word| group.law.starts_with(word)) {
        Some(word) => Some(word.trim()),
        None => own_word(&group.rows),
    };
    if draft.kind.is_empty() {
        draft.kind = word.map(kind_of_word).unwrap_or_default().to_owned();
    }
    draft.topic = group.law.clone();
    if draft.title.is_empty() {
        draft.title = match (group.law.is_empty(), draft.symbol.is_empty()) {
            (false, _) => group.law.clone(),
            (true, false) => {
                // A title is kept, so it is Vietnamese whatever the report speaks.
                let texts = &import.site.edge.texts;
                let untitled = || texts.get(Lang::Vi, "documents-import-untitled");
                let kind = word.map_or_else(untitled, str::to_owned);
                let args = [
                    ("kind", Arg::Text(&kind)),
                    ("symbol", Arg::Text(&draft.symbol)),
                ];
                texts.with(Lang::Vi, "documents-import-title", &args)
            }
            (true, true) => group
                .rows
                .first()
                .map(|row| first_words(&row.text, 90))
                .unwrap_or_default(),
        };
    }
    if draft.title == draft.topic {
        draft.topic.clear();
    }
    draft
}

async fn write(import: &mut Import<'_>, groups: Vec<Group>) -> Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    let mut done: Vec<(Waiting, Note)> = Vec::new();
    let mut due = Vec::new();
    for group in groups {
        let mut draft = draft_of(import, &group);
        let known = match import.meets(&draft).await? {
            Found::Theirs => {
                for row in group.rows {
                    let note = import.theirs();
                    done.push((row, note));
                }
                continue;
            }
            Found::Known(known) => Some(*known),
            Found::New => None,
        };
        let id = known.as_ref().map(|known| known.id.to_string());
        let order = super::lock_key(known.as_ref(), &draft);
        if let Some(known) = &known {
            let (kept_title, text_hash) = (known.title.clone(), known.text_hash.clone());
            draft = super::merge(known, draft);
            draft.title = kept_title;
            draft.provisions = match text_hash.is_empty() {
                true => Vec::new(),
                false => {
                    store::list_provisions(import.site, known.id.as_str(), 0, i64::MAX).await?
                }
            };
        }
        let is_whole = known.is_none()
            && group.rows.len() == 1
            && !group.has_articles
            && !group.law.is_empty();
        let mut changed = Vec::new();
        for mut row in group.rows {
            let held = draft.provisions.iter().position(|p| {
                p.external_id == row.provision.external_id && !p.external_id.is_empty()
            });
            let own = std::mem::take(&mut row.provision);
            let is_there =
                own.external_id.is_empty() && draft.provisions.iter().any(|p| same(p, &own));
            let outcome = match held.and_then(|at| draft.provisions.get_mut(at)) {
                Some(held) if same(held, &own) => Outcome::Same,
                Some(held) => {
                    *held = own;
                    Outcome::Updated
                }
                None if is_whole => {
                    draft.external_id = own.external_id.clone();
                    draft.provisions =
                        reading::provisions(&reading::pasted(&row.text), &draft.title);
                    if let Some(first) = draft.provisions.first_mut() {
                        first.external_id = own.external_id;
                    }
                    Outcome::Added
                }
                None if is_there => Outcome::Same,
                None => {
                    draft.provisions.push(own);
                    Outcome::Added
                }
            };
            if outcome != Outcome::Same {
                changed.push(done.len());
            }
            done.push((row, Note::of(outcome, id.clone().unwrap_or_default())));
        }
        if !changed.is_empty() {
            sort_articles(&mut draft.provisions);
            draft.set_anchors();
            let cited = draft.citations();
            due.push((order, known, draft, cited, changed));
        }
    }
    if import.is_dry() {
        due.clear();
    }
    due.sort_by(|one, other| one.0.cmp(&other.0));
    for due in super::by_unit(due, |one| one.1.as_ref()) {
        let of = due.first().and_then(|one| one.1.as_ref());
        let mut act = import.begin("document.rows", of).await?;
        for (_, known, draft, cited, changed) in due {
            let written = match known {
                Some(known) => renew(import, &mut act, &known, &draft, &cited).await?,
                None => add(import, &mut act, &draft, &cited).await?,
            };
            for at in changed {
                match (&written, done.get_mut(at)) {
                    (Ok(id), Some((_, note))) => note.id.clone_from(id),
                    (Err(why), Some((_, note))) => *note = why.clone(),
                    (_, None) => {}
                }
            }
        }
        act.end().await?;
    }
    for (row, note) in done {
        import.enter(&row.source, "provision", note, Vec::new(), row.began);
    }
    Ok(())
}

/// Writes a document with its new rows; the inner error is the entry of rows that were not written.
async fn renew(
    import: &Import<'_>,
    act: &mut Act<Writing>,
    known: &Document,
    draft: &Draft,
    cited: &[Cited],
) -> Result<std::result::Result<String, Note>> {
    let id = known.id.to_string();
    if !store::stands(act, &id, known.row_version).await? {
        return Ok(Err(import.moved_on()));
    }
    let was = store::before::image(act, &id).await?;
    store::set(act, &id, draft, &draft.text_hash(), Some(cited))
        .await
        .doing("renewing a document")?;
    import.note_renewed(act, &id, &was).await?;
    Ok(Ok(id))
}

/// Adds a document of rows; the inner error as for [`renew`].
async fn add(
    import: &Import<'_>,
    act: &mut Act<Writing>,
    draft: &Draft,
    cited: &[Cited],
) -> Result<std::result::Result<String, Note>> {
    let added = store::add(act, draft, cited, &import.belongs).await;
    let Some(id) = added.doing("adding a document")? else {
        return Ok(Err(import.meanwhile()));
    };
    let (run, made) = (import.options.run.as_deref(), std::slice::from_ref(&id));
    site::import::note_made(act, run, "document", made).await?;
    Ok(Ok(id))
}

fn same(held: &Provision, own: &Provision) -> bool {
    held.label == own.label && held.heading == own.heading && held.body == own.body
}

/// Articles by their number, when every provision is one; else as they came.
fn sort_articles(provisions: &mut [Provision]) {
    if provisions
        .iter()
        .all(|p| p.level == ARTICLE && p.label.starts_with("Điều "))
    {
        provisions.sort_by_cached_key(|p| natural(&p.label));
    }
}

/// Numbers of a label for comparing: 9 before 10, 12 before 12a.
fn natural(label: &str) -> Vec<(u64, String)> {
    let number = label.trim_start_matches("Điều ");
    let piece = |part: &str| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        let rest = part.get(digits.len()..).unwrap_or_default().to_lowercase();
        (digits.parse().unwrap_or(0), rest)
    };
    number.split('.').map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_are_numbered_however_they_are_written() {
        assert_eq!(label_of("7"), ("Điều 7".into(), ""));
        assert_eq!(
            label_of("Điều 42.1.NĐ.1. Phạm vi điều chỉnh"),
            ("Điều 42.1.NĐ.1".into(), "Phạm vi điều chỉnh")
        );
        assert_eq!(label_of(""), (String::new(), ""));
        assert_eq!(
            note_article("(Điều 15 Luật số 29/2018/QH14, có hiệu lực)").as_deref(),
            Some("Điều 15")
        );
    }
    #[test]
    fn a_note_tells_of_its_document() {
        let mut draft = Draft::default();
        read_note(
            "(Điều 1 Thông tư số 08/2023/TT-BTP Quy định danh mục chuyển đổi vị trí ngày 24/08/2023 của Bộ Thử, có hiệu lực thi hành kể từ ngày 07/10/2023)",
            &mut draft,
        );
        assert_eq!(
            (
                draft.kind.as_str(),
                draft.issued_on.as_str(),
                draft.effective_on.as_str()
            ),
            ("state_circular", "2023-08-24", "2023-10-07")
        );
        assert_eq!(
            (draft.title.as_str(), draft.issuer_name.as_str()),
            ("Quy định danh mục chuyển đổi vị trí", "Bộ Thử")
        );
        let mut short = Draft::default();
        read_note(
            "(Điều 66 Luật số 85/2015/QH13, có hiệu lực thi hành kể từ ngày 01/09/2015)",
            &mut short,
        );
        assert_eq!(
            (
                short.kind.as_str(),
                short.title.as_str(),
                short.effective_on.as_str()
            ),
            ("law", "", "2015-09-01")
        );
    }
    #[test]
    fn articles_are_sorted_by_number_not_by_letters() {
        let mut all: Vec<Provision> = ["Điều 10", "Điều 9", "Điều 9a", "Điều 1.10", "Điều 1.9"]
            .iter()
            .map(|label| Provision {
                label: (*label).into(),
                level: ARTICLE,
                ..Provision::default()
            })
            .collect();
        sort_articles(&mut all);
        let labels: Vec<_> = all.iter().map(|p| p.label.as_str()).collect();
        assert_eq!(
            labels,
            ["Điều 1.9", "Điều 1.10", "Điều 9", "Điều 9a", "Điều 10"]
        );
    }
}
