//! A Python program beside the test: its JSON lines are awaited by their `step`, commands go to its input.

use std::fs::File;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{Instant, timeout_at};

/// How long a program may take for one step. Much more than it needs: other tests share the processors.
const STEP_LIMIT: Duration = Duration::from_secs(180);

/// Fails when a module is missing or too old, and says which.
const PROBE: &str = "import sys; sys.dont_write_bytecode = True
import grpc, grpc_tools.protoc, cryptography
major = int(cryptography.__version__.split('.')[0])
sys.exit(f'cryptography {cryptography.__version__} is older than 42' if major < 42 else 0)";

/// Whether the programs can run here. If not, says `skipped: …` and why.
pub async fn is_here() -> bool {
    let probe = Command::new("python3").args(["-c", PROBE]).stdin(Stdio::null()).output().await;
    let reason = match probe {
        Ok(output) if output.status.success() => return true,
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            text.lines().last().unwrap_or("its modules cannot be loaded").to_owned()
        }
        Err(error) => error.to_string(),
    };
    println!(
        "skipped: python3 with the modules of tests/interop/python/requirements.txt is needed: {reason}"
    );
    false
}

/// A running program with a folder of its own; both are gone when this is dropped.
pub struct Program {
    name: &'static str,
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    /// What was read and not awaited yet.
    unclaimed: Vec<Value>,
    folder: TempDir,
}

impl Program {
    /// Starts `python/<name>` with `arguments`.
    pub fn start(name: &'static str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let stubs = folder.path().join("stubs");
        std::fs::create_dir(&stubs).expect("a folder for the stubs");
        let script = script(name);
        let complaints = File::create(complaints_file(&folder)).expect("a file for standard error");
        let mut child = Command::new("python3")
            .arg("-B")
            .arg(script)
            .args(arguments)
            .arg("--scratch")
            .arg(stubs)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(complaints)
            .kill_on_drop(true)
            .spawn()
            .expect("python3 was there a moment ago");
        let input = child.stdin.take();
        let lines = BufReader::new(child.stdout.take().expect("standard output is piped")).lines();
        Self { name, child, input, lines, unclaimed: Vec::new(), folder }
    }

    /// The folder that it filled with the stubs of the contract before its first step.
    pub fn stubs(&self) -> PathBuf {
        self.folder.path().join("stubs")
    }

    /// Sends one line.
    pub async fn command(&mut self, line: &str) {
        let input = self.input.as_mut().expect("its input is open");
        input.write_all(format!("{line}\n").as_bytes()).await.expect("the program reads commands");
        input.flush().await.expect("the program reads commands");
    }

    /// The first line of this step that nobody has claimed yet.
    pub async fn step(&mut self, step: &str) -> Value {
        self.step_where(step, |_| true).await
    }

    /// The first unclaimed line of this step for which `wanted` holds.
    pub async fn step_where(&mut self, step: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + STEP_LIMIT;
        let matches = |line: &Value| line["step"] == step && wanted(line);
        if let Some(index) = self.unclaimed.iter().position(&matches) {
            return self.unclaimed.remove(index);
        }
        loop {
            let line = match timeout_at(deadline, self.lines.next_line()).await {
                Ok(Ok(Some(line))) => line,
                Ok(Ok(None)) => panic!("{} ended before step {step}{}", self.name, self.account()),
                Ok(Err(error)) => panic!("{}: {error}", self.name),
                Err(_) => panic!("{}: no step {step} within {STEP_LIMIT:?}{}", self.name, self.account()),
            };
            let line: Value = serde_json::from_str(&line).expect("each line is JSON");
            if matches(&line) {
                return line;
            }
            self.unclaimed.push(line);
        }
    }

    /// Drops the unclaimed lines of this step: only what comes from now on counts.
    pub fn forget(&mut self, step: &str) {
        self.unclaimed.retain(|line| line["step"] != step);
    }

    /// The lines of this step that came before the last awaited one, and were not awaited themselves.
    pub fn unclaimed<'a>(&'a self, step: &'a str) -> impl Iterator<Item = &'a Value> {
        self.unclaimed.iter().filter(move |line| line["step"] == step)
    }

    /// Closes the program's input, which ends it, and waits for that.
    pub async fn end(&mut self) -> ExitStatus {
        self.input = None;
        let deadline = Instant::now() + STEP_LIMIT;
        let reading = async {
            while let Ok(Some(line)) = self.lines.next_line().await {
                self.unclaimed.push(serde_json::from_str(&line).expect("each line is JSON"));
            }
            self.child.wait().await
        };
        match timeout_at(deadline, reading).await {
            Ok(status) => status.expect("it can be waited for"),
            Err(_) => panic!("{} does not end{}", self.name, self.account()),
        }
    }

    fn account(&self) -> String {
        let complaints = std::fs::read_to_string(complaints_file(&self.folder)).unwrap_or_default();
        let lines: Vec<String> = self.unclaimed.iter().map(Value::to_string).collect();
        format!("\nunclaimed lines:\n{}\nstandard error:\n{complaints}", lines.join("\n"))
    }
}

/// Where `python/<name>` is.
pub fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("python").join(name)
}

fn complaints_file(folder: &TempDir) -> PathBuf {
    folder.path().join("stderr")
}
