//! Whether this was started by root and works as somebody else since.

use std::sync::atomic::{AtomicBool, Ordering};

static LEFT: AtomicBool = AtomicBool::new(false);

/// Whether it does.
pub(crate) fn has_left() -> bool {
    LEFT.load(Ordering::Relaxed)
}

/// Notes that it does from now on.
pub(crate) fn note() {
    LEFT.store(true, Ordering::Relaxed);
}
