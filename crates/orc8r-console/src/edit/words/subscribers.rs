//! Words for subscribers.

use super::Entry;

pub(super) const WORDS: &[Entry] = &[
    ("mutable_subscriber", "id", "IMSI", "IMSI and 10 to 15 digits; it stays."),
    ("mutable_subscriber", "name", "", "What people call him; he is found by the beginning of each word."),
    ("mutable_subscriber", "lte", "LTE", ""),
    (
        "mutable_subscriber",
        "active_apns",
        "APNs",
        "Which access points he may use; without one he gets no connection.",
    ),
    (
        "mutable_subscriber",
        "active_policies",
        "Policies",
        "Policies that he has by himself, on all his APNs.",
    ),
    (
        "mutable_subscriber",
        "active_policies_by_apn",
        "Policies by APN",
        "Policies that he has on one of his APNs only.",
    ),
    ("mutable_subscriber", "active_base_names", "Base names", "Sets of policies that he has."),
    (
        "mutable_subscriber",
        "static_ips",
        "Static IPs",
        "By APN, which must be one of his: the address that he always gets there.",
    ),
    (
        "mutable_subscriber",
        "forbidden_network_types",
        "Forbidden networks",
        "Cores that refuse him: EPC is LTE, 5GC is 5G.",
    ),
    ("lte_subscription", "state", "", "INACTIVE: gateways refuse him."),
    ("lte_subscription", "auth_algo", "Authentication", "How his SIM proves who it is."),
    ("lte_subscription", "auth_key", "Ki", "16 bytes in base64; its page takes hexadecimal digits."),
    ("lte_subscription", "auth_opc", "OPc", "16 bytes in base64; empty: the network's OP is used."),
    ("lte_subscription", "sub_profile", "Data plan", "One of the network's data plans, or default."),
    ("msisdn_assignment", "id", "IMSI", "Who gets the number: IMSI and digits."),
    ("msisdn_assignment", "msisdn", "MSISDN", "Digits, with the country's number first."),
];
