//! A post as somebody wishes to give it: who is in office already, who must agree, and the giving itself. The form
//! (`pages::new`) and lists of members (`rosters`) both go this way.
//!
//! Not here: which roles may be given (`post`), what waits for a second person (`giving`), the forms.
//! The rule that surprises: a second "bí thư" beside one in office is given only by somebody who said so.

use crate::access::CanGive;
use crate::page::term;
use crate::posts::post;
use crate::posts::store::{self, NewHolding};
use crate::posts::{giving, taking};
use crate::roster::Post;
use kernel::cap::Reach;
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, Day, MemberId, Role, UnitRef};
use site::four_eyes::Seconds;
use site::import::Back;
use site::{Act, May as _, Site, Source};
use web::Frame;

/// A post that a run of a list gave, as the run remembers it.
pub const GIVEN: &str = "holding";
/// The same while it waited for a second person.
pub const ASKED: &str = "holding-asked";

/// What stands beside a wish before it is done.
#[derive(Debug)]
pub struct Seen {
    /// Who leads the unit already, where the wish is a "bí thư".
    pub in_office: Vec<Post>,
    /// Their posts, as far as they end by the wish.
    pub replaces: Vec<String>,
    /// Whether the wish may take their place.
    pub may_replace: bool,
    /// Who agrees first when it is done beside them; nobody: it is done at once.
    pub seconds: Seconds,
    /// The same when it takes their place.
    pub replacing: Seconds,
}

impl Seen {
    /// Those in office with their days, in words.
    pub fn told(&self, frame: &Frame) -> Vec<(String, String, String)> {
        let told = self.in_office.iter().map(|post| {
            let since = term(frame, &post.from_on, &post.to_on);
            (post.name.clone(), post.title.clone(), since)
        });
        told.collect()
    }
}

/// Looks at what stands beside a wish. `receiver` is nobody where a list makes the person first: then the giver
/// made them.
///
/// # Errors
/// When the database fails.
pub async fn look(
    site: &Site,
    giver: &Actor,
    unit: &UnitRef,
    (title, role, from_on): (&str, Role, Day),
    receiver: Option<&MemberId>,
) -> Result<Seen> {
    let seconds = match receiver {
        Some(member) => giving::waits_for(site, role, unit, &giver.member, member).await?,
        None if role == Role::Member => Seconds::default(),
        None => post::seconds(site, Cap::GrantApprove, &unit.path, &giver.member, &[]).await?,
    };
    let on = from_on.max(site.clock.today());
    let held = match receiver {
        Some(member) => post::first_already(site, &unit.id, (title, role), member, on).await?,
        None => {
            let nobody = MemberId::try_from("new".to_owned()).map_err(Error::fault)?;
            post::first_already(site, &unit.id, (title, role), &nobody, on).await?
        }
    };
    let mut seen = Seen {
        in_office: held,
        replaces: Vec::new(),
        may_replace: true,
        replacing: seconds.clone(),
        seconds,
    };
    for post in &seen.in_office {
        // One that began later, or that the giver could not give, stays.
        match post::find_endable(site, giver, &unit.id, &post.holding_id).await {
            Ok(held) if held.from_on <= from_on => {
                if seen.replacing.is_empty() {
                    seen.replacing = taking::waits_for(site, &held, &giver.member).await?;
                }
                seen.replaces.push(held.id);
            }
            Ok(_) | Err(Error::NotFound) => seen.may_replace = false,
            Err(error) => return Err(error),
        }
    }
    Ok(seen)
}

/// What became of a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appointed {
    /// They have the post.
    Given,
    /// They had that very post.
    Already,
    /// It waits for a second person.
    Waits,
}

/// Gives the post, or keeps it for whoever agrees (`seconds`), in an act of its own. `line` says it in one line to
/// them; `run` is the run of a list, which remembers it to take it back.
///
/// # Errors
/// Refused when the receiver is no longer there, or the same post waits already; [`Error::NotFound`] without the right.
#[allow(clippy::too_many_arguments)] // one wish with all that was seen of it
pub async fn appoint<S: Source + ?Sized + Sync>(
    site: &Site,
    from: &S,
    giver: &Actor,
    unit: &UnitRef,
    new: &NewHolding,
    (replaces, seconds): (&[String], &Seconds),
    line: String,
    run: Option<&str>,
) -> Result<Appointed> {
    let may = CanGive::of(giver, unit, site.clock.today())?;
    if !seconds.is_empty() {
        let mut act = may.begin(site, from, "position.prepare").await?;
        let asked = giving::prepare(&mut act, new, replaces, line).await?;
        site::import::note_made(&mut act, run, ASKED, &[asked.to_string()]).await?;
        act.line().about(&new.member).diff(&serde_json::json!({
            "title": new.title, "role": new.role.name(), "from_on": new.from_on, "to_on": new.to_on,
        }));
        act.end().await?;
        return Ok(Appointed::Waits);
    }
    let mut act = may.begin(site, from, "position.give").await?;
    let Some(holding) = giving::give_new(&mut act, new).await? else {
        act.leave().await?;
        return Ok(Appointed::Already);
    };
    giving::replace(&mut act, giver, unit, replaces, new.from_on).await?;
    site::import::note_made(&mut act, run, GIVEN, &[holding]).await?;
    act.end().await?;
    Ok(Appointed::Given)
}

/// Whether somebody has a post of that role in the unit today, as secretary where the title says so: "Bí thư" and
/// "Bí thư chi bộ" are one.
///
/// # Errors
/// When the database fails.
pub async fn holds(
    site: &Site,
    unit: &UnitRef,
    (title, role): (&str, Role),
    member: &MemberId,
) -> Result<bool> {
    let held = store::list_of_unit(&site.db, &unit.id, site.clock.today()).await?;
    Ok(held.iter().any(|post| {
        post.member_id == *member
            && post.role == role.name()
            && post::is_first(&post.title) == post::is_first(title)
    }))
}

/// Takes back a post that a run gave, while nothing was done by its right, or what still waits of it. A post given
/// today for ever is as if it had never been: it ends on its first day.
///
/// # Errors
/// When the database fails.
pub async fn take_back<S: Source + ?Sized + Sync>(
    site: &Site,
    from: &S,
    by: &Actor,
    (kind, id): (&str, &str),
    reason: &str,
) -> Result<(Back, String)> {
    if kind == ASKED {
        return take_back_asked(site, from, by, id).await;
    }
    let Some(held) = store::find_held_anywhere(&site.db, id).await? else {
        return Ok((Back::Gone, String::new()));
    };
    let name = held.name.clone();
    if held.to_on <= held.from_on {
        return Ok((Back::Gone, name));
    }
    let unit = held.unit();
    let (may, endable) = (
        CanGive::of(by, &unit, site.clock.today()),
        post::find_endable(site, by, &unit.id, id).await,
    );
    let (Ok(may), Ok(held)) = (may, endable) else {
        return Ok((Back::Kept, name));
    };
    if !taking::waits_for(site, &held, &by.member).await?.is_empty() {
        return Ok((Back::Kept, name));
    }
    let mut act: Act<CanGive> = may.begin(site, from, "position.end").await?;
    crate::store::bump_epoch(&mut act).await?;
    let is_used = store::count_done(&mut act, id).await? > 0;
    if is_used || !taking::end(&mut act, &held, held.from_on, reason).await? {
        act.leave().await?;
        return Ok((Back::Kept, name));
    }
    act.end().await?;
    Ok((Back::Removed, name))
}

async fn take_back_asked<S: Source + ?Sized + Sync>(
    site: &Site,
    from: &S,
    by: &Actor,
    id: &str,
) -> Result<(Back, String)> {
    let Ok(id) = id.parse() else {
        return Ok((Back::Gone, String::new()));
    };
    let Some(asked) = approvals::find(&site.db, &id).await? else {
        return Ok((Back::Gone, String::new()));
    };
    let name = asked.title.clone();
    let waiting = giving::is_waiting(site, &id).await?;
    Ok(match (waiting, asked.prepared_by == by.member) {
        (true, true) => {
            site::four_eyes::withdraw(site, from, by, &id).await?;
            (Back::Removed, name)
        }
        (true, false) => (Back::Kept, name),
        // Agreed to: somebody else's word stands behind it. Refused or run out: nothing is left of it.
        (false, _) if asked.state == approvals::State::Applied => (Back::Kept, name),
        (false, _) => (Back::Gone, name),
    })
}

/// The role and the title that a list's words mean in a unit: what is of another unit, or brings no right by that
/// name alone, is none.
pub fn read(is_cell: bool, words: &str) -> Option<(Role, String)> {
    const ABOVE: [&str; 8] = [
        "dang uy", "dang bo", "huyen uy", "tinh uy", "thanh uy", "quan uy", "xa", "phuong",
    ];
    words.split([',', ';', '/', '+', '\n']).find_map(|part| {
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
        let folded = vietnamese::fold(&part);
        let folded = folded.trim_matches(['.', ' ']);
        let names = |word: &str| format!(" {folded} ").contains(&format!(" {word} "));
        let is_above = ABOVE.iter().any(|word| names(word));
        let is_of_cell = ["chi bo", "chi uy", "cb"].iter().any(|word| names(word));
        let leads = ["bi thu", "pho bi thu"];
        let begins = |word: &str| folded.eq(word) || folded.starts_with(&format!("{word} "));
        let is_lead = leads.iter().any(|word| begins(word)) && !names("doan") && !names("cu");
        let is_committee = ["chi uy vien", "uy vien chi uy"]
            .iter()
            .any(|word| begins(word));
        let role = match (is_cell, is_lead, is_committee) {
            (true, true, _) if !is_above => Role::CellLead,
            (true, _, true) if !is_above => Role::CellCommittee,
            (false, true, _) if !is_of_cell => Role::CommitteeLead,
            _ => return None,
        };
        let mut title = part;
        if let Some(first) = title.chars().next() {
            let upper: String = first.to_uppercase().collect();
            title.replace_range(..first.len_utf8(), &upper);
        }
        (title.chars().count() <= 120).then_some((role, title))
    })
}

/// Whether a role reaches beyond its unit.
pub fn is_wide(role: Role) -> bool {
    role.reach() != Reach::Unit
}

/// The post as the form would write it, of today and for as long as the giver may.
///
/// # Errors
/// Why it is not given (R3).
pub fn wish(
    giver: &Actor,
    unit: &UnitRef,
    (role, title): (Role, &str),
    member: &MemberId,
    today: Day,
) -> std::result::Result<NewHolding, post::Refused> {
    let to_on = post::check(giver, role, unit, member, today, today, None)?;
    Ok(NewHolding {
        to_on,
        ..NewHolding::new(&unit.id, title, role, giving::rank(role), member, today)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_posts_of_its_own_unit_alone() {
        let of = read;
        let cell = |words| of(true, words).map(|(role, _)| role);
        assert_eq!(
            of(true, "bí thư  chi bộ"),
            Some((Role::CellLead, "Bí thư chi bộ".to_owned()))
        );
        assert_eq!(cell("Đảng ủy viên, Phó Bí thư"), Some(Role::CellLead));
        assert_eq!(cell("Chi ủy viên"), Some(Role::CellCommittee));
        for other in [
            "Bí thư Đảng ủy",
            "Đảng ủy viên",
            "Bí thư Đoàn",
            "Tổ trưởng",
            "Nguyên Bí thư",
            "",
            "Bí thư cũ",
        ] {
            assert_eq!(cell(other), None, "{other}");
        }
        assert_eq!(
            of(false, "Bí thư Đảng ủy").map(|(role, _)| role),
            Some(Role::CommitteeLead)
        );
        assert_eq!(of(false, "Bí thư chi bộ"), None);
    }
}
