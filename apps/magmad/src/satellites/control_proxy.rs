//! The control proxy in the agent's own process: the gateway's services call each other and the cloud through it.

use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use magma_config::{EmbeddedService, GatewayConfig};
use magma_control_proxy::{Destinations, Measures, serve};
use magma_rpc::channel::Channel;
use magma_rpc::server::Router;
use magma_service303::Registry;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::Context;
use crate::agent::local_server::LocalServer;
use crate::cloud::Cloud;
use crate::local_services::LocalServices;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// Serves `local_port` of `control_proxy.yml`. A new certificate needs no restart, and a new port makes none of the
/// agent's own calls end.
pub struct ControlProxy {
    settings: watch::Receiver<Arc<GatewayConfig>>,
    roads: Roads,
    /// Loopback, or all of this machine's addresses in a laboratory whose services run in containers.
    address: Ipv4Addr,
}

impl ControlProxy {
    /// The proxy of a gateway.
    pub fn new(context: &Context) -> Self {
        let roads = Roads { cloud: context.cloud.clone(), services: context.channels.clone() };
        Self { settings: context.settings.clone(), roads, address: context.front_end_address }
    }

    fn port(&self) -> u16 {
        self.settings.borrow().control_proxy.local_port
    }
}

/// What answers those who ask the proxy how it is, at its address in the registry. nghttpx answers nobody, so that
/// existing gateways have it among `non_service303_services`: then nothing listens there.
pub fn how_it_is(context: &Context) -> Option<LocalServer> {
    const SERVICE: EmbeddedService = EmbeddedService::ControlProxy;
    let settings = context.settings.borrow().clone();
    let asked = !settings.magmad.non_service303_services.contains(SERVICE.name());
    let address = settings.registry.get(SERVICE.name())?;
    let apart = address.port != settings.control_proxy.local_port;
    (asked && apart).then(|| context.server(SERVICE, address.port, Router::new(), Registry::new()))
}

impl Task for ControlProxy {
    async fn run(&mut self, mut shutdown: Shutdown) -> Result<()> {
        while !shutdown.is_fired() {
            let port = self.port();
            let listener = TcpListener::bind((self.address, port)).await.with_context(|| {
                let address = self.address;
                format!(
                    "cannot listen on {address}:{port} (is nghttpx still running there? see local_port in control_proxy.yml)"
                )
            })?;
            tracing::info!(port, "the control proxy listens");
            let mut settings = self.settings.clone();
            let moved = settings.wait_for(|settings| settings.control_proxy.local_port != port);
            let end = async {
                tokio::select! {
                    () = shutdown.wait() => {}
                    moved = moved => drop(moved),
                }
            };
            serve(listener, self.roads.clone(), Measures::default(), end).await;
        }
        Ok(())
    }
}

/// Where calls go.
#[derive(Clone)]
struct Roads {
    cloud: Cloud,
    services: LocalServices,
}

impl Destinations for Roads {
    fn local(&self, service: &str, authority: &str) -> Option<Channel> {
        self.services.channel_as(service, authority).ok()
    }

    fn cloud(&self, authority: &str) -> Result<Channel, String> {
        if self.cloud.generation() == 0 {
            return Err(
                "this gateway has no certificate for the cloud yet; magmad asks for one, and its log says \
                        why if that takes long"
                    .to_owned(),
            );
        }
        self.cloud.shared_channel(authority).map_err(|error| error.to_string())
    }
}
