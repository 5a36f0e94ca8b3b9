//! Words that pages share: hours, lengths, days left, names of states and of months.
//!
//! What is kept in the database (titles, minutes) is always Vietnamese, whatever language the page
//! has; hence [`vi`].

use crate::fact::{Kind, Mark, TaskState};
use crate::state::State;
use crate::store::Meeting;
use kernel::{Day, Moment};
use site::Site;
use web::text::Arg;
use web::{Frame, Lang};

/// A sentence in Vietnamese, for what is kept.
pub(crate) fn vi(site: &Site, key: &str, args: &[(&str, Arg<'_>)]) -> String {
    site.edge.texts.with(Lang::Vi, key, args)
}

/// A place inside a sentence: "tại nhà bà Hoa". The first letter becomes small where the words are common ones
/// and the next shows that no name begins with them ("Nhà Bè", "Hội Người cao tuổi", "Trường Chinh" stay).
///
/// Whoever typed "Tại nhà bà Hoa" is not quoted as "tại Tại nhà bà Hoa": the sentence has that word already.
pub(crate) fn inside(place: &str) -> String {
    let place = place.trim();
    let at = place.split_once(char::is_whitespace);
    let place = match at.filter(|(first, _)| first.to_lowercase() == "tại") {
        Some((_, rest)) => rest.trim_start(),
        None => place,
    };
    const COMMON: [&str; 13] = [
        "Nhà",
        "Phòng",
        "Hội trường",
        "Trụ sở",
        "Sân",
        "Tầng",
        "Đình",
        "Đền",
        "Chùa",
        "Văn phòng",
        "Cơ quan",
        "Thư viện",
        "Công viên",
    ];
    let is_common = COMMON.iter().any(|common| {
        let rest = place
            .strip_prefix(common)
            .and_then(|rest| rest.strip_prefix(' '));
        rest.is_some_and(|rest| !rest.trim_start().starts_with(char::is_uppercase))
            || (rest.is_some() && common.contains(' '))
    });
    match place.chars().next() {
        Some(first) if is_common => {
            first.to_lowercase().collect::<String>() + &place[first.len_utf8()..]
        }
        _ => place.to_owned(),
    }
}

/// "19 giờ 30 phút".
pub(crate) fn hour(frame: &Frame, at: Moment) -> String {
    let (hour, minute) = at.hour_minute();
    frame.t2(
        "meetings-hour",
        "hour",
        i64::from(hour),
        "minute",
        &format!("{minute:02}"),
    )
}
/// "19 giờ 30 phút ngày 27/11/2026".
pub(crate) fn hour_and_day(frame: &Frame, at: Moment) -> String {
    let (hour, day) = (hour(frame, at), at.day().vn());
    frame.t2("meetings-hour-day", "hour", &hour, "day", &day)
}
/// "còn 4 ngày", "hôm nay", "đã qua 2 ngày".
pub(crate) fn days_left(frame: &Frame, day: Day) -> String {
    match frame.today().days_until(day) {
        0 => frame.t("meetings-day-today"),
        1 => frame.t("meetings-day-tomorrow"),
        days if days > 1 => frame.t1("meetings-day-left", "n", days),
        days => frame.t1("meetings-day-ago", "n", -days),
    }
}
/// "Thứ Sáu 27/11".
pub(crate) fn short_day(frame: &Frame, day: Day) -> String {
    let long = frame.long_day(&day);
    match long.split_once(',') {
        Some((weekday, _)) => format!("{weekday} {}", day.vn_short()),
        None => long,
    }
}
/// "khoảng 90 phút"; empty when no minutes are planned.
pub(crate) fn length(frame: &Frame, minutes: i64) -> String {
    if minutes > 0 {
        frame.t1("meetings-about-minutes", "n", minutes)
    } else {
        String::new()
    }
}
/// A state's badge: `data-is`, icon, word.
#[derive(Debug, Clone)]
pub(crate) struct Badge {
    pub is: &'static str,
    pub icon: &'static str,
    pub word: String,
}
/// The badge of a state; of one that cannot be read too.
pub(crate) fn badge(frame: &Frame, state: Option<State>) -> Badge {
    let Some(state) = state else {
        return Badge {
            is: "warn",
            icon: "warn",
            word: frame.t("meetings-unread"),
        };
    };
    let (is, icon, key) = match state {
        State::Draft => ("gone", "edit", "meetings-state-draft"),
        State::Called => ("info", "mail", "meetings-state-called"),
        State::Checkin => ("info", "qr", "meetings-state-checkin"),
        State::Running => ("info", "play", "meetings-state-running"),
        State::Ended => ("ok", "ok", "meetings-state-ended"),
        State::Archived => ("ok", "lock", "meetings-state-archived"),
        State::Cancelled => ("gone", "x", "meetings-state-cancelled"),
    };
    Badge {
        is,
        icon,
        word: frame.t(key),
    }
}
/// The title a meeting gets when nobody typed one.
pub(crate) fn title(site: &Site, kind: Kind, day: Day) -> String {
    let key = match kind {
        Kind::Theme => "meetings-title-theme",
        Kind::Regular => "meetings-title-regular",
        Kind::Extraordinary => "meetings-title-extraordinary",
    };
    let (month, day) = (i64::from(day.month()), day.vn_short());
    vi(
        site,
        key,
        &[("month", Arg::from(month)), ("day", Arg::Text(&day))],
    )
}
/// The title of a meeting on another day: one that nobody typed names the new day, another stays.
pub(crate) fn moved_title(site: &Site, meeting: &Meeting, to: Day) -> String {
    let own = title(site, meeting.kind, meeting.starts().day());
    match meeting.title == own {
        true => title(site, meeting.kind, to),
        false => meeting.title.clone(),
    }
}
/// Where a task stands.
pub(crate) fn task(frame: &Frame, state: Option<TaskState>) -> String {
    frame.t(match state {
        Some(TaskState::Open) => "meetings-task-open",
        Some(TaskState::Done) => "meetings-task-done",
        Some(TaskState::Dropped) => "meetings-task-withdrawn",
        None => "meetings-unread",
    })
}
/// What stands beside a name on the roll.
pub(crate) fn mark(frame: &Frame, mark: Option<Mark>) -> String {
    frame.t(match mark {
        Some(Mark::Open) => "meetings-mark-open",
        Some(Mark::Present) => "meetings-mark-present",
        Some(Mark::Excused) => "meetings-mark-excused",
        Some(Mark::Unexcused) => "meetings-mark-unexcused",
        None => "meetings-unread",
    })
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn a_place_inside_a_sentence_begins_small_unless_it_is_a_name() {
        for (place, said) in [
            ("Nhà văn hóa 😀", "nhà văn hóa 😀"),
            ("Nhà bà Hoa", "nhà bà Hoa"),
            ("Nhà Bè", "Nhà Bè"),
            ("Tại nhà bà Hạnh", "nhà bà Hạnh"),
            ("tại Nhà văn hóa", "nhà văn hóa"),
            ("TẠI  hội trường", "hội trường"),
            ("Tại", "Tại"),
            ("Tại Lộc", "Lộc"),
            ("Hội trường tầng 2", "hội trường tầng 2"),
            ("Ủy ban phường", "Ủy ban phường"),
            ("Nhà", "Nhà"),
            ("Trường Chinh 12", "Trường Chinh 12"),
            ("Trường tiểu học Nhân Chính", "Trường tiểu học Nhân Chính"),
            ("Hội người cao tuổi", "Hội người cao tuổi"),
            ("Hội trường UBND phường", "hội trường UBND phường"),
            ("Trụ sở Đảng ủy phường", "trụ sở Đảng ủy phường"),
            ("Văn phòng khu phố", "văn phòng khu phố"),
            ("Văn Quán", "Văn Quán"),
            ("Chùa Một Cột", "Chùa Một Cột"),
            ("", ""),
        ] {
            assert_eq!(inside(place), said);
        }
    }
}
