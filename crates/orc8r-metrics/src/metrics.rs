//! Metrics as a whole: their store, what they mean, and the way to ask for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Semaphore;
use wire_orc8r::prometheus::{MetricFamily, MetricType};

use crate::flatten::flatten;
use crate::labels::{Labels, NAME_LABEL};
use crate::promql::{Answer, Engine, InstantQuery, Limits, Most, Overview, QueryError, RangeQuery};
use crate::query_counts::{QueryCounters, QueryCounts, QueryKind};
use crate::remote::{RemoteCounts, RemoteEngine, RemoteWrite, instant_values, overview};
use crate::series::Source;
use crate::tsdb::{Batch, Intake, Scope, Selector, Tsdb};

/// Queries that are answered at once; others wait.
const QUERIES_AT_ONCE: usize = 4;
/// Names that are described.
const DESCRIPTIONS_MAX: usize = 20_000;
/// Longer explanations are cut.
const HELP_BYTES_MAX: usize = 512;

/// What a metric is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// `counter`, `gauge`, `histogram`, `summary` or `unknown`.
    pub kind: &'static str,
    /// What it means, in the words of who measures it.
    pub help: String,
}

/// Metrics: taking them in and asking for them. A clone is the same.
#[derive(Debug, Clone)]
pub struct Metrics {
    store: Tsdb,
    engine: Engine,
    slots: Arc<Semaphore>,
    descriptions: Arc<Mutex<BTreeMap<String, Description>>>,
    queries: Arc<QueryCounters>,
    remote: Option<RemoteWrite>,
    elsewhere: Option<RemoteEngine>,
}

/// The answer to a query, of the embedded store or of an engine elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Calculated here.
    Embedded(Answer),
    /// Prometheus' JSON, as the engine wrote it.
    Remote(String),
}

impl Reply {
    /// In Prometheus' JSON: `{"status":"success","data":{"resultType":…,"result":…}}`
    pub fn to_json(self) -> String {
        match self {
            Self::Embedded(answer) => answer.to_json(),
            Self::Remote(json) => json,
        }
    }

    /// The values of an instant query with their labels; a number is one without labels.
    pub fn instant_values(&self) -> Vec<(Labels, f64)> {
        match self {
            Self::Embedded(answer) => answer.instant_values(),
            Self::Remote(json) => instant_values(json),
        }
    }
}

impl Metrics {
    /// Over an embedded store.
    pub fn new(store: Tsdb, limits: Limits) -> Self {
        Self {
            engine: Engine::new(store.clone(), limits),
            store,
            slots: Arc::new(Semaphore::new(QUERIES_AT_ONCE)),
            descriptions: Arc::default(),
            queries: Arc::default(),
            remote: None,
            elsewhere: None,
        }
    }

    /// Sends what comes in to an engine elsewhere, too.
    #[must_use]
    pub fn with_remote_write(self, remote: RemoteWrite) -> Self {
        Self { remote: Some(remote), ..self }
    }

    /// Has an engine elsewhere answer queries, which gets what comes in from all nodes.
    #[must_use]
    pub fn with_engine(self, engine: RemoteEngine) -> Self {
        Self { elsewhere: Some(engine), ..self }
    }

    /// Takes samples of a source.
    pub fn append(&self, source: &Source, batch: &Batch, now_ms: i64) -> Intake {
        if let Some(remote) = &self.remote {
            remote.push(source, batch);
        }
        self.store.append(source, batch, now_ms)
    }

    /// What is sent elsewhere.
    pub fn remote_counts(&self) -> Option<RemoteCounts> {
        self.remote.as_ref().map(RemoteWrite::counts)
    }

    /// What became of queries.
    pub fn query_counts(&self) -> QueryCounts {
        self.queries.read()
    }

    /// The store.
    pub fn store(&self) -> &Tsdb {
        &self.store
    }

    /// Takes the families that a source sent.
    pub fn collect(&self, source: &Source, families: &[MetricFamily], now_ms: i64) -> Intake {
        self.describe(families);
        self.append(source, &flatten(families, now_ms), now_ms)
    }

    /// What is known of metrics, by name. It is kept in memory: after a start it comes back with the samples.
    pub fn descriptions(&self) -> BTreeMap<String, Description> {
        self.locked().clone()
    }

    /// The answer at one moment.
    ///
    /// # Errors
    /// As [`Engine::instant`] and [`RemoteEngine::instant`].
    pub async fn instant(&self, query: InstantQuery, scope: Scope) -> Result<Reply, QueryError> {
        let asked = async {
            if let Some(elsewhere) = &self.elsewhere {
                return elsewhere.instant(&query, &scope).await.map(Reply::Remote);
            }
            self.run(move |engine| engine.instant(&query, &scope)).await.map(Reply::Embedded)
        };
        self.counted(QueryKind::Instant, asked).await
    }

    /// The answer at each step.
    ///
    /// # Errors
    /// As [`Engine::range`] and [`RemoteEngine::range`].
    pub async fn range(&self, query: RangeQuery, scope: Scope) -> Result<Reply, QueryError> {
        let asked = async {
            if let Some(elsewhere) = &self.elsewhere {
                self.engine.check_steps(&query)?;
                return elsewhere.range(&query, &scope).await.map(Reply::Remote);
            }
            self.run(move |engine| engine.range(&query, &scope)).await.map(Reply::Embedded)
        };
        self.counted(QueryKind::Range, asked).await
    }

    /// What is shown of the answer at each step.
    ///
    /// # Errors
    /// As [`Metrics::range`].
    pub async fn overview(
        &self,
        query: RangeQuery,
        scope: Scope,
        most: Most,
    ) -> Result<Overview, QueryError> {
        let asked = async {
            if let Some(elsewhere) = &self.elsewhere {
                self.engine.check_steps(&query)?;
                return elsewhere.range(&query, &scope).await.map(|json| overview(&json, &query, most));
            }
            self.run(move |engine| Ok(engine.range(&query, &scope)?.overview(most))).await
        };
        self.counted(QueryKind::Range, asked).await
    }

    /// The names of metrics that got samples lately, with how many series each has; an engine elsewhere does not count them.
    ///
    /// # Errors
    /// As [`RemoteEngine::label_values`].
    pub async fn names(
        &self,
        times: (i64, i64),
        scope: Scope,
    ) -> Result<BTreeMap<String, Option<usize>>, QueryError> {
        if self.elsewhere.is_none() {
            let names = self.store.names(&scope).into_iter();
            return Ok(names.map(|(name, count)| (name, Some(count))).collect());
        }
        let names = self.label_values(NAME_LABEL, vec![Selector::default()], times, scope).await?;
        Ok(names.into_iter().map(|name| (name, None)).collect())
    }

    /// The labels of the series that a selector finds.
    ///
    /// # Errors
    /// As [`Engine::series`] and [`RemoteEngine::series`].
    pub async fn series(
        &self,
        selectors: Vec<Selector>,
        times: (i64, i64),
        scope: Scope,
    ) -> Result<BTreeSet<Labels>, QueryError> {
        let asked = async {
            if let Some(elsewhere) = &self.elsewhere {
                return elsewhere.series(&selectors, times, &scope).await;
            }
            self.run(move |engine| engine.series(&selectors, times, &scope)).await
        };
        self.counted(QueryKind::Series, asked).await
    }

    /// The names of the labels of these series.
    ///
    /// # Errors
    /// As [`Metrics::series`].
    pub async fn label_names(
        &self,
        selectors: Vec<Selector>,
        times: (i64, i64),
        scope: Scope,
    ) -> Result<BTreeSet<String>, QueryError> {
        if let Some(elsewhere) = &self.elsewhere {
            let asked = elsewhere.label_names(&selectors, times, &scope);
            return self.counted(QueryKind::Series, asked).await;
        }
        Ok(self.all_label_values(selectors, times, scope).await?.into_keys().collect())
    }

    /// The values of one label of these series.
    ///
    /// # Errors
    /// As [`Metrics::series`].
    pub async fn label_values(
        &self,
        label: &str,
        selectors: Vec<Selector>,
        times: (i64, i64),
        scope: Scope,
    ) -> Result<BTreeSet<String>, QueryError> {
        if let Some(elsewhere) = &self.elsewhere {
            let asked = elsewhere.label_values(label, &selectors, times, &scope);
            return self.counted(QueryKind::Series, asked).await;
        }
        Ok(self.all_label_values(selectors, times, scope).await?.remove(label).unwrap_or_default())
    }

    /// The labels of these series, with the values that each has among them.
    ///
    /// # Errors
    /// As [`Metrics::series`].
    pub async fn all_label_values(
        &self,
        selectors: Vec<Selector>,
        times: (i64, i64),
        scope: Scope,
    ) -> Result<BTreeMap<String, BTreeSet<String>>, QueryError> {
        if self.elsewhere.is_some() {
            let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for labels in self.series(selectors, times, scope).await? {
                for (label, value) in labels.iter() {
                    found.entry(label.to_owned()).or_default().insert(value.to_owned());
                }
            }
            return Ok(found);
        }
        let asked = self.run(move |engine| engine.label_values(&selectors, times, &scope));
        self.counted(QueryKind::Series, asked).await
    }

    /// Counts a query, how long it took, and what came of it.
    async fn counted<T>(
        &self,
        kind: QueryKind,
        asked: impl Future<Output = Result<T, QueryError>>,
    ) -> Result<T, QueryError> {
        let under_way = self.queries.begin(kind);
        let began = Instant::now();
        let answer = asked.await;
        under_way.end(began.elapsed(), answer.as_ref().err());
        answer
    }

    /// Runs what blocks where it blocks nobody else.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Engine) -> Result<T, QueryError> + Send + 'static,
    ) -> Result<T, QueryError> {
        let slot = self.slots.clone().acquire_owned().await;
        let engine = self.engine.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            work(&engine)
        });
        done.await.unwrap_or_else(|_| {
            Err(QueryError::internal("a defect ended the query; see the Orchestrator's log"))
        })
    }

    fn describe(&self, families: &[MetricFamily]) {
        let mut descriptions = self.locked();
        for family in families {
            let Some(name) = family.name.as_deref().and_then(crate::series::metric_name) else { continue };
            if descriptions.contains_key(&name) || descriptions.len() >= DESCRIPTIONS_MAX {
                continue;
            }
            let help = family.help.as_deref().unwrap_or_default();
            let help = help[..help.floor_char_boundary(HELP_BYTES_MAX)].to_owned();
            descriptions.insert(name, Description { kind: kind(family), help });
        }
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, Description>> {
        self.descriptions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn kind(family: &MetricFamily) -> &'static str {
    match family.r#type() {
        MetricType::Counter if family.r#type.is_some() => "counter",
        MetricType::Gauge => "gauge",
        MetricType::Histogram => "histogram",
        MetricType::Summary => "summary",
        _ => "unknown",
    }
}
