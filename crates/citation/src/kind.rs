//! Kinds of documents as rows of data: code id, abbreviation, Vietnamese name.
//!
//! The seed follows 399-QĐ/TW (9/1/2026), unconfirmed; state kinds are the usual ones of state law.
//! Forms are not documents and not here. Surprising rule: an abbreviation is not a kind: `QĐ` is a decision
//! or a regulation, `DA` may be a project or a scheme typed without Đ; the word in the text decides.

use crate::symbol::System;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// One row of the table of kinds.
#[derive(Debug)]
struct Row {
    code: &'static str,
    sign: &'static str,
    name: &'static str,
    system: Option<System>,
}

const fn both(code: &'static str, sign: &'static str, name: &'static str) -> Row {
    Row {
        code,
        sign,
        name,
        system: None,
    }
}

const fn ours(code: &'static str, sign: &'static str, name: &'static str) -> Row {
    Row {
        code,
        sign,
        name,
        system: Some(System::Organisation),
    }
}

const fn state(code: &'static str, sign: &'static str, name: &'static str) -> Row {
    Row {
        code,
        sign,
        name,
        system: Some(System::State),
    }
}

static SEED: [Row; 43] = [
    ours("platform", "", "Cương lĩnh chính trị"),
    ours("charter", "", "Điều lệ"),
    ours("strategy", "CL", "Chiến lược"),
    both("resolution", "NQ", "Nghị quyết"),
    both("decision", "QĐ", "Quyết định"),
    both("directive", "CT", "Chỉ thị"),
    both("conclusion", "KL", "Kết luận"),
    both("statute", "QC", "Quy chế"),
    ours("regulation", "QĐ", "Quy định"),
    ours("circular", "TT", "Thông tri"),
    both("guidance", "HD", "Hướng dẫn"),
    both("notice", "TB", "Thông báo"),
    both("communique", "TC", "Thông cáo"),
    ours("declaration", "", "Tuyên bố"),
    ours("appeal", "", "Lời kêu gọi"),
    both("report", "BC", "Báo cáo"),
    both("plan", "KH", "Kế hoạch"),
    both("master_plan", "QH", "Quy hoạch"),
    both("programme", "CTr", "Chương trình"),
    both("scheme", "ĐA", "Đề án"),
    both("option_plan", "PA", "Phương án"),
    both("project", "DA", "Dự án"),
    both("submission", "TTr", "Tờ trình"),
    both("letter", "CV", "Công văn"),
    both("minutes", "BB", "Biên bản"),
    both("invitation", "GM", "Giấy mời"),
    both("introduction", "GGT", "Giấy giới thiệu"),
    both("certificate", "", "Giấy chứng nhận"),
    both("travel_pass", "", "Giấy đi đường"),
    both("leave_pass", "", "Giấy nghỉ phép"),
    both("transfer_slip", "", "Phiếu chuyển"),
    both("dispatch_slip", "", "Phiếu gửi"),
    both("open_letter", "", "Thư công"),
    state("constitution", "", "Hiến pháp"),
    state("law", "", "Luật"),
    state("ordinance", "PL", "Pháp lệnh"),
    state("order", "L", "Lệnh"),
    state("sovereign_order", "SL", "Sắc lệnh"),
    state("decree", "NĐ", "Nghị định"),
    state("state_circular", "TT", "Thông tư"),
    state("joint_circular", "TTLT", "Thông tư liên tịch"),
    state("joint_resolution", "NQLT", "Nghị quyết liên tịch"),
    state("telegram", "CĐ", "Công điện"),
];

/// A kind of document, one row of the seed. Stored and sent as its code id.
#[derive(Clone, Copy)]
pub struct Kind(&'static Row);

impl Kind {
    /// Every kind, in the order of the seed.
    pub fn all() -> impl Iterator<Item = Kind> {
        SEED.iter().map(Kind)
    }

    /// The kind with this code id (`resolution`).
    pub fn by_code(code: &str) -> Option<Kind> {
        Kind::all().find(|kind| kind.code() == code)
    }

    /// The kind with this Vietnamese name, in any case and tone placement.
    pub fn by_name(name: &str) -> Option<Kind> {
        let folded = vietnamese::place_tone(name.trim()).to_lowercase();
        Kind::all().find(|kind| vietnamese::place_tone(kind.name()).to_lowercase() == folded)
    }

    /// The kinds an abbreviation may mean in one system: two for `QĐ`, none for an unknown one. Case does
    /// not matter; `QD` and `DA` are also read as if Đ had been meant.
    pub fn by_sign(sign: &str, system: System) -> Vec<Kind> {
        let folded = vietnamese::fold(sign);
        let exact = sign.to_uppercase();
        if folded == "qdi" {
            return Kind::by_code("regulation").into_iter().collect();
        }
        Kind::all()
            .filter(|kind| !kind.sign().is_empty() && kind.0.system.is_none_or(|s| s == system))
            .filter(|kind| {
                // Đ in the text is certain; a plain D may stand for either.
                kind.sign().to_uppercase() == exact
                    || (!exact.contains('Đ') && vietnamese::fold(kind.sign()) == folded)
            })
            .collect()
    }

    /// The code id, stable and stored: `resolution`.
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// The abbreviation in symbols, `NQ`; empty for kinds without a number.
    pub fn sign(self) -> &'static str {
        self.0.sign
    }

    /// The name as printed: `Nghị quyết`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The only system that uses it; none when both do.
    pub fn system(self) -> Option<System> {
        self.0.system
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Kind) -> bool {
        self.code() == other.code()
    }
}

impl Eq for Kind {}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Kind::by_code(&code).ok_or_else(|| {
            serde::de::Error::custom(format!("no kind of document is called {code}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_abbreviation_may_mean_two_kinds() {
        let codes = |sign, system| {
            Kind::by_sign(sign, system)
                .iter()
                .map(|k| k.code())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            codes("QĐ", System::Organisation),
            ["decision", "regulation"]
        );
        assert_eq!(codes("QĐ", System::State), ["decision"]);
        assert_eq!(codes("QĐi", System::Organisation), ["regulation"]);
        assert_eq!(codes("DA", System::Organisation), ["scheme", "project"]);
        assert_eq!(codes("ĐA", System::Organisation), ["scheme"]);
        assert_eq!(codes("tt", System::State), ["state_circular"]);
        assert_eq!(codes("XX", System::State), Vec::<&str>::new());
    }

    #[test]
    fn codes_are_unique_and_names_are_found_in_capitals() {
        let mut codes: Vec<_> = Kind::all().map(|k| k.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), SEED.len());
        assert_eq!(
            Kind::by_name("QUY ĐỊNH").map(|k| k.code()),
            Some("regulation")
        );
        assert_eq!(
            Kind::by_name("quyết định").map(|k| k.code()),
            Some("decision")
        );
        assert_eq!(Kind::by_name("QUY"), None);
    }
}
