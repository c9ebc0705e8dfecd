//! Disks and how full they are: `/proc/self/mounts`, `/proc/filesystems`, `statvfs`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// The most disks that are reported.
const DISKS_MAX: usize = 64;

/// A mounted disk and its bytes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct DiskPartition {
    pub(super) device: String,
    pub(super) mount_point: String,
    pub(super) total: u64,
    pub(super) used: u64,
    /// What an ordinary user may still fill.
    pub(super) free: u64,
    /// Of what an ordinary user may fill, how much is filled, as the Go agent and df(1) count it.
    pub(super) used_percent: f64,
}

/// A disk and where it is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    pub(super) device: String,
    pub(super) mount_point: String,
}

/// The mounts of physical disks, by device: file systems that need a device, and ZFS. A device that is mounted
/// several times (a container's bind mounts) is listed once, at its shortest path. A container has none
/// of its own; there the root counts, so that a full disk shows.
pub(super) fn physical_mounts(mounts: &str, filesystems: &str) -> Vec<Mount> {
    let on_device: BTreeSet<&str> =
        filesystems.lines().filter(|line| !line.starts_with("nodev")).map(str::trim).chain(["zfs"]).collect();
    let mut physical: BTreeMap<String, String> = BTreeMap::new();
    let mut root = None;
    for line in mounts.lines() {
        let mut fields = line.split(' ');
        let (Some(device), Some(point), Some(kind)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let (device, point) = (unescaped(device), unescaped(point));
        if point == "/" {
            root = Some(Mount { device: device.clone(), mount_point: point.clone() });
        }
        if on_device.contains(kind) && !device.is_empty() && device != "none" {
            let known = physical.entry(device).or_insert_with(|| point.clone());
            if point.len() < known.len() {
                *known = point;
            }
        }
    }
    let physical = physical.into_iter().map(|(device, mount_point)| Mount { device, mount_point });
    let mounts: Vec<Mount> = physical.take(DISKS_MAX).collect();
    if mounts.is_empty() { root.into_iter().collect() } else { mounts }
}

/// How full a disk is; none when it cannot be asked. Waits for the disk, which a broken one may make long.
pub(super) fn usage(mount: Mount) -> Option<DiskPartition> {
    let disk = rustix::fs::statvfs(&mount.mount_point).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
    let (used, free) = (bytes(disk.f_blocks.saturating_sub(disk.f_bfree)), bytes(disk.f_bavail));
    Some(DiskPartition {
        device: mount.device,
        mount_point: mount.mount_point,
        total: bytes(disk.f_blocks),
        used,
        free,
        used_percent: percent(used, free),
    })
}

/// With one digit behind the point; an empty file system is not used.
fn percent(used: u64, free: u64) -> f64 {
    let of = used.saturating_add(free).max(1);
    (used as f64 * 1000.0 / of as f64).round() / 10.0
}

/// The kernel writes a blank, a tab, a line end and a backslash as `\` and three octal digits (getmntent(3)).
fn unescaped(field: &str) -> String {
    let mut parts = field.split('\\');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match digits.filter(u8::is_ascii) {
            Some(byte) => text.extend([char::from(byte).to_string().as_str(), &part[3..]]),
            None => text.extend(["\\", part]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILESYSTEMS: &str = "nodev\tsysfs\nnodev\ttmpfs\nnodev\toverlay\n\text4\n\tvfat\n";

    fn found(mounts: &str) -> Vec<(String, String)> {
        physical_mounts(mounts, FILESYSTEMS)
            .into_iter()
            .map(|mount| (mount.device, mount.mount_point))
            .collect()
    }

    #[test]
    fn only_disks_are_listed_each_once() {
        type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);
        let cases: [Case<'_>; 5] = [
            (
                "an ordinary machine",
                "proc /proc proc rw 0 0\n/dev/sda1 / ext4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n/dev/sda2 /boot/efi vfat rw 0 0\n",
                &[("/dev/sda1", "/"), ("/dev/sda2", "/boot/efi")],
            ),
            (
                "bind mounts in a container",
                "overlay / overlay rw 0 0\n/dev/sda1 /etc/resolv.conf ext4 rw 0 0\n/dev/sda1 /etc/hosts ext4 rw 0 0\n",
                &[("/dev/sda1", "/etc/hosts")],
            ),
            (
                "a container without any",
                "overlay / overlay rw 0 0\nproc /proc proc rw 0 0\n",
                &[("overlay", "/")],
            ),
            (
                "blanks in a name",
                "/dev/sdb1 /mnt/my\\040disk\\134x ext4 rw 0 0\n",
                &[("/dev/sdb1", "/mnt/my disk\\x")],
            ),
            ("nothing readable", "nonsense\n\n", &[]),
        ];
        for (name, mounts, expected) in cases {
            let expected: Vec<_> =
                expected.iter().map(|(device, point)| ((*device).to_owned(), (*point).to_owned())).collect();
            assert_eq!(found(mounts), expected, "{name}");
        }
    }

    #[test]
    fn what_is_kept_for_root_counts_for_nobody() {
        for (used, free, expected) in
            [(0, 0, 0.0), (0, 10, 0.0), (20, 9, 69.0), (10, 0, 100.0), (1, 2, 33.3), (u64::MAX, 1, 100.0)]
        {
            assert_eq!(percent(used, free), expected, "{used} {free}");
        }
    }

    #[test]
    fn odd_escapes_stay_as_they_are() {
        for (field, expected) in
            [("a\\", "a\\"), ("\\9", "\\9"), ("\\777x", "\\777x"), ("\\04", "\\04"), ("\\é12", "\\é12")]
        {
            assert_eq!(unescaped(field), expected);
        }
    }

    #[test]
    fn usage_is_asked_of_the_system() {
        let root = Mount { device: "x".to_owned(), mount_point: "/".to_owned() };
        let disk = usage(root).expect("there is a root");
        assert!(disk.total >= disk.used && disk.total > 0);
        let missing = Mount { device: "x".to_owned(), mount_point: "/nonexistent".to_owned() };
        assert_eq!(usage(missing), None);
    }
}
