//! The doorman: from a cookie or a token to the member, at every request.
//!
//! One indexed read, joined with the epoch of rights, so that an ended session, a closed account
//! and a changed right hold at the next request; names come from memory. `seen_at` is written at
//! most every ten minutes, beside the request and not in its way.
//! The rule that surprises: the edge needs the doorman before the site exists, so `app` attaches the
//! site afterwards.

use crate::access::{Owner, door};
use crate::{secret, session, store};
use kernel::error::{Error, Result};
use kernel::{AccountId, Actor, Clock, Day, MemberId, SessionId};
use moka::sync::Cache;
use site::{Keys, May as _, Site};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use web::visitor::{Denied, Found, Later, LeftBy};
use web::{LeftForm, Look, SignedIn};

/// How often it is written down that a session was seen.
const SEEN_EVERY_MS: i64 = 10 * 60_000;
/// Members kept in memory: about 1 kB each.
const MOST: u64 = 8_000;

/// Finds out who asks. Made before the site, then attached to it.
pub struct Doorman {
    db: db::Db,
    clock: Clock,
    site: OnceLock<Site>,
    known: Cache<(MemberId, i64, Day), Arc<Known>>,
    touching: Arc<Mutex<HashSet<String>>>,
    denied: Cache<(MemberId, String, i64), ()>,
}

/// What is shown of a member on every page.
struct Known {
    actor: Arc<Actor>,
    post: String,
    unit_name: String,
}

impl Doorman {
    /// A doorman of this database. Until [`Doorman::attach`] is called every visit of a signed-in
    /// member is a fault.
    pub fn new(db: db::Db, clock: Clock) -> Arc<Self> {
        Arc::new(Doorman {
            db,
            clock,
            site: OnceLock::new(),
            known: Cache::new(MOST),
            touching: Arc::default(),
            denied: Cache::new(MOST),
        })
    }
    /// Gives the doorman the site, once.
    pub fn attach(&self, site: Site) {
        // A second site would be a mistake of `app`; the first one stays.
        let _ = self.site.set(site);
    }

    fn site(&self) -> Result<Site> {
        let site = self.site.get().cloned();
        site.ok_or_else(|| Error::fault("the doorman has no site yet"))
    }

    async fn known(&self, member: &MemberId, epoch: i64) -> Result<Arc<Known>> {
        let today = self.clock.today();
        let key = (member.clone(), epoch, today);
        if let Some(known) = self.known.get(&key) {
            return Ok(known);
        }
        let site = self.site()?;
        let actor = people::actor::load(&site, member).await?;
        let (post, unit_name) =
            store::post_and_unit(&self.db, member, actor.home.as_ref(), today).await?;
        let known = Arc::new(Known {
            actor,
            post,
            unit_name,
        });
        self.known.insert(key, known.clone());
        Ok(known)
    }

    async fn signed_in(
        &self,
        member: &MemberId,
        account: AccountId,
        epoch: i64,
        look: &str,
    ) -> Result<SignedIn> {
        let known = self.known(member, epoch).await?;
        Ok(SignedIn {
            actor: known.actor.clone(),
            account,
            session: None,
            token_scopes: None,
            post: known.post.clone(),
            unit_name: known.unit_name.clone(),
            unread: 0,
            look: (!look.is_empty()).then(|| Look::read(look)),
        })
    }

    /// Runs `write` beside the request unless one for the same id is on its way.
    fn touch<F>(&self, id: &str, write: F)
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let touching = self.touching.clone();
        let id = id.to_owned();
        if !touching
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id.clone())
        {
            return;
        }
        tokio::spawn(async move {
            if let Err(error) = write.await {
                tracing::warn!(
                    cause = error.log_text(),
                    "could not note that a session was seen"
                );
            }
            touching
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&id);
        });
    }

    /// `is_use`: a person asked, not the page by itself.
    async fn session(&self, secret: &str, is_use: bool) -> Result<Option<SignedIn>> {
        let Some(hash) = secret::hash(secret) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let Some(row) = store::find_session(&self.db, &hash, now, session::IDLE_MS).await? else {
            return Ok(None);
        };
        // A page that lies open asks by itself, and so can whoever holds the cookie: once an hour that is told too.
        let unused = now.0 - row.seen_at;
        if unused >= session::IDLE_MS || is_use && unused >= SEEN_EVERY_MS {
            let (site, id) = (self.site()?, row.id.clone());
            self.touch(row.id.as_str(), async move {
                let mut act = door()
                    .begin_unlogged(&site, "doorman", "session.seen")
                    .await?;
                store::set_session_seen(&mut act, &id).await?;
                act.end().await.map(|_| ())
            });
        }
        let mut who = self
            .signed_in(&row.member_id, row.account_id, row.epoch, &row.look)
            .await?;
        who.session = Some(row.id);
        who.unread = row.unread;
        Ok(Some(who))
    }

    async fn token(&self, token: &str) -> Result<Option<SignedIn>> {
        let hash = token
            .starts_with(secret::TOKEN_PREFIX)
            .then(|| secret::hash(token))
            .flatten();
        let Some(hash) = hash else { return Ok(None) };
        let now = self.clock.now();
        let Some(row) = store::find_token(&self.db, &hash, now).await? else {
            return Ok(None);
        };
        if kernel::Moment(row.seen_at).day() != now.day() {
            let (site, id) = (self.site()?, row.id.clone());
            self.touch(&row.id, async move {
                let mut act = door()
                    .begin_unlogged(&site, "doorman", "token.seen")
                    .await?;
                store::set_token_seen(&mut act, &id).await?;
                act.end().await.map(|_| ())
            });
        }
        let mut who = self
            .signed_in(&row.member_id, row.account_id, row.epoch, &row.look)
            .await?;
        who.token_scopes = Some(row.scopes.split(' ').map(str::to_owned).collect());
        Ok(Some(who))
    }
}

/// How long after its end a session still says whose it was.
pub(crate) const ENDED_MS: i64 = 24 * 3_600_000;

/// Forms that one browser has left of one account: the oldest gives way.
const MOST_LEFT_HERE: i64 = 5;
/// Forms of one account that other browsers have left: with so many, one more browser leaves nothing, so that
/// nobody's is pushed out by another.
const MOST_LEFT: i64 = 20;

/// What an account had typed is sealed for that account alone.
pub(crate) fn left_column(account: &AccountId) -> String {
    format!("account_left {account}")
}

/// The route with those parameters that are ids, which say what it was about; whatever else stands in an address may
/// have been typed there, and is not kept.
fn told(route: &str, path: &str) -> String {
    let is_id =
        |text: &str| text.len() == 36 && (text.bytes()).all(|b| b.is_ascii_hexdigit() || b == b'-');
    let mut typed = path.split('/');
    let parts = route.split('/').map(|part| match typed.next() {
        Some(id) if part.starts_with('{') && is_id(id) => id,
        _ => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

impl Doorman {
    /// One line an hour for each person and route: the log says who tried, and cannot be filled by trying.
    async fn denied(&self, who: &SignedIn, denied: Denied<'_>) -> Result<()> {
        let site = self.site()?;
        let hour = self.clock.now().0.div_euclid(3_600_000);
        let key = (who.actor.member.clone(), denied.route.to_owned(), hour);
        if self.denied.contains_key(&key) {
            return Ok(());
        }
        self.denied.insert(key, ());
        let owner = Owner::of(who);
        let mut act = owner
            .begin(&site, denied.operation, "access.denied")
            .await?;
        act.line().object("route", told(denied.route, denied.path));
        act.end().await.map(|_| ())
    }
    async fn ended(&self, secret: &str) -> Result<Option<(AccountId, SessionId)>> {
        let Some(hash) = secret::hash(secret) else {
            return Ok(None);
        };
        let since = self.clock.now().plus_ms(-ENDED_MS);
        store::find_ended(&self.db, &hash, since).await
    }
    async fn ended_of(&self, account: &AccountId) -> Result<Vec<SessionId>> {
        let now = self.clock.now();
        store::list_ended(&self.db, account, now.plus_ms(-ENDED_MS), now).await
    }
    async fn sessions_of(&self, account: &AccountId) -> Result<Vec<SessionId>> {
        let since = self.clock.now().plus_ms(-ENDED_MS);
        store::list_sessions_since(&self.db, account, since).await
    }
    /// The database learns neither the browser's value nor which page somebody was at.
    fn left_key(keys: &Keys, by: LeftBy<'_>) -> store::LeftKey {
        store::LeftKey {
            account: by.account.clone(),
            browser: keys.mac("account_left.browser", by.browser),
        }
    }
    fn left_name(keys: &Keys, address: &str) -> String {
        keys.mac("account_left.address", address)
    }
    async fn keep(&self, by: LeftBy<'_>, form: &LeftForm) -> Result<bool> {
        let site = self.site()?;
        let text = serde_json::to_string(form).map_err(Error::fault)?;
        let kept = store::LeftRow {
            key: Self::left_key(&site.keys, by),
            page: Self::left_name(&site.keys, &form.page),
            action: Self::left_name(&site.keys, &form.action),
            sealed: site
                .keys
                .seal(&left_column(by.account), &text, &site.dice)?,
        };
        let mut act = door().begin_unlogged(&site, "doorman", "left.keep").await?;
        if store::count_left_elsewhere(&mut act, &kept.key).await? >= MOST_LEFT {
            return Ok(false);
        }
        let until = act.now().plus_ms(web::left::LASTS_MS);
        store::keep_left(&mut act, &kept, until, MOST_LEFT_HERE).await?;
        act.end().await.map(|_| true)
    }
    async fn kept(&self, by: LeftBy<'_>, page: &str) -> Result<Vec<LeftForm>> {
        let site = self.site()?;
        let mut forms: Vec<LeftForm> = Vec::new();
        // What was left before the key was changed is found by the key of then.
        for keys in site.keys.each() {
            let (key, page) = (Self::left_key(&keys, by), Self::left_name(&keys, page));
            for sealed in store::list_left(&self.db, &key, &page, self.clock.now()).await? {
                let text = site.keys.open(&left_column(by.account), &sealed)?;
                let form: LeftForm = serde_json::from_str(&text).map_err(Error::fault)?;
                if !forms.iter().any(|newer| newer.action == form.action) {
                    forms.push(form);
                }
            }
        }
        Ok(forms)
    }
    async fn forget(&self, by: LeftBy<'_>, page: &str, action: Option<&str>) -> Result<i64> {
        let site = self.site()?;
        // A form that came back with a trouble stands at the address that it is sent to, no longer at its own.
        let is_again = action.is_some_and(|action| page == web::left::page_at(action));
        let mut act = door().begin_unlogged(&site, "doorman", "left.gone").await?;
        let mut still = 0;
        for keys in site.keys.each() {
            let (key, page) = (Self::left_key(&keys, by), Self::left_name(&keys, page));
            match action {
                Some(action) => {
                    let action = Self::left_name(&keys, action);
                    store::forget_left_form(&mut act, &key, &page, &action, is_again).await?;
                }
                None => store::forget_left_page(&mut act, &key, &page).await?,
            }
            still += store::count_left_here(&mut act, &key.browser).await?;
        }
        act.end().await.map(|_| still)
    }
}

impl web::Doorman for Doorman {
    fn denied<'a>(&'a self, who: &'a SignedIn, denied: Denied<'a>) -> Later<'a, ()> {
        Box::pin(self.denied(who, denied))
    }
    fn ended<'a>(&'a self, secret: &'a str) -> Later<'a, Option<(AccountId, SessionId)>> {
        Box::pin(self.ended(secret))
    }
    fn ended_of<'a>(&'a self, account: &'a AccountId) -> Later<'a, Vec<SessionId>> {
        Box::pin(self.ended_of(account))
    }
    fn sessions_of<'a>(&'a self, account: &'a AccountId) -> Later<'a, Vec<SessionId>> {
        Box::pin(self.sessions_of(account))
    }
    fn keep<'a>(&'a self, by: LeftBy<'a>, form: &'a LeftForm) -> Later<'a, bool> {
        Box::pin(self.keep(by, form))
    }
    fn kept<'a>(&'a self, by: LeftBy<'a>, page: &'a str) -> Later<'a, Vec<LeftForm>> {
        Box::pin(self.kept(by, page))
    }
    fn forget<'a>(
        &'a self,
        by: LeftBy<'a>,
        page: &'a str,
        action: Option<&'a str>,
    ) -> Later<'a, i64> {
        Box::pin(self.forget(by, page, action))
    }
    fn by_session<'a>(&'a self, secret: &'a str) -> Found<'a> {
        Box::pin(self.session(secret, true))
    }
    fn by_session_aside<'a>(&'a self, secret: &'a str) -> Found<'a> {
        Box::pin(self.session(secret, false))
    }
    fn by_token<'a>(&'a self, token: &'a str) -> Found<'a> {
        Box::pin(self.token(token))
    }
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn of_an_address_only_its_route_and_ids_are_kept() {
        let id = "01a221be-383a-75f2-8fb7-7a0cc0ee02ae";
        let route = "/members/{id}/edit";
        assert_eq!(
            told(route, &format!("/members/{id}/edit")),
            format!("/members/{id}/edit")
        );
        assert_eq!(told(route, "/members/0903111222/edit"), route);
        assert_eq!(told(route, "/members/b%C3%A0%20T%C6%B0/edit"), route);
    }
}
