//! What a phone can be asked to make: the policies that an invitation can be made with.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use enroll_server_service::App;
use enroll_server_service::query::{self, EnrollmentPolicy};

use crate::api::schema;
use crate::words::Words;

/// The enrollment policies.
#[derive(Debug, Serialize, ToSchema)]
pub struct Policies {
    /// In the order in which people are shown them.
    policies: Vec<Policy>,
}

/// An enrollment policy.
#[derive(Debug, Serialize, ToSchema)]
struct Policy {
    /// Its name, as an invitation gives it.
    name: String,
    /// Its version.
    version: i64,
    /// What people are shown.
    title: String,
    /// The keys that the phone makes.
    keys: Vec<Key>,
}

/// A key that the phone makes.
#[derive(Debug, Serialize, ToSchema)]
struct Key {
    /// The slot of the card.
    #[schema(schema_with = schema::slot)]
    slot: &'static str,
    /// Its algorithm.
    #[schema(schema_with = schema::algorithm)]
    algorithm: &'static str,
    /// The profile of its certificate.
    profile: String,
}

impl Policy {
    fn new(words: Words, policy: &EnrollmentPolicy) -> Self {
        let keys = policy.keys.iter().map(|key| Key {
            slot: key.slot.as_str(),
            algorithm: key.algorithm.as_str(),
            profile: key.profile.name.to_string(),
        });
        Self {
            name: policy.name.to_string(),
            version: policy.version,
            title: words.policy_title(policy).into_owned(),
            keys: keys.collect(),
        }
    }
}

/// Enrollment policies
#[utoipa::path(get, path = "/api/v1/enrollment/policies", tag = "invitations", operation_id = "list_policies",
    security(("token" = ["read"])),
    responses((status = 200, description = "All of them", body = Policies)))]
pub async fn list(State(app): State<Arc<App>>, words: Words) -> Json<Policies> {
    let policies = query::enrollment_policies(&app).iter();
    Json(Policies {
        policies: policies.map(|policy| Policy::new(words, policy)).collect(),
    })
}
