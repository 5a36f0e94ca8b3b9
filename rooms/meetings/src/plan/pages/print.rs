//! The invitation in large print, for members without a phone: one sheet, lines to write on; of a meeting
//! that was held, what was concluded.

use super::{files, show};
use crate::plan::{papers, store};
use crate::{access, words};
use askama::Template;
use axum::extract::{Path, State};
use site::Site;
use web::{Answer, Frame, Member};

#[derive(Template)]
#[template(path = "meetings/print.html")]
struct Page {
    frame: Frame,
    meeting: crate::store::Meeting,
    long_day: String,
    hour: String,
    length: String,
    agenda: Vec<show::Line>,
    /// What was concluded, for those who read it on the meeting's page.
    concluded: Vec<(String, String)>,
    papers: Vec<papers::Paper>,
    files: Vec<store::OwnFile>,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let seen = access::find(&site, &who, &id).await?;
    let files = files::list(&site, &seen).await?;
    let concluded = show::concluded(&site, &seen).await?;
    let mut meeting = seen.meeting;
    crate::hall::roster::call_leaders(&site, &mut meeting).await?;
    let (agenda, minutes) = show::agenda(&site, &frame, &meeting).await?;
    let ids = store::list_papers(&site.db, &meeting.id).await?;
    let papers = papers::show(&site, &who.0, frame.lang(), &ids).await?;
    let page = Page {
        frame: frame.clone(),
        long_day: frame.long_day(&meeting.starts().day()),
        hour: show::hours(&frame, &meeting),
        length: match meeting.ended_at {
            Some(_) => String::new(),
            None => words::length(&frame, minutes),
        },
        agenda,
        concluded,
        papers,
        files,
        meeting,
    };
    frame.html(&page)
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{HOA, LAN, THU, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_concluded_is_in_the_large_print_for_who_reads_it_on_the_page() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}");
            let page = app.as_(LAN).get(&format!("{path}/notes")).await;
            let items = page.expects(200).attributes("input[name=item]", "value");
            let notes = [
                ("item", items[0].as_str()),
                ("summary", "Bàn bạc"),
                ("conclusion", "Sửa mương\nTrước ngày 15/12"),
                ("summary_was", ""),
                ("conclusion_was", ""),
            ];
            let saved = app.as_(LAN).post(&format!("{path}/notes"), &notes).await;
            saved.expects(303);
            let print = format!("{path}/print");
            let runs = app.as_(HOA).get(&print).await.expects(200);
            assert!(!runs.text(".booklet").contains("Sửa mương"), "not over yet");
            closes(&app, &id).await;
            let held = app.as_(HOA).get(&print).await.expects(200);
            let said = held.all(".booklet h3 ~ p");
            assert_eq!(said, ["Sửa mương", "Trước ngày 15/12"]);
            let above = app.as_(THU).get(&print).await.expects(200);
            assert!(!above.text(".booklet").contains("Sửa mương"));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_invitation_prints_large() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let page = app
                .as_(HOA)
                .get(&format!("/meetings/{id}/print"))
                .await
                .expects(200);
            assert!(page.has("html[data-print=booklet]"));
            assert_eq!(page.all(".booklet ol li").len(), 2);
            opens(&app, LAN, &id).await;
            let held = closes(&app, &id).await;
            let page = app
                .as_(HOA)
                .get(&format!("/meetings/{held}/print"))
                .await
                .expects(200);
            let text = page.text(".booklet");
            assert!(
                !text.contains("Mời") && !text.contains("Ý kiến gửi trước"),
                "{text}"
            );
            app.as_(TUAN)
                .get(&format!("/meetings/{id}/print"))
                .await
                .expects(404);
        })
        .await;
    }
}
