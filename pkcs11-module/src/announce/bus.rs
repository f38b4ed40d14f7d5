//! A connection to the session bus (D-Bus specification, "Authentication Protocol"), on which nothing waits without end.

use std::io::{self, ErrorKind, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SendFlags, SocketAddrUnix, SocketFlags, SocketType, connect, send, socket_with,
};
use thiserror::Error;

use super::address::{SessionBus, Socket};
use super::message::{Call, Incoming, START, length_of};
use crate::end::End;

/// How often it is looked whether the time is over.
pub const LOOK: Duration = Duration::from_millis(50);
/// How long the bus may take once the module ends: half of what that may.
const LAST: Duration = Duration::from_millis(500);
/// The longest line of the authentication, in bytes.
const LINE_MAX: usize = 1024;

/// Why the user is not told on the desktop.
#[derive(Debug, Error)]
pub enum BusError {
    #[error("{0}")]
    Socket(io::Error),
    #[error("the bus has closed the connection")]
    Closed,
    #[error("the bus belongs to another user")]
    OfAnother,
    #[error("the bus does not let this program in")]
    Refused,
    #[error("the bus does not answer")]
    Silent,
    #[error("what the bus says is not D-Bus")]
    Malformed,
    #[error("the bus refuses: {0}")]
    Failed(String),
}

impl From<io::Error> for BusError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => Self::Closed,
            _ => Self::Socket(error),
        }
    }
}

type Result<T> = core::result::Result<T, BusError>;

/// How long something may take, and no longer than the module.
pub struct Limit<'a> {
    until: Instant,
    end: &'a End,
}

impl<'a> Limit<'a> {
    /// This long from now.
    pub fn new(time: Duration, end: &'a End) -> Self {
        let until = Instant::now() + time;
        Self { until, end }
    }

    /// Goes on, or ends with [`BusError::Silent`].
    fn goes_on(&self) -> Result<()> {
        // The module's own limit leaves twice as much.
        let until = self.end.limit(self.until + LAST);
        if Instant::now() + LAST < until {
            Ok(())
        } else {
            Err(BusError::Silent)
        }
    }
}

/// A connection to the bus.
pub struct Bus {
    stream: UnixStream,
    serial: u32,
}

impl Bus {
    /// Connects to the first of its sockets that is there.
    ///
    /// # Errors
    /// Where none is, or the bus does not let this program in, or does not answer in time.
    pub fn open(bus: &SessionBus, limit: &Limit<'_>) -> Result<Self> {
        let mut failure = BusError::Closed;
        for socket in bus.sockets() {
            match reach(socket, limit) {
                Ok(stream) => {
                    let mut bus = Self { stream, serial: 0 };
                    bus.authenticate(limit)?;
                    bus.call(&Call::hello(), limit)?;
                    return Ok(bus);
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// Whom the kernel names is let in: no number goes over the wire, which would be another one in a container.
    fn authenticate(&mut self, limit: &Limit<'_>) -> Result<()> {
        self.send(b"\0AUTH EXTERNAL\r\nDATA\r\n", limit)?;
        if self.line(limit)? != b"DATA" || !self.line(limit)?.starts_with(b"OK") {
            return Err(BusError::Refused);
        }
        self.send(b"BEGIN\r\n", limit)
    }

    /// Calls, and waits for the answer: the number in it, if there is one.
    ///
    /// # Errors
    /// [`BusError::Failed`] where the call is refused, and as [`Self::open`].
    pub fn call(&mut self, call: &Call, limit: &Limit<'_>) -> Result<Option<u32>> {
        self.serial += 1;
        self.send(&call.encode(self.serial), limit)?;
        loop {
            match self.message(limit)? {
                Incoming::Returned(serial, number) if serial == self.serial => return Ok(number),
                Incoming::Failed(serial, reason) if serial == self.serial => {
                    return Err(BusError::Failed(reason));
                }
                Incoming::Returned(..) | Incoming::Failed(..) | Incoming::Other => {}
            }
        }
    }

    fn message(&mut self, limit: &Limit<'_>) -> Result<Incoming> {
        let mut start = [0; START];
        self.receive(&mut start, limit)?;
        let length = length_of(&start).ok_or(BusError::Malformed)?;
        let mut message = start.to_vec();
        message.resize(length, 0);
        let rest = message.get_mut(START..).ok_or(BusError::Malformed)?;
        self.receive(rest, limit)?;
        Incoming::parse(&message).ok_or(BusError::Malformed)
    }

    /// A line without its end.
    fn line(&mut self, limit: &Limit<'_>) -> Result<Vec<u8>> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            if line.len() == LINE_MAX {
                return Err(BusError::Malformed);
            }
            let mut byte = [0];
            self.receive(&mut byte, limit)?;
            line.extend(byte);
        }
        line.truncate(line.len() - 2);
        Ok(line)
    }

    fn receive(&mut self, mut bytes: &mut [u8], limit: &Limit<'_>) -> Result<()> {
        while !bytes.is_empty() {
            limit.goes_on()?;
            match self.stream.read(bytes) {
                Ok(0) => return Err(BusError::Closed),
                Ok(read) => bytes = bytes.get_mut(read..).unwrap_or_default(),
                Err(error) if is_early(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn send(&mut self, mut bytes: &[u8], limit: &Limit<'_>) -> Result<()> {
        while !bytes.is_empty() {
            limit.goes_on()?;
            // A bus that has gone sends the program no signal.
            match send(&self.stream, bytes, SendFlags::NOSIGNAL).map_err(io::Error::from) {
                Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
                Err(error) if is_early(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        // A child that the program has forked has the socket too.
        drop(self.stream.shutdown(std::net::Shutdown::Both));
    }
}

/// Whether nothing was read or sent yet.
fn is_early(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

fn reach(socket: &Socket, limit: &Limit<'_>) -> Result<UnixStream> {
    let address = match socket {
        Socket::Path(path) => SocketAddrUnix::new(path),
        Socket::Abstract(name) => SocketAddrUnix::new_abstract_name(name),
    };
    let address = address.map_err(io::Error::from)?;
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let made = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None);
    let socket: OwnedFd = made.map_err(io::Error::from)?;
    loop {
        limit.goes_on()?;
        match connect(&socket, &address) {
            Ok(()) => break,
            // Others who wait to be let in leave no room for one more.
            Err(Errno::AGAIN | Errno::INTR) => sleep(LOOK),
            Err(error) => return Err(io::Error::from(error).into()),
        }
    }
    if !is_ours(&socket) {
        return Err(BusError::OfAnother);
    }
    let stream = UnixStream::from(socket);
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(LOOK))?;
    stream.set_write_timeout(Some(LOOK))?;
    Ok(stream)
}

/// Whether it was this user who listens there: text meant for one person goes to nobody else.
fn is_ours(socket: &OwnedFd) -> bool {
    let listener = rustix::net::sockopt::socket_peercred(socket);
    listener.is_ok_and(|listener| listener.uid == rustix::process::geteuid())
}
