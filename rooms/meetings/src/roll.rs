//! Who counts: from the roster and the marks to the numbers of the minutes.
//!
//! Pure; integers only. The rules themselves are rows of the people room (domain reference 4,
//! "Voting arithmetic", and governance reference 3). Not here: votes.
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
    /// Exempt from activities.
    pub is_exempt: bool,
    /// Placed here, but introduced elsewhere for a time.
    pub is_away: bool,
    /// By the standing rules of the day.
    pub counts: Counts,
    /// By the standing rules of the day.
    pub may_vote: bool,
    /// What stands beside the name.
    pub mark: Mark,
}

impl Counted {
    /// Whether the person must be marked before the meeting can be closed.
    pub(crate) fn is_expected(&self) -> bool {
        !self.is_away && !self.is_exempt
    }
    fn is_present(&self) -> bool {
        self.mark == Mark::Present
    }
}

/// The numbers of governance reference 5. `present`, `excused`, `unexcused` are of the full members
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

/// What the page of the roll shows beside the numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Names on the roll, those away left out.
    pub expected: i64,
    /// Everyone marked present.
    pub present: i64,
    /// Everyone absent with leave.
    pub excused: i64,
    /// Everyone absent without.
    pub unexcused: i64,
    /// Expected and not marked.
    pub open: i64,
    /// Present and allowed to vote.
    pub voters: i64,
}

/// Counts the roll. A person exempt from activities who did not come is absent with leave.
pub(crate) fn count(roll: &[Counted]) -> (Numbers, Tally) {
    let mut n = Numbers::default();
    let mut t = Tally::default();
    for one in roll {
        n.full_total += i64::from(one.is_full);
        n.probationary += i64::from(one.is_probationary);
        n.exempt += i64::from(one.is_full && one.is_exempt);
        n.away += i64::from(one.is_full && one.is_away);
        let convened = one.is_full && !one.is_away;
        n.convened += i64::from(convened);
        let mark = match one.mark {
            Mark::Open if one.is_exempt && !one.is_away => Mark::Excused,
            mark => mark,
        };
        t.expected += i64::from(!one.is_away);
        match mark {
            Mark::Present => {
                n.headcount += 1;
                t.present += 1;
                n.present += i64::from(convened);
                t.voters += i64::from(one.may_vote);
            }
            Mark::Excused => {
                t.excused += 1;
                n.excused += i64::from(convened);
            }
            Mark::Unexcused => {
                t.unexcused += 1;
                n.unexcused += i64::from(convened);
            }
            Mark::Open => t.open += i64::from(!one.is_away),
        }
        n.vote_base += match one.counts {
            Counts::Always => 1,
            Counts::IfPresent => i64::from(one.is_present()),
            Counts::Never => 0,
        };
    }
    (n, t)
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
            is_exempt: false,
            is_away: false,
            counts: Counts::Always,
            may_vote: true,
            mark,
        }
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
        let (n, t) = count(&roll);
        let wanted = Numbers {
            headcount: 22,
            full_total: 24,
            probationary: 1,
            exempt: 1,
            away: 1,
            convened: 23,
            present: 21,
            excused: 2,
            unexcused: 0,
            vote_base: 22,
        };
        assert_eq!(n, wanted);
        assert_eq!((t.voters, t.open, t.present, t.expected), (21, 0, 22, 24));
    }
    #[test]
    fn an_exempt_member_who_came_counts() {
        let came = Counted {
            is_exempt: true,
            counts: Counts::IfPresent,
            ..full(Mark::Present)
        };
        assert_eq!(count(&[came]).0.vote_base, 1);
        assert_eq!(
            count(&[Counted {
                mark: Mark::Open,
                ..came
            }])
            .0
            .vote_base,
            0
        );
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
        let (n, _) = count(&[full(Mark::Unexcused), full(Mark::Open)]);
        assert_eq!((n.vote_base, n.unexcused, n.present), (2, 1, 0));
    }
}
