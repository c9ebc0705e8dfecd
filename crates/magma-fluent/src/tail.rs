//! Follows log files and takes each line that is added, across rotation, truncation and restarts.
//!
//! The place in each file is kept on disk. It is written after the lines are stored, so that a crash repeats lines and
//! loses none. A file that is seen for the first time is followed from its end, or from its beginning when it appears
//! later.

mod places;

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::intake::{Entry, Intake, Time};
use crate::lines::Lines;
use places::{Place, Places};

/// How often files are looked at, and how often the places in them are written down while they change.
const LOOK_EVERY: Duration = Duration::from_secs(5);
const SAVE_EVERY: Duration = Duration::from_secs(10);
/// Of the shortest lines, each takes a hundred times in memory what it takes in the file.
const READ_BYTES: usize = 16 * 1024;

/// The task's part of the inputs that reads files.
pub struct Follower {
    /// Who takes the lines.
    pub intake: Intake,
    /// Which files, each with the tag of its lines.
    pub files: watch::Receiver<BTreeMap<PathBuf, String>>,
    /// Where the places are kept.
    pub places: PathBuf,
}

/// A file that is open.
struct Open {
    file: File,
    /// Device and inode.
    identity: (u64, u64),
    /// How far it has been read.
    offset: u64,
    lines: Lines,
}

impl Follower {
    /// Follows the files. Never returns.
    pub async fn run(&mut self) {
        let mut places = Places::load(&self.places);
        let mut open: BTreeMap<PathBuf, Open> = BTreeMap::new();
        // From here on, a file that was not there before is new.
        let mut known: BTreeMap<PathBuf, String> = BTreeMap::new();
        let mut saved = Instant::now();
        loop {
            let files = self.files.borrow_and_update().clone();
            open.retain(|path, _| files.contains_key(path));
            places.keep(|path| files.contains_key(path));
            for (path, tag) in &files {
                let first_look = known.insert(path.clone(), tag.clone()).is_none();
                if let Err(error) = self.look(path, tag, first_look, &mut open, &mut places).await {
                    tracing::debug!(%error, path = %path.display(), "a followed file cannot be read");
                }
            }
            known.retain(|path, _| files.contains_key(path));
            if saved.elapsed() >= SAVE_EVERY {
                places.save_if_changed(&self.places);
                saved = Instant::now();
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY), if !files.is_empty() => {}
                changed = self.files.changed() => if changed.is_err() {
                    tokio::time::sleep(LOOK_EVERY).await;
                },
            }
        }
    }

    /// Takes all that one file has more than at the last look.
    async fn look(
        &self,
        path: &Path,
        tag: &str,
        first_look: bool,
        open: &mut BTreeMap<PathBuf, Open>,
        places: &mut Places,
    ) -> io::Result<()> {
        if let Some(known) = open.get_mut(path) {
            self.read_on(path, tag, known, places).await?;
            // What was written to the old file until it was renamed has been read; now the new one.
            match path.metadata() {
                Ok(now) if known.identity == identity(&now) => return Ok(()),
                Ok(_) => drop(open.remove(path)),
                Err(_) => return Ok(()),
            }
        }
        let mut opened = Open::at(path, places.get(path), first_look)?;
        let outcome = self.read_on(path, tag, &mut opened, places).await;
        open.insert(path.to_owned(), opened);
        outcome
    }

    async fn read_on(&self, path: &Path, tag: &str, open: &mut Open, places: &mut Places) -> io::Result<()> {
        open.begin_anew_if_cut()?;
        loop {
            let bytes = open.read()?;
            if !bytes.is_empty() {
                let lines = open.lines.push(&bytes);
                let entries =
                    lines.iter().map(|line| Entry::of_texts(Time::now(), &[("log", line)])).collect();
                // Lines that the disk does not take are counted; reading them for ever would help nobody.
                self.intake.take(tag, entries).await.ok();
            }
            places.set(path, open.place());
            if bytes.len() < READ_BYTES {
                return Ok(());
            }
        }
    }
}

impl Open {
    fn at(path: &Path, place: Option<Place>, first_look: bool) -> io::Result<Self> {
        // Before it is opened: to open a pipe waits until somebody writes to it.
        if !path.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        let identity = identity(&metadata);
        let offset = match place {
            Some(place) if place.identity == identity && place.offset <= metadata.len() => place.offset,
            Some(_) => 0,
            None if first_look => metadata.len(),
            None => 0,
        };
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self { file, identity, offset, lines: Lines::default() })
    }

    /// A file that became shorter was emptied and is written anew.
    fn begin_anew_if_cut(&mut self) -> io::Result<()> {
        if self.file.metadata()?.len() < self.offset {
            self.file.seek(SeekFrom::Start(0))?;
            (self.offset, self.lines) = (0, Lines::default());
        }
        Ok(())
    }

    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&self.file).take(READ_BYTES as u64).read_to_end(&mut bytes)?;
        self.offset += bytes.len() as u64;
        Ok(bytes)
    }

    /// The beginning of the line that is not complete yet.
    fn place(&self) -> Place {
        Place { identity: self.identity, offset: self.offset - self.lines.pending() as u64 }
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

#[cfg(test)]
mod tests;
