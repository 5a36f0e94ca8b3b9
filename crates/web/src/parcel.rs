//! A form that carries files, read part by part: `multipart/form-data`.
//!
//! Not here: ordinary forms ([`crate::Form`]), what becomes of a file (`files`, the room).
//! The rule that surprises: the token is the **first** part, and nothing after it is read, let alone kept,
//! before it was found right. A form that is none of ours is refused as one that carries no token.

use crate::Frame;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use kernel::error::{Error, Refusal, Result};
use std::convert::Infallible;

/// Longest token, in bytes.
const TOKEN_BYTES: usize = 200;
/// Longest word beside a file, in bytes.
const WORD_BYTES: usize = 10_000;
/// Parts at most: a form of a thousand little parts is refused before they are read.
const PARTS: usize = 500;

/// What a refused parcel says and where it leads.
#[derive(Debug, Clone)]
pub struct WayBack {
    /// The page to go back to.
    pub to: String,
    /// Key of that link.
    pub label: &'static str,
    /// Key of the sentence for too much.
    pub too_big: &'static str,
}

impl WayBack {
    /// Refuses with a sentence of the caller's, and leads back.
    pub fn refuse(&self, key: &'static str, status: u16) -> Error {
        Refusal::new(key)
            .status(status)
            .way_out(&self.to, self.label)
            .into()
    }
    /// Refuses what is too big.
    pub fn too_big(&self) -> Error {
        self.refuse(self.too_big, 413)
    }
    fn of(&self, cause: &MultipartError) -> Error {
        match cause.status() {
            StatusCode::PAYLOAD_TOO_LARGE => self.too_big(),
            _ => self.refuse("web-form-cut", 400),
        }
    }
}

/// A parcel that nobody opened yet: the last argument of a handler.
pub struct Sealed(Option<Multipart>);

impl<S: Send + Sync> FromRequest<S> for Sealed {
    type Rejection = Infallible;
    async fn from_request(request: Request, state: &S) -> std::result::Result<Self, Infallible> {
        Ok(Sealed(Multipart::from_request(request, state).await.ok()))
    }
}

impl Sealed {
    /// Opens it, once the token in its first part was found right.
    pub async fn open(self, frame: &Frame, back: WayBack) -> Result<Parcel> {
        let forged = || Refusal::new("web-form-forged").status(403);
        let form = self.0.ok_or_else(forged)?;
        let mut parcel = Parcel {
            form,
            back,
            parts: 0,
        };
        let token = match parcel.next().await? {
            Some(part) if part.name() == "csrf" => part.bytes(TOKEN_BYTES).await?,
            _ => None,
        };
        let token = token.unwrap_or_default();
        if !frame.csrf_matches(&String::from_utf8_lossy(&token)) {
            return Err(forged().into());
        }
        Ok(parcel)
    }
}

/// An opened parcel.
pub struct Parcel {
    form: Multipart,
    back: WayBack,
    parts: usize,
}

impl Parcel {
    /// The next part, in the order of the form.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>> {
        self.parts += 1;
        if self.parts > PARTS {
            return Err(self.back.too_big());
        }
        let back = &self.back;
        let field = self.form.next_field().await;
        Ok(field
            .map_err(|cause| back.of(&cause))?
            .map(|field| Part { field, back }))
    }
}

/// A part: a word of the form or a file.
pub struct Part<'a> {
    field: Field<'a>,
    back: &'a WayBack,
}

impl Part<'_> {
    /// Name of its field.
    pub fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }
    /// Name of the file as it was sent, untrusted; none for a word, empty where no file was chosen.
    pub fn file_name(&self) -> Option<&str> {
        self.field.file_name()
    }
    /// Refuses it for being too big.
    pub fn too_big(&self) -> Error {
        self.back.too_big()
    }
    /// The next piece of it.
    pub async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>> {
        let chunk = self.field.chunk().await;
        chunk.map_err(|cause| self.back.of(&cause))
    }
    /// All of it; none when it is longer than `most` bytes.
    pub async fn bytes(mut self, most: usize) -> Result<Option<Vec<u8>>> {
        let mut out = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            let chunk = chunk.as_ref();
            if out.len() + chunk.len() > most {
                return Ok(None);
            }
            out.extend_from_slice(chunk);
        }
        Ok(Some(out))
    }
    /// The word that it is.
    pub async fn word(self) -> Result<String> {
        let bytes = self.bytes(WORD_BYTES).await?;
        let bytes = bytes.ok_or_else(|| Refusal::new("web-form-too-big").status(413))?;
        String::from_utf8(bytes)
            .map(crate::form::straight)
            .map_err(|_| Refusal::new("web-form-not-utf8").status(400).into())
    }
}
