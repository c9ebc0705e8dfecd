//! Measures this machine for the agent's own metrics: load, memory, temperatures, what each service uses, and how far
//! other hosts are (`enable_network_monitor`).
//!
//! Nothing here blocks: percentages of processor time are differences to the reading before, so they come with the
//! second one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use magma_config::{InitSystem, Magmad, Ping};
use magma_metrics::host::{
    BusyTime, busy_percent, busy_time, is_unattended_upgrade_on, network_totals, temperatures, unit_usage,
};
use magma_service303::{GaugeFamily, Registry};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use wire_orc8r::orc8r::{NetworkTestRequest, PingParams, PingResult};

use crate::host::{Fullness, HostPaths};
use crate::remote::NetworkTests;
use crate::services::Services;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// The period where `network_monitor_config` does not say.
const PERIOD: Duration = Duration::from_secs(60);

/// How often Debian's setting is looked at; as Magma's agent.
const UPGRADE_PERIOD: Duration = Duration::from_secs(100);

/// Debian's setting.
const AUTO_UPGRADES: &str = "/etc/apt/apt.conf.d/20auto-upgrades";

/// Services with units of their own; the others are instances of `magma@`.
const OWN_UNITS: [&str; 2] = ["sctpd", "openvswitch-switch"];

/// The task that measures.
pub(super) struct HostFigures {
    /// Switched on by `enable_network_monitor`.
    pub(super) monitor: Option<Monitor>,
    auto_upgrades: PathBuf,
    registry: Registry,
}

/// What is measured every `sampling_period`.
pub(super) struct Monitor {
    period: Duration,
    ping: Option<Ping>,
    network: NetworkTests,
    round_trips: GaugeFamily<2>,
    registry: Registry,
    host: HostPaths,
    processors: Option<BusyTime>,
    /// With systemd, whose control groups tell what a service uses.
    units: Option<Units>,
}

struct Units {
    services: Arc<Services>,
    cpu: GaugeFamily<1>,
    memory: GaugeFamily<1>,
    memory_ratio: GaugeFamily<1>,
    /// Each running unit's processor time, and when it was read.
    before: BTreeMap<String, (Duration, Instant)>,
}

impl HostFigures {
    pub fn new(magmad: &Magmad, host: HostPaths, services: Arc<Services>, registry: &Registry) -> Self {
        let configured = magmad.network_monitor.as_ref();
        let monitor = magmad.enable_network_monitor.then(|| Monitor {
            period: configured.map_or(PERIOD, |monitor| monitor.sampling_period),
            ping: configured.and_then(|monitor| monitor.ping.clone()),
            network: NetworkTests::default(),
            round_trips: registry.gauge_family("magmad_ping_rtt_ms", ["host", "metric"]),
            registry: registry.clone(),
            host,
            processors: None,
            units: (magmad.init_system == InitSystem::Systemd).then(|| Units::new(services, registry)),
        });
        Self { monitor, auto_upgrades: AUTO_UPGRADES.into(), registry: registry.clone() }
    }
}

impl Task for HostFigures {
    async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
        let Self { monitor, auto_upgrades, registry } = self;
        let measuring = async {
            match monitor {
                Some(monitor) => monitor.run().await,
                None => std::future::pending().await,
            }
        };
        let looking = async {
            let mut looks = interval(UPGRADE_PERIOD);
            loop {
                looks.tick().await;
                look_at_upgrades(auto_upgrades, registry);
            }
        };
        tokio::select! {
            () = shutdown.wait() => {}
            () = measuring => {}
            () = looking => {}
        }
        Ok(())
    }
}

fn look_at_upgrades(auto_upgrades: &Path, registry: &Registry) {
    let text = fs::read_to_string(auto_upgrades).unwrap_or_default();
    let on = if is_unattended_upgrade_on(&text) { 1.0 } else { 0.0 };
    registry.gauge("unattended_upgrade_status").set(on);
}

impl Monitor {
    async fn run(&mut self) {
        let mut rounds = interval(self.period);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            self.measure().await;
        }
    }

    pub(super) async fn measure(&mut self) {
        self.ping().await;
        self.read_load();
        let HostPaths { proc, sys, .. } = &self.host;
        if let Some(fullness) = Fullness::read(proc) {
            self.set_fullness(&fullness);
        }
        let sensors = self.registry.gauge_family("temperature", ["sensor"]);
        for reading in temperatures(sys) {
            sensors.with([&reading.sensor]).set(reading.celsius);
        }
        if let Some(units) = &mut self.units {
            units.read(sys, proc);
        }
    }

    fn read_load(&mut self) {
        let text = |name: &str| fs::read_to_string(self.host.proc.join(name)).ok();
        let now = text("stat").and_then(|stat| busy_time(&stat));
        if let Some(percent) = self.processors.zip(now).and_then(|(before, now)| busy_percent(before, now)) {
            self.registry.gauge("cpu_percent").set(percent);
        }
        if let Some(dev) = text("net/dev") {
            let totals = network_totals(&dev);
            self.registry.gauge("bytes_sent").set(totals.sent as f64);
            self.registry.gauge("bytes_received").set(totals.received as f64);
        }
        self.processors = now;
    }

    fn set_fullness(&self, fullness: &Fullness) {
        for (name, value) in [
            ("mem_total", fullness.memory_total as f64),
            ("mem_available", fullness.memory_available as f64),
            ("mem_used", fullness.memory_used as f64),
            ("mem_free", fullness.memory_free as f64),
            ("virtual_memory_percent", fullness.memory_percent),
            ("swap_memory_percent", fullness.swap_percent),
        ] {
            self.registry.gauge(name).set(value);
        }
        if let Some(percent) = fullness.disk_percent {
            self.registry.gauge("disk_percent").set(percent);
        }
    }

    async fn ping(&self) {
        let Some(ping) = &self.ping else { return };
        let pings = ping.hosts.iter().map(|host| PingParams {
            host_or_ip: host.clone(),
            num_packets: ping.packets.try_into().unwrap_or(i32::MAX),
        });
        let request = NetworkTestRequest { pings: pings.collect(), traceroutes: Vec::new() };
        match timeout(ping.timeout, self.network.run(request)).await {
            Ok(Ok(answer)) => answer.pings.iter().for_each(|result| self.pinged(result)),
            Ok(Err(status)) => {
                tracing::warn!(error = status.message(), "network_monitor_config cannot be used")
            }
            // Nothing came back in time, or too slowly to count.
            Err(_) => ping
                .hosts
                .iter()
                .for_each(|host| self.packets(host, ping.packets.into(), ping.packets.into())),
        }
    }

    pub(super) fn pinged(&self, result: &PingResult) {
        let host = result.host_or_ip.as_str();
        if !result.error.is_empty() {
            tracing::debug!(host, error = result.error, "a host does not answer pings");
        }
        let [sent, received] = [result.packets_transmitted, result.packets_received].map(f64::from);
        self.packets(host, sent, sent - received);
        if received > 0.0 {
            self.round_trips.with([host, "rtt_ms"]).set(result.avg_response_ms.into());
        }
    }

    /// Magma-compat: what is counted is exported as a gauge, beside the time.
    fn packets(&self, host: &str, sent: f64, lost: f64) {
        for (metric, count) in [("packets_sent", sent), ("packets_lost", lost)] {
            let gauge = self.round_trips.with([host, metric]);
            gauge.set(gauge.value() + count);
        }
    }
}

impl Units {
    fn new(services: Arc<Services>, registry: &Registry) -> Self {
        let family = |name| registry.gauge_family(name, ["service_name"]);
        Self {
            services,
            cpu: family("service_cpu_percentage"),
            memory: family("service_memory_usage"),
            memory_ratio: family("service_memory_percentage"),
            before: BTreeMap::new(),
        }
    }

    fn read(&mut self, sys: &Path, proc: &Path) {
        let services = self.services.current();
        let instances = services.iter().filter(|service| !OWN_UNITS.contains(&service.as_str()));
        let instances = instances.map(|service| format!("magma@{service}"));
        let units: Vec<String> = instances.chain(OWN_UNITS.map(str::to_owned)).collect();
        for unit in units {
            self.read_unit(&unit, sys, proc);
        }
    }

    fn read_unit(&mut self, unit: &str, sys: &Path, proc: &Path) {
        let now = Instant::now();
        let Some(usage) = unit_usage(sys, proc, unit) else {
            // What has ended uses nothing; what never ran is not there.
            if self.before.remove(unit).is_some() {
                for family in [&self.cpu, &self.memory, &self.memory_ratio] {
                    family.with([unit]).set(0.0);
                }
            }
            return;
        };
        self.memory.with([unit]).set(usage.memory as f64);
        if let Some(limit) = usage.memory_limit.filter(|limit| *limit > 0) {
            // Magma-compat: a ratio from 0 to 1, whatever the name says.
            self.memory_ratio.with([unit]).set(usage.memory as f64 / limit as f64);
        }
        if let Some((cpu, then)) = self.before.insert(unit.to_owned(), (usage.cpu, now)) {
            let passed = (now - then).as_secs_f64();
            // A restarted unit counts from 0 again.
            let used = usage.cpu.checked_sub(cpu).unwrap_or(usage.cpu).as_secs_f64();
            if passed > 0.0 {
                self.cpu.with([unit]).set(100.0 * used / passed);
            }
        }
    }
}
