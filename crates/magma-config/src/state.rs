//! `state.yml`: which tables of the gateway are replicated to the cloud.

use std::time::Duration;

use crate::block::Block;
use crate::magmad::read_log_level;
use crate::value::{seconds, text, word};
use crate::yaml::Node;

/// `state.yml`, which may be absent. It is read only where `embedded_services` has `state`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateReplication {
    /// `sync_interval` in seconds, which overrides the cloud's within limits.
    pub sync_interval: Option<Duration>,
    /// `state_protos` and then `json_state`.
    pub tables: Vec<ReplicatedTable>,
}

/// One of `state_protos` or `json_state`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicatedTable {
    /// `redis_key`: the type of the records, here and in the cloud.
    pub redis_key: String,
    /// `state_scope`.
    pub scope: StateScope,
    /// For one of `state_protos`: what its messages are.
    pub message: Option<StateMessage>,
}

/// What the messages of a table are, as Python names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateMessage {
    /// `proto_file`: a Python module, such as `lte.protos.oai.s1ap_state_pb2`.
    pub proto_file: String,
    /// `proto_msg`, such as `UeDescription`.
    pub proto_msg: String,
}

/// `state_scope` (gateway): where the ids of a table are unique.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StateScope {
    /// In the whole network.
    Network,
    /// At this gateway.
    #[default]
    Gateway,
}

pub(crate) fn read(mut block: Block<'_>) -> StateReplication {
    read_log_level(&mut block);
    let sync_interval = block.read("sync_interval", seconds(1));
    let protos = block.blocks("state_protos").into_iter().filter_map(read_proto).collect::<Vec<_>>();
    let json = block.blocks("json_state").into_iter().filter_map(|entry| read_table(entry, None));
    let tables = protos.into_iter().chain(json).collect();
    block.finish();
    StateReplication { sync_interval, tables }
}

fn read_proto(mut entry: Block<'_>) -> Option<ReplicatedTable> {
    let place = entry.place().clone();
    let (proto_file, proto_msg) = (entry.read("proto_file", text), entry.read("proto_msg", text));
    let message =
        proto_file.zip(proto_msg).map(|(proto_file, proto_msg)| StateMessage { proto_file, proto_msg });
    if message.is_none() {
        entry.report().warning(&place, "is left out: an entry needs a `proto_file` and a `proto_msg`");
    }
    let table = read_table(entry, message.clone());
    message.and(table)
}

fn read_table(mut entry: Block<'_>, message: Option<StateMessage>) -> Option<ReplicatedTable> {
    let (place, report) = (entry.place().clone(), entry.report());
    let redis_key = entry.read("redis_key", text).filter(|key| !key.is_empty());
    let scope = entry.read("state_scope", scope).unwrap_or_default();
    entry.finish();
    if redis_key.is_none() {
        report.warning(&place, "is left out: an entry needs a `redis_key`");
    }
    Some(ReplicatedTable { redis_key: redis_key?, scope, message })
}

fn scope(node: &Node) -> Result<StateScope, String> {
    match word(node)?.as_str() {
        "network" => Ok(StateScope::Network),
        "gateway" => Ok(StateScope::Gateway),
        other => Err(format!("is {other}, but must be network or gateway")),
    }
}
