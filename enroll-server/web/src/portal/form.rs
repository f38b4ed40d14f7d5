//! From what a service refuses in a field to what the form says.

use enroll_server_service::error::Error;

use super::view::FormErrors;
use crate::words::Words;

impl FormErrors {
    /// Notes what a service refuses in a field.
    pub fn add_refused(&mut self, words: Words, refused: Option<Error>) {
        if let Some(Error::InvalidField { field, flaw }) = refused {
            let (message, beside) = (words.flaw(field, &flaw), words.flaw_alone(&flaw));
            self.add_both(field.name(), message, beside);
        }
    }
}
