//! TCP ports that nobody else takes between choosing and using them.

use std::fs;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};

use crate::error::Doing;
use crate::{Result, unexpected};

/// Below the range from which Linux takes ports of outgoing connections (32768 and up).
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// One or more neighbouring ports, ours until dropped.
///
/// Programs that cannot be told "port 0" are given one of these. Two rigs at the same time (threads or processes)
/// never choose the same: each port is claimed by an abstract Unix socket, which the kernel gives up with the process.
#[derive(Debug)]
pub struct Ports {
    first: u16,
    _claims: Vec<UnixListener>,
}

impl Ports {
    /// Claims `count` neighbouring ports on which nothing listens.
    ///
    /// # Errors
    /// When none are free.
    pub fn claim(count: u16) -> Result<Self> {
        let start = RANGE.start + u16::try_from(std::process::id() % 1000).unwrap_or_default() * 10;
        (start..RANGE.end)
            .chain(RANGE.start..start)
            .step_by(usize::from(count.max(1)))
            .find_map(|first| Self::try_claim(first, count))
            .ok_or_else(|| unexpected("no TCP port between 20000 and 31999 is free"))
    }

    fn try_claim(first: u16, count: u16) -> Option<Self> {
        let claims = (first..first.checked_add(count)?)
            .map(|port| {
                let name =
                    SocketAddr::from_abstract_name(format!("tapcard-rig-port-{port}")).ok()?;
                let claim = UnixListener::bind_addr(&name).ok()?;
                TcpListener::bind(("0.0.0.0", port)).ok()?;
                Some(claim)
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            first,
            _claims: claims,
        })
    }

    /// The first of the ports.
    #[must_use]
    pub fn first(&self) -> u16 {
        self.first
    }
}

/// Whether something listens on a TCP port of this machine, found without connecting: a reader would take a
/// connection for a card.
///
/// # Errors
/// When the kernel's table cannot be read.
pub fn is_listening(port: u16) -> Result<bool> {
    const LISTEN: &str = "0A";
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let Ok(text) = fs::read_to_string(table) else {
            continue; // a kernel without IPv6 has no second table
        };
        let ending = format!(":{port:04X}");
        let found = text.lines().skip(1).any(|line| {
            let mut columns = line.split_whitespace().skip(1);
            let local = columns.next().unwrap_or_default();
            let state = columns.nth(1).unwrap_or_default();
            local.ends_with(&ending) && state == LISTEN
        });
        if found {
            return Ok(true);
        }
    }
    fs::metadata("/proc/net/tcp").doing(|| "read the table of TCP sockets".to_owned())?;
    Ok(false)
}
