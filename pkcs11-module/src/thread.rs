//! Threads of the module: beside `ffi` and `secret_memory` the only unsafe code.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;

/// Starts a thread to which no signal goes that is meant for the program, whose own threads may wait to be interrupted by it;
/// `false` where the system gives no thread.
pub fn start(name: &str, work: impl FnOnce() + Send + 'static) -> bool {
    let before = block_all();
    let started = std::thread::Builder::new()
        .name(name.into())
        .spawn(work)
        .is_ok();
    if let Some(before) = before {
        // SAFETY: `before` was filled by pthread_sigmask; the old mask is not wanted.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &before, core::ptr::null_mut()) };
    }
    started
}

/// Blocks all signals for this thread, and those that it starts; gives what was blocked before.
fn block_all() -> Option<libc::sigset_t> {
    let (mut all, mut before) = (MaybeUninit::uninit(), MaybeUninit::uninit());
    // SAFETY: both point to room for a set; sigfillset fills the first, pthread_sigmask the second where it gives 0.
    unsafe {
        if libc::sigfillset(all.as_mut_ptr()) != 0
            || libc::pthread_sigmask(libc::SIG_BLOCK, all.as_ptr(), before.as_mut_ptr()) != 0
        {
            return None;
        }
        Some(before.assume_init())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc::channel;

    use super::*;

    /// The signals that a thread does not get, as proc_pid_status(5) shows them.
    fn blocked() -> String {
        let status = fs::read_to_string("/proc/thread-self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("SigBlk:"));
        line.unwrap().to_owned()
    }

    #[test]
    fn a_thread_gets_no_signal_and_its_maker_keeps_its_own() {
        let before = blocked();
        let (tell, told) = channel();
        assert!(start("test", move || tell.send(blocked()).unwrap()));
        // All but SIGKILL, SIGSTOP and the two that the C library keeps for itself.
        assert_eq!(told.recv().unwrap(), "SigBlk:\tfffffffe7ffbfeff");
        assert_eq!(blocked(), before);
    }
}
