//! Processors and how busy they were: `/proc/cpuinfo`, `/sys/devices/system/cpu`, `/proc/stat`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Serialize;

/// Milliseconds per clock tick of `/proc/stat`: USER_HZ, which the Linux ABI fixes at 100.
const MS_PER_TICK: u64 = 10;

/// The processors of this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct CpuInfo {
    pub(super) core_count: Option<usize>,
    pub(super) threads_per_core: Option<usize>,
    pub(super) architecture: Option<String>,
    pub(super) model_name: Option<String>,
}

/// Milliseconds since the machine started, summed over all processors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CpuTimes {
    pub(super) user_ms: u64,
    pub(super) system_ms: u64,
    pub(super) idle_ms: u64,
}

/// Puts the processors' description together: cores as the kernel numbers them (`(package, core)` of each thread),
/// else as many as there are threads.
pub(super) fn cpu_info(cpuinfo: &str, threads: &[(i64, i64)], architecture: String) -> CpuInfo {
    let cores = threads.iter().collect::<BTreeSet<_>>().len();
    let described = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    let core_count = if cores > 0 { cores } else { described };
    CpuInfo {
        core_count: (core_count > 0).then_some(core_count),
        threads_per_core: (cores > 0).then(|| threads.len() / cores),
        architecture: (!architecture.is_empty()).then_some(architecture),
        model_name: model_name(cpuinfo),
    }
}

/// Each architecture has its own key for it.
fn model_name(cpuinfo: &str) -> Option<String> {
    ["model name", "cpu model", "Processor", "Hardware"].into_iter().find_map(|wanted| {
        cpuinfo.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == wanted && !value.trim().is_empty()).then(|| value.trim().to_owned())
        })
    })
}

/// `(package, core)` of every thread that is on, below `/sys/devices/system/cpu`.
pub(super) fn read_threads(cpus: &Path) -> Vec<(i64, i64)> {
    let number = |path: &Path| fs::read_to_string(path).ok()?.trim().parse().ok();
    let entries = fs::read_dir(cpus).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let topology = entry.path().join("topology");
            Some((number(&topology.join("physical_package_id"))?, number(&topology.join("core_id"))?))
        })
        .collect()
}

/// The first line of `/proc/stat`: `cpu  user nice system idle …`.
pub(super) fn cpu_times(stat: &str) -> CpuTimes {
    let mut ticks = stat
        .lines()
        .find_map(|line| line.strip_prefix("cpu "))
        .into_iter()
        .flat_map(str::split_whitespace)
        .map(|ticks| ticks.parse::<u64>().unwrap_or(0).saturating_mul(MS_PER_TICK));
    let mut next = || ticks.next().unwrap_or(0);
    let (user_ms, _nice, system_ms, idle_ms) = (next(), next(), next(), next());
    CpuTimes { user_ms, system_ms, idle_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X86: &str = "processor\t: 0\nmodel name\t: Example CPU @ 2.00GHz\nflags\t\t: fpu\n\n\
                       processor\t: 1\nmodel name\t: Example CPU @ 2.00GHz\n";
    const ARM: &str = "processor\t: 0\nBogoMIPS\t: 38.40\nCPU part\t: 0xd03\n\nHardware\t: Example Board\n";
    const MIPS: &str = "system type\t: Example SoC\nprocessor\t\t: 0\ncpu model\t\t: Example V5.5\n";

    #[test]
    fn processors_are_described_on_every_architecture() {
        for (name, cpuinfo, threads, cores, per_core, model) in [
            (
                "two threads of one core",
                X86,
                &[(0, 0), (0, 0)][..],
                Some(1),
                Some(2),
                Some("Example CPU @ 2.00GHz"),
            ),
            ("two sockets", X86, &[(0, 0), (1, 0)], Some(2), Some(1), Some("Example CPU @ 2.00GHz")),
            ("no topology", X86, &[], Some(2), None, Some("Example CPU @ 2.00GHz")),
            ("arm", ARM, &[(-1, 0)], Some(1), Some(1), Some("Example Board")),
            ("mips", MIPS, &[], Some(1), None, Some("Example V5.5")),
            ("a hidden /proc and /sys", "", &[], None, None, None),
        ] {
            let info = cpu_info(cpuinfo, threads, "x86_64".to_owned());
            assert_eq!(info.core_count, cores, "{name}");
            assert_eq!(info.threads_per_core, per_core, "{name}");
            assert_eq!(info.model_name.as_deref(), model, "{name}");
        }
    }

    #[test]
    fn times_are_milliseconds() {
        let stat = "cpu  250 3 75 1000 9 0 1 0 0 0\ncpu0 1 2 3 4\nbtime 1\n";
        assert_eq!(cpu_times(stat), CpuTimes { user_ms: 2500, system_ms: 750, idle_ms: 10_000 });
        for odd in ["", "cpu", "cpu  x y z\n", "intr 1 2 3\n"] {
            assert_eq!(cpu_times(odd), CpuTimes::default(), "{odd}");
        }
    }
}
