//! Memory for a secret that outlives a call: beside `thread`, the only unsafe code of the module outside of `ffi`.
#![allow(unsafe_code)]

#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "linux.rs"]
mod guard;
#[cfg(target_os = "macos")]
#[path = "macos.rs"]
mod guard;
#[cfg(unix)]
#[path = "unix.rs"]
mod page;
#[cfg(windows)]
#[path = "windows.rs"]
mod page;

use core::ptr::{self, NonNull};
use core::sync::atomic::{Ordering, compiler_fence};

/// A few secret bytes on a page of their own: not swapped out, wiped when dropped, and, where the system can keep them from
/// that, not in a core file and not in a forked child. `N` is far below the size of a page.
pub struct LockedBytes<const N: usize> {
    page: NonNull<[u8; N]>,
}

// SAFETY: the page belongs to this value alone, and is only read once it has been written in `new`.
unsafe impl<const N: usize> Send for LockedBytes<N> {}
// SAFETY: as above; shared references only read.
unsafe impl<const N: usize> Sync for LockedBytes<N> {}

impl<const N: usize> LockedBytes<N> {
    /// Copies the bytes; `None` where the system gives no such page.
    #[must_use]
    pub fn new(bytes: &[u8; N]) -> Option<Self> {
        let locked = Self {
            page: page::new(N)?.cast(),
        };
        // SAFETY: the page was made above, is N bytes long or longer, and is not in use yet.
        unsafe { ptr::copy_nonoverlapping(bytes, locked.page.as_ptr(), 1) };
        Some(locked)
    }

    /// The bytes, where they are: whoever copies them has to wipe the copy.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; N] {
        // SAFETY: the page is mapped and initialised as long as `self` lives, and nobody writes to it.
        unsafe { self.page.as_ref() }
    }
}

impl<const N: usize> Drop for LockedBytes<N> {
    fn drop(&mut self) {
        // SAFETY: the page is mapped, belongs to `self` alone and is not used after this.
        unsafe {
            self.page.as_ptr().write_volatile([0; N]);
            compiler_fence(Ordering::SeqCst);
            page::free(self.page.cast(), N);
        }
    }
}
