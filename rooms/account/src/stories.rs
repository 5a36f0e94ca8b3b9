//! What the tests of this room share: a phone with cookies behind the real doorman.

use crate::Doorman;
use crate::account::{self, Issued};
use kernel::MemberId;
use site::May as _;
use std::sync::{Arc, Mutex, RwLock};
use testkit::{Character, HOA, LAN, Reply, TestApp};
use web::{Access, Edge, Routes};

/// The same app with the doorman of this room in front; `x-forwarded-for` tells the address.
pub(crate) async fn with_doorman(app: TestApp) -> TestApp {
    with_doorman_and(app, Routes::new()).await
}

/// The same with some more routes.
pub(crate) async fn with_doorman_and(mut app: TestApp, more: Routes<site::Site>) -> TestApp {
    let doorman = Doorman::new(app.site.db.clone(), app.site.clock.clone());
    doorman.attach(app.site.clone());
    let edge = Arc::new(Edge {
        texts: app.site.edge.texts.clone(),
        doorman,
        clock: app.site.clock.clone(),
        dice: app.site.dice.clone(),
        secret: [7; 32],
        secrets_before: Arc::default(),
        https: false,
        public_url: web::PublicUrl::default(),
        behind_proxy: true,
        places: app.site.edge.places.clone(),
        org: RwLock::default(),
        refused: Default::default(),
        disk: Default::default(),
        lost: Default::default(),
    });
    let routes = crate::room().routes.and(api().routes).and(more);
    app.known = routes.known().to_vec();
    app.router = routes
        .into_parts()
        .0
        .fallback(async || web::Fail(kernel::Error::NotFound))
        .with_state(app.site.clone())
        .layer(axum::middleware::from_fn_with_state(edge, web::edge::wrap));
    app
}

/// Two routes of an API, to try tokens on.
pub(crate) fn api() -> site::Room {
    const TEXTS: &str = "try-me = Hồ sơ của tôi\ntry-search = Tìm kiếm";
    let mut room = site::Room::new("try", TEXTS, TEXTS);
    room.scopes = [("me", "try-me"), ("search", "try-search")]
        .map(|(name, text)| site::room::TokenScope { name, text })
        .to_vec();
    room.routes = Routes::new()
        .get("/api/v1/try-search", Access::Token("search"), async || "{}")
        .get("/api/v1/try-units", Access::Token("units"), async || "{}");
    room
}

/// This room and that one.
pub(crate) fn rooms() -> Vec<site::Room> {
    vec![crate::room(), api()]
}

/// A password that the estimator takes.
pub(crate) fn password_of(who: Character) -> String {
    format!("gà trống gáy sớm bên sông Cầu {}", who.id.len())
}

/// Gives the character an account with [`password_of`].
pub(crate) async fn good(app: &TestApp, who: Character, login: &str) {
    let member: MemberId = who.id.parse().unwrap();
    let by = site::Operator::at("test");
    crate::set_password(&app.site, &by, &member, login, &password_of(who))
        .await
        .unwrap();
}

/// Gives the character a slip, as Lan would.
pub(crate) async fn slip_for(app: &TestApp, who: Character) -> Issued {
    slip_by(app, Some(LAN), who).await
}

/// Gives the character a slip, as somebody else would, or the operator.
pub(crate) async fn slip_by(app: &TestApp, giver: Option<Character>, who: Character) -> Issued {
    match giver {
        Some(giver) => slip_in(may_give(app, giver, who).await, app, who).await,
        None => slip_in(site::Operator::at("test"), app, who).await,
    }
}

async fn may_give(app: &TestApp, giver: Character, who: Character) -> crate::access::CanIssue {
    let (now, today) = (app.site.clock.now(), app.today());
    let member: MemberId = who.id.parse().unwrap();
    let person = crate::store::find_person(&app.site.db, &member, today, now).await;
    let unit = kernel::UnitRef {
        id: who.unit.parse().unwrap(),
        path: testkit::path_of(who.unit),
    };
    let person = person.unwrap().unwrap();
    let mut giver = app.signed_in(giver);
    // With the posts that the story gave them.
    giver.actor = people::actor::load(&app.site, &giver.actor.member)
        .await
        .unwrap();
    crate::access::proof(&giver, &person, &unit, today).unwrap()
}

async fn slip_in<P: crate::access::Keeps>(proof: P, app: &TestApp, who: Character) -> Issued {
    let member: MemberId = who.id.parse().unwrap();
    let mut act = proof
        .begin(&app.site, "test", "account.slip")
        .await
        .unwrap();
    let account = account::ensure(&mut act, &member, who.name, "")
        .await
        .unwrap();
    let issued = account::issue(&mut act, &account).await.unwrap();
    act.end().await.unwrap();
    issued
}

/// Waits for what happens beside a request; fails after two seconds.
pub(crate) async fn until(good: impl AsyncFn() -> bool) {
    for _ in 0..200 {
        if good().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("it never happened");
}

/// A browser that keeps its cookies.
pub(crate) struct Phone<'a> {
    app: &'a TestApp,
    address: String,
    agent: String,
    jar: Mutex<Vec<(String, String)>>,
    csrf: Mutex<String>,
}

impl<'a> Phone<'a> {
    pub(crate) fn new(app: &'a TestApp) -> Self {
        Self::at(app, "192.0.2.200")
    }
    pub(crate) fn at(app: &'a TestApp, address: &str) -> Self {
        Phone {
            app,
            address: address.to_owned(),
            agent: String::new(),
            jar: Mutex::default(),
            csrf: Mutex::default(),
        }
    }
    pub(crate) fn agent(mut self, agent: &str) -> Self {
        self.agent = agent.to_owned();
        self
    }
    /// Another browser with a copy of the cookies.
    pub(crate) fn copy(&self) -> Self {
        let copy = Phone::at(self.app, &self.address);
        *copy.jar.lock().unwrap() = self.jar.lock().unwrap().clone();
        copy
    }
    /// The same with the page that is open in it.
    pub(crate) fn copy_with_page(&self) -> Self {
        let copy = self.copy();
        *copy.csrf.lock().unwrap() = self.csrf.lock().unwrap().clone();
        copy
    }
    /// Takes over the cookies of another; the page that is open stays.
    pub(crate) fn signed_in_like(&self, other: &Phone<'_>) {
        let jar = other.jar.lock().unwrap().clone();
        *self.jar.lock().unwrap() = jar;
    }
    pub(crate) fn forgets(&self, cookie: &str) {
        self.jar.lock().unwrap().retain(|(name, _)| name != cookie);
    }
    /// What this browser holds of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let jar = self.jar.lock().unwrap();
        let held = jar.iter().find(|(held, _)| held == name);
        held.map(|(_, value)| value.clone())
    }
    pub(crate) fn forgets_session(&self) {
        self.jar
            .lock()
            .unwrap()
            .retain(|(name, _)| name != "sotay_session");
        self.csrf.lock().unwrap().clear();
    }
    fn browser(&self) -> testkit::Browser<'a> {
        let cookies: Vec<String> = self
            .jar
            .lock()
            .unwrap()
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        self.app
            .stranger()
            .header("cookie", &cookies.join("; "))
            .header("x-forwarded-for", &self.address)
            .header("user-agent", &self.agent)
    }
    fn keeps(&self, reply: Reply) -> Reply {
        let mut jar = self.jar.lock().unwrap();
        for cookie in reply.headers.get_all("set-cookie") {
            let text = cookie.to_str().unwrap();
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            jar.retain(|(held, _)| held != name);
            if !text.contains("Max-Age=0") {
                jar.push((name.to_owned(), value.to_owned()));
            }
        }
        if let Some(token) = reply.attributes("input[name=csrf]", "value").pop() {
            *self.csrf.lock().unwrap() = token;
        }
        reply
    }
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.keeps(self.browser().get(path).await)
    }
    /// What an open page asks for by itself.
    pub(crate) async fn asks_aside(&self, path: &str) -> Reply {
        let browser = self.browser().header("x-fragment", "1");
        self.keeps(browser.get(path).await)
    }
    /// Sends a form with the token of the page seen last.
    pub(crate) async fn posts(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        if self.csrf.lock().unwrap().is_empty() {
            self.get("/sign-in").await;
        }
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", &self.csrf.lock().unwrap());
        body.extend_pairs(fields);
        self.keeps(
            self.browser()
                .post_raw(path, body.finish().into_bytes())
                .await,
        )
    }
    /// Sends a whole form as a browser does that goes to the answer.
    pub(crate) async fn posts_and_goes(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", &self.csrf.lock().unwrap());
        body.extend_pairs(fields);
        let browser = self.browser().header("sec-fetch-mode", "navigate");
        self.keeps(browser.post_raw(path, body.finish().into_bytes()).await)
    }
    /// Opens a page, then sends a form from it.
    pub(crate) async fn posts_from(
        &self,
        page: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Reply {
        self.get(page).await;
        self.posts(path, fields).await
    }
    /// Sends a form as a browser does: it says from which page.
    pub(crate) async fn posts_at(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", &self.csrf.lock().unwrap());
        body.extend_pairs(fields);
        let browser = (self.browser())
            .header("host", "sotay.test")
            .header("referer", &format!("http://sotay.test{page}"));
        self.keeps(browser.post_raw(path, body.finish().into_bytes()).await)
    }
    /// Sends a form of the page that is open, from a browser whose cookies are gone.
    pub(crate) async fn posts_without_cookies(&self, page: &str, fields: &[(&str, &str)]) -> Reply {
        self.jar.lock().unwrap().clear();
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", &self.csrf.lock().unwrap());
        body.extend_pairs(fields);
        let browser = (self.browser())
            .header("host", "sotay.test")
            .header("origin", "http://sotay.test")
            .header("referer", &format!("http://sotay.test{page}"));
        self.keeps(browser.post_raw(page, body.finish().into_bytes()).await)
    }
    pub(crate) async fn posts_forged(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.browser().post_forged(path, fields).await
    }
    pub(crate) async fn signs_in_as(&self, login: &str, password: &str) -> Reply {
        self.posts("/sign-in", &[("login", login), ("password", password)])
            .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_administrator_sets_a_password_and_may_give_slips_to_all() {
    testkit::on_both(
        || vec![crate::room()],
        async |app| {
            let app = with_doorman(app).await;
            let again = crate::init_administrator(&app.site, "Vũ Văn Đầu", "Đảng bộ Mới").await;
            assert_eq!(again.unwrap(), None, "there is a house already");
            let by = site::Operator::at("init");
            let mut act = by.begin(&app.site, "init", "account.init").await.unwrap();
            let root = "bloc".parse().unwrap();
            let issued = crate::account::first_administrator(&mut act, &root, "Vũ Văn Đầu")
                .await
                .unwrap();
            act.end().await.unwrap();
            assert!(issued.login.starts_with("dau"), "{}", issued.login);
            let phone = Phone::new(&app);
            let to = format!("/activate/{}", issued.code);
            phone.get(&to).await.expects(200);
            phone
                .posts(&to, &[("password", "con mèo vàng ngủ trên mái bếp")])
                .await
                .expects(303);
            let page = phone.get("/me/sessions").await.expects(200);
            assert!(page.text(".who").contains("Vũ Văn Đầu"));
            for member in ["lan", "binh"] {
                phone
                    .posts_from("/me/sessions", &format!("/members/{member}/slips"), &[])
                    .await
                    .expects(200);
            }
            assert_eq!(
                app.count("select count(*) from people_unit where parent_id is null")
                    .await,
                1
            );
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_and_a_left_form_of_before_the_key_was_changed_are_found() {
    use web::Doorman as _;
    testkit::on_both(
        || vec![crate::room()],
        async |app| {
            let before = site::Keys::new(testkit::BEFORE);
            let by = site::Operator::at("test");
            let mut act = by.begin(&app.site, "test", "account.init").await.unwrap();
            let root = "bloc".parse().unwrap();
            let issued = crate::account::first_administrator(&mut act, &root, "Vũ Văn Đầu")
                .await
                .unwrap();
            let hash = crate::slip::hash(&before, &issued.code);
            let text = "update account_slip set code_hash = $1";
            db::sql(text).bind(hash).run(act.on()).await.unwrap();
            act.end().await.unwrap();
            let phone = Phone::new(&app);
            let to = format!("/activate/{}", issued.code);
            phone.get(&to).await.expects(200);

            let account: (String,) = db::sql("select id from account_account")
                .one(app.site.db.read())
                .await
                .unwrap();
            let account = account.0.parse().unwrap();
            let by = web::visitor::LeftBy {
                account: &account,
                browser: "b",
            };
            let form = |says: &str| web::left::LeftForm {
                page: "/p".into(),
                action: "/a".into(),
                pairs: vec![("note".into(), says.into())],
                is_short: false,
            };
            let doorman = crate::Doorman::new(app.site.db.clone(), app.site.clock.clone());
            doorman.attach(app.site.clone());
            assert!(doorman.keep(by, &form("typed")).await.unwrap());
            let mut act = app.act().await;
            db::sql("update account_left set browser = $1, page = $2, action = $3")
                .bind(before.mac("account_left.browser", "b"))
                .bind(before.mac("account_left.address", "/p"))
                .bind(before.mac("account_left.address", "/a"))
                .run(act.on())
                .await
                .unwrap();
            act.end().await.unwrap();
            assert_eq!(doorman.kept(by, "/p").await.unwrap(), [form("typed")]);
            // Left once more since: the newer one is given back, and both are gone with it.
            assert!(doorman.keep(by, &form("newer")).await.unwrap());
            assert_eq!(doorman.kept(by, "/p").await.unwrap(), [form("newer")]);
            assert_eq!(doorman.forget(by, "/p", Some("/a")).await.unwrap(), 0);
            assert_eq!(app.count("select count(*) from account_left").await, 0);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_accounts_with_one_ready_hash_sign_in() {
    testkit::on_both(
        || vec![crate::room()],
        async |app| {
            let app = with_doorman(app).await;
            let hash = crate::password::hash_here("một mật khẩu chung", &app.site.dice).unwrap();
            let accounts: Vec<crate::NewAccount> = testkit::ALL
                .iter()
                .map(|who| crate::NewAccount {
                    member: who.id.parse().unwrap(),
                    login: who.id.to_owned(),
                    password_hash: hash.clone(),
                })
                .collect();
            let by = site::Operator::at("test");
            let mut act = by.begin(&app.site, "test", "account.add").await.unwrap();
            assert_eq!(crate::add_accounts(&mut act, &accounts).await.unwrap(), 6);
            assert_eq!(crate::add_accounts(&mut act, &accounts).await.unwrap(), 0);
            act.end().await.unwrap();
            Phone::new(&app)
                .signs_in_as("THU", "một mật khẩu chung")
                .await
                .expects(303);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tidying_forgets_old_failures_and_long_ended_sessions() {
    testkit::on_both(
        || vec![crate::room()],
        async |app| {
            let app = with_doorman(app).await;
            good(&app, testkit::HOA, "hoa").await;
            Phone::new(&app)
                .signs_in_as("hoa", &password_of(testkit::HOA))
                .await
                .expects(303);
            Phone::new(&app).signs_in_as("hoa", "x").await.expects(422);
            crate::tidy(&app.site).await.unwrap();
            assert_eq!(app.count("select count(*) from account_failure").await, 3);
            app.later(crate::delay::FORGET_MS + 1);
            crate::tidy(&app.site).await.unwrap();
            assert_eq!(app.count("select count(*) from account_failure").await, 0);
            assert_eq!(app.count("select count(*) from account_session").await, 1);
            app.later(2 * crate::session::LASTS_MS);
            crate::tidy(&app.site).await.unwrap();
            assert_eq!(app.count("select count(*) from account_session").await, 0);
        },
    )
    .await;
}

/// Warnings of the whole test process, to be searched by an address that only one test uses.
struct Warnings;

static WARNED: Mutex<String> = Mutex::new(String::new());

impl tracing::field::Visit for Warnings {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        use std::fmt::Write as _;
        write!(WARNED.lock().unwrap(), "{}={value:?} ", field.name()).unwrap();
    }
}

impl tracing::Subscriber for Warnings {
    fn enabled(&self, about: &tracing::Metadata<'_>) -> bool {
        *about.level() <= tracing::Level::WARN
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut Warnings);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_who_came_and_went_and_the_address_stands_only_with_the_operator() {
    // Another test of this process may have set it; only the first counts.
    let _ = tracing::subscriber::set_global_default(Warnings);
    testkit::on_both(rooms, async |app| {
        let app = with_doorman(app).await;
        good(&app, HOA, "hoa").await;
        let address = "203.0.113.77";
        let phone = Phone::at(&app, address);
        phone.signs_in_as("hoa", "sai mật khẩu").await.expects(422);
        phone.signs_in_as("khong-co-ai", "x").await.expects(422);
        phone.get("/activate/3333-4444-6666").await.expects(404);
        phone
            .signs_in_as("hoa", &password_of(HOA))
            .await
            .expects(303);
        for _ in 0..3 {
            phone.get("/units/cell-b/slips").await.expects(404);
        }
        phone
            .posts_from("/me/sessions", "/sign-out", &[])
            .await
            .expects(303);
        let lines: Vec<(String, String, String)> = db::sql(
            "select action, actor_id, about_member_id from audit_event \
             where action <> 'account.set_password' order by at, id",
        )
        .all(app.site.db.read())
        .await
        .unwrap();
        let lines: Vec<String> = (lines.iter())
            .map(|(action, actor, about)| format!("{action} {actor} {about}"))
            .collect();
        for wanted in [
            "account.sign_in_failed  hoa",
            "account.sign_in_failed  ",
            "account.sign_in hoa hoa",
            "access.denied hoa ",
            "account.sign_out hoa hoa",
        ] {
            let count = lines.iter().filter(|line| *line == wanted).count();
            assert_eq!(count, 1, "{wanted}: {lines:?}");
        }
        let told = WARNED.lock().unwrap().clone();
        let line = format!("message=sign-in failed client.address={address} ");
        assert!(told.matches(&line).count() >= 3, "{told}");
        for table in db::tables(&app.site.db).await.unwrap() {
            let mut moment = db::Snapshot::take(&app.site.db).await.unwrap();
            let mut text = String::new();
            let read = moment.rows(&table, |row| {
                text.push_str(&format!("{row:?}"));
                Ok(())
            });
            read.await.unwrap();
            for secret in [address, "sai mật khẩu", "khong-co-ai"] {
                assert!(!text.contains(secret), "{secret} in {}", table.name);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_the_log_cannot_be_changed_or_removed() {
    testkit::on_both(rooms, async |app| {
        let app = with_doorman(app).await;
        good(&app, HOA, "hoa").await;
        app.sets(
            "insert into audit_access (actor_id, about_member_id, hour_at, level, purpose, reads) \
             values ('lan', 'hoa', 1, 'V2', '', 1)",
        )
        .await;
        app.sets("update audit_access set reads = reads + 1").await;
        for change in [
            "update audit_event set actor_id = 'x'",
            "delete from audit_event",
            "update audit_access set actor_id = 'x'",
            "update audit_access set reads = 0",
            "delete from audit_access",
        ] {
            let mut act = app.act().await;
            let done = db::sql(change).run(act.on()).await;
            assert!(done.is_err(), "{change}");
        }
        assert!(app.count("select count(*) from audit_event").await > 0);
        let looks = "select count(*) from audit_access where reads = 2";
        assert_eq!(app.count(looks).await, 1);
    })
    .await;
}

/// Keys used in source and templates are exactly the keys defined, in both languages.
#[test]
fn texts_used_and_texts_defined_are_the_same() {
    use std::collections::BTreeSet;
    fn keys_in(text: &str, keys: &mut BTreeSet<String>) {
        for part in text
            .split('"')
            .filter(|part| part.len() > 8 && part.starts_with("account-"))
        {
            if part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            {
                keys.insert(part.to_owned());
            }
        }
    }
    fn walk(folder: &std::path::Path, keys: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, keys);
            } else {
                keys_in(&std::fs::read_to_string(path).unwrap(), keys);
            }
        }
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut used = BTreeSet::new();
    walk(&root.join("src"), &mut used);
    walk(&root.join("templates"), &mut used);
    let defined = |text: &str| -> BTreeSet<String> {
        text.lines()
            .filter_map(|line| line.split_once(" = "))
            .map(|(key, _)| key.to_owned())
            // Words of the log (`did-…`) have a test of their own.
            .filter(|key| key.starts_with("account-"))
            .collect()
    };
    assert_eq!(used, defined(include_str!("../text/vi.ftl")));
    assert_eq!(used, defined(include_str!("../text/en.ftl")));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_says_how_much_is_unread_to_whom_it_was_told() {
    let with_bell = || {
        let mut telling = site::Room::new("telling", "telling-place = Tin", "telling-place = News");
        telling.places = vec![web::Place::tool("/telling", "bell", "telling-place", 1).counts()];
        let mut all = crate::stories::rooms();
        all.push(telling);
        all
    };
    testkit::on_both(with_bell, async |app| {
        let app = with_doorman(app).await;
        for who in [HOA, LAN] {
            good(&app, who, who.id).await;
        }
        let soon = app.site.clock.now().plus_ms(3_600_000);
        let mut act = site::Program::part("test")
            .begin_unlogged(&app.site, "test", "test")
            .await
            .unwrap();
        for once in ["one", "two"] {
            let new = notices::New::of("telling.x", once, "telling-place", "/telling", soon);
            act.notify(new.to([HOA.id.parse().unwrap()]));
        }
        act.end().await.unwrap();
        let counts = async |who: Character| {
            let phone = Phone::new(&app);
            phone
                .signs_in_as(who.id, &password_of(who))
                .await
                .expects(303);
            phone
                .get("/me/sessions")
                .await
                .expects(200)
                .all(".top .dot")
        };
        assert_eq!(counts(HOA).await, ["chưa đọc 2"]);
        assert!(counts(LAN).await.is_empty());
        app.later(3_600_001);
        assert!(counts(HOA).await.is_empty(), "what is past does not count");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_a_member_no_more_is_signed_out_and_cannot_come_back() {
    testkit::on_both(rooms, async |app| {
        let app = with_doorman(app).await;
        good(&app, HOA, "hoa").await;
        for status in people::fact::Status::ALL.iter().copied() {
            app.has_status(HOA, "full").await;
            let phone = Phone::new(&app);
            phone
                .signs_in_as("hoa", &password_of(HOA))
                .await
                .expects(303);
            app.has_status(HOA, status.word()).await;
            let reply = phone.get("/me/sessions").await;
            let expected = if status.is_gone() { 303 } else { 200 };
            assert_eq!(reply.status.as_u16(), expected, "{status}");
            if status.is_gone() {
                app.later(600_000);
                let again = Phone::new(&app);
                again
                    .signs_in_as("hoa", &password_of(HOA))
                    .await
                    .expects(422);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_left_keeps_no_session_and_signs_in_again_when_that_is_taken_back() {
    testkit::on_both(rooms, async |app| {
        let app = with_doorman(app).await;
        good(&app, HOA, "hoa").await;
        let phone = Phone::new(&app);
        phone
            .signs_in_as("hoa", &password_of(HOA))
            .await
            .expects(303);
        crate::account::close_left(&app.site, "hoa").await.unwrap();
        phone.get("/me/sessions").await.expects(200); // they had not left
        app.has_status(HOA, "deceased").await;
        phone.get("/me/sessions").await.expects(303);
        for _ in 0..2 {
            crate::account::close_left(&app.site, "hoa").await.unwrap();
        }
        let open = "select count(*) from account_session s join account_account a on a.id = s.account_id \
            where a.member_id = 'hoa' and s.ended_at is null";
        assert_eq!(app.count(open).await, 0, "it does not live again later");
        let logged = "select count(*) from audit_event where action = 'account.close' and about_member_id = 'hoa'";
        assert_eq!(app.count(logged).await, 2);
        app.has_status(HOA, "full").await;
        phone.get("/me/sessions").await.expects(303);
        app.later(600_000);
        let again = Phone::new(&app);
        again
            .signs_in_as("hoa", &password_of(HOA))
            .await
            .expects(303);
    })
    .await;
}
