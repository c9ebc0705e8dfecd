//! The machine's own figures, from files such as the kernel's.

use std::fs;

use magma_config::{InitSystem, NetworkMonitor, Ping};
use magma_service303::Registry;
use tokio::time::Instant;
use wire_orc8r::orc8r::PingResult;

use super::super::host_figures::HostFigures;
use super::*;
use crate::services::Services;

/// A machine with one running service.
fn machine(root: &Path, ticks: (u64, u64), cpu_usec: u64) -> HostPaths {
    let unit = "sys/fs/cgroup/system.slice/system-magma.slice/magma@mme.service";
    let (busy, idle) = ticks;
    for (file, text) in [
        ("proc/stat", format!("cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\n")),
        ("proc/meminfo", "MemTotal: 1000 kB\nMemFree: 300 kB\nMemAvailable: 600 kB\n".to_owned()),
        ("proc/net/dev", "  eth0: 70 0 0 0 0 0 0 0 30 0\n".to_owned()),
        ("proc/7/status", "VmRSS: 1024 kB\n".to_owned()),
        ("sys/class/hwmon/hwmon0/name", "coretemp\n".to_owned()),
        ("sys/class/hwmon/hwmon0/temp1_input", "41500\n".to_owned()),
        ("sys/fs/cgroup/cgroup.controllers", "cpu\n".to_owned()),
        (&format!("{unit}/cgroup.procs"), "7\n".to_owned()),
        (&format!("{unit}/cpu.stat"), format!("usage_usec {cpu_usec}\n")),
        (&format!("{unit}/memory.max"), "4194304\n".to_owned()),
    ] {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    HostPaths { proc: root.join("proc"), sys: root.join("sys"), dpkg_info: root.join("dpkg") }
}

fn page(registry: &Registry) -> String {
    magma_metrics::exposition::page(&registry.gather(7))
}

/// Figures of the machine in this folder, with a network monitor.
fn figures(root: &Path, host: HostPaths, hosts: &[&str]) -> (HostFigures, Registry) {
    let mut config = magma_config::inspect(&Paths::under(root)).0;
    config.magmad.magma_services = vec!["mme".into(), "state".into()];
    config.magmad.init_system = InitSystem::Systemd;
    config.magmad.enable_network_monitor = true;
    let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
    let ping = Some(Ping { hosts, packets: 1, timeout: Duration::from_secs(20) });
    config.magmad.network_monitor = Some(NetworkMonitor { sampling_period: MINUTE, ping });
    let registry = Registry::new();
    let restarts = registry.counter_family("unexpected_service_restarts", ["service_name"]);
    let services = Services::configured(&config, &Paths::under(root), Vec::new(), restarts);
    (HostFigures::new(&config.magmad, host, Arc::new(services), &registry), registry)
}

#[tokio::test(start_paused = true)]
async fn the_figures_have_magmas_names_and_labels() {
    let root = tempfile::tempdir().unwrap();
    let host = machine(root.path(), (100, 100), 1_000_000);
    let (mut figures, registry) = figures(root.path(), host, &[]);
    let (trigger, shutdown) = Shutdown::new();
    let task = tokio::spawn(async move { figures.run(shutdown).await });
    sleep(MINUTE / 2).await;
    let first = page(&registry);
    assert!(!first.contains("cpu_percent") && !first.contains("service_cpu_percentage"), "{first}");
    machine(root.path(), (130, 370), 7_000_000);
    sleep(MINUTE).await;
    let page = page(&registry);
    for line in [
        "cpu_percent 10\n",
        "mem_total 1024000\n",
        "mem_available 614400\n",
        "mem_free 307200\n",
        "mem_used 716800\n",
        "virtual_memory_percent 40\n",
        "swap_memory_percent 0\n",
        "bytes_sent 30\n",
        "bytes_received 70\n",
        "temperature{sensor=\"coretemp_0\"} 41.5\n",
        "service_cpu_percentage{service_name=\"magma@mme\"} 10\n",
        "service_memory_usage{service_name=\"magma@mme\"} 1048576\n",
        "service_memory_percentage{service_name=\"magma@mme\"} 0.25\n",
        "unattended_upgrade_status ",
        "disk_percent ",
    ] {
        assert!(page.contains(line), "no {line}in {page}");
    }
    assert!(
        !page.contains("magma@state") && !page.contains("sctpd"),
        "what does not run is not there: {page}"
    );
    trigger.fire();
    task.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_round_of_measuring_waits_for_nothing_and_registers_nothing_anew() {
    let root = tempfile::tempdir().unwrap();
    let host = machine(root.path(), (100, 100), 1_000_000);
    let (mut figures, registry) = figures(root.path(), host, &[]);
    let monitor = figures.monitor.as_mut().unwrap();
    let began = Instant::now();
    monitor.measure().await;
    let after_one = registry.gather(7).len();
    for round in 0..100 {
        machine(root.path(), (100, 100 + round), 1_000_000 + round);
        monitor.measure().await;
    }
    assert_eq!(Instant::now(), began, "no pause, not even a second for the processors' load");
    // The processors' load, of the machine and of the service, needs two rounds.
    assert_eq!(registry.gather(7).len(), after_one + 1);
}

#[tokio::test]
async fn lost_packets_are_counted_even_when_none_comes_back() {
    let root = tempfile::tempdir().unwrap();
    let host = machine(root.path(), (100, 100), 1_000_000);
    let (figures, registry) = figures(root.path(), host, &[]);
    let monitor = figures.monitor.as_ref().unwrap();
    let result = |sent: i32, received: i32, ms: f32, error: &str| PingResult {
        host_or_ip: "192.0.2.1".into(),
        num_packets: sent,
        packets_transmitted: sent,
        packets_received: received,
        avg_response_ms: ms,
        error: error.into(),
    };
    monitor.pinged(&result(4, 4, 12.5, ""));
    monitor.pinged(&result(4, 0, 0.0, "no reply"));
    monitor.pinged(&result(4, 3, 20.0, ""));
    let page = page(&registry);
    for (metric, value) in [("packets_lost", "5"), ("packets_sent", "12"), ("rtt_ms", "20")] {
        let line = format!("magmad_ping_rtt_ms{{host=\"192.0.2.1\",metric=\"{metric}\"}} {value}\n");
        assert!(page.contains(&line), "no {line}in {page}");
    }
}

#[tokio::test]
async fn hosts_that_are_no_hosts_stop_no_measuring() {
    let root = tempfile::tempdir().unwrap();
    let host = machine(root.path(), (100, 100), 1_000_000);
    let (mut figures, registry) = figures(root.path(), host, &["-c;reboot", ""]);
    figures.monitor.as_mut().unwrap().measure().await;
    let page = page(&registry);
    assert!(page.contains("mem_total 1024000\n") && !page.contains("metric=\"rtt_ms\""), "{page}");
}

#[tokio::test]
async fn a_host_that_answers_is_measured() {
    let root = tempfile::tempdir().unwrap();
    let host = machine(root.path(), (100, 100), 1_000_000);
    let (mut figures, registry) = figures(root.path(), host, &["127.0.0.1"]);
    figures.monitor.as_mut().unwrap().measure().await;
    let page = page(&registry);
    let line = |metric: &str| format!("magmad_ping_rtt_ms{{host=\"127.0.0.1\",metric=\"{metric}\"}} ");
    if page.contains(&format!("{}0\n", line("packets_sent"))) {
        return println!("skipped: this user may send no pings, and there is no ping program");
    }
    assert!(page.contains(&format!("{}0\n", line("packets_lost"))), "{page}");
    let time = page.split_once(&line("rtt_ms")).and_then(|(_, rest)| rest.lines().next());
    assert!(time.is_some_and(|time| time.parse::<f64>().is_ok_and(|ms| ms > 0.0)), "{page}");
}
