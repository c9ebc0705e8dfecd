//! From nothing to gateways with certificates: keys, REST, bootstrap.

use super::member::{Enrolled, Member};
use super::options::Options;
use super::orchestrator::Orchestrator;
use super::population;
use super::recorder::{Kind, Recorder};
use crate::rest::Rest;
use anyhow::{Context, Result, anyhow, bail};
use serde_json::json;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

/// REST calls at a time.
const CREATIONS_AT_ONCE: usize = 32;
/// Bootstraps at a time.
const BOOTSTRAPS_AT_ONCE: usize = 64;
/// Failed bootstraps are tried again so often.
const ATTEMPTS: usize = 3;

/// What was made in the Orchestrator, and shall go again.
#[derive(Default)]
pub struct Made {
    network: Option<(Rest, String)>,
    gateways: Arc<Mutex<Vec<String>>>,
}

/// The gateways, known to the Orchestrator. What is made for that is written down as it is made.
pub async fn members(
    options: &Options,
    orchestrator: &Orchestrator,
    recorder: &Arc<Recorder>,
    made: &mut Made,
) -> Result<Vec<Member>> {
    let way = orchestrator.way.clone();
    if let Some(list) = &options.list {
        let members = Member::listed(list, options.gateways, &way)?;
        if members.len() < options.gateways {
            bail!("{} has only {} gateways", list.display(), members.len());
        }
        return Ok(members);
    }
    let rest = orchestrator.rest.clone();
    let rest =
        rest.context("making gateways needs --operator-cert and --operator-key; or name --gateway-list")?;
    let is_lte = options.subscribers > 0;
    make_network(&rest, &options.network, is_lte).await?;
    made.network = Some((rest.clone(), options.network.clone()));
    let networks = if is_lte { "lte" } else { "networks" };
    let path = Arc::new(format!("/{networks}/{}/gateways", options.network));
    let count = options.gateways;
    let created = all(0..count, CREATIONS_AT_ONCE, 0, |index| {
        let (rest, path, recorder, way) = (rest.clone(), path.clone(), recorder.clone(), way.clone());
        let gateways = made.gateways.clone();
        async move {
            let member = Member::new(index, count, &way)?;
            let began = Instant::now();
            let created = rest.call("POST", &path, Some(&member.resource(is_lte))).await;
            recorder.ended(Kind::Creation, began, created).context("a gateway could not be made by REST")?;
            gateways.lock().map_err(|_| anyhow!("another gateway failed"))?.push(member.id.clone());
            Ok(member)
        }
    });
    created.await.map_err(|error| error.context(causes(recorder)))
}

/// All of them with certificates; how long that took.
pub async fn bootstrap(
    options: &Options,
    orchestrator: &Orchestrator,
    members: Vec<Member>,
    recorder: &Arc<Recorder>,
) -> Result<(Vec<Enrolled>, Duration)> {
    let began = Instant::now();
    let way = &orchestrator.way;
    let enrolled = all(members.into_iter(), BOOTSTRAPS_AT_ONCE, options.bootstrap_rate, |member| {
        let (way, recorder) = (way.clone(), recorder.clone());
        async move {
            for _ in 0..ATTEMPTS {
                let began = Instant::now();
                let result = member.bootstrap(&way).await;
                if let Some(enrolled) = recorder.ended(Kind::Bootstrap, began, result) {
                    return Ok(enrolled);
                }
            }
            bail!("{} gets no certificate", member.id)
        }
    });
    match enrolled.await {
        Ok(enrolled) => Ok((enrolled, began.elapsed())),
        Err(error) => Err(error.context(causes(recorder))),
    }
}

impl Made {
    /// Takes everything away again.
    pub async fn remove(self) -> Result<()> {
        let Some((rest, network)) = self.network else { return Ok(()) };
        let gateways = self.gateways.lock().map(|gateways| gateways.clone()).unwrap_or_default();
        let network = format!("/networks/{network}");
        let removed = all(gateways.into_iter(), CREATIONS_AT_ONCE, 0, |id| {
            let (rest, path) = (rest.clone(), format!("{network}/gateways/{id}"));
            async move { rest.call("DELETE", &path, None).await }
        });
        removed.await?;
        rest.call("DELETE", &format!("{network}/tiers/default"), None).await?;
        rest.call("DELETE", &network, None).await?;
        Ok(())
    }
}

async fn make_network(rest: &Rest, id: &str, is_lte: bool) -> Result<()> {
    if is_lte {
        population::make_network(rest, id).await?;
    } else {
        make_plain_network(rest, id).await?;
    }
    let tier =
        json!({"id": "default", "name": "Default", "version": "0.0.0-0", "images": [], "gateways": []});
    rest.call("POST", &format!("/networks/{id}/tiers"), Some(&tier)).await?;
    Ok(())
}

async fn make_plain_network(rest: &Rest, id: &str) -> Result<()> {
    let dns = json!({"enable_caching": false, "local_ttl": 0});
    let network = json!({"id": id, "name": "Fleet", "description": "made by lab fleet", "dns": dns});
    rest.call("POST", "/networks", Some(&network)).await.context("making the fleet's network")?;
    Ok(())
}

fn causes(recorder: &Recorder) -> String {
    let errors = recorder.joining().errors().into_iter();
    let lines: Vec<String> =
        errors.map(|((kind, cause), count)| format!("{} {count}×: {cause}", kind.name())).collect();
    lines.join("; ")
}

/// Does something with each, so many at a time and, unless it is 0, so many a second; in no order. The first failure
/// ends it.
async fn all<T, R, F>(
    items: impl Iterator<Item = T>,
    at_once: usize,
    rate: u32,
    work: impl Fn(T) -> F,
) -> Result<Vec<R>>
where
    R: Send + 'static,
    F: Future<Output = Result<R>> + Send + 'static,
{
    let (mut tasks, mut done) = (JoinSet::new(), Vec::new());
    let mut pace = pace(rate);
    for item in items {
        if let Some(pace) = &mut pace {
            pace.tick().await;
        }
        while tasks.len() >= at_once {
            collect(tasks.join_next().await, &mut done)?;
        }
        tasks.spawn(work(item));
    }
    while let Some(ended) = tasks.join_next().await {
        collect(Some(ended), &mut done)?;
    }
    Ok(done)
}

fn collect<R>(ended: Option<Result<Result<R>, tokio::task::JoinError>>, done: &mut Vec<R>) -> Result<()> {
    if let Some(ended) = ended {
        done.push(ended??);
    }
    Ok(())
}

/// Ticks so often a second; those that were missed come at once.
pub fn pace(rate: u32) -> Option<tokio::time::Interval> {
    let every = Duration::from_secs(1).checked_div(rate)?;
    let mut pace = interval(every);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    Some(pace)
}
