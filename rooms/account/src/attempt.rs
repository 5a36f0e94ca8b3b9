//! Taking a turn at guessing: keeps the counts of `delay` in the database.
//!
//! Keys are keyed hashes of account, address and pair; an address never stands in the database.
//! The rule that surprises: [`begin`] writes the failure before the password is compared.

use crate::access::{Keeps, door};
use crate::delay::{self, Counts, Tries, Turn};
use crate::store;
use kernel::Moment;
use kernel::error::Result;
use site::{Act, May as _, Site};
use std::net::IpAddr;
use web::Frame;

/// A try that may go on.
#[derive(Debug)]
pub(crate) struct Attempt {
    keys: Vec<String>,
    /// The count of the address, as it was and as this try made it.
    address: Option<(String, Tries, Tries)>,
}

impl Attempt {
    /// The password was right: what was counted for this account is forgiven. The address gets back
    /// this one try and no more, else whoever has an account clears the way to guess at others.
    pub(crate) async fn succeeded<P: Keeps>(&self, act: &mut Act<P>) -> Result<()> {
        for key in &self.keys {
            match &self.address {
                Some((address, before, after)) if address == key => {
                    store::give_back(act, key, *before, *after).await?;
                }
                _ => store::clear_failures(act, key).await?,
            }
        }
        Ok(())
    }
}

/// The network part of an address that stands for one visitor: all of IPv4, /64 of IPv6.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(four) => four.to_string(),
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

fn tries(rows: &[store::Failures], key: &str) -> Tries {
    rows.iter()
        .find(|row| row.key_mac == key)
        .map_or(Tries::NONE, |row| Tries {
            failures: row.failures,
            last_at: Moment(row.last_at),
            free_at: Moment(row.free_at),
        })
}

/// Begins a try for `subject` (what was typed, as [`crate::login::Typed::identity`] reads it, whether or
/// not there is such an account). `device` is the name of a browser that the account knows, or its
/// session: that one never waits for its neighbours. `Err` holds the milliseconds to wait.
pub(crate) async fn begin(
    site: &Site,
    subject: &str,
    address: IpAddr,
    device: Option<&str>,
) -> Result<std::result::Result<Attempt, i64>> {
    let now = site.clock.now();
    let from = match device {
        Some(name) => format!("device {name}"),
        None => network(address),
    };
    let address_key = site.keys.mac("account_failure.address", &from);
    let account_key = site.keys.mac("account_failure.account", subject);
    let pair_key = site
        .keys
        .mac("account_failure.pair", &format!("{subject}\n{from}"));
    let counts = |rows: &[store::Failures]| Counts {
        address: device.is_none().then(|| tries(rows, &address_key)),
        account: tries(rows, &account_key),
        pair: tries(rows, &pair_key),
    };
    // A flood of early tries is answered from a read, without touching the one writer.
    let seen = store::list_failures(&site.db, [&address_key, &account_key, &pair_key]).await?;
    if let Turn::Wait {
        ms,
        keep_pair: None,
    } = delay::decide(now, counts(&seen))
    {
        return Ok(Err(ms));
    }
    let mut keys: Vec<&str> = vec![&account_key, &pair_key];
    if device.is_none() {
        keys.push(&address_key);
    }
    keys.sort_unstable(); // always held in one order: two tries never wait for each other
    let mut act = door()
        .begin_unlogged(site, "sign-in", "sign_in.try")
        .await?;
    let mut held = Vec::new();
    for key in &keys {
        held.push(store::hold_failures(&mut act, key).await?);
    }
    let before = counts(&held);
    let turn = delay::decide(now, before);
    let answer = match turn {
        Turn::Wait { ms, keep_pair } => {
            if let Some(pair) = keep_pair {
                store::set_failures(&mut act, &pair_key, pair).await?;
            }
            Err(ms)
        }
        Turn::Go(after) => {
            if let Some(address) = after.address {
                store::set_failures(&mut act, &address_key, address).await?;
            }
            store::set_failures(&mut act, &account_key, after.account).await?;
            store::set_failures(&mut act, &pair_key, after.pair).await?;
            Ok(Attempt {
                keys: keys.iter().map(|key| (*key).to_owned()).collect(),
                address: (before.address.zip(after.address))
                    .map(|(was, is)| (address_key.clone(), delay::leaked(now, was), is)),
            })
        }
    };
    act.end().await?;
    Ok(answer)
}

/// Tells the operator where a wrong password or code came from, so that their firewall can act (fail2ban). The
/// address stands in that log and nowhere else: the handbook's own log names accounts, not addresses.
pub(crate) fn tell_operator(address: IpAddr) {
    tracing::warn!(client.address = %address.to_canonical(), "sign-in failed");
}

/// Writes a wrong password down, for whom it was tried if there is such an account. What was typed is
/// not kept: people type their passwords into the wrong box.
pub(crate) async fn failed(
    site: &Site,
    frame: &Frame,
    found: Option<&store::Account>,
) -> Result<()> {
    let mut act = door().begin(site, frame, "account.sign_in_failed").await?;
    let line = act.line();
    if let Some(account) = found {
        line.about(&account.member_id)
            .object("account", &account.id);
    }
    act.end().await.map(|_| ())
}

fn guess_key(site: &Site, address: IpAddr) -> String {
    site.keys.mac("account_failure.guess", &network(address))
}

/// Milliseconds before this address may try another activation code; 0 when it may. Asked for wrong
/// codes only: a right one never waits for the mistakes of a neighbour.
pub(crate) async fn guess_wait(site: &Site, address: IpAddr) -> Result<i64> {
    let key = guess_key(site, address);
    let rows = store::list_failures(&site.db, [&key, "", ""]).await?;
    Ok((tries(&rows, &key).free_at.0 - site.clock.now().0).max(0))
}

/// A code that was never given out: the next guess of this address waits longer.
pub(crate) async fn guess_failed(site: &Site, address: IpAddr) -> Result<()> {
    tell_operator(address);
    let now = site.clock.now();
    let key = guess_key(site, address);
    let mut act = door()
        .begin_unlogged(site, "sign-in", "sign_in.guess")
        .await?;
    let held = store::hold_failures(&mut act, &key).await?;
    let after = delay::guessed(now, tries(&[held], &key));
    store::set_failures(&mut act, &key, after).await?;
    act.end().await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_ipv6_network_are_one_visitor() {
        let read = |text: &str| network(text.parse().unwrap());
        assert_eq!(read("2001:db8:1:2::1"), read("2001:db8:1:2:ffff::9"));
        assert_ne!(read("2001:db8:1:2::1"), read("2001:db8:1:3::1"));
        assert_eq!(read("::ffff:192.0.2.7"), read("192.0.2.7"));
    }
}
