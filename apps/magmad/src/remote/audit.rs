//! One line in the log for each action that somebody orders from outside: who, what, how much, what came of it.
//!
//! Its target is `audit`, so that a log collector can tell it from the rest, and no level hides it. Identities are masked; contents are never
//! in it.

use std::borrow::Cow;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::OnceLock;

use magma_rpc::{Request, Status};
use tokio::time::Instant;

/// The target of such lines. They are written whatever the log's level is.
pub const TARGET: &str = "audit";

/// The level of such lines.
pub const LEVEL: tracing::Level = tracing::Level::INFO;

/// A subscriber's or device's identity has so many digits (IMSI, IMEI; 3GPP TS 23.003); it is not logged whole.
const IDENTITY_DIGITS: std::ops::RangeInclusive<usize> = 14..=16;

/// How much of a text from outside goes into a line, in bytes.
const TEXT_BYTES_MAX: usize = 200;

/// The header by which the agent marks what it passes on from the cloud, for its own service, with [`mark`] as its value.
pub const FROM_CLOUD: &str = "x-magmad-from-cloud";

/// What only this process knows: with anything else, a caller on this machine would act without a line in the log.
/// 128 bits from the hasher that the operating system seeds.
pub fn mark() -> &'static str {
    static MARK: OnceLock<String> = OnceLock::new();
    let random = || RandomState::new().build_hasher().finish();
    MARK.get_or_init(|| format!("{:016x}{:016x}", random(), random()))
}

/// An action that has begun.
#[derive(Debug)]
pub struct Action {
    from: &'static str,
    service: String,
    method: String,
    bytes: usize,
    began: Instant,
}

impl Action {
    /// What the cloud ordered, of which every answer is told.
    pub fn of_cloud(service: &str, path: &str, bytes: usize) -> Self {
        Self::begin("cloud", service, path, bytes)
    }

    /// What somebody on this machine ordered of the agent; none for what came from the cloud, which is told already.
    pub fn of_caller<T>(request: &Request<T>, method: &str, bytes: usize) -> Option<Self> {
        let passed_on = request.metadata().get(FROM_CLOUD).is_some_and(|value| value == mark());
        (!passed_on).then(|| Self::begin("local", "magmad", method, bytes))
    }

    fn begin(from: &'static str, service: &str, method: &str, bytes: usize) -> Self {
        Self { from, service: told(service), method: told(method), bytes, began: Instant::now() }
    }

    /// Tells what came of it.
    pub fn ended(self, result: &str) {
        let Self { from, service, method, bytes, began } = self;
        let (result, took_ms) = (told(result), began.elapsed().as_millis());
        tracing::event!(target: TARGET, LEVEL, from, service, method, bytes, result, took_ms, "audit: a remote action");
    }
}

/// Tells what came of a local caller's action, if there is one to tell of.
pub fn ended<T>(action: Option<Action>, result: &Result<T, Status>) {
    let Some(action) = action else { return };
    match result {
        Ok(_) => action.ended("done"),
        Err(status) => action.ended(&format!("{:?}: {}", status.code(), status.message())),
    }
}

/// A text from outside as it may be told: short, in one line, without whole identities.
fn told(text: &str) -> String {
    let short = &text[..text.floor_char_boundary(TEXT_BYTES_MAX)];
    masked(short).replace(char::is_control, " ")
}

/// Hides all but the last four digits of what looks like an identity.
pub fn masked(text: &str) -> Cow<'_, str> {
    let mut masked = String::new();
    let (mut rest, mut hidden) = (text, false);
    while let Some(begin) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from_digit) = rest.split_at(begin);
        let length = from_digit.find(|c: char| !c.is_ascii_digit()).unwrap_or(from_digit.len());
        let (digits, after) = from_digit.split_at(length);
        masked.push_str(before);
        if IDENTITY_DIGITS.contains(&length) {
            masked.extend(["…", &digits[length - 4..]]);
            hidden = true;
        } else {
            masked.push_str(digits);
        }
        rest = after;
    }
    if hidden { Cow::Owned(masked + rest) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_short_and_in_one_line_without_identities() {
        assert_eq!(told("IMSI001010000000001 and 12345\nx"), "IMSI…0001 and 12345 x");
        assert_eq!(told(&"ü".repeat(200)).len(), TEXT_BYTES_MAX);
        assert!(matches!(masked("no identity 1234"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_came_from_the_cloud_is_not_told_twice() {
        let mut request = Request::new(());
        assert!(Action::of_caller(&request, "Reboot", 0).is_some());
        request.metadata_mut().insert(FROM_CLOUD, "1".parse().expect("a value"));
        assert!(Action::of_caller(&request, "Reboot", 0).is_some(), "somebody here says so");
        request.metadata_mut().insert(FROM_CLOUD, mark().parse().expect("a value"));
        assert!(Action::of_caller(&request, "Reboot", 0).is_none());
    }
}
