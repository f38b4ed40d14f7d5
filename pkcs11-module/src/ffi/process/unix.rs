//! Unix: the C library tells of the end, and programs may have more rights than whoever starts them.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::ffi::entry::CURRENT;
use crate::log;

/// Nothing: the linker marks the library as one that is never unmapped (build.rs). Not so on macOS: there dyld unmaps no library that
/// has thread-local variables, as this one has (by dyld's source; never run).
pub fn keep_loaded() {}

/// Many programs end without `C_Finalize`: what is verified on a card would serve every other program. Called by the C library
/// when the program ends.
extern "C" fn at_exit() {
    // A panic must not cross into C, and there is nobody to tell.
    drop(std::panic::catch_unwind(|| {
        let module = CURRENT.load_full();
        if let Some(module) = module.filter(|module| module.is_of_this_process()) {
            module.finalize();
        }
    }));
}

/// Has the module finalized at the end of the program; once in a process and in those that it forks.
pub fn finalize_at_exit() {
    static REGISTERED: AtomicBool = AtomicBool::new(false);
    if !REGISTERED.swap(true, Ordering::Relaxed) {
        // SAFETY: the function stays where it is, since the library is never unmapped (see `keep_loaded`), and takes nothing.
        let refused = unsafe { libc::atexit(at_exit) } != 0;
        if refused {
            log::note(|| "a program that ends without C_Finalize leaves the card logged in".into());
        }
    }
}

/// Whether the program has more rights than its caller: it is set-user-ID, or has capabilities.
pub fn is_privileged() -> bool {
    // SAFETY: reads a value that the kernel gave the process when it was started.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let by_kernel = unsafe { libc::getauxval(libc::AT_SECURE) } != 0;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let by_kernel = false;
    by_kernel
        || rustix::process::geteuid() != rustix::process::getuid()
        || rustix::process::getegid() != rustix::process::getgid()
}
