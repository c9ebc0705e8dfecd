//! The settings of a new container: those of the old one, without what the old one had from its image.
//!
//! Docker shows both mixed. What came from the old image has to come from the new one, or the new version would run with
//! the old one's command and environment.

use serde_json::{Map, Value, json};

/// Settings that an image may give.
const FROM_IMAGE: [&str; 9] = [
    "Cmd",
    "Entrypoint",
    "ExposedPorts",
    "Healthcheck",
    "Shell",
    "StopSignal",
    "User",
    "Volumes",
    "WorkingDir",
];
/// What of a container's place in a network is a setting, and not what came of it.
const OF_NETWORK: [&str; 4] = ["Aliases", "DriverOpts", "IPAMConfig", "Links"];

/// The body of Docker's call to create a container that runs `image` and else is like `old`, which runs `old_image`; and
/// the networks that it is put into afterwards, since engines before API 1.44 take one alone.
pub(super) fn of(old: &Value, old_image: &Value, image: &str) -> (Value, Vec<(String, Value)>) {
    let mut settings = old["Config"].as_object().cloned().unwrap_or_default();
    let given = &old_image["Config"];
    for key in FROM_IMAGE {
        if settings.get(key) == given.get(key) {
            settings.remove(key);
        }
    }
    settings.insert("Env".to_owned(), environment(&old["Config"]["Env"], &given["Env"]));
    settings.insert("Labels".to_owned(), labels(&old["Config"]["Labels"], &given["Labels"]));
    settings.insert("Image".to_owned(), image.into());
    let id = old["Id"].as_str().unwrap_or_default();
    let mode = old["HostConfig"]["NetworkMode"].as_str().unwrap_or_default();
    // Docker names a host after its container, if nobody names it; and refuses a name where it is not the container's own.
    let borrowed = mode == "host" || mode.starts_with("container:") || old["HostConfig"]["UTSMode"] == "host";
    if borrowed || settings.get("Hostname").and_then(Value::as_str).is_some_and(|name| id.starts_with(name)) {
        settings.remove("Hostname");
        settings.remove("Domainname");
    }
    settings.insert("HostConfig".to_owned(), with_volumes(&old["HostConfig"], &old["Mounts"]));
    let mut networks = networks(&old["NetworkSettings"]["Networks"], id);
    if matches!(mode, "host" | "none") || mode.starts_with("container:") {
        networks.clear();
    }
    let primary = if matches!(mode, "" | "default") { "bridge" } else { mode };
    let first = networks.iter().position(|(name, _)| name == primary).unwrap_or(0);
    if first < networks.len() {
        let (name, endpoint) = networks.remove(first);
        settings.insert("NetworkingConfig".to_owned(), json!({ "EndpointsConfig": { name: endpoint } }));
    }
    (Value::Object(settings), networks)
}

/// With the volumes that nobody named, and that Docker would make anew: what is in them belongs to the container.
fn with_volumes(host: &Value, mounts: &Value) -> Value {
    let mut host = host.clone();
    let binds = host["Binds"].as_array().cloned().unwrap_or_default();
    let wanted = |target: &str| {
        let bound = |bind: &Value| bind.as_str().and_then(|bind| bind.split(':').nth(1)) == Some(target);
        let mounted = host["Mounts"].as_array().into_iter().flatten().any(|mount| mount["Target"] == target);
        mounted || binds.iter().any(bound)
    };
    let mut kept = Vec::new();
    for mount in mounts.as_array().into_iter().flatten().filter(|mount| mount["Type"] == "volume") {
        let (Some(name), Some(target)) = (mount["Name"].as_str(), mount["Destination"].as_str()) else {
            continue;
        };
        if !wanted(target) {
            let mode = if mount["RW"] == false { ":ro" } else { "" };
            kept.push(Value::from(format!("{name}:{target}{mode}")));
        }
    }
    if !kept.is_empty() {
        host["Binds"] = [binds, kept].concat().into();
    }
    host
}

fn environment(set: &Value, given: &Value) -> Value {
    let given = given.as_array().map(Vec::as_slice).unwrap_or_default();
    let set = set.as_array().into_iter().flatten();
    set.filter(|variable| !given.contains(variable)).cloned().collect()
}

fn labels(set: &Value, given: &Value) -> Value {
    let set = set.as_object().into_iter().flatten();
    let own: Map<String, Value> = set
        .filter(|(key, value)| given.get(key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    Value::Object(own)
}

fn networks(networks: &Value, id: &str) -> Vec<(String, Value)> {
    let mut endpoints = Vec::new();
    for (name, endpoint) in networks.as_object().into_iter().flatten() {
        let mut kept = Map::new();
        for key in OF_NETWORK {
            if let Some(value) = endpoint.get(key) {
                kept.insert(key.to_owned(), value.clone());
            }
        }
        if let Some(Value::Array(aliases)) = kept.get_mut("Aliases") {
            aliases.retain(|alias| !alias.as_str().is_some_and(|alias| id.starts_with(alias)));
        }
        endpoints.push((name.clone(), Value::Object(kept)));
    }
    endpoints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_old_image_gave_comes_from_the_new_one() {
        let old = json!({
            "Id": "0123456789abcdef",
            "Config": {
                "Image": "docker.example/magma/gateway_python:1.8.0",
                "Hostname": "0123456789ab",
                "Cmd": ["state"],
                "Entrypoint": ["/init"],
                "WorkingDir": "/",
                "User": "magma",
                "Env": ["PATH=/bin", "VERSION=1.8.0", "MAGMA=1"],
                "Labels": { "of.image": "1.8.0", "com.docker.compose.service": "state" },
                "Tty": false,
            },
            "HostConfig": { "NetworkMode": "magma", "Binds": ["/var/opt/magma:/var/opt/magma", "named:/named"] },
            "Mounts": [
                { "Type": "bind", "Source": "/var/opt/magma", "Destination": "/var/opt/magma", "RW": true },
                { "Type": "volume", "Name": "named", "Destination": "/named", "RW": true },
                { "Type": "volume", "Name": "ab12", "Destination": "/data", "RW": true },
                { "Type": "volume", "Name": "cd34", "Destination": "/seed", "RW": false },
            ],
            "NetworkSettings": { "Networks": { "backhaul": { "Aliases": null }, "magma": {
                "Aliases": ["state", "0123456789ab"], "IPAMConfig": null, "Gateway": "172.17.0.1", "NetworkID": "x"
            } } },
        });
        let image = json!({ "Config": {
            "Cmd": ["magmad"], "Entrypoint": ["/init"], "WorkingDir": "/", "User": "",
            "Env": ["PATH=/bin", "VERSION=1.8.0"], "Labels": { "of.image": "1.8.0" },
        } });
        let expected = json!({
            "Image": "docker.example/magma/gateway_python:1.9.0",
            "Cmd": ["state"],
            "User": "magma",
            "Env": ["MAGMA=1"],
            "Labels": { "com.docker.compose.service": "state" },
            "Tty": false,
            "HostConfig": { "NetworkMode": "magma", "Binds": [
                "/var/opt/magma:/var/opt/magma", "named:/named", "ab12:/data", "cd34:/seed:ro"
            ] },
            "NetworkingConfig": { "EndpointsConfig": { "magma": { "Aliases": ["state"], "IPAMConfig": null } } },
        });
        let (settings, more) = of(&old, &image, "docker.example/magma/gateway_python:1.9.0");
        assert_eq!(settings, expected);
        assert_eq!(more, [("backhaul".to_owned(), json!({ "Aliases": null }))]);
    }

    #[test]
    fn what_is_not_the_containers_own_is_not_named() {
        for (mode, uts) in [("host", ""), ("container:state", ""), ("none", "host")] {
            let old = json!({
                "Id": "01", "Config": { "Hostname": "gateway", "Domainname": "test" },
                "HostConfig": { "NetworkMode": mode, "UTSMode": uts },
                "NetworkSettings": { "Networks": { mode: { "Aliases": null } } },
            });
            let (settings, more) = of(&old, &Value::Null, "x:1");
            for key in ["Hostname", "Domainname", "NetworkingConfig"] {
                assert_eq!(settings.get(key), None, "{mode}: {key}");
            }
            assert!(more.is_empty(), "{mode}");
        }
    }

    #[test]
    fn an_image_that_is_gone_takes_nothing_away() {
        let old =
            json!({ "Id": "01", "Config": { "Cmd": ["state"], "Env": ["A=1"], "Hostname": "gateway" } });
        let (settings, _) = of(&old, &Value::Null, "x:1");
        assert_eq!(settings["Cmd"], json!(["state"]));
        assert_eq!((&settings["Env"], &settings["Hostname"]), (&json!(["A=1"]), &json!("gateway")));
    }
}
