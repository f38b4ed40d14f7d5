//! How long the texts of a server may be.

use enrollment_protocol::limit::{MESSAGE_MAX, NAME_MAX};

use super::flaw::AnswerFlaw;

/// Refuses a name that is empty or too long.
///
/// # Errors
/// [`AnswerFlaw::Name`] with what it is the name of.
pub(super) fn check_name(what: &'static str, name: &str) -> Result<(), AnswerFlaw> {
    if name.trim().is_empty() || name.chars().nth(NAME_MAX).is_some() {
        return Err(AnswerFlaw::Name(what));
    }
    Ok(())
}

/// The beginning of a message, and all of one that is not too long.
pub(super) fn cut(message: &str) -> String {
    message.chars().take(MESSAGE_MAX).collect()
}
