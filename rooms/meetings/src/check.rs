//! What `sotay check` asks of meetings: words that this program does not know, absences that reach nobody.
//!
//! Pages show such a row as unread instead of failing; here it is named.

use crate::fact::{AbsenceState, Category, Kind, Mark, Reply, RevisionState, Taken, TaskState};
use crate::state::State;
use kernel::error::{Error, Result};
use kernel::{Cap, UnitPath, said};
use site::Site;
use site::room::{Check, FactColumn, Finding, odd_words};

pub(crate) const CHECK: Check = Check {
    name: "meetings",
    run: |site| Box::pin(async move { findings(&site).await }),
};

/// Absences of meetings to come over which nobody has the post of deciding any more.
async fn unread(site: &Site) -> Result<Vec<Finding>> {
    let mut all = Vec::new();
    for (meeting, path) in crate::hall::store::list_asked(&site.db, site.clock.now()).await? {
        let path = UnitPath::try_from(path).map_err(Error::fault)?;
        let chairs = people::post::holders(site, Cap::MeetingChair, &path).await?;
        if chairs.is_empty() {
            all.push(Finding {
                what: said!(
                    "an absence asked for at meeting {} reaches nobody who may decide on it",
                    meeting
                ),
                repair: said!(
                    "give somebody of that unit what leads its meetings: sotay grant MEMBERCODE cell_lead UNITCODE"
                ),
            });
        }
    }
    Ok(all)
}

async fn findings(site: &Site) -> Result<Vec<Finding>> {
    const BY_MEMBER: &str = "meeting_id || ' ' || member_id";
    let mut all = unread(site).await?;
    let odd = odd_words(
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
    .await?;
    all.extend(odd);
    Ok(all)
}
