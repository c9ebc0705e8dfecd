//! `metricsd`: whose metrics are collected, how often, and what becomes of them before they are sent.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::block::{Block, found};
use crate::value::{integer, mebibytes, seconds, service_name, text, word};
use crate::yaml::Node;

/// What Magma ships for `post_processing_fn`: it changes nothing.
const NO_POST_PROCESSING: &str = "magma.magmad.metrics_collector.do_nothing_metrics_postprocessor";

/// Counts that are more than any gateway needs are mistakes.
const COUNT_MAX: i64 = 1_000_000;

/// In families, as Magma's Go agent has it.
const QUEUE_LENGTH: u32 = 1000;

/// A year in hours: what is older interests nobody.
const HOURS_MAX: i64 = 8760;

/// `metricsd`.
#[derive(Clone, Debug, PartialEq)]
pub struct Metricsd {
    /// `collect_interval` in seconds (60).
    pub collect_interval: Duration,
    /// `sync_interval` in seconds (60), never shorter than `collect_interval`.
    pub sync_interval: Duration,
    /// `grpc_timeout` in seconds (30).
    pub grpc_timeout: Duration,
    /// `max_grpc_msg_size_mb` as bytes (4 MiB).
    pub message_bytes_max: usize,
    /// `services`: who is asked for metrics.
    pub services: Vec<String>,
    /// `metric_scrape_targets`.
    pub scrape_targets: Vec<ScrapeTarget>,
    /// `queue_length` in metric families (1000), as Magma's Go agent has it; 0 switches metrics off, and any other
    /// number has no meaning here: the queue is bounded by bytes and age.
    pub queue_length: u32,
    /// `queue_max_age_hours` (24): samples that wait for the cloud longer than this are dropped.
    pub queue_age_max: Duration,
    /// `queue_max_mb` as bytes (16 MiB): when more waits for the cloud, the oldest samples are dropped.
    pub queue_bytes_max: u64,
    /// `prometheus_listen`: where the newest samples can be fetched as a Prometheus text page; `None` for nowhere.
    pub prometheus_listen: Option<SocketAddr>,
    /// `post_processing`: rules that each family goes through, in this order, before it is kept.
    pub post_processing: Vec<PostProcessingRule>,
}

/// One of `metricsd.metric_scrape_targets`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScrapeTarget {
    /// `url` of a Prometheus text page; begins with `http://` or `https://`.
    pub url: String,
    /// `name` under which its metrics are sent.
    pub name: String,
    /// `interval` in seconds (60).
    pub interval: Duration,
}

/// One of `metricsd.post_processing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostProcessingRule {
    /// `metric`: a family's name, or the beginning of names followed by `*`.
    pub metric: String,
    /// `action`, with what it needs.
    pub action: PostProcessing,
}

/// What a rule does with a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostProcessing {
    /// `drop`: it is not sent.
    Drop,
    /// `keep`: it is sent as it is by now; later rules do not apply.
    Keep,
    /// `rename`, with `to`.
    Rename(String),
    /// `add_label`, with `label` and `value`.
    AddLabel {
        /// The label's name. A label of that name gets the value.
        label: String,
        /// The label's value.
        value: String,
    },
}

impl Metricsd {
    /// Whether anything is collected and sent.
    pub fn is_on(&self) -> bool {
        self.queue_length > 0 && !(self.services.is_empty() && self.scrape_targets.is_empty())
    }
}

pub(super) fn read(mut block: Block<'_>) -> Metricsd {
    let minute = Duration::from_secs(60);
    let sync_place = block.place_of("sync_interval");
    block.take("log_level");
    tell_unknown_function(&mut block);
    let queue_length = read_queue_length(&mut block);
    let hours = |hours: u64| Duration::from_secs(3600 * hours);
    let mut metricsd = Metricsd {
        collect_interval: block.read("collect_interval", seconds(1)).unwrap_or(minute),
        sync_interval: block.read("sync_interval", seconds(1)).unwrap_or(minute),
        grpc_timeout: block.read("grpc_timeout", seconds(1)).unwrap_or(Duration::from_secs(30)),
        message_bytes_max: block.read("max_grpc_msg_size_mb", mebibytes).unwrap_or(4 << 20),
        services: block.read_list("services", service_name).into_iter().map(|(_, name)| name).collect(),
        scrape_targets: block
            .blocks("metric_scrape_targets")
            .into_iter()
            .filter_map(read_scrape_target)
            .collect(),
        queue_length,
        queue_age_max: hours(block.read("queue_max_age_hours", integer(1..=HOURS_MAX)).unwrap_or(24)),
        queue_bytes_max: block.read("queue_max_mb", mebibytes).map_or(16 << 20, |bytes| bytes as u64),
        prometheus_listen: block.read("prometheus_listen", listen_address),
        post_processing: block.blocks("post_processing").into_iter().filter_map(read_rule).collect(),
    };
    if metricsd.sync_interval < metricsd.collect_interval {
        block.report().warning(
            &sync_place,
            "is shorter than collect_interval, which is taken instead; make them equal",
        );
        metricsd.sync_interval = metricsd.collect_interval;
    }
    block.finish();
    metricsd
}

/// The function that Magma ships does nothing, and that is what happens. Others are Python.
fn tell_unknown_function(block: &mut Block<'_>) {
    let place = block.place_of("post_processing_fn");
    if let Some(name) = block.read("post_processing_fn", text)
        && name != NO_POST_PROCESSING
    {
        let advice =
            "it names a Python function; say what it does with rules in metricsd.post_processing instead";
        block.report().without_effect(&place, advice);
    }
}

/// The default when absent. The queue on disk is bounded by its age and size, of which a number of families says little.
fn read_queue_length(block: &mut Block<'_>) -> u32 {
    let place = block.place_of("queue_length");
    let given = block.read("queue_length", integer(0..=COUNT_MAX));
    if given.is_some_and(|families: u32| families > 0) {
        let advice =
            "the queue is bounded by queue_max_age_hours and queue_max_mb; only 0, no metrics, counts here";
        block.report().without_effect(&place, advice);
    }
    given.unwrap_or(QUEUE_LENGTH)
}

fn read_scrape_target(mut block: Block<'_>) -> Option<ScrapeTarget> {
    let (url, name) = (needed(&mut block, "url", page_url), needed(&mut block, "name", text));
    let interval = block.read("interval", seconds(1)).unwrap_or(Duration::from_secs(60));
    block.finish();
    Some(ScrapeTarget { url: url?, name: name?, interval })
}

fn page_url(node: &Node) -> Result<String, String> {
    let url = word(node)?;
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    if host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'))
        && !url.contains(char::is_whitespace)
    {
        return Ok(url);
    }
    Err(format!("is {}, but must be a URL that begins with http:// or https://", found(node)))
}

/// An address and a port; a port alone is on the loopback address, which nobody reaches from outside.
fn listen_address(node: &Node) -> Result<SocketAddr, String> {
    let text = word(node)?;
    let port_alone = text
        .strip_prefix(':')
        .unwrap_or(&text)
        .parse()
        .ok()
        .map(|port: u16| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    let address = port_alone.or_else(|| text.parse().ok());
    address.ok_or_else(|| {
        format!(
            "is {}, but must be an IP address and a port, like 127.0.0.1:9100, or a port alone",
            found(node)
        )
    })
}

fn read_rule(mut block: Block<'_>) -> Option<PostProcessingRule> {
    let report = block.report();
    for key in ["metric", "action"] {
        if !block.has(key) {
            report.error(&block.place_of(key), "is missing; a rule needs `metric` and `action`");
        }
    }
    let metric = block.read("metric", metric_pattern);
    let action = block.read("action", action_name);
    let action = action.and_then(|action| read_action(&mut block, &action));
    block.finish();
    Some(PostProcessingRule { metric: metric?, action: action? })
}

fn read_action(block: &mut Block<'_>, action: &str) -> Option<PostProcessing> {
    match action {
        "drop" => Some(PostProcessing::Drop),
        "keep" => Some(PostProcessing::Keep),
        "rename" => needed(block, "to", metric_name).map(PostProcessing::Rename),
        _ => {
            let label = needed(block, "label", label_name);
            let value = needed(block, "value", word);
            label.zip(value).map(|(label, value)| PostProcessing::AddLabel { label, value })
        }
    }
}

fn needed(
    block: &mut Block<'_>,
    key: &str,
    parse: impl Fn(&Node) -> Result<String, String>,
) -> Option<String> {
    if !block.has(key) {
        block.report().error(&block.place_of(key), "is missing; this action needs it");
    }
    block.read(key, parse)
}

fn action_name(node: &Node) -> Result<String, String> {
    let name = word(node)?;
    match name.as_str() {
        "drop" | "keep" | "rename" | "add_label" => Ok(name),
        _ => Err(format!("is {name}, but must be drop, keep, rename or add_label")),
    }
}

/// A name, or the beginning of one and `*`, or `*` alone.
fn metric_pattern(node: &Node) -> Result<String, String> {
    let pattern = text(node)?;
    let beginning = pattern.strip_suffix('*').unwrap_or(&pattern);
    let fits = !pattern.is_empty() && beginning.bytes().all(|byte| is_of_name(byte) || byte == b':');
    let advice = "must be a metric's name, or its beginning and * (in quotes when there is nothing else)";
    fits.then(|| pattern.clone()).ok_or_else(|| format!("is {}, but {advice}", found(node)))
}

fn metric_name(node: &Node) -> Result<String, String> {
    name(node, "metric", |byte| is_of_name(byte) || byte == b':')
}

fn label_name(node: &Node) -> Result<String, String> {
    name(node, "label", is_of_name)
}

/// Names as Prometheus has them.
fn name(node: &Node, of: &str, fits: impl Fn(u8) -> bool) -> Result<String, String> {
    let name = text(node)?;
    let begins_well = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if begins_well && name.bytes().all(fits) {
        return Ok(name);
    }
    Err(format!("is {}, but must be a {of}'s name: letters, digits and _, with no digit first", found(node)))
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
