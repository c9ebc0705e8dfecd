//! Answers `magma.orc8r.CallTraceService`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use magma_rpc::{Request, Response, Status, tonic};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use wire_orc8r::orc8r::call_trace_service_server::{CallTraceService as Contract, CallTraceServiceServer};
use wire_orc8r::orc8r::{EndTraceRequest, EndTraceResponse, StartTraceRequest, StartTraceResponse};

use crate::capture::Outcome;
use crate::order::Order;
use crate::trace::{End, Means, Trace};
use crate::{Config, Tools, TraceCloud};

/// The trace that runs, and two that the cloud has not taken yet.
const TASKS_MAX: usize = 3;

/// The call traces of one gateway; a clone is the same. Dropping the last one ends them.
#[derive(Clone)]
pub struct CallTraces {
    means: Arc<Means>,
    place: Place,
    /// Not for the tasks themselves, which end when nobody has this any more.
    tasks: Arc<Mutex<JoinSet<()>>>,
}

/// The one place for an active trace.
type Place = Arc<Mutex<Option<Active>>>;

struct Active {
    trace_id: String,
    orders: mpsc::Sender<End>,
}

impl CallTraces {
    /// No trace yet.
    pub fn new(config: Config, tools: impl Tools, cloud: impl TraceCloud) -> Self {
        let means = Means { config, tools: Box::new(tools), cloud: Box::new(cloud) };
        Self { means: Arc::new(means), place: Place::default(), tasks: Arc::default() }
    }

    /// The gRPC service, to be added to a router.
    pub fn into_server(self) -> CallTraceServiceServer<Self> {
        CallTraceServiceServer::new(self)
    }

    /// Ends everything at once: the tool and all that it started is killed.
    pub fn abort(&self) {
        locked(&self.tasks).abort_all();
    }

    /// Begins a trace, unless one is active.
    ///
    /// # Errors
    /// Why it does not begin, in words.
    async fn start(&self, order: Order) -> Result<(), String> {
        let (begun, beginning) = oneshot::channel();
        self.spawn(order, begun)?;
        beginning.await.unwrap_or_else(|_| Err("call traces are being ended".to_owned()))
    }

    /// Begins the task of a trace, which goes on when the caller has gone.
    fn spawn(&self, order: Order, begun: oneshot::Sender<Result<(), String>>) -> Result<(), String> {
        let (mut place, mut tasks) = (locked(&self.place), locked(&self.tasks));
        while tasks.try_join_next().is_some() {}
        if place.is_some() {
            return Err("another trace is active; end it first".to_owned());
        }
        if tasks.len() >= TASKS_MAX {
            return Err("the cloud has not taken the traces before this one yet".to_owned());
        }
        let (orders, inbox) = mpsc::channel(1);
        *place = Some(Active { trace_id: order.trace_id.clone(), orders });
        tasks.spawn(carry_out(self.means.clone(), order, Taken(self.place.clone()), inbox, begun));
        Ok(())
    }

    /// Ends the active trace, if it is this one.
    ///
    /// # Errors
    /// Why there is nothing to end, in words.
    async fn end(&self, trace_id: &str) -> Result<Outcome, String> {
        let orders = match &*locked(&self.place) {
            None => return Err("no trace is active".to_owned()),
            Some(active) if !trace_id.is_empty() && active.trace_id != trace_id => {
                return Err("another trace is active".to_owned());
            }
            Some(active) => active.orders.clone(),
        };
        let (end, outcome) = oneshot::channel();
        orders.try_send(end).map_err(|_| "it is being ended already".to_owned())?;
        outcome.await.map_err(|_| "it has just ended by itself".to_owned())
    }
}

/// A panic elsewhere leaves what is in it whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One trace from its beginning to its delivery.
async fn carry_out(
    means: Arc<Means>,
    order: Order,
    taken: Taken,
    mut orders: mpsc::Receiver<End>,
    begun: oneshot::Sender<Result<(), String>>,
) {
    let trace = match Trace::start(means, order).await {
        Ok(trace) => trace,
        Err(why) => {
            drop(taken);
            begun.send(Err(why)).ok();
            return;
        }
    };
    begun.send(Ok(())).ok();
    let ended = trace.run(&mut orders, || drop(taken)).await;
    if let Some(ended) = ended {
        ended.report().await;
    }
}

/// The place while a trace has it; it is free when this is dropped, whatever happened.
struct Taken(Place);

impl Drop for Taken {
    fn drop(&mut self) {
        *locked(&self.0) = None;
    }
}

#[tonic::async_trait]
impl Contract for CallTraces {
    async fn start_call_trace(
        &self,
        request: Request<StartTraceRequest>,
    ) -> Result<Response<StartTraceResponse>, Status> {
        let order = Order::of(request.into_inner()).map_err(Status::invalid_argument)?;
        let started = self.start(order).await;
        match &started {
            Ok(()) => tracing::info!("a call trace has begun"),
            Err(why) => tracing::warn!(why, "a call trace was ordered but has not begun"),
        }
        Ok(Response::new(StartTraceResponse { success: started.is_ok() }))
    }

    async fn end_call_trace(
        &self,
        request: Request<EndTraceRequest>,
    ) -> Result<Response<EndTraceResponse>, Status> {
        let ended = self.end(&request.get_ref().trace_id).await;
        if let Err(why) = &ended {
            tracing::warn!(why, "a call trace was to be ended");
        }
        let Outcome { success, content } = ended.unwrap_or_default();
        Ok(Response::new(EndTraceResponse { success, trace_content: content }))
    }
}
