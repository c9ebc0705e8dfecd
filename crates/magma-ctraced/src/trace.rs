//! One trace, from its start to the delivery of what was captured.

use std::sync::Arc;
use std::time::Duration;

use magma_rpc::channel::Channel;
use magma_rpc::{Status, deadline};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};
use wire_orc8r::orc8r::ReportEndedTraceRequest;
use wire_orc8r::orc8r::call_trace_controller_client::CallTraceControllerClient;

use crate::capture::{self, Outcome};
use crate::folder::Files;
use crate::order::Order;
use crate::{Config, RunningTool, Tools, command};

/// How often a finished trace is offered to the cloud.
const REPORTS_MAX: u32 = 5;

/// The way to the cloud's service `ctraced`.
pub trait TraceCloud: Send + Sync + 'static {
    /// A channel.
    ///
    /// # Errors
    /// When there is no way now: a sentence for the operator.
    fn channel(&self) -> Result<Channel, String>;
}

/// What traces are made with.
pub(crate) struct Means {
    pub(crate) config: Config,
    pub(crate) tools: Box<dyn Tools>,
    pub(crate) cloud: Box<dyn TraceCloud>,
}

/// An order to end a trace: where its outcome goes.
pub(crate) type End = oneshot::Sender<Outcome>;

/// A trace whose tool captures.
pub(crate) struct Trace {
    means: Arc<Means>,
    order: Order,
    files: Files,
    tool: Box<dyn RunningTool>,
}

/// A trace that is over.
pub(crate) struct Ended {
    means: Arc<Means>,
    trace_id: String,
    outcome: Outcome,
}

impl Trace {
    /// Has the tool begin, and waits until it captures.
    ///
    /// # Errors
    /// Why it does not, in words.
    pub(crate) async fn start(means: Arc<Means>, order: Order) -> Result<Self, String> {
        let config = &means.config;
        let files = Files::new(&config.directory)
            .map_err(|error| format!("cannot use {}: {error}", config.directory.display()))?;
        let command = command::capture(config, &order, &files.capture);
        let mut tool = means
            .tools
            .start(command)
            .map_err(|error| format!("cannot run {} (trace_tool): {error}", config.tool.display()))?;
        tokio::select! {
            there = capture::is_there(&files.capture, config.limits.file) => {
                if !there {
                    let seconds = config.limits.file.as_secs();
                    return Err(format!("{} made no file within {seconds} s", config.tool.display()));
                }
            }
            end = tool.ended() => {
                if !end.success || !capture::is_there(&files.capture, Duration::ZERO).await {
                    return Err(format!("{} ended at once: {}", config.tool.display(), end.said.trim()));
                }
            }
        }
        Ok(Self { means, order, files, tool })
    }

    /// Captures until the tool ends, the time is over, or somebody orders the end; then makes the outcome. Whoever
    /// orders the end, also while the outcome is being made, gets it; `free` is called when it is too late for that.
    pub(crate) async fn run(
        mut self,
        orders: &mut mpsc::Receiver<End>,
        free: impl FnOnce(),
    ) -> Option<Ended> {
        let limits = &self.means.config.limits;
        let mut end = tokio::select! {
            ended = timeout(self.order.timeout + limits.overrun, self.tool.ended()) => {
                if let Some(failed) = ended.ok().filter(|ended| !ended.success) {
                    tracing::warn!(said = failed.said.trim(), "the tool of a call trace failed");
                }
                None
            }
            order = orders.recv() => order,
        };
        self.tool.stop(limits.grace).await;
        let filter = self.order.display_filters.as_deref();
        let outcome = capture::outcome(&self.means.config, &*self.means.tools, &self.files, filter).await;
        free();
        orders.close();
        end = end.or_else(|| orders.try_recv().ok());
        match end {
            // Who has gone meanwhile can still read the file.
            Some(end) => {
                end.send(outcome).ok();
                None
            }
            None => Some(Ended { means: self.means, trace_id: self.order.trace_id, outcome }),
        }
    }
}

impl Ended {
    /// Gives the outcome to the cloud.
    pub(crate) async fn report(self) {
        let Self { means, trace_id, outcome } = self;
        let request =
            ReportEndedTraceRequest { trace_id, success: outcome.success, trace_content: outcome.content };
        let limits = &means.config.limits;
        let mut why = String::new();
        for attempt in 0..REPORTS_MAX {
            if attempt > 0 {
                sleep(limits.report_pause).await;
            }
            match report_once(&*means.cloud, limits.report, request.clone()).await {
                Ok(()) => return tracing::info!("a call trace has ended and the cloud has it"),
                Err(error) => why = error,
            }
        }
        let directory = means.config.directory.display();
        tracing::warn!(why, "the cloud did not take a call trace; its capture is in {directory}");
    }
}

async fn report_once(
    cloud: &dyn TraceCloud,
    limit: Duration,
    request: ReportEndedTraceRequest,
) -> Result<(), String> {
    let mut client = CallTraceControllerClient::new(cloud.channel()?);
    let reported = deadline(limit, client.report_ended_call_trace(request)).await;
    reported.map(drop).map_err(|status: Status| status.message().to_owned())
}
