//! Secrets that we hand out: session cookies, personal access tokens, browsers known to an account.
//!
//! The database keeps SHA-256 of them only: 32 random bytes need no slow hash. Not here: activation
//! codes (`slip`), which are short and therefore hashed with a key.

use data_encoding::BASE64URL_NOPAD;
use kernel::{AccountId, Dice};
use sha2::{Digest as _, Sha256};
use site::Keys;

/// What every personal access token starts with, so that a leaked one is recognised.
pub(crate) const TOKEN_PREFIX: &str = "sotay_";

/// A session's secret: 32 random bytes, base64url.
pub(crate) fn session(dice: &Dice) -> String {
    BASE64URL_NOPAD.encode(&dice.bytes::<32>())
}

/// A personal access token.
pub(crate) fn token(dice: &Dice) -> String {
    format!(
        "{TOKEN_PREFIX}{}",
        BASE64URL_NOPAD.encode(&dice.bytes::<32>())
    )
}

/// What the database keeps of a secret; `None` when the text cannot be one of ours.
pub(crate) fn hash(secret: &str) -> Option<String> {
    let bare = secret.strip_prefix(TOKEN_PREFIX).unwrap_or(secret);
    let is_ours = bare.len() == 43
        && bare
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    is_ours.then(|| BASE64URL_NOPAD.encode(&Sha256::digest(secret.as_bytes())))
}

/// The cookie of a browser in which an account has signed in before (see `delay`). It opens nothing.
pub(crate) const DEVICE_COOKIE: &str = "sotay_device";

/// The value of that cookie: a random name of the browser, bound to the account by a keyed hash.
pub(crate) fn device(keys: &Keys, dice: &Dice, account: &AccountId) -> String {
    let name = BASE64URL_NOPAD.encode(&dice.bytes::<16>());
    let seal = keys.mac("account.device", &format!("{account} {name}"));
    format!("{name}.{seal}")
}

/// The browser's name, if the cookie was given to this account.
pub(crate) fn device_of<'a>(keys: &Keys, cookie: &'a str, account: &AccountId) -> Option<&'a str> {
    let (name, seal) = cookie.split_once('.')?;
    let told = format!("{account} {name}");
    // A guess would be 24 bytes of a keyed hash: comparing in plain time tells nothing useful.
    let is_ours = |keys: &Keys| keys.mac("account.device", &told) == seal;
    (name.len() == 22 && keys.each().iter().any(is_ours)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shape_of_our_secrets_is_hashed() {
        let dice = Dice::seeded(1);
        let secret = session(&dice);
        assert_eq!(hash(&secret).unwrap().len(), 43);
        assert_ne!(hash(&secret).unwrap(), secret);
        assert!(hash(&token(&dice)).is_some());
        for bad in ["", "sotay_", "test-lan", &"é".repeat(43), &"a".repeat(44)] {
            assert!(hash(bad).is_none(), "{bad}");
        }
    }
    #[test]
    fn a_browser_is_known_to_one_account_only() {
        let (keys, dice) = (Keys::new([1; 32]), Dice::seeded(1));
        let lan: AccountId = "lan".parse().unwrap();
        let cookie = device(&keys, &dice, &lan);
        assert!(device_of(&keys, &cookie, &lan).is_some());
        assert!(device_of(&keys, &cookie, &"minh".parse().unwrap()).is_none());
        assert!(device_of(&Keys::new([2; 32]), &cookie, &lan).is_none());
        let ring = Keys::new([2; 32]).with_before([[1; 32]]);
        assert!(device_of(&ring, &cookie, &lan).is_some(), "changed since");
    }
}
