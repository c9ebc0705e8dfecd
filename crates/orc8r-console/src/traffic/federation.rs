//! What the federation network of a federated LTE network has of its policies and base names. Sessions that go through a
//! federation gateway are given rules by name, and it looks these up in its own network.

use crate::failure::Failure;
use crate::rest::path;
use crate::traffic::copy;
use crate::traffic::summary::TrafficSummary;
use crate::visit::{MyNetwork, Visit};
use maud::{Markup, html};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// So many names stand in a notice.
const NAMED_MAX: usize = 5;

/// Of a policy, what belongs to one network alone.
const OWN: [&str; 3] = ["qos_profile", "assigned_subscribers", "assigned_groups"];

/// What can be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Kind {
    Policy,
    BaseName,
}

impl Kind {
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::BaseName => "base name",
        }
    }

    /// So many of it.
    pub(super) fn counted(self, count: usize) -> String {
        match (self, count) {
            (Self::Policy, 1) => "1 policy".to_owned(),
            (Self::Policy, count) => format!("{count} policies"),
            (Self::BaseName, 1) => "1 base name".to_owned(),
            (Self::BaseName, count) => format!("{count} base names"),
        }
    }
}

/// A policy or base name that the federation network lacks or has otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Lacking {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// As the federation network has it; null: it lacks it.
    pub(super) theirs: Value,
    /// As it would have it.
    pub(super) ours: Value,
}

impl Lacking {
    pub(super) fn is_new(&self) -> bool {
        self.theirs.is_null()
    }
}

/// What the federation network lacks or has otherwise: policies first, which base names are made of.
fn lacking(ours: &TrafficSummary, theirs: &TrafficSummary) -> Vec<Lacking> {
    let policies = ours
        .policies
        .iter()
        .map(|(name, policy)| (Kind::Policy, name, theirs.policies.get(name).map(shared), shared(policy)));
    let bases = ours.base_names.iter().map(|(name, rules)| {
        (
            Kind::BaseName,
            name,
            theirs.base_names.get(name).map(|theirs| base(name, theirs)),
            base(name, rules),
        )
    });
    let all = policies.chain(bases).map(|(kind, name, theirs, ours)| Lacking {
        kind,
        name: name.clone(),
        theirs: theirs.unwrap_or_default(),
        ours,
    });
    all.filter(|one| one.theirs != one.ours).collect()
}

/// A policy without what belongs to its network alone.
fn shared(policy: &Value) -> Value {
    let fields = policy.as_object().into_iter().flatten();
    let shared = fields.filter(|(name, value)| !value.is_null() && !OWN.contains(&name.as_str()));
    Value::Object(shared.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn base(name: &str, rules: &[String]) -> Value {
    json!({"name": name, "rule_names": rules.iter().collect::<BTreeSet<_>>()})
}

/// What is sent: ours, with what is the federation network's own as it is there now.
pub(super) fn sent(ours: &Value, there: &Value) -> Value {
    let mut sent = ours.clone();
    for name in OWN.into_iter().filter(|name| !there[name].is_null()) {
        sent[name] = there[name].clone();
    }
    sent
}

/// The federation network, and how far it knows a network's policies.
pub(super) enum Federation {
    /// It cannot be told, and why.
    Untold(String),
    Told {
        network: MyNetwork,
        lacking: Vec<Lacking>,
    },
}

impl Federation {
    /// `None`: the network is not served by a federation network.
    pub(super) async fn of(
        visit: &Visit,
        network: &MyNetwork,
        ours: &TrafficSummary,
    ) -> Result<Option<Self>, Failure> {
        if network.kind != "feg_lte" {
            return Ok(None);
        }
        let federation: Value =
            visit.rest.find(&path(&["feg_lte", &network.id, "federation"])).await?.unwrap_or_default();
        let id = federation["feg_network_id"].as_str().unwrap_or_default();
        if id.is_empty() {
            return Ok(Some(Self::Untold(
                "No federation network is set for this network: its policies are known here alone.".into(),
            )));
        }
        let Some(serving) = visit.me.networks.iter().find(|network| network.id == id) else {
            return Ok(Some(Self::Untold(format!(
                "The federation network {id} does not exist, or you may not see it: whether it has these policies cannot be told."
            ))));
        };
        if serving.kind != "feg" {
            return Ok(Some(Self::Untold(format!(
                "{id} is set as the federation network, but is a network of another kind: no federation gateway finds policies there."
            ))));
        }
        Ok(Some(match TrafficSummary::refusable(visit, id).await {
            Ok(theirs) => Self::Told { network: serving.clone(), lacking: lacking(ours, &theirs) },
            Err(refusal) => Self::Untold(format!(
                "The policies of the federation network {id} cannot be read: {}",
                refusal.message
            )),
        }))
    }

    /// The lines above what they are about.
    fn markup(&self, id: &str) -> Markup {
        match self {
            Self::Untold(why) => html! { p.quiet { (why) } },
            Self::Told { network, lacking } if lacking.is_empty() => {
                html! { p.quiet { "The federation network " (network.title()) " has the same policies and base names." } }
            }
            Self::Told { network, lacking } => html! {
                div.notice {
                    p { (says(network.title(), lacking)) " A federation gateway looks policies up in its own network, and does not find these as they are here." }
                    p.quiet { (named(lacking)) }
                    @if network.may_write {
                        p.buttons { a.button href=(copy::url(id)) { "Copy to " (network.title()) } }
                    } @else {
                        p { "You may not change " (network.title()) ": ask somebody who may to copy them." }
                    }
                }
            },
        }
    }
}

/// What the federation network lacks of a network, above its policies; nothing for other kinds of networks.
pub(super) async fn notice(
    visit: &Visit,
    network: &MyNetwork,
    ours: &TrafficSummary,
) -> Result<Markup, Failure> {
    let found = Federation::of(visit, network, ours).await?;
    Ok(html! { @if let Some(found) = found { (found.markup(&network.id)) } })
}

fn says(title: &str, lacking: &[Lacking]) -> String {
    let (new, other): (Vec<_>, Vec<_>) = lacking.iter().partition(|one| one.is_new());
    let parts = [("lacks", new, ""), ("has", other, " otherwise")];
    let parts = parts.into_iter().filter(|(_, all, _)| !all.is_empty());
    let parts: Vec<String> = parts.map(|(verb, all, how)| format!("{verb} {}{how}", counted(&all))).collect();
    format!("The federation network {title} {}.", parts.join(", and it "))
}

/// How many of each kind.
pub(super) fn counted(all: &[&Lacking]) -> String {
    let count = |kind| all.iter().filter(|one| one.kind == kind).count();
    let kinds = [Kind::Policy, Kind::BaseName].into_iter().filter(|kind| count(*kind) > 0);
    kinds.map(|kind| kind.counted(count(kind))).collect::<Vec<_>>().join(" and ")
}

fn named(lacking: &[Lacking]) -> String {
    let names = lacking.iter().take(NAMED_MAX).map(|one| format!("{} {}", one.kind.noun(), one.name));
    let names = names.collect::<Vec<_>>().join(", ");
    match lacking.len().saturating_sub(NAMED_MAX) {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(policies: &[(&str, Value)], bases: &[(&str, &[&str])]) -> TrafficSummary {
        let owned = |rules: &[&str]| rules.iter().map(|rule| (*rule).to_owned()).collect();
        TrafficSummary {
            policies: policies.iter().map(|(name, policy)| ((*name).to_owned(), policy.clone())).collect(),
            base_names: bases.iter().map(|(name, rules)| ((*name).to_owned(), owned(rules))).collect(),
            ..TrafficSummary::default()
        }
    }

    #[test]
    fn what_belongs_to_one_network_alone_does_not_differ() {
        let ours =
            json!({"id": "p", "priority": 1, "qos_profile": "fast", "assigned_subscribers": ["IMSI1"]});
        let theirs = json!({"id": "p", "priority": 1, "qos_profile": null});
        let here = summary(&[("p", ours)], &[("b", &["p", "q"])]);
        let there =
            summary(&[("p", theirs), ("only-there", json!({"id": "only-there"}))], &[("b", &["q", "p"])]);
        assert!(lacking(&here, &there).is_empty());
    }

    #[test]
    fn what_is_missing_or_otherwise_is_named_policies_first() {
        let here = summary(
            &[
                ("new", json!({"id": "new", "qos_profile": "fast"})),
                ("old", json!({"id": "old", "priority": 2})),
            ],
            &[("basic", &["new"])],
        );
        let there = summary(&[("old", json!({"id": "old", "priority": 1}))], &[]);
        let found = lacking(&here, &there);
        assert_eq!(
            found[0],
            Lacking {
                kind: Kind::Policy,
                name: "new".into(),
                theirs: Value::Null,
                ours: json!({"id": "new"}),
            }
        );
        assert_eq!(
            says("F", &found),
            "The federation network F lacks 1 policy and 1 base name, and it has 1 policy otherwise."
        );
        assert_eq!(named(&found), "policy new, policy old, base name basic");
    }

    #[test]
    fn what_is_the_federation_networks_own_stays() {
        let there =
            json!({"id": "p", "priority": 1, "qos_profile": "theirs", "assigned_subscribers": ["IMSI2"]});
        let expect =
            json!({"id": "p", "priority": 2, "qos_profile": "theirs", "assigned_subscribers": ["IMSI2"]});
        assert_eq!(sent(&json!({"id": "p", "priority": 2}), &there), expect);
    }
}
