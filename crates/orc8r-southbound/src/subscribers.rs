//! Subscribers for access gateways: all of them, or what changed since last time (spec of `SubscriberDBCloud`).

mod cursor;
mod data;
mod service;
#[cfg(test)]
mod tests;

pub(crate) use data::subscriber_data;
pub(crate) use service::SubscribersService;

/// Services of gateways name a subscriber with `IMSI` before the digits, or without.
pub(crate) fn subscriber_key(imsi: &str) -> String {
    if imsi.starts_with("IMSI") { imsi.to_owned() } else { format!("IMSI{imsi}") }
}
