//! Encrypted archives: the age format (age-encryption.org/v1), to public keys, opened with an identity file.
//!
//! Whoever makes archives needs the public key alone, so a stolen server does not open them. Any age tool
//! reads them. Not here: passphrases; the key of sealed values (`site::seal`).

use age::{Decryptor, Encryptor, IdentityFile, x25519};
use kernel::error::{Doing, Error, Result};
use kernel::{Said, said};
use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};

/// Those who can open an archive.
#[derive(Clone, Default)]
pub(crate) struct Recipients(Vec<x25519::Recipient>);

impl std::fmt::Debug for Recipients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let all = self.0.iter().map(ToString::to_string);
        f.debug_list().entries(all).finish()
    }
}

impl Recipients {
    /// Reads public keys (`age1…`), with spaces or commas between them.
    pub(crate) fn read(text: &str) -> Result<Recipients> {
        let words = text.split([' ', ',', '\n', '\t']);
        let keys = words.filter(|word| !word.is_empty()).map(|word| {
            word.parse().map_err(|_| {
                Error::fault(said!(
                    "\"{}\" is no public key of age: it begins with age1; `sotay archives new-key FILE` makes one",
                    word
                ))
            })
        });
        Ok(Recipients(keys.collect::<Result<_>>()?))
    }
    /// Whether there is nobody: then it is not encrypted.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What can open an archive.
#[derive(Default)]
pub(super) struct Keys {
    identities: Vec<Box<dyn age::Identity + Send + Sync>>,
    from: Option<PathBuf>,
}

impl Keys {
    /// Reads an identity file, if one is named.
    pub(super) fn read(file: Option<&Path>) -> Result<Keys> {
        let Some(path) = file else {
            return Ok(Keys::default());
        };
        let doing = || said!("reading the identity file {}", path.display());
        let text = std::fs::read(path).map_err(Error::fault).doing(doing())?;
        let identities = IdentityFile::from_buffer(text.as_slice())
            .map_err(Error::fault)
            .and_then(|file| file.into_identities().map_err(Error::fault))
            .doing(doing())?;
        Ok(Keys {
            identities,
            from: Some(path.to_path_buf()),
        })
    }
}

/// What every age file begins with.
const MARK: &[u8] = b"age-encryption.org/";

/// Whether a file begins as an encrypted one. Without a key no more can be told.
pub(super) fn begins_there(path: &Path) -> bool {
    let mut head = [0; MARK.len()];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == MARK
}

/// The content of an archive, decrypted if it is encrypted.
pub(super) fn open(mut from: impl BufRead + 'static, keys: &Keys) -> Result<Box<dyn Read>> {
    if !from.fill_buf()?.starts_with(MARK) {
        return Ok(Box::new(from));
    }
    if keys.identities.is_empty() {
        return Err(Error::fault(
            "it is encrypted: name the file with your secret key, --identity FILE",
        ));
    }
    let told = |cause: age::DecryptError| match (cause, &keys.from) {
        (age::DecryptError::NoMatchingKeys, Some(path)) => Error::fault(said!(
            "it is encrypted, and not to a key of {}",
            path.display()
        )),
        (cause, _) => {
            let cause = Said::foreign(cause.to_string());
            Error::fault(said!("it is encrypted and damaged: {}", cause))
        }
    };
    let locked = Decryptor::new_buffered(from).map_err(told)?;
    let identities = (keys.identities.iter()).map(|key| &**key as &dyn age::Identity);
    Ok(Box::new(locked.decrypt(identities).map_err(told)?))
}

/// Where an archive is written, encrypted or not.
pub(super) enum Out<W: Write> {
    /// As it is.
    Plain(W),
    /// Encrypted.
    Sealed(age::stream::StreamWriter<W>),
}

/// Begins to write for these recipients; answers also the key with which this run can read it again.
/// That key is of this run alone and is never kept.
pub(super) fn begin<W: Write>(to: W, recipients: &Recipients) -> Result<(Out<W>, Keys)> {
    if recipients.is_empty() {
        return Ok((Out::Plain(to), Keys::default()));
    }
    let ours = x25519::Identity::generate();
    let public = ours.to_public();
    let all = (recipients.0.iter().chain([&public])).map(|key| key as &dyn age::Recipient);
    let writer = Encryptor::with_recipients(all).map_err(Error::fault)?;
    let keys = Keys {
        identities: vec![Box::new(ours)],
        from: None,
    };
    Ok((Out::Sealed(writer.wrap_output(to)?), keys))
}

impl<W: Write> Out<W> {
    /// Writes the end.
    pub(super) fn finish(self) -> std::io::Result<W> {
        match self {
            Out::Plain(to) => Ok(to),
            Out::Sealed(writer) => writer.finish(),
        }
    }
}

impl<W: Write> Write for Out<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Out::Plain(to) => to.write(bytes),
            Out::Sealed(to) => to.write(bytes),
        }
    }
    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Out::Plain(to) => to.flush(),
            Out::Sealed(to) => to.flush(),
        }
    }
}

/// Makes a pair of keys: the secret one into a new file that its owner alone reads; answers the public one.
pub(crate) fn new_key(path: &Path) -> Result<String> {
    use age::secrecy::ExposeSecret as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let secret = x25519::Identity::generate();
    let public = secret.to_public().to_string();
    let doing = || said!("making {}", path.display());
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(Error::fault)
        .doing(doing())?;
    let text = format!(
        "# public key: {public}\n{}\n",
        secret.to_string().expose_secret()
    );
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(Error::fault)
        .doing(doing())?;
    Ok(public)
}
