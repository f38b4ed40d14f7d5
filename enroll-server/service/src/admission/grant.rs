//! What every way in grants.

use std::sync::Arc;

use enroll_server_ca::profile::enrollment::RequestedKey;
use enroll_server_model::Actor;
use enroll_server_store::holder::Holder;

use super::claim::Claim;

/// Who may get which certificates.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Whose certificates they will be.
    pub holder: Holder,
    /// The keys that are certified.
    pub keys: Arc<[RequestedKey]>,
    /// What the keys are certified for: a key serves one purpose, and a request for the same purpose may be repeated.
    pub purpose: String,
    /// Who acts, for the audit trail.
    pub actor: Actor,
    /// What the enrollment uses up.
    pub claim: Arc<dyn Claim>,
    /// The id of the phone that the enrolled one takes the place of.
    pub replaces: Option<String>,
}
