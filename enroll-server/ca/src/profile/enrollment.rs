//! Enrollment policies: which keys a phone is asked to make, and for certificates of which profiles.

use std::collections::HashMap;
use std::sync::Arc;

use enroll_server_model::{KeyAlgorithm, ProfileName, Slot};
use serde::{Deserialize, Serialize};

use super::definition::Profile;
use super::error::{Flaw, RefusedRow, rule};
use super::set::{Profiles, Row};

/// A key that a phone is asked to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedKey {
    /// In which slot.
    pub slot: Slot,
    /// Of which algorithm.
    pub algorithm: KeyAlgorithm,
    /// For a certificate of which profile.
    pub profile: Arc<Profile>,
}

/// A policy as the database has it in JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    keys: Vec<KeyDefinition>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyDefinition {
    slot: Slot,
    algorithm: KeyAlgorithm,
    profile: ProfileName,
}

/// The enrollment policies that are in force, by their names.
#[derive(Clone, Debug)]
pub struct EnrollmentPolicies(HashMap<String, Arc<[RequestedKey]>>);

impl EnrollmentPolicies {
    /// Takes the policies that are in force, one version of each.
    ///
    /// # Errors
    /// The first that is not sound.
    pub fn load(rows: &[Row], profiles: &Profiles) -> Result<Self, RefusedRow> {
        let mut policies = HashMap::new();
        for row in rows {
            let keys =
                read(row, profiles).map_err(|flaw| row.refused("enrollment policy", flaw))?;
            policies.insert(row.name.clone(), keys.into());
        }
        Ok(Self(policies))
    }

    /// The keys that a phone is asked to make by the policy with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<[RequestedKey]>> {
        self.0.get(name)
    }
}

fn read(row: &Row, profiles: &Profiles) -> Result<Vec<RequestedKey>, Flaw> {
    let definition: Definition = serde_json::from_str(&row.definition)?;
    rule(!definition.keys.is_empty(), "it must ask for a key")?;
    let mut keys: Vec<RequestedKey> = Vec::with_capacity(definition.keys.len());
    for key in definition.keys {
        let profile = profiles
            .get(&key.profile)
            .ok_or_else(|| Flaw::UnknownProfile(key.profile.to_string()))?;
        rule(
            profile.definition.slot == Some(key.slot),
            "it asks for a key in another slot than its profile's",
        )?;
        rule(
            profile.definition.algorithms.contains(&key.algorithm),
            "it asks for a key that its profile does not take",
        )?;
        rule(
            !keys.iter().any(|other| other.slot == key.slot),
            "it asks for two keys in one slot",
        )?;
        keys.push(RequestedKey {
            slot: key.slot,
            algorithm: key.algorithm,
            profile: profile.clone(),
        });
    }
    Ok(keys)
}
