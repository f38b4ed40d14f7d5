//! macOS: not there in a forked child. Core files are off unless a user wants them.

use core::ffi::c_void;
use core::ptr::NonNull;

/// `VM_INHERIT_NONE` of `mach/vm_inherit.h`: a child does not have it.
const NOT_INHERITED: libc::c_int = 2;

/// Whether a mapping is guarded so now.
///
/// # Safety
/// It is a mapping of its own, as long as this, and is not in use yet.
pub unsafe fn guard(page: NonNull<c_void>, length: usize) -> bool {
    // SAFETY: as the caller promises.
    unsafe { libc::minherit(page.as_ptr(), length, NOT_INHERITED) == 0 }
}
