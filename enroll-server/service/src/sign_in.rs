//! Signing in with mail address and password.

use std::time::Duration;

use enroll_server_model::event_detail::Nothing;
use enroll_server_model::random::{self, Token};
use enroll_server_model::{Actor, Event, NewEvent};
use enroll_server_store::administrator::{self, Administrator};
use enroll_server_store::rate_limit::Limit;

use crate::app::App;
use crate::audit;
use crate::error::Error;
use crate::password::{Password, PasswordError};
use crate::rate_limit;
use crate::session;

/// Attempts on one account, whoever makes them.
const PER_ACCOUNT: Limit = Limit {
    burst: 10,
    interval: Duration::from_secs(60),
};
/// Attempts from one address, whatever the account.
const PER_ADDRESS: Limit = Limit {
    burst: 30,
    interval: Duration::from_secs(20),
};

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Account and password do not fit. Which of the two is wrong is not said.
    #[error("the account or the password is not right")]
    Refused,
    /// The service refused or failed.
    #[error(transparent)]
    Service(#[from] Error),
    /// The password could not be compared.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

/// Signs somebody in and answers the token of their new session; the browser's session before ends.
///
/// Every attempt counts against the limits, good ones too, so that the limits tell nothing.
///
/// # Errors
/// [`SignInError::Refused`]; [`Error::RateLimited`] inside [`SignInError::Service`].
pub async fn sign_in(
    app: &App,
    email: &str,
    password: Password,
    source: &str,
    before: Option<&Token>,
) -> Result<Token, SignInError> {
    // No address has a control character in it, and PostgreSQL refuses a text with a NUL.
    let email = email.trim().replace(char::is_control, "").to_lowercase();
    let address = rate_limit::source(source);
    rate_limit::take(app, &format!("sign-in:address:{address}"), PER_ADDRESS).await?;
    // By hash, so that a bucket's name is short whatever was typed.
    let account = random::sha256_hex(email.as_bytes());
    rate_limit::take(app, &format!("sign-in:account:{account}"), PER_ACCOUNT).await?;

    let found = administrator::by_email(app.store.reader(), &email)
        .await
        .map_err(Error::from)?;
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    let fits = password.is(hash).await?;
    match found {
        Some(administrator) if fits => Ok(begin(app, &administrator, source, before).await?),
        known => {
            refused(app, known.as_ref(), &email, source).await?;
            Err(SignInError::Refused)
        }
    }
}

/// Begins the session of an administrator who has shown who they are.
pub async fn begin(
    app: &App,
    administrator: &Administrator,
    source: &str,
    before: Option<&Token>,
) -> Result<Token, Error> {
    let actor = Actor::administrator(&administrator.id, &administrator.name, source);
    let signed_in = NewEvent::new(
        app.clock.now(),
        &actor,
        &administrator.id,
        Event::SignIn(Nothing {}),
    );
    session::begin(app, &administrator.id, before, signed_in).await
}

/// Records a refusal. What was typed for an account that does not exist is not kept: it may be a password.
async fn refused(
    app: &App,
    known: Option<&Administrator>,
    email: &str,
    source: &str,
) -> Result<(), Error> {
    let (name, id) = known.map_or(("", ""), |known| (email, known.id.as_str()));
    audit::record(
        app,
        NewEvent::new(
            app.clock.now(),
            &Actor::anonymous(name, source),
            id,
            Event::SignInRefused(Nothing {}),
        ),
    )
    .await
}
