//! What gateways say of where subscribers are, and by what else than their ids their reports are looked for.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ReportedState, state_type};

/// Names that one report is found by; an access gateway has some ten thousand sessions.
const LINKS_MAX: usize = 50_000;
/// A longer name is none that anybody looks for.
const NAME_LENGTH_MAX: usize = 256;

/// Where a subscriber is, and what else is known of his session: the value of a `directory_record`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryRecord {
    /// The hardware id of the gateway that serves him, first.
    #[serde(default)]
    pub location_history: Vec<String>,
    /// For example `session_id`, `ipv4_addr`, `mac_addr`, `sgw_c_teid`.
    #[serde(default)]
    pub identifiers: BTreeMap<String, Value>,
}

impl DirectoryRecord {
    /// Reads a reported value; `None`: it is none.
    pub fn parse(value: &[u8]) -> Option<Self> {
        serde_json::from_slice(value).ok()
    }

    /// One of the identifiers as text.
    pub fn identifier(&self, name: &str) -> Option<String> {
        match self.identifiers.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }
}

/// By what a state is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkKind {
    /// A `directory_record` by its session id, without the IMSI that stands before it.
    SessionId,
    /// A `directory_record` by a control plane tunnel's id.
    ControlTunnel,
    /// A `directory_record` by a user plane tunnel's id.
    UserTunnel,
    /// A `mobilityd_ipdesc_record` by the address that it lends.
    Ip,
    /// A `gateway_subscriber_state` by each subscriber in it.
    Subscriber,
}

impl LinkKind {
    /// How the store calls it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SessionId => "session",
            Self::ControlTunnel => "c_teid",
            Self::UserTunnel => "u_teid",
            Self::Ip => "ip",
            Self::Subscriber => "subscriber",
        }
    }
}

/// By what a report is looked for; nothing for a type that nobody looks for, and for a value that is not what it should be.
pub fn links(report: &ReportedState) -> BTreeSet<(LinkKind, String)> {
    let found = match report.id.state_type.as_str() {
        state_type::DIRECTORY_RECORD => {
            DirectoryRecord::parse(&report.value).map(|record| directory_links(&record))
        }
        state_type::IP_LEASE => serde_json::from_slice(&report.value).ok().and_then(|lease| ip_link(&lease)),
        state_type::GATEWAY_SUBSCRIBERS => {
            serde_json::from_slice(&report.value).ok().map(|all| subscriber_links(&all))
        }
        _ => None,
    };
    let found = found.unwrap_or_default().into_iter();
    found.filter(|(_, name)| (1..=NAME_LENGTH_MAX).contains(&name.len())).take(LINKS_MAX).collect()
}

fn directory_links(record: &DirectoryRecord) -> Vec<(LinkKind, String)> {
    let session = record.identifier("session_id").map(|id| (LinkKind::SessionId, session_id(&id).to_owned()));
    let mut links: Vec<_> = session.into_iter().collect();
    for (kind, name) in [(LinkKind::ControlTunnel, "sgw_c_teid"), (LinkKind::UserTunnel, "sgw_u_teid")] {
        let ids = record.identifier(name).unwrap_or_default();
        links.extend(ids.split(',').map(|id| (kind, id.trim().to_owned())));
    }
    links
}

/// A session id without the IMSI that sessiond puts before it.
pub fn session_id(id: &str) -> &str {
    match id.split_once('-') {
        Some((imsi, rest)) if imsi.starts_with("IMSI") => rest,
        _ => id,
    }
}

/// The address of a lease that is not given back, from the protobuf JSON of mobilityd's `IPDesc`.
fn ip_link(lease: &Value) -> Option<Vec<(LinkKind, String)>> {
    if lease.get("state").is_some_and(|state| state != "ALLOCATED") {
        return None;
    }
    Some(vec![(LinkKind::Ip, lease_address(lease)?.to_string())])
}

/// The address in the protobuf JSON of mobilityd's `IPDesc`.
pub fn lease_address(lease: &Value) -> Option<IpAddr> {
    let bytes = STANDARD.decode(lease.get("ip")?.get("address")?.as_str()?).ok()?;
    let v4 = <[u8; 4]>::try_from(bytes.as_slice()).map(|octets| IpAddr::V4(Ipv4Addr::from(octets)));
    let v6 = || <[u8; 16]>::try_from(bytes.as_slice()).map(|octets| IpAddr::V6(Ipv6Addr::from(octets)));
    v4.or_else(|_| v6()).ok()
}

fn subscriber_links(all: &Value) -> Vec<(LinkKind, String)> {
    let subscribers = all.get("subscribers").and_then(Value::as_object);
    subscribers.into_iter().flatten().map(|(imsi, _)| (LinkKind::Subscriber, imsi.clone())).collect()
}

/// Whether a gateway that reported at `time_ms` and reports every `interval_s` seconds is still there at `now_ms`: its
/// report is younger than five intervals.
pub fn checked_in_recently(time_ms: u64, interval_s: u32, now_ms: u64) -> bool {
    now_ms.saturating_sub(time_ms) < 5 * 1000 * u64::from(interval_s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StateId;

    type Row = (&'static str, &'static str, &'static [(LinkKind, &'static str)]);

    fn report(state_type: &str, value: &str) -> ReportedState {
        let id = StateId { state_type: state_type.into(), device_id: "d".into() };
        ReportedState { id, value: value.as_bytes().to_vec(), version: 1 }
    }

    #[test]
    fn reports_are_found_by_what_is_in_them() {
        use LinkKind::{ControlTunnel, Ip, SessionId, Subscriber, UserTunnel};
        let rows: [Row; 12] = [
            (
                "directory_record",
                r#"{"location_history":["h1"],"identifiers":{"session_id":"IMSI1-77-8","sgw_c_teid":"5, 6","sgw_u_teid":7}}"#,
                &[(SessionId, "77-8"), (ControlTunnel, "5"), (ControlTunnel, "6"), (UserTunnel, "7")],
            ),
            ("directory_record", r#"{"identifiers":{"session_id":"a-b"}}"#, &[(SessionId, "a-b")]),
            ("directory_record", r#"{"identifiers":{"sgw_c_teid":""}}"#, &[]),
            ("directory_record", "[]", &[]),
            (
                "mobilityd_ipdesc_record",
                r#"{"ip":{"address":"CgAAAQ=="},"state":"ALLOCATED"}"#,
                &[(Ip, "10.0.0.1")],
            ),
            (
                "mobilityd_ipdesc_record",
                r#"{"ip":{"address":"IAENuAAAAAAAAAAAAAAAAQ=="}}"#,
                &[(Ip, "2001:db8::1")],
            ),
            ("mobilityd_ipdesc_record", r#"{"ip":{"address":"CgAAAQ=="},"state":"RELEASED"}"#, &[]),
            ("mobilityd_ipdesc_record", r#"{"ip":{"address":"Cg=="}}"#, &[]),
            (
                "gateway_subscriber_state",
                r#"{"subscribers":{"IMSI1":{},"IMSI2":{}}}"#,
                &[(Subscriber, "IMSI1"), (Subscriber, "IMSI2")],
            ),
            ("gateway_subscriber_state", r#"{"subscribers":7}"#, &[]),
            ("gw_state", r#"{"subscribers":{"IMSI1":{}}}"#, &[]),
            ("directory_record", "\u{ff}", &[]),
        ];
        for (state_type, value, expected) in rows {
            let expected: BTreeSet<_> =
                expected.iter().map(|(kind, name)| (*kind, (*name).to_owned())).collect();
            assert_eq!(links(&report(state_type, value)), expected, "{value}");
        }
    }

    #[test]
    fn five_intervals_are_recent_and_not_more() {
        for (now_ms, recent) in
            [(0, true), (1_000, true), (300_999, true), (301_000, false), (u64::MAX, false)]
        {
            assert_eq!(checked_in_recently(1_000, 60, now_ms), recent, "{now_ms}");
        }
    }
}
