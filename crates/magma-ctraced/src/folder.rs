//! The folder of the captures, with a bound on how many stay there.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Captures are named by their moment, so that they sort by it.
const CAPTURE: &str = "call_trace_";
const FILTERED: &str = "call_trace_postprocessed_";
const ENDING: &str = ".pcapng";

/// How many captures of earlier traces stay, for an operator on the spot.
const KEPT: usize = 2;

/// The files of one trace. The filtered one goes when this is dropped; it is made of the other.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) capture: PathBuf,
    pub(crate) filtered: PathBuf,
}

impl Files {
    /// Makes the folder, removes what is too much in it, and names the files of a new trace.
    pub(crate) fn new(directory: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        remove_old(directory)?;
        let moment = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let file = |name: &str| directory.join(format!("{name}{moment}{ENDING}"));
        Ok(Self { capture: file(CAPTURE), filtered: file(FILTERED) })
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        fs::remove_file(&self.filtered).ok();
    }
}

fn remove_old(directory: &Path) -> io::Result<()> {
    let mut captures = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(FILTERED) {
            fs::remove_file(&path)?;
        } else if name.starts_with(CAPTURE) {
            captures.push(path);
        }
    }
    captures.sort();
    let too_many = captures.len().saturating_sub(KEPT);
    captures.iter().take(too_many).try_for_each(fs::remove_file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_captures_stay_and_other_files_are_left_alone() {
        let folder = tempfile::TempDir::new().unwrap();
        let directory = folder.path().join("new/trace");
        Files::new(&directory).unwrap();
        let names = |directory: &Path| {
            let mut names: Vec<_> =
                fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        for name in ["call_trace_1.pcapng", "call_trace_2.pcapng", "call_trace_3.pcapng", "mine"] {
            fs::write(directory.join(name), "").unwrap();
        }
        fs::write(directory.join("call_trace_postprocessed_3.pcapng"), "").unwrap();
        let files = Files::new(&directory).unwrap();
        assert_eq!(names(&directory), ["call_trace_2.pcapng", "call_trace_3.pcapng", "mine"]);
        fs::write(&files.filtered, "").unwrap();
        drop(files);
        assert_eq!(names(&directory).len(), 3, "what was filtered is gone with its trace");
    }
}
