//! A person, at the visitor's level; identity numbers after a purpose was typed, once.
//! Not here: one's own record (`me`), correcting (`edit`), slips (`account`).
//!
//! A look at V2 or V3 is written down before the page is drawn, and the person reads it under "Ai đã
//! xem hồ sơ của tôi".

use crate::fact::{Placement, Status};
use crate::member::{self, EventView, MemberView, vn};
use crate::members::beginning;
use crate::members::correction::{self, Correction};
use crate::members::leaving;
use crate::members::pages::track::{self, Way};
use crate::members::returning;
use crate::members::store::code::CodeView;
use crate::merging::alias;
use crate::merging::pages::merging;
use crate::merging::store::{Merged, list_merged};
use crate::page::{member_id, term};
use crate::rights::pages::rights;
use crate::sight::{self, Level, MemberSight};
use crate::{identity, words};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::fact::Kept;
use kernel::{MemberId, Moment};
use site::{Looked, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(Template)]
#[template(path = "people/member_show.html")]
struct Page {
    frame: Frame,
    form: FormState,
    sight: MemberSight,
    person: MemberView,
    may_slip: bool,
    may_merge: bool,
    merged: Vec<Merged>,
    corrections: Vec<Correction>,
    /// Whether this visitor says that they leave, or sends them on.
    may_send: bool,
    /// Whether this visitor reads what they may do.
    reads_rights: bool,
    /// Whether this visitor may take back that they left.
    may_take_back: bool,
    /// The unit in which this visitor may put the first day right; empty for none.
    begun: String,
    /// Where they are on the way to, or for a time, and whose turn it is.
    ways: Vec<Way>,
    /// For how many days a former unit reads, and where that figure comes from.
    former: (i32, String),
}

impl Page {
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
    fn word_event(&self, event: &EventView) -> String {
        self.frame.t(words::event(&event.kind))
    }
    fn recorded(&self, event: &EventView) -> String {
        Moment(event.recorded_at).day().vn()
    }
    fn term(&self, from: &kernel::Day, to: &kernel::Day) -> String {
        term(&self.frame, from, to)
    }
    /// `Mã M12, ghép ngày 3/2/2026, Nguyễn Thị Thu`
    fn merged_line(&self, one: &Merged) -> String {
        let day = Moment(one.merged_at).day().vn();
        let line = self.frame.t2(
            "people-merged-line",
            "day",
            &day,
            "name",
            one.merged_by.as_str(),
        );
        match one.external_id.as_str() {
            "" => line,
            code => format!(
                "{}, {line}",
                self.frame.t1("people-merge-coded", "code", code)
            ),
        }
    }
    /// A date, or that it has to be looked up.
    fn date(&self, date: &str) -> String {
        if date.is_empty() {
            self.frame.t("people-unknown")
        } else {
            vn(date)
        }
    }
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let id = member_id(&id)?;
    if id == who.actor.member {
        return Ok(see_other("/me").into_response());
    }
    if let Some(kept) = alias::leads_to(&site, &who.actor, &id).await? {
        if kept == who.actor.member {
            return Ok(see_other("/me").into_response());
        }
        return Ok(see_other(format!("/members/{kept}")).into_response());
    }
    let sight = sight::of_member(&site, &who.actor, &id).await?;
    let looked = look(&site, &who, &id, sight.level, "").await?;
    draw(&site, &frame, &who, &id, sight, looked, FormState::new()).await
}

#[derive(serde::Deserialize)]
pub(crate) struct Purpose {
    #[serde(default)]
    purpose: String,
}

/// Letters that a purpose has at least: a word, not a dot.
const PURPOSE_MIN: usize = 8;
/// Letters of it that the log keeps.
const PURPOSE_MOST: usize = 200;

/// Shows the identity numbers on this one answer.
pub(crate) async fn post_numbers(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Purpose>,
) -> Answer {
    let id = member_id(&id)?;
    let sight = sight::of_member(&site, &who.actor, &id).await?;
    if !sight.may_unseal || id == who.actor.member {
        return Err(kernel::Error::NotFound.into());
    }
    let mut state = FormState::typed(form.pairs);
    let purpose = form.value.purpose.trim().to_owned();
    state.fit("purpose", PURPOSE_MOST);
    if purpose.chars().count() < PURPOSE_MIN {
        state.fail("purpose", "people-member-purpose-missing");
    }
    if !state.is_good() {
        let looked = look(&site, &who, &id, sight.level, "").await?;
        return draw(&site, &frame, &who, &id, sight, looked, state).await;
    }
    let looked = look(&site, &who, &id, Level::V3, &purpose).await?;
    draw(&site, &frame, &who, &id, sight, looked, state).await
}

/// Written down before it is read.
async fn look(
    site: &Site,
    who: &Member,
    id: &MemberId,
    level: Level,
    purpose: &str,
) -> kernel::Result<Looked> {
    site::look(site, &who.actor, std::slice::from_ref(id), level, purpose).await
}

async fn draw(
    site: &Site,
    frame: &Frame,
    who: &Member,
    id: &MemberId,
    sight: MemberSight,
    looked: Looked,
    form: FormState,
) -> Answer {
    let person = member::view(site, &looked, id, looked.level()).await?;
    let slip = identity::slips(site, &who.actor, std::slice::from_ref(id)).await?;
    let may_slip = matches!(slip.first(), Some(identity::Slip::May(_)));
    let may_merge = person.record.is_some() && merging::may_begin(site, who, id).await?;
    let merged = match may_merge {
        true => list_merged(&site.db, id).await?,
        false => Vec::new(),
    };
    let status = form.status();
    let corrections = if sight.may_draft && person.record.is_some() {
        correction::list_to_answer(site, &who.actor, &looked, id).await?
    } else {
        Vec::new()
    };
    let may_send = match leaving::home_of(site, &who.actor, id, &sight).await {
        Ok(_) => true,
        Err(kernel::Error::NotFound) => false,
        Err(error) => return Err(error.into()),
    };
    let reads_rights = match rights::may_read(site, &who.actor, id).await {
        Ok(()) => true,
        Err(kernel::Error::NotFound) => false,
        Err(error) => return Err(error.into()),
    };
    let may_take_back = match returning::gone_of(site, &who.actor, id).await {
        Ok(_) => true,
        Err(kernel::Error::NotFound) => false,
        Err(error) => return Err(error.into()),
    };
    frame.html_status(
        status,
        &Page {
            corrections,
            begun: match may_send {
                true => (beginning::find(site, id).await?)
                    .map_or_else(String::new, |begun| begun.unit_id.to_string()),
                false => String::new(),
            },
            ways: track::of_member(site, frame, who, id).await?,
            may_send,
            reads_rights,
            may_take_back,
            former: sight::former_words(site, frame).await?,
            frame: frame.clone(),
            form,
            sight,
            person,
            may_slip,
            may_merge,
            merged,
        },
    )
}

#[cfg(test)]
mod tests {
    use crate::store;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, on_both};

    async fn give_numbers(app: &testkit::TestApp) {
        let mut act = app.act().await;
        let hoa = "hoa".parse().unwrap();
        store::set_numbers(
            &mut act,
            &hoa,
            Some("012345678901"),
            Some("079154000417"),
            Some("0901 234 286"),
        )
        .await
        .unwrap();
        act.end().await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn each_level_shows_what_is_its_and_nothing_more() {
        on_both(
            || vec![crate::room()],
            async |app| {
                give_numbers(&app).await;
                let birth = "19/5/1954";
                for (who, sees_status, sees_dates) in
                    [(MINH, true, false), (LAN, true, true), (THU, true, true)]
                {
                    let page = app.as_(who).get("/members/hoa").await.expects(200);
                    assert_eq!(page.text("h1"), "Lương Thị Hoa");
                    assert_eq!(page.has("#status"), sees_status, "{}", who.id);
                    assert_eq!(page.body().contains(birth), sees_dates, "{}", who.id);
                    assert_eq!(page.body().contains("0901234286"), sees_dates, "{}", who.id);
                    assert!(
                        !page.body().contains("0417") && !page.body().contains("8901"),
                        "numbers are V3"
                    );
                }
                let page = app.as_(HOA).get("/members/lan").await.expects(200);
                assert!(!page.has("#status") && !page.body().contains(birth));
                for who in [TUAN, BINH] {
                    app.as_(who).get("/members/hoa").await.expects(404);
                }
                app.as_(THU).get("/members/no-such").await.expects(404);
                assert_eq!(
                    app.as_(HOA)
                        .get("/members/hoa")
                        .await
                        .expects(303)
                        .location(),
                    "/me"
                );
                app.stranger().get("/members/hoa").await.expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn numbers_are_shown_once_after_a_purpose_and_the_person_reads_it() {
        on_both(
            || vec![crate::room()],
            async |app| {
                give_numbers(&app).await;
                let thu = app.as_(THU);
                let page = thu
                    .post("/members/hoa/numbers", &[("purpose", " . ")])
                    .await
                    .expects(422);
                assert!(page.has("#e-purpose") && !page.body().contains("0417"));
                let purpose = "Đối chiếu với quyết định gốc";
                let page = thu
                    .post("/members/hoa/numbers", &[("purpose", purpose)])
                    .await
                    .expects(200);
                assert!(page.body().contains("0791 5400 0417"));
                assert!(
                    !thu.get("/members/hoa").await.body().contains("0417"),
                    "only on that one answer"
                );
                for who in [LAN, MINH, HOA] {
                    app.as_(who)
                        .post("/members/tuan/numbers", &[("purpose", purpose)])
                        .await
                        .expects(404);
                }
                app.as_(LAN)
                    .post("/members/hoa/numbers", &[("purpose", purpose)])
                    .await
                    .expects(404);
                thu.post_forged("/members/hoa/numbers", &[("purpose", purpose)])
                    .await
                    .expects(403);
                app.as_(LAN).get("/members/hoa").await.expects(200);
                app.as_(LAN).get("/members/hoa").await.expects(200);
                let looks = app.as_(HOA).get("/me").await.expects(200).all("#looks li");
                assert!(
                    looks
                        .iter()
                        .any(|line| line.contains("Phạm Minh Thu") && line.contains(purpose)),
                    "{looks:?}"
                );
                assert!(
                    looks
                        .iter()
                        .any(|line| line.contains("Nguyễn Thị Lan") && line.contains("2 lần")),
                    "{looks:?}"
                );
                assert!(
                    !looks
                        .iter()
                        .any(|line| line.contains("Minh Thu") && line.contains("0417"))
                );
            },
        )
        .await;
    }
}
