//! `lab fleet`: thousands of gateways in one process, with the real protocol, toward one Orchestrator.

mod answering;
mod commands;
mod console;
mod enrolment;
mod histogram;
mod life;
mod limits;
mod member;
mod node;
mod options;
mod orchestrator;
mod payload;
mod population;
mod process;
mod progress;
mod recorder;
mod report;

pub use options::{Options, command};
pub use process::Process;

use crate::story::interrupted;
use anyhow::{Context, Result, ensure};
use commands::{Source, Target};
use enrolment::Made;
use life::Plan;
use member::Enrolled;
use orchestrator::Orchestrator;
use population::Measured;
use progress::Progress;
use recorder::Recorder;
use report::{Report, Usage};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How long the last gateways may take to connect, beyond the time that the rate gives them.
const STRAGGLING: Duration = Duration::from_secs(60);
/// How often the processes are looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// Connections to REST for commands; each carries as many calls at a time as the server lets it.
const COMMAND_CONNECTIONS: usize = 4;

/// Plays the fleet and prints the report; fails when there were errors, so that a script sees it.
pub fn run(options: Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(play(&options))
}

async fn play(options: &Options) -> Result<()> {
    let host_is_local = options.existing.as_ref().is_none_or(|existing| limits::is_loopback(&existing.host));
    limits::check(options.gateways, host_is_local)?;
    let mut orchestrator = Orchestrator::find(options).await?;
    let recorder = Arc::new(Recorder::default());
    let mut fleet = Fleet {
        options,
        progress: Arc::new(Progress::new(recorder.clone(), orchestrator.process, options.gateways)),
        recorder,
        report: Report { gateways: options.gateways, at_rest: orchestrator.at_rest, ..Report::default() },
        made: Made::default(),
        tasks: JoinSet::new(),
    };
    let showing = fleet.progress.clone();
    let played = tokio::select! {
        played = fleet.live(&mut orchestrator) => played,
        () = showing.show() => Ok(()),
        () = interrupted() => {
            fleet.report.interrupted = true;
            Ok(())
        }
    };
    let failures = fleet.recorder.steady().failures();
    let told = played.map(|()| fleet.tell());
    let ended = fleet.end(&orchestrator).await;
    orchestrator.stop().await.and(ended).and(told)?;
    ensure!(failures == 0, "{failures} calls failed");
    Ok(())
}

/// A fleet while it is played.
struct Fleet<'a> {
    options: &'a Options,
    recorder: Arc<Recorder>,
    progress: Arc<Progress>,
    report: Report,
    made: Made,
    tasks: JoinSet<()>,
}

impl Fleet<'_> {
    async fn live(&mut self, orchestrator: &mut Orchestrator) -> Result<()> {
        self.progress.phase("gateways are made");
        let made = &mut self.made;
        let members = enrolment::members(self.options, orchestrator, &self.recorder, made).await?;
        self.populate(orchestrator).await?;
        self.progress.phase("certificates are signed");
        let processor = || orchestrator.process.and_then(Process::processor_time);
        let before = processor();
        let (enrolled, took) =
            enrolment::bootstrap(self.options, orchestrator, members, &self.recorder).await?;
        self.report.bootstrapping = took;
        self.report.bootstrapping_processor =
            before.zip(processor()).map(|(before, after)| after.saturating_sub(before));
        self.progress.phase("gateways connect");
        let target =
            |gateway: &Enrolled| Target { id: gateway.id.clone(), hardware_id: gateway.hardware_id.clone() };
        let targets = enrolled.iter().map(target).collect();
        let one = enrolled.first().cloned().context("there is no gateway")?;
        self.connect(orchestrator, enrolled).await?;
        self.progress.phase("ordinary life");
        self.command(orchestrator, targets).await?;
        self.watch(orchestrator).await?;
        self.measure_population(orchestrator, &one).await
    }

    /// Makes the network's subscribers, if it shall have some.
    async fn populate(&mut self, orchestrator: &Orchestrator) -> Result<()> {
        let subscribers = self.options.subscribers;
        if subscribers > 0 {
            self.progress.phase("subscribers are made");
            let load =
                population::fill(&orchestrator.another_rest()?, &self.options.network, subscribers).await?;
            self.report.population = Some(Measured { subscribers, load, ..Measured::default() });
        }
        Ok(())
    }

    async fn measure_population(&mut self, orchestrator: &Orchestrator, one: &Enrolled) -> Result<()> {
        let Some(measured) = &mut self.report.population else { return Ok(()) };
        self.progress.phase("subscribers are read and edited");
        let pushed_to = self.options.push.then_some(&*self.recorder);
        population::measure(orchestrator, &self.options.network, one, pushed_to, measured).await
    }

    /// Starts all gateways, so many a second, and waits until the last has its stream.
    async fn connect(&mut self, orchestrator: &mut Orchestrator, gateways: Vec<Enrolled>) -> Result<()> {
        let plan = Arc::new(Plan {
            way: orchestrator.way.clone(),
            interval: self.options.interval,
            series: self.options.series,
            push: self.options.push,
            recorder: self.recorder.clone(),
        });
        let began = Instant::now();
        let count = gateways.len();
        let whole = u32::try_from(count)? / u32::try_from(self.options.interval.as_secs().max(1))?;
        let rate = if self.options.connect_rate > 0 { self.options.connect_rate } else { whole.max(50) };
        let mut pace = enrolment::pace(rate).context("no connections are made")?;
        for gateway in gateways {
            pace.tick().await;
            self.tasks.spawn(life::live(gateway, plan.clone()));
        }
        let limit = Instant::now() + STRAGGLING;
        while self.recorder.connected_now() < u64::try_from(count)? && Instant::now() < limit {
            orchestrator.check()?;
            sleep(Duration::from_millis(50)).await;
        }
        self.report.connecting = began.elapsed();
        Ok(())
    }

    async fn command(&mut self, orchestrator: &Orchestrator, targets: Vec<Target>) -> Result<()> {
        if self.options.commands == 0 {
            return Ok(());
        }
        ensure!(
            self.options.list.is_none(),
            "--commands needs gateways that were made here: their ids are not in a list"
        );
        let sources = if self.options.from_node {
            vec![Source::Node(Arc::new(orchestrator.join_as_node().await?))]
        } else {
            let network: Arc<str> = self.options.network.as_str().into();
            let connections = 0..COMMAND_CONNECTIONS;
            let rests = connections.map(|_| Ok(Source::Rest(orchestrator.another_rest()?, network.clone())));
            rests.collect::<Result<_>>()?
        };
        let recorder = self.recorder.clone();
        self.tasks.spawn(commands::send(sources, targets, self.options.commands, recorder));
        Ok(())
    }

    /// Watches the ordinary life for its time.
    async fn watch(&mut self, orchestrator: &mut Orchestrator) -> Result<()> {
        self.recorder.begin_steady();
        let began = Instant::now();
        let (mut server, mut own) = (orchestrator.process.map(Watched::new), Watched::new(Process::own()));
        while began.elapsed() < self.options.duration {
            sleep(LOOK_INTERVAL.min(self.options.duration - began.elapsed())).await;
            orchestrator.check()?;
            self.report.steady = began.elapsed();
            self.report.server = server.as_mut().map(Watched::look);
            self.report.fleet = Some(own.look());
            self.report.connected = self.recorder.connected_now();
        }
        Ok(())
    }

    fn tell(&self) {
        self.progress.end();
        let (joining, steady) = (self.recorder.joining(), self.recorder.steady());
        if self.options.json {
            println!("{}", self.report.to_json(joining, steady));
        } else {
            println!("\n{}", self.report.to_text(joining, steady));
        }
    }

    /// Ends the gateways, and takes away what was made in an Orchestrator that stays.
    async fn end(mut self, orchestrator: &Orchestrator) -> Result<()> {
        self.tasks.shutdown().await;
        if self.options.keep || orchestrator.is_own() {
            return Ok(());
        }
        self.progress.phase("gateways are removed");
        self.made.remove().await.context("removing what was made; name another --network the next time")
    }
}

/// A process that is looked at now and then.
struct Watched {
    process: Process,
    began: Instant,
    time_before: Duration,
    resident_bytes: u64,
}

impl Watched {
    fn new(process: Process) -> Self {
        let time_before = process.processor_time().unwrap_or_default();
        Self { process, began: Instant::now(), time_before, resident_bytes: 0 }
    }

    fn look(&mut self) -> Usage {
        self.resident_bytes = self.resident_bytes.max(self.process.resident_bytes().unwrap_or_default());
        let time = self.process.processor_time().unwrap_or_default().saturating_sub(self.time_before);
        let processors = time.as_secs_f64() / self.began.elapsed().as_secs_f64();
        Usage { resident_bytes: self.resident_bytes, processors }
    }
}
