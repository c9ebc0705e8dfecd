//! The machine's own figures, from files such as the kernel's.

use std::fs;

use magma_config::InitSystem;
use magma_service303::Registry;

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

#[tokio::test(start_paused = true)]
async fn the_figures_have_magmas_names_and_labels() {
    let root = tempfile::tempdir().unwrap();
    let host = machine(root.path(), (100, 100), 1_000_000);
    let mut config = magma_config::inspect(&Paths::under(root.path())).0;
    config.magmad.magma_services = vec!["mme".into(), "state".into()];
    config.magmad.init_system = InitSystem::Systemd;
    config.magmad.enable_network_monitor = true;
    let registry = Registry::new();
    let restarts = registry.counter_family("unexpected_service_restarts", ["service_name"]);
    let services = Services::configured(&config, &Paths::under(root.path()), Vec::new(), restarts);
    let mut figures = HostFigures::new(&config.magmad, host, Arc::new(services), &registry);
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
