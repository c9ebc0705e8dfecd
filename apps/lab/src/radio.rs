//! What the services beside the agent say on an access gateway: its eNodeB, its subscribers' sessions and their traffic,
//! logs and events. The lab has neither a radio nor phones, so it plays them; with them, what one looks at is alive.

use crate::cloud::Cloud;
use crate::gateway::Gateway;
use crate::lte::{APNS, ENODEB, POLICY, SUBSCRIBERS};
use anyhow::{Context, Result, ensure};
use magma_fluent::msgpack;
use magma_rpc::channel::Connection;
use magma_rpc::deadline;
use magma_rpc::naming::cloud_authority;
use magma_rpc::tls::Identity;
use magma_rpc::tls_stream::{self, ByteStream};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire_orc8r::orc8r::metrics_controller_client::MetricsControllerClient;
use wire_orc8r::orc8r::state_service_client::StateServiceClient;
use wire_orc8r::orc8r::{MetricsContainer, ReportStatesRequest, State};
use wire_orc8r::prometheus::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

/// How often the services report.
const INTERVAL: Duration = Duration::from_secs(10);

/// How long a call to the cloud may take.
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// Seconds that a session lasts before its subscriber goes for as long; each subscriber has its own turn.
const SESSION_SECONDS: u64 = 600;

/// Where the first eNodeB stands; each further gateway is a little to the east.
const PLACE: (f64, f64) = (-1.2921, 36.8219);

/// A gateway's radio and core.
pub struct Radio {
    hardware_id: String,
    identity: Identity,
    connection: Connection,
    controller: String,
    logs: Option<Box<dyn ByteStream>>,
    has_enodeb: bool,
    place: (f64, f64),
    cloud: Logs,
}

/// Where logs go.
struct Logs {
    host: String,
    port: u16,
    root: std::path::PathBuf,
}

impl Radio {
    /// That of a gateway; the first has the eNodeB, and the subscribers.
    pub fn of(gateway: &Gateway, hardware_id: String, index: usize, cloud: &Cloud) -> Result<Self> {
        let identity = gateway.identity()?;
        let connection = Connection::new(cloud.endpoint_for(&identity)?);
        let logs = Logs { host: cloud.logs_name(), port: cloud.logs_port(), root: cloud.root_certificate() };
        let east = u32::try_from(index).map(f64::from).unwrap_or_default() * 0.02;
        Ok(Self {
            hardware_id,
            identity,
            connection,
            controller: format!("controller.{}", cloud.domain()),
            logs: None,
            has_enodeb: index == 0,
            place: (PLACE.0, PLACE.1 + east),
            cloud: logs,
        })
    }

    /// Reports for ever; what does not get through is tried again the next time.
    pub async fn run(mut self) {
        let mut times = tokio::time::interval(INTERVAL);
        times.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        for round in 0_u64.. {
            times.tick().await;
            if let Err(error) = self.report(round).await {
                tracing::debug!(%error, "the cloud did not take what the radio reports");
                self.logs = None;
            }
        }
    }

    async fn report(&mut self, round: u64) -> Result<()> {
        if self.has_enodeb {
            let channel = self.connection.channel(&cloud_authority("state", &self.controller));
            let request = ReportStatesRequest { states: self.states(round) };
            let answer =
                deadline(CALL_LIMIT, StateServiceClient::new(channel).report_states(request)).await?;
            ensure!(answer.into_inner().unreported_states.is_empty(), "the cloud did not take a state");
        }
        let channel = self.connection.channel(&cloud_authority("metricsd", &self.controller));
        let metrics = MetricsContainer { gateway_id: self.hardware_id.clone(), family: self.families(round) };
        deadline(CALL_LIMIT, MetricsControllerClient::new(channel).collect(metrics)).await?;
        self.tell(round).await
    }

    fn states(&self, round: u64) -> Vec<State> {
        let (latitude, longitude) = self.place;
        let enodeb = json!({
            "enodeb_configured": true, "enodeb_connected": true, "opstate_enabled": true, "rf_tx_on": true,
            "rf_tx_desired": true, "gps_connected": true, "ptp_connected": false, "mme_connected": true,
            "gps_latitude": latitude.to_string(), "gps_longitude": longitude.to_string(),
            "fsm_state": "Completed provisioning eNB. Awaiting new Inform.", "ip_address": "192.168.60.142",
            "ues_connected": present(round).count(),
        });
        let mut states = vec![state("single_enodeb", ENODEB, &enodeb)];
        for (number, imsi) in SUBSCRIBERS.iter().enumerate() {
            let sessions = if is_present(number, round) { self.sessions(number, round) } else { json!({}) };
            states.push(state("subscriber_state", imsi, &sessions));
            let directory = json!({"location_history": [self.hardware_id], "identifiers": {}});
            states.push(state("directory_record", imsi, &directory));
            let lease = if is_present(number, round) { "ALLOCATED" } else { "RELEASED" };
            let apn = APNS[0];
            let address = json!({"state": lease, "ip": {"address": base64_of(number)}});
            states.push(state("mobilityd_ipdesc_record", &format!("{imsi}.{apn}"), &address));
        }
        states
    }

    fn sessions(&self, number: usize, round: u64) -> Value {
        let seconds = session_seconds(number, round);
        let (apn, imsi) = (APNS[0], SUBSCRIBERS[number]);
        json!({ apn: [{
            "session_id": format!("{imsi}-{}", 100_000 + number), "lifecycle_state": "SESSION_ACTIVE", "apn": apn,
            "ipv4": format!("192.168.128.{}", 10 + number), "active_duration_sec": seconds,
            "session_start_time": seconds_now().saturating_sub(seconds), "active_policy_rules": [{"id": POLICY}],
        }] })
    }

    fn families(&self, round: u64) -> Vec<MetricFamily> {
        // A wave, so that a chart has something to show: it goes up and down in ten minutes.
        let wave = (round as f64 * INTERVAL.as_secs_f64() / 600.0 * std::f64::consts::TAU).sin();
        let connected = if self.has_enodeb { present(round).count() as f64 } else { 0.0 };
        let mut families = vec![
            gauge("cpu_percent", &[("service", "magmad")], 22.0 + 9.0 * wave),
            gauge("disk_percent", &[("service", "magmad")], 31.0),
            gauge("temperature", &[("service", "magmad"), ("sensor", "coretemp_0")], 48.0 + 4.0 * wave),
            gauge("mem_total", &[("service", "magmad")], 4.0e9),
            gauge("mem_available", &[("service", "magmad")], 2.6e9 + 2.0e8 * wave),
            gauge("ue_connected", &[("service", "mme")], connected),
            gauge("ue_registered", &[("service", "mme")], connected),
        ];
        if !self.has_enodeb {
            return families;
        }
        let enodeb = [("service", "enodebd"), ("enodeb", ENODEB)];
        families.push(gauge("enb_connected", &[("service", "mme")], 1.0));
        families.push(gauge("enodeb_rf_tx_enabled", &enodeb, 1.0));
        families.push(gauge("enodeb_mgmt_connected", &enodeb, 1.0));
        for (direction, per_second) in [("dl", 900_000.0), ("ul", 120_000.0)] {
            let name = format!("gtp_port_user_plane_{direction}_bytes");
            let bytes = per_second * (round as f64 * 10.0 + 60.0 * wave).max(0.0);
            families.push(counter(&name, &[("service", "pipelined")], bytes));
        }
        let used = |number: usize, factor: f64| factor * (number + 1) as f64 * round as f64 * 10.0;
        families.push(MetricFamily {
            name: Some("ue_reported_usage".to_owned()),
            r#type: Some(MetricType::Counter.into()),
            metric: (0..SUBSCRIBERS.len())
                .flat_map(|number| [(number, "down", 250_000.0), (number, "up", 30_000.0)])
                .map(|(number, direction, factor)| {
                    let labels =
                        [("service", "sessiond"), ("IMSI", SUBSCRIBERS[number]), ("direction", direction)];
                    sample(&labels, None, Some(used(number, factor)))
                })
                .collect(),
            ..MetricFamily::default()
        });
        families
    }

    /// A line of a log each time, and an event when somebody comes or goes.
    async fn tell(&mut self, round: u64) -> Result<()> {
        let load = 22 + round % 9;
        self.send(
            "mme",
            &json!({"ident": "mme", "priority": "info", "message": format!("UE contexts {load}, S1 up")}),
        )
        .await?;
        if !self.has_enodeb {
            return Ok(());
        }
        for (number, imsi) in SUBSCRIBERS.iter().enumerate() {
            let event = match (is_present(number, round), round > 0 && is_present(number, round - 1)) {
                (true, false) => "attach_success",
                (false, true) => "detach_success",
                _ => continue,
            };
            let value = json!({"imsi": imsi, "action": event}).to_string();
            let record =
                json!({"stream_name": "mme", "event_type": event, "event_tag": imsi, "value": value});
            self.send("eventd", &record).await?;
        }
        Ok(())
    }

    /// One record in the Fluent forward protocol (Forward Protocol Specification v1), and its acknowledgement.
    async fn send(&mut self, tag: &str, record: &Value) -> Result<()> {
        let mut octets = Vec::new();
        msgpack::json(&mut octets, &json!([tag, [[seconds_now(), record]], {"chunk": "lab"}]));
        if self.logs.is_none() {
            self.logs = Some(self.cloud.connect(&self.identity).await?);
        }
        let stream = self.logs.as_mut().context("no connection for logs")?;
        let talk = async {
            stream.write_all(&octets).await?;
            stream.flush().await?;
            let mut answer = [0; ACKNOWLEDGED.len()];
            stream.read_exact(&mut answer).await?;
            ensure!(answer == *ACKNOWLEDGED, "another acknowledgement");
            Ok(())
        };
        tokio::time::timeout(CALL_LIMIT, talk).await.context("no acknowledgement of a log")?
    }
}

/// `{"ack": "lab"}` in MessagePack.
const ACKNOWLEDGED: &[u8] = b"\x81\xa3ack\xa3lab";

impl Logs {
    async fn connect(&self, identity: &Identity) -> Result<Box<dyn ByteStream>> {
        let trust = magma_rpc::tls::TrustAnchors::from_pem(&std::fs::read(&self.root)?)?;
        let tls = magma_rpc::tls::ClientTls::new(&trust, Some(identity))?;
        Ok(tls_stream::connect(&self.host, self.port, &tls, None).await?)
    }
}

/// The subscribers who have a session in a round.
fn present(round: u64) -> impl Iterator<Item = usize> {
    (0..SUBSCRIBERS.len()).filter(move |number| is_present(*number, round))
}

/// Each comes and goes in his own turn; the first stays.
fn is_present(number: usize, round: u64) -> bool {
    let turn = u64::try_from(number).unwrap_or_default();
    turn == 0 || ((round * INTERVAL.as_secs() + turn * 150) / SESSION_SECONDS).is_multiple_of(2)
}

fn session_seconds(number: usize, round: u64) -> u64 {
    let turn = u64::try_from(number).unwrap_or_default();
    let seconds = round * INTERVAL.as_secs();
    if turn == 0 { seconds } else { (seconds + turn * 150) % SESSION_SECONDS }
}

/// The address 192.168.128.(10 + number), as the protobuf JSON of its four bytes.
fn base64_of(number: usize) -> String {
    ["wKiACg==", "wKiACw==", "wKiADA=="].get(number).copied().unwrap_or("wKiADQ==").to_owned()
}

fn state(kind: &str, device: &str, value: &Value) -> State {
    State {
        r#type: kind.to_owned(),
        device_id: device.to_owned(),
        value: value.to_string().into_bytes(),
        version: 0,
    }
}

fn gauge(name: &str, labels: &[(&str, &str)], value: f64) -> MetricFamily {
    family(name, MetricType::Gauge, sample(labels, Some(value), None))
}

fn counter(name: &str, labels: &[(&str, &str)], value: f64) -> MetricFamily {
    family(name, MetricType::Counter, sample(labels, None, Some(value)))
}

fn family(name: &str, kind: MetricType, metric: Metric) -> MetricFamily {
    MetricFamily {
        name: Some(name.to_owned()),
        r#type: Some(kind.into()),
        metric: vec![metric],
        ..MetricFamily::default()
    }
}

fn sample(labels: &[(&str, &str)], gauge: Option<f64>, counter: Option<f64>) -> Metric {
    let label = |(name, value): &(&str, &str)| LabelPair {
        name: Some((*name).to_owned()),
        value: Some((*value).to_owned()),
    };
    Metric {
        label: labels.iter().map(label).collect(),
        gauge: gauge.map(|value| Gauge { value: Some(value) }),
        counter: counter.map(|value| Counter { value: Some(value) }),
        timestamp_ms: i64::try_from(seconds_now() * 1000).ok(),
        ..Metric::default()
    }
}

fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_always_there_and_somebody_comes_and_goes() {
        let counts: std::collections::BTreeSet<usize> =
            (0..240).map(|round| present(round).count()).collect();
        assert!(!counts.contains(&0) && counts.len() > 1, "{counts:?}");
        assert!((0..240).all(|round| session_seconds(1, round) < SESSION_SECONDS));
    }
}
