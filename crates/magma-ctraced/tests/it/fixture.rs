//! A gateway with a call trace service, and a cloud that takes what has ended by itself.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use magma_ctraced::{CallTraces, Config, Limits, RunningTool, ToolEnd, Tools, TraceCloud};
use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::server::{Router, serve_plain};
use magma_rpc::{Request, Response, Status, tonic};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use wire_orc8r::orc8r::call_trace_controller_server::{CallTraceController, CallTraceControllerServer};
use wire_orc8r::orc8r::call_trace_service_client::CallTraceServiceClient;
use wire_orc8r::orc8r::{
    EndTraceRequest, EndTraceResponse, ReportEndedTraceRequest, ReportEndedTraceResponse, StartTraceRequest,
};

/// Longer than anything takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A tool that writes its arguments into the file that it is told to write, and captures until it is ended. With `-r` it
/// copies, and refuses the filter `bad`.
const TOOL: &str = r#"#!/bin/sh
said="$*"
while [ $# -gt 0 ]; do
    case "$1" in
        -w) file=$2 ;;
        -r) from=$2 ;;
        -Y) [ "$2" = bad ] && { echo "bad filter" >&2; exit 2; }; [ "$2" = slow ] && exec sleep 1000 ;;
        -f) case "$2" in
                unknown) echo "no such protocol" >&2; exit 1 ;;
                silent) exec sleep 1000 ;;
                short) short=1 ;;
            esac ;;
    esac
    shift
done
if [ -n "$from" ]; then { printf 'filtered '; cat "$from"; } > "$file"; exit 0; fi
echo $$ > "$0.pid"
printf '%s' "$said" > "$file"
[ -n "$short" ] && exit 0
exec sleep 1000
"#;

pub struct Gateway {
    pub client: CallTraceServiceClient<Channel>,
    pub traces: CallTraces,
    /// What serves them.
    pub server: JoinHandle<()>,
    pub folder: TempDir,
    /// What the cloud was told.
    pub reports: mpsc::UnboundedReceiver<ReportEndedTraceRequest>,
    /// How many reports the cloud refuses before it takes one.
    pub refusals: Arc<Mutex<u32>>,
}

/// Patient, but for what the test is about.
pub fn limits() -> Limits {
    Limits {
        file: PATIENCE,
        post_processing: PATIENCE,
        overrun: Duration::ZERO,
        grace: PATIENCE,
        report: PATIENCE,
        report_pause: Duration::from_millis(10),
    }
}

impl Gateway {
    pub async fn new(limits: Limits) -> Self {
        let folder = TempDir::new().unwrap();
        let tool = folder.path().join("tool");
        // Another process writes the file: were it open for writing here while a test beside this one forks, it could
        // not be run ("text file busy").
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", r#"printf %s "$1" > "$0" && chmod 755 "$0""#]).arg(&tool).arg(TOOL);
        assert!(shell.status().unwrap().success());
        Self::with_tool(folder, tool, &["any"], limits).await
    }

    pub async fn with_tool(folder: TempDir, tool: PathBuf, interfaces: &[&str], limits: Limits) -> Self {
        let (told, reports) = mpsc::unbounded_channel();
        let refusals = Arc::default();
        let cloud = Cloud { told, refusals: Arc::clone(&refusals) };
        let cloud = Way(serve(Router::new().add(CallTraceControllerServer::new(cloud))).await.0);
        let interfaces = interfaces.iter().map(|name| (*name).to_owned()).collect();
        let config = Config { tool, directory: folder.path().join("trace"), interfaces, limits };
        let traces = CallTraces::new(config, TestTools, cloud);
        let (channel, server) = serve(Router::new().add(traces.clone().into_server())).await;
        let client = CallTraceServiceClient::new(channel).max_decoding_message_size(8 << 20);
        Self { client, traces, server, folder, reports, refusals }
    }

    pub async fn start(&mut self, id: &str, timeout: u32, capture: &str, display: &str) -> bool {
        let request = StartTraceRequest {
            trace_id: id.to_owned(),
            timeout,
            capture_filters: capture.to_owned(),
            display_filters: display.to_owned(),
            ..Default::default()
        };
        self.client.start_call_trace(request).await.unwrap().into_inner().success
    }

    pub async fn end(&mut self, id: &str) -> EndTraceResponse {
        let request = EndTraceRequest { trace_id: id.to_owned() };
        self.client.end_call_trace(request).await.unwrap().into_inner()
    }

    pub fn directory(&self) -> PathBuf {
        self.folder.path().join("trace")
    }
}

async fn serve(router: Router) -> (Channel, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (host, port) = ("127.0.0.1".to_owned(), listener.local_addr().unwrap().port());
    let server = tokio::spawn(serve_plain(listener, router, std::future::pending::<()>()));
    let endpoint = Endpoint { server_name: host.clone(), host, port, transport: Transport::Plain };
    (Connection::new(endpoint).channel("ctraced.local"), server)
}

struct Way(Channel);

impl TraceCloud for Way {
    fn channel(&self) -> Result<Channel, String> {
        Ok(self.0.clone())
    }
}

struct Cloud {
    told: mpsc::UnboundedSender<ReportEndedTraceRequest>,
    refusals: Arc<Mutex<u32>>,
}

#[tonic::async_trait]
impl CallTraceController for Cloud {
    async fn report_ended_call_trace(
        &self,
        request: Request<ReportEndedTraceRequest>,
    ) -> Result<Response<ReportEndedTraceResponse>, Status> {
        let mut refusals = self.refusals.lock().unwrap();
        if *refusals > 0 {
            *refusals -= 1;
            return Err(Status::unavailable("not now"));
        }
        self.told.send(request.into_inner()).ok();
        Ok(Response::new(ReportEndedTraceResponse {}))
    }
}

/// Starts programs without more ado than the tests need.
pub struct TestTools;

impl Tools for TestTools {
    fn start(&self, command: Command) -> std::io::Result<Box<dyn RunningTool>> {
        let mut command = tokio::process::Command::from(command);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        Ok(Box::new(TestTool(command.spawn()?)))
    }
}

struct TestTool(tokio::process::Child);

impl RunningTool for TestTool {
    fn ended(&mut self) -> Pin<Box<dyn Future<Output = ToolEnd> + Send + '_>> {
        Box::pin(async move {
            let mut said = String::new();
            let success = self.0.wait().await.unwrap().success();
            if let Some(mut stderr) = self.0.stderr.take() {
                stderr.read_to_string(&mut said).await.ok();
            }
            ToolEnd { success, said }
        })
    }

    fn stop(mut self: Box<Self>, grace: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            if let Some(id) = self.0.id() {
                Command::new("kill").arg(id.to_string()).status().unwrap();
            }
            tokio::time::timeout(grace, self.0.wait()).await.ok();
        })
    }
}

/// Waits until the tool that was started last is gone.
pub async fn tool_is_gone(folder: &Path) {
    let id = std::fs::read_to_string(folder.join("tool.pid")).unwrap();
    let status = Path::new("/proc").join(id.trim()).join("status");
    let runs = || std::fs::read_to_string(&status).is_ok_and(|status| !status.contains("State:\tZ"));
    tokio::time::timeout(PATIENCE, async {
        while runs() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
}
