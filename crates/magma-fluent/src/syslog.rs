//! The TCP input for syslog, one message a line, where a gateway's syslog daemon sends what its services log.
//!
//! RFC 3164 as daemons write it, and RFC 5424. Fields as Fluent Bit's parsers name them: `pri`, `host`, `ident`, `pid`,
//! `message`. A line that is neither is kept whole as its `message`.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout, timeout_at};

use crate::connections;
use crate::intake::{Entry, Intake, Time};
use crate::json_input::IDLE_MAX;
use crate::lines::Lines;

const READ_BYTES: usize = 8 * 1024;
const TAG: &str = "syslog";
/// How long, how many, and of how many octets messages are gathered; a power cut loses these.
const GATHER: Duration = Duration::from_secs(1);
const GATHERED_MAX: usize = 256;
const GATHERED_BYTES_MAX: usize = 64 * 1024;

/// Takes syslog messages from `listener`. Never returns.
pub async fn serve_syslog(listener: TcpListener, intake: Intake) {
    connections::serve(listener, |stream| receive(stream, intake.clone())).await;
}

/// Messages of a moment are stored together: each time, the disk is waited for.
async fn receive(mut stream: TcpStream, intake: Intake) {
    let (mut lines, mut buffer) = (Lines::default(), vec![0; READ_BYTES]);
    loop {
        let Ok(Ok(length @ 1..)) = timeout(IDLE_MAX, stream.read(&mut buffer)).await else { return };
        let mut found = lines.push(&buffer[..length]);
        let until = Instant::now() + GATHER;
        let mut open = true;
        while open && found.len() < GATHERED_MAX && bytes(&found) < GATHERED_BYTES_MAX {
            match timeout_at(until, stream.read(&mut buffer)).await {
                Ok(Ok(length @ 1..)) => found.extend(lines.push(&buffer[..length])),
                Ok(_) => open = false,
                Err(_) => break,
            }
        }
        // What the disk does not take is counted there; syslog has no way to learn of it.
        intake.take(TAG, found.iter().map(|line| entry(line)).collect()).await.ok();
        if !open {
            return;
        }
    }
}

fn bytes(lines: &[String]) -> usize {
    lines.iter().map(String::len).sum()
}

fn entry(line: &str) -> Entry {
    Entry::of_texts(Time::now(), &fields(line).unwrap_or_else(|| vec![("message", line)]))
}

pub(crate) fn fields(line: &str) -> Option<Vec<(&'static str, &str)>> {
    let (priority, rest) = line.strip_prefix('<')?.split_once('>')?;
    if priority.is_empty() || priority.len() > 3 || !priority.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let mut fields = vec![("pri", priority)];
    fields.extend(match rest.strip_prefix("1 ") {
        Some(rest) => of_rfc_5424(rest)?,
        None => of_rfc_3164(rest)?,
    });
    Some(fields)
}

/// `Nov 22 03:17:10 host ident[pid]: message`; a local daemon may leave the host out.
fn of_rfc_3164(rest: &str) -> Option<Vec<(&'static str, &str)>> {
    let after_time = rest.get(15..)?.strip_prefix(' ')?;
    let time_is_there = rest.as_bytes().get(9) == Some(&b':') || rest.as_bytes().get(12) == Some(&b':');
    if !time_is_there {
        return None;
    }
    let (head, message) = after_time.split_once(": ").unwrap_or((after_time, ""));
    let (host, ident) = head.split_once(' ').unwrap_or(("", head));
    let (ident, pid) = match ident.split_once('[') {
        Some((ident, pid)) => (ident, pid.trim_end_matches(']')),
        None => (ident, ""),
    };
    Some(present([
        ("host", host),
        ("ident", ident.trim_end_matches(':')),
        ("pid", pid),
        ("message", message),
    ]))
}

/// `time host ident pid message-id structured-data message`.
fn of_rfc_5424(rest: &str) -> Option<Vec<(&'static str, &str)>> {
    let mut parts = rest.splitn(6, ' ').skip(1);
    let (host, ident, pid) = (parts.next()?, parts.next()?, parts.next()?);
    let after_id = parts.nth(1)?;
    let message = after_id.strip_prefix("- ").unwrap_or(after_id).trim_start_matches('\u{feff}');
    let named = |text| if text == "-" { "" } else { text };
    Some(present([("host", named(host)), ("ident", named(ident)), ("pid", named(pid)), ("message", message)]))
}

fn present<'a>(fields: [(&'static str, &'a str); 4]) -> Vec<(&'static str, &'a str)> {
    fields.into_iter().filter(|(name, value)| *name == "message" || !value.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Expected = Option<&'static [(&'static str, &'static str)]>;

    #[test]
    fn messages_have_fluent_bits_fields() {
        let rows: [(&str, Expected); 8] = [
            (
                "<30>Nov 22 03:17:10 agw1 mme[12]: attach: ok",
                Some(&[
                    ("pri", "30"),
                    ("host", "agw1"),
                    ("ident", "mme"),
                    ("pid", "12"),
                    ("message", "attach: ok"),
                ]),
            ),
            (
                "<6>Nov  2 03:17:10 agw1 kernel: eth0 up",
                Some(&[("pri", "6"), ("host", "agw1"), ("ident", "kernel"), ("message", "eth0 up")]),
            ),
            (
                "<6>Nov  2 03:17:10 magmad: no host",
                Some(&[("pri", "6"), ("ident", "magmad"), ("message", "no host")]),
            ),
            (
                "<34>1 2026-11-22T03:17:10.003Z agw1 sessiond 99 ID47 - it works",
                Some(&[
                    ("pri", "34"),
                    ("host", "agw1"),
                    ("ident", "sessiond"),
                    ("pid", "99"),
                    ("message", "it works"),
                ]),
            ),
            ("<34>1 2026-11-22T03:17:10Z - - - - - x", Some(&[("pri", "34"), ("message", "x")])),
            ("no priority", None),
            ("<abc>Nov 22 03:17:10 h i: m", None),
            ("<30>é", None),
        ];
        for (line, expected) in rows {
            assert_eq!(fields(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn no_line_panics() {
        let sound = "<34>1 2026-11-22T03:17:10Z é [1]: - - x";
        for start in (0..sound.len()).filter(|start| sound.is_char_boundary(*start)) {
            for end in (start..=sound.len()).filter(|end| sound.is_char_boundary(*end)) {
                entry(&sound[start..end]);
                entry(&format!("<1>{}", &sound[start..end]));
            }
        }
    }
}
