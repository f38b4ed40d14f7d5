//! The PC/SC service: whether it runs, whether it lets us in, and which readers it has.

use std::ffi::CString;

use pcsc::{Context, Error, Scope};

use super::daemon;
use super::finding::{Finding, ProtocolVersion, SocketState};

/// Asks the service for its readers.
///
/// # Errors
/// What is wrong with the service.
pub fn readers() -> Result<Vec<CString>, Finding> {
    let context = Context::establish(Scope::User)
        .map_err(|error| classify(error, daemon::socket(), daemon::version))?;
    match context.list_readers_owned() {
        Ok(names) => Ok(names),
        Err(Error::NoReadersAvailable) => Ok(Vec::new()),
        Err(error) => Err(classify(error, daemon::socket(), daemon::version)),
    }
}

/// What an error of the service means, seen together with its socket. The daemon is asked for its version only
/// where that can be the reason.
///
/// libpcsclite answers `SCARD_E_SERVICE_STOPPED` where the daemon refuses its protocol version, and
/// `SCARD_E_NO_SERVICE` where it cannot connect, for whichever reason.
#[must_use]
pub fn classify(
    error: Error,
    socket: SocketState,
    version: impl FnOnce() -> Option<ProtocolVersion>,
) -> Finding {
    match (error, socket) {
        (Error::NoService | Error::ServiceStopped, SocketState::Forbidden(path)) => {
            Finding::SocketForbidden(path)
        }
        (Error::ServiceStopped, SocketState::Listening(_)) => {
            Finding::ProtocolVersionMismatch(version())
        }
        (Error::NoService | Error::ServiceStopped, socket) => Finding::ServiceNotRunning(socket),
        (Error::SecurityViolation | Error::NoAccess, _) => Finding::ServiceAccessDenied,
        (error, _) => Finding::ServiceFailed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(error: Error, socket: SocketState) -> &'static str {
        classify(error, socket, || None).code()
    }

    #[test]
    fn each_way_of_not_getting_in_has_its_own_finding() {
        let path = || "/run/pcscd/pcscd.comm".to_owned();
        for (error, socket, expected) in [
            (
                Error::NoService,
                SocketState::Missing(path()),
                "service-not-running",
            ),
            (
                Error::NoService,
                SocketState::Deserted(path()),
                "service-not-running",
            ),
            (
                Error::NoService,
                SocketState::Forbidden(path()),
                "socket-forbidden",
            ),
            (
                Error::ServiceStopped,
                SocketState::NotUsed,
                "service-not-running",
            ),
            (
                Error::ServiceStopped,
                SocketState::Listening(path()),
                "protocol-version-mismatch",
            ),
            (
                Error::SecurityViolation,
                SocketState::Listening(path()),
                "service-access-denied",
            ),
            (
                Error::CommError,
                SocketState::Listening(path()),
                "service-failed",
            ),
        ] {
            assert_eq!(code(error, socket), expected, "{error:?}");
        }
    }
}
