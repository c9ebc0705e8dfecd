//! From a finished capture to what is sent.

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, sleep, timeout};

use crate::folder::Files;
use crate::{Config, RunningTool, ToolEnd, Tools, command, pcapng};

/// How much of a capture is sent: gRPC takes messages of 4 MiB, and the frame needs some.
pub const CONTENT_BYTES_MAX: usize = 4 * 1024 * 1024 - 4096;

/// How often is looked whether a file is there.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What is left of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Whether the content is what was asked for.
    pub(crate) success: bool,
    /// A pcapng file; empty when there is none.
    pub(crate) content: Vec<u8>,
}

/// Waits until the file is there and has content, for `limit` at most.
pub(crate) async fn is_there(file: &Path, limit: Duration) -> bool {
    let until = Instant::now() + limit;
    loop {
        if tokio::fs::metadata(file).await.is_ok_and(|file| file.len() > 0) {
            return true;
        }
        if Instant::now() >= until {
            return false;
        }
        sleep(LOOK_AGAIN).await;
    }
}

/// What is to be sent of a capture that has ended.
pub(crate) async fn outcome(
    config: &Config,
    tools: &dyn Tools,
    files: &Files,
    display_filters: Option<&str>,
) -> Outcome {
    if !is_there(&files.capture, config.limits.file).await {
        tracing::warn!(file = %files.capture.display(), "a call trace has no file");
        return Outcome::default();
    }
    let filtered = match display_filters {
        Some(filter) => post_process(config, tools, files, filter).await,
        None => None,
    };
    // What could not be filtered is sent as it was captured, but not as a success.
    let success = filtered.is_some() || display_filters.is_none();
    match read(filtered.unwrap_or(&files.capture)).await {
        Ok(content) => Outcome { success, content },
        Err(error) => {
            tracing::warn!(file = %files.capture.display(), %error, "a call trace cannot be read");
            Outcome::default()
        }
    }
}

/// The filtered file; none, with the reason in the log, when it cannot be made.
async fn post_process<'f>(
    config: &Config,
    tools: &dyn Tools,
    files: &'f Files,
    filter: &str,
) -> Option<&'f Path> {
    let command = command::post_process(config, filter, &files.capture, &files.filtered);
    let mut tool = match tools.start(command) {
        Ok(tool) => tool,
        Err(error) => {
            tracing::warn!(%error, "the display filter of a call trace was not applied");
            return None;
        }
    };
    match timeout(config.limits.post_processing, RunningTool::ended(&mut *tool)).await {
        Ok(ToolEnd { success: true, .. }) => Some(&files.filtered),
        Ok(ToolEnd { said, .. }) => {
            tracing::warn!(said, "the display filter of a call trace was not applied");
            None
        }
        Err(_) => {
            let seconds = config.limits.post_processing.as_secs();
            tracing::warn!(seconds, "the display filter of a call trace took too long and was not applied");
            None
        }
    }
}

/// The file's whole blocks, as far as they fit.
async fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(file).await?.take(CONTENT_BYTES_MAX as u64).read_to_end(&mut content).await?;
    if content.len() == CONTENT_BYTES_MAX {
        content.truncate(pcapng::whole_blocks(&content));
    }
    Ok(content)
}
