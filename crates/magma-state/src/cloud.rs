//! Where the states go.

use std::time::Duration;

use magma_rpc::channel::Channel;
use magma_rpc::{Response, Status, deadline};
use wire_orc8r::orc8r::state_service_client::StateServiceClient;
use wire_orc8r::orc8r::{
    DeleteStatesRequest, IdAndError, IdAndVersion, ReportStatesRequest, State, StateId, SyncStatesRequest,
};

/// How long the cloud may take for one request.
const DEADLINE: Duration = Duration::from_secs(10);

/// The way to the cloud's service `state`.
pub trait StateCloud: Send + Sync {
    /// A channel, and a number that changes when the cloud may be another one.
    ///
    /// # Errors
    /// When there is no way now: a sentence for the operator.
    fn channel(&self) -> Result<(Channel, u64), String>;
}

/// Why the cloud did not take something.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// No connection can be made.
    #[error("{0}")]
    NoWay(String),
    /// The call failed.
    #[error("StateService/{method} failed: {}", status.message())]
    Call {
        /// The RPC.
        method: &'static str,
        /// Its status.
        status: Status,
    },
}

/// The three calls, each with its deadline.
pub(crate) struct Calls(StateServiceClient<Channel>);

impl Calls {
    pub(crate) fn new(channel: Channel) -> Self {
        Self(StateServiceClient::new(channel))
    }

    /// Those of `states` whose version the cloud does not have.
    pub(crate) async fn sync(&mut self, states: Vec<IdAndVersion>) -> Result<Vec<IdAndVersion>, CloudError> {
        let called = deadline(DEADLINE, self.0.sync_states(SyncStatesRequest { states })).await;
        answer("SyncStates", called).map(|response| response.unsynced_states)
    }

    /// Those of `states` that the cloud did not take.
    pub(crate) async fn report(&mut self, states: Vec<State>) -> Result<Vec<IdAndError>, CloudError> {
        let called = deadline(DEADLINE, self.0.report_states(ReportStatesRequest { states })).await;
        answer("ReportStates", called).map(|response| response.unreported_states)
    }

    pub(crate) async fn delete(&mut self, ids: Vec<StateId>) -> Result<(), CloudError> {
        // The cloud knows the network from the certificate.
        let request = DeleteStatesRequest { network_id: String::new(), ids };
        answer("DeleteStates", deadline(DEADLINE, self.0.delete_states(request)).await).map(drop)
    }
}

fn answer<T>(method: &'static str, called: Result<Response<T>, Status>) -> Result<T, CloudError> {
    called.map(Response::into_inner).map_err(|status| CloudError::Call { method, status })
}
