//! Bringing a backup back into a data folder: all of it or nothing, whenever the power goes.
//!
//! Everything is first written beside where it belongs, under names that end in `.restoring`. Then a journal is written
//! that says what is to get which name; from its existence on, the restore is decided, and whoever opens the folder
//! next carries it out to its end. Without a journal, what is left beside is removed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use orc8r_store::{Backup, BackupFile, Database, Replace};

use crate::data_folder::DataFolder;

const JOURNAL: &str = "restore.journal";
const STAGED: &str = "restoring";
/// Files of this size belong to no backup: what an Orchestrator needs is small.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Files in the data folder that are not part of a backup: what is in the backup in another way, belongs to this
/// machine, or is made anew.
const LEFT_OUT: [&str; 4] = ["orc8r.lock", "database.url", "backup.last", JOURNAL];

/// Why a backup was not restored. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is something already.
    #[error("{what} is there already: --overwrite replaces it by the backup")]
    NotEmpty {
        /// A file, or the database.
        what: String,
    },
    /// The data folder cannot be used.
    #[error("cannot use the data folder {folder}: {error}")]
    DataFolder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The backup or the database cannot be used.
    #[error(transparent)]
    Store(#[from] orc8r_store::StoreError),
}

/// The small files of a data folder: authorities, certificates, keys.
pub(crate) fn files(folder: &DataFolder) -> io::Result<Vec<BackupFile>> {
    let mut found = Vec::new();
    for name in names(folder.path())? {
        let path = folder.path().join(&name);
        let is_database = name.starts_with("orc8r.db");
        if path.is_file() && !is_database && !LEFT_OUT.contains(&name.as_str()) {
            found.extend(read(&path, name)?);
        }
    }
    for name in names(&folder.certificates())? {
        let path = folder.certificates().join(&name);
        if path.is_file() {
            found.extend(read(&path, format!("certs/{name}"))?);
        }
    }
    Ok(found)
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(entry?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

fn read(path: &Path, name: String) -> io::Result<Option<BackupFile>> {
    let metadata = fs::metadata(path)?;
    if metadata.len() > FILE_BYTES_MAX || name.ends_with(".restoring") {
        return Ok(None);
    }
    let mode = metadata.permissions().mode() & 0o777;
    Ok(Some(BackupFile { path: name, mode, contents: fs::read(path)? }))
}

/// Brings `backup` into `folder` and `database`. The folder must be locked.
///
/// # Errors
/// [`RestoreError`]; with a server, its database may have been restored when a file then cannot be written.
pub(crate) async fn restore(
    backup: Backup,
    folder: &DataFolder,
    database: &Database,
    replace: Replace,
) -> Result<(), RestoreError> {
    let unusable = |error| RestoreError::DataFolder { folder: folder.path().to_owned(), error };
    finish(folder).map_err(unusable)?;
    if replace == Replace::Nothing {
        require_empty(&backup, folder, database)?;
    }
    let mut renames = stage_files(&backup, folder).map_err(unusable)?;
    match database {
        Database::File(file) => {
            // Whoever carries it out may be started somewhere else.
            let file = std::path::absolute(file).map_err(unusable)?;
            let staged = with_suffix(&file, ".restoring");
            remove_database(&staged).map_err(unusable)?;
            backup.into_file(&staged)?;
            renames.push((staged, file));
        }
        Database::Server(url) => backup.into_server(url, replace).await?,
    }
    write_journal(folder, &renames).map_err(unusable)?;
    finish(folder).map_err(unusable)?;
    Ok(())
}

fn require_empty(backup: &Backup, folder: &DataFolder, database: &Database) -> Result<(), RestoreError> {
    let files = backup.files().iter().map(|file| folder.path().join(&file.path));
    let there = files.chain(database.file().map(Path::to_owned)).find(|file| file.exists());
    match there {
        Some(file) => Err(RestoreError::NotEmpty { what: file.display().to_string() }),
        None => Ok(()),
    }
}

type Renames = Vec<(PathBuf, PathBuf)>;

fn stage_files(backup: &Backup, folder: &DataFolder) -> io::Result<Renames> {
    let staged = folder.path().join(STAGED);
    fs::DirBuilder::new().mode(0o700).create(&staged)?;
    let mut renames = Vec::new();
    for (number, file) in backup.files().iter().enumerate() {
        let target = folder.path().join(safe(&file.path)?);
        let path = staged.join(number.to_string());
        let mut written =
            OpenOptions::new().write(true).create_new(true).mode(file.mode & 0o777).open(&path)?;
        written.write_all(&file.contents)?;
        written.sync_all()?;
        renames.push((path, target));
    }
    File::open(&staged)?.sync_all()?;
    Ok(renames)
}

/// A path that stays in the folder.
fn safe(path: &str) -> io::Result<&Path> {
    let is_plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if is_plain && !path.is_empty() && !path.contains(['\n', '\t']) {
        return Ok(Path::new(path));
    }
    Err(io::Error::new(
        ErrorKind::InvalidData,
        format!("the backup has a file {path:?}, which is no place in it"),
    ))
}

fn write_journal(folder: &DataFolder, renames: &Renames) -> io::Result<()> {
    let mut lines = Vec::new();
    for (from, to) in renames {
        let (from, to) = (std::path::absolute(from)?, std::path::absolute(to)?);
        lines.push(format!("{}\t{}\n", from.display(), to.display()));
    }
    let text = lines.concat();
    let partial = folder.path().join("restore.journal.restoring");
    let _ = fs::remove_file(&partial);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&partial, folder.path().join(JOURNAL))?;
    sync(folder.path())
}

/// Carries a decided restore out to its end, and clears away one that was not decided. Returns whether there was one
/// to carry out. Doing it twice is no harm.
pub(crate) fn finish(folder: &DataFolder) -> io::Result<bool> {
    let journal = folder.path().join(JOURNAL);
    let text = match fs::read_to_string(&journal) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    for (from, to) in text.iter().flat_map(|text| text.lines()).filter_map(|line| line.split_once('\t')) {
        carry_out(Path::new(from), Path::new(to))?;
    }
    match fs::remove_dir_all(folder.path().join(STAGED)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    if text.is_some() {
        sync(folder.path())?;
        fs::remove_file(&journal)?;
        sync(folder.path())?;
    }
    Ok(text.is_some())
}

fn carry_out(from: &Path, to: &Path) -> io::Result<()> {
    if !from.exists() {
        return Ok(());
    }
    let parent = to.parent().unwrap_or(Path::new("."));
    if !parent.is_dir() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    }
    // The former database's journals, which would be taken for the new one's; its name is on every list.
    for suffix in ["-wal", "-shm"] {
        remove(&with_suffix(to, suffix))?;
    }
    fs::rename(from, to)?;
    sync(parent)
}

fn remove_database(file: &Path) -> io::Result<()> {
    ["", "-wal", "-shm", "-journal"].iter().try_for_each(|suffix| remove(&with_suffix(file, suffix)))
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests;
