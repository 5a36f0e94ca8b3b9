//! The list of rooms.

use site::Room;

/// Every room, in the order in which their routes are listed.
pub(crate) fn rooms() -> Vec<Room> {
    let mut rooms = vec![
        account::room(),
        people::room(),
        rosters::room(),
        front::room(),
        bell::room(),
        meetings::room(),
        documents::room(),
        library::room(),
        news::room(),
        admin::room(),
    ];
    // Pages of upload for what the others take from files.
    let importers: Vec<_> = rooms
        .iter()
        .flat_map(|room| room.importers.clone())
        .collect();
    rooms.push(uploads::room(&importers));
    rooms
}

/// The jobs that run in a child process: opening files from outside.
pub(crate) fn jobs() -> files::Jobs {
    let mut jobs = files::Jobs::new();
    books::register(&mut jobs);
    files::sizes::register(&mut jobs);
    intake::register(&mut jobs);
    fill::register(&mut jobs);
    jobs
}
