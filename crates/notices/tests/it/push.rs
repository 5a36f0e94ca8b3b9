//! Pushes: what they hold and for whom, what services answer, whose a device is.

use crate::both::on_both;
use crate::house::{
    Backwards, Service, actor, called, deliver, device, email, register, tell, try_register,
};
use crate::{endpoints, newest, waiting};
use kernel::MemberId;
use kernel::error::Error;
use notices::{Channel, Delivered, EndpointState, New, PostTrouble};
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn a_push_opens_on_its_device_alone_and_holds_no_content() {
    on_both(async |app| {
        let phone = device(1);
        register(&app, "lan", &phone).await;
        tell(&app, called(&app, "k", &["lan"]).urgent()).await;
        let service = Service::default();
        assert_eq!(deliver(&app, None, None).await, Delivered::default());
        assert_eq!(deliver(&app, None, Some(&service.way())).await.sent, 1);
        let request = service.posted.lock().unwrap().remove(0);
        assert_eq!(request.uri(), "https://push.example.org/send/1");
        let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-encoding"), "aes128gcm");
        assert_eq!(header("ttl"), "86400");
        assert_eq!(header("urgency"), "high");
        assert_eq!(header("topic").len(), 32);
        assert!(header("authorization").starts_with("vapid t="));
        let body = request.body().clone();
        let auth = phone.auth.into();
        let plain = web_push_native::decrypt(body.clone(), &phone.key, &auth).unwrap();
        let said: serde_json::Value = serde_json::from_slice(&plain).unwrap();
        let id = newest(&app, "lan").await.id;
        let neutral = serde_json::json!({
            "title": "Sổ tay",
            "body": "Có việc mới trong Sổ tay. Mở để xem.",
            "link": format!("/notices/{id}"),
        });
        assert_eq!(said, neutral);
        let other = device(2);
        let auth = other.auth.into();
        assert!(web_push_native::decrypt(body, &other.key, &auth).is_err());
        let seen = endpoints(&app, "lan").await.remove(0);
        assert_eq!(seen.sent_at, Some(app.clock.now()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_lives_no_longer_than_its_notice() {
    on_both(async |app| {
        register(&app, "lan", &device(1)).await;
        let until = app.clock.now().plus_ms(90_000);
        let new = New::of("a.b", "k", "a-b", "/a", until).to(["lan".parse::<MemberId>().unwrap()]);
        tell(&app, new).await;
        let service = Service::default();
        deliver(&app, None, Some(&service.way())).await;
        assert_eq!(service.posted.lock().unwrap()[0].headers()["ttl"], "90");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_gone_is_dropped_with_all_that_waits_for_it() {
    on_both(async |app| {
        for status in [404, 410] {
            let who = format!("m{status}");
            let browser = device(u64::from(status));
            register(&app, &who, &browser).await;
            tell(&app, called(&app, "k1", &[&who])).await;
            let service = Service::default();
            let way = service.way();
            service.say(503, None);
            assert_eq!(deliver(&app, None, Some(&way)).await.again, 1);
            tell(&app, called(&app, "k2", &[&who])).await;
            service.say(status, None);
            // The first still waits for its second attempt; it goes with the endpoint.
            let told = deliver(&app, None, Some(&way)).await;
            assert_eq!(told.dropped, 2, "{status}");
            tell(&app, called(&app, "k3", &[&who])).await;
            assert_eq!(waiting(&app, Channel::Push).await, 0);
            let seen = endpoints(&app, &who).await.remove(0);
            assert_eq!(seen.state, EndpointState::Dropped);
            assert_eq!((seen.reason.as_str(), seen.shown.as_str()), ("gone", ""));
            // The same browser subscribes again: the same row lives.
            assert_eq!(register(&app, &who, &browser).await, seen.id);
            tell(&app, called(&app, "k4", &[&who])).await;
            assert_eq!(deliver(&app, None, Some(&way)).await.sent, 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_service_is_asked_again_when_it_said() {
    on_both(async |app| {
        register(&app, "lan", &device(1)).await;
        tell(&app, called(&app, "k", &["lan"])).await;
        let service = Service::default();
        let way = service.way();
        service.say(429, Some("1800"));
        assert_eq!(deliver(&app, None, Some(&way)).await.again, 1);
        let seen = notices::count_waiting(&app.db, Channel::Push).await;
        let then = app.clock.now().plus_ms(1_800_000);
        assert_eq!(seen.unwrap().next_at, Some(then));
        app.clock.set(then.plus_ms(-1));
        assert_eq!(deliver(&app, None, Some(&way)).await, Delivered::default());
        app.clock.set(then);
        assert_eq!(deliver(&app, None, Some(&way)).await.sent, 1);
        assert_eq!(service.count(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_key_is_our_trouble_and_an_unsafe_address_the_endpoints() {
    on_both(async |app| {
        register(&app, "lan", &device(1)).await;
        let service = Service::default();
        let way = service.way();
        tell(&app, called(&app, "k0", &["lan"])).await;
        service.say(403, None);
        assert_eq!(deliver(&app, None, Some(&way)).await.again, 1);
        app.clock.advance_ms(90_000);
        assert_eq!(deliver(&app, None, Some(&way)).await.sent, 1);
        for nth in 1..=3 {
            tell(&app, called(&app, &format!("k{nth}"), &["lan"])).await;
            let answers = &service.answers;
            answers.lock().unwrap().push_back(Err(PostTrouble::Unsafe));
            assert_eq!(deliver(&app, None, Some(&way)).await.failed, 1);
        }
        let seen = endpoints(&app, "lan").await.remove(0);
        assert_eq!(seen.state, EndpointState::Dropped);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_belongs_to_who_signed_in_last() {
    on_both(async |app| {
        let shared = device(1);
        register(&app, "lan", &shared).await;
        tell(&app, called(&app, "k", &["lan"])).await;
        let of_minh = register(&app, "minh", &shared).await;
        assert!(endpoints(&app, "lan").await.is_empty());
        tell(&app, called(&app, "k2", &["lan", "minh"])).await;
        let service = Service::default();
        assert_eq!(deliver(&app, None, Some(&service.way())).await.sent, 1);
        // Nobody removes another's.
        for (who, left) in [("lan", 1), ("minh", 0)] {
            let mut tx = app.db.begin().await.unwrap();
            notices::remove_endpoint(&mut tx, &actor(who), &of_minh)
                .await
                .unwrap();
            app.db.commit(tx).await.unwrap();
            assert_eq!(endpoints(&app, "minh").await.len(), left);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_leads_into_the_house_or_has_no_keys_is_refused() {
    on_both(async |app| {
        let good = device(1).subscription;
        let mut bad = Vec::new();
        for endpoint in [
            "http://push.example.org/",
            "https://127.0.0.1/",
            "https://nas.local/",
        ] {
            let mut one = good.clone();
            one.endpoint = endpoint.to_owned();
            bad.push(one);
        }
        let mut short = good.clone();
        short.auth = "AAAA".to_owned();
        bad.push(short);
        let mut off_the_curve = good.clone();
        off_the_curve.p256dh = data_encoding::BASE64URL_NOPAD.encode(&[4; 65]);
        bad.push(off_the_curve);
        for one in bad {
            let refused = try_register(&app, "lan", &one).await;
            assert!(
                matches!(refused, Err(Error::Refused(_))),
                "{}",
                one.endpoint
            );
        }
        assert!(try_register(&app, "lan", &good).await.is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_and_keys_are_sealed() {
    on_both(async |app| {
        email(&app, "lan", "lan@example.vn").await;
        register(&app, "lan", &device(1)).await;
        let text = "select address_mac, address_sealed, keys_sealed from notices_endpoint";
        let rows: Vec<(String, String, String)> = db::sql(text).all(app.db.read()).await.unwrap();
        let all = format!("{rows:?}");
        for hidden in [
            "lan@example.vn",
            "push.example.org",
            &device(1).subscription.auth,
        ] {
            assert!(!all.contains(hidden), "{hidden}: {all}");
        }
        let seen = endpoints(&app, "lan").await;
        let shown: Vec<&str> = seen.iter().map(|one| one.shown.as_str()).collect();
        assert!(shown.contains(&"lan@example.vn") && shown.contains(&"push.example.org"));
        assert!(endpoints(&app, "minh").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_web_push_is_made_once_even_by_two() {
    on_both(async |app| {
        let app = Arc::new(app);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let app = app.clone();
            tasks.spawn(async move {
                let vapid = notices::get_vapid(&app.db, &app.dice, &Backwards).await;
                vapid.unwrap().public_key()
            });
        }
        let mut keys = tasks.join_all().await;
        keys.dedup();
        assert_eq!(keys.len(), 1);
        let bytes = data_encoding::BASE64URL_NOPAD.decode(keys[0].as_bytes());
        assert_eq!(bytes.unwrap().len(), 65);
    })
    .await;
}
