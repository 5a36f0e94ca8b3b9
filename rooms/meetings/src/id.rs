//! Ids of this room's own things.

db::ids! {
    /// A meeting of a unit.
    MeetingId;
    /// One line of a meeting's agenda.
    ItemId;
}
