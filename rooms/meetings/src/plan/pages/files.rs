//! Papers of one's own on a meeting: a photo, a PDF, a Word file, sent from its form and read by its members.
//!
//! For whoever prepares the meeting: added and taken off until it is over; from then on a wrong one is withdrawn
//! with a reason that stays beside its name. Not here: papers of the handbook (`plan::papers`),
//! what is taken and how it is made harmless (`plan::own`). The form is multipart: its token comes before the file.
//! The rule that surprises: units above read when and where, not these files: nobody has looked at
//! whom they are for.

use crate::access::{self, CanPrepare, Seen};
use crate::plan::LONGEST_TEXT;
use crate::plan::own;
use crate::plan::store::{self, Added, OwnFile};
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse as _;
use files::FileKind;
use files::inbox::name_of;
use kernel::error::{Doing as _, Error, Refusal, Result};
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
    /// How many can still be opened.
    held: usize,
    is_over: bool,
}

async fn draw(site: &Site, frame: &Frame, may: &CanPrepare, form: FormState) -> Answer {
    let files = store::list_files(&site.db, &may.meeting.id).await?;
    let page = Page {
        held: files.iter().filter(|file| file.is_read()).count(),
        files,
        is_over: may.meeting.state.is_closed(),
        meeting: may.meeting.clone(),
        frame: frame.clone(),
        form,
    };
    frame.html_status(page.form.status(), &page)
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<CanPrepare> {
    access::find(site, who, id).await?.into_prepare()
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
    File {
        name: String,
        bytes: Vec<u8>,
    },
    TooBig,
    Remove {
        file: String,
        /// Why; asked for when the meeting is over.
        why: String,
    },
}

/// Bytes of a reason; one that is longer is told so.
const MOST_REASON: usize = 16 << 10;

async fn read(mut parcel: Parcel) -> Result<Sent> {
    let (mut name, mut bytes, mut why) = (String::new(), Vec::new(), String::new());
    while let Some(part) = parcel.next().await? {
        match part.name() {
            // The reason stands above the button that sends it.
            "why" => {
                let read = part.bytes(MOST_REASON).await?;
                why = String::from_utf8_lossy(&read.unwrap_or_default()).into_owned();
            }
            "remove" => {
                let file = part.word().await?;
                return Ok(Sent::Remove { file, why });
            }
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
        Sent::Remove { file, why } if meeting.state.is_closed() => {
            return withdraw(&site, &frame, may, &file, why.trim()).await;
        }
        Sent::Remove { file, .. } => return remove(&site, &frame, may, &file).await,
        Sent::TooBig => return refused(&site, &frame, &may, "meetings-files-too-big").await,
        Sent::File { name, bytes } => (name, bytes),
    };
    may.must_be_open()?;
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

/// Takes a file off a meeting that is not over.
async fn remove(site: &Site, frame: &Frame, may: CanPrepare, file: &str) -> Answer {
    let id = may.meeting.id.clone();
    let mut act = may.begin(site, frame, "meeting.file.remove").await?;
    if !store::hold_for_files(&mut act, &id).await? {
        return Err(act.leave().await?.closed().into());
    }
    match store::remove_file(&mut act, &id, file).await? {
        Some(gone) => {
            act.line().diff(&serde_json::json!({ "file_sha": gone }));
            act.end().await?;
        }
        None => {
            // Somebody was faster: it is gone all the same.
            act.leave().await?;
        }
    }
    Ok(see_other(format!("/meetings/{id}/files"))
        .flash("meetings-files-removed")
        .into_response())
}

/// Takes a file off a meeting that is over: nobody reads it from then on, and the record keeps why.
async fn withdraw(site: &Site, frame: &Frame, may: CanPrepare, file: &str, why: &str) -> Answer {
    let id = may.meeting.id.clone();
    let held = store::get_file(site.db.read(), &id, file).await?;
    let mut form = FormState::new().with("why", why);
    if held.is_read() && why.is_empty() {
        form.fail(file, "meetings-files-why-missing");
    } else if why.chars().count() > LONGEST_TEXT {
        let long = frame.t1("meetings-plan-too-long", "n", LONGEST_TEXT as i64);
        form.fail(file, long);
    }
    if !form.is_good() {
        return draw(site, frame, &may, form).await;
    }
    let mut act = may.begin(site, frame, "meeting.file.withdraw").await?;
    let said = match store::withdraw_file(&mut act, &id, file, why).await? {
        Some(gone) => {
            let line = act.line().reason(why);
            line.diff(&serde_json::json!({ "file_sha": gone, "file_name": held.name }));
            act.end().await?;
            "meetings-files-withdrawn"
        }
        None => {
            act.leave().await?;
            // The same reason is the same press; another one was too late, and is not kept.
            let held = store::get_file(site.db.read(), &id, file).await?;
            match why.is_empty() || held.withdrawn_why == why {
                true => "meetings-files-withdrawn",
                false => "meetings-files-withdrawn-before",
            }
        }
    };
    Ok(see_other(format!("/meetings/{id}/files"))
        .flash(said)
        .into_response())
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
    let held = store::get_file(site.db.read(), &seen.meeting.id, &file).await?;
    if !held.is_read() {
        // Gone for good, so not "not done yet": it was here, and the meeting's page says why it is not.
        let back = format!("/meetings/{}#papers", seen.meeting.id);
        let gone = Refusal::new("meetings-refused-withdrawn").status(410);
        return Err(gone.way_out(back, "meetings-see-meeting").into());
    }
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

    /// A Word file with one more part.
    fn with(name: &str, bytes: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let own = std::io::Cursor::new(says("Kính gửi"));
        let mut zip = zip::ZipWriter::new_append(own).unwrap();
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
        zip.finish().unwrap().into_inner()
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
            let page = app.as_(LAN).get(&at).await.expects(200);
            assert!(!page.has("input[type=file]"), "nothing is added any more");
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
            let rels = "word/_rels/document.xml.rels";
            let far = "<Relationships><Relationship Id=\"r\" Type=\"http://x/attachedTemplate\" \
                Target=\"https://x/a.dotm\" TargetMode=\"External\"/></Relationships>";
            let zeros = vec![0_u8; 32 << 20];
            let runs = [pdf.as_slice(), b"\n9 0 obj<</S /JavaScript /JS (x)>>endobj"].concat();
            let carries = [
                pdf.as_slice(),
                b"\n9 0 obj<</Names<</EmbeddedFiles 1 0 R>>>>endobj",
            ]
            .concat();
            for (name, bytes, word) in [
                ("trống.pdf", Vec::new(), "Chọn một tệp"),
                ("a.pdf", b"<html><script>".to_vec(), "Chỉ nhận"),
                ("a.pdf", b"MZ\x90\0".to_vec(), "Chỉ nhận"),
                ("a.jpg", b"\xff\xd8\xff\xe0 junk".to_vec(), "Không đọc được"),
                ("a.pdf", pdf[..pdf.len() / 3].to_vec(), "Không đọc được"),
                ("mật.docx", says("TỐI MẬT"), "dấu chỉ độ mật"),
                ("macro.docx", with("word/vbaProject.bin", b"x"), "macro"),
                ("mẫu.docx", with(rels, far.as_bytes()), "từ nơi khác"),
                ("bom.docx", with("word/media/a.png", &zeros), "quá mức"),
                ("js.pdf", runs, "lệnh tự chạy"),
                ("kèm.pdf", carries, "đính kèm"),
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

    #[tokio::test(flavor = "multi_thread")]
    async fn a_wrong_paper_leaves_a_meeting_that_is_over_and_the_record_keeps_who_when_and_why() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let meeting = format!("/meetings/{id}");
            let at = format!("{meeting}/files");
            let paper = says("Danh sách lương");
            sends_file(&app, LAN, &at, "lương.docx", &paper).await.expects(303);
            sends_file(&app, LAN, &at, "đơn.docx", &says("Đơn xin")).await.expects(303);
            closes(&app, &id).await;
            let page = app.as_(MINH).get(&at).await.expects(200);
            let file = page.attributes("button[name=remove]", "value").remove(0);
            let to = format!("{at}/{file}");
            let withdraws = async |who: Character, why: &str| {
                let token = app.as_(who).csrf();
                let parts = [
                    ("csrf", None, token.as_bytes()),
                    ("why", None, why.as_bytes()),
                    ("remove", None, file.as_bytes()),
                ];
                app.as_(who).post_parts(&at, &parts).await
            };
            let asked = withdraws(MINH, " ").await.expects(422);
            assert!(asked.text("main").contains("Ghi lý do gỡ tệp"));
            for who in [HOA, TUAN, THU, BINH] {
                withdraws(who, "Gửi nhầm").await.expects(404);
            }
            app.as_(HOA).get(&to).await.expects(200);
            let why = "Gửi nhầm, có tên riêng 😀";
            withdraws(MINH, why).await.expects(303);
            withdraws(MINH, why).await.expects(303); // pressed twice
            let late = withdraws(LAN, "Lý do khác").await.expects(303);
            assert!(late.header("set-cookie").contains("withdrawn-before"));
            let told = app.as_(HOA).get(&to).await.expects(410);
            assert_eq!(told.text("h1"), "Không còn ở đây");
            assert!(told.text("main").contains("đã được gỡ khỏi buổi họp"));
            assert!(!holds(&told.bytes, b"PK"), "nobody reads it");
            for who in [HOA, LAN] {
                let page = app.as_(who).get(&meeting).await.expects(200);
                let list = page.text("section[aria-labelledby=h-papers]");
                assert!(list.contains("lương.docx") && list.contains(&format!("đã gỡ: {why}")), "{list}");
                assert_eq!(page.attributes(".files a", "href").len(), 1);
            }
            let page = app.as_(LAN).get(&at).await.expects(200);
            let kept = page.text(".ruled");
            assert!(kept.contains("Trần Văn Minh gỡ ngày 27/11/2026"), "{kept}");
            assert_eq!(page.text("#h-held"), "1 tệp của buổi họp này", "what is gone is not counted");
            let print = app.as_(HOA).get(&format!("{meeting}/print")).await.expects(200);
            let marked = print.text(".booklet").matches("(đã gỡ)").count();
            assert_eq!(marked, 1, "{}", print.text(".booklet"));
            let page = app.as_(THU).get(&meeting).await.expects(200);
            assert!(!page.body().contains("lương.docx"), "those above see neither");
            let kept = "select count(*) from meetings_file where withdrawn_by = 'minh' and withdrawn_at > 0";
            assert_eq!(app.count(kept).await, 1);
            let logged = "select count(*) from audit_event where action = 'meeting.file.withdraw' \
                and actor_id = 'minh' and reason = 'given'";
            assert_eq!(app.count(logged).await, 1);
            // A meeting that is called off as well.
            let off = plans(&app, LAN, &[("do", "call"), ("date", "2026-12-27")]).await;
            let at = format!("/meetings/{off}/files");
            sends_file(&app, LAN, &at, "lương.docx", &paper).await.expects(303);
            let why = [("reason", "Bão")];
            app.as_(LAN).post(&format!("/meetings/{off}/cancelling"), &why).await.expects(303);
            let page = app.as_(LAN).get(&at).await.expects(200);
            assert!(page.has("textarea[name=why]"));
        })
        .await;
    }
}
