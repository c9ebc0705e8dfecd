//! A network with many subscribers: what it takes to make them, to read a page of them, to bring an edit of one to a gateway,
//! and an edit of the whole network to all of them.

use super::console::{self, Pages};
use super::histogram::Histogram;
use super::member::{CALL_LIMIT, Enrolled};
use super::orchestrator::Orchestrator;
use super::recorder::Recorder;
use crate::rest::Rest;
use anyhow::{Context, Result, ensure};
use magma_rpc::channel::Channel;
use magma_rpc::deadline;
use magma_rpc::naming::cloud_authority;
use prost::Message;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use wire_lte::lte::subscriber_db_cloud_client::SubscriberDbCloudClient;
use wire_lte::lte::{CheckInSyncRequest, ListSubscribersRequest, SyncRequest};
use wire_orc8r::orc8r::DigestTree;

/// Subscribers of one request.
const OF_ONE_REQUEST: usize = 10_000;
/// How often a page is read.
const PAGES: usize = 200;
/// The longest that an edit may take to all gateways.
const EDIT_LIMIT: Duration = Duration::from_secs(60);
/// How often it is looked how far it is.
const LOOK_INTERVAL: Duration = Duration::from_millis(2);
/// The largest answer with subscribers.
const LIST_BYTES_MAX: usize = 16 << 20;

/// What was measured.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Subscribers in the network.
    pub subscribers: usize,
    /// From the first request that makes them to the last one's answer.
    pub load: Duration,
    /// A page of the list, as the API gives it to who names no size.
    pub page_p99: Duration,
    /// The console's pages.
    pub console: Pages,
    /// The pages of all of them, as a gateway takes them: time and bytes.
    pub whole_sync: (Duration, usize),
    /// What a gateway sends and gets after one subscriber was edited, in bytes of messages.
    pub edit_sync_bytes: usize,
    /// From an edit of the whole network until every gateway had its new configuration; none: they do not keep streams.
    pub network_edit: Option<Duration>,
    /// Processor time of the server for that.
    pub network_edit_processor: Option<Duration>,
}

/// Makes an LTE network with an APN.
pub async fn make_network(rest: &Rest, id: &str) -> Result<()> {
    let network = json!({
        "id": id, "name": "Fleet", "description": "made by lab fleet",
        "dns": {"enable_caching": false, "local_ttl": 0},
        "cellular": {
            "epc": epc(1),
            "ran": {"bandwidth_mhz": 20, "fdd_config": {"earfcndl": 1, "earfcnul": 18001}},
        },
    });
    rest.call("POST", "/lte", Some(&network)).await.context("making the fleet's network")?;
    let qos = json!({"class_id": 9, "priority_level": 15, "preemption_capability": true, "preemption_vulnerability": false});
    let ambr = json!({"max_bandwidth_ul": 1_000_000, "max_bandwidth_dl": 2_000_000});
    let apn = json!({"apn_name": "internet", "apn_configuration": {"ambr": ambr, "qos_profile": qos}});
    rest.call("POST", &format!("/lte/{id}/apns"), Some(&apn)).await?;
    Ok(())
}

fn epc(tac: u32) -> Value {
    json!({
        "gx_gy_relay_enabled": false, "hss_relay_enabled": false, "lte_auth_amf": "gAA=",
        "lte_auth_op": "EREREREREREREREREREREQ==", "mcc": "001", "mnc": "01", "tac": tac,
    })
}

/// Makes the network's subscribers; how long that took.
pub async fn fill(rest: &Rest, network: &str, count: usize) -> Result<Duration> {
    let began = Instant::now();
    for first in (0..count).step_by(OF_ONE_REQUEST) {
        let numbers = first..count.min(first + OF_ONE_REQUEST);
        let body: Value = numbers.map(|number| subscriber(number, "ACTIVE")).collect();
        rest.call("POST", &format!("/lte/{network}/subscribers"), Some(&body)).await?;
    }
    Ok(began.elapsed())
}

fn subscriber(number: usize, state: &str) -> Value {
    let key = "AAECAwQFBgcICQoLDA0ODw==";
    let lte = json!({"state": state, "auth_algo": "MILENAGE", "auth_key": key, "auth_opc": key, "sub_profile": "default"});
    json!({"id": id_of(number), "name": "", "active_apns": ["internet"], "lte": lte})
}

fn id_of(number: usize) -> String {
    format!("IMSI00101{number:010}")
}

/// Measures a network that is there, with `gateway` as one of its gateways.
pub async fn measure(
    orchestrator: &Orchestrator,
    network: &str,
    gateway: &Enrolled,
    pushed_to: Option<&Recorder>,
    measured: &mut Measured,
) -> Result<()> {
    let rest = orchestrator.another_rest()?;
    measured.page_p99 = pages(&rest, network).await?;
    measured.console = console::measure(&rest).await?;
    let channel = gateway
        .connection(&orchestrator.way)
        .channel(&cloud_authority("subscriberdb_cloud", &orchestrator.way.controller()));
    let (digests, took, bytes, found) = whole_sync(&channel).await?;
    ensure!(found == measured.subscribers, "the gateway was given {found} subscribers");
    measured.whole_sync = (took, bytes);
    let path = format!("/lte/{network}/subscribers/{}", id_of(0));
    rest.call("PUT", &path, Some(&subscriber(0, "INACTIVE"))).await?;
    measured.edit_sync_bytes = edit_sync(&channel, digests).await?;
    if let Some(recorder) = pushed_to {
        let before = orchestrator.process.and_then(super::process::Process::processor_time);
        measured.network_edit = Some(network_edit(&rest, network, recorder).await?);
        let after = orchestrator.process.and_then(super::process::Process::processor_time);
        measured.network_edit_processor =
            before.zip(after).map(|(before, after)| after.saturating_sub(before));
    }
    Ok(())
}

async fn pages(rest: &Rest, network: &str) -> Result<Duration> {
    let times = Histogram::default();
    let path = format!("/lte/{network}/subscribers?page_size=100");
    let mut token = String::new();
    for _ in 0..PAGES {
        let began = Instant::now();
        let page = rest.call("GET", &format!("{path}&page_token={token}"), None).await?;
        times.add(began.elapsed());
        ensure!(page["subscribers"].as_object().is_some_and(|found| !found.is_empty()), "an empty page");
        token = page["next_page_token"].as_str().unwrap_or_default().replace('=', "%3D").replace('+', "%2B");
    }
    Ok(times.percentile(0.99))
}

/// All subscribers, page by page: the digests that go with them, the time, the bytes, and how many there were.
async fn whole_sync(channel: &Channel) -> Result<(DigestTree, Duration, usize, usize)> {
    let mut client = SubscriberDbCloudClient::new(channel.clone()).max_decoding_message_size(LIST_BYTES_MAX);
    let began = Instant::now();
    let (mut request, mut digests) = (ListSubscribersRequest::default(), None);
    let (mut bytes, mut found) = (0, 0);
    loop {
        let answer = deadline(CALL_LIMIT, client.list_subscribers(request.clone())).await?.into_inner();
        bytes += request.encoded_len() + answer.encoded_len();
        found += answer.subscribers.len();
        digests = digests.or(answer.digests);
        if answer.next_page_token.is_empty() {
            return Ok((digests.context("there are no digests")?, began.elapsed(), bytes, found));
        }
        request.page_token = answer.next_page_token;
    }
}

/// What a gateway with these digests sends and gets to learn of one change.
async fn edit_sync(channel: &Channel, digests: DigestTree) -> Result<usize> {
    let mut client = SubscriberDbCloudClient::new(channel.clone());
    let question = CheckInSyncRequest { root_digest: digests.root_digest };
    let answer = deadline(CALL_LIMIT, client.check_in_sync(question.clone())).await?.into_inner();
    ensure!(!answer.in_sync, "the cloud does not see that a subscriber was edited");
    let request = SyncRequest { leaf_digests: digests.leaf_digests };
    let changes = deadline(CALL_LIMIT, client.sync(request.clone())).await?.into_inner();
    let renewed = changes.changeset.as_ref().map_or(0, |changeset| changeset.to_renew.len());
    ensure!(!changes.resync && renewed == 1, "the cloud sends {renewed} subscribers for one edit");
    Ok(question.encoded_len() + answer.encoded_len() + request.encoded_len() + changes.encoded_len())
}

/// Edits the whole network; how long it took until every gateway with a stream was told.
async fn network_edit(rest: &Rest, network: &str, recorder: &Recorder) -> Result<Duration> {
    let before = recorder.pushes();
    let streams = recorder.pushed_to();
    let began = Instant::now();
    rest.call("PUT", &format!("/lte/{network}/cellular/epc"), Some(&epc(2))).await?;
    loop {
        let told = recorder.pushes() - before;
        if told >= streams {
            return Ok(began.elapsed());
        }
        ensure!(
            began.elapsed() < EDIT_LIMIT,
            "{told} of {streams} gateways were told of an edit in a minute"
        );
        tokio::time::sleep(LOOK_INTERVAL).await;
    }
}

impl Measured {
    /// For programs.
    pub fn to_json(&self) -> Value {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        json!({
            "subscribers": self.subscribers,
            "load_seconds": self.load.as_secs_f64(),
            "page_p99_ms": milliseconds(self.page_p99),
            "console_pages": self.console.count,
            "console_p95_ms": milliseconds(self.console.p95),
            "console_slowest": self.console.slowest,
            "console_bytes_max": self.console.bytes_max,
            "whole_sync_seconds": self.whole_sync.0.as_secs_f64(),
            "whole_sync_bytes": self.whole_sync.1,
            "edit_sync_bytes": self.edit_sync_bytes,
            "network_edit_ms": self.network_edit.map(milliseconds),
            "network_edit_processor_ms": self.network_edit_processor.map(milliseconds),
        })
    }

    /// For people.
    pub fn to_text(&self) -> String {
        let Self { subscribers, edit_sync_bytes, .. } = self;
        let (load, page) = (self.load.as_secs_f64(), self.page_p99.as_secs_f64() * 1e3);
        let (whole, megabytes) = (self.whole_sync.0.as_secs_f64(), self.whole_sync.1 as f64 / 1e6);
        let mut text = format!(
            "{subscribers} subscribers made in {load:.1} s; a page of 100 of them p99 {page:.1} ms; all of them to a \
             gateway {whole:.1} s and {megabytes:.1} MB; an edit of one {edit_sync_bytes} bytes\n"
        );
        let Pages { count, slowest, bytes_max, p95 } = &self.console;
        text += &format!(
            "{count} pages of the console, the slowest p95 {:.1} ms ({slowest}), the largest {bytes_max} bytes\n",
            p95.as_secs_f64() * 1e3
        );
        if let Some(edit) = self.network_edit {
            text += &format!(
                "an edit of the network reached every gateway in {:.0} ms",
                edit.as_secs_f64() * 1e3
            );
            if let Some(processor) = self.network_edit_processor {
                text += &format!(", for {:.0} ms of the server's processors", processor.as_secs_f64() * 1e3);
            }
            text += "\n";
        }
        text
    }
}
