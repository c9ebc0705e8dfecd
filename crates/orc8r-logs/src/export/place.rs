//! How far an export has come, in a small file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use orc8r_store::ArchivePlace;
use tokio::task::spawn_blocking;

use super::{Engine, What};

#[derive(Debug, Clone)]
pub(super) struct PlaceFile(PathBuf);

impl PlaceFile {
    pub(super) fn of(folder: &Path, engine: Engine, what: What) -> Self {
        let engine = match engine {
            Engine::OpenSearch => "opensearch",
            Engine::Loki => "loki",
        };
        let what = match what {
            What::Events => "events",
            What::Logs => "logs",
        };
        Self(folder.join(format!("{engine}-{what}.place")))
    }

    /// The place; without one, the beginning of all that is there.
    pub(super) async fn read(&self) -> ArchivePlace {
        let path = self.0.clone();
        let text = spawn_blocking(move || fs::read_to_string(path)).await;
        text.ok().and_then(Result::ok).and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// Keeps it; what cannot be kept is exported once more after the next start.
    pub(super) async fn write(&self, place: ArchivePlace) {
        let path = self.0.clone();
        let written = spawn_blocking(move || replace(&path, &place.to_string())).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(file = %self.0.display(), %error, "how far an export has come cannot be kept");
        }
    }
}

/// Whole or not at all.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(new, path)
}
