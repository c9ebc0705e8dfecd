//! `/lte/{network_id}/network_probe`: lawful interception, by task, and where its events are delivered to.

use crate::clock::{date_time, unix_seconds};
use crate::entity_kind::{EntityKind, EntityPath, create, delete, list, read, update};
use crate::error::ApiError;
use crate::routes::Routes;
use orc8r_model::{NetworkId, entity_type};
use serde::Deserialize;
use serde_json::Value;
use std::hash::{BuildHasher, RandomState};
use wire_rest::types::{NetworkProbeDestination, NetworkProbeTask};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/lte/{network_id}/network_probe/tasks", list::<NetworkProbeTask>)
        .post("/lte/{network_id}/network_probe/tasks", create::<NetworkProbeTask>)
        .get("/lte/{network_id}/network_probe/tasks/{task_id}", read::<NetworkProbeTask>)
        .put("/lte/{network_id}/network_probe/tasks/{task_id}", update::<NetworkProbeTask>)
        .delete("/lte/{network_id}/network_probe/tasks/{task_id}", delete::<NetworkProbeTask>)
        .get("/lte/{network_id}/network_probe/destinations", list::<NetworkProbeDestination>)
        .post("/lte/{network_id}/network_probe/destinations", create::<NetworkProbeDestination>)
        .get("/lte/{network_id}/network_probe/destinations/{destination_id}", read::<NetworkProbeDestination>)
        .put(
            "/lte/{network_id}/network_probe/destinations/{destination_id}",
            update::<NetworkProbeDestination>,
        )
        .delete(
            "/lte/{network_id}/network_probe/destinations/{destination_id}",
            delete::<NetworkProbeDestination>,
        )
}

#[derive(Deserialize)]
pub(crate) struct TaskPath {
    network_id: NetworkId,
    task_id: String,
}

impl EntityPath for TaskPath {
    fn network(&self) -> &NetworkId {
        &self.network_id
    }

    fn key(&self) -> &str {
        &self.task_id
    }
}

#[derive(Deserialize)]
pub(crate) struct DestinationPath {
    network_id: NetworkId,
    destination_id: String,
}

impl EntityPath for DestinationPath {
    fn network(&self) -> &NetworkId {
        &self.network_id
    }

    fn key(&self) -> &str {
        &self.destination_id
    }
}

impl EntityKind for NetworkProbeTask {
    const TYPE: &str = entity_type::NETWORK_PROBE_TASK;
    const KEY: &str = "task_id";
    const CONFIG: &str = "task_details";
    type Path = TaskPath;

    /// What is delivered is found again by the task's `correlation_id`, which is random, and stays, unless the body has
    /// one; `timestamp` is when the task was made.
    ///
    /// Deviation: in Magma a replacement without them takes both away.
    fn complete(key: &str, config: &mut Value, former: Option<&Value>) -> Result<(), ApiError> {
        let kept = |name: &str| former.map(|former| former[name].clone()).filter(|value| !value.is_null());
        if config["correlation_id"].as_u64().unwrap_or_default() == 0 {
            config["correlation_id"] = kept("correlation_id").unwrap_or_else(|| correlation_id(key).into());
        }
        let now = || date_time(unix_seconds()).map(Value::from);
        config["timestamp"] = kept("timestamp").map_or_else(now, Ok)?;
        Ok(())
    }
}

/// Not 0, and small enough for programs whose numbers are fractions.
fn correlation_id(task: &str) -> u64 {
    (RandomState::new().hash_one(task) >> 11).max(1)
}

impl EntityKind for NetworkProbeDestination {
    const TYPE: &str = entity_type::NETWORK_PROBE_DESTINATION;
    const KEY: &str = "destination_id";
    const CONFIG: &str = "destination_details";
    type Path = DestinationPath;
}
