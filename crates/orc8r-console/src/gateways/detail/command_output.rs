//! What a gateway answered to a command, in a form that one can read.

use crate::view::status::{Health, status};
use maud::{Markup, html};
use serde_json::Value;

/// An answer.
pub(super) fn output(command: &str, answer: &Value) -> Markup {
    match command {
        "ping" => pings(&answer["pings"]),
        "traceroute" => ways(&answer["traceroutes"]),
        "generic" => generic(&answer["response"]),
        "reboot" => {
            html! { p.done { "The gateway was told to reboot. It is away for some minutes, and checks in again by itself." } }
        }
        _ => html! { p.done { "Done." } },
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn pings(pings: &Value) -> Markup {
    html! {
        div.scroll { table.list {
            thead { tr { th scope="col" { "Host" } th scope="col" { "How it went" } th.number scope="col" { "Answers" } th.number scope="col" { "On average" } } }
            tbody { @for ping in list(pings) {
                @let sent = ping["packets_transmitted"].as_i64().or(ping["num_packets"].as_i64()).unwrap_or_default();
                @let received = ping["packets_received"].as_i64();
                @let error = ping["error"].as_str().unwrap_or_default();
                tr {
                    td { code { (ping["host_or_ip"].as_str().unwrap_or("–")) } }
                    td { (went(error, sent, received)) }
                    td.number { @if let Some(received) = received { (received) " of " (sent) } @else { "–" } }
                    td.number { @if let Some(ms) = ping["avg_response_ms"].as_f64().filter(|_| received.unwrap_or(0) > 0) { (format!("{ms:.1} ms")) } @else { "–" } }
                }
            } }
        } }
    }
}

fn went(error: &str, sent: i64, received: Option<i64>) -> Markup {
    match received {
        _ if !error.is_empty() => status(Health::Down, error),
        None => status(Health::Unknown, "the gateway does not say"),
        Some(0) => status(Health::Down, "no answer"),
        Some(received) if received < sent => status(Health::Degraded, "some packets were lost"),
        Some(_) => status(Health::Ok, ""),
    }
}

fn ways(ways: &Value) -> Markup {
    html! {
        @for way in list(ways) {
            @let error = way["error"].as_str().unwrap_or_default();
            @if !error.is_empty() { p.problem { (way["host_or_ip"].as_str().unwrap_or_default()) ": " (error) } }
            div.scroll { table.list {
                thead { tr { th.number scope="col" { "Hop" } th scope="col" { "Router" } th scope="col" { "Answers after" } } }
                tbody { @for hop in list(&way["hops"]) {
                    @let probes = list(&hop["probes"]);
                    tr {
                        td.number { (hop["number"].as_i64().unwrap_or_default()) }
                        td { (router(probes)) }
                        td { @for probe in probes { (after(probe)) " " } }
                    }
                } }
            } }
            @if list(&way["hops"]).is_empty() && error.is_empty() { p { "No router on the way answered." } }
        }
    }
}

fn router(probes: &[Value]) -> Markup {
    let answered = probes.iter().find(|probe| !probe["ip"].as_str().unwrap_or_default().is_empty());
    html! {
        @if let Some(probe) = answered {
            @let (name, ip) = (probe["hostname"].as_str().unwrap_or_default(), probe["ip"].as_str().unwrap_or_default());
            @if !name.is_empty() && name != ip { (name) " " }
            code { (ip) }
        } @else { span.quiet { "no answer" } }
    }
}

fn after(probe: &Value) -> Markup {
    let ms = probe["rtt_ms"].as_f64().filter(|ms| *ms > 0.0);
    html! { @if let Some(ms) = ms { (format!("{ms:.1} ms")) } @else { span.quiet { "–" } } }
}

fn generic(response: &Value) -> Markup {
    let code = response["returncode"].as_f64();
    let (out, errors) = (response["stdout"].as_str(), response["stderr"].as_str());
    if code.is_none() && out.is_none() {
        let text = serde_json::to_string_pretty(response).unwrap_or_default();
        return html! { p { "The gateway answered:" } pre.json tabindex="0" { (text) } };
    }
    html! {
        p {
            @match code {
                Some(code) if code == 0.0 => { (status(Health::Ok, "it ended with 0")) }
                Some(code) => { (status(Health::Degraded, &format!("it ended with {code}"))) }
                None => { (status(Health::Unknown, "how it ended is not told")) }
            }
        }
        @for (title, text) in [("What it wrote", out), ("What it wrote as errors", errors)] {
            @if let Some(text) = text.filter(|text| !text.is_empty()) {
                h3 { (title) }
                pre.json tabindex="0" aria-label=(title) { (text) }
            }
        }
        @if out.unwrap_or_default().is_empty() && errors.unwrap_or_default().is_empty() { p { "It wrote nothing." } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_answer_is_read() {
        let rows = [
            (
                "ping",
                json!({"pings": [{"host_or_ip": "a", "num_packets": 4, "packets_transmitted": 4, "packets_received": 0}]}),
                "no answer",
            ),
            (
                "ping",
                json!({"pings": [{"host_or_ip": "a", "num_packets": 4, "error": "unknown host"}]}),
                "unknown host",
            ),
            (
                "ping",
                json!({"pings": [{"host_or_ip": "a", "packets_transmitted": 4, "packets_received": 3, "avg_response_ms": 1.25}]}),
                "1.2 ms",
            ),
            (
                "traceroute",
                json!({"traceroutes": [{"host_or_ip": "a", "hops": [{"number": 1, "probes": [{"ip": "192.0.2.1", "rtt_ms": 2.0}]}]}]}),
                "2.0 ms",
            ),
            (
                "traceroute",
                json!({"traceroutes": [{"host_or_ip": "a", "error": "no route", "hops": []}]}),
                "no route",
            ),
            (
                "generic",
                json!({"response": {"returncode": 2.0, "stdout": "", "stderr": "bad"}}),
                "it ended with 2",
            ),
            ("generic", json!({"response": {"other": 1}}), "&quot;other&quot;: 1"),
            ("reboot", json!(null), "told to reboot"),
        ];
        for (command, answer, expected) in rows {
            let text = output(command, &answer).into_string();
            assert!(text.contains(expected), "{command} {answer}: {text}");
        }
    }
}
