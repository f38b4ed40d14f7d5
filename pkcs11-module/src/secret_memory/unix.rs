//! Unix: a mapping of its own, locked into memory. What else guards it is each system's own.

use core::ffi::c_void;
use core::ptr::{self, NonNull};

use rustix::mm::{MapFlags, ProtFlags, mlock, mmap_anonymous, munmap};

use super::guard::guard;

/// A page of zeros with room for as many bytes; `None` where the system gives no such page.
pub fn new(length: usize) -> Option<NonNull<c_void>> {
    // SAFETY: a new anonymous mapping at an address that the system chooses touches nothing that exists.
    let address = unsafe {
        mmap_anonymous(
            ptr::null_mut(),
            length,
            ProtFlags::READ | ProtFlags::WRITE,
            MapFlags::PRIVATE,
        )
    }
    .ok()?;
    let page = NonNull::new(address)?;
    // SAFETY: the mapping was made above, is as long and is not in use yet.
    let is_guarded = unsafe { mlock(address, length).is_ok() && guard(page, length) };
    if !is_guarded {
        // SAFETY: made above, and nobody else has it.
        unsafe { free(page, length) };
        return None;
    }
    Some(page)
}

/// Gives the page back to the system.
///
/// # Safety
/// It is one of [`new`], with the same length, and is not used after this.
pub unsafe fn free(page: NonNull<c_void>, length: usize) {
    // SAFETY: as the caller promises.
    let _ = unsafe { munmap(page.as_ptr(), length) };
}
