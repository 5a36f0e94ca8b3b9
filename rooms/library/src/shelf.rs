//! Shelves: what one is called, who may see it, and making one.
//!
//! Not here: the covers on it (`wall`), what a title is (`title`).
//! A shelf that is there already stays as it is: making it twice is no error.

use crate::access::{Importing, Shelves};
use crate::id::ShelfId;
use crate::store;
use kernel::Audience;
use kernel::error::{Error, Refusal, Result};
use site::{Act, May as _, Site};

/// A shelf to be made.
#[derive(Debug, Clone, Default)]
pub struct NewShelf {
    /// Its word in addresses: `a-z`, `0-9` and `-`, at most 60.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What stands on it, in a sentence.
    pub lead: String,
    /// Who may see it.
    pub audience: Audience,
}

/// Whether a text can be a shelf's slug. `new` is the address of the form.
pub fn is_slug(text: &str) -> bool {
    (1..=60).contains(&text.len())
        && text != "new"
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// A slug made from a name: `Chi bộ điện tử` becomes `chi-bo-dien-tu`.
pub fn slug_of(name: &str) -> String {
    let mut out = String::new();
    for (_, word) in vietnamese::syllables(&vietnamese::fold(name)) {
        let word: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        if word.is_empty() || out.len() + word.len() >= 60 {
            continue;
        }
        if !out.is_empty() {
            out.push('-');
        }
        out.push_str(&word);
    }
    out
}

/// The shelf of that slug, made now when it is not there. Answers its id and whether it was made.
///
/// # Errors
/// A slug that cannot be one is refused.
pub async fn ensure(site: &Site, by: &Importing, wanted: &NewShelf) -> Result<(ShelfId, bool)> {
    let act = by.clone().begin(site, "import", "shelf.add").await?;
    ensure_in(act, wanted).await
}

/// Whether a shelf can be made of this.
pub(crate) fn check(wanted: &NewShelf) -> Result<()> {
    if is_slug(&wanted.slug) {
        Ok(())
    } else {
        Err(Refusal::new("library-refused-slug")
            .arg("slug", &wanted.slug)
            .into())
    }
}

/// Makes the shelf and ends the act; a shelf that is there already stays as it is.
pub(crate) async fn ensure_in<P: Shelves>(
    mut act: Act<P>,
    wanted: &NewShelf,
) -> Result<(ShelfId, bool)> {
    check(wanted)?;
    let name = vietnamese::nfc(wanted.name.trim());
    let name = if name.is_empty() {
        wanted.slug.clone()
    } else {
        name
    };
    let (row, made) = store::ensure_shelf(&mut act, wanted, &name).await?;
    let id: ShelfId = row.id.parse().map_err(Error::fault)?;
    if made {
        act.line().object("shelf", &id);
        act.end().await?;
    } else {
        act.leave().await?;
    }
    Ok((id, made))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_comes_from_a_name() {
        assert_eq!(slug_of("Chi bộ điện tử"), "chi-bo-dien-tu");
        assert!(is_slug(&slug_of(
            "Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh"
        )));
        assert!(!is_slug("../x") && !is_slug("new") && !is_slug(""));
    }
}
