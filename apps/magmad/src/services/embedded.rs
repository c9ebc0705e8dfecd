//! The services that the agent serves itself: switched on and off, and begun anew, like any other service.

use std::collections::BTreeMap;

use tokio::sync::watch;

use super::Action;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// The switches of all embedded services, by name.
#[derive(Debug, Default)]
pub struct Embedded(BTreeMap<String, watch::Sender<Running>>);

/// What an embedded service is to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Running {
    on: bool,
    /// Grows with each restart.
    restarts: u64,
}

/// One service's end of its switch.
#[derive(Clone, Debug)]
pub struct Switch(watch::Receiver<Running>);

impl Embedded {
    /// Switches for these services, all of them off.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().map(|name| (name, watch::Sender::default())).collect())
    }

    /// Whether the agent serves the service of that name itself.
    pub fn contains(&self, service: &str) -> bool {
        self.0.contains_key(service)
    }

    /// Does it to the service, if it is embedded. Returns whether it is.
    pub fn control(&self, action: Action, service: &str) -> bool {
        let Some(switch) = self.0.get(service) else { return false };
        switch.send_if_modified(|running| {
            let before = *running;
            match action {
                Action::Start => running.on = true,
                Action::Stop => running.on = false,
                Action::Restart => *running = Running { on: true, restarts: running.restarts + 1 },
                Action::State | Action::Logs => {}
            }
            *running != before
        });
        true
    }

    /// Whether the embedded service of that name is switched on; `None` for one that is not embedded.
    pub fn is_on(&self, service: &str) -> Option<bool> {
        self.0.get(service).map(|switch| switch.borrow().on)
    }

    /// The switch that an embedded service's task listens to.
    pub fn switch(&self, service: &str) -> Option<Switch> {
        self.0.get(service).map(|switch| Switch(switch.subscribe()))
    }
}

/// Runs a task while its service is switched on, and anew when it is restarted. Dropping the task's future must end
/// what it does.
pub struct WhileOn<T> {
    /// The service's switch.
    pub switch: Switch,
    /// What serves it.
    pub task: T,
}

impl<T: Task> Task for WhileOn<T> {
    async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
        loop {
            tokio::select! {
                () = shutdown.wait() => return Ok(()),
                on = self.switch.0.wait_for(|running| running.on) => if on.is_err() { return Ok(()) },
            }
            self.switch.0.mark_unchanged();
            tokio::select! {
                ended = self.task.run(shutdown.clone()) => return ended,
                changed = self.switch.0.changed() => if changed.is_err() { return Ok(()) },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    struct Counting(Arc<AtomicU32>);

    impl Task for Counting {
        async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
            self.0.fetch_add(1, Ordering::Relaxed);
            shutdown.wait().await;
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_runs_while_its_service_is_on_and_anew_after_a_restart() {
        let embedded = Embedded::new(["eventd".to_owned()]);
        assert!(!embedded.control(Action::Start, "mme"), "not embedded");
        let runs = Arc::new(AtomicU32::new(0));
        let switch = embedded.switch("eventd").expect("embedded");
        let mut task = WhileOn { switch, task: Counting(runs.clone()) };
        let (trigger, shutdown) = Shutdown::new();
        let running = tokio::spawn(async move { task.run(shutdown).await });
        for (action, on, expected) in [
            (Action::Logs, false, 0),
            (Action::Start, true, 1),
            (Action::Start, true, 1),
            (Action::Restart, true, 2),
            (Action::Stop, false, 2),
            (Action::Start, true, 3),
        ] {
            assert!(embedded.control(action, "eventd"));
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            assert_eq!(embedded.is_on("eventd"), Some(on), "{action:?}");
            assert_eq!(runs.load(Ordering::Relaxed), expected, "{action:?}");
        }
        trigger.fire();
        running.await.expect("no panic").expect("no error");
    }
}
