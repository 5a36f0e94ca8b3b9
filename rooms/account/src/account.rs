//! Making accounts, keeping their contacts true, setting up an installation.
//!
//! The member's record (people) is the truth of phone and e-mail; here stand only a keyed hash and
//! the folded address to sign in with, brought up to date at every slip and every sign-in.
//! The rule that surprises: nothing here checks rights; pages do that before (`access`), and the
//! public functions are for commands of the operator.

use crate::access::Keeps;
use crate::password::Gate;
use crate::store::{self, Account, Fresh};
use crate::{login, slip};
use kernel::error::{Doing, Error, Result};
use kernel::{AccountId, MemberId, Moment, Role, UnitId};
use people::fact::{Basis, UnitKind};
use people::store::{NewHolding, NewMember, NewUnit};
use site::{Act, Keys, May as _, Operator, Site, settings};
use web::Lang;

const PHONE_MAC: &str = "account_account.phone_mac";
/// Codes tried before more digits are added.
const TRIES: u32 = 6;

/// The hash under which a typed phone is looked for.
pub(crate) fn phone_mac(keys: &Keys, phone: &str) -> String {
    keys.mac(PHONE_MAC, phone)
}

async fn contacts<P: Keeps>(act: &mut Act<P>, member: &MemberId) -> Result<(String, String)> {
    let keys = act.site().keys.clone();
    let (sealed, email) = people::identity::contacts(act, member).await?;
    let phone = match keys.open_at(people::number::spot(people::number::PHONE, member), &sealed) {
        Ok(phone) => login::phone(&phone).unwrap_or_default(),
        Err(error) => {
            tracing::warn!(member.id = %member, cause = error.log_text(), "a phone does not open");
            String::new()
        }
    };
    Ok((phone_mac(&keys, &phone), login::email(&email)))
}

/// The telephone of the member's record, as it is typed to sign in; none when it does not open.
pub(crate) async fn phone_of<P: Keeps>(
    act: &mut Act<P>,
    member: &MemberId,
    keys: &Keys,
) -> Result<Option<String>> {
    let (sealed, _) = people::identity::contacts(act, member).await?;
    let opened = keys.open_at(people::number::spot(people::number::PHONE, member), &sealed);
    let phone = opened.ok(); // whether it opens is asked where the numbers are walked
    Ok(phone.map(|phone| login::phone(&phone).unwrap_or_default()))
}

/// Takes phone and e-mail over from the member's record. Answers whether something changed: that is
/// written to the account's history, which the member sees (R4).
pub(crate) async fn refresh_contacts<P: Keeps>(
    act: &mut Act<P>,
    account: &Account,
) -> Result<bool> {
    let (phone, email) = contacts(act, &account.member_id).await?;
    store::set_contacts(act, &account.id, &phone, &email).await
}

/// The member's account; made when there is none, without a password.
pub(crate) async fn ensure<P: Keeps>(
    act: &mut Act<P>,
    member: &MemberId,
    name: &str,
    external: &str,
) -> Result<Account> {
    if let Some(account) = store::find_account_of(act, member).await? {
        return Ok(account);
    }
    let site = act.site().clone();
    let (phone_mac, email_fold) = contacts(act, member).await?;
    let given = login::from_external(external).into_iter();
    let invented = (0..TRIES).map(|nth| login::invent(name, 4 + nth / 2, &site.dice));
    for login in given.chain(invented) {
        let id = AccountId::fresh(&site.clock, &site.dice);
        let fresh = Fresh {
            id: &id,
            member,
            login: &login,
            phone_mac: &phone_mac,
            email_fold: &email_fold,
            password_hash: "",
            now: site.clock.now(),
        };
        store::add_account(act, &fresh).await?;
        // Not added: the code is taken, or another request made the account just now.
        if let Some(account) = store::find_account_of(act, member).await? {
            return Ok(account);
        }
    }
    Err(Error::fault("no free member code was found"))
}

/// A slip's code and how long it lasts; the code exists nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The login: member code.
    pub login: String,
    /// The code, twelve characters; print it with [`Issued::grouped`].
    pub code: String,
    /// Until when it can be used.
    pub expires_at: Moment,
}

impl Issued {
    /// The code in groups of four.
    pub fn grouped(&self) -> String {
        slip::grouped(&self.code)
    }
}

/// Gives a new slip; earlier ones of the account end here.
pub(crate) async fn issue<P: Keeps>(act: &mut Act<P>, account: &Account) -> Result<Issued> {
    let once = act.site().dice.uuid(act.now());
    let issued = issue_once(act, account, &once).await?;
    issued.ok_or_else(|| Error::fault("a slip was there before it was made"))
}

/// Gives a new slip for one press of a button, which `once` names; `None` when that press gave one
/// already: then this act must not end.
pub(crate) async fn issue_once<P: Keeps>(
    act: &mut Act<P>,
    account: &Account,
    once: &str,
) -> Result<Option<Issued>> {
    let (site, now, by) = (act.site().clone(), act.now(), act.by().to_owned());
    if refresh_contacts(act, account).await? {
        act.log("account.contacts")
            .about(&account.member_id)
            .object("account", &account.id);
    }
    store::revoke_slips(act, &account.id, now).await?;
    let code = slip::code(&site.dice);
    let days = site.rules.get(slip::SLIP_DAYS, now.day()).await?.span()?;
    let expires_at = slip::expires(now, days);
    let id = site
        .keys
        .mac("account_slip.id", &format!("{} {by} {once}", account.id));
    let hash = slip::hash(&site.keys, &code);
    if !store::add_slip(act, &id, &account.id, &hash, &by, now, expires_at).await? {
        return Ok(None);
    }
    act.line()
        .about(&account.member_id)
        .object("account", &account.id);
    if !account.password_hash.is_empty() {
        tell_owner(act, account, &id, expires_at).await?;
    }
    Ok(Some(Issued {
        login: account.login.clone(),
        code,
        expires_at,
    }))
}

/// Whoever uses an account hears that a slip for it was printed, and by whom (R4).
async fn tell_owner<P: Keeps>(
    act: &mut Act<P>,
    account: &Account,
    slip: &str,
    until: Moment,
) -> Result<()> {
    let by = act.right().told().to_owned();
    let told = notices::New::of(
        SLIP_NOTICE,
        format!("{SLIP_NOTICE}/{slip}"),
        "account-notice-slip",
        "/me/sessions",
        until,
    );
    let told = told.arg("by", by).urgent().to([account.member_id.clone()]);
    let (_, email) = people::identity::contacts(act, &account.member_id).await?;
    let site = act.site().clone();
    act.notify(told.security(&site.keys, &site.dice, &email)?);
    Ok(())
}

/// The kind of the notice that a password is another one now.
pub(crate) const PASSWORD_NOTICE: &str = "account.password";

/// Days for which the word of a new password is carried out of the house.
const TOLD_DAYS: i64 = 7;

/// Whoever had a password hears that it is another one now, wherever it was changed: in the handbook and by mail.
pub(crate) async fn tell_password<P: Keeps>(act: &mut Act<P>, member: &MemberId) -> Result<()> {
    let (_, email) = people::identity::contacts(act, member).await?;
    let told = notices::New::of(
        PASSWORD_NOTICE,
        format!(
            "{PASSWORD_NOTICE}/{member}/{}/{}",
            act.operation(),
            act.now().0
        ),
        "account-notice-password",
        "/me/sessions",
        act.now().plus_ms(TOLD_DAYS * 86_400_000),
    );
    let site = act.site().clone();
    let told = told.security(&site.keys, &site.dice, &email)?;
    act.notify(told.urgent().to([member.clone()]));
    Ok(())
}

/// The kind of that notice.
pub(crate) const SLIP_NOTICE: &str = "account.slip";

/// Posts of the first administrator on the root unit: enough to build the tree, bring in people, give
/// posts and publish, until others hold them (R3). Watching the log is for somebody else.
const FIRST: [(&str, Role, i64); 5] = [
    ("account-init-admin", Role::SysAdmin, 700),
    ("account-init-officer", Role::OrgOfficer, 800),
    ("account-init-lead", Role::CommitteeLead, 850),
    ("account-init-editor", Role::ContentEditor, 900),
    ("account-init-approver", Role::ContentApprover, 910),
];

/// Characters that the short name in the head of a telephone's screen may have.
const SHORT: usize = 60;

/// Founds an installation: the root unit, the names of the portal, the first administrator with the
/// posts that a new house needs, an account, and a slip to set the first password with. For `sotay
/// init`: who runs the command is trusted. `None` when there is a house already.
pub async fn init_administrator(site: &Site, name: &str, org_name: &str) -> Result<Option<Issued>> {
    let mut act = Operator::at("init")
        .begin(site, "init", "account.init")
        .await?;
    if store::find_root(&mut act).await?.is_some() {
        act.leave().await?;
        return Ok(None);
    }
    let root = UnitId::fresh(&site.clock, &site.dice);
    let unit = NewUnit::new(
        root.clone(),
        None,
        UnitKind::UpperBody,
        org_name,
        site.clock.today(),
    );
    let org_name = vietnamese::nfc(org_name.trim());
    settings::set(&mut act, "org.name", &org_name).await?;
    if org_name.chars().count() <= SHORT {
        settings::set(&mut act, "org.short_name", &org_name).await?;
    }
    people::store::add_unit(&mut act, &unit)
        .await
        .doing("adding the root unit")?;
    let issued = first_administrator(&mut act, &root, name).await?;
    act.end().await?;
    settings::refresh(site).await?;
    Ok(Some(issued))
}

/// The first administrator with everything a new house needs of them.
pub(crate) async fn first_administrator(
    act: &mut Act<Operator>,
    root: &UnitId,
    name: &str,
) -> Result<Issued> {
    let site = act.site().clone();
    let member = NewMember {
        name: name.to_owned(),
        source: "init".to_owned(),
        ..NewMember::default()
    };
    let member = people::store::add_member(act, &member)
        .await
        .doing("adding the member")?;
    for (title, role, rank) in FIRST {
        let title = site.edge.texts.get(Lang::Vi, title);
        let mut post = NewHolding::new(root, &title, role, rank, &member, act.now().day());
        post.basis = Basis::Appointed;
        people::store::add_position_holding(act, &post).await?;
    }
    let account = ensure(act, &member, name, "").await?;
    issue(act, &account).await
}

/// Sets login and password of a member, making the account if needed: for the demo and for the
/// operator's own rescue. Ends sessions, tokens and slips of the account. A taken login is a fault.
pub async fn set_password(
    site: &Site,
    by: &Operator,
    member: &MemberId,
    login: &str,
    new: &str,
) -> Result<AccountId> {
    let hash = Gate::default()
        .hash(&site.dice, &vietnamese::nfc(new))
        .await?;
    let mut act = by
        .clone()
        .begin(site, "command", "account.set_password")
        .await?;
    let account = ensure(&mut act, member, "", login).await?;
    store::set_login(&mut act, &account.id, &login::code(login))
        .await
        .doing("setting a login")?;
    reset(&mut act, &account.id, &hash).await?;
    act.line().about(member).object("account", &account.id);
    act.end().await?;
    Ok(account.id)
}

/// A new password for somebody who lost the old one: whoever else got in is out.
pub(crate) async fn reset<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
    hash: &str,
) -> Result<()> {
    let now = act.now();
    store::set_password(act, account, hash, now).await?;
    store::revoke_slips(act, account, now).await?;
    end_all(act, account).await
}

/// As [`reset`], by the operator, who from now on stands behind the account and nobody before them.
pub(crate) async fn reset_by_operator<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
    hash: &str,
) -> Result<()> {
    let now = act.now();
    store::set_password(act, account, hash, now).await?;
    store::revoke_slips(act, account, now).await?;
    store::opened_by_operator(act, account).await?;
    end_all(act, account).await
}

/// Ends whatever opens these accounts, and leaves their passwords: for two accounts of one person.
pub(crate) async fn end_whole<P: Keeps>(act: &mut Act<P>, accounts: &[AccountId]) -> Result<()> {
    let now = act.now();
    for account in accounts {
        store::revoke_slips(act, account, now).await?;
    }
    for account in accounts {
        store::end_sessions(act, account, "", now).await?;
    }
    for account in accounts {
        store::revoke_tokens(act, account, now).await?;
    }
    Ok(())
}

async fn end_all<P: Keeps>(act: &mut Act<P>, account: &AccountId) -> Result<()> {
    let now = act.now();
    store::end_sessions(act, account, "", now).await?;
    store::revoke_tokens(act, account, now).await.map(|_| ())
}

/// Ends every session, token and slip of every account: for a database that was put back. What had been
/// ended since the backup would live again, and whoever holds the archive could have opened it meanwhile.
pub async fn end_everything(site: &Site, by: &Operator) -> Result<()> {
    let mut act = by
        .clone()
        .begin(site, "command", "account.end_everything")
        .await?;
    store::end_everything(&mut act).await?;
    act.end().await.map(|_| ())
}

/// Somebody was given a post that reaches beyond a unit. Whoever gave them the slip by which they sign in
/// may know the password; without the right over the new post (R4) that password ends, and a new slip
/// from above begins anew. Hearing it twice changes nothing.
pub(crate) async fn guard_post(site: &Site, member: &str) -> Result<()> {
    let member: MemberId = member.parse().map_err(Error::fault)?;
    let Some(slip) = store::last_used(&site.db, &member, site.clock.now()).await? else {
        return Ok(());
    };
    if crate::access::still_may_give(site, &slip.issued_by, &member).await? {
        return Ok(());
    }
    let mut act = site::Program::part("account")
        .begin(site, "account", "account.guard")
        .await?;
    let Some(account) = store::find_account_of(&mut act, &member).await? else {
        return act.leave().await.map(|_| ());
    };
    if account.password_hash.is_empty() {
        return act.leave().await.map(|_| ());
    }
    reset(&mut act, &account.id, "").await?;
    act.line().about(&member).object("account", &account.id);
    act.end().await.map(|_| ())
}

/// Somebody is a member no more: their sessions, tokens and slips end. Signing in is refused by their status, and
/// is theirs again when that is taken back before this is heard. Hearing it twice changes nothing.
pub(crate) async fn close_left(site: &Site, member: &str) -> Result<()> {
    let member: MemberId = member.parse().map_err(Error::fault)?;
    if !people::has_left(site, &member).await? {
        return Ok(());
    }
    let mut act = site::Program::part("account")
        .begin(site, "account", "account.close")
        .await?;
    let Some(account) = store::find_account_of(&mut act, &member).await? else {
        return act.leave().await.map(|_| ());
    };
    let now = act.now();
    store::revoke_slips(&mut act, &account.id, now).await?;
    end_all(&mut act, &account.id).await?;
    act.line().about(&member).object("account", &account.id);
    act.end().await.map(|_| ())
}

/// An account to be added with a ready hash: for generated organisations.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Whose.
    pub member: MemberId,
    /// Member code; must be free.
    pub login: String,
    /// From the password module; the same hash may serve many.
    pub password_hash: String,
}

/// Adds many accounts. Contacts are not taken over: that happens when the member signs in.
/// Answers how many were added; a member who has an account, or a login that is taken, is passed over.
pub async fn add_accounts(act: &mut Act<Operator>, accounts: &[NewAccount]) -> Result<u64> {
    let site = act.site().clone();
    let mut added = 0;
    for account in accounts {
        let id = AccountId::fresh(&site.clock, &site.dice);
        let login = login::code(&account.login);
        let fresh = Fresh {
            id: &id,
            member: &account.member,
            login: &login,
            phone_mac: "",
            email_fold: "",
            password_hash: &account.password_hash,
            now: site.clock.now(),
        };
        added += u64::from(store::add_account(act, &fresh).await?);
    }
    Ok(added)
}
