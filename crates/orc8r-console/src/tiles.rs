//! Where the map's tiles come from, where somebody has some; without them, it shows coastlines of its own.

/// A server of map tiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tiles {
    url: String,
    origin: String,
    attribution: String,
}

impl Tiles {
    /// Reads a URL with `{z}`, `{x}` and `{y}` in the places of zoom, column and row.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").ok_or("it begins with https://")?;
        if !matches!(scheme, "https" | "http") {
            return Err("it begins with https://".to_owned());
        }
        let (host, path) = rest.split_once('/').ok_or("it has a path with {z}, {x} and {y}")?;
        let is_host = |letter: char| letter.is_ascii_alphanumeric() || ".-:[]".contains(letter);
        if host.is_empty() || !host.chars().all(is_host) {
            return Err(format!(
                "{host:?} is not the name of one host: pages may load images of that one only"
            ));
        }
        if let Some(missing) = ["{z}", "{x}", "{y}"].into_iter().find(|part| !path.contains(part)) {
            return Err(format!("{missing} is missing"));
        }
        let origin = format!("{scheme}://{host}");
        Ok(Self { url: url.to_owned(), origin, attribution: String::new() })
    }

    /// The same, with whom the map thanks for them.
    #[must_use]
    pub fn thanking(self, attribution: impl Into<String>) -> Self {
        Self { attribution: attribution.into(), ..self }
    }

    /// Whom the map thanks.
    pub(crate) fn attribution(&self) -> &str {
        &self.attribution
    }

    /// What the map asks for.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The origin that the page may load images of.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_come_from_one_host() {
        let tiles = Tiles::parse("https://tiles.example:8443/a/{z}/{x}/{y}.png?key=1").unwrap();
        assert_eq!(tiles.origin(), "https://tiles.example:8443");
        for wrong in [
            "",
            "tiles.example/{z}/{x}/{y}",
            "ftp://a/{z}/{x}/{y}",
            "https://{s}.example/{z}/{x}/{y}",
            "https://a; script-src *//{z}/{x}/{y}",
            "https://a/{z}/{x}",
            "https:///{z}/{x}/{y}",
        ] {
            assert!(Tiles::parse(wrong).is_err(), "{wrong}");
        }
    }
}
