//! Reading the log: who did what, newest first, by name, action and day.
//!
//! Of a change only the names of the fields are shown, never a value, of a reason only that one was given, of an
//! address nothing that was typed: what should never have been logged must not be read here either. People spoken
//! of stand by their code, and as somebody without one where they have none (their id is among the codes below): an
//! auditor reads no names of members. Not here: writing (`site::audit`), the chain of hashes (`site::chain`).

use crate::access;
use crate::store::{self, Asked, Line};
use askama::Template;
use axum::extract::{RawQuery, State};
use kernel::{Moment, UnitId};
use site::Site;
use std::collections::{BTreeSet, HashMap};
use web::paging::Paging;
use web::{Answer, FormState, Frame, Member};

/// Lines a page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct Page {
    frame: Frame,
    form: FormState,
    rows: Vec<Row>,
    paging: Paging,
    shown: String,
    is_filtered: bool,
    /// Lines for whoever keeps them elsewhere; on the first page alone.
    heads: Vec<String>,
}

/// Days whose heads the page shows: enough for whoever comes once a month.
const HEADS: i64 = 31;

/// A line, ready to draw.
struct Row {
    day: String,
    time: String,
    who: String,
    words: String,
    object: String,
    unit: String,
    about: String,
    fields: String,
    /// Whether somebody said why: it stands with the thing itself.
    has_reason: bool,
    codes: String,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    RawQuery(query): RawQuery,
) -> Answer {
    access::need(access::doors(&who.actor, frame.today()).audit)?;
    let query = query.unwrap_or_default();
    let (actor, action, day) = (
        parameter(&query, "actor"),
        parameter(&query, "action"),
        parameter(&query, "day"),
    );
    let mut form = FormState::new()
        .with("actor", &actor)
        .with("action", &action)
        .with("day", &day);
    let read = web::read_day(&day, frame.today()); // an unreadable day gets its sentence below
    if read.is_none() && !day.is_empty() {
        form.fail("day", web::day_trouble(&day, "admin-audit-day-wrong"));
    }
    let asked = Asked {
        actor,
        action,
        day: read,
    };
    let words = |action: &str| word(&frame, "did", action);
    let lines = store::lines(&site.db, &asked, words).await?;
    if lines.is_too_wide {
        form.fail("actor", frame.t("admin-audit-actor-many"));
    }
    let total = lines.count(&site.db).await?;
    let page = parameter(&query, "page").parse().unwrap_or(1);
    let paging = Paging::new(page, PAGE, total, address(&asked));
    let found = lines.list(&site.db, PAGE, paging.offset()).await?;
    let units = unit_names(&site, &found).await?;
    let shown = frame.tn(
        "admin-audit-shown",
        &[
            ("from", paging.from().into()),
            ("to", paging.to().into()),
            ("total", paging.total.into()),
        ],
    );
    let is_filtered = asked != Asked::default();
    let heads = match is_filtered || paging.page > 1 {
        true => Vec::new(),
        false => site::chain::newest_heads(&site, HEADS).await?,
    };
    frame.html(&Page {
        heads: heads.iter().map(ToString::to_string).collect(),
        is_filtered,
        rows: found
            .into_iter()
            .map(|line| row(&frame, line, &units))
            .collect(),
        frame: frame.clone(),
        form,
        paging,
        shown,
    })
}

/// A parameter of the address: one clean line of at most 100 characters.
fn parameter(query: &str, name: &str) -> String {
    let found = form_urlencoded::parse(query.as_bytes()).find(|(held, _)| held == name);
    let text = found.map_or_else(String::new, |(_, value)| vietnamese::nfc(&value));
    text.chars()
        .filter(|c| !c.is_control())
        .take(100)
        .collect::<String>()
        .trim()
        .to_owned()
}

fn address(asked: &Asked) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    let day = asked.day.map_or_else(String::new, |day| day.to_string());
    for (name, value) in [
        ("actor", &asked.actor),
        ("action", &asked.action),
        ("day", &day),
    ] {
        if !value.is_empty() {
            out.append_pair(name, value);
        }
    }
    let query = out.finish();
    if query.is_empty() {
        "/admin/audit".into()
    } else {
        format!("/admin/audit?{query}")
    }
}

/// Names of the units that a page of lines speaks of.
async fn unit_names(site: &Site, lines: &[Line]) -> kernel::Result<HashMap<String, String>> {
    let ids: BTreeSet<&str> = lines
        .iter()
        .map(|line| line.unit_id.as_str())
        .filter(|id| !id.is_empty())
        .collect();
    let mut names = HashMap::new();
    for text in ids {
        let Ok(id) = text.parse::<UnitId>() else {
            continue;
        };
        match people::unit::get(site, &id).await {
            Ok(unit) => names.insert(text.to_owned(), unit.name),
            Err(kernel::Error::NotFound) => continue,
            Err(error) => return Err(error),
        };
    }
    Ok(names)
}

/// What the rooms call an action (`did-…`), a kind of thing (`thing-…`) or a field (`field-…`); the name itself
/// when nobody has a word for it.
fn word(frame: &Frame, head: &str, name: &str) -> String {
    let key = format!("{head}-{}", name.replace(['.', '_'], "-"));
    match frame.knows(&key) {
        true => frame.t(&key),
        false => name.to_owned(),
    }
}

/// The id of what it was done to. Lines from before kept the address that somebody typed: it is left out.
fn named(line: &Line) -> &str {
    match line.object_type.as_str() {
        "path" => "",
        _ => &line.object_id,
    }
}

fn row(frame: &Frame, line: Line, units: &HashMap<String, String>) -> Row {
    let at = Moment(line.at);
    // What is named on a line of its own is not said twice; what has no name goes by its kind, its id stands below.
    let is_told = [&line.unit_id, &line.about_member_id].contains(&&line.object_id);
    let object = match (line.object_type.is_empty(), units.get(&line.object_id)) {
        (true, _) => String::new(),
        _ if is_told => String::new(),
        (_, Some(name)) => name.clone(),
        (_, None) => word(frame, "thing", &line.object_type),
    };
    let is_without_code = line.about_code.is_empty() && !line.about_member_id.is_empty();
    let object_id = named(&line);
    let mut codes = vec![line.request_id.as_str(), &line.action, object_id];
    if is_without_code && line.about_member_id != object_id {
        codes.push(&line.about_member_id);
    }
    let is_named = units.contains_key(&line.unit_id);
    if !is_named && line.unit_id != object_id {
        codes.push(&line.unit_id);
    }
    let codes = codes.into_iter().filter(|code| !code.is_empty());
    let codes: Vec<&str> = codes.collect();
    let codes = codes.join(", ");
    let fields = field_names(&line.diff_json);
    let fields: Vec<String> = fields
        .iter()
        .map(|name| word(frame, "field", name))
        .collect();
    Row {
        day: at.day().vn_short(),
        time: at.clock_text(),
        // What the program did by itself goes by a word of ours, not by the name of its part.
        who: match line.actor_label.strip_prefix("sotay ") {
            Some(command) => frame.t1("admin-audit-operator", "command", command),
            None => word(frame, "by", &line.actor_label),
        },
        words: word(frame, "did", &line.action),
        object,
        unit: match units.get(&line.unit_id) {
            Some(name) => name.clone(),
            None if line.unit_id.is_empty() => String::new(),
            None => frame.t("admin-audit-unit-gone"),
        },
        about: match is_without_code {
            true => frame.t("admin-audit-about-codeless"),
            false => line.about_code,
        },
        fields: fields.join(", "),
        has_reason: !line.reason.is_empty(),
        codes,
    }
}

/// The names of the fields that a change speaks of; never their values. A name that does not look
/// like one of ours is left out, for a value may stand in its place.
fn field_names(diff_json: &str) -> Vec<String> {
    let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(diff_json) else {
        return Vec::new();
    };
    let is_ours = |name: &&String| {
        name.len() <= 40
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '.'))
    };
    fields.keys().filter(is_ours).take(20).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::field_names;
    use crate::kit::{HUE, SON, with_more_people};
    use kernel::{Cap, UnitRef};
    use site::{May as _, Program, Right};
    use testkit::{BINH, LAN, THU, TestApp, on_both, path_of};
    use web::Routes;

    async fn a_day_of_work(app: &TestApp) {
        let cell = UnitRef {
            id: "cell-a".parse().unwrap(),
            path: path_of("cell-a"),
        };
        plans(app, &cell).await;
        app.later(60_000);
        let mut act = Right::own(&THU.actor())
            .begin(&app.site, "test", "member.correct")
            .await
            .unwrap();
        act.line()
            .about(&"hoa".parse().unwrap())
            .diff(&serde_json::json!({"phone":"0901234567","0912000111":1,"name":["Cũ","Mới"]}))
            .reason("đính chính");
        act.end().await.unwrap();
        app.later(86_400_000);
        let act = Program::part("backup")
            .begin(&app.site, "test", "backup.done")
            .await
            .unwrap();
        act.end().await.unwrap();
    }
    async fn plans(app: &TestApp, cell: &UnitRef) {
        let mut act = Right::of(&LAN.actor(), Cap::MeetingPrepare, cell, app.today())
            .unwrap()
            .begin(&app.site, "test", "meeting.plan")
            .await
            .unwrap();
        act.line().object("meeting", "m1");
        act.end().await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_auditor_reads_who_did_what_and_no_value() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let app = with_more_people(app, Routes::new());
                a_day_of_work(&app).await;
                let page = app.as_(HUE).get("/admin/audit").await.expects(200);
                let actions = ["Sao lưu", "Sửa hồ sơ", "meeting.plan"];
                assert_eq!(page.all("#lines .action"), actions, "newest first");
                assert!(
                    page.text("#lines li:nth-child(3)")
                        .contains("Chi bộ Tổ dân phố 1")
                );
                let change = page.text("#lines li:nth-child(2)");
                assert!(change.contains("tên, điện thoại") && change.contains("Có ghi lý do"));
                assert!(change.contains("một đảng viên chưa có mã"), "{change}");
                assert!(!change.contains(": hoa "), "an id is no name: {change}");
                assert_eq!(app.count("select count(*) from audit_event where reason like '%chính%'").await, 0);
                // Lines from before kept what somebody wrote and typed; they stay, and are not shown.
                app.sets(
                    "insert into audit_event (id, at, actor_id, actor_label, capability, grant_id, unit_id, \
                     unit_path_then, about_member_id, object_type, object_id, action, reason, diff_json, request_id) \
                     values ('old', 1, 'lan', 'Lan', '', '', '', '', '', 'path', '/members/0903111222', 'access.denied', \
                     'vì chị Tư ốm', '', 'op-1')",
                )
                .await;
                // The door itself, which is nobody.
                app.sets(
                    "insert into audit_event (id, at, actor_id, actor_label, capability, grant_id, unit_id, \
                     unit_path_then, about_member_id, object_type, object_id, action, reason, diff_json, request_id) \
                     values ('door', 2, '', 'sign-in', '', '', '', '', '', '', '', 'account.sign_in', '', '', 'op-2')",
                )
                .await;
                let page = app.as_(HUE).get("/admin/audit").await.expects(200);
                let lines = page.text("#lines");
                assert!(lines.contains("Trang đăng nhập") && !lines.contains("sign-in,"), "{lines}");
                assert_eq!(page.all("#lines .action").len(), 5);
                for value in [
                    "0901234567",
                    "0912000111",
                    "Cũ",
                    "Lương Thị Hoa",
                    "đính chính",
                    "chị Tư",
                    "0903111222",
                ] {
                    assert!(!page.body().contains(value), "{value}");
                }
                assert!(!page.body().contains('⟦'));
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn the_auditor_can_copy_the_heads_of_the_days_and_keep_them_elsewhere() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let app = with_more_people(app, Routes::new());
                let hue = app.as_(HUE);
                let page = hue.get("/admin/audit").await.expects(200);
                assert!(page.all("#heads").is_empty(), "nothing is bound yet");
                a_day_of_work(&app).await;
                site::chain::bind(&app.site).await.unwrap();
                app.later(86_400_000);
                site::chain::bind(&app.site).await.unwrap();
                let page = hue.get("/admin/audit").await.expects(200);
                let shown = page.text("#heads .code");
                let kept = site::chain::heads(&app.site, None, None).await.unwrap();
                assert!(
                    kept.len() == 1 && shown.trim() == kept[0].to_string(),
                    "{shown}"
                );
                let page = hue.get("/admin/audit?action=me").await.expects(200);
                assert!(page.all("#heads").is_empty());
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn the_log_is_narrowed_by_name_action_and_day() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let app = with_more_people(app, Routes::new());
                a_day_of_work(&app).await;
                let hue = app.as_(HUE);
                let all = [
                    ("actor=lan", 1),
                    ("actor=NGUYEN+thi", 1),
                    ("actor=khongai", 0),
                    ("action=me", 2),
                    ("action=meeting", 1),
                    ("action=SUA+ho+so", 1),
                    ("day=2026-11-23", 2),
                    ("day=2026-11-24&actor=backup", 1),
                    ("day=2026-11-22", 0),
                    ("actor=lan&action=member", 0),
                    ("actor=%27%22%3B--", 0),
                ];
                for (query, count) in all {
                    let page = hue.get(&format!("/admin/audit?{query}")).await.expects(200);
                    assert_eq!(page.all("#lines .action").len(), count, "{query}");
                }
                let page = hue.get("/admin/audit?day=31-02&page=zz").await.expects(200);
                assert_eq!(page.all("details[open] .err").len(), 1);
                assert_eq!(page.attributes("#f-day", "value"), ["31-02"]);
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_long_log_has_pages_that_keep_the_question() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_more_people(app, Routes::new());
                let cell = UnitRef {
                    id: "cell-a".parse().unwrap(),
                    path: path_of("cell-a"),
                };
                for _ in 0..53 {
                    plans(&app, &cell).await;
                    app.later(1_000);
                }
                let page = app
                    .as_(HUE)
                    .get("/admin/audit?actor=lan")
                    .await
                    .expects(200);
                assert_eq!(page.all("#lines .action").len(), 50);
                let next = page.attributes("a[rel=next]", "href");
                assert_eq!(next, ["/admin/audit?actor=lan&page=2"]);
                let page = app.as_(HUE).get(&next[0]).await.expects(200);
                assert_eq!(page.all("#lines .action").len(), 3);
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn who_runs_the_machine_or_leads_does_not_read_the_log() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_more_people(app, Routes::new());
                for who in [BINH, SON, THU, LAN] {
                    app.as_(who).get("/admin/audit").await.expects(404);
                }
            },
        )
        .await;
    }
    #[test]
    fn of_a_change_only_names_of_fields_are_told() {
        assert_eq!(
            field_names(r#"{"phone_sealed":"abc","org.name":["a","b"]}"#),
            ["org.name", "phone_sealed"]
        );
        for odd in [
            "",
            "null",
            "[\"secret\"]",
            "\"secret\"",
            "{\"Secret Name\":1}",
            "{",
        ] {
            assert!(field_names(odd).is_empty(), "{odd}");
        }
    }
}
