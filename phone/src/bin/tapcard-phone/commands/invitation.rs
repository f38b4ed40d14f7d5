//! Where `enroll` has its invitation from. The link is a secret until it is used: on a command line every user of the
//! machine could read it.

use std::io::{self, IsTerminal};

use enrollment_protocol::Invitation;
use zeroize::Zeroizing;

use super::CommandError;
use super::given_secret::{all_of, from_file};
use crate::args::Enroll;

/// Stands for the standard input.
const STANDARD_INPUT: &str = "-";

/// The invitation: from a file, from the command line, from the standard input, or from whoever sits at the terminal.
pub(super) fn read(arguments: &Enroll) -> Result<Invitation, CommandError> {
    let text = match (&arguments.invitation_file, arguments.invitation.as_deref()) {
        (Some(path), _) if path.as_os_str() != STANDARD_INPUT => from_file(path)?,
        (None, Some(link)) if link != STANDARD_INPUT => Zeroizing::new(link.as_bytes().to_vec()),
        (None, None) if io::stdin().is_terminal() => {
            let mut link = hidden_input::ask("Invitation (the whole link; it is not shown): ")?;
            Zeroizing::new(std::mem::take(&mut *link).into_bytes())
        }
        _ => all_of(io::stdin())?,
    };
    let text = std::str::from_utf8(&text).map_err(|_| CommandError::NotText)?;
    if text.trim().is_empty() {
        return Err(CommandError::NoInvitation);
    }
    Ok(text.parse()?)
}
