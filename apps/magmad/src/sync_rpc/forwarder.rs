//! Passes requests of the cloud to local services, each in a task of its own.

use std::collections::{BTreeMap, BTreeSet};

use magma_config::RemoteAccess;
use magma_rpc::forward::{self, ForwardFrame};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use wire_orc8r::orc8r::GatewayRequest;

use super::machine::{Call, LocalEvent};
use crate::agent::own_services;
use crate::local_services::LocalServices;
use crate::remote::audit;

/// How many pieces of answers may wait to be sent on; services wait when the cloud is slow.
const EVENTS_MAX: usize = 32;

/// Which local services the cloud may call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Every service that the registry names, as with Magma's own agent.
    #[default]
    Registry,
    /// Only these.
    Only(BTreeSet<String>),
    /// What `sync_rpc_allow` in magmad.yml says.
    Configured(RemoteAccess),
}

impl Reach {
    fn covers(&self, service: &str, path: &str) -> bool {
        match self {
            Self::Registry => true,
            Self::Only(services) => services.contains(service),
            Self::Configured(access) => access.allows(service, path),
        }
    }
}

/// The requests under way; dropping it stops them all.
pub struct Forwarder {
    services: LocalServices,
    reach: Reach,
    tasks: JoinSet<()>,
    running: BTreeMap<Call, AbortHandle>,
    sender: mpsc::Sender<(Call, LocalEvent)>,
    events: mpsc::Receiver<(Call, LocalEvent)>,
}

impl Forwarder {
    /// No requests yet.
    pub fn new(services: LocalServices, reach: Reach) -> Self {
        let (sender, events) = mpsc::channel(EVENTS_MAX);
        Self { services, reach, tasks: JoinSet::new(), running: BTreeMap::new(), sender, events }
    }

    /// Passes the request on; its answer comes out of [`Forwarder::next`].
    pub fn start(&mut self, call: Call, request: GatewayRequest) {
        self.forget_finished();
        let (services, sender) = (self.services.clone(), self.sender.clone());
        let allowed = self.reach.covers(&request.authority, &request.path);
        let bytes = request.payload.len();
        let told = Told(Some(audit::Action::of_cloud(&request.authority, &request.path, bytes)));
        let task = self.tasks.spawn(async move {
            if !allowed {
                let GatewayRequest { authority, path, .. } = &request;
                let refusal = format!("this gateway does not let the cloud call {path} of {authority:?}");
                told.ended("denied by sync_rpc_allow");
                sender.send((call, LocalEvent::Denied(refusal))).await.ok();
                return;
            }
            match forward(&services, request, call, &sender).await {
                Ok(result) => told.ended(&result),
                Err(failure) => {
                    told.ended(&failure);
                    sender.send((call, LocalEvent::Failed(failure))).await.ok();
                }
            }
        });
        self.running.insert(call, task);
    }

    /// Stops a request.
    pub fn cancel(&mut self, call: Call) {
        if let Some(task) = self.running.remove(&call) {
            task.abort();
        }
    }

    /// The next piece of an answer.
    pub async fn next(&mut self) -> Option<(Call, LocalEvent)> {
        self.events.recv().await
    }

    fn forget_finished(&mut self) {
        while self.tasks.try_join_next().is_some() {}
        self.running.retain(|_, task| !task.is_finished());
    }
}

/// What is told of a request when it ends, also when it is given up in the middle.
struct Told(Option<audit::Action>);

impl Told {
    fn ended(mut self, result: &str) {
        if let Some(action) = self.0.take() {
            action.ended(result);
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if let Some(action) = self.0.take() {
            action.ended("given up before its end");
        }
    }
}

/// Passes a request on and its answer back; returns how the answer ended.
async fn forward(
    services: &LocalServices,
    mut request: GatewayRequest,
    call: Call,
    sender: &mpsc::Sender<(Call, LocalEvent)>,
) -> Result<String, String> {
    request.headers.retain(|name, _| !name.eq_ignore_ascii_case(audit::FROM_CLOUD));
    if request.authority == own_services::NAME {
        request.headers.insert(audit::FROM_CLOUD.to_owned(), audit::mark().to_owned());
    }
    let service = &request.authority;
    // Magma-compat: what is tunnelled carries the bare service name as its authority, not `<service>.local`.
    let channel = services.channel_as(service, service).map_err(|error| error.to_string())?;
    let unreachable = |failure: magma_rpc::Failure| format!("{service} on this gateway: {failure}");
    let answer = forward::call(&channel, &request.path, &request.headers, request.payload).await;
    let mut answer = answer.map_err(unreachable)?;
    let mut ending = ending(&answer.headers);
    let head = LocalEvent::Head { status: answer.status, headers: answer.headers };
    let mut ended = sender.send((call, head)).await.is_err();
    while !ended {
        let event = match answer.body.frame().await {
            Some(Ok(ForwardFrame::Data(data))) => LocalEvent::Data(data.into()),
            Some(Ok(ForwardFrame::Trailers(trailers))) => {
                ending = self::ending(&trailers).or(ending);
                LocalEvent::Trailers(trailers)
            }
            Some(Err(failure)) => return Err(unreachable(failure)),
            None => LocalEvent::Ended,
        };
        ended = !matches!(event, LocalEvent::Data(_));
        ended |= sender.send((call, event)).await.is_err();
    }
    Ok(ending.unwrap_or_else(|| "no gRPC status".to_owned()))
}

/// The gRPC status, if these headers have one.
fn ending(headers: &BTreeMap<String, String>) -> Option<String> {
    headers.get("grpc-status").map(|status| match status.as_str() {
        "0" => "done".to_owned(),
        status => format!("gRPC status {status}"),
    })
}
