//! The keys that Magma's files may have and that this agent does not act on, each with the reason, so that none of
//! them is ignored in silence. A key moves out of here when its feature arrives.

/// Why the key has no effect here; `None` for keys that have one, and for unknown ones.
pub(crate) fn reason(service: &str, dotted_key: &str) -> Option<&'static str> {
    let table = match service {
        "magmad" => MAGMAD,
        "control_proxy" => CONTROL_PROXY,
        "directoryd" | "state" => PAYLOADS,
        "service_registry" => return registry_reason(dotted_key),
        _ => &[],
    };
    table.iter().find(|(key, _)| *key == dotted_key).map(|(_, reason)| *reason)
}

/// Whether the key, or a mapping that it is in, has no effect: then no mistake in it can keep the agent from running.
pub(crate) fn covers(service: &str, dotted_key: &str) -> bool {
    let ends = dotted_key.match_indices('.').map(|(end, _)| end).chain([dotted_key.len()]);
    ends.into_iter().any(|end| reason(service, &dotted_key[..end]).is_some())
}

/// The files and keys without an effect.
#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    let tables =
        [("magmad", MAGMAD), ("control_proxy", CONTROL_PROXY), ("directoryd", PAYLOADS), ("state", PAYLOADS)];
    let registry = ["protected_port", "echo_port", "labels", "annotations", "proxy_aliases"];
    let keys = |(service, table): (&'static str, &'static [(&'static str, &'static str)])| {
        table.iter().map(move |(key, _)| (service, *key))
    };
    tables.into_iter().flat_map(keys).chain(registry.map(|key| ("service_registry", key)))
}

const PAYLOADS: &[(&str, &str)] = &[PRINT_GRPC_PAYLOAD];

const PRINT_GRPC_PAYLOAD: (&str, &str) = (
    "print_grpc_payload",
    "payloads are never logged, since they may hold secrets; set log_level: DEBUG instead",
);

const MAGMAD: &[(&str, &str)] = &[
    PRINT_GRPC_PAYLOAD,
    ("upgrader_factory.module", "the upgraders are built in; kind or class chooses one"),
    ("upgrader_factory.gateway_module", "upgrades are signed files and images, not a repository of sources"),
    ("enable_systemd_tailer", "no Magma agent reads it"),
    ("systemd_tailer_poll_interval", "no Magma agent reads it"),
    ("mconfig_modules", "entries of any type are kept as they are, so no modules are needed"),
    ("config_stream_error_retry_interval", "reconnect_sec in streamer.yml is the pause after an error, too"),
    ("metricsd.log_level", "no Magma agent reads it"),
    ("generic_command_config.module", "the shell executor is built in"),
    ("generic_command_config.class", "the shell executor is built in"),
    ("grpc_workers", "calls are not served by a pool of threads"),
];

const CONTROL_PROXY: &[(&str, &str)] = &[
    ("nghttpx_config_location", "magmad does not write a configuration for nghttpx"),
    ("sentry_url", "no Magma agent reads it; write sentry_url_python"),
    ("sentry_url_native", "it is for the gateway's services in C++"),
    ("sentry_upload_mme_log", "it is for the gateway's services in C++"),
];

/// The registry's keys are `services.<name>.<key>`.
fn registry_reason(dotted_key: &str) -> Option<&'static str> {
    match dotted_key.rsplit_once('.')?.1 {
        "protected_port" | "echo_port" | "labels" | "annotations" | "proxy_aliases" => {
            Some("it is for the cloud's services, not for a gateway's")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_covers_what_is_in_it() {
        for (key, covered) in [
            ("upgrader_factory.module", true),
            ("upgrader_factory.use_proxy", false),
            ("generic_command_config.module", true),
            ("generic_command_config", false),
            ("generic_command_config.timeout_secs", false),
            ("upgrader", false),
        ] {
            assert_eq!(covers("magmad", key), covered, "{key}");
        }
    }

    #[test]
    fn only_listed_keys_have_a_reason() {
        assert!(reason("magmad", "enable_systemd_tailer").is_some());
        assert!(reason("service_registry", "services.state.labels").is_some());
        for (service, key) in [
            ("magmad", "enable_sync_rpc"),
            ("magmad", "post_processing_fn"),
            ("control_proxy", "cloud_port"),
            ("service_registry", "services.state.port"),
            ("streamer", "reconnect_sec"),
        ] {
            assert_eq!(reason(service, key), None, "{service}.{key}");
        }
    }
}
