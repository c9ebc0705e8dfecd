//! How Magma names services: by HTTP/2 `:authority`, not by address.

/// The `:authority` of a cloud service: `state-controller.magma.test` for `state` and `controller.magma.test`.
///
/// In direct mode it is the TLS server name too.
pub fn cloud_authority(service: &str, cloud_address: &str) -> String {
    format!("{}-{cloud_address}", service.to_ascii_lowercase())
}

/// The `:authority` of a service on the same gateway: `magmad.local`.
pub fn local_authority(service: &str) -> String {
    format!("{}.local", service.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    #[test]
    fn authorities_are_lower_case() {
        assert_eq!(super::cloud_authority("State", "controller.magma.test"), "state-controller.magma.test");
        assert_eq!(super::local_authority("MAGMAD"), "magmad.local");
    }
}
