//! Serving: the router wrapped by the edge, health pages, metrics, work beside, a quiet end.

use crate::config::{Config, LogFormat};
use crate::house::House;
use crate::wiring;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kernel::error::{Doing, Error, Result};
use site::{May as _, Operator, Site};
use std::net::SocketAddr;
use std::time::Duration;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};

/// Starts the log. Called once, by commands that serve.
pub(crate) fn start_log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log_level)
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => builder.with_target(false).init(),
        LogFormat::Json => builder.json().init(),
    }
}

/// The whole router.
pub(crate) fn router(house: &mut House, max_body_bytes: usize) -> Result<axum::Router> {
    let rooms = std::mem::take(&mut house.rooms);
    let api = serde_json::to_string_pretty(&wiring::openapi(&rooms)).map_err(Error::fault)?;
    let mut router = axum::Router::new()
        .route("/assets/{*path}", get(web::assets::get))
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(ready))
        .route(
            "/api/v1/openapi.json",
            get(async move || ([(header::CONTENT_TYPE, "application/json")], api.clone())),
        );
    for room in rooms {
        router = router.merge(room.routes.into_parts().0);
    }
    let squeeze = CompressionLayer::new()
        .quality(tower_http::CompressionLevel::Fastest)
        .compress_when(
            SizeAbove::new(512)
                .and(NotForContentType::const_new("font/"))
                .and(NotForContentType::const_new("image/png"))
                .and(NotForContentType::const_new("image/jpeg"))
                .and(NotForContentType::const_new("image/webp")),
        );
    Ok(router
        .fallback(async || web::Fail(Error::NotFound))
        .method_not_allowed_fallback(async || StatusCode::METHOD_NOT_ALLOWED)
        .layer(DefaultBodyLimit::max(max_body_bytes))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(|_| {
            // The edge draws the page and logs it.
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }))
        .layer(axum::middleware::from_fn_with_state(
            house.site.edge.clone(),
            web::edge::wrap,
        ))
        .layer(squeeze)
        .with_state(house.site.clone()))
}

async fn ready(State(site): State<Site>) -> Response {
    match db::sql("select 1").count(site.db.read()).await {
        Ok(_) => "ready".into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

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
            .doing(format!("listening for metrics on {address}"))?;
    }
    tell_address(config, &house.site).await?;
    let router = router(&mut house, config.max_body_bytes)?;
    let listener = tokio::net::TcpListener::bind(config.listen)
        .await
        .map_err(Error::fault)
        .doing(format!(
            "listening on {} (is another program using it?)",
            config.listen
        ))?;
    let address = listener.local_addr()?;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut beside = tokio::task::JoinSet::new();
    beside.spawn(site::feed::follow(
        house.site.clone(),
        house.feeds.clone(),
        stopped.clone(),
    ));
    let runner = house.site.runner();
    beside.spawn(runner.run(stopped.clone()));
    for work in &house.site.rooms.background {
        beside.spawn(work(house.site.clone(), stopped.clone()));
    }
    greet(address);
    crate::door::serve(listener, router, asked_to_stop()).await;
    // Whoever listened has already gone when this fails.
    let _gone = stop.send(true);
    let ended = async { while beside.join_next().await.is_some() {} };
    if tokio::time::timeout(Duration::from_secs(10), ended)
        .await
        .is_err()
    {
        tracing::warn!("work beside the server did not end in ten seconds");
    }
    house.site.db.close().await;
    Ok(())
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
    site::settings::set(&mut act, "portal.public_url", &config.public_url).await?;
    act.end().await.map(|_| ())
}

async fn asked_to_stop() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
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
