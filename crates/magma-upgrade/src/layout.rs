//! Where an upgrade keeps its files: all in one folder, on one file system, so that a file moves by a rename.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{Disk, contents};
use crate::journal::{Journal, SlotName};
use crate::version::Version;

/// The name of the agent's program in a slot.
const PROGRAM: &str = "magmad";
/// A journal is a few kilobytes.
const JOURNAL_BYTES_MAX: u64 = 256 * 1024;

/// The folder, `/var/opt/magma/upgrade` on a gateway.
#[derive(Clone, Debug)]
pub struct Layout {
    folder: PathBuf,
}

/// What an operator asks of a running agent, through a file that only root can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Go to the tier's version at once, whatever `autoupgrade_enabled` says and however often it failed.
    Now,
    /// Take the last upgrade back, or the one under way, or let the one whose files come in be.
    RollBack,
    /// Begin nothing, and let what is under way wait before its switch, until [`Request::Now`].
    Pause,
}

impl Layout {
    /// The files below `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What is written down.
    pub fn journal(&self) -> PathBuf {
        self.folder.join("journal.json")
    }

    /// Where downloads are.
    pub fn downloads(&self) -> PathBuf {
        self.folder.join("download")
    }

    /// A file that is complete.
    pub fn download(&self, name: &str) -> PathBuf {
        self.downloads().join(name)
    }

    /// A file that is coming in. No artefact's name ends so: see [`Layout::download`].
    pub fn part(&self, name: &str) -> PathBuf {
        self.downloads().join(format!(".{name}.part"))
    }

    /// The program in a slot.
    pub fn program(&self, slot: SlotName) -> PathBuf {
        self.folder.join(slot.as_str()).join(PROGRAM)
    }

    /// The link to the slot in use, for people and for start scripts of others.
    pub fn current(&self) -> PathBuf {
        self.folder.join("current")
    }

    /// The program of the agent that an upgrade by packages replaces, while that upgrade is under way.
    pub fn guard(&self) -> PathBuf {
        self.folder.join("guard").join(PROGRAM)
    }

    /// Where the packages of a version are kept, for the way back.
    pub fn packages(&self, version: &Version) -> PathBuf {
        self.folder.join("packages").join(version.as_str())
    }

    /// Whether this program runs from a slot, and from which.
    pub fn slot_of(&self, program: &Path) -> Option<SlotName> {
        let program = fs::canonicalize(program).ok()?;
        [SlotName::A, SlotName::B]
            .into_iter()
            .find(|slot| fs::canonicalize(self.program(*slot)).is_ok_and(|file| file == program))
    }

    /// Holds the folder for one process until the file is dropped; none while there is no folder yet.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] while another process holds it, and those of the file system.
    pub fn hold(&self) -> io::Result<Option<File>> {
        let folder = match File::open(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        folder.try_lock()?;
        Ok(Some(folder))
    }

    /// The journal; an empty one without a file.
    ///
    /// # Errors
    /// When it cannot be read or understood, in words.
    pub fn load(&self) -> Result<Journal, String> {
        let path = self.journal();
        match contents(&path, JOURNAL_BYTES_MAX) {
            Ok(None) => Ok(Journal::default()),
            Ok(Some(text)) => Journal::parse(&text),
            Err(error) => Err(error.to_string()),
        }
        .map_err(|reason| format!("{} cannot be used: {reason}", path.display()))
    }

    /// Writes the journal.
    ///
    /// # Errors
    /// Those of the file system; the one before remains then.
    pub fn save(&self, disk: &dyn Disk, journal: &Journal) -> io::Result<()> {
        disk.create_folder(&self.folder)?;
        disk.replace(&self.journal(), journal.to_json().to_string().as_bytes())
    }

    /// Leaves a request for the running agent, or for the next start.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn request(&self, disk: &dyn Disk, request: Request) -> io::Result<()> {
        disk.create_folder(&self.folder)?;
        let word = match request {
            Request::Now => "now",
            Request::RollBack => "rollback",
            Request::Pause => "pause",
        };
        disk.replace(&self.request_file(), word.as_bytes())
    }

    /// The request that was left.
    pub fn requested(&self) -> Option<Request> {
        match contents(&self.request_file(), 64).ok()??.trim_ascii() {
            b"now" => Some(Request::Now),
            b"rollback" => Some(Request::RollBack),
            b"pause" => Some(Request::Pause),
            _ => None,
        }
    }

    /// Forgets the request, before or after it was followed.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn forget_request(&self, disk: &dyn Disk) -> io::Result<()> {
        disk.remove(&self.request_file())
    }

    fn request_file(&self) -> PathBuf {
        self.folder.join("request")
    }
}
