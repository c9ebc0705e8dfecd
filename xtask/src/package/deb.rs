//! The Debian package, by `dpkg-deb` from a tree of files.

use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is installed beside the program: from the workspace's root, to the machine's, with its mode.
const FILES: &[(&str, &str)] = &[
    ("deploy/systemd/magmad.service", "usr/lib/systemd/system/magmad.service"),
    ("LICENSE", "usr/share/doc/magmad/copyright"),
    ("CHANGELOG.md", "usr/share/doc/magmad/CHANGELOG.md"),
    ("deploy/completions/magmad.bash", "usr/share/bash-completion/completions/magmad"),
    ("deploy/completions/_magmad", "usr/share/zsh/vendor-completions/_magmad"),
    ("deploy/completions/magmad.fish", "usr/share/fish/vendor_completions.d/magmad.fish"),
];

/// Whole folders, likewise, where they exist.
const FOLDERS: &[(&str, &str)] =
    &[("deploy/defaults", "usr/share/magmad/defaults"), ("deploy/man", "usr/share/man/man8")];

/// The scripts that `dpkg` runs.
const SCRIPTS: &[&str] = &["postinst", "prerm", "postrm"];

/// Builds the package of `program`, as this version, in `folder`, and returns where it is.
pub fn build(root: &Path, program: &Path, version: &str, folder: &Path) -> Result<PathBuf> {
    let tree = folder.join("deb");
    if tree.exists() {
        fs::remove_dir_all(&tree)?;
    }
    lay_out(root, program, version, &tree)?;
    compress(&tree)?;
    open_folders(&tree)?;
    let architecture = architecture();
    let package = folder.join(format!("magmad_{version}_{architecture}.deb"));
    let built = Command::new("dpkg-deb")
        .args(["--build", "--root-owner-group", "-Zxz"])
        .arg(&tree)
        .arg(&package)
        .output()
        .context("starting dpkg-deb, which comes with the package dpkg")?;
    if !built.status.success() {
        bail!("dpkg-deb: {}", String::from_utf8_lossy(&built.stderr).trim());
    }
    Ok(package)
}

fn lay_out(root: &Path, program: &Path, version: &str, tree: &Path) -> Result<()> {
    install(program, &tree.join("usr/bin/magmad"), 0o755)?;
    for (from, to) in FILES {
        install(&root.join(from), &tree.join(to), 0o644)?;
    }
    for (from, to) in FOLDERS.iter().filter(|(from, _)| root.join(from).is_dir()) {
        for entry in fs::read_dir(root.join(from))? {
            let entry = entry?;
            install(&entry.path(), &tree.join(to).join(entry.file_name()), 0o644)?;
        }
    }
    for script in SCRIPTS {
        install(&root.join("deploy/debian").join(script), &tree.join("DEBIAN").join(script), 0o755)?;
    }
    let control =
        fs::read_to_string(root.join("deploy/debian/control")).context("reading the control file")?;
    let kibibytes = fs::metadata(program)?.len().div_ceil(1024);
    let control = control
        .replace("@VERSION@", version)
        .replace("@ARCHITECTURE@", architecture())
        .replace("@INSTALLED_KIB@", &kibibytes.to_string());
    fs::write(tree.join("DEBIAN/control"), control)?;
    Ok(())
}

/// As Debian has its manuals and changelogs.
fn compress(tree: &Path) -> Result<()> {
    let mut gzip = Command::new("gzip");
    gzip.args(["--recursive", "--best", "--no-name"]).arg(tree.join("usr/share/man"));
    let done = gzip.arg(tree.join("usr/share/doc/magmad/CHANGELOG.md")).status().context("starting gzip")?;
    if !done.success() {
        bail!("gzip: {done}");
    }
    Ok(())
}

/// Whatever the umask of who builds it.
fn open_folders(folder: &Path) -> Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_folders(&entry.path())?;
        }
    }
    Ok(())
}

fn install(from: &Path, to: &Path, mode: u32) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| format!("copying {}", from.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
    Ok(())
}

/// Debian's name of this machine's architecture.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "armhf",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systemd_understands_the_unit_and_finds_it_well_walled() {
        if Command::new("systemd-analyze").arg("--version").output().is_err() {
            println!("skipped: systemd-analyze is not installed");
            return;
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let text = fs::read_to_string(root.join("deploy/systemd/magmad.service")).expect("the unit");
        let folder = tempfile::tempdir().expect("a folder");
        let unit = folder.path().join("magmad.service");
        // The program need not be installed here.
        fs::write(&unit, text.replace("/usr/bin/magmad", "/bin/true")).expect("written");
        let analyze = |arguments: &[&str]| {
            let output =
                Command::new("systemd-analyze").args(arguments).arg(&unit).output().expect("it runs");
            let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{arguments:?}: {said}");
            said.into_owned()
        };
        let said = analyze(&["verify", "--man=no"]);
        assert!(!said.contains("Unknown"), "{said}");
        // 10 is no walls at all; the programs of a distribution are at 9 and above.
        analyze(&["security", "--offline=true", "--threshold=40"]);
    }

    #[test]
    fn the_package_has_the_program_its_unit_and_its_scripts() {
        if Command::new("dpkg-deb").arg("--version").output().is_err() {
            println!("skipped: dpkg-deb is not installed");
            return;
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("program");
        fs::write(&program, "a program").expect("written");
        let package = build(root, &program, env!("CARGO_PKG_VERSION"), folder.path()).expect("built");
        let list = |option| {
            let output = Command::new("dpkg-deb").arg(option).arg(&package).output().expect("dpkg-deb");
            String::from_utf8(output.stdout).expect("text")
        };
        let contents = list("--contents");
        for file in [
            "./usr/bin/magmad",
            "./usr/lib/systemd/system/magmad.service",
            "defaults/magmad.yml",
            "man/man8/magmad.8",
            "bash-completion/completions/magmad",
            "vendor-completions/_magmad",
            "vendor_completions.d/magmad.fish",
        ] {
            assert!(contents.contains(file), "{file} is not in\n{contents}");
        }
        let is_program =
            |line: &str| line.starts_with("-rwxr-xr-x root/root") && line.ends_with("bin/magmad");
        assert!(contents.lines().any(is_program), "{contents}");
        assert!(
            !contents.contains("./etc/"),
            "a gateway's own configuration is never overwritten: {contents}"
        );
        let info = list("--info");
        for words in ["Package: magmad", concat!("Version: ", env!("CARGO_PKG_VERSION")), "postinst", "prerm"]
        {
            assert!(info.contains(words), "{words} is not in\n{info}");
        }
        assert!(!info.contains('@'), "a placeholder is left: {info}");
    }
}
