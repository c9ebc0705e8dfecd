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

/// The body of Docker's call to create a container that runs `image` and else is like `old`, which runs `old_image`.
pub(super) fn of(old: &Value, old_image: &Value, image: &str) -> Value {
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
    // Docker names a host after its container, if nobody names it.
    let id = old["Id"].as_str().unwrap_or_default();
    if settings.get("Hostname").and_then(Value::as_str).is_some_and(|name| id.starts_with(name)) {
        settings.remove("Hostname");
    }
    settings.insert("HostConfig".to_owned(), old["HostConfig"].clone());
    settings.insert("NetworkingConfig".to_owned(), networks(&old["NetworkSettings"]["Networks"], id));
    Value::Object(settings)
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

fn networks(networks: &Value, id: &str) -> Value {
    let mut endpoints = Map::new();
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
        endpoints.insert(name.clone(), Value::Object(kept));
    }
    json!({ "EndpointsConfig": endpoints })
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
            "HostConfig": { "NetworkMode": "host", "Binds": ["/var/opt/magma:/var/opt/magma"] },
            "NetworkSettings": { "Networks": { "magma": {
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
            "HostConfig": { "NetworkMode": "host", "Binds": ["/var/opt/magma:/var/opt/magma"] },
            "NetworkingConfig": { "EndpointsConfig": { "magma": { "Aliases": ["state"], "IPAMConfig": null } } },
        });
        assert_eq!(of(&old, &image, "docker.example/magma/gateway_python:1.9.0"), expected);
    }

    #[test]
    fn an_image_that_is_gone_takes_nothing_away() {
        let old =
            json!({ "Id": "01", "Config": { "Cmd": ["state"], "Env": ["A=1"], "Hostname": "gateway" } });
        let settings = of(&old, &Value::Null, "x:1");
        assert_eq!(settings["Cmd"], json!(["state"]));
        assert_eq!((&settings["Env"], &settings["Hostname"]), (&json!(["A=1"]), &json!("gateway")));
    }
}
