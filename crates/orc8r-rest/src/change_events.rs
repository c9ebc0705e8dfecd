//! What operators change, told among the events of the network: beside what its gateways tell, where people look.

use orc8r_logs::CloudEvent;
use serde_json::{Value, json};

/// What tells them.
const STREAM: &str = "operators";

/// A change that succeeded.
pub(crate) struct Change<'a> {
    /// `POST`, `PUT` or `DELETE`.
    pub(crate) method: &'a str,
    /// The path as it is registered, below `/magma/v1`.
    pub(crate) pattern: &'a str,
    /// The path as it came.
    pub(crate) path: &'a str,
    /// The parts of the path that have names.
    pub(crate) parameters: &'a [(String, String)],
    /// Who.
    pub(crate) actor: &'a str,
    /// What was sent.
    pub(crate) body: &'a [u8],
}

impl Change<'_> {
    /// The event; `None`: it concerns no network.
    pub(crate) fn event(&self) -> Option<CloudEvent> {
        let made = (self.method == "POST").then(|| self.id_in_body()).flatten();
        let network = self.parameters.iter().find(|(name, _)| name == "network_id").map(|(_, id)| id.clone());
        let network = network.or_else(|| made.clone().filter(|_| self.noun() == "network"))?;
        let named = self.parameters.iter().find(|(name, _)| name != "network_id").map(|(_, id)| id.clone());
        Some(CloudEvent {
            // An event has a tag (the contract).
            tag: named.or(made).unwrap_or_else(|| network.clone()),
            network,
            stream: STREAM.to_owned(),
            event_type: self.event_type(),
            value: json!({ "by": self.actor, "method": self.method, "path": self.path }),
        })
    }

    /// `gateway_created`, `gateway_cellular_epc_changed`, `gateway_command_reboot`.
    fn event_type(&self) -> String {
        let verb = match self.method {
            _ if self.pattern.contains("/command/") => "",
            "POST" => "_created",
            "DELETE" => "_deleted",
            _ => "_changed",
        };
        format!("{}{verb}", self.noun())
    }

    /// The words of the path after the kind of network, in the singular.
    fn noun(&self) -> String {
        let words = self.pattern.split('/').filter(|word| !word.is_empty());
        let words: Vec<&str> = words.skip(1).filter(|word| !word.starts_with('{')).collect();
        let kind = self.pattern.split('/').nth(1).unwrap_or_default();
        match words.as_slice() {
            [] if ["networks", "lte", "feg", "feg_lte", "cwf"].contains(&kind) => "network".to_owned(),
            [] => singular(kind),
            words => words.iter().map(|word| singular(word)).collect::<Vec<_>>().join("_"),
        }
    }

    fn id_in_body(&self) -> Option<String> {
        let body: Value = serde_json::from_slice(self.body).ok()?;
        let ids = ["id", "serial", "apn_name", "alert", "name"].into_iter();
        ids.filter_map(|name| body[name].as_str()).map(str::to_owned).next()
    }
}

fn singular(word: &str) -> String {
    match word {
        "dns" | "sms" | "non_eps_service" => word.to_owned(),
        word => match word.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None if word.ends_with("us") || word.ends_with("ss") => word.to_owned(),
            None => word.strip_suffix('s').unwrap_or(word).to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_a_name_a_place_and_somebody_who_made_it() {
        let rows = [
            ("POST", "/networks", r#"{"id": "n1"}"#, Some(("n1", "network_created", "n1"))),
            ("PUT", "/lte/{network_id}", "{}", Some(("n", "network_changed", "n"))),
            (
                "DELETE",
                "/networks/{network_id}/gateways/{gateway_id}",
                "",
                Some(("n", "gateway_deleted", "g")),
            ),
            ("POST", "/lte/{network_id}/gateways", r#"{"id": "g9"}"#, Some(("n", "gateway_created", "g9"))),
            (
                "PUT",
                "/lte/{network_id}/gateways/{gateway_id}/cellular/epc",
                "{}",
                Some(("n", "gateway_cellular_epc_changed", "g")),
            ),
            (
                "POST",
                "/networks/{network_id}/gateways/{gateway_id}/command/reboot",
                "",
                Some(("n", "gateway_command_reboot", "g")),
            ),
            ("POST", "/lte/{network_id}/enodebs", r#"{"serial": "e"}"#, Some(("n", "enodeb_created", "e"))),
            (
                "POST",
                "/networks/{network_id}/policies/rules",
                r#"{"id": "r"}"#,
                Some(("n", "policy_rule_created", "r")),
            ),
            ("PUT", "/networks/{network_id}/dns", "{}", Some(("n", "dns_changed", "n"))),
            ("PUT", "/networks/{network_id}/status", "{}", Some(("n", "status_changed", "n"))),
            ("POST", "/tenants", r#"{"id": "1"}"#, None),
            ("POST", "/user", r#"{"username": "ann", "id": "n1"}"#, None),
            ("POST", "/channels", r#"{"id": "stable"}"#, None),
            ("PUT", "/tenants/{tenant_id}", "{}", None),
        ];
        for (method, pattern, body, expect) in rows {
            let names = pattern.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
            let parameters: Vec<_> = names.map(|name| (name.to_owned(), name[..1].to_owned())).collect();
            let body = body.as_bytes();
            let change = Change { method, pattern, path: "/p", parameters: &parameters, actor: "ann", body };
            let event = change.event();
            let found = event
                .as_ref()
                .map(|event| (event.network.as_str(), event.event_type.as_str(), event.tag.as_str()));
            assert_eq!(found, expect, "{method} {pattern}");
            assert!(event.is_none_or(|event| event.value["by"] == "ann"));
        }
    }
}
