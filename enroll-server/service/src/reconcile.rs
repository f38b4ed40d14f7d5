//! Bringing a database that is older than the authorities up to their last CRLs: what is on them is revoked.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use enroll_server_ca::authorities::folder::{self, FOLDER as AUTHORITY};
use enroll_server_ca::ca_certificate::CaCertificate;
use enroll_server_ca::crl::content::{RevocationList, RevokedCertificate};
use enroll_server_ca::crl::read;
use enroll_server_ca::error::CaError;
use enroll_server_model::clock::Clock;
use enroll_server_model::event_detail::{
    HeldCertificate, RevokedCertificate as RevokedDetail, RevokedPhone, SuspendedPhone,
    TakenOverCrl,
};
use enroll_server_model::{
    Actor, CertificateState, Event, IssuerRole, NewEvent, ObjectKind, Timestamp,
};
use enroll_server_store::crl::{self, PublishedCrl};
use enroll_server_store::issuer::{self, Issuer};
use enroll_server_store::revocation::{self, Revocation};
use enroll_server_store::suspension::{self, Suspension};
use enroll_server_store::{Store, Transaction, certificate, phone};
use zeroize::Zeroizing;

use crate::blocking::blocking;
use crate::error::Result;
use crate::lock::DataLock;
use crate::start_error::StartError;
use crate::{authority, backup, interrupted_restore};

/// Most bytes of a CRL, and what reads no more of one than that.
pub use enroll_server_files::{LONG as LONGEST, read_from};

/// What to bring up to what.
pub struct Options {
    /// The data folder.
    pub data: PathBuf,
    /// The database's URL.
    pub database: Zeroizing<String>,
    /// CRLs, DER or PEM, beside those that are kept in the authorities' folder.
    pub crls: Vec<Vec<u8>>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// A CRL that was taken over.
#[derive(Clone, Debug)]
pub struct TakenOver {
    /// Whose it is.
    pub authority: String,
    /// Its number.
    pub number: i64,
    /// How many certificates are on it.
    pub entries: usize,
    /// How many of them were not revoked in the database.
    pub revoked: usize,
}

/// A CRL and its DER.
struct List {
    content: RevocationList,
    der: Vec<u8>,
}

/// Takes the last CRLs over: every certificate on them is revoked from now on, also those that the database does not know,
/// and the numbers of later CRLs are above theirs.
///
/// # Errors
/// If a server is at work in the folder, there is no CRL, or one is not signed by an authority of the folder. A database
/// that was empty needs one of each authority: numbers must not begin again.
pub async fn reconcile(options: Options) -> Result<Vec<TakenOver>, StartError> {
    let folder = options.data.join(AUTHORITY);
    let is_interrupted = backup::check_settled(&options.data).is_err();
    if !is_interrupted && !folder::is_made(&options.data)? {
        return Err(StartError::NoAuthority(options.data));
    }
    let file = Store::file_of(&options.database)?;
    let _lock = DataLock::take(&options.data, file.as_deref())?;
    interrupted_restore::settle(&options.data, file.as_deref())?;
    let store = Store::open(&options.database).await?;
    let now = options.clock.now();
    let in_folder = {
        let folder = folder.clone();
        blocking(move || folder::read_all(&folder)).await?
    };
    let known = authority::known_organisation(&store).await?;
    let was_empty = known.is_none();
    let organisation = match known {
        Some(organisation) => organisation,
        None => organisation_of(&in_folder[1].certificate)?,
    };
    let certificates = in_folder.clone().map(|one| one.certificate);
    let mut lists = {
        let folder = folder.clone();
        blocking(move || read_lists(&folder, &certificates, options.crls)).await?
    };
    if was_empty
        && let Some(missing) = in_folder
            .iter()
            .find(|one| !lists.contains_key(&one.certificate.fingerprint))
    {
        return Err(StartError::NoList(missing.certificate.name.clone()));
    }
    if lists.is_empty() {
        return Err(StartError::NoList(organisation));
    }
    let on_record = authority::register(&store, in_folder, &organisation, now).await?;
    folder::set_registered(&folder)?;
    let mut taken_over = Vec::new();
    for issuer in on_record {
        let certificate = CaCertificate::from_der(&issuer.certificate)?;
        let mut of_issuer = lists.remove(&certificate.fingerprint).unwrap_or_default();
        // What an older list has on hold may have been resumed since.
        if let Some((_, older)) = of_issuer.split_last_mut() {
            for list in older {
                let entries = &mut list.content.revocations;
                entries.retain(|entry| entry.reason.is_final());
            }
        }
        for list in of_issuer {
            taken_over.push(take_over(&store, issuer.clone(), &certificate, list, now).await?);
        }
    }
    store.close().await;
    Ok(taken_over)
}

fn organisation_of(certificate: &CaCertificate) -> Result<String, StartError> {
    certificate.organisation.clone().ok_or_else(|| {
        CaError::Mismatch(format!(
            "{}: its name has no organisation",
            certificate.name
        ))
        .into()
    })
}

/// CRLs by the fingerprint of their authority's certificate.
type Lists = HashMap<[u8; 32], Vec<List>>;

/// The CRLs that are kept in the folder and those that were given, the oldest first.
fn read_lists(
    folder: &Path,
    authorities: &[CaCertificate],
    given: Vec<Vec<u8>>,
) -> Result<Lists, CaError> {
    let mut lists = Lists::new();
    for issuer in authorities {
        if let Some((content, der)) = folder::kept_crl(folder, issuer)? {
            let of_issuer = lists.entry(issuer.fingerprint).or_default();
            of_issuer.push(List { content, der });
        }
    }
    for file in given {
        let der = read::der(file);
        let (fingerprint, content) = authorities
            .iter()
            .find_map(|issuer| Some((issuer.fingerprint, read::read(&der, issuer).ok()?)))
            .ok_or_else(|| {
                CaError::Mismatch(
                    "what --crl names is not a revocation list that an authority of this installation has signed"
                        .to_owned(),
                )
            })?;
        let of_issuer = lists.entry(fingerprint).or_default();
        of_issuer.push(List { content, der });
    }
    for of_issuer in lists.values_mut() {
        of_issuer.sort_by_key(|list| list.content.number);
    }
    Ok(lists)
}

/// Takes one CRL over, in one transaction.
async fn take_over(
    store: &Store,
    issuer: Issuer,
    certificate: &CaCertificate,
    list: List,
    now: Timestamp,
) -> Result<TakenOver> {
    let (name, ends) = (certificate.name.clone(), certificate.not_after);
    store
        .write_at_length(move |tx| {
            Box::pin(async move {
                let List { content, der } = list;
                // First of all, as every revocation does: it locks the issuer.
                issuer::raise_revocation_epoch(tx, &issuer.id).await?;
                let mut revoked = 0;
                let mut phones = HashSet::new();
                for entry in &content.revocations {
                    if let Some(phone) = revoke(tx, &issuer.id, entry, ends, now).await? {
                        revoked += 1;
                        phones.extend(phone);
                    }
                }
                for id in &phones {
                    end_phone(tx, id, now).await?;
                }
                let revocation_epoch = known_epoch(tx, &issuer, &content).await?;
                let taken_over = TakenOver {
                    authority: name,
                    number: content.number,
                    entries: content.revocations.len(),
                    revoked,
                };
                let published = PublishedCrl {
                    issuer_id: issuer.id.clone(),
                    number: content.number,
                    revocation_epoch,
                    this_update: content.this_update,
                    next_update: content.next_update,
                    body: der.into(),
                };
                crl::take_over(tx, &published).await?;
                tx.record(NewEvent::new(
                    now,
                    &Actor::system(),
                    &issuer.id,
                    Event::CrlTakenOver(TakenOverCrl {
                        number: taken_over.number,
                        entries: taken_over.entries,
                        revoked,
                    }),
                ));
                Ok(taken_over)
            })
        })
        .await
}

/// The epoch that a CRL counts as made at. An issuing authority makes another one at once, with a higher number; a root may
/// be offline, and its list is served as it is if it has everything that is revoked here.
async fn known_epoch(tx: &mut Transaction, issuer: &Issuer, list: &RevocationList) -> Result<i64> {
    let since = list.this_update;
    let here = revocation::ending_after(tx.reader(), &issuer.id, since).await?;
    let listed: HashSet<_> = list.revocations.iter().map(|entry| &entry.serial).collect();
    let has_all = here.iter().all(|revoked| listed.contains(&revoked.serial));
    if issuer.role == IssuerRole::Root && has_all {
        Ok(issuer::revocation_epoch(tx.reader(), &issuer.id).await?)
    } else {
        Ok(0)
    }
}

/// Revokes what an entry names. Returns the phone that it is on, if there is one, where it was not revoked before.
async fn revoke(
    tx: &mut Transaction,
    issuer_id: &str,
    entry: &RevokedCertificate,
    ends: Timestamp,
    now: Timestamp,
) -> Result<Option<Option<String>>> {
    let known = certificate::by_serial(tx.reader(), issuer_id, &entry.serial).await?;
    let is_new = revocation::insert(
        tx,
        &Revocation {
            issuer_id: issuer_id.to_owned(),
            serial: entry.serial.clone(),
            revoked_at: entry.revoked_at,
            reason: entry.reason,
            // Of one that was issued after the backup nothing else is known: it ends with its authority at the latest.
            not_after: known.as_ref().map_or(ends, |known| known.not_after),
        },
    )
    .await?;
    let Some(known) = known else {
        return Ok(is_new.then_some(None));
    };
    let is_changed = if entry.reason.is_final() {
        certificate::set_revoked(tx, &known.id).await?
    } else {
        certificate::set_suspended(tx, &known.id, true).await?
    };
    if !is_changed {
        return Ok(is_new.then_some(None));
    }
    let certificate = known.facts();
    let event = if entry.reason.is_final() {
        Event::CertificateRevoked(RevokedDetail {
            certificate,
            reason: Some(entry.reason),
            note: String::new(),
        })
    } else {
        Event::CertificateSuspended(HeldCertificate { certificate })
    };
    tx.record(NewEvent::new(now, &Actor::system(), &known.id, event));
    Ok(Some(known.phone_id))
}

/// Makes a phone what its certificates are: suspended if some are on hold, revoked if none is left that is not revoked.
async fn end_phone(tx: &mut Transaction, id: &str, now: Timestamp) -> Result<()> {
    let rows = certificate::of_phone(tx.reader(), id).await?;
    let has = |state| rows.iter().any(|row| row.state == state);
    let actor = Actor::system();
    let event = if has(CertificateState::Suspended) {
        if !phone::set_suspended(tx, id, true).await? {
            return Ok(());
        }
        let suspended = Suspension {
            since: now,
            suspended_by: actor.name.clone(),
            note: String::new(),
            until: None,
        };
        suspension::insert(tx, ObjectKind::Phone, id, &suspended).await?;
        let on_hold = rows
            .iter()
            .filter(|row| row.state == CertificateState::Suspended);
        Event::PhoneSuspended(SuspendedPhone {
            certificates: on_hold.count(),
            note: String::new(),
            until: String::new(),
        })
    } else if rows
        .iter()
        .all(|row| row.state == CertificateState::Revoked)
    {
        if !phone::set_revoked(tx, id, now).await? {
            return Ok(());
        }
        suspension::delete(tx, ObjectKind::Phone, id).await?;
        Event::PhoneRevoked(RevokedPhone {
            reason: None,
            certificates: rows.len(),
            ..RevokedPhone::default()
        })
    } else {
        return Ok(());
    };
    tx.record(NewEvent::new(now, &actor, id, event));
    Ok(())
}
