//! `tapcard-phone enroll`: the invitation, the PIN, and what is shown of each step.

use std::io::{self, Write};
use std::time::SystemTime;

use card_edge::piv::Pin;
use plain_text::Plain;
use tapcard_phone::enrollment::{self, ChosenPin, Device, EnrollError, Enrolled, PresentPin, Step};
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::PendingEnrollment;

use super::{CommandError, invitation, new_pin, open_or_create, present_pin};
use crate::args::Enroll;
use crate::https::Https;

const PIN_VARIABLE: &str = "TAPCARD_PIN";

/// Enrolls the card and prints what was issued, by whom, and the new PUK.
pub fn run(arguments: &Enroll) -> Result<(), CommandError> {
    let invitation = invitation::read(arguments)?;
    // A PIN that is given beforehand is looked at before anything is asked or made.
    let given = new_pin::given(PIN_VARIABLE)?;
    let mut store = open_or_create(&arguments.state.folder)?;
    let is_default = store.state().pin.is_default;
    let enrolled = enrollment::enroll(
        &mut store,
        Device {
            keys: &SoftwareKeyStore,
            http: &Https::new(),
            name: &phone_name(),
            clock: SystemTime::now,
        },
        &invitation,
        |offer, present| choose_pin(given, offer, present, is_default),
        |step| show(&step),
    )?;
    tell(&enrolled).map_err(CommandError::NotTold)?;
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

fn choose_pin(
    given: Option<Pin>,
    offer: &PendingEnrollment,
    present: PresentPin,
    is_default: bool,
) -> Result<ChosenPin, EnrollError> {
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
    let present = match present {
        PresentPin::NotNeeded => None,
        PresentPin::Needed => {
            if !is_default {
                eprintln!(
                    "The card keeps keys that are encrypted under its present PIN, which is needed for them."
                );
            }
            let pin = present_pin::ask(is_default);
            Some(pin.map_err(|error| EnrollError::GivenUp(error.to_string()))?)
        }
    };
    let new = match given {
        Some(pin) => pin,
        None => new_pin::ask("New PIN", PIN_VARIABLE)
            .map_err(|error| EnrollError::GivenUp(error.to_string()))?,
    };
    Ok(ChosenPin { new, present })
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

fn phone_name() -> String {
    let system = rustix::system::uname();
    format!("virtual phone on {}", system.nodename().to_string_lossy())
}
