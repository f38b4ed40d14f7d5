//! The command `enroll-server`: what each of its subcommands does, and what it says.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser};
use plain_text::Plain;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use zeroize::Zeroizing;

use enroll_server_service::audit::{Verdict, verify_database};
use enroll_server_service::backup::check_settled;
use enroll_server_service::lock::DataLock;
use enroll_server_service::start::{Passphrase, StartError};
use enroll_server_service::worker::{self, WayBack};
use enroll_server_service::{App, credential, reconcile, setup};

use crate::clock::ProgramClock;
use crate::config::{Arguments, AuditCommand, Command, ServeArguments, StorageArguments};
use crate::fetch;
use crate::secret::{CA_PASSPHRASE, credentials_folder};
use crate::server::{Listeners, ServeError, Server};
use crate::{administrator, api_token, backup, mail_test, service_manager};

/// Runs the command that the arguments ask for.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("enroll-server: {}", Plain(error));
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: Arguments) -> Result<ExitCode, ServeError> {
    if let Command::Completions { shell } = arguments.command {
        let mut command = Arguments::command();
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut command, "enroll-server", &mut script);
        std::io::stdout().write_all(&script)?;
        return Ok(ExitCode::SUCCESS);
    }
    let filter = log_filter();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .init();
    // Of files that only root can read.
    let credentials = credentials_folder();
    if let Some(storage) = arguments.command.storage_mut() {
        storage.find_database(credentials.as_deref())?;
    }
    match arguments.command {
        Command::MailTest { address, mut mail } => {
            mail.find_password(credentials.as_deref())?;
            block_on(mail_test::run(&mail, &address))
        }
        Command::Serve(mut options) => {
            options.mail.find_password(credentials.as_deref())?;
            let passphrase = passphrase(&options, credentials.as_deref())?;
            // Of ports that only root can listen on.
            let listeners = match Listeners::handed_over()? {
                Some(listeners) => listeners,
                None => Listeners::open(&options)?,
            };
            work_as_owner(&options.storage, WayBack::None)?;
            // Files are written at the end too, outside the tasks: nobody else has the data before that is done.
            let mut lock = None;
            block_on(serve(*options, passphrase, listeners, &mut lock))
        }
        Command::Reconcile(options) => {
            // Of files that only root can read.
            let lists = options.crl.iter().map(|source| fetch::bytes(source));
            let lists = lists.collect::<Result<_, _>>()?;
            work_as_owner(&options.storage, WayBack::None)?;
            block_on(reconcile(options.storage, lists))
        }
        Command::Audit(AuditCommand::Verify(storage)) => {
            work_as_owner(&storage, WayBack::None)?;
            check_settled(&storage.data)?;
            block_on(audit(storage.database_url()))
        }
        Command::Administrator(command) => {
            work_as_owner(command.storage(), WayBack::None)?;
            check_settled(&command.storage().data)?;
            block_on(async { Ok(administrator::run(&command).await) })
        }
        Command::ApiToken(command) => {
            work_as_owner(command.storage(), WayBack::None)?;
            check_settled(&command.storage().data)?;
            block_on(async { Ok(api_token::run(&command).await) })
        }
        Command::Backup {
            folder,
            with_secrets,
            storage,
        } => {
            work_as_owner(&storage, WayBack::ForBackup)?;
            block_on(backup::backup(&folder, with_secrets, &storage))
        }
        Command::Restore {
            folder,
            force,
            storage,
        } => {
            work_as_owner(&storage, WayBack::ForBackup)?;
            block_on(backup::restore(&folder, force, &storage))
        }
        Command::Completions { .. } => Ok(ExitCode::SUCCESS),
    }
}

fn work_as_owner(storage: &StorageArguments, way_back: WayBack) -> Result<(), ServeError> {
    let database = storage.database_url();
    Ok(worker::work_as_owner(&storage.data, &database, way_back)?)
}

fn block_on(
    work: impl Future<Output = Result<ExitCode, ServeError>>,
) -> Result<ExitCode, ServeError> {
    tokio::runtime::Runtime::new()?.block_on(work)
}

async fn serve(
    options: ServeArguments,
    passphrase: Option<Passphrase>,
    listeners: Listeners,
    lock: &mut Option<Arc<DataLock>>,
) -> Result<ExitCode, ServeError> {
    let clock = Arc::new(ProgramClock);
    let server = Server::start_on(listeners, &options, passphrase, clock).await?;
    *lock = Some(server.lock());
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let hangup = signal(SignalKind::hangup())?;
    announce(&server).await?;
    let attending = attend(server.app().clone(), server.listeners()?, hangup);
    let attending = tokio::spawn(attending);
    let stop = CancellationToken::new();
    let mut serving = std::pin::pin!(server.serve(stop.clone()));
    let signal = tokio::select! {
        served = &mut serving => {
            served?;
            return Ok(ExitCode::SUCCESS);
        }
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    };
    attending.abort();
    service_manager::ends();
    stop.cancel();
    serving.await?;
    tracing::info!(signal, "the server has ended");
    Ok(ExitCode::SUCCESS)
}

/// Tells the service manager how the server is, and reads again on SIGHUP what can be read again.
async fn attend(app: Arc<App>, listeners: [SocketAddr; 2], mut hangup: Signal) {
    let [https, http] = listeners;
    let status = format!("Serving HTTPS on {https}, plain HTTP on {http}");
    service_manager::ready(&listeners, &status).await;
    let reloading = async {
        while hangup.recv().await.is_some() {
            reload(&app, &status).await;
        }
    };
    tokio::join!(service_manager::lives(&listeners), reloading);
}

async fn reload(app: &App, status: &str) {
    service_manager::reloads();
    match credential::reload_tls(app).await {
        Ok(validity) => {
            let until = validity.not_after.rfc3339();
            tracing::info!(
                until,
                "SIGHUP: the certificate of HTTPS is that of the folder tls/"
            );
            service_manager::serves(status);
        }
        Err(error) => {
            tracing::error!(%error, "SIGHUP: the certificate of before stays in use");
            let error = Plain(error);
            let status = format!("{status}; {error}: the certificate of before stays in use");
            service_manager::serves(&status);
        }
    }
}

/// The passphrase that the operator chose. One that is set and cannot be used is an error: the keys would be encrypted
/// under another one than the operator thinks.
fn passphrase(
    options: &ServeArguments,
    credentials: Option<&Path>,
) -> Result<Option<Passphrase>, ServeError> {
    let value = std::env::var_os(CA_PASSPHRASE.value)
        .map(|text| text.into_string().map(Zeroizing::new))
        .transpose()
        .map_err(|_| CA_PASSPHRASE.not_text(CA_PASSPHRASE.value))?;
    let file = options.ca_passphrase_file.as_deref();
    let text = CA_PASSPHRASE.find(value, file, credentials)?;
    let passphrase = text.map(Passphrase::new).transpose();
    Ok(passphrase.map_err(StartError::from)?)
}

/// Says on stdout where the server is: for people, and for programs that start it.
async fn announce(server: &Server) -> Result<(), ServeError> {
    let app = server.app();
    let mut stdout = std::io::stdout().lock();
    let root = app.anchor();
    let path = app.root_path();
    writeln!(stdout, "Portal: {}/", app.addresses.portal)?;
    if let Some(phones) = &app.addresses.phones {
        writeln!(stdout, "Phones: {phones}/")?;
    }
    writeln!(stdout, "Relying parties: {}/", app.addresses.relying)?;
    writeln!(
        stdout,
        "Authority: {} (SHA-256 {})",
        path.display(),
        root.fingerprint_pairs()
    )?;
    if let Some(token) = setup::create_link(app).await? {
        writeln!(
            stdout,
            "Set up the first administrator: {}",
            app.setup_link(&token)
        )?;
    }
    stdout.flush()?;
    Ok(())
}

/// Takes the last CRLs over into the database.
async fn reconcile(storage: StorageArguments, crls: Vec<Vec<u8>>) -> Result<ExitCode, ServeError> {
    let taken_over = reconcile::reconcile(reconcile::Options {
        database: storage.database_url(),
        data: storage.data,
        crls,
        clock: Arc::new(ProgramClock),
    })
    .await?;
    for list in taken_over {
        println!(
            "{}: revocation list {} taken over, {} certificates on it, {} of them not revoked here before.",
            Plain(list.authority),
            list.number,
            list.entries,
            list.revoked
        );
    }
    Ok(ExitCode::SUCCESS)
}

async fn audit(database: Zeroizing<String>) -> Result<ExitCode, ServeError> {
    match verify_database(&database).await? {
        Verdict::Whole(events) => {
            println!("The audit trail is whole: {events} events.");
            Ok(ExitCode::SUCCESS)
        }
        Verdict::Broken { sequence } => {
            eprintln!(
                "enroll-server: the audit trail is broken: event {sequence} is missing or was changed."
            );
            Ok(ExitCode::FAILURE)
        }
    }
}

/// What is logged: as `TAPCARD_LOG` has it, or from `info` on.
fn log_filter() -> Targets {
    let usual = Targets::new().with_default(LevelFilter::INFO);
    let Ok(text) = std::env::var("TAPCARD_LOG") else {
        return usual;
    };
    // A word alone would be taken for the name of a part of the program, and all others would be silent.
    let is_clear = text
        .split(',')
        .all(|part| part.contains('=') || part.trim().parse::<LevelFilter>().is_ok());
    match text.parse() {
        Ok(filter) if is_clear => filter,
        _ => {
            eprintln!(
                "enroll-server: TAPCARD_LOG is \"{}\"; it must be error, warn, info, debug, trace or off, \
                 or PART=LEVEL for a part of the program. Logging from info on.",
                Plain(text)
            );
            usual
        }
    }
}
