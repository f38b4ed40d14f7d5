//! The check-in of an enrolled phone (docs/enrollment-protocol.md): it says how it is, renews what is due, and does what it is
//! told. Nobody need give a PIN.
//!
//! A kill at any moment leaves the old certificate with its key or the new one with its own: new keys are on disk before the
//! server hears of them, the server gives the same certificate for the same key again, and key and certificate take effect in
//! one write. Whoever was interrupted checks in again.

mod conversation;
mod error;
mod install;
mod renew;
mod retire;
mod unblock;
mod wipe;

use std::time::Duration;

use card_edge::piv::AsymmetricKey;
use enrollment_protocol::Code;
use enrollment_protocol::check_in::{Instruction, Problem};

pub use error::CheckInError;
pub use unblock::unblock;

use self::conversation::Conversation;
use super::client::ServerError;
use super::enroll::Device;
use crate::state::{CheckIn, Store};

/// What came of a check-in.
#[derive(Debug)]
pub struct CheckedIn {
    /// What the server has the phone for, in its word; none where it knows the phone no more.
    pub state: Option<String>,
    /// After how long it wants the next one.
    pub next: Duration,
    /// The slots whose certificates were renewed, with the end of the new ones.
    pub renewed: Vec<(AsymmetricKey, String)>,
    /// What kept the phone from renewing as it should.
    pub problems: Vec<Problem>,
    /// Whether the card was emptied, since the server said so.
    pub wiped: bool,
}

/// Checks in once.
///
/// # Errors
/// [`CheckInError`]. The card then is as it was, but for keys that wait for the next check-in.
pub fn check_in(store: &mut Store, device: Device<'_>) -> Result<CheckedIn, CheckInError> {
    let _alone = store.begin_enrollment()?;
    store.refresh()?;
    let own = store.state().check_in.clone();
    let own = own.ok_or(CheckInError::NotEnrolled)?;
    if own.is_wiped {
        return tell_wiped(store, device, &own);
    }
    let mut conversation = Conversation::begin(device, &own)?;
    let answer = conversation.check_in(store, None)?;
    if answer.instruction == Instruction::Wipe {
        store.update(|state| wipe::empty(state, &own))?;
        return tell_wiped(store, device, &own);
    }
    let mut done = CheckedIn {
        state: Some(answer.state),
        next: Duration::from_secs(answer.next),
        renewed: Vec::new(),
        problems: answer.problems,
        wiped: false,
    };
    if !answer.renewals.is_empty() {
        let outcome = renew::renew(store, device, &mut conversation, &answer.renewals)?;
        let answer = conversation.check_in(store, Some(outcome.problems.clone()))?;
        done.next = Duration::from_secs(answer.next);
        done.renewed = outcome.renewed;
        done.problems.extend(outcome.problems);
    }
    Ok(done)
}

/// Says that the card is empty, and forgets the server that said so.
fn tell_wiped(
    store: &mut Store,
    device: Device<'_>,
    own: &CheckIn,
) -> Result<CheckedIn, CheckInError> {
    let told = Conversation::begin(device, own)
        .and_then(|mut conversation| conversation.check_in(store, None));
    let state = match told {
        Ok(answer) => Some(answer.state),
        // It knows the phone no more, or another card in its place: nobody is left to be told.
        Err(CheckInError::Server(ServerError::Refused {
            code: Code::PhoneUnknown | Code::CheckInRefused,
            ..
        })) => None,
        Err(error) => return Err(error),
    };
    store.update(|state| {
        state.check_in = None;
        Ok::<_, CheckInError>(())
    })?;
    Ok(CheckedIn {
        state,
        next: Duration::ZERO,
        renewed: Vec::new(),
        problems: Vec::new(),
        wiped: true,
    })
}
