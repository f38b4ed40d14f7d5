//! pcscd's own protocol, as far as it takes to ask for its version.
//!
//! pcsc-lite, `winscard_msg.h`: a client's first message is a header (size, command) and `struct version_struct`
//! (major, minor, result), all 32-bit integers in the machine's order; the daemon answers with the same structure,
//! filled with its own version, whether it accepts the client's or not. libpcsclite keeps that answer to itself.

use super::finding::{ProtocolVersion, SocketState};

/// Where the daemon listens, if `PCSCLITE_CSOCK_NAME` does not say otherwise.
pub const DEFAULT_SOCKET: &str = "/run/pcscd/pcscd.comm";

/// The version message.
const COMMAND_VERSION: u32 = 0x11;
/// Bytes of `struct version_struct`.
const VERSION_LENGTH: u32 = 12;

/// The message that asks for the version, on behalf of a client of version `client`.
#[must_use]
pub fn encode_question(client: ProtocolVersion) -> Vec<u8> {
    let mut message = Vec::new();
    message.extend(VERSION_LENGTH.to_ne_bytes());
    message.extend(COMMAND_VERSION.to_ne_bytes());
    message.extend(client.0.to_ne_bytes());
    message.extend(client.1.to_ne_bytes());
    message.extend(0_u32.to_ne_bytes());
    message
}

/// The version in the daemon's answer.
#[must_use]
pub fn decode_answer(answer: [u8; 12]) -> ProtocolVersion {
    let [a, b, c, d, e, f, g, h, ..] = answer;
    (
        i32::from_ne_bytes([a, b, c, d]),
        i32::from_ne_bytes([e, f, g, h]),
    )
}

/// The state of the socket by which libpcsclite reaches the daemon.
#[must_use]
pub fn socket() -> SocketState {
    effects::socket()
}

/// The version that the daemon speaks; `None` where it does not say.
#[must_use]
pub fn version() -> Option<ProtocolVersion> {
    effects::version()
}

#[cfg(not(target_os = "linux"))]
mod effects {
    use super::{ProtocolVersion, SocketState};

    pub(super) fn socket() -> SocketState {
        SocketState::NotUsed
    }

    pub(super) fn version() -> Option<ProtocolVersion> {
        None
    }
}

#[cfg(target_os = "linux")]
mod effects {
    use std::io::{ErrorKind, Read, Write};
    use std::os::unix::net::UnixStream;
    use std::path::PathBuf;
    use std::time::Duration;

    use super::{DEFAULT_SOCKET, ProtocolVersion, SocketState, decode_answer, encode_question};

    const PATIENCE: Duration = Duration::from_secs(2);

    fn path() -> PathBuf {
        std::env::var_os("PCSCLITE_CSOCK_NAME").map_or_else(|| DEFAULT_SOCKET.into(), PathBuf::from)
    }

    pub(super) fn socket() -> SocketState {
        let path = path();
        let shown = path.display().to_string();
        match UnixStream::connect(&path) {
            Ok(_) => SocketState::Listening(shown),
            Err(error) => match error.kind() {
                ErrorKind::NotFound | ErrorKind::NotADirectory => SocketState::Missing(shown),
                ErrorKind::PermissionDenied => SocketState::Forbidden(shown),
                _ => SocketState::Deserted(shown),
            },
        }
    }

    pub(super) fn version() -> Option<ProtocolVersion> {
        let mut stream = UnixStream::connect(path()).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.set_write_timeout(Some(PATIENCE)).ok()?;
        stream.write_all(&encode_question((0, 0))).ok()?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).ok()?;
        Some(decode_answer(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_is_what_libpcsclite_1_9_9_sends() {
        let words: Vec<u32> = encode_question((4, 4))
            .chunks(4)
            .map(|word| u32::from_ne_bytes(word.try_into().unwrap()))
            .collect();
        assert_eq!(words, [12, 0x11, 4, 4, 0]);
    }

    #[test]
    fn the_answer_of_a_newer_daemon() {
        let mut answer = [0; 12];
        answer[..4].copy_from_slice(&4_i32.to_ne_bytes());
        answer[4..8].copy_from_slice(&5_i32.to_ne_bytes());
        assert_eq!(decode_answer(answer), (4, 5));
    }
}
