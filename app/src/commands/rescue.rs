//! `grant`, `slip`, `password`: what the operator does for one member at the machine.
//!
//! The way out of a house that nobody can open, and the second pair of eyes of a new one. Each is the
//! operator's act in the log. Not here: who is found and what is written (`account::rescue`,
//! `people::giving`).

use super::Done;
use super::start::print_slip;
use crate::config::Config;
use crate::house::{self, Make};
use crate::tongue::{self, ask, tell};
use account::rescue::{self, Known};
use clap::Args;
use kernel::Role;
use kernel::cap::Reach;
use kernel::error::{Error, Result};
use kernel::{Said, said};
use people::known::LivingUnit;
use people::store::NewHolding;
use site::{May as _, Operator, Site};
use std::io::{IsTerminal as _, Read as _};
use std::process::{Command, Stdio};

/// Options of `sotay grant`.
#[derive(Args)]
pub(super) struct Grant {
    /// Member code, or the full name in quotes when only one is called so.
    #[arg(value_name = "MEMBERCODE")]
    member: String,
    /// What the post brings, by code or name: cell_lead, "Cell leader", … (`sotay permissions` lists them).
    #[arg(value_name = "ROLE")]
    role: String,
    /// Code of the unit, or its name in quotes.
    #[arg(value_name = "UNITCODE")]
    unit: String,
    /// What the post is called (default: the name of the role).
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,
    /// Give it beside whoever is secretary already
    #[arg(long)]
    beside: bool,
}

/// The member of `sotay slip` and `sotay password`.
#[derive(Args)]
pub(super) struct Whom {
    /// Member code, or the full name in quotes when only one is called so.
    #[arg(value_name = "MEMBERCODE")]
    member: String,
}

pub(super) async fn grant(options: Grant, config: &Config) -> Result<Done> {
    let house = house::open(config, Make::No).await?;
    let done = give(&house.site, &options).await;
    house.site.db.close().await;
    match done? {
        Ok(told) => {
            tell(told);
            Ok(Done::Good)
        }
        Err(why) => Ok(Done::WrongUse(why)),
    }
}

pub(super) async fn slip(whom: Whom, config: &Config) -> Result<Done> {
    let house = house::open(config, Make::No).await?;
    let by = Operator::at("slip");
    let made = match rescue::find(&house.site, &whom.member).await? {
        Ok(known) => Ok((rescue::slip(&house.site, &by, &known).await?, known.shown)),
        Err(near) => Err(nobody(&whom.member, &near)),
    };
    let public_url = house.site.edge.public_url.get();
    house.site.db.close().await;
    match made {
        Ok((issued, name)) => print_slip(&public_url, &name, &issued),
        Err(why) => Ok(Done::WrongUse(why)),
    }
}

pub(super) async fn password(whom: Whom, config: &Config) -> Result<Done> {
    let house = house::open(config, Make::No).await?;
    let done = set_password(&house.site, &whom.member).await;
    house.site.db.close().await;
    match done? {
        Ok(told) => {
            tell(told);
            Ok(Done::Good)
        }
        Err(why) => Ok(Done::WrongUse(why)),
    }
}

/// Gives a post as the operator: the sentence that says so, or why not.
async fn give(site: &Site, options: &Grant) -> Result<std::result::Result<Said, Said>> {
    let known = match rescue::find(site, &options.member).await? {
        Ok(known) => known,
        Err(near) => return Ok(Err(nobody(&options.member, &near))),
    };
    let named = people::roles::find(&site.edge.texts, &options.role);
    let Some(role) = named.filter(|role| *role != Role::Member) else {
        return Ok(Err(no_role(site, &options.role)));
    };
    let today = site.clock.today();
    let units = people::known::living_units(site, today).await?;
    let unit = match people::known::called(&units, &options.unit).as_slice() {
        [one] => (*one).clone(),
        [] => {
            return Ok(Err(no_unit(
                &options.unit,
                &units.iter().collect::<Vec<_>>(),
            )));
        }
        several => return Ok(Err(no_unit(&options.unit, several))),
    };
    if role.reach() == Reach::Instance && unit.path.depth() != 1 {
        return Ok(Err(said!(
            "{} reaches over the whole handbook: give it at the top unit",
            role_name(site, role)
        )));
    }
    let title = (options.title.as_deref())
        .map(str::trim)
        .filter(|title| !title.is_empty())
        .map_or_else(
            || people::giving::title_of(&site.edge.texts, role),
            str::to_owned,
        );
    let named = (title.as_str(), role);
    let first = people::post::first_already(site, &unit.id, named, &known.member_id, today).await?;
    if let (Some(post), false) = (first.first(), options.beside) {
        return Ok(Err(said!(
            "{} is {} there already. End that post on the page of the unit first, or add --beside to have two.",
            post.name,
            post.title
        )));
    }
    let rank = people::giving::rank(role);
    let new = NewHolding {
        basis: people::fact::Basis::Appointed,
        ..NewHolding::new(&unit.id, &title, role, rank, &known.member_id, today)
    };
    let mut act = Operator::at("grant")
        .begin(site, "command", "position.give")
        .await?;
    if !people::giving::give(&mut act, &new).await? {
        act.leave().await?;
        return Ok(Ok(said!(
            "{} holds this post already: {}, {}.",
            known.name,
            title,
            unit.name
        )));
    }
    act.end().await?;
    Ok(Ok(said!(
        "Given: {}, {} ({}), {}. It holds from now on.",
        known.name,
        title,
        role_name(site, role),
        unit.name
    )))
}

async fn set_password(site: &Site, member: &str) -> Result<std::result::Result<Said, Said>> {
    let known = match rescue::find(site, member).await? {
        Ok(known) => known,
        Err(near) => return Ok(Err(nobody(member, &near))),
    };
    let Some(new) = read_password(&known.shown)? else {
        return Ok(Err(said!("the two passwords differ; nothing was changed")));
    };
    let by = Operator::at("password");
    Ok(match rescue::password(site, &by, &known, &new).await? {
        Ok(login) => Ok(said!(
            "The password of {} (sign-in code: {}) is set. Every device that was signed in is signed out.",
            known.name,
            login
        )),
        Err(key) => Err(said!(
            "nothing was changed: {}",
            site.edge.texts.get(tongue::lang(), key)
        )),
    })
}

/// Asks twice at a terminal, without showing what is typed; else reads the first line of what is
/// piped in. `None` when the two differ.
fn read_password(name: &str) -> Result<Option<String>> {
    if !std::io::stdin().is_terminal() {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(Error::fault)?;
        return Ok(Some(text.lines().next().unwrap_or_default().to_owned()));
    }
    let hidden = Hidden::begin();
    ask(said!("New password of {}: ", name));
    let first = read_line()?;
    ask(said!("\nOnce more: "));
    let second = read_line()?;
    ask(said!("\n"));
    drop(hidden);
    Ok((first == second).then_some(first))
}

fn read_line() -> Result<String> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(Error::fault)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The terminal shows nothing of what is typed until this is dropped.
struct Hidden;

impl Hidden {
    fn begin() -> Hidden {
        stty("-echo");
        Hidden
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        stty("echo");
    }
}

fn stty(word: &str) {
    let asked = Command::new("stty")
        .arg(word)
        .stdin(Stdio::inherit())
        .stderr(Stdio::null())
        .status();
    if !asked.is_ok_and(|status| status.success()) {
        tell(said!("(This terminal cannot hide what is typed.)"));
    }
}

fn nobody(text: &str, near: &[Known]) -> Said {
    if near.is_empty() {
        return said!(
            "no single member is called \"{}\"; there is no member yet",
            text
        );
    }
    let head = said!(
        "no single member is called \"{}\". Name one of these by their code:",
        text
    );
    let near = near.iter();
    let near = near.map(|known| said!("  {}  {}", known.code(), known.shown));
    Said::list([head].into_iter().chain(near), "\n")
}

/// What a role is called in the language of the line.
fn role_name(site: &Site, role: Role) -> String {
    let texts = &site.edge.texts;
    texts.get(tongue::lang(), people::roles::name(role))
}

fn no_role(site: &Site, text: &str) -> Said {
    let head = said!(
        "there is no role \"{}\". Name one of these by code or name:",
        text
    );
    let roles = (Role::ALL.iter()).filter(|role| **role != Role::Member);
    let lines = roles.map(|role| said!("  {}  {}", role.name(), role_name(site, *role)));
    Said::list([head].into_iter().chain(lines), "\n")
}

/// Units named when none is meant, or several are.
const MOST_UNITS: usize = 12;

fn no_unit(text: &str, units: &[&LivingUnit]) -> Said {
    let mut out = vec![said!(
        "no single unit is called \"{}\". Name one of these by code or name:",
        text
    )];
    for unit in units.iter().take(MOST_UNITS) {
        let code = if unit.code.is_empty() {
            unit.id.as_str()
        } else {
            &unit.code
        };
        out.push(said!("  {}  {}", code, unit.name));
    }
    if units.len() > MOST_UNITS {
        out.push(said!("  … and {} more", units.len() - MOST_UNITS));
    }
    Said::list(out, "\n")
}

#[cfg(test)]
mod tests {
    use super::{Grant, give};
    use testkit::on_both;

    fn grant(member: &str, role: &str, unit: &str) -> Grant {
        Grant {
            member: member.into(),
            role: role.into(),
            unit: unit.into(),
            title: None,
            beside: false,
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_operator_gives_a_post_once_and_the_log_says_so() {
        on_both(crate::wiring::rooms, async |app| {
            let asked = grant("Lương Thị Hoa", "content_editor", "dang bo khu pho thu");
            let told = give(&app.site, &asked).await.unwrap().unwrap();
            let told = told.to_string();
            assert!(told.contains("Lương Thị Hoa") && told.contains("Biên tập"));
            let again = give(&app.site, &asked).await.unwrap().unwrap();
            let again = again.to_string();
            assert!(again.contains("already"), "{again}");
            let logged = "select count(*) from audit_event where action = 'position.give' \
                 and capability = 'operator' and actor_label = 'sotay grant' and about_member_id = 'hoa'";
            assert_eq!(app.count(logged).await, 1);
            assert_eq!(people::check(&app.site).await.unwrap(), []);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_second_secretary_is_asked_about_whatever_the_post_is_called() {
        on_both(crate::wiring::rooms, async |app| {
            for title in [None, Some("Secretary"), Some("Bí thư")] {
                let asked = Grant {
                    title: title.map(str::to_owned),
                    ..grant("hoa", "cell_lead", "Chi bộ Tổ dân phố 1")
                };
                let why = give(&app.site, &asked).await.unwrap().unwrap_err();
                assert!(why.to_string().contains("--beside"), "{title:?}: {why}");
            }
            let given = "select count(*) from audit_event where action = 'position.give'";
            assert_eq!(app.count(given).await, 0);
            let deputy = Grant {
                title: Some("Deputy secretary".to_owned()),
                ..grant("hoa", "cell_lead", "Chi bộ Tổ dân phố 1")
            };
            give(&app.site, &deputy).await.unwrap().unwrap();
            let beside = Grant {
                beside: true,
                ..grant("hoa", "cell_lead", "Chi bộ Tổ dân phố 1")
            };
            give(&app.site, &beside).await.unwrap().unwrap();
            assert_eq!(app.count(given).await, 2);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_role_is_named_by_its_code_or_by_its_name_in_either_language() {
        on_both(crate::wiring::rooms, async |app| {
            for role in [
                "content_editor",
                "Biên tập",
                "bien tap",
                "EDITOR",
                "content editor",
            ] {
                let asked = grant("hoa", role, "Đảng bộ Khu phố Thử");
                let told = give(&app.site, &asked).await.unwrap();
                assert!(told.is_ok(), "{role}: {}", told.unwrap_err());
            }
            assert_eq!(
                app.count("select count(*) from audit_event where action = 'position.give'")
                    .await,
                1
            );
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_not_known_is_answered_with_what_is() {
        on_both(crate::wiring::rooms, async |app| {
            for (asked, part) in [
                (grant("Ai đó", "cell_lead", "cell-a"), "Lương Thị Hoa"),
                (grant("hoa", "boss", "cell-a"), "  content_editor  Biên tập"),
                (
                    grant("hoa", "member", "cell-a"),
                    "  cell_lead  Lãnh đạo chi bộ",
                ),
                (grant("hoa", "cell_lead", "nowhere"), "Chi bộ Tổ dân phố 1"),
            ] {
                let why = give(&app.site, &asked).await.unwrap().unwrap_err();
                let why = why.to_string();
                assert!(why.contains(part), "{why}");
            }
            assert_eq!(app.count("select count(*) from audit_event").await, 0);
        })
        .await;
    }
}
