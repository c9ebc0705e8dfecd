//! What the kernel tells about this machine and its services, for the metrics of Magma's agent.
//!
//! Files are read and nothing is waited for: percentages of processor time are differences between two readings, which
//! the caller spaces. What cannot be read is left out; it is never made up.

mod load;
mod temperature;
mod unattended_upgrade;
mod unit;

pub use load::{BusyTime, NetworkTotals, busy_percent, busy_time, network_totals};
pub use temperature::{Temperature, temperatures};
pub use unattended_upgrade::is_unattended_upgrade_on;
pub use unit::{UnitUsage, unit_usage};

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Octets of a file that are read: the kernel's tables on large machines have some ten kilobytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// A small file's text; none when it cannot be read.
fn text(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(FILE_BYTES_MAX).read_to_string(&mut text).ok()?;
    Some(text)
}

/// A file's number; none when it cannot be read or holds something else.
fn number<N: std::str::FromStr>(path: &Path) -> Option<N> {
    text(path)?.trim().parse().ok()
}
