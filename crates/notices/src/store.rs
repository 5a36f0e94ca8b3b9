//! Every statement of the notices. One text for both databases.
//!
//! Told once is a unique index, not a look before the insert. A sending is claimed by an update
//! whose `where` repeats why it was due, and whoever ends it names its `lease`, so two processes do
//! not send the same row side by side.

use crate::endpoint::{Endpoint, EndpointId, EndpointState, Language};
use crate::feed::{Importance, New, Notice, NoticeId};
use crate::out::{Channel, Sending, Waiting};
use crate::quiet::Hours;
use crate::wish::{Quiet, Settings, Wish};
use db::{Db, Tx, sql};
use kernel::error::{Doing, Error, Result};
use kernel::said;
use kernel::{MemberId, Moment};

db::statements! {
    pub STATEMENTS;
    ADD_NOTICE = "insert into notices_notice \
        (id, member_id, once_key, kind, text_key, text_args, link, importance, created_at, expires_at, is_security) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
        on conflict (member_id, once_key) do nothing";
    ADD_OUT = "insert into notices_out (notice_id, endpoint_id, channel, next_at, expires_at) \
        select cast($1 as text), e.id, e.channel, cast($2 as bigint), cast($3 as bigint) \
        from notices_endpoint e \
        left join notices_preference own \
        on own.member_id = e.member_id and own.kind = $4 and own.channel = e.channel \
        left join notices_preference every \
        on every.member_id = e.member_id and every.kind = '' and every.channel = e.channel \
        where e.member_id = $5 and e.state = 'live' \
        and (cast($8 as bigint) = 1 and e.channel = 'email' or e.is_security = 0 \
        and coalesce(own.wanted, every.wanted, case e.channel when 'email' then cast($6 as bigint) else cast($7 as bigint) end) = 1)";
    REACHED_HEAD = "select e.member_id, e.channel from notices_endpoint e \
        left join notices_preference own \
        on own.member_id = e.member_id and own.kind = $1 and own.channel = e.channel \
        left join notices_preference every \
        on every.member_id = e.member_id and every.kind = '' and every.channel = e.channel \
        where e.state = 'live' and e.is_security = 0 and coalesce(own.wanted, every.wanted, \
        case e.channel when 'email' then cast($2 as bigint) else cast($3 as bigint) end) = 1";
    LIST = "select id, kind, text_key, text_args, link, importance, created_at, expires_at, read_at \
        from notices_notice \
        where member_id = $1 and ($2 = '' or id < $2) \
        order by id desc limit $3";
    LIST_UNREAD = "select id, kind, text_key, text_args, link, importance, created_at, expires_at, read_at \
        from notices_notice where member_id = $1 and read_at = 0 and expires_at > $2 order by id desc limit $3";
    WAITING_EMAILS = "select distinct e.member_id, e.address_mac, e.language from notices_out o \
        join notices_endpoint e on e.id = o.endpoint_id \
        where o.state = 'waiting' and e.channel = 'email' and e.state = 'live' and not exists (select 1 from notices_out first \
        join notices_notice n on n.id = first.notice_id where first.endpoint_id = e.id and first.state = 'waiting' \
        and n.kind = $2) order by e.member_id limit $1";
    COUNT_UNREAD = "select count(*) from notices_notice where member_id = $1 and read_at = 0";
    READ_ONE = "update notices_notice \
        set read_at = case read_at when 0 then $3 else read_at end \
        where id = $1 and member_id = $2 returning link";
    READ_OF_LINK = "update notices_notice set read_at = $3 \
        where member_id = $1 and link = $2 and read_at = 0";
    UNREAD_UP_TO = "select id from notices_notice where member_id = $1 and id <= $2 and read_at = 0 order by id";
    READ_ALL = "update notices_notice set read_at = $3 \
        where member_id = $1 and id <= $2 and read_at = 0";
    OLD = "select id from notices_notice where expires_at < $1 order by expires_at, id limit $2";
    TRIM = "delete from notices_notice where id = $1";

    ADD_DEVICE = "insert into notices_endpoint \
        (id, member_id, channel, address_mac, address_sealed, keys_sealed, language, created_at) \
        values ($1, $2, 'push', $3, $4, $5, $6, $7) \
        on conflict (address_mac) where channel = 'push' do update \
        set address_sealed = excluded.address_sealed, keys_sealed = excluded.keys_sealed, \
        language = excluded.language, state = 'live', reason = '', refusals = 0 \
        returning id";
    REMOVE_DEVICE_OF_OTHERS = "delete from notices_endpoint \
        where channel = 'push' and address_mac = $1 and member_id <> $2";
    SET_EMAIL = "insert into notices_endpoint \
        (id, member_id, channel, address_mac, address_sealed, language, created_at, is_security) \
        values ($1, $2, 'email', $3, $4, $5, $6, $7) \
        on conflict (member_id) where channel = 'email' do update \
        set address_mac = excluded.address_mac, address_sealed = excluded.address_sealed, \
        language = excluded.language, state = 'live', reason = '', refusals = 0, \
        is_security = notices_endpoint.is_security * excluded.is_security";
    HOLD_ADDRESS = "insert into notices_endpoint \
        (id, member_id, channel, address_mac, address_sealed, language, created_at, is_security) \
        values ($1, $2, 'email', $3, $4, $5, $6, 1) \
        on conflict (member_id) where channel = 'email' do update \
        set address_mac = excluded.address_mac, address_sealed = excluded.address_sealed, \
        state = 'live', reason = '', refusals = 0 \
        where notices_endpoint.address_mac <> excluded.address_mac \
        and not exists (select 1 from notices_out o join notices_notice n on n.id = o.notice_id \
        where o.endpoint_id = notices_endpoint.id and o.state = 'waiting' and n.kind = $7)";
    REMOVE_ALL = "delete from notices_endpoint where member_id = $1";
    REMOVE_EMAIL = "delete from notices_endpoint where member_id = $1 and channel = 'email'";
    REMOVE_ENDPOINT = "delete from notices_endpoint where member_id = $1 and id = $2";
    SEALED = "select id, address_sealed, keys_sealed from notices_endpoint \
        where address_sealed <> '' and id > $1 order by id limit $2";
    SEAL_AGAIN = "update notices_endpoint set address_sealed = coalesce(cast($2 as text), address_sealed), \
        address_mac = coalesce(cast($3 as text), address_mac), keys_sealed = coalesce(cast($4 as text), keys_sealed) \
        where id = $1";
    SET_SETTING_AGAIN = "update notices_setting set value = $2 where name = $1";
    LIST_ENDPOINTS = "select id, channel, address_sealed, state, reason, created_at, sent_at \
        from notices_endpoint where member_id = $1 and is_security = 0 order by id";
    DROP_ENDPOINT = "update notices_endpoint \
        set state = 'dropped', reason = $2, address_sealed = '', keys_sealed = '' \
        where id = $1 and address_sealed = $3";
    DROP_OUT_OF_ENDPOINT = "update notices_out \
        set state = 'dropped', reason = $2, ended_at = $3, lease = '' \
        where endpoint_id = $1 and state = 'waiting' \
        and endpoint_id in (select id from notices_endpoint where state = 'dropped')";
    TAKEN = "update notices_endpoint set sent_at = $2, refusals = 0 where id = $1";
    REFUSED = "update notices_endpoint set refusals = refusals + 1 where id = $1 returning refusals";

    WAITING_AT = "select notice_id from notices_out where endpoint_id = $1 and state = 'waiting' \
        order by notice_id, endpoint_id";
    OVER = "select notice_id from notices_out where state = 'waiting' and expires_at <= $1 \
        and (lease = '' or next_at <= $1) order by notice_id, endpoint_id";
    EXPIRE = "update notices_out \
        set state = 'dropped', reason = 'expired', ended_at = $1, lease = '' \
        where state = 'waiting' and expires_at <= $1 and (lease = '' or next_at <= $1)";
    DUE = "select notice_id, endpoint_id from notices_out \
        where state = 'waiting' and next_at <= $1 and channel = $2 \
        order by next_at, notice_id, endpoint_id limit $3";
    CLAIM = "update notices_out set lease = $4, next_at = $5, attempts = attempts + 1 \
        where notice_id = $1 and endpoint_id = $2 and state = 'waiting' and next_at <= $3";
    SENDING = "select o.channel, o.attempts, o.expires_at, n.member_id, n.kind, n.importance, \
        n.read_at, n.is_security, e.address_sealed, e.keys_sealed, e.language, e.state, \
        coalesce(own.wanted, every.wanted, -1) as wanted, \
        coalesce(q.quiet_from, '') as quiet_from, coalesce(q.quiet_to, '') as quiet_to, \
        coalesce(q.urgent_passes, 0) as urgent_passes \
        from notices_out o \
        join notices_notice n on n.id = o.notice_id \
        join notices_endpoint e on e.id = o.endpoint_id \
        left join notices_preference own \
        on own.member_id = n.member_id and own.kind = n.kind and own.channel = o.channel \
        left join notices_preference every \
        on every.member_id = n.member_id and every.kind = '' and every.channel = o.channel \
        left join notices_quiet q on q.member_id = n.member_id \
        where o.notice_id = $1 and o.endpoint_id = $2 and o.lease = $3";
    END = "update notices_out set state = $4, reason = $5, ended_at = $6, lease = '' \
        where notice_id = $1 and endpoint_id = $2 and lease = $3 and state = 'waiting'";
    PUT_BACK = "update notices_out \
        set next_at = $4, reason = $5, attempts = attempts - $6, lease = '' \
        where notice_id = $1 and endpoint_id = $2 and lease = $3 and state = 'waiting'";
    COUNT_OUT = "select channel, state, reason, count(*) as number from notices_out \
        group by channel, state, reason order by channel, state, reason";
    COUNT_WAITING = "select count(*) as number, \
        coalesce(min(next_at), 0) as first_at, coalesce(min(expires_at), 0) as expires_at \
        from notices_out where state = 'waiting' and channel = $1";

    LIST_WISHES = "select kind, channel, wanted from notices_preference \
        where member_id = $1 order by kind, channel";
    SET_WISH = "insert into notices_preference (member_id, kind, channel, wanted) \
        values ($1, $2, $3, $4) \
        on conflict (member_id, kind, channel) do update set wanted = excluded.wanted";
    GET_QUIET = "select quiet_from, quiet_to, urgent_passes from notices_quiet where member_id = $1";
    SET_QUIET = "insert into notices_quiet (member_id, quiet_from, quiet_to, urgent_passes) \
        values ($1, $2, $3, $4) \
        on conflict (member_id) do update set quiet_from = excluded.quiet_from, \
        quiet_to = excluded.quiet_to, urgent_passes = excluded.urgent_passes";
    SETTINGS = "select name, value from notices_setting \
        where name in ('quiet_from', 'quiet_to', 'email_wanted', 'push_wanted')";
    SET_SETTING = "insert into notices_setting (name, value) values ($1, $2) \
        on conflict (name) do update set value = excluded.value";
    ADD_SETTING = "insert into notices_setting (name, value) values ($1, $2) on conflict (name) do nothing";
    FIND_SETTING = "select value from notices_setting where name = $1";
}

fn instant(ms: i64) -> Option<Moment> {
    (ms != 0).then_some(Moment(ms))
}

fn channel(text: &str) -> Result<Channel> {
    Channel::read(text).ok_or_else(|| Error::fault(said!("a channel is {}", text)))
}

/// Writes a notice unless its member was told already; answers whether it did.
pub(crate) async fn add_notice(
    tx: &mut Tx,
    id: &NoticeId,
    member: &MemberId,
    new: &New,
    args: &str,
    now: Moment,
) -> Result<bool> {
    let added = sql(ADD_NOTICE)
        .bind(id)
        .bind(member)
        .bind(&new.once_key)
        .bind(&new.kind)
        .bind(&new.text_key)
        .bind(args)
        .bind(&new.link)
        .bind(new.importance.name())
        .bind(now)
        .bind(new.expires_at)
        .bind(i64::from(new.is_security))
        .run(&mut **tx)
        .await
        .doing("adding a notice")?;
    Ok(added == 1)
}

/// Lays a sending ready for every endpoint that the member wants to hear on.
pub(crate) async fn add_out(
    tx: &mut Tx,
    id: &NoticeId,
    member: &MemberId,
    new: &New,
    settings: &Settings,
    now: Moment,
) -> Result<()> {
    sql(ADD_OUT)
        .bind(id)
        .bind(now)
        .bind(new.expires_at)
        .bind(&new.kind)
        .bind(member)
        .bind(i64::from(settings.email_wanted))
        .bind(i64::from(settings.push_wanted))
        .bind(i64::from(new.is_security))
        .run(&mut **tx)
        .await
        .doing("laying ready what goes out")?;
    Ok(())
}

#[derive(db::FromRow)]
struct NoticeRow {
    id: String,
    kind: String,
    text_key: String,
    text_args: String,
    link: String,
    importance: String,
    created_at: i64,
    expires_at: i64,
    read_at: i64,
}

impl NoticeRow {
    fn read(self) -> Result<Notice> {
        let importance = Importance::read(&self.importance)
            .ok_or_else(|| Error::fault(said!("a notice is {}", self.importance)))?;
        Ok(Notice {
            id: NoticeId::try_from(self.id).map_err(Error::fault)?,
            kind: self.kind,
            text_key: self.text_key,
            args: serde_json::from_str(&self.text_args).map_err(Error::fault)?,
            link: self.link,
            importance,
            created_at: Moment(self.created_at),
            expires_at: Moment(self.expires_at),
            read_at: instant(self.read_at),
        })
    }
}

/// Notices of a member from the newest on.
pub(crate) async fn list(
    db: &Db,
    member: &MemberId,
    after: Option<&NoticeId>,
    limit: i64,
) -> Result<Vec<Notice>> {
    let rows: Vec<NoticeRow> = sql(LIST)
        .bind(member)
        .bind(after.map_or("", NoticeId::as_str))
        .bind(limit)
        .all(db.read())
        .await?;
    rows.into_iter().map(NoticeRow::read).collect()
}

/// The newest that a member has not read and that still matter.
pub(crate) async fn list_unread(
    db: &Db,
    member: &MemberId,
    now: Moment,
    limit: i64,
) -> Result<Vec<Notice>> {
    let rows: Vec<NoticeRow> = sql(LIST_UNREAD)
        .bind(member)
        .bind(now)
        .bind(limit)
        .all(db.read())
        .await?;
    rows.into_iter().map(NoticeRow::read).collect()
}

/// Members to whom an e-mail waits: who, the keyed hash of the address, the language.
pub(crate) async fn list_waiting_emails(
    db: &Db,
    limit: i64,
) -> Result<Vec<(String, String, String)>> {
    sql(WAITING_EMAILS)
        .bind(limit)
        .bind(crate::endpoint::OLD_ADDRESS)
        .all(db.read())
        .await
}

/// How many a member has not read.
pub(crate) async fn count_unread(db: &Db, member: &MemberId) -> Result<i64> {
    sql(COUNT_UNREAD).bind(member).count(db.read()).await
}

/// Takes what these members have not read of these links, in one order.
pub(crate) async fn hold_of_links(
    tx: &mut Tx,
    members: &[&MemberId],
    links: &[&str],
) -> Result<()> {
    let text = format!(
        "select id from notices_notice where member_id in {} and link in {} and read_at = 0 order by id",
        db::in_list(1, members.len()),
        db::in_list(1 + members.len(), links.len())
    );
    let asked = db::sql_built(text).bind_all(members.iter().copied());
    let asked = asked.bind_all(links.iter().copied());
    let _: Vec<(String,)> = asked.hold_to_set(tx).await?;
    Ok(())
}

/// Marks all with that link as read.
pub(crate) async fn read_of_link(
    tx: &mut Tx,
    member: &MemberId,
    link: &str,
    now: Moment,
) -> Result<()> {
    sql(READ_OF_LINK)
        .bind(member)
        .bind(link)
        .bind(now)
        .run(&mut **tx)
        .await?;
    Ok(())
}

/// Marks one as read; where it leads.
pub(crate) async fn read_one(
    tx: &mut Tx,
    member: &MemberId,
    id: &NoticeId,
    now: Moment,
) -> Result<String> {
    let (link,): (String,) = sql(READ_ONE)
        .bind(id)
        .bind(member)
        .bind(now)
        .one(&mut **tx)
        .await?;
    Ok(link)
}

/// Marks all up to one as read; how many.
pub(crate) async fn read_all(
    tx: &mut Tx,
    member: &MemberId,
    newest: &NoticeId,
    now: Moment,
) -> Result<u64> {
    let unread = sql(UNREAD_UP_TO).bind(member).bind(newest);
    let _: Vec<(String,)> = unread.hold_to_set(tx).await?;
    sql(READ_ALL)
        .bind(member)
        .bind(newest)
        .bind(now)
        .run(&mut **tx)
        .await
}

/// Deletes some that expired before; how many.
pub(crate) async fn trim(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64> {
    // Who reads one of them now keeps it until the next time: whoever tidies up waits for nobody.
    let old = sql(OLD).bind(before).bind(limit);
    let old: Vec<(String,)> = old.hold_idle(tx).await.doing("finding old notices")?;
    let mut gone = 0;
    for (id,) in old {
        let trimmed = sql(TRIM).bind(id).run(&mut **tx).await;
        gone += trimmed.doing("trimming notices")?;
    }
    Ok(gone)
}

/// An endpoint as it is written.
pub(crate) struct FreshEndpoint<'a> {
    pub(crate) id: &'a EndpointId,
    pub(crate) member: &'a MemberId,
    pub(crate) mac: &'a str,
    pub(crate) address: &'a str,
    pub(crate) keys: &'a str,
    pub(crate) language: Language,
    pub(crate) now: Moment,
}

/// Writes a device or brings it back; its id.
pub(crate) async fn add_device(tx: &mut Tx, fresh: &FreshEndpoint<'_>) -> Result<EndpointId> {
    sql(REMOVE_DEVICE_OF_OTHERS)
        .bind(fresh.mac)
        .bind(fresh.member)
        .run(&mut **tx)
        .await?;
    let (id,): (String,) = sql(ADD_DEVICE)
        .bind(fresh.id)
        .bind(fresh.member)
        .bind(fresh.mac)
        .bind(fresh.address)
        .bind(fresh.keys)
        .bind(fresh.language.name())
        .bind(fresh.now)
        .one(&mut **tx)
        .await
        .doing("registering a device")?;
    EndpointId::try_from(id).map_err(Error::fault)
}

/// Writes the member's one e-mail address; `keeps` leaves one that is for security mail alone what it is.
pub(crate) async fn set_email(tx: &mut Tx, fresh: &FreshEndpoint<'_>, keeps: bool) -> Result<()> {
    sql(SET_EMAIL)
        .bind(fresh.id)
        .bind(fresh.member)
        .bind(fresh.mac)
        .bind(fresh.address)
        .bind(fresh.language.name())
        .bind(fresh.now)
        .bind(i64::from(keeps))
        .run(&mut **tx)
        .await
        .doing("setting an e-mail address")?;
    Ok(())
}

/// Writes the address that security mail goes to; the one that is there stays while the word of an earlier change
/// waits for it.
pub(crate) async fn hold_address(tx: &mut Tx, fresh: &FreshEndpoint<'_>) -> Result<()> {
    sql(HOLD_ADDRESS)
        .bind(fresh.id)
        .bind(fresh.member)
        .bind(fresh.mac)
        .bind(fresh.address)
        .bind(fresh.language.name())
        .bind(fresh.now)
        .bind(crate::endpoint::OLD_ADDRESS)
        .run(&mut **tx)
        .await
        .doing("keeping an address for security mail")?;
    Ok(())
}

/// Removes every endpoint of the member.
pub(crate) async fn remove_all(tx: &mut Tx, member: &MemberId) -> Result<()> {
    sql(REMOVE_ALL).bind(member).run(&mut **tx).await?;
    Ok(())
}

/// Removes the member's e-mail address.
pub(crate) async fn remove_email(tx: &mut Tx, member: &MemberId) -> Result<()> {
    sql(REMOVE_EMAIL).bind(member).run(&mut **tx).await?;
    Ok(())
}

/// Removes an endpoint of the member.
pub(crate) async fn remove_endpoint(tx: &mut Tx, member: &MemberId, id: &EndpointId) -> Result<()> {
    sql(REMOVE_ENDPOINT)
        .bind(member)
        .bind(id)
        .run(&mut **tx)
        .await?;
    Ok(())
}

#[derive(db::FromRow)]
struct EndpointRow {
    id: String,
    channel: String,
    address_sealed: String,
    state: String,
    reason: String,
    created_at: i64,
    sent_at: i64,
}

/// Who of these members is reached by a notice of that kind, and which way; several ways are several rows.
pub(crate) async fn list_reached(
    db: &Db,
    kind: &str,
    (email, push): (bool, bool),
    members: &[String],
) -> Result<Vec<(String, String)>> {
    let text = format!(
        "{REACHED_HEAD} and e.member_id in {}",
        db::in_list(4, members.len())
    );
    db::sql_built(text)
        .bind(kind)
        .bind(i64::from(email))
        .bind(i64::from(push))
        .bind_all(members)
        .all(db.read())
        .await
}

/// The member's endpoints without what is shown of them, each with its sealed address.
pub(crate) async fn list_endpoints(db: &Db, member: &MemberId) -> Result<Vec<(Endpoint, String)>> {
    let rows: Vec<EndpointRow> = sql(LIST_ENDPOINTS).bind(member).all(db.read()).await?;
    let read = |row: EndpointRow| {
        let endpoint = Endpoint {
            id: EndpointId::try_from(row.id).map_err(Error::fault)?,
            channel: channel(&row.channel)?,
            shown: String::new(),
            state: if row.state == "live" {
                EndpointState::Live
            } else {
                EndpointState::Dropped
            },
            reason: row.reason,
            created_at: Moment(row.created_at),
            sent_at: instant(row.sent_at),
        };
        Ok((endpoint, row.address_sealed))
    };
    rows.into_iter().map(read).collect()
}

/// Gives an endpoint up, unless it was registered anew meanwhile, with all that waits for it.
pub(crate) async fn drop_endpoint(
    tx: &mut Tx,
    id: &str,
    sealed: &str,
    reason: &str,
    now: Moment,
) -> Result<u64> {
    sql(DROP_ENDPOINT)
        .bind(id)
        .bind(reason)
        .bind(sealed)
        .run(&mut **tx)
        .await?;
    let waiting: Vec<(String,)> = sql(WAITING_AT).bind(id).hold_to_set(tx).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    sql(DROP_OUT_OF_ENDPOINT)
        .bind(id)
        .bind(reason)
        .bind(now)
        .run(&mut **tx)
        .await
}

/// Notes that an endpoint took a message.
pub(crate) async fn taken(tx: &mut Tx, id: &str, now: Moment) -> Result<()> {
    sql(TAKEN).bind(id).bind(now).run(&mut **tx).await?;
    Ok(())
}

/// Notes that an endpoint refused a message; how often in a row.
pub(crate) async fn refused(tx: &mut Tx, id: &str) -> Result<i64> {
    sql(REFUSED).bind(id).count(&mut **tx).await
}

/// Drops what nobody needs to hear any more; how many.
pub(crate) async fn expire(tx: &mut Tx, now: Moment) -> Result<u64> {
    let _: Vec<(String,)> = sql(OVER).bind(now).hold_to_set(tx).await?;
    sql(EXPIRE)
        .bind(now)
        .run(&mut **tx)
        .await
        .doing("dropping what expired")
}

/// A sending that is due or claimed.
#[derive(db::FromRow, Clone)]
pub(crate) struct Pair {
    pub(crate) notice_id: String,
    pub(crate) endpoint_id: String,
}

/// The first due sendings of a channel.
pub(crate) async fn list_due(db: &Db, now: Moment, channel: &str, limit: i64) -> Result<Vec<Pair>> {
    sql(DUE)
        .bind(now)
        .bind(channel)
        .bind(limit)
        .all(db.read())
        .await
}

/// What a claimed sending needs to know.
#[derive(db::FromRow)]
pub(crate) struct Claimed {
    pub(crate) channel: String,
    pub(crate) attempts: i64,
    pub(crate) expires_at: i64,
    pub(crate) importance: String,
    pub(crate) read_at: i64,
    pub(crate) is_security: i64,
    pub(crate) address_sealed: String,
    pub(crate) keys_sealed: String,
    pub(crate) language: String,
    pub(crate) state: String,
    /// 1 or 0; -1 when the member said nothing.
    pub(crate) wanted: i64,
    pub(crate) quiet_from: String,
    pub(crate) quiet_to: String,
    pub(crate) urgent_passes: i64,
}

/// Takes a due sending until `until`; `None` when another was quicker.
pub(crate) async fn claim(
    tx: &mut Tx,
    pair: &Pair,
    lease: &str,
    now: Moment,
    until: Moment,
) -> Result<Option<Claimed>> {
    let touched = sql(CLAIM)
        .bind(&pair.notice_id)
        .bind(&pair.endpoint_id)
        .bind(now)
        .bind(lease)
        .bind(until)
        .run(&mut **tx)
        .await
        .doing("claiming a sending")?;
    if touched == 0 {
        return Ok(None);
    }
    sql(SENDING)
        .bind(&pair.notice_id)
        .bind(&pair.endpoint_id)
        .bind(lease)
        .maybe(&mut **tx)
        .await
}

/// Ends a sending; `false` when the lease is another's.
pub(crate) async fn end(
    tx: &mut Tx,
    pair: &Pair,
    lease: &str,
    to: Sending,
    reason: &str,
    now: Moment,
) -> Result<bool> {
    let touched = sql(END)
        .bind(&pair.notice_id)
        .bind(&pair.endpoint_id)
        .bind(lease)
        .bind(to.name())
        .bind(reason)
        .bind(now)
        .run(&mut **tx)
        .await?;
    Ok(touched == 1)
}

/// Puts a sending back; without `counts` this attempt does not lengthen the next wait.
pub(crate) async fn put_back(
    tx: &mut Tx,
    pair: &Pair,
    lease: &str,
    next_at: Moment,
    reason: &str,
    counts: bool,
) -> Result<()> {
    sql(PUT_BACK)
        .bind(&pair.notice_id)
        .bind(&pair.endpoint_id)
        .bind(lease)
        .bind(next_at)
        .bind(reason)
        .bind(i64::from(!counts))
        .run(&mut **tx)
        .await?;
    Ok(())
}

#[derive(db::FromRow)]
struct CountRow {
    channel: String,
    state: String,
    reason: String,
    number: i64,
}

/// How many sendings there are of each channel, state and reason.
pub(crate) async fn count_out(db: &Db) -> Result<Vec<(Channel, Sending, String, i64)>> {
    let rows: Vec<CountRow> = sql(COUNT_OUT).all(db.read()).await?;
    let read = |row: CountRow| {
        let state = Sending::read(&row.state)
            .ok_or_else(|| Error::fault(said!("a sending is {}", row.state)))?;
        Ok((channel(&row.channel)?, state, row.reason, row.number))
    };
    rows.into_iter().map(read).collect()
}

#[derive(db::FromRow)]
struct WaitingRow {
    number: i64,
    first_at: i64,
    expires_at: i64,
}

/// What waits on one channel.
pub(crate) async fn count_waiting(db: &Db, channel: Channel) -> Result<Waiting> {
    let row: WaitingRow = sql(COUNT_WAITING)
        .bind(channel.name())
        .one(db.read())
        .await?;
    Ok(Waiting {
        count: row.number,
        next_at: instant(row.first_at),
        first_expires_at: instant(row.expires_at),
    })
}

#[derive(db::FromRow)]
struct WishRow {
    kind: String,
    channel: String,
    wanted: i64,
}

/// The member's wishes.
pub(crate) async fn list_wishes(db: &Db, member: &MemberId) -> Result<Vec<Wish>> {
    let rows: Vec<WishRow> = sql(LIST_WISHES).bind(member).all(db.read()).await?;
    let read = |row: WishRow| {
        Ok(Wish {
            kind: row.kind,
            channel: channel(&row.channel)?,
            is_wanted: row.wanted == 1,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Keeps a wish.
pub(crate) async fn set_wish(tx: &mut Tx, member: &MemberId, wish: &Wish) -> Result<()> {
    sql(SET_WISH)
        .bind(member)
        .bind(&wish.kind)
        .bind(wish.channel.name())
        .bind(i64::from(wish.is_wanted))
        .run(&mut **tx)
        .await?;
    Ok(())
}

/// The member's own quiet.
pub(crate) async fn get_quiet(db: &Db, member: &MemberId) -> Result<Quiet> {
    let row: Option<(String, String, i64)> = sql(GET_QUIET).bind(member).maybe(db.read()).await?;
    Ok(row.map_or_else(Quiet::default, |(from, to, passes)| Quiet {
        hours: Hours::read(&from, &to),
        urgent_passes: passes == 1,
    }))
}

/// Keeps the member's own quiet.
pub(crate) async fn set_quiet(tx: &mut Tx, member: &MemberId, quiet: &Quiet) -> Result<()> {
    let (from, to) = quiet.hours.map(Hours::texts).unwrap_or_default();
    sql(SET_QUIET)
        .bind(member)
        .bind(from)
        .bind(to)
        .bind(i64::from(quiet.urgent_passes))
        .run(&mut **tx)
        .await?;
    Ok(())
}

/// The settings.
pub(crate) async fn settings<'c>(on: impl db::On<'c>) -> Result<Settings> {
    let rows: Vec<(String, String)> = sql(SETTINGS).all(on).await?;
    let value = |name: &str| {
        (rows.iter().find(|(of, _)| of == name))
            .map(|(_, value)| value.as_str())
            .ok_or_else(|| Error::fault(said!("notices_setting has no {}", name)))
    };
    Ok(Settings {
        quiet: Hours::read(value("quiet_from")?, value("quiet_to")?)
            .ok_or_else(|| Error::fault("the quiet hours of notices_setting are no clock times"))?,
        email_wanted: value("email_wanted")? == "1",
        push_wanted: value("push_wanted")? == "1",
    })
}

/// Keeps a setting.
pub(crate) async fn set_setting(tx: &mut Tx, name: &str, value: &str) -> Result<()> {
    sql(SET_SETTING)
        .bind(name)
        .bind(value)
        .run(&mut **tx)
        .await?;
    Ok(())
}

/// Keeps a setting unless there is one; the one that is there.
pub(crate) async fn first_setting(tx: &mut Tx, name: &str, value: &str) -> Result<String> {
    sql(ADD_SETTING)
        .bind(name)
        .bind(value)
        .run(&mut **tx)
        .await?;
    let (value,): (String,) = sql(FIND_SETTING).bind(name).one(&mut **tx).await?;
    Ok(value)
}

/// A setting, if there is one.
pub(crate) async fn find_setting<'c>(on: impl db::On<'c>, name: &str) -> Result<Option<String>> {
    let row: Option<(String,)> = sql(FIND_SETTING).bind(name).maybe(on).await?;
    Ok(row.map(|(value,)| value))
}

/// Endpoints behind that id with what is sealed of them: id, address, keys.
pub(crate) async fn list_sealed(
    db: &Db,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, String, String)>> {
    sql(SEALED).bind(after).bind(limit).all(db.read()).await
}

/// Keeps what was sealed anew; none leaves a value as it is.
pub(crate) async fn seal_again(
    tx: &mut Tx,
    id: &str,
    address: Option<String>,
    mac: Option<String>,
    keys: Option<String>,
) -> Result<()> {
    sql(SEAL_AGAIN)
        .bind(id)
        .bind(address)
        .bind(mac)
        .bind(keys)
        .run(&mut **tx)
        .await?;
    Ok(())
}

/// Writes over a setting that is there.
pub(crate) async fn set_again(tx: &mut Tx, name: &str, value: &str) -> Result<()> {
    sql(SET_SETTING_AGAIN)
        .bind(name)
        .bind(value)
        .run(&mut **tx)
        .await?;
    Ok(())
}
