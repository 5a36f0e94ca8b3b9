//! Every statement of the room, each a named constant, and the rows they answer with.
//!
//! Reads people through their views (name, unit, grants); writes only `account_…`. Secrets come here hashed.

use crate::access::Keeps;
use db::{Db, sql};
use kernel::error::Result;
use kernel::{AccountId, Day, MemberId, Moment, SessionId, UnitId, UnitPath, UnitRef};
use site::Act;

// --- who asks -------------------------------------------------------------------------------------

db::statements! {
    CALLED = "select m.member_id, m.name, m.external_id, coalesce(a.login, '') as login \
        from v_people_name m left join account_account a on a.member_id = m.member_id \
        where m.status in ('candidate', 'probationary', 'full', 'suspended') and (m.member_id = $1 \
        or a.login = $2 or (m.external_id <> '' and m.external_id = $1) or m.name_fold = $3) \
        order by m.name_key, m.member_id limit 12";
    CALLED_NEARLY = "select m.member_id, m.name, m.external_id, coalesce(a.login, '') as login \
        from v_people_name m left join account_account a on a.member_id = m.member_id \
        where m.status in ('candidate', 'probationary', 'full', 'suspended') \
        and (m.name_fold like $1 or a.login like $1) order by m.name_key, m.member_id limit 12";
    SESSION = "select s.id, s.account_id, a.member_id, a.look, s.seen_at, e.value as epoch, \
        (select count(*) from v_notices_unread n where n.member_id = a.member_id and n.expires_at > $2) as unread \
        from account_session s \
        join account_account a on a.id = s.account_id \
        join v_people_name m on m.member_id = a.member_id and m.status in ('candidate', 'probationary', 'full', 'suspended') \
        join v_people_epoch e on e.name = 'grants' \
        where s.secret_hash = $1 and s.ended_at is null and s.expires_at > $2 and a.state = 'active' \
        and (s.shared = 0 or s.seen_at > $3)";
    ENDED = "select s.account_id, s.id from account_session s join account_account a on a.id = s.account_id \
        where s.secret_hash = $1 and a.state = 'active' and s.expires_at > $2 \
        and (s.ended_at is null or s.ended_at > $2)";
    ENDED_OF = "select id from account_session where account_id = $1 and expires_at > $2 \
        and (expires_at <= $3 or ended_at > $2 or shared = 1) order by seen_at desc, id limit 50";
    SESSIONS_SINCE = "select id from account_session where account_id = $1 and expires_at > $2 \
        and (ended_at is null or ended_at > $2) order by seen_at desc, id limit 200";
    KEEP_LEFT = "insert into account_left (account_id, browser, page, action, sealed, expires_at) \
        values ($1, $2, $3, $4, $5, $6) on conflict (browser, account_id, page, action) \
        do update set sealed = excluded.sealed, expires_at = excluded.expires_at";
    LEFT_OVER = "select page, action from account_left where account_id = $1 and browser = $2 and expires_at < \
        (select min(n.expires_at) from (select expires_at from account_left \
        where account_id = $1 and browser = $2 order by expires_at desc limit $3) n) order by page, action";
    DROP_LEFT = "delete from account_left where browser = $1 and account_id = $2 and page = $3 and action = $4";
    LEFT_OF_PAGE = "select action from account_left where browser = $1 and account_id = $2 and page = $3 \
        order by action";
    LEFT_ELSEWHERE = "select count(*) from account_left \
        where account_id = $1 and browser <> $2 and expires_at > $3";
    LEFT_HERE = "select count(*) from account_left where browser = $1 and expires_at > $2";
    LEFT = "select sealed from account_left \
        where browser = $1 and account_id = $2 and page = $3 and expires_at > $4 order by expires_at, action";
    FORGET_LEFT_PAGE = "delete from account_left where browser = $1 and account_id = $2 and page = $3";
    FORGET_LEFT_FORM = "delete from account_left \
        where browser = $1 and account_id = $2 and action = $3 and (page = $4 or ($5 = 1 and 1 = \
        (select count(*) from account_left o where o.browser = $1 and o.account_id = $2 and o.action = $3)))";
    OLD_LEFT = "select browser, account_id, page, action from account_left where expires_at < $1 \
        order by expires_at, browser, account_id, page, action limit $2";
    SESSION_SEEN = "update account_session set seen_at = $1 where id = $2 and seen_at < $1";
    TOKEN = "select t.id, t.account_id, a.member_id, a.look, coalesce(t.used_at, 0) as seen_at, \
        t.scopes, e.value as epoch \
        from account_token t \
        join account_account a on a.id = t.account_id \
        join v_people_name m on m.member_id = a.member_id and m.status in ('candidate', 'probationary', 'full', 'suspended') \
        join v_people_epoch e on e.name = 'grants' \
        where t.secret_hash = $1 and t.revoked_at is null and t.expires_at > $2 and a.state = 'active'";
    TOKEN_SEEN = "update account_token set used_at = $1 where id = $2";
    POST = "select title from v_people_post \
        where member_id = $1 and from_on <= $2 and to_on > $2 order by rank, holding_id limit 1";
    UNIT_NAME = "select name from v_people_unit where id = $1";
    BY_LOGIN = "select a.id, a.member_id, a.login, a.password_hash, \
        case when a.login = $1 then 0 else 1 end as nearness \
        from account_account a \
        join v_people_name m on m.member_id = a.member_id and m.status in ('candidate', 'probationary', 'full', 'suspended') \
        where a.state = 'active' and (a.login = $1 or (a.phone_mac <> '' and a.phone_mac = $2) \
        or (a.email_fold <> '' and a.email_fold = $3)) \
        order by nearness, a.id limit 2";
    BY_MEMBER = "select id, member_id, login, password_hash, 0 as nearness \
        from account_account where member_id = $1";
    ACTIVE_OF = "select id, member_id, login, password_hash, 0 as nearness \
        from account_account where member_id = $1 and state = 'active'";
    LOGIN_OF = "select login, cast(case when password_set_at is null then 0 else 1 end as bigint) \
        from account_account where member_id = $1 and state = 'active'";
    VERSION_OF = "select cast(coalesce(max(row_version), 0) as bigint) from account_account \
        where member_id = $1 and state = 'active'";
    CLOSE = "update account_account set state = 'closed', row_version = row_version + 1 where id = $1";
    REOPEN = "update account_account set state = 'active', row_version = row_version + 1 where id = $1";
    HAND_OVER = "update account_account set member_id = $2, row_version = row_version + 1 where id = $1";
    BY_ID = "select id, member_id, login, password_hash, 0 as nearness \
        from account_account where id = $1";
    ADD_ACCOUNT = "insert into account_account \
        (id, member_id, login, phone_mac, email_fold, password_hash, password_set_at, created_at) \
        values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing";
    HOLD = "update account_account set row_version = row_version where id = $1";
    SET_PASSWORD = "update account_account set password_hash = $1, password_set_at = $2, \
        row_version = row_version + 1 where id = $3";
    SET_LOGIN = "update account_account set login = $1, row_version = row_version + 1 where id = $2";
    REHASH = "update account_account set password_hash = $1 where id = $2 and password_hash = $3";
    SET_LOOK = "update account_account set look = $1 where id = $2";
    SET_CONTACTS = "update account_account set phone_mac = $1, email_fold = $2 \
        where id = $3 and (phone_mac <> $1 or email_fold <> $2)";
    ADD_SESSION = "insert into account_session \
        (id, account_id, secret_hash, device, shared, created_at, seen_at, expires_at) \
        values ($1, $2, $3, $4, $5, $6, $6, $7)";
    SESSIONS = "select id, device, shared, created_at, seen_at from account_session \
        where account_id = $1 and ended_at is null and expires_at > $2 and (shared = 0 or seen_at > $3) \
        order by seen_at desc, id limit 200";
    END_SESSION = "update account_session set ended_at = $1 \
        where id = $2 and account_id = $3 and ended_at is null";
    OTHERS = "select id from account_session where account_id = $1 and id <> $2 and ended_at is null order by id";
    END_OTHERS = "update account_session set ended_at = $1 \
        where account_id = $2 and id <> $3 and ended_at is null";
    ADD_TOKEN = "insert into account_token \
        (id, account_id, name, secret_hash, scopes, created_at, expires_at) \
        values ($1, $2, $3, $4, $5, $6, $7)";
    HOLD_ACCOUNT = "update account_account set login = login where id = $1";
    TOKENS_IN_FORCE = "select count(*) from account_token where account_id = $1 and revoked_at is null and expires_at > $2";
    TOKENS = "select id, name, scopes, created_at, expires_at, coalesce(used_at, 0) as used_at \
        from account_token where account_id = $1 and revoked_at is null and expires_at > $2 \
        order by created_at desc, id limit 200";
    REVOKE_TOKEN = "update account_token set revoked_at = $1 \
        where id = $2 and account_id = $3 and revoked_at is null";
    TOKENS_IN_USE = "select id from account_token where account_id = $1 and revoked_at is null order by id";
    REVOKE_TOKENS = "update account_token set revoked_at = $1 \
        where account_id = $2 and revoked_at is null";
    END_SESSIONS = "update account_session set ended_at = $1 where ended_at is null";
    REVOKE_ALL_TOKENS = "update account_token set revoked_at = $1 where revoked_at is null";
    REVOKE_ALL_SLIPS = "update account_slip set revoked_at = $1 where used_at is null and revoked_at is null";
    OPEN_SLIPS = "select count(*), coalesce(max(expires_at), 0) from account_slip \
        where used_at is null and revoked_at is null and expires_at > $1";
    LEFT_WAITS = "select count(*), coalesce(max(expires_at), 0) from account_left where expires_at > $1";
    LEFT_SEALED = "select account_id || ' ' || browser || ' ' || page || ' ' || action, sealed from account_left \
        where account_id || ' ' || browser || ' ' || page || ' ' || action > $1 order by 1 limit $2";
    SEAL_LEFT_AGAIN = "update account_left set sealed = $5 \
        where account_id = $1 and browser = $2 and page = $3 and action = $4";
    PHONED = "select id, member_id, phone_mac from account_account where phone_mac <> '' and id > $1 order by id limit $2";
    PHONE_MAC_OF = "select member_id, phone_mac from account_account where id = $1";
    SET_PHONE_MAC = "update account_account set phone_mac = $2 where id = $1";
    FORGET_ALL_FAILURES = "delete from account_failure";
    FORGET_ALL_LEFT = "delete from account_left";
    HISTORY = "select at, actor_label, action from v_audit_event \
        where about_member_id = $1 and action >= 'account.' and action < 'account/' \
        order by at desc, id desc limit 40";
    OLD_SESSIONS = "select id from account_session where expires_at < $1 order by expires_at, id limit $2";
    DROP_SESSION = "delete from account_session where id = $1";
    PERSON = "select m.member_id as id, m.name, m.external_id, coalesce(u.name, '') as unit_name, \
        case when coalesce(a.password_set_at, 0) = 0 then 0 else 1 end as has_password, \
        case when exists (select 1 from account_slip s where s.account_id = a.id and s.used_at is null \
        and s.revoked_at is null and s.expires_at > $3) then 1 else 0 end as has_slip \
        from v_people_name m \
        left join v_people_placement p on p.member_id = m.member_id and p.kind = 'official' \
        and p.from_on <= $2 and p.to_on > $2 \
        left join v_people_unit u on u.id = p.unit_id \
        left join account_account a on a.member_id = m.member_id \
        where m.member_id = $1 order by p.from_on desc limit 1";
    PEOPLE_OF_UNIT = "select m.member_id as id, m.name, m.external_id, u.name as unit_name, \
        case when coalesce(a.password_set_at, 0) = 0 then 0 else 1 end as has_password, \
        case when exists (select 1 from account_slip s where s.account_id = a.id and s.used_at is null \
        and s.revoked_at is null and s.expires_at > $3) then 1 else 0 end as has_slip \
        from v_people_name m \
        join v_people_placement p on p.member_id = m.member_id and p.kind = 'official' \
        join v_people_unit u on u.id = p.unit_id \
        left join account_account a on a.member_id = m.member_id \
        where p.unit_id = $1 and p.from_on <= $2 and p.to_on > $2 \
        order by m.name_key, m.member_id limit 500";
    UNIT = "select id, path, name from v_people_unit where id = $1 and dissolved_on > $2";
    ROOT = "select id from v_people_unit where parent_id is null order by founded_on, id limit 1";
    SLIPS_IN_USE = "select id from account_slip \
        where account_id = $1 and used_at is null and revoked_at is null order by id";
    REVOKE_SLIPS = "update account_slip set revoked_at = $1 \
        where account_id = $2 and used_at is null and revoked_at is null";
    ADD_SLIP = "insert into account_slip \
        (id, account_id, code_hash, issued_by, issued_at, expires_at) values ($1, $2, $3, $4, $5, $6) \
        on conflict (id) do nothing";
    OPERATOR_OPENED = "insert into account_slip \
        (id, account_id, code_hash, issued_by, issued_at, expires_at, used_at, anew) values ($1, $2, $1, '', $3, $3, $3, 1)";
    LAST_USED = "select s.issued_by, s.issued_at, s.used_at, s.anew \
        from account_slip s join account_account a on a.id = s.account_id \
        where a.member_id = $1 and s.used_at <= $2 order by s.used_at desc, s.id desc limit 1";
    SLIP = "select s.id, s.account_id, a.member_id, a.login, s.issued_by, s.expires_at, \
        coalesce(s.used_at, 0) as used_at, coalesce(s.revoked_at, 0) as revoked_at, \
        case when exists (select 1 from account_slip n where n.account_id = s.account_id and n.id <> s.id \
        and n.issued_at >= s.issued_at) then 1 else 0 end as has_newer \
        from account_slip s join account_account a on a.id = s.account_id \
        join v_people_name m on m.member_id = a.member_id and m.status in ('candidate', 'probationary', 'full', 'suspended') \
        where s.code_hash = $1 and a.state = 'active'";
    USE_SLIP = "update account_slip set used_at = $1, anew = (select case when a.password_set_at is null then 0 else 1 end \
        from account_account a where a.id = account_slip.account_id) \
        where id = $2 and used_at is null and revoked_at is null and expires_at > $1";
    FAILURES = "select key_mac, failures, last_at, free_at from account_failure \
        where key_mac in ($1, $2, $3)";
    HOLD_FAILURES = "insert into account_failure (key_mac, failures, last_at, free_at) \
        values ($1, 0, 0, 0) \
        on conflict (key_mac) do update set last_at = account_failure.last_at \
        returning key_mac, failures, last_at, free_at";
    SET_FAILURES = "update account_failure set failures = $1, last_at = $2, free_at = $3 \
        where key_mac = $4";
    GIVE_BACK = "update account_failure set failures = failures - 1, \
        free_at = case when free_at = $2 then $3 else free_at end, \
        last_at = case when last_at = $4 then $5 else last_at end \
        where key_mac = $1 and failures > 0";
    CLEAR_GIVEN_BACK = "delete from account_failure where key_mac = $1 and failures = 0";
    CLEAR_FAILURES = "delete from account_failure where key_mac = $1";
    OLD_FAILURES = "select key_mac from account_failure where last_at < $1 order by last_at, key_mac limit $2";
}

/// Rows that are thrown away at once: the rest the next hour. Whoever tidies up waits for nobody.
const MOST_TIDIED: i64 = 2_000;

/// The session of a cookie.
#[derive(db::FromRow)]
pub(crate) struct SessionRow {
    #[sqlx(try_from = "String")]
    pub(crate) id: SessionId,
    #[sqlx(try_from = "String")]
    pub(crate) account_id: AccountId,
    #[sqlx(try_from = "String")]
    pub(crate) member_id: MemberId,
    pub(crate) look: String,
    pub(crate) seen_at: i64,
    pub(crate) unread: i64,
    pub(crate) epoch: i64,
}

/// A personal access token that is in force.
#[derive(db::FromRow)]
pub(crate) struct TokenRow {
    pub(crate) id: String,
    #[sqlx(try_from = "String")]
    pub(crate) account_id: AccountId,
    #[sqlx(try_from = "String")]
    pub(crate) member_id: MemberId,
    pub(crate) look: String,
    pub(crate) seen_at: i64,
    pub(crate) scopes: String,
    pub(crate) epoch: i64,
}

pub(crate) async fn find_session(
    db: &Db,
    hash: &str,
    now: Moment,
    idle_ms: i64,
) -> Result<Option<SessionRow>> {
    sql(SESSION)
        .bind(hash)
        .bind(now)
        .bind(now.plus_ms(-idle_ms))
        .maybe(db.read())
        .await
}
/// Whose session it was; not when it ended before `since`.
pub(crate) async fn find_ended(
    db: &Db,
    hash: &str,
    since: Moment,
) -> Result<Option<(AccountId, SessionId)>> {
    let row: Option<(String, String)> = sql(ENDED).bind(hash).bind(since).maybe(db.read()).await?;
    row.map(|(account, session)| {
        Ok((
            AccountId::try_from(account).map_err(kernel::Error::fault)?,
            SessionId::try_from(session).map_err(kernel::Error::fault)?,
        ))
    })
    .transpose()
}
pub(crate) async fn list_ended(
    db: &Db,
    account: &AccountId,
    since: Moment,
    now: Moment,
) -> Result<Vec<SessionId>> {
    let ended = sql(ENDED_OF).bind(account).bind(since).bind(now);
    let rows: Vec<(String,)> = ended.all(db.read()).await?;
    (rows.into_iter())
        .map(|(id,)| SessionId::try_from(id).map_err(kernel::Error::fault))
        .collect()
}
/// The sessions of an account that had not ended by then.
pub(crate) async fn list_sessions_since(
    db: &Db,
    account: &AccountId,
    since: Moment,
) -> Result<Vec<SessionId>> {
    let rows: Vec<(String,)> = (sql(SESSIONS_SINCE).bind(account).bind(since))
        .all(db.read())
        .await?;
    (rows.into_iter())
        .map(|(id,)| SessionId::try_from(id).map_err(kernel::Error::fault))
        .collect()
}
/// Whose forms, and of which browser (a keyed hash).
pub(crate) struct LeftKey {
    pub(crate) account: AccountId,
    pub(crate) browser: String,
}
/// A form that was left; page and action are keyed hashes.
pub(crate) struct LeftRow {
    pub(crate) key: LeftKey,
    pub(crate) page: String,
    pub(crate) action: String,
    pub(crate) sealed: String,
}
/// Keeps a form, and of this browser's only the newest `most`.
pub(crate) async fn keep_left<P: Keeps>(
    act: &mut Act<P>,
    row: &LeftRow,
    expires: Moment,
    most: i64,
) -> Result<()> {
    sql(KEEP_LEFT)
        .bind(&row.key.account)
        .bind(&row.key.browser)
        .bind(&row.page)
        .bind(&row.action)
        .bind(&row.sealed)
        .bind(expires)
        .run(act.on())
        .await?;
    let over = sql(LEFT_OVER).bind(&row.key.account).bind(&row.key.browser);
    // What another tab of that browser has in hand is passed over: it keeps one of its own.
    let over: Vec<(String, String)> = over.bind(most).hold_idle(act.on()).await?;
    for (page, action) in over {
        let gone = sql(DROP_LEFT).bind(&row.key.browser).bind(&row.key.account);
        gone.bind(page).bind(action).run(act.on()).await?;
    }
    Ok(())
}
/// How many forms of the account other browsers have left.
pub(crate) async fn count_left_elsewhere<P: Keeps>(act: &mut Act<P>, key: &LeftKey) -> Result<i64> {
    let now = act.now();
    let count = sql(LEFT_ELSEWHERE).bind(&key.account).bind(&key.browser);
    let row: (i64,) = count.bind(now).one(act.on()).await?;
    Ok(row.0)
}
/// How many forms a browser has left, of whomever.
pub(crate) async fn count_left_here<P: Keeps>(act: &mut Act<P>, browser: &str) -> Result<i64> {
    let now = act.now();
    let row: (i64,) = sql(LEFT_HERE).bind(browser).bind(now).one(act.on()).await?;
    Ok(row.0)
}
pub(crate) async fn list_left(
    db: &Db,
    key: &LeftKey,
    page: &str,
    now: Moment,
) -> Result<Vec<String>> {
    let left = sql(LEFT).bind(&key.browser).bind(&key.account).bind(page);
    let rows: Vec<(String,)> = left.bind(now).all(db.read()).await?;
    Ok(rows.into_iter().map(|(sealed,)| sealed).collect())
}
pub(crate) async fn forget_left_page<P: Keeps>(
    act: &mut Act<P>,
    key: &LeftKey,
    page: &str,
) -> Result<()> {
    let held = sql(LEFT_OF_PAGE).bind(&key.browser).bind(&key.account);
    let _: Vec<(String,)> = held.bind(page).hold_to_remove(act.on()).await?;
    let gone = sql(FORGET_LEFT_PAGE).bind(&key.browser).bind(&key.account);
    gone.bind(page).run(act.on()).await?;
    Ok(())
}
/// Forgets the form of this page; with `is_again` also the only one that is sent there, from whichever page.
pub(crate) async fn forget_left_form<P: Keeps>(
    act: &mut Act<P>,
    key: &LeftKey,
    page: &str,
    action: &str,
    is_again: bool,
) -> Result<()> {
    sql(FORGET_LEFT_FORM)
        .bind(&key.browser)
        .bind(&key.account)
        .bind(action)
        .bind(page)
        .bind(i64::from(is_again))
        .run(act.on())
        .await?;
    Ok(())
}
pub(crate) async fn tidy_left<P: Keeps>(act: &mut Act<P>) -> Result<()> {
    let now = act.now();
    let old = sql(OLD_LEFT).bind(now).bind(MOST_TIDIED);
    let old: Vec<(String, String, String, String)> = old.hold_idle(act.on()).await?;
    for (browser, account, page, action) in old {
        let gone = sql(DROP_LEFT).bind(browser).bind(account);
        gone.bind(page).bind(action).run(act.on()).await?;
    }
    Ok(())
}
pub(crate) async fn find_token(db: &Db, hash: &str, now: Moment) -> Result<Option<TokenRow>> {
    sql(TOKEN).bind(hash).bind(now).maybe(db.read()).await
}
pub(crate) async fn set_session_seen<P: Keeps>(act: &mut Act<P>, id: &SessionId) -> Result<()> {
    let now = act.now();
    sql(SESSION_SEEN).bind(now).bind(id).run(act.on()).await?;
    Ok(())
}
pub(crate) async fn set_token_seen<P: Keeps>(act: &mut Act<P>, id: &str) -> Result<()> {
    let now = act.now();
    sql(TOKEN_SEEN).bind(now).bind(id).run(act.on()).await?;
    Ok(())
}
/// Title of the member's first post, and the name of their unit; empty when there is none.
pub(crate) async fn post_and_unit(
    db: &Db,
    member: &MemberId,
    unit: Option<&UnitRef>,
    on: Day,
) -> Result<(String, String)> {
    let post: Option<(String,)> = sql(POST).bind(member).bind(on).maybe(db.read()).await?;
    let name: Option<(String,)> = match unit {
        Some(unit) => sql(UNIT_NAME).bind(&unit.id).maybe(db.read()).await?,
        None => None,
    };
    Ok((
        post.map_or_else(String::new, |row| row.0),
        name.map_or_else(String::new, |row| row.0),
    ))
}

// --- accounts -------------------------------------------------------------------------------------

/// An account as signing in needs it.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Account {
    #[sqlx(try_from = "String")]
    pub(crate) id: AccountId,
    #[sqlx(try_from = "String")]
    pub(crate) member_id: MemberId,
    pub(crate) login: String,
    pub(crate) password_hash: String,
    nearness: i64,
}

/// An account to be added.
pub(crate) struct Fresh<'a> {
    pub(crate) id: &'a AccountId,
    pub(crate) member: &'a MemberId,
    pub(crate) login: &'a str,
    pub(crate) phone_mac: &'a str,
    pub(crate) email_fold: &'a str,
    pub(crate) password_hash: &'a str,
    pub(crate) now: Moment,
}

/// The account of a login. A phone or e-mail that two members share leads to nobody: they sign in
/// with their codes.
pub(crate) async fn find_account(
    db: &Db,
    code: &str,
    phone_mac: &str,
    email: &str,
) -> Result<Option<Account>> {
    let mut found: Vec<Account> = sql(BY_LOGIN)
        .bind(code)
        .bind(phone_mac)
        .bind(email)
        .all(db.read())
        .await?;
    let is_shared = found.len() > 1 && found.first().is_some_and(|first| first.nearness > 0);
    if is_shared || found.is_empty() {
        return Ok(None);
    }
    Ok(Some(found.swap_remove(0)))
}
pub(crate) async fn find_account_of<P: Keeps>(
    act: &mut Act<P>,
    member: &MemberId,
) -> Result<Option<Account>> {
    sql(BY_MEMBER).bind(member).maybe(act.on()).await
}
/// The account with which a member signs in.
pub(crate) async fn find_active_of<P: Keeps>(
    act: &mut Act<P>,
    member: &MemberId,
) -> Result<Option<Account>> {
    sql(ACTIVE_OF).bind(member).maybe(act.on()).await
}
/// Its login, and whether it was ever used.
pub(crate) async fn find_login_of(db: &Db, member: &MemberId) -> Result<Option<(String, i64)>> {
    sql(LOGIN_OF).bind(member).maybe(db.read()).await
}
/// Its version; 0 for none.
pub(crate) async fn version_of(on: &mut db::Connection, member: &MemberId) -> Result<i64> {
    sql(VERSION_OF).bind(member).count(on).await
}
/// Closes an account: nobody signs in with it, and its login stays its own.
pub(crate) async fn close<P: Keeps>(act: &mut Act<P>, id: &AccountId) -> Result<()> {
    sql(CLOSE).bind(id).run(act.on()).await?;
    Ok(())
}
/// Opens a closed one again.
pub(crate) async fn reopen<P: Keeps>(act: &mut Act<P>, id: &AccountId) -> Result<()> {
    sql(REOPEN).bind(id).run(act.on()).await?;
    Ok(())
}
/// From now on it is that member's.
pub(crate) async fn hand_over<P: Keeps>(
    act: &mut Act<P>,
    id: &AccountId,
    member: &MemberId,
) -> Result<()> {
    sql(HAND_OVER).bind(id).bind(member).run(act.on()).await?;
    Ok(())
}
pub(crate) async fn get_account(db: &Db, id: &AccountId) -> Result<Account> {
    sql(BY_ID).bind(id).one(db.read()).await
}
/// Whether it was added: not when the member has one already, or the login is taken.
pub(crate) async fn add_account<P: Keeps>(act: &mut Act<P>, fresh: &Fresh<'_>) -> Result<bool> {
    let set_at = (!fresh.password_hash.is_empty()).then_some(fresh.now);
    let added = sql(ADD_ACCOUNT)
        .bind(fresh.id)
        .bind(fresh.member)
        .bind(fresh.login)
        .bind(fresh.phone_mac)
        .bind(fresh.email_fold)
        .bind(fresh.password_hash)
        .bind(set_at)
        .bind(fresh.now)
        .run(act.on())
        .await?;
    Ok(added > 0)
}
/// Takes the row of an account, before its sessions, tokens and slips: whoever changes those waits.
pub(crate) async fn hold<P: Keeps>(act: &mut Act<P>, id: &AccountId) -> Result<()> {
    sql(HOLD).bind(id).run(act.on()).await?;
    Ok(())
}
pub(crate) async fn set_password<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
    hash: &str,
    now: Moment,
) -> Result<()> {
    sql(SET_PASSWORD)
        .bind(hash)
        .bind(now)
        .bind(account)
        .run(act.on())
        .await?;
    Ok(())
}
pub(crate) async fn set_login<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
    login: &str,
) -> Result<()> {
    sql(SET_LOGIN)
        .bind(login)
        .bind(account)
        .run(act.on())
        .await?;
    Ok(())
}
/// The same password under new parameters; nothing when it was changed meanwhile.
pub(crate) async fn rehash<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
    new: &str,
    old: &str,
) -> Result<()> {
    sql(REHASH)
        .bind(new)
        .bind(account)
        .bind(old)
        .run(act.on())
        .await?;
    Ok(())
}
pub(crate) async fn set_look<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
    look: &str,
) -> Result<()> {
    sql(SET_LOOK).bind(look).bind(account).run(act.on()).await?;
    Ok(())
}
/// Whether something changed.
pub(crate) async fn set_contacts<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
    phone_mac: &str,
    email: &str,
) -> Result<bool> {
    Ok(sql(SET_CONTACTS)
        .bind(phone_mac)
        .bind(email)
        .bind(account)
        .run(act.on())
        .await?
        > 0)
}
// --- sessions and tokens --------------------------------------------------------------------------

/// A signed-in device.
#[derive(db::FromRow)]
pub(crate) struct Device {
    pub(crate) id: String,
    pub(crate) device: String,
    pub(crate) shared: i64,
    pub(crate) created_at: i64,
    pub(crate) seen_at: i64,
}

/// A personal access token as its owner sees it.
#[derive(db::FromRow)]
pub(crate) struct Token {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) scopes: String,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) used_at: i64,
}

/// A line of an account's history.
#[derive(db::FromRow)]
pub(crate) struct Past {
    pub(crate) at: i64,
    pub(crate) actor_label: String,
    pub(crate) action: String,
}

/// A session to be added.
pub(crate) struct NewSession<'a> {
    pub(crate) id: &'a SessionId,
    pub(crate) account: &'a AccountId,
    pub(crate) hash: &'a str,
    pub(crate) device: &'a str,
    pub(crate) is_shared: bool,
    pub(crate) now: Moment,
    pub(crate) expires: Moment,
}

pub(crate) async fn add_session<P: Keeps>(act: &mut Act<P>, new: &NewSession<'_>) -> Result<()> {
    sql(ADD_SESSION)
        .bind(new.id)
        .bind(new.account)
        .bind(new.hash)
        .bind(new.device)
        .bind(i64::from(new.is_shared))
        .bind(new.now)
        .bind(new.expires)
        .run(act.on())
        .await?;
    Ok(())
}
pub(crate) async fn list_sessions(
    db: &Db,
    account: &AccountId,
    now: Moment,
    idle_ms: i64,
) -> Result<Vec<Device>> {
    sql(SESSIONS)
        .bind(account)
        .bind(now)
        .bind(now.plus_ms(-idle_ms))
        .all(db.read())
        .await
}
pub(crate) async fn end_session<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
    id: &str,
    now: Moment,
) -> Result<bool> {
    Ok(sql(END_SESSION)
        .bind(now)
        .bind(id)
        .bind(account)
        .run(act.on())
        .await?
        > 0)
}
/// Ends all sessions but one; an empty `but` ends all.
pub(crate) async fn end_sessions<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
    but: &str,
    now: Moment,
) -> Result<u64> {
    let others = sql(OTHERS).bind(account).bind(but);
    let _: Vec<(String,)> = others.hold_to_set(act.on()).await?;
    sql(END_OTHERS)
        .bind(now)
        .bind(account)
        .bind(but)
        .run(act.on())
        .await
}
pub(crate) async fn tidy_sessions<P: Keeps>(act: &mut Act<P>, before: Moment) -> Result<u64> {
    let old = sql(OLD_SESSIONS).bind(before).bind(MOST_TIDIED);
    let old: Vec<(String,)> = old.hold_idle(act.on()).await?;
    let mut gone = 0;
    for (id,) in old {
        gone += sql(DROP_SESSION).bind(id).run(act.on()).await?;
    }
    Ok(gone)
}
/// Tokens in force, counted while nobody else makes one for this account.
pub(crate) async fn count_tokens<P: Keeps>(act: &mut Act<P>, account: &AccountId) -> Result<i64> {
    let now = act.now();
    sql(HOLD_ACCOUNT).bind(account).run(act.on()).await?;
    sql(TOKENS_IN_FORCE)
        .bind(account)
        .bind(now)
        .count(act.on())
        .await
}
pub(crate) async fn add_token<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
    token: &Token,
    hash: &str,
) -> Result<()> {
    sql(ADD_TOKEN)
        .bind(&token.id)
        .bind(account)
        .bind(&token.name)
        .bind(hash)
        .bind(&token.scopes)
        .bind(token.created_at)
        .bind(token.expires_at)
        .run(act.on())
        .await?;
    Ok(())
}
pub(crate) async fn list_tokens(db: &Db, account: &AccountId, now: Moment) -> Result<Vec<Token>> {
    sql(TOKENS).bind(account).bind(now).all(db.read()).await
}
pub(crate) async fn revoke_token<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
    id: &str,
    now: Moment,
) -> Result<bool> {
    Ok(sql(REVOKE_TOKEN)
        .bind(now)
        .bind(id)
        .bind(account)
        .run(act.on())
        .await?
        > 0)
}
pub(crate) async fn revoke_tokens<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
    now: Moment,
) -> Result<u64> {
    let tokens = sql(TOKENS_IN_USE).bind(account);
    let _: Vec<(String,)> = tokens.hold_to_set(act.on()).await?;
    sql(REVOKE_TOKENS)
        .bind(now)
        .bind(account)
        .run(act.on())
        .await
}
/// Of every account: sessions, tokens, slips that are not used, and what was left of forms.
pub(crate) async fn end_everything<P: Keeps>(act: &mut Act<P>) -> Result<()> {
    let now = act.now();
    for text in [REVOKE_ALL_SLIPS, END_SESSIONS, REVOKE_ALL_TOKENS] {
        sql(text).bind(now).run(act.on()).await?;
    }
    sql(FORGET_ALL_LEFT).run(act.on()).await?;
    Ok(())
}
pub(crate) async fn list_history(db: &Db, member: &MemberId) -> Result<Vec<Past>> {
    sql(HISTORY).bind(member).all(db.read()).await
}

// --- slips ----------------------------------------------------------------------------------------

/// A member to whom a slip may be given.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Person {
    #[sqlx(try_from = "String")]
    pub(crate) id: MemberId,
    pub(crate) name: String,
    pub(crate) external_id: String,
    pub(crate) unit_name: String,
    pub(crate) has_password: i64,
    pub(crate) has_slip: i64,
}

#[derive(db::FromRow)]
struct NamedUnit {
    #[sqlx(try_from = "String")]
    id: UnitId,
    #[sqlx(try_from = "String")]
    path: UnitPath,
    name: String,
}

/// A slip that was found by its code.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Slip {
    pub(crate) id: String,
    #[sqlx(try_from = "String")]
    pub(crate) account_id: AccountId,
    #[sqlx(try_from = "String")]
    pub(crate) member_id: MemberId,
    pub(crate) login: String,
    /// Who gave it; empty for the operator.
    pub(crate) issued_by: String,
    pub(crate) expires_at: i64,
    pub(crate) used_at: i64,
    pub(crate) revoked_at: i64,
    /// 1 when another one was printed for the same account since.
    pub(crate) has_newer: i64,
}

pub(crate) async fn find_person(
    db: &Db,
    member: &MemberId,
    on: Day,
    now: Moment,
) -> Result<Option<Person>> {
    sql(PERSON)
        .bind(member)
        .bind(on)
        .bind(now)
        .maybe(db.read())
        .await
}
pub(crate) async fn list_people(
    db: &Db,
    unit: &UnitId,
    on: Day,
    now: Moment,
) -> Result<Vec<Person>> {
    sql(PEOPLE_OF_UNIT)
        .bind(unit)
        .bind(on)
        .bind(now)
        .all(db.read())
        .await
}
/// A living unit with its name.
pub(crate) async fn find_unit(
    db: &Db,
    unit: &UnitId,
    on: Day,
) -> Result<Option<(UnitRef, String)>> {
    let row: Option<NamedUnit> = sql(UNIT).bind(unit).bind(on).maybe(db.read()).await?;
    Ok(row.map(|row| {
        (
            UnitRef {
                id: row.id,
                path: row.path,
            },
            row.name,
        )
    }))
}
/// The root of the tree.
pub(crate) async fn find_root<P: Keeps>(act: &mut Act<P>) -> Result<Option<UnitId>> {
    let row: Option<(String,)> = sql(ROOT).maybe(act.on()).await?;
    row.map(|(id,)| UnitId::try_from(id))
        .transpose()
        .map_err(kernel::Error::fault)
}
pub(crate) async fn revoke_slips<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
    now: Moment,
) -> Result<u64> {
    let slips = sql(SLIPS_IN_USE).bind(account);
    let _: Vec<(String,)> = slips.hold_to_set(act.on()).await?;
    sql(REVOKE_SLIPS)
        .bind(now)
        .bind(account)
        .run(act.on())
        .await
}
/// Whether it was added: not when it was there already.
pub(crate) async fn add_slip<P: Keeps>(
    act: &mut Act<P>,
    id: &str,
    account: &AccountId,
    hash: &str,
    by: &str,
    now: Moment,
    expires: Moment,
) -> Result<bool> {
    let added = sql(ADD_SLIP)
        .bind(id)
        .bind(account)
        .bind(hash)
        .bind(by)
        .bind(now)
        .bind(expires)
        .run(act.on())
        .await?;
    Ok(added > 0)
}
/// The operator opened the account with a password: as a slip of theirs that was used at once, so that whoever let
/// its owner in before stands behind them no more.
pub(crate) async fn opened_by_operator<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
) -> Result<()> {
    let now = act.now();
    let id = act.site().dice.uuid(now);
    let opened = sql(OPERATOR_OPENED).bind(id).bind(account).bind(now);
    opened.run(act.on()).await.map(|_| ())
}
/// The slip by which an account was opened last.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct LastUsed {
    /// Who gave it; empty for the operator.
    pub(crate) issued_by: String,
    issued_at: i64,
    used_at: i64,
    anew: i64,
}

impl LastUsed {
    /// When it was given.
    pub(crate) fn issued_at(&self) -> Moment {
        Moment(self.issued_at)
    }
    /// When it was used.
    pub(crate) fn used_at(&self) -> Moment {
        Moment(self.used_at)
    }
    /// Whether the account had a password before: then its giver may be the one who signs in since.
    pub(crate) fn is_anew(&self) -> bool {
        self.anew == 1
    }
}
/// The slip by which it stood open at a moment; none when it was never opened by one before.
pub(crate) async fn last_used(db: &Db, member: &MemberId, at: Moment) -> Result<Option<LastUsed>> {
    sql(LAST_USED).bind(member).bind(at).maybe(db.read()).await
}
pub(crate) async fn find_slip(db: &Db, hash: &str) -> Result<Option<Slip>> {
    sql(SLIP).bind(hash).maybe(db.read()).await
}
/// Whether it was this call that used the slip.
pub(crate) async fn use_slip<P: Keeps>(act: &mut Act<P>, id: &str, now: Moment) -> Result<bool> {
    Ok(sql(USE_SLIP).bind(now).bind(id).run(act.on()).await? > 0)
}

// --- failures -------------------------------------------------------------------------------------

/// One count of failures.
#[derive(db::FromRow)]
pub(crate) struct Failures {
    pub(crate) key_mac: String,
    pub(crate) failures: i64,
    pub(crate) last_at: i64,
    pub(crate) free_at: i64,
}

pub(crate) async fn list_failures(db: &Db, keys: [&str; 3]) -> Result<Vec<Failures>> {
    sql(FAILURES).bind_all(keys).all(db.read()).await
}
/// The count, held until the transaction ends, so that tries at once count one after the other.
pub(crate) async fn hold_failures<P: Keeps>(act: &mut Act<P>, key: &str) -> Result<Failures> {
    sql(HOLD_FAILURES).bind(key).one(act.on()).await
}
pub(crate) async fn set_failures<P: Keeps>(
    act: &mut Act<P>,
    key: &str,
    tries: crate::delay::Tries,
) -> Result<()> {
    sql(SET_FAILURES)
        .bind(tries.failures)
        .bind(tries.last_at)
        .bind(tries.free_at)
        .bind(key)
        .run(act.on())
        .await?;
    Ok(())
}
/// Takes one try back from a count; tries that came meanwhile stay counted.
pub(crate) async fn give_back<P: Keeps>(
    act: &mut Act<P>,
    key: &str,
    before: crate::delay::Tries,
    after: crate::delay::Tries,
) -> Result<()> {
    sql(GIVE_BACK)
        .bind(key)
        .bind(after.free_at)
        .bind(before.free_at)
        .bind(after.last_at)
        .bind(before.last_at)
        .run(act.on())
        .await?;
    sql(CLEAR_GIVEN_BACK).bind(key).run(act.on()).await?;
    Ok(())
}
pub(crate) async fn clear_failures<P: Keeps>(act: &mut Act<P>, key: &str) -> Result<()> {
    sql(CLEAR_FAILURES).bind(key).run(act.on()).await?;
    Ok(())
}
pub(crate) async fn tidy_failures<P: Keeps>(act: &mut Act<P>, before: Moment) -> Result<()> {
    let old = sql(OLD_FAILURES).bind(before).bind(MOST_TIDIED);
    let old: Vec<(String,)> = old.hold_idle(act.on()).await?;
    for (key,) in old {
        sql(CLEAR_FAILURES).bind(key).run(act.on()).await?;
    }
    Ok(())
}

/// Members whom these words name: our or their foreign id, the member code, the name without marks.
pub(crate) async fn list_called(
    db: &Db,
    text: &str,
    code: &str,
    fold: &str,
) -> Result<Vec<crate::rescue::Known>> {
    sql(CALLED)
        .bind(text)
        .bind(code)
        .bind(fold)
        .all(db.read())
        .await
}

/// Members whose name or code holds the words; everybody for none. A dozen at most.
pub(crate) async fn list_called_nearly(db: &Db, part: &str) -> Result<Vec<crate::rescue::Known>> {
    let part = format!("%{part}%");
    sql(CALLED_NEARLY).bind(part).all(db.read()).await
}

// --- the key --------------------------------------------------------------------------------------

/// Slips that nobody has used yet: how many, and when the last ends.
pub(crate) async fn open_slips(db: &Db, now: Moment) -> Result<(i64, i64)> {
    sql(OPEN_SLIPS).bind(now).one(db.read()).await
}
/// Forms that wait for their person: how many, and when the last ends.
pub(crate) async fn left_waits(db: &Db, now: Moment) -> Result<(i64, i64)> {
    sql(LEFT_WAITS).bind(now).one(db.read()).await
}
/// Forms that were left, by a name of all their keys, as they are sealed.
pub(crate) async fn list_left_sealed(
    db: &Db,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, String)>> {
    sql(LEFT_SEALED)
        .bind(after)
        .bind(limit)
        .all(db.read())
        .await
}
pub(crate) async fn seal_left_again<P: Keeps>(
    act: &mut Act<P>,
    keys: [&str; 4],
    sealed: &str,
) -> Result<()> {
    sql(SEAL_LEFT_AGAIN)
        .bind_all(keys)
        .bind(sealed)
        .run(act.on())
        .await?;
    Ok(())
}
/// Accounts that are found by a telephone: account, member, keyed hash.
pub(crate) async fn list_phoned(
    db: &Db,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, String, String)>> {
    sql(PHONED).bind(after).bind(limit).all(db.read()).await
}
pub(crate) async fn get_phone_mac<P: Keeps>(
    act: &mut Act<P>,
    id: &str,
) -> Result<(String, String)> {
    sql(PHONE_MAC_OF).bind(id).one(act.on()).await
}
pub(crate) async fn set_phone_mac<P: Keeps>(act: &mut Act<P>, id: &str, mac: &str) -> Result<()> {
    sql(SET_PHONE_MAC).bind(id).bind(mac).run(act.on()).await?;
    Ok(())
}
/// Counts of wrong passwords begin anew.
pub(crate) async fn forget_failures<P: Keeps>(act: &mut Act<P>) -> Result<u64> {
    sql(FORGET_ALL_FAILURES).run(act.on()).await
}
/// Ends every slip that nobody has used yet.
pub(crate) async fn end_slips<P: Keeps>(act: &mut Act<P>) -> Result<u64> {
    let now = act.now();
    sql(REVOKE_ALL_SLIPS).bind(now).run(act.on()).await
}
pub(crate) async fn forget_all_left<P: Keeps>(act: &mut Act<P>) -> Result<u64> {
    sql(FORGET_ALL_LEFT).run(act.on()).await
}

#[cfg(test)]
mod tests {
    #[tokio::test(flavor = "multi_thread")]
    async fn every_statement_is_understood_by_both_databases() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                app.prepares(&crate::room().statements).await;
            },
        )
        .await;
    }
}
