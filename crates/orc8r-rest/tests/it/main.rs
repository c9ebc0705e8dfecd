//! The REST API as its callers see it: requests into the router, answers out of it, over a store in memory.

#![cfg(test)]

mod access;
mod account;
mod alerts;
mod api_pages;
mod audit;
mod call_traces;
mod carrier_wifi;
mod cbsds;
mod channels;
mod cloud;
mod contract;
mod enodeb_summaries;
mod events_and_logs;
mod federation;
mod federation_gateways;
mod first_user;
mod gateway_commands;
mod gateway_fields;
mod gateway_summaries;
mod gateways;
mod hostile_bodies;
mod lte_gateways;
mod lte_networks;
mod lte_resources;
mod metrics;
mod network_dns;
mod network_fields;
mod networks;
mod oidc;
mod operations;
mod own_metrics;
mod owners;
mod policies;
mod robustness;
mod search;
mod secrets;
mod short_messages;
mod subscriber_summaries;
mod subscribers;
mod tenants;
mod tiers;
mod users;
