//! One attempt at a certificate: the two calls of Magma's bootstrapper, and what is made and checked between them.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use magma_config::{GatewayConfig, Paths};
use magma_identity::{CertificatePair, ChallengeKey, GatewayKey, HardwareId, PairError};
use magma_rpc::channel::{Channel, Connection, Endpoint, Manner, Transport};
use magma_rpc::tls::ClientTls;
use magma_rpc::{Code, Failure as Unreached, Status, failure_of};
use wire_orc8r::orc8r::bootstrapper_client::BootstrapperClient;
use wire_orc8r::orc8r::challenge_key::KeyType;
use wire_orc8r::orc8r::identity::{Gateway, Value};
use wire_orc8r::orc8r::response::{Ecdsa, Echo, Response as Answer};
use wire_orc8r::orc8r::{AccessGatewayId, CertType, Certificate, Challenge, Csr, Identity, Response};

use super::clock;
use super::failure::{Cause, Failure};
use super::machine::Validity;
use crate::cloud::{self, CloudError};
use crate::http_proxies::HttpProxies;
use crate::{refusal, trust};

/// How long the certificate is asked to be valid. Magma: 4 days; the cloud grants 97 hours at most.
const VALID_FOR: Duration = Duration::from_secs(4 * 24 * 3600);

/// The port that firewalls leave open when they leave any, as Magma's Go agent has it.
pub const LAST_RESORT_PORT: u16 = 443;

/// An attempt under way. Its steps are called in order; each leaves what the next one needs.
pub struct Exchange {
    hardware_id: HardwareId,
    challenge_key: PathBuf,
    roads: Vec<Road>,
    progress: Progress,
}

/// What the ways to the bootstrapper are made of, beside the settings.
#[derive(Clone, Debug)]
pub struct Network {
    /// The HTTP proxies that the environment names.
    pub http_proxies: HttpProxies,
    /// Where the bootstrapper is asked for if nothing takes the connection at the configured port.
    pub last_resort_port: u16,
}

/// A way to the bootstrapper.
struct Road {
    channel: Channel,
    address: String,
}

enum Progress {
    Begun,
    Challenged(Challenge),
    Signed(Box<GatewayKey>, Certificate),
    Done,
}

impl Exchange {
    /// An attempt at the bootstrapper of `settings`, which nothing has been sent to yet. The trusted root is read each
    /// time, so that a corrected file counts at the next attempt.
    pub fn begin(
        settings: &GatewayConfig,
        network: &Network,
        paths: &Paths,
        challenge_key: PathBuf,
        hardware_id: HardwareId,
    ) -> Result<Self, Failure> {
        let roads = roads(settings, network, paths)
            .map_err(|error| Failure::new(Cause::GetChallenge, error.to_string()))?;
        Ok(Self { hardware_id, challenge_key, roads, progress: Progress::Begun })
    }

    /// Asks for a challenge: at the configured port and, if nothing can be reached there, at the last resort's, as
    /// Magma's Go agent does. The answer to it goes where the challenge came from.
    pub async fn get_challenge(&mut self) -> Result<(), Failure> {
        let mut unreached: Option<String> = None;
        while let Some(road) = self.roads.first() {
            let request = AccessGatewayId { id: self.hardware_id.as_str().to_owned() };
            let answer = BootstrapperClient::new(road.channel.clone()).get_challenge(request).await;
            let status = match answer {
                Ok(challenge) => {
                    self.progress = Progress::Challenged(challenge.into_inner());
                    return Ok(());
                }
                Err(status) => status,
            };
            let mut failure = self.refused(Cause::GetChallenge, road, &status);
            if let Some(before) = unreached.take() {
                failure.message = format!("{before}; nor is there another way: {}", failure.message);
            }
            if self.roads.len() == 1 || !is_unreached(&status) {
                return Err(failure);
            }
            unreached = Some(failure.message);
            self.roads.remove(0);
        }
        Err(Failure::new(Cause::Channel, "there is no bootstrapper to ask"))
    }

    /// Answers the challenge and asks for a signature over a fresh key.
    pub async fn request_sign(&mut self) -> Result<(), Failure> {
        let Progress::Challenged(challenge) = std::mem::replace(&mut self.progress, Progress::Done) else {
            return Err(Failure::new(Cause::Channel, "there is no challenge to answer"));
        };
        let Some(road) = self.roads.first() else {
            return Err(Failure::new(Cause::Channel, "there is no bootstrapper to answer"));
        };
        let answer = self.answer(&challenge)?;
        let key =
            GatewayKey::generate().map_err(|error| Failure::new(Cause::PrivateKey, error.to_string()))?;
        let csr_der = key.csr_der(&self.hardware_id);
        let request = Response {
            hw_id: Some(AccessGatewayId { id: self.hardware_id.as_str().to_owned() }),
            challenge: challenge.challenge,
            csr: Some(self.csr(csr_der)),
            response: Some(answer),
        };
        let signed = BootstrapperClient::new(road.channel.clone()).request_sign(request).await;
        let certificate = signed.map_err(|status| self.refused(Cause::RequestSign, road, &status))?;
        let certificate = certificate.into_inner();
        self.progress = Progress::Signed(Box::new(key), certificate);
        Ok(())
    }

    /// Checks what was signed, and replaces the pair on disk with it and its key.
    pub fn store(&mut self, wall: SystemTime, cert: &Path, key_file: &Path) -> Result<Validity, Failure> {
        let Progress::Signed(key, certificate) = std::mem::replace(&mut self.progress, Progress::Done) else {
            return Err(Failure::new(Cause::InvalidCertificate, "there is no certificate to store"));
        };
        let invalid = |why: String| Failure::new(Cause::InvalidCertificate, why);
        let pair = CertificatePair::new(&certificate.cert_der, &key)
            .map_err(|error| invalid(format!("the cloud issued what cannot be used: {error}")))?;
        let validity = Validity { not_before: pair.not_before(), not_after: pair.not_after() };
        check_issued(pair.common_name(), validity, &self.hardware_id, wall).map_err(invalid)?;
        pair.store(cert, key_file)
            .map_err(|error| Failure::new(Cause::Store(error_kind(&error)), error.to_string()))?;
        Ok(validity)
    }

    /// What the challenge says of the clocks, if anything.
    pub fn clock_warning(&self, wall: SystemTime) -> Option<String> {
        match &self.progress {
            Progress::Challenged(challenge) => {
                clock::time_of_challenge(&challenge.challenge).and_then(|cloud| clock::warning(wall, cloud))
            }
            _ => None,
        }
    }

    fn answer(&self, challenge: &Challenge) -> Result<Answer, Failure> {
        match KeyType::try_from(challenge.key_type) {
            Ok(KeyType::Echo) => Ok(Answer::EchoResponse(Echo { response: challenge.challenge.clone() })),
            Ok(KeyType::SoftwareEcdsaSha256) => {
                let key = ChallengeKey::load(&self.challenge_key)
                    .map_err(|error| Failure::new(Cause::Answer, error.to_string()))?;
                let signature = key.sign(&challenge.challenge);
                Ok(Answer::EcdsaResponse(Ecdsa { r: signature.r, s: signature.s }))
            }
            Ok(KeyType::SoftwareRsaSha256) => Err(Failure::new(
                Cause::Answer,
                "this gateway is registered with an RSA challenge key, which no Magma gateway has; register the key \
                 that magmad show prints, as SOFTWARE_ECDSA_SHA256",
            )),
            Err(_) => Err(Failure::new(
                Cause::Answer,
                format!("the cloud asks for an unknown kind of challenge key ({})", challenge.key_type),
            )),
        }
    }

    fn csr(&self, csr_der: Vec<u8>) -> Csr {
        let gateway = Gateway { hardware_id: self.hardware_id.as_str().to_owned(), ..Default::default() };
        let seconds = i64::try_from(VALID_FOR.as_secs()).unwrap_or(i64::MAX);
        Csr {
            id: Some(Identity { value: Some(Value::Gateway(gateway)) }),
            valid_time: Some(prost_types::Duration { seconds, nanos: 0 }),
            csr_der,
            cert_type: CertType::Default.into(),
        }
    }

    fn refused(&self, cause: Cause, road: &Road, status: &Status) -> Failure {
        let id = &self.hardware_id;
        let said = status.message();
        let message = match status.code() {
            Code::NotFound => format!(
                "the cloud does not know the hardware id {id} ({said}); register it: magmad register DOMAIN TOKEN, or \
                 enter what magmad show prints"
            ),
            Code::Aborted => format!(
                "the cloud did not accept the answer to its challenge ({said}); is the challenge key that magmad show \
                 prints the registered one, and is the clock right (NTP)?"
            ),
            _ => format!("{}: {}", road.address, refusal::explain(status)),
        };
        Failure::new(cause, message)
    }
}

/// The ways to the bootstrapper, in the order in which they are tried.
fn roads(settings: &GatewayConfig, network: &Network, paths: &Paths) -> Result<Vec<Road>, CloudError> {
    let proxy = &settings.control_proxy;
    let (trust, host) = (trust::anchors(proxy, paths)?, &proxy.bootstrap_address);
    let tls = ClientTls::new(&trust, None)
        .map_err(|source| CloudError::Tls { path: paths.resolve(&proxy.rootca_cert), source })?;
    let mut ports = vec![proxy.bootstrap_port, network.last_resort_port];
    ports.dedup();
    let road = |port| {
        let (server_name, transport) = (host.clone(), Transport::Tls(tls.clone()));
        let proxy = cloud::http_proxy(settings, &network.http_proxies, host, port)?;
        let endpoint = Endpoint { host: host.clone(), port, server_name, transport };
        let connection = Connection::with(endpoint, Manner { proxy, ..Manner::default() });
        Ok(Road { channel: connection.channel(host), address: format!("{host}:{port}") })
    };
    ports.into_iter().map(road).collect()
}

/// Whether nothing took the connection. What answered and was not to be trusted is no reason to ask elsewhere.
fn is_unreached(status: &Status) -> bool {
    matches!(
        failure_of(status),
        Some(Unreached::Connect { .. } | Unreached::Timeout { .. } | Unreached::Proxy { .. })
    )
}

/// Whether an issued certificate is for this gateway and valid now.
///
/// It is not held against a CA: the one that signs gateways is the cloud's own affair, and the answer came over a
/// connection that the trusted root vouches for.
fn check_issued(
    common_name: &str,
    validity: Validity,
    hardware_id: &HardwareId,
    wall: SystemTime,
) -> Result<(), String> {
    if !common_name.eq_ignore_ascii_case(hardware_id.as_str()) {
        return Err(format!(
            "the cloud issued a certificate for {common_name}, but this gateway is {hardware_id}"
        ));
    }
    if let Ok(early) = validity.not_before.duration_since(wall)
        && !early.is_zero()
    {
        return Err(format!(
            "the issued certificate becomes valid only {} from now: this machine's clock is behind; set it by NTP \
             (timedatectl, chronyd)",
            clock::span(early)
        ));
    }
    match wall.duration_since(validity.not_after) {
        Ok(late) => Err(format!(
            "the issued certificate expired {} ago: this machine's clock is ahead; set it by NTP (timedatectl, chronyd)",
            clock::span(late)
        )),
        Err(_) => Ok(()),
    }
}

/// The kind of a storage error as a bounded label.
fn error_kind(error: &PairError) -> &'static str {
    let PairError::Unwritable { source, .. } = error else { return "Error" };
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "StorageFull",
        io::ErrorKind::PermissionDenied => "PermissionDenied",
        io::ErrorKind::ReadOnlyFilesystem => "ReadOnlyFilesystem",
        io::ErrorKind::NotFound => "NotFound",
        _ => "OSError",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issued_certificate_must_be_for_this_gateway_and_for_now() {
        let id = HardwareId::parse("1b4e28ba-2fa1-11d2-883f-0016d3cca427").expect("an id");
        let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let hour = Duration::from_secs(3600);
        let rows = [
            ("as it should be", id.as_str(), wall - hour, wall + VALID_FOR, None),
            ("valid from this second", id.as_str(), wall, wall + VALID_FOR, None),
            ("upper case", "1B4E28BA-2FA1-11D2-883F-0016D3CCA427", wall - hour, wall + VALID_FOR, None),
            (
                "another gateway",
                "5b4e28ba-2fa1-11d2-883f-0016d3cca427",
                wall,
                wall + hour,
                Some("but this gateway is"),
            ),
            (
                "clock behind",
                id.as_str(),
                wall + hour,
                wall + VALID_FOR,
                Some("1 h 0 min from now: this machine's clock is behind; set it by NTP"),
            ),
            (
                "clock ahead",
                id.as_str(),
                wall - VALID_FOR,
                wall - hour,
                Some("expired 1 h 0 min ago: this machine's clock is ahead; set it by NTP"),
            ),
        ];
        for (name, common_name, not_before, not_after, expected) in rows {
            let outcome = check_issued(common_name, Validity { not_before, not_after }, &id, wall);
            match expected {
                None => assert_eq!(outcome, Ok(()), "{name}"),
                Some(words) => {
                    let said = outcome.expect_err(name);
                    assert!(said.contains(words), "{name}: {said}");
                }
            }
        }
    }
}
