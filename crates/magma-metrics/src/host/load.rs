//! How busy the processors and the network are: `/proc/stat`, `/proc/net/dev`.

/// Ticks that all processors together have spent since the machine started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BusyTime {
    /// Neither idle nor waiting for a disk.
    pub busy: u64,
    /// All.
    pub total: u64,
}

/// Octets that all interfaces together have moved since the machine started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetworkTotals {
    /// Sent.
    pub sent: u64,
    /// Received.
    pub received: u64,
}

/// Reads `/proc/stat`. The time of guests is part of `user` and not counted twice.
pub fn busy_time(stat: &str) -> Option<BusyTime> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let ticks: Vec<u64> = line.split_whitespace().take(8).map_while(|ticks| ticks.parse().ok()).collect();
    let total = ticks.iter().sum();
    let idle = ticks.get(3)? + ticks.get(4).unwrap_or(&0);
    Some(BusyTime { busy: u64::saturating_sub(total, idle), total })
}

/// The part of the time between two readings that the processors were busy, from 0 to 100. None when no time passed.
pub fn busy_percent(before: BusyTime, now: BusyTime) -> Option<f64> {
    let total = now.total.checked_sub(before.total).filter(|total| *total > 0)?;
    // Idle time may go back a little, as the kernel corrects it.
    let busy = now.busy.saturating_sub(before.busy).min(total);
    Some(100.0 * busy as f64 / total as f64)
}

/// Reads `/proc/net/dev`: the sum over all interfaces, loopback included, as in Magma's agent.
pub fn network_totals(dev: &str) -> NetworkTotals {
    let mut totals = NetworkTotals::default();
    for line in dev.lines() {
        let Some((_, numbers)) = line.rsplit_once(':') else { continue };
        let mut numbers = numbers.split_whitespace().map(|number| number.parse::<u64>().unwrap_or(0));
        totals.received = totals.received.saturating_add(numbers.next().unwrap_or(0));
        totals.sent = totals.sent.saturating_add(numbers.nth(7).unwrap_or(0));
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_are_busy_when_neither_idle_nor_waiting() {
        let before = busy_time("cpu  100 10 50 800 40 0 0 0 30 0\ncpu0 1 1 1 1\n").unwrap();
        assert_eq!(before, BusyTime { busy: 160, total: 1000 });
        let now = BusyTime { busy: 210, total: 1200 };
        assert_eq!(busy_percent(before, now), Some(25.0));
        assert_eq!(busy_percent(now, now), None);
        assert_eq!(busy_percent(now, before), None);
        assert_eq!(busy_percent(BusyTime { busy: 220, total: 1000 }, now), Some(0.0));
        for odd in ["", "cpu0 1 2 3 4\n", "cpu  1 2\n", "cpu  x\n"] {
            assert_eq!(busy_time(odd), None, "{odd}");
        }
    }

    #[test]
    fn the_network_is_the_sum_of_its_interfaces() {
        let dev = "Inter-|   Receive                                                |  Transmit\n \
                   face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs\n    \
                   lo:     100       1    0    0    0     0          0         0      100       1    0\n  \
                   eth0:12345       9    0    0    0     0          0         0     678       1    0\n\
                   br:1:    5       9    0    0    0     0          0         0     7       1    0\n";
        assert_eq!(network_totals(dev), NetworkTotals { sent: 785, received: 12_450 });
        assert_eq!(network_totals("nonsense: \n"), NetworkTotals::default());
    }
}
