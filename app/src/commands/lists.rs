//! `routes`, `permissions`, `config`: what the program knows of itself.

use super::Done;
use crate::config::Config;
use crate::tongue::{self, print_plain};
use crate::wiring;
use kernel::cap::Reach;
use kernel::error::Result;
use kernel::{Cap, Role, Said, said};

/// Every route as a line: method, path, who may come, room.
pub(crate) fn route_table() -> String {
    let mut out = String::new();
    for (room, row) in all_routes() {
        let (method, path, access) = (row.method, row.path, row.access.name());
        out.push_str(&format!("{method:5} {path} {access} {room}\n"));
    }
    out
}

/// Every route that is served, with the room that it is of.
pub(crate) fn all_routes() -> Vec<(&'static str, web::RouteRow)> {
    let own = site::serving::OWN_ROUTES.map(|row| ("app", row));
    let mut all = own.to_vec();
    for room in wiring::rooms() {
        all.extend(room.routes.rows().iter().map(|row| (room.name, *row)));
    }
    all
}

pub(super) fn routes() -> Result<Done> {
    print_plain(&route_table())?;
    Ok(Done::Good)
}

pub(super) fn permissions() -> Result<Done> {
    print_plain(&permission_table(tongue::lang())?)?;
    Ok(Done::Good)
}

/// Who may do what, in words: the codes stand behind them, since other commands take them.
pub(crate) fn permission_table(lang: web::Lang) -> Result<String> {
    let texts = site::serving::texts(&wiring::rooms())?;
    let word = |said: Said| tongue::in_words(&said, lang);
    let mut out = format!("| {} |", word(said!("capability")));
    for role in Role::ALL {
        let name = texts.get(lang, people::roles::name(*role));
        out.push_str(&format!(" {name} (`{}`) |", role.name()));
    }
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(Role::ALL.len()));
    out.push_str(&format!("\n| *{}* |", word(said!("reach"))));
    for role in Role::ALL {
        out.push_str(&format!(" *{}* |", word(of_reach(role.reach()))));
    }
    out.push('\n');
    for cap in Cap::ALL {
        out.push_str(&format!("| {} (`{}`) |", word(of_cap(*cap)), cap.name()));
        for role in Role::ALL {
            out.push_str(if role.caps().has(*cap) { " x |" } else { "  |" });
        }
        out.push('\n');
    }
    Ok(out)
}

fn of_reach(reach: Reach) -> Said {
    match reach {
        Reach::Unit => said!("the unit alone"),
        Reach::Subtree => said!("the unit and all below"),
        Reach::Instance => said!("the whole handbook"),
    }
}

/// What somebody with it may do.
fn of_cap(cap: Cap) -> Said {
    match cap {
        Cap::SelfRead => said!("read one's own record"),
        Cap::SelfRequest => said!("ask for a correction of one's own record"),
        Cap::CheckinSelf => said!("check oneself in at a meeting"),
        Cap::VoteCast => said!("cast one's own vote"),
        Cap::UnitPublishedRead => said!("read what one's unit has published"),
        Cap::MemberNameRead => said!("read the names of members"),
        Cap::MemberRead => said!("read records of members"),
        Cap::MemberSealedRead => said!("read sealed numbers of members"),
        Cap::MemberDraft => said!("write records of members"),
        Cap::MemberApprove => said!("agree to changes of members"),
        Cap::IdentityWrite => said!("change how somebody signs in"),
        Cap::MemberExport => said!("take lists of members out"),
        Cap::ImportPrepare => said!("take in lists from files"),
        Cap::PersonMergePrepare => said!("join two records of one person"),
        Cap::CorrectionDecide => said!("decide corrections of attendance"),
        Cap::UnitRead => said!("read what a unit does"),
        Cap::UnitDraft => said!("make and change units"),
        Cap::RestructurePrepare => said!("prepare the moving and closing of units"),
        Cap::RestructureApprove => said!("agree to the moving and closing of units"),
        Cap::GrantGive => said!("give posts"),
        Cap::GrantApprove => said!("agree to posts"),
        Cap::MeetingPrepare => said!("prepare meetings"),
        Cap::MeetingChair => said!("call and lead meetings"),
        Cap::AttendanceMark => said!("mark the roll"),
        Cap::MinutesDraftRead => said!("read drafts of minutes"),
        Cap::MinutesSign => said!("sign minutes"),
        Cap::ResolutionPublish => said!("publish resolutions"),
        Cap::TaskAssign => said!("give tasks"),
        Cap::TaskFollow => said!("follow tasks"),
        Cap::PollPrepare => said!("prepare votes"),
        Cap::PollRun => said!("run votes"),
        Cap::PollPublish => said!("publish results of votes"),
        Cap::DuesRead => said!("read dues"),
        Cap::DuesWrite => said!("write dues"),
        Cap::EvaluationPropose => said!("propose evaluations"),
        Cap::EvaluationApprove => said!("agree to evaluations"),
        Cap::ContentWrite => said!("write articles, documents and books"),
        Cap::ContentPublish => said!("publish what others wrote"),
        Cap::SurveyRun => said!("run surveys"),
        Cap::AggregateRead => said!("read numbers without names"),
        Cap::InspectRead => said!("inspect"),
        Cap::AuditRead => said!("read the log"),
        Cap::GrantReview => said!("review who has which right"),
        Cap::BreakglassReview => said!("review emergency access"),
        Cap::BreakglassRequest => said!("ask for emergency access"),
        Cap::SystemConfigure => said!("change the settings"),
        Cap::AccountState => said!("close and open accounts"),
    }
}

pub(super) fn config() -> Result<Done> {
    print_plain(&Config::example(tongue::lang()))?;
    Ok(Done::Good)
}
