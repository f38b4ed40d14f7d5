//! What PostgreSQL alone needs.

use sqlx::any::AnyConnectOptions;

use crate::error::{Result, StoreError};
use crate::pool::Preparation;

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
