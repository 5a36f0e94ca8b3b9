//! Two accounts of one person: one goes on, the other ends, when their records are merged.
//!
//! A closed account stays beside the record that was merged, so that taking apart opens it again. Not here: choosing
//! (`people`), posts and rights, which end with the record.
//! The rule that surprises: an account that goes on for a record with rights is looked at like one that was given a
//! post: who printed its slip must have been over those rights (`account::guard_post`).

use crate::access::Keeps;
use crate::account;
use crate::store;
use kernel::error::{Error, Result};
use kernel::{AccountId, MemberId};
use people::identity;
use site::four_eyes::Approved;
use site::room::{Merging, Moves, OnlyOne, Pair};
use site::{Act, Site};
use web::Frame;

/// A second person agreed to a merging: accounts are closed and handed on by that.
impl Keeps for Approved {}

/// The kind of the notice about an account that was closed.
pub(crate) const NOTICE: &str = "account.merge";
/// Days for which it is carried out of the house.
const TOLD_DAYS: i64 = 7;

pub(crate) const MERGING: Merging = Merging {
    name: "account",
    both: None,
    one: Some(OnlyOne {
        text: "account-merge-which",
        ends: "account-merge-ends",
        has: |site, frame, member| Box::pin(async move { has(&site, &frame, &member).await }),
        version: |on, member| Box::pin(async move { store::version_of(on, member).await }),
    }),
    moves: Some(Moves {
        join: |act, pair| Box::pin(join(act, pair)),
        separate: |act, pair, did| Box::pin(separate(act, pair, did)),
    }),
};

async fn has(site: &Site, frame: &Frame, member: &MemberId) -> Result<Option<String>> {
    let Some((login, is_used)) = store::find_login_of(&site.db, member).await? else {
        return Ok(None);
    };
    let key = match is_used {
        0 => "account-merge-has-new",
        _ => "account-merge-has",
    };
    Ok(Some(frame.t1(key, "login", login.as_str())))
}

/// What was done, for the way back: ids of accounts.
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Did {
    /// The account that was closed, and whose it was before.
    closed: Option<(String, MemberId)>,
    /// The account that went over to the record that stays.
    moved: Option<String>,
}

async fn join(act: &mut Act<Approved>, pair: &Pair) -> Result<serde_json::Value> {
    let kept = store::find_active_of(act, &pair.kept).await?;
    let old = store::find_active_of(act, &pair.old).await?;
    let mut did = Did::default();
    let (ends, goes) = match (&kept, &old) {
        (Some(kept), Some(old)) if pair.stays.as_ref() == Some(&pair.old) => {
            (Some((kept, &pair.kept)), Some(old))
        }
        (Some(_), Some(old)) => (Some((old, &pair.old)), None),
        (None, Some(old)) => (None, Some(old)),
        (_, None) => (None, None),
    };
    // Their rows before what hangs on them: in the one order of all who write accounts.
    if let Some((account, whose)) = ends {
        store::close(act, &account.id).await?;
        act.log("account.merge")
            .about(whose)
            .object("account", &account.id);
        did.closed = Some((account.id.to_string(), whose.clone()));
    }
    if let Some(account) = goes {
        store::hand_over(act, &account.id, &pair.kept).await?;
        if let Some((closed, _)) = ends {
            store::hand_over(act, &closed.id, &pair.old).await?;
        }
        did.moved = Some(account.id.to_string());
        let site = act.site().clone();
        if identity::holds_rights(&site, &pair.kept).await? {
            act.tell(people::giving::GIVEN, &pair.kept);
        }
    }
    // Whoever sits before a device of one that goes over signs in anew: from here on it is another record.
    let ended: Vec<AccountId> = (ends.iter().map(|(account, _)| account.id.clone()))
        .chain(goes.iter().map(|account| account.id.clone()))
        .collect();
    account::end_whole(act, &ended).await?;
    let stays = goes.or(kept.as_ref());
    if let (Some(stays), Some(_)) = (stays, ends) {
        let login = stays.login.clone();
        let until = act.now().plus_ms(TOLD_DAYS * 86_400_000);
        let once = format!("{NOTICE}/{}/{}", pair.old, act.operation());
        let told = notices::New::of(NOTICE, once, "account-merge-told", "/me/sessions", until);
        // To both: what carries it out of the house may hang on either record.
        let whom = [pair.kept.clone(), pair.old.clone()];
        act.notify(told.arg("login", login).urgent().to(whom));
    }
    serde_json::to_value(&did).map_err(Error::fault)
}

async fn separate(act: &mut Act<Approved>, pair: &Pair, did: &serde_json::Value) -> Result<()> {
    let did: Did = serde_json::from_value(did.clone()).map_err(Error::fault)?;
    let mut ended: Vec<AccountId> = Vec::new();
    // Away from the record first, so that each has one at most at any moment.
    if let Some(moved) = &did.moved {
        let moved = moved.parse().map_err(Error::fault)?;
        store::hand_over(act, &moved, &pair.old).await?;
        ended.push(moved);
    }
    if let Some((closed, whose)) = &did.closed {
        let closed = closed.parse().map_err(Error::fault)?;
        store::hand_over(act, &closed, whose).await?;
        if store::find_active_of(act, whose).await?.is_none() {
            store::reopen(act, &closed).await?;
            act.log("account.separate")
                .about(whose)
                .object("account", &closed);
        }
    }
    account::end_whole(act, &ended).await
}

#[cfg(test)]
mod tests {
    use crate::stories::{Phone, good, password_of, with_doorman};
    use kernel::{Day, MemberId, Role};
    use people::store::{self, NewMember, NewPlacement};
    use testkit::{Character, HOA, MINH, THU, TestApp, on_both};

    /// Hoa once more, in cell B.
    const TWIN: Character = Character {
        id: "hoa-two",
        name: "Lương Thị Hoa",
        unit: "cell-b",
        post: "",
        roles: &[],
    };

    fn rooms() -> Vec<site::Room> {
        vec![people::room(), crate::room()]
    }

    async fn two_accounts(app: &TestApp) {
        app.has_post(MINH, "Phó bí thư", Role::CommitteeLead, "committee")
            .await;
        let mut act = app.act().await;
        let (hoa, twin): (MemberId, MemberId) =
            ("hoa".parse().unwrap(), "hoa-two".parse().unwrap());
        store::set_external_id(&mut act, &hoa, "hoa1111")
            .await
            .unwrap();
        let new = NewMember {
            name: TWIN.name.into(),
            birth_on: "1954-05-19".into(),
            external_id: "hoa2222".into(),
            ..NewMember::default()
        };
        store::add_member_as(&mut act, &twin, &new).await.unwrap();
        let since: Day = "2020-01-01".parse().unwrap();
        let place = NewPlacement::official(&twin, &"cell-b".parse().unwrap(), since);
        store::add_placement(&mut act, &place).await.unwrap();
        act.end().await.unwrap();
        good(app, HOA, "hoa1111").await;
        good(app, TWIN, "hoa2222").await;
    }

    /// Thu hands it to the second person; `account` is the record whose account stays.
    async fn prepares(app: &TestApp, account: &str) {
        let thu = app.as_(THU);
        let page = thu
            .get("/members/hoa/merging?with=hoa-two")
            .await
            .expects(200);
        assert!(page.text("#f-one-account").contains("hoa2222"));
        let mut names = page.attributes("form[data-ask] input[type=radio]", "name");
        names.dedup();
        let mut typed = vec![("with", "hoa-two"), ("reason", "Đã đối chiếu")];
        for name in &names {
            let from = if name == "one-account" {
                account
            } else {
                "hoa"
            };
            typed.push((name.as_str(), from));
        }
        thu.post("/members/hoa/merging", &typed).await.expects(303);
    }

    async fn agrees(app: &TestApp) -> kernel::Result<()> {
        use site::four_eyes::{decide, list_open};
        let minh = people::actor::load(&app.site, &"minh".parse().unwrap())
            .await
            .unwrap();
        for one in list_open(&app.site, &minh).await.unwrap() {
            let yes = approvals::Decision::Approved;
            decide(
                &app.site,
                "test",
                &minh,
                &one.id,
                &one.payload_hash,
                yes,
                "",
            )
            .await?;
        }
        Ok(())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_two_accounts_the_chosen_one_goes_on_and_the_other_ends() {
        on_both(rooms, async |app| {
            two_accounts(&app).await;
            prepares(&app, "hoa-two").await;
            let app = with_doorman(app).await;
            let (first, second) = (Phone::new(&app), Phone::at(&app, "192.0.2.7"));
            first.signs_in_as("hoa1111", &password_of(HOA)).await.expects(303);
            second.signs_in_as("hoa2222", &password_of(TWIN)).await.expects(303);
            agrees(&app).await.unwrap();
            // Both are out; the chosen login is that of the one person from now on.
            for phone in [&first, &second] {
                let to = phone.get("/me/sessions").await.expects(303).location();
                assert!(to.starts_with("/sign-in"), "{to}");
                phone.get(&to).await.expects(200); // who was in is another guest: the door is drawn anew
            }
            first.signs_in_as("hoa1111", &password_of(HOA)).await.expects(422);
            second.signs_in_as("hoa2222", &password_of(TWIN)).await.expects(303);
            let whose = "select count(*) from account_account where member_id = 'hoa' and login = 'hoa2222' and state = 'active'";
            assert_eq!(app.count(whose).await, 1);
            let closed = "select count(*) from account_account where member_id = 'hoa-two' and login = 'hoa1111' and state = 'closed'";
            assert_eq!(app.count(closed).await, 1);
            let told = "select count(*) from notices_notice where kind = 'account.merge' and member_id = 'hoa'";
            assert_eq!(app.count(told).await, 1);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_account_that_changed_while_it_waited_sends_back_to_the_preview() {
        on_both(rooms, async |app| {
            two_accounts(&app).await;
            prepares(&app, "hoa").await;
            good(&app, TWIN, "hoa2222").await;
            let stale = agrees(&app).await;
            assert!(matches!(stale, Err(kernel::Error::Refused(refusal)) if refusal.key == "approvals-refused-stale"));
            let open = "select count(*) from account_account where state = 'active' and member_id in ('hoa', 'hoa-two')";
            assert_eq!(app.count(open).await, 2);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_signs_in_while_it_is_done_is_either_before_or_out() {
        on_both(rooms, async |app| {
            two_accounts(&app).await;
            prepares(&app, "hoa").await;
            let app = with_doorman(app).await;
            let phone = Phone::new(&app);
            let words = password_of(TWIN);
            let (done, _) = tokio::join!(agrees(&app), phone.signs_in_as("hoa2222", &words));
            done.unwrap();
            // However they met: nobody is signed in as the record that ended.
            let to = phone.get("/me/sessions").await.expects(303).location();
            assert!(to.starts_with("/sign-in"), "{to}");
            phone.get(&to).await.expects(200);
            phone.signs_in_as("hoa2222", &words).await.expects(422);
            Phone::at(&app, "192.0.2.9")
                .signs_in_as("hoa1111", &password_of(HOA))
                .await
                .expects(303);
        })
        .await;
    }
}
