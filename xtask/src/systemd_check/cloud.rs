//! The cloud of the machine's gateway: the Orchestrator and a web server with upgrades, as units beside it.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::machine::{Machine, until};
use super::orchestrator;

/// Its domain, which `/etc/hosts` of the machine knows.
pub const DOMAIN: &str = "magma.test";
/// Where upgrades are, for the gateway.
pub const DOWNLOADS: &str = "http://127.0.0.1:8080";
const CERTIFICATES: &str = "/var/lib/orc8r/certs";
const NGINX: &str = "daemon off; worker_processes 1; pid /run/downloads.pid; error_log stderr; events {} \
    http { access_log off; server { listen 127.0.0.1:8080; root /srv/check/downloads; } }\n";

/// Starts both, and makes a network with a tier and a gateway.
pub fn start(machine: &Machine, package: &str) -> Result<()> {
    let names = format!("127.0.0.1 controller.{DOMAIN} bootstrapper-controller.{DOMAIN}\n");
    machine.run_with(&["tee", "-a", "/etc/hosts"], &names)?;
    orchestrator::is_installed(machine, package)?;
    machine.write("/srv/nginx.conf", NGINX)?;
    machine.run(&["systemd-run", "--quiet", "--unit=downloads", "nginx", "-c", "/srv/nginx.conf"])?;
    until("the Orchestrator", 240, || Ok(rest(machine, "GET", "/networks", None).ok()))?;
    let dns = json!({"enable_caching": false, "local_ttl": 0});
    let network = json!({"id": "check", "name": "Check", "description": "of systemd", "dns": dns});
    rest(machine, "POST", "/networks", Some(&network))?;
    let tier =
        json!({"id": "default", "name": "Default", "version": "0.0.0-0", "images": [], "gateways": []});
    rest(machine, "POST", "/networks/check/tiers", Some(&tier))?;
    let magmad = json!({
        "autoupgrade_enabled": false, "autoupgrade_poll_interval": 300, "checkin_interval": 15, "checkin_timeout": 10,
    });
    let gateway = json!({
        "id": "gw1", "name": "Gateway", "description": "under systemd", "tier": "default", "magmad": magmad,
    });
    rest(machine, "POST", "/networks/check/gateways", Some(&gateway)).map(drop)
}

/// The root certificate, as a path in the machine.
pub fn root_certificate() -> String {
    format!("{CERTIFICATES}/rootCA.pem")
}

/// The token on the gateway's page.
pub fn token(machine: &Machine) -> Result<String> {
    let gateway = rest(machine, "GET", "/networks/check/gateways/gw1", None)?;
    let token = gateway["registration_info"]["registration_token"].as_str();
    token.map(str::to_owned).with_context(|| format!("no token in {gateway}"))
}

/// Whether the gateway has checked in.
pub fn knows_the_gateway(machine: &Machine) -> bool {
    rest(machine, "GET", "/networks/check/gateways/gw1/status", None).is_ok()
}

/// What the gateway's tier runs from now on.
pub fn set_version(machine: &Machine, version: &str) -> Result<()> {
    rest(machine, "PUT", "/networks/check/tiers/default/version", Some(&json!(version))).map(drop)
}

fn rest(machine: &Machine, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
    let url = format!("https://controller.{DOMAIN}:9443/magma/v1{path}");
    let (root, body) = (root_certificate(), body.map(Value::to_string));
    let certificate = format!("{CERTIFICATES}/admin_operator.pem");
    let key = format!("{CERTIFICATES}/admin_operator.key.pem");
    let mut words = vec!["curl", "--silent", "--show-error", "--fail-with-body", "--request", method];
    words.extend(["--cacert", &root, "--cert", &certificate, "--key", &key, &url]);
    if let Some(body) = &body {
        words.extend(["--header", "content-type: application/json", "--data", body]);
    }
    let answer = machine.run(&words)?;
    if answer.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&answer).with_context(|| format!("{method} {path}: no JSON: {answer}"))
}
