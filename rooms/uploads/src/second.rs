//! A list that waits for a second person before it is written (R8), or taken back, when its importer says so.
//!
//! The sender presses "write"; what the preview shows is kept with a fingerprint; whoever agrees starts the
//! run, which goes by the sender's rights. What two people wrote is not taken back by one of them. Not here:
//! the pages of an upload (`pages`), the run (`run`).
//! The rule that surprises: before anybody's yes is kept, and before the first row is written, the list is looked at
//! once more; when it would do something else by now, nothing is agreed to or written and the sender sees the preview
//! anew.

use crate::access;
use crate::store;
use crate::upload::{Doing, Stands, Upload, UploadId};
use kernel::error::{Error, Refusal, Result};
use kernel::{Cap, MemberId, UnitRef};
use serde::{Deserialize, Serialize};
use site::four_eyes::{self, Approved, Change, Seconds};
use site::import::{Decisions, Entry, Outcome};
use site::room::{ApprovalKind, FieldChange, Importer};
use site::{Act, May as _, Proof, Site};
use std::time::Duration;
use web::Frame;

/// The words of the approvals.
const KIND: &str = "import.apply";
const BACK_KIND: &str = "import.undo";
/// Rows shown to whoever decides; the rest is counted.
const SHOWN: i64 = 40;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Payload {
    upload: UploadId,
    /// What the rows come to, as a fingerprint.
    plan: String,
}

impl Payload {
    fn read(json: &serde_json::Value) -> Result<Payload> {
        serde_json::from_value(json.clone()).map_err(Error::fault)
    }
}

/// Who has to agree before this list is written; nobody: it is written at once.
pub(crate) async fn waits_for(
    site: &Site,
    importer: &Importer,
    unit: Option<&UnitRef>,
    by: &MemberId,
) -> Result<Seconds> {
    match (importer.decides, unit) {
        (Some(cap), Some(unit)) => people::post::seconds(site, cap, &unit.path, by, &[]).await,
        _ => Ok(Seconds::default()),
    }
}

/// Names of whom one is enough; who is no second person is not named.
pub(crate) fn either(frame: &Frame, seconds: &Seconds) -> String {
    match seconds.names.as_slice() {
        [] if seconds.is_empty() => String::new(),
        [] => frame.t("uploads-second-nobody"),
        [one] => one.clone(),
        [some @ .., last] => frame.t2(
            "uploads-second-either",
            "some",
            &some.join(", "),
            "last",
            last,
        ),
    }
}

/// Whether the upload waits for somebody.
pub(crate) async fn is_waiting(site: &Site, id: &UploadId) -> Result<bool> {
    for kind in [KIND, BACK_KIND] {
        let all = approvals::list_waiting(&site.db, kind, site.clock.now()).await?;
        if all.iter().any(|one| one.object_id == id.as_str()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes back what waits of an upload that is given up: before the upload's own row is taken.
pub(crate) async fn give_up<P: Proof>(act: &mut Act<P>, id: &UploadId) -> Result<()> {
    let (db, now) = (act.site().db.clone(), act.now());
    for kind in [KIND, BACK_KIND] {
        for waiting in approvals::list_waiting(&db, kind, now).await? {
            if waiting.object_id == id.as_str() {
                four_eyes::give_up(act, &waiting).await?;
            }
        }
    }
    Ok(())
}

/// A row as it goes into the fingerprint: where it stands, what it changes.
fn line(source: &str, changes: &str) -> String {
    let row = source.rsplit(['/', ':']).next();
    format!("{} {changes}\n", row.unwrap_or(source))
}

fn fingerprint(mut lines: Vec<String>, decided: &Decisions) -> String {
    lines.extend((decided.iter()).map(|(source, decision)| line(source, &format!("{decision:?}"))));
    lines.sort();
    approvals::hash_of(&lines.concat(), "")
}

/// What the preview comes to.
async fn shown(site: &Site, id: &UploadId) -> Result<String> {
    let rows = store::list_planned(&site.db, id).await?;
    let lines = rows.iter().map(|(source, changes)| line(source, changes));
    let decided = store::list_decisions(&site.db, id).await?;
    Ok(fingerprint(lines.collect(), &decided))
}

/// What a dry run comes to. Rows that a person decided are told by the decision, which knows what was seen.
pub(crate) fn planned(entries: &[Entry], decided: &Decisions) -> Result<String> {
    let mut lines = Vec::new();
    for entry in entries {
        let writes = matches!(entry.outcome, Outcome::Added | Outcome::Updated);
        if writes && !decided.contains_key(&entry.source) {
            lines.push(line(&entry.source, &store::changes_json(&entry.changes)?));
        }
    }
    Ok(fingerprint(lines, decided))
}

/// Whether somebody has to agree and nobody did: the run asks once more what the button asked, since others came
/// into office meanwhile or the word ran out.
pub(crate) async fn is_missing(
    site: &Site,
    importer: &Importer,
    upload: &Upload,
    doing: Doing,
) -> Result<bool> {
    let kind = match doing {
        Doing::Check => return Ok(false),
        Doing::Apply => KIND,
        Doing::Undo => BACK_KIND,
    };
    let owner: MemberId = upload.owner_id.parse().map_err(Error::fault)?;
    let now = site.clock.now();
    let agreed = approvals::find_agreed(&site.db, kind, upload.id.as_str(), &owner, now).await?;
    if agreed.is_some() {
        return Ok(false);
    }
    let unit = access::place_of(site, upload).await?.unit;
    let others = waits_for(site, importer, unit.as_ref(), &owner).await?;
    Ok(!others.is_empty())
}

/// What was agreed to for this upload; `None` when nobody was asked.
pub(crate) async fn agreed(
    site: &Site,
    upload: &Upload,
    owner: &MemberId,
) -> Result<Option<String>> {
    let (id, now) = (upload.id.as_str(), site.clock.now());
    match approvals::find_agreed(&site.db, KIND, id, owner, now).await? {
        Some(found) => Ok(Some(Payload::read(&found.payload()?)?.plan)),
        None => Ok(None),
    }
}

/// Keeps for the second person what is to be done with the list, within the sender's act.
///
/// # Errors
/// Refused when it waits already.
pub(crate) async fn prepare(
    act: &mut Act<access::Sender>,
    unit: &UnitRef,
    title: String,
    doing: Doing,
) -> Result<()> {
    let (site, id) = (act.site().clone(), act.upload.id.clone());
    let payload = Payload {
        plan: shown(&site, &id).await?,
        upload: id.clone(),
    };
    let change = Change {
        kind: if doing == Doing::Undo {
            BACK_KIND
        } else {
            KIND
        },
        object_id: id.to_string(),
        title,
        versions: vec![version(act.on(), &id).await?],
        payload: serde_json::to_value(&payload).map_err(Error::fault)?,
        sides: vec![approvals::Side {
            name: "one",
            unit: Some(unit.id.clone()),
        }],
    };
    four_eyes::prepare(act, change).await.map(|_| ())
}

async fn version(on: &mut db::Connection, id: &UploadId) -> Result<(String, i64)> {
    Ok((format!("upload {id}"), store::version(on, id).await?))
}

/// The list that a second person decides.
pub(crate) const LISTS: ApprovalKind = ApprovalKind {
    is_later: true,
    kind: KIND,
    text: "uploads-second",
    decides: Cap::MemberApprove,
    show: |site, frame, payload| Box::pin(show(site, frame, payload, Doing::Apply)),
    versions: |act, payload| {
        Box::pin(async move {
            let id = Payload::read(payload)?.upload;
            Ok(vec![version(act.on(), &id).await?])
        })
    },
    still: Some(|site, payload| Box::pin(still(site, payload))),
    apply: |act, payload| Box::pin(apply(act, payload, Doing::Apply)),
    again: |payload| {
        let upload = payload.get("upload").and_then(serde_json::Value::as_str);
        format!("/uploads/{}", upload.unwrap_or_default())
    },
    about: |_| Vec::new(),
};

/// Taking a list back, which a second person decides like writing it.
pub(crate) const TAKING_BACK: ApprovalKind = ApprovalKind {
    kind: BACK_KIND,
    text: "uploads-second-back",
    show: |site, frame, payload| Box::pin(show(site, frame, payload, Doing::Undo)),
    still: None,
    apply: |act, payload| Box::pin(apply(act, payload, Doing::Undo)),
    ..LISTS
};

/// How long whoever agrees waits for the list to be looked at once more. A list that takes longer is looked at by
/// the run alone, as every list is.
const LOOK: Duration = Duration::from_secs(8);

/// Whether the list would still do what was prepared. One that would not is looked at anew, so that its sender
/// finds the preview of now.
async fn still(site: Site, payload: serde_json::Value) -> Result<bool> {
    let Payload { upload, plan } = Payload::read(&payload)?;
    let Some(upload) = store::find(&site.db, &upload).await? else {
        return Ok(true); // what is gone is refused by the act itself
    };
    if upload.state != Stands::Ready
        || !access::has_files(&site, &upload).await?
        || access::still_may(&site, &upload).await.is_err()
    {
        return Ok(true); // so is this, with its own words
    }
    let looks = {
        let (site, upload) = (site.clone(), upload.clone());
        tokio::spawn(async move { crate::run::is_other(&site, &upload, &plan).await })
    };
    let Ok(is_other) = tokio::time::timeout(LOOK, looks).await else {
        return Ok(true);
    };
    if !is_other.map_err(Error::fault)?? {
        return Ok(true);
    }
    let mut act = access::Runs::job(Doing::Check.kind())
        .begin_unlogged(&site, KIND, Doing::Check.kind())
        .await?;
    let job = store::queue(&mut act, &upload.id, Doing::Check).await?;
    let (from, to) = ([Stands::Ready], Stands::Checking);
    let (doing, why) = (Some(Doing::Check), crate::upload::CHANGED);
    store::go(&mut act, &upload.id, &from, to, doing, job.as_str(), why).await?;
    act.end().await?;
    site.wake.now();
    Ok(false)
}

async fn show(
    site: Site,
    frame: Frame,
    payload: serde_json::Value,
    doing: Doing,
) -> Result<Vec<FieldChange>> {
    let id = Payload::read(&payload)?.upload;
    let field = |label: String, new: String| FieldChange {
        label,
        old: String::new(),
        new,
    };
    let Some(upload) = store::find(&site.db, &id).await? else {
        return Ok(Vec::new()); // forgotten; what became of it is told by the state
    };
    let counts = upload.counts();
    let mut fields = vec![
        field(frame.t("uploads-file"), upload.title()),
        field(frame.t("uploads-second-place"), upload.place_name.clone()),
    ];
    if doing == Doing::Undo {
        fields = vec![
            field(frame.t("uploads-second-back-file"), upload.title()),
            field(
                frame.t("uploads-second-back-place"),
                upload.place_name.clone(),
            ),
        ];
    }
    for pile in ["added", "updated", crate::upload::DOUBTFUL] {
        let count = counts.of(pile);
        if count > 0 {
            let label = match doing {
                Doing::Undo => format!("uploads-second-back-{pile}"),
                _ => format!("uploads-pile-{pile}"),
            };
            fields.push(field(frame.t(&label), frame.number(&count)));
        }
        if doing == Doing::Undo && pile == "added" {
            let names = going(&site, &id, SHOWN).await?;
            let told = i64::try_from(names.len()).unwrap_or(SHOWN);
            fields.push(field(
                frame.t("uploads-second-back-names"),
                names.join(", "),
            ));
            if count > told {
                fields.push(field(
                    String::new(),
                    frame.t1("uploads-second-more", "count", count - told),
                ));
            }
            continue;
        }
        for row in store::list_entries(&site.db, &id, pile, SHOWN, 0).await? {
            let changes = store::read_changes(&row.changes_json)?;
            let words: Vec<String> = (changes.iter())
                .map(|change| in_words(change, doing))
                .collect();
            let line = row.source.rsplit(['/', ':']).next().unwrap_or_default();
            fields.push(field(
                frame.t1("uploads-line", "line", line),
                words.join("; "),
            ));
        }
        if count > SHOWN {
            fields.push(field(
                String::new(),
                frame.t1("uploads-second-more", "count", count - SHOWN),
            ));
        }
    }
    Ok(fields)
}

/// Names of what would go, at most so many: whoever agrees sees whom.
pub(crate) async fn going(site: &Site, id: &UploadId, most: i64) -> Result<Vec<String>> {
    let most = usize::try_from(most).unwrap_or(0);
    let mut names = Vec::new();
    for made in store::list_made(&site.db, id).await? {
        if names.len() >= most {
            break;
        }
        if made.was.is_some() {
            continue; // it was there before
        }
        let name = match made.kind.as_str() {
            "member" => people::member::name(site, &made.id.parse().map_err(Error::fault)?).await,
            "unit" => people::unit::get(site, &made.id.parse().map_err(Error::fault)?)
                .await
                .map(|unit| unit.name),
            _ => continue,
        };
        match name {
            Ok(name) => names.push(name),
            Err(Error::NotFound) => {} // gone already
            Err(error) => return Err(error),
        }
    }
    names.sort();
    Ok(names)
}

/// A difference in one line; taken back, what was new goes and what was changed becomes the old.
fn in_words(change: &FieldChange, doing: Doing) -> String {
    let (old, new) = match doing {
        Doing::Undo if !change.old.is_empty() => (&change.new, &change.old),
        _ => (&change.old, &change.new),
    };
    match old.is_empty() {
        true => format!("{}: {new}", change.label),
        false => format!("{}: {old} → {new}", change.label),
    }
}

async fn apply(act: &mut Act<Approved>, payload: &serde_json::Value, doing: Doing) -> Result<()> {
    let id = Payload::read(payload)?.upload;
    let site = act.site().clone();
    let upload = store::find(&site.db, &id).await?.ok_or(Error::NotFound)?;
    // What cannot be done any more is not told as in effect.
    let refused = match access::still_may(&site, &upload).await {
        Ok(()) if doing == Doing::Undo || access::has_files(&site, &upload).await? => None,
        Ok(()) => Some("uploads-refused-second-lost"),
        Err(Error::NotFound | Error::Refused(_)) => Some("uploads-refused-second-sender"),
        Err(error) => return Err(error),
    };
    if let Some(key) = refused {
        return Err(Refusal::new(key)
            .way_out("/approvals", "approvals-see-all")
            .into());
    }
    let job = store::queue(act, &id, doing).await?;
    let from = doing.begins_at();
    if !store::go(
        act,
        &id,
        from,
        doing.during(),
        Some(doing),
        job.as_str(),
        "",
    )
    .await?
    {
        return Err(Refusal::new("uploads-refused-second-moved")
            .way_out("/approvals", "approvals-see-all")
            .into());
    }
    let action = if doing == Doing::Undo {
        "upload.undo"
    } else {
        "upload.apply"
    };
    act.log(action).object("upload", &id);
    act.site().wake.now();
    Ok(())
}
