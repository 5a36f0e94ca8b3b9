//! From what the ledger states of a person to what holds: now, on a day, and as it was known at a moment. Pure.
//!
//! A statement says fields of the record, of one placement or of one post, and since when they hold. Not here:
//! where statements come from (`store`), what a field is called (`history`).
//! The rules that surprise: of one field, what was recorded last holds from its day on and sweeps away whatever
//! was said of later days; what never changes in a life (birth, the three dates) holds for all days; a status said
//! again with another day puts the day right; what a line corrects is not read any more in the fields it names.

use crate::fact::Status;
use kernel::{Day, Moment};
use std::collections::BTreeMap;

/// Said of a placement or a post that was taken back on the day on which it was made, as if it had never been.
pub(crate) const GONE: &str = "gone";

/// Fields by name, with what stands in them.
pub(crate) type Fields = BTreeMap<String, String>;

/// What a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum About {
    /// The record of the member.
    Record,
    /// One placement.
    Placement,
    /// One post, held once.
    Holding,
    /// One code in a list of others.
    Code,
}

impl About {
    /// All of them.
    pub(crate) const ALL: [About; 4] =
        [About::Record, About::Placement, About::Holding, About::Code];
    /// Its word in the table.
    pub(crate) fn word(self) -> &'static str {
        match self {
            About::Record => "record",
            About::Placement => "placement",
            About::Holding => "holding",
            About::Code => "code",
        }
    }
    /// Of that word; what no one knows is of the record, where no field is known by its name.
    pub(crate) fn of(word: &str) -> About {
        let found = About::ALL.into_iter().find(|about| about.word() == word);
        found.unwrap_or(About::Record)
    }
}

/// One statement of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Its place among those of the person, from 1.
    pub(crate) seq: i64,
    /// The line that it belongs to; empty: as found when the ledger began.
    pub(crate) event: String,
    /// The line that this one puts right; may be empty.
    pub(crate) corrects: String,
    /// What it is about.
    pub(crate) about: About,
    /// Which placement or post; empty for the record.
    pub(crate) subject: String,
    /// Since when it holds: a day, a month, a year, or empty for as long as anybody knows.
    pub(crate) effective_on: String,
    /// When it was learnt.
    pub(crate) recorded_at: Moment,
    /// What it says.
    pub(crate) said: Fields,
    /// What it says of sealed fields, sealed.
    pub(crate) sealed: Fields,
}

/// How a field of the record behaves in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    /// The same for a whole life: the last word holds for all days.
    Fixed,
    /// A day of the life: fixed, and not yet to be seen before it.
    Date,
    /// The status, which says itself since when.
    Status,
    /// From a day on.
    Dated,
}

fn course(field: &str) -> Course {
    match field {
        "birth_on" | "sex" | "home_town" | "card" | "citizen" => Course::Fixed,
        "admission_decision_on"
        | "ceremony_on"
        | "recognition_decision_on"
        | "full_from_on"
        | "merged_on" => Course::Date,
        STATUS => Course::Status,
        _ => Course::Dated,
    }
}

/// The field of the status.
pub(crate) const STATUS: &str = "status";
/// Since when it holds; said with the status, never alone.
pub(crate) const SINCE: &str = "status_from_on";
/// The end of a period that nobody ended.
const OPEN: &str = "9999-12-31";

/// What holds of one field from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    from: String,
    event: String,
    value: String,
}

/// What holds of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// The record; what is empty is left out.
    pub(crate) record: Fields,
    /// Placements, by id.
    pub(crate) placements: BTreeMap<String, Fields>,
    /// Posts held, by id.
    pub(crate) holdings: BTreeMap<String, Fields>,
    /// Codes in lists of others, by id.
    pub(crate) codes: BTreeMap<String, Fields>,
}

/// A life as the ledger tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Life {
    record: BTreeMap<String, Vec<Entry>>,
    periods: BTreeMap<(About, String), Fields>,
}

/// Everything that the statements say, in whatever order they are handed over.
pub(crate) fn fold(statements: &[Statement]) -> Life {
    known(statements, Moment(i64::MAX))
}

/// The same with what was recorded by that moment.
pub(crate) fn known(statements: &[Statement], by: Moment) -> Life {
    let mut all: Vec<&Statement> = statements
        .iter()
        .filter(|one| one.recorded_at.0 <= by.0)
        .collect();
    all.sort_by_key(|one| one.seq);
    let mut life = Life::default();
    for one in all {
        life.hears(one);
    }
    life
}

impl Life {
    fn hears(&mut self, one: &Statement) {
        let fields = one.said.iter().chain(&one.sealed);
        if one.about != About::Record {
            let period = (one.about, one.subject.clone());
            let period = self.periods.entry(period).or_default();
            for (field, value) in fields {
                match value.as_str() {
                    "" => period.remove(field),
                    _ => period.insert(field.clone(), value.clone()),
                };
            }
            return;
        }
        for (field, value) in fields.filter(|(field, _)| *field != SINCE) {
            let from = match course(field) {
                Course::Fixed | Course::Date => String::new(),
                Course::Status => one.said.get(SINCE).cloned().unwrap_or_default(),
                Course::Dated => one.effective_on.clone(),
            };
            let entries = self.record.entry(field.clone()).or_default();
            entries.retain(|entry| one.corrects.is_empty() || entry.event != one.corrects);
            while entries.last().is_some_and(|entry| entry.from >= from) {
                entries.pop();
            }
            if course(field) == Course::Status
                && entries.last().is_some_and(|entry| entry.value == *value)
            {
                entries.pop(); // only the day is another
            }
            entries.push(Entry {
                from,
                event: one.event.clone(),
                value: value.clone(),
            });
        }
    }

    /// Placements, posts and codes, without those that were taken back on the day on which they were made.
    fn periods(&self) -> impl Iterator<Item = (&(About, String), &Fields)> {
        (self.periods.iter()).filter(|(_, fields)| !fields.contains_key(GONE))
    }

    /// What holds by the last word: what the tables must say.
    pub(crate) fn now(&self) -> State {
        let mut state = State::default();
        for (field, entries) in &self.record {
            if let Some(entry) = entries.last() {
                put(&mut state.record, field, entry);
            }
        }
        for ((about, subject), fields) in self.periods() {
            let fields = fields.clone();
            match about {
                About::Placement => state.placements.insert(subject.clone(), fields),
                About::Holding => state.holdings.insert(subject.clone(), fields),
                About::Code => state.codes.insert(subject.clone(), fields),
                About::Record => None,
            };
        }
        state
    }

    /// What held on a day: nothing that began, happened or ended later is in it. Of a day known only by its month or
    /// year, the first day counts.
    pub(crate) fn on(&self, day: Day) -> State {
        let day = day.to_string();
        let mut state = State::default();
        for (field, entries) in &self.record {
            let held = entries.iter().rev().find(|entry| entry.from <= day);
            let Some(entry) = held else { continue };
            if course(field) == Course::Date && entry.value > day {
                continue;
            }
            put(&mut state.record, field, entry);
        }
        for ((about, subject), fields) in self.periods() {
            let stood = |name: &str| fields.get(name).map_or("", String::as_str);
            if stood("from_on") > day.as_str() || stood("to_on") <= day.as_str() {
                continue;
            }
            let mut fields = fields.clone();
            fields.insert("to_on".to_owned(), OPEN.to_owned());
            fields.remove("end_reason");
            match about {
                About::Placement => state.placements.insert(subject.clone(), fields),
                About::Holding => state.holdings.insert(subject.clone(), fields),
                About::Code => state.codes.insert(subject.clone(), fields),
                About::Record => None,
            };
        }
        // Whoever has left is no member from that day on; a placement that began on it had no day.
        if let (Some(status), Some(left)) = (state.record.get(STATUS), state.record.get(SINCE))
            && status.parse::<Status>().is_ok_and(Status::is_gone)
        {
            let stood = |fields: &Fields| fields.get("from_on").is_some_and(|from| from < left);
            state.placements.retain(|_, fields| stood(fields));
        }
        state
    }
}

fn put(record: &mut Fields, field: &str, entry: &Entry) {
    if field == STATUS && !entry.from.is_empty() {
        record.insert(SINCE.to_owned(), entry.from.clone());
    }
    if !entry.value.is_empty() {
        record.insert(field.to_owned(), entry.value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY_MS: i64 = 86_400_000;

    fn day(nth: i64) -> Day {
        Day::of(2020, 1, 1)
            .unwrap()
            .plus_days(i32::try_from(nth).unwrap())
    }

    fn of_record(seq: i64, on: &str, said: &[(&str, &str)]) -> Statement {
        Statement {
            seq,
            event: format!("e{seq}"),
            corrects: String::new(),
            about: About::Record,
            subject: String::new(),
            effective_on: on.to_owned(),
            recorded_at: Moment(seq * DAY_MS),
            said: (said.iter())
                .map(|(field, value)| ((*field).to_owned(), (*value).to_owned()))
                .collect(),
            sealed: Fields::new(),
        }
    }

    fn get(state: &State, field: &str) -> String {
        state.record.get(field).cloned().unwrap_or_default()
    }

    #[test]
    fn a_status_holds_from_its_own_day_and_the_one_before_until_then() {
        let all = [
            of_record(1, "", &[("status", "full"), ("status_from_on", "1980")]),
            of_record(
                2,
                "2024-05-01",
                &[("status", "suspended"), ("status_from_on", "2024-03")],
            ),
        ];
        let life = fold(&all);
        assert_eq!(get(&life.on(Day::of(1979, 12, 31).unwrap()), "status"), "");
        assert_eq!(
            get(&life.on(Day::of(2024, 2, 29).unwrap()), "status"),
            "full"
        );
        let march = life.on(Day::of(2024, 3, 1).unwrap());
        assert_eq!(
            (get(&march, "status"), get(&march, SINCE)),
            ("suspended".into(), "2024-03".into())
        );
        let before = known(&all, Moment(DAY_MS)).now();
        assert_eq!(
            get(&before, "status"),
            "full",
            "as it was known before the second line"
        );
    }

    #[test]
    fn the_day_put_right_leaves_no_second_status_behind() {
        let life = fold(&[
            of_record(
                1,
                "",
                &[("status", "full"), ("status_from_on", "2020-01-01")],
            ),
            of_record(
                2,
                "",
                &[("status", "full"), ("status_from_on", "2021-01-01")],
            ),
        ]);
        assert_eq!(get(&life.on(Day::of(2020, 6, 1).unwrap()), "status"), "");
        assert_eq!(get(&life.now(), SINCE), "2021-01-01");
    }

    #[test]
    fn a_line_taken_back_is_as_if_it_had_never_been_since_it_was_taken_back() {
        let mut back = of_record(
            3,
            "",
            &[("status", "full"), ("status_from_on", "2020-01-01")],
        );
        back.corrects = "e2".to_owned();
        let all = [
            of_record(
                1,
                "",
                &[("status", "full"), ("status_from_on", "2020-01-01")],
            ),
            of_record(
                2,
                "",
                &[("status", "left"), ("status_from_on", "2026-03-01")],
            ),
            back,
        ];
        let then = Day::of(2026, 4, 1).unwrap();
        assert_eq!(get(&fold(&all).on(then), "status"), "full");
        assert_eq!(
            get(&known(&all, Moment(2 * DAY_MS)).on(then), "status"),
            "left"
        );
    }

    #[test]
    fn what_is_corrected_is_not_read_even_for_days_before_the_correction() {
        let mut right = of_record(3, "2024-05-01", &[("residence", "Huế")]);
        right.corrects = "e2".to_owned();
        let all = [
            of_record(1, "", &[("residence", "Hà Nội")]),
            of_record(
                2,
                "2024-03-01",
                &[("residence", "Hà Tây"), ("email", "x@y.vn")],
            ),
            right,
        ];
        let april = fold(&all).on(Day::of(2024, 4, 1).unwrap());
        assert_eq!(get(&april, "residence"), "Hà Nội");
        assert_eq!(
            get(&april, "email"),
            "x@y.vn",
            "the correction names one field"
        );
    }

    #[test]
    fn a_placement_is_seen_while_it_lasts_and_not_how_it_will_end() {
        let mut opened = of_record(
            1,
            "2020-01-01",
            &[("unit", "a"), ("from_on", "2020-01-01"), ("to_on", OPEN)],
        );
        opened.about = About::Placement;
        opened.subject = "p".to_owned();
        let mut closed = of_record(
            2,
            "2024-01-01",
            &[("to_on", "2024-01-01"), ("end_reason", "transfer")],
        );
        closed.about = About::Placement;
        closed.subject = "p".to_owned();
        let life = fold(&[closed, opened]);
        assert_eq!(life.on(Day::of(2019, 12, 31).unwrap()).placements.len(), 0);
        let there = life.on(Day::of(2023, 12, 31).unwrap());
        assert_eq!(there.placements["p"]["to_on"], OPEN);
        assert!(!there.placements["p"].contains_key("end_reason"));
        assert_eq!(life.on(Day::of(2024, 1, 1).unwrap()).placements.len(), 0);
        assert_eq!(life.now().placements["p"]["to_on"], "2024-01-01");
    }

    /// What a random line does.
    #[derive(Debug, Clone)]
    enum Step {
        /// A field of the record, from a day on.
        Sets(usize, i64, u8),
        /// A status since a day.
        Becomes(usize, i64),
        /// A placement opens.
        Opens(i64),
        /// The open placement ends.
        Closes(i64),
        /// Read as another record, or by itself again.
        Merges(bool, i64),
        /// The line before the last is corrected in its fields.
        Corrects(u8),
        /// The last status is taken back.
        TakesBack,
    }

    const FIELDS: [&str; 5] = ["name", "residence", "email", "birth_on", "full_from_on"];
    const STATUSES: [&str; 4] = ["probationary", "full", "suspended", "left"];

    fn step() -> impl Strategy<Value = Step> {
        let far = 0..400_i64;
        prop_oneof![
            (0..FIELDS.len(), far.clone(), any::<u8>()).prop_map(|(f, d, v)| Step::Sets(f, d, v)),
            (0..STATUSES.len(), far.clone()).prop_map(|(s, d)| Step::Becomes(s, d)),
            far.clone().prop_map(Step::Opens),
            far.clone().prop_map(Step::Closes),
            (any::<bool>(), far).prop_map(|(m, d)| Step::Merges(m, d)),
            any::<u8>().prop_map(Step::Corrects),
            Just(Step::TakesBack),
        ]
    }

    /// The ledger of those steps, and what tables would hold that were written beside it.
    fn life_of(steps: &[Step]) -> (Vec<Statement>, State) {
        let mut all: Vec<Statement> = Vec::new();
        let mut table = State::default();
        let mut statuses: Vec<(String, String, String)> = Vec::new();
        let mut open = String::new();
        for (nth, step) in steps.iter().enumerate() {
            let seq = i64::try_from(nth).unwrap() + 1;
            let mut one = of_record(seq, "", &[]);
            match step {
                Step::Sets(field, from, value) => {
                    let value = match FIELDS[*field] {
                        name if name.ends_with("_on") => day(i64::from(*value)).to_string(),
                        _ => value.to_string(),
                    };
                    one.effective_on = day(*from).to_string();
                    one.said.insert(FIELDS[*field].to_owned(), value);
                }
                Step::Becomes(status, from) => {
                    let from = day(*from).to_string();
                    statuses.push((
                        one.event.clone(),
                        STATUSES[*status].to_owned(),
                        from.clone(),
                    ));
                    one.said
                        .insert(STATUS.to_owned(), STATUSES[*status].to_owned());
                    one.said.insert(SINCE.to_owned(), from);
                }
                Step::Opens(from) => {
                    open = format!("p{seq}");
                    one.about = About::Placement;
                    one.subject.clone_from(&open);
                    one.said
                        .insert("from_on".to_owned(), day(*from).to_string());
                    one.said.insert("to_on".to_owned(), OPEN.to_owned());
                }
                Step::Closes(on) if !open.is_empty() => {
                    one.about = About::Placement;
                    one.subject.clone_from(&open);
                    one.said.insert("to_on".to_owned(), day(*on).to_string());
                    one.said.insert("end_reason".to_owned(), "moved".to_owned());
                }
                Step::Merges(merged, on) => {
                    let value = if *merged {
                        day(*on).to_string()
                    } else {
                        String::new()
                    };
                    one.said.insert("merged_on".to_owned(), value);
                }
                Step::Corrects(value) if all.len() > 1 => {
                    let old = &all[all.len() - 2];
                    if old.about != About::Record
                        || old.said.contains_key(STATUS)
                        || old.said.is_empty()
                    {
                        continue;
                    }
                    one.corrects.clone_from(&old.event);
                    one.effective_on.clone_from(&old.effective_on);
                    for (field, was) in &old.said {
                        let value = match field.ends_with("_on") {
                            true => was.clone(),
                            false => format!("right {value}"),
                        };
                        one.said.insert(field.clone(), value);
                    }
                }
                Step::TakesBack if statuses.len() > 1 => {
                    let (wrong, ..) = statuses.pop().unwrap();
                    let (_, status, from) = statuses.last().unwrap().clone();
                    one.corrects = wrong;
                    one.said.insert(STATUS.to_owned(), status);
                    one.said.insert(SINCE.to_owned(), from);
                }
                Step::Closes(_) | Step::Corrects(_) | Step::TakesBack => continue,
            }
            match one.about {
                About::Record => {
                    for (field, value) in &one.said {
                        table.record.remove(field);
                        if !value.is_empty() {
                            table.record.insert(field.clone(), value.clone());
                        }
                    }
                }
                _ => {
                    let row = table.placements.entry(one.subject.clone()).or_default();
                    row.extend(one.said.clone());
                }
            }
            all.push(one);
        }
        (all, table)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn whatever_is_recorded_the_tables_follow_from_the_ledger(steps in prop::collection::vec(step(), 1..40)) {
            let (all, table) = life_of(&steps);
            prop_assert_eq!(fold(&all).now(), table);
        }

        #[test]
        fn the_order_in_which_statements_are_handed_over_changes_nothing(
            steps in prop::collection::vec(step(), 1..40), seed in any::<u64>()
        ) {
            let (all, _) = life_of(&steps);
            let mut mixed = all.clone();
            // A walk that only `seed` knows.
            mixed.sort_by_key(|one| (one.seq as u64).wrapping_mul(seed | 1).rotate_left(17));
            prop_assert_eq!(fold(&mixed), fold(&all));
        }

        #[test]
        fn fields_and_placements_do_not_wait_for_each_other(steps in prop::collection::vec(step(), 1..40)) {
            // Recorded in another order among different fields, the life is the same: of each field alone the
            // order counts, and what corrects comes after what it corrects.
            let (all, _) = life_of(&steps);
            let key = |one: &Statement| match one.about {
                About::Record => one.said.keys().next().cloned().unwrap_or_default(),
                _ => one.subject.clone(),
            };
            let mut by_field = all.clone();
            by_field.sort_by_key(|one| (key(one), one.seq));
            for (nth, one) in by_field.iter_mut().enumerate() {
                one.seq = i64::try_from(nth).unwrap() + 1;
            }
            let (one, other) = (fold(&by_field), fold(&all));
            prop_assert_eq!(one.now(), other.now());
            for nth in [0, 100, 200, 399] {
                prop_assert_eq!(one.on(day(nth)), other.on(day(nth)));
            }
        }

        #[test]
        fn a_day_never_shows_what_came_later(steps in prop::collection::vec(step(), 1..40), nth in 0..400_i64) {
            let (all, _) = life_of(&steps);
            let state = fold(&all).on(day(nth));
            let day = day(nth).to_string();
            for field in [SINCE, "full_from_on", "merged_on"] {
                prop_assert!(get(&state, field) <= day, "{}", field);
            }
            for place in state.placements.values() {
                prop_assert!(place["from_on"] <= day && place["to_on"] == OPEN);
                prop_assert!(!place.contains_key("end_reason"));
            }
            // Without every statement that holds only later, and corrects nothing, the day reads the same
            // unless one of them swept something away.
            let dated = |one: &Statement| {
                one.about == About::Record && one.corrects.is_empty() && one.effective_on > day
                    && !one.said.keys().any(|field| course(field) != Course::Dated)
            };
            let later: Vec<String> = all.iter().filter(|one| dated(one)).map(|one| one.event.clone()).collect();
            let without: Vec<Statement> = all.iter()
                .filter(|one| !dated(one) && !later.contains(&one.corrects))
                .cloned().collect();
            let kept: Vec<Statement> = all.iter().filter(|one| !later.contains(&one.corrects)).cloned().collect();
            prop_assert_eq!(fold(&without).on(fold_day(nth)), fold(&kept).on(fold_day(nth)));
        }

        #[test]
        fn what_was_known_then_never_shows_what_was_recorded_later(
            steps in prop::collection::vec(step(), 1..40), cut in 0..40_i64
        ) {
            let (all, _) = life_of(&steps);
            let then = Moment(cut * DAY_MS);
            let early: Vec<Statement> = all.iter().filter(|one| one.recorded_at.0 <= then.0).cloned().collect();
            prop_assert_eq!(known(&all, then), fold(&early));
        }
    }

    fn fold_day(nth: i64) -> Day {
        day(nth)
    }
}
