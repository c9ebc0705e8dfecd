//! What the embedded directory, state replication and call traces are told, and where Redis is.

use std::path::PathBuf;
use std::time::Duration;

use magma_config::{
    Ctraced, DirectoryStore, GatewayConfig, Redis, ReplicatedTable, Severity, StateMessage, StateScope, load,
};

use crate::gateway_folder::{GatewayFolder, MAGMAD};

const STATE: &str = "---
print_grpc_payload: false
log_level: INFO
sync_interval: 5
state_protos:
  - proto_file: lte.protos.keyval_pb2
    proto_msg: IPDesc
    redis_key: mobilityd_ipdesc_record
    state_scope: network
json_state:
  - redis_key: directory_record
";

/// The configuration with one more file, and the problems in that file: line, severity and message.
fn read(embedded: &str, file: &str, text: &str) -> (Option<GatewayConfig>, Vec<(u32, Severity, String)>) {
    let folder = GatewayFolder::good_in("etc/magma");
    folder.write("etc/magma/magmad.yml", format!("{MAGMAD}embedded_services: [{embedded}]\n"));
    folder.write(&format!("etc/magma/{file}"), text);
    let (config, problems) = load(&folder.paths());
    let problems = problems.into_iter().filter(|problem| problem.file.ends_with(file));
    (config, problems.map(|p| (p.line.unwrap_or(0), p.severity, p.message)).collect())
}

/// The configuration with one more file that has no mistake.
fn read_well(embedded: &str, file: &str, text: &str) -> GatewayConfig {
    let (config, problems) = read(embedded, file, text);
    assert_eq!(problems, []);
    config.unwrap()
}

#[test]
fn tables_are_replicated_in_the_order_of_the_file() {
    let state = read_well("state", "state.yml", STATE).state;
    assert_eq!(state.sync_interval, Some(Duration::from_secs(5)));
    let message =
        StateMessage { proto_file: "lte.protos.keyval_pb2".to_owned(), proto_msg: "IPDesc".to_owned() };
    let table = |key: &str, scope, message| ReplicatedTable { redis_key: key.to_owned(), scope, message };
    let expected = [
        table("mobilityd_ipdesc_record", StateScope::Network, Some(message)),
        table("directory_record", StateScope::Gateway, None),
    ];
    assert_eq!(state.tables, expected);
    assert!(read_well("", "state.yml", "{").state.tables.is_empty(), "it is another program's");
}

#[test]
fn redis_is_where_its_file_says_and_its_servers_keys_are_left_to_it() {
    let text = "bind: 10.0.0.1 127.0.0.1\nport: 6381\nredis_loglevel: notice\ndir: /var/opt/magma\nsave:\n  - seconds: 900\n";
    let redis = read_well("", "redis.yml", text).redis;
    assert_eq!(redis, Some(Redis { bind: "10.0.0.1".to_owned(), port: 6381, unixsocket: None }));
    let redis = read_well("", "redis.yml", "unixsocket: /run/redis.sock\n").redis.unwrap();
    assert_eq!(redis.unixsocket, Some(PathBuf::from("/run/redis.sock")));
    assert_eq!((redis.bind.as_str(), redis.port), ("127.0.0.1", 6380));
    assert_eq!(read_well("", "other.yml", "").redis, None);
}

#[test]
fn the_directory_has_one_of_two_stores() {
    let store = |text: &str| read_well("directoryd", "directoryd.yml", text).directoryd.store;
    assert_eq!(store("log_level: INFO\n"), DirectoryStore::Redis);
    assert_eq!(store("store: file\n"), DirectoryStore::File);
}

#[test]
fn call_traces_have_the_defaults_of_the_existing_program() {
    let ctraced = read_well("ctraced", "ctraced.yml", "log_level: INFO\n").ctraced;
    assert_eq!(ctraced, Ctraced::default());
    assert_eq!(ctraced.trace_interfaces, ["eth0"]);
    let text = "trace_directory: /tmp/t\ntrace_interfaces: [any, gtp_br0]\ntrace_tool: /opt/bin/tshark\n";
    let ctraced = read_well("ctraced", "ctraced.yml", text).ctraced;
    assert_eq!(ctraced.trace_tool, PathBuf::from("/opt/bin/tshark"));
    assert_eq!(ctraced.trace_interfaces, ["any", "gtp_br0"]);
}

#[test]
fn mistakes_are_told_with_their_line() {
    for (embedded, file, text, line, severity, expected) in [
        ("state", "state.yml", "print_grpc_payload: true\n", 1, Severity::NoEffect, "never logged"),
        (
            "state",
            "state.yml",
            "json_state:\n  - state_scope: network\n",
            2,
            Severity::Warning,
            "needs a `redis_key`",
        ),
        (
            "state",
            "state.yml",
            "json_state:\n  - redis_key: a\n    state_scope: world\n",
            3,
            Severity::Error,
            "network or gateway",
        ),
        (
            "state",
            "state.yml",
            "state_protos:\n  - redis_key: a\n    proto_msg: b\n",
            2,
            Severity::Warning,
            "needs a `proto_file`",
        ),
        ("directoryd", "directoryd.yml", "store: sqlite\n", 1, Severity::Error, "must be redis, or file"),
        ("ctraced", "ctraced.yml", "trace_tool: ../tshark\n", 1, Severity::Error, "a program's name"),
        ("ctraced", "ctraced.yml", "trace_interfaces: [-w]\n", 1, Severity::Error, "name of an interface"),
        ("", "redis.yml", "port: 0\n", 1, Severity::Error, "from 1 to 65535"),
        ("", "redis.yml", "requirepass: x\n", 1, Severity::Warning, "not a known key"),
    ] {
        let (_, problems) = read(embedded, file, text);
        let [(found_line, found_severity, message)] = problems.as_slice() else {
            panic!("{text}: {problems:?}")
        };
        assert_eq!((*found_line, *found_severity), (line, severity), "{text}: {message}");
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn the_files_of_an_existing_access_gateway_are_understood() {
    let Some(dir) = crate::real_sets::set("lte") else { return };
    for (embedded, file) in [
        ("state", "state.yml"),
        ("directoryd", "directoryd.yml"),
        ("ctraced", "ctraced.yml"),
        ("", "redis.yml"),
    ] {
        let config = read_well(embedded, file, &std::fs::read_to_string(dir.join(file)).unwrap());
        match file {
            "state.yml" => assert_eq!(config.state.tables.len(), 5),
            "ctraced.yml" => assert_eq!(config.ctraced.trace_interfaces, ["any"]),
            "redis.yml" => assert_eq!(config.redis, Some(Redis::default())),
            _ => assert_eq!(config.directoryd.store, DirectoryStore::Redis),
        }
    }
}
