//! The key file that seals subscribers' keys in the database: made at the first start, and asked for ever after.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use orc8r_store::{Store, StoreError};
use orc8r_vault::{KeyFileError, Vault};

/// Why subscribers' keys stay locked.
#[derive(Debug, thiserror::Error)]
pub enum SubscriberKeysError {
    /// The database was sealed with a file that is not here.
    #[error(
        "the database holds secrets that are sealed, and the key file {} is not there: bring back the file that belongs to this database (on several nodes, copy it from another one), or name it with --subscriber-keys",
        file.display()
    )]
    Missing {
        /// Where it was looked for.
        file: PathBuf,
    },
    /// The key file cannot be used.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The database says no, for example because the key file is another one.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The store with the keys of `file`, which is made when neither the file nor anything sealed is there.
pub(crate) async fn unlock(store: Store, file: &Path) -> Result<Store, SubscriberKeysError> {
    let vault = match Vault::read(file) {
        Err(KeyFileError::Missing { .. }) if store.is_sealed().await? => {
            return Err(SubscriberKeysError::Missing { file: file.to_owned() });
        }
        Err(KeyFileError::Missing { .. }) => {
            let vault = Vault::create(file)?;
            tracing::warn!(
                file = %file.display(),
                "made the key file that seals subscribers' keys: keep a copy apart from the backups of the database"
            );
            vault
        }
        read => read?,
    };
    Ok(store.unlock(Arc::new(vault)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_file_is_made_once_and_missed_when_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (database, file) = (folder.path().join("orc8r.db"), folder.path().join("subscriber.keys"));
        for _ in 0..2 {
            unlock(Store::open(&database).unwrap(), &file).await.unwrap().close().await;
        }
        let kept = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let refused = |error: SubscriberKeysError| error.to_string();
        let error =
            unlock(Store::open(&database).unwrap(), &file).await.map(drop).map_err(refused).unwrap_err();
        assert!(error.contains("bring back the file") && error.contains("subscriber.keys"), "{error}");
        assert!(!file.exists(), "no other key is made in its place");
        Vault::create(&file).unwrap();
        let error =
            unlock(Store::open(&database).unwrap(), &file).await.map(drop).map_err(refused).unwrap_err();
        assert!(error.contains("key k1 is another one in the key file"), "{error}");
        std::fs::write(&file, kept).unwrap();
        unlock(Store::open(&database).unwrap(), &file).await.unwrap();
    }
}
