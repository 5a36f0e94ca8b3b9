//! All transfers of a unit and of what is below it, in one list: within the house, and with bodies of other houses.
//!
//! Read only. What one of them is and what ends it: `store::moving`, `store::outside`.
//! The rule that surprises: one that goes from a unit below to another unit below is neither out nor in.

use crate::members::moving::State;
use db::{Db, FromRow, sql, sql_built};
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{Day, MemberId, Moment, UnitPath};

/// What both tables say, under the same names.
const COLUMNS: &str = "t.id, m.name, t.letter_no, t.letter_on, t.note, t.state, t.sent_at, \
    t.show_due, t.start_due, t.starts_on, t.ended_at, t.reason, t.late_reason";

db::statements! {
    // Everything of one person, for the own export: under all ids.
    OF_MEMBER = "select t.id, t.kind, t.until_on, f.name as from_name, u.name as to_name, 1 as is_within, 1 as goes, 1 as comes, \
        m.name, t.letter_no, t.letter_on, t.note, t.state, t.sent_at, t.show_due, t.start_due, t.starts_on, \
        t.ended_at, t.reason, t.late_reason from people_transfer t join people_member m on m.id = t.member_id \
        join people_unit f on f.id = t.from_unit join people_unit u on u.id = t.to_unit \
        where t.member_id in (select as_id from v_people_as where member_id = $1) \
        union all select t.id, 'official' as kind, '' as until_on, \
        case when t.way = 'out' then u.name else t.body_name end as from_name, \
        case when t.way = 'out' then t.body_name else u.name end as to_name, 0 as is_within, \
        case when t.way = 'out' then 1 else 0 end as goes, case when t.way = 'in' then 1 else 0 end as comes, \
        m.name, t.letter_no, t.letter_on, t.note, t.state, t.sent_at, t.show_due, t.start_due, t.starts_on, \
        t.ended_at, t.reason, t.late_reason from people_outside t join people_member m on m.id = t.member_id \
        join people_unit u on u.id = t.unit_id \
        where t.member_id in (select as_id from v_people_as where member_id = $1) order by 14, 1";
}

/// A transfer in a list.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) until_on: String,
    pub(crate) from_name: String,
    pub(crate) to_name: String,
    /// 1: between two units of the house.
    is_within: i64,
    /// 1: from here.
    goes: i64,
    /// 1: to here.
    comes: i64,
    pub(crate) name: String,
    pub(crate) letter_no: String,
    #[sqlx(try_from = "String")]
    pub(crate) letter_on: Day,
    pub(crate) note: String,
    #[sqlx(try_from = "String")]
    pub(crate) state: Kept<State>,
    pub(crate) sent_at: i64,
    pub(crate) show_due: String,
    pub(crate) start_due: String,
    pub(crate) starts_on: String,
    pub(crate) ended_at: i64,
    pub(crate) reason: String,
    pub(crate) late_reason: String,
}

/// Which way a transfer goes, seen from a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Away.
    Out,
    /// To here.
    In,
    /// From one unit below to another.
    Within,
}

impl Row {
    /// Which way it goes.
    pub(crate) fn way(&self) -> Way {
        match (self.goes, self.comes) {
            (1, 1) => Way::Within,
            (1, _) => Way::Out,
            _ => Way::In,
        }
    }
    /// Whether it is between two units of the house.
    pub(crate) fn is_within(&self) -> bool {
        self.is_within == 1
    }
    /// Its page.
    pub(crate) fn to(&self) -> String {
        match self.is_within {
            1 => format!("/transfers/{}", self.id),
            _ => format!("/departures/{}", self.id),
        }
    }
    /// Whether it waits.
    pub(crate) fn is_open(&self) -> bool {
        self.state.is(State::Sent)
    }
    /// The days that are over, the letter's and the start's.
    pub(crate) fn late(&self, today: Day) -> [bool; 2] {
        // What has no day is never late.
        [&self.show_due, &self.start_due]
            .map(|due| self.is_open() && due.parse::<Day>().is_ok_and(|due| due < today))
    }
    /// On which day it was sent.
    pub(crate) fn sent_on(&self) -> Day {
        Moment(self.sent_at).day()
    }
    /// On which day it ended.
    pub(crate) fn ended_on(&self) -> Option<Day> {
        (self.ended_at > 0).then(|| Moment(self.ended_at).day())
    }
}

/// Most rows of one list.
pub(crate) const MOST: usize = 1_000;

/// Transfers from or to units at or below that path: those that wait, and those that ended since then. Those that wait
/// come first, the most pressing before.
pub(crate) async fn list_of(db: &Db, path: &UnitPath, since: Moment) -> Result<Vec<Row>> {
    let (low, high) = path.range();
    let text = format!(
        "select t.kind, t.until_on, f.name as from_name, u.name as to_name, 1 as is_within, \
         case when f.path >= $1 and f.path < $2 then 1 else 0 end as goes, \
         case when u.path >= $1 and u.path < $2 then 1 else 0 end as comes, {COLUMNS} \
         from people_transfer t join people_member m on m.id = t.member_id \
         join people_unit f on f.id = t.from_unit join people_unit u on u.id = t.to_unit \
         where (t.state = 'sent' or t.ended_at >= $3) \
         and ((f.path >= $1 and f.path < $2) or (u.path >= $1 and u.path < $2)) \
         order by case when t.state = 'sent' then 0 else 1 end, t.show_due, t.sent_at, t.id limit {MOST}"
    );
    let within = sql_built(text).bind(&low).bind(&high).bind(since);
    let mut rows: Vec<Row> = within.all(db.read()).await?;
    let text = format!(
        "select 'official' as kind, '' as until_on, \
         case when t.way = 'out' then u.name else t.body_name end as from_name, \
         case when t.way = 'out' then t.body_name else u.name end as to_name, 0 as is_within, \
         case when t.way = 'out' then 1 else 0 end as goes, case when t.way = 'in' then 1 else 0 end as comes, {COLUMNS} \
         from people_outside t join people_member m on m.id = t.member_id join people_unit u on u.id = t.unit_id \
         where (t.state = 'sent' or t.ended_at >= $3) and u.path >= $1 and u.path < $2 \
         order by case when t.state = 'sent' then 0 else 1 end, t.show_due, t.sent_at, t.id limit {MOST}"
    );
    let outside = sql_built(text).bind(&low).bind(&high).bind(since);
    rows.extend(outside.all::<Row>(db.read()).await?);
    rows.sort_by(|one, other| {
        (!one.is_open(), &one.show_due, one.sent_at, &one.id).cmp(&(
            !other.is_open(),
            &other.show_due,
            other.sent_at,
            &other.id,
        ))
    });
    Ok(rows)
}

/// Every transfer of a person, the oldest first.
pub(crate) async fn list_of_member(db: &Db, member: &MemberId) -> Result<Vec<Row>> {
    sql(OF_MEMBER).bind(member).all(db.read()).await
}
