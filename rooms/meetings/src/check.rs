//! What `sotay check` asks of meetings: words that this program does not know.
//!
//! Pages show such a row as unread instead of failing; here it is named.

use crate::fact::{AbsenceState, Category, Kind, Mark, Reply, RevisionState, Taken, TaskState};
use crate::state::State;
use kernel::error::Result;
use site::Site;
use site::room::{Check, FactColumn, Finding, odd_words};

pub(crate) const CHECK: Check = Check {
    name: "meetings",
    run: |site| Box::pin(async move { findings(&site).await }),
};

async fn findings(site: &Site) -> Result<Vec<Finding>> {
    const BY_MEMBER: &str = "meeting_id || ' ' || member_id";
    odd_words(
        site,
        &[
            FactColumn::of::<Kind>("meetings_meeting", "id", "kind"),
            FactColumn::of::<State>("meetings_meeting", "id", "state"),
            FactColumn::of::<Kind>("meetings_template", "id", "kind"),
            FactColumn::of::<Reply>("meetings_invitation", BY_MEMBER, "answer"),
            FactColumn::of::<Category>("meetings_absence", "id", "category"),
            FactColumn::of::<AbsenceState>("meetings_absence", "id", "state"),
            FactColumn::of::<Mark>("meetings_attendance", BY_MEMBER, "state"),
            FactColumn::of::<Taken>("meetings_numbers", "meeting_id", "moment"),
            FactColumn::of::<RevisionState>("meetings_revision", "id", "state"),
            FactColumn::of::<TaskState>("meetings_task", "id", "state"),
        ],
    )
    .await
}
