//! How this program was started: as the packaged one, or from the slot of an upgrade; and how it starts again.
//!
//! The packaged program is what the init system starts. It decides, and lets the program in a slot take its place: same
//! process, same arguments, same environment. That one knows by its file's path where it is.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use magma_config::Paths;
use magma_upgrade::disk::SystemDisk;
use magma_upgrade::journal::SlotName;
use magma_upgrade::launch::{self, Start};
use magma_upgrade::layout::Layout;

use super::layout;
use crate::agent::VERSION;

/// How often a start that fails is decided anew: once for each slot, and then the packaged program runs.
const DECISIONS_MAX: usize = 3;

/// How this program was started, and whether it shall be started again when it ends.
#[derive(Clone, Debug, Default)]
pub struct Process {
    /// The packaged program's file; none in a program that only contains the agent.
    packaged: Option<PathBuf>,
    /// The version of the packaged program, where another one runs.
    packaged_version: Option<String>,
    slot: Option<SlotName>,
    version: Option<String>,
    again: Arc<AtomicBool>,
    /// The folder of upgrades, which only one process may change.
    held: Arc<OnceLock<File>>,
}

/// Finds out how this program was started; where the packaged one was and another one shall run, that one takes its place
/// and this function does not return. `arguments` are this process's, with its name.
pub fn launch(paths: &Paths, arguments: &[OsString]) -> Process {
    let Some(own) = own_file() else { return Process::default() };
    let layout = layout(paths);
    if let Some(slot) = layout.slot_of(&own) {
        return in_slot(&layout, slot, arguments);
    }
    let process = Process { packaged: Some(own.clone()), ..Process::default() };
    if !process.is_alone(&layout) {
        tracing::error!("another magmad runs: this start is none of an upgrade's");
        return process;
    }
    for _ in 0..DECISIONS_MAX {
        let said = &mut |sentence: String| tracing::warn!("{sentence}");
        let Start::Slot(program) = launch::decide(&SystemDisk, &layout, VERSION, said) else { break };
        let error = if is_of_this_kind(&program, &own) {
            // By its name the other one knows whose place it takes.
            Command::new(&program).arg0(&own).args(arguments.iter().skip(1)).exec()
        } else {
            std::io::Error::other("it is no program for this machine")
        };
        let reason = format!("{} cannot be started: {error}", program.display());
        tracing::error!("{reason}");
        if let Err(error) = launch::not_startable(&SystemDisk, &layout, &reason) {
            tracing::error!("the packaged magmad runs, and that cannot be written down: {error}");
            break;
        }
    }
    process
}

/// Whether a file is a program for the processor and the system that this one is for. The C library gives what is not to a
/// shell (`execvp` of POSIX.1-2017), and no shell shall ever see it.
fn is_of_this_kind(program: &Path, own: &Path) -> bool {
    match (elf_kind(program), elf_kind(own)) {
        (Ok(program), Ok(own)) => program == own,
        _ => false,
    }
}

/// What an ELF header says first: magic number, class and byte order; then, at byte 18, the processor.
fn elf_kind(program: &Path) -> std::io::Result<([u8; 6], [u8; 2])> {
    let mut header = [0; 20];
    File::open(program)?.read_exact(&mut header)?;
    let [magic @ .., _, _, _, _, _, _, _, _, _, _, _, _, low, high] = header;
    Ok((magic, [low, high]))
}

/// This program's file, if it is magmad and not another one that contains the agent.
fn own_file() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    own.file_stem().is_some_and(|stem| stem == "magmad").then_some(own)
}

fn in_slot(layout: &Layout, slot: SlotName, arguments: &[OsString]) -> Process {
    let journal = layout.load().unwrap_or_default();
    let proven = journal.running.as_ref().filter(|running| running.name == slot);
    let trial = journal.active.as_ref().filter(|(_, plan)| plan.slot == slot).map(|(_, plan)| plan);
    let version = trial.map(|plan| &plan.version).or(proven.map(|running| &running.version));
    let packaged = arguments.first().map(PathBuf::from).filter(|path| path.is_absolute());
    // What the packaged program said when it decided; a program that cannot be asked must not keep this one waiting.
    let said = trial.map(|plan| &plan.packaged).or(proven.map(|running| &running.packaged));
    let said = said.filter(|version| !version.is_empty()).cloned();
    Process {
        packaged_version: said.or_else(|| packaged.as_deref().and_then(version_of)),
        packaged,
        slot: Some(slot),
        version: version.map(ToString::to_string),
        again: Arc::default(),
        held: Arc::default(),
    }
}

/// What another magmad says of its version.
fn version_of(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("version").env_clear().output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().next()?.strip_prefix("magmad ").map(|version| version.trim().to_owned())
}

impl Process {
    /// The version that runs, as the upgrade named it, or as it was built.
    pub fn version(&self) -> &str {
        self.version.as_deref().unwrap_or(VERSION)
    }

    /// The version of the packaged program.
    pub(super) fn packaged_version(&self) -> &str {
        self.packaged_version.as_deref().unwrap_or(VERSION)
    }

    /// The slot that this program runs from.
    pub(super) fn slot(&self) -> Option<SlotName> {
        self.slot
    }

    /// Whether no other process changes the folder of upgrades, as far as there is one; from then on none does, until this
    /// one ends or another program takes its place.
    pub(super) fn is_alone(&self, layout: &Layout) -> bool {
        if self.held.get().is_none() {
            match layout.hold() {
                Ok(Some(folder)) => drop(self.held.set(folder)),
                Ok(None) => {}
                Err(error) => return error.kind() != ErrorKind::WouldBlock,
            }
        }
        true
    }

    /// Whether this process can be replaced by another program.
    pub(super) fn can_start_again(&self) -> bool {
        self.packaged.is_some()
    }

    /// Notes that the packaged program shall decide anew when this one has ended in good order.
    pub(super) fn start_again(&self) {
        self.again.store(true, Ordering::Relaxed);
    }

    /// Starts the packaged program in this one's place, if that was noted. Returns only when nothing was noted, or with
    /// the reason why it did not work: then the init system starts it.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn replace_if_wanted(&self, arguments: &[OsString]) -> std::io::Result<()> {
        match (&self.packaged, self.again.load(Ordering::Relaxed)) {
            (Some(packaged), true) => Err(Command::new(packaged).args(arguments.iter().skip(1)).exec()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_for_this_machine_are_started() {
        let own = std::env::current_exe().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let header: [u8; 20] = std::fs::read(&own).unwrap()[..20].try_into().unwrap();
        let mut other = header;
        other[18] ^= 1;
        let mut narrow = header;
        narrow[4] ^= 3;
        for (name, contents, expected) in [
            ("this program's header", &header[..], true),
            ("another processor's", &other[..], false),
            ("another word length", &narrow[..], false),
            ("a script", b"#!/bin/sh\nreboot # and more\n", false),
            ("words", b"reboot; reboot; reboot; reboot", false),
            ("a short file", &header[..19], false),
            ("nothing", b"", false),
        ] {
            let file = folder.path().join("magmad");
            std::fs::write(&file, contents).unwrap();
            assert_eq!(is_of_this_kind(&file, &own), expected, "{name}");
        }
        assert!(!is_of_this_kind(&folder.path().join("absent"), &own));
    }
}
