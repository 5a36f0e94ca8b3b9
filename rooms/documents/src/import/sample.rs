//! What stands in the sample of a register of documents: made up, to be written over.

/// What the sample of a register has.
pub(super) const REGISTER: &[(&str, [&str; 2])] = &[
    ("symbol", ["12-QĐ/ĐU", "13-KH/ĐU"]),
    ("issued_on", ["15/06/2026", "20/06/2026"]),
    (
        "title",
        ["về nền nếp sinh hoạt chi bộ", "tổng vệ sinh khu phố"],
    ),
    ("kind", ["Quyết định", "Kế hoạch"]),
    ("issuer", ["Đảng ủy phường Mẫu", "Đảng ủy phường Mẫu"]),
    ("effective_on", ["15/06/2026", ""]),
    ("status", ["còn hiệu lực", ""]),
];
