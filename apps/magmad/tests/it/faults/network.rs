//! What can stand between a gateway and its cloud on the way: a black hole, resets, a trickle, garbage. Whatever it was,
//! the gateway is back when it is gone, and holds no more descriptors than before.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::cloud::Cloud;
use crate::gateway::Gateway;

/// What the network does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weather {
    /// Passes everything on.
    Fine,
    /// Takes everything and answers nothing.
    BlackHole,
    /// Ends connections as soon as they are made.
    Reset,
    /// Passes one byte on at a time.
    Trickle,
    /// Answers what nobody asked.
    Garbage,
    /// Answers as a web server does that knows nothing of TLS.
    PlainHttp,
}

/// A network on the way to `target`. A change of weather ends the connections that there are.
struct Relay {
    port: u16,
    weather: watch::Sender<Weather>,
    _running: JoinSet<()>,
}

impl Relay {
    async fn start(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let weather = watch::Sender::new(Weather::Fine);
        let mut running = JoinSet::new();
        running.spawn(relay(listener, SocketAddr::from(([127, 0, 0, 1], target)), weather.subscribe()));
        Self { port, weather, _running: running }
    }
}

async fn relay(listener: TcpListener, target: SocketAddr, weather: watch::Receiver<Weather>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let mut weather = weather.clone();
        connections.spawn(async move {
            let now = *weather.borrow_and_update();
            tokio::select! {
                () = carry(stream, target, now) => {}
                _ = weather.changed() => {}
            }
        });
    }
}

async fn carry(mut stream: TcpStream, target: SocketAddr, weather: Weather) {
    match weather {
        Weather::Fine => {
            if let Ok(mut cloud) = TcpStream::connect(target).await {
                tokio::io::copy_bidirectional(&mut stream, &mut cloud).await.ok();
            }
        }
        Weather::BlackHole => {
            tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.ok();
            std::future::pending().await
        }
        Weather::Reset => {
            stream.set_zero_linger().ok();
        }
        Weather::Trickle => trickle(stream, target).await,
        Weather::Garbage => {
            let garbage: Vec<u8> =
                (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
            stream.write_all(&garbage).await.ok();
            tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.ok();
        }
        Weather::PlainHttp => {
            stream.readable().await.ok();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await.ok();
        }
    }
}

async fn trickle(mut stream: TcpStream, target: SocketAddr) {
    let Ok(mut cloud) = TcpStream::connect(target).await else { return };
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    let (mut up, mut down) = ([0; 1], [0; 1]);
    loop {
        pace.tick().await;
        tokio::select! {
            read = stream.read(&mut up) => match read {
                Ok(1) => if cloud.write_all(&up).await.is_err() { return },
                _ => return,
            },
            read = cloud.read(&mut down) => match read {
                Ok(1) => if stream.write_all(&down).await.is_err() { return },
                _ => return,
            },
        }
    }
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("/proc").count()
}

/// Set in the process that has its descriptors for itself.
const ALONE: &str = "MAGMAD_TEST_NETWORK";

#[tokio::test]
async fn whatever_the_network_does_the_gateway_is_back_when_it_is_gone() {
    if std::env::var_os(ALONE).is_none() {
        // Tests beside this one open descriptors too, so it is run again in a process of its own.
        let name = "faults::network::whatever_the_network_does_the_gateway_is_back_when_it_is_gone";
        let mut own = std::process::Command::new(std::env::current_exe().expect("this program"));
        let output = own.args(["--exact", name, "--nocapture"]).env(ALONE, "1").output();
        let output = output.expect("this program runs");
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let cloud = Arc::new(Cloud::start().await);
    let relay = Relay::start(cloud.cloud_port).await;
    let mut gateway = Gateway::with_certificate(&cloud);
    let through = cloud
        .control_proxy(false)
        .replace(&format!("cloud_port: {}", cloud.cloud_port), &format!("cloud_port: {}", relay.port));
    gateway.write("etc/magma/control_proxy.yml", &through);
    gateway.options.timings.sync_rpc.retry_max = Duration::from_millis(500);
    let mut running = gateway.start();
    running.until_checked_in().await;
    let before = descriptors();
    for weather in
        [Weather::BlackHole, Weather::Reset, Weather::Trickle, Weather::Garbage, Weather::PlainHttp]
    {
        relay.weather.send_replace(weather);
        let message = running.failure(magmad::events::Step::CheckIn).await;
        assert!(!message.is_empty(), "{weather:?}");
        relay.weather.send_replace(Weather::Fine);
        running.backlog();
        running.until_checked_in().await;
    }
    // Connections that were cut are closed; as many as at the beginning are open, give or take those being made anew.
    let began = std::time::Instant::now();
    while descriptors() > before + 8 {
        assert!(began.elapsed() < Duration::from_secs(120), "{before} descriptors became {}", descriptors());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    running.stop().await;
}
