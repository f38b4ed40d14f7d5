//! Linux and Android: left out of core files, zeroed in a forked child.

use core::ffi::c_void;
use core::ptr::NonNull;

use rustix::mm::{Advice, madvise};

/// Whether a mapping is guarded so now.
///
/// # Safety
/// It is a mapping of its own, as long as this, and is not in use yet.
pub unsafe fn guard(page: NonNull<c_void>, length: usize) -> bool {
    // SAFETY: as the caller promises.
    unsafe {
        madvise(page.as_ptr(), length, Advice::LinuxDontDump).is_ok()
            && madvise(page.as_ptr(), length, Advice::LinuxWipeOnFork).is_ok()
    }
}
