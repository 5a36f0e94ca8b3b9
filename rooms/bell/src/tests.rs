//! What a member sees of what they are told, on both databases.

use kernel::MemberId;
use notices::New;
use site::room::{NoticeKind, Room};
use site::{May as _, Program};
use testkit::{HOA, LAN, TestApp, on_both};

fn rooms() -> Vec<Room> {
    let mut telling = Room::new(
        "telling",
        "telling-kind = Việc thử\ntelling-text = Có việc {$what}\ntelling-hour = Họp lúc { $hour }",
        "telling-kind = A trial\ntelling-text = There is {$what}\ntelling-hour = At { $hour }",
    );
    telling.notices = vec![NoticeKind {
        kind: "telling.trial",
        text: "telling-kind",
    }];
    vec![people::room(), crate::room(), telling]
}

async fn tells(app: &TestApp, once: &str, what: &str) {
    let mut act = Program::part("test")
        .begin_unlogged(&app.site, "test", "test.tell")
        .await
        .unwrap();
    let expires = app.site.clock.now().plus_ms(86_400_000);
    let hoa: MemberId = "hoa".parse().unwrap();
    let new = New::of(
        "telling.trial",
        once,
        "telling-text",
        "/units/cell-a",
        expires,
    );
    act.notify(new.arg("what", what).to([hoa]));
    act.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_are_said_as_on_every_page() {
    on_both(rooms, async |app| {
        let mut act = app.act().await;
        let hoa: MemberId = "hoa".parse().unwrap();
        for (once, hour) in [("one", "19:30"), ("two", "tối")] {
            let until = app.site.clock.now().plus_ms(86_400_000);
            let new = New::of(
                "telling.trial",
                once,
                "telling-hour",
                "/units/cell-a",
                until,
            );
            act.notify(new.arg("hour", hour).to([hoa.clone()]));
        }
        act.end().await.unwrap();
        let page = app.as_(HOA).get("/notices").await.expects(200);
        let mut said = page.all("#notices a");
        said.sort();
        assert_eq!(said, ["Họp lúc 19 giờ 30 phút", "Họp lúc tối"]);
    })
    .await;
}

async fn id(app: &TestApp) -> String {
    let row: (String,) = db::sql("select id from notices_notice order by id desc limit 1")
        .one(app.site.db.read())
        .await
        .unwrap();
    row.0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_read_by_its_member_alone() {
    on_both(rooms, async |app| {
        tells(&app, "one", "sửa mái").await;
        tells(&app, "one", "sửa mái").await;
        tells(&app, "two", "<b>&").await;
        let page = app.as_(HOA).get("/notices").await.expects(200);
        assert_eq!(page.all("#notices a"), ["Có việc <b>&", "Có việc sửa mái"]);
        assert_eq!(page.all("#notices .state").len(), 2);
        let to = format!("/notices/{}", id(&app).await);
        app.as_(LAN).get(&to).await.expects(404);
        app.stranger().get(&to).await.expects(303);
        let lan = app.as_(LAN).get("/notices").await.expects(200);
        assert!(!lan.has("#notices"));
        for _ in 0..2 {
            let reply = app.as_(HOA).get(&to).await.expects(303);
            assert_eq!(reply.location(), "/units/cell-a");
        }
        let page = app.as_(HOA).get("/notices").await.expects(200);
        assert_eq!(page.all("#notices .state").len(), 1);
        assert_eq!(
            app.count("select count(*) from audit_event").await,
            0,
            "nobody logs reading"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_was_seen_is_marked_and_what_came_meanwhile_is_not() {
    on_both(rooms, async |app| {
        tells(&app, "one", "một").await;
        let page = app.as_(HOA).get("/notices").await.expects(200);
        let newest = page.attributes("[name=newest]", "value").remove(0);
        app.later(1_000);
        tells(&app, "two", "hai").await;
        app.as_(HOA)
            .post("/notices/read", &[("newest", &newest)])
            .await
            .expects(303);
        let unread = "select count(*) from notices_notice where read_at = 0";
        assert_eq!(app.count(unread).await, 1);
        let newest = id(&app).await;
        app.as_(LAN)
            .post("/notices/read", &[("newest", &newest)])
            .await
            .expects(303);
        assert_eq!(app.count(unread).await, 1, "another marks nothing of mine");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_chooses_kinds_hours_and_the_address_of_the_record() {
    testkit::on_both_at("https://sotay.example", rooms, async |app| {
        let page = app.as_(HOA).get("/notices/settings").await.expects(200);
        assert!(!page.has("#f-email"), "the record has no address");
        assert!(!page.has(".note[data-is=info]"));
        assert!(
            !page.has("[value^=email]"),
            "no mail goes out, so none is offered"
        );
        app.has_email(HOA, "hoa@khoi.example").await;
        let good = [
            ("want", "push telling.trial"),
            ("want", "push not.a.kind"),
            ("email", "yes"),
            ("from", "22h"),
            ("to", "6:30"),
        ];
        let hoa = app.as_(HOA);
        let (one, two) = tokio::join!(
            hoa.post("/notices/settings", &good),
            hoa.post("/notices/settings", &good)
        );
        one.expects(303);
        two.expects(303);
        let page = hoa.get("/notices/settings").await.expects(200);
        assert_eq!(page.attributes("#f-from", "value"), ["22:00"]);
        assert_eq!(
            page.attributes("[name=want][checked]", "value"),
            ["push telling.trial"]
        );
        assert!(page.has("#f-email[checked]"));
        let wishes = "select count(*) from notices_preference where member_id = 'hoa' and kind = 'telling.trial'";
        assert_eq!(app.count(wishes).await, 1);
        let clear = "select count(*) from notices_endpoint where address_sealed like '%hoa@%'";
        assert_eq!(app.count(clear).await, 0, "the address is sealed");
        let odd = [("from", "25:00"), ("to", "06:00"), ("email", "yes")];
        let page = hoa.post("/notices/settings", &odd).await.expects(422);
        assert_eq!(page.attributes("#f-from", "value"), ["25:00"]);
        let off = [("from", "21:00"), ("to", "07:00")];
        hoa.post("/notices/settings", &off).await.expects(303);
        assert_eq!(app.count("select count(*) from notices_endpoint").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_way_out_nothing_is_lost() {
    on_both(rooms, async |app| {
        app.has_email(HOA, "hoa@khoi.example").await;
        let on = [
            ("want", "email telling.trial"),
            ("email", "yes"),
            ("from", "21:00"),
            ("to", "07:00"),
        ];
        app.as_(HOA)
            .post("/notices/settings", &on)
            .await
            .expects(303);
        tells(&app, "one", "họp").await;
        app.works().await;
        let waits = "select count(*) from notices_out where state = 'waiting'";
        assert_eq!(app.count(waits).await, 1);
        assert!(
            app.as_(HOA)
                .get("/notices")
                .await
                .expects(200)
                .has("#notices")
        );
        let page = app.as_(HOA).get("/notices/settings").await.expects(200);
        assert!(
            page.has(".note[data-is=info]"),
            "nothing goes out here, and it is said"
        );
        assert!(!page.has("[name=want]"));
        // No secure address of our own, so no device can be added.
        let device = [
            ("endpoint", "https://push.example/x"),
            ("p256dh", "x"),
            ("auth", "x"),
        ];
        app.as_(HOA)
            .post("/notices/devices", &device)
            .await
            .expects(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_added_once_and_removed_by_its_member_alone() {
    testkit::on_both_at("https://sotay.example", rooms, async |app| {
        let page = app.as_(HOA).get("/notices/settings").await.expects(200);
        let key = page.attributes("form[data-push]", "data-push").remove(0);
        assert_eq!(key.len(), 87, "a public key in base64url");
        // A key of a browser is a public key of the same kind; its secret is any sixteen bytes.
        let good = [
            ("endpoint", "https://push.example.org/send/abc"),
            ("p256dh", key.as_str()),
            ("auth", "AAAAAAAAAAAAAAAAAAAAAA"),
        ];
        for _ in 0..2 {
            app.as_(HOA)
                .post("/notices/devices", &good)
                .await
                .expects(303);
        }
        let count = "select count(*) from notices_endpoint where channel = 'push'";
        assert_eq!(app.count(count).await, 1);
        for bad in [
            ("endpoint", "http://127.0.0.1/x"),
            ("endpoint", "https://10.0.0.7/x"),
            ("p256dh", "AAAA"),
        ] {
            let mut form = good.to_vec();
            form.retain(|(name, _)| *name != bad.0);
            form.push(bad);
            app.as_(LAN)
                .post("/notices/devices", &form)
                .await
                .expects(422);
        }
        let page = app.as_(HOA).get("/notices/settings").await.expects(200);
        let remove = page
            .attributes("#devices form[action$=removal]", "action")
            .remove(0);
        app.as_(LAN).post(&remove, &[]).await;
        assert_eq!(app.count(count).await, 1, "another's stays");
        for _ in 0..2 {
            app.as_(HOA).post(&remove, &[]).await.expects(303);
        }
        assert_eq!(app.count(count).await, 0);
        let worker = app.stranger().get("/push-worker.js").await.expects(200);
        assert_eq!(
            worker.header("content-type"),
            "text/javascript; charset=utf-8"
        );
        assert!(worker.body().contains("showNotification"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_goes_to_the_address_that_the_record_has_now_or_nowhere() {
    testkit::on_both_at("https://sotay.example", rooms, async |app| {
        app.has_email(HOA, "hoa@khoi.example").await;
        let on = [
            ("want", "email telling.trial"),
            ("email", "yes"),
            ("from", "21:00"),
            ("to", "07:00"),
        ];
        let hoa = app.as_(HOA);
        hoa.post("/notices/settings", &on).await.expects(303);
        let mac = async || -> Vec<(String,)> {
            let text = "select address_mac from notices_endpoint where member_id = 'hoa'";
            db::sql(text).all(app.site.db.read()).await.unwrap()
        };
        let first = mac().await;
        tells(&app, "one", "họp").await;
        app.works().await;
        assert_eq!(mac().await, first);
        app.has_email(HOA, "hoa.moi@khoi.example").await;
        app.later(61_000);
        app.works().await;
        let second = mac().await;
        assert!(second.len() == 1 && second != first);
        // That the contact itself was changed goes to the address as it was.
        let mut act = site::Program::part("test")
            .begin_unlogged(&app.site, "test", "test")
            .await
            .unwrap();
        let until = app.site.clock.now().plus_ms(3_600_000);
        let new = notices::New::of(notices::OLD_ADDRESS, "x", "telling-told", "/me", until);
        act.notify(new.to(["hoa".parse().unwrap()]));
        act.end().await.unwrap();
        app.has_email(HOA, "la@khoi.example").await;
        app.later(61_000);
        app.works().await;
        assert_eq!(mac().await, second, "not before it has gone or expired");
        app.later(3_600_000);
        app.works().await;
        app.later(61_000);
        tells(&app, "three", "họp nữa").await;
        app.works().await;
        assert_ne!(mac().await, second);
        app.has_email(HOA, "").await;
        app.later(61_000);
        app.works().await;
        assert_eq!(mac().await, []);
        let waits = "select count(*) from notices_out where state = 'waiting'";
        assert_eq!(app.count(waits).await, 0);
        assert!(hoa.get("/notices").await.expects(200).has("#notices"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_sign_in_goes_to_the_old_address_of_whoever_never_asked_for_mail() {
    on_both(rooms, async |app| {
        let hoa = app.as_(HOA);
        let says = async |kind: &str, once: &str, old: &str| {
            let mut act = site::Program::part("test")
                .begin_unlogged(&app.site, "test", "test")
                .await
                .unwrap();
            let until = app.site.clock.now().plus_ms(3_600_000);
            let new = notices::New::of(kind, once, "telling-told", "/me", until);
            let new = new.security(&app.site.keys, &app.site.dice, old).unwrap();
            act.notify(new.to(["hoa".parse().unwrap()]));
            act.end().await.unwrap();
        };
        app.has_email(HOA, "hoa.moi@khoi.example").await;
        says(notices::OLD_ADDRESS, "x", "hoa.cu@khoi.example").await;
        let waits = "select count(*) from notices_out where state = 'waiting'";
        assert_eq!(app.count(waits).await, 1);
        let mac = app
            .site
            .keys
            .mac("notices_endpoint.address", "hoa.cu@khoi.example");
        let old = format!(
            "select count(*) from notices_endpoint where address_mac = '{mac}' and is_security = 1"
        );
        assert_eq!(
            app.count(old.clone().leak()).await,
            1,
            "the address as it was"
        );
        // A second change right after it does not turn the first one's word to the new address.
        says(notices::OLD_ADDRESS, "y", "hoa.moi@khoi.example").await;
        assert_eq!(app.count(old.leak()).await, 1);
        // Nothing else goes there, and the page of wishes shows no address that nobody asked for.
        tells(&app, "one", "họp").await;
        assert_eq!(app.count(waits).await, 2);
        let who = people::actor::load(&app.site, &"hoa".parse().unwrap())
            .await
            .unwrap();
        let shown = notices::list_endpoints(&app.site.db, &app.site.keys, &who)
            .await
            .unwrap();
        assert_eq!(shown, []);
        hoa.get("/notices").await.expects(200);
        app.sets("update notices_out set state = 'sent'").await;
        // Nothing waits: the next word goes to the address of the record.
        says("account.password", "z", "hoa.moi@khoi.example").await;
        let mac = app
            .site
            .keys
            .mac("notices_endpoint.address", "hoa.moi@khoi.example");
        let new = format!(
            "select count(*) from notices_endpoint where address_mac = '{mac}' and is_security = 1"
        );
        assert_eq!(app.count(new.leak()).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_before_a_change_and_what_is_past_are_not_new() {
    on_both(rooms, async |app| {
        tells(&app, "one", "họp").await;
        let mut act = Program::part("test")
            .begin_unlogged(&app.site, "test", "test.tell")
            .await
            .unwrap();
        let soon = app.site.clock.now().plus_ms(3_600_000);
        let to = "/units/cell-a";
        let new = New::of("telling.trial", "two", "telling-text", to, soon).replacing();
        act.notify(new.arg("what", "dời họp").to(["hoa".parse().unwrap()]));
        act.end().await.unwrap();
        let page = app.as_(HOA).get("/notices").await.expects(200);
        assert_eq!(page.all("#notices li:has(.state) a"), ["Có việc dời họp"]);
        let who = app.signed_in(HOA);
        let clock = &app.site.clock;
        let unread = async || notices::list_unread(&app.site.db, clock, &who.actor, 3).await;
        assert_eq!(unread().await.unwrap().len(), 1);
        app.later(3_600_001);
        let page = app.as_(HOA).get("/notices").await.expects(200);
        assert!(page.has("#notices") && !page.has("#notices .state"));
        assert_eq!(unread().await.unwrap(), []);
    })
    .await;
}

/// Puts two notices of Hoa into the table, the later id first; each leads to another page.
async fn keeps_two(app: &TestApp) {
    for text in [
        "insert into notices_notice (id, member_id, once_key, kind, text_key, link, importance, created_at, expires_at) \
         values ('z', 'hoa', 'one', 'telling.trial', 'telling-text', '/a', 'normal', 1, 9999999999999)",
        "insert into notices_notice (id, member_id, once_key, kind, text_key, link, importance, created_at, expires_at) \
         values ('a', 'hoa', 'two', 'telling.trial', 'telling-text', '/b', 'normal', 1, 9999999999999)",
    ] {
        app.sets(text).await;
    }
}
const HOLDS_A: &str = "update notices_notice set kind = kind where id = 'a'";
const HOLDS_Z: &str = "update notices_notice set kind = kind where id = 'z'";
const READ: &str = "select count(*) from notices_notice where read_at > 0";

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_all_and_who_replaces_several_take_them_in_one_order() {
    on_both(rooms, async |app| {
        let begin = async || {
            let begun = Program::part("test").begin_unlogged(&app.site, "test", "test.tell");
            begun.await.unwrap()
        };
        keeps_two(&app).await;
        let reads = async {
            let mut act = begin().await;
            let newest = "zz".parse().unwrap();
            let hoa = HOA.actor();
            notices::read_all(act.tx(), &app.site.clock, &hoa, &newest).await?;
            act.end().await
        };
        let read = app.meets_crosswise(HOLDS_A, HOLDS_Z, reads).await;
        assert!(read.is_ok() && app.count(READ).await == 2);

        app.sets("update notices_notice set read_at = 0").await;
        let tells = async {
            let mut act = begin().await;
            let expires = app.site.clock.now().plus_ms(86_400_000);
            for link in ["/b", "/a"] {
                let new = New::of("telling.trial", link, "telling-text", link, expires);
                act.notify(new.replacing().to(["hoa".parse::<MemberId>().unwrap()]));
            }
            act.end().await
        };
        let told = app.meets_crosswise(HOLDS_A, HOLDS_Z, tells).await;
        assert!(told.is_ok() && app.count(READ).await == 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_tidies_up_passes_over_what_somebody_has_in_hand() {
    on_both(rooms, async |app| {
        keeps_two(&app).await;
        let mut other = None;
        if app.site.db.engine() == db::Engine::Postgres {
            let mut act = app.act().await;
            db::sql(HOLDS_A).run(act.on()).await.unwrap();
            other = Some(act);
        }
        let begun = Program::part("test").begin_unlogged(&app.site, "test", "test.trim");
        let mut act = begun.await.unwrap();
        let late = kernel::Moment(9_999_999_999_999 + 1);
        let gone = notices::trim(act.tx(), late, 10).await.unwrap();
        act.end().await.unwrap();
        assert_eq!(gone, if other.is_some() { 1 } else { 2 });
        if let Some(other) = other {
            other.end().await.unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acts_that_ask_for_the_same_jobs_ask_in_one_order() {
    on_both(rooms, async |app| {
        let asks = async {
            let begun = Program::part("test").begin_unlogged(&app.site, "test", "test.ask");
            let mut act = begun.await.unwrap();
            for key in ["z", "a"] {
                act.queue(jobs::New::of("telling.work", key));
            }
            act.end().await
        };
        let asked = app.meets_crosswise(
            "insert into jobs_job (id, kind, key, state, due_at, created_at) values ('1', 'telling.work', 'a', 'waiting', 1, 1)",
            "insert into jobs_job (id, kind, key, state, due_at, created_at) values ('2', 'telling.work', 'z', 'waiting', 1, 1)",
            asks,
        );
        assert!(asked.await.is_ok());
        let all = "select count(*) from jobs_job where kind = 'telling.work'";
        assert_eq!(app.count(all).await, 2, "asked for twice it is done once");
    })
    .await;
}
