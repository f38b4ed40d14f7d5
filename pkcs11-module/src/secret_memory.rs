//! Memory for a secret that outlives a call: beside `thread`, the only unsafe code of the module outside of `ffi`.
#![allow(unsafe_code)]

use core::ffi::c_void;
use core::ptr::{self, NonNull};
use core::sync::atomic::{Ordering, compiler_fence};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mlock, mmap_anonymous, munmap};
use zeroize::Zeroizing;

/// A few secret bytes on a page of their own: not swapped out, not in a core file, zeroed in a forked child, and
/// wiped when dropped. `N` is far below the size of a page.
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
        // SAFETY: a new anonymous mapping at an address that the system chooses touches nothing that exists.
        let address = unsafe {
            mmap_anonymous(
                ptr::null_mut(),
                N,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            )
        }
        .ok()?;
        let locked = Self {
            page: NonNull::new(address.cast())?,
        };
        // SAFETY: the mapping was made above, is N bytes long and is not in use yet.
        unsafe {
            mlock(address, N).ok()?;
            madvise(address, N, Advice::LinuxDontDump).ok()?;
            madvise(address, N, Advice::LinuxWipeOnFork).ok()?;
            locked.page.as_ptr().write(*bytes);
        }
        Some(locked)
    }

    /// A copy for immediate use.
    #[must_use]
    pub fn read(&self) -> Zeroizing<[u8; N]> {
        // SAFETY: the page is mapped and initialised as long as `self` lives.
        Zeroizing::new(unsafe { self.page.as_ptr().read() })
    }
}

impl<const N: usize> Drop for LockedBytes<N> {
    fn drop(&mut self) {
        // SAFETY: the page is mapped, belongs to `self` alone and is not used after this.
        unsafe {
            self.page.as_ptr().write_volatile([0; N]);
            compiler_fence(Ordering::SeqCst);
            let _ = munmap(self.page.as_ptr().cast::<c_void>(), N);
        }
    }
}
