//! From what a service says about a field to what the form says.

use enroll_server_service::error::Error;

use super::view::FormErrors;

impl FormErrors {
    /// Notes what a service says about a field.
    pub fn add_refused(&mut self, refused: Option<Error>) {
        if let Some(Error::InvalidField { field, message }) = refused {
            // In the summary each message stands alone.
            let message = match field {
                "email" => format!("Email: {message}"),
                "upn" => format!("Account name: {message}"),
                _ => message,
            };
            self.add(field, message);
        }
    }
}
