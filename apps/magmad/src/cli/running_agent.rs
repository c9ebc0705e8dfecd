//! The agent that runs on this gateway, as the command line asks and orders it: over gRPC, at its address in
//! `service_registry.yml`.

use std::time::Duration;

use anyhow::{Result, anyhow};
use magma_config::{GatewayConfig, InitSystem, Paths};
use magma_rpc::channel::Channel;
use magma_rpc::{Code, Status, failure_of};
use prost::Message;
use wire_orc8r::orc8r::{ServiceInfo, Void};

use super::call::{self, Messages};
use crate::agent::own_services::{DEFAULT_PORT, NAME};
use crate::local_services::LocalServices;

/// How long a plain question may take.
pub(crate) const ANSWER_LIMIT: Duration = Duration::from_secs(8);

/// What every Magma service answers; the method's name follows.
pub(crate) const SERVICE303: &str = "/magma.orc8r.Service303/";

/// What the agent answers; the method's name follows.
const MAGMAD: &str = "/magma.orc8r.Magmad/";

/// The way to the agent of this gateway.
pub(crate) struct RunningAgent {
    channel: Channel,
    address: String,
    init_system: InitSystem,
}

impl RunningAgent {
    /// The way to the agent of these files; whether it runs shows when it is called.
    pub(crate) fn of(config: &GatewayConfig) -> Result<Self> {
        let registry = with_agent(config);
        let address = registry.registry().get(NAME).map(|at| format!("{}:{}", at.host, at.port));
        Ok(Self {
            channel: registry.channel(NAME)?,
            address: address.unwrap_or_default(),
            init_system: config.magmad.init_system,
        })
    }

    /// The same, from the files.
    pub(crate) fn at(paths: &Paths) -> Result<Self> {
        Self::of(&magma_config::inspect(paths).0)
    }

    /// Calls a method of the agent's own service.
    pub(crate) async fn order<Answer: Message + Default>(
        &self,
        method: &str,
        request: &impl Message,
        limit: Duration,
    ) -> Result<Answer> {
        let answer = call::unary(&self.channel, &format!("{MAGMAD}{method}"), request, limit).await;
        answer.map_err(|status| self.explained(&status))
    }

    /// Calls a method that answers a stream.
    pub(crate) async fn follow(&self, method: &str, request: &impl Message) -> Result<Messages> {
        let messages =
            call::streaming(&self.channel, &format!("{MAGMAD}{method}"), request, ANSWER_LIMIT).await;
        messages.map_err(|status| self.explained(&status))
    }

    /// What the agent says of itself.
    pub(crate) async fn info(&self) -> Result<ServiceInfo, Status> {
        call::unary(&self.channel, &format!("{SERVICE303}GetServiceInfo"), &Void {}, ANSWER_LIMIT).await
    }

    /// Whether an agent answers. One that is there but does not understand counts.
    pub(crate) async fn runs(&self) -> bool {
        self.info().await.is_ok()
    }

    /// The status in words, with a next step where nothing answers at all.
    pub(crate) fn explained(&self, status: &Status) -> anyhow::Error {
        match failure_of(status) {
            Some(failure) => {
                let start = start_line(self.init_system);
                anyhow!("magmad does not answer at {} ({failure}); start it with: {start}", self.address)
            }
            None if status.code() == Code::Unimplemented => {
                anyhow!("the magmad at {} does not offer this: {}", self.address, status.message())
            }
            None => anyhow!("{}", status.message()),
        }
    }
}

/// The registry with the agent in it, whether or not the file names it.
pub(crate) fn with_agent(config: &GatewayConfig) -> LocalServices {
    let own = magma_config::ServiceAddress { host: "127.0.0.1".to_owned(), port: DEFAULT_PORT };
    let mut services = std::collections::BTreeMap::from([(NAME.to_owned(), own)]);
    services.extend(config.registry.iter().map(|(name, address)| (name.to_owned(), address.clone())));
    LocalServices::new(magma_config::ServiceRegistry::new(services))
}

/// How an operator starts the agent on this kind of machine.
fn start_line(init_system: InitSystem) -> &'static str {
    match init_system {
        InitSystem::Systemd => "systemctl start magmad",
        InitSystem::Docker => "docker start magmad",
        InitSystem::Runit => "sv start magmad",
        InitSystem::Initd | InitSystem::Procd => "/etc/init.d/magmad start",
        InitSystem::Process => "magmad run",
    }
}
