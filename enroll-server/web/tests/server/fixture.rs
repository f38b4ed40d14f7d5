//! A server of a test's own: its folder, its database, its clock.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use enroll_server::config::{ServeArguments, StorageArguments};
use enroll_server::listener::Limits;
use enroll_server::mail_options::MailArguments;
use enroll_server::server::{ServeError, Server};
use enroll_server_ca::passphrase::Passphrase;
use enroll_server_ca::profile::enrollment::EnrollmentPolicy;
use enroll_server_model::clock::{Clock, ManualClock};
use enroll_server_model::{
    Actor, AddingPhones, EventKind, PolicyName, RevocationReason, SeededPolicy, Timestamp,
};
use enroll_server_service::App;
use enroll_server_service::admission::invitation::{self, Invited, NewInvitation};
use enroll_server_service::enrollment::Enrolled;
use enroll_server_service::error::Error;
use enroll_server_service::person::{MailLanguage, SharedMail, SystemAccount};
use enroll_server_service::revocation::revoke_phone;
use enroll_server_store::audit::{self, RecordedEvent};
use enroll_server_store::certificate::{self, Certificate};
use enroll_server_store::{Kind, Store};

use tokio_util::sync::CancellationToken;

use crate::client::Phone;
use crate::cluster;

/// 2026-07-01T00:00:00Z, and half a second: nobody may rely on whole ones.
const BEGIN: Timestamp = Timestamp(1_782_864_000_500_000);

/// What the keys are encrypted under.
pub const PASSPHRASE: &str = "only for this test";

/// A server of a test's own.
pub struct Fixture {
    /// Its options, to start it once more.
    pub options: ServeArguments,
    /// Its clock.
    pub clock: Arc<ManualClock>,
    /// Its database, over connections of the test's own.
    pub store: Store,
    server: Option<Server>,
    // Removed when the test is done.
    _folder: tempfile::TempDir,
}

/// Runs a test on a new server.
pub fn run(kind: Kind, test: impl AsyncFnOnce(Fixture)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let fixture = Fixture::new(kind).await;
        test(fixture).await;
    });
}

impl Fixture {
    /// A new server.
    pub async fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(cluster::new_database().await),
        };
        let any = "127.0.0.1:0".parse().unwrap();
        let options = ServeArguments {
            storage: StorageArguments {
                data: folder.path().join("data #1, 50%?"),
                database: database.map(Into::into),
                database_file: None,
            },
            ca_passphrase_file: None,
            listen: any,
            listen_http: any,
            listen_phones: None,
            phones_url: None,
            holders_add_phones: AddingPhones::No,
            name: "localhost".to_owned(),
            portal_url: None,
            relying_url: None,
            trusted_proxies: Vec::new(),
            webhook_networks: vec!["127.0.0.0/8".parse().unwrap()],
            mail: MailArguments::default(),
            organisation: "Example".to_owned(),
            accept_clock: false,
        };
        let clock = Arc::new(ManualClock::new(BEGIN));
        let server = start(&options, &clock).await.unwrap();
        let url = options.storage.database_url();
        Self {
            store: Store::open(&url).await.unwrap(),
            options,
            clock,
            server: Some(server),
            _folder: folder,
        }
    }

    /// Starts a server with the test's options.
    pub async fn start(&self) -> Result<Server, ServeError> {
        start(&self.options, &self.clock).await
    }

    /// Ends the server.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Ends the server and starts it once more.
    pub async fn restart(&mut self) {
        self.server = None;
        self.server = Some(self.start().await.unwrap());
    }

    /// Serves with other limits, until the fixture's runtime ends or it is told to stop.
    pub fn serve(&mut self, https: Limits, http: Limits) -> Serving {
        let server = self.server.take().unwrap().with_limits(https, http);
        let app = server.app().clone();
        let stop = CancellationToken::new();
        let task = tokio::spawn(server.serve(stop.clone()));
        Serving { app, stop, task }
    }

    /// The server's state.
    pub fn app(&self) -> &Arc<App> {
        self.server.as_ref().unwrap().app()
    }

    /// Invites Alice.
    pub async fn invite(&self, policy: impl Into<PolicyName>) -> Invited {
        self.invite_person("Alice Example", "alice", policy).await
    }

    /// A policy that is in force.
    pub fn policy(&self, name: impl Into<PolicyName>) -> Arc<EnrollmentPolicy> {
        self.app().policies.get(&name.into()).unwrap().clone()
    }

    /// Invites a person.
    pub async fn invite_person(
        &self,
        name: &str,
        account: &str,
        policy: impl Into<PolicyName>,
    ) -> Invited {
        self.try_invite_person(name, account, policy).await.unwrap()
    }

    /// The same, where it may be refused.
    pub async fn try_invite_person(
        &self,
        name: &str,
        account: &str,
        policy: impl Into<PolicyName>,
    ) -> Result<Invited, Error> {
        let address = format!("{account}@example.org");
        let new = NewInvitation {
            language: MailLanguage::IfNew("en".to_owned()),
            system_account: SystemAccount::Refuse,
            shared_mail: SharedMail::Accept,
            name: name.to_owned(),
            email: address.clone(),
            upn: address,
            policy: self.policy(policy),
            by_mail: enroll_server_service::admission::mailing::ByMail::No,
            replaces: None,
        };
        invitation::invite(self.app(), new, &administrator()).await
    }

    /// Invites Alice and enrolls a phone with the keys that she is asked for.
    pub async fn enroll(&self, policy: SeededPolicy) -> Enrolled {
        let invited = self.invite(policy).await;
        Phone::new(policy)
            .enroll(self.app(), invited.token.reveal())
            .await
            .unwrap()
    }

    /// Revokes a phone, for no reason that is named.
    pub async fn revoke(&self, phone_id: &str) {
        let reason = RevocationReason::Unspecified;
        revoke_phone(self.app(), phone_id, reason, &administrator())
            .await
            .unwrap();
    }

    /// The certificates of a phone, by slot.
    pub async fn certificates(&self, phone_id: &str) -> Vec<Certificate> {
        certificate::of_phone(self.store.reader(), phone_id)
            .await
            .unwrap()
    }

    /// Lets time pass.
    pub fn wait(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// Everything that happened, in order.
    pub async fn events(&self) -> Vec<RecordedEvent> {
        audit::following(self.store.reader(), 0, 10_000)
            .await
            .unwrap()
    }

    /// The kinds of what happened, in order.
    pub async fn event_kinds(&self) -> Vec<EventKind> {
        self.events().await.iter().map(|event| event.kind).collect()
    }
}

/// A server that serves.
pub struct Serving {
    /// Its state.
    pub app: Arc<App>,
    /// What tells it to end.
    pub stop: CancellationToken,
    /// Ends when it has ended.
    pub task: tokio::task::JoinHandle<Result<(), ServeError>>,
}

/// Starts a server.
pub async fn start(
    options: &ServeArguments,
    clock: &Arc<ManualClock>,
) -> Result<Server, ServeError> {
    let passphrase = Passphrase::new(PASSPHRASE.to_owned()).unwrap();
    let clock: Arc<dyn Clock> = clock.clone();
    Server::start(options, Some(passphrase), clock).await
}

/// Another server of the same database, with a copy of the keys.
pub async fn another(fixture: &Fixture) -> Server {
    let mut other = fixture.options.clone();
    other.storage.data = fixture.options.storage.data.with_file_name("other");
    copy_folder(&fixture.options.storage.data, &other.storage.data);
    start(&other, &fixture.clock).await.unwrap()
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Who administers.
pub fn administrator() -> Actor {
    Actor::administrator("a1", "Ada Admin", "192.0.2.9")
}
