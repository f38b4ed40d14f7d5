//! What the server is told at its start: options, each also an environment variable, each with a default.

use std::convert::Infallible;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::builder::{OsStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use zeroize::Zeroizing;

use enroll_server_model::{AddingPhones, Role, Scope};
use enroll_server_service::api_token::USUAL_DAYS;

use crate::help;
use crate::host_name::host_name;
use crate::listener::Network;
use crate::mail_options::MailArguments;
use crate::public_url::{PublicUrl, portal_url, relying_url};
use crate::secret::{self, SecretError};

/// Environment variables of the program that are no option's.
pub const VARIABLES_ALONE: [&str; 3] = [
    "TAPCARD_CA_PASSPHRASE",
    "TAPCARD_MAIL_PASSWORD",
    "TAPCARD_LOG",
];

/// The enrollment service of Tapcard: issues, tracks and revokes the certificates of phones.
///
/// Without any option, `enroll-server serve` creates what it needs (a SQLite database, a root and an issuing
/// authority, a TLS certificate for itself) in its data folder and prints a link to set up the first administrator.
#[derive(Debug, Parser)]
#[command(name = "enroll-server", version, after_help = help::ALL)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve until SIGTERM or Ctrl-C.
    #[command(after_help = help::SERVE)]
    Serve(Box<ServeArguments>),
    /// Bring a database that was restored from a backup, or is empty, up to the last revocation lists.
    #[command(after_help = help::RECONCILE)]
    Reconcile(ReconcileArguments),
    /// Look at the audit trail.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Add and remove accounts of the portal (of every role), set their passwords, let them sign in again; the server may be running.
    #[command(subcommand, after_help = help::ADMINISTRATOR)]
    Administrator(AdministratorCommand),
    /// Make and revoke tokens with which programs use the API; the server may be running.
    #[command(subcommand, after_help = help::API_TOKEN)]
    ApiToken(ApiTokenCommand),
    /// Copy the database and the data folder into a new folder, while the server runs.
    ///
    /// The passphrase of the keys stays where it is. A PostgreSQL database is left to pg_dump.
    #[command(after_help = help::BACKUP)]
    Backup {
        /// The folder of the backup; it must not be there, or be empty, and not be in the data folder. It appears when the
        /// backup is complete.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Take the passphrase along: whoever has the backup then has the keys.
        #[arg(long)]
        with_secrets: bool,
        /// Where everything is kept.
        #[command(flatten)]
        storage: StorageArguments,
    },
    /// Put a backup back, while no server runs.
    ///
    /// What happened since the backup is undone, revocations too. A PostgreSQL database is left to pg_restore.
    #[command(after_help = help::RESTORE)]
    Restore {
        /// The folder of the backup.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Restore although there is data already: it is moved into a folder beside the data folder. What is newer than the
        /// backup and must stay (records of revocation lists) does.
        #[arg(long)]
        force: bool,
        /// Where everything is kept.
        #[command(flatten)]
        storage: StorageArguments,
    },
    /// Send a mail, and say what the mail server answers: with the settings of the server, before people are invited by mail.
    #[command(after_help = help::MAIL_TEST)]
    MailTest {
        /// Where it goes.
        address: String,
        /// How mail is sent.
        #[command(flatten)]
        mail: MailArguments,
    },
    /// Print a completion script for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// What to bring up to what.
#[derive(Clone, Debug, Args)]
pub struct ReconcileArguments {
    /// Where everything is kept.
    #[command(flatten)]
    pub storage: StorageArguments,

    /// A revocation list that was published, beside those in DIR/authority: a file (DER or PEM) or an http:// address.
    /// May be given once for each authority.
    #[arg(long, value_name = "FILE|URL")]
    pub crl: Vec<String>,
}

/// What to do with the audit trail.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Check that no event is missing and none was changed.
    #[command(after_help = help::VERIFY)]
    Verify(StorageArguments),
}

/// What to do with administrators. Whoever can run this is trusted with the database; the audit trail records it.
#[derive(Debug, Subcommand)]
pub enum AdministratorCommand {
    /// List the accounts: mail address, name, role, state, when they were added, open sessions.
    #[command(after_help = help::LIST)]
    List {
        /// As JSON, for programs.
        #[arg(long)]
        json: bool,
        /// Where everything is kept.
        #[command(flatten)]
        storage: StorageArguments,
    },
    /// Add an account, an administrator's if nothing else is said. Asks for the password twice, or reads it from the first line of standard input.
    #[command(after_help = help::ADD)]
    Add {
        /// The mail address that they will sign in with.
        email: String,
        /// Their name.
        #[arg(long)]
        name: String,
        /// What they may do: administrator, officer (everything with people and phones) or auditor (reads and changes nothing).
        #[arg(long, default_value_t = Role::Administrator, value_parser = roles(), hide_possible_values = true)]
        role: Role,
        /// Where everything is kept.
        #[command(flatten)]
        storage: StorageArguments,
    },
    /// Set an administrator's password. Their sessions end, and limits of sign-ins no longer keep them waiting.
    ///
    /// Asks for the password twice, or reads it from the first line of standard input.
    #[command(after_help = help::PASSWORD)]
    Password {
        /// The mail address that they sign in with.
        email: String,
        /// Where everything is kept.
        #[command(flatten)]
        storage: StorageArguments,
    },
    /// Remove an administrator. Their sessions end; the audit trail keeps what they did. The last one stays.
    #[command(after_help = help::REMOVE)]
    Remove {
        /// The mail address that they sign in with.
        email: String,
        /// Where everything is kept.
        #[command(flatten)]
        storage: StorageArguments,
    },
    /// Remove the second factor of somebody who lost it, and has no recovery code. Their password is enough then.
    #[command(after_help = help::REMOVE_SECOND_FACTOR)]
    RemoveSecondFactor {
        /// The mail address that they sign in with.
        email: String,
        /// Where everything is kept.
        #[command(flatten)]
        storage: StorageArguments,
    },
    /// Let an administrator sign in at once who is told to wait, because somebody tried too often.
    #[command(after_help = help::UNLOCK)]
    Unlock {
        /// The mail address that they sign in with.
        email: String,
        /// Where everything is kept.
        #[command(flatten)]
        storage: StorageArguments,
    },
}

/// The words of the roles.
fn roles() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.iter().map(|role| role.as_str()))
        .try_map(|word| word.parse::<Role>())
}

impl AdministratorCommand {
    /// Where everything is kept.
    #[must_use]
    pub fn storage(&self) -> &StorageArguments {
        match self {
            Self::List { storage, .. }
            | Self::Add { storage, .. }
            | Self::Password { storage, .. }
            | Self::Remove { storage, .. }
            | Self::RemoveSecondFactor { storage, .. }
            | Self::Unlock { storage, .. } => storage,
        }
    }

    fn storage_mut(&mut self) -> &mut StorageArguments {
        match self {
            Self::List { storage, .. }
            | Self::Add { storage, .. }
            | Self::Password { storage, .. }
            | Self::Remove { storage, .. }
            | Self::RemoveSecondFactor { storage, .. }
            | Self::Unlock { storage, .. } => storage,
        }
    }
}

/// What to do with tokens of the API. Whoever can run this is trusted with the database; the audit trail records it.
#[derive(Debug, Subcommand)]
pub enum ApiTokenCommand {
    /// Make a token, and print it: now and never again.
    #[command(after_help = help::API_TOKEN_CREATE)]
    Create {
        /// What it is called: what will use it.
        #[arg(long)]
        name: String,
        /// What it may do, with commas between: read, invite, edit, suspend, revoke.
        #[arg(long, required = true, value_delimiter = ',', value_parser = scopes(), hide_possible_values = true)]
        scope: Vec<Scope>,
        /// For how many days it works, at most 366.
        #[arg(long, default_value_t = USUAL_DAYS)]
        days: u16,
        /// Where everything is kept.
        #[command(flatten)]
        storage: StorageArguments,
    },
    /// List the tokens: id, name, scopes, when they end, whether they work, when they were used.
    #[command(after_help = help::API_TOKEN_LIST)]
    List {
        /// As JSON, for programs.
        #[arg(long)]
        json: bool,
        /// Where everything is kept.
        #[command(flatten)]
        storage: StorageArguments,
    },
    /// Revoke a token: from then on it is refused.
    #[command(after_help = help::API_TOKEN_REVOKE)]
    Revoke {
        /// Its id, as the list has it.
        id: String,
        /// Where everything is kept.
        #[command(flatten)]
        storage: StorageArguments,
    },
}

/// The words of how holders come to another phone.
fn adding_phones() -> impl TypedValueParser<Value = AddingPhones> {
    PossibleValuesParser::new(AddingPhones::ALL.iter().map(|how| how.as_str()))
        .try_map(|word| word.parse::<AddingPhones>())
}

/// The words of the scopes.
fn scopes() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.iter().map(|scope| scope.as_str()))
        .try_map(|word| word.parse::<Scope>())
}

impl ApiTokenCommand {
    /// Where everything is kept.
    #[must_use]
    pub fn storage(&self) -> &StorageArguments {
        match self {
            Self::Create { storage, .. }
            | Self::List { storage, .. }
            | Self::Revoke { storage, .. } => storage,
        }
    }

    fn storage_mut(&mut self) -> &mut StorageArguments {
        match self {
            Self::Create { storage, .. }
            | Self::List { storage, .. }
            | Self::Revoke { storage, .. } => storage,
        }
    }
}

impl Command {
    /// Where everything is kept, for the commands that ask there.
    pub fn storage_mut(&mut self) -> Option<&mut StorageArguments> {
        match self {
            Self::Serve(options) => Some(&mut options.storage),
            Self::Reconcile(options) => Some(&mut options.storage),
            Self::Audit(AuditCommand::Verify(storage))
            | Self::Backup { storage, .. }
            | Self::Restore { storage, .. } => Some(storage),
            Self::Administrator(command) => Some(command.storage_mut()),
            Self::ApiToken(command) => Some(command.storage_mut()),
            Self::MailTest { .. } | Self::Completions { .. } => None,
        }
    }
}

/// Where everything is kept.
#[derive(Clone, Args)]
pub struct StorageArguments {
    /// The data folder: authority, secrets and, unless --database says otherwise, the database.
    #[arg(
        long,
        value_name = "DIR",
        env = "TAPCARD_DATA",
        default_value_os_t = default_data(),
        value_parser = OsStringValueParser::new().try_map(data_folder)
    )]
    pub data: PathBuf,

    /// The database: `sqlite:PATH` or `postgres://USER@HOST/NAME` [default: SQLite in the data folder].
    #[arg(
        long,
        value_name = "URL",
        env = "TAPCARD_DATABASE",
        hide_env_values = true,
        value_parser = hidden
    )]
    pub database: Option<Zeroizing<String>>,

    /// A file with the database's URL, for one that has a password in it.
    #[arg(long, value_name = "FILE", env = "TAPCARD_DATABASE_FILE")]
    pub database_file: Option<PathBuf>,
}

/// Without the database's URL, which may hold a password.
impl std::fmt::Debug for StorageArguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StorageArguments")
            .field("data", &self.data)
            .finish_non_exhaustive()
    }
}

impl StorageArguments {
    /// Takes the database's URL from the file or the credential that has it.
    ///
    /// # Errors
    /// If it is given twice, or the file cannot be used.
    pub fn find_database(&mut self, credentials: Option<&Path>) -> Result<(), SecretError> {
        let (value, file) = (self.database.take(), self.database_file.take());
        self.database = secret::DATABASE.find(value, file.as_deref(), credentials)?;
        Ok(())
    }

    /// The database's URL.
    #[must_use]
    pub fn database_url(&self) -> Zeroizing<String> {
        self.database.clone().unwrap_or_else(|| {
            let path = self.data.join("enroll-server.db");
            // What would mean something else in a URL.
            let path = path.display().to_string();
            let path = path
                .replace('%', "%25")
                .replace('?', "%3F")
                .replace('#', "%23");
            Zeroizing::new(format!("sqlite:{path}"))
        })
    }
}

/// How to serve.
#[derive(Clone, Debug, Args)]
pub struct ServeArguments {
    /// Where everything is kept.
    #[command(flatten)]
    pub storage: StorageArguments,

    /// A file with the passphrase that the authorities' keys are encrypted under [default: a random one, in
    /// DIR/secrets/passphrase].
    #[arg(long, value_name = "FILE", env = "TAPCARD_CA_PASSPHRASE_FILE")]
    pub ca_passphrase_file: Option<PathBuf>,

    /// Where HTTPS listens: portal and API. Port 0 takes a free one.
    #[arg(
        long,
        value_name = "IP:PORT",
        env = "TAPCARD_LISTEN",
        default_value = "127.0.0.1:8443",
        value_parser = listen_address
    )]
    pub listen: SocketAddr,

    /// Where plain HTTP listens: CRL, OCSP, certificates of the authorities, health. Port 0 takes a free one.
    #[arg(
        long,
        value_name = "IP:PORT",
        env = "TAPCARD_LISTEN_HTTP",
        default_value = "127.0.0.1:8080",
        value_parser = listen_address
    )]
    pub listen_http: SocketAddr,

    /// Where HTTPS listens that asks browsers for the certificate of a phone, so that its holder signs in with it [default:
    /// nowhere]. Port 0 takes a free one.
    #[arg(
        long,
        value_name = "IP:PORT",
        env = "TAPCARD_LISTEN_PHONES",
        value_parser = listen_address
    )]
    pub listen_phones: Option<SocketAddr>,

    /// The host name (or address) by which others reach the server: it is in links and certificates, where --portal-url
    /// and --relying-url say nothing else.
    #[arg(long, env = "TAPCARD_NAME", default_value = "localhost", value_parser = host_name)]
    pub name: String,

    /// Take the time that the clock shows for the right one, although an earlier start or this program is of a later
    /// time. Without it, nothing is issued then. For one start: it is put on record.
    #[arg(long)]
    pub accept_clock: bool,

    /// The portal's address as people and phones see it, where a proxy, a NAT or a port mapping stands before it
    /// [default: https://NAME:PORT of --listen].
    #[arg(long, value_name = "URL", env = "TAPCARD_PORTAL_URL", value_parser = portal_url)]
    pub portal_url: Option<PublicUrl>,

    /// The address of CRL, OCSP and certificates as certificates name it [default: http://NAME:PORT of --listen-http].
    #[arg(long, value_name = "URL", env = "TAPCARD_RELYING_URL", value_parser = relying_url)]
    pub relying_url: Option<PublicUrl>,

    /// The address of --listen-phones as browsers reach it [default: https://NAME:PORT of --listen-phones].
    #[arg(long, value_name = "URL", env = "TAPCARD_PHONES_URL", value_parser = portal_url, requires = "listen_phones")]
    pub phones_url: Option<PublicUrl>,

    /// Proxies that are believed when they say whose request they pass on (X-Forwarded-For, Forwarded, PROXY protocol):
    /// addresses or networks, with commas between them.
    #[arg(
        long,
        value_name = "NETWORK",
        env = "TAPCARD_TRUSTED_PROXIES",
        value_delimiter = ','
    )]
    pub trusted_proxies: Vec<Network>,

    /// Networks of private addresses that webhooks may go to: addresses or networks, with commas between them. Without it they go
    /// to addresses of the internet alone.
    #[arg(
        long,
        value_name = "NETWORK",
        env = "TAPCARD_WEBHOOK_NETWORKS",
        value_delimiter = ','
    )]
    pub webhook_networks: Vec<Network>,

    /// How holders come to another phone of their own: "no", they tell somebody who works in the portal; "at-once", whoever
    /// signed in with a phone (--listen-phones) invites another one; "one-approval" or "two-approvals", they ask on their own
    /// pages, and one officer or two approve.
    #[arg(long, value_name = "HOW", env = "TAPCARD_HOLDERS_ADD_PHONES", default_value = "no", value_parser = adding_phones())]
    pub holders_add_phones: AddingPhones,

    /// How mail is sent.
    #[command(flatten)]
    pub mail: MailArguments,

    /// The organisation's name, in the names of its authorities. Fixed at the first start.
    #[arg(long, env = "TAPCARD_ORGANISATION", default_value = "Tapcard", value_parser = organisation)]
    pub organisation: String,
}

/// `$XDG_DATA_HOME/tapcard/server`, or `~/.local/share/tapcard/server`; empty where neither is known. A relative folder
/// says nothing (XDG Base Directory Specification): the keys would be wherever the server happened to be started.
fn default_data() -> PathBuf {
    let set = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    set("XDG_DATA_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".local/share")))
        .map(|data| data.join("tapcard/server"))
        .unwrap_or_default()
}

fn hidden(text: &str) -> Result<Zeroizing<String>, Infallible> {
    Ok(Zeroizing::new(text.to_owned()))
}

fn data_folder(text: OsString) -> Result<PathBuf, &'static str> {
    if text.is_empty() {
        Err(
            "no folder is named, and HOME names none: say where the data is, with --data DIR or TAPCARD_DATA",
        )
    } else {
        Ok(PathBuf::from(text))
    }
}

/// Where to listen. What is not an address and a port is answered with one that would do, with the port that was meant.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        let port = text.rsplit(':').next().unwrap_or_default();
        let port: u16 = port.parse().unwrap_or(8443);
        format!(
            "give an IP address and a port: 127.0.0.1:{port} for this machine alone, 0.0.0.0:{port} for others too"
        )
    })
}

/// An authority's common name is the organisation's name and a word or two, and may have 64 characters.
fn organisation(text: &str) -> Result<String, String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > 48 || name.chars().any(char::is_control) {
        Err("give a name of 1 to 48 characters".to_owned())
    } else {
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_answered_with_an_example_and_never_with_the_databases_password() {
        let url = "postgres://tapcard:hunter2@db.example.org/tapcard";
        let parse = |more: &[&str]| {
            let all = ["enroll-server", "serve", "--database", url];
            Arguments::try_parse_from(all.iter().chain(more))
        };
        let arguments = parse(&[]).unwrap();
        assert!(!format!("{arguments:?}").contains("hunter2"));
        let refused = |listen| parse(&[listen]).unwrap_err().to_string();
        for (listen, example) in [
            ("--listen=8443", "127.0.0.1:8443"),
            ("--listen-http=localhost:8080", "127.0.0.1:8080"),
            ("--listen=:9000", "0.0.0.0:9000"),
            ("--listen=0.0.0.0", "127.0.0.1:8443"),
        ] {
            assert!(refused(listen).contains(example), "{}", refused(listen));
        }
        for wrong in ["--listen=nowhere", "--databse=x", "more"] {
            let error = parse(&[wrong]).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
