//! Connections to the cloud's services, with the gateway's certificate or through the local control proxy.
//!
//! Direct mode: one TLS connection for each service, whose server name is the `:authority`,
//! `<service>-<cloud_address>`. Proxy mode: one plaintext HTTP/2 connection to the local control proxy for all services,
//! told apart by `:authority` alone; the proxy has the certificate. Connections are made anew whenever the certificate
//! or `control_proxy.yml` changes, since a live connection keeps what it was made with.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use magma_config::{GatewayConfig, Paths};
use magma_identity::{CertificatePair, PairError};
use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::naming::cloud_authority;
use magma_rpc::tls::{ClientTls, Identity, TlsError, TrustAnchors};
use thiserror::Error;
use tokio::sync::watch;

/// Where the control proxy listens when `service_registry.yml` does not say.
const PROXY_DEFAULT_HOST: &str = "127.0.0.1";

/// Why there is no connection to make.
#[derive(Debug, Error)]
pub enum CloudError {
    /// The trusted root certificate cannot be read.
    #[error("cannot read the root certificate {}: {source}; copy rootCA.pem of your cloud there", path.display())]
    Root {
        /// `rootca_cert` of `control_proxy.yml`.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The gateway has no usable certificate.
    #[error(transparent)]
    Pair(#[from] PairError),
    /// A file holds something that TLS cannot use.
    #[error("{}: {source}", path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// Why.
        source: TlsError,
    },
}

/// The cloud as the gateway's services see it; a clone shares the connections.
#[derive(Clone)]
pub struct Cloud {
    shared: Arc<Shared>,
}

struct Shared {
    paths: Paths,
    settings: watch::Receiver<Arc<GatewayConfig>>,
    connections: Mutex<Connections>,
    generation: watch::Sender<u64>,
}

#[derive(Default)]
struct Connections {
    tls: Option<ClientTls>,
    by_endpoint: BTreeMap<String, Connection>,
}

/// A channel to one service of the cloud.
#[derive(Clone, Debug)]
pub struct CloudChannel {
    /// For a generated client.
    pub channel: Channel,
    /// The generation of certificate and settings that it was made with.
    pub generation: u64,
}

impl Cloud {
    /// The cloud of these settings. It is not ready before the first [`Cloud::renew`].
    pub fn new(paths: Paths, settings: watch::Receiver<Arc<GatewayConfig>>) -> Self {
        let connections = Mutex::default();
        Self { shared: Arc::new(Shared { paths, settings, connections, generation: watch::Sender::new(0) }) }
    }

    /// Forgets all connections, because the certificate or the settings are new. Calls under way are not cut.
    pub fn renew(&self) {
        *self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner) = Connections::default();
        self.shared.generation.send_modify(|generation| *generation += 1);
    }

    /// The same, unless there is no certificate yet to use them with.
    pub fn renew_if_ready(&self) {
        if self.generation() > 0 {
            self.renew();
        }
    }

    /// 0 before there is a certificate; grows with each [`Cloud::renew`].
    pub fn generation(&self) -> u64 {
        *self.shared.generation.borrow()
    }

    /// Sees each change of [`Cloud::generation`].
    pub fn generations(&self) -> watch::Receiver<u64> {
        self.shared.generation.subscribe()
    }

    /// A channel to `service`, such as `state`. Nothing is connected before the first call.
    ///
    /// # Errors
    /// When a certificate file is missing or unusable.
    pub fn channel(&self, service: &str) -> Result<CloudChannel, CloudError> {
        let generation = self.generation();
        let settings = self.shared.settings.borrow().clone();
        let authority = cloud_authority(service, &settings.control_proxy.cloud_address);
        let mut connections = self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = if settings.control_proxy.proxy_cloud_connections {
            connections.proxied(&settings)
        } else {
            connections.direct(&settings, &self.shared.paths, &authority)?
        };
        Ok(CloudChannel { channel: connection.channel(&authority), generation })
    }
}

impl Connections {
    fn proxied(&mut self, settings: &GatewayConfig) -> &Connection {
        self.by_endpoint.entry("control_proxy".to_owned()).or_insert_with(|| {
            let registered = settings.registry.get("control_proxy");
            let host = registered.map_or(PROXY_DEFAULT_HOST, |address| &address.host).to_owned();
            let port = settings.control_proxy.local_port;
            Connection::new(Endpoint { server_name: host.clone(), host, port, transport: Transport::Plain })
        })
    }

    fn direct(
        &mut self,
        settings: &GatewayConfig,
        paths: &Paths,
        authority: &str,
    ) -> Result<&Connection, CloudError> {
        let tls = match &self.tls {
            Some(tls) => tls.clone(),
            None => self.tls.insert(client_tls(settings, paths)?).clone(),
        };
        Ok(self.by_endpoint.entry(authority.to_owned()).or_insert_with(|| {
            Connection::new(Endpoint {
                host: settings.control_proxy.cloud_address.clone(),
                port: settings.control_proxy.cloud_port,
                server_name: authority.to_owned(),
                transport: Transport::Tls(tls),
            })
        }))
    }
}

/// Reads the root certificates that `control_proxy.yml` names.
///
/// # Errors
/// When the file cannot be read or holds no certificate.
pub fn trust_anchors(path: PathBuf) -> Result<TrustAnchors, CloudError> {
    match fs::read(&path) {
        Ok(pem) => TrustAnchors::from_pem(&pem).map_err(|source| CloudError::Tls { path, source }),
        Err(source) => Err(CloudError::Root { path, source }),
    }
}

fn client_tls(settings: &GatewayConfig, paths: &Paths) -> Result<ClientTls, CloudError> {
    let proxy = &settings.control_proxy;
    let trust = trust_anchors(paths.resolve(&proxy.rootca_cert))?;
    let (cert, key) = (paths.resolve(&proxy.gateway_cert), paths.resolve(&proxy.gateway_key));
    let pair = CertificatePair::load(&cert, &key)?;
    Identity::from_pem(pair.cert_pem(), pair.key_pem())
        .and_then(|identity| ClientTls::new(&trust, Some(&identity)))
        .map_err(|source| CloudError::Tls { path: cert, source })
}
