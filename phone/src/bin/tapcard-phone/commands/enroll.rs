//! `tapcard-phone enroll`: the invitation, the PIN, and what is shown of each step.

use std::io::{self, Write};
use std::time::SystemTime;

use card_edge::piv::{AsymmetricKey, Pin};
use plain_text::Plain;
use tapcard_phone::enrollment::{self, Device, EnrollError, Enrolled, Step, WantedPin};
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::present_pin::PresentPinError;
use tapcard_phone::state::PendingEnrollment;

use super::{CommandError, invitation, key_encryption, new_pin, open_or_create, present_pin};
use crate::args::Enroll;
use crate::https::Https;

pub(super) const PIN_VARIABLE: &str = "TAPCARD_PIN";

/// Enrolls the card and prints what was issued, by whom, and the new PUK.
pub fn run(arguments: &Enroll) -> Result<(), CommandError> {
    let invitation = invitation::read(arguments)?;
    // A PIN that is given beforehand is looked at before anything is asked or made.
    let mut given = new_pin::given(PIN_VARIABLE)?;
    let mut store = open_or_create(&arguments.state.folder)?;
    let mut is_told = false;
    let enrolled = enrollment::enroll(
        &mut store,
        Device {
            keys: &SoftwareKeyStore,
            http: &Https::new(),
            name: &phone_name(),
            clock: SystemTime::now,
        },
        &invitation,
        |wanted, offer| {
            if !std::mem::replace(&mut is_told, true) {
                tell_offer(offer);
            }
            match wanted {
                WantedPin::Present {
                    keys,
                    global_pin,
                    tries,
                } => {
                    let kept = kept(keys, global_pin);
                    if arguments.forget_keys {
                        eprintln!("This enrollment gives up {kept}.");
                        Ok(None)
                    } else if tries == 0 {
                        Err(PresentPinError::Blocked.into())
                    } else {
                        eprintln!("The card keeps {kept}: that takes its present PIN.");
                        present_pin().map(Some)
                    }
                }
                WantedPin::New => new_pin(given.take()).map(Some),
            }
        },
        |step| show(&step),
    )?;
    tell(&enrolled).map_err(CommandError::NotTold)?;
    if store.state().sealing.is_none() && store.state().gids.is_none() {
        eprintln!("The card's keys are {}.", key_encryption(store.state()));
    }
    Ok(enrollment::puk_was_seen(&mut store)?)
}

/// Says what was issued, and the PUK where it is new.
fn tell(enrolled: &Enrolled) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match enrolled {
        Enrolled::Already { enrollment, .. } => writeln!(
            out,
            "This phone was enrolled with this invitation before, by {} for {}. Nothing was changed: the PIN is the one that was chosen then or set since, whatever was given now.",
            Plain(&enrollment.organisation),
            Plain(&enrollment.holder)
        )?,
        Enrolled::New {
            enrollment,
            certificates,
            ..
        } => {
            writeln!(
                out,
                "{} issued these certificates for {}:",
                Plain(&enrollment.organisation),
                Plain(&enrollment.holder)
            )?;
            for (reference, certificate) in certificates {
                let body = certificate.tbs_certificate();
                writeln!(
                    out,
                    "  {reference}  {}: {} until {}",
                    reference.name(),
                    Plain(body.subject()),
                    body.validity().not_after
                )?;
            }
        }
    }
    let (Enrolled::New { puk, .. } | Enrolled::Already { puk: Some(puk), .. }) = enrolled else {
        return out.flush();
    };
    let what = match enrolled {
        Enrolled::New { .. } => {
            "The card has its new PIN, and this new PUK, which unblocks the PIN:"
        }
        Enrolled::Already { .. } => "This is its PUK, which unblocks the PIN:",
    };
    writeln!(out, "{what}")?;
    writeln!(out, "  PUK {}", puk.as_str())?;
    writeln!(
        out,
        "It is not shown again: write it down and keep it apart from the phone."
    )?;
    out.flush()
}

/// What depends on the PIN in force.
fn kept(keys: &[AsymmetricKey], global_pin: bool) -> String {
    let mut names: Vec<String> = keys.iter().map(|key| format!("the key {key}")).collect();
    if global_pin {
        names.push("the global PIN".to_owned());
    }
    names.join(", ")
}

fn present_pin() -> Result<Pin, EnrollError> {
    present_pin::ask().map_err(|error| EnrollError::GivenUp(error.to_string()))
}

fn new_pin(given: Option<Pin>) -> Result<Pin, EnrollError> {
    match given {
        Some(pin) => Ok(pin),
        None => new_pin::ask("New PIN", PIN_VARIABLE)
            .map_err(|error| EnrollError::GivenUp(error.to_string())),
    }
}

fn tell_offer(offer: &PendingEnrollment) {
    eprintln!(
        "{} offers {} for {} (until {}).",
        Plain(&offer.organisation),
        certificates(offer.offered.len()),
        Plain(match &offer.upn {
            Some(upn) => format!("{}, {upn}", offer.holder),
            None => offer.holder.clone(),
        }),
        Plain(&offer.expires)
    );
}

fn show(step: &Step<'_>) {
    match step {
        Step::FoundServer(server) => {
            eprintln!("{} is the server that the invitation names.", Plain(server));
        }
        Step::GoingOn => eprintln!("Going on with the enrollment that was interrupted."),
        Step::MakingKey(key, algorithm) => {
            eprintln!("Making the {algorithm} key {key} ({}) ...", key.name());
        }
        Step::KeptKey(key, algorithm) => {
            eprintln!("The {algorithm} key {key} is there from an earlier attempt.");
        }
        Step::Requesting(count) => eprintln!("Asking for {} ...", certificates(*count)),
        Step::Notice(notice) => eprintln!("The server says: {}", Plain(notice)),
    }
}

fn certificates(count: usize) -> String {
    match count {
        1 => "one certificate".to_owned(),
        _ => format!("{count} certificates"),
    }
}

pub(super) fn phone_name() -> String {
    let system = rustix::system::uname();
    format!("virtual phone on {}", system.nodename().to_string_lossy())
}
