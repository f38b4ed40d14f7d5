//! Windows: locked into memory. There is no fork; what an error report has of a process is the user's to decide.

use core::ffi::c_void;
use core::ptr::{self, NonNull};

use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_READWRITE, VirtualAlloc, VirtualFree, VirtualLock,
};

/// A page of zeros with room for as many bytes; `None` where the system gives no such page.
pub fn new(length: usize) -> Option<NonNull<c_void>> {
    // SAFETY: new pages at an address that the system chooses touch nothing that exists.
    let address = unsafe {
        VirtualAlloc(
            ptr::null(),
            length,
            MEM_COMMIT | MEM_RESERVE,
            PAGE_READWRITE,
        )
    };
    let page = NonNull::new(address)?;
    // SAFETY: the pages were made above and are as long.
    if unsafe { VirtualLock(address, length) } == 0 {
        // SAFETY: made above, and nobody else has it.
        unsafe { free(page, length) };
        return None;
    }
    Some(page)
}

/// Gives the page back to the system, which unlocks it.
///
/// # Safety
/// It is one of [`new`], and is not used after this.
pub unsafe fn free(page: NonNull<c_void>, _length: usize) {
    // SAFETY: as the caller promises; without a length the whole of what VirtualAlloc gave is released.
    unsafe { VirtualFree(page.as_ptr(), 0, MEM_RELEASE) };
}
