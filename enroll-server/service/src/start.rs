//! Opens what the services work with: data folder, database, authority and the server's own certificate.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use enroll_server_ca::addresses::RelyingAddresses;
use enroll_server_ca::authorities::folder::{self, FOLDER as AUTHORITY, Hierarchy};
use enroll_server_ca::authorities::set::Authorities;
use enroll_server_ca::error::CaError;
use enroll_server_files::{at, create_folder};
use enroll_server_model::clock::Clock;
use enroll_server_model::{AddingPhones, Timestamp};
use enroll_server_store::Store;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::app::{Addresses, App};
use crate::audit_check::AuditCheck;
use crate::blocking::blocking;
use crate::clock_floor::{self, ClockFloor};
use crate::crl_cache::CrlCache;
use crate::error::Error;
use crate::health::Health;
use crate::issued_lately::IssuedLately;
use crate::lock::DataLock;
use crate::ocsp_cache::OcspCache;
use crate::out_of_step::OutOfStep;
use crate::per_issuer::PerIssuer;
pub use crate::start_error::StartError;
use crate::tls_credential::TlsCredential;
use crate::{authority, credential, in_step, interrupted_restore, issuance, key_files};
pub use enroll_server_ca::passphrase::Passphrase;

/// How long the database has to close when a start has failed.
const CLOSED_WITHIN: Duration = Duration::from_secs(5);

/// What to open.
pub struct Options {
    /// The data folder; it is made if it is not there.
    pub data: PathBuf,
    /// The database's URL.
    pub database: Zeroizing<String>,
    /// The organisation's name, for the first start.
    pub organisation: String,
    /// Where the server is reached.
    pub addresses: Addresses,
    /// What the authorities' keys are encrypted under; without it, the one in the data folder.
    pub passphrase: Option<Passphrase>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Whether mail can be sent.
    pub sends_mail: bool,
    /// Whether the clock is right, whatever was known before.
    pub accept_clock: bool,
    /// Whether holders who showed a phone may invite another one of theirs.
    pub holders_add_phones: AddingPhones,
}

/// Opens or makes everything that the services work with.
///
/// # Errors
/// If any of it fails.
pub async fn open(options: Options) -> Result<(Arc<App>, DataLock), StartError> {
    create_folder(&options.data)?;
    let data = fs::canonicalize(&options.data).map_err(at(&options.data))?;
    let file = Store::file_of(&options.database)?;
    let lock = DataLock::take(&data, file.as_deref())?;
    interrupted_restore::settle(&data, file.as_deref())?;
    let of_keys = data.clone();
    blocking(move || key_files::keep_all_private(&of_keys)).await?;
    let store = Store::open(&options.database).await?;
    let opened = open_on(&store, options, data).await;
    if opened.is_err() {
        // Whoever gets the lock next finds nobody at work, as a rule: a database that does not answer is not waited for.
        let _ = timeout(CLOSED_WITHIN, store.close()).await;
    }
    Ok((opened?, lock))
}

/// The same on a database that is open, in a folder that is locked.
async fn open_on(store: &Store, options: Options, data: PathBuf) -> Result<Arc<App>, StartError> {
    let organisation = organisation(store, &options.organisation, &data).await?;
    let passphrase = match options.passphrase {
        Some(passphrase) => passphrase,
        None => stored_passphrase(&data)?,
    };
    let (of_keys, under) = (data.clone(), passphrase.clone());
    blocking(move || key_files::encrypt_as_now(&of_keys, &under)).await?;
    let relying = RelyingAddresses::new(options.addresses.relying.clone());
    let now = options.clock.now();
    let clock_floor = ClockFloor::of(options.clock.as_ref(), store).await?;
    let doubt = clock_floor.doubt(now);
    if let Some(doubt) = doubt.filter(|_| !options.accept_clock) {
        if !folder::is_made(&data)? {
            return Err(StartError::Clock(doubt));
        }
        tracing::error!("no certificate is issued: {doubt}");
    }
    let folder = data.join(AUTHORITY);
    let authorities = authorities(store, &data, &organisation, relying, &passphrase, now).await?;
    warn_of_other_address(&authorities, &options.addresses.relying);
    let kept = in_step::check(store, &authorities, &folder).await?;
    let (profiles, policies) = authority::profiles(store, &authorities).await?;
    if options.sends_mail {
        store.send_notices();
    }
    let app = Arc::new(App {
        store: store.clone(),
        authorities,
        profiles,
        policies,
        passphrase,
        organisation,
        addresses: options.addresses,
        data,
        clock: options.clock,
        clock_floor: (!options.accept_clock).then_some(clock_floor),
        epochs: PerIssuer::default(),
        ocsp: OcspCache::default(),
        crls: CrlCache::new(&folder, kept),
        issued_lately: IssuedLately::default(),
        tls: TlsCredential::default(),
        outbox_key: OnceCell::new(),
        sends_mail: options.sends_mail,
        holders_add_phones: options.holders_add_phones,
        health: Health::default(),
        audit_check: AuditCheck::default(),
    });
    if let Some(doubt) = doubt.filter(|_| options.accept_clock) {
        clock_floor::accept(&app.store, doubt).await?;
    }
    sweep_left_over(&app).await?;
    match credential::renew_tls(&app).await {
        // What it issued before is served all the same.
        Err(error @ Error::IssuesNothing(_)) => {
            tracing::error!(%error, "HTTPS has no certificate that is valid now");
        }
        renewed => renewed?,
    }
    Ok(app)
}

/// The authorities of the installation; at the first start they are made.
async fn authorities(
    store: &Store,
    data: &Path,
    organisation: &str,
    addresses: RelyingAddresses,
    passphrase: &Passphrase,
    now: Timestamp,
) -> Result<Authorities, StartError> {
    let folder = data.join(AUTHORITY);
    let is_empty = authority::known_organisation(store).await?.is_none();
    if is_empty && folder::is_made(data)? && !folder::is_unregistered(&folder)? {
        return Err(OutOfStep::Empty { folder }.into());
    }
    let (in_folder, is_made) = blocking({
        let (data, folder) = (data.to_owned(), folder.clone());
        let (addresses, passphrase) = (addresses.clone(), passphrase.clone());
        let hierarchy = Hierarchy::new(organisation.to_owned());
        move || {
            let is_made = !folder::is_made(&data)?;
            if is_made {
                folder::create(&data, &hierarchy, &addresses, &passphrase, now)?;
            }
            Ok::<_, CaError>((folder::read_all(&folder)?, is_made))
        }
    })
    .await?;
    let on_record = authority::register(store, in_folder, organisation, now).await?;
    folder::set_registered(&folder)?;
    if is_made {
        tracing::info!(
            folder = %folder.display(),
            organisation,
            "a first start: a root and an issuing authority are made"
        );
    }
    let passphrase = passphrase.clone();
    let opened = blocking(move || authority::open(on_record, &folder, &passphrase, &addresses));
    Ok(opened.await?)
}

/// The organisation's name: the one on record, or, at the first start, the one given. A database that is in use needs
/// the authority that it is in use with: none is made for it.
async fn organisation(store: &Store, given: &str, data: &Path) -> Result<String, StartError> {
    let Some(known) = authority::known_organisation(store).await? else {
        return Ok(given.to_owned());
    };
    if !folder::is_made(data)? {
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
    if folder::is_made(data)? {
        Passphrase::read(&path)
    } else {
        Passphrase::read_or_create(&path)
    }
}

/// Says where earlier certificates name another address than this start: relying parties go on asking there.
fn warn_of_other_address(authorities: &Authorities, relying: &str) {
    let known = authorities.current().certificate().issuer_published_below();
    if let Some(known) = known.filter(|known| known != relying) {
        tracing::warn!(
            known,
            now = relying,
            "certificates that were issued before name another address than this start (--name, --listen-http, --relying-url): let that lead to this server for as long as one of them is valid"
        );
    }
}

/// Revokes certificates that were on record when a server ended.
async fn sweep_left_over(app: &App) -> Result<(), Error> {
    let swept = issuance::sweep_at_start(app).await?;
    if swept > 0 {
        tracing::warn!(
            certificates = swept,
            "certificates were about to be signed when the server last ended; they are revoked"
        );
    }
    Ok(())
}
