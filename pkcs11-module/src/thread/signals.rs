//! Signals, which Unix alone has.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;
use core::ptr;

/// The signals that a thread had blocked, and has again when this is dropped.
pub struct Blocked(Option<libc::sigset_t>);

/// Blocks all signals for this thread, and those that it starts.
pub fn block_all() -> Blocked {
    let (mut all, mut before) = (MaybeUninit::uninit(), MaybeUninit::uninit());
    // SAFETY: both point to room for a set; sigfillset fills the first, pthread_sigmask the second where it gives 0.
    unsafe {
        if libc::sigfillset(all.as_mut_ptr()) != 0
            || libc::pthread_sigmask(libc::SIG_BLOCK, all.as_ptr(), before.as_mut_ptr()) != 0
        {
            return Blocked(None);
        }
        Blocked(Some(before.assume_init()))
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // SAFETY: `before` was filled by pthread_sigmask; the old mask is not wanted.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before, ptr::null_mut()) };
        }
    }
}
