//! A line of the log of uses, written as serde writes [`LoggedUse`](super::LoggedUse). Each signature waits for it, so it is put together from names
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

    use card_edge::piv::AsymmetricKey;

    use super::*;
    use crate::key_store::KeyPlace;
    use crate::state::LoggedUse;

    #[test]
    fn a_line_is_what_serde_makes_of_the_use() {
        use Outcome::{CardChanged, Done, Failed, Forbidden, LinkLost, Refused, TimedOut};
        let outcomes = [
            Done,
            Refused,
            TimedOut,
            LinkLost,
            CardChanged,
            Forbidden,
            Failed,
        ];
        let operations = [
            Operation::Sign,
            Operation::Decrypt,
            Operation::SignOrDecrypt,
            Operation::Agree,
            Operation::Attest,
        ];
        let keys = [
            KeyPlace::Slot(AsymmetricKey::DigitalSignature),
            KeyPlace::Container(0x81),
        ];
        let said = [None, Some("ssh on desk"), Some("\"\\\n\u{1b}[2J\u{202e}")];
        let mut line = Vec::new();
        for outcome in outcomes {
            for operation in operations {
                for (key, interface) in keys
                    .into_iter()
                    .zip([Interface::Contact, Interface::Contactless])
                {
                    for says in said {
                        let usage = Usage {
                            key,
                            operation,
                            interface,
                            says: says.map(str::to_owned),
                        };
                        write(&mut line, &usage, outcome);
                        let read: LoggedUse = serde_json::from_slice(&line).unwrap();
                        assert_eq!(
                            read,
                            LoggedUse {
                                time: read.time.clone(),
                                key,
                                operation,
                                interface,
                                says: usage.says,
                                outcome,
                            }
                        );
                        let written = serde_json::to_string(&read).unwrap() + "\n";
                        assert_eq!(written.as_bytes(), line);
                    }
                }
            }
        }
    }

    #[test]
    fn times_are_written_as_the_library_writes_them() {
        for seconds in [0, 951_782_399, 1_795_746_600, 253_402_300_799] {
            let time = DateTime::from_unix_duration(Duration::from_secs(seconds)).unwrap();
            assert_eq!(rfc_3339(time), time.to_string().as_bytes());
        }
    }
}
