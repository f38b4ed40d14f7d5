//! The authorities' ends: certificates that are issued shortly before are cut short, and after it none are.

use std::collections::HashMap;
use std::time::Duration;

use enroll_server_ca::key_id::KeyId;
use enroll_server_model::Timestamp;

use crate::app::App;

/// How many of its certificates' lifetimes before an authority's end that is said: a successor takes time, and what the
/// authority issues in the last of them is cut short.
const LIFETIMES: u32 = 2;

/// An issuing authority that ends soon, or has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Its name.
    pub name: String,
    /// When it ends.
    pub not_after: Timestamp,
}

/// The authorities that profiles in force are issued by and that end within two lifetimes of the longest of them.
pub(crate) fn ending(app: &App, now: Timestamp) -> Vec<Ending> {
    let mut longest: HashMap<KeyId, Duration> = HashMap::new();
    for profile in app.profiles.iter() {
        if let Ok(issuer) = app.authorities.issuer_of(profile) {
            let kept = longest.entry(issuer.key_id()).or_default();
            *kept = (*kept).max(profile.definition.lifetime());
        }
    }
    let ends = |lifetime: &Duration, not_after: Timestamp| {
        not_after <= now.plus(lifetime.saturating_mul(LIFETIMES))
    };
    app.authorities
        .iter()
        .filter_map(|authority| {
            let certificate = authority.certificate();
            let lifetime = longest.get(&authority.key_id())?;
            ends(lifetime, certificate.not_after).then(|| Ending {
                name: certificate.name.clone(),
                not_after: certificate.not_after,
            })
        })
        .collect()
}
