//! Starts, each as after a power cut: nothing is remembered but what is on disk.

use std::fs;

use super::*;
use crate::disk::SystemDisk;
use crate::journal::{Outcome, Plan, SlotName};
use crate::manifest::Artefact;
use crate::version::Version;

const PACKAGED: &str = "1.8.0";

struct Gateway {
    layout: Layout,
    _folder: tempfile::TempDir,
}

impl Gateway {
    /// With a program in slot a that is on trial.
    fn trying() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path().join("upgrade"));
        let gateway = Self { layout, _folder: folder };
        gateway.put(SlotName::A, "new program");
        let mut journal = Journal::default();
        journal.begin(gateway.plan("1.9.0", SlotName::A));
        journal.switch(Vec::new());
        gateway.save(&journal);
        gateway
    }

    /// With a program in slot a that has proven itself.
    fn upgraded() -> Self {
        let gateway = Self::trying();
        let mut journal = gateway.layout.load().unwrap();
        journal.healthy(PACKAGED);
        gateway.save(&journal);
        gateway
    }

    fn put(&self, slot: SlotName, contents: &str) {
        let program = self.layout.program(slot);
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::write(program, contents).unwrap();
    }

    fn plan(&self, version: &str, slot: SlotName) -> Plan {
        let program = self.layout.program(slot);
        let size = fs::metadata(&program).unwrap().len();
        let artefact = Artefact {
            kind: Kind::Binary,
            arch: "any".to_owned(),
            name: "magmad".to_owned(),
            size,
            sha256: sha256(&program, size).unwrap().unwrap(),
            containers: Vec::new(),
        };
        Plan {
            version: Version::parse(version).unwrap(),
            from: Version::parse(PACKAGED).unwrap(),
            kind: Kind::Binary,
            artefacts: vec![artefact],
            back: Vec::new(),
            slot,
            before: self.layout.load().unwrap().running,
            required: Vec::new(),
            starts: 0,
            reason: String::new(),
            packaged: String::new(),
            ordered: false,
            signed_by: String::new(),
        }
    }

    fn save(&self, journal: &Journal) {
        self.layout.save(&SystemDisk, journal).unwrap();
    }

    fn start(&self) -> (Start, String) {
        let mut said = String::new();
        let start = decide(&SystemDisk, &self.layout, PACKAGED, &mut |sentence| said += &sentence);
        (start, said)
    }

    fn slot(&self, slot: SlotName) -> Start {
        Start::Slot(self.layout.program(slot))
    }

    fn link(&self) -> Option<PathBuf> {
        fs::read_link(self.layout.current()).ok()
    }
}

#[test]
fn without_an_upgrade_the_packaged_program_runs_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::new(folder.path().join("upgrade"));
    let silent = &mut |sentence: String| panic!("{sentence}");
    assert_eq!(decide(&SystemDisk, &layout, PACKAGED, silent), Start::Packaged);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_program_on_trial_is_started_three_times_and_then_goes() {
    let gateway = Gateway::trying();
    for starts in 1..=TRIAL_STARTS_MAX {
        assert_eq!(gateway.start(), (gateway.slot(SlotName::A), String::new()));
        assert_eq!(gateway.link().as_deref(), Some(Path::new("a")));
        let (stage, plan) = gateway.layout.load().unwrap().active.unwrap();
        assert_eq!((stage, plan.starts), (Stage::Trial, starts));
    }
    let (start, said) = gateway.start();
    assert_eq!(start, Start::Packaged);
    assert!(said.contains("started 3 times"), "{said}");
    let journal = gateway.layout.load().unwrap();
    assert!(journal.active.is_none() && journal.running.is_none());
    assert_eq!(journal.last.unwrap().outcome, Outcome::RolledBack);
    assert_eq!(journal.refused.unwrap().0.as_str(), "1.9.0");
    assert_eq!(gateway.link(), None);
    assert_eq!(gateway.start(), (Start::Packaged, String::new()));
}

#[test]
fn a_program_that_is_not_what_was_verified_never_starts() {
    for damage in ["new progra", "new program!", "old program", ""] {
        let gateway = Gateway::trying();
        gateway.put(SlotName::A, damage);
        let (start, said) = gateway.start();
        assert_eq!(start, Start::Packaged, "{damage}");
        assert!(said.contains("is not what was verified"), "{said}");
        assert!(gateway.layout.load().unwrap().refused.is_some());

        let gateway = Gateway::upgraded();
        gateway.put(SlotName::A, damage);
        assert_eq!(gateway.start().0, Start::Packaged, "{damage}");
        assert_eq!(gateway.start(), (Start::Packaged, String::new()), "it is said once");
    }
}

#[test]
fn what_cannot_be_executed_goes_at_once() {
    let gateway = Gateway::trying();
    gateway.start();
    not_startable(&SystemDisk, &gateway.layout, "Exec format error").unwrap();
    assert_eq!(gateway.start(), (Start::Packaged, String::new()));
    assert_eq!(gateway.layout.load().unwrap().refused.unwrap().1, "Exec format error");

    let gateway = Gateway::upgraded();
    not_startable(&SystemDisk, &gateway.layout, "Exec format error").unwrap();
    assert_eq!(gateway.start().0, Start::Packaged);
}

#[test]
fn a_proven_program_runs_until_another_package_is_installed() {
    let gateway = Gateway::upgraded();
    for _ in 0..10 {
        assert_eq!(gateway.start(), (gateway.slot(SlotName::A), String::new()));
    }
    let mut said = String::new();
    let start = decide(&SystemDisk, &gateway.layout, "2.0.0", &mut |sentence| said += &sentence);
    assert_eq!(start, Start::Packaged);
    assert!(said.contains("takes the place of 1.9.0"), "{said}");
    assert_eq!(gateway.start().0, Start::Packaged, "it does not come back with the old package");
}

#[test]
fn a_failed_trial_goes_back_to_the_slot_before() {
    let gateway = Gateway::upgraded();
    gateway.put(SlotName::B, "newer program");
    let mut journal = gateway.layout.load().unwrap();
    assert_eq!(journal.free_slot(), SlotName::B);
    journal.begin(gateway.plan("1.10.0", SlotName::B));
    journal.switch(Vec::new());
    gateway.save(&journal);
    for _ in 0..TRIAL_STARTS_MAX {
        assert_eq!(gateway.start().0, gateway.slot(SlotName::B));
    }
    for _ in 0..2 {
        assert_eq!(gateway.start().0, gateway.slot(SlotName::A));
        assert_eq!(gateway.link().as_deref(), Some(Path::new("a")));
    }
}

#[test]
fn an_operator_can_take_an_upgrade_back_before_the_agent_starts() {
    for gateway in [Gateway::upgraded(), Gateway::trying()] {
        gateway.layout.request(&SystemDisk, Request::RollBack).unwrap();
        assert_eq!(gateway.start().0, Start::Packaged);
        assert_eq!(gateway.layout.requested(), None);
        assert_eq!(gateway.start(), (Start::Packaged, String::new()));
    }
}

#[test]
fn a_journal_that_is_rubbish_or_of_the_future_lets_the_packaged_program_run() {
    for text in ["", "rubbish", r#"{"format":2}"#] {
        let gateway = Gateway::trying();
        fs::write(gateway.layout.journal(), text).unwrap();
        let (start, said) = gateway.start();
        assert_eq!(start, Start::Packaged, "{text}");
        assert!(said.contains("journal.json cannot be used"), "{said}");
    }
}

#[test]
fn what_cannot_be_counted_is_not_tried() {
    /// As on a read-only file system.
    #[derive(Debug)]
    struct ReadOnly;
    fn refused<T>() -> io::Result<T> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
    impl Disk for ReadOnly {
        fn create_folder(&self, _: &Path) -> io::Result<()> {
            refused()
        }
        fn replace(&self, _: &Path, _: &[u8]) -> io::Result<()> {
            refused()
        }
        fn append(&self, _: &Path, _: &[u8]) -> io::Result<()> {
            refused()
        }
        fn sync(&self, _: &Path) -> io::Result<()> {
            refused()
        }
        fn truncate(&self, _: &Path, _: u64) -> io::Result<()> {
            refused()
        }
        fn make_executable(&self, _: &Path) -> io::Result<()> {
            refused()
        }
        fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
            refused()
        }
        fn point(&self, _: &Path, _: &Path) -> io::Result<()> {
            refused()
        }
        fn remove(&self, _: &Path) -> io::Result<()> {
            refused()
        }
        fn free_bytes(&self, _: &Path) -> io::Result<u64> {
            refused()
        }
    }
    let mut said = String::new();
    let gateway = Gateway::trying();
    let start = decide(&ReadOnly, &gateway.layout, PACKAGED, &mut |sentence| said += &sentence);
    assert_eq!(start, Start::Packaged);
    assert!(said.contains("nothing new is tried"), "{said}");
    let gateway = Gateway::upgraded();
    let silent = &mut |sentence: String| panic!("{sentence}");
    assert_eq!(decide(&ReadOnly, &gateway.layout, PACKAGED, silent), gateway.slot(SlotName::A));
}
