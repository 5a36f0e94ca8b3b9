//! The first year that a day of a person may lie in: one answer for forms, lists and corrections.
//!
//! Not here: how a day is read (`vietnamese::PartialDate`), whether it has come yet. Surprise: 1026 is a day that every
//! reader of dates takes, and a slip of the pen in every record.

/// Nobody who is alive was born before it, and of those who died nobody was a member in the handbook's time.
const BIRTH: u16 = 1900;
/// The Party was founded on 3 February 1930.
const PARTY: u16 = 1930;

/// The first year in which a day of that field may lie, if this one (whole, or only month or year) lies before it.
pub fn too_early(field: &str, date: &str) -> Option<u16> {
    let first = if field == "birth_on" { BIRTH } else { PARTY };
    let year: u16 = date.get(..4)?.parse().ok()?; // nothing was written, or no day
    (year < first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birth_begins_in_1900_and_the_party_in_1930() {
        for (field, date, wanted) in [
            ("birth_on", "1899-12-31", Some(1900)),
            ("birth_on", "1026", Some(1900)),
            ("birth_on", "1900", None),
            ("ceremony_on", "1929-12", Some(1930)),
            ("full_from_on", "1930-02-03", None),
            ("ceremony_on", "", None),
        ] {
            assert_eq!(too_early(field, date), wanted, "{field} {date}");
        }
    }
}
