//! `magmad resources`: what the running agent uses of its machine, from two looks at `/proc` that lie some seconds apart.
//!
//! It is what a profiler is opened for first, and costs the agent nothing: nobody listens, and nothing is counted for it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use magma_command_line::Matches;
use magma_config::Paths;
use serde_json::{Value, json};

use super::answer::Answer;
use super::running_agent::RunningAgent;
use super::runtime;
use crate::agent;
use crate::recent;

/// Clock ticks per second in `/proc`: USER_HZ, which the Linux ABI fixes at 100.
const TICKS_PER_SECOND: f64 = 100.0;

/// The time between the two looks, in seconds.
const BETWEEN_S: u64 = 5;

/// Lines of `/proc/PID/status`, in kibibytes, and what they are.
const MEMORY: [(&str, &str); 4] = [
    ("VmRSS:", "resident"),
    ("RssAnon:", "heap_and_stacks"),
    ("RssFile:", "program"),
    ("VmHWM:", "resident_at_most"),
];

/// Looks twice, and tells what there is and what came about in between.
pub(super) fn resources(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let between = matches.number("seconds").unwrap_or(BETWEEN_S);
    let process =
        agent::process(paths).context("no magmad runs with these files; start it with: magmad run")?;
    let folder = PathBuf::from(format!("/proc/{process}"));
    let first = Look::at(&folder)?;
    let info = runtime()?.block_on(async {
        tokio::time::sleep(Duration::from_secs(between)).await;
        RunningAgent::at(paths)?.info().await.map_err(anyhow::Error::from)
    });
    let second = Look::at(&folder)?;
    let recent = info.ok().and_then(|info| info.status).and_then(|status| {
        let text = status.meta.get(recent::META_KEY)?;
        serde_json::from_str::<Value>(text).ok()
    });
    let tasks = recent.map_or(Value::Null, |recent| recent["tasks"].clone());
    Ok(answer(process, between, &first, &second, &tasks))
}

/// What a process uses at one moment.
#[derive(Debug, Default, PartialEq)]
struct Look {
    /// Of processor time, since its start.
    cpu_s: f64,
    /// How often one of its threads went to sleep by itself, and so had been woken.
    wakeups: u64,
    threads: usize,
    /// In bytes.
    memory: BTreeMap<&'static str, u64>,
    /// How many, by kind.
    descriptors: BTreeMap<String, usize>,
}

impl Look {
    fn at(folder: &Path) -> Result<Self> {
        let text = |file: &str| {
            let path = folder.join(file);
            fs::read_to_string(&path).with_context(|| {
                format!("cannot read {}; try it as the agent's user or root", path.display())
            })
        };
        let threads = entries(folder, "task")?;
        let woken = |thread: &PathBuf| {
            // One that has ended meanwhile counts no more.
            let status = fs::read_to_string(thread.join("status")).unwrap_or_default();
            number(&status, "voluntary_ctxt_switches:").unwrap_or_default()
        };
        let mut descriptors = BTreeMap::new();
        for descriptor in entries(folder, "fd")? {
            let target = fs::read_link(descriptor).unwrap_or_default();
            *descriptors.entry(kind(&target.to_string_lossy())).or_default() += 1;
        }
        let status = text("status")?;
        let memory = MEMORY.into_iter().filter_map(|(line, of)| Some((of, 1024 * number(&status, line)?)));
        Ok(Self {
            cpu_s: cpu_s(&text("stat")?),
            wakeups: threads.iter().map(woken).sum(),
            threads: threads.len(),
            memory: memory.collect(),
            descriptors,
        })
    }
}

fn entries(folder: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let folder = folder.join(name);
    let entries = fs::read_dir(&folder)
        .with_context(|| format!("cannot read {}; try it as the agent's user or root", folder.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}

/// The number behind `key` at the start of a line.
fn number(text: &str, key: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(key))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// User and system time: fields 14 and 15 of `/proc/PID/stat` (proc(5)). The second field, a name in parentheses, may
/// hold spaces and parentheses itself.
fn cpu_s(stat: &str) -> f64 {
    let behind_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = behind_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS_PER_SECOND
}

/// `socket:[4711]` is a socket, `anon_inode:[eventpoll]` an eventpoll, and a path a file.
fn kind(target: &str) -> String {
    if target.starts_with('/') {
        return "file".to_owned();
    }
    let name = target.strip_prefix("anon_inode:").unwrap_or(target);
    name.split(':').next().unwrap_or_default().trim_matches(['[', ']']).to_owned()
}

fn answer(process: u32, between: u64, first: &Look, second: &Look, tasks: &Value) -> Answer {
    let per_second = |amount: f64| (amount / between as f64 * 100.0).round() / 100.0;
    let cpu_percent = per_second(100.0 * (second.cpu_s - first.cpu_s));
    let wakeups = per_second(second.wakeups.saturating_sub(first.wakeups) as f64);
    let json = json!({
        "process": process, "seconds": between, "cpu_percent": cpu_percent, "cpu_seconds": second.cpu_s,
        "wakeups_per_second": wakeups, "threads": second.threads, "tasks": tasks, "memory": second.memory,
        "descriptors": second.descriptors,
    });
    let kinds: Vec<String> =
        second.descriptors.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let memory: Vec<String> = second
        .memory
        .iter()
        .map(|(of, bytes)| format!("{} {} kB", of.replace('_', " "), bytes / 1024))
        .collect();
    let text = format!(
        "process      {process}\nprocessor    {cpu_percent} % of one core in {between} s; {} s since the start\n\
         wake-ups     {wakeups} a second\nthreads      {}\ntasks        {tasks}\nmemory       {}\n\
         descriptors  {}: {}\n",
        second.cpu_s,
        second.threads,
        memory.join(", "),
        second.descriptors.values().sum::<usize>(),
        kinds.join(", "),
    );
    Answer::new(text, json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_texts_are_understood() {
        let stat =
            "812 (mag) mad (x) S 1 812 812 0 -1 4194560 917 0 3 0 250 75 0 0 20 0 2 0 4321 12345678 900";
        for (stat, expected) in [(stat, 3.25), ("", 0.0), ("812 (x) S 1", 0.0)] {
            assert_eq!(cpu_s(stat), expected, "{stat}");
        }
        for (target, expected) in [
            ("socket:[4711]", "socket"),
            ("pipe:[1]", "pipe"),
            ("anon_inode:[eventpoll]", "eventpoll"),
            ("anon_inode:inotify", "inotify"),
            ("/var/opt/magma/magmad.lock", "file"),
            ("/dev/null", "file"),
        ] {
            assert_eq!(kind(target), expected, "{target}");
        }
        assert_eq!(number("a: 1 kB\nb:\t7 kB\n", "b:"), Some(7));
        assert_eq!(number("a: x\n", "a:"), None);
    }

    #[test]
    fn what_a_look_finds_of_this_process_is_plausible() {
        let look = Look::at(Path::new("/proc/self")).expect("it is there");
        assert!(look.threads > 0 && look.memory["resident"] > 0, "{look:?}");
        assert!(look.descriptors.values().sum::<usize>() > 0, "{look:?}");
        let error = Look::at(Path::new("/nonexistent")).expect_err("no process").to_string();
        assert!(error.contains("/nonexistent/task"), "{error}");
    }

    #[test]
    fn two_looks_make_rates() {
        let first = Look { cpu_s: 1.0, wakeups: 10, ..Look::default() };
        let memory = [("resident", 6 << 20)].into();
        let descriptors = [("socket".to_owned(), 3), ("file".to_owned(), 2)].into();
        let second = Look { cpu_s: 1.25, wakeups: 30, threads: 2, memory, descriptors };
        let answer = answer(7, 5, &first, &second, &json!(12));
        for words in
            ["5 % of one core", "4 a second", "tasks        12", "resident 6144 kB", "5: 2 file, 3 socket"]
        {
            assert!(answer.text.contains(words), "{words}: {}", answer.text);
        }
        assert_eq!(
            (&answer.json["cpu_percent"], &answer.json["wakeups_per_second"]),
            (&json!(5.0), &json!(4.0))
        );
    }
}
