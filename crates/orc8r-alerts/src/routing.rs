//! Which receivers are told of an alert, and how it is grouped.

use std::collections::BTreeMap;

use regex::Regex;
use wire_rest::types::AlertRoutingTree;

use crate::duration::duration_ms;

/// Alertmanager's defaults, in milliseconds.
const GROUP_WAIT_MS: i64 = 30_000;
const GROUP_INTERVAL_MS: i64 = 300_000;
const REPEAT_INTERVAL_MS: i64 = 4 * 3_600_000;
/// Routes within routes.
pub(crate) const DEPTH_MAX: usize = 10;

/// Where an alert goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) receiver: String,
    /// Alerts of one group are told together.
    pub(crate) group: String,
    pub(crate) group_labels: BTreeMap<String, String>,
    pub(crate) timing: Timing,
}

/// How long is waited for more, between two messages of a group, and before the same is said again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timing {
    pub(crate) group_wait_ms: i64,
    pub(crate) group_interval_ms: i64,
    pub(crate) repeat_interval_ms: i64,
}

/// What a route takes over from the one above.
#[derive(Clone, Copy)]
struct Inherited<'a> {
    receiver: &'a str,
    group_by: &'a [String],
    timing: Timing,
}

/// All ways of an alert, deepest routes first, as Alertmanager finds them.
pub(crate) fn ways(tree: &AlertRoutingTree, labels: &BTreeMap<String, String>) -> Vec<Way> {
    let timing = Timing {
        group_wait_ms: GROUP_WAIT_MS,
        group_interval_ms: GROUP_INTERVAL_MS,
        repeat_interval_ms: REPEAT_INTERVAL_MS,
    };
    let inherited = Inherited { receiver: &tree.receiver, group_by: &[], timing };
    let mut found = Vec::new();
    walk(tree, labels, inherited, "", &mut found, 0);
    found
}

/// Returns whether the route took the alert.
fn walk(
    route: &AlertRoutingTree,
    labels: &BTreeMap<String, String>,
    above: Inherited<'_>,
    path: &str,
    found: &mut Vec<Way>,
    depth: usize,
) -> bool {
    if depth > DEPTH_MAX || !matches(route, labels) {
        return false;
    }
    let here = Inherited {
        receiver: if route.receiver.is_empty() { above.receiver } else { &route.receiver },
        group_by: if route.group_by.is_empty() { above.group_by } else { &route.group_by },
        timing: Timing {
            group_wait_ms: time(&route.group_wait, above.timing.group_wait_ms),
            group_interval_ms: time(&route.group_interval, above.timing.group_interval_ms),
            repeat_interval_ms: time(&route.repeat_interval, above.timing.repeat_interval_ms),
        },
    };
    let mut was_taken = false;
    for (number, inner) in route.routes.iter().enumerate() {
        if walk(inner, labels, here, &format!("{path}/{number}"), found, depth + 1) {
            was_taken = true;
            if inner.r#continue != Some(true) {
                break;
            }
        }
    }
    if !was_taken {
        found.push(way(here, labels, path));
    }
    true
}

fn way(here: Inherited<'_>, labels: &BTreeMap<String, String>, path: &str) -> Way {
    let by_all = here.group_by.iter().any(|name| name == "...");
    let wanted = |name: &String| by_all || here.group_by.contains(name);
    let group_labels: BTreeMap<_, _> = labels
        .iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let group = format!("{path}:{}:{group_labels:?}", here.receiver);
    Way { receiver: here.receiver.to_owned(), group, group_labels, timing: here.timing }
}

fn matches(route: &AlertRoutingTree, labels: &BTreeMap<String, String>) -> bool {
    let value = |name: &String| labels.get(name).map_or("", String::as_str);
    route.r#match.iter().all(|(name, wanted)| value(name) == wanted)
        && route.match_re.iter().all(|(name, expression)| {
            Regex::new(&format!("^(?:{expression})$"))
                .is_ok_and(|expression| expression.is_match(value(name)))
        })
}

fn time(text: &Option<String>, above: i64) -> i64 {
    text.as_deref()
        .filter(|text| !text.is_empty())
        .and_then(duration_ms)
        .filter(|ms| *ms > 0)
        .unwrap_or(above)
}
