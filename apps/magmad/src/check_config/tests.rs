//! The report of `check-config`, on small gateways made here and on the files of existing ones.

use std::path::PathBuf;
use std::{env, fs};

use super::*;

const MAGMAD: &str = "magma_services: [control_proxy, state]
non_service303_services: [control_proxy]
registered_dynamic_services: [monitord]
linked_services: [[control_proxy, state]]
services_to_restart: [state]
init_system: process
service_commands: {control_proxy: [/bin/true], state: [/bin/true], monitord: [/bin/true]}
enable_config_streamer: True
enable_sync_rpc: False
generic_command_config:
  shell_commands:
    - {name: echo, command: 'echo {}', allow_params: True}
";
const CONTROL_PROXY: &str = "cloud_address: controller.magma.test
cloud_port: 8443
bootstrap_address: bootstrapper-controller.magma.test
bootstrap_port: 8444
proxy_cloud_connections: False
rootca_cert: /rootCA.pem
";
const REGISTRY: &str = "services:
  magmad: {ip_address: 127.0.0.1, port: 50052}
  state: {ip_address: 127.0.0.1, port: 50074}
";
const MCONFIG: &str = r#"{"configsByKey": {"magmad": {"checkinInterval": 30}, "state": {}, "mme": {}}}"#;

fn gateway() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("magmad.yml", MAGMAD),
        ("control_proxy.yml", CONTROL_PROXY),
        ("service_registry.yml", REGISTRY),
        ("gateway.mconfig", MCONFIG),
    ] {
        fs::write(root.path().join(name), text).unwrap();
    }
    let authority = rcgen::generate_simple_self_signed(Vec::new()).unwrap();
    fs::write(root.path().join("rootCA.pem"), authority.cert.pem()).unwrap();
    root
}

/// The report and its verdict.
fn report(root: &Path) -> (String, bool) {
    let mut out = Vec::new();
    let usable = run(&Paths::under(root), &mut out).unwrap();
    (String::from_utf8(out).unwrap(), usable)
}

/// The report's line of that name, without the padding in between.
fn entry(report: &str, name: &str) -> Option<String> {
    let line = report.lines().find(|line| line.trim_start().starts_with(&format!("{name} ")))?;
    Some(line.trim_start()[name.len()..].trim().to_owned())
}

#[track_caller]
fn has(report: &str, name: &str, expected: &str) {
    assert_eq!(entry(report, name).as_deref(), Some(expected), "{name} in:\n{report}");
}

#[test]
fn a_good_gateway_is_told_in_full_and_without_problems() {
    let root = gateway();
    let (report, usable) = report(root.path());
    assert!(usable, "{report}");
    assert!(report.contains("\nProblems: 0 errors, 0 warnings\n"), "{report}");
    has(&report, "init system", "process");
    has(&report, "services", "2: control_proxy, state");
    has(&report, "restart together", "control_proxy, state");
    has(&report, "restarted when silent", "state: after 15 polls without an answer");
    has(&report, "commands for operators", "1: echo");
    has(&report, "configuration stream", "on");
    has(&report, "SyncRPC", "off");
    has(&report, "controller", "controller.magma.test:8443");
    has(&report, "connections", "directly, over TLS");
    has(&report, "state", "127.0.0.1:50074");
    has(&report, "entries", "3: magmad, mme, state");
    has(&report, "entries for this gateway", "2: magmad, state");
    has(&report, "check-in", "every 30 s, with 10 s for the answer");
    let missing = root.path().join("var/opt/magma/certs/gateway.crt");
    has(&report, "gateway certificate", &format!("{} is missing", missing.display()));
    assert_eq!(entry(&report, "certificate and key"), None);
    assert!(!root.path().join("etc").exists() && !root.path().join("var").exists(), "nothing was created");
}

#[test]
fn a_gateway_without_a_root_certificate_is_warned() {
    let root = gateway();
    let file = root.path().join("rootCA.pem");
    fs::remove_file(&file).unwrap();
    let (report, usable) = report(root.path());
    assert!(usable && report.contains("Problems: 0 errors, 1 warning\n"), "{report}");
    assert!(report.contains(&format!("  {}: warning: does not exist", file.display())), "{report}");
    fs::write(&file, "no certificate").unwrap();
    let (report, _) = self::report(root.path());
    assert!(
        report.contains(&format!("  {}: warning: no certificate in the PEM", file.display())),
        "{report}"
    );
}

#[test]
#[cfg(feature = "upgrades")]
fn what_magmad_does_itself_is_told_and_a_key_for_upgrades_that_is_missing() {
    let root = gateway();
    let more = "embedded_services: [control_proxy]
metricsd: {prometheus_listen: 9100}
enable_upgrade_manager: True
upgrader_factory: {kind: self, http_base_url: 'http://downloads.magma.test', trusted_keys: [/upgrade.pub]}
";
    fs::write(root.path().join("magmad.yml"), format!("{MAGMAD}{more}")).unwrap();
    let (text, usable) = report(root.path());
    assert!(usable && text.contains("Problems: 0 errors, 1 warning\n"), "{text}");
    has(&text, "served by magmad itself", "1: control_proxy");
    has(&text, "metrics for Prometheus", "http://127.0.0.1:9100/metrics");
    has(&text, "upgrades", "on");
    let key = root.path().join("upgrade.pub");
    assert!(
        text.contains(&format!("magmad.yml: warning: upgrader_factory: the key {}", key.display())),
        "{text}"
    );
    fs::write(key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    let (text, _) = report(root.path());
    assert!(text.contains("Problems: 0 errors, 0 warnings\n"), "{text}");
}

#[test]
fn problems_come_with_file_line_and_key_in_order() {
    let root = gateway();
    let control_proxy = root.path().join("control_proxy.yml");
    fs::write(
        &control_proxy,
        CONTROL_PROXY.replace("8443", "x").replace("bootstrapper-controller.magma.test", "{{.B}}"),
    )
    .unwrap();
    fs::write(root.path().join("magmad.yml"), format!("{MAGMAD}no_such_key: 1\n")).unwrap();
    let (report, usable) = report(root.path());
    assert!(!usable);
    assert!(report.contains("Problems: 2 errors, 1 warning\n"), "{report}");
    has(&report, "bootstrapper", "unknown");
    let expected = [
        format!("  {}:2: error: cloud_port: is x", control_proxy.display()),
        format!("  {}:3: error: bootstrap_address: is the template {{{{.B}}}}", control_proxy.display()),
        format!("  {}:13: warning: no_such_key: ", root.path().join("magmad.yml").display()),
    ];
    let problems: Vec<_> =
        report.lines().filter(|line| line.contains("error: ") || line.contains("warning: ")).collect();
    assert_eq!(problems.len(), expected.len(), "{report}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.starts_with(&expected), "{problem} does not begin with {expected}");
    }
}

#[test]
fn a_corrupt_mconfig_is_a_warning_and_is_left_alone() {
    let root = gateway();
    let stored = root.path().join("var/opt/magma/configs/gateway.mconfig");
    fs::create_dir_all(stored.parent().unwrap()).unwrap();
    fs::write(&stored, "{").unwrap();
    let (text, usable) = report(root.path());
    assert!(usable && text.contains("is corrupt"), "{text}");
    has(&text, "read from", &root.path().join("gateway.mconfig").display().to_string());
    assert_eq!(fs::read_to_string(&stored).unwrap(), "{");
    fs::remove_file(root.path().join("gateway.mconfig")).unwrap();
    let (text, usable) = report(root.path());
    assert!(usable && text.contains("no usable gateway.mconfig"), "{text}");
    has(&text, "read from", "nowhere");
}

#[test]
fn a_certificate_is_told_with_its_owner_and_time() {
    let root = gateway();
    let certs = root.path().join("var/opt/magma/certs");
    fs::create_dir_all(&certs).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new([]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, "this gateway");
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2020, 1, 5);
    fs::write(certs.join("gateway.crt"), params.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(certs.join("gateway.key"), key.serialize_pem()).unwrap();
    let (cert, key) = (certs.join("gateway.crt"), certs.join("gateway.key"));
    let at = |seconds| pair(&cert, &key, SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    // 2020-01-01 is 1577836800.
    let belongs = "belong together, for this gateway,";
    assert_eq!(at(1_577_836_800 - 90), format!("{belongs} not valid for another 0 h 1 min; check the clock"));
    assert_eq!(at(1_577_836_800 + 86_400), format!("{belongs} valid for another 72 h 0 min"));
    assert_eq!(at(1_577_836_800 + 5 * 86_400), format!("{belongs} expired 24 h 0 min ago"));
    let (text, _) = report(root.path());
    assert!(entry(&text, "certificate and key").unwrap().contains("expired"), "{text}");
    fs::write(&key, rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let (text, _) = report(root.path());
    assert!(entry(&text, "certificate and key").unwrap().contains("does not belong to the key"), "{text}");
}

#[test]
fn an_empty_folder_is_reported_and_not_usable() {
    let root = tempfile::tempdir().unwrap();
    let (report, usable) = report(root.path());
    assert!(!usable);
    for file in ["magmad.yml", "control_proxy.yml"] {
        assert!(report.contains(&format!("etc/magma/{file}: error: does not exist")), "{report}");
    }
}

#[test]
fn sets_of_existing_gateways_are_read_as_they_are() {
    let shared = env::var_os("MAGMA_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    for (set, usable, part) in [
        ("orc8r", true, "controller.magma.test:9443"),
        ("lte", true, "19: connectiond"),
        ("openwrt", false, "control_proxy.yml:27: error: cloud_address: is the template"),
    ] {
        let root = shared.join("data/configs").join(set);
        if !root.is_dir() {
            println!(
                "skipped: {} is not there; set MAGMA_SHARED to the folder that has data/configs",
                root.display()
            );
            continue;
        }
        let (report, verdict) = report(&root);
        assert_eq!(verdict, usable, "{report}");
        assert!(report.contains(part), "{report}");
    }
}
