//! Certificate profiles and enrollment policies: rows that a version replaces, and that stay.

use crate::error::Result;
use crate::sql::{Reader, from_row};

/// A version of a profile.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Which version.
    pub version: i64,
    /// Which authority issues its certificates; none: the one that issues now.
    pub issuer_id: Option<String>,
    /// What it says, JSON.
    pub definition: String,
}

from_row!(Profile {
    name,
    version,
    issuer_id,
    definition
});

/// A version of an enrollment policy.
#[derive(Clone, Debug)]
pub struct EnrollmentPolicy {
    /// Its name.
    pub name: String,
    /// Which version.
    pub version: i64,
    /// What people call it; none for a policy that the catalogue of words has a title for.
    pub title: Option<String>,
    /// What it says, JSON.
    pub definition: String,
}

from_row!(EnrollmentPolicy {
    name,
    version,
    title,
    definition
});

/// The certificate profiles that are in force, by name.
pub async fn profiles_in_force<'e>(on: impl Reader<'e>) -> Result<Vec<Profile>> {
    Ok(sqlx::query_as(
        "SELECT name, version, issuer_id, definition FROM profiles AS p WHERE version = \
         (SELECT MAX(version) FROM profiles AS other WHERE other.name = p.name) ORDER BY name",
    )
    .fetch_all(on)
    .await?)
}

/// All versions of all enrollment policies: an invitation keeps the version that it was made with.
pub async fn enrollment_policies<'e>(on: impl Reader<'e>) -> Result<Vec<EnrollmentPolicy>> {
    Ok(sqlx::query_as(
        "SELECT name, version, title, definition FROM enrollment_policies ORDER BY name, version",
    )
    .fetch_all(on)
    .await?)
}
