//! Metrics that are pushed by name: an operator's own.

use crate::labels::{Labels, NETWORK_LABEL};
use crate::series::{Sample, label_name, metric_name};
use crate::tsdb::Batch;

/// One sample that somebody pushes.
#[derive(Debug, Clone, PartialEq)]
pub struct Pushed {
    /// The metric's name.
    pub name: String,
    /// Its labels; `networkID` is written by the Orchestrator.
    pub labels: Vec<(String, String)>,
    /// The value and its time.
    pub sample: Sample,
}

/// The samples as the store takes them.
///
/// # Errors
/// When a name is none that Prometheus takes; it says which.
pub fn pushed(samples: &[Pushed]) -> Result<Batch, String> {
    let mut batch = Batch::default();
    for pushed in samples {
        let name = metric_name(&pushed.name).filter(|name| *name == pushed.name);
        let name = name.ok_or_else(|| format!("{:?} is no name of a metric", pushed.name))?;
        let mut labels = Labels::default();
        for (label, value) in &pushed.labels {
            let known = label_name(label).filter(|known| known == label);
            let known = known.ok_or_else(|| format!("{label:?} is no name of a label"))?;
            labels.set(&known, value);
        }
        labels.remove(NETWORK_LABEL);
        batch.push(&name, labels.iter(), pushed.sample);
    }
    Ok(batch)
}
