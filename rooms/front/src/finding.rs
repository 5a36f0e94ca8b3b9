//! A room of the tests that lets things be found, as real rooms do.

use site::Room;
use site::room::Find;

/// The id of what was hidden a moment ago, while the index still has it.
pub(crate) const HIDDEN: &str = "hidden";

/// This room and one with documents, books and news.
pub(crate) fn rooms() -> Vec<Room> {
    const TEXTS: &str = "things-documents = Văn bản\nthings-provision = Điều, khoản\nthings-books = Sách\n\
        things-section = Phần của sách\nthings-news = Tin";
    let mut room = Room::new("things", TEXTS, TEXTS);
    room.finds = [
        (
            "document",
            "doc",
            "things-documents",
            "documents",
            "things-documents",
            10,
        ),
        (
            "provision",
            "doc",
            "things-provision",
            "documents",
            "things-documents",
            10,
        ),
        ("title", "book", "things-books", "books", "things-books", 20),
        (
            "section",
            "book",
            "things-section",
            "books",
            "things-books",
            20,
        ),
        ("article", "news", "things-news", "news", "things-news", 30),
    ]
    .map(|(kind, icon, text, group, group_text, order)| Find {
        kind,
        icon,
        text,
        group,
        group_text,
        order,
        is_for_members: false,
    })
    .to_vec();
    // These things stand in no table: whatever the index has is seen, but for what a test calls hidden.
    room.feeds = [
        ("document", &["document", "provision"][..]),
        ("title", &["title", "section"]),
        ("article", &["article"]),
    ]
    .map(|(kind, finds)| site::Feed {
        kind,
        finds,
        load: |_, _| Box::pin(async { Ok(Vec::new()) }),
        list: |_, _, _| Box::pin(async { Ok(Vec::new()) }),
        seen: |_, _, ids| {
            Box::pin(async move { Ok(ids.into_iter().filter(|id| id != HIDDEN).collect()) })
        },
    })
    .to_vec();
    vec![crate::room(), room]
}
