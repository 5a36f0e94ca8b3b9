//! "Ai xem được hồ sơ của tôi, và vì sao": for every member, about the own record.
//!
//! Beside it "Ai đã xem hồ sơ của tôi" on the own page: who may, and who did. Nobody reads this page of another.

use crate::rights::seers::{self, Seer, Seers};
use crate::sight::Level;
use askama::Template;
use axum::extract::State;
use site::Site;
use web::{Answer, Frame, Member};

#[derive(Template)]
#[template(path = "people/seers.html")]
struct Page {
    frame: Frame,
    seers: Seers,
    /// For how many days a former unit reads, and where that figure comes from.
    former: (i32, String),
}

impl Page {
    /// What somebody sees, in one sentence.
    fn sees(&self, one: &Seer) -> String {
        self.frame.t(match (one.level, one.may_unseal) {
            (Level::V2 | Level::V3, true) => "people-seers-v3",
            (Level::V2 | Level::V3, false) => "people-seers-v2",
            (Level::V1, _) => "people-seers-v1",
            (Level::V0, _) => "people-seers-v0",
        })
    }
}

pub(crate) async fn get(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    let page = Page {
        seers: seers::of(&site, &who.actor.member).await?,
        former: crate::sight::former_words(&site, &frame).await?,
        frame: frame.clone(),
    };
    frame.html(&page)
}

#[cfg(test)]
mod tests {
    use crate::sight::{self, Level};
    use crate::store::{self, NewPlacement};
    use kernel::MemberId;
    use testkit::{ALL, HOA, TestApp, on_both};

    fn id(text: &str) -> MemberId {
        text.parse().unwrap()
    }

    /// Everybody who can open the record stands on the list with that level, or is counted among the fellows.
    async fn tells_the_truth(app: &TestApp, of: &str) {
        let seers = super::seers::of(&app.site, &id(of)).await.unwrap();
        let mut fellows = 0;
        for who in ALL.iter().filter(|who| who.id != of) {
            let actor = crate::actor::load(&app.site, &id(who.id)).await.unwrap();
            let seen = sight::of_member(&app.site, &actor, &id(of)).await.ok();
            let told = seers
                .people
                .iter()
                .find(|one| one.member.as_str() == who.id);
            match (&seen, told) {
                (Some(seen), Some(told)) => {
                    assert_eq!(
                        (seen.level, seen.may_unseal, seen.may_draft, seen.is_former),
                        (told.level, told.may_unseal, told.may_draft, told.is_former),
                        "{} sees {of}",
                        who.id
                    );
                    assert!(!told.why.is_empty() && !told.through.is_empty());
                }
                (Some(seen), None) => {
                    assert_eq!(seen.level, Level::V0, "{} sees {of} untold", who.id);
                    fellows += 1;
                }
                (None, told) => assert!(told.is_none(), "{} sees nothing of {of}", who.id),
            }
        }
        let counted: i64 = seers.fellows.iter().map(|one| one.count).sum();
        assert!(fellows <= counted, "{of}: {fellows} of {counted}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn each_member_reads_who_can_see_them_by_what_and_how_much() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let page = app.as_(HOA).get("/me/seers").await.expects(200);
                assert!(!page.body().contains('⟦'), "{}", page.text("main"));
                let all = page.all("#people > li");
                assert_eq!(all.len(), 3, "{all:?}");
                assert!(
                    all[0].contains("Phạm Minh Thu") && all[0].contains("số định danh"),
                    "{all:?}"
                );
                assert!(
                    all[1].contains("Nguyễn Thị Lan")
                        && all[1].contains("Bí thư, Chi bộ Tổ dân phố 1")
                );
                assert!(all[1].contains("ngày sinh") && !all[1].contains("số định danh"));
                assert!(all[2].contains("Trần Văn Minh") && !all[2].contains("ngày sinh"));
                assert!(
                    page.text("#fellows").contains("2"),
                    "{}",
                    page.text("#fellows")
                );
                assert!(page.has("a[href='/me#h-looks']"));
                assert!(app.as_(HOA).get("/me").await.has("a[href='/me/seers']"));
                app.stranger().get("/me/seers").await.expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_told_is_what_opens_after_a_move_too() {
        on_both(
            || vec![crate::room()],
            async |app| {
                for who in ALL {
                    tells_the_truth(&app, who.id).await;
                }
                let today = app.today();
                let mut act = app.act().await;
                store::close_placement(&mut act, "p-hoa", today, "transfer")
                    .await
                    .unwrap();
                let there = NewPlacement::official(&id("hoa"), &"cell-b".parse().unwrap(), today);
                store::add_placement(&mut act, &there).await.unwrap();
                act.end().await.unwrap();
                for days in [0, 89, 90] {
                    app.site.clock.set(today.plus_days(days).at(12, 0));
                    tells_the_truth(&app, "hoa").await;
                    let seers = super::seers::of(&app.site, &id("hoa")).await.unwrap();
                    let lan = seers.people.iter().find(|one| one.name.contains("Lan"));
                    assert_eq!(
                        lan.is_some_and(|lan| lan.is_former && !lan.may_draft),
                        days < 90,
                        "day {days}"
                    );
                }
            },
        )
        .await;
    }
}
