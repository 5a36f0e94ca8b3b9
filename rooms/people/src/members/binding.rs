//! Numbers that were sealed before a value was bound to its row: sealed anew, in the background, once.
//!
//! Not here: sealing (`site::seal`), reading (`member`), which opens both. When nothing is left a run is one
//! question to the database.

use crate::members::store;
use jobs::{Every, Handler, Schedule};
use kernel::error::Result;
use site::{May as _, Program, Site};

const BIND: &str = "people.bind_numbers";
/// Members of one transaction: nobody waits for it.
const AT_ONCE: i64 = 100;

/// Seals them anew, part by part.
pub(crate) const BINDING: Handler<Site> = Handler::new(BIND, |site, running| {
    Box::pin(async move {
        let mut after = String::new();
        while !running.is_stopped() {
            match part(&site, &after).await? {
                Some(last) => after = last,
                None => break,
            }
        }
        Ok(())
    })
});

/// When that is done: soon after an upgrade, and once a day for what an archive brings.
pub(crate) fn binds_daily() -> Schedule {
    Schedule::new(BIND, Every::Hours(24), BIND)
}

async fn part(site: &Site, after: &str) -> Result<Option<String>> {
    let mut act = Program::part(BIND).begin_unlogged(site, BIND, BIND).await?;
    let last = store::bind_numbers(&mut act, after, AT_ONCE).await?;
    act.end().await?;
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::part;
    use crate::number::{self, CARD, CITIZEN, PHONE};
    use testkit::{HOA, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn numbers_of_old_are_bound_to_their_member_and_a_copied_one_does_not_open() {
        on_both(|| vec![crate::room()], async |app| {
            let site = &app.site;
            let old = |column: &str, value: &str| site.keys.seal(column, value, &site.dice).unwrap();
            let mut act = app.act().await;
            for who in ["hoa", "lan"] {
                db::sql("update people_member set card_sealed = $2, citizen_sealed = $3, phone_sealed = $4 where id = $1")
                    .bind(who).bind(old(CARD, "012345678901")).bind(old(CITIZEN, "079154000001")).bind(old(PHONE, "0901234567"))
                    .run(act.on()).await.unwrap();
            }
            // One that no key opens stays as it is.
            db::sql("update people_member set card_sealed = 'AAAA' where id = 'lan'").run(act.on()).await.unwrap();
            act.end().await.unwrap();
            assert!(app.as_(HOA).get("/me").await.expects(200).body().contains("8901"), "opened as it was");
            // And closes no page: it is told as kept and not open, the others are there.
            let page = app.as_(testkit::THU).get("/members/lan").await.expects(200);
            assert!(page.body().contains("0901234567"), "{}", page.body());
            let opened = app.as_(testkit::THU).post("/members/lan/numbers", &[("purpose", "đối chiếu thẻ")]).await.expects(200);
            assert!(opened.body().contains("chưa mở được"), "{}", opened.body());
            app.as_(testkit::LAN).get("/me").await.expects(200).body().contains("chưa mở được").then_some(()).unwrap();
            app.as_(testkit::LAN).get("/me/record.pdf").await.expects(200);
            let told: Vec<_> = crate::check(site).await.unwrap().into_iter().map(|one| (one.id, one.found)).collect();
            assert!(told.contains(&("lan".to_owned(), CARD.to_owned())), "what does not open is told by the check: {told:?}");
            assert_eq!(part(site, "").await.unwrap().as_deref(), Some("lan"));
            assert_eq!(part(site, "").await.unwrap().as_deref(), Some("lan"), "only who does not open is left");
            assert_eq!(part(site, "lan").await.unwrap(), None, "and holds nobody back");
            let bound = "select count(*) from people_member where id = 'hoa' and card_sealed like '2.%' \
                and citizen_sealed like '2.%' and phone_sealed like '2.%'";
            assert_eq!(app.count(bound).await, 1);
            assert!(app.as_(HOA).get("/me").await.expects(200).body().contains("8901"));
            let (card,): (String,) = db::sql("select card_sealed from people_member where id = 'hoa'")
                .one(site.db.read()).await.unwrap();
            let at = |who: &str| site.keys.open_at(number::spot(CARD, &who.parse().unwrap()), &card);
            assert_eq!(at("hoa").unwrap(), "012345678901");
            assert!(at("minh").is_err(), "copied into another record it stays closed");
        })
        .await;
    }
}
