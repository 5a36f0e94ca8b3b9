//! The way out of a locked house: what the operator does at the machine for one member.
//!
//! Finds the member by what a person types, prints a slip, sets a password; each is the operator's act
//! in the log. Not here: the command line (`app`), posts (`people::giving`), whoever signs in.
//! The rule that surprises: a name does as well as a member code, when only one person is called so;
//! somebody who never had an account has no code yet.

use crate::account::{self, Issued};
use crate::password::{self, Gate};
use crate::{login, store};
use kernel::MemberId;
use kernel::error::Result;
use site::{May as _, Operator, Site};

/// A member as the operator knows them.
#[derive(Debug, Clone, PartialEq, Eq, db::FromRow)]
pub struct Known {
    /// Who.
    #[sqlx(try_from = "String")]
    pub member_id: MemberId,
    /// Their name.
    pub name: String,
    /// Their id in the system that they came from; may be empty.
    pub external_id: String,
    /// Their member code; empty without an account.
    pub login: String,
    /// Their name, with the year of birth where another has the same.
    #[sqlx(skip)]
    pub shown: String,
}

impl Known {
    /// A word by which they can be named again: member code, foreign id, else our own id.
    pub fn code(&self) -> &str {
        [self.login.as_str(), self.external_id.as_str()]
            .into_iter()
            .find(|word| !word.is_empty())
            .unwrap_or(self.member_id.as_str())
    }
}

/// The one member of that code or name; else those who may be meant, a dozen at most.
pub async fn find(site: &Site, text: &str) -> Result<std::result::Result<Known, Vec<Known>>> {
    Ok(match look(site, text).await? {
        Ok(known) => {
            // Whoever holds the paper in hand must see whose it is, also when another is called so.
            let fold = vietnamese::fold(&known.name);
            let mut all = store::list_called(&site.db, "", "", &fold).await?;
            if all.iter().all(|one| one.member_id != known.member_id) {
                all.push(known.clone());
            }
            tell_apart(site, &mut all).await?;
            let own = all.into_iter().find(|one| one.member_id == known.member_id);
            Ok(own.unwrap_or(known))
        }
        Err(mut near) => {
            tell_apart(site, &mut near).await?;
            Err(near)
        }
    })
}

async fn tell_apart(site: &Site, all: &mut [Known]) -> Result<()> {
    let people: Vec<(MemberId, &str)> = (all.iter())
        .map(|one| (one.member_id.clone(), one.name.as_str()))
        .collect();
    let shown = people::roster::told_apart_anywhere(site, &people).await?;
    for (one, shown) in all.iter_mut().zip(shown) {
        one.shown = shown;
    }
    Ok(())
}

async fn look(site: &Site, text: &str) -> Result<std::result::Result<Known, Vec<Known>>> {
    let (text, code) = (text.trim(), login::code(text));
    let fold = vietnamese::fold(text);
    let fold = fold.split_whitespace().collect::<Vec<_>>().join(" ");
    let called = store::list_called(&site.db, text, &code, &fold).await?;
    // A member code is the handbook's own and names one; a foreign id may be somebody's name.
    let mut own =
        (called.iter()).filter(|known| known.login == code || known.member_id.as_str() == text);
    if let (Some(one), None) = (own.next(), own.next()) {
        return Ok(Ok(one.clone()));
    }
    if let [one] = called.as_slice() {
        return Ok(Ok(one.clone()));
    }
    if !called.is_empty() {
        return Ok(Err(called));
    }
    let part: String = fold
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .collect();
    let mut found = store::list_called_nearly(&site.db, part.trim()).await?;
    if found.is_empty() {
        found = store::list_called_nearly(&site.db, "").await?;
    }
    Ok(Err(found))
}

/// A new slip for that member; earlier ones end here.
pub async fn slip(site: &Site, by: &Operator, known: &Known) -> Result<Issued> {
    let mut act = by.clone().begin(site, "command", "account.slip").await?;
    let account =
        account::ensure(&mut act, &known.member_id, &known.name, &known.external_id).await?;
    let issued = account::issue(&mut act, &account).await?;
    act.end().await?;
    Ok(issued)
}

/// Sets a password and ends every session, token and slip of the account. Answers the member code; or
/// the key of the sentence that says why the password will not do.
pub async fn password(
    site: &Site,
    by: &Operator,
    known: &Known,
    new: &str,
) -> Result<std::result::Result<String, &'static str>> {
    let (_, mut own) = people::identity::known_of(site, &known.member_id).await?;
    own.push(known.login.clone());
    if let Err(weak) = password::check(new, own).await? {
        return Ok(Err(weak.key()));
    }
    let hash = Gate::default()
        .hash(&site.dice, &vietnamese::nfc(new))
        .await?;
    let mut act = by
        .clone()
        .begin(site, "command", "account.set_password")
        .await?;
    let account =
        account::ensure(&mut act, &known.member_id, &known.name, &known.external_id).await?;
    account::reset_by_operator(&mut act, &account.id, &hash).await?;
    if !account.password_hash.is_empty() {
        account::tell_password(&mut act, &known.member_id).await?;
    }
    act.line()
        .about(&known.member_id)
        .object("account", &account.id);
    let login = store::find_account_of(&mut act, &known.member_id)
        .await?
        .map_or_else(String::new, |account| account.login);
    act.end().await?;
    Ok(Ok(login))
}

#[cfg(test)]
mod tests {
    use site::Operator;
    use testkit::on_both;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_member_is_found_by_code_or_name_and_others_are_named_when_not() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let site = &app.site;
                let find = async |text: &str| super::find(site, text).await.unwrap();
                let hoa = find("lương thị hoa").await.unwrap();
                assert_eq!((hoa.member_id.as_str(), hoa.login.as_str()), ("hoa", ""));
                let near = find("Minh").await.unwrap_err();
                let names: Vec<&str> = near.iter().map(|known| known.name.as_str()).collect();
                assert_eq!(names, ["Trần Văn Minh", "Phạm Minh Thu"]);
                assert_eq!(find("nobody at all").await.unwrap_err().len(), 6);
                assert_eq!(hoa.shown, "Lương Thị Hoa", "nobody else is called so");
                let by = Operator::at("slip");
                let slip = super::slip(site, &by, &hoa).await.unwrap();
                assert_eq!(find(&slip.login).await.unwrap().login, slip.login);
                assert_eq!(find("hoa").await.unwrap().member_id, hoa.member_id);
                assert_eq!(
                    app.count(
                        "select count(*) from audit_event where action = 'account.slip' \
                         and capability = 'operator' and actor_label = 'sotay slip' and about_member_id = 'hoa'"
                    )
                    .await,
                    1
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_password_of_the_operator_is_judged_and_ends_what_was_open() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let site = &app.site;
                let by = Operator::at("password");
                let hoa = super::find(site, "hoa").await.unwrap().unwrap();
                super::slip(site, &by, &hoa).await.unwrap();
                let weak = super::password(site, &by, &hoa, "12345678").await.unwrap();
                assert_eq!(weak, Err("account-password-guessable"));
                let short = super::password(site, &by, &hoa, "x").await.unwrap();
                assert_eq!(short, Err("account-password-short"));
                let open = "select count(*) from account_slip where revoked_at is null and used_at is null";
                assert_eq!(app.count(open).await, 1);
                let good = "con mèo vàng ngủ trên mái bếp";
                let login = super::password(site, &by, &hoa, good)
                    .await
                    .unwrap()
                    .unwrap();
                assert!(login.starts_with("hoa"), "{login}");
                assert_eq!(app.count(open).await, 0);
            },
        )
        .await;
    }
}
