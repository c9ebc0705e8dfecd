//! `cargo xtask budget`: measures the figures that SPECIFICATION.md promises for the agent, and fails above them.
//!
//! Sizes come from the program as it ships ([`crate::agent`]), with everything and as the core alone. Memory and time
//! come from the former in the lab ([`measure`]). The time is shown but fails nothing: what else the machine does shows
//! in it. Without musl the whole agent is larger than it ships, and its figures are shown only, too.

mod figures;
mod measure;

use crate::agent::{self, Built};
use anyhow::{Result, bail};
use figures::{Figure, Quantity};
use std::path::Path;
use std::time::Duration;

/// Megabytes are decimal here: the smaller, and so the stricter, reading.
const MB: u64 = 1_000_000;

const STRIPPED_BYTES_MAX: u64 = 5 * MB;
const XZ_BYTES_MAX: u64 = 1_600_000;
const CORE_XZ_BYTES_MAX: u64 = 1_200_000;
/// With 20 services.
const RESIDENT_BYTES_MAX: u64 = 6 * MB;
/// While 50 requests through SyncRPC are under way at any time and a thousand calls a second go through its proxy.
const BUSY_RESIDENT_BYTES_MAX: u64 = 10 * MB;
/// 0.2 % of one processor, with 20 services.
const IDLE_CPU_MAX: u64 = 2000;
const PROXIED_PER_SECOND_MIN: u64 = 950;
const FIRST_CHECK_IN_MAX: Duration = Duration::from_millis(500);

/// Builds the agent, prints every figure, and fails when one is over its budget.
pub fn check(root: &Path) -> Result<()> {
    let (program, mut figures) = sizes(root)?;
    let running = measure::running(root, &program.file)?;
    let held = if program.has_musl() { Figure::binding } else { Figure::shown };
    figures.extend([
        held(
            "resident, idle after check-in",
            Quantity::Bytes(running.resident_bytes),
            Quantity::Bytes(RESIDENT_BYTES_MAX),
        ),
        held(
            "resident, 20 services, 2 min",
            Quantity::Bytes(running.idle_resident_bytes),
            Quantity::Bytes(RESIDENT_BYTES_MAX),
        ),
        held(
            "resident, at most, busy",
            Quantity::Bytes(running.busy_resident_bytes),
            Quantity::Bytes(BUSY_RESIDENT_BYTES_MAX),
        ),
        // On a shared machine, what its neighbours take counts as the agent's time now and then.
        Figure::shown(
            "processor, idle, 20 services",
            Quantity::Share(running.idle_cpu),
            Quantity::Share(IDLE_CPU_MAX),
        ),
        Figure::shown(
            "start to first check-in",
            Quantity::Time(running.first_check_in),
            Quantity::Time(FIRST_CHECK_IN_MAX),
        ),
    ]);
    if running.busy_proxied_per_second < PROXIED_PER_SECOND_MIN {
        // The memory under load was not measured under that load then: said, since the machine may be at fault.
        println!("the control proxy carried only {} calls a second", running.busy_proxied_per_second);
    }
    verdict(&figures)
}

/// Builds the agent, prints its sizes only, and fails when one is over its budget.
pub fn check_sizes(root: &Path) -> Result<()> {
    verdict(&sizes(root)?.1)
}

/// The whole agent as it was built, and the sizes of both.
fn sizes(root: &Path) -> Result<(Built, Vec<Figure>)> {
    let core = agent::core(root)?;
    let core_bytes = (measure::bytes(&core)?, measure::xz_bytes(&core)?);
    let whole = agent::whole(root, None)?;
    let held = if whole.has_musl() { Figure::binding } else { Figure::shown };
    let figures = vec![
        held(
            "magmad, stripped",
            Quantity::Bytes(measure::bytes(&whole.file)?),
            Quantity::Bytes(STRIPPED_BYTES_MAX),
        ),
        held(
            "magmad under xz -9",
            Quantity::Bytes(measure::xz_bytes(&whole.file)?),
            Quantity::Bytes(XZ_BYTES_MAX),
        ),
        Figure::shown(
            "its core alone, stripped",
            Quantity::Bytes(core_bytes.0),
            Quantity::Bytes(STRIPPED_BYTES_MAX),
        ),
        Figure::binding(
            "its core alone under xz -9",
            Quantity::Bytes(core_bytes.1),
            Quantity::Bytes(CORE_XZ_BYTES_MAX),
        ),
    ];
    Ok((whole, figures))
}

/// Prints the figures, and fails when one that binds is over its budget.
fn verdict(figures: &[Figure]) -> Result<()> {
    for figure in figures {
        println!("{figure}");
    }
    let over: Vec<&str> = figures.iter().filter(|figure| figure.is_failure()).map(Figure::name).collect();
    if !over.is_empty() {
        bail!("over budget: {}", over.join(", "));
    }
    Ok(())
}
