//! `serve`, `demo`, `init`: the ways a handbook starts.

use super::Done;
use crate::config::Config;
use crate::house::{self, Make};
use crate::tongue::{self, tell};
use crate::{demo, log, serve as server};
use clap::{Args, ValueEnum};
use kernel::error::Result;
use kernel::{Said, said};
use std::net::SocketAddr;

/// Options of `sotay demo`.
#[derive(Args)]
pub(super) struct Demo {
    /// Address and port; the demo listens on this machine alone unless told otherwise.
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// How large: small (about 240 members) or bloc (61 committees, 5,800 cells, 77,000 members).
    #[arg(long, value_enum, default_value_t = Scale::Small)]
    scale: Scale,
    /// Make the organisation and stop; do not serve.
    #[arg(long)]
    make_only: bool,
}

/// How large the demo is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scale {
    // The help of the option says what they are: 3 committees, 12 cells;
    Small,
    // 61 committees, 5,800 cells, 200 titles.
    Bloc,
}

/// Options of `sotay init`.
#[derive(Args)]
pub(super) struct Init {
    /// The organisation's full name.
    #[arg(long, value_name = "NAME")]
    organisation: String,
    /// Full name of the first administrator.
    #[arg(long, value_name = "NAME")]
    administrator: String,
}

pub(super) async fn serve(config: Config) -> Result<Done> {
    log::start(&config);
    if crate::owner::is_open(&config.dir) {
        tracing::warn!(
            "others on this machine can look into the data folder: `sotay check` says how to close it"
        );
    }
    let house = house::open(&config, Make::Upgrade).await?;
    tell_migrated(&house.migrated);
    server::run(&config, house, |address| {
        tell(said!("{}: {}", "Sổ tay", format!("http://{address}")));
    })
    .await?;
    Ok(Done::Good)
}

pub(super) async fn demo(options: Demo, mut config: Config) -> Result<Done> {
    if let Some(listen) = options.listen {
        config.listen = listen;
    }
    log::start(&config);
    let signs = demo::make_or_open(&config, options.scale).await?;
    if options.make_only {
        tell(signs);
        return Ok(Done::Good);
    }
    let house = house::open(&config, Make::Upgrade).await?;
    server::run(&config, house, |address| {
        tell(said!(
            "\nSổ tay, the demo: {}\n\n{}\n\nStop it: Ctrl-C\n",
            format!("http://{address}"),
            signs
        ));
    })
    .await?;
    Ok(Done::Good)
}

pub(super) async fn init(options: Init, config: &Config) -> Result<Done> {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let organisation = one_line(&options.organisation);
    let administrator = one_line(&options.administrator);
    if !vietnamese::has_ink(&organisation) || !vietnamese::has_ink(&administrator) {
        return Ok(Done::WrongUse(said!(
            "--organisation and --administrator need a name each; nothing was made"
        )));
    }
    let house = house::open(config, Make::New).await?;
    let slip = account::init_administrator(&house.site, &administrator, &organisation).await?;
    let Some(slip) = slip else {
        house.site.db.close().await;
        return Ok(Done::WrongUse(said!(
            "{} holds a handbook already; nothing was changed. Serve it: sotay serve. Somebody who cannot \
             sign in: sotay slip MEMBERCODE. One more administrator: sotay grant MEMBERCODE sys_admin UNITCODE",
            config.dir.display()
        )));
    };
    house.index().await?;
    house.site.db.close().await;
    tongue::print(head_of(&administrator, &slip))?;
    // Whoever makes the handbook sits at this computer, and serves it first.
    tongue::print(said!(
        "\n1. Run: sotay serve --data {}\n2. Open: {}/activate\n3. Type the code and choose a password.\n\
         4. Ask in a second person: the page Today says how.",
        config.dir.display(),
        match config.public_url.as_str() {
            "" => format!("http://{}", config.listen),
            own => own.to_owned(),
        }
    ))?;
    if config.public_url.is_empty() {
        tell(said!(
            "The address {} is good on this computer alone: public_url is not set. Write it into the settings file \
             ([server]), or on the page Administration, Names, before you hand slips to others.",
            format!("http://{}", config.listen)
        ));
    }
    Ok(Done::Good)
}

/// Who the slip is for, with its codes.
fn head_of(name: &str, slip: &account::Issued) -> Said {
    said!(
        "ACTIVATION SLIP\n\n  {}\n  Sign-in code:      {}\n  Activation code:   {}\n  Can be used until: {}",
        name,
        slip.login,
        slip.grouped(),
        // The last instant belongs to the last day; the end itself to the day after.
        slip.expires_at.plus_ms(-1).day().vn(),
    )
}

/// Prints the slip of a member, who is handed it: nothing stands on it that only the operator can do, and no address
/// that is good on this computer alone. What the operator must know of it goes beside, not onto the paper.
pub(super) fn print_slip(public_url: &str, name: &str, slip: &account::Issued) -> Result<Done> {
    tongue::print(head_of(name, slip))?;
    let (steps, beside) = steps_of(public_url);
    tongue::print(steps)?;
    if let Some(beside) = beside {
        tell(beside);
    }
    Ok(Done::Good)
}

/// What the member does with the slip, and what is said to the operator alone.
fn steps_of(public_url: &str) -> (Said, Option<Said>) {
    match public_url {
        "" => (
            said!(
                "\n1. Open the handbook (address: ……………………………), then Sign in, then “I have an activation slip”.\n\
                 2. Type the code and choose a password."
            ),
            Some(said!(
                "public_url is not set, so the slip has a gap for the address: write it in by hand, or set it on the page \
                 Administration, Names, or as public_url in the settings file ([server]), and print the slip anew."
            )),
        ),
        own => (
            said!(
                "\n1. Open: {}/activate\n2. Type the code and choose a password.",
                own.trim_end_matches('/')
            ),
            None,
        ),
    }
}

/// Says where the database of before lies, if it was kept.
pub(super) fn tell_kept(migrated: &schema::Migrated) {
    if let Some(kept) = &migrated.kept {
        tell(said!("A copy from before is kept at {}", kept.display()));
    }
}

fn tell_migrated(migrated: &schema::Migrated) {
    if !migrated.applied.is_empty() {
        tell(said!(
            "The database was brought up to date: {}",
            migrated.applied.join(", ")
        ));
    }
    tell_kept(migrated);
}

#[cfg(test)]
mod tests {
    use super::*;
    use web::Lang;

    #[test]
    fn a_slip_for_a_member_says_nothing_that_only_the_operator_can_do() {
        for lang in [Lang::Vi, Lang::En] {
            let (steps, beside) = steps_of("https://sotay.example/");
            let steps = tongue::in_words(&steps, lang);
            assert!(steps.contains("https://sotay.example/activate") && beside.is_none());
            let (bare, beside) = steps_of("");
            let bare = tongue::in_words(&bare, lang);
            for text in [&steps, &bare] {
                for word in ["serve", "8080", "127.0.0.1", "public_url"] {
                    assert!(!text.contains(word), "{word} is in {text}");
                }
            }
            assert!(bare.contains('…'), "the place of the address: {bare}");
            assert!(tongue::in_words(&beside.unwrap(), lang).contains("public_url"));
        }
    }
}
