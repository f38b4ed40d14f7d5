//! What each subcommand does.

pub mod check_in;
mod check_in_loop;
pub mod consent;
pub mod contactless;
pub mod edge;
pub mod enroll;
mod given_secret;
pub mod global_pin;
mod invitation;
pub mod log;
mod new_pin;
pub mod pin_entry;
mod present_pin;
pub mod requests;
pub mod run;
pub mod status;
pub mod unblock;

use std::io::{self, Write};
use std::path::Path;

use card_edge::piv::ObjectId;
use card_edge::piv::secure_messaging::PairingCode;
use clap::CommandFactory;
use clap_complete::Shell;
use enrollment_protocol::invitation::InvitationError;
use plain_text::Plain;
use tapcard_phone::enrollment::EnrollError;
use tapcard_phone::enrollment::check_in::CheckInError;
use tapcard_phone::gids::provision::ProvisionError;
use tapcard_phone::key_store::KeyPlace;
use tapcard_phone::secure_messaging::SecureMessagingError;
use tapcard_phone::state::{CardState, StateError, Store};
use thiserror::Error;

use self::given_secret::GivenSecretError;
use self::new_pin::NewPinError;
use self::present_pin::AskError;
use crate::args::Arguments;
use crate::holder::client::RequestsError;

/// Why a subcommand failed: what happened, and what to do next where that is known.
#[derive(Debug, Error)]
pub enum CommandError {
    /// The card's state cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The card has no key for secure messaging, and none could be made.
    #[error("secure messaging cannot be set up: {0}")]
    SecureMessaging(#[from] SecureMessagingError),
    /// The phone was not enrolled.
    #[error(transparent)]
    Enroll(#[from] EnrollError),
    /// The check-in failed.
    #[error(transparent)]
    CheckIn(#[from] CheckInError),
    /// The card cannot be what it shall be.
    #[error(transparent)]
    CardEdge(#[from] ProvisionError),
    /// Only a GIDS card can be blank.
    #[error("only a GIDS card can be blank: tapcard-phone card-edge gids --blank")]
    BlankPiv,
    /// A file of a GIDS card is named that has no key.
    #[error(
        "the card has no key {0}: `tapcard-phone consent` alone lists those that there are (B081 is the file of a GIDS card's own key)"
    )]
    NoKey(KeyPlace),
    /// The link is not an invitation.
    #[error("this is not an invitation: {0}")]
    Invitation(#[from] InvitationError),
    /// The invitation's file cannot be read.
    #[error("there is no invitation: {0}")]
    InvitationFile(#[from] GivenSecretError),
    /// What was given as the invitation is not text.
    #[error("this is not an invitation: it is not text")]
    NotText,
    /// There was nothing where the invitation was to be.
    #[error(
        "no invitation was given: give its link on the standard input or in a file (--invitation-file), or run this in a terminal to be asked"
    )]
    NoInvitation,
    /// There is no new PIN.
    #[error(transparent)]
    NewPin(#[from] NewPinError),
    /// There is no code.
    #[error(
        "no code was given: set TAPCARD_UNBLOCKING_CODE or TAPCARD_UNBLOCKING_CODE_FILE, or run this in a terminal to be asked"
    )]
    NoUnblockingCode,
    /// The PIN in force was not given.
    #[error(transparent)]
    PresentPin(#[from] AskError),
    /// A request was not shown or answered.
    #[error(transparent)]
    Requests(#[from] RequestsError),
    /// Signals cannot be caught, or the standard output is gone.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The card is enrolled, and nobody could be told.
    #[error(
        "the card is enrolled, but what there is to tell could not be written ({0}). Run it again with the same invitation: it shows the PUK"
    )]
    NotTold(#[source] io::Error),
    /// What is shown cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Opens the card in a folder, or makes the first one there, and says so.
fn open_or_create(folder: &Path) -> Result<Store, StateError> {
    let store = Store::open_or_create(folder)?;
    if store.is_new() {
        eprintln!(
            "There was no card in {}: a new one was made there, with the PIN, PUK and management key of every new card.",
            Plain(folder.display())
        );
    }
    Ok(store)
}

/// Whether the card's keys are encrypted, and if not, what to do.
fn key_encryption(state: &CardState) -> &'static str {
    if state.sealing.is_some() {
        "encrypted under the PIN"
    } else if state.gids.is_some() {
        "not encrypted under the PIN, since a GIDS card's administrator can set another"
    } else if state.global_pin.is_some() {
        "not encrypted under the PIN: take the global PIN away (global-pin --remove), then enroll"
    } else {
        "not encrypted under the PIN until the next enrollment"
    }
}

/// Why the card does nothing over NFC, where it does not: what follows after "over NFC".
fn nothing_over_nfc(state: &CardState) -> Option<String> {
    (state.gids.is_some() && state.contactless.is_strict()).then(|| {
        format!(
            "it does nothing now: the card is {}, and GIDS knows no encrypted channel",
            state.contactless
        )
    })
}

/// "1 key", "2 keys".
fn number_of_keys(number: usize) -> String {
    match number {
        1 => "1 key".to_owned(),
        _ => format!("{number} keys"),
    }
}

/// The digits of the card's pairing code, if it has one.
fn pairing_code(state: &CardState) -> Option<String> {
    let content = state.object(ObjectId::PairingCodeReferenceData)?;
    let code = PairingCode::decode(content).ok()?;
    Some(String::from_utf8_lossy(code.as_bytes()).into_owned())
}

/// Prints a completion script.
pub fn completions(shell: Shell) -> Result<(), CommandError> {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    Ok(io::stdout().write_all(&script)?)
}
