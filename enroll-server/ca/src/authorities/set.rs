//! All authorities of an installation.

use std::collections::HashMap;
use std::sync::Arc;

use enroll_server_model::IssuerRole;

use crate::authorities::authority::Authority;
use crate::error::{CaError, Result};
use crate::key_id::KeyId;
use crate::profile::definition::Profile;

/// All authorities of an installation, found by their id and by their key.
#[derive(Debug)]
pub struct Authorities {
    oldest_first: Vec<Arc<Authority>>,
    by_key_id: HashMap<KeyId, Arc<Authority>>,
    // Who signed the certificate of whom.
    issuers: HashMap<KeyId, Arc<Authority>>,
    current: Arc<Authority>,
}

impl Authorities {
    /// These authorities, in the order in which they were made.
    ///
    /// # Errors
    /// If none of them issues, or two have the same key: their addresses would be the same.
    pub fn new(oldest_first: Vec<Authority>) -> Result<Self> {
        let oldest_first: Vec<_> = oldest_first.into_iter().map(Arc::new).collect();
        let mut by_key_id = HashMap::new();
        for authority in &oldest_first {
            if let Some(other) = by_key_id.insert(authority.key_id(), authority.clone()) {
                return Err(CaError::Mismatch(format!(
                    "the authorities {:?} and {:?} have the same key: every authority must have its own",
                    other.certificate().name,
                    authority.certificate().name
                )));
            }
        }
        let current = oldest_first
            .iter()
            .rfind(|authority| authority.role() == IssuerRole::Issuing)
            .cloned()
            .ok_or_else(|| CaError::Mismatch("there is no issuing authority".to_owned()))?;
        Ok(Self {
            issuers: issuers(&oldest_first),
            oldest_first,
            by_key_id,
            current,
        })
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Authority>> {
        self.oldest_first.iter()
    }

    /// The one with this id in the database.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&Arc<Authority>> {
        self.iter().find(|authority| authority.id() == id)
    }

    /// The one with this key.
    #[must_use]
    pub fn by_key_id(&self, key: KeyId) -> Option<&Arc<Authority>> {
        self.by_key_id.get(&key)
    }

    /// The one that issues certificates of a profile: the one that the profile names, or else the current one.
    ///
    /// # Errors
    /// [`CaError::Mismatch`] if the profile names one that is not there, or that issues no certificates.
    pub fn issuer_of(&self, profile: &Profile) -> Result<&Arc<Authority>> {
        let Some(id) = &profile.issuer_id else {
            return Ok(self.current());
        };
        self.by_id(id)
            .filter(|authority| authority.role() == IssuerRole::Issuing)
            .ok_or_else(|| {
                CaError::Mismatch(format!(
                    "profile {:?}, version {}: there is no issuing authority with the id {id:?}",
                    profile.name.as_str(),
                    profile.version
                ))
            })
    }

    /// The one that issues certificates now where nothing else is said: the newest that issues. The older ones go on with CRLs and OCSP for what
    /// they issued.
    #[must_use]
    pub fn current(&self) -> &Arc<Authority> {
        &self.current
    }

    /// An authority and those above it, up to the root; as far as they are known here.
    #[must_use]
    pub fn chain<'a>(&'a self, authority: &'a Arc<Authority>) -> Vec<&'a Arc<Authority>> {
        let mut chain = vec![authority];
        let mut above = self.issuers.get(&authority.key_id());
        while let Some(issuer) = above
            && !chain.iter().any(|known| known.key_id() == issuer.key_id())
        {
            chain.push(issuer);
            above = self.issuers.get(&issuer.key_id());
        }
        chain
    }

    /// Several authorities and all those above them, each once, and each before those above it.
    #[must_use]
    pub fn chains<'a>(
        &'a self,
        authorities: impl IntoIterator<Item = &'a Arc<Authority>>,
    ) -> Vec<&'a Arc<Authority>> {
        let mut chains: Vec<&Arc<Authority>> = Vec::new();
        for authority in authorities {
            let chain = self.chain(authority);
            // What is below is put before what is there already: a root is shared, and comes last.
            let shared =
                |one: &&Arc<Authority>| chain.iter().any(|other| other.key_id() == one.key_id());
            chains.retain(|one| !shared(one));
            chains.extend(chain);
        }
        chains
    }

    /// What people who trust an authority have to trust: the end of its chain.
    #[must_use]
    pub fn anchor<'a>(&'a self, authority: &'a Arc<Authority>) -> &'a Arc<Authority> {
        self.chain(authority).pop().unwrap_or(authority)
    }

    /// Whether an authority of this installation has the certificate that `issuer` signed under this serial number
    /// (lower-case hexadecimal).
    #[must_use]
    pub fn is_authority(&self, issuer: &Authority, serial: &str) -> bool {
        self.iter().any(|authority| {
            authority.certificate().serial == serial
                && self
                    .issuers
                    .get(&authority.key_id())
                    .is_some_and(|signed_by| signed_by.key_id() == issuer.key_id())
        })
    }
}

/// Finds for each authority the other one that signed its certificate. Verifies signatures: once, at the start.
fn issuers(all: &[Arc<Authority>]) -> HashMap<KeyId, Arc<Authority>> {
    let signed_by = |authority: &Arc<Authority>| {
        let issuer = all.iter().find(|issuer| {
            issuer.key_id() != authority.key_id()
                && authority.certificate().is_signed_by(issuer.certificate())
        })?;
        Some((authority.key_id(), issuer.clone()))
    };
    all.iter().filter_map(signed_by).collect()
}
