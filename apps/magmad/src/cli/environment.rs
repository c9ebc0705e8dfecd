//! What the environment says to the agent: HTTP proxies, whether this is a developer's or a container's network, and
//! whether systemd listens.

use std::net::Ipv4Addr;

use crate::http_proxies::HttpProxies;
use crate::options::Options;
use crate::sd_notify;

/// Takes from the environment what the agent knows of.
pub(super) fn take(options: &mut Options) {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let either = |name: &str| variable(name).or_else(|| variable(&name.to_ascii_uppercase()));
    let [https, http, no] = ["https_proxy", "http_proxy", "no_proxy"].map(either);
    options.http_proxies = HttpProxies::new(https.as_deref(), http.as_deref(), no.as_deref());
    options.notify = sd_notify::Settings::given(|name| std::env::var_os(name));
    // Magma-compat: with either of them its control proxy listens on all addresses.
    let open = ["MAGMA_DEV_MODE", "DOCKER_NETWORK_MODE"];
    if open.iter().any(|name| variable(name).as_deref() == Some("1")) {
        options.front_end_address = Ipv4Addr::UNSPECIFIED;
    }
}
