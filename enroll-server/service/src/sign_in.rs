//! Signing in with mail address and password.

use std::time::Duration;

use enroll_server_model::event_detail::Nothing;
use enroll_server_model::random::{self, Token};
use enroll_server_model::{AccountState, Actor, Event, NewEvent};
use enroll_server_store::administrator::{self, Administrator};
use enroll_server_store::pending_sign_in::{self, PendingSignIn};
use enroll_server_store::rate_limit::Limit;
use enroll_server_store::{known_browser, second_factor};

use crate::app::App;
use crate::audit;
use crate::error::Error;
use crate::password::{Password, PasswordError};
use crate::person;
use crate::rate_limit;
use crate::second_factor::Factor;
use crate::session::{self, Beginning, Begun, Visit};

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

/// Attempts at the second factor of one account, whose password is known to whoever tries, from all browsers that are not its
/// owner's.
const PER_ACCOUNT_OF_CODES: Limit = Limit {
    burst: 10,
    interval: Duration::from_secs(10 * 60),
};

/// For how long a sign-in waits for its second factor.
pub(super) const WAITS: Duration = Duration::from_secs(10 * 60);

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

/// The bucket of an account's codes.
pub(super) fn codes_bucket(administrator_id: &str) -> String {
    format!("sign-in:code:{administrator_id}")
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
    /// There may be a copy of the passkey that was shown: its counter went back.
    #[error("the counter of the passkey went back")]
    Copied,
}

/// What follows a password that fits.
#[derive(Debug)]
pub enum Entered {
    /// A session begins.
    Begun(Begun),
    /// The account has a second factor: whoever has this token is asked for it ([`crate::pending_sign_in`]).
    SecondFactor(Token),
}

/// Signs somebody in; the browser's session before ends. Or asks for the second factor of an account that has one.
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
) -> Result<Entered, SignInError> {
    // No address has a control character in it, and PostgreSQL refuses a text with a NUL.
    let email = person::sign_in_name(&email.replace(char::is_control, ""));
    let found = administrator::by_email(app.store.reader(), &email)
        .await
        .map_err(Error::from)?;
    wait_for_turn(app, &email, found.as_ref(), visit).await?;

    let fits = password.is(hash_of(found.as_ref())).await?;
    if let Some(administrator) = found.as_ref().filter(|_| fits)
        && let Some(entered) = enter(app, administrator, visit).await?
    {
        return Ok(entered);
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
    if let Some(account) = account
        && let Some(bucket) = own_browser(app, account, visit).await?
    {
        return rate_limit::take(app, &bucket, PER_BROWSER).await;
    }
    let network = rate_limit::source(&visit.source);
    rate_limit::take(app, &format!("{NETWORKS}:{network}"), PER_NETWORK).await?;
    let account = account_bucket(email);
    let bucket = format!("{account}:{network}");
    rate_limit::take(app, &bucket, PER_ACCOUNT_AND_NETWORK).await?;
    rate_limit::queue(app, &account, PER_ACCOUNT, WAITING).await
}

/// Holds an attempt at a second factor to the limits: few digits are guessed sooner than a password.
pub(crate) async fn wait_for_factor(
    app: &App,
    account: &Administrator,
    factor: &Factor,
    visit: &Visit,
) -> Result<(), Error> {
    if let Some(bucket) = own_browser(app, account, visit).await? {
        return rate_limit::take(app, &bucket, PER_BROWSER).await;
    }
    let bucket = codes_bucket(&account.id);
    if factor.is_short() {
        return rate_limit::take(app, &bucket, PER_ACCOUNT_OF_CODES).await;
    }
    // Nobody guesses a recovery code or a passkey, so nobody else's attempts keep its owner out.
    let network = rate_limit::source(&visit.source);
    rate_limit::take(app, &format!("{bucket}:{network}"), PER_ACCOUNT_AND_NETWORK).await
}

/// The bucket of a browser that the account's owner signed in with before; none of any other.
async fn own_browser(
    app: &App,
    account: &Administrator,
    visit: &Visit,
) -> Result<Option<String>, Error> {
    let known = owner_of_browser(app, visit).await?;
    let own = known.filter(|(owner, _)| *owner == account.id);
    Ok(own.map(|(_, bucket)| bucket))
}

/// Who signed in before with a browser, and its bucket.
async fn owner_of_browser(app: &App, visit: &Visit) -> Result<Option<(String, String)>, Error> {
    let Some(browser) = &visit.browser else {
        return Ok(None);
    };
    let hash = browser.hash();
    let now = app.clock.now();
    let latest = now.latest_end(session::BROWSER_KNOWN);
    let owner = known_browser::administrator(app.store.reader(), &hash, now, latest).await?;
    Ok(owner.map(|owner| {
        let bucket = format!("{}:{hash}", browsers_bucket(&owner));
        (owner, bucket)
    }))
}

/// Holds an attempt with a passkey to the limits, before it is known whose it is.
pub(crate) async fn wait_for_passkey(app: &App, visit: &Visit) -> Result<(), Error> {
    if let Some((_, bucket)) = owner_of_browser(app, visit).await? {
        return rate_limit::take(app, &bucket, PER_BROWSER).await;
    }
    let network = rate_limit::source(&visit.source);
    rate_limit::take(app, &format!("{NETWORKS}:{network}"), PER_NETWORK).await
}

/// Lets in whoever has given the password of an account, or has just chosen it: begins their session, or asks for the second
/// factor. None if the account has been removed or disabled since, or has another password.
///
/// # Errors
/// If the database fails, or there is no randomness.
pub async fn enter(
    app: &App,
    administrator: &Administrator,
    visit: &Visit,
) -> Result<Option<Entered>, Error> {
    let beginning = Beginning::new(app, administrator, visit)?;
    let token = random::token_of::<32>()?;
    let (id, now) = (administrator.id.clone(), app.clock.now());
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                if !beginning.lock(tx).await? {
                    return Ok(None);
                }
                if second_factor::is_on(tx.reader(), &id).await? {
                    pending_sign_in::forget_ended(tx, now, now.latest_end(WAITS)).await?;
                    let row = PendingSignIn {
                        token_hash: token.hash(),
                        administrator_id: id,
                        expires: now.plus(WAITS),
                        refused: 0,
                    };
                    pending_sign_in::insert(tx, &row).await?;
                    return Ok(Some(Entered::SecondFactor(token)));
                }
                Ok(Some(Entered::Begun(beginning.begin(tx).await?)))
            })
        })
        .await
}

/// Records that somebody was refused with a passkey, of this account if it is one that is known.
pub(crate) async fn refused_with_passkey(
    app: &App,
    owner: Option<&Administrator>,
    source: &str,
) -> Result<(), Error> {
    let email = owner.map_or("", |owner| owner.email.as_str());
    refused(app, owner, email, source).await
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
