//! The steps toward the cloud: whether it knows this gateway, and whether it takes its states, directly and through the
//! control proxy.

use magma_config::{EmbeddedService, GatewayConfig};
use magma_identity::{CertificatePair, HardwareId};
use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::naming::cloud_authority;
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use magma_rpc::{Code, Status, failure_of};
use wire_orc8r::orc8r::{AccessGatewayId, Challenge, ReportStatesRequest, ReportStatesResponse, State};

use super::way::Way;
use super::{Examination, Finding, Verdict};
use crate::bootstrap::clock;
use crate::cli::call;
use crate::refusal;

/// What is known by now.
pub(super) struct Outside<'a> {
    pub(super) examination: &'a Examination,
    pub(super) config: &'a GatewayConfig,
    pub(super) trust: Option<TrustAnchors>,
    pub(super) pair: Option<CertificatePair>,
    pub(super) hardware_id: Option<HardwareId>,
}

impl Outside<'_> {
    pub(super) async fn examine(&self, found: &mut Vec<Finding>) {
        let anonymous = self.trust.as_ref().and_then(|trust| ClientTls::new(trust, None).ok());
        self.bootstrapper(found, anonymous.as_ref()).await;
        let direct = self.direct(found, anonymous.as_ref()).await;
        found.push(direct.clone());
        self.proxied(found, direct.verdict == Verdict::Ok).await;
    }

    async fn bootstrapper(&self, found: &mut Vec<Finding>, tls: Option<&ClientTls>) {
        const STEP: &str = "registration";
        let proxy = &self.config.control_proxy;
        let way = Way {
            examination: self.examination,
            config: self.config,
            name: "bootstrapper",
            key: "bootstrap",
            host: &proxy.bootstrap_address,
            port: proxy.bootstrap_port,
            server_name: proxy.bootstrap_address.clone(),
        };
        let Some(connection) = way.go(found, tls).await else {
            return found.push(Finding::skipped(STEP, "the bootstrapper cannot be reached"));
        };
        let Some(id) = &self.hardware_id else {
            return found.push(Finding::skipped(STEP, "this gateway has no hardware id"));
        };
        let request = AccessGatewayId { id: id.as_str().to_owned() };
        let path = "/magma.orc8r.Bootstrapper/GetChallenge";
        let channel = connection.channel(&way.server_name);
        let answer: Result<Challenge, Status> =
            call::unary(&channel, path, &request, self.examination.call_limit).await;
        match answer {
            Ok(challenge) => {
                found.push(Finding::ok(STEP, format!("the cloud knows the hardware id {id}")));
                self.compare_clocks(found, &challenge.challenge);
            }
            Err(status) if status.code() == Code::NotFound => found.push(Finding::fail(
                STEP,
                format!("the cloud does not know the hardware id {id} ({})", status.message()),
                "register it: magmad register DOMAIN TOKEN, or enter what magmad show prints into the network's gateway",
            )),
            Err(status) => found.push(self.refused(&way, STEP, &status)),
        }
    }

    fn compare_clocks(&self, found: &mut Vec<Finding>, challenge: &[u8]) {
        let Some(theirs) = clock::time_of_challenge(challenge) else { return };
        found.push(match clock::warning(self.examination.now, theirs) {
            None => Finding::ok("clock and cloud", "this machine's clock agrees with the cloud's"),
            Some(says) => Finding::fail(
                "clock and cloud",
                says,
                "set this machine's clock by NTP: certificates look expired or not valid yet while it is wrong",
            ),
        });
    }

    /// As in direct mode, whatever mode is configured.
    async fn direct(&self, found: &mut Vec<Finding>, anonymous: Option<&ClientTls>) -> Finding {
        const STEP: &str = "check-in, direct";
        let way = self.way_to_states();
        let identity = self.pair.as_ref().zip(self.trust.as_ref()).and_then(|(pair, trust)| {
            let identity = Identity::from_pem(pair.cert_pem(), pair.key_pem()).ok()?;
            ClientTls::new(trust, Some(&identity)).ok()
        });
        let Some(connection) = way.go(found, identity.as_ref().or(anonymous)).await else {
            return Finding::skipped(STEP, "the cloud cannot be reached");
        };
        if identity.is_none() {
            return Finding::skipped(STEP, "this gateway has no certificate that can be used");
        }
        let channel = connection.channel(&way.server_name);
        self.check_in(&way, STEP, channel).await
    }

    /// As the other services of this gateway do.
    async fn proxied(&self, found: &mut Vec<Finding>, direct_works: bool) {
        const STEP: &str = "check-in, proxied";
        let proxy = &self.config.control_proxy;
        if !proxy.proxy_cloud_connections {
            let says = "not in use: proxy_cloud_connections is False in control_proxy.yml";
            return found.push(Finding::skipped(STEP, says));
        }
        let registered = self.config.registry.get("control_proxy");
        let host = registered.map_or("127.0.0.1", |address| &address.host).to_owned();
        let way = self.way_to_states();
        let endpoint = Endpoint {
            server_name: host.clone(),
            host: host.clone(),
            port: proxy.local_port,
            transport: Transport::Plain,
        };
        let channel = Connection::new(endpoint).channel(&way.server_name);
        if let Err(failure) = channel.ready().await {
            let own = self.config.magmad.embedded_services.contains(&EmbeddedService::ControlProxy);
            let next = match own {
                true => "it is part of magmad (embedded_services): start magmad",
                false => {
                    "start it: magmad services start control_proxy; or let magmad be it: embedded_services: \
                     [control_proxy] in magmad.yml; or do without: proxy_cloud_connections: False in control_proxy.yml"
                }
            };
            let says = format!("the control proxy does not answer at {host}:{}: {failure}", proxy.local_port);
            return found.push(Finding::fail(STEP, says, next));
        }
        let mut finding = self.check_in(&way, STEP, channel).await;
        if direct_works && finding.verdict == Verdict::Fail {
            finding.next = "the cloud takes this gateway directly, so it is the control proxy: it may have an old certificate \
                            or address, which it reads only when it starts: magmad services restart control_proxy; then \
                            magmad logs control_proxy"
                .to_owned();
        }
        found.push(finding);
    }

    async fn check_in(&self, way: &Way<'_>, step: &str, channel: Channel) -> Finding {
        let id = self.hardware_id.as_ref().map(HardwareId::as_str).unwrap_or_default();
        // The state that Magma's checkin_cli sends: nothing is done with it.
        let state = State {
            r#type: "string_map".to_owned(),
            device_id: id.to_owned(),
            value: br#"{"checkin":"magmad doctor"}"#.to_vec(),
            version: 0,
        };
        let request = ReportStatesRequest { states: vec![state] };
        let path = "/magma.orc8r.StateService/ReportStates";
        let answer: Result<ReportStatesResponse, Status> =
            call::unary(&channel, path, &request, self.examination.call_limit).await;
        match answer {
            Ok(_) => Finding::ok(step, "the cloud takes this gateway's states"),
            Err(status) => self.refused(way, step, &status),
        }
    }

    fn way_to_states(&self) -> Way<'_> {
        let proxy = &self.config.control_proxy;
        Way {
            examination: self.examination,
            config: self.config,
            name: "cloud",
            key: "cloud",
            host: &proxy.cloud_address,
            port: proxy.cloud_port,
            server_name: cloud_authority("state", &proxy.cloud_address),
        }
    }

    fn refused(&self, way: &Way<'_>, step: &str, status: &Status) -> Finding {
        if let Some(failure) = failure_of(status) {
            return Finding::fail(step, failure.to_string(), way.advice(failure));
        }
        let next = match status.code() {
            Code::PermissionDenied | Code::Unauthenticated => {
                "the cloud knows the certificate's authority but not this gateway: check its registration (magmad show), \
                 and cloud_port in control_proxy.yml (usual is 8443), then let magmad get a new certificate by \
                 restarting it"
            }
            Code::DeadlineExceeded => {
                "the link is slow or loses packets: check it (magmad ping), and the cloud's load"
            }
            Code::Unimplemented => {
                "the server there is none of an Orchestrator: check cloud_address and cloud_port in control_proxy.yml"
            }
            Code::Unavailable => "the cloud's service is down, or the proxy cannot reach it: check the cloud",
            _ => "look into the cloud's log",
        };
        Finding::fail(step, refusal::explain(status), next)
    }
}
