//! From the cells of a roster to rows: who, with what, in which unit; and what is wrong with each.
//!
//! Pure. Not here: whether the person is known already (`matching`). Surprise: a line that only
//! names a unit (`I. CHI BỘ THÔN 1`) is a heading and places the rows below it.

use super::table::Table;
use super::tree::{Tree, Trouble, exact, takes_members};
use super::{Note, sample, values};
use intake::Cell;
use intake::columns::Field;
use kernel::Day;
use kernel::fact::Kept;
use people::day::JoinAge;
use people::fact::Status;
use people::store::NewMember;
use std::collections::HashMap;
use values::StatusWord;
use vietnamese::PartialDate;

macro_rules! fields {
    ($($name:literal $is_required:literal [$($word:literal),* $(,)?];)*) => {
        /// The columns of a roster and the words that head them.
        pub(super) const FIELDS: &[Field] = &[$(Field {
            name: $name,
            words: &[$($word),*],
            is_required: $is_required,
        }),*];
    };
}

fields! {
    "name" true ["họ và tên", "họ tên", "họ và tên đảng viên", "họ tên đảng viên", "họ và tên khai sinh",
        "họ tên khai sinh", "họ, chữ đệm và tên", "họ, chữ đệm và tên khai sinh", "họ đệm và tên", "tên đảng viên",
        "đảng viên", "full name", "name"];
    "family_name" false ["họ", "họ đệm", "họ và đệm", "họ và tên đệm", "họ, chữ đệm", "họ lót", "family name"];
    "given_name" false ["tên", "tên gọi", "given name"];
    "other_name" false ["tên khác", "bí danh", "tên gọi khác", "tên thường gọi", "tên đang dùng", "họ tên đang dùng", "other name"];
    "sex" false ["giới tính", "giới", "phái", "nam nữ", "nam hay nữ", "sex", "gender"];
    "male" false ["nam", "giới tính nam", "ngày sinh nam", "năm sinh nam", "ngày tháng năm sinh nam", "sinh ngày nam"];
    "female" false ["nữ", "giới tính nữ", "ngày sinh nữ", "năm sinh nữ", "ngày tháng năm sinh nữ", "sinh ngày nữ"];
    "birth_on" false ["ngày sinh", "ngày, tháng, năm sinh", "năm sinh", "sinh ngày", "ngày tháng năm sinh", "sinh năm", "ntns",
        "ngày tháng sinh", "birth date", "date of birth", "birthday"];
    "external_id" false ["mã đảng viên", "mã số đảng viên", "mã định danh đảng viên", "mã đv", "mã hồ sơ", "mã", "mã số",
        "external id", "id", "code", "member code"];
    "card" false ["số thẻ đảng viên", "số thẻ đảng", "số thẻ", "thẻ đảng viên", "thẻ đảng", "số thẻ đv", "số tđv", "thẻ đảng viên số",
        "thẻ đảng viên số thẻ", "card", "card number"];
    "citizen" false ["số định danh cá nhân", "số định danh", "số căn cước công dân", "số căn cước", "căn cước công dân", "căn cước",
        "số cccd", "cccd", "số cccd cmnd", "số cmnd cccd", "cccd cmnd", "cmnd cccd", "số cccd hoặc cmnd", "số cccd số định danh cá nhân", "citizen id"];
    "phone" false ["số điện thoại", "điện thoại", "sđt", "điện thoại di động", "số điện thoại di động", "di động", "số điện thoại liên hệ",
        "điện thoại liên hệ", "số đt", "đt", "phone", "mobile"];
    "email" false ["email", "e mail", "thư điện tử", "địa chỉ email", "hộp thư điện tử", "địa chỉ thư điện tử"];
    "home_town" false ["quê quán", "nguyên quán", "quê", "home town"];
    "residence" false ["nơi ở hiện nay", "chỗ ở hiện nay", "nơi cư trú", "nơi thường trú", "hộ khẩu thường trú", "nơi đăng ký thường trú",
        "địa chỉ thường trú", "địa chỉ", "thường trú", "nơi ở", "địa chỉ liên hệ", "residence", "address"];
    "unit" false ["chi bộ", "tên chi bộ", "chi bộ đang sinh hoạt", "chi bộ sinh hoạt", "tổ chức đảng", "tổ chức đảng đang sinh hoạt",
        "đơn vị", "đơn vị sinh hoạt", "nơi sinh hoạt", "nơi đang sinh hoạt", "sinh hoạt tại chi bộ", "sinh hoạt tại", "tổ chức cơ sở đảng",
        "unit", "cell"];
    "unit_code" false ["mã chi bộ", "mã tổ chức đảng", "mã đơn vị", "mã tcđ", "mã tổ chức", "unit code"];
    "admission_decision_on" false ["ngày quyết định kết nạp", "ngày ra quyết định kết nạp", "ngày ký quyết định kết nạp", "ngày qđ kết nạp",
        "quyết định kết nạp ngày", "ngày quyết định kết nạp đảng"];
    "ceremony_on" false ["ngày vào đảng", "ngày kết nạp", "ngày kết nạp đảng", "ngày vào đảng dự bị", "ngày dự bị", "vào đảng ngày",
        "ngày vào đcsvn", "ngày vào đảng csvn", "năm vào đảng", "ngày tháng năm vào đảng", "ngày, tháng, năm vào đảng dự bị",
        "ngày vào đảng kết nạp", "ngày tháng năm kết nạp", "ngày tháng năm vào đảng dự bị", "dự bị", "kết nạp", "vào đảng", "ngày lễ kết nạp", "ceremony"];
    "recognition_decision_on" false ["ngày quyết định công nhận chính thức", "ngày qđ công nhận chính thức", "ngày quyết định công nhận",
        "ngày ký quyết định công nhận chính thức"];
    "full_from_on" false ["ngày chính thức", "chính thức ngày", "ngày công nhận chính thức", "ngày vào đảng chính thức",
        "ngày tháng năm chính thức", "ngày tháng năm vào đảng chính thức", "ngày, tháng, năm vào đảng chính thức", "ngày được công nhận chính thức",
        "ngày công nhận đảng viên chính thức", "ngày kết nạp chính thức", "chính thức", "công nhận chính thức", "full since"];
    "status" false ["trạng thái", "tình trạng", "trạng thái đảng viên", "tình trạng đảng viên", "tình trạng sinh hoạt", "loại đảng viên",
        "đảng viên chính thức dự bị", "chính thức dự bị", "dự bị chính thức", "hình thức sinh hoạt", "status"];
    "exempt" false ["miễn sinh hoạt", "miễn sinh hoạt đảng", "miễn công tác và sinh hoạt đảng", "được miễn sinh hoạt", "miễn sh", "exempt"];
    "post" false ["chức vụ", "chức vụ đảng", "chức vụ trong đảng", "chức vụ đảng hiện nay", "chức danh", "chức danh đảng",
        "cấp ủy", "chức vụ cấp ủy", "post", "position"];
    "placed_on" false ["ngày chuyển đến", "ngày về chi bộ", "ngày tiếp nhận", "ngày chuyển sinh hoạt đến", "ngày sinh hoạt tại chi bộ",
        "ngày về sinh hoạt", "sinh hoạt từ ngày"];
}

/// Our word for a field, as a key of the texts.
pub(super) fn label(field: &str) -> &'static str {
    match field {
        "name" | "family_name" | "given_name" => "rosters-field-name",
        "other_name" => "rosters-field-other-name",
        "sex" | "male" | "female" => "rosters-field-sex",
        "birth_on" => "rosters-field-birth",
        "external_id" => "rosters-field-external",
        "card" => "rosters-field-card",
        "citizen" => "rosters-field-citizen",
        "phone" => "rosters-field-phone",
        "email" => "rosters-field-email",
        "home_town" => "rosters-field-home-town",
        "residence" => "rosters-field-residence",
        "unit" | "unit_code" => "rosters-field-unit",
        "admission_decision_on" => "rosters-field-admission",
        "ceremony_on" => "rosters-field-ceremony",
        "recognition_decision_on" => "rosters-field-recognition",
        "full_from_on" => "rosters-field-full",
        "exempt" => "rosters-field-exempt",
        "placed_on" => "rosters-field-placed",
        "post" => "rosters-field-post",
        _ => "rosters-field-status",
    }
}

/// A row of the file.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Line in the file, from 1.
    pub(super) line: usize,
    /// What it says; a field that it does not say is empty. `status` is empty when it says none.
    /// Its status is of use only once `status` was settled.
    pub(super) member: NewMember,
    /// What the file says; nothing is said for many.
    pub(super) status: Option<Status>,
    /// The place of its unit in the tree.
    pub(super) unit: Option<usize>,
    /// Since when there, when the file says so.
    pub(super) placed_on: Option<Day>,
    /// The post that the file names; nobody gets one from a list.
    pub(super) post: String,
    /// Why it cannot be taken.
    pub(super) problem: Option<Note>,
    /// What was put right or left out.
    pub(super) warnings: Vec<Note>,
}

impl Row {
    /// A row that says nothing yet.
    fn at(line: usize) -> Row {
        Row {
            line,
            member: NewMember::default(),
            status: None,
            unit: None,
            placed_on: None,
            post: String::new(),
            problem: None,
            warnings: Vec::new(),
        }
    }
    /// The first problem is the one that is told.
    pub(super) fn refuse(&mut self, why: Note) {
        self.problem.get_or_insert(why);
    }
    /// Whether it has a code or a number by which somebody is recognised.
    pub(super) fn has_identifier(&self) -> bool {
        let member = &self.member;
        [&member.external_id, &member.card, &member.citizen]
            .iter()
            .any(|one| !one.is_empty())
    }
    /// Name and birth as one key for comparing people.
    pub(super) fn name_key(&self) -> String {
        exact(&self.member.name)
    }
}

/// What a whole roster says.
pub(super) struct Read {
    pub(super) rows: Vec<Row>,
    pub(super) notes: Vec<Note>,
}

/// Reads every row. `fixed` is the cell for the whole file.
pub(super) fn read(
    table: &Table,
    tree: &Tree,
    fixed: Option<usize>,
    (today, age): (Day, Option<JoinAge>),
) -> Read {
    let mut reader = Reader {
        age,
        table,
        tree,
        fixed,
        section: None,
        today,
        name_is_whole: name_is_whole(table),
        found: HashMap::new(),
        has_year_column: ["male", "female"].map(|field| is_year_column(table, field)),
    };
    let mut rows = Vec::new();
    let mut skipped = Vec::new();
    for (nth, cells) in table.layout.rows(&table.sheet) {
        match reader.row(nth + 1, cells) {
            Some(mut row) => {
                // Before all else: the cells of a torn row are not where they seem to be.
                row.problem = table.torn(nth).or(row.problem);
                rows.push(row);
            }
            None if table.torn(nth).is_some() => rows.push(Row {
                problem: table.torn(nth),
                ..Row::at(nth + 1)
            }),
            None => skipped.push((nth + 1).to_string()),
        }
    }
    let mut notes = Vec::new();
    if !skipped.is_empty() {
        let more = if skipped.len() > 20 { ", …" } else { "" };
        skipped.truncate(20);
        notes.push(
            Note::new("rosters-lines-skipped")
                .arg("lines", format!("{}{more}", skipped.join(", "))),
        );
    }
    Read { rows, notes }
}

/// `Ngày sinh | Ngày, Tháng, Năm`: folded, `Năm` (year) and `Nam` (male) are one word.
fn is_year_column(table: &Table, field: &str) -> bool {
    table
        .layout
        .columns
        .get(field)
        .and_then(|columns| columns.first())
        .and_then(|column| table.layout.titles.get(column))
        .is_some_and(|title| title.to_lowercase().split_whitespace().next_back() == Some("năm"))
}

/// Whether a given name that stands in a column of its own is the end of `Họ và tên` as well: so it is
/// in most rows, or in none. One alike row (`Nguyễn Anh` and `Anh`) says nothing about the column.
fn name_is_whole(table: &Table) -> bool {
    let layout = &table.layout;
    let mut ends = 0_usize;
    let mut all = 0_usize;
    for (_, cells) in layout.rows(&table.sheet) {
        let (name, given) = (layout.text(cells, "name"), layout.text(cells, "given_name"));
        let (name, given) = (exact(&name), exact(&given));
        let (name, given): (Vec<&str>, Vec<&str>) =
            (name.split(' ').collect(), given.split(' ').collect());
        if given.iter().any(|word| !word.is_empty()) && name.len() > given.len() {
            all += 1;
            ends += usize::from(name.ends_with(&given));
        }
    }
    ends * 2 > all
}

/// Whether the last words of a name are these, marks not counted: a slip of a mark is no second name.
fn ends_with(name: &str, given: &str) -> bool {
    let (name, given) = (vietnamese::fold(name), vietnamese::fold(given));
    name == given
        || name
            .strip_suffix(given.as_str())
            .is_some_and(|before| before.ends_with(' '))
}

struct Reader<'a> {
    table: &'a Table,
    tree: &'a Tree,
    fixed: Option<usize>,
    section: Option<Result<usize, Note>>,
    today: Day,
    /// The least age of whoever joins.
    age: Option<JoinAge>,
    /// Whether the column `Họ và tên` holds the given name too, although it has a column of its own.
    name_is_whole: bool,
    found: HashMap<String, Result<usize, Note>>,
    has_year_column: [bool; 2],
}

impl Reader<'_> {
    fn text(&self, cells: &[Cell], field: &str) -> String {
        self.table.layout.text(cells, field).into_owned()
    }

    fn row(&mut self, line: usize, cells: &[Cell]) -> Option<Row> {
        if self.is_heading(cells) {
            return None;
        }
        let says_something = FIELDS.iter().any(|field| {
            self.table
                .layout
                .cell(cells, field.name)
                .is_some_and(|cell| !values::says_nothing(&cell.text))
        });
        if !says_something {
            return None;
        }
        let mut row = Row::at(line);
        row.warnings = self.table.lost(cells);
        if cells.iter().any(|cell| cell.was_legacy) {
            row.warnings.push(Note::new("rosters-row-legacy"));
        }
        self.name(&mut row, cells);
        self.birth_and_sex(&mut row, cells);
        self.numbers(&mut row, cells);
        self.dates(&mut row, cells);
        self.status(&mut row, cells);
        for (field, place) in [
            ("other_name", &mut row.member.other_name),
            ("home_town", &mut row.member.home_town),
            ("residence", &mut row.member.residence),
        ] {
            let text = self.table.layout.text(cells, field);
            if !values::says_nothing(&text) {
                *place = values::plain(&text);
            }
        }
        let post = self.text(cells, "post");
        if values::is_post(&post) {
            row.post = values::plain(&post);
        }
        self.unit(&mut row, cells);
        self.check(&mut row);
        if let Some(why) = values::too_long(FIELDS, |field| self.text(cells, field)) {
            row.refuse(why);
        }
        if self.is_sample(cells) {
            row.problem = Some(Note::new("rosters-sample-row"));
        }
        Some(row)
    }

    /// A row of our sample: left as it came, or with its code over somebody else's name.
    fn is_sample(&self, cells: &[Cell]) -> bool {
        let code = self.text(cells, "external_id");
        let is_code = |(field, both): &(&str, [&str; 2])| {
            *field == "external_id" && both.contains(&code.trim())
        };
        sample::MEMBERS.iter().any(is_code)
            || site::import::is_sample(sample::MEMBERS, |field| self.text(cells, field))
    }

    /// A line with one text that is no row: a unit for the rows below, a total, a signature.
    fn is_heading(&mut self, cells: &[Cell]) -> bool {
        let mut texts: Vec<&str> = cells
            .iter()
            .map(|cell| cell.text.as_str())
            .filter(|text| !text.is_empty())
            .collect();
        texts.dedup();
        let text = match texts.as_slice() {
            [one] => *one,
            [number, one] if is_roman(number) => *one,
            _ => return is_footer(&texts),
        };
        let bare = text
            .split_once(['.', ')', '-'])
            .filter(|(before, _)| is_roman(before.trim()) || before.trim().parse::<u32>().is_ok())
            .map_or(text, |(_, after)| after.trim());
        let bare = bare
            .split(" (")
            .next()
            .unwrap_or(bare)
            .trim_end_matches(':')
            .trim();
        let found = self.find(bare);
        let fold = vietnamese::fold(bare);
        let is_unit_like = ["chi bo ", "dang bo ", "to dang "]
            .iter()
            .any(|kind| fold.starts_with(kind));
        if found.is_ok() || is_unit_like {
            self.section = Some(found);
            return true;
        }
        is_footer(&texts)
    }

    fn find(&mut self, text: &str) -> Result<usize, Note> {
        if let Some(found) = self.found.get(text) {
            return found.clone();
        }
        let shown: String = text.chars().take(80).collect();
        let found = self.tree.find(text).map_err(|trouble| match trouble {
            Trouble::Several { count } => Note::new("rosters-unit-several")
                .arg("unit", shown)
                .arg("count", count),
            Trouble::None { nearest } if nearest.is_empty() => {
                Note::new("rosters-unit-none").arg("unit", shown)
            }
            Trouble::None { nearest } => Note::new("rosters-unit-near")
                .arg("unit", shown)
                .arg("near", nearest),
        });
        self.found.insert(text.to_owned(), found.clone());
        found
    }

    fn name(&self, row: &mut Row, cells: &[Cell]) {
        let mut text = self.text(cells, "name");
        if !self.table.layout.has("name") || text.is_empty() {
            text = format!(
                "{} {}",
                self.text(cells, "family_name"),
                self.text(cells, "given_name")
            );
        } else if self.table.layout.has("given_name") && !self.table.layout.has("family_name") {
            // `Họ và tên` over the family name, `Tên` over the given name.
            let given = self.text(cells, "given_name");
            // Most rows may repeat the given name; the one that does not would lose it.
            let is_there = self.name_is_whole && ends_with(&text, &given);
            if !values::says_nothing(&given) && !is_there {
                text = format!("{text} {given}");
                if self.name_is_whole {
                    row.warnings.push(
                        Note::new("rosters-name-joined")
                            .arg("given", values::plain(&given))
                            .arg("name", values::plain(&text)),
                    );
                }
            }
        }
        if values::says_nothing(&text) {
            row.refuse(Note::new("rosters-name-missing"));
            return;
        }
        match values::name(&text, &mut row.warnings) {
            Ok(name) => row.member.name = name,
            Err(why) => {
                row.member.name = values::plain(&text);
                row.refuse(why);
            }
        }
    }

    fn date(&self, row: &mut Row, cells: &[Cell], field: &'static str) -> Option<PartialDate> {
        let cell = self.table.layout.cell(cells, field)?;
        match values::date(cell, label(field)) {
            Ok(date) => date,
            Err(why) => {
                row.refuse(why);
                None
            }
        }
    }

    fn birth_and_sex(&self, row: &mut Row, cells: &[Cell]) {
        let mut birth = self.date(row, cells, "birth_on");
        let sex = self.text(cells, "sex");
        if !values::says_nothing(&sex) {
            match values::sex(&sex) {
                Some(sex) => row.member.sex = sex.to_owned(),
                None if values::is_tick(&sex) => {
                    // `Nữ` alone is a column of ticks in some lists; here the header said "sex".
                    row.warnings
                        .push(Note::new("rosters-sex-odd").arg("text", &sex));
                }
                None => row
                    .warnings
                    .push(Note::new("rosters-sex-odd").arg("text", &sex)),
            }
        }
        for (nth, field) in ["male", "female"].into_iter().enumerate() {
            let Some(cell) = self.table.layout.cell(cells, field) else {
                continue;
            };
            if values::says_nothing(&cell.text) && !values::is_tick(&cell.text)
                || self.has_year_column.get(nth) == Some(&true)
            {
                continue;
            }
            if !row.member.sex.is_empty() && row.member.sex != field {
                row.refuse(Note::new("rosters-sex-both"));
            }
            row.member.sex = field.to_owned();
            if !values::is_tick(&cell.text) {
                match values::date(cell, "rosters-field-birth") {
                    Ok(date) => birth = birth.or(date),
                    Err(why) => row.refuse(why),
                }
            }
        }
        row.member.birth_on = birth.map(|date| date.to_string()).unwrap_or_default();
    }

    fn numbers(&self, row: &mut Row, cells: &[Cell]) {
        for (field, is_card) in [("card", true), ("citizen", false)] {
            let text = self.text(cells, field);
            match values::twelve_digits(&text, label(field), &mut row.warnings) {
                Ok(number) => {
                    let place = if is_card {
                        &mut row.member.card
                    } else {
                        &mut row.member.citizen
                    };
                    *place = number.unwrap_or_default();
                }
                Err(why) => row.refuse(why),
            }
        }
        row.member.phone = values::phone(&self.text(cells, "phone"), &mut row.warnings);
        row.member.email = values::email(&self.text(cells, "email"), &mut row.warnings);
        let external = self.text(cells, "external_id");
        if !values::says_nothing(&external) {
            row.member.external_id = values::plain(&external);
            if row.member.external_id.chars().count() > 64 {
                row.refuse(Note::new("rosters-external-long"));
            }
        }
    }

    fn dates(&self, row: &mut Row, cells: &[Cell]) {
        let text =
            |date: Option<PartialDate>| date.map(|date| date.to_string()).unwrap_or_default();
        row.member.admission_decision_on = text(self.date(row, cells, "admission_decision_on"));
        row.member.ceremony_on = text(self.date(row, cells, "ceremony_on"));
        row.member.recognition_decision_on = text(self.date(row, cells, "recognition_decision_on"));
        row.member.full_from_on = text(self.date(row, cells, "full_from_on"));
        let placed = self.date(row, cells, "placed_on");
        // A placement needs a full day; a month or a year alone says too little.
        row.placed_on = placed
            .filter(PartialDate::is_complete)
            .and_then(|date| date.to_string().parse().ok());
        if placed.is_some() && row.placed_on.is_none() {
            row.warnings.push(Note::new("rosters-placed-unclear"));
        }
    }

    fn status(&self, row: &mut Row, cells: &[Cell]) {
        let text = self.text(cells, "status");
        if !values::says_nothing(&text) {
            match values::status(&text) {
                Some(StatusWord::Is(status)) => row.status = Some(status),
                Some(StatusWord::Exempt) => {
                    row.status = Some(Status::Full);
                    row.member.exempt = true;
                }
                Some(StatusWord::Nothing) => {}
                Some(StatusWord::ForATime) => row
                    .warnings
                    .push(Note::new("rosters-status-for-a-time").arg("text", &text)),
                Some(StatusWord::Guest) => row.refuse(Note::new("rosters-status-guest")),
                Some(StatusWord::NotAMember) => {
                    row.refuse(Note::new("rosters-status-gone").arg("text", &text))
                }
                None => row.refuse(
                    Note::new("rosters-status-odd")
                        .arg("text", text.chars().take(60).collect::<String>()),
                ),
            }
        }
        let exempt = self.text(cells, "exempt");
        if values::is_tick(&exempt) || vietnamese::fold(&exempt).starts_with("mien") {
            row.member.exempt = true;
        }
    }

    fn unit(&mut self, row: &mut Row, cells: &[Cell]) {
        let mut text = self.text(cells, "unit_code");
        if values::says_nothing(&text) {
            text = self.text(cells, "unit");
        }
        let found = if values::says_nothing(&text) {
            match (&self.section, self.fixed) {
                (Some(Ok(nth)), Some(fixed)) if *nth != fixed => {
                    Err(Note::new("rosters-unit-other").arg("unit", self.unit_name(*nth)))
                }
                (_, Some(fixed)) => Ok(fixed),
                (Some(section), None) => section.clone(),
                (None, None) => Err(Note::new("rosters-unit-missing")),
            }
        } else {
            let found = self.find(&text);
            match (&found, self.fixed) {
                (Ok(nth), Some(fixed)) if *nth != fixed => {
                    Err(Note::new("rosters-unit-other").arg("unit", &text))
                }
                (Err(_), Some(_)) => Err(Note::new("rosters-unit-other").arg("unit", &text)),
                _ => found,
            }
        };
        match found {
            Ok(nth) => {
                if self.tree.at(nth).is_some_and(takes_members) {
                    row.unit = Some(nth);
                } else {
                    row.refuse(Note::new("rosters-unit-no-cell").arg("unit", self.unit_name(nth)));
                }
            }
            Err(why) => row.refuse(why),
        }
    }

    fn unit_name(&self, nth: usize) -> String {
        self.tree
            .at(nth)
            .map(|unit| unit.name.clone())
            .unwrap_or_default()
    }

    /// What cannot be true, and what is odd.
    fn check(&self, row: &mut Row) {
        let today = self.today.to_string();
        let birth = row.member.birth_on.clone();
        let ceremony = row.member.ceremony_on.clone();
        let full = row.member.full_from_on.clone();
        for (field, date) in [
            ("birth_on", &birth),
            ("ceremony_on", &ceremony),
            ("full_from_on", &full),
            (
                "admission_decision_on",
                &row.member.admission_decision_on.clone(),
            ),
            (
                "recognition_decision_on",
                &row.member.recognition_decision_on.clone(),
            ),
        ] {
            if !date.is_empty() && date.as_str() > today.as_str() {
                row.refuse(Note::new("rosters-date-future").key("field", label(field)));
            }
            if let Some(year) = people::day::too_early(field, date) {
                row.refuse(
                    Note::new("rosters-date-early")
                        .key("field", label(field))
                        .arg("year", year),
                );
            }
        }
        if let Some(day) = row.placed_on
            && let Some(year) = people::day::too_early("placed_on", &day.to_string())
        {
            row.refuse(
                Note::new("rosters-date-early")
                    .key("field", "rosters-field-placed")
                    .arg("year", year),
            );
        }
        if row.placed_on.is_some_and(|day| day > self.today) {
            row.refuse(Note::new("rosters-date-future").key("field", "rosters-field-placed"));
        }
        if let (Some(born), Some(joined)) = (year(&birth), year(&ceremony))
            && joined <= born
        {
            row.refuse(Note::new("rosters-date-before-birth"));
        }
        if let Some(age) = &self.age
            && age.is_young(
                &birth,
                &Kept::Known(row.status.unwrap_or(Status::Full)),
                &[row.member.admission_decision_on.as_str(), &ceremony, &full],
                self.today,
            )
        {
            row.warnings.push(
                Note::new("rosters-date-young")
                    .arg("least", age.least)
                    .arg("basis", age.basis.as_str()),
            );
        }
        if year(&birth).is_some_and(|born| i32::from(self.today.year()) - born > 115) {
            row.warnings.push(Note::new("rosters-date-old"));
        }
        if let (Some(joined), Some(since)) = (year(&ceremony), year(&full))
            && since < joined
        {
            row.refuse(Note::new("rosters-date-full-first"));
        }
        if row.member.citizen.len() == 12
            && values::citizen_contradicts(&row.member.citizen, &row.member.sex, &birth)
        {
            row.warnings.push(Note::new("rosters-citizen-odd"));
        }
    }
}

fn year(date: &str) -> Option<i32> {
    // Empty text has no year.
    date.get(..4)?.parse().ok()
}

fn is_roman(text: &str) -> bool {
    let text = text.trim_matches(['.', ')', ' ']);
    !text.is_empty() && text.len() <= 6 && text.bytes().all(|b| b"IVXLC".contains(&b))
}

/// Totals, dates and signatures below a list.
fn is_footer(texts: &[&str]) -> bool {
    texts.len() <= 3
        && texts.first().is_some_and(|text| {
            let fold = vietnamese::fold(text);
            [
                "tong cong",
                "tong so",
                "tong:",
                "cong:",
                "cong ",
                "danh sach nay",
                "danh sach gom",
                "nguoi lap",
                "t/m ",
                "tm ",
                "tm. ",
                "t.m ",
                "xac nhan",
                "noi nhan",
                "ghi chu",
                "ngay ",
                "bi thu",
                "k/t ",
                "kt. ",
                "luu y",
            ]
            .iter()
            .any(|word| fold.starts_with(word))
                || fold == "cong"
                || fold.contains(", ngay ")
        })
}
