//! The sample of a book: a small EPUB that shows what a good one has in it, to be opened and written over.
//!
//! The rule that surprises: it is made by code and the same each time, and whoever sends it back as it came is told
//! that it is nobody's book ([`is_left`]).

use books::Book;
use books::build::{Chapter, Spec, epub};
use kernel::error::{Doing as _, Error, Result};

/// Names the sample, whatever its file is called.
const IDENTIFIER: &str = "urn:sotay:mau:sach";
/// Its title; a book of another title is somebody's own.
const TITLE: &str = "Tên sách (mẫu)";

/// The file.
pub(crate) fn book() -> Result<Vec<u8>> {
    let chapter = |name: &str, title: &str, text: &str| Chapter {
        name: name.to_owned(),
        title: title.to_owned(),
        markdown: format!("# {title}\n\n{text}\n"),
    };
    let spec = Spec {
        identifier: IDENTIFIER.to_owned(),
        title: TITLE.to_owned(),
        creator: Some("Tên tác giả (mẫu)".to_owned()),
        language: "vi".to_owned(),
        modified: "2026-01-01T00:00:00Z".to_owned(),
        description: Some("Sách nói về điều gì, trong một hai câu.".to_owned()),
        publisher: Some("Nhà xuất bản (mẫu)".to_owned()),
        chapters: vec![
            chapter(
                "chuong-1",
                "Chương một",
                "Mỗi chương có một tên. Tên ấy hiện trong mục lục.\n\n## Phần nhỏ\n\nChữ của chương viết ở đây.",
            ),
            chapter(
                "chuong-2",
                "Chương hai",
                "Chương sau nối tiếp chương trước.",
            ),
        ],
        ..Spec::default()
    };
    epub(&spec)
        .map_err(Error::from)
        .doing("making the sample of a book")
}

/// Whether this is the sample, left as it came.
pub(crate) fn is_left(book: &Book) -> bool {
    book.identifier == IDENTIFIER && book.title == TITLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_a_book_that_can_be_opened_and_is_known_until_its_title_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let (file, out) = (
            folder.path().join("ten-khac.epub"),
            folder.path().join("out"),
        );
        std::fs::create_dir(&out).unwrap();
        std::fs::write(&file, book().unwrap()).unwrap();
        let mut held = books::unpack(&file, &out, &books::Limits::default()).unwrap();
        assert!(is_left(&held), "{} {}", held.identifier, held.title);
        held.title = "Chuyện làng".to_owned();
        assert!(!is_left(&held), "somebody's own");
        assert_eq!(book().unwrap(), book().unwrap(), "the same each time");
    }
}
