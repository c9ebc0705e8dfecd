//! What an agent takes, seen from outside: `lab --measure`.

use crate::load;
use crate::story::Lab;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::time::Duration;

/// How often the start is measured.
const STARTS: usize = 3;
/// From check-in to idle: the burst of the start is over, and nothing periodic but the polls of services is due.
const SETTLING: Duration = Duration::from_secs(8);
/// How long the idle agent is watched: two rounds of what it does every minute.
const IDLE: Duration = Duration::from_secs(120);
/// How long it is kept busy.
const BUSY: Duration = Duration::from_secs(20);

impl Lab {
    /// Restarts the first agent with its certificate, some times over, lets it idle, keeps it busy, and prints the worst
    /// of how soon it checked in, of its memory in each, and its share of a processor while it idled.
    pub async fn measure(&mut self) -> Result<()> {
        let (mut start_ms, mut resident_bytes) = (0, 0);
        for _ in 0..STARTS {
            self.gateways[0].stop().await?;
            let before = milliseconds()?;
            self.gateways[0].start()?;
            let status = self.checked_in(0, before).await?;
            let after = status["checkin_time"].as_u64().unwrap_or_default();
            start_ms = start_ms.max(after.saturating_sub(before));
            tokio::time::sleep(SETTLING).await;
            resident_bytes = resident_bytes.max(self.resident()?);
        }
        let mut figures = json!({"start_to_checkin_ms": start_ms, "resident_bytes": resident_bytes});
        self.measure_idle(&mut figures).await?;
        self.measure_busy(&mut figures).await?;
        println!("{figures}");
        Ok(())
    }

    async fn measure_idle(&self, figures: &mut Value) -> Result<()> {
        let gateway = &self.gateways[0];
        let read = || gateway.processor_time().zip(gateway.wakeups()).context("reading the agent's time");
        let (time_before, wakeups_before) = read()?;
        tokio::time::sleep(IDLE).await;
        let (time, wakeups) = read()?;
        figures["idle_cpu_percent"] = json!(100.0 * (time - time_before).as_secs_f64() / IDLE.as_secs_f64());
        figures["idle_wakeups_per_minute"] = json!((wakeups - wakeups_before) * 60 / IDLE.as_secs());
        figures["idle_resident_bytes"] = json!(self.resident()?);
        Ok(())
    }

    async fn measure_busy(&self, figures: &mut Value) -> Result<()> {
        let mut peak = 0;
        let load = load::put_on(&self.cloud, &self.gateways[0], BUSY);
        let watch = async {
            loop {
                peak = peak.max(self.resident().unwrap_or_default());
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let done = tokio::select! {
            done = load => done?,
            () = watch => unreachable!("it looks for ever"),
        };
        figures["busy_resident_bytes"] = json!(peak);
        figures["busy_commands"] = json!(done.commands);
        figures["busy_proxied_per_second"] = json!(done.proxied / BUSY.as_secs());
        Ok(())
    }

    fn resident(&self) -> Result<u64> {
        self.gateways[0].resident_bytes().context("reading the agent's memory")
    }
}

fn milliseconds() -> Result<u64> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok(u64::try_from(since.as_millis())?)
}
