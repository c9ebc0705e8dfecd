//! Keeps the agent's tasks alive: one that ends although it should not is said and begun again.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use magma_rpc::backoff::Backoff;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::events::{Events, Step};
use crate::shutdown::Shutdown;

const RESTART_FIRST: Duration = Duration::from_secs(1);
const RESTART_MAX: Duration = Duration::from_secs(60);
/// A task that lived this long counts as sound: its next restart follows quickly again.
const SOUND_AFTER: Duration = Duration::from_secs(300);

/// Something that runs until the shutdown signal.
pub trait Task: Send + 'static {
    /// Runs; may be called again after it has ended or panicked.
    ///
    /// # Errors
    /// What ended it, for the log.
    fn run(&mut self, shutdown: Shutdown) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// A task of any kind, so that what keeps tasks alive is in the program once and not once for each of them.
trait AnyTask: Send {
    fn run_boxed(
        &mut self,
        shutdown: Shutdown,
    ) -> Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send + '_>>;
}

impl<T: Task> AnyTask for T {
    fn run_boxed(
        &mut self,
        shutdown: Shutdown,
    ) -> Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send + '_>> {
        Box::pin(self.run(shutdown))
    }
}

/// The tasks of one agent; dropping it ends them all at once.
pub struct Tasks {
    running: JoinSet<()>,
    shutdown: Shutdown,
    events: Events,
}

impl Tasks {
    /// No tasks yet.
    pub fn new(shutdown: Shutdown, events: Events) -> Self {
        Self { running: JoinSet::new(), shutdown, events }
    }

    /// Begins a task under a name for the log.
    pub fn spawn(&mut self, name: &'static str, task: impl Task) {
        let (shutdown, events) = (self.shutdown.clone(), self.events.clone());
        self.running.spawn(supervise(name, Arc::new(Mutex::new(task)), shutdown, events));
    }

    /// Waits until all tasks have ended, for `grace` at most; then ends the rest.
    pub async fn finish(mut self, grace: Duration) {
        let all = async { while self.running.join_next().await.is_some() {} };
        if timeout(grace, all).await.is_err() {
            tracing::warn!("some tasks did not end within {} s and are cut off", grace.as_secs_f32());
        }
    }
}

async fn supervise(
    name: &'static str,
    task: Arc<Mutex<dyn AnyTask>>,
    mut shutdown: Shutdown,
    events: Events,
) {
    let mut pauses = Backoff::new(RESTART_FIRST, RESTART_MAX);
    while !shutdown.is_fired() {
        let began = Instant::now();
        let ended = run_once(&task, shutdown.clone()).await;
        if shutdown.is_fired() {
            return;
        }
        if began.elapsed() >= SOUND_AFTER {
            pauses.reset();
        }
        let pause = pauses.next();
        tracing::error!(
            task = name,
            "a task of the agent ended: {ended}; it begins again in {} s",
            pause.as_secs_f32()
        );
        events.failed(Step::Task, format!("{name}: {ended}"), Some(pause));
        tokio::select! {
            () = shutdown.wait() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Runs the task in a task of its own, so that a panic ends only that one. Returns why it ended.
async fn run_once(task: &Arc<Mutex<dyn AnyTask>>, shutdown: Shutdown) -> String {
    let task = task.clone();
    let mut inner = JoinSet::new();
    inner.spawn(async move { task.lock().await.run_boxed(shutdown).await });
    match inner.join_next().await {
        Some(Ok(Ok(()))) | None => "without a reason".to_owned(),
        Some(Ok(Err(error))) => format!("{error:#}"),
        Some(Err(error)) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::Event;

    struct Clumsy {
        runs: u32,
    }

    impl Task for Clumsy {
        async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
            self.runs += 1;
            match self.runs {
                1 => anyhow::bail!("no luck"),
                2 => panic!("bad luck"),
                _ => shutdown.wait().await,
            }
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_fails_or_panics_is_said_and_begun_again() {
        let (trigger, shutdown) = Shutdown::new();
        let events = Events::new();
        let mut seen = events.subscribe();
        let mut tasks = Tasks::new(shutdown, events);
        tasks.spawn("clumsy", Clumsy { runs: 0 });
        for words in ["clumsy: no luck", "panicked"] {
            let Ok(Event::Failed { step: Step::Task, message, .. }) = seen.recv().await else {
                panic!("no event")
            };
            assert!(message.contains(words), "{message}");
        }
        tokio::time::sleep(RESTART_MAX).await;
        assert!(seen.try_recv().is_err(), "the third run goes on");
        trigger.fire();
        tasks.finish(Duration::from_secs(5)).await;
        assert!(seen.try_recv().is_err(), "an end that was asked for is no failure");
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_does_not_listen_is_cut_off() {
        struct Deaf;
        impl Task for Deaf {
            async fn run(&mut self, _: Shutdown) -> anyhow::Result<()> {
                std::future::pending().await
            }
        }
        let (trigger, shutdown) = Shutdown::new();
        let mut tasks = Tasks::new(shutdown, Events::new());
        tasks.spawn("deaf", Deaf);
        trigger.fire();
        let began = Instant::now();
        tasks.finish(Duration::from_secs(5)).await;
        assert!(began.elapsed() < Duration::from_secs(6));
    }
}
