//! A restore that the power ends at any of its steps.

use super::*;
use orc8r_store::Store;

const FORMER: &str = "former";

/// A folder with files of a former Orchestrator, and a backup of another one.
async fn folder_and_backup() -> (tempfile::TempDir, DataFolder, PathBuf) {
    let temporary = tempfile::tempdir().unwrap();
    let folder = DataFolder::at(&temporary.path().join("data"));
    folder.create().unwrap();
    for name in ["certs/a", "certs/b", "orc8r.db", "orc8r.db-wal", "orc8r.db-shm"] {
        fs::write(folder.path().join(name), FORMER).unwrap();
    }
    let store = Store::in_memory().unwrap();
    store.put_operator("ann", orc8r_model::AccessList::administrator()).await.unwrap();
    let file = |path: &str| BackupFile { path: path.into(), mode: 0o640, contents: path.into() };
    let backup = temporary.path().join("backup");
    store.backup(&backup, vec![file("certs/a"), file("certs/b"), file("keys")], "1", 2).await.unwrap();
    (temporary, folder, backup)
}

async fn is_restored(folder: &DataFolder) -> bool {
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    let files = ["certs/a", "certs/b", "keys"].map(|name| read(name) == name);
    let database = read_operators(folder).await;
    assert!(
        (files == [true; 3] && database) || (files == [false; 3] && !database),
        "neither the one nor the other: {files:?} {database}"
    );
    database
}

async fn read_operators(folder: &DataFolder) -> bool {
    if fs::read(folder.database()).unwrap() == FORMER.as_bytes() {
        assert_eq!(fs::read_to_string(folder.path().join("orc8r.db-wal")).unwrap(), FORMER);
        return false;
    }
    let store = Store::open(&folder.database()).unwrap();
    let names: Vec<_> = store.operators().await.unwrap().into_iter().map(|(name, _)| name).collect();
    store.close().await;
    names == ["ann"]
}

#[tokio::test]
async fn whenever_the_power_goes_it_is_the_one_or_the_other() {
    for steps in 0..=5 {
        let (_temporary, folder, backup) = folder_and_backup().await;
        let backup = Backup::open(&backup).unwrap();
        let mut renames = stage_files(&backup, &folder).unwrap();
        let staged = with_suffix(&folder.database(), ".restoring");
        backup.into_file(&staged).unwrap();
        renames.push((staged, folder.database()));
        assert_eq!(renames.len(), 4);
        if steps == 0 {
            // Before the journal: nothing was decided.
            assert!(!finish(&folder).unwrap());
            assert!(!is_restored(&folder).await, "before the journal");
            continue;
        }
        write_journal(&folder, &renames).unwrap();
        for (from, to) in renames.iter().take(steps - 1) {
            carry_out(from, to).unwrap();
        }
        assert!(finish(&folder).unwrap(), "{steps}");
        assert!(is_restored(&folder).await, "{steps}");
        assert!(!finish(&folder).unwrap(), "{steps}: there is nothing more to do");
        assert!(is_restored(&folder).await, "{steps}: again");
        assert!(!folder.path().join(STAGED).exists());
    }
}

#[tokio::test]
async fn what_is_there_is_replaced_only_on_request_and_modes_are_kept() {
    let (_temporary, folder, file) = folder_and_backup().await;
    let database = Database::File(folder.database());
    let open = || Backup::open(&file).unwrap();
    let refused = restore(open(), &folder, &database, Replace::Nothing).await.unwrap_err();
    assert!(matches!(refused, RestoreError::NotEmpty { .. }), "{refused}");
    assert!(!is_restored(&folder).await);
    restore(open(), &folder, &database, Replace::Everything).await.unwrap();
    assert!(is_restored(&folder).await);
    let mode = fs::metadata(folder.path().join("keys")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o640);
    let found: Vec<_> = files(&folder).unwrap().into_iter().map(|file| file.path).collect();
    assert_eq!(found, ["keys", "certs/a", "certs/b"], "what a backup takes is what it had");
}

#[tokio::test]
async fn a_backup_cannot_write_outside_of_the_folder() {
    let temporary = tempfile::tempdir().unwrap();
    let store = Store::in_memory().unwrap();
    for (number, path) in
        ["../outside", "/etc/outside", "certs/../../outside", "", "a\tb", "a\nb"].iter().enumerate()
    {
        let folder = DataFolder::at(&temporary.path().join(format!("data{number}")));
        folder.create().unwrap();
        let file = temporary.path().join(format!("backup{number}"));
        let bad = BackupFile { path: (*path).into(), mode: 0o600, contents: vec![] };
        store.backup(&file, vec![bad], "1", 2).await.unwrap();
        let backup = Backup::open(&file).unwrap();
        let database = Database::File(folder.database());
        let refused = restore(backup, &folder, &database, Replace::Everything).await;
        assert!(matches!(refused, Err(RestoreError::DataFolder { .. })), "{path:?}: {refused:?}");
        assert!(!folder.database().exists() && !temporary.path().join("outside").exists(), "{path:?}");
    }
}
