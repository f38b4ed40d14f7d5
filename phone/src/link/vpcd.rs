//! The card's side of vpcd, the virtual reader's driver: the card connects by TCP, and each message is a length of
//! two bytes, big-endian, and that many bytes of payload (vsmartcard, api.txt).

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::answer_to_reset::answer_to_reset;
use super::nfc_model::NfcModel;
use super::waiting_reader::{CONTROL_ANSWER_TO_RESET, Unanswered, WaitingReader};
use crate::card::Card;
use crate::consent::AlwaysThere;
use crate::interface::Interface;

/// The port at which vpcd's first reader listens.
pub const DEFAULT_PORT: u16 = 35_963;

/// Controls: payloads of one byte from the reader.
const CONTROL_OFF: u8 = 0;
const CONTROL_ON: u8 = 1;
const CONTROL_RESET: u8 = 2;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Ends a [`serve`] from another thread.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<(Mutex<Running>, Condvar)>);

#[derive(Debug, Default)]
struct Running {
    stopped: bool,
    connection: Option<TcpStream>,
}

impl Stop {
    /// Ends the link: a command that is being answered is finished, nothing further is read.
    pub fn stop(&self) {
        let (running, changed) = &*self.0;
        let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
        running.stopped = true;
        if let Some(connection) = &running.connection {
            // A connection that is closed already needs no closing.
            let _ = connection.shutdown(Shutdown::Read);
        }
        changed.notify_all();
    }

    fn is_stopped(&self) -> bool {
        let running = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.stopped
    }

    /// Lets [`Stop::stop`] reach this connection. Returns whether it is to be used at all.
    fn watch(&self, connection: &TcpStream) -> io::Result<bool> {
        let mut running = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.connection = Some(connection.try_clone()?);
        Ok(!running.stopped)
    }

    /// Lets go of the connection, so that it is closed for the reader too.
    fn unwatch(&self) {
        let mut running = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.connection = None;
    }

    fn pause(&self, duration: Duration) {
        let (running, changed) = &*self.0;
        let running = running.lock().unwrap_or_else(PoisonError::into_inner);
        drop(changed.wait_timeout_while(running, duration, |running| !running.stopped));
    }
}

/// A change of the link, as [`serve`] reports it.
#[derive(Debug)]
pub enum Event<'a> {
    /// A reader has the card.
    Connected,
    /// The reader is gone or never was there; it is being looked for.
    Waiting(&'a io::Error),
}

/// Serves the card to the reader at `address` until `stop`; looks for the reader again whenever it is gone.
/// `report` is called at each change.
pub fn serve(
    card: &mut Card,
    interface: Interface,
    nfc: Option<NfcModel>,
    address: &str,
    stop: &Stop,
    mut report: impl FnMut(Event<'_>),
) {
    let mut pause = FIRST_PAUSE;
    let mut waiting = false;
    while !stop.is_stopped() {
        let error = match connect(address) {
            Ok(connection) => {
                waiting = false;
                report(Event::Connected);
                let mut heard = false;
                let end = session(card, interface, nfc, connection, stop, &mut heard);
                stop.unwatch();
                card.set_link(Box::new(AlwaysThere));
                card.reset();
                // One that takes the card and wants nothing of it is as good as absent.
                if heard {
                    pause = FIRST_PAUSE;
                }
                end.err()
                    .unwrap_or_else(|| ErrorKind::ConnectionAborted.into())
            }
            Err(error) => error,
        };
        if stop.is_stopped() {
            break;
        }
        if !waiting {
            waiting = true;
            report(Event::Waiting(&error));
        }
        stop.pause(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn connect(address: &str) -> io::Result<TcpStream> {
    let mut last = io::Error::from(ErrorKind::AddrNotAvailable);
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, Duration::from_secs(5)) {
            Ok(connection) => {
                connection.set_nodelay(true)?;
                return Ok(connection);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Serves one connection. `heard` becomes true where the reader says anything.
fn session(
    card: &mut Card,
    interface: Interface,
    nfc: Option<NfcModel>,
    mut connection: TcpStream,
    stop: &Stop,
    heard: &mut bool,
) -> io::Result<()> {
    if !stop.watch(&connection)? {
        return Ok(());
    }
    card.reset();
    let unanswered = Unanswered::default();
    card.set_link(Box::new(WaitingReader::new(
        connection.try_clone()?,
        unanswered.clone(),
    )));
    // A card that comes to a reader is in its field; the reader may take the power away and give it again.
    let mut powered = true;
    while let Some(message) = receive(&mut connection)? {
        *heard = true;
        match message.as_slice() {
            [control @ (CONTROL_OFF | CONTROL_ON | CONTROL_RESET)] => {
                card.reset();
                powered = match *control {
                    CONTROL_OFF => false,
                    CONTROL_ON => true,
                    _ => powered,
                };
            }
            // vpcd asks for it to see that the card is there, powered or not.
            [CONTROL_ANSWER_TO_RESET] => {
                send(
                    &mut connection,
                    answer_to_reset(interface, card.card_edge()),
                )?;
            }
            // Shorter than any command APDU, and not a control that is known.
            [] | [_] => {}
            // A card without power is silent.
            _ if !powered => {}
            apdu => {
                let response = card.process(apdu);
                if let Some(nfc) = nfc {
                    nfc.wait(apdu.len() + response.len());
                }
                // Who has reset the card meanwhile expects no answer of the time before.
                if !unanswered.take() {
                    send(&mut connection, &response)?;
                }
            }
        }
    }
    Ok(())
}

/// The next message, or `None` where the reader has closed the connection between two messages.
fn receive(connection: &mut TcpStream) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut length = [0; 2];
    acknowledge_at_once(connection)?;
    match connection.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    acknowledge_at_once(connection)?;
    let mut message = Zeroizing::new(vec![0; usize::from(u16::from_be_bytes(length))]);
    connection.read_exact(&mut message)?;
    Ok(Some(message))
}

/// vpcd sends length and payload apart, the payload only once the length is acknowledged; a delayed acknowledgement
/// would add 40 ms to each exchange. The option does not last: the system takes it back.
#[cfg(target_os = "linux")]
fn acknowledge_at_once(connection: &TcpStream) -> io::Result<()> {
    use std::os::linux::net::TcpStreamExt;
    connection.set_quickack(true)
}

/// Elsewhere the system decides.
#[cfg(not(target_os = "linux"))]
fn acknowledge_at_once(_connection: &TcpStream) -> io::Result<()> {
    Ok(())
}

fn send(connection: &mut TcpStream, payload: &[u8]) -> io::Result<()> {
    let length = u16::try_from(payload.len()).map_err(|_| ErrorKind::InvalidData)?;
    let mut message = Zeroizing::new(Vec::with_capacity(payload.len() + 2));
    message.extend(length.to_be_bytes());
    message.extend_from_slice(payload);
    connection.write_all(&message)
}
