//! Registration by token: tells the cloud who this gateway is, and gets the cloud's address in return.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use magma_config::{GatewayConfig, Paths, Severity, atomic_file};
use magma_identity::{ChallengeKey, HardwareId, IdentityError};
use magma_rpc::channel::{Connection, Endpoint, Manner, Transport};
use magma_rpc::deadline;
use magma_rpc::tls::{ClientTls, TlsError, TrustAnchors};
use thiserror::Error;
use wire_orc8r::orc8r::challenge_key::KeyType;
use wire_orc8r::orc8r::register_response::Response;
use wire_orc8r::orc8r::registration_client::RegistrationClient;
use wire_orc8r::orc8r::{AccessGatewayId, ChallengeKey as WireKey, RegisterRequest};

use crate::cloud::{self, CloudError};
use crate::http_proxies::HttpProxies;
use crate::{refusal, trust};

/// The port of the bootstrapper, which needs no client certificate.
pub const DEFAULT_PORT: u16 = 8444;
/// How long the cloud has.
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The cloud's domain, such as `magma.test`.
    pub domain: String,
    /// The token that the cloud issued for one gateway.
    pub token: String,
    /// The trusted root; none for `rootca_cert` of `control_proxy.yml`.
    pub ca_file: Option<PathBuf>,
    /// The port of the bootstrapper.
    pub cloud_port: u16,
    /// Whether the `control_proxy.yml` that the cloud sends is saved.
    pub save_control_proxy: bool,
}

impl Registration {
    /// The bootstrapper's name in the domain, as Magma's script has it.
    fn host(&self) -> String {
        format!("bootstrapper-controller.{}", self.domain)
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Who this gateway is.
    pub hardware_id: String,
    /// The `control_proxy.yml` that the cloud sent.
    pub control_proxy: String,
    /// Where it was saved, if it was.
    pub saved: Option<PathBuf>,
}

/// Why this gateway is not registered, or not completely.
#[derive(Debug, Error)]
pub enum RegistrationError {
    /// What should be a domain is none.
    #[error(
        "DOMAIN is {0:?}, but a domain has only letters, digits, hyphens and dots between its parts; \
         write it without https:// and without a port, such as magma.test"
    )]
    Domain(String),
    /// There is no token.
    #[error("TOKEN is empty; write the registration token from the gateway's page or its REST resource")]
    NoToken,
    /// The hardware id or challenge key cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The root certificate cannot be read.
    #[error("{0}; or name another one with --ca-file")]
    Root(#[from] CloudError),
    /// The root certificate cannot be used.
    #[error("the root certificate cannot be used: {0}")]
    Tls(#[from] TlsError),
    /// The cloud did not answer.
    #[error("{address}: {reason}")]
    Call {
        /// Where it was asked.
        address: String,
        /// What happened, with a next step.
        reason: String,
    },
    /// The cloud refused.
    #[error("the cloud refused the registration: {}{}", .0, hint(.0))]
    Refused(String),
    /// The cloud answered nothing.
    #[error("the cloud's answer is empty; is {0} an Orchestrator that knows registration (1.8 or later)?")]
    Empty(String),
    /// It worked, but the settings that came back cannot be used.
    #[error(
        "the gateway is registered, but the control_proxy.yml that the cloud sent cannot be used and was not kept: \
         {problem}; correct it at the cloud (control_proxy of the tenant), or write {} by hand", path.display()
    )]
    Unusable {
        /// Where it would have been saved.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// It worked, but the settings that came back could not be saved.
    #[error(
        "the gateway is registered, but {} cannot be written: {source}; make room or give permission, and write there:\n{text}",
        path.display()
    )]
    Unsaved {
        /// Where it should have been saved.
        path: PathBuf,
        /// Why not.
        source: io::Error,
        /// What should have been saved.
        text: String,
    },
}

/// What to do about a refusal, as far as its text tells (spec: it is free text, and not all of them are about tokens).
fn hint(refusal: &str) -> &'static str {
    if refusal.contains("is already mapped to gateway") {
        return "; this gateway is registered: start magmad, or remove its device there to register it anew";
    }
    let about_token = ["token", "nonce"].iter().any(|word| refusal.contains(word));
    match about_token && !refusal.contains("gateway's page") {
        true => {
            "; a token is valid for one gateway, once, and for about half an hour: \
                 get a new one from the gateway's page or its REST resource"
        }
        false => "",
    }
}

/// Registers this gateway. Its hardware id and challenge key are made if it has none.
///
/// # Errors
/// See [`RegistrationError`]; each says what to do.
pub async fn register(paths: &Paths, registration: &Registration) -> Result<Registered, RegistrationError> {
    register_through(paths, registration, &HttpProxies::default()).await
}

/// The same through the HTTP proxy that the environment names, if `control_proxy.yml` allows it.
///
/// # Errors
/// See [`RegistrationError`]; each says what to do.
pub async fn register_through(
    paths: &Paths,
    registration: &Registration,
    proxies: &HttpProxies,
) -> Result<Registered, RegistrationError> {
    check(registration)?;
    // A gateway that is about to be registered may well have no cloud in its settings yet: only the paths matter.
    let (config, _) = magma_config::inspect(paths);
    let hardware_id = HardwareId::load_or_create(&paths.hardware_id_file())?;
    let key = ChallengeKey::load_or_create(&paths.resolve(&config.magmad.challenge_key))?;
    let trust = match &registration.ca_file {
        Some(file) => trust::root(file.clone())?,
        None => trust::anchors(&config.control_proxy, paths)?,
    };
    let connection = connection(registration, &trust, &config, proxies)?;
    let root = registration.ca_file.clone();
    let root = root.unwrap_or_else(|| paths.resolve(&config.control_proxy.rootca_cert));
    let text = call(registration, &connection, &hardware_id, &key).await;
    let text = text.map_err(|error| error.checked_against(&root))?;
    let saved = if registration.save_control_proxy { Some(save(paths, &text)?) } else { None };
    Ok(Registered { hardware_id: hardware_id.as_str().to_owned(), control_proxy: text, saved })
}

impl RegistrationError {
    /// Names the root certificate where it is the one to look at.
    fn checked_against(self, root: &Path) -> Self {
        match self {
            Self::Call { address, reason } if reason.contains("rootCA.pem") => {
                let trusted = root.display();
                let reason = format!("{reason} {trusted} is what is trusted; --ca-file names another");
                Self::Call { address, reason }
            }
            other => other,
        }
    }
}

/// Finds what was mistyped before anything is made or sent.
fn check(registration: &Registration) -> Result<(), RegistrationError> {
    let domain = &registration.domain;
    let part =
        |part: &str| !part.is_empty() && part.chars().all(|char| char.is_ascii_alphanumeric() || char == '-');
    if !domain.split('.').all(part) {
        return Err(RegistrationError::Domain(domain.clone()));
    }
    if registration.token.trim().is_empty() {
        return Err(RegistrationError::NoToken);
    }
    Ok(())
}

fn connection(
    registration: &Registration,
    trust: &TrustAnchors,
    config: &GatewayConfig,
    proxies: &HttpProxies,
) -> Result<Connection, RegistrationError> {
    let (host, port) = (registration.host(), registration.cloud_port);
    let transport = Transport::Tls(ClientTls::new(trust, None)?);
    let proxy = cloud::http_proxy(config, proxies, &host, port).map_err(CloudError::from)?;
    let endpoint = Endpoint { server_name: host.clone(), host, port, transport };
    Ok(Connection::with(endpoint, Manner { proxy, ..Manner::default() }))
}

async fn call(
    registration: &Registration,
    connection: &Connection,
    hardware_id: &HardwareId,
    key: &ChallengeKey,
) -> Result<String, RegistrationError> {
    let host = registration.host();
    let address = format!("{host}:{}", registration.cloud_port);
    let request = RegisterRequest {
        token: registration.token.clone(),
        hwid: Some(AccessGatewayId { id: hardware_id.as_str().to_owned() }),
        challenge_key: Some(WireKey {
            key_type: KeyType::SoftwareEcdsaSha256.into(),
            // Magma-compat: the text of the base64, not the DER that it stands for.
            key: key.public_key_base64().into_bytes(),
        }),
    };
    let mut client = RegistrationClient::new(connection.channel(&host));
    let answer = deadline(CALL_LIMIT, client.register(request)).await;
    let answer = answer.map_err(|status| {
        let reason = refusal::explain(&status);
        RegistrationError::Call { address: address.clone(), reason }
    })?;
    match answer.into_inner().response {
        Some(Response::ControlProxy(text)) => Ok(text),
        Some(Response::Error(error)) => Err(RegistrationError::Refused(error)),
        None => Err(RegistrationError::Empty(address)),
    }
}

/// Saves the settings as an override; puts the former ones back if the new ones cannot be used.
fn save(paths: &Paths, text: &str) -> Result<PathBuf, RegistrationError> {
    let path = paths.override_dir().join("control_proxy.yml");
    let unsaved = |source| RegistrationError::Unsaved { path: path.clone(), source, text: text.to_owned() };
    let former = match fs::read(&path) {
        Ok(former) => Some(former),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(unsaved(error)),
    };
    fs::create_dir_all(paths.override_dir()).map_err(unsaved)?;
    atomic_file::replace(&path, text.as_bytes(), 0o644).map_err(unsaved)?;
    let (_, problems) = magma_config::inspect(paths);
    let wrong = problems.iter().find(|problem| problem.severity == Severity::Error && problem.file == path);
    let Some(problem) = wrong else { return Ok(path) };
    match former {
        Some(former) => atomic_file::replace(&path, &former, 0o644),
        None => atomic_file::remove(&path),
    }
    .map_err(unsaved)?;
    Err(RegistrationError::Unusable { problem: problem.to_string(), path })
}
