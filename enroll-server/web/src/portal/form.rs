//! From what cannot be in a field to what the form says.

use enroll_server_service::error::Error;
use enroll_server_service::password::{LONGEST, Password, SHORTEST, Weakness};

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

    /// Notes what is wrong with a new password.
    pub fn add_weakness(&mut self, words: Words, field: &'static str, password: &Password) {
        match password.weakness() {
            Some(Weakness::Empty) => self.add(field, words.password_empty(SHORTEST)),
            Some(Weakness::Short { length }) => {
                self.add(field, words.password_short(length, SHORTEST));
            }
            Some(Weakness::Long) => self.add(field, words.password_long(LONGEST)),
            None => {}
        }
    }
}
