//! What may be done to this gateway from afar: `sync_rpc_allow` and `remote_exec`. Both keys are ours.

use std::fmt;

use super::read::values;
use crate::block::Block;
use crate::value::{boolean, text};
use crate::yaml::Node;

/// How many patterns a list may have.
const PATTERNS_MAX: usize = 256;

/// What stands for any text, at any place in a pattern.
const ANY: char = '*';

/// What may be done from afar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteAccess {
    /// `sync_rpc_allow`: the calls that the cloud may make through SyncRPC; `None` (absent) is every call of every
    /// service in the registry, as with Magma's own agents.
    pub sync_rpc_allow: Option<Vec<CallPattern>>,
    /// `remote_exec` (true): whether `GenericCommand`, `Reboot` and `ConfigureStateless` are carried out.
    pub exec: bool,
}

/// `service:/package.Service/Method`, with `*` for any text; `service` alone is all of its methods.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallPattern {
    service: String,
    path: String,
}

impl Default for RemoteAccess {
    fn default() -> Self {
        Self { sync_rpc_allow: None, exec: true }
    }
}

impl RemoteAccess {
    /// Whether the cloud may call `path` of `service`. What follows a `?` or `#` reaches no service, and so would make a
    /// pattern cover another call than the one that is made: with patterns, there is no such path.
    pub fn allows(&self, service: &str, path: &str) -> bool {
        let patterns = self.sync_rpc_allow.as_deref();
        if patterns.is_some() && path.contains(['?', '#']) {
            return false;
        }
        patterns.is_none_or(|patterns| patterns.iter().any(|pattern| pattern.matches(service, path)))
    }
}

impl CallPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, to be put after its name.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        let advice = "must be like magmad:/magma.orc8r.Magmad/*, or the name of a service";
        let (service, path) = pattern.split_once(':').unwrap_or((pattern, "*"));
        let named = |c: char| c.is_ascii_alphanumeric() || "-_.*".contains(c);
        if service.is_empty() || !service.chars().all(named) {
            return Err(format!("is {pattern:?}, but {advice}"));
        }
        if !path.starts_with(['/', ANY]) || path.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(format!("is {pattern:?}, whose path {path:?} does not begin with /; it {advice}"));
        }
        Ok(Self { service: service.to_owned(), path: path.to_owned() })
    }

    /// Whether it covers this call.
    pub fn matches(&self, service: &str, path: &str) -> bool {
        matches(&self.service, service) && matches(&self.path, path)
    }
}

impl fmt::Display for CallPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.path)
    }
}

/// Whether `text` is what `pattern` says. Each part between stars is looked for behind the one before, the last one at
/// the end: no more steps than the lengths multiplied.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split(ANY);
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    let after = |rest: &'_ str, part: &&str| rest.find(part).map(|at| at + part.len());
    let mut rest = rest;
    for part in &parts {
        match after(rest, part) {
            Some(end) => rest = &rest[end..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

pub(super) fn read(block: &mut Block<'_>) -> RemoteAccess {
    let exec = block.read("remote_exec", boolean).unwrap_or(true);
    let place = block.place_of("sync_rpc_allow");
    let sync_rpc_allow =
        block.has("sync_rpc_allow").then(|| values(block.read_list("sync_rpc_allow", pattern)));
    if sync_rpc_allow.as_ref().is_some_and(|patterns| patterns.len() > PATTERNS_MAX) {
        block
            .report()
            .error(&place, format!("has more than {PATTERNS_MAX} patterns; use * to say it with fewer"));
    }
    RemoteAccess { sync_rpc_allow, exec }
}

fn pattern(node: &Node) -> Result<CallPattern, String> {
    CallPattern::parse(&text(node)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_what_they_say() {
        let restart = "/magma.orc8r.Magmad/RestartServices";
        for (pattern, service, path, expected) in [
            ("magmad:/magma.orc8r.Magmad/*", "magmad", restart, true),
            ("magmad:/magma.orc8r.Magmad/*", "magmad", "/magma.orc8r.Service303/GetServiceInfo", false),
            ("magmad:/magma.orc8r.Magmad/*", "mme", restart, false),
            ("magmad", "magmad", restart, true),
            ("magmad", "magmad2", restart, false),
            ("*:/magma.orc8r.Service303/Get*", "mme", "/magma.orc8r.Service303/GetMetrics", true),
            ("*:/magma.orc8r.Service303/Get*", "mme", "/magma.orc8r.Service303/StopService", false),
            ("*", "anything", "/at/all", true),
            ("a*c:*/d*f", "abc", "/x/def", true),
            ("a*c:*/d*f", "abcd", "/x/def", false),
            ("magmad:/a/B", "magmad", "/a/B", true),
            ("magmad:/a/B", "magmad", "/a/BC", false),
            ("magmad:/aa*aa", "magmad", "/aaa", false),
        ] {
            let covers = CallPattern::parse(pattern).expect(pattern).matches(service, path);
            assert_eq!(covers, expected, "{pattern} {service} {path}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_advice() {
        for wrong in ["", ":/a/B", "magmad:", "magmad:a/B", "mag mad", "magmad:/a b"] {
            let error = CallPattern::parse(wrong).expect_err(wrong);
            assert!(error.contains("must be like magmad:/magma.orc8r.Magmad/*"), "{error}");
        }
    }

    #[test]
    fn without_a_list_every_call_is_allowed_and_with_an_empty_one_none() {
        assert!(RemoteAccess::default().allows("mme", "/a/B"));
        let none = RemoteAccess { sync_rpc_allow: Some(Vec::new()), exec: true };
        assert!(!none.allows("mme", "/a/B"));
    }

    #[test]
    fn what_no_service_would_see_of_a_path_makes_nothing_allowed() {
        let pattern = CallPattern::parse("*:/magma.orc8r.*/Get*").expect("a pattern");
        let access = RemoteAccess { sync_rpc_allow: Some(vec![pattern]), exec: true };
        for (path, expected) in [
            ("/magma.orc8r.Magmad/GetConfigs", true),
            ("/magma.orc8r.Magmad/Reboot", false),
            ("/magma.orc8r.Magmad/Reboot?/Get", false),
            ("/magma.orc8r.Magmad/Reboot#/Get", false),
        ] {
            assert_eq!(access.allows("magmad", path), expected, "{path}");
        }
    }
}
