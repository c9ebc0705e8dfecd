//! Connections to the cloud's services, with the gateway's certificate or through the local control proxy.
//!
//! | How | When | Connections | TLS server name |
//! |---|---|---|---|
//! | shared | the control proxy is ours, or the profile is low-bandwidth | one for all services | `cloud_address`, as nghttpx has it |
//! | direct | `proxy_cloud_connections: False` | one for each service | `<service>-<cloud_address>` |
//! | proxied | `proxy_cloud_connections: True`, control proxy is another program | one, in plain text, to that | – |
//!
//! Services are told apart by `:authority`, `<service>-<cloud_address>`, in all three. nginx in front of an existing
//! Orchestrator refuses a call whose authority differs from a server name that it knows, but it does not know the plain
//! `cloud_address`, so that one does for all. A cloud whose certificate is not for that name gets the names of the
//! direct mode.
//!
//! Connections are made anew whenever the certificate or `control_proxy.yml` changes, since a live connection keeps
//! what it was made with. Calls under way are not cut.

#[cfg(feature = "log-forwarding")]
mod stream;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use magma_config::{EmbeddedService, GatewayConfig, Paths, Profile};
use magma_identity::{CertificatePair, PairError};
use magma_rpc::channel::{Channel, Connection, Endpoint, Keepalive, Manner, Names, Transport};
use magma_rpc::http_proxy::{HttpProxy, HttpProxyError};
use magma_rpc::naming::cloud_authority;
use magma_rpc::tls::{ClientTls, Identity, TlsError};
use thiserror::Error;
use tokio::sync::watch;

use crate::file_version::FileVersion;
use crate::http_proxies::HttpProxies;
use crate::trust;
pub use crate::trust::root as trust_anchors;

/// Where the control proxy listens when `service_registry.yml` does not say.
const PROXY_DEFAULT_HOST: &str = "127.0.0.1";

/// How often an HTTP/2 ping checks a shared connection that hears nothing, so that firewalls on the way remember it.
const KEEPALIVE: Duration = Duration::from_secs(60);
/// The same in the low-bandwidth profile. Heartbeats go both ways at shorter intervals while SyncRPC is on, so that
/// this one comes only when the cloud has fallen silent.
const KEEPALIVE_LOW_BANDWIDTH: Duration = Duration::from_secs(180);

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
    /// `trust_system_cas` is on, but this machine has no list of trusted authorities where they usually are.
    #[error(
        "trust_system_cas is set in control_proxy.yml, but this machine has no certificates of public authorities \
         ({places}); install its ca-certificates package"
    )]
    NoSystemAuthorities {
        /// Where was looked.
        places: String,
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
    /// The HTTP proxy of the environment cannot be used.
    #[error("https_proxy or http_proxy in the environment: {0}")]
    HttpProxy(#[from] HttpProxyError),
}

/// The cloud as the gateway's services see it; a clone shares the connections.
#[derive(Clone)]
pub struct Cloud {
    shared: Arc<Shared>,
}

struct Shared {
    paths: Paths,
    settings: watch::Receiver<Arc<GatewayConfig>>,
    proxies: HttpProxies,
    connections: Mutex<Connections>,
    generation: watch::Sender<u64>,
}

#[derive(Default)]
struct Connections {
    tls: Option<Credentials>,
    by_endpoint: BTreeMap<String, Connection>,
}

/// What TLS is set up with, and which files it came from.
#[derive(Clone)]
struct Credentials {
    tls: ClientTls,
    files: Vec<FileVersion>,
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
    pub fn new(paths: Paths, settings: watch::Receiver<Arc<GatewayConfig>>, proxies: HttpProxies) -> Self {
        let (connections, generation) = (Mutex::default(), watch::Sender::new(0));
        Self { shared: Arc::new(Shared { paths, settings, proxies, connections, generation }) }
    }

    /// Forgets all connections, because the certificate or the settings are new. Calls under way are not cut.
    pub fn renew(&self) {
        *self.connections() = Connections::default();
        self.next_generation();
    }

    /// The same, unless there is no certificate yet to use them with.
    pub fn renew_if_ready(&self) {
        if self.generation() > 0 {
            self.renew();
        }
    }

    /// The same, if the files of the certificate, its key or the trusted root were replaced by somebody else, and can
    /// be used. Returns whether they were.
    pub fn renew_if_files_changed(&self) -> bool {
        let settings = self.shared.settings.borrow().clone();
        let mut connections = self.connections();
        let known = connections.tls.as_ref().map(|credentials| credentials.files.clone());
        if known.is_none_or(|known| known == versions(&settings, &self.shared.paths)) {
            return false;
        }
        // Half of a change may be there now, and the other half at the next look.
        let Ok(credentials) = credentials(&settings, &self.shared.paths) else { return false };
        *connections = Connections { tls: Some(credentials), ..Connections::default() };
        drop(connections);
        self.next_generation();
        true
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
        let mut connections = self.connections();
        let connection = match How::of(&settings) {
            How::Shared => connections.shared(&settings, &self.shared)?,
            How::Proxied => connections.proxied(&settings),
            How::Direct => connections.direct(&settings, &self.shared, &authority)?,
        };
        Ok(CloudChannel { channel: connection.channel(&authority), generation })
    }

    /// A channel for the calls of others, whatever their authority, over the shared connection.
    ///
    /// # Errors
    /// When a certificate file is missing or unusable.
    pub fn shared_channel(&self, authority: &str) -> Result<Channel, CloudError> {
        let settings = self.shared.settings.borrow().clone();
        Ok(self.connections().shared(&settings, &self.shared)?.channel(authority))
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_generation(&self) {
        self.shared.generation.send_modify(|generation| *generation += 1);
    }
}

/// How the agent itself reaches the cloud.
enum How {
    Shared,
    Proxied,
    Direct,
}

impl How {
    fn of(settings: &GatewayConfig) -> Self {
        let magmad = &settings.magmad;
        let own_proxy = magmad.embedded_services.contains(&EmbeddedService::ControlProxy);
        match settings.control_proxy.proxy_cloud_connections {
            true if own_proxy => Self::Shared,
            true => Self::Proxied,
            false if magmad.profile == Profile::LowBandwidth => Self::Shared,
            false => Self::Direct,
        }
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

    fn shared(&mut self, settings: &GatewayConfig, shared: &Shared) -> Result<&Connection, CloudError> {
        let interval = match settings.magmad.profile {
            Profile::Standard => KEEPALIVE,
            Profile::LowBandwidth => KEEPALIVE_LOW_BANDWIDTH,
        };
        let manner = Manner {
            keepalive: Keepalive { interval, while_idle: true },
            names: Names::OrEachAuthority,
            #[cfg(feature = "control-proxy")]
            buffers: Some(magma_control_proxy::Measures::BUFFERS),
            ..Manner::default()
        };
        let name = settings.control_proxy.cloud_address.clone();
        self.tls_connection(settings, shared, &name, manner)
    }

    fn direct(
        &mut self,
        settings: &GatewayConfig,
        shared: &Shared,
        authority: &str,
    ) -> Result<&Connection, CloudError> {
        self.tls_connection(settings, shared, authority, Manner::default())
    }

    fn tls_connection(
        &mut self,
        settings: &GatewayConfig,
        shared: &Shared,
        server_name: &str,
        manner: Manner,
    ) -> Result<&Connection, CloudError> {
        let tls = match &self.tls {
            Some(credentials) => credentials.tls.clone(),
            None => self.tls.insert(credentials(settings, &shared.paths)?).tls.clone(),
        };
        let (host, port) = (settings.control_proxy.cloud_address.clone(), settings.control_proxy.cloud_port);
        let proxy = http_proxy(settings, &shared.proxies, &host, port)?;
        Ok(self.by_endpoint.entry(server_name.to_owned()).or_insert_with(|| {
            let (server_name, transport) = (server_name.to_owned(), Transport::Tls(tls));
            Connection::with(Endpoint { host, port, server_name, transport }, Manner { proxy, ..manner })
        }))
    }
}

/// The HTTP proxy for a connection to `host:port`, if the settings allow one and the environment names one.
///
/// # Errors
/// When there should be one, but its URL cannot be used.
pub fn http_proxy(
    settings: &GatewayConfig,
    proxies: &HttpProxies,
    host: &str,
    port: u16,
) -> Result<Option<HttpProxy>, HttpProxyError> {
    if settings.control_proxy.allow_http_proxy { proxies.toward(host, port) } else { Ok(None) }
}

fn credentials(settings: &GatewayConfig, paths: &Paths) -> Result<Credentials, CloudError> {
    let files = versions(settings, paths);
    let proxy = &settings.control_proxy;
    let trust = trust::anchors(proxy, paths)?;
    let (cert, key) = (paths.resolve(&proxy.gateway_cert), paths.resolve(&proxy.gateway_key));
    let pair = CertificatePair::load(&cert, &key)?;
    let tls = Identity::from_pem(pair.cert_pem(), pair.key_pem())
        .and_then(|identity| ClientTls::new(&trust, Some(&identity)))
        .map_err(|source| CloudError::Tls { path: cert, source })?;
    Ok(Credentials { tls, files })
}

fn versions(settings: &GatewayConfig, paths: &Paths) -> Vec<FileVersion> {
    let proxy = &settings.control_proxy;
    let files = [&proxy.gateway_cert, &proxy.gateway_key, &proxy.rootca_cert];
    files.map(|file| FileVersion::of(&paths.resolve(file))).to_vec()
}
