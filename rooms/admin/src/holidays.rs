//! The table of holidays as an office types it: a day a row, in CSV, XLSX or ODS.
//!
//! Answers the same set as a file of rules, so that loading, confirming and history are the same. Not here:
//! loading (`import`), reckoning with the days (`rules::Calendar`).
//! The rule that surprises: a row without a kind is a holiday; a span ("từ … đến …") is each of its days.

use files::WorkerRefusal;
use intake::columns::{self, Field, Layout, Mapping};
use intake::{Cell, JobArgs, Sheet, TABLE_JOB};
use kernel::Day;
use kernel::error::{Error, Result};
use rules::seed::Set;
use rules::{Holiday, HolidayKind};
use site::Site;
use std::path::Path;

pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "on",
        words: &[
            "ngày",
            "ngày nghỉ",
            "từ ngày",
            "ngày tháng",
            "ngày lễ",
            "day",
        ],
        is_required: true,
    },
    Field {
        name: "to",
        words: &["đến ngày", "đến hết ngày", "đến", "to"],
        is_required: false,
    },
    Field {
        name: "kind",
        words: &["loại", "hình thức", "nghỉ hay làm", "loại ngày", "kind"],
        is_required: false,
    },
    Field {
        name: "name",
        words: &["tên", "dịp", "tên ngày lễ", "lý do", "nội dung", "name"],
        is_required: false,
    },
    Field {
        name: "document",
        words: &["văn bản", "căn cứ", "thông báo", "số văn bản", "document"],
        is_required: false,
    },
];

/// Longest span of one row: a longer one is a slip of the pen.
const LONGEST: usize = 31;

/// What a table says.
pub(crate) struct Table {
    /// The days that were understood.
    pub set: Set,
    /// Rows that were not: their number in the file, key of the sentence, what stands there.
    pub refused: Vec<(usize, &'static str, String)>,
}

/// Reads a table; the key of a sentence when it is none.
///
/// # Errors
/// When the child process cannot be started.
pub(crate) async fn read(
    site: &Site,
    path: &Path,
) -> Result<std::result::Result<Table, &'static str>> {
    let folder = tempfile::tempdir()?;
    let args = serde_json::to_value(JobArgs::default()).map_err(Error::fault)?;
    let answer = site.worker.run(TABLE_JOB, path, folder.path(), args).await;
    let sheets: Vec<Sheet> = match answer {
        Ok(answer) => serde_json::from_value(answer).map_err(Error::fault)?,
        Err(WorkerRefusal::Unavailable { detail }) => return Err(Error::fault(detail)),
        Err(_) => return Ok(Err("admin-rules-unread")),
    };
    let found = match columns::find(&sheets, FIELDS, &Mapping::default()) {
        Ok(found) if found.layout.missing.is_empty() => found,
        Ok(_) | Err(_) => return Ok(Err("admin-holidays-columns")),
    };
    let Some(sheet) = sheets.get(found.sheet) else {
        return Ok(Err("admin-holidays-columns"));
    };
    let origin = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut table = Table {
        set: Set {
            name: origin,
            rules: Vec::new(),
            holidays: Vec::new(),
        },
        refused: Vec::new(),
    };
    for (at, row) in found.layout.rows(sheet) {
        let cell = |field: &str| found.layout.text(row, field).into_owned();
        if site::import::is_sample(crate::sample::HOLIDAYS, cell) {
            let refused = (at + 1, "admin-holidays-sample", String::new());
            table.refused.push(refused);
            continue;
        }
        match days(&found.layout, row, &table.set.name) {
            Ok(days) => table.set.holidays.extend(days),
            Err((key, text)) => table.refused.push((at + 1, key, text)),
        }
    }
    Ok(Ok(table))
}

/// The days of one row, or what is wrong with it.
fn days(
    layout: &Layout,
    row: &[Cell],
    origin: &str,
) -> std::result::Result<Vec<Holiday>, (&'static str, String)> {
    let text = |field: &str| layout.text(row, field).trim().to_owned();
    let day = |field: &str| {
        let written = text(field);
        let cell = layout
            .cell(row, field)
            .and_then(|cell| cell.date.as_deref());
        let iso = match cell.and_then(|date| date.get(..10)) {
            Some(iso) => iso.to_owned(),
            None => vietnamese::read_date(&written)
                .ok()
                .filter(|date| date.is_complete())
                .map(|date| date.to_string())
                .ok_or_else(|| ("admin-holidays-day", written.clone()))?,
        };
        iso.parse::<Day>()
            .map_err(|_| ("admin-holidays-day", written))
    };
    let first = day("on")?;
    let last = if text("to").is_empty() {
        first
    } else {
        day("to")?
    };
    let kind = kind_of(&text("kind")).ok_or_else(|| ("admin-holidays-kind", text("kind")))?;
    let span: Vec<Day> = std::iter::successors(Some(first), |day| Some(day.plus_days(1)))
        .take_while(|day| *day <= last)
        .take(LONGEST + 1)
        .collect();
    if span.is_empty() || span.len() > LONGEST {
        return Err(("admin-holidays-span", text("to")));
    }
    let holiday = |on: Day| Holiday {
        on,
        kind,
        name: text("name"),
        document: text("document"),
        origin: origin.to_owned(),
    };
    Ok(span.into_iter().map(holiday).collect())
}

/// What the words of a kind mean; nothing written is a holiday.
fn kind_of(text: &str) -> Option<HolidayKind> {
    match vietnamese::fold(text).as_str() {
        "" | "nghi" | "nghi le" | "nghi le tet" | "le" | "tet" | "ngay le" | "holiday" => {
            Some(HolidayKind::Holiday)
        }
        "nghi bu" | "hoan doi" | "nghi hoan doi" | "nghi ngay hoan doi" | "swapped_off" => {
            Some(HolidayKind::SwappedOff)
        }
        "lam bu" | "di lam" | "di lam bu" | "lam viec" | "swapped_work" => {
            Some(HolidayKind::SwappedWork)
        }
        _ => None,
    }
}
