//! What the local services want reported, asked of all of them at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use magma_rpc::{Status, deadline};
use tokio::task::JoinSet;
use wire_orc8r::orc8r::service303_client::Service303Client;
use wire_orc8r::orc8r::{State, Void};

use crate::local_services::LocalServices;

/// The states of `services`, in the order of their names; one that does not answer within `limit` has none.
pub async fn gather(services: &LocalServices, names: &BTreeSet<String>, limit: Duration) -> Vec<State> {
    let mut calls = JoinSet::new();
    for name in names {
        let (services, name) = (services.clone(), name.clone());
        calls.spawn(async move {
            let outcome = ask(&services, &name, limit).await;
            (name, outcome)
        });
    }
    let mut answers = BTreeMap::new();
    while let Some(joined) = calls.join_next().await {
        match joined {
            Ok((name, Ok(states))) => drop(answers.insert(name, states)),
            Ok((name, Err(reason))) => tracing::debug!(service = name, reason, "a service reports no states"),
            Err(error) => tracing::error!(%error, "asking a service for its states ended badly"),
        }
    }
    answers.into_values().flatten().collect()
}

async fn ask(services: &LocalServices, name: &str, limit: Duration) -> Result<Vec<State>, String> {
    let channel = services.channel(name).map_err(|error| error.to_string())?;
    let mut client = Service303Client::new(channel);
    let answer = deadline(limit, client.get_operational_states(Void {})).await;
    answer.map(|answer| answer.into_inner().states).map_err(|status: Status| status.message().to_owned())
}
