//! The profiles that are in force.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use enroll_server_model::ProfileName;

use super::check::Trial;
use super::definition::Profile;
use super::error::{Flaw, RefusedRow};

/// What the rows of profiles and of enrollment policies have in common.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Which version.
    pub version: i64,
    /// What it says, JSON.
    pub definition: String,
}

/// A row: a version of a profile, as it is on record.
#[derive(Clone, Debug)]
pub struct ProfileRow {
    /// Name, version and what it says.
    pub row: Row,
    /// The id of the authority that issues its certificates; none: the one that issues now.
    pub issuer_id: Option<String>,
}

/// The profiles that are in force, by their names.
#[derive(Clone, Debug)]
pub struct Profiles(HashMap<ProfileName, Arc<Profile>>);

impl Profiles {
    /// Takes the profiles that are in force, one version of each: reads them, and lints a certificate of each.
    ///
    /// # Errors
    /// The first that is not sound.
    pub fn load(rows: &[ProfileRow], trial: &Trial) -> Result<Self, RefusedRow> {
        let mut profiles = HashMap::new();
        for row in rows {
            let profile = read(row)
                .and_then(|profile| {
                    let profile = Arc::new(profile);
                    trial.check(&profile)?;
                    Ok(profile)
                })
                .map_err(|flaw| row.row.refused("profile", flaw))?;
            profiles.insert(profile.name.clone(), profile);
        }
        Ok(Self(profiles))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Profile>> {
        self.0.values()
    }

    /// The profile with this name.
    #[must_use]
    pub fn get(&self, name: &ProfileName) -> Option<&Arc<Profile>> {
        self.0.get(name)
    }
}

fn read(ProfileRow { row, issuer_id }: &ProfileRow) -> Result<Profile, Flaw> {
    Ok(Profile {
        name: row.read_name()?,
        version: row.version,
        issuer_id: issuer_id.clone(),
        definition: serde_json::from_str(&row.definition)?,
    })
}

impl Row {
    /// Its name as a name of its kind.
    pub(super) fn read_name<N: FromStr>(&self) -> Result<N, Flaw> {
        self.name
            .parse()
            .map_err(|_| Flaw::Rule("its name must be lower-case words with hyphens between them"))
    }

    /// The error that refuses this row.
    pub(super) fn refused(&self, kind: &'static str, flaw: Flaw) -> RefusedRow {
        RefusedRow {
            kind,
            name: self.name.clone(),
            version: self.version,
            flaw,
        }
    }
}
