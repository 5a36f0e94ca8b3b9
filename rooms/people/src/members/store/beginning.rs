//! The first day of a placement: the one that can be put right, and putting it right.
//!
//! Who may is asked by whoever begins the act. The rule that surprises: a placement that follows another one is not
//! found here, whatever its day.

use crate::access::Records;
use crate::ledger::store as ledger;
use crate::store::{bump_epoch, holds};
use db::{FromRow, On, sql};
use kernel::error::Result;
use kernel::{Day, MemberId, UnitId};
use site::Act;

db::statements! {
    BEGUN = "select p.id, p.unit_id, u.name as unit_name, p.from_on, u.founded_on, p.opened_by_event as line, \
        coalesce((select max(o.to_on) from people_placement o where o.member_id = p.member_id \
        and o.kind = 'official' and o.id <> p.id), '') as before from people_placement p \
        join people_unit u on u.id = p.unit_id where p.member_id = $1 and p.kind = 'official' \
        and p.to_on = '9999-12-31' and p.prev_id = ''";
    SET = "update people_placement set from_on = $2 where id = $1 and prev_id = '' and to_on > $2";
}

/// A placement whose first day can be put right.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Begun {
    pub(crate) id: String,
    #[sqlx(try_from = "String")]
    pub(crate) unit_id: UnitId,
    pub(crate) unit_name: String,
    #[sqlx(try_from = "String")]
    pub(crate) from_on: Day,
    #[sqlx(try_from = "String")]
    founded_on: Day,
    /// The line of the ledger that opened it; empty where none did.
    pub(crate) line: String,
    /// The last day that another placement of theirs did not reach any more; empty for none.
    before: String,
}

impl Begun {
    /// The first day on which it may begin: the unit is there, and they belong nowhere else.
    pub(crate) fn first(&self) -> Day {
        let before = self.before.parse().unwrap_or(self.founded_on); // none
        self.founded_on.max(before)
    }
}

/// The open placement of their own unit that follows no other.
pub(crate) async fn find(on: impl On<'_>, member: &MemberId) -> Result<Option<Begun>> {
    sql(BEGUN).bind(member).maybe(on).await
}

/// Gives a placement that first day, under that line.
pub(crate) async fn set<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    (id, on): (&str, Day),
    event: &str,
) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, member).await?;
    let was = ledger::before_periods(act, member).await?;
    sql(SET).bind(id).bind(on).run(act.on()).await?;
    ledger::after_periods(act, was, event).await
}
