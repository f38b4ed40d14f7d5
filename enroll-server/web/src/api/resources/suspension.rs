//! Why somebody or something is suspended.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use enroll_server_model::Timestamp;
use enroll_server_service::error::Result;
use enroll_server_service::suspension::Terms;
use enroll_server_service::{note, query};

/// Why something is suspended, and until when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspend {
    /// One line, kept with the event.
    #[serde(default)]
    note: String,
    /// When it ends by itself; without it somebody ends it.
    #[schema(format = DateTime)]
    until: Option<String>,
}

impl Suspend {
    /// What is asked for.
    ///
    /// # Errors
    /// [`Error::InvalidField`].
    pub fn terms(self) -> Result<Terms> {
        let until = self.until.as_deref();
        let until = until.map(|at| Timestamp::from_rfc3339(at).ok_or_else(Terms::not_to_come));
        Ok(Terms {
            note: note::read(&self.note)?,
            until: until.transpose()?,
        })
    }
}

/// A suspension.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suspension {
    /// Since when.
    #[schema(format = DateTime)]
    since: String,
    /// The name of who suspended.
    by: String,
    /// What they had to say.
    note: String,
    /// When it ends by itself.
    #[schema(format = DateTime)]
    until: Option<String>,
}

impl From<query::Suspension> for Suspension {
    fn from(row: query::Suspension) -> Self {
        Self {
            since: row.since.rfc3339(),
            by: row.suspended_by,
            note: row.note,
            until: row.until.map(Timestamp::rfc3339),
        }
    }
}
