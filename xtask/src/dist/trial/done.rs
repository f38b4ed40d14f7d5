//! Saying what was tried.

use crate::error::Result;
use crate::interrupt::Interrupt;

/// Says what is done on a system, unless somebody wants it all to end.
///
/// # Errors
/// Then.
pub fn done(system: &str, what: &str) -> Result {
    println!("  ✓ {system:10} {what}");
    Interrupt::check()
}
