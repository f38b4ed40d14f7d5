//! Where `enroll` has its invitation from. The link is a secret until it is used: on a command line every user of the
//! machine could read it.

use std::fs::File;
use std::io::{self, IsTerminal, Read};

use enrollment_protocol::Invitation;
use zeroize::Zeroizing;

use super::CommandError;
use crate::args::Enroll;

/// The maximum number of bytes of an invitation's text: no link is as long.
const TEXT_MAX: u64 = 8 * 1024;

/// Stands for the standard input.
const STANDARD_INPUT: &str = "-";

/// The invitation: from a file, from the command line, from the standard input, or from whoever sits at the terminal.
pub(super) fn read(arguments: &Enroll) -> Result<Invitation, CommandError> {
    let text = match (&arguments.invitation_file, arguments.invitation.as_deref()) {
        (Some(path), _) if path.as_os_str() != STANDARD_INPUT => {
            let file = File::open(path);
            file.and_then(all_of)
                .map_err(|source| CommandError::InvitationFile {
                    path: path.clone(),
                    source,
                })?
        }
        (None, Some(link)) if link != STANDARD_INPUT => Zeroizing::new(link.to_owned()),
        (None, None) if io::stdin().is_terminal() => Zeroizing::new(rpassword::prompt_password(
            "Invitation (the whole link; it is not shown): ",
        )?),
        _ => all_of(io::stdin())?,
    };
    if text.trim().is_empty() {
        return Err(CommandError::NoInvitation);
    }
    Ok(text.parse()?)
}

/// All that there is, up to the most that an invitation can be; what is longer cannot be one.
fn all_of(source: impl Read) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(8 * 1024 + 1));
    source.take(TEXT_MAX).read_to_string(&mut text)?;
    Ok(text)
}
