//! Facts of meetings with a fixed list of values, by their words in the tables.
//!
//! Where a meeting stands is `state`. A row that is read alone holds the fact itself, a row of a list
//! `Kept`, so that one odd word takes no page away. Not here: what people read for a word (`text/`).

kernel::facts! {
    /// What a meeting is for (domain reference, 4).
    pub enum Kind {
        /// The regular one of the month.
        Regular = "regular",
        /// On a theme.
        Theme = "theme",
        /// Beside those of the plan, for one matter; kept as a mark beside the kind.
        Extraordinary = "extraordinary",
    }
}

impl Kind {
    /// Key of its name.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Kind::Regular => "meetings-kind-regular",
            Kind::Theme => "meetings-kind-theme",
            Kind::Extraordinary => "meetings-kind-extraordinary",
        }
    }
}

kernel::facts! {
    /// What stands beside a name on the roll.
    pub(crate) enum Mark {
        /// Nothing yet, or taken back.
        Open = "open",
        /// In the room.
        Present = "present",
        /// Absent with leave.
        Excused = "excused",
        /// Absent without.
        Unexcused = "unexcused",
    }
}

kernel::facts! {
    /// What somebody answered to an invitation.
    pub(crate) enum Reply {
        /// Nothing yet.
        Open = "",
        /// Comes.
        Yes = "yes",
        /// Does not come.
        No = "no",
    }
}

kernel::facts! {
    /// Why somebody does not come.
    pub(crate) enum Category {
        /// Health.
        Health = "health",
        /// Work.
        Work = "work",
        /// Family.
        Family = "family",
        /// Far away.
        Away = "away",
        /// Anything else.
        Other = "other",
    }
}

impl Category {
    /// Key of its name.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Category::Health => "meetings-category-health",
            Category::Work => "meetings-category-work",
            Category::Family => "meetings-category-family",
            Category::Away => "meetings-category-away",
            Category::Other => "meetings-category-other",
        }
    }
}

kernel::facts! {
    /// Where an absence stands.
    pub(crate) enum AbsenceState {
        /// Waits for the chair.
        Filed = "filed",
        /// With leave.
        Accepted = "accepted",
        /// Without.
        Refused = "refused",
        /// They come after all.
        Withdrawn = "withdrawn",
    }
}

impl AbsenceState {
    /// Key of its sentence.
    pub(crate) fn text(self) -> &'static str {
        match self {
            AbsenceState::Filed => "meetings-absence-filed",
            AbsenceState::Accepted => "meetings-absence-accepted",
            AbsenceState::Refused => "meetings-absence-refused",
            AbsenceState::Withdrawn => "meetings-absence-withdrawn",
        }
    }
}

kernel::facts! {
    /// Where a task stands.
    pub(crate) enum TaskState {
        /// To be done.
        Open = "open",
        /// Done.
        Done = "done",
        /// Given up.
        Dropped = "dropped",
    }
}

kernel::facts! {
    /// When numbers were taken.
    pub(crate) enum Taken {
        /// At the opening.
        Start = "start",
        /// At a vote.
        Vote = "vote",
        /// At the end.
        End = "end",
    }
}

kernel::facts! {
    /// Where a revision of the minutes stands.
    pub(crate) enum RevisionState {
        /// Being written.
        Writing = "writing",
        /// Sent around.
        Circulated = "circulated",
        /// Signed.
        Signed = "signed",
    }
}
