//! The authorities and profiles of the installation: from the data folder and the database at each start.

use std::path::Path;

use enroll_server_ca::addresses::RelyingAddresses;
use enroll_server_ca::authorities::authority::{Authority, AuthorityRecord};
use enroll_server_ca::authorities::folder::InFolder;
use enroll_server_ca::authorities::set::Authorities;
use enroll_server_ca::error::CaError;
use enroll_server_ca::passphrase::Passphrase;
use enroll_server_ca::profile::check::Trial;
use enroll_server_ca::profile::enrollment::{EnrollmentPolicies, PolicyRow};
use enroll_server_ca::profile::set::{ProfileRow, Profiles, Row};
use enroll_server_model::event_detail::CreatedAuthority;
use enroll_server_model::{Actor, Event, NewEvent, Timestamp, random};
use enroll_server_store::issuer::{self, Issuer};
use enroll_server_store::profile::{self, EnrollmentPolicy, Profile};
use enroll_server_store::{Store, installation};

use crate::blocking::blocking;
use crate::error::{Error, Result};

/// The organisation's name on record; none before the first start on this database.
///
/// # Errors
/// If the database fails.
pub async fn known_organisation(store: &Store) -> Result<Option<String>> {
    let known = installation::get(store.reader()).await?;
    Ok(known.map(|known| known.organisation))
}

/// Puts the authorities in the folder on record at the first start, and at each following one makes sure that the data
/// folder and the database are of one installation. Returns every authority on record.
///
/// # Errors
/// [`CaError::Mismatch`] if they are not.
pub async fn register(
    store: &Store,
    in_folder: [InFolder; 2],
    organisation: &str,
    now: Timestamp,
) -> Result<Vec<Issuer>> {
    let organisation = organisation.to_owned();
    store
        .write(move |tx| {
            Box::pin(async move {
                if installation::create(tx, &organisation, now).await? {
                    for found in &in_folder {
                        let row = row(found, now)?;
                        issuer::insert(tx, &row).await?;
                        tx.record(NewEvent::new(
                            now,
                            &Actor::system(),
                            &row.id,
                            Event::AuthorityCreated(CreatedAuthority {
                                name: row.name.clone(),
                                fingerprint: row.fingerprint.clone(),
                            }),
                        ));
                    }
                }
                let known = issuer::all(tx.reader()).await?;
                let is_known = |found: &InFolder| {
                    let fingerprint = found.certificate.fingerprint_hex();
                    known
                        .iter()
                        .any(|row| row.role == found.role && row.fingerprint == fingerprint)
                };
                if !in_folder.iter().all(is_known) {
                    return Err(CaError::Mismatch(
                        "the database is of another installation than the authority in the data folder: \
                         give --data and --database that belong together (several servers on one database \
                         need the same authority/ and secrets/)"
                            .to_owned(),
                    )
                    .into());
                }
                Ok(known)
            })
        })
        .await
}

fn row(found: &InFolder, now: Timestamp) -> Result<Issuer> {
    Ok(Issuer {
        id: random::id()?,
        role: found.role,
        name: found.certificate.name.clone(),
        certificate: found.certificate.der.clone(),
        fingerprint: found.certificate.fingerprint_hex(),
        key_location: found.key.clone(),
        revocation_epoch: 0,
        created: now,
    })
}

/// Opens the authorities on record, with their keys in `folder`. Blocks.
///
/// # Errors
/// If a key is missing, cannot be decrypted or does not belong to its certificate.
pub fn open(
    on_record: Vec<Issuer>,
    folder: &Path,
    passphrase: &Passphrase,
    addresses: &RelyingAddresses,
) -> Result<Authorities> {
    let authorities: Result<Vec<_>, CaError> = on_record
        .into_iter()
        .map(|issuer| {
            let record = AuthorityRecord {
                id: issuer.id,
                role: issuer.role,
                certificate: issuer.certificate,
                key: issuer.key_location,
            };
            Authority::open(record, folder, passphrase, addresses)
        })
        .collect();
    Ok(Authorities::new(authorities?)?)
}

/// The profiles that are in force, and the enrollment policies.
///
/// # Errors
/// [`Error::Profile`] with the first that is not sound; [`CaError::Mismatch`] with the first that names an authority that
/// does not issue here.
pub async fn profiles(
    store: &Store,
    authorities: &Authorities,
) -> Result<(Profiles, EnrollmentPolicies)> {
    let profiles = profile::profiles_in_force(store.reader()).await?;
    let policies = profile::enrollment_policies(store.reader()).await?;
    let loaded = blocking(move || {
        let profiles: Vec<_> = profiles.into_iter().map(profile_row).collect();
        let profiles = Profiles::load(&profiles, &Trial::new()?)?;
        let policies: Vec<_> = policies.into_iter().map(policy_row).collect();
        let policies = EnrollmentPolicies::load(&policies, &profiles)?;
        Ok::<_, Error>((profiles, policies))
    })
    .await?;
    for profile in loaded.0.iter() {
        authorities.issuer_of(profile)?;
    }
    for refused in loaded.1.passed_over() {
        tracing::warn!(%refused, "invitations with an earlier version of a policy cannot be used");
    }
    Ok(loaded)
}

fn profile_row(stored: Profile) -> ProfileRow {
    ProfileRow {
        row: Row {
            name: stored.name,
            version: stored.version,
            definition: stored.definition,
        },
        issuer_id: stored.issuer_id,
    }
}

fn policy_row(stored: EnrollmentPolicy) -> PolicyRow {
    PolicyRow {
        row: Row {
            name: stored.name,
            version: stored.version,
            definition: stored.definition,
        },
        title: stored.title,
    }
}
