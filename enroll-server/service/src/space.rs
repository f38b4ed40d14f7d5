//! Space on the disks that the server keeps its data on.

use std::io;
use std::path::Path;

/// Below this much space, in bytes, a large disk counts as nearly full.
const RESERVE: u64 = 1 << 30;

/// The space of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// What the server can still use, in bytes.
    pub available: u64,
    /// All of it, in bytes.
    pub total: u64,
}

impl Space {
    /// The space of the file system that a path is on.
    ///
    /// # Errors
    /// If the operating system does not say.
    pub fn of(path: &Path) -> io::Result<Self> {
        let found = rustix::fs::statvfs(path)?;
        Ok(Self {
            available: found.f_bavail.saturating_mul(found.f_frsize),
            total: found.f_blocks.saturating_mul(found.f_frsize),
        })
    }

    /// Whether it is nearly used up: less than a tenth of the disk and less than 1 GiB.
    #[must_use]
    pub fn is_low(self) -> bool {
        self.available < (self.total / 10).min(RESERVE)
    }

    /// What the server can still use, in whole MB (10^6 bytes).
    #[must_use]
    pub fn available_megabytes(self) -> u64 {
        self.available / 1_000_000
    }

    /// All of it, in whole MB (10^6 bytes).
    #[must_use]
    pub fn total_megabytes(self) -> u64 {
        self.total / 1_000_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_low_below_a_tenth_of_it_and_below_a_gibibyte() {
        let space = |available, total| Space { available, total };
        assert!(space(9, 100).is_low());
        assert!(!space(10, 100).is_low());
        assert!(!space(RESERVE, 1 << 50).is_low());
        assert!(space(RESERVE - 1, 1 << 50).is_low());
    }

    #[test]
    fn the_space_of_a_folder_is_known() {
        let space = Space::of(Path::new("/")).unwrap();
        assert!(space.total >= space.available && space.total > 0);
    }
}
