//! A thread that does one thing at a time for callers who do not wait without end.
//!
//! PC/SC cannot take a command back: where a card stays silent, the thread waits for it, and its caller goes on.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::end::End;

/// How often a caller looks whether the module ends.
const LOOK: Duration = Duration::from_millis(100);

/// Where one caller at a time leaves what is to be done, and its answer is left.
pub struct Mailbox<Q, A> {
    inside: Mutex<Inside<Q, A>>,
    changed: Condvar,
}

struct Inside<Q, A> {
    content: Content<Q, A>,
    /// When the thread ends by itself unless it is asked something.
    idle_until: Option<Instant>,
    /// The thread has ended, or is about to; its last answer may still be there.
    has_ended: bool,
}

enum Content<Q, A> {
    Empty,
    Asked(Q),
    InWork,
    Answered(A),
    /// Nobody waits for what is in work, nor asks again.
    Abandoned,
}

/// The caller has waited long enough, or there is nobody to ask.
#[derive(Debug)]
pub struct NoAnswer;

impl<Q, A> Default for Mailbox<Q, A> {
    fn default() -> Self {
        Self {
            inside: Mutex::new(Inside {
                content: Content::Empty,
                idle_until: None,
                has_ended: false,
            }),
            changed: Condvar::new(),
        }
    }
}

impl<Q, A> Mailbox<Q, A> {
    fn lock(&self) -> MutexGuard<'_, Inside<Q, A>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a change, this long at most.
    fn wait<'a>(
        &self,
        inside: MutexGuard<'a, Inside<Q, A>>,
        time: Duration,
    ) -> MutexGuard<'a, Inside<Q, A>> {
        self.changed
            .wait_timeout(inside, time)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }

    /// Asks, and waits until then at most, and as long as `goes_on` says so. Who gets no answer abandons the thread; `abandoned`
    /// is told while it cannot have noticed yet.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub fn ask(
        &self,
        question: Q,
        until: Instant,
        end: &End,
        goes_on: impl Fn() -> bool,
        abandoned: impl FnOnce(),
    ) -> Result<A, NoAnswer> {
        let mut inside = self.lock();
        if inside.has_ended || !matches!(inside.content, Content::Empty) {
            return Err(NoAnswer);
        }
        inside.content = Content::Asked(question);
        self.changed.notify_all();
        loop {
            match std::mem::replace(&mut inside.content, Content::Empty) {
                Content::Answered(answer) => return Ok(answer),
                other => inside.content = other,
            }
            if inside.has_ended {
                return Err(NoAnswer);
            }
            let left = end.limit(until).saturating_duration_since(Instant::now());
            if left.is_zero() || !goes_on() {
                abandoned();
                inside.content = Content::Abandoned;
                self.changed.notify_all();
                return Err(NoAnswer);
            }
            inside = self.wait(inside, left.min(LOOK));
        }
    }

    /// The thread ends by itself at this time, or never; `false` where it has ended.
    pub fn set_idle(&self, until: Option<Instant>) -> bool {
        let mut inside = self.lock();
        inside.idle_until = until;
        self.changed.notify_all();
        !inside.has_ended
    }

    /// Whether the thread has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.lock().has_ended
    }

    /// Nobody asks again. Waits until the thread has ended, until then at most; one that was abandoned is not waited for.
    pub fn close(&self, until: Instant, end: &End) {
        let mut inside = self.lock();
        if matches!(inside.content, Content::Abandoned) {
            return;
        }
        inside.content = Content::Abandoned;
        self.changed.notify_all();
        while !inside.has_ended {
            let left = end.limit(until).saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            inside = self.wait(inside, left.min(LOOK));
        }
    }

    /// What the thread is asked next; `None` where nobody asks again.
    pub fn next(&self) -> Option<Q> {
        let mut inside = self.lock();
        loop {
            match std::mem::replace(&mut inside.content, Content::InWork) {
                Content::Asked(question) => return Some(question),
                Content::Abandoned => {
                    inside.content = Content::Abandoned;
                    return None;
                }
                other => inside.content = other,
            }
            let left = inside
                .idle_until
                .map(|until| until.saturating_duration_since(Instant::now()));
            inside = match left {
                Some(Duration::ZERO) => {
                    inside.has_ended = true;
                    return None;
                }
                Some(left) => self.wait(inside, left),
                None => self
                    .changed
                    .wait(inside)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Leaves the answer; `false` where nobody waits for it.
    pub fn answer(&self, answer: A) -> bool {
        let mut inside = self.lock();
        if !matches!(inside.content, Content::InWork) {
            return false;
        }
        inside.content = Content::Answered(answer);
        self.changed.notify_all();
        true
    }

    /// The thread ends.
    pub fn end(&self) {
        self.lock().has_ended = true;
        self.changed.notify_all();
    }
}
