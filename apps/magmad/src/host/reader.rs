//! Reads all facts about this machine at once.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::addresses::addresses;
use super::cpu::{CpuInfo, CpuTimes, cpu_info, cpu_times, read_threads};
use super::disks::{DiskPartition, physical_mounts, usage};
use super::interfaces::{NetworkInterface, read_interfaces};
use super::kernel::{architecture, installed_kernels, kernel_version};
use super::memory::{Memory, memory, uptime_secs};
use super::routes::{Route, routes};

/// How long the disks may take to say how full they are.
const DISKS_LIMIT: Duration = Duration::from_secs(2);

/// Where the kernel and the package database tell their facts.
#[derive(Clone, Debug)]
pub struct HostPaths {
    /// `/proc`
    pub proc: PathBuf,
    /// `/sys`
    pub sys: PathBuf,
    /// `/var/lib/dpkg/info`
    pub dpkg_info: PathBuf,
}

impl Default for HostPaths {
    fn default() -> Self {
        Self { proc: "/proc".into(), sys: "/sys".into(), dpkg_info: "/var/lib/dpkg/info".into() }
    }
}

/// The machine that this program runs on.
#[derive(Debug)]
pub struct Host {
    paths: HostPaths,
    /// Whether the gateway reports its installed kernels (`enable_kernel_version_checking`).
    with_kernels: bool,
    /// A disk that does not answer holds a thread; it must not hold one more at each check-in.
    disks_asked: Arc<AtomicBool>,
}

/// What this machine is and does at one moment.
#[derive(Clone, Debug, Default)]
pub struct HostFacts {
    pub(super) cpu_info: CpuInfo,
    pub(super) cpu_times: CpuTimes,
    pub(super) memory: Memory,
    pub(super) uptime_secs: u64,
    pub(super) disks: Vec<DiskPartition>,
    pub(super) interfaces: Vec<NetworkInterface>,
    pub(super) routes: Vec<Route>,
    pub(super) kernel_version: String,
    pub(super) kernels_installed: Vec<String>,
}

impl Host {
    /// This machine; the installed kernels are listed only `with_kernels`.
    pub fn new(paths: HostPaths, with_kernels: bool) -> Self {
        Self { paths, with_kernels, disks_asked: Arc::default() }
    }

    /// Reads everything anew. Takes milliseconds, or two seconds when a disk does not answer: then no disks
    /// are reported.
    pub async fn facts(&self) -> HostFacts {
        HostFacts { disks: self.disks().await, ..self.all_but_disks() }
    }

    fn all_but_disks(&self) -> HostFacts {
        let HostPaths { proc, sys, dpkg_info } = &self.paths;
        let addresses = addresses().unwrap_or_else(|error| {
            tracing::debug!(%error, "the addresses of this machine cannot be read");
            Vec::new()
        });
        HostFacts {
            cpu_info: cpu_info(
                &text(&proc.join("cpuinfo")),
                &read_threads(&sys.join("devices/system/cpu")),
                architecture(),
            ),
            cpu_times: cpu_times(&text(&proc.join("stat"))),
            memory: memory(&text(&proc.join("meminfo"))),
            uptime_secs: uptime_secs(&text(&proc.join("uptime"))),
            disks: Vec::new(),
            interfaces: read_interfaces(&sys.join("class/net"), &addresses),
            routes: routes(&text(&proc.join("net/route"))),
            kernel_version: kernel_version(),
            kernels_installed: if self.with_kernels { installed_kernels(dpkg_info) } else { Vec::new() },
        }
    }

    async fn disks(&self) -> Vec<DiskPartition> {
        if self.disks_asked.swap(true, Ordering::Relaxed) {
            return Vec::new();
        }
        let (proc, asked) = (self.paths.proc.clone(), Arc::clone(&self.disks_asked));
        let asking = tokio::task::spawn_blocking(move || {
            let mounts = physical_mounts(&text(&proc.join("self/mounts")), &text(&proc.join("filesystems")));
            let disks = mounts.into_iter().filter_map(usage).collect();
            asked.store(false, Ordering::Relaxed);
            disks
        });
        match tokio::time::timeout(DISKS_LIMIT, asking).await {
            Ok(disks) => disks.unwrap_or_default(),
            Err(_) => {
                tracing::warn!("a disk does not say how full it is; disks are not reported until it does");
                Vec::new()
            }
        }
    }
}

/// A file's text; empty when it cannot be read.
fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn this_machine_has_memory_and_a_kernel() {
        let facts = Host::new(HostPaths::default(), true).facts().await;
        assert!(facts.memory.total > 0 && facts.uptime_secs > 0);
        assert!(facts.cpu_info.core_count.is_some_and(|cores| cores > 0));
        assert!(!facts.kernel_version.is_empty());
        assert!(!facts.disks.is_empty());
    }

    #[tokio::test]
    async fn facts_are_those_of_the_moment_that_they_are_asked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let (proc, sys) = (folder.path().join("proc"), folder.path().join("sys"));
        fs::create_dir_all(proc.join("net")).expect("a folder");
        let head = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n";
        let host = Host::new(HostPaths { proc: proc.clone(), sys, dpkg_info: folder.path().into() }, true);
        for (uptime, interfaces) in [(10, vec!["eth0"]), (20, vec!["eth0", "wwan0"]), (30, vec![])] {
            fs::write(proc.join("uptime"), format!("{uptime}.5 1.0\n")).expect("a file");
            let route = |name: &&str| format!("{name} 00000000 010200C0 0003 0 0 0 00000000 0 0 0\n");
            let routes: String = interfaces.iter().map(route).collect();
            fs::write(proc.join("net/route"), format!("{head}{routes}")).expect("a file");
            let facts = host.facts().await;
            let seen: Vec<&str> = facts.routes.iter().map(|r| r.network_interface_id.as_str()).collect();
            assert_eq!((facts.uptime_secs, seen), (uptime, interfaces));
        }
    }

    #[tokio::test]
    async fn a_machine_that_hides_everything_is_no_failure() {
        let nowhere = PathBuf::from("/nonexistent");
        let paths = HostPaths { proc: nowhere.clone(), sys: nowhere.clone(), dpkg_info: nowhere };
        let facts = Host::new(paths, true).facts().await;
        assert_eq!((facts.memory, facts.uptime_secs), (Memory::default(), 0));
        assert!(facts.interfaces.is_empty() && facts.disks.is_empty() && facts.cpu_info.core_count.is_none());
    }

    #[tokio::test]
    async fn a_disk_that_still_has_not_answered_is_not_asked_again() {
        let host = Host::new(HostPaths::default(), false);
        host.disks_asked.store(true, Ordering::Relaxed);
        assert!(host.facts().await.disks.is_empty());
        host.disks_asked.store(false, Ordering::Relaxed);
        assert!(!host.facts().await.disks.is_empty());
        assert!(!host.facts().await.disks.is_empty(), "and again afterwards");
    }
}
