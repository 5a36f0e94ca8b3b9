//! Handing over at the end of a term: all that the outgoing holder has in hand, given to the next one in one act, with a
//! paper for both to sign.
//!
//! What goes with the post of the unit is handed over by the rooms themselves (`site.rooms.hands`); the rest is named and
//! handed over on its own page. Not here: ending the post, giving the next one (`posts`).
//! The rule that surprises: a post is handed over once, and the paper says what stood there then.

use crate::page::{Choice, unit_id};
use crate::post::{self, Held};
use crate::posts;
use crate::rights::lending;
use crate::rights::store::{self, HandoverRow};
use crate::roster::Post;
use crate::{sight, unit};
use approvals::State as Stands;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Result};
use kernel::{Day, MemberId, Moment};
use print::{Block, Capacity, Dated, Issuer, Layout, Official, Signature, Title};
use serde::{Deserialize, Serialize};
use site::room::{HandingOver, InHand, Passing};
use site::{May as _, Site};
use web::text::Arg;
use web::{Answer, Form, FormState, Frame, Lang, Member, see_other};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    to: String,
    note: String,
    read: String,
}

/// A thing as the paper says it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    title: String,
    meta: String,
    /// Whether it went over by this act.
    goes: bool,
}

#[derive(Template)]
#[template(path = "people/handover.html")]
struct Page {
    frame: Frame,
    form: FormState,
    unit: String,
    unit_name: String,
    held: Held,
    /// What goes with the post.
    goes: Vec<InHand>,
    /// What stays until it is handed over on its own page.
    stays: Vec<InHand>,
    /// Those who hold a post of the unit, now or next.
    next: Vec<Choice>,
    may_hand: bool,
    done: Option<Done>,
}

/// What was handed over, for the page.
struct Done {
    to: String,
    day: String,
    lines: Vec<Line>,
}

/// The post, and whether this visitor hands it over; else the one who holds it, who reads.
async fn find(
    site: &Site,
    who: &Member,
    unit: &str,
    holding: &str,
) -> Result<(unit::Unit, Held, bool)> {
    let here = unit::get(site, &unit_id(unit)?).await?;
    let held = post::find_held(site, &here.id, holding).await?;
    let today = site.clock.today();
    let gives = match sight::of_unit(site, &who.actor, &here.id).await {
        Ok(seen) => seen.may_give,
        Err(Error::NotFound) => false,
        Err(error) => return Err(error),
    };
    let gives = gives
        && held.role().is_some_and(|role| {
            post::givable(&who.actor, &here.reference(), today).contains(&role)
        });
    match gives || held.member_id == who.actor.member {
        true => Ok((here, held, gives)),
        false => Err(Error::NotFound),
    }
}

/// What they have in hand: rooms' things, and changes of theirs that wait for a second person.
async fn in_hand(
    site: &Site,
    frame: &Frame,
    who: &Member,
    held: &Held,
) -> Result<(Vec<InHand>, Vec<InHand>)> {
    let mut all = site
        .rooms
        .list_in_hand(site, frame, &who.0, &held.member_id)
        .await?;
    let now = site.clock.now().0;
    for one in approvals::list_prepared_by(&site.db, &held.member_id, 100).await? {
        if one.state == Stands::Waiting && one.expires_at > now {
            all.push(InHand {
                title: one.title,
                meta: frame.t("people-handover-waits"),
                to: "/approvals".to_owned(),
                goes_with: None,
            });
        }
    }
    let here = held.unit().id;
    Ok(all
        .into_iter()
        .partition(|one| one.goes_with.as_ref() == Some(&here)))
}

/// Who holds a post of the unit beside the outgoing one, today or when the term ends.
async fn next(site: &Site, held: &Held) -> Result<Vec<Choice>> {
    let today = site.clock.today();
    let here = held.unit().id;
    let mut all: Vec<Post> = posts::store::list_of_unit(&site.db, &here, today).await?;
    if held.to_on != Day::OPEN && held.to_on > today {
        all.extend(posts::store::list_of_unit(&site.db, &here, held.to_on).await?);
    }
    let mut out: Vec<Choice> = Vec::new();
    for one in all
        .into_iter()
        .filter(|one| one.member_id != held.member_id)
    {
        let id = one.member_id.to_string();
        if !out.iter().any(|(known, _)| *known == id) {
            out.push((id, format!("{}, {}", one.name, one.title)));
        }
    }
    Ok(out)
}

fn done(row: &HandoverRow) -> Done {
    Done {
        to: row.to_name.clone(),
        day: Moment(row.handed_at).day().vn(),
        // Written by this page alone; a row that is damaged names nothing.
        lines: serde_json::from_str(&row.lines_json).unwrap_or_default(),
    }
}

async fn draw(
    site: &Site,
    frame: &Frame,
    who: &Member,
    (here, held, may_hand): (unit::Unit, Held, bool),
    form: FormState,
) -> Answer {
    let row = store::find_handover(&site.db, &here.id, &held.id).await?;
    let (goes, stays) = match row {
        Some(_) => (Vec::new(), Vec::new()),
        None => in_hand(site, frame, who, &held).await?,
    };
    let page = Page {
        next: next(site, &held).await?,
        done: row.as_ref().map(done),
        frame: frame.clone(),
        unit: here.id.to_string(),
        unit_name: here.name,
        form,
        held,
        goes,
        stays,
        may_hand,
    };
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path((id, holding)): Path<(String, String)>,
) -> Answer {
    let found = find(&site, &who, &id, &holding).await?;
    draw(&site, &frame, &who, found, FormState::new()).await
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path((id, holding)): Path<(String, String)>,
    form: Form<Typed>,
) -> Answer {
    let (here, held, may_hand) = find(&site, &who, &id, &holding).await?;
    if !may_hand {
        return Err(Error::NotFound.into());
    }
    let back = see_other(format!("/units/{}/positions/{}/handover", here.id, held.id));
    if store::find_handover(&site.db, &here.id, &held.id)
        .await?
        .is_some()
    {
        return Ok(back.into_response()); // sent twice
    }
    let mut state = FormState::typed(form.pairs);
    state.fit("note", 400);
    let offered = next(&site, &held).await?;
    let to: Option<MemberId> = form.value.to.parse().ok(); // told beside the field
    let to = to.filter(|to| offered.iter().any(|(id, _)| id == to.as_str()));
    if to.is_none() {
        state.fail("to", "people-handover-to-missing");
    }
    if form.value.read.is_empty() {
        state.fail("read", "people-handover-read-missing");
    }
    let (Some(to), true) = (to, state.is_good()) else {
        return draw(&site, &frame, &who, (here, held, may_hand), state).await;
    };
    let (goes, stays) = in_hand(&site, &frame, &who, &held).await?;
    let line = |one: InHand, goes| Line {
        title: one.title,
        meta: one.meta,
        goes,
    };
    let mut lines: Vec<Line> = goes.into_iter().map(|one| line(one, true)).collect();
    lines.extend(stays.into_iter().map(|one| line(one, false)));
    let note = form
        .value
        .note
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let pass = Passing {
        unit: here.id.clone(),
        from: held.member_id.clone(),
        to,
    };
    let may = HandingOver::of(&who.actor, &here.reference(), frame.today())?;
    let mut act = may.begin(&site, &frame, "handover.make").await?;
    let mut gone = 0;
    for hand in site.rooms.hands.clone() {
        gone += hand(&mut act, &pass).await?;
    }
    let text = serde_json::to_string(&lines).map_err(Error::fault)?;
    store::add_handover(&mut act, &held.id, &pass, (&text, &note)).await?;
    let by = who.actor.name.clone();
    let path = format!("/units/{}/positions/{}/handover", here.id, held.id);
    lending::tell(&mut act, &pass.from, "people-notice-handover", &path, &by);
    lending::tell(
        &mut act,
        &pass.to,
        "people-notice-handover-to",
        "/today",
        &by,
    );
    act.line()
        .about(&pass.from)
        .object("handover", &held.id)
        .diff(&serde_json::json!({ "to": pass.to, "things": gone }));
    act.end().await?;
    Ok(back
        .flash("people-handover-done")
        .arg("name", &held.name)
        .into_response())
}

fn vi(site: &Site, key: &str, args: &[(&str, Arg<'_>)]) -> String {
    site.edge.texts.with(Lang::Vi, key, args)
}

/// The paper for both to sign.
pub(crate) async fn get_pdf(
    State(site): State<Site>,
    who: Member,
    Path((id, holding)): Path<(String, String)>,
) -> Answer {
    let (here, held, _) = find_or_next(&site, &who, &id, &holding).await?;
    let row = store::find_handover(&site.db, &here.id, &held.id).await?;
    let row = row.ok_or(Error::NotFound)?;
    let above = match &here.parent_id {
        Some(above) => vec![unit::get(&site, above).await?.name],
        None => Vec::new(),
    };
    let args: [(&str, Arg<'_>); 4] = [
        ("from", row.from_name.as_str().into()),
        ("to", row.to_name.as_str().into()),
        ("post", held.title.as_str().into()),
        ("unit", here.name.as_str().into()),
    ];
    let say = |key: &str| vi(&site, key, &args);
    let mut body = vec![Block::Paragraph(
        say("people-handover-paper-who").as_str().into(),
    )];
    let lines = done(&row).lines;
    for (head, goes) in [
        ("people-handover-paper-goes", true),
        ("people-handover-paper-stays", false),
    ] {
        let part: Vec<&Line> = lines.iter().filter(|line| line.goes == goes).collect();
        if part.is_empty() && !goes {
            continue;
        }
        body.push(Block::Paragraph(say(head).as_str().into()));
        if part.is_empty() {
            body.push(Block::Paragraph(
                say("people-handover-paper-nothing").as_str().into(),
            ));
        }
        for (nth, line) in part.iter().enumerate() {
            let text = match line.meta.is_empty() {
                true => format!("{}. {}", nth + 1, line.title),
                false => format!("{}. {} ({})", nth + 1, line.title, line.meta),
            };
            body.push(Block::Paragraph(text.as_str().into()));
        }
    }
    if !row.note.is_empty() {
        let note = vi(
            &site,
            "people-handover-paper-note",
            &[("note", row.note.as_str().into())],
        );
        body.push(Block::Paragraph(note.as_str().into()));
    }
    let sign = |of: &str, name: &str| Signature {
        capacity: Capacity::Holder,
        of: String::new(),
        post: say(of),
        name: name.to_owned(),
        is_sealed: false,
    };
    let paper = Official {
        issuer: Issuer {
            above,
            name: here.name.clone(),
        },
        symbol: None,
        place: "……………".to_owned(),
        dated: Dated::On(Moment(row.handed_at).day()),
        title: Title::Named {
            kind: say("people-handover-paper-kind"),
            subject: say("people-handover-paper-subject"),
        },
        marks: Vec::new(),
        addressees: Vec::new(),
        body,
        recipients: Vec::new(),
        signatures: vec![
            sign("people-handover-paper-from", &row.from_name),
            sign("people-handover-paper-to", &row.to_name),
        ],
    };
    let moment = site.clock.now();
    let work = move || print::official(&paper, &Layout::party(), moment);
    let pdf = site.press.run(work).await?;
    let kind = vi(&site, "people-handover-paper-kind", &[]);
    let name = web::file_name([kind.as_str(), row.from_name.as_str()], "pdf");
    Ok(web::download(&name, "application/pdf", pdf.bytes))
}

/// As [`find`], and the one who took it over.
async fn find_or_next(
    site: &Site,
    who: &Member,
    unit: &str,
    holding: &str,
) -> Result<(unit::Unit, Held, bool)> {
    match find(site, who, unit, holding).await {
        Err(Error::NotFound) => {
            let here = unit::get(site, &unit_id(unit)?).await?;
            let row = store::find_handover(&site.db, &here.id, holding).await?;
            match row.is_some_and(|row| row.to_id == who.actor.member.as_str()) {
                true => {
                    let held = post::find_held(site, &here.id, holding).await?;
                    Ok((here, held, false))
                }
                false => Err(Error::NotFound),
            }
        }
        found => found,
    }
}

#[cfg(test)]
mod tests {
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, on_both};

    const PATH: &str = "/units/cell-a/positions/h-lan-0/handover";

    #[tokio::test(flavor = "multi_thread")]
    async fn a_post_is_handed_over_once_with_a_paper_for_both() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                let page = thu.get(PATH).await.expects(200);
                assert!(!page.body().contains('⟦'), "{}", page.text("main"));
                assert!(page.text("main").contains("Nguyễn Thị Lan"));
                thu.get(&format!("{PATH}.pdf")).await.expects(404);
                for (fields, field) in [
                    ([("to", "hoa"), ("read", "1")], "to"),
                    ([("to", "lan"), ("read", "1")], "to"),
                    ([("to", "minh"), ("read", "")], "read"),
                ] {
                    let page = thu.post(PATH, &fields).await.expects(422);
                    assert!(page.has(&format!("#e-{field}")), "{fields:?}");
                }
                let good = [("to", "minh"), ("read", "1"), ("note", "Con dấu giao tay")];
                thu.post(PATH, &good).await.expects(303);
                thu.post(PATH, &good).await.expects(303);
                assert_eq!(app.count("select count(*) from people_handover").await, 1);
                assert_eq!(app.count("select count(*) from audit_event where action = 'handover.make' and about_member_id = 'lan'").await, 1);
                for who in [THU, LAN, MINH] {
                    let file = app.as_(who).get(&format!("{PATH}.pdf")).await.expects(200);
                    assert_eq!(file.header("content-type"), "application/pdf");
                }
                let page = app.as_(LAN).get(PATH).await.expects(200);
                assert!(page.text("#done").contains("Trần Văn Minh") && !page.has("form[action$=handover]"));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nobody_else_hands_a_post_over_or_reads_what_is_in_hand() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let good = [("to", "minh"), ("read", "1")];
                for who in [MINH, HOA, TUAN, BINH] {
                    app.as_(who).get(PATH).await.expects(404);
                    app.as_(who).post(PATH, &good).await.expects(404);
                    app.as_(who).get(&format!("{PATH}.pdf")).await.expects(404);
                }
                app.as_(LAN).get(PATH).await.expects(200);
                app.as_(LAN).post(PATH, &good).await.expects(404);
                app.as_(THU).post_forged(PATH, &good).await.expects(403);
                app.stranger().get(PATH).await.expects(303);
                app.as_(THU)
                    .get("/units/cell-b/positions/h-lan-0/handover")
                    .await
                    .expects(404);
                assert_eq!(app.count("select count(*) from people_handover").await, 0);
            },
        )
        .await;
    }
}
