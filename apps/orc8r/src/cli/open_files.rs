//! As many open files as the system allows: each connection is one, and a gateway has up to four.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Fewer than this is worth a warning: about 1,000 gateways.
const ENOUGH: u64 = 4096;

/// Raises the limit of this process from the usual 1,024 to what it may have.
pub(super) fn raise_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::warn!(%error, ?current, "cannot raise the number of open files");
    }
    if let Some(files) = getrlimit(Resource::Nofile).current.filter(|files| *files < ENOUGH) {
        tracing::warn!(
            files,
            "few files may be open: with many gateways, raise the limit (LimitNOFILE of systemd, ulimit -n)"
        );
    }
}
