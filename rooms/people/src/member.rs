//! One person: the record, and what of it a visitor is shown.
//!
//! Templates get a [`MemberView`] of a level (V0 to V3, governance reference 1.5), never the row.
//! Not here: who has which level (`sight`), writing (`store`).
//! The rule that surprises: a missing historical date stays missing; party age is computed only from
//! a complete date of the admission decision, else the page says "cần xác minh".

use db::sql;
use kernel::error::Result;
use kernel::{Day, MemberId};
use site::Site;

const NAME: &str = "select name from people_member where id = $1";

/// Every statement of this module.
pub const STATEMENTS: &[&str] = &[NAME];

/// The name of a member.
pub async fn name(site: &Site, id: &MemberId) -> Result<String> {
    let row: (String,) = sql(NAME).bind(id).one(site.db.read()).await?;
    Ok(row.0)
}

/// The year of an ISO date that may be partial.
pub(crate) fn year_of(date: &str) -> Option<i16> {
    // Empty or odd text has no year.
    date.get(..4)?.parse().ok()
}

/// The status on a day. Before the day on which the present status began, it is told from the
/// ceremony and the day of full membership, as far as they are known.
pub(crate) fn status_on(
    status: &str,
    from_on: &str,
    ceremony_on: &str,
    full_from_on: &str,
    on: Day,
) -> String {
    let on = on.to_string();
    // Partial dates compare as text: `1980` stands before every day of 1980.
    if from_on.is_empty() || from_on <= on.as_str() {
        return status.to_owned();
    }
    if !full_from_on.is_empty() && full_from_on <= on.as_str() {
        return "full".to_owned();
    }
    if !ceremony_on.is_empty() {
        return if ceremony_on <= on.as_str() {
            "probationary"
        } else {
            "candidate"
        }
        .to_owned();
    }
    status.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_of_an_earlier_day_is_told_from_the_dates() {
        let on = |day: &str| {
            status_on(
                "full",
                "2025-06-01",
                "2024-06-01",
                "2025-06-01",
                day.parse().unwrap(),
            )
        };
        assert_eq!(on("2026-01-01"), "full");
        assert_eq!(on("2025-05-31"), "probationary");
        assert_eq!(on("2024-05-31"), "candidate");
        assert_eq!(
            status_on("full", "", "", "", "2020-01-01".parse().unwrap()),
            "full"
        );
        assert_eq!(
            status_on(
                "suspended",
                "2026-01",
                "1980",
                "1981",
                "2025-01-01".parse().unwrap()
            ),
            "full"
        );
    }
    #[test]
    fn a_year_is_read_from_any_precision() {
        assert_eq!(year_of("1954-05-19"), Some(1954));
        assert_eq!(year_of("1954"), Some(1954));
        assert_eq!(year_of(""), None);
    }
}
