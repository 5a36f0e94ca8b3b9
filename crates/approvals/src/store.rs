//! Every statement about approvals. Writes run in the transaction of the caller's act.
//!
//! The approval's row is locked before its steps are looked at, so two who decide at once decide one
//! after the other.

use crate::ApprovalId;
use crate::approval::{Approval, Decision, New, State, Step, hash_of, refusal};
use db::{Db, Tx, scope_condition, sql, sql_built};
use kernel::error::{Error, Result};
use kernel::{Clock, Dice, MemberId, Moment, Scope, UnitId};

macro_rules! approval {
    ($rest:literal) => {
        concat!(
            "select a.id, a.kind, a.object_id, a.title, a.payload_json, a.payload_hash, a.versions_json, \
             a.state, a.reason, a.prepared_by, a.prepared_label, a.prepared_at, a.expires_at \
             from approvals_approval a ",
            $rest
        )
    };
}

db::statements! {
    pub STATEMENTS;
    ADD = "insert into approvals_approval (id, kind, object_id, title, payload_json, payload_hash, \
        versions_json, state, prepared_by, prepared_label, prepared_at, expires_at) \
        values ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9, $10, $11) on conflict do nothing";
    // Of the same kind and object one waits at most; what ran out and is not yet ended is in its way as well.
    IN_THE_WAY = approval!("where a.kind = $1 and a.object_id = $2 and a.state = 'waiting'");
    ADD_STEP = "insert into approvals_step (approval_id, side, unit_id) values ($1, $2, $3)";
    FIND = approval!("where a.id = $1");
    STEPS = "select side, unit_id, decision, by_member, by_label, reason from approvals_step \
        where approval_id = $1 order by side";
    LOCK = "update approvals_approval set row_version = row_version + 1 where id = $1";
    DECIDE = "update approvals_step set decision = $3, by_member = $4, by_label = $5, reason = $6, at = $7 \
        where approval_id = $1 and side = $2 and decision = 'open'";
    OF_KIND = "select id, payload_json from approvals_approval where kind = $1 and id > $2 order by id limit $3";
    HASHED = "select payload_json, payload_hash, versions_json from approvals_approval where id = $1";
    SET_PAYLOAD = "update approvals_approval set payload_json = $2, payload_hash = $3 where id = $1";
    OPEN_STEPS = "select count(*) from approvals_step where approval_id = $1 and decision = 'open'";
    END = "update approvals_approval set state = $2, reason = $3, ended_at = $4 \
        where id = $1 and state = 'waiting'";
    DUE = approval!("where a.state = 'waiting' and a.expires_at <= $1 order by a.id");
    EXPIRE = "update approvals_approval set state = 'expired', ended_at = $1 \
        where state = 'waiting' and expires_at <= $1";
    PREPARED = approval!("where a.prepared_by = $1 order by a.prepared_at desc, a.id limit $2");
    WAITING = approval!(
        "where a.kind = $1 and a.state = 'waiting' and a.expires_at > $2 order by a.prepared_at, a.id limit 500"
    );
    AGREED = approval!(
        "where a.kind = $1 and a.object_id = $2 and a.prepared_by = $3 and a.state = 'applied' \
         and a.expires_at > $4 order by a.prepared_at desc, a.id desc limit 1"
    );
    OPEN_HEAD = approval!(
        "join approvals_step s on s.approval_id = a.id and s.decision = 'open' \
         left join v_people_unit u on u.id = s.unit_id \
         where a.state = 'waiting' and a.expires_at > $1 and a.prepared_by <> $2 and a.kind = $3"
    );
    OPEN_COUNT_HEAD = "select count(*) from approvals_approval a \
        join approvals_step s on s.approval_id = a.id and s.decision = 'open' \
        left join v_people_unit u on u.id = s.unit_id \
        where a.state = 'waiting' and a.expires_at > $1 and a.prepared_by <> $2 and a.kind = $3";
    IN_SAMPLE = approval!(
        "join approvals_step s on s.approval_id = a.id and s.decision = 'open' \
         left join v_people_unit u on u.id = s.unit_id \
         where a.state = 'waiting' and a.expires_at > $1 and a.prepared_by <> $2 and a.kind = $3 \
         and ((s.unit_id = '' and $4 = 1) or (u.path >= $5 and u.path < $6)) order by a.prepared_at, a.id limit 100"
    );
}

/// Keeps what was prepared.
///
/// The same change of the same person again is the one that waits: a form that was sent twice.
///
/// # Errors
/// Refused (`approvals-refused-waiting`) when the same kind already waits for the same object, as
/// told by the constraint.
pub async fn prepare(tx: &mut Tx, clock: &Clock, dice: &Dice, new: &New) -> Result<ApprovalId> {
    if new.sides.is_empty() {
        return Err(Error::fault("an approval needs a side that decides"));
    }
    let id = ApprovalId::fresh(clock, dice);
    let payload = serde_json::to_string(&new.payload).map_err(Error::fault)?;
    let versions = serde_json::to_string(&new.versions).map_err(Error::fault)?;
    let added = sql(ADD)
        .bind(&id)
        .bind(new.kind)
        .bind(&new.object_id)
        .bind(&new.title)
        .bind(&payload)
        .bind(hash_of(&payload, &versions))
        .bind(&versions)
        .bind(&new.prepared_by)
        .bind(&new.prepared_label)
        .bind(clock.now())
        .bind(new.expires_at)
        .run(&mut **tx)
        .await?;
    if added == 0 {
        let held = sql(IN_THE_WAY).bind(new.kind).bind(&new.object_id);
        let held: Option<Approval> = held.maybe(&mut **tx).await?;
        let same = held.filter(|held| {
            held.prepared_by == new.prepared_by && held.payload_hash == hash_of(&payload, &versions)
        });
        return match same {
            Some(same) => Ok(same.id),
            None => Err(refusal("approvals-refused-waiting").into()),
        };
    }
    for side in &new.sides {
        sql(ADD_STEP)
            .bind(&id)
            .bind(side.name)
            .bind(side.unit.as_ref().map_or("", UnitId::as_str))
            .run(&mut **tx)
            .await?;
    }
    Ok(id)
}

/// The approval of that id.
pub async fn find(db: &Db, id: &ApprovalId) -> Result<Option<Approval>> {
    sql(FIND).bind(id).maybe(db.read()).await
}

/// Its sides.
pub async fn list_steps(db: &Db, id: &ApprovalId) -> Result<Vec<Step>> {
    sql(STEPS).bind(id).all(db.read()).await
}

/// What waits, of one kind, within the scope in which somebody may decide it, for one who did not
/// prepare it; oldest first, a hundred at most. `whole`: they may also decide for the installation.
pub async fn list_open_for(
    db: &Db,
    me: &MemberId,
    kind: &str,
    scope: &Scope,
    whole: bool,
    now: Moment,
) -> Result<Vec<Approval>> {
    let (within, values) = scope_condition(scope, "u.path", 5);
    let text = format!(
        "{OPEN_HEAD} and ((s.unit_id = '' and $4 = 1) or {within}) order by a.prepared_at, a.id limit 100"
    );
    sql_built(text)
        .bind(now)
        .bind(me)
        .bind(kind)
        .bind(i64::from(whole))
        .bind_all(values)
        .all(db.read())
        .await
}

/// How many of them there are.
pub async fn count_open_for(
    db: &Db,
    me: &MemberId,
    kind: &str,
    scope: &Scope,
    whole: bool,
    now: Moment,
) -> Result<i64> {
    let (within, values) = scope_condition(scope, "u.path", 5);
    let text = format!("{OPEN_COUNT_HEAD} and ((s.unit_id = '' and $4 = 1) or {within})");
    sql_built(text)
        .bind(now)
        .bind(me)
        .bind(kind)
        .bind(i64::from(whole))
        .bind_all(values)
        .count(db.read())
        .await
}

/// What waits of one kind, oldest first, five hundred at most.
pub async fn list_waiting(db: &Db, kind: &str, now: Moment) -> Result<Vec<Approval>> {
    sql(WAITING).bind(kind).bind(now).all(db.read()).await
}

/// The newest of this kind and object that this member prepared and everybody agreed to, until it runs out:
/// for what is agreed first and done later, like taking a file away.
pub async fn find_agreed(
    db: &Db,
    kind: &str,
    object: &str,
    me: &MemberId,
    now: Moment,
) -> Result<Option<Approval>> {
    let agreed = sql(AGREED).bind(kind).bind(object).bind(me).bind(now);
    agreed.maybe(db.read()).await
}

/// What this member prepared, newest first.
pub async fn list_prepared_by(db: &Db, me: &MemberId, limit: i64) -> Result<Vec<Approval>> {
    sql(PREPARED)
        .bind(me)
        .bind(limit.clamp(1, 200))
        .all(db.read())
        .await
}

/// What a decision came to.
#[derive(Debug, Clone)]
pub enum Decided {
    /// Another side must still decide.
    Waits,
    /// Every side agreed: apply the payload in this transaction.
    Approved(Box<Approval>),
    /// It is refused.
    Refused,
}

/// Says yes or no for one side. `hash` is the fingerprint that the deciding person was shown; `persons`
/// are all ids under which the deciding person is or was known, so that nobody decides what they
/// prepared under another name, nor both sides of one thing.
///
/// # Errors
/// Refused when it has ended or run out, when the payload is not the one that was shown, when the
/// preparer decides, when one person would decide two sides.
#[allow(clippy::too_many_arguments)]
pub async fn decide(
    tx: &mut Tx,
    id: &ApprovalId,
    side: &str,
    hash: &str,
    by: &MemberId,
    label: &str,
    persons: &[MemberId],
    decision: Decision,
    reason: &str,
    now: Moment,
) -> Result<Decided> {
    if sql(LOCK).bind(id).run(&mut **tx).await? == 0 {
        return Err(Error::NotFound);
    }
    let approval: Approval = sql(FIND).bind(id).one(&mut **tx).await?;
    approval.must_wait(now)?;
    if approval.payload_hash != hash {
        return Err(refusal("approvals-refused-changed").into());
    }
    let is_me = |member: &str| {
        member == by.as_str() || persons.iter().any(|person| person.as_str() == member)
    };
    if is_me(approval.prepared_by.as_str()) {
        return Err(refusal("approvals-refused-own").status(403).into());
    }
    let steps: Vec<Step> = sql(STEPS).bind(id).all(&mut **tx).await?;
    if steps
        .iter()
        .any(|step| step.side != side && is_me(&step.by_member))
    {
        return Err(refusal("approvals-refused-both-sides").status(403).into());
    }
    let Some(step) = steps.iter().find(|step| step.side == side) else {
        return Err(Error::NotFound);
    };
    if step.decision != Decision::Open {
        return Err(refusal("approvals-refused-decided").into());
    }
    sql(DECIDE)
        .bind(id)
        .bind(side)
        .bind(decision.word())
        .bind(by)
        .bind(label)
        .bind(reason)
        .bind(now)
        .run(&mut **tx)
        .await?;
    match decision {
        Decision::Open => Err(Error::fault("a decision is yes or no")),
        Decision::Refused => {
            end(tx, id, State::Refused, reason, now).await?;
            Ok(Decided::Refused)
        }
        Decision::Approved => {
            if sql(OPEN_STEPS).bind(id).count(&mut **tx).await? > 0 {
                return Ok(Decided::Waits);
            }
            end(tx, id, State::Applied, "", now).await?;
            Ok(Decided::Approved(Box::new(approval)))
        }
    }
}

/// Payloads of one kind behind that id, ended ones too: for what is sealed in them when the key is changed.
pub async fn list_payloads(
    db: &Db,
    kind: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, String)>> {
    let rows = sql(OF_KIND).bind(kind).bind(after).bind(limit);
    rows.all(db.read()).await
}

/// The payload of one, as it is kept.
pub async fn get_payload(tx: &mut Tx, id: &str) -> Result<String> {
    let row: (String, String, String) = sql(HASHED).bind(id).one(&mut **tx).await?;
    Ok(row.0)
}

/// Keeps a payload that says the same in another seal, with its fingerprint. One that is not as it was prepared
/// stays as it is, and is refused as before.
pub async fn set_payload(tx: &mut Tx, id: &str, payload_json: &str) -> Result<()> {
    let held: Option<(String, String, String)> = sql(HASHED).bind(id).maybe(&mut **tx).await?;
    let Some((was, hash, versions)) = held else {
        return Ok(());
    };
    if hash_of(&was, &versions) != hash {
        return Ok(());
    }
    sql(SET_PAYLOAD)
        .bind(id)
        .bind(payload_json)
        .bind(hash_of(payload_json, &versions))
        .run(&mut **tx)
        .await?;
    Ok(())
}

/// Ends an approval whose rows were changed meanwhile: the preparer is sent back to the preview. Answers whether
/// it still waited.
pub async fn set_stale(tx: &mut Tx, id: &ApprovalId, reason: &str, now: Moment) -> Result<bool> {
    sql(LOCK).bind(id).run(&mut **tx).await?;
    end(tx, id, State::Stale, reason, now).await
}

/// The preparer takes it back. Answers whether it still waited.
///
/// # Errors
/// [`Error::NotFound`] for anybody else.
pub async fn withdraw(tx: &mut Tx, id: &ApprovalId, by: &MemberId, now: Moment) -> Result<bool> {
    sql(LOCK).bind(id).run(&mut **tx).await?;
    let approval: Approval = sql(FIND).bind(id).one(&mut **tx).await?;
    if approval.prepared_by != *by {
        return Err(Error::NotFound);
    }
    end(tx, id, State::Withdrawn, "", now).await
}

/// Ends what ran out of time. Answers what that was.
pub async fn expire_due(tx: &mut Tx, now: Moment) -> Result<Vec<Approval>> {
    let due: Vec<Approval> = sql(DUE).bind(now).hold_to_set(tx).await?;
    sql(EXPIRE).bind(now).run(&mut **tx).await?;
    Ok(due)
}

async fn end(
    tx: &mut Tx,
    id: &ApprovalId,
    state: State,
    reason: &str,
    now: Moment,
) -> Result<bool> {
    let ended = sql(END)
        .bind(id)
        .bind(state.word())
        .bind(reason)
        .bind(now)
        .run(&mut **tx)
        .await?;
    Ok(ended == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Side;
    use testkit::{TestApp, on_both};

    fn member(id: &str) -> MemberId {
        id.parse().unwrap()
    }
    fn change(app: &TestApp, object: &str, sides: &[&'static str]) -> New {
        New {
            kind: "test.change",
            object_id: object.into(),
            title: "Đổi tên chi bộ".into(),
            payload: serde_json::json!({ "name": "Chi bộ Một" }),
            versions: vec![("unit cell-a".into(), 1)],
            sides: sides
                .iter()
                .map(|name| Side {
                    name,
                    unit: Some("cell-a".parse().unwrap()),
                })
                .collect(),
            prepared_by: member("lan"),
            prepared_label: "Nguyễn Thị Lan".into(),
            expires_at: Moment(app.site.clock.now().0 + 86_400_000),
        }
    }
    async fn prepared(app: &TestApp, object: &str, sides: &[&'static str]) -> Approval {
        let mut tx = app.site.db.begin().await.unwrap();
        let new = change(app, object, sides);
        let id = prepare(&mut tx, &app.site.clock, &app.site.dice, &new)
            .await
            .unwrap();
        app.site.db.commit(tx).await.unwrap();
        find(&app.site.db, &id).await.unwrap().unwrap()
    }
    /// Decides and keeps it; a refusal undoes everything.
    async fn says(
        app: &TestApp,
        approval: &Approval,
        side: &str,
        who: &str,
        persons: &[&str],
        decision: Decision,
    ) -> Result<Decided> {
        let persons: Vec<MemberId> = persons.iter().map(|id| member(id)).collect();
        let mut tx = app.site.db.begin().await.unwrap();
        let decided = decide(
            &mut tx,
            &approval.id,
            side,
            &approval.payload_hash,
            &member(who),
            who,
            &persons,
            decision,
            "vì lẽ ấy",
            app.site.clock.now(),
        )
        .await?;
        app.site.db.commit(tx).await.unwrap();
        Ok(decided)
    }
    fn key(result: Result<Decided>) -> &'static str {
        match result {
            Err(Error::Refused(refusal)) => refusal.key,
            other => panic!("not refused: {other:?}"),
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_statement_prepares_on_both_databases() {
        on_both(Vec::new, async |app| app.prepares(STATEMENTS).await).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_prepared_a_change_cannot_approve_it_under_any_name() {
        on_both(Vec::new, async |app| {
            let it = prepared(&app, "cell-a", &["one"]).await;
            let own = says(&app, &it, "one", "lan", &[], Decision::Approved).await;
            assert_eq!(key(own), "approvals-refused-own");
            let merged = says(&app, &it, "one", "lan-2", &["lan"], Decision::Approved).await;
            assert_eq!(key(merged), "approvals-refused-own");
            let thu = says(&app, &it, "one", "thu", &[], Decision::Approved)
                .await
                .unwrap();
            let Decided::Approved(approved) = thu else {
                panic!("one side was enough")
            };
            assert_eq!(approved.payload().unwrap()["name"], "Chi bộ Một");
            let late = says(&app, &it, "one", "binh", &[], Decision::Refused).await;
            assert_eq!(key(late), "approvals-refused-ended");
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_sides_are_two_persons_and_one_refusal_ends_it() {
        on_both(Vec::new, async |app| {
            let sides = ["sender", "receiver"];
            let it = prepared(&app, "hoa", &sides).await;
            let first = says(&app, &it, "sender", "thu", &[], Decision::Approved).await;
            assert!(matches!(first, Ok(Decided::Waits)));
            let twice = says(&app, &it, "receiver", "thu", &[], Decision::Approved).await;
            assert_eq!(key(twice), "approvals-refused-both-sides");
            let again = says(&app, &it, "sender", "binh", &[], Decision::Refused).await;
            assert_eq!(key(again), "approvals-refused-decided");
            let second = says(&app, &it, "receiver", "binh", &[], Decision::Refused).await;
            assert!(matches!(second, Ok(Decided::Refused)));
            let kept = find(&app.site.db, &it.id).await.unwrap().unwrap();
            assert_eq!(
                (kept.state, kept.reason.as_str()),
                (State::Refused, "vì lẽ ấy")
            );
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_same_thing_waits_once_and_runs_out() {
        on_both(Vec::new, async |app| {
            let it = prepared(&app, "cell-a", &["one"]).await;
            let mut tx = app.site.db.begin().await.unwrap();
            // The same press again is the same one; anything else about it waits its turn.
            let new = change(&app, "cell-a", &["one"]);
            let second = prepare(&mut tx, &app.site.clock, &app.site.dice, &new).await;
            assert_eq!(second.unwrap(), it.id);
            let new = New {
                payload: serde_json::json!({ "name": "Chi bộ Hai" }),
                ..new
            };
            let second = prepare(&mut tx, &app.site.clock, &app.site.dice, &new).await;
            assert!(
                matches!(second, Err(Error::Refused(refusal)) if refusal.key == "approvals-refused-waiting")
            );
            drop(tx);
            let on = app.today();
            let thu = testkit::THU.actor();
            let above = thu.scope(kernel::Cap::MemberApprove, on);
            let now = app.site.clock.now();
            let count = async |me: &MemberId, scope: &Scope| {
                count_open_for(&app.site.db, me, "test.change", scope, false, now)
                    .await
                    .unwrap()
            };
            assert_eq!(count(&thu.member, &above).await, 1);
            let open = list_open_for(&app.site.db, &thu.member, "test.change", &above, true, now);
            assert_eq!(open.await.unwrap()[0].id, it.id);
            let beside = testkit::TUAN.actor().scope(kernel::Cap::MemberNameRead, on);
            assert_eq!(count(&thu.member, &beside).await, 0);
            let own = count(&member("lan"), &above).await;
            assert_eq!(own, 0, "nobody is asked about their own");
            app.later(86_400_000);
            let late = says(&app, &it, "one", "thu", &[], Decision::Approved).await;
            assert_eq!(key(late), "approvals-refused-expired");
            let mut tx = app.site.db.begin().await.unwrap();
            assert_eq!(expire_due(&mut tx, app.site.clock.now()).await.unwrap().len(), 1);
            assert_eq!(expire_due(&mut tx, app.site.clock.now()).await.unwrap().len(), 0);
            app.site.db.commit(tx).await.unwrap();
            prepared(&app, "cell-a", &["one"]).await;
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_payload_that_other_hands_changed_is_never_applied() {
        on_both(Vec::new, async |app| {
            let it = prepared(&app, "cell-a", &["one"]).await;
            let mut tx = app.site.db.begin().await.unwrap();
            sql("update approvals_approval set payload_json = '{\"name\":\"x\"}' where id = $1")
                .bind(&it.id)
                .run(&mut *tx)
                .await
                .unwrap();
            app.site.db.commit(tx).await.unwrap();
            let kept = find(&app.site.db, &it.id).await.unwrap().unwrap();
            assert!(kept.payload().is_err());
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn only_the_preparer_takes_it_back() {
        on_both(Vec::new, async |app| {
            let it = prepared(&app, "cell-a", &["one"]).await;
            let now = app.site.clock.now();
            let mut tx = app.site.db.begin().await.unwrap();
            let other = withdraw(&mut tx, &it.id, &member("thu"), now).await;
            assert!(matches!(other, Err(Error::NotFound)));
            assert!(
                withdraw(&mut tx, &it.id, &member("lan"), now)
                    .await
                    .unwrap()
            );
            assert!(
                !withdraw(&mut tx, &it.id, &member("lan"), now)
                    .await
                    .unwrap()
            );
            app.site.db.commit(tx).await.unwrap();
        })
        .await;
    }
}
