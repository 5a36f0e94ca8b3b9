//! Counting readers without knowing them: who is online, how many came today, views of an article.
//!
//! A visitor is a key, `HMAC(salt of the day, member)` or, signed out, of address and browser name.
//! Salt and keys live in memory only and are dropped at local midnight; what leaves this file are sums.
//! Not here: writing the sums (`store`), drawing them (`desk`).
//! The surprising rule: days cannot be linked, so "this week" adds up daily visitors (lượt), and a
//! restart may count a person twice; `restarts` says so beside the day.

use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::{Day, Dice, MemberId, Moment};
use sha2::Sha256;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Online means: seen within five minutes.
const ONLINE_MS: i64 = 5 * 60_000;
/// Opening the same article again within a minute is a reload, not another view.
const RELOAD_MS: i64 = 60_000;
/// More pages than this in one minute is a machine.
const PAGES_A_MINUTE: u32 = 60;
/// Keys kept at once, so that a flood of made-up browser names cannot fill the memory.
const MOST_KEYS: usize = 200_000;
const HOUR_MS: i64 = 3_600_000;

/// Visitors of one address a day: a hall full of people shares one, a flood of made-up browser names
/// comes from one too. Those beyond are one visitor together.
const PEOPLE_AN_ADDRESS: u32 = 60;
/// Views of one article an hour from one address.
const VIEWS_AN_ADDRESS: u32 = 60;

type Key = [u8; 16];

/// Who reads, as far as the counters may know.
pub(crate) struct Reader<'a> {
    /// The member, when signed in.
    pub(crate) member: Option<&'a MemberId>,
    /// Where the request came from. Enters the key, nothing else.
    pub(crate) address: IpAddr,
    /// What the browser calls itself. Enters the key, nothing else.
    pub(crate) agent: &'a str,
}

/// A counted thing: an article. Shared by the cached page that shows its number.
pub(crate) struct Content {
    id: String,
    number: u32,
    views: AtomicI64,
}

impl Content {
    /// Views so far.
    pub(crate) fn views(&self) -> i64 {
        self.views.load(Ordering::Relaxed)
    }
    /// The id under which its sums are kept.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }
    /// A small number that stands for it while the program runs.
    pub(crate) fn number(&self) -> u32 {
        self.number
    }
}

/// Views and distinct visitors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) views: i64,
    pub(crate) visitors: i64,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.views += other.views;
        self.visitors += other.visitors;
    }
}

/// The four numbers of the foot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Figures {
    pub(crate) online: i64,
    pub(crate) today: i64,
    pub(crate) week: i64,
    pub(crate) all: i64,
}

/// Sums that are not written yet.
#[derive(Default)]
pub(crate) struct Due {
    /// Content, hour, sums.
    pub(crate) hours: Vec<(Arc<Content>, i64, Tally)>,
    /// Day, sums.
    pub(crate) days: Vec<(Day, Tally)>,
}

impl Due {
    /// Whether there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        self.hours.is_empty() && self.days.is_empty()
    }
}

/// What the database holds after a write; the counters go on from there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    /// The day on which this was read.
    pub(crate) day: Day,
    /// Visitors of that day.
    pub(crate) today: i64,
    /// Visitors of the week's days before it.
    pub(crate) week_before: i64,
    /// Daily visitors of all time, added up.
    pub(crate) all: i64,
}

#[derive(Clone, Copy)]
struct Seen {
    last_at: i64,
    minute: i64,
    pages: u32,
    is_machine: bool,
}

/// One day's knowledge: dropped at midnight.
struct Open {
    day: Day,
    salt: Hmac<Sha256>,
    people: HashMap<Key, Seen>,
    /// How many of them came from an address.
    from: HashMap<Key, u32>,
    hour_at: i64,
    /// Who read what in this hour, and when last.
    readings: HashMap<(Key, u32), i64>,
    /// How often an address was counted for a content in this hour.
    counted: HashMap<(Key, u32), u32>,
}

impl Open {
    /// The key of a visitor and, of a passer-by, that of the address.
    fn keys(&self, who: &Reader<'_>) -> (Key, Option<Key>) {
        if who.member.is_some() {
            return (key(&self.salt, who), None);
        }
        let house = address_key(&self.salt, who.address);
        let own = key(&self.salt, who);
        let is_full = self.from.get(&house).copied().unwrap_or(0) >= PEOPLE_AN_ADDRESS;
        let is_known = self.people.contains_key(&own);
        (if is_full && !is_known { house } else { own }, Some(house))
    }
}

#[derive(Default)]
struct Ledger {
    open: Option<Open>,
    contents: HashMap<String, Arc<Content>>,
    due_hours: HashMap<(i64, u32), (Arc<Content>, Tally)>,
    due_days: BTreeMap<Day, Tally>,
    today: i64,
    week_before: i64,
    all: i64,
    online: i64,
    online_at: i64,
}

/// The counters of one process.
#[derive(Default)]
pub(crate) struct Counters(Mutex<Ledger>);

impl Counters {
    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The counter of a content. `kept` is what the database says; used when it is new here.
    pub(crate) fn content(&self, id: &str, kept: i64) -> Arc<Content> {
        let mut ledger = self.lock();
        if let Some(held) = ledger.contents.get(id) {
            return held.clone();
        }
        let number = u32::try_from(ledger.contents.len()).unwrap_or(u32::MAX);
        let fresh = Arc::new(Content {
            id: id.to_owned(),
            number,
            views: AtomicI64::new(kept),
        });
        ledger.contents.insert(id.to_owned(), fresh.clone());
        fresh
    }

    /// Somebody was sent a page; `content` when it is an article. Machines are passed over.
    pub(crate) fn visit(
        &self,
        now: Moment,
        dice: &Dice,
        who: &Reader<'_>,
        content: Option<&Arc<Content>>,
    ) {
        let mut ledger = self.lock();
        ledger.roll(now, dice);
        let Ledger {
            open: Some(open),
            due_hours,
            due_days,
            today,
            all,
            ..
        } = &mut *ledger
        else {
            return;
        };
        // Before its key is looked for: behind a full address it would have that of the house, and count.
        if is_machine(who.agent) {
            return;
        }
        let (key, house) = open.keys(who);
        let minute = now.0.div_euclid(60_000);
        match open.people.get_mut(&key) {
            Some(seen) => {
                if seen.minute == minute {
                    seen.pages += 1;
                } else {
                    (seen.minute, seen.pages) = (minute, 1);
                }
                seen.is_machine |= seen.pages > PAGES_A_MINUTE;
                if seen.is_machine {
                    return;
                }
                seen.last_at = now.0;
            }
            None => {
                if open.people.len() >= MOST_KEYS {
                    return;
                }
                open.people.insert(
                    key,
                    Seen {
                        last_at: now.0,
                        minute,
                        pages: 1,
                        is_machine: false,
                    },
                );
                if let Some(house) = house {
                    *open.from.entry(house).or_default() += 1;
                }
                *today += 1;
                *all += 1;
                due_days.entry(open.day).or_default().visitors += 1;
            }
        }
        let Some(content) = content else {
            due_days.entry(open.day).or_default().views += 1;
            return;
        };
        let last = open.readings.insert((key, content.number), now.0);
        if let Some(at) = last
            && now.0 - at < RELOAD_MS
        {
            return;
        }
        if let Some(house) = house {
            let counted = open.counted.entry((house, content.number)).or_default();
            *counted += 1;
            if *counted > VIEWS_AN_ADDRESS {
                return;
            }
        }
        due_days.entry(open.day).or_default().views += 1;
        content.views.fetch_add(1, Ordering::Relaxed);
        let place = due_hours.entry((open.hour_at, content.number));
        let (_, tally) = place.or_insert_with(|| (content.clone(), Tally::default()));
        tally.views += 1;
        tally.visitors += i64::from(last.is_none());
    }

    /// The numbers to show. "Online" is counted at most once a second.
    pub(crate) fn figures(&self, now: Moment, dice: &Dice) -> Figures {
        let mut ledger = self.lock();
        ledger.roll(now, dice);
        if (now.0 - ledger.online_at).abs() >= 1_000 {
            let people = ledger.open.iter().flat_map(|open| open.people.values());
            let near = people.filter(|seen| !seen.is_machine && now.0 - seen.last_at < ONLINE_MS);
            ledger.online = i64::try_from(near.count()).unwrap_or(i64::MAX);
            ledger.online_at = now.0;
        }
        Figures {
            online: ledger.online,
            today: ledger.today,
            week: ledger.week_before + ledger.today,
            all: ledger.all,
        }
    }

    /// Takes what is to be written; drops yesterday's keys if the day is over.
    pub(crate) fn take(&self, now: Moment, dice: &Dice) -> Due {
        let mut ledger = self.lock();
        ledger.roll(now, dice);
        let hours = std::mem::take(&mut ledger.due_hours);
        let days = std::mem::take(&mut ledger.due_days);
        Due {
            hours: hours
                .into_iter()
                .map(|((hour, _), (content, tally))| (content, hour, tally))
                .collect(),
            days: days.into_iter().collect(),
        }
    }

    /// The write failed: keeps the sums for the next one.
    pub(crate) fn put_back(&self, due: Due) {
        let mut ledger = self.lock();
        for (content, hour, tally) in due.hours {
            let place = ledger.due_hours.entry((hour, content.number));
            place
                .or_insert_with(|| (content, Tally::default()))
                .1
                .add(tally);
        }
        for (day, tally) in due.days {
            ledger.due_days.entry(day).or_default().add(tally);
        }
    }

    /// Goes on from what the database holds, with what came in since the sums were taken. Other
    /// processes write to the same rows.
    pub(crate) fn settle(&self, written: Written, contents: &[(Arc<Content>, i64)]) {
        let mut ledger = self.lock();
        let since: i64 = ledger.due_days.values().map(|tally| tally.visitors).sum();
        let since_today = ledger
            .due_days
            .get(&written.day)
            .map_or(0, |tally| tally.visitors);
        ledger.all = written.all + since;
        let same_day = ledger
            .open
            .as_ref()
            .is_none_or(|open| open.day == written.day);
        if same_day {
            ledger.today = written.today + since_today;
            ledger.week_before = written.week_before;
        }
        for (content, kept) in contents {
            let waiting = ledger
                .due_hours
                .iter()
                .filter(|((_, number), _)| *number == content.number);
            let waiting: i64 = waiting.map(|(_, (_, tally))| tally.views).sum();
            content.views.store(kept + waiting, Ordering::Relaxed);
        }
    }
}

impl Ledger {
    /// Midnight: a new salt, no keys. A new hour: nobody has read anything yet.
    fn roll(&mut self, now: Moment, dice: &Dice) {
        let hour_at = now.0.div_euclid(HOUR_MS) * HOUR_MS;
        if let Some(open) = &mut self.open
            && open.hour_at == hour_at
        {
            return;
        }
        // A local day begins with an hour, so looking once an hour is enough.
        let day = now.day();
        match &mut self.open {
            Some(open) if open.day == day => {
                open.hour_at = hour_at;
                open.readings.clear();
                open.counted.clear();
            }
            before => {
                if let Some(old) = before.as_ref() {
                    let is_same_week = old.day.week_start() == day.week_start();
                    self.week_before = if is_same_week {
                        self.week_before + self.today
                    } else {
                        0
                    };
                    self.today = 0;
                }
                let Ok(salt) = Hmac::new_from_slice(&dice.bytes::<32>()) else {
                    return;
                };
                *before = Some(Open {
                    day,
                    salt,
                    people: HashMap::new(),
                    from: HashMap::new(),
                    hour_at,
                    readings: HashMap::new(),
                    counted: HashMap::new(),
                });
                self.online_at = i64::MIN / 2;
            }
        }
    }
}

fn key(salt: &Hmac<Sha256>, who: &Reader<'_>) -> Key {
    let mut mac = salt.clone();
    match who.member {
        Some(member) => {
            mac.update(b"member\0");
            mac.update(member.as_str().as_bytes());
        }
        None => {
            mac.update(b"passer-by\0");
            match who.address {
                IpAddr::V4(address) => mac.update(&address.octets()),
                IpAddr::V6(address) => mac.update(&address.octets()),
            }
            mac.update(who.agent.as_bytes());
        }
    }
    short(mac)
}

/// The key of an address alone. A network of version 6 gives each house some 2^64 of them.
fn address_key(salt: &Hmac<Sha256>, address: IpAddr) -> Key {
    let mut mac = salt.clone();
    mac.update(b"address\0");
    match address {
        IpAddr::V4(address) => mac.update(&address.octets()),
        IpAddr::V6(address) => mac.update(&address.octets()[..8]),
    }
    short(mac)
}

fn short(mac: Hmac<Sha256>) -> Key {
    let mut out = [0; 16];
    for (to, from) in out.iter_mut().zip(mac.finalize().into_bytes()) {
        *to = from;
    }
    out
}

/// Words in the names of programs that are not readers.
const MACHINES: [&str; 35] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "scan",
    "scrap",
    "fetch",
    "monitor",
    "uptime",
    "preview",
    "facebookexternalhit",
    "embed",
    "archive",
    "lighthouse",
    "headless",
    "phantomjs",
    "curl",
    "wget",
    "python",
    "java/",
    "go-http",
    "okhttp",
    "httpclient",
    "libwww",
    "perl",
    "ruby",
    "php",
    "axios",
    "feed",
    "rss",
    "inspectiontool",
    "externalagent",
    "mediapartners",
    "iframely",
    "vkshare",
];

/// How the names of browsers that people read with begin. A messenger that looks at a link for its
/// preview ("WhatsApp/2", "ZaloPC-win32", "Viber") names itself alone; opened inside it, the page is
/// asked for by a browser whose name begins like all others.
const BROWSERS: [&str; 3] = ["mozilla/", "opera/", "ucweb/"];

/// Whether a browser name is that of a machine. No name at all is one too.
pub(crate) fn is_machine(agent: &str) -> bool {
    // Cubot makes telephones.
    let name = agent.trim().to_ascii_lowercase().replace("cubot", "");
    let is_browser = BROWSERS.iter().any(|word| name.starts_with(word));
    !is_browser || MACHINES.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

    struct Story {
        counters: Counters,
        dice: Dice,
        now: Moment,
        article: Arc<Content>,
    }
    impl Story {
        fn begin(day: &str) -> Story {
            let counters = Counters::default();
            let article = counters.content("a1", 10);
            let now = day.parse::<Day>().unwrap().at(9, 0);
            Story {
                counters,
                dice: Dice::seeded(1),
                now,
                article,
            }
        }
        fn reads(&self, last: u8, agent: &str) {
            let who = Reader {
                member: None,
                address: IpAddr::from([10, 0, 0, last]),
                agent,
            };
            self.counters
                .visit(self.now, &self.dice, &who, Some(&self.article));
        }
        fn later(&mut self, ms: i64) {
            self.now = self.now.plus_ms(ms);
        }
        fn figures(&self) -> Figures {
            self.counters.figures(self.now, &self.dice)
        }
    }

    #[test]
    fn a_reload_is_not_a_second_view_and_a_person_counts_once_a_day() {
        let mut story = Story::begin("2026-11-23");
        story.reads(1, FIREFOX);
        story.later(10_000);
        story.reads(1, FIREFOX);
        assert_eq!(story.article.views(), 11);
        story.later(RELOAD_MS);
        story.reads(1, FIREFOX);
        story.reads(2, FIREFOX);
        assert_eq!(story.article.views(), 13);
        assert_eq!(
            story.figures(),
            Figures {
                online: 2,
                today: 2,
                week: 2,
                all: 2
            }
        );
        let due = story.counters.take(story.now, &story.dice);
        assert_eq!(
            due.hours[0].2,
            Tally {
                views: 3,
                visitors: 2
            }
        );
        assert_eq!(
            due.days,
            [(
                story.now.day(),
                Tally {
                    views: 3,
                    visitors: 2
                }
            )]
        );
    }
    #[test]
    fn online_means_five_minutes() {
        let mut story = Story::begin("2026-11-23");
        story.reads(1, FIREFOX);
        story.later(ONLINE_MS - 1);
        assert_eq!(story.figures().online, 1);
        story.later(1_000);
        assert_eq!(story.figures().online, 0);
        assert_eq!(story.figures().today, 1);
    }
    #[test]
    fn midnight_drops_the_keys_and_the_week_adds_up_days() {
        let mut story = Story::begin("2026-11-28");
        story.reads(1, FIREFOX);
        story.later(24 * HOUR_MS);
        assert_eq!(
            story.figures(),
            Figures {
                online: 0,
                today: 0,
                week: 1,
                all: 1
            }
        );
        story.reads(1, FIREFOX);
        story.later(2_000);
        assert_eq!(
            story.figures(),
            Figures {
                online: 1,
                today: 1,
                week: 2,
                all: 2
            }
        );
        // Sunday is over: a new week.
        story.later(24 * HOUR_MS);
        assert_eq!(
            story.figures(),
            Figures {
                online: 0,
                today: 0,
                week: 0,
                all: 2
            }
        );
    }
    #[test]
    fn the_same_person_has_another_key_on_another_day() {
        let mut story = Story::begin("2026-11-23");
        let keys = |story: &Story| -> Vec<Key> {
            let ledger = story.counters.lock();
            ledger
                .open
                .iter()
                .flat_map(|open| open.people.keys().copied())
                .collect()
        };
        story.reads(1, FIREFOX);
        let monday = keys(&story);
        story.later(24 * HOUR_MS);
        story.reads(1, FIREFOX);
        assert_eq!(keys(&story).len(), 1);
        assert_ne!(keys(&story), monday);
    }
    #[test]
    fn machines_are_passed_over() {
        let story = Story::begin("2026-11-23");
        for agent in [
            "",
            "Googlebot/2.1",
            "curl/8.0",
            "python-requests/2",
            "HeadlessChrome",
            "Zalo-Preview",
            "ZaloPC-win32-24v478",
            "Zalo android/22083437",
            "WhatsApp/2.23.20.0",
            "Viber/21",
            "TelegramBot (like TwitterBot)",
            "Mozilla/5.0 (compatible; Google-InspectionTool/1.0)",
        ] {
            story.reads(1, agent);
        }
        assert_eq!(story.figures().today, 0);
        for (nth, agent) in [
            "Mozilla/5.0 (Linux; Android 13; CUBOT P80) Chrome/120",
            "Mozilla/5.0 (Linux; Android 10) Chrome/120 Mobile Safari/537.36 Zalo android/22083437",
            "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1) Presto/2.8",
        ]
        .into_iter()
        .enumerate()
        {
            story.reads(1, agent);
            assert_eq!(story.figures().today, nth as i64 + 1, "{agent}");
        }
    }
    #[test]
    fn one_address_with_made_up_browsers_does_not_count_for_ever() {
        let mut story = Story::begin("2026-11-23");
        for nth in 0..2_000 {
            story.reads(1, &format!("Mozilla/5.0 made-up/{nth}"));
        }
        let most = i64::from(PEOPLE_AN_ADDRESS) + 1;
        assert_eq!(story.figures().today, most);
        assert_eq!(story.article.views() - 10, i64::from(VIEWS_AN_ADDRESS));
        // Who was there before is still known, and another address is another house.
        story.later(HOUR_MS);
        story.reads(1, "Mozilla/5.0 made-up/3");
        story.reads(2, FIREFOX);
        assert_eq!(story.figures().today, most + 1);
        assert_eq!(story.article.views() - 10, i64::from(VIEWS_AN_ADDRESS) + 2);
    }
    #[test]
    fn behind_a_full_address_machines_are_passed_over_too() {
        let mut story = Story::begin("2026-11-23");
        for nth in 0..=PEOPLE_AN_ADDRESS {
            story.reads(1, &format!("Mozilla/5.0 made-up/{nth}"));
        }
        story.later(HOUR_MS);
        let (visitors, views) = (story.figures().today, story.article.views());
        story.reads(1, "Googlebot/2.1");
        assert_eq!(story.figures().today, visitors);
        assert_eq!(story.article.views(), views);
    }
    #[test]
    fn a_network_of_version_six_is_one_address() {
        let story = Story::begin("2026-11-23");
        for nth in 0..500_u16 {
            let who = Reader {
                member: None,
                address: IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, nth]),
                agent: FIREFOX,
            };
            story
                .counters
                .visit(story.now, &story.dice, &who, Some(&story.article));
        }
        assert_eq!(story.figures().today, i64::from(PEOPLE_AN_ADDRESS) + 1);
    }
    #[test]
    fn whoever_opens_more_than_sixty_pages_a_minute_is_a_machine() {
        let mut story = Story::begin("2026-11-23");
        for _ in 0..61 {
            story.reads(1, FIREFOX);
        }
        assert_eq!(story.figures().online, 0);
        story.later(HOUR_MS);
        story.reads(1, FIREFOX);
        assert_eq!(story.article.views(), 11);
    }
    #[test]
    fn a_failed_write_loses_nothing_and_the_numbers_go_on_from_the_database() {
        let mut story = Story::begin("2026-11-23");
        story.reads(1, FIREFOX);
        let due = story.counters.take(story.now, &story.dice);
        story.reads(2, FIREFOX);
        story.counters.put_back(due);
        let due = story.counters.take(story.now, &story.dice);
        assert_eq!(
            due.days,
            [(
                story.now.day(),
                Tally {
                    views: 2,
                    visitors: 2
                }
            )]
        );
        story.reads(3, FIREFOX);
        let written = Written {
            day: story.now.day(),
            today: 7,
            week_before: 20,
            all: 100,
        };
        story
            .counters
            .settle(written, &[(story.article.clone(), 50)]);
        story.later(2_000);
        assert_eq!(
            story.figures(),
            Figures {
                online: 3,
                today: 8,
                week: 28,
                all: 101
            }
        );
        assert_eq!(story.article.views(), 51);
    }
}
