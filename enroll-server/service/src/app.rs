//! What every service works with.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;

use enroll_server_ca::authorities::authority::Authority;
use enroll_server_ca::authorities::folder;
use enroll_server_ca::authorities::set::Authorities;
use enroll_server_ca::ca_certificate::CaCertificate;
use enroll_server_ca::error::CaError;
use enroll_server_ca::passphrase::Passphrase;
use enroll_server_ca::profile::definition::Profile;
use enroll_server_ca::profile::enrollment::{EnrollmentPolicies, EnrollmentPolicy};
use enroll_server_ca::profile::set::Profiles;
use enroll_server_model::clock::Clock;
use enroll_server_model::random::Token;
use enroll_server_model::{AddingPhones, IssuerRole, ProfileName, Timestamp};
use enroll_server_store::invitation::Invitation as StoredInvitation;
use enroll_server_store::{Kind, Store, issuer};
use enrollment_protocol::{Fingerprint, Invitation};
use tokio::sync::OnceCell;

use crate::audit_check::AuditCheck;
use crate::clock_floor::ClockFloor;
use crate::condition::Health;
use crate::crl_cache::CrlCache;
use crate::error::{Error, Result};
use crate::issued_lately::IssuedLately;
use crate::ocsp_cache::OcspCache;
use crate::outbox::outbox_key::OutboxKey;
use crate::per_issuer::PerIssuer;
use crate::readings::Readings;
use crate::refusal::{ClockDoubt, NoIssuance};
use crate::tls_credential::TlsCredential;

/// Where the server is reached, without slashes at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The host name or address in all links.
    pub host: String,
    /// Portal and API: `https://NAME:PORT`.
    pub portal: String,
    /// CRL, OCSP and certificates: `http://NAME:PORT`.
    pub relying: String,
    /// Where holders show their phones to sign in: `https://NAME:PORT`; none where they cannot.
    pub phones: Option<String>,
}

/// The server's state, shared by all requests.
pub struct App {
    /// The database.
    pub(crate) store: Store,
    /// The authorities.
    pub authorities: Authorities,
    /// The certificate profiles in force.
    pub profiles: Profiles,
    /// The enrollment policies.
    pub policies: EnrollmentPolicies,
    /// What the server's own key files are encrypted under.
    pub passphrase: Passphrase,
    /// The organisation's name.
    pub organisation: String,
    /// Where the server is reached.
    pub addresses: Addresses,
    /// The data folder.
    pub data: PathBuf,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What the clock must not be before; none if somebody said that it is right.
    pub(crate) clock_floor: Option<ClockFloor>,
    /// How many revocations each authority has seen: each CRL and each OCSP answer begins with that.
    pub(crate) epochs: PerIssuer<Readings<i64>>,
    /// The OCSP responder's certificate and recent answers.
    pub ocsp: OcspCache,
    /// The newest CRLs.
    pub crls: CrlCache,
    /// When the server issued certificates for itself.
    pub(crate) issued_lately: IssuedLately,
    /// The certificate of the server's own HTTPS.
    pub tls: TlsCredential,
    /// What secrets for others are made with.
    pub(crate) outbox_key: OnceCell<Arc<OutboxKey>>,
    /// Whether mail can be sent.
    pub sends_mail: bool,
    /// How holders come to another phone of their own.
    pub holders_add_phones: AddingPhones,
    /// What the periodic work found of database and disks.
    pub health: Health,
    /// What it found of the audit trail.
    pub audit_check: AuditCheck,
}

impl App {
    /// The link that an invited person opens: the token, and after the `#`, which browsers keep to themselves, the
    /// fingerprint of the root that the phone must find here.
    #[must_use]
    pub fn invitation_link(&self, token: &Token) -> String {
        let root = Fingerprint(self.anchor().fingerprint);
        Invitation::link(&self.addresses.portal, token, root)
    }

    /// The link with which a holder comes to their own pages.
    #[must_use]
    pub fn own_pages_link(&self, token: &Token) -> String {
        format!("{}/me/enter/{}", self.addresses.portal, token.reveal())
    }

    /// How many revocations an authority has seen, as a number that rises with each; read after this was called.
    pub(crate) async fn revocation_epoch(&self, authority: &Authority) -> Result<i64> {
        let read = issuer::revocation_epoch(self.store.reader(), authority.id());
        Ok(self.epochs.of(authority.key_id()).read(read).await?)
    }

    /// Which database it is, by its name.
    #[must_use]
    pub fn database(&self) -> impl Display + use<> {
        self.store.kind()
    }

    /// Whether no other server can be at work on the same database.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.store.kind() == Kind::Sqlite
    }

    /// The link to set up the first administrator.
    #[must_use]
    pub fn setup_link(&self, token: &Token) -> String {
        format!("{}/setup/{}", self.addresses.portal, token.reveal())
    }
}

impl App {
    /// The certificate of the authority that issues now.
    #[must_use]
    pub fn issuing(&self) -> &CaCertificate {
        self.authorities.current().certificate()
    }

    /// The path of the root's certificate, for people to give to others.
    #[must_use]
    pub fn root_path(&self) -> PathBuf {
        folder::certificate_path(&self.data.join(folder::FOLDER), IssuerRole::Root)
    }

    /// The certificate that whoever trusts the current issuing authority has to trust.
    #[must_use]
    pub fn anchor(&self) -> &CaCertificate {
        self.authorities
            .anchor(self.authorities.current())
            .certificate()
    }

    /// The certificates of an authority and of those above it, the root last; none if it is not known.
    #[must_use]
    pub fn issuers(&self, issuer_id: &str) -> Vec<&CaCertificate> {
        let issuer = self.authorities.by_id(issuer_id);
        let chain = issuer.map(|issuer| self.authorities.chain(issuer));
        chain
            .unwrap_or_default()
            .into_iter()
            .map(|authority| authority.certificate())
            .collect()
    }

    /// A profile in force.
    ///
    /// # Errors
    /// [`CaError::Mismatch`] if there is none with this name.
    pub fn profile(&self, name: &ProfileName) -> Result<&Arc<Profile>> {
        self.profiles.get(name).ok_or_else(|| {
            CaError::Mismatch(format!(
                "there is no certificate profile {:?}",
                name.as_str()
            ))
            .into()
        })
    }

    /// The policy that an invitation was made with, in the version of that time.
    ///
    /// # Errors
    /// [`CaError::Mismatch`] if it is not there, or does not fit the profiles of today.
    pub fn policy_of(&self, invitation: &StoredInvitation) -> Result<&Arc<EnrollmentPolicy>> {
        let (name, version) = (&invitation.policy, invitation.policy_version);
        self.policies.version(name, version).ok_or_else(|| {
            CaError::Mismatch(format!(
                "there is no enrollment policy {:?} in version {version}",
                name.as_str()
            ))
            .into()
        })
    }

    /// Closes the database, after the work that is under way.
    pub async fn close(&self) {
        self.store.close().await;
    }
}

impl App {
    /// Why the clock cannot be right now, if it cannot. Nothing is issued then; OCSP, CRLs and revocation go on.
    #[must_use]
    pub fn clock_doubt(&self) -> Option<ClockDoubt> {
        self.clock_floor.as_ref()?.doubt(self.clock.now())
    }

    /// Whether the clock can be right.
    ///
    /// # Errors
    /// [`Error::IssuesNothing`] if it cannot.
    pub(crate) fn check_clock(&self, now: Timestamp) -> Result<()> {
        let doubt = self.clock_floor.as_ref().and_then(|floor| floor.doubt(now));
        doubt.map_or(Ok(()), |doubt| {
            Err(Error::IssuesNothing(NoIssuance::Clock(doubt)))
        })
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}
