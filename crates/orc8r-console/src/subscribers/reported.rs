//! What gateways report of a subscriber: his sessions, and where he is.

use serde_json::Value;

/// A session as a gateway reports it; what is not told is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) apn: String,
    pub(crate) id: String,
    pub(crate) state: String,
    pub(crate) addresses: Vec<String>,
    /// When it began, in seconds since 1970; 0: not told.
    pub(crate) begun: i64,
    /// How long data has gone through it, in seconds.
    pub(crate) active_seconds: Option<i64>,
    pub(crate) policies: Vec<String>,
}

/// His sessions, from his `state`: those that sessiond tells, and addresses that are lent besides.
pub(crate) fn sessions(state: &Value) -> Vec<Session> {
    let by_apn = state["subscriber_state"].as_object().into_iter().flatten();
    let each = by_apn.flat_map(|(apn, sessions)| {
        sessions.as_array().into_iter().flatten().map(move |session| of_sessiond(apn, session))
    });
    let mut found: Vec<Session> = each.collect();
    for lease in state["mobility"].as_array().into_iter().flatten() {
        let (apn, ip) = (text(&lease["apn"]), text(&lease["ip"]));
        if ip.is_empty() || found.iter().any(|session| session.addresses.contains(&ip)) {
            continue;
        }
        let waits = |session: &&mut Session| session.apn == apn && session.addresses.is_empty();
        match found.iter_mut().find(waits) {
            Some(session) => session.addresses.push(ip),
            None => found.push(Session { apn, addresses: vec![ip], ..Session::default() }),
        }
    }
    found
}

fn of_sessiond(apn: &str, session: &Value) -> Session {
    let number = |name: &str| session[name].as_i64().or_else(|| session[name].as_str()?.parse().ok());
    let addresses = ["ipv4", "ipv6"].map(|name| text(&session[name]));
    let rules = session["active_policy_rules"].as_array().into_iter().flatten();
    let policies = rules.map(|rule| rule.as_str().map_or_else(|| text(&rule["id"]), str::to_owned));
    Session {
        apn: apn.to_owned(),
        id: text(&session["session_id"]),
        state: text(&session["lifecycle_state"]),
        addresses: addresses.into_iter().filter(|address| !address.is_empty()).collect(),
        begun: number("session_start_time").unwrap_or_default(),
        active_seconds: number("active_duration_sec"),
        policies: policies.filter(|policy| !policy.is_empty()).collect(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The hardware id of the gateway where he is.
pub(crate) fn location(state: &Value) -> Option<&str> {
    state["directory"]["location_history"][0].as_str().filter(|id| !id.is_empty())
}

/// The number of the base station where he is, if an MME tells it (3GPP TS 23.003, 19.6).
pub(crate) fn enodeb(state: &Value) -> Option<u64> {
    ["mme", "s1ap"].iter().find_map(|name| within(&state[name], 0))
}

/// How deep a report is looked into.
const DEPTH_MAX: usize = 8;

fn within(value: &Value, depth: usize) -> Option<u64> {
    let fields = value.as_object().filter(|_| depth < DEPTH_MAX)?;
    let named = ["enb_id", "enodeb_id"].iter().find_map(|name| fields.get(*name)?.as_u64());
    named.filter(|id| *id > 0).or_else(|| fields.values().find_map(|inner| within(inner, depth + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sessions_are_told_with_the_addresses_that_are_lent() {
        let state = json!({
            "subscriber_state": {"internet": [{
                "session_id": "s1", "lifecycle_state": "SESSION_ACTIVE", "session_start_time": 7,
                "active_duration_sec": "9", "active_policy_rules": [{"id": "p1"}, "p2", {}],
            }], "ims": "not a list"},
            "mobility": [{"apn": "internet", "ip": "10.0.0.1"}, {"apn": "ims", "ip": "10.0.0.2"}, {}],
        });
        let internet = Session {
            apn: "internet".into(),
            id: "s1".into(),
            state: "SESSION_ACTIVE".into(),
            addresses: vec!["10.0.0.1".into()],
            begun: 7,
            active_seconds: Some(9),
            policies: vec!["p1".into(), "p2".into()],
        };
        let ims = Session { apn: "ims".into(), addresses: vec!["10.0.0.2".into()], ..Session::default() };
        assert_eq!(sessions(&state), [internet, ims]);
        assert_eq!(sessions(&Value::Null), []);
    }

    #[test]
    fn where_he_is_is_told_where_it_is_known() {
        let state = json!({"directory": {"location_history": ["h1"]}, "mme": {"ecgi": {"cell_identity": {"enb_id": 12}}}});
        assert_eq!((location(&state), enodeb(&state)), (Some("h1"), Some(12)));
        assert_eq!((location(&json!({})), enodeb(&json!({"mme": {"enb_id": 0}}))), (None, None));
    }
}
