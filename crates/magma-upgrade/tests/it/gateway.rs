//! A gateway that is switched on and off: each life of it knows only what is on disk, as after a power cut.

use std::fs;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use magma_rpc::tls::{ClientTls, TrustAnchors};
use magma_upgrade::disk::{Disk, SystemDisk};
use magma_upgrade::fetch::Source;
use magma_upgrade::installer::Installer;
use magma_upgrade::journal::Journal;
use magma_upgrade::launch::{Start, decide};
use magma_upgrade::layout::Layout;
use magma_upgrade::trust::TrustedKeys;
use magma_upgrade::upgrader::{Health, Notice, Running, Timings, Turn, Upgrader, Wish};

use crate::release::{self, Program};
use crate::web::Web;

pub const PACKAGED: &str = "1.8.0";

/// No test needs so many steps.
const TURNS_MAX: usize = 2000;

pub struct Gateway {
    pub layout: Layout,
    pub source: Source,
    pub wish: Wish,
    pub timings: Timings,
    /// Which programs are healthy; by their contents.
    pub healthy: fn(&[u8]) -> bool,
    /// Which programs even start.
    pub starts: fn(&[u8]) -> bool,
    _folder: tempfile::TempDir,
}

/// Why a life ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// There is nothing to do any more.
    Rest,
    /// The agent wants to be started again, or crashed.
    Restart,
    /// The disk does not do anything any more.
    Cut,
}

/// A disk that may have lost its power.
pub trait Powered: Disk {
    fn is_cut(&self) -> bool;
}

impl Powered for SystemDisk {
    fn is_cut(&self) -> bool {
        false
    }
}

impl Gateway {
    pub fn new(web: &Web, wanted: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = Source {
            base_url: web.url.clone(),
            tls: no_tls(),
            proxy: None,
            keys: release::trusting(&release::key(1)),
            silence_max: Duration::from_secs(60),
            bytes_per_second_max: None,
        };
        let moment = Duration::from_millis(1);
        Self {
            layout: Layout::new(folder.path().join("upgrade")),
            source,
            wish: Wish { version: wanted.to_owned(), enabled: true, allow_downgrade: false },
            timings: Timings {
                window: Duration::from_secs(3600),
                settle: Duration::ZERO,
                retry_first: moment,
                retry_max: moment,
                look_every: moment,
            },
            healthy: |_| true,
            starts: |_| true,
            _folder: folder,
        }
    }

    pub fn untrusting(mut self) -> Self {
        self.source.keys = TrustedKeys::default();
        self
    }

    pub fn journal(&self) -> Journal {
        self.layout.load().unwrap()
    }

    /// What a start runs: the contents of the program; none for the packaged one.
    pub fn boot(&self, disk: &dyn Disk) -> (Option<Program>, Running) {
        match decide(disk, &self.layout, PACKAGED, &mut |_| {}) {
            Start::Packaged => (None, Running { packaged: PACKAGED.to_owned(), slot: None }),
            Start::Slot(program) => {
                let slot = self.layout.slot_of(&program);
                let running = Running { packaged: PACKAGED.to_owned(), slot };
                (Some(Program(fs::read(program).unwrap())), running)
            }
        }
    }

    pub fn agent(&self, disk: Arc<dyn Disk>, running: Running) -> Upgrader {
        Upgrader::open(disk, self.layout.clone(), Installer::Slots, running, self.timings.clone())
    }

    /// One life, from a start until nothing is to be done or it ends. Returns what ran, too.
    pub async fn live(&self, disk: Arc<impl Powered + 'static>) -> (End, Option<Program>, Vec<Notice>) {
        let (program, running) = self.boot(disk.as_ref());
        let contents = program.clone().map_or_else(Vec::new, |program| program.0);
        if disk.is_cut() {
            return (End::Cut, program, Vec::new());
        }
        if program.is_some() && !(self.starts)(&contents) {
            return (End::Restart, program, Vec::new());
        }
        let watched: Arc<dyn Disk> = disk.clone();
        let mut agent = self.agent(watched, running);
        let healthy = program.is_none() || (self.healthy)(&contents);
        let end = self.drive(&mut agent, healthy, || disk.is_cut()).await;
        (end, program, agent.take_notices())
    }

    /// Takes steps until nothing is to be done.
    pub async fn drive(&self, agent: &mut Upgrader, healthy: bool, is_cut: impl Fn() -> bool) -> End {
        let mut health = Health::default();
        for _ in 0..TURNS_MAX {
            health.check_ins += u64::from(healthy);
            if healthy {
                health.answering.insert("state".to_owned());
            }
            let turn = agent.turn(&self.wish, Ok(&self.source), &health).await;
            if is_cut() {
                return End::Cut;
            }
            match turn {
                Turn::Rest => return End::Rest,
                Turn::Restart => return End::Restart,
                Turn::After(pause) => tokio::time::sleep(pause).await,
            }
        }
        panic!("no end: {:?}, {}", agent.journal(), agent.error());
    }

    /// Lives until there is nothing to do; what runs then, and all that was told.
    pub async fn settle(&self) -> (Option<Program>, Vec<Notice>) {
        let mut told = Vec::new();
        for _ in 0..20 {
            let (end, program, notices) = self.live(Arc::new(SystemDisk)).await;
            told.extend(notices);
            if end == End::Rest {
                return (program, told);
            }
        }
        panic!("it never comes to rest: {:?}", self.journal());
    }

    /// Fails for a journal that is not there, too.
    pub fn files(&self) -> io::Result<Vec<String>> {
        let mut names: Vec<String> = fs::read_dir(self.layout.folder())?
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        Ok(names)
    }
}

/// The test server speaks plain HTTP, but a source always has TLS.
fn no_tls() -> ClientTls {
    let unused = rcgen::generate_simple_self_signed(["unused.test".to_owned()]).unwrap();
    ClientTls::new(&TrustAnchors::from_pem(unused.cert.pem().as_bytes()).unwrap(), None).unwrap()
}
