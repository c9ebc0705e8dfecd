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
    /// The port for gateways' events and logs; 24224 by default.
    pub logs_port: u16,
}

impl GatewayAddress {
    /// The file's text: what only the cloud knows. The gateway writes it as it is, as an override of its own
    /// `control_proxy.yml`, key by key; so where its certificates are, and whether it has a proxy, stays its own.
    pub fn control_proxy_yml(&self) -> String {
        let Self { domain, cloud_port, bootstrap_port, logs_port } = self;
        let (controller, bootstrapper) = (domain.controller(), domain.bootstrapper());
        format!(
            "# Where this gateway's cloud is. What is not here is as in the gateway's own control_proxy.yml.\n\
             cloud_address: {controller}\n\
             cloud_port: {cloud_port}\n\
             bootstrap_address: {bootstrapper}\n\
             bootstrap_port: {bootstrap_port}\n\
             fluentd_address: fluentd.{domain}\n\
             fluentd_port: {logs_port}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_the_addresses_of_the_cloud_and_nothing_of_the_gateways_own() {
        let address = GatewayAddress {
            domain: DomainName::parse("magma.test").unwrap(),
            cloud_port: 9443,
            bootstrap_port: 9444,
            logs_port: 24225,
        };
        let text = address.control_proxy_yml();
        for line in [
            "cloud_address: controller.magma.test",
            "cloud_port: 9443",
            "bootstrap_address: bootstrapper-controller.magma.test",
            "bootstrap_port: 9444",
            "fluentd_address: fluentd.magma.test",
            "fluentd_port: 24225",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
        for own in
            ["gateway_cert", "rootca_cert", "local_port", "proxy_cloud_connections", "allow_http_proxy"]
        {
            assert!(!text.contains(own), "{own} is the gateway's own:\n{text}");
        }
        assert!(text.lines().all(|line| !line.starts_with(' ')), "flat YAML:\n{text}");
    }
}
