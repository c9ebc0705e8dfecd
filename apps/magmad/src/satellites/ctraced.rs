//! Call traces in the agent's own process.

use std::io;
use std::pin::Pin;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use magma_config::EmbeddedService;
use magma_ctraced::{CallTraces, Config, Limits, RunningTool, ToolEnd, Tools, TraceCloud};
use magma_rpc::channel::Channel;
use magma_rpc::server::Router;
use magma_service303::Registry;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::task::JoinSet;

use super::Context;
use crate::agent::local_server::LocalServer;
use crate::cloud::Cloud;
use crate::program::ProcessGroup;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// The port when the registry does not say. Magma's own.
const DEFAULT_PORT: u16 = 50079;
/// How much of the tool's last words is kept, in bytes.
const SAID_BYTES_MAX: usize = 2048;
/// How long its last words are awaited after it has ended.
const SAID_GRACE: Duration = Duration::from_millis(500);

/// The task that serves them.
pub struct Ctraced {
    server: LocalServer,
    traces: CallTraces,
}

impl Ctraced {
    /// The call traces of a gateway.
    pub fn new(context: &Context) -> Self {
        let ctraced = context.settings.borrow().ctraced.clone();
        let config = Config {
            tool: ctraced.trace_tool,
            directory: context.paths.resolve(&ctraced.trace_directory),
            interfaces: ctraced.trace_interfaces,
            limits: Limits::default(),
        };
        let traces = CallTraces::new(config, Groups, Way(context.cloud.clone()));
        let router = Router::new().add(traces.clone().into_server());
        let server = context.server(EmbeddedService::Ctraced, DEFAULT_PORT, router, Registry::new());
        Self { server, traces }
    }
}

impl Task for Ctraced {
    async fn run(&mut self, shutdown: Shutdown) -> Result<()> {
        let _end = EndWithService(&self.traces);
        self.server.run(shutdown).await
    }
}

/// A trace does not outlive its service.
struct EndWithService<'a>(&'a CallTraces);

impl Drop for EndWithService<'_> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Way(Cloud);

impl TraceCloud for Way {
    fn channel(&self) -> Result<Channel, String> {
        let cloud = self.0.channel(EmbeddedService::Ctraced.name()).map_err(|error| error.to_string())?;
        Ok(cloud.channel)
    }
}

/// Starts programs in process groups.
struct Groups;

impl Tools for Groups {
    fn start(&self, command: Command) -> io::Result<Box<dyn RunningTool>> {
        let mut group = ProcessGroup::spawn(command)?;
        let (stdout, stderr) = group.take_output();
        let (said, mut readers) = (Said::default(), JoinSet::new());
        if let Some(stdout) = stdout {
            readers.spawn(read(stdout, Said::default()));
        }
        if let Some(stderr) = stderr {
            readers.spawn(read(stderr, said.clone()));
        }
        Ok(Box::new(Tool { group, said, readers }))
    }
}

/// The end of a program's output.
type Said = Arc<Mutex<Vec<u8>>>;

/// Reads to the end, so that the program never blocks, and keeps the last of it.
async fn read(mut stream: impl AsyncRead + Unpin, said: Said) {
    let mut piece = vec![0; 1024];
    while let Ok(length @ 1..) = stream.read(&mut piece).await {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        said.extend_from_slice(&piece[..length]);
        let too_much = said.len().saturating_sub(SAID_BYTES_MAX);
        said.drain(..too_much);
    }
}

struct Tool {
    group: ProcessGroup,
    said: Said,
    readers: JoinSet<()>,
}

impl RunningTool for Tool {
    fn ended(&mut self) -> Pin<Box<dyn Future<Output = ToolEnd> + Send + '_>> {
        Box::pin(async move {
            let success = self.group.wait().await.is_ok_and(|status| status.success());
            let rest = async { while self.readers.join_next().await.is_some() {} };
            tokio::time::timeout(SAID_GRACE, rest).await.ok();
            let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            ToolEnd { success, said: String::from_utf8_lossy(&said).into_owned() }
        })
    }

    fn stop(self: Box<Self>, grace: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.group.stop(grace))
    }
}
