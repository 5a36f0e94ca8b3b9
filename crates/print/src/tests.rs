//! Papers are set and read back with another program's eyes: the text in its order, the marks that readers of
//! screens need, the bytes. The pictures were looked at by people; see the README.

use super::*;
use kernel::{Day, Moment};
use pdf_extract::{Dictionary, Document, Object};

mod hostile;
mod papers;

fn day(year: i16, month: i8, day: i8) -> Day {
    Day::of(year, month, day).unwrap()
}

fn now() -> Moment {
    day(2026, 11, 26).at(9, 30)
}

fn texts(of: &[&str]) -> Vec<String> {
    of.iter().map(|one| (*one).to_owned()).collect()
}

/// The text layer with all white space as one space. Places where a line may break are not text.
fn read(pdf: &Pdf) -> String {
    let text = pdf_extract::extract_text_from_mem(&pdf.bytes).unwrap();
    let text = text.replace('\u{200b}', "");
    vietnamese::nfc(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// That the pieces stand in the text in this order.
#[track_caller]
fn in_order(text: &str, pieces: &[&str]) {
    let mut at = 0;
    for piece in pieces {
        match text[at..].find(piece) {
            Some(found) => at += found + piece.len(),
            None => panic!("“{piece}” is not where it belongs in: {text}"),
        }
    }
}

/// A folder for the pictures that people look at; nothing is kept without it.
fn keep(name: &str, pdf: &Pdf) {
    if let Some(folder) = std::env::var_os("PRINT_KEEP") {
        std::fs::write(std::path::Path::new(&folder).join(name), &pdf.bytes).unwrap();
    }
}

fn resolution() -> Official {
    Official {
        issuer: Issuer {
            above: texts(&["Đảng bộ phường Hoàn Kiếm"]),
            name: "Chi bộ khu dân cư số 5".to_owned(),
        },
        symbol: Some(citation::parse("05-NQ/CB").unwrap()),
        place: "Hà Nội".to_owned(),
        dated: Dated::On(day(2026, 1, 5)),
        title: Title::Named {
            kind: "Nghị quyết".to_owned(),
            subject: "về nhiệm vụ trọng tâm quý I năm 2026".to_owned(),
        },
        marks: vec![],
        addressees: vec![],
        body: vec![
            Block::Bases(vec![
                "Căn cứ Điều lệ Đảng;".into(),
                Rich::from("Căn cứ Quy định số 294-QĐ/TW, ngày 26/5/2025 của Ban Chấp hành Trung ương về ")
                    .italic("“thi hành Điều lệ Đảng”")
                    .plain(";"),
            ]),
            Block::Paragraph("Chi bộ họp ngày 05/01/2026, có 24 trên 27 đảng viên dự, thảo luận và thống nhất:".into()),
            Block::Centred(texts(&["QUYẾT NGHỊ"])),
            Block::Heading {
                level: Level::Section,
                label: "I.".to_owned(),
                text: "ĐÁNH GIÁ QUÝ IV NĂM 2025".to_owned(),
            },
            Block::Item {
                mark: "1.".to_owned(),
                text: Rich::default().bold("Kết quả. ").plain(
                    "Chi bộ giữ nề nếp sinh hoạt hằng tháng; mười hai buổi sinh hoạt, tỷ lệ dự họp 91,3 %; \
                     hai quần chúng ưu tú được giới thiệu học lớp nhận thức về Đảng.",
                ),
            },
            Block::Item {
                mark: "2.".to_owned(),
                text: "Hạn chế. Việc nộp đảng phí của ba đảng viên đi làm xa còn chậm.".into(),
            },
            Block::Heading {
                level: Level::Section,
                label: "II.".to_owned(),
                text: "NHIỆM VỤ QUÝ I NĂM 2026".to_owned(),
            },
            Block::Item {
                mark: "-".to_owned(),
                text: "Tuyên truyền, vận động nhân dân đón Tết Nguyên đán vui tươi, an toàn, tiết kiệm.".into(),
            },
            Block::Paragraph("Nghị quyết được phổ biến đến toàn thể đảng viên./.".into()),
        ],
        recipients: texts(&["Đảng ủy phường Hoàn Kiếm", "Các đảng viên trong chi bộ", "Lưu chi bộ"]),
        signatures: vec![Signature {
            capacity: Capacity::OnBehalf,
            of: "chi bộ".to_owned(),
            post: "bí thư".to_owned(),
            name: "Nguyễn Thị Hường".to_owned(),
            is_sealed: false,
        }],
    }
}

fn decision() -> Official {
    Official {
        issuer: Issuer {
            above: texts(&["UBND thành phố Hà Nội"]),
            name: "Ủy ban nhân dân phường Hoàn Kiếm".to_owned(),
        },
        symbol: Some(citation::parse("Quyết định số 45/QĐ-UBND").unwrap()),
        place: "Hoàn Kiếm".to_owned(),
        dated: Dated::On(day(2026, 3, 12)),
        title: Title::Named {
            kind: "Quyết định".to_owned(),
            subject: "Về việc thành lập Tổ công tác chuyển đổi số cộng đồng".to_owned(),
        },
        marks: texts(&["KHẨN"]),
        addressees: vec![],
        body: vec![
            Block::Bases(vec![
                "Căn cứ Luật Tổ chức chính quyền địa phương;".into(),
                "Theo đề nghị của Trưởng phòng Văn hóa - Xã hội.".into(),
            ]),
            Block::Centred(texts(&["QUYẾT ĐỊNH:"])),
            Block::Heading {
                level: Level::Chapter,
                label: "Chương I".to_owned(),
                text: "Quy định chung".to_owned(),
            },
            Block::Heading {
                level: Level::Article,
                label: "Điều 1.".to_owned(),
                text: "Thành lập Tổ công tác".to_owned(),
            },
            Block::Item {
                mark: "1.".to_owned(),
                text: "Thành lập Tổ công tác gồm các ông, bà có tên sau đây:".into(),
            },
            Block::Table(Table {
                columns: vec![
                    TableColumn {
                        head: "TT".to_owned(),
                        share: 1.0,
                        is_centred: true,
                    },
                    TableColumn {
                        head: "Họ và tên".to_owned(),
                        share: 4.0,
                        is_centred: false,
                    },
                    TableColumn {
                        head: "Chức vụ, đơn vị".to_owned(),
                        share: 5.0,
                        is_centred: false,
                    },
                    TableColumn {
                        head: "Nhiệm vụ".to_owned(),
                        share: 2.0,
                        is_centred: true,
                    },
                ],
                rows: vec![
                    texts(&[
                        "1",
                        "Trần Văn Thụy",
                        "Phó Chủ tịch Ủy ban nhân dân phường",
                        "Tổ trưởng",
                    ]),
                    texts(&[
                        "2",
                        "Lê Thị Thuỳ Ngân",
                        "Công chức Văn phòng - Thống kê",
                        "Tổ phó",
                    ]),
                ],
            }),
            Block::Item {
                mark: "a)".to_owned(),
                text: "Tổ công tác tự giải thể khi hoàn thành nhiệm vụ.".into(),
            },
            Block::Heading {
                level: Level::Article,
                label: "Điều 2.".to_owned(),
                text: "Hiệu lực".to_owned(),
            },
            Block::Paragraph("Quyết định này có hiệu lực kể từ ngày ký".into()),
        ],
        recipients: texts(&["Như Điều 2", "Đảng ủy phường", "Lưu: VT, VHXH (02b)"]),
        signatures: vec![Signature {
            capacity: Capacity::ForHead,
            of: "chủ tịch".to_owned(),
            post: "phó chủ tịch".to_owned(),
            name: "Trần Văn Thụy".to_owned(),
            is_sealed: true,
        }],
    }
}

/// A paper with one paragraph of this text.
fn saying(text: &str) -> Official {
    Official {
        body: vec![
            Block::Paragraph(text.into()),
            Block::Paragraph("Hết phần thử".into()),
        ],
        ..resolution()
    }
}
