//! Subscribers for access gateways: all of them, or what changed since last time (spec of `SubscriberDBCloud`).

mod cursor;
mod data;
mod service;
#[cfg(test)]
mod tests;

pub(crate) use data::subscriber_data;
pub(crate) use service::SubscribersService;
