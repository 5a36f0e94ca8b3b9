//! The real clock and the real dice: the only place that asks the operating system.

use kernel::{Clock, Dice};
use std::time::UNIX_EPOCH;

/// The clock of the machine.
#[allow(clippy::disallowed_methods)] // everything else is handed this clock
pub(crate) fn clock() -> Clock {
    Clock::real(|| {
        let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
    })
}

/// Dice seeded by the operating system.
pub(crate) fn dice() -> kernel::Result<Dice> {
    let mut seed = [0; 32];
    getrandom(&mut seed)?;
    Ok(Dice::from_seed(seed))
}

fn getrandom(into: &mut [u8]) -> kernel::Result<()> {
    use std::io::Read as _;
    std::fs::File::open("/dev/urandom")?.read_exact(into)?;
    Ok(())
}
