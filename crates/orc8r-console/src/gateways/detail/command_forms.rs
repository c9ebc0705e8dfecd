//! The forms by which one tells a gateway what to do. They work without a script; with it, the output comes in place.

use super::{Detail, Tab};
use maud::{Markup, html};
use serde::Deserialize;

/// What one fills in; which fields count depends on the action.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    pub(super) action: String,
    pub(super) hosts: String,
    pub(super) packets: String,
    pub(super) max_hops: String,
    pub(super) command: String,
    pub(super) params: String,
    pub(super) name: String,
}

/// All of them, with what was sent.
pub(super) fn forms(detail: &Detail, sent: &Sent) -> Markup {
    let of = |action: &str| if sent.action == action { sent.clone() } else { Sent::default() };
    let or = |text: String, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text };
    let (ping, way, generic) = (of("ping"), of("traceroute"), of("generic"));
    html! {
        div.cards.wide {
            (form(detail, "ping", "Ping", "Whether the gateway reaches a host, and how fast.", "Ping", "up to 20 s", html! {
                label { "Hosts" input name="hosts" required value=(ping.hosts) placeholder="8.8.8.8, controller.example" autocomplete="off" spellcheck="false";
                    span.help { "Names or addresses, with commas; 8 at most." } }
                label { "Packets to each" input type="number" name="packets" min="1" max="100" value=(or(ping.packets, "4")); }
            }))
            (form(detail, "traceroute", "Traceroute", "Through which routers the way to a host leads.", "Trace", "up to a minute", html! {
                label { "Host" input name="hosts" required value=(way.hosts) autocomplete="off" spellcheck="false"; }
                label { "Routers at most" input type="number" name="max_hops" min="1" max="255" value=(or(way.max_hops, "30")); }
            }))
            (form(detail, "generic", "Command", "One of those that the gateway's magmad.yml names.", "Run", "up to a minute", html! {
                label { "Name" input name="command" required list="known-commands" value=(generic.command) autocomplete="off" spellcheck="false"; }
                datalist id="known-commands" {
                    @for name in ["echo", "health", "agw_health", "get_flows", "get_subscriber_table", "reboot_enodeb", "reboot_all_enodeb"] { option value=(name) {} }
                }
                label { "Parameters, as JSON" textarea name="params" rows="3" spellcheck="false" placeholder="{\"shell_params\": [\"-a\"]}" { (generic.params) } }
            }))
            article.card {
                h2 { "Restart services" }
                p.quiet { "One of them, or all." }
                a.button href=(detail.url(Tab::Services)) { "To its services" }
            }
            article.card {
                h2 { "Reboot" }
                p.quiet { "The machine starts anew; whoever uses it is cut off for some minutes." }
                form.fields method="post" action=(detail.url(Tab::Commands)) {
                    input type="hidden" name="action" value="reboot";
                    label { span { "Type " strong { (detail.id) } " to confirm" }
                        input name="name" required autocomplete="off" spellcheck="false"; }
                    div { button.danger type="submit" { "Reboot" } }
                }
            }
        }
    }
}

fn form(
    detail: &Detail,
    action: &str,
    title: &str,
    help: &str,
    button: &str,
    takes: &str,
    controls: Markup,
) -> Markup {
    let place = detail.url(Tab::Commands);
    html! {
        article.card {
            h2 { (title) }
            p.quiet { (help) }
            form.fields id={ "form-" (action) } method="post" action=(place) hx-post=(place) hx-target="#output" hx-select="#output"
                hx-swap="outerHTML show:top" hx-disabled-elt="find button" {
                input type="hidden" name="action" value=(action);
                (controls)
                div.buttons {
                    button type="submit" { (button) }
                    span.running { "Runs on the gateway; that takes " (takes) "." }
                }
            }
        }
    }
}
