//! What must hold for any octets that a cloud sends on the stream of SyncRPC: for fuzz/, and for the test below.

use std::time::{Duration, Instant};

use prost::Message;
use wire_orc8r::orc8r::SyncRpcRequest;

use super::machine::{Action, Call, Input, Limits, LocalEvent, Machine};

/// The flag and the length before each message on the stream.
const PREFIX_BYTES: usize = 5;

/// Answers to one message: an error, or the start of a request and what its service says.
const ACTIONS_MAX: usize = 8;

/// Plays the messages in `bytes` to a session, framed as gRPC frames them, with a local service that answers some.
pub fn session(bytes: &[u8]) {
    let limits = Limits { requests: 4, request_bytes: 1000, ..Limits::default() };
    let mut now = Instant::now();
    let mut machine = Machine::new(now, limits.clone());
    let mut waiting = Vec::new();
    take(&mut machine, &mut waiting);
    for frame in frames(bytes) {
        let Ok(message) = SyncRpcRequest::decode(frame) else { continue };
        now += Duration::from_secs(u64::from(message.req_id % 16));
        machine.handle(now, Input::FromCloud(message));
        take(&mut machine, &mut waiting);
        answer(&mut machine, now, &mut waiting);
        if machine.next_timeout() <= now {
            machine.handle(now, Input::Timeout);
            take(&mut machine, &mut waiting);
        }
        assert!(machine.in_flight() <= limits.requests, "{} requests", machine.in_flight());
    }
}

/// What is to be done after one input: each request's answer has a status or an error, and it is not much.
fn take(machine: &mut Machine, waiting: &mut Vec<(Call, Vec<u8>)>) {
    // A timeout concerns each request.
    let mut most = ACTIONS_MAX + 4 * machine.in_flight();
    while let Some(action) = machine.poll_action() {
        most = most.checked_sub(1).expect("few actions for one input");
        match action {
            Action::Start(call, request) => waiting.push((call, request.payload)),
            Action::Cancel(call) => waiting.retain(|(other, _)| *other != call),
            Action::Send(message) => {
                let body = message.resp_body.unwrap_or_default();
                let says = message.heart_beat || body.keep_conn_active || !body.status.is_empty();
                assert!(says || !body.err.is_empty(), "an answer that says nothing");
            }
            Action::Close(_) => waiting.clear(),
        }
    }
}

/// The service of the oldest request says something, which the request's own octets decide.
fn answer(machine: &mut Machine, now: Instant, waiting: &mut Vec<(Call, Vec<u8>)>) {
    let Some((call, payload)) = waiting.first().cloned() else { return };
    let status = [("grpc-status".to_owned(), "0".to_owned())];
    let event = match payload.first().map_or(0, |byte| byte % 7) {
        0 => return,
        1 => LocalEvent::Head { status: 200, headers: status.into() },
        2 => LocalEvent::Head { status: 404, headers: status.into() },
        3 => LocalEvent::Data(payload),
        4 => LocalEvent::Trailers(status.into()),
        5 => LocalEvent::Ended,
        _ => LocalEvent::Failed(String::from_utf8_lossy(&payload).into_owned()),
    };
    let ends = !matches!(event, LocalEvent::Head { status: 200, .. } | LocalEvent::Data(_));
    machine.handle(now, Input::FromLocal(call, event));
    if ends {
        waiting.remove(0);
    }
    take(machine, waiting);
}

/// The messages of a stream; the last one may be cut.
fn frames(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (prefix, rest) = bytes.split_at_checked(PREFIX_BYTES)?;
        let length = prefix.iter().skip(1).fold(0, |length, byte| length << 8 | usize::from(*byte));
        let (frame, rest) = rest.split_at(length.min(rest.len()));
        bytes = rest;
        Some(frame)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn ten_thousand_damaged_streams_of_the_cloud_are_answered_or_ignored() {
        magma_mutations::replay("sync_rpc", super::session);
    }
}
