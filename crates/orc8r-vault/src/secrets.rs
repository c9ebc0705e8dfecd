//! Which fields of what is kept are secrets: a subscriber's keys, the private keys of concealed identities, and what
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

/// The secrets of a subscriber's configuration: `lte.auth_key` (Ki) and `lte.auth_opc`.
pub fn subscriber_secrets<'a>(network: &str, subscriber: &str, config: &'a mut Value) -> Vec<Secret<'a>> {
    let Some(lte) = config.get_mut("lte").and_then(Value::as_object_mut) else { return Vec::new() };
    let mut secrets = Vec::new();
    for (name, value) in lte {
        if let ("auth_key" | "auth_opc", Value::String(text)) = (name.as_str(), value) {
            let place = format!("{network}/{subscriber}/{name}");
            secrets.push(Secret { place, text });
        }
    }
    secrets
}

/// The secrets of a network's configuration of one type: `ngc.suci_profiles[].home_network_private_key` of the
/// cellular one.
pub fn network_secrets<'a>(network: &str, config_type: &str, config: &'a mut Value) -> Vec<Secret<'a>> {
    if config_type != "cellular_network" {
        return Vec::new();
    }
    let profiles = config.get_mut("ngc").and_then(|ngc| ngc.get_mut("suci_profiles"));
    let profiles = profiles.and_then(Value::as_array_mut).into_iter().flatten();
    profiles
        .filter_map(|profile| match profile.get_mut("home_network_private_key") {
            Some(Value::String(text)) => Some(Secret { place: format!("{network}/suci_profiles"), text }),
            _ => None,
        })
        .collect()
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
        seal(&vault, subscriber_secrets("n1", "IMSI1", &mut config)).unwrap();
        let text = config.to_string();
        assert!(!text.contains("S2k=") && !text.contains("T1Bj") && text.contains("MILENAGE"), "{text}");
        let sealed = config.clone();
        seal(&vault, subscriber_secrets("n1", "IMSI1", &mut config)).unwrap();
        assert_eq!(config, sealed, "sealed once, not twice");
        assert!(open(&vault, subscriber_secrets("n1", "IMSI2", &mut config)).is_err());
        open(&vault, subscriber_secrets("n1", "IMSI1", &mut config)).unwrap();
        assert_eq!(config, plain);
        mask(subscriber_secrets("n1", "IMSI1", &mut config));
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
        assert!(!config.to_string().contains("cHJpdg==") && config.to_string().contains("cHVi"));
        open(&vault, network_secrets("n1", "cellular_network", &mut config)).unwrap();
        assert_eq!(config, plain);
        assert!(network_secrets("n1", "dnsd_network", &mut config).is_empty());
    }
}
