//! Sees to it that one gateway has one agent: two would fight over its certificate, services and session.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use magma_config::Paths;
use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
use rustix::io::Errno;
use thiserror::Error;

const FILE: &str = "/var/opt/magma/magmad.lock";

/// Keeps other agents out while it lives. The kernel gives the lock back however the agent ends.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "held, not used")] File);

/// Another agent runs with the same files.
#[derive(Debug, Error)]
#[error(
    "another magmad{holder} runs for this gateway: it holds the lock {}; stop that one first, or name another folder \
     with --config-root", file.display()
)]
pub(super) struct AlreadyRunning {
    file: PathBuf,
    holder: String,
}

/// Takes the lock; none, with a warning, where the file cannot be written, since a gateway must work there too.
///
/// # Errors
/// When another agent holds it.
pub(super) fn lock(paths: &Paths) -> Result<Option<Lock>, AlreadyRunning> {
    let path = paths.resolve(Path::new(FILE));
    let unlocked = |error: io::Error| {
        tracing::warn!(
            "cannot lock {}: {error}; nothing keeps a second magmad from running for this gateway",
            path.display()
        );
        Ok(None)
    };
    let mut file = match opened(&path) {
        Ok(file) => file,
        Err(error) => return unlocked(error),
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Err(AlreadyRunning { holder: holder(&mut file), file: path }),
        Err(error) => return unlocked(error.into()),
    }
    // Only for the other's message: a full disk must not keep this gateway from its cloud.
    file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).ok();
    Ok(Some(Lock(file)))
}

/// The process of the agent that runs with these files; none when none does.
#[cfg(feature = "resources")]
pub fn process(paths: &Paths) -> Option<u32> {
    let mut file = File::open(paths.resolve(Path::new(FILE))).ok()?;
    // Who can lock it has nobody beside it; and gives it back at once.
    let held = flock(&file, FlockOperation::NonBlockingLockShared) == Err(Errno::WOULDBLOCK);
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok().filter(|_| held)
}

fn opened(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let how = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file: OwnedFd = open(path, how, Mode::from_raw_mode(0o644))?;
    Ok(file.into())
}

/// The process that holds the lock, as far as the file tells.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok();
    text.trim().parse::<u32>().map(|id| format!(" (process {id})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_refused_until_the_first_has_ended() {
        let (root, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let paths = Paths::under(root.path());
        let first = lock(&paths).unwrap();
        assert!(first.is_some());
        let file = root.path().join("var/opt/magma/magmad.lock");
        for _ in 0..2 {
            let said = lock(&paths).expect_err("the first one runs").to_string();
            assert!(said.contains(&format!("the lock {}; stop that one", file.display())), "{said}");
            assert!(said.contains(&format!("(process {})", std::process::id())), "{said}");
        }
        assert!(lock(&Paths::under(other.path())).unwrap().is_some(), "another gateway is not concerned");
        drop(first);
        assert!(file.exists(), "a file that stays, as after a crash, locks nothing");
        #[cfg(feature = "resources")]
        assert_eq!(process(&paths), None, "it names who was there before");
        let _lock = lock(&paths).unwrap();
        #[cfg(feature = "resources")]
        assert_eq!(process(&paths), Some(std::process::id()));
    }

    #[test]
    fn where_nothing_can_be_written_the_agent_runs_unlocked() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("var"), "a file where the folder should be").unwrap();
        assert!(lock(&Paths::under(root.path())).unwrap().is_none());
    }
}
