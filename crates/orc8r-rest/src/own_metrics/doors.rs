//! Connections at the doors, as metrics.

use super::page::{Labels, Page};

/// What has happened at the doors of this process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DoorsFigures {
    /// At each.
    pub doors: Vec<DoorFigures>,
    /// How often a connection could not be accepted, mostly because no file was left.
    pub accept_failures: u64,
}

/// What has happened at one door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoorFigures {
    /// Its name, as in `--listen-…`.
    pub door: &'static str,
    /// Connections that are open, handshakes among them.
    pub open: u64,
    /// TLS handshakes under way.
    pub handshakes: u64,
    /// Handshakes that were given up for others.
    pub given_up: u64,
    /// Connections that were refused, by reason.
    pub refused: [(&'static str, u64); 4],
}

pub(super) fn show(page: &mut Page, DoorsFigures { doors, accept_failures }: &DoorsFigures) {
    let names: Vec<_> = doors.iter().map(|figures| [("door", figures.door)]).collect();
    let each = |value: fn(&DoorFigures) -> u64| -> Vec<(Labels<'_>, u64)> {
        names.iter().zip(doors).map(|(labels, figures)| (labels.as_slice(), value(figures))).collect()
    };
    page.gauge("orc8r_connections", "Connections that are open, by door.", &each(|door| door.open));
    page.gauge("orc8r_handshakes", "TLS handshakes under way, by door.", &each(|door| door.handshakes));
    page.counter(
        "orc8r_handshakes_given_up_total",
        "TLS handshakes that made room for others, by door.",
        &each(|door| door.given_up),
    );
    let refused: Vec<_> = doors
        .iter()
        .flat_map(|DoorFigures { door, refused, .. }| {
            refused.map(|(reason, count)| ([("door", *door), ("reason", reason)], count))
        })
        .collect();
    let refused: Vec<_> = refused.iter().map(|(labels, count)| (labels.as_slice(), *count)).collect();
    page.counter(
        "orc8r_connections_refused_total",
        "Connections that were closed because of a bound, by door and by what it was a bound of.",
        &refused,
    );
    let help = "Connections that could not be accepted, mostly because no file was left.";
    page.counter("orc8r_accept_failures_total", help, &[(&[], *accept_failures)]);
}
