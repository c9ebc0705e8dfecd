//! The commands of the REST API, carried to gateways through SyncRPC.

use std::time::Duration;

use magma_rpc::Code;
use orc8r_model::HardwareId;
use orc8r_rest::{
    Answer, CommandError, GatewayCommands, LogLines, TracerouteHop, TracerouteProbe, TracerouteRequest,
    TracerouteResponse, TracerouteResult,
};
use orc8r_southbound::{Broker, CallError, LogStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use wire_orc8r::orc8r;
use wire_rest::types::{
    CallTraceConfig, GenericCommandParams, GenericCommandResponse, PingRequest, PingResponse, PingResult,
};

use crate::struct_json::{from_struct, to_struct};

/// How long a log's first line is waited for, so that a refusal can still become a status code. A log may well be
/// silent for longer than that.
const FIRST_LINE_LIMIT: Duration = Duration::from_secs(1);

/// Lines on their way to the requester.
const LINES_MAX: usize = 64;

/// How many packets a ping sends that does not say: the contract's default.
const PINGS: i32 = 4;

pub(crate) struct BrokerCommands {
    broker: Broker,
}

impl BrokerCommands {
    pub(crate) fn new(broker: Broker) -> Self {
        Self { broker }
    }
}

impl GatewayCommands for BrokerCommands {
    fn reboot(&self, gateway: HardwareId) -> Answer<'_, ()> {
        let magmad = self.broker.magmad(gateway.clone());
        Box::pin(async move { magmad.reboot().await.map_err(|error| command_error(gateway, error)) })
    }

    fn restart_services(&self, gateway: HardwareId, services: Vec<String>) -> Answer<'_, ()> {
        let magmad = self.broker.magmad(gateway.clone());
        Box::pin(async move {
            magmad.restart_services(services).await.map_err(|error| command_error(gateway, error))
        })
    }

    fn ping(&self, gateway: HardwareId, request: PingRequest) -> Answer<'_, PingResponse> {
        let magmad = self.broker.magmad(gateway.clone());
        let num_packets = request.packets.filter(|packets| *packets != 0).unwrap_or(PINGS);
        let pings = request.hosts;
        let pings =
            pings.into_iter().map(|host_or_ip| orc8r::PingParams { host_or_ip, num_packets }).collect();
        Box::pin(async move {
            let results = magmad.ping(pings).await.map_err(|error| command_error(gateway, error))?;
            Ok(PingResponse { pings: results.into_iter().map(ping_result).collect() })
        })
    }

    fn traceroute(&self, gateway: HardwareId, request: TracerouteRequest) -> Answer<'_, TracerouteResponse> {
        let magmad = self.broker.magmad(gateway.clone());
        let max_hops = request.max_hops;
        let way = |host_or_ip| orc8r::TracerouteParams { host_or_ip, max_hops, bytes_per_packet: 0 };
        let traceroutes = request.hosts.into_iter().map(way).collect();
        Box::pin(async move {
            let request = orc8r::NetworkTestRequest { pings: Vec::new(), traceroutes };
            let answer = magmad.run_network_tests(request).await;
            let answer = answer.map_err(|error| command_error(gateway, error))?;
            Ok(TracerouteResponse { traceroutes: answer.traceroutes.into_iter().map(way_found).collect() })
        })
    }

    fn generic(
        &self,
        gateway: HardwareId,
        request: GenericCommandParams,
    ) -> Answer<'_, GenericCommandResponse> {
        let magmad = self.broker.magmad(gateway.clone());
        let request =
            orc8r::GenericCommandParams { command: request.command, params: Some(to_struct(request.params)) };
        Box::pin(async move {
            let answer =
                magmad.generic_command(request).await.map_err(|error| command_error(gateway, error))?;
            Ok(GenericCommandResponse { response: from_struct(answer.response.unwrap_or_default()) })
        })
    }

    fn start_call_trace(&self, gateway: HardwareId, config: CallTraceConfig) -> Answer<'_, bool> {
        let tracer = self.broker.call_tracer(gateway.clone());
        // Magma-compat: what is captured is said by the filters alone.
        let request = orc8r::StartTraceRequest {
            trace_id: config.trace_id,
            timeout: config.timeout.unwrap_or_default(),
            capture_filters: config.capture_filters.unwrap_or_default(),
            display_filters: config.display_filters.unwrap_or_default(),
            ..Default::default()
        };
        Box::pin(async move { tracer.start(request).await.map_err(|error| command_error(gateway, error)) })
    }

    fn end_call_trace(&self, gateway: HardwareId, trace_id: String) -> Answer<'_, Option<Vec<u8>>> {
        let tracer = self.broker.call_tracer(gateway.clone());
        Box::pin(async move { tracer.end(trace_id).await.map_err(|error| command_error(gateway, error)) })
    }

    fn tail_logs(&self, gateway: HardwareId, service: String) -> Answer<'_, LogLines> {
        let magmad = self.broker.magmad(gateway.clone());
        Box::pin(async move {
            let failed = |error| command_error(gateway.clone(), error);
            let mut log = magmad.tail_logs(service).await.map_err(failed)?;
            let (sender, lines) = mpsc::channel(LINES_MAX);
            match timeout(FIRST_LINE_LIMIT, log.line()).await {
                Ok(Err(error)) => return Err(failed(error)),
                Ok(Ok(None)) => {}
                Ok(Ok(Some(line))) => {
                    let _ = sender.try_send(Ok(without_line_end(line)));
                    tokio::spawn(follow(log, gateway, sender));
                }
                Err(_) => drop(tokio::spawn(follow(log, gateway, sender))),
            }
            Ok(Box::pin(ReceiverStream::new(lines)) as LogLines)
        })
    }
}

/// Passes lines on until the log ends or nobody reads any more. A slow reader slows its own log down.
async fn follow(mut log: LogStream, gateway: HardwareId, lines: mpsc::Sender<Result<String, CommandError>>) {
    loop {
        let line = tokio::select! {
            line = log.line() => line,
            () = lines.closed() => return,
        };
        let line = match line.transpose() {
            None => return,
            Some(Ok(line)) => Ok(without_line_end(line)),
            Some(Err(error)) => Err(command_error(gateway.clone(), error)),
        };
        let is_last = line.is_err();
        if lines.send(line).await.is_err() || is_last {
            return;
        }
    }
}

fn without_line_end(mut line: String) -> String {
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    line
}

fn ping_result(result: orc8r::PingResult) -> PingResult {
    PingResult {
        host_or_ip: result.host_or_ip,
        num_packets: result.num_packets,
        packets_transmitted: Some(result.packets_transmitted),
        packets_received: Some(result.packets_received),
        avg_response_ms: Some(f64::from(result.avg_response_ms)),
        error: Some(result.error).filter(|error| !error.is_empty()),
    }
}

fn way_found(result: orc8r::TracerouteResult) -> TracerouteResult {
    let probe = |probe: orc8r::TracerouteProbe| TracerouteProbe {
        hostname: probe.hostname,
        ip: probe.ip,
        rtt_ms: f64::from(probe.rtt_ms),
    };
    let hop = |hop: orc8r::TracerouteHop| TracerouteHop {
        number: hop.idx,
        probes: hop.probes.into_iter().map(probe).collect(),
    };
    TracerouteResult {
        host_or_ip: result.host_or_ip,
        error: result.error,
        hops: result.hops.into_iter().map(hop).collect(),
    }
}

fn command_error(hardware_id: HardwareId, error: CallError) -> CommandError {
    let refused = |code: Code, message: String| CommandError::Refused { code: format!("{code:?}"), message };
    match error {
        CallError::NotConnected => CommandError::NotConnected { hardware_id },
        CallError::TimedOut => CommandError::TimedOut { hardware_id },
        CallError::ConnectionLost | CallError::NodeUnreachable(_) => {
            refused(Code::Unavailable, error.to_string())
        }
        CallError::Refused(status) => refused(status.code(), status.message().to_owned()),
        CallError::Busy | CallError::Overrun => refused(Code::ResourceExhausted, error.to_string()),
        CallError::Malformed(_) => refused(Code::Internal, error.to_string()),
    }
}
