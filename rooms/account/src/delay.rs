//! How long to wait before the next try: pure rules of the growing delay.
//!
//! Three counts: the address, the account, and the pair of both. Only the pair and the address make
//! a visitor wait long; the account alone makes a **new** address wait at most half a minute, once,
//! so a stranger who fails on purpose cannot keep the owner out. A browser in which the owner has
//! signed in before answers for itself alone (its pair). Many people stand behind one address (a
//! hall, a carrier), so it has more free tries, and its count leaks away. `attempt` keeps the counts.
//! The rule that surprises: a try counts as failed when it begins; success takes it back. So a
//! hundred tries at once are a hundred failures, not one.

use kernel::Moment;

/// Failures are forgotten after twelve quiet hours.
pub(crate) const FORGET_MS: i64 = 12 * 3_600_000;
/// The longest wait for an address, and for one account from one address: five minutes.
const LONGEST_S: i64 = 300;
/// The longest wait that failures elsewhere can cause for an account.
const SOFT_LONGEST_S: i64 = 30;
/// Tries without any wait.
const FREE_TRIES: i64 = 3;
/// Tries without any wait for an address: a hall of people mistypes more than one person.
const ADDRESS_FREE_TRIES: i64 = 10;
/// An address is forgiven one failure in so long: twice the longest wait, so it opens nothing.
const LEAK_MS: i64 = 2 * LONGEST_S * 1000;
/// Failures on one account, from anywhere, before a new address has to wait.
const SOFT_FREE_TRIES: i64 = 10;

/// One count of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tries {
    pub(crate) failures: i64,
    pub(crate) last_at: Moment,
    /// Before this instant the next try is refused.
    pub(crate) free_at: Moment,
}

impl Tries {
    pub(crate) const NONE: Tries = Tries {
        failures: 0,
        last_at: Moment(0),
        free_at: Moment(0),
    };

    fn remembered(self, now: Moment) -> Tries {
        if now.0 - self.last_at.0 > FORGET_MS {
            Tries::NONE
        } else {
            self
        }
    }
    fn failed_once_more(self, now: Moment, wait_ms: i64) -> Tries {
        Tries {
            failures: self.failures + 1,
            last_at: now,
            free_at: now.plus_ms(wait_ms),
        }
    }
}

/// The counts that a try touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// `None` for a browser that the account knows.
    pub(crate) address: Option<Tries>,
    pub(crate) account: Tries,
    pub(crate) pair: Tries,
}

/// What becomes of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It may go on; these counts are kept (and taken back on success).
    Go(Counts),
    /// Not yet: wait so many milliseconds. The pair is kept when it has to remember its turn.
    Wait { ms: i64, keep_pair: Option<Tries> },
}

/// Milliseconds after so many failures: 0, 0, 0, then 1, 2, 4 … seconds.
fn after(failures: i64, free: i64, longest_s: i64) -> i64 {
    if failures < free {
        return 0;
    }
    let doubled = 1_i64 << (failures - free).min(20);
    doubled.min(longest_s) * 1000
}

/// The wait after that many failures of one pair.
fn after_failures(failures: i64) -> i64 {
    after(failures, FREE_TRIES, LONGEST_S)
}

/// The count of an address as it is now: forgotten after quiet hours, else one less for every
/// [`LEAK_MS`] since the last failure.
pub(crate) fn leaked(now: Moment, tries: Tries) -> Tries {
    let tries = tries.remembered(now);
    let gone = (now.0 - tries.last_at.0).max(0) / LEAK_MS;
    if gone >= tries.failures {
        return Tries::NONE;
    }
    Tries {
        failures: tries.failures - gone,
        // What has run of the next one stays run.
        last_at: tries.last_at.plus_ms(gone * LEAK_MS),
        ..tries
    }
}

/// The count of an address after one more wrong try: a password, or a slip's code.
pub(crate) fn guessed(now: Moment, tries: Tries) -> Tries {
    let tries = leaked(now, tries);
    let wait = after(tries.failures + 1, ADDRESS_FREE_TRIES, LONGEST_S);
    tries.failed_once_more(now, wait)
}

/// Decides about one try.
pub(crate) fn decide(now: Moment, counts: Counts) -> Turn {
    let address = counts.address.map(|tries| leaked(now, tries));
    let account = counts.account.remembered(now);
    let pair = counts.pair.remembered(now);
    let free_at = address
        .map_or(0, |tries| tries.free_at.0)
        .max(pair.free_at.0);
    if free_at > now.0 {
        return Turn::Wait {
            ms: free_at - now.0,
            keep_pair: None,
        };
    }
    let soft = match address {
        Some(_) => after(account.failures, SOFT_FREE_TRIES, SOFT_LONGEST_S),
        None => 0,
    };
    let is_new_here = pair == Tries::NONE;
    if soft > 0 && is_new_here {
        let turn = Tries {
            failures: 0,
            last_at: now,
            free_at: now.plus_ms(soft),
        };
        return Turn::Wait {
            ms: soft,
            keep_pair: Some(turn),
        };
    }
    let pair_wait = after_failures(pair.failures + 1).max(soft);
    Turn::Go(Counts {
        address: address.map(|tries| guessed(now, tries)),
        account: account.failed_once_more(now, 0),
        pair: pair.failed_once_more(now, pair_wait),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_800_000_000_000);

    fn fresh() -> Counts {
        Counts {
            address: Some(Tries::NONE),
            account: Tries::NONE,
            pair: Tries::NONE,
        }
    }
    fn go(now: Moment, counts: Counts) -> Counts {
        match decide(now, counts) {
            Turn::Go(counts) => counts,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn three_tries_are_free_then_the_wait_doubles_up_to_five_minutes() {
        let mut counts = fresh();
        let mut now = NOW;
        let mut waits = Vec::new();
        for _ in 0..14 {
            counts = go(now, counts);
            waits.push((counts.pair.free_at.0 - now.0) / 1000);
            now = counts.pair.free_at;
        }
        assert_eq!(
            waits,
            [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
        );
    }
    #[test]
    fn a_try_before_its_time_is_refused_and_costs_nothing() {
        let mut counts = fresh();
        for _ in 0..3 {
            counts = go(NOW, counts);
        }
        assert_eq!(
            decide(NOW, counts),
            Turn::Wait {
                ms: 1000,
                keep_pair: None
            }
        );
        assert_eq!(
            decide(NOW.plus_ms(999), counts),
            Turn::Wait {
                ms: 1,
                keep_pair: None
            }
        );
        go(NOW.plus_ms(1000), counts);
    }
    #[test]
    fn a_new_address_waits_half_a_minute_at_most_and_only_once() {
        let attacked = Tries {
            failures: 5_000,
            last_at: NOW,
            free_at: NOW,
        };
        let owner = Counts {
            account: attacked,
            ..fresh()
        };
        let Turn::Wait {
            ms,
            keep_pair: Some(turn),
        } = decide(NOW, owner)
        else {
            panic!()
        };
        assert_eq!(ms, 30_000);
        // More failures elsewhere do not move the owner's turn.
        let worse = Tries {
            failures: 9_000,
            last_at: NOW.plus_ms(ms),
            free_at: NOW,
        };
        let again = Counts {
            account: worse,
            pair: turn,
            ..fresh()
        };
        go(NOW.plus_ms(ms), again);
    }
    #[test]
    fn a_browser_that_the_account_knows_does_not_wait_for_strangers() {
        let attacked = Tries {
            failures: 5_000,
            last_at: NOW,
            free_at: NOW,
        };
        go(
            NOW,
            Counts {
                address: None,
                account: attacked,
                pair: Tries::NONE,
            },
        );
    }
    #[test]
    fn an_address_has_more_free_tries_and_its_count_leaks_away() {
        let mut tries = Tries::NONE;
        let mut waits = Vec::new();
        for _ in 0..12 {
            tries = guessed(NOW, tries);
            waits.push((tries.free_at.0 - NOW.0) / 1000);
        }
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4]);
        assert_eq!(leaked(NOW.plus_ms(LEAK_MS - 1), tries).failures, 12);
        let later = leaked(NOW.plus_ms(3 * LEAK_MS + 5), tries);
        assert_eq!(later.failures, 9);
        assert_eq!(
            leaked(NOW.plus_ms(4 * LEAK_MS), later).failures,
            8,
            "looking does not begin the time anew"
        );
        assert_eq!(leaked(NOW.plus_ms(12 * LEAK_MS), tries), Tries::NONE);
    }
    #[test]
    fn failures_are_forgotten_after_twelve_hours() {
        let mut counts = fresh();
        for _ in 0..3 {
            counts = go(NOW, counts);
        }
        let later = NOW.plus_ms(FORGET_MS + 1);
        assert_eq!(go(later, counts).pair.failures, 1);
    }
}
