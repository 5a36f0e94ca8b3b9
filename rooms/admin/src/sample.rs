//! What stands in the sample of a table of holidays: made up, to be written over.

/// What the sample of a table of holidays has.
pub(crate) const HOLIDAYS: &[(&str, [&str; 2])] = &[
    ("on", ["02/09/2030", "03/02/2030"]),
    ("to", ["03/09/2030", ""]),
    ("kind", ["nghỉ", "nghỉ"]),
    ("name", ["Quốc khánh", "Ngày nghỉ bù (mẫu)"]),
    ("document", ["Thông báo số 1 (mẫu)", "Thông báo số 1 (mẫu)"]),
];
