//! Where files are looked for, and what an override does.

use magma_config::{InitSystem, Paths, load};

use crate::gateway_folder::{CONTROL_PROXY, GatewayFolder, MAGMAD};

#[test]
fn both_layouts_and_a_flat_folder_are_read() {
    for dir in ["etc/magma/configs", "etc/magma", "."] {
        let folder = GatewayFolder::good_in(dir);
        let (config, problems) = load(&folder.paths());
        assert_eq!(problems, [], "{dir}");
        let config = config.unwrap();
        assert_eq!(config.control_proxy.cloud_address, "controller.magma.test");
        assert_eq!(config.registry.get("state").unwrap().port, 50074);
        assert_eq!(config.files.len(), 3, "{dir}");
    }
}

#[test]
fn the_first_layout_wins_file_by_file() {
    let folder = GatewayFolder::good_in("etc/magma");
    folder.write("etc/magma/configs/magmad.yml", MAGMAD.replace("systemd", "docker"));
    let (config, _) = load(&folder.paths());
    let config = config.unwrap();
    assert_eq!(config.magmad.init_system, InitSystem::Docker);
    assert_eq!(config.files[0], folder.path("etc/magma/configs/magmad.yml"));
    assert_eq!(config.files[1], folder.path("etc/magma/control_proxy.yml"));
}

#[test]
fn an_override_replaces_whole_top_level_keys() {
    let folder = GatewayFolder::good_in("etc/magma");
    folder.write(
        "etc/magma/magmad.yml",
        format!("{MAGMAD}metricsd:\n  collect_interval: 10\n  services: [state]\n"),
    );
    folder.write(
        "var/opt/magma/configs/magmad.yml",
        "metricsd:\n  sync_interval: 300\nmagma_services:\n  - state\n",
    );
    folder.write("var/opt/magma/configs/streamer.yml", "reconnect_sec: 20\n");
    let (config, problems) = load(&folder.paths());
    let config = config.unwrap();
    let metricsd = config.magmad.metricsd.unwrap();
    assert_eq!(metricsd.collect_interval.as_secs(), 60, "the base's block is gone");
    assert_eq!(metricsd.sync_interval.as_secs(), 300);
    assert!(metricsd.services.is_empty());
    assert_eq!(config.magmad.magma_services, ["state"]);
    assert!(config.magmad.enable_sync_rpc, "keys that the override does not name stay");
    assert_eq!(config.streamer.reconnect.as_secs(), 20, "an override alone is enough");
    assert_eq!(config.streamer.stream_timeout.as_secs(), 150);
    assert!(config.files.contains(&folder.path("var/opt/magma/configs/streamer.yml")));
    let problem = problems.iter().find(|p| p.key == "non_service303_services").unwrap();
    assert_eq!(problem.file, folder.path("etc/magma/magmad.yml"), "named where it stands: {problem}");
}

#[test]
fn a_mistake_in_an_override_is_reported_there() {
    let folder = GatewayFolder::good_in("etc/magma");
    folder.write("var/opt/magma/configs/control_proxy.yml", "# by register\ncloud_port: 84430\n");
    let (config, problems) = load(&folder.paths());
    assert!(config.is_none());
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].file, folder.path("var/opt/magma/configs/control_proxy.yml"));
    assert_eq!((problems[0].line, problems[0].key.as_str()), (Some(2), "cloud_port"));
}

#[test]
fn yaml_1_1_words_mean_what_pyyaml_reads() {
    let folder = GatewayFolder::good_in("etc/magma");
    folder.write(
        "etc/magma/control_proxy.yml",
        CONTROL_PROXY.replace("False", "off").replace("8443", "020373").replace("8444", "'8444'"),
    );
    folder.write(
        "etc/magma/magmad.yml",
        MAGMAD.replace("True", "yes") + "linked_services:\nmetricsd:\nlog_level:\n",
    );
    let (config, problems) = load(&folder.paths());
    assert_eq!(problems, []);
    let config = config.unwrap();
    assert!(config.magmad.enable_sync_rpc && !config.control_proxy.proxy_cloud_connections);
    assert_eq!(config.control_proxy.cloud_port, 8443);
    assert_eq!(config.control_proxy.bootstrap_port, 8444);
    assert_eq!((config.magmad.metricsd, config.magmad.log_level), (None, None));
}

#[test]
fn a_missing_file_is_one_problem_with_its_place() {
    let folder = GatewayFolder::empty();
    let (config, problems) = load(&folder.paths());
    assert!(config.is_none());
    let files: Vec<_> = problems.iter().map(|p| p.file.clone()).collect();
    assert_eq!(
        files,
        ["control_proxy.yml", "magmad.yml", "service_registry.yml"]
            .map(|name| folder.path("etc/magma").join(name))
    );
    assert!(problems.iter().all(|p| p.message.contains("does not exist") && p.line.is_none()));
}

#[test]
fn configured_paths_get_the_root_in_front_and_never_leave_it() {
    let paths = Paths::under("/tmp/try");
    for (configured, expected) in [
        ("/var/opt/magma/certs/gateway.key", "/tmp/try/var/opt/magma/certs/gateway.key"),
        ("relative/file", "/tmp/try/relative/file"),
        ("/../../etc/shadow", "/tmp/try/etc/shadow"),
        ("/a/../b/./c", "/tmp/try/b/c"),
    ] {
        assert_eq!(paths.resolve(configured.as_ref()), std::path::Path::new(expected), "{configured}");
    }
    assert_eq!(Paths::system().resolve("/etc/magma".as_ref()), std::path::Path::new("/etc/magma"));
    assert_eq!(Paths::system().hardware_id_file(), std::path::Path::new("/etc/snowflake"));
}
