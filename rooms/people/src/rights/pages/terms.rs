//! "Sắp hết nhiệm kỳ": posts of a unit and below whose last day comes, or came and has no next holder.
//!
//! For who gives these posts; each line leads to handing over. Not here: giving the next post, prolonging (`posts`).

use crate::page::unit_id;
use crate::rights::store::{self, Ending};
use crate::sight;
use askama::Template;
use axum::extract::{Path, State};
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, Day};
use site::Site;
use site::room::TodayTask;
use web::{Answer, Frame, Member};

rules::names! {
    /// Days before its end from which a term is told of.
    pub TERM_AHEAD_DAYS: "people.term_ahead_days", Days;
}

/// Days after its end for which a post without a next holder still stands on the list.
const BEHIND_DAYS: i32 = 90;

#[derive(Template)]
#[template(path = "people/terms.html")]
struct Page {
    frame: Frame,
    unit: String,
    unit_name: String,
    lines: Vec<Ending>,
    open_ended: i64,
    days: i32,
    today: Day,
}

impl Page {
    /// "còn 12 ngày", or that it is over.
    fn left(&self, one: &Ending) -> String {
        let left = self.today.days_until(one.to_on);
        match left > 0 {
            true => self.frame.t1("people-terms-left", "n", left),
            false => self.frame.t("people-terms-over"),
        }
    }
    fn last(&self, one: &Ending) -> String {
        one.to_on.plus_days(-1).vn()
    }
}

/// For how many days before its end a term is told of.
async fn ahead(site: &Site) -> Result<i32> {
    let found = site.rules.get(TERM_AHEAD_DAYS, site.clock.today()).await?;
    Ok(found.span()?.clamp(1, 3_650))
}

async fn list(site: &Site, path: &kernel::UnitPath) -> Result<Vec<Ending>> {
    let today = site.clock.today();
    let until = today.plus_days(ahead(site).await?);
    let since = today.plus_days(-BEHIND_DAYS);
    store::list_ending(&site.db, path, (since, until, today)).await
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let seen = sight::of_unit(&site, &who.actor, &unit_id(&id)?).await?;
    if !seen.may_give {
        return Err(Error::NotFound.into());
    }
    let today = frame.today();
    frame.html(&Page {
        lines: list(&site, &seen.unit.path).await?,
        open_ended: store::count_open_ended(&site.db, &seen.unit.path, today).await?,
        days: ahead(&site).await?,
        unit: seen.unit.id.to_string(),
        unit_name: seen.unit.name,
        frame: frame.clone(),
        today,
    })
}

/// On Hôm nay of who gives posts: how many terms end, the first of them, and where.
pub(crate) async fn part(site: &Site, frame: &Frame, actor: &Actor) -> Result<Vec<TodayTask>> {
    let today = frame.today();
    let mut tasks = Vec::new();
    if !actor.may_somewhere(Cap::GrantGive, today) {
        return Ok(tasks);
    }
    for top in crate::unit::tops_of(site, actor, today).await? {
        if !actor.allow(Cap::GrantGive, &top.reference(), today) {
            continue;
        }
        let lines = list(site, &top.path).await?;
        let Some(first) = lines.first() else {
            continue;
        };
        let day = first.to_on.plus_days(-1);
        tasks.push(TodayTask {
            due_at: first.to_on.start().0,
            minutes: 10,
            title: frame.t1("people-terms-task", "n", lines.len()),
            due: frame.t1("people-terms-task-due", "day", &day.vn()),
            due_state: if first.to_on <= today { "bad" } else { "" },
            left: String::new(),
            why: frame.t2(
                "people-terms-task-why",
                "name",
                &first.name,
                "post",
                &first.title,
            ),
            how: frame.t("people-terms-task-how"),
            action: frame.t("people-terms-task-go"),
            to: format!("/units/{}/terms", top.id),
        });
    }
    Ok(tasks)
}

#[cfg(test)]
mod tests {
    use crate::store::{self, NewHolding};
    use kernel::Role;
    use testkit::{BINH, HOA, LAN, MINH, THU, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn terms_that_end_are_listed_until_somebody_holds_the_post_after() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let today = app.today();
                let cell = "cell-a".parse().unwrap();
                let gives = async |title: &str, who: &str, from: i32, to: i32| {
                    let mut act = app.act().await;
                    let post = NewHolding {
                        to_on: today.plus_days(to),
                        ..NewHolding::new(
                            &cell,
                            title,
                            Role::CellCommittee,
                            30,
                            &who.parse().unwrap(),
                            today.plus_days(from),
                        )
                    };
                    store::add_position_holding(&mut act, &post).await.unwrap();
                    act.end().await.unwrap();
                };
                gives("Chi ủy viên", "hoa", -100, 30).await;
                gives("Cấp phó", "hoa", -100, 91).await;
                gives("Ủy viên cũ", "minh", -300, -10).await;
                gives("Ủy viên lâu rồi", "minh", -900, -200).await;
                let page = app
                    .as_(THU)
                    .get("/units/committee/terms")
                    .await
                    .expects(200);
                assert!(!page.body().contains('⟦'), "{}", page.text("main"));
                let lines = page.all("#ending > li");
                assert_eq!(lines.len(), 2, "{lines:?}");
                assert!(lines[0].contains("Ủy viên cũ") && lines[0].contains("Trần Văn Minh"));
                assert!(
                    lines[1].contains("Chi ủy viên") && lines[1].contains("còn 30 ngày"),
                    "{lines:?}"
                );
                gives("Chi ủy viên", "minh", 30, 400).await;
                let page = app.as_(THU).get("/units/cell-a/terms").await.expects(200);
                assert_eq!(page.all("#ending > li").len(), 1, "a next holder stands");
                for who in [LAN, MINH, HOA, BINH] {
                    app.as_(who).get("/units/cell-a/terms").await.expects(404);
                }
                app.stranger().get("/units/cell-a/terms").await.expects(303);
                assert!(
                    app.as_(THU)
                        .get("/units/cell-a")
                        .await
                        .has("a[href='/units/cell-a/terms']")
                );
            },
        )
        .await;
    }
}
