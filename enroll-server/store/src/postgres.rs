//! What PostgreSQL alone needs.

use std::io::ErrorKind;
use std::str::FromStr as _;

use sqlx::any::AnyConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AnyConnection, Connection as _, Error};

use crate::error::{Result, StoreError};
use crate::pool::{Preparation, first};

/// What connections for requests are told: nobody waits long for a table that another session has locked. Behind a pooler of
/// transactions it reaches some of the pooler's own connections, and does no harm there.
pub(crate) const REQUESTS: Preparation = &["SET lock_timeout = '1500ms'"];

/// The parameters of a URL that mean something.
const PARAMETERS: [&str; 18] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// How to connect to the database at `url`.
///
/// # Errors
/// [`StoreError::UnknownParameter`], or if it is not a URL.
pub(crate) fn options(url: &str) -> Result<AnyConnectOptions> {
    check_parameters(url)?;
    Ok(url.parse()?)
}

/// The first connection to the database at `url`.
///
/// # Errors
/// As [`first`], with the place that was tried, and never with the URL, which may hold a password.
pub(crate) async fn connect(url: &str, options: &AnyConnectOptions) -> Result<AnyConnection> {
    first(&[], options).await.map_err(|error| match error {
        StoreError::Database(source) => match place(url) {
            Some(place) => StoreError::NoConnection {
                place,
                advice: advice(&source),
                source,
            },
            None => StoreError::Database(source),
        },
        other => other,
    })
}

/// Makes sure that no pooler stands before the database that gives each transaction another connection and mixes up what
/// was prepared on them: such a server would start, and fail at some later request.
///
/// # Errors
/// [`StoreError::Pooler`], or if there is no second connection.
pub(crate) async fn check_pooler(
    connection: &mut AnyConnection,
    options: &AnyConnectOptions,
) -> Result<()> {
    // Two clients that prepare their first statement, which the driver gives the same name.
    let mut other = first(&[], options).await?;
    for one in [connection, &mut other] {
        sqlx::query("SELECT 1").execute(one).await?;
    }
    Ok(other.close().await?)
}

/// Host, port and database of a URL, with what stands for them where it does not name them.
fn place(url: &str) -> Option<String> {
    let options = PgConnectOptions::from_str(url).ok()?;
    let database = options.get_database().unwrap_or(options.get_username());
    let port = options.get_port();
    Some(match options.get_socket() {
        Some(folder) => format!("database {database} at {}, port {port}", folder.display()),
        None => format!("database {database} at {}, port {port}", options.get_host()),
    })
}

/// What to look at when there is no connection.
fn advice(error: &Error) -> &'static str {
    match error {
        Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused => {
                ". Does PostgreSQL run there, and does it listen on that address (listen_addresses, port)?"
            }
            _ => ". Is the host right, and can it be reached from here?",
        },
        Error::PoolTimedOut => {
            ". Can the host be reached from here, and does the database answer others?"
        }
        Error::Tls(_) => ". See sslmode and sslrootcert in the URL, and ssl in postgresql.conf",
        Error::Database(error) => match error.code().as_deref() {
            // invalid_authorization_specification, invalid_password
            Some("28000" | "28P01") => {
                ". Are user and password right (--database, TAPCARD_DATABASE, a .pgpass file), and does pg_hba.conf let them in?"
            }
            // invalid_catalog_name
            Some("3D000") => ". Make it with createdb, or name another one",
            // too_many_connections
            Some("53300") => ". See max_connections in postgresql.conf",
            _ => "",
        },
        _ => "",
    }
}

/// Refuses a parameter that means nothing: the driver would log it with its value, and a mistyped `password` has a secret
/// there.
///
/// # Errors
/// [`StoreError::UnknownParameter`].
fn check_parameters(url: &str) -> Result<()> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let name = parameter.split('=').next().unwrap_or_default();
        if !PARAMETERS.contains(&name) && !name.starts_with("options[") {
            return Err(StoreError::UnknownParameter(name.to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_parameter_is_named_without_its_value() {
        check_parameters("postgres://h/x?sslmode=require&options[search_path]=a").unwrap();
        let error = check_parameters("postgres://h/x?passwort=hunter2").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the database URL has an unknown parameter \"passwort\""
        );
    }
}
