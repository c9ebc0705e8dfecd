//! What a systemd unit uses, from its control group: without `systemctl`, and without waiting.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{number, text};

/// Processes of a unit that are looked at.
const PROCESSES_MAX: usize = 256;

/// Clock ticks per second in `/proc`: USER_HZ, which the Linux ABI fixes at 100.
const TICK: Duration = Duration::from_millis(10);

/// A limit of version 1 that means none; what it is exactly depends on the page size.
const NO_LIMIT: u64 = 1 << 60;

/// What the processes of a running unit use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitUsage {
    /// Processor time since the unit started. It may go back when only `/proc` tells it and a process ended.
    pub cpu: Duration,
    /// Resident memory of all processes, in octets.
    pub memory: u64,
    /// The most memory that the unit may have, in octets; none without such a limit.
    pub memory_limit: Option<u64>,
}

/// Reads what the unit, such as `magma@mme`, uses; none when it does not run. `sys` and `proc` are where these file systems
/// are mounted.
pub fn unit_usage(sys: &Path, proc: &Path, unit: &str) -> Option<UnitUsage> {
    let groups = sys.join("fs/cgroup");
    let unified = groups.join("cgroup.controllers").exists();
    let folder = |controller: &str| if unified { groups.clone() } else { groups.join(controller) };
    let group = group_of(&folder("systemd"), unit)?;
    let processes: Vec<PathBuf> = text(&folder("systemd").join(&group).join("cgroup.procs"))?
        .lines()
        .take(PROCESSES_MAX)
        .map(|id| proc.join(id))
        .collect();
    if processes.is_empty() {
        return None;
    }
    let counted = match unified {
        true => keyed(&text(&groups.join(&group).join("cpu.stat"))?, "usage_usec").map(Duration::from_micros),
        false => number(&folder("cpuacct").join(&group).join("cpuacct.usage")).map(Duration::from_nanos),
    };
    let limit_file = if unified { "memory.max" } else { "memory.limit_in_bytes" };
    Some(UnitUsage {
        cpu: counted.unwrap_or_else(|| processes.iter().filter_map(|process| cpu_of(process)).sum()),
        memory: processes.iter().filter_map(|process| memory_of(process)).sum(),
        memory_limit: number(&folder("memory").join(&group).join(limit_file))
            .filter(|limit| *limit < NO_LIMIT),
    })
}

/// The unit's group below a hierarchy. Instances of a template, `magma@mme`, are in a slice of their own.
fn group_of(hierarchy: &Path, unit: &str) -> Option<PathBuf> {
    let service = format!("{unit}.service");
    let slice = Path::new("system.slice");
    let of_template = unit.split_once('@').map(|(template, _)| {
        // A hyphen in a slice's name separates its parents, so one in the template's name is escaped.
        slice.join(format!("system-{}.slice", template.replace('-', "\\x2d"))).join(&service)
    });
    let candidates = of_template.into_iter().chain([slice.join(&service)]);
    candidates.into_iter().find(|group| hierarchy.join(group).is_dir())
}

/// User and system time of `/proc/PID/stat`; its second field, the name, may itself hold spaces and parentheses.
fn cpu_of(process: &Path) -> Option<Duration> {
    let stat = text(&process.join("stat"))?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u32>().ok();
    Some(TICK * ticks()? + TICK * ticks()?)
}

fn memory_of(process: &Path) -> Option<u64> {
    keyed(&text(&process.join("status"))?, "VmRSS:").map(|kib| kib * 1024)
}

/// The number after `key` at the beginning of a line.
fn keyed(text: &str, key: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(key))?;
    value.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const MIB: u64 = 1 << 20;
    const STAT: &str = "7 (a) b) S 1 7 7 0 -1 4194560 917 0 3 0 250 75 0 0 20 0 2 0 4321 12345678 900";

    fn usage(unit: &str, files: &[(&str, &str)]) -> Option<UnitUsage> {
        let root = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        unit_usage(&root.path().join("sys"), &root.path().join("proc"), unit)
    }

    #[test]
    fn a_unit_of_the_unified_hierarchy() {
        let group = "sys/fs/cgroup/system.slice/system-magma.slice/magma@mme.service/";
        let file = |name: &str| format!("{group}{name}");
        let (procs, cpu, limit) = (file("cgroup.procs"), file("cpu.stat"), file("memory.max"));
        let mut files = vec![
            ("sys/fs/cgroup/cgroup.controllers", "cpu memory\n"),
            (procs.as_str(), "7\n8\n9\n"),
            (cpu.as_str(), "usage_usec 2500000\nuser_usec 1\n"),
            (limit.as_str(), "314572800\n"),
            ("proc/7/status", "Name:\tmme\nVmRSS:\t    2048 kB\n"),
            ("proc/8/status", "VmRSS:\t    1024 kB\n"),
        ];
        let expected =
            UnitUsage { cpu: Duration::from_millis(2500), memory: 3 * MIB, memory_limit: Some(300 * MIB) };
        assert_eq!(usage("magma@mme", &files), Some(expected));
        assert_eq!(usage("magma@pipelined", &files), None);
        files[3].1 = "max\n";
        assert_eq!(usage("magma@mme", &files), Some(UnitUsage { memory_limit: None, ..expected }));
        files[1].1 = "";
        assert_eq!(usage("magma@mme", &files), None, "it has ended");
    }

    #[test]
    fn a_unit_of_the_older_hierarchies() {
        let mut files = vec![
            ("sys/fs/cgroup/systemd/system.slice/openvswitch-switch.service/cgroup.procs", "7\n"),
            (
                "sys/fs/cgroup/memory/system.slice/openvswitch-switch.service/memory.limit_in_bytes",
                "9223372036854771712\n",
            ),
            ("proc/7/status", "VmRSS:\t    1024 kB\n"),
            ("proc/7/stat", STAT),
        ];
        let expected = UnitUsage { cpu: Duration::from_millis(3250), memory: MIB, memory_limit: None };
        assert_eq!(usage("openvswitch-switch", &files), Some(expected), "the time of its processes");
        files.push((
            "sys/fs/cgroup/cpuacct/system.slice/openvswitch-switch.service/cpuacct.usage",
            "4000000000\n",
        ));
        let expected = UnitUsage { cpu: Duration::from_secs(4), ..expected };
        assert_eq!(usage("openvswitch-switch", &files), Some(expected));
        assert_eq!(usage("../x", &files), None);
    }
}
