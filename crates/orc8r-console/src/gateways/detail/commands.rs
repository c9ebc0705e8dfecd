//! What one has a gateway do, and what came of it.

use super::command_forms::{Sent, forms};
use super::command_output::output;
use super::{Detail, Tab, curl, may_not};
use crate::failure::Failure;
use crate::rest::Refusal;
use crate::visit::Visit;
use axum::extract::{Form, Path};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Value, json};

/// Hosts of one command.
const HOSTS_MAX: usize = 8;

/// What the gateway is asked for.
struct Asked {
    title: String,
    /// Below the gateway's commands in the API.
    command: &'static str,
    body: Option<Value>,
}

pub(super) async fn show(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let detail = Detail::load(visit, &network, gateway).await?;
    Ok(page(&detail, &Sent::default(), &html! {}))
}

pub(super) async fn run(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Response, Failure> {
    let detail = Detail::load(visit, &network, gateway).await?;
    let asked = match asked(&sent, &detail.id) {
        Ok(asked) => asked,
        Err(problem) => {
            let problem = html! { p.problem role="alert" { (problem) } };
            return Ok(page(&detail, &sent, &problem));
        }
    };
    let place = detail.any(&format!("/command/{}", asked.command));
    let line = curl::line(&headers, &Method::POST, &place, asked.body.as_ref());
    let answer = detail.visit.rest.send(Method::POST, &place, asked.body.as_ref()).await;
    let shown = html! {
        section aria-labelledby="output-title" {
            h2 id="output-title" { (asked.title) }
            @match &answer {
                Ok(answer) => { (output(asked.command, answer)) }
                Err(refusal) => { (refused(asked.command, refusal)) }
            }
            (curl::show("curl", &line))
        }
    };
    Ok(page(&detail, &sent, &shown))
}

/// The forms, and what came of the last one.
fn page(detail: &Detail, sent: &Sent, shown: &Markup) -> Response {
    let page = detail.page(Tab::Commands);
    page.show(html! {
        (detail.tabs(Tab::Commands))
        @if detail.hardware_id().is_empty() {
            div.empty {
                p.lead { "No device has registered for this gateway yet." }
                p { "There is nothing that could carry a command out. The overview has the command that brings it in." }
            }
        } @else if !detail.network.may_write {
            (may_not("commands are for who may."))
        } @else {
            div id="output" role="status" { (shown) }
            (forms(detail, sent))
        }
    })
}

/// What was filled in, as the API takes it; or what is wrong with it.
fn asked(sent: &Sent, gateway: &str) -> Result<Asked, String> {
    match sent.action.as_str() {
        "ping" => {
            let hosts = hosts(&sent.hosts)?;
            let packets: u32 = sent.packets.trim().parse().unwrap_or(4);
            let title = format!("Ping {}", hosts.join(", "));
            Ok(Asked {
                title,
                command: "ping",
                body: Some(json!({"hosts": hosts, "packets": packets.clamp(1, 100)})),
            })
        }
        "traceroute" => {
            let hosts = hosts(&sent.hosts)?;
            let hops: u8 = sent.max_hops.trim().parse().unwrap_or(30);
            let title = format!("The way to {}", hosts.join(", "));
            Ok(Asked { title, command: "traceroute", body: Some(json!({"hosts": hosts, "max_hops": hops})) })
        }
        "generic" => {
            let command = sent.command.trim();
            if command.is_empty() {
                return Err(
                    "Nothing was sent: which command? magmad.yml of the gateway names them.".to_owned()
                );
            }
            let params = parameters(&sent.params)?;
            let title = format!("Command {command}");
            Ok(Asked { title, command: "generic", body: Some(json!({"command": command, "params": params})) })
        }
        "reboot" if sent.name.trim() == gateway => {
            Ok(Asked { title: "Reboot".to_owned(), command: "reboot", body: None })
        }
        "reboot" => Err(format!("It was not told to reboot: type {gateway} to confirm.")),
        other => Err(format!("There is no command {other}.")),
    }
}

fn hosts(text: &str) -> Result<Vec<String>, String> {
    let hosts = text.split(|letter: char| letter.is_whitespace() || letter == ',');
    let hosts: Vec<String> = hosts.filter(|host| !host.is_empty()).map(str::to_owned).collect();
    match hosts.len() {
        0 => Err("Nothing was sent: name a host or an address.".to_owned()),
        count if count > HOSTS_MAX => Err(format!("Nothing was sent: {HOSTS_MAX} hosts at most at a time.")),
        _ => Ok(hosts),
    }
}

fn parameters(text: &str) -> Result<Value, String> {
    if text.trim().is_empty() {
        return Ok(json!({}));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(params)) => Ok(Value::Object(params)),
        Ok(_) => Err("Nothing was sent: parameters are a JSON object, such as {\"shell_params\": [\"-a\"]}."
            .to_owned()),
        Err(error) => Err(format!("Nothing was sent: the parameters are no JSON: {error}.")),
    }
}

/// What was not done, and what one can do.
fn refused(command: &str, refusal: &Refusal) -> Markup {
    let said = refusal.message.as_str();
    let advice = match command {
        _ if said.contains("not connected") => {
            "The overview says when it was here last, and why it might be away."
        }
        _ if said.contains("did not answer in time") => {
            "Before you send it again, look at the events and the log of the gateway."
        }
        _ if said.contains("runs no programs for callers") => {
            "Who runs the machine decided so: remote_exec in its magmad.yml."
        }
        "generic" if said.contains("no config for") || said.contains("config not found") => {
            "The commands of a gateway are named in its magmad.yml, under generic_command_config."
        }
        _ => "",
    };
    html! {
        p.problem role="alert" { (said) @if !advice.is_empty() { " " (advice) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(action: &str) -> Sent {
        Sent { action: action.to_owned(), ..Sent::default() }
    }

    #[test]
    fn what_is_filled_in_becomes_what_the_api_takes() {
        let ping = Sent { hosts: "a.test, 192.0.2.1\n".into(), packets: "2".into(), ..sent("ping") };
        let asked_for = asked(&ping, "g1").ok().unwrap();
        assert_eq!(asked_for.body.unwrap(), json!({"hosts": ["a.test", "192.0.2.1"], "packets": 2}));
        let echo =
            Sent { command: "echo".into(), params: r#"{"shell_params": ["a"]}"#.into(), ..sent("generic") };
        let body = asked(&echo, "g1").ok().unwrap().body.unwrap();
        assert_eq!(body, json!({"command": "echo", "params": {"shell_params": ["a"]}}));
    }

    #[test]
    fn what_makes_no_sense_is_not_sent() {
        let rows = [
            (sent("ping"), "name a host"),
            (Sent { hosts: "a ".repeat(9), ..sent("ping") }, "8 hosts at most"),
            (sent("generic"), "which command"),
            (Sent { command: "x".into(), params: "{".into(), ..sent("generic") }, "no JSON"),
            (Sent { command: "x".into(), params: "[]".into(), ..sent("generic") }, "JSON object"),
            (Sent { name: "g2".into(), ..sent("reboot") }, "type g1"),
            (sent("format"), "no command format"),
        ];
        for (sent, expected) in rows {
            let said = asked(&sent, "g1").err().unwrap();
            assert!(said.contains(expected), "{expected}: {said}");
        }
    }
}
