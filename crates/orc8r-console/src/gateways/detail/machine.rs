//! What a gateway says of its machine, as it reported last.

use crate::view::unit::Unit;
use crate::view::when::when;
use maud::{Markup, html};
use serde_json::Value;

/// So many interfaces, disks or packages are shown.
const ROWS_MAX: usize = 64;

/// The machine; nothing has to be there.
pub(super) fn machine(status: &Value) -> Markup {
    if !status.is_object() {
        return html! {};
    }
    let (platform, system) = (&status["platform_info"], &status["system_status"]);
    let text =
        |value: &Value| value.as_str().filter(|text| !text.is_empty() && *text != "N/A").map(str::to_owned);
    let kernel = text(&platform["kernel_version"]).or(text(&status["kernel_version"]));
    let vpn = text(&platform["vpn_ip"]).or(text(&status["vpn_ip"]));
    let cpu = &status["machine_info"]["cpu_info"];
    html! {
        section aria-labelledby="machine-title" {
            h2 id="machine-title" { "Its machine" }
            p.quiet { "As it reported " (when(status["checkin_time"].as_i64().unwrap_or_default())) "." }
            dl.facts {
                (fact("Kernel", kernel))
                (fact("VPN address", vpn))
                (fact("Processor", processor(cpu)))
                (fact("Up for", system["uptime_secs"].as_f64().map(|seconds| Unit::Seconds.show(seconds))))
                (fact("Memory used", part(&system["mem_used"], &system["mem_total"])))
                (fact("Swap used", part(&system["swap_used"], &system["swap_total"])))
            }
            (packages(&platform["packages"]))
            (interfaces(&status["machine_info"]["network_info"]["network_interfaces"]))
            (disks(&system["disk_partitions"]))
            (told(&status["meta"]))
        }
    }
}

/// A fact, or that it is not known.
pub(super) fn fact(name: &str, value: Option<String>) -> Markup {
    html! { div { dt { (name) } dd { @if let Some(value) = value { (value) } @else { span.quiet { "not told" } } } } }
}

fn processor(cpu: &Value) -> Option<String> {
    let kind = cpu["model_name"].as_str().or(cpu["architecture"].as_str()).filter(|kind| !kind.is_empty());
    let cores = cpu["core_count"].as_u64().filter(|cores| *cores > 0).map(|cores| format!("{cores} cores"));
    let parts: Vec<String> = cores.into_iter().chain(kind.map(str::to_owned)).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Such as `1.2 GiB of 4 GiB`; nothing where there is none of it.
fn part(used: &Value, total: &Value) -> Option<String> {
    let (used, total) = (used.as_f64()?, total.as_f64().filter(|total| *total > 0.0)?);
    Some(format!("{} of {}", Unit::Bytes.show(used), Unit::Bytes.show(total)))
}

fn packages(packages: &Value) -> Markup {
    let packages = packages.as_array().map(Vec::as_slice).unwrap_or_default();
    html! {
        @if packages.len() > 1 {
            details { summary { (packages.len()) " packages" }
                div.scroll { table.list {
                    thead { tr { th scope="col" { "Package" } th scope="col" { "Version" } } }
                    tbody { @for package in packages.iter().take(ROWS_MAX) {
                        tr { td { (cell(&package["name"])) } td { (cell(&package["version"])) } }
                    } }
                } }
            }
        }
    }
}

fn interfaces(interfaces: &Value) -> Markup {
    let interfaces = interfaces.as_array().map(Vec::as_slice).unwrap_or_default();
    let addresses = |interface: &Value| -> Vec<String> {
        let lists = [&interface["ip_addresses"], &interface["ipv6_addresses"]];
        let all = lists.into_iter().filter_map(Value::as_array).flatten();
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    html! {
        @if !interfaces.is_empty() {
            h3 { "Network interfaces" }
            div.scroll { table.list {
                thead { tr { th scope="col" { "Interface" } th scope="col" { "State" } th scope="col" { "Addresses" } th scope="col" { "MAC" } } }
                tbody { @for interface in interfaces.iter().take(ROWS_MAX) {
                    tr {
                        td { code { (cell(&interface["network_interface_id"])) } }
                        td { (cell(&interface["status"])) }
                        td { @for address in addresses(interface) { code { (address) } " " } }
                        td { code { (cell(&interface["mac_address"])) } }
                    }
                } }
            } }
        }
    }
}

fn disks(disks: &Value) -> Markup {
    let disks = disks.as_array().map(Vec::as_slice).unwrap_or_default();
    html! {
        @if !disks.is_empty() {
            h3 { "Disks" }
            div.scroll { table.list {
                thead { tr { th scope="col" { "Mounted at" } th scope="col" { "Device" } th.number scope="col" { "Used" } th.number scope="col" { "Free" } } }
                tbody { @for disk in disks.iter().take(ROWS_MAX) {
                    tr {
                        td { code { (cell(&disk["mount_point"])) } }
                        td { code { (cell(&disk["device"])) } }
                        td.number { (part(&disk["used"], &disk["total"]).unwrap_or_else(|| "–".to_owned())) }
                        td.number { (disk["free"].as_f64().map_or_else(|| "–".to_owned(), |free| Unit::Bytes.show(free))) }
                    }
                } }
            } }
        }
    }
}

/// What the services say of themselves: names and values of their own.
fn told(meta: &Value) -> Markup {
    let meta: Vec<_> = meta.as_object().into_iter().flatten().take(ROWS_MAX).collect();
    html! {
        @if !meta.is_empty() {
            h3 { "What its services say" }
            dl.facts { @for (name, value) in meta { div { dt { code { (name) } } dd { (cell(value)) } } } }
        }
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) if text.is_empty() => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_missing_or_odd_blanks_nothing() {
        let odd = json!({"machine_info": {"cpu_info": null, "network_info": {"network_interfaces": [{}, 1]}},
            "system_status": {"mem_used": 1024, "mem_total": 4096, "disk_partitions": [{"mount_point": "/"}]},
            "meta": {"ues": "3"}});
        let text = machine(&odd).into_string();
        for wanted in ["not told", "1 KiB of 4 KiB", "ues", "never"] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        assert_eq!(machine(&Value::Null).into_string(), "");
        assert_eq!(part(&json!(0), &json!(0)), None, "no swap is not 0 of 0");
    }
}
