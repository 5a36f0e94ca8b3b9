//! Shelves: what one is called, who may see it, and making one.
//!
//! Not here: the covers on it (`wall`), what a title is (`title`).
//! A shelf that is there already stays as it is: making it twice is no error.

use crate::id::ShelfId;
use crate::store;
use db::{Tx, sql};
use kernel::error::{Error, Refusal, Result};
use site::Site;

/// A shelf to be made.
#[derive(Debug, Clone, Default)]
pub struct NewShelf {
    /// Its word in addresses: `a-z`, `0-9` and `-`, at most 60.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What stands on it, in a sentence.
    pub lead: String,
    /// Its audience token; empty means `members`.
    pub audience: String,
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

/// Whether a text is an audience token: `public`, `members`, `unit:/a/b/`.
pub fn is_audience(text: &str) -> bool {
    match text {
        "public" | "members" => true,
        _ => text
            .strip_prefix("unit:")
            .is_some_and(|path| kernel::UnitPath::try_from(path.to_owned()).is_ok()),
    }
}

/// The shelf of that slug, made now when it is not there. Answers its id and whether it was made.
///
/// # Errors
/// A slug or an audience that cannot be one is refused.
pub async fn ensure(site: &Site, wanted: &NewShelf) -> Result<(ShelfId, bool)> {
    let mut tx = site.db.begin().await?;
    let (id, made) = ensure_in(site, &mut tx, wanted).await?;
    site.db.commit(tx).await?;
    Ok((id, made))
}

/// Whether a shelf can be made of this. Answers the audience token it would have.
pub(crate) fn check(wanted: &NewShelf) -> Result<&str> {
    let audience = if wanted.audience.is_empty() {
        "members"
    } else {
        &wanted.audience
    };
    if !is_slug(&wanted.slug) {
        return Err(Refusal::new("library-refused-slug")
            .arg("slug", &wanted.slug)
            .into());
    }
    if !is_audience(audience) {
        return Err(Refusal::new("library-refused-audience")
            .arg("audience", audience)
            .into());
    }
    Ok(audience)
}

pub(crate) async fn ensure_in(
    site: &Site,
    tx: &mut Tx,
    wanted: &NewShelf,
) -> Result<(ShelfId, bool)> {
    let audience = check(wanted)?;
    let name = vietnamese::nfc(wanted.name.trim());
    let name = if name.is_empty() {
        wanted.slug.clone()
    } else {
        name
    };
    let position = sql(store::NEXT_POSITION).count(&mut **tx).await?;
    let made = sql(store::ADD_SHELF)
        .bind(ShelfId::fresh(&site.clock, &site.dice))
        .bind(&wanted.slug)
        .bind(&name)
        .bind(vietnamese::sort_key(&name))
        .bind(vietnamese::nfc(wanted.lead.trim()))
        .bind(position)
        .bind(audience)
        .bind(site.clock.now())
        .run(&mut **tx)
        .await?;
    let row: store::ShelfRow = sql(store::ANY_SHELF)
        .bind(&wanted.slug)
        .one(&mut **tx)
        .await?;
    let id = row.id.parse().map_err(Error::fault)?;
    Ok((id, made > 0))
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
    #[test]
    fn an_audience_is_one_of_three_shapes() {
        assert!(is_audience("unit:/bloc/committee/") && is_audience("members"));
        assert!(!is_audience("unit:bloc") && !is_audience("everyone"));
    }
}
