//! What whoever does something has to say: one line, kept with the event.

use crate::error::{Error, Result};
use crate::refusal::{Field, FieldFlaw};
use crate::text;

/// Most characters of a note.
pub const LONGEST: usize = 200;

/// Reads a note that must say something.
///
/// # Errors
/// As [`read`], and if it is empty.
pub fn read_some(typed: &str) -> Result<String> {
    let note = read(typed)?;
    if note.is_empty() {
        return Err(Error::InvalidField {
            field: Field::Note,
            flaw: FieldFlaw::NoteEmpty,
        });
    }
    Ok(note)
}

/// Reads a note as somebody typed it; it may be empty.
///
/// # Errors
/// [`Error::InvalidField`] if it is too long or has characters that cannot be seen.
pub fn read(typed: &str) -> Result<String> {
    let note = text::one_line(typed);
    let flaw = if note.chars().count() > LONGEST {
        FieldFlaw::NoteLong { longest: LONGEST }
    } else if let Some(unseen) = text::first_unseen(&note) {
        FieldFlaw::NoteUnseen {
            character: text::code_point(unseen),
        }
    } else {
        return Ok(note);
    };
    Err(Error::InvalidField {
        field: Field::Note,
        flaw,
    })
}
