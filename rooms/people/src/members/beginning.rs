//! The first day on which somebody belongs to their unit, put right: the handbook often began with the day of a list.
//!
//! A correction is a line of its own that names the line which opened the placement; nothing of before is changed
//! (decision 13). Not here: a day on which two units agreed (`moving`): a placement that follows another keeps it.
//! The rule that surprises: it is moved to earlier days too when somebody is recorded as dead or gone from a day before
//! it, since nobody leaves a unit before they came (`leaving`).

use crate::access::Records;
use crate::fact::EventKind;
use crate::members::store::beginning as store;
use crate::members::store::beginning::Begun;
use crate::store::{Event, add_own_event, bump_epoch};
use kernel::error::Result;
use kernel::{Day, MemberId};
use site::{Act, Site};

/// The placement of a member whose first day can be put right: the open one of their own unit that follows no other.
pub(crate) async fn find(site: &Site, member: &MemberId) -> Result<Option<Begun>> {
    store::find(site.db.read(), member).await
}

/// Puts the first day right; `false`: there is no such placement, or the day is none on which it may begin.
///
/// # Errors
/// Database faults, and a member beyond the act.
pub async fn set_first_day<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    on: Day,
    reason: &str,
) -> Result<bool> {
    bump_epoch(act).await?;
    let Some(begun) = store::find(act.on(), member).await? else {
        return Ok(false);
    };
    if on < begun.first() || on > act.now().day() {
        return Ok(false);
    }
    if on == begun.from_on {
        return Ok(true);
    }
    let event = Event::new(member, EventKind::PlacementBegun, on)
        .unit(&begun.unit_id)
        .corrects(&begun.line)
        .why(reason)
        .payload(serde_json::json!({
            "placement": begun.id, "from_on": [begun.from_on, on],
        }));
    let event = add_own_event(act, &event).await?;
    store::set(act, member, (&begun.id, on), &event).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use crate::fact::Placement;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, on_both};

    const PATH: &str = "/members/hoa/beginning";

    #[tokio::test(flavor = "multi_thread")]
    async fn the_first_day_is_put_right_with_a_reason_and_the_line_of_before_stays() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let lan = app.as_(LAN);
                let page = lan.get("/members/hoa").await.expects(200);
                assert!(page.has(&format!("a[href='{PATH}']")));
                let page = lan.get(PATH).await.expects(200);
                let was = page.attributes("input[name=was]", "value").remove(0);
                for who in [HOA, MINH, TUAN, BINH] {
                    app.as_(who).get(PATH).await.expects(404);
                    app.as_(who).post(PATH, &[("on", "1/3/2015")]).await.expects(404);
                }
                lan.post_forged(PATH, &[("on", "1/3/2015")]).await.expects(403);
                let typed = |on: &'static str, why: &'static str| {
                    [
                        ("on", on.to_owned()),
                        ("reason", why.to_owned()),
                        ("was", was.clone()),
                    ]
                };
                let send = async |on: &'static str, why: &'static str| {
                    let typed = typed(on, why);
                    let typed: Vec<(&str, &str)> =
                        typed.iter().map(|(field, value)| (*field, value.as_str())).collect();
                    lan.post(PATH, &typed).await
                };
                for (on, why, field) in [
                    ("24/11/2026", "x", "on"),
                    ("31/2/2015", "x", "on"),
                    ("1/1/1900", "x", "on"),
                    ("1/3/2015", "  ", "reason"),
                ] {
                    let page = send(on, why).await.expects(422);
                    assert!(page.has(&format!("#e-{field}")), "{on} {why}");
                }
                let lines = "select count(*) from people_member_event where member_id = 'hoa'";
                let before = app.count(lines).await;
                send("1/3/2015", "Theo sổ đảng viên").await.expects(303);
                let now = "select count(*) from people_placement where id = 'p-hoa' and from_on = '2015-03-01'";
                assert_eq!(app.count(now).await, 1);
                assert_eq!(app.count(lines).await, before + 1, "one line more, none changed");
                assert_eq!(crate::check(&app.site).await.unwrap(), [], "the ledger says the same");
                let history = lan.get("/members/hoa/history").await.expects(200);
                assert!(history.text("main").contains("Theo sổ đảng viên"));
                assert!(send("2/3/2015", "x").await.expects(422).has("#e-on"), "another was first");
                let cell = "cell-a".parse().unwrap();
                let there = crate::roster::list(&app.site, &cell, "2015-03-01".parse().unwrap());
                let there = there.await.unwrap();
                let hoa = there.iter().find(|one| one.member_id.as_str() == "hoa").unwrap();
                assert!(hoa.placement.is(Placement::Official));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_death_before_the_day_of_the_list_says_what_it_does_and_moves_that_day() {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.sets("update people_placement set from_on = '2026-11-20' where id = 'p-hoa'")
                    .await;
                app.opens_ledger().await;
                let lan = app.as_(LAN);
                let page = lan.get("/members/hoa/leaving").await.expects(200);
                assert!(
                    page.text("#begins").contains("20/11/2026"),
                    "{}",
                    page.text("#follows")
                );
                let died = |on: &'static str| {
                    [
                        ("how", "died"),
                        ("on", on),
                        ("read", "1"),
                        ("row_version", "1"),
                    ]
                };
                let path = "/members/hoa/leaving";
                lan.post(path, &died("1/1/1900")).await.expects(422);
                lan.post(path, &died("5/10/2026")).await.expects(303);
                let ended = "select count(*) from people_placement where id = 'p-hoa' \
                    and from_on = '2026-10-05' and to_on = '2026-10-06'";
                assert_eq!(app.count(ended).await, 1);
                assert_eq!(crate::check(&app.site).await.unwrap(), []);
                // Whoever came from another unit left it on a day on which both agreed: that one stays.
                let thu = app.as_(THU);
                let send = [
                    ("to", "cell-b"),
                    ("kind", "official"),
                    ("letter_on", "20/11/2026"),
                    ("row_version", "1"),
                ];
                thu.post("/members/minh/transfer", &send).await.expects(303);
                let id: (String,) = db::sql("select id from people_transfer")
                    .one(app.site.db.read())
                    .await
                    .unwrap();
                let at = format!("/transfers/{}/acceptance", id.0);
                thu.post(&at, &[("on", "22/11/2026")]).await.expects(303);
                thu.get("/members/minh/beginning").await.expects(404);
                thu.post("/members/minh/leaving", &died("21/11/2026"))
                    .await
                    .expects(422);
            },
        )
        .await;
    }
}
