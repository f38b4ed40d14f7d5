//! The wire between card and reader, made visible: it counts, keeps the trace, and can be cut.

mod exchange;

use std::fs;
use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub use exchange::{Exchange, Total};

use crate::Result;
use crate::error::Doing;
use crate::folder::Folder;
use crate::frame;

/// Where the wire is to be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The command does not reach the card.
    BeforeCommand,
    /// The card has carried the command out, but its answer does not reach the reader.
    BeforeAnswer,
}

/// What happens where the wire is to be cut.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// The link ends, and no card comes for this time.
    Ends { away: Duration },
    /// The message is lost, and the link stays.
    Loses,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passage {
    Passes,
    IsLost,
    EndsLink,
}

/// A place in the trace.
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

#[derive(Debug, Default)]
struct State {
    trace: Vec<Exchange>,
    /// The place in the trace of the command that the card is working on.
    awaited: Option<usize>,
    cut: Option<(Cut, usize, Fault)>,
    /// No card comes before this time.
    away_until: Option<Instant>,
    link: Option<Link>,
    links_so_far: usize,
    hides_extensions: bool,
    keeps_verified: bool,
    is_closing: bool,
}

/// A card's connection and the reader's that belongs to it.
#[derive(Debug)]
struct Link {
    number: usize,
    card: TcpStream,
    reader: TcpStream,
}

/// A TCP link with the card on one side and vpcd on the other.
#[derive(Debug)]
pub struct Wire {
    port: u16,
    state: Arc<Mutex<State>>,
    listener: Option<JoinHandle<()>>,
    log: PathBuf,
}

impl Wire {
    /// Waits for a card (on a port of its own) and leads it to the reader on `reader_port`. In the end the trace
    /// goes to `wire.log` in the folder.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn to_reader(folder: &Folder, reader_port: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .doing(|| "listen for the card".to_owned())?;
        let port = listener
            .local_addr()
            .doing(|| "find the wire's port".to_owned())?
            .port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let listener = thread::spawn(move || {
            for card in listener.incoming().flatten() {
                if lock(&shared).is_closing {
                    break;
                }
                let away_until = lock(&shared).away_until.take();
                if let Some(until) = away_until {
                    thread::sleep(until.saturating_duration_since(Instant::now()));
                }
                // A reader that is not there ends the card's connection; the card tries again.
                let _ = connect(card, reader_port, &shared);
            }
        });
        Ok(Self {
            port,
            state,
            listener: Some(listener),
            log: folder.join("wire.log"),
        })
    }

    /// Where the card connects to: an argument of `tapcard-phone run --vpcd`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The present end of the trace, to count from.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark(lock(&self.state).trace.len())
    }

    /// All exchanges after a mark.
    #[must_use]
    pub fn since(&self, mark: Mark) -> Vec<Exchange> {
        lock(&self.state)
            .trace
            .iter()
            .skip(mark.0)
            .cloned()
            .collect()
    }

    /// The number of exchanges and bytes after a mark.
    #[must_use]
    pub fn total_since(&self, mark: Mark) -> Total {
        self.since(mark).iter().collect()
    }

    /// Cuts the link at the `n`-th command from now (the next is 1), once.
    pub fn cut_at(&self, n: usize, cut: Cut) {
        self.cut_for(n, cut, Duration::ZERO);
    }

    /// As [`Wire::cut_at`]; the card comes back after this time.
    pub fn cut_for(&self, n: usize, cut: Cut, away: Duration) {
        self.fail_at(n, cut, Fault::Ends { away });
    }

    /// Loses the `n`-th command from now, or its answer, once; the link stays. For a reader that is to die at this place:
    /// [`Wire::has_been_cut`] tells when it is reached.
    pub fn lose_at(&self, n: usize, cut: Cut) {
        self.fail_at(n, cut, Fault::Loses);
    }

    fn fail_at(&self, n: usize, cut: Cut, fault: Fault) {
        let mut state = lock(&self.state);
        let at = state.trace.len() + n;
        state.cut = Some((cut, at, fault));
    }

    /// Takes back a cut that has not happened; says whether there was one.
    pub fn forget_cut(&self) -> bool {
        lock(&self.state).cut.take().is_some()
    }

    /// From now on the card announces nothing beyond PIV: it stands for any other card.
    pub fn hide_extensions(&self) {
        lock(&self.state).hides_extensions = true;
    }

    /// From now on the card does not know how the PIN's verification is taken back (VERIFY with P1 = FF), as older cards.
    pub fn hide_log_out(&self) {
        lock(&self.state).keeps_verified = true;
    }

    /// Cuts the link now.
    pub fn cut_now(&self) {
        lock(&self.state).close();
    }

    /// Whether the cut asked for with [`Wire::cut_at`] has happened.
    #[must_use]
    pub fn has_been_cut(&self) -> bool {
        lock(&self.state).cut.is_none()
    }

    /// Whether a card is on the wire now.
    #[must_use]
    pub fn has_card(&self) -> bool {
        lock(&self.state).link.is_some()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        {
            let mut state = lock(&self.state);
            state.is_closing = true;
            state.close();
        }
        // Wakes the listener, so that it sees that it is over.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
        let trace = lock(&self.state);
        let lines: String = trace
            .trace
            .iter()
            .map(|exchange| format!("{exchange:?}\n"))
            .collect();
        // Of use to a failed test only, which has something else to say already.
        let _ = fs::write(&self.log, lines);
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// Ends the present link: both sides see the other go.
    fn close(&mut self) {
        if let Some(link) = self.link.take() {
            let _ = link.card.shutdown(Shutdown::Both);
            let _ = link.reader.shutdown(Shutdown::Both);
        }
        self.awaited = None;
    }

    /// Ends a link that is perhaps not the present one any more.
    fn close_link(&mut self, number: usize) {
        if self.link.as_ref().is_some_and(|link| link.number == number) {
            self.close();
        }
    }

    /// What is to happen to the message that is here.
    fn passage(&mut self, here: Cut) -> Passage {
        match self.cut {
            Some((cut, at, fault)) if cut == here && at == self.trace.len() => {
                self.cut = None;
                match fault {
                    Fault::Loses => Passage::IsLost,
                    Fault::Ends { away } => {
                        self.away_until = Some(Instant::now() + away);
                        Passage::EndsLink
                    }
                }
            }
            _ => Passage::Passes,
        }
    }

    /// Notes a message from the reader.
    fn pass_to_card(&mut self, message: &mut [u8]) -> Passage {
        if frame::is_control(message) {
            return Passage::Passes;
        }
        self.awaited = Some(self.trace.len());
        self.trace.push(Exchange::of_command(message));
        if self.keeps_verified {
            hide_log_out(message);
        }
        self.passage(Cut::BeforeCommand)
    }

    /// Notes a message from the card.
    fn pass_to_reader(&mut self, message: &mut [u8]) -> Passage {
        if self.hides_extensions {
            hide_announcement(message);
        }
        // With no command awaited it answers a control.
        let Some(exchange) = self.awaited.take().and_then(|at| self.trace.get_mut(at)) else {
            return Passage::Passes;
        };
        exchange.answer_with(message);
        self.passage(Cut::BeforeAnswer)
    }
}

/// The announcement of the card's extensions (docs/card-extensions.md) becomes one of a version that nobody knows.
fn hide_announcement(message: &mut [u8]) {
    const ANNOUNCED: &[u8] = b"tapcard:1?";
    let places = message.windows(ANNOUNCED.len());
    let at = places.enumerate().find(|(_, place)| *place == ANNOUNCED);
    let version = at.map(|(at, _)| at + ANNOUNCED.len() - 2);
    if let Some(version) = version.and_then(|at| message.get_mut(at)) {
        *version = b'0';
    }
}

/// VERIFY with P1 = FF gets a P1 that no card knows.
fn hide_log_out(message: &mut [u8]) {
    if let [_, 0x20, p1 @ 0xFF, ..] = message {
        *p1 = 0x7F;
    }
}

fn connect(card: TcpStream, reader_port: u16, state: &Arc<Mutex<State>>) -> io::Result<()> {
    let reader = TcpStream::connect((Ipv4Addr::LOCALHOST, reader_port))?;
    card.set_nodelay(true)?;
    reader.set_nodelay(true)?;
    let number = {
        let mut state = lock(state);
        state.close();
        state.links_so_far += 1;
        state.link = Some(Link {
            number: state.links_so_far,
            card: card.try_clone()?,
            reader: reader.try_clone()?,
        });
        state.links_so_far
    };
    carry(
        number,
        reader.try_clone()?,
        card.try_clone()?,
        state,
        State::pass_to_card,
    );
    carry(number, card, reader, state, State::pass_to_reader);
    Ok(())
}

/// Carries messages one way until either side ends, in a thread of its own.
fn carry(
    number: usize,
    mut from: TcpStream,
    mut to: TcpStream,
    state: &Arc<Mutex<State>>,
    pass: impl Fn(&mut State, &mut [u8]) -> Passage + Send + 'static,
) {
    let state = Arc::clone(state);
    thread::spawn(move || {
        while let Ok(mut message) = frame::read(&mut from) {
            let passage = pass(&mut lock(&state), &mut message);
            match passage {
                Passage::Passes if frame::write(&mut to, &message).is_ok() => {}
                Passage::IsLost => {}
                Passage::Passes | Passage::EndsLink => break,
            }
        }
        lock(&state).close_link(number);
    });
}
