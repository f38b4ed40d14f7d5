//! A hierarchy in a folder, and the profiles that its tests issue with.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use enroll_server_ca::addresses::RelyingAddresses;
use enroll_server_ca::authorities::authority::{Authority, AuthorityRecord};
use enroll_server_ca::authorities::folder::{self, FOLDER, Hierarchy};
use enroll_server_ca::authorities::set::Authorities;
use enroll_server_ca::builder::{self, Signed};
use enroll_server_ca::facts::Facts;
use enroll_server_ca::passphrase::Passphrase;
use enroll_server_ca::profile::check::Trial;
use enroll_server_ca::profile::definition::Profile;
use enroll_server_ca::profile::set::{ProfileRow, Profiles, Row};
use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::clock::{Clock, SystemClock};
use enroll_server_model::{Guid, KeyAlgorithm, Timestamp};

/// A profile for a person's key.
pub const PERSON: &str = r#"{
    "slot": "9A", "algorithms": ["RSA-2048", "RSA-3072", "RSA-4096", "P-256", "P-384"], "subject": "person",
    "alternative_names": ["upn", "mail"], "key_usage": ["sign", "commit"],
    "extended_key_usage": ["1.3.6.1.5.5.7.3.2"], "extended_key_usage_critical": false, "lifetime_days": 365,
    "revocation": "published", "longest": 3000
}"#;

/// The profile of OCSP responders.
pub const RESPONDER: &str = r#"{
    "slot": null, "algorithms": ["RSA-2048", "P-256"], "subject": "ocsp-responder", "alternative_names": [],
    "key_usage": ["sign"], "extended_key_usage": ["1.3.6.1.5.5.7.3.9"], "extended_key_usage_critical": false,
    "lifetime_days": 7, "revocation": "no-check", "longest": 4096
}"#;

pub fn row(name: &str, definition: &str) -> Row {
    Row {
        name: name.to_owned(),
        version: 1,
        definition: definition.to_owned(),
    }
}

/// The first version of a profile that the current authority issues.
pub fn profile_row(name: &str, definition: &str) -> ProfileRow {
    ProfileRow {
        row: row(name, definition),
        issuer_id: None,
    }
}

/// A profile of its own name.
pub fn profile(name: &str, definition: &str) -> Arc<Profile> {
    let profiles =
        Profiles::load(&[profile_row(name, definition)], &Trial::new().unwrap()).unwrap();
    profiles.get(&name.parse().unwrap()).unwrap().clone()
}

pub fn addresses() -> RelyingAddresses {
    RelyingAddresses::new("http://enroll.example.org:8080".to_owned())
}

pub fn facts() -> Facts {
    Facts {
        organisation: "Example".to_owned(),
        name: "Alice Example".to_owned(),
        email: "alice@example.org".to_owned(),
        upn: "alice@example.org".to_owned(),
        guid: Guid::from_bytes([0x11; 16]),
        host: "localhost".to_owned(),
    }
}

/// Root and issuing authority, made in a folder and read from it.
pub struct Installation {
    pub authorities: Authorities,
    pub now: Timestamp,
    folder: tempfile::TempDir,
}

impl Installation {
    pub fn new(root: KeyAlgorithm, issuing: KeyAlgorithm) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = Passphrase::new("only for this test".to_owned()).unwrap();
        let now = SystemClock.now();
        let hierarchy = Hierarchy {
            root,
            issuing,
            ..Hierarchy::new("Example".to_owned())
        };
        folder::create(folder.path(), &hierarchy, &addresses(), &passphrase, now).unwrap();
        let path = folder.path().join(FOLDER);
        let authorities = folder::read_all(&path)
            .unwrap()
            .into_iter()
            .map(|found| {
                let record = AuthorityRecord {
                    id: found.role.to_string(),
                    role: found.role,
                    certificate: found.certificate.der,
                    key: found.key,
                };
                Authority::open(record, &path, &passphrase, &addresses()).unwrap()
            })
            .collect();
        Self {
            authorities: Authorities::new(authorities).unwrap(),
            now,
            folder,
        }
    }

    pub fn root(&self) -> &Arc<Authority> {
        self.authorities.by_id("root").unwrap()
    }

    pub fn issuing(&self) -> &Arc<Authority> {
        self.authorities.current()
    }

    pub fn issue(&self, by: &Arc<Authority>, profile: &Arc<Profile>, key: &PublicKey) -> Signed {
        builder::prepare(by, profile, &facts(), key, self.now)
            .unwrap()
            .sign()
            .unwrap()
    }

    /// The path of a file that openssl is to read, with this content.
    pub fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Runs openssl, which must succeed, and returns what it says.
pub fn openssl(arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments:?}: {text}");
    text
}
