//! The low-bandwidth profile: what it makes rarer, and why not rarer still.
//!
//! `profile: low-bandwidth` in magmad.yml, or `--profile low-bandwidth`, is for links that are slow or paid by the byte.
//! An existing Orchestrator sees a gateway that is slower to react, and nothing else:
//!
//! * check-in comes after four times the interval that the cloud configured, but at most 4 minutes later than the one
//!   before: the cloud counts a gateway as gone after five intervals, and after 5 minutes in its metrics. An interval
//!   that is longer already stays as it is;
//! * the configuration is polled every 10 minutes;
//! * a SyncRPC heartbeat is sent after 50 s of idleness: nginx before a cloud gives up on a request whose sender says
//!   nothing for 60 s;
//! * metrics are collected and sent every 15 minutes;
//! * tables are replicated every 10 minutes, unless `state.yml` has its own interval;
//! * logs and events are gathered for 15 s before they are sent, when `td-agent-bit` is embedded;
//! * one connection serves all of the cloud ([`crate::cloud`]).

use std::time::Duration;

use magma_config::{GatewayConfig, Profile};

use crate::options::{Options, Timings};

/// The intervals of the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intervals {
    /// How many times the configured interval lies between two check-ins.
    pub checkin_factor: u32,
    /// A longer interval than this one comes from the cloud's configuration alone.
    pub checkin_max: Duration,
    /// The shortest pause between two polls of the configuration.
    pub config_pause: Duration,
    /// See [`crate::sync_rpc::Limits::heartbeat_idle`].
    pub heartbeat_idle: Duration,
    /// The shortest interval between two collections of metrics, and between two uploads.
    pub metrics: Duration,
}

impl Default for Intervals {
    fn default() -> Self {
        Self {
            checkin_factor: 4,
            checkin_max: Duration::from_secs(240),
            config_pause: Duration::from_secs(600),
            heartbeat_idle: Duration::from_secs(50),
            metrics: Duration::from_secs(900),
        }
    }
}

impl Intervals {
    /// The interval between two check-ins when the cloud configured `configured`.
    pub fn checkin(&self, configured: Duration) -> Duration {
        configured.saturating_mul(self.checkin_factor).min(self.checkin_max).max(configured)
    }
}

/// Settles which profile is in effect, and tunes the configuration and the timings for it.
pub fn tune(options: &mut Options, config: &mut GatewayConfig) {
    let intervals = options.low_bandwidth.clone();
    if tune_config(options.profile, &intervals, config) {
        stretch(&mut options.timings, intervals);
    }
}

/// Tunes the configuration for the profile in effect, which `profile` decides before the file. Returns whether it is
/// that of low bandwidth.
pub fn tune_config(profile: Option<Profile>, intervals: &Intervals, config: &mut GatewayConfig) -> bool {
    if let Some(profile) = profile {
        config.magmad.profile = profile;
    }
    let low = config.magmad.profile == Profile::LowBandwidth;
    if low {
        config.streamer.reconnect = config.streamer.reconnect.max(intervals.config_pause);
        if let Some(metricsd) = &mut config.magmad.metricsd {
            metricsd.collect_interval = metricsd.collect_interval.max(intervals.metrics);
            metricsd.sync_interval = metricsd.sync_interval.max(intervals.metrics);
        }
    }
    low
}

fn stretch(timings: &mut Timings, intervals: Intervals) {
    let session = &mut timings.sync_rpc.session;
    session.heartbeat_idle = intervals.heartbeat_idle;
    session.heartbeat_max = session.heartbeat_max.max(intervals.heartbeat_idle);
    timings.checkin.stretched = Some(intervals);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cloud_that_counts_five_intervals_never_misses_the_gateway() {
        let intervals = Intervals::default();
        for (configured, expected) in
            [(5, 20), (30, 120), (60, 240), (90, 240), (240, 240), (300, 300), (3600, 3600)]
        {
            let configured = Duration::from_secs(configured);
            let stretched = intervals.checkin(configured);
            assert_eq!(stretched, Duration::from_secs(expected), "{configured:?}");
            assert!(stretched < 5 * configured && stretched >= configured);
        }
    }
}
