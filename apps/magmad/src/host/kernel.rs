//! The running kernel and the installed ones: `uname`, and the package database of Debian.

use std::fs;
use std::path::Path;

/// The running kernel's version, as `uname -r` tells it.
pub(super) fn kernel_version() -> String {
    rustix::system::uname().release().to_string_lossy().into_owned()
}

/// The machine's architecture, as `uname -m` tells it.
pub(super) fn architecture() -> String {
    rustix::system::uname().machine().to_string_lossy().into_owned()
}

/// The names of the kernel packages that Debian's `dpkg` knows, sorted: it keeps one `<package>.list` for each below
/// `/var/lib/dpkg/info`. Elsewhere there are none.
///
/// Magma-compat: package names, although the field is called versions.
pub(super) fn installed_kernels(dpkg_info: &Path) -> Vec<String> {
    let entries = fs::read_dir(dpkg_info).into_iter().flatten().flatten();
    let mut packages: Vec<String> =
        entries.filter_map(|entry| kernel_package(entry.file_name().to_str()?)).collect();
    packages.sort();
    packages
}

/// `linux-image-6.1.0-25-amd64.list`, or `linux-image-generic:amd64.list`.
fn kernel_package(file: &str) -> Option<String> {
    let package = file.strip_suffix(".list")?;
    let package = package.split(':').next().unwrap_or(package);
    package.contains("linux-image").then(|| package.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_found_among_the_packages() {
        let folder = tempfile::tempdir().expect("a folder");
        for file in [
            "linux-image-6.1.0-25-amd64.list",
            "linux-image-6.1.0-25-amd64.md5sums",
            "linux-image-amd64:amd64.list",
            "linux-base.list",
            "vim.list",
        ] {
            fs::write(folder.path().join(file), "").expect("written");
        }
        assert_eq!(installed_kernels(folder.path()), ["linux-image-6.1.0-25-amd64", "linux-image-amd64"]);
        assert!(installed_kernels(Path::new("/nonexistent")).is_empty());
    }

    #[test]
    fn the_running_kernel_has_a_version() {
        assert!(!kernel_version().is_empty() && !architecture().is_empty());
    }
}
