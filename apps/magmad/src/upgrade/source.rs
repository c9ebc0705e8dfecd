//! Where versions are fetched from and whose signature counts, as the configuration says now.

use std::fs;
use std::time::Duration;

use magma_config::{GatewayConfig, Paths, Upgrader};
use magma_rpc::http_proxy::HttpProxy;
use magma_rpc::tls::ClientTls;
use magma_upgrade::fetch::Source;
use magma_upgrade::trust::TrustedKeys;

use crate::http_proxies::HttpProxies;
use crate::trust;

/// A server that sends nothing for so long is given up for now.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// A key's file is a line or three.
const KEY_BYTES_MAX: u64 = 16 * 1024;

/// The source that `upgrader_factory` describes.
///
/// # Errors
/// In words for the operator, when something is missing or cannot be used.
pub(super) fn source(config: &GatewayConfig, paths: &Paths, proxies: &HttpProxies) -> Result<Source, String> {
    let factory = config.magmad.upgrader.as_ref().ok_or("magmad.yml has no upgrader_factory")?;
    let base_url =
        factory.http_base_url.clone().ok_or("upgrader_factory in magmad.yml has no http_base_url")?;
    let trust = trust::anchors(&config.control_proxy, paths).map_err(|error| error.to_string())?;
    Ok(Source {
        proxy: proxy(&base_url, config, factory, proxies)?,
        tls: ClientTls::new(&trust, None).map_err(|error| error.to_string())?,
        keys: keys(factory, paths)?,
        base_url,
        silence_max: SILENCE_MAX,
        bytes_per_second_max: factory.download_kbit_per_second_max.map(|kbit| kbit * 1000 / 8),
    })
}

/// The keys of `trusted_keys`.
///
/// # Errors
/// In words for the operator, when one cannot be used.
pub(super) fn keys(factory: &Upgrader, paths: &Paths) -> Result<TrustedKeys, String> {
    let mut keys = TrustedKeys::default();
    for path in &factory.trusted_keys {
        let path = paths.resolve(path);
        let wrong =
            |what: String| format!("the key {} of upgrader_factory.trusted_keys: {what}", path.display());
        let long = fs::metadata(&path).is_ok_and(|metadata| metadata.len() > KEY_BYTES_MAX);
        if long {
            return Err(wrong("it is too long for a key".to_owned()));
        }
        let text = fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
        keys.add(&text).map_err(|error| wrong(error.to_string()))?;
    }
    Ok(keys)
}

/// The proxy that the cloud is reached through, if `use_proxy` says so.
fn proxy(
    url: &str,
    config: &GatewayConfig,
    factory: &Upgrader,
    proxies: &HttpProxies,
) -> Result<Option<HttpProxy>, String> {
    if !(factory.use_proxy && config.control_proxy.allow_http_proxy) {
        return Ok(None);
    }
    let (default_port, rest) = match url.strip_prefix("https://") {
        Some(rest) => (443, rest),
        None => (80, url.strip_prefix("http://").unwrap_or(url)),
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().unwrap_or(default_port)),
        _ => (authority, default_port),
    };
    proxies.toward(host, port).map_err(|error| error.to_string())
}
