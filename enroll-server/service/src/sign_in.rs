//! Signing in with mail address and password.

use std::time::Duration;

use enroll_server_model::event_detail::Nothing;
use enroll_server_model::random;
use enroll_server_model::{AccountState, Actor, Event, NewEvent};
use enroll_server_store::administrator::{self, Administrator};
use enroll_server_store::known_browser;
use enroll_server_store::rate_limit::Limit;

use crate::app::App;
use crate::audit;
use crate::error::Error;
use crate::password::{Password, PasswordError};
use crate::person;
use crate::rate_limit;
use crate::session::{self, Begun, Visit};

/// Attempts on one account from one network: whoever tries from elsewhere does not use them up.
const PER_ACCOUNT_AND_NETWORK: Limit = Limit {
    burst: 10,
    interval: Duration::from_secs(60),
};
/// Attempts on one account from all networks together. Those beyond it wait for their turn.
const PER_ACCOUNT: Limit = Limit {
    burst: 30,
    interval: Duration::from_secs(20),
};
/// How many wait for their turn on one account: less than a request may take.
const WAITING: u32 = 1;
/// Attempts from one network, whatever the account.
const PER_NETWORK: Limit = Limit {
    burst: 30,
    interval: Duration::from_secs(20),
};
/// Attempts with a browser in which the same administrator signed in before: in place of all others.
const PER_BROWSER: Limit = Limit {
    burst: 10,
    interval: Duration::from_secs(60),
};

/// The bucket of all networks; each network's own begins with it.
pub(super) const NETWORKS: &str = "sign-in:network";

/// The bucket of an account; those of its networks begin with it.
pub(super) fn account_bucket(email: &str) -> String {
    // By hash, so that a bucket's name is short whatever was typed.
    format!("sign-in:account:{}", random::sha256_hex(email.as_bytes()))
}

/// The buckets of an administrator's browsers begin with it.
pub(super) fn browsers_bucket(administrator_id: &str) -> String {
    format!("sign-in:browser:{administrator_id}")
}

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

/// Signs somebody in; the browser's session before ends.
///
/// Every attempt counts against the limits, good ones too, so that the limits tell nothing.
///
/// # Errors
/// [`SignInError::Refused`]; [`Error::RateLimited`] inside [`SignInError::Service`].
pub async fn sign_in(
    app: &App,
    email: &str,
    password: Password,
    visit: &Visit,
) -> Result<Begun, SignInError> {
    // No address has a control character in it, and PostgreSQL refuses a text with a NUL.
    let email = person::sign_in_name(&email.replace(char::is_control, ""));
    let found = administrator::by_email(app.store.reader(), &email)
        .await
        .map_err(Error::from)?;
    wait_for_turn(app, &email, found.as_ref(), visit).await?;

    let fits = password.is(hash_of(found.as_ref())).await?;
    if let Some(administrator) = found.as_ref().filter(|_| fits)
        && let Some(begun) = begin(app, administrator, visit).await?
    {
        return Ok(begun);
    }
    refused(app, found.as_ref(), &email, &visit.source).await?;
    Err(SignInError::Refused)
}

/// Checks the password of whoever is signed in, as signing in does.
///
/// # Errors
/// As [`sign_in`].
pub(crate) async fn check_password(
    app: &App,
    account: &Administrator,
    password: Password,
    visit: &Visit,
) -> Result<(), SignInError> {
    wait_for_turn(app, &account.email, Some(account), visit).await?;
    if password.is(hash_of(Some(account))).await? {
        return Ok(());
    }
    refused(app, Some(account), &account.email, &visit.source).await?;
    Err(SignInError::Refused)
}

/// The password's hash of an account that somebody can sign in with.
fn hash_of(account: Option<&Administrator>) -> Option<String> {
    let account = account.filter(|account| account.state() == AccountState::Active)?;
    Some(account.password_hash.clone())
}

/// Holds an attempt to the limits. A browser that the account's owner signed in with before has a limit of its own, so
/// that nobody else can use it up; all others share those of their network and of the account.
async fn wait_for_turn(
    app: &App,
    email: &str,
    account: Option<&Administrator>,
    visit: &Visit,
) -> Result<(), Error> {
    if let (Some(account), Some(browser)) = (account, &visit.browser) {
        let hash = browser.hash();
        let now = app.clock.now();
        let latest = now.latest_end(session::BROWSER_KNOWN);
        let owner = known_browser::administrator(app.store.reader(), &hash, now, latest).await?;
        if owner.as_ref() == Some(&account.id) {
            let bucket = format!("{}:{hash}", browsers_bucket(&account.id));
            return rate_limit::take(app, &bucket, PER_BROWSER).await;
        }
    }
    let network = rate_limit::source(&visit.source);
    rate_limit::take(app, &format!("{NETWORKS}:{network}"), PER_NETWORK).await?;
    let account = account_bucket(email);
    let bucket = format!("{account}:{network}");
    rate_limit::take(app, &bucket, PER_ACCOUNT_AND_NETWORK).await?;
    rate_limit::queue(app, &account, PER_ACCOUNT, WAITING).await
}

/// Begins the session of an administrator who has shown who they are; none if they have been removed since, or have another
/// password.
pub async fn begin(
    app: &App,
    administrator: &Administrator,
    visit: &Visit,
) -> Result<Option<Begun>, Error> {
    let actor = Actor::administrator(&administrator.id, &administrator.name, &visit.source);
    let signed_in = NewEvent::new(
        app.clock.now(),
        &actor,
        &administrator.id,
        Event::SignIn(Nothing {}),
    );
    session::begin(app, administrator, visit, signed_in).await
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
