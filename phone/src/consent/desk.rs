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

    /// The holder's answer to the request of this name. Returns whether the request ended with it, once it has: one that has
    /// ended, or has an answer already, takes none, and an approval comes to nothing where the host has left or the card
    /// was changed.
    pub fn answer(&self, id: &str, approved: bool) -> bool {
        let mut inner = self.lock();
        let request = inner.now.request.as_ref();
        let waits = request
            .map(|request| request.id)
            .filter(|waits| waits.to_string() == id);
        let Some(id) = waits.filter(|_| inner.answer.is_none()) else {
            return false;
        };
        let answer = if approved {
            Answer::Approved
        } else {
            Answer::Refused
        };
        inner.answer = Some(answer);
        let (_, changed) = &*self.shared;
        changed.notify_all();
        let is_decided =
            |inner: &mut Inner| inner.now.request.as_ref().is_none_or(|now| now.id != id);
        let inner = changed
            .wait_while(inner, |inner| !is_decided(inner))
            .unwrap_or_else(PoisonError::into_inner);
        inner.now.ended.contains(&(id, answer))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the end of the request that is on the desk, and takes it off: from the decision to that nothing comes in
    /// between.
    fn wait(&self, request: &Request, link: &mut dyn Link) -> Answer {
        let (_, changed) = &*self.shared;
        loop {
            let left = request.deadline.saturating_duration_since(Instant::now());
            let (mut inner, _) = changed
                .wait_timeout_while(self.lock(), left.min(GLANCE), |inner| {
                    inner.answer.is_none()
                })
                .unwrap_or_else(PoisonError::into_inner);
            let answer = match inner.answer {
                // A host that leaves in this very moment gets nothing.
                _ if !link.is_waiting() => Answer::LinkLost,
                Some(Answer::Approved) if !link.is_for_this_card() => Answer::CardChanged,
                Some(answer) => answer,
                None if left.is_zero() => Answer::TimedOut,
                None => continue,
            };
            inner.answer = None;
            inner.now.request = None;
            inner.now.ended.push_back((request.id, answer));
            if inner.now.ended.len() > ENDED_MAX {
                inner.now.ended.pop_front();
            }
            inner.now.revision += 1;
            changed.notify_all();
            return answer;
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
        {
            let mut inner = self.lock();
            inner.answer = None;
            inner.now.request = Some(request.clone());
            inner.now.revision += 1;
            self.shared.1.notify_all();
        }
        self.wait(&request, link)
    }
}
