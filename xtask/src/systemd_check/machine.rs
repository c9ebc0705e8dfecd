//! A machine of namespaces with a systemd of its own, over a layer of this machine's files that is thrown away.

use anyhow::{Context, Result, bail};
use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What makes the machine, and what its gateway and its cloud are made of.
const PROGRAMS: &[&str] = &["unshare", "nsenter", "timeout", "dpkg", "dbus-daemon", "curl", "nginx"];
const SYSTEMD: &str = "/lib/systemd/systemd";
/// Namespaces but the one of control groups, which begins where the process is by then.
const NAMESPACES: &[&str] = &["--pid", "--mount", "--uts", "--ipc", "--net", "--fork", "--kill-child"];
/// Tries what [`Machine::boot`] needs of the kernel, and leaves nothing behind.
const TRIAL: &str = "mount --make-rprivate / && mount -t tmpfs trial /mnt && mkdir /mnt/new /mnt/work /mnt/root && \
    mount -t overlay -o lowerdir=/,upperdir=/mnt/new,workdir=/mnt/work overlay /mnt/root && \
    mount -t cgroup2 cgroup2 /mnt/root/mnt";
/// How often something that is awaited is looked for.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);
/// How long one command in the machine may take, in seconds.
const COMMAND_SECONDS: &str = "120";

/// A booted machine, which ends with this value.
pub struct Machine {
    unshare: Child,
    /// systemd's process id, as this machine has it.
    init: String,
    group: PathBuf,
}

/// Why there can be no such machine here, if so.
pub fn missing() -> Option<String> {
    if fs::metadata("/proc/self").map_or(true, |own| own.uid() != 0) {
        return Some("this needs root".to_owned());
    }
    let found =
        |program: &&&str| Command::new("which").arg(program).output().is_ok_and(|out| out.status.success());
    if let Some(program) = PROGRAMS.iter().find(|program| !found(program)) {
        return Some(format!("{program} is not installed"));
    }
    if !Path::new(SYSTEMD).exists() {
        return Some(format!("there is no {SYSTEMD}"));
    }
    if groups().is_none() {
        return Some("cgroup2 is not mounted".to_owned());
    }
    let tried = Command::new("unshare").args(NAMESPACES).args(["--cgroup", "sh", "-c", TRIAL]).output();
    match tried {
        Ok(tried) if tried.status.success() => None,
        Ok(tried) => Some(format!("no namespaces here: {}", String::from_utf8_lossy(&tried.stderr).trim())),
        Err(error) => Some(format!("unshare: {error}")),
    }
}

/// Where cgroup2 is mounted.
fn groups() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    let mut mounts = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    mounts.find(|mount| mount.get(2) == Some(&"cgroup2")).map(|mount| PathBuf::from(mount[1]))
}

impl Machine {
    /// Boots it; `stage` is its `/srv/check`.
    pub fn boot(root: &Path, stage: &Path) -> Result<Self> {
        let name = format!("magma-systemd-check-{}", std::process::id());
        let group = groups().context("cgroup2 is not mounted")?.join(name);
        fs::create_dir(&group).with_context(|| format!("making the control group {}", group.display()))?;
        let log = fs::File::create(stage.join("boot.log"))?;
        let unshare = Command::new("unshare")
            .args(NAMESPACES)
            .arg(root.join("xtask/src/systemd_check/boot.sh"))
            .args([stage, &group])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let mut machine = Self { unshare, init: String::new(), group };
        machine.init = until("the first process", 240, || machine.first_process())?;
        until("systemd", 240, || {
            if let Some(end) = machine.unshare.try_wait()? {
                bail!("boot.sh: {end}: {}", fs::read_to_string(stage.join("boot.log"))?.trim());
            }
            // `degraded`: a unit of this machine's that does not fit; what is checked fails for itself.
            let state = machine.try_run(&["systemctl", "is-system-running"]).unwrap_or_default();
            Ok(["running", "degraded"].contains(&state.trim()).then_some(()))
        })?;
        Ok(machine)
    }

    fn first_process(&self) -> Result<Option<String>> {
        let id = self.unshare.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
        Ok(children.split_whitespace().next().map(str::to_owned))
    }

    /// Whether its systemd has ended.
    pub fn has_ended(&mut self) -> Result<bool> {
        Ok(self.unshare.try_wait()?.is_some())
    }

    /// Runs a program in it; what it says, or what it complains about.
    pub fn run(&self, words: &[&str]) -> Result<String> {
        self.run_with(words, "")
    }

    /// The same with something to read.
    pub fn run_with(&self, words: &[&str], input: &str) -> Result<String> {
        let (succeeded, said, complaint) = self.output(words, input)?;
        if !succeeded {
            bail!("`{}` failed: {} {}", words.join(" "), said.trim(), complaint.trim());
        }
        Ok(said)
    }

    /// What a program says that may fail.
    pub fn try_run(&self, words: &[&str]) -> Result<String> {
        Ok(self.output(words, "")?.1)
    }

    fn output(&self, words: &[&str], input: &str) -> Result<(bool, String, String)> {
        let mut child = Command::new("nsenter")
            .args(["--target", &self.init, "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"])
            .args(["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C"])
            .args(["DEBIAN_FRONTEND=noninteractive", "timeout", COMMAND_SECONDS])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        child.stdin.take().context("a pipe")?.write_all(input.as_bytes()).ok();
        let output = child.wait_with_output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok((output.status.success(), text(&output.stdout), text(&output.stderr)))
    }

    /// A property of one of its units.
    pub fn property(&self, unit: &str, name: &str) -> Result<String> {
        let said = self.run(&["systemctl", "show", unit, &format!("--property={name}"), "--value"])?;
        Ok(said.trim().to_owned())
    }

    /// Writes a file in it.
    pub fn write(&self, path: &str, text: &str) -> Result<()> {
        self.run(&["mkdir", "-p", &Path::new(path).parent().context("a folder")?.to_string_lossy()])?;
        self.run_with(&["tee", path], text).map(drop)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // With `--kill-child`, the first process goes with it, and with that one all of them.
        self.unshare.kill().ok();
        self.unshare.wait().ok();
        until("the end of all processes", 30, || Ok(remove_groups(&self.group).ok())).ok();
    }
}

/// Groups within go first.
fn remove_groups(group: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(group)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_groups(&entry.path())?;
        }
    }
    fs::remove_dir(group)
}

/// Looks until there is something, for some seconds.
pub fn until<T>(what: &str, seconds: u64, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let begun = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if begun.elapsed() > Duration::from_secs(seconds) {
            bail!("{what}: not within {seconds} s");
        }
        sleep(LOOK_INTERVAL);
    }
}
