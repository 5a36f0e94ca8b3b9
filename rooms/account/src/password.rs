//! Passwords: how good one must be, and hashing off the async threads.
//!
//! Quality is judged by an estimator (zxcvbn), not by rules about digits and capitals: how many
//! guesses would somebody need who knows this member's name and year of birth? Hashing is argon2id;
//! at most as many at once as cores, since each takes 19 MiB and a core for some 20 ms.
//! The rule that surprises: a text is judged without marks and spaces too, because the estimator's
//! dictionaries know no Vietnamese.

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use kernel::Dice;
use kernel::error::{Doing, Error, Result};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// Memory of one hash in KiB: 19 MiB (OWASP password storage cheat sheet, argon2id).
pub const MEMORY_KIB: u32 = 19_456;
/// Passes over that memory.
pub const PASSES: u32 = 2;
/// Lanes.
pub const LANES: u32 = 1;
/// Shortest password, in characters.
pub const SHORTEST: usize = 8;
/// Longest password, in characters.
pub const LONGEST: usize = 256;
/// Least score of the estimator, of 0 to 4: "safely unguessable" for an offline attack on slow hashes.
const LEAST_SCORE: u8 = 3;
/// What must be left of a password without the member's own words, in letters and digits.
const LEAST_OF_ONES_OWN: usize = 6;
/// What must be left without the most common words too.
const LEAST_BESIDE_COMMON: usize = 4;
/// Sign-ins that may wait for a core; more are told to come back, so that a flood costs itself.
const LONGEST_QUEUE: usize = 200;
/// How many of them may be strangers: the rest is kept for whom we know.
const STRANGERS: usize = 150;

/// Whose password is compared: a flood of strangers leaves places for browsers that the account knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Known,
    Stranger,
}

/// Words that people here choose first, without marks and spaces.
static COMMON: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("password/common.txt").lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
});

/// Rows of a keyboard, columns walked down and up, the digits: a run along one of them is no secret.
const RUNS: [&str; 8] = [
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujm",
];
/// From this many letters on a run counts as one.
const RUN: usize = 4;

/// Why a password will not do. Each has its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weak {
    Short,
    Long,
    /// Made of the member's own name, year or code.
    Own,
    Guessable,
}

impl Weak {
    /// The key of its sentence.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Weak::Short => "account-password-short",
            Weak::Long => "account-password-long",
            Weak::Own => "account-password-own",
            Weak::Guessable => "account-password-guessable",
        }
    }
}

/// Judges a password. `own` is what others know of the member: names, login, year of birth.
pub(crate) fn judge(password: &str, own: &[String]) -> std::result::Result<(), Weak> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(Weak::Short);
    }
    if length > LONGEST {
        return Err(Weak::Long);
    }
    let own = own_words(own);
    let folded = vietnamese::fold(password);
    let joined: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    let lowest = |words: &[&str]| {
        let texts = [password, &folded, &joined];
        texts
            .iter()
            .map(|text| u8::from(zxcvbn::zxcvbn(text, words).score()))
            .min()
            .unwrap_or(0)
    };
    // The estimator gives much for a third word, however close to the person: what is left when
    // their own words are taken out has to be worth something by itself.
    if left_without(&joined, own.iter().map(String::as_str)) < LEAST_OF_ONES_OWN {
        return Err(Weak::Own);
    }
    let all = || own.iter().map(String::as_str).chain(COMMON.iter().copied());
    // Also as it reads when digits and signs stand for letters: p@ssw0rd.
    let readings = [joined.clone(), letters_of(password)];
    let kept = |text: &String| left_without(&without_runs(text), all());
    if readings.iter().map(kept).min() < Some(LEAST_BESIDE_COMMON) {
        return Err(Weak::Guessable);
    }
    let mut known: Vec<&str> = COMMON.clone();
    if lowest(&known) < LEAST_SCORE {
        return Err(Weak::Guessable);
    }
    known.extend(own.iter().map(String::as_str));
    if lowest(&known) < LEAST_SCORE {
        return Err(Weak::Own);
    }
    Ok(())
}

/// The text with every run blanked: along a row of [`RUNS`] either way, or one letter over and over.
fn without_runs(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while let Some(rest) = chars.get(at..).filter(|rest| !rest.is_empty()) {
        let run = run_at(rest);
        if run >= RUN {
            out.push(' ');
            at += run;
        } else {
            out.extend(rest.first());
            at += 1;
        }
    }
    out
}

/// How many letters from here go along one run.
fn run_at(rest: &[char]) -> usize {
    let Some(first) = rest.first() else { return 0 };
    let same = rest.iter().take_while(|c| *c == first).count();
    let along = |row: &[char]| {
        let starts = (0..row.len()).filter(|nth| row.get(*nth) == Some(first));
        let walk = |from: usize| {
            let row = row.iter().skip(from).zip(rest);
            row.take_while(|(a, b)| a == b).count()
        };
        starts.map(walk).max().unwrap_or(0)
    };
    let rows = RUNS.iter().map(|row| {
        let ahead: Vec<char> = row.chars().collect();
        let back: Vec<char> = row.chars().rev().collect();
        along(&ahead).max(along(&back))
    });
    rows.max().unwrap_or(0).max(same)
}

/// The letters for which people write digits and signs; a number at either end is a number.
fn letters_of(password: &str) -> String {
    let bare = password.trim_matches(|c: char| !c.is_alphabetic() && !matches!(c, '@' | '$'));
    let letters = bare
        .chars()
        .filter_map(vietnamese::fold_char)
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' | '|' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        });
    letters.filter(|c| c.is_alphanumeric()).collect()
}

/// Letters and digits that stay when these words are taken out of a text, longest first.
fn left_without<'a>(text: &str, words: impl Iterator<Item = &'a str>) -> usize {
    let mut words: Vec<&str> = words.filter(|word| word.len() > 1).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut rest = text.to_owned();
    for word in words {
        rest = rest.replace(word, " ");
    }
    rest.chars().filter(|c| c.is_alphanumeric()).count()
}

/// [`judge`] off the async threads: the estimator takes some milliseconds for a long text.
pub(crate) async fn check(
    password: &str,
    own: Vec<String>,
) -> Result<std::result::Result<(), Weak>> {
    let password = password.to_owned();
    let work = move || judge(&password, &own);
    tokio::task::spawn_blocking(work)
        .await
        .map_err(Error::fault)
}

/// Each word, its folded form, and the whole without spaces.
fn own_words(own: &[String]) -> Vec<String> {
    let mut words = Vec::new();
    for text in own.iter().filter(|text| !text.is_empty()) {
        let folded = vietnamese::fold(text);
        words.extend(folded.split(' ').map(str::to_owned));
        words.extend(text.split_whitespace().map(str::to_lowercase));
        words.push(folded.replace(' ', ""));
    }
    words.sort();
    words.dedup();
    words.retain(|word| word.len() > 1);
    words
}

/// The gate before the cores; one for the whole program, handed to pages by `Routes::knowing`.
pub(crate) struct Gate {
    permits: Arc<Semaphore>,
    queue: AtomicUsize,
    hashes: AtomicU64,
}

impl Default for Gate {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Gate {
            permits: Arc::new(Semaphore::new(cores)),
            queue: AtomicUsize::new(0),
            hashes: AtomicU64::new(0),
        }
    }
}

impl Gate {
    /// How many hashes were computed since the start.
    #[cfg(test)]
    pub(crate) fn hashes(&self) -> u64 {
        self.hashes.load(Ordering::SeqCst)
    }

    async fn run<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        struct Leaves<'a>(&'a AtomicUsize);
        impl Drop for Leaves<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        let before = self.queue.fetch_add(1, Ordering::SeqCst);
        let leaves = Leaves(&self.queue);
        let most = match place {
            Place::Known => LONGEST_QUEUE,
            Place::Stranger => STRANGERS,
        };
        if before >= most {
            return Err(Error::Busy { retry_s: 5 });
        }
        let permit = self
            .permits
            .clone()
            .acquire_owned()
            .await
            .map_err(Error::fault)?;
        self.hashes.fetch_add(1, Ordering::SeqCst);
        // The permit goes with the work: a visitor who hangs up does not free a busy core.
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        let answer = done.await.map_err(Error::fault)?;
        drop(leaves);
        answer
    }
}

fn hasher() -> Result<Argon2<'static>> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| Error::fault(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password on this very thread: for commands that make accounts, never in a handler.
pub fn hash_here(password: &str, dice: &Dice) -> Result<String> {
    let hash = hasher()?
        .hash_password_with_salt(password.as_bytes(), &dice.bytes::<16>())
        .map_err(|e| Error::fault(e.to_string()))
        .doing("hashing a password")?;
    Ok(hash.to_string())
}

impl Gate {
    /// Hashes a password, waiting for a free core.
    pub(crate) async fn hash(&self, dice: &Dice, password: &str) -> Result<String> {
        let (password, dice) = (password.to_owned(), dice.clone());
        // Whoever sets a password has shown a slip, the old password or a session.
        self.run(Place::Known, move || hash_here(&password, &dice))
            .await
    }
    /// Compares a password with a stored hash, waiting for a free core. An empty hash (no account, no
    /// password yet) is compared like any other and never matches.
    pub(crate) async fn compare(
        &self,
        password: &str,
        stored: &str,
        place: Place,
    ) -> Result<Compared> {
        let work = comparison(password, stored);
        self.run(place, work).await.doing("comparing a password")
    }
}

/// A hash that no password has, with our parameters: an unknown account takes the same time.
fn nobody() -> String {
    format!(
        "$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${}${}",
        "A".repeat(22),
        "A".repeat(43)
    )
}

/// What comparing a password found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Compared {
    pub(crate) is_right: bool,
    /// The stored hash was made with other parameters: make it anew.
    pub(crate) is_outdated: bool,
}

fn comparison(password: &str, stored: &str) -> impl FnOnce() -> Result<Compared> + Send + 'static {
    let has_hash = !stored.is_empty();
    let stored = if has_hash {
        stored.to_owned()
    } else {
        nobody()
    };
    let password = password.to_owned();
    move || {
        let hash = PasswordHash::new(&stored).map_err(|e| Error::fault(e.to_string()))?;
        let is_right = hasher()?
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
            && has_hash;
        let now = Params::new(MEMORY_KIB, PASSES, LANES, None).ok(); // these constants are in range
        let then = Params::try_from(&hash).ok(); // a hash of another kind is outdated too
        let same = match (&now, &then) {
            (Some(now), Some(then)) => {
                (now.m_cost(), now.t_cost(), now.p_cost())
                    == (then.m_cost(), then.t_cost(), then.p_cost())
            }
            _ => false,
        };
        Ok(Compared {
            is_right,
            is_outdated: !same,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hoa() -> Vec<String> {
        let known = ["Lương Thị Hoa", "hoa4827", "1954", "19051954", "0905"];
        let mut known: Vec<String> = known.map(str::to_owned).to_vec();
        known.push("0905123456".into());
        known
    }

    #[test]
    fn a_sentence_of_ones_own_is_good() {
        for good in [
            "con mèo vàng ngủ trên mái bếp",
            "trongxoai7cay-benao",
            "Chợ Giếng bán bún lúc 5 giờ",
            "mật khẩu dài của tôi 2026",
            "mây trắng bay qua đồi chè",
            "con thuyền nhỏ ngoài khơi xa",
            "xe đạp qua cầu ăn bún",
        ] {
            assert_eq!(judge(good, &hoa()), Ok(()), "{good}");
        }
    }
    #[test]
    fn a_run_is_found_wherever_it_stands_and_however_it_goes() {
        let table = [
            ("xqwertyx", "x x"),
            ("ytrewq1", " 1"),
            ("aaaab", " b"),
            ("hoa1234hoa", "hoa hoa"),
            ("qwe123", "qwe123"),
        ];
        for (text, expected) in table {
            assert_eq!(without_runs(text), expected, "{text}");
        }
    }
    #[test]
    fn the_list_is_plain_words_without_repetition() {
        let mut words = COMMON.clone();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), COMMON.len());
        let is_plain = |word: &&str| word.bytes().all(|b| b.is_ascii_lowercase());
        assert!(words.iter().all(is_plain));
    }
    #[test]
    fn what_others_guess_first_is_refused_with_its_reason() {
        for (bad, why) in [
            ("ngắn", Weak::Short),
            ("mật khẩu", Weak::Guessable),
            ("matkhau123", Weak::Guessable),
            ("12345678", Weak::Guessable),
            ("anh yêu em", Weak::Guessable),
            ("aaaaaaaaaaaa", Weak::Guessable),
            ("luongthihoa1954", Weak::Own),
            ("Lương Thị Hoa", Weak::Own),
            ("hoa4827hoa", Weak::Own),
            ("hoa1954hoa", Weak::Own),
            ("Hoa Lương Hoa Lương 54", Weak::Own),
            ("anh yêu em Việt Nam mật khẩu", Weak::Guessable),
            ("P@ssw0rd!", Weak::Guessable),
            ("M@tKh4u2026", Weak::Guessable),
            ("qwertyuiop123", Weak::Guessable),
            ("1qaz2wsx3edc", Weak::Guessable),
            ("poiuytrewq", Weak::Guessable),
            ("1q2w3e4r5t", Weak::Guessable),
            ("123456789abcdef", Weak::Guessable),
            ("987654321xyz", Weak::Guessable),
            ("Quê hương là chùm khế ngọt", Weak::Guessable),
            ("không có gì quý hơn độc lập tự do", Weak::Guessable),
            ("Đảng Cộng sản Việt Nam 1930", Weak::Guessable),
            ("Bác Hồ muôn năm!!!!", Weak::Guessable),
            ("hoa19051954", Weak::Own),
            ("19/05/1954", Weak::Own),
            ("Hoa.0905.1954", Weak::Own),
            ("0905123456", Weak::Own),
        ] {
            let told = judge(bad, &hoa());
            assert!(
                told == Err(why) || (why == Weak::Own && told == Err(Weak::Guessable)),
                "{bad}: {told:?}"
            );
        }
        assert_eq!(judge(&"ă".repeat(257), &hoa()), Err(Weak::Long));
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_flood_of_strangers_leaves_places_for_known_browsers() {
        let gate = Arc::new(Gate::default());
        let cores = u32::try_from(gate.permits.available_permits()).unwrap();
        let held = gate.permits.acquire_many(cores).await.unwrap();
        let mut waiting = Vec::new();
        for _ in 0..STRANGERS {
            let gate = gate.clone();
            waiting.push(tokio::spawn(async move {
                gate.run(Place::Stranger, || Ok(())).await
            }));
        }
        while gate.queue.load(Ordering::SeqCst) < STRANGERS {
            tokio::task::yield_now().await;
        }
        let told = gate.run(Place::Stranger, || Ok(())).await;
        assert!(matches!(told, Err(Error::Busy { .. })), "{told:?}");
        let known = tokio::spawn({
            let gate = gate.clone();
            async move { gate.run(Place::Known, || Ok(())).await }
        });
        while gate.queue.load(Ordering::SeqCst) == STRANGERS {
            tokio::task::yield_now().await;
        }
        drop(held);
        known.await.unwrap().unwrap();
        for one in waiting {
            one.await.unwrap().unwrap();
        }
        assert_eq!(gate.queue.load(Ordering::SeqCst), 0);
    }
    #[test]
    fn a_hash_carries_our_parameters() {
        let hash = hash_here("x", &Dice::seeded(1)).unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(PasswordHash::new(&nobody()).is_ok());
    }
}
