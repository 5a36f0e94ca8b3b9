//! Facts of people with a fixed list of values, by their words in the tables.
//!
//! Not here: what a status means in a meeting (dated rules, `standing`). The rule that surprises: a word
//! that is none of these is told apart from all of them, and gives its bearer no right.

kernel::facts! {
    /// What somebody is to the organisation (domain reference, 3.1).
    pub enum Status {
        /// Prepared for admission.
        Candidate = "candidate",
        /// Admitted, on probation.
        Probationary = "probationary",
        /// A full member.
        Full = "full",
        /// May not take part for a time.
        Suspended = "suspended",
        /// Left by their own wish.
        Left = "left",
        /// Struck off the list.
        StruckOff = "struck_off",
        /// Expelled.
        Expelled = "expelled",
        /// Died.
        Deceased = "deceased",
    }
}

impl Status {
    /// Whether they are no member any more: no rights, whatever rows are still open.
    pub fn is_gone(self) -> bool {
        match self {
            Status::Candidate | Status::Probationary | Status::Full | Status::Suspended => false,
            Status::Left | Status::StruckOff | Status::Expelled | Status::Deceased => true,
        }
    }
    /// Key of its name.
    pub fn text(self) -> &'static str {
        match self {
            Status::Candidate => "people-status-candidate",
            Status::Probationary => "people-status-probationary",
            Status::Full => "people-status-full",
            Status::Suspended => "people-status-suspended",
            Status::Left => "people-status-left",
            Status::StruckOff => "people-status-struck-off",
            Status::Expelled => "people-status-expelled",
            Status::Deceased => "people-status-deceased",
        }
    }
}

/// Whether somebody of this status, as kept, is a member no more. A word that is no status gives nothing
/// either: what cannot be read must not open a door.
pub fn is_gone(status: &str) -> bool {
    status.parse::<Status>().map_or(true, Status::is_gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::{HOA, LAN, on_both};

    #[test]
    fn every_status_is_either_in_or_out_and_an_unknown_word_is_out() {
        let gone: Vec<&str> = (Status::ALL.iter().filter(|status| status.is_gone()))
            .map(|status| status.word())
            .collect();
        assert_eq!(gone, ["left", "struck_off", "expelled", "deceased"]);
        assert!(is_gone("fulll") && !is_gone("full"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_is_out_has_no_rights_though_rows_are_open_and_their_unit_still_shows() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let lan = LAN.id.parse().unwrap();
                for status in Status::ALL.iter().copied() {
                    let mut act = app.act().await;
                    db::sql("update people_member set status = $1 where id = 'lan'")
                        .bind(status.word())
                        .run(act.on())
                        .await
                        .unwrap();
                    act.end().await.unwrap();
                    let actor = crate::actor::load(&app.site, &lan).await.unwrap();
                    assert_eq!(actor.grants.is_empty(), status.is_gone(), "{status}");
                    app.as_(HOA).get("/units/cell-a").await.expects(200);
                }
            },
        )
        .await;
    }
}
