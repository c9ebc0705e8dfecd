//! The live line at the bottom, once everything runs.

use crate::story::Lab;
use anyhow::Result;
use std::io::{IsTerminal, Write, stdout};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Shows how things stand, for ever. On a terminal one line is rewritten each second; elsewhere a line is
/// written each minute.
///
/// # Errors
/// When a program ends.
pub async fn keep(lab: &mut Lab) -> Result<()> {
    let terminal = stdout().is_terminal();
    let interval = Duration::from_secs(if terminal { 1 } else { 60 });
    loop {
        lab.cloud.child.check()?;
        for gateway in &mut lab.gateways {
            gateway.check()?;
        }
        let line = line(lab).await;
        if terminal {
            print!("\r\x1b[K{line}");
        } else {
            println!("{line}");
        }
        stdout().flush().ok();
        tokio::time::sleep(interval).await;
    }
}

async fn line(lab: &Lab) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut recent = 0;
    let mut newest = None;
    for status in lab.statuses().await.into_iter().flatten() {
        let age = now.saturating_sub(status["checkin_time"].as_u64().unwrap_or_default() / 1000);
        // As the existing interface counts: five check-in intervals, 15 s each here.
        recent += usize::from(age < 75);
        newest = Some(newest.map_or(age, |other: u64| other.min(age)));
    }
    let checked_in = newest.map_or_else(|| "never".to_owned(), |age| format!("{age} s ago"));
    format!(
        "up {} s · gateways checked in {recent}/{} · last {checked_in}",
        lab.age().as_secs(),
        lab.gateways.len(),
    )
}
