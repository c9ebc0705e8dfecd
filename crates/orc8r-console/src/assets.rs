//! The files that a browser keeps: all of them are in the program, and no page asks any other machine for one.
//!
//! A file's name has a sum of its content, so it never changes and is never asked for twice. Where the libraries come
//! from stands in `assets/vendor/README.md`.

use crate::compress::takes_gzip;
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::LazyLock;

/// Where they are served, below the console's own place.
pub(crate) const PLACE: &str = "/console/assets/";

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JSON: &str = "application/json";

/// What the pages name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asset {
    /// The look of every page.
    Style,
    /// htmx, idiomorph, and what all pages do by themselves: one file, one request.
    Script,
    /// uPlot and what draws charts with it, for pages that have some.
    Chart,
    /// What follows a log, for the pages that show one.
    Log,
    /// Leaflet and what draws the map with it.
    Map,
    /// The look of the map.
    MapStyle,
    /// The coastlines below it.
    Coast,
}

impl Asset {
    const ALL: [Self; 7] =
        [Self::Style, Self::Script, Self::Chart, Self::Log, Self::Map, Self::MapStyle, Self::Coast];

    /// What it is, as a browser is told.
    fn kind(self) -> &'static str {
        match self {
            Self::Style | Self::MapStyle => CSS,
            Self::Script | Self::Chart | Self::Log | Self::Map => JAVASCRIPT,
            Self::Coast => JSON,
        }
    }

    /// Whether a page names it in its head as a script; otherwise it is a style.
    pub(crate) fn is_script(self) -> bool {
        self.kind() == JAVASCRIPT
    }

    fn text(self) -> &'static str {
        match self {
            Self::Style => concat!(
                include_str!("../assets/vendor/uplot-1.6.32.min.css"),
                "\n",
                include_str!("../assets/console.css"),
            ),
            Self::Script => concat!(
                include_str!("../assets/vendor/htmx-2.0.11.min.js"),
                "\n",
                include_str!("../assets/vendor/idiomorph-0.8.0.min.js"),
                "\n",
                include_str!("../assets/console.js"),
            ),
            Self::Chart => concat!(
                include_str!("../assets/vendor/uplot-1.6.32.min.js"),
                "\n",
                include_str!("../assets/chart.js"),
            ),
            Self::Log => include_str!("../assets/log.js"),
            Self::Map => concat!(
                include_str!("../assets/vendor/leaflet-1.9.4.js"),
                "\n",
                include_str!("../assets/map.js"),
            ),
            Self::MapStyle => concat!(
                include_str!("../assets/vendor/leaflet-1.9.4.css"),
                "\n",
                include_str!("../assets/map.css"),
            ),
            Self::Coast => include_str!("../assets/vendor/coast.json"),
        }
    }

    fn extension(self) -> &'static str {
        match self.kind() {
            JAVASCRIPT => "js",
            JSON => "json",
            _ => "css",
        }
    }

    /// Where a page finds it.
    pub(crate) fn url(self) -> &'static str {
        FILES.urls.get(&self).map(String::as_str).unwrap_or_default()
    }
}

struct Files {
    urls: BTreeMap<Asset, String>,
    by_name: BTreeMap<String, File>,
}

struct File {
    kind: &'static str,
    text: &'static str,
    compressed: Vec<u8>,
}

/// Compressed once, when the first page is asked for.
static FILES: LazyLock<Files> = LazyLock::new(|| {
    let mut files = Files { urls: BTreeMap::new(), by_name: BTreeMap::new() };
    for asset in Asset::ALL {
        let text = asset.text();
        let name = format!("console.{:016x}.{}", sum(text.as_bytes()), asset.extension());
        files.urls.insert(asset, format!("{PLACE}{name}"));
        let kind = asset.kind();
        files.by_name.insert(name, File { kind, text, compressed: compress(text.as_bytes()) });
    }
    files
});

/// The files' routes; everybody is served.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/console/assets/{file}", get(serve))
}

async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(file) = FILES.by_name.get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let takes_gzip = takes_gzip(&headers);
    let mut response = match takes_gzip {
        true => file.compressed.as_slice().into_response(),
        false => file.text.into_response(),
    };
    let said = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, file.kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::VARY, "accept-encoding"),
    ] {
        said.insert(name, HeaderValue::from_static(value));
    }
    if takes_gzip {
        said.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// FNV-1a: tells versions of a file apart.
fn sum(bytes: &[u8]) -> u64 {
    let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The budget of all JavaScript together, in bytes as they travel (SPECIFICATION.md).
    const SCRIPTS_MAX: usize = 120_000;

    #[test]
    fn the_scripts_stay_within_their_budget() {
        let scripts = FILES.by_name.values().filter(|file| file.kind == JAVASCRIPT);
        let bytes: usize = scripts.map(|file| file.compressed.len()).sum();
        assert!(bytes <= SCRIPTS_MAX, "{bytes} bytes of scripts; at most {SCRIPTS_MAX}");
    }

    #[test]
    fn each_file_has_a_name_of_its_own() {
        assert_eq!(FILES.by_name.len(), Asset::ALL.len());
        for asset in Asset::ALL {
            assert!(asset.url().starts_with(PLACE), "{asset:?}");
        }
    }
}
