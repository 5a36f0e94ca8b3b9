//! Who was to chair, write or present at a coming meeting and does not belong to its unit on that day any more: they
//! died, left or moved since it was planned.
//!
//! Not here: naming somebody else (`plan::pages::edit`). Surprise: whoever presents is a name and no id; it is theirs
//! when it has the whole name of somebody who has left the unit, and of nobody who is in it.

use crate::hall::asked::Roll;
use crate::plan::store as plan;
use crate::store::Meeting;
use kernel::error::Result;
use site::Site;
use web::Frame;

/// What somebody was to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Chair,
    Clerk,
    Presents,
}

impl Part {
    /// Key of the sentence that says who is missing.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Part::Chair => "meetings-vacant-chair",
            Part::Clerk => "meetings-vacant-clerk",
            Part::Presents => "meetings-vacant-presents",
        }
    }
    /// Key of the task on Hôm nay.
    pub(crate) fn task(self) -> &'static str {
        match self {
            Part::Chair => "meetings-today-vacant-chair",
            Part::Clerk => "meetings-today-vacant-clerk",
            Part::Presents => "meetings-today-vacant-presents",
        }
    }
    /// Where in the form of the plan somebody else is named.
    fn place(self) -> &'static str {
        match self {
            Part::Chair => "f-chair",
            Part::Clerk => "f-clerk",
            Part::Presents => "f-agenda",
        }
    }
}

/// A part that nobody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vacant {
    pub(crate) part: Part,
    /// Whose it was.
    pub(crate) name: String,
    /// What they were to present; empty else.
    pub(crate) item: String,
    /// Where somebody else is named.
    pub(crate) to: String,
}

impl Vacant {
    fn of(meeting: &Meeting, part: Part, name: &str, item: &str) -> Vacant {
        Vacant {
            to: format!("/meetings/{}/edit#{}", meeting.id, part.place()),
            part,
            name: name.to_owned(),
            item: item.to_owned(),
        }
    }
    /// Who is missing for what.
    pub(crate) fn said(&self, frame: &Frame) -> String {
        frame.t2(self.part.text(), "name", &self.name, "item", &self.item)
    }
}

/// How long somebody who left is looked for among those who were to present, in days: a plan is not older.
const SINCE_DAYS: i32 = 366;

/// The parts of a meeting that nobody has any more; none of one that has begun.
pub(crate) async fn list(site: &Site, meeting: &Meeting) -> Result<Vec<Vacant>> {
    let mut all = Vec::new();
    if !(meeting.state.is_draft() || meeting.state.is_coming())
        || meeting.starts() <= site.clock.now()
    {
        return Ok(all);
    }
    let roll = Roll::of(site, meeting).await?;
    for (part, id, name) in [
        (Part::Chair, &meeting.chair_id, &meeting.chair_name),
        (Part::Clerk, &meeting.clerk_id, &meeting.clerk_name),
    ] {
        if !id.is_empty() && !roll.has(id) {
            all.push(Vacant::of(meeting, part, name, ""));
        }
    }
    let day = meeting.starts().day();
    let since = site.clock.today().plus_days(-SINCE_DAYS);
    let gone = people::roster::former(site, &meeting.unit_id, day, since).await?;
    for item in plan::list_items(&site.db, &meeting.id).await? {
        let presents = vietnamese::exact(&item.presenter);
        let is_named = |name: &str| presents.contains(&vietnamese::exact(name));
        let gone = gone.iter().find(|one| is_named(&one.name));
        if let Some(gone) = gone.filter(|_| !roll.names().any(is_named)) {
            all.push(Vacant::of(meeting, Part::Presents, &gone.name, &item.title));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use crate::verbs::plans;
    use testkit::{HOA, LAN, MINH, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn the_secretary_is_told_who_died_or_moved_and_names_another_in_one_step() {
        let rooms = || vec![people::room(), crate::room()];
        on_both(rooms, async |app| {
            let named = [
                ("chair", "hoa"),
                ("clerk", "hoa"),
                ("presenter", "Lương Thị Hoa"),
                ("do", "call"),
            ];
            let id = plans(&app, LAN, &named).await;
            let page = format!("/meetings/{id}");
            let lan = app.as_(LAN);
            assert!(!lan.get(&page).await.expects(200).has("#vacant"));
            let died = [
                ("how", "died"),
                ("on", "20/11/2026"),
                ("read", "1"),
                ("row_version", "1"),
            ];
            lan.post("/members/hoa/leaving", &died).await.expects(303);
            let told = lan.get(&page).await.expects(200);
            let said = told.text("#vacant");
            for part in ["chủ trì", "ghi biên bản", "trình bày"] {
                assert!(said.contains(part), "{said}");
            }
            let to = told.attributes("#vacant a", "href");
            assert!(
                to[0].ends_with("#f-chair") && to[1].ends_with("#f-clerk"),
                "{to:?}"
            );
            let edit = lan.get(to[0].split('#').next().unwrap()).await.expects(200);
            assert!(
                edit.has("details[open] #f-chair"),
                "the fold that holds it is open"
            );
            assert!(!app.as_(MINH).get(&page).await.has("#vacant a[href*='hoa']"));
            assert!(!app.as_(HOA).get(&page).await.has("#vacant"));
            // Whoever died is in no count any more: on the meeting, before it is called off, on the unit's page.
            let unit = lan.get("/units/cell-a").await.expects(200).text(".lead");
            let off = lan.get(&format!("{page}/cancelling")).await.expects(200);
            assert!(unit.contains("2 đảng viên"), "{unit}");
            assert!(
                told.text("#h-next ~ p").contains("2 người")
                    || told.text("main").contains("2 người")
            );
            assert!(off.text("main").contains("2 người") && !off.text("main").contains("3 người"));
        })
        .await;
    }
}
