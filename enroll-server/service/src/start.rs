//! Opens what the services work with: data folder, database, authority and the server's own certificate.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use enroll_server_ca::addresses::RelyingAddresses;
use enroll_server_ca::authorities::folder::{self, FOLDER as AUTHORITY, Hierarchy};
use enroll_server_ca::authorities::set::Authorities;
use enroll_server_ca::error::CaError;
use enroll_server_ca::files::create_folder;
use enroll_server_model::Timestamp;
use enroll_server_model::clock::Clock;
use enroll_server_store::{Kind, Store, StoreError};

use crate::app::{Addresses, App};
use crate::blocking::blocking;
use crate::crl_cache::CrlCache;
use crate::error::Error;
use crate::health::Health;
use crate::issuance::LEASE;
use crate::lock::{DataLock, LockError};
use crate::ocsp_cache::OcspCache;
use crate::tls_credential::TlsCredential;
use crate::{authority, credential, issuance};
pub use enroll_server_ca::passphrase::Passphrase;

/// What to open.
pub struct Options {
    /// The data folder; it is made if it is not there.
    pub data: PathBuf,
    /// The database's URL.
    pub database: String,
    /// The organisation's name, for the first start.
    pub organisation: String,
    /// Where the server is reached.
    pub addresses: Addresses,
    /// What the authorities' keys are encrypted under; without it, the one in the data folder.
    pub passphrase: Option<Passphrase>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Why it could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another server is at work on the same data.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Something else of the operating system.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The authority.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// A service.
    #[error(transparent)]
    Service(Error),
}

impl From<Error> for StartError {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(error) | Error::Unavailable(error) => Self::Store(error),
            Error::Ca(error) => Self::Ca(error),
            other => Self::Service(other),
        }
    }
}

/// Opens or makes everything that the services work with.
///
/// # Errors
/// If any of it fails.
pub async fn open(options: Options) -> Result<(Arc<App>, DataLock), StartError> {
    create_folder(&options.data)?;
    let data = fs::canonicalize(&options.data)?;
    let file = Store::file_of(&options.database)?;
    let lock = DataLock::take(&data, file.as_deref())?;
    let store = Store::open(&options.database).await?;
    let organisation = organisation(&store, &options.organisation, &data).await?;
    let passphrase = match options.passphrase {
        Some(passphrase) => passphrase,
        None => stored_passphrase(&data)?,
    };
    let relying = RelyingAddresses::new(options.addresses.relying.clone());
    let now = options.clock.now();
    let authorities = authorities(&store, &data, &organisation, relying, &passphrase, now).await?;
    let (profiles, policies) = authority::profiles(&store, &authorities).await?;
    let app = Arc::new(App {
        store,
        authorities,
        profiles,
        policies,
        passphrase,
        organisation,
        addresses: options.addresses,
        data,
        clock: options.clock,
        ocsp: OcspCache::default(),
        crls: CrlCache::default(),
        tls: TlsCredential::default(),
        health: Health::default(),
    });
    sweep_left_over(&app).await?;
    credential::renew_tls(&app).await?;
    Ok((app, lock))
}

/// The authorities of the installation; at the first start they are made.
async fn authorities(
    store: &Store,
    data: &Path,
    organisation: &str,
    addresses: RelyingAddresses,
    passphrase: &Passphrase,
    now: Timestamp,
) -> Result<Authorities, Error> {
    let folder = data.join(AUTHORITY);
    let in_folder = blocking({
        let (data, folder) = (data.to_owned(), folder.clone());
        let (addresses, passphrase) = (addresses.clone(), passphrase.clone());
        let hierarchy = Hierarchy::new(organisation.to_owned());
        move || {
            if !folder.exists() {
                folder::create(&data, &hierarchy, &addresses, &passphrase, now)?;
            }
            folder::read(&folder)
        }
    })
    .await?;
    let on_record = authority::register(store, in_folder, organisation, now).await?;
    let passphrase = passphrase.clone();
    blocking(move || authority::open(on_record, &folder, &passphrase, &addresses)).await
}

/// The organisation's name: the one on record, or, at the first start, the one given. A database that is in use needs
/// the authority that it is in use with: none is made for it.
async fn organisation(store: &Store, given: &str, data: &Path) -> Result<String, StartError> {
    let Some(known) = authority::known_organisation(store).await? else {
        return Ok(given.to_owned());
    };
    if !data.join(AUTHORITY).exists() {
        return Err(CaError::Mismatch(format!(
            "the database has an authority already, and {} has none: bring its folders authority/ and secrets/ here",
            data.display()
        ))
        .into());
    }
    if known != given {
        tracing::info!(
            organisation = known,
            "the organisation's name was fixed at the first start"
        );
    }
    Ok(known)
}

/// The passphrase in the data folder. One is made for a new authority alone: for another one it could not fit.
fn stored_passphrase(data: &Path) -> Result<Passphrase, CaError> {
    let path = data.join("secrets/passphrase");
    if data.join(AUTHORITY).exists() {
        Passphrase::read(&path)
    } else {
        Passphrase::read_or_create(&path)
    }
}

/// Certificates that were on record when a server ended. On SQLite there is no other server whose they could be.
async fn sweep_left_over(app: &App) -> Result<(), Error> {
    let since = match app.store.kind() {
        Kind::Sqlite => app.clock.now(),
        Kind::Postgres => app.clock.now().minus(LEASE),
    };
    let swept = issuance::sweep(app, since).await?;
    if swept > 0 {
        tracing::warn!(
            certificates = swept,
            "certificates were about to be signed when the server last ended; they are revoked"
        );
    }
    Ok(())
}
