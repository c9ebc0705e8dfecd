//! `gateway.mconfig` on disk: the stored one, the last good copy of it, and the default that the gateway shipped with.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::applied::{AppliedFile, Digests};
use super::{GatewayMconfig, MconfigError};
use crate::{Magmad, Paths, atomic_file};

const FILE_NAME: &str = "gateway.mconfig";

/// Magma's other services read the file, some of them as other users.
const MODE: u32 = 0o644;

/// Where `gateway.mconfig` is kept on this gateway.
///
/// Beside the stored document lies `gateway.mconfig.good`, a copy of it. A stored document that cannot be parsed any
/// more is renamed to `gateway.mconfig.corrupt`, for a person to look at, and the copy takes its place, so that the
/// gateway's other services find a usable one too.
#[derive(Clone, Debug)]
pub struct MconfigStore {
    stored: PathBuf,
    shipped: Vec<PathBuf>,
    applied: AppliedFile,
    static_copy: Option<StaticCopy>,
}

/// The shipped default that follows what is stored (`static_mconfig_update_interval_minutes`), so that a gateway whose
/// stored document is lost begins with a recent one.
#[derive(Clone, Debug)]
struct StaticCopy {
    path: PathBuf,
    interval: Duration,
}

/// A document that was read, and from where.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The document.
    pub mconfig: GatewayMconfig,
    /// The file that it came from.
    pub path: PathBuf,
    /// Why it is not the best one that there should be, in words for the log; `None` when nothing was wrong.
    pub fell_back: Option<String>,
}

/// What is wrong with one of the files.
enum Flaw {
    Absent,
    Unreadable(io::Error),
    Corrupt(MconfigError),
}

impl MconfigStore {
    /// The store of a gateway with this layout and these settings: `dynamic_mconfig_dir` or the override folder for
    /// the stored document; for the shipped one the folder given to [`Paths::with_shipped_mconfig_dir`], then
    /// `static_mconfig_dir`, then the base folders.
    pub fn new(paths: &Paths, magmad: &Magmad) -> Self {
        let dynamic = magmad.dynamic_mconfig_dir.as_deref().map(|dir| paths.resolve(dir));
        let stored = dynamic.unwrap_or_else(|| paths.override_dir()).join(FILE_NAME);
        let given = paths.shipped_mconfig_dir().map(Path::to_owned);
        let static_dir = magmad.static_mconfig_dir.as_deref().map(|dir| paths.resolve(dir));
        let mut shipped = Vec::new();
        for dir in given.into_iter().chain(static_dir).chain(paths.base_dirs()) {
            let file = dir.join(FILE_NAME);
            if file != stored && !shipped.contains(&file) {
                shipped.push(file);
            }
        }
        let applied = AppliedFile::beside(&stored);
        let static_copy = magmad.static_mconfig_update_interval.map(|interval| {
            let dir = magmad.static_mconfig_dir.as_deref().unwrap_or(Path::new("/etc/magma"));
            StaticCopy { path: paths.resolve(dir).join(FILE_NAME), interval }
        });
        Self { stored, shipped, applied, static_copy }
    }

    /// The file that the cloud's document is stored in.
    pub fn stored_path(&self) -> &Path {
        &self.stored
    }

    /// The stored document's file, else the shipped default's; none when there is neither.
    pub fn path(&self) -> Option<&Path> {
        [&self.stored].into_iter().chain(&self.shipped).map(PathBuf::as_path).find(|path| path.is_file())
    }

    /// The first usable of: stored, last good, shipped default. A corrupt stored one is put aside and the last good
    /// one put in its place; so it is where a power cut came between the two.
    ///
    /// # Errors
    /// [`MconfigError::NoneUsable`].
    pub fn load(&self) -> Result<Loaded, MconfigError> {
        let flaw = read(&self.stored).err();
        let mut loaded = self.peek();
        let done = match flaw {
            Some(Flaw::Corrupt(_)) => self.put_aside(loaded.as_ref().ok()),
            Some(Flaw::Absent) => self.put_in_place(loaded.as_ref().ok()),
            Some(Flaw::Unreadable(_)) | None => String::new(),
        };
        match &mut loaded {
            Ok(Loaded { fell_back: Some(reason), .. }) => reason.push_str(&done),
            Err(MconfigError::NoneUsable { reasons }) => reasons.push_str(&done),
            _ => {}
        }
        loaded
    }

    /// The same as [`MconfigStore::load`] without changing any file.
    ///
    /// # Errors
    /// [`MconfigError::NoneUsable`].
    pub fn peek(&self) -> Result<Loaded, MconfigError> {
        let good = self.last_good();
        let candidates = [&self.stored, &good].into_iter().chain(&self.shipped);
        let mut reasons: Vec<String> = Vec::new();
        for path in candidates {
            match read(path) {
                Ok(mconfig) => {
                    let fell_back = (!reasons.is_empty())
                        .then(|| format!("{}; using {} instead", reasons.join("; "), path.display()));
                    return Ok(Loaded { mconfig, path: path.clone(), fell_back });
                }
                Err(Flaw::Absent) => {}
                Err(Flaw::Unreadable(error)) => {
                    reasons.push(format!("cannot read {}: {error}", path.display()))
                }
                Err(Flaw::Corrupt(error)) => reasons.push(format!("{} is corrupt: {error}", path.display())),
            }
        }
        if reasons.is_empty() {
            let places: Vec<_> = self.shipped.iter().map(|path| path.display().to_string()).collect();
            reasons.push(format!("there is none at {} or {}", self.stored.display(), places.join(", ")));
        }
        Err(MconfigError::NoneUsable { reasons: reasons.join("; ") })
    }

    /// Stores a document from the cloud. When it has returned, the document survives a power cut.
    ///
    /// # Errors
    /// [`MconfigError::Write`]; the stored document is then the same as before.
    pub fn save(&self, mconfig: &GatewayMconfig) -> Result<(), MconfigError> {
        let json = mconfig.to_json();
        if let Some(folder) = self.stored.parent() {
            fs::create_dir_all(folder).map_err(|error| write_error(folder, error))?;
        }
        // The copy first: when the disk is full, the stored document has not been touched.
        for path in [&self.last_good(), &self.stored] {
            atomic_file::replace(path, json.as_bytes(), MODE).map_err(|error| write_error(path, error))?;
        }
        Ok(())
    }

    /// Copies a stored document over the shipped default, if that is to follow and is older than its interval. Returns
    /// whether the shipped default is up to date, or is not to follow.
    ///
    /// # Errors
    /// [`MconfigError::Write`]: folders of the system are often read-only.
    pub fn refresh_static_copy(
        &self,
        mconfig: &GatewayMconfig,
        now: SystemTime,
    ) -> Result<bool, MconfigError> {
        let Some(copy) = &self.static_copy else { return Ok(true) };
        let written = fs::metadata(&copy.path).and_then(|file| file.modified());
        // One that is missing, or from a clock that was ahead, is written.
        let age = written.ok().and_then(|written| now.duration_since(written).ok());
        if age.is_some_and(|age| age < copy.interval) {
            return Ok(false);
        }
        let failed = |error| write_error(&copy.path, error);
        if let Some(folder) = copy.path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        atomic_file::replace(&copy.path, mconfig.to_json().as_bytes(), MODE).map_err(failed)?;
        Ok(true)
    }

    /// Which entries the services ran with when this was last noted; none when it never was.
    pub fn applied(&self) -> Option<Digests> {
        self.applied.load()
    }

    /// Notes which entries the services run with.
    ///
    /// # Errors
    /// [`MconfigError::Write`].
    pub fn note_applied(&self, digests: &Digests) -> Result<(), MconfigError> {
        self.applied.save(digests).map_err(|error| write_error(&self.stored, error))
    }

    /// Forgets what the cloud sent: the next load gives the shipped default.
    ///
    /// # Errors
    /// [`MconfigError::Write`].
    pub fn delete(&self) -> Result<(), MconfigError> {
        // The copy first: otherwise a crash in between would bring the document back.
        for path in [&self.last_good(), &self.stored] {
            atomic_file::remove(path).map_err(|error| write_error(path, error))?;
        }
        Ok(())
    }

    fn last_good(&self) -> PathBuf {
        self.stored.with_extension("mconfig.good")
    }

    /// Renames the corrupt stored document and restores the last good one; says what came of it.
    fn put_aside(&self, loaded: Option<&Loaded>) -> String {
        let aside = self.stored.with_extension("mconfig.corrupt");
        if let Err(error) = fs::rename(&self.stored, &aside) {
            return format!("; it could not be put aside: {error}");
        }
        format!("; it was put aside as {}{}", aside.display(), self.put_in_place(loaded))
    }

    /// Makes the last good document the stored one, if it is what was loaded; says what came of it.
    fn put_in_place(&self, loaded: Option<&Loaded>) -> String {
        let Some(loaded) = loaded.filter(|loaded| loaded.path == self.last_good()) else {
            return String::new();
        };
        match atomic_file::replace(&self.stored, loaded.mconfig.to_json().as_bytes(), MODE) {
            Ok(()) => " and replaced by the last good one".to_owned(),
            Err(error) => format!("; the last good one could not be put in its place: {error}"),
        }
    }
}

fn write_error(path: &Path, source: io::Error) -> MconfigError {
    MconfigError::Write { path: path.to_owned(), source }
}

fn read(path: &Path) -> Result<GatewayMconfig, Flaw> {
    let file = File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Flaw::Absent,
        _ => Flaw::Unreadable(error),
    })?;
    let mut bytes = Vec::new();
    file.take(MconfigError::BYTES_MAX + 1).read_to_end(&mut bytes).map_err(Flaw::Unreadable)?;
    GatewayMconfig::parse(&bytes).map_err(Flaw::Corrupt)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn mconfig(version: &str) -> GatewayMconfig {
        let text = format!(r#"{{"configsByKey": {{"magmad": {{"packageVersion": "{version}"}}}}}}"#);
        GatewayMconfig::parse(text.as_bytes()).unwrap()
    }

    fn store_in(root: &TempDir) -> MconfigStore {
        let paths = Paths::under(root.path());
        let (config, _) = crate::inspect(&paths);
        fs::create_dir_all(root.path().join("etc/magma")).unwrap();
        fs::write(root.path().join("etc/magma/gateway.mconfig"), mconfig("shipped").to_json()).unwrap();
        MconfigStore::new(&paths, &config.magmad)
    }

    #[track_caller]
    fn check(store: &MconfigStore, version: &str, reason: &[&str]) {
        let loaded = store.load().unwrap();
        assert_eq!(loaded.mconfig, mconfig(version), "{:?}", loaded.fell_back);
        let fell_back = loaded.fell_back.unwrap_or_default();
        assert_eq!(fell_back.is_empty(), reason.is_empty(), "{fell_back}");
        for part in reason {
            assert!(fell_back.contains(part), "{fell_back:?} has no {part:?}");
        }
    }

    #[test]
    fn what_was_saved_is_loaded_and_what_was_deleted_is_not() {
        let root = tempfile::tempdir().unwrap();
        let store = store_in(&root);
        check(&store, "shipped", &[]);
        store.save(&mconfig("1")).unwrap();
        store.save(&mconfig("2")).unwrap();
        check(&store, "2", &[]);
        store.delete().unwrap();
        store.delete().unwrap();
        check(&store, "shipped", &[]);
    }

    #[test]
    fn a_corrupt_stored_file_gives_way_to_its_good_copy_and_is_kept_aside() {
        for garbage in ["", "{\"configsByKey\": {\"mag", "\0\0\0", "{}"] {
            let root = tempfile::tempdir().unwrap();
            let store = store_in(&root);
            store.save(&mconfig("1")).unwrap();
            fs::write(store.stored_path(), garbage).unwrap();
            check(&store, "1", &["is corrupt", "instead", "put aside", "last good"]);
            let aside = root.path().join("var/opt/magma/configs/gateway.mconfig.corrupt");
            assert_eq!(fs::read_to_string(aside).unwrap(), garbage);
            check(&store, "1", &[]);
        }
    }

    #[test]
    fn a_power_cut_between_the_copy_and_the_document_is_mended() {
        let root = tempfile::tempdir().unwrap();
        let store = store_in(&root);
        store.save(&mconfig("1")).unwrap();
        fs::remove_file(store.stored_path()).unwrap();
        check(&store, "1", &[]);
        assert_eq!(fs::read_to_string(store.stored_path()).unwrap(), mconfig("1").to_json());
    }

    #[test]
    fn without_a_good_copy_the_shipped_default_is_used() {
        let root = tempfile::tempdir().unwrap();
        let store = store_in(&root);
        store.save(&mconfig("1")).unwrap();
        fs::write(store.stored_path(), "x").unwrap();
        fs::write(store.last_good(), "y").unwrap();
        check(&store, "shipped", &["gateway.mconfig is corrupt", "gateway.mconfig.good is corrupt"]);
        assert!(!store.stored_path().exists());
    }

    #[test]
    fn the_shipped_default_follows_only_when_it_is_old_enough() {
        let root = tempfile::tempdir().unwrap();
        let paths = Paths::under(root.path());
        let (mut config, _) = crate::inspect(&paths);
        let shipped = root.path().join("etc/magma/configs/gateway.mconfig");
        let minutes = |count: u64| SystemTime::now() + Duration::from_secs(60 * count);
        let text = || fs::read_to_string(&shipped).unwrap_or_default();
        config.magmad.static_mconfig_dir = Some("/etc/magma/configs".into());
        let never = MconfigStore::new(&paths, &config.magmad);
        assert!(never.refresh_static_copy(&mconfig("1"), minutes(9999)).unwrap());
        assert!(!shipped.exists(), "it is not to follow");
        config.magmad.static_mconfig_update_interval = Some(Duration::from_secs(600));
        let store = MconfigStore::new(&paths, &config.magmad);
        assert!(store.refresh_static_copy(&mconfig("1"), minutes(0)).unwrap());
        assert_eq!(text(), mconfig("1").to_json());
        assert!(!store.refresh_static_copy(&mconfig("2"), minutes(5)).unwrap());
        assert_eq!(text(), mconfig("1").to_json(), "too young to be replaced");
        assert!(store.refresh_static_copy(&mconfig("2"), minutes(11)).unwrap());
        assert_eq!(text(), mconfig("2").to_json());
    }

    #[test]
    fn peek_changes_nothing() {
        let root = tempfile::tempdir().unwrap();
        let store = store_in(&root);
        store.save(&mconfig("1")).unwrap();
        fs::write(store.stored_path(), "x").unwrap();
        assert!(store.peek().unwrap().fell_back.is_some());
        assert_eq!(fs::read_to_string(store.stored_path()).unwrap(), "x");
    }

    #[test]
    fn an_unreadable_file_is_left_where_it_is() {
        let root = tempfile::tempdir().unwrap();
        let store = store_in(&root);
        fs::create_dir_all(store.stored_path()).unwrap();
        check(&store, "shipped", &["cannot read"]);
        assert!(store.stored_path().is_dir());
    }

    #[test]
    fn with_nothing_to_load_every_place_is_named() {
        let root = tempfile::tempdir().unwrap();
        let store = store_in(&root);
        fs::remove_file(root.path().join("etc/magma/gateway.mconfig")).unwrap();
        let error = store.load().unwrap_err().to_string();
        assert!(error.contains("var/opt/magma/configs/gateway.mconfig"), "{error}");
        assert!(error.contains("etc/magma/configs/gateway.mconfig"), "{error}");
    }

    #[test]
    fn a_save_that_fails_keeps_the_stored_document() {
        let root = tempfile::tempdir().unwrap();
        let store = store_in(&root);
        store.save(&mconfig("1")).unwrap();
        // The copy cannot be replaced, as on a full disk.
        fs::remove_file(store.last_good()).unwrap();
        fs::create_dir_all(store.last_good().join("in the way")).unwrap();
        assert!(matches!(store.save(&mconfig("2")), Err(MconfigError::Write { .. })));
        check(&store, "1", &[]);
    }

    #[test]
    fn the_folders_come_from_the_settings() {
        let root = tempfile::tempdir().unwrap();
        let given = tempfile::tempdir().unwrap();
        let paths = Paths::under(root.path()).with_shipped_mconfig_dir(given.path());
        let (mut config, _) = crate::inspect(&paths);
        config.magmad.dynamic_mconfig_dir = Some("/var/lib/mconfig".into());
        config.magmad.static_mconfig_dir = Some("/etc/magma/configs".into());
        let store = MconfigStore::new(&paths, &config.magmad);
        assert_eq!(store.stored_path(), root.path().join("var/lib/mconfig/gateway.mconfig"));
        let in_root = |dir: &str| root.path().join(dir).join(FILE_NAME);
        assert_eq!(
            store.shipped,
            [given.path().join(FILE_NAME), in_root("etc/magma/configs"), in_root("etc/magma")]
        );
    }
}
