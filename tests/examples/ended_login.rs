//! A program whose login waits for a phone, and which ends the module as soon as it is told anything on standard input.
//!
//! Argument: the module. The PIN comes in `ENDED_LOGIN_PIN`. It says how the login ended.
#![forbid(unsafe_code)]

use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;

fn threads() -> std::io::Result<usize> {
    Ok(std::fs::read_dir("/proc/self/task")?.count())
}

fn main() -> Result<(), Box<dyn Error>> {
    let module = std::env::args_os().nth(1).ok_or("no module")?;
    let pin = AuthPin::from(std::env::var("ENDED_LOGIN_PIN")?);
    let pkcs11 = Pkcs11::new(module)?;
    pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
    let slot = *pkcs11.get_slots_with_token()?.first().ok_or("no token")?;
    let session = pkcs11.open_ro_session(slot)?;
    let login = std::thread::spawn(move || session.login(UserType::User, Some(&pin)));
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    pkcs11.finalize()?;
    let ended = login.join().map_err(|_| "the login has panicked")?;
    let mut out = std::io::stdout();
    match ended {
        Ok(()) => writeln!(out, "logged in")?,
        Err(error) => writeln!(out, "{error}")?,
    }
    // The kernel lists a thread for a moment after its end.
    let patience = Instant::now() + Duration::from_secs(10);
    let mut threads = threads()?;
    while threads > 1 && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(5));
        threads = self::threads()?;
    }
    writeln!(out, "{threads} threads")?;
    Ok(out.flush()?)
}
