//! What a radio may transmit, and until when.

use crate::alerts::firing::moment_ms;
use crate::view::when::when_or;
use maud::{Markup, html};
use wire_rest::types::Grant;

/// Each in a line, for a list of radios.
pub(super) fn lines(grants: &[Grant]) -> Markup {
    html! {
        @if grants.is_empty() { span.quiet { "none" } }
        @for grant in grants {
            div { (grant.state) ", " (grant.frequency_mhz) " MHz, " (grant.bandwidth_mhz) " MHz wide" }
        }
    }
}

/// All that is known of each.
pub(super) fn table(grants: &[Grant]) -> Markup {
    html! {
        @if grants.is_empty() {
            div.empty { p { "It has no grant, so it may not transmit." } }
        } @else {
            div.scroll {
                table {
                    thead { tr {
                        th scope="col" { "State" } th scope="col" { "Frequency" } th scope="col" { "Bandwidth" }
                        th scope="col" { "Most power (EIRP)" } th scope="col" { "Grant ends" } th scope="col" { "May transmit until" }
                    } }
                    tbody { @for grant in grants { (row(grant)) } }
                }
            }
        }
    }
}

fn row(grant: &Grant) -> Markup {
    let moment = |text: &Option<String>| when_or(moment_ms(text.as_deref().unwrap_or_default()), "not told");
    html! {
        tr {
            td { (grant.state) }
            td.number { (grant.frequency_mhz) " MHz" }
            td.number { (grant.bandwidth_mhz) " MHz" }
            td.number { (grant.max_eirp) " dBm/MHz" }
            td { (moment(&grant.grant_expire_time)) }
            td { (moment(&grant.transmit_expire_time)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_shown_with_its_end() {
        let grant = Grant {
            bandwidth_mhz: 20,
            frequency_mhz: 3600,
            max_eirp: 30.5,
            state: "authorized".into(),
            grant_expire_time: Some("2026-01-01T00:00:00Z".into()),
            transmit_expire_time: None,
        };
        let shown = table(std::slice::from_ref(&grant)).into_string();
        for text in
            ["authorized", "3600 MHz", "20 MHz", "30.5 dBm/MHz", "2026-01-01 00:00:00 UTC", "not told"]
        {
            assert!(shown.contains(text), "{text}: {shown}");
        }
        assert!(lines(&[grant]).into_string().contains("authorized, 3600 MHz, 20 MHz wide"));
        assert!(table(&[]).into_string().contains("It has no grant"));
    }
}
