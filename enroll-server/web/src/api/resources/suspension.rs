//! Why somebody or something is suspended.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use enroll_server_service::query;

/// What whoever does something has to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// One line, kept with the event.
    #[serde(default)]
    pub note: String,
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
}

impl From<query::Suspension> for Suspension {
    fn from(row: query::Suspension) -> Self {
        Self {
            since: row.since.rfc3339(),
            by: row.suspended_by,
            note: row.note,
        }
    }
}
