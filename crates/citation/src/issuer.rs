//! Issuers of documents by the abbreviation in a symbol, as rows of data.
//!
//! The organisation's rows are complete for our purpose; the state rows are those that stand in symbols
//! without a year, where the shape alone does not tell the system. Surprising rule: `TU`, `ĐU`, `CB` name
//! thousands of bodies; the abbreviation says the level, the issuing unit says who.

use crate::symbol::System;

/// One row of the table of issuers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issuer {
    /// The abbreviation as printed.
    pub code: &'static str,
    /// Other spellings, in capitals: without Đ, with Ư, older.
    pub aliases: &'static [&'static str],
    /// What it is, in Vietnamese; a level where it names many bodies.
    pub name: &'static str,
    /// Whose papers it issues.
    pub system: System,
    /// The code that replaced it, where the body was merged.
    pub now: Option<&'static str>,
}

const fn ours(code: &'static str, aliases: &'static [&'static str], name: &'static str) -> Issuer {
    Issuer {
        code,
        aliases,
        name,
        system: System::Organisation,
        now: None,
    }
}

const fn state(code: &'static str, aliases: &'static [&'static str], name: &'static str) -> Issuer {
    Issuer {
        code,
        aliases,
        name,
        system: System::State,
        now: None,
    }
}

/// The seed. Rows marked unconfirmed in the domain notes are kept: an unknown issuer costs a link.
pub static SEED: [Issuer; 66] = [
    ours("TW", &["TƯ"], "Trung ương"),
    ours("BTCTW", &["BTCTƯ"], "Ban Tổ chức Trung ương"),
    ours("BTGDVTW", &[], "Ban Tuyên giáo và Dân vận Trung ương"),
    Issuer {
        code: "BTGTW",
        aliases: &["BTGTƯ"],
        name: "Ban Tuyên giáo Trung ương",
        system: System::Organisation,
        now: Some("BTGDVTW"),
    },
    ours("UBKTTW", &["UBKTTƯ"], "Ủy ban Kiểm tra Trung ương"),
    ours("VPTW", &["VPTƯ"], "Văn phòng Trung ương"),
    ours("BCĐTW", &["BCDTW"], "Ban Chỉ đạo Trung ương"),
    ours("BDVTW", &[], "Ban Dân vận Trung ương"),
    ours("BNCTW", &[], "Ban Nội chính Trung ương"),
    ours("BKTTW", &[], "Ban Kinh tế Trung ương"),
    ours("BCSCLTW", &[], "Ban Chính sách, chiến lược Trung ương"),
    ours("TU", &[], "Tỉnh ủy, thành ủy"),
    ours("BTCTU", &[], "Ban tổ chức tỉnh ủy, thành ủy"),
    ours("BTGTU", &[], "Ban tuyên giáo tỉnh ủy, thành ủy"),
    ours(
        "BTGDVTU",
        &[],
        "Ban tuyên giáo và dân vận tỉnh ủy, thành ủy",
    ),
    ours("BNCTU", &[], "Ban nội chính tỉnh ủy, thành ủy"),
    ours("UBKTTU", &[], "Ủy ban kiểm tra tỉnh ủy, thành ủy"),
    ours("VPTU", &[], "Văn phòng tỉnh ủy, thành ủy"),
    ours("HU", &[], "Huyện ủy"),
    ours("QU", &[], "Quận ủy"),
    ours("THU", &[], "Thị ủy, thành ủy trực thuộc tỉnh ủy"),
    ours("TXU", &[], "Thị xã ủy"),
    ours("BTCHU", &[], "Ban tổ chức huyện ủy"),
    ours("UBKTHU", &[], "Ủy ban kiểm tra huyện ủy"),
    ours("ĐUK", &["DUK"], "Đảng ủy khối"),
    ours("ĐU", &["DU"], "Đảng ủy"),
    ours("BTCĐU", &["BTCDU"], "Ban tổ chức đảng ủy"),
    ours("BTGĐU", &["BTGDU"], "Ban tuyên giáo đảng ủy"),
    ours("BXDĐ", &["BXDD"], "Ban xây dựng Đảng"),
    ours("UBKTĐU", &["UBKTDU"], "Ủy ban kiểm tra đảng ủy"),
    ours("VPĐU", &["VPDU"], "Văn phòng đảng ủy"),
    ours("ĐUCA", &["DUCA"], "Đảng ủy Công an"),
    ours("QUTW", &[], "Quân ủy Trung ương"),
    ours("CB", &[], "Chi bộ"),
    ours("CĐ-CB", &["CD-CB"], "Chi bộ, sinh hoạt chuyên đề"),
    ours("ĐH", &["DH"], "Đại hội"),
    ours("ĐĐ", &["DD"], "Đảng đoàn"),
    ours("BCSĐ", &["BCSD"], "Ban cán sự đảng"),
    state("TTg", &[], "Thủ tướng Chính phủ"),
    state("CP", &[], "Chính phủ"),
    state("QH", &[], "Quốc hội"),
    state("UBTVQH", &[], "Ủy ban Thường vụ Quốc hội"),
    state("CTN", &[], "Chủ tịch nước"),
    state("UBND", &[], "Ủy ban nhân dân"),
    state("HĐND", &["HDND"], "Hội đồng nhân dân"),
    state("VPCP", &[], "Văn phòng Chính phủ"),
    state("BCA", &[], "Bộ Công an"),
    state("BQP", &[], "Bộ Quốc phòng"),
    state("BNG", &[], "Bộ Ngoại giao"),
    state("BNV", &[], "Bộ Nội vụ"),
    state("BTP", &[], "Bộ Tư pháp"),
    state("BTC", &[], "Bộ Tài chính"),
    state("BCT", &[], "Bộ Công Thương"),
    state("BXD", &[], "Bộ Xây dựng"),
    state("BYT", &[], "Bộ Y tế"),
    state("BKHCN", &[], "Bộ Khoa học và Công nghệ"),
    state("BGDĐT", &["BGDDT"], "Bộ Giáo dục và Đào tạo"),
    state("BVHTTDL", &[], "Bộ Văn hóa, Thể thao và Du lịch"),
    state("BVHTT", &[], "Bộ Văn hóa - Thông tin"),
    state(
        "BLĐTBXH",
        &["BLDTBXH"],
        "Bộ Lao động - Thương binh và Xã hội",
    ),
    state("BTTTT", &[], "Bộ Thông tin và Truyền thông"),
    state("BGTVT", &[], "Bộ Giao thông vận tải"),
    state("BNNMT", &[], "Bộ Nông nghiệp và Môi trường"),
    state("BDTTG", &[], "Bộ Dân tộc và Tôn giáo"),
    state("TTCP", &[], "Thanh tra Chính phủ"),
    state("TANDTC", &[], "Tòa án nhân dân tối cao"),
];

impl Issuer {
    /// The row for an abbreviation as typed: any case, with or without Đ, dash and look-alikes tolerated.
    /// A trailing number (`QH15`, `HĐND9`) is the term and does not count.
    pub fn by_code(typed: &str) -> Option<&'static Issuer> {
        let upper = typed
            .trim()
            .to_uppercase()
            .replace(['\u{D0}', '\u{189}'], "Đ");
        let upper = upper.trim_end_matches(|c: char| c.is_ascii_digit());
        SEED.iter()
            .find(|row| row.code.to_uppercase() == upper || row.aliases.contains(&upper))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_known_by_any_of_its_spellings() {
        for typed in ["ĐU", "đu", "DU", "\u{D0}U"] {
            assert_eq!(
                Issuer::by_code(typed).map(|i| i.code),
                Some("ĐU"),
                "{typed}"
            );
        }
        assert_eq!(
            Issuer::by_code("ttg").map(|i| i.system),
            Some(System::State)
        );
        assert_eq!(Issuer::by_code("UBTVQH14").map(|i| i.code), Some("UBTVQH"));
        assert_eq!(Issuer::by_code("XYZ"), None);
    }

    #[test]
    fn no_spelling_belongs_to_two_issuers() {
        let mut spellings: Vec<String> = SEED
            .iter()
            .flat_map(|row| {
                row.aliases
                    .iter()
                    .chain([&row.code])
                    .map(|s| s.to_uppercase())
            })
            .collect();
        let count = spellings.len();
        spellings.sort_unstable();
        spellings.dedup();
        assert_eq!(spellings.len(), count);
    }
}
