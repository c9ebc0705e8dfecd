//! How the capturing program is started and ended; who can do that is not this crate's business.

use std::io;
use std::pin::Pin;
use std::process::Command;
use std::time::Duration;

/// Starts programs.
pub trait Tools: Send + Sync + 'static {
    /// Starts `command` in a process group of its own, without standard input; its output is read, so that it never
    /// blocks.
    ///
    /// # Errors
    /// When the program cannot be started.
    fn start(&self, command: Command) -> io::Result<Box<dyn RunningTool>>;
}

/// A program that runs. Dropping it kills its group.
pub trait RunningTool: Send {
    /// Waits until it ends by itself. Waiting may be given up and begun again.
    fn ended(&mut self) -> Pin<Box<dyn Future<Output = ToolEnd> + Send + '_>>;

    /// Asks the group to end, and kills it after `grace`.
    fn stop(self: Box<Self>, grace: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// How a program ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolEnd {
    /// With exit status 0.
    pub success: bool,
    /// The end of what it said on standard error, for the log.
    pub said: String,
}
