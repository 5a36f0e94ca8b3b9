//! The minutes as a PDF to keep, to send and to sign: the same text and rights as the print page.
//!
//! Not here: what every PDF of this room does before it is handed over (`sheet`). The rule that surprises:
//! a kept text gives the same bytes each time, because its file bears the moment of the save; once the record
//! says more it is still the saved text, and bears a line that says so.

use super::minutes_print;
use crate::sheet::Asked;
use crate::{paper, words};
use axum::extract::{Path, Query, State};
use kernel::error::{Refusal, Result};
use print::{Layout, Pdf};
use site::Site;
use web::{Answer, Member};

/// Sets the minutes at the press.
pub(crate) async fn set(site: &Site, printed: minutes_print::Printed) -> Result<Pdf> {
    let standing = &printed.standing;
    let moment = standing.kept_at().unwrap_or_else(|| site.clock.now());
    let paper = paper::minutes(
        &printed.meeting,
        &printed.body,
        standing.mark(site),
        printed.town,
        |key, args| words::vi(site, key, args),
    );
    let work = move || print::official(&paper, &Layout::party(), moment);
    site.press.run(work).await
}

pub(crate) async fn get(
    State(site): State<Site>,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let printed = minutes_print::find(&site, &who, &id).await?;
    let to = format!("/meetings/{}/minutes", printed.meeting.id);
    if paper::is_secret(&printed.meeting, &printed.body) {
        return Err(Refusal::new("meetings-refused-secret")
            .way_out(to, "meetings-minutes-title")
            .into());
    }
    let name = web::file_name(
        [
            words::vi(&site, "meetings-minutes-title", &[]).as_str(),
            &printed.meeting.unit_name,
            &printed.meeting.starts().day().to_string(),
        ],
        "pdf",
    );
    let pdf = set(&site, printed).await?;
    asked.hand_over(pdf, &name, &format!("{to}.pdf"))
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_may_print_the_minutes_gets_the_file_and_nobody_else() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await; // the clerk is Minh
            let path = format!("/meetings/{id}/minutes.pdf?boxes=yes");
            for who in [LAN, MINH] {
                let file = app.as_(who).get(&path).await.expects(200);
                assert!(file.bytes.starts_with(b"%PDF-"));
                assert_eq!(file.header("content-type"), "application/pdf");
                assert_eq!(file.header("cache-control"), "private, no-store");
                assert!(
                    file.header("content-disposition").starts_with(
                        "attachment; filename=\"bien-ban-chi-bo-to-dan-pho-1-2026-11-27.pdf\""
                    ),
                    "{}",
                    file.header("content-disposition")
                );
            }
            for who in [HOA, TUAN, THU, BINH] {
                app.as_(who).get(&path).await.expects(404);
            }
            assert!(
                (app.stranger().get(&path).await.expects(303).location()).starts_with("/sign-in")
            );
            app.as_(LAN)
                .get("/meetings/nothing/minutes.pdf")
                .await
                .expects(404);
            let called = plans(&app, LAN, &[("date", "2026-12-25"), ("do", "call")]).await;
            app.as_(LAN)
                .get(&format!("/meetings/{called}/minutes.pdf"))
                .await
                .expects(409);
            assert_eq!(
                app.count("select count(*) from meetings_revision").await,
                0,
                "taking the draft keeps nothing"
            );
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_paper_names_issuer_day_text_and_who_signs_and_says_when_it_is_a_draft() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes.pdf");
            let draft = read(&app.as_(LAN).get(&format!("{path}?boxes=yes")).await.bytes);
            for words in [
                "ĐẢNG BỘ KHU PHỐ THỬ",
                "CHI BỘ TỔ DÂN PHỐ 1",
                "-BB/CB",
                "ngày 27 tháng 11 năm 2026",
                "DỰ THẢO",
                "BIÊN BẢN",
                "Vắng không lý do: 1 (Lương Thị Hoa)",
                "1. Khai mạc",
                "THƯ KÝ Trần Văn Minh CHỦ TRÌ Nguyễn Thị Lan",
            ] {
                assert!(draft.contains(words), "{words} is not in {draft}");
            }
            writes(
                &app,
                &id,
                "NỘI DUNG\n1. Bàn việc\nTuyên truyền, vận động nhân dân",
            )
            .await;
            let first = app.as_(LAN).get(&path).await.expects(200).bytes;
            let text = read(&first);
            assert!(text.contains("Tuyên truyền, vận động nhân dân."), "{text}");
            assert!(!text.contains("DỰ THẢO"), "kept minutes are signed: {text}");
            app.later(90_000_000);
            let second = app.as_(MINH).get(&path).await.expects(200).bytes;
            assert!(
                first == second,
                "one text, one file, whoever takes it and when"
            );
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_day_has_the_town_of_the_unit_or_says_where_it_is_written() {
        let rooms = || vec![crate::room(), people::room()];
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let paper = format!("/meetings/{id}/minutes/print");
            let page = app.as_(LAN).get(&paper).await.expects(200);
            assert!(page.text("#no-town").contains("Sửa tên, mã, địa danh"));
            assert!(!page.has("#no-town a"), "Lan may not change the unit");
            let edit = "/units/cell-a/edit";
            let form = app.as_(THU).get(edit).await.expects(200);
            let [version, day, name] = ["[name=version]", "#f-from_on", "#f-name"]
                .map(|field| form.attributes(field, "value").remove(0));
            let town = [
                ("name", name.as_str()),
                ("kind", "cell"),
                ("town", "Nhân Chính"),
                ("from_on", &day),
                ("version", &version),
            ];
            app.as_(THU).post(edit, &town).await.expects(303);
            let page = app.as_(LAN).get(&paper).await.expects(200);
            assert!(!page.has("#no-town"));
            let dated = "Nhân Chính, ngày 27 tháng 11 năm 2026";
            assert_eq!(page.text(".letterhead .place"), dated);
            let file = app
                .as_(LAN)
                .get(&format!("/meetings/{id}/minutes.pdf?boxes=yes"))
                .await
                .expects(200);
            assert!(read(&file.bytes).contains(dated));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn letters_without_a_shape_are_told_before_the_file() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await; // its place holds a smiling face
            writes(&app, &id, "Họp vui 🎉 中 ạ").await;
            let path = format!("/meetings/{id}/minutes.pdf");
            let told = app.as_(LAN).get(&path).await.expects(409);
            for words in ["🎉 (U+1F389)", "中 (U+4E2D)"] {
                assert!(told.text("main").contains(words), "{}", told.body());
            }
            let onward = format!("{path}?boxes=yes");
            assert!(told.has(&format!("main a[href='{onward}']")));
            let file = app.as_(LAN).get(&onward).await.expects(200);
            assert!(read(&file.bytes).contains("Họp vui □ □ ạ"));
            // Who may not have the file is not told of its letters either.
            app.as_(HOA).get(&path).await.expects(404);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_secrecy_mark_anywhere_stops_the_paper() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes.pdf?boxes=yes");
            for body in [
                "Mở đầu\nBàn việc\nKết luận\nmật\nHết",
                "TUYỆT MẬT\nMở đầu",
                "Mở đầu\n  Tối mật  ",
            ] {
                writes(&app, &id, body).await;
                let told = app.as_(LAN).get(&path).await.expects(409);
                assert!(told.text("main").contains("dấu mật"), "{}", told.body());
            }
            writes(&app, &id, "Giữ bí mật phiếu kín.").await;
            app.as_(LAN).get(&path).await.expects(200);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_looks_like_markup_is_printed_as_typed() {
        testkit::on_both(rooms, async |app| {
            let hostile =
                "#set page(width: 1pt) $x^2$ </w:t> \\u{41} *b* `c` @d #read(\"/etc/passwd\")";
            let heading = format!("9. {hostile}");
            let id = plans(&app, LAN, &[("heading", hostile), ("do", "call")]).await;
            opens(&app, LAN, &id).await;
            writes(&app, &id, &format!("{heading}\n{hostile}\n- {hostile}")).await;
            let file = app
                .as_(LAN)
                .get(&format!("/meetings/{id}/minutes.pdf"))
                .await
                .expects(200);
            // Lines break anywhere in so long a word.
            let bare = |text: &str| text.replace(' ', "");
            let text = bare(&read(&file.bytes));
            assert_eq!(text.matches(&bare(hostile)).count(), 4, "{text}");
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_pages_of_the_minutes_and_of_the_meeting_lead_to_the_file() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let link = format!("main a[href='/meetings/{id}/minutes.pdf']");
            for page in ["", "/minutes", "/minutes/print"] {
                let path = format!("/meetings/{id}{page}");
                let drawn = app.as_(LAN).get(&path).await.expects(200);
                assert!(drawn.has(&link), "{path}");
                assert!(drawn.all(&link)[0].contains("Tải"), "{path}");
            }
            let hoa = app
                .as_(HOA)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            assert!(!hoa.has(&link), "no door that does not open");
        })
        .await;
    }
}
