//! Telling one receiver.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use base64::Engine;
use magma_rpc::http_post::post;
use magma_rpc::http_proxy::HttpProxy;
use magma_rpc::tls::ClientTls;
use wire_rest::types::{HttpConfig, WebhookReceiver};

use crate::machine::Notification;
use crate::message;
use crate::receiver::Receiver;
use crate::smtp;

/// How long one message may take.
const LIMIT: Duration = Duration::from_secs(10);
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";
const PUSHOVER: &str = "https://api.pushover.net/1/messages.json";

/// Where messages may be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Targets {
    /// Not to this machine and what is link-local, such as the metadata of clouds: who may write receivers shall not
    /// reach what only the Orchestrator reaches.
    Others,
    /// Anywhere.
    Any,
}

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undelivered {
    /// What happened, without secrets.
    pub(crate) reason: String,
    /// Whether it may be taken later.
    pub(crate) may_succeed: bool,
}

/// One message to one of a receiver's ways.
pub(crate) struct Message<'a> {
    pub(crate) receiver: &'a Receiver,
    pub(crate) notification: &'a Notification,
    pub(crate) tls: &'a ClientTls,
    pub(crate) targets: Targets,
}

impl Message<'_> {
    /// How many ways the receiver has.
    pub(crate) fn ways(receiver: &Receiver) -> usize {
        receiver.webhook_configs.len()
            + receiver.slack_configs.len()
            + receiver.email_configs.len()
            + receiver.pagerduty_configs.len()
            + receiver.pushover_configs.len()
    }

    /// Tells by one of the ways, by its number.
    pub(crate) async fn send(&self, mut way: usize) -> Result<(), Undelivered> {
        let (receiver, notification) = (self.receiver, self.notification);
        let is_over = message::status(notification) == "resolved";
        if let Some(webhook) = receiver.webhook_configs.get(way) {
            if is_over && webhook.send_resolved == Some(false) {
                return Ok(());
            }
            return self.webhook(webhook).await;
        }
        way -= receiver.webhook_configs.len();
        if let Some(slack) = receiver.slack_configs.get(way) {
            let body = message::slack(notification, slack).to_string();
            return self.post(&slack.api_url, &[], None, ("application/json", body)).await;
        }
        way -= receiver.slack_configs.len();
        if let Some(email) = receiver.email_configs.get(way) {
            // As in Alertmanager, the end of an alert is mailed only to who wants it.
            if is_over && email.send_resolved != Some(true) {
                return Ok(());
            }
            let (title, text) = (message::title(notification), message::lines(notification));
            let (host, port) = smtp::smarthost(&email.smarthost).map_err(final_reason)?;
            self.check_target(&host, port).await?;
            return smtp::send(email, &title, &text, self.tls).await.map_err(temporary);
        }
        way -= receiver.email_configs.len();
        if let Some(pagerduty) = receiver.pagerduty_configs.get(way) {
            let body = message::pagerduty(notification, pagerduty).to_string();
            return self.post(PAGERDUTY, &[], None, ("application/json", body)).await;
        }
        way -= receiver.pagerduty_configs.len();
        let Some(pushover) = receiver.pushover_configs.get(way) else { return Ok(()) };
        let body = message::pushover(notification, pushover);
        self.post(PUSHOVER, &[], None, ("application/x-www-form-urlencoded", body)).await
    }

    async fn webhook(&self, webhook: &WebhookReceiver) -> Result<(), Undelivered> {
        let body = message::webhook(self.notification).to_string();
        let none = HttpConfig::default();
        let config = webhook.http_config.as_ref().unwrap_or(&none);
        let mut headers = Vec::new();
        if let Some(token) = config.bearer_token.as_deref().filter(|token| !token.is_empty()) {
            headers.push(("authorization", format!("Bearer {token}")));
        } else if let Some(basic) = &config.basic_auth {
            let secret = base64::engine::general_purpose::STANDARD
                .encode(format!("{}:{}", basic.username, basic.password));
            headers.push(("authorization", format!("Basic {secret}")));
        }
        let proxy = config.proxy_url.as_deref().filter(|url| !url.is_empty());
        let proxy =
            proxy.map(HttpProxy::from_url).transpose().map_err(|error| final_reason(error.to_string()))?;
        self.post(&webhook.url, &headers, proxy.as_ref(), ("application/json", body)).await
    }

    async fn post(
        &self,
        url: &str,
        headers: &[(&str, String)],
        proxy: Option<&HttpProxy>,
        (kind, body): (&str, String),
    ) -> Result<(), Undelivered> {
        let (host, port) = host_of(url).ok_or_else(|| final_reason("the URL has no host".to_owned()))?;
        match proxy {
            Some(proxy) => self.check_target(proxy.host(), proxy.port()).await?,
            None => self.check_target(&host, port).await?,
        }
        let mut all = vec![("content-type", kind)];
        all.extend(headers.iter().map(|(name, value)| (*name, value.as_str())));
        // An error may quote the URL, which may be a secret: the host is enough to know whom it concerns.
        let posted = post(url, self.tls, proxy, &all, body.into_bytes(), LIMIT).await;
        let answer = posted.map_err(|_| temporary(format!("{host} does not answer")))?;
        match answer.status {
            200..=299 => Ok(()),
            status @ (408 | 425 | 429 | 500..=599) => Err(temporary(format!("{host} answers {status}"))),
            status => Err(final_reason(format!("{host} answers {status}"))),
        }
    }

    /// Refuses what is on this machine, by all addresses of the name.
    async fn check_target(&self, host: &str, port: u16) -> Result<(), Undelivered> {
        if self.targets == Targets::Any {
            return Ok(());
        }
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::time::timeout(LIMIT, tokio::net::lookup_host((host, port))).await;
        let Ok(Ok(addresses)) = found else { return Err(temporary(format!("the name {host} is not known"))) };
        let mut addresses = addresses.peekable();
        if addresses.peek().is_none() || addresses.any(|address| is_own(address.ip())) {
            return Err(final_reason(format!(
                "{host} is on this machine or link-local, where nothing is sent"
            )));
        }
        Ok(())
    }
}

fn temporary(reason: String) -> Undelivered {
    Undelivered { reason, may_succeed: true }
}

fn final_reason(reason: String) -> Undelivered {
    Undelivered { reason, may_succeed: false }
}

fn host_of(url: &str) -> Option<(String, u16)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let default = if scheme == "https" { 443 } else { 80 };
    let split = authority
        .rsplit_once(':')
        .filter(|(host, _)| !host.ends_with(':') && (!host.contains(':') || host.ends_with(']')));
    let (host, port) = match split {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, default),
    };
    (!host.is_empty()).then(|| (host.to_owned(), port))
}

fn is_own(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified()
                || address.is_broadcast()
                || address.is_multicast()
        }
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_own(IpAddr::V4(mapped)),
            None => {
                address == Ipv6Addr::LOCALHOST
                    || address.is_unspecified()
                    || address.is_multicast()
                    || address.is_unicast_link_local()
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_in_urls() {
        for (url, want) in [
            ("https://hooks.example.com/a?b=c@d", Some(("hooks.example.com", 443))),
            ("http://user:pass@example.com:8080/", Some(("example.com", 8080))),
            ("http://[::1]:9/", Some(("[::1]", 9))),
            ("http://[::1]/", Some(("[::1]", 80))),
            ("http:///x", None),
            ("no url", None),
        ] {
            let found = host_of(url);
            assert_eq!(found.as_ref().map(|(host, port)| (host.as_str(), *port)), want, "{url}");
        }
    }

    #[test]
    fn what_is_this_machine_is_known() {
        for address in [
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "0.0.0.0",
            "::1",
            "::ffff:127.0.0.1",
            "fe80::1",
            "::",
        ] {
            assert!(is_own(address.parse().unwrap()), "{address}");
        }
        for address in ["10.0.0.1", "192.168.1.1", "8.8.8.8", "2001:db8::1"] {
            assert!(!is_own(address.parse().unwrap()), "{address}");
        }
    }
}
