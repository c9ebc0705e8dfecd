//! Who is told, by which ways; and the secrets among it, which nobody is shown.

use orc8r_vault::{Vault, is_receiver_secret};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire_rest::types::{EmailReceiver, SlackReceiver, WebhookReceiver};

/// What stands in place of a secret. Sent back, it means "as it was".
pub const MASK: &str = "********";

/// A receiver. PagerDuty and Pushover are not in the published contract; the existing web UI sends them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Receiver {
    /// Its name in its network.
    pub name: String,
    /// Slack channels.
    pub slack_configs: Vec<SlackReceiver>,
    /// Webhooks in Alertmanager's form.
    pub webhook_configs: Vec<WebhookReceiver>,
    /// E-mail addresses.
    pub email_configs: Vec<EmailReceiver>,
    /// PagerDuty services.
    pub pagerduty_configs: Vec<PagerDuty>,
    /// Pushover users.
    pub pushover_configs: Vec<Pushover>,
}

/// A PagerDuty service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PagerDuty {
    /// The key of an events integration, version 2.
    pub routing_key: String,
    /// The same under the name of version 1.
    pub service_key: String,
    /// Where events go instead of PagerDuty's own address, such as that of its European region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `critical`, `error`, `warning` or `info`.
    pub severity: Option<String>,
}

/// A Pushover user.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pushover {
    /// The user or group.
    pub user_key: String,
    /// The application.
    pub token: String,
    /// -2 to 2.
    pub priority: Option<String>,
}

/// A document without its secrets.
pub fn masked(mut document: Value) -> Value {
    each_secret(&mut document, &mut |secret| MASK.clone_into(secret));
    document
}

fn each_secret(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if Vault::is_sealed(text) || is_receiver_secret(name, text) => {
                        change(text)
                    }
                    other => each_secret(other, change),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_secret(item, change)),
        _ => {}
    }
}

/// A document in which masks are what stands at their place in an earlier one.
///
/// # Errors
/// When nothing stands there.
pub fn unmasked(mut document: Value, before: Option<&Value>) -> Result<Value, String> {
    fill(&mut document, before)?;
    Ok(document)
}

fn fill(value: &mut Value, before: Option<&Value>) -> Result<(), String> {
    match value {
        Value::Object(fields) => fields.iter_mut().try_for_each(|(name, value)| {
            let before = before.and_then(|before| before.get(name));
            if value == MASK {
                let known = before.filter(|known| known.is_string());
                *value = known
                    .cloned()
                    .ok_or_else(|| format!("{name} is masked, and there is none to keep: send it"))?;
                return Ok(());
            }
            fill(value, before)
        }),
        Value::Array(items) => items
            .iter_mut()
            .enumerate()
            .try_for_each(|(at, item)| fill(item, before.and_then(|before| before.get(at)))),
        _ => Ok(()),
    }
}
