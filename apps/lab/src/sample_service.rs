//! A gateway service as the agent sees any: it answers `Service303` and has some metrics.

use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, Result};
use magma_rpc::server::{Router, serve_plain};
use magma_service303::{Application, Identity, Lifecycle, Registry, Service303};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How many metrics each has: as many as a small service of an access gateway.
const METRICS: usize = 20;

/// Serves as `NAME` at `PORT` on loopback until it is ended.
pub fn play(mut arguments: impl Iterator<Item = String>) -> ExitCode {
    let served = (|| {
        let name = arguments.next().context("a name is missing")?;
        let port = arguments.next().context("a port is missing")?.parse()?;
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(name, port))
    })();
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sample service: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(name: String, port: u16) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let registry = Registry::new();
    let requests = registry.counter_family("sample_requests", ["kind"]);
    for kind in 0..METRICS {
        requests.with([&kind.to_string()]).add(u64::try_from(kind)?);
    }
    let lifecycle = Lifecycle::new();
    lifecycle.alive();
    let (stop, mut stopped) = watch::channel(());
    let identity =
        Identity { name, version: env!("CARGO_PKG_VERSION").to_owned(), started: SystemTime::now() };
    let service = Service303::new(identity, lifecycle, registry, Sample { stop });
    let stopped = async move {
        stopped.changed().await.ok();
    };
    serve_plain(listener, Router::new().add(service.into_server()), stopped).await;
    Ok(())
}

struct Sample {
    stop: watch::Sender<()>,
}

impl Application for Sample {
    fn stop(&self) {
        self.stop.send_replace(());
    }
}
