//! What this room puts on Hôm nay: rules to confirm, a backup that is overdue, the log.
//!
//! Costs a statement only for the few who can act; everyone else's page asks nothing here.

use crate::{access, store};
use askama::Template;
use kernel::error::{Error, Result};
use site::room::Later;
use site::{Site, TodayPart, TodayTask};
use std::sync::Arc;
use web::{Frame, SignedIn};

/// A backup older than this many days is worth a task.
const BACKUP_DAYS: i64 = 7;
/// Days of the log that are counted.
const WEEK: i32 = 7;
/// Where the log stands among the panels.
const LOG_ORDER: i64 = 40;

/// The room's part of Hôm nay.
pub(crate) fn source(
    site: Site,
    frame: Frame,
    who: Arc<SignedIn>,
) -> Later<'static, Result<TodayPart>> {
    Box::pin(async move {
        let on = frame.today();
        let mut part = TodayPart::default();
        if access::can_sign_off(&who.actor, on).is_ok() {
            let count = crate::pages::standing::count_unsigned(&site, on).await?;
            if count > 0 {
                part.tasks.push(rules_to_confirm(&frame, count));
            }
        }
        if access::doors(&who.actor, on).configure {
            let last = store::last_backup_at(&site.db)
                .await?
                .map(kernel::Moment::day);
            if last.is_none_or(|day| day.days_until(on) > BACKUP_DAYS) {
                part.tasks.push(backup_is_due(&frame, last));
            }
        }
        if access::doors(&who.actor, on).audit {
            let week = store::since(&site.db, on.plus_days(-WEEK).start()).await?;
            let html = Log { frame, week }.render().map_err(Error::fault)?;
            part.asides.push((LOG_ORDER, html));
        }
        Ok(part)
    })
}

/// Whoever reads the log finds it on Hôm nay, with what is worth a look.
#[derive(Template)]
#[template(path = "admin/_log.html")]
struct Log {
    frame: Frame,
    week: store::Since,
}

fn rules_to_confirm(frame: &Frame, count: i64) -> TodayTask {
    TodayTask {
        // Nothing breaks meanwhile, figures are only marked "unconfirmed": after what has a day, be it one of next
        // month, as an approval has.
        due_at: frame.today().plus_days(366).start().0,
        minutes: 10,
        title: frame.t1("admin-today-rules-title", "count", count),
        due: String::new(),
        due_state: "",
        left: String::new(),
        why: frame.t("admin-today-rules-why"),
        how: frame.t("admin-today-rules-how"),
        action: frame.t("admin-today-rules-go"),
        to: "/admin/standing".into(),
    }
}

fn backup_is_due(frame: &Frame, last: Option<kernel::Day>) -> TodayTask {
    TodayTask {
        due_at: frame.now().0,
        minutes: 5,
        title: frame.t("admin-today-backup-title"),
        due: match last {
            Some(day) => frame.t1("admin-today-backup-last", "day", &day.vn()),
            None => frame.t("admin-today-backup-never"),
        },
        due_state: "warn",
        left: String::new(),
        why: frame.t("admin-today-backup-why"),
        how: frame.t("admin-today-backup-how"),
        action: frame.t("admin-today-backup-go"),
        to: "/admin".into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::kit::{HUE, SON, with_more_people};
    use axum::extract::State;
    use site::{Site, settings};
    use testkit::{BINH, LAN, on_both};
    use web::{Access, Frame, Member, Routes};

    /// Answers where this member's tasks lead.
    async fn probe(State(site): State<Site>, frame: Frame, who: Member) -> String {
        let part = super::source(site, frame, who.0).await.unwrap();
        let logs = (part.asides.iter()).filter(|(_, html)| html.contains("\"/admin/audit\""));
        let logs = logs.count();
        let tasks = part.tasks.into_iter().map(|task| format!("{} ", task.to));
        tasks.collect::<String>() + &"/admin/audit ".repeat(logs)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn only_who_can_act_is_asked_to() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_more_people(app, Routes::new().get("/probe", Access::Member, probe));
                assert_eq!(
                    app.as_(SON).get("/probe").await.expects(200).body(),
                    "/admin/standing "
                );
                assert_eq!(
                    app.as_(BINH).get("/probe").await.expects(200).body(),
                    "/admin "
                );
                for (who, leads) in [(LAN, ""), (HUE, "/admin/audit ")] {
                    let page = app.as_(who).get("/probe").await.expects(200);
                    assert_eq!(page.body(), leads);
                }
                let mut act = app.act().await;
                let now = app.site.clock.now().0.to_string();
                settings::set(&mut act, crate::store::BACKUP_AT, &now)
                    .await
                    .unwrap();
                act.end().await.unwrap();
                assert_eq!(
                    app.as_(BINH).get("/probe").await.expects(200).body(),
                    "",
                    "it was backed up today"
                );
                app.later(8 * 86_400_000);
                assert_eq!(
                    app.as_(BINH).get("/probe").await.expects(200).body(),
                    "/admin "
                );
            },
        )
        .await;
    }
}
