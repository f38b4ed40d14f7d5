//! `enroll-server api-token`: tokens of the API, made and revoked by whoever runs the server on its machine.

use std::process::ExitCode;
use std::sync::Arc;

use plain_text::{Json, Plain};
use serde::Serialize;

use enroll_server_model::Scope;
use enroll_server_model::clock::SystemClock;
use enroll_server_service::administration::{Administration, AdministrationError};
use enroll_server_service::api_token::{ApiToken, NewApiToken};
use enroll_server_service::error::Error;
use enroll_server_service::refusal::Object;

use crate::config::{ApiTokenCommand, StorageArguments};
use crate::operator;

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    /// What was to be done could not be done.
    #[error("{0}")]
    Administration(#[from] AdministrationError),
    /// The list cannot be written as JSON.
    #[error("the list cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// Does it; says on stdout what was done, or on stderr why not.
pub async fn run(command: &ApiTokenCommand) -> ExitCode {
    let done = match command {
        ApiTokenCommand::Create {
            name,
            scope,
            days,
            storage,
        } => create(storage, name, scope, *days).await,
        ApiTokenCommand::List { json, storage } => list(storage, *json).await,
        ApiTokenCommand::Revoke { id, storage } => revoke(storage, id).await,
    };
    match done {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("enroll-server: {}", Plain(&error));
            if is_unknown(&error) {
                eprintln!("\"enroll-server api-token list\" lists all tokens with their ids.");
            }
            ExitCode::FAILURE
        }
    }
}

fn is_unknown(error: &CommandError) -> bool {
    matches!(
        error,
        CommandError::Administration(AdministrationError::Service(Error::NotFound(
            Object::ApiToken
        )))
    )
}

async fn open(storage: &StorageArguments) -> Result<Administration, AdministrationError> {
    let url = storage.database_url();
    Administration::open(&url, Arc::new(SystemClock), &operator::name()).await
}

/// The token alone on stdout, for programs; what there is to know of it on stderr.
async fn create(
    storage: &StorageArguments,
    name: &str,
    scopes: &[Scope],
    days: u16,
) -> Result<String, CommandError> {
    let administration = open(storage).await?;
    let wanted = NewApiToken {
        name: name.to_owned(),
        scopes: scopes.to_vec(),
        days,
    };
    let made = administration.make_api_token(wanted).await?;
    eprintln!(
        "The token \"{}\" may {} until {}. Keep it like a password: it is shown now and never again.",
        Plain(&made.row.name),
        words(&made.row, ", "),
        made.row.expires.rfc3339()
    );
    Ok(format!("{}\n", *made.text()))
}

fn words(token: &ApiToken, between: &str) -> String {
    let words: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    words.join(between)
}

/// A line of `list --json`.
#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    name: &'a str,
    scopes: Vec<Scope>,
    created: String,
    created_by: &'a str,
    expires: String,
    works: bool,
    last_used: Option<String>,
}

async fn list(storage: &StorageArguments, json: bool) -> Result<String, CommandError> {
    let url = storage.database_url();
    let read = Administration::open_to_read(&url, Arc::new(SystemClock), &operator::name()).await?;
    let all = read.api_tokens().await?;
    let lines = all.iter().map(|(token, works)| Listed {
        id: &token.id,
        name: &token.name,
        scopes: token.scopes.clone(),
        created: token.created.rfc3339(),
        created_by: &token.created_by,
        expires: token.expires.rfc3339(),
        works: *works,
        last_used: token.last_used.map(|at| at.rfc3339()),
    });
    if json {
        let text = serde_json::to_string_pretty(&lines.collect::<Vec<_>>())?;
        return Ok(format!("{}\n", Json(&text)));
    }
    if all.is_empty() {
        return Ok("There is no token yet.\n".to_owned());
    }
    let lines = all.iter().map(|(token, works)| {
        let state = match (works, token.revoked) {
            (true, _) => "works",
            (false, Some(_)) => "revoked",
            (false, None) => "ended",
        };
        let used = token
            .last_used
            .map_or_else(|| "never".to_owned(), |at| at.rfc3339());
        format!(
            "{}\t{}\t{}\tuntil {}\t{state}\tlast used: {used}\n",
            token.id,
            Plain(&token.name),
            words(token, ","),
            token.expires.rfc3339(),
        )
    });
    Ok(lines.collect())
}

async fn revoke(storage: &StorageArguments, id: &str) -> Result<String, CommandError> {
    let revoked = open(storage).await?.revoke_api_token(id).await?;
    Ok(format!(
        "The token \"{}\" is revoked.\n",
        Plain(&revoked.name)
    ))
}
