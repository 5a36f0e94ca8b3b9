//! Carrying notices out of the house, as jobs of the program.
//!
//! Not here: how (`notices`). The rule that surprises: without `public_url` nothing goes out at all, since
//! a message is nothing but an address.

use jobs::{Every, Handler, Schedule};
use kernel::Moment;
use kernel::error::Result;
use notices::{Channel, Delivery, Https, Language, Push, Words};
use site::{May as _, Program, Site};
use std::sync::Arc;
use web::Lang;

const DELIVER: &str = "notices.deliver";
const TRIM: &str = "notices.trim";
/// Sendings looked at in one call.
const AT_ONCE: i64 = 200;
/// Notices are kept so long after they expired, in days. No source; a term of meetings and a year beside.
const KEPT_DAYS: i64 = 730;

pub(crate) const DELIVERING: Handler<Site> = Handler::new(DELIVER, |site: Site, _| {
    Box::pin(async move { deliver(&site).await })
});
pub(crate) const TRIMMING: Handler<Site> = Handler::new(TRIM, |site: Site, _| {
    Box::pin(async move {
        let mut act = Program::part(TRIM)
            .begin_unlogged(&site, TRIM, TRIM)
            .await?;
        let before = Moment(act.now().0 - KEPT_DAYS * 24 * 3_600_000);
        notices::trim(act.tx(), before, 5_000).await?;
        act.end().await.map(|_| ())
    })
});

/// Every minute: a notice is for this evening, not for this second.
pub(crate) fn delivers() -> Schedule {
    Schedule::new(DELIVER, Every::Minutes(1), DELIVER)
}
pub(crate) fn trims() -> Schedule {
    Schedule::new(
        TRIM,
        Every::Daily {
            hour: 3,
            minute: 40,
        },
        TRIM,
    )
}

/// Whether mails can go out: there is a server, and an address of ours to write into them.
pub(crate) fn can_mail(site: &Site) -> bool {
    site.can_mail()
}

/// Whether pushes can go out: push services want a secure address of ours.
pub(crate) fn can_push(site: &Site) -> bool {
    site.can_push()
}

/// A changed e-mail address of the record holds before the next mail goes out, one that was taken away
/// too: the office keeps the address, the member said only that they want mails.
async fn follow_records(site: &Site) -> Result<()> {
    let current = |member| async move { people::member::email(site, &member).await };
    for outdated in notices::list_outdated(&site.db, &site.keys, AT_ONCE, current).await? {
        let (clock, dice, keys) = (site.clock.clone(), site.dice.clone(), site.keys.clone());
        let mut act = Program::part(DELIVER)
            .begin_unlogged(site, DELIVER, DELIVER)
            .await?;
        notices::follow(act.tx(), &clock, &dice, &keys, &outdated).await?;
        act.end().await?;
    }
    Ok(())
}

/// Somebody is a member no more: no device of theirs and no address is written to. Hearing it twice changes nothing.
pub(crate) async fn end_of(site: &Site, member: &str) -> Result<()> {
    let member: kernel::MemberId = member.parse().map_err(kernel::Error::fault)?;
    if !people::has_left(site, &member).await? {
        return Ok(());
    }
    forget(site, &member).await
}

/// A record was merged: its account's devices are signed out, and what they were told of is told to the one that
/// stays. Hearing it twice changes nothing.
pub(crate) async fn merged(site: &Site, subject: &str) -> Result<()> {
    let (_, old) = subject.split_once(' ').ok_or(kernel::Error::NotFound)?;
    let old: kernel::MemberId = old.parse().map_err(kernel::Error::fault)?;
    if people::alias::find(site, &old).await?.is_none() {
        return Ok(()); // taken apart since
    }
    forget(site, &old).await
}

async fn forget(site: &Site, member: &kernel::MemberId) -> Result<()> {
    let mut act = Program::part("notices.left")
        .begin_unlogged(site, "notices.left", "notices.left")
        .await?;
    notices::remove_all(act.tx(), member).await?;
    act.end().await.map(|_| ())
}

async fn deliver(site: &Site) -> Result<()> {
    let base_url = site.edge.public_url.get();
    if base_url.is_empty() {
        return Ok(());
    }
    follow_records(site).await?;
    let texts = &site.edge.texts;
    let words = Words::read(|language, key| {
        let lang = match language {
            Language::Vi => Lang::Vi,
            Language::En => Lang::En,
        };
        texts.get(lang, key)
    })?;
    // The way to push services is made only when something waits for it.
    let waits = notices::count_waiting(&site.db, Channel::Push).await?.count > 0;
    let push = if can_push(site) && waits {
        let vapid = notices::get_vapid(&site.db, &site.dice, &site.keys).await?;
        Some(Push::new(vapid, &base_url, Arc::new(Https::new()?))?)
    } else {
        None
    };
    let told = notices::deliver_due(&Delivery {
        db: &site.db,
        clock: &site.clock,
        dice: &site.dice,
        seals: &site.keys,
        words: &words,
        base_url: &base_url,
        mail: site.mail.as_deref(),
        push: push.as_ref(),
        limit: AT_ONCE,
    })
    .await?;
    if told.failed + told.again > 0 {
        tracing::warn!(failed = told.failed, again = told.again, "notices.out");
    }
    Ok(())
}
