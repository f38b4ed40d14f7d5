//! Windows: a library that ends with its process must wait for nothing, stays only where it asks for it, and rights come with the
//! user.

use core::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
};

use crate::log;

/// Keeps the library in memory as long as the process lives, whatever the program unloads: a thread may be in PC/SC, and comes back.
pub fn keep_loaded() {
    static KEPT: AtomicBool = AtomicBool::new(false);
    if KEPT.swap(true, Ordering::Relaxed) {
        return;
    }
    let mut library = ptr::null_mut();
    // SAFETY: with the first flag the name is an address in the library, here of a function; `library` has room for a handle, which
    // with the second flag is nobody's to close.
    let refused = unsafe {
        GetModuleHandleExW(
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
            (keep_loaded as fn() as *const ()).cast(),
            &raw mut library,
        )
    } == 0;
    if refused {
        log::note(|| "a program that unloads the module may crash".into());
    }
}

/// Nothing: when the system tells a library of the end, its threads are gone, and a card that was connected is the smart card
/// service's to reset.
pub fn finalize_at_exit() {}

/// Never: a program does not have rights of somebody else than the user that it runs as, or was allowed to be raised to.
pub fn is_privileged() -> bool {
    false
}
