//! `tapcard-phone unblock`: a new PIN with a code of the organisation's.

use std::io::{self, IsTerminal, Write};
use std::time::SystemTime;

use enrollment_protocol::unblocking::UnblockingCode;
use tapcard_phone::enrollment::Device;
use tapcard_phone::enrollment::check_in;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::Store;
use zeroize::Zeroizing;

use super::{CommandError, enroll, given_secret, new_pin};
use crate::args::Unblock;
use crate::https::Https;

const CODE_VARIABLE: &str = "TAPCARD_UNBLOCKING_CODE";

/// Gives the card a new PIN.
pub fn run(arguments: &Unblock) -> Result<(), CommandError> {
    let mut store = Store::open(&arguments.state.folder)?;
    let own = store.state().check_in.as_ref();
    if own.is_none_or(|own| own.unblocking.is_none()) {
        // Nothing is asked for in vain.
        return Err(check_in::CheckInError::NoUnblockingKey.into());
    }
    let code = code()?;
    let pin = match new_pin::given(enroll::PIN_VARIABLE)? {
        Some(pin) => pin,
        None => new_pin::ask("New PIN", enroll::PIN_VARIABLE)?,
    };
    let device = Device {
        keys: &SoftwareKeyStore,
        http: &Https::new(),
        name: &enroll::phone_name(),
        clock: SystemTime::now,
    };
    check_in::unblock(&mut store, device, code, &pin)?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "The card has its new PIN, with all its tries. The PUK is the one of before."
    )?;
    Ok(out.flush()?)
}

fn code() -> Result<UnblockingCode, CommandError> {
    if let Some(given) = given_secret::from_environment(CODE_VARIABLE)? {
        let text = String::from_utf8_lossy(&given).into_owned();
        return Ok(Zeroizing::new(text).into());
    }
    if !io::stdin().is_terminal() && !io::stderr().is_terminal() {
        return Err(CommandError::NoUnblockingCode);
    }
    let typed = hidden_input::ask("Code from your organisation: ")?;
    Ok(Zeroizing::new(typed.to_string()).into())
}
