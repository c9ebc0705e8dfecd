//! `cargo xtask package check`: builds the agent's static program and both Debian packages, and looks whether they are as a
//! machine needs them.

use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What dpkg may run; a gateway's own files in `/etc` come from scripts, and so there are no conffiles.
const CONTROL: &[&str] = &["./", "./control", "./postinst", "./postrm", "./prerm"];
/// Where a package may have files, besides its program.
const FOLDERS: &[&str] = &["./usr/lib/systemd/system/", "./usr/share/"];

/// Builds all, and fails when one of them is not right.
pub fn check(root: &Path) -> Result<()> {
    let program = super::program(root)?;
    let package = super::debian_of(root, &program)?;
    starts_in_an_empty_root(&program)?;
    files("magmad", &package)?;
    println!("{} is as a machine needs it", package.display());
    super::orchestrator::check(root)
}

/// Fails when a package of this name has other files, modes or owners than it should.
pub fn files(name: &str, package: &Path) -> Result<()> {
    let contents = listed(&["--contents"], package)?;
    let problems = problems(name, &contents);
    ensure!(problems.is_empty(), "{}:\n{}", package.display(), problems.join("\n"));
    let control = listed(&["--ctrl-tarfile"], package);
    let control = control.and_then(|archive| names(&archive)).context("its control files")?;
    ensure!(control == CONTROL, "{} has the control files {control:?}", package.display());
    Ok(())
}

/// Without a library, a name service or a file of time zones.
fn starts_in_an_empty_root(program: &Path) -> Result<()> {
    let empty = tempfile::tempdir()?;
    fs::copy(program, empty.path().join("magmad"))?;
    // As root, or as somebody who may be root in a namespace.
    let chroot = ["unshare", "--map-root-user", "chroot"];
    let allowed = Command::new(chroot[0]).args([chroot[1], "true"]).output();
    if !allowed.is_ok_and(|allowed| allowed.status.success()) {
        println!("skipped: whether the program starts in an empty root; namespaces are not allowed here");
        return Ok(());
    }
    let run = |words: &[&str]| {
        let mut command = Command::new(chroot[0]);
        command.args(&chroot[1..]).arg(empty.path()).arg("/magmad").args(words);
        // What else stands in the environment is none of the program's.
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.output().context("starting unshare")
    };
    let version = run(&["version"])?;
    let said = String::from_utf8_lossy(&version.stdout).into_owned();
    ensure!(
        version.status.success() && said.starts_with(concat!("magmad ", env!("CARGO_PKG_VERSION"))),
        "in an empty root, the program says: {said}{}",
        String::from_utf8_lossy(&version.stderr)
    );
    // It makes the gateway's identity from nothing.
    let show = run(&["show", "--json"])?;
    ensure!(
        show.status.success() && empty.path().join("etc/snowflake").is_file(),
        "in an empty root, `show` says: {}",
        String::from_utf8_lossy(&show.stderr)
    );
    println!("{} starts in an empty root", program.display());
    Ok(())
}

/// What `dpkg-deb` says of a package.
fn listed(options: &[&str], package: &Path) -> Result<Vec<u8>> {
    let output = Command::new("dpkg-deb").args(options).arg(package).output().context("starting dpkg-deb")?;
    if !output.status.success() {
        bail!("dpkg-deb: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}

/// The names in an archive, in order.
fn names(archive: &[u8]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in tar::Archive::new(archive).entries()? {
        names.push(entry?.path()?.to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// What is wrong with a package's files: `dpkg-deb --contents` says mode, owner, size, date, time and name.
fn problems(name: &str, contents: &[u8]) -> Vec<String> {
    let program = format!("./usr/bin/{name}");
    let text = String::from_utf8_lossy(contents);
    let mut problems = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [mode, owner, size, _, _, name, ..] = words[..] else {
            problems.push(format!("not understood: {line}"));
            continue;
        };
        let wanted = match name {
            folder if folder.ends_with('/') => "drwxr-xr-x",
            own if own == program => "-rwxr-xr-x",
            _ => "-rw-r--r--",
        };
        if mode != wanted || owner != "root/root" {
            problems.push(format!("{name} is {mode} of {owner}, not {wanted} of root/root"));
        }
        if !name.ends_with('/') {
            if name != program && !FOLDERS.iter().any(|folder| name.starts_with(folder)) {
                problems.push(format!("{name} is where the package has nothing to do"));
            }
            if size == "0" {
                problems.push(format!("{name} is empty"));
            }
            let manual = name.contains("/man/") || name.ends_with("/CHANGELOG.md");
            if manual && !name.ends_with(".gz") {
                problems.push(format!("{name} is not compressed"));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_with_the_wrong_modes_owners_or_places_is_found() {
        let line = |mode: &str, owner: &str, size: &str, name: &str| {
            format!("{mode} {owner} {size} 2026-11-22 06:59 {name}")
        };
        for (good, listing) in [
            (true, line("drwxr-xr-x", "root/root", "0", "./usr/share/")),
            (true, line("-rwxr-xr-x", "root/root", "4852400", "./usr/bin/magmad")),
            (true, line("-rw-r--r--", "root/root", "9", "./usr/share/man/man8/magmad.8.gz")),
            (false, line("drwx------", "root/root", "0", "./usr/share/")),
            (false, line("-rwsr-xr-x", "root/root", "4852400", "./usr/bin/magmad")),
            (false, line("-rwxr-xr-x", "1000/1000", "4852400", "./usr/bin/magmad")),
            (false, line("-rw-r--r--", "root/root", "0", "./usr/share/magmad/defaults/magmad.yml")),
            (false, line("-rw-r--r--", "root/root", "9", "./etc/magma/magmad.yml")),
            (false, line("-rw-r--r--", "root/root", "9", "./usr/share/man/man8/magmad.8")),
            (false, "dpkg-deb has other words".to_owned()),
        ] {
            assert_eq!(problems("magmad", listing.as_bytes()).is_empty(), good, "{listing}");
        }
    }
}
