//! A room of the tests that lets things be found, as real rooms do.

use site::Room;
use site::room::Find;

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
    })
    .to_vec();
    vec![crate::room(), room]
}
