//! The invitation to a meeting in the office's own DOCX, filled: for whoever prepares the meeting.
//!
//! Not here: the file itself (`invitation_file`), the invitation for everybody (`print`). The rule that
//! surprises: fields that the handbook does not know stay as they stand, to be filled in by hand.

use crate::plan::invitation::{self, Stop};
use crate::plan::store;
use crate::{access, paper, words};
use axum::extract::{Path, State};
use kernel::error::{Error, Refusal};
use site::Site;
use web::{Answer, Member};

const MEDIA: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

const WEEKDAYS: [&str; 7] = [
    "web-weekday-mon",
    "web-weekday-tue",
    "web-weekday-wed",
    "web-weekday-thu",
    "web-weekday-fri",
    "web-weekday-sat",
    "web-weekday-sun",
];

pub(crate) async fn get(State(site): State<Site>, who: Member, Path(id): Path<String>) -> Answer {
    let may = access::find(&site, &who, &id).await?.into_prepare()?;
    let meeting = &may.meeting;
    // Whoever comes now is not invited any more, and the paper would name another hour than the meeting does.
    if !(meeting.state.is_draft() || meeting.state.is_coming()) {
        return Err(may.refuse("meetings-refused-invitation-over").into());
    }
    let Some(held) = store::find_invitation(&site.db, &meeting.unit_id).await? else {
        return Err(Error::NotFound.into());
    };
    if paper::is_secret(meeting, "") {
        return Err(may.refuse("meetings-refused-secret").into());
    }
    let items = store::list_items(&site.db, &meeting.id).await?;
    let starts = meeting.starts();
    let (hour, minute) = starts.hour_minute();
    let hour = words::vi(
        &site,
        "meetings-hour",
        &[
            ("hour", i64::from(hour).into()),
            ("minute", (&format!("{minute:02}")).into()),
        ],
    );
    let weekday = usize::from(starts.day().weekday()).min(6);
    let weekday = words::vi(&site, WEEKDAYS[weekday], &[]);
    let data = invitation::of(meeting, &items, weekday, hour, site.clock.today());
    let path = site.files.path(&held.file_sha).map_err(Error::fault)?;
    let (_, bytes) = match invitation::fill(&site, &path, data).await {
        Ok(done) => done,
        Err(Stop::Fault(error)) => return Err(error.into()),
        Err(Stop::Refused(key)) => {
            let to = format!("/meetings/{}", meeting.id);
            return Err(Refusal::new(key).way_out(to, "meetings-see-meeting").into());
        }
    };
    let name = web::file_name(
        [
            words::vi(&site, "meetings-invitation-word", &[]).as_str(),
            &meeting.unit_name,
            &starts.day().to_string(),
        ],
        "docx",
    );
    Ok(web::download(&name, MEDIA, bytes))
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN};

    const BODY: &str = "<w:p><w:r><w:t>{{tổ chức cấp trên}}|{{TÊN TỔ CHỨC}}|{{thứ}}, {{ngay_hop}}|{{giờ họp}}|\
        {{nơi họp}}|{{chủ trì}}|{{khách}}</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>\
        {{chương trình.stt}}. {{chương trình.giờ}} {{chương trình.nội dung}}</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p/>";

    #[tokio::test(flavor = "multi_thread")]
    async fn the_invitation_is_filled_in_the_office_s_own_file() {
        testkit::on_both(rooms, async |app| {
            let place = "Phòng </w:t> {{x}} &amp; #set";
            let id = plans(&app, LAN, &[("place", place), ("do", "call")]).await;
            let path = format!("/meetings/{id}/invitation.docx");
            let link = format!("main a[href='{path}']");
            app.as_(LAN).get(&path).await.expects(404);
            let before = app
                .as_(LAN)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            assert!(!before.has(&link) && before.has("main a[href='/units/cell-a/invitation']"));
            sends(&app, LAN, "Mẫu.docx", &docx(BODY)).await.expects(303);
            for who in [LAN, MINH] {
                let page = app
                    .as_(who)
                    .get(&format!("/meetings/{id}"))
                    .await
                    .expects(200);
                assert!(page.has(&link));
                let file = app.as_(who).get(&path).await.expects(200);
                assert!(
                    file.header("content-disposition")
                        .contains("filename=\"giay-moi-chi-bo-to-dan-pho-1-2026-11-27.docx\"")
                );
                let text = reads(&file.bytes);
                for words in [
                    "Đảng bộ Khu phố Thử|Chi bộ Tổ dân phố 1|Thứ Sáu, 27/11/2026|19 giờ 30 phút|",
                    "Phòng &lt;/w:t&gt; {{x}} &amp;amp; #set|Nguyễn Thị Lan|{{khách}}",
                    "1. 19:30 Khai mạc",
                    "2. 19:40 Bàn việc 🎉",
                ] {
                    assert!(text.contains(words), "{words} is not in {text}");
                }
            }
            for who in [HOA, TUAN, THU, BINH] {
                app.as_(who).get(&path).await.expects(404);
            }
            app.stranger().get(&path).await.expects(303);
            let hoa = app
                .as_(HOA)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            assert!(!hoa.has(&link) && !hoa.has("main a[href='/units/cell-a/invitation']"));
            // Nobody is invited to what is over.
            opens(&app, LAN, &id).await;
            app.as_(LAN).get(&path).await.expects(409);
            closes(&app, &id).await;
            app.as_(LAN).get(&path).await.expects(409);
        })
        .await;
    }
}
