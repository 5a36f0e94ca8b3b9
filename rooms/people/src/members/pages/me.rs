//! My record: what is kept of me, who looked at it, my settings, the way out.
//! Not here: sessions, tokens and password (`account`, under `/me/…`), saying what is wrong (`correction_new`).
//!
//! Numbers stand as dots with their last four figures; a press shows them on that one answer. Looking
//! at one's own record is not logged.

use super::correction_new::Way;
use super::track::{self, Own};
use crate::fact::{Placement, Status};
use crate::member::{self, Look, MemberView, Tails, vn};
use crate::members::correction::{self, Correction, Field, State as Stands};
use crate::members::store::code::CodeView;
use crate::members::store::transfers;

use crate::page::term;
use crate::sight::Level;
use crate::{number, words};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;
use kernel::Day;
use kernel::fact::Kept;
use site::room::Part;
use site::{Looked, Site};
use web::{Answer, Form, Frame, Member, Nothing};

#[derive(Template)]
#[template(path = "people/me.html")]
struct Page {
    frame: Frame,
    me: MemberView,
    tails: Tails,
    is_open: bool,
    looks: Vec<Look>,
    parts: Vec<Part>,
    corrections: Vec<Correction>,
    /// Whom the open ones reach; asked only where one is open.
    way: Option<Way>,
    moving: Vec<Own>,
    /// What lists call them where somebody else has their name.
    called: Vec<String>,
}

impl Page {
    /// What was said of a place; of a number the last figures, until the numbers are shown.
    fn said(&self, one: &Correction) -> String {
        let is_number = one.field.known().is_some_and(Field::is_number);
        if !is_number || self.is_open {
            return one.value.clone();
        }
        let letters: Vec<char> = one.value.chars().collect();
        let tail: String = letters[letters.len().saturating_sub(4)..].iter().collect();
        format!("•••• •••• {tail}")
    }
    fn word_state(&self, one: &Correction) -> String {
        match one.state.known() {
            Some(Stands::Open) => {
                let way = self.way.as_ref().zip(one.field.known());
                way.map_or_else(
                    || self.frame.t(Stands::Open.text()),
                    |(way, field)| way.waits_for(&self.frame, field),
                )
            }
            Some(_) if one.is_changed() => self.frame.t("people-correction-state-changed"),
            Some(state) => self.frame.t(state.text()),
            None => self.frame.t("people-word-unread"),
        }
    }
    fn word_status(&self, word: &Kept<Status>) -> String {
        self.frame.t(words::status(word))
    }
    fn word_placement(&self, word: &Kept<Placement>) -> String {
        self.frame.t(words::placement(word))
    }
    fn word_scheme(&self, one: &CodeView) -> String {
        self.frame.t(words::scheme(&one.scheme))
    }
    fn word_sex(&self, word: &str) -> String {
        self.frame.t(words::sex(word))
    }
    fn term(&self, from: &Day, to: &Day) -> String {
        term(&self.frame, from, to)
    }
    /// A date, or "cần xác minh".
    fn date(&self, date: &str) -> String {
        if date.is_empty() {
            self.frame.t("people-to-verify")
        } else {
            vn(date)
        }
    }
    fn card(&self) -> String {
        let open = self.me.numbers.as_ref().map_or("", |numbers| &numbers.card);
        self.number(
            number::CARD,
            open,
            &self.tails.card,
            self.me
                .record
                .as_ref()
                .is_some_and(|record| record.has_card),
        )
    }
    /// `41 năm tuổi Đảng`; empty where no decision is recorded.
    fn years(&self) -> String {
        let years = self.me.record.as_ref().and_then(|record| record.party_age);
        years.map_or_else(String::new, |years| {
            self.frame.t1("people-me-years", "n", years)
        })
    }
    fn citizen(&self) -> String {
        let open = self
            .me
            .numbers
            .as_ref()
            .map_or("", |numbers| &numbers.citizen);
        self.number(
            number::CITIZEN,
            open,
            &self.tails.citizen,
            self.me
                .record
                .as_ref()
                .is_some_and(|record| record.has_citizen),
        )
    }
    fn phone(&self) -> String {
        let phone = self.me.record.as_ref().map_or("", |record| &record.phone);
        self.number(number::PHONE, phone, &self.tails.phone, !phone.is_empty())
    }
    fn number(&self, column: &str, open: &str, tail: &str, is_kept: bool) -> String {
        if self.tails.closed.contains(&column) {
            self.frame.t("people-number-closed")
        } else if !is_kept && column == number::PHONE {
            // No paper proves a telephone: whoever reads has it, and knows whom to tell.
            self.frame.t("people-me-number-none")
        } else if !is_kept {
            self.frame.t("people-to-verify")
        } else if self.is_open {
            number::grouped(open)
        } else {
            format!("•••• •••• {tail}")
        }
    }
    /// Who looked; whoever ran a command on the server has no name here.
    fn look_who(&self, look: &Look) -> String {
        look.who(&self.frame)
    }
    /// When somebody looked: "khoảng 18 giờ ngày 28/11", with the year where it is another.
    fn look_when(&self, look: &Look) -> String {
        // Looks are kept by the hour: "01:00" would be a minute that nobody wrote down.
        let clock = look.at().clock_text();
        let hour = clock.split(':').next().unwrap_or_default();
        let hour = hour.trim_start_matches('0');
        let hour = if hour.is_empty() { "0" } else { hour };
        let day = look.at().day();
        let day = match day.year() == self.frame.today().year() {
            true => day.vn_short(),
            false => day.vn(),
        };
        self.frame
            .t2("people-me-look-when", "hour", hour, "day", &day)
    }
}

/// Looks shown on the page; all of them are in the download.
const LOOKS: i64 = 60;

async fn draw(site: &Site, frame: &Frame, who: &Member, is_open: bool) -> Answer {
    let id = &who.actor.member;
    let level = if is_open { Level::V3 } else { Level::V2 };
    let corrections = correction::list(site, &Looked::own(&who.actor), id).await?;
    let way = match corrections.iter().any(Correction::is_open) {
        true => Some(Way::of(site, who).await?),
        false => None,
    };
    let me = member::view(site, &Looked::own(&who.actor), id, level).await?;
    let mut called = Vec::new();
    for place in &me.units {
        let names = crate::roster::names(site, &place.unit_id, frame.today()).await?;
        let mut name = me.name.clone();
        names.call(id.as_str(), &mut name);
        if name != me.name {
            called.push(frame.t2("people-me-called", "unit", &place.unit_name, "name", &name));
        }
    }
    let page = Page {
        frame: frame.clone(),
        called,
        me,
        tails: member::tails(site, &Looked::own(&who.actor), id).await?,
        is_open,
        looks: member::looks(site, id, LOOKS).await?,
        parts: site.rooms.draw_member(site, frame, &who.0).await,
        corrections,
        way,
        moving: track::own(site, frame, who).await?,
    };
    frame.html(&page)
}

pub(crate) async fn get(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    draw(&site, &frame, &who, false).await
}

/// Shows the own numbers on this one answer.
pub(crate) async fn post_numbers(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    _form: Form<Nothing>,
) -> Answer {
    draw(&site, &frame, &who, true).await
}

/// Everything that is kept of me, for other programs.
pub(crate) async fn get_json(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    let id = &who.actor.member;
    let me = member::view(&site, &Looked::own(&who.actor), id, Level::V3).await?;
    let places: Vec<_> = (member::placements(&site, id).await?.into_iter())
        .map(|place| {
            serde_json::json!({
                "unit_id": place.unit_id, "unit": place.unit_name, "kind": place.kind.word(),
                "from_on": place.from_on, "to_on": place.to_on,
            })
        })
        .collect();
    let posts: Vec<_> = (member::posts(&site, id).await?.into_iter())
        .map(|post| serde_json::json!({
            "title": post.title, "role": post.role, "unit_id": post.unit_id, "unit": post.unit_name,
            "from_on": post.from_on, "to_on": post.to_on,
        }))
        .collect();
    let looks: Vec<_> = (member::looks(&site, id, 100_000).await?.into_iter())
        .map(|look| {
            serde_json::json!({
                "who": look.actor_label, "post": look.post, "hour": look.at().rfc3339(),
                "level": look.level, "purpose": look.purpose, "reads": look.reads,
            })
        })
        .collect();
    let mut out = serde_json::json!({
        "made_at": site.clock.now().rfc3339(),
        "id": id, "name": me.name, "placements": places, "posts": posts, "looks": looks,
    });
    if let (Some(map), Some(standing)) = (out.as_object_mut(), me.standing) {
        map.insert("status".into(), standing.status.word().into());
        map.insert("exempt".into(), standing.is_exempt.into());
        map.insert("phoneless".into(), standing.is_phoneless.into());
    }
    if let (Some(map), Some(numbers)) = (out.as_object_mut(), me.numbers) {
        map.insert("card".into(), numbers.card.into());
        map.insert("citizen_id".into(), numbers.citizen.into());
    }
    if let (Some(map), Some(record)) = (out.as_object_mut(), me.record) {
        for (name, value) in [
            ("other_name", record.other_name),
            ("sex", record.sex),
            ("birth_on", record.birth_on),
            ("status_from_on", record.status_from_on),
            ("admission_decision_on", record.admission_decision_on),
            ("ceremony_on", record.ceremony_on),
            ("recognition_decision_on", record.recognition_decision_on),
            ("full_from_on", record.full_from_on),
            ("phone", record.phone),
            ("email", record.email),
            ("home_town", record.home_town),
            ("residence", record.residence),
        ] {
            map.insert(name.into(), value.into());
        }
        let codes: Vec<_> = (record.codes.into_iter())
            .map(|one| {
                serde_json::json!({
                    "scheme": one.scheme.word(), "code": one.code,
                    "from_on": one.from_on, "to_on": one.to_on,
                })
            })
            .collect();
        map.insert("codes".into(), codes.into());
        let events: Vec<_> = (record.events.into_iter())
            .map(|event| serde_json::json!({
                "kind": event.kind.word(), "effective_on": event.effective_on,
                "recorded_at": kernel::Moment(event.recorded_at).rfc3339(),
                "decision_no": event.decision_no, "unit": event.unit_name, "recorded_by": event.recorder,
            }))
            .collect();
        map.insert("events".into(), events.into());
    }
    let said = correction::list(&site, &Looked::own(&who.actor), id).await?;
    let said: Vec<_> = (said.into_iter())
        .map(|one| {
            serde_json::json!({
                "field": one.field.word(), "value": one.value, "reason": one.reason,
                "state": one.state.word(), "made_at": kernel::Moment(one.made_at).rfc3339(),
                "answer": one.answer, "by": one.by,
            })
        })
        .collect();
    let moved = transfers::list_of_member(&site.db, id).await?;
    let moved: Vec<_> = (moved.into_iter())
        .map(|one| {
            serde_json::json!({
                "kind": one.kind, "from": one.from_name, "to": one.to_name, "is_within": one.is_within(),
                "letter_no": one.letter_no, "letter_on": one.letter_on, "until_on": one.until_on,
                "note": one.note, "state": one.state.word(),
                "sent_at": kernel::Moment(one.sent_at).rfc3339(),
                "show_due": one.show_due, "start_due": one.start_due, "starts_on": one.starts_on,
                "ended_on": one.ended_on(), "reason": one.reason, "late_reason": one.late_reason,
            })
        })
        .collect();
    let rooms = site.rooms.export(&site, &frame, id).await?;
    if let Some(map) = out.as_object_mut() {
        map.insert("corrections".into(), said.into());
        map.insert("transfers".into(), moved.into());
        let kept = rooms
            .into_iter()
            .map(|(name, part)| (name.to_owned(), part.json));
        map.insert("rooms".into(), serde_json::Value::Object(kept.collect()));
    }
    let body = serde_json::to_vec_pretty(&out).map_err(kernel::Error::fault)?;
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"ho-so.json\""),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use crate::store;
    use testkit::{BINH, HOA, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn my_record_masks_numbers_until_i_ask_and_missing_dates_are_to_be_verified() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let mut act = app.act().await;
                store::set_numbers(
                    &mut act,
                    &"hoa".parse().unwrap(),
                    Some("012345678901"),
                    None,
                    Some("0901234286"),
                )
                .await
                .unwrap();
                act.end().await.unwrap();
                let hoa = app.as_(HOA);
                let page = hoa.get("/me").await.expects(200);
                assert_eq!(page.text("h1"), "Lương Thị Hoa");
                assert!(page.text("#card").contains("•••• •••• 8901"));
                assert!(page.text("#phone").contains("•••• •••• 4286"));
                assert_eq!(page.text("#citizen"), "cần xác minh");
                let lead = page.text(".lead");
                assert!(lead.starts_with("Đảng viên chính thức"), "{lead}");
                let other = app.as_(BINH).get("/me").await.expects(200);
                assert_eq!(other.text("#phone"), "chưa có, báo bí thư ghi");
                assert_eq!(
                    page.text("#party-age"),
                    "cần xác minh",
                    "no admission decision is kept"
                );
                assert!(page.text("#ceremony").contains("03/3/1979"));
                assert!(!page.body().contains("0123 4567"));
                let page = hoa.post("/me/numbers", &[]).await.expects(200);
                assert!(page.text("#card").contains("0123 4567 8901"));
                hoa.post_forged("/me/numbers", &[]).await.expects(403);
                app.stranger().get("/me").await.expects(303);
                assert_eq!(
                    app.count("select count(*) from audit_access").await,
                    0,
                    "one's own looks are not logged"
                );
                for address in [
                    "/me/sessions",
                    "/me/tokens",
                    "/me/password",
                    "/display",
                    "/me/record.json",
                    "/me/record.pdf",
                ] {
                    assert!(page.has(&format!("a[href='{address}']")), "{address}");
                }
                assert_eq!(
                    page.attributes("form[action='/sign-out']", "method"),
                    ["post"]
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn i_can_take_my_record_with_me() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let reply = app.as_(HOA).get("/me/record.json").await.expects(200);
                assert!(
                    reply
                        .header("content-disposition")
                        .starts_with("attachment")
                );
                let record = reply.json();
                assert_eq!(record["name"], "Lương Thị Hoa");
                assert_eq!(record["birth_on"], "1954-05-19");
                assert_eq!(record["placements"][0]["unit"], "Chi bộ Tổ dân phố 1");
                let record = app.as_(BINH).get("/me/record.json").await.json();
                assert_eq!(record["posts"][0]["role"], "sys_admin");
                app.stranger().get("/me/record.json").await.expects(303);
            },
        )
        .await;
    }
}
