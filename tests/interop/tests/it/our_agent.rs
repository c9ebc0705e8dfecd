//! Our agent in this process, from its start to its orderly end.

use std::time::Duration;

use magmad::agent;
use magmad::options::Options;
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::timeout;

use crate::gateway_folder::GatewayFolder;

/// How long the agent may take to end.
const END_LIMIT: Duration = Duration::from_secs(120);

/// A running agent; dropping it ends it without ceremony.
pub struct OurAgent {
    task: JoinHandle<()>,
    shutdown: oneshot::Sender<()>,
    _end: AbortOnDrop,
}

struct AbortOnDrop(AbortHandle);

impl OurAgent {
    /// Starts it on the files of this folder, as its binary does, but for one pause that is shorter here: a young
    /// certificate that is refused is replaced only after half a minute.
    pub fn start(folder: &GatewayFolder) -> Self {
        let (shutdown, asked) = oneshot::channel::<()>();
        let mut options = Options::new(folder.paths());
        options.timings.bootstrap.retry_first = Duration::from_secs(1);
        let task = tokio::spawn(async move {
            let asked = async { drop(asked.await) };
            agent::run(options, asked).await.expect("the agent starts");
        });
        let end = AbortOnDrop(task.abort_handle());
        Self { task, shutdown, _end: end }
    }

    /// Asks it to end, and waits until it has.
    pub async fn stop(self) {
        self.shutdown.send(()).expect("it runs until it is asked to end");
        timeout(END_LIMIT, self.task).await.expect("it ends in time").expect("it does not panic");
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
