//! Serving: listening, metrics, work beside, a quiet end. Not here: the router (`site::serving`).

use crate::config::Config;
use crate::house::House;
use kernel::error::{Doing, Error, Result};
use kernel::said;
use site::{May as _, Operator, Site};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::task::JoinSet;

/// Turns true when the program is to stop.
type Stopped = tokio::sync::watch::Receiver<bool>;

/// Serves until Ctrl-C or SIGTERM; then finishes what was begun and lets every room put its things away.
pub(crate) async fn run(
    config: &Config,
    mut house: House,
    greet: impl FnOnce(SocketAddr),
) -> Result<()> {
    if let Some(address) = config.metrics_listen {
        metrics_exporter_prometheus::PrometheusBuilder::new()
            .with_http_listener(address)
            .install()
            .map_err(Error::fault)
            .doing(said!("listening for metrics on {}", address))?;
    }
    tell_address(config, &house.site).await?;
    let rooms = std::mem::take(&mut house.rooms);
    let router = site::serving::router(&house.site, rooms, config.max_body_bytes)?;
    let listener = tokio::net::TcpListener::bind(config.listen)
        .await
        .map_err(Error::fault)
        .doing(said!(
            "listening on {} (is another program using it?)",
            config.listen
        ))?;
    let address = listener.local_addr()?;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let beside = beside(&house.site, house.feeds.clone(), &stopped);
    let asked = asked_to_stop();
    let (site, at_work) = (house.site.clone(), &mut house.at_work);
    let mut lost = None;
    let stops = async {
        tokio::select! {
            () = asked => {}
            why = at_work.lost(&site, crate::alone::LOOK) => lost = Some(why),
        }
    };
    greet(address);
    let told = tokio::spawn(tell_walls(house.site.clone()));
    crate::door::serve(listener, router, stops).await;
    // Whoever listened has already gone when this fails.
    let _gone = stop.send(true);
    told.abort(); // at most it was never told
    end(beside).await;
    house.site.db.close().await;
    match lost {
        Some(why) => Err(Error::fault(why)),
        None => Ok(()),
    }
}

/// Starts what runs beside the requests: the index follows, jobs are done, the log is bound, and each room's own work.
pub(crate) fn beside(site: &Site, feeds: Vec<site::Feed>, stopped: &Stopped) -> JoinSet<()> {
    let mut beside = JoinSet::new();
    beside.spawn(site::feed::follow(site.clone(), feeds, stopped.clone()));
    beside.spawn(site.runner().run(stopped.clone()));
    beside.spawn(site::chain::follow(site.clone(), stopped.clone()));
    for work in &site.rooms.background {
        beside.spawn(work(site.clone(), stopped.clone()));
    }
    beside
}

/// Waits for what was told to stop, ten seconds at most.
pub(crate) async fn end(mut beside: JoinSet<()>) {
    let ended = async { while beside.join_next().await.is_some() {} };
    if tokio::time::timeout(Duration::from_secs(10), ended)
        .await
        .is_err()
    {
        tracing::warn!("work beside the server did not end in ten seconds");
    }
}

/// Feeds carry the outside address: the portal reads it as a setting, so that other processes of the
/// same database say the same.
async fn tell_address(config: &Config, site: &Site) -> Result<()> {
    if config.public_url.is_empty() {
        return Ok(());
    }
    let mut act = Operator::at("serve")
        .begin_unlogged(site, "serve", "setting.public_url")
        .await?;
    site::settings::set(&mut act, site::settings::PUBLIC_URL, &config.public_url).await?;
    act.end().await.map(|_| ())
}

/// Says what this system lacks around the child that opens files from outside. After the greeting:
/// trying it takes as long as starting.
async fn tell_walls(site: Site) {
    match site.worker.missing_walls().await {
        Ok(missing) if missing.is_empty() => {}
        Ok(missing) => tracing::warn!(
            without = missing.join("; "),
            "files from outside are opened in a child process with fewer walls"
        ),
        Err(error) => tracing::error!(
            cause = error.detail(),
            "no child process can be started: files from outside cannot be opened"
        ),
    }
}

/// Listens for the end from now on, not from the first time that somebody waits for it: who asks as soon as the
/// address is told is heard.
fn asked_to_stop() -> impl Future<Output = ()> {
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    async move {
        let terminated = async {
            match terminate {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminated => {}
        }
    }
}
