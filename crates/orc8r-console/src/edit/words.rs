//! What the fields of the contract are called, and what they mean, for people.

mod common;
mod equipment;
mod gateway;
mod network;
mod subscribers;
mod traffic;

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A definition of the contract and a field of it; what it is called (empty: by its name; [`HIDDEN`]: it is not shown),
/// and what one should know of it.
type Entry = (&'static str, &'static str, &'static str, &'static str);

/// Fields that a form shows before the others of their definition, in this order; else they stand as in the contract.
const FIRST: &[(&str, &[&str])] = &[
    ("capabilities", &["min_power", "max_power", "number_of_antennas"]),
    (
        "mutable_cbsd",
        &[
            "serial_number",
            "fcc_id",
            "user_id",
            "cbsd_category",
            "desired_state",
            "frequency_preferences",
            "capabilities",
            "installation_param",
            "single_step_enabled",
            "grant_redundancy",
        ],
    ),
];

/// A field that no form shows: it is set by the system, or it has no effect.
const HIDDEN: &str = "-";

/// Each area's words. A definition `*` is for a field of this name wherever there is no word for it in its definition.
const AREAS: &[&[Entry]] =
    &[common::WORDS, equipment::WORDS, gateway::WORDS, network::WORDS, subscribers::WORDS, traffic::WORDS];

static WORDS: LazyLock<BTreeMap<(&str, &str), Word>> = LazyLock::new(|| {
    let entries = AREAS.iter().flat_map(|area| area.iter());
    entries.map(|(definition, field, label, help)| ((*definition, *field), Word { label, help })).collect()
});

/// What a field is called, and what it means.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Word {
    label: &'static str,
    /// What one should know of it; may be empty.
    pub(crate) help: &'static str,
}

impl Word {
    /// What the field of this name is called.
    pub(crate) fn label(self, field: &str) -> String {
        if self.label.is_empty() { spelled(field) } else { self.label.to_owned() }
    }

    pub(crate) fn is_hidden(self) -> bool {
        self.label == HIDDEN
    }
}

/// The word for a field of a definition.
pub(crate) fn of(definition: &str, field: &str) -> Word {
    let found = WORDS.get(&(definition, field)).or_else(|| WORDS.get(&("*", field)));
    found.copied().unwrap_or_default()
}

/// Where a field stands in a form, for an order that keeps equals as they are.
pub(crate) fn rank(definition: &str, field: &str) -> usize {
    let first = FIRST.iter().find(|(known, _)| *known == definition).map(|(_, fields)| *fields);
    let fields = first.unwrap_or_default();
    fields.iter().position(|known| *known == field).unwrap_or(fields.len())
}

/// What one of a collection is called, or what a single resource is.
pub(crate) fn noun(path_part: &str) -> String {
    let known = common::NOUNS.iter().find(|(part, _)| *part == path_part);
    known.map_or_else(|| spelled(path_part), |(_, noun)| (*noun).to_owned())
}

/// Names that are written in capitals, or otherwise than a word.
const SPELLED: &[(&str, &str)] = &[
    ("ambr", "AMBR"),
    ("amf", "AMF"),
    ("apn", "APN"),
    ("apns", "APNs"),
    ("cbsd", "CBSD"),
    ("csfb", "CSFB"),
    ("dns", "DNS"),
    ("earfcndl", "EARFCN DL"),
    ("eap", "EAP"),
    ("enb", "eNodeB"),
    ("enodeb", "eNodeB"),
    ("enodebs", "eNodeBs"),
    ("epc", "EPC"),
    ("feg", "federation gateway"),
    ("gre", "GRE"),
    ("gx", "Gx"),
    ("gy", "Gy"),
    ("hss", "HSS"),
    ("id", "ID"),
    ("imsi", "IMSI"),
    ("imsis", "IMSIs"),
    ("ip", "IP"),
    ("ipv4", "IPv4"),
    ("ipv6", "IPv6"),
    ("lte", "LTE"),
    ("mcc", "MCC"),
    ("mme", "MME"),
    ("mnc", "MNC"),
    ("nat", "NAT"),
    ("ngc", "5G core"),
    ("pci", "PCI"),
    ("plmn", "PLMN"),
    ("qos", "QoS"),
    ("ran", "RAN"),
    ("s6a", "S6a"),
    ("s8", "S8"),
    ("sgi", "SGi"),
    ("sim", "SIM"),
    ("swx", "SWx"),
    ("tac", "TAC"),
    ("ttl", "TTL"),
    ("url", "URL"),
    ("vlan", "VLAN"),
];

/// A name of the contract as words: `max_bandwidth_dl` is "Max bandwidth dl".
fn spelled(name: &str) -> String {
    let word = |word: &str| {
        let known = SPELLED.iter().find(|(plain, _)| *plain == word.to_lowercase());
        known.map_or_else(|| word.to_owned(), |(_, spelled)| (*spelled).to_owned())
    };
    let words: Vec<String> = name.split(['_', '-']).filter(|part| !part.is_empty()).map(word).collect();
    let text = words.join(" ");
    let is_word = words.first().is_some_and(|first| first.chars().all(|letter| letter.is_ascii_lowercase()));
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if is_word => first.to_uppercase().chain(letters).collect(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words() {
        assert_eq!(spelled("network_services"), "Network services");
        assert_eq!(spelled("mme_ip"), "MME IP");
        assert_eq!(spelled("enodeb_serial"), "eNodeB serial");
    }

    #[test]
    fn what_a_person_knows_first_stands_first() {
        let mut fields = ["carrier_aggregation_enabled", "fcc_id", "another", "serial_number"];
        fields.sort_by_key(|field| rank("mutable_cbsd", field));
        assert_eq!(fields, ["serial_number", "fcc_id", "carrier_aggregation_enabled", "another"]);
        assert_eq!(rank("apn", "a"), rank("apn", "b"));
    }

    #[test]
    fn a_word_stands_for_one_field_only() {
        let mut seen = std::collections::BTreeSet::new();
        for (definition, field, ..) in AREAS.iter().flat_map(|area| area.iter()) {
            assert!(seen.insert((definition, field)), "twice: {definition}.{field}");
        }
    }
}
