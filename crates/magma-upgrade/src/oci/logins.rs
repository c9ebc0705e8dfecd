//! What registries want to know of whoever pulls: Docker itself remembers no login, its command does, and sends it along.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};

use crate::disk::contents;

/// A file of logins is a few lines.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// What Docker's own registry is called in such a file.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// The value of `X-Registry-Auth` for a repository, from the first of the files that has a login for its registry.
pub(super) fn header(files: &[PathBuf], repository: &str) -> Option<String> {
    let registry = registry(repository);
    let login = files.iter().find_map(|file| {
        let text = contents(file, FILE_BYTES_MAX).ok()??;
        let document: Value = serde_json::from_slice(&text).ok()?;
        let logins = document["auths"].as_object()?;
        let (_, login) = logins.iter().find(|(name, _)| is_for(name, registry))?;
        of_login(login, registry)
    })?;
    Some(URL_SAFE.encode(login.to_string()))
}

/// A repository's first part is its registry if it looks like a host.
fn registry(repository: &str) -> &str {
    match repository.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => DOCKER_HUB,
    }
}

fn is_for(name: &str, registry: &str) -> bool {
    let host = name.trim_start_matches("https://").trim_start_matches("http://");
    name == registry || host.split('/').next() == Some(registry)
}

fn of_login(login: &Value, registry: &str) -> Option<Value> {
    if let Some(token) = login["identitytoken"].as_str().filter(|token| !token.is_empty()) {
        return Some(json!({ "identitytoken": token, "serveraddress": registry }));
    }
    let pair = String::from_utf8(STANDARD.decode(login["auth"].as_str()?).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    Some(json!({ "username": user, "password": password, "serveraddress": registry }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_login_of_the_right_registry_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        let (absent, broken, file) =
            (folder.path().join("absent"), folder.path().join("broken"), folder.path().join("config.json"));
        std::fs::write(&broken, "{").unwrap();
        let auth = STANDARD.encode("magma:s:cret");
        let document = json!({ "auths": {
            "https://index.docker.io/v1/": { "auth": STANDARD.encode("hub:hub") },
            "docker.magma.test:5000": { "auth": auth },
            "https://other.magma.test/v2/": { "identitytoken": "token" },
            "stored.magma.test": {},
        } });
        std::fs::write(&file, document.to_string()).unwrap();
        let files = [absent, broken, file];
        let magma = json!({
            "username": "magma", "password": "s:cret", "serveraddress": "docker.magma.test:5000"
        });
        let hub = json!({ "username": "hub", "password": "hub", "serveraddress": DOCKER_HUB });
        let other = json!({ "identitytoken": "token", "serveraddress": "other.magma.test" });
        for (repository, expected) in [
            ("docker.magma.test:5000/magma/gateway", Some(magma)),
            ("magma/gateway", Some(hub)),
            ("other.magma.test/gateway", Some(other)),
            ("stored.magma.test/gateway", None),
            ("docker.magma.test/gateway", None),
            ("magma.test:5000/gateway", None),
        ] {
            let sent = header(&files, repository).map(|value| URL_SAFE.decode(value).unwrap());
            let sent: Option<Value> = sent.map(|text| serde_json::from_slice(&text).unwrap());
            assert_eq!(sent, expected, "{repository}");
        }
    }
}
