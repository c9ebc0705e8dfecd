//! Where a call goes: decided by its `:authority`, as existing gateways' services expect.

/// Where a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// To a service of this gateway, by its name in the registry.
    Local(&'a str),
    /// To the cloud.
    Cloud,
}

/// The route of a call to `authority`, which may end in a port.
pub(crate) fn of(authority: &str) -> Route<'_> {
    const LOCAL: &str = ".local";
    let host = authority.split(':').next().unwrap_or_default();
    let split = host.len().checked_sub(LOCAL.len()).and_then(|at| host.split_at_checked(at));
    match split {
        Some((service, end)) if end.eq_ignore_ascii_case(LOCAL) && !service.is_empty() => {
            Route::Local(service)
        }
        _ => Route::Cloud,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_below_local_stay_on_the_gateway() {
        for (authority, route) in [
            ("subscriberdb.local", Route::Local("subscriberdb")),
            ("mme.local:50073", Route::Local("mme")),
            ("MME.LOCAL", Route::Local("MME")),
            ("state-controller.magma.test", Route::Cloud),
            ("state-controller.magma.local.test:8443", Route::Cloud),
            (".local", Route::Cloud),
            ("local", Route::Cloud),
            ("é.local", Route::Local("é")),
            ("élocal", Route::Cloud),
            ("", Route::Cloud),
        ] {
            assert_eq!(of(authority), route, "{authority}");
        }
    }
}
