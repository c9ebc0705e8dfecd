//! The Debian package, by `dpkg-deb` from a tree of files.

use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a package consists of.
pub struct Recipe {
    /// Its name, and the program's.
    pub name: &'static str,
    /// What is installed beside the program: from the workspace's root, to the machine's.
    files: &'static [(&'static str, &'static str)],
    /// Whole folders, likewise, where they exist.
    folders: &'static [(&'static str, &'static str)],
    /// The folder of its control file and of the scripts that `dpkg` runs.
    control: &'static str,
}

/// The agent.
pub const MAGMAD: Recipe = Recipe {
    name: "magmad",
    files: &[
        ("deploy/systemd/magmad.service", "usr/lib/systemd/system/magmad.service"),
        ("LICENSE", "usr/share/doc/magmad/copyright"),
        ("CHANGELOG.md", "usr/share/doc/magmad/CHANGELOG.md"),
        ("deploy/completions/magmad.bash", "usr/share/bash-completion/completions/magmad"),
        ("deploy/completions/_magmad", "usr/share/zsh/vendor-completions/_magmad"),
        ("deploy/completions/magmad.fish", "usr/share/fish/vendor_completions.d/magmad.fish"),
    ],
    folders: &[("deploy/defaults", "usr/share/magmad/defaults"), ("deploy/man", "usr/share/man/man8")],
    control: "deploy/debian",
};

/// The Orchestrator.
pub const ORC8R: Recipe = Recipe {
    name: "orc8r",
    files: &[
        ("deploy/systemd/orc8r.service", "usr/lib/systemd/system/orc8r.service"),
        ("deploy/orc8r/orc8r.env", "usr/share/orc8r/orc8r.env"),
        ("LICENSE", "usr/share/doc/orc8r/copyright"),
        ("CHANGELOG.md", "usr/share/doc/orc8r/CHANGELOG.md"),
        ("docs/install.md", "usr/share/doc/orc8r/install.md"),
        ("deploy/completions/orc8r.bash", "usr/share/bash-completion/completions/orc8r"),
        ("deploy/completions/_orc8r", "usr/share/zsh/vendor-completions/_orc8r"),
        ("deploy/completions/orc8r.fish", "usr/share/fish/vendor_completions.d/orc8r.fish"),
    ],
    folders: &[("deploy/man-orc8r", "usr/share/man/man8")],
    control: "deploy/orc8r/debian",
};

/// The scripts that `dpkg` runs.
const SCRIPTS: &[&str] = &["postinst", "prerm", "postrm"];

/// Builds the package of `program`, as this version, in `folder`, and returns where it is.
pub fn build(root: &Path, recipe: &Recipe, program: &Path, version: &str, folder: &Path) -> Result<PathBuf> {
    let tree = folder.join("deb");
    if tree.exists() {
        fs::remove_dir_all(&tree)?;
    }
    lay_out(root, recipe, program, version, &tree)?;
    compress(recipe, &tree)?;
    open_folders(&tree)?;
    let architecture = architecture();
    let package = folder.join(format!("{}_{version}_{architecture}.deb", recipe.name));
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

fn lay_out(root: &Path, recipe: &Recipe, program: &Path, version: &str, tree: &Path) -> Result<()> {
    install(program, &tree.join("usr/bin").join(recipe.name), 0o755)?;
    for (from, to) in recipe.files {
        install(&root.join(from), &tree.join(to), 0o644)?;
    }
    for (from, to) in recipe.folders.iter().filter(|(from, _)| root.join(from).is_dir()) {
        for entry in fs::read_dir(root.join(from))? {
            let entry = entry?;
            install(&entry.path(), &tree.join(to).join(entry.file_name()), 0o644)?;
        }
    }
    let from = root.join(recipe.control);
    for script in SCRIPTS {
        install(&from.join(script), &tree.join("DEBIAN").join(script), 0o755)?;
    }
    let control = fs::read_to_string(from.join("control")).context("reading the control file")?;
    let contents = fs::read(program)?;
    let kibibytes = contents.len().div_ceil(1024);
    let control = control
        .replace("@VERSION@", version)
        .replace("@ARCHITECTURE@", architecture())
        .replace("@LIBRARIES@", &libraries(&contents))
        .replace("@INSTALLED_KIB@", &kibibytes.to_string());
    fs::write(tree.join("DEBIAN/control"), control)?;
    Ok(())
}

/// The packages of the libraries that a program wants, as they follow others in `Depends`; a static one wants none. The
/// versions of glibc's symbols stand in the program.
fn libraries(program: &[u8]) -> String {
    const MARK: &[u8] = b"GLIBC_2.";
    let marks = program.windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK);
    let minor = |(place, _): (usize, _)| {
        let digits = program[place + MARK.len()..].iter().take_while(|octet| octet.is_ascii_digit());
        digits.fold(0_u32, |number, octet| number.saturating_mul(10) + u32::from(octet - b'0'))
    };
    let interpreted = program.windows(8).any(|window| window == b"ld-linux");
    match marks.map(minor).max().filter(|_| interpreted) {
        Some(minor) => format!(", libc6 (>= 2.{minor}), libgcc-s1"),
        None => String::new(),
    }
}

/// As Debian has its manuals and changelogs.
fn compress(recipe: &Recipe, tree: &Path) -> Result<()> {
    let mut gzip = Command::new("gzip");
    gzip.args(["--recursive", "--best", "--no-name"]);
    gzip.arg(tree.join("usr/share/doc").join(recipe.name).join("CHANGELOG.md"));
    let manuals = tree.join("usr/share/man");
    let done = gzip.args(manuals.is_dir().then_some(manuals)).status().context("starting gzip")?;
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
        // 10 is no walls at all; the programs of a distribution are at 9 and above.
        for (name, threshold) in [("magmad", "40"), ("orc8r", "15")] {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
            let file = format!("{name}.service");
            let text = fs::read_to_string(root.join("deploy/systemd").join(&file)).expect("the unit");
            let folder = tempfile::tempdir().expect("a folder");
            let unit = folder.path().join(file);
            // The program need not be installed here, nor its user be there.
            let text = text.replace(&format!("/usr/bin/{name}"), "/bin/true");
            let text = text.replace("User=orc8r", "User=daemon").replace("Group=orc8r", "Group=daemon");
            fs::write(&unit, text).expect("written");
            let analyze = |arguments: &[&str]| {
                let output =
                    Command::new("systemd-analyze").args(arguments).arg(&unit).output().expect("it runs");
                let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{name} {arguments:?}: {said}");
                said.into_owned()
            };
            let said = analyze(&["verify", "--man=no"]);
            assert!(!said.contains("Unknown"), "{said}");
            analyze(&["security", "--offline=true", &format!("--threshold={threshold}")]);
        }
    }

    #[test]
    fn libraries_are_those_that_the_program_names() {
        for (program, expected) in [
            (
                &b"/lib64/ld-linux-x86-64.so.2\0GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_2.9"[..],
                ", libc6 (>= 2.34), libgcc-s1",
            ),
            (b"a static program", ""),
            (b"a static program that names GLIBC_2.34", ""),
        ] {
            assert_eq!(libraries(program), expected);
        }
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
        let package =
            build(root, &MAGMAD, &program, env!("CARGO_PKG_VERSION"), folder.path()).expect("built");
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

    #[test]
    fn the_orchestrators_package_starts_nothing_and_has_no_file_of_an_operators() {
        if Command::new("dpkg-deb").arg("--version").output().is_err() {
            println!("skipped: dpkg-deb is not installed");
            return;
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("program");
        fs::write(&program, "a program").expect("written");
        let package = build(root, &ORC8R, &program, env!("CARGO_PKG_VERSION"), folder.path()).expect("built");
        let list = |option| {
            let output = Command::new("dpkg-deb").arg(option).arg(&package).output().expect("dpkg-deb");
            String::from_utf8(output.stdout).expect("text")
        };
        crate::package::check::files(ORC8R.name, &package).expect("as a machine needs it");
        let contents = list("--contents");
        for file in [
            "./usr/bin/orc8r",
            "./usr/lib/systemd/system/orc8r.service",
            "orc8r/orc8r.env",
            "man/man8/orc8r-cert-rotate-ca.8.gz",
            "bash-completion/completions/orc8r",
            "vendor-completions/_orc8r",
            "vendor_completions.d/orc8r.fish",
        ] {
            assert!(contents.contains(file), "{file} is not in\n{contents}");
        }
        assert!(!contents.contains("./etc/") && !contents.contains("./var/"), "{contents}");
        let info = list("--info");
        assert!(info.contains("Package: orc8r") && !info.contains('@'), "{info}");
        let script = fs::read_to_string(root.join("deploy/orc8r/debian/postinst")).expect("a script");
        assert!(!script.contains("systemctl start") && !script.contains("deb-systemd-helper enable"));
    }
}
