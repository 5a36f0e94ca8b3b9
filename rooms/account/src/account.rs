//! Making accounts, keeping their contacts true, setting up an installation.
//!
//! The member's record (people) is the truth of phone and e-mail; here stand only a keyed hash and
//! the folded address to sign in with, brought up to date at every slip and every sign-in.
//! The rule that surprises: nothing here checks rights; pages do that before (`access`), and the
//! public functions are for commands of the operator.

use crate::store::{self, Account, Fresh};
use crate::{login, password, slip};
use db::Tx;
use kernel::error::{Doing, Error, Result};
use kernel::{AccountId, MemberId, Moment, Role, UnitId};
use people::store::{NewHolding, NewMember, NewUnit, Pen};
use site::{Audit, Keys, Site};
use web::Lang;

const PHONE_MAC: &str = "account_account.phone_mac";
/// Codes tried before more digits are added.
const TRIES: u32 = 6;

/// The hash under which a typed phone is looked for.
pub(crate) fn phone_mac(keys: &Keys, phone: &str) -> String {
    keys.mac(PHONE_MAC, phone)
}

async fn contacts(tx: &mut Tx, keys: &Keys, member: &MemberId) -> Result<(String, String)> {
    let (sealed, email) = store::contacts(tx, member).await?;
    let phone = match keys.open(people::number::PHONE, &sealed) {
        Ok(phone) => login::phone(&phone).unwrap_or_default(),
        Err(error) => {
            tracing::warn!(member.id = %member, cause = error.log_text(), "a phone does not open");
            String::new()
        }
    };
    Ok((phone_mac(keys, &phone), login::email(&email)))
}

/// Takes phone and e-mail over from the member's record. A change is written to the account's
/// history, which the member sees: the old contact is told (R4).
pub(crate) async fn refresh_contacts(tx: &mut Tx, site: &Site, account: &Account) -> Result<()> {
    let (phone, email) = contacts(tx, &site.keys, &account.member_id).await?;
    if store::set_contacts(tx, &account.id, &phone, &email).await? {
        Audit::by_program("account.contacts")
            .about(&account.member_id)
            .object("account", &account.id)
            .write(tx, &site.clock, &site.dice)
            .await?;
    }
    Ok(())
}

/// The member's account; made when there is none, without a password.
pub(crate) async fn ensure(
    tx: &mut Tx,
    site: &Site,
    member: &MemberId,
    name: &str,
    external: &str,
) -> Result<Account> {
    if let Some(account) = store::find_account_of(tx, member).await? {
        return Ok(account);
    }
    let (phone_mac, email_fold) = contacts(tx, &site.keys, member).await?;
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
        store::add_account(tx, &fresh).await?;
        // Not added: the code is taken, or another request made the account just now.
        if let Some(account) = store::find_account_of(tx, member).await? {
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
pub(crate) async fn issue(tx: &mut Tx, site: &Site, account: &Account, by: &str) -> Result<Issued> {
    let now = site.clock.now();
    refresh_contacts(tx, site, account).await?;
    store::revoke_slips(tx, &account.id, now).await?;
    let code = slip::code(&site.dice);
    let days = site.rules.get(slip::SLIP_DAYS, now.day()).await?.span()?;
    let expires_at = slip::expires(now, days);
    let (id, hash) = (site.dice.uuid(now), slip::hash(&site.keys, &code));
    store::add_slip(tx, &id, &account.id, &hash, by, now, expires_at).await?;
    Ok(Issued {
        login: account.login.clone(),
        code,
        expires_at,
    })
}

/// Founds an installation, or adds an administrator to one: the root unit if there is none, a
/// member with the posts of administrator and organisation officer on it, an account, and a slip to
/// set the first password with. For `sotay init`: who runs the command is trusted.
pub async fn init_administrator(site: &Site, name: &str, org_name: &str) -> Result<Issued> {
    let today = site.clock.today();
    let texts = &site.edge.texts;
    let mut tx = site.db.begin().await?;
    let pen = Pen::of(site, None);
    let root = match store::find_root(&mut tx).await? {
        Some(root) => root,
        None => {
            let id = UnitId::fresh(&site.clock, &site.dice);
            let unit = NewUnit::new(id.clone(), None, "upper_body", org_name, today);
            people::store::add_unit(&mut tx, &unit)
                .await
                .doing("adding the root unit")?;
            id
        }
    };
    let member = NewMember {
        name: name.to_owned(),
        source: "init".to_owned(),
        ..NewMember::default()
    };
    let member = people::store::add_member(&mut tx, &pen, &member)
        .await
        .doing("adding the member")?;
    for (title, role, rank) in [
        ("account-init-admin", Role::SysAdmin, 900),
        ("account-init-officer", Role::OrgOfficer, 800),
    ] {
        let title = texts.get(Lang::Vi, title);
        let mut post = NewHolding::new(&root, &title, role, rank, &member, today);
        post.basis = "appointed".to_owned();
        people::store::add_position_holding(&mut tx, &pen, &post).await?;
    }
    let account = ensure(&mut tx, site, &member, name, "").await?;
    let issued = issue(&mut tx, site, &account, "").await?;
    Audit::by_program("account.init")
        .about(&member)
        .object("account", &account.id)
        .write(&mut tx, &site.clock, &site.dice)
        .await?;
    site.db.commit(tx).await?;
    Ok(issued)
}

/// Sets login and password of a member, making the account if needed: for the demo and for the
/// operator's own rescue. Ends sessions, tokens and slips of the account. A taken login is a fault.
pub async fn set_password(
    site: &Site,
    member: &MemberId,
    login: &str,
    new: &str,
) -> Result<AccountId> {
    let hash = password::hash(site, &vietnamese::nfc(new)).await?;
    let now = site.clock.now();
    let mut tx = site.db.begin().await?;
    let account = ensure(&mut tx, site, member, "", login).await?;
    store::set_login(&mut tx, &account.id, &login::code(login))
        .await
        .doing("setting a login")?;
    reset(&mut tx, &account.id, &hash, now).await?;
    Audit::by_program("account.set_password")
        .about(member)
        .object("account", &account.id)
        .write(&mut tx, &site.clock, &site.dice)
        .await?;
    site.db.commit(tx).await?;
    Ok(account.id)
}

/// A new password for somebody who lost the old one: whoever else got in is out.
pub(crate) async fn reset(tx: &mut Tx, account: &AccountId, hash: &str, now: Moment) -> Result<()> {
    store::set_password(tx, account, hash, now).await?;
    store::end_sessions(tx, account, "", now).await?;
    store::revoke_tokens(tx, account, now).await?;
    store::revoke_slips(tx, account, now).await?;
    Ok(())
}

/// An account to be added with a ready hash: for generated organisations.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Whose.
    pub member: MemberId,
    /// Member code; must be free.
    pub login: String,
    /// From [`password::hash_here`]; the same hash may serve many.
    pub password_hash: String,
}

/// Adds many accounts. Contacts are not taken over: that happens when the member signs in.
/// Answers how many were added; a member who has an account, or a login that is taken, is passed over.
pub async fn add_accounts(tx: &mut Tx, site: &Site, accounts: &[NewAccount]) -> Result<u64> {
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
        added += u64::from(store::add_account(tx, &fresh).await?);
    }
    Ok(added)
}
