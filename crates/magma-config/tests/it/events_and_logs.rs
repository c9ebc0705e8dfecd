//! What the embedded `eventd` and `td-agent-bit` are told: `eventd.yml`, and `log_forwarding` of `magmad.yml`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use magma_config::{EventType, Eventd, LogForwarding, Severity, load};

use crate::gateway_folder::{GatewayFolder, MAGMAD};

const EVENTD: &str = "---
log_level: INFO
fluent_bit_port: 6170
tcp_timeout: 7
schema_dir: /opt/swagger
buffer_mb: 1
event_registry:
  attach_success:
    module: lte
    filename: mme_events.v1.yml
    retry_on_failure: True
  plain: {module: orc8r, filename: x.yml}
";

/// Line, severity and message.
type Problems = Vec<(u32, Severity, String)>;

/// What is read of these files, and the problems.
fn read(magmad: &str, eventd: &str) -> (Option<(Eventd, LogForwarding)>, Problems) {
    let folder = GatewayFolder::good_in("etc/magma");
    folder.write("etc/magma/magmad.yml", format!("{MAGMAD}{magmad}"));
    folder.write("etc/magma/eventd.yml", eventd);
    let (config, problems) = load(&folder.paths());
    let problems = problems.into_iter().map(|p| (p.line.unwrap_or(0), p.severity, p.message)).collect();
    (config.map(|config| (config.eventd, config.magmad.log_forwarding)), problems)
}

#[test]
fn every_key_is_read_where_the_service_is_embedded() {
    let magmad =
        "embedded_services: [eventd]\nlog_forwarding: {buffer_mb: 2, forward_port: 0, syslog_port: 6140}\n";
    let (config, problems) = read(magmad, EVENTD);
    assert_eq!(problems, []);
    let (eventd, forwarding) = config.unwrap();
    let event_type = |module: &str, filename: &str, retry_on_failure| EventType {
        module: module.to_owned(),
        filename: filename.to_owned(),
        retry_on_failure,
    };
    let registry = [
        ("attach_success".to_owned(), event_type("lte", "mme_events.v1.yml", true)),
        ("plain".to_owned(), event_type("orc8r", "x.yml", false)),
    ];
    let expected = Eventd {
        fluent_bit_port: 6170,
        tcp_timeout: Duration::from_secs(7),
        event_registry: Some(registry.into()),
        schema_dir: PathBuf::from("/opt/swagger"),
        buffer_bytes_max: 1 << 20,
    };
    assert_eq!(eventd, expected);
    assert_eq!(forwarding, LogForwarding { buffer_bytes_max: 2 << 20, forward_port: 0, syslog_port: 6140 });
}

#[test]
fn another_programs_file_is_left_alone() {
    let (config, problems) = read("", "fluent_bit_port: [nonsense]\n");
    assert_eq!((config, problems), (Some((Eventd::default(), LogForwarding::default())), vec![]));
}

#[test]
fn schemas_stay_in_their_folder() {
    for path in ["../../shadow", "/etc/shadow", ".hidden", "''"] {
        let eventd = format!("event_registry:\n  a:\n    module: lte\n    filename: {path}\n");
        let (config, problems) = read("embedded_services: [td-agent-bit]\n", &eventd);
        assert!(config.is_none(), "{path}");
        assert!(problems[0].2.contains("without /") && problems[0].0 == 4, "{path}: {problems:?}");
    }
}

#[test]
fn the_file_of_an_access_gateway_is_understood() {
    let shared = std::env::var_os("MAGMA_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let Ok(text) = std::fs::read_to_string(shared.join("data/configs/lte/eventd.yml")) else {
        return println!("skipped: there is no data/configs; set MAGMA_SHARED to the folder that has it");
    };
    let (config, problems) = read("embedded_services: [eventd]\n", &text);
    assert_eq!(problems, []);
    let registry = config.unwrap().0.event_registry.unwrap();
    assert_eq!((registry.len(), registry["attach_success"].filename.as_str()), (16, "mme_events.v1.yml"));
}
