//! The open files of a process, as far as connections may use them up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Files that are not for connections, at least: the store, archives, metrics, calls to others.
const OTHERS_MIN: u64 = 256;
/// Of the files that may be open, one in so many is not for connections.
const OTHERS_PART: u64 = 64;

/// How many connections may be open at all doors of a process together; clones count together.
///
/// A process that has no file left can accept nobody, and cannot open what its store needs either.
#[derive(Clone, Debug)]
pub struct Descriptors(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    most: usize,
    used: AtomicUsize,
}

impl Descriptors {
    /// So many.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Shared { most, used: AtomicUsize::new(0) }))
    }

    /// What a process that may open so many files (`None`: any number) has for connections: all but one in sixty-four, or
    /// all but 256 if that is less, or half of them if there are few.
    pub fn of_limit(files: Option<u64>) -> Self {
        let most = files.map_or(usize::MAX, |files| {
            let others = (files / OTHERS_PART).max(OTHERS_MIN).min(files / 2);
            usize::try_from(files - others).unwrap_or(usize::MAX)
        });
        Self::new(most)
    }

    /// How many there may be.
    pub fn most(&self) -> usize {
        self.0.most
    }

    /// Takes one, unless that would leave fewer than `left`.
    pub(super) fn take(&self, left: usize) -> bool {
        let most = self.0.most.saturating_sub(left);
        let one_more = |used: usize| (used < most).then_some(used + 1);
        self.0.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
    }

    /// Gives one back that was taken.
    pub(super) fn give_back(&self) {
        self.0.used.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_files_are_for_others() {
        let most = |files| Descriptors::of_limit(files).most();
        for (files, want) in
            [(0, 0), (100, 50), (512, 256), (1024, 768), (4096, 3840), (20_000, 19_688), (131_072, 129_024)]
        {
            assert_eq!(most(Some(files)), want, "{files}");
        }
        assert_eq!(most(None), usize::MAX);
    }

    #[test]
    fn a_door_leaves_some_to_others() {
        let descriptors = Descriptors::new(3);
        assert!(descriptors.take(1) && descriptors.take(1) && !descriptors.take(1));
        assert!(descriptors.take(0) && !descriptors.take(0));
        descriptors.give_back();
        assert!(!descriptors.take(1) && descriptors.take(0));
    }
}
