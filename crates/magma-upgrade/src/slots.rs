//! The agent's own program, in two slots: the new one goes where the old one is not.

use std::io;
use std::path::Path;

use crate::disk::{Disk, sha256};
use crate::journal::Plan;
use crate::launch::{Start, follow};
use crate::layout::Layout;

/// Puts the program into its slot. Nothing runs it yet.
pub(crate) fn stage(disk: &dyn Disk, layout: &Layout, plan: &Plan) -> io::Result<()> {
    let Some(artefact) = plan.artefacts.first() else { return Err(io::Error::other("there is no program")) };
    let program = layout.program(plan.slot);
    if sha256(&program, artefact.size)?.as_deref() == Some(&artefact.sha256) {
        // It was put there before a power cut, or it is the version that ran before the last one.
        return disk.make_executable(&program);
    }
    let download = layout.download(&artefact.name);
    disk.create_folder(program.parent().unwrap_or(Path::new("/")))?;
    disk.make_executable(&download)?;
    disk.rename(&download, &program)
}

/// The link for people; the journal is what counts.
pub(crate) fn switch(disk: &dyn Disk, layout: &Layout, plan: &Plan) -> io::Result<()> {
    follow(disk, layout, &Start::Slot(layout.program(plan.slot)))
}

/// The link, back to what ran before.
pub(crate) fn roll_back(disk: &dyn Disk, layout: &Layout, plan: &Plan) -> io::Result<()> {
    let before = plan.before.as_ref();
    let start = before.map_or(Start::Packaged, |slot| Start::Slot(layout.program(slot.name)));
    follow(disk, layout, &start)
}
