//! What a command changed stands in the audit log beside what was changed by REST.

use std::time::{SystemTime, UNIX_EPOCH};

use orc8r_store::{AuditEntry, Store};
use serde_json::{Value, json};

/// Who it was, as far as the log knows.
pub(super) const ACTOR: &str = "command line";

/// Adds an entry: `command` without secrets, and what it made of what. A log that cannot be written is warned of on
/// standard error, since the change itself is done.
pub(super) async fn note(store: &Store, command: &str, before: Option<Value>, after: Option<Value>) {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let user = rustix::process::getuid().as_raw();
    let with_user = |value: Value| match value {
        Value::Object(mut fields) => {
            fields.insert("unix_user".to_owned(), json!(user));
            Value::Object(fields).to_string()
        }
        other => other.to_string(),
    };
    let entry = AuditEntry {
        time_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
        actor: ACTOR.to_owned(),
        method: "COMMAND".to_owned(),
        path: format!("orc8r {command}"),
        network: None,
        status: 200,
        before: before.map(|value| value.to_string()),
        after: after.map(with_user),
    };
    if let Err(error) = store.add_audit_entry(entry).await {
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), "orc8r: done, but the audit log cannot be written: {error}");
    }
}
