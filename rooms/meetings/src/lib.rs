//! Meetings of a unit: planning, calling, answering, roll call, closing, the draft of the minutes.
//!
//! The room owns `meetings_*`. It reads people through the people room; papers are things of
//! any room that can stand on an agenda (`site.rooms`). Not here: votes, check-in by code, signing, scores (each its own issue).
//! The rule that surprises: facts freeze when a meeting ends, while notes and minutes stay open
//! until they are signed.

mod access;
mod check;
mod demo;
mod fact;
mod feed;
mod hall;
pub mod id;
mod minutes;
mod paper;
mod parts;
mod plan;
mod record;
mod rules;
mod sheet;
mod state;
mod store;
mod today;
mod told;
mod words;

pub use fact::Kind;
pub use plan::template::{NewTemplate, TemplateItem, add_template};
pub use record::{NewAbsence, NewItem, NewRecord, NewTaskRecord, RecordNumbers, add_record};

use site::Room;
use site::room::{Guard, OfFile, OfPerson, OfUnit, PersonFate, UnitFate};
use web::{Access, Routes};

/// What is laid before a meeting is not taken away.
const GUARD_DOCUMENT: Guard = Guard {
    act: "document.remove",
    refuse: |site, id| Box::pin(async move { keeps(&site, "document", &id).await }),
};
const GUARD_TITLE: Guard = Guard {
    act: "title.remove",
    refuse: |site, id| Box::pin(async move { keeps(&site, "title", &id).await }),
};

async fn keeps(site: &site::Site, kind: &str, id: &str) -> kernel::Result<()> {
    if plan::store::is_paper(&site.db, kind, id).await? {
        return Err(kernel::Refusal::new("meetings-refused-paper").into());
    }
    Ok(())
}

/// The room, for `app` and the tests.
pub fn room() -> Room {
    let mut room = Room::new(
        "meetings",
        include_str!("../text/vi.ftl"),
        include_str!("../text/en.ftl"),
    );
    room.places = vec![
        web::Place::bar("/meetings", "meet", "meetings-place", 20).helps("meetings-place-help"),
    ];
    room.statements = [
        store::STATEMENTS,
        plan::store::STATEMENTS,
        hall::store::STATEMENTS,
        minutes::store::STATEMENTS,
    ]
    .concat();
    room.checks = vec![check::CHECK];
    room.finds = feed::FINDS.to_vec();
    room.feeds = vec![feed::FEED];
    room.reaches = vec![feed::reach];
    room.demo = Some(demo::DEMO);
    room.today = Some(std::sync::Arc::new(today::part));
    room.of_file = vec![
        OfFile::of("meetings_invitation_file", "file_sha"),
        OfFile::of("meetings_file", "file_sha"),
    ];
    room.of_unit = vec![
        // A meeting is history and names the unit that held it; what is still to be done goes on.
        OfUnit {
            table: "meetings_meeting",
            column: "unit_id",
            fate: UnitFate::Stays,
        },
        OfUnit {
            table: "meetings_task",
            column: "unit_id",
            fate: UnitFate::Follows,
        },
        // The successor has a letterhead of its own.
        OfUnit {
            table: "meetings_invitation_file",
            column: "unit_id",
            fate: UnitFate::Ends,
        },
    ];
    room.guards = vec![GUARD_DOCUMENT, GUARD_TITLE];
    room.unit_parts = vec![parts::ON_UNIT];
    room.member_parts = vec![parts::OF_MEMBER];
    room.notices = told::KINDS.to_vec();
    room.hand = Some(|act, pass| Box::pin(hall::store::hand_over(act, pass)));
    room.in_hand = Some(|site, frame, who, member| {
        Box::pin(async move { parts::in_hand(&site, &frame, &who, &member).await })
    });
    room.listens = vec![
        site::Listener {
            kind: people::LEFT,
            name: "meetings.left",
            hear: |site, event| Box::pin(async move { told::left(&site, &event.subject).await }),
        },
        site::Listener {
            kind: people::alias::MERGED,
            name: "meetings.merged",
            hear: |site, event| Box::pin(async move { told::merged(&site, &event.subject).await }),
        },
    ];
    room.of_person = of_person();
    room.mergings = vec![parts::MERGING];
    room.routes = Routes::new()
        .get("/meetings", Access::Member, plan::pages::list::get)
        .get("/meetings/new", Access::Member, plan::pages::new::get)
        .post_long("/meetings/new", Access::Member, plan::pages::new::post)
        .get("/meetings/{id}", Access::Member, plan::pages::show::get)
        .get(
            "/meetings/{id}/print",
            Access::Member,
            plan::pages::print::get,
        )
        .get(
            "/meetings/{id}/edit",
            Access::Member,
            plan::pages::edit::get,
        )
        .post_long(
            "/meetings/{id}/edit",
            Access::Member,
            plan::pages::edit::post,
        )
        .get(
            "/meetings/{id}/calling",
            Access::Member,
            plan::pages::calling::get,
        )
        .post(
            "/meetings/{id}/calling",
            Access::Member,
            plan::pages::calling::post,
        )
        .post(
            "/meetings/{id}/answer",
            Access::Member,
            hall::pages::answer::post,
        )
        .post(
            "/meetings/{id}/absences/{absence}",
            Access::Member,
            hall::pages::absence::post,
        )
        .get(
            "/meetings/{id}/postponing",
            Access::Member,
            plan::pages::postponing::get,
        )
        .post(
            "/meetings/{id}/postponing",
            Access::Member,
            plan::pages::postponing::post,
        )
        .get(
            "/meetings/{id}/cancelling",
            Access::Member,
            plan::pages::cancelling::get,
        )
        .post(
            "/meetings/{id}/cancelling",
            Access::Member,
            plan::pages::cancelling::post,
        )
        .get(
            "/meetings/{id}/meeting.ics",
            Access::Member,
            plan::pages::ics::get,
        )
        .get(
            "/meetings/{id}/files",
            Access::Member,
            plan::pages::files::get,
        )
        .post_file(
            "/meetings/{id}/files",
            Access::Member,
            plan::pages::files::post,
        )
        .get(
            "/meetings/{id}/files/{file}",
            Access::Member,
            plan::pages::files::open,
        )
        .get(
            "/meetings/{id}/opening",
            Access::Member,
            hall::pages::opening::get,
        )
        .post(
            "/meetings/{id}/opening",
            Access::Member,
            hall::pages::opening::post,
        )
        .get(
            "/meetings/{id}/attendance",
            Access::Member,
            hall::pages::attendance::get,
        )
        .post_long(
            "/meetings/{id}/attendance",
            Access::Member,
            hall::pages::attendance::post,
        )
        .get(
            "/meetings/{id}/closing",
            Access::Member,
            hall::pages::closing::get,
        )
        .post(
            "/meetings/{id}/closing",
            Access::Member,
            hall::pages::closing::post,
        )
        .get(
            "/meetings/{id}/notes",
            Access::Member,
            hall::pages::notes::get,
        )
        .post_long(
            "/meetings/{id}/notes",
            Access::Member,
            hall::pages::notes::post,
        )
        .get(
            "/meetings/{id}/minutes",
            Access::Member,
            minutes::pages::minutes::get,
        )
        .post_long(
            "/meetings/{id}/minutes",
            Access::Member,
            minutes::pages::minutes::post,
        )
        .get(
            "/meetings/{id}/minutes/print",
            Access::Member,
            minutes::pages::minutes_print::get,
        )
        .get(
            "/meetings/{id}/minutes.pdf",
            Access::Member,
            minutes::pages::minutes_pdf::get,
        )
        .get(
            "/meetings/{id}/roll.pdf",
            Access::Member,
            hall::pages::roll_pdf::get,
        )
        .get(
            "/meetings/{id}/invitation.docx",
            Access::Member,
            plan::pages::invitation_docx::get,
        )
        .get(
            "/units/{id}/invitation",
            Access::Member,
            plan::pages::invitation_file::get,
        )
        .post_file(
            "/units/{id}/invitation",
            Access::Member,
            plan::pages::invitation_file::post,
        );
    room
}

/// Columns that name a person.
fn of_person() -> Vec<OfPerson> {
    use PersonFate::{Deed, Record};
    [
        ("meetings_meeting", "chair_id", Record, "meetings-of-chair"),
        ("meetings_meeting", "clerk_id", Record, "meetings-of-clerk"),
        ("meetings_meeting", "created_by", Deed, ""),
        ("meetings_postponement", "by_member", Deed, ""),
        (
            "meetings_invitation",
            "member_id",
            Record,
            "meetings-of-invited",
        ),
        ("meetings_invitation_file", "set_by", Deed, ""),
        ("meetings_file", "added_by", Deed, ""),
        ("meetings_file", "withdrawn_by", Deed, ""),
        ("meetings_item", "noted_by", Deed, ""),
        (
            "meetings_absence",
            "member_id",
            Record,
            "meetings-of-absences",
        ),
        ("meetings_absence", "decided_by", Deed, ""),
        (
            "meetings_attendance",
            "member_id",
            Record,
            "meetings-of-attendance",
        ),
        ("meetings_attendance", "marked_by", Deed, ""),
        ("meetings_numbers", "by_member", Deed, ""),
        ("meetings_revision", "author_id", Deed, ""),
        ("meetings_task", "owner_id", Record, "meetings-of-tasks"),
    ]
    .map(|(table, column, fate, text)| OfPerson {
        table,
        column,
        fate,
        text,
    })
    .to_vec()
}

#[cfg(test)]
mod verbs;
