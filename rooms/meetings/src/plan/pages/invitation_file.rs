//! The office's own DOCX for invitations of a unit: sent here, looked through, taken away again.
//!
//! For whoever leads the unit's meetings. Not here: filling it for a meeting (`invitation_docx`). The
//! form is multipart, so its token is the first part and is checked before a byte of the file is read.
//! The rule that surprises: a field that the handbook does not know is no trouble; it is named here and
//! stays in the paper as it stands.

use crate::access::{self, CanSetInvitation};
use crate::plan::invitation::{self, MOST_BYTES, Stop};
use crate::plan::store;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use files::inbox::name_of;
use fill::Told;
use kernel::Moment;
use kernel::error::{Error, Result};
use site::{May as _, Site};
use web::parcel::{Parcel, Sealed, WayBack};
use web::{Answer, FormState, Frame, Member, see_other};

#[derive(Template)]
#[template(path = "meetings/invitation_file.html")]
struct Page {
    frame: Frame,
    form: FormState,
    unit_id: String,
    unit_name: String,
    /// Name of the file and who sent it when; empty without a file.
    held: String,
    told: Option<Told>,
    fields: Vec<String>,
}

async fn draw(site: &Site, frame: &Frame, may: &CanSetInvitation, mut form: FormState) -> Answer {
    let held = store::find_invitation(&site.db, &may.unit.id).await?;
    let mut told = None;
    if let Some(held) = &held {
        let path = site.files.path(&held.file_sha).map_err(Error::fault)?;
        match invitation::fill(site, &path, invitation::sample()).await {
            Ok((found, _)) => told = Some(found),
            // It was taken once; a later version may be stricter.
            Err(Stop::Refused(key)) if form.is_good() => form.fail("file", key),
            Err(Stop::Refused(_)) => {}
            Err(Stop::Fault(error)) => return Err(error.into()),
        }
    }
    let held = held.map_or_else(String::new, |held| {
        let at = Moment(held.set_at);
        frame.tn(
            "meetings-invitation-held",
            &[
                ("file", (&held.file_name).into()),
                ("name", (&held.set_name).into()),
                ("day", (&at.day().vn()).into()),
            ],
        )
    });
    frame.html_status(
        form.status(),
        &Page {
            frame: frame.clone(),
            form,
            unit_id: may.unit.id.to_string(),
            unit_name: may.unit.name.clone(),
            held,
            told,
            fields: invitation::all_fields(),
        },
    )
}

/// `GET /units/{id}/invitation`.
pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let may = access::set_invitation_of(&site, &who, &id).await?;
    draw(&site, &frame, &may, FormState::new()).await
}

/// What was sent.
enum Sent {
    File { name: String, bytes: Vec<u8> },
    TooBig,
    Remove,
}

async fn read(mut parcel: Parcel) -> Result<Sent> {
    let (mut name, mut bytes) = (String::new(), Vec::new());
    while let Some(part) = parcel.next().await? {
        match part.name() {
            "do" => {
                let word = part.word().await?;
                if word == "remove" {
                    return Ok(Sent::Remove);
                }
            }
            "file" => {
                name = name_of(part.file_name().unwrap_or_default());
                match part.bytes(MOST_BYTES).await? {
                    Some(read) => bytes = read,
                    None => return Ok(Sent::TooBig),
                }
            }
            _ => {}
        }
    }
    Ok(Sent::File { name, bytes })
}

/// `POST /units/{id}/invitation`.
pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    sealed: Sealed,
) -> Answer {
    let may = access::set_invitation_of(&site, &who, &id).await?;
    let to = format!("/units/{}/invitation", may.unit.id);
    let back = WayBack {
        to: to.clone(),
        label: "meetings-invitation-title",
        too_big: "meetings-invitation-too-big",
    };
    let (name, bytes) = match read(sealed.open(&frame, back).await?).await? {
        Sent::Remove => {
            let mut act = may.begin(&site, &frame, "invitation.remove").await?;
            let gone = store::remove_invitation(&mut act).await?;
            act.line().diff(&serde_json::json!({ "file_sha": gone }));
            act.end().await?;
            return Ok(see_other(to)
                .flash("meetings-invitation-removed")
                .into_response());
        }
        Sent::TooBig => return refused(&site, &frame, &may, "meetings-invitation-too-big").await,
        Sent::File { bytes, .. } if bytes.is_empty() => {
            return refused(&site, &frame, &may, "meetings-invitation-none").await;
        }
        Sent::File { name, bytes } => (name, bytes),
    };
    let folder = tempfile::tempdir().map_err(Error::from)?;
    let path = folder.path().join("sent");
    tokio::fs::write(&path, &bytes).await.map_err(Error::from)?;
    match invitation::fill(&site, &path, invitation::sample()).await {
        Ok(_) => {}
        Err(Stop::Refused(key)) => return refused(&site, &frame, &may, key).await,
        Err(Stop::Fault(error)) => return Err(error.into()),
    }
    let file = site.files.put_bytes(bytes).await.map_err(Error::fault)?;
    let mut act = may.begin(&site, &frame, "invitation.set").await?;
    store::set_invitation(&mut act, &file.sha256, &name).await?;
    act.line()
        .diff(&serde_json::json!({ "file_sha": file.sha256, "file_name": name }));
    act.end().await?;
    Ok(see_other(to)
        .flash("meetings-invitation-done")
        .into_response())
}

async fn refused(site: &Site, frame: &Frame, may: &CanSetInvitation, key: &'static str) -> Answer {
    let mut form = FormState::new();
    form.fail("file", key);
    draw(site, frame, may, form).await
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_file_is_looked_through_kept_and_taken_away() {
        testkit::on_both(rooms, async |app| {
            let path = "/units/cell-a/invitation";
            let bare = app.as_(LAN).get(path).await.expects(200);
            assert!(bare.text("main").contains("{{tên tổ chức}}"));
            assert!(!bare.has("button[value=remove]"));
            let body = "<w:p><w:r><w:t>{{tên tổ chức}} {{Nơi họp}} {{khách quý}} {{#if</w:t></w:r></w:p>";
            sends(&app, LAN, "Mẫu giấy mời.docx", &docx(body)).await.expects(303);
            let page = app.as_(LAN).get(path).await.expects(200);
            assert!(page.text("main").contains("Mẫu giấy mời.docx"));
            assert_eq!(page.all("#known li"), ["tên tổ chức", "Nơi họp"]);
            assert_eq!(page.all("#unknown li"), ["khách quý"]);
            assert_eq!(page.all("#odd li").len(), 1);
            assert!(page.all("#unused li").contains(&"chủ trì".to_owned()));
            let token = app.as_(LAN).csrf();
            let remove = [("csrf", None, token.as_bytes()), ("do", None, b"remove")];
            app.as_(LAN).post_parts(path, &remove).await.expects(303);
            assert_eq!(app.count("select count(*) from meetings_invitation_file").await, 0);
            assert_eq!(
                app.count("select count(*) from audit_event where action like 'invitation.%' and unit_id = 'cell-a'").await,
                2
            );
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_could_harm_is_no_docx_or_is_forged_is_not_taken() {
        testkit::on_both(rooms, async |app| {
            let good = docx("<w:p><w:r><w:t>{{chủ trì}}</w:t></w:r></w:p>");
            let column = print::Column {
                head: "{{chủ trì}}".into(),
                kind: print::ColumnKind::Text,
                width: None,
            };
            let book = print::Sheet {
                name: "a".into(),
                columns: vec![column],
                rows: Vec::new(),
            };
            let book = print::sheet(&[book], app.site.clock.now()).unwrap().bytes;
            for (name, bytes, words) in [
                ("trống.docx", Vec::new(), "Chọn"),
                (
                    "a.doc",
                    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old".to_vec(),
                    "DOCX",
                ),
                ("a.docx", b"<script>alert(1)</script>".to_vec(), "hỏng"),
                ("a.docx", book, "DOCX"),
                ("a.docx", good[..good.len() / 2].to_vec(), "hỏng"),
            ] {
                let told = sends(&app, LAN, name, &bytes).await.expects(422);
                assert!(
                    told.text("#e-file").contains(words),
                    "{}",
                    told.text("#e-file")
                );
            }
            // Past what the server takes at all; the tests' server takes two megabytes.
            let told = sends(&app, LAN, "a.docx", &vec![b'a'; 3 << 20])
                .await
                .expects(413);
            assert!(told.has("main a[href='/units/cell-a/invitation']"));
            let token = app.as_(HOA).csrf();
            let forged = [
                ("csrf", None, token.as_bytes()),
                ("file", Some("a.docx"), good.as_slice()),
            ];
            app.as_(LAN)
                .post_parts("/units/cell-a/invitation", &forged)
                .await
                .expects(403);
            app.as_(LAN)
                .post_parts("/units/cell-a/invitation", &forged[1..])
                .await
                .expects(403);
            for who in [HOA, MINH, TUAN, THU, BINH] {
                app.as_(who)
                    .get("/units/cell-a/invitation")
                    .await
                    .expects(404);
                sends(&app, who, "a.docx", &good).await.expects(404);
            }
            app.stranger()
                .get("/units/cell-a/invitation")
                .await
                .expects(303);
            app.as_(LAN)
                .get("/units/cell-b/invitation")
                .await
                .expects(404);
            assert_eq!(
                app.count("select count(*) from meetings_invitation_file")
                    .await,
                0
            );
        })
        .await;
    }
}
