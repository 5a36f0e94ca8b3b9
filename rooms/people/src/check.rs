//! What must always be true of the tables: `sotay check` and tests ask, any alarm is a fault.
//!
//! Reads everything, writes nothing. Not here: repairing, which is a person's decision.
//! The rule that surprises: the tree is walked from the parents, so a unit in a circle or with a
//! lost parent is told as well, though no list would ever show it.

use crate::fact::{Basis, EventKind, Placement, Scheme, Status, UnitKind};
use crate::ledger::compare;
use crate::members::leaving::How;
use crate::members::moving::{self, State as TransferState};
use crate::members::store;
use db::sql;
use kernel::error::Result;
use kernel::{Said, pattern, said};
use site::Site;
use site::room::FactColumn;

db::statements! {
    PATHS = "with recursive t(id, path, depth) as (\
        select id, '/' || id || '/', 1 from people_unit where parent_id is null \
        union all select c.id, t.path || c.id || '/', t.depth + 1 \
        from people_unit c join t on c.parent_id = t.id where t.depth < 32) \
        select u.id, u.path from people_unit u left join t on t.id = u.id \
        where t.path is null or t.path <> u.path order by u.id";
    OPEN_VERSION = "select u.id, coalesce(v.path, '') from people_unit u \
        left join people_unit_version v on v.unit_id = u.id and v.to_on = '9999-12-31' \
        where v.unit_id is null or v.path <> u.path or v.name <> u.name or v.kind <> u.kind \
        or coalesce(v.parent_id, '') <> coalesce(u.parent_id, '') order by u.id";
    VERSIONS = "select unit_id, from_on from (\
        select unit_id, from_on, to_on, lead(from_on) over (partition by unit_id order by from_on) as next_on \
        from people_unit_version) v where from_on >= to_on or (next_on is not null and next_on <> to_on) \
        order by unit_id, from_on";
    OFFICIAL = "select a.member_id, b.id from people_placement a join people_placement b \
        on b.member_id = a.member_id and b.kind = 'official' and b.id > a.id \
        and b.from_on < a.to_on and a.from_on < b.to_on where a.kind = 'official' order by a.member_id, b.id";
    GRANTS = "select h.id, s.role from people_holding h join people_position s on s.id = h.position_id \
        where s.role <> 'member' and h.from_on < h.to_on and not exists (select 1 from people_grant g \
        where g.source = 'position' and g.source_id = h.id and g.member_id = h.member_id \
        and g.role = s.role and g.unit_id = s.unit_id and g.from_on = h.from_on and g.to_on = h.to_on) \
        order by h.id";
    STRAY = "select g.id, g.role from people_grant g where g.source = 'position' \
        and g.revoked_at is null and not exists (select 1 from people_holding h where h.id = g.source_id \
        and h.member_id = g.member_id and h.to_on >= g.to_on) order by g.id";
    DISSOLVED = "select g.id, g.unit_id from people_grant g join people_unit u on u.id = g.unit_id \
        where g.revoked_at is null and g.to_on > u.dissolved_on order by g.id";
    CODES = "select u.id, u.code from people_unit u where u.code <> '' and exists (select 1 from people_unit o \
        where o.id <> u.id and o.code = u.code and o.dissolved_on > u.founded_on and u.dissolved_on > o.founded_on) order by u.code, u.id";
    MEMBER_CODES = "select m.id, m.external_id from people_member m where m.external_id <> '' and m.merged_on = '' and exists (select 1 \
        from people_member o where o.id <> m.id and o.merged_on = '' and o.external_id = m.external_id) order by m.external_id, m.id";
    // Of whoever a record is read as: what was merged in counts.
    OTHER_CODES = "select w.member_id, k.scheme from people_code k join v_people_as w on w.as_id = k.member_id \
        join people_member m on m.id = w.member_id and m.merged_on = '' \
        where k.to_on = '9999-12-31' and exists (select 1 from people_code o join v_people_as v on v.as_id = o.member_id \
        join people_member n on n.id = v.member_id and n.merged_on = '' where o.scheme = k.scheme and o.code_key = k.code_key \
        and o.to_on = '9999-12-31' and v.member_id <> w.member_id) order by k.code_key, w.member_id";
    ALIAS_LOST = "select a.id, a.old_id || ' ' || a.member_id from people_alias a \
        left join people_member o on o.id = a.old_id left join people_member k on k.id = a.member_id \
        where a.ended_at = 0 and (o.id is null or k.id is null or o.merged_on = '') order by a.id";
    ALIAS_CHAIN = "select a.id, a.old_id || ' ' || a.member_id from people_alias a \
        join people_alias b on b.old_id = a.member_id and b.ended_at = 0 where a.ended_at = 0 order by a.id";
    UNALIASED = "select m.id, m.merged_on from people_member m where m.merged_on <> '' \
        and not exists (select 1 from people_alias a where a.old_id = m.id and a.ended_at = 0) order by m.id";
    ALIAS_LIVES = "select p.id, m.id from people_placement p join people_member m on m.id = p.member_id \
        where m.merged_on <> '' and p.to_on = '9999-12-31' order by p.id";
    ALIAS_RIGHTS = "select g.id, m.id from people_grant g join people_member m on m.id = g.member_id \
        where m.merged_on <> '' and g.revoked_at is null and g.to_on = '9999-12-31' order by g.id";
    GONE_PLACED = "select p.member_id, p.unit_id from people_placement p join people_member m on m.id = p.member_id \
        where m.status in ('left', 'struck_off', 'expelled', 'deceased') and exists (\
        select 1 from people_leaving l where l.member_id = m.id and l.back_at = 0 and p.to_on > l.left_on \
        and not (p.from_on = l.left_on and p.closed_by_event = l.event_id and p.to_on < '9999-12-31')) order by p.id";
    GONE_UNRECORDED = "select m.id, m.status from people_member m \
        where m.status in ('left', 'struck_off', 'expelled', 'deceased') and m.merged_on = '' \
        and not exists (select 1 from people_leaving l where l.member_id = m.id and l.back_at = 0) \
        and exists (select 1 from people_placement p where p.member_id = m.id and p.to_on > $1) order by m.id";
    GONE_HOLDS = "select h.member_id, s.title from people_holding h join people_position s on s.id = h.position_id \
        join people_member m on m.id = h.member_id where m.status in ('left', 'struck_off', 'expelled', 'deceased') \
        and h.from_on < h.to_on and (h.to_on = '9999-12-31' or exists (select 1 from people_leaving l \
        where l.member_id = m.id and l.back_at = 0 and h.to_on > l.left_on)) order by h.id";
}

const QUESTIONS: [(&str, &str); 17] = [
    (
        pattern!("a unit's path is not the way from the root through its parents"),
        PATHS,
    ),
    (
        pattern!("a unit differs from its open version"),
        OPEN_VERSION,
    ),
    (
        pattern!("a unit's versions overlap or leave a gap"),
        VERSIONS,
    ),
    (
        pattern!("a member has two official placements on one day"),
        OFFICIAL,
    ),
    (
        pattern!("a post with a role has no grant of the same days"),
        GRANTS,
    ),
    (pattern!("a grant has no post, or outlives it"), STRAY),
    (pattern!("a grant outlives its unit"), DISSOLVED),
    (pattern!("two living units have one code"), CODES),
    (pattern!("two members have one code"), MEMBER_CODES),
    (
        pattern!("two members have one code in a list of others"),
        OTHER_CODES,
    ),
    (
        pattern!("a merged record is read as one that is not there, or as nobody"),
        ALIAS_LOST,
    ),
    (
        pattern!("a merged record is read as one that is merged itself"),
        ALIAS_CHAIN,
    ),
    (
        pattern!("a record is marked as merged, and nothing says into which"),
        UNALIASED,
    ),
    (
        pattern!("a merged record is still placed in a unit"),
        ALIAS_LIVES,
    ),
    (pattern!("a merged record still has a right"), ALIAS_RIGHTS),
    (
        pattern!("somebody who is a member no more still belongs to a unit"),
        GONE_PLACED,
    ),
    (
        pattern!("somebody who is a member no more still holds a post"),
        GONE_HOLDS,
    ),
];

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// What is wrong, in English, for the operator.
    pub what: &'static str,
    /// The row.
    pub id: String,
    /// What stands there.
    pub found: String,
}

impl std::fmt::Display for Alarm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} ({})", self.what, self.id, self.found)
    }
}

/// Looks at units, versions, placements, posts and grants. An empty list is good.
pub async fn check(site: &Site) -> Result<Vec<Alarm>> {
    let what =
        pattern!("a number of a member is that of another member too, or was when it was written");
    let unmatched = store::list_unmatched(&site.db).await?.into_iter();
    let mut alarms: Vec<Alarm> = unmatched
        .map(|(id, found)| Alarm { what, id, found })
        .collect();
    let what = pattern!("a number of a member does not open: another key, or a damaged row");
    let closed = store::list_closed(site).await?.into_iter();
    alarms.extend(closed.map(|(id, column)| Alarm {
        what,
        id,
        found: column.to_owned(),
    }));
    alarms.extend(compare::differences(site).await?);
    for (what, text) in QUESTIONS {
        let rows: Vec<(String, String)> = sql(text).all(site.db.read()).await?;
        alarms.extend(
            rows.into_iter()
                .map(|(id, found)| Alarm { what, id, found }),
        );
    }
    Ok(alarms)
}

/// The same, as `sotay check` asks every room.
pub(crate) async fn findings(site: &Site) -> Result<Vec<site::room::Finding>> {
    let alarms = check(site).await?;
    let odd = site::room::odd_words(site, &facts()).await?;
    let finding = |alarm: Alarm| site::room::Finding {
        what: said!("{}: {} ({})", Said::from(alarm.what), alarm.id, alarm.found),
        repair: said!("correct it on the unit's page, or restore a backup"),
    };
    let today = site.clock.today();
    let unrecorded = sql(GONE_UNRECORDED).bind(today).all(site.db.read());
    let unrecorded: Vec<(String, String)> = unrecorded.await?;
    let unrecorded = unrecorded
        .into_iter()
        .map(|(id, status)| site::room::Finding {
            what: said!(
                "a list or a restored record says that somebody is a member no more, and they still belong to a unit: {} ({})",
                id,
                status
            ),
            repair: said!(
                "record it on the page /members/{}/leaving, which ends what is open",
                id
            ),
        });
    let unread = crate::members::correction::findings(site).await?;
    let late = moving::overdue(site).await?.into_iter();
    let late = late.map(|(id, member)| site::room::Finding {
        what: said!("a transfer is overdue: {} ({})", id, member),
        repair: said!("ask the unit it goes to, or take it back on its page"),
    });
    let found = alarms.into_iter().map(finding);
    Ok(found
        .chain(odd)
        .chain(unrecorded)
        .chain(unread)
        .chain(late)
        .collect())
}

/// The columns that hold a fact.
fn facts() -> [FactColumn; 10] {
    [
        FactColumn::of::<Status>("people_member", "id", "status"),
        FactColumn::of::<Placement>("people_placement", "id", "kind"),
        FactColumn::of::<Basis>("people_holding", "id", "basis"),
        FactColumn::of::<EventKind>("people_member_event", "id", "kind"),
        FactColumn::of::<Scheme>("people_code", "id", "scheme"),
        FactColumn::of::<How>("people_leaving", "id", "how"),
        FactColumn::of::<TransferState>("people_transfer", "id", "state"),
        FactColumn::of::<TransferState>("people_outside", "id", "state"),
        FactColumn::of::<UnitKind>("people_unit", "id", "kind"),
        FactColumn::of::<UnitKind>("people_unit_version", "unit_id || ' ' || from_on", "kind"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_sound_organisation_raises_no_alarm_and_each_damage_raises_its_own() {
        testkit::on_both(|| vec![crate::room()], async |app| {
            let site = &app.site;
            assert_eq!(check(site).await.unwrap(), [], "the test tree is sound");
            for (damage, told) in [
                ("update people_unit set path = '/elsewhere/cell-e/' where id = 'cell-e'", "through its parents"),
                ("update people_unit set parent_id = 'cell-e' where id = 'other'", "through its parents"),
                ("update people_unit_version set to_on = '2025-01-01' where unit_id = 'cell-b'", "open version"),
                (
                    "insert into people_unit_version (unit_id, from_on, to_on, path, kind, name) \
                     values ('cell-a', '2019-01-01', '2019-06-01', '/x/', 'cell', 'x')",
                    "leave a gap",
                ),
                (
                    "insert into people_placement (id, member_id, unit_id, kind, from_on, to_on) \
                     values ('zz', 'hoa', 'cell-b', 'official', '2021-01-01', '2022-01-01')",
                    "two official",
                ),
                ("update people_grant set to_on = '2024-01-01' where id = 'g-lan-cell_lead-cell-a'", "no grant of the same"),
                ("update people_holding set to_on = '2024-01-01' where id = 'h-lan-0'", "or outlives it"),
                ("update people_unit set dissolved_on = '2025-01-01' where id = 'cell-a'", "outlives its unit"),
                ("update people_unit set code = '01.9' where id in ('cell-a', 'cell-e')", "units have one code"),
                ("update people_member set external_id = 'M9' where id in ('lan', 'hoa')", "members have one code"),
            ] {
                let mut act = app.act().await;
                sql(damage).run(act.on()).await.unwrap();
                let mut alarms = Vec::new();
                for (what, text) in QUESTIONS {
                    let rows: Vec<(String, String)> = sql(text).all(act.on()).await.unwrap();
                    alarms.extend(rows.iter().map(|_| what));
                }
                assert!(alarms.iter().any(|what| what.contains(told)), "{damage}: {alarms:?}");
                act.leave().await.unwrap();
            }
            assert_eq!(check(site).await.unwrap(), [], "rolled back");
        })
        .await;
    }
}
