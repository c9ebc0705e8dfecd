//! A gateway on its way: what to run on the machine, and how far it has come.

use crate::gateways::summaries::Summary;
use crate::view::status::{Health, status};
use maud::{Markup, html};
use serde_json::Value;

/// Where an agent looks for the authorities that it trusts.
const ROOT: &str = "/var/opt/magma/certs/rootCA.pem";

/// What is left to do; nothing for a gateway that has arrived.
pub(crate) fn adoption(summary: &Summary, gateway: &Value) -> Markup {
    if summary.state != Health::Pending {
        return html! {};
    }
    let has_device = gateway.get("device").is_some_and(Value::is_object);
    let has_certificate = summary.cert_expiration_time > 0;
    let has_checked_in = summary.checkin_time > 0;
    let steps = [
        ("Added here", true),
        ("Its machine has registered", has_device),
        ("It has a certificate", has_certificate),
        ("It has checked in", has_checked_in),
    ];
    html! {
        section aria-labelledby="adoption-title" {
            h2 id="adoption-title" { "Bringing it in" }
            @if !has_device { (command(gateway)) }
            ol.steps {
                @for (step, is_done) in steps {
                    li { (status(if is_done { Health::Ok } else { Health::Pending }, "")) " " (step) }
                }
            }
        }
    }
}

/// The command to paste, with everything in it that the machine needs to know.
fn command(gateway: &Value) -> Markup {
    let text = |name: &str| gateway["registration_info"][name].as_str().unwrap_or_default().trim();
    let (root, domain, token) = (text("root_ca"), text("domain_name"), text("registration_token"));
    if token.is_empty() {
        return html! {
            p { "Its registration token is shown to who may change this network." }
        };
    }
    let command = format!(
        "sudo mkdir -p $(dirname {ROOT})\nsudo tee {ROOT} >/dev/null <<'END'\n{root}\nEND\n\
         sudo magmad register {domain} {token}\nsudo systemctl restart magmad\n"
    );
    html! {
        p { "Run this on the machine that is to be the gateway, with magmad installed on it. The token works once; this page shows a new one when it has expired." }
        div.command {
            pre tabindex="0" id="command" { (command) }
            button type="button" data-copy="command" hidden { "Copy" }
        }
    }
}
