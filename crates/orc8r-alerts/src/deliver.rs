//! Telling one receiver.

use std::time::Duration;

use base64::Engine;
use magma_rpc::Failure;
use magma_rpc::download::DownloadError;
use magma_rpc::http_ask::Ask;
use magma_rpc::http_proxy::HttpProxy;
use magma_rpc::tls::ClientTls;
use wire_rest::types::{HttpConfig, WebhookReceiver};

use crate::machine::Notification;
use crate::message;
use crate::receiver::Receiver;
use crate::smtp;
use crate::targets::{Refused, Targets};

/// How long one message may take.
const LIMIT: Duration = Duration::from_secs(10);
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";
pub(crate) const PUSHOVER: &str = "https://api.pushover.net/1/messages.json";
/// How much of an answer is read: nobody looks at it.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// The kinds of ways, in the order of their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Webhook,
    Slack,
    Email,
    PagerDuty,
    Pushover,
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
    pub(crate) targets: &'a Targets,
    /// Where Pushover is.
    pub(crate) pushover: &'a str,
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

    /// Of which kind a receiver's way is, by its number.
    pub(crate) fn kind(receiver: &Receiver, way: usize) -> Kind {
        let ways = [
            (Kind::Webhook, receiver.webhook_configs.len()),
            (Kind::Slack, receiver.slack_configs.len()),
            (Kind::Email, receiver.email_configs.len()),
            (Kind::PagerDuty, receiver.pagerduty_configs.len()),
        ];
        let mut end = 0;
        let found = ways.into_iter().find(|(_, count)| {
            end += count;
            way < end
        });
        found.map_or(Kind::Pushover, |(kind, _)| kind)
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
            let addresses = self.targets.addresses(&host, port).await?;
            return smtp::send(email, &addresses, &title, &text, self.tls).await;
        }
        way -= receiver.email_configs.len();
        if let Some(pagerduty) = receiver.pagerduty_configs.get(way) {
            let body = message::pagerduty(notification, pagerduty).to_string();
            let url = pagerduty.url.as_deref().filter(|url| !url.is_empty()).unwrap_or(PAGERDUTY);
            return self.post(url, &[], None, ("application/json", body)).await;
        }
        way -= receiver.pagerduty_configs.len();
        let Some(pushover) = receiver.pushover_configs.get(way) else { return Ok(()) };
        let body = message::pushover(notification, pushover);
        self.post(self.pushover, &[], None, ("application/x-www-form-urlencoded", body)).await
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
        let addresses = match proxy {
            Some(proxy) => self.targets.addresses(proxy.host(), proxy.port()).await?,
            None => self.targets.addresses(&host, port).await?,
        };
        let mut all = vec![("content-type", kind)];
        all.extend(headers.iter().map(|(name, value)| (*name, value.as_str())));
        let mut ask = Ask {
            method: "POST",
            url,
            tls: self.tls,
            proxy,
            address: None,
            headers: &all,
            body: body.as_bytes(),
            limit: LIMIT,
            answer_max: ANSWER_BYTES_MAX,
        };
        // An error may quote the URL, which may be a secret: the host is enough to know whom it concerns.
        let mut answered = Err(temporary(format!("{host} cannot be reached")));
        for address in addresses {
            ask.address = Some(address);
            answered = match ask.send().await {
                Err(DownloadError::Connection(Failure::Connect { .. })) => continue,
                Err(DownloadError::Connection(
                    Failure::ServerCertificate { .. } | Failure::ServerName { .. },
                )) => Err(temporary(format!(
                    "{host} is not trusted: name who vouches for it by --alerts-ca-file"
                ))),
                Err(_) => Err(temporary(format!("{host} does not answer"))),
                Ok(answer) => Ok(answer),
            };
            break;
        }
        match answered?.status {
            200..=299 => Ok(()),
            status @ (408 | 425 | 429 | 500..=599) => Err(temporary(format!("{host} answers {status}"))),
            status => Err(final_reason(format!("{host} answers {status}"))),
        }
    }
}

impl From<Refused> for Undelivered {
    fn from(refused: Refused) -> Self {
        Self { may_succeed: matches!(refused, Refused::Unknown(_)), reason: refused.to_string() }
    }
}

pub(crate) fn temporary(reason: String) -> Undelivered {
    Undelivered { reason, may_succeed: true }
}

pub(crate) fn final_reason(reason: String) -> Undelivered {
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
}
