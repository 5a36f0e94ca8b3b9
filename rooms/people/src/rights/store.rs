//! Every statement of explaining rights: the rows behind grants in force, and who may come to a record.
//!
//! Reads only. Which grants are in force is told by the actor (`actor`), what each opens by `sight`.

use db::{Db, FromRow, in_list, sql, sql_built};
use kernel::error::{Error, Result};
use kernel::{Day, MemberId, Role, Scope, UnitId, UnitPath};

db::statements! {
    FELLOWS = "select count(distinct p.member_id) from people_placement p join people_member m on m.id = p.member_id \
        where p.unit_id = $1 and p.from_on <= $2 and p.to_on > $2 and p.member_id <> $3 and m.merged_on = '' \
        and m.status in ('candidate', 'probationary', 'full', 'suspended')";
}

/// What stands behind a grant: the post, and by whom.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Behind {
    pub id: String,
    /// Title of the post; empty when no post brings it.
    pub title: String,
    pub unit_name: String,
    /// Who gave it; empty where the operator or a list did.
    pub giver: String,
    /// Who agreed; empty where nobody had to.
    pub approver: String,
    /// Of a delegation: whose right it is.
    pub lender: String,
}

/// What stands behind these grants.
pub(crate) async fn list_behind(db: &Db, grants: &[String]) -> Result<Vec<Behind>> {
    if grants.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "select g.id, coalesce((select s.title from people_holding h join people_position s on s.id = h.position_id \
         where h.id = g.source_id), '') as title, u.name as unit_name, \
         coalesce((select p.name from people_member p where p.id = g.prepared_by), '') as giver, \
         coalesce((select p.name from people_member p where p.id = g.approved_by and g.approved_by <> g.prepared_by), '') \
         as approver, coalesce((select l.name from people_grant o join people_member l on l.id = o.member_id \
         where o.id = g.source_id and g.source = 'delegation'), '') as lender \
         from people_grant g join people_unit u on u.id = g.unit_id where g.id in {}",
        in_list(1, grants.len())
    );
    let grants = grants.iter().map(String::as_str);
    sql_built(text).bind_all(grants).all(db.read()).await
}

/// How many others belong to the unit that day.
pub(crate) async fn count_fellows(db: &Db, unit: &UnitId, on: Day, but: &MemberId) -> Result<i64> {
    let fellows = sql(FELLOWS).bind(unit).bind(on).bind(but);
    fellows.count(db.read()).await
}

/// Those with a grant of one of these roles over the path that day, by name; whether it holds is the actor's to say.
pub(crate) async fn list_over(
    db: &Db,
    path: &UnitPath,
    roles: &[Role],
    on: Day,
) -> Result<Vec<MemberId>> {
    let above: Vec<String> = path.ancestry().iter().map(ToString::to_string).collect();
    let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    let text = format!(
        "select distinct m.id, m.name_key from people_grant g join people_unit u on u.id = g.unit_id \
         join people_member m on m.id = g.member_id where g.revoked_at is null and g.from_on <= $1 and g.to_on > $1 \
         and g.role in {} and (g.scope = 'instance' or u.path in {}) order by m.name_key, m.id",
        in_list(2, roles.len()),
        in_list(2 + roles.len(), above.len())
    );
    let asked = sql_built(text).bind(on).bind_all(roles).bind_all(above);
    let rows: Vec<(String, String)> = asked.all(db.read()).await?;
    rows.into_iter()
        .map(|(id, _)| id.parse().map_err(Error::fault))
        .collect()
}

/// Somebody who holds a right, for a list.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Holder {
    pub id: String,
    pub name: String,
    /// A unit in which they hold it.
    pub unit_name: String,
}

/// People with a grant in force on units of the scope, by name, with these folded words in the
/// name: at most `most` and one.
pub(crate) async fn list_holders(
    db: &Db,
    scope: &Scope,
    on: Day,
    folded: &str,
    most: i64,
) -> Result<Vec<Holder>> {
    let (within, values) = db::scope_condition(scope, "u.path", 4);
    let text = format!(
        "select m.id, m.name, m.name_key, min(u.name) as unit_name from people_grant g \
         join people_unit u on u.id = g.unit_id join people_member m on m.id = g.member_id \
         where g.revoked_at is null and g.from_on <= $1 and g.to_on > $1 and m.merged_on = '' \
         and m.status in ('candidate', 'probationary', 'full', 'suspended') and m.name_fold like $2 and {within} \
         group by m.id, m.name, m.name_key order by m.name_key, m.id limit $3"
    );
    sql_built(text)
        .bind(on)
        .bind(format!("%{folded}%"))
        .bind(most + 1)
        .bind_all(values)
        .all(db.read())
        .await
}
