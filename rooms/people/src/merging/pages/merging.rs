//! Making one of two records: finding the other, comparing field by field, choosing what stays, handing it to a second
//! person.
//!
//! Where both say something different nothing is chosen beforehand: the newer word is not the truer one. Not here:
//! doing it (`joining`).
//! The rule that surprises: both records are looked at, and the look is written down for both.

use crate::access::CanMerge;
use crate::member::{PostView, posts};
use crate::merging::joining::{self, Merge};
use crate::merging::pages::duplicates::{called, place};
use crate::merging::record::{self, Compared, Whole};
use crate::merging::same::{self, Two};
use crate::merging::waiting::{self, Waits};
use crate::merging::{alias, store};
use crate::page::{either, member_id};
use crate::sight::Level;
use crate::{search, sight};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Refusal, Result};
use kernel::{Cap, Day, MemberId, Moment, UnitPath, UnitRef};
use site::{May as _, Site};
use std::collections::{BTreeMap, BTreeSet};
use web::{Answer, FieldTrouble, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    with: String,
    q: String,
}

/// Somebody who may be the same person.
struct Found {
    id: String,
    name: String,
    place: String,
}

#[derive(Template)]
#[template(path = "people/merging_find.html")]
struct FindPage {
    frame: Frame,
    id: String,
    name: String,
    q: String,
    found: Vec<Found>,
}

/// One of the two, above the fields.
struct Head {
    id: String,
    /// The name, told apart from the other.
    shown: String,
    place: String,
    touched: String,
    posts: Vec<String>,
    keeps: Vec<String>,
    /// What it has of which only one can stay: question and answer.
    has: Vec<String>,
    /// What waits of it.
    waits: Vec<Waits>,
}

/// A choice: its name in the form, the question, and what each of the two says.
struct Choice {
    name: String,
    label: String,
    one: String,
    other: String,
    /// What becomes of the other; may be empty.
    ends: String,
}

/// Of what only one can stay.
struct Only {
    name: &'static str,
    /// Key of the question.
    text: &'static str,
    /// Key of what becomes of the other.
    ends: &'static str,
    one: String,
    other: String,
}

#[derive(Template)]
#[template(path = "people/merging.html")]
struct Page {
    frame: Frame,
    form: FormState,
    heads: [Head; 2],
    choices: Vec<Choice>,
    same: Vec<(String, String)>,
    both: Vec<String>,
    seconds: String,
    /// Why nothing can be handed on; empty: it can.
    bar: String,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let id = member_id(&id)?;
    if let Some(kept) = alias::leads_to(&site, &who.actor, &id).await? {
        return Ok(see_other(format!("/members/{kept}")).into_response());
    }
    if asked.with.is_empty() {
        return find(&site, &frame, &who, &id, &asked.q).await;
    }
    let with = member_id(&asked.with)?;
    if let Some(kept) = alias::leads_to(&site, &who.actor, &with).await? {
        return Ok(see_other(format!("/members/{kept}")).into_response());
    }
    let two = same::two(&site, &who.actor, &id, &with).await?;
    let read = Read::of(&site, &frame, &who, two).await?;
    let mut form = FormState::new();
    for one in &read.compared {
        if let Some(offered) = &one.offered {
            form.put(&format!("f-{}", one.field.word()), offered.as_str());
        }
    }
    draw(&site, &frame, &who, read, form).await
}

async fn find(site: &Site, frame: &Frame, who: &Member, id: &MemberId, q: &str) -> Answer {
    let today = site.clock.today();
    sight::of_member(site, &who.actor, id).await?;
    if !may_begin(site, who, id).await? {
        return Err(Error::NotFound.into());
    }
    let seen = store::find_seen(&site.db, id.as_str()).await?;
    let seen = seen
        .filter(|seen| seen.merged_on.is_empty())
        .ok_or(Error::NotFound)?;
    let mut found = Vec::new();
    let homes = store::list_homes(&site.db, id, today).await?;
    let paths: Vec<_> = homes.iter().map(|home| home.path.clone()).collect();
    let mut ids: Vec<MemberId> = Vec::new();
    if q.trim().is_empty() {
        // Whoever seems to be the same stands there unasked.
        if let Some(over) = widest(who, &paths, id, today) {
            for (one, other) in same::pairs(site, &over.path).await?.into_keys() {
                let pair = [one, other];
                if pair.iter().any(|one| one == id.as_str()) {
                    let others = pair.into_iter().filter(|one| one != id.as_str());
                    ids.extend(others.filter_map(|one| one.parse().ok())); // ids of the table
                }
            }
        }
    } else {
        let hits = search::by_name(site, &who.actor, q, 30).await?;
        ids.extend(hits.into_iter().map(|hit| hit.member_id));
    }
    for other in ids {
        match same::two(site, &who.actor, id, &other).await {
            Ok(two) => {
                let places = [place(site, id).await?, place(site, &other).await?];
                let [_, name] = called(&two.one.seen, &two.other.seen, &places);
                let [_, place] = places;
                let id = other.to_string();
                found.push(Found { id, name, place });
            }
            Err(Error::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    frame.html(&FindPage {
        frame: frame.clone(),
        id: id.to_string(),
        name: seen.name,
        q: q.to_owned(),
        found,
    })
}

/// The highest unit over that record over which this visitor may prepare a merging.
fn widest(who: &Member, paths: &[UnitPath], id: &MemberId, on: Day) -> Option<UnitRef> {
    let above = same::over(paths)?.path.ancestry().into_iter();
    let mut above = above.filter_map(|path| {
        let id = path.ids().last()?.parse().ok()?; // ids of the table
        Some(UnitRef { id, path })
    });
    above.find(|unit| CanMerge::of(&who.actor, unit, id, on).is_ok())
}

/// Whether a merging of that record can be prepared by this visitor at all.
pub(crate) async fn may_begin(site: &Site, who: &Member, id: &MemberId) -> Result<bool> {
    if who.actor.member == *id {
        return Ok(false);
    }
    let today = site.clock.today();
    let homes = store::list_homes(&site.db, id, today).await?;
    let paths: Vec<_> = homes.into_iter().map(|home| home.path).collect();
    let over = same::over(&paths);
    Ok(over.is_some_and(|over| CanMerge::of(&who.actor, &over, id, today).is_ok()))
}

/// Both records, read with the look written down.
struct Read {
    two: Two,
    one: Whole,
    other: Whole,
    compared: Vec<Compared>,
    /// The own units, where both have one and they differ.
    homes: Option<[String; 2]>,
    /// Of what only one can stay: room, question, what each has, what becomes of the other.
    ones: Vec<Only>,
    has: [Vec<String>; 2],
}

impl Read {
    async fn of(site: &Site, frame: &Frame, who: &Member, two: Two) -> Result<Read> {
        let (id, other_id) = (two.one.seen.id.clone(), two.other.seen.id.clone());
        let today = site.clock.today();
        let both = [id.clone(), other_id.clone()];
        let shows_numbers = who.actor.allow(Cap::MemberSealedRead, &two.over, today);
        let (level, purpose) = match shows_numbers {
            true => (Level::V3, frame.t("people-merge-purpose")),
            false => (Level::V2, String::new()),
        };
        site::look(site, &who.actor, &both, level, &purpose).await?;
        let (one, other) = joining::both(site, &id, &other_id).await?;
        let compared = record::compare(frame, &one, &other, shows_numbers);
        let own = |homes: &[store::Home]| {
            let mut open = homes.iter().filter(|home| home.is_open(today));
            open.find(|home| home.is_official()).cloned()
        };
        let homes = match (own(&two.one.homes), own(&two.other.homes)) {
            (Some(a), Some(b)) if a.unit_id != b.unit_id => Some([a.name, b.name]),
            _ => None,
        };
        let mut ones = Vec::new();
        let mut has = [Vec::new(), Vec::new()];
        for merging in &site.rooms.mergings {
            let Some(only) = merging.one else { continue };
            let mut said = Vec::new();
            for (nth, id) in both.iter().enumerate() {
                let one = (only.has)(site.clone(), frame.clone(), id.clone()).await?;
                has[nth].extend(one.clone());
                said.push(one);
            }
            if let (Some(Some(other)), Some(Some(one))) = (said.pop(), said.pop()) {
                ones.push(Only {
                    name: merging.name,
                    text: only.text,
                    ends: only.ends,
                    one,
                    other,
                });
            }
        }
        Ok(Read {
            two,
            one,
            other,
            compared,
            homes,
            ones,
            has,
        })
    }
}

async fn head(
    site: &Site,
    frame: &Frame,
    (seen, shown, place): (&store::Seen, String, String),
    has: Vec<String>,
) -> Result<Head> {
    let today = site.clock.today();
    let held = |post: PostView| {
        (post.to_on > today).then(|| format!("{}, {}", post.title, post.unit_name))
    };
    let posts = posts(site, &seen.id).await?.into_iter().filter_map(held);
    let mut keeps = Vec::new();
    for claim in site
        .rooms
        .of_person
        .iter()
        .filter(|claim| !claim.text.is_empty())
    {
        let n = claim.naming(seen.id.as_str()).count(site.db.read()).await?;
        if n > 0 {
            keeps.push(frame.t1(claim.text, "n", n));
        }
    }
    let touched = match seen.touched_at {
        0 => String::new(),
        at => Moment(at).day().vn(),
    };
    Ok(Head {
        id: seen.id.to_string(),
        shown,
        place,
        touched,
        posts: posts.collect(),
        keeps,
        has,
        waits: waiting::list(site, frame, &seen.id).await?,
    })
}

async fn draw(site: &Site, frame: &Frame, who: &Member, read: Read, form: FormState) -> Answer {
    let (one, other) = (&read.two.one.seen, &read.two.other.seen);
    let places = [place(site, &one.id).await?, place(site, &other.id).await?];
    let names = called(one, other, &places);
    let mut choices = vec![Choice {
        name: "keep".to_owned(),
        label: frame.t("people-merge-keep"),
        // Names that differ by a mark alone are told apart by code and unit.
        one: joining::described(
            frame,
            &names[0],
            (&read.one.record, &places[0]),
            &read.has[0],
        ),
        other: joining::described(
            frame,
            &names[1],
            (&read.other.record, &places[1]),
            &read.has[1],
        ),
        ends: frame.t("people-merge-keep-ends"),
    }];
    let mut same = Vec::new();
    for held in &read.compared {
        let label = frame.t(held.field.text());
        if held.is_same {
            if held.one != frame.t("people-merge-empty") {
                same.push((label, held.one.clone()));
            }
            continue;
        }
        choices.push(Choice {
            name: format!("f-{}", held.field.word()),
            label,
            one: held.one.clone(),
            other: held.other.clone(),
            ends: String::new(),
        });
    }
    if let Some([one, other]) = &read.homes {
        choices.push(Choice {
            name: "home".to_owned(),
            label: frame.t("people-merge-home"),
            one: one.clone(),
            other: other.clone(),
            ends: frame.t("people-merge-home-ends"),
        });
    }
    choices.extend(read.ones.into_iter().map(|one| Choice {
        name: format!("one-{}", one.name),
        label: frame.t(one.text),
        ends: frame.t(one.ends),
        one: one.one,
        other: one.other,
    }));
    let mut both = Vec::new();
    for merging in &site.rooms.mergings {
        if let Some(in_both) = merging.both {
            let (a, b) = (one.id.clone(), other.id.clone());
            both.extend(in_both(site.clone(), frame.clone(), a, b).await?);
        }
    }
    let (over, me) = (&read.two.over, &who.actor.member);
    let seconds = joining::seconds(site, &over.path, (&one.id, &other.id, me)).await?;
    let may = joining::may_change(site, &who.actor, [&one.id, &other.id]).await?;
    let bar = match (may, seconds.is_empty()) {
        (false, _) => frame.t("people-merge-bar-identity"),
        (true, true) => frame.t("people-merge-bar-alone"),
        (true, false) => String::new(),
    };
    let [name_one, name_other] = names;
    let [place_one, place_other] = places;
    let [has_one, has_other] = read.has;
    let heads = [
        head(site, frame, (one, name_one, place_one), has_one).await?,
        head(site, frame, (other, name_other, place_other), has_other).await?,
    ];
    let page = Page {
        frame: frame.clone(),
        heads,
        choices,
        same,
        both,
        seconds: either(frame, &seconds),
        bar,
        form,
    };
    frame.html_status(page.form.status(), &page)
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    with: String,
    reason: String,
}

/// Characters that a reason may have.
const REASON_MOST: usize = 300;

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (id, with) = (member_id(&id)?, member_id(&form.value.with)?);
    for one in [&id, &with] {
        if let Some(kept) = alias::leads_to(&site, &who.actor, one).await? {
            // Somebody was faster: there is one record by now.
            return Ok(see_other(format!("/members/{kept}"))
                .flash("people-merge-already")
                .into_response());
        }
    }
    let two = same::two(&site, &who.actor, &id, &with).await?;
    let read = Read::of(&site, &frame, &who, two).await?;
    let mut state = FormState::typed(form.pairs);
    let chosen = |state: &mut FormState, name: &str, label: &str| -> Option<MemberId> {
        let value = state.value(name).to_owned();
        let found = [&id, &with].into_iter().find(|one| one.as_str() == value);
        if found.is_none() {
            let what = frame.t(label);
            state.fail(
                name,
                FieldTrouble::of("people-merge-choose").arg("what", what),
            );
        }
        found.cloned()
    };
    let kept = chosen(&mut state, "keep", "people-merge-keep");
    let kept = kept.unwrap_or_else(|| id.clone());
    let old = if kept == id { with.clone() } else { id.clone() };
    let mut takes = BTreeSet::new();
    for one in read.compared.iter().filter(|one| !one.is_same) {
        let name = format!("f-{}", one.field.word());
        let Some(from) = chosen(&mut state, &name, one.field.text()) else {
            continue;
        };
        let whole = if from == read.one.id {
            &read.one
        } else {
            &read.other
        };
        let is_closed = (one.field.column()).is_some_and(|column| whole.closed.contains(&column));
        if from == old && is_closed {
            state.fail(&name, "people-merge-closed");
        } else if from == old {
            takes.insert(one.field.word().to_owned());
        }
    }
    let home = match &read.homes {
        Some(_) => chosen(&mut state, "home", "people-merge-home"),
        None => None,
    };
    let mut stays = BTreeMap::new();
    for one in &read.ones {
        let name = format!("one-{}", one.name);
        if let Some(from) = chosen(&mut state, &name, one.text) {
            stays.insert(one.name.to_owned(), from);
        }
    }
    let ended = if kept == id { &read.other } else { &read.one };
    if joining::takes_a_leaving(&takes, &ended.record) {
        state.fail("f-status", "people-merge-refused-left");
    }
    let reason = form.value.reason.trim().to_owned();
    state.fit("reason", REASON_MOST);
    if reason.is_empty() {
        state.fail("reason", "people-merge-reason-missing");
    }
    if !state.is_good() {
        return draw(&site, &frame, &who, read, state).await;
    }
    let me = who.actor.member.clone();
    let refused = |key| Refusal::new(key).way_out(format!("/members/{id}"), "people-merge-look");
    if !joining::may_change(&site, &who.actor, [&kept, &old]).await? {
        return Err(refused("people-merge-bar-identity").into());
    }
    // What the other holds may lie further away than where it is placed: who agrees stands over that too.
    let today = site.clock.today();
    let over = joining::over(&site, &kept, &old, &[]).await?;
    let over = over.ok_or(Error::NotFound)?;
    let Ok(may) = CanMerge::of(&who.actor, &over, &kept, today) else {
        return Err(refused("people-merge-bar-identity").into());
    };
    let seconds = joining::seconds(&site, &over.path, (&kept, &old, &me)).await?;
    if seconds.is_empty() {
        return Err(refused("people-merge-bar-alone").into());
    }
    let title = joining::title(&site, &frame, &kept).await?;
    let wish = Merge {
        kept,
        old,
        takes,
        home,
        stays,
        reason,
        over: over.id,
        by: me,
    };
    let mut act = may.begin(&site, &frame, "member.merge_prepare").await?;
    joining::prepare(&mut act, &wish, title).await?;
    act.line()
        .about(&wish.kept)
        .object("member", &wish.old)
        .reason(wish.reason.clone());
    act.end().await?;
    Ok(see_other("/approvals")
        .flash("people-merge-waits")
        .arg("names", &either(&frame, &seconds))
        .into_response())
}
