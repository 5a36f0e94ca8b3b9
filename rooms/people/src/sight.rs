//! Who may look at what: a unit's page, a person's page, and at which level.
//!
//! Looks up and decides in one step: what is hidden is [`Error::NotFound`], as if it were not there.
//! Persons are reached through their placements (R2). Not here: what a level shows (`member`).
//! The rule that surprises: a former unit reads for some days more (rule `people.former_days`),
//! and never writes.

use crate::fact::Placement;
use crate::store;
use crate::unit::{self, Unit};
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, MemberId, UnitId, UnitRef};
use site::Site;

rules::names! {
    /// Days for which a former unit reads.
    pub FORMER_DAYS: "people.former_days", Days;
}

pub use site::Level;

/// For how many days a former unit still reads, and the sentence that says where that figure comes from.
pub(crate) async fn former_words(site: &Site, frame: &web::Frame) -> Result<(i32, String)> {
    let found = site.rules.get(FORMER_DAYS, site.clock.today()).await?;
    let rule = &found.trace.rule;
    let (basis, from) = (rule.basis(), rule.from_on.vn());
    let words = match basis.is_empty() {
        true => frame.t("people-rule-own"),
        false => frame.t2("people-rule-by", "basis", basis.as_str(), "day", &from),
    };
    Ok((found.span()?.min(3_650), words))
}

/// For how many days a former unit still reads.
pub async fn former_days(site: &Site) -> Result<i32> {
    let found = site.rules.get(FORMER_DAYS, site.clock.today()).await?;
    Ok(found.span()?.min(3_650))
}

/// What an actor may see of a unit and do to it today.
#[derive(Debug, Clone)]
pub struct UnitSight {
    /// The unit, as it is today.
    pub unit: Unit,
    /// Names (V0) or also status (V1).
    pub level: Level,
    /// Whether the roster is shown at all: not to former members.
    pub shows_roster: bool,
    /// Whether other days and the units below may be asked for.
    pub is_reader: bool,
    /// Whether members may be added and corrected.
    pub may_draft: bool,
    /// Whether posts may be given and ended.
    pub may_give: bool,
}

/// What the actor may see of a unit; hidden is [`Error::NotFound`].
pub async fn of_unit(site: &Site, actor: &Actor, id: &UnitId) -> Result<UnitSight> {
    let unit = unit::get(site, id).await?;
    let today = site.clock.today();
    let target = unit.reference();
    let living = unit.is_living(today);
    let may = |cap| actor.allow(cap, &target, today);
    let is_reader = may(Cap::UnitRead);
    let by_name = may(Cap::MemberNameRead);
    let mut sight = UnitSight {
        level: if may(Cap::AttendanceMark) || may(Cap::MemberRead) {
            Level::V1
        } else {
            Level::V0
        },
        shows_roster: by_name,
        is_reader,
        may_draft: living && may(Cap::MemberDraft),
        may_give: living && may(Cap::GrantGive),
        unit,
    };
    if is_reader || by_name || may(Cap::UnitPublishedRead) {
        return Ok(sight);
    }
    let since = today.plus_days(-former_days(site).await?);
    let (db, member) = (&site.db, &actor.member);
    if !store::was_placed(db, member, id, today, since).await?
        && !store::holds_post(db, member, id, today).await?
    {
        return Err(Error::NotFound);
    }
    sight.may_draft = false;
    sight.may_give = false;
    Ok(sight)
}

/// What an actor may see of a person and do to the record today.
#[derive(Debug, Clone)]
pub struct MemberSight {
    /// How much is shown without further ado.
    pub level: Level,
    /// Whether identity numbers may be shown after a purpose was typed.
    pub may_unseal: bool,
    /// Whether the record may be corrected by hand.
    pub may_draft: bool,
    /// Whether it is only as a former unit that they are seen.
    pub is_former: bool,
    /// The unit through which they are reached, for the log.
    pub unit: UnitRef,
}

/// What the actor may see of another member; hidden is [`Error::NotFound`]. Nobody corrects the own
/// record, and nobody needs this page for it. Whoever has a member for a time reads the record and does not write it:
/// the official unit does.
pub async fn of_member(site: &Site, actor: &Actor, target: &MemberId) -> Result<MemberSight> {
    let today = site.clock.today();
    let since = today.plus_days(-former_days(site).await?);
    let mut best: Option<MemberSight> = None;
    let places = store::list_places(&site.db, target, today, since).await?;
    let is_home = |place: &store::Place| place.kind.is(Placement::Official) && place.to_on > today;
    // A damaged record without a home is written by whoever has it.
    let is_homeless = !places.iter().any(is_home);
    for place in places {
        let is_former = place.to_on <= today;
        let is_theirs = !is_former && (is_home(&place) || is_homeless);
        let unit = UnitRef {
            id: place.unit_id,
            path: place.path,
        };
        let may = |cap| actor.allow(cap, &unit, today);
        let level = if may(Cap::MemberRead) {
            Level::V2
        } else if may(Cap::AttendanceMark) {
            Level::V1
        } else if may(Cap::MemberNameRead) {
            Level::V0
        } else {
            continue;
        };
        let here = MemberSight {
            level,
            may_unseal: is_theirs && may(Cap::MemberSealedRead),
            may_draft: is_theirs && may(Cap::MemberDraft) && actor.member != *target,
            is_former,
            unit,
        };
        best = Some(match best {
            None => here,
            // A second placement may add rights, and current ones come first.
            Some(held) => MemberSight {
                level: held.level.max(here.level),
                may_unseal: held.may_unseal || here.may_unseal,
                may_draft: held.may_draft || here.may_draft,
                is_former: held.is_former && here.is_former,
                unit: if here.level > held.level {
                    here.unit
                } else {
                    held.unit
                },
            },
        });
    }
    best.ok_or(Error::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN};

    fn id(text: &str) -> MemberId {
        text.parse().unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn levels_follow_the_reference() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let site = &app.site;
                let level = async |who: testkit::Character, of: &str| {
                    of_member(site, &who.actor(), &id(of))
                        .await
                        .map(|sight| sight.level)
                        .ok()
                };
                assert_eq!(level(HOA, "lan").await, Some(Level::V0));
                assert_eq!(level(MINH, "hoa").await, Some(Level::V1));
                assert_eq!(level(LAN, "hoa").await, Some(Level::V2));
                assert_eq!(level(THU, "hoa").await, Some(Level::V2));
                assert_eq!(level(TUAN, "hoa").await, None, "another cell");
                assert_eq!(
                    level(BINH, "hoa").await,
                    None,
                    "an administrator reads no records"
                );
                let thu = of_member(site, &THU.actor(), &id("hoa")).await.unwrap();
                let lan = of_member(site, &LAN.actor(), &id("hoa")).await.unwrap();
                assert!(thu.may_unseal && !lan.may_unseal && lan.may_draft);
                assert!(
                    !of_member(site, &LAN.actor(), &id("lan"))
                        .await
                        .unwrap()
                        .may_draft,
                    "not the own record"
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_has_a_guest_reads_the_record_and_writes_nothing_into_it() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let site = &app.site;
                let there = "cell-a".parse().unwrap();
                let mut act = app.act().await;
                let place = store::NewPlacement {
                    kind: Placement::Temporary,
                    to_on: app.today().plus_days(90),
                    ..store::NewPlacement::official(&id("tuan"), &there, app.today())
                };
                store::add_placement(&mut act, &place).await.unwrap();
                act.end().await.unwrap();
                let lan = of_member(site, &LAN.actor(), &id("tuan")).await.unwrap();
                assert!(lan.level == Level::V2 && !lan.may_draft && !lan.may_unseal);
                let thu = of_member(site, &THU.actor(), &id("tuan")).await.unwrap();
                assert!(thu.may_draft && thu.may_unseal, "the committee of both");
                app.as_(LAN).get("/members/tuan/edit").await.expects(404);
                app.as_(THU).get("/members/tuan/edit").await.expects(200);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_former_unit_reads_ninety_days_and_never_writes() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let site = &app.site;
                let today = app.today();
                let mut act = app.act().await;
                assert!(
                    store::close_placement(&mut act, "p-hoa", today, "transfer")
                        .await
                        .unwrap()
                );
                let moved =
                    store::NewPlacement::official(&id("hoa"), &"cell-e".parse().unwrap(), today);
                store::add_placement(&mut act, &moved).await.unwrap();
                act.end().await.unwrap();
                let lan = LAN.actor();
                let cell: UnitId = "cell-a".parse().unwrap();
                let hoa = crate::actor::load(site, &id("hoa")).await.unwrap();
                for (days, may) in [(0, true), (89, true), (90, false)] {
                    site.clock.set(today.plus_days(days).at(12, 0));
                    let seen = of_member(site, &lan, &id("hoa")).await;
                    assert_eq!(seen.is_ok(), may, "day {days}");
                    if let Ok(sight) = seen {
                        assert!(sight.is_former && !sight.may_draft && !sight.may_unseal);
                        assert_eq!(sight.level, Level::V2);
                    }
                    let page = of_unit(site, &hoa, &cell).await;
                    assert_eq!(page.is_ok(), may, "day {days}");
                    assert!(page.is_ok_and(|page| !page.shows_roster && !page.may_draft) || !may);
                }
                site.clock.set(today.plus_days(10).at(12, 0));
                let mut act = app.act().await;
                let shorter = rules::New {
                    origin: "test".into(),
                    ..rules::New::of(FORMER_DAYS, 10, today)
                };
                let by = rules::By {
                    who: "",
                    at: site.clock.now(),
                };
                let added = site.rules.add(act.tx(), &shorter, by).await.unwrap();
                assert!(added.is_ok());
                act.end().await.unwrap();
                assert!(
                    of_member(site, &lan, &id("hoa")).await.is_err(),
                    "the rule shortens it"
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_unit_is_open_to_its_members_and_to_those_above() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let sees = async |who: testkit::Character, unit: &str| {
                    of_unit(&app.site, &who.actor(), &unit.parse().unwrap())
                        .await
                        .ok()
                };
                assert!(
                    sees(HOA, "cell-a")
                        .await
                        .is_some_and(|s| s.level == Level::V0 && !s.is_reader && !s.may_draft)
                );
                assert!(
                    sees(LAN, "cell-a")
                        .await
                        .is_some_and(|s| s.is_reader && s.may_draft && !s.may_give)
                );
                assert!(
                    sees(THU, "cell-a")
                        .await
                        .is_some_and(|s| s.may_give && s.may_draft)
                );
                assert!(sees(HOA, "committee").await.is_none());
                assert!(sees(LAN, "cell-b").await.is_none());
                assert!(sees(THU, "bloc").await.is_none());
                assert!(sees(THU, "cell-e").await.is_none());
                assert!(sees(THU, "no-such").await.is_none());
            },
        )
        .await;
    }
}
