//! One gateway of the fleet: who it is, and how it comes by its certificate.

use super::limits;
use super::orchestrator::Way;
use anyhow::{Context, Result, bail};
use magma_identity::{CertificatePair, ChallengeKey, GatewayKey, HardwareId};
use magma_rpc::channel::{Buffers, Connection, Endpoint, Manner, Transport};
use magma_rpc::deadline;
use magma_rpc::tls::{ClientTls, Identity};
use serde_json::{Value, json};
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;
use wire_orc8r::orc8r::bootstrapper_client::BootstrapperClient;
use wire_orc8r::orc8r::identity::{Gateway, Value as Who};
use wire_orc8r::orc8r::response::{Ecdsa, Response as Answer};
use wire_orc8r::orc8r::{AccessGatewayId, CertType, Csr, Identity as Named, Response};

/// The longest that any call may take.
pub const CALL_LIMIT: Duration = Duration::from_secs(30);
/// How long a certificate is asked for; what is granted may be less.
const VALID_SECONDS: i64 = 4 * 24 * 3600;
/// Small windows: one process is thousands of clients.
const BUFFERS: Buffers = Buffers { stream: 64 * 1024, connection: 64 * 1024, sending: 16 * 1024 };

/// A gateway before it has a certificate.
pub struct Member {
    /// Its id in the network; of those from a list, its hardware id, since the other is not known.
    pub id: String,
    /// Who it is.
    pub hardware_id: HardwareId,
    challenge_key: ChallengeKey,
    source: Option<IpAddr>,
}

/// A gateway with a certificate.
#[derive(Clone)]
pub struct Enrolled {
    /// Its id in the network.
    pub id: String,
    /// Who it is.
    pub hardware_id: HardwareId,
    tls: ClientTls,
    source: Option<IpAddr>,
}

impl Member {
    /// A new one, as number `index` of `count`.
    pub fn new(index: usize, count: usize, way: &Way) -> Result<Self> {
        Ok(Self {
            id: format!("fleet{index:06}"),
            hardware_id: HardwareId::random()?,
            challenge_key: ChallengeKey::generate()?,
            source: limits::source(index, count, way.is_local()),
        })
    }

    /// Those of a list.
    pub fn listed(list: &Path, count: usize, way: &Way) -> Result<Vec<Self>> {
        let text = fs::read_to_string(list).with_context(|| format!("reading {}", list.display()))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let members = lines.take(count).enumerate().map(|(index, line)| {
            let (id, key) =
                line.split_once(char::is_whitespace).context("a line has no path of a challenge key")?;
            Ok(Self {
                id: id.to_owned(),
                hardware_id: HardwareId::parse(id)?,
                challenge_key: ChallengeKey::load(Path::new(key.trim()))?,
                source: limits::source(index, count, way.is_local()),
            })
        });
        let members: Result<Vec<_>> = members.collect();
        members.with_context(|| format!("in {}", list.display()))
    }

    /// What REST is told of it.
    pub fn resource(&self, is_lte: bool) -> Value {
        let mut resource = json!({
            "id": self.id, "name": self.id, "description": "made by lab fleet", "tier": "default",
            "magmad": {
                "autoupgrade_enabled": false, "autoupgrade_poll_interval": 300,
                "checkin_interval": 60, "checkin_timeout": 30,
            },
            "device": {
                "hardware_id": self.hardware_id.as_str(),
                "key": {"key_type": "SOFTWARE_ECDSA_SHA256", "key": self.challenge_key.public_key_base64()},
            },
        });
        if is_lte {
            resource["cellular"] = json!({
                "ran": {"pci": 260, "transmit_enabled": true},
                "epc": {"nat_enabled": true, "ip_block": "192.168.128.0/24"},
            });
            resource["connected_enodeb_serials"] = json!([]);
        }
        resource
    }

    /// Asks for a certificate, over a connection of its own, as an agent does.
    pub async fn bootstrap(&self, way: &Way) -> Result<Enrolled> {
        let name = format!("bootstrapper-{}", way.controller());
        let connection = connection(way, way.bootstrap_port, name.clone(), way.tls.clone(), self.source);
        let channel = connection.channel(&name);
        let mut client = BootstrapperClient::new(channel);
        let hw_id = AccessGatewayId { id: self.hardware_id.as_str().to_owned() };
        let challenge =
            deadline(CALL_LIMIT, client.get_challenge(hw_id.clone())).await?.into_inner().challenge;
        let signature = self.challenge_key.sign(&challenge);
        let key = GatewayKey::generate()?;
        let request = Response {
            hw_id: Some(hw_id),
            challenge,
            csr: Some(self.csr(&key)),
            response: Some(Answer::EcdsaResponse(Ecdsa { r: signature.r, s: signature.s })),
        };
        let signed = deadline(CALL_LIMIT, client.request_sign(request)).await?.into_inner();
        let pair = CertificatePair::new(&signed.cert_der, &key)?;
        if pair.common_name() != self.hardware_id.as_str() {
            bail!("the certificate is for {}", pair.common_name());
        }
        let identity = Identity::from_pem(pair.cert_pem(), pair.key_pem())?;
        let tls = way.tls.with_identity(&identity);
        Ok(Enrolled { id: self.id.clone(), hardware_id: self.hardware_id.clone(), tls, source: self.source })
    }

    fn csr(&self, key: &GatewayKey) -> Csr {
        let gateway = Gateway { hardware_id: self.hardware_id.as_str().to_owned(), ..Default::default() };
        Csr {
            id: Some(Named { value: Some(Who::Gateway(gateway)) }),
            valid_time: Some(prost_types::Duration { seconds: VALID_SECONDS, nanos: 0 }),
            csr_der: key.csr_der(&self.hardware_id),
            cert_type: CertType::Default.into(),
        }
    }
}

impl Enrolled {
    /// The one connection of the gateway, which is made by its first call.
    pub fn connection(&self, way: &Way) -> Connection {
        connection(way, way.gateway_port, way.controller(), self.tls.clone(), self.source)
    }
}

fn connection(
    way: &Way,
    port: u16,
    server_name: String,
    tls: ClientTls,
    source: Option<IpAddr>,
) -> Connection {
    let endpoint = Endpoint { host: way.host.clone(), port, server_name, transport: Transport::Tls(tls) };
    Connection::with(endpoint, Manner { buffers: Some(BUFFERS), source, ..Manner::default() })
}
