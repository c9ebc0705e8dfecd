//! What the rows of a table would do with subscribers: pure, so that nothing is done before somebody has looked at it.

use crate::csv::{Column, Line, Row, Step, Table};
use crate::subscribers::body::key;
use crate::subscribers::summaries::Summary;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use wire_rest::types::MutableSubscriber;
use wire_rest::{HasSchema as _, problems};

const fn column(name: &'static str, help: &'static str) -> Column {
    Column { name, is_required: false, help }
}

const IMSI: Column = Column {
    name: "imsi",
    is_required: true,
    help: "Who: 10 to 15 digits, with IMSI before them or without. Somebody who is not there yet is added.",
};
const NAME: Column = column("name", "What people call him.");
const STATE: Column = column("state", "ACTIVE or INACTIVE. Empty: it stays; a new one is active.");
const FORBIDDEN: Column =
    column("forbidden_network_types", "EPC, 5GC, or both with | between them. Empty: none.");
const PLAN: Column =
    column("data_plan", "One of the network's data plans. Empty: it stays; a new one gets default.");
const APNS: Column = column("apns", "His APNs, with | between them. Empty: none.");
const POLICIES: Column =
    column("policies", "Policies that he has by himself, with | between them. Empty: none.");
const BASE_NAMES: Column = column("base_names", "His base names, with | between them. Empty: none.");
const MSISDN: Column = column("msisdn", "His telephone number, in digits. Empty: none.");
const STATIC_IPS: Column =
    column("static_ips", "Addresses that he always gets: APN=address, with | between them. Empty: none.");

/// What a table may have.
pub(crate) const COLUMNS: &[Column] = &[
    IMSI,
    NAME,
    column("auth_key", "Ki, 32 hexadecimal digits. Empty: it stays; a new one needs it."),
    column(
        "auth_opc",
        "OPc, 32 hexadecimal digits. Empty: it stays; a new one without it uses the network's OP.",
    ),
    STATE,
    FORBIDDEN,
    PLAN,
    APNS,
    POLICIES,
    BASE_NAMES,
    MSISDN,
    STATIC_IPS,
];

/// What the list is written with: no keys.
pub(crate) const EXPORTED: &[Column] =
    &[IMSI, NAME, STATE, FORBIDDEN, PLAN, APNS, POLICIES, BASE_NAMES, MSISDN, STATIC_IPS];

/// A subscriber as a row of [`EXPORTED`].
pub(crate) fn row(one: &Summary) -> Vec<String> {
    let ips = one.static_ips.iter().map(|(apn, ip)| format!("{apn}={ip}")).collect::<Vec<_>>();
    vec![
        one.id.trim_start_matches("IMSI").to_owned(),
        one.name.clone(),
        one.state.clone(),
        one.forbidden_network_types.join("|"),
        one.sub_profile.clone(),
        one.active_apns.join("|"),
        one.active_policies.join("|"),
        one.active_base_names.join("|"),
        one.msisdn.clone(),
        ips.join("|"),
    ]
}

/// What a network has that rows can name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub(crate) plans: BTreeSet<String>,
    pub(crate) apns: BTreeSet<String>,
    pub(crate) policies: BTreeSet<String>,
    pub(crate) base_names: BTreeSet<String>,
}

/// What a row would do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    pub(crate) row: usize,
    pub(crate) id: String,
    /// The subscriber is added.
    pub(crate) is_new: bool,
    /// What his fields will be, by where they stand in what the API takes; null: gone.
    pub(crate) fields: BTreeMap<&'static str, Value>,
    /// The number that he will have, and that he had; `None`: it stays.
    pub(crate) number: Option<(String, String)>,
    /// In words.
    pub(crate) says: Vec<String>,
}

impl Plan {
    pub(crate) fn line(&self) -> Line {
        let step = match (self.is_new, self.is_nothing()) {
            (true, _) => Step::Add,
            (false, true) => Step::Same,
            (false, false) => Step::Change,
        };
        Line { row: self.row, what: self.id.clone(), step, says: self.says.join("; ") }
    }

    pub(crate) fn is_nothing(&self) -> bool {
        !self.is_new && self.fields.is_empty() && self.number.is_none()
    }

    /// Puts what changes into a subscriber as the API takes him; all else stays.
    pub(crate) fn put_into(&self, body: &mut Value) {
        for (place, value) in &self.fields {
            let (object, name) = match place.split_once('/') {
                Some((object, name)) => (&mut body[object], name),
                None => (&mut *body, *place),
            };
            let Some(object) = object.as_object_mut() else { continue };
            match value {
                Value::Null => object.remove(name),
                value => object.insert(name.to_owned(), value.clone()),
            };
        }
    }

    /// A new subscriber.
    pub(crate) fn creation(&self) -> Value {
        let lte = json!({"state": "ACTIVE", "auth_algo": "MILENAGE", "sub_profile": "default"});
        let mut body = Value::Object(Map::from_iter([
            ("id".to_owned(), self.id.clone().into()),
            ("lte".to_owned(), lte),
        ]));
        self.put_into(&mut body);
        body
    }
}

/// What the rows of a table would do, and those that are bad.
pub(crate) fn plan(
    table: Table,
    present: &BTreeMap<String, Summary>,
    known: &Known,
) -> (Vec<Plan>, Vec<Line>) {
    let (mut seen, mut plans, mut bad) = (BTreeMap::new(), Vec::new(), table.bad);
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for row in table.rows {
        let id = id(row.word("imsi"));
        let planned = match seen.insert(id.clone(), row.number) {
            Some(before) => Err(format!("this subscriber is in line {before}, too")),
            None => Planned { row: &row, known }.plan(&id, present.get(&id)),
        };
        let planned = planned.and_then(|plan| {
            let number = plan.number.as_ref().map(|(new, _)| new.clone()).filter(|new| !new.is_empty());
            match number.and_then(|number| numbers.insert(number, row.number)) {
                Some(before) => Err(format!("the number is in line {before}, too")),
                None => Ok(plan),
            }
        });
        match planned {
            Ok(plan) => plans.push(plan),
            Err(says) => bad.push(Line { row: row.number, what: id, step: Step::Bad, says }),
        }
    }
    (plans, bad)
}

/// An id as the API has it.
pub(crate) fn id(imsi: &str) -> String {
    let is_prefixed = imsi.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("IMSI"));
    format!("IMSI{}", if is_prefixed { &imsi[4..] } else { imsi })
}

struct Planned<'a> {
    row: &'a Row,
    known: &'a Known,
}

impl Planned<'_> {
    fn plan(&self, id: &str, present: Option<&Summary>) -> Result<Plan, String> {
        let digits = &id["IMSI".len()..];
        if !(10..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("imsi must be 10 to 15 digits".to_owned());
        }
        let nobody = Summary { state: "ACTIVE".into(), sub_profile: "default".into(), ..Summary::default() };
        let was = present.unwrap_or(&nobody);
        let mut plan = Plan {
            row: self.row.number,
            id: id.to_owned(),
            is_new: present.is_none(),
            fields: BTreeMap::new(),
            number: None,
            says: Vec::new(),
        };
        self.keys(&mut plan)?;
        let name = self.row.cell("name").map(str::trim);
        if let Some(name) = name.filter(|name| *name != was.name) {
            plan.set(
                "name",
                "name",
                &was.name,
                name,
                if name.is_empty() { Value::Null } else { name.into() },
            );
        }
        let state = self.row.word("state");
        if !state.is_empty() && state != was.state {
            if !["ACTIVE", "INACTIVE"].contains(&state) {
                return Err(format!("state must be ACTIVE or INACTIVE, not {state:?}"));
            }
            plan.set("lte/state", "state", &was.state, state, state.into());
        }
        let data_plan = self.row.word("data_plan");
        if !data_plan.is_empty() && data_plan != was.sub_profile {
            exist("data plan", [data_plan], &self.known.plans)?;
            plan.set("lte/sub_profile", "data_plan", &was.sub_profile, data_plan, data_plan.into());
        }
        self.lists(&mut plan, was)?;
        self.addresses(&mut plan, was)?;
        self.number(&mut plan, was)?;
        if plan.is_new {
            let wrong = problems(MutableSubscriber::SCHEMA, &plan.creation());
            wrong.into_iter().next().map_or(Ok(()), Err)?;
        }
        Ok(plan)
    }

    fn keys(&self, plan: &mut Plan) -> Result<(), String> {
        for (column, place) in [("auth_key", "lte/auth_key"), ("auth_opc", "lte/auth_opc")] {
            let hex = self.row.word(column);
            if !hex.is_empty() {
                plan.fields.insert(place, key(column, hex)?.into());
                if !plan.is_new {
                    plan.says.push(format!("{column} is replaced"));
                }
            } else if plan.is_new && column == "auth_key" {
                return Err("auth_key is needed for a new subscriber".to_owned());
            }
        }
        Ok(())
    }

    fn lists(&self, plan: &mut Plan, was: &Summary) -> Result<(), String> {
        let networks = BTreeSet::from(["EPC".to_owned(), "5GC".to_owned()]);
        let lists = [
            (
                "forbidden_network_types",
                "forbidden_network_types",
                "network type",
                &was.forbidden_network_types,
                &networks,
            ),
            ("apns", "active_apns", "APN", &was.active_apns, &self.known.apns),
            ("policies", "active_policies", "policy", &was.active_policies, &self.known.policies),
            ("base_names", "active_base_names", "base name", &was.active_base_names, &self.known.base_names),
        ];
        for (column, place, what, was, known) in lists {
            let Some(cell) = self.row.cell(column) else { continue };
            let new: Vec<&str> = parts(cell);
            let set =
                |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
            if set(&new) == was.iter().cloned().collect() {
                continue;
            }
            exist(what, new.iter().copied(), known)?;
            plan.set(place, column, &was.join("|"), &new.join("|"), json!(set(&new)));
        }
        Ok(())
    }

    fn addresses(&self, plan: &mut Plan, was: &Summary) -> Result<(), String> {
        let apns = plan.fields.get("active_apns").and_then(Value::as_array);
        let has = |apn: &str| match apns {
            Some(apns) => apns.iter().any(|known| known == apn),
            None => was.active_apns.iter().any(|known| known == apn),
        };
        let Some(cell) = self.row.cell("static_ips") else {
            // Without its APN, an address is refused.
            let lost = was.static_ips.keys().find(|apn| !has(apn));
            return lost.map_or(Ok(()), |apn| {
                Err(format!("he has a static IP on the APN {apn}: name static_ips, too"))
            });
        };
        let mut new = BTreeMap::new();
        for part in parts(cell) {
            let (apn, ip) = part
                .split_once('=')
                .ok_or_else(|| format!("static_ips must be APN=address, not {part:?}"))?;
            let (apn, ip) = (apn.trim(), ip.trim());
            ip.parse::<IpAddr>().map_err(|_| format!("{ip:?} is no IP address"))?;
            if !has(apn) {
                return Err(format!("static_ips names the APN {apn}, which is none of his"));
            }
            new.insert(apn.to_owned(), ip.to_owned());
        }
        if new != was.static_ips {
            let text = |ips: &BTreeMap<String, String>| {
                ips.iter().map(|(apn, ip)| format!("{apn}={ip}")).collect::<Vec<_>>().join("|")
            };
            plan.set("static_ips", "static_ips", &text(&was.static_ips), &text(&new), json!(new));
        }
        Ok(())
    }

    fn number(&self, plan: &mut Plan, was: &Summary) -> Result<(), String> {
        let Some(cell) = self.row.cell("msisdn") else { return Ok(()) };
        let new = cell.trim();
        let new = if new == was.msisdn { new } else { new.trim_start_matches('+') };
        if new == was.msisdn {
            return Ok(());
        }
        if !new.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("msisdn must be digits, not {new:?}"));
        }
        plan.says.push(if plan.is_new {
            format!("msisdn {new}")
        } else {
            format!("msisdn: “{}” → “{new}”", was.msisdn)
        });
        plan.number = Some((new.to_owned(), was.msisdn.clone()));
        Ok(())
    }
}

impl Plan {
    fn set(&mut self, place: &'static str, column: &str, was: &str, new: &str, value: Value) {
        self.fields.insert(place, value);
        self.says.push(if self.is_new {
            format!("{column} {new}")
        } else {
            format!("{column}: “{was}” → “{new}”")
        });
    }
}

fn parts(cell: &str) -> Vec<&str> {
    cell.split('|').map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn exist<'a>(
    what: &str,
    names: impl IntoIterator<Item = &'a str>,
    known: &BTreeSet<String>,
) -> Result<(), String> {
    let missing = names.into_iter().find(|name| !known.contains(*name));
    missing.map_or(Ok(()), |name| Err(format!("there is no {what} {name:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv;

    const KI: &str = "000102030405060708090a0b0c0d0e0f";

    fn known() -> Known {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Known {
            plans: set(&["default", "gold"]),
            apns: set(&["a", "b"]),
            policies: set(&["p"]),
            base_names: set(&["n"]),
        }
    }

    fn ann() -> Summary {
        Summary {
            id: "IMSI0010100001".into(),
            name: "Ann, \"x\"".into(),
            state: "ACTIVE".into(),
            sub_profile: "gold".into(),
            msisdn: "49".into(),
            active_apns: vec!["a".into(), "b".into()],
            active_policies: vec!["p".into()],
            forbidden_network_types: vec!["EPC".into(), "5GC".into()],
            static_ips: [("a".to_owned(), "10.0.0.1".to_owned())].into(),
            ..Summary::default()
        }
    }

    fn planned(text: &str) -> (Vec<Plan>, Vec<Line>) {
        let present = [(ann().id, ann())].into();
        plan(csv::parse(text, COLUMNS).unwrap(), &present, &known())
    }

    #[test]
    fn what_was_exported_changes_nothing() {
        let text = csv::write(EXPORTED, [row(&ann())]);
        let (plans, bad) = planned(&text);
        assert_eq!(bad, []);
        assert!(plans[0].is_nothing(), "{plans:?}");
        assert!(!text.contains("auth_"), "no keys");
    }

    #[test]
    fn only_the_columns_that_are_there_change_and_empty_keys_stay() {
        let (plans, bad) = planned("imsi,auth_key,apns,static_ips\n0010100001,,b,\n");
        assert_eq!(bad, []);
        let mut body = json!({"id": "x", "name": "n", "lte": {"auth_key": "k"}, "active_apns": ["a", "b"],
            "active_policies": ["p"], "static_ips": {"a": "10.0.0.1"}});
        plans[0].put_into(&mut body);
        let expect = json!({"id": "x", "name": "n", "lte": {"auth_key": "k"}, "active_apns": ["b"],
            "active_policies": ["p"], "static_ips": {}});
        assert_eq!(body, expect);
        assert_eq!(plans[0].line().step, Step::Change);
    }

    #[test]
    fn somebody_new_is_made_whole() {
        let (plans, bad) = planned(&format!(
            "imsi,name,auth_key,apns,msisdn,data_plan\nIMSI0010100002,Bob,{KI},a,+491,gold\n"
        ));
        assert_eq!(bad, []);
        let expect = json!({"id": "IMSI0010100002", "name": "Bob", "active_apns": ["a"],
            "lte": {"state": "ACTIVE", "auth_algo": "MILENAGE", "auth_key": "AAECAwQFBgcICQoLDA0ODw==", "sub_profile": "gold"}});
        assert_eq!(plans[0].creation(), expect);
        assert_eq!(plans[0].number, Some(("491".into(), String::new())));
    }

    #[test]
    fn each_bad_row_is_told_with_its_reason() {
        let rows = [
            ("imsi\n12", "10 to 15 digits"),
            ("imsi\n0010100002", "auth_key is needed"),
            ("imsi,auth_key\n0010100002,beef", "auth_key must be 32 hexadecimal digits"),
            ("imsi,state\n0010100001,on", "state must be"),
            ("imsi,data_plan\n0010100001,lead", "no data plan \"lead\""),
            ("imsi,apns\n0010100001,a|zz", "no APN \"zz\""),
            ("imsi,policies\n0010100001,zz", "no policy \"zz\""),
            ("imsi,base_names\n0010100001,zz", "no base name \"zz\""),
            ("imsi,forbidden_network_types\n0010100001,6G", "no network type \"6G\""),
            ("imsi,apns\n0010100001,b", "static IP on the APN a"),
            ("imsi,static_ips\n0010100001,a=10.0.0", "no IP address"),
            ("imsi,static_ips\n0010100001,c=10.0.0.1", "none of his"),
            ("imsi,msisdn\n0010100001,x", "msisdn must be digits"),
        ];
        for (text, part) in rows {
            let (plans, bad) = planned(text);
            assert!(plans.is_empty() && bad[0].says.contains(part), "{text}: {bad:?}");
        }
        let (_, bad) = planned("imsi,msisdn\n0010100001,7\n0010100001,8\n");
        assert_eq!((bad.len(), bad[0].row), (1, 3));
    }
}
