//! `cargo xtask cold-functions`: finds out which functions of the agent never run while it starts and idles, and writes
//! them to `apps/magmad/linking/cold-functions.txt`, by which `apart-gcc` puts them apart.
//!
//! The list names the beginnings of functions' names, so that it holds for the next version of the code too; what it does
//! not know lies with what runs. Needs valgrind.

use super::build;
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// How long the agent is watched: its start, and more than one round of what it does every minute.
const WATCHED: &str = "200";

/// Octets of functions below which a line is not worth its place in the list.
const LINE_BYTES_MIN: u64 = 300;

const HEAD: &str = "\
# Functions that an agent does not run while it starts and idles: how their names begin.
# Written by `cargo xtask cold-functions`, read by apart-gcc.
";

/// A function in the program.
struct Function {
    /// Equal functions are one, with several names.
    address: u64,
    symbol: String,
    /// Its name as people write it, without hashes.
    name: String,
    bytes: u64,
}

/// Builds the agent, watches it in the lab, and writes the list.
pub fn write(root: &Path) -> Result<()> {
    let program = build::with_symbols(root)?;
    let functions = functions(&program)?;
    let ran = ran(root, &program)?;
    let addresses: BTreeSet<u64> = functions
        .iter()
        .filter(|function| ran.contains(&function.symbol))
        .map(|function| function.address)
        .collect();
    let (hot, cold): (Vec<_>, Vec<_>) =
        functions.into_iter().partition(|function| addresses.contains(&function.address));
    if hot.len() < 1000 {
        bail!("only {} functions of the agent ran: did it start?", hot.len());
    }
    let lines = beginnings(&hot, &cold);
    let text = lines.iter().fold(HEAD.to_owned(), |mut text, line| {
        let _ = writeln!(text, "{line}");
        text
    });
    std::fs::write(root.join("apps/magmad/linking/cold-functions.txt"), text)?;
    println!("{} functions ran, {} did not; {} lines", hot.len(), cold.len(), lines.len());
    Ok(())
}

/// The shortest beginnings of cold functions' names with which no hot one's begins.
fn beginnings(hot: &[Function], cold: &[Function]) -> Vec<String> {
    let hot: BTreeSet<&str> = hot.iter().map(|function| function.name.as_str()).collect();
    let is_hot =
        |beginning: &str| hot.range(beginning..).next().is_some_and(|name| name.starts_with(beginning));
    let mut lines: BTreeMap<&str, u64> = BTreeMap::new();
    for Function { name, bytes, .. } in cold {
        let ends = name.match_indices(['<', '>', ',', ':']).map(|(at, mark)| at + mark.len());
        // In the middle of `::` a name begins like its own module.
        let mut ends = ends.filter(|end| !name[*end..].starts_with(':')).chain([name.len()]);
        if let Some(end) = ends.find(|end| *end > 3 && !is_hot(&name[..*end])) {
            *lines.entry(&name[..end]).or_default() += bytes;
        }
    }
    let worthwhile = lines.into_iter().filter(|(_, bytes)| *bytes >= LINE_BYTES_MIN);
    worthwhile.map(|(line, _)| line.to_owned()).collect()
}

/// The symbols of the functions that ran.
fn ran(root: &Path, program: &Path) -> Result<BTreeSet<String>> {
    let folder = tempfile::tempdir()?;
    let (watched, profile) = (folder.path().join("magmad"), folder.path().join("profile"));
    let (program, profile_path) = (program.display(), profile.display());
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = run ] || exec {program} \"$@\"\n\
         exec valgrind --tool=callgrind --demangle=no --callgrind-out-file={profile_path} {program} \"$@\"\n"
    );
    std::fs::write(&watched, script)?;
    std::fs::set_permissions(&watched, PermissionsExt::from_mode(0o755))?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let lab = ["--release", "--locked", "--quiet", "-p", "lab"];
    if !Command::new(&cargo)
        .arg("build")
        .args(lab)
        .current_dir(root)
        .status()
        .context("starting cargo")?
        .success()
    {
        bail!("the lab does not build");
    }
    // It is ended from outside, and says so with its exit code.
    Command::new("timeout")
        .args(["--signal=INT", WATCHED])
        .arg(cargo)
        .arg("run")
        .args(lab)
        .args(["--", "--services", "20", "--magmad"])
        .arg(&watched)
        .current_dir(root)
        .stdout(Stdio::null())
        .status()
        .context("starting timeout")?;
    let profile = std::fs::read(&profile).context("valgrind wrote no profile; is it installed?")?;
    Ok(called(&String::from_utf8_lossy(&profile)))
}

/// The functions of a profile: `fn=(12) name`, where a name stands once and may have the depth of recursion behind it.
fn called(profile: &str) -> BTreeSet<String> {
    let names = profile.lines().filter_map(|line| {
        let line = line.strip_prefix('c').unwrap_or(line).strip_prefix("fn=(")?;
        Some(line.split_once(") ")?.1.split('\'').next().unwrap_or_default().to_owned())
    });
    names.collect()
}

fn functions(program: &Path) -> Result<Vec<Function>> {
    let (symbols, names) = (nm(program, &["-pS"])?, nm(program, &["-pSC"])?);
    Ok(symbols.lines().zip(names.lines()).filter_map(|(symbol, name)| function(symbol, name)).collect())
}

fn nm(program: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("nm")
        .arg("--defined-only")
        .args(arguments)
        .arg(program)
        .output()
        .context("starting nm")?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// One line of nm: address, size, kind, name.
fn function(symbol: &str, name: &str) -> Option<Function> {
    let mut words = symbol.splitn(4, ' ');
    let address = u64::from_str_radix(words.next()?, 16).ok()?;
    let bytes = u64::from_str_radix(words.next()?, 16).ok()?;
    words.next().filter(|kind| kind.eq_ignore_ascii_case("t"))?;
    let name = name.splitn(4, ' ').nth(3)?;
    Some(Function { address, symbol: words.next()?.to_owned(), name: without_hash(name).to_owned(), bytes })
}

/// The compiler ends a name with 16 hexadecimal digits, which change with every version.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_read_from_nm_and_what_ran_from_the_profile() {
        let line = "0000000000001000 0000000000000200 t";
        let found =
            function(&format!("{line} _ZN1aE"), &format!("{line} a::b c::h0123456789abcdef")).unwrap();
        assert_eq!((found.symbol.as_str(), found.name.as_str()), ("_ZN1aE", "a::b c"));
        assert_eq!((found.address, found.bytes), (0x1000, 512));
        assert!(function(&line.replace(" t", " r x"), "").is_none(), "data is no function");
        assert!(function("0000000000001000 t without_size", "").is_none());
        let ran = called("version: 1\nfn=(1) _ZN1aE\n16 3\ncfn=(2) b'2\ncalls=1 0\nfn=(1)\nob=(3) /lib\n");
        assert_eq!(ran, ["_ZN1aE".to_owned(), "b".to_owned()].into());
    }

    #[test]
    fn a_line_names_what_no_hot_function_begins_with() {
        let function = |(name, bytes): &(&str, u64)| Function {
            address: 0,
            symbol: String::new(),
            name: (*name).to_owned(),
            bytes: *bytes,
        };
        let hot = [("a::run::<u8>", 1), ("b::hot", 1)].map(|row| function(&row));
        let cold = [
            ("a::doctor::one", 200),
            ("a::doctor::two", 100),
            ("a::run::<u16>", 300),
            ("a::run::<u8>", 999),
            ("c::d", 400),
            ("b::small", 299),
        ];
        let lines = beginnings(&hot, &cold.map(|row| function(&row)));
        assert_eq!(lines, ["a::doctor::", "a::run::<u16>", "c::d"]);
    }
}
