//! PC/SC as the module uses it: nothing waits without end.
//!
//! Each connection has a thread of its own, on which everything happens that a card or the daemon may hold up. Where that
//! takes longer than it may, the caller goes on with [`LinkError::Silent`], and the reader is not used again until the thread
//! has come back: PC/SC would make the next one wait too. What waits for one card keeps nobody from another.

use std::collections::BTreeSet;
use std::ffi::{CStr, CString};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use card_edge::apdu::Instruction;
use card_edge::piv::PinReference;
use card_edge::piv::extensions::{EntryTime, VERIFY_AT_CARD};
use card_edge::transmit::ResponseBytes;
use card_edge::{Command, Response, Transmit};
use zeroize::Zeroizing;

use super::mailbox::{Mailbox, NoAnswer};
use super::pin_pad::{Control, PinPad};
use super::{LinkError, Reach, ReaderStatus, Readers, Transaction, look_for_pin_pad};
use crate::end::End;
use crate::log;
use crate::thread::start;

/// How much longer a wait for a change may take than the daemon was told: a wait that is given up a moment before its end
/// keeps the next one from being woken.
const SLACK: Duration = Duration::from_millis(100);

/// How long a card that has left is waited for, and a PIN held, unless the user sets another time.
pub const GRACE: Duration = Duration::from_secs(3);

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// A command and its answer, a connection, or the wait for a transaction.
    pub exchange: Duration,
    /// The generation of a key.
    pub generation: Duration,
    /// A look at what is in a reader, all of it.
    pub look: Duration,
    /// How long a card that has left in the middle of something is waited for, and a PIN is held that it has accepted.
    pub grace: Duration,
    /// Who types the PIN at a reader's PIN pad, 255 seconds at most; with no time at all PIN pads are not used.
    pub pin_pad: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            exchange: Duration::from_secs(30),
            generation: Duration::from_secs(180),
            look: Duration::from_secs(5),
            grace: GRACE,
            pin_pad: Duration::from_secs(30),
        }
    }
}

impl Bounds {
    /// How long this command may take, on a card whose holder is waited for this long at most.
    fn of(&self, command: &[u8], entry: Duration) -> Duration {
        match Command::parse(command) {
            Ok(command) if command.instruction == Instruction::GenerateAsymmetricKeyPair => {
                self.generation
            }
            Ok(command) if is_pin_entry(&command) => self.exchange + entry,
            _ => self.exchange,
        }
    }
}

/// Whether the card answers this command when its holder has typed the PIN.
fn is_pin_entry(command: &Command) -> bool {
    (command.instruction, command.p1) == (Instruction::Verify, VERIFY_AT_CARD)
}

/// What takes back what the holder proves for a program that does not wait for it any more.
fn take_back(command: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    Command::parse(command).ok().filter(is_pin_entry)?;
    log_out()
}

/// The end of the PIN's verification.
fn log_out() -> Option<Zeroizing<Vec<u8>>> {
    let reference = PinReference::PivPin.to_u8();
    let command = Command::new(Instruction::Verify, 0xFF, reference).expecting_nothing();
    command.encode().ok()
}

/// Whether the PIN may be verified after this answer to the command that has it typed.
fn may_have_proved(answer: &Answer) -> bool {
    response(answer).is_none_or(|answer| answer.status.is_success())
}

fn is_success(answer: &Answer) -> bool {
    response(answer).is_some_and(|answer| answer.status.is_success())
}

fn response(answer: &Answer) -> Option<Response> {
    Response::parse(answer.as_ref().ok()?).ok()
}

/// How long the holder of a card is waited for, who types the PIN there.
#[derive(Clone, Debug, Default)]
pub struct EntryWait {
    /// Seconds at most, as the card told last.
    seconds: Arc<AtomicU64>,
    /// Nobody needs it any more.
    pub is_over: Arc<AtomicBool>,
}

impl EntryWait {
    /// The card has told how long it waits for its holder.
    pub fn is_for(&self, time: Option<EntryTime>) {
        let seconds = time.map_or(0, |time| time.duration().as_secs());
        self.seconds.store(seconds, Ordering::Relaxed);
    }

    fn time(&self) -> Duration {
        Duration::from_secs(self.seconds.load(Ordering::Relaxed))
    }
}

/// What the threads of all connections share.
#[derive(Default)]
struct Held {
    /// Connections whose thread did not come back in time, by reader.
    up: Mutex<BTreeSet<(CString, u64)>>,
}

impl Held {
    fn lock(&self) -> MutexGuard<'_, BTreeSet<(CString, u64)>> {
        self.up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_up(&self, reader: &CStr) -> bool {
        self.lock()
            .iter()
            .any(|(held, _)| held.as_c_str() == reader)
    }
}

type Looks = Mailbox<(), Vec<ReaderStatus>>;

/// Who looks at the readers, and what was seen last.
#[derive(Default)]
struct Lookout {
    looks: Option<Arc<Looks>>,
    seen: Vec<ReaderStatus>,
}

/// The readers of this machine, within bounds.
pub struct BoundedReaders {
    readers: Arc<dyn Readers>,
    /// How long things may take.
    pub bounds: Bounds,
    end: Arc<End>,
    held: Arc<Held>,
    links: AtomicU64,
    lookout: Mutex<Lookout>,
    /// The last wait for a change.
    last_wait: Mutex<Arc<Mailbox<(), ()>>>,
}

impl BoundedReaders {
    /// These readers, until this end. No thread is started before it is needed.
    #[must_use]
    pub fn new(readers: Arc<dyn Readers>, bounds: Bounds, end: Arc<End>) -> Self {
        Self {
            readers,
            bounds,
            end,
            held: Arc::default(),
            links: AtomicU64::new(0),
            lookout: Mutex::default(),
            last_wait: Mutex::new(ended()),
        }
    }

    /// The end of the module.
    #[must_use]
    pub fn end(&self) -> &End {
        &self.end
    }

    /// Every reader with what is in it, or was when the daemon answered last.
    pub fn snapshot(&self) -> Vec<ReaderStatus> {
        let mut lookout = self.lookout.lock().unwrap_or_else(PoisonError::into_inner);
        let looks = match &lookout.looks {
            Some(looks) if !looks.has_ended() => Arc::clone(looks),
            Some(_) | None => {
                let looks = Arc::new(Looks::default());
                let (readers, mailbox) = (Arc::clone(&self.readers), Arc::clone(&looks));
                let started = start("tapcard-readers", move || {
                    while mailbox.next().is_some() && mailbox.answer(readers.snapshot()) {}
                    mailbox.end();
                });
                if !started {
                    return self.readers.snapshot();
                }
                lookout.looks = Some(Arc::clone(&looks));
                looks
            }
        };
        let until = Instant::now() + self.bounds.look;
        match looks.ask((), until, &self.end, || true, || {}) {
            Ok(seen) => lookout.seen = seen,
            Err(NoAnswer) => log::note(|| "PC/SC does not say what is in the readers".into()),
        }
        lookout.seen.clone()
    }

    /// Returns when readers or cards have changed from what is `known`, or after the time.
    pub fn wait(&self, known: &[ReaderStatus], time: Duration) {
        let until = Instant::now() + time;
        let mailbox = Arc::new(Mailbox::<(), ()>::default());
        {
            let mut last = self
                .last_wait
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            // Where the daemon says nothing, the thread still waits.
            if !last.has_ended() {
                drop(last);
                self.end
                    .wait(until.saturating_duration_since(Instant::now()));
                return;
            }
            *last = Arc::clone(&mailbox);
        }
        let (readers, on_thread, known) = (
            Arc::clone(&self.readers),
            Arc::clone(&mailbox),
            known.to_vec(),
        );
        let started = start("tapcard-wait", move || {
            if on_thread.next().is_some() {
                readers.wait(&known, time);
                on_thread.answer(());
            }
            on_thread.end();
        });
        if !started {
            mailbox.end();
        }
        if !started
            || mailbox
                .ask((), until + SLACK, &self.end, || true, || {})
                .is_err()
        {
            let left = until.saturating_duration_since(Instant::now());
            self.end.wait(left);
        }
    }

    /// Connects to the card in this reader, shared with other programs, until then at most.
    ///
    /// # Errors
    /// [`LinkError`] where there is none or it cannot be reached.
    pub fn connect(&self, reader: &CStr, until: Option<Instant>) -> Result<BoundedLink, LinkError> {
        if self.held.is_up(reader) {
            return Err(LinkError::Silent);
        }
        let mut link = BoundedLink {
            mailbox: Arc::new(Mailbox::default()),
            name: (
                reader.to_owned(),
                self.links.fetch_add(1, Ordering::Relaxed),
            ),
            bounds: self.bounds,
            end: Arc::clone(&self.end),
            held: Arc::clone(&self.held),
            entry: EntryWait::default(),
            pin_pad: None,
        };
        let (readers, mailbox) = (Arc::clone(&self.readers), Arc::clone(&link.mailbox));
        let (held, name) = (Arc::clone(&self.held), link.name.clone());
        let started = start("tapcard-card", move || {
            serve(&*readers, &name.0, &mailbox);
            held.lock().remove(&name);
            mailbox.end();
        });
        if !started {
            return Err(LinkError::Failed(pcsc::Error::NoMemory));
        }
        link.ask(Ask::Connect, until, self.bounds.exchange)?;
        Ok(link)
    }
}

impl Drop for BoundedReaders {
    fn drop(&mut self) {
        let lookout = self.lookout.get_mut();
        let lookout = lookout.unwrap_or_else(PoisonError::into_inner);
        if let Some(looks) = &lookout.looks {
            looks.close(Instant::now(), &self.end);
        }
    }
}

/// Where no thread works.
fn ended() -> Arc<Mailbox<(), ()>> {
    let mailbox = Mailbox::default();
    mailbox.end();
    Arc::new(mailbox)
}

/// What the thread of a connection is asked.
enum Ask {
    Connect,
    Begin,
    Transmit(Zeroizing<Vec<u8>>),
    Control(Control),
    EndTransaction,
    Reconnect,
    ResetAlone,
}

/// What it answers: the bytes of a card, or none.
type Answer = Result<ResponseBytes, LinkError>;

fn done(result: Result<(), LinkError>) -> Answer {
    result.map(|()| ResponseBytes::default())
}

/// The life of a connection, on its own thread. It ends when nobody asks, or waits, any more.
fn serve(readers: &dyn Readers, reader: &CStr, mailbox: &Mailbox<Ask, Answer>) {
    if mailbox.next().is_none() {
        return;
    }
    let mut link = match readers.connect(reader) {
        Ok(link) => link,
        Err(error) => {
            mailbox.answer(Err(error));
            return;
        }
    };
    let mut goes_on = mailbox.answer(done(Ok(())));
    while goes_on {
        let Some(ask) = mailbox.next() else { return };
        goes_on = match ask {
            Ask::Begin => {
                let after = match link.begin() {
                    Ok(transaction) => Ok(serve_transaction(transaction, mailbox)),
                    Err(error) => Err(error),
                };
                match after {
                    Ok(After::Wanted) => true,
                    Ok(After::Unwanted) => false,
                    Ok(After::Verified) => {
                        // What is left for a card that does not know P1 = FF. A PIN pad is used over contacts alone.
                        if let Err(error) = link.reset_alone() {
                            log::note(|| format!("the card is not reset: {error}"));
                        }
                        false
                    }
                    Err(error) => mailbox.answer(Err(error)),
                }
            }
            Ask::Reconnect => mailbox.answer(done(link.reconnect())),
            Ask::ResetAlone => mailbox.answer(done(link.reset_alone())),
            Ask::Connect | Ask::EndTransaction => mailbox.answer(done(Ok(()))),
            Ask::Transmit(_) | Ask::Control(_) => mailbox.answer(Err(LinkError::Gone)),
        };
    }
}

/// What comes after a transaction.
enum After {
    /// Others.
    Wanted,
    /// Nobody asks any more.
    Unwanted,
    /// The same, and the card keeps verified what nobody needs.
    Verified,
}

/// A transaction from its beginning to its end.
fn serve_transaction(mut transaction: Transaction<'_>, mailbox: &Mailbox<Ask, Answer>) -> After {
    let mut goes_on = mailbox.answer(done(Ok(())));
    while goes_on {
        goes_on = match mailbox.next() {
            Some(Ask::Transmit(command)) => {
                let answer = transaction.transmit(&command);
                // After any other answer, what is verified is another program's.
                let take_back = take_back(&command).filter(|_| may_have_proved(&answer));
                let is_wanted = mailbox.answer(answer);
                if let (false, Some(take_back)) = (is_wanted, take_back) {
                    log::note(|| "the PIN was typed when nobody waited any more".into());
                    drop(transaction.transmit(&take_back));
                }
                is_wanted
            }
            Some(Ask::Control(request)) => {
                let answer = transaction.control(&request);
                let may_stay = request.entry.is_some() && may_have_proved(&answer);
                let is_wanted = mailbox.answer(answer);
                if !is_wanted && may_stay {
                    log::note(|| "the PIN was typed when nobody waited any more".into());
                    let taken_back = log_out().map(|log_out| transaction.transmit(&log_out));
                    if !taken_back.is_some_and(|answer| is_success(&answer)) {
                        return After::Verified;
                    }
                }
                is_wanted
            }
            Some(Ask::EndTransaction) => {
                drop(transaction);
                return if mailbox.answer(done(Ok(()))) {
                    After::Wanted
                } else {
                    After::Unwanted
                };
            }
            Some(_) => mailbox.answer(Err(LinkError::Gone)),
            None => false,
        };
    }
    After::Unwanted
}

/// A connection to a card, within bounds. It ends when it is dropped.
pub struct BoundedLink {
    mailbox: Arc<Mailbox<Ask, Answer>>,
    /// The reader, and the number of the connection.
    name: (CString, u64),
    bounds: Bounds,
    end: Arc<End>,
    held: Arc<Held>,
    entry: EntryWait,
    /// The reader's PIN pad, once it was asked for.
    pin_pad: Option<Option<PinPad>>,
}

impl BoundedLink {
    fn ask(&mut self, ask: Ask, until: Option<Instant>, bound: Duration) -> Answer {
        self.ask_while(ask, until, bound, || true)
    }

    fn ask_while(
        &self,
        ask: Ask,
        until: Option<Instant>,
        bound: Duration,
        goes_on: impl Fn() -> bool,
    ) -> Answer {
        let latest = Instant::now() + bound;
        let until = until.map_or(latest, |until| until.min(latest));
        self.mailbox
            .ask(ask, until, &self.end, goes_on, || {
                self.held.lock().insert(self.name.clone());
            })
            .unwrap_or(Err(LinkError::Silent))
    }

    /// How long the card's holder is waited for from now on, who types the PIN there.
    pub fn set_entry_wait(&mut self, entry: EntryWait) {
        self.entry = entry;
    }

    /// The connection ends by itself after this time, or as it is dropped; `false` where it has ended.
    pub fn linger(&self, time: Option<Duration>) -> bool {
        self.mailbox
            .set_idle(time.map(|time| Instant::now() + time))
    }

    /// Begins a transaction, in which nothing is waited for longer than until then.
    ///
    /// # Errors
    /// [`LinkError`] where it could not be begun; nothing was sent then.
    pub fn begin(&mut self, until: Option<Instant>) -> Result<Transaction<'_>, LinkError> {
        let bound = self.bounds.exchange;
        self.ask(Ask::Begin, until, bound)?;
        Ok(Transaction::new(BoundedTransaction { link: self, until }))
    }

    /// Restores the connection after [`LinkError::Reset`].
    ///
    /// # Errors
    /// [`LinkError`] where the card is not there any more.
    pub fn reconnect(&mut self) -> Result<(), LinkError> {
        let bound = self.bounds.exchange;
        self.ask(Ask::Reconnect, None, bound).map(drop)
    }

    /// Resets the card, where no other program is connected to it.
    ///
    /// # Errors
    /// [`LinkError::Busy`] where another program is; nothing was changed then.
    pub fn reset_alone(mut self) -> Result<(), LinkError> {
        let bound = self.bounds.exchange;
        self.ask(Ask::ResetAlone, None, bound).map(drop)
    }
}

impl Drop for BoundedLink {
    fn drop(&mut self) {
        // Another program that wants the card for itself finds it free.
        self.mailbox
            .close(Instant::now() + self.bounds.look, &self.end);
    }
}

/// A transaction over a connection. It ends when it is dropped.
struct BoundedTransaction<'a> {
    link: &'a mut BoundedLink,
    until: Option<Instant>,
}

impl Transmit for BoundedTransaction<'_> {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        let sent = Instant::now();
        let entry = &self.link.entry;
        let bound = self.link.bounds.of(command, entry.time());
        let is_entry = take_back(command).is_some();
        let goes_on = || !(is_entry && entry.is_over.load(Ordering::Relaxed));
        let ask = Ask::Transmit(Zeroizing::new(command.to_vec()));
        let answer = self.link.ask_while(ask, self.until, bound, goes_on);
        log::exchange(|| {
            let command = Command::parse(command)
                .map_or_else(|error| error.to_string(), |command| format!("{command:?}"));
            let answer = match &answer {
                Ok(bytes) => Response::parse(bytes)
                    .map_or_else(|error| error.to_string(), |answer| format!("{answer:?}")),
                Err(error) => error.to_string(),
            };
            format!(
                "{command} -> {answer}, {:.1} ms",
                sent.elapsed().as_secs_f64() * 1000.0
            )
        });
        answer
    }
}

impl Reach for BoundedTransaction<'_> {
    fn control(&mut self, request: &Control) -> Result<ResponseBytes, LinkError> {
        let asked = Instant::now();
        let entry = &self.link.entry;
        let bound = self.link.bounds.exchange + request.entry.unwrap_or_default();
        let goes_on = || request.entry.is_none() || !entry.is_over.load(Ordering::Relaxed);
        let ask = Ask::Control(request.clone());
        let answer = self.link.ask_while(ask, self.until, bound, goes_on);
        let time = || asked.elapsed().as_secs_f64() * 1000.0;
        match request.entry {
            Some(_) => log::exchange(|| {
                let answer = match (response(&answer), &answer) {
                    (Some(response), _) => response.status.to_string(),
                    (None, Err(error)) => error.to_string(),
                    (None, Ok(bytes)) => format!("{} bytes", bytes.len()),
                };
                format!("VERIFY, typed at the reader -> {answer}, {:.1} ms", time())
            }),
            None => log::note(|| {
                let answer = match &answer {
                    Ok(bytes) => format!("{} bytes", bytes.len()),
                    Err(error) => error.to_string(),
                };
                format!("what the reader can -> {answer}, {:.1} ms", time())
            }),
        }
        answer
    }

    /// The reader is asked once for each connection.
    fn pin_pad(&mut self) -> Result<Option<PinPad>, LinkError> {
        if self.link.bounds.pin_pad.is_zero() {
            return Ok(None);
        }
        if let Some(known) = self.link.pin_pad {
            return Ok(known);
        }
        let found = look_for_pin_pad(self)?;
        self.link.pin_pad = Some(found);
        Ok(found)
    }
}

impl Drop for BoundedTransaction<'_> {
    fn drop(&mut self) {
        let bound = self.link.bounds.look;
        drop(self.link.ask(Ask::EndTransaction, None, bound));
    }
}
