//! The minutes, read as minutes and changed part by part: a heading, an agenda item, the tasks, the end.
//!
//! Put together from recorded facts, kept as revisions that are only ever added. Two people who change different
//! parts both keep their words; on one part the second sees both texts. Not here: what the parts are
//! (`minutes::sections`), how saved minutes follow the record (`minutes::follow`), circulation and signing (their own issue).
//! The rule that surprises: what is drawn may be newer than what was saved, for figures nobody touched are
//! those of the record; where somebody wrote other words, they stand and the record is shown beside them.

use crate::access::{self, CanWrite};
use crate::minutes::sections::{self, Put, Section};
use crate::minutes::store::{self, Revision};
use crate::minutes::{self, Current};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use kernel::Moment;
use kernel::error::Result;
use site::{May as _, Site};
use web::compare::{Piece, compare};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Fields {
    /// What is done: `part`, `remove`, `new`, `keep`, `settle`; else the whole text is replaced.
    #[serde(rename = "do")]
    act: String,
    /// Where the part stood when it was opened, and its mark.
    at: usize,
    was: String,
    heading: String,
    text: String,
    /// The questions to which the record's words are the answer.
    take: Vec<usize>,
    /// The whole text, and the revision that it was drawn from.
    number: i64,
    body: String,
}

/// Longest minutes, in characters.
const LONGEST: usize = 100_000;

/// A part as it is read.
struct Shown {
    n: usize,
    heading: String,
    is_top: bool,
    /// What it is called where it has no heading.
    label: String,
    lines: Vec<Line>,
    is_open: bool,
}

struct Line {
    text: String,
    /// "- Mượn xe".
    is_item: bool,
    /// "Kết luận: …" and figures of the roll are read first.
    lead: String,
}

/// What is being changed.
#[derive(Default)]
struct Open {
    /// `part`, `new`, `all`; empty when the minutes are only read.
    act: &'static str,
    at: usize,
    was: String,
}

struct Question {
    n: usize,
    pieces: Vec<Piece>,
}

#[derive(Template)]
#[template(path = "meetings/minutes.html")]
struct Page {
    frame: Frame,
    form: FormState,
    meeting: crate::store::Meeting,
    number: i64,
    kept: String,
    sections: Vec<Shown>,
    open: Open,
    questions: Vec<Question>,
    refreshed: usize,
    is_unsaved: bool,
    /// Stands for the text that is shown.
    mark: String,
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<CanWrite> {
    let may = access::find(site, who, id).await?.into_write()?;
    may.must_be_writable()?;
    Ok(may)
}

/// "Kết luận: làm ngay" as its first words and the rest; only known first words are told apart.
fn line(text: String, leads: &[String]) -> Line {
    let lead = leads.iter().find(|lead| text.starts_with(lead.as_str()));
    let item = text.strip_prefix("- ").map(str::to_owned);
    match (lead, item) {
        (Some(lead), _) => Line {
            text: text[lead.len()..].to_owned(),
            is_item: false,
            lead: lead.clone(),
        },
        (None, Some(item)) => Line {
            text: item,
            is_item: true,
            lead: String::new(),
        },
        (None, None) => Line {
            text,
            is_item: false,
            lead: String::new(),
        },
    }
}

fn shown(site: &Site, frame: &Frame, all: Vec<Section>, open: &Open) -> Vec<Shown> {
    let leads = minutes::leads(site);
    let last = all.len();
    let part = |(n, section): (usize, Section)| Shown {
        n,
        label: match (section.heading.as_str(), n + 1 == last && n > 0) {
            ("", false) => frame.t("meetings-minutes-opening"),
            ("", true) => frame.t("meetings-minutes-end"),
            (heading, _) => heading.to_owned(),
        },
        heading: section.heading,
        is_top: section.is_top,
        lines: (section.lines.into_iter())
            .map(|text| line(text, &leads))
            .collect(),
        is_open: open.act == "part" && open.at == n,
    };
    all.into_iter().enumerate().map(part).collect()
}

fn draw(
    site: &Site,
    frame: &Frame,
    may: &CanWrite,
    form: FormState,
    current: Current,
    open: Open,
) -> Answer {
    let kept = current
        .latest
        .as_ref()
        .map_or_else(String::new, |revision| {
            let at = Moment(revision.at);
            frame.tn(
                "meetings-minutes-kept",
                &[
                    ("n", revision.number.into()),
                    ("name", (&revision.author).into()),
                    ("day", (&at.day().vn()).into()),
                    ("time", (&at.clock_text()).into()),
                ],
            )
        });
    let asks = current.followed.asks.iter().enumerate();
    frame.html_status(
        form.status(),
        &Page {
            frame: frame.clone(),
            form,
            meeting: may.meeting.clone(),
            number: number(current.latest.as_ref()),
            kept,
            questions: asks
                .map(|(n, ask)| Question {
                    n,
                    pieces: compare(&ask.recorded, &ask.kept),
                })
                .collect(),
            refreshed: current.followed.refreshed,
            is_unsaved: current.latest.is_none(),
            mark: minutes::hash(&current.body),
            sections: shown(site, frame, current.sections, &open),
            open,
        },
    )
}

fn number(latest: Option<&Revision>) -> i64 {
    latest.map_or(0, |revision| revision.number)
}

/// `?part=3`, `?part=new`, `?part=all`: what is opened to be changed.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    part: String,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let latest = store::find_revision(&site.db, &may.meeting.id).await?;
    let current = Current::of(&site, &may.meeting, latest).await?;
    let mut form = FormState::new();
    let mut open = Open::default();
    match asked.part.as_str() {
        "new" => open.act = "new",
        "all" => {
            open.act = "all";
            form = form.with("body", current.body.clone());
        }
        part => {
            let at = part.parse().ok(); // anything else opens nothing
            let held = at.and_then(|at: usize| Some((at, current.sections.get(at)?)));
            if let Some((at, section)) = held {
                (open.act, open.at, open.was) = ("part", at, section.mark());
                form = form_of(section);
            }
        }
    }
    draw(&site, &frame, &may, form, current, open)
}

/// The form of a part as it is opened.
fn form_of(section: &Section) -> FormState {
    FormState::new()
        .with("heading", section.heading.clone())
        .with("text", section.text())
}

/// What is to be kept, or where two people wrote.
enum Next {
    Keep { body: String, base: String },
    Clash { present: FormState, open: Open },
    Odd(&'static str, &'static str, Open),
}

/// What the sent form makes of the minutes as they are now.
fn next(fields: &Fields, current: &Current) -> Next {
    let part = Open {
        act: "part",
        at: fields.at,
        was: fields.was.clone(),
    };
    let keep = |body: String| Next::Keep {
        body,
        base: current.base(),
    };
    let new = Section::typed(&fields.heading, &fields.text);
    match fields.act.as_str() {
        "part" if new.is_empty() => Next::Odd("text", "meetings-minutes-part-empty", part),
        "new" if new.heading.is_empty() => {
            let open = Open { act: "new", ..part };
            Next::Odd("heading", "meetings-minutes-heading-missing", open)
        }
        "new" => keep(sections::add(&current.sections, new)),
        "part" | "remove" => {
            let is_gone = fields.act == "remove";
            let empty = Section::typed("", "");
            // What is taken out is found by its mark alone; what was typed stands beside it.
            let changed = if is_gone { empty } else { new };
            match sections::put(&current.sections, fields.at, &fields.was, changed) {
                Put::Done(body) => keep(body),
                Put::Clash(at, now) => Next::Clash {
                    present: form_of(&now).with("was", now.mark()),
                    open: Open {
                        act: "part",
                        at,
                        was: now.mark(),
                    },
                },
            }
        }
        "settle" if fields.was == minutes::hash(&current.body) => Next::Keep {
            body: current.followed.settled(|n| fields.take.contains(&n)),
            base: current.recorded.clone(),
        },
        "keep" if fields.was == minutes::hash(&current.body) => keep(current.body.clone()),
        "keep" | "settle" => Next::Odd("minutes", "meetings-minutes-moved", Open::default()),
        _ => {
            let all = || Open {
                act: "all",
                ..Open::default()
            };
            let body = minutes::settle(&fields.body);
            let at = number(current.latest.as_ref());
            if at != fields.number && body != current.body {
                return Next::Clash {
                    present: (FormState::new())
                        .with("body", current.body.clone())
                        .with("number", at.to_string()),
                    open: all(),
                };
            }
            if body.is_empty() {
                return Next::Odd("body", "meetings-minutes-empty", all());
            }
            keep(body)
        }
    }
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Fields>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let meeting = may.meeting.clone();
    let fields = form.value;
    let mut state = FormState::typed(form.pairs);
    let to = format!("/meetings/{}/minutes", meeting.id);
    let mut act = may.begin(&site, &frame, "minutes.write").await?;
    if !crate::store::hold(&mut act, &meeting.id, meeting.state).await? {
        return Err(crate::store::changed(&meeting.id).into());
    }
    let latest = store::find_revision_in(act.on(), &meeting.id).await?;
    let current = Current::of(&site, &meeting, latest).await?;
    let (body, base) = match next(&fields, &current) {
        Next::Keep { body, base } if body.chars().count() <= LONGEST => (body, base),
        Next::Keep { .. } => {
            let may = act.leave().await?;
            let field = if fields.act.is_empty() {
                "body"
            } else {
                "text"
            };
            let long = frame.t1("meetings-plan-too-long", "n", LONGEST as i64);
            state.fail(field, long);
            let open = Open {
                act: match fields.act.as_str() {
                    "part" => "part",
                    "new" => "new",
                    _ => "all",
                },
                at: fields.at,
                was: fields.was,
            };
            return draw(&site, &frame, &may, state, current, open);
        }
        Next::Odd(field, key, open) => {
            let may = act.leave().await?;
            state.fail(field, key);
            return draw(&site, &frame, &may, state, current, open);
        }
        Next::Clash { present, open } => {
            let may = act.leave().await?;
            let of = ("meeting", meeting.id.as_str());
            let saved = people::saved::last(&site, &frame, &who, of, &["minutes.write"]).await?;
            let version = if open.act == "all" { "number" } else { "was" };
            state.changed(&present, version, &saved);
            return draw(&site, &frame, &may, state, current, open);
        }
    };
    let hash = minutes::hash(&body);
    let is_same = |held: &Revision| held.body_hash == hash && held.recorded == base;
    if current.latest.as_ref().is_some_and(is_same) {
        return Ok(see_other(to).flash("meetings-minutes-same").into_response());
    }
    let number = number(current.latest.as_ref()) + 1;
    let kept = store::NewRevision {
        number,
        body: &body,
        hash: &hash,
        recorded: &base,
    };
    store::add_revision(&mut act, &meeting.id, &kept, &who.actor.member).await?;
    act.line()
        .diff(&serde_json::json!({ "revision": number, "body_hash": hash }));
    act.end().await?;
    let to = match fields.act.as_str() {
        "part" | "remove" => format!("{to}#p-{}", fields.at),
        _ => to,
    };
    Ok(see_other(to).flash("meetings-minutes-done").into_response())
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, TestApp};

    #[tokio::test(flavor = "multi_thread")]
    async fn the_draft_holds_the_numbers_times_and_names() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let page = app
                .as_(LAN)
                .get(&format!("/meetings/{id}/minutes"))
                .await
                .expects(200);
            let text = page.text("#minutes");
            assert!(!page.has("textarea"), "minutes are read as minutes");
            assert_eq!(page.all("#minutes h2"), ["THÀNH PHẦN", "NỘI DUNG"]);
            for words in [
                "19 giờ 32",
                "21 giờ 06",
                "27/11/2026",
                "Tổng số: 3 người (3 chính thức).",
                "Có mặt: 2 đồng chí (2 chính thức)",
                "Vắng không lý do: 1 (Lương Thị Hoa)",
                "Biểu quyết tính trên 3 đảng viên chính thức.",
                "Cần 2 phiếu tán thành mới thông qua.",
                "Chủ trì: đồng chí Nguyễn Thị Lan",
                "1. Khai mạc",
            ] {
                assert!(text.contains(words), "{words} is not in {text}");
            }
            assert_eq!(
                app.count("select count(*) from meetings_revision").await,
                0,
                "looking writes nothing"
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn revisions_are_added_never_changed_and_an_unchanged_save_adds_none() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes");
            app.as_(LAN)
                .post(&path, &[("number", "0"), ("body", "Biên bản một 🎉")])
                .await
                .expects(303);
            app.as_(LAN)
                .post(&path, &[("number", "0"), ("body", "Biên bản một 🎉  \r\n")])
                .await
                .expects(303);
            assert_eq!(app.count("select count(*) from meetings_revision").await, 1);
            let late = app
                .as_(MINH)
                .post(&path, &[("number", "0"), ("body", "Biên bản của Minh")])
                .await
                .expects(409);
            assert!(
                late.text("textarea").contains("của Minh"),
                "what was typed is kept"
            );
            assert_eq!(
                late.text("#t-body b"),
                "Biên bản một 🎉",
                "theirs beside it"
            );
            app.as_(MINH)
                .post(&path, &[("number", "1"), ("body", "Biên bản hai")])
                .await
                .expects(303);
            assert_eq!(app.count("select count(*) from meetings_revision").await, 2);
            app.as_(LAN)
                .post(&path, &[("number", "2"), ("body", " ")])
                .await
                .expects(422);
            let print = app
                .as_(LAN)
                .get(&format!("{path}/print"))
                .await
                .expects(200);
            assert!(print.text(".minutes").contains("Biên bản hai"));
        })
        .await;
    }
    /// Opens a part to change it: its place, its mark, its heading.
    async fn opens_part(app: &TestApp, id: &str, heading: &str) -> [String; 3] {
        let path = format!("/meetings/{id}/minutes");
        let page = app.as_(LAN).get(&path).await.expects(200);
        let all = page.attributes("#minutes section", "aria-label");
        let n = all.iter().position(|label| label == heading).unwrap();
        let page = app.as_(LAN).get(&format!("{path}?part={n}")).await;
        let value = |name: &str| {
            page.attributes(&format!(".change input[name={name}]"), "value")
                .remove(0)
        };
        [value("at"), value("was"), value("heading")]
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_people_change_different_parts_and_both_stand() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes");
            let one = opens_part(&app, &id, "1. Khai mạc").await;
            let who = opens_part(&app, &id, "THÀNH PHẦN").await;
            let saves = |[at, was, heading]: [String; 3], text: &'static str| {
                vec![
                    ("do", "part".to_owned()),
                    ("at", at),
                    ("was", was),
                    ("heading", heading),
                    ("text", text.to_owned()),
                ]
            };
            let posts = async |by, form: Vec<(&'static str, String)>| {
                let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
                app.as_(by).post(&path, &form).await
            };
            posts(LAN, saves(one.clone(), "Chào cờ."))
                .await
                .expects(303);
            posts(MINH, saves(who, "Đủ người.")).await.expects(303);
            assert_eq!(app.count("select count(*) from meetings_revision").await, 2);
            let page = app.as_(HOA).get(&path).await;
            page.expects(404);
            let read = app.as_(LAN).get(&path).await.expects(200).text("#minutes");
            assert!(
                read.contains("Chào cờ.") && read.contains("Đủ người."),
                "{read}"
            );
            // The same part: both texts, and nothing is lost.
            let late = posts(MINH, saves(one, "Chào cờ và hát."))
                .await
                .expects(409);
            assert_eq!(late.text("#t-text b"), "Chào cờ.");
            assert_eq!(late.text("textarea"), "Chào cờ và hát.");
            assert!(
                late.text("#errors")
                    .contains("đồng chí Nguyễn Thị Lan đã lưu lúc")
            );
            let was = late
                .attributes(".change input[name=was]", "value")
                .remove(0);
            let at = late.attributes("input[name=at]", "value").remove(0);
            let again = saves([at, was, "1. Khai mạc".into()], "Chào cờ và hát.");
            posts(MINH, again).await.expects(303);
            // A part is added before the end, and taken out.
            let new = [
                ("do", "new"),
                ("heading", "9. Việc khác"),
                ("text", "- Không"),
            ];
            app.as_(LAN).post(&path, &new).await.expects(303);
            let page = app.as_(LAN).get(&path).await;
            let labels = page.attributes("#minutes section", "aria-label");
            assert_eq!(labels[labels.len() - 2..], ["9. Việc khác", "Kết thúc"]);
            let mut out = saves(opens_part(&app, &id, "9. Việc khác").await, "- Không");
            out[0].1 = "remove".into();
            posts(LAN, out).await.expects(303);
            assert!(
                !app.as_(LAN)
                    .get(&path)
                    .await
                    .text("#minutes")
                    .contains("Việc khác")
            );
            app.as_(LAN)
                .post(&path, &[("do", "new"), ("text", "x")])
                .await
                .expects(422);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn saved_minutes_follow_the_record_and_ask_before_words_change() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}/minutes");
            marks(&app, &id, "lan").await;
            let draft = app.as_(LAN).get(&path).await.expects(200);
            assert!(!draft.has("#stale"), "nothing is saved yet");
            assert!(draft.text("#minutes").contains("Có mặt: 1 đồng chí"));
            let mark = draft.attributes("input[name=was]", "value").remove(0);
            let keep = [("do", "keep"), ("was", mark.as_str())];
            app.as_(LAN).post(&path, &keep).await.expects(303);
            let [at, was, heading] = opens_part(&app, &id, "1. Khai mạc").await;
            let fields = [
                ("do", "part"),
                ("at", at.as_str()),
                ("was", was.as_str()),
                ("heading", heading.as_str()),
                ("text", "Lời tôi viết."),
            ];
            app.as_(LAN).post(&path, &fields).await.expects(303);
            closes(&app, &id).await;
            let item = "update meetings_item set summary = 'Mái hiên dột' where position = \
                (select min(position) from meetings_item)";
            app.sets(item).await;
            // Saved before the end: figures and the end follow, the words stand and are asked about.
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert!(page.has("#stale[data-is=warn]"));
            let read = page.text("#minutes");
            for words in [
                "Có mặt: 2 đồng chí",
                "Lời tôi viết.",
                "kết thúc lúc 21 giờ 06",
            ] {
                assert!(read.contains(words), "{words} is not in {read}");
            }
            assert!(!read.contains("Mái hiên dột"), "nobody's words change");
            assert!(page.text("#stale del").contains("Mái hiên dột"));
            assert!(page.text("#stale ins").contains("Lời tôi viết."));
            // Saving another part answers no question; the print says that it is a draft.
            let [at, was, _] = opens_part(&app, &id, "Kết thúc").await;
            let fields = [
                ("do", "part"),
                ("at", at.as_str()),
                ("was", was.as_str()),
                ("text", "Họp xong lúc 21 giờ 06."),
            ];
            app.as_(LAN).post(&path, &fields).await.expects(303);
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert_eq!(page.all("#stale fieldset").len(), 1);
            let print = app
                .as_(LAN)
                .get(&format!("{path}/print"))
                .await
                .expects(200);
            assert!(print.text(".minutes").contains("DỰ THẢO"));
            let mark = page.attributes("#stale input[name=was]", "value").remove(0);
            let settle = [("do", "settle"), ("was", mark.as_str()), ("take", "0")];
            app.as_(LAN).post(&path, &settle).await.expects(303);
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert!(!page.has("#stale"));
            let read = page.text("#minutes");
            assert!(read.contains("Mái hiên dột") && read.contains("Họp xong lúc 21 giờ 06."));
            app.as_(LAN).post(&path, &settle).await.expects(422);
            let print = app
                .as_(LAN)
                .get(&format!("{path}/print"))
                .await
                .expects(200);
            assert!(!print.text(".minutes").contains("DỰ THẢO"));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn drafts_of_minutes_stay_with_the_committee_and_the_named_clerk() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await; // the clerk is Minh
            let path = format!("/meetings/{id}/minutes");
            for who in [HOA, TUAN, THU, BINH] {
                app.as_(who).get(&path).await.expects(404);
                app.as_(who)
                    .get(&format!("{path}/print"))
                    .await
                    .expects(404);
                app.as_(who)
                    .post(&path, &[("body", "x")])
                    .await
                    .expects(404);
            }
            app.as_(LAN)
                .post_forged(&path, &[("body", "x")])
                .await
                .expects(403);
            let called = plans(
                &app,
                LAN,
                &[("date", "2026-12-25"), ("clerk", "hoa"), ("do", "call")],
            )
            .await;
            app.as_(HOA)
                .get(&format!("/meetings/{called}/minutes"))
                .await
                .expects(409);
            app.site
                .clock
                .set("2026-12-25".parse::<kernel::Day>().unwrap().at(19, 0));
            app.as_(LAN)
                .post(&format!("/meetings/{called}/opening"), &[])
                .await
                .expects(303);
            app.as_(HOA)
                .get(&format!("/meetings/{called}/minutes"))
                .await
                .expects(200);
            app.as_(HOA)
                .get(&format!("/meetings/{called}/attendance"))
                .await
                .expects(404);
        })
        .await;
    }
}
