//! Where programs have no `org.freedesktop.Notifications`: nobody is told on the desktop.

use std::sync::Arc;
use std::time::Duration;

use card_host::user_folder::Environment;

use crate::end::End;

/// There is none.
#[derive(Debug)]
pub enum SessionBus {}

impl SessionBus {
    /// None.
    pub fn of_user(_environment: Environment<'_>) -> Option<Self> {
        None
    }
}

/// There is none.
pub enum Desktop {}

impl Desktop {
    /// Never, since there is no bus.
    pub fn new(bus: SessionBus, _end: Arc<End>) -> Self {
        match bus {}
    }

    /// Never.
    pub fn show(&self, _text: &str, _time: Duration) -> Option<Notice> {
        match *self {}
    }

    /// Never.
    pub fn close(&self) {
        match *self {}
    }
}

/// There is none.
pub enum Notice {}

impl Notice {
    /// Never.
    pub fn end(&self) {
        match *self {}
    }
}
