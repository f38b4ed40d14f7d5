//! VERIFY of a PIN that its holder types at the phone, so that it is neither with the host nor on the way: the rules are those
//! of VERIFY.

use std::time::Instant;

use card_edge::Status;
use card_edge::apdu::Command;
use card_edge::piv::extensions::{EntryTime, Note, VERIFY_AT_CARD, decode_pin_entry};
use card_edge::piv::{Pin, PinReference};

use crate::application::Resources;
use crate::consent::{Link, PinAnswer, PinCheck, PinRequest};
use crate::piv::access;
use crate::piv::context::Context;
use crate::piv::security_status::PinKind;
use crate::present_pin::{self, PresentPinError};
use crate::refusal::{Answer, status_of_state};
use crate::state::{OpeningKey, PinEntry, StateError, Store};

/// How long the holder is waited for, where the PIN can be typed at the phone.
pub(crate) fn entry_time(resources: &Resources) -> Option<EntryTime> {
    match resources.store.state().pin_entry {
        PinEntry::Host => None,
        PinEntry::Phone => resources.holder.pin_time().and_then(EntryTime::of),
    }
}

/// VERIFY of the PIV PIN, typed at the phone.
pub(crate) struct VerifyAtPhone {
    time: EntryTime,
    note: Option<Note>,
}

impl VerifyAtPhone {
    /// Whether this command is meant.
    pub(crate) fn is(command: &Command) -> bool {
        (command.p1, command.p2) == (VERIFY_AT_CARD, PinReference::PivPin.to_u8())
    }

    /// 6A86 where the PIN is not typed at this phone.
    pub(crate) fn parse(command: &Command, resources: &Resources) -> Result<Self, Status> {
        Ok(Self {
            time: entry_time(resources).ok_or(Status::IncorrectParameters)?,
            note: decode_pin_entry(&command.data).map_err(|_| Status::IncorrectData)?,
        })
    }

    /// 9000, 6985 where the holder did not type it, 6983 where it has no tries left. A wrong one is asked for again, in the
    /// same time. The holder has the phone in hand, over whichever interface the host asks: the last try is theirs.
    pub(crate) fn run(self, context: Context<'_>) -> Answer {
        access::may_prove_pin(context.path())?;
        let deadline = Instant::now() + self.time.duration();
        let says = self.note.map(|note| note.as_str().to_owned());
        let mut was_wrong = false;
        loop {
            let tries = context.resources.store.tries().map_err(status_of_state)?;
            if tries.pin == 0 {
                return Err(Status::AuthenticationMethodBlocked);
            }
            let request = PinRequest {
                interface: context.resources.interface,
                says: says.clone(),
                tries: tries.pin,
                was_wrong,
                deadline,
            };
            let (answer, compared) = ask(context.resources, &request);
            tracing::info!("the PIN was asked for at the phone: {answer:?}");
            let security = &mut context.session.security;
            match answer {
                PinAnswer::Verified => {
                    context.resources.opening_key = compared.map_err(status_of_state)?;
                    security.pin_verified(PinKind::Piv);
                    return Ok(Status::Success.into());
                }
                PinAnswer::Wrong(_) => {
                    security.pin_unverified(PinKind::Piv);
                    was_wrong = true;
                }
                PinAnswer::Blocked => {
                    security.pin_unverified(PinKind::Piv);
                    return Err(Status::AuthenticationMethodBlocked);
                }
                PinAnswer::Failed => {
                    let status = compared.map_or_else(status_of_state, |_| Status::Unknown);
                    return Err(status);
                }
                PinAnswer::Refused | PinAnswer::TimedOut => {
                    context.resources.refused.refuse();
                    return Err(Status::ConditionsNotSatisfied);
                }
                PinAnswer::LinkLost | PinAnswer::CardChanged => {
                    return Err(Status::ConditionsNotSatisfied);
                }
            }
        }
    }
}

/// What decrypts the card's keys, once the PIN was right; why it could not be compared.
type Compared = Result<Option<OpeningKey>, StateError>;

fn ask(resources: &mut Resources, request: &PinRequest) -> (PinAnswer, Compared) {
    let mut check = Check {
        link: resources.link.as_mut(),
        store: &mut resources.store,
        compared: Ok(None),
    };
    let answer = resources.holder.ask_for_pin(request, &mut check);
    (answer, check.compared)
}

/// The card while it waits.
struct Check<'a> {
    link: &'a mut dyn Link,
    store: &'a mut Store,
    compared: Compared,
}

impl Link for Check<'_> {
    fn is_waiting(&mut self) -> bool {
        self.link.is_waiting()
    }

    fn is_for_this_card(&mut self) -> bool {
        self.store.is_current()
    }
}

impl PinCheck for Check<'_> {
    fn compare(&mut self, pin: &Pin) -> PinAnswer {
        match present_pin::compare(self.store, pin) {
            Ok(opening) => {
                self.compared = Ok(opening);
                PinAnswer::Verified
            }
            Err(PresentPinError::Wrong(left)) => PinAnswer::Wrong(left),
            Err(PresentPinError::Blocked) => PinAnswer::Blocked,
            Err(PresentPinError::State(StateError::ChangedMeanwhile(_))) => PinAnswer::CardChanged,
            Err(PresentPinError::State(error)) => {
                self.compared = Err(error);
                PinAnswer::Failed
            }
            Err(PresentPinError::Malformed(_)) => PinAnswer::Failed,
        }
    }
}
