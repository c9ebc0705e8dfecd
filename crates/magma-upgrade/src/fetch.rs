//! Brings in what a version consists of: manifests whole, files with resume, each bounded by what was signed.
//!
//! A file grows as `.<name>.part` and gets its name once its digest is right. After a power cut the part goes on from the
//! last byte that surely reached the disk.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use magma_rpc::download::{self, Download, DownloadError};
use magma_rpc::http_proxy::HttpProxy;
use magma_rpc::tls::ClientTls;
use thiserror::Error;
use tokio::time::Instant;

use crate::disk::{Disk, length, sha256};
use crate::layout::Layout;
use crate::manifest::{Artefact, MANIFEST_BYTES_MAX, Manifest, ManifestError};
use crate::trust::{SignatureError, TrustedKeys};
use crate::version::Version;

/// How much comes in between two syncs, in bytes; so much at most is fetched twice after an interruption.
pub const SYNC_EVERY: u64 = 128 * 1024;
/// What has to stay free on the disk, in bytes.
const FREE_BYTES_MIN: u64 = 4 * 1024 * 1024;
/// How long a small document may take, and so many bytes of a file: a server that sends a byte now and then is never
/// silent, and would keep an upgrade to another version waiting for ever.
const SLOW_MAX: Duration = Duration::from_secs(3600);
/// Some signatures in base64.
const SIGNATURES_BYTES_MAX: usize = 4 * 1024;

/// Where versions are fetched from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The URL above the versions' folders, without a slash at its end.
    pub base_url: String,
    /// For `https`.
    pub tls: ClientTls,
    /// The HTTP proxy on the way, if there is one.
    pub proxy: Option<HttpProxy>,
    /// Whose manifests are followed.
    pub keys: TrustedKeys,
    /// The longest silence of the server.
    pub silence_max: Duration,
    /// The most bytes in a second, if there is such a limit.
    pub bytes_per_second_max: Option<u64>,
}

/// Why something is not here yet.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The server or the way to it; later, it may work.
    #[error("{0}")]
    Unreachable(String),
    /// What is on the server is not what it should be.
    #[error("{0}")]
    Contents(String),
    /// This machine's disk.
    #[error("{0}")]
    Disk(String),
}

impl From<SignatureError> for FetchError {
    fn from(error: SignatureError) -> Self {
        Self::Contents(error.to_string())
    }
}

impl From<ManifestError> for FetchError {
    fn from(error: ManifestError) -> Self {
        Self::Contents(error.to_string())
    }
}

impl Source {
    /// The manifest of a version, after its signature; and the key that made it, in base64.
    ///
    /// # Errors
    /// When it does not come, is not signed by a trusted key, or is not that version's.
    pub async fn manifest(&self, version: &Version) -> Result<(Manifest, String), FetchError> {
        if self.keys.is_empty() {
            return Err(SignatureError::NoKey.into());
        }
        let text = self.small(&self.url(version, "manifest.json"), MANIFEST_BYTES_MAX).await?;
        let signatures = self.small(&self.url(version, "manifest.json.sig"), SIGNATURES_BYTES_MAX).await?;
        let signer = self.keys.check(&text, &String::from_utf8_lossy(&signatures))?;
        Ok((Manifest::parse(&text, version)?, signer))
    }

    /// Brings a file in, from where it is on; afterwards it is at [`Layout::download`] and is the signed one.
    ///
    /// # Errors
    /// When it does not come whole, or is another one. What has come stays, if it can be the beginning of the right one.
    pub async fn file(
        &self,
        disk: &Arc<dyn Disk>,
        layout: &Layout,
        version: &Version,
        artefact: &Artefact,
    ) -> Result<(), FetchError> {
        if is_here(&layout.download(&artefact.name), artefact).await? {
            return Ok(());
        }
        let part = layout.part(&artefact.name);
        disk.create_folder(&layout.downloads()).map_err(of_disk)?;
        let have = beginning(disk.as_ref(), &part, artefact.size).map_err(of_disk)?;
        let free = disk.free_bytes(&layout.downloads()).map_err(of_disk)?;
        let needed = artefact.size - have + FREE_BYTES_MIN;
        if free < needed {
            let folder = layout.downloads();
            return Err(FetchError::Disk(format!(
                "{} bytes are free in {}, and {needed} are needed; make room there",
                free,
                folder.display()
            )));
        }
        if have < artefact.size {
            self.rest(disk, &part, &self.url(version, &artefact.name), artefact.size, have).await?;
        }
        if !is_here(&part, artefact).await? {
            disk.remove(&part).map_err(of_disk)?;
            return Err(FetchError::Contents(format!(
                "{} of version {version} has not the digest in the signed manifest; publish the right file",
                artefact.name
            )));
        }
        disk.rename(&part, &layout.download(&artefact.name)).map_err(of_disk)
    }

    /// The rest of a file, from byte `have` on.
    async fn rest(
        &self,
        disk: &Arc<dyn Disk>,
        part: &Path,
        url: &str,
        size: u64,
        have: u64,
    ) -> Result<(), FetchError> {
        let answer = self.ask(url, have).await.map_err(unreachable(url))?;
        let first = match answer.status {
            200 => {
                disk.remove(part).map_err(of_disk)?;
                0
            }
            206 if answer.range == Some((have, size)) => have,
            206 | 416 => {
                disk.remove(part).map_err(of_disk)?;
                return Err(FetchError::Contents(format!(
                    "{url} has another length than its signed manifest says"
                )));
            }
            status => {
                return Err(FetchError::Unreachable(format!("{url}: the server answers HTTP {status}")));
            }
        };
        if answer.length.is_some_and(|length| length != size - first) {
            return Err(FetchError::Contents(format!(
                "{url} has another length than its signed manifest says"
            )));
        }
        match self.pieces(disk, part, url, size, first, answer).await {
            // Else a long file behind a bad link would be fetched for ever.
            Err(FetchError::Unreachable(reason)) if first < have => Err(FetchError::Contents(format!(
                "{reason}, but this server begins again each time; serve the files with HTTP ranges"
            ))),
            result => result,
        }
    }

    async fn pieces(
        &self,
        disk: &Arc<dyn Disk>,
        part: &Path,
        url: &str,
        size: u64,
        mut have: u64,
        mut answer: Download,
    ) -> Result<(), FetchError> {
        let (began, first) = (Instant::now(), have);
        let mut synced = began;
        while let Some(piece) = answer.piece(self.silence_max).await.map_err(unreachable(url))? {
            if have + piece.len() as u64 > size {
                disk.remove(part).map_err(of_disk)?;
                return Err(FetchError::Contents(format!("{url} is longer than its signed manifest says")));
            }
            let mut piece = &piece[..];
            while !piece.is_empty() {
                // Never across a point of sync, so that what lies before the last one is surely on the disk.
                let room = SYNC_EVERY - have % SYNC_EVERY;
                let (now, later) =
                    piece.split_at(piece.len().min(usize::try_from(room).unwrap_or(usize::MAX)));
                disk.append(part, now).map_err(of_disk)?;
                have += now.len() as u64;
                if have.is_multiple_of(SYNC_EVERY) || have == size {
                    sync(disk, part).await?;
                    synced = Instant::now();
                }
                piece = later;
            }
            if synced.elapsed() > SLOW_MAX {
                return Err(FetchError::Unreachable(format!("{url}: the server sends next to nothing")));
            }
            if let Some(rate) = self.bytes_per_second_max {
                let due = Duration::from_secs_f64((have - first) as f64 / rate.max(1) as f64);
                tokio::time::sleep_until(began + due).await;
            }
        }
        if have == size {
            return Ok(());
        }
        Err(FetchError::Unreachable(format!(
            "{url} ended after {have} of {size} bytes; it goes on from there"
        )))
    }

    /// A small document, whole.
    async fn small(&self, url: &str, max: usize) -> Result<Vec<u8>, FetchError> {
        let limited = tokio::time::timeout(SLOW_MAX, self.small_answer(url, max)).await;
        limited.unwrap_or_else(|_| {
            Err(FetchError::Unreachable(format!("{url}: the server sends next to nothing")))
        })
    }

    async fn small_answer(&self, url: &str, max: usize) -> Result<Vec<u8>, FetchError> {
        let answer = self.ask(url, 0).await.map_err(unreachable(url))?;
        if answer.status != 200 {
            let status = answer.status;
            return Err(FetchError::Unreachable(format!("{url}: the server answers HTTP {status}")));
        }
        let whole = answer.whole(max, self.silence_max).await.map_err(unreachable(url))?;
        whole.ok_or_else(|| FetchError::Contents(format!("{url} is longer than {max} bytes")))
    }

    async fn ask(&self, url: &str, from: u64) -> Result<Download, DownloadError> {
        download::get(url, &self.tls, self.proxy.as_ref(), from, self.silence_max).await
    }

    fn url(&self, version: &Version, name: &str) -> String {
        format!("{}/{version}/{name}", self.base_url)
    }
}

/// How much of the part can be relied on: after a power cut its last bytes may be anything.
fn beginning(disk: &dyn Disk, part: &Path, size: u64) -> std::io::Result<u64> {
    let Some(length) = length(part) else { return Ok(0) };
    let reliable = if length == size { length } else { length / SYNC_EVERY * SYNC_EVERY };
    if length > size || reliable == 0 {
        disk.remove(part)?;
        return Ok(0);
    }
    if reliable < length {
        disk.truncate(part, reliable)?;
    }
    Ok(reliable)
}

/// Whether the file is the signed one. Reading it takes a while, so it happens beside the agent's thread.
pub(crate) async fn is_here(path: &Path, artefact: &Artefact) -> Result<bool, FetchError> {
    let (file, size) = (path.to_owned(), artefact.size);
    let digest = tokio::task::spawn_blocking(move || sha256(&file, size)).await;
    let digest = digest.map_err(std::io::Error::other).flatten().map_err(of_disk)?;
    Ok(digest.as_deref() == Some(&artefact.sha256))
}

async fn sync(disk: &Arc<dyn Disk>, path: &Path) -> Result<(), FetchError> {
    let (disk, path) = (disk.clone(), path.to_owned());
    let synced = tokio::task::spawn_blocking(move || disk.sync(&path)).await;
    synced.map_err(std::io::Error::other).flatten().map_err(of_disk)
}

fn of_disk(error: std::io::Error) -> FetchError {
    FetchError::Disk(format!("the disk: {error}"))
}

fn unreachable(url: &str) -> impl Fn(DownloadError) -> FetchError {
    move |error| FetchError::Unreachable(format!("{url}: {error}"))
}
