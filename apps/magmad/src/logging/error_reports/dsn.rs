//! Where a Sentry takes reports, and with which key: its "DSN", `https://KEY@HOST[:PORT][/PREFIX]/PROJECT`.

/// A DSN, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dsn {
    /// Where envelopes go.
    pub(super) url: String,
    /// The public key, which each request names.
    pub(super) key: String,
    /// The server's name or address.
    pub(super) host: String,
    /// The server's port.
    pub(super) port: u16,
}

impl Dsn {
    /// Takes it apart.
    ///
    /// # Errors
    /// What it should look like. The text itself is not repeated, since it holds a key.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Self::parts(text).ok_or_else(|| "it is not like https://KEY@HOST/PROJECT".to_owned())
    }

    fn parts(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let default_port = match scheme {
            "https" => 443,
            "http" => 80,
            _ => return None,
        };
        let (keys, place) = rest.split_once('@')?;
        // A secret behind the key is of the time before version 7.
        let key = keys.split(':').next()?;
        let (server, path) = place.trim_end_matches('/').split_once('/')?;
        let (prefix, project) =
            path.rsplit_once('/').map_or(("", path), |(prefix, project)| (prefix, project));
        let plain = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if !plain(key) || !plain(project) || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        let (host, port) = match server.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
            _ => (server, default_port),
        };
        let prefix = if prefix.is_empty() { String::new() } else { format!("/{prefix}") };
        let url = format!("{scheme}://{server}{prefix}/api/{project}/envelope/");
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (!host.is_empty()).then(|| Self { url, key: key.to_owned(), host: host.to_owned(), port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_parts_lead_to_where_envelopes_go() {
        for (text, expected) in [
            ("https://k3y@sentry.test/1", Some(("https://sentry.test/api/1/envelope/", "sentry.test", 443))),
            (
                "http://k3y:old@[::1]:9000/a/b/7/",
                Some(("http://[::1]:9000/a/b/api/7/envelope/", "::1", 9000)),
            ),
            ("https://sentry.test/1", None),
            ("https://@sentry.test/1", None),
            ("https://k3y@sentry.test", None),
            ("https://k3y@sentry.test:x/1", None),
            ("https://k3y@:1/1", None),
            ("https://k\r\ny@sentry.test/1", None),
            ("ftp://k3y@sentry.test/1", None),
            ("", None),
        ] {
            let dsn = Dsn::parse(text).ok();
            let seen = dsn.as_ref().map(|dsn| (dsn.url.as_str(), dsn.host.as_str(), dsn.port));
            assert_eq!(seen, expected, "{text:?}");
            assert!(dsn.is_none_or(|dsn| dsn.key == "k3y"), "{text}");
        }
    }
}
