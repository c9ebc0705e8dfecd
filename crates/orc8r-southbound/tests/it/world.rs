//! A small Orchestrator: two networks, a clock that stands still, and doors with and without a certificate.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, UNIX_EPOCH};

use magma_rpc::Body;
use magma_rpc::server::PeerCertificate;
use orc8r_ca::{CertificateAuthorities, ClientSubject, DomainName};
use orc8r_metrics::Metrics;
use orc8r_metrics::promql::Limits;
use orc8r_metrics::tsdb::{Settings, Tsdb};
use orc8r_model::{
    AccessList, CertificateInfo, Device, DeviceKey, Entity, EntityId, GatewayId, HardwareId, Identity,
    Network, NetworkId,
};
use orc8r_southbound::{Clock, Gate, GatewayAddress, Southbound};
use orc8r_store::{EntityWrite, Store};
use tempfile::TempDir;
use tower_service::Service;

/// The moment at which every test begins, in seconds since 1970.
pub const START: u64 = 1_800_000_000;

pub struct World {
    pub store: Store,
    pub authorities: Arc<CertificateAuthorities>,
    pub southbound: Southbound,
    pub metrics: Tsdb,
    now: Arc<AtomicU64>,
    certified: Gate,
    open: Gate,
    _folder: TempDir,
}

impl World {
    /// Networks `n1` with gateway `gw1` (hardware id `hw1`) and `n2` with gateway `gw2` (`hw2`), both ECHO.
    pub async fn new() -> Self {
        Self::over(orc8r_store::testing::store().unwrap()).await
    }

    /// For tests with a paused clock, which would run while a server is waited for.
    pub async fn in_memory() -> Self {
        Self::over(Store::in_memory().unwrap()).await
    }

    async fn over(store: Store) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let domain = DomainName::parse("magma.test").unwrap();
        let start = UNIX_EPOCH + Duration::from_secs(START);
        let opened = CertificateAuthorities::open(folder.path(), &domain, start).unwrap();
        let authorities = Arc::new(opened.authorities);
        let now = Arc::new(AtomicU64::new(START));
        let clock = {
            let now = now.clone();
            Clock::new(move || UNIX_EPOCH + Duration::from_secs(now.load(Ordering::Relaxed)))
        };
        let address = GatewayAddress { domain, cloud_port: 8443, bootstrap_port: 8444, logs_port: 24224 };
        let settings = Settings::default();
        let metrics = Tsdb::open(&folder.path().join("metrics"), settings, START as i64 * 1000).unwrap();
        let southbound = Southbound::new(
            store.clone(),
            Metrics::new(metrics.clone(), Limits::default()),
            authorities.clone(),
            address,
            clock,
        );
        let (certified, open) = (southbound.certified_door(), southbound.open_door());
        let world = Self { store, authorities, southbound, metrics, now, certified, open, _folder: folder };
        world.add_gateway("n1", "gw1", Some(echo("hw1"))).await;
        world.add_gateway("n2", "gw2", Some(echo("hw2"))).await;
        world
    }

    pub async fn add_gateway(&self, network: &str, gateway: &str, device: Option<Device>) {
        let network = NetworkId::parse(network).unwrap();
        if self.store.network(&network).await.is_err() {
            self.store.create_network(Network::new(network.clone())).await.unwrap();
        }
        let mut entity = Entity::new(EntityId::gateway(&GatewayId::parse(gateway).unwrap()));
        entity.physical_id = device.as_ref().map(|device| device.hardware_id.to_string());
        entity.config = Some(serde_json::json!({
            "autoupgrade_enabled": false, "autoupgrade_poll_interval": 300,
            "checkin_interval": 60, "checkin_timeout": 10,
        }));
        let mut writes = vec![EntityWrite::Create(entity)];
        writes.extend(device.map(EntityWrite::PutDevice));
        self.store.write_entities(&network, writes).await.unwrap();
    }

    pub async fn add_operator(&self, name: &str, access: AccessList) -> Door {
        self.store.put_operator(name, access).await.unwrap();
        let issued = self.authorities.issue_operator(name, self.moment()).unwrap().certificate;
        let info = CertificateInfo {
            identity: Identity::Operator { name: name.to_owned() },
            not_before: issued.facts.not_before,
            not_after: issued.facts.not_after,
        };
        self.store.add_certificate(&issued.facts.serial, info).await.unwrap();
        self.certified(issued.der)
    }

    /// The door of a gateway that has bootstrapped.
    pub async fn gateway(&self, hardware_id: &str) -> Door {
        let (der, serial) = self.certificate(hardware_id);
        let facts = orc8r_ca::CertificateFacts::from_der(&der).unwrap();
        let info = CertificateInfo {
            identity: Identity::Gateway { hardware_id: HardwareId::parse(hardware_id).unwrap() },
            not_before: facts.not_before,
            not_after: facts.not_after,
        };
        self.store.add_certificate(&serial, info).await.unwrap();
        self.certified(der)
    }

    /// A certificate of our own authority that the store has never heard of, with its serial.
    pub fn certificate(&self, hardware_id: &str) -> (Vec<u8>, String) {
        let subject = ClientSubject::Gateway { hardware_id };
        let issued =
            self.authorities.sign_client_certificate(&csr(hardware_id), subject, None, self.moment());
        let issued = issued.unwrap();
        (issued.der, issued.facts.serial)
    }

    pub fn certified(&self, certificate: Vec<u8>) -> Door {
        Door { gate: self.certified.clone(), certificate: Some(certificate), headers: vec![] }
    }

    pub fn open(&self) -> Door {
        Door { gate: self.open.clone(), certificate: None, headers: vec![] }
    }

    pub fn pass(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    pub fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    fn moment(&self) -> std::time::SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.now())
    }
}

pub fn echo(hardware_id: &str) -> Device {
    Device { hardware_id: HardwareId::parse(hardware_id).unwrap(), key: DeviceKey::Echo }
}

/// A certificate request with a fresh key.
pub fn csr(common_name: &str) -> Vec<u8> {
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, common_name);
    params.serialize_request(&rcgen::KeyPair::generate().unwrap()).unwrap().der().to_vec()
}

/// What a client connects to: a gate, and what TLS would say of the caller.
#[derive(Clone)]
pub struct Door {
    gate: Gate,
    certificate: Option<Vec<u8>>,
    headers: Vec<(&'static str, String)>,
}

impl Door {
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl Service<http::Request<Body>> for Door {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = <Gate as Service<http::Request<Body>>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        if let Some(der) = &self.certificate {
            request.extensions_mut().insert(PeerCertificate(der.clone().into()));
        }
        for (name, value) in &self.headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        self.gate.call(request)
    }
}
