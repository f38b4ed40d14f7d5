//! `tapcard-phone enroll`: the invitation, the PIN, and what is shown of each step.

use std::io::{self, IsTerminal, Write};

use card_edge::piv::Pin;
use tapcard_phone::enrollment::{self, EnrollError, Enrolled, Step};
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::PendingEnrollment;
use zeroize::Zeroizing;

use super::new_pin::refuse_weak;
use super::{CommandError, invitation, open_or_create};
use crate::args::Enroll;
use crate::https::Https;

const PIN_VARIABLE: &str = "TAPCARD_PIN";

/// Enrolls the card and prints what was issued, by whom, and the new PUK.
pub fn run(arguments: &Enroll) -> Result<(), CommandError> {
    let invitation = invitation::read(arguments)?;
    // A PIN that is given beforehand is looked at before anything is asked or made.
    let given = given_pin()?;
    let mut store = open_or_create(&arguments.state.folder)?;
    let enrolled = enrollment::enroll(
        &mut store,
        &SoftwareKeyStore,
        &Https::new(),
        &invitation,
        &phone_name(),
        |offer| choose_pin(given, offer),
        |step| show(&step),
    )?;
    let mut out = io::stdout().lock();
    match &enrolled {
        Enrolled::Already { enrollment, .. } => writeln!(
            out,
            "This phone was enrolled with this invitation before, by {} for {}. Nothing was changed.",
            enrollment.organisation, enrollment.holder
        )?,
        Enrolled::New {
            enrollment,
            certificates,
            ..
        } => {
            writeln!(
                out,
                "{} issued these certificates for {}:",
                enrollment.organisation, enrollment.holder
            )?;
            for (reference, certificate) in certificates {
                let body = certificate.tbs_certificate();
                writeln!(
                    out,
                    "  {reference}  {}: {} until {}",
                    reference.name(),
                    body.subject(),
                    body.validity().not_after
                )?;
            }
        }
    }
    let (Enrolled::New { puk, .. } | Enrolled::Already { puk: Some(puk), .. }) = &enrolled else {
        return Ok(());
    };
    writeln!(
        out,
        "The card has its new PIN, and this new PUK, which unblocks the PIN:"
    )?;
    writeln!(out, "  PUK {}", puk.as_str())?;
    writeln!(
        out,
        "It is not shown again: write it down and keep it apart from the phone."
    )?;
    out.flush()?;
    Ok(enrollment::puk_was_seen(&mut store)?)
}

/// The PIN from the environment, if it is there.
fn given_pin() -> Result<Option<Pin>, CommandError> {
    let Some(text) = std::env::var_os(PIN_VARIABLE) else {
        return Ok(None);
    };
    let text = Zeroizing::new(text.into_encoded_bytes());
    let pin = Pin::new(&text)?;
    refuse_weak(&text)?;
    Ok(Some(pin))
}

fn choose_pin(given: Option<Pin>, offer: &PendingEnrollment) -> Result<Pin, EnrollError> {
    eprintln!(
        "{} offers {} for {} (until {}).",
        offer.organisation,
        certificates(offer.offered.len()),
        offer.holder,
        offer.expires
    );
    match given {
        Some(pin) => Ok(pin),
        None => ask_pin(),
    }
}

/// Asks for a PIN twice, until both are the same.
fn ask_pin() -> Result<Pin, EnrollError> {
    // The standard input may have brought the invitation; the PIN is asked for at the terminal itself.
    if !io::stdin().is_terminal() && !io::stderr().is_terminal() {
        return Err(EnrollError::GivenUp(format!(
            "no PIN was given: set {PIN_VARIABLE}, or run this in a terminal to be asked"
        )));
    }
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt)
            .map(Zeroizing::new)
            .map_err(|error| EnrollError::GivenUp(format!("no PIN was given: {error}")))
    };
    loop {
        let first = ask("New PIN (6 to 8 digits): ")?;
        let pin = match Pin::new(first.as_bytes()) {
            Ok(pin) => pin,
            Err(error) => {
                eprintln!("{error}");
                continue;
            }
        };
        if let Err(error) = refuse_weak(first.as_bytes()) {
            eprintln!("{error}");
            continue;
        }
        if ask("The same again: ")? == first {
            return Ok(pin);
        }
        eprintln!("The two are not the same.");
    }
}

fn show(step: &Step<'_>) {
    match step {
        Step::FoundServer(server) => {
            eprintln!("{server} is the server that the invitation names.");
        }
        Step::GoingOn => eprintln!("Going on with the enrollment that was interrupted."),
        Step::MakingKey(key, algorithm) => {
            eprintln!("Making the {algorithm} key {key} ({}) ...", key.name());
        }
        Step::KeptKey(key, algorithm) => {
            eprintln!("The {algorithm} key {key} is there from an earlier attempt.");
        }
        Step::Requesting(count) => eprintln!("Asking for {} ...", certificates(*count)),
        Step::Notice(notice) => eprintln!("The server says: {notice}"),
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
