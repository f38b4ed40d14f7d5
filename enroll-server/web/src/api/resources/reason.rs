//! Why something is revoked.

use serde::Deserialize;
use utoipa::ToSchema;

use enroll_server_model::RevocationReason;
use enroll_server_service::error::{Error, Result};
use enroll_server_service::note;
use enroll_server_service::refusal::{Field, FieldFlaw};
use enroll_server_service::revocation::{Ending, Subject};

use crate::api::schema;

/// Why somebody is let go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Leaving {
    /// The reason for which their certificates are revoked.
    #[schema(schema_with = schema::reason)]
    reason: String,
    /// One line, kept with the event.
    #[serde(default)]
    note: String,
}

impl Leaving {
    /// The reason and the note.
    ///
    /// # Errors
    /// [`Error::InvalidField`].
    pub fn read(&self) -> Result<(RevocationReason, String)> {
        Ok((reason(&self.reason)?, note::read(&self.note)?))
    }
}

/// Why something is revoked, and what else of its holder ends with it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// The reason.
    #[schema(schema_with = schema::reason)]
    reason: String,
    /// One line, kept with the event.
    #[serde(default)]
    note: String,
    /// The ids of other phones of the same person, which are revoked with it.
    #[serde(default)]
    also_phones: Vec<String>,
    /// The ids of invitations of the same person, which are cancelled with it.
    #[serde(default)]
    also_invitations: Vec<String>,
}

impl Revocation {
    /// What is to end.
    ///
    /// # Errors
    /// [`Error::InvalidField`].
    pub fn of(self, subject: Subject) -> Result<Ending> {
        Ok(Ending {
            subject,
            phones: self.also_phones,
            invitations: self.also_invitations,
            reason: reason(&self.reason)?,
            note: note::read(&self.note)?,
        })
    }
}

/// The reason for a revocation that a word stands for.
///
/// # Errors
/// [`Error::InvalidField`].
pub fn reason(word: &str) -> Result<RevocationReason> {
    let found = word.parse().ok();
    found
        .filter(|reason: &RevocationReason| reason.is_final())
        .ok_or(Error::InvalidField {
            field: Field::Reason,
            flaw: FieldFlaw::NoReason,
        })
}
