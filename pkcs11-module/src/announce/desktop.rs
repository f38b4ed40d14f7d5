//! Notices on the desktop, by `org.freedesktop.Notifications` on the session bus (Desktop Notifications specification).
//!
//! Each has a thread of its own, since the bus may be silent: whoever waits for a phone waits for no bus. No program is
//! started for it, and no library of the system's is needed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plain_text::Plain;

use super::address::SessionBus;
use super::bus::{Bus, BusError, LOOK, Limit};
use super::message::Call;
use crate::end::End;
use crate::log;
use crate::thread;

/// How long the bus may take to let the program in, and to close a notice.
const BUS: Duration = Duration::from_secs(2);
/// How long it may take to show one: the bus may have to start what shows it.
const SHOW: Duration = Duration::from_secs(10);
/// How many notices are shown at once: as many people wait hardly ever.
const NOTICES_MAX: usize = 4;
/// Who says it.
const SUMMARY: &str = "Tapcard";

/// The desktop of a user.
pub struct Desktop {
    bus: Arc<SessionBus>,
    end: Arc<End>,
    threads: Arc<Threads>,
}

/// A notice, from the moment at which somebody wants it.
pub struct Notice(Arc<AtomicBool>);

impl Notice {
    /// It is closed, as soon as it can be.
    pub fn end(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Desktop {
    /// The desktop at this bus, until the module's end.
    #[must_use]
    pub fn new(bus: SessionBus, end: Arc<End>) -> Self {
        Self {
            bus: Arc::new(bus),
            end,
            threads: Arc::default(),
        }
    }

    /// Shows a notice, for this time at most. Waits for nothing; `None` where nothing can be shown.
    #[must_use]
    pub fn show(&self, text: &str, time: Duration) -> Option<Notice> {
        let running = Threads::one_more(&self.threads)?;
        let notice = Notice(Arc::default());
        let (bus, end) = (Arc::clone(&self.bus), Arc::clone(&self.end));
        let (is_over, body) = (Arc::clone(&notice.0), body(text));
        let is_started = thread::start("tapcard-notice", move || {
            let _running = running;
            if let Err(error) = show(&bus, &body, time, &is_over, &end) {
                log::note(|| format!("no notice on the desktop: {error}"));
            }
        });
        is_started.then_some(notice)
    }

    /// Once the end has come: waits until all notices are closed, no longer than the end lasts.
    pub fn close(&self) {
        let mut running = self.threads.lock();
        while *running > 0 && !self.end.is_over() {
            let waited = self.threads.ended.wait_timeout(running, LOOK);
            running = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// A body is markup: what is meant as text is escaped.
fn body(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase());
    let text: String = first.into_iter().flatten().chain(characters).collect();
    Plain(text)
        .to_string()
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Shows it until somebody ends it, its time is over, or the module ends.
fn show(
    bus: &SessionBus,
    body: &str,
    time: Duration,
    is_over: &AtomicBool,
    end: &End,
) -> Result<(), BusError> {
    let until = Instant::now() + time;
    let goes_on = || {
        let is_wanted = !is_over.load(Ordering::Relaxed) && !end.has_come();
        is_wanted && Instant::now() < until
    };
    let mut bus = Bus::open(bus, &Limit::new(BUS, end))?;
    if !goes_on() {
        return Ok(());
    }
    // Where the program is killed, it goes by itself.
    let milliseconds = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
    let call = Call::notify(SUMMARY, body, milliseconds.unsigned_abs());
    let number = bus.call(&call, &Limit::new(SHOW, end))?;
    let number = number.ok_or(BusError::Malformed)?;
    log::note(|| "the desktop shows it".into());
    while goes_on() {
        end.wait(LOOK);
    }
    bus.call(&Call::close(number), &Limit::new(BUS, end))?;
    Ok(())
}

/// How many threads are running.
#[derive(Default)]
struct Threads {
    running: Mutex<usize>,
    ended: Condvar,
}

/// One of them, as long as it lives.
struct Running(Arc<Threads>);

impl Threads {
    fn lock(&self) -> MutexGuard<'_, usize> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn one_more(threads: &Arc<Self>) -> Option<Running> {
        let mut running = threads.lock();
        if *running == NOTICES_MAX {
            return None;
        }
        *running += 1;
        Some(Running(Arc::clone(threads)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
        self.0.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_text() {
        assert_eq!(body("hold it"), "Hold it");
        assert_eq!(body("ä <b>&\u{1b}[1m"), "Ä &lt;b&gt;&amp;\\u{1b}[1m");
        assert_eq!(body(""), "");
    }
}
