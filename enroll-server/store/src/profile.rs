//! Certificate profiles and enrollment policies: rows that a version replaces, and that stay.

use sqlx::FromRow;

use crate::error::Result;
use crate::sql::Reader;

/// A version of a profile or of an enrollment policy.
#[derive(Clone, Debug, FromRow)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// Which version.
    pub version: i64,
    /// What it says, JSON.
    pub definition: String,
}

/// The certificate profiles that are in force, by name.
///
/// # Errors
/// If the database fails.
pub async fn profiles_in_force<'e>(on: impl Reader<'e>) -> Result<Vec<Definition>> {
    Ok(sqlx::query_as(
        "SELECT name, version, definition FROM profiles AS p WHERE version = \
         (SELECT MAX(version) FROM profiles AS other WHERE other.name = p.name) ORDER BY name",
    )
    .fetch_all(on)
    .await?)
}

/// The enrollment policies that are in force, by name.
///
/// # Errors
/// If the database fails.
pub async fn enrollment_policies_in_force<'e>(on: impl Reader<'e>) -> Result<Vec<Definition>> {
    Ok(sqlx::query_as(
        "SELECT name, version, definition FROM enrollment_policies AS p WHERE version = \
         (SELECT MAX(version) FROM enrollment_policies AS other WHERE other.name = p.name) ORDER BY name",
    )
    .fetch_all(on)
    .await?)
}
