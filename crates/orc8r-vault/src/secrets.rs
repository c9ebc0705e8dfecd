//! Which fields of what is kept are secrets: keys of subscribers, of operators, of gateways and of interception, and what
//! receivers of alerts are reached with.

use serde_json::Value;

use crate::vault::{SealError, Vault};

/// A secret inside a document.
pub struct Secret<'a> {
    /// What it is bound to.
    pub place: String,
    /// The text.
    pub text: &'a mut String,
}

/// Where secrets stand in the configuration of an entity of some type: in which member, none for the whole, and under
/// which names.
const ENTITY_SECRETS: [(&str, Option<&str>, [&str; 2]); 4] = [
    ("subscriber", Some("lte"), ["auth_key", "auth_opc"]),
    ("cellular_gateway", Some("he_config"), ["encryption_key", "hmac_key"]),
    ("federation_gateway", Some("hss"), ["lte_auth_op", "lte_auth_amf"]),
    ("network_probe_destination", None, ["private_key", "private_key"]),
];

/// The same for a network's configuration of some type.
const NETWORK_SECRETS: [(&str, &str, [&str; 2]); 2] = [
    ("cellular_network", "epc", ["lte_auth_op", "lte_auth_amf"]),
    ("federation_network", "hss", ["lte_auth_op", "lte_auth_amf"]),
];

/// The secrets of an entity's configuration: a subscriber's keys (Ki, OPc), a gateway's for header enrichment or for its
/// HSS, and the private key with which interception is delivered.
pub fn entity_secrets<'a>(
    network: &str,
    (entity_type, key): (&str, &str),
    config: &'a mut Value,
) -> Vec<Secret<'a>> {
    let Some((_, member, names)) = ENTITY_SECRETS.iter().find(|(of, ..)| *of == entity_type) else {
        return Vec::new();
    };
    let object = match member {
        Some(member) => config.get_mut(member),
        None => Some(config),
    };
    members(object, names, &format!("{network}/{key}"))
}

/// The secrets of a network's configuration of one type: the operator's OP and AMF, and the private keys of concealed
/// identities (`ngc.suci_profiles[].home_network_private_key`).
pub fn network_secrets<'a>(network: &str, config_type: &str, config: &'a mut Value) -> Vec<Secret<'a>> {
    let Some((_, member, names)) = NETWORK_SECRETS.iter().find(|(of, ..)| *of == config_type) else {
        return Vec::new();
    };
    let (mut secrets, Some(parts)) = (Vec::new(), config.as_object_mut()) else { return Vec::new() };
    for (name, part) in parts {
        if name == member {
            secrets.extend(members(Some(part), names, &format!("{network}/{config_type}")));
        } else if name == "ngc" {
            let profiles = part.get_mut("suci_profiles").and_then(Value::as_array_mut).into_iter().flatten();
            let place = format!("{network}/suci_profiles");
            let keys = profiles.filter_map(|profile| profile.get_mut("home_network_private_key"));
            secrets.extend(keys.filter_map(|key| text(place.clone(), key)));
        }
    }
    secrets
}

/// Those members of an object that are texts.
fn members<'a>(object: Option<&'a mut Value>, names: &[&str], place: &str) -> Vec<Secret<'a>> {
    let members = object.and_then(Value::as_object_mut).into_iter().flatten();
    let wanted = members.filter(|(name, _)| names.contains(&name.as_str()));
    wanted.filter_map(|(name, value)| text(format!("{place}/{name}"), value)).collect()
}

fn text(place: String, value: &mut Value) -> Option<Secret<'_>> {
    match value {
        Value::String(text) => Some(Secret { place, text }),
        _ => None,
    }
}

/// Whether a field of a receiver of alerts is a secret: keys, tokens and passwords, Slack's URLs (who has one may write
/// there), and other URLs with a password in them.
pub fn is_receiver_secret(name: &str, value: &str) -> bool {
    const SECRETS: [&str; 9] = [
        "api_url",
        "auth_password",
        "auth_secret",
        "bearer_token",
        "password",
        "routing_key",
        "service_key",
        "token",
        "user_key",
    ];
    let authority = || value.split_once("://")?.1.split(['/', '?', '#']).next();
    let is_secret =
        SECRETS.contains(&name) || name.ends_with("url") && authority().is_some_and(|at| at.contains('@'));
    is_secret && !value.is_empty()
}

/// The secrets of a receiver of alerts, wherever they stand in it.
pub fn receiver_secrets<'a>(network: &str, receiver: &str, body: &'a mut Value) -> Vec<Secret<'a>> {
    let mut secrets = Vec::new();
    collect(&format!("{network}/alert_receiver/{receiver}"), body, &mut secrets);
    secrets
}

fn collect<'a>(place: &str, body: &'a mut Value, secrets: &mut Vec<Secret<'a>>) {
    match body {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) => {
                        if Vault::is_sealed(text) || is_receiver_secret(name, text) {
                            secrets.push(Secret { place: format!("{place}/{name}"), text });
                        }
                    }
                    other => collect(place, other, secrets),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| collect(place, item, secrets)),
        _ => {}
    }
}

/// Seals what is plain, and what an older key sealed anew; an empty text is no secret.
///
/// # Errors
/// [`SealError`] for a sealed text that does not open in its place.
pub fn seal(vault: &Vault, secrets: Vec<Secret<'_>>) -> Result<(), SealError> {
    for Secret { place, text } in secrets {
        if Vault::is_sealed(text) {
            *text = vault.open(&place, text)?;
        }
        if !text.is_empty() {
            *text = vault.seal(&place, text)?;
        }
    }
    Ok(())
}

/// Opens what is sealed.
///
/// # Errors
/// [`SealError`] for a text that does not open.
pub fn open(vault: &Vault, secrets: Vec<Secret<'_>>) -> Result<(), SealError> {
    for Secret { place, text } in secrets {
        if Vault::is_sealed(text) {
            *text = vault.open(&place, text)?;
        }
    }
    Ok(())
}

/// Empties every secret, sealed or not: for who may not read them.
pub fn mask(secrets: Vec<Secret<'_>>) {
    for Secret { text, .. } in secrets {
        text.clear();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_secrets_of_a_subscriber_and_of_a_network_are_found_and_nothing_else() {
        let vault = Vault::generate().unwrap();
        let plain = json!({"lte": {"auth_algo": "MILENAGE", "auth_key": "S2k=", "auth_opc": "T1Bj", "state": "ACTIVE"}, "static_ips": {"a": "1.2.3.4"}});
        let mut config = plain.clone();
        seal(&vault, entity_secrets("n1", ("subscriber", "IMSI1"), &mut config)).unwrap();
        let text = config.to_string();
        assert!(!text.contains("S2k=") && !text.contains("T1Bj") && text.contains("MILENAGE"), "{text}");
        let sealed = config.clone();
        seal(&vault, entity_secrets("n1", ("subscriber", "IMSI1"), &mut config)).unwrap();
        assert_eq!(config, sealed, "sealed once, not twice");
        assert!(open(&vault, entity_secrets("n1", ("subscriber", "IMSI2"), &mut config)).is_err());
        open(&vault, entity_secrets("n1", ("subscriber", "IMSI1"), &mut config)).unwrap();
        assert_eq!(config, plain);
        mask(entity_secrets("n1", ("subscriber", "IMSI1"), &mut config));
        assert_eq!(
            config["lte"],
            json!({"auth_algo": "MILENAGE", "auth_key": "", "auth_opc": "", "state": "ACTIVE"})
        );

        let plain = json!({"name": "ops", "slack_configs": [{"api_url": "https://hooks.test/T0k", "channel": "#c"}],
            "webhook_configs": [{"url": "https://user:pass@w.test/", "http_config": {"bearer_token": "B3ar"}}, {"url": "https://w.test/x@y"}]});
        let mut receiver = plain.clone();
        seal(&vault, receiver_secrets("n1", "ops", &mut receiver)).unwrap();
        let text = receiver.to_string();
        assert!(!["T0k", "user:pass", "B3ar"].iter().any(|secret| text.contains(secret)), "{text}");
        assert!(text.contains("x@y") && text.contains("#c"), "{text}");
        assert!(open(&vault, receiver_secrets("n2", "ops", &mut receiver)).is_err());
        open(&vault, receiver_secrets("n1", "ops", &mut receiver)).unwrap();
        assert_eq!(receiver, plain);

        let plain = json!({"epc": {"lte_auth_op": "EREREQ=="}, "ngc": {"suci_profiles": [
            {"home_network_private_key": "cHJpdg==", "home_network_public_key": "cHVi"}, {"protection_scheme": "ProfileA"}]}});
        let mut config = plain.clone();
        seal(&vault, network_secrets("n1", "cellular_network", &mut config)).unwrap();
        let text = config.to_string();
        assert!(!text.contains("cHJpdg==") && !text.contains("EREREQ==") && text.contains("cHVi"), "{text}");
        open(&vault, network_secrets("n1", "cellular_network", &mut config)).unwrap();
        assert_eq!(config, plain);
        assert!(network_secrets("n1", "dnsd_network", &mut config).is_empty());
    }

    #[test]
    fn each_kind_of_secret_is_found_where_it_stands_and_nowhere_else() {
        for (entity_type, config, expected) in [
            ("subscriber", json!({"lte": {"auth_key": "x", "auth_opc": "x", "state": "o"}}), 2),
            ("cellular_gateway", json!({"he_config": {"encryption_key": "x", "hmac_key": "x", "a": "o"}}), 2),
            ("cellular_gateway", json!({"epc": {"encryption_key": "o"}, "hmac_key": "o"}), 0),
            ("federation_gateway", json!({"hss": {"lte_auth_op": "x", "lte_auth_amf": "x"}, "a": 1}), 2),
            ("network_probe_destination", json!({"private_key": "x", "certificate": "o"}), 1),
            ("network_probe_destination", json!({"private_key": 7}), 0),
            ("apn", json!({"private_key": "o"}), 0),
            ("subscriber", json!("auth_key"), 0),
        ] {
            let mut masked = config.clone();
            let found = entity_secrets("n1", (entity_type, "k"), &mut masked);
            assert_eq!(found.len(), expected, "{entity_type}: {config}");
            mask(found);
            let without: Value = serde_json::from_str(&config.to_string().replace("\"x\"", "\"\"")).unwrap();
            assert_eq!(masked, without, "{entity_type}");
        }
        let mut federation = json!({"hss": {"lte_auth_op": "x", "lte_auth_amf": "x", "stream_tx": "o"}});
        assert_eq!(network_secrets("n1", "federation_network", &mut federation).len(), 2);
    }
}
