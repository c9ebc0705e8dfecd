//! Passes requests of the cloud to local services, each in a task of its own.

use std::collections::{BTreeMap, BTreeSet};

use magma_rpc::forward::{self, ForwardFrame};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use wire_orc8r::orc8r::GatewayRequest;

use super::machine::{Call, LocalEvent};
use crate::local_services::LocalServices;

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
}

impl Reach {
    fn covers(&self, service: &str) -> bool {
        match self {
            Self::Registry => true,
            Self::Only(services) => services.contains(service),
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
        let (services, allowed) = (self.services.clone(), self.reach.covers(&request.authority));
        let sender = self.sender.clone();
        let task = self.tasks.spawn(async move {
            let refusal = if allowed {
                forward(&services, request, call, &sender).await.err()
            } else {
                Some(format!("this gateway does not let the cloud call {:?}", request.authority))
            };
            if let Some(refusal) = refusal {
                sender.send((call, LocalEvent::Failed(refusal))).await.ok();
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

async fn forward(
    services: &LocalServices,
    request: GatewayRequest,
    call: Call,
    sender: &mpsc::Sender<(Call, LocalEvent)>,
) -> Result<(), String> {
    let service = &request.authority;
    // Magma-compat: what is tunnelled carries the bare service name as its authority, not `<service>.local`.
    let channel = services.channel_as(service, service).map_err(|error| error.to_string())?;
    let unreachable = |failure: magma_rpc::Failure| format!("{service} on this gateway: {failure}");
    let answer = forward::call(&channel, &request.path, &request.headers, request.payload).await;
    let mut answer = answer.map_err(unreachable)?;
    let head = LocalEvent::Head { status: answer.status, headers: answer.headers };
    let mut ended = sender.send((call, head)).await.is_err();
    while !ended {
        let event = match answer.body.frame().await {
            Some(Ok(ForwardFrame::Data(data))) => LocalEvent::Data(data.into()),
            Some(Ok(ForwardFrame::Trailers(trailers))) => LocalEvent::Trailers(trailers),
            Some(Err(failure)) => return Err(unreachable(failure)),
            None => LocalEvent::Ended,
        };
        ended = !matches!(event, LocalEvent::Data(_));
        ended |= sender.send((call, event)).await.is_err();
    }
    Ok(())
}
