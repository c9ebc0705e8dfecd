//! `gateway.py`, and what every cloud must have let it do, and not let it do.

use std::path::Path;

use serde_json::{Value, json};

use crate::python::Program;

/// A certificate lives four days, as asked, and began an hour ago; a minute for the machine being slow.
const LIFETIME_SECONDS: std::ops::RangeInclusive<i64> = 4 * 86_400 - 60..=4 * 86_400;
const BACKDATED_SECONDS: std::ops::RangeInclusive<i64> = 3_590..=3_670;

/// The cloud that the gateway is to join, and as whom.
pub struct Invitation<'a> {
    /// Port on loopback for gateways with a certificate.
    pub cloud_port: u16,
    /// Port on loopback for those without.
    pub bootstrap_port: u16,
    /// Port on loopback of the REST API, where there is one.
    pub rest_port: Option<u16>,
    /// The cloud's domain.
    pub domain: &'a str,
    /// PEM text.
    pub root_ca: &'a str,
    /// Whose registration token it is.
    pub network: &'a str,
    /// Whose registration token it is.
    pub gateway: &'a str,
    /// A fresh one.
    pub token: &'a str,
    /// A gateway of kind ECHO that the cloud knows.
    pub echo_hardware_id: &'a str,
}

/// Starts the gateway; `folder` takes the root CA's file.
pub fn start(invitation: &Invitation<'_>, folder: &Path) -> Program {
    let root_ca = folder.join("rootCA.pem");
    std::fs::write(&root_ca, invitation.root_ca).expect("the folder can be written");
    let cloud = loopback(invitation.cloud_port);
    let bootstrap = loopback(invitation.bootstrap_port);
    let rest = invitation.rest_port.map(loopback);
    let mut arguments = vec![
        ("--cloud", cloud.as_str()),
        ("--bootstrap", &bootstrap),
        ("--domain", invitation.domain),
        ("--root-ca", root_ca.to_str().expect("a path of plain letters")),
        ("--network", invitation.network),
        ("--gateway", invitation.gateway),
        ("--token", invitation.token),
        ("--echo-hardware-id", invitation.echo_hardware_id),
    ];
    arguments.extend(rest.as_deref().map(|rest| ("--rest", rest)));
    let arguments: Vec<&str> = arguments.into_iter().flat_map(|(name, value)| [name, value]).collect();
    Program::start("gateway.py", &arguments)
}

/// Follows the gateway through registration; returns its hardware id and its public key in base64.
pub async fn registers(gateway: &mut Program) -> (String, String) {
    let identity = gateway.step("gateway").await;
    assert_eq!(gateway.step("challenge_before_registration").await["code"], "NOT_FOUND");
    for refused in ["register_with_unknown_token", "register_with_short_token"] {
        is_told_why(&gateway.step(refused).await);
    }
    let registered = gateway.step("register").await;
    assert_eq!(registered["outcome"], "control_proxy", "{registered}");
    let control_proxy = registered["text"].as_str().expect("YAML text");
    for key in ["cloud_address", "cloud_port", "bootstrap_address", "bootstrap_port"] {
        assert!(control_proxy.contains(&format!("{key}:")), "{key} is missing in {control_proxy}");
    }
    for refused in ["register_again", "register_another_with_same_token"] {
        is_told_why(&gateway.step(refused).await);
    }
    (text(&identity, "hardware_id"), text(&identity, "key"))
}

/// Follows the gateway through every bootstrap, the good ones and those that must fail.
pub async fn bootstraps(gateway: &mut Program, hardware_id: &str, echo_hardware_id: &str) {
    let challenge = gateway.step("challenge").await;
    assert_eq!(challenge["kind"], "SOFTWARE_ECDSA_SHA256");
    assert_eq!(challenge["length"], 512);
    for refused in [
        "bootstrap_with_common_name_of_another",
        "bootstrap_as_another",
        "bootstrap_as_operator",
        "bootstrap_with_foreign_key",
        "bootstrap_with_own_challenge",
        "bootstrap_with_altered_challenge",
        "bootstrap_by_echo_though_it_has_a_key",
    ] {
        let outcome = gateway.step(refused).await;
        assert_eq!(outcome["code"], "ABORTED", "{outcome}");
    }
    // A cloud may refuse it, or overlook the wrong identity; but it must never sign for that one.
    let outcome = gateway.step("bootstrap_with_identity_of_another").await;
    if outcome["code"] != "ABORTED" {
        names_the_gateway(&outcome, hardware_id);
    }
    names_the_gateway(&gateway.step("bootstrap_as_authority").await, hardware_id);
    let certificate = gateway.step("bootstrap_as_go_agents_do").await;
    names_the_gateway(&certificate, hardware_id);
    let certificate = gateway.step("bootstrap_by_ecdsa").await;
    names_the_gateway(&certificate, hardware_id);
    assert_eq!(certificate["subject"], format!("CN={hardware_id}"));
    names_the_gateway(&gateway.step("bootstrap_by_echo").await, echo_hardware_id);
    let outcome = gateway.step("bootstrap_by_ecdsa_though_it_has_no_key").await;
    assert_eq!(outcome["code"], "ABORTED", "{outcome}");
}

/// Follows the gateway through what it may do, and returns the configuration that it was given.
pub async fn works(gateway: &mut Program) -> Value {
    assert_eq!(gateway.step("state").await["code"], "OK");
    assert_eq!(gateway.step("state_behind_proxy").await["code"], "OK");
    assert_eq!(gateway.step("no_state").await["code"], "INVALID_ARGUMENT");
    let own = mconfig(&gateway.step("configs").await);
    let as_another = mconfig(&gateway.step("configs_as_another").await);
    assert_eq!(own["configsByKey"], as_another["configsByKey"], "the certificate says who asks");
    let metrics = gateway.step("metrics").await;
    assert_eq!(metrics["code"], "OK", "{metrics}");
    assert_eq!(metrics["answer_bytes"], 0);
    own
}

/// Follows the gateway through what it may not do.
pub async fn is_kept_in_bounds(gateway: &mut Program) {
    for (step, allowed) in [
        ("open_port_with_internal_serial", &["UNIMPLEMENTED", "PERMISSION_DENIED", "UNAUTHENTICATED"][..]),
        ("open_port_with_real_serial", &["UNIMPLEMENTED", "PERMISSION_DENIED", "UNAUTHENTICATED"]),
        ("state_too_large", &["RESOURCE_EXHAUSTED", "OUT_OF_RANGE"]),
        // May seem to succeed; but nobody must see it as the other gateway's state.
        ("state_of_another", &["OK", "PERMISSION_DENIED", "INVALID_ARGUMENT"]),
        // Not refused: the headers of another gateway count for nothing, the certificate does.
        ("state_with_headers_of_another", &["OK"]),
        ("no_certificate", &["UNAVAILABLE"]),
        ("foreign_certificate", &["UNAVAILABLE"]),
        ("token_for_itself", &["UNIMPLEMENTED", "PERMISSION_DENIED"]),
    ] {
        let outcome = gateway.step(step).await;
        let code = outcome["code"].as_str().expect("a code's name");
        assert!(allowed.contains(&code), "{outcome}");
    }
}

/// The configuration of a `configs` step: exactly one batch with exactly one update.
pub fn mconfig(step: &Value) -> Value {
    assert_eq!(step["code"], "OK", "{step}");
    let batches = step["batches"].as_array().expect("a list");
    let [batch] = &batches[..] else { panic!("one batch is expected: {step}") };
    assert_eq!(batch["resync"], json!(true));
    let updates = batch["updates"].as_array().expect("a list");
    let [update] = &updates[..] else { panic!("one update is expected: {step}") };
    let document: Value = serde_json::from_str(update["value"].as_str().expect("text")).expect("JSON");
    assert!(document["metadata"]["created_at"].is_u64(), "a number, not text: {document}");
    document
}

/// A member of a line that is text.
pub fn text(line: &Value, member: &str) -> String {
    line[member].as_str().unwrap_or_else(|| panic!("no text {member} in {line}")).to_owned()
}

fn is_told_why(outcome: &Value) {
    assert_eq!(outcome["code"], "OK", "refusals come in the answer: {outcome}");
    assert_eq!(outcome["outcome"], "error", "{outcome}");
    assert_ne!(outcome["text"], "");
}

fn names_the_gateway(certificate: &Value, hardware_id: &str) {
    assert_eq!(certificate["code"], "OK", "{certificate}");
    let subject = certificate["subject"].as_str().expect("a name");
    assert!(subject.split(',').any(|part| part == format!("CN={hardware_id}")), "{certificate}");
    assert_eq!(certificate["serial"], certificate["serial_told"], "upper-case hexadecimal, no leading zeros");
    for member in ["for_this_key", "only_for_clients"] {
        assert_eq!(certificate[member], json!(true), "{member} of {certificate}");
    }
    assert_eq!(certificate["is_authority"], json!(false), "{certificate}");
    let ends = certificate["ends_in_seconds"].as_i64().expect("a number");
    assert!(LIFETIME_SECONDS.contains(&ends), "{certificate}");
    let started = certificate["started_seconds_ago"].as_i64().expect("a number");
    assert!(BACKDATED_SECONDS.contains(&started), "{certificate}");
}

fn loopback(port: u16) -> String {
    format!("127.0.0.1:{port}")
}
