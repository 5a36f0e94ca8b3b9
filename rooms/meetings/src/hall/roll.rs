//! Who counts: from the roster and the marks to the numbers of the minutes.
//!
//! Pure; integers only. [`sort`] is the one place where a roll is counted: it puts everybody into exactly one
//! [`Class`], and numbers and names both come out of that, so that they cannot differ. The rules themselves
//! are rows of the people room (domain reference 4, "Voting arithmetic"). Not here: votes.
//! The rule that surprises: an absent full member stays in the base, an exempt one counts only when
//! present, and a person introduced elsewhere for a time does not count at all.

use crate::fact::Mark;

/// Whether a person counts in the base of a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    /// Present or not.
    Always,
    /// Only when present.
    IfPresent,
    /// Never.
    Never,
}

/// One name of the roll, as far as counting goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Full member placed here officially.
    pub is_full: bool,
    /// On probation, placed here officially.
    pub is_probationary: bool,
    /// Here for a time; counted in their own unit.
    pub is_guest: bool,
    /// Exempt from activities.
    pub is_exempt: bool,
    /// Placed here, but introduced elsewhere for a time.
    pub is_away: bool,
    /// Called to meetings: neither suspended, nor a candidate, nor gone.
    pub is_called: bool,
    /// No rule says what they are here.
    pub lacks_rule: bool,
    /// By the standing rules of the day.
    pub counts: Counts,
    /// By the standing rules of the day.
    pub may_vote: bool,
    /// What stands beside the name.
    pub mark: Mark,
}

/// Where somebody of the roll is counted; everybody in exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// In the room, whoever they are.
    Present,
    /// Expected, and absent with leave.
    Excused,
    /// Expected, and absent without.
    Unexcused,
    /// Expected, and not marked yet.
    Open,
    /// Exempt from activities, and did not come: absent without needing leave.
    Exempt,
    /// Introduced elsewhere for a time, and did not come.
    Away,
    /// Not called: suspended, a candidate, or gone.
    NotCalled,
    /// Nobody can say what they are here: no rule, or a record that cannot be read.
    NoRule,
}

impl Class {
    /// Every one, in the order in which they are read aloud.
    pub(crate) const ALL: [Class; 8] = [
        Class::Present,
        Class::Excused,
        Class::Unexcused,
        Class::Open,
        Class::Exempt,
        Class::Away,
        Class::NotCalled,
        Class::NoRule,
    ];
    /// Whether its people are expected: they came, or they must be marked before the meeting is closed.
    pub(crate) fn is_expected(self) -> bool {
        match self {
            Class::Present | Class::Excused | Class::Unexcused | Class::Open => true,
            Class::Exempt | Class::Away | Class::NotCalled | Class::NoRule => false,
        }
    }
}

impl Counted {
    /// Where the person is counted. Whoever came is present, whatever else is true of them.
    pub(crate) fn class(&self) -> Class {
        match self.mark {
            Mark::Present => Class::Present,
            _ if self.is_away => Class::Away,
            _ if self.lacks_rule => Class::NoRule,
            _ if !self.is_called => Class::NotCalled,
            _ if self.is_exempt => Class::Exempt,
            Mark::Excused => Class::Excused,
            Mark::Unexcused => Class::Unexcused,
            Mark::Open => Class::Open,
        }
    }
    /// Whether the person is in the base of a vote.
    fn is_in_base(&self) -> bool {
        match self.counts {
            Counts::Always => true,
            Counts::IfPresent => self.mark == Mark::Present,
            Counts::Never => false,
        }
    }
}

/// The numbers kept at the start and the end. `present`, `excused`, `unexcused` are of the full members
/// convened; `headcount` is everyone in the room who is on the roll.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // each is the column of that name in meetings_numbers
pub struct Numbers {
    pub headcount: i64,
    pub full_total: i64,
    pub probationary: i64,
    pub exempt: i64,
    pub away: i64,
    pub convened: i64,
    pub present: i64,
    pub excused: i64,
    pub unexcused: i64,
    pub vote_base: i64,
}

impl Numbers {
    /// Whether both say the same. Numbers kept by an earlier program count the exempt who did not come as
    /// excused; so that one is left out.
    pub(crate) fn agrees_with(&self, other: &Numbers) -> bool {
        let bare = |n: &Numbers| Numbers { excused: 0, ..*n };
        bare(self) == bare(other)
    }
}

/// Somebody of the roll with the class where they count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Someone {
    pub name: String,
    pub counted: Counted,
    pub class: Class,
}

/// How the base of a vote comes about: `full` less `away`, `exempt` and `other`, with `extra`, is `base`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Base {
    /// Full members placed here.
    pub full: i64,
    /// Of them left out as introduced elsewhere.
    pub away: i64,
    /// Of them left out as exempt and absent.
    pub exempt: i64,
    /// Of them left out for another reason of the rules.
    pub other: i64,
    /// Who is no full member here and counts by the rules all the same.
    pub extra: i64,
    /// The base.
    pub base: i64,
}

/// A roll, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sorted {
    people: Vec<Someone>,
}

/// Counts a roll: everybody into exactly one class.
pub(crate) fn sort(roll: impl IntoIterator<Item = (String, Counted)>) -> Sorted {
    let people = roll.into_iter().map(|(name, counted)| Someone {
        name,
        counted,
        class: counted.class(),
    });
    Sorted {
        people: people.collect(),
    }
}

fn len(people: impl Iterator) -> i64 {
    i64::try_from(people.count()).unwrap_or(i64::MAX)
}

impl Sorted {
    /// The people of a class, in the order of the roll.
    pub(crate) fn of(&self, class: Class) -> impl Iterator<Item = &Someone> + Clone {
        self.people.iter().filter(move |one| one.class == class)
    }
    /// Everybody, in the order of the roll.
    pub(crate) fn all(&self) -> std::slice::Iter<'_, Someone> {
        self.people.iter()
    }
    /// How many are in a class.
    pub(crate) fn count(&self, class: Class) -> i64 {
        len(self.of(class))
    }
    /// Everybody on the roll.
    pub(crate) fn total(&self) -> i64 {
        len(self.people.iter())
    }
    /// Everybody who is expected.
    pub(crate) fn expected(&self) -> i64 {
        self.number(|one| one.class.is_expected())
    }
    /// Present and allowed to vote.
    pub(crate) fn voters(&self) -> i64 {
        self.number(|one| one.class == Class::Present && one.counted.may_vote)
    }
    /// How many of whom something is true.
    fn number(&self, is: impl Fn(&Someone) -> bool) -> i64 {
        len(self.people.iter().filter(|one| is(one)))
    }
    /// What is kept in the table.
    pub(crate) fn numbers(&self) -> Numbers {
        let convened = |one: &Someone| one.counted.is_full && !one.counted.is_away;
        let of = |class| self.number(|one| one.class == class && convened(one));
        Numbers {
            headcount: self.count(Class::Present),
            full_total: self.number(|one| one.counted.is_full),
            probationary: self.number(|one| one.counted.is_probationary),
            exempt: self.number(|one| one.counted.is_full && one.counted.is_exempt),
            away: self.number(|one| one.counted.is_full && one.counted.is_away),
            convened: self.number(convened),
            present: of(Class::Present),
            excused: of(Class::Excused),
            unexcused: of(Class::Unexcused),
            vote_base: self.base().base,
        }
    }
    /// How the base of a vote comes about.
    pub(crate) fn base(&self) -> Base {
        let mut out = Base::default();
        for Someone { counted, .. } in &self.people {
            let is_in = counted.is_in_base();
            out.base += i64::from(is_in);
            out.full += i64::from(counted.is_full);
            let place = match (counted.is_full, is_in) {
                (true, true) | (false, false) => continue,
                (false, true) => &mut out.extra,
                (true, false) if counted.is_away => &mut out.away,
                (true, false) if counted.is_exempt => &mut out.exempt,
                (true, false) => &mut out.other,
            };
            *place += 1;
        }
        out
    }
}

/// Fewest votes that are more than `num`/`den` of the base: strict, in integers.
pub(crate) fn votes_needed(base: i64, num: i64, den: i64) -> i64 {
    if den <= 0 {
        base
    } else {
        (base * num).div_euclid(den) + 1
    }
}

/// Whether `voters` in the room could carry an ordinary resolution.
pub(crate) fn is_quorate(voters: i64, base: i64, num: i64, den: i64) -> bool {
    base > 0 && voters * den > base * num
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(mark: Mark) -> Counted {
        Counted {
            is_full: true,
            is_probationary: false,
            is_guest: false,
            is_exempt: false,
            is_away: false,
            is_called: true,
            lacks_rule: false,
            counts: Counts::Always,
            may_vote: true,
            mark,
        }
    }
    fn sorted(roll: &[Counted]) -> Sorted {
        sort(roll.iter().map(|one| (String::new(), *one)))
    }

    #[test]
    fn the_away_and_the_absent_exempt_leave_the_base_others_stay_in() {
        let mut roll = vec![full(Mark::Present); 21];
        roll.push(full(Mark::Excused));
        roll.push(Counted {
            is_exempt: true,
            counts: Counts::IfPresent,
            ..full(Mark::Open)
        });
        roll.push(Counted {
            is_away: true,
            counts: Counts::Never,
            may_vote: false,
            ..full(Mark::Open)
        });
        roll.push(Counted {
            is_full: false,
            is_probationary: true,
            counts: Counts::Never,
            may_vote: false,
            ..full(Mark::Present)
        });
        let sorted = sorted(&roll);
        let wanted = Numbers {
            headcount: 22,
            full_total: 24,
            probationary: 1,
            exempt: 1,
            away: 1,
            convened: 23,
            present: 21,
            excused: 1,
            unexcused: 0,
            vote_base: 22,
        };
        assert_eq!(sorted.numbers(), wanted);
        assert_eq!(
            (sorted.total(), sorted.expected(), sorted.voters()),
            (25, 23, 21)
        );
        let counts = Class::ALL.map(|class| sorted.count(class));
        assert_eq!(counts, [22, 1, 0, 0, 1, 1, 0, 0]);
        let base = Base {
            full: 24,
            away: 1,
            exempt: 1,
            base: 22,
            ..Base::default()
        };
        assert_eq!(sorted.base(), base);
    }
    #[test]
    fn an_exempt_member_who_came_counts_and_one_who_did_not_is_no_absentee() {
        let came = Counted {
            is_exempt: true,
            counts: Counts::IfPresent,
            ..full(Mark::Present)
        };
        assert_eq!(sorted(&[came]).base().base, 1);
        for mark in [Mark::Open, Mark::Excused, Mark::Unexcused] {
            let stayed = sorted(&[Counted { mark, ..came }]);
            assert_eq!(stayed.base().base, 0);
            assert_eq!(stayed.count(Class::Exempt), 1, "{mark}");
        }
    }
    #[test]
    fn who_is_not_called_is_not_absent_without_leave() {
        let suspended = Counted {
            is_full: false,
            is_called: false,
            counts: Counts::Never,
            ..full(Mark::Unexcused)
        };
        let sorted = sorted(&[suspended]);
        assert_eq!(sorted.count(Class::NotCalled), 1);
        assert_eq!((sorted.expected(), sorted.numbers().unexcused), (0, 0));
    }
    #[test]
    fn a_majority_is_more_than_half_and_never_exactly_half() {
        for (base, needed) in [(1, 1), (2, 2), (3, 2), (22, 12), (23, 12), (24, 13)] {
            assert_eq!(votes_needed(base, 1, 2), needed, "base {base}");
            assert!(is_quorate(needed, base, 1, 2));
            assert!(!is_quorate(needed - 1, base, 1, 2));
        }
        assert!(!is_quorate(0, 0, 1, 2), "nobody convened is no quorum");
    }
    #[test]
    fn an_absentee_without_leave_stays_in_the_base() {
        let n = sorted(&[full(Mark::Unexcused), full(Mark::Open)]).numbers();
        assert_eq!((n.vote_base, n.unexcused, n.present), (2, 1, 0));
    }
}
