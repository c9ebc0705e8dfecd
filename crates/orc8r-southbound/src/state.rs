//! The state service: what gateways report about themselves and about what they see.
//!
//! Everything happens in the caller's own network, whatever the request says.

use std::collections::BTreeMap;

use magma_rpc::tonic::async_trait;
use magma_rpc::{Request, Response, Status};
use orc8r_model::{ReportedState, StateId, state_type};
use orc8r_store::Store;
use wire_orc8r::orc8r::state_service_server::StateService;
use wire_orc8r::orc8r::{
    DeleteStatesRequest, IdAndError, IdAndVersion, ReportStatesRequest, ReportStatesResponse, State,
    StateId as WireStateId, SyncStatesRequest, SyncStatesResponse, Void,
};

use crate::clock::Clock;
use crate::failure::store_failure;
use crate::principal::{GatewayPrincipal, calling_gateway};

/// Longer types and device ids are refused: they are keys, not content.
const NAME_LENGTH_MAX: usize = 512;
/// States in one call; an access gateway with 10,000 sessions replicates about 40,000 in several calls.
const STATES_MAX: usize = 100_000;

pub(crate) struct StateServiceImpl {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
}

#[async_trait]
impl StateService for StateServiceImpl {
    async fn report_states(
        &self,
        request: Request<ReportStatesRequest>,
    ) -> Result<Response<ReportStatesResponse>, Status> {
        let gateway = calling_gateway(&request)?;
        let states = request.into_inner().states;
        if states.is_empty() {
            return Err(Status::invalid_argument("States value must be specified and non-empty"));
        }
        check_count(states.len())?;
        let mut reports = Vec::with_capacity(states.len());
        let mut unreported = Vec::new();
        for state in states {
            match acceptable(&state, &gateway) {
                Ok(()) => reports.push(reported(state)),
                Err(error) => {
                    unreported.push(IdAndError { r#type: state.r#type, device_id: state.device_id, error })
                }
            }
        }
        self.store
            .put_states(&gateway.network, gateway.hardware_id.as_str(), reports, self.clock.unix_ms())
            .await
            .map_err(store_failure)?;
        Ok(Response::new(ReportStatesResponse { unreported_states: unreported }))
    }

    /// Names the states whose version here is not the gateway's, with the version here; 0 for those that are not here.
    async fn sync_states(
        &self,
        request: Request<SyncStatesRequest>,
    ) -> Result<Response<SyncStatesResponse>, Status> {
        let gateway = calling_gateway(&request)?;
        let states = request.into_inner().states;
        check_count(states.len())?;
        let asked: Vec<(StateId, u64)> =
            states.into_iter().filter_map(|state| state.id.map(|id| (state_id(id), state.version))).collect();
        let ids = asked.iter().map(|(id, _)| id.clone()).collect();
        let here = self.store.state_versions(&gateway.network, ids).await.map_err(store_failure)?;
        Ok(Response::new(SyncStatesResponse { unsynced_states: unsynced(asked, &here) }))
    }

    /// What another gateway has reported since stays: a subscriber who moved is at home there, and the gateway that he
    /// left must not take his record away.
    ///
    /// Deviation: Magma deletes in whatever network the request names, whatever is named.
    async fn delete_states(&self, request: Request<DeleteStatesRequest>) -> Result<Response<Void>, Status> {
        let gateway = calling_gateway(&request)?;
        let DeleteStatesRequest { network_id, ids } = request.into_inner();
        if !network_id.is_empty() && network_id != gateway.network.as_str() {
            return Err(Status::permission_denied("a gateway can delete states of its own network only"));
        }
        check_count(ids.len())?;
        if ids.iter().any(|id| is_status_of_another(&id.r#type, &id.device_id, &gateway)) {
            return Err(Status::permission_denied("the status of another gateway cannot be deleted"));
        }
        let ids = ids.into_iter().map(state_id).collect();
        let reporter = gateway.hardware_id.as_str();
        self.store.delete_states(&gateway.network, reporter, ids).await.map_err(store_failure)?;
        Ok(Response::new(Void {}))
    }
}

fn check_count(states: usize) -> Result<(), Status> {
    if states > STATES_MAX {
        return Err(Status::invalid_argument(format!(
            "more than {STATES_MAX} states in one call: send them in parts"
        )));
    }
    Ok(())
}

/// Deviation: Magma takes every state; here a gateway's status comes from that gateway alone.
fn acceptable(state: &State, gateway: &GatewayPrincipal) -> Result<(), String> {
    if state.r#type.is_empty() || state.device_id.is_empty() {
        return Err("a state needs a type and a device id".to_owned());
    }
    if state.r#type.len().max(state.device_id.len()) > NAME_LENGTH_MAX {
        return Err(format!("type and device id may have at most {NAME_LENGTH_MAX} bytes"));
    }
    if is_status_of_another(&state.r#type, &state.device_id, gateway) {
        return Err("the status of another gateway cannot be reported".to_owned());
    }
    Ok(())
}

fn is_status_of_another(state_type: &str, device_id: &str, gateway: &GatewayPrincipal) -> bool {
    state_type == state_type::GATEWAY_STATUS && device_id != gateway.hardware_id.as_str()
}

fn reported(state: State) -> ReportedState {
    let id = StateId { state_type: state.r#type, device_id: state.device_id };
    ReportedState { id, value: state.value, version: state.version }
}

fn state_id(id: WireStateId) -> StateId {
    StateId { state_type: id.r#type, device_id: id.device_id }
}

fn unsynced(asked: Vec<(StateId, u64)>, here: &BTreeMap<StateId, u64>) -> Vec<IdAndVersion> {
    let version_here = |id: &StateId| here.get(id).copied().unwrap_or_default();
    asked
        .into_iter()
        .filter(|(id, version)| version_here(id) != *version)
        .map(|(id, _)| {
            let version = version_here(&id);
            let id = WireStateId { r#type: id.state_type, device_id: id.device_id };
            IdAndVersion { id: Some(id), version }
        })
        .collect()
}
