//! The form that asks why something is revoked.

use serde::Deserialize;

use enroll_server_model::RevocationReason;

use super::view::FormErrors;
use crate::words::Words;

/// The form.
#[derive(Debug, Deserialize)]
pub struct ReasonForm {
    #[serde(default)]
    reason: String,
}

impl ReasonForm {
    /// The reason that was chosen, if it is one.
    #[must_use]
    pub fn reason(&self) -> Option<RevocationReason> {
        self.reason.parse().ok()
    }
}

/// What is wrong with a form without a reason.
#[must_use]
pub fn refused(words: Words) -> FormErrors {
    let mut errors = FormErrors::none();
    errors.add_in_group("reason", "reason-key-compromise", words.revoke_no_reason());
    errors
}
