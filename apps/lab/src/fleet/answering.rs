//! The SyncRPC stream of a gateway of the fleet: opened again when it ends, and every call on it answered.

use super::member::{CALL_LIMIT, Enrolled};
use super::recorder::{Kind, Recorder};
use anyhow::{Error, Result};
use magma_rpc::channel::Connection;
use magma_rpc::naming::cloud_authority;
use prost::Message;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::{interval, sleep, timeout};
use tokio_stream::wrappers::ReceiverStream;
use wire_orc8r::orc8r::sync_rpc_service_client::SyncRpcServiceClient;
use wire_orc8r::orc8r::{GatewayRequest, GatewayResponse, NetworkTestResponse, PingResult, SyncRpcResponse};

/// How often a gateway says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// The pause before a stream that ended is opened again; it doubles up to the second one.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// A cloud that sends its headers late, with its first message, has the stream all the same after that long.
const HEADERS_LIMIT: Duration = Duration::from_secs(90);
/// Answers on their way.
const ANSWERS_MAX: usize = 4;

/// Keeps the stream for ever.
pub async fn keep(gateway: &Enrolled, connection: &Connection, controller: &str, recorder: &Recorder) {
    let mut pause = PAUSES.0;
    loop {
        let began = Instant::now();
        if let Err(error) = session(connection, controller, recorder).await {
            tracing::debug!(gateway = gateway.id, %error, "the stream ended");
            recorder.failed(Kind::Stream, &format!("{error:#}"));
        }
        if began.elapsed() > PAUSES.1 {
            pause = PAUSES.0;
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

/// One stream until it ends, which it does with an error.
async fn session(connection: &Connection, controller: &str, recorder: &Recorder) -> Result<()> {
    let (out, answers) = mpsc::channel(ANSWERS_MAX);
    let mut client =
        SyncRpcServiceClient::new(connection.channel(&cloud_authority("dispatcher", controller)));
    out.try_send(heartbeat())?;
    let began = Instant::now();
    let opening =
        timeout(HEADERS_LIMIT, client.establish_sync_rpc_stream(ReceiverStream::new(answers))).await;
    let opened = opening.map_err(Error::from).and_then(|opened| opened.map_err(Error::from))?;
    recorder.ended(Kind::Stream, began, Ok(()));
    let _counted = Counted::new(recorder);
    let mut requests = opened.into_inner();
    let mut heartbeats = interval(HEARTBEAT);
    heartbeats.reset();
    loop {
        let message = tokio::select! {
            request = requests.message() => match request? {
                Some(request) if request.heart_beat || request.conn_closed => continue,
                Some(request) => SyncRpcResponse {
                    req_id: request.req_id,
                    resp_body: Some(answer(&request.req_body.unwrap_or_default())),
                    heart_beat: false,
                },
                None => anyhow::bail!("the cloud ended the stream"),
            },
            _ = heartbeats.tick() => heartbeat(),
        };
        timeout(CALL_LIMIT, out.send(message)).await??;
    }
}

/// A gateway with a stream, for as long as it has it.
struct Counted<'a>(&'a Recorder);

impl<'a> Counted<'a> {
    fn new(recorder: &'a Recorder) -> Self {
        recorder.connected(true);
        Self(recorder)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.connected(false);
    }
}

fn heartbeat() -> SyncRpcResponse {
    SyncRpcResponse { heart_beat: true, ..SyncRpcResponse::default() }
}

/// A ping that succeeded, for who orders network tests; nothing else is there.
fn answer(request: &GatewayRequest) -> GatewayResponse {
    let (code, payload) = match request.path.rsplit('/').next() {
        Some("RunNetworkTests") => ("0", framed(&pinged().encode_to_vec())),
        _ => ("12", Vec::new()),
    };
    let headers = [("content-type", "application/grpc"), ("grpc-status", code)];
    GatewayResponse {
        status: "200".to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        payload,
        ..GatewayResponse::default()
    }
}

fn pinged() -> NetworkTestResponse {
    let result = PingResult {
        host_or_ip: "127.0.0.1".to_owned(),
        num_packets: 1,
        packets_transmitted: 1,
        packets_received: 1,
        avg_response_ms: 0.1,
        error: String::new(),
    };
    NetworkTestResponse { pings: vec![result], traceroutes: Vec::new() }
}

/// A message as gRPC has it on HTTP/2: not compressed, its length, itself.
fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    [&[0], &length.to_be_bytes()[..], message].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ping_is_answered_and_what_is_unknown_refused() {
        let asked =
            |path: &str| answer(&GatewayRequest { path: path.to_owned(), ..GatewayRequest::default() });
        let ping = asked("/magma.orc8r.Magmad/RunNetworkTests");
        assert_eq!((ping.headers["grpc-status"].as_str(), ping.payload[0]), ("0", 0));
        assert_eq!(NetworkTestResponse::decode(&ping.payload[5..]).unwrap().pings.len(), 1);
        let reboot = asked("/magma.orc8r.Magmad/Reboot");
        assert_eq!((reboot.headers["grpc-status"].as_str(), reboot.payload.len()), ("12", 0));
    }
}
