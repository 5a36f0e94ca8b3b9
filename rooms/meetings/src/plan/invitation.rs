//! The invitation out of the office's own DOCX: which fields there are, what they hold, how it is filled.
//!
//! The file comes from people, so it is opened in the child process only (`fill::JOB`). Not here: the
//! invitation of our own design (`pages::print`), the agenda templates (`template`). The rule that
//! surprises: the names of fields are Vietnamese in every language of the pages, because offices write
//! them into their papers; marks, case and spaces in them do not matter.

use crate::plan;
use crate::plan::store::Item;
use crate::store::Meeting;
use fill::{Asked, Data, Kind, Limits, Record, Told};
use kernel::Day;
use kernel::error::{Doing as _, Error, Result};
use site::Site;
use std::path::Path;

/// Largest DOCX that is taken: a form with a letterhead and pictures has less than one megabyte.
pub(crate) const MOST_BYTES: usize = 4 << 20;

/// Fields of the whole paper.
const FIELDS: [&str; 10] = [
    "tên tổ chức",
    "tổ chức cấp trên",
    "tên buổi họp",
    "thứ",
    "ngày họp",
    "giờ họp",
    "nơi họp",
    "chủ trì",
    "thư ký",
    "ngày lập",
];
/// The list that repeats a row of a table, and the fields of an item.
const AGENDA: &str = "chương trình";
const OF_ITEM: [&str; 4] = ["giờ", "nội dung", "phút", "người trình bày"];

/// Every field as an office writes it.
pub(crate) fn all_fields() -> Vec<String> {
    let own = FIELDS.iter().map(|name| format!("{{{{{name}}}}}"));
    let items = OF_ITEM
        .iter()
        .map(|name| format!("{{{{{AGENDA}.{name}}}}}"));
    own.chain(items).collect()
}

fn data(values: [String; 10], items: Vec<[String; 4]>) -> Data {
    let mut data = Data::new();
    for (name, value) in FIELDS.into_iter().zip(values) {
        data = data.with(name, value);
    }
    let items = items.into_iter().map(|values| {
        let mut record = Record::new();
        for (name, value) in OF_ITEM.into_iter().zip(values) {
            record.set(name, value);
        }
        record
    });
    data.with_list(AGENDA, items.collect())
}

/// Something in each field: to see which ones a file has.
pub(crate) fn sample() -> Data {
    data(FIELDS.map(str::to_owned), vec![OF_ITEM.map(str::to_owned)])
}

/// What the fields of this meeting hold.
pub(crate) fn of(
    meeting: &Meeting,
    items: &[Item],
    weekday: String,
    hour: String,
    today: Day,
) -> Data {
    let times = plan::clock_times(meeting.starts(), items.iter().map(|i| i.minutes_planned));
    let items = items.iter().zip(times).map(|(item, at)| {
        [
            at,
            item.title.clone(),
            item.minutes_planned.to_string(),
            item.presenter.clone(),
        ]
    });
    data(
        [
            meeting.unit_name.clone(),
            meeting.parent_name.clone(),
            meeting.title.clone(),
            weekday,
            meeting.starts().day().vn(),
            hour,
            meeting.place.clone(),
            meeting.chair_name.clone(),
            meeting.clerk_name.clone(),
            today.vn(),
        ],
        items.collect(),
    )
}

/// Why there is no filled file.
pub(crate) enum Stop {
    /// The file is not taken: the key of the sentence.
    Refused(&'static str),
    /// Something of ours failed.
    Fault(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Fault(error)
    }
}

/// Fills the file at that path; answers what was done and the filled file.
pub(crate) async fn fill(
    site: &Site,
    from: &Path,
    data: Data,
) -> std::result::Result<(Told, Vec<u8>), Stop> {
    let asked = Asked {
        data,
        limits: Limits {
            packed_bytes: MOST_BYTES as u64,
            total_bytes: 64 << 20,
            ..Limits::default()
        },
        ..Asked::default()
    };
    let asked = serde_json::to_value(asked).map_err(Error::fault)?;
    let folder = tempfile::tempdir().map_err(Error::from)?;
    let answer = site
        .worker
        .run(fill::JOB, from, folder.path(), asked)
        .await
        .map_err(told)?;
    let told: Told = serde_json::from_value(answer).map_err(Error::fault)?;
    if told.kind != Kind::Document {
        return Err(Stop::Refused("meetings-invitation-kind"));
    }
    let bytes: Result<Vec<u8>> = tokio::fs::read(folder.path().join(fill::FILLED))
        .await
        .doing("reading a filled file");
    Ok((told, bytes?))
}

fn told(refusal: files::WorkerRefusal) -> Stop {
    let key = match refusal.key() {
        "files.refused.unavailable" | "files.refused.unknown_job" | "fill.refused.request" => {
            return Stop::Fault(Error::fault(refusal.detail()));
        }
        "fill.refused.macros" => "meetings-invitation-macros",
        "fill.refused.external_link" => "meetings-invitation-links",
        "fill.refused.old_or_locked" | "fill.refused.kind" => "meetings-invitation-kind",
        "fill.refused.too_big"
        | "fill.refused.bomb"
        | "files.refused.too_big"
        | "files.refused.too_slow" => "meetings-invitation-too-big",
        "fill.refused.two_lists" | "fill.refused.nested_rows" | "fill.refused.tangled" => {
            "meetings-invitation-rows"
        }
        _ => "meetings-invitation-broken",
    };
    tracing::info!(detail = refusal.detail(), "an invitation file was refused");
    Stop::Refused(key)
}
