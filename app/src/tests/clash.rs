//! Two writes that take the same rows in opposite order: the database undoes one, and the edge does it
//! once more, so that nobody is told to press again.

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use db::sql;
use site::{May as _, Right, Room, Site};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use testkit::{HOA, LAN, on_both};
use web::{Access, Answer, Form, Frame, Member, Nothing, Routes, see_other};

const TOUCH: &str = "update people_unit set address = address || $2 where id = $1";

async fn touch(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path((first, then)): Path<(String, String)>,
    _form: Form<Nothing>,
) -> Answer {
    let mut act = Right::own(&who.actor)
        .begin(&site, &frame, "test.touch")
        .await?;
    // Against the one order, on purpose.
    act.tx().unwatched();
    sql(TOUCH).bind(&first).bind("x").run(act.on()).await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    sql(TOUCH).bind(&then).bind("x").run(act.on()).await?;
    act.end().await?;
    Ok(see_other("/").into_response())
}

static CALLS: AtomicUsize = AtomicUsize::new(0);

/// Clashes the first time, and for ever for `all`.
async fn clash(Path(which): Path<String>, _form: Form<Nothing>) -> Answer {
    let calls = CALLS.fetch_add(1, Ordering::SeqCst);
    if calls == 0 || which == "all" {
        return Err(kernel::Error::Clash.into());
    }
    Ok(see_other("/").into_response())
}

fn rooms() -> Vec<Room> {
    let mut room = Room::new("touching", "", "");
    room.routes = Routes::new()
        .post("/touch/{first}/{then}", Access::Member, touch)
        .post("/clash/{which}", Access::Member, clash);
    vec![room]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_lock_in_opposite_order_are_both_done() {
    on_both(rooms, async |app| {
        let body = |who| format!("csrf={}", app.as_(who).csrf());
        let (lan, hoa) = (body(LAN), body(HOA));
        let one = app
            .as_(LAN)
            .header("content-length", &lan.len().to_string());
        let two = app
            .as_(HOA)
            .header("content-length", &hoa.len().to_string());
        let (one, two) = tokio::join!(
            one.post_raw("/touch/cell-a/cell-b", lan.into_bytes()),
            two.post_raw("/touch/cell-b/cell-a", hoa.into_bytes()),
        );
        assert_eq!((one.status.as_u16(), two.status.as_u16()), (303, 303));
        let both =
            "select count(*) from people_unit where id in ('cell-a', 'cell-b') and address = 'xx'";
        assert_eq!(app.count(both).await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clash_is_tried_once_more_and_then_told_as_busy() {
    testkit::on_sqlite(rooms, async |app| {
        let body = format!("csrf={}", app.as_(LAN).csrf());
        let lan = app
            .as_(LAN)
            .header("content-length", &body.len().to_string());
        lan.post_raw("/clash/once", body.clone().into_bytes())
            .await
            .expects(303);
        assert_eq!(CALLS.load(Ordering::SeqCst), 2);
        let busy = lan
            .post_raw("/clash/all", body.into_bytes())
            .await
            .expects(503);
        assert_eq!(busy.header("retry-after"), "2");
        assert_eq!(CALLS.load(Ordering::SeqCst), 4);
    })
    .await;
}

/// What stands before a server: hands lines on, or takes them and lets them fall.
struct Gate {
    address: String,
    is_open: tokio::sync::watch::Sender<bool>,
}

impl Gate {
    async fn before(server: String) -> Gate {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (is_open, open) = tokio::sync::watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut line, _)) = listener.accept().await {
                let (server, mut open) = (server.clone(), open.clone());
                if !*open.borrow() {
                    continue;
                }
                tokio::spawn(async move {
                    let mut on = tokio::net::TcpStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut line, &mut on) => {}
                        _ = open.wait_for(|open| !open) => {}
                    }
                });
            }
        });
        Gate { address, is_open }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_is_told_as_busy_and_is_asked_again_when_it_is_back() {
    let server = std::env::var("SOTAY_TEST_POSTGRES").unwrap();
    let (head, rest) = server.split_once('@').unwrap();
    let (place, database) = rest.split_once('/').unwrap();
    let gate = Gate::before(place.to_owned()).await;
    let url = db::Url::Server(format!("{head}@{}/{database}", gate.address));
    let db = db::Db::open(&url, false, 2).await.unwrap();
    let one = async || db::sql("select 1").count(db.read()).await;
    assert_eq!(one().await.unwrap(), 1);
    let mut cut = db.begin().await.unwrap();
    gate.is_open.send(false).unwrap();
    for _ in 0..3 {
        let told = one().await.unwrap_err();
        assert!(matches!(told, kernel::Error::Busy { .. }), "{told:?}");
    }
    let told = db::sql("select 1").count(&mut *cut).await.unwrap_err();
    assert!(matches!(told, kernel::Error::Busy { .. }), "{told:?}");
    drop(cut);
    gate.is_open.send(true).unwrap();
    assert_eq!(one().await.unwrap(), 1);
    let tx = db.begin().await.unwrap();
    db.commit(tx).await.unwrap();
    db.close().await;
}
