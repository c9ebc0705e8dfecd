//! The way to one endpoint of the cloud: its name, TCP, and TLS, one after the other.

use std::net::SocketAddr;

use magma_config::GatewayConfig;
use magma_rpc::Failure;
use magma_rpc::channel::{Connection, Endpoint, Manner, Transport};
use magma_rpc::http_proxy::HttpProxy;
use magma_rpc::tls::ClientTls;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::machine::control_proxy_yml;
use super::{Examination, Finding};
use crate::cloud;

/// What to do about an HTTP proxy that does not answer.
const CHECK_PROXY: &str = "correct https_proxy or http_proxy in the environment of magmad's unit and of this command; \
                           without a proxy, set allow_http_proxy: False in control_proxy.yml";

/// One endpoint, and by which keys it is configured.
pub(super) struct Way<'a> {
    pub(super) examination: &'a Examination,
    pub(super) config: &'a GatewayConfig,
    /// `bootstrapper` or `cloud`.
    pub(super) name: &'static str,
    /// `bootstrap` or `cloud`: the keys in `control_proxy.yml` begin so.
    pub(super) key: &'static str,
    pub(super) host: &'a str,
    pub(super) port: u16,
    /// The name in the server's certificate, and the `:authority`.
    pub(super) server_name: String,
}

impl Way<'_> {
    /// Goes the way; a connection at its end, unless a step failed.
    pub(super) async fn go(&self, found: &mut Vec<Finding>, tls: Option<&ClientTls>) -> Option<Connection> {
        if self.host.is_empty() {
            let says = format!("{}_address is not set", self.key);
            let next = format!(
                "run magmad register DOMAIN TOKEN, or set it in {}",
                control_proxy_yml(&self.examination.paths).display()
            );
            found.push(Finding::fail(self.step("name"), says, next));
            return None;
        }
        let (examination, config) = (self.examination, self.config);
        let proxy = match cloud::http_proxy(config, &examination.proxies, self.host, self.port) {
            Ok(proxy) => proxy,
            Err(error) => {
                let next = "correct https_proxy or http_proxy in the environment of this command and of magmad's unit";
                found.push(Finding::fail("HTTP proxy", error.to_string(), next));
                return None;
            }
        };
        let (host, port) = match &proxy {
            Some(proxy) => (proxy.host(), proxy.port()),
            None => (self.host, self.port),
        };
        if let Some(proxy) = &proxy {
            found.push(Finding::ok("HTTP proxy", format!("{} is reached through {proxy}", self.name)));
        }
        let proxied = proxy.is_some();
        let addresses = self.resolve(found, host, port, proxied).await?;
        self.connect(found, &addresses, (host, port), proxied).await?;
        self.shake_hands(found, tls?, proxy).await
    }

    async fn resolve(
        &self,
        found: &mut Vec<Finding>,
        host: &str,
        port: u16,
        proxied: bool,
    ) -> Option<Vec<SocketAddr>> {
        let lower = host.to_ascii_lowercase();
        // RFC 6761 §6.3.
        let asked = if lower.ends_with(".localhost") { "localhost" } else { host };
        let answer = timeout(self.examination.connect_limit, lookup_host((asked, port))).await;
        let resolver = "the machine's resolver (/etc/resolv.conf, resolvectl status)";
        let next = match proxied {
            true => format!("{CHECK_PROXY}, and {resolver}"),
            false => format!("check {}_address in {}, and {resolver}", self.key, self.file()),
        };
        let (says, next) = match answer {
            Ok(Ok(found_addresses)) => {
                let addresses: Vec<SocketAddr> = found_addresses.collect();
                if !addresses.is_empty() {
                    let list: Vec<String> =
                        addresses.iter().map(|address| address.ip().to_string()).collect();
                    found.push(Finding::ok(self.step("name"), format!("{host} is {}", list.join(", "))));
                    return Some(addresses);
                }
                (format!("{host} has no address"), next)
            }
            Ok(Err(error)) => (format!("{host} has no address: {error}"), next),
            Err(_) => (format!("nobody answers who {host} is"), format!("check {resolver}")),
        };
        found.push(Finding::fail(self.step("name"), says, next));
        None
    }

    async fn connect(
        &self,
        found: &mut Vec<Finding>,
        addresses: &[SocketAddr],
        (host, port): (&str, u16),
        proxied: bool,
    ) -> Option<()> {
        let mut refusal = None;
        for address in addresses {
            match timeout(self.examination.connect_limit, TcpStream::connect(address)).await {
                Ok(Ok(_)) => {
                    found.push(Finding::ok(self.step("TCP"), format!("{host}:{port} takes connections")));
                    return Some(());
                }
                Ok(Err(error)) => refusal = Some(error.to_string()),
                Err(_) => {}
            }
        }
        let file = self.file();
        let next = match &refusal {
            _ if proxied => format!("this is the HTTP proxy, not the cloud: start it, or {CHECK_PROXY}"),
            None => format!(
                "packets get lost: check the route (magmad traceroute {host}), firewalls on the way, and {}_port in {file}",
                self.key
            ),
            Some(_) => format!(
                "nothing listens there, or a firewall refuses it: check {}_port in {file} (a standard Orchestrator has \
                 8443 for cloud_port and 8444 for bootstrap_port)",
                self.key
            ),
        };
        let says = refusal.unwrap_or_else(|| "no answer at all".to_owned());
        found.push(Finding::fail(self.step("TCP"), format!("{host}:{port}: {says}"), next));
        None
    }

    async fn shake_hands(
        &self,
        found: &mut Vec<Finding>,
        tls: &ClientTls,
        proxy: Option<HttpProxy>,
    ) -> Option<Connection> {
        let endpoint = Endpoint {
            host: self.host.to_owned(),
            port: self.port,
            server_name: self.server_name.clone(),
            transport: Transport::Tls(tls.clone()),
        };
        let connection = Connection::with(endpoint, Manner { proxy, ..Manner::default() });
        let channel = connection.channel(&self.server_name);
        match timeout(self.examination.connect_limit, channel.ready()).await {
            Ok(Ok(())) => {
                let says = format!("{} shows a certificate that is trusted", self.server_name);
                found.push(Finding::ok(self.step("TLS"), says));
                Some(connection)
            }
            Ok(Err(Failure::Timeout { .. })) | Err(_) => {
                let says = format!("{}:{} takes connections but does not speak TLS", self.host, self.port);
                let next = format!(
                    "check {}_port in {}; if it is right, something on the way holds large packets back (MTU of a \
                     tunnel or VSAT link)",
                    self.key,
                    self.file()
                );
                found.push(Finding::fail(self.step("TLS"), says, next));
                None
            }
            Ok(Err(failure)) => {
                found.push(Finding::fail(self.step("TLS"), failure.to_string(), self.advice(&failure)));
                None
            }
        }
    }

    /// What to do about a failure, with the file and the key.
    pub(super) fn advice(&self, failure: &Failure) -> String {
        let (file, key) = (self.file(), self.key);
        let root = self.examination.paths.resolve(&self.config.control_proxy.rootca_cert);
        match failure {
            Failure::ServerCertificate { reason, .. } if reason.contains("rootCA.pem") => format!(
                "put rootCA.pem of this cloud into {} (openssl s_client -connect {}:{} -showcerts shows who issued the \
                 server's); if it is the right one, {key}_address in {file} leads to another cloud, or a proxy on the \
                 way replaces certificates",
                root.display(),
                self.host,
                self.port
            ),
            Failure::ServerName { .. } => format!(
                "correct {key}_address in {file}: usual are controller.<domain> and bootstrapper-controller.<domain>, with \
                 a certificate for *.<domain>"
            ),
            Failure::ServerCertificate { reason, .. } if reason.contains("not valid yet") => {
                "set this machine's clock by NTP (timedatectl set-ntp true, chronyd)".to_owned()
            }
            Failure::ServerCertificate { .. } => {
                "renew the server's certificate at the cloud; if it is valid there, set this machine's clock by NTP"
                    .to_owned()
            }
            // The bootstrapper's port asks nobody for a certificate.
            Failure::ClientCertificateRejected { .. } if key == "bootstrap" => format!(
                "correct bootstrap_port in {file}: it leads to the port for gateways that have a certificate (usual are 8444 \
                 for bootstrap_port and 8443 for cloud_port)"
            ),
            Failure::ClientCertificateRejected { .. } | Failure::Http { status: 400 } => {
                let cert = self.examination.paths.resolve(&self.config.control_proxy.gateway_cert);
                format!(
                    "magmad gets a new certificate by itself when it runs; if that does not help, remove {} and restart \
                     it, and check that the cloud did not get new authorities",
                    cert.display()
                )
            }
            Failure::Proxy { .. } => format!("mend the proxy, or {CHECK_PROXY}"),
            Failure::Http { status: 502..=504 } => format!(
                "whoever answers there cannot reach the Orchestrator behind it: check {key}_address and {key}_port in \
                 {file}, then the cloud's own services"
            ),
            Failure::Http { .. } | Failure::Tls { .. } | Failure::Closed { .. } => format!(
                "check that {key}_port in {file} is the TLS port of an Orchestrator (8443 for cloud_port, 8444 for \
                 bootstrap_port), and that no proxy on the way answers in its place"
            ),
            _ => format!("check {key}_address and {key}_port in {file}, and the network"),
        }
    }

    pub(super) fn step(&self, what: &str) -> String {
        format!("{} {what}", self.name)
    }

    fn file(&self) -> String {
        control_proxy_yml(&self.examination.paths).display().to_string()
    }
}
