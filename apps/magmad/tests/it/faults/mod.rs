//! What happens to a gateway: power cuts, disks, clocks, networks, long times. The agent is the program itself, or runs
//! with the paused clock in this process; each test says what is kept.

mod clock;
mod disk;
mod network;
mod power_cut;
mod program;
mod week;
