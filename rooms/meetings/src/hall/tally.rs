//! A counted roll in words: the lines that reconcile its numbers, and the names of a class.
//!
//! Every page and paper that tells how many came says it with these, so that no two numbers stand side by
//! side without a word. Not here: counting (`roll`). Sentences come through `say`: of a page in its
//! language, of the minutes always in Vietnamese.

use crate::hall::roll::{Class, Someone, Sorted};
use web::text::Arg;

/// What somebody is on the roll, for the words beside a number or a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Full,
    Probationary,
    Guest,
    Other,
}

impl Who {
    const ALL: [Who; 4] = [Who::Full, Who::Probationary, Who::Guest, Who::Other];
    fn of(someone: &Someone) -> Who {
        let counted = &someone.counted;
        if counted.is_guest {
            Who::Guest
        } else if counted.is_full {
            Who::Full
        } else if counted.is_probationary {
            Who::Probationary
        } else {
            Who::Other
        }
    }
    fn text(self) -> &'static str {
        match self {
            Who::Full => "meetings-who-full",
            Who::Probationary => "meetings-who-probationary",
            Who::Guest => "meetings-who-guest",
            Who::Other => "meetings-who-other",
        }
    }
}

fn text(class: Class) -> &'static str {
    match class {
        Class::Present => "meetings-sum-present",
        Class::Excused => "meetings-sum-excused",
        Class::Unexcused => "meetings-sum-unexcused",
        Class::Open => "meetings-sum-open",
        Class::Exempt => "meetings-sum-exempt",
        Class::Away => "meetings-sum-away",
        Class::NotCalled => "meetings-sum-not-called",
        Class::NoRule => "meetings-sum-no-rule",
    }
}

/// "21 chính thức, 1 dự bị": how many of each among `people`, those left out that are none of `whos`.
fn kinds<'a>(
    people: impl Iterator<Item = &'a Someone> + Clone,
    whos: &[Who],
    say: &impl Fn(&str, &[(&str, Arg<'_>)]) -> String,
) -> String {
    let mut parts = Vec::new();
    for who in whos {
        let n = people.clone().filter(|one| Who::of(one) == *who).count();
        if n > 0 {
            parts.push(say(who.text(), &[("n", (n as i64).into())]));
        }
    }
    parts.join(", ")
}

/// "21 chính thức, 1 dự bị" of everybody, or of one class.
pub(crate) fn who(
    sorted: &Sorted,
    class: Option<Class>,
    say: &impl Fn(&str, &[(&str, Arg<'_>)]) -> String,
) -> String {
    match class {
        Some(class) => kinds(sorted.of(class), &Who::ALL, say),
        None => kinds(sorted.all(), &Who::ALL, say),
    }
}

/// "Danh sách 25 người: 22 có mặt (trong đó 1 dự bị), 1 vắng có lý do, 1 được miễn …": everybody once.
pub(crate) fn sum(sorted: &Sorted, say: &impl Fn(&str, &[(&str, Arg<'_>)]) -> String) -> String {
    let mut parts = Vec::new();
    for class in Class::ALL {
        let n = sorted.count(class);
        if n == 0 {
            continue;
        }
        let part = say(text(class), &[("n", n.into())]);
        // Of those who are not called the words say it already.
        let told = match class {
            Class::NotCalled | Class::NoRule => String::new(),
            _ => kinds(sorted.of(class), &[Who::Probationary, Who::Guest], say),
        };
        parts.push(if told.is_empty() {
            part
        } else {
            say(
                "meetings-sum-with",
                &[("part", Arg::Text(&part)), ("who", Arg::Text(&told))],
            )
        });
    }
    let key = match sorted.expected() == sorted.total() {
        _ if parts.is_empty() => "meetings-sum-none",
        true => "meetings-sum",
        false => "meetings-summed",
    };
    say(
        key,
        &[
            ("expected", sorted.expected().into()),
            ("all", sorted.total().into()),
            ("parts", Arg::Text(&parts.join(", "))),
        ],
    )
}

/// "Biểu quyết tính trên 22 người: 24 đảng viên chính thức, trừ 1 sinh hoạt nơi khác, trừ 1 được miễn và vắng."
pub(crate) fn base(sorted: &Sorted, say: &impl Fn(&str, &[(&str, Arg<'_>)]) -> String) -> String {
    let base = sorted.base();
    let mut parts = vec![say("meetings-base-full", &[("n", base.full.into())])];
    for (key, n) in [
        ("meetings-base-away", base.away),
        ("meetings-base-exempt", base.exempt),
        ("meetings-base-other", base.other),
        ("meetings-base-extra", base.extra),
    ] {
        if n > 0 {
            parts.push(say(key, &[("n", n.into())]));
        }
    }
    let key = match parts.len() {
        1 => "meetings-base-plain",
        _ => "meetings-base",
    };
    say(
        key,
        &[
            ("base", base.base.into()),
            ("parts", Arg::Text(&parts.join(", "))),
        ],
    )
}

/// "1 vắng có lý do: Lương Thị Hoa": every class but those present and those not known yet, with its names.
pub(crate) fn named(
    sorted: &Sorted,
    say: &impl Fn(&str, &[(&str, Arg<'_>)]) -> String,
) -> Vec<String> {
    let told = Class::ALL.into_iter().filter(|class| {
        let is_left_out = matches!(class, Class::Present | Class::Open);
        !is_left_out && sorted.count(*class) > 0
    });
    told.map(|class| {
        let part = say(text(class), &[("n", sorted.count(class).into())]);
        let list = names(sorted, class, say).join(", ");
        let args = [("part", Arg::Text(&part)), ("names", Arg::Text(&list))];
        say("meetings-close-named", &args)
    })
    .collect()
}

/// The names of a class; who is no full member here is told.
pub(crate) fn names(
    sorted: &Sorted,
    class: Class,
    say: &impl Fn(&str, &[(&str, Arg<'_>)]) -> String,
) -> Vec<String> {
    let name = |one: &Someone| {
        let key = match Who::of(one) {
            Who::Probationary => "meetings-name-probationary",
            Who::Guest => "meetings-name-guest",
            Who::Full | Who::Other => return one.name.clone(),
        };
        say(key, &[("name", Arg::Text(&one.name))])
    };
    sorted.of(class).map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Mark;
    use crate::hall::roll::{self, Base, Counted};
    use crate::hall::roster::counted;
    use crate::minutes;
    use kernel::fact::Kept;
    use people::fact::{Placement, Status};
    use people::standing::{Counts, Standing};
    use proptest::prelude::*;

    /// Anybody who may stand on a roll: every status and placement, odd ones too, under any rule.
    fn anybody() -> impl Strategy<Value = Counted> {
        let statuses = Status::ALL.len();
        let placements = Placement::ALL.len();
        (
            0..=statuses,
            0..=placements,
            any::<[bool; 3]>(),
            0..3_usize,
            0..Mark::ALL.len(),
        )
            .prop_map(
                |(status, placement, [is_exempt, may_vote, is_missing], counts, mark)| {
                    let odd = || Kept::Odd("odd".to_owned());
                    let status = Status::ALL.get(status).copied().map(Kept::Known);
                    let status = status.unwrap_or(Kept::Odd("odd".to_owned()));
                    let placement = Placement::ALL.get(placement).copied().map(Kept::Known);
                    let standing = Standing {
                        counts: [Counts::Always, Counts::IfPresent, Counts::Never][counts],
                        may_vote,
                        may_stand: false,
                        pays_dues: false,
                        signed_off: false,
                        is_missing,
                    };
                    let mut out = counted(
                        &status,
                        is_exempt,
                        &placement.unwrap_or_else(odd),
                        &standing,
                    );
                    out.mark = Mark::ALL[mark];
                    out
                },
            )
    }

    /// A sentence as its key and arguments: `key[n=1;names= (A)]`.
    fn plain(key: &str, args: &[(&str, Arg<'_>)]) -> String {
        let shown: Vec<String> = (args.iter())
            .map(|(name, value)| match value {
                Arg::Text(text) => format!("{name}={text}"),
                Arg::Number(number) => format!("{name}={number}"),
            })
            .collect();
        format!("{key}[{}]", shown.join(";"))
    }

    /// The numbers `n=` of the parts whose key begins so.
    fn numbers(text: &str, start: &str) -> i64 {
        let parts = text.split(start).skip(1);
        let n = parts.filter_map(|part| part.split_once("[n=")?.1.split_once(']'));
        n.filter_map(|(n, _)| n.parse::<i64>().ok()).sum()
    }

    proptest! {
        #[test]
        fn everybody_is_in_one_class_and_every_sum_is_the_length_of_its_list(
            roll in proptest::collection::vec(anybody(), 0..40)
        ) {
            let named = roll.iter().enumerate().map(|(n, one)| (format!("P{n:02}"), *one));
            let sorted = roll::sort(named.clone());

            let mut seen: Vec<String> = Vec::new();
            for class in Class::ALL {
                let list: Vec<&Someone> = sorted.of(class).collect();
                prop_assert_eq!(list.len() as i64, sorted.count(class));
                prop_assert_eq!(list.len(), names(&sorted, class, &plain).len());
                seen.extend(list.iter().map(|one| one.name.clone()));
            }
            seen.sort();
            let all: Vec<String> = named.map(|(name, _)| name).collect();
            prop_assert_eq!(seen, all, "each exactly once");

            let of = |class| sorted.count(class);
            let expected = of(Class::Present) + of(Class::Excused) + of(Class::Unexcused) + of(Class::Open);
            prop_assert_eq!(sorted.expected(), expected);
            let rest = of(Class::Exempt) + of(Class::Away) + of(Class::NotCalled) + of(Class::NoRule);
            prop_assert_eq!(expected + rest, roll.len() as i64);
            prop_assert!(sorted.voters() <= of(Class::Present));

            let n = sorted.numbers();
            prop_assert_eq!(n.headcount, of(Class::Present));
            prop_assert!(n.present <= n.headcount && n.excused <= of(Class::Excused));
            prop_assert!(n.unexcused <= of(Class::Unexcused));
            let left = sorted.all().filter(|one| {
                let convened = one.counted.is_full && !one.counted.is_away;
                convened && !matches!(one.class, Class::Present | Class::Excused | Class::Unexcused)
            });
            prop_assert_eq!(n.convened, n.present + n.excused + n.unexcused + left.count() as i64);
            prop_assert_eq!(n.convened, n.full_total - n.away);

            let Base { full, away, exempt, other, extra, base } = sorted.base();
            prop_assert_eq!(base, full - away - exempt - other + extra);
            prop_assert_eq!((base, full), (n.vote_base, n.full_total));

            // What is printed says the same.
            let text = sum(&sorted, &plain);
            prop_assert_eq!(numbers(&text, "meetings-sum-"), roll.len() as i64, "{}", text);
            let text = who(&sorted, None, &plain);
            prop_assert_eq!(numbers(&text, "meetings-who-"), roll.len() as i64, "{}", text);
            for line in minutes::who_was_there(&sorted, &plain) {
                let Some((said, list)) = line.split_once(";names=") else { continue };
                let (_, n) = said.split_once("[n=").unwrap();
                prop_assert_eq!(n.parse::<usize>().unwrap(), list.matches('P').count(), "{}", line);
            }
        }
    }
}
