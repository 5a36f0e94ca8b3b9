//! What stands in the samples of lists of members and of units: made up, to be written over. Who sends a row of it
//! unchanged is told that it is nobody (`rows`, `units`).

/// What the sample of a list of members has. No column for the unit: the page sets it.
pub(crate) const MEMBERS: &[(&str, [&str; 2])] = &[
    ("name", ["Nguyễn Thị Mẫu", "Trần Văn Thử"]),
    ("sex", ["nữ", "nam"]),
    ("birth_on", ["19/05/1954", "02/09/1987"]),
    ("external_id", ["MAU-001", "MAU-002"]),
    ("card", ["", ""]),
    ("citizen", ["", ""]),
    ("phone", ["0900 000 001", ""]),
    ("email", ["", ""]),
    ("home_town", ["Nhân Chính, Hà Nội", ""]),
    ("residence", ["Số 1, tổ 1", "Số 2, tổ 1"]),
    ("admission_decision_on", ["15/01/1980", "15/01/2020"]),
    ("ceremony_on", ["03/02/1980", "03/02/2020"]),
    ("full_from_on", ["03/02/1981", "03/02/2021"]),
    ("status", ["chính thức", "chính thức"]),
    ("exempt", ["x", ""]),
    ("placed_on", ["01/03/1990", "01/03/2021"]),
];

/// What the sample of a list of units has.
pub(crate) const BODIES: &[(&str, [&str; 2])] = &[
    ("name", ["Đảng bộ Khu phố Mẫu", "Chi bộ Tổ dân phố Mẫu"]),
    ("code", ["MAU", "MAU.01"]),
    ("parent", ["", "Đảng bộ Khu phố Mẫu"]),
    ("kind", ["đảng bộ bộ phận", "chi bộ"]),
    ("address", ["", "Nhà văn hóa"]),
    ("founded_on", ["03/02/2000", "03/02/2000"]),
];
