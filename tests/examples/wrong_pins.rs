//! Tries PINs one after another in one process and says after each what the card answered and what the token's flags
//! say: `incorrect`, `locked` or `ok`, then `low`, `final` or `locked` as far as they are set.
//!
//! Arguments: the module. The PINs come on standard input, one a line.
#![forbid(unsafe_code)]

use std::error::Error;
use std::io::BufRead;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as Pkcs11Error, RvError};
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;

fn main() -> Result<(), Box<dyn Error>> {
    let module = std::env::args().nth(1).ok_or("usage: wrong_pins MODULE")?;
    let pkcs11 = Pkcs11::new(module)?;
    pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
    let slots = pkcs11.get_slots_with_token()?;
    let slot = *slots.first().ok_or("no token")?;
    let session = pkcs11.open_ro_session(slot)?;
    for pin in std::io::stdin().lock().lines() {
        let pin = AuthPin::new(pin?.into());
        let answer = match session.login(UserType::User, Some(&pin)) {
            Ok(()) => "ok",
            Err(Pkcs11Error::Pkcs11(RvError::PinIncorrect, _)) => "incorrect",
            Err(Pkcs11Error::Pkcs11(RvError::PinLocked, _)) => "locked",
            Err(other) => return Err(other.into()),
        };
        let token = pkcs11.get_token_info(slot)?;
        let flags = [
            (token.user_pin_count_low(), " low"),
            (token.user_pin_final_try(), " final"),
            (token.user_pin_locked(), " locked"),
        ];
        let flags: String = flags
            .iter()
            .filter(|(set, _)| *set)
            .map(|(_, name)| *name)
            .collect();
        println!("{answer}:{flags}");
    }
    Ok(())
}
