//! The list of rooms, and what the whole program makes of them: one router, one API description.

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
    intake::register(&mut jobs);
    fill::register(&mut jobs);
    jobs
}

/// The routes that `app` itself serves.
pub(crate) const OWN_ROUTES: &[(&str, &str)] = &[
    ("GET", "/assets/{*path}"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/api/v1/openapi.json"),
];

/// The API's description, put together from the rooms.
pub(crate) fn openapi(rooms: &[Room]) -> utoipa::openapi::OpenApi {
    use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
    let mut info = utoipa::openapi::Info::new("Sổ tay", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Personal access tokens (Tôi, Mã truy cập) in `Authorization: Bearer …`. Errors are RFC 9457 problem details."
            .to_owned(),
    );
    let mut whole = utoipa::openapi::OpenApi::new(info, utoipa::openapi::Paths::new());
    for room in rooms {
        if let Some(part) = &room.openapi {
            whole.merge(part.clone());
        }
    }
    let mut components = whole.components.take().unwrap_or_default();
    components.add_security_scheme(
        "token",
        SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)),
    );
    whole.components = Some(components);
    whole
}
