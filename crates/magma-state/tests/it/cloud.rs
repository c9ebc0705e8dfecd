//! A cloud that keeps states as the Orchestrator does, and may be told to fail.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::server::{Router, serve_plain};
use magma_rpc::{Request, Response, Status, tonic};
use magma_state::StateCloud;
use tokio::net::TcpListener;
use wire_orc8r::orc8r::state_service_server::{StateService, StateServiceServer};
use wire_orc8r::orc8r::{
    DeleteStatesRequest, IdAndError, ReportStatesRequest, ReportStatesResponse, State, SyncStatesRequest,
    SyncStatesResponse, Void,
};

/// What the cloud has, by type and device id, and what it was asked.
#[derive(Default)]
pub struct Contents {
    pub states: BTreeMap<(String, String), State>,
    /// `Sync 3`, `Report 2`, `Delete 1`.
    pub calls: Vec<String>,
    /// The largest request in bytes.
    pub largest: usize,
    /// Device ids that are refused.
    pub refused: Vec<String>,
    /// Whether every call fails.
    pub down: bool,
    /// Run while a deletion is answered: what other programs do meanwhile.
    pub meanwhile: Option<tokio::sync::oneshot::Sender<tokio::sync::oneshot::Sender<()>>>,
}

#[derive(Clone)]
pub struct Cloud {
    pub contents: Arc<Mutex<Contents>>,
    port: u16,
}

impl Cloud {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let cloud = Self { contents: Arc::default(), port: listener.local_addr().unwrap().port() };
        let router = Router::new().add(StateServiceServer::new(cloud.clone()));
        tokio::spawn(serve_plain(listener, router, std::future::pending::<()>()));
        cloud
    }

    /// The calls since the last look.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.contents.lock().unwrap().calls)
    }

    /// Every state as `type/device: value @version`.
    pub fn states(&self) -> Vec<String> {
        let contents = self.contents.lock().unwrap();
        let line = |state: &State| {
            let value = String::from_utf8_lossy(&state.value);
            format!("{}/{}: {value} @{}", state.r#type, state.device_id, state.version)
        };
        contents.states.values().map(line).collect()
    }

    fn called(&self, name: &str, count: usize, bytes: usize) -> Result<(), Status> {
        let mut contents = self.contents.lock().unwrap();
        contents.calls.push(format!("{name} {count}"));
        contents.largest = contents.largest.max(bytes);
        if contents.down { Err(Status::unavailable("down")) } else { Ok(()) }
    }
}

/// The way to it, of one generation.
pub struct Way {
    pub cloud: Cloud,
    pub generation: u64,
}

impl StateCloud for Way {
    fn channel(&self) -> Result<(Channel, u64), String> {
        let host = "127.0.0.1".to_owned();
        let endpoint =
            Endpoint { server_name: host.clone(), host, port: self.cloud.port, transport: Transport::Plain };
        Ok((Connection::new(endpoint).channel("state-controller.test"), self.generation))
    }
}

#[tonic::async_trait]
impl StateService for Cloud {
    async fn report_states(
        &self,
        request: Request<ReportStatesRequest>,
    ) -> Result<Response<ReportStatesResponse>, Status> {
        let request = request.into_inner();
        self.called("Report", request.states.len(), prost::Message::encoded_len(&request))?;
        let mut contents = self.contents.lock().unwrap();
        let mut unreported_states = Vec::new();
        for state in request.states {
            let (r#type, device_id) = (state.r#type.clone(), state.device_id.clone());
            if contents.refused.contains(&device_id) {
                unreported_states.push(IdAndError { r#type, device_id, error: "not wanted".into() });
            } else {
                contents.states.insert((r#type, device_id), state);
            }
        }
        Ok(Response::new(ReportStatesResponse { unreported_states }))
    }

    async fn delete_states(&self, request: Request<DeleteStatesRequest>) -> Result<Response<Void>, Status> {
        let request = request.into_inner();
        assert_eq!(request.network_id, "");
        self.called("Delete", request.ids.len(), prost::Message::encoded_len(&request))?;
        for id in request.ids {
            self.contents.lock().unwrap().states.remove(&(id.r#type, id.device_id));
        }
        let meanwhile = self.contents.lock().unwrap().meanwhile.take();
        if let Some(meanwhile) = meanwhile {
            let (done, wait) = tokio::sync::oneshot::channel();
            meanwhile.send(done).ok();
            wait.await.ok();
        }
        Ok(Response::new(Void {}))
    }

    async fn sync_states(
        &self,
        request: Request<SyncStatesRequest>,
    ) -> Result<Response<SyncStatesResponse>, Status> {
        let request = request.into_inner();
        self.called("Sync", request.states.len(), prost::Message::encoded_len(&request))?;
        let contents = self.contents.lock().unwrap();
        let mut unsynced_states = request.states;
        unsynced_states.retain(|asked| {
            let id = asked.id.clone().unwrap();
            contents.states.get(&(id.r#type, id.device_id)).map_or(0, |state| state.version) != asked.version
        });
        Ok(Response::new(SyncStatesResponse { unsynced_states }))
    }
}
