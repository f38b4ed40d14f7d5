//! The PROXY protocol, versions 1 and 2: what a proxy that lets TLS through says ahead of it.
//!
//! A trusted proxy may send the header or not: what TLS and HTTP begin with is never one.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ppp::{HeaderResult, v1, v2};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

/// What a header of version 1 begins with. No method of HTTP does.
const TEXT: &[u8] = b"PRO";
/// What a header of version 2 begins with.
const BINARY: &[u8] = b"\r\n\r";
/// The longest header of version 1.
const LONGEST_TEXT: usize = 107;
/// The longest header of version 2 that is read, with its fixed part.
const LONGEST_BINARY: usize = 16 + 2048;
/// How long to wait for the rest of what a header begins with: it comes in one segment.
const REST: Duration = Duration::from_millis(10);

/// Reads the header, if there is one, and nothing beyond it. Returns whose connection it is, if the header says so.
///
/// # Errors
/// If the connection ends, or the header is not a good one.
pub(super) async fn read(stream: &mut TcpStream) -> io::Result<Option<SocketAddr>> {
    let mut header = Vec::new();
    match begins(stream).await? {
        Begin::Text => {
            while !header.ends_with(b"\r\n") {
                if header.len() == LONGEST_TEXT {
                    return Err(malformed());
                }
                header.push(stream.read_u8().await?);
            }
        }
        Begin::Binary => {
            header.resize(14, 0);
            stream.read_exact(&mut header).await?;
            let length = stream.read_u16().await?;
            header.extend(length.to_be_bytes());
            header.resize(header.len() + usize::from(length), 0);
            if header.len() > LONGEST_BINARY {
                return Err(malformed());
            }
            let rest = header.get_mut(16..).unwrap_or_default();
            stream.read_exact(rest).await?;
        }
        Begin::Other => return Ok(None),
    }
    source(&header)
}

enum Begin {
    Text,
    Binary,
    Other,
}

async fn begins(stream: &TcpStream) -> io::Result<Begin> {
    let mut first = [0; 3];
    loop {
        let length = stream.peek(&mut first).await?;
        let first = first.get(..length).unwrap_or_default();
        if first.is_empty() || !(TEXT.starts_with(first) || BINARY.starts_with(first)) {
            return Ok(Begin::Other);
        }
        if first == TEXT {
            return Ok(Begin::Text);
        }
        if first == BINARY {
            return Ok(Begin::Binary);
        }
        sleep(REST).await;
    }
}

/// Whose connection it is. A proxy's own (LOCAL, UNKNOWN: it looks whether the server is there) is nobody else's.
fn source(header: &[u8]) -> io::Result<Option<SocketAddr>> {
    let (address, port): (IpAddr, u16) = match HeaderResult::parse(header) {
        HeaderResult::V1(header) => match header.map_err(|_| malformed())?.addresses {
            v1::Addresses::Tcp4(ip) => (ip.source_address.into(), ip.source_port),
            v1::Addresses::Tcp6(ip) => (ip.source_address.into(), ip.source_port),
            v1::Addresses::Unknown => return Ok(None),
        },
        HeaderResult::V2(header) => {
            let header = header.map_err(|_| malformed())?;
            match (header.command, header.addresses) {
                (v2::Command::Proxy, v2::Addresses::IPv4(ip)) => {
                    (ip.source_address.into(), ip.source_port)
                }
                (v2::Command::Proxy, v2::Addresses::IPv6(ip)) => {
                    (ip.source_address.into(), ip.source_port)
                }
                _ => return Ok(None),
            }
        }
    };
    Ok(Some(SocketAddr::new(address.to_canonical(), port)))
}

fn malformed() -> io::Error {
    io::ErrorKind::InvalidData.into()
}
