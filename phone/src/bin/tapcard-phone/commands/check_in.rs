//! `tapcard-phone check-in`: one check-in, and what is said of it.

use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use enrollment_protocol::check_in::ProblemReason;
use plain_text::Plain;
use tapcard_phone::enrollment::Device;
use tapcard_phone::enrollment::check_in::{self, CheckInError, CheckedIn};
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::Store;

use super::{CommandError, enroll};
use crate::args::CheckIn;
use crate::https::Https;

/// Checks in once, and prints what came of it.
pub fn run(arguments: &CheckIn) -> Result<(), CommandError> {
    let mut store = Store::open(&arguments.state.folder)?;
    let done = once(&mut store)?;
    let mut out = io::stdout().lock();
    for line in lines(&done, &arguments.state.folder) {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

/// Checks in once.
pub(super) fn once(store: &mut Store) -> Result<CheckedIn, CheckInError> {
    let device = Device {
        keys: &SoftwareKeyStore,
        http: &Https::new(),
        name: &enroll::phone_name(),
        clock: SystemTime::now,
    };
    check_in::check_in(store, device)
}

/// What there is to say of a check-in.
pub(super) fn lines(done: &CheckedIn, folder: &Path) -> Vec<String> {
    if done.wiped {
        let emptied = format!(
            "The server has revoked this phone: the card in {} was emptied. It is a new card now, with the PIN, PUK and management key of every new card.",
            Plain(folder.display())
        );
        let unknown = "The server does not know this phone any more, so it was not told. This phone does not check in again until it is enrolled.";
        let not_told = done.state.is_none().then(|| unknown.to_owned());
        return std::iter::once(emptied).chain(not_told).collect();
    }
    let mut lines = vec![match done.state.as_deref().unwrap_or_default() {
        "active" => "Checked in: the phone is active.".to_owned(),
        "suspended" => {
            "Checked in: the phone is suspended. Its certificates are refused until the organisation resumes it, and none is renewed.".to_owned()
        }
        other => format!("Checked in: the phone is {}.", Plain(other)),
    }];
    for (slot, end) in &done.renewed {
        lines.push(format!(
            "The certificate in slot {slot} ({}) was renewed: the new one is valid until {}.",
            slot.name(),
            Plain(end)
        ));
    }
    for problem in &done.problems {
        let what = match problem.reason {
            ProblemReason::RetiredSlotsFull => {
                "all 20 places for earlier decryption keys are taken, so the key stays, and its certificate alone is renewed"
            }
            ProblemReason::NoKey => {
                "the phone could not make a new key: the certificate of before stays"
            }
            ProblemReason::CertificateRefused => {
                "the new certificate is refused: the one of before stays"
            }
            ProblemReason::NoPlace => {
                "the card has no place for the new certificate, since its GIDS tables are full or damaged: the one of before stays"
            }
            ProblemReason::Ended => {
                "the certificate ended too long ago to be renewed. Ask your organisation for a new invitation"
            }
            ProblemReason::KeyCompromised => {
                "the key was given up as compromised, so the server renews nothing for it. Ask your organisation for a new invitation"
            }
            ProblemReason::KeyRefused => {
                "the server refuses the new key. The next check-in makes another"
            }
            ProblemReason::NotDue => {
                "the server does not renew this certificate now: the one of before stays"
            }
            ProblemReason::NotIssued | ProblemReason::Unknown => {
                "the server could not renew the certificate: the one of before stays. The next check-in tries again"
            }
        };
        lines.push(format!("Slot {}: {what}.", problem.slot));
    }
    lines
}
