//! Registers: a document a row, its columns known by their header words.
//!
//! The text is not there, only what a list says: symbol, day, abstract, address, state. A file that
//! comes later fills the document. Not here: finding columns (`intake::columns`).
//! The rule that surprises: a register never overwrites a title or a text; it fills what is missing.

use super::{Found, Import, Note, refusal_key, warning_key};
use crate::access::Writing;
use crate::document::{Draft, full_title};
use crate::store::{self, Document};
use citation::Kind;
use files::WorkerRefusal;
use intake::columns::{self, Field, Layout, Mapping};
use intake::{Cell, JobArgs, Sheet, TABLE_JOB};
use kernel::error::{Doing as _, Error, Result};
use site::Act;
use site::import::Outcome;
use site::room::FieldChange;
use std::path::Path;
use std::time::Instant;
use web::text::Arg;

pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "symbol",
        words: &[
            "số ký hiệu",
            "số, ký hiệu",
            "ký hiệu",
            "số hiệu",
            "số văn bản",
            "số ký hiệu văn bản",
        ],
        is_required: false,
    },
    Field {
        name: "issued_on",
        words: &[
            "ngày ban hành",
            "ngày, tháng ban hành",
            "ngày văn bản",
            "ngày ký",
            "ngày tháng",
        ],
        is_required: false,
    },
    Field {
        name: "title",
        words: &[
            "trích yếu",
            "trích yếu nội dung",
            "tên văn bản",
            "tên loại và trích yếu",
            "nội dung",
            "về việc",
        ],
        is_required: true,
    },
    Field {
        name: "kind",
        words: &["loại văn bản", "loại", "tên loại", "thể loại"],
        is_required: false,
    },
    Field {
        name: "issuer",
        words: &[
            "cơ quan ban hành",
            "nơi ban hành",
            "đơn vị ban hành",
            "cơ quan, tổ chức ban hành",
            "tác giả",
        ],
        is_required: false,
    },
    Field {
        name: "effective_on",
        words: &["ngày có hiệu lực", "ngày hiệu lực", "hiệu lực từ"],
        is_required: false,
    },
    Field {
        name: "status",
        words: &[
            "hiệu lực",
            "tình trạng",
            "tình trạng hiệu lực",
            "trạng thái",
        ],
        is_required: false,
    },
    Field {
        name: "url",
        words: &[
            "pdf",
            "url",
            "link",
            "liên kết",
            "đường dẫn",
            "tệp",
            "file",
            "địa chỉ",
        ],
        is_required: false,
    },
    Field {
        name: "id",
        words: &["id", "mã", "mã văn bản"],
        is_required: false,
    },
];

/// Rows written at once.
const BATCH: usize = 200;

/// What is to be done with a row.
struct Due {
    /// Where it stands in the list.
    at: usize,
    source: String,
    draft: Draft,
    known: Option<Document>,
    warnings: Vec<String>,
    began: Instant,
}

pub(super) async fn read(import: &mut Import<'_>, path: &Path, name: &str) -> Result<()> {
    let began = Instant::now();
    let refuse = |import: &mut Import<'_>, message: String| {
        import.enter(
            name,
            "register",
            Note::of(Outcome::Refused, "").saying(message),
            Vec::new(),
            began,
        );
    };
    let out = import.folder.path().join("out");
    std::fs::create_dir_all(&out)?;
    let args = serde_json::to_value(JobArgs {
        name: name.to_owned(),
        ..JobArgs::default()
    })
    .map_err(Error::fault)?;
    let sheets: Vec<Sheet> = match import.session.run(TABLE_JOB, path, &out, args).await {
        Ok(answer) => serde_json::from_value(answer).map_err(Error::fault)?,
        Err(WorkerRefusal::Unavailable { detail }) => return Err(Error::fault(detail)),
        Err(refusal) => {
            let message = import.say(refusal_key(refusal.key()));
            refuse(import, message);
            return Ok(());
        }
    };
    let mapping = match &import.options.common.mapping {
        None => Mapping::default(),
        Some(file) => match Mapping::read(&std::fs::read_to_string(file)?, FIELDS) {
            Ok(mapping) => mapping,
            Err(trouble) => return Err(Error::fault(trouble)),
        },
    };
    let found = match columns::find(&sheets, FIELDS, &mapping) {
        Ok(found) if found.layout.missing.is_empty() => found,
        Ok(_) | Err(_) => {
            let message = import.say("documents-refused-no-header");
            refuse(import, message);
            return Ok(());
        }
    };
    let Some(sheet) = sheets.get(found.sheet) else {
        return Ok(());
    };
    let mut first_warnings: Vec<String> = sheet
        .warnings
        .iter()
        .map(|warning| import.say1(warning_key(&warning.key), "detail", &warning.detail))
        .collect();
    for other in found.others.iter().filter(|other| other.is_alike) {
        first_warnings.push(import.say1("documents-warning-other-sheet", "name", &other.name));
    }
    let rows: Vec<(usize, &[Cell])> = found.layout.rows(sheet).collect();
    import.more(rows.len().saturating_sub(1));
    let mut due: Vec<Due> = Vec::new();
    for (at, row) in rows {
        if due.len() >= BATCH {
            write(import, std::mem::take(&mut due)).await?;
            if import.is_stopped() {
                return Ok(());
            }
        }
        let began = Instant::now();
        let source = format!("{name}:{}", at + 1);
        let mut warnings = std::mem::take(&mut first_warnings);
        let cell = |field: &str| found.layout.text(row, field).into_owned();
        if site::import::is_sample(super::sample::REGISTER, cell) {
            let note = import.refused("documents-refused-sample");
            import.enter(&source, "register", note, warnings, began);
            continue;
        }
        let draft = draft(import, &found.layout, row, name, &mut warnings);
        if draft.title.is_empty() && draft.symbol.is_empty() {
            let note = import.refused("documents-refused-row");
            import.enter(&source, "register", note, warnings, began);
            continue;
        }
        let bare = import.bare(&draft);
        let known = match import.meets(&draft).await? {
            Found::Theirs => {
                let note = import.theirs();
                import.enter(&source, "register", note, warnings, began);
                continue;
            }
            Found::Known(known) => Some(*known),
            Found::New => None,
        };
        let key = known
            .as_ref()
            .map_or_else(|| draft.identity_key(), |known| known.id.to_string());
        if let Some(first) = import.seen_documents.get(&key) {
            let note = Note::of(
                Outcome::Duplicate,
                known.map(|known| known.id.to_string()).unwrap_or_default(),
            );
            let note = note.saying(import.say1("documents-import-same-document", "first", first));
            import.enter(&source, "register", note, warnings, began);
            continue;
        }
        import.seen_documents.insert(key, source.clone());
        warnings.extend(bare.filter(|_| known.is_none()));
        due.push(Due {
            at,
            source,
            draft,
            known,
            warnings,
            began,
        });
    }
    write(import, due).await
}

fn draft(
    import: &Import<'_>,
    layout: &Layout,
    row: &[Cell],
    name: &str,
    warnings: &mut Vec<String>,
) -> Draft {
    let text = |field: &str| layout.text(row, field).trim().to_owned();
    let mut day = |field: &str| {
        let written = text(field);
        let cell = layout.cell(row, field).and_then(|cell| cell.date.clone());
        let date = cell
            .as_deref()
            .and_then(|date| date.get(..10))
            .map(str::to_owned)
            .or_else(|| {
                let read = vietnamese::read_date(&written).ok()?; // told below
                read.is_complete().then(|| read.to_string())
            });
        if date.is_none() && !written.is_empty() {
            warnings.push(import.say1("documents-warning-day", "text", &written));
        }
        date.unwrap_or_default()
    };
    let (issued_on, effective_on) = (day("issued_on"), day("effective_on"));
    let written = text("symbol");
    let parsed = citation::parse(&written);
    let named = Kind::by_name(&text("kind"));
    let certain = parsed
        .as_ref()
        .and_then(|symbol| match symbol.kinds().as_slice() {
            [kind] => Some(*kind),
            _ => None,
        });
    let kind = named.or(certain).map(Kind::code).unwrap_or_default();
    let url = text("url");
    Draft {
        external_id: text("id"),
        symbol: parsed.map_or(written, |symbol| symbol.canonical()),
        title: full_title(kind, &text("title"))
            .chars()
            .take(1000)
            .collect(),
        kind: kind.to_owned(),
        issuer_name: text("issuer"),
        issued_on,
        effective_on,
        source: name.to_owned(),
        source_url: if url.starts_with("https://") || url.starts_with("http://") {
            url
        } else {
            String::new()
        },
        status_note: text("status"),
        language: "vi".into(),
        ..Draft::default()
    }
}

/// What the register adds to a document that is there; `None` when it says nothing new.
fn filled(known: &Document, row: &Draft) -> Option<Draft> {
    let mut draft = super::merge(known, Draft::default());
    let before = draft.clone();
    let fill = |held: &mut String, told: &str| {
        if held.is_empty() {
            held.push_str(told);
        }
    };
    fill(&mut draft.kind, &row.kind);
    fill(&mut draft.issuer_name, &row.issuer_name);
    fill(&mut draft.issued_on, &row.issued_on);
    fill(&mut draft.effective_on, &row.effective_on);
    fill(&mut draft.source_url, &row.source_url);
    if !row.status_note.is_empty() {
        draft.status_note.clone_from(&row.status_note);
    }
    (draft != before).then_some(draft)
}

async fn write(import: &mut Import<'_>, due: Vec<Due>) -> Result<()> {
    if due.is_empty() {
        return Ok(());
    }
    let mut due = due;
    due.sort_by_cached_key(|one| super::lock_key(one.known.as_ref(), &one.draft));
    for one in &mut due {
        let differs = one
            .known
            .as_ref()
            .map(|known| kept(import, known, &one.draft));
        one.warnings.extend(differs.into_iter().flatten());
    }
    let mut told: Vec<(Due, Note)> = Vec::with_capacity(due.len());
    for due in super::by_unit(due, |one| one.known.as_ref()) {
        let of = due.first().and_then(|one| one.known.as_ref());
        let mut act = match import.is_dry() {
            true => None,
            false => Some(import.begin("document.rows", of).await?),
        };
        for one in due {
            let note = row(import, act.as_mut(), &one).await?;
            told.push((one, note));
        }
        if let Some(act) = act {
            act.end().await?;
        }
    }
    // The report tells rows as they stand in the list.
    told.sort_by_key(|(one, _)| one.at);
    for (one, note) in told {
        import.enter(&one.source, "register", note, one.warnings, one.began);
    }
    Ok(())
}

/// Writes one row; without an act it is only said what would be.
async fn row(import: &Import<'_>, act: Option<&mut Act<Writing>>, one: &Due) -> Result<Note> {
    let Some(known) = &one.known else {
        let shown = import.shown(&one.draft, None);
        let Some(act) = act else {
            return Ok(Note::of(Outcome::Added, "").showing(shown));
        };
        let mut draft = one.draft.clone();
        if draft.title.is_empty() {
            draft.title.clone_from(&draft.symbol);
        }
        let added = store::add(act, &draft, &[], &import.belongs).await;
        let Some(id) = added.doing("adding a row of a register")? else {
            return Ok(import.meanwhile());
        };
        let (run, made) = (import.options.run.as_deref(), std::slice::from_ref(&id));
        site::import::note_made(act, run, "document", made).await?;
        return Ok(Note::of(Outcome::Added, id).showing(shown));
    };
    let id = known.id.as_str();
    let Some(draft) = filled(known, &one.draft) else {
        // Known by its name; what the list writes otherwise makes it no identical row.
        let outcome = match kept(import, known, &one.draft).is_empty() {
            true => Outcome::Same,
            false => Outcome::Duplicate,
        };
        let name = FieldChange {
            label: import.say("documents-import-abstract"),
            old: String::new(),
            new: named(&known.symbol, &known.title),
        };
        return Ok(Note::of(outcome, id).showing(vec![name]));
    };
    let mut shown = import.shown(&draft, Some(known));
    if shown.is_empty() {
        shown.push(FieldChange {
            label: import.say("documents-import-abstract"),
            old: String::new(),
            new: named(&known.symbol, &known.title),
        });
    }
    if let Some(act) = act {
        if !store::stands(act, id, known.row_version).await? {
            return Ok(import.moved_on());
        }
        let was = store::before::image(act, id).await?;
        store::set(act, id, &draft, &known.text_hash, None).await?;
        import.note_renewed(act, id, &was).await?;
    }
    Ok(Note::of(Outcome::Updated, id).showing(shown))
}

fn named(symbol: &str, title: &str) -> String {
    match symbol.is_empty() {
        true => title.to_owned(),
        false => format!("{symbol}, {title}"),
    }
}

/// Where the list writes something else than stands here, which is kept: one sentence for each field.
fn kept(import: &Import<'_>, known: &Document, row: &Draft) -> Vec<String> {
    let exact =
        |text: &str| vietnamese::nfc(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut of_row = super::merge(known, Draft::default());
    for (held, told) in [
        (&mut of_row.title, &row.title),
        (&mut of_row.kind, &row.kind),
        (&mut of_row.issuer_name, &row.issuer_name),
        (&mut of_row.issued_on, &row.issued_on),
        (&mut of_row.effective_on, &row.effective_on),
    ] {
        // What stood empty is filled, and a symbol is written as it is read.
        if !held.is_empty() && !told.is_empty() && exact(held) != exact(told) {
            held.clone_from(told);
        }
    }
    let differs = import.shown(&of_row, Some(known)).into_iter();
    let said = differs.map(|change| {
        let args = [
            ("field", Arg::Text(&change.label)),
            ("old", Arg::Text(&change.old)),
            ("new", Arg::Text(&change.new)),
        ];
        import.words().with("documents-import-differs", &args)
    });
    said.collect()
}
