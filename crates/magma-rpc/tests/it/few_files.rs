//! A server whose process has no file left: it waits for one, and does not turn in circles.

use std::convert::Infallible;
use std::env;
use std::future::{Ready, pending, ready};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use magma_rpc::server::{accept_failures, serve_plain};
use magma_rpc::{Body, Status};
use tokio::net::TcpListener;
use tower_service::Service;

/// Set in the process that has few files.
const IS_CHILD: &str = "MAGMA_RPC_FEW_FILES";
/// So many it may open; the test harness has some of them.
const FILES: u32 = 40;
const CONNECTIONS: usize = 60;
/// The pause after a failure, as the code has it.
const PAUSE_MS: u128 = 100;
/// The longest that anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How an HTTP/2 client begins: the preface and empty settings.
const BEGINNING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

#[derive(Clone)]
struct Nothing;

impl Service<http::Request<Body>> for Nothing {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<http::Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<Body>) -> Self::Future {
        ready(Ok(Status::aborted("there is nothing").into_http()))
    }
}

/// Serves, and says for each line that it reads how often it could not accept, and how long it has been serving.
fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    let start = Instant::now();
    runtime.spawn(serve_plain(listener, Nothing, pending::<()>()));
    let mut out = std::io::stdout();
    writeln!(out, "\nsays {port}").unwrap();
    for _ in std::io::stdin().lock().lines() {
        writeln!(out, "says {} {}", accept_failures(), start.elapsed().as_millis()).unwrap();
    }
    runtime.shutdown_background();
}

struct Server {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Server {
    /// This test again in a process of its own, whose limit the shell has lowered.
    fn start(test: &str) -> Self {
        let mut command = Command::new("sh");
        let script = format!("ulimit -n {FILES}; exec \"$0\" --exact {test} --nocapture");
        command.args(["-c", &script]).arg(env::current_exe().unwrap()).env(IS_CHILD, "1");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, stdin, stdout }
    }

    /// The numbers that it says next.
    fn says(&mut self) -> Vec<u128> {
        loop {
            let mut line = String::new();
            assert_ne!(self.stdout.read_line(&mut line).unwrap(), 0, "it has ended");
            if let Some(said) = line.strip_prefix("says ") {
                return said.split_whitespace().map(|number| number.parse().unwrap()).collect();
            }
        }
    }

    fn ask(&mut self) -> (u128, u128) {
        writeln!(self.stdin).unwrap();
        let [failures, ms] = self.says()[..] else { panic!("two numbers") };
        (failures, ms)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn without_a_file_left_it_waits_and_then_goes_on() {
    if env::var_os(IS_CHILD).is_some() {
        return serve();
    }
    let mut server = Server::start("few_files::without_a_file_left_it_waits_and_then_goes_on");
    let [port] = server.says()[..] else { panic!("a port") };
    let address = SocketAddr::from(([127, 0, 0, 1], u16::try_from(port).unwrap()));
    let connect = || TcpStream::connect_timeout(&address, PATIENCE).unwrap();
    // Who cannot be accepted waits in the system's queue.
    let held: Vec<TcpStream> = (0..CONNECTIONS).map(|_| connect()).collect();
    let start = Instant::now();
    let (failures, ms) = loop {
        assert!(start.elapsed() < PATIENCE, "it never had too few files");
        let said = server.ask();
        if said.0 >= 3 {
            break said;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(failures <= ms / PAUSE_MS + 1, "{failures} failures in {ms} ms: it turns in circles");
    drop(held);
    let mut tcp = connect();
    tcp.set_read_timeout(Some(PATIENCE)).unwrap();
    tcp.write_all(BEGINNING).unwrap();
    tcp.read_exact(&mut [0]).expect("the server's settings");
}
