//! `enroll-server administrator`: what whoever runs the server does to administrators on its machine.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

use plain_text::{Json, Plain};
use serde::Serialize;
use zeroize::Zeroizing;

use enroll_server_model::clock::SystemClock;
use enroll_server_model::{AccountState, Role};
use enroll_server_service::administration::{Administration, AdministrationError, Administrator};
use enroll_server_service::password::{LONGEST, Password, SHORTEST, Weakness};

use crate::config::{AdministratorCommand, StorageArguments};
use crate::operator;

/// Most bytes of a line with a password: the longest one, in characters of four bytes, and the end of the line.
const LONGEST_LINE: u64 = 4 * LONGEST as u64 + 2;

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    /// What was to be done could not be done.
    #[error("{0}")]
    Administration(#[from] AdministrationError),
    /// The terminal or standard input failed.
    #[error("the password cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The list cannot be written as JSON.
    #[error("the list cannot be written: {0}")]
    Json(#[from] serde_json::Error),
    /// The password cannot be one.
    #[error("{0}")]
    Weak(String),
    /// The two passwords that were typed differ.
    #[error("the two passwords are not the same; nothing was changed")]
    NotTheSame,
    /// The operator said no.
    #[error("nothing was changed")]
    Declined,
}

/// Does it; says on stdout what was done, or on stderr why not.
pub async fn run(command: &AdministratorCommand) -> ExitCode {
    let done = match command {
        AdministratorCommand::List { json, storage } => list(storage, *json).await,
        AdministratorCommand::Add {
            email,
            name,
            role,
            storage,
        } => add(storage, name, email, *role).await,
        AdministratorCommand::Password { email, storage } => password(storage, email).await,
        AdministratorCommand::Remove { email, storage } => remove(storage, email).await,
        AdministratorCommand::RemoveSecondFactor { email, storage } => {
            remove_second_factor(storage, email).await
        }
        AdministratorCommand::Unlock { email, storage } => unlock(storage, email).await,
    };
    match done {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("enroll-server: {}", Plain(&error));
            if let Some(hint) = hint(&error) {
                eprintln!("{hint}");
            }
            ExitCode::FAILURE
        }
    }
}

/// What to do about an error, where the error does not say it.
fn hint(error: &CommandError) -> Option<&'static str> {
    match error {
        CommandError::Administration(AdministrationError::Unknown { .. }) => {
            Some("\"enroll-server administrator list\" lists all accounts.")
        }
        CommandError::Administration(AdministrationError::Exists { .. }) => {
            Some("\"enroll-server administrator password\" sets a password that was lost.")
        }
        _ => None,
    }
}

async fn open(storage: &StorageArguments) -> Result<Administration, AdministrationError> {
    Administration::open(
        &storage.database_url(),
        Arc::new(SystemClock),
        &operator::name(),
    )
    .await
}

/// A line of `list --json`.
#[derive(Serialize)]
struct Listed<'a> {
    email: &'a str,
    name: &'a str,
    role: Role,
    state: AccountState,
    /// RFC 3339.
    added: String,
    open_sessions: i64,
}

async fn list(storage: &StorageArguments, json: bool) -> Result<String, CommandError> {
    let url = storage.database_url();
    let read = Administration::open_to_read(&url, Arc::new(SystemClock), &operator::name()).await?;
    let all = read.all().await?;
    let lines = all.iter().map(|one| Listed {
        email: &one.administrator.email,
        name: &one.administrator.name,
        role: one.administrator.role,
        state: one.administrator.state(),
        added: one.administrator.created.rfc3339(),
        open_sessions: one.sessions,
    });
    if json {
        let text = serde_json::to_string_pretty(&lines.collect::<Vec<_>>())?;
        return Ok(format!("{}\n", Json(&text)));
    }
    if all.is_empty() {
        return Ok("There is no administrator yet. \
            The server prints a link to set up the first one when it starts.\n"
            .to_owned());
    }
    let lines = lines.map(|one| {
        format!(
            "{}\t{}\t{}\t{}\tadded {}\topen sessions: {}\n",
            Plain(one.email),
            Plain(one.name),
            one.role,
            one.state,
            one.added,
            one.open_sessions
        )
    });
    Ok(lines.collect())
}

/// A role with its article.
const fn a(role: Role) -> &'static str {
    match role {
        Role::Administrator => "an administrator",
        Role::Officer => "an officer",
        Role::Auditor => "an auditor",
    }
}

/// Who an administrator is, as a terminal may have it.
fn shown(who: &Administrator) -> String {
    format!("{} <{}>", Plain(&who.name), Plain(&who.email))
}

async fn add(
    storage: &StorageArguments,
    name: &str,
    email: &str,
    role: Role,
) -> Result<String, CommandError> {
    let administration = open(storage).await?;
    administration.check_new(name, email).await?;
    let password = new_password()?;
    let added = administration.add(name, email, role, password).await?;
    Ok(format!("{} is {}.\n", shown(&added), a(role)))
}

async fn password(storage: &StorageArguments, email: &str) -> Result<String, CommandError> {
    let administration = open(storage).await?;
    let whom = administration.find(email).await?;
    confirm(&format!(
        "Set a new password for {}, and end all of their sessions?",
        shown(&whom)
    ))?;
    let password = new_password()?;
    let ended = ended(administration.set_password(&whom, password).await?);
    let passkeys = still_open(&whom, administration.passkeys(&whom).await?);
    Ok(format!(
        "{} has a new password. {ended}{}{passkeys}\n",
        shown(&whom),
        if_disabled(&whom)
    ))
}

async fn remove(storage: &StorageArguments, email: &str) -> Result<String, CommandError> {
    let administration = open(storage).await?;
    let whom = administration.find(email).await?;
    confirm(&format!(
        "Remove the account of {}, and end all of their sessions?",
        shown(&whom)
    ))?;
    let ended = ended(administration.remove(&whom).await?);
    Ok(format!(
        "{} is no longer {}. {ended}\n",
        shown(&whom),
        a(whom.role)
    ))
}

fn ended(sessions: u64) -> String {
    match sessions {
        0 => "No session was open.".to_owned(),
        1 => "1 session was ended.".to_owned(),
        more => format!("{more} sessions were ended."),
    }
}

/// What opens an account besides its password.
fn still_open(whom: &Administrator, passkeys: usize) -> String {
    let open = match passkeys {
        0 => return String::new(),
        1 => "1 passkey still opens".to_owned(),
        more => format!("{more} passkeys still open"),
    };
    format!(
        " {open} the account without the password: its owner removes what is not theirs on the page of the account, and \
         \"enroll-server administrator remove-second-factor {}\" removes all.",
        Plain(&whom.email)
    )
}

async fn remove_second_factor(
    storage: &StorageArguments,
    email: &str,
) -> Result<String, CommandError> {
    let administration = open(storage).await?;
    let whom = administration.find(email).await?;
    confirm(&format!(
        "Remove the second factor of {}, and end all of their sessions?",
        shown(&whom)
    ))?;
    administration.remove_second_factor(&whom).await?;
    Ok(format!(
        "{} has no second factor any more: their password is enough to sign in. Their sessions are ended.\n",
        shown(&whom)
    ))
}

async fn unlock(storage: &StorageArguments, email: &str) -> Result<String, CommandError> {
    let administration = open(storage).await?;
    let whom = administration.find(email).await?;
    administration.unlock(&whom).await?;
    Ok(match whom.state() {
        AccountState::Active => format!("{} can sign in at once.\n", shown(&whom)),
        AccountState::Disabled | AccountState::Invited => format!(
            "{} need not wait for attempts of before.{}\n",
            shown(&whom),
            if_disabled(&whom)
        ),
    })
}

/// What else keeps somebody from signing in.
fn if_disabled(whom: &Administrator) -> &'static str {
    match whom.state() {
        AccountState::Disabled => {
            " The account is disabled: an administrator has to enable it in the portal before anybody can sign in with it."
        }
        AccountState::Invited => " The account has no password yet.",
        AccountState::Active => "",
    }
}

/// Asks the operator, where there is one.
fn confirm(question: &str) -> Result<(), CommandError> {
    if !std::io::stdin().is_terminal() {
        return Ok(());
    }
    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        Err(CommandError::Declined)
    }
}

/// A new password: asked for twice without echo, or the first line of standard input.
fn new_password() -> Result<Password, CommandError> {
    let asks = std::io::stdin().is_terminal();
    let text = if asks {
        hidden_input::ask("New password: ")?
    } else {
        first_line()?
    };
    let password = Password::from(text.to_string());
    match password.weakness() {
        None => {}
        Some(Weakness::Empty) => {
            return Err(CommandError::Weak(format!(
                "there is no password: give one of at least {SHORTEST} characters"
            )));
        }
        Some(Weakness::Short { length }) => {
            return Err(CommandError::Weak(format!(
                "the password has {length} characters: give at least {SHORTEST}"
            )));
        }
        Some(Weakness::Long) => {
            return Err(CommandError::Weak(format!(
                "the password has more than {LONGEST} characters"
            )));
        }
    }
    if asks {
        let again = hidden_input::ask("The same again: ")?;
        if again != text {
            return Err(CommandError::NotTheSame);
        }
    }
    Ok(password)
}

fn first_line() -> Result<Zeroizing<String>, CommandError> {
    let mut line = Zeroizing::new(String::new());
    let mut input = std::io::Read::take(std::io::stdin().lock(), LONGEST_LINE);
    input.read_line(&mut line)?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}
