//! The LTE network of the lab: made by REST as an operator makes one, and looked at as one of its gateways.

use crate::gateway::Gateway;
use crate::story::{Lab, NETWORK};
use anyhow::{Context, Result, ensure};
use magma_rpc::channel::{Channel, Connection};
use magma_rpc::deadline;
use magma_rpc::naming::cloud_authority;
use serde_json::{Value, json};
use std::time::Duration;
use wire_lte::lte::sms_d_client::SmsDClient;
use wire_lte::lte::subscriber_db_cloud_client::SubscriberDbCloudClient;
use wire_lte::lte::{
    GetMessagesRequest, ListSubscribersRequest, ReportDeliveryRequest, SmoUplinkUnitdata, SubscriberData,
};
use wire_orc8r::orc8r::StreamRequest;
use wire_orc8r::orc8r::streamer_client::StreamerClient;

/// Everybody who has a SIM card.
pub const SUBSCRIBERS: [&str; 3] = ["IMSI001010000000001", "IMSI001010000000002", "IMSI001010000000003"];
/// What they may connect to.
pub const APNS: [&str; 2] = ["internet", "ims"];
/// What everybody has.
pub const POLICY: &str = "video";
const BASE_NAME: &str = "everybody";
const RATING_GROUP: u32 = 7;
/// It belongs to the first gateway.
pub const ENODEB: &str = "LABENODEB1";

/// What the configuration of an LTE gateway has beside that of any other.
const SERVICES: [&str; 8] =
    ["enodebd", "mme", "mobilityd", "pipelined", "policydb", "sctpd", "sessiond", "subscriberdb"];

/// How long a call to the cloud may take.
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// What makes of a network an LTE network: country and network code 001 01, for tests, and 20 MHz of band 43.
pub fn network_parts() -> Value {
    json!({
        "epc": {
            "mcc": "001", "mnc": "01", "tac": 1, "lte_auth_op": "EREREREREREREREREREREQ==", "lte_auth_amf": "gAA=",
            "gx_gy_relay_enabled": false, "hss_relay_enabled": false,
        },
        "ran": {
            "bandwidth_mhz": 20,
            "tdd_config": {"earfcndl": 44590, "subframe_assignment": 2, "special_subframe_pattern": 7},
        },
    })
}

/// Adds what makes of a gateway an LTE gateway. The first has the eNodeB.
pub fn add_gateway_parts(gateway: &mut Value, is_first: bool) {
    gateway["cellular"] = json!({
        "ran": {"pci": 260, "transmit_enabled": true},
        "epc": {"nat_enabled": true, "ip_block": "192.168.128.0/24"},
        "non_eps_service": {"non_eps_service_control": 3},
    });
    gateway["connected_enodeb_serials"] = if is_first { json!([ENODEB]) } else { json!([]) };
}

impl Lab {
    /// Fills the network with what belongs into one.
    pub async fn fill_network(&self) -> Result<()> {
        let enodeb = json!({"cell_id": 138_777_000, "device_class": "Baicells Nova-233 G2 OD FDD", "transmit_enabled": true});
        let video = json!({
            "id": POLICY, "priority": 5, "qos_profile": "video", "rating_group": RATING_GROUP,
            "flow_list": [{"action": "PERMIT", "match": {"direction": "DOWNLINK", "ip_proto": "IPPROTO_IP",
                           "ip_src": {"version": "IPv4", "address": "203.0.113.7"}}}],
        });
        let profile =
            json!({"id": "video", "class_id": 6, "max_req_bw_ul": 1_000_000, "max_req_bw_dl": 8_000_000});
        let (lte, policies) = (format!("/lte/{NETWORK}"), format!("/networks/{NETWORK}/policies"));
        let mut bodies = vec![
            (format!("{lte}/enodebs"), json!({"serial": ENODEB, "name": "Roof", "config": enodeb})),
            (
                format!("/networks/{NETWORK}/rating_groups"),
                json!({"id": RATING_GROUP, "limit_type": "FINITE"}),
            ),
            (format!("{lte}/policy_qos_profiles"), profile),
            (format!("{policies}/rules"), video),
            (format!("{policies}/base_names"), json!({"name": BASE_NAME, "rule_names": [POLICY]})),
        ];
        bodies.extend(APNS.map(|name| (format!("{lte}/apns"), apn(name))));
        bodies.push((format!("{lte}/subscribers"), SUBSCRIBERS.map(subscriber).into()));
        for (path, body) in bodies {
            self.cloud.call("POST", &path, Some(&body)).await?;
        }
        self.say(
            "cloud",
            &format!(
                "{} subscribers, {} APNs, policy {POLICY}, base name {BASE_NAME}, rating group {RATING_GROUP}, eNodeB {ENODEB}",
                SUBSCRIBERS.len(),
                APNS.len()
            ),
        );
        Ok(())
    }

    /// Looks as a gateway at what it was given: its configuration, the subscribers and the streams.
    pub async fn look_at_lte(&self, index: usize) -> Result<()> {
        let gateway = &self.gateways[index];
        let mconfig = gateway.mconfig().context("the configuration is gone")?;
        check_configuration(&mconfig["configsByKey"], index == 0)
            .with_context(|| format!("the configuration of {}", gateway.id))?;
        let connection = self.connection_as(gateway)?;
        self.check_subscribers(&connection).await?;
        let mut streamed = Vec::new();
        for (stream, expected) in [
            ("policydb", vec![POLICY.to_owned()]),
            ("base_names", vec![BASE_NAME.to_owned()]),
            ("rating_groups", vec![RATING_GROUP.to_string()]),
            ("apn_rule_mappings", SUBSCRIBERS.map(str::to_owned).to_vec()),
        ] {
            let keys = self.stream(&connection, stream).await?;
            ensure!(keys == expected, "the stream {stream} has {keys:?} and not {expected:?}");
            streamed.push(stream);
        }
        self.say(
            &gateway.id,
            &format!(
                "fetched {} subscribers with their keys; streams {}",
                SUBSCRIBERS.len(),
                streamed.join(", ")
            ),
        );
        Ok(())
    }

    /// A short message goes to a subscriber through a gateway, in the place of whose phone the lab answers.
    pub async fn send_short_message(&self, index: usize) -> Result<()> {
        let (gateway, imsi) = (&self.gateways[index], SUBSCRIBERS[0]);
        let path = format!("/lte/{NETWORK}/sms");
        let message = json!({"imsi": imsi, "source_msisdn": "611", "message": "hello from the cloud"});
        let number = self.cloud.call("POST", &path, Some(&message)).await?;
        let number = number.as_str().context("the short message has no number")?;
        let channel = self.channel_to(&self.connection_as(gateway)?, "smsd");
        let mut client = SmsDClient::new(channel);
        let request = GetMessagesRequest { imsis: SUBSCRIBERS.map(str::to_owned).to_vec() };
        let fetched = deadline(CALL_LIMIT, client.get_messages(request)).await?.into_inner().messages;
        let [container] = &fetched[..] else {
            anyhow::bail!("{} short messages instead of 1", fetched.len())
        };
        // 3GPP TS 24.011: an RP-DATA names its reference behind its type, and an RP-ACK in a CP-DATA answers it.
        let reference = *container.nas_message_container.get(4).context("the short message is cut")?;
        let report = SmoUplinkUnitdata {
            imsi: container.imsi.clone(),
            nas_message_container: vec![0x99, 1, 2, 2, reference],
            ..SmoUplinkUnitdata::default()
        };
        let request = ReportDeliveryRequest { report: Some(report) };
        deadline(CALL_LIMIT, client.report_delivery(request)).await?;
        let status = self.cloud.call("GET", &format!("{path}/{number}"), None).await?["status"].take();
        ensure!(status == "Delivered", "the short message is {status} and not delivered");
        self.say(&gateway.id, &format!("short message {number} went to {imsi}: fetched, taken, Delivered"));
        Ok(())
    }

    async fn check_subscribers(&self, connection: &Connection) -> Result<()> {
        let mut client = SubscriberDbCloudClient::new(self.channel_to(connection, "subscriberdb"));
        let listed = deadline(CALL_LIMIT, client.list_subscribers(ListSubscribersRequest::default())).await?;
        let found = listed.into_inner().subscribers;
        let ids: Vec<String> = found.iter().map(id_of).collect();
        ensure!(ids == SUBSCRIBERS, "the subscribers are {ids:?}");
        for subscriber in &found {
            let has_key = subscriber.lte.as_ref().is_some_and(|lte| lte.auth_key.len() == 16);
            let apns = subscriber.non_3gpp.as_ref().map_or(0, |profile| profile.apn_config.len());
            ensure!(has_key && apns == APNS.len(), "{} came without its key or its APNs", id_of(subscriber));
        }
        Ok(())
    }

    /// The keys of a stream's first batch, in their order.
    async fn stream(&self, connection: &Connection, name: &str) -> Result<Vec<String>> {
        let request = StreamRequest { stream_name: name.to_owned(), ..StreamRequest::default() };
        let mut client = StreamerClient::new(self.channel_to(connection, "streamer"));
        let mut stream = deadline(CALL_LIMIT, client.get_updates(request)).await?.into_inner();
        let batch = deadline(CALL_LIMIT, stream.message()).await?;
        let batch = batch.with_context(|| format!("the stream {name} is empty"))?;
        let mut keys: Vec<String> = batch.updates.into_iter().map(|update| update.key).collect();
        keys.sort();
        Ok(keys)
    }

    /// A connection with the certificate of a gateway.
    fn connection_as(&self, gateway: &Gateway) -> Result<Connection> {
        Ok(Connection::new(self.cloud.endpoint_for(&gateway.identity()?)?))
    }

    fn channel_to(&self, connection: &Connection, service: &str) -> Channel {
        connection.channel(&cloud_authority(service, &format!("controller.{}", self.cloud.domain())))
    }
}

fn check_configuration(services: &Value, has_enodeb: bool) -> Result<()> {
    for service in SERVICES {
        ensure!(services[service].is_object(), "{service} is missing");
    }
    let mme = &services["mme"];
    ensure!(mme["mcc"] == "001" && mme["mnc"] == "01", "mme has not got the network's codes: {mme}");
    let enodebs = &services["enodebd"]["enbConfigsBySerial"];
    ensure!(enodebs[ENODEB].is_object() == has_enodeb, "its eNodeBs are {enodebs}");
    Ok(())
}

fn id_of(subscriber: &SubscriberData) -> String {
    subscriber.sid.as_ref().map(|sid| format!("IMSI{}", sid.id)).unwrap_or_default()
}

fn apn(name: &str) -> Value {
    let qos = json!({"class_id": 9, "priority_level": 15, "preemption_capability": true, "preemption_vulnerability": false});
    let ambr = json!({"max_bandwidth_ul": 10_000_000, "max_bandwidth_dl": 50_000_000});
    json!({"apn_name": name, "apn_configuration": {"ambr": ambr, "qos_profile": qos}})
}

/// The keys are those of the examples in 3GPP TS 35.208: no SIM card has them.
fn subscriber(id: &str) -> Value {
    json!({
        "id": id, "name": format!("Subscriber {id}"), "active_apns": APNS, "active_policies": [POLICY],
        "lte": {
            "state": "ACTIVE", "auth_algo": "MILENAGE", "auth_key": "RlvKrB+kzkHDyqHz8hu8zg==",
            "auth_opc": "zWPLcZVKkGd4J4y2b7J5XQ==", "sub_profile": "default",
        },
    })
}
