//! A line of the log of uses, written as serde writes a `LoggedUse`. Each signature waits for it, so it is put together from names
//! that are known to need no escape; only what a host says is looked through.

use std::io::Write;
use std::time::SystemTime;

use der::DateTime;

use crate::consent::{Operation, Outcome, Usage};
use crate::interface::Interface;

/// Makes this the line of a use that ends now.
pub(super) fn write(line: &mut Vec<u8>, usage: &Usage, outcome: Outcome) {
    let now = DateTime::from_system_time(SystemTime::now()).map(rfc_3339);
    line.clear();
    line.extend_from_slice(b"{\"time\":\"");
    line.extend_from_slice(now.as_ref().map_or(b"unknown", |time| time.as_slice()));
    line.extend_from_slice(b"\",\"key\":\"");
    // Nothing that is written into memory fails.
    let _ = write!(line, "{}", usage.key);
    line.extend_from_slice(b"\",\"operation\":\"");
    line.extend_from_slice(operation(usage.operation).as_bytes());
    line.extend_from_slice(b"\",\"interface\":\"");
    line.extend_from_slice(interface(usage.interface).as_bytes());
    line.extend_from_slice(b"\",\"says\":");
    match &usage.says {
        None => line.extend_from_slice(b"null"),
        Some(says) => {
            let _ = serde_json::to_writer(&mut *line, says);
        }
    }
    line.extend_from_slice(b",\"outcome\":\"");
    line.extend_from_slice(name(outcome).as_bytes());
    line.extend_from_slice(b"\"}\n");
}

fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::Sign => "sign",
        Operation::Decrypt => "decrypt",
        Operation::SignOrDecrypt => "sign-or-decrypt",
        Operation::Agree => "agree",
        Operation::Attest => "attest",
    }
}

fn interface(interface: Interface) -> &'static str {
    match interface {
        Interface::Contact => "contact",
        Interface::Contactless => "contactless",
    }
}

fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Refused => "refused",
        Outcome::TimedOut => "timed-out",
        Outcome::LinkLost => "link-lost",
        Outcome::CardChanged => "card-changed",
        Outcome::Forbidden => "forbidden",
        Outcome::Failed => "failed",
    }
}

/// As RFC 3339 writes it.
fn rfc_3339(time: DateTime) -> [u8; 20] {
    let mut text = *b"0000-00-00T00:00:00Z";
    let century = u8::try_from(time.year() / 100).unwrap_or_default();
    let year = u8::try_from(time.year() % 100).unwrap_or_default();
    let fields = [
        (0, century),
        (2, year),
        (5, time.month()),
        (8, time.day()),
        (11, time.hour()),
        (14, time.minutes()),
        (17, time.seconds()),
    ];
    for (at, value) in fields {
        if let Some([tens, ones]) = text.get_mut(at..at + 2) {
            *tens += value / 10;
            *ones += value % 10;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_written_as_the_library_writes_them() {
        for seconds in [0, 951_782_399, 1_795_746_600, 253_402_300_799] {
            let time = DateTime::from_unix_duration(Duration::from_secs(seconds)).unwrap();
            assert_eq!(rfc_3339(time), time.to_string().as_bytes());
        }
    }
}
