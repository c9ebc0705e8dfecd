//! Flows of a policy as lines that one can read.

use serde_json::Value;

/// A flow, such as "permit downlink TCP from 10.0.0.0/8:80 to any".
pub(crate) fn line(flow: &Value) -> String {
    let found = &flow["match"];
    let action = match flow["action"].as_str() {
        Some("DENY") => "deny",
        _ => "permit",
    };
    let direction = match found["direction"].as_str() {
        Some("DOWNLINK") => "downlink",
        Some("UPLINK") => "uplink",
        _ => "any direction,",
    };
    let (protocol, port) = match found["ip_proto"].as_str() {
        Some("IPPROTO_TCP") => ("TCP", "tcp"),
        Some("IPPROTO_UDP") => ("UDP", "udp"),
        Some("IPPROTO_ICMP") => ("ICMP", ""),
        _ => ("IP", ""),
    };
    let end = |side: &str| {
        let address = found[format!("ip_{side}")]["address"].as_str();
        let address =
            address.or_else(|| found[format!("ipv4_{side}")].as_str()).filter(|text| !text.is_empty());
        let port = found[format!("{port}_{side}")].as_u64().filter(|port| *port > 0);
        match (address, port) {
            (None, None) => "any".to_owned(),
            (None, Some(port)) => format!("any:{port}"),
            (Some(address), None) => address.to_owned(),
            (Some(address), Some(port)) if address.contains(':') => format!("[{address}]:{port}"),
            (Some(address), Some(port)) => format!("{address}:{port}"),
        }
    };
    format!("{action} {direction} {protocol} from {} to {}", end("src"), end("dst"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_flow_is_a_line() {
        let rows = [
            (
                json!({"action": "PERMIT", "match": {"direction": "DOWNLINK", "ip_proto": "IPPROTO_TCP",
                    "ip_src": {"version": "IPv4", "address": "10.0.0.0/8"}, "tcp_src": 80}}),
                "permit downlink TCP from 10.0.0.0/8:80 to any",
            ),
            (
                json!({"action": "DENY", "match": {"direction": "UPLINK", "ip_proto": "IPPROTO_UDP",
                    "ip_dst": {"address": "2001:db8::1"}, "udp_dst": 53}}),
                "deny uplink UDP from any to [2001:db8::1]:53",
            ),
            (
                json!({"match": {"direction": "UPLINK", "ip_proto": "IPPROTO_IP", "ipv4_src": "1.2.3.4", "tcp_src": 0}}),
                "permit uplink IP from 1.2.3.4 to any",
            ),
            (json!({}), "permit any direction, IP from any to any"),
        ];
        for (flow, expect) in rows {
            assert_eq!(line(&flow), expect);
        }
    }
}
