//! The newest CRLs: as this server knows them, and beside the authorities' keys.

use std::collections::HashMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use enroll_server_ca::authorities::authority::Authority;
use enroll_server_ca::authorities::folder;
use enroll_server_ca::key_id::KeyId;
use enroll_server_model::Timestamp;
use enroll_server_store::crl::PublishedCrl;
use tokio::sync::Notify;

use crate::blocking::blocking;
use crate::per_issuer::{Made, PerIssuer};

const SECOND: Duration = Duration::from_secs(1);

/// A CRL, and since when this server has had it.
#[derive(Debug)]
pub struct ServedCrl {
    crl: PublishedCrl,
    since: Timestamp,
}

impl ServedCrl {
    /// A CRL that takes the place of another one from `now` on.
    pub(crate) fn after(last: Option<&Self>, crl: PublishedCrl, now: Timestamp) -> Self {
        let now = now.whole_seconds();
        let next = last.map_or(now, |last| last.since.plus(SECOND).min(now.plus(SECOND)));
        Self {
            crl,
            since: now.max(next),
        }
    }

    /// Since when it has been the one that is served here, in whole seconds: not its `thisUpdate`, as it takes a while to
    /// make, and never that of the one before it, so that the date tells them apart.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.since
    }
}

impl Deref for ServedCrl {
    type Target = PublishedCrl;

    fn deref(&self) -> &PublishedCrl {
        &self.crl
    }
}

/// The newest CRL of each authority, as this server knows it.
#[derive(Debug)]
pub struct CrlCache {
    pub(crate) newest: PerIssuer<Made<ServedCrl>>,
    /// Told when a certificate was revoked.
    pub(crate) due: Notify,
    /// The authorities' folder.
    folder: PathBuf,
    /// The numbers of those that are kept in it.
    kept: Mutex<HashMap<KeyId, i64>>,
}

impl CrlCache {
    /// Nothing yet but what is kept in the authorities' folder.
    pub(crate) fn new(folder: &Path, kept: HashMap<KeyId, i64>) -> Self {
        Self {
            newest: PerIssuer::default(),
            due: Notify::new(),
            folder: folder.to_owned(),
            kept: Mutex::new(kept),
        }
    }

    /// The number of an authority's newest CRL that is kept beside its key.
    pub(crate) fn kept_number(&self, authority: KeyId) -> Option<i64> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&authority).copied()
    }

    /// Keeps a CRL that was published beside its authority's key, unless a newer one is there. Where that fails the CRL
    /// is served all the same; it is said, and tried again with the next one.
    pub(crate) async fn keep(&self, authority: &Arc<Authority>, crl: &Arc<ServedCrl>) {
        let key = authority.key_id();
        if self.kept_number(key).is_some_and(|kept| kept >= crl.number) {
            return;
        }
        let (folder, number) = (self.folder.clone(), crl.number);
        let (issuer, body) = (authority.clone(), crl.clone());
        let written =
            blocking(move || folder::keep_crl(&folder, issuer.certificate(), body.body.as_ref()))
                .await;
        match written {
            Ok(()) => {
                let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.insert(key, number);
            }
            Err(error) => tracing::error!(
                authority = authority.certificate().name,
                %error,
                "the newest CRL cannot be kept beside the key: a database that is restored from a backup would not be noticed"
            ),
        }
    }
}
