//! What a subscriber gets and why: made of what is configured, by a function without anything besides.

mod page;

pub(super) use page::show;

use crate::traffic::{ForEverybody, TrafficSummary};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The data plan that every network has, also where it does not say so.
const DEFAULT_PLAN: &str = "default";

/// What is configured around a subscriber.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    pub(crate) traffic: TrafficSummary,
    pub(crate) everybody: ForEverybody,
    pub(crate) qos_profiles: Map<String, Value>,
    pub(crate) apns: Map<String, Value>,
    pub(crate) epc: Value,
}

/// Why somebody has a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Because {
    /// He has it by himself.
    Own,
    /// He has it on one of his APNs.
    OnApn(String),
    /// He has a base name that stands for it.
    BaseName(String),
    /// Everybody in the network has it.
    Everybody,
    /// Everybody has a base name that stands for it.
    EverybodysBaseName(String),
}

/// A policy that he has.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HasPolicy {
    pub(crate) name: String,
    /// `None`: there is no such policy.
    pub(crate) policy: Option<Value>,
    /// How its traffic is treated; `None`: as the APN says.
    pub(crate) qos: Option<(String, Value)>,
    pub(crate) because: Vec<Because>,
}

/// An APN that he has.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HasApn {
    pub(crate) name: String,
    /// `None`: there is no such APN.
    pub(crate) config: Option<Value>,
    pub(crate) static_ip: Option<String>,
}

/// What he gets.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Effective {
    pub(crate) is_active: bool,
    /// Those that count first come first.
    pub(crate) policies: Vec<HasPolicy>,
    pub(crate) apns: Vec<HasApn>,
    pub(crate) plan: String,
    /// `None`: it limits nobody.
    pub(crate) limits: Option<Value>,
    pub(crate) forbidden: Vec<String>,
    /// Whether gateways give static addresses at all.
    pub(crate) gives_static_ips: bool,
    /// What keeps him from getting what is configured.
    pub(crate) problems: Vec<String>,
}

/// What a subscriber gets.
pub(crate) fn effective(subscriber: &Value, around: &Surroundings) -> Effective {
    let is_active = subscriber["lte"]["state"] == "ACTIVE";
    let plan = subscriber["lte"]["sub_profile"].as_str().filter(|plan| !plan.is_empty());
    let plan = plan.unwrap_or(DEFAULT_PLAN).to_owned();
    let limits = around.epc["sub_profiles"].get(&plan).cloned();
    let apns: Vec<HasApn> = names(&subscriber["active_apns"])
        .into_iter()
        .map(|name| HasApn {
            config: around.apns.get(&name).map(|apn| apn["apn_configuration"].clone()),
            static_ip: subscriber["config"]["static_ips"][&name].as_str().map(str::to_owned),
            name,
        })
        .collect();
    let policies = policies(subscriber, around);
    let mut found = Effective {
        is_active,
        policies,
        apns,
        plan,
        limits,
        forbidden: names(&subscriber["forbidden_network_types"]),
        gives_static_ips: around.epc["mobility"]["enable_static_ip_assignments"] == true,
        problems: Vec::new(),
    };
    found.problems = problems(&found, around);
    found
}

/// Who has which policy and why, the lowest priority number first.
fn policies(subscriber: &Value, around: &Surroundings) -> Vec<HasPolicy> {
    let mut because: BTreeMap<String, Vec<Because>> = BTreeMap::new();
    let mut add = |policy: String, why: Because| because.entry(policy).or_default().push(why);
    names(&subscriber["active_policies"]).into_iter().for_each(|policy| add(policy, Because::Own));
    for (apn, policies) in subscriber["active_policies_by_apn"].as_object().into_iter().flatten() {
        names(policies).into_iter().for_each(|policy| add(policy, Because::OnApn(apn.clone())));
    }
    let of_base = |name: &String| around.traffic.base_names.get(name).cloned().unwrap_or_default();
    for name in names(&subscriber["active_base_names"]) {
        of_base(&name).into_iter().for_each(|policy| add(policy, Because::BaseName(name.clone())));
    }
    around.everybody.policies.iter().for_each(|policy| add(policy.clone(), Because::Everybody));
    for name in &around.everybody.base_names {
        of_base(name).into_iter().for_each(|policy| add(policy, Because::EverybodysBaseName(name.clone())));
    }
    let found = because.into_iter().map(|(name, because)| {
        let policy = around.traffic.policies.get(&name).cloned();
        let qos =
            policy.as_ref().and_then(|policy| policy["qos_profile"].as_str()).filter(|qos| !qos.is_empty());
        let qos = qos.map(|qos| (qos.to_owned(), around.qos_profiles.get(qos).cloned().unwrap_or_default()));
        HasPolicy { name, policy, qos, because }
    });
    let mut found: Vec<HasPolicy> = found.collect();
    let priority = |one: &HasPolicy| one.policy.as_ref().and_then(|policy| policy["priority"].as_u64());
    found.sort_by_key(|one| (priority(one).unwrap_or(u64::MAX), one.name.clone()));
    found
}

fn problems(found: &Effective, around: &Surroundings) -> Vec<String> {
    let mut problems = Vec::new();
    if !found.is_active {
        problems.push("He is not active: gateways refuse him, whatever else is configured.".to_owned());
    }
    if found.apns.is_empty() {
        problems.push("He has no APN, and so gets no connection.".to_owned());
    }
    let missing = found.apns.iter().filter(|apn| apn.config.is_none());
    problems.extend(missing.map(|apn| format!("There is no APN {} in this network.", apn.name)));
    let missing = found.policies.iter().filter(|policy| policy.policy.is_none());
    problems.extend(missing.map(|policy| format!("There is no policy {} in this network.", policy.name)));
    if found.limits.is_none() && found.plan != DEFAULT_PLAN {
        problems.push(format!("There is no data plan {} in this network.", found.plan));
    }
    let epc = &around.epc;
    let has_static = found.apns.iter().any(|apn| apn.static_ip.is_some());
    if has_static && !found.gives_static_ips {
        problems.push(
            "Static addresses are switched off in the network's EPC configuration: gateways give him any."
                .to_owned(),
        );
    }
    let services = epc["network_services"].as_array();
    let enforces =
        services.is_some_and(|services| services.iter().any(|service| service == "policy_enforcement"));
    if !found.policies.is_empty() && epc.is_object() && !enforces {
        problems.push(
            "The network's services do not include policy_enforcement: gateways do not enforce policies."
                .to_owned(),
        );
    }
    if epc["gx_gy_relay_enabled"] == true {
        problems.push("Policies come from the operator's policy server (Gx/Gy relay); it may add others and remove these.".to_owned());
    }
    if ["EPC", "5GC"].iter().all(|network| found.forbidden.iter().any(|forbidden| forbidden == network)) {
        problems.push("Both kinds of core networks are forbidden to him.".to_owned());
    }
    problems
}

fn names(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    fn around() -> Surroundings {
        let policies = [("own", 9), ("apn", 1), ("base", 5), ("all", 3)];
        let policies = policies.map(|(name, priority)| (name.to_owned(), json!({"priority": priority})));
        let mut traffic = TrafficSummary { policies: policies.into(), ..TrafficSummary::default() };
        traffic.policies.insert("own".into(), json!({"priority": 9, "qos_profile": "fast"}));
        traffic.base_names.insert("b".into(), vec!["base".into(), "own".into()]);
        traffic.base_names.insert("everybodys".into(), vec!["all".into(), "gone".into()]);
        Surroundings {
            traffic,
            everybody: ForEverybody { policies: vec!["all".into()], base_names: vec!["everybodys".into()] },
            qos_profiles: map(json!({"fast": {"max_req_bw_dl": 7}})),
            apns: map(json!({"internet": {"apn_configuration": {"ambr": {"max_bandwidth_dl": 1}}}})),
            epc: json!({"sub_profiles": {"gold": {"max_dl_bit_rate": 5}}, "network_services": ["policy_enforcement"]}),
        }
    }

    fn ann() -> Value {
        json!({
            "lte": {"state": "ACTIVE", "sub_profile": "gold"}, "active_apns": ["internet"],
            "active_policies": ["own"], "active_policies_by_apn": {"internet": ["apn"]}, "active_base_names": ["b"],
            "config": {"static_ips": {"internet": "10.0.0.1"}}, "forbidden_network_types": ["5GC"],
        })
    }

    #[test]
    fn each_policy_has_all_its_reasons_and_the_first_that_counts_is_first() {
        let found = effective(&ann(), &around());
        let told: Vec<_> =
            found.policies.iter().map(|one| (one.name.as_str(), one.because.clone())).collect();
        let name = |text: &str| text.to_owned();
        assert_eq!(
            told,
            [
                ("apn", vec![Because::OnApn(name("internet"))]),
                ("all", vec![Because::Everybody, Because::EverybodysBaseName(name("everybodys"))]),
                ("base", vec![Because::BaseName(name("b"))]),
                ("own", vec![Because::Own, Because::BaseName(name("b"))]),
                ("gone", vec![Because::EverybodysBaseName(name("everybodys"))]),
            ]
        );
        assert_eq!(found.policies[3].qos, Some((name("fast"), json!({"max_req_bw_dl": 7}))));
    }

    #[test]
    fn apns_plan_and_addresses_are_told() {
        let found = effective(&ann(), &around());
        assert_eq!(found.apns[0].static_ip.as_deref(), Some("10.0.0.1"));
        assert_eq!(found.apns[0].config, Some(json!({"ambr": {"max_bandwidth_dl": 1}})));
        assert_eq!((found.plan.as_str(), found.limits), ("gold", Some(json!({"max_dl_bit_rate": 5}))));
        assert_eq!(found.forbidden, ["5GC"]);
    }

    #[test]
    fn what_keeps_him_from_it_is_told() {
        let told =
            |subscriber: &Value, around: &Surroundings| effective(subscriber, around).problems.join("\n");
        let all = told(&ann(), &around());
        assert!(all.contains("no policy gone") && all.contains("Static addresses are switched off"), "{all}");
        let mut other = ann();
        other["lte"] = json!({"state": "INACTIVE", "sub_profile": "lead"});
        other["active_apns"] = json!(["nowhere"]);
        other["forbidden_network_types"] = json!(["5GC", "EPC"]);
        let all = told(&other, &around());
        for part in ["not active", "no APN nowhere", "no data plan lead", "Both kinds"] {
            assert!(all.contains(part), "{part}: {all}");
        }
        other["active_apns"] = json!([]);
        let mut around = around();
        around.epc = json!({"gx_gy_relay_enabled": true});
        let all = told(&other, &around);
        for part in ["he has no apn", "policy_enforcement", "gx/gy"] {
            assert!(all.to_lowercase().contains(part), "{part}: {all}");
        }
        assert_eq!(effective(&Value::Null, &Surroundings::default()).policies, []);
    }
}
