//! Threads of the module.

#[cfg(unix)]
mod signals;

/// Starts a thread to which no signal goes that is meant for the program, whose own threads may wait to be interrupted by it;
/// `false` where the system gives no thread.
pub fn start(name: &str, work: impl FnOnce() + Send + 'static) -> bool {
    #[cfg(unix)]
    let _blocked = signals::block_all();
    std::thread::Builder::new()
        .name(name.into())
        .spawn(work)
        .is_ok()
}

#[cfg(target_os = "linux")]
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
