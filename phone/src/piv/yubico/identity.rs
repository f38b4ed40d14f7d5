//! GET VERSION (FD) and GET SERIAL (F8).

use card_edge::apdu::{Command, Response};

use crate::piv::context::Context;
use crate::piv::parameters::parameters;
use crate::refusal::Answer;

/// The version whose commands are all here: tools move and delete keys, and make RSA-3072, RSA-4096, Ed25519 and X25519
/// ones, from 5.7 on. A token of that version has more: RSA-1024, which is too short; PIN policies other than the slot's,
/// whose rules are the standard's; the touch policy *cached*, while the holder's answer is for one use; and a touch for the
/// management key, while consent is for uses of key pairs. Each is refused.
const VERSION: [u8; 3] = [5, 7, 0];

/// The version.
pub(super) fn version(command: &Command) -> Answer {
    parameters(command, (0, 0))?;
    Ok(Response::success(VERSION))
}

/// The serial number, four bytes.
pub(super) fn serial(context: &Context<'_>, command: &Command) -> Answer {
    parameters(command, (0, 0))?;
    Ok(Response::success(context.state().serial.to_be_bytes()))
}
