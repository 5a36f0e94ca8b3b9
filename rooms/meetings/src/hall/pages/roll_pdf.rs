//! The roll as a sheet to sign at the door, before the meeting or while it is held.
//!
//! For whoever marks the roll, and what everybody in the room may read: names and posts. Not here:
//! marks, leave and standing (`attendance`). The rule that surprises: the sheet is there before the roll
//! opens, because paper is printed before people come, and stays when the meeting is over, to be filed with the minutes.

use crate::hall::roster;
use crate::sheet::Asked;
use crate::state::State as Stands;
use crate::{access, paper, words};
use axum::extract::{Path, Query, State};
use kernel::error::Refusal;
use print::Layout;
use site::Site;
use web::{Answer, Member};

pub(crate) async fn get(
    State(site): State<Site>,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let may = access::find(&site, &who, &id).await?.into_mark()?;
    let meeting = &may.meeting;
    if meeting.state == Stands::Cancelled {
        return Err(may.closed().into());
    }
    if meeting.state == Stands::Draft {
        return Err(may.refuse("meetings-refused-tosign-draft").into());
    }
    if paper::is_secret(meeting, "") {
        return Err(Refusal::new("meetings-refused-secret")
            .way_out(format!("/meetings/{}", meeting.id), "meetings-see-meeting")
            .into());
    }
    let names = roster::of(&site, &meeting.unit_id, meeting.starts().day()).await?;
    let roll = paper::roll(meeting, &names, |key, args| words::vi(&site, key, args));
    let name = web::file_name(
        [
            words::vi(&site, "meetings-tosign-title", &[]).as_str(),
            &meeting.unit_name,
            &meeting.starts().day().to_string(),
        ],
        "pdf",
    );
    let moment = site.clock.now();
    let work = move || print::roll(&roll, &Layout::party(), moment);
    let pdf = site.press.run(work).await?;
    asked.hand_over(pdf, &name, &format!("/meetings/{}/roll.pdf", meeting.id))
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_marks_the_roll_prints_it_from_the_call_on() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[]).await;
            let path = format!("/meetings/{id}/roll.pdf?boxes=yes");
            app.as_(LAN).get(&path).await.expects(409);
            app.as_(LAN)
                .post(&format!("/meetings/{id}/calling"), &[])
                .await
                .expects(303);
            for who in [LAN, MINH] {
                let file = app.as_(who).get(&path).await.expects(200);
                assert!(file.bytes.starts_with(b"%PDF-"));
                assert_eq!(file.header("content-type"), "application/pdf");
            }
            for who in [HOA, TUAN, THU, BINH] {
                app.as_(who).get(&path).await.expects(404);
            }
            app.stranger().get(&path).await.expects(303);
            let twice = [
                app.as_(LAN).get(&path).await.bytes,
                app.as_(MINH).get(&path).await.bytes,
            ];
            assert!(twice[0] == twice[1], "one moment, one file");
            opens(&app, LAN, &id).await;
            app.as_(LAN).get(&path).await.expects(200);
            let ended = closes(&app, &id).await;
            app.as_(LAN)
                .get(&format!("/meetings/{ended}/roll.pdf?boxes=yes"))
                .await
                .expects(200);
            let link = format!("main a[href='/meetings/{ended}/roll.pdf']");
            let page = app.as_(LAN).get(&format!("/meetings/{ended}")).await;
            assert!(page.expects(200).has(&link));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_sheet_holds_every_name_and_nothing_private() {
        testkit::on_both(rooms, async |app| {
            let id = plans(
                &app,
                LAN,
                &[("place", "Phòng #set $x$ </w:t>"), ("do", "call")],
            )
            .await;
            let fields = [
                ("answer", "no"),
                ("category", "health"),
                ("note", "đi viện"),
            ];
            app.as_(HOA)
                .post(&format!("/meetings/{id}/answer"), &fields)
                .await
                .expects(303);
            app.is_exempt(HOA, true).await;
            let file = app
                .as_(LAN)
                .get(&format!("/meetings/{id}/roll.pdf"))
                .await
                .expects(200);
            let text = read(&file.bytes);
            for words in [
                "DANH SÁCH KÝ TÊN",
                "19 giờ 30 phút, ngày 27/11/2026, Phòng #set $x$ </w:t>",
                "1 Lương Thị Hoa",
                "2 Nguyễn Thị Lan Bí thư",
                "3 Trần Văn Minh Phó bí thư",
                "Chữ ký",
            ] {
                assert!(text.contains(words), "{words} is not in {text}");
            }
            for word in ["viện", "miễn", "vắng", "Vắng"] {
                assert!(!text.contains(word), "{word} is in {text}");
            }
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_meeting_and_the_roll_lead_to_the_sheet() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let link = format!("main a[href='/meetings/{id}/roll.pdf']");
            let path = format!("/meetings/{id}");
            assert!(app.as_(LAN).get(&path).await.expects(200).has(&link));
            assert!(!app.as_(HOA).get(&path).await.expects(200).has(&link));
            opens(&app, LAN, &id).await;
            let roll = app.as_(LAN).get(&format!("{path}/attendance")).await;
            assert!(roll.expects(200).has(&link));
        })
        .await;
    }
}
