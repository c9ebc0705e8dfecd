//! Keeps the files of an existing Prometheus and Alertmanager as the documents are, and has both read them again.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use magma_rpc::http_ask::Ask;
use orc8r_metrics::remote::Target;
use orc8r_store::{AlertDocument, AlertKind, Store, StoreError};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::files::{Documents, MARK, alertmanager_file, rule_file};

/// How often documents are compared with files.
const INTERVAL: Duration = Duration::from_secs(5);
/// How long a reload may take.
const LIMIT: Duration = Duration::from_secs(30);
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// What follows a network's name in the name of its rule file.
const RULES: &str = "_rules.yml";

/// An existing pair, whose files we write.
#[derive(Debug, Clone)]
pub struct Pair {
    /// Where Prometheus reads rule files: `rule_files: [FOLDER/*_rules.yml]`.
    pub rules_folder: PathBuf,
    /// What makes Prometheus read them again, such as `http://prometheus:9090/-/reload`.
    pub rules_reload: Target,
    /// The file of Alertmanager.
    pub alertmanager_file: PathBuf,
    /// What makes Alertmanager read it again.
    pub alertmanager_reload: Target,
    /// What came of it.
    pub steps: PairSteps,
}

/// How often files were compared with what they should be. A clone is the same.
#[derive(Debug, Clone, Default)]
pub struct PairSteps {
    good: Arc<AtomicU64>,
    failed: Arc<AtomicU64>,
}

impl PairSteps {
    /// Comparisons after which both had read what they should, and others.
    pub fn counts(&self) -> (u64, u64) {
        (self.good.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed))
    }
}

/// What has to be read again: what could not be stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pending {
    rules: bool,
    alertmanager: bool,
}

/// Why files are not as the documents are.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// Documents cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be written.
    #[error("cannot write {file}: {error}")]
    File {
        /// Which.
        file: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// One of the two does not read its files.
    #[error("{name} does not read its files again: {reason}")]
    Reload {
        /// Its host and port.
        name: String,
        /// What it says.
        reason: String,
    },
}

impl Pair {
    /// Keeps the files until told to stop. Every node does, each beside its own Prometheus, or all in one folder.
    pub async fn run(self, store: Store, mut stopped: watch::Receiver<bool>) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut pending = Pending { rules: true, alertmanager: true };
        let mut told = String::new();
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stopped.wait_for(|stop| *stop) => return,
            }
            let problem =
                self.step(&store, &mut pending).await.err().map_or(String::new(), |e| e.to_string());
            let counter = if problem.is_empty() { &self.steps.good } else { &self.steps.failed };
            counter.fetch_add(1, Ordering::Relaxed);
            // The same is told once.
            if problem != told && !problem.is_empty() {
                tracing::error!(problem, "alert rules and receivers are not passed on");
            }
            told = problem;
        }
    }

    /// Writes what has changed, and has it read.
    ///
    /// # Errors
    /// [`PairError`]; what could not be read again stays pending.
    pub async fn step(&self, store: &Store, pending: &mut Pending) -> Result<(), PairError> {
        let networks = documents(store).await?;
        pending.rules |= self.write_rules(&networks)?;
        let file = &self.alertmanager_file;
        pending.alertmanager |= replace(file, &alertmanager_file(&networks))?;
        if pending.rules {
            reload(&self.rules_reload).await?;
            pending.rules = false;
        }
        if pending.alertmanager {
            reload(&self.alertmanager_reload).await?;
            pending.alertmanager = false;
        }
        Ok(())
    }

    fn write_rules(&self, networks: &BTreeMap<String, Documents>) -> Result<bool, PairError> {
        let mut has_changed = false;
        for (network, documents) in networks.iter().filter(|(_, documents)| !documents.rules.is_empty()) {
            let (text, left_out) = rule_file(network, &documents.rules);
            let is_new = replace(&self.rules_folder.join(format!("{network}{RULES}")), &text)?;
            for (rule, error) in left_out.iter().filter(|_| is_new) {
                tracing::warn!(network, rule, %error, "an alert rule is left out");
            }
            has_changed |= is_new;
        }
        let unreadable = |error| PairError::File { file: self.rules_folder.clone(), error };
        for entry in fs::read_dir(&self.rules_folder).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Some(network) = name.strip_suffix(RULES) else { continue };
            let is_wanted = networks.get(network).is_some_and(|documents| !documents.rules.is_empty());
            if !is_wanted && fs::read_to_string(&file).is_ok_and(|text| text.starts_with(MARK)) {
                fs::remove_file(&file).map_err(|error| PairError::File { file, error })?;
                has_changed = true;
            }
        }
        Ok(has_changed)
    }
}

async fn documents(store: &Store) -> Result<BTreeMap<String, Documents>, StoreError> {
    let mut networks: BTreeMap<String, Documents> = BTreeMap::new();
    for AlertDocument { network, kind, name, body } in store.all_alert_documents().await? {
        let documents = networks.entry(network.clone()).or_default();
        match kind {
            AlertKind::Rule => documents.rules.extend(serde_json::from_str(&body)),
            AlertKind::Route => documents.route = serde_json::from_str(&body).ok(),
            AlertKind::Receiver => {
                let Ok(mut json) = serde_json::from_str(&body) else { continue };
                store.open_receiver(&network, &name, &mut json)?;
                documents.receivers.extend(serde_json::from_value(json));
            }
            AlertKind::Silence | AlertKind::State => {}
        }
    }
    Ok(networks)
}

/// Replaces a file whole, if it is another one; returns whether it was. Its group may read it: receivers have secrets.
fn replace(file: &Path, text: &str) -> Result<bool, PairError> {
    if fs::read(file).is_ok_and(|known| known == text.as_bytes()) {
        return Ok(false);
    }
    let failed = |error| PairError::File { file: file.to_owned(), error };
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = file.with_file_name(name);
    let mut options = fs::OpenOptions::new();
    let mut written =
        options.write(true).create(true).truncate(true).mode(0o640).open(&new).map_err(failed)?;
    written.write_all(text.as_bytes()).and_then(|()| written.sync_all()).map_err(failed)?;
    fs::rename(&new, file).map_err(failed)?;
    Ok(true)
}

async fn reload(target: &Target) -> Result<(), PairError> {
    let failed = |reason: String| PairError::Reload { name: target.name().to_owned(), reason };
    let authorization = target.authorization.as_deref().map(|value| ("authorization", value));
    let headers: Vec<_> = authorization.into_iter().collect();
    let ask = Ask {
        method: "POST",
        url: &target.url,
        tls: &target.tls,
        proxy: None,
        address: None,
        headers: &headers,
        body: &[],
        limit: LIMIT,
        answer_max: ANSWER_BYTES_MAX,
    };
    let answer = ask.send().await.map_err(|error| failed(error.to_string()))?;
    if (200..300).contains(&answer.status) {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&answer.body.unwrap_or_default()).trim().to_owned();
    Err(failed(format!("it answers {}: {said}", answer.status)))
}
