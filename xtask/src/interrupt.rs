//! Ctrl-C: ends the command at the next step, so that everything is put away in order.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::error::{Error, Result, doing};

static SEEN: AtomicBool = AtomicBool::new(false);

/// Whether, and when, the user wants to end.
#[derive(Debug)]
pub struct Interrupt {
    wishes: Receiver<()>,
}

impl Interrupt {
    /// Takes over Ctrl-C and the request to terminate.
    pub fn watch() -> Result<Self> {
        let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(doing("watch for Ctrl-C"))?;
        let (sender, wishes) = channel();
        thread::spawn(move || {
            for _ in signals.forever() {
                SEEN.store(true, Ordering::SeqCst);
                if sender.send(()).is_err() {
                    break; // nobody waits any more: the command is ending already
                }
            }
        });
        Ok(Self { wishes })
    }

    /// Fails if the user has asked to end.
    pub fn check() -> Result {
        if SEEN.load(Ordering::SeqCst) {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    }

    /// Waits until the user asks to end.
    pub fn wait(&self) {
        // An error means that the watch is over, and with it every reason to stay.
        let _ = self.wishes.recv();
    }
}
