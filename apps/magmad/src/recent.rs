//! What happened last in each step of the agent's life: what `magmad status` asks the running agent for.
//!
//! It is kept in memory alone, one entry for each step, and told through `Service303`, so that nothing is written to
//! flash for somebody who may never ask.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::events::{Event, Step};

/// The key of `GetServiceInfo`'s `meta` under which the agent tells it, as JSON.
pub const META_KEY: &str = "recent";

/// The longest text of a failure that is kept, in bytes.
const MESSAGE_BYTES_MAX: usize = 1000;

/// What happened last; a clone is the same record.
#[derive(Clone, Debug, Default)]
pub struct Recent(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    certificate_not_after: Option<SystemTime>,
    states: usize,
    succeeded: BTreeMap<Step, SystemTime>,
    failed: BTreeMap<Step, Failed>,
}

#[derive(Debug)]
struct Failed {
    at: SystemTime,
    message: String,
    retry_in: Option<Duration>,
    times: u32,
}

impl Recent {
    /// Takes note of an event. A success forgets the failures of its step.
    pub(crate) fn note(&self, event: &Event, now: SystemTime) {
        let mut record = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let step = match event {
            Event::CertificateUsable { not_after } | Event::Bootstrapped { not_after } => {
                record.certificate_not_after = Some(*not_after);
                Step::Bootstrap
            }
            Event::CheckedIn { states } => {
                record.states = *states;
                Step::CheckIn
            }
            Event::ConfigStored { .. } => Step::ConfigStream,
            Event::SyncRpcConnected => Step::SyncRpc,
            Event::SettingsChanged => Step::Settings,
            Event::Failed { step, message, retry_in } => {
                let message = message[..message.floor_char_boundary(MESSAGE_BYTES_MAX)].to_owned();
                let times = record.failed.get(step).map_or(0, |failed| failed.times).saturating_add(1);
                record.failed.insert(*step, Failed { at: now, message, retry_in: *retry_in, times });
                return;
            }
            Event::Serving { .. } | Event::Stopping => return,
        };
        record.failed.remove(&step);
        record.succeeded.insert(step, now);
    }

    /// All of it, for a program: times are Unix seconds.
    pub fn to_json(&self) -> Value {
        let record = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut steps = serde_json::Map::new();
        for (step, name) in STEPS {
            let failed = record.failed.get(&step).map(|failed| {
                json!({
                    "at": seconds(failed.at),
                    "message": failed.message,
                    "retry_in": failed.retry_in.map(|pause| pause.as_secs()),
                    "times": failed.times,
                })
            });
            let succeeded = record.succeeded.get(&step).map(|at| seconds(*at));
            if failed.is_some() || succeeded.is_some() {
                steps.insert(name.to_owned(), json!({ "succeeded_at": succeeded, "failed": failed }));
            }
        }
        json!({
            "certificate_not_after": record.certificate_not_after.map(seconds),
            "states": record.states,
            "steps": steps,
        })
    }
}

/// The names of the steps in JSON; they stay as they are.
const STEPS: [(Step, &str); 7] = [
    (Step::Bootstrap, "bootstrap"),
    (Step::CheckIn, "check_in"),
    (Step::ConfigStream, "config_stream"),
    (Step::SyncRpc, "sync_rpc"),
    (Step::Settings, "settings"),
    (Step::Services, "services"),
    (Step::Task, "task"),
];

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_forgets_the_failures_of_its_step_alone() {
        let recent = Recent::default();
        let at = |second: u64| UNIX_EPOCH + Duration::from_secs(second);
        let failed =
            |step| Event::Failed {
                step, message: "é".repeat(1000), retry_in: Some(Duration::from_secs(60))
            };
        recent.note(&failed(Step::CheckIn), at(1));
        recent.note(&failed(Step::CheckIn), at(2));
        recent.note(&failed(Step::SyncRpc), at(3));
        let told = recent.to_json();
        let check_in = &told["steps"]["check_in"];
        assert_eq!((&check_in["failed"]["times"], &check_in["failed"]["at"]), (&json!(2), &json!(2)));
        assert_eq!(check_in["failed"]["message"].as_str().map(str::len), Some(MESSAGE_BYTES_MAX));
        assert_eq!(check_in["succeeded_at"], Value::Null);

        recent.note(&Event::CheckedIn { states: 3 }, at(4));
        let told = recent.to_json();
        assert_eq!(told["steps"]["check_in"], json!({ "succeeded_at": 4, "failed": null }));
        assert_eq!(told["states"], 3);
        assert_eq!(told["steps"]["sync_rpc"]["failed"]["retry_in"], 60);
        assert_eq!(told["steps"].get("bootstrap"), None, "nothing happened there");
    }
}
