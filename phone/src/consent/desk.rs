//! Where a request waits for the holder: the card puts it there, whoever reaches the holder takes it up and leaves the
//! answer.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::holder::{Answer, Holder, Link};
use super::usage::Usage;

/// How often a link is looked at while a request waits.
const GLANCE: Duration = Duration::from_millis(25);

/// How many ended requests are remembered, for those who have shown them.
const ENDED_MAX: usize = 16;

/// Names one request and no other, of another process included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(u32);

/// A request that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its name.
    pub id: RequestId,
    /// What is asked for.
    pub usage: Usage,
    /// When it ends by itself.
    pub deadline: Instant,
}

/// What is on the desk after a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// A number that is another one after each change.
    pub revision: u64,
    /// The request that waits.
    pub request: Option<Request>,
    /// Requests that have ended, the latest last.
    pub ended: VecDeque<(RequestId, Answer)>,
}

/// Where a request waits. Copies of it are the same desk.
#[derive(Clone, Debug)]
pub struct Desk {
    shared: Arc<(Mutex<Inner>, Condvar)>,
    time_limit: Duration,
}

#[derive(Debug, Default)]
struct Inner {
    now: Change,
    answer: Option<Answer>,
}

impl RequestId {
    /// A name that nobody knows yet.
    fn new() -> Self {
        // Without randomness the name is less of a surprise; answers reach the desk through the holder's own folder alone.
        Self(getrandom::u32().unwrap_or_default())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl Desk {
    /// A desk at which a request waits no longer than this.
    #[must_use]
    pub fn new(time_limit: Duration) -> Self {
        Self {
            shared: Arc::default(),
            time_limit,
        }
    }

    /// What is on it now.
    #[must_use]
    pub fn now(&self) -> Change {
        self.lock().now.clone()
    }

    /// What is on it after the next change that `seen` does not know, or after this time.
    #[must_use]
    pub fn wait_for_change(&self, seen: u64, time: Duration) -> Change {
        let (_, changed) = &*self.shared;
        let (inner, _) = changed
            .wait_timeout_while(self.lock(), time, |inner| inner.now.revision == seen)
            .unwrap_or_else(PoisonError::into_inner);
        inner.now.clone()
    }

    /// The holder's answer to the request of this name. Returns whether it was in time: one that has ended, or has an
    /// answer already, takes none.
    pub fn answer(&self, id: &str, approved: bool) -> bool {
        let mut inner = self.lock();
        let waits = |request: &Request| request.id.to_string() == id;
        if inner.answer.is_some() || !inner.now.request.as_ref().is_some_and(waits) {
            return false;
        }
        inner.answer = Some(if approved {
            Answer::Approved
        } else {
            Answer::Refused
        });
        self.shared.1.notify_all();
        true
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Inner)) {
        let mut inner = self.lock();
        change(&mut inner);
        inner.now.revision += 1;
        self.shared.1.notify_all();
    }

    /// Waits for the end of the request that is on the desk.
    fn wait(&self, deadline: Instant, link: &mut dyn Link) -> Answer {
        loop {
            if !link.is_waiting() {
                return Answer::LinkLost;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let (_, changed) = &*self.shared;
            let (inner, _) = changed
                .wait_timeout_while(self.lock(), left.min(GLANCE), |inner| {
                    inner.answer.is_none()
                })
                .unwrap_or_else(PoisonError::into_inner);
            let answer = inner.answer;
            drop(inner);
            match answer {
                // A host that left in this very moment gets nothing.
                Some(_) if !link.is_waiting() => return Answer::LinkLost,
                Some(answer) => return answer,
                None if left.is_zero() => return Answer::TimedOut,
                None => {}
            }
        }
    }
}

impl Holder for Desk {
    fn ask(&mut self, usage: &Usage, link: &mut dyn Link) -> Answer {
        let request = Request {
            id: RequestId::new(),
            usage: usage.clone(),
            deadline: Instant::now() + self.time_limit,
        };
        let (id, deadline) = (request.id, request.deadline);
        self.change(|inner| {
            inner.answer = None;
            inner.now.request = Some(request);
        });
        let answer = self.wait(deadline, link);
        self.change(|inner| {
            inner.answer = None;
            inner.now.request = None;
            inner.now.ended.push_back((id, answer));
            if inner.now.ended.len() > ENDED_MAX {
                inner.now.ended.pop_front();
            }
        });
        answer
    }
}
