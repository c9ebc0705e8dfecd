//! TLS connections to what a cloud has beside its controller, with the same trust, certificate and HTTP proxy.

use magma_rpc::tls_stream::{self, ByteStream};

use super::{Cloud, credentials, http_proxy};

impl Cloud {
    /// Connects to `host:port`, whose certificate must be for `host`, and presents the gateway's.
    ///
    /// # Errors
    /// Why it cannot, in words for the operator.
    pub async fn stream(&self, host: &str, port: u16) -> Result<Box<dyn ByteStream>, String> {
        let settings = self.shared.settings.borrow().clone();
        let proxy =
            http_proxy(&settings, &self.shared.proxies, host, port).map_err(|error| error.to_string())?;
        let known = self.connections().tls.as_ref().map(|credentials| credentials.tls.clone());
        let tls = match known {
            Some(tls) => tls,
            None => credentials(&settings, &self.shared.paths).map_err(|error| error.to_string())?.tls,
        };
        tls_stream::connect(host, port, &tls, proxy.as_ref()).await.map_err(|failure| failure.to_string())
    }
}
