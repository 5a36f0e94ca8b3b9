//! The people of the demo: units, named members, generated ones, posts, accounts.
//!
//! Generated dates keep the rules of the field: full membership a year after the ceremony, the
//! decision some days before it. The dice are seeded, so every small demo has the same people;
//! passwords come from the real dice.

use super::names::Names;
use crate::commands::Scale;
use crate::tongue;
use account::rescue;
use kernel::error::{Doing, Error, Result};
use kernel::{Day, Dice, MemberId, Role, UnitId, UnitPath};
use kernel::{Said, said};
use people::bulk::{self, BulkMember, BulkPost, BulkUnit};
use people::fact::{Basis, Status, UnitKind};
use site::{May as _, Operator, Site};
use std::collections::HashMap;

#[derive(serde::Deserialize)]
struct File {
    organisation: Organisation,
    unit: Vec<Unit>,
    member: Vec<Named>,
}

#[derive(serde::Deserialize)]
struct Organisation {
    name: String,
    short_name: String,
    address_form: String,
    member_code_prefix: String,
}

#[derive(serde::Deserialize)]
struct Unit {
    key: String,
    #[serde(default)]
    parent: String,
    #[serde(deserialize_with = "kernel::fact::from_file")]
    kind: UnitKind,
    #[serde(default)]
    cell_type: String,
    code: String,
    name: String,
    founded_on: String,
    #[serde(default)]
    size: usize,
}

#[derive(serde::Deserialize)]
struct RoleOf {
    role: String,
    unit: String,
    /// The label of this post, where it is not the member's first.
    #[serde(default)]
    post: String,
}

#[derive(serde::Deserialize)]
struct Away {
    from_on: String,
}

#[derive(serde::Deserialize)]
struct Named {
    key: String,
    code: String,
    name: String,
    sex: String,
    born_on: String,
    unit: String,
    #[serde(deserialize_with = "kernel::fact::from_file")]
    status: Status,
    #[serde(default)]
    admission_decided_on: String,
    #[serde(default)]
    admitted_on: String,
    #[serde(default)]
    full_since: String,
    #[serde(default)]
    post: String,
    #[serde(default)]
    post_unit: String,
    #[serde(default)]
    post_basis: String,
    #[serde(default)]
    post_from: String,
    #[serde(default)]
    roles: Vec<RoleOf>,
    #[serde(default = "yes")]
    has_phone: bool,
    exempt: Option<toml::Value>,
    away: Option<Away>,
    #[serde(default)]
    demo_sign_in: bool,
    #[serde(default)]
    demo_slip: bool,
    #[serde(default)]
    about: String,
}

fn yes() -> bool {
    true
}

fn day(text: &str) -> Day {
    text.parse().unwrap_or(Day::OPEN)
}

fn id<T: std::str::FromStr>(key: &str) -> Result<T> {
    key.parse()
        .map_err(|_| Error::fault(said!("{} cannot be an id", key)))
}

/// Committees, cells and members of the large demo: a bloc as in the domain reference, section 1.
const BLOC: (usize, usize, usize) = (61, 5_800, 77_000);

struct Making {
    units: Vec<BulkUnit>,
    members: Vec<BulkMember>,
    posts: Vec<BulkPost>,
    names: Names,
    dice: Dice,
    today: Day,
    prefix: String,
    next_code: usize,
}

impl Making {
    /// An invented number. No subscriber has one that begins so: mobile numbers of ten digits begin with 03 to 09.
    fn phone(&self) -> String {
        format!("0100{:06}", 101 + self.members.len())
    }
    /// A member made of dice.
    fn member(&mut self, unit: &UnitId, founded_on: Day, plain: bool) -> Result<MemberId> {
        let (name, sex) = self.names.draw(&self.dice);
        let phone = self.phone();
        let age = 24 + self.dice.below(52);
        let born = self
            .today
            .plus_days(-i32::try_from(age * 365 + self.dice.below(365)).unwrap_or(0));
        let joined_at = 19 + self.dice.below((age - 20).clamp(1, 20));
        let ceremony =
            born.plus_days(i32::try_from(joined_at * 365 + self.dice.below(300)).unwrap_or(0));
        let full = ceremony.plus_months(12);
        let is_full = plain || full < self.today;
        let code = format!("{}{:04}", self.prefix, self.next_code);
        self.next_code += 1;
        let id: MemberId = id(&format!("m-{}", code.to_lowercase()))?;
        self.members.push(BulkMember {
            id: Some(id.clone()),
            name,
            sex,
            birth_on: born.to_string(),
            status: if is_full {
                Status::Full
            } else {
                Status::Probationary
            },
            admission_decision_on: ceremony.plus_days(-12).to_string(),
            ceremony_on: ceremony.to_string(),
            full_from_on: if is_full {
                full.to_string()
            } else {
                String::new()
            },
            is_exempt: !plain && age > 70 && self.dice.below(4) == 0,
            // Who has no telephone is written in organisation.toml, by name.
            is_phoneless: false,
            card: format!("0{:011}", 10_000_000_000 + self.next_code),
            phone,
            unit: Some(unit.clone()),
            placed_from: Some(founded_on.max(ceremony)),
            away_in: None,
            code,
        });
        Ok(id)
    }
    fn post(
        &mut self,
        unit: &UnitId,
        title: &str,
        role: Role,
        rank: i64,
        member: &MemberId,
        from_on: Day,
    ) {
        self.posts.push(BulkPost {
            unit: unit.clone(),
            title: title.to_owned(),
            role,
            rank,
            member: member.clone(),
            basis: Basis::Elected,
            from_on,
        });
    }
    #[allow(clippy::too_many_arguments)] // the columns of a unit, in the order of the file
    fn unit(
        &mut self,
        key: &str,
        parent: Option<(&UnitId, &UnitPath)>,
        kind: UnitKind,
        code: &str,
        name: &str,
        cell_type: &str,
        founded_on: Day,
    ) -> Result<(UnitId, UnitPath)> {
        let unit_id: UnitId = id(key)?;
        let path = match parent {
            Some((_, path)) => path.child(&unit_id),
            None => UnitPath::root(&unit_id),
        };
        self.units.push(BulkUnit {
            id: unit_id.clone(),
            parent: parent.map(|(id, _)| id.clone()),
            path: path.clone(),
            kind,
            code: code.to_owned(),
            name: name.to_owned(),
            cell_type: cell_type.to_owned(),
            founded_on,
        });
        Ok((unit_id, path))
    }
}

/// Writes everyone; answers the sign-ins as the text that is printed.
pub(super) async fn make(site: &Site, scale: Scale) -> Result<String> {
    let file: File = toml::from_str(&super::text_of("organisation.toml")?)
        .map_err(Error::fault)
        .doing("reading organisation.toml")?;
    let mut making = Making {
        units: Vec::new(),
        members: Vec::new(),
        posts: Vec::new(),
        names: Names::read()?,
        dice: Dice::seeded(2026),
        today: site.clock.today(),
        prefix: file.organisation.member_code_prefix.clone(),
        next_code: 101,
    };
    let signs = named(&file, &mut making, site)?;
    if scale == Scale::Bloc {
        grow(&mut making)?;
    }
    let mut act = Operator::at("demo")
        .begin(site, "demo", "organisation.add")
        .await?;
    for (name, value) in [
        ("org.name", &file.organisation.name),
        ("org.short_name", &file.organisation.short_name),
        ("org.address", &file.organisation.address_form),
    ] {
        site::settings::set(&mut act, name, value).await?;
    }
    bulk::add_units(&mut act, &making.units).await?;
    bulk::add_members(&mut act, &making.members).await?;
    bulk::add_posts(&mut act, &making.posts).await?;
    act.end().await?;
    tongue::tell(said!(
        "{} units, {} members",
        making.units.len(),
        making.members.len()
    ));
    Ok(signs)
}

fn named(file: &File, making: &mut Making, site: &Site) -> Result<String> {
    let mut paths: HashMap<&str, (UnitId, UnitPath)> = HashMap::new();
    for unit in &file.unit {
        let parent = paths.get(unit.parent.as_str()).cloned();
        let made = making.unit(
            &unit.key,
            parent.as_ref().map(|(id, path)| (id, path)),
            unit.kind,
            &unit.code,
            &unit.name,
            &unit.cell_type,
            day(&unit.founded_on),
        )?;
        paths.insert(&unit.key, made);
    }
    let known = |key: &str| {
        paths
            .get(key)
            .cloned()
            .ok_or_else(|| Error::fault(said!("organisation.toml names no unit {}", key)))
    };
    let mut signs = tongue::words(codes("")) + "\n";
    let mut sizes: HashMap<&str, usize> = HashMap::new();
    for member in &file.member {
        let (unit, _) = known(&member.unit)?;
        *sizes.entry(&member.unit).or_default() += 1;
        let founded = file
            .unit
            .iter()
            .find(|unit| unit.key == member.unit)
            .map_or(making.today, |unit| day(&unit.founded_on));
        let member_id: MemberId = id(&format!("m-{}", member.key))?;
        let phone = match member.has_phone {
            true => making.phone(),
            false => String::new(),
        };
        making.members.push(BulkMember {
            id: Some(member_id.clone()),
            code: member.code.clone(),
            name: member.name.clone(),
            sex: if member.sex == "female" {
                "female"
            } else {
                "male"
            },
            birth_on: member.born_on.clone(),
            status: member.status,
            admission_decision_on: member.admission_decided_on.clone(),
            ceremony_on: member.admitted_on.clone(),
            full_from_on: member.full_since.clone(),
            is_exempt: member.exempt.is_some(),
            is_phoneless: !member.has_phone,
            card: String::new(),
            phone,
            unit: Some(unit.clone()),
            placed_from: Some(founded.max(day(&member.admitted_on)).min(making.today)),
            away_in: None,
        });
        if let Some(away) = &member.away {
            // Temporarily in a cell of another committee.
            let host = file
                .unit
                .iter()
                .find(|unit| unit.kind == UnitKind::Cell && unit.key != member.unit);
            if let (Some(host), Some(last)) = (host, making.members.last_mut()) {
                last.away_in = Some((id(&host.key)?, day(&away.from_on).min(making.today)));
            }
        }
        for (nth, role) in member.roles.iter().enumerate() {
            let (role_unit, _) = known(&role.unit)?;
            let known_role = Role::by_name(&role.role)
                .ok_or_else(|| Error::fault(said!("organisation.toml: no role {}", role.role)))?;
            let labels = [&role.post, &member.post, &member.about];
            let title = labels.into_iter().find(|label| !label.is_empty());
            let title = title.map_or("", String::as_str);
            making.posts.push(BulkPost {
                unit: role_unit,
                title: title.to_owned(),
                role: known_role,
                rank: 10 + i64::try_from(making.posts.len() + nth).unwrap_or(0),
                member: member_id.clone(),
                basis: if member.post_basis == Basis::Appointed.word() {
                    Basis::Appointed
                } else {
                    Basis::Elected
                },
                from_on: if member.post_from.is_empty() {
                    founded
                } else {
                    day(&member.post_from).min(making.today)
                },
            });
        }
        let _unused = &member.post_unit; // the role's unit says the same
        if member.demo_sign_in {
            let password = data_encoding::BASE32_NOPAD
                .encode(&site.dice.bytes::<6>())
                .to_lowercase();
            let (head, tail) = password.split_at(5);
            signs.push_str(&format!(
                "  {:8} {head}-{tail}   {}{}\n",
                member.code,
                member.name,
                if member.post.is_empty() {
                    String::new()
                } else {
                    format!(", {}", member.post)
                }
            ));
        }
    }
    for unit in file.unit.iter().filter(|unit| unit.kind == UnitKind::Cell) {
        let (unit_id, _) = known(&unit.key)?;
        let have = sizes.get(unit.key.as_str()).copied().unwrap_or(0);
        for _ in have..unit.size {
            making.member(&unit_id, day(&unit.founded_on), unit.key == "to-4")?;
        }
    }
    Ok(signs)
}

/// Fills up to the size of a whole bloc: committees, cells, members, a secretary and a deputy each.
fn grow(making: &mut Making) -> Result<()> {
    let root = making
        .units
        .iter()
        .find(|unit| unit.parent.is_none())
        .map(|unit| (unit.id.clone(), unit.path.clone()));
    let (root_id, root_path) = root.ok_or_else(|| Error::fault("the demo has no root unit"))?;
    let founded = Day::of(2020, 10, 1).unwrap_or(making.today);
    let (committees, cells, members) = BLOC;
    let have_committees = making
        .units
        .iter()
        .filter(|unit| unit.kind == UnitKind::BaseBody)
        .count();
    let have_cells = making
        .units
        .iter()
        .filter(|unit| unit.kind == UnitKind::Cell)
        .count();
    let new_committees = committees - have_committees;
    let new_cells = cells - have_cells;
    let types = [
        "residential",
        "agency",
        "state_enterprise",
        "private_enterprise",
        "student",
    ];
    let mut made = Vec::new();
    for nth in 0..new_committees {
        let unit = making.unit(
            &format!("c{nth:02}"),
            Some((&root_id, &root_path)),
            UnitKind::BaseBody,
            &format!("90.001.{:03}.000.000", nth + 4),
            &format!("Đảng bộ Cơ quan số {}", nth + 1),
            "",
            founded,
        )?;
        made.push(unit);
    }
    let mut cells_made = Vec::new();
    for nth in 0..new_cells {
        let Some((parent_id, parent_path)) = made.get(nth % new_committees.max(1)).cloned() else {
            break;
        };
        let (cell, _) = making.unit(
            &format!("cell{nth:04}"),
            Some((&parent_id, &parent_path)),
            UnitKind::Cell,
            &format!(
                "90.001.{:03}.000.{:03}",
                nth % new_committees + 4,
                nth / new_committees + 1
            ),
            &format!(
                "Chi bộ Phòng {}, Cơ quan số {}",
                nth / new_committees + 1,
                nth % new_committees + 1
            ),
            types.get(nth % types.len()).copied().unwrap_or("agency"),
            founded,
        )?;
        cells_made.push(cell);
    }
    let mut left = members.saturating_sub(making.members.len());
    let mut nth = 0;
    let mut first: HashMap<UnitId, usize> = HashMap::new();
    while left > 0 {
        let Some(cell) = cells_made.get(nth % cells_made.len().max(1)).cloned() else {
            break;
        };
        let member = making.member(&cell, founded, false)?;
        let seat = first.entry(cell.clone()).or_default();
        *seat += 1;
        match *seat {
            1 => making.post(&cell, "Bí thư chi bộ", Role::CellLead, 10, &member, founded),
            2 => making.post(
                &cell,
                "Phó bí thư chi bộ",
                Role::CellCommittee,
                20,
                &member,
                founded,
            ),
            _ => {}
        }
        nth += 1;
        left -= 1;
    }
    Ok(())
}

/// The sign-ins that such a text names, headed in the language of this line.
pub(super) fn signs(text: &str) -> Said {
    let rows = |part: &str| {
        part.lines()
            .skip(1)
            .map(|row| format!("\n{row}"))
            .collect::<String>()
    };
    match text.split_once("\n\n") {
        Some((first, second)) => {
            let both = [codes(&rows(first)), slips(&rows(second))];
            Said::list(both, "\n\n")
        }
        None => codes(&rows(text)),
    }
}

fn codes(rows: &str) -> Said {
    said!("Member code and password:{}", rows)
}

fn slips(rows: &str) -> Said {
    said!(
        "Slips that nobody has used yet, to be typed at /activate:{}",
        rows
    )
}

/// Newcomers with a slip that nobody has used yet: their lines for the text of sign-ins.
pub(super) async fn give_slips(site: &Site) -> Result<String> {
    let file: File = toml::from_str(&super::text_of("organisation.toml")?).map_err(Error::fault)?;
    let mut lines = format!("\n{}\n", tongue::words(slips("")));
    for member in file.member.iter().filter(|member| member.demo_slip) {
        let Ok(known) = rescue::find(site, &member.code).await? else {
            continue;
        };
        let slip = rescue::slip(site, &Operator::at("demo"), &known).await?;
        lines.push_str(&format!(
            "  {:8} {}   {}\n",
            member.code,
            slip.grouped(),
            member.name
        ));
    }
    Ok(lines)
}

/// Opens the accounts that the text of sign-ins names.
pub(super) async fn open_accounts(site: &Site, signs: &str, _scale: Scale) -> Result<()> {
    let lines = signs.lines().skip(1);
    for line in lines.take_while(|line| !line.is_empty()) {
        let mut words = line.split_whitespace();
        let (Some(code), Some(password)) = (words.next(), words.next()) else {
            continue;
        };
        let row: Option<(String,)> = db::sql("select id from people_member where external_id = $1")
            .bind(code)
            .maybe(site.db.read())
            .await?;
        let Some((member,)) = row else { continue };
        account::set_password(site, &Operator::at("demo"), &id(&member)?, code, password).await?;
    }
    Ok(())
}
