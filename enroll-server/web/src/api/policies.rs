//! What a phone can be asked to make: the policies that an invitation can be made with.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use enroll_server_model::{KeyAlgorithm, Slot};
use serde::Serialize;

use enroll_server_service::App;
use enroll_server_service::query::{self, EnrollmentPolicy};

use crate::words::Words;

#[derive(Serialize)]
pub(crate) struct Policies {
    policies: Vec<Policy>,
}

#[derive(Serialize)]
struct Policy {
    name: String,
    version: i64,
    title: String,
    keys: Vec<Key>,
}

#[derive(Serialize)]
struct Key {
    slot: Slot,
    algorithm: KeyAlgorithm,
    profile: String,
}

impl Policy {
    fn new(words: Words, policy: &EnrollmentPolicy) -> Self {
        let keys = policy.keys.iter().map(|key| Key {
            slot: key.slot,
            algorithm: key.algorithm,
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

/// `GET /api/v1/enrollment/policies`
pub async fn list(State(app): State<Arc<App>>, words: Words) -> Json<Policies> {
    let policies = query::enrollment_policies(&app).iter();
    Json(Policies {
        policies: policies.map(|policy| Policy::new(words, policy)).collect(),
    })
}
