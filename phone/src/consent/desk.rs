//! Where a request waits for the holder: the card puts it there, whoever reaches the holder takes it up and leaves the
//! answer.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use card_edge::piv::Pin;

use super::holder::{Answer, Holder, Link, PinAnswer, PinCheck, PinRequest};
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
    pub question: Question,
    /// When it ends by itself.
    pub deadline: Instant,
}

/// What a host asks the holder for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Consent to one use of a key.
    Use(Usage),
    /// The PIN.
    Pin(PinRequest),
}

/// What the holder answers. It is not taken for a question of the other kind.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The use may be.
    Approve,
    /// It may not, or the PIN is not given.
    Refuse,
    /// This is the PIN.
    Pin(Pin),
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// That for a use.
    Use(Answer),
    /// That for the PIN.
    Pin(PinAnswer),
}

impl Reply {
    fn is_to(&self, request: &Request) -> bool {
        match (&request.question, self) {
            (Question::Use(_), Self::Approve | Self::Refuse)
            | (Question::Pin(_), Self::Pin(_) | Self::Refuse) => true,
            (Question::Use(_), Self::Pin(_)) | (Question::Pin(_), Self::Approve) => false,
        }
    }
}

impl End {
    /// Whether the holder's answer that made this end was a refusal; `None` where no answer did.
    fn is_of_refusal(self) -> Option<bool> {
        match self {
            Self::Use(Answer::Refused) | Self::Pin(PinAnswer::Refused) => Some(true),
            Self::Use(Answer::Approved)
            | Self::Pin(
                PinAnswer::Verified | PinAnswer::Wrong(_) | PinAnswer::Blocked | PinAnswer::Failed,
            ) => Some(false),
            Self::Use(Answer::TimedOut | Answer::LinkLost | Answer::CardChanged)
            | Self::Pin(PinAnswer::TimedOut | PinAnswer::LinkLost | PinAnswer::CardChanged) => None,
        }
    }
}

impl From<Answer> for End {
    fn from(answer: Answer) -> Self {
        Self::Use(answer)
    }
}

impl From<PinAnswer> for End {
    fn from(answer: PinAnswer) -> Self {
        Self::Pin(answer)
    }
}

/// What is on the desk after a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// A number that is another one after each change.
    pub revision: u64,
    /// The request that waits.
    pub request: Option<Request>,
    /// Requests that have ended, the latest last.
    pub ended: VecDeque<(RequestId, End)>,
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
    reply: Option<Reply>,
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
    /// ended, or has an answer already, or asks for something else takes none, and an approval or a PIN comes to nothing where
    /// the host has left or the card was changed.
    pub fn answer(&self, id: &str, reply: Reply) -> bool {
        let mut inner = self.lock();
        let request = inner.now.request.as_ref();
        let waits = request.filter(|waits| waits.id.to_string() == id && reply.is_to(waits));
        let Some(id) = waits
            .map(|waits| waits.id)
            .filter(|_| inner.reply.is_none())
        else {
            return false;
        };
        let is_refusal = matches!(reply, Reply::Refuse);
        inner.reply = Some(reply);
        let (_, changed) = &*self.shared;
        changed.notify_all();
        let is_undecided =
            |inner: &mut Inner| inner.now.request.as_ref().is_some_and(|now| now.id == id);
        let inner = changed
            .wait_while(inner, is_undecided)
            .unwrap_or_else(PoisonError::into_inner);
        let end = inner.now.ended.iter().find(|(ended, _)| *ended == id);
        end.is_some_and(|(_, end)| end.is_of_refusal() == Some(is_refusal))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a request on the desk.
    fn put(&self, question: Question, deadline: Instant) -> Request {
        let request = Request {
            id: RequestId::new(),
            question,
            deadline,
        };
        let mut inner = self.lock();
        inner.reply = None;
        inner.now.request = Some(request.clone());
        inner.now.revision += 1;
        self.shared.1.notify_all();
        request
    }

    /// Waits for the end of the request that is on the desk, and takes it off: from the decision to that nothing comes in
    /// between. `decide` makes the end of an answer, and without one of the time's.
    fn wait<A: Copy + Into<End>, L: Link + ?Sized>(
        &self,
        request: &Request,
        link: &mut L,
        lost: A,
        mut decide: impl FnMut(Option<Reply>, &mut L) -> A,
    ) -> A {
        let (_, changed) = &*self.shared;
        loop {
            let left = request.deadline.saturating_duration_since(Instant::now());
            let (mut inner, _) = changed
                .wait_timeout_while(self.lock(), left.min(GLANCE), |inner| inner.reply.is_none())
                .unwrap_or_else(PoisonError::into_inner);
            let reply = inner.reply.take();
            let end = if !link.is_waiting() {
                // A host that leaves in this very moment gets nothing.
                lost
            } else if reply.is_some() || left.is_zero() {
                decide(reply, link)
            } else {
                continue;
            };
            inner.now.request = None;
            inner.now.ended.push_back((request.id, end.into()));
            if inner.now.ended.len() > ENDED_MAX {
                inner.now.ended.pop_front();
            }
            inner.now.revision += 1;
            changed.notify_all();
            return end;
        }
    }
}

impl Holder for Desk {
    fn ask(&mut self, usage: &Usage, link: &mut dyn Link) -> Answer {
        let deadline = Instant::now() + self.time_limit;
        let request = self.put(Question::Use(usage.clone()), deadline);
        self.wait(
            &request,
            link,
            Answer::LinkLost,
            |reply, link| match reply {
                Some(Reply::Approve) if !link.is_for_this_card() => Answer::CardChanged,
                Some(Reply::Approve) => Answer::Approved,
                Some(Reply::Refuse | Reply::Pin(_)) => Answer::Refused,
                None => Answer::TimedOut,
            },
        )
    }

    fn pin_time(&self) -> Option<Duration> {
        Some(self.time_limit)
    }

    fn ask_for_pin(&mut self, request: &PinRequest, card: &mut dyn PinCheck) -> PinAnswer {
        let request = self.put(Question::Pin(request.clone()), request.deadline);
        self.wait(
            &request,
            card,
            PinAnswer::LinkLost,
            |reply, card| match reply {
                Some(Reply::Pin(_)) if !card.is_for_this_card() => PinAnswer::CardChanged,
                Some(Reply::Pin(pin)) => card.compare(&pin),
                Some(Reply::Refuse | Reply::Approve) => PinAnswer::Refused,
                None => PinAnswer::TimedOut,
            },
        )
    }
}
