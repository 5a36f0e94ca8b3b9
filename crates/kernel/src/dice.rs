//! Chance as a parameter: ids, codes and secrets come from [`Dice`], so a test can seed them.
//!
//! The generator is ChaCha20, fit for secrets when seeded from the operating system, which only
//! `app` does. Not here: password hashing and signatures.

use crate::Moment;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::sync::{Arc, Mutex, PoisonError};

/// A shared source of random bytes. Cloning shares the stream.
#[derive(Clone)]
pub struct Dice(Arc<Mutex<ChaCha20Rng>>);

impl Dice {
    /// From 32 bytes of the operating system's randomness: what `app` makes.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Arc::new(Mutex::new(ChaCha20Rng::from_seed(seed))))
    }
    /// The same stream each time: for tests and generated data.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(ChaCha20Rng::seed_from_u64(seed))))
    }
    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(&mut out);
        out
    }
    /// A number in `0..bound`; 0 when `bound` is 0. Bias is below 2^-32 for bounds that fit 32 bits.
    pub fn below(&self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        u64::from_le_bytes(self.bytes()) % bound
    }
    /// A UUIDv7 as text: sorts by the given moment, the rest is random.
    pub fn uuid(&self, now: Moment) -> String {
        let random: [u8; 10] = self.bytes();
        let ms = u64::try_from(now.0).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(ms, &random)
            .into_uuid()
            .to_string()
    }
}

impl std::fmt::Debug for Dice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dice")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_age() {
        let dice = Dice::seeded(1);
        let early = dice.uuid(Moment(1_000));
        let late = dice.uuid(Moment(2_000));
        assert!(early < late);
        assert_ne!(dice.uuid(Moment(1_000)), early);
    }
    #[test]
    fn one_seed_gives_one_stream() {
        assert_eq!(Dice::seeded(7).bytes::<16>(), Dice::seeded(7).bytes::<16>());
        assert_ne!(Dice::seeded(7).bytes::<16>(), Dice::seeded(8).bytes::<16>());
    }
}
