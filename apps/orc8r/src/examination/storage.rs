//! The database, the keys that seal secrets in it, and backups.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use orc8r_ca::{CertificateFiles, certificates_of};
use orc8r_rest::{BACKUP_SECONDS, LastBackup};
use orc8r_store::{Database, Store};
use orc8r_vault::{KeyFileError, Vault};
use tokio::time::timeout;

use super::Finding;
use crate::data_folder::DataFolder;

const CONNECT_LIMIT: Duration = Duration::from_secs(15);
const DAY: i64 = 24 * 3600;

/// Whether the database can be opened, and of which version its schema is.
pub(crate) async fn database(database: &Database) -> (Finding, Option<Store>) {
    const STEP: &str = "database";
    if let Some(file) = database.file().filter(|file| !file.exists()) {
        let says = format!("there is no {}", file.display());
        return (Finding::fail(STEP, says, "start `orc8r serve` once, or restore a backup"), None);
    }
    let opening = database.clone();
    let opened = tokio::task::spawn_blocking(move || Store::at(&opening));
    let store = match timeout(CONNECT_LIMIT, opened).await {
        Ok(Ok(Ok(store))) => store,
        Ok(Ok(Err(error))) => {
            return (
                Finding::fail(
                    STEP,
                    format!("{database}: {error}"),
                    "start it, or name another with --database",
                ),
                None,
            );
        }
        _ => {
            let says = format!("{database} does not answer within {} s", CONNECT_LIMIT.as_secs());
            return (Finding::fail(STEP, says, "start it, or name another with --database"), None);
        }
    };
    match store.schema_version().await {
        Ok(version) => (Finding::ok(STEP, format!("{database}, schema {version}")), Some(store)),
        Err(error) => (Finding::fail(STEP, error.to_string(), "restore a backup"), None),
    }
}

/// Whether the file with the keys is there and fits.
pub(crate) async fn keys(store: &Store, file: &Path) -> Finding {
    const STEP: &str = "subscriber keys";
    let shown = file.display();
    match Vault::read(file) {
        Ok(vault) => match store.opens_with(Arc::new(vault)).await {
            Ok(()) => Finding::ok(STEP, format!("{shown} fits the database")),
            Err(error) => {
                Finding::fail(STEP, error.to_string(), "bring back the file that belongs to this database")
            }
        },
        Err(KeyFileError::Missing { .. }) => match store.is_sealed().await {
            Ok(false) => Finding::warn(
                STEP,
                format!("{shown} is not there"),
                "the next `orc8r serve` makes it: keep a copy",
            ),
            _ => Finding::fail(
                STEP,
                format!("{shown} is not there"),
                "bring it back from where its copy is kept",
            ),
        },
        Err(error) => Finding::fail(STEP, error.to_string(), "mend the file, or its permissions"),
    }
}

/// How old the last backup is that was made with this folder.
pub(crate) fn backup(folder: &DataFolder, now: SystemTime) -> Finding {
    const STEP: &str = "backup";
    let next = "orc8r backup FILE, every day, and keep it elsewhere";
    let Some(made) = backup_made(folder) else {
        return Finding::warn(STEP, "none is known that was made with this folder", next);
    };
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let age = i64::try_from(now).unwrap_or(i64::MAX).saturating_sub(made).max(0);
    let says = format!("the last one is {} days old", age / DAY);
    if age > BACKUP_SECONDS { Finding::warn(STEP, says, next) } else { Finding::ok(STEP, says) }
}

/// The same for the pages of people. Who has a database server may back that up in a way of his own.
pub(crate) fn last_backup(folder: &DataFolder, database: &Database) -> LastBackup {
    let files = CertificateFiles::under(&folder.certificates());
    let roots = certificates_of(&std::fs::read(files.root_certificate).unwrap_or_default());
    let began = roots.iter().map(|root| root.not_before).min();
    LastBackup { made: backup_made(folder), began: began.filter(|_| database.file().is_some()) }
}

/// When the last one was made with this folder, in seconds since 1970.
fn backup_made(folder: &DataFolder) -> Option<i64> {
    let noted = std::fs::read_to_string(folder.last_backup()).ok()?;
    noted.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn an_old_backup_is_told_from_a_new_one_and_from_none() {
        let data = tempfile::tempdir().unwrap();
        let folder = DataFolder::at(data.path());
        let now = UNIX_EPOCH + Duration::from_secs(100 * 24 * 3600);
        assert_eq!(backup(&folder, now).verdict, Verdict::Warn);
        for (made, verdict) in [(99 * DAY, Verdict::Ok), (91 * DAY, Verdict::Warn)] {
            std::fs::write(folder.last_backup(), format!("{made} /backups/a file\n")).unwrap();
            assert_eq!(backup(&folder, now).verdict, verdict);
        }
    }

    #[tokio::test]
    async fn keys_of_another_database_do_not_fit_and_none_are_made() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("subscriber.keys");
        let place = Database::File(data.path().join("orc8r.db"));
        assert_eq!(database(&place).await.0.verdict, Verdict::Fail, "no database is made");
        assert!(!data.path().join("orc8r.db").exists());
        Store::at(&place).unwrap().close().await;
        let (found, store) = database(&place).await;
        let store = store.unwrap();
        assert_eq!(found.verdict, Verdict::Ok);
        assert_eq!(keys(&store, &file).await.verdict, Verdict::Warn);
        assert!(!file.exists());
        let store = store.unlock(Arc::new(Vault::create(&file).unwrap())).await.unwrap();
        assert_eq!(keys(&store, &file).await.verdict, Verdict::Ok);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(keys(&store, &file).await.verdict, Verdict::Fail);
        Vault::create(&file).unwrap();
        assert_eq!(keys(&store, &file).await.verdict, Verdict::Fail);
    }
}
