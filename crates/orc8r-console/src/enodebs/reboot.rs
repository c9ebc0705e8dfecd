//! Telling an eNodeB to restart, through the gateway that reports it.

use crate::enodebs::summaries::{Enodeb, find_one, url};
use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::path;
use crate::said::done;
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::Method;
use axum::response::Response;
use maud::html;
use serde_json::{Value, json};

pub(super) async fn show(
    visit: Visit,
    Path((id, serial)): Path<(String, String)>,
) -> Result<Response, Failure> {
    page(&visit, &id, &serial, None).await
}

pub(super) async fn act(
    visit: Visit,
    Path((id, serial)): Path<(String, String)>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let enodeb = load(&visit, &id, &serial).await?;
    if enodeb.reporting_gateway_id.is_empty() {
        return page(&visit, &id, &serial, None).await;
    }
    let command = json!({"command": "reboot_enodeb", "params": {"shell_params": [serial]}});
    let gateway = &enodeb.reporting_gateway_id;
    let place = path(&["networks", &id, "gateways", gateway, "command", "generic"]);
    match visit.rest.send(Method::POST, &place, Some(&command)).await {
        Ok(answer) => match trouble(&answer) {
            Some(trouble) => page(&visit, &id, &serial, Some(&trouble)).await,
            None => {
                let said = format!("{} was told to restart by gateway {gateway}.", enodeb.title());
                Ok(done(&url(&id, &serial), &said))
            }
        },
        Err(refusal) => page(&visit, &id, &serial, Some(&refusal.message)).await,
    }
}

/// What went wrong on the gateway, from what its command answered.
fn trouble(answer: &Value) -> Option<String> {
    let result = &answer["response"];
    let code = result["returncode"].as_f64().filter(|code| *code != 0.0)?;
    let said = ["stderr", "stdout"].into_iter().filter_map(|name| result[name].as_str()).map(str::trim);
    let said = said.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
    Some(format!("The gateway's command ended with {code}: {said}"))
}

async fn load(visit: &Visit, network: &str, serial: &str) -> Result<Enodeb, Failure> {
    let found = find_one(visit, network, serial).await?;
    found.ok_or_else(|| Failure::not_found(format!("There is no eNodeB {serial} in network {network}.")))
}

async fn page(visit: &Visit, id: &str, serial: &str, problem: Option<&str>) -> Result<Response, Failure> {
    let network = visit.network(id)?;
    let enodeb = load(visit, id, serial).await?;
    let page = Page::new(visit, Section::Enodebs, format!("Reboot {}", enodeb.title()))
        .of_network(id)
        .below("eNodeBs", Section::Enodebs.url(id))
        .below(enodeb.title(), url(id, serial));
    Ok(page.show(html! {
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        @if !network.may_write {
            p.lead { "You may look at this network, but not change it." }
        } @else if enodeb.reporting_gateway_id.is_empty() {
            p.lead { "No gateway reports this eNodeB, so nobody can tell it to restart." }
        } @else {
            p.lead {
                "Gateway " strong { (enodeb.reporting_gateway_id) } " will tell " strong { (enodeb.title()) } " to restart. "
                @match enodeb.ues_connected {
                    Some(0) => "No subscriber is connected to it.",
                    Some(1) => "1 subscriber is connected to it, who is cut off until it is back.",
                    Some(count) => { (count) " subscribers are connected to it, who are cut off until it is back." }
                    None => "Subscribers who are connected to it are cut off until it is back.",
                }
            }
            form.buttons method="post" {
                button.main type="submit" { "Reboot" }
                a.button href=(url(id, serial)) { "Cancel" }
            }
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_failed_on_the_gateway_says_so() {
        let failed = json!({"response": {"returncode": 1.0, "stderr": "no such device\n", "stdout": ""}});
        assert_eq!(trouble(&failed).unwrap(), "The gateway's command ended with 1: no such device");
        assert_eq!(trouble(&json!({"response": {"returncode": 0.0, "stdout": "ok"}})), None);
        assert_eq!(trouble(&Value::Null), None);
    }
}
