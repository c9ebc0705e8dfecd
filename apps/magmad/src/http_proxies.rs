//! The HTTP proxies that the environment names, and which connections go through one.
//!
//! The environment is read on the command line's side; here it is only understood. `control_proxy.yml` decides with
//! `allow_http_proxy` whether any of it counts, as with nghttpx.

use std::net::IpAddr;

use magma_rpc::http_proxy::{HttpProxy, HttpProxyError};

/// What `https_proxy`, `http_proxy` and `no_proxy` say. Credentials in it are never shown.
#[derive(Clone, Debug, Default)]
pub struct HttpProxies {
    proxy: Option<Result<HttpProxy, HttpProxyError>>,
    exempt: Vec<String>,
}

impl HttpProxies {
    /// From the values of the environment variables. `https_proxy` goes before `http_proxy`, which is the only one that
    /// nghttpx looks at; `no_proxy` lists names, domains and addresses, separated by commas, or is `*`.
    pub fn new(https_proxy: Option<&str>, http_proxy: Option<&str>, no_proxy: Option<&str>) -> Self {
        let url = [https_proxy, http_proxy].into_iter().flatten().find(|url| !url.trim().is_empty());
        let exempt = no_proxy.unwrap_or_default().split(',');
        let exempt = exempt.map(|entry| entry.trim().to_ascii_lowercase()).filter(|entry| !entry.is_empty());
        Self { proxy: url.map(HttpProxy::from_url), exempt: exempt.collect() }
    }

    /// The proxy for a connection to `host:port`, if it goes through one.
    ///
    /// # Errors
    /// When there is one, but its URL cannot be used.
    pub fn toward(&self, host: &str, port: u16) -> Result<Option<HttpProxy>, HttpProxyError> {
        match &self.proxy {
            Some(proxy) if !self.is_exempt(host, port) => proxy.clone().map(Some),
            _ => Ok(None),
        }
    }

    fn is_exempt(&self, host: &str, port: u16) -> bool {
        let host = host.to_ascii_lowercase();
        self.exempt.iter().any(|entry| covers(entry, &host, port))
    }
}

/// Whether an entry of `no_proxy` covers a host: as the name itself, as a domain that it is in, or as an address.
fn covers(entry: &str, host: &str, port: u16) -> bool {
    let (name, entry_port) = match entry.rsplit_once(':') {
        Some((name, digits)) if !name.contains(':') => (name, digits.parse::<u16>().ok()),
        _ => (entry, None),
    };
    if entry_port.is_some_and(|entry_port| entry_port != port) {
        return false;
    }
    if let (Ok(one), Ok(other)) = (name.parse::<IpAddr>(), host.parse::<IpAddr>()) {
        return one == other;
    }
    let domain = name.trim_start_matches("*.").trim_start_matches('.');
    name == "*" || host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_exempts_names_domains_and_addresses() {
        let rows = [
            ("", "controller.magma.test", false),
            ("*", "controller.magma.test", true),
            ("magma.test", "controller.magma.test", true),
            (".magma.test", "controller.magma.test", true),
            ("*.magma.test", "controller.magma.test", true),
            ("MAGMA.test", "Controller.magma.TEST", true),
            ("controller.magma.test", "controller.magma.test", true),
            ("controller.magma.test:8443", "controller.magma.test", true),
            ("controller.magma.test:8444", "controller.magma.test", false),
            ("gma.test", "controller.magma.test", false),
            ("localhost, 10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.10", false),
            ("fd00::1", "fd00:0::1", true),
            ("other.test,,", "controller.magma.test", false),
        ];
        for (no_proxy, host, exempt) in rows {
            let proxies = HttpProxies::new(Some("http://proxy:3128"), None, Some(no_proxy));
            let found = proxies.toward(host, 8443).expect("a URL");
            assert_eq!(found.is_none(), exempt, "no_proxy={no_proxy:?} and {host}");
        }
    }

    #[test]
    fn https_proxy_goes_before_http_proxy_and_an_empty_one_is_none() {
        let rows = [
            (None, None, None),
            (Some(""), Some(" "), None),
            (Some("http://a:1"), Some("http://b:2"), Some("a:1")),
            (Some(""), Some("http://b:2"), Some("b:2")),
            (None, Some("b:2"), Some("b:2")),
        ];
        for (https, http, expected) in rows {
            let found = HttpProxies::new(https, http, None).toward("c", 443).expect("a URL");
            assert_eq!(found.map(|proxy| proxy.to_string()).as_deref(), expected, "{https:?} {http:?}");
        }
        let secret = HttpProxies::new(Some("https://user:secret@a:1"), None, None);
        let error = secret.toward("c", 443).expect_err("TLS to the proxy is not supported");
        assert!(!format!("{error} {secret:?}").contains("secret"), "{error} {secret:?}");
    }
}
