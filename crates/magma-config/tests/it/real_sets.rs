//! The files of existing gateways, where they are at hand: they must be understood as they are.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};

use magma_config::mconfig::{GatewayMconfig, MconfigStore};
use magma_config::{GatewayConfig, InitSystem, Paths, Problem, Severity, inspect, load};

/// The folder of a set, or `None` with a printed line.
pub fn set(name: &str) -> Option<PathBuf> {
    let shared = env::var_os("MAGMA_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let dir = shared.join("data/configs").join(name);
    if !dir.is_dir() {
        println!(
            "skipped: {} is not there; set MAGMA_SHARED to the folder that has data/configs",
            dir.display()
        );
        return None;
    }
    Some(dir)
}

fn read(dir: &Path) -> (GatewayConfig, Vec<Problem>) {
    inspect(&Paths::under(dir))
}

fn errors(problems: &[Problem]) -> Vec<String> {
    problems.iter().filter(|p| p.severity == Severity::Error).map(Problem::to_string).collect()
}

#[track_caller]
fn has(problems: &[Problem], file: &str, line: u32, key: &str) {
    let found = problems.iter().any(|p| p.file.ends_with(file) && p.line == Some(line) && p.key == key);
    assert!(found, "no problem at {file}:{line}: {key} in {problems:#?}");
}

#[test]
fn the_set_of_a_plain_gateway_is_usable() {
    let Some(dir) = set("orc8r") else { return };
    let (config, problems) = load(&Paths::under(&dir));
    assert_eq!(errors(&problems), [""; 0]);
    let config = config.unwrap();
    assert_eq!(config.magmad.init_system, InitSystem::Docker);
    assert_eq!(config.magmad.magma_services, ["control_proxy"]);
    assert_eq!(config.control_proxy.cloud_port, 9443);
    assert_eq!(config.control_proxy.bootstrap_address, "bootstrapper-controller.magma.test");
    assert!(config.control_proxy.proxy_cloud_connections);
    assert_eq!(config.registry.get("magmad").unwrap().port, 50052);
    let shell = &config.magmad.generic_command.shell_commands;
    assert_eq!(shell.keys().collect::<Vec<_>>(), ["bash", "echo", "fab"]);
    has(&problems, "magmad.yml", 56, "metricsd.log_level");
    assert_eq!(config.magmad.metricsd.unwrap().services, ["magmad"]);
    assert!(config.control_proxy.sentry_url.is_none());
    assert_eq!(config.control_proxy.sentry_sample_rate, Some(1.0));
}

#[test]
fn the_set_of_an_access_gateway_is_usable_and_its_contradictions_are_told() {
    let Some(dir) = set("lte") else { return };
    let (config, problems) = load(&Paths::under(&dir));
    assert_eq!(errors(&problems), [""; 0]);
    let config = config.unwrap();
    assert_eq!(config.magmad.magma_services.len(), 22);
    assert_eq!(config.magmad.linked_services, [["mme", "pipelined", "mobilityd", "sessiond"]]);
    assert_eq!(config.magmad.services_to_restart, ["pipelined"]);
    assert_eq!(config.registry.iter().count(), 36);
    assert_eq!(config.streamer.stream_timeout.as_secs(), 150);
    has(&problems, "magmad.yml", 55, "registered_dynamic_services");
    has(&problems, "magmad.yml", 57, "registered_dynamic_services");
    assert!(problems.iter().any(|p| p.message.contains("has no entry for oai_mme")));
}

#[test]
fn the_set_of_openwrt_is_a_template_whose_two_places_are_named() {
    let Some(dir) = set("openwrt") else { return };
    let (config, problems) = read(&dir);
    assert_eq!(errors(&problems).len(), 2);
    has(&problems, "control_proxy.yml", 27, "cloud_address");
    has(&problems, "control_proxy.yml", 31, "bootstrap_address");
    assert!(load(&Paths::under(&dir)).0.is_none());
    assert_eq!(config.magmad.init_system, InitSystem::Procd);
    assert!(config.magmad.non_service303_services.is_empty(), "a key with nothing after it is an empty list");
    assert!(config.magmad.enable_config_streamer && !config.control_proxy.proxy_cloud_connections);
    assert_eq!(config.control_proxy.cloud_port, 443);
}

#[test]
fn the_shipped_mconfigs_load_filter_and_come_back_the_same() {
    for (name, entries, kept) in [("orc8r", 2, 2), ("lte", 20, 19)] {
        let Some(dir) = set(name) else { return };
        let paths = Paths::under(&dir);
        let magmad = read(&dir).0.magmad;
        let loaded = MconfigStore::new(&paths, &magmad).load().unwrap();
        assert_eq!((loaded.path, loaded.fell_back), (dir.join("gateway.mconfig"), None));
        assert_eq!(loaded.mconfig.keys().count(), entries, "{name}");
        let services = magmad.magma_services.iter().chain(&magmad.registered_dynamic_services).cloned();
        let wanted: BTreeSet<String> =
            services.chain(["magmad".to_owned(), "shared_mconfig".to_owned()]).collect();
        assert_eq!(loaded.mconfig.filtered(&wanted).keys().count(), kept, "{name}");
        let typed = loaded.mconfig.magmad().unwrap();
        assert_eq!((typed.checkin_interval.as_secs(), typed.checkin_timeout.as_secs()), (60, 10));
        assert_eq!(typed.package_version, "0.0.0-0");
        let again = GatewayMconfig::parse(loaded.mconfig.to_json().as_bytes()).unwrap();
        assert_eq!(again, loaded.mconfig);
        assert!(again.changed_keys(&loaded.mconfig).is_empty());
    }
    if let Some(dir) = set("openwrt") {
        let store = MconfigStore::new(&Paths::under(&dir), &read(&dir).0.magmad);
        assert!(store.load().unwrap_err().to_string().contains("there is none at"), "this set ships none");
    }
}
