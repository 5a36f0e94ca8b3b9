//! The index as its users see it: put, ask, remove, reopen. Sentences are made up.

// Helpers outside test functions may stop a test too.
#![allow(clippy::unwrap_used)]

mod asking;
mod keeping;
mod reach;

use search::{Answer, Entry, Index, Kind, Query, Reach};

/// An entry with the fields that matter to a test; the rest is plain.
pub(crate) fn entry(id: &str, kind: Kind, title: &str, body: &str) -> Entry {
    Entry {
        id: id.to_owned(),
        kind,
        parent_id: None,
        external_id: None,
        title: title.to_owned(),
        context: String::new(),
        heading: String::new(),
        body: body.to_owned(),
        symbol: None,
        url: format!("/x/{id}"),
        audience: vec!["public".to_owned()],
        also: Vec::new(),
        shown_on: None,
        language: "vi".to_owned(),
    }
}

/// A small shelf of everything.
pub(crate) fn shelf() -> Index {
    let index = Index::in_memory().unwrap();
    let writer = index.writer();
    for entry in entries() {
        writer.put(&entry).unwrap();
    }
    writer.commit(1).unwrap();
    index
}

pub(crate) fn entries() -> Vec<Entry> {
    let provision = |id: &str, law: &str, number: u32, heading: &str, body: &str| Entry {
        context: law.to_owned(),
        heading: heading.to_owned(),
        parent_id: Some(format!("law-{law}")),
        ..entry(
            id,
            Kind::of("provision"),
            &format!("Điều {number}. {heading}"),
            body,
        )
    };
    let garden = "Luật Vườn chung";
    let bridge = "Luật Cầu gỗ";
    let document = |id: &str, symbol: &str, title: &str, body: &str| Entry {
        symbol: Some(symbol.to_owned()),
        ..entry(id, Kind::of("document"), title, body)
    };
    vec![
        provision(
            "g1",
            garden,
            1,
            "Phạm vi điều chỉnh",
            "Luật này nói về việc trồng cây trong vườn chung của làng.",
        ),
        provision(
            "g7",
            garden,
            7,
            "Tưới nước mùa khô",
            "1. Người giữ vườn tưới nước mỗi ngày hai lần.\na) Sáng tưới gốc;\nb) Chiều tưới lá.\n2. Ngày mưa thì nghỉ.",
        ),
        provision(
            "b1",
            bridge,
            1,
            "Phạm vi điều chỉnh",
            "Luật này nói về việc giữ gìn cầu gỗ qua suối.",
        ),
        provision(
            "b7",
            bridge,
            7,
            "Hòa giải khi tranh chấp lối đi",
            "Hai bên tranh chấp lối đi qua cầu thì tổ hòa giải của làng mời đến nói chuyện trước.",
        ),
        document(
            "d12",
            "12-QĐ/ĐU",
            "Quyết định lập tổ giữ vườn",
            "Lập tổ giữ vườn gồm năm người, nhiệm kỳ hai năm.",
        ),
        document(
            "d294",
            "294-QĐ/TW",
            "Quy định giờ đóng cổng vườn",
            "Cổng vườn đóng lúc chín giờ tối.",
        ),
        document(
            "d29",
            "29-HD/ĐU",
            "Hướng dẫn sửa cầu",
            "Theo quyết định cũ, gỗ lim dùng cho mặt cầu; xem thêm 294 mẫu gỗ.",
        ),
        entry(
            "t1",
            Kind::of("title"),
            "Sổ tay người giữ vườn",
            "Sách mỏng cho người mới nhận việc.",
        ),
        Entry {
            context: "Sổ tay người giữ vườn".to_owned(),
            parent_id: Some("t1".to_owned()),
            ..entry(
                "s1",
                Kind::of("section"),
                "Chọn hạt giống",
                "Hạt giống tốt thì chắc và khô. Người giữ vườn chọn hạt từ quả chín.",
            )
        },
        entry(
            "n1",
            Kind::of("article"),
            "Làng mở hội đua thuyền",
            "Sáng nay làng mở hội, người giữ vườn cũng đến xem.",
        ),
    ]
}

pub(crate) fn ask(index: &Index, text: &str) -> Answer {
    index.search(&Query::new(text, Reach::public())).unwrap()
}

pub(crate) fn ids(answer: &Answer) -> Vec<&str> {
    answer.hits.iter().map(|hit| hit.id.as_str()).collect()
}
