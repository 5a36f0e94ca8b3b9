//! Mails: what they hold, a server that is absent or misbehaves, addresses that are none.

use crate::both::on_both;
use crate::house::{Backwards, Manner, Smtpd, actor, called, deliver, email, tell, try_deliver};
use crate::{count, endpoints, newest, unread, waiting};
use kernel::error::Error;
use notices::{Channel, Delivered, EndpointState, Hours, New, Sending};
use std::sync::Arc;

const NOTHING: Delivered = Delivered {
    sent: 0,
    again: 0,
    quiet: 0,
    failed: 0,
    dropped: 0,
    expired: 0,
};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mail_server_mails_wait_and_go_when_there_is_one() {
    on_both(async |app| {
        email(&app, "lan", "lan@example.vn").await;
        email(&app, "minh", "minh@example.vn").await;
        tell(&app, called(&app, "k", &["lan", "minh", "hoa"])).await;
        for _ in 0..3 {
            assert_eq!(deliver(&app, None, None).await, NOTHING);
        }
        let seen = notices::count_waiting(&app.db, Channel::Email).await;
        let (seen, now) = (seen.unwrap(), app.clock.now());
        assert_eq!((seen.count, seen.next_at), (2, Some(now)));
        assert_eq!(seen.first_expires_at, Some(now.plus_ms(3 * 86_400_000)));
        let server = Smtpd::start().await;
        let told = deliver(&app, Some(&server.way("")), None).await;
        assert_eq!((told.sent, server.count()), (2, 2));
        assert_eq!(deliver(&app, Some(&server.way("")), None).await, NOTHING);
        assert_eq!(server.count(), 2, "sent once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_could_send_in_time_is_dropped_and_counted_and_stays_in_the_feed() {
    on_both(async |app| {
        email(&app, "lan", "lan@example.vn").await;
        tell(&app, called(&app, "k", &["lan"])).await;
        app.clock.advance_ms(3 * 86_400_000 - 1);
        assert_eq!(deliver(&app, None, None).await.expired, 0);
        app.clock.advance_ms(1);
        assert_eq!(deliver(&app, None, None).await.expired, 1);
        let counts = notices::count_out(&app.db).await.unwrap();
        let expired = (Channel::Email, Sending::Dropped, "expired".to_owned(), 1);
        assert_eq!(counts, [expired]);
        assert_eq!(unread(&app, "lan").await, 1);
    })
    .await;
}

/// The text of a mail as it was taken, whichever encoding was chosen for Vietnamese letters.
fn body_text(head: &str, body: &str) -> String {
    if head.contains("base64") {
        let joined: String = body.split_whitespace().collect();
        let bytes = data_encoding::BASE64.decode(joined.as_bytes()).unwrap();
        return String::from_utf8(bytes).unwrap();
    }
    if !head.contains("quoted-printable") {
        return body.to_owned();
    }
    let mut out = Vec::new();
    let joined = body.replace("=\n", "");
    let mut bytes = joined.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'=' {
            let pair = [bytes.next().unwrap(), bytes.next().unwrap()];
            let pair = std::str::from_utf8(&pair).unwrap();
            out.push(u8::from_str_radix(pair, 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_holds_a_neutral_sentence_and_a_link_in_both_languages_and_no_content() {
    on_both(async |app| {
        email(&app, "lan", "lan@example.vn").await;
        tell(&app, called(&app, "k", &["lan"])).await;
        let server = Smtpd::start().await;
        let told = deliver(&app, Some(&server.way("bot")), None).await;
        assert_eq!(told.sent, 1);
        let taken = server.taken.lock().unwrap()[0].clone();
        let id = newest(&app, "lan").await.id;
        let (head, body) = taken.split_once("\n\n").unwrap();
        let body = body_text(head, body);
        for said in [
            "Có việc mới trong Sổ tay. Mở để xem.",
            "There is something new in the handbook.",
            &format!("https://sotay.example.vn/notices/{id}"),
            "https://sotay.example.vn/notices/settings",
        ] {
            assert!(body.contains(said), "{said}: {body}");
        }
        for said in [
            "List-Unsubscribe: <https://sotay.example.vn/notices/settings>",
            "Auto-Submitted: auto-generated",
            "Date: Mon, 23 Nov 2026 12:00:00",
            &format!("Message-ID: <{id}@example.vn>"),
        ] {
            assert!(head.contains(said), "{said}: {head}");
        }
        for hidden in ["Lan", "Nguy", "secret-meeting", "meetings"] {
            let held = body.contains(hidden) || head.contains(hidden);
            assert!(!held, "{hidden}: {head}\n{body}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn word_of_a_changed_sign_in_goes_out_unasked_read_or_not_at_any_hour_and_to_that_address() {
    on_both(async |app| {
        let server = Smtpd::start().await;
        let mail = server.way("");
        let night = notices::Quiet {
            hours: Hours::read("00:00", "23:59"),
            urgent_passes: false,
        };
        let mut tx = app.db.begin().await.unwrap();
        notices::set_quiet(&mut tx, &actor("hoa"), &night)
            .await
            .unwrap();
        app.db.commit(tx).await.unwrap();
        let until = app.clock.now().plus_ms(86_400_000);
        let new =
            New::of(notices::OLD_ADDRESS, "x", "t", "/me", until).to(["hoa".parse().unwrap()]);
        let new = new
            .security(&Backwards, &app.dice, " hoa.cu@khoi.example ")
            .unwrap();
        tell(&app, new).await;
        assert_eq!(
            endpoints(&app, "hoa").await,
            [],
            "an address that nobody asked for is not shown"
        );
        // Another kind is still nobody's wish.
        tell(&app, called(&app, "k", &["hoa"])).await;
        assert_eq!(waiting(&app, Channel::Email).await, 1);
        let mut tx = app.db.begin().await.unwrap();
        let newest = newest(&app, "hoa").await.id;
        notices::read_all(&mut tx, &app.clock, &actor("hoa"), &newest)
            .await
            .unwrap();
        app.db.commit(tx).await.unwrap();
        assert_eq!(deliver(&app, Some(&mail), None).await.sent, 1);
        // An office that keeps no address of hers leaves the word in the handbook.
        let new = New::of("account.password", "y", "t", "/me", until).to(["lan".parse().unwrap()]);
        let told = tell(&app, new.security(&Backwards, &app.dice, "").unwrap()).await;
        assert_eq!((told, waiting(&app, Channel::Email).await), (1, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_drops_or_refuses_to_sign_us_in_is_asked_once_a_call() {
    on_both(async |app| {
        let three = ["lan", "minh", "hoa"];
        for who in three {
            email(&app, who, &format!("{who}@example.vn")).await;
        }
        tell(&app, called(&app, "k", &three)).await;
        let server = Smtpd::start().await;
        let way = server.way("bot");
        let manners = [Manner::Hang, Manner::Drop, Manner::RefuseSignIn];
        for (before, manner) in (0..).zip(manners) {
            server.be(manner);
            let told = deliver(&app, Some(&way), None).await;
            let told = (told.again, told.failed, told.dropped);
            assert_eq!(
                (told, server.calls()),
                ((1, 0, 0), before + 1),
                "{manner:?}"
            );
        }
        assert_eq!(waiting(&app, Channel::Email).await, 3);
        server.be(Manner::Take);
        app.clock.advance_ms(5 * 60_000);
        assert_eq!(deliver(&app, Some(&way), None).await.sent, 3);
        let live = "select count(*) from notices_endpoint where state = 'live'";
        assert_eq!(count(&app, live).await, 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_where_nobody_listens_loses_nothing() {
    on_both(async |app| {
        email(&app, "lan", "lan@example.vn").await;
        tell(&app, called(&app, "k", &["lan"])).await;
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let mut server = Smtpd::start().await;
        server.port = listener.local_addr().unwrap().port();
        drop(listener);
        let told = deliver(&app, Some(&server.way("")), None).await;
        assert_eq!((told.again, waiting(&app, Channel::Email).await), (1, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_may_be_our_fault_waits_longer_each_time() {
    on_both(async |app| {
        email(&app, "lan", "lan@example.vn").await;
        // Nobody is asleep in this story.
        let mut settings = notices::get_settings(&app.db).await.unwrap();
        settings.quiet = notices::Hours::read("00:00", "00:00").unwrap();
        let mut tx = app.db.begin().await.unwrap();
        notices::set_settings(&mut tx, &settings).await.unwrap();
        app.db.commit(tx).await.unwrap();
        tell(&app, called(&app, "k", &["lan"])).await;
        let server = Smtpd::start().await;
        let way = server.way("");
        let mut last = 0;
        for refusal in ["451 4.7.1 later", "550 5.7.1 no relaying", "550 no"] {
            server.be(Manner::Refuse(refusal));
            assert_eq!(deliver(&app, Some(&way), None).await.again, 1, "{refusal}");
            let seen = notices::count_waiting(&app.db, Channel::Email).await;
            let wait = seen.unwrap().next_at.unwrap().0 - app.clock.now().0;
            assert!(wait > last, "{wait} after {last}");
            last = wait;
            app.clock.advance_ms(wait - 1);
            assert_eq!(deliver(&app, Some(&way), None).await, NOTHING);
            app.clock.advance_ms(1);
        }
        server.be(Manner::Take);
        assert_eq!(deliver(&app, Some(&way), None).await.sent, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_does_not_exist_is_given_up_after_three_and_can_come_back() {
    on_both(async |app| {
        email(&app, "lan", "gone@example.vn").await;
        let server = Smtpd::start().await;
        let way = server.way("");
        server.be(Manner::Refuse("550 5.1.1 no such mailbox"));
        for nth in 0..4 {
            tell(&app, called(&app, &format!("k{nth}"), &["lan"])).await;
        }
        let told = deliver(&app, Some(&way), None).await;
        // Three refused, the fourth goes with the address.
        assert_eq!((told.failed, told.dropped), (3, 1));
        let seen = endpoints(&app, "lan").await.remove(0);
        assert_eq!(seen.state, EndpointState::Dropped);
        assert_eq!((seen.reason.as_str(), seen.shown.as_str()), ("refused", ""));
        let kept = "select count(*) from notices_endpoint where address_sealed <> ''";
        assert_eq!(count(&app, kept).await, 0);
        email(&app, "lan", "lan@example.vn").await;
        server.be(Manner::Take);
        tell(&app, called(&app, "k9", &["lan"])).await;
        assert_eq!(deliver(&app, Some(&way), None).await.sent, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_address_gets_what_waited_for_the_old_one() {
    on_both(async |app| {
        email(&app, "lan", "old@example.vn").await;
        tell(&app, called(&app, "k", &["lan"])).await;
        email(&app, "lan", "new@example.vn").await;
        let server = Smtpd::start().await;
        let told = deliver(&app, Some(&server.way("")), None).await;
        assert_eq!(told.sent, 1);
        let taken = server.taken.lock().unwrap().join("");
        assert!(taken.contains("RCPT TO:<new@example.vn>"), "{taken}");
        // Removed: nothing more is laid ready.
        email(&app, "lan", "").await;
        tell(&app, called(&app, "k2", &["lan"])).await;
        assert_eq!(waiting(&app, Channel::Email).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_addresses_are_addresses() {
    on_both(async |app| {
        for bad in [
            "lan",
            "lan@",
            "@example.vn",
            "a@b.vn\r\nBcc: c@d.vn",
            "Lan <lan@example.vn>",
        ] {
            let (lan, vi) = (actor("lan"), notices::Language::Vi);
            let mut tx = app.db.begin().await.unwrap();
            let (clock, dice) = (&app.clock, &app.dice);
            let set =
                notices::set_email(&mut tx, clock, dice, &Backwards, &lan.member, bad, vi).await;
            assert!(matches!(set, Err(Error::Refused(_))), "{bad}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_deliver_at_once_send_each_row_once() {
    on_both(async |app| {
        for nth in 0..20 {
            let who = format!("m{nth}");
            email(&app, &who, &format!("{who}@example.vn")).await;
            tell(&app, called(&app, "k", &[&who])).await;
        }
        let server = Smtpd::start().await;
        let app = Arc::new(app);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let (app, way) = (app.clone(), server.way(""));
            tasks.spawn(async move { deliver(&app, Some(&way), None).await.sent });
        }
        assert_eq!(tasks.join_all().await.iter().sum::<u64>(), 20);
        assert_eq!(server.count(), 20);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_held_comes_back_when_its_lease_ends() {
    on_both(async |app| {
        email(&app, "lan", "lan@example.vn").await;
        tell(&app, called(&app, "k", &["lan"])).await;
        let server = Smtpd::start().await;
        let way = server.way("");
        server.be(Manner::Hang);
        // Cut off while the server is silent, as a killed process is.
        let cut = async {
            while server.calls() == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = deliver(&app, Some(&way), None) => panic!("a silent server was no obstacle"),
            () = cut => {}
        }
        server.be(Manner::Take);
        assert_eq!(deliver(&app, Some(&way), None).await, NOTHING);
        app.clock.advance_ms(5 * 60_000);
        assert_eq!(deliver(&app, Some(&way), None).await.sent, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_open_is_a_fault_and_waits() {
    on_both(async |app| {
        email(&app, "lan", "lan@example.vn").await;
        tell(&app, called(&app, "k", &["lan"])).await;
        let mut tx = app.db.begin().await.unwrap();
        db::sql("update notices_endpoint set address_sealed = 'damaged'")
            .run(&mut *tx)
            .await
            .unwrap();
        app.db.commit(tx).await.unwrap();
        let server = Smtpd::start().await;
        let way = server.way("");
        assert!(try_deliver(&app, Some(&way), None).await.is_err());
        assert_eq!(waiting(&app, Channel::Email).await, 1);
        assert_eq!(deliver(&app, Some(&way), None).await, NOTHING);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_certificate_nobody_vouches_for_gets_no_mail_until_it_is_trusted() {
    on_both(async |app| {
        email(&app, "lan", "lan@example.vn").await;
        tell(&app, called(&app, "k", &["lan"])).await;
        let (server, pem) = Smtpd::start_tls().await;
        let mut smtp = notices::Smtp {
            host: "localhost".to_owned(),
            port: server.port,
            tls: notices::Tls::Whole,
            root_pem: None,
            user: "bot".to_owned(),
            password: notices::Secret::new("open sesame"),
            from: "sotay@example.vn".to_owned(),
            timeout_ms: 2_000,
        };
        let way = notices::Mail::new(&smtp, "sotay.example.vn").unwrap();
        assert_eq!(deliver(&app, Some(&way), None).await.again, 1);
        assert_eq!(server.calls(), 0);
        app.clock.advance_ms(5 * 60_000);
        smtp.root_pem = Some(pem);
        let way = notices::Mail::new(&smtp, "sotay.example.vn").unwrap();
        assert_eq!(deliver(&app, Some(&way), None).await.sent, 1);
        // A server in clear where TLS was demanded is not spoken to.
        let plain = Smtpd::start().await;
        smtp.port = plain.port;
        smtp.tls = notices::Tls::Start;
        let way = notices::Mail::new(&smtp, "sotay.example.vn").unwrap();
        tell(&app, called(&app, "k2", &["lan"])).await;
        assert_eq!(deliver(&app, Some(&way), None).await.again, 1);
        assert_eq!(plain.count(), 0);
    })
    .await;
}

#[test]
fn a_password_never_travels_in_clear_to_another_machine() {
    let mut smtp = notices::Smtp {
        host: "mail.example.vn".to_owned(),
        port: 25,
        tls: notices::Tls::None,
        root_pem: None,
        user: "bot".to_owned(),
        password: notices::Secret::new("x"),
        from: "sotay@example.vn".to_owned(),
        timeout_ms: 1_000,
    };
    assert!(notices::Mail::new(&smtp, "sotay.example.vn").is_err());
    smtp.tls = notices::Tls::Start;
    assert!(notices::Mail::new(&smtp, "sotay.example.vn").is_ok());
    smtp.from = "Sổ tay".to_owned();
    assert!(notices::Mail::new(&smtp, "sotay.example.vn").is_err());
}
