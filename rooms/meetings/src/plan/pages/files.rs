//! Papers of one's own on a meeting: a photo, a PDF, a Word file, sent from its form and read by its members.
//!
//! For whoever prepares the meeting, until it is closed. Not here: papers of the handbook (`plan::papers`),
//! what is taken and how it is made harmless (`plan::own`). The form is multipart: its token comes before the file.
//! The rule that surprises: units above read when and where, not these files: nobody has looked at
//! whom they are for.

use crate::access::{self, CanPrepare, Seen};
use crate::plan::own;
use crate::plan::store::{self, Added, OwnFile};
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse as _;
use files::FileKind;
use files::inbox::name_of;
use kernel::error::{Doing as _, Error, Result};
use site::{May as _, Site};
use web::parcel::{Parcel, Sealed, WayBack};
use web::{Answer, FormState, Frame, Member, see_other};

/// Files on one meeting.
const MOST_FILES: usize = 20;
/// Nothing that a file holds is run or loaded by the browser.
const POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

#[derive(Template)]
#[template(path = "meetings/files.html")]
struct Page {
    frame: Frame,
    form: FormState,
    meeting: crate::store::Meeting,
    files: Vec<OwnFile>,
}

async fn draw(site: &Site, frame: &Frame, may: &CanPrepare, form: FormState) -> Answer {
    let page = Page {
        files: store::list_files(&site.db, &may.meeting.id).await?,
        meeting: may.meeting.clone(),
        frame: frame.clone(),
        form,
    };
    frame.html_status(page.form.status(), &page)
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<CanPrepare> {
    let may = access::find(site, who, id).await?.into_prepare()?;
    may.must_be_open()?;
    Ok(may)
}

/// Whether the visitor reads the files of the meeting.
fn reads(seen: &Seen) -> bool {
    seen.is_member || seen.may_prepare
}

/// The files that the visitor may read.
pub(super) async fn list(site: &Site, seen: &Seen) -> Result<Vec<OwnFile>> {
    if reads(seen) {
        store::list_files(&site.db, &seen.meeting.id).await
    } else {
        Ok(Vec::new())
    }
}

/// `GET /meetings/{id}/files`.
pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    draw(&site, &frame, &may, FormState::new()).await
}

/// What was sent.
enum Sent {
    File { name: String, bytes: Vec<u8> },
    TooBig,
    Remove(String),
}

async fn read(mut parcel: Parcel) -> Result<Sent> {
    let (mut name, mut bytes) = (String::new(), Vec::new());
    while let Some(part) = parcel.next().await? {
        match part.name() {
            "remove" => return Ok(Sent::Remove(part.word().await?)),
            "file" => {
                name = name_of(part.file_name().unwrap_or_default());
                match part.bytes(own::MOST_BYTES).await? {
                    Some(read) => bytes = read,
                    None => return Ok(Sent::TooBig),
                }
            }
            _ => {}
        }
    }
    Ok(Sent::File { name, bytes })
}

/// `POST /meetings/{id}/files`.
pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    sealed: Sealed,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let meeting = may.meeting.clone();
    let to = format!("/meetings/{}/files", meeting.id);
    let back = WayBack {
        to: to.clone(),
        label: "meetings-files-title",
        too_big: "meetings-files-too-big",
    };
    let (name, bytes) = match read(sealed.open(&frame, back).await?).await? {
        Sent::Remove(file) => {
            let mut act = may.begin(&site, &frame, "meeting.file.remove").await?;
            if !store::hold_for_files(&mut act, &meeting.id).await? {
                return Err(act.leave().await?.closed().into());
            }
            match store::remove_file(&mut act, &meeting.id, &file).await? {
                Some(gone) => {
                    act.line().diff(&serde_json::json!({ "file_sha": gone }));
                    act.end().await?;
                }
                None => {
                    // Somebody was faster: it is gone all the same.
                    act.leave().await?;
                }
            }
            return Ok(see_other(to)
                .flash("meetings-files-removed")
                .into_response());
        }
        Sent::TooBig => return refused(&site, &frame, &may, "meetings-files-too-big").await,
        Sent::File { name, bytes } => (name, bytes),
    };
    let own = match own::look(&site, &name, bytes).await? {
        Ok(own) => own,
        Err(key) => return refused(&site, &frame, &may, key).await,
    };
    let file = site
        .files
        .put_bytes(own.bytes)
        .await
        .map_err(Error::fault)?;
    let mut act = may.begin(&site, &frame, "meeting.file.add").await?;
    if !store::hold_for_files(&mut act, &meeting.id).await? {
        return Err(act.leave().await?.closed().into());
    }
    let (sha, kind) = (&file.sha256, own.kind.as_str());
    match store::add_file(&mut act, &meeting.id, (sha, &own.name, kind), MOST_FILES).await? {
        Added::New => {}
        Added::Again => {
            act.leave().await?;
            return Ok(see_other(to).flash("meetings-files-done").into_response());
        }
        Added::Full => {
            let may = act.leave().await?;
            return refused(&site, &frame, &may, "meetings-files-many").await;
        }
    }
    act.line()
        .diff(&serde_json::json!({ "file_sha": sha, "file_name": own.name }));
    act.end().await?;
    Ok(see_other(to).flash("meetings-files-done").into_response())
}

async fn refused(site: &Site, frame: &Frame, may: &CanPrepare, key: &'static str) -> Answer {
    let mut form = FormState::new();
    form.fail("file", key);
    draw(site, frame, may, form).await
}

/// `GET /meetings/{id}/files/{file}`.
pub(crate) async fn open(
    State(site): State<Site>,
    who: Member,
    Path((id, file)): Path<(String, String)>,
) -> Answer {
    let seen = access::find(&site, &who, &id).await?;
    if !reads(&seen) {
        return Err(Error::NotFound.into());
    }
    let held = store::get_file(&site.db, &seen.meeting.id, &file).await?;
    let kind = own::kind_of(&held.kind);
    let body = site
        .files
        .open_file(&held.file_sha)
        .await
        .map_err(Error::fault)
        .doing("opening a paper of a meeting")?;
    let media = kind.map_or("application/octet-stream", FileKind::media_type);
    let is_shown = !matches!(kind, None | Some(FileKind::Docx));
    let place = if is_shown { "inline" } else { "attachment" };
    let disposition = web::download::disposition(place, &held.name);
    Ok((
        [
            (header::CONTENT_TYPE, media.to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
            (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (header::CACHE_CONTROL, "private, no-store".to_owned()),
        ],
        Body::from_stream(tokio_util::io::ReaderStream::new(body)),
    )
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use image::ImageFormat;
    use testkit::{BINH, Character, HOA, LAN, MINH, Reply, THU, TUAN, TestApp};

    async fn sends_file(app: &TestApp, who: Character, at: &str, name: &str, file: &[u8]) -> Reply {
        let parts = [("file", name, file)];
        app.as_(who).post_files(at, &parts).await
    }

    /// Any PDF that is one: the roll of a meeting that is called.
    async fn pdf(app: &TestApp, id: &str) -> Vec<u8> {
        let roll = app
            .as_(LAN)
            .get(&format!("/meetings/{id}/roll.pdf?boxes=yes"))
            .await;
        roll.expects(200).bytes
    }

    fn says(word: &str) -> Vec<u8> {
        docx(&format!("<w:p><w:r><w:t>{word}</w:t></w:r></w:p>"))
    }

    /// A photo as a telephone takes it: large, lying sideways, with the place where it was taken.
    fn photo(width: u32, height: u32) -> Vec<u8> {
        let mut out = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(width, height)
            .write_to(&mut out, ImageFormat::Jpeg)
            .unwrap();
        let mut bytes = out.into_inner();
        let turned = b"\xff\xe1\0\x32Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0GPS 21.03 105.85";
        bytes.splice(2..2, turned.iter().copied());
        bytes
    }

    fn holds(bytes: &[u8], word: &[u8]) -> bool {
        bytes.windows(word.len()).any(|part| part == word)
    }

    const COUNT: &str = "select count(*) from meetings_file";

    #[tokio::test(flavor = "multi_thread")]
    async fn a_paper_of_ones_own_is_read_by_the_members_and_by_nobody_else() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let meeting = format!("/meetings/{id}");
            let at = format!("{meeting}/files");
            let pdf = pdf(&app, &id).await;
            sends_file(&app, MINH, &at, "Đơn xin, có chữ ký.pdf", &pdf)
                .await
                .expects(303);
            for who in [HOA, TUAN, THU, BINH] {
                sends_file(&app, who, &at, "a.pdf", &pdf).await.expects(404);
                app.as_(who).get(&at).await.expects(404);
            }
            let page = app.as_(HOA).get(&meeting).await.expects(200);
            let file = page.attributes(".files a", "href").remove(0);
            assert!(page.text(".files a").contains("Đơn xin"));
            let print = app.as_(HOA).get(&format!("{meeting}/print")).await;
            assert!(print.expects(200).text(".booklet").contains("Đơn xin"));
            let read = app.as_(HOA).get(&file).await.expects(200);
            assert_eq!(read.bytes, pdf);
            assert!(read.header("content-security-policy").contains("'none'"));
            let above = app.as_(THU).get(&meeting).await.expects(200);
            assert!(!above.has(".files a"));
            let print = app.as_(THU).get(&format!("{meeting}/print")).await;
            assert!(!print.text(".booklet").contains("Đơn xin"));
            for who in [THU, TUAN, BINH] {
                app.as_(who).get(&file).await.expects(404);
            }
            app.stranger().get(&file).await.expects(303);
            let other = plans(&app, LAN, &[("do", "call"), ("date", "2026-12-04")]).await;
            let foreign = file.replace(&id, &other);
            app.as_(LAN).get(&foreign).await.expects(404);
            let held = file.rsplit('/').next().unwrap();
            // Taken off twice, as by two people, is taken off.
            for _ in 0..2 {
                let remove = [("remove", "", held.as_bytes())];
                app.as_(LAN).post_files(&at, &remove).await.expects(303);
                app.as_(HOA).get(&file).await.expects(404);
            }
            assert_eq!(
                app.count("select count(*) from audit_event where action like 'meeting.file.%'")
                    .await,
                2
            );
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_papers_of_a_draft_are_seen_by_who_prepares_it_and_those_of_a_closed_one_stay() {
        testkit::on_both(rooms, async |app| {
            let form = fields(&[("do", "file")]);
            let to = app.as_(LAN).post("/meetings/new", &form).await.expects(303);
            let at = to.location();
            sends_file(&app, LAN, &at, "đơn.docx", &says("Đơn xin"))
                .await
                .expects(303);
            let page = app.as_(LAN).get(&at).await.expects(200);
            let file = page.attributes(".ruled a", "href").remove(0);
            app.as_(LAN).get(&file).await.expects(200);
            app.as_(HOA).get(&file).await.expects(404);
            let id = closed(&app).await;
            let at = format!("/meetings/{id}/files");
            sends_file(&app, LAN, &at, "đơn.docx", &says("Đơn xin"))
                .await
                .expects(409);
            app.as_(LAN).get(&at).await.expects(409);
            assert_eq!(app.count(COUNT).await, 1);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_photo_loses_its_place_and_its_size_and_stands_upright() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let at = format!("/meetings/{id}/files");
            let mut seen: Vec<String> = Vec::new();
            for (name, width, height, made) in [
                ("lớn.jpeg", 3_000, 1_500, (1_000, 2_000)),
                ("nhỏ.jpeg", 60, 30, (30, 60)),
            ] {
                let sent = photo(width, height);
                assert!(holds(&sent, b"GPS"));
                sends_file(&app, LAN, &at, name, &sent).await.expects(303);
                let page = app.as_(LAN).get(&at).await.expects(200);
                let mut files = page.attributes(".ruled a", "href");
                files.retain(|file| !seen.contains(file));
                let file = files.remove(0);
                seen.push(file.clone());
                let read = app.as_(HOA).get(&file).await.expects(200);
                assert!(!holds(&read.bytes, b"GPS") && !holds(&read.bytes, b"Exif"));
                let drawn = image::load_from_memory(&read.bytes).unwrap();
                assert_eq!((drawn.width(), drawn.height()), made);
                assert_eq!(read.header("content-type"), "image/jpeg");
            }
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_could_harm_is_secret_or_too_large_is_not_taken_and_says_why() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let at = format!("/meetings/{id}/files");
            let pdf = pdf(&app, &id).await;
            for (name, bytes, word) in [
                ("trống.pdf", Vec::new(), "Chọn một tệp"),
                ("a.pdf", b"<html><script>".to_vec(), "Chỉ nhận"),
                ("a.pdf", b"MZ\x90\0".to_vec(), "Chỉ nhận"),
                ("a.jpg", b"\xff\xd8\xff\xe0 junk".to_vec(), "Không đọc được"),
                ("a.pdf", pdf[..pdf.len() / 3].to_vec(), "Không đọc được"),
                ("mật.docx", says("TỐI MẬT"), "dấu chỉ độ mật"),
            ] {
                let told = sends_file(&app, LAN, &at, name, &bytes).await.expects(422);
                let said = told.text("#e-file");
                assert!(said.contains(word), "{name}: {said}");
            }
            // Past what the server takes at all; the tests' server takes two megabytes.
            let large = vec![b'a'; 3 << 20];
            sends_file(&app, LAN, &at, "a.pdf", &large)
                .await
                .expects(413);
            assert_eq!(app.count(COUNT).await, 0);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_file_sent_twice_is_one_and_two_people_do_not_pass_the_limit() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let at = format!("/meetings/{id}/files");
            let paper = says("Đơn xin");
            let (one, two) = tokio::join!(
                sends_file(&app, LAN, &at, "đơn.docx", &paper),
                sends_file(&app, MINH, &at, "đơn của Minh.docx", &paper),
            );
            one.expects(303);
            two.expects(303);
            assert_eq!(app.count(COUNT).await, 1);
            for nth in 2..super::MOST_FILES {
                let paper = says(&format!("Đơn {nth}"));
                sends_file(&app, LAN, &at, "đơn.docx", &paper)
                    .await
                    .expects(303);
            }
            let (last, beyond) = (says("Đơn cuối"), says("Đơn quá"));
            let (one, two) = tokio::join!(
                sends_file(&app, LAN, &at, "cuối.docx", &last),
                sends_file(&app, MINH, &at, "quá.docx", &beyond),
            );
            let mut told = [one.status.as_u16(), two.status.as_u16()];
            told.sort_unstable();
            assert_eq!(told, [303, 422]);
            assert_eq!(app.count(COUNT).await, 20);
        })
        .await;
    }
}
