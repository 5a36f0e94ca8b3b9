//! Sealed values (identity numbers, phones) and keyed hashes to find them again.
//!
//! The key lies in its own file beside the database, so that a copy of the database alone tells no
//! numbers. Sealed: XChaCha20-Poly1305, bound to what it is for: the table, the column and the row, so that
//! a value copied into another person's row does not open there. Hashes: HMAC-SHA256.
//! The rule that surprises: what was sealed before rows were bound in still opens; it has no mark in front. And
//! a ring may hold keys of before (`sotay key rotate`): they open and find again, and seal nothing.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac as _};
use kernel::Dice;
use kernel::error::{Doing as _, Error, Result};
use kernel::said;
use sha2::Sha256;
use std::sync::Arc;

/// Where a sealed value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot<'a> {
    /// The table.
    pub table: &'a str,
    /// The word of the column, by which values of old were bound alone.
    pub column: &'a str,
    /// The row: whose it is.
    pub row: &'a str,
}

impl Spot<'_> {
    fn bound(&self) -> Vec<u8> {
        [self.table, self.column, self.row].join("\0").into_bytes()
    }
}

/// In front of a value that is bound to its row.
pub const BOUND: &str = "2.";

/// Keys made from one secret of 32 bytes, and those of before that are still believed. Never printed.
#[derive(Clone)]
pub struct Keys {
    secret: [u8; 32],
    before: Arc<[[u8; 32]]>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// From the installation's secret.
    pub fn new(secret: [u8; 32]) -> Self {
        Keys {
            secret,
            before: Arc::default(),
        }
    }
    /// With keys of before: what was sealed with them opens, what was hashed with them is found by
    /// [`Keys::each`].
    pub fn with_before(self, before: impl IntoIterator<Item = [u8; 32]>) -> Self {
        Keys {
            before: before.into_iter().collect(),
            ..self
        }
    }
    /// The key alone, without those of before.
    pub fn alone(&self) -> Keys {
        Keys::new(self.secret)
    }
    /// Each key alone, the present one first: for looking up what may have been hashed with one of before.
    pub fn each(&self) -> Vec<Keys> {
        let all = std::iter::once(&self.secret).chain(self.before.iter());
        all.map(|secret| Keys::new(*secret)).collect()
    }
    /// The secret itself, for the key file alone.
    pub fn secret(&self) -> [u8; 32] {
        self.secret
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
        if let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.secret) {
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
    /// The id of what one form makes: the same for the same form of the same person, and chosen by nobody, since
    /// it is a keyed hash of both. `table` is where it will stand, `once` what the form carried.
    pub fn id_of_form(&self, table: &str, by: &str, once: &str) -> String {
        let whole = self.hash("id of a form", [table, by, once].join("\0").as_bytes());
        let mut id = [0_u8; 16];
        id.copy_from_slice(&whole[..16]);
        // Of version 8: "made in a way of our own".
        id[6] = (id[6] & 0x0f) | 0x80;
        id[8] = (id[8] & 0x3f) | 0x80;
        let hex = data_encoding::HEXLOWER.encode(&id);
        let parts = [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        ];
        parts.join("-")
    }
    /// Seals a value for the row that it stands in. An empty value stays empty.
    ///
    /// # Errors
    /// A fault when sealing fails.
    pub fn seal_at(&self, spot: Spot<'_>, value: &str, dice: &Dice) -> Result<String> {
        if value.is_empty() {
            return Ok(String::new());
        }
        Ok(format!(
            "{BOUND}{}",
            self.close(&spot.bound(), value, dice)?
        ))
    }
    /// Opens what was sealed for that row, also from before rows were bound in.
    ///
    /// # Errors
    /// A fault when it was sealed for another row, or with another key.
    pub fn open_at(&self, spot: Spot<'_>, sealed: &str) -> Result<String> {
        let opened = match sealed.strip_prefix(BOUND) {
            Some(body) => self.reveal(&spot.bound(), body),
            None => self.open(spot.column, sealed),
        };
        opened.doing(said!(
            "opening {}.{} of {}",
            spot.table,
            spot.column,
            spot.row
        ))
    }
    /// Seals a value for a `…_sealed` column, where no row can be named. An empty value stays empty.
    pub fn seal(&self, column: &str, value: &str, dice: &Dice) -> Result<String> {
        if value.is_empty() {
            return Ok(String::new());
        }
        self.close(column.as_bytes(), value, dice)
    }
    fn close(&self, bound: &[u8], value: &str, dice: &Dice) -> Result<String> {
        let nonce: [u8; 24] = dice.bytes();
        let cipher = self.cipher();
        let sealed = cipher
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: value.as_bytes(),
                    aad: bound,
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
        self.reveal(column.as_bytes(), sealed)
    }
    fn reveal(&self, bound: &[u8], sealed: &str) -> Result<String> {
        let all = BASE64URL_NOPAD
            .decode(sealed.as_bytes())
            .map_err(|_| Error::fault("a sealed value is damaged"))?;
        let (nonce, body) = all
            .split_first_chunk::<24>()
            .ok_or_else(|| Error::fault("a sealed value is too short"))?;
        let open = |keys: &Keys| {
            let sealed = Payload {
                msg: body,
                aad: bound,
            };
            keys.cipher().decrypt(&XNonce::from(*nonce), sealed).ok()
        };
        let plain = open(self)
            .or_else(|| (self.before.iter()).find_map(|secret| open(&Keys::new(*secret))))
            .ok_or_else(|| {
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

/// The last four letters and digits of a number, to be shown beside dots; what stands between them does not count.
pub fn tail(value: &str) -> String {
    let told: Vec<char> = value.chars().filter(|c| c.is_alphanumeric()).collect();
    match told.len() {
        0..6 => String::new(),
        count => told.into_iter().skip(count - 4).collect(),
    }
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
    fn a_value_opens_in_its_own_row_alone_and_an_old_one_still_does() {
        let (dice, keys) = (Dice::seeded(1), Keys::new([1; 32]));
        let at = |row| Spot {
            table: "people_member",
            column: "card",
            row,
        };
        let sealed = keys.seal_at(at("lan"), "012345678901", &dice).unwrap();
        assert_eq!(keys.open_at(at("lan"), &sealed).unwrap(), "012345678901");
        assert!(
            keys.open_at(at("hoa"), &sealed).is_err(),
            "copied to another"
        );
        let other = Spot {
            table: "notices_endpoint",
            ..at("lan")
        };
        assert!(keys.open_at(other, &sealed).is_err());
        // Its mark taken off, it is no value of old either.
        assert!(
            keys.open_at(at("hoa"), sealed.trim_start_matches(BOUND))
                .is_err()
        );
        let old = keys.seal("card", "012345678901", &dice).unwrap();
        assert_eq!(keys.open_at(at("hoa"), &old).unwrap(), "012345678901");
        assert_eq!(keys.seal_at(at("lan"), "", &dice).unwrap(), "");
        assert_eq!(keys.open_at(at("lan"), "").unwrap(), "");
    }
    #[test]
    fn a_key_of_before_opens_and_finds_again_and_seals_nothing() {
        let (dice, old) = (Dice::seeded(1), Keys::new([1; 32]));
        let ring = Keys::new([2; 32]).with_before([[1; 32]]);
        let sealed = old.seal("card", "012345678901", &dice).unwrap();
        assert_eq!(ring.open("card", &sealed).unwrap(), "012345678901");
        assert!(ring.open("phone", &sealed).is_err());
        assert!(ring.alone().open("card", &sealed).is_err());
        let anew = ring.seal("card", "012345678901", &dice).unwrap();
        assert!(old.open("card", &anew).is_err());
        assert_eq!(ring.mac("card", "1"), ring.alone().mac("card", "1"));
        let found: Vec<String> = (ring.each().iter()).map(|k| k.mac("card", "1")).collect();
        assert_eq!(found, [ring.mac("card", "1"), old.mac("card", "1")]);
        assert_eq!(ring.fingerprint(), Keys::new([2; 32]).fingerprint());
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
