//! One radio: what it is, what it is to do, and what it was granted.

use crate::cbsds::leave::Leaving;
use crate::cbsds::list::frequencies;
use crate::cbsds::{grants, nobody_asks, resource, url};
use crate::edit;
use crate::edit::words;
use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::view::status::yes_or_no;
use crate::visit::Visit;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, Render, html};
use wire_rest::types::{Cbsd, InstallationParam};

pub(super) async fn show(
    visit: Visit,
    Path((id, number)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let place = resource(&id, &number);
    let cbsd: Cbsd = visit.rest.get(&place).await?;
    let mut page = Page::new(&visit, Section::Cbsds, format!("CBSD {}", cbsd.serial_number))
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id))
        .below("CBSDs", Section::Cbsds.url(&id));
    let whole = page.live("whole", &whole(&cbsd));
    let here = url(&id, &number);
    Ok(page.show(html! {
        @if network.may_write {
            div.buttons {
                @for leaving in Leaving::ALL {
                    a.button href={ (here) "/" (leaving.name()) } { (leaving.title()) "…" }
                }
                a.button href=(edit::change(&place, &here)) { "Change" }
                a.button href=(edit::history(&place, &here)) { "History" }
                a.button href=(edit::delete(&place, &Section::Cbsds.url(&id))) { "Delete" }
            }
        }
        (nobody_asks())
        (whole)
    }))
}

fn whole(cbsd: &Cbsd) -> Markup {
    html! {
        (now(cbsd))
        section aria-labelledby="grants-title" {
            h2 id="grants-title" { "Grants" }
            (grants::table(&cbsd.grants))
        }
        section aria-labelledby="configuration-title" {
            h2 id="configuration-title" { "How it is configured" }
            (configuration(cbsd))
        }
        section aria-labelledby="installation-title" {
            h2 id="installation-title" { "How it is installed" }
            (installation(&cbsd.installation_param))
        }
    }
}

fn now(cbsd: &Cbsd) -> Markup {
    html! {
        section.now aria-label="How it is now" {
            dl.facts {
                div { dt { "State" } dd { (cbsd.state) } }
                (fact("mutable_cbsd", "desired_state", &cbsd.desired_state))
                div { dt { "Active" } dd { (yes_or_no(Some(cbsd.is_active), "yes", "no")) } }
                div { dt { "CBSD id" } dd { @if let Some(id) = &cbsd.cbsd_id { code { (id) } } @else { span.quiet { "none: a SAS gives it" } } } }
                div { dt { "Number here" } dd { (cbsd.id) } }
            }
        }
    }
}

fn configuration(cbsd: &Cbsd) -> Markup {
    let (can, preferred) = (&cbsd.capabilities, &cbsd.frequency_preferences);
    let switch = |field, is_on: bool| fact("mutable_cbsd", field, if is_on { "yes" } else { "no" });
    html! {
        dl.facts {
            div { dt { "Serial number" } dd { code { (cbsd.serial_number) } } }
            (fact("mutable_cbsd", "fcc_id", &cbsd.fcc_id))
            (fact("mutable_cbsd", "user_id", &cbsd.user_id))
            (fact("mutable_cbsd", "cbsd_category", &cbsd.cbsd_category))
            (fact("frequency_preferences", "bandwidth_mhz", preferred.bandwidth_mhz))
            (fact("frequency_preferences", "frequencies_mhz", frequencies(&preferred.frequencies_mhz)))
            (fact("capabilities", "min_power", can.min_power))
            (fact("capabilities", "max_power", can.max_power))
            (fact("capabilities", "number_of_antennas", can.number_of_antennas))
            (fact("capabilities", "max_ibw_mhz", can.max_ibw_mhz))
            (switch("single_step_enabled", cbsd.single_step_enabled))
            (switch("grant_redundancy", cbsd.grant_redundancy))
            (switch("carrier_aggregation_enabled", cbsd.carrier_aggregation_enabled))
        }
    }
}

fn installation(installation: &InstallationParam) -> Markup {
    let fact = |field, value: Option<String>| {
        let value = html! { @if let Some(value) = value { (value) } @else { span.quiet { "not told" } } };
        fact("installation_param", field, value)
    };
    let number = |value: Option<f64>| value.map(|value| value.to_string());
    let place =
        installation.indoor_deployment.map(|is_indoor| if is_indoor { "yes" } else { "no" }.to_owned());
    let height_type = installation.height_type.as_deref().map(|height| match height {
        "agl" => "the ground".to_owned(),
        "amsl" => "the sea".to_owned(),
        other => other.to_owned(),
    });
    html! {
        dl.facts {
            (fact("antenna_gain", number(installation.antenna_gain)))
            (fact("height_m", number(installation.height_m)))
            (fact("height_type", height_type))
            (fact("indoor_deployment", place))
            (fact("latitude_deg", number(installation.latitude_deg)))
            (fact("longitude_deg", number(installation.longitude_deg)))
        }
    }
}

/// A field of the contract under the name that its form has for it, too.
fn fact(definition: &str, field: &str, value: impl Render) -> Markup {
    html! { div { dt { (words::of(definition, field).label(field)) } dd { (value) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_its_place_is_shown_and_the_rest_is_not_told() {
        let known = InstallationParam {
            height_m: Some(12.5),
            height_type: Some("agl".into()),
            indoor_deployment: Some(false),
            ..InstallationParam::default()
        };
        let shown = installation(&known).into_string();
        assert!(shown.contains("<dd>12.5</dd>") && shown.contains("<dd>the ground</dd>"), "{shown}");
        assert_eq!(shown.matches("not told").count(), 3, "{shown}");
    }
}
