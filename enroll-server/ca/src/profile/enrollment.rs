//! Enrollment policies: which keys a phone is asked to make, and for certificates of which profiles.

use std::collections::HashMap;
use std::sync::Arc;

use enroll_server_model::{KeyAlgorithm, PolicyName, ProfileName, SeededPolicy, Slot};
use serde::{Deserialize, Serialize};

use super::definition::Profile;
use super::error::{Flaw, RefusedRow, rule};
use super::set::{Profiles, Row};

/// Most characters of a title: it stands beside a radio button.
const LONGEST_TITLE: usize = 64;

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

/// What people call a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyTitle {
    /// The catalogue of words has a title for it, in every language.
    Seeded(SeededPolicy),
    /// Its row's own title, shown as it is in every language.
    Own(String),
}

/// A version of an enrollment policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrollmentPolicy {
    /// Its name.
    pub name: PolicyName,
    /// Which version.
    pub version: i64,
    /// What people call it.
    pub title: PolicyTitle,
    /// The keys that a phone is asked to make.
    pub keys: Arc<[RequestedKey]>,
}

/// A row: a version of an enrollment policy, as it is on record.
#[derive(Clone, Debug)]
pub struct PolicyRow {
    /// Name, version and what it says.
    pub row: Row,
    /// What people call it; none for a policy that the catalogue of words has a title for.
    pub title: Option<String>,
}

/// What a policy says, as the database has it in JSON.
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

/// The enrollment policies. The highest version of each is in force: new invitations are made with it. An invitation
/// that was made with an earlier one keeps it.
#[derive(Debug)]
pub struct EnrollmentPolicies {
    in_force: Vec<Arc<EnrollmentPolicy>>,
    earlier: HashMap<(PolicyName, i64), Arc<EnrollmentPolicy>>,
    passed_over: Vec<RefusedRow>,
}

impl EnrollmentPolicies {
    /// Takes all versions of all policies.
    ///
    /// # Errors
    /// The first in force that is not sound. An earlier version need not fit the profiles of today: it is
    /// [passed over](Self::passed_over).
    pub fn load(rows: &[PolicyRow], profiles: &Profiles) -> Result<Self, RefusedRow> {
        let mut all = Self {
            in_force: Vec::new(),
            earlier: HashMap::new(),
            passed_over: Vec::new(),
        };
        for one in rows {
            let is_in_force = !rows
                .iter()
                .any(|other| other.row.name == one.row.name && other.row.version > one.row.version);
            let read =
                read(one, profiles).map_err(|flaw| one.row.refused("enrollment policy", flaw));
            match read {
                Ok(policy) if is_in_force => all.in_force.push(Arc::new(policy)),
                Ok(policy) => {
                    let version = (policy.name.clone(), policy.version);
                    all.earlier.insert(version, Arc::new(policy));
                }
                Err(refused) if is_in_force => return Err(refused),
                Err(refused) => all.passed_over.push(refused),
            }
        }
        all.in_force.sort_by_key(|policy| order(policy));
        Ok(all)
    }

    /// The policies that are in force: those that every installation begins with, then the others by their titles.
    #[must_use]
    pub fn in_force(&self) -> &[Arc<EnrollmentPolicy>] {
        &self.in_force
    }

    /// The policy with this name that is in force.
    #[must_use]
    pub fn get(&self, name: &PolicyName) -> Option<&Arc<EnrollmentPolicy>> {
        self.in_force.iter().find(|policy| policy.name == *name)
    }

    /// A version of the policy with this name, in force or not.
    #[must_use]
    pub fn version(&self, name: &PolicyName, version: i64) -> Option<&Arc<EnrollmentPolicy>> {
        self.get(name)
            .filter(|policy| policy.version == version)
            .or_else(|| self.earlier.get(&(name.clone(), version)))
    }

    /// Earlier versions that are not sound with the profiles of today: no invitation that was made with one of them
    /// can be used any more.
    #[must_use]
    pub fn passed_over(&self) -> &[RefusedRow] {
        &self.passed_over
    }
}

fn order(policy: &EnrollmentPolicy) -> (usize, String) {
    match &policy.title {
        PolicyTitle::Seeded(seeded) => {
            let place = SeededPolicy::ALL.iter().position(|other| other == seeded);
            (place.unwrap_or_default(), String::new())
        }
        PolicyTitle::Own(title) => (SeededPolicy::ALL.len(), title.to_lowercase()),
    }
}

fn read(row: &PolicyRow, profiles: &Profiles) -> Result<EnrollmentPolicy, Flaw> {
    let PolicyRow { row, title } = row;
    let name: PolicyName = row.read_name()?;
    let title = match title {
        Some(title) => PolicyTitle::Own(own_title(title)?),
        None => PolicyTitle::Seeded(
            name.as_str()
                .parse()
                .map_err(|_| Flaw::Rule("it must have a title"))?,
        ),
    };
    Ok(EnrollmentPolicy {
        name,
        version: row.version,
        title,
        keys: keys(row, profiles)?.into(),
    })
}

fn own_title(title: &str) -> Result<String, Flaw> {
    let is_shown_as_it_is = !title.is_empty()
        && title.trim() == title
        && title.chars().count() <= LONGEST_TITLE
        && !title.chars().any(char::is_control);
    rule(
        is_shown_as_it_is,
        "its title must be a line of 1 to 64 characters without space around it",
    )?;
    Ok(title.to_owned())
}

fn keys(row: &Row, profiles: &Profiles) -> Result<Vec<RequestedKey>, Flaw> {
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
