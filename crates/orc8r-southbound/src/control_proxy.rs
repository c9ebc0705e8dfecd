//! The `control_proxy.yml` that a gateway gets when it registers.

use orc8r_ca::DomainName;

/// Where gateways reach this Orchestrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayAddress {
    /// The domain under which its services are named.
    pub domain: DomainName,
    /// The port for gateways with a certificate; 8443 by default.
    pub cloud_port: u16,
    /// The port for gateways without one; 8444 by default.
    pub bootstrap_port: u16,
}

impl GatewayAddress {
    /// The file's text. The gateway writes it as it is, so the keys and the paths are those that Magma's gateways
    /// have always had.
    pub fn control_proxy_yml(&self) -> String {
        let Self { domain, cloud_port, bootstrap_port } = self;
        let (controller, bootstrapper) = (domain.controller(), domain.bootstrapper());
        format!(
            "nghttpx_config_location: /var/tmp/nghttpx.conf\n\
             \n\
             # The gateway's certificates.\n\
             rootca_cert: /var/opt/magma/certs/rootCA.pem\n\
             gateway_cert: /var/opt/magma/certs/gateway.crt\n\
             gateway_key: /var/opt/magma/certs/gateway.key\n\
             \n\
             # Where the gateway's own services reach the proxy.\n\
             local_port: 8443\n\
             \n\
             # Where this gateway's cloud is.\n\
             cloud_address: {controller}\n\
             cloud_port: {cloud_port}\n\
             bootstrap_address: {bootstrapper}\n\
             bootstrap_port: {bootstrap_port}\n\
             fluentd_address: fluentd.{domain}\n\
             fluentd_port: 24224\n\
             \n\
             proxy_cloud_connections: True\n\
             allow_http_proxy: False\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_the_keys_that_gateways_need_and_our_own_addresses() {
        let address = GatewayAddress {
            domain: DomainName::parse("magma.test").unwrap(),
            cloud_port: 9443,
            bootstrap_port: 9444,
        };
        let text = address.control_proxy_yml();
        for line in [
            "cloud_address: controller.magma.test",
            "cloud_port: 9443",
            "bootstrap_address: bootstrapper-controller.magma.test",
            "bootstrap_port: 9444",
            "rootca_cert: /var/opt/magma/certs/rootCA.pem",
            "local_port: 8443",
            "proxy_cloud_connections: True",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
        assert!(text.lines().all(|line| !line.starts_with(' ')), "flat YAML:\n{text}");
    }
}
