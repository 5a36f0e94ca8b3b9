//! Sealed values (identity numbers, phones) and keyed hashes to find them again.
//!
//! The key lies in its own file beside the database, so that a copy of the database alone tells no
//! numbers. Sealed: XChaCha20-Poly1305 with the column's name bound in. Hashes: HMAC-SHA256.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac as _};
use kernel::Dice;
use kernel::error::{Error, Result};
use sha2::Sha256;

/// Keys made from one secret of 32 bytes. Never printed.
#[derive(Clone)]
pub struct Keys([u8; 32]);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// From the installation's secret.
    pub fn new(secret: [u8; 32]) -> Self {
        Keys(secret)
    }
    /// A key for one purpose.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        self.hash("derive", purpose.as_bytes())
    }
    /// By this a handbook knows its key again; it tells nothing of the key.
    pub fn fingerprint(&self) -> String {
        self.mac("fingerprint", "so tay")
    }
    fn hash(&self, domain: &str, value: &[u8]) -> [u8; 32] {
        let mut out = [0; 32];
        // HMAC takes keys of any length; an error cannot happen with 32 bytes.
        if let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.0) {
            mac.update(domain.as_bytes());
            mac.update(&[0]);
            mac.update(value);
            out.copy_from_slice(&mac.finalize().into_bytes());
        }
        out
    }
    /// The keyed hash of a value, for `…_mac` columns: equal values of one column hash alike.
    /// An empty value hashes to an empty text.
    pub fn mac(&self, column: &str, value: &str) -> String {
        if value.is_empty() {
            return String::new();
        }
        BASE64URL_NOPAD.encode(&self.hash(&format!("mac {column}"), value.as_bytes())[..24])
    }
    /// Seals a value for `…_sealed` columns. An empty value stays empty.
    pub fn seal(&self, column: &str, value: &str, dice: &Dice) -> Result<String> {
        if value.is_empty() {
            return Ok(String::new());
        }
        let nonce: [u8; 24] = dice.bytes();
        let cipher = self.cipher();
        let sealed = cipher
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: value.as_bytes(),
                    aad: column.as_bytes(),
                },
            )
            .map_err(|_| Error::fault("sealing a value"))?;
        let mut all = nonce.to_vec();
        all.extend(sealed);
        Ok(BASE64URL_NOPAD.encode(&all))
    }
    /// Opens a sealed value.
    pub fn open(&self, column: &str, sealed: &str) -> Result<String> {
        if sealed.is_empty() {
            return Ok(String::new());
        }
        let all = BASE64URL_NOPAD
            .decode(sealed.as_bytes())
            .map_err(|_| Error::fault("a sealed value is damaged"))?;
        let (nonce, body) = all
            .split_first_chunk::<24>()
            .ok_or_else(|| Error::fault("a sealed value is too short"))?;
        let plain = self
            .cipher()
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: body,
                    aad: column.as_bytes(),
                },
            )
            .map_err(|_| {
                Error::fault("a sealed value does not open: is the key file the right one?")
            })?;
        String::from_utf8(plain).map_err(Error::fault)
    }
    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.derive("seal").into())
    }
}

/// Addresses and keys of devices, as the crate `notices` seals them.
impl notices::Seals for Keys {
    fn seal(&self, column: &str, value: &str, dice: &Dice) -> Result<String> {
        Keys::seal(self, column, value, dice)
    }
    fn open(&self, column: &str, sealed: &str) -> Result<String> {
        Keys::open(self, column, sealed)
    }
    fn mac(&self, column: &str, value: &str) -> String {
        Keys::mac(self, column, value)
    }
}

/// The last four characters of a number, to be shown beside dots.
pub fn tail(value: &str) -> String {
    let count = value.chars().count();
    if count < 6 {
        return String::new();
    }
    value.chars().skip(count - 4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_in_its_column_and_with_its_key() {
        let dice = Dice::seeded(1);
        let keys = Keys::new([1; 32]);
        let sealed = keys.seal("card", "012345678901", &dice).unwrap();
        assert!(!sealed.contains("0123"));
        assert_eq!(keys.open("card", &sealed).unwrap(), "012345678901");
        assert!(keys.open("phone", &sealed).is_err());
        assert!(Keys::new([2; 32]).open("card", &sealed).is_err());
        assert_ne!(sealed, keys.seal("card", "012345678901", &dice).unwrap());
    }
    #[test]
    fn hashes_find_a_value_again_without_telling_it() {
        let keys = Keys::new([1; 32]);
        assert_eq!(keys.mac("phone", "0901"), keys.mac("phone", "0901"));
        assert_ne!(keys.mac("phone", "0901"), keys.mac("card", "0901"));
        assert_eq!(keys.mac("phone", ""), "");
        assert_eq!(tail("012345678901"), "8901");
        assert_eq!(tail("12"), "");
    }
}
