//! Facts of people with a fixed list of values, by their words in the tables.
//!
//! Not here: what a status means in a meeting (dated rules, `standing`). The rule that surprises: a word
//! that is none of these is told apart from all of them, and gives its bearer no right.

use kernel::fact::Kept;

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

kernel::facts! {
    /// How somebody belongs to a unit (domain reference, 3.3).
    pub enum Placement {
        /// Their own unit.
        Official = "official",
        /// Their own unit, while they are introduced elsewhere for a time. Never in the table: told from
        /// the two placements of that day.
        OfficialAway = "official_away",
        /// Here for a time; their own unit is another.
        Temporary = "temporary",
    }
}

impl Placement {
    /// Those that the table holds.
    pub const KEPT: [Placement; 2] = [Placement::Official, Placement::Temporary];
    /// Key of its name.
    pub fn text(self) -> &'static str {
        match self {
            Placement::Official => "people-placement-official",
            Placement::OfficialAway => "people-placement-away",
            Placement::Temporary => "people-placement-temporary",
        }
    }
}

kernel::facts! {
    /// What a unit is (domain reference, 2); what its kind is called is a text.
    pub enum UnitKind {
        /// The organisation as a whole.
        Root = "root",
        /// Of a province or directly under the centre.
        Province = "province",
        /// Directly above bodies of the base.
        UpperBody = "upper_body",
        /// Body of the base.
        BaseBody = "base_body",
        /// Cell of the base.
        BaseCell = "base_cell",
        /// Body of a department.
        DepartmentBody = "department_body",
        /// Below a body of the base.
        SubBaseBody = "sub_base_body",
        /// Cell.
        Cell = "cell",
        /// Cell for a time.
        TemporaryCell = "temporary_cell",
        /// Inside a cell.
        Group = "group",
        /// Advisory body without members.
        Office = "office",
    }
}

impl UnitKind {
    /// How deep in the tree it stands: a unit stands below a shallower one only (domain reference, 2).
    fn depth(self) -> u8 {
        match self {
            UnitKind::Root => 0,
            UnitKind::Province => 1,
            UnitKind::UpperBody => 2,
            UnitKind::BaseBody => 3,
            UnitKind::BaseCell | UnitKind::DepartmentBody | UnitKind::SubBaseBody => 4,
            UnitKind::Cell | UnitKind::TemporaryCell => 5,
            UnitKind::Group | UnitKind::Office => 6,
        }
    }
    /// Whether it may stand right below one of that kind.
    pub fn fits_below(self, above: UnitKind) -> bool {
        above.depth() < self.depth() && above != UnitKind::Office
    }
    /// Whether people are placed in it.
    pub fn takes_members(self) -> bool {
        match self {
            UnitKind::Cell | UnitKind::BaseCell | UnitKind::TemporaryCell | UnitKind::Group => true,
            UnitKind::Root
            | UnitKind::Province
            | UnitKind::UpperBody
            | UnitKind::BaseBody
            | UnitKind::DepartmentBody
            | UnitKind::SubBaseBody
            | UnitKind::Office => false,
        }
    }
    /// Key of its name.
    pub fn text(self) -> &'static str {
        match self {
            UnitKind::Root => "people-kind-root",
            UnitKind::Province => "people-kind-province",
            UnitKind::UpperBody => "people-kind-upper-body",
            UnitKind::BaseBody => "people-kind-base-body",
            UnitKind::BaseCell => "people-kind-base-cell",
            UnitKind::DepartmentBody => "people-kind-department-body",
            UnitKind::SubBaseBody => "people-kind-sub-base-body",
            UnitKind::Cell => "people-kind-cell",
            UnitKind::TemporaryCell => "people-kind-temporary-cell",
            UnitKind::Group => "people-kind-group",
            UnitKind::Office => "people-kind-office",
        }
    }
}

kernel::facts! {
    /// How a post was come by.
    pub enum Basis {
        /// Elected.
        Elected = "elected",
        /// Appointed.
        Appointed = "appointed",
        /// Elected below and approved above.
        Approved = "approved",
        /// In the place of another.
        Acting = "acting",
    }
}

impl Basis {
    /// Key of its name.
    pub fn text(self) -> &'static str {
        match self {
            Basis::Elected => "people-basis-elected",
            Basis::Appointed => "people-basis-appointed",
            Basis::Approved => "people-basis-approved",
            Basis::Acting => "people-basis-acting",
        }
    }
}

kernel::facts! {
    /// What a line of the ledger says.
    pub enum EventKind {
        /// Added.
        MemberAdded = "member_added",
        /// Corrected by hand.
        MemberCorrected = "member_corrected",
        /// Corrected by a list.
        MemberImported = "member_imported",
        /// Made what it was before a list that was taken back.
        MemberRestored = "member_restored",
        /// A placement began.
        PlacementOpened = "placement_opened",
        /// A placement ended.
        PlacementClosed = "placement_closed",
        /// A stay for a time got another last day.
        PlacementSet = "placement_set",
        /// The first day of a placement was put right.
        PlacementBegun = "placement_begun",
        /// A post was given.
        PositionGiven = "position_given",
        /// A post ended.
        PositionEnded = "position_ended",
        /// Another record of the same person is read as this one.
        MergedFrom = "merged_from",
        /// Read as another record of the same person.
        MergedInto = "merged_into",
        /// Taken apart from the other record again.
        Separated = "separated",
        /// Died, left, was struck off or expelled; names all that ended with it.
        MemberLeft = "member_left",
        /// That was recorded by mistake, and was taken back.
        MemberReturned = "member_returned",
        /// Has a code in a list of others.
        CodeGiven = "code_given",
        /// Has it no longer.
        CodeEnded = "code_ended",
    }
}

impl EventKind {
    /// Key of its name.
    pub fn text(self) -> &'static str {
        match self {
            EventKind::MemberAdded => "people-event-member-added",
            EventKind::MemberCorrected => "people-event-member-corrected",
            EventKind::MemberImported => "people-event-member-imported",
            EventKind::MemberRestored => "people-event-member-restored",
            EventKind::PlacementOpened => "people-event-placement-opened",
            EventKind::PlacementClosed => "people-event-placement-closed",
            EventKind::PlacementSet => "people-event-placement-set",
            EventKind::PlacementBegun => "people-event-placement-begun",
            EventKind::PositionGiven => "people-event-position-given",
            EventKind::PositionEnded => "people-event-position-ended",
            EventKind::MergedFrom => "people-event-merged-from",
            EventKind::MergedInto => "people-event-merged-into",
            EventKind::Separated => "people-event-separated",
            EventKind::MemberLeft => "people-event-member-left",
            EventKind::MemberReturned => "people-event-member-returned",
            EventKind::CodeGiven => "people-event-code-given",
            EventKind::CodeEnded => "people-event-code-ended",
        }
    }
}

kernel::facts! {
    /// In whose list a code stands.
    pub enum Scheme {
        /// The database of the whole country.
        National = "national",
        /// The list of the province.
        Province = "province",
        /// The card before the one of today.
        OldCard = "old_card",
        /// Any other.
        Other = "other",
    }
}

impl Scheme {
    /// Key of its name.
    pub fn text(self) -> &'static str {
        match self {
            Scheme::National => "people-code-national",
            Scheme::Province => "people-code-province",
            Scheme::OldCard => "people-code-old-card",
            Scheme::Other => "people-code-other",
        }
    }
}

/// The status of whoever is added without a word about it.
impl Default for Status {
    fn default() -> Self {
        Status::Full
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
    /// Whether they are called to the meetings of their unit: members who may take part.
    pub fn is_called(self) -> bool {
        match self {
            Status::Probationary | Status::Full => true,
            Status::Candidate
            | Status::Suspended
            | Status::Left
            | Status::StruckOff
            | Status::Expelled
            | Status::Deceased => false,
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
pub fn is_gone(status: &Kept<Status>) -> bool {
    status.known().is_none_or(Status::is_gone)
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
        assert!(is_gone(&Kept::Odd("fulll".into())) && !is_gone(&Kept::Known(Status::Full)));
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
