//! Alerts: rules that are evaluated over metrics, and who is told of what, when and how.
//!
//! Rules, receivers, routes and silences are documents of a network in the store, in the shapes of the REST contract
//! ([`check`] says what is wrong with one). [`NetworkAlerts`] is a machine: it takes what rules found and the time, and
//! gives what has to be told; it knows no clock and no network, and is kept in the store between two steps, so that a
//! restart, or another node, goes on where the last one was. [`run`] is the loop around it, on the node that leads, and
//! [`deliver`] what tells: webhooks, Slack, PagerDuty, Pushover and e-mail.
//!
//! Grouping, waiting and repeating are Alertmanager's. Inhibition is not there: the REST contract has no place for it.

mod alertmanager;
pub mod check;
mod deliver;
mod document;
mod duration;
mod evaluations;
mod files;
mod machine;
mod message;
mod outbox;
mod pair;
mod predefined;
mod receiver;
mod routing;
mod run;
mod silence;
mod smtp;
mod targets;
mod template;
mod view;
mod yaml;

#[cfg(test)]
mod delivery_tests;
#[cfg(test)]
mod pair_tests;
#[cfg(test)]
mod tests;

pub use alertmanager::{Alertmanager, AlertmanagerError};
pub use document::{Silence, silence_from};
pub use evaluations::{EvaluationCounts, Evaluations};
pub use machine::{Active, Found, NetworkAlerts, Notification, Rule, State};
pub use outbox::{Busy, KindMessages, Outbox, Tried};
pub use pair::{Pair, PairError, PairSteps, Pending};
pub use predefined::predefined;
pub use receiver::{MASK, Receiver, masked, unmasked};
pub use run::{Alerts, Step, run};
pub use silence::{SilenceState, matchers_match, matches_filter, state_of};
pub use targets::{Prefix, Targets};
pub use view::{base_route, firing, shown_silence};
