//! `magmad doctor`: why a gateway does not reach its cloud, found step by step, each with what to do next.
//!
//! The steps go from the machine outward, so that the first one that fails is the cause and those after it are not
//! tried for nothing. Nothing on disk is changed. In the cloud only a state is reported that says that the doctor was
//! there.

mod cloud;
mod finding;
mod local;
mod machine;
mod way;

use std::time::{Duration, SystemTime};

use magma_config::Paths;

use crate::http_proxies::HttpProxies;
pub use finding::{Finding, Verdict};

/// What is examined, and how.
#[derive(Clone, Debug)]
pub struct Examination {
    /// The gateway's files.
    pub paths: Paths,
    /// The machine's clock.
    pub now: SystemTime,
    /// The HTTP proxies that the environment names.
    pub proxies: HttpProxies,
    /// Whether anybody outside of this machine is called.
    pub offline: bool,
    /// How long connecting may take.
    pub connect_limit: Duration,
    /// How long a call may take.
    pub call_limit: Duration,
}

impl Examination {
    /// Of the gateway with these files, with patience for slow links.
    pub fn new(paths: Paths) -> Self {
        Self {
            paths,
            now: SystemTime::now(),
            proxies: HttpProxies::default(),
            offline: false,
            connect_limit: Duration::from_secs(10),
            call_limit: Duration::from_secs(20),
        }
    }

    /// Goes through all steps.
    pub async fn findings(&self) -> Vec<Finding> {
        let (config, problems) = magma_config::inspect(&self.paths);
        let mut found = Vec::new();
        machine::configuration(&mut found, &problems);
        let hardware_id = machine::identity(&mut found, self, &config);
        machine::clock(&mut found, self);
        machine::disk(&mut found, self);
        let trust = machine::root_certificate(&mut found, self, &config);
        let pair = machine::gateway_certificate(&mut found, self, &config, hardware_id.as_ref());
        if self.offline {
            found.push(Finding::skipped("cloud", "not asked, because of --offline"));
        } else {
            let outside = cloud::Outside { examination: self, config: &config, trust, pair, hardware_id };
            outside.examine(&mut found).await;
        }
        local::services(&mut found, self, &config).await;
        found
    }
}
