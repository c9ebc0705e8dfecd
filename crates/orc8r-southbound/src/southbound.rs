//! The southbound side as a whole: what it is made of, and the two doors to it.

use std::sync::Arc;

use magma_rpc::server::Router;
use orc8r_ca::CertificateAuthorities;
use orc8r_logs::CloudEvents;
use orc8r_metrics::Metrics;
use orc8r_store::Store;
use wire_feg::feg::health_server::HealthServer;
use wire_lte::lte::policy_assignment_controller_server::PolicyAssignmentControllerServer;
use wire_lte::lte::sms_d_server::SmsDServer;
use wire_lte::lte::subscriber_db_cloud_server::SubscriberDbCloudServer;
use wire_orc8r::orc8r::bootstrapper_server::BootstrapperServer;
use wire_orc8r::orc8r::call_trace_controller_server::CallTraceControllerServer;
use wire_orc8r::orc8r::cloud_registration_server::CloudRegistrationServer;
use wire_orc8r::orc8r::configurator::southbound_configurator_server::SouthboundConfiguratorServer;
use wire_orc8r::orc8r::gateway_directory_service_server::GatewayDirectoryServiceServer;
use wire_orc8r::orc8r::metrics_controller_server::MetricsControllerServer;
use wire_orc8r::orc8r::registration_server::RegistrationServer;
use wire_orc8r::orc8r::state_service_server::StateServiceServer;
use wire_orc8r::orc8r::streamer_server::StreamerServer;

use crate::bootstrapper::BootstrapperService;
use crate::call_traces::CallTraceService;
use crate::clock::Clock;
use crate::config_push::ConfigPush;
use crate::configurator::ConfiguratorService;
use crate::control_proxy::GatewayAddress;
use crate::directory::DirectoryServiceImpl;
use crate::federation_health::HealthService;
use crate::gate::Gate;
use crate::mconfig_cache::MconfigCache;
use crate::metrics::MetricsService;
use crate::network_push::NetworkPush;
use crate::nodes::{CallsService, JoinError, Nodes};
use crate::policy_assignment::PolicyAssignmentService;
use crate::principal::Identification;
use crate::refusals::Refusals;
use crate::registration::{CloudRegistrationService, RegistrationService};
use crate::short_messages::ShortMessageService;
use crate::state::StateServiceImpl;
use crate::streamer::StreamerService;
use crate::streams::NetworkStreams;
use crate::subscribers::SubscribersService;
use crate::sync_rpc::{Broker, SyncRpcService};
use crate::{MESSAGE_BYTES_MAX, OPEN_MESSAGE_BYTES_MAX};

/// The services that gateways call, with what they share.
pub struct Southbound {
    store: Store,
    authorities: Arc<CertificateAuthorities>,
    address: GatewayAddress,
    clock: Clock,
    identification: Identification,
    mconfigs: Arc<MconfigCache>,
    pushes: Pushes,
    streams: Arc<NetworkStreams>,
    broker: Broker,
    metrics: Metrics,
    refusals: Refusals,
    events: Option<CloudEvents>,
}

/// What pushes changes to gateways. Clones share everything.
#[derive(Clone)]
pub struct Pushes {
    configs: ConfigPush,
    networks: NetworkPush,
}

impl Pushes {
    /// Ends every stream, because this program stops.
    pub fn shut_down(&self) {
        self.configs.shut_down();
        self.networks.shut_down();
    }
}

/// Sets the message limits of a generated server in both directions.
macro_rules! bounded {
    ($server:expr) => {
        $server.max_decoding_message_size(MESSAGE_BYTES_MAX).max_encoding_message_size(MESSAGE_BYTES_MAX)
    };
}

impl Southbound {
    /// Puts the services together; nothing runs yet. What gateways measure goes to `metrics`.
    pub fn new(
        store: Store,
        metrics: Metrics,
        authorities: Arc<CertificateAuthorities>,
        address: GatewayAddress,
        clock: Clock,
    ) -> Self {
        let mconfigs = Arc::new(MconfigCache::new(store.clone(), clock.clone()));
        let streams = Arc::new(NetworkStreams::new(store.clone()));
        let pushes = Pushes {
            configs: ConfigPush::new(store.clone(), clock.clone(), mconfigs.clone()),
            networks: NetworkPush::new(store.clone(), clock.clone(), streams.clone()),
        };
        Self {
            pushes,
            streams,
            mconfigs,
            identification: Identification::new(store.clone()),
            broker: Broker::new(),
            refusals: Refusals::default(),
            events: None,
            metrics,
            store,
            authorities,
            address,
            clock,
        }
    }

    /// The same, which tells what gateways do here among the events of their networks.
    pub fn telling(self, events: CloudEvents) -> Self {
        Self { events: Some(events), ..self }
    }

    /// The door for those without a certificate: bootstrap and registration, nothing else.
    pub fn open_door(&self) -> Gate {
        self.gate(self.open_services())
    }

    /// The door for those with a certificate: everything.
    pub fn certified_door(&self) -> Gate {
        let Self { store, clock, authorities, address, .. } = self;
        let (mconfigs, pushes) = (self.mconfigs.clone(), self.pushes.clone());
        let cloud_registration = CloudRegistrationService {
            store: store.clone(),
            authorities: authorities.clone(),
            address: address.clone(),
            clock: clock.clone(),
        };
        let call_traces = CallTraceService { store: store.clone() };
        let directory = DirectoryServiceImpl { store: store.clone(), clock: clock.clone() };
        let states = StateServiceImpl { store: store.clone(), clock: clock.clone() };
        let metrics = MetricsService { metrics: self.metrics.clone(), clock: clock.clone() };
        let health = HealthService { store: store.clone(), clock: clock.clone() };
        let sync_rpc = SyncRpcService {
            broker: self.broker.clone(),
            identification: self.identification.clone(),
            clock: clock.clone(),
        };
        let streamer = StreamerService {
            mconfigs: mconfigs.clone(),
            pushes: pushes.configs,
            network_pushes: pushes.networks,
            streams: self.streams.clone(),
        };
        let subscribers = SubscribersService::new(store.clone(), clock.clone());
        let policy_assignment = PolicyAssignmentService { store: store.clone() };
        let short_messages = ShortMessageService { store: store.clone(), clock: clock.clone() };
        let services = self
            .open_services()
            .add(bounded!(CloudRegistrationServer::new(cloud_registration)))
            .add(bounded!(StreamerServer::new(streamer)))
            .add(bounded!(SubscriberDbCloudServer::new(subscribers)))
            .add(bounded!(PolicyAssignmentControllerServer::new(policy_assignment)))
            .add(bounded!(SmsDServer::new(short_messages)))
            .add(bounded!(SouthboundConfiguratorServer::new(ConfiguratorService { mconfigs })))
            .add(bounded!(StateServiceServer::new(states)))
            .add(bounded!(CallTraceControllerServer::new(call_traces)))
            .add(bounded!(GatewayDirectoryServiceServer::new(directory)))
            .add(bounded!(MetricsControllerServer::new(metrics)))
            .add(bounded!(HealthServer::new(health)))
            .add(sync_rpc);
        self.gate(services)
    }

    /// The door for other nodes: calls to gateways whose streams end here, nothing else.
    pub fn node_door(&self) -> Gate {
        self.gate(Router::new().add(CallsService(self.broker.clone())))
    }

    /// Makes this one of several nodes that share a store: the others reach its [`Southbound::node_door`] at `address`,
    /// `host:port`. [`Nodes::keep_up`] has to run from then on.
    ///
    /// # Errors
    /// When its certificate cannot be made, or the others cannot be told.
    pub async fn join(&self, address: String) -> Result<Nodes, JoinError> {
        let server_name = format!("controller.{}", self.address.domain);
        let place = (address, server_name);
        let nodes = Nodes::join(self.store.clone(), &self.authorities, self.clock.clone(), place).await?;
        self.broker.join(nodes.clone());
        Ok(nodes)
    }

    /// What calls gateways.
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// What pushes changes to gateways.
    pub fn pushes(&self) -> &Pushes {
        &self.pushes
    }

    /// What finds out who holds a certificate.
    pub fn identification(&self) -> &Identification {
        &self.identification
    }

    fn open_services(&self) -> Router {
        let Self { store, clock, authorities, address, refusals, .. } = self;
        let bootstrapper = BootstrapperService {
            store: store.clone(),
            authorities: authorities.clone(),
            clock: clock.clone(),
            refusals: refusals.clone(),
            events: self.events.clone(),
        };
        let registration = RegistrationService {
            store: store.clone(),
            address: address.clone(),
            clock: clock.clone(),
            refusals: refusals.clone(),
            events: self.events.clone(),
        };
        let bootstrapper =
            BootstrapperServer::new(bootstrapper).max_decoding_message_size(OPEN_MESSAGE_BYTES_MAX);
        let registration =
            RegistrationServer::new(registration).max_decoding_message_size(OPEN_MESSAGE_BYTES_MAX);
        Router::new().add(bootstrapper).add(registration)
    }

    fn gate(&self, services: Router) -> Gate {
        Gate::new(services, self.identification.clone(), self.clock.clone(), self.refusals.clone())
    }
}
