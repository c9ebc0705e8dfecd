//! What the local services want reported, asked of a few of them at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use magma_rpc::{Status, deadline};
use tokio::task::JoinSet;
use wire_orc8r::orc8r::service303_client::Service303Client;
use wire_orc8r::orc8r::{State, Void};

use crate::local_services::LocalServices;

/// What the states of all services may have together: clouds take messages of 4 MiB, and the gateway's own state has to
/// arrive whatever else there is.
const STATES_BYTES_MAX: usize = (4 << 20) - (128 << 10);

/// The states of `services`, in the order of their names; one that does not answer within `limit` has none, nor has one
/// whose states have no room beside those of others that answered before.
pub async fn gather(services: &LocalServices, names: &BTreeSet<String>, limit: Duration) -> Vec<State> {
    let mut calls = JoinSet::new();
    for name in names {
        let (services, name) = (services.clone(), name.clone());
        calls.spawn(async move {
            let outcome = ask(&services, &name, limit).await;
            (name, outcome)
        });
    }
    let (mut answers, mut room) = (BTreeMap::new(), STATES_BYTES_MAX);
    while let Some(joined) = calls.join_next().await {
        match joined {
            Ok((name, Ok(states))) => match room.checked_sub(bytes(&states)) {
                Some(left) => {
                    room = left;
                    answers.insert(name, states);
                }
                None => tracing::warn!(
                    service = name,
                    "its states are left out: all services may report {STATES_BYTES_MAX} bytes together"
                ),
            },
            Ok((name, Err(reason))) => tracing::debug!(service = name, reason, "a service reports no states"),
            Err(error) => tracing::error!(%error, "asking a service for its states ended badly"),
        }
    }
    answers.into_values().flatten().collect()
}

/// About what they take on the wire.
fn bytes(states: &[State]) -> usize {
    states.iter().map(|state| 32 + state.r#type.len() + state.device_id.len() + state.value.len()).sum()
}

async fn ask(services: &LocalServices, name: &str, limit: Duration) -> Result<Vec<State>, String> {
    let _turn = services.turn().await;
    let channel = services.channel(name).map_err(|error| error.to_string())?;
    let mut client = Service303Client::new(channel);
    let answer = deadline(limit, client.get_operational_states(Void {})).await;
    answer.map(|answer| answer.into_inner().states).map_err(|status: Status| status.message().to_owned())
}
