//! Upgrades of this gateway: what the cloud asks for, what the operator allows, and how the gateway is in the meantime.
//!
//! How an upgrade goes, and why a power cut cannot hurt it, is in the crate `magma-upgrade`; the modules here give it the
//! configuration, the services, the check-ins, and a start of the program that the packaged one decides about.

pub mod command;
pub mod guard;
mod installers;
mod progress;
mod source;
mod start;
mod task;

use std::path::Path;
use std::sync::Arc;

use magma_config::{Paths, Upgrader};
use magma_upgrade::layout::Layout;

pub use progress::Progress;
pub use start::{Process, launch};

use crate::http_proxies::HttpProxies;
use crate::satellites::Context;
use crate::shutdown::Trigger;
use crate::supervise::Tasks;

/// Where upgrades keep their files.
const FOLDER: &str = "/var/opt/magma/upgrade";

/// What upgrades need besides what all parts of the agent share.
pub struct Parts {
    /// How this program was started.
    pub process: Process,
    /// Where the check-in finds how upgrades go.
    pub progress: Progress,
    /// What ends this process in good order.
    pub trigger: Arc<Trigger>,
    /// The HTTP proxies of the environment.
    pub http_proxies: HttpProxies,
}

/// Starts the task, if `enable_upgrade_manager` asks for it, an upgrade is under way, or an operator wants one taken back.
pub fn spawn(context: &Context, parts: Parts, tasks: &mut Tasks) {
    let layout = layout(&context.paths);
    let under_way =
        layout.load().is_ok_and(|journal| journal.active.is_some()) || layout.requested().is_some();
    if context.settings.borrow().magmad.enable_upgrade_manager || under_way {
        tasks.spawn("upgrades", task::Upgrades::new(context.clone(), parts, layout));
    }
}

/// Why the operator's keys cannot be used, in words for the operator; none when they can.
pub fn unusable_key(factory: &Upgrader, paths: &Paths) -> Option<String> {
    source::keys(factory, paths).err()
}

fn layout(paths: &Paths) -> Layout {
    Layout::new(paths.resolve(Path::new(FOLDER)))
}
