//! Hôm nay: the next thing open, the rest folded, then news and what the rooms put beside.
//!
//! Three tasks, then a link to all. Asks no table itself, so it is as fast as its sources.
//! Not here: gathering and order (`crate::today`).

use crate::today::{gather, whole_symbols};
use askama::Template;
use axum::extract::{RawQuery, State};
use kernel::Day;
use site::{Site, TodayNotice, TodayTask};
use web::{Answer, Frame, Member};

/// Tasks shown before "all of the month".
const TASKS: usize = 3;
/// News shown before "all".
const NOTICES: usize = 5;

#[derive(Template)]
#[template(path = "front/today.html")]
struct Page {
    frame: Frame,
    date: String,
    hello: String,
    lead: String,
    tasks: Vec<Row>,
    more_tasks: usize,
    notices: Vec<TodayNotice>,
    more_notices: usize,
    asides: Vec<String>,
    is_all: bool,
    is_incomplete: bool,
}

/// A task, ready to draw; the `…_html` fields are escaped.
struct Row {
    order: usize,
    task: TodayTask,
    title_html: String,
    why_html: String,
    how_html: String,
    due_icon: &'static str,
}

impl Row {
    fn has_reasons(&self) -> bool {
        !self.why_html.is_empty() || !self.how_html.is_empty()
    }
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    RawQuery(query): RawQuery,
) -> Answer {
    let is_all = crate::search::parameter(query.as_deref().unwrap_or(""), "all")
        .is_some_and(|all| all == "1");
    let mut gathered = gather(&site, &frame, &who.0).await;
    let (task_count, notice_count) = (gathered.tasks.len(), gathered.notices.len());
    if !is_all {
        gathered.tasks.truncate(TASKS);
        gathered.notices.truncate(NOTICES);
    }
    let minutes: i64 = gathered.tasks.iter().map(|task| task.minutes.max(0)).sum();
    let shown = gathered.tasks.len();
    frame.html(&Page {
        date: long_date(&frame, frame.today()),
        hello: hello(&frame, &who.actor.name),
        lead: lead(&frame, shown, minutes, is_all),
        more_tasks: task_count - shown,
        more_notices: notice_count - gathered.notices.len(),
        tasks: gathered
            .tasks
            .into_iter()
            .enumerate()
            .map(|(nth, task)| row(nth, task))
            .collect(),
        notices: gathered.notices,
        asides: gathered.asides,
        is_all,
        is_incomplete: gathered.is_incomplete,
        frame: frame.clone(),
    })
}

fn row(nth: usize, task: TodayTask) -> Row {
    let due_icon = match task.due_state {
        "warn" => "clock",
        "bad" => "warn",
        _ => "cal",
    };
    Row {
        order: nth + 1,
        title_html: whole_symbols(&task.title),
        why_html: whole_symbols(&task.why),
        how_html: whole_symbols(&task.how),
        due_icon,
        task,
    }
}

/// "Chào đồng chí Lan": the given name, with the organisation's way to address members.
fn hello(frame: &Frame, name: &str) -> String {
    let given = vietnamese::given_name(name);
    match frame.org().address.as_str() {
        "" => frame.t1("front-today-hello-plain", "name", given),
        you => frame.t2("front-today-hello", "you", you, "name", given),
    }
}

fn lead(frame: &Frame, count: usize, minutes: i64, is_all: bool) -> String {
    match (count, minutes, is_all) {
        (0, ..) => String::new(),
        (_, 0, _) => frame.t1("front-today-lead-plain", "count", count),
        (_, _, true) => frame.t2("front-today-lead-all", "count", count, "minutes", minutes),
        _ => frame.t2("front-today-lead", "count", count, "minutes", minutes),
    }
}

/// "Thứ Hai, 23 tháng 11 năm 2026".
fn long_date(frame: &Frame, day: Day) -> String {
    let weekday = frame.t(match day.weekday() {
        0 => "web-weekday-mon",
        1 => "web-weekday-tue",
        2 => "web-weekday-wed",
        3 => "web-weekday-thu",
        4 => "web-weekday-fri",
        5 => "web-weekday-sat",
        _ => "web-weekday-sun",
    });
    let month = frame.t(match day.month() {
        1 => "front-month-1",
        2 => "front-month-2",
        3 => "front-month-3",
        4 => "front-month-4",
        5 => "front-month-5",
        6 => "front-month-6",
        7 => "front-month-7",
        8 => "front-month-8",
        9 => "front-month-9",
        10 => "front-month-10",
        11 => "front-month-11",
        _ => "front-month-12",
    });
    let (number, year) = (day.day().to_string(), day.year().to_string());
    frame.tn(
        "front-today-date",
        &[
            ("weekday", weekday.as_str().into()),
            ("day", number.as_str().into()),
            ("month", month.as_str().into()),
            ("year", year.as_str().into()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use kernel::Error;
    use site::room::Later;
    use site::{Room, Site, TodayNotice, TodayPart, TodayTask};
    use std::sync::Arc;
    use testkit::{HOA, LAN, on_both, on_sqlite};
    use web::{Frame, SignedIn};

    fn task(due_at: i64, title: &str) -> TodayTask {
        TodayTask {
            due_at,
            minutes: 5,
            title: title.into(),
            due: "Hạn thứ Năm 26/11".into(),
            due_state: "warn",
            left: "còn 3 ngày".into(),
            why: "Điều 4, Quy định 12-QĐ/ĐU".into(),
            how: "Đã có <2> tài liệu".into(),
            action: format!("Làm {due_at}"),
            to: format!("/tasks/{due_at}"),
        }
    }
    fn source(name: &'static str, today: site::room::TodaySource) -> Room {
        let mut room = Room::new(name, "", "");
        room.today = Some(today);
        room
    }
    type Part = Later<'static, kernel::Result<TodayPart>>;
    /// Lan has tasks 5, 3 and 1; nobody else has any.
    fn odd(_: Site, _: Frame, who: Arc<SignedIn>) -> Part {
        Box::pin(async move {
            let mut part = TodayPart::default();
            if who.actor.member.as_str() == "lan" {
                part.tasks = vec![
                    task(5, "Việc năm"),
                    task(3, "Việc ba"),
                    task(1, "Gửi 12-QĐ/ĐU"),
                ];
                part.notices = vec![TodayNotice {
                    at: 1,
                    margin: "20/11".into(),
                    title: "Tin & cũ".into(),
                    meta: String::new(),
                    to: "/n/1".into(),
                }];
                part.asides.push((
                    10,
                    "<section class=\"block\" id=\"beside\">Bên</section>".into(),
                ));
            }
            Ok(part)
        })
    }
    /// Lan has tasks 2 and 4.
    fn even(_: Site, _: Frame, who: Arc<SignedIn>) -> Part {
        Box::pin(async move {
            let mut part = TodayPart::default();
            if who.actor.member.as_str() == "lan" {
                part.tasks = vec![task(4, "Việc bốn"), task(2, "Việc hai")];
                part.notices = vec![TodayNotice {
                    at: 2,
                    margin: "21/11".into(),
                    title: "Tin mới".into(),
                    meta: "đọc".into(),
                    to: "/n/2".into(),
                }];
            }
            Ok(part)
        })
    }
    fn broken(_: Site, _: Frame, _: Arc<SignedIn>) -> Part {
        Box::pin(async { Err(Error::fault("secret table is gone")) })
    }
    fn dying(_: Site, _: Frame, _: Arc<SignedIn>) -> Part {
        panic!("a source that dies before its first await")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_soonest_task_is_open_and_has_the_one_red_button() {
        on_both(
            || {
                vec![
                    crate::room(),
                    source("odd", Arc::new(odd)),
                    source("even", Arc::new(even)),
                ]
            },
            async |app| {
                let page = app.as_(LAN).get("/today").await.expects(200);
                assert_eq!(page.text("h1"), "Chào đồng chí Lan");
                assert_eq!(page.text(".eyebrow"), "Thứ Hai, 23 tháng 11 năm 2026");
                assert_eq!(
                    page.text(".lead"),
                    "Ba việc nên làm trước, mất khoảng 15 phút."
                );
                assert_eq!(
                    page.all(".task h3"),
                    ["Gửi 12-QĐ/ĐU", "Việc hai", "Việc ba"]
                );
                assert_eq!(page.all("main .btn-go"), ["Làm 1"]);
                assert_eq!(page.attributes("main .btn-go", "href"), ["/tasks/1"]);
                assert!(!page.has(".task:first-child details"));
                assert_eq!(page.all(".task details").len(), 2);
                assert_eq!(page.text(".task:first-child .nowrap"), "12-QĐ/ĐU");
                assert!(
                    page.text(".task:first-child .why").contains("<2>"),
                    "texts are text, not markup"
                );
                assert!(page.has_button("Xem cả tháng: còn 2 việc"));
                assert_eq!(page.all("#notices a.rowlink"), ["Tin mới", "Tin & cũ"]);
                assert_eq!(page.all(".cols > aside #beside"), ["Bên"]);
                assert!(!page.has(".empty"));
                assert!(!page.body().contains('⟦'));
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn the_whole_month_shows_every_task() {
        on_sqlite(
            || {
                vec![
                    crate::room(),
                    source("odd", Arc::new(odd)),
                    source("even", Arc::new(even)),
                ]
            },
            async |app| {
                let page = app.as_(LAN).get("/today?all=1").await.expects(200);
                assert_eq!(page.all(".task h3").len(), 5);
                assert_eq!(page.all("main .btn-go").len(), 1);
                assert!(!page.body().contains("Xem cả tháng"));
                app.as_(LAN).get("/today?all=%00&all=2").await.expects(200);
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_to_do_is_said_calmly_and_leads_to_help() {
        on_sqlite(
            || vec![crate::room(), source("odd", Arc::new(odd))],
            async |app| {
                let page = app.as_(HOA).get("/today").await.expects(200);
                assert_eq!(page.text("h1"), "Chào đồng chí Hoa");
                assert!(page.has(".empty svg.draw"));
                assert!(
                    page.attributes(".empty a", "href")
                        .contains(&"/help".to_owned())
                );
                assert!(
                    !page.has(".btn-go"),
                    "nothing is hers to do, so nothing is red"
                );
                assert!(
                    !page.has(".cols"),
                    "no second column without anything in it"
                );
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_source_that_fails_or_dies_costs_only_its_own_part() {
        on_sqlite(
            || {
                vec![
                    crate::room(),
                    source("broken", Arc::new(broken)),
                    source("even", Arc::new(even)),
                    source("dying", Arc::new(dying)),
                ]
            },
            async |app| {
                let page = app.as_(LAN).get("/today").await.expects(200);
                assert_eq!(page.all(".task h3"), ["Việc hai", "Việc bốn"]);
                assert!(page.has("#missing[role=status]"));
                assert!(!page.body().contains("secret table"));
                let page = app.as_(HOA).get("/today").await.expects(200);
                assert!(page.has("#missing"));
                assert!(
                    !page.has(".empty"),
                    "with a part missing nobody is told that there is nothing to do"
                );
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn how_members_are_addressed_is_a_setting() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                *app.site.edge.org.write().unwrap() = Arc::new(web::frame::Org {
                    address: String::new(),
                    ..web::frame::Org::default()
                });
                assert_eq!(
                    app.as_(LAN).get("/today").await.expects(200).text("h1"),
                    "Chào Lan"
                );
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_stranger_signs_in_first() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let gone = app.stranger().get("/today").await.expects(303);
                assert_eq!(gone.location(), "/sign-in?next=%2Ftoday");
            },
        )
        .await;
    }
}
