//! A console of Windows, which shows what is typed only while a program reads.

use std::io;

use zeroize::Zeroizing;

/// Asks for a secret at the console of this process: one line, without its end.
///
/// # Errors
/// Where there is no console, or the person ends the input.
pub fn ask(prompt: &str) -> io::Result<Zeroizing<String>> {
    rpassword::prompt_password(prompt).map(Zeroizing::new)
}
