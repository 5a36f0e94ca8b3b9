//! The standing rules: who counts, votes, stands and pays. Read here, confirmed by the root's lead.
//!
//! The values themselves are rows of the rule `people.standing` and are not changed here; a person only
//! says "these are right", naming the document that says so. The first confirmation stays.

use crate::access;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use kernel::Day;
use kernel::error::Result;
use people::fact::{Placement, Status};
use people::standing::{Counts, EXEMPT, Means, STANDING};
use site::{May as _, Site};
use std::sync::Arc;
use web::{Answer, Form, FormState, Frame, Member, see_other};

/// Characters that the named document may have.
const BASIS: usize = 200;

#[derive(serde::Deserialize)]
pub(crate) struct SignOff {
    #[serde(default)]
    rule: Vec<String>,
    #[serde(default)]
    basis: String,
}

#[derive(Template)]
#[template(path = "admin/standing.html")]
struct Page {
    frame: Frame,
    form: FormState,
    rows: Vec<Row>,
    unsigned: usize,
    may_sign: bool,
    may_import: bool,
}

/// A rule, ready to draw.
struct Row {
    key: String,
    status: String,
    placement: String,
    counts: String,
    vote: bool,
    stand: bool,
    dues: bool,
    basis: String,
    from: String,
    signed: String,
    is_chosen: bool,
}

pub(crate) async fn get(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    access::need(access::doors(&who.actor, frame.today()).standing)?;
    let rules = list(&site, frame.today()).await?;
    // Nothing is chosen beforehand: a confirmation is given line by line.
    frame.html(&page(&frame, &who, rules, FormState::new()))
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    form: Form<SignOff>,
) -> Answer {
    let may = access::can_sign_off(&who.actor, frame.today())?;
    let basis = form
        .value
        .basis
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let rules = list(&site, frame.today()).await?;
    let chosen: Vec<&Rule> = rules
        .iter()
        .filter(|rule| form.value.rule.contains(&rule.row.id))
        .collect();
    let mut state = FormState::typed(form.pairs);
    if chosen.is_empty() {
        state.fail("rule", "admin-standing-none-chosen");
    }
    if basis.is_empty() {
        state.fail("basis", "admin-standing-basis-missing");
    } else if basis.chars().count() > BASIS {
        state.fail("basis", frame.t1("admin-organisation-long", "count", BASIS));
    }
    if !state.is_good() {
        return frame.html_status(
            StatusCode::UNPROCESSABLE_ENTITY,
            &page(&frame, &who, rules, state),
        );
    }
    let mut count = 0_u64;
    let mut act = may.begin(&site, &frame, "standing_rule.sign_off").await?;
    let (who, at) = (act.by().to_owned(), act.now());
    for rule in chosen {
        let by = rules::By { who: &who, at };
        let is_first = site
            .rules
            .verify(act.tx(), &rule.row.id, frame.today(), &basis, by)
            .await?;
        if is_first {
            count += 1;
            act.log("standing_rule.sign_off")
                .object("standing_rule", rule.key())
                .reason(&basis);
        }
    }
    if count > 0 {
        act.end().await?;
    } else {
        act.leave().await?;
    }
    Ok(see_other("/admin/standing")
        .flash("admin-standing-done")
        .arg("count", &count.to_string())
        .into_response())
}

/// A row of the rule with its value read.
struct Rule {
    row: Arc<rules::Rule>,
    means: Means,
}

impl Rule {
    fn status(&self) -> &str {
        self.row.variant.split('/').next().unwrap_or_default()
    }
    fn placement(&self) -> &str {
        self.row.variant.split('/').nth(1).unwrap_or_default()
    }
    /// What the log calls it: `full/official/1900-01-01`.
    fn key(&self) -> String {
        format!("{}/{}", self.row.variant, self.row.from_on)
    }
}

/// Who comes first in the list; the others follow.
const IN_ORDER: [&str; 4] = ["full", "probationary", EXEMPT, "suspended"];

/// Rules that hold on that day or will hold later, the way one reads them: who, then where.
async fn list(site: &Site, on: Day) -> Result<Vec<Rule>> {
    let book = site.rules.book().await?;
    let mut rules = Vec::new();
    for row in book.list(STANDING).iter().filter(|row| row.to_on > on) {
        rules.push(Rule {
            means: row.table()?,
            row: row.clone(),
        });
    }
    rules.sort_by_cached_key(|rule| {
        let status = (IN_ORDER.iter())
            .position(|held| *held == rule.status())
            .unwrap_or(IN_ORDER.len());
        let placement = (Placement::ALL.iter())
            .position(|held| held.word() == rule.placement())
            .unwrap_or(Placement::ALL.len());
        (status, placement, rule.row.from_on, rule.row.id.clone())
    });
    Ok(rules)
}

/// How many of them nobody has confirmed.
pub(crate) async fn count_unsigned(site: &Site, on: Day) -> Result<i64> {
    let book = site.rules.book().await?;
    let unsigned = book
        .list(STANDING)
        .iter()
        .filter(|row| row.to_on > on && row.verified_on.is_none());
    Ok(i64::try_from(unsigned.count()).unwrap_or(i64::MAX))
}

fn page(frame: &Frame, who: &Member, rules: Vec<Rule>, form: FormState) -> Page {
    let rows: Vec<Row> = rules
        .into_iter()
        .map(|rule| row(frame, rule, &form))
        .collect();
    Page {
        unsigned: rows.iter().filter(|row| row.signed.is_empty()).count(),
        may_import: crate::import::right(&who.actor, frame.today()).is_ok(),
        may_sign: access::can_sign_off(&who.actor, frame.today()).is_ok(),
        frame: frame.clone(),
        form,
        rows,
    }
}

fn status_key(word: &str) -> Option<&'static str> {
    if word == EXEMPT {
        return Some("admin-standing-exempt");
    }
    let status: Status = word.parse().ok()?; // not a status: none
    Some(match status {
        Status::Candidate => "admin-standing-candidate",
        Status::Probationary => "admin-standing-probationary",
        Status::Full => "admin-standing-full",
        Status::Suspended => "admin-standing-suspended",
        Status::Left => "admin-standing-left",
        Status::StruckOff => "admin-standing-struck-off",
        Status::Expelled => "admin-standing-expelled",
        Status::Deceased => "admin-standing-deceased",
    })
}

fn placement_key(placement: Placement) -> &'static str {
    match placement {
        Placement::Official => "admin-standing-official",
        Placement::OfficialAway => "admin-standing-official-away",
        Placement::Temporary => "admin-standing-temporary",
    }
}

fn row(frame: &Frame, rule: Rule, form: &FormState) -> Row {
    let key = rule.row.id.clone();
    // A variant that this program does not read is shown as it stands.
    let status =
        status_key(rule.status()).map_or_else(|| rule.status().to_owned(), |key| frame.t(key));
    let placement = (rule.placement().parse().ok()).map_or_else(
        || rule.placement().to_owned(),
        |at| frame.t(placement_key(at)),
    );
    let counts = match rule.means.counts {
        Counts::Always => frame.t("admin-standing-counts-always"),
        Counts::IfPresent => frame.t("admin-standing-counts-if-present"),
        Counts::Never => frame.t("admin-standing-counts-never"),
    };
    Row {
        is_chosen: form.is("rule", &key),
        // 1900 means "always": the starting rows of the installation.
        from: Some(rule.row.from_on)
            .filter(|day| day.year() > 1900)
            .map_or_else(String::new, Day::vn),
        signed: rule.row.verified_on.map_or_else(String::new, Day::vn),
        vote: rule.means.may_vote,
        stand: rule.means.may_stand,
        dues: rule.means.pays_dues,
        basis: rule.row.basis(),
        key,
        status,
        placement,
        counts,
    }
}

#[cfg(test)]
mod tests {
    use crate::kit::{HUE, SON, with_more_people};
    use testkit::{BINH, THU, on_both};
    use web::Routes;

    const SIGNED: &str = "select count(*) from rules_rule where verified_on <> ''";
    const FULL: &str = "s26-people-standing-full-official-1900-01-01";

    #[tokio::test(flavor = "multi_thread")]
    async fn the_lead_of_the_root_confirms_rules_and_the_first_day_stays() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_more_people(app, Routes::new());
                let son = app.as_(SON);
                let page = son.get("/admin/standing").await.expects(200);
                assert_eq!(page.all("#rules > li").len(), 27);
                assert_eq!(page.all("#rules input[type=checkbox]").len(), 27);
                assert!(page.text("#rules > li:first-child").contains("Đảng viên chính thức"));
                let chosen = page.has("#rules input[checked]");
                assert!(!chosen, "nothing is confirmed by default");
                let typed = [("rule", FULL), ("rule", "s26-people-standing-exempt-official-1900-01-01"), ("basis", "Kết luận 3-KL/ĐU")];
                let page = son.post_and_follow("/admin/standing/sign-offs", &typed).await.expects(200);
                assert_eq!(app.count(SIGNED).await, 2);
                assert_eq!(page.all("#rules input[type=checkbox]").len(), 25);
                let first_day = "select count(*) from rules_rule where verified_on = '2026-11-23' and verified_by = 'son'";
                assert_eq!(app.count(first_day).await, 2);
                app.later(86_400_000);
                son.post("/admin/standing/sign-offs", &typed).await.expects(303);
                assert_eq!(app.count(first_day).await, 2, "a second confirmation changes nothing");
                let logged = "select count(*) from audit_event where action = 'standing_rule.sign_off' \
                    and capability = 'restructure_approve' and unit_id = 'bloc' and reason = 'given'";
                assert_eq!(app.count(logged).await, 2);
                assert!(!page.body().contains('⟦'));
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_confirmation_names_its_document_and_at_least_one_rule() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_more_people(app, Routes::new());
                let son = app.as_(SON);
                let path = "/admin/standing/sign-offs";
                let page = son
                    .post(path, &[("rule", FULL), ("basis", " ")])
                    .await
                    .expects(422);
                assert_eq!(page.all(".err").len(), 1);
                assert_eq!(
                    page.attributes("#rules input[checked]", "value"),
                    [FULL],
                    "the choice is kept"
                );
                son.post(
                    path,
                    &[
                        ("rule", "s26-people-standing-full-nowhere-1900-01-01"),
                        ("basis", "x"),
                    ],
                )
                .await
                .expects(422);
                son.post(path, &[("basis", "x")]).await.expects(422);
                son.post_forged(path, &[("rule", FULL), ("basis", "x")])
                    .await
                    .expects(403);
                assert_eq!(app.count(SIGNED).await, 0);
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn others_read_at_most() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let app = with_more_people(app, Routes::new());
                for who in [BINH, HUE] {
                    let page = app.as_(who).get("/admin/standing").await.expects(200);
                    assert!(!page.has("#rules input") && !page.has("main form"));
                    app.as_(who)
                        .post(
                            "/admin/standing/sign-offs",
                            &[("rule", FULL), ("basis", "x")],
                        )
                        .await
                        .expects(404);
                }
                app.as_(THU).get("/admin/standing").await.expects(404);
                assert_eq!(app.count(SIGNED).await, 0);
            },
        )
        .await;
    }
}
