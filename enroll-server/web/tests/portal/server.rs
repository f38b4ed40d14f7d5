//! A server without listeners: its router, its clock, and a folder that goes with it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use sqlx::{AssertSqlSafe, Row};
use tempfile::TempDir;

use enroll_server::config::{ServeArguments, StorageArguments};
use enroll_server::listener::Limits;
use enroll_server::mail_options::{MailArguments, MailTls};
use enroll_server::server::Server;
use enroll_server_ca::passphrase::Passphrase;
use enroll_server_model::clock::{Clock, ManualClock, SystemClock};
use enroll_server_model::{AddingPhones, EventKind, Role};
use enroll_server_service::administration::Administration;
use enroll_server_service::password::Password;
use enroll_server_service::{App, setup};
use enroll_server_store::listing::{EventFilter, Span};
use enroll_server_store::{Kind, Store, StoreError, listing};

use crate::browser::{Browser, sign_in};
use crate::cluster;

/// The administrator's mail address.
pub const EMAIL: &str = "robin@example.org";
/// The administrator's password.
pub const PASSWORD: &str = "correct horse battery staple";

/// A server for one test.
pub struct TestServer {
    /// Its state.
    pub app: Arc<App>,
    /// Its clock, which the test moves.
    pub clock: Arc<ManualClock>,
    /// Its routes.
    pub router: Router,
    /// Its database, over connections of the test's own.
    pub store: Store,
    options: ServeArguments,
    // Ended before another is started on the same database.
    server: Option<Server>,
    _folder: TempDir,
}

impl TestServer {
    /// A new server that nobody has set up.
    pub async fn new(on: Kind) -> Self {
        let folder = TempDir::new().unwrap();
        let database = match on {
            Kind::Sqlite => None,
            Kind::Postgres => Some(cluster::new_database().await),
        };
        let any = "127.0.0.1:0".parse().unwrap();
        let options = ServeArguments {
            storage: StorageArguments {
                data: folder.path().join("data"),
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
            organisation: "Example Works".to_owned(),
            accept_clock: false,
        };
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let server = start(&options, &clock).await;
        let app = server.app().clone();
        Self {
            router: enroll_server::router::https(&app, &Limits::https()),
            app,
            clock,
            store: Store::open(&options.storage.database_url()).await.unwrap(),
            options,
            server: Some(server),
            _folder: folder,
        }
    }

    /// Ends the server and starts it once more.
    pub async fn restart(&mut self) {
        self.server = None;
        let server = start(&self.options, &self.clock).await;
        self.app = server.app().clone();
        self.router = enroll_server::router::https(&self.app, &Limits::https());
        self.server = Some(server);
    }

    /// Starts it once more, with a mail server that nobody reaches: mail waits.
    pub async fn use_mail(&mut self) {
        self.options.mail = MailArguments {
            mail_server: Some("127.0.0.1".to_owned()),
            mail_tls: MailTls::None,
            mail_from: Some("cards@example.org".parse().unwrap()),
            ..MailArguments::default()
        };
        self.restart().await;
    }

    /// Starts it once more, so that holders may invite phones of their own.
    pub async fn let_holders_add_phones(&mut self) {
        self.options.listen_phones = Some(([127, 0, 0, 1], 0).into());
        self.options.holders_add_phones = AddingPhones::AtOnce;
        self.restart().await;
    }

    /// Starts it once more, so that holders ask for another phone in this way.
    pub async fn let_holders_ask(&mut self, how: AddingPhones) {
        self.options.holders_add_phones = how;
        self.restart().await;
    }

    /// A new server and the browser of its first administrator, signed in.
    pub async fn set_up(on: Kind) -> (Self, Browser) {
        let server = Self::new(on).await;
        let mut browser = server.browser();
        let link = server.setup_path().await;
        browser.get(&link).await;
        let fields = [
            ("name", "Robin Meyer"),
            ("email", EMAIL),
            ("password", PASSWORD),
        ];
        let answer = browser.post(&link, &fields).await;
        assert_eq!(answer.location(), "/", "{}", answer.body);
        (server, browser)
    }

    /// The path of a link to set up the first administrator.
    pub async fn setup_path(&self) -> String {
        let token = setup::create_link(&self.app).await.unwrap().unwrap();
        format!("/setup/{}", token.reveal())
    }

    /// Where it keeps everything.
    pub fn storage(&self) -> &StorageArguments {
        &self.options.storage
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// Lets time pass.
    pub fn wait(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// What the operator does on the server's machine.
    pub async fn administration(&self) -> Administration {
        let url = self.storage().database_url();
        Administration::open(&url, self.clock.clone(), "operator")
            .await
            .unwrap()
    }

    /// Adds somebody as the operator does.
    pub async fn add_on_the_machine(&self, email: &str, role: Role) {
        let name = format!("Kim {role}");
        let password = Password::from(PASSWORD.to_owned());
        let administration = self.administration().await;
        let added = administration.add(&name, email, role, password).await;
        added.unwrap();
    }

    /// The browser of somebody who was added with this role, signed in.
    pub async fn colleague(&self, role: Role) -> Browser {
        let email = format!("{role}@example.org");
        self.add_on_the_machine(&email, role).await;
        let mut browser = self.browser();
        let answer = sign_in(&mut browser, &email, PASSWORD).await;
        assert_eq!(answer.location(), "/", "{}", answer.body);
        browser
    }

    /// What is stored of the browsers that are known.
    pub async fn hashes_of_browsers(&self) -> Vec<String> {
        let rows = sqlx::query("SELECT token_hash FROM known_browsers")
            .fetch_all(self.store.reader())
            .await
            .unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Runs a statement, as whoever is at the database could.
    pub async fn execute(&self, statement: String) {
        self.store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move {
                    let query = sqlx::query(AssertSqlSafe(statement));
                    query.execute(tx.reader()).await?;
                    Ok(())
                })
            })
            .await
            .unwrap();
    }

    /// How many events of a kind are on record.
    pub async fn events(&self, kind: EventKind) -> usize {
        let all = EventFilter::default();
        let events = listing::events(self.store.reader(), &all, true, Span::first(1000))
            .await
            .unwrap();
        events.iter().filter(|row| row.event.kind == kind).count()
    }
}

async fn start(options: &ServeArguments, clock: &Arc<ManualClock>) -> Server {
    let passphrase = Passphrase::new("for tests alone".to_owned()).unwrap();
    Server::start(options, Some(passphrase), clock.clone())
        .await
        .unwrap()
}
