//! One signal that ends every task of the agent.

use tokio::sync::watch;

/// Gives the signal. Dropping it gives the signal too, so that no task outlives its owner.
#[derive(Debug)]
pub struct Trigger(watch::Sender<bool>);

/// Waits for the signal; clones wait for the same one.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<bool>);

impl Trigger {
    /// Ends everything that waits, now and later.
    pub fn fire(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// A signal that has not been given.
    pub fn new() -> (Trigger, Self) {
        let (sender, receiver) = watch::channel(false);
        (Trigger(sender), Self(receiver))
    }

    /// Returns once the signal has been given.
    pub async fn wait(&mut self) {
        // An error means that the trigger is gone, which is the signal as well.
        self.0.wait_for(|fired| *fired).await.ok();
    }

    /// Whether the signal has been given.
    pub fn is_fired(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_signal_reaches_every_clone_once_fired_or_dropped() {
        let (trigger, mut shutdown) = Shutdown::new();
        let mut clone = shutdown.clone();
        assert!(!shutdown.is_fired());
        trigger.fire();
        shutdown.wait().await;
        clone.wait().await;
        assert!(clone.is_fired());

        let (trigger, mut shutdown) = Shutdown::new();
        drop(trigger);
        shutdown.wait().await;
        assert!(shutdown.is_fired());
    }
}
